/* SPDX-License-Identifier: MIT */
/* socketpairs.c - a server for each child at the other end of a pair of
 * sockets: questions, answers, ends, shutdown, poll. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t pipes;

static void
handler(int signo)
{
	(void)signo;
	pipes++;
}

/* Answers each line's length until the end. */
static void
serve(int fd)
{
	char line[64];
	ssize_t n;
	int total = 0;

	while ((n = read(fd, line, sizeof(line))) > 0) {
		total += (int)n;
		if (dprintf(fd, "%zd", n) < 0)
			_exit(1);
	}
	_exit(n == 0 ? total : 99);
}

static void
questions(void)
{
	static const char *const words[] = { "a", "three", "seventeen!" };
	char answer[16];
	int fds[3][2], status;

	for (int i = 0; i < 3; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]) != 0)
			exit(1);
		if (fork() == 0) {
			for (int j = 0; j <= i; j++)
				close(fds[j][0]);
			serve(fds[i][1]);
		}
		close(fds[i][1]);
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			if (send(fds[i][0], words[(i + round) % 3],
			    strlen(words[(i + round) % 3]), 0) < 0)
				perror("send");
		for (int i = 0; i < 3; i++) {
			memset(answer, 0, sizeof(answer));
			if (recv(fds[i][0], answer, 15, 0) < 0)
				perror("recv");
			printf("%d: %s\n", i, answer);
		}
	}
	for (int i = 0; i < 3; i++)
		shutdown(fds[i][0], SHUT_WR);
	for (int i = 0; i < 3; i++)
		printf("end %zd\n", read(fds[i][0], answer, 15));
	status = 0;
	for (int i = 0; i < 3; i++) {
		int one;

		wait(&one);
		status += WEXITSTATUS(one);
	}
	printf("served %d\n", status);
	for (int i = 0; i < 3; i++)
		close(fds[i][0]);
}

static void
looks(const char *when, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	poll(&p, 1, 0);
	printf("%s:%s%s%s\n", when, p.revents & POLLIN ? " in" : "",
	    p.revents & POLLOUT ? " out" : "", p.revents & POLLHUP ? " hup" :
	    "");
}

static void
ends(void)
{
	struct stat st;
	char got[16] = "";
	int s[2], flags;

	signal(SIGPIPE, handler);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) != 0)
		exit(1);
	fstat(s[0], &st);
	printf("socket %d, cloexec %d\n", S_ISSOCK(st.st_mode),
	    fcntl(s[1], F_GETFD));
	printf("seek %d\n", lseek(s[0], 0, SEEK_SET) == -1 &&
	    errno == ESPIPE);
	looks("fresh", s[0]);
	printf("none %d\n", recv(s[0], got, 1, MSG_DONTWAIT) == -1 &&
	    errno == EAGAIN);
	if (write(s[1], "hello", 5) != 5)
		exit(1);
	looks("data", s[0]);
	printf("peek %zd", recv(s[0], got, 2, MSG_PEEK));
	printf(" %s", got);
	printf(" then %zd", recv(s[0], got, 15, 0));
	printf(" %s\n", got);
	flags = fcntl(s[0], F_GETFL);
	fcntl(s[0], F_SETFL, flags | O_NONBLOCK);
	printf("nonblock %d\n", read(s[0], got, 1) == -1 && errno == EAGAIN);
	fcntl(s[0], F_SETFL, flags);
	if (write(s[1], "rest", 4) != 4)
		exit(1);
	close(s[1]);
	looks("closed", s[0]);
	printf("rest %zd", read(s[0], got, 15));
	printf(", end %zd\n", read(s[0], got, 15));
	printf("broken %d", write(s[0], "x", 1) == -1 && errno == EPIPE);
	printf(" %d", send(s[0], "x", 1, MSG_NOSIGNAL) == -1 &&
	    errno == EPIPE);
	printf(" signals %d\n", (int)pipes);
	close(s[0]);
	printf("bad %d", shutdown(s[0], SHUT_RD) == -1 && errno == EBADF);
	printf(" %d", shutdown(0, SHUT_RD) == -1 && errno == ENOTSOCK);
	printf(" %d\n", send(1, "", 0, 0) == -1 && errno == ENOTSOCK);
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	questions();
	ends();
	return 0;
}
