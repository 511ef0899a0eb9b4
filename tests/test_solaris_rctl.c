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

#include "solaris_rig.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

#define PRIVILEGED TINE_RCPRIV_PRIVILEGED
#define BASIC TINE_RCPRIV_BASIC
#define SYSTEM TINE_RCPRIV_SYSTEM
#define DENY TINE_RCTL_DENY
#define SIGNAL TINE_RCTL_SIGNAL

static int
set(const char *name, uint64_t value, int privilege, int action, int signo)
{
	const struct tine_rctl rctl = { value, privilege, action, signo, -1, 0,
	    0 };

	return tine_sys_setrctl(name, NULL, &rctl, TINE_RCTL_INSERT);
}

static int
del(const char *name, uint64_t value, int privilege, int action)
{
	const struct tine_rctl rctl = { value, privilege, action, SIGTERM, -1,
	    0, 0 };

	return tine_sys_setrctl(name, NULL, &rctl, TINE_RCTL_DELETE);
}

/* The index-th value; privilege is the errno when there is none. */
static struct tine_rctl
get(const char *name, int index)
{
	struct tine_rctl rctl, next;
	int error;

	memset(&rctl, 0, sizeof(rctl));
	error = tine_sys_getrctl(name, NULL, &rctl, TINE_RCTL_FIRST);
	while (error == 0 && index-- > 0) {
		error = tine_sys_getrctl(name, &rctl, &next, TINE_RCTL_NEXT |
		    TINE_RCTL_USE_RECIPIENT_PID);
		rctl = next;
	}
	if (error != 0)
		rctl.privilege = error;
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
	tine_check(set("task.max-lwps", 5, PRIVILEGED, DENY, 0) == 0);
	tine_check(set("task.max-lwps", 5, PRIVILEGED, 0, 0) == 0);
	tine_check(set("task.max-lwps", 5, BASIC, DENY, 0) == 0);
	/* By amount, then those that do not deny first, then by privilege. */
	value_is("task.max-lwps", 0, 5, PRIVILEGED);
	tine_check(get("task.max-lwps", 0).action == 0);
	value_is("task.max-lwps", 1, 5, BASIC);
	tine_check(get("task.max-lwps", 1).action == DENY);
	tine_check(get("task.max-lwps", 1).recipient == tine_sys_getpid());
	value_is("task.max-lwps", 2, 5, PRIVILEGED);
	tine_check(get("task.max-lwps", 2).action == DENY);
	value_is("task.max-lwps", 3, 10, PRIVILEGED);
	tine_check(get("task.max-lwps", 3).recipient == -1);
	value_is("task.max-lwps", 4, INT32_MAX, SYSTEM);
	tine_check(get("task.max-lwps", 4).action == DENY);
	tine_check(get("task.max-lwps", 5).privilege == -ENOENT);
	tine_check(get("task.max-lwps", 0).cursor == 1);
	tine_check(get("task.max-lwps", 1).cursor == 0);
	/* Of basic values a process has one: the next takes its place. */
	tine_check(set("task.max-lwps", 7, BASIC, 0, 0) == 0);
	value_is("task.max-lwps", 1, 5, PRIVILEGED);
	value_is("task.max-lwps", 2, 7, BASIC);
	value_is("task.max-lwps", 3, 10, PRIVILEGED);
	/* Other controls of the task are as they were. */
	value_is("task.max-processes", 0, INT32_MAX, SYSTEM);
	tine_check(set("task.max-lwps", 10, PRIVILEGED, DENY, 0) == -EINVAL);
	tine_check(set("task.max-lwps", INT32_MAX, PRIVILEGED, DENY, 0) == 0);
	tine_check(set("task.max-lwps", UINT64_C(1) << 31, PRIVILEGED, DENY,
	    0) == -EINVAL);
	tine_check(set("task.max-lwps", 1, SYSTEM, DENY, 0) == -EPERM);
	tine_check(set("task.max-lwps", 1, 9, DENY, 0) == -EINVAL);
	tine_check(set("task.max-lwps", 1, 0, DENY, 0) == -EINVAL);
	tine_check(set("task.max-lwps", 1, BASIC, 4, 0) == -EINVAL);
	tine_check(set("task.max-lwps", 1, BASIC, SIGNAL, 99) == -EINVAL);
	tine_check(set("task.max-lwps", 1, BASIC, SIGNAL, SIGUSR1) == -EINVAL);
	tine_check(set("task.max-lwps", 1, BASIC, SIGNAL, SIGXCPU) == -EINVAL);
	tine_check(set("process.max-cpu-time", 1, BASIC, SIGNAL, SIGXCPU) ==
	    0);
	tine_check(set("process.max-cpu-time", 1, BASIC, SIGNAL, SIGXFSZ) ==
	    -EINVAL);
	tine_check(set("process.max-core-size", 1, BASIC, SIGNAL, SIGXFSZ) ==
	    -EINVAL);
	tine_check(set("task.max-bikes", 1, BASIC, DENY, 0) == -EINVAL);
	tine_check(set("project.max-lwps", 1, BASIC, DENY, 0) == -EINVAL);
	tine_check(set("process.max-cpu-time", 1, BASIC, DENY, 0) == -EINVAL);
	/* Always denies, asked or not. */
	tine_check(set("process.max-file-size", 1 << 20, BASIC, 0, 0) == 0);
	tine_check(get("process.max-file-size", 0).action == DENY);
	tine_check(curproc->p_fsz_ctl == 1 << 20);
	tine_check(del("process.max-file-size", 1 << 20, BASIC, DENY) == 0);
	tine_check(curproc->p_fsz_ctl == UINT64_MAX);
	tine_check(del("process.max-file-size", 1 << 20, BASIC, DENY) ==
	    -ESRCH);
	tine_check(del("task.max-lwps", 0, SYSTEM, DENY) == -EPERM);
	tine_check(del("task.max-lwps", 5, PRIVILEGED, DENY | SIGNAL) == 0);
	value_is("task.max-lwps", 1, 7, BASIC);
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
	struct tine_rctl_global global = { TINE_RCTL_GLOBAL_SYSLOG };

	tine_check(tine_sys_setuid(100) == 0);
	tine_check(set("task.max-lwps", 9, PRIVILEGED, DENY, 0) == -EACCES);
	tine_check(set("task.max-lwps", 9, BASIC, DENY, 0) == 0);
	tine_check(del("task.max-lwps", 9, PRIVILEGED, DENY) == -EACCES);
	tine_check(tine_sys_rctlctl("task.max-lwps", &global,
	    TINE_RCTLCTL_SET) == -EPERM);
	return 0;
END(rc_unprivileged, "values of a user");

/* spec: IL-138 */
static void
a_user_may_set_basic_values_only(void **state)
{
	(void)state;
	harness_passes("rc_unprivileged", NULL, 0);
}

/* --- replacing, looking, counting --- */

static int
replace(const char *name, struct tine_rctl from, struct tine_rctl to)
{
	return tine_sys_setrctl(name, &from, &to, TINE_RCTL_REPLACE);
}

#define V(value, privilege, action) \
	((struct tine_rctl){ value, privilege, action, SIGTERM, -1, 0, 0 })

MAIN(rc_replace)
	const char *const stack = "process.max-stack-size";
	const char *const lwps = "task.max-lwps";
	struct tine_rctl hard = get(stack, 1), lower = hard;

	tine_check(set(lwps, 50, PRIVILEGED, DENY, 0) == 0);
	tine_check(set(lwps, 60, PRIVILEGED, DENY, 0) == 0);
	tine_check(replace(lwps, V(50, PRIVILEGED, DENY),
	    V(70, PRIVILEGED, DENY)) == 0);
	value_is(lwps, 0, 60, PRIVILEGED);
	value_is(lwps, 1, 70, PRIVILEGED);
	tine_check(curproc->p_task->tk_nlwps_ctl == 60);
	/* Not by one that is there: all is as it was. */
	tine_check(replace(lwps, V(70, PRIVILEGED, DENY),
	    V(60, PRIVILEGED, DENY)) == -EINVAL);
	value_is(lwps, 1, 70, PRIVILEGED);
	tine_check(replace(lwps, V(50, PRIVILEGED, DENY),
	    V(70, PRIVILEGED, DENY)) == -ESRCH);
	tine_check(replace(lwps, V(INT32_MAX, SYSTEM, DENY),
	    V(70, PRIVILEGED, DENY)) == -EPERM);
	tine_check(replace(lwps, V(70, PRIVILEGED, DENY),
	    V(70, SYSTEM, DENY)) == -EPERM);
	tine_check(replace(lwps, V(70, 9, DENY), V(70, PRIVILEGED, DENY)) ==
	    -EINVAL);
	tine_check(tine_sys_setrctl(lwps, NULL, &hard, TINE_RCTL_REPLACE) ==
	    -EFAULT);
	tine_check(tine_sys_setrctl(lwps, NULL, NULL, TINE_RCTL_INSERT) ==
	    -EFAULT);
	tine_check(tine_sys_setrctl(NULL, NULL, &hard, TINE_RCTL_INSERT) ==
	    -EFAULT);
	tine_check(tine_sys_setrctl(lwps, NULL, &hard, 3) == -EINVAL);
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(replace(lwps, V(70, PRIVILEGED, DENY),
	    V(65, PRIVILEGED, DENY)) == -EACCES);
	/* A control that is lowerable may be lowered, and nothing else. */
	tine_check(hard.privilege == PRIVILEGED);
	lower.value--;
	tine_check(replace(stack, hard, lower) == 0);
	tine_check(replace(stack, lower, hard) == -EACCES);
	hard.value = lower.value - 1;
	hard.action |= SIGNAL;
	hard.signo = SIGTERM;
	tine_check(replace(stack, lower, hard) == -EACCES);
	tine_check(replace(stack, lower, V(lower.value, BASIC, DENY)) ==
	    -EACCES);
	value_is(stack, 1, lower.value, PRIVILEGED);
	return 0;
END(rc_replace, "one value for another");

/* spec: IL-138 */
static void
a_value_may_be_replaced_and_a_lowerable_one_lowered(void **state)
{
	(void)state;
	harness_passes("rc_replace", NULL, 0);
}

MAIN(rc_look)
	struct tine_rctl v = { 0 };
	char names[1024];
	int64_t size = tine_sys_rctllist(NULL, 0);
	const char *name = names;
	unsigned n = 0;

	/* All or nothing: just enough room, and a byte less. */
	tine_check(size < (int64_t)sizeof(names));
	memset(names, 0, sizeof(names));
	tine_check(tine_sys_rctllist(names, (size_t)size - 1) == size);
	tine_check(names[0] == 0);
	tine_check(tine_sys_rctllist(names, (size_t)size) == size);
	tine_check(names[0] == 'p' && names[size - 2] == 'p');
	for (; name < names + size; name += strlen(name) + 1)
		tine_check(strcmp(name, tine_rctl_info(n++)->name) == 0);
	tine_check(n == RC_COUNT);
	tine_check(tine_sys_rctllist((char *)1, 4096) == -EFAULT);
	tine_check(tine_sys_getrctl("task.max-lwps", NULL, &v, 3) == -EINVAL);
	tine_check(tine_sys_getrctl("no.such", NULL, &v, TINE_RCTL_FIRST) ==
	    -EINVAL);
	tine_check(tine_sys_getrctl("task.max-lwps", NULL, NULL,
	    TINE_RCTL_FIRST) == -EFAULT);
	tine_check(tine_sys_getrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_NEXT) == -EFAULT);
	tine_check(tine_sys_getrctl("task.max-lwps", &V(3, PRIVILEGED, DENY),
	    &v, TINE_RCTL_NEXT) == -ESRCH);
	tine_check(tine_sys_getrctl("task.max-lwps", &V(0, SYSTEM, DENY), &v,
	    TINE_RCTL_NEXT) == -ENOENT);
	tine_check(tine_sys_getrctl("process.max-core-size", NULL, &v,
	    TINE_RCTL_USAGE) == -ENOTSUP);
	return 0;
END(rc_look, "looking at controls");

static uint64_t
usage(const char *name)
{
	struct tine_rctl v = { 0 };

	tine_check(tine_sys_getrctl(name, NULL, &v, TINE_RCTL_USAGE) == 0);
	return v.value;
}

MAIN(rc_usage)
	const uint64_t lwps = usage("zone.max-lwps");
	const uint64_t processes = usage("zone.max-processes");
	const struct tine_ct_template tmpl = { 0 };
	tine_pid_t child;

	tine_check(tine_sys_settaskid(5, 0) > 0);
	tine_check(usage("task.max-lwps") == 1);
	tine_check(usage("project.max-tasks") == 1);
	tine_check(usage("project.max-contracts") == 0);
	tine_check(set("zone.max-swap", 1 << 30, PRIVILEGED, DENY, 0) == 0);
	tine_check(usage("zone.max-swap") == 0);
	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(usage("project.max-lwps") == 2);
		tine_check(usage("zone.max-swap") ==
		    UINT64_C(4096) * curproc->p_as->a_tas->pages);
		tine_sys_exit(0);
	}
	tine_check(usage("project.max-contracts") == 1);
	tine_sys_nanosleep(MS);
	/* A zombie is a process, and has no LWP. */
	tine_check(usage("task.max-processes") == 2);
	tine_check(usage("project.max-processes") == 2);
	tine_check(usage("zone.max-processes") == processes + 1);
	tine_check(usage("task.max-lwps") == 1);
	tine_check(usage("zone.max-lwps") == lwps);
	tine_check(usage("zone.max-swap") == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(usage("task.max-processes") == 1);
	return 0;
END(rc_usage, "how much of controls is used");

/* spec: IL-141 IL-142 */
static void
controls_are_listed_and_their_usage_is_told(void **state)
{
	(void)state;
	harness_passes("rc_look", NULL, 0);
	harness_passes("rc_usage", NULL, 0);
}

/* --- sets grow --- */

#define MANY 200

MAIN(rc_grow)
	struct tine_rlimit limit;
	tine_pid_t child;
	int status;

	for (unsigned i = 0; i < MANY; i++)
		tine_check(set("process.max-core-size", 1000 + i * 7 % MANY,
		    PRIVILEGED, DENY, 0) == 0);
	for (unsigned i = 0; i < MANY; i++)
		tine_check(set("task.max-lwps", MANY - i + 100, PRIVILEGED, 0,
		    0) == 0);
	tine_check(curproc->p_rctls->rcs_nvals > MANY);
	child = tine_sys_fork();
	if (child == 0) {
		for (int i = 0; i < MANY; i++)
			value_is("process.max-core-size", i,
			    1000 + (unsigned)i, PRIVILEGED);
		value_is("process.max-core-size", MANY, UINT64_MAX,
		    PRIVILEGED);
		value_is("process.max-core-size", MANY + 1, UINT64_MAX,
		    SYSTEM);
		tine_check(get("process.max-core-size", 0).cursor == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	for (int i = 0; i < MANY; i++)
		value_is("task.max-lwps", i, 101 + (unsigned)i, PRIVILEGED);
	/* setrlimit changes the lowest privileged one, in its place. */
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_CORE,
	    &(struct tine_rlimit){ 1050, 1100 }, NULL) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_CORE, &limit) == 0);
	tine_check(limit.cur == 1050 && limit.max == 1001);
	value_is("process.max-core-size", 49, 1050, BASIC);
	value_is("process.max-core-size", 0, 1001, PRIVILEGED);
	for (unsigned i = 0; i < MANY; i++)
		(void)del("process.max-core-size", 1000 + i, PRIVILEGED, DENY);
	tine_check(del("process.max-core-size", UINT64_MAX, PRIVILEGED,
	    DENY) == 0);
	/* Without a privileged value the system's is the hard limit. */
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_CORE, &limit) == 0);
	tine_check(limit.cur == 1050 && limit.max == UINT64_MAX);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_CORE,
	    &(struct tine_rlimit){ 77, 77 }, NULL) == 0);
	value_is("process.max-core-size", 0, 77, PRIVILEGED);
	value_is("process.max-core-size", 1, UINT64_MAX, SYSTEM);
	return 0;
END(rc_grow, "hundreds of values");

/* spec: IL-078 IL-079 IL-138 */
static void
a_set_has_as_many_values_as_it_is_given(void **state)
{
	(void)state;
	harness_passes("rc_grow", NULL, 0);
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
	tine_check(del("zone.max-processes", 2, PRIVILEGED, DENY) == 0);
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

/* --- each control, alone --- */

/* What a control denies when it is at its usage. */
static int
denied(const char *name)
{
	const uint64_t now = usage(name);
	int result, lwp, waited;
	tine_pid_t child;

	tine_check(set(name, now, PRIVILEGED, DENY, 0) == 0);
	tine_check(get(name, 0).cursor == 1 && get(name, 0).value == now);
	if (strstr(name, "lwps") != NULL) {
		result = tine_sys_lwp_create(lwp_sleeps, NULL);
	} else if (strstr(name, "tasks") != NULL) {
		result = tine_sys_settaskid(5, 0);
	} else {
		result = tine_sys_fork();
		if (result == 0)
			tine_sys_exit(0);
	}
	tine_check(usage(name) == now);
	/* One more, and it is let through. */
	tine_check(replace(name, V(now, PRIVILEGED, DENY),
	    V(now + 1, PRIVILEGED, DENY)) == 0);
	if (strstr(name, "lwps") != NULL) {
		lwp = tine_sys_lwp_create(lwp_sleeps, NULL);
		tine_check(lwp > 0 && usage(name) == now + 1);
	} else if (strstr(name, "tasks") == NULL) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(child > 0 && usage(name) == now + 1);
		tine_check(tine_sys_waitpid(child, &waited, 0) == child);
		(void)tine_sys_ct_abandon(tine_sys_ct_latest());
	} else {
		/* The old task goes when its last member has left. */
		tine_check(tine_sys_settaskid(5, 0) > 0);
		tine_check(usage(name) == now);
	}
	tine_check(del(name, now + 1, PRIVILEGED, DENY) == 0);
	return result;
}

MAIN(rc_each)
	static const char *const names[] = { "task.max-lwps",
		"project.max-lwps", "zone.max-lwps", "task.max-processes",
		"project.max-processes", "zone.max-processes",
		"project.max-tasks" };
	const struct tine_ct_template tmpl = { 0 };

	tine_check(tine_sys_settaskid(5, 0) > 0);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tine_check(denied(names[i]) == -EAGAIN);
	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	tine_check(denied("project.max-contracts") == -EAGAIN);
	/* Six with a counter; the task that could not begin has none. */
	tine_check(global_zone->zone_ffcap == 6);
	tine_check(global_zone->zone_ffmisc == 1);
	return 0;
END(rc_each, "each control, alone");

/* spec: IL-031 IL-089 IL-141 IL-142 */
static void
each_control_denies_what_it_counts(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    "+OS-38");

	(void)state;
	harness_passes("rc_each", NULL, 0);
	/* Callbacks at each fork change nothing. */
	harness_passes("rc_each", &options, 0);
}

/* Moving to another project with more LWPs than that allows. */
MAIN(rc_move)
	tine_pid_t child;

	tine_check(tine_sys_settaskid(6, 0) > 0);
	tine_check(set("project.max-lwps", 3, PRIVILEGED, DENY, 0) == 0);
	tine_check(set("project.max-processes", 2, PRIVILEGED, DENY, 0) == 0);
	/* Somebody stays there, and keeps the project. */
	child = tine_sys_fork();
	if (child == 0)
		for (;;)
			tine_sys_pause();
	tine_check(tine_sys_settaskid(7, 0) > 0);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) > 0);
	tine_check(tine_sys_settaskid(6, 0) > 0);
	tine_check(tine_sys_settaskid(7, 0) > 0);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) > 0);
	tine_check(tine_sys_settaskid(6, 0) == -EAGAIN);
	tine_check(tine_sys_getprojid() == 7);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
END(rc_move, "a project that is full");

/* spec: IL-141 IL-142 IL-147 */
static void
a_project_may_be_too_full_to_move_to(void **state)
{
	(void)state;
	harness_passes("rc_move", NULL, 0);
}

/* --- who is hit --- */

MAIN(rc_signal)
	tine_pid_t child, other;
	int status;

	/* A child sets a basic value for itself; its sibling exceeds it. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(set("task.max-lwps", curproc->p_task->tk_nlwps + 1,
		    BASIC, DENY | SIGNAL, SIGTERM) == 0);
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
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	/* A recipient that is gone hurts nobody. */
	tine_check(set("task.max-lwps", 1, PRIVILEGED, SIGNAL | DENY,
	    SIGHUP) == 0);
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
	assert_int_equal(WTERMSIG(result.status), SIGHUP);
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

/* A value for another process, by who may, as long as that is in the task. */
MAIN(rc_recipient)
	struct tine_rctl v = { 90, BASIC, SIGNAL, SIGTERM, -1, 0, 0 };
	tine_pid_t child, other;

	child = tine_sys_fork();
	if (child == 0)
		for (;;)
			tine_sys_pause();
	other = tine_sys_fork();
	if (other == 0) {
		tine_check(tine_sys_settaskid(0, 0) > 0);
		for (;;)
			tine_sys_pause();
	}
	tine_sys_nanosleep(MS);
	v.recipient = child;
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == 0);
	tine_check(get("task.max-lwps", 0).recipient == child);
	/* One of ours besides, equal but for that. */
	tine_check(set("task.max-lwps", 90, BASIC, SIGNAL, SIGTERM) == 0);
	tine_check(get("task.max-lwps", 0).recipient == tine_sys_getpid());
	tine_check(get("task.max-lwps", 1).recipient == child);
	v.recipient = other;
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == -ESRCH);
	v.recipient = 9999;
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == -ESRCH);
	v.recipient = child;
	tine_check(tine_sys_setrctl("process.max-core-size", NULL, &v,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == -EINVAL);
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_DELETE | TINE_RCTL_USE_RECIPIENT_PID) == 0);
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == 0);
	tine_check(get("task.max-lwps", 1).recipient == child);
	/* It dies: its values go. Nobody gets them with its number. */
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_sys_nanosleep(MS);
	tine_check(get("task.max-lwps", 0).recipient == tine_sys_getpid());
	value_is("task.max-lwps", 1, INT32_MAX, SYSTEM);
	/* So do ours when we leave the task. */
	tine_check(curproc->p_task->tk_nlwps_ctl == 90);
	{
		task_t *old = curproc->p_task;

		child = tine_sys_fork();
		if (child == 0)
			for (;;)
				tine_sys_pause();
		tine_check(tine_sys_settaskid(0, 0) > 0);
		tine_check(old->tk_nlwps_ctl == INT32_MAX);
		tine_check(old->tk_rctls->rcs_nvals == 2);
	}
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_kill(other, SIGKILL) == 0);
	tine_check(tine_sys_setuid(100) == 0);
	v.recipient = 1;
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &v,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == -EACCES);
	return 0;
END(rc_recipient, "values for others");

/* spec: IL-138 IL-140 */
static void
a_value_goes_with_its_recipient(void **state)
{
	(void)state;
	harness_passes("rc_recipient", NULL, 0);
}

/* --- global actions --- */

MAIN(rc_syslog)
	struct tine_rctl_global global = { TINE_RCTL_GLOBAL_SYSLOG };
	const uint64_t n = usage("task.max-lwps");

	tine_check(set("task.max-lwps", n, PRIVILEGED, DENY, 0) == 0);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) == -EAGAIN);
	tine_check(tine_sys_rctlctl("task.max-lwps", &global,
	    TINE_RCTLCTL_SET) == 0);
	global.action = 7;
	tine_check(tine_sys_rctlctl("task.max-lwps", &global,
	    TINE_RCTLCTL_SET) == -EINVAL);
	tine_check(tine_sys_rctlctl("task.max-lwps", &global,
	    TINE_RCTLCTL_GET) == 0);
	tine_check(global.action == TINE_RCTL_GLOBAL_SYSLOG);
	tine_check(tine_sys_rctlctl("task.max-lwps", &global, 5) == -EINVAL);
	tine_check(tine_sys_rctlctl("task.max-lwps", NULL,
	    TINE_RCTLCTL_SET) == -EFAULT);
	tine_check(tine_sys_rctlctl("no.such", &global, TINE_RCTLCTL_GET) ==
	    -ESRCH);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) == -EAGAIN);
	global.action = TINE_RCTL_GLOBAL_NOACTION;
	tine_check(tine_sys_rctlctl("task.max-lwps", &global,
	    TINE_RCTLCTL_SET) == 0);
	tine_check(tine_sys_lwp_create(lwp_sleeps, NULL) == -EAGAIN);
	return 0;
END(rc_syslog, "a control that is logged");

static int logged;

static void
count_logged(void *user, const struct tine_probe_data *data)
{
	(void)user;
	assert_int_equal(data->arg0, RC_TASK_LWPS);
	logged++;
}

static void
prepare_syslog(struct tine_machine *machine)
{
	logged = 0;
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:rctl_test:syslog", count_logged, NULL), 0);
}

/* spec: IL-139 */
static void
an_exceeded_control_is_logged_if_asked(void **state)
{
	(void)state;
	harness_prepare = prepare_syslog;
	harness_passes("rc_syslog", NULL, 0);
	harness_prepare = NULL;
	assert_int_equal(logged, 1);
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
	tine_check(del("zone.max-swap", 1, PRIVILEGED, DENY) == 0);
	/* Enough for one copy: taken, and given back. */
	tine_check(set("zone.max-swap",
	    4 * 4096 * curproc->p_as->a_tas->pages / 3, PRIVILEGED, DENY,
	    0) == 0);
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
		cmocka_unit_test(each_control_denies_what_it_counts),
		cmocka_unit_test(a_project_may_be_too_full_to_move_to),
		cmocka_unit_test(a_basic_value_hits_its_recipient_only),
		cmocka_unit_test(
		    a_signal_inside_a_test_inverts_the_order_of_locks),
		cmocka_unit_test(
		    a_value_may_be_replaced_and_a_lowerable_one_lowered),
		cmocka_unit_test(controls_are_listed_and_their_usage_is_told),
		cmocka_unit_test(a_set_has_as_many_values_as_it_is_given),
		cmocka_unit_test(a_value_goes_with_its_recipient),
		cmocka_unit_test(an_exceeded_control_is_logged_if_asked),
		cmocka_unit_test(a_childs_basic_values_are_its_own),
		cmocka_unit_test(nothing_was_inherited_as_zeros),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
