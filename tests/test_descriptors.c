/* SPDX-License-Identifier: MIT */
/*
 * test_descriptors.c - descriptors far away, and opens of FIFOs that a signal
 * ends; what every kernel does with a step that fails in the library's timers,
 * named objects and spawns is in test_library_fails.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/kernels.h"

#define MS UINT64_C(1000000)

/* Where memory has room for the list, it is made; where it never could have,
 * that is said; and below the limit nobody waits for what does not come. */
PROGRAM(de_far, "descriptors far away")
{
	struct tine_rlimit limit = { INT32_MAX, INT32_MAX }, is;
	int fd, last = 0, result;

	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &is) == 0);
	tine_check(on_solaris() ? is.cur == INT32_MAX : is.cur < 100000);
	for (fd = 500; fd < 8192; fd *= 2) {
		result = tine_sys_dup2(1, fd);
		tine_check(result == (fd < (int64_t)is.cur ? fd : -EBADF));
		if (result == fd)
			tine_check(tine_sys_close(fd) == 0);
		last = result == fd ? fd : last;
	}
	tine_check(last >= (on_solaris() ? 8000 : 1000));
	tine_check(tine_sys_dup2(1, 1 << 26) ==
	    (on_solaris() ? -EMFILE : -EBADF));
	tine_check(tine_sys_fcntl(1, TINE_F_DUPFD, 1 << 30) ==
	    (on_solaris() ? -EMFILE : -EINVAL));
	tine_check(tine_sys_dup2(1, INT32_MAX - 1) ==
	    (on_solaris() ? -EMFILE : -EBADF));
	tine_check(tine_sys_dup2(1, INT32_MAX) == -EBADF);
	/* The source is as it was, and counted once. */
	tine_check(tine_sys_close(1 << 29) == -EBADF);
	tine_check(tine_sys_dup(1) == 3);
	tine_check(tine_sys_write(1, "", 0) == 0);
	return 0;
}

static void
a_descriptor_that_memory_cannot_hold_is_refused(void **state)
{
	(void)state;
	passes_on_each("de_far");
}

static volatile int ran;

static void
handler(int signo)
{
	(void)signo;
	ran++;
}

/* On no kernel is it made again, whatever the handler asks for. */
PROGRAM(de_fifo, "an open of a FIFO that a signal ends")
{
	struct tine_sigaction action = { .handler = handler,
		.flags = TINE_SA_RESTART };
	const struct tine_itimerval soon = { 0, MS };
	int dir;

	ran = 0;
	tine_check(tine_sys_sigaction(SIGALRM, &action, NULL) == 0);
	tine_check(tine_sys_mkfifo("/tmp/fifo", 0600) == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &soon, NULL) == 0);
	tine_check(tine_sys_open("/tmp/fifo", TINE_O_RDONLY, 0) == -EINTR);
	tine_check(ran == 1);
	dir = tine_sys_open("/tmp", TINE_O_RDONLY, 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &soon, NULL) == 0);
	tine_check(tine_sys_openat(dir, "fifo", TINE_O_WRONLY, 0) == -EINTR);
	tine_check(ran == 2);
	return 0;
}

static void
an_open_that_a_signal_ends_is_not_made_again(void **state)
{
	(void)state;
	passes_on_each("de_fifo");
}

/* What is under / has / above it. */
PROGRAM(de_root, "above the root is the root")
{
	struct tine_stat a, b;
	char path[64];

	tine_check(tine_sys_stat("/", &a) == 0);
	tine_check(tine_sys_stat("/..", &b) == 0 && a.ino == b.ino);
	tine_check(tine_sys_stat("/../../tmp/..", &b) == 0 && a.ino == b.ino);
	tine_check(tine_sys_mkdir("/tmp/d", 0755) == 0);
	tine_check(tine_sys_chdir("/tmp/d") == 0);
	tine_check(tine_sys_chroot("/tmp/d") == 0);
	/* Who is outside of its root sees all, up to the real one. */
	tine_check(tine_sys_chdir("/") == 0);
	tine_check(tine_sys_stat("..", &b) == 0);
	tine_check(tine_sys_getcwd(path, sizeof(path)) > 0 &&
	    strcmp(path, "/") == 0);
	return 0;
}

PROGRAM(de_outside, "a current directory that is not below the root")
{
	struct tine_stat a, b;
	char path[64];

	tine_check(tine_sys_stat("/", &a) == 0);
	tine_check(tine_sys_mkdir("/tmp/d", 0755) == 0);
	tine_check(tine_sys_chdir("/tmp") == 0);
	tine_check(tine_sys_chroot("/tmp/d") == 0);
	/* Above the real root there is nothing but it. */
	tine_check(tine_sys_stat("..", &b) == 0 && a.ino == b.ino);
	tine_check(tine_sys_stat("../..", &b) == 0 && a.ino == b.ino);
	tine_check(tine_sys_stat("../../../tmp", &b) == 0);
	tine_check(tine_sys_getcwd(path, sizeof(path)) == -ENOENT);
	return 0;
}

static void
above_the_root_is_the_root(void **state)
{
	(void)state;
	passes_on_each("de_root");
	passes_on_each("de_outside");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_descriptor_that_memory_cannot_hold_is_refused),
		cmocka_unit_test(an_open_that_a_signal_ends_is_not_made_again),
		cmocka_unit_test(above_the_root_is_the_root)
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
