/* SPDX-License-Identifier: MIT */
/*
 * loop.c - a machine on a libuv loop, the host program's or one of its own.
 *
 * An idle handle runs a slice of steps each iteration, so the loop serves its
 * other handles between slices. When nothing can run the idle handle stops: in
 * real time a timer starts it again when the next virtual deadline is due, and
 * an async handle does when something comes from outside.
 */
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/error.h"
#include "machine/machine.h"

struct tine__loop {
	struct tine_machine *machine;
	uv_loop_t *loop;
	uv_idle_t idle;
	uv_timer_t timer;
	uv_async_t async;
	unsigned open;			/* handles not closed yet */
	/* A wait that something from outside broke off goes on from there:
	 * the loop's time at which that virtual deadline is due. */
	uint64_t due_ms, due_deadline;
	int error;			/* the run could not be carried on */
	tine_done_fn done;
	void *user;
	bool own;			/* loop is ours, tine__loop_run's */
};

static void
on_closed(uv_handle_t *handle)
{
	struct tine__loop *l = handle->data;
	struct tine_machine *m = l->machine;

	if (--l->open != 0)
		return;
	m->loop = NULL;
	tine__machine_over(m);
	if (l->done != NULL)
		l->done(m, &m->result, l->user);
	if (!l->own)
		free(l);
}

static void
close_handles(struct tine__loop *l)
{
	/* from here on nobody may wake the loop by the async handle */
	pthread_mutex_lock(&l->machine->inbox_lock);
	l->machine->loop_open = false;
	pthread_mutex_unlock(&l->machine->inbox_lock);
	uv_close((uv_handle_t *)&l->idle, on_closed);
	uv_close((uv_handle_t *)&l->timer, on_closed);
	uv_close((uv_handle_t *)&l->async, on_closed);
}

static void
finish(struct tine__loop *l)
{
	if (l->machine->options.watchdog_ms != 0)
		tine__watchdog_stop(l->machine);
	if (tine__fault_arm(&l->machine->arm) == 0) {
		tine__run_end(l->machine);
		tine__fault_disarm(&l->machine->arm);
	}
	close_handles(l);
}

static void on_idle(uv_idle_t *handle);

static void
on_timer(uv_timer_t *handle)
{
	struct tine__loop *l = handle->data;

	l->due_ms = 0;
	l->machine->timer_due = true;
	(void)uv_idle_start(&l->idle, on_idle);
}

static void
on_async(uv_async_t *handle)
{
	struct tine__loop *l = handle->data;

	(void)uv_timer_stop(&l->timer);
	(void)uv_idle_start(&l->idle, on_idle);
}

/* Nothing can run: wait for real time, or only for the outside. */
static void
wait_idle(struct tine__loop *l)
{
	const struct tine_machine *m = l->machine;
	uint64_t deadline, now_ms;

	(void)uv_idle_stop(&l->idle);
	if (m->ntimers == 0)
		return;
	uv_update_time(l->loop);
	now_ms = uv_now(l->loop);
	deadline = m->timers[0]->deadline;
	if (deadline != l->due_deadline || l->due_ms == 0) {
		l->due_deadline = deadline;
		l->due_ms = now_ms + (deadline > m->now ?
		    (deadline - m->now) / m->options.realtime_ns_per_ms : 0);
	}
	(void)uv_timer_start(&l->timer, on_timer,
	    l->due_ms > now_ms ? l->due_ms - now_ms : 0, 0);
}

static void
on_idle(uv_idle_t *handle)
{
	struct tine__loop *l = handle->data;
	enum tine__back back;

	l->error = tine__fault_arm(&l->machine->arm);
	if (l->error != 0) {
		tine__run_outcome(l->machine, TINE_OUTCOME_STOPPED,
		    "%s", tine_error_message());
		finish(l);
		return;
	}
	back = tine__run_slice(l->machine);
	tine__fault_disarm(&l->machine->arm);
	if (back == TINE__BACK_END)
		finish(l);
	else if (back == TINE__BACK_IDLE)
		wait_idle(l);
}

void
tine__loop_wake(struct tine_machine *m)
{
	if (m->loop_open)
		(void)uv_async_send(&m->loop->async);
}

static int
start(struct tine_machine *m, struct tine__loop *l)
{
	int error;

	l->machine = m;
	l->idle.data = l->timer.data = l->async.data = l;
	error = uv_async_init(l->loop, &l->async, on_async);
	if (error != 0)
		return (tine__error(TINE_EHOST, "libuv: %s",
		    uv_strerror(error)));
	(void)uv_idle_init(l->loop, &l->idle);
	(void)uv_timer_init(l->loop, &l->timer);
	l->open = 3;
	m->loop = l;
	error = tine__run_begin(m);
	if (error == 0 && m->options.watchdog_ms != 0)
		error = tine__watchdog_start(m);
	if (error != 0) {
		l->done = NULL;
		close_handles(l);
		return (error);
	}
	pthread_mutex_lock(&m->inbox_lock);
	m->loop_open = true;
	pthread_mutex_unlock(&m->inbox_lock);
	(void)uv_idle_start(&l->idle, on_idle);
	return (0);
}

int
tine_machine_start(struct tine_machine *m, struct uv_loop_s *loop,
    tine_done_fn done, void *user)
{
	struct tine__loop *l;
	int error;

	if (loop == NULL)
		return (tine__error(TINE_EINVAL, "start: NULL loop"));
	error = tine__machine_ready(m);
	if (error != 0)
		return (error);
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		tine__machine_over(m);
		return (tine__error(TINE_ENOMEM, "no host memory"));
	}
	l->loop = loop;
	l->done = done;
	l->user = user;
	error = start(m, l);
	if (error != 0 && l->open == 0) {
		/* the loop had no handle of ours to close */
		tine__machine_over(m);
		free(l);
	}
	return (error);
}

int
tine__loop_run(struct tine_machine *m)
{
	struct tine__loop l;
	uv_loop_t loop;
	int error;

	memset(&l, 0, sizeof(l));
	error = uv_loop_init(&loop);
	if (error != 0)
		return (tine__error(TINE_EHOST, "libuv: %s",
		    uv_strerror(error)));
	l.loop = &loop;
	l.own = true;
	error = start(m, &l);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop);
	return (error != 0 ? error : l.error);
}
