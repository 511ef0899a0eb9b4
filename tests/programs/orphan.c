/* SPDX-License-Identifier: MIT */
/*
 * orphan.c - a grandchild outlives its parent, and finds another one.
 *
 * compare: lines
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	int fds[2], done[2], looked[2], status;
	pid_t child, parent_then, parent_now;
	char c;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(fds) != 0 || pipe(done) != 0 || pipe(looked) != 0)
		return 1;
	child = fork();
	if (child == 0) {
		if (fork() == 0) {
			close(fds[1]);
			close(done[0]);
			parent_then = getppid();
			if (write(looked[1], "x", 1) != 1)
				_exit(1);
			/* End of file: the parent is gone. */
			if (read(fds[0], &c, 1) != 0)
				_exit(1);
			while ((parent_now = getppid()) == parent_then)
				usleep(1000);
			printf("orphan: another parent %d\n",
			    parent_now != parent_then);
			_exit(0);
		}
		/* Not before it has looked. */
		_exit(read(looked[0], &c, 1) == 1 ? 3 : 4);
	}
	close(fds[1]);
	close(done[1]);
	waitpid(child, &status, 0);
	printf("child: %d\n", WEXITSTATUS(status));
	/* The orphan is not ours to wait for. */
	if (wait(&status) != -1)
		return 2;
	if (read(done[0], &c, 1) != 0)
		return 3;
	printf("the orphan has ended\n");
	return 0;
}
