/* SPDX-License-Identifier: MIT */
/*
 * 10_lost_signal.c - a signal that comes between a look and a sleep is lost.
 *
 * A parent that waits for SIGCHLD looks whether its handler has run and, if
 * not, sleeps in pause(). If the child ends between the two, the handler runs,
 * and then the parent sleeps: for ever, for there is no other signal. On a real
 * computer the gap is some instructions wide. A machine has nothing there by
 * itself; with a budget for interrupts it has, and the explorer finds the one
 * that matters. The cure is to block the signal before the look, and to let
 * sigsuspend() unblock it and sleep in one step.
 *
 * Try:  tine explore lost_signal
 *       tine explore lost_signal --interrupts 1
 *       tine explore lost_signal --interrupts 2 -- fixed
 * Ask:  what does the first of them not know? What has the third proven, and
 *       what not?
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <tine/program.h>
#include <tine/signal.h>
#include <tine/sys.h>

static TINE_DATA volatile int child_ended;

static void
on_child(int signo)
{
	(void)signo;
	child_ended = 1;
}

static int
lost_signal(int argc, char **argv)
{
	const struct tine_sigaction action = { .handler = on_child };
	const tine_sigset_t sigchld = TINE_SIGBIT(SIGCHLD);
	const int fixed = argc > 1 && strcmp(argv[1], "fixed") == 0;
	tine_pid_t child;
	int status;

	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	if (fixed)
		tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &sigchld,
		    NULL) == 0);
	child = tine_sys_fork();
	if (child == 0)
		return 3;
	tine_check(child > 0);
	while (!child_ended) {
		/* In this gap the signal is lost, unless it is blocked. */
		if (fixed)
			(void)tine_sys_sigsuspend(0);
		else
			(void)tine_sys_pause();
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_printf("the signal came, and child exited with %d\n",
	    WEXITSTATUS(status));
	return 0;
}

TINE_PROGRAM(lost_signal, "wait for a signal, and lose it");
