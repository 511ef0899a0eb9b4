/* SPDX-License-Identifier: MIT */
/*
 * zone.c - zones: made, booted, entered, shut down, taken away.
 *
 * Each zone but the global one has a kernel process, zsched, which is the
 * parent of its init and does the work: it boots init, ends the zone's
 * processes when init ends for good, and stays until the zone goes. The status
 * only grows; fork reads it without a lock. [IL-029] [IL-145]
 *
 * A zone's structure stays until the machine halts: threads on their last way
 * out may still look at it.
 */
#include "proc/illumos/kern.h"

/* A zone for which nobody has allocated anything yet. */
static void
zone_init(zone_t *zone, zoneid_t id)
{
	zone->zone_id = id;
	zone->zone_status = ZONE_IS_UNINITIALIZED;
	zone->zone_nlwps_ctl = zone->zone_nprocs_ctl = UINT64_MAX;
	zone->zone_max_swap_ctl = UINT64_MAX;
	mutex_init(&zone->zone_nlwps_lock, &il_class_zone_nlwps_lock);
	mutex_init(&zone->zone_lock, &il_class_zone_lock);
	cv_init(&zone->zone_cv, &il_class_zone_cv);
	zone->zone_kcred.cr_ref = 2;
	zone->zone_kcred.cr_zone = zone;
	zone->zone_kcred.cr_priv = PRIV_ALL;
	zone->zone_kcred.cr_ppriv = zone->zone_kcred.cr_lpriv = PRIV_ALL;
	zone->zone_kcred.cr_ipriv = PRIV_BASIC;
	zone->zone_kcred.cr_auid = AU_NOAUDITID;
	zone->zone_proc_initpid = -1;
}

/* Context: zone_lock. Status moves are looked at without a lock. */
static void
zone_status_set(zone_t *zone, uint32_t status)
{
	ASSERT(MUTEX_HELD(&zone->zone_lock));
	ASSERT3(status, >, zone->zone_status);
	tine__racy(TINE_OP_WRITE, &zone->zone_status);
	zone->zone_status = status;
	cv_broadcast(&zone->zone_cv);
}

/* The zone of that number, or NULL. */
zone_t *
zone_find(zoneid_t id)
{
	zone_t *zone;

	if (id == 0)
		return (global_zone);
	for (zone = il->il_zones; zone != NULL; zone = zone->zone_next)
		if (zone->zone_id == id)
			return (zone);
	return (NULL);
}

/* The number of a process's zone. OS-08: an embryo may have none yet.
 * [IL-R01] */
int
zone_id_of(const proc_t *p)
{
	if (p->p_zone == NULL)
		tine__panic("BAD TRAP: the zone of an embryo is not set");
	return (p->p_zone->zone_id);
}

/* p's user is counted in another zone now. Context: pidlock. */
static void
zone_change_cred(proc_t *p, zone_t *zone)
{
	cred_t *old;

	crhold(&zone->zone_kcred);
	mutex_enter(&p->p_crlock);
	old = p->p_cred;
	p->p_cred = &zone->zone_kcred;
	mutex_exit(&p->p_crlock);
	upcount_inc(zone->zone_kcred.cr_ruid, zone->zone_id);
	upcount_dec(old->cr_ruid, old->cr_zone->zone_id);
	crfree(old);
}

/* --- zsched --- */

static int
zone_start_init(zone_t *zone)
{
	struct tine__image image;
	int error;

	error = tine__image_load(il->il_machine, zone->zone_bootprog->name,
	    NULL, 0, &image);
	if (error == 0)
		error = newproc(&image, IL_TS, 59, 0);
	if (error == 0)
		zone->zone_proc_initpid = curproc->p_child->p_pid;
	return (error);
}

/* Kill every user process of a zone that there is now. Context: pidlock. */
static void
kill_members(zone_t *zone)
{
	proc_t *p;

	ASSERT(MUTEX_HELD(&pidlock));
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_zone != zone || p->p_as == &kas ||
		    (p->p_flag & SSYS) != 0 || p->p_stat == SZOMB)
			continue;
		/* OS-07: an embryo without a space looks like one; its flags
		 * are changed while fork does so without a lock. [IL-R02] */
		if (p->p_as == NULL)
			tine__panic("an embryo is taken for a user process");
		tine__racy(TINE_OP_WRITE, &p->p_flag);
		mutex_enter(&p->p_lock);
		p->p_flag |= SNOWAIT;
		sigtoproc(p, NULL, SIGSTOP);
		mutex_exit(&p->p_lock);
	}
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_zone != zone || p->p_stat != SRUN ||
		    (p->p_flag & SSYS) != 0)
			continue;
		mutex_enter(&p->p_lock);
		sigtoproc(p, NULL, SIGKILL);
		mutex_exit(&p->p_lock);
	}
}

/*
 * End every user process of a zone, again and again until only zsched's task
 * is left: a child may be on its way. [IL-145] [IL-R07]
 */
static void
killall(zone_t *zone)
{
	bool killed = false, late = false;

	while (zone->zone_ntasks != 1) {
		if (!QUIRK(IL_R07) || !killed) {
			mutex_enter(&pidlock);
			kill_members(zone);
			mutex_exit(&pidlock);
		}
		killed = true;
		mutex_enter(&zone->zone_lock);
		/* With the quirk, who is there a second later stays. */
		if (zone->zone_ntasks != 1 && tine__cv_wait(&zone->zone_cv,
		    &zone->zone_lock, 0, late ? TINE__NEVER : tine__now() +
		    HZ * NSEC_PER_TICK, TINE__WHERE) == TINE__TIMED_OUT)
			late = QUIRK(IL_R07);
		mutex_exit(&zone->zone_lock);
	}
}

/* From running to empty. Context: no lock. */
static void
zone_empty(zone_t *zone)
{
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status < ZONE_IS_SHUTTING_DOWN)
		zone_status_set(zone, ZONE_IS_SHUTTING_DOWN);
	mutex_exit(&zone->zone_lock);
	killall(zone);
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status < ZONE_IS_EMPTY)
		zone_status_set(zone, ZONE_IS_EMPTY);
	mutex_exit(&zone->zone_lock);
}

/* Move zsched itself into its zone. It has no use for what it may have open
 * from who created the zone (OS-26), and its children would have it, too. */
static void
zsched_enter(zone_t *zone)
{
	proc_t *p = curproc;
	task_t *tk = task_create(zone->zone_proj0, zone);

	closeall(P_FINFO(p));
	mutex_enter(&pidlock);
	zone_change_cred(p, zone);
	pgexit(p);
	pgjoin(p, p->p_pidp);
	mutex_exit(&pidlock);
	task_rele(task_change(p, tk));
}

static void
zsched(void *arg)
{
	zone_t *zone = arg;
	int error;

	zsched_enter(zone);
	mutex_enter(&zone->zone_lock);
	zone->zone_zsched = curproc;
	zone_status_set(zone, ZONE_IS_READY);
	while (zone->zone_status < ZONE_IS_DYING) {
		if (zone->zone_status == ZONE_IS_BOOTING) {
			mutex_exit(&zone->zone_lock);
			error = zone_start_init(zone);
			mutex_enter(&zone->zone_lock);
			zone->zone_boot_err = error;
			zone_status_set(zone, ZONE_IS_RUNNING);
			continue;
		}
		if (zone->zone_halt && zone->zone_status == ZONE_IS_RUNNING) {
			mutex_exit(&zone->zone_lock);
			zone_empty(zone);
			mutex_enter(&zone->zone_lock);
			continue;
		}
		cv_wait(&zone->zone_cv, &zone->zone_lock);
	}
	/* Threads of ours that are not through with their exits. [IL-R48] */
	while (zone->zone_late != 0)
		cv_wait(&zone->zone_cv, &zone->zone_lock);
	/* What is left of us is process 0's. */
	zone->zone_zsched = &p0;
	mutex_exit(&zone->zone_lock);
}

/*
 * The caller is the init of a zone and ends. Started again in place, it never
 * comes back here; else the zone is halted, or has no init. [IL-146]
 * Context: no lock; single-threaded.
 */
void
zone_init_exit(proc_t *p)
{
	zone_t *zone = p->p_zone;

	if (zone->zone_status == ZONE_IS_RUNNING &&
	    (zone->zone_restart_init || QUIRK(OS_46)))
		restart_init(zone->zone_bootprog);
	mutex_enter(&zone->zone_lock);
	zone->zone_proc_initpid = -1;
	zone->zone_halt = true;
	cv_broadcast(&zone->zone_cv);
	mutex_exit(&zone->zone_lock);
}

/* --- what programs ask for --- */

static int64_t
zone_create(void)
{
	zone_t *zone;

	if (curproc->p_zone != global_zone)
		return (-EPERM);
	zone = kmem_zalloc("zone_t", sizeof (*zone), KM_SLEEP);
	zone_init(zone, ++il->il_zoneid);
	zone->zone_status = ZONE_IS_INITIALIZED;
	zone->zone_proj0 = project_hold_by_id(0, zone);
	zone->zone_next = il->il_zones;
	il->il_zones = zone;
	if (newproc_sys(zsched, zone, 60) != 0) {
		zone->zone_status = ZONE_IS_DEAD;
		project_rele(zone->zone_proj0);
		return (-EAGAIN);
	}
	mutex_enter(&zone->zone_lock);
	while (zone->zone_status < ZONE_IS_READY)
		cv_wait(&zone->zone_cv, &zone->zone_lock);
	mutex_exit(&zone->zone_lock);
	return (zone->zone_id);
}

static int64_t
zone_boot(zone_t *zone, const char *user, bool restart)
{
	const struct tine_program *program;
	char name[64];
	size_t length;
	int error;

	error = copyinstr(user, name, sizeof (name), &length);
	if (error != 0)
		return (-error);
	program = tine_program_find(name);
	if (program == NULL)
		return (-ENOENT);
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status != ZONE_IS_READY) {
		mutex_exit(&zone->zone_lock);
		return (-EINVAL);
	}
	zone->zone_bootprog = program;
	zone->zone_restart_init = restart;
	zone_status_set(zone, ZONE_IS_BOOTING);
	while (zone->zone_status == ZONE_IS_BOOTING)
		cv_wait(&zone->zone_cv, &zone->zone_lock);
	error = zone->zone_boot_err;
	mutex_exit(&zone->zone_lock);
	return (-error);
}

/* The caller becomes a child of zsched. Context: pidlock. */
static void
zone_adopt(proc_t *p, proc_t *zsp)
{
	delete_ns(p->p_parent, p);
	proc_detach(p);
	p->p_sibling = zsp->p_child;
	if (zsp->p_child != NULL)
		zsp->p_child->p_psibling = p;
	zsp->p_child = p;
	zsp->p_nchild++;
	p->p_parent = zsp;
	p->p_ppid = zsp->p_pid;
	pgdetach(p);
}

/*
 * Move the caller, which must have one LWP. Its processes are not tested
 * against the zone's limit. [IL-141]
 */
static int64_t
zone_enter(zone_t *zone)
{
	proc_t *p = curproc;
	task_t *tk;

	if (p->p_zone != global_zone || zone == global_zone ||
	    p->p_lwpcnt != 1)
		return (-EINVAL);
	/* A zone with a task of ours does not get empty: the look and the task
	 * are one section. */
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status != ZONE_IS_RUNNING) {
		mutex_exit(&zone->zone_lock);
		return (-EINVAL);
	}
	tk = task_create(zone->zone_proj0, zone);
	mutex_exit(&zone->zone_lock);
	task_rele(task_change(p, tk));
	mutex_enter(&pidlock);
	zone_change_cred(p, zone);
	zone_adopt(p, zone->zone_zsched);
	mutex_exit(&pidlock);
	return (0);
}

static int64_t
zone_shutdown(zone_t *zone)
{
	if (zone == global_zone || curproc->p_zone != global_zone ||
	    zone->zone_status < ZONE_IS_READY)
		return (-EINVAL);
	zone_empty(zone);
	return (0);
}

static int64_t
zone_destroy(zone_t *zone)
{
	if (zone == global_zone || curproc->p_zone != global_zone)
		return (-EINVAL);
	if (zone->zone_status != ZONE_IS_EMPTY)
		return (-EBUSY);
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status == ZONE_IS_EMPTY)
		zone_status_set(zone, ZONE_IS_DYING);
	mutex_exit(&zone->zone_lock);
	while (zone->zone_ntasks != 0)
		delay(1);
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status == ZONE_IS_DYING) {
		zone_status_set(zone, ZONE_IS_DEAD);
		mutex_exit(&zone->zone_lock);
		project_rele(zone->zone_proj0);
	} else {
		mutex_exit(&zone->zone_lock);
	}
	return (0);
}

static int64_t
zone_getinfo(zone_t *zone, void *user)
{
	struct tine_zone_info info;

	info.state = (int)zone->zone_status;
	info.initpid = zone->zone_proc_initpid > 0 ? zone->zone_proc_initpid :
	    0;
	info.schedpid = zone->zone_status < ZONE_IS_DYING &&
	    zone->zone_zsched != NULL ? zone->zone_zsched->p_pid : 0;
	mutex_enter(&zone->zone_nlwps_lock);
	info.processes = zone->zone_nprocs;
	info.lwps = zone->zone_nlwps;
	mutex_exit(&zone->zone_nlwps_lock);
	info.tasks = zone->zone_ntasks;
	info.ffcap = zone->zone_ffcap;
	info.ffnoproc = zone->zone_ffnoproc;
	info.ffnomem = zone->zone_ffnomem;
	info.ffmisc = zone->zone_ffmisc;
	info.exits = zone->zone_exits;
	return (-copyout(&info, user, sizeof (info)));
}

/* Give it a brand. OS-20: there are none. */
static int
zone_brandsys(zone_t *zone, const char *user)
{
	char name[BRAND_NAME];
	size_t length;
	int error;

	if (QUIRK(OS_20))
		return (-ENOSYS);
	error = copyinstr(user, name, sizeof (name), &length);
	if (error == ENAMETOOLONG)
		error = EINVAL;
	return (error != 0 ? -error : -zone_setbrand(zone, name));
}

int64_t
zonesys(const uint64_t args[5])
{
	void *user = (void *)(uintptr_t)args[2];
	zone_t *zone = zone_find((zoneid_t)args[1]);

	if (args[0] == TINE_ZONESYS_CREATE)
		return (zone_create());
	if (args[0] == TINE_ZONESYS_GETID)
		return (zone_id_of(curproc));
	if (zone == NULL || zone->zone_status == ZONE_IS_DEAD)
		return (-EINVAL);
	switch (args[0]) {
	case TINE_ZONESYS_BOOT:
		return (zone_boot(zone, user, args[3] != 0));
	case TINE_ZONESYS_BRAND:
		return (zone_brandsys(zone, user));
	case TINE_ZONESYS_ENTER:
		return (zone_enter(zone));
	case TINE_ZONESYS_SHUTDOWN:
		return (zone_shutdown(zone));
	case TINE_ZONESYS_DESTROY:
		return (zone_destroy(zone));
	case TINE_ZONESYS_INFO:
		return (zone_getinfo(zone, user));
	default:
		return (-EINVAL);
	}
}

/* --- the end of the machine: process 0, before the audit --- */

void
zones_halt(void)
{
	zone_t *zone;

	for (zone = il->il_zones; zone != NULL; zone = zone->zone_next) {
		if (zone->zone_status == ZONE_IS_DEAD)
			continue;
		zone_empty(zone);
		(void) zone_destroy(zone);
	}
}

void
zones_fini(void)
{
	zone_t *zone;

	while ((zone = il->il_zones) != NULL) {
		ASSERT3(zone->zone_nprocs, ==, 0);
		ASSERT3(zone->zone_nlwps, ==, 0);
		ASSERT3(zone->zone_kcred.cr_ref, ==, 2);
		il->il_zones = zone->zone_next;
		rctl_set_free(zone->zone_rctls);
		if (zone->zone_brand != NULL)
			kmem_free("brand_t", zone->zone_brand,
			    sizeof (*zone->zone_brand));
		cv_destroy(&zone->zone_cv);
		mutex_destroy(&zone->zone_lock);
		mutex_destroy(&zone->zone_nlwps_lock);
		kmem_free("zone_t", zone, sizeof (*zone));
	}
}
