/* SPDX-License-Identifier: MIT */
/* stopped.c - stop, continue, kill: what wait tells of each. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	pid = fork();
	if (pid == 0) {
		/* A group of its own, whose parent watches: not orphaned. */
		setpgid(0, 0);
		raise(SIGSTOP);
		raise(SIGTSTP);
		for (;;)
			pause();
	}
	if (waitpid(pid, &status, WUNTRACED) != pid)
		return 1;
	printf("stopped %d by SIGSTOP %d\n", WIFSTOPPED(status),
	    WSTOPSIG(status) == SIGSTOP);
	printf("told once: %d\n", waitpid(pid, &status,
	    WUNTRACED | WNOHANG) == 0);
	kill(pid, SIGCONT);
	if (waitpid(pid, &status, WUNTRACED | WCONTINUED) != pid)
		return 2;
	if (WIFCONTINUED(status)) {
		printf("continued\n");
		if (waitpid(pid, &status, WUNTRACED) != pid)
			return 3;
	} else {
		/* It stopped again before we looked. */
		printf("continued\n");
	}
	printf("stopped %d by SIGTSTP %d\n", WIFSTOPPED(status),
	    WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	/* A stopped process dies of SIGKILL alone. */
	kill(pid, SIGTERM);
	printf("still there: %d\n", waitpid(pid, &status, WNOHANG) == 0);
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		return 4;
	printf("killed %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL);
	return 0;
}
