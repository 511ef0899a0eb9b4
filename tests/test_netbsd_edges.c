/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_edges.c - exit, and LWPs that compute.
 *
 * This file is compiled with the option that gives a program without system
 * calls its clock: what takes such an LWP into the kernel, and what does not.
 */
#include "netbsd_rig.h"

static TINE_DATA volatile unsigned turns, spinning;
static TINE_DATA char *fresh;

static void
spins(void *arg)
{
	(void)arg;
	for (spinning = 1;; turns++)
		;
}

static void
spins_and_calls(void *arg)
{
	(void)arg;
	for (spinning = 1;; turns++)
		if (turns % 1000 == 999)
			(void)tine_sys_getpid();
}

static void
spins_and_faults(void *arg)
{
	(void)arg;
	for (spinning = 1;; turns++)
		if (turns % 1000 == 999)
			*(volatile char *)(fresh + turns / 1000 * 4096) = 1;
}

/* A child whose first LWP exits while its second is at work. */
static void
exits_beside(void (*works)(void *arg))
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		fresh = tine_sys_mmap(64 << 12, TINE_PROT_READ |
		    TINE_PROT_WRITE);
		tine_check(tine_sys_lwp_create(works, NULL) == 2);
		while (spinning == 0)
			;
		tine_sys_exit(3);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
}

NB_PROGRAM(nb_spins, "exit beside an LWP that computes")
{
	exits_beside(spins);
	return (0);
}

NB_PROGRAM(nb_spins_calls, "exit beside an LWP that makes calls")
{
	exits_beside(spins_and_calls);
	return (0);
}

NB_PROGRAM(nb_spins_faults, "exit beside an LWP that touches pages")
{
	exits_beside(spins_and_faults);
	return (0);
}

/* Somebody else who wants a CPU. */
NB_PROGRAM(nb_spins_crowded, "the same with more that compute than CPUs")
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		spins(NULL);
	exits_beside(spins);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

static struct tine_options
clocked(unsigned ncpu)
{
	struct tine_options options = netbsd_options();

	options.ncpu = ncpu;
	options.tick_edges = 500;
	options.step_limit = 20000;
	return (options);
}

static enum tine_outcome
outcome(const char *program, unsigned ncpu, const char *quirks)
{
	struct tine_options options = clocked(ncpu);
	struct tine_result result;

	if (quirks != NULL)
		assert_int_equal(tine_quirks_parse(options.kernel, quirks,
		    &options.quirks), 0);
	return (harness_run(program, &options, &result, NULL));
}

/* spec: NB-R33 NB-090 */
NB_TEST(exit_waits_for_an_lwp_that_computes_on_its_own_cpu)
{
	assert_int_equal(outcome("nb_spins", 2, NULL), TINE_OUTCOME_STEP_LIMIT);
	assert_int_equal(outcome("nb_spins", 2, "-NB-R33"), PASSED);
}

/* spec: NB-R33 */
NB_TEST(a_call_a_fault_and_the_loss_of_the_cpu_are_boundaries)
{
	assert_int_equal(outcome("nb_spins_calls", 2, NULL), PASSED);
	assert_int_equal(outcome("nb_spins_faults", 2, NULL), PASSED);
	assert_int_equal(outcome("nb_spins", 1, NULL), PASSED);
	assert_int_equal(outcome("nb_spins_crowded", 2, NULL), PASSED);
}

/* spec: NB-060 NB-090 */
NB_TEST(a_signal_does_reach_it)
{
	assert_int_equal(outcome("nb_spins_crowded", 4, "-NB-R33"), PASSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    exit_waits_for_an_lwp_that_computes_on_its_own_cpu),
		cmocka_unit_test(
		    a_call_a_fault_and_the_loss_of_the_cpu_are_boundaries),
		cmocka_unit_test(a_signal_does_reach_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
