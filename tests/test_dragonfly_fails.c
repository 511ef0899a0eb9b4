/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_fails.c - every fallible step of every way to make a process,
 * an LWP or an image fails once. The books balance after each, but for what
 * this revision does not undo (DF-034, DF-082), and that is told exactly.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* What the programs of a run are to do; the same for all of the run. */
static uint32_t flags;		/* of rfork */
static bool with_lwp, with_trace, with_jail, with_watch;

/* --- what is there to begin with --- */

static int64_t
k_husks(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (df->df_husks);
}

static void
rests(void *arg)
{
	(void)arg;
	tine_sys_pause();
}

/* A process with all that makes a fork longer; any of it may be refused. */
static void
prepare(void)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	int kq;

	/* What a child with RFLINUXTHPN sends at its end. */
	(void)tine_sys_sigaction(SIGUSR1, &ignore, NULL);
	if (with_trace)
		(void)tine_sys_ktrace(1, 1);
	if (with_jail)
		(void)tine_sys_jail();
	if (with_lwp)
		(void)tine_sys_lwp_create(rests, NULL);
	if (!with_watch)
		return;
	kq = tine_sys_kqueue();
	if (kq >= 0)
		(void)tine_sys_kqueue_watch(kq, tine_sys_getpid(),
		    TINE_NOTE_FORK | TINE_NOTE_TRACK | TINE_NOTE_EXEC);
}

/* Nobody else is at anything: the books are as they were, or there is a husk
 * more. */
static void
balanced(int64_t procs, int64_t users, bool refused)
{
	const int64_t husks = K(k_husks, 0, 0, 0);

	tine_sys_nanosleep(10 * MS);
	K(k_books, 0, 0, 0);
	tine_check(husks <= refused);
	tine_check(K(k_nprocs, 0, 0, 0) == procs + husks);
	tine_check(K(k_proccnt, 0, 0, 0) == users + husks);
}

/* The child's own end; SIGBUS: there was no memory for one of its pages. */
static void
expect_end(tine_pid_t pid, unsigned options)
{
	int status;

	tine_check(tine_sys_df_wait4(pid, &status, options) == pid);
	tine_check(status == 3 << 8 || status == (SIGBUS | 0x80));
}

static int
child_main(void *arg)
{
	(void)arg;
	return (3);
}

/*
 * One fork, by the flags of the run. In a process of its own: a leader with a
 * husk among its peers never ends. 21: refused.
 */
PROGRAM(df_forks)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	char *stack = tine_malloc(STACK);
	tine_pid_t pid;

	if (stack == NULL)
		return (0);
	prepare();
	pid = tine_sys_rfork_thread(flags, stack + STACK, child_main, NULL);
	tine_check(pid > 0 || pid == -ENOMEM);
	if (pid > 0 && (flags & TINE_RFNOWAIT) == 0) {
		expect_end(pid, (flags & TINE_RFLINUXTHPN) != 0 ?
		    TINE_WLINUXCLONE : 0);
	} else {
		tine_check(tine_sys_df_wait4(-1, NULL, 0) == -ECHILD);
		tine_check(tine_sys_df_wait4(-1, NULL, TINE_WLINUXCLONE) ==
		    -ECHILD);
	}
	balanced(procs, users, pid < 0);
	return (pid < 0 ? 21 : 0);
}

PROGRAM(df_vforks)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	tine_pid_t pid;

	prepare();
	pid = vfork_();
	if (pid == 0)
		tine_sys_exit(3);
	tine_check(pid > 0 || pid == -ENOMEM);
	if (pid > 0)
		expect_end(pid, 0);
	balanced(procs, users, pid < 0);
	return (pid < 0 ? 21 : 0);
}

/* --- the loops --- */

struct expected {
	const char *program, *quirks;
	enum tine_outcome outcome;	/* of a refused fork */
	const char *says;
};

static unsigned
told(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return (n);
}

/* Each position fails once. @return how many forks were refused. */
static unsigned
fails_everywhere(const struct expected *e)
{
	struct tine_options options = rig_options();
	unsigned refused = 0;

	options.quirks = rig_quirks(e->quirks);
	options.step_limit = 200000;
	for (options.fail_at = 1;; options.fail_at++) {
		assert_true(options.fail_at < 200);
		(void)rig_run(e->program, &options);
		if (!tine_machine_failed_step(rig_machine))
			return (refused);
		if (rig_result.outcome == TINE_OUTCOME_PASSED &&
		    (rig_result.status == 0 ||
		    rig_result.status == (SIGBUS | 0x80) ||
		    (rig_result.status == 21 << 8 &&
		    e->outcome == TINE_OUTCOME_PASSED))) {
			refused += rig_result.status == 21 << 8;
			continue;
		}
		refused++;
		if (rig_result.outcome != e->outcome ||
		    told(rig_result.message, e->says) != 1)
			rig_complain(e->program, e->says);
	}
}

#define HUSK "DF-034"

/* With the quirk and without; a copied table alone is refused. */
static void
both_ways(const char *program, bool copies)
{
	const bool peer = (flags & TINE_RFTHREAD) != 0;
	const struct expected on = { program, peer ? "none,+DF-034,+DF-R22" :
	    "none,+DF-034", peer ? TINE_OUTCOME_DEADLOCK : TINE_OUTCOME_LEAK,
	    peer ? "(exit1)" : HUSK };
	const struct expected off = { program, "none", TINE_OUTCOME_PASSED,
	    "" };

	assert_int_equal(fails_everywhere(&on), copies);
	assert_int_equal(fails_everywhere(&off), copies);
}

static void
more(unsigned set)
{
	with_lwp = (set & 1) != 0;
	with_trace = with_jail = (set & 2) != 0;
	with_watch = (set & 4) != 0;
}

/* Every set of flags that takes a path of its own. spec: see below */
static uint32_t
flag_set(unsigned i)
{
	static const uint32_t table[] = { 0, TINE_RFFDG, TINE_RFCFDG };

	return (TINE_RFPROC | table[i % 3] |
	    ((i / 3 & 1) != 0 ? TINE_RFMEM : 0) |
	    ((i / 6 & 1) != 0 ? TINE_RFSIGSHARE : 0) |
	    ((i / 12 & 1) != 0 ? TINE_RFTHREAD : 0) |
	    ((i / 24 & 1) != 0 ? TINE_RFNOWAIT : 0) |
	    ((i / 48 & 1) != 0 ? TINE_RFLINUXTHPN : 0));
}

/* spec: DF-023 DF-029 DF-034 DF-035 DF-043 DF-045 DF-052 DF-099 DF-R04 */
static void
every_step_of_every_rfork_fails_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 96; i++) {
		flags = flag_set(i);
		more(i % 8);
		both_ways("df_forks", (flags & TINE_RFFDG) != 0);
	}
}

/* spec: DF-002 DF-034 DF-038 DF-069 */
static void
every_step_of_vfork_fails_once(void **state)
{
	(void)state;
	flags = 0;
	for (unsigned set = 0; set < 8; set++) {
		more(set);
		both_ways("df_vforks", true);
	}
}

/* --- no process --- */

/* Divorced from a table that another process shares, or not. */
PROGRAM(df_divorces)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	char *stack = tine_malloc(STACK);
	tine_pid_t pid;
	int result = 0;

	if (stack == NULL)
		return (0);
	pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM, stack + STACK,
	    child_main, NULL);
	if (pid > 0) {
		result = tine_sys_rfork(flags);
		tine_check(result == 0 || result == -ENOMEM);
		expect_end(pid, 0);
	}
	tine_check(tine_sys_write(1, "", 0) ==
	    (result == 0 && (flags & TINE_RFCFDG) != 0 ? -EBADF : 0));
	balanced(procs, users, false);
	return (result < 0 ? 21 : 0);
}

/* spec: DF-007 DF-008 DF-009 DF-010 */
static void
every_step_of_a_divorce_fails_once(void **state)
{
	static const uint32_t sets[] = { 0, TINE_RFMEM, TINE_RFFDG,
		TINE_RFCFDG, TINE_RFFDG | TINE_RFMEM };
	struct expected e = { "df_divorces", "none", TINE_OUTCOME_PASSED, "" };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		flags = sets[i];
		e.quirks = "+DF-034";
		(void)fails_everywhere(&e);
		e.quirks = "none";
		assert_int_equal(fails_everywhere(&e) > 0,
		    (flags & TINE_RFFDG) != 0);
	}
}

/* --- exec --- */

PROGRAM(df_image)
{
	return (4);
}

static int
execs(void *arg)
{
	int error;

	(void)arg;
	prepare();
	error = tine_sys_exec("df_image", NULL);
	tine_check(error == -ENOMEM || error == -EAGAIN);
	return (5);
}

/* A child with a table that is shared, or its own, becomes another program,
 * fails to, or dies of it. */
PROGRAM(df_execs)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	char *stack = tine_malloc(STACK);
	tine_pid_t pid;
	int status = 0;

	if (stack == NULL)
		return (0);
	pid = tine_sys_rfork_thread(flags, stack + STACK, execs, NULL);
	tine_check(pid > 0 || pid == -ENOMEM);
	if (pid > 0) {
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
		tine_check(status == 4 << 8 || status == 5 << 8 ||
		    status == (SIGBUS | 0x80) ||
		    (status == SIGABRT && (flags & TINE_RFFDG) == 0));
	}
	/* What was shared is there still. */
	tine_check(tine_sys_write(1, "", 0) == 0);
	balanced(procs, users, pid < 0);
	return (pid < 0 ? 21 : status == SIGABRT ? 23 : status == 5 << 8 ?
	    22 : 0);
}

/* @return the positions at which it failed, and with *aborted died of it. */
static unsigned
exec_fails(const char *program, unsigned *aborted)
{
	struct tine_options options = rig_options();
	unsigned failed = 0;

	options.quirks = rig_quirks("none");
	for (options.fail_at = 1;; options.fail_at++) {
		assert_true(options.fail_at < 200);
		if (rig_run(program, &options) != TINE_OUTCOME_PASSED)
			rig_complain(program, "a failing step");
		if (!tine_machine_failed_step(rig_machine))
			return (failed);
		failed += rig_result.status == 22 << 8;
		*aborted += rig_result.status == 23 << 8;
	}
}

/* spec: DF-072 DF-114 */
static void
every_step_of_exec_fails_once(void **state)
{
	unsigned aborted;

	(void)state;
	for (unsigned set = 0; set < 8; set++) {
		more(set);
		flags = TINE_RFPROC | TINE_RFFDG;
		aborted = 0;
		assert_true(exec_fails("df_execs", &aborted) > 0);
		assert_int_equal(aborted, 0);
		flags = TINE_RFPROC | TINE_RFMEM | TINE_RFSIGSHARE;
		assert_true(exec_fails("df_execs", &aborted) > 0);
		assert_int_equal(aborted, 1);
	}
}

PROGRAM(df_vfork_execs)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	tine_pid_t pid = vfork_();
	int status = 0;

	if (pid == 0) {
		(void)tine_sys_exec("df_image", NULL);
		tine_sys_exit(5);
	}
	if (pid > 0)
		tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(pid < 0 || status == 4 << 8 || status == 5 << 8 ||
	    status == (SIGBUS | 0x80));
	balanced(procs, users, pid < 0);
	return (pid < 0 ? 21 : status == 5 << 8 ? 22 : 0);
}

/* spec: DF-071 DF-072 */
static void
a_vfork_childs_failed_exec_leaves_nothing(void **state)
{
	unsigned aborted = 0;

	(void)state;
	assert_true(exec_fails("df_vfork_execs", &aborted) > 0);
}

/* --- lwp_create, reapers --- */

static void
leaves(void *arg)
{
	(void)arg;
	(void)tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

/* Each copy to user memory fails in turn: the stack, one id, the other. Before,
 * between and after the process becomes a reaper. */
PROGRAM(df_lwps)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	char *stack = tine_malloc(STACK), *bad = (char *)16;
	const tine_pid_t me = tine_sys_getpid();
	int ids[2];

	if (stack == NULL)
		return (0);
	prepare();
	for (int fails = 0; fails < 4; fails++) {
		struct tine_lwp_params params = { .func = leaves,
			.stack = fails == 0 ? bad : stack + STACK,
			.tid1 = fails == 1 ? (int *)bad : &ids[0],
			.tid2 = fails == 2 ? (int *)bad : &ids[1] };

		tine_check(tine_sys_lwp_create2(&params) ==
		    (fails < 3 ? -EFAULT : 0));
		if (fails == 1)
			tine_check(tine_sys_procctl(TINE_P_PID, me,
			    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
		if (fails == 2)
			tine_check(tine_sys_procctl(TINE_P_PID, me,
			    TINE_PROC_REAP_RELEASE, NULL) == 0);
		tine_check(tine_sys_procctl(TINE_P_PID, me,
		    TINE_PROC_REAP_STATUS, bad) == -EFAULT);
	}
	balanced(procs, users, false);
	return (0);
}

/* spec: DF-082 DF-092 DF-093 DF-094 */
static void
every_step_of_lwp_create_and_procctl_fails_once(void **state)
{
	struct tine_options options = rig_options();
	struct expected off = { "df_lwps", "none", TINE_OUTCOME_PASSED, "" };

	(void)state;
	flags = 0;
	for (unsigned set = 0; set < 8; set++) {
		more(set);
		options.quirks = rig_quirks("none,+DF-082");
		rig_ends("df_lwps", &options, TINE_OUTCOME_LEAK,
		    "3 references of credentials");
		assert_int_equal(told(rig_result.message, "DF-082"), 1);
		options.quirks = rig_quirks("none");
		rig_passes("df_lwps", &options);
		assert_int_equal(fails_everywhere(&off), 0);
	}
}

/* --- forks that fail when several LWPs are at it --- */

static TINE_DATA volatile int made, refused_forks;

static void
forks(void *arg)
{
	tine_pid_t pid = tine_sys_fork();

	(void)arg;
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0 || pid == -ENOMEM);
	if (pid > 0)
		made++;
	else
		refused_forks++;
}

PROGRAM(df_at_once)
{
	const int64_t procs = K(k_nprocs, 0, 0, 0),
	    users = K(k_proccnt, 0, 0, 0);
	int lwp = tine_sys_lwp_create(forks, NULL);

	forks(NULL);
	if (lwp > 0)
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	reap_all();
	balanced(procs, users, refused_forks > 0);
	tine_check(made + refused_forks == 1 + (lwp > 0));
	return (refused_forks > 0 ? 21 : 0);
}

/* spec: DF-034 */
static void
one_of_two_forks_at_once_fails(void **state)
{
	static const struct expected on = { "df_at_once", "none,+DF-034",
		TINE_OUTCOME_LEAK, HUSK };
	static const struct expected off = { "df_at_once", "none",
		TINE_OUTCOME_PASSED, "" };

	(void)state;
	assert_int_equal(fails_everywhere(&on), 2);
	assert_int_equal(fails_everywhere(&off), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_of_every_rfork_fails_once),
		cmocka_unit_test(every_step_of_vfork_fails_once),
		cmocka_unit_test(every_step_of_a_divorce_fails_once),
		cmocka_unit_test(every_step_of_exec_fails_once),
		cmocka_unit_test(a_vfork_childs_failed_exec_leaves_nothing),
		cmocka_unit_test(
		    every_step_of_lwp_create_and_procctl_fails_once),
		cmocka_unit_test(one_of_two_forks_at_once_fails),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
