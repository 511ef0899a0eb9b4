/* SPDX-License-Identifier: MIT */
/* machine/machine.h - the machine from the inside, and the slot it sits in. */
#ifndef TINE__MACHINE_MACHINE_H
#define TINE__MACHINE_MACHINE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <tine/machine.h>

#include "base/text.h"
#include "explore/kern.h"
#include "explore/strategy.h"
#include "file/file.h"
#include "kmem/kmem.h"
#include "machine/names.h"
#include "proc/flavour.h"
#include "sched/hb.h"
#include "sched/lock.h"
#include "sched/trap.h"
#include "trace/ring.h"
#include "vm/vm.h"

#define TINE__CLASSES 64	/* of locks and wait objects, a machine */
#define TINE__CLASS_HASH (4 * TINE__CLASSES)	/* a power of two */
#define TINE__OBJ_NAMED 65536	/* objects whose names traces can print */

struct tine__slot_tables {
	/* by object id: its class */
	uint8_t obj_classes[TINE__OBJ_NAMED];
	/* where a was held, where b was taken, when b was first taken under
	 * a; valid where the bit in machine->order is set */
	const char *order_where[TINE__CLASSES][TINE__CLASSES][2];
};

/*
 * A slot: the host addresses that a machine may use, and the host objects that
 * are dear to make. Slots are kept when their machine is destroyed, and the
 * lowest free one is taken next: so addresses repeat.
 */
struct tine__slot {
	unsigned index;
	pid_t host_pid;			/* whose memory it is */
	uintptr_t base;
	struct tine__vm *vm;
	struct tine__kmem_region *region;
	uintptr_t kstacks;
	uint32_t kstacks_ready;		/* with their guards in place */
	bool guard_by_mprotect;
	char *altstack;
	size_t altstack_size;
	/* Tables of its machine, kept because they are large. They need no
	 * clearing: what was not written in a run is not read in it. */
	struct tine__slot_tables *tables;
};

#define TINE__SLOTS 128
#if defined(__SANITIZE_ADDRESS__)
#define TINE__KSTACK_STRIDE ((size_t)256 << 10)
#else
#define TINE__KSTACK_STRIDE ((size_t)64 << 10)
#endif
#define TINE__KSTACK_GUARD ((size_t)4096)
/*
 * Above a stack's top, readable and never touched. The copy of a signal frame
 * that lies at the top is cut; the host takes it as it is, but when it has to
 * make sure that it is readable it looks at its full size (11 KiB with AMX).
 */
#define TINE__KSTACK_SLACK ((size_t)16 << 10)
#define TINE__KSTACKS ((size_t)(16ull << 30) / TINE__KSTACK_STRIDE)

int tine__slot_get(const struct tine_machine *machine,
    struct tine__slot **out);
/* Whether a machine has a slot: it need not even be memory of ours. */
bool tine__slot_owner(const struct tine_machine *machine);
void tine__slot_put(struct tine__slot *slot);
/* Make stack number index usable. False when the host refuses. */
bool tine__slot_kstack(struct tine__slot *slot, uint32_t index);
static inline char *
tine__slot_kstack_low(const struct tine__slot *slot, uint32_t index)
{
	return ((char *)(slot->kstacks +
	    (uintptr_t)index * TINE__KSTACK_STRIDE));
}
static inline char *
tine__slot_kstack_top(const struct tine__slot *slot, uint32_t index)
{
	return ((char *)(slot->kstacks + ((uintptr_t)index + 1) *
	    TINE__KSTACK_STRIDE - TINE__KSTACK_SLACK));
}


/* A choice that is not what the strategy would have made. */
struct tine__override {
	uint64_t at;		/* number of the choice, from 0 */
	uint32_t value;
};

/* The choices of a run that were not the default, as they are made. */
struct tine__chosen {
	struct tine__override *list;
	size_t count, capacity;
	unsigned preemptions;	/* of them: another ran, this one could */
};

/* Something from outside, at a step border. */
enum tine__ext_kind {
	TINE__EXT_INPUT,
	TINE__EXT_EOF,
	TINE__EXT_KILL,
	TINE__EXT_STOP,
	TINE__EXT_HANGUP,
	TINE__EXT_COUNT
};

struct tine__ext {
	uint64_t step;		/* when it came */
	uint8_t kind;
	bool idle;		/* while nothing could run */
	int pid, signo;
	char *text;		/* host malloc */
	size_t size;
};

struct tine__exts {
	struct tine__ext *list;
	size_t count, capacity;
};

void tine__exts_clear(struct tine__exts *exts);
/* Takes text over. False when the host has no memory; text is freed then. */
bool tine__exts_add(struct tine__exts *exts, const struct tine__ext *ext);

struct tine__spawn {
	const struct tine_program *program;
	char **argv;		/* host malloc */
	unsigned argc;
	int pid;		/* this run's; 0 before its exec */
	int status;		/* host wait status; -1 */
};

/* A piece of the transcript. */
struct tine__wrote {
	int pid;
	size_t size;
};

/* A file in the host's memory. */
struct tine__hostfile {
	char *path, *data;
	size_t size;
};

/* A wake-up that found nobody asleep. */
struct tine__wasted {
	uint64_t step, id;		/* of the object, or the channel */
	uint32_t thread, pid;
};
#define TINE__WASTED 32

#define TINE__TRANSCRIPT_MAX ((size_t)16 << 20)
#define TINE__SPAWN_MAX 64
#define TINE__ARGV_MAX 64

/* A clock tick: 10 ms of virtual time. */
#define TINE__TICK_NS 10000000

/* The signal that the watchdog sends to the machine's host thread. */
enum tine__bite {
	TINE__BITE_NONE,
	TINE__BITE_SENT,
	TINE__BITE_STEPPING,	/* seen, in the middle of the host's code */
	TINE__BITE_TAKEN	/* the handler has seen it */
};

/* Why a slice came back to the host. */
enum tine__back {
	TINE__BACK_SLICE,	/* its steps are used up */
	TINE__BACK_IDLE,	/* nothing can run now: real time, or input */
	TINE__BACK_END		/* the run has an outcome */
};

/* Who waits for a word of a program's memory (proc/waiton.c). */
#define TINE__WAITON_CVS 16
struct tine__waiter;
struct tine__waiton {
	bool ready;
	struct tine__mutex lock;
	struct tine__cv cv[TINE__WAITON_CVS];
	struct tine__waiter *first;	/* oldest first */
};

struct tine_machine {
	/* --- scheduler: hot --- */
	uint64_t steps;
	uint64_t quiet;			/* the border, while points inside the
					 * kernel are quiet; 0: they are not */
	uint64_t border;		/* step at which the slow path runs */
	struct tine__thread **ready;	/* [0, noncpu) have a virtual CPU */
	uint32_t nready, noncpu;
	uint32_t nbound;		/* threads that may not have any CPU */
	uint32_t ready_capacity;
	uint32_t ncpu;
	uint64_t cpus_free;		/* bit per virtual CPU */
	uint32_t quantum;
	bool kpreempt;
	bool trace_ops, trace_calls;
	struct tine__thread *fifo_head, *fifo_tail;
	struct tine__thread *reap;	/* dead, to be freed off its stack */
	const struct tine__flavour *flavour;
	/* the flavour's, where the trap finds it quickest */
	int64_t (*const *calls)(const uint64_t args[5]);
	unsigned short_calls;		/* numbers that go there directly */
	struct tine__vm *vm;
	void *host_sp;
#if defined(__SANITIZE_ADDRESS__)
	const void *host_stack_bottom;
	size_t host_stack_size;
#endif
	uint64_t now;			/* virtual ns */
	struct tine__ring ring;

	/* --- choices --- */
	const struct tine__strategy *strategy;
	bool every_point;		/* the strategy wants to see them all */
	bool open;			/* all that are ready are candidates */
	struct tine__strategy_state by;	/* what it keeps */
	uint64_t seed;
	uint64_t choices;
	const struct tine__override *overrides;
	size_t noverrides, override_next;
	struct tine__chosen *chosen;	/* of this run, when asked for */
	struct tine_explorer *explorer;	/* while it runs it */

	/* --- what is looked at at every point --- */
	bool watched;			/* any of it */
	const char *(*invariant)(void *user);
	void *invariant_user;
	uint64_t fair_end;		/* livelock: when; 0: not fair yet */
	struct tine__hb *hb;		/* clocks, for options.race_check */
	struct tine__wasted wasted[TINE__WASTED];	/* a ring */
	unsigned nwasted;

	/* --- scheduler: cold --- */
	struct tine__thread *threads, *threads_tail;
	uint32_t nthreads;		/* alive, not daemons */
	uint32_t thread_seq, obj_seq;
	struct tine__names names;
	struct tine__thread *resume;	/* was running when the slice ended */
	enum tine__back back;
	uint64_t slice_end, tick_next, ticks;
	bool timer_due;			/* real time has come for the next */
	struct tine__thread **timers;	/* heap by deadline, then order */
	uint64_t timer_seq;
	uint64_t *timer_seqs;
	uint32_t ntimers, timers_capacity;
	struct tine__cache *thread_cache;
	uint32_t *kstack_free;
	uint32_t nkstack_free, kstack_next, kstack_free_capacity;
	struct tine__obj chans[64];
	uint32_t interlocked;		/* between interlock and sleep */
	const struct tine__lockclass *classes[TINE__CLASSES];
	uint32_t nclasses;
	uint32_t class_live[TINE__CLASSES];	/* initialised, not destroyed */
	uint8_t class_hash[TINE__CLASS_HASH];	/* index + 1, by address */
	struct tine__slot_tables *tables;	/* c */
	uint64_t order[TINE__CLASSES];	/* bit b of a: b was taken under a */
	uint64_t order_known[TINE__CLASSES];	/* bit a of b: checked */

	struct tine__kern *kern;	/* its kernel is a body, no more */

	/* --- the run --- */
	bool running;
	bool boot_done;			/* the boot thread has ended */
	jmp_buf host_jmp;		/* for panics in host context */
	int32_t edges;			/* tine__edges between slices */
	const char *verify;		/* what tine__vm_verify found */
	enum tine_outcome outcome;
	char *message;			/* host malloc, of the last run */
	char *detail;			/* what the ending thread left */
	char *leaks;			/* that the kernel knows of */
	char *token;
	char *last_events;
	bool failed_step;
	uint64_t fail_steps;
	bool fail_armed;
	unsigned chances[4];		/* spent, by kind of choice */
	struct tine__exts exts;		/* this run's, recorded */
	struct tine__exts replay;	/* from the token */
	size_t replay_next;
	struct tine__thread *intr;	/* where outside events run */
	struct tine__obj intr_obj;
	struct tine__thread *callout;	/* calls callouts; NULL: not yet */
	struct tine__callout *callouts;	/* by deadline */
	struct tine__obj callout_obj;
	struct tine__waiton waiton;
	struct tine__obj kmem_obj;
	struct tine__obj token_obj;	/* who waits for tokens */
	size_t intr_next;
	uint64_t traps, switches, host_faults, processes;
	volatile int watchdog_bite;	/* enum tine__bite */

	/* --- console --- */
	struct tine__text console;
	bool console_cut;		/* the transcript is not all */
	struct tine__wrote *writers;	/* who wrote it, piece by piece */
	size_t nwriters, writers_capacity;
	struct tine__text console_of;	/* what one of them wrote */
	struct tine__typed typed;
	bool input_eof;			/* nothing will be typed any more */

	/* --- files --- */
	struct tine__fs fs;
	struct tine__hostfile *files;	/* there at every boot */
	size_t nfiles;
	struct tine__hostfile *saved;	/* as the last run left them */
	size_t nsaved;

	/* --- what it is made of --- */
	struct tine_options options;
	struct tine__slot *slot;
	struct tine__kmem *kmem;
	void *state;			/* the flavour's */
	struct tine__spawn spawns[TINE__SPAWN_MAX];
	unsigned nspawns;
	unsigned ended;			/* of the spawns */
	char *replay_token;		/* host malloc, or NULL */
	struct tine__override *token_overrides;
	uint64_t expect_digest;		/* of the token: 0 none */
	char *token_programs;		/* host malloc; as the token has them */
	uint64_t token_files;		/* digest of those it was made with */
	struct tine__arm arm;
	struct tine__attachment *attachments;	/* host malloc */
	uint64_t probes;		/* bits that any of them has */
	struct tine_result result;
	uint64_t last_digest;
	struct tine_stats stats;

	/* --- from other host threads --- */
	pthread_mutex_t inbox_lock;
	struct tine__exts inbox;
	bool stop_asked;
	volatile int inbox_full;	/* look at it at the next border */
	struct tine__loop *loop;	/* loop.c, while it runs in one */
	bool loop_open;			/* its async handle may be used */
	volatile bool in_slice;		/* for the watchdog */
	struct tine__watchdog *watchdog;
};

/* --- machine.c, options.c --- */

int tine__options_check(const struct tine_options *options);
const struct tine__flavour *tine__flavour_of(enum tine_kernel kernel);
/* Before and after a run: what must hold, and the running mark. */
int tine__machine_ready(struct tine_machine *machine);
void tine__machine_over(struct tine_machine *machine);

/* --- machine/run.c --- */

/* Begin and end a run; run one slice between. */
int tine__run_begin(struct tine_machine *machine);
enum tine__back tine__run_slice(struct tine_machine *machine);
void tine__run_end(struct tine_machine *machine);
/* The end of a run of which only the outcome is wanted: the audit, no texts. */
void tine__run_judge(struct tine_machine *machine);

/* End the run from a thread, a fault or the host. The first one counts. */
void tine__run_outcome(struct tine_machine *machine, enum tine_outcome outcome,
    const char *format, ...) TINE_PRINTF(3, 4);
/* A leak that the kernel knows of (audit.c); the audit of a run that passed. */
void tine__run_leaks(struct tine_machine *machine, const char *text);
void tine__audit(struct tine_machine *machine);
/* Leave the current thread for good and go back to the host. */
TINE_NORETURN void tine__run_abandon(struct tine_machine *machine);

/* --- sched.c, for run.c --- */

int tine__sched_reset(struct tine_machine *machine);
void tine__sched_free(struct tine_machine *machine);
/* Fire what is due, or advance the clock to the next timer. @return whether
 * something became ready. */
bool tine__timers_advance(struct tine_machine *machine);
void tine__timers_fire(struct tine_machine *machine);
/* It is that late already, though others can run. */
void tine__timers_hurry(struct tine_machine *machine, uint64_t deadline);
void tine__timer_add(struct tine_machine *machine,
    struct tine__thread *thread);
void tine__timer_remove(struct tine_machine *machine,
    struct tine__thread *thread);
/* Whether the boot thread has ended and only daemons are left: the run is
 * over, however many timers they have. */
bool tine__sched_over(const struct tine_machine *machine);
/* Let the scheduler run from the host until it comes back. */
enum tine__back tine__sched_run(struct tine_machine *machine);
/* Whether a thread's announced operation could be carried out now. */
bool tine__op_enabled(const struct tine__thread *thread);
/* Whether such an operation may be one that could not. */
bool tine__op_blocks(enum tine_op op);
/* Whether it has a CPU and, where it is, need not give it to others. */
bool tine__cpu_kept(const struct tine_machine *machine,
    const struct tine__thread *thread);
/* The slow path of a scheduling point. */
void tine__sched_border(struct tine_machine *machine);
void tine__sched_set_border(struct tine_machine *machine);

/*
 * The short way through a scheduling point inside the kernel: when nothing is
 * due and only the running thread is a candidate, a point is a step and no
 * more. Everything that sees more (traces of operations, other strategies)
 * clears the border.
 */
static inline bool
tine__point_quiet(struct tine_machine *m)
{
	const uint64_t step = m->steps + 1;

	if (TINE__UNLIKELY(step >= m->quiet))
		return (false);
	m->steps = step;
	return (true);
}

/* To be called when anything changes that it depends on. */
static inline void
tine__point_requiet(struct tine_machine *m)
{
	m->quiet = (m->nready == 1 && m->nbound == 0) ||
	    (m->noncpu == 1 && m->cpus_free == 0 && !m->kpreempt) ?
	    m->border : 0;
}

/*
 * What traces and strategies know of an address: where it is in the slot, or in
 * the machine's own structure, which the host puts elsewhere every day.
 */
#define TINE__PLACE_MACHINE (UINT64_C(1) << 57)

static inline uint64_t
tine__place(const struct tine_machine *m, const volatile void *address)
{
	const uintptr_t at = (uintptr_t)address, own = at - (uintptr_t)m;

	return (own < sizeof(*m) ? TINE__PLACE_MACHINE | own :
	    at - m->slot->base);
}

static inline const void *
tine__at_place(const struct tine_machine *m, uint64_t place)
{
	return ((place & ~(TINE__PLACE_MACHINE - 1)) == TINE__PLACE_MACHINE ?
	    (const char *)m + (place - TINE__PLACE_MACHINE) :
	    (const char *)(m->slot->base + (uintptr_t)place));
}

/* --- chance.c --- */

/* Whether it happens here, now. */
bool tine__chance(struct tine_machine *machine, enum tine__choice kind);

/* What is touched that has no address. */
#define TINE__TOUCH_CHANCE (UINT64_C(15) << 59)
#define TINE__TOUCH_TIME (UINT64_C(15) << 59 | 255)
/* Their numbers are given in the order of their making. */
#define TINE__TOUCH_THREADS (UINT64_C(15) << 59 | 254)
/* What a thread is asked to look at: ast, post. */
#define TINE__TOUCH_THREAD(id) (UINT64_C(3) << 60 | (id))

/* --- watch.c --- */

void tine__watch_reset(struct tine_machine *machine);
/* At every point, while machine->watched. */
void tine__watch_step(struct tine_machine *machine);
/* An annotated access, about to be made: not to freed memory. */
void tine__watch_access(struct tine_machine *machine, enum tine_op op,
    const volatile void *address);
/* The run is as long as it may be: true when it goes on, fairly. */
bool tine__watch_fair(struct tine_machine *machine);
/* A wake-up found nobody asleep there. */
void tine__watch_wasted(struct tine_machine *machine, uint64_t id);
/* Nothing can run: whether a wake-up came too early for somebody, and how. */
bool tine__watch_lost(const struct tine_machine *machine, char *text,
    size_t size);

/* --- lockorder.c --- */

/* outer is self->held_classes, which the caller has looked at. */
static inline void
tine__held_push(struct tine__thread *self, struct tine__obj *obj,
    const char *where, uint64_t outer, uint64_t step)
{
	const uint64_t classes = outer | UINT64_C(1) << obj->cls;
	const uint32_t nheld = self->nheld;
	struct tine__held *held = &self->held[nheld];

	ASSERT3(nheld, <, TINE__HELD_MAX);
	held->step = step;
	held->where = where;
	held->outer = outer;
	held->obj = obj;
	self->nheld = nheld + 1;
	self->held_classes = classes;
}
/* The last one taken of n that are held is dropped. */
static inline void
tine__held_pop(struct tine__thread *self, uint32_t n)
{
	self->held_classes = self->held[n - 1].outer;
	self->nheld = n - 1;
}

void tine__lock_taken(struct tine__obj *obj, const char *where);
/* The same by a tryenter, which cannot deadlock: not checked. */
void tine__lock_tried(struct tine__obj *obj, const char *where);
void tine__lock_dropped(struct tine__obj *obj);

/* --- report.c --- */

/* Text of a deadlock: who waits for what, held by whom. */
void tine__report_waits(struct tine_machine *machine,
    struct tine__text *text);
void tine__report_thread(const struct tine__thread *thread, char *text,
    size_t size);
/* All went well; the first program, too? */
void tine__report_status(struct tine_machine *machine);
/* Fill machine->result, the message, the token and the last events. */
void tine__report_result(struct tine_machine *machine);
/* How a trace of this machine prints objects, programs and calls. */
void tine__trace_names(struct tine_machine *machine,
    struct tine_trace_names *names);

/* --- tokenoptions.c --- */
void tine__token_put_options(struct tine__text *text,
    const struct tine_machine *machine);
bool tine__token_get_options(const char *from, struct tine_options *options,
    uint64_t *files);

/* --- files.c --- */
/* Of the files that are there at every boot; 0: there are none. */
uint64_t tine__files_digest(const struct tine_machine *machine);
void tine__files_reset(struct tine_machine *machine);
void tine__files_free(struct tine_machine *machine);
/* Keep the files there are, for the host to read after the run. */
void tine__files_save(struct tine_machine *machine);
void tine__console_note(struct tine_machine *machine, int pid, size_t size);

/* --- external.c --- */
void tine__external_reset(struct tine_machine *machine);
/* Take what came from outside; called at step borders. */
void tine__external_poll(struct tine_machine *machine);
/* The same while nothing can run. @return whether anything came. */
bool tine__external_idle(struct tine_machine *machine);
/* When the next recorded event is due. */
uint64_t tine__external_next(const struct tine_machine *machine);
/* Whether something from outside is recorded as coming now, before the clock
 * may move. */
bool tine__external_due(const struct tine_machine *machine);
/* Whether an idle machine may still be woken from outside. */
bool tine__external_may_come(const struct tine_machine *machine);

/* --- token.c --- */
char *tine__token_make(struct tine_machine *machine);
/* Options, overrides and events out of options.token. */
int tine__token_apply(struct tine_machine *machine, const char *token);
/* The programs as a token writes them; host malloc. */
char *tine__token_programs(const struct tine_machine *machine);
/* Spawn what the token names. */
int tine__token_spawn(struct tine_machine *machine);

/* --- inspect.c --- */
/* Draw two page tables to the console, for a program that asks: -errno. */
int tine__inspect_print(struct tine_machine *machine, int pid, int other,
    uintptr_t address, size_t size);

/* --- loop.c, watchdog.c --- */
int tine__loop_run(struct tine_machine *machine);
void tine__loop_wake(struct tine_machine *machine);
/* 0; or -TINE_EINVAL with a message: it is NULL, or was destroyed. */
int tine__machine_known(const struct tine_machine *machine, const char *what);
int tine__watchdog_start(struct tine_machine *machine);
/* The slice is over: no signal is under way any more on return. */
void tine__watchdog_rest(struct tine_machine *machine);
void tine__watchdog_stop(struct tine_machine *machine);
/* From its signal's handler: whether this is no place to leave the thread. */
bool tine__watchdog_postpone(struct tine_machine *machine, uintptr_t pc);
/* Whether it may be sent anew in a moment, rather than step on. */
bool tine__watchdog_later(struct tine_machine *machine);

/* The machine that runs on this host thread, kernel, program or host part. */
extern __thread struct tine_machine *tine__running;
/* Edges until the next clock tick (user/cov.c). */
extern __thread int32_t tine__edges;

#endif
