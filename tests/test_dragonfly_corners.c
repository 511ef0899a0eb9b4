/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_corners.c - what small changes of DragonFly's code showed that
 * no test demanded.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

#include "vm/vm.h"

#define RW (TINE_PROT_READ | TINE_PROT_WRITE)

/* --- the terminal --- */

static TINE_DATA int terminal;

/* To the foreground: who reads goes on, to the end of what will be typed. */
static void
comes_forth(int signo)
{
	(void)signo;
	handled++;
	tine_check(tine_sys_tcsetpgrp(terminal, tine_sys_getpid()) == 0);
}

static void
reads_behind(uint32_t flags, int want)
{
	struct tine_sigaction action = { .handler = comes_forth,
	    .flags = flags };
	tine_pid_t pid = tine_sys_fork();
	char byte;

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(tine_sys_sigaction(SIGTTIN, &action, NULL) == 0);
		action.handler = TINE_SIG_IGN;
		tine_check(tine_sys_sigaction(SIGTTOU, &action, NULL) == 0);
		tine_check(tine_sys_read(terminal, &byte, 1) == want);
		tine_check(handled == 1);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_tcsetpgrp(terminal, tine_sys_getpid()) == 0);
}

PROGRAM(dk_tty)
{
	struct tine_sigaction action = { .handler = TINE_SIG_IGN };
	tine_pid_t leader = tine_sys_fork();

	if (leader == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		tine_check(tine_sys_sigaction(SIGTTOU, &action, NULL) == 0);
		terminal = tine_sys_open("/dev/console", TINE_O_RDWR |
		    TINE_O_NONBLOCK, 0);
		tine_check(terminal >= 0);
		reads_behind(0, -EINTR);
		reads_behind(TINE_SA_RESTART, 0);
		tine_sys_exit(0);
	}
	expect_exit(leader, 0);
	return (0);
}

/* spec: DF-076 */
static void
a_reader_in_the_background_goes_on_after_its_handler(void **state)
{
	(void)state;
	rig_passes("dk_tty", NULL);
}

/* --- signals --- */

static void
waits_for_one(void *arg)
{
	(void)arg;
	tine_check(tine_sys_pause() == -EINTR);
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

/* LWP 0 has slept so that signals end it; it sleeps for its vfork child now. */
PROGRAM(dk_eligible)
{
	tine_pid_t me = tine_sys_getpid(), pid;
	int lwp, i;

	catch_signal(SIGUSR1);
	lwp = tine_sys_lwp_create(waits_for_one, NULL);
	tine_check(lwp > 0);
	tine_check(tine_sys_nanosleep(MS) == 0);
	pid = vfork_();
	if (pid == 0) {
		/* both sleep */
		tine_check(tine_sys_nanosleep(MS) == 0);
		tine_check(tine_sys_kill(me, SIGUSR1) == 0);
		for (i = 0; handled == 0 && i < 100; i++)
			(void)tine_sys_nanosleep(MS);
		tine_sys_exit(handled == 1 ? 0 : 1);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}

/* spec: DF-070 DF-077 */
static void
a_signal_is_for_the_lwp_that_it_wakes(void **state)
{
	(void)state;
	rig_seeds("dk_eligible", 6);
}

static void
ignores(int signo)
{
	struct tine_sigaction action = { .handler = TINE_SIG_IGN };

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
blocks(tine_sigset_t set)
{
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
}

#define BIT_OF(signo) (UINT64_C(1) << ((signo) - 1))

/* It ignores SIGCONT and goes on; what else it ignores is not kept for it while
 * it is stopped, nor SIGCONT while it is not. */
PROGRAM(dk_ignored)
{
	tine_pid_t pid = tine_sys_fork();
	tine_sigset_t pending = 0;
	int status;

	if (pid == 0) {
		ignores(SIGCONT);
		ignores(SIGUSR1);
		blocks(BIT_OF(SIGCONT) | BIT_OF(SIGUSR1) | BIT_OF(SIGUSR2));
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGCONT) == 0);
		tine_check(tine_sys_sigpending(&pending) == 0);
		tine_check(pending == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP) == 0);
		tine_check(tine_sys_sigpending(&pending) == 0);
		tine_check((pending & (BIT_OF(SIGUSR1) | BIT_OF(SIGUSR2))) ==
		    BIT_OF(SIGUSR2));
		tine_sys_exit(0);
	}
	tine_check(tine_sys_df_wait4(pid, &status, TINE_WAIT4_UNTRACED) ==
	    pid);
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	tine_check(tine_sys_kill(pid, SIGUSR2) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-112 */
static void
an_ignored_sigcont_continues_and_others_are_not_kept(void **state)
{
	(void)state;
	rig_passes("dk_ignored", NULL);
}

/* --- limits --- */

PROGRAM(dk_nproc)
{
	struct tine_rlimit limit = { 5, 5 };

	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NPROC, &limit, NULL) == 0);
	tine_check(tine_sys_df_setnproc(3) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NPROC, &limit) == 0);
	tine_check(limit.cur == 3 && limit.max == 5);
	tine_check(tine_sys_df_setnproc(7) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NPROC, &limit) == 0);
	tine_check(limit.cur == 7 && limit.max == 7);
	return (0);
}

/* spec: DF-017 */
static void
the_soft_limit_takes_the_hard_one_along(void **state)
{
	(void)state;
	rig_passes("dk_nproc", NULL);
}

/* --- descriptors --- */

/* The last user of a table closes what is in it; where others use it, they keep
 * all. A pipe tells. */
PROGRAM(dk_empty)
{
	int fds[2], status;
	tine_pid_t pid;
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_rfork(TINE_RFCFDG) == 0);
		tine_check(tine_sys_close(fds[1]) == -EBADF);
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(tine_sys_close(fds[1]) == 0);
	/* at its end, though the child lives */
	tine_check(tine_sys_read(fds[0], &byte, 1) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_rfork(TINE_RFPROC);
	if (pid == 0) {
		tine_check(tine_sys_rfork(TINE_RFCFDG) == 0);
		tine_check(tine_sys_write(fds[1], "x", 1) == -EBADF);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	tine_check(tine_sys_write(fds[1], "x", 1) == 1);
	tine_check(tine_sys_read(fds[0], &byte, 1) == 1 && byte == 'x');
	return (0);
}

/* spec: DF-008 */
static void
an_empty_table_closes_what_nobody_else_has(void **state)
{
	(void)state;
	rig_passes("dk_empty", NULL);
}

/* --- record locks --- */

static int
file_lock(int fd, short type, int cmd, int *pid)
{
	struct tine_flock lock = { .type = type };
	const int error = tine_sys_fcntl(fd, cmd, (long)&lock);

	*pid = lock.type == TINE_F_UNLCK ? 0 : lock.pid;
	return (error);
}

/* A child has none of its parent's locks, and what it does with the descriptors
 * it has from it takes none away; one of the same leader owns them all. */
PROGRAM(dk_locks)
{
	int fd = tine_sys_open("/dk_file", TINE_O_CREAT | TINE_O_RDWR, 0666);
	tine_pid_t me = tine_sys_getpid(), pid;
	int who;

	tine_check(file_lock(fd, TINE_F_WRLCK, TINE_F_SETLK, &who) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(file_lock(fd, TINE_F_WRLCK, TINE_F_GETLK, &who) ==
		    0 && who == me);
		tine_check(file_lock(fd, TINE_F_WRLCK, TINE_F_SETLK, &who) ==
		    -EAGAIN);
		tine_check(tine_sys_close(fd) == 0);
		fd = tine_sys_open("/dk_file", TINE_O_RDWR, 0);
		tine_check(file_lock(fd, TINE_F_RDLCK, TINE_F_SETLK, &who) ==
		    -EAGAIN);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFTHREAD | TINE_RFFDG);
	if (pid == 0) {
		tine_check(file_lock(fd, TINE_F_WRLCK, TINE_F_GETLK, &who) ==
		    0 && who == 0);
		tine_check(file_lock(fd, TINE_F_UNLCK, TINE_F_SETLK, &who) ==
		    0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(file_lock(fd, TINE_F_WRLCK, TINE_F_SETLK, &who) ==
		    0);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-067 */
static void
record_locks_are_their_leaders_and_stay_there(void **state)
{
	(void)state;
	rig_passes("dk_locks", NULL);
}

/* --- memory --- */

static int64_t
k_stack(uint64_t what, uint64_t b, uint64_t c)
{
	const struct vmspace *vm = curproc->p_vmspace;

	(void)b;
	(void)c;
	return (what == 0 ? (int64_t)vm->vm_ssize : what == 2 ?
	    (int64_t)vm->vm_minsaddr :
	    (int64_t)tine__vm_to_host(vm->vm_as->vm, vm->vm_minsaddr));
}

/* How many pages the stack has: what was asked for, and nothing for what is
 * refused. */
PROGRAM(dk_stack)
{
	const uintptr_t top = (uintptr_t)K(k_stack, 1, 0, 0);
	const int64_t before = K(k_stack, 0, 0, 0);
	struct tine_rlimit limit;
	volatile char *deep = (volatile char *)(top - 40 * PAGE);
	int fds[2];

	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(before < 40);
	*deep = 1;
	tine_check(K(k_stack, 0, 0, 0) == 40);
	deep[-1] = 1;
	tine_check(K(k_stack, 0, 0, 0) == 41);
	deep[5 * PAGE] = 1;
	tine_check(K(k_stack, 0, 0, 0) == 41);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_STACK, &limit) == 0);
	limit.cur = 60 * PAGE;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_STACK, &limit, NULL) == 0);
	tine_check(tine_sys_write(fds[1], (void *)(top - 60 * PAGE), 1) == 1);
	tine_check(K(k_stack, 0, 0, 0) == 60);
	tine_check(tine_sys_write(fds[1], (void *)(top - 60 * PAGE - 1), 1) ==
	    -EFAULT);
	tine_check(K(k_stack, 0, 0, 0) == 60);
	return (0);
}

static void
a_stack_has_as_many_pages_as_were_used(void **state)
{
	(void)state;
	rig_passes("dk_stack", NULL);
}

/* The end of all memory is as far as a range goes. */
PROGRAM(dk_end)
{
	char *last = (char *)(uintptr_t)(K(k_stack, 1, 0, 0) - PAGE);
	const size_t rest = TINE__VA_SIZE - (size_t)K(k_stack, 2, 0, 0) + PAGE;

	tine_check(tine_sys_mprotect(last, rest, RW) == 0);
	tine_check(tine_sys_mprotect(last, rest + 1, RW) == -EINVAL);
	tine_check(tine_sys_mprotect(last, SIZE_MAX, RW) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_mmap(TINE__VA_SIZE, RW)) ==
	    -ENOMEM);
	tine_check(tine_sys_failed(tine_sys_mmap(TINE__VA_SIZE + 1, RW)) ==
	    -ENOMEM);
	return (0);
}

static void
ranges_end_where_memory_does(void **state)
{
	(void)state;
	rig_passes("dk_end", NULL);
}

PROGRAM(dk_upmap)
{
	const uint64_t before = tine_sys_time();

	tine_check(tine_sys_upmap() != NULL);
	tine_check(tine_sys_time() == before);
	return (0);
}

/* spec: DF-064 */
static void
the_shared_page_is_there_at_once(void **state)
{
	(void)state;
	rig_passes("dk_upmap", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_reader_in_the_background_goes_on_after_its_handler),
		cmocka_unit_test(a_signal_is_for_the_lwp_that_it_wakes),
		cmocka_unit_test(
		    an_ignored_sigcont_continues_and_others_are_not_kept),
		cmocka_unit_test(the_soft_limit_takes_the_hard_one_along),
		cmocka_unit_test(an_empty_table_closes_what_nobody_else_has),
		cmocka_unit_test(record_locks_are_their_leaders_and_stay_there),
		cmocka_unit_test(a_stack_has_as_many_pages_as_were_used),
		cmocka_unit_test(ranges_end_where_memory_does),
		cmocka_unit_test(the_shared_page_is_there_at_once)
	};

	return cmocka_run_group_tests_name("dragonfly_corners", tests, NULL,
	    NULL);
}
