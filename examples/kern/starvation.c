/* SPDX-License-Identifier: MIT */
/*
 * starvation.c - readers who keep a writer out.
 *
 * A reader/writer lock made of a mutex and a condition variable. Readers come
 * in whenever no writer is inside; so as long as one of them is there when the
 * next one comes, a writer that waits may wait for ever. Nothing is deadlocked,
 * everything is busy, and one thread gets nowhere.
 *
 * For ever cannot be seen in a finite run. What can be seen is how often the
 * writer was overtaken: the check below says how often it may be. The repaired
 * lock lets readers wait behind a writer that waits.
 *
 * Try:  tine explore starvation
 *       tine explore starvation --fixed
 * Ask:  who may starve with the repaired lock?
 */
#include <tine/kern.h>
#include <tine/race.h>

#define ROUNDS 2
#define PATIENCE 2		/* readers that may overtake a writer */

static TINE_KERN_STATE struct {
	struct tine_kern_mutex lock;
	struct tine_kern_cv free;
	unsigned readers, waiting, overtaken;
	bool writing, fixed;
} rw;

static const struct tine_kern_class class_lock = { "rw lock", 0, false };
static const struct tine_kern_class class_free = { "free", 0, false };

static void
read_enter(void)
{
	tine_kern_mutex_enter(&rw.lock);
	while (rw.writing || (rw.fixed && rw.waiting != 0))
		tine_kern_cv_wait(&rw.free, &rw.lock);
	if (rw.waiting != 0)
		rw.overtaken++;
	TINE_KERN_CHECK(rw.overtaken <= PATIENCE);
	rw.readers++;
	tine_kern_mutex_exit(&rw.lock);
}

static void
read_exit(void)
{
	tine_kern_mutex_enter(&rw.lock);
	if (--rw.readers == 0)
		tine_kern_cv_broadcast(&rw.free);
	tine_kern_mutex_exit(&rw.lock);
}

static void
reader(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		read_enter();
		read_exit();
	}
}

static void
writer(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&rw.lock);
	rw.waiting++;
	while (rw.writing || rw.readers != 0)
		tine_kern_cv_wait(&rw.free, &rw.lock);
	rw.waiting--;
	rw.writing = true;
	tine_kern_mutex_exit(&rw.lock);

	tine_kern_mutex_enter(&rw.lock);
	rw.writing = false;
	tine_kern_cv_broadcast(&rw.free);
	tine_kern_mutex_exit(&rw.lock);
}

static void
starvation(void *arg)
{
	rw.readers = rw.waiting = rw.overtaken = 0;
	rw.writing = false;
	rw.fixed = arg != NULL;
	tine_kern_mutex_init(&rw.lock, &class_lock);
	tine_kern_cv_init(&rw.free, &class_free);
	tine_kern_thread("reader 1", reader, NULL);
	tine_kern_thread("reader 2", reader, NULL);
	tine_kern_thread("writer", writer, NULL);
}

TINE_RACE(starvation,
    .id = "starvation",
    .summary = "readers who keep a writer out",
    .body = starvation,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DPOR,
	.outcome = TINE_OUTCOME_CHECK, .says = "PATIENCE" },
    .right = { .quirks = "", .search = TINE_SEARCH_DPOR, .arg = "fixed" });
