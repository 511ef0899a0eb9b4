/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_asked.c - what NetBSD answers about children that are being made,
 * traced or of another kind, and about processes after exec and chroot.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

static int
ptrace(int req, tine_pid_t pid, void *addr, int data)
{
	return (tine_sys_ptrace(req, pid, addr, data));
}

static void
runs(const char *program)
{
	char *words[] = { (char *)(uintptr_t)program, NULL };

	(void)tine_sys_exec(program, words);
	tine_sys_exit(99);
}

/* --- a child that is being made --- */

static int asked[3];	/* of the host's: what a wait for it said */
static int depth;

static int
ask(pid_t pid)
{
	struct tine_siginfo info;
	struct rusage_nb ru;
	pid_t found = -1;
	int status = 0, error;

	error = do_sys_waitid(TINE_P_PID, pid, &found, &status, TINE_WEXITED |
	    TINE_WNOHANG, &ru, &info);
	return (error != 0 ? error : (int)found);
}

/* In the gap: the first child is on all lists, SIDL. Then another one comes in
 * front of it. */
static void
in_the_gap(int at, struct proc *p1, struct proc *p2)
{
	int64_t retval[2] = { 0, 0 };

	(void)p1;
	if (at != 43 || depth++ != 0)
		return;
	asked[0] = ask(p2->p_pid);
	ASSERT3(fork1(curlwp, 0, SIGCHLD, 0, 0, NULL, NULL, retval), ==, 0);
	asked[1] = ask(p2->p_pid);
	asked[2] = ask((pid_t)retval[0]);
}

static int64_t
k_watch(int64_t on, int64_t b)
{
	(void)b;
	nb->nb_probe = on != 0 ? in_the_gap : NULL;
	return (0);
}

NB_PROGRAM(nb_asked_gap, "waits for a child that is being made")
{
	const int queue = tine_sys_kqueue_nb();
	int i, status;
	tine_pid_t pid;

	tine_check(tine_sys_kevent_proc(queue, tine_sys_getpid(),
	    TINE_NB_NOTE_FORK, 1) == 0);
	in_kernel(k_watch, 1, 0);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(3);
	in_kernel(k_watch, 0, 0);
	for (i = 0; i < 2; i++) {
		tine_check(tine_sys_wait(&status) > 0);
		tine_check(status == 3 << 8);
	}
	tine_check(tine_sys_wait(&status) == -ECHILD);
	return (0);
}

/* spec: NB-043 NB-096 */
NB_TEST(a_child_being_made_is_there_while_it_is_first)
{
	depth = 0;
	memset(asked, 0xff, sizeof(asked));
	nb_passes("nb_asked_gap");
	assert_int_equal(asked[0], 0);
	assert_int_equal(asked[1], ECHILD);
	assert_int_equal(asked[2], 0);
}

/* --- kinds of children, traced --- */

static void
is_traced(void)
{
	tine_check(ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP) == 0);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_asked_kinds, "waits for traced children of either kind")
{
	const int now = TINE_WNOHANG;
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0)
		is_traced();
	tine_sys_nanosleep(10 * MS);
	/* It would send SIGCHLD: no wait for the others finds it. */
	tine_check(tine_sys_wait4_nb(pid, &status, now | TINE_WALTSIG) ==
	    -ECHILD);
	tine_check(tine_sys_wait4_nb(pid, &status, now) == pid);
	tine_check(ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	/* One of the others is found by both while it is traced. */
	pid = tine_sys_clone(SIGUSR1, NULL, NULL, NULL);
	if (pid == 0)
		is_traced();
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_wait4_nb(pid, &status, now | TINE_WALTSIG |
	    TINE_WNOWAIT) == pid);
	tine_check(tine_sys_wait4_nb(pid, &status, now) == pid);
	tine_check(ptrace(TINE_NB_PT_KILL, pid, NULL, 0) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALLSIG) == pid);
	return (0);
}

/* spec: NB-095 */
NB_TEST(a_traced_child_is_of_its_own_kind_too)
{
	nb_passes("nb_asked_kinds");
}

/* --- whom a wait means --- */

static tine_pid_t
ends_with(int status, int group)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		if (group)
			tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_sys_nanosleep(MS);
		tine_sys_exit(status);
	}
	return (pid);
}

NB_PROGRAM(nb_asked_whom, "whom a wait means")
{
	const tine_pid_t same = ends_with(1, 0), other = ends_with(2, 1),
	    third = ends_with(3, 0), last = ends_with(4, 0);
	const int now = TINE_WNOHANG;
	int status;

	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_wait4_nb(999, &status, now) == -ECHILD);
	tine_check(tine_sys_wait4_nb(-999, &status, now) == -ECHILD);
	/* That one, of the own group, of that group, any. */
	tine_check(tine_sys_wait4_nb(third, &status, 0) == third);
	tine_check(status == 3 << 8);
	tine_check(tine_sys_wait4_nb(-other, &status, 0) == other);
	tine_check(status == 2 << 8);
	tine_check(tine_sys_wait4_nb(-other, &status, 0) == -ECHILD);
	tine_check(tine_sys_wait4_nb(0, &status, 0) == last);
	tine_check(status == 4 << 8);
	tine_check(tine_sys_wait4_nb(-1, &status, 0) == same);
	tine_check(status == 1 << 8);
	tine_check(tine_sys_wait4_nb(-1, &status, 0) == -ECHILD);
	return (0);
}

/* spec: NB-096 */
NB_TEST(a_wait_means_that_child_or_group_or_any)
{
	nb_passes("nb_asked_whom");
}

static int
returns_six(void *arg)
{
	(void)arg;
	return (6);
}

NB_PROGRAM(nb_asked_stack, "a function and no stack for it")
{
	char *stack = tine_sys_mmap(16384, TINE_PROT_READ | TINE_PROT_WRITE);
	int64_t before, after;
	int status;
	tine_pid_t pid;

	tine_check(tine_sys_sysctl_nb(TINE_NB_FORKS, 0, NULL, &before) == 0);
	tine_check(tine_sys_clone(SIGCHLD, NULL, returns_six, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_sysctl_nb(TINE_NB_FORKS, 0, NULL, &after) == 0);
	tine_check(before == after);
	pid = tine_sys_clone(SIGCHLD, stack + 16384, returns_six, NULL);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8);
	return (0);
}

/* spec: NB-115 */
NB_TEST(a_function_to_run_needs_a_stack)
{
	nb_passes("nb_asked_stack");
}

/* --- who one is after exec --- */

NB_PROGRAM(nb_asked_saved, "has no saved id left")
{
	tine_check(tine_sys_geteuid() == 9 && tine_sys_getuid() == 9);
	tine_check(tine_sys_seteuid(10) == -EPERM);
	tine_check(tine_sys_seteuid(9) == 0);
	return (0);
}

NB_PROGRAM(nb_asked_waits, "waits to be traced")
{
	tine_sys_pause();
	return (0);
}

/* As user 9: may it trace that process? */
static int
may_trace(tine_pid_t pid)
{
	int status;
	const tine_pid_t me = tine_sys_fork();

	if (me == 0) {
		tine_check(tine_sys_setreuid(9, 9) == 0);
		tine_sys_exit(-ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0));
	}
	tine_check(tine_sys_waitpid(me, &status, 0) == me);
	return (status >> 8);
}

NB_PROGRAM(nb_asked_exec, "exec, and who one is")
{
	int status, fds[2];
	tine_pid_t pid;
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setreuid(9, 9) == 0);
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		runs("nb_asked_waits");
	}
	tine_sys_nanosleep(10 * MS);
	tine_check(may_trace(pid) == EPERM);
	tine_check(tine_sys_write(fds[1], "x", 1) == 1);
	tine_sys_nanosleep(10 * MS);
	/* It is an ordinary program of user 9's now. */
	tine_check(may_trace(pid) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setreuid(9, 10) == 0);
		tine_check(tine_sys_seteuid(9) == 0);
		tine_check(tine_sys_seteuid(10) == 0);
		tine_check(tine_sys_seteuid(9) == 0);
		runs("nb_asked_saved");
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	/* Who is two users at once stays marked. */
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setreuid(9, 10) == 0);
		runs("nb_asked_waits");
	}
	tine_sys_nanosleep(10 * MS);
	tine_check(may_trace(pid) == EPERM);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	return (0);
}

/* spec: NB-014 NB-103 */
NB_TEST(after_exec_one_is_trusted_if_one_is_one_user)
{
	nb_passes("nb_asked_exec");
}

/* --- hooks of exec and exit --- */

static int hooks_ran[2];	/* of the host's: exec, exit */

static void
at_exec(struct proc *p, void *arg)
{
	/* The new program is in place, and its parent told. */
	ASSERT(strcmp(p->p_comm, "nb_asked_saved") == 0 ||
	    strcmp(p->p_comm, "nb_asked_six") == 0);
	ASSERT(arg == hooks_ran);
	hooks_ran[0]++;
}

static void
at_exit(struct proc *p, void *arg)
{
	/* Files are gone, memory is not. [NB-091] */
	ASSERT(p->p_fd == NULL && p->p_vmspace != NULL);
	ASSERT(p->p_stat == SDYING);
	ASSERT(arg == &hooks_ran[1]);
	hooks_ran[1]++;
}

/* @return how many there are. */
static int64_t
k_hook(int64_t a, int64_t b)
{
	const int error = exechook_establish(at_exec, hooks_ran);
	const int error2 = exithook_establish(at_exit, &hooks_ran[1]);

	(void)a;
	(void)b;
	ASSERT(error == 0 || error == ENOMEM);
	ASSERT((nb->nb_exechooks != NULL) == (error == 0));
	ASSERT(error2 == 0 || error2 == ENOMEM);
	ASSERT((nb->nb_exithooks != NULL) == (error2 == 0));
	return ((error == 0) + 2 * (error2 == 0));
}

NB_PROGRAM(nb_asked_six, "ends with 6")
{
	return (6);
}

NB_PROGRAM(nb_asked_hooks, "hooks of exec and of exit")
{
	const int64_t hooks = in_kernel(k_hook, 0, 0);
	int status;
	tine_pid_t pid;

	hooks_ran[0] = hooks_ran[1] = 0;
	pid = tine_sys_fork();
	if (pid < 0)
		return (0);
	if (pid == 0)
		runs("nb_asked_six");
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	if (status == 6 << 8)
		tine_check(hooks_ran[0] == ((hooks & 1) != 0));
	tine_check(hooks_ran[1] == ((hooks & 2) != 0));
	return (0);
}

/* spec: NB-036 NB-091 */
NB_TEST(hooks_of_exec_and_exit_run_once_where_they_belong)
{
	nb_passes("nb_asked_hooks");
	assert_int_equal(hooks_ran[0], 1);
	/* The child's, its parent's, and init's. */
	assert_int_equal(hooks_ran[1], 3);
	assert_true(nb_every_failure("nb_asked_hooks") > 4);
}

/* --- restartable sequences --- */

static int64_t
k_sequences(int64_t a, int64_t b)
{
	const struct ras *rp;
	int n = 0;

	(void)a;
	(void)b;
	for (rp = curproc->p_raslist; rp != NULL; rp = rp->ras_next)
		n++;
	return (n);
}

NB_PROGRAM(nb_asked_ras, "sequences that may not be had")
{
	int i, error, had = 0;

	for (i = 1; i <= 3; i++) {
		error = tine_sys_ras_install((void *)(intptr_t)(i * 4096), 16);
		tine_check(error == 0 || error == -ENOMEM);
		had += error == 0;
	}
	tine_check(in_kernel(k_sequences, 0, 0) == had);
	return (0);
}

/* spec: NB-019 */
NB_TEST(a_sequence_that_cannot_be_had_is_said_so)
{
	nb_passes("nb_asked_ras");
	assert_true(nb_every_failure("nb_asked_ras") >= 3);
}

/* --- groups, counted --- */

/* The group's count is what a look at its members says. */
static int64_t
k_jobc(int64_t pid, int64_t b)
{
	const struct pgrp *pgrp = rig_find((pid_t)pid)->p_pgrp;

	(void)b;
	ASSERT3(pgrp->pg_jobc, ==, pg_jobc_of(pgrp));
	return (pgrp->pg_jobc);
}

NB_PROGRAM(nb_asked_jobc, "members come and go")
{
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t a, b;
	int status, i;

	tine_check(tine_sys_setpgid(0, 0) == 0);
	a = ends_with(1, 0);
	b = ends_with(2, 0);
	for (i = 0; i < 2; i++) {
		tine_check(tine_sys_setpgid(a, a) == 0);
		tine_check(in_kernel(k_jobc, a, 0) == 1);
		tine_check(tine_sys_setpgid(b, a) == 0);
		tine_check(in_kernel(k_jobc, a, 0) == 2);
		in_kernel(k_jobc, self, 0);
		tine_check(tine_sys_setpgid(a, self) == 0);
		tine_check(in_kernel(k_jobc, b, 0) == 1);
		in_kernel(k_jobc, a, 0);
		tine_check(tine_sys_setpgid(b, self) == 0);
		in_kernel(k_jobc, b, 0);
	}
	/* A number that only shares a group's place is nobody's. */
	tine_check(tine_sys_kill(-(self + 4096), 0) == -ESRCH);
	tine_check(tine_sys_waitpid(a, &status, 0) == a);
	tine_check(tine_sys_waitpid(b, &status, 0) == b);
	return (0);
}

/* spec: NB-100 NB-108 */
NB_TEST(a_group_counts_who_comes_and_who_goes)
{
	nb_passes("nb_asked_jobc");
}

/* --- the saved group --- */

NB_PROGRAM(nb_asked_groups, "groups, real, effective and saved")
{
	int status;
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setregid(20, 30) == 0);
		tine_check(tine_sys_setreuid(9, 9) == 0);
		/* What is saved is the 30: back and forth. */
		tine_check(tine_sys_setegid(20) == 0);
		tine_check(tine_sys_getegid() == 20);
		tine_check(tine_sys_setegid(30) == 0);
		tine_check(tine_sys_setegid(40) == -EPERM);
		tine_check(tine_sys_getgid() == 20);
		tine_check(tine_sys_getegid() == 30);
		/* All three, and nothing to go back to. */
		tine_check(tine_sys_setgid(20) == 0);
		tine_check(tine_sys_getegid() == 20);
		tine_check(tine_sys_setegid(30) == -EPERM);
		tine_sys_exit(3);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

NB_TEST(a_group_that_is_saved_may_be_taken_up_again)
{
	nb_passes("nb_asked_groups");
}

/* --- roots --- */

static tine_pid_t
lives_in(const char *root)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		if (root != NULL)
			tine_check(tine_sys_chroot(root) == 0);
		for (;;)
			tine_sys_pause();
	}
	return (pid);
}

static void
ends(tine_pid_t pid)
{
	int status;

	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
}

static void
traces_from_a_jail(const tine_pid_t pids[4])
{
	int status;

	tine_check(tine_sys_chroot("/jail") == 0);
	tine_check(ptrace(TINE_NB_PT_ATTACH, pids[0], NULL, 0) == -EPERM);
	tine_check(ptrace(TINE_NB_PT_ATTACH, pids[1], NULL, 0) == -EPERM);
	tine_check(ptrace(TINE_NB_PT_ATTACH, pids[2], NULL, 0) == 0);
	tine_check(ptrace(TINE_NB_PT_ATTACH, pids[3], NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pids[2], &status, 0) == pids[2]);
	tine_check(tine_sys_waitpid(pids[3], &status, 0) == pids[3]);
	tine_check(ptrace(TINE_NB_PT_DETACH, pids[2], NULL, 0) == 0);
	tine_check(ptrace(TINE_NB_PT_DETACH, pids[3], NULL, 0) == 0);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_asked_roots, "debuggers and roots")
{
	tine_pid_t pids[4], pid;
	int i, status;

	tine_check(tine_sys_mkdir("/jail", 0755) == 0);
	tine_check(tine_sys_mkdir("/jail/cell", 0755) == 0);
	tine_check(tine_sys_mkdir("/other", 0755) == 0);
	pids[0] = lives_in(NULL);
	pids[1] = lives_in("/other");
	pids[2] = lives_in("/jail");
	pids[3] = lives_in("/jail/cell");
	tine_sys_nanosleep(10 * MS);
	pid = tine_sys_fork();
	if (pid == 0)
		traces_from_a_jail(pids);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	/* From the root everybody is below. */
	tine_check(ptrace(TINE_NB_PT_ATTACH, pids[3], NULL, 0) == 0);
	for (i = 0; i < 4; i++)
		ends(pids[i]);
	return (0);
}

/* spec: NB-089 */
NB_TEST(a_debugger_sees_only_who_lives_below_its_root)
{
	nb_passes("nb_asked_roots");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_being_made_is_there_while_it_is_first),
		cmocka_unit_test(a_traced_child_is_of_its_own_kind_too),
		cmocka_unit_test(a_sequence_that_cannot_be_had_is_said_so),
		cmocka_unit_test(a_group_counts_who_comes_and_who_goes),
		cmocka_unit_test(a_group_that_is_saved_may_be_taken_up_again),
		cmocka_unit_test(a_wait_means_that_child_or_group_or_any),
		cmocka_unit_test(a_function_to_run_needs_a_stack),
		cmocka_unit_test(after_exec_one_is_trusted_if_one_is_one_user),
		cmocka_unit_test(
		    hooks_of_exec_and_exit_run_once_where_they_belong),
		cmocka_unit_test(a_debugger_sees_only_who_lives_below_its_root),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
