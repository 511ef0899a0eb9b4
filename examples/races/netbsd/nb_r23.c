/* SPDX-License-Identifier: MIT */
/*
 * nb_r23.c - a copy that changes, and sharing that ends.
 *
 * A and B share memory by inheritance; A makes it a copy for its next child,
 * C. Only A's mapping is protected then: what B stores, C sees. And A's mapping
 * is marked as one that needs a copy though it is shared: A's next store gives
 * it an amap of its own, and from then on A and B do not see each other.
 *
 * Nobody has repaired it. Right is: whoever shares the memory is protected, and
 * nobody's mapping is marked; a store gives all who share another page.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

/* A line between two processes. */
struct line {
	int ends[2];
};

static void
say(const struct line *line)
{
	char byte = 0;

	tine_check(tine_sys_write(line->ends[1], &byte, 1) == 1);
}

static void
hear(const struct line *line)
{
	char byte;

	tine_check(tine_sys_read(line->ends[0], &byte, 1) == 1);
}

/* A page that B has mapped, and what B and C wait for. */
struct three {
	struct line to_b, to_c, ready;
	volatile char *page;
	tine_pid_t b, c;
};

static void
begin(struct three *t)
{
	void *at;

	tine_check(tine_sys_pipe(t->to_b.ends) == 0);
	tine_check(tine_sys_pipe(t->to_c.ends) == 0);
	tine_check(tine_sys_pipe(t->ready.ends) == 0);
	at = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
	t->page = at;
	t->page[0] = 1;
	tine_check(tine_sys_minherit(at, 4096, TINE_INHERIT_SHARE) == 0);
	t->b = tine_sys_fork();
	if (t->b == 0) {
		t->page[1] = 1;
		say(&t->ready);
		hear(&t->to_b);
		t->page[0] = 2;
		tine_sys_exit(0);
	}
	hear(&t->ready);
	tine_check(tine_sys_minherit(at, 4096, TINE_INHERIT_COPY) == 0);
	t->c = tine_sys_fork();
	if (t->c == 0) {
		hear(&t->to_c);
		tine_sys_exit(t->page[0]);
	}
}

static int
end(struct three *t)
{
	int status;

	say(&t->to_c);
	tine_check(tine_sys_waitpid(t->c, &status, 0) == t->c);
	return status >> 8;
}

RACE_MAIN(race_nb_r23, "B stores, and C looks")
{
	struct three t;

	begin(&t);
	say(&t.to_b);
	tine_check(tine_sys_waitpid(t.b, NULL, 0) == t.b);
	tine_check(end(&t) == 1);
	return 0;
}

RACE_MAIN(race_nb_r23_parts, "A stores, then B, and A looks")
{
	struct three t;

	begin(&t);
	t.page[2] = 1;
	say(&t.to_b);
	tine_check(tine_sys_waitpid(t.b, NULL, 0) == t.b);
	tine_check(t.page[0] == 2);
	(void)end(&t);
	return 0;
}

TINE_RACE(nb_r23,
    .id = "NB-R23",
    .summary = "a copy that changes",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r23",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.says = "end(&t) == 1" },
    .right = { .quirks = "-NB-R23", .preemptions = 1 });

TINE_RACE(nb_r23_parts,
    .id = "NB-R23",
    .summary = "sharing that a fork ends",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r23_parts",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.says = "t.page[0] == 2" },
    .right = { .quirks = "-NB-R23", .preemptions = 1 });
