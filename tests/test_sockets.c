/* SPDX-License-Identifier: MIT */
/*
 * test_sockets.c - pairs of sockets on all kernels: both ways, ends, what is
 * shut, who waits, and what there is to wait for.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/harness.h"
#include "support/kernels.h"

#define MS UINT64_C(1000000)
#define IN TINE_POLLIN
#define OUT TINE_POLLOUT
#define HUP TINE_POLLHUP

/* How much there is room for. */
static void
small(struct tine_options *o)
{
	o->pipe_bytes = 4096;
}

static void
pair(int s[2], int type)
{
	tine_check(tine_sys_socketpair(TINE_AF_UNIX, TINE_SOCK_STREAM | type,
	    0, s) == 0);
}

static int
events(int fd)
{
	struct tine_pollfd p = { .fd = fd, .events = IN | OUT };

	tine_check(tine_sys_poll(&p, 1, 0) >= 0);
	return p.revents;
}

static volatile int caught;

static void
handler(int signo)
{
	(void)signo;
	caught++;
}

static void
handle(int signo)
{
	struct tine_sigaction action = { .handler = handler };

	caught = 0;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

PROGRAM(so_ways, "what is written to one is read from the other, both ways")
{
	struct tine_stat st;
	char got[16] = "";
	int s[2], n;

	pair(s, 0);
	tine_check(events(s[0]) == OUT && events(s[1]) == OUT);
	tine_check(tine_sys_write(s[0], "abc", 3) == 3);
	tine_check(events(s[0]) == OUT && events(s[1]) == (IN | OUT));
	tine_check(tine_sys_write(s[1], "12345", 5) == 5);
	tine_check(tine_sys_ioctl(s[0], TINE_FIONREAD, &n) == 0 && n == 5);
	tine_check(tine_sys_ioctl(s[1], TINE_FIONREAD, &n) == 0 && n == 3);
	tine_check(tine_sys_ioctl(s[1], TINE_TIOCGPGRP, &n) == -ENOTTY);
	tine_check(tine_sys_read(s[0], got, 2) == 2 && memcmp(got, "12", 2) ==
	    0);
	tine_check(tine_sys_read(s[0], got, 9) == 3 && memcmp(got, "345", 3) ==
	    0);
	tine_check(tine_sys_read(s[1], got, 9) == 3 && memcmp(got, "abc", 3) ==
	    0);
	tine_check(tine_sys_fstat(s[0], &st) == 0);
	tine_check((st.mode & TINE_S_IFMT) == TINE_S_IFSOCK);
	tine_check(tine_sys_lseek(s[0], 0, TINE_SEEK_SET) == -ESPIPE);
	tine_check(tine_sys_pread(s[0], got, 1, 0) == -ESPIPE);
	tine_check(tine_sys_ftruncate(s[0], 0) == -EINVAL);
	tine_check(tine_sys_fcntl(s[0], TINE_F_GETFL, 0) == TINE_O_RDWR);
	return 0;
}

static void
a_pair_goes_both_ways(void **state)
{
	(void)state;
	passes_on_each_with("so_ways", small);
}

PROGRAM(so_arguments, "what is no pair of sockets")
{
	const int stream = TINE_SOCK_STREAM;
	char c = 0;
	int s[2] = { -1, -1 }, fds[2], fd;
	int *volatile nowhere = (int *)(uintptr_t)8;

	tine_check(tine_sys_socketpair(2, stream, 0, s) == -EAFNOSUPPORT);
	tine_check(tine_sys_socketpair(TINE_AF_UNIX, 2, 0, s) ==
	    -EPROTONOSUPPORT);
	tine_check(tine_sys_socketpair(TINE_AF_UNIX, stream, 6, s) ==
	    -EPROTONOSUPPORT);
	tine_check(tine_sys_socketpair(TINE_AF_UNIX, stream, 0,
	    nowhere) == -EFAULT);
	tine_check(s[0] == -1);
	/* The bad address cost no descriptor. */
	pair(s, TINE_SOCK_CLOEXEC | TINE_SOCK_NONBLOCK);
	tine_check(s[0] == 3 && s[1] == 4);
	for (int i = 0; i < 2; i++) {
		tine_check(tine_sys_fcntl(s[i], TINE_F_GETFD, 0) == 1);
		tine_check(tine_sys_fcntl(s[i], TINE_F_GETFL, 0) ==
		    (TINE_O_RDWR | TINE_O_NONBLOCK));
	}
	tine_check(tine_sys_shutdown(s[0], 3) == -EINVAL);
	tine_check(tine_sys_shutdown(s[0], -1) == -EINVAL);
	tine_check(tine_sys_shutdown(77, 0) == -EBADF);
	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_shutdown(fds[0], 0) == -ENOTSOCK);
	tine_check(tine_sys_send(fds[1], &c, 1, 0) == -ENOTSOCK);
	tine_check(tine_sys_recv(fds[0], &c, 1, 0) == -ENOTSOCK);
	tine_check(tine_sys_send(77, &c, 1, 0) == -EBADF);
	tine_check(tine_sys_send(s[0], &c, 1, 1) == -EINVAL);
	tine_check(tine_sys_send(s[0], &c, 1, TINE_MSG_PEEK) == -EINVAL);
	tine_check(tine_sys_recv(s[0], &c, 1, 1) == -EINVAL);
	/* No descriptor is left, or one. */
	fd = fds[1];
	while (fd >= 0)
		fd = tine_sys_dup(0);
	tine_check(tine_sys_socketpair(TINE_AF_UNIX, stream, 0, s) ==
	    -EMFILE);
	tine_sys_close(9);
	tine_check(tine_sys_socketpair(TINE_AF_UNIX, stream, 0, s) ==
	    -EMFILE);
	tine_sys_close(11);
	pair(s, 0);
	tine_check(s[0] == 9 && s[1] == 11);
	return 0;
}

static void
bad_arguments_are_refused(void **state)
{
	(void)state;
	passes_on_each_with("so_arguments", small);
}

PROGRAM(so_ends, "the end, and nobody to read")
{
	char got[8];
	int s[2], dup;

	handle(SIGPIPE);
	pair(s, 0);
	tine_check(tine_sys_write(s[0], "last", 4) == 4);
	/* A descriptor of the other end more: no end yet. */
	dup = tine_sys_dup(s[0]);
	tine_sys_close(s[0]);
	tine_check(events(s[1]) == (IN | OUT));
	tine_sys_close(dup);
	tine_check(events(s[1]) == (IN | OUT | HUP));
	tine_check(tine_sys_read(s[1], got, 8) == 4);
	tine_check(tine_sys_read(s[1], got, 8) == 0);
	tine_check(events(s[1]) == (IN | OUT | HUP));
	tine_check(tine_sys_write(s[1], "x", 1) == -EPIPE && caught == 1);
	tine_check(tine_sys_send(s[1], "x", 1, TINE_MSG_NOSIGNAL) == -EPIPE);
	tine_check(caught == 1);
	tine_check(tine_sys_send(s[1], "x", 1, 0) == -EPIPE && caught == 2);
	tine_sys_close(s[1]);

	/* One direction only. */
	pair(s, 0);
	tine_check(tine_sys_write(s[0], "ab", 2) == 2);
	tine_check(tine_sys_shutdown(s[0], TINE_SHUT_WR) == 0);
	tine_check(tine_sys_shutdown(s[0], TINE_SHUT_WR) == 0);
	tine_check(tine_sys_write(s[0], "x", 1) == -EPIPE && caught == 3);
	tine_check(tine_sys_read(s[1], got, 8) == 2);
	tine_check(tine_sys_read(s[1], got, 8) == 0);
	tine_check(events(s[1]) == (IN | OUT) && events(s[0]) == OUT);
	tine_check(tine_sys_write(s[1], "back", 4) == 4);
	tine_check(tine_sys_read(s[0], got, 8) == 4);
	/* What was sent to who does not read any more is lost. */
	tine_check(tine_sys_write(s[1], "lost", 4) == 4);
	tine_check(tine_sys_shutdown(s[0], TINE_SHUT_RD) == 0);
	tine_check(tine_sys_read(s[0], got, 8) == 0);
	tine_check(tine_sys_write(s[1], "x", 1) == -EPIPE && caught == 4);
	tine_check(events(s[0]) == (IN | OUT | HUP));
	tine_sys_close(s[0]);
	tine_sys_close(s[1]);

	/* Both at once, for a descriptor that another process has, too. */
	pair(s, 0);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_shutdown(s[0], TINE_SHUT_RDWR) == 0);
		tine_sys_exit(0);
	}
	tine_sys_wait(NULL);
	tine_check(tine_sys_read(s[0], got, 8) == 0);
	tine_check(tine_sys_read(s[1], got, 8) == 0);
	tine_check(tine_sys_write(s[0], "x", 1) == -EPIPE && caught == 5);
	tine_check(tine_sys_write(s[1], "x", 1) == -EPIPE && caught == 6);
	return 0;
}

static void
the_end_of_each_direction_is_its_own(void **state)
{
	(void)state;
	passes_on_each_with("so_ends", small);
}

PROGRAM(so_flags, "send and recv, with and without waiting")
{
	char big[5000] = "";
	char got[8];
	int s[2];

	pair(s, 0);
	tine_check(tine_sys_recv(s[0], got, 8, TINE_MSG_DONTWAIT) == -EAGAIN);
	tine_check(tine_sys_send(s[1], "abcdef", 6, 0) == 6);
	tine_check(tine_sys_recv(s[0], got, 4, TINE_MSG_PEEK) == 4);
	tine_check(memcmp(got, "abcd", 4) == 0);
	tine_check(tine_sys_recv(s[0], got, 3, 0) == 3);
	tine_check(tine_sys_recv(s[0], got, 8, TINE_MSG_PEEK |
	    TINE_MSG_DONTWAIT) == 3 && memcmp(got, "def", 3) == 0);
	tine_check(tine_sys_recv(s[0], got, 8, 0) == 3);
	/* Full: 4096. */
	tine_check(tine_sys_send(s[1], big, 5000, TINE_MSG_DONTWAIT) == 4096);
	tine_check(tine_sys_send(s[1], big, 1, TINE_MSG_DONTWAIT) == -EAGAIN);
	tine_check(events(s[1]) == 0);
	/* The other direction has its own room. */
	tine_check(tine_sys_send(s[0], big, 4096, TINE_MSG_DONTWAIT) == 4096);
	tine_check(tine_sys_recv(s[0], big, 5000, 0) == 4096);
	tine_check(events(s[1]) == (IN | OUT));
	/* That of fcntl. */
	tine_check(tine_sys_fcntl(s[0], TINE_F_SETFL, TINE_O_NONBLOCK) == 0);
	tine_check(tine_sys_read(s[0], got, 8) == -EAGAIN);
	return 0;
}

static void
flags_of_a_call_are_for_that_call(void **state)
{
	(void)state;
	passes_on_each_with("so_flags", small);
}

static int shut_fd, shut_how;

static void
shuts(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(2 * MS);
	tine_check(tine_sys_shutdown(shut_fd, shut_how) == 0);
	tine_sys_lwp_exit();
}

PROGRAM(so_waits, "who waits is woken by data, room, the end, a shutdown")
{
	char big[4096] = "";
	struct tine_pollfd p[2];
	char got[8];
	int s[2], pid;

	handle(SIGPIPE);
	pair(s, 0);
	if (tine_sys_fork() == 0) {
		tine_sys_close(s[0]);
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_write(s[1], "x", 1) == 1);
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_read(s[1], big, 4096) == 4096);
		tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	tine_sys_close(s[1]);
	tine_check(tine_sys_read(s[0], got, 8) == 1);
	tine_check(tine_sys_write(s[0], big, 4096) == 4096);
	tine_check(tine_sys_write(s[0], big, 4096) == 4096);
	tine_check(tine_sys_read(s[0], got, 8) == 0);
	tine_sys_wait(NULL);
	tine_sys_close(s[0]);

	/* poll, of both directions. */
	pair(s, 0);
	tine_check(tine_sys_write(s[0], big, 4096) == 4096);
	for (int how = 0; how < 3; how++) {
		if (tine_sys_fork() == 0) {
			tine_sys_close(s[0]);
			tine_sys_nanosleep(MS);
			if (how == 0)
				tine_check(tine_sys_read(s[1], big, 4096) ==
				    4096);
			else if (how == 1)
				tine_check(tine_sys_write(s[1], "y", 1) == 1);
			else
				tine_sys_shutdown(s[1], TINE_SHUT_RDWR);
			tine_sys_nanosleep(MS);
			tine_sys_exit(0);
		}
		p[0].fd = s[0];
		p[0].events = how == 0 ? OUT : IN;
		tine_check(tine_sys_poll(p, 1, 1000) == 1);
		tine_check(p[0].revents == (how == 0 ? OUT : how == 1 ? IN :
		    IN | HUP));
		tine_sys_wait(NULL);
		if (how == 1)
			tine_check(tine_sys_read(s[0], got, 8) == 1);
	}
	tine_sys_close(s[0]);
	tine_sys_close(s[1]);

	/* An LWP shuts what its sibling waits for. */
	pair(s, 0);
	shut_fd = s[0];
	shut_how = TINE_SHUT_RD;
	tine_check(tine_sys_lwp_create(shuts, NULL) > 0);
	tine_check(tine_sys_read(s[0], got, 8) == 0);
	shut_how = TINE_SHUT_WR;
	tine_check(tine_sys_write(s[0], big, 4096) == 4096);
	tine_check(tine_sys_lwp_create(shuts, NULL) > 0);
	tine_check(tine_sys_write(s[0], big, 1) == -EPIPE && caught == 1);

	/* A signal. */
	handle(SIGUSR1);
	pair(s, 0);
	pid = tine_sys_getpid();
	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(MS);
		tine_sys_kill(pid, SIGUSR1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_read(s[0], got, 8) == -EINTR && caught == 1);
	tine_sys_wait(NULL);
	return 0;
}

static void
who_waits_is_woken(void **state)
{
	(void)state;
	passes_on_each_with("so_waits", small);
}

PROGRAM(so_exec, "an exec'ed program has its end, unless it is to be closed")
{
	char name[] = "so_child", *argv[] = { name, NULL };
	char *envp[] = { NULL }, got[4] = "";
	int s[2], t[2], status;

	pair(s, 0);
	pair(t, TINE_SOCK_CLOEXEC);
	if (tine_sys_fork() == 0) {
		tine_sys_close(s[0]);
		tine_sys_execve("/bin/so_child", argv, envp);
		tine_sys_exit(9);
	}
	tine_sys_close(s[1]);
	tine_check(tine_sys_write(s[0], "hi", 2) == 2);
	tine_check(tine_sys_read(s[0], got, 4) == 2);
	tine_check(memcmp(got, "ij", 2) == 0);
	tine_sys_wait(&status);
	tine_check(tine_sys_read(s[0], got, 4) == 0);
	return status;
}

PROGRAM(so_child, "answers on 4, with the next letters")
{
	char got[4];
	const long n = tine_sys_read(4, got, 4);

	tine_check(tine_sys_write(6, got, 1) == -EBADF);
	for (long i = 0; i < n; i++)
		got[i]++;
	tine_check(tine_sys_write(4, got, (size_t)n) == n);
	return 0;
}

static void
a_socket_passes_through_fork_and_exec(void **state)
{
	(void)state;
	passes_on_each_with("so_exec", small);
}

/* Two ask the same server, each gets one answer. */
PROGRAM(so_explored, "a question, an answer, and both ends close")
{
	char c = 'a';
	int s[2];

	pair(s, 0);
	if (tine_sys_fork() == 0) {
		tine_sys_close(s[0]);
		while (tine_sys_read(s[1], &c, 1) == 1) {
			c++;
			tine_check(tine_sys_write(s[1], &c, 1) == 1);
		}
		tine_sys_exit(0);
	}
	tine_sys_close(s[1]);
	tine_check(tine_sys_write(s[0], &c, 1) == 1);
	tine_check(tine_sys_read(s[0], &c, 1) == 1 && c == 'b');
	tine_sys_close(s[0]);
	tine_sys_wait(NULL);
	return 0;
}

static void
all_schedules_of_a_question_have_their_answer(void **state)
{
	struct tine_explore_options options;
	struct tine_explorer *explorer;
	struct tine_machine *machine;
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		struct tine_explore_result r = { .size = sizeof(r) };

		o = on(kernels[i]);
		assert_int_equal(tine_machine_create(&o, &machine), 0);
		assert_int_equal(tine_machine_spawn(machine, "so_explored",
		    NULL), 0);
		tine_explore_options_init(&options);
		options.search = TINE_SEARCH_DPOR;
		assert_int_equal(tine_explorer_create(machine, &options,
		    &explorer), 0);
		assert_int_equal(tine_explorer_run(explorer, 20000, &r), 0);
		print_message("%s: %" PRIu64 " schedules\n",
		    tine_kernel_name(kernels[i]), r.schedules);
		if (r.failures != 0)
			fail_msg("%s", r.message);
		assert_true(r.exhausted);
		tine_explorer_destroy(explorer);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

PROGRAM(so_fails, "pairs where a step fails")
{
	char got[8];
	int s[2];

	if (tine_sys_socketpair(TINE_AF_UNIX, TINE_SOCK_STREAM, 0, s) != 0)
		return 0;
	if (tine_sys_fork() == 0) {
		(void)tine_sys_send(s[1], "x", 1, TINE_MSG_NOSIGNAL);
		tine_sys_exit(0);
	}
	tine_sys_close(s[1]);
	(void)tine_sys_recv(s[0], got, 8, 0);
	(void)tine_sys_wait(NULL);
	return 0;
}

static void
every_failure_leaves_the_books_in_order(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		assert_true(harness_every_failure("so_fails", &o) > 6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_goes_both_ways),
		cmocka_unit_test(bad_arguments_are_refused),
		cmocka_unit_test(the_end_of_each_direction_is_its_own),
		cmocka_unit_test(flags_of_a_call_are_for_that_call),
		cmocka_unit_test(who_waits_is_woken),
		cmocka_unit_test(a_socket_passes_through_fork_and_exec),
		cmocka_unit_test(
		    all_schedules_of_a_question_have_their_answer),
		cmocka_unit_test(every_failure_leaves_the_books_in_order)
	};

	return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
