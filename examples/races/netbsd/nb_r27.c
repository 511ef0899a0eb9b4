/* SPDX-License-Identifier: MIT */
/*
 * nb_r27.c - a stop while an LWP waits for a vfork child.
 *
 * That LWP sleeps uninterruptibly: its process is stopped only when the child
 * is done, and then one stop is reported. That is so by design, in every
 * revision; who sends SIGSTOP and expects a stop soon is wrong.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

static void
idles(void *arg)
{
	(void)arg;
	(void)tine_sys_pause();
}

/* One that waits for a vfork child for 50 ms; it got SIGSTOP after 1 ms, and
 * now it is 21 ms. */
static tine_pid_t
stops(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_lwp_create(idles, NULL);
		if (tine_sys_vfork44() == 0) {
			tine_sys_nanosleep(50000000);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(1000000);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_sys_nanosleep(20000000);
	return pid;
}

RACE_MAIN(race_nb_r27, "SIGSTOP, a vfork and a sibling")
{
	tine_pid_t pid = stops();
	int status;

	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_time() >= 50000000);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
}

RACE_MAIN(race_nb_r27_soon, "SIGSTOP, and a stop that is expected soon")
{
	tine_pid_t pid = stops();
	int status;

	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == pid);
	(void)tine_sys_kill(pid, SIGKILL);
	return 0;
}

TINE_RACE(nb_r27_soon,
    .id = "NB-R27",
    .summary = "a process is not stopped while it waits for a vfork child",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r27_soon",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "TINE_WNOHANG) == pid" });

TINE_RACE(nb_r27,
    .id = "NB-R27",
    .summary = "a stop is over when the vfork child is done, once",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r27",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
