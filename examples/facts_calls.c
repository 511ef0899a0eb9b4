/* SPDX-License-Identifier: MIT */
/* facts_calls.c - kernel_facts: calls that not all have, or not alike. */
#include <tine/file.h>
#include <tine/process.h>
#include <tine/program.h>
#include <tine/signal.h>
#include <tine/sys.h>

#include "facts.h"

/* A program with set-id: real 20, saved 30. */
static void
ids(void)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_setreuid(20, 30);
		(void)tine_sys_setuid(20);
		tine_sys_exit(-tine_sys_setuid(30));
	}
	fact("setuid back to the saved id", -fact_reap(pid));
}

/* Of the core file's size: nothing is lost. */
static void
soft_above_hard(void)
{
	const struct tine_rlimit limit = { 20, 10 };
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(-tine_sys_setrlimit(TINE_RLIMIT_CORE, &limit,
		    NULL));
	fact("setrlimit, soft above hard", -fact_reap(pid));
}

void
facts_calls(void)
{
	const union tine_sigval value = { .pointer = NULL };
	struct tine_itimerval timer;

	facts_section("Calls that not all have, or not alike");
	soft_above_hard();
	ids();
	fact("sigqueue of signal 0",
	    tine_sys_sigqueue(tine_sys_getpid(), 0, value));
	fact("waitid(WNOWAIT) without a child", tine_sys_waitid(TINE_P_ALL, 0,
	    NULL, TINE_WEXITED | TINE_WNOWAIT));
	fact("suspend an LWP that is not there", tine_sys_lwp_suspend(99));
	fact("ask for the timer of used time",
	    tine_sys_setitimer(TINE_ITIMER_VIRTUAL, NULL, &timer));
}
