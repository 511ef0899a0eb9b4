/* SPDX-License-Identifier: MIT */
/*
 * il_r05.c - a contract kills all of its members while one of them forks.
 *
 *	a member forks			another one dies of a signal
 *	--------------			----------------------------
 *					kills every member
 *	the child joins the contract:
 *	nobody kills it
 *
 * The killer walks the members; one of them may add another behind its back. So
 * a fork asks, under the lock of the contract, whether its process is about to
 * die, and fails if it is: afterwards no member is left. The child sleeps for
 * ever, so a member that was forgotten is there when a second has passed.
 */
#include <signal.h>

#include <tine/signal.h>
#include <tine/solaris.h>

#include "../rig.h"

static void
sleeps(void)
{
	for (;;)
		(void)tine_sys_pause();
}

static void
member(void)
{
	/* what it inherited would begin a contract with each fork */
	tine_check(tine_sys_ct_activate(NULL) == 0);
	if (tine_sys_fork() == 0)
		sleeps();
	tine_check(tine_sys_kill(tine_sys_getppid(), SIGUSR1) == 0);
	tine_sys_yield();
	if (tine_sys_fork() == 0)
		sleeps();
	sleeps();
}

RACE_MAIN(race_il_r05, "a contract kills its members while one forks")
{
	const struct tine_ct_template kills = {
		.fatal = TINE_CT_EV_SIGNAL };
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGUSR1 - 1);
	struct tine_ct_status status;
	tine_pid_t pid;
	int ct;

	tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_ct_activate(&kills) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		member();
	tine_check(tine_sys_ct_activate(NULL) == 0);
	ct = tine_sys_ct_latest();
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGUSR1);
	tine_check(tine_sys_kill(pid + 1, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	do {
		(void)tine_sys_nanosleep(1000000);
		tine_check(tine_sys_ct_status(ct, &status) == 0);
		tine_check(tine_sys_time() < UINT64_C(1000000000));
	} while (status.members != 0);
	tine_check(tine_sys_ct_abandon(ct) == 0);
	return 0;
}

TINE_RACE(il_r05,
    .id = "IL-R05",
    .summary = "a contract kills its members while one forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r05",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+IL-R05", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "tine_sys_time" },
    .right = { .quirks = "", .delays = 1 });
