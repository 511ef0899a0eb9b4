/* SPDX-License-Identifier: MIT */
/* test_netbsd_trace.c - ptrace's fork events on NetBSD, and waiting. */
#include "netbsd_rig.h"

#define F TINE_NB_PTRACE_FORK
#define V TINE_NB_PTRACE_VFORK
#define D TINE_NB_PTRACE_VFORK_DONE

enum kind { KIND_FORK, KIND_VFORK44, KIND_CLONE_FS, KIND_CLONE_VFORK };

static tine_pid_t
fork_of(enum kind kind)
{
	switch (kind) {
	case KIND_FORK:
		return (tine_sys_fork());
	case KIND_VFORK44:
		return (tine_sys_vfork44());
	case KIND_CLONE_FS:
		return (tine_sys_clone(TINE_CLONE_FS | SIGCHLD, NULL, NULL,
		    NULL));
	default:
		return (tine_sys_clone(TINE_CLONE_VFORK | TINE_CLONE_FS |
		    SIGCHLD, NULL, NULL, NULL));
	}
}

static int
ptrace(int req, tine_pid_t pid, void *addr, int data)
{
	return (tine_sys_ptrace(req, pid, addr, data));
}

static int
stop_status(int signo)
{
	return (signo << 8 | 0x7f);
}

/* A process that a debugger holds, with an event mask, before it forks. */
static tine_pid_t
traced(enum kind kind, int mask)
{
	tine_pid_t p1 = tine_sys_fork(), pid;
	int status = 0;

	if (p1 == 0) {
		tine_check(ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) == 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		pid = fork_of(kind);
		if (pid == 0)
			tine_sys_exit(8);
		while (tine_sys_waitpid(pid, &status, 0) == -EINTR)
			continue;
		tine_sys_exit(9);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == stop_status(SIGSTOP));
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask, 1) == -EINVAL);
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	return (p1);
}

static int64_t
k_state(int64_t pid, int64_t what)
{
	const struct proc *p = rig_find((pid_t)pid);

	switch (what) {
	case 0:
		return (p->p_opptr == NULL ? 0 : p->p_opptr->p_pid);
	case 1:
		return (p->p_ppid);
	case 2:
		return ((p->p_slflag & PSL_CHTRACED) != 0);
	case 3:
		return (p->p_slflag & (PSL_TRACEFORK | PSL_TRACEVFORK));
	case 4:
		return (p->p_fpid + p->p_vfpid);
	default:
		return (0);
	}
}

/* Run to the end; @return the events that there were. */
static int
events(enum kind kind, int mask)
{
	const tine_pid_t p1 = traced(kind, mask);
	struct tine_ptrace_state state;
	struct tine_ptrace_siginfo info;
	int seen = 0, status, ended = 0;
	tine_pid_t pid;

	while (!ended) {
		pid = tine_sys_waitpid(-1, &status, 0);
		tine_check(pid > 0);
		if ((status & 0xff) != 0x7f) {
			ended = pid == p1;
			continue;
		}
		tine_check(ptrace(TINE_NB_PT_GET_PROCESS_STATE, pid, &state,
		    sizeof(state)) == 0);
		tine_check(ptrace(TINE_NB_PT_GET_SIGINFO, pid, &info,
		    sizeof(info)) == 0);
		if (status == stop_status(SIGTRAP)) {
			/* NB-082 */
			tine_check(info.signo == SIGTRAP);
			tine_check(info.code == TINE_TRAP_CHLD);
		}
		if (pid == p1)
			seen |= state.report_event;
		if (pid != p1) {
			/* NB-080, NB-081 */
			tine_check(state.other_pid == p1);
			tine_check(in_kernel(k_state, pid, 0) == p1);
			tine_check(in_kernel(k_state, pid, 1) == p1);
			tine_check(in_kernel(k_state, p1, 2) == 1);
			tine_check(in_kernel(k_state, pid, 3) == 0);
		}
		tine_check(ptrace(TINE_NB_PT_CONTINUE, pid, NULL,
		    status == stop_status(SIGCHLD) ? SIGCHLD : 0) == 0);
		/* NB-085 */
	}
	return (seen);
}

NB_PROGRAM(nb_truth, "the truth table of 1.206")
{
	tine_check(events(KIND_FORK, 0) == 0);
	tine_check(events(KIND_FORK, F) == F);
	tine_check(events(KIND_FORK, V | D) == 0);
	tine_check(events(KIND_VFORK44, F) == 0);
	tine_check(events(KIND_VFORK44, D) == D);
	tine_check(events(KIND_CLONE_VFORK, D) == D);
	/* The mistake: a clone that is no vfork. */
	tine_check(events(KIND_CLONE_FS, F) == 0);
	tine_check(events(KIND_CLONE_FS, D) == D);
	tine_check(events(KIND_CLONE_FS, V) == V);
	return (0);
}

NB_PROGRAM(nb_truth_later, "the truth table of 1.207")
{
	tine_check(events(KIND_FORK, F) == F);
	tine_check(events(KIND_FORK, V | D) == 0);
	tine_check(events(KIND_VFORK44, F) == 0);
	tine_check(events(KIND_VFORK44, D) == D);
	tine_check(events(KIND_CLONE_FS, F) == F);
	tine_check(events(KIND_CLONE_FS, D) == 0);
	tine_check(events(KIND_CLONE_FS, V) == 0);
	return (0);
}

/* spec: NB-040 NB-048 NB-079 NB-080 NB-081 NB-082 NB-084 NB-085 NB-R03 */
NB_TEST(events_follow_the_truth_table_of_the_revision)
{
	nb_passes("nb_truth");
	nb_passes_with("nb_truth_later", "-NB-R03");
}

NB_PROGRAM(nb_order, "who is reported first")
{
	const tine_pid_t p1 = traced(KIND_FORK, F);
	tine_pid_t first, second;
	int status;

	tine_sys_nanosleep(10 * MS);
	first = tine_sys_waitpid(-1, &status, 0);
	tine_check(status == stop_status(SIGTRAP));
	tine_check(first != p1);
	second = tine_sys_waitpid(-1, &status, 0);
	tine_check(second == p1 && status == stop_status(SIGTRAP));
	/* Detached, it is its parent's again. */
	tine_check(ptrace(TINE_NB_PT_DETACH, first, NULL, 0) == 0);
	tine_check(in_kernel(k_state, first, 0) == 0);
	tine_check(tine_sys_waitpid(first, NULL, TINE_WNOHANG) == -ECHILD);
	tine_check(ptrace(TINE_NB_PT_KILL, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: NB-083 NB-086 */
NB_TEST(the_child_is_found_first_and_goes_back_when_detached)
{
	nb_passes("nb_order");
}

NB_PROGRAM(nb_refusals, "whom one may not trace")
{
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid, again;
	int mask = F, status;

	tine_check(ptrace(TINE_NB_PT_ATTACH, self, NULL, 0) == -EINVAL);
	tine_check(ptrace(TINE_NB_PT_ATTACH, 9999, NULL, 0) == -ESRCH);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_pause();
	tine_check(ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0) == -EPERM);
	tine_sys_nanosleep(MS);
	tine_check(ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) == 0);
	again = tine_sys_fork();
	if (again == 0)
		tine_sys_exit(ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) ==
		    -EBUSY ? 0 : 1);
	tine_check(tine_sys_waitpid(again, &status, 0) == again);
	tine_check(status == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == stop_status(SIGSTOP));
	/* The mask outlives a detach. */
	tine_check(ptrace(TINE_NB_PT_SET_EVENT_MASK, pid, &mask,
	    sizeof(mask)) == 0);
	tine_check(ptrace(TINE_NB_PT_DETACH, pid, NULL, 0) == 0);
	tine_check(in_kernel(k_state, pid, 3) == PSL_TRACEFORK);
	again = tine_sys_vfork44();
	if (again == 0)
		tine_sys_exit(ptrace(TINE_NB_PT_ATTACH, self, NULL, 0) ==
		    -EPERM ? 0 : 1);
	tine_check(tine_sys_waitpid(again, &status, 0) == again);
	tine_check(status == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-078 NB-089 */
NB_TEST(attaching_is_refused_as_specified)
{
	nb_passes("nb_refusals");
}

/* Attach before the child's first return: it reports a fork that nobody asked
 * about. */
static int
attach_early(void)
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0)
		tine_sys_pause();
	tine_check(ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (status);
}

NB_PROGRAM(nb_trace_early, "a debugger that is early")
{
	tine_check(attach_early() == stop_status(SIGTRAP));
	return (0);
}

NB_PROGRAM(nb_early_later, "the same, in a later revision")
{
	tine_check(attach_early() == stop_status(SIGSTOP));
	return (0);
}

/* A debugger that is gone once its process has stopped for the fork. */
static void
leaves(void)
{
	const tine_pid_t p1 = traced(KIND_FORK, TINE_NB_PTRACE_FORK);
	int status;

	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == stop_status(SIGTRAP));
	tine_sys_exit(0);
}

NB_PROGRAM(nb_trace_left, "a child that is to stop for a debugger that is gone")
{
	int64_t before, after = -1;
	int i, status;
	tine_pid_t pid;

	tine_check(tine_sys_sysctl_nb(TINE_NB_NPROCS, 0, NULL, &before) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		leaves();
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	/* All that it traced are killed, and leave. */
	for (i = 0; i < 20 && after != before; i++) {
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_sysctl_nb(TINE_NB_NPROCS, 0, NULL,
		    &after) == 0);
	}
	tine_check(after == before);
	return (0);
}

/* spec: NB-083 NB-087 */
NB_TEST(a_child_does_not_stop_for_a_debugger_that_is_gone)
{
	struct tine_options options = netbsd_options();

	nb_passes("nb_trace_left");
	options.strategy = TINE_STRATEGY_PCT;
	options.ncpu = 2;
	for (options.seed = 1; options.seed <= 400; options.seed++)
		harness_passes("nb_trace_left", &options, 0);
}

/* spec: NB-R30 */
NB_TEST(a_child_that_is_attached_to_early_reports_a_fork_event)
{
	nb_passes("nb_trace_early");
	nb_passes_with("nb_early_later", "-NB-R30");
}

NB_PROGRAM(nb_debugger_dies, "the debugger ends")
{
	tine_pid_t victim = tine_sys_fork(), debugger;
	int status;

	if (victim == 0)
		tine_sys_pause();
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(ptrace(TINE_NB_PT_ATTACH, victim, NULL, 0) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(debugger, &status, 0) == debugger);
	tine_check(tine_sys_waitpid(victim, &status, 0) == victim);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: NB-087 NB-092 */
NB_TEST(what_a_dying_debugger_traces_is_killed)
{
	nb_passes("nb_debugger_dies");
}

/* --- waiting --- */

static volatile int got_signo, got_code, got_status;

static void
on_signal(int signo, struct tine_siginfo *info, void *context)
{
	(void)context;
	got_signo = signo;
	got_code = info->code;
	got_status = info->status;
}

static int
exit_signal(int signo)
{
	struct tine_sigaction action = { .flags = TINE_SA_SIGINFO };
	tine_pid_t pid;
	int status;

	action.sigaction = on_signal;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	got_signo = 0;
	pid = tine_sys_clone((unsigned)signo, NULL, NULL, NULL);
	if (pid == 0)
		tine_sys_exit(4);
	(void)tine_sys_nanosleep(10 * MS);
	if (signo != SIGCHLD) {
		tine_check(tine_sys_wait4_nb(pid, &status, 0) == -ECHILD);
		tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALTSIG) ==
		    pid);
	} else {
		tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALTSIG) ==
		    -ECHILD);
		tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALLSIG) ==
		    pid);
	}
	tine_check(status == 4 << 8);
	return (got_signo);
}

NB_PROGRAM(nb_exit_signal, "the signal that a parent gets")
{
	tine_check(exit_signal(SIGUSR1) == SIGUSR1);
	tine_check(got_code == SI_USER);
	tine_check(exit_signal(0) == 0);
	tine_check(exit_signal(SIGCHLD) == SIGCHLD);
	tine_check(got_code == TINE_CLD_EXITED && got_status == 4);
	return (0);
}

/* spec: NB-094 NB-095 NB-110 */
NB_TEST(a_child_sends_the_signal_that_clone_was_told)
{
	nb_passes("nb_exit_signal");
}

NB_PROGRAM(nb_wait, "waiting")
{
	struct tine_siginfo info;
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_waitpid(-1, NULL, 0) == -ECHILD);
	tine_check(tine_sys_wait4_nb(-1, NULL, 0x8000) == -EINVAL);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WNOHANG) ==
	    -EINVAL);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(4);
	}
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0);
	tine_check(tine_sys_waitid(TINE_P_PID, pid, &info, TINE_WEXITED |
	    TINE_WNOWAIT) == 0);
	tine_check(info.pid == pid && info.code == TINE_CLD_EXITED);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	tine_check(tine_sys_waitpid(pid, &status, 0) == -ECHILD);
	return (0);
}

/* spec: NB-096 NB-098 */
NB_TEST(wait_finds_whom_it_is_told_and_reaps_once)
{
	nb_passes("nb_wait");
}

NB_PROGRAM(nb_ignored, "children that leave no zombie")
{
	struct tine_sigaction ignore = { .flags = 0 };
	tine_pid_t pid;

	ignore.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGCHLD, &ignore, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(-1, NULL, 0) == -ECHILD);
	tine_check(tine_sys_time() >= 5 * MS);
	return (0);
}

/* spec: NB-093 */
NB_TEST(with_sigchld_ignored_the_last_wait_is_echild)
{
	nb_passes("nb_ignored");
}

/* --- LWPs --- */

static void
lwp_returns(void *arg)
{
	(void)arg;
}

NB_PROGRAM(nb_lwps, "LWPs: ids, joining, the last one")
{
	int lwp = tine_sys_lwp_create(lwp_returns, NULL), status;
	tine_pid_t pid;

	tine_check(lwp == 2);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_lwp_wait(0) == -ESRCH);
	tine_check(tine_sys_lwp_wait(tine_sys_lwp_self()) == -EDEADLK);
	tine_check(tine_sys_lwp_suspend(tine_sys_lwp_self()) == -EDEADLK);
	tine_check(tine_sys_lwp_create(lwp_returns, NULL) == 3);
	tine_check(tine_sys_lwp_wait(3) == 3);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_self() == 1);
		tine_sys_lwp_exit();
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-104 NB-105 NB-106 NB-107 */
NB_TEST(lwps_have_ids_in_order_and_the_last_ends_the_process)
{
	nb_passes("nb_lwps");
}

/* --- memory --- */

static char *
pages(int inherit)
{
	char *p = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);

	p[0] = 'a';
	tine_check(tine_sys_minherit(p, 4096, inherit) == 0);
	return (p);
}

NB_PROGRAM(nb_minherit, "what a child gets of a range")
{
	char *share = pages(TINE_INHERIT_SHARE);
	char *zero = pages(TINE_INHERIT_ZERO);
	char *none = pages(TINE_INHERIT_NONE);
	char *copy = pages(TINE_INHERIT_COPY);
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_minherit(copy, 4096, 3) == -EINVAL);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(share[0] == 'a' && zero[0] == 0 && copy[0] == 'a');
		share[0] = 'b';
		zero[0] = 'b';
		copy[0] = 'b';
		tine_sys_exit(none[0]);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == (SIGSEGV | 0x80));
	tine_check(share[0] == 'b' && zero[0] == 'a' && copy[0] == 'a');
	return (0);
}

/* spec: NB-066 NB-067 NB-071 NB-075 */
NB_TEST(minherit_shares_copies_zeroes_and_leaves_out)
{
	nb_passes("nb_minherit");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_child_does_not_stop_for_a_debugger_that_is_gone),
		cmocka_unit_test(events_follow_the_truth_table_of_the_revision),
		cmocka_unit_test(
		    the_child_is_found_first_and_goes_back_when_detached),
		cmocka_unit_test(attaching_is_refused_as_specified),
		cmocka_unit_test(
		    a_child_that_is_attached_to_early_reports_a_fork_event),
		cmocka_unit_test(what_a_dying_debugger_traces_is_killed),
		cmocka_unit_test(a_child_sends_the_signal_that_clone_was_told),
		cmocka_unit_test(wait_finds_whom_it_is_told_and_reaps_once),
		cmocka_unit_test(with_sigchld_ignored_the_last_wait_is_echild),
		cmocka_unit_test(
		    lwps_have_ids_in_order_and_the_last_ends_the_process),
		cmocka_unit_test(
		    minherit_shares_copies_zeroes_and_leaves_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
