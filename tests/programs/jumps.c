/* SPDX-License-Identifier: MIT */
/* jumps.c - setjmp and longjmp, in parent and child. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf place;

static void
__attribute__((noinline))
deep(int depth, int value)
{
	if (depth == 0)
		longjmp(place, value);
	if (depth < 100)
		deep(depth - 1, value);
}

int
main(void)
{
	volatile int tries = 0;
	sigjmp_buf other;
	int status, value;

	setvbuf(stdout, NULL, _IONBF, 0);
	value = setjmp(place);
	printf("at the place: %d\n", value);
	if (value < 3) {
		tries++;
		deep(10, value + 1);
	}
	if (sigsetjmp(other, 1) == 0)
		siglongjmp(other, 0);
	if (fork() == 0) {
		/* The buffer was copied with everything else. */
		if (tries == 3) {
			tries = 10;
			deep(3, 7);
		}
		exit(tries);
	}
	wait(&status);
	printf("%d tries, child %d\n", tries, WEXITSTATUS(status));
	return 0;
}
