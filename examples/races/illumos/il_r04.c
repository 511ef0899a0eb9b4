/* SPDX-License-Identifier: MIT */
/*
 * il_r04.c - a contract kills one process group, and looks at an embryo.
 *
 *	a member forks			another one dies of a signal
 *	--------------			----------------------------
 *	the child joins the contract
 *					for each member: in my group? reads
 *					the child's group
 *	the child joins a group
 *
 * A process joins its contract before it has a process group. When a member
 * dies of a signal from outside and the contract says so, it kills all members
 * of that group: in 2006 it asks the embryo too for its group, which it reads
 * through a pointer that is not there. Later embryos are passed over.
 */
#include <signal.h>

#include <tine/signal.h>
#include <tine/solaris.h>

#include "../rig.h"

/* Of the contract: a victim, and one that goes on to fork. */
static int
member(void)
{
	tine_pid_t victim, child;

	/* what it inherited would begin a contract with each fork */
	tine_check(tine_sys_ct_activate(NULL) == 0);
	victim = tine_sys_fork();
	if (victim == 0)
		for (;;)
			(void)tine_sys_pause();
	tine_check(tine_sys_kill(tine_sys_getppid(), SIGUSR1) == 0);
	tine_sys_yield();
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(7);
	(void)tine_sys_waitpid(child, NULL, 0);
	(void)tine_sys_waitpid(victim, NULL, 0);
	return 5;
}

RACE_MAIN(race_il_r04, "a contract kills a group while a member forks")
{
	const struct tine_ct_template kills = {
		.params = TINE_CT_PGRPONLY, .fatal = TINE_CT_EV_SIGNAL };
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGUSR1 - 1);
	tine_pid_t pid;

	tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_ct_activate(&kills) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(member());
	tine_check(tine_sys_ct_activate(NULL) == 0);
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGUSR1);
	tine_check(tine_sys_kill(pid + 1, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_ct_abandon(tine_sys_ct_latest()) == 0);
	return 0;
}

TINE_RACE(il_r04,
    .id = "IL-R04",
    .summary = "a contract kills a group while a member forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r04",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-39", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_PANIC, .says = "the group of an embryo" },
    .right = { .quirks = "", .delays = 1 });
