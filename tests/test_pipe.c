/* SPDX-License-Identifier: MIT */
/*
 * test_pipe.c - pipes and FIFOs between processes, and poll over them.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "support/harness.h"

#define SEEDS 12
#define MS UINT64_C(1000000)

static int
pipe_of(int fds[2])
{
	const int error = tine_sys_pipe(fds);

	tine_check(error == 0);
	return error;
}

static void
reap(tine_pid_t pid, int status)
{
	int got = -1;

	tine_check(tine_sys_waitpid(pid, &got, 0) == pid);
	tine_check(got == status);
}

#define EXITED(status) ((status) << 8)

/* --- a pipeline --- */

/* Numbers through three processes: each adds one to every byte. */
static int
pi_pipeline(int argc, char **argv)
{
	tine_pid_t pids[3];
	int in[2], out[2];
	unsigned char c;

	(void)argc;
	(void)argv;
	pipe_of(in);
	tine_check(in[0] == 3 && in[1] == 4);
	for (int i = 0; i < 3; i++) {
		pipe_of(out);
		pids[i] = tine_sys_fork();
		if (pids[i] == 0) {
			int from = in[0];

			tine_sys_close(in[1]);
			tine_sys_close(out[0]);
			while (tine_sys_read(from, &c, 1) == 1) {
				c++;
				tine_check(tine_sys_write(out[1], &c, 1) == 1);
			}
			tine_sys_exit(i);
		}
		if (i == 0) {
			for (c = 0; c < 5; c++)
				tine_check(tine_sys_write(in[1], &c, 1) == 1);
			tine_check(tine_sys_close(in[1]) == 0);
		}
		tine_check(tine_sys_close(in[0]) == 0);
		tine_check(tine_sys_close(out[1]) == 0);
		in[0] = out[0];
		in[1] = -1;
	}
	for (int i = 0; i < 5; i++) {
		tine_check(tine_sys_read(in[0], &c, 1) == 1);
		tine_check(c == i + 3);
	}
	tine_check(tine_sys_read(in[0], &c, 1) == 0);
	for (int i = 0; i < 3; i++)
		reap(pids[i], EXITED(i));
	return 0;
}
TINE_PROGRAM(pi_pipeline, "test: three processes in a row");

/* --- ends --- */

/* The last writer goes by its death, not by close. */
static int
pi_eof_by_exit(int argc, char **argv)
{
	char text[8];
	tine_pid_t pid;
	int fds[2];

	(void)argc;
	(void)argv;
	pipe_of(fds);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_write(fds[1], "bye", 3) == 3);
		tine_sys_exit(0);
	}
	tine_sys_close(fds[1]);
	tine_check(tine_sys_read(fds[0], text, 8) == 3);
	tine_check(memcmp(text, "bye", 3) == 0);
	tine_check(tine_sys_read(fds[0], text, 8) == 0);
	reap(pid, 0);
	return 0;
}
TINE_PROGRAM(pi_eof_by_exit, "test: end of file by exit");

/* The writer keeps a reading end: no SIGPIPE. Then a child that does not. */
static int
pi_sigpipe(int argc, char **argv)
{
	tine_pid_t pid;
	int fds[2];

	(void)argc;
	(void)argv;
	pipe_of(fds);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_close(fds[0]);
		/* until the parent has closed its own */
		for (;;)
			tine_sys_write(fds[1], "x", 1);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_close(fds[0]) == 0);
	reap(pid, SIGPIPE);
	/* nothing to write is nothing to fail */
	tine_check(tine_sys_write(fds[1], "x", 0) == 0);
	return 0;
}
TINE_PROGRAM(pi_sigpipe, "test: nobody reads any more");

/* --- without waiting --- */

static int
pi_nonblock(int argc, char **argv)
{
	char big[100];
	int fds[2];

	(void)argc;
	(void)argv;
	memset(big, 'x', sizeof(big));
	tine_check(tine_sys_pipe2(fds, 1 << 20) == -EINVAL);
	tine_check(tine_sys_pipe2(fds, TINE_O_NONBLOCK) == 0);
	tine_check(tine_sys_fcntl(fds[0], TINE_F_GETFL, 0) ==
	    (TINE_O_RDONLY | TINE_O_NONBLOCK));
	tine_check(tine_sys_read(fds[0], big, 1) == -EAGAIN);
	tine_check(tine_sys_write(fds[1], big, 10) == 10);
	/* six more fit: a small write is all or nothing */
	tine_check(tine_sys_write(fds[1], big, 7) == -EAGAIN);
	tine_check(tine_sys_write(fds[1], big, 6) == 6);
	tine_check(tine_sys_write(fds[1], big, 1) == -EAGAIN);
	tine_check(tine_sys_read(fds[0], big, 5) == 5);
	/* a large one takes what fits */
	tine_check(tine_sys_write(fds[1], big, 100) == 5);
	tine_check(tine_sys_read(fds[0], big, 100) == 16);
	tine_check(tine_sys_read(fds[1], big, 1) == -EBADF);
	tine_check(tine_sys_write(fds[0], big, 1) == -EBADF);
	tine_check(tine_sys_close(fds[1]) == 0);
	tine_check(tine_sys_read(fds[0], big, 1) == 0);
	return 0;
}
TINE_PROGRAM(pi_nonblock, "test: pipes without waiting");

/* --- blocking, in a pipe of 16 bytes --- */

/* Two writers of 8-byte words, and one of a word that has to be cut. */
static int
pi_pieces(int argc, char **argv)
{
	static const char *const words[2] = { "aaaaaaaa", "bbbbbbbb" };
	char big[40], text[8];
	int fds[2], got = 0;
	long n;

	(void)argc;
	(void)argv;
	pipe_of(fds);
	for (int i = 0; i < 2; i++) {
		if (tine_sys_fork() != 0)
			continue;
		tine_sys_close(fds[0]);
		for (int k = 0; k < 4; k++)
			tine_check(tine_sys_write(fds[1], words[i], 8) == 8);
		tine_sys_exit(0);
	}
	for (int k = 0; k < 8; k++) {
		/* not mixed, however they come */
		n = tine_sys_read(fds[0], text, 8);
		tine_check(n == 8);
		tine_check(memcmp(text, words[0], 8) == 0 ||
		    memcmp(text, words[1], 8) == 0);
	}
	tine_sys_wait(NULL);
	tine_sys_wait(NULL);
	memset(big, 'c', sizeof(big));
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_write(fds[1], big, 40) == 40);
		tine_sys_exit(0);
	}
	tine_sys_close(fds[1]);
	while ((n = tine_sys_read(fds[0], text, 7)) > 0)
		got += (int)n;
	tine_check(n == 0 && got == 40);
	tine_sys_wait(NULL);
	return 0;
}
TINE_PROGRAM(pi_pieces, "test: small writes are whole, large ones are not");

/* The same in vectors: the pieces of one stay together. */
static int
pi_vectors(int argc, char **argv)
{
	char words[2][4] = { "aaa", "bbb" }, text[6];
	struct tine_iovec iov[2];
	int fds[2];

	(void)argc;
	(void)argv;
	pipe_of(fds);
	for (int i = 0; i < 2; i++) {
		if (tine_sys_fork() != 0)
			continue;
		iov[0].base = iov[1].base = words[i];
		iov[0].size = iov[1].size = 3;
		for (int k = 0; k < 4; k++)
			tine_check(tine_sys_writev(fds[1], iov, 2) == 6);
		tine_sys_exit(0);
	}
	for (int k = 0; k < 8; k++) {
		tine_check(tine_sys_read(fds[0], text, 6) == 6);
		tine_check(memcmp(text, "aaaaaa", 6) == 0 ||
		    memcmp(text, "bbbbbb", 6) == 0);
	}
	iov[0].base = words;
	iov[0].size = 3;
	iov[1].base = NULL;
	iov[1].size = 3;
	tine_check(tine_sys_writev(fds[1], iov, 2) == -EFAULT);
	tine_sys_wait(NULL);
	tine_sys_wait(NULL);
	return 0;
}
TINE_PROGRAM(pi_vectors, "test: small vectors are whole");

/* A signal ends the wait; what was written before it counts. */
static int
pi_killed_writer(int argc, char **argv)
{
	char big[40];
	int fds[2];
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	pipe_of(fds);
	memset(big, 'c', sizeof(big));
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_write(fds[1], big, 40);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(pid, SIGTERM) == 0);
	reap(pid, SIGTERM);
	tine_check(tine_sys_read(fds[0], big, 40) == 16);
	return 0;
}
TINE_PROGRAM(pi_killed_writer, "test: a writer that waits is killed");

static int
pi_bad_addresses(int argc, char **argv)
{
	char c = 'x';
	int fds[2];

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe(NULL) == -EFAULT);
	pipe_of(fds);
	tine_check(fds[0] == 3 && fds[1] == 4);
	tine_check(tine_sys_write(fds[1], NULL, 1) == -EFAULT);
	tine_check(tine_sys_write(fds[1], &c, 1) == 1);
	tine_check(tine_sys_read(fds[0], NULL, 1) == -EFAULT);
	/* it is still there */
	tine_check(tine_sys_read(fds[0], &c, 1) == 1 && c == 'x');
	tine_check(tine_sys_write(fds[1], &c, (size_t)-1) == -EINVAL);
	tine_check(tine_sys_lseek(fds[0], 0, TINE_SEEK_SET) == -ESPIPE);
	tine_check(tine_sys_pread(fds[0], &c, 1, 0) == -ESPIPE);
	tine_check(tine_sys_close(77) == -EBADF);
	tine_check(tine_sys_close(-1) == -EBADF);
	return 0;
}
TINE_PROGRAM(pi_bad_addresses, "test: misuse of pipes");

/* More than a ring's first size, over its end and its growth. */
static int
pi_growth(int argc, char **argv)
{
	unsigned char *out = tine_malloc(65536), *in = tine_malloc(65536);
	long n, got = 0;
	int fds[2];

	(void)argc;
	(void)argv;
	tine_check(out != NULL && in != NULL);
	for (int i = 0; i < 65536; i++)
		out[i] = (unsigned char)(i * 7 + i / 256);
	pipe_of(fds);
	tine_check(tine_sys_write(fds[1], out, 3000) == 3000);
	tine_check(tine_sys_read(fds[0], in, 2000) == 2000);
	tine_check(tine_sys_write(fds[1], out + 3000, 3000) == 3000);
	tine_check(tine_sys_write(fds[1], out + 6000, 59536) == 59536);
	for (got = 2000; got < 65536; got += n) {
		n = tine_sys_read(fds[0], in + got, 10000);
		tine_check(n > 0);
	}
	tine_check(memcmp(in, out, 65536) == 0);
	return 0;
}
TINE_PROGRAM(pi_growth, "test: a pipe that is filled");

/* --- FIFOs --- */

static int
pi_fifo(int argc, char **argv)
{
	struct tine_stat st;
	char text[8];
	int fd;

	(void)argc;
	(void)argv;
	(void)tine_sys_umask(022);
	tine_check(tine_sys_mkfifo("/tmp/f", 0666) == 0);
	tine_check(tine_sys_mkfifo("/tmp/f", 0666) == -EEXIST);
	tine_check(tine_sys_stat("/tmp/f", &st) == 0);
	tine_check(st.mode == (TINE_S_IFIFO | 0644));
	tine_check(tine_sys_open("/tmp/f", TINE_O_WRONLY | TINE_O_NONBLOCK,
	    0) == -ENXIO);
	for (int round = 0; round < 2; round++) {
		if (tine_sys_fork() == 0) {
			/* sleeps until the other end is opened */
			fd = tine_sys_open("/tmp/f", TINE_O_WRONLY, 0);
			tine_check(fd == 3);
			tine_check(tine_sys_write(fd, "hello", 5) == 5);
			tine_sys_exit(0);
		}
		fd = tine_sys_open("/tmp/f", TINE_O_RDONLY, 0);
		tine_check(fd == 3);
		tine_check(tine_sys_read(fd, text, 8) == 5);
		tine_check(tine_sys_read(fd, text, 8) == 0);
		tine_check(tine_sys_close(fd) == 0);
		tine_sys_wait(NULL);
	}
	/* what nobody read is not there when it is opened again */
	fd = tine_sys_open("/tmp/f", TINE_O_RDWR, 0);
	tine_check(tine_sys_write(fd, "lost", 4) == 4);
	tine_sys_close(fd);
	fd = tine_sys_open("/tmp/f", TINE_O_RDONLY | TINE_O_NONBLOCK, 0);
	tine_check(tine_sys_read(fd, text, 8) == 0);
	tine_check(tine_sys_unlink("/tmp/f") == 0);
	tine_check(tine_sys_open("/tmp/f", TINE_O_RDONLY, 0) == -ENOENT);
	return 0;
}
TINE_PROGRAM(pi_fifo, "test: a pipe with a name");

/* --- poll --- */

static int
pi_poll(int argc, char **argv)
{
	struct tine_pollfd fds[3];
	uint64_t start;
	int a[2], b[2];
	char c;

	(void)argc;
	(void)argv;
	pipe_of(a);
	pipe_of(b);
	memset(fds, 0, sizeof(fds));
	fds[0].fd = a[0];
	fds[0].events = TINE_POLLIN;
	fds[1].fd = b[0];
	fds[1].events = TINE_POLLIN;
	fds[2].fd = -1;
	fds[2].events = TINE_POLLIN;
	fds[2].revents = 99;
	tine_check(tine_sys_poll(fds, 3, 0) == 0);
	tine_check(fds[2].revents == 0);
	/* a timeout, in virtual time */
	start = tine_sys_time();
	tine_check(tine_sys_poll(fds, 3, 25) == 0);
	tine_check(tine_sys_time() - start == 25 * MS);
	tine_check(tine_sys_poll(NULL, 0, 5) == 0);
	tine_check(tine_sys_time() - start == 30 * MS);

	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_write(b[1], "x", 1) == 1);
		tine_sys_nanosleep(MS);
		tine_sys_close(a[1]);
		tine_sys_exit(0);
	}
	tine_sys_close(a[1]);
	tine_check(tine_sys_poll(fds, 3, -1) == 1);
	tine_check(fds[0].revents == 0 && fds[1].revents == TINE_POLLIN);
	tine_check(tine_sys_read(b[0], &c, 1) == 1);
	tine_check(tine_sys_poll(fds, 3, 1000) == 1);
	tine_check(fds[0].revents == TINE_POLLHUP && fds[1].revents == 0);
	tine_sys_wait(NULL);

	/* room, and nobody who reads */
	fds[0].fd = b[1];
	fds[0].events = TINE_POLLOUT;
	fds[1].fd = 50;
	tine_check(tine_sys_poll(fds, 3, -1) == 2);
	tine_check(fds[0].revents == TINE_POLLOUT);
	tine_check(fds[1].revents == TINE_POLLNVAL);
	tine_sys_close(b[0]);
	tine_check(tine_sys_poll(fds, 1, -1) == 1);
	tine_check(fds[0].revents == TINE_POLLERR);
	tine_check(tine_sys_poll(fds, 1000, -1) == -EINVAL);
	tine_check(tine_sys_poll(NULL, 1, -1) == -EFAULT);
	return 0;
}
TINE_PROGRAM(pi_poll, "test: poll");

static TINE_DATA int polled[2];

static void
closes_later(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_close(polled[0]) == 0);
}

/* Another LWP closes what is polled. */
static int
pi_poll_closed(int argc, char **argv)
{
	struct tine_pollfd fd;
	int lwp;

	(void)argc;
	(void)argv;
	pipe_of(polled);
	lwp = tine_sys_lwp_create(closes_later, NULL);
	tine_check(lwp > 0);
	fd.fd = polled[0];
	fd.events = TINE_POLLIN;
	tine_check(tine_sys_poll(&fd, 1, -1) == 1);
	tine_check(fd.revents == TINE_POLLNVAL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(pi_poll_closed, "test: what is polled is closed");

static void
reads_one(void *arg)
{
	char c;

	(void)arg;
	tine_check(tine_sys_read(polled[0], &c, 1) == 1 && c == 'z');
}

static void
writes_later(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_write(polled[1], "z", 1) == 1);
}

static bool close_waits;	/* in the kernel under test */

/* close waits for who is inside read, and nobody gets in any more, where it
 * does; a fork stops the waiting LWP and takes it on. */
static int
pi_close_waits(int argc, char **argv)
{
	uint64_t start = tine_sys_time();
	int reader, writer;
	char c;

	(void)argc;
	(void)argv;
	pipe_of(polled);
	reader = tine_sys_lwp_create(reads_one, NULL);
	writer = tine_sys_lwp_create(writes_later, NULL);
	tine_check(reader > 0 && writer > 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_close(polled[0]) == 0);
	tine_check((tine_sys_time() - start >= 5 * MS) == close_waits);
	tine_check(tine_sys_read(polled[0], &c, 1) == -EBADF);
	tine_check(tine_sys_lwp_wait(reader) == reader);
	tine_check(tine_sys_lwp_wait(writer) == writer);
	return 0;
}
TINE_PROGRAM(pi_close_waits, "test: close waits for a reader");

static void
forks_meanwhile(void *arg)
{
	tine_pid_t pid;

	(void)arg;
	tine_sys_nanosleep(2 * MS);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* what was about to be closed is not in the child */
		tine_check(tine_sys_write(polled[0], "", 0) == -EBADF);
		tine_sys_exit(0);
	}
	tine_check(pid > 0);
	reap(pid, 0);
	tine_check(tine_sys_write(polled[1], "z", 1) == 1);
}

static int
pi_fork_while_closing(int argc, char **argv)
{
	int reader, forker;

	(void)argc;
	(void)argv;
	pipe_of(polled);
	reader = tine_sys_lwp_create(reads_one, NULL);
	forker = tine_sys_lwp_create(forks_meanwhile, NULL);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_close(polled[0]) == 0);
	tine_check(tine_sys_lwp_wait(reader) == reader);
	tine_check(tine_sys_lwp_wait(forker) == forker);
	return 0;
}
TINE_PROGRAM(pi_fork_while_closing, "test: a fork while close waits");

/* --- handlers --- */

static TINE_DATA volatile int handled;

static void
handles(int signo)
{
	(void)signo;
	handled++;
}

static void
catch(unsigned flags)
{
	struct tine_sigaction action;

	memset(&action, 0, sizeof(action));
	action.handler = handles;
	action.flags = flags;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
}

/* A handler ends the wait, or the call goes on after it; poll never does. */
static int
pi_handlers(int argc, char **argv)
{
	const tine_pid_t self = tine_sys_getpid();
	struct tine_pollfd fd;
	int fds[2];
	char c;

	(void)argc;
	(void)argv;
	pipe_of(fds);
	catch(0);
	if (tine_sys_fork() == 0) {
		for (int i = 0; i < 3; i++) {
			tine_sys_nanosleep(10 * MS);
			tine_check(tine_sys_kill(self, SIGUSR1) == 0);
		}
		tine_sys_nanosleep(10 * MS);
		tine_check(tine_sys_write(fds[1], "x", 1) == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_read(fds[0], &c, 1) == -EINTR && handled == 1);
	catch(TINE_SA_RESTART);
	fd.fd = fds[0];
	fd.events = TINE_POLLIN;
	tine_check(tine_sys_poll(&fd, 1, -1) == -EINTR && handled == 2);
	tine_check(tine_sys_read(fds[0], &c, 1) == 1 && c == 'x');
	tine_check(handled == 3);
	tine_sys_wait(NULL);
	return 0;
}
TINE_PROGRAM(pi_handlers, "test: handlers during a wait");

/* --- failures --- */

static int
pi_failures(int argc, char **argv)
{
	struct tine_pollfd poll;
	int fds[2];
	tine_pid_t pid;
	char c;

	(void)argc;
	(void)argv;
	if (tine_sys_mkfifo("/tmp/f", 0600) == 0) {
		int fd = tine_sys_open("/tmp/f", TINE_O_RDWR, 0);

		if (fd >= 0)
			tine_sys_write(fd, "x", 1);
	}
	if (tine_sys_pipe(fds) != 0)
		return 1;
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_write(fds[1], "abc", 3);
		tine_sys_exit(0);
	}
	tine_sys_close(fds[1]);
	poll.fd = fds[0];
	poll.events = TINE_POLLIN;
	(void)tine_sys_poll(&poll, 1, -1);
	while (tine_sys_read(fds[0], &c, 1) == 1)
		continue;
	if (pid > 0)
		tine_sys_wait(NULL);
	return 0;
}
TINE_PROGRAM(pi_failures, "test: a pipe where everything fails once");

/* --- tests --- */

static struct tine_options
small_pipe(void)
{
	struct tine_options options = harness_options();

	options.pipe_bytes = 16;
	return options;
}

/* spec: IL-040 */
static void
a_pipeline_passes_bytes_on_and_ends(void **state)
{
	(void)state;
	harness_every_seed("pi_pipeline", SEEDS);
}

/* spec: IL-127 */
static void
the_death_of_the_last_writer_is_the_end_of_file(void **state)
{
	(void)state;
	harness_every_seed("pi_eof_by_exit", SEEDS);
}

static void
who_writes_where_nobody_reads_gets_sigpipe(void **state)
{
	(void)state;
	harness_every_seed("pi_sigpipe", SEEDS);
}

static void
without_waiting_a_small_write_is_all_or_nothing(void **state)
{
	struct tine_options options = small_pipe();

	(void)state;
	harness_passes("pi_nonblock", &options, 0);
}

static void
small_writes_are_not_mixed(void **state)
{
	struct tine_options options = small_pipe();

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	for (unsigned seed = 0; seed < 60; seed++) {
		options.seed = seed;
		options.ncpu = 1 + seed % 3;
		harness_passes("pi_pieces", &options, 0);
		harness_passes("pi_vectors", &options, 0);
	}
}

static void
a_signal_ends_the_wait_of_a_writer(void **state)
{
	struct tine_options options = small_pipe();

	(void)state;
	harness_passes("pi_killed_writer", &options, 0);
}

static void
misuse_is_an_errno_and_loses_nothing(void **state)
{
	(void)state;
	harness_passes("pi_bad_addresses", NULL, 0);
}

static void
a_ring_grows_around_its_end(void **state)
{
	(void)state;
	harness_passes("pi_growth", NULL, 0);
}

static void
a_fifo_waits_for_its_other_end(void **state)
{
	(void)state;
	harness_every_seed("pi_fifo", SEEDS);
}

static void
poll_waits_for_data_hangup_and_time(void **state)
{
	(void)state;
	harness_every_seed("pi_poll", SEEDS);
}

static void
poll_sees_that_a_descriptor_is_closed(void **state)
{
	(void)state;
	harness_every_seed("pi_poll_closed", SEEDS);
}

static void
close_waits_for_calls_on_the_descriptor(void **state)
{
	(void)state;
	harness_every_seed("pi_close_waits", SEEDS);
}

/* spec: IL-059 */
static void
a_fork_stops_an_lwp_that_waits_in_close(void **state)
{
	(void)state;
	harness_every_seed("pi_fork_while_closing", SEEDS);
}

static void
a_handler_ends_a_wait_or_the_call_goes_on(void **state)
{
	(void)state;
	harness_passes("pi_handlers", NULL, 0);
}

static void
every_failing_step_leaves_the_books_right(void **state)
{
	(void)state;
	assert_in_range(harness_every_failure("pi_failures", NULL), 15, 100);
}

int
main(void)
{
	const enum tine_kernel kernel = harness_options().kernel;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipeline_passes_bytes_on_and_ends),
		cmocka_unit_test(
		    the_death_of_the_last_writer_is_the_end_of_file),
		cmocka_unit_test(who_writes_where_nobody_reads_gets_sigpipe),
		cmocka_unit_test(
		    without_waiting_a_small_write_is_all_or_nothing),
		cmocka_unit_test(small_writes_are_not_mixed),
		cmocka_unit_test(a_signal_ends_the_wait_of_a_writer),
		cmocka_unit_test(misuse_is_an_errno_and_loses_nothing),
		cmocka_unit_test(a_ring_grows_around_its_end),
		cmocka_unit_test(a_fifo_waits_for_its_other_end),
		cmocka_unit_test(poll_waits_for_data_hangup_and_time),
		cmocka_unit_test(poll_sees_that_a_descriptor_is_closed),
		cmocka_unit_test(close_waits_for_calls_on_the_descriptor),
		cmocka_unit_test(a_fork_stops_an_lwp_that_waits_in_close),
		cmocka_unit_test(a_handler_ends_a_wait_or_the_call_goes_on),
		cmocka_unit_test(every_failing_step_leaves_the_books_right),
	};

	close_waits = kernel == TINE_KERNEL_ILLUMOS ||
	    kernel == TINE_KERNEL_OPENSOLARIS;
	return cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
}
