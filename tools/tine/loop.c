/* SPDX-License-Identifier: MIT */
/* loop.c - run in a libuv loop, with what the user types and with ^C. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>

#include "command.h"

/* Stands for the first program that was spawned, whatever its number. */
#define FIRST_PROGRAM 0

struct session {
	struct tine_machine *machine;
	struct tine_result *result;
	uv_loop_t loop;
	uv_signal_t interrupt;
	unsigned interrupts;	/* in a row */
	unsigned patience;	/* so many are the program's */
	bool interactive;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tty_t tty;
		uv_pipe_t pipe;
	} input;
	bool input_open;
	char text[4096];
};

/* --- the terminal --- */

/*
 * The host's terminal goes on echoing and editing lines. ^Z and ^D are the
 * programs' business, so here they are ordinary characters, each of which ends
 * a line as far as the host is concerned. ^C comes as a signal, so that it can
 * stop a run that does not read; ^\ ends the command itself.
 */
static struct termios terminal;	/* as it was */

static void
give_back(void)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

static void
give_back_and_die(int signo)
{
	give_back();
	signal(signo, SIG_DFL);
	raise(signo);
}

static void
borrow_terminal(void)
{
	static const int deadly[] = { SIGHUP, SIGQUIT, SIGTERM };
	struct termios ours;

	if (tcgetattr(STDIN_FILENO, &terminal) != 0)
		return;
	ours = terminal;
	ours.c_cc[VEOL] = ours.c_cc[VSUSP];
	ours.c_cc[VEOL2] = ours.c_cc[VEOF];
	ours.c_cc[VSUSP] = ours.c_cc[VEOF] = _POSIX_VDISABLE;
	atexit(give_back);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signal(deadly[i], give_back_and_die);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &ours);
}

/* --- the run --- */

static void
done(struct tine_machine *machine, const struct tine_result *result,
    void *user)
{
	struct session *session = user;

	(void)machine;
	*session->result = *result;
	uv_close((uv_handle_t *)&session->interrupt, NULL);
	if (session->input_open)
		uv_close(&session->input.handle, NULL);
	session->input_open = false;
}

static void
interrupted(uv_signal_t *handle, int signo)
{
	struct session *session = handle->data;

	/* The program may ignore it: a few in a row stop the run. */
	if (session->interrupts++ == session->patience)
		tine_machine_stop(session->machine);
	else if (session->interactive)
		tine_machine_input(session->machine, "\003", 1);
	else
		tine_machine_kill(session->machine, FIRST_PROGRAM, signo);
}

static void
give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
	struct session *session = handle->data;

	(void)wanted;
	*buffer = uv_buf_init(session->text, sizeof(session->text));
}

static void
typed(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct session *session = stream->data;

	if (size > 0) {
		session->interrupts = 0;
		tine_machine_input(session->machine, buffer->base,
		    (size_t)size);
	} else if (size < 0) {
		tine_machine_input(session->machine, NULL, 0);
		uv_close(&session->input.handle, NULL);
		session->input_open = false;
	}
}

/* Standard input is a file: all of it is there already. */
static void
feed_file(struct session *session)
{
	ssize_t size;

	while ((size = read(STDIN_FILENO, session->text,
	    sizeof(session->text))) > 0)
		tine_machine_input(session->machine, session->text,
		    (size_t)size);
	tine_machine_input(session->machine, NULL, 0);
}

static void
serve_input(struct session *session)
{
	int error;

	switch (uv_guess_handle(STDIN_FILENO)) {
	case UV_TTY:
		borrow_terminal();
		error = uv_tty_init(&session->loop, &session->input.tty,
		    STDIN_FILENO, 1);
		break;
	case UV_NAMED_PIPE:
		error = uv_pipe_init(&session->loop, &session->input.pipe, 0);
		session->input_open = error == 0;
		if (error == 0)
			error = uv_pipe_open(&session->input.pipe,
			    STDIN_FILENO);
		break;
	default:
		feed_file(session);
		return;
	}
	session->input_open |= error == 0;
	session->input.handle.data = session;
	if (error == 0)
		error = uv_read_start(&session->input.stream, give_buffer,
		    typed);
	if (error != 0)
		tine_machine_input(session->machine, NULL, 0);
}

int
run_in_loop(const struct settings *settings, struct tine_machine *machine,
    struct tine_result *result)
{
	struct session session;
	int error;

	memset(&session, 0, sizeof(session));
	session.machine = machine;
	session.result = result;
	session.interactive = settings->options.interactive;
	session.patience = session.interactive ? 2 : 1;
	if (uv_loop_init(&session.loop) != 0)
		return -TINE_EHOST;
	uv_signal_init(&session.loop, &session.interrupt);
	session.interrupt.data = &session;
	uv_signal_start(&session.interrupt, interrupted, SIGINT);
	error = tine_machine_start(machine, &session.loop, done, &session);
	if (error != 0)
		uv_close((uv_handle_t *)&session.interrupt, NULL);
	else if (settings->options.interactive)
		serve_input(&session);
	uv_run(&session.loop, UV_RUN_DEFAULT);
	uv_loop_close(&session.loop);
	return error;
}
