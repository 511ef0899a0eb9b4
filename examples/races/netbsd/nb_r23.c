/* SPDX-License-Identifier: MIT */
/*
 * nb_r23.c - a copy that changes.
 *
 * A and B share memory by inheritance; A makes it a copy for its next child,
 * C. Only A's mapping is protected then: what B stores, C sees. Nobody has
 * repaired it.
 */
#include <errno.h>
#include <signal.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r23, "three processes and a page")
{
	volatile char *page = tine_sys_mmap(4096, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	void *const at = (void *)(uintptr_t)page;
	tine_pid_t b, c;
	int status;

	page[0] = 1;
	tine_check(tine_sys_minherit(at, 4096, TINE_INHERIT_SHARE) == 0);
	b = tine_sys_fork();
	if (b == 0) {
		tine_sys_nanosleep(1000000);
		page[0] = 2;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_minherit(at, 4096, TINE_INHERIT_COPY) == 0);
	c = tine_sys_fork();
	if (c == 0) {
		tine_sys_nanosleep(20000000);
		tine_sys_exit(page[0]);
	}
	tine_check(tine_sys_waitpid(b, NULL, 0) == b);
	tine_check(tine_sys_waitpid(c, &status, 0) == c);
	tine_check(status == 1 << 8);
	return 0;
}

TINE_RACE(nb_r23,
    .id = "NB-R23",
    .summary = "a copy that changes",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r23",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK });
