/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_noticed.c - small things that only who looks closely notices.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "machine/machine.h"
#include "netbsd_rig.h"

static TINE_DATA volatile int handled, handled_by;

static void
handler(int signo)
{
	handled = signo;
	handled_by = tine_sys_lwp_self();
}

static void
acts(int signo, void (*fn)(int), unsigned flags)
{
	struct tine_sigaction action = { .flags = flags };

	action.handler = fn;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* --- rfork --- */

static bool shared;

static void
probe_shares(int at, struct proc *p1, struct proc *p2)
{
	if (at == 33)
		shared = p1->p_vmspace == p2->p_vmspace;
	/* On its parent's stack it must not run. */
	if (at == 46) {
		nb->nb_probe = NULL;
		psignal(p2, SIGKILL);
	}
}

static int64_t
k_rfork(int64_t flags, int64_t b)
{
	int64_t retval[2];

	(void)b;
	nb->nb_probe = probe_shares;
	if (freebsd_sys_rfork(curlwp, TINE_FBRFPROC | (unsigned)flags,
	    retval) != 0)
		return (-1);
	return (shared);
}

NB_PROGRAM(nb_noticed_rfork, "rforks with and without RFMEM")
{
	int status;

	tine_check(in_kernel(k_rfork, TINE_FBRFMEM, 0) == 1);
	tine_check(tine_sys_waitpid(-1, &status, 0) > 0);
	tine_check(status == SIGKILL);
	tine_check(in_kernel(k_rfork, TINE_FBRFFDG, 0) == 0);
	tine_check(tine_sys_waitpid(-1, &status, 0) > 0);
	return (0);
}

/* spec: NB-116 NB-033 */
NB_TEST(an_rfork_shares_memory_when_told_to)
{
	nb_passes("nb_noticed_rfork");
}

/* --- the first return --- */

static int64_t
k_recorded(int64_t on, int64_t b)
{
	int64_t records;

	(void)b;
	if (on != 0) {
		nb->nb_probe = probe_shares;
		return (ktrace_set(curproc, KTRFAC_SYSRET | KTRFAC_INHERIT,
		    true));
	}
	records = curproc->p_tracep->kts_sysrets;
	(void)ktrace_set(curproc, 0, false);
	return (records);
}

NB_PROGRAM(nb_noticed_return, "a child that never comes to its program")
{
	int status;

	tine_check(in_kernel(k_recorded, 1, 0) == 0);
	if (tine_sys_fork() == 0)
		tine_check(!"it came");
	tine_check(tine_sys_waitpid(-1, &status, 0) > 0);
	tine_check(status == SIGKILL);
	tine_check(in_kernel(k_recorded, 0, 0) == 0);
	return (0);
}

/* spec: NB-051 */
NB_TEST(a_return_is_recorded_when_all_before_it_is_done)
{
	nb_passes("nb_noticed_return");
}

/* --- memory is short --- */

static uint64_t copy_from, copy_to;

static void
probe_steps(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	(void)p2;
	if (at == 30)
		copy_from = nb->nb_machine->fail_steps;
	if (at == 33) {
		copy_to = nb->nb_machine->fail_steps;
		nb->nb_probe = NULL;
	}
}

static int64_t
k_steps(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb->nb_probe = probe_steps;
	return (0);
}

NB_PROGRAM(nb_noticed_short, "a fork and how long it takes")
{
	char *page = tine_sys_mmap(4 << 12, TINE_PROT_READ | TINE_PROT_WRITE);
	uint64_t took;
	tine_pid_t pid;

	if (tine_sys_failed(page))
		return (9);
	page[0] = page[4096] = page[8192] = 1;
	tine_check(tine_sys_mlock(page + 8192, 4096) == 0);
	tine_check(tine_sys_minherit(page + 4096, 4096, TINE_INHERIT_ZERO) ==
	    0);
	in_kernel(k_steps, 0, 0);
	took = tine_sys_time();
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	took = tine_sys_time() - took;
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (took < MS ? 1 : 2);
}

/* spec: NB-008 NB-065 NB-070 */
NB_TEST(a_fork_whose_copy_finds_no_memory_waits_a_tick)
{
	struct tine_options options = netbsd_options();
	struct tine_result result;
	uint64_t from, to, nth;

	options.fail_at = UINT32_MAX;
	harness_passes("nb_noticed_short", &options, 1 << 8);
	from = copy_from;
	to = copy_to;
	assert_true(to >= from + 4);
	for (nth = from + 1; nth <= to; nth++) {
		options.fail_at = nth;
		assert_int_equal(harness_run("nb_noticed_short", &options,
		    &result, NULL), PASSED);
		assert_true(tine_machine_failed_step(harness_machine()));
		assert_int_equal(result.status, 2 << 8);
	}
}

/* --- a debugger's signal --- */

static TINE_DATA volatile int slept, took;

static void
suspends(void *arg)
{
	(void)arg;
	tine_check(tine_sys_sigsuspend(TINE_SIGBIT(SIGUSR2)) == -EINTR);
	tine_check(handled == SIGUSR1);
	took = handled_by;
	slept = 1;
}

static void
traced(void)
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR2);
	tine_sigset_t old, now;
	int lwp;

	acts(SIGUSR1, handler, 0);
	acts(SIGUSR2, handler, 0);
	acts(SIGALRM, handler, 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) == 0);
	lwp = tine_sys_lwp_create(suspends, NULL);
	/* Asleep, where SIGUSR2 is not for it. */
	tine_sys_nanosleep(MS);
	/* Who stops for it is interrupted, whatever the debugger makes of it.
	 */
	tine_check(tine_sys_sigsuspend(TINE_SIGBIT(SIGUSR1)) == -EINTR);
	/* Its mask is as it was, and is its own business from there on. */
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, &old) == 0);
	tine_check(old == 0);
	handled = 0;
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGALRM) == 0);
	tine_check(handled == SIGALRM);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &old, &now) == 0);
	tine_check(now == set);
	tine_check(tine_sys_lwp_wait(lwp) == lwp && slept == 1);
	tine_sys_exit(took == lwp ? 4 : 5);
}

NB_PROGRAM(nb_noticed_debugger, "a signal instead of another")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0)
		traced();
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_kill(pid, SIGUSR2) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGUSR2 << 8 | 0x7f));
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, SIGUSR1) ==
	    0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGALRM << 8 | 0x7f));
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, SIGALRM) ==
	    0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	return (0);
}

NB_PROGRAM(nb_noticed_given, "what the debugger gives instead")
{
	static const int none[] = { SIGSTOP, SIGTSTP, SIGCHLD, SIGWINCH,
		SIGCONT };
	tine_pid_t pid;
	int status;
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
			(void)tine_sys_kill(tine_sys_getpid(), SIGUSR1);
			tine_sys_exit(3);
		}
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_check(status == (SIGUSR1 << 8 | 0x7f));
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL,
		    none[i]) == 0);
		/* It has stopped already; or that is nothing by default. */
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_check(status == 3 << 8);
	}
	return (0);
}

/* spec: NB-086 NB-088 */
NB_TEST(a_stop_from_the_debugger_is_none)
{
	nb_passes("nb_noticed_given");
}

/* spec: NB-086 */
NB_TEST(who_sleeps_interruptibly_may_take_what_a_debugger_gives)
{
	nb_passes("nb_noticed_debugger");
}

NB_PROGRAM(nb_noticed_running, "PT_KILL, and nonsense, while it runs")
{
	tine_pid_t pid = tine_sys_fork();
	int status, mask = 0;

	if (pid == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		tine_sys_nanosleep(5 * MS);
		(void)tine_sys_kill(tine_sys_getpid(), SIGUSR1);
		tine_sys_exit(3);
	}
	tine_check(tine_sys_ptrace(99, pid, NULL, 0) == -EINVAL);
	tine_check(tine_sys_ptrace(99, pid + 7, NULL, 0) == -ESRCH);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == -EPERM);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == -EBUSY);
	tine_check(tine_sys_ptrace(99, pid, NULL, 0) == -EINVAL);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGUSR1 << 8 | 0x7f));
	tine_check(tine_sys_ptrace(TINE_NB_PT_GET_EVENT_MASK, pid, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: NB-089 */
NB_TEST(who_is_to_be_killed_by_ptrace_has_stopped_before)
{
	nb_passes("nb_noticed_running");
}

static int64_t
k_faked(int64_t pid, int64_t b)
{
	(void)b;
	return (rig_find((pid_t)pid)->p_sigctx.ps_faked);
}

NB_PROGRAM(nb_noticed_faked, "a stop for a signal, for an event, for a signal")
{
	int status, mask = TINE_NB_PTRACE_FORK;
	tine_pid_t p1 = tine_sys_fork(), child;

	if (p1 == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		(void)tine_sys_fork();
		(void)tine_sys_kill(tine_sys_getpid(), SIGUSR1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(in_kernel(k_faked, p1, 0) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == (SIGTRAP << 8 | 0x7f));
	tine_check(in_kernel(k_faked, p1, 0) == 1);
	child = p1 + 1;
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(in_kernel(k_faked, child, 0) == 1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status >> 8 != SIGTRAP && in_kernel(k_faked, p1, 0) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	return (0);
}

/* spec: NB-082 */
NB_TEST(the_signal_of_an_event_is_marked_as_nobody_s)
{
	nb_passes("nb_noticed_faked");
}

/* --- repaired orders --- */

static TINE_DATA volatile int told, ready;
static TINE_DATA char stack[32768] __attribute__((aligned(16)));

static int
shares_actions(void *arg)
{
	(void)arg;
	ready = 1;
	while (!told)
		tine_sys_nanosleep(MS);
	return (6);
}

NB_PROGRAM(nb_noticed_ignores, "whoever shares actions ignores alike")
{
	tine_pid_t pid;
	int status;

	acts(SIGUSR1, handler, 0);
	pid = tine_sys_clone(TINE_CLONE_VM | TINE_CLONE_SIGHAND | SIGCHLD,
	    stack + sizeof(stack), shares_actions, NULL);
	tine_check(pid > 0);
	while (!ready)
		tine_sys_nanosleep(MS);
	acts(SIGUSR1, TINE_SIG_IGN, 0);
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	told = 1;
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8 && handled == 0);
	return (0);
}

/* spec: NB-R21 */
NB_TEST(repaired_what_one_ignores_the_other_ignores)
{
	nb_passes_with("nb_noticed_ignores", "-NB-R21");
}

/* A fork in whose middle the group is signalled twice. */
static void
probe_twice(int at, struct proc *p1, struct proc *p2)
{
	(void)p2;
	if (at != 14)
		return;
	nb->nb_probe = NULL;
	mutex_enter(&proc_lock);
	pgsignal(p1->p_pgrp, SIGSTOP, false);
	pgsignal(p1->p_pgrp, SIGCONT, false);
	mutex_exit(&proc_lock);
}

static int64_t
k_twice(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb->nb_probe = probe_twice;
	return (0);
}

NB_PROGRAM(nb_noticed_goes_on, "a group is stopped and goes on during a fork")
{
	tine_pid_t pid;
	int status;

	in_kernel(k_twice, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(3);
	tine_check(tine_sys_waitpid(pid, &status, TINE_WUNTRACED) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

/* spec: NB-R13 */
NB_TEST(repaired_a_child_does_not_stop_for_what_was_taken_back)
{
	nb_passes_with("nb_noticed_goes_on", "-NB-R13");
}

/* The signals come at any time: the handler does not restart anything else. */
NB_PROGRAM(nb_noticed_restarts, "forks that are signalled")
{
	tine_pid_t me = tine_sys_getpid(), other, pid;
	unsigned i;

	acts(SIGUSR1, handler, 0);
	other = tine_sys_fork();
	if (other == 0) {
		for (i = 0; i < 60; i++)
			(void)tine_sys_kill(me, SIGUSR1);
		tine_sys_exit(0);
	}
	for (i = 0; i < 15; i++) {
		/* Here: who shares a stack returns from nothing. */
		pid = i % 5 == 0 ? tine_sys_fork() :
		    i % 5 == 1 ? tine_sys_vfork() :
		    i % 5 == 2 ? tine_sys_vfork44() :
		    i % 5 == 3 ? tine_sys_clone(SIGCHLD, NULL, NULL, NULL) :
		    tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG);
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(pid > 0);
		while (tine_sys_waitpid(pid, NULL, 0) != pid)
			;
	}
	while (tine_sys_waitpid(other, NULL, 0) != other)
		;
	return (0);
}

/* spec: NB-R13 NB-110 NB-111 NB-112 */
NB_TEST(repaired_no_way_into_fork_is_ever_interrupted)
{
	struct tine_options options = netbsd_options();
	unsigned seed;

	assert_int_equal(tine_quirks_parse(options.kernel, "-NB-R13",
	    &options.quirks), 0);
	options.strategy = TINE_STRATEGY_RANDOM;
	for (seed = 1; seed <= 30; seed++) {
		options.seed = seed;
		options.ncpu = 2 + seed % 2;
		harness_passes("nb_noticed_restarts", &options, 0);
	}
}

static int64_t
k_released(int64_t pid, int64_t b)
{
	(void)b;
	return (rig_find((pid_t)pid)->p_vforklwp == NULL);
}

NB_PROGRAM(nb_noticed_released, "a vfork child that lives on")
{
	char *words[] = { (char *)(uintptr_t)"nb_noticed_sleeps", NULL };
	tine_pid_t pid = tine_sys_vfork44();

	if (pid == 0)
		(void)tine_sys_exec(words[0], words);
	tine_check(in_kernel(k_released, pid, 0) == 1);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

NB_PROGRAM(nb_noticed_sleeps, "sleeps a little")
{
	tine_sys_nanosleep(MS);
	return (0);
}

/* spec: NB-R01 NB-052 */
NB_TEST(repaired_a_child_forgets_whom_it_let_go)
{
	nb_passes_with("nb_noticed_released", "-NB-R01");
}

/* --- what is freed --- */

static int64_t
k_looks(int64_t a, int64_t b)
{
	struct plimit *lim = lim_copy(curproc->p_limit);

	(void)a;
	(void)b;
	nb_look(lim, NULL, 0, "before");
	lim_free(lim);
	nb_look(lim, NULL, 0, "afterwards");
	return (0);
}

NB_PROGRAM(nb_noticed_freed, "the kernel looks at what it freed")
{
	return ((int)in_kernel(k_looks, 0, 0));
}

/* spec: NB-R01 */
NB_TEST(a_look_at_what_was_freed_tells_who_freed_it)
{
	struct tine_options options = netbsd_options();

	harness_ends("nb_noticed_freed", &options, TINE_OUTCOME_USE_AFTER_FREE,
	    "plimit: afterwards: one that was freed by ");
	options.kmem_debug = false;
	harness_ends("nb_noticed_freed", &options, TINE_OUTCOME_USE_AFTER_FREE,
	    "plimit: afterwards: one that was freed");
}

/* --- signals that go --- */

NB_PROGRAM(nb_noticed_pending, "ignored while it is pending for the LWP")
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1);

	acts(SIGUSR1, handler, 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_lwp_kill(tine_sys_lwp_self(), SIGUSR1) == 0);
	acts(SIGUSR1, TINE_SIG_IGN, 0);
	acts(SIGUSR1, handler, 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, NULL) == 0);
	tine_check(handled == 0);
	return (0);
}

static void
ignores_and_is_let_go(void)
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1);

	acts(SIGUSR1, TINE_SIG_IGN, 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP) == 0);
	/* Nobody traces any more. */
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, NULL) == 0);
	tine_sys_exit(3);
}

NB_PROGRAM(nb_noticed_ignored, "pending for a debugger, who goes")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0)
		ignores_and_is_let_go();
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_ptrace(TINE_NB_PT_DETACH, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

/* spec: NB-088 NB-R20 */
NB_TEST(what_is_ignored_goes_wherever_it_was_pending)
{
	nb_passes("nb_noticed_pending");
	nb_passes("nb_noticed_ignored");
}

NB_PROGRAM(nb_noticed_init, "signals for init")
{
	tine_check(tine_sys_kill(1, SIGTERM) == 0);
	tine_check(tine_sys_kill(1, SIGTSTP) == 0);
	tine_sys_nanosleep(MS);
	/* It still is there for orphans. */
	if (tine_sys_fork() == 0) {
		if (tine_sys_fork() == 0) {
			tine_sys_nanosleep(MS);
			tine_sys_exit(tine_sys_getppid() == 1 ? 0 : 1);
		}
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(-1, NULL, 0) > 0);
	tine_sys_nanosleep(3 * MS);
	return (0);
}

/* spec: NB-090 */
NB_TEST(init_takes_no_signal)
{
	nb_passes("nb_noticed_init");
}

/* The group of a reader in the background: who has no terminal is let alone. */
static void
reads_in_background(int fd)
{
	tine_pid_t pid;
	int status;
	char byte;

	tine_check(tine_sys_setpgid(0, 0) == 0);
	acts(SIGTTIN, handler, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_ioctl(fd, TINE_TIOCNOTTY, NULL) == 0);
		tine_sys_nanosleep(50 * MS);
		tine_sys_exit(handled == 0 ? 4 : 5);
	}
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_read(fd, &byte, 1) == -EINTR);
	tine_check(handled == SIGTTIN);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_noticed_reader, "a group that reads in the background")
{
	tine_pid_t leader = tine_sys_fork(), pid;
	int fd, status;

	if (leader == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		(void)tine_sys_ioctl(fd, TINE_TIOCSCTTY, NULL);
		pid = tine_sys_fork();
		if (pid == 0)
			reads_in_background(fd);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_sys_exit(status == 0 ? 0 : 1);
	}
	tine_check(tine_sys_waitpid(leader, &status, 0) == leader);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-038 NB-061 */
NB_TEST(a_reader_in_the_background_signals_who_has_the_terminal)
{
	nb_passes("nb_noticed_reader");
}

/* --- numbers --- */

static int64_t
k_generation(int64_t pid, int64_t b)
{
	(void)b;
	return ((int64_t)rig_find((pid_t)pid)->p_generation);
}

NB_PROGRAM(nb_noticed_numbers, "a structure that is another's by now")
{
	int64_t last = 0, next;
	tine_pid_t pid;
	int i;

	for (i = 0; i < 5; i++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		next = in_kernel(k_generation, pid, 0);
		tine_check(next > last);
		last = next;
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	}
	return (0);
}

/* spec: NB-R01 */
NB_TEST(no_two_processes_in_one_place_are_mistaken)
{
	nb_passes("nb_noticed_numbers");
}

/* --- what a broken pipe is told with --- */

static TINE_DATA struct tine_siginfo told_with;

static void
keeps(int signo, struct tine_siginfo *info, void *context)
{
	(void)context;
	handled = signo;
	told_with = *info;
}

NB_PROGRAM(nb_noticed_pipe, "a pipe that nobody reads")
{
	struct tine_sigaction action = { .flags = TINE_SA_SIGINFO };
	int fds[2];

	action.sigaction = keeps;
	tine_check(tine_sys_sigaction(SIGPIPE, &action, NULL) == 0);
	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_close(fds[0]) == 0);
	tine_check(tine_sys_write(fds[1], "x", 1) == -EPIPE);
	tine_check(handled == SIGPIPE && told_with.signo == SIGPIPE);
	/* Nobody has sent it. */
	tine_check(told_with.code == 0 && told_with.pid == 0);
	tine_check(told_with.uid == 0 && told_with.status == 0);
	return (0);
}

NB_TEST(the_signal_of_a_broken_pipe_is_nobody_s)
{
	nb_passes("nb_noticed_pipe");
}

/* --- joining --- */

static TINE_DATA volatile int sleeper, joined;

static void
sleeps_ten(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(10 * MS);
}

static void
joins(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(2 * MS);
	joined = tine_sys_lwp_wait(sleeper);
}

NB_PROGRAM(nb_noticed_joins, "one joins an LWP, and one any")
{
	int joiner;

	sleeper = tine_sys_lwp_create(sleeps_ten, NULL);
	joiner = tine_sys_lwp_create(joins, NULL);
	/* It is here first, but who is named has somebody. */
	tine_check(tine_sys_lwp_wait(0) == joiner);
	tine_check(joined == sleeper);
	tine_check(tine_sys_lwp_wait(0) == -ESRCH);
	return (0);
}

/* spec: NB-106 */
NB_TEST(an_lwp_that_somebody_waits_for_is_not_anybody_s)
{
	nb_passes("nb_noticed_joins");
}

/* --- a wait for events --- */

NB_PROGRAM(nb_noticed_queue, "a signal while it waits for events")
{
	const int kq = tine_sys_kqueue_nb();
	const tine_pid_t self = tine_sys_getpid();
	struct tine_nb_kevent event;
	tine_pid_t pid;

	acts(SIGUSR1, handler, TINE_SA_RESTART);
	tine_check(tine_sys_kevent_proc(kq, self, TINE_NB_NOTE_FORK, 1) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(MS);
		(void)tine_sys_kill(self, SIGUSR1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_kevent_next(kq, &event, 1) == 0);
	tine_check(event.data == pid);
	tine_check(tine_sys_kevent_next(kq, &event, 1) == -EINTR);
	tine_check(handled == SIGUSR1);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-043 */
NB_TEST(a_wait_for_events_is_interrupted_and_not_restarted)
{
	nb_passes("nb_noticed_queue");
}

/* --- nice --- */

static tine_pid_t
sleeps_as(unsigned uid)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_setuid(uid) == 0);
		tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	return (pid);
}

static void
sets_as(unsigned ruid, unsigned euid, tine_pid_t pid, int up, int down)
{
	tine_pid_t child = tine_sys_fork();
	int status;

	if (child == 0) {
		tine_check(tine_sys_setreuid(ruid, euid) == 0);
		tine_check(tine_sys_setpriority(TINE_PRIO_PROCESS, pid, 3) ==
		    up);
		tine_check(tine_sys_setpriority(TINE_PRIO_PROCESS, pid, 1) ==
		    down);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
}

NB_PROGRAM(nb_noticed_nice, "who may make whom nicer")
{
	tine_pid_t pid = sleeps_as(50);

	tine_sys_nanosleep(MS);
	sets_as(60, 70, pid, -EPERM, -EPERM);
	sets_as(50, 70, pid, 0, -EACCES);
	sets_as(60, 50, pid, 0, -EACCES);
	sets_as(0, 70, pid, -EACCES, -EACCES);
	sets_as(60, 0, pid, 0, 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-012 */
NB_TEST(a_real_user_owns_and_a_real_root_is_not_root)
{
	nb_passes("nb_noticed_nice");
}

/* --- an exec that comes too late --- */

static void
execs(void *arg)
{
	char *words[] = { (char *)(uintptr_t)"nb_noticed_sleeps", NULL };
	int error;

	(void)arg;
	error = tine_sys_exec(words[0], words);
	tine_check(error != -EINTR || !"it is seen by nobody");
}

NB_PROGRAM(nb_noticed_late, "exec beside an exit")
{
	tine_pid_t pid;
	int status, i;

	for (i = 0; i < 4; i++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			(void)tine_sys_lwp_create(execs, NULL);
			tine_sys_exit(7);
		}
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_check(status == 7 << 8 || status == 0);
	}
	return (0);
}

/* spec: NB-090 NB-101 NB-109 */
NB_TEST(an_exec_beside_an_exit_is_one_or_the_other)
{
	nb_every_seed("nb_noticed_late", 30);
}

/* --- the books --- */

static int64_t
k_verify(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb_verify();
	return (0);
}

NB_PROGRAM(nb_noticed_born_stopped, "a child that is born stopped, goes on")
{
	const int64_t on = 1;
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 0, &on, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(10 * MS);
		tine_sys_exit(0);
	}
	in_kernel(k_verify, 0, 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	in_kernel(k_verify, 0, 0);
	tine_sys_nanosleep(MS);
	in_kernel(k_verify, 0, 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

/* spec: NB-045 */
NB_TEST(an_lwp_that_is_born_stopped_is_counted_when_it_goes_on)
{
	nb_passes("nb_noticed_born_stopped");
}

static const char *const cooked[] = {
	"nprocs == tally.processes", "lwps == tally.lwps",
	"nb->nb_profprocs == tally.profiled", "p->p_nlwps == n",
	"p->p_nrlwps == running", "p->p_nzlwps == zombies",
	"p->p_ndlwps == detached", "p->p_nstopchild == stopped",
	"fdp->fd_nused == used", "ui->ui_proccnt == mine"
};

/* Make one figure wrong. */
static int64_t
k_cook(int64_t which, int64_t b)
{
	struct proc *p = curproc;

	(void)b;
	switch (which) {
	case 0:
		nprocs++;
		break;
	case 1:
		LIST_REMOVE(curlwp, l_list);
		break;
	case 2:
		nb->nb_profprocs++;
		break;
	case 3:
		p->p_nlwps++;
		break;
	case 4:
		p->p_nrlwps++;
		break;
	case 5:
		p->p_nzlwps++;
		break;
	case 6:
		p->p_ndlwps++;
		break;
	case 7:
		p->p_nstopchild++;
		break;
	case 8:
		p->p_fd->fd_nused++;
		break;
	default:
		uid_find(0)->ui_proccnt++;
		break;
	}
	nb_verify();
	return (0);
}

static size_t cook;

NB_PROGRAM(nb_noticed_cooked, "whose kernel counts wrong")
{
	return ((int)in_kernel(k_cook, (int64_t)cook, 0));
}

/* spec: NB-001 NB-005 NB-034 NB-044 */
NB_TEST(a_figure_that_is_wrong_is_named)
{
	struct tine_options options = netbsd_options();

	for (cook = 0; cook < sizeof(cooked) / sizeof(*cooked); cook++)
		harness_ends("nb_noticed_cooked", &options,
		    TINE_OUTCOME_PANIC, cooked[cook]);
}

/* --- Linux's clone --- */

static TINE_DATA volatile int tid, tid2;

static int
ends_with_six(void *arg)
{
	(void)arg;
	return (6);
}

static int
clones_again(void *arg)
{
	tine_pid_t pid;
	int status;

	(void)arg;
	tine_check(tid == tine_sys_getpid());
	/* Passed on by a fork as well, which stores nothing. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tid == tine_sys_getppid());
		pid = tine_sys_clone_linux(SIGCHLD, NULL, NULL, NULL, NULL);
		if (pid == 0)
			tine_sys_exit(tid == tine_sys_getpid() ? 0 : 1);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_check(tid == tine_sys_getppid());
		/* Another address, and a wrong one. */
		pid = tine_sys_clone_linux(SIGCHLD | TINE_CLONE_CHILD_SETTID,
		    NULL, NULL, NULL, (int *)(uintptr_t)&tid2);
		if (pid == 0)
			tine_sys_exit(tid2 == tine_sys_getpid() &&
			    tid != tid2 ? 0 : 1);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		pid = tine_sys_clone_linux(SIGCHLD | TINE_CLONE_CHILD_SETTID,
		    NULL, NULL, NULL, (int *)(uintptr_t)8);
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_sys_exit(status);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (5);
}

NB_PROGRAM(nb_noticed_linux, "clones of Linux's")
{
	char *words[] = { argv[0], (char *)(uintptr_t)"again", NULL };
	const int64_t yes = 1;
	tine_pid_t pid;
	int status;

	tine_check(tid == 0);
	if (argc > 2) {
		/* What it was told before exec is forgotten. */
		pid = tine_sys_clone_linux(SIGCHLD, NULL, NULL, NULL, NULL);
		if (pid == 0)
			tine_sys_exit(tid == 0 ? 0 : 1);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		return (status);
	}
	if (argc == 1) {
		tine_check(tine_sys_clone_linux(SIGCHLD, NULL, NULL, NULL,
		    NULL) == -ENOSYS);
		tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_LINUX, 0, &yes,
		    NULL) == 0);
		return (tine_sys_exec(argv[0], words));
	}
	tine_check(tine_sys_clone_linux(TINE_CLONE_PID, NULL, NULL, NULL,
	    NULL) == -EINVAL);
	tine_check(tine_sys_clone_linux(SIGCHLD, NULL, clones_again, NULL,
	    NULL) == -EINVAL);
	pid = tine_sys_clone_linux(SIGCHLD | TINE_CLONE_CHILD_SETTID, stack +
	    sizeof(stack), clones_again, NULL, (int *)(uintptr_t)&tid);
	tine_check(pid > 0 && tid == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 5 << 8);
	/* In shared memory everybody sees it, and the parent waits. */
	pid = tine_sys_clone_linux(SIGCHLD | TINE_CLONE_CHILD_SETTID |
	    TINE_CLONE_VM | TINE_CLONE_VFORK, stack + sizeof(stack),
	    ends_with_six, NULL, (int *)(uintptr_t)&tid);
	tine_check(pid > 0 && tid == pid);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8);
	tid = 0;
	{
		char *third[] = { argv[0], words[1], words[1], NULL };

		return (tine_sys_exec(argv[0], third));
	}
}

/* spec: NB-036 NB-116 */
NB_TEST(a_child_of_linux_s_clone_finds_its_id)
{
	nb_passes("nb_noticed_linux");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_rfork_shares_memory_when_told_to),
		cmocka_unit_test(
		    a_return_is_recorded_when_all_before_it_is_done),
		cmocka_unit_test(
		    a_fork_whose_copy_finds_no_memory_waits_a_tick),
		cmocka_unit_test(
		    who_sleeps_interruptibly_may_take_what_a_debugger_gives),
		cmocka_unit_test(a_stop_from_the_debugger_is_none),
		cmocka_unit_test(
		    who_is_to_be_killed_by_ptrace_has_stopped_before),
		cmocka_unit_test(the_signal_of_an_event_is_marked_as_nobody_s),
		cmocka_unit_test(repaired_what_one_ignores_the_other_ignores),
		cmocka_unit_test(
		    repaired_a_child_does_not_stop_for_what_was_taken_back),
		cmocka_unit_test(
		    repaired_no_way_into_fork_is_ever_interrupted),
		cmocka_unit_test(repaired_a_child_forgets_whom_it_let_go),
		cmocka_unit_test(a_look_at_what_was_freed_tells_who_freed_it),
		cmocka_unit_test(what_is_ignored_goes_wherever_it_was_pending),
		cmocka_unit_test(init_takes_no_signal),
		cmocka_unit_test(
		    a_reader_in_the_background_signals_who_has_the_terminal),
		cmocka_unit_test(no_two_processes_in_one_place_are_mistaken),
		cmocka_unit_test(the_signal_of_a_broken_pipe_is_nobody_s),
		cmocka_unit_test(
		    an_lwp_that_somebody_waits_for_is_not_anybody_s),
		cmocka_unit_test(
		    a_wait_for_events_is_interrupted_and_not_restarted),
		cmocka_unit_test(a_real_user_owns_and_a_real_root_is_not_root),
		cmocka_unit_test(an_exec_beside_an_exit_is_one_or_the_other),
		cmocka_unit_test(
		    an_lwp_that_is_born_stopped_is_counted_when_it_goes_on),
		cmocka_unit_test(a_figure_that_is_wrong_is_named),
		cmocka_unit_test(a_child_of_linux_s_clone_finds_its_id),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
