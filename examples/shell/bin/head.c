/* SPDX-License-Identifier: MIT */
/* head.c - the first lines of standard input: head [-n lines]. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	long lines = argc > 2 && strcmp(argv[1], "-n") == 0 ?
	    strtol(argv[2], NULL, 10) : 10;
	char c;

	/* A byte at a time: the rest stays for whoever reads next. */
	while (lines > 0 && read(0, &c, 1) == 1) {
		if (write(1, &c, 1) != 1)
			return 1;
		lines -= c == '\n';
	}
	return 0;
}
