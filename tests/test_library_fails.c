/* SPDX-License-Identifier: MIT */
/*
 * test_library_fails.c - timers, named objects, spawns, locks, sockets and
 * links, with each step of each failing in turn: the program copes, and the
 * books balance.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/harness.h"
#include "support/kernels.h"

/* The program did its best; or could not be run at all, its 127; or was ended
 * for want of a page, by an exec that found out late or by a fault. */
static bool
copes(int status, bool fails)
{
	const int signo = status & 0x7f;

	return status == 0 || (fails && (status == 127 << 8 ||
	    signo == SIGKILL || signo == SIGBUS || signo == SIGSEGV));
}

/* @return how many steps there were to fail. */
static unsigned
each_step(enum tine_kernel kernel, const char *what)
{
	const char *argv[] = { "cope", what, NULL };
	struct tine_options o = harness_options();
	struct tine_machine *machine;
	struct tine_result r;

	o.kernel = kernel;
	o.quirks = 0;
	assert_int_equal(tine_machine_create(&o, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "cope", argv), 0);
	for (uint64_t n = 0;; n++) {
		assert_true(n < 400);
		assert_int_equal(tine_machine_fail_at(machine, n), 0);
		assert_int_equal(tine_machine_run(machine, &r), 0);
		if (r.outcome != TINE_OUTCOME_PASSED ||
		    !copes(r.status, n != 0))
			fail_msg("%s on %s, step %" PRIu64 ": status %d; %s",
			    what, tine_kernel_name(kernel), n, r.status,
			    r.message);
		if (n != 0 && !tine_machine_failed_step(machine)) {
			assert_int_equal(tine_machine_destroy(machine), 0);
			return (unsigned)n - 1;
		}
	}
}

static void
each_step_on_each_kernel(const char *what, unsigned least)
{
	for (size_t i = 0; i < KERNELS; i++)
		assert_true(each_step(kernels[i], what) >= least);
}

#define TEST(name, what, least) \
	static void \
	name(void **state) \
	{ \
		(void)state; \
		each_step_on_each_kernel(what, least); \
	}
TEST(timers_cope, "timers", 1)
TEST(named_objects_cope, "named", 5)
TEST(spawns_cope, "spawn", 3)
TEST(locks_cope, "locks", 1)
TEST(sockets_cope, "sockets", 4)
TEST(links_cope, "links", 4)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_cope),
		cmocka_unit_test(named_objects_cope),
		cmocka_unit_test(spawns_cope),
		cmocka_unit_test(locks_cope),
		cmocka_unit_test(sockets_cope),
		cmocka_unit_test(links_cope)
	};

	return cmocka_run_group_tests_name("library_fails", tests, NULL, NULL);
}
