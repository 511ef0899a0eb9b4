/* SPDX-License-Identifier: MIT */
/*
 * signal_edges.c - signals where they are easily wrong: pending and undone,
 * stopped and handled, a mask that a handler changes, what nobody may catch.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int ran, last;

/* The result first, what went wrong then. */
static void
said(const char *what, int result, int error)
{
	printf("%s: %d %d\n", what, result, errno == error);
}

static void
count(int signo)
{
	ran++;
	last = signo;
}

static void
install(int signo, void (*handler)(int), int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigaction(signo, &action, NULL);
}

static void
mask(int how, int signo)
{
	sigset_t set;

	sigemptyset(&set);
	if (signo != 0)
		sigaddset(&set, signo);
	sigprocmask(how, &set, NULL);
}

static int
pending(int signo)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, signo);
}

static void
errors(void)
{
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_IGN;
	said("no signal", sigaction(0, &action, NULL), EINVAL);
	said("past the last", sigaction(65, &action, NULL), EINVAL);
	said("SIGKILL", sigaction(SIGKILL, &action, NULL), EINVAL);
	said("SIGSTOP", sigaction(SIGSTOP, &action, NULL), EINVAL);
	said("how", sigprocmask(77, &set, NULL), EINVAL);
	printf("how, for nothing: %d\n", sigprocmask(77, NULL, &set));
	said("kill", kill(getpid(), 65), EINVAL);
	said("kill nobody", kill(999999, 0), ESRCH);
	said("kill no group", kill(-999999, 0), ESRCH);
	printf("am I: %d\n", kill(getpid(), 0));
	/* What cannot be blocked is not. */
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("blocked: %d %d %d\n", sigismember(&set, SIGKILL),
	    sigismember(&set, SIGSTOP), sigismember(&set, SIGTERM));
	mask(SIG_SETMASK, 0);
}

/* A stop undoes a continuation that is pending, and the other way round. */
static void
undone(void)
{
	install(SIGCONT, count, 0);
	install(SIGTSTP, count, 0);
	mask(SIG_BLOCK, SIGCONT);
	mask(SIG_BLOCK, SIGTSTP);
	kill(getpid(), SIGTSTP);
	printf("stop: %d %d\n", pending(SIGTSTP), pending(SIGCONT));
	kill(getpid(), SIGCONT);
	printf("continue: %d %d\n", pending(SIGTSTP), pending(SIGCONT));
	kill(getpid(), SIGTSTP);
	printf("stop: %d %d\n", pending(SIGTSTP), pending(SIGCONT));
	mask(SIG_SETMASK, 0);
	printf("handled: %d %d\n", ran, last == SIGTSTP);
	install(SIGCONT, SIG_DFL, 0);
	install(SIGTSTP, SIG_DFL, 0);
	ran = 0;
}

/* Ignored from now on: what was pending is gone, for good. */
static void
forgotten(void)
{
	mask(SIG_BLOCK, SIGUSR1);
	install(SIGUSR1, count, 0);
	kill(getpid(), SIGUSR1);
	install(SIGUSR1, SIG_IGN, 0);
	printf("forgotten: %d\n", pending(SIGUSR1));
	install(SIGUSR1, count, 0);
	mask(SIG_SETMASK, 0);
	printf("not handled: %d\n", ran);
}

/* The mask that a handler leaves in its context is the one afterwards. */
static void
leaves_blocked(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	count(signo);
	sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void
context(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = leaves_blocked;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR1, &action, NULL);
	install(SIGUSR2, count, 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	printf("left blocked: %d %d\n", ran, pending(SIGUSR2));
	mask(SIG_SETMASK, 0);
	printf("let go: %d %d\n", ran, pending(SIGUSR2));
	ran = 0;
}

/* Handlers that block each other run one after the other, lowest first. */
static int order[8], depth, deepest;

static void
exclusive(int signo)
{
	if (++depth > deepest)
		deepest = depth;
	order[ran++] = signo;
	if (ran == 1) {
		raise(SIGUSR2);
		raise(SIGUSR1);
		raise(SIGHUP);
	}
	depth--;
}

static void
nested(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = exclusive;
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaddset(&action.sa_mask, SIGUSR1);
	sigaddset(&action.sa_mask, SIGHUP);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	raise(SIGUSR1);
	printf("one by one: %d, %d deep\n", ran, deepest);
	ran = 0;
}

/* In a stopped process nothing runs until it goes on; then all does. */
static void
stopped(void)
{
	int to[2], status;
	char byte = 0;
	pid_t pid;

	if (pipe(to) != 0)
		return;
	install(SIGCONT, count, 0);
	install(SIGUSR1, count, 0);
	pid = fork();
	if (pid == 0) {
		mask(SIG_BLOCK, SIGUSR2);
		if (write(to[1], &byte, 1) != 1)
			_exit(9);
		while (ran < 2)
			usleep(1000);
		_exit(ran * 10 + (last == SIGCONT || last == SIGUSR1));
	}
	if (read(to[0], &byte, 1) != 1)
		return;
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGUSR1);
	kill(pid, SIGUSR1);
	usleep(5000);
	printf("still: %d\n", (int)waitpid(pid, &status, WNOHANG));
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	printf("both handlers: %d\n", WEXITSTATUS(status));
}

/* Blocked SIGCONT continues all the same, and is pending then. */
static void
continued(void)
{
	int to[2], status;
	char byte = 0;
	pid_t pid;

	if (pipe(to) != 0)
		return;
	install(SIGCONT, count, 0);
	pid = fork();
	if (pid == 0) {
		mask(SIG_BLOCK, SIGCONT);
		if (write(to[1], &byte, 1) != 1)
			_exit(9);
		while (!pending(SIGCONT))
			usleep(1000);
		_exit(ran == 0 ? 3 : 4);
	}
	if (read(to[0], &byte, 1) != 1)
		return;
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	printf("blocked: %d\n", WEXITSTATUS(status));
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	errors();
	undone();
	forgotten();
	context();
	nested();
	stopped();
	continued();
	return 0;
}
