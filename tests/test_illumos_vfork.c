/* SPDX-License-Identifier: MIT */
/* test_illumos_vfork.c - vfork and forkall on illumos, by their traps. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proc/syscall.h"
#include "support/harness.h"

#define SEEDS 50

/* The trap that returns twice on one stack, and tells the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define vforkx(flags) \
	((tine_pid_t)trap_twice(TINE__SYS_vforkx, (flags), 0, 0, 0, 0))
#define forkallx(flags) \
	((tine_pid_t)trap_twice(TINE__SYS_forkallx, (flags), 0, 0, 0, 0))

static TINE_DATA volatile int stage;

/* --- programs --- */

static int
il_vfork(int argc, char **argv)
{
	volatile int seen = 0;
	tine_pid_t parent = tine_sys_getpid(), child;
	void *end = tine_sys_sbrk(0);
	int status;

	(void)argc;
	(void)argv;
	child = vforkx(0);
	if (child == 0) {
		tine_check(tine_sys_getppid() == parent);
		seen = 7;
		tine_check(tine_sys_sbrk(8192) == end);
		for (int i = 0; i < 5; i++)
			tine_sys_yield();
		tine_check(seen == 7);
		seen = 8;
		tine_sys_exit(3);
	}
	/* The child had our memory, and is done with it. */
	tine_check(child > parent);
	tine_check(seen == 8);
	tine_check(tine_sys_sbrk(0) == (char *)end + 8192);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 3 << 8);
	return 0;
}
TINE_PROGRAM(il_vfork, "memory on loan");

static int
il_vfork_target(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_sys_pause();
	return 0;
}
TINE_PROGRAM(il_vfork_target, "what il_vfork_exec execs");

static void
watcher(void *arg)
{
	(void)arg;
	while (stage == 0)
		tine_sys_yield();
	/* Held while the space was lent: never runs in between. */
	tine_check(stage == 2);
}

static int
il_vfork_exec(int argc, char **argv)
{
	tine_pid_t child;
	int lwp, status;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(watcher, NULL);
	tine_check(lwp > 0);
	child = vforkx(0);
	if (child == 0) {
		stage = 1;
		tine_sys_yield();
		stage = 2;
		tine_sys_exec("il_vfork_target", NULL);
		tine_check(0);
	}
	/* It has exec'ed and lives on. */
	tine_check(stage == 2);
	tine_check(tine_sys_waitpid(child, &status, TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(child, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == SIGTERM);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(il_vfork_exec, "released by exec");

/* A child that dies without a trace, as posix_spawn has it. */
static int
il_vfork_evaporate(int argc, char **argv)
{
	tine_pid_t child;

	(void)argc;
	(void)argv;
	child = vforkx(0);
	if (child == 0)
		tine_sys_exit((int)0xffff0000);
	tine_check(child > 0);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	return 0;
}
TINE_PROGRAM(il_vfork_evaporate, "no zombie");

/* SIGKILL to the parent waits until the space is back. */
static int
il_vfork_killed(int argc, char **argv)
{
	tine_pid_t middle;
	int status;

	(void)argc;
	(void)argv;
	middle = tine_sys_fork();
	if (middle == 0) {
		if (vforkx(0) == 0) {
			tine_check(tine_sys_kill(tine_sys_getppid(), SIGKILL)
			    == 0);
			tine_sys_nanosleep(1000000);
			tine_check(tine_sys_getppid() != 1);
			tine_sys_exit(0);
		}
		tine_check(0);
	}
	tine_check(tine_sys_waitpid(middle, &status, 0) == middle);
	tine_check(status == SIGKILL);
	return 0;
}
TINE_PROGRAM(il_vfork_killed, "killed, but not before its time");

static int
il_vfork_nested(int argc, char **argv)
{
	volatile int depth = 0;
	tine_pid_t child, grandchild;
	void *end = tine_sys_sbrk(0);

	(void)argc;
	(void)argv;
	child = vforkx(0);
	if (child == 0) {
		grandchild = vforkx(0);
		if (grandchild == 0) {
			depth = 2;
			tine_check(tine_sys_sbrk(4096) == end);
			tine_sys_exit(0);
		}
		tine_check(depth == 2);
		tine_check(tine_sys_waitpid(grandchild, NULL, 0) ==
		    grandchild);
		tine_sys_exit(0);
	}
	tine_check(depth == 2);
	tine_check(tine_sys_sbrk(0) == (char *)end + 4096);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	return 0;
}
TINE_PROGRAM(il_vfork_nested, "a loan of a loan");

static TINE_DATA volatile int naps[2];

/* Asleep when the other LWP calls forkall: interrupted, in the copy too. */
static void
interrupted(void *arg)
{
	(void)arg;
	stage = 1;
	naps[0] = tine_sys_nanosleep(UINT64_MAX / 2);
	naps[1] = tine_sys_lwp_self();
}

static void
short_lived(void *arg)
{
	(void)arg;
}

static int
il_forkall(int argc, char **argv)
{
	tine_pid_t child;
	int lwp, dead, status;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(interrupted, NULL);
	dead = tine_sys_lwp_create(short_lived, NULL);
	tine_check(lwp == 2 && dead == 3);
	tine_sys_nanosleep(1000000);
	tine_check(stage == 1);
	child = forkallx(0);
	if (child >= 0) {
		/* Both processes: the sleeper was interrupted, the zombie LWP
		 * is there to be waited for, and so is the other one. */
		tine_check(tine_sys_lwp_self() == 1);
		tine_check(tine_sys_lwp_wait(dead) == dead);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_check(naps[0] == -EINTR && naps[1] == lwp);
	}
	if (child == 0)
		tine_sys_exit(5);
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 5 << 8);
	return 0;
}
TINE_PROGRAM(il_forkall, "all LWPs are copied");

static int
il_forkall_coping(int argc, char **argv)
{
	tine_pid_t child;
	int lwp;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(short_lived, NULL);
	for (int i = 0; i < 2; i++) {
		child = i == 0 ? forkallx(0) : vforkx(0);
		if (child == 0)
			tine_sys_exit(0);
		tine_check(child > 0 || child == -EAGAIN ||
		    child == -ENOMEM);
		if (child > 0)
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	}
	if (lwp > 0)
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}
TINE_PROGRAM(il_forkall_coping, "forkall and vfork that may fail");

/* --- tests --- */

/* spec: IL-013 IL-071 IL-102 IL-103 */
static void
a_vfork_child_runs_on_its_parents_memory(void **state)
{
	(void)state;
	harness_every_seed("il_vfork", SEEDS);
}

/* spec: IL-098 IL-100 IL-110 */
static void
exec_releases_the_parent_and_its_other_lwps(void **state)
{
	(void)state;
	harness_every_seed("il_vfork_exec", SEEDS);
}

/* spec: IL-111 */
static void
a_vfork_child_can_leave_nothing_behind(void **state)
{
	(void)state;
	harness_every_seed("il_vfork_evaporate", SEEDS);
}

/* spec: IL-101 IL-107 */
static void
a_killed_parent_dies_when_the_space_is_back(void **state)
{
	(void)state;
	harness_every_seed("il_vfork_killed", SEEDS);
}

/* spec: IL-103 IL-112 */
static void
a_vfork_child_may_vfork(void **state)
{
	(void)state;
	harness_every_seed("il_vfork_nested", SEEDS);
}

/* spec: IL-012 IL-115 IL-116 IL-117 */
static void
forkall_copies_every_lwp(void **state)
{
	(void)state;
	harness_every_seed("il_forkall", SEEDS);
}

/* spec: IL-085 IL-086 */
static void
failing_forkall_and_vfork_are_undone(void **state)
{
	(void)state;
	assert_true(harness_every_failure("il_forkall_coping", NULL) > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vfork_child_runs_on_its_parents_memory),
		cmocka_unit_test(exec_releases_the_parent_and_its_other_lwps),
		cmocka_unit_test(a_vfork_child_can_leave_nothing_behind),
		cmocka_unit_test(a_killed_parent_dies_when_the_space_is_back),
		cmocka_unit_test(a_vfork_child_may_vfork),
		cmocka_unit_test(forkall_copies_every_lwp),
		cmocka_unit_test(failing_forkall_and_vfork_are_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
