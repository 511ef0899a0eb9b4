/* SPDX-License-Identifier: MIT */
/*
 * stop_status.c - children that stop and go on: every change is told once, to
 * who asked for it, and what is sent to a stopped process waits.
 * kernels: illumos opensolaris netbsd	DragonFly has no waitid
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One for each: a handler may interrupt the other one as it counts. */
static volatile sig_atomic_t first, second;

static void
handler(int signo)
{
	if (signo == SIGUSR1)
		first = 1;
	else
		second = 1;
}

static void
child(void)
{
	signal(SIGUSR1, handler);
	signal(SIGUSR2, handler);
	raise(SIGSTOP);
	/* What was sent meanwhile is here by now. */
	while (!first || !second)
		usleep(1000);
	raise(SIGTSTP);
	raise(SIGSTOP);
	_exit(40);
}

int
main(void)
{
	siginfo_t info;
	int status, i;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	/* A group of its own: not an orphaned one. */
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		child();
	}
	setpgid(pid, pid);
	for (i = 0; i < 2; i++) {
		memset(&info, 0, sizeof(info));
		waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT);
		printf("look: %d %d\n", info.si_code == CLD_STOPPED,
		    info.si_status == SIGSTOP);
	}
	printf("take: %d", waitpid(pid, &status, WUNTRACED) == pid);
	printf(" %d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	printf("no more: %d\n", (int)waitpid(pid, &status,
	    WUNTRACED | WNOHANG));
	kill(pid, SIGUSR1);
	kill(pid, SIGUSR1);
	usleep(5000);
	printf("still stopped: %d\n", (int)waitpid(pid, &status,
	    WNOHANG | WCONTINUED));
	kill(pid, SIGCONT);
	printf("continued: %d", waitpid(pid, &status, WCONTINUED) == pid);
	printf(" %d\n", WIFCONTINUED(status) != 0);
	kill(pid, SIGUSR2);
	waitpid(pid, &status, WUNTRACED);
	printf("then: %d\n", WIFSTOPPED(status) && WSTOPSIG(status) ==
	    SIGTSTP);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WUNTRACED);
	printf("and then: %d\n", WIFSTOPPED(status) && WSTOPSIG(status) ==
	    SIGSTOP);
	/* It ends without having gone on. */
	kill(pid, SIGTERM);
	printf("waits: %d\n", (int)waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	printf("end: %d", waitpid(pid, &status, WUNTRACED) == pid);
	printf(" %d\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* Continuing who runs is nothing to tell. */
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGCONT);
	printf("ran all along: %d\n", (int)waitpid(pid, &status,
	    WNOHANG | WCONTINUED));
	kill(pid, SIGKILL);
	wait(&status);
	return 0;
}
