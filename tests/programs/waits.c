/* SPDX-License-Identifier: MIT */
/*
 * waits.c - wait, waitpid and waitid: results, options and errors.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
name(int error)
{
	return error == ECHILD ? "ECHILD" : error == EINVAL ? "EINVAL" : "?";
}

static pid_t
child(int status)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	return pid;
}

int
main(void)
{
	siginfo_t info;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	errno = 0;
	printf("nobody: %d ", wait(&status) == -1);
	printf("%s\n", name(errno));
	printf("a bad option: %d ", waitpid(-1, &status, 0x4000));
	printf("%s\n", name(errno));

	pid = child(3);
	memset(&info, 0xff, sizeof(info));
	if (waitid(P_ALL, 0, &info, WEXITED) != 0)
		return 1;
	printf("ended: %d %d %d\n", info.si_pid == pid, info.si_status,
	    info.si_code == CLD_EXITED && info.si_signo == SIGCHLD);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED) != -1)
		return 3;
	printf("gone: %s\n", name(errno));

	pid = fork();
	if (pid == 0) {
		pause();
		_exit(1);
	}
	if (waitpid(pid, &status, WNOHANG) != 0)
		return 4;
	memset(&info, 0xff, sizeof(info));
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) != 0 ||
	    info.si_pid != 0)
		return 5;
	kill(pid, SIGTERM);
	if (wait(&status) != pid)
		return 6;
	printf("signalled: %d %d\n", WIFSIGNALED(status), WTERMSIG(status));

	pid = child(300);
	if (waitpid(pid, NULL, 0) != pid)
		return 7;
	pid = child(300);
	if (waitpid(pid, &status, 0) != pid)
		return 8;
	printf("300 is %d\n", WEXITSTATUS(status));
	return 0;
}
