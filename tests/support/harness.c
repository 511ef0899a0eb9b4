/* SPDX-License-Identifier: MIT */
/* support/harness.c - running simulated programs from tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/machine.h"
#include "support/harness.h"
#include "support/kcall.h"

#define FAILURES_MAX 20000

static struct tine_machine *machine;
void (*harness_prepare)(struct tine_machine *machine);

struct tine_options
harness_options(void)
{
	struct tine_options options;

	const char *kernel = getenv("TINE_TEST_KERNEL");
	const char *quirks = getenv("TINE_TEST_QUIRKS");

	tine_options_init(&options);
	/* Whole test-suites run on a second kernel like that. */
	if (kernel != NULL && tine_kernel_parse(kernel, &options.kernel) != 0)
		fail_msg("%s", tine_error_message());
	if (quirks != NULL && tine_quirks_parse(options.kernel, quirks,
	    &options.quirks) != 0)
		fail_msg("%s", tine_error_message());
	options.memory_pages = 16384;
	options.step_limit = 5000000;
	options.kmem_debug = true;
	return options;
}

/* A machine with that program, instead of the one before. */
static void
create(const char *program, const struct tine_options *options)
{
	struct tine_options standard = harness_options();

	tine_machine_destroy(machine);
	machine = NULL;
	if (tine_machine_create(options != NULL ? options : &standard,
	    &machine) != 0 || tine_machine_spawn(machine, program, NULL) != 0)
		fail_msg("%s: %s", program, tine_error_message());
	kcall_attach(machine);
	if (harness_prepare != NULL)
		harness_prepare(machine);
}

bool
harness_memory_balances(void)
{
	struct tine_machine *const m = machine;
	struct tine__as *spaces[64];
	const char *wrong;
	size_t n;

	if (m->state == NULL || m->outcome == TINE_OUTCOME_PANIC ||
	    m->flavour->spaces == NULL)
		return false;
	n = m->flavour->spaces(m, spaces, 64);
	/* A space that is being made or taken down is nobody's: then there is
	 * nothing to compare. */
	if (n == 64 || tine__kmem_live(m->kmem, "address space") != n)
		return false;
	wrong = tine__vm_verify(m->vm, spaces, n);
	if (wrong != NULL)
		fail_msg("%s", wrong);
	return true;
}

static void
run(const char *program, struct tine_result *result)
{
	if (tine_machine_run(machine, result) != 0)
		fail_msg("%s: %s", program, tine_error_message());
	(void)harness_memory_balances();
}

static void
complain(const char *program, const char *what,
    const struct tine_result *result)
{
	fprintf(stderr, "%s: %s\noutcome %s, status %d\n%s\nconsole:\n%s\n"
	    "last events:\n%s\nreplay: tine replay %s\n", program, what,
	    tine_outcome_name(result->outcome), result->status,
	    result->message, result->console, result->last_events,
	    result->token);
	fail_msg("%s: %s", program, what);
}

enum tine_outcome
harness_run(const char *program, const struct tine_options *options,
    struct tine_result *result, struct tine_stats *stats)
{
	struct tine_result local;

	create(program, options);
	run(program, &local);
	if (result != NULL)
		*result = local;
	if (stats != NULL) {
		stats->size = sizeof(*stats);
		if (tine_machine_stats(machine, stats) != 0)
			fail_msg("%s: %s", program, tine_error_message());
	}
	return local.outcome;
}

struct tine_machine *
harness_machine(void)
{
	return machine;
}

void
harness_passes(const char *program, const struct tine_options *options,
    int status)
{
	struct tine_result result;

	harness_run(program, options, &result, NULL);
	if (result.outcome != TINE_OUTCOME_PASSED)
		complain(program, "it did not pass", &result);
	if (result.status != status)
		complain(program, "its status is another", &result);
}

void
harness_ends(const char *program, const struct tine_options *options,
    enum tine_outcome want, const char *part)
{
	struct tine_result result;

	harness_run(program, options, &result, NULL);
	if (result.outcome != want)
		complain(program, "the outcome is another", &result);
	if (strstr(result.message, part) == NULL) {
		fprintf(stderr, "the message lacks \"%s\"\n", part);
		complain(program, "the message is another", &result);
	}
}

static void
again(const char *program, uint64_t *digest)
{
	struct tine_result result;

	run(program, &result);
	if (result.outcome != TINE_OUTCOME_PASSED || result.status != 0)
		complain(program, "it did not pass", &result);
	*digest = result.digest;
}

void
harness_every_seed(const char *program, unsigned seeds)
{
	static const unsigned ncpus[] = { 1, 2, 4 };
	struct tine_options options = harness_options();
	uint64_t first, second;

	for (size_t i = 0; i < sizeof(ncpus) / sizeof(ncpus[0]); i++) {
		options.ncpu = ncpus[i];
		options.strategy = TINE_STRATEGY_RR;
		create(program, &options);
		again(program, &first);
		options.strategy = TINE_STRATEGY_RANDOM;
		options.preempt = TINE_PREEMPT_NEVER;
		create(program, &options);
		again(program, &first);
		options.preempt = TINE_PREEMPT_KERNEL;
		create(program, &options);
		for (unsigned seed = 0; seed < seeds; seed++) {
			if (tine_machine_reseed(machine, seed) != 0)
				fail_msg("%s", tine_error_message());
			again(program, &first);
			again(program, &second);
			if (first != second)
				fail_msg("%s: seed %u on %u CPUs gives two "
				    "digests", program, seed, ncpus[i]);
		}
	}
}

unsigned
harness_every_failure(const char *program, const struct tine_options *options)
{
	struct tine_result result;
	unsigned nth;

	create(program, options);
	for (nth = 1; nth < FAILURES_MAX; nth++) {
		if (tine_machine_fail_at(machine, nth) != 0)
			fail_msg("%s", tine_error_message());
		run(program, &result);
		if (result.outcome != TINE_OUTCOME_PASSED) {
			fprintf(stderr, "with step %u failing\n", nth);
			complain(program, "it did not pass", &result);
		}
		if (!tine_machine_failed_step(machine))
			return nth - 1;
	}
	fail_msg("%s: still failing after %u steps", program, nth);
	return nth;
}

unsigned
harness_count(enum tine_event_type type, unsigned pid)
{
	const struct tine_event *events;
	long n = tine_trace_events(machine, &events);
	unsigned count = 0;

	assert_true(n >= 0);
	for (long i = 0; i < n; i++)
		count += events[i].type == type &&
		    (pid == 0 || events[i].pid == pid);
	return count;
}
