/* SPDX-License-Identifier: MIT */
/* traced.h - a debugger and what it traces, as most races of events need. */
#ifndef RACES_NETBSD_TRACED_H
#define RACES_NETBSD_TRACED_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static inline bool
race_is_stop(int status)
{
	return (status & 0xff) == 0x7f;
}

/* The traced one: stop until the debugger is ready. */
static inline void
race_trace_me(void)
{
	(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
	(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
}

/* The debugger: choose the events of a child that called race_trace_me(). */
static inline void
race_trace(tine_pid_t pid, int mask)
{
	int status;

	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, pid, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0) == 0);
}

/*
 * Set it going after every stop until it has ended, then kill its children:
 * not earlier, because it would stop for their SIGCHLD too.
 */
static inline void
race_trace_to_the_end(tine_pid_t pid)
{
	tine_pid_t found;
	int status;

	while ((found = tine_sys_waitpid(pid, &status, 0)) == pid &&
	    race_is_stop(status))
		(void)tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0);
	tine_check(found == pid);
	while ((found = tine_sys_waitpid(-1, &status, 0)) > 0)
		if (race_is_stop(status))
			(void)tine_sys_ptrace(TINE_NB_PT_KILL, found, NULL, 0);
	tine_check(found == -ECHILD);
}

#endif
