/* SPDX-License-Identifier: MIT */
/*
 * vm.c - memory: fork by the number of pages, first writes after fork, and the
 * switch between spaces that differ in some pages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define PAGE ((size_t)4096)

static double measured;
static size_t npages;

/* --- fork with so many resident pages, the parent writes one between --- */

#define FORKS 2000

static int
bench_fork_pages(int argc, char **argv)
{
	char *memory = tine_sys_mmap(npages * PAGE,
	    TINE_PROT_READ | TINE_PROT_WRITE);
	double start;
	size_t i;

	(void)argc;
	(void)argv;
	if (tine_sys_failed(memory) != 0)
		return (1);
	for (i = 0; i < npages; i++)
		((volatile char *)memory)[i * PAGE] = 1;
	if (bench_forks(memory, FORKS / 10) != 0)
		return (1);
	start = bench_now();
	if (bench_forks(memory, FORKS) != 0)
		return (1);
	measured = (bench_now() - start) / FORKS;
	return (0);
}

TINE_PROGRAM(bench_fork_pages, "fork with many pages in a loop");

static bool
run(const char *program, struct tine_stats *stats)
{
	struct tine_options options;

	bench_options(&options);
	options.memory_pages = 262144;
	return (bench_run(&options, program, stats));
}

static double
ours_fork(void *arg)
{
	npages = *(const size_t *)arg;
	return (run("bench_fork_pages", NULL) ? measured : -1);
}

/* The same in a process of the host: what it does, and with how many pages. */
static double
theirs(const char *what, size_t pages)
{
	char text[32], output[64];

	(void)snprintf(text, sizeof(text), "%s %zu", what, pages);
	if (!bench_spawn("tine_bench_pages", text, output, sizeof(output)))
		return (-1);
	return (strtod(output, NULL));
}

static double
theirs_fork(void *arg)
{
	return (theirs("fork", *(const size_t *)arg));
}

/* --- the first write to each of many pages after fork --- */

static int
bench_cow_write(int argc, char **argv)
{
	char *memory = tine_sys_mmap(npages * PAGE,
	    TINE_PROT_READ | TINE_PROT_WRITE);
	double start;
	tine_pid_t pid;
	int status;
	size_t i;

	(void)argc;
	(void)argv;
	if (tine_sys_failed(memory) != 0)
		return (1);
	for (i = 0; i < npages; i++)
		((volatile char *)memory)[i * PAGE] = 1;
	pid = tine_sys_fork();
	if (pid == 0) {
		start = bench_now();
		for (i = 0; i < npages; i++)
			((volatile char *)memory)[i * PAGE] = 2;
		measured = (bench_now() - start) / (double)npages;
		tine_sys_exit(0);
	}
	return (pid < 0 || tine_sys_waitpid(pid, &status, 0) != pid ||
	    status != 0);
}

TINE_PROGRAM(bench_cow_write, "first writes after fork");

static double
ours_cow(void *arg)
{
	npages = *(const size_t *)arg;
	return (run("bench_cow_write", NULL) ? measured : -1);
}

static double
theirs_cow(void *arg)
{
	return (theirs("cow", *(const size_t *)arg));
}

/* --- two processes that differ in some pages take turns --- */

#define TURNS 4000

/* Host calls of a run, and how long it is. */
static uint64_t switch_maps;
static int switch_turns = TURNS;

static int
bench_switch_differ(int argc, char **argv)
{
	char *memory = tine_sys_mmap(128 * PAGE,
	    TINE_PROT_READ | TINE_PROT_WRITE);
	double start;
	tine_pid_t pid;
	int status;
	size_t i;

	(void)argc;
	(void)argv;
	if (tine_sys_failed(memory) != 0)
		return (1);
	for (i = 0; i < 128; i++)
		((volatile char *)memory)[i * PAGE] = 1;
	pid = tine_sys_fork();
	for (i = 0; i < npages; i++)
		((volatile char *)memory)[i * PAGE] = 2;
	for (i = 0; i < 100; i++)
		tine_sys_yield();
	start = bench_now();
	for (i = 0; i < (size_t)switch_turns; i++)
		tine_sys_yield();
	if (pid == 0)
		tine_sys_exit(0);
	measured = (bench_now() - start) / switch_turns / 2;
	return (pid < 0 || tine_sys_waitpid(pid, &status, 0) != pid ||
	    status != 0);
}

TINE_PROGRAM(bench_switch_differ, "two spaces in turns");

static double
ours_switch(void *arg)
{
	struct tine_stats stats;

	npages = *(const size_t *)arg;
	if (!run("bench_switch_differ", &stats))
		return (-1);
	if (stats.as_switches < TURNS) {
		bench_fail("%llu switches, not %d", (unsigned long long)
		    stats.as_switches, TURNS);
		return (-1);
	}
	switch_maps = stats.host_maps;
	return (measured);
}

static double
theirs_switch(void *arg)
{
	(void)arg;
	return (theirs("switch", 1));
}

/* What more turns cost in host calls: nothing at all. */
static void
report_switch_maps(void)
{
	static const char row[] = "switch-differ-0-calls";
	static const size_t none = 0;
	uint64_t calls[3];
	int i;

	if (!bench_wanted(row))
		return;
	/* The first run of all has its window to make. */
	for (i = 0; i < 3; i++) {
		switch_turns = i < 2 ? TURNS : 2 * TURNS;
		if (ours_switch((void *)(uintptr_t)&none) < 0) {
			bench_report_broken(row, bench_failure());
			return;
		}
		calls[i] = switch_maps;
	}
	switch_turns = TURNS;
	bench_report_plain(row, (double)calls[2] - (double)calls[1],
	    "host calls in 8,000 switches", "0", calls[2] == calls[1]);
}

void
bench_vm(void)
{
	static const struct {
		const char *row;
		size_t pages;
		double required;
	} forks[] = {
		{ "fork-1-pages", 1, 50 },
		{ "fork-100-pages", 100, 50 },
		{ "fork-10000-pages", 10000, 20 },
		{ "fork-100000-pages", 100000, 10 },
	}, cows[] = {
		{ "cow-write-100", 100, 0.25 },
		{ "cow-write-10000", 10000, 0.25 },
	}, switches[] = {
		{ "switch-differ-0", 0, 1 },
		{ "switch-differ-1", 1, 0.5 },
		{ "switch-differ-10", 10, 0.1 },
		{ "switch-differ-100", 100, 0.02 },
	};
	struct bench_pair pair;
	size_t i, pages;

	memset(&pair, 0, sizeof(pair));
	pair.ours_arg = pair.theirs_arg = &pages;
	pair.alternative = "the host, as many pages";
	pair.ours = ours_fork;
	pair.theirs = theirs_fork;
	for (i = 0; i < sizeof(forks) / sizeof(forks[0]); i++) {
		pages = forks[i].pages;
		pair.row = forks[i].row;
		pair.required = forks[i].required;
		bench_compare(&pair);
	}
	pair.alternative = "in a child of the host";
	pair.ours = ours_cow;
	pair.theirs = theirs_cow;
	for (i = 0; i < sizeof(cows) / sizeof(cows[0]); i++) {
		pages = cows[i].pages;
		pair.row = cows[i].row;
		pair.required = cows[i].required;
		bench_compare(&pair);
	}
	pair.alternative = "two of the host, over a pipe";
	pair.ours = ours_switch;
	pair.theirs = theirs_switch;
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		pages = switches[i].pages;
		pair.row = switches[i].row;
		pair.required = switches[i].required;
		bench_compare(&pair);
		if (pages == 0)
			report_switch_maps();
	}
}
