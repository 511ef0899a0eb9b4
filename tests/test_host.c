/* SPDX-License-Identifier: MIT */
/* test_host.c - the host process: what it survives, what it shares. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "base/text.h"

/* --- programs --- */

static int
host_aborts(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	abort();
}

TINE_PROGRAM(host_aborts, "calls the C library's abort()");

static int
host_raises(int argc, char **argv)
{
	(void)argv;
	(void)raise(argc > 1 ? SIGTRAP : SIGSEGV);
	return 0;
}

TINE_PROGRAM(host_raises, "sends itself a signal by raise()");

static int
host_breaks(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	__asm__ volatile("int3");
	return 0;
}

TINE_PROGRAM(host_breaks, "has a breakpoint instruction");

static TINE_DATA char host_chunk[65536];

static int
host_talks(int argc, char **argv)
{
	int i;

	(void)argc;
	(void)argv;
	memset(host_chunk, 'x', sizeof(host_chunk));
	for (i = 0; i < 400; i++)
		tine_check(tine_sys_write(1, host_chunk,
		    sizeof(host_chunk)) == (long)sizeof(host_chunk));
	return 0;
}

TINE_PROGRAM(host_talks, "writes 25 MiB to the console");

static int
host_family(int argc, char **argv)
{
	void *memory = tine_malloc(5000);
	int lwp, status;
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(tine_free, memory);
	tine_check(lwp > 0 && tine_sys_lwp_wait(lwp) == lwp);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* its child outlives it, and is init's to reap */
		if (tine_sys_fork() == 0) {
			(void)tine_sys_nanosleep(1000);
			tine_sys_exit(4);
		}
		tine_sys_exit(3);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	(void)tine_sys_nanosleep(5000);
	return 0;
}

TINE_PROGRAM(host_family, "a family of three generations");

/* Mostly inside the host's allocator, and never back. Not always: a host that
 * is busy stops a thread at the end of a system call, time and again. */
static int
host_hoards(int argc, char **argv)
{
	void *volatile block;
	volatile int i;

	(void)argv;
	while (argc != 0) {
		block = malloc(2 << 20);
		free(block);
		for (i = 0; i < 2000; i++)
			continue;
	}
	return 0;
}

TINE_PROGRAM(host_hoards, "allocates in the host for ever");

/* Has its module's data, and keeps it until it is told otherwise. */
static atomic_int host_keeping;

static int
host_keeps(int argc, char **argv)
{
	(void)argv;
	memset(host_chunk, argc, sizeof(host_chunk));
	atomic_store(&host_keeping, 1);
	while (atomic_load(&host_keeping) != 2)
		;
	return host_chunk[1] != argc;
}

TINE_PROGRAM(host_keeps, "does not let go of its data");

static int
host_wants(int argc, char **argv)
{
	(void)argv;
	return host_chunk[argc] != 0;
}

TINE_PROGRAM(host_wants, "looks at data that nobody wrote to");

/* --- helpers --- */

static struct tine_machine *
machine_of(const char *program, const char *const *argv, bool trace)
{
	struct tine_options options;
	struct tine_machine *machine;

	tine_options_init(&options);
	options.trace_full = trace;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, program, argv), 0);
	return (machine);
}

static void
ends_by(const char *program, const char *const *argv, int signo)
{
	struct tine_machine *machine = machine_of(program, argv, false);
	struct tine_result result;

	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_true(WIFSIGNALED(result.status));
	assert_int_equal(WTERMSIG(result.status), signo);
	/* and the machine is as good as before */
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_true(WIFSIGNALED(result.status));
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static int
add_text(void *user, const char *text, size_t size)
{
	tine__text_add(user, text, size);
	return 0;
}

/* --- what it survives --- */

static void
a_program_that_aborts_ends_itself_and_nobody_else(void **state)
{
	(void)state;
	ends_by("host_aborts", NULL, SIGABRT);
}

static void
a_program_that_signals_itself_ends_itself(void **state)
{
	const char *const trap[] = { "host_raises", "trap", NULL };

	(void)state;
	ends_by("host_raises", NULL, SIGSEGV);
	ends_by("host_raises", trap, SIGTRAP);
	ends_by("host_breaks", NULL, SIGTRAP);
}

static void
the_watchdog_leaves_the_hosts_allocator_as_it_was(void **state)
{
	struct tine_options options;
	struct tine_machine *machine;
	struct tine_result result;
	int i;

	(void)state;
	tine_options_init(&options);
	options.watchdog_ms = 20;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "host_hoards", NULL), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_WATCHDOG);
	}
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void *
run_keeper(void *machine)
{
	struct tine_result result;

	if (tine_machine_run(machine, &result) != 0)
		return NULL;
	return result.outcome == TINE_OUTCOME_PASSED && result.status == 0 ?
	    machine : NULL;
}

/* Lets the keeper go when the watchdog has had its chance. */
static void *
release_keeper(void *arg)
{
	const struct timespec while_ = { 1, 200000000 };

	(void)nanosleep(&while_, NULL);
	atomic_store(&host_keeping, 2);
	return arg;
}

static void
the_watchdog_is_patient_while_another_machine_has_the_data(void **state)
{
	struct tine_options options;
	struct tine_machine *keeper = machine_of("host_keeps", NULL, false);
	struct tine_machine *machine;
	struct tine_result result;
	pthread_t threads[2];
	void *value;

	(void)state;
	tine_options_init(&options);
	options.watchdog_ms = 20;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "host_wants", NULL), 0);
	atomic_store(&host_keeping, 0);
	assert_int_equal(pthread_create(&threads[0], NULL, run_keeper,
	    keeper), 0);
	while (atomic_load(&host_keeping) != 1)
		(void)usleep(1000);
	assert_int_equal(pthread_create(&threads[1], NULL, release_keeper,
	    NULL), 0);
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_int_equal(result.status, 0);
	assert_int_equal(pthread_join(threads[0], &value), 0);
	assert_ptr_equal(value, keeper);
	assert_int_equal(pthread_join(threads[1], NULL), 0);
	assert_int_equal(tine_machine_destroy(machine), 0);
	assert_int_equal(tine_machine_destroy(keeper), 0);
}

static void
the_transcript_of_a_program_that_never_stops_is_cut(void **state)
{
	struct tine_machine *machine = machine_of("host_talks", NULL, false);
	struct tine_result result;

	(void)state;
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_int_equal(result.status, 0);
	assert_in_range(result.console_size, 16 << 20, (16 << 20) + 65536);
	assert_non_null(strstr(result.message, "the transcript holds only"));
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* --- what a fork of the host shares --- */

/* In the forked host process; what it returns is its exit status. */
static int
in_the_forked_host(struct tine_machine *inherited, uint64_t digest)
{
	struct tine_machine *machine;
	struct tine_result result;
	int i;

	if (tine_machine_run(inherited, &result) != -TINE_ESTATE ||
	    strstr(tine_error_message(), "another host process") == NULL ||
	    tine_machine_destroy(inherited) != 0)
		return 1;
	machine = machine_of("host_family", NULL, false);
	for (i = 0; i < 200; i++)
		if (tine_machine_run(machine, &result) != 0 ||
		    result.outcome != TINE_OUTCOME_PASSED ||
		    result.digest != digest)
			return 2;
	return tine_machine_destroy(machine) != 0 ? 3 : 0;
}

static void
a_forked_host_has_machines_of_its_own(void **state)
{
	struct tine_machine *machine = machine_of("host_family", NULL, false);
	struct tine_result result;
	uint64_t digest;
	pid_t pids[2];
	int i, status;

	(void)state;
	assert_int_equal(tine_machine_run(machine, &result), 0);
	digest = result.digest;
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(in_the_forked_host(machine, digest));
	}
	for (i = 0; i < 200; i++) {
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		assert_true(result.digest == digest);
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* --- what traces hold --- */

static void
a_trace_is_the_same_in_every_slot_and_format(void **state)
{
	struct tine_machine *machines[2];
	struct tine__text texts[2];
	int format, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		machines[i] = machine_of("host_family", NULL, true);
		assert_int_equal(tine_machine_run(machines[i], NULL), 0);
	}
	for (format = TINE_TRACE_JSONL; format <= TINE_TRACE_TREE; format++) {
		memset(texts, 0, sizeof(texts));
		for (i = 0; i < 2; i++)
			assert_int_equal(tine_trace_write(machines[i],
			    (enum tine_trace_format)format, add_text,
			    &texts[i]), 0);
		assert_string_equal(texts[0].data, texts[1].data);
		tine__text_free(&texts[0]);
		tine__text_free(&texts[1]);
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(tine_machine_destroy(machines[i]), 0);
}

/* spec: IL-128 IL-136 IL-144 */
static void
whoever_dies_is_reaped_orphans_by_init(void **state)
{
	struct tine_machine *machine = machine_of("host_family", NULL, true);
	const struct tine_event *events;
	bool dead[64] = { false };
	unsigned zombies = 0, reaped_by_init = 0;
	struct tine_result result;
	long count, i;

	(void)state;
	assert_int_equal(tine_machine_run(machine, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	count = tine_trace_events(machine, &events);
	assert_true(count > 0);
	for (i = 0; i < count; i++) {
		if (events[i].type == TINE_EV_ZOMBIE && events[i].pid != 1) {
			assert_in_range(events[i].pid, 101, 164);
			dead[events[i].pid - 101] = true;
			zombies++;
		}
		if (events[i].type == TINE_EV_REAP && events[i].a >= 101) {
			assert_true(dead[events[i].a - 101]);
			dead[events[i].a - 101] = false;
			zombies--;
			reaped_by_init += events[i].pid == 1;
		}
	}
	assert_int_equal(zombies, 0);
	/* the program itself, and the grandchild */
	assert_int_equal(reaped_by_init, 2);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_program_that_aborts_ends_itself_and_nobody_else),
		cmocka_unit_test(a_program_that_signals_itself_ends_itself),
		cmocka_unit_test(
		    the_watchdog_leaves_the_hosts_allocator_as_it_was),
		cmocka_unit_test(
		    the_watchdog_is_patient_while_another_machine_has_the_data),
		cmocka_unit_test(
		    the_transcript_of_a_program_that_never_stops_is_cut),
		cmocka_unit_test(a_forked_host_has_machines_of_its_own),
		cmocka_unit_test(a_trace_is_the_same_in_every_slot_and_format),
		cmocka_unit_test(whoever_dies_is_reaped_orphans_by_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
