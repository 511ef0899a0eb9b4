/* SPDX-License-Identifier: MIT */
/* cat.c - copy files, or standard input, to standard output. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
copy(int fd)
{
	char buffer[512], *at;
	ssize_t got, done;

	while ((got = read(fd, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return 1;
		for (at = buffer; got > 0; at += done, got -= done) {
			done = write(1, at, (size_t)got);
			if (done < 0)
				return 1;
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	int i, fd, status = 0;

	if (argc < 2)
		return copy(0);
	for (i = 1; i < argc; i++) {
		fd = open(argv[i], O_RDONLY);
		if (fd < 0) {
			dprintf(2, "cat: %s: %s\n", argv[i], strerror(errno));
			status = 1;
			continue;
		}
		status |= copy(fd);
		close(fd);
	}
	return status;
}
