/* SPDX-License-Identifier: MIT */
/* netbsd_counts.h - for tests that make steps fail: what the NetBSD kernel
 * counts, before and after. */
#ifndef TINE_TESTS_NETBSD_COUNTS_H
#define TINE_TESTS_NETBSD_COUNTS_H

#include "netbsd_rig.h"

struct counts {
	int64_t procs, user, lwps;
};

static __attribute__((unused)) int64_t
k_procs(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (nprocs);
}

static __attribute__((unused)) int64_t
k_user(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (uid_find(0)->ui_proccnt);
}

static __attribute__((unused)) int64_t
k_lwps(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (uid_find(0)->ui_lwpcnt);
}

static __attribute__((unused)) struct counts
counted(void)
{
	struct counts c;

	c.procs = in_kernel(k_procs, 0, 0);
	c.user = in_kernel(k_user, 0, 0);
	c.lwps = in_kernel(k_lwps, 0, 0);
	return (c);
}

/* Program plane: as many as before. */
static __attribute__((unused)) void
unchanged(struct counts before)
{
	const struct counts now = counted();

	tine_check(now.procs == before.procs);
	tine_check(now.user == before.user);
	tine_check(now.lwps == before.lwps);
}

/* A result of fork and the like: none, or a child that ends with 0. */
static __attribute__((unused)) void
one_or_none(tine_pid_t pid, struct counts before)
{
	int status = -1;

	if (pid < 0) {
		tine_check(pid == -EAGAIN || pid == -ENOMEM);
		unchanged(before);
		tine_check(tine_sys_wait4_nb(-1, &status, TINE_WALLSIG) ==
		    -ECHILD);
		return;
	}
	tine_check(tine_sys_wait4_nb(pid, &status, TINE_WALLSIG) == pid);
	tine_check(status == 0);
	unchanged(before);
}

#endif
