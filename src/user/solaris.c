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
#include <string.h>

#include <tine/solaris.h>

#include "proc/solaris.h"
#include "user/user.h"

int
tine_sys_ct_activate(const struct tine_ct_template *tmpl)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_ACTIVATE, 0, (uintptr_t)tmpl);
}

int
tine_sys_ct_set_cookie(uint64_t cookie)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_COOKIE, 0, cookie);
}

int
tine_sys_ct_set_transfer(int ct)
{
	return (int)tine__sys2(ctsys, TINE_CTSYS_TRANSFER, (unsigned)ct);
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
tine_sys_ct_event_wait(int ct, struct tine_ct_event *event)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_WAIT, (unsigned)ct,
	    (uintptr_t)event);
}

int
tine_sys_ct_event_reset(int ct)
{
	return (int)tine__sys2(ctsys, TINE_CTSYS_RESET, (unsigned)ct);
}

int
tine_sys_ct_ack(int ct, uint32_t event)
{
	return (int)tine__sys3(ctsys, TINE_CTSYS_ACK, (unsigned)ct, event);
}

int
tine_sys_ct_members(int ct, tine_pid_t *pids, int count)
{
	return (int)tine__sys4(ctsys, TINE_CTSYS_MEMBERS, (unsigned)ct,
	    (uintptr_t)pids, (unsigned)count);
}

int
tine_sys_ct_self(void)
{
	return (int)tine__sys1(ctsys, TINE_CTSYS_SELF);
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

int
tine_sys_setppriv(enum tine_privop op, enum tine_privset set,
    uint64_t privileges)
{
	return (int)tine__sys4(privsys, TINE_PRIVSYS_SETPPRIV, (unsigned)op,
	    (unsigned)set, privileges);
}

int64_t
tine_sys_getppriv(enum tine_privset set)
{
	return tine__sys2(privsys, TINE_PRIVSYS_GETPPRIV, (unsigned)set);
}

int
tine_sys_psecflags(int idtype, int id, enum tine_psf which,
    const struct tine_secflagdelta *delta)
{
	return (int)tine__sys4(psecflags, (unsigned)idtype, (unsigned)id,
	    (unsigned)which, (uintptr_t)delta);
}

int
tine_sys_auditon(int on)
{
	return (int)tine__sys2(auditsys, TINE_AUDITSYS_SETCOND, (unsigned)on);
}

int
tine_sys_auditcond(void)
{
	return (int)tine__sys1(auditsys, TINE_AUDITSYS_GETCOND);
}

int
tine_sys_setauid(unsigned auid)
{
	return (int)tine__sys2(auditsys, TINE_AUDITSYS_SETAUID, auid);
}

int
tine_sys_getauid(unsigned *auid)
{
	return (int)tine__sys2(auditsys, TINE_AUDITSYS_GETAUID,
	    (uintptr_t)auid);
}

int
tine_sys_zone_setbrand(int zone, const char *name)
{
	return (int)tine__sys3(zonesys, TINE_ZONESYS_BRAND, (unsigned)zone,
	    (uintptr_t)name);
}

int
tine_sys_brand(struct tine_brand_info *info)
{
	return (int)tine__sys1(brandsys, (uintptr_t)info);
}

int
tine_sys_processor_bind(int idtype, int id, int cpu, int *old)
{
	return (int)tine__sys5(pbind, TINE_PBIND_PROCESSOR, (unsigned)idtype,
	    (unsigned)id, (unsigned)cpu, (uintptr_t)old);
}

int
tine_sys_pset_bind(int pset, int idtype, int id, int *old)
{
	return (int)tine__sys5(pbind, TINE_PBIND_PSET, (unsigned)idtype,
	    (unsigned)id, (unsigned)pset, (uintptr_t)old);
}

int
tine_sys_pset_create(void)
{
	return (int)tine__sys5(pbind, TINE_PBIND_PSET_CREATE, 0, 0, 0, 0);
}

int
tine_sys_pset_destroy(int pset)
{
	return (int)tine__sys5(pbind, TINE_PBIND_PSET_DESTROY, (unsigned)pset,
	    0, 0, 0);
}

int
tine_sys_pset_assign(int pset, int cpu, int *old)
{
	return (int)tine__sys5(pbind, TINE_PBIND_PSET_ASSIGN, (unsigned)pset,
	    (unsigned)cpu, 0, (uintptr_t)old);
}

int
tine_sys_priocntl_get(tine_pid_t pid, int lwp, int *cid, int *pri)
{
	return (int)tine__sys5(priocntlsys, (unsigned)pid, (unsigned)lwp, -1,
	    (uintptr_t)cid, (uintptr_t)pri);
}

int
tine_sys_memcntl(void *address, size_t size, int command)
{
	return (int)tine__sys3(memcntl, (uintptr_t)address, size,
	    (unsigned)command);
}

int64_t
tine_sys_locked_memory(tine_pid_t pid)
{
	return tine_sys_pr(TINE_PR_LOCKED, pid, 0);
}

int
tine_sys_profil(uint16_t *buffer, size_t size, uintptr_t offset,
    unsigned scale)
{
	return (int)tine__sys4(profil, (uintptr_t)buffer, size, offset, scale);
}

int
tine_sys_sysi86_dscr(unsigned selector, uint64_t descriptor)
{
	return (int)tine__sys2(sysi86, selector, descriptor);
}

int64_t
tine_sys_ldt(tine_pid_t pid, unsigned selector)
{
	return tine_sys_pr(TINE_PR_LDT, pid, selector);
}

int
tine_sys_core_set_content(tine_pid_t pid, unsigned content)
{
	return (int)tine__sys3(corectl, TINE_CORECTL_SET_CONTENT,
	    (unsigned)pid, content);
}

int
tine_sys_core_get_content(tine_pid_t pid)
{
	return (int)tine__sys2(corectl, TINE_CORECTL_GET_CONTENT,
	    (unsigned)pid);
}

int
tine_sys_pr_agent(tine_pid_t pid, void (*fn)(void *), void *arg, void *top)
{
	const struct tine__pragent agent = { (uintptr_t)fn, (uintptr_t)arg,
	    (uintptr_t)top & ~(uintptr_t)15, (uintptr_t)tine_sys_lwp_exit };

	return (int)tine_sys_pr(TINE_PR_AGENT, pid,
	    (int64_t)(uintptr_t)&agent);
}

int
tine_pr_call(const char *name)
{
#define NAME(call) #call,
	static const char *const names[] = { TINE__SYS_MAP(NAME) };
#undef NAME
	int i;

	for (i = 1; i < TINE__SYS_trace; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}
