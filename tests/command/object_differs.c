/* SPDX-License-Identifier: MIT */
/* object_differs.c - programs whose story is the same on all kernels, and not.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/program.h>
#include <tine/signal.h>
#include <tine/sys.h>

/* Nothing that kernels do in their own way. */
static int
agrees(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_printf("the same\n");
	return 3;
}

TINE_PROGRAM(agrees, "the same everywhere");

/* One call that only NetBSD has, between calls that all have; a child that only
 * NetBSD has; an end that depends on it; a line that only NetBSD prints. */
static int
differs(int argc, char **argv)
{
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	(void)tine_sys_getppid();
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(5);
	(void)tine_sys_nanosleep(1000);
	tine_printf("before\n");
	if (pid > 0)
		tine_printf("between\n");
	tine_printf("after\n");
	if (pid > 0)
		(void)tine_sys_waitpid(pid, NULL, 0);
	else
		(void)tine_sys_kill(tine_sys_getpid(), SIGTERM);
	return 0;
}

TINE_PROGRAM(differs, "not the same on NetBSD");

/* A large number and an address. */
static int
counts(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (tine_sys_kqueue_nb() >= 0)
		(void)tine_sys_nanosleep(30000000);
	(void)tine_sys_time();
	(void)tine_sys_lwp_ctl();
	return 0;
}

TINE_PROGRAM(counts, "what time it is");

/* Ends everywhere but on NetBSD, where nothing moves any more. */
static int
hangs(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (tine_sys_kqueue_nb() >= 0)
		(void)tine_sys_pause();
	return 0;
}

TINE_PROGRAM(hangs, "waits for ever on NetBSD");

/* A check that fails on NetBSD alone, after many calls of one kind. */
static int
fails(int argc, char **argv)
{
	const int fd = tine_sys_kqueue_nb();
	int i;

	tine_printf("%d words, the last one is %s, and this is a long line\n",
	    argc, argv[argc - 1]);
	for (i = 0; i < 20; i++)
		(void)tine_sys_fcntl(fd, TINE_F_GETFD, 0);
	tine_check(fd < 0);
	return 0;
}

TINE_PROGRAM(fails, "a check that fails on NetBSD");

/* The same mistake everywhere, and something else. */
static int
all_fail(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)tine_sys_kqueue_nb();
	tine_check(argc == 0);
	return 0;
}

TINE_PROGRAM(all_fail, "a check that fails");

static void
waits(void *arg)
{
	(void)arg;
	for (;;)
		(void)tine_sys_nanosleep(UINT64_C(1000000000));
}

/* A child with all LWPs, one where there is no forkall. */
static int
many(int argc, char **argv)
{
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	(void)tine_sys_lwp_create(waits, NULL);
	pid = tine_sys_forkallx(0);
	if (pid == 0)
		tine_sys_nanosleep(1000);
	else if (pid > 0)
		(void)tine_sys_waitpid(pid, NULL, 0);
	return 0;
}

TINE_PROGRAM(many, "a child of two LWPs, where that can be");
