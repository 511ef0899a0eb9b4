/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_bind.c - LWPs that are bound to a CPU, or to a set of them, run
 * nowhere else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tine/explore.h>
#include <tine/solaris.h>

#include "solaris_rig.h"
#include "sched/thread.h"
#include "support/harness.h"
#include "support/kcall.h"

#define CPUS 3

static int
here(void)
{
	return tine__cur->cpu;
}

static void
binds(int cpu)
{
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, cpu, NULL) == 0);
}

/* Stays where it may be through everything that costs a CPU. */
static void
stays(unsigned cpus, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		tine_check((cpus >> here() & 1) != 0);
		tine_sys_yield();
		tine_check((cpus >> here() & 1) != 0);
		if (i % 4 == 3)
			tine_sys_nanosleep(MS / 10);
	}
}

static void
reaps(int n)
{
	int status;

	while (n-- > 0) {
		tine_check(tine_sys_wait(&status) > 0);
		tine_check(status == 0);
	}
}

MAIN(bd_cpus)
	for (int cpu = 0; cpu < CPUS; cpu++) {
		binds(cpu);
		tine_check(here() == cpu);
		/* What fork makes is bound too. */
		for (int i = 0; i < 2; i++) {
			if (tine_sys_fork() == 0) {
				stays(1u << cpu, 6);
				tine_sys_exit(0);
			}
		}
		stays(1u << cpu, 3);
	}
	binds(TINE_PBIND_NONE);
	reaps(2 * CPUS);
	return 0;
END(bd_cpus, "processes that are bound to CPUs");

static void
every_way(const char *program)
{
	struct tine_options options;

	for (uint64_t seed = 0; seed < 25; seed++) {
		options = kcall_options(TINE_KERNEL_ILLUMOS, "");
		options.ncpu = CPUS;
		if (seed != 0) {
			options.strategy = seed % 2 ? TINE_STRATEGY_RANDOM :
			    TINE_STRATEGY_POS;
			options.seed = seed;
		}
		if (seed % 5 == 4)
			options.preempt = TINE_PREEMPT_ALWAYS;
		harness_passes(program, &options, 0);
	}
}

/* spec: IL-069 */
static void
who_is_bound_to_a_cpu_runs_there_alone(void **state)
{
	(void)state;
	every_way("bd_cpus");
}

static volatile int lwps;

static void
lwp_stays(void *arg)
{
	(void)arg;
	/* Bound as its creator. */
	stays(1u << 2, 6);
	lwps++;
}

MAIN(bd_set)
	const int set = tine_sys_pset_create();

	tine_check(tine_sys_pset_assign(set, 2, NULL) == 0);
	/* Whoever is bound to none has the other two. */
	for (int i = 0; i < 2; i++) {
		if (tine_sys_fork() == 0) {
			stays(1u << 0 | 1u << 1, 12);
			tine_sys_exit(0);
		}
	}
	tine_check(tine_sys_pset_bind(set, TINE_P_LWPID, 0, NULL) == 0);
	tine_check(here() == 2);
	tine_check(tine_sys_lwp_create(lwp_stays, NULL) > 0);
	tine_check(tine_sys_lwp_create(lwp_stays, NULL) > 0);
	stays(1u << 2, 4);
	while (lwps < 2)
		tine_sys_nanosleep(MS / 10);
	reaps(2);
	tine_check(tine_sys_pset_destroy(set) == 0);
	stays(1u << 0 | 1u << 1 | 1u << 2, 4);
	return 0;
END(bd_set, "processes that are bound to a set of CPUs");

/* spec: IL-069 */
static void
a_cpu_of_a_set_is_for_those_who_are_bound_to_it(void **state)
{
	(void)state;
	every_way("bd_set");
}

MAIN(bd_other)
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		/* Somebody else binds it: it goes there. */
		while (here() != 2)
			tine_sys_nanosleep(MS / 10);
		stays(1u << 2, 4);
		while (here() != 1)
			tine_sys_nanosleep(MS / 10);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_processor_bind(TINE_P_PID, pid, 2, NULL) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_processor_bind(TINE_P_PID, pid, 1, NULL) == 0);
	reaps(1);
	return 0;
END(bd_other, "a process that is bound by another one");

/* spec: IL-069 */
static void
who_is_bound_by_another_leaves_its_cpu(void **state)
{
	(void)state;
	every_way("bd_other");
}

/* --- a race between two CPUs, and none on one --- */

static void
ends(void *arg)
{
	(void)arg;
}

/* OS-49: an LWP ends while /proc counts them. */
static int
lwp_ends(bool together)
{
	int64_t first, second;
	tine_pid_t looker;
	int lwp;

	if (together)
		binds(1);
	lwp = tine_sys_lwp_create(ends, NULL);
	looker = tine_sys_fork();
	if (looker == 0) {
		const tine_pid_t pid = tine_sys_getppid();

		if (tine_sys_pr(TINE_PR_LOCK, pid, 0) != 0)
			return 0;
		first = tine_sys_pr(TINE_PR_LWPS, pid, 0);
		tine_sys_yield();
		second = tine_sys_pr(TINE_PR_LWPS, pid, 0);
		tine_check(first == second);
		return 0;
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_waitpid(looker, NULL, 0) == looker);
	return 0;
}

MAIN(bd_together)
	return lwp_ends(true);
END(bd_together, "a race of LWPs on one CPU");

MAIN(bd_apart)
	return lwp_ends(false);
END(bd_apart, "a race of LWPs on two CPUs");

MAIN(bd_fork_together)
	tine_pid_t pid;

	binds(1);
	pid = tine_sys_fork();
	if (pid == 0)
		return 0;
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
END(bd_fork_together, "fork and wait on one CPU");

static void
explores(const char *program, enum tine_search search, uint32_t delays,
    struct tine_explore_result *result)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    "+OS-49");
	struct tine_explore_options how;
	struct tine_machine *machine;
	struct tine_explorer *explorer;

	options.ncpu = 2;
	tine_explore_options_init(&how);
	how.search = search;
	how.delays = delays;
	how.shrink = false;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, program, NULL), 0);
	assert_int_equal(tine_explorer_create(machine, &how, &explorer), 0);
	result->size = sizeof(*result);
	assert_int_equal(tine_explorer_run(explorer, 60000, result), 0);
	print_message("%s %s: %llu schedules, %llu redundant, %llu fail%s\n",
	    program,
	    tine_search_name(search), (unsigned long long)result->schedules,
	    (unsigned long long)result->redundant,
	    (unsigned long long)result->failures,
	    result->exhausted ? ", exhausted" : "");
	tine_explorer_destroy(explorer);
	tine_machine_destroy(machine);
}

/* spec: IL-069 */
static void
there_is_no_race_between_lwps_that_share_a_cpu(void **state)
{
	struct tine_explore_result result;

	(void)state;
	explores("bd_apart", TINE_SEARCH_DFS, 2, &result);
	assert_int_equal(result.failures, 1);
	explores("bd_together", TINE_SEARCH_DFS, 2, &result);
	assert_int_equal(result.failures, 0);
	assert_true(result.exhausted);
	/* The partial-order search, which gives everybody a CPU of his own and
	 * looks later whether it needs that, comes to its end too. */
	explores("bd_fork_together", TINE_SEARCH_DPOR, TINE_UNBOUNDED,
	    &result);
	assert_int_equal(result.failures, 0);
	assert_true(result.exhausted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_bound_to_a_cpu_runs_there_alone),
		cmocka_unit_test(
		    a_cpu_of_a_set_is_for_those_who_are_bound_to_it),
		cmocka_unit_test(who_is_bound_by_another_leaves_its_cpu),
		cmocka_unit_test(
		    there_is_no_race_between_lwps_that_share_a_cpu),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
