/* SPDX-License-Identifier: MIT */
/* test_netbsd_repaired.c - no repaired order of NetBSD breaks what is ordinary:
 * one program, with every mistake of the revision taken away by itself. */
#include <signal.h>
#include <stdio.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

static void
handler(int signo)
{
	(void)signo;
}

static void
acts(int signo, void (*fn)(int), int flags, tine_sigset_t mask)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = fn;
	action.flags = (unsigned)flags;
	action.mask = mask;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
runs(const char *program)
{
	char *words[] = { (char *)(uintptr_t)program, NULL };

	(void)tine_sys_exec(program, words);
	tine_sys_exit(99);
}

NB_PROGRAM(nb_repaired_seven, "ends with 7")
{
	return (7);
}

static void
pauses(void *arg)
{
	(void)arg;
	(void)tine_sys_nanosleep(MS);
}

static int64_t
k_queues(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (curproc->p_mqueue_cnt);
}

static void
ordinary_child(void)
{
	struct tine_sigaction action;
	struct tine_rlimit limit;
	int status;
	tine_pid_t pid;

	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &action) == 0);
	tine_check(action.handler == handler);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &limit) == 0);
	tine_check(limit.cur == 50 && limit.max == 60);
	tine_check(in_kernel(k_queues, 0, 0) == 1);
	/* Its children are its own to wait for: no mark says otherwise. */
	pid = tine_sys_vfork44();
	if (pid == 0)
		runs("nb_repaired_seven");
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 7 << 8);
	tine_sys_exit(6);
}

NB_PROGRAM(nb_repaired_ordinary, "what is ordinary")
{
	const struct tine_rlimit limit = { 50, 60 };
	int status, lwp, fds[2];
	tine_pid_t pid;
	char byte;

	acts(SIGUSR1, handler, 0, 0);
	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL) == 0);
	tine_check(tine_sys_mq_open_nb() >= 0);
	tine_check(tine_sys_ras_install((void *)0x1000, 16) == 0);
	lwp = tine_sys_lwp_create(pauses, NULL);
	pid = tine_sys_fork();
	if (pid == 0)
		ordinary_child();
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 6 << 8);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	/* Children that nobody wants stay away from their parent. */
	acts(SIGCHLD, TINE_SIG_IGN, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_waitpid(-1, NULL, 0) == -ECHILD);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == -ECHILD);
		(void)tine_sys_write(fds[1], "x", 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == -ECHILD);
	tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
	return (0);
}

/* spec: NB-014 NB-030 NB-093 */
NB_TEST(whatever_is_repaired_the_rest_is_as_before)
{
	static const char *const all[] = {
#define ONE(name, id, kernels, text) id,
		TINE__NETBSD_QUIRKS(ONE)
#undef ONE
	};
	char words[16];
	size_t i;

	nb_passes("nb_repaired_ordinary");
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		(void)snprintf(words, sizeof(words), "%c%s",
		    strcmp(all[i], "NB-R32") == 0 ? '+' : '-', all[i]);
		nb_passes_with("nb_repaired_ordinary", words);
	}
}

/* --- a vfork child that a debugger has --- */

NB_PROGRAM(nb_repaired_told, "the end of a traced vfork is told to its parent")
{
	int mask = TINE_NB_PTRACE_VFORK, status;
	tine_pid_t p1 = tine_sys_fork(), child;

	if (p1 == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		if (tine_sys_vfork44() == 0)
			runs("nb_repaired_seven");
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	child = tine_sys_waitpid(-1, &status, 0);
	tine_check(child > 0 && (status & 0xff) == 0x7f);
	tine_sys_nanosleep(10 * MS);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, child, NULL, 0) == 0);
	/* The exec is its next stop; that is all its parent waits for. */
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check((status & 0xff) == 0x7f);
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1 && status == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_KILL, child, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	return (0);
}

/* spec: NB-056 NB-086 NB-R02 */
NB_TEST(the_parent_of_a_traced_vfork_is_told_of_its_exec)
{
	struct tine_options options = netbsd_options();
	struct tine_result result;

	nb_passes_with("nb_repaired_told", "-NB-R02");
	nb_passes_with("nb_repaired_told", "-NB-R01");
	assert_int_equal(harness_run("nb_repaired_told", &options, &result,
	    NULL), TINE_OUTCOME_DEADLOCK);
}

/* --- two events at once --- */

static void
forks(void *arg)
{
	(void)arg;
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
}

static void
stops(void *arg)
{
	(void)arg;
	(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
}

/* Two LWPs of a traced process do something that a debugger hears of. */
static void
two_at_once(void (*other)(void *arg), int *events, int *stopped)
{
	int mask = TINE_NB_PTRACE_FORK, status, lwp;
	struct tine_ptrace_state state;
	tine_pid_t p1 = tine_sys_fork(), pid;

	if (p1 == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		lwp = tine_sys_lwp_create(other, NULL);
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		(void)tine_sys_lwp_wait(lwp);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, p1, &mask,
	    sizeof(mask)) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) == 0);
	*events = *stopped = 0;
	while ((pid = tine_sys_waitpid(p1, &status, 0)) == p1 &&
	    (status & 0xff) == 0x7f) {
		tine_check(tine_sys_ptrace(TINE_NB_PT_GET_PROCESS_STATE, p1,
		    &state, sizeof(state)) == 0);
		*events += state.other_pid != 0;
		*stopped += status >> 8 == SIGSTOP;
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) ==
		    0);
	}
	tine_check(pid == p1 && status == 0);
	while ((pid = tine_sys_waitpid(-1, &status, 0)) > 0)
		if ((status & 0xff) == 0x7f)
			(void)tine_sys_ptrace(TINE_NB_PT_KILL, pid, NULL, 0);
}

NB_PROGRAM(nb_repaired_events, "two forks, and a fork and a stop")
{
	int events, stopped;

	two_at_once(forks, &events, &stopped);
	tine_check(events == 2 && stopped == 0);
	two_at_once(stops, &events, &stopped);
	tine_check(events == 1 && stopped == 1);
	return (0);
}

/* spec: NB-R07 NB-R08 NB-R09 */
NB_TEST(of_two_events_at_once_a_debugger_hears_both)
{
	struct tine_options options = netbsd_options();
	unsigned seed;

	options.strategy = TINE_STRATEGY_RANDOM;
	assert_int_equal(tine_quirks_parse(options.kernel,
	    "-NB-R07,-NB-R08,-NB-R09", &options.quirks), 0);
	for (seed = 1; seed <= 40; seed++) {
		options.seed = seed;
		options.ncpu = 1 + seed % 2;
		harness_passes("nb_repaired_events", &options, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_repaired_the_rest_is_as_before),
		cmocka_unit_test(
		    the_parent_of_a_traced_vfork_is_told_of_its_exec),
		cmocka_unit_test(of_two_events_at_once_a_debugger_hears_both),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
