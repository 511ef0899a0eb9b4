/* SPDX-License-Identifier: MIT */
/* tee.c - copy standard input to standard output and to files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILES 8

int
main(int argc, char **argv)
{
	int fds[FILES], n = 0, i, status = 0;
	char buffer[256];
	ssize_t got;

	fds[n++] = 1;
	for (i = 1; i < argc && n < FILES; i++) {
		fds[n] = open(argv[i], O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (fds[n] >= 0) {
			n++;
			continue;
		}
		dprintf(2, "tee: %s: %s\n", argv[i], strerror(errno));
		status = 1;
	}
	while ((got = read(0, buffer, sizeof(buffer))) > 0)
		for (i = 0; i < n; i++)
			if (write(fds[i], buffer, (size_t)got) != got)
				status = 1;
	return status;
}
