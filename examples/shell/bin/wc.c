/* SPDX-License-Identifier: MIT */
/* wc.c - count lines, words and bytes of standard input: wc [-l|-w|-c]. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long lines = 0, words = 0, bytes = 0;
	bool inside = false;
	char buffer[256];
	ssize_t got, i;

	while ((got = read(0, buffer, sizeof(buffer))) > 0) {
		for (i = 0; i < got; i++) {
			const bool blank = isspace((unsigned char)buffer[i]);

			lines += buffer[i] == '\n';
			words += !blank && !inside;
			inside = !blank;
		}
		bytes += got;
	}
	if (strcmp(what, "-l") == 0)
		printf("%ld\n", lines);
	else if (strcmp(what, "-w") == 0)
		printf("%ld\n", words);
	else if (strcmp(what, "-c") == 0)
		printf("%ld\n", bytes);
	else
		printf("%ld %ld %ld\n", lines, words, bytes);
	return got < 0;
}
