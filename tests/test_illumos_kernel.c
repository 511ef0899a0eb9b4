/* SPDX-License-Identifier: MIT */
/*
 * test_illumos_kernel.c - parts of the kernel that no system call reaches yet:
 * new processes beside init, /proc's lock, a pool's rebind, groups.
 *
 * A write to the console runs its callback as kernel code of the LWP that
 * writes: so "calls" of these tests are bytes written, and the callback is
 * their table. What runs there may take locks and sleep.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "solaris_rig.h"
#include "proc/syscall.h"
#include "support/harness.h"
#include "proc/illumos/kern.h"

/* A handler that is there, and does nothing. */
static void
caught(int signo)
{
	(void)signo;
}
#define U_SIG_CATCH ((uintptr_t)caught)

/* The trap that returns twice on one stack, and tells the compiler. */

/* --- calls --- */

/* Their results; the host's memory, set by one process at a time. */
static volatile int result;

enum {
	CALL_NEWPROC = 1,
	CALL_PR_LOCK,
	CALL_REBIND,
	CALL_NEW_GROUP,
	CALL_JOIN_GROUP,
	CALL_SLEEP,
	CALL_FORKSYS
};

/* A process that runs il_small, started by process 0 as init was. */
static void
call_newproc(void)
{
	struct tine__image image;
	kthread_t *t = curthread;
	proc_t *p = curproc;
	klwp_t *lwp = ttolwp(t);
	uint32_t tasks = proj0p->kpj_ntasks;
	uint32_t zone_tasks = global_zone->zone_ntasks;

	if (tine__image_load(il->il_machine, "il_small", NULL, 0, &image) != 0)
		tine__panic("no image");
	t->t_procp = &p0;
	t->t_lwp = &il->il_lwp0;
	result = newproc(&image, IL_TS, 59, 0);
	t->t_procp = p;
	t->t_lwp = lwp;
	if (result == 0) {
		const proc_t *cp = p0.p_child;

		ASSERT(cp->p_task != p->p_task && cp->p_task != task0p);
		ASSERT(cp->p_task == il->il_tasks
		    && cp->p_task->tk_proj == proj0p);
		ASSERT3(cp->p_task->tk_nprocs, ==, 1);
		ASSERT3(cp->p_task->tk_nlwps, ==, 1);
		ASSERT3(cp->p_task->tk_hold_count, ==, 1);
		ASSERT3(cp->p_task->tk_tkid, ==, il->il_taskid);
		ASSERT3(cp->p_lwpid, ==, 1);
		ASSERT3(cp->p_stat, ==, SRUN);
		ASSERT(cp->p_pgidp == p0.p_pgidp);
		tasks++;
		zone_tasks++;
	}
	ASSERT3(proj0p->kpj_ntasks, ==, tasks);
	ASSERT3(proj0p->kpj_count, ==, tasks + proj0p->kpj_ncontracts);
	ASSERT3(global_zone->zone_ntasks, ==, zone_tasks);
}

/* Have the parent as /proc would have it, for 3 ms. */
static void
call_pr_lock(void)
{
	proc_t *p = curproc->p_parent;
	uint32_t flags;

	mutex_enter(&p->p_lock);
	while ((p->p_proc_flag & P_PR_LOCK) != 0) {
		result++;
		cv_wait(&p->p_lockp->pl_pidcv, &p->p_lock);
	}
	p->p_proc_flag |= P_PR_LOCK;
	flags = p->p_flag & (SVFORK | SVFWAIT);
	mutex_exit(&p->p_lock);
	mutex_enter(&curthread->t_delay_lock);
	(void) cv_timedwait_sig(&curthread->t_delay_cv,
	    &curthread->t_delay_lock, tine__now() + 3 * MS);
	mutex_exit(&curthread->t_delay_lock);
	mutex_enter(&p->p_lock);
	ASSERT3(flags & ~p->p_flag, ==, 0);
	p->p_proc_flag &= (uint8_t)~P_PR_LOCK;
	cv_broadcast(&p->p_lockp->pl_pidcv);
	mutex_exit(&p->p_lock);
}

/* Rebind the parent to a pool: who is in the barrier leaves first, then nobody
 * enters or leaves it for 3 ms. */
static void
call_rebind(void)
{
	proc_t *p = curproc->p_parent;

	mutex_enter(&p->p_lock);
	p->p_poolflag |= PBWAIT;
	result = p->p_poolcnt;
	mutex_enter(&pool_barrier_lock);
	il->il_pool_barrier_count += (uint32_t)p->p_poolcnt;
	mutex_exit(&p->p_lock);
	while (il->il_pool_barrier_count > 0)
		cv_wait(&il->il_pool_barrier_cv, &pool_barrier_lock);
	mutex_exit(&pool_barrier_lock);
	delay(1);
	mutex_enter(&p->p_lock);
	ASSERT3(p->p_poolcnt, ==, 0);
	p->p_poolflag &= (uint8_t)~PBWAIT;
	cv_broadcast(&p->p_poolcv);
	mutex_exit(&p->p_lock);
}

/* setpgid: a group of one's own, or the parent's. */
static void
call_group(bool own)
{
	proc_t *p = curproc;

	mutex_enter(&pidlock);
	pgexit(p);
	pgjoin(p, own ? p->p_pidp : p->p_parent->p_pgidp);
	mutex_exit(&pidlock);
}

/* What an interruptible sleep with a deadline returns. */
static void
call_sleep(void)
{
	mutex_enter(&curthread->t_delay_lock);
	result = cv_timedwait_sig(&curthread->t_delay_cv,
	    &curthread->t_delay_lock, tine__now() + MS);
	ASSERT((curthread->t_flag & T_WAKEABLE) == 0);
	mutex_exit(&curthread->t_delay_lock);
}

static void
console(void *user, int pid, const char *text, size_t size)
{
	(void)user;
	(void)pid;
	ASSERT3(size, ==, 1);
	switch (text[0]) {
	case CALL_NEWPROC:
		call_newproc();
		break;
	case CALL_PR_LOCK:
		call_pr_lock();
		break;
	case CALL_REBIND:
		call_rebind();
		break;
	case CALL_NEW_GROUP:
	case CALL_JOIN_GROUP:
		call_group(text[0] == CALL_NEW_GROUP);
		break;
	case CALL_FORKSYS:
		result = (int)forksys(3, 0);
		break;
	default:
		call_sleep();
		break;
	}
}

static void
call(char number)
{
	tine_check(tine_sys_write(1, &number, 1) == 1);
}

/* A child that makes a call, and is gone. */
static tine_pid_t
child_calls(char number)
{
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		call(number);
		tine_sys_exit(0);
	}
	tine_check(child > 0);
	return child;
}

/* --- programs --- */

static int
il_small(int argc, char **argv)
{
	tine_check(argc == 1 && strcmp(argv[0], "il_small") == 0);
	tine_check(curthread->t_tid == 1 && curproc->p_lwpid == 1);
	tine_check(curproc->p_rctls->rcs_nvals == RC_PROCESS_COUNT * 2 + 3);
	tine_sys_nanosleep(5 * MS);
	return 42;
}
TINE_PROGRAM(il_small, "what newproc starts");

static int
il_newproc(int argc, char **argv)
{
	const task_t *mine = curproc->p_task;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 3; i++) {
		call(CALL_NEWPROC);
		tine_check(result == 0 && il->il_tasks->tk_next != NULL);
		tine_check(il->il_tasks->tk_next->tk_prev == il->il_tasks);
		tine_check(il->il_tasks->tk_prev == NULL);
	}
	/* Refused in time: no process. Refused late: undone. */
	global_zone->zone_status = ZONE_IS_SHUTTING_DOWN;
	call(CALL_NEWPROC);
	tine_check(result == EAGAIN);
	global_zone->zone_status = ZONE_IS_RUNNING;
	global_zone->zone_nlwps_ctl = 0;
	call(CALL_NEWPROC);
	tine_check(result == EAGAIN);
	global_zone->zone_nlwps_ctl = UINT64_MAX;
	tine_check(p0.p_nchild == 4 && proj0p->kpj_ntasks == 5);
	/* Process 0 leaves no zombies, and they no tasks. */
	while (nproc > 3)
		tine_sys_nanosleep(MS);
	il_books();
	tine_check(proj0p->kpj_ntasks == 2);
	tine_check(proj0p->kpj_count == 2 + proj0p->kpj_ncontracts);
	tine_check(il->il_tasks == mine && mine->tk_prev == NULL);
	return 0;
}
TINE_PROGRAM(il_newproc, "processes in tasks of their own");

/* The middle one of three tasks goes first. */
static int
il_newproc_middle(int argc, char **argv)
{
	tine_pid_t pid[3];

	(void)argc;
	(void)argv;
	for (int i = 0; i < 3; i++) {
		call(CALL_NEWPROC);
		pid[i] = p0.p_child->p_pid;
	}
	for (int i = 1; i < 4; i++) {
		tine_check(tine_sys_kill(pid[i % 3], SIGKILL) == 0);
		tine_sys_nanosleep(MS / 2);
		tine_check(tine_sys_kill(pid[i % 3], 0) == -ESRCH);
		for (const task_t *tk = il->il_tasks; tk->tk_next != NULL;
		    tk = tk->tk_next)
			tine_check(tk->tk_next->tk_prev == tk);
	}
	return 0;
}
TINE_PROGRAM(il_newproc_middle, "tasks that end in any order");

/* fork, vfork and exit of a process that /proc has. */
static int
il_pr_lock(int argc, char **argv)
{
	uint64_t began;
	tine_pid_t child, locker, middle;

	(void)argc;
	(void)argv;
	locker = child_calls(CALL_PR_LOCK);
	tine_sys_nanosleep(MS);
	began = tine_sys_time();
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_time() >= began + 2 * MS);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(locker, NULL, 0) == locker);
	/* What was lent comes back when /proc lets go of the lender. */
	locker = child_calls(CALL_PR_LOCK);
	began = tine_sys_time();
	child = vforkx(0);
	if (child == 0) {
		tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_time() >= began + 3 * MS);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_waitpid(locker, NULL, 0) == locker);
	middle = tine_sys_fork();
	if (middle == 0) {
		child_calls(CALL_PR_LOCK);
		tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	began = tine_sys_time();
	tine_check(tine_sys_waitpid(middle, NULL, 0) == middle);
	tine_check(tine_sys_time() >= began + 3 * MS);
	return 0;
}
TINE_PROGRAM(il_pr_lock, "while /proc has a process");

/* And the other way round: /proc waits for a fork. */
static int
il_pr_lock_race(int argc, char **argv)
{
	static volatile int go;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	go = -1;
	for (int i = 0; i < 4; i++) {
		if (tine_sys_fork() == 0) {
			while (go != i)
				tine_sys_yield();
			for (int j = 0; j < 6 * i; j++)
				tine_sys_yield();
			call(CALL_PR_LOCK);
			tine_sys_exit(0);
		}
		go = i;
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
	}
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(il_pr_lock_race, "/proc waits for forks");

/* A rebind waits for the barrier, and keeps others out of it. */
static int
il_rebind(int argc, char **argv)
{
	uint64_t began;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	/* One that is there before the fork. */
	child_calls(CALL_REBIND);
	tine_sys_nanosleep(MS);
	began = tine_sys_time();
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(result == 0 && tine_sys_time() >= began + 8 * MS);
	/* One that comes during a fork's delay. */
	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(2 * MS);
		call(CALL_REBIND);
		tine_sys_exit(0);
	}
	global_zone->zone_nlwps_ctl = UINT64_MAX;
	fork_fail_pending = 2;
	began = tine_sys_time();
	curproc->p_task->tk_proj->kpj_zone->zone_nprocs_ctl = 0;
	kcred->cr_ruid = il->il_upcounts->up_uid = 7;
	kcred->cr_priv &= ~(uint64_t)PRIV_SYS_RESOURCE;
	il->il_v_proc = TUNE_MAXUPTTL_RESERVED + nproc;
	tine_check(tine_sys_fork() == -EAGAIN);
	il->il_v_proc = 1000;
	kcred->cr_ruid = il->il_upcounts->up_uid = 0;
	kcred->cr_priv |= PRIV_SYS_RESOURCE;
	global_zone->zone_nprocs_ctl = UINT64_MAX;
	fork_fail_pending = 0;
	/* 4 ticks of delay, then the rebind's own. */
	tine_check(result == 1);
	tine_check(tine_sys_time() >= began + 48 * MS);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(il_rebind, "a pool rebind against forks");

/* --- groups --- */

/* Where init seems to be while a group is to lose its last link. */
static sess_t elsewhere;

static int
il_group(int argc, char **argv)
{
	sess_t *session = proc_init->p_sessp;
	struct tine_siginfo info;
	tine_pid_t leader, member;

	(void)argc;
	(void)argv;
	leader = tine_sys_fork();
	if (leader == 0) {
		call(CALL_NEW_GROUP);
		/* Its parent is in another group: not orphaned. */
		tine_check(!curproc->p_pgidp->pid_pgorphaned);
		tine_check(curproc->p_pgidp == curproc->p_pidp);
		member = tine_sys_fork();
		if (member == 0) {
			call(CALL_JOIN_GROUP);
			for (;;)
				tine_sys_nanosleep(MS);
		}
		tine_sys_pause();
	}
	tine_sys_nanosleep(5 * MS);
	il_books();
	tine_check(tine_sys_waitid(TINE_P_PGID, leader + 9, &info,
	    TINE_WEXITED) == -ECHILD);
	tine_check(tine_sys_waitid(TINE_P_PGID, leader, &info,
	    TINE_WEXITED | TINE_WNOHANG) == 0);
	/* A terminal's stop reaches both, the orphaning lets the one go on. */
	tine_check(tine_sys_kill(-leader, SIGTSTP) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check(curproc->p_child->p_stopsig == SIGTSTP);
	tine_check(curproc->p_child->p_child->p_stopsig == SIGTSTP);
	proc_init->p_sessp = &elsewhere;
	tine_check(tine_sys_kill(leader, SIGKILL) == 0);
	tine_check(tine_sys_waitid(TINE_P_PGID, leader, &info, TINE_WEXITED) ==
	    0);
	proc_init->p_sessp = session;
	tine_check(info.pid == leader && info.status == SIGKILL);
	/* SIGHUP ended the other one, which init has reaped by now. */
	tine_sys_nanosleep(5 * MS);
	tine_check(nproc == 3);
	tine_check(tine_sys_kill(-leader, 0) == -ESRCH);
	il_books();
	return 0;
}
TINE_PROGRAM(il_group, "a group whose leader dies");

/* A number is in use as long as it names a group. */
static int
il_group_number(int argc, char **argv)
{
	tine_pid_t leader, child;

	(void)argc;
	(void)argv;
	leader = tine_sys_fork();
	if (leader == 0) {
		call(CALL_NEW_GROUP);
		if (tine_sys_fork() == 0)
			for (;;)
				tine_sys_nanosleep(MS);
		tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(leader, NULL, 0) == leader);
	for (int i = 0; i < 40; i++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(child != leader);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	tine_check(tine_sys_kill(leader, 0) == -ESRCH);
	tine_check(tine_sys_kill(-leader, SIGKILL) == 0);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_kill(-leader, SIGKILL) == -ESRCH);
	for (int i = 0; i < 40 && child != leader; i++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	tine_check(child == leader);
	return 0;
}
TINE_PROGRAM(il_group_number, "a number that names a group");

static int
il_forksys(int argc, char **argv)
{
	uint32_t failures = global_zone->zone_ffmisc;

	(void)argc;
	(void)argv;
	call(CALL_FORKSYS);
	tine_check(result == -EINVAL && global_zone->zone_ffmisc == failures);
	return 0;
}
TINE_PROGRAM(il_forksys, "a fork of no kind");

static int
il_sleep(int argc, char **argv)
{
	tine_pid_t parent = tine_sys_getpid();

	(void)argc;
	(void)argv;
	call(CALL_SLEEP);
	tine_check(result == -1);
	PTOU(curproc)->u_signal[SIGUSR2] = U_SIG_CATCH;
	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(MS / 2);
		tine_check(tine_sys_kill(parent, SIGUSR2) == 0);
		tine_sys_exit(0);
	}
	call(CALL_SLEEP);
	tine_check(result == 0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(il_sleep, "what a sleep returns");

/* --- tests --- */

static struct tine_options
options(void)
{
	struct tine_options o = harness_options();

	o.console = console;
	return o;
}

/* Round-robin, and so many seeds on two CPUs. */
static void
many(const char *program, unsigned seeds)
{
	struct tine_options o = options();

	harness_passes(program, &o, 0);
	o.strategy = TINE_STRATEGY_RANDOM;
	o.ncpu = 2;
	for (o.seed = 0; o.seed < seeds; o.seed++)
		harness_passes(program, &o, 0);
}

/* spec: IL-021 IL-022 IL-023 IL-148 IL-R09 */
static void
new_processes_have_tasks_of_their_own(void **state)
{
	(void)state;
	many("il_newproc", 5);
	many("il_newproc_middle", 5);
}

/* spec: IL-072 IL-102 IL-126 IL-R33 */
static void
fork_exit_and_the_end_of_a_loan_wait_for_proc(void **state)
{
	struct tine_options o = options();

	(void)state;
	harness_passes("il_pr_lock", &o, 0);
	o.strategy = TINE_STRATEGY_RANDOM;
	o.preempt = TINE_PREEMPT_ALWAYS;
	o.ncpu = 2;
	result = 0;
	for (o.seed = 0; o.seed < 100; o.seed++)
		harness_passes("il_pr_lock_race", &o, 0);
	/* Some of them did have to wait. */
	assert_int_not_equal(result, 0);
}

/* spec: IL-028 IL-095 */
static void
a_rebind_waits_for_forks_and_forks_for_it(void **state)
{
	struct tine_options o = options();

	(void)state;
	harness_passes("il_rebind", &o, 0);
}

/* spec: IL-049 IL-096 IL-128 */
static void
a_group_that_loses_its_link_is_woken_by_sighup(void **state)
{
	(void)state;
	many("il_group", 5);
}

/* spec: IL-035 IL-136 */
static void
a_number_is_not_used_again_while_it_names_a_group(void **state)
{
	struct tine_options o = options();

	(void)state;
	o.pid_max = 120;
	harness_passes("il_group_number", &o, 0);
}

/* spec: IL-014 */
static void
a_fork_of_no_kind_is_refused_and_not_counted(void **state)
{
	struct tine_options o = options();

	(void)state;
	harness_passes("il_forksys", &o, 0);
}

static void
a_sleep_tells_why_it_ended(void **state)
{
	struct tine_options o = options();

	(void)state;
	harness_passes("il_sleep", &o, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_processes_have_tasks_of_their_own),
		cmocka_unit_test(fork_exit_and_the_end_of_a_loan_wait_for_proc),
		cmocka_unit_test(a_rebind_waits_for_forks_and_forks_for_it),
		cmocka_unit_test(
		    a_group_that_loses_its_link_is_woken_by_sighup),
		cmocka_unit_test(
		    a_number_is_not_used_again_while_it_names_a_group),
		cmocka_unit_test(a_fork_of_no_kind_is_refused_and_not_counted),
		cmocka_unit_test(a_sleep_tells_why_it_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
