/* SPDX-License-Identifier: MIT */
/*
 * il_r31.c - a child is killed between its birth and its launch.
 *
 *	a process forks			its contract dies
 *	---------------			-----------------
 *	the child is born; its LWP
 *	stands still
 *					kills all members, also the child: its
 *					LWP starts, and ends
 *	lets the child's LWP run:
 *	which one?
 *
 * The kill needs nothing but the lock of the contract and that of the child, so
 * neither release prevents it. The launch has to bear a child that runs
 * already, or that has no LWP any more: with the quirk it does not. After a
 * vfork there is more: the child must not hand the memory back before its
 * parent is marked as one that has lent it. A process that ends asks under
 * pidlock whose session it is in, and the parent has that until then.
 *
 * The contract has two members besides: one forks, and the other is killed from
 * outside, which is fatal.
 */
#include <tine/posix.h>

#include <signal.h>
#include <unistd.h>

#include <tine/signal.h>
#include <tine/solaris.h>

#include "../rig.h"

static void
sleeps(void)
{
	for (;;)
		(void)tine_sys_pause();
}

/* Whose contract is about to die. */
static void
member(bool vforks)
{
	tine_check(tine_sys_ct_activate(NULL) == 0);
	if (tine_sys_fork() == 0)
		sleeps();
	tine_check(tine_sys_kill(tine_sys_getppid(), SIGUSR1) == 0);
	tine_sys_yield();
	if (!vforks) {
		if (tine_sys_fork() == 0)
			sleeps();
	} else if (vfork() == 0) {
		_exit(0);
	}
	sleeps();
}

static int
contract(bool vforks)
{
	struct tine_ct_template tmpl = { 0, TINE_CT_EV_SIGNAL,
	    TINE_CT_EV_SIGNAL, 0 };
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGUSR1 - 1);
	tine_pid_t first;

	tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	first = tine_sys_fork();
	if (first == 0)
		member(vforks);
	/* The victim's number is the one behind its parent's. */
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGUSR1);
	tine_check(tine_sys_kill(first + 1, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(first, NULL, 0) == first);
	return 0;
}

RACE_MAIN(race_il_r31, "a contract dies while a member forks")
{
	return contract(false);
}

RACE_MAIN(race_il_r31_vfork, "a contract dies while a member vforks")
{
	return contract(true);
}

TINE_RACE(il_r31,
    .id = "IL-R31",
    .summary = "a child is killed between its birth and its launch",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r31",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R31", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "the child has run" },
    .right = { .quirks = "", .delays = 2 });

TINE_RACE(il_r31_vfork,
    .id = "IL-R31",
    .summary = "a vfork child is killed between its birth and its launch",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r31_vfork",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R31", .search = TINE_SEARCH_DFS, .delays = 2,
	.outcome = TINE_OUTCOME_PANIC, .says = "the child has run" },
    .right = { .quirks = "", .delays = 2 });
