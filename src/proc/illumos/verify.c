/* SPDX-License-Identifier: MIT */
/*
 * verify.c - the audit: every list walked, every count compared.
 *
 * At a point where no fork, exit or wait is in progress the invariants of
 * section 1.8 hold. Every machine checks them before it halts.
 */
#include "proc/illumos/kern.h"

/* What the walk counts. */
struct tally {
	uint32_t processes, lwps, vnode_opens, vnode_holds, files;
};

/* Directory and hash of the LWPs of one process. [IL-004] */
static void
verify_lwpdir(const proc_t *p)
{
	uint32_t used = 0, chained = 0, freed = 0;
	const lwpdir_t *ldp;

	if (p->p_lwpdir == NULL)
		return;
	for (uint32_t i = 0; i < p->p_lwpdir_sz; i++)
		used += p->p_lwpdir[i].ld_entry != NULL;
	for (uint32_t i = 0; i < p->p_tidhash_sz; i++)
		for (ldp = p->p_tidhash[i].th_list; ldp != NULL;
		    ldp = ldp->ld_next)
			chained++;
	for (ldp = p->p_lwpfree; ldp != NULL; ldp = ldp->ld_next)
		freed++;
	ASSERT3(used, ==, p->p_lwpcnt + p->p_zombcnt);		/* IL-004 */
	ASSERT3(chained, ==, used);
	ASSERT3(freed, ==, p->p_lwpdir_sz - used);
	ASSERT3(p->p_tidhash_sz, ==, (p->p_lwpdir_sz + 2) / 2);
}

/* The threads of one process. [IL-003] [IL-005] */
static void
verify_lwps(const proc_t *p)
{
	const kthread_t *t = p->p_tlist;
	int lwps = 0, running = 0;

	if (t != NULL) {
		do {
			ASSERT(ttoproc(t) == p);
			lwps++;
			running += !SUSPENDED(t);
		} while ((t = t->t_forw) != p->p_tlist);
	}
	ASSERT3(p->p_lwpcnt, ==, lwps);
	ASSERT3(p->p_lwprcnt, ==, running);			/* IL-005 */
}

/* One process's place in its family. [IL-006] */
static void
verify_family(const proc_t *p)
{
	uint32_t children = 0, zombies = 0, news = 0;
	const proc_t *cp;

	for (cp = p->p_child; cp != NULL; cp = cp->p_sibling) {
		ASSERT(cp->p_parent == p);
		ASSERT(cp->p_sibling == NULL ||
		    cp->p_sibling->p_psibling == cp);
		children++;
		zombies += cp->p_stat == SZOMB;
	}
	for (cp = p->p_child_ns; cp != NULL; cp = cp->p_sibling_ns) {
		ASSERT(cp->p_parent == p);
		ASSERT3(cp->p_stat, ==, SZOMB);
		news++;
	}
	for (cp = p->p_orphan; cp != NULL; cp = cp->p_nextorph) {
		ASSERT(cp->p_nextofkin == p);
		ASSERT(cp->p_nextorph == NULL ||
		    cp->p_nextorph->p_prevorph == cp);
	}
	ASSERT3(p->p_nchild, ==, children);
	ASSERT3(p->p_nchild_ns, ==, news);
	ASSERT3(zombies, ==, news);				/* IL-006 */
}

static void
verify_process(const proc_t *p, struct tally *tally)
{
	verify_family(p);
	verify_lwps(p);
	verify_lwpdir(p);
	tally->processes++;
	tally->lwps += (uint32_t)p->p_lwpcnt;
	tally->vnode_opens += p->p_exec != NULL;
	tally->vnode_holds += (p->p_exec != NULL) + (p->p_execdir != NULL);
	if (p->p_stat != SZOMB)
		tally->vnode_holds += 1 + (PTOU(p)->u_rdir != NULL);
	for (int i = 0; i < P_FINFO(p)->fi_nfiles; i++)
		tally->files += P_FINFO(p)->fi_list[i].uf_file != NULL;
	/* A user process belongs to a contract until it exits. [IL-007] */
	if ((p->p_flag & SSYS) == 0)
		ASSERT3(p->p_ct_process != NULL, ==, p->p_stat != SZOMB);
	ASSERT(p->p_stat != SIDL);
	ASSERT(p->p_task != NULL);
}

/* Counts of tasks, project and zone. [IL-002] [IL-003] */
static void
verify_tasks(const struct tally *tally)
{
	uint32_t procs = 0, lwps = 0, tasks = 0, members;
	const proc_t *p;

	for (const task_t *tk = il->il_tasks; tk != NULL; tk = tk->tk_next) {
		members = 0;
		p = tk->tk_memb_list;
		if (p != NULL) {
			do {
				ASSERT(p->p_task == tk);
				members++;
			} while ((p = p->p_tasknext) != tk->tk_memb_list);
		}
		ASSERT3(tk->tk_nprocs, ==, members);		/* IL-002 */
		ASSERT3(tk->tk_hold_count, >=, members);
		procs += tk->tk_nprocs;
		lwps += tk->tk_nlwps;
		tasks++;
	}
	ASSERT3(procs, ==, tally->processes);
	ASSERT3(proj0p->kpj_nprocs, ==, tally->processes);
	ASSERT3(global_zone->zone_nprocs, ==, tally->processes);
	ASSERT3(lwps, ==, tally->lwps);				/* IL-003 */
	ASSERT3(proj0p->kpj_nlwps, ==, tally->lwps);
	ASSERT3(global_zone->zone_nlwps, ==, tally->lwps);
	ASSERT3(proj0p->kpj_ntasks, ==, tasks);
	ASSERT3(global_zone->zone_ntasks, ==, tasks);
}

/* Counts of files, vnodes and users. [IL-008] [IL-009] */
static void
verify_shared(const struct tally *tally)
{
	uint32_t users = 0, opens = 0, holds = 0;

	for (const struct upcount *up = il->il_upcounts; up != NULL;
	    up = up->up_next)
		users += up->up_count;
	ASSERT3(users, ==, tally->processes);			/* IL-008 */
	for (const vnode_t *vp = il->il_vnodes; vp != NULL; vp = vp->v_next) {
		opens += vp->v_opens - vp->v_lost_opens;
		holds += vp->v_count - vp->v_lost_count;
	}
	ASSERT3(opens, ==, tally->vnode_opens);
	ASSERT3(holds, ==, tally->vnode_holds);
	ASSERT3(il->il_console == NULL ? 0 : il->il_console->f_count, ==,
	    tally->files);					/* IL-009 */
}

/*
 * il_verify()
 *
 * Overview
 *   Check IL-001 to IL-009, and IL-010 through the substrate.
 *
 * Context
 *   In and out: no lock. Nothing that changes what it counts is in progress.
 */
void
il_verify(void)
{
	struct tally tally;
	const proc_t *p;

	memset(&tally, 0, sizeof (tally));
	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		ASSERT(p->p_next == NULL || p->p_next->p_prev == p);
		verify_process(p, &tally);
	}
	ASSERT3(nproc, ==, tally.processes);			/* IL-001 */
	ASSERT3(fork_fail_pending, ==, 0);
	verify_tasks(&tally);
	verify_shared(&tally);
	ASSERT3(pool_default->pool_ref, >=, 2);
	mutex_exit(&pidlock);
}
