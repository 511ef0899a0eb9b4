/* SPDX-License-Identifier: MIT */
/*
 * waiton.c - wait for a word of memory to change, and wake who waits: what
 * mutexes and condition variables of programs are made of.
 *
 * All kernels have such a call (lwpchan and lwp_park, umtx, futex); this one is
 * theirs together. A word is known by what it lies in: an object that several
 * spaces may map, or the space itself. So processes that share memory meet, and
 * after fork the two copies of a private word are two words.
 *
 * Waiters stand in one list in the order in which they came, each in its
 * thread's kernel stack. A wake-up takes them off; which of those that wait for
 * the same word is the scheduler's choice. Whoever is taken off has been woken,
 * whatever else happens to it before it runs.
 */
#include <errno.h>

#include "file/file.h"
#include "machine/machine.h"
#include "proc/robust.h"
#include "proc/waiton.h"

struct tine__waiter {
	struct tine__waiter *next;
	uint64_t key[2];
	bool woken;
};

static const struct tine__lockclass lock_class = { "waiton", 0, false };
static const struct tine__lockclass cv_class = { "waiton_cv", 0, false };

static struct tine__waiton *
waiton(struct tine_machine *m)
{
	struct tine__waiton *w = &m->waiton;
	unsigned i;

	if (w->ready)
		return (w);
	tine__mutex_init(&w->lock, &lock_class);
	for (i = 0; i < TINE__WAITON_CVS; i++)
		tine__cv_init(&w->cv[i], &cv_class);
	w->first = NULL;
	w->ready = true;
	return (w);
}

void
tine__waiton_fini(struct tine_machine *m)
{
	struct tine__waiton *w = &m->waiton;
	unsigned i;

	if (!w->ready)
		return;
	w->ready = false;
	ASSERT(w->first == NULL);
	tine__mutex_destroy(&w->lock);
	for (i = 0; i < TINE__WAITON_CVS; i++)
		tine__cv_destroy(&w->cv[i]);
}

static struct tine__cv *
channel(struct tine__waiton *w, const uint64_t key[2])
{
	return (&w->cv[(key[0] + (key[1] >> 2) + (key[1] >> 12)) %
	    TINE__WAITON_CVS]);
}

static bool
same(const struct tine__waiter *waiter, const uint64_t key[2])
{
	return (waiter->key[0] == key[0] && waiter->key[1] == key[1]);
}

static void
leave(struct tine__waiton *w, struct tine__waiter *waiter)
{
	struct tine__waiter **link = &w->first;

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
}

static void
enter(struct tine__waiton *w, struct tine__waiter *waiter)
{
	struct tine__waiter **link = &w->first;

	while (*link != NULL)
		link = &(*link)->next;
	waiter->next = NULL;
	waiter->woken = false;
	*link = waiter;
}

/* A word's key. @return 0, EINVAL (not aligned), EFAULT. */
static int
find(struct tine_machine *m, uint64_t address, uint64_t key[2])
{
	uint64_t va;

	if ((address & 3) != 0)
		return (EINVAL);
	if (!tine__vm_to_va(m->vm, address, &va))
		return (EFAULT);
	return (tine__as_word(tine__cur->as, va, key));
}

int64_t
tine__wait_on(const uint64_t args[5])
{
	struct tine_machine *m = tine__machine();
	const struct tine__fileops *ops = m->flavour->files;
	struct tine__waiton *w = waiton(m);
	struct tine__waiter waiter;
	uint64_t deadline = TINE__NEVER;
	uint32_t value;
	int error;

	error = find(m, args[0], waiter.key);
	if (error != 0)
		return (-error);
	if (args[2] != UINT64_MAX &&
	    (__builtin_add_overflow(m->now, args[2], &deadline) ||
	    deadline == TINE__NEVER))
		deadline = TINE__NEVER - 1;
	tine__mutex_enter(&w->lock, TINE__WHERE);
	/* Nobody can wake between this look and the sleep. */
	error = ops->from_user((const void *)(uintptr_t)args[0], &value,
	    sizeof(value));
	if (error == 0 && value != (uint32_t)args[1])
		error = EAGAIN;
	if (error == 0) {
		enter(w, &waiter);
		while (!waiter.woken && error == 0)
			error = ops->sleep(channel(w, waiter.key), &w->lock,
			    deadline, TINE__WHERE);
		if (waiter.woken)
			error = 0;
		else
			leave(w, &waiter);
	}
	tine__mutex_exit(&w->lock);
	/* With a time it cannot begin again: that would be another time. */
	if (error == TINE__ERESTART)
		error = deadline == TINE__NEVER ? ERESTART : EINTR;
	return (-error);
}

/* Wake up to so many that wait for a word. Context: the lock. */
static int64_t
wake(struct tine_machine *m, const uint64_t key[2], uint64_t left)
{
	struct tine__waiton *w = &m->waiton;
	struct tine__waiter *waiter;
	int64_t woken = 0;
	uint32_t n, pick;

	for (; left != 0; left--, woken++) {
		n = 0;
		for (waiter = w->first; waiter != NULL; waiter = waiter->next)
			n += same(waiter, key);
		if (n == 0)
			break;
		pick = n <= left ? 0 :
		    tine__choose(m, TINE__CHOICE_WAKE, n);
		for (waiter = w->first; !same(waiter, key) || pick-- != 0;)
			waiter = waiter->next;
		leave(w, waiter);
		waiter->woken = true;
	}
	if (woken != 0)
		tine__cv_broadcast(channel(w, key));
	return (woken);
}

int64_t
tine__wake_on(const uint64_t args[5])
{
	struct tine_machine *m = tine__machine();
	struct tine__waiton *w = waiton(m);
	uint64_t key[2];
	int64_t woken;
	int error;

	error = find(m, args[0], key);
	if (error != 0)
		return (-error);
	tine__mutex_enter(&w->lock, TINE__WHERE);
	woken = wake(m, key, args[1]);
	tine__mutex_exit(&w->lock);
	return (woken);
}

/* --- robust mutexes --- */

int64_t
tine__robust(const uint64_t args[5])
{
	tine__cur->robust = args[0];
	return ((int64_t)(tine__cur->id & TINE__ROBUST_OWNER));
}

/*
 * A mutex of a thread that ends. Who sets its bit of waiters between our look
 * and our write finds another value when it goes to sleep.
 */
static void
abandon(struct tine_machine *m, uint64_t address)
{
	const struct tine__fileops *ops = m->flavour->files;
	struct tine__waiton *w = waiton(m);
	uint64_t key[2];
	uint32_t value;

	if (find(m, address, key) != 0)
		return;
	tine__mutex_enter(&w->lock, TINE__WHERE);
	if (ops->from_user((const void *)(uintptr_t)address, &value,
	    sizeof(value)) == 0 && (value & TINE__ROBUST_OWNER) ==
	    (tine__cur->id & TINE__ROBUST_OWNER)) {
		value = (value & TINE__ROBUST_WAITERS) | TINE__ROBUST_DIED;
		if (ops->to_user(&value, (void *)(uintptr_t)address,
		    sizeof(value)) == 0)
			(void)wake(m, key, 1);
	}
	tine__mutex_exit(&w->lock);
}

void
tine__robust_exit(void)
{
	struct tine_machine *m = tine__machine();
	const struct tine__fileops *ops = m->flavour->files;
	const uint64_t head = tine__cur->robust;
	struct tine__robust list;
	uint64_t mutex, next;
	int n = 0;

	if (head == 0)
		return;
	tine__cur->robust = 0;
	if (tine__cur->as == NULL || ops->from_user((const void *)
	    (uintptr_t)head, &list, sizeof(list)) != 0)
		return;
	for (mutex = list.first; mutex != 0 && n < TINE__ROBUST_MAX; n++) {
		if (ops->from_user((const void *)(uintptr_t)(mutex +
		    TINE__ROBUST_NEXT), &next, sizeof(next)) != 0)
			break;
		if (mutex != list.pending)
			abandon(m, mutex);
		mutex = next;
	}
	if (list.pending != 0)
		abandon(m, list.pending);
}
