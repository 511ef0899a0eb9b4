/* SPDX-License-Identifier: MIT */
/* program.c - runs a program of tine_add_program(). */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <tine/tine.h>

int
main(void)
{
	struct tine_machine *machine;
	struct tine_result result;

	if (tine_machine_create(NULL, &machine) != 0 ||
	    tine_machine_spawn(machine, "greets", NULL) != 0 ||
	    tine_machine_run(machine, &result) != 0) {
		fprintf(stderr, "%s\n", tine_error_message());
		return 1;
	}
	fputs(result.console, stdout);
	return result.outcome != TINE_OUTCOME_PASSED ||
	    WEXITSTATUS(result.status) != 3 ||
	    strcmp(result.console, "hello from a child\nhello, 0\n") != 0;
}
