/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c - host time, for programs that never come back.
 *
 * A loop without a system call and without instrumentation cannot be preempted.
 * A second host thread looks now and then whether the machine made a step; when
 * it made none for the time asked for, it sends the machine's host thread a
 * SIGSEGV, whose handler ends the run. This is the one place where a run
 * depends on host time, so its outcome is its own ("watchdog").
 *
 * The signal may find the C library or the allocator in the middle of something
 * that the host program will want to be whole. The handler then lets them go on
 * instruction by instruction, until they are left. Trying again later instead
 * may take for ever: on a busy host signals arrive where system calls end.
 *
 * A signal that was sent may arrive when the slice is over. So a slice does not
 * end before it did: later there may be no handler for it.
 */
#define _GNU_SOURCE	/* dl_iterate_phdr */
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/error.h"
#include "machine/machine.h"

/* So many instructions in one piece, or one that lasts so long (of a system
 * call that does not return): then it ends in the middle all the same. */
#define POSTPONE_MAX 500000
#define STUCK_NS UINT64_C(1000000000)
/* While a signal is on its way, or is to be sent anew. */
#define RETRY_NS 100000
#define LATER_MAX 10000

struct tine__watchdog {
	uv_thread_t thread;
	uv_mutex_t lock;
	uv_cond_t cond;
	bool stop;
	uint64_t last;		/* progress when it looked */
	volatile unsigned postponed;
	volatile bool stuck;	/* to be postponed no more */
	volatile bool soon;	/* to be sent anew */
	volatile unsigned later;	/* how often it was */
	unsigned seen;		/* postponed when it looked, */
	uint64_t since;		/* and since when */
	/* code of the host's that must not be left in the middle */
	struct { uintptr_t start, end; } inside[16];
	unsigned ninside;
	struct tine_machine *machine;
	pthread_t host;
};

/* What changes while all is well; UINT64_MAX: nothing is to be seen, because no
 * slice runs, or one waits for a machine on another host thread. */
static uint64_t
progress(struct tine_machine *m)
{
	const uint64_t waits = tine__vm_waits(m->vm);

	if (!m->in_slice || waits % 2 != 0)
		return (UINT64_MAX);
	return (*(volatile uint64_t *)&m->steps + waits);
}

static void
bite(struct tine__watchdog *w, int from)
{
	struct tine_machine *m = w->machine;

	if (!__atomic_compare_exchange_n(&m->watchdog_bite, &from,
	    TINE__BITE_SENT, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	w->stuck = from == TINE__BITE_STEPPING;
	w->postponed = 0;
	w->since = 0;
	if (!w->soon)
		w->later = 0;
	w->soon = false;
	(void)pthread_kill(w->host, SIGSEGV);
}

/* It was postponed: do the instructions go by? */
static void
look_at_steps(struct tine__watchdog *w)
{
	const uint64_t now = uv_hrtime();

	if (w->seen != w->postponed || w->since == 0) {
		w->seen = w->postponed;
		w->since = now;
	} else if (now - w->since > STUCK_NS) {
		bite(w, TINE__BITE_STEPPING);
	}
}

static void
watch(void *arg)
{
	struct tine__watchdog *w = arg;
	struct tine_machine *m = w->machine;
	uint64_t now;
	sigset_t all;

	/* the host program's signals are for its own threads */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, NULL);
	uv_mutex_lock(&w->lock);
	while (!w->stop) {
		(void)uv_cond_timedwait(&w->cond, &w->lock,
		    w->soon || m->watchdog_bite == TINE__BITE_SENT ? RETRY_NS :
		    (uint64_t)m->options.watchdog_ms * 1000000);
		if (w->stop)
			break;
		if (m->watchdog_bite == TINE__BITE_SENT)
			continue;
		if (m->watchdog_bite == TINE__BITE_STEPPING) {
			look_at_steps(w);
			continue;
		}
		now = progress(m);
		if (now == w->last && now != UINT64_MAX)
			bite(w, TINE__BITE_NONE);
		else
			w->soon = false;
		w->last = now;
	}
	uv_mutex_unlock(&w->lock);
}

/* Remember where the code of the C library and the allocator is. */
static int
note_image(struct dl_phdr_info *info, size_t size, void *data)
{
	static const char *const names[] = {
		"libc.so", "libc-", "ld-linux", "vdso", "libjemalloc", "libuv",
		"libasan", "libubsan", "libclang_rt"
	};
	struct tine__watchdog *w = data;
	const ElfW(Phdr) *header;
	bool wanted = false;
	size_t i;

	(void)size;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		wanted |= strstr(info->dlpi_name, names[i]) != NULL;
	for (i = 0; wanted && i < info->dlpi_phnum; i++) {
		header = &info->dlpi_phdr[i];
		if (header->p_type != PT_LOAD || !(header->p_flags & PF_X) ||
		    w->ninside == sizeof(w->inside) / sizeof(w->inside[0]))
			continue;
		w->inside[w->ninside].start = info->dlpi_addr +
		    header->p_vaddr;
		w->inside[w->ninside].end = w->inside[w->ninside].start +
		    header->p_memsz;
		w->ninside++;
	}
	return (0);
}

bool
tine__watchdog_postpone(struct tine_machine *m, uintptr_t pc)
{
	struct tine__watchdog *w = m->watchdog;
	unsigned i;

	if (w->stuck || w->postponed >= POSTPONE_MAX)
		return (false);
	for (i = 0; i < w->ninside; i++)
		if (pc >= w->inside[i].start && pc < w->inside[i].end) {
			w->postponed++;
			return (true);
		}
	return (false);
}

bool
tine__watchdog_later(struct tine_machine *m)
{
	struct tine__watchdog *w = m->watchdog;

	if (w->later >= LATER_MAX)
		return (false);
	w->later++;
	w->soon = true;
	return (true);
}

int
tine__watchdog_start(struct tine_machine *m)
{
	struct tine__watchdog *w;

	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return (tine__error(TINE_ENOMEM,
		    "no host memory for a watchdog"));
	w->machine = m;
	w->last = UINT64_MAX;
	w->host = pthread_self();
	(void)dl_iterate_phdr(note_image, w);
	(void)uv_mutex_init(&w->lock);
	(void)uv_cond_init(&w->cond);
	if (uv_thread_create(&w->thread, watch, w) != 0) {
		uv_cond_destroy(&w->cond);
		uv_mutex_destroy(&w->lock);
		free(w);
		return (tine__error(TINE_EHOST,
		    "the host refused a thread for the watchdog"));
	}
	m->watchdog = w;
	return (0);
}

void
tine__watchdog_rest(struct tine_machine *m)
{
	struct tine__watchdog *w = m->watchdog;

	uv_mutex_lock(&w->lock);
	w->last = UINT64_MAX;
	uv_mutex_unlock(&w->lock);
	while (m->watchdog_bite == TINE__BITE_SENT)
		(void)sched_yield();
	m->watchdog_bite = TINE__BITE_NONE;
}

void
tine__watchdog_stop(struct tine_machine *m)
{
	struct tine__watchdog *w = m->watchdog;

	if (w == NULL)
		return;
	uv_mutex_lock(&w->lock);
	w->stop = true;
	uv_cond_signal(&w->cond);
	uv_mutex_unlock(&w->lock);
	(void)uv_thread_join(&w->thread);
	uv_cond_destroy(&w->cond);
	uv_mutex_destroy(&w->lock);
	free(w);
	m->watchdog = NULL;
}
