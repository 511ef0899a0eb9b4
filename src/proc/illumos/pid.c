/* SPDX-License-Identifier: MIT */
/*
 * pid.c - process numbers: pid structures, their hash, the process table.
 */
#include "proc/illumos/kern.h"

#define PIDHASH_FIRST 64
#define PROCDIR_FIRST 16

static struct pid **
pid_bucket(pid_t pid)
{
	return (&il->il_pidhash[(uint32_t)pid & (il->il_pidhashsz - 1)]);
}

/* The structure of a number that a process, a group or a session uses. */
static struct pid *
pid_lookup(pid_t pid)
{
	struct pid *pidp;

	ASSERT(MUTEX_HELD(&pidlinklock));
	for (pidp = *pid_bucket(pid); pidp != NULL; pidp = pidp->pid_link)
		if (pidp->pid_id == pid)
			return (pidp);
	return (NULL);
}

static void
pid_hash_in(struct pid *pidp)
{
	struct pid **bucket = pid_bucket(pidp->pid_id);

	pidp->pid_link = *bucket;
	*bucket = pidp;
	il->il_npids++;
}

static void
pid_hash_out(struct pid *pidp)
{
	struct pid **where = pid_bucket(pidp->pid_id);

	while (*where != pidp)
		where = &(*where)->pid_link;
	*where = pidp->pid_link;
	il->il_npids--;
}

/*
 * Double the hash once two numbers share a bucket on average.
 * DEVIATION IL-035: the real hash is sized once, for v_proc; ours begins small
 * so that a machine boots fast, and a lookup stays O(1) with 100,000 processes.
 */
static void
pid_hash_grow(void)
{
	const uint32_t was = il->il_pidhashsz;
	struct pid **old, **table, *pidp, *next;

	if (il->il_npids <= was * 2)
		return;
	table = kmem_zalloc("pidhash", sizeof (*table) * was * 2, KM_SLEEP);
	mutex_enter(&pidlinklock);
	if (il->il_pidhashsz != was) {
		/* Another LWP was faster. */
		mutex_exit(&pidlinklock);
		kmem_free("pidhash", table, sizeof (*table) * was * 2);
		return;
	}
	old = il->il_pidhash;
	il->il_pidhash = table;
	il->il_pidhashsz = was * 2;
	il->il_npids = 0;
	for (uint32_t i = 0; i < was; i++) {
		for (pidp = old[i]; pidp != NULL; pidp = next) {
			next = pidp->pid_link;
			pid_hash_in(pidp);
		}
	}
	mutex_exit(&pidlinklock);
	kmem_free("pidhash", old, sizeof (*old) * was);
}

/* Make every slot of a fresh chunk free; the lowest is the first to go.
 * Context: pidlinklock. */
static void
procdir_chunk(struct procent *chunk, uint32_t first)
{
	for (uint32_t i = PROCDIR_CHUNK; i-- > 0; ) {
		chunk[i].pe_slot = first + i;
		mutex_init(&chunk[i].pe_lock.pl_lock, &il_class_p_lock);
		cv_init(&chunk[i].pe_lock.pl_pidcv, &il_class_pr_pid_cv);
		if (first + i < v_v_proc) {
			chunk[i].pe_next = il->il_procentfree;
			il->il_procentfree = &chunk[i];
		}
	}
}

/* Twice as many places for chunks. Context: no lock. */
static void
procdir_widen(void)
{
	const uint32_t was = il->il_procdir_sz;
	const uint32_t size = was == 0 ? PROCDIR_FIRST : was * 2;
	struct procent **table, **lost;
	uint32_t lost_sz = size;

	lost = table = kmem_zalloc("procdir", sizeof (*table) * size, KM_SLEEP);
	mutex_enter(&pidlinklock);
	if (il->il_procdir_sz == was) {
		for (uint32_t i = 0; i < was; i++)
			table[i] = il->il_procdir[i];
		lost = il->il_procdir;
		lost_sz = was;
		il->il_procdir = table;
		il->il_procdir_sz = size;
	}
	mutex_exit(&pidlinklock);
	if (lost != NULL)
		kmem_free("procdir", lost, sizeof (*lost) * lost_sz);
}

/*
 * One more chunk of slots for the process table.
 * DEVIATION IL-035: the real table is made at boot, whole. Slots are handed out
 * in the same order: fresh ones by number, freed ones last in, first out.
 */
static void
procdir_grow(void)
{
	const uint32_t first = il->il_procdir_used;
	const size_t size = sizeof (struct procent) * PROCDIR_CHUNK;
	struct procent *chunk;

	while (first / PROCDIR_CHUNK >= il->il_procdir_sz)
		procdir_widen();
	chunk = kmem_zalloc("procent", size, KM_SLEEP);
	mutex_enter(&pidlinklock);
	if (il->il_procdir_used == first && first < v_v_proc) {
		il->il_procdir[first / PROCDIR_CHUNK] = chunk;
		procdir_chunk(chunk, first);
		il->il_procdir_used = first + PROCDIR_CHUNK;
		chunk = NULL;
	}
	mutex_exit(&pidlinklock);
	/* Another LWP was faster. */
	if (chunk != NULL)
		kmem_free("procent", chunk, size);
}

static struct procent *
procdir_slot(uint32_t slot)
{
	ASSERT3(slot, <, il->il_procdir_used);
	return (&il->il_procdir[slot / PROCDIR_CHUNK][slot % PROCDIR_CHUNK]);
}

/* The tables, and process 0 in the first slot. Boot only. */
void
pid_init(void)
{
	const struct tine_options *options =
	    tine__machine_options(il->il_machine);
	struct procent *pep;

	il->il_v_proc = options->proc_max;
	il->il_v_maxup = options->uid_procs;
	il->il_lwpid_max = options->lwpid_max;
	maxpid = options->pid_max;
	il->il_pidhashsz = PIDHASH_FIRST;
	il->il_pidhash = kmem_zalloc("pidhash",
	    sizeof (struct pid *) * PIDHASH_FIRST, KM_SLEEP);
	procdir_grow();

	mutex_enter(&pidlinklock);
	pep = il->il_procentfree;
	il->il_procentfree = pep->pe_next;
	pep->pe_proc = &p0;
	il->il_pid0.pid_ref = 1;
	il->il_pid0.pid_prslot = pep->pe_slot;
	pid_hash_in(&il->il_pid0);
	mutex_exit(&pidlinklock);
	p0.p_pidp = &il->il_pid0;
	p0.p_slot = pep->pe_slot;
	p0.p_lockp = &pep->pe_lock;
	mpid = minpid = 1;
}

/* Give the tables back; only process 0 is left. */
void
pid_fini(void)
{
	struct procent *chunk;

	ASSERT3(il->il_npids, ==, 1);
	for (uint32_t i = 0; i < il->il_procdir_used / PROCDIR_CHUNK; i++) {
		chunk = il->il_procdir[i];
		for (uint32_t j = 0; j < PROCDIR_CHUNK; j++) {
			mutex_destroy(&chunk[j].pe_lock.pl_lock);
			cv_destroy(&chunk[j].pe_lock.pl_pidcv);
		}
		kmem_free("procent", chunk,
		    sizeof (struct procent) * PROCDIR_CHUNK);
	}
	kmem_free("procdir", il->il_procdir,
	    sizeof (struct procent *) * il->il_procdir_sz);
	kmem_free("pidhash", il->il_pidhash,
	    sizeof (struct pid *) * il->il_pidhashsz);
}

/* The next free number after the last one handed out; -1 when all are used. */
static pid_t
pid_next(void)
{
	const pid_t start = mpid;
	pid_t newpid;

	for (;;) {
		newpid = mpid;
		if (++mpid >= maxpid)
			mpid = minpid;
		if (pid_lookup(newpid) == NULL)
			return (newpid);
		if (mpid == start)
			return (-1);
	}
}

/*
 * pid_allocate(prp, pid)
 *
 * Overview
 *   A slot of the process table and a number for an embryo: its first
 *   publication. From here prfind() finds it, SIDL. [IL-035]
 *
 * Returns
 *   The number (pid when that is not 0), or -1 when slots or numbers are out.
 *   [IL-036]
 *
 * Context
 *   In and out: no lock. May switch.
 */
pid_t
pid_allocate(proc_t *prp, pid_t pid)
{
	struct procent *pep;
	struct pid *pidp;
	pid_t newpid = -1;

	ASSERT(MUTEX_NOT_HELD(&pidlinklock));
	ASSERT3(prp->p_stat, ==, SIDL);

	pidp = cache_alloc(pid_cache, KM_SLEEP | KM_ZERO);
	pid_hash_grow();
	mutex_enter(&pidlinklock);
	/* Others may have taken what was made for us. */
	while (il->il_procentfree == NULL && il->il_procdir_used < v_v_proc) {
		mutex_exit(&pidlinklock);
		procdir_grow();
		mutex_enter(&pidlinklock);
	}
	pep = il->il_procentfree;
	if (pep != NULL && !tine__fail_step(il->il_machine, "pid_allocate"))
		newpid = pid != 0 && !QUIRK(OS_09) ? pid : pid_next();
	if (newpid == -1) {
		mutex_exit(&pidlinklock);
		cache_free(pid_cache, pidp);
		return (-1);
	}
	ASSERT(pid_lookup(newpid) == NULL);
	il->il_procentfree = pep->pe_next;
	pep->pe_proc = prp;
	pidp->pid_id = newpid;
	pidp->pid_ref = 1;
	pidp->pid_prslot = pep->pe_slot;
	pid_hash_in(pidp);
	prp->p_pidp = pidp;
	prp->p_slot = pep->pe_slot;
	prp->p_lockp = &pep->pe_lock;
	mutex_exit(&pidlinklock);
	return (newpid);
}

void
pid_hold(struct pid *pidp)
{
	mutex_enter(&pidlinklock);
	ASSERT3(pidp->pid_ref, >, 0);
	pidp->pid_ref++;
	mutex_exit(&pidlinklock);
}

/*
 * Drop a reference; the number is free again when nobody names it, be it as
 * process, group or session. @return references left.
 */
int
pid_rele(struct pid *pidp)
{
	mutex_enter(&pidlinklock);
	ASSERT3(pidp->pid_ref, >, 0);
	if (--pidp->pid_ref != 0) {
		mutex_exit(&pidlinklock);
		return ((int)pidp->pid_ref);
	}
	pid_hash_out(pidp);
	mutex_exit(&pidlinklock);
	ASSERT(pidp->pid_pglink == NULL);
	cache_free(pid_cache, pidp);
	return (0);
}

/* Give the slot back; the number stays as long as it is referenced. */
void
proc_entry_free(struct pid *pidp)
{
	struct procent *pep;

	mutex_enter(&pidlinklock);
	ASSERT(!pidp->pid_prinactive);
	pidp->pid_prinactive = true;
	pep = procdir_slot(pidp->pid_prslot);
	pep->pe_proc = NULL;
	pep->pe_next = il->il_procentfree;
	il->il_procentfree = pep;
	mutex_exit(&pidlinklock);
}

/* One process fewer for task, project and zone. Context: pidlock. */
void
nprocs_dec(task_t *tk, zone_t *zone)
{
	mutex_enter(&zone->zone_nlwps_lock);
	ASSERT3(tk->tk_nprocs, >, 0);
	tk->tk_nprocs--;
	tk->tk_proj->kpj_nprocs--;
	zone->zone_nprocs--;
	mutex_exit(&zone->zone_nlwps_lock);
}

/*
 * pid_exit(prp, tk)
 *
 * Overview
 *   The end of a process's table entry: out of group and session, off
 *   practive, slot and number free, process counts down, memory gone. The
 *   counts go down before the caller drops its task: it may be the last one.
 *   [IL-001] [IL-002] [IL-136] [IL-R09]
 *
 * Context
 *   In and out: pidlock. tk: its task, which it has left, still held.
 */
void
pid_exit(proc_t *prp, task_t *tk)
{
	const bool uncounted = prp->p_uncounted;
	zone_t *zone = prp->p_zone;

	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT(prp->p_task == NULL);

	/* No group: a fork that failed before its commit. */
	if (prp->p_pgidp != NULL)
		pgexit(prp);
	sess_rele(prp->p_sessp);
	prp->p_sessp = NULL;
	proc_entry_free(prp->p_pidp);

	if (practive == prp)
		practive = prp->p_next;
	if (prp->p_next != NULL)
		prp->p_next->p_prev = prp->p_prev;
	if (prp->p_prev != NULL)
		prp->p_prev->p_next = prp->p_next;
	(void) pid_rele(prp->p_pidp);

	mutex_destroy(&prp->p_splock);
	mutex_destroy(&prp->p_crlock);
	cv_destroy(&prp->p_cv);
	cv_destroy(&prp->p_holdlwps);
	cv_destroy(&prp->p_lwpexit);
	cv_destroy(&prp->p_poolcv);
	cache_free(process_cache, prp);
	ASSERT3(nproc, >, 1);
	nproc--;

	if (!QUIRK(IL_R09))
		nprocs_dec(uncounted ? task0p : tk, zone);
}

/*
 * prfind(pid)
 *
 * Overview
 *   The process of that number, in whatever state.
 *
 * Returns
 *   It, valid while pidlock is held; NULL when there is none.
 *
 * Context
 *   In and out: pidlock.
 */
proc_t *
prfind(pid_t pid)
{
	struct pid *pidp;
	proc_t *p = NULL;

	ASSERT(MUTEX_HELD(&pidlock));
	mutex_enter(&pidlinklock);
	pidp = pid_lookup(pid);
	if (pidp != NULL && !pidp->pid_prinactive)
		p = procdir_slot(pidp->pid_prslot)->pe_proc;
	mutex_exit(&pidlinklock);
	return (p);
}

/* The structure of a number, as a group's or session's; NULL: unused. */
struct pid *
pid_find(pid_t pid)
{
	struct pid *pidp;

	ASSERT(MUTEX_HELD(&pidlock));
	mutex_enter(&pidlinklock);
	pidp = pid_lookup(pid);
	mutex_exit(&pidlinklock);
	return (pidp);
}
