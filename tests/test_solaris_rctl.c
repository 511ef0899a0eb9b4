/* SPDX-License-Identifier: MIT */
/* test_solaris_rctl.c - resource controls: values, escalation, who is hit. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

#define MS UINT64_C(1000000)
#define PRIVILEGED TINE_RCPRIV_PRIVILEGED
#define BASIC TINE_RCPRIV_BASIC
#define SYSTEM TINE_RCPRIV_SYSTEM
#define DENY TINE_RCTL_DENY
#define SIGNAL TINE_RCTL_SIGNAL

#define MAIN(name) \
	static int \
	name(int argc, char **argv) \
	{ \
		(void)argc; \
		(void)argv;
#define END(name, about) \
	} \
	TINE_PROGRAM(name, about)

static int
set(const char *name, uint64_t value, int privilege, int action, int signo)
{
	const struct tine_rctl rctl = { value, privilege, action, signo, -1, 0,
	    0 };

	return tine_sys_setrctl(name, &rctl);
}

static struct tine_rctl
get(const char *name, int index)
{
	struct tine_rctl rctl;

	memset(&rctl, 0, sizeof(rctl));
	rctl.privilege = -tine_sys_getrctl(name, index, &rctl);
	if (rctl.privilege == 0)
		tine_check(tine_sys_getrctl(name, index, &rctl) == 0);
	else
		rctl.privilege = -rctl.privilege;
	return rctl;
}

static void
value_is(const char *name, int index, uint64_t value, int privilege)
{
	const struct tine_rctl rctl = get(name, index);

	tine_check(rctl.value == value && rctl.privilege == privilege);
}

/* --- the dictionary --- */

/* spec: IL-137 IL-141 */
static void
the_dictionary_is_sorted_and_says_what_holds(void **state)
{
	const struct tine_rctl_info *info, *last = NULL;
	unsigned i;

	(void)state;
	for (i = 0; (info = tine_rctl_info(i)) != NULL; last = info, i++) {
		if (last != NULL)
			assert_true(strcmp(last->name, info->name) < 0);
		assert_int_equal(strncmp(info->name, info->entity,
		    strlen(info->entity)), 0);
		if (strcmp(info->entity, "project") == 0 ||
		    strcmp(info->entity, "zone") == 0)
			assert_true(info->global & TINE_RCTL_GLOBAL_NOBASIC);
		if (strcmp(info->name, "task.max-processes") == 0) {
			assert_false(info->global & TINE_RCTL_GLOBAL_NOBASIC);
			assert_true(info->maximum == INT32_MAX);
		}
	}
	assert_int_equal(i, RC_COUNT);
}

/* --- values --- */

MAIN(rc_values)
	tine_check(set("task.max-lwps", 10, PRIVILEGED, DENY, 0) == 0);
	tine_check(set("task.max-lwps", 5, PRIVILEGED, 0, 0) == 0);
	tine_check(set("task.max-lwps", 5, BASIC, DENY, 0) == 0);
	tine_check(set("task.max-lwps", 5, BASIC, 0, 0) == 0);
	/* By amount, then those that do not deny first, then by privilege. */
	value_is("task.max-lwps", 0, 5, BASIC);
	tine_check(get("task.max-lwps", 0).action == 0);
	value_is("task.max-lwps", 1, 5, PRIVILEGED);
	value_is("task.max-lwps", 2, 5, BASIC);
	tine_check(get("task.max-lwps", 2).action == DENY);
	tine_check(get("task.max-lwps", 2).recipient == tine_sys_getpid());
	value_is("task.max-lwps", 3, 10, PRIVILEGED);
	tine_check(get("task.max-lwps", 3).recipient == -1);
	value_is("task.max-lwps", 4, UINT64_MAX, SYSTEM);
	tine_check(get("task.max-lwps", 4).action == DENY);
	tine_check(get("task.max-lwps", 5).privilege == -ENOENT);
	tine_check(get("task.max-lwps", 0).cursor == 1);
	tine_check(get("task.max-lwps", 1).cursor == 0);
	/* Other controls of the task are as they were. */
	value_is("task.max-processes", 0, UINT64_MAX, SYSTEM);
	tine_check(set("task.max-lwps", 10, PRIVILEGED, DENY, 0) == -EEXIST);
	tine_check(set("task.max-lwps", 1, SYSTEM, DENY, 0) == -EPERM);
	tine_check(set("task.max-lwps", 1, 9, DENY, 0) == -EINVAL);
	tine_check(set("task.max-lwps", 1, BASIC, 4, 0) == -EINVAL);
	tine_check(set("task.max-lwps", 1, BASIC, SIGNAL, 99) == -EINVAL);
	tine_check(set("task.max-bikes", 1, BASIC, DENY, 0) == -ENOENT);
	tine_check(set("project.max-lwps", 1, BASIC, DENY, 0) == -EINVAL);
	tine_check(set("process.max-cpu-time", 1, BASIC, DENY, 0) == -EINVAL);
	/* Always denies, asked or not. */
	tine_check(set("process.max-file-size", 1 << 20, BASIC, 0, 0) == 0);
	tine_check(get("process.max-file-size", 0).action == DENY);
	tine_check(curproc->p_fsz_ctl == 1 << 20);
	tine_check(tine_sys_delrctl("process.max-file-size",
	    &(struct tine_rctl){ .value = 1 << 20, .privilege = BASIC }) == 0);
	tine_check(curproc->p_fsz_ctl == UINT64_MAX);
	tine_check(tine_sys_delrctl("process.max-file-size",
	    &(struct tine_rctl){ .value = 1 << 20, .privilege = BASIC }) ==
	    -ENOENT);
	tine_check(tine_sys_delrctl("task.max-lwps",
	    &(struct tine_rctl){ .privilege = SYSTEM }) == -EPERM);
	return 0;
END(rc_values, "values of controls");

/* spec: IL-138 */
static void
values_are_ordered_and_checked(void **state)
{
	(void)state;
	harness_passes("rc_values", NULL, 0);
}

MAIN(rc_unprivileged)
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(set("task.max-lwps", 9, PRIVILEGED, DENY, 0) == -EPERM);
	tine_check(set("task.max-lwps", 9, BASIC, DENY, 0) == 0);
	tine_check(tine_sys_delrctl("task.max-lwps",
	    &(struct tine_rctl){ .value = 9, .privilege = PRIVILEGED }) ==
	    -EPERM);
	return 0;
END(rc_unprivileged, "values of a user");

/* spec: IL-138 */
static void
a_user_may_set_basic_values_only(void **state)
{
	(void)state;
	harness_passes("rc_unprivileged", NULL, 0);
}

/* --- escalation --- */

static int fired;

static void
count_fired(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	fired++;
}

static void
prepare(struct tine_machine *machine)
{
	fired = 0;
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:rctl_test:exceeded", count_fired, NULL), 0);
}

static void
lwp_sleeps(void *arg)
{
	(void)arg;
	tine_sys_pause();
}

MAIN(rc_escalate)
	const uint32_t n = curproc->p_task->tk_nlwps;

	/* Two more are let through; the third is only logged. */
	tine_check(set("task.max-lwps", n + 2, PRIVILEGED, 0, 0) == 0);
	tine_check(set("task.max-lwps", n + 4, PRIVILEGED, DENY, 0) == 0);
	for (int i = 1; i <= 4; i++) {
		tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) > 0);
		tine_check(fired == (i > 2));
	}
	/* It has fired once, and the next one is enforced. */
	tine_check(get("task.max-lwps", 0).fired_ns != 0);
	tine_check(get("task.max-lwps", 1).cursor == 1);
	tine_check(curproc->p_task->tk_nlwps_ctl == n + 4);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) == -EAGAIN);
	tine_check(fired == 2 && curproc->p_task->tk_nlwps == n + 4);
	tine_check(global_zone->zone_ffcap == 1);
	/* A change begins anew. */
	tine_check(set("task.max-lwps", n + 3, PRIVILEGED, 0, 0) == 0);
	tine_check(get("task.max-lwps", 0).cursor == 1);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) == -EAGAIN);
	tine_check(fired == 5);
	return 0;
END(rc_escalate, "values that are exceeded one after the other");

/* spec: IL-139 IL-142 */
static void
a_value_that_does_not_deny_acts_once(void **state)
{
	(void)state;
	harness_prepare = prepare;
	harness_passes("rc_escalate", NULL, 0);
	harness_prepare = NULL;
}

MAIN(rc_all_fire)
	tine_pid_t child;

	tine_check(tine_sys_settaskid(5, 0) > 0);
	tine_check(set("task.max-processes", 1, PRIVILEGED, DENY, 0) == 0);
	tine_check(set("zone.max-processes", 2, PRIVILEGED, DENY, 0) == 0);
	child = tine_sys_fork();
	tine_check(child == -EAGAIN && fired == 2);
	tine_check(global_zone->zone_ffcap == 1);
	tine_check(tine_sys_settaskid(0, 0) > 0);
	tine_check(tine_sys_delrctl("zone.max-processes",
	    &(struct tine_rctl){ .value = 2, .privilege = PRIVILEGED }) == 0);
	/* The global project is exempt. */
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0 && fired == 2);
	return 0;
END(rc_all_fire, "two caps at once");

/* spec: IL-031 IL-032 */
static void
all_caps_are_tested_even_when_one_denies(void **state)
{
	(void)state;
	harness_prepare = prepare;
	harness_passes("rc_all_fire", NULL, 0);
	harness_prepare = NULL;
}

/* --- who is hit --- */

MAIN(rc_signal)
	tine_pid_t child, other;
	int status;

	/* A child sets a basic value for itself; its sibling exceeds it. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(set("task.max-lwps", curproc->p_task->tk_nlwps + 1,
		    BASIC, DENY | SIGNAL, SIGUSR1) == 0);
		for (;;)
			tine_sys_pause();
	}
	tine_sys_nanosleep(MS);
	other = tine_sys_fork();
	if (other == 0) {
		int lwp = tine_sys_lwp_create(lwp_sleeps, NULL);

		tine_sys_exit(lwp > 0 ? 0 : -lwp);
	}
	/* The one that did it was not denied ... */
	tine_check(tine_sys_waitpid(other, &status, 0) == other);
	tine_check(status == 0);
	/* ... and the recipient has the signal. */
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	/* A recipient that is gone hurts nobody. */
	tine_check(set("task.max-lwps", 1, PRIVILEGED, SIGNAL | DENY,
	    SIGUSR2) == 0);
	tine_sys_lwp_create(lwp_sleeps, NULL);
	return 0;
END(rc_signal, "signals of controls");

/* spec: IL-140 */
static void
a_basic_value_hits_its_recipient_only(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;

	(void)state;
	assert_int_equal(harness_run("rc_signal", &options, &result, NULL),
	    TINE_OUTCOME_PASSED);
	/* The last value signals the process that exceeds it: us. */
	assert_true(WIFSIGNALED(result.status));
	assert_int_equal(WTERMSIG(result.status), SIGUSR2);
}

/* spec: IL-R18 */
static void
a_signal_inside_a_test_inverts_the_order_of_locks(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    "+IL-R18");

	(void)state;
	harness_ends("rc_signal", &options, TINE_OUTCOME_LOCK_ORDER,
	    "zone_nlwps_lock");
}

/* --- fork --- */

MAIN(rc_dup)
	tine_pid_t child;
	int status;

	tine_check(set("process.max-core-size", 4096, BASIC, DENY, 0) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		value_is("process.max-core-size", 0, 4096, BASIC);
		tine_check(get("process.max-core-size", 0).recipient ==
		    tine_sys_getpid());
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	return 0;
END(rc_dup, "a child's controls");

/* spec: IL-079 */
static void
a_childs_basic_values_are_its_own(void **state)
{
	(void)state;
	harness_passes("rc_dup", NULL, 0);
}

/* --- swap, and zeros --- */

MAIN(rc_swap)
	char *zeros = tine_sys_mmap(4096, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	tine_pid_t child;
	int status;

	tine_check(!tine_sys_failed(zeros));
	zeros[7] = 'x';
	tine_check(tine_sys_minherit(zeros, 4096, TINE_INHERIT_ZERO) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(zeros[7] == 'x');
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(set("zone.max-swap", 1, PRIVILEGED, DENY, 0) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	if (WEXITSTATUS(status) == 0) {
		tine_check(child == -ENOMEM);
		tine_check(global_zone->zone_ffnomem == 1);
	} else {
		tine_check(child > 0);
	}
	tine_check(tine_sys_delrctl("zone.max-swap",
	    &(struct tine_rctl){ .value = 1, .privilege = PRIVILEGED }) == 0);
	/* Enough for one copy: taken, and given back. */
	tine_check(set("zone.max-swap", 4 * curproc->p_as->a_tas->pages / 3,
	    PRIVILEGED, DENY, 0) == 0);
	for (int i = 0; i < 3; i++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(child > 0);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	tine_check(global_zone->zone_max_swap == 0);
	return WEXITSTATUS(status);
END(rc_swap, "a page inherited as zeros; a cap on swap");

/* spec: OS-19 IL-074 */
static void
nothing_was_inherited_as_zeros(void **state)
{
	(void)state;
	kcall_both("rc_swap", "OS-19", 1, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dictionary_is_sorted_and_says_what_holds),
		cmocka_unit_test(values_are_ordered_and_checked),
		cmocka_unit_test(a_user_may_set_basic_values_only),
		cmocka_unit_test(a_value_that_does_not_deny_acts_once),
		cmocka_unit_test(all_caps_are_tested_even_when_one_denies),
		cmocka_unit_test(a_basic_value_hits_its_recipient_only),
		cmocka_unit_test(
		    a_signal_inside_a_test_inverts_the_order_of_locks),
		cmocka_unit_test(a_childs_basic_values_are_its_own),
		cmocka_unit_test(nothing_was_inherited_as_zeros),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
