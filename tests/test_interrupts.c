/* SPDX-License-Identifier: MIT */
/*
 * test_interrupts.c - interrupts of a program just before its calls: what they
 * let a signal do, and that a call is made once all the same.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/kernels.h"

/* lost_signal is examples/10_lost_signal.c. */
static struct tine_explore_result
explore(enum tine_kernel kernel, unsigned interrupts, const char *how,
    enum tine_search search)
{
	const char *const argv[] = { "lost_signal", how, NULL };
	struct tine_explore_options e;
	struct tine_explore_result r;
	struct tine_machine *m, *again;
	struct tine_explorer *x;
	struct tine_result result;
	struct tine_options o;

	tine_options_init(&o);
	o.kernel = kernel;
	o.interrupts = interrupts;
	assert_int_equal(tine_machine_create(&o, &m), 0);
	assert_int_equal(tine_machine_spawn(m, "lost_signal", argv), 0);
	tine_explore_options_init(&e);
	e.search = search;
	assert_int_equal(tine_explorer_create(m, &e, &x), 0);
	r.size = sizeof(r);
	if (tine_explorer_run(x, 20000, &r) != 0)
		fail_msg("%s", tine_error_message());
	if (r.failures != 0) {
		assert_non_null(strstr(r.explanation,
		    "is interrupted before a call"));
		tine_options_init(&o);
		o.token = r.shrunk;
		assert_int_equal(tine_machine_create(&o, &again), 0);
		assert_int_equal(tine_machine_spawn(again, "lost_signal",
		    argv), 0);
		assert_int_equal(tine_machine_run(again, &result), 0);
		assert_int_equal(result.outcome, r.outcome);
		assert_int_equal(tine_machine_destroy(again), 0);
	}
	tine_explorer_destroy(x);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (r);
}

static void
a_signal_between_a_look_and_a_sleep_is_lost(void **state)
{
	static const enum tine_search searches[] = { TINE_SEARCH_RANDOM,
		TINE_SEARCH_POS, TINE_SEARCH_DFS, TINE_SEARCH_DPOR };
	struct tine_explore_result r;
	size_t i, s;

	(void)state;
	for (i = 0; i < KERNELS; i++) {
		r = explore(kernels[i], 0, NULL, TINE_SEARCH_DPOR);
		assert_true(r.exhausted);
		assert_int_equal(r.failures, 0);
		for (s = 0; s < sizeof(searches) / sizeof(searches[0]); s++) {
			r = explore(kernels[i], 1, NULL, searches[s]);
			assert_int_equal(r.outcome, TINE_OUTCOME_DEADLOCK);
		}
	}
}

static void
sigsuspend_leaves_no_gap_for_it(void **state)
{
	struct tine_explore_result r;
	size_t i;

	(void)state;
	for (i = 0; i < KERNELS; i++) {
		r = explore(kernels[i], 1, "fixed", TINE_SEARCH_DPOR);
		assert_true(r.exhausted);
		assert_int_equal(r.failures, 0);
	}
}

/* --- a call is made once --- */

static TINE_DATA volatile int handled;

static void
counts(int signo)
{
	(void)signo;
	handled++;
}

/* Calls whose second time would show: each is made once, however often it was
 * interrupted. Ends with the number of signals. */
static int
interrupted_calls(int argc, char **argv)
{
	const struct tine_sigaction action = { .handler = counts };
	int child, i, status = 0;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	for (i = 0; i < 3; i++) {
		tine_printf("%d", i);
		child = i == 1 ? tine_sys_vfork() : tine_sys_fork();
		if (child == 0) {
			(void)tine_sys_kill(tine_sys_getppid(), SIGUSR1);
			tine_sys_exit(40 + i);
		}
		tine_check(child > 0);
		while (tine_sys_waitpid(child, &status, 0) ==
		    -EINTR)
			;
		tine_check(WIFEXITED(status));
		tine_check(WEXITSTATUS(status) == 40 + i);
	}
	tine_check(tine_sys_wait(&status) == -ECHILD);
	return (handled);
}
TINE_PROGRAM(interrupted_calls, "each call once");

static void
an_interrupted_call_is_made_once(void **state)
{
	struct tine_machine *m;
	struct tine_result r;
	struct tine_options o;
	size_t i;

	(void)state;
	for (i = 0; i < KERNELS; i++) {
		tine_options_init(&o);
		o.kernel = kernels[i];
		o.strategy = TINE_STRATEGY_RANDOM;
		o.interrupts = 1000;
		o.ncpu = 2;
		assert_int_equal(tine_machine_create(&o, &m), 0);
		assert_int_equal(tine_machine_spawn(m, "interrupted_calls",
		    NULL), 0);
		for (o.seed = 1; o.seed <= 100; o.seed++) {
			assert_int_equal(tine_machine_reseed(m, o.seed), 0);
			assert_int_equal(tine_machine_run(m, &r), 0);
			if (r.outcome != TINE_OUTCOME_PASSED)
				fail_msg("%s%s", r.message, r.last_events);
			assert_string_equal(r.console, "012");
			assert_int_equal(WEXITSTATUS(r.status), 3);
		}
		assert_int_equal(tine_machine_destroy(m), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_between_a_look_and_a_sleep_is_lost),
		cmocka_unit_test(sigsuspend_leaves_no_gap_for_it),
		cmocka_unit_test(an_interrupted_call_is_made_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
