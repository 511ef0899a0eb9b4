/* SPDX-License-Identifier: MIT */
/*
 * sched/thread.h - threads, scheduling points, sleep and wake-up.
 *
 * The theory is at the top of sched.c. Everything here acts on the current
 * thread of this host thread unless it is given one.
 */
#ifndef TINE__SCHED_THREAD_H
#define TINE__SCHED_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/trace.h>

#include "base/assert.h"
#include "sched/offsets.h"

struct tine_machine;
struct tine__as;
struct tine__thread;
struct tine__toks;

/*
 * What a thread may announce an operation on: a lock, a condition variable, a
 * sleep channel, a queue. Embedded in the object; costs no memory of its own.
 */
struct tine__obj {
	uint64_t name;		/* for searches (machine/names.h) */
	uint32_t id;		/* machine-wide, in order of initialisation */
	uint16_t cls;		/* index into the machine's lock classes */
	uint8_t kind;		/* enum tine__obj_kind */
	uint8_t spare;		/* TINE__OBJ_ALL: any thread that ends does */
	/* threads whose announced operation is on this object and that are
	 * not running (enabled or not), and those that sleep on it */
	struct tine__thread *pend_head, *pend_tail;
};

#define TINE__OBJ_ALL 1

enum tine__obj_kind {
	TINE__OBJ_NONE,
	TINE__OBJ_MUTEX,
	TINE__OBJ_CV,
	TINE__OBJ_RWLOCK,
	TINE__OBJ_SEMA,
	TINE__OBJ_CHAN,		/* a sleep channel */
	TINE__OBJ_TOKEN,	/* a token; or all that are waited for */
	TINE__OBJ_LOCKMGR,
	TINE__OBJ_COND		/* enabled when a predicate says so */
};

/* What an atomic operation is to others on its word. */
enum tine__count {
	TINE__COUNT_NONE,	/* its value matters */
	TINE__COUNT_BLIND,	/* nobody looks at the value */
	TINE__COUNT_RELEASE	/* one less, and only 0 matters */
};

/*
 * A class of locks or wait objects: static const, one for all objects that play
 * the same part. rank 0 is unranked; a lock may be taken only while all ranked
 * locks that are held have a smaller rank, or the same rank and class when
 * same_ok is set (two processes' p_lock, ordered by the caller).
 */
struct tine__lockclass {
	const char *name;
	uint16_t rank;
	bool same_ok;
};

/* User registers at a trap. Layout known to switch.S (offsets.h). */
struct tine__pcb {
	uint64_t rip, rsp, rbx, rbp, r12, r13, r14, r15, rax;
	/* Base of the LWP's own area: the program plane reads and writes it,
	 * as a program may its fs base. fork copies it, exec clears it. */
	uint64_t tls;
	uint32_t handlers;	/* of signals that have not returned yet; a
				 * jump out of them is out of all */
};

enum tine__thread_state {
	TINE__T_NEW,		/* created, not started */
	TINE__T_READY,		/* may run: its operation is enabled */
	TINE__T_PEND,		/* announced an operation that is not enabled */
	TINE__T_SLEEP,		/* waits to be woken */
	TINE__T_DEAD
};

enum tine__wake {
	TINE__WOKEN,
	TINE__TIMED_OUT,
	TINE__INTERRUPTED
};

/* Whether more threads want to run than there are CPUs; or may, when some have
 * to share one. */
bool tine__sched_crowded(const struct tine_machine *m);
/* Have flavour->pre() asked before each call of a thread. */
void tine__thread_pre(struct tine__thread *thread);
/* The CPUs that a thread may have, of those that there are; 0: all. If it has
 * another one it leaves that where it may be preempted next. */
void tine__thread_bind(struct tine__thread *thread, uint64_t cpus);

#define TINE__SLEEP_INTR 1	/* tine__thread_interrupt() ends it */
#define TINE__SLEEP_ANNOUNCED 2	/* the caller had its scheduling point */

struct tine__held {
	struct tine__obj *obj;
	uint64_t outer;		/* held_classes before it was taken */
	const char *where;
	uint64_t step;		/* when that was */
};
#define TINE__HELD_MAX 12

typedef void (*tine__thread_fn)(void *arg);

/* Reasons to ask the flavour before user mode. One that can wait is not asked
 * after a mere clock tick, unless there are more threads than CPUs: then a tick
 * costs the thread its own. */
enum { TINE__AST_NOW = 1, TINE__AST_LATER = 2 };

/*
 * The substrate's thread: what a flavour's kthread_t or struct lwp runs on.
 * Marks: ! only the thread itself, s the scheduler.
 */
struct tine__thread {
	/* known to switch.S */
	void *sp;		/* s kernel stack pointer while not running */
	char *kstack_top;	/* c */
	struct tine__pcb pcb;	/* ! user registers while in the kernel */
	uint32_t mode;		/* ! TINE__MODE_ */

	uint32_t id;		/* c machine-wide sequence number */
	uint32_t pid;		/* c who it is, for events */
	uint16_t lwp;		/* c */
	uint8_t state;		/* s enum tine__thread_state */
	uint8_t op;		/* s announced operation, enum tine_op */
	struct tine__obj *op_obj;	/* s on which object, or NULL */
	uint64_t op_id;		/* s its id for traces and strategies */
	uint64_t op_key;	/* s of a field in host memory: its name */
	uint64_t op_word;	/* s and where that is */
	bool op_free;		/* s it gives that memory back */
	uint8_t op_count;	/* s enum tine__count: a counter goes so */

	struct tine_machine *machine;	/* c */
	void *owner;		/* c the flavour's thread structure */
	const char *name;	/* c constant string, for reports */
	struct tine__thread *all_next, *all_prev;	/* s */

	uint32_t ready_index;	/* s place in the ready array */
	uint8_t cpu;		/* s virtual CPU, or TINE__NO_CPU */
	uint64_t cpus;		/* s those it may have: a bit each; 0: any */
	bool daemon;		/* c may be left over at the end */
	/* Anything set here, and the way to user mode is the long one. */
	union {
		struct {
			uint8_t ast;	/* TINE__AST_: flavour->ast() is to be
					 * called */
			bool post;	/* flavour->post() is */
			bool touch_stack;	/* ! fork: break the stack
						 * page's copy */
			bool fresh;	/* ! the pcb was replaced: exec */
			uint32_t nheld;	/* ! locks: must be 0 by then */
		};
		uint64_t attention;
	};
	bool pre;		/* flavour->pre() is to be called before each
				 * call; tine__thread_pre() */
	uint32_t preempt_off;	/* ! kpreempt_disable depth */
	uint16_t sysnum;	/* ! system call, the last one made */
	/* ! directories that the paths of this call begin at, held; or NULL */
	struct tine__node *at[2];
	uint64_t robust;	/* ! where its robust mutexes are; 0: nowhere */
	bool in_fault;		/* ! in the kernel because of a fault */
	bool posted;		/* ! flavour->post() was called already */
	uint64_t nsys;		/* ! system calls made */
	uint32_t nobjs, nblocks;	/* ! made so far, for their names */
	uint64_t uticks, sticks;	/* ! clock ticks in the program, in the
					 * kernel */
	uint64_t tick_pc;	/* ! where the last one of uticks came */
	bool tick_ast;		/* ! flavour->ast() after each of them */
	uint64_t quantum_end;	/* s step from which others come first */
	uint64_t turn;		/* s step at which it was chosen last */
	uint64_t priority;	/* s the strategy's; 0: it has none yet */
	struct tine__thread *fifo_next, *fifo_prev;	/* s */
	struct tine__thread *pend_next, *pend_prev;	/* s on op_obj */

	/* sleep */
	struct tine__obj *sleep_on;	/* s */
	const char *wmesg;	/* s */
	uint64_t since;		/* s step: relock was taken, or it went on last,
				 * or its call began */
	struct tine__mutex *relock;	/* s to be had before it runs again */
	uint64_t deadline;	/* s virtual ns, UINT64_MAX: none */
	uint32_t timer_index;	/* s place in the timer heap */
	uint8_t sleep_flags;
	uint8_t wake_reason;	/* enum tine__wake */
	const void *chan;	/* s tsleep channel */
	bool interlock;		/* s on a channel, not yet asleep */
	bool interlock_woken;	/* s the wake-up came before the sleep */

	/* TINE_OP_COND */
	bool (*cond)(struct tine__thread *thread, void *arg);
	void *cond_arg;

	/* tokens, in kernels that have them; memory of the flavour */
	struct tine__toks *toks;	/* ! NULL: it can take none */

	uint64_t held_classes;	/* ! a bit for each class in held */
	struct tine__held held[TINE__HELD_MAX];	/* ! innermost last */

	struct tine__as *as;	/* address space of its program, or NULL */
	bool step;		/* ! one instruction with a watched page open */
	uint64_t step_va;	/* ! which page: simulated address */
	void *fault_frame;	/* ! in_fault: ucontext to resume through */
	tine__thread_fn entry;	/* c */
	void *entry_arg;	/* c */
	uint32_t kstack_index;	/* c */
	bool user;		/* c goes to user mode when entry returns */
#if defined(__SANITIZE_ADDRESS__)
	void *fake_stack;
	const void *stack_bottom;
	size_t stack_size;
#endif
};

CTASSERT(offsetof(struct tine__thread, sp) == TINE__OFF_SP);
CTASSERT(offsetof(struct tine__thread, kstack_top) == TINE__OFF_KSTACK);
CTASSERT(offsetof(struct tine__thread, pcb) == TINE__OFF_PCB);
CTASSERT(offsetof(struct tine__thread, mode) == TINE__OFF_MODE);

#define TINE__NO_CPU 255
#define TINE__NO_INDEX UINT32_MAX
#define TINE__NEVER UINT64_MAX

/* The thread that runs on this host thread; NULL outside any. */
extern __thread struct tine__thread *tine__cur;
#define tine__self() (tine__cur)

/* --- threads --- */

/*
 * A thread of a machine, not started. Runs entry(arg) on a kernel stack of its
 * own; then, if user, goes to user mode with its pcb, else ends.
 *
 * @return NULL when kernel memory or kernel stacks are out.
 */
struct tine__thread *tine__thread_create(struct tine_machine *machine,
    const char *name, tine__thread_fn entry, void *arg, bool user);
/* Destroy a thread that was never started. */
void tine__thread_free(struct tine__thread *thread);
/* Let it run. */
void tine__thread_start(struct tine__thread *thread);
/* End the current thread. Its stack and structure go once it is off them. */
TINE_NORETURN void tine__thread_exit(void);

/* The child of a fork resumes in user mode where the parent trapped. */
void tine__thread_copy_user(struct tine__thread *to,
    const struct tine__thread *from);
/* First entry to user mode: fn(a, b) on that stack; a return from fn calls
 * after(result) on the same stack. */
void tine__thread_set_user(struct tine__thread *thread, uintptr_t fn,
    uintptr_t a, uintptr_t b, uintptr_t after, uintptr_t stack_top);
/* What the trap returns in user mode. */
static inline void
tine__thread_set_result(struct tine__thread *thread, int64_t value)
{
	thread->pcb.rax = (uint64_t)value;
}

/* --- scheduling points --- */

/*
 * Announce an operation that is always enabled, and let the strategy decide who
 * acts next. On return it is our turn: act now, before the next point. obj may
 * be NULL; id is what traces and strategies see.
 */
void tine__point(enum tine_op op, struct tine__obj *obj, uint64_t id);

/* The same for the operations at which any kernel lets others run: USER, TICK,
 * YIELD. */
void tine__point_outside(enum tine_op op);
void tine__point_access(enum tine_op op, uint64_t va);
/* What tells a simulated address from other objects. */
#define TINE__ACCESS_ID (UINT64_C(1) << 59)

/*
 * Announce an operation that is enabled only while tine__op_enabled() says so.
 * On return it is.
 */
void tine__point_blocking(enum tine_op op, struct tine__obj *obj);

/*
 * The state of obj changed: threads that announced an operation on it may have
 * become enabled or disabled. Call after each change.
 */
void tine__obj_changed(struct tine__obj *obj);

/* A scheduling point with a predicate of the caller's own: returns when
 * cond(self, arg) holds, having been chosen while it held. Whoever changes what
 * cond looks at calls tine__obj_changed(obj). */
void tine__point_cond(struct tine__obj *obj,
    bool (*cond)(struct tine__thread *thread, void *arg), void *arg);

/* Let others run. */
void tine__yield(void);

/* An annotated racy access to kernel memory: announces READ or WRITE of that
 * address, then the caller makes it. */
#define tine__racy(op, address) \
	tine__racy_at((op), (address), #address, TINE__WHERE)
void tine__racy_at(enum tine_op op, const volatile void *address,
    const char *name, const char *where);
/* The current thread has just written what others read by tine__racy(): no
 * point, but partial-order reduction has to know. Whoever announces the write
 * itself need not say so. */
void tine__wrote(const volatile void *address);
/* The same for reads: it has just looked at that without a point. */
void tine__looked(const volatile void *address);
/* And for counting up or down, when the value does not matter to it. */
void tine__counted(const volatile uint32_t *address);
/* The same for what has a number. */
void tine__touch(struct tine_machine *machine, uint64_t id, bool write);
enum tine__access_kind;
void tine__touch_as(struct tine_machine *machine, uint64_t id,
    enum tine__access_kind kind);
/* An atomic read-modify-write, announced. Returns the new value. */
uint32_t tine__atomic_add_32(volatile uint32_t *address, int32_t delta);
/* The same where nobody looks at the new value: two of them commute. */
void tine__atomic_count_32(volatile uint32_t *address, int32_t delta);
/* One reference less. Returns whether it was the last one: of the new value
 * that is all one may look at, so that those before the last commute. */
bool tine__atomic_release_32(volatile uint32_t *address);

static inline void
tine__preempt_disable(void)
{
	tine__cur->preempt_off++;
}

static inline void
tine__preempt_enable(void)
{
	ASSERT3(tine__cur->preempt_off, >, 0);
	tine__cur->preempt_off--;
}

/* --- sleep and wake-up: the core that every wait is built on --- */

/*
 * Put the current thread to sleep on obj until it is woken, the deadline
 * (virtual time, TINE__NEVER for none) passes, or (TINE__SLEEP_INTR)
 * it is interrupted. If relock is given it is released when the thread is
 * asleep, in one step, and held again on return.
 *
 * @return enum tine__wake.
 */
int tine__sleep(struct tine__obj *obj, const char *wmesg, unsigned flags,
    uint64_t deadline, struct tine__mutex *relock);
/* Wake a sleeping thread. It must sleep. */
void tine__wake(struct tine__thread *thread, enum tine__wake reason);
/* End an interruptible sleep; nothing if it does not sleep interruptibly.
 * @return whether it was woken. */
bool tine__thread_interrupt(struct tine__thread *thread);
/* First sleeper on obj, or NULL; the next one is thread->pend_next. */
struct tine__thread *tine__sleepers(const struct tine__obj *obj);
/* Wake one sleeper on obj (the choice is the scheduler's) or all of them. */
bool tine__wake_one(struct tine__obj *obj);
unsigned tine__wake_all(struct tine__obj *obj);

/* --- objects --- */

void tine__obj_init(struct tine__obj *obj, enum tine__obj_kind kind,
    const struct tine__lockclass *cls);
/* Panics when somebody waits for it. */
void tine__obj_destroy(struct tine__obj *obj);
const char *tine__obj_name(const struct tine__obj *obj);
/* The lock, condition variable or queue is one: not destroyed, nor freed. */
#define OBJ_IS(o, what) \
	(TINE__LIKELY((o)->obj.kind == (what)) ? (void)0 : \
	    tine__obj_bad(&(o)->obj, __FILE__, __LINE__, \
	    #o "->obj.kind == " #what, (what)))
TINE_NORETURN void tine__obj_bad(const struct tine__obj *obj, const char *file,
    int line, const char *expression, int kind);

/* --- time --- */

/* Virtual nanoseconds since boot. */
uint64_t tine__now(void);

/*
 * A function to be called at a virtual time, in a kernel thread that belongs to
 * no process (its owner is NULL). Embedded in what it is about, zeroed at
 * first. Setting it again moves it; clearing it does not wait for a call that
 * has begun.
 */
struct tine__callout {
	struct tine__callout *next;
	uint64_t deadline;
	void (*fn)(void *arg);
	void *arg;
	bool armed;
};
/* @return false: no kernel memory for the thread that calls. */
bool tine__callout_set(struct tine__callout *callout, uint64_t deadline,
    void (*fn)(void *arg), void *arg);
void tine__callout_clear(struct tine__callout *callout);
/* After a run that went well, when the kernel is gone. */
void tine__callout_fini(struct tine_machine *machine);

#endif
