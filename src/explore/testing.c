/* SPDX-License-Identifier: MIT */
/*
 * testing.c - a program, or all its schedules, as one test of a test suite.
 *
 * What it is
 *   A test is made into a race with one side (race.c), which knows how to make
 *   machines of it, and run by a team. First the tokens of its corpus are
 *   tried; then the schedules of its shard are run. What the environment says
 *   is read here and nowhere else in the library.
 *
 * Shards
 *   The schedules of an exploration are divided. A single run and a test that
 *   expects a failure belong to the shard that a hash of the name says.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <tine/race.h>
#include <tine/testing.h>

#include "base/error.h"
#include "base/text.h"

#define WALK_SCHEDULES 10000
#define TOKEN_LINE 65536

struct running {
	const struct tine_test *test;
	struct tine_race race;
	struct tine_explore_options options;
	const char *replay;		/* TINE_REPLAY, or NULL */
	const char *corpus;		/* a folder, or NULL */
	uint64_t shards, shard;
	uint64_t workers, schedules;
	struct tine__text text;
};

/* --- the environment --- */

static bool
get_number(struct running *r, const char *name, uint64_t max, uint64_t *out)
{
	const char *text = getenv(name);
	unsigned long long value;
	char *end;

	if (text == NULL || text[0] == '\0')
		return (true);
	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value > max) {
		tine__text_printf(&r->text, "%s=%s is not a number up to "
		    "%llu\n", name, text, (unsigned long long)max);
		return (false);
	}
	*out = value;
	return (true);
}

static const char *
get_text(const char *name)
{
	const char *text = getenv(name);

	return (text != NULL && text[0] != '\0' ? text : NULL);
}

/* A runner that looks for this file knows that we shard. */
static void
touch(const char *name)
{
	const char *path = get_text(name);
	FILE *file = path != NULL ? fopen(path, "w") : NULL;

	if (file != NULL)
		(void)fclose(file);
}

static bool
read_environment(struct running *r)
{
	const char *corpus = get_text("TINE_CORPUS");

	r->shards = 1;
	r->workers = r->test->workers;
	r->schedules = r->test->schedules;
	if (!get_number(r, "GTEST_TOTAL_SHARDS", UINT32_MAX, &r->shards) ||
	    !get_number(r, "GTEST_SHARD_INDEX", UINT32_MAX, &r->shard) ||
	    !get_number(r, "TEST_TOTAL_SHARDS", UINT32_MAX, &r->shards) ||
	    !get_number(r, "TEST_SHARD_INDEX", UINT32_MAX, &r->shard) ||
	    !get_number(r, "TINE_WORKERS", 64, &r->workers) ||
	    !get_number(r, "TINE_SCHEDULES", UINT64_MAX, &r->schedules))
		return (false);
	if (r->shards == 0 || r->shard >= r->shards) {
		tine__text_printf(&r->text, "there is no shard %llu of %llu\n",
		    (unsigned long long)r->shard,
		    (unsigned long long)r->shards);
		return (false);
	}
	touch("TEST_SHARD_STATUS_FILE");
	touch("GTEST_SHARD_STATUS_FILE");
	r->replay = get_text("TINE_REPLAY");
	r->corpus = corpus != NULL ? corpus : r->test->corpus;
	return (true);
}

/* Whether the work can be divided; if not, whether it is ours. */
static bool
divided(const struct running *r)
{
	return (r->test->explore && r->test->expect == TINE_OUTCOME_NONE);
}

static bool
is_ours(const struct running *r)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *c;

	for (c = r->test->name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return ((hash >> 32) % r->shards == r->shard);
}

/* --- one run --- */

static void
say_replay(struct running *r, const char *token)
{
	tine__text_printf(&r->text, "\nreplay: TINE_REPLAY=%s, or\n"
	    "        tine replay %s\n", token, token);
}

static enum tine_verdict
run_failed(struct running *r, const struct tine_result *result)
{
	const int status = result->status;

	if (result->outcome != TINE_OUTCOME_PASSED)
		tine__text_printf(&r->text, "%s\n%s%s", r->test->name,
		    result->message, result->last_events);
	else if (WIFSIGNALED(status))
		tine__text_printf(&r->text, "%s was killed by signal %d\n%s",
		    r->test->name, WTERMSIG(status), result->console);
	else
		tine__text_printf(&r->text, "%s exited with %d\n%s",
		    r->test->name, WEXITSTATUS(status), result->console);
	say_replay(r, result->token);
	return (TINE_TEST_FAILED);
}

static bool
run_as_expected(const struct running *r, const struct tine_result *result)
{
	const struct tine_test *test = r->test;

	if (test->expect == TINE_OUTCOME_NONE)
		return (result->outcome == TINE_OUTCOME_PASSED &&
		    (test->body != NULL || test->any_status ||
		    result->status == 0));
	return (result->outcome == test->expect && (test->says == NULL ||
	    strstr(result->message, test->says) != NULL));
}

static enum tine_verdict
broken(struct running *r)
{
	tine__text_printf(&r->text, "%s: %s\n", r->test->name,
	    tine_error_message());
	return (TINE_TEST_FAILED);
}

static enum tine_verdict
run_once(struct running *r)
{
	enum tine_verdict verdict = TINE_TEST_PASSED;
	struct tine_machine *machine;
	struct tine_options options;
	struct tine_result result;
	int error;

	tine_options_init(&options);
	options.seed = r->test->seed;
	if (options.seed != 0)
		options.strategy = TINE_STRATEGY_RANDOM;
	options.token = r->replay;
	error = tine_race_machine(&r->race, &r->race.wrong, &options,
	    &machine);
	if (error != 0)
		return (broken(r));
	error = tine_machine_run(machine, &result);
	if (error == -TINE_ETOKEN && r->replay != NULL)
		verdict = TINE_TEST_SKIPPED;
	else if (error != 0)
		verdict = broken(r);
	else if (!run_as_expected(r, &result))
		verdict = run_failed(r, &result);
	(void)tine_machine_destroy(machine);
	return (verdict);
}

/* --- corpora --- */

static FILE *
open_corpus(struct running *r, const char *mode)
{
	char path[4096];
	size_t i, at;
	FILE *file;

	at = (size_t)snprintf(path, sizeof(path), "%s/", r->corpus);
	if (at + strlen(r->test->name) + sizeof(".tokens") > sizeof(path))
		return (NULL);
	for (i = 0; r->test->name[i] != '\0'; i++)
		path[at++] = strchr(" /:", r->test->name[i]) != NULL ? '_' :
		    r->test->name[i];
	strcpy(path + at, ".tokens");
	file = fopen(path, mode);
	if (file == NULL && (errno != ENOENT || mode[0] != 'r'))
		tine__text_printf(&r->text, "%s: %s\n", path,
		    strerror(errno));
	return (file);
}

/* Every old failure, until one fails again. */
static int
try_corpus(struct running *r, struct tine_team *team,
    struct tine_explore_result *result)
{
	FILE *file = r->corpus != NULL ? open_corpus(r, "r") : NULL;
	char *line = malloc(TOKEN_LINE);
	int error = 0;

	while (file != NULL && line != NULL && error == 0 &&
	    result->outcome == TINE_OUTCOME_NONE &&
	    fgets(line, TOKEN_LINE, file) != NULL) {
		line[strcspn(line, " \n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		error = tine_team_replay(team, line, result);
		/* of a test or of a version that has changed since */
		if (error == -TINE_ETOKEN) {
			tine__text_printf(&r->text, "%s: an old token is of "
			    "no use any more: %s\n", r->test->name,
			    tine_error_message());
			error = 0;
		}
	}
	free(line);
	if (file != NULL)
		(void)fclose(file);
	return (error);
}

static bool
in_corpus(struct running *r, const char *token)
{
	FILE *file = open_corpus(r, "r");
	char *line = malloc(TOKEN_LINE);
	bool found = false;

	while (file != NULL && line != NULL && !found &&
	    fgets(line, TOKEN_LINE, file) != NULL) {
		line[strcspn(line, " \n")] = '\0';
		found = strcmp(line, token) == 0;
	}
	free(line);
	if (file != NULL)
		(void)fclose(file);
	return (found);
}

static void
add_to_corpus(struct running *r, const char *token)
{
	const char *add = get_text("TINE_CORPUS_ADD");
	FILE *file;

	if (r->corpus == NULL || add == NULL || strcmp(add, "0") == 0 ||
	    token[0] == '\0' || in_corpus(r, token))
		return;
	file = open_corpus(r, "a");
	if (file == NULL)
		return;
	(void)fprintf(file, "%s\n", token);
	if (fclose(file) != 0)
		tine__text_printf(&r->text, "%s: the corpus cannot be written"
		    "\n", r->test->name);
}

/* --- explorations --- */

static int
make(void *user, unsigned member, struct tine_machine **out)
{
	struct running *r = user;
	struct tine_options options;

	(void)member;
	tine_options_init(&options);
	options.exit_check = !r->test->any_status;
	return (tine_race_machine(&r->race, &r->race.wrong, &options, out));
}

static void
set_options(struct running *r)
{
	struct tine_explore_options *o = &r->options;
	const struct tine_test *test = r->test;

	tine_race_explore_options(&r->race, &r->race.wrong, o);
	if (test->seed != 0)
		o->seed = test->seed;
	if (r->shards > 1 && divided(r)) {
		o->shards = (unsigned)r->shards;
		o->shard = (unsigned)r->shard;
	}
	if (r->schedules == 0 && test->search < TINE_SEARCH_DFS)
		r->schedules = WALK_SCHEDULES;
	/* each shard its part of them */
	if (o->shards > 1 && r->schedules != 0)
		r->schedules = r->schedules / o->shards +
		    (o->shard < r->schedules % o->shards);
}

static enum tine_verdict
found_failure(struct running *r, const struct tine_explore_result *result)
{
	const char *token = result->shrunk[0] != '\0' ? result->shrunk :
	    result->token;

	add_to_corpus(r, token);
	tine__text_printf(&r->text, "%s: schedule %llu (%s) fails\n%s%s",
	    r->test->name, (unsigned long long)result->first,
	    r->replay != NULL ? "of a token" :
	    tine_search_name(r->options.search), result->message,
	    result->explanation);
	if (token[0] != '\0')
		say_replay(r, token);
	return (TINE_TEST_FAILED);
}

static enum tine_verdict
judge(struct running *r, const struct tine_explore_result *result)
{
	const struct tine_test *test = r->test;
	char why[160];

	if (test->expect != TINE_OUTCOME_NONE && r->replay == NULL) {
		if (tine_race_judge(&r->race, &r->race.wrong, result, why,
		    sizeof(why)) == 0)
			return (TINE_TEST_PASSED);
		tine__text_printf(&r->text, "%s: %s\n", test->name, why);
		if (result->outcome != TINE_OUTCOME_NONE)
			return (found_failure(r, result));
		return (TINE_TEST_FAILED);
	}
	if (result->outcome != TINE_OUTCOME_NONE)
		return (found_failure(r, result));
	if (test->must_exhaust && !result->exhausted && r->replay == NULL) {
		tine__text_printf(&r->text, "%s: not exhausted after %llu "
		    "schedules of about %.3g\n", test->name,
		    (unsigned long long)result->schedules, result->estimate);
		if (result->strays != 0)
			tine__text_printf(&r->text, "  what moves threads was "
			    "not announced: %s\n", result->stray);
		return (TINE_TEST_FAILED);
	}
	return (TINE_TEST_PASSED);
}

static enum tine_verdict
explore(struct running *r)
{
	struct tine_explore_result result = { .size = sizeof(result) };
	enum tine_verdict verdict;
	struct tine_team *team;
	int error;

	set_options(r);
	/* more shards than there are schedules to give them */
	if (r->options.shards > 1 && r->schedules == 0 &&
	    r->test->search < TINE_SEARCH_DFS)
		return (TINE_TEST_SKIPPED);
	error = tine_team_create(&r->options, r->workers == 0 ? 1 :
	    (unsigned)r->workers, make, r, &team);
	if (error != 0)
		return (broken(r));
	if (r->replay != NULL)
		error = tine_team_replay(team, r->replay, &result);
	else
		error = try_corpus(r, team, &result);
	if (error == 0 && r->replay == NULL &&
	    result.outcome == TINE_OUTCOME_NONE)
		error = tine_team_run(team, r->schedules, &result);
	if (error == -TINE_ETOKEN && r->replay != NULL)
		verdict = TINE_TEST_SKIPPED;
	else
		verdict = error != 0 ? broken(r) : judge(r, &result);
	tine_team_destroy(team);
	return (verdict);
}

/* --- all of it --- */

static bool
set_race(struct running *r)
{
	const struct tine_test *test = r->test;
	struct tine_race_side *side = &r->race.wrong;

	if (test->name == NULL ||
	    (test->programs == NULL) == (test->body == NULL)) {
		tine__text_printf(&r->text, "a test needs a name, and "
		    "programs or a body\n");
		return (false);
	}
	r->race.id = r->race.summary = test->name;
	r->race.kernel = test->kernel;
	r->race.programs = test->programs;
	r->race.body = test->body;
	r->race.configure = test->configure;
	side->quirks = test->quirks != NULL ? test->quirks : "";
	side->arg = test->arg;
	side->search = test->search;
	side->preemptions = test->preemptions;
	side->delays = test->delays;
	side->outcome = test->expect;
	side->says = test->says;
	return (true);
}

enum tine_verdict
tine_test_run(const struct tine_test *test, char **text)
{
	enum tine_verdict verdict = TINE_TEST_FAILED;
	struct running r;

	if (text != NULL)
		*text = NULL;
	if (test == NULL)
		return (TINE_TEST_FAILED);
	memset(&r, 0, sizeof(r));
	r.test = test;
	if (set_race(&r) && read_environment(&r)) {
		if (r.replay == NULL && r.shards > 1 && !divided(&r) &&
		    !is_ours(&r))
			verdict = TINE_TEST_SKIPPED;
		else
			verdict = test->explore ? explore(&r) : run_once(&r);
	}
	if (text != NULL && r.text.size != 0)
		*text = tine__text_take(&r.text);
	tine__text_free(&r.text);
	return (verdict);
}

void
tine_test_free(char *text)
{
	free(text);
}
