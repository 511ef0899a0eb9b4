/* SPDX-License-Identifier: MIT */
/* globals.c - global variables, initialised and not, copied by fork. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int initialised = 7;
static int zero;
static char big[20000];
static const char *const names[] = { "one", "two" };
static int *pointer = &initialised;
int visible = 3;

int
main(int argc, char **argv)
{
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc < 1 || argv[0] == NULL)
		return 1;
	memset(big, 'x', sizeof(big));
	pid = fork();
	if (pid == 0) {
		initialised++;
		zero = 5;
		visible *= 2;
		big[12345] = 'y';
		printf("child %d %d %d %c %s %d\n", initialised, zero, visible,
		    big[12345], names[1], *pointer);
		exit(9);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	printf("parent %d %d %d %c %s %d\n", initialised, zero, visible,
	    big[12345], names[0], *pointer);
	printf("status %d\n", WEXITSTATUS(status));
	if (waitpid(pid, &status, 0) != -1)
		return 3;
	printf("again: %s\n", strerror(errno));
	return 4;
}
