/* SPDX-License-Identifier: MIT */
/*
 * dragonfly.c - DragonFly's own system calls, as programs see them.
 *
 *	rfork flags			procctl idtype id cmd data*
 *	lwp_create2 params*		extexit how status addr*
 *	lwp_kill2 pid tid signo		wait4 pid status* options
 *	dfctl what a b c d (enum tine__dfctl)
 */
#include <tine/dragonfly.h>

#include "proc/dragonfly/dfctl.h"
#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))
#define DFCTL(what, a, b, c) \
	tine__trap(TINE__SYS_dfctl, TINE__DFCTL_##what, (uint64_t)(a), \
	    (uint64_t)(b), (uint64_t)(c), 0)

/* For dragonfly.S. */
extern const int tine__rfork_number
    __attribute__((visibility("hidden")));
const int tine__rfork_number = TINE__SYS_rfork;

/* What a child of rfork_thread runs, at the top of its stack. */
struct start {
	int (*fn)(void *arg);
	void *arg;
};

/* Begins on the new stack, in the child alone. */
static TINE__ON_PROGRAM_STACK void
begin(void *arg)
{
	struct start *start = arg;

	tine_sys_exit(start->fn(start->arg));
}

tine_pid_t
tine_sys_rfork_thread(uint32_t flags, void *stack_top, int (*fn)(void *arg),
    void *arg)
{
	struct start *start;

	start = (struct start *)(((uintptr_t)stack_top & ~(uintptr_t)15)) - 1;
	start->fn = fn;
	start->arg = arg;
	return (tine_pid_t)tine__trap(TINE__SYS_rfork, flags,
	    ADDRESS(begin), ADDRESS(start), ADDRESS(start), 0);
}

int
tine_sys_procctl(int idtype, tine_pid_t id, int cmd, void *data)
{
	return (int)tine__sys4(procctl, (int64_t)idtype, (int64_t)id,
	    (int64_t)cmd, ADDRESS(data));
}

int
tine_sys_lwp_create2(const struct tine_lwp_params *params)
{
	return (int)tine__sys1(lwp_create2, ADDRESS(params));
}

int
tine_sys_extexit(int how, int status, void *addr)
{
	return (int)tine__sys3(extexit, (int64_t)how, (int64_t)status,
	    ADDRESS(addr));
}

int
tine_sys_lwp_kill2(tine_pid_t pid, int tid, int signo)
{
	return (int)tine__sys3(lwp_kill2, (int64_t)pid, (int64_t)tid,
	    (int64_t)signo);
}

tine_pid_t
tine_sys_df_wait4(tine_pid_t pid, int *status, unsigned options)
{
	return (tine_pid_t)tine__sys3(wait4, (int64_t)pid, ADDRESS(status),
	    options);
}

int
tine_sys_df_setreuid(int ruid, int euid)
{
	return (int)DFCTL(setreuid, (int64_t)ruid, (int64_t)euid, 0);
}

int
tine_sys_df_geteuid(void)
{
	return (int)DFCTL(geteuid, 0, 0, 0);
}

int
tine_sys_df_setnproc(int soft)
{
	return (int)DFCTL(setnproc, (int64_t)soft, 0, 0);
}

int
tine_sys_df_setlasttid(int tid)
{
	return (int)DFCTL(lasttid, (int64_t)tid, 0, 0);
}

int
tine_sys_jail(void)
{
	return (int)DFCTL(jail, 0, 0, 0);
}

int
tine_sys_df_uidcount(int uid)
{
	return (int)DFCTL(uidcount, (int64_t)uid, 0, 0);
}

int
tine_sys_df_ptrace(int request, tine_pid_t pid, int signo)
{
	return (int)DFCTL(ptrace, (int64_t)request, (int64_t)pid,
	    (int64_t)signo);
}

int
tine_sys_ktrace(int on, int inherit)
{
	return (int)DFCTL(ktrace, on != 0, inherit != 0, 0);
}

int
tine_sys_kqueue(void)
{
	return (int)DFCTL(kqueue, 0, 0, 0);
}

int
tine_sys_kqueue_watch(int fd, tine_pid_t pid, uint32_t fflags)
{
	return (int)DFCTL(kqueue_watch, (int64_t)fd, (int64_t)pid, fflags);
}

int
tine_sys_kqueue_next(int fd, struct tine_kevent *event)
{
	return (int)DFCTL(kqueue_next, (int64_t)fd, ADDRESS(event), 0);
}

int
tine_sys_df_setrandompid(int most)
{
	return (int)DFCTL(randompid, (int64_t)most, 0, 0);
}

int
tine_sys_varsym_set(const char *name, const char *value)
{
	return (int)DFCTL(varsym_set, ADDRESS(name), ADDRESS(value), 0);
}

int
tine_sys_varsym_get(const char *name, char *value, size_t size)
{
	return (int)DFCTL(varsym_get, ADDRESS(name), ADDRESS(value), size);
}

int
tine_sys_usched_set(const char *name)
{
	return (int)DFCTL(usched_set, ADDRESS(name), 0, 0);
}

const struct tine_upmap *
tine_sys_upmap(void)
{
	return (const struct tine_upmap *)DFCTL(upmap, 0, 0, 0);
}
