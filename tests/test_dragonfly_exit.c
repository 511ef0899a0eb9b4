/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_exit.c - reapers, exit, wait and exec.
 */
#include "dragonfly_rig.h"

static TINE_DATA volatile int go, got[NSIG];

static int
procctl(int cmd, struct tine_reaper_status *status)
{
	return tine_sys_procctl(TINE_P_PID, tine_sys_getpid(), cmd, status);
}

static void
gets_signal(int signo)
{
	got[signo]++;
}

static void
waits_for(int signo)
{
	struct tine_sigaction action = { .handler = gets_signal,
		.flags = TINE_SA_RESTART };

	got[signo] = 0;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* A child that tells its pid by a pipe, and lives until it is killed. */
static tine_pid_t
orphan_of(tine_pid_t middle, int fd)
{
	tine_pid_t pid = 0;

	tine_check(tine_sys_read(fd, &pid, sizeof(pid)) == sizeof(pid));
	tine_check(tine_sys_waitpid(middle, NULL, 0) == middle);
	return pid;
}

/* The middle's part: fork a child that waits, tell, and exit. */
static TINE_NORETURN void
leave_orphan(int fd)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_write(fd, &pid, sizeof(pid)) == sizeof(pid));
	tine_sys_exit(0);
}

static int64_t
k_ppid(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	int64_t result;

	(void)b;
	(void)c;
	if (p == NULL)
		return (-ESRCH);
	result = p->p_pptr->p_pid;
	PRELE(p);
	return (result);
}

/* --- reapers --- */

PROGRAM(df_procctl)
{
	struct tine_reaper_status st;
	tine_pid_t me = tine_sys_getpid(), a, b;

	tine_check(tine_sys_procctl(TINE_P_PID, 1, 1, NULL) == -EINVAL);
	tine_check(tine_sys_procctl(TINE_P_ALL, me, 1, NULL) == -EINVAL);
	tine_check(procctl(4, NULL) == -EINVAL);
	tine_check(procctl(0, NULL) == -EINVAL);
	tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) == -ENOTCONN);
	tine_check(procctl(TINE_PROC_REAP_STATUS, NULL) == 0);
	tine_check(procctl(TINE_PROC_REAP_STATUS, (void *)8) == -EFAULT);
	tine_check(procctl(TINE_PROC_REAP_STATUS, &st) == 0);
	tine_check(st.flags == 0 && st.refs == 0 && st.pid_head == -1);
	tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == -EALREADY);
	tine_check(procctl(TINE_PROC_REAP_STATUS, &st) == 0);
	tine_check(st.flags == TINE_REAPER_STAT_OWNED && st.refs == 0);
	a = tine_sys_fork();
	if (a == 0) {
		b = tine_sys_fork();
		if (b == 0) {
			tine_sys_nanosleep(50 * MS);
			tine_sys_exit(0);
		}
		/* A node of one's own counts once. */
		tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
		tine_sys_nanosleep(20 * MS);
		tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) == 0);
		tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) ==
		    -ENOTCONN);
		tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(10 * MS);
	tine_check(procctl(TINE_PROC_REAP_STATUS, &st) == 0);
	tine_check(st.refs == 2 && st.pid_head == a);
	tine_sys_nanosleep(80 * MS);
	/* The grandchild is gone: a zombie does not count. */
	tine_check(procctl(TINE_PROC_REAP_STATUS, &st) == 0);
	tine_check(st.refs == 1 && st.pid_head == a);
	expect_exit(a, 0);
	a = tine_sys_fork();
	if (a == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(10 * MS);
	tine_check(procctl(TINE_PROC_REAP_STATUS, &st) == 0);
	tine_check(st.refs == 0 && st.pid_head == a);	/* a zombie */
	tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) == 0);
	tine_check(procctl(TINE_PROC_REAP_STATUS, &st) == 0);
	tine_check(st.flags == 0 && st.refs == 0 && st.pid_head == a);
	expect_exit(a, 0);
	return (0);
}

/* spec: DF-091 DF-092 DF-093 DF-094 DF-095 DF-097 */
static void
procctl_acquires_releases_and_counts(void **state)
{
	(void)state;
	rig_seeds("df_procctl", 15);
}

/* Whose orphans go where. */
PROGRAM(df_orphans)
{
	tine_pid_t me = tine_sys_getpid(), early, pid, gone;
	int fds[2], in[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0 && tine_sys_pipe(in) == 0);
	/* Forked before: it stays with the old reaper. */
	early = tine_sys_fork();
	if (early == 0) {
		tine_check(tine_sys_read(in[0], &byte, 1) == 1);
		leave_orphan(fds[1]);
	}
	tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	tine_check(tine_sys_write(in[1], "x", 1) == 1);
	pid = orphan_of(early, fds[0]);
	tine_check(K(k_ppid, pid, 0, 0) == 1);		/* DF-096 DF-102 */
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	/* Forked after: ours. */
	gone = tine_sys_fork();
	if (gone == 0)
		leave_orphan(fds[1]);
	pid = orphan_of(gone, fds[0]);
	tine_check(K(k_ppid, pid, 0, 0) == me);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	/* A reaper that has exited: to the nearest one above, us. */
	gone = tine_sys_fork();
	if (gone == 0) {
		tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_check(tine_sys_read(in[0], &byte, 1) == 1);
			leave_orphan(fds[1]);
		}
		tine_sys_exit(0);
	}
	expect_exit(gone, 0);
	tine_check(tine_sys_write(in[1], "x", 1) == 1);
	tine_check(tine_sys_read(fds[0], &pid, sizeof(pid)) == sizeof(pid));
	tine_check(tine_sys_waitpid(-1, NULL, 0) > 0);
	tine_check(K(k_ppid, pid, 0, 0) == me);		/* DF-101 DF-098 */
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	/* Released: the root again. */
	tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) == 0);
	gone = tine_sys_fork();
	if (gone == 0)
		leave_orphan(fds[1]);
	pid = orphan_of(gone, fds[0]);
	tine_check(K(k_ppid, pid, 0, 0) == 1);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	return (0);
}

/* spec: DF-096 DF-098 DF-101 DF-102 */
static void
orphans_go_to_the_reaper_of_the_time_of_their_fork(void **state)
{
	(void)state;
	rig_seeds("df_orphans", 15);
}

/* A chain of dead nodes is cut out by whoever climbs past it. */
static int64_t
k_nodes(uint64_t a, uint64_t b, uint64_t c)
{
	const struct sysreaper *reap = curproc->p_reaper;
	int64_t n = 0;

	(void)a;
	(void)b;
	(void)c;
	for (; reap != NULL; reap = reap->parent)
		n++;
	return (n);
}

/* An orphan of N3, whose adoption cuts N2 out. */
static TINE_NORETURN void
bottom(tine_pid_t me, int fd)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid != 0)
		tine_sys_exit(0);
	while (tine_sys_getppid() != me)
		tine_sys_yield();
	tine_check(K(k_nodes, 0, 0, 0) == 3);
	pid = tine_sys_getpid();
	tine_sys_write(fd, &pid, sizeof(pid));
	tine_sys_exit(0);
}

PROGRAM(df_prune)
{
	tine_pid_t me = tine_sys_getpid(), b, pid;
	int fds[2];

	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);	/* N1 */
	b = tine_sys_fork();
	if (b == 0) {
		tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
		pid = tine_sys_fork();
		if (pid == 0) {
			/* N3 below N2 below N1 below the root */
			tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) ==
			    0);
			tine_check(K(k_nodes, 0, 0, 0) == 4);
			pid = tine_sys_fork();
			if (pid == 0) {
				while (tine_sys_getppid() != me)
					tine_sys_yield();
				tine_check(K(k_nodes, 0, 0, 0) == 4);
				bottom(me, fds[1]);
			}
			tine_sys_nanosleep(20 * MS);
			tine_sys_exit(0);
		}
		tine_sys_nanosleep(5 * MS);
		tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) == 0);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
		tine_sys_exit(0);
	}
	expect_exit(b, 0);
	tine_check(tine_sys_read(fds[0], &pid, sizeof(pid)) == sizeof(pid));
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	reap_all();
	return (0);
}

/* spec: DF-098 */
static void
dead_nodes_are_cut_out_on_the_way_up(void **state)
{
	(void)state;
	rig_seeds("df_prune", 15);
}

static int64_t
k_children(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc->p_children;
	int64_t digits = 0;

	(void)b;
	(void)c;
	for (; p != NULL; p = p->p_sibling) {
		if (a == 1 && p->p_sigparent != SIGCHLD)
			return (-1);
		digits = digits * 100 + p->p_pid;
	}
	return (digits);
}

PROGRAM(df_reverse)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	char *top = new_stack();
	tine_pid_t middle, own, c;

	(void)top;
	tine_check(tine_sys_sigaction(SIGUSR1, &ignore, NULL) == 0);
	tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	own = tine_sys_fork();
	if (own == 0) {
		tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	middle = tine_sys_fork();
	if (middle == 0) {
		for (int i = 0; i < 3; i++) {
			c = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG |
			    (i == 1 ? TINE_RFLINUXTHPN : 0));
			if (c == 0) {
				tine_sys_nanosleep(100 * MS);
				tine_sys_exit(0);
			}
		}
		tine_sys_exit(0);
	}
	expect_exit(middle, 0);
	/* Theirs were 7 6 5; reversed they precede ours, 3. */
	tine_check(own == 3 && middle == 4);
	tine_check(K(k_children, 1, 0, 0) == 5060703);
	reap_all();
	return (0);
}

/* spec: DF-100 DF-108 */
static void
adopted_children_come_first_and_in_reverse(void **state)
{
	(void)state;
	rig_passes("df_reverse", NULL);
}

/* --- exit --- */

static void
exits_two(void *arg)
{
	(void)arg;
	while (go == 0)
		tine_sys_yield();
	tine_sys_exit(2);
}

PROGRAM(df_master)
{
	tine_pid_t pid;
	int status;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_lwp_create(exits_two, NULL);
		tine_sys_lwp_create(exits_two, NULL);
		go = 1;
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 1 << 8 || status == 2 << 8);
	return (0);
}

/* spec: DF-103 */
static void
the_first_lwp_to_exit_decides_the_status(void **state)
{
	(void)state;
	rig_seeds("df_master", 30);
}

static int
sleeps_for_ever(void *arg)
{
	(void)arg;
	tine_sys_pause();
	return (0);
}

PROGRAM(df_peers)
{
	char *a, *b;
	tine_pid_t leader, p, q;
	int status;

	leader = tine_sys_fork();
	if (leader == 0) {
		a = new_stack();
		b = new_stack();
		p = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFMEM, a, sleeps_for_ever, NULL);
		q = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFFDG, b, sleeps_for_ever, NULL);
		tine_check(p > 0 && q > 0);
		/* A peer's end leaves the others alone. */
		tine_check(tine_sys_kill(p, SIGTERM) == 0);
		tine_check(tine_sys_waitpid(p, &status, 0) == p);
		tine_check(tine_sys_kill(q, 0) == 0);
		tine_sys_exit(5);
	}
	expect_exit(leader, 5);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	return (0);
}

/* spec: DF-023 DF-104 */
static void
a_leader_kills_its_peers_and_outlives_them(void **state)
{
	(void)state;
	rig_seeds("df_peers", 20);
}

/* The pipe's end may be seen before the zombie. */
PROGRAM(df_order)
{
	int fds[2], early = 0;
	tine_pid_t pid, result;
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(1);
	tine_check(tine_sys_close(fds[1]) == 0);
	tine_check(tine_sys_read(fds[0], &byte, 1) == 0);
	result = tine_sys_waitpid(pid, NULL, TINE_WNOHANG);
	tine_check(result == 0 || result == pid);
	if (result == 0) {
		early = 9;
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	}
	return (early);
}

/* spec: DF-105 DF-111 */
static void
an_exiting_process_closes_its_files_before_it_is_a_zombie(void **state)
{
	struct tine_options options = rig_options();
	unsigned early = 0;

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 0; options.seed < 40; options.seed++) {
		assert_int_equal(rig_run("df_order", &options),
		    TINE_OUTCOME_PASSED);
		early += rig_result.status == 9 << 8;
	}
	assert_in_range(early, 1, 40);
}

/* A hold keeps it from becoming a zombie. */
static int64_t
k_hold(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	int64_t result;

	(void)c;
	if (p == NULL)
		return (-ESRCH);
	tsleep(&p->p_start, 0, "test", b);
	result = p->p_stat;
	PRELE(p);
	return (result);
}

PROGRAM(df_hold)
{
	tine_pid_t pid, holder;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(10 * MS);
		tine_sys_exit(3);
	}
	holder = tine_sys_fork();
	if (holder == 0)
		tine_sys_exit(K(k_hold, pid, 5, 0) == SACTIVE ? 0 : 1);
	tine_sys_nanosleep(30 * MS);
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, 0) == 0);
	expect_exit(pid, 3);
	expect_exit(holder, 0);
	return (0);
}

/* spec: DF-106 */
static void
a_held_process_is_no_zombie_yet(void **state)
{
	(void)state;
	rig_passes("df_hold", NULL);
}

PROGRAM(df_nozombie)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	struct tine_sigaction nowait = { .handler = TINE_SIG_DFL,
		.flags = TINE_SA_NOCLDWAIT };
	tine_pid_t pid;

	tine_check(tine_sys_sigaction(SIGCHLD, &ignore, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	/* As the reaper one has them oneself. */
	tine_check(procctl(TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(4);
	expect_exit(pid, 4);
	tine_check(procctl(TINE_PROC_REAP_RELEASE, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGCHLD, &nowait, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	return (0);
}

/* spec: DF-107 */
static void
children_of_who_wants_no_zombies_go_to_the_reaper(void **state)
{
	(void)state;
	rig_seeds("df_nozombie", 20);
}

PROGRAM(df_chld)
{
	char *top = new_stack();
	tine_pid_t pid;

	(void)top;
	waits_for(SIGCHLD);
	waits_for(SIGUSR1);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	expect_exit(pid, 0);
	tine_check(got[SIGCHLD] == 1 && got[SIGUSR1] == 0);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFLINUXTHPN);
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_df_wait4(pid, NULL, 0) == -ECHILD);
	tine_check(tine_sys_df_wait4(pid, NULL, 0x40) == -EINVAL);
	tine_check(tine_sys_df_wait4(pid, NULL, TINE_WLINUXCLONE) == pid);
	tine_check(got[SIGCHLD] == 1 && got[SIGUSR1] == 1);
	return (0);
}

/* spec: DF-030 DF-108 DF-109 */
static void
a_parent_is_told_by_the_childs_exit_signal(void **state)
{
	(void)state;
	rig_seeds("df_chld", 15);
}

/* --- wait --- */

PROGRAM(df_select)
{
	tine_pid_t a, b;
	int status;

	a = tine_sys_fork();
	if (a == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_sys_exit(1);
	}
	tine_sys_nanosleep(MS);
	b = tine_sys_fork();
	if (b == 0)
		tine_sys_exit(2);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_df_wait4(-a, &status, 0) == a);
	tine_check(tine_sys_df_wait4(-a, &status, 0) == -ECHILD);
	tine_check(tine_sys_df_wait4(0, &status, 0) == b);
	tine_check(status == 2 << 8);
	tine_check(tine_sys_df_wait4(0, &status, 0) == -ECHILD);
	/* Newest first. */
	a = tine_sys_fork();
	if (a == 0)
		tine_sys_exit(1);
	b = tine_sys_fork();
	if (b == 0)
		tine_sys_exit(2);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_df_wait4(-1, &status, 0) == b);
	tine_check(tine_sys_df_wait4(-1, &status, 0) == a);
	return (0);
}

/* spec: DF-109 DF-110 */
static void
wait_selects_by_pid_group_and_age(void **state)
{
	(void)state;
	rig_seeds("df_select", 15);
}

/* The last LWP is counted still: a wait that must not wait does. */
static int64_t
k_zombie_wait(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = zpfind((pid_t)a);

	(void)b;
	(void)c;
	if (p == NULL)
		return (-ESRCH);
	/* A hold: wait sleeps at "reap3" until it is dropped. */
	tsleep(&p->p_start, 0, "test", 5);
	PRELE(p);
	return (0);
}

PROGRAM(df_wnohang)
{
	tine_pid_t pid, holder;
	uint64_t before;

	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(3);
	tine_sys_nanosleep(5 * MS);
	holder = tine_sys_fork();
	if (holder == 0)
		tine_sys_exit(K(k_zombie_wait, pid, 0, 0) == 0 ? 0 : 1);
	tine_sys_nanosleep(5 * MS);
	before = tine_sys_time();
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == pid);
	tine_check(tine_sys_time() - before >= 40 * MS);
	expect_exit(holder, 0);
	return (0);
}

/* spec: DF-106 DF-111 */
static void
wnohang_sleeps_for_a_zombie_that_is_held(void **state)
{
	(void)state;
	rig_passes("df_wnohang", NULL);
}

PROGRAM(df_stops)
{
	tine_pid_t pid;
	int status = 0;

	waits_for(SIGCHLD);
	pid = tine_sys_fork();
	if (pid == 0) {
		for (;;)
			tine_sys_pause();
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(got[SIGCHLD] == 1);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED |
	    TINE_WAIT4_NOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);	/* no second time */
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED |
	    TINE_WAIT4_NOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_CONTINUED) ==
	    pid);
	tine_check(status == 19);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_CONTINUED |
	    TINE_WAIT4_NOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_check(tine_sys_kill(pid, SIGTERM) == 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_NOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: DF-112 */
static void
a_stop_and_a_continue_are_told_once(void **state)
{
	(void)state;
	rig_seeds("df_stops", 20);
}

PROGRAM(df_debugger)
{
	tine_pid_t child, debugger;
	int status;

	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(6);
	}
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, 9999, 0) ==
		    -ESRCH);
		tine_check(tine_sys_df_ptrace(TINE_PT_DETACH, child, 0) ==
		    -EPERM);
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, child, 0) == 0);
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, child, 0) ==
		    -EBUSY);
		/* Traced: told without being asked for. */
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		tine_check(status == (SIGSTOP << 8 | 0x7f));
		tine_check(tine_sys_df_ptrace(TINE_PT_CONTINUE, child, 0) == 0);
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		tine_check(status == 6 << 8);
		tine_check(tine_sys_wait(NULL) == -ECHILD);
		tine_sys_exit(0);
	}
	expect_exit(debugger, 0);
	expect_exit(child, 6);
	/* Attached and let go. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(7);
	}
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, child, 0) == 0);
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		/* A fork of it is not traced. */
		tine_check(tine_sys_df_ptrace(TINE_PT_DETACH, child, 0) == 0);
		tine_sys_exit(0);
	}
	expect_exit(debugger, 0);
	expect_exit(child, 7);
	return (0);
}

/* spec: DF-113 */
static void
a_debugger_gives_a_zombie_back(void **state)
{
	(void)state;
	rig_seeds("df_debugger", 15);
}

/* --- exec --- */

static int64_t
k_exec(uint64_t a, uint64_t b, uint64_t c)
{
	const struct proc *p = curproc;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return (p->p_fd->fd_refcnt);
	case 1:
		return (p->p_sigacts->ps_refcnt);
	case 2:
		return (p->p_nthreads);
	case 3:
		return (curthread->td_lwp->lwp_tid);
	case 4:
		return (p->p_flags & (P_EXEC | P_INEXEC));
	case 5:
		return (p->p_fdtol != NULL);
	default:
		return (p->p_vmspace->vm_refcnt);
	}
}

PROGRAM(df_execed)
{
	struct tine_sigaction old;
	struct tine_stack stack;

	tine_check(K(k_exec, 0, 0, 0) == 1 && K(k_exec, 1, 0, 0) == 1);
	tine_check(K(k_exec, 2, 0, 0) == 1 && K(k_exec, 3, 0, 0) == 2);
	tine_check(K(k_exec, 4, 0, 0) == P_EXEC);
	tine_check(K(k_exec, 5, 0, 0) == 0 && K(k_exec, 6, 0, 0) == 1);
	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL);
	tine_check(tine_sys_sigaction(SIGUSR2, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_IGN);
	tine_check(tine_sys_sigaltstack(NULL, &stack) == 0);
	tine_check(stack.flags == TINE_SS_DISABLE);
	tine_check(tine_sys_write(3, "", 0) == -EBADF);
	tine_check(tine_sys_write(4, "", 0) == 0);
	tine_sys_exit(tine_sys_getpid() & 0x7f);
}

static void
idles(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_yield();
}

static void
execs(void *arg)
{
	(void)arg;
	tine_sys_exec("df_execed", NULL);
	tine_check(0);
}

static int
becomes(void *arg)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	char *alt = tine_malloc(16384);
	struct tine_stack stack = { .sp = alt, .size = 16384 };

	(void)arg;
	waits_for(SIGUSR1);
	tine_check(tine_sys_sigaction(SIGUSR2, &ignore, NULL) == 0);
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	tine_check(tine_sys_fcntl(3, TINE_F_SETFD, 1) == 0);
	tine_check(tine_sys_lwp_create(idles, NULL) == 1);
	tine_check(tine_sys_lwp_create(execs, NULL) == 2);
	idles(NULL);
	return (0);
}

PROGRAM(df_exec)
{
	char *top = new_stack();
	struct tine_sigaction old;
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_dup2(1, 3) == 3 && tine_sys_dup2(1, 4) == 4);
	pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFSIGSHARE, top,
	    becomes, NULL);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (pid & 0x7f) << 8);
	/* What was shared is as it was, or as the child left it. */
	tine_check(tine_sys_write(3, "", 0) == 0);
	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &old) == 0);
	tine_check(old.handler == gets_signal);
	return (0);
}

/* spec: DF-103 DF-114 */
static void
exec_makes_private_what_was_shared_and_keeps_the_lwps_id(void **state)
{
	(void)state;
	rig_seeds("df_exec", 25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(procctl_acquires_releases_and_counts),
		cmocka_unit_test(
		    orphans_go_to_the_reaper_of_the_time_of_their_fork),
		cmocka_unit_test(dead_nodes_are_cut_out_on_the_way_up),
		cmocka_unit_test(adopted_children_come_first_and_in_reverse),
		cmocka_unit_test(the_first_lwp_to_exit_decides_the_status),
		cmocka_unit_test(a_leader_kills_its_peers_and_outlives_them),
		cmocka_unit_test(
		    an_exiting_process_closes_its_files_before_it_is_a_zombie),
		cmocka_unit_test(a_held_process_is_no_zombie_yet),
		cmocka_unit_test(
		    children_of_who_wants_no_zombies_go_to_the_reaper),
		cmocka_unit_test(a_parent_is_told_by_the_childs_exit_signal),
		cmocka_unit_test(wait_selects_by_pid_group_and_age),
		cmocka_unit_test(wnohang_sleeps_for_a_zombie_that_is_held),
		cmocka_unit_test(a_stop_and_a_continue_are_told_once),
		cmocka_unit_test(a_debugger_gives_a_zombie_back),
		cmocka_unit_test(
		    exec_makes_private_what_was_shared_and_keeps_the_lwps_id),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
