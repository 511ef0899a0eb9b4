/* SPDX-License-Identifier: MIT */
/* nonblock.c - EAGAIN at both ends of a pipe, and the flag is the file's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	char chunk[4096];
	int fds[2], other, flags;
	long filled = 0, drained = 0;
	ssize_t n;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(chunk, 'x', sizeof(chunk));
	if (pipe(fds) != 0)
		return 1;
	other = dup(fds[0]);
	flags = fcntl(fds[0], F_GETFL);
	fcntl(fds[0], F_SETFL, flags | O_NONBLOCK);
	/* The open file has it, so both descriptors do; the other end not. */
	printf("shared: %d %d\n", (fcntl(other, F_GETFL) & O_NONBLOCK) != 0,
	    (fcntl(fds[1], F_GETFL) & O_NONBLOCK) != 0);
	n = read(other, chunk, 1);
	printf("empty: %zd %s\n", n, errno == EAGAIN ? "EAGAIN" : "?");

	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while ((n = write(fds[1], chunk, sizeof(chunk))) > 0)
		filled += n;
	printf("full: %zd %s\n", n, errno == EAGAIN ? "EAGAIN" : "?");
	while ((n = read(fds[0], chunk, sizeof(chunk))) > 0)
		drained += n;
	printf("what went in came out: %d\n", filled == drained && filled > 0);
	close(fds[1]);
	printf("end: %zd\n", read(fds[0], chunk, 1));
	return 0;
}
