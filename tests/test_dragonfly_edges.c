/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_edges.c - two that wait for one zombie, what a zombie has
 * given back, exec, terminals, segments of shared memory, guards, ticks spent
 * in the kernel.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

/* --- wait --- */

/* A hold on a zombie, for some ticks: who reaps it waits for the end of it. */
static int64_t
k_hold_zombie(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = zpfind((pid_t)a);

	(void)c;
	if (p == NULL)
		return (-ESRCH);
	tsleep(&p->p_start, 0, "test", b);
	PRELE(p);
	return (0);
}

/* Of the host: all processes share them. */
static tine_pid_t zombie;
static int64_t reaped;

static void
reaps(void *arg)
{
	(void)arg;
	reaped = tine_sys_df_wait4(zombie, NULL, 0);
}

/* Another LWP is at it: that is no child that has nothing to tell. */
PROGRAM(de_two_wait)
{
	tine_pid_t holder, pid = tine_sys_fork();
	int lwp;

	if (pid == 0)
		tine_sys_exit(3);
	zombie = pid;
	tine_sys_nanosleep(5 * MS);
	holder = tine_sys_fork();
	if (holder == 0)
		tine_sys_exit(K(k_hold_zombie, zombie, 8, 0) == 0 ? 0 : 1);
	tine_sys_nanosleep(5 * MS);
	lwp = tine_sys_lwp_create(reaps, NULL);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_df_wait4(zombie, NULL, TINE_WAIT4_NOHANG) ==
	    -ECHILD);
	tine_check(tine_sys_lwp_wait(lwp) == lwp && reaped == zombie);
	expect_exit(holder, 0);
	return (0);
}

/* spec: DF-111 */
static void
who_meets_another_at_its_zombie_looks_again(void **state)
{
	(void)state;
	rig_passes("de_two_wait", NULL);
}

/* --- spaces --- */

static int64_t
k_spaces(uint64_t a, uint64_t b, uint64_t c)
{
	struct tine__as *spaces[16];

	(void)a;
	(void)b;
	(void)c;
	return ((int64_t)df_spaces(df->df_machine, spaces, 16));
}

PROGRAM(de_zombie_space)
{
	int64_t before = K(k_spaces, 0, 0, 0);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(K(k_spaces, 0, 0, 0) == before + 1);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_kill(pid, 0) == 0);		/* a zombie */
	tine_check(K(k_spaces, 0, 0, 0) == before);
	expect_exit(pid, 0);
	tine_check(K(k_spaces, 0, 0, 0) == before);
	return (0);
}

/* spec: DF-103 */
static void
a_zombie_has_no_memory(void **state)
{
	(void)state;
	rig_passes("de_zombie_space", NULL);
}

/* Memory with a guard that is refused leaves nothing and says why. */
PROGRAM(de_guard)
{
	const struct tine_rlimit little = { .cur = 8 * PAGE, .max = 8 * PAGE };
	volatile char *at, *next;
	int status;

	at = (volatile char *)(uintptr_t)rig_trap(TINE__SYS_mmap, 3 * PAGE, RW,
	    PAGE, 0, 0);
	at[PAGE] = at[3 * PAGE - 1] = 1;
	/* The guard is there: nothing else is put at it. */
	next = tine_sys_mmap(PAGE, RW);
	tine_check(next + PAGE <= at || next >= at + 3 * PAGE);
	if (tine_sys_fork() == 0) {
		*at = 1;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(&status) > 0 && status == (SIGSEGV | 0x80));
	tine_check(tine_sys_munmap((void *)(uintptr_t)at, 3 * PAGE) == 0);
	tine_check(rig_trap(TINE__SYS_mmap, PAGE, RW, 2 * PAGE, 0, 0) ==
	    -EINVAL);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_AS, &little, NULL) == 0);
	tine_check(rig_trap(TINE__SYS_mmap, 9 * PAGE, RW, PAGE, 0, 0) ==
	    -ENOMEM);
	tine_check(rig_trap(TINE__SYS_mmap, 9 * PAGE, RW, 0, 0, 0) == -ENOMEM);
	return (0);
}

static void
a_guard_is_kept_and_a_refusal_leaves_none(void **state)
{
	(void)state;
	rig_passes("de_guard", NULL);
}

/* Who looks at a process from outside holds it: its space does not go. */
static int64_t
k_hold_space(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	const struct vmspace *vm;
	bool same;

	(void)c;
	if (p == NULL)
		return (-ESRCH);
	vm = p->p_vmspace;
	tsleep(&p->p_start, 0, "test", b);
	same = p->p_vmspace == vm && (p->p_flags & P_EXEC) == 0;
	PRELE(p);
	return (same);
}

PROGRAM(de_execed)
{
	return (7);
}

PROGRAM(de_exec_held)
{
	tine_pid_t pid, holder;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(10 * MS);
		tine_sys_exec("de_execed", NULL);
		tine_sys_exit(1);
	}
	holder = tine_sys_fork();
	if (holder == 0)
		tine_sys_exit(K(k_hold_space, pid, 8, 0) == 1 ? 0 : 1);
	expect_exit(pid, 7);
	expect_exit(holder, 0);
	return (0);
}

/* spec: DF-106 */
static void
exec_waits_for_who_holds_the_process(void **state)
{
	(void)state;
	rig_passes("de_exec_held", NULL);
}

PROGRAM(de_has_zombies)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(5);
	tine_sys_nanosleep(5 * MS);
	expect_exit(pid, 5);
	return (6);
}

PROGRAM(de_exec_zombies)
{
	const struct tine_sigaction nowait = { .handler = TINE_SIG_DFL,
		.flags = TINE_SA_NOCLDWAIT };
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_sigaction(SIGCHLD, &nowait, NULL) == 0);
		tine_sys_exec("de_has_zombies", NULL);
		tine_sys_exit(1);
	}
	expect_exit(pid, 6);
	return (0);
}

/* spec: DF-114 */
static void
a_new_program_has_zombies_again(void **state)
{
	(void)state;
	rig_passes("de_exec_zombies", NULL);
}

/* --- terminals --- */

static int64_t
k_has_terminal(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return ((curproc->p_flags & P_CONTROLT) != 0);
}

/* Of one session, but older than its terminal: it has none, nor its child. */
PROGRAM(de_older)
{
	tine_pid_t leader, pid;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setsid() > 0);
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
			tine_check(K(k_has_terminal, 0, 0, 0) == 0);
			pid = tine_sys_fork();
			if (pid == 0)
				tine_sys_exit((int)K(k_has_terminal, 0, 0, 0));
			expect_exit(pid, 0);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_open("/dev/console", TINE_O_RDWR, 0) >= 0 ||
		    tine_sys_open("/dev/tty", TINE_O_RDWR, 0) >= 0);
		tine_check(K(k_has_terminal, 0, 0, 0) == 1);
		tine_check(tine_sys_write(fds[1], "g", 1) == 1);
		expect_exit(pid, 0);
		tine_sys_exit(0);
	}
	expect_exit(leader, 0);
	return (0);
}

/* spec: DF-037 */
static void
who_has_no_terminal_hands_none_down(void **state)
{
	(void)state;
	rig_passes("de_older", NULL);
}

/* --- System V shared memory --- */

static int64_t
k_segments(uint64_t a, uint64_t b, uint64_t c)
{
	int64_t n = 0;

	(void)a;
	(void)b;
	(void)c;
	for (const struct tine__shmid *sp = df->df_shm.ids; sp != NULL;
	    sp = sp->next)
		n++;
	return (n);
}

PROGRAM(de_shm)
{
	struct tine_shmid_ds ds;
	char *one, *two;
	int status, a, b;

	a = tine_sys_shmget(TINE_IPC_PRIVATE, PAGE, TINE_IPC_CREAT | 0600);
	b = tine_sys_shmget(TINE_IPC_PRIVATE, 2 * PAGE, TINE_IPC_CREAT | 0640);
	tine_check(a > 0 && b > 0 && a != b);
	one = tine_sys_shmat(a, NULL, 0);
	two = tine_sys_shmat(b, NULL, 0);
	one[0] = 1;
	two[0] = 2;
	tine_check(one[0] == 1 && two[0] == 2);
	tine_check(tine_sys_shmctl(a, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.size == PAGE && ds.mode == 0600 && ds.nattch == 1);
	tine_check(tine_sys_shmctl(b, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.size == 2 * PAGE && ds.mode == 0640 && ds.nattch == 1);
	/* Detached: a store faults; the bytes stay until it is removed. */
	tine_check(tine_sys_shmdt(one) == 0);
	tine_check(tine_sys_shmdt(one) == -EINVAL);
	if (tine_sys_fork() == 0) {
		*(volatile char *)one = 1;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(&status) > 0 && status == (SIGSEGV | 0x80));
	tine_check(tine_sys_shmctl(a, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 0);
	one = tine_sys_shmat(a, NULL, 0);
	tine_check(one[0] == 1);
	/* Who exits or execs detaches. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	(void)tine_sys_wait(NULL);
	tine_check(tine_sys_shmctl(a, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 1);
	/* Removed when nobody has it: gone at once; b: when the last leaves. */
	tine_check(tine_sys_shmdt(one) == 0);
	tine_check(tine_sys_shmctl(a, TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmctl(a, TINE_IPC_RMID, NULL) == -EINVAL);
	tine_check(K(k_segments, 0, 0, 0) == 1);
	tine_check(tine_sys_shmctl(b, TINE_IPC_RMID, NULL) == 0);
	tine_check(K(k_segments, 0, 0, 0) == 1);
	tine_check(two[0] == 2);
	tine_check(tine_sys_shmdt(two) == 0);
	tine_check(K(k_segments, 0, 0, 0) == 0);
	return (0);
}

static void
segments_go_when_they_are_removed_and_left(void **state)
{
	(void)state;
	rig_passes("de_shm", NULL);
}

/* --- usage --- */

/* One that lives, itself: what its own calls have taken. */
PROGRAM(de_system_time)
{
	struct tine_rusage usage;
	uint64_t begun = tine_sys_time();

	for (int i = 0; i < 400; i++)
		tine_sys_yield();
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.stime >= 10 * MS);
	tine_check(usage.stime + usage.utime <= tine_sys_time() - begun +
	    10 * MS);
	return (0);
}

static void
ticks_in_the_kernel_are_system_time(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.tick_steps = 50;
	rig_passes("de_system_time", &options);
}

/* --- what a call sleeps with, and what it is told of --- */

PROGRAM(de_mask)
{
	const tine_sigset_t blocked = UINT64_C(1) << (SIGUSR1 - 1), none = 0;
	tine_sigset_t now = 0;

	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &blocked, NULL) == 0);
	tine_check(tine_sys_ppoll(NULL, 0, MS, &none) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &now) == 0);
	tine_check(now == blocked);
	return (0);
}

static void
a_mask_for_one_call_ends_with_it(void **state)
{
	(void)state;
	rig_passes("de_mask", NULL);
}

PROGRAM(de_waits)
{
	tine_pid_t pid;

	tine_check(tine_sys_setpgid(0, 0) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(tine_sys_df_wait4(-1, NULL, 0) == -ECHILD);
	tine_check(tine_sys_df_wait4(0, NULL, 0) == -ECHILD);
	tine_check(tine_sys_df_wait4(-77, NULL, 0) == -ECHILD);
	return (0);
}

/* The trace says for whom: a process, any, the own group, a group. */
static void
a_wait_is_told_with_whom_it_waits_for(void **state)
{
	const struct tine_event *events;
	uint64_t seen[4][2];
	unsigned waits = 0;
	long n;

	(void)state;
	rig_passes("de_waits", NULL);
	n = tine_trace_events(rig_machine, &events);
	for (long i = 0; i < n; i++) {
		if (events[i].type != TINE_EV_WAIT || events[i].pid != 2)
			continue;
		assert_in_range(waits, 0, 3);
		seen[waits][0] = events[i].a;
		seen[waits++][1] = events[i].b;
	}
	assert_int_equal(waits, 4);
	assert_int_equal(seen[0][0], TINE_P_PID);
	assert_int_equal(seen[0][1], 3);
	assert_int_equal(seen[1][0], TINE_P_ALL);
	assert_int_equal(seen[1][1], 0);
	assert_int_equal(seen[2][0], TINE_P_PGID);
	assert_int_equal(seen[2][1], 2);
	assert_int_equal(seen[3][0], TINE_P_PGID);
	assert_int_equal(seen[3][1], 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_meets_another_at_its_zombie_looks_again),
		cmocka_unit_test(a_zombie_has_no_memory),
		cmocka_unit_test(a_guard_is_kept_and_a_refusal_leaves_none),
		cmocka_unit_test(exec_waits_for_who_holds_the_process),
		cmocka_unit_test(a_new_program_has_zombies_again),
		cmocka_unit_test(who_has_no_terminal_hands_none_down),
		cmocka_unit_test(segments_go_when_they_are_removed_and_left),
		cmocka_unit_test(ticks_in_the_kernel_are_system_time),
		cmocka_unit_test(a_mask_for_one_call_ends_with_it),
		cmocka_unit_test(a_wait_is_told_with_whom_it_waits_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
