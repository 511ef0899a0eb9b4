/* SPDX-License-Identifier: MIT */
/*
 * zombies.c - zombies keep their pids and statuses; SIGCHLD ignored leaves
 * none, and wait then ends when the last child has.
 * kernels: illumos opensolaris netbsd	DragonFly has no waitid
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
	siginfo_t info;
	int i, status, sum = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	for (i = 0; i < N; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(i + 1);
	}
	for (i = 0; i < N; i++)
		if (waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOWAIT) != 0)
			return 1;
	/* All are dead, none is gone. */
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
