/* SPDX-License-Identifier: MIT */
/*
 * test_signal_events.c - whatever makes a signal, the trace says so: a reader
 * of one finds where each came from.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "proc/syscall.h"
#include "support/harness.h"
#include "support/kernels.h"

#define MS UINT64_C(1000000)

extern int64_t trap(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((visibility("hidden")));

static TINE_DATA volatile int last;
static volatile int *volatile nowhere = (volatile int *)(uintptr_t)8;

static void
note(int signo)
{
	last = signo;
}

static void
install(int signo)
{
	const struct tine_sigaction action = { .handler = note };

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* Use the processor until that signal is here. */
static void
runs_until(int signo)
{
	for (int ticks = 0; last != signo; ticks++) {
		tine_check(ticks < 500);
		(void)trap(TINE__SYS_tick, 0, 0, 0, 0, 0);
	}
}

static void
times(int which, int signo)
{
	const struct tine_itimerval timer = { 0, 20 * MS };

	install(signo);
	tine_check(tine_sys_setitimer(which, &timer, NULL) == 0);
	runs_until(signo);
}

PROGRAM(se_all, "signals of every origin")
{
	const struct tine_rlimit second = { 1, 60 };
	int ends[2];

	install(SIGUSR1);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(last == SIGUSR1);
	tine_check(tine_sys_setpgid(0, 0) == 0);
	install(SIGUSR2);
	tine_check(tine_sys_kill(0, SIGUSR2) == 0);
	tine_check(last == SIGUSR2);
	times(TINE_ITIMER_REAL, SIGALRM);
	times(TINE_ITIMER_VIRTUAL, SIGVTALRM);
	times(TINE_ITIMER_PROF, SIGPROF);
	install(SIGPIPE);
	tine_check(tine_sys_pipe(ends) == 0 && tine_sys_close(ends[0]) == 0);
	tine_check(tine_sys_write(ends[1], "x", 1) < 0 && last == SIGPIPE);
	install(SIGXCPU);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_CPU, &second, NULL) == 0);
	runs_until(SIGXCPU);
	install(SIGCHLD);
	if (tine_sys_fork() == 0) {
		*nowhere = 1;
		tine_sys_exit(0);
	}
	while (last != SIGCHLD)
		tine_sys_pause();
	return 0;
}

/* How many events say that this signal was sent. */
static unsigned
told(uint64_t signo)
{
	const struct tine_event *events;
	long n = tine_trace_events(harness_machine(), &events);
	unsigned count = 0;

	assert_true(n > 0);
	for (long i = 0; i < n; i++)
		count += events[i].type == TINE_EV_SIGNAL &&
		    events[i].b == signo;
	return count;
}

static void
a_trace_tells_of_a_signal_whatever_made_it(void **state)
{
	static const uint64_t made[] = { SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM,
		SIGPROF, SIGPIPE, SIGXCPU,
		SIGSEGV, SIGCHLD };

	(void)state;
	for (size_t k = 0; k < KERNELS; k++) {
		struct tine_options options = on(kernels[k]);

		options.trace_full = true;
		harness_passes("se_all", &options, 0);
		for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
			/* init has children that end, too. */
			if (told(made[i]) != 1 && (made[i] != SIGCHLD ||
			    told(SIGCHLD) == 0))
				fail_msg("%s: %u events tell of signal %u",
				    tine_kernel_name(kernels[k]),
				    told(made[i]), (unsigned)made[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_tells_of_a_signal_whatever_made_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
