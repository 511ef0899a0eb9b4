/* SPDX-License-Identifier: MIT */
/* signal.c - POSIX names of signals, and jumps that may restore a mask. */
#include "user/posix/posix.h"

int
P(kill)(pid_t pid, int signo)
{
	return (int)posix(tine_sys_kill(pid, signo));
}

int
P(raise)(int signo)
{
	return P(kill)(P(getpid)(), signo);
}

int
P(pause)(void)
{
	return (int)posix(tine_sys_pause());
}

/* --- <setjmp.h>; the registers are in posix.S --- */

int tine__sigsetjmp_mask(struct __jmp_buf_tag *buffer, int save);
TINE_NORETURN void tine__longjmp(struct __jmp_buf_tag *buffer, int value);

/* The end of setjmp. */
int
tine__sigsetjmp_mask(struct __jmp_buf_tag *buffer, int save)
{
	buffer->__mask_was_saved = 0;
	(void)save;
	return 0;
}

void
P(siglongjmp)(sigjmp_buf buffer, int value)
{
	tine__longjmp(buffer, value == 0 ? 1 : value);
}

void
P(longjmp)(jmp_buf buffer, int value)
{
	P(siglongjmp)(buffer, value);
}

void
P(_longjmp)(jmp_buf buffer, int value)
{
	P(siglongjmp)(buffer, value);
}
