/* SPDX-License-Identifier: MIT */
/*
 * kern_event.c - kqueues and knotes on processes: NOTE_FORK and what follows.
 *
 * A process has a list of knotes. fork1 walks its parent's with no lock held:
 * somebody may take one off meanwhile, or close its kqueue, and what the walk
 * is on is gone. So the walk looks whenever it had to wait. [NB-R24]
 */
#include "proc/netbsd/kern.h"

int
kqueue1(int *fd)
{
	struct kqueue *kq;
	int error;

	error = fd_alloc(curproc, 0, fd);
	if (error != 0)
		return (error);
	kq = pool_cache_get(kqueue_pool, KM_SLEEP | KM_ZERO);
	mutex_init(&kq->kq_lock, &nb_class_kq_lock);
	cv_init(&kq->kq_cv, &nb_class_kqcv);
	SLIST_INIT(&kq->kq_knotes);
	fd_affix(curproc, file_alloc(DTYPE_KQUEUE, TINE_O_RDONLY, kq), *fd);
	return (0);
}

static struct knote *
knote_new(struct kqueue *kq, struct proc *p, uint32_t sfflags)
{
	struct knote *kn = pool_cache_get(knote_pool, KM_NOSLEEP | KM_ZERO);

	if (kn == NULL)
		return (NULL);
	kn->kn_serial = ++nb->nb_generation;
	kn->kn_kq = kq;
	kn->kn_proc = p;
	kn->kn_pid = p->p_pid;
	kn->kn_sfflags = sfflags;
	mutex_enter(&kq->kq_lock);
	SLIST_INSERT_HEAD(&kq->kq_knotes, kn, kn_link);
	mutex_exit(&kq->kq_lock);
	return (kn);
}

static void
knote_look(const struct knote *kn, uint64_t serial)
{
	nb_look(kn, &kn->kn_serial, serial, "KNOTE: a step on a knote");
}

/* Something that a knote asks for has happened. */
static void
knote_activate(struct knote *kn, uint32_t what, int64_t data)
{
	const uint64_t serial = kn->kn_serial;

	mutex_enter(&kn->kn_kq->kq_lock);
	knote_look(kn, serial);
	kn->kn_fflags |= what;
	kn->kn_data = data;
	kn->kn_active = true;
	cv_broadcast(&kn->kn_kq->kq_cv);
	mutex_exit(&kn->kn_kq->kq_lock);
}

/* Take a knote off its process. Context: p_lock of it. */
static void
knote_detach(struct knote *kn)
{
	SLIST_REMOVE(&kn->kn_proc->p_klist, kn, knote, kn_selnext);
	kn->kn_proc = NULL;
}

/* Nobody finds it any more, but who is at it already. */
static void
knote_free(struct knote *kn)
{
	struct kqueue *kq = kn->kn_kq;

	mutex_enter(&kq->kq_lock);
	SLIST_REMOVE(&kq->kq_knotes, kn, knote, kn_link);
	mutex_exit(&kq->kq_lock);
	pool_cache_put(knote_pool, kn);
}

/* NOTE_TRACK: follow the child. A failure is told to the watcher. [NB-043] */
static void
knote_track(struct knote *kn, pid_t pid)
{
	const bool locked = mutex_owned(&proc_lock);
	const uint64_t serial = kn->kn_serial;
	uint64_t childs = 0;
	struct knote *child = NULL;
	struct proc *p2;

	if (!locked)
		mutex_enter(&proc_lock);
	knote_look(kn, serial);
	p2 = proc_find_raw(pid);
	if (p2 != NULL) {
		child = knote_new(kn->kn_kq, p2, kn->kn_sfflags);
		if (child != NULL) {
			childs = child->kn_serial;
			child->kn_influx = true;
			SLIST_INSERT_HEAD(&p2->p_klist, child, kn_selnext);
		}
	}
	if (!locked)
		mutex_exit(&proc_lock);
	knote_look(kn, serial);
	if (child == NULL) {
		knote_activate(kn, NOTE_TRACKERR, pid);
	} else {
		knote_activate(child, NOTE_CHILD, kn->kn_pid);
		knote_look(child, childs);
		child->kn_influx = false;
	}
}

/*
 * Walk a list of knotes. hint: NOTE_FORK and the child's pid, or another event.
 * Context: no lock, whoever adds or removes meanwhile [NB-R24]; or proc_lock.
 */
void
KNOTE(struct klist *list, uint32_t hint)
{
	struct knote *kn, *next;
	const uint32_t event = hint & 0xf0000000u;
	const pid_t pid = (pid_t)(hint & 0x000fffffu);
	uint64_t serial;

	tine__racy(TINE_OP_READ, list);
	for (kn = SLIST_FIRST(list); kn != NULL; kn = next) {
		serial = kn->kn_serial;
		kn->kn_influx = true;
		if ((kn->kn_sfflags & event) != 0)
			knote_activate(kn, event, pid);
		knote_look(kn, serial);
		if (event == NOTE_FORK && (kn->kn_sfflags & NOTE_TRACK) != 0)
			knote_track(kn, pid);
		PROBE(243, kn->kn_proc, NULL);
		tine__racy(TINE_OP_READ, list);
		knote_look(kn, serial);
		next = SLIST_NEXT(kn, kn_selnext);
		kn->kn_influx = false;
	}
}

/* A process ends: everybody who watches it hears so, asked for or not. Context:
 * proc_lock. */
void
knote_proc_exit(struct proc *p)
{
	struct knote *kn;

	mutex_enter(&p->p_lock);
	while ((kn = SLIST_FIRST(&p->p_klist)) != NULL) {
		knote_detach(kn);
		kn->kn_eof = true;
		knote_activate(kn, kn->kn_sfflags & NOTE_EXIT, wait_status(p));
	}
	mutex_exit(&p->p_lock);
}

/* The kqueue of a descriptor, its file held; NULL: EBADF. */
static struct kqueue *
kqueue_get(int fd, struct file **fpp)
{
	struct file *fp = fd_getfile(fd);

	if (fp != NULL && fp->f_type != DTYPE_KQUEUE) {
		fd_putfile(fp);
		fp = NULL;
	}
	*fpp = fp;
	return (fp == NULL ? NULL : fp->f_data);
}

static struct knote *
kqueue_find(struct kqueue *kq, pid_t pid)
{
	struct knote *kn;

	SLIST_FOREACH(kn, &kq->kq_knotes, kn_link)
		if (kn->kn_pid == pid && kn->kn_proc != NULL)
			return (kn);
	return (NULL);
}

/*
 * Add a knote for a process, or remove it. The later order waits until a walk
 * has left it.
 * @return 0, EBADF, ESRCH, ENOENT, ENOMEM.
 */
int
kevent_proc(int fd, pid_t pid, uint32_t fflags, bool add)
{
	struct file *fp;
	struct kqueue *kq = kqueue_get(fd, &fp);
	struct knote *kn;
	struct proc *p;
	int error = 0;

	if (kq == NULL)
		return (EBADF);
	mutex_enter(&proc_lock);
	p = proc_find(pid);
	if (p == NULL) {
		error = ESRCH;
	} else if (add) {
		kn = knote_new(kq, p, fflags);
		if (kn == NULL) {
			error = ENOMEM;
		} else {
			mutex_enter(&p->p_lock);
			SLIST_INSERT_HEAD(&p->p_klist, kn, kn_selnext);
			mutex_exit(&p->p_lock);
		}
	} else {
		while ((kn = kqueue_find(kq, pid)) != NULL && kn->kn_influx &&
		    !QUIRK(NB_R24)) {
			mutex_exit(&proc_lock);
			(void) kpause("kqflux", false, 1);
			mutex_enter(&proc_lock);
		}
		if (kn == NULL) {
			error = ENOENT;
		} else {
			mutex_enter(&p->p_lock);
			tine__racy(TINE_OP_WRITE, &p->p_klist);
			knote_detach(kn);
			mutex_exit(&p->p_lock);
			knote_free(kn);
		}
	}
	mutex_exit(&proc_lock);
	fd_putfile(fp);
	return (error);
}

/* The next event of a kqueue, waiting for it if told. The last one of a process
 * takes its knote along. @return 0; EAGAIN: there is none; EBADF, EINTR,
 * ERESTART. */
int
kevent_next(int fd, struct tine_nb_kevent *event, bool wait)
{
	struct file *fp;
	struct kqueue *kq = kqueue_get(fd, &fp);
	struct knote *kn, *found;
	int error = 0;

	if (kq == NULL)
		return (EBADF);
	mutex_enter(&kq->kq_lock);
	for (;;) {
		found = NULL;
		SLIST_FOREACH(kn, &kq->kq_knotes, kn_link)
			if (kn->kn_active)
				found = kn;
		if (found != NULL || !wait)
			break;
		error = cv_wait_sig(&kq->kq_cv, &kq->kq_lock);
		if (error != 0)
			break;
	}
	if (found != NULL) {
		event->pid = found->kn_pid;
		event->flags = TINE_KEV_CLEAR;
		event->fflags = found->kn_fflags;
		event->data = found->kn_data;
		found->kn_fflags = 0;
		found->kn_data = 0;
		found->kn_active = false;
		if (found->kn_eof) {
			event->flags |= TINE_KEV_EOF | TINE_KEV_ONESHOT;
			SLIST_REMOVE(&kq->kq_knotes, found, knote, kn_link);
		}
	} else if (error == 0) {
		error = EAGAIN;
	}
	mutex_exit(&kq->kq_lock);
	if (found != NULL && found->kn_eof)
		pool_cache_put(knote_pool, found);
	fd_putfile(fp);
	return (error);
}

/*
 * The last reference to a kqueue's file is gone. What a walk is on is waited
 * for; this revision does not. [NB-R24]
 */
void
kqueue_close(struct kqueue *kq)
{
	struct knote *kn;
	struct proc *p;

	while ((kn = SLIST_FIRST(&kq->kq_knotes)) != NULL) {
		mutex_enter(&proc_lock);
		while (kn->kn_influx && !QUIRK(NB_R24)) {
			mutex_exit(&proc_lock);
			(void) kpause("kqflux", false, 1);
			mutex_enter(&proc_lock);
		}
		p = kn->kn_proc;
		if (p != NULL) {
			mutex_enter(&p->p_lock);
			knote_detach(kn);
			mutex_exit(&p->p_lock);
		}
		mutex_exit(&proc_lock);
		knote_free(kn);
	}
	cv_destroy(&kq->kq_cv);
	mutex_destroy(&kq->kq_lock);
	pool_cache_put(kqueue_pool, kq);
}
