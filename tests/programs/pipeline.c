/* SPDX-License-Identifier: MIT */
/* pipeline.c - four processes in a row, every end closed where it must be. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int last_read = -1;

/* A stage reads what the one before wrote. */
static void
stage(void (*body)(void), int last)
{
	int fds[2] = { -1, -1 };

	if (!last && pipe(fds) != 0)
		exit(10);
	if (fork() == 0) {
		if (last_read >= 0) {
			dup2(last_read, 0);
			close(last_read);
		}
		if (!last) {
			dup2(fds[1], 1);
			close(fds[0]);
			close(fds[1]);
		}
		body();
		_exit(0);
	}
	if (last_read >= 0)
		close(last_read);
	if (!last)
		close(fds[1]);
	last_read = fds[0];
}

static void
produce(void)
{
	char line[32];
	int i;

	for (i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		if (write(1, line, strlen(line)) < 0)
			_exit(1);
	}
}

static void
upper(void)
{
	char buffer[100];
	ssize_t got, i;

	while ((got = read(0, buffer, sizeof(buffer))) > 0) {
		for (i = 0; i < got; i++)
			buffer[i] = (char)toupper((unsigned char)buffer[i]);
		if (write(1, buffer, (size_t)got) != got)
			_exit(1);
	}
}

/* Only lines that end in 7. */
static void
filter(void)
{
	char line[64];
	size_t used = 0;
	char c;

	while (read(0, &c, 1) == 1) {
		line[used++] = c;
		if (c != '\n')
			continue;
		if (used > 1 && line[used - 2] == '7' &&
		    write(1, line, used) < 0)
			_exit(1);
		used = 0;
	}
}

static void
count(void)
{
	char buffer[64];
	int lines = 0;
	ssize_t got, i;

	while ((got = read(0, buffer, sizeof(buffer))) > 0)
		for (i = 0; i < got; i++)
			lines += buffer[i] == '\n';
	printf("%d lines\n", lines);
}

int
main(void)
{
	int i, status, bad = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	stage(produce, 0);
	stage(upper, 0);
	stage(filter, 0);
	stage(count, 1);
	for (i = 0; i < 4; i++) {
		wait(&status);
		bad += status != 0;
	}
	printf("%d failed\n", bad);
	return bad;
}
