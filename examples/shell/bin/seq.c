/* SPDX-License-Identifier: MIT */
/* seq.c - count: seq [first] last. */
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	long i = argc > 2 ? strtol(argv[1], NULL, 10) : 1;
	const long last = argc > 1 ? strtol(argv[argc - 1], NULL, 10) : 0;

	for (; i <= last; i++)
		if (printf("%ld\n", i) < 0)
			return 1;
	return 0;
}
