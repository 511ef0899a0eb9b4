/* SPDX-License-Identifier: MIT */
/* test_probe.c - probes: names, attaching, what they tell, and when. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
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
	    "proc:::signal-discard 102 101 17\n"
	    "proc:::exec 101 0 0\n"
	    "proc:::exec-failure 101 2 0\n"
	    "proc:::exit 101 1 0\n");
}

static void
on_signal(int signo)
{
	(void)signo;
}

static int *volatile nowhere = (int *)8;

static int
signals_main(int argc, char **argv)
{
	struct tine_sigaction action = { .handler = on_signal };
	const tine_sigset_t blocked = UINT64_C(1) << (SIGTERM - 1);
	tine_sigset_t set = blocked;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	action.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGUSR2, &action, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGTERM) == 0);
	tine_check(tine_sys_sigtimedwait(set, NULL, UINT64_MAX) == SIGTERM);
	child = tine_sys_fork();
	if (child == 0)
		*nowhere = 1;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}

TINE_PROGRAM_NAMED(signals_main, "probe_signals", "signals and a fault");

static void
signals_are_attached(struct tine_machine *machine)
{
	static const char *const names[] = { "proc:::signal-clear",
		"proc:::signal-discard", "proc:::signal-handle",
		"proc:::signal-send", "proc:::fault" };

	told[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(tine_probe_attach(machine, names[i], tell,
		    plain), 0);
}

/* A signal on its way: sent or ignored, acted upon or accepted. */
static void
signals_are_told_from_sending_to_handling(void **state)
{
	(void)state;
	harness_prepare = signals_are_attached;
	harness_passes("probe_signals", NULL, 0);
	harness_prepare = NULL;
	assert_string_equal(told,
	    "proc:::signal-send 101 101 10\n"
	    "proc:::signal-handle 101 10 1\n"
	    "proc:::signal-discard 101 101 12\n"
	    "proc:::signal-send 101 101 15\n"
	    "proc:::signal-clear 101 15 0\n"
	    "proc:::fault 102 11 1\n"
	    "proc:::signal-send 102 102 11\n"
	    "proc:::signal-handle 102 11 0\n"
	    "proc:::signal-discard 102 101 17\n");
}

static int
full_main(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	while ((child = tine_sys_fork()) >= 0)
		if (child == 0)
			for (;;)
				tine_sys_pause();
	tine_check(child == -EAGAIN);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	while (tine_sys_waitpid(-1, NULL, 0) > 0)
		continue;
	return 0;
}

TINE_PROGRAM_NAMED(full_main, "probe_full", "fills the table");

static void
overflow_is_attached(struct tine_machine *machine)
{
	told[0] = '\0';
	assert_int_equal(tine_probe_attach(machine, "sysinfo:::procovf", tell,
	    plain), 0);
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:cmn_err:entry", tell, marked), 0);
}

/* spec: IL-036 */
static void
a_table_that_is_full_is_counted_and_warned_of(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_prepare = overflow_is_attached;
	options.proc_max = 16;
	harness_passes("probe_full", &options, 0);
	harness_prepare = NULL;
	assert_string_equal(told,
	    "sysinfo:::procovf 101 0 0\n"
	    "> fbt:genunix:cmn_err:entry 101 0 0\n");
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
		cmocka_unit_test(signals_are_told_from_sending_to_handling),
		cmocka_unit_test(a_table_that_is_full_is_counted_and_warned_of),
		cmocka_unit_test(names_are_sorted_and_described),
		cmocka_unit_test(what_is_no_probe_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
