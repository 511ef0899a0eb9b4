/* SPDX-License-Identifier: MIT */
/* test_netbsd_fork.c - what the child of a fork on NetBSD has of its parent. */
#include "netbsd_rig.h"

/* A child that is let live until it is told, so that it can be looked at. */
static tine_pid_t
fork_idle(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_sys_pause();
		tine_sys_exit(99);
	}
	tine_check(pid > 0);
	return (pid);
}

static void
end(tine_pid_t pid)
{
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

/* --- inheritance --- */

static int64_t
k_dress_parent(int64_t a, int64_t b)
{
	struct proc *p = curproc;

	(void)a;
	(void)b;
	p->p_flag |= PK_SUGID | PK_EXEC | PK_ADVLOCK | PK_NOCLDWAIT;
	p->p_sflag |= PS_STOPEXEC | PS_STOPEXIT | PS_NOCLDSTOP;
	p->p_lflag |= PL_ORPHANPG | PL_SIGCOMPAT;
	p->p_slflag |= PSL_TRACEFORK;
	p->p_nice = 7;
	p->p_mqueue_cnt = 2;
	p->p_estcpu = 5;
	LIST_FIRST(&p->p_lwps)->l_estcpu = 11;
	p->p_stats->p_ru.ru_nsys = 100;
	p->p_stats->p_cru.ru_nsys = 200;
	p->p_stats->p_timer[0] = 77;
	curlwp->l_private = 0x1234;
	curlwp->l_sigstk.size = 8192;
	curlwp->l_dbregs[0] = 1;
	return (0);
}

static int64_t
k_undress_parent(int64_t a, int64_t b)
{
	struct proc *p = curproc;

	(void)a;
	(void)b;
	p->p_flag &= ~(PK_ADVLOCK | PK_NOCLDWAIT);
	p->p_sflag &= ~(PS_STOPEXEC | PS_STOPEXIT | PS_NOCLDSTOP);
	p->p_lflag &= ~(PL_ORPHANPG | PL_SIGCOMPAT);
	p->p_mqueue_cnt = 0;
	curlwp->l_sigstk.size = 0;
	return (0);
}

static int64_t
k_compare(int64_t pid, int64_t b)
{
	const struct proc *p1 = curproc, *p2 = rig_find((pid_t)pid);
	const struct lwp *l2 = LIST_FIRST(&p2->p_lwps);

	(void)b;
	/* NB-014, NB-031, NB-026, NB-027 */
	ASSERT3(p2->p_flag, ==, PK_SUGID | PK_NOCLDWAIT);
	ASSERT3(p2->p_sflag, ==, PS_STOPEXEC | PS_NOCLDSTOP);
	ASSERT3(p2->p_lflag, ==, 0);
	ASSERT3(p2->p_slflag, ==, 0);
	ASSERT(p2->p_pptr == p1 && p2->p_ppid == p1->p_pid);
	/* NB-011, NB-012, NB-013 */
	ASSERT3(p2->p_nlwps, ==, 1);
	ASSERT3(p2->p_nrlwps, ==, 1);
	ASSERT3(p2->p_nlwpid, ==, 1);
	ASSERT3(p2->p_nstopchild, ==, 0);
	ASSERT3(p2->p_estcpu, ==, 0);
	ASSERT(p2->p_opptr == NULL && p2->p_timers == NULL);
	ASSERT(SLIST_EMPTY(&p2->p_klist) && p2->p_lwpctl == NULL);
	ASSERT3(p2->p_nice, ==, 7);
	ASSERT(strcmp(p2->p_comm, p1->p_comm) == 0);
	ASSERT(p2->p_pgrp == p1->p_pgrp);
	ASSERT3(p2->p_xsig, ==, 0);
	ASSERT(p2->p_sigctx.ps_sigignore == p1->p_sigctx.ps_sigignore &&
	    p2->p_sigctx.ps_sigcatch == p1->p_sigctx.ps_sigcatch);
	/* NB-015, NB-017, NB-018, NB-020 */
	ASSERT(p2->p_emul == p1->p_emul && p2->p_execsw == p1->p_execsw);
	ASSERT(p2->p_lockobj != p1->p_lockobj);
	ASSERT(p2->p_cred == p1->p_cred && l2->l_cred == p2->p_cred);
	ASSERT(p2->p_textvp == p1->p_textvp);
	ASSERT(p2->p_path != p1->p_path &&
	    strcmp(p2->p_path, p1->p_path) == 0);
	/* NB-023, NB-032 */
	ASSERT3(p2->p_mqueue_cnt, ==, 2);
	ASSERT3(p2->p_stats->p_ru.ru_nsys, ==, 0);
	ASSERT3(p2->p_stats->p_cru.ru_nsys, ==, 0);
	ASSERT3(p2->p_stats->p_timer[0], ==, 77);
	ASSERT(p2->p_stats->p_start != 0);
	ASSERT3(p2->p_estcpu_inherited, ==, 11);
	/* NB-033, NB-034, NB-035, NB-036, NB-104 */
	ASSERT(p2->p_vmspace != p1->p_vmspace);
	ASSERT3(l2->l_lid, ==, 1);
	ASSERT3(l2->l_sigmask, ==, curlwp->l_sigmask);
	ASSERT3(l2->l_sigstk.size, ==, 8192);
	ASSERT3(l2->l_dbregs[0], ==, 0);
	ASSERT(l2->l_name == NULL && l2->l_sigpend.sp_set == 0);
	ASSERT3(l2->l_class, ==, curlwp->l_class);
	ASSERT3(l2->l_private, ==, 0x1234);
	/* NB-028 */
	ASSERT3(p2->p_sigpend.sp_set, ==, 0);
	ASSERT(p2->p_aio == NULL && LIST_EMPTY(&p2->p_children));
	/* NB-039, NB-041, NB-044 */
	ASSERT(LIST_FIRST(&p1->p_children) == p2);
	ASSERT3(p2->p_exitsig, ==, SIGCHLD);
	ASSERT(LIST_NEXT(p1, p_pglist) == p2);
	ASSERT(LIST_FIRST(&allproc) == p2);
	ASSERT3(p2->p_acflag, ==, AFORK);
	return (0);
}

NB_PROGRAM(nb_inherit, "the child has what it is to have")
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1);
	tine_pid_t pid;

	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	(void)tine_sys_alarm(100);
	tine_sys_nanosleep(MS);
	in_kernel(k_dress_parent, 0, 0);
	pid = fork_idle();
	in_kernel(k_compare, pid, 0);
	in_kernel(k_undress_parent, 0, 0);
	end(pid);
	return (0);
}

/* spec: NB-011 NB-012 NB-013 NB-014 NB-015 NB-017 NB-018 NB-020 NB-023 */
/* spec: NB-026 NB-027 NB-028 NB-031 NB-032 NB-033 NB-034 NB-035 NB-036 */
/* spec: NB-039 NB-041 NB-044 NB-104 */
NB_TEST(the_child_has_exactly_what_fork_gives_it)
{
	nb_passes("nb_inherit");
}

/* --- order --- */

static int order[8];
static int norder;

static void
hook_emul(struct proc *p2, struct lwp *l1, int flags)
{
	struct proc *p;

	(void)l1;
	(void)flags;
	order[norder++] = 1;
	ASSERT3(p2->p_stat, ==, SIDL);
	LIST_FOREACH(p, &allproc, p_list)
		ASSERT(p != p2);
}

static void
hook_fork(struct proc *p2, struct proc *p1)
{
	const struct proc *p;

	(void)p1;
	order[norder++] = 2;
	ASSERT(LIST_FIRST(&p2->p_lwps)->l_private == 0x77);
	LIST_FOREACH(p, &allproc, p_list)
		ASSERT(p != p2);
}

static const struct emul emul_test = {
	.e_name = "test",
	.e_proc_fork = hook_emul
};

static int64_t
k_hooks(int64_t on, int64_t b)
{
	(void)b;
	if (on) {
		norder = 0;
		curlwp->l_private = 0x77;
		curproc->p_emul = &emul_test;
		return (forkhook_establish(hook_fork));
	}
	curproc->p_emul = &emul_netbsd;
	forkhook_disestablish(hook_fork);
	return (0);
}

NB_PROGRAM(nb_hooks, "the emulation's hook, then the others")
{
	tine_pid_t pid;

	tine_check(in_kernel(k_hooks, 1, 0) == 0);
	pid = fork_idle();
	tine_check(norder == 2 && order[0] == 1 && order[1] == 2);
	in_kernel(k_hooks, 0, 0);
	end(pid);
	return (0);
}

/* spec: NB-036 */
NB_TEST(hooks_run_in_order_before_anybody_sees_the_child)
{
	nb_passes("nb_hooks");
}

/* A fork paused in the middle: what others see of its child. */
static volatile pid_t unborn;

static void
probe_pause(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	if (at != 9)
		return;
	nb->nb_probe = NULL;
	unborn = p2->p_pid;
	(void)kpause("test", false, 5);
}

static int64_t
k_pause(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	unborn = 0;
	nb->nb_probe = probe_pause;
	return (0);
}

NB_PROGRAM(nb_unborn, "a process that is being made")
{
	tine_pid_t forker = tine_sys_fork(), grandchild;
	int status;

	if (forker == 0) {
		in_kernel(k_pause, 0, 0);
		grandchild = tine_sys_fork();
		if (grandchild == 0)
			tine_sys_exit(5);
		tine_check(tine_sys_waitpid(grandchild, &status, 0) ==
		    grandchild);
		/* SIGKILL in between had no effect. */
		tine_sys_exit(status == 5 << 8 ? 0 : 1);
	}
	while (unborn == 0)
		tine_sys_yield();
	tine_check(tine_sys_kill(unborn, 0) == 0);
	tine_check(tine_sys_kill(unborn, SIGKILL) == 0);
	tine_check(tine_sys_setpgid(unborn, unborn) == -ESRCH);
	tine_check(tine_sys_ptrace(TINE_NB_PT_ATTACH, unborn, NULL, 0) ==
	    -ESRCH);
	tine_check(tine_sys_waitpid(unborn, NULL, TINE_WNOHANG) == -ECHILD);
	tine_check(tine_sys_kill(unborn + 500, 0) == -ESRCH);
	tine_check(tine_sys_waitpid(forker, &status, 0) == forker);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-009 NB-108 NB-R12 */
NB_TEST(a_signal_to_an_unborn_child_is_accepted_and_lost)
{
	nb_passes("nb_unborn");
}

/* --- pids --- */

NB_PROGRAM(nb_pids, "numbers go round, but not into a group's")
{
	tine_pid_t leader, member, pid, last = 0;
	int wraps = 0;

	leader = tine_sys_fork();
	if (leader == 0) {
		tine_sys_setpgid(0, 0);
		tine_sys_exit(0);
	}
	member = tine_sys_fork();
	if (member == 0) {
		while (tine_sys_setpgid(0, leader) != 0)
			tine_sys_yield();
		tine_sys_pause();
	}
	while (tine_sys_getpgid(member) != leader)
		tine_sys_yield();
	tine_check(tine_sys_waitpid(leader, NULL, 0) == leader);
	for (int i = 0; i < 400; i++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(pid > 0 && pid != leader && pid != member);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
		wraps += pid < last;
		last = pid;
	}
	tine_check(wraps > 0);
	end(member);
	return (0);
}

/* spec: NB-010 */
NB_TEST(no_pid_is_that_of_a_group_that_lives)
{
	struct tine_options options = netbsd_options();

	options.pid_max = 100;
	harness_passes("nb_pids", &options, 0);
}

/* --- counters --- */

static int64_t
counter(enum tine_nb_sysctl name)
{
	int64_t value = -1;

	tine_check(tine_sys_sysctl_nb(name, 0, NULL, &value) == 0);
	return (value);
}

static int64_t
k_full(int64_t full, int64_t b)
{
	(void)b;
	maxproc = full ? nprocs : 1000;
	return (0);
}

static void
reap_exited(tine_pid_t pid)
{
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

static int
clone_done(void *arg)
{
	return (arg == NULL ? 0 : *(const int *)arg);
}

/* What it is told, and what it gives back. */
NB_PROGRAM(nb_clone_arg, "a clone has its argument")
{
	char *stack = tine_malloc(32768);
	int told = 42, status;
	tine_pid_t pid;

	pid = tine_sys_clone(SIGCHLD, stack + 32768, clone_done, &told);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 42 << 8);
	return (0);
}

NB_TEST(a_clone_begins_with_its_argument)
{
	nb_passes("nb_clone_arg");
}

NB_PROGRAM(nb_counters, "forks are counted when they succeed")
{
	const int64_t f = counter(TINE_NB_FORKS);
	const int64_t p = counter(TINE_NB_FORKS_PPWAIT);
	const int64_t s = counter(TINE_NB_FORKS_SHAREVM);
	char *stack = tine_malloc(32768);

	reap_exited(tine_sys_fork());
	reap_exited(tine_sys_vfork44());
	reap_exited(tine_sys_clone(TINE_CLONE_VM | TINE_CLONE_VFORK | SIGCHLD,
	    stack + 32768, clone_done, NULL));
	in_kernel(k_full, 1, 0);
	tine_check(tine_sys_fork() == -EAGAIN);
	in_kernel(k_full, 0, 0);
	tine_check(counter(TINE_NB_FORKS) == f + 3);
	tine_check(counter(TINE_NB_FORKS_PPWAIT) == p + 2);
	tine_check(counter(TINE_NB_FORKS_SHAREVM) == s + 1);
	return (0);
}

/* spec: NB-042 */
NB_TEST(successes_are_counted_by_kind)
{
	nb_passes("nb_counters");
}

/* --- clone --- */

static int64_t
k_shares(int64_t pid, int64_t b)
{
	const struct proc *p1 = curproc, *p2 = rig_find((pid_t)pid);

	(void)b;
	return ((p1->p_vmspace == p2->p_vmspace) |
	    (p1->p_cwdi == p2->p_cwdi) << 1 |
	    (p1->p_fd == p2->p_fd) << 2 |
	    (p1->p_sigacts == p2->p_sigacts) << 3 |
	    (p1->p_lockobj == p2->p_lockobj) << 4);
}

static int
clone_idle(void *arg)
{
	(void)arg;
	tine_sys_pause();
	return (0);
}

static int64_t
shares(unsigned flags)
{
	char *stack = tine_malloc(32768);
	tine_pid_t pid;
	int64_t mask;

	pid = tine_sys_clone(flags | SIGCHLD, stack + 32768, clone_idle, NULL);
	tine_check(pid > 0);
	mask = in_kernel(k_shares, pid, 0);
	end(pid);
	tine_free(stack);
	return (mask);
}

NB_PROGRAM(nb_clone_map, "each bit of clone shares one thing")
{
	tine_check(shares(0) == 0);
	tine_check(shares(TINE_CLONE_VM) == 1);
	tine_check(shares(TINE_CLONE_FS) == 2);
	tine_check(shares(TINE_CLONE_FILES) == 4);
	tine_check(shares(TINE_CLONE_VM | TINE_CLONE_SIGHAND) == (1 | 8 | 16));
	tine_check(shares(0x10000000u) == 0);
	return (0);
}

/* spec: NB-017 NB-021 NB-024 NB-030 NB-033 NB-114 */
NB_TEST(each_bit_of_clone_shares_exactly_one_thing)
{
	nb_passes("nb_clone_map");
}

NB_PROGRAM(nb_clone_bad, "clones that are refused")
{
	const int64_t n = counter(TINE_NB_NPROCS);

	tine_check(tine_sys_clone(TINE_CLONE_PID, NULL, NULL, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_clone(TINE_CLONE_PTRACE, NULL, NULL, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_clone(TINE_CLONE_SIGHAND, NULL, NULL, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_clone(64, NULL, NULL, NULL) == -EINVAL);
	tine_check(counter(TINE_NB_NPROCS) == n);
	return (0);
}

/* spec: NB-113 */
NB_TEST(bad_clones_are_refused_before_anything_is_counted)
{
	nb_passes("nb_clone_bad");
}

/* --- fork1 from the kernel --- */

static int64_t
k_fork1(int64_t flags, int64_t b)
{
	int64_t retval[2] = { -1, -1 };
	int error;

	(void)b;
	error = fork1(curlwp, (int)flags, SIGCHLD, 0, 0, NULL, NULL, retval);
	ASSERT(error != 0 || retval[1] == 0);
	return (error != 0 ? -error : retval[0]);
}

static int64_t
k_peek(int64_t pid, int64_t what)
{
	const struct proc *p = rig_find((pid_t)pid);

	switch (what) {
	case 0:
		return (p->p_ppid);
	case 1:
		return (p->p_fd->fd_nused);
	case 2:
		return (p->p_fd == curproc->p_fd);
	case 3:
		return ((p->p_flag & (PK_SYSTEM | PK_NOCLDWAIT)) ==
		    (PK_SYSTEM | PK_NOCLDWAIT) &&
		    (LIST_FIRST(&p->p_lwps)->l_flag & LW_SYSTEM) != 0);
	case 4:
		return (p->p_mqueue_cnt);
	default:
		return (p->p_stat);
	}
}

NB_PROGRAM(nb_flags, "the flags that no system call has")
{
	int64_t pid, fd = tine_sys_mq_open_nb();

	tine_check(fd >= 0);
	pid = in_kernel(k_fork1, FORK_CLEANFILES, 0);
	if (pid == 0)
		tine_sys_pause();
	tine_check(in_kernel(k_peek, pid, 1) == 0);
	tine_check(in_kernel(k_peek, pid, 4) == 1);
	end((tine_pid_t)pid);
	pid = in_kernel(k_fork1, FORK_CLEANFILES | FORK_SHAREFILES, 0);
	if (pid == 0)
		tine_sys_pause();
	tine_check(in_kernel(k_peek, pid, 2) == 1);
	end((tine_pid_t)pid);
	pid = in_kernel(k_fork1, FORK_NOWAIT, 0);
	if (pid == 0)
		tine_sys_pause();
	tine_check(in_kernel(k_peek, pid, 0) == 1);
	tine_check(tine_sys_waitpid((tine_pid_t)pid, NULL, TINE_WNOHANG) ==
	    -ECHILD);
	tine_check(tine_sys_kill((tine_pid_t)pid, SIGKILL) == 0);
	pid = in_kernel(k_fork1, FORK_SYSTEM, 0);
	if (pid == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	tine_check(in_kernel(k_peek, pid, 3) == 1);
	tine_check(tine_sys_waitpid((tine_pid_t)pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-016 NB-021 NB-023 NB-027 NB-047 NB-116 */
NB_TEST(nowait_cleanfiles_and_system_do_what_they_say)
{
	nb_passes("nb_flags");
}

NB_PROGRAM(nb_rfork_prog, "FreeBSD's rfork")
{
	tine_pid_t pid;

	tine_check(tine_sys_rfork_freebsd(0) == -EINVAL);
	tine_check(tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG |
	    TINE_FBRFCFDG) == -EINVAL);
	pid = tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG);
	if (pid == 0)
		tine_sys_pause();
	tine_check(in_kernel(k_shares, pid, 0) == 0);
	end(pid);
	pid = tine_sys_rfork_freebsd(TINE_FBRFPROC);
	if (pid == 0)
		tine_sys_pause();
	tine_check(in_kernel(k_shares, pid, 0) == 4);
	end(pid);
	return (0);
}

/* spec: NB-116 */
NB_TEST(rfork_of_the_emulation_maps_its_flags)
{
	nb_passes("nb_rfork_prog");
}

/* --- files --- */

NB_PROGRAM(nb_files, "descriptors of a child")
{
	int fd = tine_sys_open("/note", TINE_O_RDWR | TINE_O_CREAT, 0644);
	int kq = tine_sys_kqueue_nb();
	tine_pid_t pid;

	tine_check(fd == 3 && kq == 4);
	tine_check(tine_sys_write(fd, "abcdef", 6) == 6);
	tine_check(tine_sys_fcntl(fd, TINE_F_SETFD, 1) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_fcntl(fd, TINE_F_GETFD, 0) == 1);
		tine_check(tine_sys_fcntl(kq, TINE_F_GETFD, 0) == -EBADF);
		tine_check(tine_sys_lseek(fd, 2, TINE_SEEK_SET) == 2);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 2);
	return (0);
}

/* spec: NB-022 */
NB_TEST(descriptors_keep_number_mark_and_offset_but_kqueues_stay)
{
	nb_passes("nb_files");
}

/* --- limits --- */

static int64_t
k_limit(int64_t pid, int64_t b)
{
	const struct proc *p1 = curproc, *p2 = rig_find((pid_t)pid);

	(void)b;
	if (p1->p_limit == p2->p_limit)
		return (p1->p_limit->pl_refcnt);
	ASSERT(memcmp(p1->p_limit->pl_rlimit, p2->p_limit->pl_rlimit,
	    sizeof (p1->p_limit->pl_rlimit)) == 0);
	ASSERT(!p2->p_limit->pl_writeable);
	return (0);
}

NB_PROGRAM(nb_limits, "limits are copied on write")
{
	struct tine_rlimit limit = { 50, 60 }, now;
	tine_pid_t pid = fork_idle();

	/* Never changed: shared, by everybody. */
	tine_check(in_kernel(k_limit, pid, 0) >= 2);
	end(pid);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &now) == 0);
		tine_check(now.cur == 50 && now.max == 60);
		limit.cur = 40;
		tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit,
		    NULL) == 0);
		tine_sys_pause();
	}
	tine_check(in_kernel(k_limit, pid, 0) == 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &now) == 0);
	tine_check(now.cur == 50);
	end(pid);
	return (0);
}

/* spec: NB-025 NB-R32 */
NB_TEST(limits_are_shared_until_somebody_changes_them)
{
	nb_passes("nb_limits");
}

/* --- ras, ktrace --- */

static int64_t
k_ras(int64_t pid, int64_t b)
{
	const struct ras *r1 = curproc->p_raslist;
	const struct ras *r2 = rig_find((pid_t)pid)->p_raslist;

	(void)b;
	/* The parent's: b, a. The child's in reverse. */
	ASSERT(r1->ras_startaddr == r2->ras_next->ras_startaddr);
	ASSERT(r1->ras_next->ras_startaddr == r2->ras_startaddr);
	ASSERT(r1->ras_endaddr == r2->ras_next->ras_endaddr);
	ASSERT(r1->ras_next->ras_endaddr == r2->ras_endaddr);
	ASSERT(r2->ras_next->ras_next == NULL);
	return (0);
}

NB_PROGRAM(nb_ras, "restartable sequences of a child")
{
	char *const a = (char *)(uintptr_t)0x1000, *const c = a + 64;
	tine_pid_t pid;

	tine_check(tine_sys_ras_install(a, 16) == 0);
	tine_check(tine_sys_ras_install(c, 16) == 0);
	pid = fork_idle();
	in_kernel(k_ras, pid, 0);
	tine_check(tine_sys_ras_purge(a, 16) == 0);
	tine_check(tine_sys_ras_purge(a, 16) == -ESRCH);
	tine_check(in_kernel(k_peek, pid, 9) == SACTIVE);
	end(pid);
	return (0);
}

/* spec: NB-019 */
NB_TEST(the_child_has_the_same_sequences_in_reverse)
{
	nb_passes("nb_ras");
}

static int64_t
k_ktrace(int64_t facs, int64_t on)
{
	return (ktrace_set(curproc, (uint32_t)facs, on != 0));
}

static int64_t
k_ktrace_gone(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (curproc->p_tracep == NULL);
}

static int64_t
k_ktrace_of(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	if (p->p_tracep == NULL)
		return (0);
	ASSERT(p->p_tracep == curproc->p_tracep);
	ASSERT3(p->p_tracep->kts_last_pid, ==, (uint32_t)p->p_pid);
	return (p->p_tracep->kts_refs * 100 + p->p_tracep->kts_sysrets);
}

NB_PROGRAM(nb_ktrace, "who is traced with its parent")
{
	tine_pid_t pid;

	tine_check(in_kernel(k_ktrace, KTRFAC_SYSRET, 1) == 0);
	pid = fork_idle();
	tine_check(in_kernel(k_ktrace_of, pid, 0) == 0);
	end(pid);
	tine_check(in_kernel(k_ktrace, 0, 0) == 0);
	tine_check(in_kernel(k_ktrace_gone, 0, 0) == 1);
	/* Nor is it anything to end what is not. */
	tine_check(in_kernel(k_ktrace, 0, 0) == 0);
	tine_check(in_kernel(k_ktrace, (int64_t)(KTRFAC_SYSRET |
	    KTRFAC_INHERIT), 1) == 0);
	pid = fork_idle();
	tine_sys_nanosleep(MS);
	/* Two references, and the child's return was recorded. */
	tine_check(in_kernel(k_ktrace_of, pid, 0) == 201);
	end(pid);
	in_kernel(k_ktrace, 0, 0);
	return (0);
}

/* spec: NB-029 NB-051 */
NB_TEST(ktrace_is_inherited_only_if_asked_for)
{
	nb_passes("nb_ktrace");
}

/* --- stopped start --- */

NB_PROGRAM(nb_stopfork, "a child that is born stopped")
{
	const tine_sigset_t chld = TINE_SIGBIT(SIGCHLD);
	int64_t one = 1, value = -1;
	tine_sigset_t pending;
	tine_pid_t pid;
	int status = -1;

	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &chld, NULL) == 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &one, NULL) == 0);
	/* Reading it looks at the wrong flags. */
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, NULL, &value) == 0);
	tine_check(value == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(3);
	tine_sys_nanosleep(5 * MS);
	tine_check(in_kernel(k_peek, pid, 9) == SSTOP);
	tine_check(tine_sys_sigpending(&pending) == 0);
	tine_check((pending & chld) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == 0x7f);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

/* spec: NB-045 NB-097 */
NB_TEST(a_child_can_be_born_stopped_and_nobody_is_told)
{
	nb_passes("nb_stopfork");
}

/* What a debugger and a trace call them. */
static int64_t
k_called(int64_t pid, int64_t b)
{
	(void)b;
	ASSERT(strcmp(proc0.p_comm, "system") == 0);
	ASSERT(rig_find((pid_t)pid)->p_vmspace->vm_as->pid == (uint32_t)pid);
	return (0);
}

NB_PROGRAM(nb_called, "names of process 0 and of a child's space")
{
	const tine_pid_t pid = fork_idle();

	in_kernel(k_called, pid, 0);
	end(pid);
	return (0);
}

NB_TEST(a_space_has_its_process_and_process_0_its_name)
{
	nb_passes("nb_called");
}

/* --- how many LWPs run --- */

static int64_t
k_running(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (curproc->p_nrlwps);
}

static void
waits(void *arg)
{
	char c;

	(void)tine_sys_read(*(int *)arg, &c, 1);
}

/* A stop takes all of them, a suspension one; each comes back once. */
NB_PROGRAM(nb_running, "LWPs that run are counted")
{
	int fds[2], lwp, status;
	tine_pid_t pid;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		lwp = tine_sys_lwp_create(waits, &fds[0]);
		tine_check(lwp > 0);
		tine_check(in_kernel(k_running, 0, 0) == 2);
		tine_sys_nanosleep(1);
		tine_check(tine_sys_lwp_suspend(lwp) == 0);
		tine_check(in_kernel(k_running, 0, 0) == 1);
		tine_check(tine_sys_lwp_continue(lwp) == 0);
		tine_check(in_kernel(k_running, 0, 0) == 2);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP) == 0);
		tine_check(in_kernel(k_running, 0, 0) == 2);
		tine_check(tine_sys_write(fds[1], "g", 1) == 1);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_check(in_kernel(k_running, 0, 0) == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, TINE_WUNTRACED) == pid);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	reap_exited(pid);
	return (0);
}

NB_TEST(lwps_that_run_are_counted)
{
	nb_passes("nb_running");
}

/* --- knotes --- */

NB_PROGRAM(nb_track, "NOTE_FORK and NOTE_TRACK")
{
	struct tine_nb_kevent event;
	int kq = tine_sys_kqueue_nb(), forks = 0, children = 0;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid;

	tine_check(tine_sys_kevent_proc(kq, self, TINE_NB_NOTE_FORK |
	    TINE_NB_NOTE_TRACK, 1) == 0);
	pid = fork_idle();
	while (tine_sys_kevent_next(kq, &event, 0) == 0) {
		if ((event.fflags & TINE_NB_NOTE_FORK) != 0) {
			forks++;
			tine_check(event.pid == self && event.data == pid);
		}
		if ((event.fflags & TINE_NB_NOTE_CHILD) != 0) {
			children++;
			tine_check(event.pid == pid && event.data == self);
		}
	}
	tine_check(forks == 1 && children == 1);
	end(pid);
	return (0);
}

/* spec: NB-043 */
NB_TEST(a_watcher_is_told_and_follows_the_child)
{
	nb_passes("nb_track");
}

NB_PROGRAM(nb_told_of_exec, "NOTE_EXEC")
{
	struct tine_nb_kevent event;
	const int kq = tine_sys_kqueue_nb();
	tine_pid_t pid;
	int fds[2];
	char c;

	if (argc > 1)
		return (0);
	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		char *again[] = { argv[0], (char *)(uintptr_t)"again", NULL };

		tine_check(tine_sys_read(fds[0], &c, 1) == 1);
		tine_sys_exec("nb_told_of_exec", again);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_kevent_proc(kq, pid, TINE_NB_NOTE_EXEC, 1) == 0);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == -EAGAIN);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	reap_exited(pid);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == 0);
	tine_check(event.pid == pid);
	tine_check((event.fflags & TINE_NB_NOTE_EXEC) != 0);
	return (0);
}

NB_TEST(a_watcher_is_told_of_exec)
{
	nb_passes("nb_told_of_exec");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_child_has_exactly_what_fork_gives_it),
		cmocka_unit_test(
		    hooks_run_in_order_before_anybody_sees_the_child),
		cmocka_unit_test(
		    a_signal_to_an_unborn_child_is_accepted_and_lost),
		cmocka_unit_test(no_pid_is_that_of_a_group_that_lives),
		cmocka_unit_test(a_clone_begins_with_its_argument),
		cmocka_unit_test(successes_are_counted_by_kind),
		cmocka_unit_test(each_bit_of_clone_shares_exactly_one_thing),
		cmocka_unit_test(
		    bad_clones_are_refused_before_anything_is_counted),
		cmocka_unit_test(nowait_cleanfiles_and_system_do_what_they_say),
		cmocka_unit_test(rfork_of_the_emulation_maps_its_flags),
		cmocka_unit_test(
		    descriptors_keep_number_mark_and_offset_but_kqueues_stay),
		cmocka_unit_test(limits_are_shared_until_somebody_changes_them),
		cmocka_unit_test(the_child_has_the_same_sequences_in_reverse),
		cmocka_unit_test(ktrace_is_inherited_only_if_asked_for),
		cmocka_unit_test(
		    a_child_can_be_born_stopped_and_nobody_is_told),
		cmocka_unit_test(a_watcher_is_told_and_follows_the_child),
		cmocka_unit_test(lwps_that_run_are_counted),
		cmocka_unit_test(a_watcher_is_told_of_exec),
		cmocka_unit_test(
		    a_space_has_its_process_and_process_0_its_name),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
