/* SPDX-License-Identifier: MIT */
/*
 * queue_order.c - queued signals and what they carry: of one number in the
 * order in which they were sent, none lost; of an ordinary one that is not
 * queued, one.
 * kernels: illumos opensolaris netbsd	DragonFly has no sigqueue
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT 20

static volatile int last, disorder, count;

static void
handler(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	if (info->si_value.sival_int != last + 1 || info->si_code != SI_QUEUE)
		disorder++;
	last = info->si_value.sival_int;
	count++;
}

/* Whether a call failed for that reason. */
static int
fails(long result, int error)
{
	return result == -1 && errno == error;
}

int
main(void)
{
	const struct timespec zero = { 0, 0 };
	struct sigaction action;
	union sigval value;
	siginfo_t info;
	sigset_t set, old;
	int i, signo, sum = 0, status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &set, &old);
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGRTMIN + 1, &action, NULL);
	sigaction(SIGRTMIN + 2, &action, NULL);

	pid = fork();
	if (pid == 0) {
		for (i = 1; i <= COUNT; i++) {
			value.sival_int = i;
			if (sigqueue(getppid(), SIGRTMIN + 1, value) != 0)
				_exit(1);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("sent: %d\n", WEXITSTATUS(status));
	for (i = 1; i <= 5; i++) {
		memset(&info, 0, sizeof(info));
		signo = sigtimedwait(&set, &info, &zero);
		if (signo != SIGRTMIN + 1 || info.si_pid != pid)
			printf("taken: %d\n", signo);
		sum += info.si_value.sival_int == i;
	}
	printf("taken in order: %d\n", sum);
	last = 5;
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("handled: %d, out of order %d\n", count, disorder);
	sigprocmask(SIG_BLOCK, &set, NULL);
	errno = 0;
	printf("no more: %d\n", fails(sigtimedwait(&set, NULL, &zero),
	    EAGAIN));

	/* Both are pending: a process asks for one of them. */
	value.sival_int = 1;
	sigqueue(getpid(), SIGRTMIN + 2, value);
	value.sival_int = 2;
	sigqueue(getpid(), SIGRTMIN + 1, value);
	sigdelset(&set, SIGRTMIN + 1);
	signo = sigwaitinfo(&set, &info);
	printf("the one: %d %d\n", signo == SIGRTMIN + 2,
	    info.si_value.sival_int);
	sigaddset(&set, SIGRTMIN + 1);
	signo = sigwaitinfo(&set, &info);
	printf("the other: %d %d\n", signo == SIGRTMIN + 1,
	    info.si_value.sival_int);

	/* A child does not inherit what is pending; exec keeps it. */
	sigqueue(getpid(), SIGRTMIN + 1, value);
	pid = fork();
	if (pid == 0) {
		sigpending(&set);
		_exit(sigismember(&set, SIGRTMIN + 1));
	}
	waitpid(pid, &status, 0);
	printf("pending in a child: %d\n", WEXITSTATUS(status));
	printf("still: %d\n", sigwaitinfo(&set, NULL) == SIGRTMIN + 1);
	printf("bad signal: %d\n", fails(sigqueue(getpid(), 99, value),
	    EINVAL));
	printf("nobody: %d\n", fails(sigqueue(999999, SIGUSR1, value),
	    ESRCH));
	printf("only asked: %d\n", sigqueue(getpid(), 0, value));
	return 0;
}
