/* SPDX-License-Identifier: MIT */
/*
 * external.c - what comes from outside: console input, signals, a stop.
 *
 * Outside events are put into the inbox by any host thread. The machine looks
 * there at step borders and when it is idle, notes the step at which an event
 * arrived, and lets it happen. A token carries these notes; a replay makes them
 * happen at the same steps, without an inbox. An event that came while nothing
 * could run is marked so: it must not come a moment earlier, before the last
 * thread has gone to sleep, nor later, when the clock has moved. It counts as a
 * step of its own, which tells it from the next one that comes so.
 */
#include <stdlib.h>
#include <string.h>

#include <tine/file.h>

#include "base/error.h"
#include "machine/machine.h"

#define INPUT_MAX 65536

void
tine__exts_clear(struct tine__exts *exts)
{
	size_t i;

	for (i = 0; i < exts->count; i++)
		free(exts->list[i].text);
	exts->count = 0;
}

bool
tine__exts_add(struct tine__exts *exts, const struct tine__ext *ext)
{
	struct tine__ext *list;
	size_t capacity;

	if (exts->count == exts->capacity) {
		capacity = exts->capacity == 0 ? 16 : exts->capacity * 2;
		list = realloc(exts->list, capacity * sizeof(*list));
		if (list == NULL) {
			free(ext->text);
			return (false);
		}
		exts->list = list;
		exts->capacity = capacity;
	}
	exts->list[exts->count++] = *ext;
	return (true);
}

void
tine__external_reset(struct tine_machine *m)
{
	tine__exts_clear(&m->exts);
	m->replay_next = 0;
	m->intr = NULL;
	m->intr_next = 0;
	m->input_eof = false;
}

uint64_t
tine__external_next(const struct tine_machine *m)
{
	if (m->replay_next == m->replay.count ||
	    m->replay.list[m->replay_next].idle)
		return (UINT64_MAX);
	return (m->replay.list[m->replay_next].step);
}

bool
tine__external_may_come(const struct tine_machine *m)
{
	if (m->replay_token != NULL)
		return (false);
	/* a machine in real time waits, as a real one would, for a signal */
	return ((m->options.interactive && !m->input_eof) ||
	    m->options.realtime_ns_per_ms != 0);
}

static void
deliver(struct tine_machine *m, struct tine__ext ext)
{
	const int pid = ext.pid != 0 ? ext.pid : m->spawns[0].pid;

	switch (ext.kind) {
	case TINE__EXT_INPUT:
		tine__tty_type(m, ext.text != NULL ? ext.text : "",
		    ext.size);
		break;
	case TINE__EXT_EOF:
		tine__tty_type(m, NULL, 0);
		break;
	case TINE__EXT_HANGUP:
		tine__tty_cut(m);
		break;
	case TINE__EXT_KILL:
		/* 0: the first program is not there yet */
		if (pid != 0)
			m->flavour->external_kill(m, pid, ext.signo);
		break;
	default:
		break;
	}
}

/*
 * What comes from outside happens in a kernel thread: typing a ^C takes locks.
 * It is made when the first one comes.
 */
static void
interrupts(void *arg)
{
	struct tine_machine *m = arg;

	for (;;) {
		/* The list may move while one of them happens. */
		while (m->intr_next < m->exts.count)
			deliver(m, m->exts.list[m->intr_next++]);
		(void)tine__sleep(&m->intr_obj, "interrupt",
		    TINE__SLEEP_ANNOUNCED, TINE__NEVER, NULL);
	}
}

static void
interrupt(struct tine_machine *m)
{
	bool armed = m->fail_armed;

	if (m->intr != NULL) {
		(void)tine__wake_all(&m->intr_obj);
		return;
	}
	m->fail_armed = false;
	m->intr = tine__thread_create(m, "interrupts", interrupts, m, false);
	m->fail_armed = armed;
	if (m->intr == NULL)
		tine__panic("no kernel memory for the interrupt thread");
	m->intr->daemon = true;
	tine__thread_start(m->intr);
}

/* Let one event happen. It is recorded already. */
static void
happen(struct tine_machine *m, const struct tine__ext *ext)
{
	tine__event(m, TINE_EV_EXTERNAL, ext->kind, ext->size);
	switch (ext->kind) {
	case TINE__EXT_EOF:
		m->input_eof = true;
		interrupt(m);
		break;
	case TINE__EXT_INPUT:
	case TINE__EXT_HANGUP:
	case TINE__EXT_KILL:
		interrupt(m);
		break;
	default:
		tine__run_outcome(m, TINE_OUTCOME_STOPPED,
		    "stopped from outside");
		tine__run_abandon(m);
	}
}

static void
record(struct tine_machine *m, struct tine__ext *ext, bool idle)
{
	ext->step = m->steps;
	ext->idle = idle;
	if (!tine__exts_add(&m->exts, ext))
		tine__panic("the host has no memory for outside events");
	happen(m, &m->exts.list[m->exts.count - 1]);
}

static bool
take_replayed(struct tine_machine *m, bool idle)
{
	const struct tine__ext *next;
	struct tine__ext ext;
	bool any = false;

	while (m->replay_next < m->replay.count) {
		next = &m->replay.list[m->replay_next];
		if (next->step != m->steps || next->idle != idle)
			break;
		m->replay_next++;
		ext = *next;
		if (ext.text != NULL) {
			ext.text = malloc(ext.size + 1);
			if (ext.text == NULL)
				tine__panic("the host has no memory");
			memcpy(ext.text, next->text, ext.size);
		}
		record(m, &ext, idle);
		any = true;
	}
	return (any);
}

static bool
take_inbox(struct tine_machine *m, bool idle)
{
	struct tine__ext ending;
	struct tine__exts taken;
	bool stop;
	size_t i;

	if (!m->inbox_full)
		return (false);
	pthread_mutex_lock(&m->inbox_lock);
	taken = m->inbox;
	memset(&m->inbox, 0, sizeof(m->inbox));
	m->inbox_full = 0;
	stop = m->stop_asked;
	m->stop_asked = false;
	pthread_mutex_unlock(&m->inbox_lock);
	for (i = 0; i < taken.count; i++)
		record(m, &taken.list[i], idle);
	free(taken.list);
	if (stop) {
		memset(&ending, 0, sizeof(ending));
		ending.kind = TINE__EXT_STOP;
		record(m, &ending, idle);
	}
	return (taken.count != 0);
}

void
tine__external_poll(struct tine_machine *m)
{
	(void)take_replayed(m, false);
	(void)take_inbox(m, false);
}

bool
tine__external_due(const struct tine_machine *m)
{
	const struct tine__ext *next;

	if (m->replay_next == m->replay.count)
		return (false);
	next = &m->replay.list[m->replay_next];
	return (next->idle && next->step == m->steps + 1);
}

bool
tine__external_idle(struct tine_machine *m)
{
	bool any;

	if (!m->inbox_full && !tine__external_due(m))
		return (false);
	m->steps++;
	any = take_replayed(m, true);
	return (take_inbox(m, true) || any);
}

/* --- from any host thread --- */

static int
post(struct tine_machine *m, struct tine__ext *ext, bool interactive,
    const char *what)
{
	int error = 0;

	pthread_mutex_lock(&m->inbox_lock);
	if (!m->running || (interactive && !m->options.interactive)) {
		free(ext->text);
		error = tine__error(TINE_ESTATE, "%s: the machine is not %s",
		    what, m->running ? "interactive" : "running");
	} else if (m->replay_token != NULL) {
		/* a replay has its own events */
		free(ext->text);
	} else if (!tine__exts_add(&m->inbox, ext)) {
		free(ext->text);
		error = tine__error(TINE_ENOMEM, "%s: no host memory", what);
	} else {
		m->inbox_full = 1;
		tine__loop_wake(m);
	}
	pthread_mutex_unlock(&m->inbox_lock);
	return (error);
}

int
tine_machine_input(struct tine_machine *m, const char *text, size_t size)
{
	struct tine__ext ext;
	int error = tine__machine_known(m, "input");

	if (error != 0)
		return (error);
	if (size > INPUT_MAX || (text == NULL && size != 0))
		return (tine__error(TINE_EINVAL, "input: %s",
		    size > INPUT_MAX ? "more than 64 KiB at once" :
		    "NULL argument"));
	memset(&ext, 0, sizeof(ext));
	ext.kind = text == NULL ? TINE__EXT_EOF : TINE__EXT_INPUT;
	if (text != NULL && size != 0) {
		ext.text = malloc(size);
		if (ext.text == NULL)
			return (tine__error(TINE_ENOMEM,
			    "input: no host memory"));
		memcpy(ext.text, text, size);
		ext.size = size;
	}
	return (post(m, &ext, true, "input"));
}

int
tine_machine_kill(struct tine_machine *m, int pid, int signo)
{
	struct tine__ext ext;
	int error = tine__machine_known(m, "kill");

	if (error != 0)
		return (error);
	if (pid < 0 || signo < 1 || signo > 64)
		return (tine__error(TINE_EINVAL, "kill: %s", pid < 0 ?
		    "a negative pid" : "no such signal"));
	memset(&ext, 0, sizeof(ext));
	ext.kind = TINE__EXT_KILL;
	ext.pid = pid;
	ext.signo = signo;
	return (post(m, &ext, false, "kill"));
}

int
tine_machine_hangup(struct tine_machine *m)
{
	struct tine__ext ext;
	int error = tine__machine_known(m, "hangup");

	if (error != 0)
		return (error);
	memset(&ext, 0, sizeof(ext));
	ext.kind = TINE__EXT_HANGUP;
	return (post(m, &ext, false, "hangup"));
}

int
tine_machine_stop(struct tine_machine *m)
{
	int error = tine__machine_known(m, "stop");

	if (error != 0)
		return (error);
	pthread_mutex_lock(&m->inbox_lock);
	if (m->running) {
		m->stop_asked = true;
		m->inbox_full = 1;
		tine__loop_wake(m);
	} else {
		error = tine__error(TINE_ESTATE,
		    "stop: the machine is not running");
	}
	pthread_mutex_unlock(&m->inbox_lock);
	return (error);
}
