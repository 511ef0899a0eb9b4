/* SPDX-License-Identifier: MIT */
/*
 * solaris.c - the system calls that only the Solaris family has.
 *
 *	ctsys what id data*              tasksys what a b
 *	zonesys what zone a b            poolsys what pool a b
 *	rctlsys what name* old* new* flags
 *	sigsendsys idtype id signo
 *	prsys op pid arg                 priocntlsys pid lwp cid pri
 *	corectl what pid text* size      lwp_park what lwp
 */
#include <tine/solaris.h>

#include "proc/solaris.h"
#include "user/user.h"

int
tine_sys_ct_activate(const struct tine_ct_template *tmpl)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_ACTIVATE, 0, (uintptr_t)tmpl);
}

int
tine_sys_ct_latest(void)
{
	return (int)tine__sys1(ctsys, TINE_CTSYS_LATEST);
}

int
tine_sys_ct_event(int ct, struct tine_ct_event *event)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_EVENT, (unsigned)ct,
	    (uintptr_t)event);
}

int
tine_sys_ct_status(int ct, struct tine_ct_status *status)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_STATUS, (unsigned)ct,
	    (uintptr_t)status);
}

int
tine_sys_ct_abandon(int ct)
{
	return (int)tine__sys2(ctsys, TINE_CTSYS_ABANDON, (unsigned)ct);
}

int
tine_sys_ct_adopt(int ct)
{
	return (int)tine__sys2(ctsys, TINE_CTSYS_ADOPT, (unsigned)ct);
}

int
tine_sys_settaskid(int project, int flags)
{
	return (int)tine__sys3(tasksys, TINE_TASKSYS_SETTASKID,
	    (unsigned)project, (unsigned)flags);
}

int
tine_sys_gettaskid(void)
{
	return (int)tine__sys1(tasksys, TINE_TASKSYS_GETTASKID);
}

int
tine_sys_getprojid(void)
{
	return (int)tine__sys1(tasksys, TINE_TASKSYS_GETPROJID);
}

int64_t
tine_sys_task_usage(void)
{
	return tine__sys1(tasksys, TINE_TASKSYS_USAGE);
}

int
tine_sys_zone_create(void)
{
	return (int)tine__sys1(zonesys, TINE_ZONESYS_CREATE);
}

int
tine_sys_zone_boot(int zone, const char *program, int restart)
{
	return (int)tine__sys4(zonesys, TINE_ZONESYS_BOOT, (unsigned)zone,
	    (uintptr_t)program, (unsigned)restart);
}

int
tine_sys_zone_enter(int zone)
{
	return (int)tine__sys2(zonesys, TINE_ZONESYS_ENTER, (unsigned)zone);
}

int
tine_sys_zone_shutdown(int zone)
{
	return (int)tine__sys2(zonesys, TINE_ZONESYS_SHUTDOWN, (unsigned)zone);
}

int
tine_sys_zone_destroy(int zone)
{
	return (int)tine__sys2(zonesys, TINE_ZONESYS_DESTROY, (unsigned)zone);
}

int
tine_sys_getzoneid(void)
{
	return (int)tine__sys1(zonesys, TINE_ZONESYS_GETID);
}

int
tine_sys_zone_info(int zone, struct tine_zone_info *info)
{
	return (int)tine__sys3(zonesys, TINE_ZONESYS_INFO, (unsigned)zone,
	    (uintptr_t)info);
}

int
tine_sys_pool_create(void)
{
	return (int)tine__sys1(poolsys, TINE_POOLSYS_CREATE);
}

int
tine_sys_pool_destroy(int pool)
{
	return (int)tine__sys2(poolsys, TINE_POOLSYS_DESTROY, (unsigned)pool);
}

int
tine_sys_pool_bind(int pool, int idtype, int id)
{
	return (int)tine__sys4(poolsys, TINE_POOLSYS_BIND, (unsigned)pool,
	    (unsigned)idtype, (unsigned)id);
}

int
tine_sys_pool_of(tine_pid_t pid)
{
	return (int)tine__sys2(poolsys, TINE_POOLSYS_OF, (unsigned)pid);
}

int
tine_sys_pool_refs(int pool)
{
	return (int)tine__sys2(poolsys, TINE_POOLSYS_REFS, (unsigned)pool);
}

int
tine_sys_sigsend(int idtype, int id, int signo)
{
	return (int)tine__sys3(sigsendsys, (unsigned)idtype, (unsigned)id,
	    (unsigned)signo);
}

int
tine_sys_setrctl(const char *name, const struct tine_rctl *old,
    const struct tine_rctl *new_value, unsigned flags)
{
	return (int)tine__sys5(rctlsys, TINE_RCTLSYS_SET, (uintptr_t)name,
	    (uintptr_t)old, (uintptr_t)new_value, flags);
}

int
tine_sys_getrctl(const char *name, const struct tine_rctl *old,
    struct tine_rctl *value, unsigned flags)
{
	return (int)tine__sys5(rctlsys, TINE_RCTLSYS_GET, (uintptr_t)name,
	    (uintptr_t)old, (uintptr_t)value, flags);
}

int64_t
tine_sys_rctllist(char *names, size_t size)
{
	return tine__sys3(rctlsys, TINE_RCTLSYS_LST, (uintptr_t)names, size);
}

int
tine_sys_rctlctl(const char *name, struct tine_rctl_global *global, int flags)
{
	return (int)tine__sys5(rctlsys, TINE_RCTLSYS_CTL, (uintptr_t)name, 0,
	    (uintptr_t)global, (unsigned)flags);
}

int64_t
tine_sys_pr(enum tine_pr op, tine_pid_t pid, int64_t arg)
{
	return tine__sys3(prsys, (unsigned)op, (unsigned)pid, arg);
}

int
tine_sys_priocntl(tine_pid_t pid, int lwp, int cid, int pri)
{
	return (int)tine__sys4(priocntlsys, (unsigned)pid, (unsigned)lwp,
	    (unsigned)cid, (unsigned)pri);
}

int
tine_sys_core_set(tine_pid_t pid, const char *pattern)
{
	return (int)tine__sys3(corectl, TINE_CORECTL_SET, (unsigned)pid,
	    (uintptr_t)pattern);
}

int
tine_sys_core_get(tine_pid_t pid, char *pattern, size_t size)
{
	return (int)tine__sys4(corectl, TINE_CORECTL_GET, (unsigned)pid,
	    (uintptr_t)pattern, size);
}

int
tine_sys_lwp_park(void)
{
	return (int)tine__sys2(lwp_park, TINE_LWP_PARK, 0);
}

int
tine_sys_lwp_unpark(int lwp)
{
	return (int)tine__sys2(lwp_park, TINE_LWP_UNPARK, (unsigned)lwp);
}
