/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_limits.c - who a process is, what it may use and what it used,
 * as DragonFly has it; descriptors and groups that two change at once.
 */
#include <errno.h>
#include <signal.h>

#include "dragonfly_rig.h"

#include <tine/file.h>
#include <tine/process.h>
#include <tine/signal.h>

#define BAD ((void *)(uintptr_t)8)
#define NONE (~0u)

static TINE_DATA struct {
	volatile int ran, last;
	volatile int go;
} seen;

static void
note(int signo)
{
	seen.last = signo;
	seen.ran++;
}

static void
install(int signo)
{
	const struct tine_sigaction action = { .handler = note };

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* The clock strikes in the program. */
static void
tick(void)
{
	(void)rig_trap(TINE__SYS_tick, 0, 0, 0, 0, 0);
}

/* --- ids --- */

static bool
uids(unsigned ruid, unsigned euid, unsigned suid)
{
	unsigned r, e, s;

	tine_check(tine_sys_getresuid(&r, &e, &s) == 0);
	tine_check((int)r == tine_sys_getuid() &&
	    (int)e == tine_sys_geteuid());
	return (r == ruid && e == euid && s == suid);
}

static bool
gids(unsigned rgid, unsigned egid, unsigned sgid)
{
	unsigned r, e, s;

	tine_check(tine_sys_getresgid(&r, &e, &s) == 0);
	tine_check((int)r == tine_sys_getgid() &&
	    (int)e == tine_sys_getegid());
	return (r == rgid && e == egid && s == sgid);
}

/* A child that begins with these three. */
#define AS(r, e, body) do { \
	tine_pid_t as_pid = tine_sys_fork(); \
	if (as_pid == 0) { \
		tine_check(tine_sys_setregid((r), (e)) == 0); \
		tine_check(tine_sys_setreuid((r), (e)) == 0); \
		body \
		tine_sys_exit(0); \
	} \
	expect_exit(as_pid, 0); \
} while (0)

PROGRAM(dl_uids)
{
	tine_check(uids(0, 0, 0));
	/* root becomes somebody for good, or as long as it likes. */
	AS(0, 0, {
		tine_check(tine_sys_setuid(5) == 0 && uids(5, 5, 5));
		tine_check(tine_sys_setuid(0) == -EPERM);
		tine_check(tine_sys_seteuid(0) == -EPERM);
		tine_check(tine_sys_setuid(5) == 0 && uids(5, 5, 5));
	});
	AS(0, 0, {
		tine_check(tine_sys_seteuid(5) == 0 && uids(0, 5, 0));
		tine_check(tine_sys_setuid(7) == -EPERM);
		tine_check(tine_sys_seteuid(7) == -EPERM);
		tine_check(tine_sys_seteuid(0) == 0 && uids(0, 0, 0));
		tine_check(tine_sys_seteuid(5) == 0);
		/* The effective one for all three. */
		tine_check(tine_sys_setuid(5) == 0 && uids(5, 5, 5));
	});
	AS(0, 0, {
		tine_check(tine_sys_seteuid(5) == 0);
		/* The real one: only the effective id follows. */
		tine_check(tine_sys_setuid(0) == 0 && uids(0, 0, 0));
	});
	/* Set-id programs: real 20, effective and saved 30. */
	AS(20, 30, {
		tine_check(uids(20, 30, 30));
		tine_check(tine_sys_setuid(20) == 0 && uids(20, 20, 30));
		/* The saved id is not for setuid, but for the others. */
		tine_check(tine_sys_setuid(30) == -EPERM);
		tine_check(tine_sys_seteuid(30) == 0 && uids(20, 30, 30));
		tine_check(tine_sys_setreuid(30, 20) == 0);
		tine_check(uids(30, 20, 20));
		tine_check(tine_sys_setreuid(40, NONE) == -EPERM);
		tine_check(tine_sys_setreuid(NONE, 40) == -EPERM);
		tine_check(tine_sys_setreuid(NONE, 30) == 0);
		tine_check(uids(30, 30, 20));
		tine_check(tine_sys_setreuid(20, NONE) == 0);
		tine_check(uids(20, 30, 30));
		tine_check(tine_sys_setreuid(NONE, NONE) == 0);
		tine_check(uids(20, 30, 30));
	});
	tine_check(K(k_proccnt, 0, 0, 0) == 3);		/* 0, init and we */
	return (K(k_books, 0, 0, 0));
}

PROGRAM(dl_gids)
{
	uint32_t groups[17] = { 7, 8, 9 };
	int status;

	tine_check(gids(0, 0, 0));
	tine_check(tine_sys_getgroups(0, NULL) == 1);
	AS(0, 0, {
		tine_check(tine_sys_setgid(5) == 0 && gids(5, 5, 5));
		tine_check(tine_sys_setgid(0) == 0);	/* root may */
		tine_check(tine_sys_setegid(6) == 0 && gids(0, 6, 0));
		tine_check(tine_sys_setregid(3, NONE) == 0 && gids(3, 6, 6));
		tine_check(tine_sys_setregid(NONE, 4) == 0 && gids(3, 4, 4));
		tine_check(tine_sys_setregid(NONE, 3) == 0 && gids(3, 3, 4));
	});
	AS(20, 30, {
		tine_check(gids(20, 30, 30));
		tine_check(tine_sys_setgid(20) == 0 && gids(20, 20, 30));
		tine_check(tine_sys_setgid(30) == -EPERM);
		tine_check(tine_sys_setegid(40) == -EPERM);
		tine_check(tine_sys_setegid(30) == 0 && gids(20, 30, 30));
		tine_check(tine_sys_setregid(30, 20) == 0);
		tine_check(gids(30, 20, 20));
		tine_check(tine_sys_setregid(40, NONE) == -EPERM);
		tine_check(tine_sys_setregid(NONE, 40) == -EPERM);
		tine_check(tine_sys_setgid(20) == 0 && gids(20, 20, 20));
		tine_check(tine_sys_setgroups(1, groups) == -EPERM);
	});
	/* The first of the groups is the effective one. */
	tine_check(tine_sys_setgroups(17, groups) == -EINVAL);
	tine_check(tine_sys_setgroups(3, BAD) == -EFAULT);
	tine_check(tine_sys_getgroups(0, NULL) == 1);
	tine_check(tine_sys_setgroups(3, groups) == 0 && gids(0, 7, 0));
	tine_check(tine_sys_getgroups(0, NULL) == 3);
	tine_check(tine_sys_getgroups(2, groups) == -EINVAL);
	memset(groups, 0, sizeof(groups));
	tine_check(tine_sys_getgroups(16, groups) == 3);
	tine_check(groups[0] == 7 && groups[1] == 8 && groups[2] == 9 &&
	    groups[3] == 0);
	tine_check(tine_sys_getgroups(3, BAD) == -EFAULT);
	tine_check(tine_sys_setgroups(0, NULL) == 0);
	tine_check(tine_sys_getgroups(0, NULL) == 1 && gids(0, 7, 0));
	tine_check(tine_sys_setgroups(16, groups) == 0);
	tine_check(tine_sys_getgroups(0, NULL) == 16);
	/* Inherited, as they are. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(tine_sys_getgroups(0, NULL) == 16 ? 0 : 1);
	tine_check(tine_sys_wait(&status) > 0 && status == 0);
	return (0);
}

/* --- limits --- */

static bool
limit_is(int which, uint64_t cur, uint64_t max)
{
	struct tine_rlimit limit;

	tine_check(tine_sys_getrlimit(which, &limit) == 0);
	return (limit.cur == cur && limit.max == max);
}

static int
set(int which, uint64_t cur, uint64_t max)
{
	const struct tine_rlimit limit = { cur, max };

	return (tine_sys_setrlimit(which, &limit, NULL));
}

#define INFINITE TINE_RLIM_INFINITY

PROGRAM(dl_limits)
{
	struct tine_rlimit old;

	for (int i = 0; i < 10; i++)
		tine_check(i == TINE_RLIMIT_NPROC || i == TINE_RLIMIT_NOFILE ||
		    limit_is(i, INFINITE, INFINITE));
	tine_check(limit_is(TINE_RLIMIT_NOFILE, 1024, 1024));
	tine_check(tine_sys_getrlimit(10, &old) == -EINVAL);
	tine_check(tine_sys_getrlimit(-1, &old) == -EINVAL);
	tine_check(set(10, 1, 1) == -EINVAL);
	tine_check(tine_sys_setrlimit(1, BAD, NULL) == -EFAULT);
	tine_check(tine_sys_setrlimit(1, NULL, BAD) == -EFAULT);
	/* What is too much is cut; a negative number is no limit. */
	tine_check(set(TINE_RLIMIT_DATA, 500, 300) == 0);
	tine_check(limit_is(TINE_RLIMIT_DATA, 300, 300));
	tine_check(set(TINE_RLIMIT_DATA, 500, 600) == 0);	/* root */
	tine_check(limit_is(TINE_RLIMIT_DATA, 500, 600));
	tine_check(set(TINE_RLIMIT_DATA, UINT64_C(1) << 63, INFINITE) == 0);
	tine_check(limit_is(TINE_RLIMIT_DATA, INFINITE, INFINITE));
	tine_check(set(TINE_RLIMIT_DATA, 5, UINT64_C(1) << 63) == 0);
	tine_check(limit_is(TINE_RLIMIT_DATA, 5, INFINITE));
	tine_check(set(TINE_RLIMIT_NOFILE, INFINITE, INFINITE) == 0);
	tine_check(limit_is(TINE_RLIMIT_NOFILE, 1024, 1024));
	tine_check(set(TINE_RLIMIT_NPROC, 0, 0) == 0);
	tine_check(limit_is(TINE_RLIMIT_NPROC, 1, 1));
	tine_check(set(TINE_RLIMIT_NPROC, INFINITE, INFINITE) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NPROC, &old) == 0);
	tine_check(old.cur == old.max && old.cur > 1 && old.cur < 100000);
	/* Others may lower theirs, and use what they have. */
	tine_check(set(TINE_RLIMIT_CORE, 10, 100) == 0);
	tine_check(tine_sys_setuid(5) == 0);
	tine_check(set(TINE_RLIMIT_CORE, 100, 100) == 0);
	tine_check(set(TINE_RLIMIT_CORE, 100, 101) == -EPERM);
	tine_check(set(TINE_RLIMIT_CORE, 101, 100) == -EPERM);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_CORE,
	    &(struct tine_rlimit){ 9, 20 }, &old) == 0);
	tine_check(old.cur == 100 && old.max == 100);
	tine_check(limit_is(TINE_RLIMIT_CORE, 9, 20));
	/* Inherited; what a child changes is its own. */
	if (tine_sys_fork() == 0) {
		tine_check(limit_is(TINE_RLIMIT_CORE, 9, 20));
		tine_check(set(TINE_RLIMIT_CORE, 1, 1) == 0);
		tine_sys_exit(0);
	}
	tine_sys_wait(NULL);
	tine_check(limit_is(TINE_RLIMIT_CORE, 9, 20));
	return (0);
}

static __attribute__((noinline)) void
deep(int n)
{
	volatile char room[8192];

	room[0] = (char)n;
	if (n > 0)
		deep(n - 1);
	room[1] = room[0];
}

PROGRAM(dl_memory)
{
	char *const heap = tine_sys_sbrk(0);
	char *map;
	int status, pages = 0;

	/* The heap: so many more pages, and not one above them. */
	tine_check(set(TINE_RLIMIT_DATA, 300 * 4096, INFINITE) == 0);
	while (pages < 400 && tine_sys_brk(heap + pages * 4096) == 0)
		pages++;
	tine_check(pages > 100 && pages <= 301);
	tine_check(tine_sys_brk(heap + pages * 4096) == -ENOMEM);
	tine_check(tine_sys_brk(heap) == 0);
	tine_check(set(TINE_RLIMIT_DATA, INFINITE, INFINITE) == 0);
	tine_check(tine_sys_brk(heap + pages * 4096) == 0);
	tine_check(tine_sys_brk(heap) == 0);
	/* All of the space. */
	if (tine_sys_fork() == 0) {
		tine_check(set(TINE_RLIMIT_AS, UINT64_C(1) << 23,
		    INFINITE) == 0);
		tine_check(tine_sys_failed(tine_sys_mmap(1 << 23,
		    TINE_PROT_READ)) == -ENOMEM);
		tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL, 1 << 23,
		    TINE_PROT_READ, TINE_MAP_SHARED)) == -ENOMEM);
		map = tine_sys_mmap(4096, TINE_PROT_READ);
		tine_check(tine_sys_failed(map) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(&status) > 0 && status == 0);
	/* The stack. */
	if (tine_sys_fork() == 0) {
		deep(8);
		tine_check(set(TINE_RLIMIT_STACK, 16 * 8192, INFINITE) == 0);
		deep(12);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(&status) > 0 && status == 0);
	if (tine_sys_fork() == 0) {
		tine_check(set(TINE_RLIMIT_STACK, 16 * 8192, INFINITE) == 0);
		deep(20);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(&status) > 0 && status == (SIGSEGV | 0x80));
	return (0);
}

/* Told at the soft limit, once; killed at the hard one. */
PROGRAM(dl_cpu)
{
	int status, i;

	if (tine_sys_fork() == 0) {
		install(SIGXCPU);
		tine_check(set(TINE_RLIMIT_CPU, 1, 3) == 0);
		for (i = 0; seen.ran == 0; i++)
			tick();
		tine_check(i == 100 && seen.last == SIGXCPU);
		while (i < 250) {
			tick();
			i++;
		}
		tine_check(seen.ran == 1);
		/* Set anew it is told anew. */
		tine_check(set(TINE_RLIMIT_CPU, 2, 3) == 0);
		tick();
		tine_check(seen.ran == 2);
		for (;;)
			tick();
	}
	tine_check(tine_sys_wait(&status) > 0 && status == SIGKILL);
	/* Inherited by a child, of its own time; by default it is the end. */
	tine_check(set(TINE_RLIMIT_CPU, 1, 3) == 0);
	for (i = 0; i < 60; i++)
		tick();
	if (tine_sys_fork() == 0) {
		for (i = 0; i < 90; i++)
			tick();
		tine_check(tine_sys_write(1, "x", 1) == 1);
		for (;;)
			tick();
	}
	tine_check(tine_sys_wait(&status) > 0 && status == SIGXCPU);
	return (0);
}

/* --- usage --- */

PROGRAM(dl_usage)
{
	struct tine_rusage usage, before;
	volatile char *map;
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_getrusage(5, &usage) == -EINVAL);
	tine_check(tine_sys_getrusage(0, BAD) == -EFAULT);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_CHILDREN, &usage) == 0);
	tine_check(usage.calls == 0 && usage.utime == 0 && usage.faults == 0);
	map = tine_sys_mmap(3 * 4096, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &before) == 0);
	map[0] = map[4096] = map[8192] = 1;
	tick();
	install(SIGUSR1);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.faults - before.faults >= 3);
	tine_check(usage.utime - before.utime == 10 * MS);
	tine_check(usage.signals - before.signals == 1);
	/* sigaction, getpid, kill, sigreturn, getrusage, and the tick */
	tine_check(usage.calls - before.calls >= 5);
	/* Of a child, with what it has waited for. */
	pid = tine_sys_fork();
	if (pid == 0) {
		if (tine_sys_fork() == 0) {
			tick();
			tick();
			tine_sys_exit(0);
		}
		tine_sys_wait(NULL);
		tine_check(tine_sys_getrusage(TINE_RUSAGE_CHILDREN, &usage) ==
		    0);
		tine_check(usage.utime == 20 * MS);
		tick();
		tine_sys_exit(3);
	}
	memset(&usage, 0xff, sizeof(usage));
	tine_check(tine_sys_wait4(pid, &status, 0, &usage) == pid);
	tine_check(status == 3 << 8 && usage.utime == 30 * MS);
	tine_check(usage.calls >= 5);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_CHILDREN, &before) == 0);
	tine_check(memcmp(&before, &usage, sizeof(usage)) == 0);
	tine_check(tine_sys_wait4(-1, &status, 0, &usage) == -ECHILD);
	return (0);
}

static void
ticks_twice(void *arg)
{
	(void)arg;
	tick();
	tick();
}

PROGRAM(dl_usage_lwps)
{
	struct tine_rusage usage;
	int lwp = tine_sys_lwp_create(ticks_twice, NULL);

	tick();
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.utime == 30 * MS);
	return (0);
}

/* --- two at once --- */

static void
dups(void *arg)
{
	const int from = (int)(intptr_t)arg;
	int fds[6];

	for (int i = 0; i < 6; i++) {
		fds[i] = tine_sys_fcntl(0, TINE_F_DUPFD, from);
		tine_check(fds[i] >= from);
		for (int j = 0; j < i; j++)
			tine_check(fds[i] != fds[j]);
	}
	__atomic_fetch_add(&seen.ran, 6, __ATOMIC_SEQ_CST);
}

/* No slot is given to two, and none is skipped, also as the table grows. */
PROGRAM(dl_slots)
{
	int a = tine_sys_lwp_create(dups, (void *)(intptr_t)12);
	int b = tine_sys_lwp_create(dups, (void *)(intptr_t)12);

	tine_check(tine_sys_lwp_wait(a) == a && tine_sys_lwp_wait(b) == b);
	tine_check(seen.ran == 12);
	for (int fd = 12; fd < 24; fd++)
		tine_check(tine_sys_fcntl(fd, TINE_F_GETFD, 0) == 0);
	tine_check(tine_sys_fcntl(24, TINE_F_GETFD, 0) == -EBADF);
	tine_check(tine_sys_fcntl(0, TINE_F_DUPFD, 1024) == -EINVAL);
	tine_check(tine_sys_fcntl(0, TINE_F_DUPFD, -1) == -EINVAL);
	tine_check(tine_sys_dup2(0, 1024) == -EBADF);
	return (0);
}

static int64_t
k_reserve(uint64_t a, uint64_t b, uint64_t c)
{
	struct filedesc *fdp = curproc->p_fd;
	int fd = -1;

	(void)c;
	if (b == 0)
		return (fdalloc(curproc, (int)a, &fd) == 0 ? fd : -1);
	fsetfd(fdp, NULL, (int)a);
	return (0);
}

static void
frees_it(void *arg)
{
	tine_sys_nanosleep(1500 * MS);
	seen.go = 1;
	K(k_reserve, (intptr_t)arg, 1, 0);
}

/* A slot that somebody has reserved is waited for. */
PROGRAM(dl_reserved)
{
	const int fd = (int)K(k_reserve, 9, 0, 0);

	tine_check(fd == 9);
	tine_check(tine_sys_lwp_create(frees_it, (void *)(intptr_t)fd) > 0);
	tine_check(tine_sys_dup2(0, fd) == fd && seen.go == 1);
	tine_check(tine_sys_time() == 2000 * MS);
	tine_check(tine_sys_fcntl(fd, TINE_F_GETFD, 0) == 0);
	return (0);
}

/* A parent and its child both make the child's group. */
PROGRAM(dl_group)
{
	tine_pid_t pid;

	for (int i = 0; i < 3; i++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_check(tine_sys_setpgid(0, 0) == 0);
			tine_check(tine_sys_getpgid(0) == tine_sys_getpid());
			tine_sys_exit(0);
		}
		(void)tine_sys_setpgid(pid, pid);
		expect_exit(pid, 0);
	}
	return (K(k_books, 0, 0, 0));
}

/* It makes a session while its parent makes a group of that number. */
PROGRAM(dl_session)
{
	const tine_pid_t pid = tine_sys_fork();
	int result;

	if (pid == 0) {
		result = tine_sys_setsid();
		tine_check(tine_sys_getpgid(0) == tine_sys_getpid());
		tine_check(result == tine_sys_getsid(0) || result == -EPERM);
		tine_sys_exit(0);
	}
	result = tine_sys_setpgid(pid, pid);
	tine_check(result == 0 || result == -EPERM || result == -ESRCH);
	expect_exit(pid, 0);
	return (K(k_books, 0, 0, 0));
}

/* --- the tests --- */

/* spec: DF-018 */
static void
ids_are_changed_by_those_who_may(void **state)
{
	(void)state;
	rig_seeds("dl_uids", 3);
	rig_seeds("dl_gids", 3);
}

/* spec: DF-017 DF-036 */
static void
limits_are_cut_set_and_inherited(void **state)
{
	(void)state;
	rig_seeds("dl_limits", 3);
}

static void
limits_of_memory_and_time_count(void **state)
{
	(void)state;
	rig_passes("dl_memory", NULL);
	rig_passes("dl_cpu", NULL);
}

/* spec: DF-105 DF-110 */
static void
what_was_used_is_told(void **state)
{
	(void)state;
	rig_passes("dl_usage", NULL);
	rig_seeds("dl_usage_lwps", 10);
}

static void
a_slot_is_given_once(void **state)
{
	(void)state;
	rig_seeds("dl_slots", 40);
	rig_passes("dl_reserved", NULL);
}

static void
two_make_one_group(void **state)
{
	(void)state;
	rig_seeds("dl_group", 100);
	rig_seeds("dl_session", 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_changed_by_those_who_may),
		cmocka_unit_test(limits_are_cut_set_and_inherited),
		cmocka_unit_test(limits_of_memory_and_time_count),
		cmocka_unit_test(what_was_used_is_told),
		cmocka_unit_test(a_slot_is_given_once),
		cmocka_unit_test(two_make_one_group)
	};

	return cmocka_run_group_tests_name("dragonfly_limits", tests, NULL,
	    NULL);
}
