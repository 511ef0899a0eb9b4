/* SPDX-License-Identifier: MIT */
/*
 * looks.c - waitid that only looks: what it tells it tells again.
 * kernels: illumos opensolaris netbsd	DragonFly has wait4, without WNOWAIT
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N 4

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
	for (i = 0; i < 2 * N; i++) {
		memset(&info, 0xff, sizeof(info));
		if (waitid(P_PID, (id_t)pids[i % N], &info,
		    WEXITED | WNOWAIT) != 0)
			return 1;
		printf("%d: %d %d %d\n", i, info.si_pid == pids[i % N],
		    info.si_status, info.si_code == CLD_EXITED &&
		    info.si_signo == SIGCHLD);
	}
	/* All are dead, none is gone. */
	for (i = 0; i < N; i++)
		sum += kill(pids[i], 0) == 0;
	printf("%d zombies\n", sum);
	for (i = N - 1; i >= 0; i--) {
		if (waitpid(pids[i], &status, 0) != pids[i])
			return 2;
		printf("status %d\n", WEXITSTATUS(status));
	}
	errno = 0;
	printf("gone: %d\n", waitid(P_PID, (id_t)pids[0], &info,
	    WEXITED | WNOWAIT) == -1 && errno == ECHILD);
	return 0;
}
