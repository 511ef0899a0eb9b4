/* SPDX-License-Identifier: MIT */
/*
 * test_usersig_edges.c - handlers where programs do not call the kernel: clock
 * ticks of instrumented code, forkall of an LWP in a fault, watched memory, a
 * child of vfork; explored and replayed.
 *
 * Compiled with a clock (the name of this file says so).
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/process.h>

#include "proc/syscall.h"
#include "support/harness.h"

#define SEEDS 10
#define MS UINT64_C(1000000)
#define PAGE 4096

/* The traps that return twice on one stack, and tell the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

/* What is a kernel's own. */
static const struct rules {
	bool solaris;	/* profil, forkall, watched memory; vfork's reset */
	bool sender;	/* siginfo tells who sent it */
	int used;	/* the code of a signal of a timer of used time */
} rules[] = {
	[TINE_KERNEL_ILLUMOS] = { true, true, SI_KERNEL },
	[TINE_KERNEL_OPENSOLARIS] = { true, true, SI_KERNEL },
	[TINE_KERNEL_DRAGONFLY] = { false, false, 0 },
	[TINE_KERNEL_NETBSD] = { false, true, 0 }
};
static const struct rules *rule;

static TINE_DATA struct {
	volatile int ran, stop, faults;
	struct tine_siginfo info;
	volatile char *page;
} seen;

static void
note(int signo, struct tine_siginfo *info, void *context)
{
	(void)signo;
	(void)context;
	seen.info = *info;
	seen.ran++;
}

static void
install(int signo, tine_sigaction_fn handler, unsigned flags)
{
	const struct tine_sigaction action = {
		.sigaction = handler,
		.flags = flags | TINE_SA_SIGINFO
	};

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* --- clock ticks --- */

static int
ue_spin(int argc, char **argv)
{
	struct tine_itimerval timer = { 0, 30 * MS };

	(void)argc;
	(void)argv;
	install(SIGALRM, note, 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
	/* No call, no fault: the clock alone ends it. */
	while (seen.ran == 0)
		continue;
	tine_check(tine_sys_time() >= 30 * MS);
	return 0;
}
TINE_PROGRAM(ue_spin, "a handler that ends a loop");

static int
ue_used(int argc, char **argv)
{
	struct tine_itimerval timer = { 20 * MS, 40 * MS }, left;
	struct tine_rusage usage;

	(void)argc;
	(void)argv;
	install(SIGVTALRM, note, 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_VIRTUAL, &timer, NULL) == 0);
	/* Sleeping is not using. */
	tine_sys_nanosleep(500 * MS);
	tine_check(seen.ran == 0);
	while (seen.ran < 3)
		continue;
	tine_check(seen.info.code == rule->used);
	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.utime >= 80 * MS && usage.utime < 120 * MS);
	tine_check(usage.signals == 3);
	timer = (struct tine_itimerval) { 0, 0 };
	tine_check(tine_sys_setitimer(TINE_ITIMER_VIRTUAL, &timer, &left) ==
	    0);
	tine_check(left.interval == 20 * MS);
	tine_check(left.value > 0 && left.value <= 20 * MS);
	install(SIGPROF, note, 0);
	timer.value = 20 * MS;
	tine_check(tine_sys_setitimer(TINE_ITIMER_PROF, &timer, NULL) == 0);
	while (seen.ran < 4)
		continue;
	tine_check(seen.info.signo == SIGPROF);
	return 0;
}
TINE_PROGRAM(ue_used, "timers of used time");

/* A profile, of a child too. */
#define COUNTERS 256
#define BYTES (COUNTERS * sizeof(uint16_t))

static __attribute__((noinline)) void
spin(void)
{
	for (volatile int i = 0; i < 40000; i++)
		continue;
}

static unsigned
ticks_in(const uint16_t *counters)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < COUNTERS; i++)
		sum += counters[i];
	return sum;
}

static int
ue_profil(int argc, char **argv)
{
	uint16_t *counters = tine_sys_mmap(2 * BYTES, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	uint16_t *others = counters + COUNTERS;
	tine_pid_t child;
	unsigned had;
	int status;

	(void)argc;
	(void)argv;
	/* Of so many bytes of text from spin() on; a counter for two bytes. */
	tine_check(tine_sys_profil(counters, BYTES,
	    (uintptr_t)spin, 65536) == 0);
	spin();
	had = ticks_in(counters);
	tine_check(had > 0);
	child = tine_sys_fork();
	if (child == 0) {
		/* A child goes on, in its own memory. */
		spin();
		tine_check(ticks_in(counters) > had);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	/* Other text, a smaller buffer, none. */
	tine_check(tine_sys_profil(others, BYTES,
	    (uintptr_t)spin + 4096, 65536) == 0);
	spin();
	tine_check(ticks_in(others) == 0);
	tine_check(tine_sys_profil(others, 0, (uintptr_t)spin, 65536) ==
	    0);
	spin();
	tine_check(ticks_in(others) == 0);
	tine_check(tine_sys_profil((uint16_t *)8, 128, (uintptr_t)spin,
	    65536) == 0);
	spin();
	tine_check(tine_sys_profil(others, BYTES,
	    (uintptr_t)spin, 1) == 0);
	spin();
	tine_check(ticks_in(others) == 0);
	return 0;
}
TINE_PROGRAM(ue_profil, "a profile by clock ticks");

/* spec: IL-054 */
static void
a_profile_counts_ticks_where_the_program_is(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	if (!rule->solaris) {
		harness_passes("ue_without", NULL, 0);
		return;
	}
	options.tick_edges = 1000;
	harness_passes("ue_profil", &options, 0);
}

/* --- faults --- */

static void
mend(int signo, struct tine_siginfo *info, void *context)
{
	note(signo, info, context);
	seen.faults++;
	tine_check(tine_sys_mprotect((void *)((uintptr_t)info->addr &
	    ~(uintptr_t)(PAGE - 1)), PAGE, TINE_PROT_READ | TINE_PROT_WRITE) ==
	    0);
}

static void
stores(void *arg)
{
	register double kept = 2.5;

	(void)arg;
	for (int i = 0; i < 12; i++) {
		__asm__ volatile("" : "+x" (kept));
		seen.page[i * PAGE] = (char)(i + 1);
		__asm__ volatile("" : "+x" (kept));
	}
	tine_check(kept == 2.5);
	for (int i = 0; i < 12; i++)
		tine_check(seen.page[i * PAGE] == (char)(i + 1));
	seen.stop = 1;
}

/* forkall while another LWP faults and mends: its copy goes on as it does. */
static int
ue_forkall(int argc, char **argv)
{
	volatile int made = 0;
	int64_t child;
	int status;

	(void)argc;
	(void)argv;
	install(SIGSEGV, mend, 0);
	seen.page = tine_sys_mmap(12 * PAGE, TINE_PROT_READ);
	tine_check(tine_sys_lwp_create(stores, NULL) == 2);
	while (seen.stop == 0 && made < 3) {
		child = trap_twice(TINE__SYS_forkallx, 0, 0, 0, 0, 0);
		if (child == -EINTR)
			continue;
		tine_check(child >= 0);
		if (child == 0) {
			while (seen.stop == 0)
				tine_sys_yield();
			tine_sys_exit(seen.faults == 12 ? 0 : 1);
		}
		made++;
		tine_sys_yield();
	}
	while (seen.stop == 0)
		tine_sys_yield();
	tine_check(seen.faults == 12);
	for (; made > 0; made--) {
		tine_check(tine_sys_wait(&status) > 0);
		tine_check(status == 0);
	}
	return 0;
}
TINE_PROGRAM(ue_forkall, "forkall while an LWP is in a fault");

static void
look_away(int signo, struct tine_siginfo *info, void *context)
{
	note(signo, info, context);
	tine_check(tine_sys_watch((void *)(uintptr_t)seen.page, 8, 0) == 0);
}

static int
ue_watch(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	seen.page = tine_sys_mmap(PAGE, TINE_PROT_READ | TINE_PROT_WRITE);
	install(SIGTRAP, look_away, 0);
	seen.page[0] = 1;
	tine_check(tine_sys_watch((void *)(uintptr_t)seen.page, 8,
	    TINE_WATCH_WRITE) == 0);
	seen.page[64] = 2;
	tine_check(seen.ran == 0);
	seen.page[3] = 3;
	tine_check(seen.ran == 1 && seen.page[3] == 3);
	tine_check(seen.info.code == TINE_TRAP_WWATCH);
	tine_check(seen.info.addr == seen.page + 3);
	return 0;
}
TINE_PROGRAM(ue_watch, "a handler for watched memory");

/* --- vfork --- */

static int
ue_vfork(int argc, char **argv)
{
	struct tine_sigaction old;
	int64_t child;
	int status;

	(void)argc;
	(void)argv;
	install(SIGUSR1, note, 0);
	child = trap_twice(TINE__SYS_vforkx, 0, 0, 0, 0, 0);
	if (child == 0) {
		/* Reset there, and there only, or nowhere. */
		if (tine_sys_sigaction(SIGUSR1, NULL, &old) != 0 ||
		    (old.handler == TINE_SIG_DFL) != rule->solaris)
			tine_sys_exit(1);
		tine_sys_kill(tine_sys_getppid(), SIGUSR1);
		seen.stop = seen.ran;
		tine_sys_exit(0);
	}
	tine_check(child > 0);
	/* It came while the space was lent, and is taken afterwards. */
	tine_check(seen.stop == 0 && seen.ran == 1);
	tine_check(seen.info.pid == (rule->sender ? (int)child : 0));
	tine_check(tine_sys_wait(&status) == (int)child && status == 0);
	return 0;
}
TINE_PROGRAM(ue_vfork, "a signal for the parent of a vfork");

/* --- exploring: a flag that a handler sets between look and sleep --- */

static int
ue_lost(int argc, char **argv)
{
	const tine_pid_t parent = tine_sys_getpid();

	(void)argc;
	(void)argv;
	install(SIGUSR1, note, 0);
	if (tine_sys_fork() == 0) {
		tine_sys_kill(parent, SIGUSR1);
		tine_sys_exit(0);
	}
	if (seen.ran == 0) {
		/* On the way out of this call, for one. */
		(void)tine_sys_getppid();
		tine_sys_pause();
	}
	return 0;
}
TINE_PROGRAM(ue_lost, "a wake-up that is lost");

static int
ue_kept(int argc, char **argv)
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1);
	const tine_pid_t parent = tine_sys_getpid();

	(void)argc;
	(void)argv;
	install(SIGUSR1, note, 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	if (tine_sys_fork() == 0) {
		tine_sys_kill(parent, SIGUSR1);
		tine_sys_exit(0);
	}
	while (seen.ran == 0)
		tine_check(tine_sys_sigsuspend(0) == -EINTR);
	return 0;
}
TINE_PROGRAM(ue_kept, "and one that is not");

/* What other kernels than those of Solaris have not got. */
static int
ue_without(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_profil(NULL, 0, 0, 0) == -ENOSYS);
	tine_check(tine_sys_watch(&seen, 8, TINE_WATCH_WRITE) == -ENOSYS);
	tine_check(trap_twice(TINE__SYS_forkallx, 0, 0, 0, 0, 0) ==
	    -ENOSYS);
	return 0;
}
TINE_PROGRAM(ue_without, "calls that a kernel lacks");

/* --- tests --- */

static void
a_clock_tick_is_where_a_handler_may_run(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.tick_edges = 1000;
	harness_passes("ue_spin", &options, 0);
	harness_passes("ue_used", &options, 0);
}

/* spec: IL-115 */
static void
forkall_copies_an_lwp_that_is_in_a_fault(void **state)
{
	(void)state;
	if (rule->solaris)
		harness_every_seed("ue_forkall", SEEDS);
}

static void
watched_memory_has_handlers_too(void **state)
{
	(void)state;
	if (rule->solaris)
		harness_every_seed("ue_watch", 5);
}

/* spec: IL-105 IL-106 */
static void
a_lent_space_runs_no_handler_of_its_owner(void **state)
{
	(void)state;
	harness_every_seed("ue_vfork", SEEDS);
}

/* How many seeds end in a deadlock. */
static unsigned
deadlocks(const char *program, char *token, size_t size)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	unsigned n = 0;

	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 0; options.seed < 200; options.seed++) {
		harness_run(program, &options, &result, NULL);
		if (result.outcome == TINE_OUTCOME_PASSED)
			continue;
		assert_int_equal(result.outcome, TINE_OUTCOME_DEADLOCK);
		if (n++ == 0)
			(void)snprintf(token, size, "%s", result.token);
	}
	return n;
}

static void
a_signal_between_look_and_sleep_is_found_and_replayed(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	char token[512] = "";

	(void)state;
	assert_true(deadlocks("ue_lost", token, sizeof(token)) > 0);
	options.token = token;
	harness_run("ue_lost", &options, &result, NULL);
	assert_int_equal(result.outcome, TINE_OUTCOME_DEADLOCK);
	assert_int_equal(deadlocks("ue_kept", token, sizeof(token)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_counts_ticks_where_the_program_is),
		cmocka_unit_test(a_clock_tick_is_where_a_handler_may_run),
		cmocka_unit_test(forkall_copies_an_lwp_that_is_in_a_fault),
		cmocka_unit_test(watched_memory_has_handlers_too),
		cmocka_unit_test(a_lent_space_runs_no_handler_of_its_owner),
		cmocka_unit_test(
		    a_signal_between_look_and_sleep_is_found_and_replayed),
	};

	rule = &rules[harness_options().kernel];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
