/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_image.c - memory when a fork waits for it, the order in which
 * locks go, what a scheduler is asked, set-id programs, signals to the stopped.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

static int64_t
k_mine(uint64_t a, uint64_t b, uint64_t c)
{
	const struct vmmeter *cnt = &df->df_cnt;
	struct proc *p = curproc;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return (p->p_vmspace->vm_timestamp);
	case 1:
		return ((int64_t)p->p_start);
	case 2:
		return ((int64_t)p->p_vmspace->vm_dsize);
	case 3:
		return ((int64_t)p->p_vmspace->vm_ssize);
	case 4:
		return ((int64_t)cnt->v_forkpages);
	case 5:
		return ((int64_t)cnt->v_vforkpages);
	case 6:
		return ((int64_t)cnt->v_rforkpages);
	default:
		return (p->p_flags);
	}
}

/* --- memory --- */

PROGRAM(di_shm)
{
	struct tine_shmid_ds ds;
	volatile int *at;
	tine_pid_t pid;
	int id;

	id = tine_sys_shmget(TINE_IPC_PRIVATE, PAGE, TINE_IPC_CREAT | 0600);
	at = tine_sys_shmat(id, NULL, 0);
	*at = 1;
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
		tine_check(ds.nattch == 2);
		tine_check(*at == 1);
		*at = 2;
		/* It may leave, as whoever has attached it. */
		tine_check(tine_sys_shmdt((void *)(uintptr_t)at) == 0);
		tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
		tine_check(ds.nattch == 1);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(*at == 2);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 1);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: DF-046 */
static void
a_forked_child_has_attached_what_its_parent_has(void **state)
{
	(void)state;
	rig_passes("di_shm", NULL);
}

PROGRAM(di_stamps)
{
	const int64_t before = K(k_mine, 0, 0, 0);
	tine_pid_t pid = vfork_();

	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(K(k_mine, 0, 0, 0) == before);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	/* A fault that has begun before must look again. */
	tine_check(K(k_mine, 0, 0, 0) == before + 1);
	return (0);
}

/* spec: DF-046 */
static void
a_copy_of_the_map_moves_its_timestamp(void **state)
{
	(void)state;
	rig_passes("di_stamps", NULL);
}

/* Whether a fork of that process waits with the map, and has it alone. */
static int64_t
k_map(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	int64_t result = 0;

	(void)b;
	(void)c;
	if (p == NULL)
		return (0);
	if (p->p_vmspace != NULL && p->p_lwp_tree != NULL &&
	    p->p_lwp_tree->lwp_thread->td_wmesg != NULL) {
		if (p->p_vmspace->vm_lock.owner ==
		    p->p_lwp_tree->lwp_thread->td_tt)
			result = 1;
		else if (p->p_vmspace->vm_lock.shared != 0)
			result = 2;
	}
	PRELE(p);
	return (result);
}

PROGRAM(di_map)
{
	tine_pid_t pid = tine_sys_fork(), child;
	int64_t now;
	int seen = 0;

	if (pid == 0) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		expect_exit(child, 0);
		tine_sys_exit(0);
	}
	while (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0) {
		now = K(k_map, pid, 0, 0);
		tine_check(now != 2);
		if (now == 1)
			seen = 9;
		tine_sys_yield();
	}
	return (seen);
}

/* spec: DF-046 */
static void
while_it_is_copied_the_map_is_the_forkers_alone(void **state)
{
	(void)state;
	rig_sees("di_map", "none");
}

/* 1: there is an embryo, 2: that has memory. */
static int64_t
k_embryo(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	for (unsigned i = 0; i < ALLPROC_HSIZE; i++)
		for (struct proc *p = allprocs[i]; p != NULL; p = p->p_list)
			if (p->p_stat == SIDL)
				return (p->p_vmspace != NULL ? 2 : 1);
	return (0);
}

/* Frames are out until the hog ends. By vfork with an argument. */
static bool by_vfork;

PROGRAM(di_severe)
{
	volatile char *memory;
	tine_pid_t hog, pid;
	uint64_t before;

	memory = tine_sys_mmap(PAGE * 1000, RW);
	hog = tine_sys_fork();
	if (hog == 0) {
		for (int i = 0; K(k_free_frames, 0, 0, 0) > 2; i++)
			memory[i * PAGE] = 1;
		tine_sys_nanosleep(60 * MS);
		/* Shared memory is the child's at once, a copy is not. */
		tine_check(K(k_embryo, 0, 0, 0) == (by_vfork ? 2 : 1));
		tine_sys_nanosleep(40 * MS);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(20 * MS);
	before = tine_sys_time();
	pid = by_vfork ? vfork_() : tine_sys_fork();
	if (pid == 0) {
		/* Begun when it had its memory, not when it was asked for. */
		tine_check(K(k_mine, 1, 0, 0) >= (int64_t)(before + 50 * MS));
		tine_sys_exit(2);
	}
	tine_check(tine_sys_time() >= before + 50 * MS);
	expect_exit(pid, 2);
	tine_check(tine_sys_waitpid(hog, NULL, 0) == hog);
	return (0);
}

/* spec: DF-045 DF-047 DF-051 */
static void
vfork_waits_for_frames_too_and_the_child_begins_after_that(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.memory_pages = 430;
	for (int i = 0; i < 2; i++) {
		by_vfork = i == 1;
		rig_passes("di_severe", &options);
	}
}

PROGRAM(di_pages)
{
	tine_pid_t pid;
	int64_t pages, had[3];

	/* The heap has begun. */
	for (int i = 0; i < 64; i++)
		(void)tine_malloc(PAGE);
	tine_check(K(k_mine, 2, 0, 0) > 0 && K(k_mine, 3, 0, 0) > 0);
	pages = K(k_mine, 2, 0, 0) + K(k_mine, 3, 0, 0);
	for (int i = 0; i < 3; i++)
		had[i] = K(k_mine, 4 + i, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(K(k_mine, 4, 0, 0) == had[0] + pages);
	pid = vfork_();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(K(k_mine, 5, 0, 0) == had[1] + pages);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFSIGSHARE);
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(K(k_mine, 6, 0, 0) == had[2] + pages);
	tine_check(K(k_mine, 4, 0, 0) == had[0] + pages);
	return (0);
}

/* spec: DF-049 */
static void
forks_are_counted_with_the_pages_of_data_and_stack(void **state)
{
	(void)state;
	rig_passes("di_pages", NULL);
}

/* --- events --- */

PROGRAM(di_trackerr)
{
	const int kq = tine_sys_kqueue();
	struct tine_kevent ev;
	tine_pid_t pid;
	int result = 0;

	tine_check(tine_sys_kqueue_watch(kq, tine_sys_getpid(),
	    TINE_NOTE_FORK | TINE_NOTE_TRACK) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	if (pid < 0)
		return (22);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.pid == tine_sys_getpid() && ev.data == pid);
	tine_check((ev.fflags & TINE_NOTE_FORK) != 0);
	if ((ev.fflags & TINE_NOTE_TRACKERR) != 0) {
		tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
		result = 21;
	} else {
		tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
		tine_check(ev.pid == pid && ev.fflags == TINE_NOTE_CHILD);
		tine_check(ev.data == tine_sys_getpid());
	}
	(void)tine_sys_waitpid(pid, NULL, 0);
	return (result);
}

/* spec: DF-052 */
static void
a_child_that_cannot_be_tracked_is_told_of(void **state)
{
	struct tine_options options = rig_options();
	unsigned untracked = 0;

	(void)state;
	options.quirks = rig_quirks("none");
	for (options.fail_at = 1; options.fail_at < 200; options.fail_at++) {
		assert_int_equal(rig_run("di_trackerr", &options),
		    TINE_OUTCOME_PASSED);
		if (!tine_machine_failed_step(rig_machine))
			break;
		untracked += rig_result.status == 21 << 8;
	}
	assert_int_equal(untracked, 1);
}

/* --- the end of fork1 --- */

PROGRAM(di_release)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	return (0);
}

/* What the forker does last before the child is told of: both tokens, then the
 * lock, then its reference. @return whether it is that. */
static bool
releases(const struct tine_event *events, long fork)
{
	static const uint64_t want[] = { TINE_OP_TOKEN_REL, TINE_OP_TOKEN_REL,
		TINE_OP_LOCKMGR, TINE_OP_ATOMIC };
	unsigned n = sizeof(want) / sizeof(want[0]);

	for (long i = fork - 1; i >= 0 && n > 0; i--)
		if (events[i].pid == 2 && events[i].type == TINE_EV_OP &&
		    events[i].a != want[--n])
			return (false);
	return (n == 0);
}

/* spec: DF-053 */
static void
tokens_go_before_the_lock_of_the_group(void **state)
{
	struct tine_options options = rig_options();
	const struct tine_event *events;
	bool seen = false;
	long n;

	(void)state;
	options.trace_ops = true;
	rig_passes("di_release", &options);
	n = tine_trace_events(rig_machine, &events);
	for (long i = 0; i < n; i++) {
		if (events[i].pid != 2 || events[i].type != TINE_EV_FORK)
			continue;
		assert_true(releases(events, i));
		seen = true;
	}
	assert_true(seen);
}

/* --- what a scheduler is asked --- */

static unsigned forked, priorities, queued, released, reaped;
static const struct usched *real;

static void
counts_fork(struct lwp *parent, struct lwp *child)
{
	ASSERT(parent != child && parent == curthread->td_lwp);
	forked++;
	real->heuristic_forking(parent, child);
}

static void
counts_priority(struct lwp *lp)
{
	priorities++;
	real->resetpriority(lp);
}

static void
counts_queue(struct lwp *lp)
{
	ASSERT3(lp->lwp_proc->p_stat, ==, SACTIVE);
	ASSERT3(lp->lwp_stat, ==, LSRUN);
	queued++;
	real->setrunqueue(lp);
}

static void
counts_release(struct lwp *lp)
{
	ASSERT(lp == curthread->td_lwp);
	ASSERT3(lp->lwp_stat, ==, LSRUN);
	released++;
	real->release_curproc(lp);
}

static void
counts_exit(struct lwp *lp, struct proc *child)
{
	ASSERT(lp == curthread->td_lwp && lp->lwp_proc != child);
	ASSERT3(child->p_stat, ==, SZOMB);
	reaped++;
	real->heuristic_exiting(lp, child);
}

static const struct usched counting = { "counting", counts_fork,
	counts_priority, counts_queue, counts_release, counts_exit };

static int64_t
k_counting(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	switch (a) {
	case 0:
		real = curproc->p_usched;
		curproc->p_usched = &counting;
		forked = priorities = queued = released = reaped = 0;
		return (0);
	case 1:
		return (forked * 1000 + priorities * 100 + queued * 10 +
		    reaped);
	case 2:
		return (released);
	default:
		curproc->p_usched = real;
		return (strcmp(real->name, "bsd4") == 0);
	}
}

static void
ends(void *arg)
{
	(void)arg;
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

PROGRAM(di_scheduler)
{
	tine_pid_t pid;

	tine_check(tine_sys_usched_set("bsd5") == -EINVAL);
	tine_check(tine_sys_usched_set("a name that is too long") == -EINVAL);
	tine_check(tine_sys_usched_set((char *)8) == -EFAULT);
	tine_check(tine_sys_usched_set("bsd4") == 0);
	K(k_counting, 0, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setuid(5) == 0);
		tine_check(tine_sys_usched_set("dfly") == -EPERM);
		/* Its own forks ask the same one. */
		tine_check(tine_sys_lwp_create(ends, NULL) == 1);
		while (tine_sys_lwp_wait(1) != 1)
			continue;
		tine_sys_exit(3);
	}
	expect_exit(pid, 3);
	tine_check(K(k_counting, 1, 0, 0) == 2221);
	tine_check(K(k_counting, 2, 0, 0) > 0);
	pid = (tine_pid_t)K(k_counting, 2, 0, 0);
	tine_sys_nanosleep(MS);
	tine_check(K(k_counting, 2, 0, 0) == pid + 1);
	tine_check(K(k_counting, 3, 0, 0) == 1);
	tine_check(tine_sys_usched_set("dfly") == 0);
	return (0);
}

/* spec: DF-028 DF-048 DF-054 DF-081 DF-090 DF-110 */
static void
a_scheduler_is_asked_at_birth_at_sleep_and_at_the_end(void **state)
{
	(void)state;
	rig_passes("di_scheduler", NULL);
}

/* --- set-id programs --- */

static bool
ids(unsigned ruid, unsigned euid, unsigned suid, unsigned egid,
    unsigned sgid)
{
	unsigned r, e, s;

	tine_check(tine_sys_getresuid(&r, &e, &s) == 0);
	if (r != ruid || e != euid || s != suid)
		return (false);
	tine_check(tine_sys_getresgid(&r, &e, &s) == 0);
	return (r == 50 && e == egid && s == sgid);
}

static int64_t
k_marks(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	if (a == 0)
		return ((curproc->p_flags & P_SUGID) != 0);
	if (a == 1)
		return (curproc->p_tracenode != NULL);
	return (curproc->p_varsymset.vx_count);
}

static int
marks(void)
{
	return ((int)(K(k_marks, 0, 0, 0) + 2 * K(k_marks, 1, 0, 0) +
	    4 * K(k_marks, 2, 0, 0)));
}

PROGRAM(di_plain)
{
	/* Nothing of it is set-id, and the saved ids are the effective. */
	tine_check(ids(50, 50, 50, 50, 50));
	tine_check(marks() == 2 + 4);
	return (1);
}

PROGRAM(di_setuid)
{
	tine_check(ids(50, 60, 60, 50, 50) && marks() == 1);
	/* What it was it may be again, and its owner again. */
	tine_check(tine_sys_seteuid(50) == 0);
	tine_check(tine_sys_seteuid(60) == 0);
	tine_check(tine_sys_seteuid(70) == -EPERM);
	/* A plain image of one whose ids differ: marked still. */
	tine_sys_exec("di_still", NULL);
	return (9);
}

PROGRAM(di_still)
{
	tine_check(ids(50, 60, 60, 50, 50) && marks() == 1);
	return (2);
}

PROGRAM(di_setgid)
{
	tine_check(ids(50, 50, 50, 61, 61) && marks() == 1);
	return (3);
}

PROGRAM(di_both)
{
	tine_check(ids(50, 60, 60, 61, 61) && marks() == 1);
	return (4);
}

/* To one whose owner runs it already it gives nothing. */
PROGRAM(di_own)
{
	tine_check(ids(50, 50, 50, 50, 50) && marks() == 2 + 4);
	return (5);
}

PROGRAM(di_root_traces)
{
	tine_check(tine_sys_getuid() == 0 && tine_sys_geteuid() == 60);
	tine_check(marks() == 1 + 2);
	return (6);
}

static void
owned(const char *path, int uid, int gid, unsigned mode)
{
	tine_check(tine_sys_chown(path, uid, gid) == 0);
	tine_check(tine_sys_chmod(path, mode) == 0);
}

/* User 50, traced, with a variable. */
static tine_pid_t
user_execs(const char *path, bool debugged)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid != 0)
		return (pid);
	tine_check(tine_sys_ktrace(1, 1) == 0);
	tine_check(tine_sys_varsym_set("v", "v") == 0);
	tine_check(tine_sys_setgid(50) == 0 && tine_sys_setuid(50) == 0);
	if (debugged)
		tine_check(tine_sys_df_ptrace(TINE_PT_TRACE_ME, 0, 0) == 0);
	tine_sys_exec(path, NULL);
	tine_sys_exit(99);
}

PROGRAM(di_setids)
{
	tine_pid_t pid;
	int status;

	owned("/bin/di_setuid", 60, 61, 04755);
	owned("/bin/di_setgid", 60, 61, 02755);
	owned("/bin/di_both", 60, 61, 06755);
	owned("/bin/di_own", 50, 50, 06755);
	owned("/bin/di_root_traces", 60, 0, 04755);
	expect_exit(user_execs("/bin/di_plain", false), 1);
	expect_exit(user_execs("/bin/di_setuid", false), 2);
	expect_exit(user_execs("/bin/di_setgid", false), 3);
	expect_exit(user_execs("/bin/di_both", false), 4);
	expect_exit(user_execs("/bin/di_own", false), 5);
	/* Root keeps its trace. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_ktrace(1, 0) == 0);
		tine_check(tine_sys_varsym_set("v", "v") == 0);
		tine_sys_exec("/bin/di_root_traces", NULL);
	}
	expect_exit(pid, 6);
	/* Whoever has a debugger is nobody else. */
	owned("/bin/di_plain", 60, 61, 06755);
	pid = user_execs("/bin/di_plain", true);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == (SIGTRAP << 8 | 0x7f));
	tine_check(tine_sys_df_ptrace(TINE_PT_CONTINUE, pid, 0) == 0);
	expect_exit(pid, 1);
	return (0);
}

/* spec: DF-018 DF-037 DF-071 DF-114 */
static void
a_set_id_program_runs_as_its_owner(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	rig_seeds("di_setids", 3);
	/* A step that fails leaves nobody another's rights. */
	options.quirks = rig_quirks("none");
	for (options.fail_at = 1; options.fail_at < 400; options.fail_at++) {
		(void)rig_run("di_setids", &options);
		if (!tine_machine_failed_step(rig_machine))
			break;
		assert_true(rig_result.outcome == TINE_OUTCOME_PASSED ||
		    rig_result.outcome == TINE_OUTCOME_CHECK);
	}
}

/* The vfork parent may run while the child is still who it was. */
static int64_t
k_uid_of(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	int64_t uid;

	(void)b;
	(void)c;
	if (p == NULL)
		return (-1);
	uid = p->p_ucred->cr_uid;
	PRELE(p);
	return (uid);
}

PROGRAM(di_becomes)
{
	return (tine_sys_geteuid() == 60 ? 0 : 1);
}

PROGRAM(di_vfork_setuid)
{
	tine_pid_t pid;
	int64_t uid;

	owned("/bin/di_becomes", 60, 61, 04755);
	pid = vfork_();
	if (pid == 0)
		tine_sys_exec("/bin/di_becomes", NULL);
	uid = K(k_uid_of, pid, 0, 0);
	expect_exit(pid, 0);
	return (uid == 0 ? 7 : uid == 60 ? 8 : 9);
}

/* spec: DF-071 */
static void
a_vfork_ends_before_or_after_the_childs_new_id(void **state)
{
	struct tine_options options = rig_options();
	unsigned before = 0, after = 0;

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 0; options.seed < 60; options.seed++) {
		assert_int_equal(rig_run("di_vfork_setuid", &options),
		    TINE_OUTCOME_PASSED);
		before += rig_result.status == 7 << 8;
		after += rig_result.status == 8 << 8;
	}
	assert_in_range(before, 1, 59);
	assert_in_range(after, 1, 59);
}

/* --- what a stopped process is sent --- */

PROGRAM(di_stopped)
{
	const struct tine_sigaction action = { .handler = on_signal };
	tine_pid_t pid;
	int status;

	for (int caught = 0; caught < 2; caught++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			if (caught)
				(void)tine_sys_sigaction(SIGTERM, &action,
				    NULL);
			tine_sys_pause();
			tine_sys_exit(handled);
		}
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
		tine_check(tine_sys_kill(pid, SIGTERM) == 0);
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_NOHANG) == 0);
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		tine_check(status == (caught ? 1 << 8 : SIGTERM));
	}
	return (0);
}

static void
what_came_while_it_was_stopped_is_taken_when_it_goes_on(void **state)
{
	(void)state;
	rig_seeds("di_stopped", 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_forked_child_has_attached_what_its_parent_has),
		cmocka_unit_test(a_copy_of_the_map_moves_its_timestamp),
		cmocka_unit_test(
		    while_it_is_copied_the_map_is_the_forkers_alone),
		cmocka_unit_test(
		    vfork_waits_for_frames_too_and_the_child_begins_after_that),
		cmocka_unit_test(
		    forks_are_counted_with_the_pages_of_data_and_stack),
		cmocka_unit_test(a_child_that_cannot_be_tracked_is_told_of),
		cmocka_unit_test(tokens_go_before_the_lock_of_the_group),
		cmocka_unit_test(
		    a_scheduler_is_asked_at_birth_at_sleep_and_at_the_end),
		cmocka_unit_test(a_set_id_program_runs_as_its_owner),
		cmocka_unit_test(
		    a_vfork_ends_before_or_after_the_childs_new_id),
		cmocka_unit_test(
		    what_came_while_it_was_stopped_is_taken_when_it_goes_on),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
