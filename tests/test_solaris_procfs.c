/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_procfs.c - a process that somebody has for himself, and what
 * nobody may do to a process of the kernel.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/file.h>
#include <tine/solaris.h>

#include "solaris_rig.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

#define MAIN_ARGS(name) \
	static int \
	name(int argc, char **argv) \
	{

static const enum tine_kernel both[] = { TINE_KERNEL_ILLUMOS,
	TINE_KERNEL_OPENSOLARIS };

static void
passes_on_both(const char *program)
{
	struct tine_options options;

	for (size_t i = 0; i < 2; i++) {
		options = kcall_options(both[i], "");
		harness_passes(program, &options, 0);
	}
}

static int64_t
lock(tine_pid_t pid)
{
	return tine_sys_pr(TINE_PR_LOCK, pid, 0);
}

static int64_t
unlock(tine_pid_t pid)
{
	return tine_sys_pr(TINE_PR_UNLOCK, pid, 0);
}

static tine_pid_t
sleeper(uint64_t ns)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid != 0)
		return pid;
	tine_sys_nanosleep(ns);
	tine_sys_exit(7);
}

static void
reaps(tine_pid_t pid, int want)
{
	int status = 0;

	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == want);
}

/* --- who has it --- */

MAIN(fs_owner)
	const tine_pid_t me = tine_sys_getpid(), pid = sleeper(5 * MS);
	tine_pid_t other;

	tine_check(unlock(pid) == -EPERM);
	tine_check(lock(me) == -EBUSY);
	tine_check(lock(4711) == -ENOENT && unlock(4711) == -ENOENT);
	tine_check(lock(pid) == 0);
	tine_check(lock(pid) == -EBUSY);
	other = tine_sys_fork();
	if (other == 0) {
		/* The lock is of the LWP that took it, and a child has none. */
		tine_check(unlock(pid) == -EPERM);
		tine_sys_exit(0);
	}
	reaps(other, 0);
	/* Who has it does not wait for himself, others do for him. */
	tine_check(tine_sys_pr(TINE_PR_SET_FORK, pid, 1) == 0);
	tine_check((tine_sys_pr(TINE_PR_FLAGS, pid, 0) &
	    TINE_PR_IS_FORK) != 0);
	tine_check(tine_sys_pr(TINE_PR_SET_FORK, pid, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_CLOSE, pid, 1) == 0);
	tine_check(tine_sys_pr(TINE_PR_UNLOAD, pid, 0) == 0);
	tine_sys_nanosleep(20 * MS);
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0);
	tine_check(unlock(pid) == 0);
	reaps(pid, 7 << 8);
	return 0;
END(fs_owner, "a process is somebody's");

/* spec: IL-072 IL-126 */
static void
a_process_is_given_back_by_the_lwp_that_has_it(void **state)
{
	(void)state;
	passes_on_both("fs_owner");
}

static volatile tine_pid_t target;
static volatile bool locked;

static void
lwp_locks(void *arg)
{
	(void)arg;
	tine_check(lock(target) == 0);
	locked = true;
}

static void
lwp_locks_and_sleeps(void *arg)
{
	lwp_locks(arg);
	for (;;)
		tine_sys_pause();
}

/* How an owner may end: as a process, by a signal, as an LWP, because another
 * LWP ends the process, because another one execs. */
static tine_pid_t
owner(int how)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid != 0)
		return pid;
	if (how == 0 || how == 1) {
		tine_check(lock(target) == 0);
		if (how == 1)
			tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_lwp_create(how == 2 ? lwp_locks :
	    lwp_locks_and_sleeps, NULL) > 0);
	while (!locked)
		tine_sys_nanosleep(MS);
	tine_sys_nanosleep(MS);
	/* It ended; but this one goes on. */
	if (how == 2)
		tine_sys_pause();
	if (how == 3)
		tine_sys_exit(0);
	(void)tine_sys_exec("fs_pauses", NULL);
	tine_sys_exit(1);
}

MAIN(fs_pauses)
	tine_sys_pause();
	return 0;
END(fs_pauses, "waits for its end");

MAIN(fs_owner_ends)
	tine_pid_t pid;

	for (int how = 0; how < 5; how++) {
		target = sleeper(3 * MS);
		pid = owner(how);
		tine_sys_nanosleep(2 * MS);
		if (how == 1) {
			tine_sys_nanosleep(5 * MS);
			tine_check(tine_sys_waitpid(target, NULL,
			    TINE_WNOHANG) == 0);
			tine_check(tine_sys_kill(pid, SIGKILL) == 0);
		}
		reaps(target, 7 << 8);
		if (how == 2 || how == 4)
			tine_check(tine_sys_kill(pid, SIGKILL) == 0);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	}
	return 0;
END(fs_owner_ends, "whoever has a process ends");

/* spec: IL-072 IL-127 IL-152 */
static void
an_lwp_that_ends_gives_back_what_it_has(void **state)
{
	struct tine_options options;

	(void)state;
	passes_on_both("fs_owner_ends");
	for (uint64_t seed = 1; seed <= 20; seed++) {
		options = kcall_options(TINE_KERNEL_ILLUMOS, "");
		options.ncpu = 3;
		options.strategy = TINE_STRATEGY_RANDOM;
		options.seed = seed;
		harness_passes("fs_owner_ends", &options, 0);
	}
}

static void
lwp_spins(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_nanosleep(MS / 2);
}

/* All LWPs are suspended, the process is killed while it is somebody's. */
MAIN(fs_killed)
	const tine_pid_t pid = tine_sys_fork();
	int self;

	if (pid == 0) {
		self = tine_sys_lwp_self();
		tine_check(tine_sys_lwp_create(lwp_spins, NULL) > 0);
		for (int i = 1; i < 4; i++)
			if (i != self)
				(void)tine_sys_lwp_suspend(i);
		tine_sys_pause();
	}
	tine_sys_nanosleep(2 * MS);
	tine_check(lock(pid) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_sys_nanosleep(2 * MS);
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0);
	tine_check(unlock(pid) == 0);
	reaps(pid, SIGKILL);
	return 0;
END(fs_killed, "a process is killed while it is somebody's");

/* spec: IL-105 */
static void
one_killed_while_somebody_has_it_dies_when_let_go(void **state)
{
	(void)state;
	passes_on_both("fs_killed");
}

/* --- tracing of calls --- */

static struct tine_pr_sysset
set_of(const char *const *names)
{
	struct tine_pr_sysset set = { { 0 } };
	int n;

	for (; *names != NULL; names++) {
		n = tine_pr_call(*names);
		tine_check(n > 0);
		set.word[n / 64] |= UINT64_C(1) << n % 64;
	}
	return set;
}

static void
traces(enum tine_pr op, tine_pid_t pid, struct tine_pr_sysset set)
{
	tine_check(tine_sys_pr(op, pid, (int64_t)(uintptr_t)&set) == 0);
}

/* It stops there, and goes on. */
static void
stops(tine_pid_t pid, int64_t flag, const char *call)
{
	for (int i = 0; i < 100 &&
	    (tine_sys_pr(TINE_PR_FLAGS, pid, 0) & flag) == 0; i++)
		tine_sys_nanosleep(MS / 10);
	tine_check((tine_sys_pr(TINE_PR_FLAGS, pid, 0) & flag) != 0);
	tine_check(tine_sys_pr(TINE_PR_WHAT, pid, 0) == tine_pr_call(call));
}

static void
goes_on(tine_pid_t pid)
{
	tine_check(tine_sys_pr(TINE_PR_RUN, pid, 0) == 0);
}

MAIN(fs_calls)
	const char *const before[] = { "getppid", "forkx", "umask", NULL };
	const char *const after[] = { "getppid", "forkx", "getpid", NULL };
	const char *const none[] = { NULL };
	struct tine_pr_sysset in, out, told;
	tine_pid_t pid, child;

	tine_check(tine_pr_call("no such call") == -1);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_sys_umask(022);
		tine_sys_nanosleep(2 * MS);
		tine_check(tine_sys_getppid() == 101);
		tine_check(tine_sys_getpid() != 101);
		tine_check((int)tine_sys_umask(0) == -EINTR);
		child = tine_sys_fork();
		if (child == 0) {
			/* It has inherited all that. */
			tine_check(tine_sys_getppid() > 0);
			tine_sys_exit(0);
		}
		reaps(child, 0);
		/* What was not done has had no effect. */
		tine_check(tine_sys_umask(0) == 022);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	in = set_of(before);
	out = set_of(after);
	traces(TINE_PR_SENTRY, pid, in);
	tine_check(tine_sys_pr(TINE_PR_EXITTRACE, pid, 0) == 0);
	traces(TINE_PR_SEXIT, pid, out);
	tine_check(tine_sys_pr(TINE_PR_EXITTRACE, pid, 0) == 1);
	tine_check(tine_sys_pr(TINE_PR_GENTRY, pid,
	    (int64_t)(uintptr_t)&told) == 0);
	tine_check(memcmp(&told, &in, sizeof(in)) == 0);
	tine_check(tine_sys_pr(TINE_PR_GEXIT, pid,
	    (int64_t)(uintptr_t)&told) == 0);
	tine_check(memcmp(&told, &out, sizeof(out)) == 0);
	tine_check(tine_sys_pr(TINE_PR_SENTRY, pid, 8) == -EFAULT);
	tine_check(tine_sys_pr(TINE_PR_SET_FORK, pid, 1) == 0);
	stops(pid, TINE_PR_IS_SYSENTRY, "getppid");
	goes_on(pid);
	stops(pid, TINE_PR_IS_SYSEXIT, "getppid");
	goes_on(pid);
	stops(pid, TINE_PR_IS_SYSEXIT, "getpid");
	goes_on(pid);
	stops(pid, TINE_PR_IS_SYSENTRY, "umask");
	tine_check(tine_sys_pr(TINE_PR_SABORT, pid, 0) == 0);
	goes_on(pid);
	stops(pid, TINE_PR_IS_SYSENTRY, "forkx");
	goes_on(pid);
	stops(pid, TINE_PR_IS_SYSEXIT, "forkx");
	child = tine_sys_getpid();
	while (tine_sys_pr(TINE_PR_LWPS, ++child, 0) < 0 || child == pid)
		tine_check(child < 110);
	/* Stopped as a whole on its way out of fork; it has the sets. */
	tine_check((tine_sys_pr(TINE_PR_FLAGS, child, 0) &
	    TINE_PR_IS_STOPPED) != 0);
	tine_check(tine_sys_pr(TINE_PR_GENTRY, child,
	    (int64_t)(uintptr_t)&told) == 0);
	tine_check(memcmp(&told, &in, sizeof(in)) == 0);
	traces(TINE_PR_SEXIT, child, set_of(none));
	goes_on(child);
	goes_on(pid);
	stops(child, TINE_PR_IS_SYSENTRY, "getppid");
	traces(TINE_PR_SENTRY, child, set_of(none));
	tine_check((tine_sys_pr(TINE_PR_FLAGS, child, 0) &
	    TINE_PR_IS_TRACED) == 0);
	goes_on(child);
	stops(pid, TINE_PR_IS_SYSENTRY, "umask");
	/* Killed where it stands. */
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	reaps(pid, SIGKILL);
	return 0;
END(fs_calls, "calls of a process are traced");

/* spec: IL-062 IL-093 IL-094 */
static void
a_process_stops_before_and_after_the_calls_of_a_set(void **state)
{
	(void)state;
	passes_on_both("fs_calls");
}

/* --- set-id programs --- */

#define RUNS "/bin/fs_setid_runs"

/* argv: what the ids must be. */
MAIN_ARGS(fs_setid_runs)
	tine_check(argc == 2);
	tine_check(tine_sys_getuid() == 100 && tine_sys_getgid() == 20);
	switch (argv[1][0]) {
	case 'u':
		tine_check(tine_sys_geteuid() == 300);
		tine_check(tine_sys_getegid() == 20);
		tine_check((curproc->p_flag & SUGID) != 0);
		/* What it was saved as it can become again. */
		tine_check(tine_sys_seteuid(100) == 0);
		tine_check(tine_sys_seteuid(300) == 0);
		if (tine_sys_fork() == 0) {
			/* It has the ids, but does not run set-id. */
			tine_check(tine_sys_geteuid() == 300);
			tine_check((curproc->p_flag & (SUGID | SNOCD)) ==
			    SNOCD);
			tine_sys_exit(0);
		}
		tine_check(tine_sys_wait(NULL) > 0);
		tine_sys_nanosleep(5 * MS);
		break;
	case 'g':
		tine_check(tine_sys_geteuid() == 100);
		tine_check(tine_sys_getegid() == 30);
		tine_check((curproc->p_flag & (SUGID | SNOCD)) ==
		    (SUGID | SNOCD));
		break;
	case 'r':
		tine_check(tine_sys_geteuid() == 0);
		tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) ==
		    (int64_t)TINE_PRIV_ALL);
		break;
	default:
		tine_check(tine_sys_geteuid() == 100);
		tine_check(tine_sys_getegid() == 20);
		tine_check((curproc->p_flag & SUGID) == 0);
		tine_check(tine_sys_seteuid(300) == -EPERM);
	}
	tine_sys_exit(0);
END(fs_setid_runs, "is run by somebody else");

static tine_pid_t
runs_as(const char *how)
{
	char *const args[] = { (char *)(uintptr_t)RUNS,
		(char *)(uintptr_t)how, NULL };
	tine_pid_t pid = tine_sys_fork();

	if (pid != 0)
		return pid;
	tine_check(tine_sys_setgid(20) == 0);
	tine_check(tine_sys_setuid(100) == 0);
	if (how[0] == 'u')
		tine_sys_nanosleep(3 * MS);
	(void)tine_sys_exec(RUNS, args);
	tine_sys_exit(9);
}

MAIN(fs_setid)
	const char *const calls[] = { "getppid", NULL };
	tine_pid_t pid, other;

	reaps(runs_as("-"), 0);
	tine_check(tine_sys_chown(RUNS, 300, 30) == 0);
	reaps(runs_as("-"), 0);
	tine_check(tine_sys_chmod(RUNS, 02555) == 0);
	reaps(runs_as("g"), 0);
	tine_check(tine_sys_chmod(RUNS, 04555) == 0);
	/* Nobody traces it who might trace it before. */
	pid = runs_as("u");
	other = tine_sys_fork();
	if (other == 0) {
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_setgid(20) == 0);
		tine_check(tine_sys_setuid(100) == 0);
		traces(TINE_PR_SEXIT, pid, set_of(calls));
		tine_check(tine_sys_pr(TINE_PR_SET_FORK, pid, 1) == 0);
		tine_check(tine_sys_pr(TINE_PR_FLAGS, pid, 0) &
		    TINE_PR_IS_TRACED);
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_pr(TINE_PR_SET_FORK, pid, 1) == -EACCES);
		tine_check(tine_sys_pr(TINE_PR_STOP, pid, 0) == -EACCES);
		tine_check(lock(pid) == -EACCES);
		tine_check((tine_sys_pr(TINE_PR_FLAGS, pid, 0) &
		    (TINE_PR_IS_TRACED | TINE_PR_IS_FORK)) == 0);
		tine_check(tine_sys_chmod(RUNS, 0777) == -EPERM);
		tine_sys_exit(0);
	}
	reaps(other, 0);
	reaps(pid, 0);
	tine_check(tine_sys_chown(RUNS, 0, 0) == 0);
	reaps(runs_as("r"), 0);
	tine_check(tine_sys_chmod(RUNS, 0555) == 0);
	reaps(runs_as("-"), 0);
	tine_check(tine_sys_chmod(RUNS, 0700) == 0);
	reaps(runs_as("-"), 9 << 8);
	return 0;
END(fs_setid, "programs that set ids");

/* spec: IL-046 */
static void
who_runs_a_set_id_program_becomes_its_owner(void **state)
{
	(void)state;
	passes_on_both("fs_setid");
}

/* --- processes of the kernel --- */

static const enum tine_pr changes[] = { TINE_PR_LOCK, TINE_PR_SET_FORK,
	TINE_PR_SET_ASYNC, TINE_PR_SYSEXIT, TINE_PR_STOP, TINE_PR_RUN,
	TINE_PR_SETRVAL2, TINE_PR_AGENT, TINE_PR_PROBE, TINE_PR_HWERR,
	TINE_PR_STRACE, TINE_PR_SFAULT, TINE_PR_SSIG, TINE_PR_SET_MSACCT,
	TINE_PR_SET_MSFORK };

MAIN(fs_system)
	char text[32];
	const struct tine_secflagdelta delta = { .add = TINE_PROC_SEC_ASLR };
	int class, pri;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		tine_check(tine_sys_pr(changes[i], 0, 1) == -EBUSY);
	tine_check(unlock(0) == -EPERM);
	tine_check(tine_sys_pr(TINE_PR_HELPER, 0, 0) == -EPERM);
	tine_check(tine_sys_pr(TINE_PR_FLAGS, 0, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_LWPS, 0, 0) == 1);
	tine_check(tine_sys_pr(TINE_PR_USAGE, 0, 0) >= 0);
	tine_check(tine_sys_pr(TINE_PR_EXEC, 0, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_LDT, 0, 1) == -ENOENT);
	tine_check(tine_sys_pr(TINE_PR_UNLOAD, 0, 0) == 0);
	tine_check(tine_sys_core_set(0, "core") == -EPERM);
	tine_check(tine_sys_core_set_content(0, 3) == -EPERM);
	tine_check(tine_sys_core_get(0, text, sizeof(text)) == 0);
	tine_check(tine_sys_core_get_content(0) == 0);
	tine_check(tine_sys_priocntl(0, 1, TINE_CLASS_TS, 30) == -ESRCH);
	tine_check(tine_sys_priocntl_get(0, 1, &class, &pri) == -ESRCH);
	tine_check(tine_sys_psecflags(TINE_P_PID, 0, TINE_PSF_INHERIT,
	    &delta) < 0);
	tine_check(tine_sys_processor_bind(TINE_P_PID, 0, 0, NULL) < 0);
	tine_check(tine_sys_pset_bind(0, TINE_P_PID, 0, NULL) < 0);
	tine_check(tine_sys_pool_of(0) == 0);
	(void)tine_sys_pool_bind(0, TINE_P_PID, 0);
	/* In 2006 a set of one process is not looked at. [OS-40] */
	(void)tine_sys_sigsend(TINE_P_PID, 0, SIGKILL);
	return 0;
END(fs_system, "calls on the first process");

/* spec: IL-020 */
static void
nothing_is_done_to_a_process_of_the_kernel(void **state)
{
	(void)state;
	passes_on_both("fs_system");
}

/* A setting is another's only for who may signal him. */
MAIN(fs_core)
	char text[32];
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t pid;

	tine_check(tine_sys_core_set(me, "mine") == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_setuid(100) == 0);
		tine_check(tine_sys_core_set(me, "x") == -EPERM);
		tine_check(tine_sys_core_set_content(me, 1) == -EPERM);
		tine_check(tine_sys_core_get(me, text, sizeof(text)) == -EPERM);
		tine_check(tine_sys_core_get_content(me) == -EPERM);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	/* A zombie has them until it is reaped. */
	tine_check(tine_sys_core_get(pid, text, sizeof(text)) == 4);
	tine_check(strcmp(text, "mine") == 0);
	tine_check(tine_sys_core_set(pid, "late") == 0);
	reaps(pid, 0);
	tine_check(tine_sys_core_get(me, text, sizeof(text)) == 4);
	return 0;
END(fs_core, "core settings of others");

/* spec: IL-067 IL-035 */
static void
core_settings_are_for_those_who_may_signal(void **state)
{
	(void)state;
	passes_on_both("fs_core");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_process_is_given_back_by_the_lwp_that_has_it),
		cmocka_unit_test(an_lwp_that_ends_gives_back_what_it_has),
		cmocka_unit_test(
		    one_killed_while_somebody_has_it_dies_when_let_go),
		cmocka_unit_test(
		    a_process_stops_before_and_after_the_calls_of_a_set),
		cmocka_unit_test(who_runs_a_set_id_program_becomes_its_owner),
		cmocka_unit_test(nothing_is_done_to_a_process_of_the_kernel),
		cmocka_unit_test(core_settings_are_for_those_who_may_signal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
