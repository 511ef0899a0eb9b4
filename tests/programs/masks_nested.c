/* SPDX-License-Identifier: MIT */
/*
 * masks_nested.c - handlers in handlers: what each blocks, what comes after,
 * and what the mask is when all have returned.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char order[64];
static int depth;

static void
note(const char *what)
{
	strncat(order, what, sizeof(order) - strlen(order) - 1);
}

static int
blocked(int signo)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, signo);
}

static void
outer(int signo)
{
	(void)signo;
	note("[");
	/* USR2 is in the mask: it waits. HUP is not: it comes at once. */
	raise(SIGUSR2);
	raise(SIGHUP);
	note(blocked(SIGUSR1) && blocked(SIGUSR2) && !blocked(SIGHUP) ? "+" :
	    "-");
	note("]");
}

static void
inner(int signo)
{
	(void)signo;
	note("2");
}

static void
hup(int signo)
{
	(void)signo;
	note(blocked(SIGUSR2) ? "h" : "H");
}

static void
again(int signo)
{
	note("(");
	if (++depth < 4)
		raise(signo);
	note(")");
}

static void
once(int signo)
{
	struct sigaction action;

	sigaction(signo, NULL, &action);
	note(action.sa_handler == SIG_DFL ? "d" : "k");
}

static void
catch(int signo, void (*handler)(int), int flags, int masked)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	if (masked != 0)
		sigaddset(&action.sa_mask, masked);
	sigaction(signo, &action, NULL);
}

static void
show(const char *what)
{
	printf("%s: %s\n", what, order);
	order[0] = '\0';
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
	sigset_t set, old;

	setvbuf(stdout, NULL, _IONBF, 0);
	catch(SIGUSR1, outer, 0, SIGUSR2);
	catch(SIGUSR2, inner, 0, 0);
	catch(SIGHUP, hup, 0, 0);
	raise(SIGUSR1);
	show("nested");
	printf("mask after: %d %d %d\n", blocked(SIGUSR1), blocked(SIGUSR2),
	    blocked(SIGHUP));

	catch(SIGTERM, again, SA_NODEFER, 0);
	raise(SIGTERM);
	show("in itself");
	depth = 0;
	catch(SIGTERM, again, 0, 0);
	raise(SIGTERM);
	show("after itself");

	catch(SIGINT, once, (int)SA_RESETHAND, 0);
	raise(SIGINT);
	show("once");

	/* Many come while all are blocked: each once. */
	catch(SIGINT, hup, 0, 0);
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, &old);
	raise(SIGINT);
	raise(SIGINT);
	raise(SIGHUP);
	raise(SIGINT);
	sigpending(&set);
	printf("pending: %d %d %d\n", sigismember(&set, SIGINT),
	    sigismember(&set, SIGHUP), sigismember(&set, SIGTERM));
	sigprocmask(SIG_SETMASK, &old, NULL);
	show("all at once");

	/* What is ignored is forgotten, also when it is pending. */
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGHUP);
	signal(SIGHUP, SIG_IGN);
	catch(SIGHUP, hup, 0, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	show("forgotten");
	errno = 0;
	printf("SIGKILL: %d\n", fails(signal(SIGKILL, SIG_IGN) ==
	    SIG_ERR ? -1 : 0, EINVAL));
	printf("how: %d\n", fails(sigprocmask(7, &set, NULL),
	    EINVAL));
	return 0;
}
