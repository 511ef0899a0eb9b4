/* SPDX-License-Identifier: MIT */
/* faults.c - a handler of SIGSEGV that repairs and returns, one that jumps out,
 * one on a stack of its own when there is no other left. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char *page;
static volatile sig_atomic_t repaired;
static sigjmp_buf out;

static void
repair(int signo, siginfo_t *info, void *context)
{
	(void)context;
	if (signo != SIGSEGV || (char *)info->si_addr != page + 100 ||
	    info->si_code != SEGV_ACCERR)
		_exit(20);
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	repaired++;
}

static void
jump(int signo)
{
	siglongjmp(out, signo);
}

int
main(void)
{
	struct sigaction action;
	int status, i;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(&action, 0, sizeof(action));
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	action.sa_sigaction = repair;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGSEGV, &action, NULL);
	page[100] = 'x';
	printf("repaired %d: %c\n", (int)repaired, page[100]);

	action.sa_handler = jump;
	action.sa_flags = 0;
	sigaction(SIGSEGV, &action, NULL);
	for (i = 0; i < 3; i++)
		if (sigsetjmp(out, 1) == 0)
			*(volatile int *)NULL = i;
		else
			printf("out %d\n", i);

	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile int *)NULL = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("default: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGSEGV);
	return 0;
}
