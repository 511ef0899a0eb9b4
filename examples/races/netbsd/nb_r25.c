/* SPDX-License-Identifier: MIT */
/*
 * nb_r25.c - a debugger dies while a fork's watchers are told.
 *
 * The debugger watches what it traces, too, and ends as soon as it hears of a
 * fork. proc_lock was dropped for that notification: the child is on all lists,
 * but nobody yet, so that the SIGKILL which a dying debugger sends to what it
 * traces is lost on it. The parent is killed, the child runs untraced. Without
 * a watcher there is no such gap: the child is there and is killed too. Nobody
 * has repaired it; the right side holds the lock. (The event stops of NB-R04
 * and NB-R05, and the walk of NB-R24, which the death of the watcher disturbs
 * too, are out of the way on both sides.)
 */
#include <tine/file.h>

#include "traced.h"

static void
debugs(void)
{
	struct tine_nb_kevent event;
	tine_pid_t p1 = tine_sys_fork();
	int queue;

	if (p1 == 0) {
		race_trace_me();
		(void)tine_sys_fork();
		for (;;)
			(void)tine_sys_pause();
	}
	queue = tine_sys_kqueue_nb();
	tine_check(tine_sys_kevent_proc(queue, p1, TINE_NB_NOTE_FORK, 1) == 0);
	race_trace(p1, TINE_NB_PTRACE_FORK);
	tine_check(tine_sys_kevent_next(queue, &event, 1) == 0);
	tine_check(event.fflags == TINE_NB_NOTE_FORK && event.data > p1);
	tine_sys_exit(0);
}

RACE_MAIN(race_nb_r25, "a debugger that dies when it hears of a fork")
{
	tine_pid_t debugger = tine_sys_fork();

	if (debugger == 0) {
		(void)tine_sys_setpgid(0, 0);
		debugs();
	}
	(void)tine_sys_setpgid(debugger, debugger);
	tine_check(tine_sys_waitpid(debugger, NULL, 0) == debugger);
	/* init takes what is dead away meanwhile. */
	tine_sys_nanosleep(1000000);
	tine_check(tine_sys_killpg(debugger, SIGKILL) == -ESRCH);
	return 0;
}

TINE_RACE(nb_r25,
    .id = "NB-R25",
    .summary = "a debugger dies while a fork's watchers are told",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r25",
    .configure = race_two_cpus,
    .wrong = { .quirks = "-NB-R04,-NB-R05,-NB-R24",
	.outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "killpg" },
    .right = { .quirks = "-NB-R04,-NB-R05,-NB-R24,-NB-R25", .delays = 1 });
