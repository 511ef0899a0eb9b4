/* SPDX-License-Identifier: MIT */
/*
 * signal.c - POSIX names of signals, and jumps that restore a mask.
 *
 * A sigset_t of the host's is larger than the kernel's; its first word is the
 * kernel's set. What a handler gets is laid out as the host's structures are.
 */
#include "user/posix/posix.h"

#include <stddef.h>

#include <tine/signal.h>

CTASSERT(SIG_BLOCK == TINE_SIG_BLOCK && SIG_SETMASK == TINE_SIG_SETMASK);
CTASSERT(SA_NOCLDSTOP == TINE_SA_NOCLDSTOP && SA_SIGINFO == TINE_SA_SIGINFO);
CTASSERT((unsigned)SA_RESETHAND == TINE_SA_RESETHAND);
CTASSERT(SA_RESTART == TINE_SA_RESTART && SA_NODEFER == TINE_SA_NODEFER);
CTASSERT(SA_ONSTACK == TINE_SA_ONSTACK);
CTASSERT(SA_NOCLDWAIT == TINE_SA_NOCLDWAIT);
CTASSERT(sizeof(struct tine_siginfo) >= sizeof(siginfo_t));
CTASSERT(offsetof(siginfo_t, si_pid) == offsetof(struct tine_siginfo, pid));
CTASSERT(sizeof(stack_t) == sizeof(struct tine_stack));

#define KNOWN_FLAGS (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | \
	SA_RESTART | SA_NODEFER | (int)SA_RESETHAND)

static tine_sigset_t
ours(const sigset_t *set)
{
	/* What cancels a thread is not for programs to block. */
	return (tine_sigset_t)set->__val[0] & ~TINE_SIGBIT(TINE__SIGCANCEL);
}

static void
theirs(sigset_t *set, tine_sigset_t is)
{
	memset(set, 0, sizeof(*set));
	set->__val[0] = (unsigned long)is;
}

/* --- sending --- */

int
P(kill)(pid_t pid, int signo)
{
	return (int)posix(tine_sys_kill(pid, signo));
}

int
P(killpg)(pid_t pgid, int signo)
{
	return (int)posix(tine_sys_killpg(pgid, signo));
}

/* To the calling thread. */
int
P(raise)(int signo)
{
	return (int)posix(tine_sys_lwp_kill(tine_sys_lwp_self(), signo));
}

int
P(sigqueue)(pid_t pid, int signo, const union sigval value)
{
	const union tine_sigval is = { .pointer = value.sival_ptr };

	return (int)posix(tine_sys_sigqueue(pid, signo, is));
}

/* --- dispositions --- */

TINE__ON_PROGRAM_STACK int
P(sigaction)(int signo, const struct sigaction *action, struct sigaction *old)
{
	struct tine_sigaction new, before;
	int result;

	if (signo == TINE__SIGCANCEL)
		return (int)posix(-EINVAL);
	if (action != NULL) {
		memset(&new, 0, sizeof(new));
		new.sigaction = (tine_sigaction_fn)(uintptr_t)
		    action->sa_sigaction;
		new.mask = ours(&action->sa_mask);
		new.flags = (unsigned)(action->sa_flags & KNOWN_FLAGS);
		/* The handler would be its parent's text and data. [IL-024] */
		if (tine__solaris() && tine__tls()->vforked &&
		    action->sa_handler != SIG_IGN)
			new.sigaction = NULL;
	}
	result = (int)posix(tine_sys_sigaction(signo,
	    action != NULL ? &new : NULL, &before));
	if (result == 0 && old != NULL) {
		memset(old, 0, sizeof(*old));
		old->sa_sigaction = (void (*)(int, siginfo_t *, void *))
		    (uintptr_t)before.sigaction;
		theirs(&old->sa_mask, before.mask);
		old->sa_flags = (int)before.flags;
	}
	return result;
}

/* As BSD and glibc have it: the handler stays, calls are restarted. */
TINE__ON_PROGRAM_STACK __sighandler_t
P(signal)(int signo, __sighandler_t handler)
{
	struct sigaction new, old;

	memset(&new, 0, sizeof(new));
	new.sa_handler = handler;
	new.sa_flags = SA_RESTART;
	if (P(sigaction)(signo, &new, &old) != 0)
		return SIG_ERR;
	return old.sa_handler;
}

/* --- masks --- */

/* @return 0 or -errno. */
static TINE__ON_PROGRAM_STACK int
mask(int how, const sigset_t *set, sigset_t *old)
{
	tine_sigset_t new = set != NULL ? ours(set) : 0, before;
	int result;

	result = tine_sys_sigprocmask(how, set != NULL ? &new : NULL, &before);
	if (result == 0 && old != NULL)
		theirs(old, before);
	return result;
}

int
P(sigprocmask)(int how, const sigset_t *set, sigset_t *old)
{
	return (int)posix(mask(how, set, old));
}

int
P(pthread_sigmask)(int how, const sigset_t *set, sigset_t *old)
{
	return -mask(how, set, old);
}

TINE__ON_PROGRAM_STACK int
P(sigpending)(sigset_t *set)
{
	tine_sigset_t is;
	const int result = (int)posix(tine_sys_sigpending(&is));

	if (result == 0)
		theirs(set, is);
	return result;
}

int
P(sigsuspend)(const sigset_t *set)
{
	return (int)posix(POINT(tine_sys_sigsuspend(ours(set))));
}

int
P(pause)(void)
{
	return (int)posix(POINT(tine_sys_pause()));
}

/* --- taking --- */

static TINE__ON_PROGRAM_STACK int
take(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
	struct tine_siginfo is;
	int result;

	if (timeout != NULL && (bad_time(timeout) || timeout->tv_sec < 0))
		return -EINVAL;
	result = (int)POINT(timeout == NULL ?
	    tine_sys_sigwaitinfo(ours(set), &is) :
	    tine_sys_sigtimedwait(ours(set), &is, tine__ns(timeout)));
	if (result > 0 && info != NULL)
		memcpy(info, &is, sizeof(*info));
	return result;
}

int
P(sigtimedwait)(const sigset_t *set, siginfo_t *info,
    const struct timespec *timeout)
{
	return (int)posix(take(set, info, timeout));
}

int
P(sigwaitinfo)(const sigset_t *set, siginfo_t *info)
{
	return (int)posix(take(set, info, NULL));
}

int
P(sigwait)(const sigset_t *set, int *signo)
{
	int result;

	/* It does not end with EINTR. */
	do
		result = take(set, NULL, NULL);
	while (result == -EINTR);
	if (result < 0)
		return -result;
	*signo = result;
	return 0;
}

/* --- stacks --- */

int
P(sigaltstack)(const stack_t *stack, stack_t *old)
{
	return (int)posix(tine_sys_sigaltstack(
	    (const struct tine_stack *)(const void *)stack,
	    (struct tine_stack *)(void *)old));
}

/* --- <setjmp.h>; the registers are in posix.S --- */

int tine__sigsetjmp_mask(struct __jmp_buf_tag *buffer, int save);
TINE_NORETURN void tine__longjmp(struct __jmp_buf_tag *buffer, int value);

/* The end of setjmp. */
int
tine__sigsetjmp_mask(struct __jmp_buf_tag *buffer, int save)
{
	buffer->__mask_was_saved = save != 0 &&
	    mask(SIG_BLOCK, NULL, &buffer->__saved_mask) == 0;
	return 0;
}

void
P(siglongjmp)(sigjmp_buf buffer, int value)
{
	if (tine__cur != NULL)
		tine__cur->pcb.handlers = 0;
	if (buffer->__mask_was_saved)
		(void)mask(SIG_SETMASK, &buffer->__saved_mask, NULL);
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
