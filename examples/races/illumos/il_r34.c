/* SPDX-License-Identifier: MIT */
/*
 * il_r34.c - a debugger changes the result of vfork.
 *
 *	a process vforks		a debugger
 *	----------------		----------
 *	on the way out, results set:
 *	stops for the debugger
 *					writes the second result register
 *	is it the parent of a vfork?
 *	then wait for the child
 *
 * In 2006 the question is put to the registers: which call was it, and does the
 * second result say "parent"? A debugger who writes there sends the parent on,
 * on memory that its child runs on. illumos marks the LWP itself.
 */
#include <tine/posix.h>

#include <unistd.h>

#include <tine/solaris.h>

#include "../rig.h"

/* Deep in the stack that its parent may use too. */
static void __attribute__((noinline))
borrower(volatile int *released)
{
	volatile char room[16384];

	room[0] = room[sizeof(room) - 1] = 0;
	(void)tine_sys_nanosleep(1000000);
	*released = 1;
	_exit(room[0]);
}

static int
parent(void)
{
	const tine_pid_t me = tine_sys_getpid();
	volatile int released = 0;

	while ((tine_sys_pr(TINE_PR_FLAGS, me, 0) & TINE_PR_IS_TRACED) == 0)
		(void)tine_sys_nanosleep(100000);
	if (vfork() == 0)
		borrower(&released);
	tine_check(released == 1);
	tine_check(tine_sys_wait(NULL) > 0);
	return 0;
}

RACE_MAIN(race_il_r34, "a debugger changes the result of vfork")
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(parent());
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid, TINE_PR_CALL_VFORK) == 0);
	while ((tine_sys_pr(TINE_PR_FLAGS, pid, 0) & TINE_PR_IS_SYSEXIT) == 0)
		(void)tine_sys_nanosleep(100000);
	tine_check(tine_sys_pr(TINE_PR_SETRVAL2, pid, 1) == 0);
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, pid, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(il_r34,
    .id = "IL-R34",
    .summary = "a vfork parent whose result a debugger changes does not wait",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r34",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-14", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "released == 1" },
    .right = { .quirks = "", .delays = 1 });
