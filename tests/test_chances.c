/* SPDX-License-Identifier: MIT */
/*
 * test_chances.c - what goes wrong by itself is searched like schedules:
 * failing steps, spurious wake-ups, early time-outs, who takes a signal; within
 * budgets, and replayed by tokens.
 */
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

#include "machine/machine.h"
#include "support/expect.h"

static struct tine_options o;

static int
setup(void **state)
{
	(void)state;
	tine_options_init(&o);
	return (0);
}

static struct tine_explore_result
explore(void (*body)(void *arg), enum tine_search how, bool keep_going)
{
	struct tine_explore_options e;
	struct tine_explore_result r;
	struct tine_explorer *x;
	struct tine_machine *m;
	struct tine_options again;
	struct tine_result result;
	static char message[4096];

	tine_explore_options_init(&e);
	e.search = how;
	e.keep_going = keep_going;
	assert_int_equal(tine_kern_create(&o, body, NULL, &m), 0);
	assert_int_equal(tine_explorer_create(m, &e, &x), 0);
	r.size = sizeof(r);
	if (tine_explorer_run(x, 20000, &r) != 0)
		fail_msg("%s", tine_error_message());
	if (r.failures != 0 && !keep_going) {
		/* the token has what went wrong */
		struct tine_machine *other;

		tine_options_init(&again);
		again.token = r.shrunk;
		assert_int_equal(tine_kern_create(&again, body, NULL, &other),
		    0);
		assert_int_equal(tine_machine_run(other, &result), 0);
		assert_int_equal(result.outcome, r.outcome);
		assert_int_equal(tine_machine_destroy(other), 0);
	}
	/* It is the explorer's, and goes with it. */
	(void)snprintf(message, sizeof(message), "%s", r.message != NULL ?
	    r.message : "");
	r.message = message;
	tine_explorer_destroy(x);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (r);
}

/* --- spurious wake-ups --- */

static struct tine_kern_mutex lock;
static struct tine_kern_cv cv;
static unsigned items;
static bool loops;

static void
takes(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	while (items == 0) {
		tine_kern_cv_wait(&cv, &lock);
		if (!loops)
			break;
	}
	TINE_KERN_CHECK(items != 0);
	items--;
	tine_kern_mutex_exit(&lock);
}

static void
puts_one(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	items++;
	tine_kern_cv_signal(&cv);
	tine_kern_mutex_exit(&lock);
}

static void
body_buffer(void *arg)
{
	(void)arg;
	items = 0;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_cv_init(&cv, NULL);
	tine_kern_thread("takes", takes, NULL);
	tine_kern_thread("puts", puts_one, NULL);
}

static void
a_sleep_that_ends_for_no_reason_finds_if_for_while(void **state)
{
	enum tine_search how;

	(void)state;
	loops = false;
	assert_int_equal(explore(body_buffer, TINE_SEARCH_DPOR, true).failures,
	    0);
	o.spurious = 1;
	for (how = 0; how < TINE_SEARCH_COUNT; how++)
		assert_int_equal(explore(body_buffer, how, false).outcome,
		    TINE_OUTCOME_CHECK);
	loops = true;
	for (o.spurious = 1; o.spurious <= 3; o.spurious++) {
		assert_true(explore(body_buffer, TINE_SEARCH_DPOR, true).
		    exhausted);
		assert_int_equal(explore(body_buffer, TINE_SEARCH_DFS, true).
		    failures, 0);
	}
}

/* --- failing steps --- */

static unsigned got;

static void
allocates(void *arg)
{
	void *memory[3];
	unsigned i;

	(void)arg;
	for (i = 0; i < 3; i++) {
		memory[i] = tine_kern_alloc(32);
		got += memory[i] != NULL;
	}
	for (i = 0; i < 3; i++)
		if (memory[i] != NULL)
			tine_kern_free(memory[i], 32);
}

static void
body_alone(void *arg)
{
	got = 0;
	allocates(arg);
}

static void
body_three(void *arg)
{
	got = 0;
	tine_kern_thread("a", allocates, NULL);
	allocates(arg);
}

static unsigned lowest;

static void
body_lowest(void *arg)
{
	body_alone(arg);
	if (got < lowest)
		lowest = got;
}

static void
so_many_steps_fail_as_the_budget_has(void **state)
{
	struct tine_explore_result r;
	unsigned n;
	static const unsigned schedules[] = { 1, 4, 7, 8, 8 };

	(void)state;
	for (n = 0; n <= 4; n++) {
		/* each way to choose up to n of three */
		o.faults = n;
		lowest = 3;
		r = explore(body_lowest, TINE_SEARCH_DFS, true);
		assert_true(r.exhausted && r.failures == 0);
		assert_int_equal(r.schedules, schedules[n]);
		assert_int_equal(lowest, n < 3 ? 3 - n : 0);
	}
}

/* The budget is one for all threads: who spends it matters. */
static void
partial_orders_know_that_the_budget_is_shared(void **state)
{
	struct tine_explore_result all, few;

	(void)state;
	o.faults = 1;
	all = explore(body_three, TINE_SEARCH_DFS, true);
	few = explore(body_three, TINE_SEARCH_DPOR, true);
	assert_true(all.exhausted && few.exhausted);
	/* none, one of six, or the thread itself does not start */
	assert_true(few.schedules >= 8);
	assert_true(few.schedules < all.schedules);
}

/* --- early time-outs --- */

static void
waits_a_second(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&lock);
	while (items == 0)
		if (!tine_kern_cv_timedwait(&cv, &lock, 1000000000)) {
			TINE_KERN_CHECK(tine_kern_now() >= 1000000000);
			TINE_KERN_CHECK(items != 0);
		}
	tine_kern_mutex_exit(&lock);
}

static void
body_timed(void *arg)
{
	(void)arg;
	items = 0;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_cv_init(&cv, NULL);
	tine_kern_thread("waits", waits_a_second, NULL);
	tine_kern_thread("puts", puts_one, NULL);
}

static void
time_flies_while_others_could_act(void **state)
{
	struct tine_explore_result r;

	(void)state;
	/* else it passes only when nobody can */
	assert_int_equal(explore(body_timed, TINE_SEARCH_DFS, true).failures,
	    0);
	o.timeouts = 1;
	r = explore(body_timed, TINE_SEARCH_DFS, false);
	assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
	expect_in(r.message, "items != 0");
	r = explore(body_timed, TINE_SEARCH_DPOR, false);
	assert_int_equal(r.outcome, TINE_OUTCOME_CHECK);
}

/* --- whom a signal reaches --- */

static volatile int taken_by;

static void
notes(int signo)
{
	(void)signo;
	taken_by = tine_sys_lwp_self() + 1;
}

static void
sleeps(void *arg)
{
	(void)arg;
	(void)tine_sys_nanosleep(1000000000);
}

/* Both LWPs sleep when the signal comes: it ends the sleep of one of them. */
static int
chance_signal(int argc, char **argv)
{
	struct tine_sigaction action;
	int lwp, child, status;

	(void)argc;
	(void)argv;
	taken_by = 0;
	memset(&action, 0, sizeof(action));
	action.handler = notes;
	if (tine_sys_sigaction(SIGUSR1, &action, NULL) != 0)
		return (99);
	child = tine_sys_fork();
	if (child == 0) {
		(void)tine_sys_nanosleep(1000000);
		(void)tine_sys_kill(tine_sys_getppid(), SIGUSR1);
		return (0);
	}
	lwp = tine_sys_lwp_create(sleeps, NULL);
	sleeps(NULL);
	(void)tine_sys_lwp_wait(lwp);
	(void)tine_sys_waitpid(child, &status, 0);
	return (taken_by);
}

TINE_PROGRAM(chance_signal, "which of two LWPs takes a signal");

static unsigned seen;

static int
note_taker(void *user, const struct tine_explore_run *run)
{
	const struct tine_machine *m = user;

	assert_int_equal(run->outcome, TINE_OUTCOME_PASSED);
	assert_in_range(WEXITSTATUS(m->spawns[0].status), 1, 3);
	seen |= 1u << WEXITSTATUS(m->spawns[0].status);
	return (0);
}

/* Of schedules in which nobody is preempted. */
static unsigned
takers(enum tine_kernel kernel, bool choice)
{
	struct tine_explore_options e;
	struct tine_explorer *x;
	struct tine_machine *m;

	seen = 0;
	o.kernel = kernel;
	o.signal_targets = choice;
	assert_int_equal(tine_machine_create(&o, &m), 0);
	assert_int_equal(tine_machine_spawn(m, "chance_signal", NULL), 0);
	tine_explore_options_init(&e);
	e.search = TINE_SEARCH_DFS;
	e.preemptions = 0;
	e.each = note_taker;
	e.user = m;
	assert_int_equal(tine_explorer_create(m, &e, &x), 0);
	assert_int_equal(tine_explorer_run(x, 300, NULL), 0);
	tine_explorer_destroy(x);
	assert_int_equal(tine_machine_destroy(m), 0);
	return (seen);
}

static void
any_thread_may_take_a_signal(void **state)
{
	unsigned kernel, one, both;

	(void)state;
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		one = takers(kernel, false);
		both = takers(kernel, true);
		assert_int_equal(__builtin_popcount(one), 1);
		assert_int_equal(__builtin_popcount(both), 2);
		assert_true((both & one) == one);
	}
}

/* A handler that is right in the first LWP alone: the mistake needs a signal
 * that goes to the other one. */
static volatile int first_lwp;

static void
only_in_the_first(int signo)
{
	(void)signo;
	tine_check(tine_sys_lwp_self() == first_lwp);
}

static int
chance_wrong_lwp(int argc, char **argv)
{
	struct tine_sigaction action;
	int lwp, child, status;

	(void)argc;
	(void)argv;
	first_lwp = tine_sys_lwp_self();
	memset(&action, 0, sizeof(action));
	action.handler = only_in_the_first;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		(void)tine_sys_nanosleep(1000000);
		(void)tine_sys_kill(tine_sys_getppid(), SIGUSR1);
		return (0);
	}
	lwp = tine_sys_lwp_create(sleeps, NULL);
	sleeps(NULL);
	(void)tine_sys_lwp_wait(lwp);
	(void)tine_sys_waitpid(child, &status, 0);
	return (0);
}

TINE_PROGRAM(chance_wrong_lwp, "a handler for one LWP alone");

static unsigned wrong, runs;

static int
note_wrong(void *user, const struct tine_explore_run *run)
{
	(void)user;
	runs++;
	wrong += run->outcome == TINE_OUTCOME_CHECK;
	return (0);
}

/* Both orders are found: the one that the kernel has by itself and the other
 * one. */
static void
exploration_delivers_to_the_other_thread(void **state)
{
	struct tine_explore_options e;
	struct tine_explorer *x;
	struct tine_machine *m;
	unsigned kernel;

	(void)state;
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		wrong = runs = 0;
		o.kernel = kernel;
		o.signal_targets = true;
		assert_int_equal(tine_machine_create(&o, &m), 0);
		assert_int_equal(tine_machine_spawn(m, "chance_wrong_lwp",
		    NULL), 0);
		tine_explore_options_init(&e);
		e.search = TINE_SEARCH_DFS;
		e.preemptions = 0;
		e.each = note_wrong;
		e.keep_going = true;
		e.shrink = false;
		assert_int_equal(tine_explorer_create(m, &e, &x), 0);
		assert_int_equal(tine_explorer_run(x, 300, NULL), 0);
		tine_explorer_destroy(x);
		assert_int_equal(tine_machine_destroy(m), 0);
		assert_in_range(wrong, 1, runs - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    a_sleep_that_ends_for_no_reason_finds_if_for_while, setup),
		cmocka_unit_test_setup(so_many_steps_fail_as_the_budget_has,
		    setup),
		cmocka_unit_test_setup(
		    partial_orders_know_that_the_budget_is_shared, setup),
		cmocka_unit_test_setup(time_flies_while_others_could_act,
		    setup),
		cmocka_unit_test_setup(any_thread_may_take_a_signal, setup),
		cmocka_unit_test_setup(exploration_delivers_to_the_other_thread,
		    setup),
	};

	return (cmocka_run_group_tests_name("chances", tests, NULL, NULL));
}
