/* SPDX-License-Identifier: MIT */
/* vfork_nested.c - a child of vfork vforks itself; both return to where they
 * were called from. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int counter;

static int
__attribute__((noinline))
clobber(int n)
{
	volatile char buffer[256];
	int i;

	for (i = 0; i < (int)sizeof(buffer); i++)
		buffer[i] = (char)n;
	return buffer[n];
}

int
main(void)
{
	int status;
	pid_t child, grandchild;

	setvbuf(stdout, NULL, _IONBF, 0);
	child = vfork();
	if (child == 0) {
		clobber(1);
		grandchild = vfork();
		if (grandchild == 0) {
			counter += 100;
			clobber(2);
			_exit(5);
		}
		clobber(3);
		if (waitpid(grandchild, &status, 0) != grandchild)
			_exit(99);
		counter++;
		_exit(WEXITSTATUS(status) + 1);
	}
	printf("parent: counter %d\n", counter);
	if (waitpid(child, &status, 0) != child)
		return 1;
	printf("child: %d\n", WEXITSTATUS(status));
	return counter == 101 ? 0 : 2;
}
