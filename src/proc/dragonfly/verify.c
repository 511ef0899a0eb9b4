/* SPDX-License-Identifier: MIT */
/*
 * verify.c - the audit: every list walked, every count compared; and husks.
 *
 * Between F1 and F5 of fork.c. A husk is what a fork leaves whose descriptor
 * table was refused: a SIDL process that nobody builds. [DF-034]
 */
#include "proc/dragonfly/kern.h"

/* What the walk counts. */
struct tally {
	uint32_t processes, husks, members, children, linked;
};

static bool
is_husk(const struct proc *p)
{
	return (p->p_stat == SIDL && p->p_pptr == NULL && p->p_lock == 0);
}

static void
verify_lwps(const struct proc *p)
{
	const struct lwp *lp;
	int n = 0;

	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next) {
		ASSERT(lp->lwp_proc == p);
		ASSERT(lp->lwp_next == NULL ||
		    lp->lwp_tid < lp->lwp_next->lwp_tid);
		n++;
	}
	/* The last LWP of a zombie is in the tree and not counted. */
	ASSERT3(p->p_nthreads + (p->p_stat == SZOMB), ==, n);	/* F4 */
	ASSERT3(p->p_nstopped, <=, n);
}

static void
verify_family(const struct proc *p, struct tally *tally)
{
	const struct proc *cp;

	for (cp = p->p_children; cp != NULL; cp = cp->p_sibling) {
		ASSERT(cp->p_pptr == p);
		ASSERT(cp->p_linked);
		tally->children++;
	}
}

static void
verify_process(const struct proc *p, struct tally *tally)
{
	tally->processes++;
	if (is_husk(p)) {
		tally->husks++;
		return;
	}
	ASSERT(p->p_stat != SIDL);
	verify_lwps(p);
	verify_family(p, tally);
	ASSERT(p->p_ucred != NULL);
	ASSERT((p->p_limit == NULL) == (p->p_stat == SZOMB));
	ASSERT((p->p_reaper == NULL) ==
	    (p->p_stat == SZOMB || p == &proc0));
}

/* Each group's list is that of those who point to it. [F3] */
static void
verify_groups(struct tally *tally, const struct pgrp *pg)
{
	const struct proc *p;
	uint32_t n;

	for (; pg != NULL; pg = pg->pg_next) {
		n = pg == &df->df_pgrp0;
		for (p = pg->pg_members; p != NULL; p = p->p_pglist) {
			if (p->p_pgrp != pg)
				tine__panic("pid %d is on the list of group "
				    "%d and belongs to group %d", p->p_pid,
				    pg->pg_id, p->p_pgrp->pg_id);
			n++;
			tally->members++;
		}
		if (pg->pg_refs != n)
			tine__panic("group %d has %u references and %u "
			    "members", pg->pg_id, pg->pg_refs, n);
	}
}

/* Tables, limits, dispositions: counts against those that point to them. */
static void
verify_shared(void)
{
	const struct proc *p, *q;
	uint32_t tables, limits, acts;

	for (unsigned n = 0; n < ALLPROC_HSIZE; n++) {
		for (p = allprocs[n]; p != NULL; p = p->p_list) {
			if (is_husk(p) || p->p_sigacts == NULL)
				continue;
			tables = limits = acts = 0;
			for (unsigned m = 0; m < ALLPROC_HSIZE; m++)
				for (q = allprocs[m]; q != NULL;
				    q = q->p_list) {
					tables += q->p_fd == p->p_fd;
					limits += q->p_limit == p->p_limit;
					acts += q->p_sigacts == p->p_sigacts;
				}
			if (p->p_fd != NULL)
				ASSERT3(p->p_fd->fd_refcnt, ==, tables);
			if (p->p_limit != NULL)
				ASSERT3(p->p_limit->p_refcnt, ==, limits +
				    (p->p_limit == &df->df_limit0));
			ASSERT3(p->p_sigacts->ps_refcnt, >=, acts);
		}
	}
}

static void
verify_files(void)
{
	const struct file *fp;
	const struct proc *p;
	uint32_t counted = 0;

	for (fp = df->df_files; fp != NULL; fp = fp->f_next) {
		ASSERT3(fp->f_count, >, 0);
		counted++;
	}
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		for (p = allprocs[n]; p != NULL; p = p->p_list)
			if (p->p_fd != NULL && p->p_stat != SZOMB)
				return;
	ASSERT3(counted, ==, 0);				/* F5 */
}

/* Whether a process has that leader record. */
static bool
has_owner(const struct filedesc_to_leader *fdtol)
{
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		for (const struct proc *p = allprocs[n]; p != NULL;
		    p = p->p_list)
			if (p->p_fdtol == fdtol)
				return (true);
	return (false);
}

/*
 * df_books()
 *
 * Overview
 *   Check F1 to F5. Only reads, so that a test's program can call it where it
 *   knows that nobody else changes anything.
 */
void
df_books(void)
{
	const struct uidinfo *uip;
	struct tally tally;
	uint32_t users = 0;

	memset(&tally, 0, sizeof (tally));
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		for (const struct proc *p = allprocs[n]; p != NULL;
		    p = p->p_list)
			verify_process(p, &tally);
	ASSERT3(nprocs, ==, tally.processes);			/* F1 */
	ASSERT3(tally.husks, ==, df->df_husks);
	for (uip = df->df_uidinfos; uip != NULL; uip = uip->ui_next)
		users += (uint32_t)uip->ui_proccnt;
	ASSERT3(users, ==, tally.processes);			/* F2 */
	/* Everybody but process 0 is somebody's child, but for husks. */
	ASSERT3(tally.children, ==, tally.processes - 1 - tally.husks);
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		verify_groups(&tally, df->df_allpgrps[n]);
	ASSERT3(tally.members, ==, tally.processes - tally.husks);
	verify_shared();
	verify_files();
}

/* What was lost for good, told as the outcome of the run. [DF-034] [DF-082]
 * [DF-R23] */
void
df_husks_report(void)
{
	const struct proc *p;
	const struct ucred *cr;
	uint32_t lost = 0;

	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		for (p = allprocs[n]; p != NULL; p = p->p_list)
			if (is_husk(p))
				tine__leaked("pid %d is a husk of a fork whose "
				    "descriptor table was refused: nprocs +1, "
				    "processes of uid %u +1, references of its "
				    "reaper, credential, arguments, "
				    "dispositions, executable +1%s (DF-034)",
				    p->p_pid, p->p_ucred->cr_ruid,
				    p->p_leader != p ? ", a peer for ever" :
				    "");
	for (const struct filedesc_to_leader *fdtol = df->df_fdtols;
	    fdtol != NULL; fdtol = fdtol->fdl_all)
		if (!has_owner(fdtol))
			tine__leaked("a filedesc_to_leader that nobody has: "
			    "its table has two rings of leaders (DF-R23)");
	for (cr = df->df_lost_creds; cr != NULL; cr = cr->cr_lostnext)
		lost += cr->cr_lost;
	if (lost != 0)
		tine__leaked("%u references of credentials, of threads that "
		    "lwp_create could not finish (DF-082)", lost);
}

void
df_verify(void)
{
	df_books();
	df_husks_report();
}

/* Records of leaders that nobody has go with the machine. [DF-R23] */
void
df_records_free(void)
{
	struct filedesc_to_leader *fdtol, *next;

	for (fdtol = df->df_fdtols; fdtol != NULL; fdtol = next) {
		next = fdtol->fdl_all;
		if (!has_owner(fdtol))
			fdtol_free(fdtol);
	}
}

/* The machine is switched off: husks go. Their group may be gone already. */
void
df_husks_free(void)
{
	struct proc *p, *next;

	for (unsigned n = 0; n < ALLPROC_HSIZE; n++) {
		for (p = allprocs[n]; p != NULL; p = next) {
			next = p->p_list;
			if (!is_husk(p))
				continue;
			proc_unhash(p);
			sigacts_drop(p->p_sigacts);
			pargs_drop(p->p_args);
			if (p->p_textvp != NULL)
				vrele(p->p_textvp);
			(void) chgproccnt(p->p_ucred->cr_ruidinfo, -1, 0);
			crfree(p->p_ucred);
			reaper_drop(p->p_reaper);
			spin_uninit(&p->p_spin);
			lwkt_token_uninit(&p->p_token);
			kfree(proc_cache, p);
			(void) tine__atomic_add_32(&nprocs, -1);
			df->df_husks--;
		}
	}
}
