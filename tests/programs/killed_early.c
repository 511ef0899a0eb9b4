/* SPDX-License-Identifier: MIT */
/* killed_early.c - a child that is killed before it has run, or while it does:
 * nobody can tell which, and the parent is told the same. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	int i, status, killed = 0, fds[2];
	pid_t pid;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(fds) != 0)
		return 1;
	for (i = 0; i < 10; i++) {
		pid = fork();
		if (pid == 0) {
			close(fds[1]);
			for (;;)
				pause();
		}
		kill(pid, SIGKILL);
		/* Once more: it is at most a zombie. */
		if (kill(pid, SIGKILL) != 0)
			return 2;
		if (waitpid(pid, &status, 0) != pid)
			return 3;
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		if (kill(pid, 0) != -1)
			return 4;
	}
	close(fds[1]);
	/* Whatever they had open was closed. */
	printf("%d killed, end of file: %d\n", killed,
	    read(fds[0], &c, 1) == 0);
	return 0;
}
