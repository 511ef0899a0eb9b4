/* SPDX-License-Identifier: MIT */
/*
 * dragonfly.S - rfork, which returns twice on one stack. On the program's
 * stack; a second architecture is one more file.
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

	.section .note.GNU-stack, "", @progbits
