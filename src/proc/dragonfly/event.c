/* SPDX-License-Identifier: MIT */
/*
 * event.c - kqueues and what they are told of processes.
 *
 * One token of the pool guards the knotes of all processes. An event may have
 * to wait until a knote that is being processed is done with.
 */
#include "proc/dragonfly/kern.h"

#define NOTE_PIDMASK 0x000fffffu

/* A queue that belongs to a descriptor table. */
struct kqueue *
kqueue_create(struct filedesc *fdp)
{
	struct kqueue *kq = kmalloc(kqueue_cache);

	kqueue_init(kq, fdp);
	kq->kq_private = false;
	return (kq);
}

/* An LWP's own, for select and poll. [DF-048] */
void
kqueue_init(struct kqueue *kq, struct filedesc *fdp)
{
	memset(kq, 0, sizeof (*kq));
	kq->kq_fdp = fdp;
	kq->kq_private = true;
}

static void
knote_detach(struct knote *kn)
{
	struct knote **link;

	if (kn->kn_proc == NULL)
		return;
	for (link = &kn->kn_proc->p_klist; *link != kn;
	    link = &(*link)->kn_next)
		continue;
	*link = kn->kn_next;
	kn->kn_proc = NULL;
}

void
kqueue_terminate(struct kqueue *kq)
{
	struct knote *kn;

	if (kq->kq_knlist == NULL)
		return;
	lwkt_gettoken(&df->df_klist_token);
	while ((kn = kq->kq_knlist) != NULL) {
		kq->kq_knlist = kn->kn_link;
		knote_detach(kn);
		kfree(knote_cache, kn);
	}
	lwkt_reltoken(&df->df_klist_token);
}

/* The last reference of its descriptor has gone. */
void
kqueue_destroy(struct kqueue *kq)
{
	kqueue_terminate(kq);
	kfree(kqueue_cache, kq);
}

/* A knote on p. Context: the pool token. */
static struct knote *
knote_attach(struct kqueue *kq, struct proc *p, uint32_t sfflags)
{
	struct knote *kn, **link;

	kn = kmalloc(knote_cache);
	kn->kn_kq = kq;
	kn->kn_proc = p;
	kn->kn_pid = p->p_pid;
	kn->kn_sfflags = sfflags;
	kn->kn_next = p->p_klist;
	p->p_klist = kn;
	for (link = &kq->kq_knlist; *link != NULL; link = &(*link)->kn_link)
		continue;
	*link = kn;
	return (kn);
}

/* Watch a process. @return 0, ESRCH. */
int
kqueue_watch(struct kqueue *kq, pid_t pid, uint32_t fflags)
{
	struct proc *p = pfind(pid);

	if (p == NULL)
		return (ESRCH);
	lwkt_gettoken(&df->df_klist_token);
	(void) knote_attach(kq, p, fflags);
	lwkt_reltoken(&df->df_klist_token);
	PRELE(p);
	return (0);
}

/* The next event of a queue. @return 1 and the event, or 0. */
int
kqueue_next(struct kqueue *kq, struct tine_kevent *ev)
{
	struct knote *kn;

	lwkt_gettoken(&df->df_klist_token);
	for (kn = kq->kq_knlist; kn != NULL; kn = kn->kn_link)
		if (kn->kn_fflags != 0)
			break;
	if (kn != NULL) {
		ev->pid = kn->kn_pid;
		ev->fflags = kn->kn_fflags;
		ev->data = (int)kn->kn_data;
		kn->kn_fflags = 0;
	}
	lwkt_reltoken(&df->df_klist_token);
	return (kn != NULL);
}

/* A fork that is tracked: a knote on the child, or the news that there could be
 * none. [DF-052] */
static void
knote_track(struct knote *kn, struct proc *p, pid_t child)
{
	struct proc *cp = pfind(child);
	struct knote *ckn;

	if (cp == NULL || tine__fail_step(df->df_machine, "knote")) {
		kn->kn_fflags |= TINE_NOTE_TRACKERR;
		if (cp != NULL)
			PRELE(cp);
		return;
	}
	ckn = knote_attach(kn->kn_kq, cp, kn->kn_sfflags);
	ckn->kn_fflags |= TINE_NOTE_CHILD;
	ckn->kn_data = (uint32_t)p->p_pid;
	PRELE(cp);
}

/* Tell whoever watches p. The low bits of the hint are a pid. */
void
KNOTE(struct proc *p, uint32_t hint)
{
	const uint32_t event = hint & ~NOTE_PIDMASK;
	const pid_t pid = (pid_t)(hint & NOTE_PIDMASK);
	struct knote *kn;

	if (p->p_klist == NULL)
		return;
	lwkt_gettoken(&df->df_klist_token);
	for (kn = p->p_klist; kn != NULL; kn = kn->kn_next) {
		while (kn->kn_processing)
			tsleep(kn, 0, "knotec", hz);
		if ((kn->kn_sfflags & event) != 0) {
			kn->kn_fflags |= event;
			kn->kn_data = (uint32_t)pid;
		}
		if (event == TINE_NOTE_FORK &&
		    (kn->kn_sfflags & TINE_NOTE_TRACK) != 0)
			knote_track(kn, p, pid);
	}
	lwkt_reltoken(&df->df_klist_token);
}

/* p is gone: its knotes stay with their queues. */
void
knote_exit(struct proc *p)
{
	KNOTE(p, TINE_NOTE_EXIT | (uint32_t)p->p_pid);
	if (p->p_klist == NULL)
		return;
	lwkt_gettoken(&df->df_klist_token);
	while (p->p_klist != NULL)
		knote_detach(p->p_klist);
	lwkt_reltoken(&df->df_klist_token);
}
