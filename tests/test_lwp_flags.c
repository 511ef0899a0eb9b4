/* SPDX-License-Identifier: MIT */
/*
 * test_lwp_flags.c - LWPs that are born detached, suspended or as daemons: on
 * each kernel what it has of that, and a refusal of what it has not.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"
#include "support/harness.h"

#define MS UINT64_C(1000000)

static TINE_DATA struct {
	volatile int ran;
	volatile int zero;
	int code;
	struct tine_jmp_buf jump;
} seen;

static void
runs(void *arg)
{
	seen.ran += (int)(uintptr_t)arg;
}

/* It does not begin before it is told to, and is waited for as any other. */
static int
lf_suspended(int argc, char **argv)
{
	const int lwp = tine_sys_lwp_create_flags(runs, (void *)1,
	    TINE_LWP_SUSPENDED);

	(void)argc;
	if (strcmp(argv[1], "dragonfly") == 0) {
		tine_check(lwp == -EINVAL);
		return 0;
	}
	tine_check(lwp > 0);
	tine_check(tine_sys_nanosleep(5 * MS) == 0 && seen.ran == 0);
	tine_check(tine_sys_lwp_continue(lwp) == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp && seen.ran == 1);
	/* And its process ends whether it has begun or not. */
	tine_check(tine_sys_lwp_create_flags(runs, (void *)1,
	    TINE_LWP_SUSPENDED) > 0);
	return 0;
}
TINE_PROGRAM(lf_suspended, "an LWP that is born suspended");

/* Nobody can wait for it, and it does not stay. */
static int
lf_detached(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 40; i++) {
		lwp = tine_sys_lwp_create_flags(runs, (void *)1,
		    TINE_LWP_DETACHED);
		tine_check(lwp > 0);
		tine_check(tine_sys_lwp_wait(lwp) < 0);
		tine_check(tine_sys_lwp_wait(0) == -ESRCH ||
		    tine_sys_lwp_wait(0) == -EDEADLK);
		while (seen.ran <= i)
			tine_check(tine_sys_nanosleep(MS) == 0);
	}
	tine_check(tine_sys_lwp_create_flags(runs, NULL, 1) == -EINVAL);
	return 0;
}
TINE_PROGRAM(lf_detached, "LWPs that are born detached");

static void
sleeps(void *arg)
{
	(void)arg;
	(void)tine_sys_pause();
}

static int
lf_daemon(int argc, char **argv)
{
	const int lwp = tine_sys_lwp_create_flags(sleeps, NULL,
	    TINE_LWP_DAEMON);

	(void)argc;
	if (strcmp(argv[1], "dragonfly") == 0 ||
	    strcmp(argv[1], "netbsd") == 0)
		tine_check(lwp == -EINVAL);
	else
		tine_check(lwp > 0);
	/* Where there is one it does not keep the process. */
	tine_sys_lwp_exit();
}
TINE_PROGRAM(lf_daemon, "an LWP that is born a daemon");

/* --- faults --- */

static void
fault(int signo, struct tine_siginfo *info, void *context)
{
	(void)signo;
	(void)context;
	seen.code = info->code;
	tine_siglongjmp(&seen.jump, 1);
}

ON_PURPOSE static int
lf_fpe(int argc, char **argv)
{
	const struct tine_sigaction action = {
		.sigaction = fault, .flags = TINE_SA_SIGINFO
	};

	(void)argv;
	tine_check(tine_sys_sigaction(SIGFPE, &action, NULL) == 0);
	if (tine_sigsetjmp(&seen.jump, 1) == 0)
		seen.ran = argc / seen.zero;
	tine_check(seen.code == FPE_INTDIV);
	return 0;
}
TINE_PROGRAM(lf_fpe, "a division by zero");

/* --- tests --- */

static void
passes(const char *program)
{
	for (unsigned i = 0; i < 4 * 10; i++) {
		const enum tine_kernel kernel = (enum tine_kernel)(i % 4);
		const char *const argv[] = { program,
			tine_kernel_name(kernel), NULL };
		struct tine_options options = harness_options();
		struct tine_result result;
		struct tine_machine *machine;

		options.kernel = kernel;
		options.strategy = i < 4 ? TINE_STRATEGY_RR :
		    TINE_STRATEGY_RANDOM;
		options.seed = i;
		options.ncpu = 1 + i % 2;
		if (tine_machine_create(&options, &machine) != 0 ||
		    tine_machine_spawn(machine, program, argv) != 0 ||
		    tine_machine_run(machine, &result) != 0)
			fail_msg("%s", tine_error_message());
		if (result.outcome != TINE_OUTCOME_PASSED ||
		    result.status != 0)
			fail_msg("%s on %s: %s, status %d", program, argv[1],
			    result.message, result.status);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
one_that_is_born_suspended_waits_to_be_continued(void **state)
{
	(void)state;
	passes("lf_suspended");
}

static void
one_that_is_born_detached_is_not_waited_for(void **state)
{
	(void)state;
	passes("lf_detached");
}

static void
a_daemon_keeps_no_process_or_there_is_none(void **state)
{
	(void)state;
	passes("lf_daemon");
}

static void
a_fault_says_what_it_is(void **state)
{
	(void)state;
	passes("lf_fpe");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_that_is_born_suspended_waits_to_be_continued),
		cmocka_unit_test(one_that_is_born_detached_is_not_waited_for),
		cmocka_unit_test(a_daemon_keeps_no_process_or_there_is_none),
		cmocka_unit_test(a_fault_says_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
