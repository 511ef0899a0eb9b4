/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_exactly.c - the instant before a child may run: what it has of a
 * parent that has something of everything, whichever call made it.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

enum { BEFORE_470 = 36, BEFORE_RUN = 47 };

/* Of the host's: what the looks are to find. */
static struct {
	struct proc *children[2];	/* of the parent, newest first */
	uint32_t affinity;
	int jobc, exitsig, looked;
	bool vfork, system;
	uint64_t at;
} want;
static const char marker[] = "execsw";

static void
look_at_lwp(const struct lwp *l1, const struct lwp *l2)
{
	ASSERT3(l2->l_class, ==, 1);
	ASSERT3(l2->l_priority, ==, 17);
	ASSERT3(l2->l_sigmask, ==, l1->l_sigmask);
	ASSERT3(l2->l_psid, ==, want.system ? 0 : 5);
	ASSERT(l2->l_affinity == (want.system ? NULL : &want.affinity));
	ASSERT3(want.affinity, ==, want.system ? 1 : 2);
	ASSERT3(l2->l_kpriority, ==, want.vfork);
	ASSERT3(l2->l_estcpu, ==, 0);
	ASSERT(((l2->l_flag & LW_SYSTEM) != 0) == want.system);
}

static void
look(int at, struct proc *p1, struct proc *p2)
{
	const uint32_t kept = PK_SUGID | PK_CLDSIGIGN | PK_32 |
	    (want.system ? PK_SYSTEM | PK_NOCLDWAIT : 0);
	const struct proc *q;

	if (at == BEFORE_470)
		ASSERT3(p2->p_lflag, ==, want.vfork ? PL_PPWAIT : 0);
	if (at != BEFORE_RUN)
		return;
	want.looked++;
	ASSERT3(p2->p_flag, ==, kept);
	ASSERT(p2->p_execsw == marker && p2->p_emul == p1->p_emul);
	ASSERT(p2->p_aio == NULL && p1->p_aio != NULL);
	/* Of the newest LWP, which is not the one that forks. */
	ASSERT(LIST_FIRST(&p1->p_lwps) != curlwp);
	ASSERT3(p2->p_estcpu_inherited, ==, 11);
	ASSERT3(p2->p_forktime, ==, want.at);
	ASSERT3(p2->p_stats->p_start, ==, want.at);
	ASSERT(p2->p_cwdi->cwdi_edir == p1->p_cwdi->cwdi_edir);
	ASSERT3(p2->p_stats->p_timer[2], ==, 88);
	ASSERT3(p2->p_stats->p_prof[1], ==, 99);
	ASSERT3(p2->p_stats->p_ru.ru_nsys, ==, 0);
	ASSERT3(p2->p_stats->p_cru.ru_nsys, ==, 0);
	ASSERT(p2->p_stflag == PST_PROFIL && p2->p_profclock);
	ASSERT3(p2->p_acflag, ==, AFORK);
	/* The family and the group. */
	q = LIST_FIRST(&p1->p_children);
	ASSERT(q == p2);
	q = LIST_NEXT(q, p_sibling);
	ASSERT(q == want.children[0]);
	ASSERT(LIST_NEXT(q, p_sibling) == want.children[1]);
	ASSERT(LIST_FIRST(&allproc) == p2);
	ASSERT(LIST_NEXT(p1, p_pglist) == p2);
	ASSERT3(p1->p_pgrp->pg_jobc, ==, want.jobc);
	ASSERT3(p2->p_exitsig, ==, want.exitsig);
	look_at_lwp(curlwp, LIST_FIRST(&p2->p_lwps));
}

static int64_t
k_dress(int64_t c1, int64_t c2)
{
	struct proc *p = curproc;

	want.children[0] = rig_find((pid_t)c2);
	want.children[1] = rig_find((pid_t)c1);
	want.affinity = 1;
	want.jobc = p->p_pgrp->pg_jobc;
	want.at = tine__now();
	p->p_flag |= PK_SUGID | PK_EXEC | PK_CLDSIGIGN | PK_32;
	p->p_lflag |= PL_ORPHANPG | PL_SIGCOMPAT;
	p->p_execsw = marker;
	p->p_aio = kmem_zalloc("aiosp", sizeof (*p->p_aio), KM_SLEEP);
	p->p_cwdi->cwdi_edir = tine__fs_root(nb->nb_machine);
	tine__node_hold(p->p_cwdi->cwdi_edir);
	p->p_stats->p_timer[2] = 88;
	p->p_stats->p_prof[1] = 99;
	p->p_stats->p_cru.ru_nsys = 5;
	curlwp->l_class = 1;
	curlwp->l_priority = 17;
	curlwp->l_psid = 5;
	curlwp->l_affinity = &want.affinity;
	curlwp->l_estcpu = 7;
	LIST_FIRST(&p->p_lwps)->l_estcpu = 11;
	mutex_enter(&p->p_stmutex);
	p->p_stflag |= PST_PROFIL;
	startprofclock(p);
	mutex_exit(&p->p_stmutex);
	nb->nb_probe = look;
	return (0);
}

static int64_t
k_undress(int64_t a, int64_t b)
{
	struct proc *p = curproc;

	(void)a;
	(void)b;
	nb->nb_probe = NULL;
	p->p_flag &= ~(uint32_t)(PK_CLDSIGIGN | PK_32);
	p->p_lflag &= ~(uint32_t)(PL_ORPHANPG | PL_SIGCOMPAT);
	curlwp->l_affinity = NULL;
	return (0);
}

static int64_t
k_fork1(int64_t flags, int64_t b)
{
	int64_t retval[2] = { -1, -1 };

	(void)b;
	ASSERT3(fork1(curlwp, (int)flags, SIGCHLD, 0, 0, NULL, NULL, retval),
	    ==, 0);
	return (retval[0]);
}

/* In user mode the boost is over. */
static int64_t
k_boost(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (curlwp->l_kpriority);
}

static void
idles(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

static tine_pid_t
fork_idle(void)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		idles(NULL);
	return (pid);
}

/* A child that ends at once, and is nobody's to wait for. */
static void
ends(bool vfork)
{
	tine_check(!vfork || in_kernel(k_boost, 0, 0) == 0);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_exactly, "a child that has exactly what it is to have")
{
	int64_t pid;
	tine_pid_t c1, c2;

	tine_sys_nanosleep(3 * MS);
	tine_check(tine_sys_lwp_create(idles, NULL) == 2);
	c1 = fork_idle();
	c2 = fork_idle();
	in_kernel(k_dress, c1, c2);
	want.exitsig = SIGCHLD;
	if (tine_sys_fork() == 0)
		ends(false);
	tine_sys_nanosleep(MS);
	want.at = tine_sys_time();
	want.exitsig = SIGUSR1;
	if (tine_sys_clone(SIGUSR1, NULL, NULL, NULL) == 0)
		ends(false);
	tine_sys_nanosleep(MS);
	want.at = tine_sys_time();
	want.exitsig = SIGCHLD;
	want.vfork = true;
	if (tine_sys_vfork44() == 0)
		ends(true);
	want.vfork = false;
	want.system = true;
	tine_sys_nanosleep(MS);
	want.at = tine_sys_time();
	pid = in_kernel(k_fork1, FORK_SYSTEM, 0);
	if (pid == 0)
		ends(false);
	tine_sys_nanosleep(MS);
	in_kernel(k_undress, 0, 0);
	tine_check(tine_sys_kill(c1, SIGKILL) == 0);
	tine_check(tine_sys_kill(c2, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(c1, NULL, 0) == c1);
	tine_check(tine_sys_waitpid(c2, NULL, 0) == c2);
	return (0);
}

/* spec: NB-014 NB-015 NB-016 NB-026 NB-028 NB-031 NB-032 NB-035 NB-039 */
/* spec: NB-041 NB-044 NB-055 NB-116 */
NB_TEST(at_the_instant_before_it_may_run_a_child_is_complete)
{
	memset(&want, 0, sizeof(want));
	nb_passes("nb_exactly");
	assert_int_equal(want.looked, 4);
}

/* --- the exit signal that the emulation asks for --- */

static TINE_DATA volatile int usr1, chld;

static void
counts(int signo)
{
	usr1 += signo == SIGUSR1;
	chld += signo == SIGCHLD;
}

static void
acts(int signo, unsigned flags)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = counts;
	action.flags = flags;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

NB_PROGRAM(nb_exactly_signals, "exit signals of rfork and clone")
{
	int status;
	tine_pid_t pid;

	acts(SIGUSR1, TINE_SA_RESTART);
	acts(SIGCHLD, TINE_SA_RESTART);
	pid = tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG |
	    TINE_FBRFLINUXTHPN);
	if (pid == 0)
		tine_sys_exit(1);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALLSIG) == pid);
	tine_check(usr1 == 1 && chld == 0 && status == 1 << 8);
	pid = tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG);
	if (pid == 0)
		tine_sys_exit(2);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(usr1 == 1 && chld == 1 && status == 2 << 8);
	/* None: only WALLSIG and WALTSIG find it. */
	pid = tine_sys_clone(0, NULL, NULL, NULL);
	if (pid == 0)
		tine_sys_exit(3);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_waitpid(pid, &status, 0) == -ECHILD);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALLSIG |
	    TINE_WNOWAIT) == pid);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALTSIG) == pid);
	tine_check(usr1 == 1 && chld == 1 && status == 3 << 8);
	return (0);
}

/* spec: NB-094 NB-095 NB-116 */
NB_TEST(the_signal_of_an_end_is_the_one_that_was_asked_for)
{
	nb_passes("nb_exactly_signals");
}

/* --- what is refused, and when --- */

NB_PROGRAM(nb_exactly_sleeps, "a refusal that nothing shortens")
{
	const struct tine_itimerval timer = { 0, 10 * MS };
	const int64_t sleep = 50, few = 5;
	tine_pid_t pid;
	uint64_t from;

	acts(SIGALRM, 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_FORKFSLEEP, 0, &sleep, NULL) ==
	    0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_MAXPROC, 0, &few, NULL) == 0);
	pid = fork_idle();
	tine_check(pid > 0);
	from = tine_sys_time();
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(tine_sys_time() - from >= 50 * MS);
	tine_check(tine_sys_time() - from < 60 * MS);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-004 */
NB_TEST(a_refused_fork_sleeps_its_time_whatever_signals_come)
{
	nb_passes("nb_exactly_sleeps");
}

static int raised;	/* of the host's */

static void
raises(int at, struct proc *p1, struct proc *p2)
{
	(void)p2;
	if (at != 1 || raised++ != 0)
		return;
	mutex_enter(&proc_lock);
	psignal(p1, SIGUSR1);
	mutex_exit(&proc_lock);
}

static int64_t
k_raises(int64_t on, int64_t b)
{
	(void)b;
	nb->nb_probe = on != 0 ? raises : NULL;
	return (0);
}

NB_PROGRAM(nb_exactly_early, "a signal from before the point of no return")
{
	int status;
	tine_pid_t pid;

	acts(SIGUSR1, 0);
	in_kernel(k_raises, 1, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(usr1 == 0 ? 5 : 6);
	in_kernel(k_raises, 0, 0);
	tine_check(pid > 0 && usr1 == 1);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 5 << 8);
	return (0);
}

/* spec: NB-008 */
NB_TEST(fork_looks_at_no_signal_not_even_an_earlier_one)
{
	raised = 0;
	nb_passes("nb_exactly_early");
	assert_int_equal(raised, 1);
}

NB_PROGRAM(nb_exactly_pids, "numbers up to the largest")
{
	int i, largest = 0;
	tine_pid_t pid;

	for (i = 0; i < 300; i++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
		tine_check(pid <= 100);
		largest = pid > largest ? pid : largest;
	}
	tine_check(largest == 100);
	return (0);
}

/* spec: NB-010 */
NB_TEST(the_largest_pid_is_given_out_too)
{
	struct tine_options options = netbsd_options();

	options.pid_max = 100;
	harness_passes("nb_exactly_pids", &options, 0);
}

NB_PROGRAM(nb_exactly_mask, "a umask of one's own")
{
	int status;
	tine_pid_t pid;

	(void)tine_sys_umask(027);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(tine_sys_umask(0) == 027);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 1 << 8);
	tine_check(tine_sys_umask(022) == 027);
	return (0);
}

/* spec: NB-024 */
NB_TEST(a_child_has_a_copy_of_the_umask)
{
	nb_passes("nb_exactly_mask");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    at_the_instant_before_it_may_run_a_child_is_complete),
		cmocka_unit_test(
		    the_signal_of_an_end_is_the_one_that_was_asked_for),
		cmocka_unit_test(
		    a_refused_fork_sleeps_its_time_whatever_signals_come),
		cmocka_unit_test(
		    fork_looks_at_no_signal_not_even_an_earlier_one),
		cmocka_unit_test(the_largest_pid_is_given_out_too),
		cmocka_unit_test(a_child_has_a_copy_of_the_umask),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
