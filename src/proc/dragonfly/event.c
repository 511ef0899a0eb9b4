/* SPDX-License-Identifier: MIT */
/*
 * event.c - kqueues and what they are told of processes.
 *
 * What it is
 *   A knote is what a queue wants to know of a process. Fork, exec and exit
 *   walk the knotes of the process; programs read their queues. [DF-052]
 *
 * Objects
 *
 *	proc --p_klist--> knote --kn_next--> knotes of the same process
 *	kqueue --kq_knlist--> knote --kn_link--> knotes of the same queue
 *
 * States and moves
 *	idle --knote_acquire--> in process --knote_release--> idle
 *	                                   --knote_drop--> gone
 *
 *   Who has a knote in process may sleep: to make a knote on a child, to wait
 *   for a token. Whoever else wants it sleeps on it ("knotec", "kqepts"), a
 *   second at most, and then begins anew, for it may be gone. An event that
 *   walks a list therefore meets knotes again that it has told already: that
 *   adds nothing, but for a program that has read its queue in between.
 *
 * Locking
 *   Of the pool of tokens two stand for all: one for lists of processes, one
 *   for queues. Either is lost while one waits for the other.
 *
 * Spec
 *   DF-048, DF-052, DF-065.
 *
 * Read next
 *   fork.c, where Y13 is a sleep in here; in the real kernel
 *   sys/kern/kern_event.c.
 */
#include "proc/dragonfly/kern.h"

#define NOTE_PIDMASK 0x000fffffu

#define klist_token (df->df_klist_token)
#define kqueue_token (df->df_kqueue_token)

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
	kq->kq_fdp = fdp;
	kq->kq_private = true;
}

/* --- knotes in process --- */

/* Wait for who has it in process. It may be gone afterwards. Context: the
 * queue token. */
static void
knote_wait(struct knote *kn, const char *wmesg)
{
	kn->kn_status |= KN_WAITING;
	tsleep(kn, 0, wmesg, hz);
}

/* @return false: somebody had it, and it may be gone. Context: the queue
 * token. */
static bool
knote_acquire(struct knote *kn)
{
	if ((kn->kn_status & KN_PROCESSING) != 0) {
		knote_wait(kn, "kqepts");
		return (false);
	}
	kn->kn_status |= KN_PROCESSING;
	return (true);
}

static void
knote_release(struct knote *kn)
{
	const bool waiting = (kn->kn_status & KN_WAITING) != 0;

	ASSERT(kn->kn_status & KN_PROCESSING);
	kn->kn_status = 0;
	if (waiting)
		wakeup(kn);
}

/* Off its process. Context: it is in process. */
static void
knote_detach(struct knote *kn)
{
	struct knote **link;

	lwkt_gettoken(&klist_token);
	if (kn->kn_proc != NULL) {
		for (link = &kn->kn_proc->p_klist; *link != kn;
		    link = &(*link)->kn_next)
			ASSERT(*link != NULL);
		*link = kn->kn_next;
		tine__wrote(&kn->kn_proc->p_klist);
		kn->kn_proc = NULL;
	}
	lwkt_reltoken(&klist_token);
}

/* Off both, and gone. Context: it is in process; the queue token. */
static void
knote_drop(struct kqueue *kq, struct knote *kn)
{
	struct knote **link;

	knote_detach(kn);
	for (link = &kq->kq_knlist; *link != kn; link = &(*link)->kn_link)
		ASSERT(*link != NULL);
	*link = kn->kn_link;
	tine__wrote(&kq->kq_knlist);
	knote_release(kn);
	kfree(knote_cache, kn);
}

static struct knote *
knote_find(const struct kqueue *kq, pid_t pid)
{
	struct knote *kn = kq->kq_knlist;

	while (kn != NULL && (kn->kn_pid != pid || kn->kn_proc == NULL))
		kn = kn->kn_link;
	return (kn);
}

/* A new knote on p, in process. Context: the queue token, p is held. */
static void
knote_attach(struct kqueue *kq, struct proc *p, struct knote *kn)
{
	struct knote **link;

	kn->kn_kq = kq;
	kn->kn_pid = p->p_pid;
	kn->kn_status = KN_PROCESSING;
	for (link = &kq->kq_knlist; *link != NULL; link = &(*link)->kn_link)
		continue;
	*link = kn;
	tine__wrote(&kq->kq_knlist);
	lwkt_gettoken(&klist_token);
	kn->kn_proc = p;
	kn->kn_next = p->p_klist;
	p->p_klist = kn;
	tine__wrote(&p->p_klist);
	lwkt_reltoken(&klist_token);
}

/*
 * The knote of that queue on p, in process: made if there is none. *made tells.
 * Context: the queue token, p is held. Switches.
 */
static struct knote *
kqueue_register(struct kqueue *kq, struct proc *p, bool *made)
{
	struct knote *kn, *new = NULL;

	for (;;) {
		kn = knote_find(kq, p->p_pid);
		if (kn == NULL && new == NULL) {
			new = kmalloc(knote_cache);
			continue;
		}
		*made = kn == NULL;
		if (*made) {
			knote_attach(kq, p, new);
			return (new);
		}
		if (knote_acquire(kn))
			break;
	}
	if (new != NULL)
		kfree(knote_cache, new);
	return (kn);
}

/* --- for programs --- */

/* All that it has. Context: the queue token. */
static void
kqueue_empty(struct kqueue *kq)
{
	struct knote *kn;

	while ((kn = kq->kq_knlist) != NULL)
		if (knote_acquire(kn))
			knote_drop(kq, kn);
}

void
kqueue_terminate(struct kqueue *kq)
{
	tine__looked(&kq->kq_knlist);
	if (kq->kq_knlist == NULL)
		return;
	lwkt_gettoken(&kqueue_token);
	kqueue_empty(kq);
	lwkt_reltoken(&kqueue_token);
}

/* The last reference of its descriptor has gone. */
void
kqueue_destroy(struct kqueue *kq)
{
	kqueue_terminate(kq);
	kfree(kqueue_cache, kq);
}

/* Watch a process, or for other things than before. @return 0, ESRCH. */
int
kqueue_watch(struct kqueue *kq, pid_t pid, uint32_t fflags)
{
	struct proc *p = pfind(pid);
	struct knote *kn;
	bool made;

	if (p == NULL)
		return (ESRCH);
	lwkt_gettoken(&kqueue_token);
	kn = kqueue_register(kq, p, &made);
	kn->kn_sfflags = fflags;
	knote_release(kn);
	lwkt_reltoken(&kqueue_token);
	PRELE(p);
	return (0);
}

/* The first knote that has something to tell. Context: the queue token. */
static struct knote *
kqueue_first(struct kqueue *kq)
{
	struct knote *kn;

	do {
		for (kn = kq->kq_knlist; kn != NULL; kn = kn->kn_link)
			if (kn->kn_fflags != 0 || kn->kn_proc == NULL)
				break;
	} while (kn != NULL && !knote_acquire(kn));
	return (kn);
}

/* The next event of a queue. A process that has exited has no other. @return 1
 * and the event, or 0. */
int
kqueue_next(struct kqueue *kq, struct tine_kevent *ev)
{
	struct knote *kn;

	lwkt_gettoken(&kqueue_token);
	kn = kqueue_first(kq);
	if (kn != NULL) {
		ev->pid = kn->kn_pid;
		ev->flags = TINE_KEV_CLEAR;
		if (kn->kn_proc == NULL)
			ev->flags |= TINE_KEV_EOF | TINE_KEV_NODATA |
			    TINE_KEV_ONESHOT;
		ev->fflags = kn->kn_fflags;
		ev->data = (int)kn->kn_data;
		kn->kn_fflags = 0;
		kn->kn_data = 0;
		if (kn->kn_proc == NULL)
			knote_drop(kq, kn);
		else
			knote_release(kn);
	}
	lwkt_reltoken(&kqueue_token);
	return (kn != NULL);
}

/* --- for the kernel --- */

/* A fork that is tracked: a knote on the child, or the news that there could be
 * none. Context: kn is in process; the queue token. [DF-052] */
static void
knote_track(struct knote *kn, pid_t parent, pid_t child)
{
	struct proc *cp = pfind(child);
	struct knote *ckn;
	bool made;

	if (cp == NULL || tine__fail_step(df->df_machine, "knote")) {
		kn->kn_fflags |= TINE_NOTE_TRACKERR;
		if (cp != NULL)
			PRELE(cp);
		return;
	}
	ckn = kqueue_register(kn->kn_kq, cp, &made);
	ckn->kn_sfflags = kn->kn_sfflags;
	if (made) {
		ckn->kn_fflags |= TINE_NOTE_CHILD;
		ckn->kn_data = (uint32_t)parent;
	}
	knote_release(ckn);
	PRELE(cp);
}

/* What the event is for one knote. Context: it is in process; both tokens. */
static void
filt_proc(struct knote *kn, uint32_t event, pid_t pid)
{
	if ((kn->kn_sfflags & event) != 0) {
		kn->kn_fflags |= event;
		if (event == TINE_NOTE_FORK)
			kn->kn_data = (uint32_t)pid;
	}
	if (event == TINE_NOTE_EXIT) {
		kn->kn_data = (uint32_t)kn->kn_proc->p_xstat;
		knote_detach(kn);
	} else if (event == TINE_NOTE_FORK &&
	    (kn->kn_sfflags & TINE_NOTE_TRACK) != 0) {
		knote_track(kn, kn->kn_pid, pid);
	}
}

static bool
on_list(const struct proc *p, const struct knote *kn)
{
	const struct knote *it = p->p_klist;

	while (it != NULL && it != kn)
		it = it->kn_next;
	return (it != NULL);
}

/* One knote of p. @return false: the list may have changed, begin anew.
 * Context: the list token. */
static bool
knote_event(struct proc *p, struct knote *kn, uint32_t event, pid_t pid)
{
	bool same;

	lwkt_gettoken(&kqueue_token);
	same = on_list(p, kn);
	if (same && (kn->kn_status & KN_PROCESSING) != 0) {
		knote_wait(kn, "knotec");			/* Y13 */
		same = false;
	}
	if (same) {
		kn->kn_status |= KN_PROCESSING;
		filt_proc(kn, event, pid);
		knote_release(kn);
	}
	lwkt_reltoken(&kqueue_token);
	return (same);
}

/* Tell whoever watches p. The low bits of the hint are a pid. */
void
KNOTE(struct proc *p, uint32_t hint)
{
	const uint32_t event = hint & ~NOTE_PIDMASK;
	struct knote *kn, *next;

	tine__looked(&p->p_klist);
	if (p->p_klist == NULL)
		return;
	lwkt_gettoken(&klist_token);
	for (kn = p->p_klist; kn != NULL; kn = next) {
		if (!knote_event(p, kn, event, (pid_t)(hint & NOTE_PIDMASK)) ||
		    !on_list(p, kn))
			next = p->p_klist;
		else
			next = kn->kn_next;
	}
	lwkt_reltoken(&klist_token);
}
