/* SPDX-License-Identifier: MIT */
/* sigpipe.c - writing to nobody: SIGPIPE, or EPIPE when it is ignored. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void
handler(int signo)
{
	seen = signo;
}

int
main(void)
{
	char big[5000];
	int fds[2], status;
	pid_t pid;
	ssize_t n;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(big, 'x', sizeof(big));
	if (pipe(fds) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		close(fds[1]);
		/* Each has only the other: the reader leaves at once. */
		if (pipe(fds) != 0)
			_exit(1);
		if (fork() == 0) {
			close(fds[1]);
			_exit(0);
		}
		close(fds[0]);
		wait(NULL);
		for (;;)
			if (write(fds[1], big, sizeof(big)) < 0)
				_exit(2);
	}
	waitpid(pid, &status, 0);
	printf("killed: %d by %d\n", WIFSIGNALED(status),
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);

	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	n = write(fds[1], "x", 1);
	printf("ignored: %zd %s\n", n, errno == EPIPE ? "EPIPE" : "?");
	signal(SIGPIPE, handler);
	n = write(fds[1], "x", 1);
	printf("caught: %zd %s %d\n", n, errno == EPIPE ? "EPIPE" : "?",
	    seen == SIGPIPE);
	close(fds[1]);
	n = write(fds[1], "x", 1);
	printf("closed: %zd %s\n", n, errno == EBADF ? "EBADF" : "?");
	return 0;
}
