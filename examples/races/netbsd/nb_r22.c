/* SPDX-License-Identifier: MIT */
/*
 * nb_r22.c - wired memory in a child's picture.
 *
 * fork walks over the parent's mappings by address and protects each, so that a
 * store waits for the end of the walk. A wired one it copies instead, as its
 * owner is not to fault: it stays writable. A sibling stores to it after its
 * turn, and then to one whose turn is yet to come: the child has the second
 * store, and not the first.
 *
 * It is by design, and nobody has changed it. Right is: wired mappings are
 * protected like all others, copied when the walk has ended, and writable
 * again.
 */
#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>

#include "../rig.h"

/* One that fork sees first, and one that it sees then. */
struct pages {
	volatile char *low, *high;
	int ready[2], go[2];
};

static void
stores(void *arg)
{
	const struct pages *pages = arg;
	char byte = 0;

	/* Its own stack is there by now: only the two stores are left. */
	tine_check(tine_sys_write(pages->ready[1], &byte, 1) == 1);
	tine_check(tine_sys_read(pages->go[0], &byte, 1) == 1);
	pages->low[0] = 1;
	pages->high[0] = 1;
}

static int
fork_beside_stores(int wire)
{
	const int prot = TINE_PROT_READ | TINE_PROT_WRITE;
	struct pages pages;
	tine_pid_t pid;
	void *low;
	int lwp, status;
	char byte = 0;

	pages.low = low = tine_sys_mmap(4096, prot);
	pages.high = tine_sys_mmap(4096, prot);
	pages.low[0] = pages.high[0] = 0;
	if (wire)
		tine_check(tine_sys_mlock(low, 4096) == 0);
	tine_check(tine_sys_pipe(pages.ready) == 0);
	tine_check(tine_sys_pipe(pages.go) == 0);
	lwp = tine_sys_lwp_create(stores, &pages);
	tine_check(tine_sys_read(pages.ready[0], &byte, 1) == 1);
	tine_check(tine_sys_write(pages.go[1], &byte, 1) == 1);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(pages.high[0] == 1 && pages.low[0] == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_MAIN(race_nb_r22, "a fork beside stores to wired memory")
{
	return fork_beside_stores(1);
}

TINE_RACE(nb_r22,
    .id = "NB-R22",
    .summary = "wired memory in a child's picture",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r22",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.says = "status == 0", .search = TINE_SEARCH_DFS,
	.preemptions = 1 },
    .right = { .quirks = "-NB-R22", .preemptions = 1 });

RACE_MAIN(race_nb_r22_none, "a fork beside stores, nothing wired")
{
	return fork_beside_stores(0);
}

TINE_RACE(nb_r22_none,
    .id = "NB-R22",
    .summary = "without wired memory there is one picture",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r22_none",
    .configure = race_two_cpus,
    .right = { .quirks = "", .preemptions = 1 });
