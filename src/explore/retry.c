/* SPDX-License-Identifier: MIT */
/* retry.c - an explorer runs the schedule of an old token once more. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explore/explore.h"

/* The choices of a token, and the options that do not change what runs. */
static int
take_token(struct tine_explorer *x, const char *token,
    struct tine_machine *from)
{
	struct tine_options *o = &x->machine->options;
	const struct tine_options *t = &from->options;
	char *programs;
	bool same;
	int error;

	tine_options_init(&from->options);
	error = tine__token_apply(from, token);
	if (error != 0)
		return (error);
	programs = tine__token_programs(x->machine);
	same = programs != NULL &&
	    strcmp(programs, from->token_programs) == 0;
	free(programs);
	if (from->token_files != tine__files_digest(x->machine))
		return (tine__error(TINE_ETOKEN, "the token is of a machine "
		    "with other files in it"));
	if (!same || t->kernel != o->kernel || t->quirks != o->quirks ||
	    t->ncpu != o->ncpu || t->preempt != o->preempt ||
	    t->fail_at != o->fail_at || from->replay.count != 0)
		return (tine__error(TINE_ETOKEN, "the token is of another "
		    "machine: %s", from->token_programs));
	o->strategy = t->strategy;
	o->seed = t->seed;
	o->tick_steps = t->tick_steps;
	o->tick_edges = t->tick_edges;
	o->quantum = t->quantum;
	o->step_limit = t->step_limit;
	o->pct_depth = t->pct_depth;
	o->pct_steps = t->pct_steps;
	o->fair_steps = t->fair_steps;
	o->race_check = t->race_check;
	o->exit_check = t->exit_check;
	o->faults = t->faults;
	o->spurious = t->spurious;
	o->timeouts = t->timeouts;
	o->interrupts = t->interrupts;
	o->signal_targets = t->signal_targets;
	return (0);
}

static int
run_token(struct tine_explorer *x, const struct tine_machine *from)
{
	struct tine_machine *m = x->machine;
	enum tine_outcome outcome;
	int error;

	tine__explore_by(x, NULL, from->overrides, from->noverrides);
	error = tine__explore_run(m, false);
	if (error != 0)
		return (error);
	outcome = m->outcome;
	tine__explore_count(x, outcome);
	if (outcome == TINE_OUTCOME_PASSED ||
	    x->result.outcome != TINE_OUTCOME_NONE)
		return (0);
	x->replaying = true;
	error = tine__explore_failed(x, outcome);
	x->replaying = false;
	return (error);
}

int
tine_explorer_replay(struct tine_explorer *x, const char *token,
    struct tine_explore_result *result)
{
	struct tine_machine *from;
	int error;

	if (token == NULL)
		return (tine__error(TINE_EINVAL, "explore: NULL token"));
	from = calloc(1, sizeof(*from));
	if (from == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	error = tine__explorer_enter(x, result);
	if (error == 0) {
		error = take_token(x, token, from);
		if (error == 0)
			error = run_token(x, from);
		tine__explorer_leave(x, result);
	}
	tine__exts_clear(&from->replay);
	free(from->replay.list);
	free(from->replay_token);
	free(from->token_programs);
	free(from->token_overrides);
	free(from);
	return (error);
}
