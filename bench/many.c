/* SPDX-License-Identifier: MIT */
/*
 * many.c - fork beside 100,000 live processes, and what those cost in memory.
 *
 * Two machines, one with 10 live processes and one with 100,000, each on a host
 * thread of its own. They take their samples in turns, handing the word to each
 * other by semaphores of the host. The program that forks is not the parent of
 * the crowd: a child of its is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "bench.h"
#include "machine/machine.h"

#define FEW 10
#define MANY 100000
#define FORKS 2000

struct crowd {
	unsigned live;			/* how many are to live */
	volatile unsigned paused;	/* how many do, and went to sleep */
	uv_sem_t turn;
	uv_sem_t *other;
	uv_sem_t done;			/* all samples are taken */
	struct tine_machine *machine;
	double samples[BENCH_SAMPLES];
	volatile int taken;		/* the first one is the warm-up */
	/* before the crowd and with it */
	size_t resident[2];		/* host pages */
	uint64_t frames[2];		/* that programs touched */
	char error[512];
};

/* Which of the two is this thread's: programs have no other way to know. */
static __thread struct crowd *mine;

/* Host pages. The file goes into memory of the host: the host's kernel cannot
 * write to a page of a program that is protected for copy-on-write. */
static size_t
resident(void)
{
	static __thread char text[256];
	unsigned long pages = 0;
	char *end;
	ssize_t n;
	int fd;

	fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (0);
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n > 0) {
		text[n] = '\0';
		(void)strtoul(text, &end, 10);
		pages = strtoul(end, NULL, 10);
	}
	return (pages);
}

static void
note(struct crowd *crowd, int when)
{
	crowd->resident[when] = resident();
	crowd->frames[when] = tine__vm_stats(crowd->machine->vm)->frames_used;
}

/* The parent of the crowd. */
static TINE_NORETURN void
breed(struct crowd *crowd)
{
	unsigned i;
	tine_pid_t pid;

	for (i = 0; i < crowd->live; i++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			crowd->paused++;
			(void)tine_sys_pause();
			tine_sys_exit(0);
		}
		tine_check(pid > 0);
	}
	(void)tine_sys_pause();
	tine_sys_exit(0);
}

static int
bench_many_program(int argc, char **argv)
{
	struct crowd *const crowd = mine;
	double start;
	int i;

	(void)argc;
	(void)argv;
	if (bench_forks(NULL, FORKS) != 0)
		return (1);
	note(crowd, 0);
	if (tine_sys_fork() == 0)
		breed(crowd);
	while (crowd->paused < crowd->live)
		(void)tine_sys_nanosleep(1000000);
	note(crowd, 1);
	for (i = -1; i < BENCH_SAMPLES; i++) {
		uv_sem_wait(&crowd->turn);
		start = bench_now();
		if (bench_forks(NULL, FORKS) != 0)
			return (1);
		if (i >= 0)
			crowd->samples[i] = (bench_now() - start) / FORKS;
		crowd->taken = i + 1;
		uv_sem_post(crowd->other);
	}
	/* The end of a crowd is not what is measured: the run is stopped. */
	uv_sem_post(&crowd->done);
	for (;;)
		tine_sys_yield();
}

TINE_PROGRAM(bench_many_program, "forks beside a crowd");

static void
run_crowd(void *arg)
{
	struct crowd *const crowd = arg;
	struct tine_result result;
	int i;

	mine = crowd;
	if (tine_machine_run(crowd->machine, &result) != 0)
		(void)snprintf(crowd->error, sizeof(crowd->error), "%s",
		    tine_error_message());
	else if (result.outcome != TINE_OUTCOME_STOPPED)
		(void)snprintf(crowd->error, sizeof(crowd->error),
		    "beside %u: %s, status %#x: %s", crowd->live,
		    tine_outcome_name(result.outcome),
		    (unsigned)result.status, result.message);
	/* Whatever went wrong here, the other one must not wait for us. */
	for (i = 0; i <= BENCH_SAMPLES; i++)
		uv_sem_post(crowd->other);
	uv_sem_post(&crowd->done);
}

static bool
create(struct crowd *crowd, unsigned live)
{
	struct tine_options options;

	crowd->live = live;
	bench_options(&options);
	options.memory_pages = 524288;
	options.kmem_bytes = UINT64_C(8) << 30;
	options.pid_max = 200000;
	options.proc_max = 200000;
	if (tine_machine_create(&options, &crowd->machine) != 0 ||
	    tine_machine_spawn(crowd->machine, "bench_many_program", NULL) !=
	    0) {
		bench_fail("%s", tine_error_message());
		return (false);
	}
	return (true);
}

/* Both runs, to their ends. False after bench_fail(). */
static bool
run_both(struct crowd crowds[2])
{
	uv_thread_t threads[2];
	int i;

	for (i = 0; i < 2; i++) {
		(void)uv_sem_init(&crowds[i].turn, i == 0 ? 1 : 0);
		(void)uv_sem_init(&crowds[i].done, 0);
		crowds[i].other = &crowds[1 - i].turn;
	}
	for (i = 0; i < 2; i++)
		if (uv_thread_create(&threads[i], run_crowd, &crowds[i]) !=
		    0) {
			/* nothing to go on with: the process is ending */
			(void)fprintf(stderr, "tine_bench: no host thread\n");
			exit(1);
		}
	for (i = 0; i < 2; i++) {
		uv_sem_wait(&crowds[i].done);
		(void)tine_machine_stop(crowds[i].machine);
	}
	for (i = 0; i < 2; i++)
		(void)uv_thread_join(&threads[i]);
	for (i = 0; i < 2; i++) {
		uv_sem_destroy(&crowds[i].turn);
		uv_sem_destroy(&crowds[i].done);
		if (crowds[i].taken != BENCH_SAMPLES ||
		    crowds[i].error[0] != '\0') {
			bench_fail("%s", crowds[i].error);
			return (false);
		}
	}
	return (true);
}

/* What a process costs that is not a page it touched. */
static double
bytes_each(const struct crowd *crowd)
{
	const double pages = (double)crowd->resident[1] -
	    (double)crowd->resident[0];
	const double frames = (double)crowd->frames[1] -
	    (double)crowd->frames[0];

	return ((pages * (double)sysconf(_SC_PAGESIZE) -
	    frames * (double)TINE__PAGE) / crowd->live);
}

void
bench_many(void)
{
	const struct bench_pair pair = { .row = "fork-at-100000",
	    .alternative = "ours, with 10 live processes", .required = 0.67 };
	struct crowd *crowds = calloc(2, sizeof(*crowds));
	double bytes;

	if (crowds == NULL || !create(&crowds[0], FEW) ||
	    !create(&crowds[1], MANY) || !run_both(crowds)) {
		bench_report_broken(pair.row, bench_failure());
	} else {
		bytes = bytes_each(&crowds[1]);
		bench_report_pair(&pair,
		    bench_median(crowds[1].samples, BENCH_SAMPLES),
		    bench_median(crowds[0].samples, BENCH_SAMPLES));
		bench_report_plain("bytes-per-process", bytes,
		    "bytes, at 100,000 live", "< 12288", bytes < 12288);
	}
	if (crowds != NULL) {
		(void)tine_machine_destroy(crowds[0].machine);
		(void)tine_machine_destroy(crowds[1].machine);
	}
	free(crowds);
}
