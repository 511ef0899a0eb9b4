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
	uint32_t processes, live, lwps, children, orphans, in_groups;
	uint32_t vnode_opens, vnode_holds, cwds, kcreds;
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
			ASSERT(t->t_forw->t_back == t);
			lwps++;
			running += !SUSPENDED(t);
		} while ((t = t->t_forw) != p->p_tlist);
	}
	ASSERT3(p->p_lwpcnt, ==, lwps);
	ASSERT3(p->p_lwprcnt, ==, running);			/* IL-005 */
}

/* One process's place in its family. [IL-006] */
static void
verify_family(const proc_t *p, struct tally *tally)
{
	uint32_t children = 0, zombies = 0, news = 0, told = 0;
	const proc_t *cp;

	for (cp = p->p_child; cp != NULL; cp = cp->p_sibling) {
		ASSERT(cp->p_parent == p);
		ASSERT(cp->p_sibling == NULL ||
		    cp->p_sibling->p_psibling == cp);
		children++;
		zombies += cp->p_stat == SZOMB;
		told += cp->p_wcode >= TINE_CLD_TRAPPED;
	}
	for (cp = p->p_child_ns; cp != NULL; cp = cp->p_sibling_ns) {
		ASSERT(cp->p_parent == p);
		ASSERT3(cp->p_stat, ==, SZOMB);
		news++;
	}
	tally->children += children;
	for (cp = p->p_orphan; cp != NULL; cp = cp->p_nextorph) {
		ASSERT(cp->p_nextofkin == p);
		ASSERT(cp->p_nextorph == NULL ||
		    cp->p_nextorph->p_prevorph == cp);
		tally->orphans++;
	}
	ASSERT3(p->p_nchild, ==, children);
	ASSERT3(p->p_nchild_ns, ==, news);
	ASSERT3(p->p_nchild_js, ==, told);
	ASSERT3(zombies, ==, news);				/* IL-006 */
}

/* Members of the group that p stands at the head of. Those that keep it from
 * being orphaned stand before the others. */
static void
verify_group(const proc_t *p, struct tally *tally)
{
	const struct pid *pgp = p->p_pgidp;

	if (pgp->pid_pglink != p)
		return;
	ASSERT(p->p_ppglink == NULL);
	for (; p != NULL; p = p->p_pglink) {
		ASSERT(p->p_pgidp == pgp);
		ASSERT(p->p_pglink == NULL || p->p_pglink->p_ppglink == p);
		ASSERT(p->p_pglink != NULL || pgp->pid_pgtail == p);
		tally->in_groups++;
	}
}

/* No fork, exit or hold is in progress, so nothing may look as if. [IL-005] */
static void
verify_idle(const proc_t *p)
{
	if (p->p_stat == SZOMB)
		return;
	ASSERT3(p->p_flag & (SFORKING | SEXITLWPS | SHOLDFORK | SHOLDFORK1), ==,
	    0);
	ASSERT3(p->p_proc_flag & P_PR_LOCK, ==, 0);
	ASSERT3(p->p_poolcnt, ==, 0);
}

/* Descriptors of one process: each counts for its file. [IL-009] */
static void
verify_slots(const uf_info_t *fip)
{
	const uf_entry_t *ufp;

	for (int i = 0; i < fip->fi_nfiles; i++) {
		ufp = &fip->fi_list[i];
		if (ufp->uf_file == NULL)
			continue;
		ASSERT(ufp->uf_alloc && !ufp->uf_busy);
		ufp->uf_file->f_audit++;
	}
}

static void
verify_process(const proc_t *p, struct tally *tally)
{
	verify_family(p, tally);
	verify_lwps(p);
	verify_lwpdir(p);
	verify_group(p, tally);
	verify_idle(p);
	tally->processes++;
	tally->kcreds += p->p_cred == kcred;
	tally->live += (p->p_poolflag & PEXITED) == 0;
	tally->lwps += (uint32_t)p->p_lwpcnt;
	tally->vnode_opens += p->p_execopen;
	tally->vnode_holds += (p->p_exec != NULL) + (p->p_execdir != NULL);
	if (p->p_stat != SZOMB)
		tally->vnode_holds += 1 + (PTOU(p)->u_rdir != NULL);
	tally->cwds += p->p_stat != SZOMB &&
	    PTOU(p)->u_cwd == il->il_rootcwd;
	verify_slots(P_FINFO(p));
	/* A user process belongs to a contract until it exits. [IL-007] */
	if ((p->p_flag & SSYS) == 0)
		ASSERT3(p->p_ct_process != NULL, ==, p->p_stat != SZOMB);
	ASSERT(p->p_stat != SIDL);
	ASSERT(p->p_task != NULL);
}

/* A project is the sum of its tasks. [IL-002] [IL-003] */
static void
verify_project(const kproject_t *kpj)
{
	uint32_t procs = 0, lwps = 0, tasks = 0;

	for (const task_t *tk = il->il_tasks; tk != NULL; tk = tk->tk_next) {
		if (tk->tk_proj != kpj)
			continue;
		procs += tk->tk_nprocs;
		lwps += tk->tk_nlwps;
		tasks++;
	}
	ASSERT3(kpj->kpj_nprocs, ==, procs);
	ASSERT3(kpj->kpj_nlwps, ==, lwps);
	ASSERT3(kpj->kpj_ntasks, ==, tasks);
}

/* A zone is the sum of its tasks, and of its processes. [IL-002] [IL-003] */
static void
verify_zone(const zone_t *zone)
{
	uint32_t procs = 0, lwps = 0, tasks = 0;

	for (const task_t *tk = il->il_tasks; tk != NULL; tk = tk->tk_next)
		tasks += tk->tk_zone == zone;
	for (const proc_t *p = practive; p != NULL; p = p->p_next) {
		procs += p->p_zone == zone;
		lwps += p->p_zone == zone ? (uint32_t)p->p_lwpcnt : 0;
	}
	ASSERT3(zone->zone_nprocs, ==, procs);
	ASSERT3(zone->zone_nlwps, ==, lwps);
	ASSERT3(zone->zone_ntasks, ==, tasks);
}

static void
verify_pool(const pool_t *pool)
{
	uint32_t procs = 0;

	for (const proc_t *p = practive; p != NULL; p = p->p_next)
		procs += p->p_pool == pool && (p->p_poolflag & PEXITED) == 0;
	ASSERT3(pool->pool_ref, ==, procs + 1);
}

/* Counts of tasks, project and zone. [IL-002] [IL-003] */
static void
verify_tasks(const struct tally *tally)
{
	uint32_t procs = 0, lwps = 0, members, elsewhere = 0;
	const kproject_t *kpj;
	const zone_t *zone;
	const pool_t *pool;
	const proc_t *p;

	for (const task_t *tk = il->il_tasks; tk != NULL; tk = tk->tk_next) {
		members = 0;
		p = tk->tk_memb_list;
		if (p != NULL) {
			do {
				ASSERT(p->p_task == tk);
				members += !p->p_uncounted;
				elsewhere += p->p_uncounted;
			} while ((p = p->p_tasknext) != tk->tk_memb_list);
		}
		/* Task 0 is the last of the list. */
		if (tk == task0p)
			members += elsewhere;
		ASSERT3(tk->tk_nprocs, ==, members);		/* IL-002 */
		ASSERT(tk == task0p || tk->tk_hold_count >= members);
		procs += tk->tk_nprocs;
		lwps += tk->tk_nlwps;
	}
	ASSERT3(procs, ==, tally->processes);
	ASSERT3(lwps, ==, tally->lwps);				/* IL-003 */
	verify_project(proj0p);
	for (kpj = il->il_projects; kpj != NULL; kpj = kpj->kpj_next)
		verify_project(kpj);
	verify_zone(global_zone);
	for (zone = il->il_zones; zone != NULL; zone = zone->zone_next)
		verify_zone(zone);
	for (pool = pool_default; pool != NULL; pool = pool->pool_next)
		verify_pool(pool);
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
	ASSERT3(kcred->cr_ref, ==, tally->kcreds + 1);
	ASSERT3(il->il_rootcwd->rs_refcnt, ==, tally->cwds);
	for (const vnode_t *vp = il->il_vnodes; vp != NULL; vp = vp->v_next) {
		opens += vp->v_opens - vp->v_lost_opens;
		holds += vp->v_count - vp->v_lost_count;
	}
	ASSERT3(opens, ==, tally->vnode_opens);
	for (const file_t *fp = il->il_files; fp != NULL; fp = fp->f_next) {
		ASSERT3(fp->f_count, ==, fp->f_audit);		/* IL-009 */
		holds--;
	}
	ASSERT3(holds, ==, tally->vnode_holds);
}

/* Sessions count their members; session 0 itself and its number once more. */
static void
verify_sessions(const struct tally *tally)
{
	uint32_t members = 0, refs = il->il_session0.s_ref - 1;
	const proc_t *p;

	for (const sess_t *sp = il->il_sessions; sp != NULL; sp = sp->s_next) {
		for (p = practive, members = 0; p != NULL; p = p->p_next)
			members += p->p_sessp == sp;
		ASSERT3(sp->s_ref, ==, members);
		ASSERT(!sp->s_vp || il->il_tty_sidp == sp->s_sidp);
		refs += sp->s_ref;
	}
	ASSERT3(refs, ==, tally->processes);
}

/*
 * il_books()
 *
 * Overview
 *   Check IL-001 to IL-009. Only reads, so that a test's program can call it
 *   where it knows that nobody else changes anything.
 *
 * Context
 *   Nothing that changes what it counts is in progress.
 */
void
il_books(void)
{
	struct tally tally;
	const proc_t *p;

	memset(&tally, 0, sizeof (tally));
	for (file_t *fp = il->il_files; fp != NULL; fp = fp->f_next)
		fp->f_audit = 0;
	for (p = practive; p != NULL; p = p->p_next) {
		ASSERT(p->p_next == NULL || p->p_next->p_prev == p);
		verify_process(p, &tally);
	}
	ASSERT3(nproc, ==, tally.processes);			/* IL-001 */
	ASSERT3(fork_fail_pending, ==, 0);
	verify_tasks(&tally);
	verify_shared(&tally);
	verify_sessions(&tally);
	/* Everybody but process 0 is somebody's child. [IL-006] */
	ASSERT3(tally.children, ==, tally.processes - 1);
	ASSERT3(tally.orphans, ==, tally.processes - 1);
	ASSERT3(tally.in_groups, ==, tally.processes);
}

/*
 * il_verify()
 *
 * Overview
 *   The same for whoever may take locks: before the machine halts.
 *
 * Context
 *   In and out: no lock. Nothing that changes what it counts is in progress.
 */
void
il_verify(void)
{
	mutex_enter(&pidlock);
	il_books();
	mutex_exit(&pidlock);
}
