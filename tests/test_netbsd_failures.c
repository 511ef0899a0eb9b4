/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_failures.c - every fallible step of every way into fork1 and
 * lwp_create fails once, and the books balance after each.
 *
 * Each program compares what the kernel counts before and after, whatever
 * failed; the audit at the end of the run finds what they do not look at. This
 * revision has nothing to leak: what can fail comes before the process is
 * taken (NB-008).
 */
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_counts.h"

static int
nothing(void *arg)
{
	(void)arg;
	return (0);
}

/* --- __clone --- */

static unsigned clone_flags;	/* of the host's: which one is tried */

NB_PROGRAM(nb_clone_once, "one __clone that may fail")
{
	char *stack = tine_sys_mmap(16384, TINE_PROT_READ | TINE_PROT_WRITE);
	const struct counts before = counted();

	if (tine_sys_failed(stack))
		return (0);
	one_or_none(tine_sys_clone(clone_flags, stack + 16384, nothing, NULL),
	    before);
	return (0);
}

/* spec: NB-007 NB-008 NB-114 */
NB_TEST(every_step_of_a_clone_may_fail_whatever_its_flags_are)
{
	static const unsigned flags[] = {
		SIGCHLD, 0, SIGUSR1,
		SIGCHLD | TINE_CLONE_VM,
		SIGCHLD | TINE_CLONE_FS,
		SIGCHLD | TINE_CLONE_FILES,
		SIGCHLD | TINE_CLONE_VFORK,
		SIGCHLD | TINE_CLONE_VM | TINE_CLONE_VFORK,
		SIGCHLD | TINE_CLONE_VM | TINE_CLONE_SIGHAND,
		SIGCHLD | TINE_CLONE_FS | TINE_CLONE_FILES,
		SIGCHLD | TINE_CLONE_VM | TINE_CLONE_FS | TINE_CLONE_FILES |
		    TINE_CLONE_SIGHAND,
		SIGCHLD | TINE_CLONE_VM | TINE_CLONE_FS | TINE_CLONE_FILES |
		    TINE_CLONE_SIGHAND | TINE_CLONE_VFORK,
	};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		clone_flags = flags[i];
		assert_in_range(nb_every_failure("nb_clone_once"), 4, 200);
	}
}

/* --- rfork --- */

static unsigned rfork_flags;

NB_PROGRAM(nb_rfork_once, "one rfork that may fail")
{
	const struct counts before = counted();
	tine_pid_t pid = tine_sys_rfork_freebsd(rfork_flags);

	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0 && (rfork_flags & TINE_FBRFNOWAIT) != 0) {
		/* init's: it is gone when init has had time. */
		tine_sys_nanosleep(50 * MS);
		unchanged(before);
		return (0);
	}
	one_or_none(pid, before);
	return (0);
}

/* spec: NB-007 NB-016 NB-116 */
NB_TEST(every_step_of_an_rfork_may_fail_whatever_its_flags_are)
{
	static const unsigned more[] = {
		0, TINE_FBRFFDG, TINE_FBRFCFDG,
		TINE_FBRFFDG | TINE_FBRFNOWAIT,
		TINE_FBRFFDG | TINE_FBRFSIGSHARE,
		TINE_FBRFFDG | TINE_FBRFLINUXTHPN,
	};
	size_t i;

	for (i = 0; i < sizeof(more) / sizeof(*more); i++) {
		rfork_flags = TINE_FBRFPROC | more[i];
		assert_in_range(nb_every_failure("nb_rfork_once"), 4, 200);
	}
}

/* --- both vforks, with a sibling --- */

static TINE_DATA volatile int leave;

static void
sibling(void *arg)
{
	(void)arg;
	while (!leave)
		tine_sys_nanosleep(MS);
}

static void
sibling_forks(void *arg)
{
	const tine_pid_t pid = tine_sys_fork();
	int status = -1;

	(void)arg;
	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid &&
		    status == 0);
	else
		tine_check(pid == -EAGAIN || pid == -ENOMEM);
}

NB_PROGRAM(nb_several, "forks and vforks of two LWPs at once")
{
	const struct counts before = counted();
	int lwp, other, status;
	tine_pid_t pid;

	lwp = tine_sys_lwp_create(sibling, NULL);
	other = tine_sys_lwp_create(sibling_forks, NULL);
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid &&
		    status == 0);
	leave = 1;
	if (other > 0)
		tine_check(tine_sys_lwp_wait(other) == other);
	if (lwp > 0)
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	unchanged(before);
	return (0);
}

/* spec: NB-007 NB-034 NB-054 */
NB_TEST(every_step_of_forks_of_several_lwps_may_fail)
{
	struct tine_options options = netbsd_options();
	unsigned ncpu;

	for (ncpu = 1; ncpu <= 2; ncpu++) {
		options.ncpu = ncpu;
		assert_in_range(harness_every_failure("nb_several", &options),
		    8, 300);
	}
}

/* --- LWPs --- */

NB_PROGRAM(nb_lwp_once, "LWPs of every kind, any of which may fail")
{
	const struct counts before = counted();
	int joined, detached, suspended;

	joined = tine_sys_lwp_create(sibling, NULL);
	detached = tine_sys_lwp_create_flags(sibling, NULL,
	    TINE_LWP_DETACHED);
	suspended = tine_sys_lwp_create_flags(sibling, NULL,
	    TINE_LWP_SUSPENDED);
	tine_check(joined > 0 || joined == -ENOMEM || joined == -EAGAIN);
	if (joined > 0 && detached > 0 && suspended > 0)
		tine_check(in_kernel(k_lwps, 0, 0) == before.lwps + 3);
	leave = 1;
	if (suspended > 0) {
		tine_check(tine_sys_lwp_continue(suspended) == 0);
		tine_check(tine_sys_lwp_wait(suspended) == suspended);
	}
	if (joined > 0)
		tine_check(tine_sys_lwp_wait(joined) == joined);
	/* The detached one is nobody's to wait for. */
	while (detached > 0 && tine_sys_lwp_kill(detached, 0) == 0)
		tine_sys_nanosleep(MS);
	unchanged(before);
	return (0);
}

/* spec: NB-034 NB-106 */
NB_TEST(every_step_of_lwp_create_may_fail)
{
	assert_in_range(nb_every_failure("nb_lwp_once"), 3, 200);
}

/* --- exec, by itself --- */

NB_PROGRAM(nb_exec_target, "ends with 4")
{
	return (4);
}

NB_PROGRAM(nb_exec_once, "an exec that may fail, in a child that need not")
{
	char *words[] = { (char *)(uintptr_t)"nb_exec_target", NULL };
	const struct counts before = counted();
	int error, status = -1, lwp;
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		/* A sibling has to go first. */
		lwp = tine_sys_lwp_create(sibling, NULL);
		(void)lwp;
		error = tine_sys_exec("nb_exec_target", words);
		tine_sys_exit(error == -ENOMEM ? 9 : 1);
	}
	if (pid > 0) {
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		/* It went on, it was told, it was past that; or there was no
		 * memory for a page before. */
		tine_check(status == 4 << 8 || status == 9 << 8 ||
		    status == SIGABRT || status == SIGKILL);
	}
	unchanged(before);
	return (0);
}

/* spec: NB-057 NB-101 */
NB_TEST(every_step_of_exec_may_fail)
{
	assert_in_range(nb_every_failure("nb_exec_once"), 8, 300);
}

/* --- kernel threads --- */

static void
thread_ends(void *arg)
{
	*(volatile int *)arg = 1;
}

static volatile int thread_ran;

static int64_t
k_thread(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	thread_ran = 0;
	return (kthread_create(thread_ends, (void *)(uintptr_t)&thread_ran,
	    "test", NULL));
}

NB_PROGRAM(nb_kthread_once, "a kernel thread that may not be made")
{
	const struct counts before = counted();
	const int64_t error = in_kernel(k_thread, 0, 0);

	tine_check(error == 0 || error == ENOMEM);
	tine_sys_nanosleep(10 * MS);
	tine_check(thread_ran == (error == 0));
	/* LWPs of process 0 are not charged to anybody. */
	unchanged(before);
	return (0);
}

/* spec: NB-116 */
NB_TEST(every_step_of_a_kernel_thread_may_fail)
{
	assert_in_range(nb_every_failure("nb_kthread_once"), 2, 100);
}

/* --- ptrace --- */

static int traced_vforks;	/* of the host's */

/* The traced one. */
static void
traced(void)
{
	tine_pid_t pid;

	(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
	(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
	pid = traced_vforks ? tine_sys_vfork44() : tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0 || pid == -EAGAIN || pid == -ENOMEM);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_traced_once, "a traced fork that may fail")
{
	int mask = TINE_NB_PTRACE_FORK | TINE_NB_PTRACE_VFORK |
	    TINE_NB_PTRACE_VFORK_DONE, status;
	const struct counts before = counted();
	tine_pid_t p1 = tine_sys_fork(), pid;

	if (p1 == 0)
		traced();
	if (p1 < 0) {
		unchanged(before);
		return (0);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	while ((pid = tine_sys_waitpid(-1, &status, 0)) > 0)
		if ((status & 0xff) == 0x7f)
			tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid,
			    NULL, 0) == 0);
	tine_check(pid == -ECHILD);
	/* init takes the grandchild away meanwhile. */
	tine_sys_nanosleep(50 * MS);
	unchanged(before);
	return (0);
}

/* spec: NB-007 NB-080 NB-099 */
NB_TEST(every_step_of_a_traced_fork_may_fail)
{
	for (traced_vforks = 0; traced_vforks < 2; traced_vforks++)
		assert_in_range(nb_every_failure("nb_traced_once"), 8, 300);
}

/* --- a child that is born stopped --- */

NB_PROGRAM(nb_stopfork_once, "a child born stopped, if it is born")
{
	const int64_t one = 1;
	const struct counts before = counted();
	int status = -1;
	tine_pid_t pid;

	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &one, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	if (pid > 0) {
		tine_check(tine_sys_waitpid(pid, &status, TINE_WSTOPPED) ==
		    pid);
		tine_check(status == 0x7f);
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	}
	one_or_none(pid, before);
	return (0);
}

/* spec: NB-007 NB-045 */
NB_TEST(every_step_of_a_fork_that_is_to_stop_may_fail)
{
	assert_in_range(nb_every_failure("nb_stopfork_once"), 4, 200);
}

/* --- spaces of every kind of range --- */

NB_PROGRAM(nb_ranges_once, "a fork of ranges that are inherited in every way")
{
	const int rw = TINE_PROT_READ | TINE_PROT_WRITE;
	static const int how[] = { TINE_INHERIT_SHARE, TINE_INHERIT_COPY,
	    TINE_INHERIT_NONE, TINE_INHERIT_ZERO };
	const struct counts before = counted();
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600), i;
	void *segment = id < 0 ? NULL : tine_sys_shmat(id, NULL, 0);
	char *page[6];
	tine_pid_t pid;

	for (i = 0; i < 6; i++) {
		page[i] = i == 5 ? tine_sys_mmap_flags(NULL, 8192, rw,
		    TINE_MAP_SHARED) : tine_sys_mmap(8192, rw);
		if (tine_sys_failed(page[i]))
			return (0);
		page[i][0] = (char)i;
		if (i < 4)
			(void)tine_sys_minherit(page[i], 8192, how[i]);
	}
	(void)tine_sys_mlock(page[4], 8192);
	pid = tine_sys_fork();
	if (pid == 0) {
		page[0][0] = page[1][0] = page[3][0] = page[4][0] = 9;
		tine_sys_exit(0);
	}
	if (pid > 0) {
		(void)tine_sys_waitpid(pid, &i, 0);
		/* no memory for a copy is the child's end */
		tine_check(i == 0 || (i & 0x7f) != 0);
	}
	unchanged(before);
	if (segment != NULL && !tine_sys_failed(segment))
		tine_check(tine_sys_shmdt(segment) == 0);
	if (id >= 0)
		tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: NB-007 NB-066 NB-067 NB-070 NB-071 NB-077 */
NB_TEST(every_step_of_a_fork_of_all_kinds_of_ranges_may_fail)
{
	assert_in_range(nb_every_failure("nb_ranges_once"), 12, 400);
}

/* --- watchers --- */

NB_PROGRAM(nb_watched_once, "a fork whose watcher may not be able to follow")
{
	const struct counts before = counted();
	struct tine_nb_kevent event;
	int queue = tine_sys_kqueue_nb(), error, tracked = 0, status;
	tine_pid_t pid;

	if (queue < 0)
		return (0);
	error = tine_sys_kevent_proc(queue, tine_sys_getpid(),
	    TINE_NB_NOTE_FORK | TINE_NB_NOTE_TRACK, 1);
	tine_check(error == 0 || error == -ENOMEM);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	while (tine_sys_kevent_next(queue, &event, 0) == 0)
		tracked += (event.fflags & (TINE_NB_NOTE_CHILD |
		    TINE_NB_NOTE_TRACKERR)) != 0;
	/* It is followed, or that it is not is told. */
	tine_check(tracked == (error == 0 && pid > 0));
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid &&
		    status == 0);
	tine_check(tine_sys_close(queue) == 0);
	unchanged(before);
	return (0);
}

/* spec: NB-007 NB-043 */
NB_TEST(every_step_of_a_watched_fork_may_fail)
{
	assert_in_range(nb_every_failure("nb_watched_once"), 6, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_step_of_a_clone_may_fail_whatever_its_flags_are),
		cmocka_unit_test(
		    every_step_of_an_rfork_may_fail_whatever_its_flags_are),
		cmocka_unit_test(every_step_of_forks_of_several_lwps_may_fail),
		cmocka_unit_test(every_step_of_lwp_create_may_fail),
		cmocka_unit_test(every_step_of_exec_may_fail),
		cmocka_unit_test(every_step_of_a_kernel_thread_may_fail),
		cmocka_unit_test(every_step_of_a_traced_fork_may_fail),
		cmocka_unit_test(every_step_of_a_fork_that_is_to_stop_may_fail),
		cmocka_unit_test(
		    every_step_of_a_fork_of_all_kinds_of_ranges_may_fail),
		cmocka_unit_test(every_step_of_a_watched_fork_may_fail),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
