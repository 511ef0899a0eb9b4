/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_more.c - what small changes of the code got away with: signals
 * and stops, groups, permissions, statistics, embryos.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>

static TINE_DATA volatile int depth, deepest;

/* --- signals --- */

static void
sends_again(int signo)
{
	depth++;
	deepest = depth > deepest ? depth : deepest;
	if (++handled < 3)
		tine_check(tine_sys_kill(tine_sys_getpid(), signo) == 0);
	depth--;
}

PROGRAM(dm_nodefer)
{
	struct tine_sigaction action = { .handler = sends_again,
		.flags = TINE_SA_NODEFER };

	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(handled == 3 && deepest == 3);
	/* Without, the next one comes when the handler has ended. */
	handled = deepest = 0;
	action.flags = 0;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(handled == 3 && deepest == 1);
	return (0);
}

static void
a_handler_is_entered_again_only_if_it_asks_for_that(void **state)
{
	(void)state;
	rig_passes("dm_nodefer", NULL);
}

PROGRAM(dm_ignores)
{
	const struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	const tine_sigset_t mask = TINE_SIGBIT(SIGUSR1) |
	    TINE_SIGBIT(SIGUSR2);
	tine_sigset_t set;

	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	tine_check(tine_sys_lwp_kill2(tine_sys_getpid(), 0, SIGUSR1) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(tine_sys_sigpending(&set) == 0 && set == mask);
	/* Wherever it is pending. */
	tine_check(tine_sys_sigaction(SIGUSR1, &ignore, NULL) == 0);
	tine_check(tine_sys_sigpending(&set) == 0);
	tine_check(set == TINE_SIGBIT(SIGUSR2));
	tine_check(tine_sys_sigaction(SIGUSR2, &ignore, NULL) == 0);
	tine_check(tine_sys_sigpending(&set) == 0 && set == 0);
	return (0);
}

static void
what_is_ignored_is_pending_no_more(void **state)
{
	(void)state;
	rig_passes("dm_ignores", NULL);
}

/* A stop is told each time, also of one that never woke in between. */
PROGRAM(dm_stops)
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(5 * MS);
	for (int i = 0; i < 3; i++) {
		tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_UNTRACED) == pid);
		tine_check(status == (SIGSTOP << 8 | 0x7f));
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_CONTINUED) == pid);
		tine_check(status == 19);
	}
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: DF-112 */
static void
each_stop_is_told_also_of_one_that_sleeps_on(void **state)
{
	(void)state;
	rig_seeds("dm_stops", 10);
}

/* In a vfork child: what is caught is handled though a stop is pending. */
PROGRAM(dm_hidden)
{
	const struct tine_sigaction action = { .handler = on_signal };
	tine_pid_t pid = vfork_();

	if (pid == 0) {
		tine_check(tine_sys_sigaction(SIGUSR2, &action, NULL) == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGSTOP) == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
		tine_check(handled == 1);
		tine_sys_exit(3);
	}
	expect_exit(pid, 3);
	return (0);
}

/* spec: DF-075 */
static void
a_hidden_stop_hides_nothing_else(void **state)
{
	(void)state;
	rig_passes("dm_hidden", NULL);
}

/* A parent that ignores its children's ends, as is the default, sleeps for any:
 * it wakes when a debugger gives its zombie back. */
PROGRAM(dm_given_back)
{
	tine_pid_t child, debugger;
	int status;

	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(6);
	}
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, child, 0) == 0);
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		tine_check(tine_sys_df_ptrace(TINE_PT_CONTINUE, child, 0) == 0);
		tine_sys_nanosleep(50 * MS);
		tine_check(tine_sys_df_wait4(child, &status, 0) == child);
		tine_sys_nanosleep(1000 * MS);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_df_wait4(-1, &status, 0) == child);
	tine_check(status == 6 << 8 && tine_sys_time() < 500 * MS);
	expect_exit(debugger, 0);
	return (0);
}

/* spec: DF-113 */
static void
who_sleeps_for_any_wakes_for_what_comes_back(void **state)
{
	(void)state;
	rig_passes("dm_given_back", NULL);
}

/* --- sleeps --- */

PROGRAM(dm_for_ever)
{
	static const uint64_t times[] = { UINT64_MAX, UINT64_MAX - 1,
		UINT64_MAX - 5 * MS, UINT64_MAX / 2 };
	tine_pid_t pid;
	int status;

	tine_sys_nanosleep(5 * MS);
	for (unsigned i = 0; i < 4; i++) {
		pid = tine_sys_fork();
		if (pid == 0) {
			(void)tine_sys_nanosleep(times[i]);
			tine_sys_exit(1);
		}
		tine_sys_nanosleep(1000 * MS);
		tine_check(tine_sys_kill(pid, SIGKILL) == 0);
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		tine_check(status == SIGKILL);
	}
	return (0);
}

static void
a_sleep_beyond_all_time_does_not_end_at_once(void **state)
{
	(void)state;
	rig_passes("dm_for_ever", NULL);
}

/* --- groups --- */

/* Who ends when its children are zombies leaves their groups as they are. */
static int64_t
k_jobc(uint64_t a, uint64_t b, uint64_t c)
{
	struct pgrp *pg = pgfind((pid_t)a);
	int64_t result = pg != NULL ? pg->pg_jobc : -1;

	(void)b;
	(void)c;
	if (pg != NULL)
		pgrel(pg);
	return (result);
}

PROGRAM(dm_jobc)
{
	tine_pid_t shell = tine_sys_fork(), first, second;

	if (shell != 0) {
		expect_exit(shell, 0);
		return (0);
	}
	tine_check(tine_sys_setsid() > 0);
	first = tine_sys_fork();
	if (first == 0) {
		/* A job of two: one has ended, and is not waited for. */
		tine_check(tine_sys_setpgid(0, 0) == 0);
		second = tine_sys_fork();
		if (second == 0)
			tine_sys_exit(0);
		tine_sys_nanosleep(10 * MS);
		tine_check(K(k_jobc, tine_sys_getpid(), 0, 0) == 1);
		/* Into another one of the session: the zombie counts not. */
		tine_check(tine_sys_setpgid(0, tine_sys_getppid()) == 0);
		tine_check(K(k_jobc, tine_sys_getpid(), 0, 0) == 0);
		expect_exit(second, 0);
		tine_sys_exit(0);
	}
	expect_exit(first, 0);
	tine_sys_exit(0);
}

static void
a_zombie_does_not_count_for_its_group(void **state)
{
	(void)state;
	rig_passes("dm_jobc", NULL);
}

/* --- permissions --- */

PROGRAM(dm_real)
{
	tine_pid_t pid;
	int fd = tine_sys_open("/tmp/real", TINE_O_CREAT | TINE_O_RDWR, 0);

	tine_check(fd >= 0);
	tine_check(tine_sys_chown("/tmp/real", 0, 5) == 0);
	tine_check(tine_sys_chmod("/tmp/real", 0040) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		const unsigned none[1] = { 9 };

		/* access asks for whom one is, open for whom one acts. */
		tine_check(tine_sys_setgroups(1, none) == 0);
		tine_check(tine_sys_setregid(5, 9) == 0);
		tine_check(tine_sys_setreuid(1000, 1000) == 0);
		tine_check(tine_sys_access("/tmp/real", TINE_R_OK) == 0);
		tine_check(tine_sys_open("/tmp/real", TINE_O_RDONLY, 0) ==
		    -EACCES);
		tine_sys_exit(0);
	}
	expect_exit(pid, 0);
	return (0);
}

static void
access_is_for_the_real_group(void **state)
{
	(void)state;
	rig_passes("dm_real", NULL);
}

PROGRAM(dm_foreground)
{
	tine_pid_t pid = tine_sys_fork(), other;
	int fd;

	if (pid == 0) {
		other = tine_sys_getppid();
		tine_check(tine_sys_setsid() > 0);
		fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		tine_check(fd >= 0);
		/* Nobody's group, and a group of another session. */
		tine_check(tine_sys_tcsetpgrp(fd, 30000) == -EPERM);
		tine_check(tine_sys_tcsetpgrp(fd, other) == -EPERM);
		tine_check(tine_sys_tcsetpgrp(fd, tine_sys_getpid()) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_setpgid(0, 0) == 0);
	expect_exit(pid, 0);
	return (0);
}

static void
a_terminal_is_for_groups_of_its_session(void **state)
{
	(void)state;
	rig_passes("dm_foreground", NULL);
}

/* --- scans and waits --- */

PROGRAM(dm_counted)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
		tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(5 * MS);
	/* Process 0, init and we; and one other. */
	tine_check(tine_sys_df_uidcount(0) == 3);
	tine_check(tine_sys_df_uidcount(1000) == 1);
	tine_check(tine_sys_df_uidcount(1001) == 0);
	/* Of group 1 there is nobody, though we have a child. */
	tine_check(tine_sys_waitid(TINE_P_PGID, 1, NULL,
	    TINE_WEXITED | TINE_WNOHANG) == -ECHILD);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, NULL,
	    TINE_WEXITED | TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	reap_all();
	return (0);
}

/* spec: DF-109 */
static void
users_and_groups_have_those_that_they_have(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	rig_passes("dm_counted", &options);
	options.quirks = rig_quirks("none");
	rig_passes("dm_counted", &options);
}

/* --- statistics --- */

static int64_t
k_kthreads(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return ((int64_t)df->df_cnt.v_kthreads);
}

PROGRAM(dm_faults)
{
	struct tine_rusage before, after;
	volatile char *memory = tine_sys_mmap(10 * PAGE, RW);

	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &before) == 0);
	for (int i = 0; i < 10; i++)
		memory[i * PAGE] = 1;
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &after) == 0);
	tine_check(after.faults >= before.faults + 10);
	tine_check(after.faults < before.faults + 20);
	/* Process 0 has made one: init. */
	tine_check(K(k_kthreads, 0, 0, 0) == 1);
	return (0);
}

/* spec: DF-049 */
static void
faults_are_counted_and_what_process_0_forks(void **state)
{
	(void)state;
	rig_passes("dm_faults", NULL);
}

/* --- embryos --- */

/* With shared dispositions nothing but the disk scheduler's context is waited
 * for between the credential and them. */
static int64_t
k_w2(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	for (unsigned i = 0; i < ALLPROC_HSIZE; i++)
		for (struct proc *p = allprocs[i]; p != NULL; p = p->p_list)
			if (p->p_stat == SIDL && p->p_ucred != NULL &&
			    p->p_sigacts == NULL)
				return (1);
	return (0);
}

PROGRAM(dm_w2)
{
	tine_pid_t pid = tine_sys_fork(), child;
	int seen = 0;

	if (pid == 0) {
		child = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG |
		    TINE_RFSIGSHARE);
		if (child == 0)
			tine_sys_exit(0);
		expect_exit(child, 0);
		tine_sys_exit(0);
	}
	while (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == 0) {
		if (K(k_w2, 0, 0, 0) == 1)
			seen = 9;
		tine_sys_yield();
	}
	return (seen);
}

/* spec: DF-028 */
static void
an_embryo_waits_for_its_disk_scheduler_without_dispositions(void **state)
{
	(void)state;
	rig_sees("dm_w2", "none");
}

/* Repaired, a child whose parent was jailed during the fork is in the jail, and
 * says so. */
static void
jails(void *arg)
{
	(void)arg;
	tine_check(tine_sys_jail() > 0);
	handled = 1;
}

static int64_t
k_jailed(uint64_t a, uint64_t b, uint64_t c)
{
	const struct proc *p = curproc;

	(void)a;
	(void)b;
	(void)c;
	ASSERT3((p->p_flags & P_JAILED) != 0, ==,
	    p->p_ucred->cr_prison != NULL);
	return (p->p_ucred->cr_prison != NULL);
}

PROGRAM(dm_jailed)
{
	int lwp = tine_sys_lwp_create(jails, NULL);
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0)
		tine_sys_exit(handled * 2 + (int)K(k_jailed, 0, 0, 0));
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	/* Not free in the knowledge of it. */
	tine_check(status != 2 << 8);
	return (status >> 8);
}

/* spec: DF-027 */
static void
the_mark_of_a_jail_is_that_of_the_credential(void **state)
{
	struct tine_options options = rig_options();
	unsigned late = 0;

	(void)state;
	options.quirks = rig_quirks("none");
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 0; options.seed < 80; options.seed++) {
		options.ncpu = 1 + options.seed % 2;
		assert_int_equal(rig_run("dm_jailed", &options),
		    TINE_OUTCOME_PASSED);
		/* Jailed, and made with memory of before. */
		late += rig_result.status == 1 << 8;
	}
	assert_in_range(late, 1, 79);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_handler_is_entered_again_only_if_it_asks_for_that),
		cmocka_unit_test(what_is_ignored_is_pending_no_more),
		cmocka_unit_test(a_sleep_beyond_all_time_does_not_end_at_once),
		cmocka_unit_test(each_stop_is_told_also_of_one_that_sleeps_on),
		cmocka_unit_test(a_hidden_stop_hides_nothing_else),
		cmocka_unit_test(who_sleeps_for_any_wakes_for_what_comes_back),
		cmocka_unit_test(a_zombie_does_not_count_for_its_group),
		cmocka_unit_test(access_is_for_the_real_group),
		cmocka_unit_test(a_terminal_is_for_groups_of_its_session),
		cmocka_unit_test(users_and_groups_have_those_that_they_have),
		cmocka_unit_test(faults_are_counted_and_what_process_0_forks),
		cmocka_unit_test(
	an_embryo_waits_for_its_disk_scheduler_without_dispositions),
		cmocka_unit_test(the_mark_of_a_jail_is_that_of_the_credential),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
