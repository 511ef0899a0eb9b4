/* SPDX-License-Identifier: MIT */
/*
 * il_r42.c - a process is moved to another group while it forks.
 *
 * The child is in the group that its parent has at that moment, which it reads
 * under the lock that a move needs: never in a group that the parent has left
 * before, and that may be gone.
 */
#include <tine/file.h>

#include "../rig.h"

static int
forks(tine_pid_t old)
{
	tine_pid_t child, group, self = tine_sys_getpid();

	child = tine_sys_fork();
	if (child == 0) {
		group = tine_sys_getpgid(0);
		tine_check(group == old || group == self);
		/* who was born late is in the new one */
		tine_check(tine_sys_getpgid(self) == self || group == old);
		tine_sys_exit(7);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 5;
}

RACE_MAIN(race_il_r42, "a process is moved to another group while it forks")
{
	const tine_pid_t old = tine_sys_getpgid(0);
	tine_pid_t pid;
	int error;

	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(forks(old));
	error = tine_sys_setpgid(pid, pid);
	tine_check(error == 0 || tine_sys_getpgid(pid) == old);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return 0;
}

TINE_RACE(il_r42,
    .id = "IL-R42",
    .summary = "a process is moved to another group while it forks",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r42",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
