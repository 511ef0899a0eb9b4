/* SPDX-License-Identifier: MIT */
/*
 * coprocess.c - a filter with a pipe each way, as popen would have it: ends
 * that are closed in time, and one that was forgotten.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 20000

struct filter {
	pid_t pid;
	int to, from;
};

static void
upper(void)
{
	char block[512];
	ssize_t n, i;

	while ((n = read(0, block, sizeof(block))) > 0) {
		for (i = 0; i < n; i++)
			block[i] = (char)toupper((unsigned char)block[i]);
		if (write(1, block, (size_t)n) != n)
			_exit(1);
	}
	_exit(0);
}

static void
start(struct filter *f, int forget)
{
	int in[2], out[2];

	if (pipe(in) != 0 || pipe(out) != 0)
		exit(1);
	f->pid = fork();
	if (f->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		if (!forget)
			close(in[1]);
		close(out[0]);
		close(out[1]);
		upper();
	}
	close(in[0]);
	close(out[1]);
	f->to = in[1];
	f->from = out[0];
}

/* More than the pipes hold: who only wrote would wait for ever. */
static void
pump(struct filter *f)
{
	static char data[SIZE], back[SIZE];
	size_t sent = 0, got = 0;
	struct pollfd fds[2];
	ssize_t n;
	size_t i;
	int wrong = 0, status;

	for (i = 0; i < SIZE; i++)
		data[i] = (char)('a' + i % 26);
	fcntl(f->to, F_SETFL, O_NONBLOCK);
	for (;;) {
		fds[0] = (struct pollfd){ f->from, POLLIN, 0 };
		fds[1] = (struct pollfd){ sent < SIZE ? f->to : -1, POLLOUT,
		    0 };
		if (poll(fds, 2, -1) <= 0)
			break;
		if ((fds[1].revents & POLLOUT) != 0) {
			n = write(f->to, data + sent, SIZE - sent);
			if (n > 0)
				sent += (size_t)n;
			if (sent == SIZE)
				close(f->to);
		}
		if (fds[0].revents != 0) {
			n = read(f->from, back + got, SIZE - got);
			if (n <= 0)
				break;
			got += (size_t)n;
			if (got == SIZE)
				break;
		}
	}
	for (i = 0; i < got; i++)
		wrong += back[i] != toupper((unsigned char)data[i]);
	close(f->from);
	waitpid(f->pid, &status, 0);
	printf("sent %d, got %d, wrong %d, status %d\n", (int)sent, (int)got,
	    wrong, status);
}

int
main(void)
{
	struct filter a, b;
	char line[16];
	int status, i;

	setvbuf(stdout, NULL, _IONBF, 0);
	start(&a, 0);
	pump(&a);

	/* Line by line. */
	start(&a, 0);
	for (i = 0; i < 4; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		if (write(a.to, line, 6) != 6 || read(a.from, line, 6) != 6)
			return 1;
		printf("%.6s\n", line);
	}
	/* A second one inherits the first one's end: closing is not enough. */
	start(&b, 0);
	close(a.to);
	printf("waits still: %d\n", (int)waitpid(a.pid, &status, WNOHANG));
	close(b.to);
	waitpid(b.pid, &status, 0);
	printf("the second: %d\n", status);
	waitpid(a.pid, &status, 0);
	printf("then the first: %d\n", status);

	/* One that keeps its own input open never sees the end of it. */
	start(&a, 1);
	close(a.to);
	usleep(20000);
	printf("forgotten: %d\n", (int)waitpid(a.pid, &status, WNOHANG));
	kill(a.pid, 9);
	waitpid(a.pid, &status, 0);
	printf("killed: %d\n", WTERMSIG(status));
	return 0;
}
