/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_more.c - what fork copies byte for byte, whom a group's signal
 * reaches, when a group is orphaned, LWP numbers, events of LWPs, exit and LWPs
 * that compute.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

static void
idle(void)
{
	for (;;)
		(void)tine_sys_pause();
}

static void
end(tine_pid_t pid)
{
	int status;

	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
}

/* --- NB-011, NB-012, NB-013: the three regions --- */

static unsigned compared;

/* Right after the copies: one region is zero, one is the parent's. */
static void
probe_regions(int at, struct proc *p1, struct proc *p2)
{
	const char *zero;
	const size_t zeros = offsetof(struct proc, p_endzero) -
	    offsetof(struct proc, p_startzero);

	if (at != 12)
		return;
	nb->nb_probe = NULL;
	compared++;
	zero = (const char *)&p2->p_startzero;
	for (size_t i = 0; i < zeros; i++)
		ASSERT3(zero[i], ==, 0);
	ASSERT(memcmp(&p2->p_startcopy, &p1->p_startcopy,
	    offsetof(struct proc, p_endcopy) -
	    offsetof(struct proc, p_startcopy)) == 0);
	ASSERT3(p2->p_xexit, ==, 31);
	ASSERT3(p2->p_psstrp, ==, 0x5555);
	ASSERT3(p2->p_pax, ==, 3);
	ASSERT3(p2->p_sigctx.ps_lwp, ==, 17);
	ASSERT(p2->p_sigctx.ps_faked);
	ASSERT3(p2->p_sigctx.ps_info.ksi_signo, ==, SIGURG);
	/* In neither: what the last owner of the structure left is 0. */
	ASSERT3(p2->p_xsig, ==, 0);
	/* The group is copied, but it does not have the child yet. */
	ASSERT(p2->p_pgrp == p1->p_pgrp);
	ASSERT(LIST_NEXT(p1, p_pglist) != p2);
}

static int64_t
k_regions(int64_t on, int64_t b)
{
	struct proc *p = curproc;

	(void)b;
	p->p_xexit = on ? 31 : 0;
	p->p_psstrp = on ? 0x5555 : 0;
	p->p_pax = on ? 3 : 0;
	p->p_xsig = on ? SIGURG : 0;
	p->p_nice = on ? 7 : 0;
	p->p_sigctx.ps_lwp = on ? 17 : 0;
	p->p_sigctx.ps_faked = on != 0;
	p->p_sigctx.ps_info.ksi_signo = on ? SIGURG : 0;
	nb->nb_probe = on ? probe_regions : NULL;
	return (0);
}

/* A later change of the one is not the other's. */
static int64_t
k_change(int64_t pid, int64_t b)
{
	struct proc *p1 = curproc, *p2 = rig_find((pid_t)pid);

	(void)b;
	ASSERT3(p2->p_nice, ==, 7);
	ASSERT(strcmp(p2->p_comm, p1->p_comm) == 0);
	p1->p_nice = 8;
	p2->p_comm[0] = '!';
	p2->p_sigctx.ps_sigignore |= sigmask(SIGUSR2);
	ASSERT3(p2->p_nice, ==, 7);
	ASSERT(p1->p_comm[0] != '!');
	ASSERT(!sigismember(p1->p_sigctx.ps_sigignore, SIGUSR2));
	return (0);
}

NB_PROGRAM(nb_regions, "what a child has before anything else")
{
	tine_pid_t pid;

	in_kernel(k_regions, 1, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		idle();
	in_kernel(k_change, pid, 0);
	in_kernel(k_regions, 0, 0);
	end(pid);
	return (0);
}

/* spec: NB-011 NB-012 NB-013 */
NB_TEST(a_region_is_zero_and_a_region_is_the_parents)
{
	compared = 0;
	nb_passes("nb_regions");
	assert_int_equal(compared, 1);
}

/* --- NB-077: SysV segments --- */

static TINE_DATA int segment;

static unsigned
nattch(void)
{
	struct tine_shmid_ds ds = { .nattch = 99 };

	tine_check(tine_sys_shmctl(segment, TINE_IPC_STAT, &ds) == 0);
	return (ds.nattch);
}

static int
tells_nattch(void *arg)
{
	(void)arg;
	return ((int)nattch());
}

NB_PROGRAM(nb_nattch_flags, "attachments, with memory copied and shared")
{
	char *stack = tine_sys_mmap(16384, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_pid_t pid;
	void *a, *b;
	int status;

	segment = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600);
	a = tine_sys_shmat(segment, NULL, 0);
	b = tine_sys_shmat(segment, NULL, 0);
	tine_check(nattch() == 2);
	/* Copied: each attachment once more. */
	pid = tine_sys_clone(SIGCHLD, stack + 16384, tells_nattch, NULL);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8 && nattch() == 2);
	/* Shared: it is one space. */
	pid = tine_sys_clone(SIGCHLD | TINE_CLONE_VM, stack + 16384,
	    tells_nattch, NULL);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 2 << 8 && nattch() == 2);
	/* exec is the end of an attachment, too. */
	tine_check(tine_sys_shmdt(a) == 0 && nattch() == 1);
	tine_check(tine_sys_shmdt(b) == 0 && nattch() == 0);
	tine_check(tine_sys_shmctl(segment, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: NB-064 NB-077 */
NB_TEST(segments_are_attached_once_more_only_to_a_copy)
{
	nb_passes("nb_nattch_flags");
}

/* --- NB-104: LWP ids --- */

static void
ends(void *arg)
{
	(void)arg;
}

static TINE_DATA volatile int status_of_child;

static void
ninth(void *arg)
{
	tine_pid_t pid;
	int status;

	(void)arg;
	tine_check(tine_sys_lwp_self() == 9);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_self() == 1);
		tine_check(tine_sys_lwp_create(ends, NULL) == 2);
		tine_check(tine_sys_lwp_wait(2) == 2);
		tine_check(tine_sys_lwp_create(ends, NULL) == 3);
		tine_sys_exit(6);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	status_of_child = status;
}

NB_PROGRAM(nb_ninth, "an LWP of a high number forks")
{
	for (int lid = 2; lid < 9; lid++) {
		tine_check(tine_sys_lwp_create(ends, NULL) == lid);
		tine_check(tine_sys_lwp_wait(lid) == lid);
	}
	tine_check(tine_sys_lwp_create(ninth, NULL) == 9);
	tine_check(tine_sys_lwp_wait(9) == 9);
	tine_check(status_of_child == 6 << 8);
	/* No number comes again. */
	tine_check(tine_sys_lwp_create(ends, NULL) == 10);
	tine_check(tine_sys_lwp_wait(10) == 10);
	return (0);
}

/* spec: NB-104 */
NB_TEST(a_childs_lwps_begin_with_number_one)
{
	nb_passes("nb_ninth");
}

/* --- NB-097: what a wait tells --- */

static int
status_now(tine_pid_t pid, int options)
{
	int status = -1;
	const tine_pid_t got = tine_sys_wait4_nb(pid, &status, options);

	return (got == pid ? status : got);
}

NB_PROGRAM(nb_statuses, "statuses, each told once")
{
	const int untraced = TINE_WSTOPPED | TINE_WNOHANG;
	const int continued = TINE_WCONTINUED | TINE_WNOHANG;
	static const int stops[] = { SIGTTIN, SIGTTOU, SIGTSTP, SIGSTOP };
	tine_pid_t group = tine_sys_fork(), pid;

	/* A group that somebody outside could continue. */
	if (group == 0) {
		(void)tine_sys_setpgid(0, 0);
		idle();
	}
	(void)tine_sys_setpgid(group, group);
	for (int i = 0; i < 4; i++) {
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_kill(group, stops[i]) == 0);
		tine_sys_nanosleep(MS);
		tine_check(status_now(group, TINE_WNOHANG) == 0);
		tine_check(status_now(group, continued) == 0);
		tine_check(status_now(group, untraced) ==
		    (stops[i] << 8 | 0x7f));
		tine_check(status_now(group, untraced) == 0);
		tine_check(tine_sys_kill(group, SIGCONT) == 0);
		tine_sys_nanosleep(MS);
		tine_check(status_now(group, untraced) == 0);
		tine_check(status_now(group, continued) == 0xffff);
		tine_check(status_now(group, continued) == 0);
	}
	end(group);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0x1ff);
	tine_check(status_now(pid, 0) == 0xff << 8);
	tine_check(status_now(pid, 0) == -ECHILD);
	return (0);
}

/* spec: NB-097 */
NB_TEST(every_stop_and_continuation_has_its_status_once)
{
	nb_passes("nb_statuses");
}

/* --- NB-100: orphans --- */

static TINE_DATA volatile int hups, conts;

static void
on_job(int signo)
{
	if (signo == SIGHUP)
		hups++;
	else
		conts++;
}

static int64_t
k_jobc(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	ASSERT3(p->p_pgrp->pg_jobc, ==, pg_jobc_of(p->p_pgrp));
	return (p->p_pgrp->pg_jobc);
}

/* A member: it tells by its status what it was sent while it was stopped. */
static void
member(tine_pid_t group)
{
	struct tine_sigaction action = { .flags = 0 };

	(void)tine_sys_setpgid(0, group);
	action.handler = on_job;
	tine_check(tine_sys_sigaction(SIGHUP, &action, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGCONT, &action, NULL) == 0);
	while (hups == 0 || conts == 0)
		(void)tine_sys_pause();
	tine_sys_exit(hups * 10 + conts);
}

/* A parent outside of the group of the member that it makes. */
static void
outside(tine_pid_t group)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		member(group);
	(void)tine_sys_setpgid(pid, group);
	idle();
}

/* In a session that init is not in. */
static void
two_outside(void)
{
	tine_pid_t a, b, leader;

	leader = tine_sys_fork();
	if (leader == 0) {
		(void)tine_sys_setpgid(0, 0);
		idle();
	}
	(void)tine_sys_setpgid(leader, leader);
	a = tine_sys_fork();
	if (a == 0)
		outside(leader);
	b = tine_sys_fork();
	if (b == 0)
		outside(leader);
	tine_sys_nanosleep(10 * MS);
	tine_check(in_kernel(k_jobc, leader, 0) == 3);
	/* The leader has this program as its parent: one less. */
	end(leader);
	tine_check(in_kernel(k_jobc, b + 1, 0) == 2);
	tine_check(tine_sys_kill(b + 1, SIGSTOP) == 0);
	tine_sys_nanosleep(MS);
	/* The first of the parents: the other one could still continue it. */
	end(a);
	tine_sys_nanosleep(MS);
	tine_check(in_kernel(k_jobc, b + 1, 0) == 1);
	tine_check(rig_find(b + 1)->p_stat == SSTOP);
	/* The last one: nobody could. */
	end(b);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_killpg(leader, 0) == -ESRCH);
}

NB_PROGRAM(nb_two_outside, "a group with two parents outside")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		two_outside();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-100 */
NB_TEST(a_group_is_orphaned_by_the_last_parent_outside)
{
	struct tine_options options = netbsd_options();
	const struct tine_event *events;
	unsigned sent = 0;
	long n;

	options.trace_full = true;
	harness_passes("nb_two_outside", &options, 0);
	n = tine_trace_events(harness_machine(), &events);
	for (long i = 0; i < n; i++)
		sent += events[i].type == TINE_EV_SIGNAL &&
		    (events[i].b == SIGHUP || events[i].b == SIGCONT);
	/* Both members, both signals, once. */
	assert_int_equal(sent, 4);
}

/* --- NB-108: groups of nobody --- */

static volatile pid_t unborn;

static void
probe_gap(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	if (at != 43)
		return;
	nb->nb_probe = NULL;
	unborn = p2->p_pid;
	(void)kpause("test", false, 5);
}

static int64_t
k_gap(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	unborn = 0;
	nb->nb_probe = probe_gap;
	return (0);
}

NB_PROGRAM(nb_group_unborn, "a group whose only member is being made")
{
	tine_pid_t forker = tine_sys_fork(), elsewhere;
	int queue, status;

	if (forker == 0) {
		(void)tine_sys_setpgid(0, 0);
		queue = tine_sys_kqueue_nb();
		(void)tine_sys_kevent_proc(queue, tine_sys_getpid(),
		    TINE_NB_NOTE_FORK, 1);
		in_kernel(k_gap, 0, 0);
		if (tine_sys_fork() == 0)
			tine_sys_exit(5);
		tine_check(tine_sys_waitpid(-1, &status, 0) > 0);
		tine_sys_exit(status >> 8);
	}
	elsewhere = tine_sys_fork();
	if (elsewhere == 0) {
		(void)tine_sys_setpgid(0, 0);
		idle();
	}
	(void)tine_sys_setpgid(elsewhere, elsewhere);
	while (unborn == 0)
		tine_sys_yield();
	/* Its parent leaves: it is alone in its group. */
	tine_check(tine_sys_setpgid(forker, elsewhere) == 0);
	tine_check(tine_sys_killpg(forker, SIGKILL) == 0);
	tine_check(tine_sys_killpg(forker, 0) == 0);
	tine_check(tine_sys_waitpid(forker, &status, 0) == forker);
	tine_check(status == 5 << 8);	/* the signal had no effect */
	end(elsewhere);
	return (0);
}

NB_PROGRAM(nb_group_dead, "a group whose only member is a zombie")
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		(void)tine_sys_setpgid(0, 0);
		tine_sys_exit(3);
	}
	(void)tine_sys_setpgid(pid, pid);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_killpg(pid, SIGTERM) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
	tine_check(tine_sys_killpg(pid, SIGTERM) == -ESRCH);
	tine_check(tine_sys_kill(pid, SIGTERM) == -ESRCH);
	tine_check(tine_sys_killpg(29000, SIGTERM) == -ESRCH);
	return (0);
}

NB_PROGRAM(nb_group_foreign, "members that the caller may not signal")
{
	tine_pid_t theirs = tine_sys_fork(), mine;
	int status;

	if (theirs == 0) {
		(void)tine_sys_setpgid(0, 0);
		idle();
	}
	(void)tine_sys_setpgid(theirs, theirs);
	mine = tine_sys_fork();
	if (mine == 0) {
		(void)tine_sys_setuid(7);
		/* One by its pid: no. A group without one that may be: none. */
		tine_check(tine_sys_kill(theirs, SIGTERM) == -EPERM);
		tine_check(tine_sys_killpg(theirs, SIGTERM) == -ESRCH);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(mine, &status, 0) == mine);
	tine_check(status == 0);
	end(theirs);
	return (0);
}

/* spec: NB-108 */
NB_TEST(who_is_being_made_or_dead_counts_and_takes_nothing)
{
	nb_passes("nb_group_unborn");
	nb_passes("nb_group_dead");
	nb_passes("nb_group_foreign");
}

/* --- NB-078: events of LWPs --- */

/* How many stops for an event a program of two LWPs makes, and for which. */
static void
lwp_events(int mask, int want_created, int want_exited)
{
	struct tine_ptrace_siginfo info;
	struct tine_ptrace_state state;
	int status, created = 0, exited = 0;
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		tine_check(tine_sys_lwp_create(ends, NULL) == 2);
		tine_check(tine_sys_lwp_wait(2) == 2);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, pid, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0) == 0);
	while (tine_sys_waitpid(pid, &status, 0) == pid &&
	    (status & 0xff) == 0x7f) {
		tine_check(status == (SIGTRAP << 8 | 0x7f));
		tine_check(tine_sys_ptrace(TINE_NB_PT_GET_PROCESS_STATE, pid,
		    &state, sizeof(state)) == 0);
		tine_check(tine_sys_ptrace(TINE_NB_PT_GET_SIGINFO, pid, &info,
		    sizeof(info)) == 0);
		tine_check(info.code == TINE_TRAP_LWP && state.lwp == 2);
		created += state.report_event == TINE_NB_PTRACE_LWP_CREATE;
		exited += state.report_event == TINE_NB_PTRACE_LWP_EXIT;
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0)
		    == 0);
	}
	tine_check(status == 0);
	tine_check(created == want_created && exited == want_exited);
}

NB_PROGRAM(nb_lwp_events, "a debugger hears of LWPs")
{
	lwp_events(0, 0, 0);
	lwp_events(TINE_NB_PTRACE_LWP_CREATE, 1, 0);
	lwp_events(TINE_NB_PTRACE_LWP_EXIT, 0, 1);
	lwp_events(TINE_NB_PTRACE_LWP_CREATE | TINE_NB_PTRACE_LWP_EXIT, 1, 1);
	return (0);
}

/* spec: NB-078 NB-085 */
NB_TEST(lwps_that_begin_and_end_are_events_if_asked_for)
{
	nb_passes("nb_lwp_events");
	nb_passes_with("nb_lwp_events", "-NB-R08");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_is_zero_and_a_region_is_the_parents),
		cmocka_unit_test(
		    segments_are_attached_once_more_only_to_a_copy),
		cmocka_unit_test(a_childs_lwps_begin_with_number_one),
		cmocka_unit_test(
		    every_stop_and_continuation_has_its_status_once),
		cmocka_unit_test(
		    a_group_is_orphaned_by_the_last_parent_outside),
		cmocka_unit_test(
		    who_is_being_made_or_dead_counts_and_takes_nothing),
		cmocka_unit_test(
		    lwps_that_begin_and_end_are_events_if_asked_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
