/* SPDX-License-Identifier: MIT */
/*
 * posix.S - what of the POSIX names cannot be written in C: functions that
 * return twice. On the program's stack; a second architecture is one more file.
 *
 * libc's own setjmp is no good here: it scrambles the buffer with a secret of
 * the host process, and its sigsetjmp calls the host's kernel.
 */
#include "sched/offsets.h"

	.text

/*
 * pid_t vfork(void)
 *
 * The child runs on this very stack and writes over whatever lies below the
 * caller's frame, the return address of this call included. So that goes to a
 * record in the heap (tine__vfork_record), whose address waits for the parent
 * in a callee-saved register: those are the LWP's own.
 */
	.globl	tine_posix_vfork
	.type	tine_posix_vfork, @function
	.p2align 4
tine_posix_vfork:
	.cfi_startproc
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	tine__vfork_record
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	testq	%rax, %rax
	je	2f
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	movq	%rcx, (%rax)
	movq	%r15, 8(%rax)
	movq	%rax, %r15
	movl	$TINE__SYS_VFORKX, %edi
	xorl	%esi, %esi
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	.cfi_undefined %rip
	call	tine__trap
	movq	%r15, %rdi
	movq	(%rdi), %rcx
	movq	8(%rdi), %r15
	testq	%rax, %rax
	je	1f
	/* The parent, or nobody was born: the stack is ours again. */
	pushq	%rcx
	movq	%rax, %rsi
	jmp	tine__vfork_done
1:	jmp	*%rcx
2:	movl	$-1, %eax
	ret
	.cfi_endproc
	.size	tine_posix_vfork, . - tine_posix_vfork

/*
 * int setjmp(jmp_buf), int sigsetjmp(sigjmp_buf, int savemask)
 *
 * The buffer: rbx, rbp, r12 to r15, rsp after the return, return address; then
 * what tine__sigsetjmp_mask keeps.
 */
	.globl	tine_posix__setjmp
	.type	tine_posix__setjmp, @function
	.p2align 4
tine_posix__setjmp:
	xorl	%esi, %esi
	/* fall through */
	.globl	tine_posix___sigsetjmp
	.type	tine_posix___sigsetjmp, @function
tine_posix___sigsetjmp:
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
	/* Stores the mask when asked to, and returns 0. */
	jmp	tine__sigsetjmp_mask
	.cfi_endproc
	.size	tine_posix___sigsetjmp, . - tine_posix___sigsetjmp
	.size	tine_posix__setjmp, . - tine_posix__setjmp

/* void tine__longjmp(jmp_buf, int value): value is not 0. */
	.globl	tine__longjmp
	.hidden	tine__longjmp
	.type	tine__longjmp, @function
	.p2align 4
tine__longjmp:
	.cfi_startproc
	movl	%esi, %eax
	movq	(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	jmp	*56(%rdi)
	.cfi_endproc
	.size	tine__longjmp, . - tine__longjmp

	.section .note.GNU-stack, "", @progbits
