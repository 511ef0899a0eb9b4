/* SPDX-License-Identifier: MIT */
/*
 * vfork.S - vfork, which returns twice on one stack. On the program's stack; a
 * second architecture is one more file.
 */
#include "sched/offsets.h"

	.text

/*
 * tine_pid_t tine_sys_vfork(void)
 * tine_pid_t tine_sys_vforkx(int flags)
 *
 * A jump: the trap returns to the caller by an address that the kernel keeps,
 * so that the child may write over the frame of this call.
 */
	.globl	tine_sys_vfork
	.type	tine_sys_vfork, @function
	.p2align 4
tine_sys_vfork:
	.cfi_startproc
	xorl	%edi, %edi
	jmp	tine_sys_vforkx
	.cfi_endproc
	.size	tine_sys_vfork, . - tine_sys_vfork

	.globl	tine_sys_vforkx
	.type	tine_sys_vforkx, @function
	.p2align 4
tine_sys_vforkx:
	.cfi_startproc
	movl	%edi, %esi
	movl	$TINE__SYS_VFORKX, %edi
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	jmp	tine__trap
	.cfi_endproc
	.size	tine_sys_vforkx, . - tine_sys_vforkx

	.section .note.GNU-stack, "", @progbits
