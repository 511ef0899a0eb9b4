/* SPDX-License-Identifier: MIT */
/*
 * switch.c - from one kernel stack to another.
 *
 * The figure of lwp-switch is that of the register switch alone, which is what
 * swapcontext and boost.context do too. It is taken between the stacks of two
 * threads of a real machine: the partner is left suspended in a yield, and the
 * pair then jumps to and fro without the scheduler. lwp-yield is the way that
 * a thread really takes: scheduling point, choice, event and digest included.
 */
#include <stdlib.h>
#include <ucontext.h>

#include "bench.h"
#include "machine/machine.h"

#define ROUNDS 2000000		/* two switches each */
#define ROUNDS_SWAPCONTEXT 100000
#define ROUNDS_YIELD 200000
#define STACK_SIZE ((size_t)64 << 10)

/* One run at a time: what its threads share. */
static struct {
	void (*body)(void);
	void *boot_sp, *partner_sp;
	bool over;
	double ns;
} run;

static void
flavour_main(struct tine_machine *machine)
{
	(void)machine;
	run.body();
}

/* A kernel that is nothing but two threads. */
static const struct tine__flavour flavour = {
	.kernel = TINE_KERNEL_ILLUMOS,
	.preemptible = true,
	.state_size = 64,
	.main = flavour_main,
};

static double
run_kernel(void (*body)(void))
{
	struct tine_options options;
	struct tine_machine *machine;
	struct tine_result result;

	bench_options(&options);
	if (tine_machine_create(&options, &machine) != 0) {
		bench_fail("%s", tine_error_message());
		return (-1);
	}
	machine->flavour = &flavour;
	run.body = body;
	run.over = false;
	run.ns = -1;
	if (tine_machine_run(machine, &result) != 0) {
		bench_fail("%s", tine_error_message());
		run.ns = -1;
	} else if (result.outcome != TINE_OUTCOME_PASSED) {
		bench_fail("%s", result.message);
		run.ns = -1;
	}
	(void)tine_machine_destroy(machine);
	return (run.ns);
}

static struct tine__thread *
partner(tine__thread_fn fn)
{
	struct tine__thread *t;

	t = tine__thread_create(tine__machine(), "partner", fn, NULL, false);
	if (t == NULL)
		tine__panic("no thread");
	tine__thread_start(t);
	return (t);
}

static void
switch_partner(void *arg)
{
	(void)arg;
	tine__yield();
	while (!run.over)
		tine__switch(&run.partner_sp, run.boot_sp);
}

static void
switch_boot(void)
{
	struct tine__thread *const t = partner(switch_partner);
	double start;
	int i;

	tine__yield();
	/* It hangs in its yield: wake it there, behind the scheduler's back. */
	tine__switch(&run.boot_sp, t->sp);
	start = bench_now();
	for (i = 0; i < ROUNDS; i++)
		tine__switch(&run.boot_sp, run.partner_sp);
	run.ns = (bench_now() - start) / (2.0 * ROUNDS);
	/* Back into the scheduler's hands: this is where it goes on, and ends,
	 * before this thread does. */
	t->sp = run.partner_sp;
	run.over = true;
	tine__yield();
}

static double
ours_switch(void *arg)
{
	(void)arg;
	return (run_kernel(switch_boot));
}

static void
yield_partner(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS_YIELD; i++)
		tine__yield();
}

static void
yield_boot(void)
{
	double start;
	int i;

	(void)partner(yield_partner);
	tine__yield();
	start = bench_now();
	for (i = 0; i < ROUNDS_YIELD - 1; i++)
		tine__yield();
	run.ns = (bench_now() - start) / (2.0 * (ROUNDS_YIELD - 1));
}

static double
ours_yield(void *arg)
{
	(void)arg;
	return (run_kernel(yield_boot));
}

/* --- swapcontext --- */

static ucontext_t here, there;

static void
swap_partner(void)
{
	for (;;)
		(void)swapcontext(&there, &here);
}

static double
theirs_swapcontext(void *arg)
{
	char *stack = malloc(STACK_SIZE);
	double start;
	int i;

	(void)arg;
	if (stack == NULL || getcontext(&there) != 0) {
		free(stack);
		bench_fail("no context");
		return (-1);
	}
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK_SIZE;
	there.uc_link = NULL;
	makecontext(&there, swap_partner, 0);
	(void)swapcontext(&here, &there);
	start = bench_now();
	for (i = 0; i < ROUNDS_SWAPCONTEXT; i++)
		(void)swapcontext(&here, &there);
	start = (bench_now() - start) / (2.0 * ROUNDS_SWAPCONTEXT);
	free(stack);
	return (start);
}

/* --- boost.context: its two entries are C, its headers are not --- */

typedef struct {
	void *fctx;
	void *data;
} transfer_t;

extern transfer_t jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *stack_top, size_t size,
    void (*fn)(transfer_t));

static void
jump_partner(transfer_t t)
{
	for (;;)
		t = jump_fcontext(t.fctx, NULL);
}

static double
theirs_fcontext(void *arg)
{
	char *stack = malloc(STACK_SIZE);
	transfer_t t = { NULL, NULL };
	double start;
	int i;

	(void)arg;
	if (stack == NULL) {
		bench_fail("no memory");
		return (-1);
	}
	t = jump_fcontext(make_fcontext(stack + STACK_SIZE, STACK_SIZE,
	    jump_partner), NULL);
	start = bench_now();
	for (i = 0; i < ROUNDS; i++)
		t = jump_fcontext(t.fctx, NULL);
	start = (bench_now() - start) / (2.0 * ROUNDS);
	free(stack);
	return (start);
}

void
bench_switch(void)
{
	const struct bench_pair swap = { .row = "lwp-switch",
	    .alternative = "swapcontext", .required = 20,
	    .ours = ours_switch, .theirs = theirs_swapcontext };
	const struct bench_pair jump = { .row = "lwp-switch-fcontext",
	    .alternative = "jump_fcontext of boost.context", .required = 0.67,
	    .ours = ours_switch, .theirs = theirs_fcontext };
	const struct bench_pair yield = { .row = "lwp-yield",
	    .ours = ours_yield };

	bench_compare(&swap);
	bench_compare(&jump);
	bench_compare(&yield);
}
