/* SPDX-License-Identifier: MIT */
/*
 * machine.h - a simulated machine: create it, run programs in it, read what
 * came of it.
 *
 *	struct tine_options options;
 *	struct tine_machine *machine;
 *	struct tine_result result;
 *
 *	tine_options_init(&options);
 *	options.seed = 7;
 *	options.strategy = TINE_STRATEGY_RANDOM;
 *	if (tine_machine_create(&options, &machine) != 0)
 *		errx(1, "%s", tine_error_message());
 *	tine_machine_spawn(machine, "hello", NULL);
 *	tine_machine_run(machine, &result);
 *	puts(result.message);
 *	tine_machine_destroy(machine);
 *
 * A machine is configuration plus state. tine_machine_run() boots it afresh
 * each time, so one machine may be run again and again; with the same options
 * each run is the same run. A machine belongs to one host thread while it runs.
 */
#ifndef TINE_MACHINE_H
#define TINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/error.h>
#include <tine/export.h>
#include <tine/trace.h>

TINE_BEGIN_DECLS

struct tine_machine;
struct uv_loop_s;

enum tine_kernel {
	TINE_KERNEL_ILLUMOS,
	TINE_KERNEL_OPENSOLARIS,
	TINE_KERNEL_DRAGONFLY,
	TINE_KERNEL_NETBSD,
	TINE_KERNEL_COUNT
};

/* A set of quirks (quirk.h), a bit each: more than 64 of one kernel. */
__extension__ typedef unsigned __int128 tine_quirks_t;

/* options.quirks: those that the kernel has on by itself (quirk.h). */
#define TINE_QUIRKS_PRESET ((tine_quirks_t)1 << 127)

/** "illumos", "opensolaris", "dragonfly", "netbsd"; "?" when out of range. */
TINE_API const char *tine_kernel_name(enum tine_kernel kernel);

/**
 * The kernel of that name.
 *
 * @retval 0            found and built into this library.
 * @retval -TINE_ENOENT no such kernel; the message lists those there are.
 */
TINE_API TINE_NODISCARD int tine_kernel_parse(const char *name,
    enum tine_kernel *kernel);

enum tine_strategy {
	TINE_STRATEGY_RR,	/* round-robin: the default choice everywhere */
	TINE_STRATEGY_RANDOM,	/* seeded, every choice uniform */
	TINE_STRATEGY_PCT,	/* seeded priorities, pct_depth - 1 of which
				 * change somewhere in pct_steps points */
	TINE_STRATEGY_POS,	/* seeded priorities of operations, drawn again
				 * when one that conflicts was carried out */
	TINE_STRATEGY_COUNT
};

/** "rr", "random"; "?" when out of range. */
TINE_API const char *tine_strategy_name(enum tine_strategy strategy);

/**
 * The strategy of that name.
 *
 * @retval 0             found.
 * @retval -TINE_EINVAL  a NULL argument.
 * @retval -TINE_ENOENT  no such strategy; the message lists those there are.
 */
TINE_API TINE_NODISCARD int tine_strategy_parse(const char *name,
    enum tine_strategy *strategy);

enum tine_preempt {
	TINE_PREEMPT_KERNEL,	/* as that kernel does it */
	TINE_PREEMPT_NEVER,	/* kernel code runs until it blocks */
	TINE_PREEMPT_ALWAYS	/* at every scheduling point */
};

/**
 * Bytes that a simulated program wrote to the console, as they are written.
 *
 * Called on a kernel stack of the machine, with about 40 KiB of room, while
 * most signals are blocked: put them somewhere. Of this library it may call
 * what only leaves a message for a running machine, be it this one or another:
 * tine_machine_input(), tine_machine_kill(), tine_machine_hangup() and
 * tine_machine_stop(). So can a program be answered as soon as it asks. All
 * else is not for this place.
 */
typedef void (*tine_console_fn)(void *user, int pid, const char *text,
    size_t size);

struct tine_options {
	size_t size;			/* sizeof(struct tine_options) */
	enum tine_kernel kernel;
	enum tine_strategy strategy;
	uint64_t seed;
	tine_quirks_t quirks;		/* bits; see quirk.h */
	/* A token to replay; when set it overrides kernel, strategy, seed and
	 * every option that the token carries. Borrowed during create. */
	const char *token;

	unsigned ncpu;			/* virtual CPUs, 1 to 64 */
	enum tine_preempt preempt;
	unsigned quantum;		/* points before others run */
	unsigned pct_depth;		/* of the bug that PCT looks for */
	unsigned pct_steps;		/* how long PCT takes a run to be */
	unsigned tick_edges;		/* program edges a clock tick */
	unsigned tick_steps;		/* scheduling points a clock tick */
	uint64_t step_limit;		/* outcome "step limit"; 0: none */
	/* So many points more, with a turn for everybody: a run that has no
	 * end then either is a "livelock". 0: that is not tried. */
	uint64_t fair_steps;
	unsigned watchdog_ms;		/* host time without a step; 0: none */

	unsigned memory_pages;		/* physical memory, 4 KiB frames: with
					 * 28 all kernels begin. DragonFly's
					 * fork waits for memory, for ever if
					 * nobody gives any back */
	uint64_t kmem_bytes;		/* kernel memory budget */
	unsigned ustack_pages;		/* limit of a program's stack */
	int pid_max;			/* pids are below it */
	unsigned proc_max;		/* process table slots */
	unsigned pipe_bytes;		/* what a pipe holds */
	unsigned uid_procs;		/* processes of a user other than 0;
					 * 0: as that kernel has it */
	int lwpid_max;			/* LWP ids wrap after it */
	unsigned sigqueue_max;		/* signals that a process has queued;
					 * 0: as that kernel has it */

	/* Make the n-th fallible kernel step fail, counted from the first
	 * program's start; 0: none. */
	uint64_t fail_at;
	/* How many of these may happen in a run, each a choice that strategies
	 * and searches make: a fallible step that fails, a sleep that ends for
	 * no reason, a time-out before others had time to act, an interrupt of
	 * a program just before a system call: others may run, and a signal
	 * that they send is taken before the call, not in it. */
	unsigned faults, spurious, timeouts, interrupts;
	bool signal_targets;		/* which of several threads: a choice */
	bool kmem_debug;		/* poison, red zones, who took it */
	bool vm_shortcuts;		/* see docs; the trace is the same */
	bool cold_fork;			/* a child of fork has no page mapped:
					 * each first touch is a fault */
	bool lock_check;		/* lock order and rank */
	/* Outcome "data race" where two threads access an annotated field, one
	 * of them writes, and no lock, wake-up, atomic or start and end of a
	 * thread orders the two. */
	bool race_check;
	/* Outcome "exit status" where all went well but that the first program
	 * did not exit with 0. */
	bool exit_check;

	bool trace_full;		/* keep every event, not the last few */
	bool trace_ops;			/* events of every lock operation too */
	unsigned trace_ring;		/* how many the ring keeps */

	bool interactive;		/* console input comes later, by
					 * tine_machine_input() */
	unsigned slice_steps;		/* points a loop iteration */
	/* Real time: virtual nanoseconds a real millisecond; 0: as fast as
	 * possible. 1000000 is true to life, 1000 slow motion. */
	uint64_t realtime_ns_per_ms;

	tine_console_fn console;	/* NULL: keep only the transcript */
	void *console_user;
};

/** Fill with the defaults. Call it first, always. */
TINE_API void tine_options_init(struct tine_options *options);

#define TINE_OUTCOME_MAP(X) \
	X(NONE, "not run") \
	X(PASSED, "passed") \
	X(CHECK, "failed check") \
	X(PANIC, "panic") \
	X(DEADLOCK, "deadlock") \
	X(STEP_LIMIT, "step limit") \
	X(LEAK, "leak") \
	X(WATCHDOG, "watchdog") \
	X(DIVERGED, "replay diverged") \
	X(STOPPED, "stopped") \
	X(LOCK_ORDER, "lock order") \
	X(USE_AFTER_FREE, "use after free") \
	X(LOST_WAKEUP, "lost wake-up") \
	X(LIVELOCK, "livelock") \
	X(INVARIANT, "broken invariant") \
	X(DATA_RACE, "data race") \
	X(EXIT_STATUS, "exit status")

enum tine_outcome {
#define TINE_OUTCOME_ENUM(name, text) TINE_OUTCOME_##name,
	TINE_OUTCOME_MAP(TINE_OUTCOME_ENUM)
#undef TINE_OUTCOME_ENUM
	TINE_OUTCOME_COUNT
};

/** "passed", "failed check" and so on; "?" when out of range. */
TINE_API const char *tine_outcome_name(enum tine_outcome outcome);

/*
 * What came of a run. All strings are owned by the machine and live until its
 * next run or its destruction.
 */
struct tine_result {
	enum tine_outcome outcome;
	/* Of the first program spawned: its wait status in the host's encoding
	 * (WIFEXITED and so on); -1 when it did not end. */
	int status;
	uint64_t steps;			/* scheduling points */
	uint64_t choices;		/* of more than one alternative */
	uint64_t time_ns;		/* virtual time at the end */
	uint64_t digest;		/* of every event of the run */
	const char *message;		/* several lines; ends in a newline */
	const char *token;		/* repeats the run */
	const char *last_events;	/* a text timeline of the last events */
	const char *console;		/* all that programs wrote */
	size_t console_size;
};

/**
 * Create a machine.
 *
 * Reserves a slot of the host's address space (always the lowest free one, so
 * that addresses repeat), physical memory and kernel memory. Boots nothing.
 *
 * Context: host only.
 *
 * @param options   borrowed for the call; NULL for the defaults.
 * @param[out] out  the caller owns it; written only on success.
 *
 * @retval 0             created.
 * @retval -TINE_EINVAL  an option is out of range.
 * @retval -TINE_ENOENT  the kernel is not built in.
 * @retval -TINE_ETOKEN  options.token is malformed.
 * @retval -TINE_ESLOTS  all slots are in use.
 * @retval -TINE_EHOST   the host refused memory or a mapping.
 */
TINE_API TINE_NODISCARD int tine_machine_create(
    const struct tine_options *options, struct tine_machine **out);

/**
 * Add a program to those that init starts at boot.
 *
 * @param program  a registered name (program.h); looked up now.
 * @param argv     NULL-terminated, copied; NULL for { program, NULL }.
 *
 * @retval 0             added.
 * @retval -TINE_EINVAL  a NULL machine or program, or too many arguments.
 * @retval -TINE_ENOENT  no program of that name.
 * @retval -TINE_ESTATE  the machine is running.
 */
TINE_API TINE_NODISCARD int tine_machine_spawn(struct tine_machine *machine,
    const char *program, const char *const argv[]);

/**
 * Boot, run every program to its end, halt, audit the books.
 *
 * The host process survives whatever happens inside; the outcome tells. Uses a
 * libuv loop of its own when the machine is interactive or runs in real time.
 *
 * @param[out] result  may be NULL.
 *
 * @retval 0             it ran: read the outcome.
 * @retval -TINE_EINVAL  a NULL machine.
 * @retval -TINE_ESTATE  it is running already, or has nothing to run.
 * @retval -TINE_EHOST   the host refused a signal handler or the loop.
 */
TINE_API int tine_machine_run(struct tine_machine *machine,
    struct tine_result *result);

/** Called when a machine that runs in a loop has ended. */
typedef void (*tine_done_fn)(struct tine_machine *machine,
    const struct tine_result *result, void *user);

/**
 * Run in the host program's loop: a slice of options.slice_steps each
 * iteration; the loop goes on serving its other handles.
 *
 * Returns at once. The loop stays alive while the machine runs. done is called
 * from the loop; in it the machine may be run again, or destroyed.
 *
 * @param loop  borrowed until done was called.
 * @retval as tine_machine_run().
 */
TINE_API TINE_NODISCARD int tine_machine_start(struct tine_machine *machine,
    struct uv_loop_s *loop, tine_done_fn done, void *user);

/**
 * Type on the console of a running interactive machine. May be called from any
 * host thread, and in a console callback. Arrives at the next step border, is
 * recorded in the token, and comes at the same step when the token is replayed;
 * a replay takes no other input: it is accepted, and ignored.
 *
 * @param text  copied; NULL with size 0 closes the input for good.
 * @retval 0             accepted.
 * @retval -TINE_EINVAL  a NULL machine, or more than 64 KiB at once.
 * @retval -TINE_ESTATE  the machine is not running or not interactive.
 */
TINE_API int tine_machine_input(struct tine_machine *machine, const char *text,
    size_t size);

/**
 * Send a signal to a simulated process from outside: a real ^C, say. From any
 * host thread; recorded and replayed like input. A pid that does not exist
 * when it arrives is ignored, as kill(1) would report.
 *
 * @param pid    0: the first program that was spawned.
 * @param signo  the host's number (SIGINT ...).
 * @retval as tine_machine_input(); does not need options.interactive.
 */
TINE_API int tine_machine_kill(struct tine_machine *machine, int pid,
    int signo);

/** End a running machine at the next step border with outcome "stopped". From
 * any host thread. @retval 0, -TINE_EINVAL, -TINE_ESTATE (not running). */
TINE_API int tine_machine_stop(struct tine_machine *machine);

/**
 * Change the seed for the next run.
 * @retval 0, -TINE_EINVAL, -TINE_ESTATE (running).
 */
TINE_API int tine_machine_reseed(struct tine_machine *machine, uint64_t seed);

/** Change options.fail_at for the next run. @retval as tine_machine_reseed. */
TINE_API int tine_machine_fail_at(struct tine_machine *machine, uint64_t nth);

/**
 * Whether the last run got as far as options.fail_at: false means that fewer
 * fallible steps were made, and that a loop over n is complete.
 */
TINE_API bool tine_machine_failed_step(const struct tine_machine *machine);

/**
 * What must hold at every scheduling point of every run: fn returns NULL, or a
 * text that says what does not; the outcome is "broken invariant" then. It is
 * called on a kernel stack with about 40 KiB of room: it may read what kernel
 * code of tine_kern_create() shares, and call nothing of this library. A
 * partial-order search looks only at the points of the schedules that it runs.
 *
 * @param fn  NULL: nothing.
 * @retval 0, -TINE_EINVAL, -TINE_ESTATE (running).
 */
TINE_API int tine_machine_invariant(struct tine_machine *machine,
    const char *(*fn)(void *user), void *user);

/** The result of the last run, again. @retval 0, -TINE_EINVAL, -TINE_ESTATE. */
TINE_API int tine_machine_result(struct tine_machine *machine,
    struct tine_result *result);

/**
 * Release everything. A machine that still runs in a loop may not be destroyed,
 * except from its done callback.
 *
 * @param machine  NULL is a harmless no-op.
 * @retval 0             destroyed.
 * @retval -TINE_EINVAL  it was destroyed before. Every function that takes a
 *                       machine says so of one that is no more.
 * @retval -TINE_ESTATE  it is running.
 */
TINE_API int tine_machine_destroy(struct tine_machine *machine);

/*
 * Counters of the last run, for tests, benchmarks and curious people.
 */
struct tine_stats {
	size_t size;
	uint64_t kmem_live;		/* kernel objects alive now */
	uint64_t kmem_bytes;		/* their bytes */
	uint64_t kmem_peak_bytes;
	uint64_t frames_used;
	uint64_t frames_peak;
	uint64_t faults;		/* page faults of programs */
	uint64_t zero_fills;
	uint64_t cow_copies;
	uint64_t cow_reuses;
	uint64_t host_faults;		/* SIGSEGVs that it took */
	uint64_t host_maps;		/* host mmap and mprotect calls */
	uint64_t switches;		/* of threads */
	uint64_t as_switches;		/* of address spaces */
	uint64_t traps;			/* system calls */
	uint64_t processes;		/* ever created */
};

/** @param[out] stats  size set by the caller. @retval 0, -TINE_EINVAL. */
TINE_API int tine_machine_stats(const struct tine_machine *machine,
    struct tine_stats *stats);

TINE_END_DECLS

#endif
