/* SPDX-License-Identifier: MIT */
/* test_probe.c - probes: names, attaching, what they tell, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/expect.h"
#include "support/harness.h"

static int
family_main(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exec("probe_child", NULL);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_exec("probe_nobody", NULL) < 0);
	return (0);
}

TINE_PROGRAM_NAMED(family_main, "probe_family", "forks and execs");

static int
child_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (7);
}

TINE_PROGRAM_NAMED(child_main, "probe_child", "ends with 7");

static char told[2048], plain[] = "", marked[] = "> ";

static void
tell(void *user, const struct tine_probe_data *data)
{
	size_t used = strlen(told);

	/* init's own are of no interest */
	if (data->pid <= 1)
		return;
	snprintf(told + used, sizeof(told) - used, "%s%s %d %d %d\n",
	    (const char *)user, data->name, data->pid, (int)data->arg0,
	    (int)data->arg1);
}

static void
what_is_attached(struct tine_machine *machine)
{
	told[0] = '\0';
	assert_int_equal(tine_probe_attach(machine, "proc:::", tell, plain), 0);
	assert_int_equal(tine_probe_attach(machine, "sysinfo:::sysfork", tell,
	    marked), 0);
}

static void
a_family_is_told_in_order(void **state)
{
	(void)state;
	harness_prepare = what_is_attached;
	harness_passes("probe_family", NULL, 0);
	harness_prepare = NULL;
	assert_string_equal(told,
	    "proc:::start 101 0 0\n"
	    "proc:::lwp-start 101 0 0\n"
	    "> sysinfo:::sysfork 101 0 0\n"
	    "proc:::create 101 102 0\n"
	    "proc:::start 102 0 0\n"
	    "proc:::lwp-start 102 0 0\n"
	    "proc:::exec 102 0 0\n"
	    "proc:::exec-success 102 0 0\n"
	    "proc:::exit 102 1 7\n"
	    "proc:::exec 101 0 0\n"
	    "proc:::exec-failure 101 2 0\n"
	    "proc:::exit 101 1 0\n");
}

static void
names_are_sorted_and_described(void **state)
{
	const char *name, *last = "";
	size_t i;

	(void)state;
	for (i = 0; (name = tine_probe_name(i)) != NULL; i++) {
		assert_true(strcmp(last, name) < 0);
		assert_true(strlen(tine_probe_about(name)) > 8);
		last = name;
	}
	assert_true(i > 10);
	assert_null(tine_probe_about("proc:::nothing"));
	assert_null(tine_probe_about(NULL));
}

static void
what_is_no_probe_is_refused(void **state)
{
	static const char *const bad[] = { "", "proc", "proc::create",
		"proc:::creates", "proc:::create:", ":::x" };
	struct tine_options options = harness_options();
	struct tine_machine *machine;
	size_t i;

	(void)state;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused(tine_probe_attach(machine, bad[i], tell, plain),
		    -TINE_ENOENT, "no probe");
	expect_refused(tine_probe_attach(NULL, "proc:::", tell, plain),
	    -TINE_EINVAL, "NULL");
	expect_refused(tine_probe_attach(machine, NULL, tell, plain),
	    -TINE_EINVAL, "NULL");
	expect_refused(tine_probe_attach(machine, "proc:::", NULL, plain),
	    -TINE_EINVAL, "NULL");
	expect_refused(tine_probe_detach(machine, tell, plain), -TINE_ENOENT,
	    "not attached");
	assert_int_equal(tine_probe_attach(machine, "*:::create", tell,
	    plain), 0);
	assert_int_equal(tine_probe_attach(machine, ":::", tell, plain), 0);
	assert_int_equal(tine_probe_detach(machine, tell, plain), 0);
	expect_refused(tine_probe_detach(machine, tell, plain), -TINE_ENOENT,
	    "not attached");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_is_told_in_order),
		cmocka_unit_test(names_are_sorted_and_described),
		cmocka_unit_test(what_is_no_probe_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
