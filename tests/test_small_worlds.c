/* SPDX-License-Identifier: MIT */
/*
 * test_small_worlds.c - worlds with a handful of everything: what programs see
 * is their kernel's errors, and the books balance.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/harness.h"
#include "support/kernels.h"

/* --- a server whose workers are forked beforehand --- */

enum { WORKERS = 5, REQUESTS = 12 };

static void
work(int in, int out)
{
	char request;

	while (tine_sys_read(in, &request, 1) == 1)
		if (tine_sys_write(out, &request, 1) != 1)
			tine_sys_exit(1);
	tine_sys_exit(0);
}

/* It serves with as many as there are; each request once. */
static int
sw_prefork(int argc, char **argv)
{
	char seen[REQUESTS] = "", answer;
	int in[2], out[2], workers = 0, status, n = 0;
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	if (tine_sys_pipe(in) != 0 || tine_sys_pipe(out) != 0)
		return 2;
	for (int i = 0; i < WORKERS; i++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			tine_sys_close(in[1]);
			tine_sys_close(out[0]);
			work(in[0], out[1]);
		}
		workers += pid > 0;
	}
	tine_sys_close(in[0]);
	tine_sys_close(out[1]);
	for (char i = 0; workers != 0 && i < REQUESTS; i++)
		tine_check(tine_sys_write(in[1], &i, 1) == 1);
	tine_sys_close(in[1]);
	while (tine_sys_read(out[0], &answer, 1) == 1) {
		tine_check(answer >= 0 && answer < REQUESTS);
		tine_check(seen[(int)answer]++ == 0);
		n++;
	}
	while ((pid = tine_sys_wait(&status)) > 0)
		workers--;
	return workers == 0 ? 0 : 3;
}
TINE_PROGRAM(sw_prefork, "test: workers that are forked beforehand");

/* --- threads --- */

static void
nothing(void *arg)
{
	(void)arg;
}

static int
sw_lwps(int argc, char **argv)
{
	int lwp, made = 0;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 10; i++) {
		lwp = tine_sys_lwp_create(nothing, NULL);
		if (lwp < 0)
			continue;
		made++;
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	}
	return made == 10 ? 0 : 1;
}
TINE_PROGRAM(sw_lwps, "test: threads one after another");

/* --- limits of a process, and then a shell --- */

static int
become_shell(char **argv)
{
	char name[] = "sh", option[] = "-c";
	char *const words[] = { name, option, argv[2], NULL };

	return tine_sys_exec("sh", words);
}

static int
sw_fds(int argc, char **argv)
{
	const uint64_t n = (uint64_t)(argv[1][0] - '0');
	const struct tine_rlimit limit = { n, n };

	(void)argc;
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit,
	    NULL) == 0);
	return become_shell(argv);
}
TINE_PROGRAM(sw_fds, "test: a shell with so many descriptors");

static int
sw_user(int argc, char **argv)
{
	(void)argc;
	/* The whole of /tmp is everybody's. */
	tine_check(tine_sys_chdir("/tmp") == 0);
	tine_check(tine_sys_setuid(100) == 0);
	return become_shell(argv);
}
TINE_PROGRAM(sw_user, "test: a shell of a user that is not root");

static const char *const scripts[] = {
	"seq 9 | cat | wc -l",
	"for i in 1 2 3 4 5 6 7 8; do (exit $i); done; echo $?",
	"for i in 1 2 3 4 5 6; do sleep 0.01 & done; wait; echo all >f; cat f",
	"seq 9 | (for i in 1 2 3; do cat & done; wait) | sort",
	"X=$(seq 400); echo $X >f; wc <f; (seq 200 | sort) & wait $!"
};
#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

/* --- worlds --- */

/* So many runs told their program's user of these errors. */
static unsigned no_process, no_memory, no_descriptor;

/* It comes to its end, and all is given back. @return whether with status 0. */
static bool
live(const struct tine_options *o, const char *program,
    const char *const argv[])
{
	struct tine_machine *machine;
	struct tine_result result;
	bool well;

	assert_int_equal(tine_machine_create(o, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, program, argv), 0);
	assert_int_equal(tine_machine_run(machine, &result), 0);
	if (result.outcome != TINE_OUTCOME_PASSED)
		fail_msg("%s '%s' on %s: %s\n%s", program,
		    argv != NULL ? argv[2] : "", tine_kernel_name(o->kernel),
		    result.message, result.console);
	no_process += strstr(result.console, "fork: Resource temp") != NULL;
	no_memory += strstr(result.console, "memory") != NULL ||
	    WIFSIGNALED(result.status);
	no_descriptor += strstr(result.console, "Too many open") != NULL;
	well = result.status == 0;
	assert_int_equal(tine_machine_destroy(machine), 0);
	return well;
}

static void
shells(const struct tine_options *o, const char *program, const char *word)
{
	for (size_t i = 0; i < SCRIPTS; i++) {
		const char *argv[] = { program, word, scripts[i], NULL };

		(void)live(o, program, argv);
	}
}

/* On each kernel, from a handful up. */
#define EACH_WORLD(o, member, from, to) \
	for (size_t k_ = 0; k_ < KERNELS; k_++) \
		for ((o) = world(k_), (o).member = (from); \
		    (o).member <= (to); (o).member++)

static struct tine_options
world(size_t kernel)
{
	struct tine_options o = harness_options();

	o.kernel = kernels[kernel];
	o.strategy = TINE_STRATEGY_RANDOM;
	o.ncpu = 1 + kernel % 2;
	return o;
}

static void
few_pids_are_used_again_or_are_eagain(void **state)
{
	struct tine_options o;

	(void)state;
	no_process = 0;
	EACH_WORLD(o, pid_max, 4, 11) {
		(void)live(&o, "sw_prefork", NULL);
		shells(&o, "sh", "-c");
	}
	assert_true(no_process > 4 * KERNELS);
	/* Seven workers and those who are always there. */
	for (size_t k = 0; k < KERNELS; k++) {
		o = world(k);
		o.pid_max = 16;
		assert_true(live(&o, "sw_prefork", NULL));
	}
}

static void
a_small_process_table_is_eagain(void **state)
{
	struct tine_options o;

	(void)state;
	no_process = 0;
	EACH_WORLD(o, proc_max, 3, 9) {
		(void)live(&o, "sw_prefork", NULL);
		shells(&o, "sh", "-c");
	}
	assert_true(no_process > 2 * KERNELS);
	no_process = 0;
	EACH_WORLD(o, uid_procs, 1, 5)
		shells(&o, "sw_user", "");
	assert_true(no_process > 2 * KERNELS);
}

static void
ends_at_once(void *arg)
{
	(void)arg;
	tine_sys_lwp_exit();
}

/* LWPs that have ended and were not waited for have their ids still. */
static int
sw_zombies(int argc, char **argv)
{
	int made = 0, lwp, ids[50];

	(void)argc;
	(void)argv;
	while (made < 50 && (lwp = tine_sys_lwp_create(ends_at_once, NULL)) >
	    0) {
		ids[made++] = lwp;
		tine_sys_nanosleep(1000000);
	}
	if (made < 50)
		tine_check(lwp == -EAGAIN);
	for (int i = 0; i < made; i++)
		(void)tine_sys_lwp_wait(ids[i]);
	tine_check(tine_sys_lwp_create(ends_at_once, NULL) > 0);
	return 0;
}
TINE_PROGRAM(sw_zombies, "test: as many ended LWPs as there are ids");

static void
ids_of_threads_are_used_again(void **state)
{
	struct tine_options o;

	(void)state;
	EACH_WORLD(o, lwpid_max, 2, 5) {
		assert_true(live(&o, "sw_lwps", NULL));
		assert_true(live(&o, "sw_zombies", NULL));
		assert_true(live(&o, "sw_prefork", NULL));
	}
}

static void
little_memory_is_an_error_or_an_end_but_never_the_host_s(void **state)
{
	static const char *const greedy[] = {
		"sh", "-c", "X=$(seq 9000); test ${#X} = 43892", NULL
	};
	struct tine_options o;

	(void)state;
	for (size_t k = 0; k < KERNELS; k++) {
		no_memory = 0;
		/* What a kernel needs to begin with; and DragonFly's fork
		 * waits for memory, for as long as it takes. */
		for (unsigned n = 28; n < 120; n += n / 6) {
			o = world(k);
			o.memory_pages = n;
			(void)live(&o, "sw_prefork", NULL);
			shells(&o, "sh", "-c");
			(void)live(&o, "sh", greedy);
		}
		assert_true(no_memory > 2);
		o.memory_pages = 400;
		assert_true(live(&o, "sh", greedy));
	}
	for (size_t k = 0; k < KERNELS; k++) {
		o = world(k);
		o.kmem_bytes = 1 << 20;
		assert_true(live(&o, "sw_prefork", NULL));
		o.ustack_pages = 4;
		shells(&o, "sh", "-c");
		o.pipe_bytes = REQUESTS;
		assert_true(live(&o, "sw_prefork", NULL));
		o.pipe_bytes = 1;
		shells(&o, "sh", "-c");
	}
}

static void
few_descriptors_are_emfile(void **state)
{
	static const char *const limits[] = { "3", "4", "5", "6", "7" };
	struct tine_options o;

	(void)state;
	no_descriptor = 0;
	for (size_t k = 0; k < KERNELS; k++) {
		o = world(k);
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			shells(&o, "sw_fds", limits[i]);
	}
	assert_true(no_descriptor > 4 * KERNELS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_pids_are_used_again_or_are_eagain),
		cmocka_unit_test(a_small_process_table_is_eagain),
		cmocka_unit_test(ids_of_threads_are_used_again),
		cmocka_unit_test(
		    little_memory_is_an_error_or_an_end_but_never_the_host_s),
		cmocka_unit_test(few_descriptors_are_emfile),
	};

	return cmocka_run_group_tests_name("small_worlds", tests, NULL, NULL);
}
