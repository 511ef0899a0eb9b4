/* SPDX-License-Identifier: MIT */
/*
 * il_r35.c - a vfork child attaches shared memory, and execs.
 *
 *	the parent			its vfork child
 *	----------			---------------
 *	lends its memory
 *					attaches a segment: it is in the
 *					parent's memory. Who notes it?
 *					execs: gives the memory back
 *	exits: detaches what it has
 *	noted
 *
 * It is attached to the address space, which is the parent's. A kernel that
 * notes it in the child's own list forgets it at exec: the parent, who has it
 * mapped, never detaches it, and the count of its users stays too high. The
 * list has to be lent and given back with the space.
 */
#include <tine/posix.h>

#include "../rig.h"

RACE_MAIN(race_il_r35_new, "what the child becomes")
{
	return 7;
}

static int
borrows(int id)
{
	char name[] = "race_il_r35_new";
	char *argv[] = { name, NULL };
	pid_t child = vfork();

	if (child == 0) {
		tine_check(!tine_sys_failed(tine_sys_shmat(id, NULL, 0)));
		(void)tine_sys_exec(name, argv);
		_exit(1);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 5;
}

RACE_MAIN(race_il_r35, "a vfork child attaches shared memory, and execs")
{
	struct tine_shmid_ds ds;
	tine_pid_t pid;
	int id;

	id = tine_sys_shmget(17, 4096, TINE_IPC_CREAT);
	tine_check(id >= 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(borrows(id));
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 0);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return 0;
}

TINE_RACE(il_r35,
    .id = "IL-R35",
    .summary = "a vfork child attaches shared memory, and execs",
    .kernel = TINE_KERNEL_ILLUMOS,
    .programs = "race_il_r35",
    .configure = race_two_cpus,
    .wrong = { .quirks = "+OS-13", .search = TINE_SEARCH_DFS, .delays = 1,
	.outcome = TINE_OUTCOME_CHECK, .says = "ds.nattch == 0" },
    .right = { .quirks = "", .delays = 1 });
