/* SPDX-License-Identifier: MIT */
/* self_pipe.c - a handler writes to a pipe that poll() looks at. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int self[2];

static void
handler(int signo)
{
	const int saved = errno;
	const char byte = (char)signo;

	(void)!write(self[1], &byte, 1);
	errno = saved;
}

int
main(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct pollfd fds[2];
	int data[2], children = 0, ended = 0, lines = 0, n;
	char byte;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(self) != 0 || pipe(data) != 0)
		return 1;
	fcntl(self[0], F_SETFL, O_NONBLOCK);
	fcntl(self[1], F_SETFL, O_NONBLOCK);
	sigaction(SIGCHLD, &action, NULL);
	for (; children < 5; children++) {
		if (fork() == 0) {
			usleep((useconds_t)(children * 500));
			_exit(write(data[1], "x", 1) == 1 ? 0 : 1);
		}
	}
	fds[0].fd = self[0];
	fds[1].fd = data[0];
	fds[0].events = fds[1].events = POLLIN;
	while (ended < children || lines < children) {
		n = poll(fds, 2, 10000);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 2;
		if (fds[1].revents & POLLIN)
			lines += read(data[0], &byte, 1) == 1;
		if (fds[0].revents & POLLIN) {
			while (read(self[0], &byte, 1) == 1)
				if (byte != SIGCHLD)
					return 3;
			while (waitpid(-1, NULL, WNOHANG) > 0)
				ended++;
		}
	}
	printf("%d ended, %d bytes\n", ended, lines);
	return 0;
}
