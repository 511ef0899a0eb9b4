/* SPDX-License-Identifier: MIT */
/*
 * context.c - what is kept for a process besides: contexts that fork copies by
 * a callback (a descriptor table of its own is one), memory that is locked, a
 * profile, a brand.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* --- process contexts [IL-092] --- */

/* Context: p_lock, or an embryo. */
static void
installpctx(proc_t *p, pctx_t *pc)
{
	pc->pc_next = p->p_pctx;
	p->p_pctx = pc;
}

/* The callbacks of a fork that is going to succeed. Context: no lock; the
 * parent's other LWPs are held. */
void
forkpctx(proc_t *p, proc_t *cp)
{
	for (pctx_t *pc = p->p_pctx; pc != NULL; pc = pc->pc_next)
		pc->pc_fork(pc->pc_arg, cp);
}

/* exec and exit. Context: no lock; single-threaded. */
void
freepctx(proc_t *p)
{
	pctx_t *pc;

	while ((pc = p->p_pctx) != NULL) {
		p->p_pctx = pc->pc_next;
		pc->pc_free(pc->pc_arg);
		kmem_free("pctx_t", pc, sizeof (*pc));
	}
}

/* A table of descriptors. */
#define LDT_SIZE 16
typedef struct ldt {
	uint64_t ldt_desc[LDT_SIZE];
} ldt_t;

static void ldt_dup(void *arg, proc_t *cp);

static void
ldt_free(void *arg)
{
	kmem_free("ldt_t", arg, sizeof (ldt_t));
}

static pctx_t *
ldt_pctx(ldt_t *ldt)
{
	pctx_t *pc = kmem_zalloc("pctx_t", sizeof (*pc), KM_SLEEP);

	pc->pc_fork = ldt_dup;
	pc->pc_free = ldt_free;
	pc->pc_arg = ldt;
	return (pc);
}

static void
ldt_dup(void *arg, proc_t *cp)
{
	ldt_t *ldt = kmem_zalloc("ldt_t", sizeof (*ldt), KM_SLEEP);

	*ldt = *(const ldt_t *)arg;
	installpctx(cp, ldt_pctx(ldt));
}

/* The table of a process, or NULL. Context: p_lock. */
static ldt_t *
ldt_of(const proc_t *p)
{
	for (const pctx_t *pc = p->p_pctx; pc != NULL; pc = pc->pc_next)
		if (pc->pc_fork == ldt_dup)
			return (pc->pc_arg);
	return (NULL);
}

/* sysi86(selector, descriptor): set it; the first makes the table. */
int64_t
sysi86(const uint64_t args[5])
{
	proc_t *p = curproc;
	pctx_t *pc;
	ldt_t *ldt;

	if (args[0] >= LDT_SIZE)
		return (-EINVAL);
	ldt = kmem_zalloc("ldt_t", sizeof (*ldt), KM_SLEEP);
	pc = ldt_pctx(ldt);
	mutex_enter(&p->p_lock);
	if (ldt_of(p) == NULL) {
		installpctx(p, pc);
		pc = NULL;
	}
	ldt_of(p)->ldt_desc[args[0]] = args[1];
	mutex_exit(&p->p_lock);
	if (pc != NULL) {
		ldt_free(pc->pc_arg);
		kmem_free("pctx_t", pc, sizeof (*pc));
	}
	return (0);
}

/* Context: p_lock. */
int64_t
ldt_get(const proc_t *p, uint32_t selector)
{
	const ldt_t *ldt = ldt_of(p);

	if (ldt == NULL)
		return (-ENOENT);
	return (selector >= LDT_SIZE ? -EINVAL :
	    (int64_t)ldt->ldt_desc[selector]);
}

/* --- locked memory [IL-066] --- */

/* Take a range out of what is locked; spare is for a piece that falls apart.
 * @return spare if it was not used. Context: p_lock. */
static memlock_t *
memlock_cut(proc_t *p, uint64_t start, uint64_t end, memlock_t **spare)
{
	memlock_t **link = &p->p_locked, *ml, *unused = NULL;

	while ((ml = *link) != NULL) {
		const uint64_t from = ml->ml_start, to = ml->ml_end;

		if (to <= start || from >= end) {
			link = &ml->ml_next;
			continue;
		}
		p->p_locked_mem -= (to < end ? to : end) -
		    (from > start ? from : start);
		if (from < start && to > end) {
			ASSERT(*spare != NULL);
			(*spare)->ml_start = end;
			(*spare)->ml_end = to;
			(*spare)->ml_next = ml->ml_next;
			ml->ml_end = start;
			ml->ml_next = *spare;
			*spare = NULL;
			break;
		}
		if (from < start) {
			ml->ml_end = start;
		} else if (to > end) {
			ml->ml_start = end;
		} else {
			*link = ml->ml_next;
			ml->ml_next = unused;
			unused = ml;
			continue;
		}
		link = &ml->ml_next;
	}
	return (unused);
}

static void
memlock_free(memlock_t *ml)
{
	memlock_t *next;

	for (; ml != NULL; ml = next) {
		next = ml->ml_next;
		kmem_free("memlock_t", ml, sizeof (*ml));
	}
}

/* Lock a range, or no longer. What is locked already is not counted twice.
 * Context: no lock. May switch. */
static void
memlock_set(proc_t *p, uint64_t start, uint64_t end, bool lock)
{
	memlock_t *ml = kmem_zalloc("memlock_t", sizeof (*ml), KM_SLEEP);
	memlock_t *spare = kmem_zalloc("memlock_t", sizeof (*ml), KM_SLEEP);
	memlock_t *unused;

	mutex_enter(&p->p_lock);
	unused = memlock_cut(p, start, end, &spare);
	if (lock) {
		ml->ml_start = start;
		ml->ml_end = end;
		ml->ml_next = p->p_locked;
		p->p_locked = ml;
		p->p_locked_mem += end - start;
		ml = NULL;
	}
	mutex_exit(&p->p_lock);
	memlock_free(unused);
	memlock_free(ml);
	memlock_free(spare);
}

/* What is mapped no longer is locked no longer. */
void
memlock_unmap(proc_t *p, uint64_t start, uint64_t end)
{
	if (p->p_locked != NULL)
		memlock_set(p, start, end, false);
}

/* The space goes. Context: no lock; single-threaded. */
void
memlock_fini(proc_t *p)
{
	memlock_free(p->p_locked);
	p->p_locked = NULL;
	p->p_locked_mem = 0;
}

/* memcntl(address, size, command): MC_LOCK and MC_UNLOCK. Pages are brought in,
 * those of a private mapping as the process's own. */
int64_t
memcntl(const uint64_t args[5])
{
	const uint64_t end = args[0] + args[1];
	const bool lock = args[2] == TINE_MC_LOCK;
	char c;

	if ((args[0] & (TINE__PAGE - 1)) != 0 || end < args[0] ||
	    (!lock && args[2] != TINE_MC_UNLOCK))
		return (-EINVAL);
	if ((CRED()->cr_priv & PRIV_PROC_LOCK_MEMORY) == 0)
		return (-EPERM);
	for (uint64_t at = args[0]; lock && at < end; at += TINE__PAGE)
		if (copyin(USER(void *, at), &c, 1) != 0)
			return (-ENOMEM);
	memlock_set(curproc, args[0], (end + TINE__PAGE - 1) &
	    ~(uint64_t)(TINE__PAGE - 1), lock);
	return (0);
}

/* --- profiles [IL-054] --- */

int64_t
profil(const uint64_t args[5])
{
	kthread_t *t = curthread;
	proc_t *p = curproc;

	mutex_enter(&p->p_lock);
	p->p_prof.pr_base = args[0];
	p->p_prof.pr_size = args[1];
	p->p_prof.pr_off = args[2];
	p->p_prof.pr_scale = args[3] <= 1 ? 0 : (uint32_t)args[3];
	cpu_watch(p);
	mutex_exit(&p->p_lock);
	t->t_profticks = t->t_tt->uticks;
	return (0);
}

/* Clock ticks have come while the program was running: count them where it is.
 * A buffer that is not there any more ends it. Context: no lock. */
void
prof_tick(kthread_t *t)
{
	proc_t *p = ttoproc(t);
	const struct prof prof = p->p_prof;
	const uint64_t ticks = t->t_tt->uticks - t->t_profticks;
	const uint64_t pc = t->t_tt->tick_pc;
	uint64_t at;
	uint16_t n;

	t->t_profticks = t->t_tt->uticks;
	if (prof.pr_scale == 0 || ticks == 0)
		return;
	if (pc < prof.pr_off)
		return;
	at = ((pc - prof.pr_off) * prof.pr_scale >> 17) * sizeof (n);
	if (at + sizeof (n) > prof.pr_size)
		return;
	if (copyin(USER(void *, prof.pr_base + at), &n, sizeof (n)) == 0) {
		n = (uint16_t)(n + ticks);
		if (copyout(&n, USER(void *, prof.pr_base + at),
		    sizeof (n)) == 0)
			return;
	}
	p->p_prof.pr_scale = 0;
}

/* --- brands [IL-051] --- */

/* A brand for a zone that has not booted. @return 0, EBUSY, EPERM. */
int
zone_setbrand(zone_t *zone, const char *name)
{
	brand_t *brand;
	int error = 0;

	if (curproc->p_zone != global_zone)
		return (EPERM);
	brand = kmem_zalloc("brand_t", sizeof (*brand), KM_SLEEP);
	memcpy(brand->b_name, name, strlen(name));
	mutex_enter(&zone->zone_lock);
	if (zone->zone_status != ZONE_IS_READY || zone->zone_brand != NULL) {
		error = EBUSY;
	} else {
		zone->zone_brand = brand;
		brand = NULL;
	}
	mutex_exit(&zone->zone_lock);
	if (brand != NULL)
		kmem_free("brand_t", brand, sizeof (*brand));
	return (error);
}

/* What the caller's brand has done. */
int64_t
brandsys(const uint64_t args[5])
{
	const brand_t *brand = curproc->p_brand;
	struct tine_brand_info info;

	if (brand == NULL)
		return (-ENOSYS);
	memset(&info, 0, sizeof (info));
	memcpy(info.name, brand->b_name, sizeof (info.name));
	info.copied = brand->b_copied;
	info.forklwps = brand->b_forklwps;
	info.setrvals = brand->b_setrvals;
	info.freelwps = brand->b_freelwps;
	return (-copyout(&info, USER(void *, args[0]), sizeof (info)));
}
