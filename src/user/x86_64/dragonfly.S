/* SPDX-License-Identifier: MIT */
/*
 * dragonfly.S - rfork, which returns twice on one stack, and how a call is made
 * again. On the program's stack; a second architecture is one more file.
 */
	.text

/*
 * tine_pid_t tine_sys_rfork(uint32_t flags)
 *
 * A jump: the trap returns to the caller by an address that the kernel keeps,
 * so that a child on the same memory may write over the frame of this call.
 */
	.globl	tine_sys_rfork
	.type	tine_sys_rfork, @function
	.p2align 4
tine_sys_rfork:
	.cfi_startproc
	movl	%edi, %esi
	movl	tine__rfork_number(%rip), %edi
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	jmp	tine__trap
	.cfi_endproc
	.size	tine_sys_rfork, . - tine_sys_rfork

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

	.section .note.GNU-stack, "", @progbits
