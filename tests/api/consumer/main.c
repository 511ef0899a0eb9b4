/* SPDX-License-Identifier: MIT */
/* main.c - the smallest host program: one program, found by its name. */
#include <stdio.h>
#include <string.h>

#include <tine/tine.h>

static TINE_DATA int answer = 42;

static int
hello(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return answer;
}

TINE_PROGRAM(hello, "gives the answer");

int
main(void)
{
	const struct tine_program *program = tine_program_find("hello");

	if (strcmp(tine_version(), TINE_VERSION_STRING) != 0) {
		fprintf(stderr, "library %s, header %s\n", tine_version(),
		    TINE_VERSION_STRING);
		return 1;
	}
	if (program == NULL || program->main != hello) {
		fprintf(stderr, "the program did not register itself\n");
		return 1;
	}
	printf("tine %s: %s\n", tine_version(), program->summary);
	return 0;
}
