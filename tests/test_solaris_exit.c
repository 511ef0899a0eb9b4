/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_exit.c - more differences between 2006 and now: executables,
 * new kernel processes, helpers, the launch, the end; each on and off.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sched/trap.h"

#define FOUND_NONE (-1)
#include "solaris_probe_rig.h"

MAIN(ox_found)
	fork_once();
	return found;
END(ox_found, "a fork; what the probe found");

MAIN(ox_small)
	return 0;
END(ox_small, "does nothing");

/* --- kernel processes --- */

static int sysproc_pid;
static proc_t *sysproc;

static void
sysproc_body(void *arg)
{
	sysproc_pid = curproc->p_pid;
	mutex_enter(&curthread->t_delay_lock);
	(void) tine__cv_wait(&curthread->t_delay_cv, &curthread->t_delay_lock,
	    0, tine__now() + (uint64_t)(uintptr_t)arg, TINE__WHERE);
	mutex_exit(&curthread->t_delay_lock);
}

static int64_t
call_sysproc(uint64_t ns)
{
	int error = newproc_sys(sysproc_body, (void *)(uintptr_t)ns, 60);

	sysproc = embryo;
	return error;
}

MAIN(ox_sysproc)
	const uint32_t lwps = curproc->p_task->tk_nlwps;
	const uint32_t procs = curproc->p_task->tk_nprocs;
	int result;

	tine_check(kcall(call_sysproc, 5 * MS) == 0);
	result = sysproc->p_parent == curproc;
	if (!result) {
		tine_check(sysproc->p_parent == &p0);
		tine_check(sysproc->p_task == task0p);
		tine_check(curproc->p_task->tk_nprocs == procs);
		tine_check(sysproc->p_pgidp == p0.p_pgidp);
	}
	tine_check(curproc->p_task->tk_nlwps == lwps + (unsigned)result);
	tine_check(sysproc->p_pool == pool_default);
	tine_check((sysproc->p_flag & (SSYS | SNOWAIT)) == (SSYS | SNOWAIT));
	tine_check(sysproc->p_exec == NULL && sysproc->p_execdir == NULL);
	tine_check(sysproc->p_as == &kas && sysproc->p_lwpcnt == 1);
	tine_check(sysproc->p_tlist->t_tid == 1 && sysproc->p_stat == SRUN);
	tine_check(sysproc->p_tlist->t_cid == IL_SYS);
	tine_sys_nanosleep(10 * MS);
	/* It is gone, without a zombie. */
	tine_check(tine_sys_kill(sysproc_pid, 0) == -ESRCH);
	il_books();
	return result;
END(ox_sysproc, "a process of the kernel");

/* spec: IL-020 IL-030 OS-26 */
static void
a_kernel_process_is_process_0s(void **state)
{
	(void)state;
	both("ox_sysproc", "OS-26", 1, 0, NULL, NULL);
}

static int64_t
call_no_stacks(uint64_t on)
{
	il->il_no_kstacks = on != 0;
	return 0;
}

MAIN(ox_sysproc_fails)
	const uint32_t procs = task0p->tk_nprocs;

	kcall(call_no_stacks, 1);
	tine_check(kcall(call_sysproc, MS) == EAGAIN);
	kcall(call_no_stacks, 0);
	tine_check(task0p->tk_nprocs == procs);
	il_books();
	return 0;
END(ox_sysproc_fails, "no LWP for a process of the kernel");

/* spec: OS-27 */
static void
no_lwp_for_a_kernel_process_is_a_panic_now(void **state)
{
	struct tine_options options;

	(void)state;
	harness_prepare = prepare;
	options = kcall_options(TINE_KERNEL_ILLUMOS, "");
	harness_ends("ox_sysproc_fails", &options, TINE_OUTCOME_PANIC,
	    "no LWP for a kernel process");
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+OS-27");
	harness_passes("ox_sysproc_fails", &options, 0);
	harness_prepare = NULL;
}

MAIN(ox_sysproc_exec)
	vnode_t *vp = curproc->p_exec;
	const uint32_t was = vp->v_count, opens = vp->v_opens;

	/* Of the caller in 2006; that difference is on too here. */
	tine_check(kcall(call_sysproc, MS) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check(vp->v_lost_count == vp->v_count - was);
	tine_check(vp->v_lost_opens == vp->v_opens - opens);
	return (int)(vp->v_count - was);
END(ox_sysproc_exec, "the executable of a kernel process");

/* spec: OS-28 */
static void
a_kernel_process_kept_an_executable(void **state)
{
	struct tine_options options;

	(void)state;
	harness_prepare = prepare;
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+OS-26");
	harness_passes("ox_sysproc_exec", &options, 0);
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+OS-26,+OS-28");
	harness_passes("ox_sysproc_exec", &options, 1 << 8);
	harness_prepare = NULL;
}

static vnode_t *cdir;

static int64_t
call_no_cdir(uint64_t none)
{
	if (none) {
		cdir = PTOU(&p0)->u_cdir;
		PTOU(&p0)->u_cdir = NULL;
	} else {
		PTOU(&p0)->u_cdir = cdir;
	}
	return 0;
}

MAIN(ox_no_cdir)
	kcall(call_no_cdir, 1);
	tine_check(kcall(call_sysproc, MS) == 0);
	tine_sys_nanosleep(5 * MS);
	kcall(call_no_cdir, 0);
	return 0;
END(ox_no_cdir, "a kernel process before there is a root directory");

/* spec: OS-24 IL-060 */
static void
process_0_may_be_without_a_directory(void **state)
{
	struct tine_options options;

	(void)state;
	harness_prepare = prepare;
	options = kcall_options(TINE_KERNEL_ILLUMOS, "");
	harness_passes("ox_no_cdir", &options, 0);
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+OS-24");
	harness_ends("ox_no_cdir", &options, TINE_OUTCOME_PANIC, "BAD TRAP");
	harness_prepare = NULL;
}

/* SIGTERM for a kernel process, and what its end leaves. */
MAIN(ox_sysproc_signal)
	int result;

	tine_check(kcall(call_sysproc, 5 * MS) == 0);
	tine_sys_nanosleep(MS);
	result = tine_sys_kill(sysproc_pid, SIGTERM) == 0;
	tine_check(sig_isset(sysproc->p_sig, SIGTERM) == (result != 0));
	tine_sys_nanosleep(10 * MS);
	return result;
END(ox_sysproc_signal, "a signal for a process of the kernel");

/* spec: OS-45 */
static void
kernel_processes_took_signals(void **state)
{
	(void)state;
	both("ox_sysproc_signal", "OS-45", 1, 0, NULL, NULL);
}

/* --- new processes --- */

static int64_t
call_newproc(uint64_t pid)
{
	struct tine__image image;
	kthread_t *t = curthread;
	proc_t *p = curproc;
	klwp_t *lwp = ttolwp(t);
	int error;

	if (tine__image_load(il->il_machine, "ox_small", NULL, 0, &image) != 0)
		tine__panic("no image");
	t->t_procp = &p0;
	t->t_lwp = &il->il_lwp0;
	error = newproc(&image, IL_TS, 59, (pid_t)pid);
	t->t_procp = p;
	t->t_lwp = lwp;
	return error;
}

MAIN(ox_pid)
	tine_check(kcall(call_newproc, 500) == 0);
	/* Other numbers go on as before. */
	tine_check(p0.p_child->p_pid == 500 || mpid == p0.p_child->p_pid + 1);
	found = p0.p_child->p_pid == 500;
	tine_sys_nanosleep(5 * MS);
	return !found;
END(ox_pid, "a process with a number of its own");

/* spec: OS-09 */
static void
a_pid_could_not_be_asked_for(void **state)
{
	(void)state;
	both("ox_pid", "OS-09", 1, 0, NULL, NULL);
}

MAIN(ox_newproc_count)
	tine_check(kcall(call_newproc, 0) == 0);
	found = (int)p0.p_child->p_task->tk_nprocs;
	tine_check(p0.p_child->p_task->tk_memb_list == p0.p_child);
	tine_sys_nanosleep(5 * MS);
	il_books();
	return found;
END(ox_newproc_count, "the count of a new process's task");

/* spec: OS-30 IL-021 */
static void
newproc_counted_no_process(void **state)
{
	(void)state;
	both("ox_newproc_count", "OS-30", 0, 1, NULL, NULL);
}

MAIN(ox_newproc_fails)
	const proc_t *first = p0.p_child, *orphan = p0.p_orphan;

	global_zone->zone_nlwps_ctl = 0;
	tine_check(kcall(call_newproc, 0) == EAGAIN);
	global_zone->zone_nlwps_ctl = UINT64_MAX;
	found = p0.p_child != first || p0.p_orphan != orphan;
	if (found) {
		/* Freed; whoever follows these links is lost. */
		tine_check(p0.p_child == embryo && p0.p_orphan == embryo);
		p0.p_child = (proc_t *)(uintptr_t)first;
		p0.p_orphan = (proc_t *)(uintptr_t)orphan;
		p0.p_child->p_psibling = NULL;
		p0.p_orphan->p_prevorph = NULL;
		p0.p_nchild--;
	}
	il_books();
	return found;
END(ox_newproc_fails, "newproc fails late");

/* spec: OS-29 IL-023 */
static void
a_failed_newproc_left_a_freed_child(void **state)
{
	(void)state;
	both("ox_newproc_fails", "OS-29", 1, 0, NULL, NULL);
}

/* --- executables --- */

static vnode_t *small;

static int64_t
call_hold_small(uint64_t hold)
{
	if (hold)
		small = vn_lookup(tine_program_find("ox_small"));
	else
		vn_rele(small);
	return 0;
}

MAIN(ox_exec_opens)
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		kcall(call_hold_small, 1);
		tine_sys_exec("ox_small", NULL);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	found = (int)small->v_opens;
	tine_check(small->v_count == 1);
	kcall(call_hold_small, 0);
	return found;
END(ox_exec_opens, "an executable's opens after its process");

/* spec: OS-12 IL-R11 */
static void
executables_were_never_closed(void **state)
{
	(void)state;
	both("ox_exec_opens", "OS-12", 1, 0, NULL, NULL);
}

static int64_t
call_unprivileged(uint64_t on)
{
	static cred_t user;

	if (on) {
		user = *CRED();
		user.cr_ruid = user.cr_uid = 100;
		user.cr_priv = PRIV_PROC_FORK;
		user.cr_ref = 2;
		mutex_enter(&pidlock);
		upcount_inc(100, 0);
		upcount_dec(0, 0);
		mutex_exit(&pidlock);
		atomic_dec_32(&CRED()->cr_ref);
		curproc->p_cred = &user;
	} else {
		mutex_enter(&pidlock);
		upcount_inc(0, 0);
		upcount_dec(100, 0);
		mutex_exit(&pidlock);
		curproc->p_cred = kcred;
		crhold(kcred);
	}
	return 0;
}

MAIN(ox_user_limit)
	vnode_t *vp = curproc->p_exec;
	uint32_t was, opens;

	kcall(call_unprivileged, 1);
	was = vp->v_count;
	opens = vp->v_opens;
	/* proc_max is 10, 5 of it reserved: process 0, init, us, two more. */
	for (int i = 0; i < 2; i++)
		if (tine_sys_fork() == 0)
			tine_sys_pause();
	was += 2;
	opens += 2;
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(vp->v_count - was == vp->v_opens - opens);
	found = (int)(vp->v_count - was);
	kcall(call_unprivileged, 0);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return found;
END(ox_user_limit, "a fork refused for its user");

/* spec: OS-11 IL-R10 */
static void
a_refused_fork_loses_the_executable_now(void **state)
{
	struct tine_options options;

	(void)state;
	options = kcall_options(TINE_KERNEL_ILLUMOS, "");
	options.proc_max = 10;
	harness_passes("ox_user_limit", &options, 1 << 8);
	options = kcall_options(TINE_KERNEL_ILLUMOS, "+OS-11");
	options.proc_max = 10;
	harness_passes("ox_user_limit", &options, 0);
}

/* --- address space, shared memory, helpers --- */

MAIN(ox_owner)
	tine_pid_t child = tine_sys_fork();
	int status;

	if (child == 0) {
		tine_check(curproc->p_as->a_proc == NULL ||
		    curproc->p_as->a_proc == curproc);
		tine_sys_exit(curproc->p_as->a_proc == NULL);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	return status >> 8;
END(ox_owner, "whose a copied space is");

/* spec: OS-15 */
static void
copied_spaces_had_no_owner(void **state)
{
	(void)state;
	both("ox_owner", "OS-15", 1, 0, NULL, NULL);
}

MAIN(ox_shmdt)
	static volatile int result;
	int id = tine_sys_shmget(0, 4096, 0600);
	char *at = tine_sys_shmat(id, NULL, 0);
	tine_pid_t child;

	tine_check(id > 0 && !tine_sys_failed(at));
	child = vforkx(0);
	if (child == 0) {
		result = tine_sys_shmdt(at);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(result == 0 || result == -EINVAL);
	tine_check((curproc->p_segacct == NULL) == (result == 0));
	return result != 0;
END(ox_shmdt, "a vfork child detaches");

/* spec: OS-13 */
static void
a_vfork_child_could_not_detach(void **state)
{
	(void)state;
	both("ox_shmdt", "OS-13", 1, 0, NULL, NULL);
}

static int64_t
call_helper(uint64_t arg)
{
	(void)arg;
	dtrace_helper_add(curproc);
	return 0;
}

static void
see_pr_lock(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	found = (curproc->p_proc_flag & P_PR_LOCK) != 0;
}

MAIN(ox_helpers)
	kcall(call_helper, 0);
	curproc->p_dtrace_probes = 2;
	fork_once();
	tine_check(il->il_helpers == 1);
	return found;
END(ox_helpers, "a fork with helpers");

/* spec: OS-17 IL-077 */
static void
helpers_were_copied_with_proc_locked_out(void **state)
{
	(void)state;
	both("ox_helpers", "OS-17", 1, 0,
	    "fbt:dtrace:dtrace_helpers_duplicate:entry", see_pr_lock);
}

MAIN(ox_helpers_lost)
	kcall(call_helper, 0);
	global_zone->zone_nlwps_ctl = global_zone->zone_nlwps;
	tine_check(tine_sys_fork() == -EAGAIN);
	global_zone->zone_nlwps_ctl = UINT64_MAX;
	return (int)il->il_helpers - 1;
END(ox_helpers_lost, "cloning fails behind the copy of helpers");

/* spec: OS-18 IL-R16 */
static void
helpers_of_a_failed_fork_were_lost(void **state)
{
	(void)state;
	both("ox_helpers_lost", "OS-18", 1, 0, NULL, NULL);
}

/* Every fork with memory for the copy refused: who has /proc's lock then? */
MAIN(ox_dup_fails)
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		tine_sys_exit(0);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check((curproc->p_proc_flag & P_PR_LOCK) == 0);
	return child == -ENOMEM ? found : 9;
END(ox_dup_fails, "copying the space fails");

static int
dup_fails(const char *quirks)
{
	struct tine_options options;
	struct tine_result result;
	int seen = -1;

	probe_name = "fbt:genunix:fork_fail:entry";
	probe_fn = see_pr_lock;
	harness_prepare = prepare;
	options = kcall_options(TINE_KERNEL_ILLUMOS, quirks);
	for (options.fail_at = 1; ; options.fail_at++) {
		assert_int_equal(harness_run("ox_dup_fails", &options, &result,
		    NULL), TINE_OUTCOME_PASSED);
		if (!tine_machine_failed_step(harness_machine()))
			break;
		if (result.status >> 8 < 2) {
			assert_true(seen == -1 || seen == result.status >> 8);
			seen = result.status >> 8;
		}
	}
	harness_prepare = NULL;
	probe_name = NULL;
	return seen;
}

/* spec: OS-16 IL-076 */
static void
a_failed_copy_was_cleaned_up_with_proc_locked_out(void **state)
{
	(void)state;
	assert_int_equal(dup_fails(""), 0);
	assert_int_equal(dup_fails("+OS-16"), 1);
}

MAIN(ox_lgroups)
	tine_pid_t child = tine_sys_fork();
	int status;

	if (child == 0)
		tine_sys_exit(curproc->p_tr_lgrpid == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	return status >> 8;
END(ox_lgroups, "the lgroup of a replica of the text");

/* spec: OS-22 */
static void
there_were_no_lgroups_of_text(void **state)
{
	(void)state;
	both("ox_lgroups", "OS-22", 1, 0, NULL, NULL);
}

/* --- launch --- */

static void
see_pidlock(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	if (found == -1)
		found = MUTEX_HELD(&pidlock);
}

/* spec: OS-33 IL-097 */
static void
a_child_ran_while_pidlock_was_free(void **state)
{
	(void)state;
	both("ox_found", "OS-33", 0, 1, "fbt:genunix:cl_forkret:continue",
	    see_pidlock);
}

MAIN(ox_schedctl)
	const klwp_t *lwp = ttolwp(curthread);

	curthread->t_pri = 50;
	fork_once();
	return lwp->lwp_schedctl.sc_pri != curthread->t_pri;
END(ox_schedctl, "what a program is shown of its priority");

/* spec: OS-34 */
static void
schedctl_was_stale_after_fork(void **state)
{
	(void)state;
	both("ox_schedctl", "OS-34", 1, 0, NULL, NULL);
}

static void
see_s_lock(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	found = MUTEX_HELD(&curproc->p_sessp->s_lock);
}

/* spec: OS-23 IL-049 */
static void
sessions_were_held_without_their_lock(void **state)
{
	(void)state;
	both("ox_found", "OS-23", 0, 1, "fbt:genunix:sess_hold:return",
	    see_s_lock);
}

MAIN(ox_usage)
	for (int i = 0; i < 10; i++)
		tine_sys_getpid();
	fork_once();
	return found;
END(ox_usage, "a clone's usage");

static void
see_usage(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	found = embryo->p_tlist != NULL &&
	    ttolwp(embryo->p_tlist)->lwp_mstate >= 10;
}

/* spec: OS-32 IL-082 */
static void
a_clones_usage_was_cleared_late(void **state)
{
	(void)state;
	both("ox_usage", "OS-32", 1, 0, "fbt:genunix:forklwp:copied",
	    see_usage);
}

/* --- the end --- */

MAIN(ox_sigchld)
	tine_pid_t child;

	/* As an acceptor has it; there is nobody else. */
	curthread->t_sigwait = curthread->t_hold = sigbit(SIGCHLD);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(MS);
	found = sig_isset(curproc->p_sig, SIGCHLD);
	curthread->t_sigwait = 0;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return !found;
END(ox_sigchld, "SIGCHLD at its default");

/* spec: OS-41 IL-131 */
static void
sigchld_was_posted_only_when_caught(void **state)
{
	(void)state;
	both("ox_sigchld", "OS-41", 1, 0, NULL, NULL);
}

MAIN(ox_evaporate)
	tine_pid_t child = vforkx(0);

	if (child == 0)
		tine_sys_exit((int)0xffff0000);
	found = tine_sys_waitpid(child, NULL, 0) == child;
	return found;
END(ox_evaporate, "a vfork child that asks to leave nothing");

/* spec: OS-44 IL-111 */
static void
no_vfork_child_disappeared(void **state)
{
	(void)state;
	both("ox_evaporate", "OS-44", 1, 0, NULL, NULL);
}

static void
see_waitpid(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
}

MAIN(ox_waitpid)
	tine_pid_t child = tine_sys_forkx(TINE_FORK_WAITPID);

	if (child == 0)
		tine_sys_exit(0);
	tine_sys_nanosleep(MS);
	if (tine_sys_wait(NULL) == child)
		return 1;
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
END(ox_waitpid, "a wait for any child, and FORK_WAITPID");

/* spec: OS-48 OS-02 */
static void
waiting_for_any_found_every_child(void **state)
{
	(void)state;
	both("ox_waitpid", "OS-48", 1, 0, "proc:::exit", see_waitpid);
}

static proc_t *zsched;

static void
see_owner(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	if (curproc->p_zone == NULL)
		return;
	found = curproc == &p0;
}

static int64_t
call_zsched(uint64_t set)
{
	if (set) {
		/* A stand-in: the process of a zone that is not process 0. */
		zsched = sysproc;
		global_zone->zone_zsched = zsched;
	} else {
		global_zone->zone_zsched = &p0;
	}
	return 0;
}

MAIN(ox_zsched)
	int result;

	tine_check(kcall(call_sysproc, 50 * MS) == 0);
	kcall(call_zsched, 1);
	fork_once();
	tine_sys_nanosleep(MS);
	result = found;
	kcall(call_zsched, 0);
	tine_sys_nanosleep(100 * MS);
	return result;
END(ox_zsched, "whose a dying thread is");

/* spec: OS-47 IL-R48 */
static void
a_dying_thread_was_process_0s(void **state)
{
	(void)state;
	both("ox_zsched", "OS-47", 1, 0, "fbt:genunix:proc_exit:zombie",
	    see_owner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_process_is_process_0s),
		cmocka_unit_test(no_lwp_for_a_kernel_process_is_a_panic_now),
		cmocka_unit_test(a_kernel_process_kept_an_executable),
		cmocka_unit_test(process_0_may_be_without_a_directory),
		cmocka_unit_test(kernel_processes_took_signals),
		cmocka_unit_test(a_pid_could_not_be_asked_for),
		cmocka_unit_test(newproc_counted_no_process),
		cmocka_unit_test(a_failed_newproc_left_a_freed_child),
		cmocka_unit_test(executables_were_never_closed),
		cmocka_unit_test(a_refused_fork_loses_the_executable_now),
		cmocka_unit_test(copied_spaces_had_no_owner),
		cmocka_unit_test(a_vfork_child_could_not_detach),
		cmocka_unit_test(helpers_were_copied_with_proc_locked_out),
		cmocka_unit_test(helpers_of_a_failed_fork_were_lost),
		cmocka_unit_test(
		    a_failed_copy_was_cleaned_up_with_proc_locked_out),
		cmocka_unit_test(there_were_no_lgroups_of_text),
		cmocka_unit_test(a_child_ran_while_pidlock_was_free),
		cmocka_unit_test(schedctl_was_stale_after_fork),
		cmocka_unit_test(sessions_were_held_without_their_lock),
		cmocka_unit_test(a_clones_usage_was_cleared_late),
		cmocka_unit_test(sigchld_was_posted_only_when_caught),
		cmocka_unit_test(no_vfork_child_disappeared),
		cmocka_unit_test(waiting_for_any_found_every_child),
		cmocka_unit_test(a_dying_thread_was_process_0s),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
