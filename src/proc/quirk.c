/* SPDX-License-Identifier: MIT */
/* quirk.c - the lists of quirks of all kernels; sets of them as words. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "machine/machine.h"
#include "proc/quirk.h"

struct row {
	const char *id;
	unsigned kernels;
	const char *text;
};

#define ROW(name, id, kernels, text) { id, kernels, text },
/* Each ends in a row without an id, so that none is empty. */
static const struct row solaris[] = {
	TINE__SOLARIS_QUIRKS(ROW)
	{ NULL, 0, NULL }
};
static const struct row dragonfly[] = {
	TINE__DRAGONFLY_QUIRKS(ROW)
	{ NULL, 0, NULL }
};
static const struct row netbsd[] = {
	TINE__NETBSD_QUIRKS(ROW)
	{ NULL, 0, NULL }
};
#undef ROW

static const struct {
	const struct row *rows;
	size_t count;
} lists[TINE_KERNEL_COUNT] = {
	[TINE_KERNEL_ILLUMOS] = { solaris, TINE__SOLARIS_NQUIRKS },
	[TINE_KERNEL_OPENSOLARIS] = { solaris, TINE__SOLARIS_NQUIRKS },
	[TINE_KERNEL_DRAGONFLY] = { dragonfly, TINE__DRAGONFLY_NQUIRKS },
	[TINE_KERNEL_NETBSD] = { netbsd, TINE__NETBSD_NQUIRKS },
};

/* The last bit says "the preset". */
_Static_assert(TINE__SOLARIS_NQUIRKS < 127 &&
    TINE__DRAGONFLY_NQUIRKS < 127 && TINE__NETBSD_NQUIRKS < 127,
    "a quirk is a bit of 127");

size_t
tine_quirk_count(enum tine_kernel kernel)
{
	return ((unsigned)kernel < TINE_KERNEL_COUNT ? lists[kernel].count :
	    0);
}

bool
tine_quirk_get(enum tine_kernel kernel, size_t index, struct tine_quirk *quirk)
{
	const struct row *row;

	if (quirk == NULL || index >= tine_quirk_count(kernel))
		return (false);
	row = &lists[kernel].rows[index];
	quirk->id = row->id;
	quirk->text = row->text;
	quirk->bit = (tine_quirks_t)1 << index;
	quirk->preset = (row->kernels >> kernel & 1) != 0;
	return (true);
}

static int
find(enum tine_kernel kernel, const char *id, size_t length,
    struct tine_quirk *out)
{
	struct tine_quirk quirk;
	size_t i;

	for (i = 0; tine_quirk_get(kernel, i, &quirk); i++) {
		if (strlen(quirk.id) != length ||
		    memcmp(quirk.id, id, length) != 0)
			continue;
		if (out != NULL)
			*out = quirk;
		return (0);
	}
	return (tine__error(TINE_ENOENT, "the kernel %s has no quirk \"%.*s\"",
	    tine_kernel_name(kernel), (int)length, id));
}

int
tine_quirk_find(enum tine_kernel kernel, const char *id,
    struct tine_quirk *quirk)
{
	if (id == NULL)
		return (tine__error(TINE_EINVAL, "quirk: NULL id"));
	return (find(kernel, id, strlen(id), quirk));
}

tine_quirks_t
tine_quirks_preset(enum tine_kernel kernel)
{
	struct tine_quirk quirk;
	tine_quirks_t set = 0;
	size_t i;

	for (i = 0; tine_quirk_get(kernel, i, &quirk); i++)
		if (quirk.preset)
			set |= quirk.bit;
	return (set);
}

tine_quirks_t
tine__quirks_all(enum tine_kernel kernel)
{
	return (((tine_quirks_t)1 << tine_quirk_count(kernel)) - 1);
}

tine_quirks_t
tine__machine_quirks(const struct tine_machine *m)
{
	return (m->options.quirks == TINE_QUIRKS_PRESET ?
	    tine_quirks_preset(m->options.kernel) : m->options.quirks);
}

static bool
is(const char *word, size_t length, const char *what)
{
	return (strlen(what) == length && memcmp(word, what, length) == 0);
}

/* One word of a list. */
static int
apply(enum tine_kernel kernel, const char *word, size_t length,
    tine_quirks_t *set)
{
	bool away = word[0] == '-', sign = away || word[0] == '+';
	struct tine_quirk quirk;
	int error;

	if (length == (size_t)sign)
		return (tine__error(TINE_EINVAL,
		    "quirks: an empty word; write \"none\" for no quirk"));
	if (is(word, length, "none")) {
		*set = 0;
		return (0);
	}
	if (is(word, length, "all")) {
		*set = tine__quirks_all(kernel);
		return (0);
	}
	if (is(word, length, "preset")) {
		*set = tine_quirks_preset(kernel);
		return (0);
	}
	error = find(kernel, word + sign, length - sign, &quirk);
	if (error == 0)
		*set = away ? *set & ~quirk.bit : *set | quirk.bit;
	return (error);
}

int
tine_quirks_parse(enum tine_kernel kernel, const char *words,
    tine_quirks_t *quirks)
{
	tine_quirks_t set = tine_quirks_preset(kernel);
	size_t length;
	int error;

	if (words == NULL || quirks == NULL)
		return (tine__error(TINE_EINVAL, "quirks: NULL argument"));
	for (;;) {
		length = strcspn(words, ",");
		error = apply(kernel, words, length, &set);
		if (error != 0)
			return (error);
		if (words[length] == '\0')
			break;
		words += length + 1;
	}
	*quirks = set == tine_quirks_preset(kernel) ? TINE_QUIRKS_PRESET : set;
	return (0);
}

size_t
tine_quirks_format(enum tine_kernel kernel, tine_quirks_t quirks,
    char *text, size_t size)
{
	tine_quirks_t preset = tine_quirks_preset(kernel);
	struct tine_quirk quirk;
	size_t at = 0, i;
	const char *whole = NULL;

	if (quirks == TINE_QUIRKS_PRESET || quirks == preset)
		whole = "preset";
	else if (quirks == 0)
		whole = "none";
	else if (quirks == tine__quirks_all(kernel))
		whole = "all";
	if (whole != NULL)
		return ((size_t)snprintf(text, size, "%s", whole));
	for (i = 0; tine_quirk_get(kernel, i, &quirk); i++) {
		if (((quirks ^ preset) & quirk.bit) == 0)
			continue;
		at += (size_t)snprintf(at < size ? text + at : NULL,
		    at < size ? size - at : 0, "%s%c%s", at == 0 ? "" : ",",
		    quirks & quirk.bit ? '+' : '-', quirk.id);
	}
	return (at);
}
