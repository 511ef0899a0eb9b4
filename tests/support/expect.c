/* SPDX-License-Identifier: MIT */
/* support/expect.c - what the tests of the core expect of runs and refusals. */
#include "support/expect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct tine_options
options_rr(void)
{
	struct tine_options options;

	tine_options_init(&options);
	options.step_limit = 1000000;
	return (options);
}

struct tine_options
options_random(uint64_t seed, unsigned ncpu)
{
	struct tine_options options = options_rr();

	options.strategy = TINE_STRATEGY_RANDOM;
	options.seed = seed;
	options.ncpu = ncpu;
	return (options);
}

static void
complain(const struct tine_options *options, const struct tine_result *result)
{
	print_error("seed %" PRIu64 ", %u cpu\nsaid: %s\n%s%s",
	    options->seed, options->ncpu, kernel_said(), result->message,
	    result->last_events);
}

void
expect_outcome(enum tine_outcome want, kernel_body body,
    const struct tine_options *options, struct tine_result *result)
{
	struct tine_options defaults = options_rr();
	struct tine_result mine;

	if (options == NULL)
		options = &defaults;
	if (kernel_run(body, options, &mine) != want) {
		complain(options, &mine);
		fail_msg("the run did not end as \"%s\"",
		    tine_outcome_name(want));
	}
	if (result != NULL)
		*result = mine;
}

void
expect_said(const char *want, kernel_body body,
    const struct tine_options *options)
{
	expect_outcome(TINE_OUTCOME_PASSED, body, options, NULL);
	assert_string_equal(kernel_said(), want);
}

static kernel_body current;
static char said[4096];
static size_t nsaid;

static void
body_main(struct tine_machine *machine)
{
	(void)machine;
	nsaid = 0;
	said[0] = '\0';
	current();
}

static void
body_kill(struct tine_machine *machine, int pid, int signo)
{
	(void)machine;
	body_say("kill %d %d ", pid, signo);
}

static const struct tine__flavour flavour = {
	.kernel = TINE_KERNEL_ILLUMOS,
	.preemptible = true,
	.state_size = 64,
	.main = body_main,
	.external_kill = body_kill,
};

struct tine_machine *
body_machine(kernel_body body, const struct tine_options *options)
{
	struct tine_machine *machine;

	if (tine_machine_create(options, &machine) != 0)
		fail_msg("no machine: %s", tine_error_message());
	machine->flavour = &flavour;
	current = body;
	return (machine);
}

void
body_change(kernel_body body)
{
	current = body;
}

void
body_say(const char *format, ...)
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
body_said(void)
{
	return (said);
}

void
expect_always(kernel_body body, unsigned seeds)
{
	static const unsigned cpus[] = { 1, 2, 4 };
	struct tine_options options;
	unsigned i, seed;

	for (i = 0; i < 3; i++) {
		options = options_rr();
		options.ncpu = cpus[i];
		expect_outcome(TINE_OUTCOME_PASSED, body, &options, NULL);
		for (seed = 1; seed <= seeds; seed++) {
			options = options_random(seed, cpus[i]);
			expect_outcome(TINE_OUTCOME_PASSED, body, &options,
			    NULL);
		}
	}
}

void
expect_in(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

void
expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is in:\n%s", part, text);
}

void
expect_refused(int got, int want, const char *part)
{
	const char *message = tine_error_message();

	if (got != want)
		fail_msg("%s instead of %s; last message: %s",
		    tine_error_name(got), tine_error_name(want), message);
	expect_in(message, part);
	assert_null(strchr(message, '\n'));
}
