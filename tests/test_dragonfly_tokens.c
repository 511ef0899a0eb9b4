/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_tokens.c - tokens where the kernel of DragonFly has them: lost
 * at every sleep, pg_lock kept, and all of it to be seen in a trace.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* --- what a sleep in fork gives up, and what it keeps --- */

/* The group's lock and the token of a process, and who has them. */
static int64_t
k_holds(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	const struct tine__toks *toks = &p->p_lwp_tree->lwp_thread->
	    td_toks_array;
	int64_t result;

	(void)c;
	switch (b) {
	case 0:
		result = p->p_pgrp->pg_lock.shared;
		break;
	case 1:
		result = p->p_token.owner != NULL || p->p_token.shared != 0;
		break;
	case 2:		/* references it wants back */
		result = toks->lost ? (int64_t)toks->n : -1;
		break;
	default:	/* locks that it keeps */
		result = toks->lockmgrs;
		break;
	}
	PRELE(p);
	return (result);
}

/* A refused fork sleeps half a second: with the lock, without the token. */
PROGRAM(df_keeps)
{
	tine_pid_t pid = tine_sys_fork();
	int n;

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
		tine_check(tine_sys_df_setnproc(1) == 0);
		tine_check(tine_sys_fork() == -EAGAIN);
		tine_check(K(k_holds, tine_sys_getpid(), 0, 0) == 0);
		tine_check(K(k_holds, tine_sys_getpid(), 3, 0) == 0);
		tine_sys_exit(0);
	}
	for (n = 0; n < 4; n++) {
		tine_sys_nanosleep(100 * MS);
		tine_check(K(k_holds, pid, 0, 0) == 1);
		tine_check(K(k_holds, pid, 1, 0) == 0);
		tine_check(K(k_holds, pid, 2, 0) == 1);
		tine_check(K(k_holds, pid, 3, 0) == 1);
	}
	/* Anybody may have it meanwhile. */
	tine_check(tine_sys_getpgid(pid) == pid);
	expect_exit(pid, 0);
	return (0);
}

/* spec: DF-005 DF-011 DF-015 */
static void
a_sleep_in_fork_gives_up_tokens_and_keeps_the_groups_lock(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	for (options.ncpu = 1; options.ncpu <= 4; options.ncpu *= 2)
		rig_passes("df_keeps", &options);
}

/* --- what others may do meanwhile --- */

static TINE_DATA volatile int began, result;

static void
refused(void *arg)
{
	(void)arg;
	began = 1;
	result = tine_sys_fork();
	began = 2;
}

/* One LWP is refused, and asleep in fork for half a second; the other makes
 * calls that need the process's token, and waits for nothing. */
PROGRAM(df_meanwhile)
{
	struct tine_sigaction action = { .handler = TINE_SIG_IGN };
	tine_pid_t pid = tine_sys_fork();
	uint64_t before;
	int lwp;

	if (pid != 0) {
		expect_exit(pid, 0);
		return (0);
	}
	tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
	tine_check(tine_sys_df_setnproc(1) == 0);
	lwp = tine_sys_lwp_create(refused, NULL);
	tine_check(lwp > 0);
	tine_sys_nanosleep(100 * MS);
	tine_check(began == 1);
	before = tine_sys_time();
	tine_check(tine_sys_getppid() > 0);
	tine_check(tine_sys_setpgid(0, 0) == 0);
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_time() == before && began == 1);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(result == -EAGAIN && began == 2);
	/* Neither sooner nor later: 500 ms of which 100 were gone. */
	tine_check(tine_sys_time() - before == 400 * MS);
	tine_sys_exit(0);
}

/* spec: DF-005 DF-015 */
static void
while_one_lwp_sleeps_in_fork_another_waits_for_nothing(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	for (options.ncpu = 1; options.ncpu <= 4; options.ncpu *= 2)
		rig_passes("df_meanwhile", &options);
}

PROGRAM(df_complains)
{
	tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
	tine_check(tine_sys_df_setnproc(1) == 0);
	for (int i = 0; i < 5; i++)
		tine_check(tine_sys_fork() == -EAGAIN);
	return (0);
}

/* spec: DF-015 */
static void
a_refusal_is_told_on_the_console_once_a_second(void **state)
{
	struct tine_options options = rig_options();
	const struct tine_event *events;
	unsigned lines = 0;
	long n;

	(void)state;
	options.trace_full = true;
	rig_passes("df_complains", &options);
	n = tine_trace_events(rig_machine, &events);
	for (long i = 0; i < n; i++) {
		if (events[i].type != TINE_EV_USER || events[i].a != 0xdf015)
			continue;
		assert_int_equal(events[i].time_ns % (1000 * MS), 0);
		lines++;
	}
	/* At 0, 0.5, 1, 1.5 and 2 s. */
	assert_int_equal(lines, 3);
}

/* --- traces --- */

static void
works(void *arg)
{
	tine_pid_t pid = tine_sys_fork();

	(void)arg;
	if (pid == 0) {
		(void)tine_sys_setpgid(0, 0);
		tine_sys_exit(0);
	}
	(void)tine_sys_setpgid(pid, pid);
	while (tine_sys_waitpid(pid, NULL, 0) == -EINTR)
		continue;
}

PROGRAM(df_works)
{
	int lwp = tine_sys_lwp_create(works, NULL);

	works(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}

#define THREADS 512		/* by pid and LWP */

/* Every loss is told with how many, and so is that it has all again; between
 * the two it does nothing that needs them. @return losses. */
static unsigned
losses_alternate(void)
{
	const struct tine_event *events;
	uint64_t lost[THREADS] = { 0 };
	unsigned losses = 0;
	long n = tine_trace_events(rig_machine, &events);

	for (long i = 0; i < n; i++) {
		const struct tine_event *e = &events[i];

		const size_t who = e->pid * 4 + e->lwp;

		assert_true(who < THREADS);
		if (e->type == TINE_EV_TOKENS_LOST) {
			assert_int_equal(lost[who], 0);
			assert_true(e->a > 0 && e->b != 0);
			lost[who] = e->a;
			losses++;
		} else if (e->type == TINE_EV_TOKENS_BACK) {
			/* One more when it waited for that one. */
			assert_true(e->a == lost[who] ||
			    e->a == lost[who] + 1);
			lost[who] = 0;
		} else if (lost[who] != 0) {
			assert_true(e->type != TINE_EV_FORK &&
			    e->type != TINE_EV_EXIT &&
			    e->type != TINE_EV_ZOMBIE &&
			    e->type != TINE_EV_REAP &&
			    e->type != TINE_EV_SYSRET &&
			    e->type != TINE_EV_REPARENT);
		}
	}
	return (losses);
}

/* spec: DF-005 */
static void
every_loss_of_tokens_is_in_the_trace_and_their_return(void **state)
{
	struct tine_options options = rig_options();
	unsigned losses = 0;

	(void)state;
	options.trace_full = true;
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 1; options.seed <= 30; options.seed++) {
		options.ncpu = 1u << options.seed % 3;
		rig_passes("df_works", &options);
		losses += losses_alternate();
	}
	assert_true(losses > 30);
}

static char timeline[1 << 20];
static size_t timeline_length;

static int
keep(void *user, const char *piece, size_t size)
{
	(void)user;
	assert_true(timeline_length + size < sizeof(timeline));
	memcpy(timeline + timeline_length, piece, size);
	timeline_length += size;
	return (0);
}

/* The last of three forks waits for memory, with two tokens. LWP 0 is one like
 * others, not a thread of the kernel's. */
static void
a_timeline_has_who_loses_tokens_and_how_many(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	options.trace_full = true;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	timeline_length = 0;
	for (options.seed = 1; options.seed <= 5; options.seed++) {
		rig_passes("df_works", &options);
		assert_int_equal(tine_trace_write(rig_machine, TINE_TRACE_TEXT,
		    keep, NULL), 0);
	}
	timeline[timeline_length] = '\0';
	assert_non_null(strstr(timeline, "  1/0 "));
	assert_null(strstr(timeline, "1 kernel"));
	assert_non_null(strstr(timeline, "loses 1 token, "));
	assert_non_null(strstr(timeline, "loses 2 tokens, "));
	assert_non_null(strstr(timeline, "has 2 tokens again, "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_sleep_in_fork_gives_up_tokens_and_keeps_the_groups_lock),
		cmocka_unit_test(
		    while_one_lwp_sleeps_in_fork_another_waits_for_nothing),
		cmocka_unit_test(
		    a_refusal_is_told_on_the_console_once_a_second),
		cmocka_unit_test(
		    every_loss_of_tokens_is_in_the_trace_and_their_return),
		cmocka_unit_test(a_timeline_has_who_loses_tokens_and_how_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
