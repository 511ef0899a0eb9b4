/* SPDX-License-Identifier: MIT */
/*
 * init.c - the body of process 1: start every spawned program, then wait for
 * whoever comes, its own children and orphans alike, until there is nobody.
 */
#include <errno.h>

#include "user/user.h"

/* Fault injection makes a step fail once, a full process table for longer. */
#define TRIES 8

static TINE_NORETURN void
become(unsigned index)
{
	unsigned tries;

	for (tries = 0; tries < TRIES; tries++) {
		/* Returns only if it failed. */
		if (tine__sys1(spawned, index) == -ENOENT)
			break;
		tine_sys_yield();
	}
	tine_sys_exit(127);
}

static void
start(unsigned index)
{
	unsigned tries;
	tine_pid_t pid;

	for (tries = 0; tries < TRIES; tries++) {
		pid = tine_sys_fork();
		if (pid == 0)
			become(index);
		if (pid > 0)
			return;
		tine_sys_yield();
	}
}

int
tine__init_main(int argc, char **argv)
{
	const unsigned programs = argc > 1 ? (unsigned)argc - 1 : 0;
	unsigned i;

	(void)argv;
	for (i = 0; i < programs; i++)
		start(i);
	while (tine_sys_wait(NULL) != -ECHILD)
		;
	return 0;
}
