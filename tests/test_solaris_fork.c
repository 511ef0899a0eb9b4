/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_fork.c - differences between 2006 and now on the way of a fork,
 * each switched on and off.
 *
 * Programs look at their kernel's state and exit with what they found; what
 * only shows in the middle of a fork is found by probes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sched/trap.h"

#define FOUND_NONE 0
#include "solaris_probe_rig.h"

static proc_t *
by_number(const struct tine_probe_data *data)
{
	for (proc_t *p = practive; p != NULL; p = p->p_next)
		if (p->p_pidp->pid_id == (pid_t)data->arg0)
			return p;
	return embryo;
}

/* --- entry points --- */

MAIN(os_forksys)
	int64_t got = trap_twice(TINE__SYS_forksys, 0, 0, 0, 0, 0);

	if (got == 0)
		tine_sys_exit(0);
	if (got == -ENOSYS)
		return 1;
	tine_check(got > 0 && tine_sys_waitpid((int)got, NULL, 0) == got);
	tine_check(tine__trap(TINE__SYS_forksys, 3, 0, 0, 0, 0) == -EINVAL);
	tine_check(tine__trap(TINE__SYS_forksys, 0, 4, 0, 0, 0) == -EINVAL);
	return 0;
END(os_forksys, "the trap with subcodes");

/* spec: OS-01 IL-014 */
static void
forksys_came_later(void **state)
{
	(void)state;
	both("os_forksys", "OS-01", 1, 0, NULL, NULL);
}

MAIN(os_vfork)
	static volatile int ran;
	int64_t got;

	ran = 0;
	got = trap_twice(TINE__SYS_vfork, 0, 0, 0, 0, 0);
	if (got == 0) {
		ran = 1;
		tine_sys_exit(3);
	}
	/* On loan: what it stored is here, and it is over. */
	tine_check(ran == 1);
	tine_check(got > 0 && tine_sys_waitpid((int)got, NULL, 0) == got);
	return 0;
END(os_vfork, "the vfork trap of old");

/* spec: IL-015 */
static void
the_old_vfork_trap_is_still_there(void **state)
{
	(void)state;
	both("os_vfork", "OS-14", 0, 0, NULL, NULL);
}

MAIN(os_counters)
	tine_check(tine_sys_forkx(64) == -EINVAL);
	tine_check(global_zone->zone_ffcap + global_zone->zone_ffnoproc +
	    global_zone->zone_ffnomem == 0);
	return (int)global_zone->zone_ffmisc;
END(os_counters, "a failure that is counted");

/* spec: OS-03 */
static void
zones_did_not_count_failures(void **state)
{
	(void)state;
	both("os_counters", "OS-03", 0, 1, NULL, NULL);
}

/* A project that is not the global one, with that one's counts. */
static kproject_t other;

MAIN(os_caps)
	tine_pid_t child;
	int result = 0;

	other = *proj0p;
	other.kpj_id = 7;
	curproc->p_task->tk_proj = &other;
	curproc->p_task->tk_nprocs_ctl = curproc->p_task->tk_nprocs;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	if (child > 0) {
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		result = 1;
	} else {
		tine_check(child == -EAGAIN);
	}
	curproc->p_task->tk_proj = proj0p;
	curproc->p_task->tk_nprocs_ctl = UINT64_MAX;
	return result;
END(os_caps, "a task that is full");

/* spec: OS-04 */
static void
processes_had_no_caps(void **state)
{
	(void)state;
	both("os_caps", "OS-04", 1, 0, NULL, NULL);
}

MAIN(os_zombie_task)
	tine_pid_t child = tine_sys_fork();
	const proc_t *p;
	int result;

	if (child == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(MS);
	p = curproc->p_child;
	tine_check(p->p_pid == child && p->p_stat == SZOMB);
	result = p->p_task == task0p;
	tine_check(result || p->p_task == curproc->p_task);
	tine_check(curproc->p_task != task0p);
	il_books();
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	il_books();
	return result;
END(os_zombie_task, "the task of a zombie");

/* spec: OS-05 */
static void
zombies_left_their_task(void **state)
{
	(void)state;
	both("os_zombie_task", "OS-05", 1, 0, NULL, NULL);
}

MAIN(os_memory)
	uint64_t began = tine_sys_time();
	tine_pid_t child;

	il->il_minarmem = UINT32_MAX;
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	if (child > 0) {
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		return 0;
	}
	/* At once: no delay, nothing counted. */
	tine_check(child == -EAGAIN && tine_sys_time() == began);
	tine_check(global_zone->zone_ffcap + global_zone->zone_ffnoproc +
	    global_zone->zone_ffnomem + global_zone->zone_ffmisc == 0);
	return 1;
END(os_memory, "fork while free memory is short");

/* spec: OS-06 */
static void
fork_wanted_free_memory(void **state)
{
	(void)state;
	both("os_memory", "OS-06", 1, 0, NULL, NULL);
}

/* --- the embryo --- */

MAIN(os_found)
	fork_once();
	return found;
END(os_found, "a fork; what the probe found");

static void
see_space(void *user, const struct tine_probe_data *data)
{
	(void)user;
	found = by_number(data)->p_as == NULL;
	ASSERT(found || by_number(data)->p_as == &kas);
}

static void
see_zone(void *user, const struct tine_probe_data *data)
{
	(void)user;
	found = by_number(data)->p_zone == NULL;
	ASSERT(found || by_number(data)->p_zone == global_zone);
}

/* spec: OS-07 OS-08 IL-034 IL-035 */
static void
embryos_had_neither_space_nor_zone(void **state)
{
	(void)state;
	both("os_found", "OS-07", 1, 0, "fbt:genunix:getproc:published",
	    see_space);
	both("os_found", "OS-08", 1, 0, "fbt:genunix:getproc:published",
	    see_zone);
}

static uint32_t holds, opens;

static void
before(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	if (curproc->p_exec == NULL)
		return;
	holds = curproc->p_exec->v_count;
	opens = curproc->p_exec->v_opens;
}

static void
see_exec(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	if (curproc->p_exec == NULL)
		return;
	found = (int)(curproc->p_exec->v_count - holds) * 2 +
	    (int)(curproc->p_exec->v_opens - opens);
}

static void
prepare_exec(struct tine_machine *machine)
{
	found = -1;
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:getproc:allocated", before, NULL), 0);
	/* Under pidlock a child's limits are looked at; just before: */
	assert_int_equal(tine_probe_attach(machine, probe_name, see_exec,
	    NULL), 0);
}

/* spec: OS-10 IL-037 IL-056 */
static void
executables_were_taken_last_and_not_opened(void **state)
{
	(void)state;
	harness_prepare = prepare_exec;
	/* Inserted: now held and open already, then not yet. */
	probe_name = "fbt:genunix:getproc:inserted";
	kcall_both("os_found", "OS-10", 0, 3);
	/* Complete. */
	probe_name = "proc:::create";
	kcall_both("os_found", "OS-10", 2, 3);
	harness_prepare = NULL;
	probe_name = NULL;
}

static void
fork_audited(void *user, const struct tine_probe_data *data)
{
	(void)user;
	found = by_number(data)->p_audited;
}

MAIN(os_audit)
	fork_once();
	tine_check(found == 0);
	tine_check(tine_sys_auditon(1) == 0);
	fork_once();
	return found;
END(os_audit, "auditing is switched on");

/* spec: OS-25 IL-040 */
static void
auditing_was_compiled_in_or_not(void **state)
{
	(void)state;
	both("os_audit", "OS-25", 0, 1, "proc:::create", fork_audited);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forksys_came_later),
		cmocka_unit_test(the_old_vfork_trap_is_still_there),
		cmocka_unit_test(zones_did_not_count_failures),
		cmocka_unit_test(processes_had_no_caps),
		cmocka_unit_test(zombies_left_their_task),
		cmocka_unit_test(fork_wanted_free_memory),
		cmocka_unit_test(embryos_had_neither_space_nor_zone),
		cmocka_unit_test(executables_were_taken_last_and_not_opened),
		cmocka_unit_test(auditing_was_compiled_in_or_not),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
