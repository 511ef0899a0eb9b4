/* SPDX-License-Identifier: MIT */
/*
 * pipe_full.c - a pipe that is full: small writes whole or not at all, several
 * writers do not mix, poll tells the truth.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 3
#define RECORDS 6
#define RECORD 1500

static int
writable(int fd)
{
	struct pollfd p = { fd, POLLOUT, 0 };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0;
}

static void
fill(int fd)
{
	char block[PIPE_BUF];

	memset(block, 'f', sizeof(block));
	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		continue;
	/* A whole record or nothing: what is left is less than one. */
	printf("full: %d\n", errno == EAGAIN);
	while (write(fd, block, 1) == 1)
		continue;
	printf("to the brim: %d, writable %d\n", errno == EAGAIN,
	    writable(fd));
}

static int
drain(int fd)
{
	char block[8192];
	ssize_t n;
	int whole = 0;

	while ((n = read(fd, block, sizeof(block))) > 0)
		whole += (int)n;
	return whole;
}

/* Records of several writers, through a pipe that holds few of them. */
static void
records(void)
{
	int fds[2], i, k, status, mixed = 0, count[WRITERS] = { 0 };
	char record[RECORD];
	size_t have;
	ssize_t n;

	if (pipe(fds) != 0)
		exit(1);
	for (i = 0; i < WRITERS; i++) {
		if (fork() != 0)
			continue;
		memset(record, 'a' + i, sizeof(record));
		for (k = 0; k < RECORDS; k++)
			if (write(fds[1], record, sizeof(record)) !=
			    (ssize_t)sizeof(record))
				_exit(1);
		_exit(0);
	}
	close(fds[1]);
	for (;;) {
		for (have = 0; have < sizeof(record); have += (size_t)n) {
			n = read(fds[0], record + have, sizeof(record) - have);
			if (n <= 0)
				break;
		}
		if (have == 0)
			break;
		for (k = 1; k < RECORD; k++)
			mixed += record[k] != record[0];
		count[record[0] - 'a']++;
	}
	while (wait(&status) > 0)
		mixed += status != 0;
	printf("records: %d %d %d, mixed %d\n", count[0], count[1], count[2],
	    mixed);
}

/* Whether a call failed for that reason. */
static int
fails(long result, int error)
{
	return result == -1 && errno == error;
}

int
main(void)
{
	struct pollfd p;
	int fds[2], status;
	char c = 0;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe2(fds, O_NONBLOCK) != 0)
		return 1;
	printf("empty: %d %d, writable %d\n", (int)read(fds[0], &c, 1),
	    errno == EAGAIN, writable(fds[1]));
	fill(fds[1]);
	printf("drained: %d\n", drain(fds[0]) >= PIPE_BUF);
	fill(fds[1]);

	/* A writer that may block waits for the reader. */
	fcntl(fds[1], F_SETFL, 0);
	pid = fork();
	if (pid == 0) {
		c = 'z';
		_exit(write(fds[1], &c, 1) != 1);
	}
	fcntl(fds[0], F_SETFL, 0);
	close(fds[1]);
	while (read(fds[0], &c, 1) == 1)
		continue;
	waitpid(pid, &status, 0);
	printf("the last one: %c, %d\n", c, WEXITSTATUS(status));
	p.fd = fds[0];
	p.events = POLLIN;
	printf("hung up: %d %d\n", poll(&p, 1, -1),
	    (p.revents & POLLHUP) != 0);
	close(fds[0]);
	records();

	/* Nobody reads. */
	signal(SIGPIPE, SIG_IGN);
	if (pipe(fds) != 0)
		return 1;
	close(fds[0]);
	p.fd = fds[1];
	p.events = POLLOUT;
	printf("nobody reads: %d %d\n", poll(&p, 1, 0),
	    (p.revents & POLLERR) != 0);
	printf("write: %d\n", fails(write(fds[1], &c, 1),
	    EPIPE));
	return 0;
}
