/* SPDX-License-Identifier: MIT */
/*
 * test_nice.c - nice values on all kernels: whose, how far, who may, and what
 * a child has of it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/kernels.h"

#define MS UINT64_C(1000000)
#define PROCESS TINE_PRIO_PROCESS
#define GROUP TINE_PRIO_PGRP
#define USER TINE_PRIO_USER

/* The value, or 100 and an error. */
static int
nice_of(int which, int who)
{
	int nice = 77;
	const int error = tine_sys_getpriority(which, who, &nice);

	tine_check(error == 0 || nice == 77);
	return error == 0 ? nice : 100 - error;
}

PROGRAM(ni_range, "from -20 to 19, or 20")
{
	int *volatile nowhere = (int *)(uintptr_t)8;

	tine_check(nice_of(PROCESS, 0) == 0);
	tine_check(tine_sys_setpriority(PROCESS, 0, 7) == 0);
	tine_check(nice_of(PROCESS, 0) == 7);
	tine_check(nice_of(PROCESS, tine_sys_getpid()) == 7);
	tine_check(tine_sys_setpriority(PROCESS, 0, 99) == 0);
	tine_check(nice_of(PROCESS, 0) == (on_solaris() ? 19 : 20));
	tine_check(tine_sys_setpriority(PROCESS, 0, -99) == 0);
	tine_check(nice_of(PROCESS, 0) == -20);
	tine_check(tine_sys_setpriority(PROCESS, 0, INT32_MIN) == 0);
	tine_check(nice_of(PROCESS, 0) == -20);
	tine_check(nice_of(-1, 0) == 100 + EINVAL);
	tine_check(nice_of(3, 0) == 100 + EINVAL);
	tine_check(tine_sys_setpriority(-1, 0, 1) == -EINVAL);
	tine_check(tine_sys_setpriority(3, 0, 1) == -EINVAL);
	tine_check(nice_of(PROCESS, 9999) == 100 + ESRCH);
	tine_check(nice_of(GROUP, 9999) == 100 + ESRCH);
	tine_check(nice_of(USER, 9999) == 100 + ESRCH);
	tine_check(tine_sys_setpriority(USER, 9999, 1) == -ESRCH);
	tine_check(tine_sys_getpriority(PROCESS, 0, nowhere) == -EFAULT);
	return 0;
}

static void
nice_has_its_range(void **state)
{
	(void)state;
	passes_on_each("ni_range");
}

PROGRAM(ni_after, "what exec keeps")
{
	return nice_of(PROCESS, 0) == 5 ? 0 : 1;
}

/* spec: DF-057 NB-012 */
PROGRAM(ni_child, "a child has its parent's, and one of its own from there")
{
	char name[] = "ni_after", *argv[] = { name, NULL };
	char *envp[] = { NULL };
	int child, status;

	tine_check(tine_sys_setpriority(PROCESS, 0, 5) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(nice_of(PROCESS, 0) == 5);
		tine_sys_nanosleep(2 * MS);
		tine_check(nice_of(PROCESS, 0) == 9);
		tine_check(tine_sys_setpriority(PROCESS, 0, 11) == 0);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_setpriority(PROCESS, child, 9) == 0);
	tine_check(nice_of(PROCESS, child) == 9 && nice_of(PROCESS, 0) == 5);
	tine_sys_nanosleep(10 * MS);
	/* It is a zombie now. */
	tine_check(nice_of(PROCESS, child) == 100 + ESRCH);
	tine_check(tine_sys_setpriority(PROCESS, child, 9) == -ESRCH);
	tine_sys_wait(&status);
	tine_check(status == 0 && nice_of(PROCESS, 0) == 5);
	child = tine_sys_vfork();
	if (child == 0) {
		tine_sys_execve("/bin/ni_after", argv, envp);
		tine_sys_exit(9);
	}
	tine_sys_wait(&status);
	return status;
}

static void
a_child_has_its_parent_s(void **state)
{
	(void)state;
	passes_on_each("ni_child");
}

PROGRAM(ni_sets, "groups and users: the lowest is told, all are set")
{
	int pid[3], status;

	tine_sys_setpgid(0, 0);
	for (int i = 0; i < 3; i++) {
		pid[i] = tine_sys_fork();
		if (pid[i] == 0) {
			if (i == 2)
				tine_check(tine_sys_setuid(50) == 0);
			tine_sys_nanosleep(100 * MS);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_setpgid(pid[i], pid[0]) == 0);
		tine_check(tine_sys_setpriority(PROCESS, pid[i], 3 + i) == 0);
	}
	tine_sys_nanosleep(MS);
	tine_check(nice_of(GROUP, pid[0]) == 3);
	tine_check(nice_of(USER, 50) == 5);
	tine_check(nice_of(USER, 0) == 0);
	tine_check(nice_of(GROUP, 0) == 0);
	tine_check(tine_sys_setpriority(GROUP, pid[0], 8) == 0);
	for (int i = 0; i < 3; i++)
		tine_check(nice_of(PROCESS, pid[i]) == 8);
	tine_check(nice_of(PROCESS, 0) == 0);
	tine_check(tine_sys_setpriority(USER, 50, 12) == 0);
	tine_check(nice_of(PROCESS, pid[1]) == 8);
	tine_check(nice_of(PROCESS, pid[2]) == 12);
	tine_check(nice_of(GROUP, pid[0]) == 8);
	/* One's own group, one's own user. */
	tine_check(tine_sys_setpriority(GROUP, 0, 2) == 0);
	tine_check(nice_of(PROCESS, 0) == 2 && nice_of(PROCESS, pid[0]) == 8);
	tine_check(tine_sys_setpriority(USER, 0, 4) == 0);
	tine_check(nice_of(PROCESS, 0) == 4 && nice_of(PROCESS, pid[0]) == 4);
	tine_check(nice_of(PROCESS, pid[2]) == 12);
	for (int i = 0; i < 3; i++)
		tine_sys_wait(&status);
	return status;
}

static void
groups_and_users_are_set_as_one(void **state)
{
	(void)state;
	passes_on_each("ni_sets");
}

PROGRAM(ni_may, "who may set what")
{
	const int lower = on_solaris() ? -EPERM : -EACCES;
	int other, own, status;

	other = tine_sys_fork();
	if (other == 0) {
		tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_setpriority(PROCESS, 0, 5) == 0);
	tine_check(tine_sys_setuid(60) == 0);
	own = tine_sys_fork();
	if (own == 0) {
		tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	/* Up, not down. */
	tine_check(tine_sys_setpriority(PROCESS, 0, 6) == 0);
	tine_check(tine_sys_setpriority(PROCESS, 0, 6) == 0);
	tine_check(tine_sys_setpriority(PROCESS, 0, 5) == lower);
	tine_check(nice_of(PROCESS, 0) == 6);
	tine_check(tine_sys_setpriority(PROCESS, own, 10) == 0);
	tine_check(tine_sys_setpriority(PROCESS, own, 9) == lower);
	tine_check(nice_of(PROCESS, own) == 10);
	/* Somebody else's: told, not set. */
	tine_check(nice_of(PROCESS, other) == 0);
	tine_check(tine_sys_setpriority(PROCESS, other, 10) == -EPERM);
	tine_check(tine_sys_setpriority(USER, 0, 12) == 0);
	tine_check(nice_of(PROCESS, own) == 12 && nice_of(PROCESS, 0) == 12);
	tine_check(nice_of(PROCESS, other) == 0);
	tine_sys_wait(&status);
	tine_sys_wait(&status);
	return 0;
}

static void
who_may_set_it_is_each_kernel_s_own(void **state)
{
	(void)state;
	passes_on_each("ni_may");
}

static void
waits(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(50 * MS);
	tine_sys_lwp_exit();
}

/* All LWPs of a process; a class that does not know nice. */
PROGRAM(ni_lwps, "on illumos it is an LWP's")
{
	int lwp;

	tine_check(tine_sys_setpriority(PROCESS, 0, 5) == 0);
	lwp = tine_sys_lwp_create(waits, NULL);
	tine_check(lwp > 0 && nice_of(PROCESS, 0) == 5);
	tine_check(tine_sys_setpriority(PROCESS, 0, 7) == 0);
	/* The lowest of both: that of neither is lower. */
	tine_check(nice_of(PROCESS, 0) == 7);
	if (!on_solaris())
		return 0;
	/* In the real-time class the first one has none; the other has. */
	tine_check(tine_sys_priocntl(tine_sys_getpid(), 1,
	    TINE_CLASS_RT, 10) == 0);
	tine_check(tine_sys_setpriority(PROCESS, 0, 9) == 0);
	tine_check(nice_of(PROCESS, 0) == 9);
	tine_check(tine_sys_priocntl(tine_sys_getpid(), lwp,
	    TINE_CLASS_RT, 10) == 0);
	tine_check(nice_of(PROCESS, 0) == 100 + EINVAL);
	tine_check(tine_sys_setpriority(PROCESS, 0, 3) == -EINVAL);
	tine_check(tine_sys_priocntl(tine_sys_getpid(), 1,
	    TINE_CLASS_TS, 10) == 0);
	tine_check(nice_of(PROCESS, 0) == 7);
	return 0;
}

static void
nice_is_an_lwp_s_where_the_class_has_it(void **state)
{
	(void)state;
	passes_on_each("ni_lwps");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nice_has_its_range),
		cmocka_unit_test(a_child_has_its_parent_s),
		cmocka_unit_test(groups_and_users_are_set_as_one),
		cmocka_unit_test(who_may_set_it_is_each_kernel_s_own),
		cmocka_unit_test(nice_is_an_lwp_s_where_the_class_has_it)
	};

	return cmocka_run_group_tests_name("nice", tests, NULL, NULL);
}
