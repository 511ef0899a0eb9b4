/* SPDX-License-Identifier: MIT */
/* test_netbsd_exec.c - exec, stops and shared memory on NetBSD. */
#include "netbsd_rig.h"

NB_PROGRAM(nb_after_exec, "what exec made of it, for its parent to look at")
{
	tine_sys_pause();
	return (0);
}

static int
execs(void *arg)
{
	char *words[] = { (char *)(uintptr_t)"nb_after_exec", NULL };

	(void)arg;
	(void)tine_sys_exec("nb_after_exec", words);
	return (1);
}

static int64_t
k_after(int64_t pid, int64_t b)
{
	const struct proc *p1 = curproc, *p2 = rig_find((pid_t)pid);

	(void)b;
	ASSERT(p2->p_vmspace != p1->p_vmspace);
	ASSERT(p2->p_cwdi != p1->p_cwdi);
	ASSERT(p2->p_fd != p1->p_fd);
	ASSERT(p2->p_sigacts != p1->p_sigacts);
	ASSERT(p2->p_lockobj == p1->p_lockobj);
	ASSERT3(p1->p_lockobj->mo_refcnt, ==, 2);
	ASSERT((p2->p_flag & PK_EXEC) != 0);
	ASSERT((p2->p_flag & (PK_NOCLDWAIT | PK_CLDSIGIGN)) == 0);
	ASSERT((p2->p_acflag & AFORK) == 0);
	ASSERT3(SIGACTION(p2, SIGUSR1).sa_handler, ==, SIG_DFL_NB);
	ASSERT3(SIGACTION(p2, SIGUSR2).sa_handler, ==, SIG_IGN_NB);
	return (0);
}

static void
handler(int signo)
{
	(void)signo;
}

NB_PROGRAM(nb_exec_unshares, "exec unshares all but p_lock")
{
	struct tine_sigaction action = { .flags = 0 };
	char *stack = tine_malloc(32768);
	tine_pid_t pid;

	action.handler = handler;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	action.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGUSR2, &action, NULL) == 0);
	pid = tine_sys_clone(TINE_CLONE_VM | TINE_CLONE_FS |
	    TINE_CLONE_FILES | TINE_CLONE_SIGHAND | SIGCHLD, stack + 32768,
	    execs, NULL);
	tine_check(pid > 0);
	tine_sys_nanosleep(5 * MS);
	in_kernel(k_after, pid, 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-101 NB-102 */
NB_TEST(exec_unshares_everything_but_the_lock)
{
	nb_passes("nb_exec_unshares");
}

NB_PROGRAM(nb_stops, "a stop is reported once")
{
	tine_pid_t pid = tine_sys_fork();
	int status = 0;

	if (pid == 0) {
		tine_sys_setpgid(0, 0);
		for (;;)
			(void)tine_sys_pause();
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WNOHANG) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED) == pid);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WCONTINUED) == pid);
	tine_check(status == 0xffff);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-097 */
NB_TEST(a_stop_and_a_continuation_are_reported_once)
{
	nb_passes("nb_stops");
}

NB_PROGRAM(nb_nattch, "attached segments of a child")
{
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600), n = 0;
	volatile char *p = tine_sys_shmat(id, NULL, 0);
	struct tine_shmid_ds ds;
	tine_pid_t pid;

	p[0] = 'a';
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_shmctl(id, TINE_IPC_STAT, &ds);
		p[0] = 'b';
		tine_sys_exit((int)ds.nattch);
	}
	tine_check(tine_sys_waitpid(pid, &n, 0) == pid);
	tine_check(n == 2 << 8 && p[0] == 'b');
	(void)tine_sys_shmctl(id, TINE_IPC_STAT, &ds);
	tine_check(ds.nattch == 1);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: NB-077 */
NB_TEST(a_fork_attaches_once_more)
{
	nb_passes("nb_nattch");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_unshares_everything_but_the_lock),
		cmocka_unit_test(a_stop_and_a_continuation_are_reported_once),
		cmocka_unit_test(a_fork_attaches_once_more),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
