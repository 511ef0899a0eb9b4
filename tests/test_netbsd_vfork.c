/* SPDX-License-Identifier: MIT */
/* test_netbsd_vfork.c - vfork on NetBSD: who waits, for what, and who tells. */
#include "netbsd_rig.h"

/* The trap that returns twice on one stack, and tells the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define vfork14() \
	((tine_pid_t)trap_twice(TINE__SYS_vforkx, 0, 0, 0, 0, 0))

static TINE_DATA volatile int word;

NB_PROGRAM(nb_vfork44, "4.4BSD's vfork: copied memory, the parent waits")
{
	tine_pid_t pid;
	int status;

	word = 1;
	pid = tine_sys_vfork44();
	if (pid == 0) {
		word = 2;
		tine_sys_nanosleep(3 * MS);
		tine_sys_trace(1, 0);
		tine_sys_exit(3);
	}
	tine_sys_trace(2, 0);
	tine_check(word == 1);
	/* A zombie already, at the parent's first instruction. */
	tine_check(tine_sys_waitpid(pid, &status, TINE_WNOHANG) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

NB_PROGRAM(nb_vfork14_prog, "__vfork14: shared memory, the parent waits")
{
	const uint64_t from = tine_sys_time();
	volatile tine_pid_t pid;
	int status;

	word = 1;
	pid = vfork14();
	if (pid == 0) {
		word = 2;
		tine_sys_nanosleep(3 * MS);
		tine_sys_exit(3);
	}
	tine_check(word == 2);
	tine_check(tine_sys_time() - from >= 3 * MS);
	tine_check(tine_sys_waitpid(pid, &status, TINE_WNOHANG) == pid);
	tine_check(status == 3 << 8);
	return (0);
}

/* spec: NB-049 NB-058 NB-111 NB-112 */
NB_TEST(both_vforks_wait_and_one_of_them_shares)
{
	nb_passes("nb_vfork44");
	nb_passes("nb_vfork14_prog");
	nb_every_seed("nb_vfork44", 30);
	nb_every_seed("nb_vfork14_prog", 30);
}

/* --- how the parent waits --- */

static int64_t
k_sleep_of(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);
	const struct lwp *l = LIST_FIRST(&p->p_lwps);

	(void)b;
	ASSERT3(l->l_stat, ==, LSSLEEP);
	ASSERT(l->l_wchan == &p->p_waitcv);
	ASSERT((l->l_flag & LW_SINTR) == 0);
	ASSERT3(p->p_nrlwps, ==, 1);
	ASSERT((curproc->p_lflag & PL_PPWAIT) != 0);
	ASSERT(curproc->p_vforklwp == l);
	ASSERT(p->p_vmspace != curproc->p_vmspace ||
	    p->p_vmspace->vm_refcnt == 2);
	return (0);
}

static int64_t
k_marks(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	ASSERT((curlwp->l_pflag & LP_VFORKWAIT) != 0);
	ASSERT3(curproc->p_vmspace->vm_refcnt, ==, 1);
	return (0);
}

NB_PROGRAM(nb_vfork_sleep, "the parent's sleep")
{
	const tine_pid_t self = tine_sys_getpid();
	volatile tine_pid_t pid;

	pid = vfork14();
	if (pid == 0) {
		in_kernel(k_sleep_of, self, 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	in_kernel(k_marks, 0, 0);
	/* The mark on the LWP holds nobody up. */
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_pause();
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-026 NB-052 NB-053 NB-064 */
NB_TEST(the_parent_sleeps_uninterruptibly_on_its_own_p_waitcv)
{
	nb_passes("nb_vfork_sleep");
}

/* --- exec releases --- */

NB_PROGRAM(nb_vfork_target, "runs for a while")
{
	tine_sys_nanosleep(20 * MS);
	return (4);
}

NB_PROGRAM(nb_vfork_exec, "exec lets the parent go; a failing one does not")
{
	const uint64_t from = tine_sys_time();
	char *words[] = { (char *)(uintptr_t)"nb_vfork_target", NULL };
	volatile tine_pid_t pid;
	int status;

	pid = vfork14();
	if (pid == 0) {
		if (tine_sys_exec("no_such_program", words) != -ENOENT)
			tine_sys_exit(1);
		tine_sys_nanosleep(5 * MS);
		(void)tine_sys_exec("nb_vfork_target", words);
		tine_sys_exit(2);
	}
	tine_check(tine_sys_time() - from >= 5 * MS);
	tine_check(tine_sys_time() - from < 20 * MS);
	/* It has exec'd: not a child to be moved any more. */
	tine_check(tine_sys_setpgid(pid, pid) == -EACCES);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	return (0);
}

/* spec: NB-056 NB-057 NB-103 */
NB_TEST(exec_lets_the_parent_go_and_a_failing_one_does_not)
{
	nb_passes("nb_vfork_exec");
	nb_every_seed("nb_vfork_exec", 20);
}

/* --- signals --- */

NB_PROGRAM(nb_vfork_killed, "SIGKILL for a parent that waits")
{
	tine_pid_t parent = tine_sys_fork();
	uint64_t from = tine_sys_time();
	int status;

	if (parent == 0) {
		if (tine_sys_vfork44() == 0) {
			tine_sys_nanosleep(30 * MS);
			tine_sys_exit(0);
		}
		tine_check(!"came back to user mode");
	}
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_kill(parent, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(parent, &status, 0) == parent);
	tine_check(status == SIGKILL);
	tine_check(tine_sys_time() - from >= 30 * MS);
	return (0);
}

/* spec: NB-060 */
NB_TEST(no_signal_reaches_a_waiting_parent_before_its_release)
{
	nb_passes("nb_vfork_killed");
}

NB_PROGRAM(nb_vfork_tstp, "job control and a vfork child")
{
	volatile tine_pid_t pid;
	int status;

	pid = tine_sys_fork();
	if (pid == 0) {
		tine_pid_t child;

		tine_sys_setpgid(0, 0);
		child = tine_sys_vfork44();
		if (child == 0) {
			(void)tine_sys_kill(tine_sys_getpid(), SIGTSTP);
			/* No sleep ends by it, either. */
			tine_check(tine_sys_nanosleep(5 * MS) == 0);
			tine_sys_exit(tine_sys_time() >= 5 * MS ? 7 : 8);
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_sys_exit(status == 7 << 8 ? 0 : 1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-061 */
NB_TEST(sigtstp_stays_pending_in_a_vfork_child)
{
	nb_passes("nb_vfork_tstp");
}

NB_PROGRAM(nb_vfork_lwpctl, "lwpctl and a vfork child")
{
	uint32_t *block = tine_sys_lwp_ctl();
	uint32_t before;
	tine_pid_t pid;

	tine_check(!tine_sys_failed(block));
	before = block[1];
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(block[1] == before);
	pid = (tine_pid_t)trap_twice(TINE__SYS_vforkx, 0, 0, 0, 0, 0);
	if (pid == 0) {
		if (tine_sys_lwp_ctl() != (void *)(intptr_t)-EBUSY)
			tine_sys_exit(1);
		tine_sys_exit(0);
	}
	tine_check(block[1] == before + 1);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-055 NB-059 */
NB_TEST(a_vfork_child_borrows_the_block_and_may_not_ask_for_one)
{
	nb_passes("nb_vfork_lwpctl");
}

/* --- NB-R01: the child's structure is read when it is gone --- */

NB_PROGRAM(nb_uaf, "a vfork child that init reaps")
{
	struct tine_sigaction ignore = { .flags = 0 };
	tine_pid_t pid;

	ignore.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGCHLD, &ignore, NULL) == 0);
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0);
	return (0);
}

/* spec: NB-062 NB-R01 */
NB_TEST(a_freed_child_is_read_in_some_schedule_and_never_later)
{
	struct tine_options options = netbsd_options();
	struct tine_result result;
	unsigned found = 0;

	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (unsigned seed = 1; seed <= 200; seed++) {
		options.seed = seed;
		if (harness_run("nb_uaf", &options, &result, NULL) != PASSED) {
			assert_non_null(strstr(result.message,
			    "use after free of a struct proc"));
			found++;
		}
	}
	assert_true(found > 0);
	assert_int_equal(tine_quirks_parse(options.kernel, "-NB-R01",
	    &options.quirks), 0);
	for (unsigned seed = 1; seed <= 200; seed++) {
		options.seed = seed;
		harness_passes("nb_uaf", &options, 0);
	}
}

/* --- siblings --- */

static void
sibling_exits(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(2 * MS);
	tine_sys_exit(6);
}

NB_PROGRAM(nb_vfork_sibling, "a sibling ends the process meanwhile")
{
	tine_pid_t pid = tine_sys_fork();
	uint64_t from = tine_sys_time();
	int status;

	if (pid == 0) {
		tine_check(tine_sys_lwp_create(sibling_exits, NULL) > 0);
		if (tine_sys_vfork44() == 0) {
			tine_sys_nanosleep(30 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8);
	tine_check(tine_sys_time() - from >= 30 * MS);
	return (0);
}

/* spec: NB-054 NB-063 NB-090 NB-109 */
NB_TEST(a_process_does_not_end_before_its_vfork_child)
{
	nb_passes("nb_vfork_sibling");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_vforks_wait_and_one_of_them_shares),
		cmocka_unit_test(
		    the_parent_sleeps_uninterruptibly_on_its_own_p_waitcv),
		cmocka_unit_test(
		    exec_lets_the_parent_go_and_a_failing_one_does_not),
		cmocka_unit_test(
		    no_signal_reaches_a_waiting_parent_before_its_release),
		cmocka_unit_test(sigtstp_stays_pending_in_a_vfork_child),
		cmocka_unit_test(
		    a_vfork_child_borrows_the_block_and_may_not_ask_for_one),
		cmocka_unit_test(
		    a_freed_child_is_read_in_some_schedule_and_never_later),
		cmocka_unit_test(a_process_does_not_end_before_its_vfork_child),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
