/* SPDX-License-Identifier: MIT */
/*
 * usersig.c - how a program comes to run a signal handler, and back.
 *
 * What it is
 *   A thread on its way to user mode, in flavour->ast(), has a state there: the
 *   pcb of a system call, or all registers in the host's signal frame if a page
 *   fault brought it in. tine__sendsig() copies that state onto the program's
 *   stack and diverts the thread to tine__user_handler, a few instructions of
 *   user mode that call the handler and then trap to sigreturn with the address
 *   of the frame. That call puts the state back.
 *
 *	old rsp ->	what the program had
 *			128 bytes that a leaf function may use (red zone)
 *			floating-point state	64-aligned
 *			siginfo
 *	new rsp ->	context: registers, mask	64-aligned
 *
 *   On an alternate stack the same, from its top and without the red zone.
 *
 * States and moves
 *	(in a call)	--sendsig--> (to a handler)	pcb diverted, fresh
 *	(in a fault)	--sendsig--> (to a handler)	host's frame given up
 *	(to a handler)	--sendsig--> (to a handler)	nested, the newest first
 *	handler		--return---> sigreturn --> what was before
 *	handler		--longjmp--> anywhere: nothing has to be undone
 *
 * Invariants
 *   US1 The frame holds no byte that was not put there: no padding, nothing of
 *       the host's frame but registers.
 *   US2 Nothing is kept outside the program's memory, so a frame may be
 *       abandoned, copied by fork, or returned through twice.
 *   US3 No register that a program may not set comes out of a frame: flags are
 *       masked, segments are the host's own, the floating-point state has no
 *       component and no bit that the processor would refuse.
 *
 * How it differs from real kernels
 *   Whether a thread runs on its alternate stack follows from its stack
 *   pointer alone, as on Linux and NetBSD; illumos keeps a flag that its libc
 *   puts right after longjmp. The frame has one layout for all kernels.
 *   AMX tiles are lost when a signal interrupts a page fault: a frame with room
 *   for them would be three times the size on all processors.
 *
 * Read next
 *   sched/usercontext.c, tine__user_handler in sched/x86_64/switch.S.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "machine/machine.h"
#include "proc/usersig.h"

#define RED_ZONE 128
#define PART_SIZE (offsetof(struct tine__sigframe, fp) + TINE__SIGFP_HEAD)

/* A handler on the smallest stack can begin, and call something. */
CTASSERT(TINE_MINSIGSTKSZ >= sizeof(struct tine__sigframe) + 64 + 512);
/* What may be read as the host's types. */
CTASSERT(sizeof(struct tine_siginfo) == sizeof(siginfo_t));
CTASSERT(offsetof(struct tine_siginfo, code) == offsetof(siginfo_t, si_code));
CTASSERT(offsetof(struct tine_siginfo, pid) == offsetof(siginfo_t, si_pid));
CTASSERT(offsetof(struct tine_siginfo, uid) == offsetof(siginfo_t, si_uid));
CTASSERT(offsetof(struct tine_siginfo, status) ==
    offsetof(siginfo_t, si_status));
CTASSERT(offsetof(struct tine_siginfo, value) ==
    offsetof(siginfo_t, si_value));
CTASSERT(offsetof(struct tine_siginfo, utime) ==
    offsetof(siginfo_t, si_utime));
CTASSERT(offsetof(struct tine_siginfo, pid) == offsetof(siginfo_t, si_addr));
CTASSERT(sizeof(struct tine_stack) == sizeof(stack_t));

static bool
within(const struct tine_stack *stack, uintptr_t sp)
{
	return ((stack->flags & TINE_SS_DISABLE) == 0 && stack->size != 0 &&
	    sp - (uintptr_t)stack->sp <= stack->size);
}

bool
tine__on_altstack(const struct tine_stack *stack)
{
	return (within(stack, tine__user_sp(tine__cur)));
}

/* Where the frame begins. @return 0: there is no room for it. */
static uintptr_t
place(const struct tine__sigsend *send, size_t size)
{
	const uintptr_t low = (uintptr_t)send->stack->sp;
	const uintptr_t sp = tine__user_sp(tine__cur);
	const bool there = within(send->stack, sp);
	uintptr_t top = sp - RED_ZONE, at;
	bool alternate = there;

	if (send->onstack && !there && send->stack->size != 0 &&
	    (send->stack->flags & TINE_SS_DISABLE) == 0) {
		top = low + send->stack->size;
		alternate = true;
	}
	if (top < size + 64 || sp < RED_ZONE)
		return (0);
	at = (top - size) & ~(uintptr_t)63;
	return (alternate && at < low ? 0 : at);
}

/* The handler of no signal: only its return is wanted. */
static void
nothing(void)
{
}

int
tine__sendsig(const struct tine__sigsend *send)
{
	struct tine__thread *self = tine__cur;
	struct tine__sigframe frame;
	const bool whole = tine__user_whole(self);
	const size_t size = whole ? sizeof(frame) : PART_SIZE;
	const uintptr_t at = place(send, size);
	uint64_t values[5];

	if (at == 0)
		return (EFAULT);
	memset(&frame, 0, offsetof(struct tine__sigframe, fp));
	tine__user_save(self, &frame.context, frame.fp);
	frame.context.stack = *send->stack;
	frame.context.stack.flags &= TINE_SS_DISABLE;
	if (within(send->stack, tine__user_sp(self)))
		frame.context.stack.flags |= TINE_SS_ONSTACK;
	frame.context.fp = (void *)(at + offsetof(struct tine__sigframe, fp));
	frame.context.mask = send->mask;
	frame.whole = whole;
	if (send->info != NULL)
		frame.info = *send->info;
	frame.info.signo = send->signo;
	if (send->put(&frame, (void *)at, size) != 0)
		return (EFAULT);

	values[0] = send->handler;
	values[1] = (uint64_t)send->signo;
	values[2] = send->info == NULL ? 0 :
	    at + offsetof(struct tine__sigframe, info);
	values[3] = at;
	values[4] = TINE__SYS_sigreturn;
	tine__user_divert(self, (uintptr_t)tine__user_handler, at, values);
	if (send->signo != 0)
		self->pcb.handlers++;
	if (send->signo != 0)
		tine__event(self->machine, TINE_EV_HANDLER,
		    (uint64_t)send->signo, whole);
	return (0);
}

int
tine__user_park(tine_sigset_t mask,
    int (*put)(const void *kernel, void *user, size_t size))
{
	const struct tine_stack none = { 0, TINE_SS_DISABLE, 0 };
	const struct tine__sigsend send = {
		.handler = (uintptr_t)nothing,
		.mask = mask,
		.stack = &none,
		.put = put
	};

	ASSERT(tine__user_whole(tine__cur));
	return (tine__sendsig(&send));
}

int
tine__sigframe_fetch(uintptr_t at,
    int (*get)(const void *user, void *kernel, size_t size),
    struct tine__sigframe *frame)
{
	memset(frame, 0, sizeof(*frame));
	if (get((const void *)at, frame, PART_SIZE) != 0)
		return (EFAULT);
	if (frame->whole == 0)
		return (0);
	return (get((const void *)at, frame, sizeof(*frame)) != 0 ?
	    EFAULT : 0);
}

int64_t
tine__sigreturn(const struct tine__sigframe *frame)
{
	struct tine__thread *self = tine__cur;

	tine__event(self->machine, TINE_EV_SIGRETURN, frame->whole != 0, 0);
	if (frame->info.signo != 0 && self->pcb.handlers != 0)
		self->pcb.handlers--;
	if (frame->whole != 0)
		tine__user_resume(self, &frame->context, frame->fp);
	tine__user_load(self, &frame->context, frame->fp);
	return ((int64_t)frame->context.rax);
}

bool
tine__leaving_call(void)
{
	return (!tine__user_whole(tine__cur) && !tine__cur->fresh);
}

int64_t
tine__call_result(void)
{
	return ((int64_t)tine__cur->pcb.rax);
}

void
tine__siginfo_fault(struct tine_siginfo *info, int signo, int code,
    uintptr_t address)
{
	memset(info, 0, sizeof(*info));
	info->signo = signo;
	info->code = code;
	info->addr = (void *)address;
	memcpy((char *)info + offsetof(siginfo_t, si_addr), &info->addr,
	    sizeof(info->addr));
}
