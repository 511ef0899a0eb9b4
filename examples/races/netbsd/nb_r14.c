/* SPDX-License-Identifier: MIT */
/*
 * nb_r14.c - a child is on the list of one group and says it is in another.
 *
 * fork1 copies p_pgrp early and enters the child in its parent's list late: a
 * sibling has moved the parent to another group in between. A signal to the
 * group that the child names does not reach it. Nobody has repaired it; the
 * switch takes the group that the parent has then.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static TINE_DATA volatile int got;

static void
handler(int signo)
{
	(void)signo;
	got = 1;
}

static void
moves(void *arg)
{
	(void)arg;
	tine_check(tine_sys_setpgid(0, 0) == 0);
}

/* The one whose group changes. */
static void
p1(void)
{
	int lwp = tine_sys_lwp_create(moves, NULL);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		while (!got)
			(void)tine_sys_sigsuspend(0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_killpg(tine_sys_getpgid(pid), SIGUSR1) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_sys_exit(0);
}

RACE_MAIN(race_nb_r14, "an LWP that forks, an LWP that changes the group")
{
	const tine_sigset_t usr1 = TINE_SIGBIT(SIGUSR1);
	struct tine_sigaction action = { .flags = 0 };
	tine_pid_t pid;

	action.handler = handler;
	tine_check(tine_sys_setpgid(0, 0) == 0);
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &usr1, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		p1();
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(nb_r14,
    .id = "NB-R14",
    .summary = "a child is on the list of a group that is not its own",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r14",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_DEADLOCK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "sleeps on kpause" },
    .right = { .quirks = "-NB-R14", .delays = 2 });
