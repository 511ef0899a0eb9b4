/* SPDX-License-Identifier: MIT */
/*
 * switch.S - stacks and registers on x86-64: all the assembly there is.
 *
 * What each routine must do is said in sched/trap.h; a second architecture is
 * one more file like this one, and its offsets.h.
 *
 * Only callee-saved registers are kept: every way in is a C call. MXCSR and the
 * x87 control word belong to them. A trap leaves those two alone, since kernel
 * code does not change them: whoever switches away saves them.
 */
#include "sched/offsets.h"

	.text

/*
 * void tine__switch(void **from, void *to)
 *
 * The saved stack, upwards: mxcsr, x87 cw, r15, r14, r13, r12, rbx, rbp, return
 * address. The way on is a jump, not a return: the processor's return predictor
 * knows nothing of other stacks.
 */
	.globl	tine__switch
	.hidden	tine__switch
	.type	tine__switch, @function
	.p2align 4
tine__switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	leaq	-8(%rsp), %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)

	movq	%rsp, (%rdi)
	movq	%rsi, %rsp

	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	leaq	8(%rsp), %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	popq	%r8
	.cfi_adjust_cfa_offset -8
	jmp	*%r8
	.cfi_endproc
	.size	tine__switch, . - tine__switch

/*
 * void *tine__switch_prepare(char *stack_top)
 *
 * The floating-point control words are inherited from the caller, as fork and
 * thread creation have it.
 */
	.globl	tine__switch_prepare
	.hidden	tine__switch_prepare
	.type	tine__switch_prepare, @function
	.p2align 4
tine__switch_prepare:
	.cfi_startproc
	andq	$-16, %rdi
	leaq	begin(%rip), %rax
	movq	%rax, -16(%rdi)
	xorl	%eax, %eax
	movq	%rax, -24(%rdi)
	movq	%rax, -32(%rdi)
	movq	%rax, -40(%rdi)
	movq	%rax, -48(%rdi)
	movq	%rax, -56(%rdi)
	movq	%rax, -64(%rdi)
	stmxcsr	-72(%rdi)
	fnstcw	-68(%rdi)
	leaq	-72(%rdi), %rax
	ret
	.cfi_endproc
	.size	tine__switch_prepare, . - tine__switch_prepare

/* The bottom of every kernel stack: backtraces end here. */
	.type	begin, @function
	.p2align 4
begin:
	.cfi_startproc
	.cfi_undefined %rip
	andq	$-16, %rsp
	xorl	%ebp, %ebp
	call	tine__thread_begin
	ud2
	.cfi_endproc
	.size	begin, . - begin

/*
 * int64_t tine__trap(number, a0, a1, a2, a3, a4)
 *
 * User registers go to the LWP's pcb, the return address among them: so the
 * user stack is not needed to come back, which is what makes vfork work. The
 * arguments stay where they are: tine__syscall takes the same.
 */
	.globl	tine__trap
	.hidden	tine__trap
	.type	tine__trap, @function
	.p2align 4
tine__trap:
	.cfi_startproc
	movq	tine__cur@gottpoff(%rip), %rax
	movq	%fs:(%rax), %rax
	testq	%rax, %rax
	je	1f
	cmpl	$TINE__MODE_USER, TINE__OFF_MODE(%rax)
	jne	1f
	popq	%r11
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %r11
	movq	%r11, TINE__OFF_RIP(%rax)
	movq	%rsp, TINE__OFF_RSP(%rax)
	movq	%rbx, TINE__OFF_RBX(%rax)
	movq	%rbp, TINE__OFF_RBP(%rax)
	movq	%r12, TINE__OFF_R12(%rax)
	movq	%r13, TINE__OFF_R13(%rax)
	movq	%r14, TINE__OFF_R14(%rax)
	movq	%r15, TINE__OFF_R15(%rax)
	movl	$TINE__MODE_KERNEL, TINE__OFF_MODE(%rax)
	movq	%rax, %rbx
	movq	TINE__OFF_KSTACK(%rax), %rsp
	.cfi_undefined %rip
	call	tine__syscall
	/* A C call has kept rbx (still the thread) and rbp, r12 to r15 as they
	 * were, whatever ran between. */
	movq	TINE__OFF_RSP(%rbx), %rsp
	movl	$TINE__MODE_USER, TINE__OFF_MODE(%rbx)
	/* Put the return address back where the call had left it, and return:
	 * a jump would leave the return predictor one call behind. From here
	 * on the program runs, and may fault. */
	.globl	tine__trap_push
	.hidden	tine__trap_push
tine__trap_push:
	pushq	TINE__OFF_RIP(%rbx)
	movq	TINE__OFF_RBX(%rbx), %rbx
	ret
1:	jmp	tine__trap_refused
	.cfi_endproc
	.size	tine__trap, . - tine__trap

/*
 * The kernel has backed the program counter up to here, and has put on the
 * stack the number of the call, its arguments and the address that it returns
 * to.
 */
	.globl	tine__trap_again
	.hidden	tine__trap_again
	.type	tine__trap_again, @function
	.p2align 4
tine__trap_again:
	.cfi_startproc
	.cfi_undefined %rip
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%r8
	popq	%r9
	jmp	tine__trap
	.cfi_endproc
	.size	tine__trap_again, . - tine__trap_again

/* void tine__user_enter(struct tine__thread *thread) */
	.globl	tine__user_enter
	.hidden	tine__user_enter
	.type	tine__user_enter, @function
	.p2align 4
tine__user_enter:
	.cfi_startproc
	.cfi_undefined %rip
	movq	TINE__OFF_RAX(%rdi), %rax
	movq	TINE__OFF_RBX(%rdi), %rbx
	movq	TINE__OFF_RBP(%rdi), %rbp
	movq	TINE__OFF_R12(%rdi), %r12
	movq	TINE__OFF_R13(%rdi), %r13
	movq	TINE__OFF_R14(%rdi), %r14
	movq	TINE__OFF_R15(%rdi), %r15
	movq	TINE__OFF_RSP(%rdi), %rsp
	movq	TINE__OFF_RIP(%rdi), %r11
	movl	$TINE__MODE_USER, TINE__OFF_MODE(%rdi)
	jmp	*%r11
	.cfi_endproc
	.size	tine__user_enter, . - tine__user_enter

/*
 * The first instructions of a program: rbx(r12, r13), then r14(result). What
 * tine__thread_set_user() puts into the pcb.
 */
	.globl	tine__user_start
	.hidden	tine__user_start
	.type	tine__user_start, @function
	.p2align 4
tine__user_start:
	.cfi_startproc
	.cfi_undefined %rip
	xorl	%ebp, %ebp
	movq	%r12, %rdi
	movq	%r13, %rsi
	call	*%rbx
	movl	%eax, %edi
	call	*%r14
	ud2
	.cfi_endproc
	.size	tine__user_start, . - tine__user_start

/*
 * The first instructions of a signal handler: rbx(r12, r13, r14) with the
 * floating-point control words that a program begins with, then the system call
 * r15(rsp), which does not come back. What tine__sendsig() puts into the pcb;
 * rsp is its frame.
 */
	.globl	tine__user_handler
	.hidden	tine__user_handler
	.type	tine__user_handler, @function
	.p2align 4
tine__user_handler:
	.cfi_startproc
	.cfi_undefined %rip
	xorl	%ebp, %ebp
	cld
	fninit
	ldmxcsr	mxcsr_begin(%rip)
	movq	%r12, %rdi
	movq	%r13, %rsi
	movq	%r14, %rdx
	call	*%rbx
	movq	%r15, %rdi
	movq	%rsp, %rsi
	call	tine__trap
	ud2
	.cfi_endproc
	.size	tine__user_handler, . - tine__user_handler

/*
 * int tine_setjmp(struct tine_jmp_buf *at): 0, and once more with another
 * result when somebody calls tine__jump. rbx, rbp, r12 to r15, rsp, the
 * return address, then the floating-point control words.
 */
	.globl	tine_setjmp
	.type	tine_setjmp, @function
	.p2align 4
tine_setjmp:
	.cfi_startproc
	movq	%rbx, (%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	leaq	8(%rsp), %rax
	movq	%rax, 48(%rdi)
	movq	(%rsp), %rax
	movq	%rax, 56(%rdi)
	stmxcsr	64(%rdi)
	fnstcw	68(%rdi)
	xorl	%eax, %eax
	ret
	.cfi_endproc
	.size	tine_setjmp, . - tine_setjmp

/* void tine__jump(const struct tine_jmp_buf *at, int result) */
	.globl	tine__jump
	.hidden	tine__jump
	.type	tine__jump, @function
	.p2align 4
tine__jump:
	.cfi_startproc
	movl	%esi, %eax
	testl	%eax, %eax
	jne	1f
	incl	%eax
1:	movq	(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	ldmxcsr	64(%rdi)
	fldcw	68(%rdi)
	cld
	jmp	*56(%rdi)
	.cfi_endproc
	.size	tine__jump, . - tine__jump

	.section .rodata
	.p2align 2
mxcsr_begin:
	.long	0x1f80
	.text

/* void tine__call_on(void *stack_top, void (*fn)(void *), void *arg) */
	.globl	tine__call_on
	.hidden	tine__call_on
	.type	tine__call_on, @function
	.p2align 4
tine__call_on:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%rdi, %rsp
	andq	$-16, %rsp
	xorl	%ebp, %ebp
	movq	%rdx, %rdi
	call	*%rsi
	ud2
	.cfi_endproc
	.size	tine__call_on, . - tine__call_on

/* void tine__host_sigreturn(void *ucontext): rsp must point at it. */
	.globl	tine__host_sigreturn
	.hidden	tine__host_sigreturn
	.type	tine__host_sigreturn, @function
	.p2align 4
tine__host_sigreturn:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%rdi, %rsp
	movl	$15, %eax
	syscall
	ud2
	.cfi_endproc
	.size	tine__host_sigreturn, . - tine__host_sigreturn

	.section .note.GNU-stack, "", @progbits
