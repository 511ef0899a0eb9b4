/* SPDX-License-Identifier: MIT */
/* support/kernel.c - kernel threads without a kernel: for tests of the core. */
#include "support/kernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tine_machine *machine;
static kernel_body current;
static char said[65536];
static size_t nsaid;

static void
flavour_main(struct tine_machine *m)
{
	(void)m;
	current();
}

static const struct tine__flavour flavour = {
	.kernel = TINE_KERNEL_ILLUMOS,
	.preemptible = true,
	.state_size = 64,
	.main = flavour_main,
};

void
kernel_end(void)
{
	(void)tine_machine_destroy(machine);
	machine = NULL;
}

struct tine_machine *
kernel_machine(void)
{
	return (machine);
}

enum tine_outcome
kernel_run(kernel_body body, const struct tine_options *options,
    struct tine_result *result)
{
	struct tine_result mine;

	kernel_end();
	if (tine_machine_create(options, &machine) != 0) {
		(void)fprintf(stderr, "kernel_run: %s\n",
		    tine_error_message());
		exit(1);
	}
	machine->flavour = &flavour;
	current = body;
	nsaid = 0;
	said[0] = '\0';
	if (tine_machine_run(machine, &mine) != 0) {
		(void)fprintf(stderr, "kernel_run: %s\n",
		    tine_error_message());
		exit(1);
	}
	if (result != NULL)
		*result = mine;
	return (mine.outcome);
}

struct tine__thread *
kernel_thread(const char *name, tine__thread_fn fn, void *arg)
{
	struct tine__thread *t;

	t = tine__thread_create(tine__machine(), name, fn, arg, false);
	if (t == NULL)
		tine__panic("no thread for %s", name);
	tine__thread_start(t);
	return (t);
}

void
kernel_say(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(said + nsaid, sizeof(said) - nsaid, format, args);
	va_end(args);
	if (n > 0 && nsaid + (size_t)n < sizeof(said))
		nsaid += (size_t)n;
}

const char *
kernel_said(void)
{
	return (said);
}
