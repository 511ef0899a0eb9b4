/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_inherit.c - memory, descriptors, signals, limits, events: what
 * a child has of them, and when.
 */
#include "dragonfly_rig.h"

static void
on_other(int signo)
{
	(void)signo;
	handled += 100;
}

/* --- signals --- */

PROGRAM(df_sigacts)
{
	struct tine_sigaction action = { .handler = on_signal }, old;
	tine_pid_t pid;

	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		action.handler = on_other;
		tine_check(tine_sys_sigaction(SIGUSR1, &action, &old) == 0);
		tine_check(old.handler == on_signal);
		tine_sys_exit(1);
	}
	expect_exit(pid, 1);
	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &old) == 0);
	tine_check(old.handler == on_signal);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFSIGSHARE);
	if (pid == 0) {
		action.handler = on_other;
		tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
		tine_sys_exit(1);
	}
	expect_exit(pid, 1);
	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &old) == 0);
	tine_check(old.handler == on_other);
	tine_sys_kill(tine_sys_getpid(), SIGUSR1);
	tine_check(handled == 100);
	return (0);
}

/* spec: DF-029 */
static void
dispositions_are_copied_or_shared(void **state)
{
	(void)state;
	rig_seeds("df_sigacts", 15);
}

PROGRAM(df_pending)
{
	tine_sigset_t mask = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2), set;
	tine_pid_t pid;

	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	/* To the LWP; to the process, all of whose LWPs block it. */
	tine_check(tine_sys_lwp_kill2(tine_sys_getpid(), 0, SIGUSR1) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(tine_sys_sigpending(&set) == 0 && set == mask);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_sigpending(&set) == 0);
		tine_sys_exit(set == TINE_SIGBIT(SIGUSR1) ? 1 : 2);
	}
	expect_exit(pid, 1);
	tine_check(tine_sys_sigpending(&set) == 0 && set == mask);
	return (0);
}

/* spec: DF-060 DF-061 */
static void
signals_of_the_lwp_are_inherited_those_of_the_process_not(void **state)
{
	(void)state;
	rig_seeds("df_pending", 15);
}

/* A caught signal that is pending comes first, then the fork, once. */
static int64_t
k_fork_pending(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	/* As if it had come at the last moment. */
	SIGADDSET(curthread->td_lwp->lwp_siglist, SIGUSR1);
	return (0);
}

PROGRAM(df_erestart)
{
	struct tine_sigaction action = { .handler = on_signal };
	const tine_sigset_t none = 0;
	tine_pid_t pid;
	int64_t procs;

	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	procs = K(k_nprocs, 0, 0, 0);
	K(k_fork_pending, 0, 0, 0);
	tine_check(handled == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(handled == 1 ? 1 : 2);
	tine_check(pid > 0);
	tine_check(handled == 1);
	tine_check(K(k_nprocs, 0, 0, 0) == procs + 1);
	expect_exit(pid, 1);
	/* rfork without a process does not look at signals. */
	K(k_fork_pending, 0, 0, 0);
	tine_check(tine_sys_rfork(TINE_RFMEM) == 0);
	tine_check(handled == 1);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &none, NULL) == 0);
	tine_check(handled == 2);
	return (0);
}

/* spec: DF-010 DF-012 */
static void
a_pending_signal_is_handled_before_the_fork(void **state)
{
	(void)state;
	rig_seeds("df_erestart", 15);
}

/* A sender has the group's lock: the fork waits, whatever is sent to it. */
static struct proc *locker;

static int64_t
k_pglock(uint64_t a, uint64_t b, uint64_t c)
{
	struct pgrp *pg = curproc->p_pgrp;

	(void)b;
	(void)c;
	locker = curproc;
	lockmgr(&pg->pg_lock, LK_EXCLUSIVE);
	tsleep(&locker, 0, "test", a);
	lockmgr(&pg->pg_lock, LK_RELEASE);
	return (0);
}

PROGRAM(df_pglock)
{
	tine_pid_t sender, forker, pid;
	uint64_t before = tine_sys_time();
	int status;

	sender = tine_sys_fork();
	if (sender == 0) {
		K(k_pglock, 10, 0, 0);
		tine_sys_exit(0);
	}
	forker = tine_sys_fork();
	if (forker == 0) {
		tine_sys_yield();
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(0);		/* killed on the way out */
	}
	tine_check(tine_sys_nanosleep(20 * MS) == 0);
	tine_check(tine_sys_kill(forker, SIGKILL) == 0);
	expect_exit(sender, 0);
	tine_check(tine_sys_time() - before >= 100 * MS);
	tine_check(tine_sys_df_wait4(forker, &status, 0) == forker);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: DF-011 DF-012 DF-053 */
static void
a_fork_waits_for_the_group_lock_and_no_signal_ends_that(void **state)
{
	(void)state;
	rig_passes("df_pglock", NULL);
}

/* --- memory --- */

PROGRAM(df_memory)
{
	const size_t page = 4096;
	volatile int *none = tine_sys_mmap(page, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	volatile int *share = tine_sys_mmap(page, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	volatile int *copy = tine_sys_mmap(page, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	tine_pid_t pid;
	int id, status;
	volatile int *shm;

	id = tine_sys_shmget(TINE_IPC_PRIVATE, page, TINE_IPC_CREAT | 0600);
	shm = tine_sys_shmat(id, NULL, 0);
	tine_check(!tine_sys_failed((const void *)(uintptr_t)shm));
	tine_check(tine_sys_minherit((void *)(uintptr_t)none, page,
	    TINE_INHERIT_NONE) == 0);
	*none = *share = *copy = *shm = 1;
	tine_check(tine_sys_minherit((void *)(uintptr_t)share, page,
	    TINE_INHERIT_SHARE) == 0);
	tine_check(tine_sys_minherit((void *)(uintptr_t)share, page,
	    TINE_INHERIT_ZERO) == -EINVAL);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(*share == 1 && *copy == 1 && *shm == 1);
		*share = *copy = *shm = 2;
		tine_check(*none == 1);		/* is not there */
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGSEGV | 0x80));
	tine_check(*none == 1 && *share == 2 && *copy == 1 && *shm == 2);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: DF-046 DF-063 */
static void
memory_is_copied_shared_or_absent_as_it_is_marked(void **state)
{
	(void)state;
	rig_seeds("df_memory", 15);
}

static TINE_DATA volatile int cell;

static int
stores(void *arg)
{
	cell = (int)(intptr_t)arg;
	tine_sys_yield();
	return (0);
}

static int64_t
k_vmrefs(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (curproc->p_vmspace->vm_refcnt);
}

static int
refs_are_two(void *arg)
{
	(void)arg;
	return (K(k_vmrefs, 0, 0, 0) == 2 ? 6 : 7);
}

PROGRAM(df_rfmem)
{
	char *top = new_stack();
	tine_pid_t pid;

	pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM, top, stores,
	    (void *)17);
	tine_check(pid > 0);
	expect_exit(pid, 0);
	tine_check(cell == 17);
	tine_check(K(k_vmrefs, 0, 0, 0) == 1);
	pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM, top,
	    refs_are_two, NULL);
	expect_exit(pid, 6);
	pid = tine_sys_rfork_thread(TINE_RFPROC, top, stores, (void *)18);
	expect_exit(pid, 0);
	tine_check(cell == 17);
	return (0);
}

/* spec: DF-045 DF-046 */
static void
with_rfmem_a_store_of_the_child_is_the_parents_too(void **state)
{
	(void)state;
	rig_seeds("df_rfmem", 15);
}

/* --- the upmap page --- */

PROGRAM(df_upmap)
{
	const struct tine_upmap *up = tine_sys_upmap();
	volatile const uint32_t *inv = &up->invfork;
	uint64_t forkid;
	tine_pid_t pid;

	tine_check(!tine_sys_failed(up));
	tine_check(up->pid == tine_sys_getpid() && up->invfork == 0);
	forkid = up->forkid;
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(up == tine_sys_upmap());
		tine_check(up->pid == tine_sys_getpid());
		tine_check(up->forkid != forkid && up->invfork == 0);
		tine_sys_exit(0);
	}
	tine_check(up->pid == tine_sys_getpid());
	expect_exit(pid, 0);
	pid = vfork_();
	if (pid == 0) {
		/* The page is the parent's. */
		tine_check(*inv == 1 && up->forkid == forkid);
		tine_sys_exit(0);
	}
	tine_check(*inv == 0);
	expect_exit(pid, 0);
	return (0);
}

PROGRAM(df_upmap_late)
{
	const struct tine_upmap *up;
	tine_pid_t pid;

	pid = vfork_();
	if (pid == 0) {
		up = tine_sys_upmap();
		tine_check(up->invfork == 1);
		tine_check(up->pid == tine_sys_getppid());
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	up = tine_sys_upmap();
	tine_check(up->invfork == 0 && up->pid == tine_sys_getpid());
	return (0);
}

/* spec: DF-020 DF-038 DF-064 DF-079 DF-110 */
static void
the_page_shared_with_the_kernel_is_ones_own(void **state)
{
	(void)state;
	rig_seeds("df_upmap", 15);
	rig_seeds("df_upmap_late", 10);
}

/* --- descriptors --- */

static int64_t
k_fd(uint64_t a, uint64_t b, uint64_t c)
{
	struct filedesc *fdp = curproc->p_fd;
	int fd;

	(void)c;
	switch (a) {
	case 0:			/* reserve a slot, as an open that sleeps */
		return (fdalloc(curproc, 0, &fd) != 0 ? -1 : fd);
	case 1:
		fsetfd(fdp, NULL, (int)b);
		return (0);
	case 2:
		return (fdp->fd_files[b].reserved);
	case 3:
		return (fdp->fd_nfiles);
	default:
		return (fdp->fd_lastfile);
	}
}

PROGRAM(df_table)
{
	int fds[2], kq, slot, fd;
	tine_pid_t pid;
	char text[16], cwd[64];

	tine_check(tine_sys_mkdir("/tmp/x", 0755) == 0);
	tine_check(tine_sys_chdir("/tmp/x") == 0);
	fd = tine_sys_open("file", TINE_O_CREAT | TINE_O_RDWR, 0644);
	tine_check(fd == 3);
	tine_check(tine_sys_write(fd, "0123456789abcdef", 16) == 16);
	tine_check(tine_sys_lseek(fd, 0, 0) == 0);
	tine_check(tine_sys_pipe(fds) == 0);
	kq = tine_sys_kqueue();
	slot = (int)K(k_fd, 0, 0, 0);
	tine_check(tine_sys_dup2(fd, 40) == 40);
	tine_check(K(k_fd, 3, 0, 0) == 63);
	tine_check(tine_sys_close(40) == 0);
	tine_check(kq == 6 && slot == 7);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(K(k_fd, 3, 0, 0) == 15);	/* smaller */
		tine_check(tine_sys_kqueue_next(kq, NULL) == -EBADF);
		tine_check(K(k_fd, 2, slot, 0) == 0);
		tine_check(tine_sys_read(fd, text, 10) == 10);
		tine_check(tine_sys_fcntl(fd, TINE_F_SETFD, 1) == 0);
		tine_check(tine_sys_write(fds[1], "x", 1) == 1);
		tine_check(tine_sys_getcwd(cwd, sizeof(cwd)) == 6);
		tine_check(strcmp(cwd, "/tmp/x") == 0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_lseek(fd, 0, 1) == 10);
	tine_check(tine_sys_fcntl(fd, TINE_F_GETFD, 0) == 0);
	tine_check(tine_sys_read(fds[0], text, 1) == 1);
	/* Shared, the kqueue stays. */
	pid = tine_sys_rfork(TINE_RFPROC);
	if (pid == 0)
		tine_sys_exit(tine_sys_kqueue_watch(kq, 1, TINE_NOTE_EXIT) ==
		    0 ? 0 : 1);
	expect_exit(pid, 0);
	tine_check(K(k_fd, 2, slot, 0) == 1);
	K(k_fd, 1, slot, 0);
	/* None at all, but the directories. */
	tine_check(tine_sys_umask(077) == 022);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFCFDG);
	if (pid == 0) {
		tine_check(tine_sys_write(1, "", 0) == -EBADF);
		tine_check(tine_sys_umask(0) == 022);
		tine_check(tine_sys_getcwd(cwd, sizeof(cwd)) > 0);
		tine_sys_exit(strcmp(cwd, "/tmp/x") == 0 ? 0 : 1);
	}
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-008 DF-032 DF-033 DF-065 */
static void
a_copied_table_lacks_kqueues_and_reserved_slots(void **state)
{
	(void)state;
	rig_seeds("df_table", 15);
}

static int64_t
k_fdtol(uint64_t a, uint64_t b, uint64_t c)
{
	const struct filedesc_to_leader *fdtol = curproc->p_fdtol, *f = fdtol;
	int n = 0;

	(void)b;
	(void)c;
	if (fdtol == NULL)
		return (0);
	if (a == 1)
		return (fdtol->fdl_refcount);
	do {
		n++;
	} while ((f = f->fdl_next) != fdtol);
	return (n);
}

static int
holds_on(void *arg)
{
	while (*(volatile int *)arg == 0)
		tine_sys_yield();
	return (0);
}

PROGRAM(df_leaders)
{
	char *a = new_stack();
	char *b = new_stack();
	tine_pid_t p, q;

	cell = 0;
	p = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM, a, holds_on,
	    (void *)(uintptr_t)&cell);
	tine_check(K(k_fdtol, 0, 0, 0) == 2 && K(k_fdtol, 1, 0, 0) == 1);
	q = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM | TINE_RFTHREAD, b,
	    holds_on, (void *)(uintptr_t)&cell);
	tine_check(K(k_fdtol, 0, 0, 0) == 2 && K(k_fdtol, 1, 0, 0) == 2);
	cell = 1;
	expect_exit(p, 0);
	expect_exit(q, 0);
	tine_check(K(k_fdtol, 0, 0, 0) == 1 && K(k_fdtol, 1, 0, 0) == 1);
	return (0);
}

/* spec: DF-023 DF-035 */
static void
leaders_that_share_a_table_are_in_one_ring(void **state)
{
	(void)state;
	rig_seeds("df_leaders", 15);
}

/* --- limits --- */

static int64_t
k_limit(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	return (a == 0 ? (int64_t)curproc->p_limit->p_refcnt :
	    a == 1 ? curproc->p_limit->p_exclusive :
	    (int64_t)(intptr_t)curproc->p_limit);
}

static void
returns(void *arg)
{
	(void)arg;
}

PROGRAM(df_limits)
{
	int64_t mine, refs;
	tine_pid_t pid;
	int lwp;

	refs = K(k_limit, 0, 0, 0);
	mine = K(k_limit, 2, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(K(k_limit, 2, 0, 0) == mine);
		tine_check(K(k_limit, 0, 0, 0) == refs + 1);
		tine_check(tine_sys_df_setnproc(7) == 0);
		tine_check(K(k_limit, 2, 0, 0) != mine);
		tine_check(K(k_limit, 1, 0, 0) == 1);
		/* From one's own back to shared. */
		if (tine_sys_fork() == 0)
			tine_sys_exit(K(k_limit, 1, 0, 0) == 0 ? 0 : 1);
		tine_check(K(k_limit, 1, 0, 0) == 0);
		tine_check(tine_sys_waitpid(-1, NULL, 0) > 0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(K(k_limit, 0, 0, 0) == refs);
	/* A second LWP: a private copy, for good. */
	lwp = tine_sys_lwp_create(returns, NULL);
	tine_check(K(k_limit, 2, 0, 0) != mine);
	tine_check(K(k_limit, 1, 0, 0) == 2 && K(k_limit, 0, 0, 0) == 1);
	mine = K(k_limit, 2, 0, 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_limit, 2, 0, 0) == mine ? 0 : 1);
	tine_check(K(k_limit, 1, 0, 0) == 0);
	expect_exit(pid, 0);
	return (0);
}

PROGRAM(df_limits_threaded)
{
	int64_t mine;
	tine_pid_t pid;

	cell = 0;
	tine_check(tine_sys_lwp_create((tine_lwp_fn)(uintptr_t)holds_on,
	    (void *)(uintptr_t)&cell) == 1);
	mine = K(k_limit, 2, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_limit, 2, 0, 0) != mine &&
		    K(k_limit, 0, 0, 0) == 1 ? 0 : 1);
	expect_exit(pid, 0);
	tine_check(K(k_limit, 1, 0, 0) == 2);
	cell = 1;
	return (0);
}

/* spec: DF-036 DF-087 */
static void
limits_are_shared_until_somebody_changes_them(void **state)
{
	(void)state;
	rig_seeds("df_limits", 10);
	rig_seeds("df_limits_threaded", 10);
}

/* --- jails, tracing, symlinks --- */

static int64_t
k_misc(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return (p->p_flags & (P_JAILED | P_CONTROLT | P_TRACED |
		    P_EXEC));
	case 1:
		return ((int64_t)(intptr_t)p->p_ucred->cr_prison);
	case 2:
		return (p->p_tracenode == NULL ? 0 :
		    (int64_t)p->p_tracenode->kn_refs);
	case 3:
		return (varsym_set(&p->p_varsymset, "v", b != 0 ? "new" :
		    "old"));
	case 4:
		return (strcmp(varsym_get(&p->p_varsymset, "v"), "old"));
	default:
		return ((int64_t)p->p_traceflag);
	}
}

PROGRAM(df_misc)
{
	tine_pid_t pid;

	K(k_misc, 3, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(K(k_misc, 4, 0, 0) == 0);
		K(k_misc, 3, 1, 0);
		tine_check(K(k_misc, 4, 0, 0) != 0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(K(k_misc, 4, 0, 0) == 0);
	/* ktrace: only with the flag. */
	tine_check(tine_sys_ktrace(1, 0) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_misc, 2, 0, 0) == 0 &&
		    K(k_misc, 5, 0, 0) == 0 ? 0 : 1);
	expect_exit(pid, 0);
	tine_check(tine_sys_ktrace(1, 1) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(K(k_misc, 2, 0, 0) == 2 ? 0 : 1);
	expect_exit(pid, 0);
	tine_check(K(k_misc, 2, 0, 0) == 1);
	/* A jail is for the children too. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_jail() == 1);
		tine_check(K(k_misc, 0, 0, 0) & P_JAILED);
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_check(tine_sys_jail() == -EPERM);
			tine_check(tine_sys_kill(2, 0) == -EPERM);
			tine_sys_exit((K(k_misc, 0, 0, 0) & P_JAILED) != 0 &&
			    K(k_misc, 1, 0, 0) != 0 ? 0 : 1);
		}
		expect_exit(pid, 0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check((K(k_misc, 0, 0, 0) & P_JAILED) == 0);
	return (0);
}

/* spec: DF-027 DF-042 DF-043 */
static void
jail_trace_and_symlinks_are_inherited_each_in_its_way(void **state)
{
	(void)state;
	rig_seeds("df_misc", 10);
}

PROGRAM(df_tty)
{
	tine_pid_t pid, leader;
	char byte;
	int fd;

	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		tine_check((K(k_misc, 0, 0, 0) & P_CONTROLT) == 0);
		fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		if (fd < 0)
			fd = tine_sys_open("/dev/tty", TINE_O_RDWR, 0);
		tine_check(fd >= 0);
		tine_check(K(k_misc, 0, 0, 0) & P_CONTROLT);
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_check(K(k_misc, 0, 0, 0) & P_CONTROLT);
			/* In the background: a vfork child reads EIO. */
			tine_check(tine_sys_setpgid(0, 0) == 0);
			pid = vfork_();
			if (pid == 0) {
				tine_check(tine_sys_read(fd, &byte, 1) ==
				    -EIO);
				tine_check(tine_sys_write(fd, "", 0) == 0);
				tine_sys_exit(0);
			}
			expect_exit(pid, 0);
			tine_sys_exit(0);
		}
		expect_exit(pid, 0);
		tine_sys_exit(0);
	}
	expect_exit(leader, 0);
	return (0);
}

/* spec: DF-037 DF-068 DF-076 */
static void
the_terminal_is_inherited_and_vfork_never_stops_for_it(void **state)
{
	(void)state;
	rig_passes("df_tty", NULL);
}

/* --- events --- */

PROGRAM(df_events)
{
	const int kq = tine_sys_kqueue();
	struct tine_kevent ev;
	tine_pid_t pid, parent, child;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	parent = tine_sys_fork();
	if (parent == 0) {
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		expect_exit(pid, 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_kqueue_watch(kq, parent, TINE_NOTE_FORK |
	    TINE_NOTE_TRACK | TINE_NOTE_EXIT) == 0);
	tine_check(tine_sys_kqueue_watch(kq, 999, TINE_NOTE_FORK) == -ESRCH);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	expect_exit(parent, 0);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.pid == parent);
	tine_check(ev.fflags == (TINE_NOTE_FORK | TINE_NOTE_EXIT));
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	child = ev.pid;
	tine_check(child > parent);
	tine_check((ev.fflags & TINE_NOTE_CHILD) != 0);
	tine_check((ev.fflags & TINE_NOTE_EXIT) != 0);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
	return (0);
}

/* spec: DF-052 */
static void
whoever_watches_a_fork_knows_the_child_first(void **state)
{
	(void)state;
	rig_seeds("df_events", 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dispositions_are_copied_or_shared),
		cmocka_unit_test(
		    signals_of_the_lwp_are_inherited_those_of_the_process_not),
		cmocka_unit_test(a_pending_signal_is_handled_before_the_fork),
		cmocka_unit_test(
		    a_fork_waits_for_the_group_lock_and_no_signal_ends_that),
		cmocka_unit_test(
		    memory_is_copied_shared_or_absent_as_it_is_marked),
		cmocka_unit_test(
		    with_rfmem_a_store_of_the_child_is_the_parents_too),
		cmocka_unit_test(the_page_shared_with_the_kernel_is_ones_own),
		cmocka_unit_test(
		    a_copied_table_lacks_kqueues_and_reserved_slots),
		cmocka_unit_test(leaders_that_share_a_table_are_in_one_ring),
		cmocka_unit_test(limits_are_shared_until_somebody_changes_them),
		cmocka_unit_test(
		    jail_trace_and_symlinks_are_inherited_each_in_its_way),
		cmocka_unit_test(
		    the_terminal_is_inherited_and_vfork_never_stops_for_it),
		cmocka_unit_test(
		    whoever_watches_a_fork_knows_the_child_first),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
