/* SPDX-License-Identifier: MIT */
/* trace/words.c - events in a few words, for the timeline and the slices. */
#include "trace/writer.h"

#include <inttypes.h>
#include <sys/wait.h>

#include <tine/machine.h>
#include <tine/sys.h>

static void
add_thread(struct tine__phrase *text, uint64_t number,
    const struct tine_trace_names *names, const struct tine__threads *threads)
{
	const char *name;
	uint32_t pid;
	uint16_t lwp;

	if (!tine__threads_find(threads, number, &pid, &lwp))
		tine__phrase_add(text, "thread %" PRIu64, number);
	else if ((name = tine__name_thread(names, pid, lwp)) != NULL)
		tine__phrase_add(text, "%s", name);
	else if (pid == 0 && lwp == 0)
		tine__phrase_add(text, "kernel");
	else
		tine__phrase_add(text, "%u/%u", pid, lwp);
}

static void
add_object(struct tine__phrase *text, uint64_t id,
    const struct tine_trace_names *names)
{
	const char *name = tine__name_object(names, id);

	if (name != NULL)
		tine__phrase_add(text, "%s", name);
	else
		tine__phrase_add(text, "0x%" PRIx64, id);
}

static void
add_syscall(struct tine__phrase *text, uint64_t number,
    const struct tine_trace_names *names)
{
	const char *name = tine__name_syscall(names, number);

	if (name != NULL)
		tine__phrase_add(text, "%s", name);
	else
		tine__phrase_add(text, "syscall %" PRIu64, number);
}

/* What a system call returned: a number, an errno or an address. */
static void
add_result(struct tine__phrase *text, uint64_t value)
{
	const char *name = tine__name_errno(0 - value);

	if ((int64_t)value < 0 && name != NULL)
		tine__phrase_add(text, " = -%s", name);
	else if (value > INT32_MAX && value < 0 - (uint64_t)INT32_MAX)
		tine__phrase_add(text, " = 0x%" PRIx64, value);
	else
		tine__phrase_add(text, " = %" PRId64, (int64_t)value);
}

static void
add_signal(struct tine__phrase *text, uint64_t signo)
{
	const char *name = tine__name_signal(signo);

	if (name != NULL)
		tine__phrase_add(text, "%s", name);
	else
		tine__phrase_add(text, "signal %" PRIu64, signo);
}


void
tine__phrase_time(struct tine__phrase *text, uint64_t ns)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = {
		{ UINT64_C(1000000000), "s" },
		{ UINT64_C(1000000), "ms" },
		{ UINT64_C(1000), "us" },
		{ UINT64_C(1), "ns" },
	};
	unsigned thousandths, digits, i = 0;
	uint64_t whole;

	if (ns == 0) {
		tine__phrase_add(text, "0");
		return;
	}
	while (ns < units[i].unit)
		i++;
	whole = ns / units[i].unit;
	thousandths = (unsigned)(ns % units[i].unit * 1000 / units[i].unit);
	digits = whole < 10 ? 3 : whole < 100 ? 2 : whole < 1000 ? 1 : 0;
	if (digits == 2)
		thousandths /= 10;
	else if (digits == 1)
		thousandths /= 100;
	while (digits > 0 && thousandths % 10 == 0) {
		thousandths /= 10;
		digits--;
	}
	if (digits > 0)
		tine__phrase_add(text, "%" PRIu64 ".%0*u%s", whole, (int)digits,
		    thousandths, units[i].name);
	else
		tine__phrase_add(text, "%" PRIu64 "%s", whole, units[i].name);
}

static void
add_sleep(struct tine__phrase *text, const struct tine_event *event,
    const struct tine_trace_names *names)
{
	tine__phrase_add(text, "sleeps");
	if (event->a != 0) {
		tine__phrase_add(text, " on ");
		add_object(text, event->a, names);
	}
	if (event->b != 0 && event->b != UINT64_MAX) {
		tine__phrase_add(text, " until ");
		tine__phrase_time(text, event->b);
	}
}

/* Events of the machine, of scheduling and of memory. @return whether known. */
static bool
words_of_machine(struct tine__phrase *text, const struct tine_event *event,
    const struct tine_trace_names *names, const struct tine__threads *threads)
{
	uint64_t a = event->a, b = event->b;
	const char *name;

	switch (event->type) {
	case TINE_EV_BOOT:
		tine__phrase_add(text, "boot: %s, %" PRIu64 " cpu%s",
		    tine__name_kernel(a), b,
		    b == 1 ? "" : "s");
		break;
	case TINE_EV_HALT:
		tine__phrase_add(text, "halt: %s",
		    tine_outcome_name((enum tine_outcome)b));
		if ((int64_t)a >= 0)
			tine__phrase_add(text, ", status %" PRIu64, a);
		break;
	case TINE_EV_SWITCH:
		tine__phrase_add(text, "switch to ");
		add_thread(text, a, names, threads);
		break;
	case TINE_EV_CHOICE:
		tine__phrase_add(text, "choice %" PRIu64 " of %" PRIu64, a, b);
		break;
	case TINE_EV_OP:
		tine__phrase_add(text, "%s", tine_op_name(a < TINE_OP_COUNT ?
		    (unsigned)a : TINE_OP_COUNT));
		if (b != 0) {
			tine__phrase_add(text, " ");
			add_object(text, b, names);
		}
		break;
	case TINE_EV_SLEEP:
		add_sleep(text, event, names);
		break;
	case TINE_EV_WAKE:
		tine__phrase_add(text, "wakes ");
		add_thread(text, a, names, threads);
		break;
	case TINE_EV_FAULT:
		name = tine__name_access(b);
		tine__phrase_add(text, "%s%sfault 0x%" PRIx64,
		    name != NULL ? name : "", name != NULL ? " " : "", a);
		break;
	case TINE_EV_ZERO_FILL:
		tine__phrase_add(text, "zero-fill 0x%" PRIx64, a);
		break;
	case TINE_EV_COW_COPY:
		tine__phrase_add(text, "cow copy 0x%" PRIx64, a);
		break;
	case TINE_EV_COW_REUSE:
		tine__phrase_add(text, "cow reuse 0x%" PRIx64, a);
		break;
	case TINE_EV_SHARE_MAP:
		tine__phrase_add(text, "shares 0x%" PRIx64, a);
		break;
	case TINE_EV_SIGINFO:
		tine__phrase_add(text, "with code %" PRId64, (int64_t)b);
		break;
	case TINE_EV_STACK_GROW:
		tine__phrase_add(text, "stack grows to 0x%" PRIx64, a);
		break;
	case TINE_EV_TIME:
		tine__phrase_add(text, "time is now ");
		tine__phrase_time(text, a);
		break;
	default:
		return false;
	}
	return true;
}

/* Events of tokens, and marks. @return whether known. */
static bool
words_of_tokens(struct tine__phrase *text, const struct tine_event *event,
    const struct tine_trace_names *names)
{
	const char *s = event->a == 1 ? "" : "s";
	const char *top = event->a == 1 ? "" : " on top";
	const char *name = tine__name_object(names, event->b);

	if (event->type == TINE_EV_TOKENS_LOST)
		tine__phrase_add(text, "loses %" PRIu64 " token%s, %s%s",
		    event->a, s, name, top);
	else if (event->type == TINE_EV_TOKENS_BACK)
		tine__phrase_add(text, "has %" PRIu64 " token%s again, %s%s",
		    event->a, s, name, top);
	else if (event->type == TINE_EV_CHANCE)
		tine__phrase_add(text, "%s", tine__name_chance(event->a));
	else if (event->type == TINE_EV_DECISIVE)
		tine__phrase_add(text, "%" PRIu64 ": %s", event->a,
		    event->b == 0 ? "goes on" : event->b == 1 ? "stops here" :
		    "gets this value");
	else
		return false;
	return true;
}

/* Events of processes, LWPs and signals. @return whether known. */
static bool
words_of_process(struct tine__phrase *text, const struct tine_event *event,
    const struct tine_trace_names *names)
{
	uint64_t a = event->a, b = event->b;
	const char *name;

	switch (event->type) {
	case TINE_EV_SYSCALL:
		add_syscall(text, a, names);
		tine__phrase_add(text, "()");
		break;
	case TINE_EV_SYSRET:
		add_syscall(text, a, names);
		add_result(text, b);
		break;
	case TINE_EV_FORK:
		name = b == 0 ? "fork" : tine__name_fork(b);
		tine__phrase_add(text, "%s -> %" PRIu64,
		    name != NULL ? name : "fork", a);
		break;
	case TINE_EV_EXEC:
		name = tine__name_program(names, a);
		tine__phrase_add(text, "exec ");
		if (name != NULL)
			tine__phrase_add(text, "%s", name);
		else
			tine__phrase_add(text, "program %" PRIu64, a);
		break;
	case TINE_EV_EXIT:
		tine__phrase_ending(text, a, b);
		break;
	case TINE_EV_REAP:
	case TINE_EV_FREED:
		tine__phrase_add(text, "%s %" PRIu64,
		    event->type == TINE_EV_REAP ? "reaps" : "frees", a);
		if (b == 0)
			break;
		/* the status as the host's wait has it */
		tine__phrase_add(text, " (");
		if (WIFSIGNALED((int)b))
			tine__phrase_ending(text, TINE_CLD_KILLED,
			    (uint64_t)WTERMSIG((int)b));
		else
			tine__phrase_ending(text, TINE_CLD_EXITED,
			    (uint64_t)WEXITSTATUS((int)b));
		tine__phrase_add(text, ")");
		break;
	case TINE_EV_WAIT:
		tine__phrase_add(text, "waits for ");
		if (a == TINE_P_ALL)
			tine__phrase_add(text, "any");
		else
			tine__phrase_add(text, "%s%" PRId64,
			    a == TINE_P_PGID ? "group " : "", (int64_t)b);
		break;
	case TINE_EV_SEGV:
		add_signal(text, b);
		tine__phrase_add(text, " at 0x%" PRIx64, a);
		break;
	case TINE_EV_SIGNAL:
		add_signal(text, b);
		tine__phrase_add(text, " to %" PRIu64, a);
		break;
	case TINE_EV_CONSOLE:
		tine__phrase_add(text, "writes %" PRIu64 " byte%s", a,
		    a == 1 ? "" : "s");
		break;
	default:
		return false;
	}
	return true;
}

/* The rest: a phrase and so many of the two numbers. */
static const struct {
	const char *before;
	const char *between;
	unsigned numbers;
} phrases[TINE_EV_COUNT] = {
	[TINE_EV_NONE] = { "nothing", "", 0 },
	[TINE_EV_THREAD_CREATE] = { "new thread ", "", 1 },
	[TINE_EV_THREAD_EXIT] = { "thread ends", "", 0 },
	[TINE_EV_VFORK_DONE] = { "vfork done: ", "", 1 },
	[TINE_EV_REPARENT] = { "", " now child of ", 2 },
	[TINE_EV_ZOMBIE] = { "zombie", "", 0 },
	[TINE_EV_LWP_CREATE] = { "new lwp ", "", 1 },
	[TINE_EV_LWP_EXIT] = { "lwp ends", "", 0 },
	[TINE_EV_TICK] = { "tick", "", 0 },
	[TINE_EV_EXTERNAL] = { "from outside: kind ", ", bytes ", 2 },
	[TINE_EV_ALLOC_FAIL] = { "fails allocation ", "", 1 },
	[TINE_EV_CHECK] = { "failed check at line ", "", 1 },
	[TINE_EV_PANIC] = { "panic", "", 0 },
	[TINE_EV_USER] = { "mark ", " ", 2 },
	[TINE_EV_HANDLER] = { "handles signal ", "", 1 },
	[TINE_EV_SIGRETURN] = { "handler returns", "", 0 },
};

void
tine__phrase_event(struct tine__phrase *text, const struct tine_event *event,
    const struct tine_trace_names *names, const struct tine__threads *threads)
{
	if (words_of_machine(text, event, names, threads) ||
	    words_of_process(text, event, names) ||
	    words_of_tokens(text, event, names))
		return;
	if (event->type >= TINE_EV_COUNT ||
	    phrases[event->type].before == NULL) {
		tine__phrase_add(text, "event %u", event->type);
		return;
	}
	tine__phrase_add(text, "%s", phrases[event->type].before);
	if (phrases[event->type].numbers > 0)
		tine__phrase_add(text, "%" PRIu64, event->a);
	if (phrases[event->type].numbers > 1)
		tine__phrase_add(text, "%s%" PRIu64,
		    phrases[event->type].between, event->b);
}
