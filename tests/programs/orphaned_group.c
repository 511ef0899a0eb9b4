/* SPDX-License-Identifier: MIT */
/*
 * orphaned_group.c - a group that nobody can continue any more: its stopped
 * members get SIGHUP and SIGCONT, and what keys send does not stop it.
 * kernels: illumos opensolaris netbsd	DragonFly has no waitid
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int report[2];

static void
say(const char *text)
{
	if (write(report[1], text, strlen(text)) < 0)
		_exit(9);
}

static volatile sig_atomic_t hups, conts;

static void
handler(int signo)
{
	if (signo == SIGHUP)
		hups++;
	else
		conts++;
}

/* Stops, and is to be woken by its parent's death. */
static void
member(void)
{
	struct sigaction action;
	sigset_t none;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGCONT, &action, NULL);
	raise(SIGSTOP);
	/* Either is here when the other one has been handled. */
	sigemptyset(&none);
	while (hups == 0 || conts == 0)
		usleep(1000);
	say(hups == 1 && conts == 1 ? "woken by both\n" : "others\n");
	/* The group is orphaned: this stops nobody. */
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	say("went on after SIGTSTP\n");
	_exit(0);
}

/* The link between the group and the rest of the session. */
static void
parent(void)
{
	siginfo_t info;
	const pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		member();
	}
	setpgid(pid, pid);
	if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT) != 0)
		_exit(1);
	_exit(info.si_status == SIGSTOP && info.si_code == CLD_STOPPED ? 0 : 2);
}

int
main(void)
{
	char text[512];
	ssize_t n;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(report) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		setsid();
		pid = fork();
		if (pid == 0)
			parent();
		waitpid(pid, &status, 0);
		/* The session's leader is not the group's parent. */
		close(report[1]);
		while ((n = read(report[0], text, sizeof(text) - 1)) > 0) {
			text[n] = '\0';
			printf("%s", text);
		}
		printf("parent: %d\n", WEXITSTATUS(status));
		_exit(0);
	}
	close(report[1]);
	close(report[0]);
	waitpid(pid, &status, 0);
	printf("leader: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
