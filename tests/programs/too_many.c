/* SPDX-License-Identifier: MIT */
/*
 * too_many.c - out of descriptors, and how a child inherits the limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	struct rlimit limit = { 16, 16 }, is;
	int fd, last = -1, fds[2], status;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1;
	while ((fd = dup(1)) >= 0)
		last = fd;
	printf("last %d, %s\n", last, errno == EMFILE ? "EMFILE" : "?");
	fd = pipe(fds);
	printf("pipe: %d %s\n", fd, errno == EMFILE ? "EMFILE" : "?");
	close(last);
	errno = 0;
	fd = pipe(fds);
	printf("one is not enough: %d %s\n", fd,
	    errno == EMFILE ? "EMFILE" : "?");
	fd = open("/dev/null", O_RDWR);
	printf("lowest: %d\n", fd);
	fd = dup2(1, 16);
	printf("beyond: %d %d\n", fd, errno == EBADF);
	if (fork() == 0) {
		getrlimit(RLIMIT_NOFILE, &is);
		_exit((int)is.rlim_cur);
	}
	wait(&status);
	printf("child's limit: %d\n", WEXITSTATUS(status));
	return 0;
}
