/* SPDX-License-Identifier: MIT */
/*
 * test_process_calls.c - LWPs that are suspended, detached, daemons; words of
 * memory to wait for; user ids, limits, usage; timers.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/process.h>

#include "support/harness.h"

#define SEEDS 20
#define MS UINT64_C(1000000)
#define PAGE 4096

/* What is a kernel's own, from its sources. */
static const struct rules {
	/* LWPs that others suspend, continue, detach; and daemons. */
	bool suspends, daemons;
	/* lwp_wait when there is nobody who could end; or it is detached. */
	int wait_nobody, wait_detached;
	/* The first LWP's id. */
	int first;
	/* setuid(-1) by who may not; whether who has the effective id of a
	 * process may signal it, and not who has the saved one. */
	int no_uid;
	bool effective_counts;
	/* RLIMIT_NPROC is a limit of processes; RLIMIT_NOFILE at first; a soft
	 * limit above the hard one: 0, and it is the hard one then. */
	bool nproc;
	uint64_t files, most_files;
	int soft_above_hard;
} rules[] = {
	[TINE_KERNEL_ILLUMOS] = {
		.suspends = true, .daemons = true, .wait_nobody = -EDEADLK,
		.wait_detached = -EINVAL, .first = 1, .no_uid = -EINVAL,
		.files = 256,
		.most_files = 65536, .soft_above_hard = -EINVAL
	},
	[TINE_KERNEL_OPENSOLARIS] = {
		.suspends = true, .daemons = true, .wait_nobody = -EDEADLK,
		.wait_detached = -EINVAL, .first = 1, .no_uid = -EINVAL,
		.files = 256,
		.most_files = 65536, .soft_above_hard = -EINVAL
	},
	[TINE_KERNEL_DRAGONFLY] = {
		.no_uid = -EPERM, .effective_counts = true, .nproc = true,
		.files = 1024, .most_files = 1024
	},
	[TINE_KERNEL_NETBSD] = {
		.suspends = true, .wait_nobody = -ESRCH,
		.wait_detached = -ESRCH, .first = 1, .effective_counts = true,
		.nproc = true, .files = 128, .most_files = 1024,
		.soft_above_hard = -EINVAL
	}
};
static const struct rules *rule;

static TINE_DATA struct {
	volatile int ran, count;
	int order[16];
	uint64_t at[16];
	volatile uint32_t word, other;
} seen;

static void
note(int signo, struct tine_siginfo *info, void *context)
{
	(void)info;
	(void)context;
	seen.order[seen.ran & 15] = signo;
	seen.at[seen.ran & 15] = tine_sys_time();
	seen.ran++;
}

static void
install(int signo, unsigned flags)
{
	const struct tine_sigaction action = {
		.sigaction = note,
		.flags = flags
	};

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static tine_pid_t
self(void)
{
	return tine_sys_getpid();
}

/* --- LWPs --- */

static void
count_up(void *arg)
{
	(void)arg;
	for (;;) {
		seen.count++;
		tine_sys_yield();
	}
}

static int
pc_suspend(int argc, char **argv)
{
	int lwp, before;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_suspend(1) == -EDEADLK);
	tine_check(tine_sys_lwp_suspend(9) == -ESRCH);
	tine_check(tine_sys_lwp_continue(9) == -ESRCH);
	lwp = tine_sys_lwp_create_flags(count_up, NULL, TINE_LWP_SUSPENDED);
	tine_check(lwp == 2);
	tine_sys_nanosleep(5 * MS);
	tine_check(seen.count == 0);
	tine_check(tine_sys_lwp_continue(lwp) == 0);
	while (seen.count < 3)
		tine_sys_yield();
	tine_check(tine_sys_lwp_suspend(lwp) == 0);
	before = seen.count;
	for (int i = 0; i < 5; i++)
		tine_sys_yield();
	tine_check(seen.count == before);
	tine_check(tine_sys_lwp_suspend(lwp) == 0);
	/* fork copies what is going on; the other stays as it was. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(seen.count == before ? 0 : 1);
	tine_check(tine_sys_wait(&before) > 0 && before == 0);
	before = seen.count;
	tine_check(tine_sys_lwp_continue(lwp) == 0);
	while (seen.count == before)
		tine_sys_yield();
	tine_check(tine_sys_lwp_create_flags(count_up, NULL, 1) == -EINVAL);
	return 0;
}
TINE_PROGRAM(pc_suspend, "an LWP suspended and continued");

static void
wake_it(void *arg)
{
	(void)arg;
	while (seen.other == 0) {
		tine_check(tine_sys_lwp_continue(1) == 0);
		tine_sys_yield();
	}
}

static int
pc_suspend_self(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create(wake_it, NULL) == 2);
	tine_check(tine_sys_lwp_suspend(1) == 0);
	seen.other = 1;
	tine_check(tine_sys_lwp_wait(2) == 2);
	return 0;
}
TINE_PROGRAM(pc_suspend_self, "an LWP that suspends itself");

/* Where LWPs do not do that to each other. */
static int
pc_no_suspend(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_suspend(0) == -ENOSYS);
	tine_check(tine_sys_lwp_continue(0) == -ENOSYS);
	tine_check(tine_sys_lwp_detach(0) == -ENOSYS);
	tine_check(tine_sys_lwp_create_flags(count_up, NULL,
	    TINE_LWP_SUSPENDED) == -EINVAL);
	return 0;
}
TINE_PROGRAM(pc_no_suspend, "a kernel that suspends no LWPs");

static void
leave(void *arg)
{
	seen.count += (int)(intptr_t)arg;
}

static int
pc_born_detached(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 30; i++) {
		lwp = tine_sys_lwp_create_flags(leave, (void *)1,
		    TINE_LWP_DETACHED);
		tine_check(lwp > 0);
		while (tine_sys_lwp_kill(lwp, 0) == 0)
			tine_sys_yield();
	}
	tine_check(seen.count == 30);
	return 0;
}
TINE_PROGRAM(pc_born_detached, "LWPs that nobody waits for");

static int
pc_no_daemon(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create_flags(leave, NULL, TINE_LWP_DAEMON) ==
	    -EINVAL);
	/* All of them keep it alive: the last one to go decides. */
	tine_check(tine_sys_lwp_create_flags(leave, (void *)1,
	    TINE_LWP_DETACHED) > 0);
	tine_sys_lwp_exit();
}
TINE_PROGRAM(pc_no_daemon, "a kernel without daemons among LWPs");

static int
pc_detach(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_detach(7) == -ESRCH);
	for (int i = 0; i < 30; i++) {
		lwp = tine_sys_lwp_create_flags(leave, (void *)1,
		    TINE_LWP_DETACHED);
		tine_check(lwp > 1);
		while (tine_sys_lwp_kill(lwp, 0) == 0)
			tine_sys_yield();
	}
	tine_check(seen.count == 30);
	tine_check(tine_sys_lwp_wait(0) == rule->wait_nobody);
	/* A zombie goes at once. */
	lwp = tine_sys_lwp_create(leave, (void *)1);
	while (seen.count == 30)
		tine_sys_yield();
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_lwp_detach(lwp) == 0);
	tine_check(tine_sys_lwp_detach(lwp) == -ESRCH);
	lwp = tine_sys_lwp_create(count_up, NULL);
	tine_check(tine_sys_lwp_detach(lwp) == 0);
	tine_check(tine_sys_lwp_detach(lwp) == -EINVAL);
	tine_check(tine_sys_lwp_wait(lwp) == rule->wait_detached);
	return 0;
}
TINE_PROGRAM(pc_detach, "detached LWPs, and their stacks");

static int
pc_daemon(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_create_flags(count_up, NULL,
	    TINE_LWP_DAEMON | TINE_LWP_DETACHED) == 2);
	while (seen.count < 2)
		tine_sys_yield();
	/* The last one that is none. */
	tine_sys_lwp_exit();
}
TINE_PROGRAM(pc_daemon, "a daemon does not keep a process alive");

static int
pc_ids(int argc, char **argv)
{
	const int next = rule->first + 1;
	int last = 1, lwp;

	(void)argc;
	(void)argv;
	/* This machine has LWP ids up to 5; 2 stays in use. */
	tine_check(tine_sys_lwp_self() == rule->first);
	tine_check(tine_sys_lwp_create(count_up, NULL) == next);
	for (int i = 0; i < 7; i++) {
		lwp = tine_sys_lwp_create(leave, (void *)1);
		tine_check(lwp == next + 1 + i % (5 - next));
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		last = lwp;
	}
	tine_check(last == next + 1 + 6 % (5 - next));
	for (int i = 0; i < 5 - next; i++)
		tine_check(tine_sys_lwp_create(count_up, NULL) > next);
	tine_check(tine_sys_lwp_create(leave, NULL) == -EAGAIN);
	return 0;
}
TINE_PROGRAM(pc_ids, "LWP ids that wrap, and that run out");

/* Numbers come again at once: a stack must not go with an older number. */
static void
keep_own(void *arg)
{
	volatile uintptr_t mine[64];
	unsigned i;

	for (i = 0; i < 64; i++)
		mine[i] = (uintptr_t)arg + i;
	tine_sys_yield();
	for (i = 0; i < 64; i++)
		tine_check(mine[i] == (uintptr_t)arg + i);
}

static void
make_some(void *arg)
{
	unsigned i;
	int lwp;

	for (i = 0; i < 6; i++) {
		while ((lwp = tine_sys_lwp_create(keep_own, (char *)arg +
		    1000 * i)) == -EAGAIN)
			tine_sys_yield();
		tine_check(lwp > 0);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	}
}

static int
pc_reuse(int argc, char **argv)
{
	int lwp[2], i;

	(void)argc;
	(void)argv;
	for (i = 0; i < 2; i++) {
		lwp[i] = tine_sys_lwp_create(make_some,
		    (void *)(uintptr_t)(100000 * (i + 1)));
		tine_check(lwp[i] > 0);
	}
	for (i = 0; i < 2; i++)
		tine_check(tine_sys_lwp_wait(lwp[i]) == lwp[i]);
	return 0;
}
TINE_PROGRAM(pc_reuse, "LWPs that take the numbers of others");

/* --- words --- */

static void
wait_for_word(void *arg)
{
	int error;

	(void)arg;
	while (seen.word == 0) {
		error = tine_sys_wait_on((uint32_t *)(uintptr_t)&seen.word, 0,
		    UINT64_MAX);
		tine_check(error == 0 || error == -EAGAIN);
	}
	seen.count++;
}

static int
pc_words(int argc, char **argv)
{
	uint32_t *shared = tine_sys_mmap_flags(NULL, PAGE, TINE_PROT_READ |
	    TINE_PROT_WRITE, TINE_MAP_SHARED), own = 0;
	uint64_t before;
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_wait_on(&own, 1, UINT64_MAX) == -EAGAIN);
	tine_check(tine_sys_wait_on((void *)((char *)&own + 1), 0, 0) ==
	    -EINVAL);
	tine_check(tine_sys_wait_on((void *)(uintptr_t)16, 0, 0) == -EFAULT);
	tine_check(tine_sys_wake(&own, 1) == 0);
	before = tine_sys_time();
	tine_check(tine_sys_wait_on(&own, 0, 4 * MS) == -ETIMEDOUT);
	tine_check(tine_sys_time() == before + 4 * MS);
	for (int i = 0; i < 3; i++)
		tine_check(tine_sys_lwp_create(wait_for_word, NULL) > 0);
	tine_sys_nanosleep(MS);
	seen.word = 1;
	while (seen.count < 3) {
		(void)tine_sys_wake((uint32_t *)(uintptr_t)&seen.word, 1);
		tine_sys_yield();
	}
	/* A process that shares the memory, and one that has a copy. */
	if (tine_sys_fork() == 0) {
		while (shared[1] == 0)
			(void)tine_sys_wait_on(&shared[1], 0, UINT64_MAX);
		shared[2] = shared[1] + own;
		(void)tine_sys_wake(&shared[2], 1);
		tine_sys_exit(0);
	}
	own = 5;
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_wake(&own, 1) == 0);
	shared[1] = 7;
	(void)tine_sys_wake(&shared[1], 10);
	while (shared[2] == 0)
		(void)tine_sys_wait_on(&shared[2], 0, UINT64_MAX);
	tine_check(shared[2] == 7);
	tine_check(tine_sys_wait(&status) > 0 && status == 0);
	/* A signal ends it. */
	install(SIGALRM, 0);
	(void)tine_sys_alarm(1);
	tine_check(tine_sys_wait_on(&own, 5, UINT64_MAX) == -EINTR);
	tine_check(seen.ran == 1);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(pc_words, "words of memory to wait for");

/* --- who one is --- */

static int
pc_uids(int argc, char **argv)
{
	uint32_t groups[16] = { 7, 8, 9 };
	unsigned r, e, s;
	tine_pid_t root, other;
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_getuid() == 0 && tine_sys_geteuid() == 0);
	tine_check(tine_sys_setgroups(17, groups) == -EINVAL);
	tine_check(tine_sys_setgroups(3, groups) == 0);
	tine_check(tine_sys_setgid(30) == 0 && tine_sys_getegid() == 30);
	root = tine_sys_fork();
	if (root == 0) {
		tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	/* Effective only, and back: the saved one remembers. */
	tine_check(tine_sys_seteuid(20) == 0);
	tine_check(tine_sys_getuid() == 0 && tine_sys_geteuid() == 20);
	tine_check(tine_sys_setuid(21) == -EPERM);
	tine_check(tine_sys_seteuid(0) == 0);
	tine_check(tine_sys_setreuid(20, 21) == 0);
	tine_check(tine_sys_getresuid(&r, &e, &s) == 0);
	tine_check(r == 20 && e == 21 && s == 21);
	tine_check(tine_sys_setreuid(21, 20) == 0);
	tine_check(tine_sys_seteuid(0) == -EPERM);
	tine_check(tine_sys_setuid(0) == -EPERM);
	tine_check(tine_sys_setreuid(0, ~0u) == -EPERM);
	tine_check(tine_sys_setgid(0) == -EPERM);
	tine_check(tine_sys_setegid(30) == 0 && tine_sys_setregid(0, 0) ==
	    -EPERM);
	tine_check(tine_sys_setgroups(0, groups) == -EPERM);
	memset(groups, 0, sizeof(groups));
	tine_check(tine_sys_getgroups(0, NULL) == 3);
	tine_check(tine_sys_getgroups(2, groups) == -EINVAL);
	tine_check(tine_sys_getgroups(16, groups) == 3 && groups[2] == 9);
	tine_check(tine_sys_setuid(~0u) == rule->no_uid);
	tine_check(tine_sys_getresgid(&r, &e, &s) == 0);
	tine_check(r == 30 && e == 30 && s == 30);
	/* Not root's processes, but its own; SIGCONT within the session. */
	tine_check(tine_sys_kill(root, SIGTERM) == -EPERM);
	tine_check(tine_sys_kill(root, 0) == -EPERM);
	tine_check(tine_sys_kill(root, SIGCONT) == 0);
	other = tine_sys_fork();
	if (other == 0)
		tine_sys_pause();
	tine_check(tine_sys_kill(other, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(other, &status, 0) == other);
	tine_check(status == SIGTERM);
	/* A group with somebody whom it may signal. */
	install(SIGTERM, 0);
	tine_check(tine_sys_kill(0, SIGTERM) == 0 && seen.ran == 1);
	tine_check(tine_sys_waitpid(root, &status, 0) == root && status == 0);
	return 0;
}
TINE_PROGRAM(pc_uids, "real, effective and saved ids");

/* Who may signal a process that has ids of its own. */
static void
may(int want, int (*become)(void))
{
	const tine_pid_t child = tine_sys_fork();
	tine_pid_t other;

	if (child == 0) {
		tine_check(become() == 0);
		tine_sys_pause();
	}
	tine_sys_nanosleep(MS);
	other = tine_sys_fork();
	if (other == 0) {
		tine_check(tine_sys_setuid(51) == 0);
		tine_check(tine_sys_kill(child, SIGTERM) == want);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(other, NULL, 0) == other);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
}

static int
saved_51(void)
{
	return tine_sys_setreuid(50, 51) != 0 || tine_sys_seteuid(50) != 0;
}

static int
effective_51(void)
{
	return tine_sys_setreuid(50, 0) != 0 || tine_sys_seteuid(51) != 0;
}

static int
real_51(void)
{
	return tine_sys_setreuid(51, 50);
}

static int
pc_whom(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	may(0, real_51);
	may(rule->effective_counts ? -EPERM : 0, saved_51);
	may(rule->effective_counts ? 0 : -EPERM, effective_51);
	return 0;
}
TINE_PROGRAM(pc_whom, "which id of a process lets one signal it");

static int
pc_count(int argc, char **argv)
{
	tine_pid_t child;
	int made = 0, error = 0;

	(void)argc;
	(void)argv;
	/* This machine lets a user have 6 processes. */
	tine_check(tine_sys_setuid(40) == 0);
	while (made < 20) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_pause();
		if (child < 0) {
			error = child;
			break;
		}
		made++;
	}
	tine_check(error == -EAGAIN && made == 5);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	while (tine_sys_wait(NULL) > 0)
		made--;
	tine_check(made == 0);
	return 0;
}
TINE_PROGRAM(pc_count, "processes of a user");

/* --- limits --- */

static int
pc_limits(int argc, char **argv)
{
	struct tine_rlimit limit, old;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NPROC, &limit) ==
	    (rule->nproc ? 0 : -EINVAL));
	tine_check(tine_sys_getrlimit(99, &limit) == -EINVAL);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &limit) == 0);
	tine_check(limit.cur == rule->files && limit.max == rule->most_files);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_CORE, &limit) == 0);
	tine_check(limit.cur == TINE_RLIM_INFINITY && limit.max == limit.cur);
	limit.cur = 11;
	limit.max = 10;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit, NULL) ==
	    rule->soft_above_hard);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_FSIZE, &old) == 0);
	tine_check(old.cur == (rule->soft_above_hard != 0 ?
	    TINE_RLIM_INFINITY : 10));
	limit.cur = 9;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit, NULL) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_FSIZE, &limit) == 0);
	tine_check(limit.cur == 9 && limit.max == 10);
	/* Up to the hard one and no more, for who is not privileged. */
	tine_check(tine_sys_setuid(5) == 0);
	limit.cur = limit.max;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit, NULL) == 0);
	limit.max = 11;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit, NULL) ==
	    -EPERM);
	limit.cur = limit.max = 8;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit, NULL) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_FSIZE, &limit) == 0);
	tine_check(limit.cur == 8 && limit.max == 8);
	/* Children have them. */
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_getrlimit(TINE_RLIMIT_FSIZE, &old) == 0);
		tine_sys_exit(old.cur == 8 ? 0 : 1);
	}
	tine_check(tine_sys_wait((int *)&limit) > 0 && *(int *)&limit == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_FSIZE,
	    (void *)(uintptr_t)16) == -EFAULT);
	return 0;
}
TINE_PROGRAM(pc_limits, "getrlimit and setrlimit");

static __attribute__((noinline)) void
deep(int levels)
{
	volatile char room[PAGE];

	room[0] = (char)levels;
	if (levels > 0)
		deep(levels - 1);
	room[1] = room[0];
}

static int
pc_enforced(int argc, char **argv)
{
	struct tine_rlimit limit = { 60 * PAGE, TINE_RLIM_INFINITY };
	void *memory;
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_STACK, &limit, NULL) == 0);
	if (tine_sys_fork() == 0) {
		deep(30);
		deep(100);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(&status) > 0);
	tine_check((status & 0x7f) == SIGSEGV);
	limit.cur = 4 * PAGE;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_DATA, &limit, NULL) == 0);
	tine_check(tine_sys_sbrk(3 * PAGE) != NULL);
	memory = tine_sys_sbrk(3 * PAGE);
	tine_check(tine_sys_failed(memory) == -ENOMEM);
	limit.cur = 0;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_AS, &limit, NULL) == 0);
	memory = tine_sys_mmap(PAGE, TINE_PROT_READ);
	tine_check(tine_sys_failed(memory) == -ENOMEM);
	memory = tine_sys_mmap_flags(NULL, PAGE, TINE_PROT_READ,
	    TINE_MAP_PRIVATE);
	tine_check(tine_sys_failed(memory) == -ENOMEM);
	return 0;
}
TINE_PROGRAM(pc_enforced, "limits on memory, enforced");

/* --- usage --- */

static int
pc_usage(int argc, char **argv)
{
	struct tine_rusage mine, children, one;
	char *page = tine_sys_mmap(PAGE * 4, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_getrusage(3, &mine) == -EINVAL);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_CHILDREN, &children) == 0);
	tine_check(children.calls == 0 && children.faults == 0);
	child = tine_sys_fork();
	if (child == 0) {
		install(SIGUSR1, 0);
		tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
		for (int i = 0; i < 4; i++)
			page[i * PAGE] = 1;
		for (int i = 0; i < 50; i++)
			(void)tine_sys_getppid();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait4(child, NULL, 0, &one) == child);
	tine_check(one.calls >= 53 && one.calls < 80);
	tine_check(one.faults >= 4 && one.signals == 1);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_CHILDREN, &children) == 0);
	tine_check(memcmp(&children, &one, sizeof(one)) == 0);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &mine) == 0);
	tine_check(mine.calls >= 5 && mine.calls < 50 && mine.signals == 0);
	return 0;
}
TINE_PROGRAM(pc_usage, "what a process and its children used");

/* --- timers --- */

static int
pc_alarm(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_alarm(0) == 0);
	tine_check(tine_sys_alarm(10) == 0);
	tine_sys_nanosleep(1500 * MS);
	tine_check(tine_sys_alarm(2) == 9);
	tine_check(tine_sys_alarm(0) == 2);
	install(SIGALRM, 0);
	(void)tine_sys_alarm(3);
	/* Not a child's. */
	if (tine_sys_fork() == 0)
		tine_sys_exit((int)tine_sys_alarm(0));
	tine_check(tine_sys_wait(&seen.order[9]) > 0 && seen.order[9] == 0);
	tine_check(tine_sys_pause() == -EINTR && seen.ran == 1);
	tine_check(tine_sys_time() == 4500 * MS);
	tine_check(tine_sys_alarm(0) == 0);
	(void)tine_sys_alarm(1);
	/* exec keeps it, and the default is the end. */
	(void)tine_sys_exec("pc_sleeper", NULL);
	return 1;
}
TINE_PROGRAM(pc_alarm, "alarm");

static int
pc_sleeper(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (;;)
		tine_sys_pause();
	return 0;
}
TINE_PROGRAM(pc_sleeper, "what pc_alarm becomes");

static int
pc_interval(int argc, char **argv)
{
	struct tine_itimerval timer = { 10 * MS, 25 * MS }, old;
	uint64_t from;
	int error;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_setitimer(9, &timer, NULL) == -EINVAL);
	tine_check(tine_sys_setitimer(0, (void *)(uintptr_t)16, NULL) ==
	    -EFAULT);
	install(SIGALRM, TINE_SA_RESTART);
	/* The page is there before time counts. */
	seen.ran = 0;
	from = tine_sys_time();
	error = tine_sys_setitimer(TINE_ITIMER_REAL, &timer, &old);
	if (error == -ENOMEM)
		return 1;
	tine_check(error == 0 && old.value == 0 && old.interval == 0);
	while (seen.ran < 4)
		tine_sys_pause();
	for (int i = 0; i < 4; i++)
		tine_check(seen.at[i] == from + (25 + 10 * (uint64_t)i) * MS);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, &old) == 0);
	tine_check(old.interval == 10 * MS && old.value == 10 * MS);
	/* Blocked for long it is one signal, and the next in step. */
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK,
	    &(tine_sigset_t) { TINE_SIGBIT(SIGALRM) }, NULL) == 0);
	while (tine_sys_time() < from + 102 * MS)
		tine_sys_nanosleep(from + 102 * MS - tine_sys_time());
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK,
	    &(tine_sigset_t) { 0 }, NULL) == 0);
	tine_check(seen.ran == 5 && seen.at[4] == from + 102 * MS);
	tine_check(tine_sys_pause() == -EINTR);
	tine_check(seen.at[5] == from + 105 * MS);
	timer.value = 0;
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, &old) == 0);
	tine_check(old.value == 10 * MS);
	tine_sys_nanosleep(100 * MS);
	tine_check(seen.ran == 6);
	return 0;
}
TINE_PROGRAM(pc_interval, "an interval timer");

static int
pc_many_alarms(int argc, char **argv)
{
	struct tine_itimerval timer = { 0, 0 };
	int status;

	(void)argc;
	(void)argv;
	for (uint64_t i = 1; i <= 4; i++) {
		const tine_pid_t child = tine_sys_fork();

		tine_check(child >= 0);
		if (child == 0) {
			install(SIGALRM, 0);
			timer.value = (6 - i) * MS;
			tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer,
			    NULL) == 0);
			(void)tine_sys_pause();
			tine_sys_exit((int)i);
		}
	}
	while (tine_sys_wait(&status) > 0)
		seen.order[seen.count++] = status >> 8;
	tine_check(seen.count == 4);
	return seen.order[0] * 16 + seen.order[3];
}
TINE_PROGRAM(pc_many_alarms, "timers of several processes");

/* --- exec --- */

static int
pc_environment(int argc, char **argv)
{
	char **envp = argv + argc + 1;
	char b[] = "b";
	char *const none[] = { NULL }, *const last[] = { b, NULL };

	if (argc == 3) {
		tine_check(strcmp(argv[0], "a") == 0);
		tine_check(strcmp(argv[2], "") == 0 && argv[3] == NULL);
		tine_check(strcmp(envp[0], "HOME=/") == 0);
		tine_check(strcmp(envp[1], "X=1") == 0 && envp[2] == NULL);
		(void)tine_sys_execve("pc_environment", last, none);
		return 2;
	}
	tine_check(envp[0] == NULL);
	return argv[0][0] == 'b' ? 0 : 1;
}
TINE_PROGRAM(pc_environment, "a program that looks at its environment");

static volatile uintptr_t nowhere = 16;

/* So it must fail; or for want of memory, where that is tried. */
static void
fails(int want, const char *program, char *const argv[], char *const envp[])
{
	const int error = tine_sys_execve(program, argv, envp);

	tine_check(error == want || error == -ENOMEM);
}

static int
pc_execve(int argc, char **argv)
{
	char kilobyte[1024] = { 0 };
	char a[] = "a", bb[] = "bb", empty[] = "";
	char home[] = "HOME=/", x[] = "X=1";
	char *const args[] = { a, bb, empty, NULL };
	char *const env[] = { home, x, NULL };
	char *many[70];

	(void)argc;
	tine_check(argv[argc + 1] == NULL);
	memset(kilobyte, 'x', sizeof(kilobyte) - 1);
	for (int i = 0; i < 69; i++)
		many[i] = kilobyte + 1020;
	many[69] = NULL;
	fails(-E2BIG, "pc_environment", args, many);
	many[64] = NULL;
	fails(-ENOENT, "nobody", many, many);
	many[0] = many[1] = many[2] = many[3] = kilobyte;
	fails(-E2BIG, "pc_environment", args, many);
	fails(-EFAULT, "pc_environment", args, (char *const *)nowhere);
	many[0] = (char *)(uintptr_t)16;
	fails(-EFAULT, "pc_environment", args, many);
	(void)tine_sys_execve("pc_environment", args, env);
	return 9;
}
TINE_PROGRAM(pc_execve, "exec with an environment");

/* --- tests --- */

/* spec: IL-153 */
static void
lwps_are_suspended_and_continued(void **state)
{
	(void)state;
	if (!rule->suspends) {
		harness_passes("pc_no_suspend", NULL, 0);
		return;
	}
	harness_every_seed("pc_suspend", SEEDS);
	harness_every_seed("pc_suspend_self", SEEDS);
}

/* spec: IL-152 */
static void
lwps_are_detached_or_daemons(void **state)
{
	(void)state;
	if (rule->suspends)
		harness_every_seed("pc_detach", 5);
	else
		harness_every_seed("pc_born_detached", 5);
	if (rule->daemons)
		harness_every_seed("pc_daemon", SEEDS);
	else
		harness_passes("pc_no_daemon", NULL, 0);
}

/* spec: IL-119 */
static void
lwp_ids_wrap_and_run_out(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.lwpid_max = 5;
	harness_passes("pc_ids", &options, 0);
}

static void
an_lwp_with_a_number_again_keeps_its_stack(void **state)
{
	struct tine_options options = harness_options();
	unsigned seed;

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.lwpid_max = 5;
	for (seed = 1; seed <= 100; seed++) {
		options.seed = seed;
		harness_passes("pc_reuse", &options, 0);
	}
}

static void
words_are_waited_for_by_whoever_shares_them(void **state)
{
	(void)state;
	harness_every_seed("pc_words", SEEDS);
}

static void
ids_say_what_a_process_may(void **state)
{
	(void)state;
	harness_every_seed("pc_whom", 5);
	harness_every_seed("pc_uids", 5);
}

/* spec: IL-008 IL-038 IL-039 */
static void
a_user_has_so_many_processes_and_no_more(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.uid_procs = 6;
	harness_passes("pc_count", &options, 0);
}

/* spec: IL-137 */
static void
limits_are_set_told_and_enforced(void **state)
{
	(void)state;
	harness_passes("pc_limits", NULL, 0);
	harness_passes("pc_enforced", NULL, 0);
}

/* spec: IL-136 */
static void
usage_is_counted_and_handed_on(void **state)
{
	(void)state;
	harness_passes("pc_usage", NULL, 0);
}

static void
timers_of_real_time_are_virtual(void **state)
{
	(void)state;
	harness_passes("pc_alarm", NULL, SIGALRM);
	harness_every_seed("pc_interval", 5);
	(void)harness_every_failure("pc_interval", NULL);
	/* The one that is due first ends first. */
	harness_passes("pc_many_alarms", NULL, (4 * 16 + 1) << 8);
}

/* spec: IL-143 */
static void
exec_hands_an_environment_on(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_passes("pc_execve", NULL, 0);
	(void)harness_every_failure("pc_execve", &options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lwps_are_suspended_and_continued),
		cmocka_unit_test(lwps_are_detached_or_daemons),
		cmocka_unit_test(lwp_ids_wrap_and_run_out),
		cmocka_unit_test(an_lwp_with_a_number_again_keeps_its_stack),
		cmocka_unit_test(words_are_waited_for_by_whoever_shares_them),
		cmocka_unit_test(ids_say_what_a_process_may),
		cmocka_unit_test(a_user_has_so_many_processes_and_no_more),
		cmocka_unit_test(limits_are_set_told_and_enforced),
		cmocka_unit_test(usage_is_counted_and_handed_on),
		cmocka_unit_test(exec_hands_an_environment_on),
		cmocka_unit_test(timers_of_real_time_are_virtual),
	};

	rule = &rules[harness_options().kernel];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
