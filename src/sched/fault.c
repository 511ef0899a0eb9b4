/* SPDX-License-Identifier: MIT */
/*
 * fault.c - host signals that a program causes, turned into kernel code.
 *
 * What it is
 *   SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, and SIGABRT because abort() and a
 *   failed assert() raise it, are caught on an alternate stack. If
 *   the interrupted code is a program (its thread is in user mode), the signal
 *   frame is copied to the top of the LWP's kernel stack, which is empty then,
 *   and the fault runs below it as ordinary kernel code: it may take locks,
 *   sleep, be scheduled away. The LWP resumes by rt_sigreturn from the copy, so
 *   that all registers, flags and floating-point state are as they were.
 *
 * Who else may fault
 *   Kernel code of the simulation: a bug, or a simulated use after free. The
 *   run ends with outcome "panic", the machine is thrown away whole. Host code:
 *   not ours, handed on to the handler that was there before.
 *
 * What protects a program's stack
 *   While a machine runs, every signal that could arrive from outside is
 *   blocked: its handler would run on a stack in simulated memory, which the
 *   host kernel may not be able to write to. SIGINT, SIGTERM and SIGQUIT stay
 *   deliverable while they have their default action, which needs no stack.
 *
 * Registry
 *   Handlers are process-wide; machines run on several host threads. The
 *   registry below counts them and remembers what to put back: the only mutable
 *   global state of the library beside the slots, the modules and the programs.
 */
#define _GNU_SOURCE	/* register names of the signal frame */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "machine/machine.h"
#include "sched/frame.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

static const int signals[] = {
	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT
};
#define NSIGNALS (sizeof(signals) / sizeof(signals[0]))

static struct {
	pthread_mutex_t lock;
	unsigned armed;
	bool have_layout;
	struct frame_layout layout;
	struct sigaction before[NSIGNALS];
} registry = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What the fault's kernel code needs, at the bottom of the copied frame. */
struct fault {
	struct tine__trapframe trap;
	void *ucontext;
};

static void
not_ours(int signo, siginfo_t *info, void *context)
{
	const struct sigaction *before = NULL;
	struct sigaction defaults;
	size_t i;

	for (i = 0; i < NSIGNALS; i++)
		if (signals[i] == signo)
			before = &registry.before[i];
	if (before == NULL)
		return;
	if (info->si_code <= 0 && before->sa_handler == SIG_IGN)
		return;
	if (before->sa_handler == SIG_DFL || before->sa_handler == SIG_IGN) {
		/* The default, which a fault has even where it was to be
		 * ignored. The access repeats; what was sent is sent again. */
		memset(&defaults, 0, sizeof(defaults));
		defaults.sa_handler = SIG_DFL;
		(void)sigaction(signo, &defaults, NULL);
		if (info->si_code <= 0)
			(void)raise(signo);
		return;
	}
	if (before->sa_flags & SA_SIGINFO)
		before->sa_sigaction(signo, info, context);
	else
		before->sa_handler(signo);
}

/* The address as traces may show it: never one of the host's. */
static uint64_t
trace_address(const struct tine_machine *m, uintptr_t address)
{
	uint64_t va;

	if (tine__vm_to_va(m->vm, address, &va))
		return (va);
	return (address < TINE__PAGE * 16 ? address : UINT64_MAX);
}

/*
 * Faults that do not come back to where they were. Their thread is where the
 * pcb says, from here on.
 */
static void
fault_elsewhere(struct tine__thread *self, const struct fault *fault)
{
	const uint64_t nothing[5] = { 0 };

	if (fault->trap.signo == SIGABRT) {
		/* libc would end the host process after a handler. */
		tine__user_divert(self, (uintptr_t)tine__user_aborted,
		    ((fault->trap.sp - 128) & ~(uintptr_t)15) - 8, nothing);
	} else if (fault->trap.pc == (uintptr_t)tine__trap_push) {
		/* Not quite out of a system call: its end is done here. */
		frame_restore_control(fault->ucontext);
		self->fresh = true;
		self->posted = true;
	} else {
		return;
	}
	self->in_fault = false;
	self->fault_frame = NULL;
}

/* On the kernel stack, as kernel code. */
static void
fault_main(void *arg)
{
	struct fault *fault = arg;
	struct tine__thread *self = tine__cur;
	struct tine_machine *m = self->machine;

#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
	m->host_faults++;
	self->in_fault = true;
	tine__event(m, TINE_EV_FAULT,
	    trace_address(m, fault->trap.address), fault->trap.access + 1);
	tine__point(TINE_OP_FAULT, NULL,
	    trace_address(m, fault->trap.address));
	self->fault_frame = fault->ucontext;
	fault_elsewhere(self, fault);
	m->flavour->trap(&fault->trap);
	tine__fault_return(self, fault->ucontext);
}

void
tine__fault_return(struct tine__thread *self, void *ucontext)
{
	struct tine_machine *m = self->machine;

	tine__user_return(self);
	self->in_fault = false;
	self->fault_frame = NULL;
	if (self->fresh) {
		/* To a handler, which finds these registers on its stack. If
		 * an instruction was to be stepped over it faults again. */
		self->fresh = self->step = false;
		tine__user_enter(self);
	}
	if (TINE__UNLIKELY(self->step)) {
		self->step = false;
		tine__as_step(self->as, self->step_va);
		tine__window_enter(m->vm, self->as);
		frame_step(ucontext, true);
	}
	self->mode = TINE__MODE_USER;
	tine__host_sigreturn(ucontext);
}

/*
 * Without notes of the address sanitizer, as the handler: before a call that
 * does not return it looks for the stacks of the thread, and on an alternate
 * stack it reads all of /proc/self/maps for that.
 */
static TINE_NORETURN __attribute__((no_sanitize_address)) void
program_fault(struct tine__thread *self, int signo, const siginfo_t *info,
    ucontext_t *uc)
{
	struct fault *fault;
	char *top;

	self->mode = TINE__MODE_KERNEL;
	/* A scheduling point: the watchdog has nothing to complain about. */
	if (TINE__UNLIKELY(self->machine->watchdog_bite ==
	    TINE__BITE_STEPPING)) {
		frame_step(uc, false);
		self->machine->watchdog_bite = TINE__BITE_NONE;
	}
	top = frame_copy(&registry.layout, self->kstack_top, uc);
	fault = (struct fault *)(void *)(top - sizeof(*fault) - 16);
	fault = (struct fault *)((uintptr_t)fault & ~15ul);
	fault->ucontext = top;
	fault->trap.signo = signo;
	fault->trap.code = info->si_code > 0 ? info->si_code : 0;
	fault->trap.address = info->si_code > 0 ?
	    (uintptr_t)info->si_addr : 0;
	fault->trap.access = TINE__ACCESS_READ;
	if (signo == SIGSEGV && (frame_error(uc) & 2))
		fault->trap.access = TINE__ACCESS_WRITE;
	if (signo == SIGSEGV && (frame_error(uc) & 16))
		fault->trap.access = TINE__ACCESS_EXEC;
	fault->trap.pc = frame_pc(uc);
	fault->trap.sp = frame_sp(uc);
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_start_switch_fiber(NULL,
	    tine__slot_kstack_low(self->machine->slot, self->kstack_index),
	    TINE__KSTACK_STRIDE);
#endif
	tine__call_on(fault, fault_main, fault);
}

/*
 * The instruction that was stepped over is done: its pages are watched again.
 * Nobody else ran meanwhile, and nothing is scheduled here.
 */
static void
stepped(struct tine__thread *self, ucontext_t *uc)
{
	self->mode = TINE__MODE_KERNEL;
	frame_step(uc, false);
	tine__as_step_over(self->as);
	tine__window_enter(self->machine->vm, self->as);
	self->mode = TINE__MODE_USER;
}

static TINE_NORETURN void
kernel_fault(struct tine_machine *m, struct tine__thread *self, int signo,
    const siginfo_t *info, const ucontext_t *uc)
{
	uintptr_t address = (uintptr_t)info->si_addr;
	bool poisoned = frame_holds(uc, TINE__KMEM_FREED, 4096);
	uintptr_t low, base = m->slot->base;
	const char *type;
	bool live = false;

	low = self == NULL ? 0 : (uintptr_t)tine__slot_kstack_low(m->slot,
	    self->kstack_index);
	type = tine__kmem_type_of(m->kmem, info->si_addr, &live);
	if (self != NULL && address >= low &&
	    address < low + TINE__KSTACK_GUARD)
		tine__run_outcome(m, TINE_OUTCOME_PANIC,
		    "kernel stack overflow");
	else if (type != NULL && !live)
		tine__run_outcome(m, TINE_OUTCOME_USE_AFTER_FREE,
		    "kernel fault (signal %d) at kernel offset %#llx, in a "
		    "%s that was freed", signo,
		    (unsigned long long)(address - base), type);
	else if (poisoned)
		tine__run_outcome(m, TINE_OUTCOME_USE_AFTER_FREE,
		    "kernel fault (signal %d): a pointer out of freed memory "
		    "was followed", signo);
	else if (type != NULL)
		tine__run_outcome(m, TINE_OUTCOME_PANIC,
		    "kernel fault (signal %d) at kernel offset %#llx, in a "
		    "live %s", signo, (unsigned long long)(address - base),
		    type);
	else if (address == 0)
		tine__run_outcome(m, TINE_OUTCOME_PANIC,
		    "kernel fault (signal %d): NULL, or a pointer that is "
		    "none", signo);
	else
		tine__run_outcome(m, TINE_OUTCOME_PANIC,
		    "kernel fault (signal %d) at a bad address", signo);
	tine__run_abandon(m);
}

/*
 * The watchdog's signal. It comes too late when no thread runs any more, and at
 * the wrong moment when the host's allocator or C library is in the middle of
 * something: its locks would never be given back. Then the host stops behind
 * each instruction, until one is not theirs.
 */
static void
bitten(struct tine_machine *m, struct tine__thread *self, ucontext_t *uc)
{
	bool user = self != NULL && self->mode == TINE__MODE_USER;

	if (self != NULL && tine__watchdog_postpone(m, frame_pc(uc))) {
		/* Of a string instruction every round would be one. */
		if (frame_repeating(uc) && tine__watchdog_later(m)) {
			frame_step(uc, false);
			m->watchdog_bite = TINE__BITE_NONE;
			return;
		}
		frame_step(uc, true);
		m->watchdog_bite = TINE__BITE_STEPPING;
		return;
	}
	frame_step(uc, false);
	m->watchdog_bite = TINE__BITE_TAKEN;
	if (self == NULL)
		return;
	self->mode = TINE__MODE_KERNEL;
	tine__run_outcome(m, TINE_OUTCOME_WATCHDOG, "%s ran for %u ms of host "
	    "time without coming to a scheduling point",
	    user ? "a program" : "kernel code", m->options.watchdog_ms);
	tine__run_abandon(m);
}

/* One instruction of the host's code is done. False: it was not that. */
static bool
watchdog_step(struct tine_machine *m, struct tine__thread *self,
    ucontext_t *uc)
{
	switch (m->watchdog_bite) {
	case TINE__BITE_NONE:
		return (false);
	case TINE__BITE_STEPPING:
		bitten(m, self, uc);
		return (true);
	default:	/* the signal comes once more, for good */
		frame_step(uc, false);
		return (true);
	}
}

/* A fault, or what a program does to itself by abort() or raise(); not what
 * somebody sent. */
static bool
caused_here(const siginfo_t *info, const struct tine__thread *self)
{
	if (info->si_code > 0)
		return (true);
	return (info->si_code == SI_TKILL && info->si_pid == getpid() &&
	    self != NULL && self->mode == TINE__MODE_USER);
}

static __attribute__((no_sanitize_address)) void
handler(int signo, siginfo_t *info, void *context)
{
	struct tine_machine *m = tine__running;
	struct tine__thread *self = tine__cur;

#if defined(__SANITIZE_ADDRESS__)
	/* Who left this stack for good left notes on it. */
	if (m != NULL)
		__asan_unpoison_memory_region(m->arm.altstack,
		    m->arm.altstack_size);
#endif
	if (info->si_code == SI_TKILL && m != NULL &&
	    m->watchdog_bite == TINE__BITE_SENT)
		bitten(m, self, context);
	else if (m != NULL && signo == SIGTRAP &&
	    info->si_code == TRAP_TRACE && watchdog_step(m, self, context))
		return;
	else if (m == NULL || !caused_here(info, self))
		not_ours(signo, info, context);
	else if (self == NULL || self->machine != m)
		/* our own code between runs, or a thread structure that a
		 * wild store went over */
		kernel_fault(m, NULL, signo, info, context);
	else if (signo == SIGTRAP && self->mode == TINE__MODE_USER &&
	    frame_stepping(context))
		stepped(self, context);
	else if (self->mode == TINE__MODE_USER)
		program_fault(self, signo, info, context);
	else
		kernel_fault(self->machine, self, signo, info, context);
}

static void
block_signals(struct tine__arm *arm)
{
	static const int fatal[] = { SIGINT, SIGTERM, SIGQUIT };
	struct sigaction action;
	sigset_t set, old;
	size_t i;

	CTASSERT(sizeof(old) <= sizeof(arm->saved_mask));
	sigfillset(&set);
	for (i = 0; i < NSIGNALS; i++)
		sigdelset(&set, signals[i]);
	sigdelset(&set, SIGTRAP);
	sigdelset(&set, SIGABRT);
	for (i = 0; i < 3; i++)
		if (sigaction(fatal[i], NULL, &action) == 0 &&
		    action.sa_handler == SIG_DFL)
			sigdelset(&set, fatal[i]);
	(void)pthread_sigmask(SIG_SETMASK, &set, &old);
	memcpy(arm->saved_mask, &old, sizeof(old));
}

int
tine__fault_arm(struct tine__arm *arm)
{
	struct sigaction action;
	stack_t stack, old;
	size_t i;

	memset(&stack, 0, sizeof(stack));
	stack.ss_sp = arm->altstack;
	stack.ss_size = arm->altstack_size;
	CTASSERT(sizeof(old) <= sizeof(arm->saved_stack));
	if (sigaltstack(&stack, &old) != 0)
		return (tine__error(TINE_EHOST,
		    "the host refused an alternate signal stack"));
	memcpy(arm->saved_stack, &old, sizeof(old));
	pthread_mutex_lock(&registry.lock);
	if (!registry.have_layout) {
		frame_init(&registry.layout);
		registry.have_layout = true;
	}
	if (registry.armed++ == 0) {
		memset(&action, 0, sizeof(action));
		action.sa_sigaction = handler;
		action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
		for (i = 0; i < NSIGNALS; i++)
			(void)sigaction(signals[i], &action,
			    &registry.before[i]);
	}
	pthread_mutex_unlock(&registry.lock);
	block_signals(arm);
	arm->armed = 1;
	return (0);
}

void
tine__fault_disarm(struct tine__arm *arm)
{
	sigset_t mask;
	stack_t stack;
	size_t i;

	if (!arm->armed)
		return;
	arm->armed = 0;
	pthread_mutex_lock(&registry.lock);
	if (--registry.armed == 0)
		for (i = 0; i < NSIGNALS; i++)
			(void)sigaction(signals[i], &registry.before[i], NULL);
	pthread_mutex_unlock(&registry.lock);
	memcpy(&stack, arm->saved_stack, sizeof(stack));
	(void)sigaltstack(&stack, NULL);
	memcpy(&mask, arm->saved_mask, sizeof(mask));
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

const struct frame_layout *
tine__frame_layout(void)
{
	return (&registry.layout);
}

int64_t
tine__trap_refused(uint64_t number)
{
	(void)number;
	(void)tine__error(TINE_EPROGRAM,
	    "a program's call was made outside any simulated program");
	return (-1);		/* -EPERM */
}
