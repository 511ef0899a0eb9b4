/* SPDX-License-Identifier: MIT */
/*
 * double_check.c - a flag that is set before what it stands for.
 *
 * Something is made at first use. So that later uses need no lock, a flag is
 * looked at first without it, and again with it. All depends on the flag being
 * set last: who sees it set takes no lock and uses the thing at once. Here the
 * flag goes up first, as if the lock protected those who do not take it.
 *
 * Processors and compilers do the same to code that is in order: that is what
 * the ordering of an atomic store is for. The atomics here are in order always.
 *
 * Try:  tine explore double_check
 *       tine explore double_check --fixed
 * Ask:  why is a test with one thread at a time of no use here?
 */
#include <tine/kern.h>
#include <tine/race.h>

static TINE_KERN_STATE struct {
	struct tine_kern_mutex lock;
	uint64_t ready;			/* atomic */
	uint64_t thing;
	bool fixed;
} once;

static const struct tine_kern_class class_lock = { "once lock", 0, false };

static void
make(void)
{
	tine_kern_mutex_enter(&once.lock);
	if (tine_kern_load(&once.ready) == 0) {
		if (!once.fixed)
			tine_kern_store(&once.ready, 1);
		TINE_KERN_WRITE(once.thing, 42);
		if (once.fixed)
			tine_kern_store(&once.ready, 1);
	}
	tine_kern_mutex_exit(&once.lock);
}

static void
use(void *arg)
{
	(void)arg;
	if (tine_kern_load(&once.ready) == 0)
		make();
	TINE_KERN_CHECK(TINE_KERN_READ(once.thing) == 42);
}

static void
double_check(void *arg)
{
	once.ready = once.thing = 0;
	once.fixed = arg != NULL;
	tine_kern_mutex_init(&once.lock, &class_lock);
	tine_kern_thread("first user", use, NULL);
	tine_kern_thread("second user", use, NULL);
}

TINE_RACE(double_check,
    .id = "double_check",
    .summary = "a flag that is set before what it stands for",
    .body = double_check,
    .wrong = { .quirks = "", .search = TINE_SEARCH_DPOR,
	.outcome = TINE_OUTCOME_CHECK, .says = "(once.thing) == 42" },
    .right = { .quirks = "", .search = TINE_SEARCH_DPOR, .arg = "fixed" });
