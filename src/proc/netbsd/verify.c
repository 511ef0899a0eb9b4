/* SPDX-License-Identifier: MIT */
/*
 * verify.c - the audit: every list walked, every count compared.
 *
 * At a point where no fork, exit or wait is in progress these hold. Every
 * machine checks them before it halts.
 */
#include "proc/netbsd/kern.h"

/* What the walk counts. */
struct tally {
	uint32_t processes, children, in_groups, lwps, profiled;
};

/* The LWPs of one process. */
static void
verify_lwps(const struct proc *p, struct tally *tally)
{
	const struct lwp *l;
	int n = 0, running = 0, zombies = 0, detached = 0;

	LIST_FOREACH(l, &p->p_lwps, l_sibling) {
		ASSERT(l->l_proc == p);
		n++;
		running += l->l_stat == LSRUN || l->l_stat == LSONPROC ||
		    l->l_stat == LSSLEEP || l->l_stat == LSIDL;
		zombies += l->l_stat == LSZOMB;
		detached += (l->l_prflag & LPR_DETACHED) != 0;
	}
	ASSERT3(p->p_nlwps, ==, n);
	ASSERT3(p->p_nrlwps, ==, running);
	ASSERT3(p->p_nzlwps, ==, zombies);
	ASSERT3(p->p_ndlwps, ==, detached);
	tally->lwps += (uint32_t)(n - zombies);
}

/* Children, and how many of them have something to report. [NB-R10] */
static void
verify_family(const struct proc *p, struct tally *tally)
{
	const struct proc *q;
	uint32_t stopped = 0;

	LIST_FOREACH(q, &p->p_children, p_sibling) {
		ASSERT(q->p_pptr == p);
		tally->children++;
		stopped += q->p_stat == SZOMB || q->p_stat == SDEAD ||
		    (q->p_stat == SSTOP && !q->p_waited);
	}
	ASSERT3(p->p_nstopchild, ==, stopped);
}

/* Every process is a member of its own group. [NB-R14] */
static void
verify_group(const struct proc *p, struct tally *tally)
{
	const struct proc *q;
	bool found = false;

	ASSERT(p->p_pgrp != NULL);
	LIST_FOREACH(q, &p->p_pgrp->pg_members, p_pglist)
		found = found || q == p;
	ASSERT(found);
	ASSERT3(p->p_session->s_count, >, 0);
	tally->in_groups++;
}

/* Slots of a table of descriptors. */
static void
verify_files(const struct filedesc *fdp)
{
	uint32_t used = 0;
	int fd;

	ASSERT3(fdp->fd_refcnt, >, 0);
	for (fd = 0; fd < fdp->fd_nfiles; fd++)
		used += fdp->fd_dt[fd].ff_allocated;
	ASSERT3(fdp->fd_nused, ==, used);
}

static void
verify_process(const struct proc *p, struct tally *tally)
{
	ASSERT(proc_find_raw(p->p_pid) == p);
	verify_lwps(p, tally);
	verify_family(p, tally);
	verify_group(p, tally);
	tally->processes++;
	if (p->p_stat == SZOMB)
		return;
	ASSERT(p->p_stat == SACTIVE || p->p_stat == SSTOP);
	ASSERT3(p->p_cred->cr_refcnt, >, 0);
	ASSERT3(p->p_limit->pl_refcnt, >, 0);
	ASSERT(!p->p_limit->pl_writeable || p->p_limit->pl_refcnt == 1);
	ASSERT3(p->p_sigacts->sa_refcnt, >, 0);
	verify_files(p->p_fd);
	tally->profiled += p->p_profclock;
	ASSERT3(p->p_cwdi->cwdi_refcnt, >, 0);
}

/* A process for each that a user is charged for. [NB-R16] */
static void
verify_users(const struct tally *tally)
{
	const struct uidinfo *ui;
	const struct proc *p;
	uint32_t all = 0, mine;

	for (ui = nb->nb_uidinfos; ui != NULL; ui = ui->ui_next) {
		mine = 0;
		LIST_FOREACH(p, &allproc, p_list)
			mine += p->p_cred->cr_uid == ui->ui_uid;
		LIST_FOREACH(p, &zombproc, p_list)
			mine += p->p_cred->cr_uid == ui->ui_uid;
		ASSERT3(ui->ui_proccnt, ==, mine);
		all += mine;
	}
	ASSERT3(all, ==, tally->processes);
}

/*
 * nb_books()
 *
 * Overview
 *   Check lists and counts. Only reads.
 *
 * Context
 *   proc_lock. Nothing that changes what it counts is in progress.
 */
void
nb_books(void)
{
	struct tally tally;
	const struct proc *p;
	const struct lwp *l;
	uint32_t lwps = 0;

	ASSERT(mutex_owned(&proc_lock));
	memset(&tally, 0, sizeof (tally));
	LIST_FOREACH(p, &allproc, p_list)
		verify_process(p, &tally);
	LIST_FOREACH(p, &zombproc, p_list)
		verify_process(p, &tally);
	LIST_FOREACH(l, &alllwp, l_list)
		lwps++;
	ASSERT3(nprocs, ==, tally.processes);
	ASSERT3(lwps, ==, tally.lwps);
	/* Everybody but process 0 is somebody's child. */
	ASSERT3(tally.children, ==, tally.processes - 1);
	ASSERT3(tally.in_groups, ==, tally.processes);
	ASSERT3(nb->nb_profprocs, ==, tally.profiled);
	verify_users(&tally);
}

/* The same for whoever may take locks. */
void
nb_verify(void)
{
	mutex_enter(&proc_lock);
	nb_books();
	mutex_exit(&proc_lock);
}
