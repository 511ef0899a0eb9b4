/* SPDX-License-Identifier: MIT */
/*
 * solaris_probe_rig.h - a program on illumos with and without a quirk, where a
 * probe looks at the embryo of a fork. FOUND_NONE: what found is before.
 */
#ifndef TINE_TESTS_SOLARIS_PROBE_RIG_H
#define TINE_TESTS_SOLARIS_PROBE_RIG_H

#include "solaris_rig.h"

#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

/* What a probe found; the host's memory, one run at a time. */
static int found;

/* The embryo that was allocated last; it is on no list at first. */
static proc_t *embryo;

static void
allocated(void *user, const struct tine_probe_data *data)
{
	(void)user;
	embryo = (proc_t *)(uintptr_t)data->arg0;
}

/* The probe that the next runs have, or NULL. */
static const char *probe_name;
static tine_probe_fn probe_fn;

static void
prepare(struct tine_machine *machine)
{
	found = FOUND_NONE;
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:getproc:allocated", allocated, NULL), 0);
	if (probe_name != NULL)
		assert_int_equal(tine_probe_attach(machine, probe_name,
		    probe_fn, NULL), 0);
}

static void
both(const char *program, const char *quirk, int on, int off,
    const char *name, tine_probe_fn fn)
{
	probe_name = name;
	probe_fn = fn;
	harness_prepare = prepare;
	kcall_both(program, quirk, on, off);
	harness_prepare = NULL;
	probe_name = NULL;
}

/* A child that exits at once, reaped. */
static void
fork_once(void)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0 && tine_sys_waitpid(child, NULL, 0) == child);
}

#endif
