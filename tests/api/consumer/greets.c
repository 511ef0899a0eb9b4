/* SPDX-License-Identifier: MIT */
/* greets.c - a program that knows nothing of tine. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int greetings;

int
main(void)
{
	int status;

	if (fork() == 0) {
		greetings++;
		printf("hello from a child\n");
		return 3;
	}
	if (wait(&status) < 0)
		return 1;
	printf("hello, %d\n", greetings);
	return WEXITSTATUS(status) + greetings;
}
