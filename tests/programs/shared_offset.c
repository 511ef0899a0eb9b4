/* SPDX-License-Identifier: MIT */
/* shared_offset.c - parent and child write through one open file: nothing is
 * written over; through two, everything is. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
name(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/tine_offset_%d", (int)getpid());
	return path;
}

static void
ten(int fd, char c)
{
	int i;

	for (i = 0; i < 10; i++)
		if (write(fd, &c, 1) != 1)
			_exit(1);
}

static void
show(const char *what, int fd)
{
	struct stat st;
	char text[64];
	int a = 0, b = 0, i, n;

	fstat(fd, &st);
	n = (int)pread(fd, text, sizeof(text), 0);
	for (i = 0; i < n; i++) {
		a += text[i] == 'a';
		b += text[i] == 'b';
	}
	if (strcmp(what, "one") != 0)
		printf("%s: %d bytes, %d\n", what, (int)st.st_size,
		    strcmp(what, "own") == 0 || (a == 10 && b == 10));
	else
		printf("%s: %d bytes, %d a, %d b, at %d\n", what,
		    (int)st.st_size, a, b, (int)lseek(fd, 0, SEEK_CUR));
}

int
main(void)
{
	int fd, other;
	char *path = strdup(name());

	setvbuf(stdout, NULL, _IONBF, 0);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return 1;
	if (fork() == 0) {
		ten(fd, 'a');
		_exit(0);
	}
	ten(fd, 'b');
	wait(NULL);
	show("one", fd);

	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return 2;
	if (fork() == 0) {
		other = open(path, O_WRONLY);
		ten(other, 'a');
		_exit(0);
	}
	ten(fd, 'b');
	wait(NULL);
	show("own", fd);

	if (ftruncate(fd, 0) != 0)
		return 3;
	if (fork() == 0) {
		other = open(path, O_WRONLY | O_APPEND);
		ten(other, 'a');
		_exit(0);
	}
	other = open(path, O_RDWR | O_APPEND);
	ten(other, 'b');
	wait(NULL);
	show("append", other);
	unlink(path);
	free(path);
	return access(path = "/tmp", F_OK);
}
