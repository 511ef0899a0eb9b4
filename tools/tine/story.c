/* SPDX-License-Identifier: MIT */
/*
 * story.c - a run as its programs saw it, without what no two kernels share.
 *
 * Pids become ways from the first program ("A.1.2"), LWP ids the order of
 * appearance in their process. What is left is what a process was born with,
 * what its calls came to, what happened to it and how it ended.
 */
#define _GNU_SOURCE
#include "story.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Keys: a call is its number, an event is beyond those. */
#define KEY_EVENT(type) (0x10000u + (type))
#define KEY_FACT(n) (0x20000u + (n))

static bool add(struct lines *lines, uint32_t key, const char *format, ...)
    TINE_PRINTF(3, 4);

static bool
add(struct lines *lines, uint32_t key, const char *format, ...)
{
	struct line *line;
	va_list args;
	size_t size;

	if (lines->count == STORY_LINES) {
		lines->cut = true;
		return true;
	}
	if (lines->count == lines->size) {
		size = lines->size == 0 ? 32 : 2 * lines->size;
		line = realloc(lines->line, size * sizeof(*line));
		if (line == NULL)
			return false;
		lines->line = line;
		lines->size = size;
	}
	line = &lines->line[lines->count++];
	line->key = key;
	va_start(args, format);
	(void)vsnprintf(line->text, sizeof(line->text), format, args);
	va_end(args);
	return true;
}

struct story *
story_new(void)
{
	return calloc(1, sizeof(struct story));
}

void
story_free(struct story *story)
{
	unsigned i;

	if (story == NULL)
		return;
	for (i = 0; i < story->threads; i++)
		free(story->thread[i].lines.line);
	for (i = 0; i < story->processes; i++)
		free(story->process[i].facts.line);
	free(story->facts.line);
	free(story->console.line);
	free(story);
}

/* --- who is who --- */

/* The latest process of that pid: numbers come again. */
static struct process *
find(struct story *story, uint64_t pid)
{
	unsigned i;

	for (i = story->processes; i-- > 0;)
		if (story->process[i].pid == pid)
			return &story->process[i];
	return NULL;
}

/* A new process; NULL: there are too many. */
static struct process *
born(struct story *story, uint64_t pid, uint64_t parent)
{
	struct process *p, *pp = find(story, parent);
	char way[18];

	if (story->processes == STORY_PROCESSES)
		return NULL;
	p = &story->process[story->processes++];
	p->pid = (uint32_t)pid;
	p->parent = (uint32_t)parent;
	if (pp == NULL) {
		(void)snprintf(p->path, sizeof(p->path), "%c",
		    (int)('A' + story->programs++ % 26));
	} else {
		(void)snprintf(way, sizeof(way), "%.17s", pp->path);
		(void)snprintf(p->path, sizeof(p->path), "%s.%u", way,
		    ++pp->children % 1000);
	}
	return p;
}

/* "A.1" for a pid; init and the kernel by their names. */
static const char *
name(struct story *story, uint64_t pid)
{
	const struct process *p;

	if (pid <= 1)
		return pid == 1 ? "init" : "the kernel";
	p = find(story, pid);
	return p == NULL ? "nobody known" : p->path;
}

/* The LWP of that id in a process, made when it is new; NULL: too many. */
static struct thread *
thread(struct story *story, struct process *p, uint16_t lwp)
{
	const unsigned process = (unsigned)(p - story->process);
	struct thread *t;
	unsigned i;

	for (i = 0; i < story->threads; i++)
		if (story->thread[i].process == process &&
		    story->thread[i].lwp == lwp)
			return &story->thread[i];
	if (i == STORY_THREADS)
		return NULL;
	t = &story->thread[story->threads++];
	t->process = process;
	t->lwp = lwp;
	t->ordinal = ++p->lwps;
	i = (unsigned)strlen(p->ids);
	(void)snprintf(p->ids + i, sizeof(p->ids) - i, "%s%u",
	    i == 0 ? "" : " ", lwp);
	return t;
}

static const struct process *
by_path(const struct story *story, const char *path)
{
	unsigned i;

	for (i = 0; i < story->processes; i++)
		if (strcmp(story->process[i].path, path) == 0)
			return &story->process[i];
	return NULL;
}

const struct process *
story_process(const struct story *story, const char *path)
{
	return by_path(story, path);
}

const struct lines *
story_thread(const struct story *story, const char *path, unsigned ordinal)
{
	const struct process *p = by_path(story, path);
	unsigned i;

	if (p == NULL)
		return NULL;
	for (i = 0; i < story->threads; i++)
		if (story->thread[i].process == p - story->process &&
		    story->thread[i].ordinal == ordinal)
			return &story->thread[i].lines;
	return NULL;
}

/* --- what happened --- */

static const char *
signal_name(uint64_t signo, char *text, size_t size)
{
	const char *brief = signo < NSIG ? sigabbrev_np((int)signo) : NULL;

	if (brief != NULL)
		(void)snprintf(text, size, "SIG%s", brief);
	else
		(void)snprintf(text, size, "signal %" PRIu64, signo);
	return text;
}

static void
ending(uint64_t status, char *text, size_t size)
{
	char signal[24];

	if (WIFSIGNALED((int)status))
		(void)snprintf(text, size, "killed by %s", signal_name(
		    (uint64_t)WTERMSIG((int)status), signal, sizeof(signal)));
	else
		(void)snprintf(text, size, "exit %d",
		    WEXITSTATUS((int)status));
}

enum result { NUMBER, PID, LWP, SELF, ADDRESS };

/* What the result of a call is. */
static enum result
result_of(const char *call)
{
	static const char *const pids[] = { "forkx", "forkallx", "vforkx",
	    "vfork", "rfork", "nb_vfork", "nb_clone", "nb_linux_clone",
	    "nb_rfork", "getpid", "getppid", "waitid", "wait4", "nb_wait4",
	    "getpgid", "getsid", "setsid", "spawned" };
	static const char *const addresses[] = { "mmap", "mmapx", "mmapf",
	    "brk", "shmat", "nb_lwpctl" };
	size_t i;

	if (strcmp(call, "lwp_self") == 0)
		return SELF;
	for (i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (strcmp(call, addresses[i]) == 0)
			return ADDRESS;
	if (strncmp(call, "lwp_create", 10) == 0 ||
	    strcmp(call, "lwp_wait") == 0)
		return LWP;
	for (i = 0; i < sizeof(pids) / sizeof(*pids); i++)
		if (strcmp(call, pids[i]) == 0)
			return PID;
	return NUMBER;
}

/* A call that came back. */
static bool
returned(struct story *story, struct process *p, struct thread *t,
    const struct tine_event *event)
{
	const char *call = tine_syscall_name((unsigned)event->a), *error;
	const int64_t value = (int64_t)event->b;
	const uint32_t key = (uint32_t)event->a;
	const struct thread *other;

	/* What it brings back is another call's. */
	if (strcmp(call, "sigreturn") == 0)
		return true;
	if (value < 0 && value > -4096) {
		error = strerrorname_np((int)-value);
		return error != NULL ?
		    add(&t->lines, key, "%s: %s", call, error) :
		    add(&t->lines, key, "%s: error %d", call, (int)-value);
	}
	switch (result_of(call)) {
	case PID:
		if (value > 0 && (value == 1 || find(story, event->b) != NULL))
			return add(&t->lines, key, "%s = %s", call, name(story,
			    event->b));
		break;
	case LWP:
		other = thread(story, p, (uint16_t)value);
		if (other != NULL)
			return add(&t->lines, key, "%s = LWP %u", call,
			    other->ordinal);
		break;
	case SELF:
		if (value == t->lwp)
			return true;
		break;
	case ADDRESS:
		return add(&t->lines, key, "%s = %#" PRIx64, call, event->b);
	case NUMBER:
		break;
	}
	return add(&t->lines, key, "%s = %" PRId64, call, value);
}

/* A process was made, by an LWP whose line this is. */
static bool
forked(struct story *story, struct thread *t, const struct tine_event *event)
{
	static const char *const kinds[] = { "fork", "forkall", "vfork" };
	const char *kind = event->b < 3 ? kinds[event->b] : "fork";
	struct process *p = born(story, event->a, event->pid);

	if (p == NULL)
		return true;
	(void)snprintf(p->made, sizeof(p->made), "%s", kind);
	return t == NULL || add(&t->lines, KEY_EVENT(event->type),
	    "%s makes %s", kind, p->path);
}

/* Events that are about another process, whoever reports them. */
static void
about_other(struct story *story, const struct tine_event *event)
{
	struct process *p;

	if (event->type != TINE_EV_REAP && event->type != TINE_EV_REPARENT)
		return;
	p = find(story, event->a);
	if (p == NULL)
		return;
	if (event->type == TINE_EV_REAP) {
		ending(event->b, p->end, sizeof(p->end));
		(void)snprintf(p->reaper, sizeof(p->reaper), "%s",
		    name(story, event->pid));
		p->pid = 0;	/* the next one of this number is another */
	} else if (event->b != p->parent) {
		(void)snprintf(p->heir, sizeof(p->heir), "%s", name(story,
		    event->b));
		p->parent = (uint32_t)event->b;
	}
}

/* A line for an event; most have none. */
static bool
happened(struct story *story, struct process *p, struct thread *t,
    const struct tine_event *event)
{
	const uint32_t key = KEY_EVENT(event->type);
	const struct thread *other;
	char text[40];

	switch (event->type) {
	case TINE_EV_EXIT:
		p->ended = true;
		if (event->a == TINE_CLD_EXITED)
			return add(&t->lines, key, "ends: exit %" PRIu64,
			    event->b);
		return add(&t->lines, key, "ends: killed by %s",
		    signal_name(event->b, text, sizeof(text)));
	case TINE_EV_SIGNAL:
		/* That of a child comes with its end. */
		if (event->b == SIGCHLD)
			return true;
		return add(&t->lines, key, "%s sent to %s",
		    signal_name(event->b, text, sizeof(text)),
		    name(story, event->a));
	case TINE_EV_HANDLER:
		return add(&t->lines, key, "handles %s",
		    signal_name(event->a, text, sizeof(text)));
	case TINE_EV_SEGV:
		return add(&t->lines, key, "bad access: %s",
		    signal_name(event->b, text, sizeof(text)));
	case TINE_EV_EXEC:
		/* what its memory was before is another program's story */
		p->copied = p->zeroed = p->shared = 0;
		return add(&t->lines, key, "new program");
	case TINE_EV_VFORK_DONE:
		return add(&t->lines, key, "lets its vfork parent go");
	case TINE_EV_LWP_CREATE:
		story->makes_lwps = true;
		other = thread(story, p, (uint16_t)event->a);
		return other == NULL || add(&t->lines, key, "makes LWP %u",
		    other->ordinal);
	case TINE_EV_LWP_EXIT:
		t->inside = false;
		/* the last one's is the process's, and was told */
		return p->ended || add(&t->lines, key, "LWP ends");
	default:
		return true;
	}
}

static bool
read_event(struct story *story, const struct tine_event *event)
{
	struct process *p;
	struct thread *t;

	/* init and the kernel do what they do; what they make is a program. */
	if (event->pid <= 1) {
		if (event->type == TINE_EV_FORK && event->a > 1)
			(void)born(story, event->a, event->pid);
		about_other(story, event);
		return true;
	}
	p = find(story, event->pid);
	if (p == NULL)
		p = born(story, event->pid, 0);
	t = p == NULL ? NULL : thread(story, p, event->lwp);
	if (t == NULL)
		return true;
	p->copied += event->type == TINE_EV_COW_COPY;
	p->zeroed += event->type == TINE_EV_ZERO_FILL;
	p->shared += event->type == TINE_EV_SHARE_MAP;
	if (event->type == TINE_EV_FORK)
		return forked(story, t, event);
	if (event->type == TINE_EV_SYSCALL) {
		t->inside = true;
		t->call = (uint32_t)event->a;
	}
	if (event->type == TINE_EV_SYSRET) {
		t->inside = false;
		return returned(story, p, t, event);
	}
	if (event->type == TINE_EV_REAP && !add(&t->lines,
	    KEY_EVENT(event->type), "reaps %s", name(story, event->a)))
		return false;
	about_other(story, event);
	return happened(story, p, t, event);
}

/* --- what it comes to --- */

static bool
fact(struct lines *facts, unsigned n, const char *what, const char *value)
{
	return value[0] == '\0' ||
	    add(facts, KEY_FACT(n), "%s %s", what, value);
}

/* What a process was born with, and what became of it. */
static bool
sum_up(const struct story *story, struct process *p)
{
	unsigned made = 0, i;
	char text[40];
	bool ok;

	for (i = 0; i < story->threads; i++) {
		const struct lines *lines = &story->thread[i].lines;

		for (size_t n = 0; story->thread[i].process ==
		    p - story->process && n < lines->count; n++)
			made += lines->line[n].key ==
			    KEY_EVENT(TINE_EV_LWP_CREATE);
	}
	p->born_with = p->lwps - made;
	ok = fact(&p->facts, 0, "made by", p->made);
	if (p->born_with > 1) {
		(void)snprintf(text, sizeof(text), "%u LWPs", p->born_with);
		ok = ok && fact(&p->facts, 1, "born with", text);
	}
	if (story->makes_lwps)
		ok = ok && fact(&p->facts, 2, "LWP ids:", p->ids);
	ok = ok && add(&p->facts, KEY_FACT(3), "pages: %" PRIu64 " copied",
	    p->copied);
	ok = ok && add(&p->facts, KEY_FACT(4), "pages: %" PRIu64
	    " filled with zeros", p->zeroed);
	if (p->shared != 0)
		ok = ok && add(&p->facts, KEY_FACT(5), "pages: %" PRIu64
		    " shared", p->shared);
	ok = ok && fact(&p->facts, 6, "is given to", p->heir);
	ok = ok && fact(&p->facts, 7, "end:", p->end);
	return ok && fact(&p->facts, 8, "reaped by", p->reaper);
}

/* What an LWP was in when the run was over: why nothing moves. */
static bool
still_inside(struct thread *t, const struct process *p)
{
	if (!t->inside || p->ended || p->reaper[0] != '\0' ||
	    strcmp(tine_syscall_name(t->call), "check") == 0)
		return true;
	return add(&t->lines, t->call, "%s does not come back",
	    tine_syscall_name(t->call));
}

/* The first line of the message: the outcome is told before it. */
static bool
why(struct lines *facts, const struct tine_result *result)
{
	const char *text = result->message;
	const char *colon = strstr(text, ": ");
	const char *end = strchrnul(text, '\n');

	if (result->outcome == TINE_OUTCOME_PASSED)
		return true;
	if (colon != NULL && colon < end)
		text = colon + 2;
	return add(facts, KEY_FACT(9), "%.*s", (int)(end - text), text);
}

static bool
read_console(struct story *story, const char *text)
{
	const char *end;

	for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = strchrnul(text, '\n');
		if (!add(&story->console, KEY_FACT(0), "%.*s",
		    (int)(end - text), text))
			return false;
	}
	return true;
}

bool
story_read(struct story *story, struct tine_machine *machine,
    const struct tine_result *result)
{
	const struct tine_event *events;
	const long n = tine_trace_events(machine, &events);
	char text[40];
	bool ok = true;
	unsigned p;
	long i;

	for (i = 0; ok && i < n; i++)
		ok = read_event(story, &events[i]);
	for (p = 0; ok && p < story->threads; p++)
		ok = still_inside(&story->thread[p],
		    &story->process[story->thread[p].process]);
	for (p = 0; ok && p < story->processes; p++)
		ok = sum_up(story, &story->process[p]);
	ok = ok && fact(&story->facts, 0, "outcome:",
	    tine_outcome_name(result->outcome));
	ok = ok && why(&story->facts, result);
	if (result->status != -1) {
		ending((uint64_t)result->status, text, sizeof(text));
		ok = ok && fact(&story->facts, 1, "status:", text);
	}
	return ok && read_console(story, result->console);
}

static bool
lines_equal(const struct lines *a, const struct lines *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->line[i].text, b->line[i].text) != 0)
			return false;
	return true;
}

bool
story_equal(const struct story *a, const struct story *b)
{
	const struct process *p;
	const struct lines *other;
	unsigned i;

	if (a->processes != b->processes || a->threads != b->threads ||
	    !lines_equal(&a->facts, &b->facts) ||
	    !lines_equal(&a->console, &b->console))
		return false;
	for (i = 0; i < a->processes; i++) {
		p = by_path(b, a->process[i].path);
		if (p == NULL || !lines_equal(&a->process[i].facts, &p->facts))
			return false;
	}
	for (i = 0; i < a->threads; i++) {
		other = story_thread(b, a->process[a->thread[i].process].path,
		    a->thread[i].ordinal);
		if (other == NULL || !lines_equal(&a->thread[i].lines, other))
			return false;
	}
	return true;
}
