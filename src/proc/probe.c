/* SPDX-License-Identifier: MIT */
/* probe.c - points of the kernel that host programs hook by name. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "machine/machine.h"
#include "proc/probe.h"

static const char *const names[] = {
#define NAME(symbol, name, about) name,
	TINE__PROBE_MAP(NAME)
#undef NAME
};

static const char *const abouts[] = {
#define ABOUT(symbol, name, about) about,
	TINE__PROBE_MAP(ABOUT)
#undef ABOUT
};

_Static_assert(TINE__PROBE_COUNT <= 64, "a probe is a bit");

/* What is attached in the machine that runs on this host thread. */
__thread uint64_t tine__probes_on;

const char *
tine_probe_name(size_t index)
{
	return (index < TINE__PROBE_COUNT ? names[index] : NULL);
}

const char *
tine_probe_about(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < TINE__PROBE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return (abouts[i]);
	return (NULL);
}

/* Whether a description means a name: four fields, an empty one and "*" stand
 * for anything. */
static bool
means(const char *what, const char *name)
{
	size_t a, b;
	int field;

	for (field = 0; field < 4; field++) {
		a = strcspn(what, ":");
		b = strcspn(name, ":");
		if (a != 0 && !(a == 1 && what[0] == '*') &&
		    (a != b || memcmp(what, name, a) != 0))
			return (false);
		if (field == 3)
			return (what[a] == '\0');
		if (what[a] == '\0')
			return (false);
		what += a + 1;
		name += b + 1;
	}
	return (false);
}

int
tine_probe_attach(struct tine_machine *m, const char *name, tine_probe_fn fn,
    void *user)
{
	struct tine__attachment *one, **end;
	uint64_t probes = 0;
	int error = tine__machine_known(m, "probe");
	unsigned i;

	if (error != 0)
		return (error);
	if (name == NULL || fn == NULL)
		return (tine__error(TINE_EINVAL, "probe: NULL argument"));
	if (m->running)
		return (tine__error(TINE_ESTATE, "the machine is running"));
	for (i = 0; i < TINE__PROBE_COUNT; i++)
		if (means(name, names[i]))
			probes |= UINT64_C(1) << i;
	if (probes == 0)
		return (tine__error(TINE_ENOENT, "no probe \"%s\"", name));
	one = calloc(1, sizeof(*one));
	if (one == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	one->probes = probes;
	one->fn = fn;
	one->user = user;
	for (end = &m->attachments; *end != NULL; end = &(*end)->next)
		continue;
	*end = one;
	m->probes |= probes;
	return (0);
}

int
tine_probe_detach(struct tine_machine *m, tine_probe_fn fn, void *user)
{
	struct tine__attachment **link, *one;
	int error = tine__machine_known(m, "probe");
	bool found = false;

	if (error != 0)
		return (error);
	if (m->running)
		return (tine__error(TINE_ESTATE, "the machine is running"));
	m->probes = 0;
	for (link = &m->attachments; (one = *link) != NULL; ) {
		if (one->fn == fn && one->user == user) {
			*link = one->next;
			free(one);
			found = true;
			continue;
		}
		m->probes |= one->probes;
		link = &one->next;
	}
	if (!found)
		return (tine__error(TINE_ENOENT, "that is not attached"));
	return (0);
}

void
tine__probes_free(struct tine_machine *m)
{
	struct tine__attachment *one;

	while ((one = m->attachments) != NULL) {
		m->attachments = one->next;
		free(one);
	}
}

void
tine__probe_fire(enum tine__probe probe, uint64_t arg0, uint64_t arg1)
{
	const struct tine__thread *t = tine__cur;
	const struct tine_machine *m = t->machine;
	const struct tine__attachment *one;
	struct tine_probe_data data;

	data.name = names[probe];
	data.pid = (int)t->pid;
	data.lwp = t->lwp;
	data.step = m->steps;
	data.time_ns = m->now;
	data.arg0 = arg0;
	data.arg1 = arg1;
	for (one = m->attachments; one != NULL; one = one->next)
		if ((one->probes >> probe & 1) != 0)
			one->fn(one->user, &data);
}
