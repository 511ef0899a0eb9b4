/* SPDX-License-Identifier: MIT */
/*
 * exec_edges.c - exec where it is easily wrong: what it refuses and leaves as
 * it was, descriptors, an alarm, a child that may not be moved any more, a
 * vfork whose exec fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *self;

/* The result first, what went wrong then. */
static void
said(const char *what, int result, int error)
{
	printf("%s: %d %d\n", what, result, errno == error);
}

/* What the new program finds. */
static int
second(const char *what)
{
	char bytes[64];
	unsigned open = 0;

	if (strcmp(what, "descriptors") == 0) {
		for (int fd = 3; fd < 20; fd++)
			if (fcntl(fd, F_GETFD) >= 0)
				open |= 1u << fd;
		printf("open: %#x\n", open);
		printf("flags: %d\n", fcntl(5, F_GETFD));
		return 0;
	}
	if (strcmp(what, "alarm") == 0) {
		for (;;)
			pause();
	}
	if (strcmp(what, "place") == 0) {
		printf("here: %s\n", getcwd(bytes, sizeof(bytes)) == NULL ?
		    "?" : bytes);
		printf("umask: %o\n", (unsigned)umask(0));
		return 0;
	}
	/* Wait to be let go. */
	if (write(4, "x", 1) != 1 || read(3, bytes, 1) != 1)
		return 8;
	return 0;
}

static void
become(const char *what)
{
	char copy[16];
	char *const words[] = { self, copy, NULL };

	strcpy(copy, what);
	execv(self, words);
	_exit(99);
}

static void
refusals(void)
{
	char *const words[] = { self, NULL };
	static char word[200001];
	char *const long_words[] = { self, word, NULL };
	char name[5000];
	int fd;

	memset(word, 'w', sizeof(word) - 1);
	memset(name, 'n', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	said("nobody", execv("/nobody/is/there", words), ENOENT);
	said("a directory", execv("/", words), EACCES);
	said("no name", execv("", words), ENOENT);
	said("a long name", execv(name, words), ENAMETOOLONG);
	said("long words", execv(self, long_words), E2BIG);
	fd = open("/tmp/exec_edges.tmp", O_CREAT | O_WRONLY | O_TRUNC, 0644);
	printf("a file: %d\n", fd >= 0);
	close(fd);
	said("not executable", execv("/tmp/exec_edges.tmp", words), EACCES);
	chmod("/tmp/exec_edges.tmp", 0755);
	said("below a file", execv("/tmp/exec_edges.tmp/x", words), ENOTDIR);
	said("no program", execv("/tmp/exec_edges.tmp", words), ENOEXEC);
	unlink("/tmp/exec_edges.tmp");
}

static void
descriptors(void)
{
	int status;

	if (fork() == 0) {
		for (int fd = 3; fd < 20; fd++)
			close(fd);
		if (open("/", O_RDONLY | O_CLOEXEC) != 3)	/* goes */
			_exit(1);
		if (open("/", O_RDONLY) != 4)
			_exit(2);
		dup2(3, 5);					/* stays */
		fcntl(3, F_DUPFD_CLOEXEC, 6);			/* goes */
		fcntl(3, F_DUPFD, 7);				/* stays */
		fcntl(4, F_SETFD, FD_CLOEXEC);			/* goes */
		dup2(4, 8);					/* stays */
		fcntl(8, F_SETFD, FD_CLOEXEC);
		fcntl(8, F_SETFD, 0);
		/* One that is refused closes nothing. */
		execl("/nobody", "nobody", (char *)NULL);
		if (fcntl(3, F_GETFD) != FD_CLOEXEC)
			_exit(3);
		become("descriptors");
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
}

static void
handler(int signo)
{
	(void)signo;
}

/* Handlers are none there, but the alarm rings. */
static void
rings(void)
{
	int status;

	if (fork() == 0) {
		signal(SIGALRM, handler);
		alarm(1);
		become("alarm");
	}
	wait(&status);
	printf("rang: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGALRM);
}

static void
place(void)
{
	int status;

	if (fork() == 0) {
		if (chdir("/tmp") != 0)
			_exit(1);
		umask(027);
		become("place");
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
}

/* A child may be moved to a group until it has another program. */
static void
moved(void)
{
	int to[2], from[2], status;
	char byte = 0;
	pid_t pid;

	if (pipe(to) != 0 || pipe(from) != 0)
		return;
	pid = fork();
	if (pid == 0) {
		if (read(to[0], &byte, 1) != 1)
			_exit(7);
		dup2(to[0], 3);
		dup2(from[1], 4);
		become("waits");
	}
	printf("before: %d\n", setpgid(pid, pid));
	printf("let it: %d\n", (int)write(to[1], &byte, 1));
	printf("it is: %d\n", (int)read(from[0], &byte, 1));
	printf("after: %d ", setpgid(pid, getpgrp()));
	printf("%d\n", errno == EACCES);
	printf("no change: %d ", setpgid(pid, pid));
	printf("%d\n", errno == EACCES);
	printf("let it: %d\n", (int)write(to[1], &byte, 1));
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
}

static void
lent(void)
{
	volatile int seen = 0;
	int status;
	pid_t pid;

	pid = vfork();
	if (pid == 0) {
		seen = 1;
		execl("/nobody", "nobody", (char *)NULL);
		seen = errno == ENOENT ? 2 : 3;
		_exit(5);
	}
	printf("lent: %d\n", seen);
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
}

int
main(int argc, char **argv)
{
	self = argv[0];
	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1)
		return second(argv[1]);
	refusals();
	descriptors();
	rings();
	place();
	moved();
	lent();
	return 0;
}
