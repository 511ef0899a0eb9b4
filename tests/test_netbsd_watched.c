/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_watched.c - what a debugger of NetBSD sees of a fork, to the
 * letter; what a vfork child may and may not; who is woken by what.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

#define STOPPED(signo) ((signo) << 8 | 0x7f)

static int
ptrace(int req, tine_pid_t pid, void *addr, int data)
{
	return (tine_sys_ptrace(req, pid, addr, data));
}

static TINE_DATA volatile struct tine_siginfo told;
static TINE_DATA volatile int times;

static void
is_told(int signo, struct tine_siginfo *info, void *context)
{
	(void)signo;
	(void)context;
	told = *info;
	times++;
}

static void
listens(int signo, unsigned flags)
{
	struct tine_sigaction action = { .flags = 0 };

	action.sigaction = is_told;
	action.flags = TINE_SA_SIGINFO | TINE_SA_RESTART | flags;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* Whether the signal that it stopped with is the kernel's own. */
static int64_t
k_faked(int64_t pid, int64_t b)
{
	(void)b;
	return (rig_find((pid_t)pid)->p_sigctx.ps_faked);
}

/* A process in our hands that is about to make a child. */
static tine_pid_t
holds(tine_pid_t (*makes)(void), int mask, int child_ms)
{
	const tine_pid_t p1 = tine_sys_fork();
	int status;

	if (p1 == 0) {
		volatile tine_pid_t pid;

		tine_check(ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) == 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		pid = makes();
		if (pid == 0) {
			tine_sys_nanosleep((uint64_t)child_ms * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(9);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == STOPPED(SIGSTOP));
	tine_check(in_kernel(k_faked, p1, 0) == 0);
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	return (p1);
}

static void
goes_on(tine_pid_t pid)
{
	tine_check(ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0) == 0);
}

static struct tine_ptrace_state
state_of(tine_pid_t pid)
{
	struct tine_ptrace_state state;

	tine_check(ptrace(TINE_NB_PT_GET_PROCESS_STATE, pid, &state,
	    sizeof(state)) == 0);
	return (state);
}

/* --- the events of a fork, and of a vfork --- */

static int looked;	/* of the host's */

/* Before anybody else can see the child it is the debugger's. */
static void
whose(int at, struct proc *p1, struct proc *p2)
{
	if (at != 47 || !ISSET(p1->p_slflag, PSL_TRACED))
		return;
	ASSERT(p2->p_pptr == p1->p_pptr);
	ASSERT(p2->p_opptr == p1 && p2->p_ppid == p1->p_pid);
	ASSERT(LIST_FIRST(&p1->p_pptr->p_children) == p2);
	looked++;
}

static int64_t
k_watch(int64_t on, int64_t b)
{
	(void)b;
	nb->nb_probe = on != 0 ? whose : NULL;
	return (0);
}

static void
both_stop(tine_pid_t (*makes)(void), int event)
{
	const tine_pid_t p1 = holds(makes, event, 0);
	struct tine_ptrace_siginfo info;
	tine_pid_t pid;
	int status;

	/* SA_NOCLDSTOP is not heeded by an event. */
	listens(SIGCHLD, TINE_SA_NOCLDSTOP);
	times = 0;
	goes_on(p1);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == 0x057f);
	tine_check(times >= 1);
	tine_check(state_of(p1).report_event == event);
	tine_check(in_kernel(k_faked, p1, 0) == 1);
	pid = state_of(p1).other_pid;
	tine_check(ptrace(TINE_NB_PT_GET_SIGINFO, p1, &info,
	    sizeof(info)) == 0);
	tine_check(info.signo == SIGTRAP && info.code == TINE_TRAP_CHLD);
	/* The child's: the same event, and whose child it is. */
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0x057f);
	tine_check(told.code == CLD_STOPPED && told.status == SIGTRAP);
	tine_check(state_of(pid).report_event == event);
	tine_check(state_of(pid).other_pid == p1);
	listens(SIGCHLD, 0);
	goes_on(pid);
	goes_on(p1);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	if (status == STOPPED(SIGCHLD)) {
		goes_on(p1);
		tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	}
	tine_check(status == 9 << 8);
}

NB_PROGRAM(nb_watched_events, "events of forks")
{
	in_kernel(k_watch, 1, 0);
	both_stop(tine_sys_fork, TINE_NB_PTRACE_FORK);
	both_stop(tine_sys_vfork44, TINE_NB_PTRACE_VFORK);
	in_kernel(k_watch, 0, 0);
	return (0);
}

/* spec: NB-040 NB-080 NB-081 NB-082 NB-083 */
NB_TEST(both_sides_of_an_event_say_the_same)
{
	looked = 0;
	nb_passes("nb_watched_events");
	assert_int_equal(looked, 2);
}

/* --- the end of a vfork --- */

static int64_t
k_stat(int64_t pid, int64_t b)
{
	(void)b;
	return (rig_find((pid_t)pid)->p_stat);
}

NB_PROGRAM(nb_watched_done, "the end of a vfork")
{
	const tine_pid_t p1 = holds(tine_sys_vfork44,
	    TINE_NB_PTRACE_VFORK_DONE, 30);
	const uint64_t from = tine_sys_time();
	tine_pid_t pid;
	int status;

	goes_on(p1);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == STOPPED(SIGTRAP));
	tine_check(tine_sys_time() - from >= 30 * MS);
	tine_check(state_of(p1).report_event == TINE_NB_PTRACE_VFORK_DONE);
	pid = state_of(p1).other_pid;
	/* It was never traced, and is a zombie of P1's. */
	tine_check(in_kernel(k_stat, pid, 0) == SZOMB);
	tine_check(tine_sys_waitpid(pid, &status, TINE_WNOHANG) == -ECHILD);
	tine_check(ptrace(TINE_NB_PT_KILL, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	return (0);
}

/* spec: NB-084 */
NB_TEST(the_end_of_a_vfork_is_told_when_it_is_over)
{
	nb_passes("nb_watched_done");
}

/* --- what is told first, and forgotten --- */

static int64_t
k_event(int64_t pid, int64_t b)
{
	struct proc *p = rig_find((pid_t)pid);

	(void)b;
	ASSERT(p->p_fpid != 0);
	p->p_vfpid = 44;
	p->p_vfpid_done = 45;
	p->p_lwp_created = 46;
	return (p->p_fpid);
}

static int64_t
k_events(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	return (p->p_fpid + p->p_vfpid + p->p_vfpid_done + p->p_lwp_created +
	    p->p_lwp_exited);
}

NB_PROGRAM(nb_watched_first, "several events at once")
{
	const tine_pid_t p1 = holds(tine_sys_fork, TINE_NB_PTRACE_FORK, 0);
	int64_t child;
	int status;

	goes_on(p1);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	child = in_kernel(k_event, p1, 0);
	tine_check(state_of(p1).report_event == TINE_NB_PTRACE_FORK);
	tine_check(state_of(p1).other_pid == child);
	goes_on(p1);
	tine_check(in_kernel(k_events, p1, 0) == 0);
	tine_check(tine_sys_kill(p1, SIGKILL) == 0);
	tine_check(tine_sys_kill((tine_pid_t)child, SIGKILL) == 0);
	while (tine_sys_wait(&status) > 0)
		continue;
	return (0);
}

/* spec: NB-085 */
NB_TEST(a_fork_is_told_before_other_events_and_all_are_forgotten)
{
	nb_passes("nb_watched_first");
}

/* --- a child that is let go --- */

static int64_t
k_waits(int64_t p1, int64_t p2)
{
	const struct proc *parent = rig_find((pid_t)p1);
	const struct lwp *l = LIST_FIRST(&parent->p_lwps);

	ASSERT(rig_find((pid_t)p2)->p_pptr == parent);
	ASSERT(ISSET(rig_find((pid_t)p2)->p_lflag, PL_PPWAIT));
	ASSERT3(l->l_stat, ==, LSSLEEP);
	ASSERT(l->l_wchan == &parent->p_waitcv);
	return (0);
}

NB_PROGRAM(nb_watched_free, "a vfork child that is let go")
{
	const tine_pid_t p1 = holds(tine_sys_vfork44, TINE_NB_PTRACE_VFORK, 30);
	tine_pid_t pid;
	int status;

	goes_on(p1);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	pid = state_of(p1).other_pid;
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	goes_on(p1);
	tine_sys_nanosleep(5 * MS);
	tine_check(ptrace(TINE_NB_PT_DETACH, pid, NULL, 0) == 0);
	tine_sys_nanosleep(5 * MS);
	in_kernel(k_waits, p1, pid);
	tine_check(ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0) == -EPERM);
	tine_sys_nanosleep(50 * MS);
	while (tine_sys_waitpid(p1, &status, 0) == p1 &&
	    status == STOPPED(SIGCHLD))
		goes_on(p1);
	tine_check(status == 9 << 8);
	return (0);
}

/* spec: NB-086 */
NB_TEST(a_child_that_is_let_go_is_its_parents_who_waits_on)
{
	nb_passes("nb_watched_free");
}

/* --- refusals --- */

NB_PROGRAM(nb_watched_refused, "requests that are refused")
{
	int mask = TINE_NB_PTRACE_FORK, status;
	const tine_pid_t p1 = holds(tine_sys_fork, mask, 0);
	struct tine_ptrace_siginfo info;
	struct tine_ptrace_state state;
	tine_pid_t other;

	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask, 1) == -EINVAL);
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask, 8) == -EINVAL);
	mask = 0;
	tine_check(ptrace(TINE_NB_PT_GET_EVENT_MASK, p1, &mask, 2) == -EINVAL);
	tine_check(ptrace(TINE_NB_PT_GET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(mask == TINE_NB_PTRACE_FORK);
	/* A mask takes the place of the one before. */
	mask = TINE_NB_PTRACE_VFORK;
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	mask = 0;
	tine_check(ptrace(TINE_NB_PT_GET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(mask == TINE_NB_PTRACE_VFORK);
	mask = TINE_NB_PTRACE_FORK;
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(ptrace(TINE_NB_PT_GET_PROCESS_STATE, p1, &state, 4) ==
	    -EINVAL);
	tine_check(ptrace(TINE_NB_PT_GET_SIGINFO, p1, &info, 4) == -EINVAL);
	/* Somebody else's. */
	other = tine_sys_fork();
	if (other == 0)
		tine_sys_exit(-ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0));
	tine_check(tine_sys_waitpid(other, &status, 0) == other);
	tine_check(status == EBUSY << 8);
	goes_on(p1);
	/* It runs, or has stopped and nobody has waited for it yet. */
	tine_check(ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == -EBUSY);
	tine_sys_nanosleep(5 * MS);
	tine_check(in_kernel(k_stat, p1, 0) == SSTOP);
	tine_check(ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == -EBUSY);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(ptrace(TINE_NB_PT_CONTINUE, p1, NULL, NSIG) == -EINVAL);
	tine_check(ptrace(99, p1, NULL, 0) == -EINVAL);
	tine_check(ptrace(TINE_NB_PT_KILL, p1, NULL, 0) == 0);
	while ((other = tine_sys_waitpid(-1, &status, 0)) > 0)
		if ((status & 0xff) == 0x7f)
			(void)tine_sys_kill(other, SIGKILL);
	return (0);
}

/* spec: NB-078 NB-089 */
NB_TEST(a_debugger_may_ask_only_of_its_own_that_it_has_waited_for)
{
	nb_passes("nb_watched_refused");
}

/* --- a real parent that dies meanwhile --- */

static int64_t
k_opptr(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	ASSERT(ISSET(p->p_slflag, PSL_TRACED));
	return (p->p_opptr == NULL ? 0 : p->p_opptr->p_pid);
}

NB_PROGRAM(nb_watched_orphan, "a traced process whose parent dies")
{
	int fds[2], status;
	tine_pid_t parent, pid;

	tine_check(tine_sys_pipe(fds) == 0);
	parent = tine_sys_fork();
	if (parent == 0) {
		pid = tine_sys_fork();
		if (pid == 0)
			for (;;)
				tine_sys_pause();
		tine_check(tine_sys_write(fds[1], &pid, sizeof(pid)) ==
		    sizeof(pid));
		tine_sys_pause();
	}
	tine_check(tine_sys_read(fds[0], &pid, sizeof(pid)) == sizeof(pid));
	tine_sys_nanosleep(MS);
	tine_check(ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(in_kernel(k_opptr, pid, 0) == parent);
	tine_check(tine_sys_kill(parent, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(parent, &status, 0) == parent);
	tine_check(in_kernel(k_opptr, pid, 0) == 0);
	/* So init has it when it is let go. */
	tine_check(ptrace(TINE_NB_PT_DETACH, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, TINE_WNOHANG) == -ECHILD);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	return (0);
}

/* spec: NB-092 */
NB_TEST(nobody_comes_back_to_a_parent_that_is_gone)
{
	nb_passes("nb_watched_orphan");
}

/* --- a vfork child and the terminal --- */

static void
background(int fd)
{
	volatile tine_pid_t pid;
	int status, group;
	char byte;

	tine_check(tine_sys_setpgid(0, 0) == 0);
	pid = tine_sys_vfork44();
	if (pid == 0) {
		tine_check(tine_sys_read(fd, &byte, 1) == -EIO);
		tine_check(tine_sys_write(fd, "x", 1) == 1);
		/* No SIGTTOU for what changes the terminal. */
		group = tine_sys_getpgid(0);
		tine_check(tine_sys_ioctl(fd, TINE_TIOCSPGRP, &group) == 0);
		tine_sys_exit(7);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 7 << 8);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_watched_tty, "a vfork child in the background")
{
	tine_pid_t leader, pid;
	int fd, status;

	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		tine_check(fd >= 0);
		(void)tine_sys_ioctl(fd, TINE_TIOCSCTTY, NULL);
		pid = tine_sys_fork();
		if (pid == 0)
			background(fd);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_sys_exit(status == 0 ? 0 : 1);
	}
	tine_check(tine_sys_waitpid(leader, &status, 0) == leader);
	tine_check(status == 0);
	return (0);
}

NB_PROGRAM(nb_watched_stop, "SIGSTOP for a vfork child")
{
	volatile tine_pid_t parent, pid;
	int status, fds[2];

	tine_check(tine_sys_pipe(fds) == 0);
	parent = tine_sys_fork();
	if (parent == 0) {
		pid = tine_sys_vfork44();
		if (pid == 0) {
			pid = tine_sys_getpid();
			(void)tine_sys_write(fds[1], (void *)(uintptr_t)&pid,
			    sizeof(pid));
			tine_sys_nanosleep(10 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	tine_check(tine_sys_read(fds[0], (void *)(uintptr_t)&pid,
	    sizeof(pid)) == sizeof(pid));
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_sys_nanosleep(50 * MS);
	tine_check(in_kernel(k_stat, pid, 0) == SSTOP);
	tine_check(tine_sys_waitpid(parent, &status, TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(parent, &status, 0) == parent);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-061 */
NB_TEST(a_vfork_child_is_not_kept_from_the_terminal_but_is_stopped)
{
	nb_passes("nb_watched_tty");
	nb_passes("nb_watched_stop");
}

/* --- a block on loan --- */

static int64_t
k_used(int64_t a, int64_t b)
{
	const struct lcproc *lp = curproc->p_lwpctl;

	(void)a;
	(void)b;
	return (lp == NULL ? 0 : (int64_t)lp->lp_used);
}

NB_PROGRAM(nb_watched_loan, "a block on loan")
{
	volatile tine_pid_t pid;
	uint32_t *block, cpu;
	int status;

	/* Before there is one, and while one is on loan: no. */
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(tine_sys_lwp_ctl() == (void *)(intptr_t)-EBUSY ?
		    4 : 5);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	block = tine_sys_lwp_ctl();
	tine_check(!tine_sys_failed(block));
	cpu = block[0];
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(tine_sys_lwp_ctl() == (void *)(intptr_t)-EBUSY ?
		    4 : 5);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	/* It is ours, and in use, when the child is gone. */
	tine_check(block[0] == cpu);
	tine_check(in_kernel(k_used, 0, 0) == 1);
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_lwp_exit();
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	tine_check(block[0] == cpu && in_kernel(k_used, 0, 0) == 1);
	return (0);
}

/* spec: NB-059 */
NB_TEST(what_a_vfork_child_has_on_loan_it_only_forgets)
{
	nb_passes("nb_watched_loan");
}

/* --- waking --- */

static unsigned sleeps;	/* of the host's */

static void
counts_sleeps(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	sleeps += at == 49;
	/* proc_lock is held since before the child may run: it may have come
	 * as far as that, and no further. */
	if (at == 46) {
		ASSERT(mutex_owned(&proc_lock));
		ASSERT(p2->p_stat == SACTIVE || p2->p_stat == SDYING);
		ASSERT(ISSET(p2->p_lflag, PL_PPWAIT) ||
		    p2->p_vforklwp == NULL);
	}
}

static int64_t
k_count(int64_t on, int64_t b)
{
	(void)b;
	nb->nb_probe = on != 0 ? counts_sleeps : NULL;
	return (0);
}

static void
makes_noise(void *arg)
{
	int i, status;
	tine_pid_t pid;

	(void)arg;
	for (i = 0; i < 3; i++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	}
}

NB_PROGRAM(nb_watched_noise, "other children end meanwhile")
{
	const int lwp = tine_sys_lwp_create(makes_noise, NULL);
	const uint64_t from = tine_sys_time();
	tine_pid_t pid;
	int status;

	in_kernel(k_count, 1, 0);
	pid = tine_sys_vfork44();
	if (pid == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_time() - from >= 20 * MS);
	in_kernel(k_count, 0, 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}

/* spec: NB-062 */
NB_TEST(a_vfork_parent_sleeps_again_however_often_it_is_woken)
{
	sleeps = 0;
	nb_passes("nb_watched_noise");
	assert_true(sleeps >= 3);
}

NB_PROGRAM(nb_watched_always, "a vfork whose child ends at once")
{
	tine_pid_t pid;
	int status;

	in_kernel(k_count, 1, 0);
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(0);
	in_kernel(k_count, 0, 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-046 NB-049 */
NB_TEST(a_vfork_parent_always_sleeps_at_least_once)
{
	struct tine_options options = netbsd_options();

	/* In some of these the child does all that it may before. */
	options.strategy = TINE_STRATEGY_PCT;
	options.ncpu = 2;
	for (options.seed = 1; options.seed <= 200; options.seed++) {
		sleeps = 0;
		harness_passes("nb_watched_always", &options, 0);
		assert_true(sleeps >= 1);
	}
}

static void
sleeps_long(void *arg)
{
	(void)arg;
	for (;;)
		(void)tine_sys_nanosleep(1000 * MS);
}

static void
is_suspended(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

NB_PROGRAM(nb_watched_exit, "an exit beside those who sleep")
{
	int status, lwp;
	uint64_t from;
	tine_pid_t pid;

	from = tine_sys_time();
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(sleeps_long, NULL) > 0);
		lwp = tine_sys_lwp_create(is_suspended, NULL);
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_lwp_suspend(lwp) == 0);
		tine_sys_exit(3);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
	tine_check(tine_sys_time() - from < 100 * MS);
	return (0);
}

/* spec: NB-090 */
NB_TEST(exit_wakes_those_who_sleep_and_those_who_are_suspended)
{
	nb_passes("nb_watched_exit");
}

static void
ends(void *arg)
{
	(void)arg;
}

/* --- LWPs that stop, suspend, leave --- */

static int64_t
k_told_to_exit(int64_t lid, int64_t b)
{
	struct proc *p = curproc;
	int error;

	(void)b;
	mutex_enter(&p->p_lock);
	curlwp->l_flag |= LW_WEXIT;
	error = lwp_suspend(curlwp, lwp_find(p, (lwpid_t)lid));
	curlwp->l_flag &= ~(uint32_t)LW_WEXIT;
	mutex_exit(&p->p_lock);
	return (error);
}

/* Stopped in its sleep, by a stop that does not take place after all. */
static int64_t
k_suspends_stopped(int64_t lid, int64_t b)
{
	struct proc *p = curproc;
	struct lwp *l;
	int error;

	(void)b;
	mutex_enter(&p->p_lock);
	l = lwp_find(p, (lwpid_t)lid);
	ASSERT3(l->l_stat, ==, LSSLEEP);
	proc_stop_lwps(p);
	ASSERT3(l->l_stat, ==, LSSTOP);
	error = lwp_suspend(curlwp, l);
	ASSERT3(l->l_stat, ==, LSSUSPENDED);
	mutex_exit(&p->p_lock);
	return (error);
}

/* Continued while the process is about to stop: it runs, and will see. */
static int64_t
k_continues_stopping(int64_t lid, int64_t b)
{
	struct proc *p = curproc;
	struct lwp *l;

	(void)b;
	mutex_enter(&p->p_lock);
	l = lwp_find(p, (lwpid_t)lid);
	ASSERT3(l->l_stat, ==, LSSUSPENDED);
	SET(p->p_sflag, PS_STOPPING);
	lwp_continue(l);
	CLR(p->p_sflag, PS_STOPPING);
	ASSERT(l->l_stat == LSRUN || l->l_stat == LSSLEEP);
	mutex_exit(&p->p_lock);
	return (0);
}

static int64_t
k_signals_and_leaves(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	mutex_enter(&proc_lock);
	psignal(curproc, SIGUSR1);
	mutex_exit(&proc_lock);
	mutex_enter(&curproc->p_lock);
	curlwp->l_flag |= LW_WEXIT;
	lwp_need_userret(curlwp);
	mutex_exit(&curproc->p_lock);
	return (0);
}

static void
signals_and_leaves(void *arg)
{
	(void)arg;
	in_kernel(k_signals_and_leaves, 0, 0);
	tine_check(false);
}

static TINE_DATA volatile int stop;

static void
computes(void *arg)
{
	(void)arg;
	while (!stop)
		(void)tine_sys_getppid();
}

NB_PROGRAM(nb_watched_lwps, "LWPs that stop, suspend and leave")
{
	int lwp = tine_sys_lwp_create(sleeps_long, NULL);

	tine_sys_nanosleep(MS);
	tine_check(in_kernel(k_told_to_exit, lwp, 0) == EDEADLK);
	tine_check(in_kernel(k_suspends_stopped, lwp, 0) == 0);
	in_kernel(k_continues_stopping, lwp, 0);
	/* What the leaving one was to look at others look at. */
	listens(SIGUSR1, 0);
	tine_check(tine_sys_lwp_create(signals_and_leaves, NULL) > 0);
	while (times == 0)
		(void)tine_sys_getppid();
	tine_check(times == 1 && told.signo == SIGUSR1);
	/* One that has a CPU of its own is waited for. */
	lwp = tine_sys_lwp_create(computes, NULL);
	tine_check(tine_sys_lwp_suspend(lwp) == 0);
	tine_check(tine_sys_lwp_suspend(lwp) == 0);
	stop = 1;
	tine_check(tine_sys_lwp_continue(lwp) == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}

/* spec: NB-107 */
NB_TEST(a_suspension_is_over_when_it_has_taken_place)
{
	nb_passes("nb_watched_lwps");
	nb_every_seed("nb_watched_lwps", 30);
}

/* --- a signal from the debugger --- */

NB_PROGRAM(nb_watched_given, "a signal that a debugger gives")
{
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		listens(SIGUSR1, 0);
		tine_check(ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) == 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		tine_check(times == 1 && told.signo == SIGUSR1);
		tine_sys_exit(4);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(ptrace(TINE_NB_PT_CONTINUE, pid, NULL, SIGUSR1) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	return (0);
}

/* spec: NB-086 */
NB_TEST(a_signal_that_a_debugger_gives_is_acted_on)
{
	nb_passes("nb_watched_given");
}

/* --- an emulation that is told of LWPs --- */

static int forked, exited;	/* of the host's */

static void
e_fork(struct lwp *l1, struct lwp *l2)
{
	ASSERT(l1 != l2 && l1->l_proc == l2->l_proc);
	ASSERT3(l2->l_stat, ==, LSIDL);
	forked++;
}

static void
e_exit(struct lwp *l)
{
	ASSERT(l == curlwp);
	exited++;
}

static const struct emul emul_lwps = {
	.e_name = "lwps",
	.e_lwp_fork = e_fork,
	.e_lwp_exit = e_exit
};

static int64_t
k_emulates(int64_t on, int64_t b)
{
	(void)b;
	curproc->p_emul = on != 0 ? &emul_lwps : &emul_netbsd;
	return (0);
}

NB_PROGRAM(nb_watched_emulated, "LWPs of an emulation")
{
	int i, lwp;

	in_kernel(k_emulates, 1, 0);
	for (i = 0; i < 3; i++) {
		lwp = tine_sys_lwp_create(ends, NULL);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	}
	in_kernel(k_emulates, 0, 0);
	return (0);
}

/* spec: NB-034 */
NB_TEST(an_emulation_is_told_of_each_lwp)
{
	forked = exited = 0;
	nb_passes("nb_watched_emulated");
	assert_int_equal(forked, 3);
	assert_int_equal(exited, 3);
}

/* --- a knote that is removed --- */

NB_PROGRAM(nb_watched_removed, "an event of a knote that is removed")
{
	const int queue = tine_sys_kqueue_nb();
	struct tine_nb_kevent event;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_kevent_proc(queue, self, TINE_NB_NOTE_FORK, 1) ==
	    0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(tine_sys_kevent_proc(queue, self, 0, 0) == 0);
	tine_check(tine_sys_kevent_next(queue, &event, 0) == -EAGAIN);
	tine_check(tine_sys_kevent_proc(queue, self, 0, 0) == -ENOENT);
	return (0);
}

/* spec: NB-043 */
NB_TEST(a_knote_that_is_removed_tells_nothing_more)
{
	nb_passes("nb_watched_removed");
}

/* --- traced for the emulation --- */

static int64_t
k_emul(int64_t on, int64_t b)
{
	(void)b;
	return (ktrace_set(curproc, KTRFAC_EMUL, on != 0));
}

static int64_t
k_mask(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	ASSERT(p->p_tracep == NULL);
	return (p->p_traceflag);
}

NB_PROGRAM(nb_watched_emul, "a parent that is traced for its emulation")
{
	tine_pid_t pid;

	tine_check(in_kernel(k_emul, 1, 0) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		for (;;)
			tine_sys_pause();
	tine_check(in_kernel(k_mask, pid, 0) == (int64_t)KTRFAC_TRC_EMUL);
	tine_check(in_kernel(k_emul, 0, 0) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-042 */
NB_TEST(a_child_of_one_traced_for_its_emulation_is_marked)
{
	nb_passes("nb_watched_emul");
}

/* --- born stopped --- */

NB_PROGRAM(nb_watched_born, "born stopped, and no signal")
{
	const int64_t one = 1, none = 0;
	tine_pid_t pid;
	int status;

	listens(SIGCHLD, 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &one, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &none, NULL) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check(times == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == 0x7f && times == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-045 */
NB_TEST(of_a_child_born_stopped_no_signal_tells)
{
	nb_passes("nb_watched_born");
}

/* --- the first number after exec --- */

NB_PROGRAM(nb_watched_second, "makes an LWP after exec")
{
	tine_check(tine_sys_lwp_self() == 1);
	tine_check(tine_sys_lwp_create(sleeps_long, NULL) == 2);
	return (0);
}

NB_PROGRAM(nb_watched_lids, "numbers of LWPs before and after exec")
{
	char *words[] = { (char *)(uintptr_t)"nb_watched_second", NULL };
	int i;

	for (i = 2; i < 6; i++) {
		tine_check(tine_sys_lwp_create(ends, NULL) == i);
		tine_check(tine_sys_lwp_wait(i) == i);
	}
	(void)tine_sys_exec("nb_watched_second", words);
	return (1);
}

/* spec: NB-101 NB-104 */
NB_TEST(exec_begins_the_numbers_of_lwps_anew)
{
	nb_passes("nb_watched_lids");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_of_an_event_say_the_same),
		cmocka_unit_test(the_end_of_a_vfork_is_told_when_it_is_over),
		cmocka_unit_test(
		    a_fork_is_told_before_other_events_and_all_are_forgotten),
		cmocka_unit_test(
		    a_child_that_is_let_go_is_its_parents_who_waits_on),
		cmocka_unit_test(
		    a_debugger_may_ask_only_of_its_own_that_it_has_waited_for),
		cmocka_unit_test(nobody_comes_back_to_a_parent_that_is_gone),
		cmocka_unit_test(
		    a_vfork_child_is_not_kept_from_the_terminal_but_is_stopped),
		cmocka_unit_test(
		    what_a_vfork_child_has_on_loan_it_only_forgets),
		cmocka_unit_test(
		    a_vfork_parent_sleeps_again_however_often_it_is_woken),
		cmocka_unit_test(a_vfork_parent_always_sleeps_at_least_once),
		cmocka_unit_test(
		    exit_wakes_those_who_sleep_and_those_who_are_suspended),
		cmocka_unit_test(
		    a_child_of_one_traced_for_its_emulation_is_marked),
		cmocka_unit_test(of_a_child_born_stopped_no_signal_tells),
		cmocka_unit_test(a_suspension_is_over_when_it_has_taken_place),
		cmocka_unit_test(a_signal_that_a_debugger_gives_is_acted_on),
		cmocka_unit_test(an_emulation_is_told_of_each_lwp),
		cmocka_unit_test(a_knote_that_is_removed_tells_nothing_more),
		cmocka_unit_test(exec_begins_the_numbers_of_lwps_anew),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
