/* SPDX-License-Identifier: MIT */
/* netbsd.c - NetBSD's own system calls, as programs see them. */
#include <tine/netbsd.h>

#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

tine_pid_t
tine_sys_vfork44(void)
{
	return (tine_pid_t)tine__sys0(nb_vfork);
}

/* Where the child of a clone with a function begins. */
struct clone_call {
	int (*fn)(void *arg);
	void *arg;
};

static void
clone_begin(void *arg)
{
	struct clone_call call = *(struct clone_call *)arg;

	tine_sys_exit(call.fn(call.arg));
}

/* What a child begins with: on its stack, where nobody else writes. */
static struct clone_call *
clone_call(void *stack, int (*fn)(void *arg), void *arg)
{
	struct clone_call *call;

	if (fn == NULL || stack == NULL)
		return NULL;
	call = (struct clone_call *)(void *)((uintptr_t)stack &
	    ~(uintptr_t)15) - 1;
	call->fn = fn;
	call->arg = arg;
	return call;
}

tine_pid_t
tine_sys_clone(unsigned flags, void *stack, int (*fn)(void *arg), void *arg)
{
	struct clone_call *const call = clone_call(stack, fn, arg);

	return (tine_pid_t)tine__trap(TINE__SYS_nb_clone, flags,
	    call != NULL ? ADDRESS(call) : ADDRESS(stack),
	    fn == NULL ? 0 : (uint64_t)(uintptr_t)clone_begin, ADDRESS(call),
	    (uint64_t)(uintptr_t)tine_sys_exit);
}

tine_pid_t
tine_sys_clone_linux(unsigned flags, void *stack, int (*fn)(void *arg),
    void *arg, int *child_tidptr)
{
	struct clone_call *const call = clone_call(stack, fn, arg);

	return (tine_pid_t)tine__trap(TINE__SYS_nb_linux_clone, flags,
	    call != NULL ? ADDRESS(call) : ADDRESS(stack),
	    fn == NULL ? 0 : (uint64_t)(uintptr_t)clone_begin, ADDRESS(call),
	    ADDRESS(child_tidptr));
}

tine_pid_t
tine_sys_rfork_freebsd(unsigned flags)
{
	return (tine_pid_t)tine__sys1(nb_rfork, flags);
}

tine_pid_t
tine_sys_wait4_nb(tine_pid_t pid, int *status, int options)
{
	return (tine_pid_t)tine__sys3(nb_wait4, (int64_t)pid, ADDRESS(status),
	    (unsigned)options);
}

int
tine_sys_ptrace(int request, tine_pid_t pid, void *addr, int data)
{
	return (int)tine__sys4(nb_ptrace, (int64_t)request, (int64_t)pid,
	    ADDRESS(addr), (int64_t)data);
}

void *
tine_sys_lwp_ctl(void)
{
	return (void *)(uintptr_t)tine__sys0(nb_lwpctl);
}

int
tine_sys_mlock(void *address, size_t size)
{
	return (int)tine__sys3(nb_mlock, ADDRESS(address), size, 1);
}

int
tine_sys_munlock(void *address, size_t size)
{
	return (int)tine__sys3(nb_mlock, ADDRESS(address), size, 0);
}

int
tine_sys_kqueue_nb(void)
{
	return (int)tine__sys0(nb_kqueue);
}

int
tine_sys_kevent_proc(int fd, tine_pid_t pid, uint32_t fflags, int add)
{
	return (int)tine__sys4(nb_kevent, (int64_t)fd, (int64_t)pid, fflags,
	    (int64_t)add);
}

int
tine_sys_kevent_next(int fd, struct tine_nb_kevent *event, int wait)
{
	return (int)tine__sys3(nb_kevent_next, (int64_t)fd, ADDRESS(event),
	    (int64_t)wait);
}

int
tine_sys_mq_open_nb(void)
{
	return (int)tine__sys0(nb_mq_open);
}

int
tine_sys_ras_install(void *start, size_t size)
{
	return (int)tine__sys3(nb_rasctl, 0, ADDRESS(start), size);
}

int
tine_sys_ras_purge(void *start, size_t size)
{
	return (int)tine__sys3(nb_rasctl, 1, ADDRESS(start), size);
}

int
tine_sys_sysctl_nb(enum tine_nb_sysctl name, tine_pid_t pid,
    const int64_t *newp, int64_t *old)
{
	return (int)tine__sys4(nb_sysctl, (int64_t)name, (int64_t)pid,
	    ADDRESS(newp), ADDRESS(old));
}
