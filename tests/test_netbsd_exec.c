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

/* --- NB-R28: the parent of a vfork goes on before the set-id --- */

#define OWNER 7

static int64_t
k_setid(int64_t uid, int64_t b)
{
	const struct tine_program *program;
	struct vnode *vp;

	(void)b;
	if (vfs_lookup_program("nb_after_exec", &program) != 0)
		tine__panic("no program nb_after_exec");
	vp = vn_lookup(program);
	vp->v_setuid = (uint32_t)uid + 1;
	vrele(vp);
	return (0);
}

/* The child sleeps where its parent has been let go, or has not. */
static void
probe_setid(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	(void)p2;
	if (at != 228)
		return;
	nb->nb_probe = NULL;
	(void)kpause("test", false, 5);
}

static int64_t
k_probe_setid(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb->nb_probe = probe_setid;
	return (0);
}

static int64_t
k_euid(int64_t pid, int64_t b)
{
	(void)b;
	return (kauth_cred_geteuid(rig_find((pid_t)pid)->p_cred));
}

/* @return the effective uid that the parent of a vfork sees in its child when
 * it goes on. */
static int64_t
euid_at_release(void)
{
	char *words[] = { (char *)(uintptr_t)"nb_after_exec", NULL };
	tine_pid_t pid;
	int64_t euid;

	in_kernel(k_setid, OWNER, 0);
	in_kernel(k_probe_setid, 0, 0);
	pid = tine_sys_vfork44();
	if (pid == 0) {
		(void)tine_sys_exec("nb_after_exec", words);
		tine_sys_exit(1);
	}
	euid = in_kernel(k_euid, pid, 0);
	tine_sys_nanosleep(200 * MS);
	tine_check(in_kernel(k_euid, pid, 0) == OWNER);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (euid);
}

NB_PROGRAM(nb_set_id, "exec of a set-id program after a vfork")
{
	tine_check(euid_at_release() == 0);
	return (0);
}

NB_PROGRAM(nb_set_id_later, "the same in the later order")
{
	tine_check(euid_at_release() == OWNER);
	return (0);
}

/* spec: NB-056 NB-R28 */
NB_TEST(the_parent_of_a_vfork_goes_on_before_the_new_credential)
{
	nb_passes("nb_set_id");
	nb_passes_with("nb_set_id_later", "-NB-R28");
}

NB_PROGRAM(nb_text_setuid, "whose program it is, and who may say so")
{
	int64_t owner = OWNER, old = 0, bad;

	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, NULL, &old) ==
	    0);
	tine_check(old == -1);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, tine_sys_getpid(),
	    &owner, &old) == 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, NULL, &old) ==
	    0);
	tine_check(old == OWNER);
	bad = -2;
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, &bad, NULL) ==
	    -EINVAL);
	bad = UINT32_MAX;
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, &bad, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 77, NULL, &old) ==
	    -ESRCH);
	bad = -1;
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, &bad, &old) ==
	    0);
	tine_check(old == OWNER);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, NULL, &old) ==
	    0);
	tine_check(old == -1);
	tine_check(tine_sys_setuid(OWNER) == 0);
	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, &owner, NULL) ==
	    -EPERM);
	return (0);
}

/* spec: NB-056 */
NB_TEST(a_program_is_somebodys_if_root_says_so)
{
	nb_passes("nb_text_setuid");
}

static int64_t
k_comm(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	ASSERT3(strlen(curproc->p_comm), ==, sizeof(curproc->p_comm) - 1);
	ASSERT(strncmp(curproc->p_comm, curproc->p_path,
	    sizeof(curproc->p_comm) - 1) == 0);
	return (0);
}

/* One byte more than there is room for. */
NB_PROGRAM(nb_exec_name_of_24_bytes, "a name that is cut")
{
	in_kernel(k_comm, 0, 0);
	return (0);
}

/* spec: NB-012 NB-020 */
NB_TEST(a_name_that_is_too_long_is_cut)
{
	nb_passes("nb_exec_name_of_24_bytes");
}

/* --- NB-R18: the count of message queues --- */

static int64_t
k_queues(int64_t pid, int64_t b)
{
	(void)b;
	return (rig_find((pid_t)pid)->p_mqueue_cnt);
}

/* @return what a child counts that did not get its parent's queue. */
static int64_t
queues_of_a_clean_child(void)
{
	tine_pid_t pid;
	int64_t n;

	tine_check(tine_sys_mq_open_nb() >= 0);
	pid = tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFCFDG);
	if (pid == 0)
		tine_sys_pause();
	n = in_kernel(k_queues, pid, 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (n);
}

NB_PROGRAM(nb_queues, "a child without descriptors counts a queue")
{
	tine_check(queues_of_a_clean_child() == 1);
	return (0);
}

NB_PROGRAM(nb_queues_later, "a child without descriptors counts none")
{
	tine_check(queues_of_a_clean_child() == 0);
	return (0);
}

/* spec: NB-R18 */
NB_TEST(the_count_of_queues_is_not_that_of_the_table)
{
	nb_passes("nb_queues");
	nb_passes_with("nb_queues_later", "-NB-R18");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_unshares_everything_but_the_lock),
		cmocka_unit_test(a_stop_and_a_continuation_are_reported_once),
		cmocka_unit_test(a_fork_attaches_once_more),
		cmocka_unit_test(
		    the_parent_of_a_vfork_goes_on_before_the_new_credential),
		cmocka_unit_test(a_program_is_somebodys_if_root_says_so),
		cmocka_unit_test(a_name_that_is_too_long_is_cut),
		cmocka_unit_test(the_count_of_queues_is_not_that_of_the_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
