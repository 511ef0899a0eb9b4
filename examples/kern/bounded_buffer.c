/* SPDX-License-Identifier: MIT */
/*
 * bounded_buffer.c - the classic: "if" where "while" is needed.
 *
 * Two threads take from a buffer, one puts into it. Who finds it empty waits on
 * a condition variable until somebody puts. To be woken is not to hold the
 * lock: between the signal and the moment when the woken thread has the lock
 * again, the other taker may come by and find the item first. So a condition is
 * tested again after every wait. Here the test is an "if".
 *
 * It takes one preemption at the right place. On a real machine this is a bug
 * that shows once a month.
 *
 * Try:  tine explore bounded_buffer            (finds it, and shows it)
 *       tine explore bounded_buffer --fixed    (every schedule, all well)
 * Ask:  why does one taker never fail? And two, with one item each?
 */
#include <tine/kern.h>
#include <tine/race.h>

#define ROOM 2

static TINE_KERN_STATE struct {
	struct tine_kern_mutex lock;
	struct tine_kern_cv filled, emptied;
	unsigned items;
	bool fixed;
} buffer;

static const struct tine_kern_class class_lock = { "buffer lock", 0, false };
static const struct tine_kern_class class_filled = { "filled", 0, false };
static const struct tine_kern_class class_emptied = { "emptied", 0, false };

static void
take(void *arg)
{
	(void)arg;
	tine_kern_mutex_enter(&buffer.lock);
	if (buffer.fixed) {
		while (buffer.items == 0)
			tine_kern_cv_wait(&buffer.filled, &buffer.lock);
	} else if (buffer.items == 0) {
		tine_kern_cv_wait(&buffer.filled, &buffer.lock);
	}
	TINE_KERN_CHECK(buffer.items > 0);
	buffer.items--;
	tine_kern_cv_signal(&buffer.emptied);
	tine_kern_mutex_exit(&buffer.lock);
}

static void
put(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 2; i++) {
		tine_kern_mutex_enter(&buffer.lock);
		while (buffer.items == ROOM)
			tine_kern_cv_wait(&buffer.emptied, &buffer.lock);
		buffer.items++;
		tine_kern_cv_signal(&buffer.filled);
		tine_kern_mutex_exit(&buffer.lock);
	}
}

static void
bounded_buffer(void *arg)
{
	buffer.items = 0;
	buffer.fixed = arg != NULL;
	tine_kern_mutex_init(&buffer.lock, &class_lock);
	tine_kern_cv_init(&buffer.filled, &class_filled);
	tine_kern_cv_init(&buffer.emptied, &class_emptied);
	tine_kern_thread("taker 1", take, NULL);
	tine_kern_thread("taker 2", take, NULL);
	tine_kern_thread("putter", put, NULL);
}

TINE_RACE(bounded_buffer,
    .id = "bounded_buffer",
    .summary = "\"if\" where \"while\" is needed",
    .body = bounded_buffer,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DPOR,
	.outcome = TINE_OUTCOME_CHECK, .says = "buffer.items > 0" },
    .right = { .quirks = "", .search = TINE_SEARCH_DPOR, .arg = "fixed" });
