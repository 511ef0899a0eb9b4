/* SPDX-License-Identifier: MIT */
/* test_fault.c - faults of programs and of the host, and what they leave. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "support/expect.h"
#include "support/harness.h"

#define PAGE 4096

/* --- programs that do what they must not --- */

static volatile int zero;

static ON_PURPOSE unsigned
recurses(volatile char *above)
{
	volatile char here[1000];

	here[0] = (char)(above[0] + 1);
	return (zero != 0 ? 0 : recurses(here) + (unsigned)here[0]);
}

static ON_PURPOSE void
do_wrong(char kind)
{
	volatile char here[1] = { 0 };
	void (*volatile wild)(void) = (void (*)(void))0x12345678;
	volatile int *volatile pointer = NULL;

	switch (kind) {
	case 'n':
		*pointer = 1;
		break;
	case 'r':
		zero = *pointer;
		break;
	case 'o':
		(void)recurses(here);
		break;
	case 'j':
		wild();
		break;
	case 'x':
		wild = (void (*)(void))(uintptr_t)here;
		wild();
		break;
	case 'c':
		/* no such address at all: a general protection fault */
		pointer = (int *)UINT64_C(0x8000000000000000);
		*pointer = 1;
		break;
	case 't':
		pointer = (int *)(uintptr_t)recurses;
		*pointer = 1;
		break;
	case 'd':
		zero = 1000 / zero;
		break;
	default:
		__asm__ volatile("ud2");
		break;
	}
}

static int
wrong(int argc, char **argv)
{
	tine_check(argc == 2);
	do_wrong(argv[1][0]);
	return (0);
}
TINE_PROGRAM(wrong, "does what it must not");

/* Its children do, one after the other; it sees each die, and goes on. */
static int
wrong_children(int argc, char **argv)
{
	static const struct {
		char kind;
		int signo;
	} ways[] = {
		{ 'n', SIGSEGV }, { 'r', SIGSEGV }, { 'o', SIGSEGV },
		{ 'j', SIGSEGV }, { 'x', SIGSEGV }, { 'c', SIGSEGV },
		{ 't', SIGSEGV }, { 'd', SIGFPE }, { 'i', SIGILL },
	};
	tine_pid_t child;
	int status;
	size_t i;

	(void)argc;
	(void)argv;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		child = tine_sys_fork();
		tine_check(child >= 0);
		if (child == 0) {
			do_wrong(ways[i].kind);
			tine_sys_exit(99);
		}
		status = -1;
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(WIFSIGNALED(status));
		tine_check(WTERMSIG(status) == ways[i].signo);
	}
	return (0);
}
TINE_PROGRAM(wrong_children, "nine children that do what they must not");

static int
loops(int argc, char **argv)
{
	volatile unsigned long turns = 0;

	(void)argc;
	(void)argv;
	while (zero == 0)
		turns++;
	return (0);
}
TINE_PROGRAM(loops, "loops for ever without a system call");

static void
a_program_that_does_wrong_dies_of_a_signal(void **state)
{
	static const char kinds[] = "nrojxctdi";
	struct tine_machine *machine;
	struct tine_result result;
	char kind[2] = "";
	const char *const argv[] = { "wrong", kind, NULL };
	const char *k;

	(void)state;
	for (k = kinds; *k != '\0'; k++) {
		kind[0] = *k;
		assert_int_equal(tine_machine_create(NULL, &machine), 0);
		assert_int_equal(tine_machine_spawn(machine, "wrong", argv),
		    0);
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_string_equal(result.message, "passed\n");
		assert_true(WIFSIGNALED(result.status));
		assert_int_equal(WTERMSIG(result.status), *k == 'd' ? SIGFPE :
		    *k == 'i' ? SIGILL : SIGSEGV);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
its_parent_sees_it_die_and_goes_on(void **state)
{
	(void)state;
	harness_every_seed("wrong_children", 10);
}

static void
a_program_that_loops_is_ended_by_the_watchdog(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.watchdog_ms = 20;
	harness_ends("loops", &options, TINE_OUTCOME_WATCHDOG,
	    "a program ran for 20 ms");
	harness_passes("wrong_children", &options, 0);
}

/* --- registers over a fault --- */

struct registers {
	uint64_t gpr[16];	/* rax rbx rcx rdx rsi rdi rbp - r8 .. r15 */
	uint64_t flags;
	uint32_t mxcsr;
	uint16_t cw, spare;
	uint8_t x87[2][16];	/* ten bytes each */
	uint8_t ymm[16][32];
};

#define OFF_FLAGS "128"
#define OFF_MXCSR "136"
#define OFF_CW "140"
#define OFF_X87_0 "144"
#define OFF_X87_1 "160"
_Static_assert(offsetof(struct registers, flags) == 128, "OFF_FLAGS");
_Static_assert(offsetof(struct registers, mxcsr) == 136, "OFF_MXCSR");
_Static_assert(offsetof(struct registers, cw) == 140, "OFF_CW");
_Static_assert(offsetof(struct registers, x87) == 144, "OFF_X87_0");
_Static_assert(offsetof(struct registers, ymm) == 176, "vectors");

/*
 * Load every register from want, write one byte to page, which faults, and
 * store every register to got. rsi is page all the time.
 */
void fault_probe(const struct registers *want, volatile char *page,
    struct registers *got, int avx);

#define VECTORS(insn, reg, load) \
	insn##_##load(reg, 0, 176) insn##_##load(reg, 1, 208) \
	insn##_##load(reg, 2, 240) insn##_##load(reg, 3, 272) \
	insn##_##load(reg, 4, 304) insn##_##load(reg, 5, 336) \
	insn##_##load(reg, 6, 368) insn##_##load(reg, 7, 400) \
	insn##_##load(reg, 8, 432) insn##_##load(reg, 9, 464) \
	insn##_##load(reg, 10, 496) insn##_##load(reg, 11, 528) \
	insn##_##load(reg, 12, 560) insn##_##load(reg, 13, 592) \
	insn##_##load(reg, 14, 624) insn##_##load(reg, 15, 656)
#define MOVE_LOAD(reg, n, off) "\tvmovdqu " #off "(%rdi), %" #reg #n "\n"
#define MOVE_STORE(reg, n, off) "\tvmovdqu %" #reg #n ", " #off "(%rdi)\n"
#define OLD_LOAD(reg, n, off) "\tmovdqu " #off "(%rdi), %" #reg #n "\n"
#define OLD_STORE(reg, n, off) "\tmovdqu %" #reg #n ", " #off "(%rdi)\n"

__asm__(
    "	.text\n"
    "	.type	fault_probe, @function\n"
    "	.globl	fault_probe\n"
    "	.hidden	fault_probe\n"
    "fault_probe:\n"
    "	pushq %rbx\n	pushq %rbp\n	pushq %r12\n"
    "	pushq %r13\n	pushq %r14\n	pushq %r15\n"
    "	subq $24, %rsp\n"
    "	stmxcsr (%rsp)\n	fnstcw 4(%rsp)\n"
    "	movq %rdx, 8(%rsp)\n	movl %ecx, 16(%rsp)\n"
    "	testl %ecx, %ecx\n	je 1f\n"
    VECTORS(MOVE, ymm, LOAD)
    "	jmp 2f\n"
    "1:\n"
    VECTORS(OLD, xmm, LOAD)
    "2:	fninit\n"
    "	fldt " OFF_X87_1 "(%rdi)\n	fldt " OFF_X87_0 "(%rdi)\n"
    "	fldcw " OFF_CW "(%rdi)\n	ldmxcsr " OFF_MXCSR "(%rdi)\n"
    "	pushq " OFF_FLAGS "(%rdi)\n	popfq\n"
    "	movq 0(%rdi), %rax\n	movq 8(%rdi), %rbx\n"
    "	movq 16(%rdi), %rcx\n	movq 24(%rdi), %rdx\n"
    "	movq 48(%rdi), %rbp\n	movq 64(%rdi), %r8\n"
    "	movq 72(%rdi), %r9\n	movq 80(%rdi), %r10\n"
    "	movq 88(%rdi), %r11\n	movq 96(%rdi), %r12\n"
    "	movq 104(%rdi), %r13\n	movq 112(%rdi), %r14\n"
    "	movq 120(%rdi), %r15\n	movq 40(%rdi), %rdi\n"
    "	movb %al, (%rsi)\n"
    "	pushfq\n	pushq %rdi\n"
    "	movq 24(%rsp), %rdi\n"
    "	movq %rax, 0(%rdi)\n	movq %rbx, 8(%rdi)\n"
    "	movq %rcx, 16(%rdi)\n	movq %rdx, 24(%rdi)\n"
    "	movq %rsi, 32(%rdi)\n	movq %rbp, 48(%rdi)\n"
    "	movq %r8, 64(%rdi)\n	movq %r9, 72(%rdi)\n"
    "	movq %r10, 80(%rdi)\n	movq %r11, 88(%rdi)\n"
    "	movq %r12, 96(%rdi)\n	movq %r13, 104(%rdi)\n"
    "	movq %r14, 112(%rdi)\n	movq %r15, 120(%rdi)\n"
    "	popq %rax\n	movq %rax, 40(%rdi)\n"
    "	popq %rax\n	movq %rax, " OFF_FLAGS "(%rdi)\n"
    "	cld\n"
    "	stmxcsr " OFF_MXCSR "(%rdi)\n	fnstcw " OFF_CW "(%rdi)\n"
    "	fstpt " OFF_X87_0 "(%rdi)\n	fstpt " OFF_X87_1 "(%rdi)\n"
    "	testl $1, 16(%rsp)\n	je 3f\n"
    VECTORS(MOVE, ymm, STORE)
    "	vzeroupper\n"
    "	jmp 4f\n"
    "3:\n"
    VECTORS(OLD, xmm, STORE)
    "4:	fninit\n"
    "	ldmxcsr (%rsp)\n	fldcw 4(%rsp)\n"
    "	addq $24, %rsp\n"
    "	popq %r15\n	popq %r14\n	popq %r13\n"
    "	popq %r12\n	popq %rbp\n	popq %rbx\n"
    "	ret\n"
    "	.size	fault_probe, . - fault_probe\n");

#define FLAGS 0xcd5u		/* CF PF AF ZF SF DF OF */

/* Registers that differ from page to page and from process to process. */
static void
fill(struct registers *r, unsigned seed, volatile char *page)
{
	static const uint8_t numbers[2][16] = {
		/* pi, and a denormal */
		{ 0x35, 0xc2, 0x68, 0x21, 0xa2, 0xda, 0x0f, 0xc9, 0x00, 0x40 },
		{ 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x00, 0x00 },
	};
	uint64_t random = seed;
	uint8_t *bytes = (uint8_t *)r->ymm;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < 16; i++)
		r->gpr[i] = random = tine__mix(random, i + 1);
	r->gpr[4] = (uintptr_t)page;
	r->gpr[7] = 0;
	r->flags = (random & FLAGS) | 0x202;
	/* Every exception masked, all four roundings, flush to zero. */
	r->mxcsr = 0x1f80 | (seed & 3) << 13 | (seed & 4 ? 0x8000 : 0);
	r->cw = (uint16_t)(0x37f | (seed & 3) << 10);
	memcpy(r->x87, numbers, sizeof(numbers));
	for (i = 0; i < sizeof(r->ymm); i++)
		bytes[i] = (uint8_t)(tine__mix(random, i) >> 32);
}

static void
check_probe(volatile char *page, unsigned seed, bool avx)
{
	struct registers want, got;
	size_t i;

	fill(&want, seed, page);
	memset(&got, 0, sizeof(got));
	fault_probe(&want, page, &got, avx);
	got.gpr[7] = 0;
	for (i = 0; i < 16; i++)
		tine_check(got.gpr[i] == want.gpr[i]);
	tine_check(((got.flags ^ want.flags) & FLAGS) == 0);
	/* A denormal was loaded and stored: nothing else may be noted. */
	tine_check((got.mxcsr & ~0x3fu) == (want.mxcsr & ~0x3fu));
	tine_check(got.cw == want.cw);
	tine_check(memcmp(got.x87, want.x87, sizeof(want.x87)) == 0);
	for (i = 0; i < 16; i++)
		tine_check(memcmp(got.ymm[i], want.ymm[i], avx ? 32 : 16) ==
		    0);
	tine_check(page[0] == (char)want.gpr[0]);
}

#define PROBES 16

static int
probes(int argc, char **argv)
{
	const bool avx = argc > 1 && argv[1][0] == 'a';
	volatile char *pages;
	tine_pid_t child;
	unsigned i;
	int status;

	pages = tine_sys_mmap(PROBES * 2 * PAGE, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	tine_check(tine_sys_failed((void *)(uintptr_t)pages) == 0);
	for (i = 0; i < PROBES; i++)
		pages[i * PAGE] = 1;
	child = tine_sys_fork();
	tine_check(child >= 0);
	/* Copies first, pages that are there for the first time second. */
	for (i = 0; i < PROBES * 2; i++)
		check_probe(&pages[i * PAGE], i + (child == 0 ? 1000 : 0),
		    avx);
	if (child == 0)
		return (7);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 7 << 8);
	return (0);
}
TINE_PROGRAM(probes, "looks at its registers before and after faults");

static void
all_registers_are_intact_after_a_fault_that_switched(void **state)
{
	const char *argv[] = { "probes", "a", NULL };
	struct tine_stats stats = { .size = sizeof(stats) };
	const struct tine_event *events;
	struct tine_options options;
	struct tine_machine *machine;
	struct tine_result result;
	unsigned seed, switched = 0;
	long i, n;

	(void)state;
	for (seed = 0; seed < 40; seed++) {
		options = options_random(seed, 1 + seed % 2);
		options.vm_shortcuts = seed % 3 != 0;
		options.trace_full = true;
		argv[1] = seed % 4 != 0 && __builtin_cpu_supports("avx") ?
		    "a" : "s";
		assert_int_equal(tine_machine_create(&options, &machine), 0);
		assert_int_equal(tine_machine_spawn(machine, "probes", argv),
		    0);
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_string_equal(result.message, "passed\n");
		assert_int_equal(result.status, 0);
		n = tine_trace_events(machine, &events);
		for (i = 1; i < n; i++)
			switched += events[i].type == TINE_EV_SWITCH &&
			    events[i - 1].type == TINE_EV_FAULT;
		assert_int_equal(tine_machine_stats(machine, &stats), 0);
		assert_true(stats.host_faults >= PROBES * 2);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
	assert_true(switched > 50);
}

/* Rounding is each process's own, over calls that give the CPU away. */
static int
rounds(int argc, char **argv)
{
	const bool child = tine_sys_fork() == 0;
	const uint32_t mxcsr = child ? 0x3f80 : 0x5f80;
	const uint16_t cw = child ? 0x77f : 0xb7f;
	uint32_t mxcsr_now;
	uint16_t cw_now;
	unsigned i;

	(void)argc;
	(void)argv;
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(cw));
	for (i = 0; i < 20; i++) {
		tine_sys_yield();
		__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr_now),
		    "=m"(cw_now));
		tine_check((mxcsr_now & ~0x3fu) == mxcsr);
		tine_check(cw_now == cw);
	}
	if (!child)
		tine_check(tine_sys_wait(NULL) > 0);
	return (0);
}
TINE_PROGRAM(rounds, "rounds up, and its child down");

static void
rounding_modes_are_each_process_own(void **state)
{
	uint32_t before, after;

	(void)state;
	__asm__ volatile("stmxcsr %0" : "=m"(before));
	harness_every_seed("rounds", 10);
	__asm__ volatile("stmxcsr %0" : "=m"(after));
	assert_int_equal(before & ~0x3fu, after & ~0x3fu);
}

/* --- the host's own handlers --- */

static volatile sig_atomic_t caught;
static char *guard;

static void
opens_guard(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	if (info->si_addr == guard)
		(void)mprotect(guard, PAGE, PROT_READ | PROT_WRITE);
	caught++;
}

static volatile bool is_running, is_faulted;

static void
body_until_faulted(void)
{
	is_running = true;
	while (!is_faulted)
		tine__yield();
}

static void *
faults_meanwhile(void *arg)
{
	(void)arg;
	while (!is_running)
		(void)sched_yield();
	*(volatile char *)guard = 1;
	is_faulted = true;
	return (NULL);
}

static void
run_while_another_thread_faults(void)
{
	struct tine_options options = options_rr();
	struct tine_machine *machine;
	struct tine_result result;
	pthread_t thread;

	options.step_limit = 0;
	guard = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
	is_running = is_faulted = false;
	machine = body_machine(body_until_faulted, &options);
	(void)pthread_create(&thread, NULL, faults_meanwhile, NULL);
	assert_int_equal(tine_machine_run(machine, &result), 0);
	(void)pthread_join(thread, NULL);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_int_equal(tine_machine_destroy(machine), 0);
	(void)munmap(guard, PAGE);
}

static void
the_hosts_own_faults_go_to_its_own_handler(void **state)
{
	struct sigaction action, before;

	(void)state;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = opens_guard;
	action.sa_flags = SA_SIGINFO;
	assert_int_equal(sigaction(SIGSEGV, &action, &before), 0);
	caught = 0;
	run_while_another_thread_faults();
	assert_int_equal(caught, 1);
	(void)sigaction(SIGSEGV, &before, NULL);
}

/* In a process of its own, which must die as it would without us. */
static void
dies_of(int signo, void (*handler)(int))
{
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(signo, handler);
		alarm(30);
		run_while_another_thread_faults();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signo);
}

static void
without_a_handler_they_end_the_host_as_ever(void **state)
{
	(void)state;
	dies_of(SIGSEGV, SIG_DFL);
	dies_of(SIGSEGV, SIG_IGN);
}

static void
handlers_masks_and_stacks_are_put_back(void **state)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	static const char *const programs[] = { "wrong_children", "loops" };
	struct tine_options options = harness_options();
	struct sigaction action, mine[4], now;
	stack_t stack, stack_now;
	sigset_t mask, mask_now;
	unsigned i, j;

	(void)state;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = opens_guard;
	action.sa_flags = SA_SIGINFO | SA_RESTART;
	for (i = 0; i < 4; i++)
		(void)sigaction(signals[i], &action, &mine[i]);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
	(void)sigaltstack(NULL, &stack);
	options.watchdog_ms = 20;
	for (j = 0; j < 2; j++) {
		(void)harness_run(programs[j], &options, NULL, NULL);
		for (i = 0; i < 4; i++) {
			(void)sigaction(signals[i], NULL, &now);
			assert_ptr_equal(now.sa_sigaction, opens_guard);
			assert_int_equal(now.sa_flags & SA_RESTART,
			    SA_RESTART);
		}
		(void)pthread_sigmask(SIG_SETMASK, NULL, &mask_now);
		assert_int_equal(sigismember(&mask_now, SIGUSR1), 1);
		assert_int_equal(sigismember(&mask_now, SIGUSR2), 0);
		(void)sigaltstack(NULL, &stack_now);
		assert_ptr_equal(stack_now.ss_sp, stack.ss_sp);
		assert_int_equal(stack_now.ss_flags, stack.ss_flags);
	}
	sigemptyset(&mask);
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
	for (i = 0; i < 4; i++)
		(void)sigaction(signals[i], &mine[i], NULL);
}

/* --- two machines --- */

struct pair {
	uint64_t seed, digest;
	enum tine_outcome outcome;
	unsigned runs;
};

static struct tine_machine *
pair_machine(const struct pair *pair)
{
	const char *const argv[] = { "probes", "s", NULL };
	struct tine_options options = options_random(pair->seed, 2);
	struct tine_machine *machine;

	options.slice_steps = 5;
	if (tine_machine_create(&options, &machine) != 0 ||
	    tine_machine_spawn(machine, "probes", argv) != 0 ||
	    tine_machine_spawn(machine, "wrong_children", NULL) != 0)
		return (NULL);
	return (machine);
}

/* On any host thread: no assert of the test's framework here. */
static void *
pair_run(void *arg)
{
	struct tine_machine *machine;
	struct tine_result result;
	struct pair *pair = arg;
	uint64_t digest = 0;
	unsigned i;

	machine = pair_machine(pair);
	if (machine == NULL)
		return (NULL);
	for (i = 0; i < pair->runs; i++) {
		memset(&result, 0, sizeof(result));
		(void)tine_machine_run(machine, &result);
		if (result.outcome != TINE_OUTCOME_PASSED ||
		    (digest != 0 && digest != result.digest))
			break;
		digest = result.digest;
	}
	pair->digest = i == pair->runs ? digest : 0;
	(void)tine_machine_destroy(machine);
	return (NULL);
}

static void
machines_on_two_host_threads_do_not_meet(void **state)
{
	struct pair alone[2] = { { .seed = 1, .runs = 1 },
	    { .seed = 2, .runs = 1 } };
	struct pair both[2] = { { .seed = 1, .runs = 40 },
	    { .seed = 2, .runs = 40 } };
	pthread_t threads[2];
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		(void)pair_run(&alone[i]);
		assert_true(alone[i].digest != 0);
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, pair_run,
		    &both[i]), 0);
	for (i = 0; i < 2; i++)
		(void)pthread_join(threads[i], NULL);
	for (i = 0; i < 2; i++)
		assert_true(both[i].digest == alone[i].digest);
}

static void
on_done(struct tine_machine *machine, const struct tine_result *result,
    void *user)
{
	struct pair *pair = user;

	pair->digest = result->digest;
	pair->outcome = result->outcome;
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
machines_interleaved_in_one_loop_do_not_meet(void **state)
{
	struct pair alone[2] = { { .seed = 3, .runs = 1 },
	    { .seed = 4, .runs = 1 } };
	struct pair both[2] = { { .seed = 3 }, { .seed = 4 } };
	uv_loop_t loop;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++)
		(void)pair_run(&alone[i]);
	assert_int_equal(uv_loop_init(&loop), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(tine_machine_start(pair_machine(&both[i]),
		    &loop, on_done, &both[i]), 0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(both[i].outcome, TINE_OUTCOME_PASSED);
		assert_true(both[i].digest == alone[i].digest);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_does_wrong_dies_of_a_signal),
		cmocka_unit_test(its_parent_sees_it_die_and_goes_on),
		cmocka_unit_test(
		    a_program_that_loops_is_ended_by_the_watchdog),
		cmocka_unit_test(
		    all_registers_are_intact_after_a_fault_that_switched),
		cmocka_unit_test(rounding_modes_are_each_process_own),
		cmocka_unit_test(the_hosts_own_faults_go_to_its_own_handler),
		cmocka_unit_test(without_a_handler_they_end_the_host_as_ever),
		cmocka_unit_test(handlers_masks_and_stacks_are_put_back),
		cmocka_unit_test(machines_on_two_host_threads_do_not_meet),
		cmocka_unit_test(
		    machines_interleaved_in_one_loop_do_not_meet),
	};

	return (cmocka_run_group_tests_name("fault", tests, NULL, NULL));
}
