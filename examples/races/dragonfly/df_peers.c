/* SPDX-License-Identifier: MIT */
/*
 * df_peers.c - RFTHREAD processes, their leader and their descriptor tables.
 */
#include "common.h"

#define PEER (TINE_RFPROC | TINE_RFTHREAD | TINE_RFFDG)

/* The leader walks over peers that exit and are reaped. */
PROGRAM(race_df_r21)
{
	tine_pid_t leader;

	be_reaper();
	leader = tine_sys_fork();
	if (leader == 0) {
		if (tine_sys_rfork(PEER | TINE_RFNOWAIT) == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

RACE_OF(df_r21, "DF-R21", "a leader walks over peers that are reaped",
    two_cpus, TINE_OUTCOME_PANIC, "use after free: the leader 3 reads on", 2,
    2);

/* Two neighbours on the chain leave it at once: one writes what it has read of
 * the second, who is reaped. The leader's own end meets it. */
PROGRAM(race_df_r21s)
{
	tine_pid_t leader = tine_sys_fork();

	if (leader == 0) {
		for (int i = 0; i < 2; i++)
			if (tine_sys_rfork(PEER) == 0)
				tine_sys_exit(0);
		while (tine_sys_wait(NULL) > 0)
			continue;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(leader, NULL, 0) == leader);
	return 0;
}

RACE_WITH(df_r21s, "DF-R21", "two peers leave their leader at once",
    "race_df_r21s", "DF-R21", two_cpus, TINE_OUTCOME_PANIC,
    "use after free: the leader 3 reads on", 2, 2);

/* A peer's embryo has no number yet: the leader's kill(0) hits its group. */
PROGRAM(race_df_r22)
{
	tine_pid_t leader, other;

	be_reaper();
	other = tine_sys_fork();
	if (other == 0)
		tine_sys_pause();
	tine_check(tine_sys_setpgid(other, other) == 0);
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setpgid(0, other) == 0);
		if (tine_sys_rfork(PEER) == 0) {
			(void)tine_sys_rfork(PEER);
			tine_sys_exit(0);
		}
		tine_sys_yield();
		tine_sys_exit(0);
	}
	/* The peer has to wait for its child's number: we look for that. */
	tine_sys_yield();
	(void)tine_sys_kill(leader + 2, 0);
	expect_end(leader, 0);
	SETTLE();
	tine_check(tine_sys_kill(other, SIGTERM) == 0);
	expect_end(other, SIGTERM);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

RACE_OF(df_r22, "DF-R22", "a leader kills its own group for a peer",
    two_cpus, TINE_OUTCOME_CHECK, "status == want", 2, 2);

/*
 * A peer that sleeps in fork has its SIGKILL when it wakes; its child, which
 * the leader's walk did not meet, has none: the leader is there for as long as
 * the child is.
 */
PROGRAM(race_df_r22b)
{
	tine_pid_t leader;
	bool ended;

	be_reaper();
	leader = tine_sys_fork();
	if (leader == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		if (tine_sys_rfork(PEER) == 0) {
			if (tine_sys_rfork(PEER) == 0)
				tine_sys_pause();
			tine_sys_exit(0);
		}
		tine_sys_yield();
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(100 * MS);
	ended = tine_sys_waitpid(leader, NULL, TINE_WNOHANG) == leader;
	if (!ended) {
		tine_check(tine_sys_kill(leader + 2, SIGKILL) == 0);
		tine_check(tine_sys_waitpid(leader, NULL, 0) == leader);
	}
	tine_check(ended);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

RACE_WITH(df_r22b, "DF-R22", "a peer's child that the leader's walk misses",
    "race_df_r22b", "DF-R22", one_cpu, TINE_OUTCOME_CHECK,
    "check failed: ended", 2, 3);

static void
shares(void *arg)
{
	tine_pid_t pid = tine_sys_rfork(TINE_RFPROC);

	(void)arg;
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

/* Both find no record, and both make one. */
PROGRAM(race_df_r23)
{
	int lwp = tine_sys_lwp_create(shares, NULL);

	tine_check(lwp > 0);
	shares(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return 0;
}

RACE_OF(df_r23, "DF-R23", "a leader record is allocated twice",
    one_cpu, TINE_OUTCOME_LEAK, "filedesc_to_leader", 2, 3);

/* A husk among the peers: the leader never ends. */
PROGRAM(race_df_r04)
{
	tine_pid_t leader = tine_sys_fork(), peer;

	if (leader == 0) {
		peer = tine_sys_rfork(PEER);
		if (peer == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	if (leader > 0)
		(void)tine_sys_waitpid(leader, NULL, 0);
	return 0;
}

/* Which step it is that must fail: the one after which the leader hangs. */
static void
find_step(struct tine_options *options)
{
	struct tine_options o;
	struct tine_machine *machine;
	struct tine_result result;
	uint64_t n;

	options->ncpu = 1;
	options->step_limit = 100000;
	tine_options_init(&o);
	o.kernel = TINE_KERNEL_DRAGONFLY;
	for (n = 1; n < 100 && options->fail_at == 0; n++) {
		o.fail_at = n;
		if (tine_machine_create(&o, &machine) != 0)
			return;
		if (tine_machine_spawn(machine, "race_df_r04", NULL) == 0 &&
		    tine_machine_run(machine, &result) == 0 &&
		    result.outcome == TINE_OUTCOME_DEADLOCK)
			options->fail_at = n;
		(void)tine_machine_destroy(machine);
	}
}

TINE_RACE(df_r04,
    .id = "DF-R04",
    .summary = "a husk is a peer for ever",
    .kernel = TINE_KERNEL_DRAGONFLY,
    .programs = "race_df_r04",
    .configure = find_step,
    .wrong = { .quirks = "none,+DF-034,+DF-R22", .search = TINE_SEARCH_DFS,
	.delays = 1, .outcome = TINE_OUTCOME_DEADLOCK, .says = "(exit1)" },
    .right = { .quirks = "none", .search = TINE_SEARCH_DFS, .delays = 1 });
