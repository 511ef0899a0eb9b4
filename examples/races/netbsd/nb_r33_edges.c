/* SPDX-License-Identifier: MIT */
/*
 * nb_r33_edges.c - exit waits for an LWP that computes.
 *
 * One LWP computes without a call, on a CPU of its own; another one exits. The
 * first is told to leave, but nobody calls its CPU into the kernel: the process
 * ends when it gets there by itself. Between kern_exit.c 1.277 and 1.282 that
 * was added. (This file is compiled with the option that gives such a program
 * its clock, see docs/caveats.md.)
 */
#include <tine/netbsd.h>
#include <tine/process.h>

#include "../rig.h"

struct page {
	volatile int exits;	/* the other one is about to */
	volatile int done;	/* whole work, not cut short */
};

static TINE_DATA struct page *page;
static TINE_DATA volatile unsigned work;

static void
computes(void *arg)
{
	(void)arg;
	while (page->exits == 0)
		work++;
	/* Ticks enough for the other one to get where it waits. */
	for (work = 0; work < 20000; work++)
		;
	page->done = 1;
}

RACE_MAIN(race_nb_r33, "an LWP that computes, an LWP that exits")
{
	tine_pid_t pid;

	page = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_check(tine_sys_minherit(page, 4096, TINE_INHERIT_SHARE) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_lwp_create(computes, NULL);
		page->exits = 1;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(page->done == 0);
	return 0;
}

static void
two_cpus_with_a_clock(struct tine_options *options)
{
	race_two_cpus(options);
	options->tick_edges = 200;
}

TINE_RACE(nb_r33,
    .id = "NB-R33",
    .summary = "exit waits for an LWP that computes",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r33",
    .configure = two_cpus_with_a_clock,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1,
	.says = "page->done == 0" },
    .right = { .quirks = "-NB-R33", .delays = 2 });
