/* SPDX-License-Identifier: MIT */
/* test_illumos_exit.c - exit, signals that kill, reparenting, exec. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/harness.h"

#define SEEDS 50

/* --- programs --- */

/* A grandchild outlives its parent and finds init in its place. */
static int
il_orphan(int argc, char **argv)
{
	tine_pid_t child, me = tine_sys_getpid();

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_pid_t middle = tine_sys_getpid();

		if (tine_sys_fork() == 0) {
			while (tine_sys_getppid() == middle)
				tine_sys_nanosleep(1000000);
			tine_check(tine_sys_getppid() == 1);
			tine_sys_exit(9);
		}
		/* And a zombie that nobody has waited for. */
		if (tine_sys_fork() == 0)
			tine_sys_exit(8);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_getppid() == 1);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	tine_check(tine_sys_getpid() == me);
	return 0;
}
TINE_PROGRAM(il_orphan, "orphans become init's");

static int
il_killed(int argc, char **argv)
{
	struct tine_siginfo info;
	tine_pid_t child[3];

	(void)argc;
	(void)argv;
	for (int i = 0; i < 3; i++) {
		child[i] = tine_sys_fork();
		if (child[i] != 0)
			continue;
		if (i == 0)
			tine_sys_pause();
		else if (i == 1)
			tine_sys_nanosleep(UINT64_MAX);
		else
			for (;;)
				tine_sys_yield();
		tine_check(0);
	}
	tine_check(tine_sys_kill(child[0], SIGTERM) == 0);
	tine_check(tine_sys_kill(child[1], SIGKILL) == 0);
	tine_check(tine_sys_kill(child[2], SIGINT) == 0);
	/* Ignored by default. */
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGCHLD) == 0);
	for (int i = 0; i < 3; i++) {
		tine_check(tine_sys_waitid(TINE_P_PID, child[i], &info,
		    TINE_WEXITED) == 0);
		tine_check(info.pid == child[i] && info.signo == SIGCHLD);
		tine_check(info.code == TINE_CLD_KILLED);
		tine_check(info.status == (i == 0 ? SIGTERM :
		    i == 1 ? SIGKILL : SIGINT));
	}
	tine_check(tine_sys_kill(child[0], SIGTERM) == -ESRCH);
	tine_check(tine_sys_kill(1, SIGKILL) == -EPERM);
	tine_check(tine_sys_kill(1, 0) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), 65) == -EINVAL);
	tine_check(tine_sys_kill(tine_sys_getpid(), -1) == -EINVAL);
	return 0;
}
TINE_PROGRAM(il_killed, "signals end processes");

/* SIGKILL to a process in wait with a child: the child becomes init's. */
static int
il_killed_in_wait(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		if (tine_sys_fork() == 0)
			tine_sys_exit(tine_sys_nanosleep(20000000) != 0);
		tine_sys_wait(NULL);
		tine_sys_pause();
		tine_check(0);
	}
	tine_sys_nanosleep(10000000);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == SIGKILL);
	return 0;
}
TINE_PROGRAM(il_killed_in_wait, "killed while it waits");

static void
spin(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_yield();
}

static void
doze(void *arg)
{
	(void)arg;
	tine_sys_pause();
	tine_check(0);
}

/* exit with other LWPs running and asleep. */
static int
il_exit_many_lwps(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		for (int i = 0; i < 4; i++)
			tine_check(tine_sys_lwp_create(i % 2 ? spin : doze,
			    NULL) > 0);
		tine_sys_yield();
		tine_sys_exit(33);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 33 << 8);
	return 0;
}
TINE_PROGRAM(il_exit_many_lwps, "exit ends all LWPs");

static void
leave(void *arg)
{
	tine_sys_exit((int)(intptr_t)arg);
}

/* Two LWPs exit at once: one status, the winner's. */
static int
il_exit_race(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(leave, (void *)5) > 0);
		tine_check(tine_sys_lwp_create(leave, (void *)6) > 0);
		leave((void *)7);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status >= 5 << 8 && status <= 7 << 8);
	return 0;
}
TINE_PROGRAM(il_exit_race, "one exiter wins");

/* fork against exit in another LWP. */
static void
fork_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		tine_pid_t child = tine_sys_fork();

		if (child == 0)
			tine_sys_exit(0);
		tine_check(child > 0 || child == -EINTR);
	}
	tine_sys_pause();
}

static int
il_fork_against_exit(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(fork_some, NULL) > 0);
		for (int i = 0; i < 3; i++)
			tine_sys_yield();
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 1 << 8);
	return 0;
}
TINE_PROGRAM(il_fork_against_exit, "fork loses against exit, cleanly");

static int
il_exec_target(int argc, char **argv)
{
	tine_check(argc == 3);
	tine_check(strcmp(argv[0], "il_exec_target") == 0);
	tine_check(strcmp(argv[1], "one") == 0);
	tine_check(strcmp(argv[2], "") == 0);
	tine_check(argv[3] == NULL);
	tine_check(tine_sys_lwp_self() == 1);
	tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
	return tine_sys_lwp_create(leave, (void *)44) == 2 ?
	    tine_sys_lwp_wait(2) : 1;
}
TINE_PROGRAM(il_exec_target, "what the others exec");

static void
exec_other(void *arg)
{
	char *const argv[] = { (char *)(uintptr_t)"il_exec_target",
	    (char *)(uintptr_t)"one", (char *)(uintptr_t)"", NULL };

	(void)arg;
	tine_check(tine_sys_lwp_self() == 2);
	tine_sys_exec("il_exec_target", argv);
	tine_check(0);
}

static int
il_exec(int argc, char **argv)
{
	char *const *volatile nowhere = (char *const *)8;
	char *many[80];
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_exec("il_no_such_program", NULL) == -ENOENT);
	tine_check(tine_sys_exec(NULL, NULL) == -EFAULT);
	tine_check(tine_sys_exec("il_exec_target", nowhere) == -EFAULT);
	for (int i = 0; i < 79; i++)
		many[i] = (char *)(uintptr_t)"x";
	many[79] = NULL;
	tine_check(tine_sys_exec("il_exec_target", many) == -E2BIG);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(exec_other, NULL) == 2);
		spin(NULL);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 44 << 8);
	return 0;
}
TINE_PROGRAM(il_exec, "exec from the second of two LWPs");

static int
il_fault(int argc, char **argv)
{
	volatile int *volatile nowhere = (volatile int *)16;
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(spin, NULL) > 0);
		*nowhere = 1;
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check((status & 0x7f) == SIGSEGV);
	return 0;
}
TINE_PROGRAM(il_fault, "a bad address kills");

static void
nap(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(1000);
}

/* The last LWP to end ends the process, with status 0. */
static int
il_last_lwp(int argc, char **argv)
{
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(nap, NULL) > 0);
		tine_sys_lwp_exit();
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	return 0;
}
TINE_PROGRAM(il_last_lwp, "the last LWP ends the process");

static int
il_stop_continue(int argc, char **argv)
{
	struct tine_siginfo info;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(doze, NULL) > 0);
		spin(NULL);
	}
	tine_check(tine_sys_kill(child, SIGSTOP) == 0);
	tine_check(tine_sys_waitid(TINE_P_PID, child, &info,
	    TINE_WSTOPPED | TINE_WEXITED) == 0);
	tine_check(info.code == TINE_CLD_STOPPED && info.status == SIGSTOP);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info,
	    TINE_WSTOPPED | TINE_WNOHANG) == 0);
	tine_check(info.pid == 0);
	tine_check(tine_sys_kill(child, SIGCONT) == 0);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WCONTINUED) ==
	    0);
	tine_check(info.code == TINE_CLD_CONTINUED && info.pid == child);
	tine_check(tine_sys_kill(child, SIGSTOP) == 0);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED) == 0);
	tine_check(info.code == TINE_CLD_KILLED && info.status == SIGKILL);
	return 0;
}
TINE_PROGRAM(il_stop_continue, "stopped, continued, killed");

/* Everything that may fail, by a program that copes with it. */
static int
il_cope_target(int argc, char **argv)
{
	char *more = tine_malloc(3000);

	(void)argv;
	if (more != NULL)
		memset(more, argc, 3000);
	return 3;
}
TINE_PROGRAM(il_cope_target, "what il_cope execs");

static int
il_cope(int argc, char **argv)
{
	char *args[] = { (char *)(uintptr_t)"il_cope_target", NULL };
	tine_pid_t child;
	int lwp, error;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(nap, NULL);
	tine_check(lwp > 0 || lwp == -EAGAIN || lwp == -ENOMEM);
	child = tine_sys_fork();
	if (child == 0) {
		if (tine_sys_lwp_create(doze, NULL) > 0)
			tine_sys_yield();
		if (tine_sys_fork() == 0)
			tine_sys_exit(0);
		error = tine_sys_exec("il_cope_target", args);
		tine_check(error == -ENOMEM || error == -EIO);
		tine_sys_exit(4);
	}
	tine_check(child > 0 || child == -EAGAIN || child == -ENOMEM);
	if (child > 0)
		tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	if (lwp > 0)
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(il_cope, "copes with every failure");

/* --- tests --- */

/* spec: IL-128 IL-136 */
static void
orphans_become_children_of_init(void **state)
{
	(void)state;
	harness_every_seed("il_orphan", SEEDS);
}

/* spec: IL-129 IL-130 */
static void
a_signal_ends_a_process_wherever_it_is(void **state)
{
	(void)state;
	harness_every_seed("il_killed", SEEDS);
	harness_every_seed("il_killed_in_wait", SEEDS);
}

/* spec: IL-126 IL-127 */
static void
exit_ends_every_lwp_and_one_status_wins(void **state)
{
	(void)state;
	harness_every_seed("il_exit_many_lwps", SEEDS);
	harness_every_seed("il_exit_race", SEEDS);
}

/* spec: IL-122 */
static void
fork_against_exit_ends_in_either_order(void **state)
{
	(void)state;
	harness_every_seed("il_fork_against_exit", SEEDS);
}

/* spec: IL-143 IL-144 */
static void
exec_keeps_the_process_and_ends_the_other_lwps(void **state)
{
	(void)state;
	harness_every_seed("il_exec", SEEDS);
}

static void
a_bad_address_kills_the_process(void **state)
{
	(void)state;
	harness_every_seed("il_fault", 10);
}

/* spec: IL-152 */
static void
the_last_lwp_ends_the_process_with_status_0(void **state)
{
	(void)state;
	harness_every_seed("il_last_lwp", SEEDS);
}

/* spec: IL-132 */
static void
stopping_and_continuing_are_reported_once(void **state)
{
	(void)state;
	harness_every_seed("il_stop_continue", SEEDS);
}

/* spec: IL-018 IL-086 */
static void
whatever_fails_the_books_balance(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	assert_true(harness_every_failure("il_cope", &options) > 30);
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 1; options.seed <= 10; options.seed++)
		assert_true(harness_every_failure("il_cope", &options) > 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orphans_become_children_of_init),
		cmocka_unit_test(a_signal_ends_a_process_wherever_it_is),
		cmocka_unit_test(exit_ends_every_lwp_and_one_status_wins),
		cmocka_unit_test(fork_against_exit_ends_in_either_order),
		cmocka_unit_test(
		    exec_keeps_the_process_and_ends_the_other_lwps),
		cmocka_unit_test(a_bad_address_kills_the_process),
		cmocka_unit_test(the_last_lwp_ends_the_process_with_status_0),
		cmocka_unit_test(stopping_and_continuing_are_reported_once),
		cmocka_unit_test(whatever_fails_the_books_balance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
