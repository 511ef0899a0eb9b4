/* SPDX-License-Identifier: MIT */
/* test_illumos_wait.c - waitid, and waiting for LWPs. */
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

static tine_pid_t
child_that_exits(int status, int flags)
{
	tine_pid_t child = tine_sys_forkx(flags);

	tine_check(child >= 0);
	if (child == 0)
		tine_sys_exit(status);
	return child;
}

/* Wait until a child is a zombie, without reaping it. */
static void
until_zombie(tine_pid_t child)
{
	struct tine_siginfo info;

	tine_check(tine_sys_waitid(TINE_P_PID, child, &info,
	    TINE_WEXITED | TINE_WNOWAIT) == 0);
	tine_check(info.pid == child);
}

static int
il_wait_arguments(int argc, char **argv)
{
	struct tine_siginfo info;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, 0) == -EINVAL);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, 0x1000) == -EINVAL);
	tine_check(tine_sys_waitid((enum tine_idtype)7, 0, &info,
	    TINE_WEXITED) == -EINVAL);
	tine_check(tine_sys_waitid(TINE_P_PID, -2, &info, TINE_WEXITED) ==
	    -EINVAL);
	tine_check(tine_sys_waitid(TINE_P_PID, 1 << 29, &info,
	    TINE_WEXITED) == -EINVAL);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED) ==
	    -ECHILD);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED |
	    TINE_WNOHANG) == -ECHILD);
	/* Not our child, and a bad address. */
	tine_check(tine_sys_waitid(TINE_P_PID, 1, &info, TINE_WEXITED) ==
	    -ECHILD);
	child_that_exits(0, 0);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, (void *)16, TINE_WEXITED) ==
	    -EFAULT);
	return 0;
}
TINE_PROGRAM(il_wait_arguments, "what waitid refuses");

static int
il_wait_order(int argc, char **argv)
{
	struct tine_siginfo info;
	tine_pid_t a, b;

	(void)argc;
	(void)argv;
	a = child_that_exits(1, 0);
	until_zombie(a);
	b = child_that_exits(2, 0);
	until_zombie(b);
	/* The later one first; looking does not reap. */
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED |
	    TINE_WNOWAIT) == 0);
	tine_check(info.pid == b && info.status == 2);
	tine_check(info.code == TINE_CLD_EXITED && info.signo == SIGCHLD);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED) == 0);
	tine_check(info.pid == b);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED) == 0);
	tine_check(info.pid == a && info.status == 1);
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED) ==
	    -ECHILD);
	return 0;
}
TINE_PROGRAM(il_wait_order, "the newest zombie first");

static int
il_wait_nohang(int argc, char **argv)
{
	struct tine_siginfo info;
	tine_pid_t live, dead;

	(void)argc;
	(void)argv;
	live = tine_sys_fork();
	if (live == 0) {
		tine_sys_pause();
		tine_sys_exit(0);
	}
	memset(&info, 7, sizeof(info));
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED |
	    TINE_WNOHANG) == 0);
	tine_check(info.pid == 0 && info.signo == 0 && info.code == 0);
	dead = child_that_exits(3, 0);
	until_zombie(dead);
	/* One live, one zombie that is not asked for. */
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(info.pid == 0);
	/* Only that zombie. */
	tine_check(tine_sys_waitid(TINE_P_PID, dead, &info, TINE_WSTOPPED |
	    TINE_WNOHANG) == 0);
	tine_check(info.pid == 0);
	tine_check(tine_sys_waitid(TINE_P_PID, dead, &info, TINE_WSTOPPED) ==
	    -ECHILD);
	tine_check(tine_sys_waitpid(dead, NULL, 0) == dead);
	tine_check(tine_sys_kill(live, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(live, NULL, 0) == live);
	return 0;
}
TINE_PROGRAM(il_wait_nohang, "no hanging");

static int
il_wait_flags(int argc, char **argv)
{
	struct tine_siginfo info;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = child_that_exits(4, TINE_FORK_WAITPID | TINE_FORK_NOSIGCHLD);
	until_zombie(child);
	/* Dead, it is nobody's for a wait that does not name it. */
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED) ==
	    -ECHILD);
	tine_check(tine_sys_waitid(TINE_P_PID, child, &info, TINE_WEXITED) ==
	    0);
	tine_check(info.pid == child && info.status == 4);
	/* Alive it counts: the wait sleeps, and then finds nobody. */
	child = tine_sys_forkx(TINE_FORK_WAITPID);
	if (child == 0) {
		tine_sys_nanosleep(1000000);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_wait_flags, "FORK_WAITPID");

/* Many children, waited for in many ways, by two LWPs. */
static TINE_DATA volatile int reaped;

static void
reap_some(void *arg)
{
	(void)arg;
	while (tine_sys_wait(NULL) != -ECHILD)
		reaped++;
}

static int
il_wait_crowd(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 10; i++)
		child_that_exits(i, 0);
	lwp = tine_sys_lwp_create(reap_some, NULL);
	tine_check(lwp > 0);
	reap_some(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(reaped == 10);
	return 0;
}
TINE_PROGRAM(il_wait_crowd, "two LWPs reap ten children");

static void
at_once(void *arg)
{
	(void)arg;
}

static TINE_DATA volatile int first_result;

static void
wait_for_one(void *arg)
{
	(void)arg;
	first_result = tine_sys_lwp_wait(1);
}

static int
il_lwp_wait(int argc, char **argv)
{
	int lwp[10], got;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_lwp_wait(99) == -ESRCH);
	tine_check(tine_sys_lwp_wait(1) == -EDEADLK);
	tine_check(tine_sys_lwp_wait(-1) == -EINVAL);
	tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
	/* The directory grows: 2, 6, 14. */
	for (int i = 0; i < 10; i++) {
		lwp[i] = tine_sys_lwp_create(at_once, NULL);
		tine_check(lwp[i] == i + 2);
	}
	tine_check(tine_sys_lwp_wait(lwp[4]) == lwp[4]);
	tine_check(tine_sys_lwp_wait(lwp[4]) == -ESRCH);
	for (int i = 0; i < 9; i++) {
		got = tine_sys_lwp_wait(0);
		tine_check(got >= 2 && got <= 11 && got != lwp[4]);
	}
	tine_check(tine_sys_lwp_wait(0) == -EDEADLK);
	/* Each waits for the other: one of them is told. */
	lwp[0] = tine_sys_lwp_create(wait_for_one, NULL);
	got = tine_sys_lwp_wait(lwp[0]);
	tine_check(got == lwp[0] || got == -EDEADLK);
	if (got == -EDEADLK)
		tine_sys_lwp_exit();
	/* We are detached or waiting: neither can be waited for. */
	tine_check(first_result == -EINVAL || first_result == -EDEADLK);
	return 0;
}
TINE_PROGRAM(il_lwp_wait, "waiting for LWPs");

/* --- tests --- */

/* spec: IL-134 */
static void
waitid_refuses_bad_arguments(void **state)
{
	(void)state;
	harness_every_seed("il_wait_arguments", 5);
}

/* spec: IL-134 IL-136 */
static void
the_newest_zombie_is_found_first(void **state)
{
	(void)state;
	harness_every_seed("il_wait_order", SEEDS);
}

/* spec: IL-135 */
static void
waitid_decides_in_order_when_it_finds_nothing(void **state)
{
	(void)state;
	harness_every_seed("il_wait_nohang", SEEDS);
}

/* spec: IL-133 */
static void
a_waitpid_child_is_reaped_by_its_number_only(void **state)
{
	(void)state;
	harness_every_seed("il_wait_flags", SEEDS);
}

/* spec: IL-130 IL-135 */
static void
two_lwps_share_the_reaping(void **state)
{
	(void)state;
	harness_every_seed("il_wait_crowd", SEEDS);
}

/* spec: IL-004 IL-152 */
static void
lwps_are_waited_for_by_id_or_any(void **state)
{
	(void)state;
	harness_every_seed("il_lwp_wait", SEEDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waitid_refuses_bad_arguments),
		cmocka_unit_test(the_newest_zombie_is_found_first),
		cmocka_unit_test(
		    waitid_decides_in_order_when_it_finds_nothing),
		cmocka_unit_test(a_waitpid_child_is_reaped_by_its_number_only),
		cmocka_unit_test(two_lwps_share_the_reaping),
		cmocka_unit_test(lwps_are_waited_for_by_id_or_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
