/* SPDX-License-Identifier: MIT */
/* exec_keeps.c - descriptors over exec: kept, but for those marked. The marks
 * are the descriptor's: fork copies them, dup does not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	int fds[2], copy, moved, status;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return 1;
	copy = dup(fds[1]);
	moved = fcntl(fds[1], F_DUPFD_CLOEXEC, 20);
	printf("marked: %d %d %d %d\n", fcntl(fds[0], F_GETFD),
	    fcntl(fds[1], F_GETFD), fcntl(copy, F_GETFD),
	    fcntl(moved, F_GETFD));
	printf("from 20: %d\n", moved >= 20);
	dup2(fds[1], copy);
	printf("dup2 takes the mark away: %d\n", fcntl(copy, F_GETFD));
	printf("itself: %d\n", dup2(copy, copy) == copy);
	if (fork() == 0) {
		printf("child: %d\n", fcntl(fds[1], F_GETFD));
		_exit(fcntl(moved, F_SETFD, 0));
	}
	wait(&status);
	printf("ours: %d\n", fcntl(moved, F_GETFD));
	printf("bad: %d %d\n", dup2(99, 3) == -1 && errno == EBADF,
	    dup2(0, -1) == -1 && errno == EBADF);
	return status;
}
