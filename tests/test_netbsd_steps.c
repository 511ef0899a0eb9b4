/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_steps.c - every fallible step fails once: of plain forks with all
 * that hangs on a process, of refusals, of exit, wait, LWP calls and minherit.
 * What the ways into fork1 have besides is in test_netbsd_failures.c.
 */
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_counts.h"

/* --- a process that has everything --- */

static TINE_DATA volatile int leave;

static void
idles(void *arg)
{
	(void)arg;
	while (!leave)
		tine_sys_nanosleep(MS);
}

static int hooked;

static void
hook_fork(struct proc *p2, struct proc *p1)
{
	(void)p1;
	ASSERT(p2->p_stat == SIDL);
	hooked++;
}

static int
defers(struct kauth_cred *cred, enum kauth_action action, void *cookie,
    struct proc *p, uintptr_t arg)
{
	(void)cred;
	(void)p;
	(void)arg;
	return (action == KAUTH_PROCESS_FORK && *(int *)cookie ?
	    KAUTH_RESULT_DENY : KAUTH_RESULT_DEFER);
}

static int refuses;
static kauth_listener_t listener;

/* Linux's emulation, hooks, a listener. Any of them may not be had. */
static int64_t
k_extras(int64_t on, int64_t refuse)
{
	if (on) {
		hooked = 0;
		refuses = (int)refuse;
		curproc->p_emul = &emul_linux;
		listener = kauth_listen_scope(defers, &refuses);
		(void)forkhook_establish(hook_fork);
		return (listener != NULL);
	}
	curproc->p_emul = &emul_netbsd;
	if (listener != NULL)
		kauth_unlisten_scope(listener);
	forkhook_disestablish(hook_fork);
	return (hooked);
}

/* What fork has to copy, share or leave: as much of it as there is memory for.
 */
static void
has_everything(void)
{
	static const struct tine_rlimit few = { 60, 70 };
	char *page = tine_sys_mmap(8192, TINE_PROT_READ | TINE_PROT_WRITE);
	int queue = tine_sys_kqueue_nb(), fds[2];

	(void)tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &few, NULL);
	(void)tine_sys_ras_install((void *)0x1000, 16);
	(void)tine_sys_ras_install((void *)0x2000, 16);
	(void)tine_sys_pipe(fds);
	(void)tine_sys_mq_open_nb();
	(void)tine_sys_lwp_ctl();
	if (queue >= 0)
		(void)tine_sys_kevent_proc(queue, tine_sys_getpid(),
		    TINE_NB_NOTE_FORK | TINE_NB_NOTE_TRACK, 1);
	if (!tine_sys_failed(page)) {
		page[0] = 1;
		(void)tine_sys_mlock(page, 4096);
	}
}

/* --- fork and both vforks --- */

enum way { FORK, VFORK44, VFORK14, WAYS };

static enum way way;		/* of the host's: which is tried */

static void
forks(struct counts before)
{
	tine_pid_t pid;

	pid = way == FORK ? tine_sys_fork() : way == VFORK44 ?
	    tine_sys_vfork44() : tine_sys_vfork();
	if (pid == 0)
		tine_sys_exit(0);
	one_or_none(pid, before);
}

NB_PROGRAM(nb_steps_fork, "a fork that may fail, of a process with everything")
{
	const struct counts before = counted();
	int64_t ran;

	has_everything();
	(void)in_kernel(k_extras, 1, 0);
	forks(before);
	ran = in_kernel(k_extras, 0, 0);
	tine_check(ran == 0 || ran == 1);
	return (0);
}

/* spec: NB-007 NB-019 NB-023 NB-025 NB-036 NB-043 NB-055 NB-110 NB-111 */
NB_TEST(every_step_of_a_fork_with_everything_may_fail)
{
	for (way = FORK; way < WAYS; way++)
		assert_in_range(nb_every_failure("nb_steps_fork"), 14, 500);
}

/* --- refusals --- */

NB_PROGRAM(nb_steps_refused, "a fork that a listener refuses, or something")
{
	const struct counts before = counted();
	const bool asked = in_kernel(k_extras, 1, 1) != 0;
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	/* Whatever the reason is, there is one errno for it. */
	tine_check(asked ? pid == -EAGAIN : pid > 0 || pid == -EAGAIN ||
	    pid == -ENOMEM);
	if (asked)
		tine_check(in_kernel(k_extras, 0, 0) == 0);
	else
		(void)in_kernel(k_extras, 0, 0);
	one_or_none(pid, before);
	return (0);
}

NB_PROGRAM(nb_steps_limit, "forks up to RLIMIT_NPROC, as an ordinary user")
{
	const struct tine_rlimit two = { 2, 2 };
	const int64_t total = in_kernel(k_procs, 0, 0);
	tine_pid_t pid, more;

	(void)tine_sys_setrlimit(TINE_RLIMIT_NPROC, &two, NULL);
	tine_check(tine_sys_setuid(7) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_nanosleep(10 * MS);
		tine_sys_exit(0);
	}
	if (pid > 0) {
		more = tine_sys_fork();
		if (more == 0)
			tine_sys_exit(0);
		tine_check(more == -EAGAIN);
		tine_check(in_kernel(k_procs, 0, 0) == total + 1);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	}
	tine_check(in_kernel(k_procs, 0, 0) == total);
	return (0);
}

/* spec: NB-003 NB-004 NB-006 NB-007 */
NB_TEST(every_step_of_a_refused_fork_may_fail)
{
	assert_in_range(nb_every_failure("nb_steps_refused"), 2, 200);
	assert_in_range(nb_every_failure("nb_steps_limit"), 4, 200);
}

/* --- exit and wait --- */

static void
exits(void *arg)
{
	(void)arg;
	tine_sys_exit(3);
}

NB_PROGRAM(nb_steps_exit, "the end of a process with everything")
{
	static const struct tine_itimerval soon = { .value = 3 * MS };
	const struct counts before = counted();
	tine_pid_t pid = tine_sys_fork();
	int status = 0, lwp;

	if (pid == 0) {
		has_everything();
		(void)tine_sys_setitimer(TINE_ITIMER_REAL, &soon, NULL);
		(void)tine_sys_sigaction(SIGALRM, NULL, NULL);
		(void)tine_sys_lwp_create(idles, NULL);
		(void)tine_sys_lwp_create_flags(idles, NULL,
		    TINE_LWP_SUSPENDED);
		if (tine_sys_fork() == 0)
			idles(NULL);
		lwp = tine_sys_lwp_create(exits, NULL);
		if (lwp > 0)
			(void)tine_sys_lwp_wait(lwp);
		tine_sys_exit(3);
	}
	if (pid < 0) {
		unchanged(before);
		return (0);
	}
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WNOWAIT) == pid);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	/* The alarm, or want of memory, may come first. */
	tine_check(status == 3 << 8 || status == SIGALRM || status == SIGKILL);
	tine_check(tine_sys_wait4_nb(-1, &status, TINE_WALLSIG) == -ECHILD);
	/* init has an orphan now. */
	tine_check(tine_sys_kill(-1, SIGKILL) <= 0);
	return (0);
}

/* spec: NB-007 NB-090 NB-091 NB-092 NB-098 */
NB_TEST(every_step_of_an_exit_may_fail)
{
	assert_in_range(nb_every_failure("nb_steps_exit"), 14, 600);
}

/* --- LWP calls --- */

static TINE_DATA uint32_t word;

static void
sleeps_on(void *arg)
{
	(void)arg;
	while (word == 0)
		(void)tine_sys_wait_on(&word, 0, MS);
}

NB_PROGRAM(nb_steps_lwps, "what LWPs do to each other")
{
	const struct counts before = counted();
	int lwp = tine_sys_lwp_create(sleeps_on, NULL), other, error;
	void *block = tine_sys_lwp_ctl();

	tine_check(!tine_sys_failed(block) || (intptr_t)block == -ENOMEM);
	other = tine_sys_lwp_create_flags(idles, NULL, TINE_LWP_SUSPENDED);
	if (lwp > 0) {
		error = tine_sys_lwp_suspend(lwp);
		tine_check(error == 0);
		tine_check(tine_sys_lwp_continue(lwp) == 0);
		error = tine_sys_lwp_kill(lwp, SIGCONT);
		tine_check(error == 0 || error == -EAGAIN ||
		    error == -ENOMEM);
		word = 1;
		(void)tine_sys_wake(&word, 1);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	}
	leave = 1;
	if (other > 0) {
		tine_check(tine_sys_lwp_continue(other) == 0);
		tine_check(tine_sys_lwp_detach(other) == 0);
	}
	while (other > 0 && tine_sys_lwp_kill(other, 0) == 0)
		tine_sys_nanosleep(MS);
	unchanged(before);
	return (0);
}

/* spec: NB-007 NB-104 NB-106 NB-107 */
NB_TEST(every_step_of_lwp_calls_may_fail)
{
	assert_in_range(nb_every_failure("nb_steps_lwps"), 4, 300);
}

/* --- minherit --- */

NB_PROGRAM(nb_steps_minherit, "minherit of a part, which may fail")
{
	char *p = tine_sys_mmap(5 * 4096, TINE_PROT_READ | TINE_PROT_WRITE);
	int error;
	tine_pid_t pid;

	if (tine_sys_failed(p))
		return (0);
	p[0] = p[4096] = p[4 * 4096] = 1;
	/* The second page and the third: two edges to split at. */
	error = tine_sys_minherit(p + 4096 + 5, 4096, TINE_INHERIT_NONE);
	tine_check(error == 0 || error == -ENOMEM);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* All or nothing of it: no range is half of it. */
		tine_check(tine_sys_write(-1, p, 1) == -EBADF);
		tine_sys_exit(p[0] == 1 && p[4 * 4096] == 1 ? 0 : 1);
	}
	if (pid > 0) {
		(void)tine_sys_waitpid(pid, &error, 0);
		tine_check(error == 0 || (error & 0x7f) == SIGKILL);
	}
	tine_check(p[4096] == 1);
	return (0);
}

/* spec: NB-007 NB-066 NB-075 */
NB_TEST(every_step_of_minherit_may_fail)
{
	assert_in_range(nb_every_failure("nb_steps_minherit"), 4, 200);
}

/* --- Linux's hook --- */

static int64_t
k_linux(int64_t on, int64_t b)
{
	(void)b;
	curproc->p_emul = on ? &emul_linux : &emul_netbsd;
	return (0);
}

static int64_t
k_emul(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (curproc->p_emul == &emul_linux ? 1 : curproc->p_emul ==
	    &emul_netbsd ? 2 : 3);
}

NB_PROGRAM(nb_linux_after, "what an exec makes of the emulation")
{
	tine_check(in_kernel(k_emul, 0, 0) == 2);
	tine_check(tine_sys_lwp_self() == 1);
	return (0);
}

NB_PROGRAM(nb_linux, "a child of Linux's emulation, and one that execs")
{
	char *words[] = { (char *)(uintptr_t)"nb_linux_after", NULL };
	tine_pid_t pid;
	int status;

	in_kernel(k_linux, 1, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_lwp_self() == tine_sys_getpid());
		tine_check(in_kernel(k_emul, 0, 0) == 1);
		(void)tine_sys_exec("nb_linux_after", words);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	in_kernel(k_linux, 0, 0);
	return (0);
}

/* An exec, a fork, an LWP, a vfork: as seen by a program that is Linux's. */
static int
is_linux(void)
{
	char *words[] = { (char *)(uintptr_t)"nb_linux_after", NULL };
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_lwp_self() == tine_sys_getpid());
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(tine_sys_lwp_self() == tine_sys_getpid());
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 1 << 8);
	pid = tine_sys_vfork44();
	if (pid == 0) {
		tine_check(tine_sys_lwp_self() == tine_sys_getpid());
		(void)tine_sys_exec("nb_linux_after", words);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return (0);
}

static int nb_linux_program(int argc, char **argv);
TINE_PROGRAM(nb_linux_program, "a program that is Linux's");
static int
nb_linux_program(int argc, char **argv)
{
	char *words[] = { argv[0], (char *)(uintptr_t)"again", NULL };
	const int64_t yes = 1;
	int64_t old;

	if (argc > 1)
		return (is_linux());
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_LINUX, 0, &yes, &old) == 0);
	tine_check(old == 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_LINUX, tine_sys_getpid(),
	    NULL, &old) == 0 && old == 1);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_LINUX, 77, NULL, &old) ==
	    -ESRCH);
	/* From the next exec on. */
	tine_check(tine_sys_lwp_self() == 1);
	(void)tine_sys_exec(argv[0], words);
	return (9);
}

/* spec: NB-015 NB-036 NB-116 */
NB_TEST(a_program_can_be_run_under_linux_emulation)
{
	nb_passes("nb_linux_program");
}

/* spec: NB-015 NB-036 NB-056 */
NB_TEST(with_linux_emulation_the_lwp_has_the_pid_until_an_exec)
{
	nb_passes("nb_linux");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_of_a_fork_with_everything_may_fail),
		cmocka_unit_test(every_step_of_a_refused_fork_may_fail),
		cmocka_unit_test(every_step_of_an_exit_may_fail),
		cmocka_unit_test(every_step_of_lwp_calls_may_fail),
		cmocka_unit_test(every_step_of_minherit_may_fail),
		cmocka_unit_test(
		    with_linux_emulation_the_lwp_has_the_pid_until_an_exec),
		cmocka_unit_test(a_program_can_be_run_under_linux_emulation),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
