/* SPDX-License-Identifier: MIT */
/* tree.c - a binary tree of processes that add up their children's results. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int
node(int depth)
{
	int total = 1, i, status;

	if (depth == 0)
		return 1;
	for (i = 0; i < 2; i++)
		if (fork() == 0)
			_exit(node(depth - 1));
	for (i = 0; i < 2; i++) {
		wait(&status);
		total += WEXITSTATUS(status);
	}
	return total;
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("%d nodes\n", node(5));
	return 0;
}
