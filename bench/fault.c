/* SPDX-License-Identifier: MIT */
/* fault.c - a copy-on-write fault beside a bare SIGSEGV and mprotect. */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"

#define PAGES 256
#define ROUNDS 8
#define PAGE ((size_t)4096)

static double measured;

static void
touch(char *memory)
{
	size_t i;

	for (i = 0; i < PAGES; i++)
		((volatile char *)memory)[i * PAGE]++;
}

/* The child writes to every page once: each write is a fault and a copy. */
static int
bench_fault_program(int argc, char **argv)
{
	char *memory;
	double start;
	int round, status;
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	memory = tine_sys_mmap(PAGES * PAGE, TINE_PROT_READ | TINE_PROT_WRITE);
	if (tine_sys_failed(memory) != 0)
		return (1);
	touch(memory);
	measured = 0;
	for (round = 0; round < ROUNDS; round++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			start = bench_now();
			touch(memory);
			measured += (bench_now() - start) / (PAGES * ROUNDS);
			tine_sys_exit(memory[0] == 2 ? 0 : 1);
		}
		if (pid < 0 || tine_sys_waitpid(pid, &status, 0) != pid ||
		    status != 0 || memory[0] != 1)
			return (1);
	}
	return (0);
}

TINE_PROGRAM(bench_fault_program, "a child that writes to many pages");

static double
ours(void *arg)
{
	struct tine_options options;
	struct tine_stats stats;

	(void)arg;
	bench_options(&options);
	if (!bench_run(&options, "bench_fault_program", &stats))
		return (-1);
	if (stats.cow_copies < ROUNDS * PAGES ||
	    stats.host_faults < ROUNDS * PAGES) {
		bench_fail("%llu copies in %llu faults, not %u or more",
		    (unsigned long long)stats.cow_copies,
		    (unsigned long long)stats.host_faults, ROUNDS * PAGES);
		return (-1);
	}
	return (measured);
}

static void
unprotect(int signo, siginfo_t *info, void *context)
{
	const uintptr_t page = (uintptr_t)info->si_addr & ~(PAGE - 1);

	(void)signo;
	(void)context;
	if (mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE) != 0)
		(void)signal(SIGSEGV, SIG_DFL);
}

static double
theirs(void *arg)
{
	struct sigaction action, saved;
	char *memory;
	double start, ns = 0;
	int round;

	(void)arg;
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		bench_fail("no memory");
		return (-1);
	}
	/* A huge page would be split by the first mprotect. */
	(void)madvise(memory, PAGES * PAGE, MADV_NOHUGEPAGE);
	touch(memory);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = unprotect;
	action.sa_flags = SA_SIGINFO;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGSEGV, &action, &saved) != 0) {
		(void)munmap(memory, PAGES * PAGE);
		bench_fail("no handler");
		return (-1);
	}
	for (round = 0; round < ROUNDS; round++) {
		(void)mprotect(memory, PAGES * PAGE, PROT_READ);
		start = bench_now();
		touch(memory);
		ns += (bench_now() - start) / (PAGES * ROUNDS);
	}
	(void)sigaction(SIGSEGV, &saved, NULL);
	(void)munmap(memory, PAGES * PAGE);
	return (ns);
}

void
bench_fault(void)
{
	const struct bench_pair pair = { .row = "cow-fault",
	    .alternative = "SIGSEGV + mprotect of the host", .required = 0.67,
	    .ours = ours, .theirs = theirs };

	bench_compare(&pair);
}
