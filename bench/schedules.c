/* SPDX-License-Identifier: MIT */
/* schedules.c - what one schedule costs, and one scheduling point. */
#include <stddef.h>
#include <stdint.h>

#include "bench.h"

#define FORKS 2000
#define LOCKS 20000
#define THREADS 4
#define OPERATIONS 10000

/* --- the parent forks, the child exits, the parent waits --- */

static int
bench_fork_once(int argc, char **argv)
{
	int status;
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	return (tine_sys_waitpid(pid, &status, 0) == pid ? 0 : 1);
}

TINE_PROGRAM(bench_fork_once, "fork, exit and wait once");

/* --- two threads, ten lock operations each --- */

static struct tine_kern_mutex lock;

static void
locks(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 5; i++) {
		tine_kern_mutex_enter(&lock);
		tine_kern_mutex_exit(&lock);
	}
}

static void
body_locks(void *arg)
{
	(void)arg;
	tine_kern_mutex_init(&lock, NULL);
	tine_kern_thread("one", locks, NULL);
	tine_kern_thread("two", locks, NULL);
}

/* --- four threads, a long run --- */

static void
works(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < OPERATIONS / 2; i++) {
		tine_kern_mutex_enter(&lock);
		tine_kern_mutex_exit(&lock);
	}
}

static void
body_works(void *arg)
{
	unsigned i;

	(void)arg;
	tine_kern_mutex_init(&lock, NULL);
	for (i = 0; i < THREADS; i++)
		tine_kern_thread("worker", works, NULL);
}

/* --- samples --- */

static double
schedules(struct tine_machine *machine, uint64_t count)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	struct tine_explorer *explorer;
	double start, spent = -1;

	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_RANDOM;
	if (tine_explorer_create(machine, &options, &explorer) != 0) {
		bench_fail("%s", tine_error_message());
		return (-1);
	}
	result.size = sizeof(result);
	/* a warm-up, and the schedules that are run twice */
	if (tine_explorer_run(explorer, count / 8, &result) != 0)
		goto failed;
	start = bench_now();
	if (tine_explorer_run(explorer, count, &result) != 0)
		goto failed;
	spent = (bench_now() - start) / (double)count;
	if (result.failures != 0) {
		bench_fail("%s", result.message);
		spent = -1;
	}
	tine_explorer_destroy(explorer);
	return (spent);
failed:
	bench_fail("%s", tine_error_message());
	tine_explorer_destroy(explorer);
	return (-1);
}

static double
ours_forks(void *arg)
{
	struct tine_options options;
	struct tine_machine *machine;
	double spent = -1;

	(void)arg;
	tine_options_init(&options);
	if (tine_machine_create(&options, &machine) != 0) {
		bench_fail("%s", tine_error_message());
		return (-1);
	}
	if (tine_machine_spawn(machine, "bench_fork_once", NULL) != 0)
		bench_fail("%s", tine_error_message());
	else
		spent = schedules(machine, FORKS);
	(void)tine_machine_destroy(machine);
	return (spent);
}

static double
ours_locks(void *arg)
{
	struct tine_machine *machine;
	double spent;

	(void)arg;
	if (tine_kern_create(NULL, body_locks, NULL, &machine) != 0) {
		bench_fail("%s", tine_error_message());
		return (-1);
	}
	spent = schedules(machine, LOCKS);
	(void)tine_machine_destroy(machine);
	return (spent);
}

static double
ours_steps(void *arg)
{
	struct tine_options options;
	struct tine_machine *machine;
	struct tine_result result;
	double start, spent = -1;

	(void)arg;
	bench_options(&options);
	options.strategy = TINE_STRATEGY_RANDOM;
	if (tine_kern_create(&options, body_works, NULL, &machine) != 0) {
		bench_fail("%s", tine_error_message());
		return (-1);
	}
	start = bench_now();
	if (tine_machine_run(machine, &result) != 0)
		bench_fail("%s", tine_error_message());
	else if (result.outcome != TINE_OUTCOME_PASSED)
		bench_fail("%s", result.message);
	else
		spent = (bench_now() - start) / (double)result.steps;
	(void)tine_machine_destroy(machine);
	return (spent);
}

/* What is asked for, as a sample. */
static double
asked(void *arg)
{
	return (*(const double *)arg);
}

void
bench_schedules(void)
{
	static double fork_ns = 20000, kernel_ns = 2000, step_ns = 100;
	static const struct bench_pair pairs[] = {
		{ "schedules-fork-wait", "20 us, what is asked for", 1,
		    ours_forks, asked, NULL, &fork_ns },
		{ "schedules-kernel", "2 us, what is asked for", 1,
		    ours_locks, asked, NULL, &kernel_ns },
		{ "step", "100 ns, what is asked for", 1,
		    ours_steps, asked, NULL, &step_ns },
		{ "schedules-vs-host-fork", "fork + _exit + waitpid", 5,
		    ours_forks, bench_host_fork, NULL, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		bench_compare(&pairs[i]);
}
