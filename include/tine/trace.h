/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what happened: events, and the forms they are written in.
 *
 * Every visible thing that a machine does is one event, a small binary record.
 * Events hold no host pointer and no wall-clock time: a run repeated from its
 * token gives the same records byte for byte, on another day and with another
 * address-space layout.
 */
#ifndef TINE_TRACE_H
#define TINE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>

TINE_BEGIN_DECLS

struct tine_machine;

/*
 * Operations that a thread announces before it acts (law 2: announce, then
 * act). A strategy sees them as pending; an event TINE_EV_OP records each that
 * was carried out.
 */
#define TINE_OP_MAP(X) \
	X(NONE, "none") \
	X(START, "start") \
	X(RUN, "run") \
	X(YIELD, "yield") \
	X(LOCK, "lock") \
	X(UNLOCK, "unlock") \
	X(RDLOCK, "rdlock") \
	X(WRLOCK, "wrlock") \
	X(RWUNLOCK, "rwunlock") \
	X(WAIT, "wait") \
	X(SIGNAL, "signal") \
	X(BROADCAST, "broadcast") \
	X(SEMA_P, "sema_p") \
	X(SEMA_V, "sema_v") \
	X(SLEEP, "sleep") \
	X(WAKEUP, "wakeup") \
	X(ATOMIC, "atomic") \
	X(READ, "read") \
	X(WRITE, "write") \
	X(COND, "cond") \
	X(ALLOC, "alloc") \
	X(FAULT, "fault") \
	X(USER, "user") \
	X(TICK, "tick") \
	X(EXIT, "exit") \
	X(TOKEN, "token") \
	X(TOKEN_REL, "token_rel") \
	X(LOCKMGR, "lockmgr") \
	X(LOAD, "load") \
	X(STORE, "store")

enum tine_op {
#define TINE_OP_ENUM(name, text) TINE_OP_##name,
	TINE_OP_MAP(TINE_OP_ENUM)
#undef TINE_OP_ENUM
	TINE_OP_COUNT
};

/*
 * Event types: name, text, meaning of a and b. "who" (pid, lwp) is always the
 * LWP that did it; kernel threads of a process without LWPs have lwp 0.
 */
#define TINE_EV_MAP(X) \
	X(NONE, "none", "", "") \
	X(BOOT, "boot", "kernel", "ncpu") \
	X(HALT, "halt", "status", "outcome") \
	X(SWITCH, "switch", "to_thread", "cpu") \
	X(CHOICE, "choice", "value", "of") \
	X(OP, "op", "op", "object") \
	X(THREAD_CREATE, "thread_create", "thread", "child_pid") \
	X(THREAD_EXIT, "thread_exit", "thread", "") \
	X(SYSCALL, "syscall", "number", "arg0") \
	X(SYSRET, "sysret", "number", "value") \
	X(FORK, "fork", "child_pid", "kind") \
	X(VFORK_DONE, "vfork_done", "child_pid", "") \
	X(EXEC, "exec", "program", "") \
	X(EXIT, "exit", "code", "status") \
	X(REPARENT, "reparent", "child_pid", "new_ppid") \
	X(ZOMBIE, "zombie", "ppid", "") \
	X(REAP, "reap", "child_pid", "status") \
	X(WAIT, "wait", "idtype", "id") \
	X(LWP_CREATE, "lwp_create", "new_lwp", "") \
	X(LWP_EXIT, "lwp_exit", "", "") \
	X(SLEEP, "sleep", "object", "deadline_ns") \
	X(WAKE, "wake", "thread", "reason") \
	X(FAULT, "fault", "address", "access") \
	X(ZERO_FILL, "zero_fill", "address", "frame") \
	X(COW_COPY, "cow_copy", "address", "frame") \
	X(COW_REUSE, "cow_reuse", "address", "frame") \
	X(SEGV, "segv", "address", "signal") \
	X(SIGNAL, "signal", "to_pid", "signo") \
	X(TIME, "time", "now_ns", "") \
	X(TICK, "tick", "ticks", "") \
	X(CONSOLE, "console", "bytes", "hash") \
	X(EXTERNAL, "external", "kind", "bytes") \
	X(ALLOC_FAIL, "alloc_fail", "nth", "type") \
	X(CHECK, "check", "line", "") \
	X(PANIC, "panic", "", "") \
	X(USER, "user", "a", "b") \
	X(SHARE_MAP, "share_map", "address", "frame") \
	X(STACK_GROW, "stack_grow", "address", "pages") \
	X(SIGINFO, "siginfo", "signal", "code") \
	X(TOKENS_LOST, "tokens_lost", "tokens", "innermost") \
	X(TOKENS_BACK, "tokens_back", "tokens", "innermost") \
	X(HANDLER, "handler", "signal", "whole") \
	X(SIGRETURN, "sigreturn", "whole", "") \
	X(DECISIVE, "decisive", "number", "how") \
	X(CHANCE, "chance", "kind", "") \
	X(FREED, "freed", "child_pid", "status")

enum tine_event_type {
#define TINE_EV_ENUM(name, text, a, b) TINE_EV_##name,
	TINE_EV_MAP(TINE_EV_ENUM)
#undef TINE_EV_ENUM
	TINE_EV_COUNT
};

/*
 * One event. 40 bytes, no padding; what is compared byte for byte.
 *
 * Addresses are simulated virtual addresses, not host ones. The meaning of a
 * and b follows from the type (TINE_EV_MAP).
 */
struct tine_event {
	uint64_t step;		/* scheduling points before it */
	uint64_t time_ns;	/* virtual time */
	uint64_t a;
	uint64_t b;
	uint32_t pid;		/* 0: the kernel's own process, or the host */
	uint16_t lwp;
	uint8_t type;		/* enum tine_event_type */
	uint8_t cpu;		/* virtual CPU; 255 from outside any thread */
};

/** The name of an event type ("fork"); "?" when out of range. */
TINE_API const char *tine_event_name(unsigned type);

/** The name of an operation ("lock"); "?" when out of range. */
TINE_API const char *tine_op_name(unsigned op);

/** The name of a system call, as events number it ("forkx"); "?" when out of
 * range. */
TINE_API const char *tine_syscall_name(unsigned number);

enum tine_trace_format {
	TINE_TRACE_JSONL,	/* one JSON object a line */
	TINE_TRACE_CHROME,	/* Chrome's format, opens in Perfetto */
	TINE_TRACE_TEXT,	/* a timeline, one column an LWP */
	TINE_TRACE_TREE		/* the process tree as Graphviz source */
};

/**
 * The format of that name: "jsonl", "chrome" (or "perfetto"), "text", "tree"
 * (or "dot").
 *
 * @param[out] format  written only on success.
 * @retval 0 found.
 * @retval -TINE_EINVAL no such format; the message lists the names.
 */
TINE_API TINE_NODISCARD int tine_trace_format_parse(const char *name,
    enum tine_trace_format *format);

/**
 * The events of the last run, oldest first.
 *
 * With options.trace_full all of them, otherwise the last options.trace_ring.
 *
 * @param[out] events  borrowed; valid until the next run or the destruction of
 *                     the machine.
 * @return how many there are, or a negative code.
 * @retval -TINE_EINVAL  a NULL argument.
 * @retval -TINE_ESTATE  the machine is running.
 */
TINE_API long tine_trace_events(struct tine_machine *machine,
    const struct tine_event **events);

/** Where a writer puts its text. @return 0, or non-zero to stop with EIO. */
typedef int (*tine_write_fn)(void *user, const char *text, size_t size);

/**
 * Write the events of the last run in one of the formats.
 *
 * @param write  called with pieces of the text in order.
 * @retval 0 written.
 * @retval -TINE_EINVAL  a NULL argument or an unknown format.
 * @retval -TINE_ESTATE  the machine is running.
 * @retval -TINE_EIO     write returned non-zero.
 */
TINE_API TINE_NODISCARD int tine_trace_write(struct tine_machine *machine,
    enum tine_trace_format format, tine_write_fn write, void *user);

/**
 * The same for events that the caller keeps: a saved trace.
 *
 * @param objects  names of the objects that TINE_EV_OP names, by id; may be
 *                 NULL, then ids are printed. Programs and threads likewise.
 */
struct tine_trace_names {
	/* @return the name of an object, or NULL to have its id printed. */
	const char *(*object)(void *user, uint64_t id);
	const char *(*program)(void *user, uint64_t id);
	const char *(*syscall)(void *user, uint64_t number);
	void *user;
	/* A thread that has a name of its own, or NULL; may be NULL. */
	const char *(*thread)(void *user, uint32_t pid, uint16_t lwp);
};

TINE_API TINE_NODISCARD int tine_trace_write_events(
    const struct tine_event *events, size_t count,
    const struct tine_trace_names *names, enum tine_trace_format format,
    tine_write_fn write, void *user);

TINE_END_DECLS

#endif
