/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_ends.c - as test_dragonfly_claims.c: what nothing noticed when
 * it was broken by hand. LWPs, reapers, exit, wait and exec.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

static TINE_DATA volatile int go;

static void
catch_restart(int signo)
{
	const struct tine_sigaction action = { .handler = on_signal,
		.flags = TINE_SA_RESTART };

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static int
procctl(int cmd)
{
	return (tine_sys_procctl(TINE_P_PID, tine_sys_getpid(), cmd, NULL));
}

/* --- LWPs --- */

static int64_t
k_lwps(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;

	(void)c;
	if (a == 0)
		return (p->p_nthreads);
	p->p_lasttid = (lwpid_t)b;
	return (0);
}

static void
leaves(void *arg)
{
	(void)arg;
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

static void
wraps(void *arg)
{
	int tid = -1;
	struct tine_lwp_params params = { .func = leaves, .tid1 = &tid };

	(void)arg;
	while (K(k_lwps, 0, 0, 0) != 1)
		tine_sys_nanosleep(MS);
	params.stack = new_stack();
	K(k_lwps, 1, INT32_MAX, 0);
	/* 0 is free, and never comes again; 1 is the caller's. */
	tine_check(tine_sys_lwp_create2(&params) == 0);
	tine_check(tid == 2);
	while (K(k_lwps, 0, 0, 0) != 1)
		tine_sys_nanosleep(MS);
	tine_sys_exit(7);
}

PROGRAM(dn_wraps)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_lwp_create(wraps, NULL) == 1);
		tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
	}
	expect_exit(pid, 7);
	return (0);
}

/* spec: DF-083 DF-084 */
static void
the_id_0_never_comes_again(void **state)
{
	(void)state;
	rig_seeds("dn_wraps", 6);
}

static void
forks(void *arg)
{
	tine_pid_t pid;

	(void)arg;
	tine_check(tine_sys_lwp_self() == 2);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_self() == 0);
		tine_check(K(k_lwps, 0, 0, 0) == 1);
		tine_check(tine_sys_lwp_create(leaves, NULL) == 1);
		tine_sys_exit(3);
	}
	expect_exit(pid, 3);
	go = 1;
	leaves(NULL);
}

static void
pauses(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

PROGRAM(dn_forks)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_lwp_create(pauses, NULL) == 1);
		tine_check(tine_sys_lwp_create(forks, NULL) == 2);
		while (go == 0)
			tine_sys_nanosleep(MS);
		/* Of the process, though there is another LWP. */
		tine_sys_extexit(TINE_EXTEXIT_PROC, 9, NULL);
	}
	expect_exit(pid, 9);
	return (0);
}

/* spec: DF-085 DF-088 */
static void
whoever_forks_the_child_has_lwp_0(void **state)
{
	(void)state;
	rig_seeds("dn_forks", 6);
}

static int64_t
k_stack_size(uint64_t a, uint64_t b, uint64_t c)
{
	const struct lwp *lp = curthread->td_lwp;

	(void)b;
	(void)c;
	return (lp->lwp_sigstk.sp == (void *)(uintptr_t)a &&
	    lp->lwp_sigstk.size == STACK && lp->lwp_cpumask == 3 &&
	    lp->lwp_rtprio == 4);
}

static int64_t
k_attributes(uint64_t a, uint64_t b, uint64_t c)
{
	struct lwp *lp = curthread->td_lwp;

	(void)a;
	(void)b;
	(void)c;
	lp->lwp_cpumask = 7;
	lp->lwp_rtprio = 4;
	return (0);
}

static void
has_attributes(void *arg)
{
	tine_check(K(k_stack_size, arg, 0, 0) == 1);
	go = 1;
	leaves(NULL);
}

PROGRAM(dn_attributes)
{
	struct tine_stack alt = { .size = STACK };
	uint64_t *top = (uint64_t *)(void *)new_stack();
	struct tine_lwp_params params = { .func = has_attributes,
		.stack = top };

	alt.sp = tine_malloc(STACK);
	params.arg = alt.sp;
	tine_check(tine_sys_sigaltstack(&alt, NULL) == 0);
	K(k_attributes, 0, 0, 0);
	top[-1] = UINT64_MAX;
	tine_check(tine_sys_lwp_create2(&params) == 0);
	/* Nobody but us has run: where it began it would return to 0. */
	tine_check(top[-1] == 0);
	while (go == 0 || K(k_lwps, 0, 0, 0) != 1)
		tine_sys_yield();
	return (0);
}

/* spec: DF-081 DF-086 */
static void
an_lwp_begins_with_its_creators_attributes(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	/* One CPU at a time, and two to be masked by. */
	options.ncpu = 2;
	options.preempt = TINE_PREEMPT_NEVER;
	rig_passes("dn_attributes", &options);
}

/* --- reapers --- */

static int64_t
k_root(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (initreaper.p == initproc && initreaper.parent == NULL &&
	    initproc->p_reaper == &initreaper ? (int64_t)initreaper.flags : -1);
}

PROGRAM(dn_root)
{
	tine_check(K(k_root, 0, 0, 0) == (TINE_REAPER_STAT_OWNED |
	    TINE_REAPER_STAT_REALINIT));
	return (0);
}

/* spec: DF-102 */
static void
the_root_of_all_reapers_is_the_real_init(void **state)
{
	(void)state;
	rig_passes("dn_root", NULL);
}

/* Nothing wakes the reaper but that an orphan has come, a zombie already. */
PROGRAM(dn_woken)
{
	tine_pid_t a, b, c;
	int status;

	tine_check(procctl(TINE_PROC_REAP_ACQUIRE) == 0);
	a = tine_sys_fork();
	if (a == 0) {
		b = tine_sys_fork();
		if (b == 0) {
			c = tine_sys_fork();
			if (c == 0)
				tine_sys_exit(6);
			tine_sys_nanosleep(10 * MS);
			tine_sys_exit(0);
		}
		tine_sys_nanosleep(10000 * MS);
		expect_exit(b, 0);
		tine_sys_exit(0);
	}
	c = tine_sys_df_wait4(-1, &status, 0);
	tine_check(c > a && status == 6 << 8);
	tine_check(tine_sys_time() < 1000 * MS);
	tine_check(tine_sys_kill(a, SIGKILL) == 0);
	reap_all();
	return (0);
}

/* spec: DF-100 */
static void
a_reaper_that_waits_is_woken_for_an_orphan(void **state)
{
	(void)state;
	rig_seeds("dn_woken", 6);
}

/* --- peers --- */

static int
sleeps(void *arg)
{
	const struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };

	(void)arg;
	for (int signo = 1; signo < 32; signo++)
		(void)tine_sys_sigaction(signo, &ignore, NULL);
	for (;;)
		tine_sys_pause();
	return (0);
}

/* Whatever it ignores, it ends with its leader; another peer's end is nothing
 * to it, also of one that it stands behind. */
PROGRAM(dn_peers)
{
	tine_pid_t leader, older, newer;
	int status;

	tine_check(procctl(TINE_PROC_REAP_ACQUIRE) == 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		older = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFMEM, new_stack(), sleeps, NULL);
		newer = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFMEM, new_stack(), sleeps, NULL);
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_kill(newer, SIGKILL) == 0);
		tine_check(tine_sys_df_wait4(newer, &status, 0) == newer);
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_df_wait4(older, NULL,
		    TINE_WAIT4_NOHANG) == 0);
		tine_sys_exit(older);
	}
	tine_check(tine_sys_df_wait4(leader, &status, 0) == leader);
	tine_check((status & 0xff) == 0);
	older = status >> 8;
	tine_check(tine_sys_df_wait4(older, &status, 0) == older);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: DF-104 */
static void
peers_end_with_their_leader_alone_and_whatever_they_ignore(void **state)
{
	(void)state;
	rig_seeds("dn_peers", 8);
}

/* The peer is another's child: nothing wakes the leader but that it is off the
 * chain; by then its descriptors are closed. */
PROGRAM(dn_off_chain)
{
	tine_pid_t leader, peer;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		peer = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFTHREAD |
		    TINE_RFMEM | TINE_RFFDG | TINE_RFNOWAIT, new_stack(),
		    sleeps, NULL);
		tine_check(peer > 0);
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(4);
	}
	tine_check(tine_sys_close(fds[1]) == 0);
	tine_check(tine_sys_fcntl(fds[0], TINE_F_SETFL, TINE_O_NONBLOCK) == 0);
	expect_exit(leader, 4);
	tine_check(tine_sys_read(fds[0], &byte, 1) == 0);
	return (0);
}

/* spec: DF-104 DF-105 */
static void
a_peer_wakes_its_leader_when_its_files_are_closed(void **state)
{
	(void)state;
	rig_seeds("dn_off_chain", 25);
}

/* --- exit --- */

static int64_t
k_zombie(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = zpfind((pid_t)a);
	int64_t result;

	(void)c;
	if (p == NULL)
		return (-ESRCH);
	if (b != 0) {
		p->p_sigparent = (int)b;
		result = 0;
	} else {
		result = p->p_siglist != 0 ||
		    p->p_lwp_tree->lwp_siglist != 0 || p->p_fd != NULL ||
		    p->p_textvp != NULL || p->p_limit != NULL ||
		    p->p_reaper != NULL;
	}
	PRELE(p);
	return (result);
}

PROGRAM(dn_pending)
{
	const tine_sigset_t mask = TINE_SIGBIT(SIGUSR1) |
	    TINE_SIGBIT(SIGUSR2);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask,
		    NULL) == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
		tine_check(tine_sys_lwp_kill2(tine_sys_getpid(), 0,
		    SIGUSR2) == 0);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(5 * MS);
	tine_check(K(k_zombie, pid, 0, 0) == 0);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-105 */
static void
a_zombie_has_no_signals_nor_anything_to_hold(void **state)
{
	(void)state;
	rig_passes("dn_pending", NULL);
}

/* With the leader of a session its terminal goes, and who is at it. */
PROGRAM(dn_hangup)
{
	tine_pid_t leader, here, there;
	int status;

	tine_check(procctl(TINE_PROC_REAP_ACQUIRE) == 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setsid() > 0);
		tine_check(tine_sys_open("/dev/console", TINE_O_RDWR, 0) >= 0);
		here = tine_sys_fork();
		if (here == 0)
			pauses(NULL);
		there = tine_sys_fork();
		if (there == 0) {
			tine_check(tine_sys_setpgid(0, 0) == 0);
			pauses(NULL);
		}
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	expect_exit(leader, 0);
	here = tine_sys_df_wait4(-1, &status, 0);
	tine_check(here == leader + 1 && status == SIGHUP);
	tine_sys_nanosleep(50 * MS);
	there = leader + 2;
	tine_check(tine_sys_df_wait4(there, NULL, TINE_WAIT4_NOHANG) == 0);
	tine_check(tine_sys_kill(there, SIGTERM) == 0);
	tine_check(tine_sys_df_wait4(there, &status, 0) == there);
	tine_check(status == SIGTERM);
	return (0);
}

/* spec: DF-105 */
static void
who_is_at_the_terminal_of_a_session_hangs_up_with_its_leader(void **state)
{
	(void)state;
	rig_seeds("dn_hangup", 6);
}

/* Stopped, and nobody of the session is left who could continue it. */
PROGRAM(dn_orphaned)
{
	tine_pid_t shell, job;
	int status;

	tine_check(procctl(TINE_PROC_REAP_ACQUIRE) == 0);
	shell = tine_sys_fork();
	if (shell == 0) {
		tine_check(tine_sys_setsid() > 0);
		job = tine_sys_fork();
		if (job == 0) {
			tine_check(tine_sys_setpgid(0, 0) == 0);
			pauses(NULL);
		}
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_kill(job, SIGSTOP) == 0);
		tine_check(tine_sys_df_wait4(job, &status,
		    TINE_WAIT4_UNTRACED) == job);
		tine_sys_exit(0);
	}
	expect_exit(shell, 0);
	job = tine_sys_df_wait4(-1, &status, 0);
	tine_check(job == shell + 1 && status == SIGHUP);
	return (0);
}

/* spec: DF-105 */
static void
a_stopped_group_that_is_orphaned_goes_on_and_hangs_up(void **state)
{
	(void)state;
	rig_seeds("dn_orphaned", 6);
}

/* Of init: no default action is ever taken, so its signals must be blocked to
 * be seen; and which it ignores is changed for that. */
static int64_t
k_init(uint64_t a, uint64_t b, uint64_t c)
{
	struct sigacts *ps = initproc->p_sigacts;
	struct lwp *lp = initproc->p_lwp_tree;
	df_sigset_t pending;

	(void)b;
	(void)c;
	if (a == 0) {
		SIGDELSET(ps->ps_sigignore, SIGCHLD);
		lp->lwp_sigmask = ~(df_sigset_t)0;
		return (0);
	}
	pending = initproc->p_siglist | lp->lwp_siglist;
	initproc->p_siglist = lp->lwp_siglist = 0;
	if (a == 2) {
		SIGADDSET(ps->ps_sigignore, SIGCHLD);
		lp->lwp_sigmask = 0;
	}
	return ((int64_t)pending);
}

PROGRAM(dn_init)
{
	tine_pid_t pid;

	K(k_init, 0, 0, 0);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFNOWAIT |
	    TINE_RFLINUXTHPN);
	if (pid == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(5 * MS);
	tine_check(K(k_init, 2, 0, 0) == (int64_t)TINE_SIGBIT(SIGCHLD));
	return (0);
}

/* spec: DF-108 */
static void
init_is_told_by_sigchld_alone(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.quirks = rig_quirks("none,+DF-R29");
	rig_ends("dn_init", &options, TINE_OUTCOME_LEAK, "DF-R29");
}

/* Init asks for that, with the memory of the caller. */
static int64_t
k_as_init(uint64_t a, uint64_t b, uint64_t c)
{
	struct vmspace *vm = initproc->p_vmspace;
	struct proc *p = curproc;
	int64_t result;

	(void)b;
	(void)c;
	curthread->td_proc = initproc;
	initproc->p_vmspace = p->p_vmspace;
	result = sys_sigaction((const uint64_t[5]) { SIGCHLD, a, 0, 0, 0 });
	if (result == 0)
		result = initproc->p_sigacts->ps_flag;
	initproc->p_sigacts->ps_flag = 0;
	initproc->p_vmspace = vm;
	curthread->td_proc = p;
	return (result);
}

PROGRAM(dn_init_zombies)
{
	struct tine_sigaction no_zombies = { .handler = TINE_SIG_IGN,
		.flags = TINE_SA_NOCLDWAIT | TINE_SA_NOCLDSTOP };

	tine_check(K(k_as_init, &no_zombies, 0, 0) == PS_NOCLDSTOP);
	return (0);
}

/* spec: DF-107 */
static void
init_cannot_do_without_zombies(void **state)
{
	(void)state;
	rig_passes("dn_init_zombies", NULL);
}

/* --- wait --- */

/* A debugger had it when it ended: its parent is told when it comes back. */
PROGRAM(dn_given_back)
{
	tine_pid_t child, debugger;
	int status;

	catch_restart(SIGCHLD);
	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(6);
	}
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, child, 0) == 0);
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		tine_check(tine_sys_df_ptrace(TINE_PT_CONTINUE, child, 0) == 0);
		tine_sys_nanosleep(50 * MS);
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		tine_check(status == 6 << 8);
		tine_sys_nanosleep(1000 * MS);
		tine_sys_exit(0);
	}
	/* One that sleeps for any wakes at once, too. */
	tine_check(tine_sys_df_wait4(-1, &status, 0) == child);
	tine_check(status == 6 << 8);
	tine_check(tine_sys_time() < 500 * MS);
	tine_check(handled == 1);
	expect_exit(debugger, 0);
	tine_check(handled == 2);
	return (0);
}

/* spec: DF-113 */
static void
a_parent_is_told_of_a_zombie_that_comes_back(void **state)
{
	(void)state;
	rig_seeds("dn_given_back", 10);
}

PROGRAM(dn_extremes)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_df_wait4(INT32_MIN, NULL, 0) == -ECHILD);
	tine_check(tine_sys_df_wait4(INT32_MAX, NULL, 0) == -ECHILD);
	tine_check(tine_sys_df_wait4(-INT32_MAX, NULL, 0) == -ECHILD);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-109 */
static void
a_group_that_cannot_be_has_no_children(void **state)
{
	(void)state;
	rig_passes("dn_extremes", NULL);
}

/* --- vfork --- */

static int64_t
k_vmrefs(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (curproc->p_vmspace->vm_refcnt);
}

/* By the time the parent runs the child has nothing any more. */
PROGRAM(dn_released)
{
	int fds[2];
	tine_pid_t pid;
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_fcntl(fds[0], TINE_F_SETFL, TINE_O_NONBLOCK) == 0);
	pid = vfork_();
	if (pid == 0)
		tine_sys_exit(3);
	tine_check(K(k_vmrefs, 0, 0, 0) == 1);
	tine_check(tine_sys_close(fds[1]) == 0);
	tine_check(tine_sys_read(fds[0], &byte, 1) == 0);
	expect_exit(pid, 3);
	return (0);
}

/* spec: DF-073 DF-105 */
static void
a_vfork_child_has_given_all_back_when_its_parent_goes_on(void **state)
{
	(void)state;
	rig_seeds("dn_released", 40);
}

/* --- exec --- */

static int64_t
k_image(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;

	(void)c;
	switch (a) {
	case 0:
		return (strcmp(p->p_comm, (const char *)(uintptr_t)b));
	case 1:
		return (curthread->td_lwp->lwp_flags & LWP_ALTSTACK);
	case 2:
		return (p->p_fdtol != NULL);
	case 3:
		p->p_osrel = 403;
		return (0);
	default:
		return (p->p_osrel);
	}
}

PROGRAM(dn_image)
{
	tine_check(K(k_image, 0, "dn_image", 0) == 0);
	tine_check(K(k_image, 1, 0, 0) == 0 && K(k_image, 2, 0, 0) == 0);
	return (8);
}

static int
ends(void *arg)
{
	(void)arg;
	return (0);
}

PROGRAM(dn_becomes)
{
	struct tine_stack alt = { .size = STACK };
	tine_pid_t pid, other;

	K(k_image, 3, 0, 0);
	tine_check(tine_sys_exec("dn_missing", NULL) == -ENOENT);
	tine_check(K(k_image, 4, 0, 0) == 0);
	tine_check(K(k_image, 0, "dn_becomes", 0) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		alt.sp = tine_malloc(STACK);
		tine_check(tine_sys_sigaltstack(&alt, NULL) == 0);
		/* A table that was shared once: the record is there still. */
		other = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM,
		    new_stack(), ends, NULL);
		expect_exit(other, 0);
		tine_check(K(k_image, 1, 0, 0) != 0);
		tine_check(K(k_image, 2, 0, 0) == 1);
		tine_sys_exec("dn_image", NULL);
	}
	expect_exit(pid, 8);
	return (0);
}

/* spec: DF-072 DF-114 */
static void
a_new_image_has_a_name_no_stack_and_no_record(void **state)
{
	(void)state;
	rig_passes("dn_becomes", NULL);
}

/* Who holds it while it waits sees that it is in exec. */
static int64_t
k_in_exec(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	int64_t result;

	(void)c;
	tsleep(&p->p_start, 0, "test", b);
	result = p->p_flags & (P_INEXEC | P_EXEC);
	PRELE(p);
	return (result);
}

PROGRAM(dn_in_exec)
{
	tine_pid_t pid, holder;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(10 * MS);
		tine_sys_exec("dn_image", NULL);
	}
	holder = tine_sys_fork();
	if (holder == 0)
		tine_sys_exit(K(k_in_exec, pid, 8, 0) == P_INEXEC ? 0 : 1);
	expect_exit(pid, 8);
	expect_exit(holder, 0);
	return (0);
}

/* spec: DF-056 DF-114 */
static void
who_waits_for_holds_in_exec_says_so(void **state)
{
	(void)state;
	rig_passes("dn_in_exec", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_id_0_never_comes_again),
		cmocka_unit_test(whoever_forks_the_child_has_lwp_0),
		cmocka_unit_test(an_lwp_begins_with_its_creators_attributes),
		cmocka_unit_test(the_root_of_all_reapers_is_the_real_init),
		cmocka_unit_test(a_reaper_that_waits_is_woken_for_an_orphan),
		cmocka_unit_test(
		    peers_end_with_their_leader_alone_and_whatever_they_ignore),
		cmocka_unit_test(
		    a_peer_wakes_its_leader_when_its_files_are_closed),
		cmocka_unit_test(a_zombie_has_no_signals_nor_anything_to_hold),
		cmocka_unit_test(
	who_is_at_the_terminal_of_a_session_hangs_up_with_its_leader),
		cmocka_unit_test(
		    a_stopped_group_that_is_orphaned_goes_on_and_hangs_up),
		cmocka_unit_test(init_is_told_by_sigchld_alone),
		cmocka_unit_test(init_cannot_do_without_zombies),
		cmocka_unit_test(a_parent_is_told_of_a_zombie_that_comes_back),
		cmocka_unit_test(a_group_that_cannot_be_has_no_children),
		cmocka_unit_test(
		    a_vfork_child_has_given_all_back_when_its_parent_goes_on),
		cmocka_unit_test(a_new_image_has_a_name_no_stack_and_no_record),
		cmocka_unit_test(who_waits_for_holds_in_exec_says_so),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
