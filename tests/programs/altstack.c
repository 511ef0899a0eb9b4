/* SPDX-License-Identifier: MIT */
/* altstack.c - a stack overflow is survived on another stack. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf out;
static char other[65536];
static volatile sig_atomic_t there;

static void
handler(int signo)
{
	char here;

	there = &here >= other && &here < other + sizeof(other);
	siglongjmp(out, signo);
}

static int
__attribute__((noinline))
deeper(volatile char *above, int depth)
{
	volatile char frame[4096];

	frame[0] = above[0];
	/* Never reached: the stack ends before. */
	if (depth == 1 << 28)
		return 0;
	return deeper(frame, depth + 1) + frame[0];
}

int
main(void)
{
	const stack_t stack = { .ss_sp = other, .ss_size = sizeof(other) };
	struct rlimit limit = { 1 << 20, 1 << 20 };
	struct sigaction action;
	volatile char top = 1;
	stack_t is;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	if (fork() == 0) {
		setrlimit(RLIMIT_STACK, &limit);
		sigaltstack(&stack, NULL);
		action.sa_handler = handler;
		action.sa_flags = SA_ONSTACK;
		sigaction(SIGSEGV, &action, NULL);
		if (sigsetjmp(out, 1) == 0)
			_exit(deeper(&top, 0) != 0 ? 1 : 2);
		_exit(there ? 10 : 11);
	}
	wait(&status);
	printf("survived: %d\n", WEXITSTATUS(status));
	sigaltstack(NULL, &is);
	printf("ours has none: %d\n", (is.ss_flags & SS_DISABLE) != 0);
	if (fork() == 0) {
		setrlimit(RLIMIT_STACK, &limit);
		_exit(deeper(&top, 0) != 0 ? 1 : 2);
	}
	wait(&status);
	printf("without: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGSEGV);
	return 0;
}
