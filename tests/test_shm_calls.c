/* SPDX-License-Identifier: MIT */
/*
 * test_shm_calls.c - System V shared memory on every kernel: several segments,
 * who has what, and what becomes of them when a program or a process ends.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tine/process.h>

#include "support/harness.h"

#define PAGE 4096
#define NEW (TINE_IPC_CREAT | 0600)

/* What is a kernel's own: flags that it does not know, the largest segment. */
static const struct rules {
	bool any_flag;
	uint64_t largest;
} rules[] = {
	[TINE_KERNEL_ILLUMOS] = { true, UINT64_C(1) << 34 },
	[TINE_KERNEL_OPENSOLARIS] = { true, UINT64_C(1) << 34 },
	[TINE_KERNEL_DRAGONFLY] = { true, UINT64_C(1) << 34 },
	[TINE_KERNEL_NETBSD] = { false, UINT64_C(1) << 30 }
};
static const struct rules *rule;

static struct tine_shmid_ds
state_of(int id)
{
	struct tine_shmid_ds ds;

	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
	return ds;
}

static int
sm_several(int argc, char **argv)
{
	int id[3];
	char *at[3];

	(void)argc;
	(void)argv;
	for (int i = 0; i < 3; i++) {
		id[i] = tine_sys_shmget(i == 0 ? TINE_IPC_PRIVATE : 40 + i,
		    (uint64_t)(i + 1) * PAGE, NEW);
		tine_check(id[i] > 0 && (i == 0 || id[i] != id[i - 1]));
		at[i] = tine_sys_shmat(id[i], NULL, 0);
		tine_check(tine_sys_failed(at[i]) == 0);
		at[i][0] = (char)(i + 1);
	}
	/* Each is itself, by its number and by its name. */
	for (int i = 0; i < 3; i++) {
		const char *again = tine_sys_shmat(id[i], NULL,
		    TINE_SHM_RDONLY);

		tine_check(again != at[i] && again[0] == (char)(i + 1));
		tine_check(state_of(id[i]).nattch == 2);
		tine_check(state_of(id[i]).size == (uint64_t)(i + 1) * PAGE);
		tine_check(tine_sys_shmdt(again) == 0);
		tine_check(tine_sys_shmdt(again) == -EINVAL);
	}
	tine_check(tine_sys_shmget(42, 0, 0) == id[2]);
	tine_check(tine_sys_shmget(TINE_IPC_PRIVATE, PAGE, 0) > id[2]);
	/* The middle one goes: its number, its name, later its memory. */
	tine_check(tine_sys_shmctl(id[1], TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmctl(id[1], TINE_IPC_RMID, NULL) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_shmat(id[1], NULL, 0)) ==
	    -EINVAL);
	tine_check(tine_sys_shmget(41, PAGE, 0) == -ENOENT);
	tine_check(at[1][0] == 2 && state_of(id[0]).nattch == 1 &&
	    state_of(id[2]).nattch == 1);
	id[1] = tine_sys_shmget(41, PAGE, NEW);
	tine_check(id[1] > id[2]);
	tine_check(((char *)tine_sys_shmat(id[1], NULL, 0))[0] == 0);
	tine_check(at[1][0] == 2 && tine_sys_shmdt(at[1]) == 0);
	return 0;
}
TINE_PROGRAM(sm_several, "three segments");

static int
sm_refused(int argc, char **argv)
{
	int id = tine_sys_shmget(40, PAGE, NEW);

	(void)argc;
	(void)argv;
	tine_check(id > 0 && tine_sys_shmget(40, 2 * PAGE, 0) == -EINVAL);
	tine_check(tine_sys_shmget(40, PAGE, TINE_IPC_EXCL) == id);
	tine_check(tine_sys_shmget(40, PAGE, NEW | TINE_IPC_EXCL) == -EEXIST);
	tine_check(tine_sys_shmget(41, 0, NEW) == -EINVAL);
	tine_check(tine_sys_shmget(41, rule->largest + 1, NEW) == -EINVAL);
	tine_check(tine_sys_shmget(40, PAGE, 1 << 20) ==
	    (rule->any_flag ? id : -EINVAL));
	tine_check(tine_sys_shmdt((void *)(uintptr_t)(64 * PAGE)) == -EINVAL);
	tine_check(tine_sys_shmctl(id + 1, TINE_IPC_STAT, NULL) == -EINVAL);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, NULL) == -EFAULT);
	tine_check(tine_sys_shmctl(id, 99, NULL) == -EINVAL);
	return 0;
}
TINE_PROGRAM(sm_refused, "what is refused of shared memory");

static int
sm_after(int argc, char **argv)
{
	const int id = tine_sys_shmget(40, PAGE, 0);
	const char *at;

	(void)argc;
	(void)argv;
	/* Exec detaches; the segment is there. */
	tine_check(id > 0 && state_of(id).nattch == 1);
	at = tine_sys_shmat(id, NULL, 0);
	tine_check(at[1] == 7);
	return 3;
}
TINE_PROGRAM(sm_after, "what sm_ends becomes");

static int
sm_ends(int argc, char **argv)
{
	const int id = tine_sys_shmget(40, PAGE, NEW);
	char *at = tine_sys_shmat(id, NULL, 0);
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(state_of(id).nattch == 2);
		at[1] = 7;
		tine_sys_exec("sm_after", NULL);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 3 << 8 && at[1] == 7);
	tine_check(state_of(id).nattch == 1 && state_of(id).lpid == child);
	tine_check(state_of(id).cpid == tine_sys_getpid());
	/* Who dies of a signal gives it up as well. */
	child = tine_sys_fork();
	if (child == 0)
		for (;;)
			tine_sys_pause();
	tine_check(state_of(id).nattch == 2);
	tine_check(tine_sys_kill(child, 9) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(state_of(id).nattch == 1);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return 0;
}
TINE_PROGRAM(sm_ends, "shared memory over fork, exec and the end");

static void
each_segment_is_itself(void **state)
{
	(void)state;
	harness_passes("sm_several", NULL, 0);
}

static void
wrong_calls_are_refused(void **state)
{
	(void)state;
	harness_passes("sm_refused", NULL, 0);
}

static void
fork_shares_and_exec_and_exit_give_up(void **state)
{
	(void)state;
	harness_every_seed("sm_ends", 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_segment_is_itself),
		cmocka_unit_test(wrong_calls_are_refused),
		cmocka_unit_test(fork_shares_and_exec_and_exit_give_up),
	};

	rule = &rules[harness_options().kernel];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
