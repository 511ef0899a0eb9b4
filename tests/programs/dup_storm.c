/* SPDX-License-Identifier: MIT */
/*
 * dup_storm.c - descriptors that are copied onto each other for long: the table
 * is as a model of it says, in the parent and in its children.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST 10
#define COUNT 12

static int model[COUNT];	/* which file, -1: closed */
static int cloexec[COUNT];
static ino_t inodes[3];
static unsigned seed = 7;

static unsigned
next(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* @return how many places are not as the model has them. */
static int
check(void)
{
	struct stat st;
	int i, flags, wrong = 0;

	for (i = 0; i < COUNT; i++) {
		flags = fcntl(FIRST + i, F_GETFD);
		if (model[i] < 0) {
			wrong += flags != -1 || errno != EBADF;
			continue;
		}
		wrong += fstat(FIRST + i, &st) != 0 ||
		    st.st_ino != inodes[model[i]] || flags != cloexec[i];
	}
	return wrong;
}

static void
step(void)
{
	const int from = (int)next(COUNT), to = (int)next(COUNT);
	int result;

	switch (next(4)) {
	case 0:
		result = close(FIRST + to);
		if ((result == 0) != (model[to] >= 0))
			printf("close\n");
		model[to] = -1;
		break;
	case 1:
		result = dup2(FIRST + from, FIRST + to);
		if (model[from] < 0) {
			if (result != -1 || errno != EBADF)
				printf("dup2 of a closed one\n");
			break;
		}
		if (result != FIRST + to)
			printf("dup2\n");
		if (from != to) {
			model[to] = model[from];
			cloexec[to] = 0;
		}
		break;
	case 2:
		result = dup3(FIRST + from, FIRST + to, O_CLOEXEC);
		if (from == to) {
			if (result != -1 || errno != EINVAL)
				printf("dup3 onto itself\n");
			break;
		}
		if (model[from] < 0)
			break;
		model[to] = model[from];
		cloexec[to] = FD_CLOEXEC;
		break;
	default:
		if (fcntl(FIRST + to, F_SETFD, FD_CLOEXEC) == 0)
			cloexec[to] = FD_CLOEXEC;
		break;
	}
}

/* Whether a call failed for that reason. */
static int
fails(long result, int error)
{
	return result == -1 && errno == error;
}

int
main(void)
{
	const char *const names[3] = { "/tmp/storm.a", "/tmp/storm.b",
	    "/tmp/storm.c" };
	int i, fd, status, wrong = 0, children = 0;
	struct stat st;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	for (i = 0; i < COUNT; i++)
		model[i] = -1;
	for (i = 0; i < 3; i++) {
		fd = open(names[i], O_RDWR | O_CREAT, 0600);
		fstat(fd, &st);
		inodes[i] = st.st_ino;
		if (dup2(fd, FIRST + i) != FIRST + i)
			return 1;
		close(fd);
		model[i] = i;
	}
	for (i = 0; i < 160; i++) {
		step();
		wrong += check();
		if (i % 40 != 39)
			continue;
		pid = fork();
		if (pid == 0) {
			wrong = check();
			/* What it does is its own affair. */
			for (i = 0; i < 20; i++)
				step();
			_exit(wrong + check());
		}
		waitpid(pid, &status, 0);
		children += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		wrong += check();
	}
	printf("wrong %d, children %d\n", wrong, children);
	printf("negative: %d\n", fails(dup2(0, -1),
	    EBADF));
	printf("lowest from 40: %d\n", fcntl(0, F_DUPFD, 40));
	printf("and again: %d\n", fcntl(0, F_DUPFD_CLOEXEC, 40));
	printf("its flag: %d %d\n", fcntl(40, F_GETFD), fcntl(41, F_GETFD));
	printf("from -1: %d\n", fails(fcntl(0, F_DUPFD, -1),
	    EINVAL));
	for (i = 0; i < 3; i++)
		unlink(names[i]);
	return 0;
}
