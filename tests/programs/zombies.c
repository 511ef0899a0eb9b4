/* SPDX-License-Identifier: MIT */
/*
 * zombies.c - zombies keep their pids and statuses; SIGCHLD ignored leaves
 * none, and wait then ends when the last child has.
 * quirks: dragonfly -DF-R28	parent and reaper are two that wait for one
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define N 6

int
main(void)
{
	pid_t pids[N];
	int i, status, sum = 0, fds[2];
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(fds) != 0)
		return 1;
	for (i = 0; i < N; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(i + 1);
	}
	close(fds[1]);
	/* The end of the pipe: all are on their way out, or dead. */
	if (read(fds[0], &c, 1) != 0)
		return 1;
	usleep(10000);
	/* None is gone. */
	for (i = 0; i < N; i++)
		sum += kill(pids[i], 0) == 0;
	printf("%d zombies\n", sum);
	for (i = N - 1; i >= 0; i--) {
		if (waitpid(pids[i], &status, 0) != pids[i])
			return 2;
		printf("status %d\n", WEXITSTATUS(status));
	}
	signal(SIGCHLD, SIG_IGN);
	for (i = 0; i < N; i++)
		if (fork() == 0)
			_exit(0);
	errno = 0;
	printf("ignored: %d\n", wait(&status) == -1 && errno == ECHILD);
	return 0;
}
