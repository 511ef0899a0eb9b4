/* SPDX-License-Identifier: MIT */
/*
 * test_announced.c - the kernel tells searches all that its threads do to one
 * another: watch.c sees what it really does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "announced/acts.h"
#include "announced/watch.h"

/*
 * What is all right though nothing orders it: one of the two is in that
 * function, or each in one of two, and it cares for other bits than those that
 * changed.
 */
static const struct {
	const char *one, *other;	/* NULL: any */
	uint64_t cares;			/* for these bits */
} excuses[] = {
	/* p_flags, bit by bit */
	{ "start_forked_proc", NULL, 0x10 },		/* P_PPWAIT */
	{ "scan", NULL, 0x8000 },			/* P_CONTINUED */
	{ "signal_member", NULL, 0x200 },		/* P_SYSTEM */
	/* p_stat: whether it is SZOMB */
	{ "find", NULL, 4 },
	{ "takeable", NULL, 0x10 },			/* P_PPWAIT */
	{ "advunlock", NULL, 0x1 },			/* P_ADVLOCK */
	{ "allproc_scan", NULL, 4 },
	/* who vforks compares all of p_flags, but once P_PPWAIT has gone that
	 * is enough for it */
	{ "atomic_cmpset_int", "p_clear", 0x10 },
	{ "atomic_cmpset_int", "p_set", 0x10 },
	/* whether one is the leader, or owns a node: that another one does no
	 * more does not matter */
	{ "exit_session", "exit_session", 0 },
	{ "reaper_acquire", "reaper_release", 0 },
	{ "reaper_acquire", "reaper_exit", 0 },
	{ "vrele", "vn_lookup", 0 },
	{ "count_two", "count_two", 0 },
	/* whether references are left, which they are; or a copy of what is
	 * set then */
	{ "crfree", "tine__atomic_add_32", 0 },
	{ "fdrop", "tine__atomic_add_32", 0 },
	{ "vrele", "tine__atomic_add_32", 0 },
	{ "reaper_hold", "tine__atomic_add_32", 0 },
	{ "reaper_drop", "tine__atomic_add_32", 0 },
	{ "cr_enter", "tine__atomic_add_32", 0 },
	{ "fork_copy", "tine__atomic_add_32", 0 },
	{ "exec_sigacts", "tine__atomic_add_32", 0 },
	/* lists of all of a kind, in any order */
	{ "file_link", "file_link", 0 }, { "file_link", "file_unlink", 0 },
	{ "file_unlink", "file_unlink", 0 },
	{ "vmspace_link", "vmspace_link", 0 },
	{ "vmspace_link", "vmspace_unlink", 0 },
	{ "vmspace_unlink", "vmspace_unlink", 0 },
	{ "new_walk", "new_walk", 0 },
	/* both set the same mark of a thread */
	{ "lwp_signotify", "lwp_begin", 0 },
	/* who is the last of all: whoever that is */
	{ "everybody_gone", NULL, 0 },
};

static bool
is_in(const char *line, const char *function)
{
	const size_t n = strlen(function);

	if (strncmp(line, "tine_df_", 8) == 0)
		line += 8;
	return (strncmp(line, function, n) == 0 && line[n] == ' ');
}

static bool
excused(const char *a, const char *b, uint64_t changed)
{
	size_t i;

	for (i = 0; i < sizeof(excuses) / sizeof(excuses[0]); i++) {
		const char *one = excuses[i].one, *other = excuses[i].other;

		if ((changed & excuses[i].cares) == 0 &&
		    ((is_in(a, one) && (other == NULL || is_in(b, other))) ||
		    (is_in(b, one) && (other == NULL || is_in(a, other)))))
			return (true);
	}
	return (false);
}

static void
explore(const char *what, struct tine_machine *machine, uint64_t schedules,
    bool quiet)
{
	struct tine_explore_options options;
	struct tine_explore_result r = { .size = sizeof(r) };
	struct tine_explorer *explorer;

	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DPOR;
	options.keep_going = true;
	options.shrink = false;
	if (tine_explorer_create(machine, &options, &explorer) != 0 ||
	    tine_explorer_run(explorer, schedules, &r) != 0)
		fail_msg("%s: %s", what, tine_error_message());
	if (quiet && r.outcomes[TINE_OUTCOME_PANIC] != 0)
		fail_msg("%s: %s\n%s", what, r.message, r.token);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* All that was found, but for what is all right. */
static void
all_was_announced(void)
{
	const struct watch_found *f;
	size_t n = watch_results(&f), bad = 0;

	if (n != 0)
		watch_lines();
	for (; n != 0; n--, f++) {
		if (excused(f->where[0], f->where[1], f->changed))
			continue;
		bad++;
		print_message("bits %#llx, %zu times:\n\t%s: %s\n\t%s: %s\n",
		    (unsigned long long)f->changed, f->times,
		    f->write[0] ? "write" : "read", f->where[0],
		    f->write[1] ? "write" : "read", f->where[1]);
	}
	watch_forget();
	assert_int_equal(bad, 0);
}

static void
side(const struct tine_race *race, const struct tine_race_side *side,
    uint64_t schedules)
{
	struct tine_machine *machine;

	if (side->quirks == NULL)
		return;
	if (tine_race_machine(race, side, NULL, &machine) != 0)
		fail_msg("%s: %s", race->id, tine_error_message());
	explore(race->id, machine, schedules, false);
}

static void
what_races_do_is_announced(void **state)
{
	const struct tine_race *race;

	(void)state;
	for (race = tine_race_first(); race != NULL; race = race->next)
		if (race->kernel == TINE_KERNEL_DRAGONFLY) {
			side(race, &race->wrong, 30);
			side(race, &race->right, 30);
		}
	all_was_announced();
}

static void
acts(const char *how, unsigned a, unsigned b, uint64_t seed)
{
	char what[40], first[8], second[8];
	const char *const argv[] = { "an_acts", how, first, second, NULL };
	struct tine_machine *machine;
	struct tine_options o;

	(void)snprintf(first, sizeof(first), "%u", a);
	(void)snprintf(second, sizeof(second), "%u", b);
	(void)snprintf(what, sizeof(what), "acts %s %u %u", how, a, b);
	tine_options_init(&o);
	o.kernel = TINE_KERNEL_DRAGONFLY;
	o.ncpu = 16;
	o.preempt = TINE_PREEMPT_ALWAYS;
	o.step_limit = 20000;
	assert_int_equal(tine_quirks_parse(o.kernel, "none", &o.quirks), 0);
	if (tine_machine_create(&o, &machine) != 0 ||
	    tine_machine_spawn(machine, "an_acts", argv) != 0)
		fail_msg("%s: %s", what, tine_error_message());
	watch_shuffle(seed);
	explore(what, machine, 1, true);
}

/* Each with each: two processes, two that share what they can, two LWPs. What
 * nothing orders is seen in any schedule in which it comes to pass. With
 * TINE_ANNOUNCED_SEED others than usual. */
static void
what_two_threads_do_to_one_another_is_announced(void **state)
{
	const char *const hows[] = { "p", "s", "l" };
	const char *more = getenv("TINE_ANNOUNCED_SEED");
	uint64_t seed = more != NULL ? strtoull(more, NULL, 10) << 32 : 0;
	unsigned i, a, b;

	(void)state;
	for (i = 0; i < 3; i++)
		for (a = 0; a < acts_count; a++)
			for (b = i == 0 ? 0 : a; b < acts_count; b++)
				acts(hows[i], a, b, ++seed);
	watch_shuffle(0);
	all_was_announced();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_races_do_is_announced),
		cmocka_unit_test(
		    what_two_threads_do_to_one_another_is_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
