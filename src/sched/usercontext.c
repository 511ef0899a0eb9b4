/* SPDX-License-Identifier: MIT */
/*
 * usercontext.c - the user registers of a thread that is in the kernel: saved
 * for a handler, changed, set again.
 *
 * There are two forms. After a system call the pcb has the registers that a
 * call preserves; the others are dead. After a fault the host's signal frame
 * has all of them, and the floating-point state. A thread that comes back to a
 * whole state which was saved gets a signal frame of its own making, on its
 * kernel stack, and leaves through it as after a fault.
 */
#define _GNU_SOURCE	/* register names of the signal frame */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "machine/machine.h"
#include "sched/frame.h"

CTASSERT(TINE__USER_FP >= FRAME_FX_SIZE + 64 && TINE__USER_FP % 64 == 0);

bool
tine__user_whole(const struct tine__thread *self)
{
	return (self->in_fault && !self->fresh);
}

uintptr_t
tine__user_sp(const struct tine__thread *self)
{
	return (tine__user_whole(self) ? frame_sp(self->fault_frame) :
	    (uintptr_t)self->pcb.rsp);
}

void
tine__user_save(const struct tine__thread *self, struct tine_context *context,
    void *fp)
{
	const struct tine__pcb *pcb = &self->pcb;

	memset(context, 0, sizeof(*context));
	if (tine__user_whole(self)) {
		frame_save(tine__frame_layout(), self->fault_frame, context,
		    fp, TINE__USER_FP);
		return;
	}
	context->rip = pcb->rip;
	context->rsp = pcb->rsp;
	context->rbx = pcb->rbx;
	context->rbp = pcb->rbp;
	context->r12 = pcb->r12;
	context->r13 = pcb->r13;
	context->r14 = pcb->r14;
	context->r15 = pcb->r15;
	context->rax = pcb->rax;
	frame_save_control(fp);
}

int
tine__trap_repeat(uint64_t number, const uint64_t args[5])
{
	struct tine__thread *self = tine__cur;
	struct tine__pcb *pcb = &self->pcb;
	const uint64_t words[7] = { number, args[0], args[1], args[2],
		args[3], args[4], pcb->rip };
	const uint64_t sp = pcb->rsp - sizeof(words);
	int error;

	error = tine__copyout(self->as, words, (void *)(uintptr_t)sp,
	    sizeof(words));
	if (error != 0)
		return (error);
	pcb->rsp = sp;
	pcb->rip = (uintptr_t)tine__trap_again;
	self->ast = true;
	return (0);
}

void
tine__user_divert(struct tine__thread *self, uintptr_t pc, uintptr_t sp,
    const uint64_t values[5])
{
	self->pcb.rip = pc;
	self->pcb.rsp = sp;
	self->pcb.rbp = 0;
	self->pcb.rbx = values[0];
	self->pcb.r12 = values[1];
	self->pcb.r13 = values[2];
	self->pcb.r14 = values[3];
	self->pcb.r15 = values[4];
	self->pcb.rax = 0;
	self->fresh = true;
}

void
tine__user_load(struct tine__thread *self, const struct tine_context *context,
    const void *fp)
{
	struct tine__pcb *pcb = &self->pcb;

	pcb->rip = context->rip;
	pcb->rsp = context->rsp;
	pcb->rbx = context->rbx;
	pcb->rbp = context->rbp;
	pcb->r12 = context->r12;
	pcb->r13 = context->r13;
	pcb->r14 = context->r14;
	pcb->r15 = context->r15;
	pcb->rax = context->rax;
	frame_load_control(fp);
	self->fresh = true;
}

void
tine__user_resume(struct tine__thread *self,
    const struct tine_context *context, const void *fp)
{
	const struct tine__arm *arm = &self->machine->arm;
	char room[FRAME_ROOM(TINE__USER_FP)];
	ucontext_t *uc;
	sigset_t mask;

	uc = frame_build(tine__frame_layout(), room + sizeof(room), context,
	    fp, TINE__USER_FP);
	uc->uc_stack.ss_sp = arm->altstack;
	uc->uc_stack.ss_size = arm->altstack_size;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	memcpy(&uc->uc_sigmask, &mask, FRAME_MASK_SIZE);
	self->in_fault = true;
	self->fault_frame = uc;
	tine__fault_return(self, uc);
}
