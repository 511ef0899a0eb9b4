/* SPDX-License-Identifier: MIT */
/* selects.c - select and poll: ready, not ready, the other end gone. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	struct timeval now = { 0, 0 }, soon = { 0, 20000 };
	struct pollfd polled;
	int a[2], b[2], n;
	fd_set r, w;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(a) != 0 || pipe(b) != 0)
		return 1;
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(a[0], &r);
	FD_SET(b[0], &r);
	FD_SET(a[1], &w);
	n = select(b[1] + 1, &r, &w, NULL, &now);
	printf("%d: %d %d %d\n", n, FD_ISSET(a[0], &r) != 0,
	    FD_ISSET(b[0], &r) != 0, FD_ISSET(a[1], &w) != 0);
	FD_ZERO(&r);
	FD_SET(a[0], &r);
	printf("timeout: %d\n", select(a[0] + 1, &r, NULL, NULL, &soon));
	if (fork() == 0) {
		usleep(10000);
		_exit(write(b[1], "x", 1) == 1 ? 0 : 1);
	}
	close(b[1]);
	FD_ZERO(&r);
	FD_SET(a[0], &r);
	FD_SET(b[0], &r);
	n = select(b[0] + 1, &r, NULL, NULL, NULL);
	printf("%d: %d %d\n", n, FD_ISSET(a[0], &r) != 0,
	    FD_ISSET(b[0], &r) != 0);
	wait(NULL);
	polled.fd = b[0];
	polled.events = POLLIN;
	n = poll(&polled, 1, -1);
	printf("poll %d: in %d, hangup %d\n", n,
	    (polled.revents & POLLIN) != 0, (polled.revents & POLLHUP) != 0);
	close(a[0]);
	polled.fd = a[1];
	polled.events = POLLOUT;
	n = poll(&polled, 1, -1);
	printf("poll %d: error %d\n", n, (polled.revents & POLLERR) != 0);
	close(a[1]);
	polled.revents = 0;
	n = poll(&polled, 1, 0);
	printf("poll %d: closed %d\n", n, polled.revents == POLLNVAL);
	FD_ZERO(&r);
	FD_SET(a[1], &r);
	n = select(a[1] + 1, &r, NULL, NULL, &now);
	printf("select: %d %d\n", n, errno == EBADF);
	return 0;
}
