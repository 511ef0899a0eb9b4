/* SPDX-License-Identifier: MIT */
/*
 * nb_r20.c - a handler survives exec.
 *
 * A sibling installs a handler while a fork is between copying the sets of
 * signals and copying the actions. exec in the child resets what the sets say
 * is caught: not this one. Nobody has repaired it; the switch copies both at
 * one instant.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static void
handler(int signo)
{
	(void)signo;
}

RACE_MAIN(race_nb_r20_after, "looks at the action of SIGUSR1")
{
	struct tine_sigaction action;

	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &action) == 0);
	tine_check(action.handler == TINE_SIG_DFL);
	return 0;
}

static void
installs(void *arg)
{
	struct tine_sigaction action = { .flags = 0 };

	(void)arg;
	action.handler = handler;
	(void)tine_sys_sigaction(SIGUSR1, &action, NULL);
}

RACE_MAIN(race_nb_r20, "an LWP that forks, an LWP that installs a handler")
{
	char *words[] = { (char *)(uintptr_t)"race_nb_r20_after", NULL };
	int lwp = tine_sys_lwp_create(installs, NULL);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_exec("race_nb_r20_after", words);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

TINE_RACE(nb_r20,
    .id = "NB-R20",
    .summary = "a handler survives exec",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r20",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "action.handler == TINE_SIG_DFL" },
    .right = { .quirks = "-NB-R20", .delays = 2 });
