/* SPDX-License-Identifier: MIT */
/*
 * jump_out.c - handlers that do not return: out of a sleep, a read, a wait and
 * a fault, many times, and the mask is what it was.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int jumps;

static void
handler(int signo)
{
	jumps++;
	siglongjmp(back, signo);
}

static int
blocked(int signo)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, signo);
}

/* A child that sends a signal when it has had time to. */
static pid_t
sender(int signo)
{
	const pid_t pid = fork();

	if (pid == 0) {
		usleep(2000);
		kill(getppid(), signo);
		_exit(0);
	}
	return pid;
}

int
main(void)
{
	volatile int i, bad = 0;
	int fds[2], status, result;
	volatile char *page;
	pid_t pid;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGUSR1, handler);
	signal(SIGSEGV, handler);
	if (pipe(fds) != 0)
		return 1;
	for (i = 0; i < 9; i++) {
		result = sigsetjmp(back, 1);
		if (result != 0) {
			bad += result != SIGUSR1 || blocked(SIGUSR1);
			waitpid(-1, &status, 0);
			continue;
		}
		pid = sender(SIGUSR1);
		if (i % 3 == 0)
			pause();
		else if (i % 3 == 1)
			bad += read(fds[0], &c, 1) >= 0;
		else
			while (sleep(10) > 0)
				continue;
	}
	printf("jumps: %d, bad %d\n", jumps, bad);

	/* Without the mask the signal stays blocked. */
	if (sigsetjmp(back, 0) == 0)
		raise(SIGUSR1);
	printf("still blocked: %d\n", blocked(SIGUSR1));
	signal(SIGUSR1, handler);
	{
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}

	/* Probing memory. */
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[0] = 1;
	mprotect((void *)(page + 4096), 4096, PROT_READ);
	for (i = 0; i < 2; i++) {
		if (sigsetjmp(back, 1) == 0) {
			page[i * 4096] = 7;
			printf("page %d: written\n", i);
		} else {
			printf("page %d: fault\n", i);
		}
	}
	/* A child has the place to jump to, on its own stack. */
	jumps = 0;
	result = sigsetjmp(back, 1);
	if (result == 0) {
		pid = fork();
		if (pid == 0) {
			raise(SIGUSR1);
			_exit(99);
		}
		waitpid(pid, &status, 0);
		printf("child: %d, jumps here %d\n", WEXITSTATUS(status),
		    jumps);
	} else {
		_exit(jumps);
	}
	return 0;
}
