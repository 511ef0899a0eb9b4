/* SPDX-License-Identifier: MIT */
/* pmap.c - stop a run at a step, and show the memory of its processes. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static int
to_stdout(void *user, const char *text, size_t size)
{
	(void)user;
	return fwrite(text, 1, size, stdout) != size;
}

static int
pid_of(const char *text, uint32_t *pid)
{
	unsigned long value;
	char *end;

	if (text == NULL) {
		*pid = 0;
		return 0;
	}
	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value == 0 || value > INT32_MAX)
		return complain("\"%s\" is not the number of a process", text);
	*pid = (uint32_t)value;
	return 0;
}

/* What is asked for: all processes, the segments and pages of one, or the page
 * tables of two side by side. */
static int
show(struct tine_machine *machine, uint32_t pid, uint32_t other)
{
	int error = 0;

	if (other == 0)
		error = tine_vm_pmap(machine, pid, to_stdout, NULL);
	if (error == 0 && pid != 0)
		error = tine_vm_picture(machine, pid, other, to_stdout, NULL);
	return error == 0 ? STATUS_OK : complain("%s", tine_error_message());
}

int
run_pmap(const struct settings *settings)
{
	struct settings quiet = *settings;
	struct tine_machine *machine;
	struct tine_result result;
	uint32_t pid, other;
	int status;

	if (pid_of(settings->pid, &pid) != 0 ||
	    pid_of(settings->other, &other) != 0)
		return STATUS_USAGE;
	/* What programs write is not what was asked for. */
	quiet.options.console = NULL;
	if (prepare(&quiet, &machine) != 0)
		return STATUS_USAGE;
	if (tine_machine_run(machine, &result) != 0)
		status = complain("%s", tine_error_message());
	else if (result.outcome == TINE_OUTCOME_PASSED)
		status = complain("the run was over after %" PRIu64 " steps: "
		    "nothing is left to be seen. --steps stops it earlier",
		    result.steps);
	else
		status = show(machine, pid, other);
	tine_machine_destroy(machine);
	return status;
}
