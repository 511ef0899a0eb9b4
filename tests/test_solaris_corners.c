/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_corners.c - ways through the kernel that other tests do not
 * take: who is interrupted, who comes late, who may not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/signal.h>
#include <tine/solaris.h>

#include "solaris_rig.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

static void
sleeps(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

static tine_pid_t
sleeper(void)
{
	tine_pid_t child = tine_sys_fork();

	tine_check(child >= 0);
	if (child == 0)
		sleeps(NULL);
	return child;
}

static void
reap(tine_pid_t child, int wanted)
{
	int status;

	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == wanted);
}

static int64_t
call_proc(uint64_t pid)
{
	proc_t *p;

	mutex_enter(&pidlock);
	p = prfind((pid_t)pid);
	mutex_exit(&pidlock);
	return (int64_t)(uintptr_t)p;
}

static const proc_t *
proc(tine_pid_t pid)
{
	return (const proc_t *)(uintptr_t)kcall(call_proc, (uint64_t)pid);
}

/* --- pools --- */

static volatile int caught;

static void
catches(int signo)
{
	caught = signo;
}

/* A fork that is denied waits inside the barrier; a rebind waits for it, and is
 * interrupted. */
MAIN(co_rebind)
	const struct tine_sigaction act = { .handler = catches };
	const struct tine_rctl cap = { .value = 1,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY,
	    .recipient = -1 };
	int pool = tine_sys_pool_create();
	tine_pid_t forker, me = tine_sys_getpid(), killer;

	forker = tine_sys_fork();
	if (forker == 0) {
		tine_check(tine_sys_settaskid(7, 0) > 0);
		tine_check(tine_sys_setrctl("task.max-processes", NULL, &cap,
		    TINE_RCTL_INSERT) == 0);
		tine_sys_nanosleep(20 * MS);
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_check(curproc->p_poolcnt == 0);
		tine_sys_exit(5);
	}
	caught = 0;
	tine_check(tine_sys_sigaction(SIGUSR1, &act, NULL) == 0);
	killer = tine_sys_fork();
	if (killer == 0) {
		tine_sys_nanosleep(22 * MS);
		tine_check(tine_sys_kill(me, SIGUSR1) == 0);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(21 * MS);
	tine_check(proc(forker)->p_poolcnt == 1);
	tine_check(tine_sys_pool_bind(pool, TINE_P_PID, forker) == -EAGAIN);
	/* Nobody is bound, nobody is marked, and the next one is done. */
	tine_check(caught == SIGUSR1);
	tine_check(tine_sys_pool_refs(pool) == 0);
	tine_check((proc(forker)->p_poolflag & PBWAIT) == 0);
	tine_check(proc(forker)->p_poolcnt == 1);
	tine_check(tine_sys_pool_bind(pool, TINE_P_PID, forker) == 0);
	tine_check(proc(forker)->p_poolcnt == 0);
	tine_check(tine_sys_pool_of(forker) == pool);
	reap(forker, 5 << 8);
	reap(killer, 0);
	tine_check(tine_sys_pool_destroy(pool) == 0);
	return 0;
END(co_rebind, "a rebind that is interrupted");

/* spec: IL-154 IL-042 */
static void
a_rebind_that_is_interrupted_binds_nobody(void **state)
{
	(void)state;
	harness_passes("co_rebind", NULL, 0);
}

/* --- limits on processes --- */

MAIN(co_users)
	tine_pid_t mine[4], other;

	/* proc_max is 14: five for the privileged, and nine for all. Init, we
	 * and process 0 are three. */
	for (int i = 0; i < 4; i++)
		mine[i] = sleeper();
	other = tine_sys_fork();
	if (other == 0) {
		tine_check(tine_sys_setuid(200) == 0);
		/* Eight are there, and it has one: room for one. */
		tine_check(nproc == 8);
		other = tine_sys_fork();
		if (other == 0) {
			/* Nine, and it has two, of two. */
			tine_check(nproc == 9);
			tine_check(tine_sys_fork() == -EAGAIN);
			tine_sys_exit(6);
		}
		reap(other, 6 << 8);
		tine_sys_exit(5);
	}
	reap(other, 5 << 8);
	for (int i = 0; i < 4; i++) {
		tine_check(tine_sys_kill(mine[i], SIGKILL) == 0);
		reap(mine[i], SIGKILL);
	}
	return 0;
END(co_users, "two users, and as many processes as there may be");

/* spec: IL-038 */
static void
a_user_below_its_own_limit_is_not_refused(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	options.proc_max = 14;
	options.uid_procs = 2;
	harness_passes("co_users", &options, 0);
}

/* --- tasks --- */

static volatile int task_result;

static void
changes_task(void *arg)
{
	(void)arg;
	task_result = (int)tine_sys_settaskid(9, 0);
}

/* forkall holds, or has held: settaskid is interrupted, or goes first. */
MAIN(co_task)
	int lwp;
	tine_pid_t child;

	task_result = 0;
	lwp = tine_sys_lwp_create(changes_task, NULL);
	child = tine_sys_forkallx(0);
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child > 0 || child == -EINTR);
	while (child > 0 && tine_sys_waitpid(child, NULL, 0) == -EINTR)
		continue;
	while (tine_sys_lwp_wait(lwp) == -EINTR)
		continue;
	tine_check(task_result > 0 || task_result == -EINTR);
	tine_check((tine_sys_getprojid() == 9) == (task_result > 0));
	return task_result == -EINTR ? 7 : 0;
END(co_task, "a task is begun while all LWPs are held for forkall");

/* spec: IL-147 IL-121 */
static void
a_task_does_not_begin_while_forkall_holds(void **state)
{
	(void)state;
	assert_true(kcall_ever("co_task", "", 200, 7));
	assert_true(kcall_ever("co_task", "", 200, 0));
}

/* --- exec --- */

MAIN(co_new)
	const kthread_t *t = curthread;

	tine_check(t->t_tid == 1 && (t->t_proc_flag & TP_DAEMON) == 0);
	tine_check((t->t_proc_flag & TP_TWAIT) != 0);
	tine_check(curproc->p_lwpdaemon == 0 && curproc->p_lwpid == 1);
	tine_check(curproc->p_dtrace_helpers == NULL);
	tine_check(curproc->p_dtrace_probes == 0 && t->t_tt->lwp == 1);
	/* It keeps the process alive while others come and go. */
	tine_check(tine_sys_lwp_wait(tine_sys_lwp_create_flags(
	    (void (*)(void *))tine_sys_lwp_exit, NULL, 0)) == 2);
	return 7;
END(co_new, "what a daemon becomes");

static void
execs(void *arg)
{
	(void)arg;
	(void)tine_sys_exec("co_new", NULL);
}

MAIN(co_daemon)
	tine_pid_t child = tine_sys_fork();
	int64_t helpers;

	if (child == 0) {
		tine_check(tine_sys_pr(TINE_PR_HELPER, tine_sys_getpid(),
		    0) == 0);
		tine_check(tine_sys_pr(TINE_PR_PROBE, tine_sys_getpid(),
		    0) == 0);
		tine_check(curproc->p_dtrace_probes == 1);
		tine_check(tine_sys_lwp_create_flags(execs, NULL,
		    TINE_LWP_DAEMON | TINE_LWP_DETACHED) == 2);
		sleeps(NULL);
	}
	tine_sys_nanosleep(MS);
	helpers = tine_sys_pr(TINE_PR_HELPER, tine_sys_getpid(), 1);
	reap(child, 7 << 8);
	tine_check(helpers == 0);
	return 0;
END(co_daemon, "a daemon, detached, execs");

/* spec: IL-144 IL-118 */
static void
who_execs_is_no_daemon_any_more(void **state)
{
	(void)state;
	harness_passes("co_daemon", NULL, 0);
}

/* --- signals --- */

static int
sent(int idtype, int id)
{
	return tine_sys_sigsend(idtype, id, SIGTERM);
}

MAIN(co_sets)
	tine_pid_t child, me = tine_sys_getpid(), other;
	int task, zone = tine_sys_zone_create();

	tine_check(sent(TINE_P_TASKID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_PROJID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_SID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_PGID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_UID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_POOLID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_ZONEID, 4711) == -ESRCH);
	tine_check(sent(TINE_P_CTID, 4711) == -ESRCH);
	tine_check(sent(4711, 1) == -EINVAL && sent(-1, 1) == -EINVAL);
	tine_check(sent(TINE_P_PID, me + 77) == -ESRCH);
	/* Each set alone means one child, and not us. */
	for (int i = 0; i < 5; i++) {
		int pool = i == 4 ? tine_sys_pool_create() : 0;

		child = tine_sys_fork();
		if (child == 0) {
			if (i == 0)
				tine_check(tine_sys_settaskid(0, 0) > 0);
			if (i == 1)
				tine_check(tine_sys_settaskid(8, 0) > 0);
			if (i == 2)
				tine_check(tine_sys_setsid() > 0);
			if (i == 3)
				tine_check(tine_sys_setuid(300) == 0);
			sleeps(NULL);
		}
		if (i == 4)
			tine_check(tine_sys_pool_bind(pool, TINE_P_PID,
			    child) == 0);
		tine_sys_nanosleep(MS);
		task = proc(child)->p_task->tk_tkid;
		tine_check((i == 0 ? sent(TINE_P_TASKID, task) :
		    i == 1 ? sent(TINE_P_PROJID, 8) :
		    i == 2 ? sent(TINE_P_SID, child) :
		    i == 3 ? sent(TINE_P_UID, 300) :
		    sent(TINE_P_POOLID, pool)) == 0);
		reap(child, SIGTERM);
		if (i == 4)
			tine_check(tine_sys_pool_destroy(pool) == 0);
	}
	/* A group. */
	child = sleeper();
	tine_check(tine_sys_setpgid(child, child) == 0);
	tine_check(sent(TINE_P_PGID, child) == 0);
	reap(child, SIGTERM);
	/* A zone's processes, from outside; from inside, nobody else's. */
	tine_check(tine_sys_zone_boot(zone, "co_init", 0) == 0);
	other = sleeper();
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		tine_check(sent(TINE_P_PID, other) == -ESRCH);
		tine_check(tine_sys_kill(other, SIGTERM) == -ESRCH);
		tine_check(tine_sys_kill(-1, SIGUSR2) == 0);
		tine_check(sent(TINE_P_ZONEID, zone) == 0);
		sleeps(NULL);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(other, 0) == 0);
	tine_check(tine_sys_kill(other, SIGKILL) == 0);
	reap(other, SIGKILL);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
END(co_sets, "signals to sets of processes");

MAIN(co_init)
	sleeps(NULL);
	return 0;
END(co_init, "the init of a zone");

/* spec: IL-035 */
static void
a_signal_goes_to_whom_a_set_means(void **state)
{
	(void)state;
	harness_passes("co_sets", NULL, 0);
}

/* Who may not signal, may not by a set, nor change how somebody runs. */
MAIN(co_permits)
	tine_pid_t root = sleeper(), own, other, task;

	other = tine_sys_fork();
	if (other == 0) {
		tine_check(tine_sys_settaskid(8, 0) > 0);
		own = tine_sys_fork();
		if (own == 0) {
			tine_check(tine_sys_setuid(300) == 0);
			sleeps(NULL);
		}
		task = (int)tine_sys_gettaskid();
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_setuid(300) == 0);
		tine_check(sent(TINE_P_PID, root) == -EPERM);
		tine_check(sent(TINE_P_UID, 0) == -EPERM);
		/* SIGCONT passes within a session. */
		tine_check(tine_sys_sigsend(TINE_P_PID, root, SIGCONT) == 0);
		tine_check(tine_sys_priocntl(root, 1, IL_FX, 5) == -EPERM);
		tine_check(tine_sys_priocntl(own, 1, IL_FX, 5) == 0);
		/* Some of the set is enough. */
		tine_check(tine_sys_sigsend(TINE_P_TASKID, task, 0) == 0);
		tine_check(sent(TINE_P_PID, own) == 0);
		reap(own, SIGTERM);
		tine_sys_exit(4);
	}
	reap(other, 4 << 8);
	tine_check(tine_sys_kill(root, SIGKILL) == 0);
	reap(root, SIGKILL);
	return 0;
END(co_permits, "signals to others' processes");

/* spec: IL-R03 */
static void
a_set_means_nobody_whom_its_sender_may_not_signal(void **state)
{
	(void)state;
	harness_passes("co_permits", NULL, 0);
}

/* A child stops, which is told, and dies before that is taken. A wait takes
 * both with it. */
MAIN(co_owed)
	const struct tine_sigaction act = { .handler = catches };
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGCHLD - 1);
	struct tine_siginfo info;
	tine_pid_t child;

	tine_check(tine_sys_sigaction(SIGCHLD, &act, NULL) == 0);
	tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	child = sleeper();
	tine_check(tine_sys_kill(child, SIGSTOP) == 0);
	tine_check(tine_sys_waitid(TINE_P_PID, child, &info, TINE_WSTOPPED |
	    TINE_WNOWAIT) == 0);
	tine_check((curproc->p_sig & set) != 0);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitid(TINE_P_PID, child, &info, TINE_WEXITED |
	    TINE_WNOWAIT) == 0);
	tine_check((curproc->p_child->p_pidflag & CLDPEND) != 0);
	reap(child, SIGKILL);
	tine_check((curproc->p_sig & set) == 0);
	return 0;
END(co_owed, "a stop and a death, and one SIGCHLD");

/* spec: IL-131 */
static void
a_wait_takes_the_signals_of_its_child_with_it(void **state)
{
	(void)state;
	harness_passes("co_owed", NULL, 0);
}

/* --- controls --- */

/* A value that signals a process of the same project, and one that has left. */
MAIN(co_recipient)
	struct tine_rctl value = { .value = 4,
	    .privilege = TINE_RCPRIV_BASIC, .action = TINE_RCTL_SIGNAL,
	    .signo = SIGTERM };
	tine_pid_t hit, spared, child;

	tine_check(tine_sys_settaskid(11, 0) > 0);
	hit = sleeper();
	spared = sleeper();
	/* We, the two, and nobody else: the next one is too many for both. */
	value.recipient = hit;
	value.value = 3;
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &value,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(3);
	tine_check(child > 0);
	reap(child, 3 << 8);
	reap(hit, SIGTERM);
	/* Who has left the entity is not meant any more. */
	value.recipient = spared;
	value.value = 2;
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &value,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == 0);
	tine_check(curproc->p_task->tk_rctls->rcs_nvals == 3);
	tine_check(tine_sys_kill(spared, SIGKILL) == 0);
	reap(spared, SIGKILL);
	tine_check(curproc->p_task->tk_rctls->rcs_nvals == 2);
	tine_check(tine_sys_setrctl("task.max-lwps", NULL, &value,
	    TINE_RCTL_INSERT | TINE_RCTL_USE_RECIPIENT_PID) == -ESRCH);
	return 0;
END(co_recipient, "a control that signals another process");

/* spec: IL-140 IL-139 */
static void
a_control_signals_its_recipient_as_long_as_it_is_there(void **state)
{
	(void)state;
	harness_passes("co_recipient", NULL, 0);
}

/* --- a fork, and an LWP that is being created --- */

static void
creates(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		int lwp = tine_sys_lwp_create(
		    (void (*)(void *))tine_sys_lwp_exit, NULL);

		tine_check(lwp > 0 && tine_sys_lwp_wait(lwp) == lwp);
	}
}

MAIN(co_create)
	int lwp = tine_sys_lwp_create(creates, NULL), status;
	tine_pid_t child;

	for (int i = 0; i < 3; i++) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_check(curproc->p_lwpcnt == 1);
			tine_check(curproc->p_lwprcnt == 1);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == 0);
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(curproc->p_lwpcnt == 1 && curproc->p_lwprcnt == 1);
	return 0;
END(co_create, "forks, and a sibling that creates LWPs");

static void
creates_one(void *arg)
{
	(void)arg;
	(void)tine_sys_lwp_create(sleeps, NULL);
	sleeps(NULL);
}

/* The same with forkall: the LWP is there in the child, or it is not. */
MAIN(co_create_all)
	tine_pid_t child;
	int status;

	tine_check(tine_sys_lwp_create(creates_one, NULL) == 2);
	child = tine_sys_forkallx(0);
	if (child == 0) {
		tine_check(curproc->p_lwpcnt == 2 || curproc->p_lwpcnt == 3);
		tine_sys_exit(0);
	}
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	return 0;
END(co_create_all, "forkall, and a sibling that creates an LWP");

/* spec: IL-026 IL-005 IL-152 */
static void
an_lwp_that_is_being_created_is_held_like_the_others(void **state)
{
	(void)state;
	harness_every_seed("co_create", 60);
	harness_every_seed("co_create_all", 60);
}

/* --- what a first program begins with --- */

/* Of a process: what it is, however it came to its program. */
struct begun {
	uint64_t brkbase, brksize, stksize, usrstack;
	uint32_t flags;
	int lwpid, hold, execopen;
};
static struct begun begun[2];

static void
note(struct begun *b, const proc_t *p)
{
	b->brkbase = p->p_brkbase;
	b->brksize = p->p_brksize;
	b->stksize = p->p_stksize;
	b->usrstack = p->p_usrstack;
	b->flags = p->p_flag & (SEXECED | SNOWAIT | SJCTL | SSYS);
	b->lwpid = p->p_lwpid;
	b->hold = p->p_tlist->t_proc_flag & TP_HOLDLWP;
	b->execopen = p->p_execopen;
}

MAIN(co_first)
	note(&begun[tine_sys_getzoneid() == 0], curproc);
	if (tine_sys_getzoneid() != 0)
		sleeps(NULL);
	return 0;
END(co_first, "a program that is a zone's first one, or exec'ed");

MAIN(co_begin)
	int zone = tine_sys_zone_create();
	const proc_t *zsched;
	tine_pid_t child;
	struct begun b;

	tine_check(tine_sys_zone_boot(zone, "co_first", 0) == 0);
	zsched = zone_find(zone)->zone_zsched;
	note(&b, zsched);
	tine_check(b.lwpid == 1 && b.hold == 0 && b.execopen == 0);
	tine_check((b.flags & SSYS) != 0 && zsched->p_exec == NULL);
	child = tine_sys_fork();
	if (child == 0)
		(void)tine_sys_exec("co_first", NULL);
	reap(child, 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
END(co_begin, "a program as a zone's init, and after exec");

/* spec: IL-020 IL-021 IL-022 */
static void
an_init_begins_as_if_it_had_called_exec(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS,
	    "+OS-26");

	(void)state;
	memset(begun, 0, sizeof(begun));
	harness_passes("co_begin", NULL, 0);
	assert_memory_equal(&begun[0], &begun[1], sizeof(begun[0]));
	assert_int_equal(begun[0].flags, SEXECED);
	assert_int_equal(begun[0].execopen, 1);
	assert_true(begun[0].stksize > 0 && begun[0].usrstack > 0);
	/* Nor does a kernel process have what its creator has. */
	harness_passes("co_begin", &options, 0);
}

/* --- exec, of an LWP that is to be suspended --- */

static void
to_be_suspended(void *user, const struct tine_probe_data *data)
{
	(void)user;
	(void)data;
	if (curproc->p_lwpcnt > 1) {
		curthread->t_proc_flag |= TP_HOLDLWP;
		curproc->p_flag |= SLWPWRAP;
	}
}

static void
prepare_exec(struct tine_machine *machine)
{
	assert_int_equal(tine_probe_attach(machine, "proc:::exec",
	    to_be_suspended, NULL), 0);
}

MAIN(co_alone)
	tine_check((curproc->p_flag & (SLWPWRAP | SEXITLWPS)) == 0);
	return 7;
END(co_alone, "what is left of several LWPs");

MAIN(co_suspended)
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		(void)tine_sys_lwp_create(sleeps, NULL);
		(void)tine_sys_exec("co_alone", NULL);
	}
	reap(child, 7 << 8);
	return 0;
END(co_suspended, "an LWP that is to be suspended execs");

/* spec: IL-126 IL-143 */
static void
who_is_left_alone_is_not_suspended(void **state)
{
	(void)state;
	harness_prepare = prepare_exec;
	harness_passes("co_suspended", NULL, 0);
	harness_prepare = NULL;
}

/* --- exec, with an LWP that nobody has waited for --- */

MAIN(co_fresh)
	tine_check(curproc->p_zombcnt == 0 && curproc->p_lwpcnt == 1);
	tine_check(tine_sys_lwp_wait(2) == -ESRCH);
	tine_check(tine_sys_lwp_create(sleeps, NULL) == 2);
	return 7;
END(co_fresh, "what was one LWP and a zombie");

MAIN(co_zombie)
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		tine_check(tine_sys_lwp_create(
		    (void (*)(void *))tine_sys_lwp_exit, NULL) == 2);
		tine_sys_nanosleep(MS);
		tine_check(curproc->p_zombcnt == 1 && curproc->p_lwpcnt == 1);
		(void)tine_sys_exec("co_fresh", NULL);
	}
	reap(child, 7 << 8);
	return 0;
END(co_zombie, "one LWP and a zombie exec");

/* spec: IL-126 IL-144 */
static void
an_lwp_that_has_ended_does_not_outlive_exec(void **state)
{
	(void)state;
	harness_passes("co_zombie", NULL, 0);
}

/* --- what a child is like --- */

static struct tine_stack stack_of(char *memory)
{
	return (struct tine_stack) { memory, 0, 16384 };
}

MAIN(co_like)
	struct begun was, is;
	struct tine_stack stack, old;
	tine_pid_t child;
	char *memory;

	memory = tine_sys_sbrk(3 * 8192);
	tine_check(!tine_sys_failed(memory));
	stack = stack_of(memory);
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	note(&was, curproc);
	child = tine_sys_fork();
	if (child == 0) {
		note(&is, curproc);
		tine_check(was.brkbase == is.brkbase);
		tine_check(was.brksize == is.brksize && is.brksize >= 24576);
		tine_check(was.stksize == is.stksize);
		tine_check(was.usrstack == is.usrstack);
		tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
		tine_check(old.sp == memory && old.size == 16384);
		tine_sys_exit(4);
	}
	reap(child, 4 << 8);
	/* What a child has grown is its parent's later, if that lent it. */
	child = tine_sys_vfork();
	if (child == 0) {
		memory = tine_sys_sbrk(8192);
		tine_sys_exit(4);
	}
	reap(child, 4 << 8);
	note(&is, curproc);
	tine_check(is.brksize == was.brksize + 8192);
	tine_check(is.brkbase == was.brkbase && is.stksize == was.stksize);
	return 0;
END(co_like, "a child that is like its parent");

/* spec: IL-052 IL-068 IL-103 */
static void
a_child_has_the_geometry_of_its_parent(void **state)
{
	(void)state;
	harness_passes("co_like", NULL, 0);
}

/* The class of the original changes when its clone is made already. */
static int class_seen, pri_seen;

static void
changes_class(void *user, const struct tine_probe_data *data)
{
	(void)user;
	if (curproc->p_pid != 101 || data->arg0 == 101)
		return;
	curthread->t_cid = IL_FX;
	curthread->t_pri = 17;
}

static void
sees_class(void *user, const struct tine_probe_data *data)
{
	const proc_t *cp = curproc->p_child;

	(void)user;
	(void)data;
	if (curproc->p_pid != 101)
		return;
	class_seen = cp->p_tlist->t_cid;
	pri_seen = cp->p_tlist->t_pri;
}

static void
prepare_class(struct tine_machine *machine)
{
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:forklwp:copied", changes_class, NULL), 0);
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:forklwp:return", sees_class, NULL), 0);
}

MAIN(co_class)
	tine_pid_t child = tine_sys_fork();

	if (child == 0)
		return 0;
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
END(co_class, "a class that changes while its LWP is cloned");

/* spec: IL-070 IL-082 */
static void
a_clone_has_the_class_that_its_original_has_in_the_end(void **state)
{
	(void)state;
	class_seen = pri_seen = -1;
	harness_prepare = prepare_class;
	harness_passes("co_class", NULL, 0);
	harness_prepare = NULL;
	assert_int_equal(class_seen, IL_FX);
	assert_int_equal(pri_seen, 17);
}

/* --- process-create --- */

static int creates_seen, has_run;

static void
sees_create(void *user, const struct tine_probe_data *data)
{
	const proc_t *cp = curproc->p_child;

	(void)user;
	if (curproc->p_pid != 101)
		return;
	creates_seen += cp->p_pid == (pid_t)data->arg0 &&
	    cp->p_stat == SRUN && has_run == 0;
}

static void
prepare_create(struct tine_machine *machine)
{
	assert_int_equal(tine_probe_attach(machine, "proc:::create",
	    sees_create, NULL), 0);
}

MAIN(co_told)
	tine_pid_t child;

	for (volatile int i = 0; i < 3; i++) {
		has_run = 0;
		child = i == 0 ? tine_sys_fork() : i == 1 ?
		    tine_sys_forkallx(0) : tine_sys_vfork();
		if (child == 0) {
			has_run = 1;
			tine_sys_exit(0);
		}
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	return 0;
END(co_told, "each kind of fork");

/* spec: IL-099 */
static void
a_process_is_told_of_when_it_is_born_and_before_it_runs(void **state)
{
	(void)state;
	creates_seen = 0;
	harness_prepare = prepare_create;
	harness_passes("co_told", NULL, 0);
	harness_prepare = NULL;
	assert_int_equal(creates_seen, 3);
}

/* --- LWPs that have ended, in a child --- */

/* When an LWP began that nobody has waited for. */
static uint64_t
zombie_start(const proc_t *p)
{
	for (uint32_t i = 0; i < p->p_lwpdir_sz; i++)
		if (p->p_lwpdir[i].ld_entry != NULL &&
		    p->p_lwpdir[i].ld_entry->le_thread == NULL)
			return p->p_lwpdir[i].ld_entry->le_start;
	return 0;
}

MAIN(co_ended)
	uint64_t start;
	tine_pid_t child;

	tine_sys_nanosleep(MS);
	tine_check(tine_sys_lwp_create((void (*)(void *))tine_sys_lwp_exit,
	    NULL) == 2);
	tine_sys_nanosleep(MS);
	start = zombie_start(curproc);
	tine_check(start >= MS);
	child = tine_sys_forkallx(0);
	if (child == 0) {
		tine_check(zombie_start(curproc) == start);
		tine_check(tine_sys_lwp_wait(2) == 2);
		tine_sys_exit(5);
	}
	reap(child, 5 << 8);
	tine_check(tine_sys_lwp_wait(2) == 2);
	return 0;
END(co_ended, "forkall, with an LWP that has ended");

/* spec: IL-117 */
static void
an_lwp_that_has_ended_is_cloned_as_it_is(void **state)
{
	(void)state;
	harness_passes("co_ended", NULL, 0);
}

/* --- what is left of one that has ended --- */

MAIN(co_remains)
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGUSR1 - 1);
	struct tine_siginfo info;
	tine_pid_t child = tine_sys_fork();

	if (child == 0) {
		tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
		tine_check((curproc->p_sig & set) != 0);
		tine_sys_nanosleep(3 * MS);
		tine_sys_exit(5);
	}
	tine_check(tine_sys_waitid(TINE_P_PID, child, &info, TINE_WEXITED |
	    TINE_WNOWAIT) == 0);
	tine_check(proc(child)->p_stat == SZOMB && proc(child)->p_sig == 0);
	tine_check(proc(child)->p_mterm >= proc(child)->p_mstart + 3 * MS);
	reap(child, 5 << 8);
	return 0;
END(co_remains, "a zombie, looked at");

/* spec: IL-127 IL-129 */
static void
a_zombie_has_no_signals_and_the_time_of_its_end(void **state)
{
	(void)state;
	harness_passes("co_remains", NULL, 0);
}

/* --- an LWP that comes to a process that is traced --- */

static void
asks(void *arg)
{
	(void)arg;
	(void)tine_sys_getppid();
}

MAIN(co_traced)
	tine_pid_t child = tine_sys_fork();
	int lwp, tries;

	if (child == 0) {
		tine_sys_nanosleep(5 * MS);
		lwp = tine_sys_lwp_create(asks, NULL);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_sys_exit(5);
	}
	tine_check(tine_sys_pr(TINE_PR_SYSEXIT, child,
	    TINE_PR_CALL_GETPPID) == 0);
	for (tries = 0; tries < 20 && (tine_sys_pr(TINE_PR_FLAGS, child, 0) &
	    TINE_PR_IS_SYSEXIT) == 0; tries++)
		tine_sys_nanosleep(MS);
	tine_check(tries > 3 && tries < 20);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	reap(child, 5 << 8);
	return 0;
END(co_traced, "a traced process creates an LWP");

/* spec: IL-109 IL-152 */
static void
a_new_lwp_is_traced_like_the_others(void **state)
{
	(void)state;
	harness_passes("co_traced", NULL, 0);
}

/* --- an init that is started again --- */

static int starts;

MAIN(co_again)
	const tine_sigset_t set = (tine_sigset_t)1 << (SIGUSR2 - 1);
	const union tine_sigval value = { .number = 5 };

	tine_check((curproc->p_flag & (SEXITING | SKILLED)) == 0);
	tine_check(curproc->p_sig == 0 && curproc->p_sigqueue == NULL);
	tine_check(curthread->t_hold == 0);
	if (++starts < 3) {
		tine_check(tine_sys_sigprocmask(SIG_BLOCK, &set, NULL) == 0);
		tine_check(tine_sys_sigqueue(tine_sys_getpid(), SIGUSR2,
		    value) == 0);
		tine_check(curproc->p_sigqueue != NULL);
		tine_sys_exit(starts);
	}
	sleeps(NULL);
	return 0;
END(co_again, "an init that ends twice");

MAIN(co_restart)
	int zone = tine_sys_zone_create();

	starts = 0;
	tine_check(tine_sys_zone_boot(zone, "co_again", 1) == 0);
	tine_sys_nanosleep(MS);
	tine_check(starts == 3);
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return 0;
END(co_restart, "a zone whose init is started again");

/* spec: IL-146 */
static void
an_init_that_is_started_again_has_nothing_of_its_last_life(void **state)
{
	(void)state;
	harness_passes("co_restart", NULL, 0);
}

/* --- numbers and slots --- */

MAIN(co_numbers)
	tine_pid_t keeper[3], child, last = 0;
	unsigned turns = 0;

	for (int i = 0; i < 3; i++)
		keeper[i] = sleeper();
	/* Round and round, over the numbers that are in use. */
	for (int i = 0; i < 40; i++) {
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(child > 0 && child < 112);
		for (int j = 0; j < 3; j++)
			tine_check(child != keeper[j]);
		turns += child < last;
		last = child;
		reap(child, 0);
	}
	tine_check(turns > 4);
	/* Until there is none: as many as there are slots for, and more. */
	while ((child = tine_sys_fork()) > 0)
		continue;
	if (child == 0)
		sleeps(NULL);
	tine_check(child == -EAGAIN);
	tine_check(tine_sys_kill(keeper[1], SIGKILL) == 0);
	reap(keeper[1], SIGKILL);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(child == keeper[1]);
	reap(child, 0);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
END(co_numbers, "numbers that come round");

/* spec: IL-035 IL-036 */
static void
a_number_in_use_is_passed_over_until_all_are(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	options.pid_max = 112;
	harness_passes("co_numbers", &options, 0);
}

/* Refused after it had a slot, again and again: none is lost. */
MAIN(co_slots)
	tine_pid_t child, user = tine_sys_fork();

	if (user == 0) {
		tine_check(tine_sys_setuid(200) == 0);
		for (int i = 0; i < 20; i++)
			tine_check(tine_sys_fork() == -EAGAIN);
		tine_sys_exit(3);
	}
	reap(user, 3 << 8);
	/* More than its own slot. */
	user = sleeper();
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(4);
	tine_check(child > 0);
	reap(child, 4 << 8);
	tine_check(tine_sys_kill(user, SIGKILL) == 0);
	reap(user, SIGKILL);
	return 0;
END(co_slots, "forks that are refused late");

/* spec: IL-041 */
static void
a_refused_fork_gives_its_slot_back(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	options.proc_max = 9;
	harness_passes("co_slots", &options, 0);
}

/* --- no swap --- */

MAIN(co_swap)
	const struct tine_rctl none = { .value = 1,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY,
	    .recipient = -1 };
	const uint32_t ff = global_zone->zone_ffnomem;

	tine_check(tine_sys_setrctl("zone.max-swap", NULL, &none,
	    TINE_RCTL_INSERT) == 0);
	tine_check(tine_sys_fork() == -ENOMEM);
	tine_check(tine_sys_forkallx(0) == -ENOMEM);
	tine_check(global_zone->zone_ffnomem == ff + 2);
	tine_check((curproc->p_flag & SFORKING) == 0);
	tine_check((curproc->p_proc_flag & P_PR_LOCK) == 0);
	return 0;
END(co_swap, "a fork without swap");

/* spec: IL-018 IL-076 */
static void
a_fork_without_swap_says_so(void **state)
{
	(void)state;
	harness_passes("co_swap", NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rebind_that_is_interrupted_binds_nobody),
		cmocka_unit_test(a_user_below_its_own_limit_is_not_refused),
		cmocka_unit_test(a_task_does_not_begin_while_forkall_holds),
		cmocka_unit_test(who_execs_is_no_daemon_any_more),
		cmocka_unit_test(a_signal_goes_to_whom_a_set_means),
		cmocka_unit_test(
		    a_set_means_nobody_whom_its_sender_may_not_signal),
		cmocka_unit_test(a_wait_takes_the_signals_of_its_child_with_it),
		cmocka_unit_test(
		    a_control_signals_its_recipient_as_long_as_it_is_there),
		cmocka_unit_test(
		    an_lwp_that_is_being_created_is_held_like_the_others),
		cmocka_unit_test(an_init_begins_as_if_it_had_called_exec),
		cmocka_unit_test(who_is_left_alone_is_not_suspended),
		cmocka_unit_test(an_lwp_that_has_ended_does_not_outlive_exec),
		cmocka_unit_test(a_child_has_the_geometry_of_its_parent),
		cmocka_unit_test(
		    a_clone_has_the_class_that_its_original_has_in_the_end),
		cmocka_unit_test(
		    a_process_is_told_of_when_it_is_born_and_before_it_runs),
		cmocka_unit_test(an_lwp_that_has_ended_is_cloned_as_it_is),
		cmocka_unit_test(
		    a_zombie_has_no_signals_and_the_time_of_its_end),
		cmocka_unit_test(a_new_lwp_is_traced_like_the_others),
		cmocka_unit_test(
		    an_init_that_is_started_again_has_nothing_of_its_last_life),
		cmocka_unit_test(a_number_in_use_is_passed_over_until_all_are),
		cmocka_unit_test(a_refused_fork_gives_its_slot_back),
		cmocka_unit_test(a_fork_without_swap_says_so),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
