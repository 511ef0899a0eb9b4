/* SPDX-License-Identifier: MIT */
/*
 * signal.c - signals, as programs see them.
 *
 * What a trap carries, in the order of its arguments:
 *
 *	sigaction signo new* old*	sigprocmask how set* old*
 *	sigpending set*			sigsuspend mask
 *	sigtimedwait set info* ns	sigaltstack new* old*
 *	sigqueue pid signo value timer	lwp_kill lwp signo
 *	setitimer which new* old*	alarm seconds
 *	sigreturn frame* (by tine__user_handler alone)
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

TINE_NORETURN void tine__jump(const struct tine_jmp_buf *at, int result);

int
tine_sys_sigaction(int signo, const struct tine_sigaction *action,
    struct tine_sigaction *old)
{
	return (int)tine__sys3(sigaction, (int64_t)signo, ADDRESS(action),
	    ADDRESS(old));
}

int
tine_sys_sigprocmask(int how, const tine_sigset_t *set, tine_sigset_t *old)
{
	return (int)tine__sys3(sigprocmask, (int64_t)how, ADDRESS(set),
	    ADDRESS(old));
}

int
tine_sys_sigpending(tine_sigset_t *set)
{
	return (int)tine__sys1(sigpending, ADDRESS(set));
}

int
tine_sys_sigsuspend(tine_sigset_t mask)
{
	return (int)tine__sys1(sigsuspend, mask);
}

int
tine_sys_sigwaitinfo(tine_sigset_t set, struct tine_siginfo *info)
{
	return (int)tine__sys3(sigtimedwait, set, ADDRESS(info), UINT64_MAX);
}

int
tine_sys_sigtimedwait(tine_sigset_t set, struct tine_siginfo *info,
    uint64_t timeout_ns)
{
	/* The greatest number means for ever to the kernel. */
	if (timeout_ns == UINT64_MAX)
		timeout_ns--;
	return (int)tine__sys3(sigtimedwait, set, ADDRESS(info), timeout_ns);
}

int
tine_sys_sigaltstack(const struct tine_stack *stack, struct tine_stack *old)
{
	return (int)tine__sys2(sigaltstack, ADDRESS(stack), ADDRESS(old));
}

int
tine_sys_sigqueue(int pid, int signo, union tine_sigval value)
{
	return (int)tine__sys3(sigqueue, (int64_t)pid, (int64_t)signo,
	    ADDRESS(value.pointer));
}

int
tine_sys_killpg(int pgid, int signo)
{
	int group;

	if (pgid < 0 || __builtin_sub_overflow(0, pgid, &group))
		return -EINVAL;
	/* Group 1 has no number of its own for kill: -1 is everybody. */
	if (pgid == 1)
		return -EPERM;
	return tine_sys_kill(group, signo);
}

int
tine_sys_lwp_kill(int lwp, int signo)
{
	return (int)tine__sys2(lwp_kill, (int64_t)lwp, (int64_t)signo);
}

int
tine_sys_setitimer(int which, const struct tine_itimerval *value,
    struct tine_itimerval *old)
{
	return (int)tine__sys3(setitimer, (int64_t)which, ADDRESS(value),
	    ADDRESS(old));
}

unsigned
tine_sys_alarm(unsigned seconds)
{
	const int64_t left = tine__sys1(alarm, seconds);

	return left < 0 ? 0 : (unsigned)left;
}

void
tine__user_aborted(void)
{
	const struct tine_sigaction action = { .handler = TINE_SIG_DFL };
	const tine_sigset_t set = TINE_SIGBIT(SIGABRT);

	(void)tine_sys_sigaction(SIGABRT, &action, NULL);
	(void)tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, NULL);
	(void)tine_sys_kill(tine_sys_getpid(), SIGABRT);
	tine_sys_exit(127);
}

struct tine_jmp_buf *
tine_sigjmp_save(struct tine_jmp_buf *at, int save_mask)
{
	at->saved = save_mask != 0 &&
	    tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &at->mask) == 0;
	return at;
}

/* Address sanitizer would tidy up from here to the bottom of the stack, which
 * may be another one. */
TINE__ON_PROGRAM_STACK void
tine_siglongjmp(struct tine_jmp_buf *at, int result)
{
	if (at->saved != 0)
		(void)tine_sys_sigprocmask(TINE_SIG_SETMASK, &at->mask, NULL);
	tine__jump(at, result);
}
