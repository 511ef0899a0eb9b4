/* SPDX-License-Identifier: MIT */
/* grep.c - the lines of standard input that hold a string: grep [-v] string. */
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	const int v = argc > 2 && strcmp(argv[1], "-v") == 0;
	char line[512];
	int found = 0;

	if (argc < 2 + v) {
		dprintf(2, "usage: grep [-v] string\n");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if ((strstr(line, argv[1 + v]) != NULL) == v)
			continue;
		found = 1;
		fputs(line, stdout);
	}
	return !found;
}
