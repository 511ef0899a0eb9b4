/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_said.c - sentences of the specification, one by one, that other
 * tests of NetBSD pass by: what exec resets, stops that are asked for, what is
 * never inherited, whose orphans are, who is in the middle of a fork.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

#define STOPPED(signo) ((signo) << 8 | 0x7f)

static void
handler(int signo)
{
	(void)signo;
}

static void
acts(int signo, void (*fn)(int), int flags, tine_sigset_t mask)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = fn;
	action.flags = (unsigned)flags;
	action.mask = mask;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
runs(const char *program)
{
	char *words[] = { (char *)(uintptr_t)program, NULL };

	(void)tine_sys_exec(program, words);
	tine_sys_exit(99);
}

/* --- exec --- */

static int64_t
k_before_exec(int64_t a, int64_t b)
{
	struct proc *p = curproc;

	(void)a;
	(void)b;
	ASSERT(ISSET(p->p_flag, PK_NOCLDWAIT));
	ASSERT(!ISSET(p->p_flag, PK_EXEC));
	ASSERT((p->p_acflag & AFORK) != 0);
	ASSERT(p->p_raslist != NULL);
	mutex_enter(&p->p_stmutex);
	p->p_stflag |= PST_PROFIL;
	startprofclock(p);
	mutex_exit(&p->p_stmutex);
	return (0);
}

static int64_t
k_after_exec(int64_t a, int64_t b)
{
	struct proc *p = curproc;
	const nb_sigset_t caught = sigmask(SIGUSR1) | sigmask(SIGCHLD);

	(void)a;
	(void)b;
	ASSERT(!ISSET(p->p_flag, PK_NOCLDWAIT | PK_CLDSIGIGN));
	ASSERT(ISSET(p->p_flag, PK_EXEC));
	ASSERT3(p->p_acflag & AFORK, ==, 0);
	ASSERT(!p->p_profclock);
	ASSERT(p->p_raslist == NULL);
	ASSERT(p->p_lwpctl == NULL && curlwp->l_lwpctl == 0);
	ASSERT3(p->p_sigctx.ps_sigcatch, ==, 0);
	ASSERT3(p->p_sigctx.ps_sigignore & caught, ==, sigmask(SIGCHLD));
	ASSERT3(SIGACTION(p, SIGUSR1).sa_handler, ==, SIG_DFL_NB);
	ASSERT3(SIGACTION(p, SIGUSR1).sa_mask, ==, 0);
	ASSERT3(SIGACTION(p, SIGUSR2).sa_handler, ==, SIG_IGN_NB);
	ASSERT3(SIGACTION(p, SIGUSR2).sa_mask, ==, 0);
	/* Not mentioned, so not changed. */
	ASSERT(ISSET(p->p_sflag, PS_NOCLDSTOP));
	ASSERT3(p->p_sigpend.sp_set, ==, 0);
	ASSERT3(curlwp->l_sigpend.sp_set, ==, 0);
	ASSERT(curlwp->l_sigstk.size == 0);
	nb_verify();
	return (0);
}

NB_PROGRAM(nb_said_after, "what exec has left")
{
	tine_check(tine_sys_lwp_self() == 1);
	in_kernel(k_after_exec, 0, 0);
	return (0);
}

NB_PROGRAM(nb_said_resets, "exec resets what it is to reset")
{
	const tine_sigset_t blocked = TINE_SIGBIT(SIGTERM) |
	    TINE_SIGBIT(SIGHUP);
	struct tine_stack alternate = { .flags = 0 };
	int status;
	tine_pid_t pid;

	acts(SIGUSR1, handler, 0, TINE_SIGBIT(SIGTERM));
	acts(SIGUSR2, TINE_SIG_IGN, 0, TINE_SIGBIT(SIGTERM));
	acts(SIGCHLD, handler, TINE_SA_NOCLDWAIT | TINE_SA_NOCLDSTOP, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &blocked,
		    NULL) == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGTERM) == 0);
		tine_check(tine_sys_lwp_kill(1, SIGHUP) == 0);
		tine_check(tine_sys_ras_install((void *)0x1000, 16) == 0);
		alternate.sp = tine_malloc(16384);
		alternate.size = 16384;
		tine_check(tine_sys_sigaltstack(&alternate, NULL) == 0);
		tine_check(!tine_sys_failed(tine_sys_lwp_ctl()));
		in_kernel(k_before_exec, 0, 0);
		runs("nb_said_after");
	}
	acts(SIGCHLD, TINE_SIG_DFL, 0, 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-102 NB-044 */
NB_TEST(exec_resets_signals_flags_and_accounts)
{
	nb_passes("nb_said_resets");
}

NB_PROGRAM(nb_said_seven, "ends with 7")
{
	return (7);
}

/* A child that stops where it was asked to, and goes on. Nobody is told: the
 * parent has to look. */
static void
stops_there(enum tine_nb_sysctl what, bool inherited)
{
	const int64_t one = 1, none = 0;
	int status;
	tine_pid_t pid;

	if (inherited)
		tine_check(tine_sys_sysctl_nb(what, 0, &one, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		if (!inherited)
			tine_check(tine_sys_sysctl_nb(what, 0, &one, NULL) ==
			    0);
		if (what == TINE_NB_STOPEXEC)
			runs("nb_said_seven");
		tine_sys_exit(7);
	}
	if (inherited)
		tine_check(tine_sys_sysctl_nb(what, 0, &none, NULL) == 0);
	tine_check(tine_sys_nanosleep(50 * MS) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == pid);
	tine_check(status == STOPPED(0));
	/* Once, and it does not go on by itself. */
	tine_sys_nanosleep(50 * MS);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 7 << 8);
}

/* Which of the child's LWPs are there, seen by one who looks from outside. */
static int64_t
k_lwps(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	ASSERT3(p->p_stat, ==, SSTOP);
	ASSERT3(p->p_nrlwps, ==, 0);
	return (p->p_nlwps);
}

static TINE_DATA volatile int went_on;

static void
goes_on(void *arg)
{
	(void)arg;
	for (;;) {
		(void)tine_sys_nanosleep(MS);
		went_on++;
	}
}

/* It stops at its exit when it is alone. */
static void
stops_alone(void)
{
	const int64_t one = 1;
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_create(goes_on, NULL) > 0);
		tine_check(tine_sys_lwp_create(goes_on, NULL) > 0);
		tine_check(tine_sys_sysctl_nb(TINE_NB_STOPEXIT, 0, &one,
		    NULL) == 0);
		while (went_on == 0)
			(void)tine_sys_nanosleep(MS);
		tine_sys_exit(4);
	}
	tine_sys_nanosleep(50 * MS);
	tine_check(in_kernel(k_lwps, pid, 0) == 1);
	/* SIGKILL moves it as well. */
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
}

NB_PROGRAM(nb_said_stops, "stops at exec and at exit")
{
	const int64_t one = 1;
	int status;
	tine_pid_t pid;

	stops_there(TINE_NB_STOPEXEC, false);
	stops_there(TINE_NB_STOPEXEC, true);
	stops_there(TINE_NB_STOPEXIT, false);
	/* The one at exit is not inherited. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_sysctl_nb(TINE_NB_STOPEXIT, 0, &one,
		    NULL) == 0);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(3);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_check(status == 3 << 8);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(50 * MS);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == STOPPED(0));
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	stops_alone();
	return (0);
}

/* Of the repaired order: the parent hears of it, where it waits. */
NB_PROGRAM(nb_said_told, "stops at exec and at exit that are told")
{
	const int64_t one = 1;
	int status;
	tine_pid_t pid;

	acts(SIGCHLD, handler, TINE_SA_RESTART, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(10 * MS);
		tine_check(tine_sys_sysctl_nb(TINE_NB_STOPEXIT, 0, &one,
		    NULL) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == STOPPED(0));
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-031 NB-090 NB-102 */
NB_TEST(a_process_stops_at_exec_and_at_exit_if_asked)
{
	nb_passes("nb_said_stops");
	nb_passes_with("nb_said_told", "-NB-R11");
}

NB_PROGRAM(nb_said_over, "exec over RLIMIT_NPROC")
{
	const struct tine_rlimit one = { 1, 1 };
	tine_pid_t pid[2];
	int i, status, fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	for (i = 0; i < 2; i++) {
		pid[i] = tine_sys_fork();
		if (pid[i] == 0) {
			tine_check(tine_sys_setrlimit(TINE_RLIMIT_NPROC, &one,
			    NULL) == 0);
			tine_check(tine_sys_setuid(7) == 0);
			/* Not before both are user 7's. */
			tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
			runs("nb_said_seven");
		}
	}
	tine_sys_nanosleep(10 * MS);
	/* Over the limit; then the other one is alone, and within it. */
	for (i = 0; i < 2; i++) {
		tine_check(tine_sys_write(fds[1], "x", 1) == 1);
		tine_check(tine_sys_waitpid(-1, &status, 0) > 0);
		tine_check(status == (i == 0 ? 99 : 7) << 8);
	}
	/* Whoever has changed no id is not asked. */
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NPROC, &one, NULL) == 0);
	pid[0] = tine_sys_fork();
	if (pid[0] == 0)
		runs("nb_said_seven");
	tine_check(tine_sys_waitpid(pid[0], &status, 0) == pid[0]);
	tine_check(status == 7 << 8);
	return (0);
}

/* spec: NB-103 */
NB_TEST(who_changed_ids_may_not_exec_over_the_limit)
{
	nb_passes("nb_said_over");
}

/* --- never inherited --- */

static int64_t
k_nothing(int64_t a, int64_t b)
{
	const struct proc *p = curproc;

	(void)a;
	(void)b;
	ASSERT(p->p_timers == NULL || p->p_timers->pts_expiry == 0);
	ASSERT(p->p_aio == NULL);
	ASSERT(SLIST_EMPTY(&p->p_klist));
	ASSERT(p->p_lwpctl == NULL);
	ASSERT(LIST_EMPTY(&p->p_children));
	ASSERT3(p->p_sigpend.sp_set | curlwp->l_sigpend.sp_set, ==, 0);
	ASSERT3(p->p_slflag, ==, 0);
	ASSERT(!p->p_trace_enabled);
	ASSERT3(p->p_fpid + p->p_vfpid + p->p_vfpid_done, ==, 0);
	return (0);
}

static int64_t
k_something(int64_t a, int64_t b)
{
	const struct proc *p = curproc;

	(void)a;
	(void)b;
	ASSERT(p->p_timers->pts_expiry != 0);
	ASSERT(!SLIST_EMPTY(&p->p_klist));
	ASSERT(p->p_lwpctl != NULL);
	ASSERT(p->p_sigpend.sp_set != 0 && curlwp->l_sigpend.sp_set != 0);
	return (0);
}

NB_PROGRAM(nb_said_never, "what a child never has from its parent")
{
	const tine_sigset_t both = TINE_SIGBIT(SIGUSR1) |
	    TINE_SIGBIT(SIGUSR2);
	tine_sigset_t pending;
	tine_pid_t pid;
	int status, queue = tine_sys_kqueue_nb();

	tine_check(tine_sys_kevent_proc(queue, tine_sys_getpid(),
	    TINE_NB_NOTE_EXIT, 1) == 0);
	tine_check(!tine_sys_failed(tine_sys_lwp_ctl()));
	(void)tine_sys_alarm(1000);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &both, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_lwp_kill(tine_sys_lwp_self(), SIGUSR2) == 0);
	in_kernel(k_something, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		in_kernel(k_nothing, 0, 0);
		tine_check(tine_sys_sigpending(&pending) == 0);
		tine_check(pending == 0);
		tine_check(tine_sys_alarm(0) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	tine_check(tine_sys_alarm(0) != 0);
	return (0);
}

/* spec: NB-011 NB-028 */
NB_TEST(a_child_never_has_timers_watchers_or_pending_signals)
{
	nb_passes("nb_said_never");
}

/* --- orphans --- */

static int64_t
k_orphan(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	ASSERT(p->p_pptr == initproc);
	ASSERT3(p->p_ppid, ==, 1);
	ASSERT3(p->p_exitsig, ==, SIGCHLD);
	return (0);
}

NB_PROGRAM(nb_said_orphan, "whose end was to be another signal")
{
	tine_pid_t pid, child = -1;
	int fds[2];

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		child = tine_sys_clone(SIGUSR1, NULL, NULL, NULL);
		if (child == 0) {
			(void)tine_sys_pause();
			tine_sys_exit(0);
		}
		(void)tine_sys_write(fds[1], &child, sizeof(child));
		tine_sys_exit(0);
	}
	tine_check(tine_sys_read(fds[0], &child, sizeof(child)) ==
	    sizeof(child));
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	in_kernel(k_orphan, child, 0);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	return (0);
}

/* spec: NB-092 */
NB_TEST(an_orphan_is_inits_and_ends_with_sigchld)
{
	nb_passes("nb_said_orphan");
}

NB_PROGRAM(nb_said_stolen, "a child that a debugger has")
{
	int status, fds[2];
	tine_pid_t p1, child;

	tine_check(tine_sys_pipe(fds) == 0);
	p1 = tine_sys_fork();
	if (p1 == 0) {
		child = tine_sys_fork();
		if (child == 0)
			for (;;)
				(void)tine_sys_pause();
		tine_check(tine_sys_write(fds[1], &child, sizeof(child)) ==
		    sizeof(child));
		tine_sys_nanosleep(20 * MS);
		/* It is the debugger's now: neither ECHILD nor found. */
		tine_check(tine_sys_waitpid(-1, &status, TINE_WNOHANG) == 0);
		tine_check(tine_sys_waitpid(child, &status, TINE_WNOHANG) ==
		    0);
		/* Blocks, until it is back. */
		tine_check(tine_sys_waitpid(-1, &status, 0) == child);
		tine_check(status == SIGKILL);
		tine_check(tine_sys_waitpid(-1, &status, 0) == -ECHILD);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_read(fds[0], &child, sizeof(child)) ==
	    sizeof(child));
	tine_check(tine_sys_ptrace(TINE_NB_PT_ATTACH, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check((status & 0xff) == 0x7f);
	tine_sys_nanosleep(50 * MS);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1 && status == 0);
	return (0);
}

/* spec: NB-096 NB-099 */
NB_TEST(a_wait_blocks_while_a_debugger_has_the_child)
{
	nb_passes("nb_said_stolen");
}

/* --- others, while an LWP is in fork --- */

static int middle_of;		/* of the host's: the instant */

static void
probe_middle(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	(void)p2;
	if (at != middle_of)
		return;
	nb->nb_probe = NULL;
	(void)kpause("test", false, 5);
}

static int64_t
k_middle(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb->nb_probe = probe_middle;
	return (0);
}

static TINE_DATA int line[2];

static void
suspends(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(MS);
	/* Comes back when it is suspended: not before the fork is over. */
	tine_check(tine_sys_lwp_suspend(1) == 0);
	tine_check(tine_sys_write(line[1], "s", 1) == 1);
	tine_sys_nanosleep(20 * MS);
	tine_check(tine_sys_write(line[1], "c", 1) == 1);
	tine_check(tine_sys_lwp_continue(1) == 0);
}

NB_PROGRAM(nb_said_suspend, "an LWP is suspended in the middle of a fork")
{
	char text[3] = { 0 };
	tine_pid_t pid;
	int lwp;

	tine_check(tine_sys_pipe(line) == 0);
	lwp = tine_sys_lwp_create(suspends, NULL);
	in_kernel(k_middle, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* Runs, while the one that made it does not. */
		tine_sys_nanosleep(10 * MS);
		tine_sys_exit(tine_sys_write(line[1], "r", 1) == 1 ? 0 : 1);
	}
	tine_check(tine_sys_write(line[1], "p", 1) == 1);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_read(line[0], text, 3) == 3);
	tine_check(memcmp(text, "src", 3) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

static void
exits(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(MS);
	tine_sys_exit(5);
}

static void
becomes(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(MS);
	runs("nb_said_waits");
}

NB_PROGRAM(nb_said_waits, "waits for a child of the old image")
{
	int status;

	tine_check(tine_sys_waitpid(-1, &status, 0) > 0);
	tine_check(status == 4 << 8);
	return (5);
}

/* One LWP forks; another one ends the process, or runs another program in it.
 * @return the child's parent, as it sees it later. */
static int
parent_later(void (*other)(void *arg))
{
	int fds[2], status, ppid = 0;
	tine_pid_t p1;

	tine_check(tine_sys_pipe(fds) == 0);
	p1 = tine_sys_fork();
	if (p1 == 0) {
		tine_check(tine_sys_lwp_create(other, NULL) > 0);
		in_kernel(k_middle, 0, 0);
		if (tine_sys_fork() == 0) {
			tine_sys_nanosleep(50 * MS);
			ppid = tine_sys_getppid();
			(void)tine_sys_write(fds[1], &ppid, sizeof(ppid));
			tine_sys_exit(4);
		}
		/* The end, or the exec, is before anything that follows. */
		tine_sys_exit(9);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == 5 << 8);
	tine_check(tine_sys_read(fds[0], &ppid, sizeof(ppid)) ==
	    sizeof(ppid));
	return (ppid == p1 ? 2 : ppid);
}

NB_PROGRAM(nb_said_ends, "a sibling exits, or execs, in the middle of a fork")
{
	tine_check(parent_later(exits) == 1);
	tine_check(parent_later(becomes) == 2);
	return (0);
}

/* spec: NB-107 NB-109 */
NB_TEST(a_fork_is_completed_whatever_siblings_do_meanwhile)
{
	for (middle_of = 9; middle_of <= 36; middle_of++) {
		if (middle_of != 9 && middle_of != 22 && middle_of != 36)
			continue;
		nb_passes("nb_said_suspend");
		nb_passes("nb_said_ends");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_resets_signals_flags_and_accounts),
		cmocka_unit_test(a_process_stops_at_exec_and_at_exit_if_asked),
		cmocka_unit_test(who_changed_ids_may_not_exec_over_the_limit),
		cmocka_unit_test(
		    a_child_never_has_timers_watchers_or_pending_signals),
		cmocka_unit_test(an_orphan_is_inits_and_ends_with_sigchld),
		cmocka_unit_test(a_wait_blocks_while_a_debugger_has_the_child),
		cmocka_unit_test(
		    a_fork_is_completed_whatever_siblings_do_meanwhile),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
