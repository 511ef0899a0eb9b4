/* SPDX-License-Identifier: MIT */
/*
 * groups.c - process groups: join, signal all, wait for a group.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t
member(pid_t group, int ready)
{
	const pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, group);
		if (write(ready, "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	setpgid(pid, group);
	return pid;
}

int
main(void)
{
	int fds[2], status, ended = 0, i;
	pid_t leader, other;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(fds) != 0)
		return 1;
	leader = member(0, fds[1]);
	for (i = 0; i < 3; i++)
		member(leader, fds[1]);
	other = member(0, fds[1]);
	for (i = 0; i < 5; i++)
		if (read(fds[0], &c, 1) != 1)
			return 2;
	printf("groups: %d %d\n", getpgid(leader) == leader,
	    getpgid(other) == other);
	printf("no such group: %d\n", setpgid(other, 999999) == -1);
	printf("nobody's child: %d\n", setpgid(999999, 0) == -1 &&
	    errno == ESRCH);
	kill(-leader, SIGTERM);
	while (waitpid(-leader, &status, 0) > 0)
		ended += WIFSIGNALED(status);
	printf("%d ended, %d\n", ended, errno == ECHILD);
	printf("the other is there: %d\n", kill(other, 0) == 0);
	killpg(other, SIGKILL);
	waitpid(-other, &status, 0);
	printf("gone: %d\n", killpg(other, 0) == -1 && errno == ESRCH);
	return 0;
}
