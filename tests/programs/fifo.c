/* SPDX-License-Identifier: MIT */
/* fifo.c - a pipe with a name: opening waits for the other end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	char path[64], text[32];
	int fd, status;
	ssize_t got;

	setvbuf(stdout, NULL, _IONBF, 0);
	snprintf(path, sizeof(path), "/tmp/tine_fifo_%d", (int)getpid());
	if (mkfifo(path, 0600) != 0)
		return 1;
	printf("again: %d\n", mkfifo(path, 0600) == -1 && errno == EEXIST);
	fd = open(path, O_WRONLY | O_NONBLOCK);
	printf("nobody reads: %d %d\n", fd, errno == ENXIO);
	if (fork() == 0) {
		usleep(5000);
		fd = open(path, O_WRONLY);
		_exit(write(fd, "through\n", 8) == 8 ? 0 : 1);
	}
	fd = open(path, O_RDONLY);
	got = read(fd, text, sizeof(text));
	printf("%.*s", (int)got, text);
	printf("end: %zd\n", read(fd, text, 1));
	wait(&status);
	unlink(path);
	printf("gone: %d\n", open(path, O_RDONLY) == -1 && errno == ENOENT);
	return WEXITSTATUS(status);
}
