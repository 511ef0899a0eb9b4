/* SPDX-License-Identifier: MIT */
/*
 * race.c - the catalogue of races.
 *
 * Like programs, races register before main() and are one list for the host
 * process. What it takes to run one is put together here, so that the command
 * and the tests run the same.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tine/kern.h>
#include <tine/quirk.h>
#include <tine/race.h>
#include <tine/token.h>

#include "base/error.h"
#include "machine/machine.h"

#define SCHEDULES 100000
#define WORDS 32

static struct {
	pthread_mutex_t lock;
	const struct tine_race *first;
} registry = { PTHREAD_MUTEX_INITIALIZER, NULL };

int
tine_race_add(struct tine_race *race)
{
	const struct tine_race **link;

	if (race == NULL || race->id == NULL || race->summary == NULL)
		return (tine__error(TINE_EINVAL,
		    "a race needs an id and a summary"));
	if ((race->programs == NULL) == (race->body == NULL) ||
	    (race->wrong.quirks == NULL && race->right.quirks == NULL))
		return (tine__error(TINE_EINVAL, "race %s needs programs or a "
		    "body, and a side", race->id));
	pthread_mutex_lock(&registry.lock);
	link = &registry.first;
	/* variants in an order that does not depend on the linker */
	while (*link != NULL && (strcmp((*link)->id, race->id) < 0 ||
	    (strcmp((*link)->id, race->id) == 0 &&
	    strcmp((*link)->summary, race->summary) < 0)))
		link = (const struct tine_race **)(uintptr_t)&(*link)->next;
	race->next = *link;
	*link = race;
	pthread_mutex_unlock(&registry.lock);
	return (0);
}

const struct tine_race *
tine_race_first(void)
{
	const struct tine_race *race;

	pthread_mutex_lock(&registry.lock);
	race = registry.first;
	pthread_mutex_unlock(&registry.lock);
	return (race);
}

const struct tine_race *
tine_race_find(const char *id)
{
	const struct tine_race *race;

	if (id == NULL)
		return (NULL);
	for (race = tine_race_first(); race != NULL; race = race->next)
		if (strcmp(race->id, id) == 0)
			return (race);
	return (NULL);
}

/* --- the machine of a side --- */

/* A kernel's name before the quirks. Returns what follows it. */
static const char *
take_kernel(const char *text, struct tine_options *o)
{
	size_t length = strcspn(text, ",");
	unsigned k;

	for (k = 0; k < TINE_KERNEL_COUNT; k++) {
		const char *name = tine_kernel_name((enum tine_kernel)k);

		if (strlen(name) == length && length != 0 &&
		    strncmp(name, text, length) == 0) {
			o->kernel = (enum tine_kernel)k;
			return (text + length + (text[length] == ','));
		}
	}
	return (text);
}

static int
set_quirks(const char *text, struct tine_options *o)
{
	text = take_kernel(text, o);
	o->quirks = TINE_QUIRKS_PRESET;
	if (*text == '\0')
		return (0);
	return (tine_quirks_parse(o->kernel, text, &o->quirks));
}

/* One program of the list. Advances *words past it. */
static int
spawn(struct tine_machine *m, char **words)
{
	const char *argv[WORDS];
	char *save = *words, *word;
	int n = 0;

	while ((word = strtok_r(NULL, " ", &save)) != NULL &&
	    strcmp(word, "+") != 0 && n < WORDS - 1)
		argv[n++] = word;
	argv[n] = NULL;
	*words = word == NULL ? NULL : save;
	if (n == 0 || n == WORDS - 1)
		return (tine__error(TINE_EINVAL, "a race's program has no "
		    "name, or too many arguments"));
	return (tine_machine_spawn(m, argv[0], argv));
}

static int
spawn_all(struct tine_machine *m, const char *programs)
{
	char *copy = strdup(programs), *words = copy;
	int error = 0;

	if (copy == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	while (words != NULL && error == 0)
		error = spawn(m, &words);
	free(copy);
	return (error);
}

/* Its tokens have the race where others have their programs. */
static int
kern_machine(const struct tine_race *race, const struct tine_race_side *side,
    const struct tine_options *o, struct tine_machine **out)
{
	int error;

	error = tine_kern_create(o, race->body, (void *)(uintptr_t)side->arg,
	    out);
	if (error == 0) {
		(*out)->kern->label = race->id;
		(*out)->kern->fixed = side == &race->right;
	}
	return (error);
}

int
tine_race_of_token(const char *token, const struct tine_race **out,
    const struct tine_race_side **side)
{
	struct tine_token_info info = { .size = sizeof(info) };
	const struct tine_race *race;
	unsigned dots = 0;
	bool fixed;
	int error;

	if (out == NULL || side == NULL)
		return (tine__error(TINE_EINVAL, "race: NULL argument"));
	error = tine_token_parse(token, &info);
	if (error != 0)
		return (error);
	for (; dots < 5; token++)
		dots += *token == '.';
	token += strcspn(token, ":.");
	fixed = strncmp(token, ":fixed.", 7) == 0;
	for (race = tine_race_first(); race != NULL; race = race->next) {
		if (race->body == NULL || strcmp(race->id, info.program) != 0)
			continue;
		*out = race;
		*side = fixed ? &race->right : &race->wrong;
		return (0);
	}
	return (tine__error(TINE_ENOENT, "the token is of none of the bodies "
	    "in the catalogue"));
}

int
tine_race_machine(const struct tine_race *race,
    const struct tine_race_side *side, const struct tine_options *options,
    struct tine_machine **out)
{
	struct tine_options o;
	int error;

	if (race == NULL || out == NULL ||
	    (side != &race->wrong && side != &race->right) ||
	    side->quirks == NULL)
		return (tine__error(TINE_EINVAL, "race: a NULL argument, or a "
		    "side that it does not have"));
	tine_options_init(&o);
	if (options != NULL)
		o = *options;
	o.kernel = race->kernel;
	error = set_quirks(side->quirks, &o);
	if (error != 0)
		return (error);
	if (race->configure != NULL)
		race->configure(&o);
	if (race->body != NULL)
		return (kern_machine(race, side, &o, out));
	error = tine_machine_create(&o, out);
	if (error != 0)
		return (error);
	/* with a token too: it must be of the same */
	error = spawn_all(*out, race->programs);
	if (error != 0) {
		(void)tine_machine_destroy(*out);
		*out = NULL;
	}
	return (error);
}

/* --- the search --- */

static bool
ends(enum tine_search search)
{
	return (search == TINE_SEARCH_DFS || search == TINE_SEARCH_DPOR);
}

void
tine_race_explore_options(const struct tine_race *race,
    const struct tine_race_side *side, struct tine_explore_options *options)
{
	tine_explore_options_init(options);
	if (race == NULL || side == NULL)
		return;
	options->search = side->search;
	if (side == &race->right && !ends(side->search))
		options->search = TINE_SEARCH_DFS;
	if (side->preemptions != 0)
		options->preemptions = side->preemptions;
	if (side->delays != 0)
		options->delays = side->delays;
}

uint64_t
tine_race_schedules(const struct tine_race_side *side)
{
	return (side == NULL || side->schedules == 0 ? SCHEDULES :
	    side->schedules);
}

static void
judge_wrong(const struct tine_race_side *side,
    const struct tine_explore_result *r, char *text, size_t size)
{
	if (r->failures == 0)
		(void)snprintf(text, size, "did not go wrong in %llu "
		    "schedules", (unsigned long long)r->schedules);
	else if (side->outcome != TINE_OUTCOME_NONE &&
	    r->outcome != side->outcome)
		(void)snprintf(text, size, "went wrong as \"%s\", not as "
		    "\"%s\"", tine_outcome_name(r->outcome),
		    tine_outcome_name(side->outcome));
	else if (side->says != NULL && strstr(r->message, side->says) == NULL)
		(void)snprintf(text, size, "went wrong, but does not say "
		    "\"%s\"", side->says);
}

static void
judge_right(const struct tine_explore_result *r, char *text, size_t size)
{
	if (r->failures != 0)
		(void)snprintf(text, size, "goes wrong: %s in schedule %llu",
		    tine_outcome_name(r->outcome),
		    (unsigned long long)r->first);
	else if (!r->exhausted)
		(void)snprintf(text, size, "not exhausted after %llu "
		    "schedules, of %.3g as it seems",
		    (unsigned long long)r->schedules, r->estimate);
}

int
tine_race_judge(const struct tine_race *race,
    const struct tine_race_side *side,
    const struct tine_explore_result *result, char *text, size_t size)
{
	char line[160] = "";

	if (race == NULL || side == NULL || result == NULL ||
	    (text == NULL && size != 0))
		return (tine__error(TINE_EINVAL, "race: NULL argument"));
	if (side == &race->wrong)
		judge_wrong(side, result, line, sizeof(line));
	else
		judge_right(result, line, sizeof(line));
	if (size != 0)
		(void)snprintf(text, size, "%s", line);
	if (line[0] == '\0')
		return (0);
	return (tine__error(TINE_ESTATE, "race %s: %s", race->id, line));
}
