/* SPDX-License-Identifier: MIT */
/* fork_files.c - descriptors are copies: closing one leaves the other, and an
 * end of a pipe is closed when the last copy is. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	int fds[2], go[2], status;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(fds) != 0 || pipe(go) != 0)
		return 1;
	if (fork() == 0) {
		close(fds[0]);
		close(go[1]);
		/* Until the parent has seen that there is no end yet. */
		if (read(go[0], &c, 1) != 1)
			_exit(1);
		if (write(fds[1], "y", 1) != 1)
			_exit(2);
		_exit(0);
	}
	close(fds[1]);
	close(go[0]);
	if (write(go[1], "g", 1) != 1)
		return 2;
	if (read(fds[0], &c, 1) != 1 || c != 'y')
		return 3;
	printf("got what it wrote\n");
	printf("then the end: %zd\n", read(fds[0], &c, 1));
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
	return 0;
}
