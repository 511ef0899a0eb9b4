/* SPDX-License-Identifier: MIT */
/*
 * kern.h - kernel code of your own, on tine's primitives: to run it under
 * schedules of your choice, and to explore all of them (explore.h).
 *
 *	static struct tine_kern_mutex lock;
 *	static unsigned long count;
 *
 *	static void
 *	worker(void *arg)
 *	{
 *		tine_kern_mutex_enter(&lock);
 *		count++;
 *		tine_kern_mutex_exit(&lock);
 *	}
 *
 *	static void
 *	body(void *arg)
 *	{
 *		struct tine_kern_thread *a, *b;
 *
 *		count = 0;
 *		tine_kern_mutex_init(&lock, NULL);
 *		a = tine_kern_thread("a", worker, NULL);
 *		b = tine_kern_thread("b", worker, NULL);
 *		tine_kern_join(a);
 *		tine_kern_join(b);
 *		TINE_KERN_CHECK(count == 2);
 *	}
 *
 * tine_kern_create() makes a machine that runs body and nothing else: no
 * processes, no programs. It is run, replayed and explored like any other.
 *
 * What it asks of the code: threads communicate through the primitives below
 * and through fields that are accessed under their locks, or that are annotated
 * (TINE_KERN_READ, TINE_KERN_WRITE, the atomics). An access that is not
 * announced is not a place where others may come between. Everything is set to
 * its first state by body, which runs once in every schedule. Nothing may
 * depend on a host clock, a host random number or the value of a pointer.
 *
 * All functions but tine_kern_create() may be called from body and its threads
 * only. Misuse (a lock entered twice, a lock destroyed while held) ends the run
 * with the outcome "panic".
 */
#ifndef TINE_KERN_H
#define TINE_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/machine.h>

TINE_BEGIN_DECLS

/**
 * Create a machine whose kernel is body(arg).
 *
 * The run ends when body and all its threads have ended. A thread that waits
 * for ever is a deadlock, what was allocated and not freed a leak.
 *
 * @param options   borrowed; NULL for the defaults. A token made by such a
 *                  machine replays in one with the same body.
 * @param[out] out  destroyed with tine_machine_destroy().
 * @retval as tine_machine_create(); -TINE_EINVAL for a NULL body.
 */
TINE_API TINE_NODISCARD int tine_kern_create(
    const struct tine_options *options, void (*body)(void *arg), void *arg,
    struct tine_machine **out);

/*
 * For static variables of a body. All threads of a machine run on one host
 * thread, so they share them; machines on other host threads, as those of a
 * team of explorers, have their own.
 */
#define TINE_KERN_STATE __thread

/* --- threads --- */

struct tine_kern_thread;

/**
 * Start a thread.
 *
 * @param name  a constant string, for reports.
 * @return the thread; it belongs to the machine. NULL when options.fail_at made
 *         this step fail or kernel memory is out.
 */
TINE_API struct tine_kern_thread *tine_kern_thread(const char *name,
    void (*fn)(void *arg), void *arg);
/** Wait until it has ended. */
TINE_API void tine_kern_join(struct tine_kern_thread *thread);
/** A number for the calling thread: body is 0, threads follow as created. */
TINE_API unsigned tine_kern_self(void);
/** Let others act. */
TINE_API void tine_kern_yield(void);
/** Virtual nanoseconds since boot. The clock moves when nothing can run. */
TINE_API uint64_t tine_kern_now(void);
/** A choice that the strategy makes: 0 to n - 1. The explorer tries all. */
TINE_API unsigned tine_kern_choose(unsigned n);

/* --- locks --- */

/*
 * A class of locks, for reports and for the lock order check: static const, one
 * for all locks that play the same part. Ranked locks (rank not 0) are taken in
 * order of rank; same_ok allows two of one class. NULL where a class is asked
 * for: a class of all such objects, unranked.
 */
struct tine_kern_class {
	const char *name;
	uint16_t rank;
	bool same_ok;
};

struct tine_kern_mutex {
	uint64_t opaque[5];
};

TINE_API void tine_kern_mutex_init(struct tine_kern_mutex *mutex,
    const struct tine_kern_class *cls);
TINE_API void tine_kern_mutex_destroy(struct tine_kern_mutex *mutex);
TINE_API void tine_kern_mutex_enter(struct tine_kern_mutex *mutex);
TINE_API bool tine_kern_mutex_tryenter(struct tine_kern_mutex *mutex);
TINE_API void tine_kern_mutex_exit(struct tine_kern_mutex *mutex);
/** Whether the calling thread holds it. */
TINE_API bool tine_kern_mutex_owned(const struct tine_kern_mutex *mutex);

struct tine_kern_cv {
	uint64_t opaque[4];
};

TINE_API void tine_kern_cv_init(struct tine_kern_cv *cv,
    const struct tine_kern_class *cls);
TINE_API void tine_kern_cv_destroy(struct tine_kern_cv *cv);
/** Give the mutex up, sleep until woken, hold it again. */
TINE_API void tine_kern_cv_wait(struct tine_kern_cv *cv,
    struct tine_kern_mutex *mutex);
/** @param deadline  virtual time. @return false when it has passed. */
TINE_API bool tine_kern_cv_timedwait(struct tine_kern_cv *cv,
    struct tine_kern_mutex *mutex, uint64_t deadline);
/** Wake one; which one is a choice. */
TINE_API void tine_kern_cv_signal(struct tine_kern_cv *cv);
TINE_API void tine_kern_cv_broadcast(struct tine_kern_cv *cv);

struct tine_kern_rwlock {
	uint64_t opaque[6];
};

TINE_API void tine_kern_rw_init(struct tine_kern_rwlock *lock,
    const struct tine_kern_class *cls);
TINE_API void tine_kern_rw_destroy(struct tine_kern_rwlock *lock);
TINE_API void tine_kern_rw_enter(struct tine_kern_rwlock *lock, bool write);
TINE_API bool tine_kern_rw_tryenter(struct tine_kern_rwlock *lock,
    bool write);
TINE_API void tine_kern_rw_exit(struct tine_kern_rwlock *lock);
TINE_API void tine_kern_rw_downgrade(struct tine_kern_rwlock *lock);

struct tine_kern_sema {
	uint64_t opaque[5];
};

TINE_API void tine_kern_sema_init(struct tine_kern_sema *sema, uint32_t count,
    const struct tine_kern_class *cls);
TINE_API void tine_kern_sema_destroy(struct tine_kern_sema *sema);
TINE_API void tine_kern_sema_p(struct tine_kern_sema *sema);
TINE_API bool tine_kern_sema_tryp(struct tine_kern_sema *sema);
TINE_API void tine_kern_sema_v(struct tine_kern_sema *sema);

/*
 * A sleep queue without a lock: a wake-up that comes before the sleep is lost,
 * as it is on the real thing without an interlock.
 */
struct tine_kern_sleepq {
	uint64_t opaque[4];
};

TINE_API void tine_kern_sleepq_init(struct tine_kern_sleepq *queue,
    const struct tine_kern_class *cls);
TINE_API void tine_kern_sleepq_destroy(struct tine_kern_sleepq *queue);
TINE_API void tine_kern_sleep(struct tine_kern_sleepq *queue);
/** @param deadline  virtual time. @return false when it has passed. */
TINE_API bool tine_kern_timedsleep(struct tine_kern_sleepq *queue,
    uint64_t deadline);
/** @return how many were woken. */
TINE_API unsigned tine_kern_wakeup(struct tine_kern_sleepq *queue);
TINE_API unsigned tine_kern_wakeup_one(struct tine_kern_sleepq *queue);

/*
 * A serialising token: a lock that its holder loses while it sleeps, or waits
 * for anything, and has again, with all others that it had, before it goes on.
 * Tokens may be taken in any order, again and again; they are given back in the
 * reverse order.
 */
struct tine_kern_token {
	uint64_t opaque[6];
};

TINE_API void tine_kern_token_init(struct tine_kern_token *token,
    const struct tine_kern_class *cls);
TINE_API void tine_kern_token_destroy(struct tine_kern_token *token);
TINE_API void tine_kern_token_get(struct tine_kern_token *token);
/** Together with others who take it so; not with one who has it alone. */
TINE_API void tine_kern_token_get_shared(struct tine_kern_token *token);
TINE_API bool tine_kern_token_tryget(struct tine_kern_token *token);
/** The one that was taken last. */
TINE_API void tine_kern_token_rel(struct tine_kern_token *token);
/** Whether the calling thread has it, alone or shared. */
TINE_API bool tine_kern_token_held(const struct tine_kern_token *token);

/* --- memory --- */

/** Kernel memory, zeroed. NULL when the budget is used up or options.fail_at
 * made this step fail. */
TINE_API void *tine_kern_alloc(size_t size);
TINE_API void tine_kern_free(void *memory, size_t size);

/*
 * Annotated accesses: TINE_KERN_READ(object->field) is the field's value,
 * TINE_KERN_WRITE(object->field, value) sets it; both announce it first, so
 * that others may come between. In memory that tine_kern_free() has taken back
 * they end the run with the outcome "use after free". With options.race_check
 * two of them that nothing orders are a "data race".
 */
#define TINE_KERN_READ(field) \
	(tine_kern_reads(&(field), #field, TINE_KERN_WHERE), (field))
#define TINE_KERN_WRITE(field, value) \
	(tine_kern_writes(&(field), #field, TINE_KERN_WHERE), \
	    (void)((field) = (value)))

#define TINE_KERN_STRING2(x) #x
#define TINE_KERN_STRING(x) TINE_KERN_STRING2(x)
#define TINE_KERN_WHERE __FILE__ ":" TINE_KERN_STRING(__LINE__)

/* What the macros call. @param name, where  constant strings, for reports; may
 * be NULL. */
TINE_API void tine_kern_reads(const volatile void *field, const char *name,
    const char *where);
TINE_API void tine_kern_writes(const volatile void *field, const char *name,
    const char *where);
TINE_API void tine_kern_reading(const volatile void *field, const char *name);
TINE_API void tine_kern_writing(const volatile void *field, const char *name);

/* Atomics, sequentially consistent. @return the value before. */
TINE_API uint64_t tine_kern_load(const volatile uint64_t *word);
TINE_API void tine_kern_store(volatile uint64_t *word, uint64_t value);
TINE_API uint64_t tine_kern_add(volatile uint64_t *word, uint64_t delta);
TINE_API uint64_t tine_kern_swap(volatile uint64_t *word, uint64_t value);
/** @return whether it held old, and holds value now. */
TINE_API bool tine_kern_cas(volatile uint64_t *word, uint64_t old,
    uint64_t value);

/* --- verdicts --- */

/** End the run with the outcome "failed check" unless it holds. */
#define TINE_KERN_CHECK(expression) \
	((expression) ? (void)0 : \
	    tine_kern_check_failed(__FILE__, __LINE__, #expression))

TINE_API TINE_NORETURN void tine_kern_check_failed(const char *file, int line,
    const char *expression);
/** End the run with the outcome "panic". */
TINE_API TINE_NORETURN void tine_kern_panic(const char *format, ...)
    TINE_PRINTF(1, 2);

TINE_END_DECLS

#endif
