/* SPDX-License-Identifier: MIT */
/*
 * test_usersig.c - handlers on a program's stack: frames, nesting, alternate
 * stacks, jumps out of them, registers after a fault, forged frames.
 *
 * What all kernels share, seen through the default one.
 */
#define _GNU_SOURCE	/* register names of ucontext_t */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include "support/harness.h"

#define SEEDS 10
#define MS UINT64_C(1000000)
#define PAGE 4096

/* What handlers and the code that they interrupt know of each other. */
/* What is a kernel's own, from its sources. */
static const struct rules {
	bool sender;	/* siginfo tells who sent it */
	/* sigaltstack on the stack itself: with the flags that it told of it,
	 * with another stack, with none. */
	int flagged, moved, off;
	int no_room;	/* what the end is when a handler has no room */
} rules[] = {
	[TINE_KERNEL_ILLUMOS] = { true, -EPERM, -EPERM, -EPERM, SIGSEGV },
	[TINE_KERNEL_OPENSOLARIS] = { true, -EPERM, -EPERM, -EPERM, SIGSEGV },
	[TINE_KERNEL_DRAGONFLY] = { false, -EINVAL, 0, -EPERM, SIGILL },
	[TINE_KERNEL_NETBSD] = { true, 0, 0, -EINVAL, SIGILL }
};
static const struct rules *rule;

static TINE_DATA struct {
	int ran, depth, deepest;
	int order[8];
	struct tine_siginfo info;
	struct tine_context *context;
	uintptr_t sp;
	char *page;
	struct tine_jmp_buf jump;
} seen;

static void
install(int signo, tine_sigaction_fn handler, unsigned flags,
    tine_sigset_t mask)
{
	const struct tine_sigaction action = {
		.sigaction = handler,
		.mask = mask,
		.flags = flags | TINE_SA_SIGINFO
	};

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
note(int signo, struct tine_siginfo *info, void *context)
{
	seen.order[seen.ran++ & 7] = signo;
	seen.info = *info;
	seen.context = context;
	seen.sp = (uintptr_t)__builtin_frame_address(0);
}

static tine_sigset_t
mask_now(void)
{
	tine_sigset_t set = 0;

	tine_check(tine_sys_sigprocmask(0, NULL, &set) == 0);
	return set;
}

/* --- in a system call --- */

static int
us_call(int argc, char **argv)
{
	volatile char here[64];
	double kept = 1.5;

	(void)argc;
	(void)argv;
	for (unsigned i = 0; i < sizeof(here); i++)
		here[i] = 7;
	install(SIGUSR1, note, 0, 0);
	__asm__ volatile("" : "+x" (kept));
	/* The result of the call that was interrupted comes out of it. */
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(seen.ran == 1 && seen.info.signo == SIGUSR1);
	tine_check(seen.info.code == SI_USER && seen.info.error == 0);
	tine_check(seen.info.pid == (rule->sender ? tine_sys_getpid() : 0));
	tine_check(seen.context->mask == 0 && seen.context->link == NULL);
	tine_check(seen.context->stack.flags == TINE_SS_DISABLE ||
	    seen.context->stack.size == 0);
	tine_check((seen.sp & 15) == 0);
	/* On this stack, below what a leaf function may use. */
	tine_check(seen.sp < (uintptr_t)here - 128);
	tine_check(seen.sp > (uintptr_t)here - 8192);
	for (unsigned i = 0; i < sizeof(here); i++)
		tine_check(here[i] == 7);
	tine_check(kept == 1.5);
	tine_check(mask_now() == 0);
	return 0;
}
TINE_PROGRAM(us_call, "a handler at the end of a system call");

/* --- in a fault --- */

static void
mend(int signo, struct tine_siginfo *info, void *context)
{
	note(signo, info, context);
	/* Ruin what a call may ruin. */
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm15, %%xmm15; fldz; "
	    "xor %%r8d, %%r8d; xor %%r11d, %%r11d; xor %%ecx, %%ecx"
	    : : : "xmm0", "xmm15", "r8", "r11", "rcx", "st", "cc");
	tine_check(tine_sys_mprotect(seen.page, PAGE,
	    TINE_PROT_READ | TINE_PROT_WRITE) == 0);
}

static uint64_t
fault_with_registers(char *at)
{
	uint64_t sum = 0, a = 3, b = 5, c = 7;
	double x = 2.25, y = 8.5, z = 0;

	__asm__ volatile(
	    "movsd %[x], %%xmm0\n"
	    "movsd %[y], %%xmm15\n"
	    "fldl %[y]\n"
	    "mov %[a], %%r8\n"
	    "mov %[b], %%r11\n"
	    "mov %[c], %%rcx\n"
	    "stc\n"
	    "movq $17, -64(%%rsp)\n"		/* the red zone */
	    "movb $1, (%[at])\n"		/* the fault */
	    "adc %%r8, %[sum]\n"
	    "add %%r11, %[sum]\n"
	    "add %%rcx, %[sum]\n"
	    "add -64(%%rsp), %[sum]\n"
	    "addsd %%xmm15, %%xmm0\n"
	    "movsd %%xmm0, %[x]\n"
	    "fstpl %[z]\n"
	    : [sum] "+&r" (sum), [x] "+m" (x), [z] "=m" (z)
	    : [y] "m" (y), [a] "r" (a), [b] "r" (b), [c] "r" (c), [at] "r" (at)
	    : "xmm0", "xmm15", "r8", "r11", "rcx", "cc", "memory", "st");
	tine_check(x == 10.75 && z == 8.5);
	return sum;
}

static int
us_fault(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	seen.page = tine_sys_mmap(PAGE, TINE_PROT_READ);
	install(SIGSEGV, mend, 0, 0);
	/* 3 + 5 + 7 + 17 and the carry. */
	tine_check(fault_with_registers(seen.page + 40) == 33);
	tine_check(seen.ran == 1 && seen.page[40] == 1);
	tine_check(seen.info.signo == SIGSEGV);
	tine_check(seen.info.code == SEGV_ACCERR);
	tine_check(seen.info.addr == seen.page + 40);
	tine_check(((siginfo_t *)(void *)&seen.info)->si_addr ==
	    seen.page + 40);
	return 0;
}
TINE_PROGRAM(us_fault, "registers, flags and floating point after a fault");

static void
step_over(int signo, struct tine_siginfo *info, void *context)
{
	ucontext_t *uc = context;

	note(signo, info, context);
	tine_check(uc->uc_mcontext.gregs[REG_RAX] == 77);
	seen.context->rax = 99;
	seen.context->rip += 3;		/* behind movb $1, (%rcx) */
}

static int
us_change(int argc, char **argv)
{
	uint64_t value = 77;

	(void)argc;
	(void)argv;
	install(SIGSEGV, step_over, 0, 0);
	__asm__ volatile("movb $1, (%%rcx)" : "+a" (value) : "c" (16)
	    : "memory");
	tine_check(value == 99 && seen.ran == 1);
	tine_check(seen.info.code == SEGV_MAPERR);
	tine_check(seen.info.addr == (void *)16);
	return 0;
}
TINE_PROGRAM(us_change, "a handler that changes the registers");

static void
divide(int signo, struct tine_siginfo *info, void *context)
{
	note(signo, info, context);
	tine_check((uintptr_t)info->addr == seen.context->rip);
	seen.context->rcx = 1;
}

static int
us_sigfpe(int argc, char **argv)
{
	uint32_t low = 7, high = 0;

	(void)argc;
	(void)argv;
	install(SIGFPE, divide, 0, 0);
	__asm__ volatile("divl %%ecx" : "+a" (low), "+d" (high) : "c" (0)
	    : "cc");
	tine_check(seen.ran == 1 && low == 7);
	tine_check(seen.info.code == FPE_INTDIV);
	return 0;
}
TINE_PROGRAM(us_sigfpe, "a division by zero, mended");

static void jump(int signo, struct tine_siginfo *info, void *context);

/* The host's abort() is that of the program: its handler may return or jump,
 * and the host process lives. */
static int
us_abort(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	install(SIGABRT, note, 0, 0);
	if (tine_sys_fork() == 0)
		abort();
	tine_check(tine_sys_wait(&seen.depth) > 0);
	tine_check((seen.depth & 0x7f) == SIGABRT && seen.ran == 0);
	if (tine_sigsetjmp(&seen.jump, 1) == 0) {
		install(SIGABRT, jump, 0, 0);
		abort();
	}
	tine_check(seen.ran == 1);
	install(SIGABRT, note, 0, 0);
	abort();
	return 0;
}
TINE_PROGRAM(us_abort, "abort() with a handler");

/* --- nesting, masks --- */

static void
nest(int signo, struct tine_siginfo *info, void *context)
{
	struct tine_context *own = context;

	(void)info;
	seen.order[seen.ran++ & 7] = signo;
	seen.depth++;
	if (seen.depth > seen.deepest)
		seen.deepest = seen.depth;
	tine_check((mask_now() & TINE_SIGBIT(signo)) != 0);
	tine_check((own->mask & TINE_SIGBIT(signo)) == 0);
	if (signo == SIGUSR1) {
		/* Itself: blocked. The other: at once. */
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
		tine_check(seen.ran == 1 || seen.ran == 3);
		if (seen.ran == 3)
			tine_check(tine_sys_sigaction(SIGUSR1,
			    &(struct tine_sigaction) { 0 }, NULL) == 0);
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	}
	seen.depth--;
}

static int
us_nest(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	install(SIGUSR1, nest, 0, 0);
	install(SIGUSR2, nest, 0, 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	return 1;	/* not reached: the third SIGUSR1 ends it */
}
TINE_PROGRAM(us_nest, "handlers inside handlers");

static int
us_two_at_once(int argc, char **argv)
{
	const tine_sigset_t both = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2);
	tine_sigset_t set;

	(void)argc;
	(void)argv;
	install(SIGUSR1, note, 0, 0);
	install(SIGUSR2, note, 0, 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &both, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_sigpending(&set) == 0 && set == both);
	tine_check(seen.ran == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &both, &set) == 0);
	tine_check(set == both && seen.ran == 2 && mask_now() == 0);
	/* Both frames are made on one way out; the last made runs first. */
	tine_check(seen.order[0] == SIGUSR2 && seen.order[1] == SIGUSR1);
	/* With each in the other's mask they come one after the other. */
	install(SIGUSR1, note, 0, both);
	install(SIGUSR2, note, 0, both);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &both, NULL) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &both, &set) == 0);
	tine_check(seen.ran == 4);
	tine_check(seen.order[2] == SIGUSR1 && seen.order[3] == SIGUSR2);
	return 0;
}
TINE_PROGRAM(us_two_at_once, "two signals on one way to user mode");

/* --- alternate stacks --- */

static int
us_altstack(int argc, char **argv)
{
	struct tine_stack stack = { NULL, 0, TINE_SIGSTKSZ }, old;
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	(void)argc;
	(void)argv;
	stack.sp = tine_malloc(stack.size);
	tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
	tine_check(old.flags == TINE_SS_DISABLE);
	stack.size = TINE_MINSIGSTKSZ - 1;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == -ENOMEM);
	stack.size = TINE_SIGSTKSZ;
	stack.flags = 8;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == -EINVAL);
	stack.flags = 0;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	install(SIGUSR1, note, TINE_SA_ONSTACK, 0);
	install(SIGUSR2, note, 0, 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(seen.sp - (uintptr_t)stack.sp < stack.size);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(here - seen.sp < 8192);
	stack.flags = TINE_SS_DISABLE;
	tine_check(tine_sys_sigaltstack(&stack, &old) == 0);
	tine_check(old.flags == 0 && old.sp == stack.sp &&
	    old.size == stack.size);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(here - seen.sp < 8192 && seen.ran == 3);
	return 0;
}
TINE_PROGRAM(us_altstack, "a stack for handlers");

static void
on_alternate(int signo, struct tine_siginfo *info, void *context)
{
	struct tine_stack old;
	uintptr_t outer;

	note(signo, info, context);
	tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
	tine_check(old.flags == TINE_SS_ONSTACK);
	tine_check(tine_sys_sigaltstack(&old, NULL) == rule->flagged);
	tine_check(tine_sys_sigaltstack(&(struct tine_stack) { NULL,
	    TINE_SS_DISABLE, 0 }, NULL) == rule->off);
	if (seen.ran != 1)
		return;
	/* A second one goes below this one, not over it. */
	outer = (uintptr_t)__builtin_frame_address(0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	tine_check(seen.ran == 2 && seen.sp < outer);
	tine_check(seen.sp - (uintptr_t)old.sp < old.size);
	tine_siglongjmp(&seen.jump, 5);
}

/* Another stack from on the first: there or nowhere. */
static void
moves(int signo, struct tine_siginfo *info, void *context)
{
	const struct tine_stack next = {
		tine_malloc(TINE_SIGSTKSZ), 0, TINE_SIGSTKSZ
	};
	uintptr_t outer;

	note(signo, info, context);
	if (seen.ran != 1)
		return;
	outer = seen.sp;
	tine_check(tine_sys_sigaltstack(&next, NULL) == rule->moved);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR2) == 0);
	if (rule->moved == 0)
		tine_check(seen.sp - (uintptr_t)next.sp < next.size);
	else
		tine_check(seen.sp < outer);
}

static int
us_other_stack(int argc, char **argv)
{
	const struct tine_stack stack = {
		tine_malloc(TINE_SIGSTKSZ * 2), 0, TINE_SIGSTKSZ * 2
	};

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	install(SIGUSR1, moves, TINE_SA_ONSTACK, 0);
	install(SIGUSR2, moves, TINE_SA_ONSTACK, 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(seen.ran == 2);
	return 0;
}
TINE_PROGRAM(us_other_stack, "another stack, set in a handler on the first");

static volatile int deep = 1;
static volatile uintptr_t nowhere = 16;

static __attribute__((noinline)) int
overflow(volatile char *below)
{
	volatile char room[1024];

	room[0] = below[0];
	return deep > 0 ? overflow(room) + room[0] : 0;
}

static int
us_overflow(int argc, char **argv)
{
	const struct tine_stack stack = {
		tine_malloc(TINE_SIGSTKSZ * 2), 0, TINE_SIGSTKSZ * 2
	};
	volatile char first = 1;
	int result;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	install(SIGSEGV, on_alternate, TINE_SA_ONSTACK, 0);
	install(SIGUSR2, on_alternate, TINE_SA_ONSTACK, 0);
	result = tine_sigsetjmp(&seen.jump, 1);
	if (result == 0)
		return overflow(&first);
	tine_check(result == 5 && seen.ran == 2);
	tine_check(mask_now() == 0);
	/* And once more: nothing was left behind. */
	seen.ran = 0;
	result = tine_sigsetjmp(&seen.jump, 1);
	if (result == 0)
		return overflow(&first);
	tine_check(result == 5 && seen.ran == 2);
	return 0;
}
TINE_PROGRAM(us_overflow, "a stack overflow, survived on another stack");

static int
us_no_room(int argc, char **argv)
{
	volatile char first = 1;

	(void)argc;
	(void)argv;
	/* On the stack that has overflown there is no room for a handler. */
	install(SIGSEGV, note, 0, 0);
	return overflow(&first);
}
TINE_PROGRAM(us_no_room, "a stack overflow with a handler on that stack");

static int
us_bad_altstack(int argc, char **argv)
{
	const struct tine_stack stack = { (void *)16, 0, TINE_SIGSTKSZ };

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	install(SIGUSR1, note, TINE_SA_ONSTACK, 0);
	tine_sys_kill(tine_sys_getpid(), SIGUSR1);
	return 0;
}
TINE_PROGRAM(us_bad_altstack, "an alternate stack that is not there");

/* --- jumps --- */

static void
jump(int signo, struct tine_siginfo *info, void *context)
{
	note(signo, info, context);
	tine_siglongjmp(&seen.jump, signo == SIGUSR1 ? 0 : signo);
}

static int
us_jump(int argc, char **argv)
{
	volatile int times = 0;
	int result;

	(void)argc;
	(void)argv;
	install(SIGUSR1, jump, 0, 0);
	install(SIGSEGV, jump, 0, 0);
	result = tine_sigsetjmp(&seen.jump, 1);
	times++;
	if (times == 1)
		tine_sys_kill(tine_sys_getpid(), SIGUSR1);
	if (times == 2) {
		tine_check(result == 1);	/* for 0 */
		*(volatile char *)nowhere = 1;
	}
	if (times == 3) {
		tine_check(result == SIGSEGV);
		result = tine_sigsetjmp(&seen.jump, 0);
		times++;
		if (result == 0)
			tine_sys_kill(tine_sys_getpid(), SIGUSR1);
	}
	/* Without the mask it stays as it was in the handler. */
	tine_check(mask_now() == TINE_SIGBIT(SIGUSR1));
	tine_check(seen.ran == 3);
	return 0;
}
TINE_PROGRAM(us_jump, "jumps out of handlers");

/* --- what comes back --- */

/* A frame that no kernel made: every register is what its author says. */
static void
forge(int signo, struct tine_siginfo *info, void *context)
{
	struct tine_context *own = context;

	note(signo, info, context);
	own->eflags = ~UINT64_C(0);
	own->segments = ~UINT64_C(0);
	own->flags = ~UINT64_C(0);
	own->mask = ~UINT64_C(0);
	/* In a call the control words are all there is. */
	memset(own->fp, 0xff, signo == SIGSEGV ? 512 + 64 + 64 : 32);
	if (signo == SIGUSR2)
		own->rip = UINT64_C(0x8000000000001234);
}

static int
us_forged_fault(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	install(SIGSEGV, forge, 0, 0);
	seen.page = tine_sys_mmap(PAGE, TINE_PROT_READ);
	tine_check(tine_sigsetjmp(&seen.jump, 0) == 0);
	/* Faults again, blocked now: the end. */
	seen.page[0] = 1;
	return 0;
}
TINE_PROGRAM(us_forged_fault, "a frame full of ones, after a fault");

static int
us_forged_call(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	install(SIGUSR1, forge, 0, 0);
	install(SIGUSR2, forge, 0, 0);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	tine_check(mask_now() == ~(TINE_SIGBIT(SIGKILL) |
	    TINE_SIGBIT(SIGSTOP)));
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK,
	    &(tine_sigset_t) { 0 }, NULL) == 0);
	/* To an address that is none. */
	tine_sys_kill(tine_sys_getpid(), SIGUSR2);
	return 0;
}
TINE_PROGRAM(us_forged_call, "a frame full of ones, in a system call");

/* --- tests --- */

#define CORE 0x80

static void
a_handler_runs_where_a_call_returns(void **state)
{
	(void)state;
	harness_every_seed("us_call", SEEDS);
}

static void
a_fault_is_mended_and_no_register_is_lost(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_every_seed("us_fault", SEEDS);
	harness_passes("us_sigfpe", NULL, 0);
	/* With and without the shortcuts of the memory it is the same. */
	options.vm_shortcuts = false;
	harness_passes("us_fault", &options, 0);
}

static void
a_handler_of_abort_does_not_save_the_program(void **state)
{
	(void)state;
	harness_passes("us_abort", NULL, SIGABRT | CORE);
}

static void
a_handler_may_change_what_it_interrupted(void **state)
{
	(void)state;
	harness_passes("us_change", NULL, 0);
}

static void
handlers_nest_and_mask_themselves(void **state)
{
	(void)state;
	harness_passes("us_nest", NULL, SIGUSR1);
	harness_every_seed("us_two_at_once", SEEDS);
}

static void
handlers_run_on_an_alternate_stack(void **state)
{
	(void)state;
	harness_passes("us_altstack", NULL, 0);
	harness_passes("us_other_stack", NULL, 0);
	harness_every_seed("us_overflow", 3);
}

static void
a_stack_without_room_for_a_handler_is_the_end(void **state)
{
	(void)state;
	harness_passes("us_no_room", NULL, rule->no_room | CORE);
	harness_passes("us_bad_altstack", NULL, rule->no_room | CORE);
}

static void
a_handler_may_be_left_by_a_jump(void **state)
{
	(void)state;
	harness_every_seed("us_jump", SEEDS);
}

static void
a_forged_frame_harms_its_own_process_only(void **state)
{
	(void)state;
	harness_passes("us_forged_fault", NULL, SIGSEGV | CORE);
	harness_passes("us_forged_call", NULL, SIGSEGV | CORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_runs_where_a_call_returns),
		cmocka_unit_test(a_fault_is_mended_and_no_register_is_lost),
		cmocka_unit_test(a_handler_of_abort_does_not_save_the_program),
		cmocka_unit_test(a_handler_may_change_what_it_interrupted),
		cmocka_unit_test(handlers_nest_and_mask_themselves),
		cmocka_unit_test(handlers_run_on_an_alternate_stack),
		cmocka_unit_test(a_stack_without_room_for_a_handler_is_the_end),
		cmocka_unit_test(a_handler_may_be_left_by_a_jump),
		cmocka_unit_test(a_forged_frame_harms_its_own_process_only),
	};

	rule = &rules[harness_options().kernel];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
