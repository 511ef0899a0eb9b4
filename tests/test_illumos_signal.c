/* SPDX-License-Identifier: MIT */
/*
 * test_illumos_signal.c - SIGCHLD and its queue, dispositions, stops, groups.
 *
 * As in test_illumos_inherit.c the programs write the words that calls which
 * are not there yet would set: dispositions, masks.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proc/syscall.h"
#include "support/harness.h"
#include "proc/illumos/kern.h"
#include "solaris_rig.h"

/* A handler that is there, and does nothing. */
static void
caught(int signo)
{
	(void)signo;
}
#define U_SIG_CATCH ((uintptr_t)caught)

#define SEEDS 20

/* --- programs --- */

/* SIGCHLD is caught, and blocked: what is posted stays to be looked at. */
static void
keep_sigchld(void)
{
	curproc->p_ignore &= ~sigbit(SIGCHLD);
	PTOU(curproc)->u_signal[SIGCHLD] = U_SIG_CATCH;
	curthread->t_hold |= sigbit(SIGCHLD);
}

static tine_pid_t
dead_child(int status, int flags)
{
	tine_pid_t child = tine_sys_forkx(flags);

	if (child == 0)
		tine_sys_exit(status);
	tine_check(child > 0);
	tine_sys_nanosleep(MS);
	return child;
}

static const proc_t *
child_of(tine_pid_t pid)
{
	const proc_t *p;

	for (p = curproc->p_child; p != NULL; p = p->p_sibling)
		if (p->p_pid == pid)
			break;
	tine_check(p != NULL);
	return p;
}

/* One SIGCHLD is queued, for that child. */
static void
queued_for(tine_pid_t pid, int code, int status)
{
	const sigqueue_t *sqp = curproc->p_sigqueue;

	tine_check(sig_isset(curproc->p_sig, SIGCHLD));
	tine_check(sqp != NULL && sqp->sq_next == NULL);
	tine_check(sqp->sq_signo == SIGCHLD && sqp->sq_code == code);
	tine_check(sqp->sq_pid == pid && sqp->sq_status == status);
	tine_check(sqp->sq_zoneid == global_zone->zone_id);
	tine_check((child_of(pid)->p_pidflag & CLDPEND) == 0);
}

static int
il_sigchld_queue(int argc, char **argv)
{
	tine_pid_t child[3];

	(void)argc;
	(void)argv;
	keep_sigchld();
	global_zone->zone_id = il->il_upcounts->up_zoneid = 3;
	for (int i = 0; i < 3; i++)
		child[i] = dead_child(i + 1, 0);
	queued_for(child[0], TINE_CLD_EXITED, 1);
	tine_check((child_of(child[1])->p_pidflag & CLDPEND) != 0);
	tine_check((child_of(child[2])->p_pidflag & CLDPEND) != 0);
	/* One that is only owed goes without a trace. */
	tine_check(tine_sys_waitpid(child[1], NULL, 0) == child[1]);
	queued_for(child[0], TINE_CLD_EXITED, 1);
	/* The one that is queued makes room for the next. */
	tine_check(tine_sys_waitpid(child[0], NULL, 0) == child[0]);
	queued_for(child[2], TINE_CLD_EXITED, 3);
	tine_check(tine_sys_waitpid(child[2], NULL, 0) == child[2]);
	tine_check(curproc->p_sigqueue == NULL);
	tine_check(!sig_isset(curproc->p_sig, SIGCHLD));
	/* Looking at it takes nothing away. */
	child[0] = dead_child(9, 0);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &(struct tine_siginfo) { 0 },
	    TINE_WEXITED | TINE_WNOWAIT) == 0);
	queued_for(child[0], TINE_CLD_EXITED, 9);
	global_zone->zone_id = il->il_upcounts->up_zoneid = 0;
	return 0;
}
TINE_PROGRAM(il_sigchld_queue, "a queue one deep");

/* What finds no memory stays owed. */
static int
il_sigchld_owed(int argc, char **argv)
{
	tine_pid_t child[2];

	(void)argc;
	(void)argv;
	keep_sigchld();
	for (int i = 0; i < 2; i++) {
		child[i] = tine_sys_fork();
		if (child[i] == 0)
			tine_sys_exit(i);
		if (child[i] < 0)
			return 0;
		tine_sys_nanosleep(MS);
	}
	tine_check(tine_sys_waitpid(child[0], NULL, 0) == child[0]);
	if ((child_of(child[1])->p_pidflag & CLDPEND) != 0)
		tine_check(curproc->p_sigqueue == NULL);
	else
		queued_for(child[1], TINE_CLD_EXITED, 1);
	return 0;
}
TINE_PROGRAM(il_sigchld_owed, "a signal that is owed");

static int
il_sigchld_flags(int argc, char **argv)
{
	tine_pid_t child, middle;

	(void)argc;
	(void)argv;
	keep_sigchld();
	child = dead_child(1, TINE_FORK_NOSIGCHLD);
	tine_check(child_of(child)->p_pidflag == CLDNOSIGCHLD);
	tine_check(curproc->p_sigqueue == NULL && curproc->p_sig == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	child = dead_child(2, TINE_FORK_WAITPID);
	tine_check(child_of(child)->p_pidflag == CLDWAITPID);
	queued_for(child, TINE_CLD_EXITED, 2);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	/* Both end with the parent: init reaps what is left over. */
	middle = tine_sys_fork();
	if (middle == 0) {
		dead_child(3, TINE_FORK_WAITPID | TINE_FORK_NOSIGCHLD);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(middle, NULL, 0) == middle);
	tine_sys_nanosleep(MS);
	tine_check(nproc == 3);
	return 0;
}
TINE_PROGRAM(il_sigchld_flags, "children that send no signal");

/* A parent that wants no zombies, by flag or by disposition. */
static int
il_nowait(int argc, char **argv)
{
	uint64_t used = curproc->p_cnsys;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	for (int way = 0; way < 2; way++) {
		if (way == 0)
			curproc->p_flag |= SNOWAIT;
		else
			PTOU(curproc)->u_signal[SIGCHLD] = U_SIG_IGN;
		child = tine_sys_fork();
		if (child == 0) {
			tine_sys_nanosleep(MS);
			tine_sys_exit(0);
		}
		/* Woken, and there is nobody. */
		tine_check(tine_sys_waitpid(child, NULL, 0) == -ECHILD);
		tine_check(curproc->p_child == NULL);
		tine_check(curproc->p_cnsys == used);
		/* But for those that are to be waited for by number. */
		child = dead_child(5, TINE_FORK_WAITPID);
		tine_check(child_of(child)->p_stat == SZOMB);
		tine_check(curproc->p_sigqueue == NULL);
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		tine_check(curproc->p_cnsys == used);
		curproc->p_flag &= ~(uint32_t)SNOWAIT;
		PTOU(curproc)->u_signal[SIGCHLD] = U_SIG_DFL;
	}
	child = dead_child(0, 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(curproc->p_cnsys > used);
	return 0;
}
TINE_PROGRAM(il_nowait, "no zombies wanted");

/* Stops are told of by SIGCHLD only to who asked for it. */
static int
il_stop_told(int argc, char **argv)
{
	tine_pid_t child = tine_sys_forkx(TINE_FORK_NOSIGCHLD);
	const proc_t *cp;

	(void)argc;
	(void)argv;
	if (child == 0)
		for (;;)
			tine_sys_nanosleep(MS);
	keep_sigchld();
	cp = child_of(child);
	for (int asked = 0; asked < 2; asked++) {
		if (asked)
			curproc->p_flag |= SJCTL;
		tine_check(tine_sys_kill(child, SIGSTOP) == 0);
		tine_sys_nanosleep(2 * MS);
		tine_check(cp->p_wcode == TINE_CLD_STOPPED);
		tine_check(cp->p_tlist->t_state == TS_STOPPED);
		tine_check(cp->p_tlist->t_whystop == PR_JOBCONTROL);
		tine_check(cp->p_tlist->t_whatstop == SIGSTOP);
		if (asked)
			queued_for(child, TINE_CLD_STOPPED, SIGSTOP);
		else
			tine_check(curproc->p_sigqueue == NULL);
		tine_check(tine_sys_kill(child, SIGCONT) == 0);
		tine_sys_nanosleep(2 * MS);
		tine_check(cp->p_wcode == TINE_CLD_CONTINUED);
		tine_check(cp->p_tlist->t_state == TS_SLEEP ||
		    cp->p_tlist->t_state == TS_ONPROC);
		tine_check(cp->p_tlist->t_whystop == 0);
	}
	tine_check((cp->p_pidflag & CLDPEND) != 0);
	il_books();
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_stop_told, "stops that the parent hears of");

/* SIGTSTP stops no member of an orphaned group; SIGSTOP does. */
static int
il_stop_orphaned(int argc, char **argv)
{
	tine_pid_t child = tine_sys_fork();
	const proc_t *cp;
	struct pid *pgp = curproc->p_pgidp;

	(void)argc;
	(void)argv;
	if (child == 0)
		for (;;)
			tine_sys_nanosleep(MS);
	cp = child_of(child);
	tine_check(pgp->pid_pgorphaned);
	tine_check(tine_sys_kill(child, SIGTSTP) == 0);
	tine_sys_nanosleep(3 * MS);
	tine_check(cp->p_stopsig == 0 && cp->p_sig == 0);
	pgp->pid_pgorphaned = false;
	tine_check(tine_sys_kill(child, SIGTSTP) == 0);
	tine_sys_nanosleep(3 * MS);
	tine_check(cp->p_stopsig == SIGTSTP);
	pgp->pid_pgorphaned = true;
	/* Stops and continuing undo each other while they are pending. */
	cp->p_tlist->t_hold = sigbit(SIGCONT) | sigbit(SIGTTIN);
	tine_check(tine_sys_kill(child, SIGTTIN) == 0);
	tine_check(sig_isset(cp->p_sig, SIGTTIN));
	((proc_t *)(uintptr_t)cp)->p_ignore &= ~sigbit(SIGCONT);
	tine_check(tine_sys_kill(child, SIGCONT) == 0);
	tine_check(!sig_isset(cp->p_sig, SIGTTIN));
	tine_check(sig_isset(cp->p_sig, SIGCONT) && cp->p_stopsig == 0);
	tine_check(tine_sys_kill(child, SIGTTIN) == 0);
	tine_check(!sig_isset(cp->p_sig, SIGCONT));
	tine_check(sig_isset(cp->p_sig, SIGTTIN));
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(!sig_isset(cp->p_sig, SIGTTIN));
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_stop_orphaned, "stops in an orphaned group");

/* --- dispositions --- */

static void
prepare_dispositions(void)
{
	proc_t *p = curproc;

	keep_sigchld();
	PTOU(p)->u_signal[SIGUSR1] = U_SIG_IGN;
	PTOU(p)->u_signal[SIGUSR2] = U_SIG_CATCH;
	p->p_ignore |= sigbit(SIGUSR1);
	p->p_flag |= SJCTL;
}

static void
check_reset(const proc_t *p, k_sigset_t ignored)
{
	for (int sig = 1; sig < NSIG; sig++)
		tine_check(PTOU(p)->u_signal[sig] ==
		    (sig == SIGUSR1 ? U_SIG_IGN : U_SIG_DFL));
	tine_check(p->p_ignore == ignored);
	tine_check((p->p_flag & (SNOWAIT | SJCTL)) == 0);
}

static int
il_disposition_target(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(sig_isset(curproc->p_ignore, SIGCHLD));
	check_reset(curproc, curproc->p_ignore);
	tine_check(curproc->p_sig == sigbit(SIGUSR2));
	tine_check(curproc->p_sigqueue->sq_signo == SIGUSR2);
	tine_check(curproc->p_sigqueue->sq_next == NULL);
	tine_check((curproc->p_flag & SEXECED) != 0);
	tine_check(PTOU(curproc)->u_acflag == 0);
	tine_check(ttolwp(curthread)->lwp_ct_active == NULL);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(il_disposition_target, "what il_dispositions execs");

static int
il_dispositions(int argc, char **argv)
{
	k_sigset_t ignored = curproc->p_ignore | sigbit(SIGUSR1);
	proc_t *p = curproc;
	uint64_t base = p->p_brkbase, size = p->p_brksize, st = p->p_stksize;
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	prepare_dispositions();
	/* Not inherited as pending; reset before the child's first step. */
	child = vforkx(0);
	if (child == 0) {
		check_reset(curproc, ignored);
		tine_check((curproc->p_flag & SVFORK) != 0);
		tine_check((curproc->p_parent->p_flag & SVFWAIT) != 0);
		curproc->p_brkbase += 4096;
		curproc->p_brksize += 8192;
		curproc->p_stksize += 12288;
		tine_sys_exit(0);
	}
	/* The space's geometry comes back, the dispositions do not. */
	tine_check(p->p_brkbase == base + 4096);
	tine_check(p->p_brksize == size + 8192 && p->p_stksize == st + 12288);
	p->p_brkbase = base;
	p->p_brksize = size;
	p->p_stksize = st;
	tine_check(PTOU(curproc)->u_signal[SIGCHLD] == U_SIG_CATCH);
	tine_check((curproc->p_flag & SJCTL) != 0);
	tine_check((curproc->p_flag & SVFWAIT) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	child = tine_sys_fork();
	if (child == 0) {
		curproc->p_flag |= SNOWAIT;
		dead_child(1, TINE_FORK_WAITPID);
		curproc->p_flag &= ~(uint32_t)SNOWAIT;
		dead_child(1, 0);
		tine_check(sig_isset(curproc->p_sig, SIGCHLD));
		curproc->p_flag |= SNOWAIT;
		curthread->t_hold |= sigbit(SIGUSR2);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
		ttolwp(curthread)->lwp_ct_active = sys_process_tmpl;
		tine_sys_exec("il_disposition_target", NULL);
		tine_check(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	return 0;
}
TINE_PROGRAM(il_dispositions, "vfork and exec reset what is caught");

/* A signal that interrupts: caught, the call fails and life goes on. */
static int
il_caught(int argc, char **argv)
{
	uint64_t began = tine_sys_time();
	tine_pid_t parent = tine_sys_getpid();

	(void)argc;
	(void)argv;
	PTOU(curproc)->u_signal[SIGUSR2] = U_SIG_CATCH;
	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_kill(parent, SIGUSR2) == 0);
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_kill(parent, SIGUSR2) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_nanosleep(100 * MS) == -EINTR);
	tine_check(tine_sys_time() == began + 5 * MS);
	tine_check((curthread->t_flag & T_WAKEABLE) == 0);
	tine_check(!ttolwp(curthread)->lwp_asleep);
	tine_check(curproc->p_sig == 0 && ttolwp(curthread)->lwp_cursig == 0);
	tine_check(tine_sys_waitpid(-1, NULL, 0) == -EINTR);
	tine_check(tine_sys_wait(NULL) > 0);
	/* Blocked, it interrupts nobody. */
	curthread->t_hold |= sigbit(SIGUSR2);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_kill(parent, SIGUSR2) == 0);
		tine_sys_exit(0);
	}
	began = tine_sys_time();
	tine_check(tine_sys_nanosleep(10 * MS) == 0);
	tine_check(tine_sys_time() == began + 10 * MS);
	tine_check(curproc->p_sig == sigbit(SIGUSR2));
	tine_check(tine_sys_wait(NULL) > 0);
	return 0;
}
TINE_PROGRAM(il_caught, "signals that only interrupt");

/* --- vfork --- */

static int
il_vfork_signals(int argc, char **argv)
{
	struct pid *pgp = curproc->p_pgidp;
	tine_pid_t middle, child;
	int status;

	(void)argc;
	(void)argv;
	pgp->pid_pgorphaned = false;
	middle = tine_sys_fork();
	if (middle == 0) {
		child = vforkx(0);
		if (child == 0) {
			/* Neither the borrower nor the lender minds. */
			tine_check(tine_sys_kill(tine_sys_getpid(), SIGTSTP)
			    == 0);
			tine_check(tine_sys_kill(tine_sys_getppid(), SIGTERM)
			    == 0);
			tine_sys_nanosleep(5 * MS);
			tine_check(curproc->p_stopsig == 0);
			tine_check(sig_isset(curproc->p_sig, SIGTSTP));
			tine_check(curproc->p_parent->p_sig ==
			    sigbit(SIGTERM));
			tine_sys_exit(0);
		}
		tine_check(0);
	}
	tine_check(tine_sys_waitpid(middle, &status, 0) == middle);
	tine_check(status == SIGTERM);
	return 0;
}
TINE_PROGRAM(il_vfork_signals, "signals while a space is lent");

/* --- kill --- */

static int
il_kill_many(int argc, char **argv)
{
	struct tine_siginfo info;
	tine_pid_t child[3];
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_kill(-99, SIGTERM) == -ESRCH);
	tine_check(tine_sys_kill(-tine_sys_getpid(), SIGTERM) == -ESRCH);
	tine_check(tine_sys_kill(INT32_MIN, SIGTERM) == -EINVAL);
	tine_check(tine_sys_kill(-1, SIGTERM) == -ESRCH);
	for (int i = 0; i < 3; i++) {
		child[i] = tine_sys_fork();
		if (child[i] == 0)
			tine_sys_pause();
	}
	/* The only group there is: init and we are in it, too. */
	tine_check(tine_sys_waitid(TINE_P_PGID, 5, &info, TINE_WEXITED) ==
	    -ECHILD);
	curproc->p_ignore |= sigbit(SIGTERM);
	tine_check(tine_sys_kill(0, 0) == 0);
	tine_check(tine_sys_kill(0, SIGTERM) == 0);
	for (int i = 0; i < 3; i++) {
		tine_check(tine_sys_waitid(TINE_P_PGID, 0, &info,
		    TINE_WEXITED) == 0);
		tine_check(info.code == TINE_CLD_KILLED);
		tine_check(info.status == SIGTERM);
	}
	/* A zombie takes anything. */
	child[0] = tine_sys_fork();
	if (child[0] == 0)
		tine_sys_exit(3);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(child[0], SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child[0], &status, 0) == child[0]);
	tine_check(status == 3 << 8);
	/* Init takes nothing. */
	tine_check(tine_sys_kill(1, SIGTERM) == 0);
	tine_check(tine_sys_kill(1, SIGSTOP) == -EPERM);
	tine_check(tine_sys_kill(0, 0) == 0 && proc_init->p_sig == 0);
	return 0;
}
TINE_PROGRAM(il_kill_many, "kill, for many at once");

/* --- tests --- */

/* spec: IL-131 */
static void
one_sigchld_is_queued_and_the_others_are_owed(void **state)
{
	(void)state;
	harness_every_seed("il_sigchld_queue", 5);
	assert_true(harness_every_failure("il_sigchld_owed", NULL) > 10);
}

/* spec: IL-096 IL-128 IL-133 */
static void
fork_flags_silence_a_death_until_the_parent_dies(void **state)
{
	(void)state;
	harness_every_seed("il_sigchld_flags", 5);
}

/* spec: IL-130 IL-136 */
static void
who_wants_no_zombies_gets_none(void **state)
{
	(void)state;
	harness_every_seed("il_nowait", SEEDS);
}

/* spec: IL-132 */
static void
stops_are_posted_to_who_asked(void **state)
{
	(void)state;
	harness_passes("il_stop_told", NULL, 0);
}

static void
an_orphaned_group_is_stopped_by_sigstop_only(void **state)
{
	(void)state;
	harness_passes("il_stop_orphaned", NULL, 0);
}

/* spec: IL-047 IL-098 IL-105 IL-144 */
static void
vfork_and_exec_reset_what_is_caught(void **state)
{
	(void)state;
	harness_every_seed("il_dispositions", SEEDS);
}

static void
a_caught_signal_interrupts_and_a_blocked_one_does_not(void **state)
{
	(void)state;
	harness_passes("il_caught", NULL, 0);
}

/* spec: IL-106 IL-108 */
static void
signals_wait_while_a_space_is_lent(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_every_seed("il_vfork_signals", SEEDS);
	options.trace_full = true;
	harness_passes("il_dispositions", &options, 0);
	assert_int_equal(harness_count(TINE_EV_VFORK_DONE, 0), 1);
}

static void
kill_reaches_a_group_and_everybody(void **state)
{
	(void)state;
	harness_every_seed("il_kill_many", 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sigchld_is_queued_and_the_others_are_owed),
		cmocka_unit_test(
		    fork_flags_silence_a_death_until_the_parent_dies),
		cmocka_unit_test(who_wants_no_zombies_gets_none),
		cmocka_unit_test(stops_are_posted_to_who_asked),
		cmocka_unit_test(an_orphaned_group_is_stopped_by_sigstop_only),
		cmocka_unit_test(vfork_and_exec_reset_what_is_caught),
		cmocka_unit_test(
		    a_caught_signal_interrupts_and_a_blocked_one_does_not),
		cmocka_unit_test(signals_wait_while_a_space_is_lent),
		cmocka_unit_test(kill_reaches_a_group_and_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
