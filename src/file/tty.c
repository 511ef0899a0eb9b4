/* SPDX-License-Identifier: MIT */
/*
 * tty.c - the terminal: what is typed becomes lines and signals, what is
 * written goes to the console of the machine.
 *
 * Who may read and write is the kernel's to say (tine__fileops.background): it
 * knows sessions, groups, and what a signal does to a caller. Here are the
 * session and the foreground group that it has set, and nothing else of them.
 */
#include <signal.h>

#include "file/impl.h"

#define CHAR_INTR 0x03	/* ^C */
#define CHAR_EOF 0x04	/* ^D */
#define CHAR_ERASE 0x7f	/* DEL, and ^H */
#define CHAR_KILL 0x15	/* ^U */
#define CHAR_SUSP 0x1a	/* ^Z */
#define CHAR_QUIT 0x1c	/* ^\ */

#define WRITE_CHUNK ((size_t)1024)

struct tine__tty *
tine__tty_new(struct tine__fs *fs)
{
	struct tine__tty *tty;

	tty = tine__node_new(fs, TINE__NODE_TTY, sizeof(*tty), 0666,
	    TINE__KM_SLEEP);
	tine__mutex_init(&tty->lock, &tine__class_tty);
	tine__cv_init(&tty->rcv, &tine__class_tty_cv);
	tty->lflag = TINE_ISIG | TINE_ICANON;
	tty->input = &fs->machine->typed;
	tty->eof = !fs->machine->options.interactive;
	return (tty);
}

void
tine__tty_free(struct tine__tty *tty)
{
	tine__cv_destroy(&tty->rcv);
	tine__mutex_destroy(&tty->lock);
}

struct tine__node *
tine__tty_node(struct tine__tty *tty)
{
	return (&tty->node);
}

void
tine__tty_enter(struct tine__tty *tty)
{
	tine__mutex_enter(&tty->lock, TINE__WHERE);
}

void
tine__tty_exit(struct tine__tty *tty)
{
	tine__mutex_exit(&tty->lock);
}

void
tine__tty_set(struct tine__tty *tty, int sid, int pgid)
{
	ASSERT(tine__mutex_owned(&tty->lock));
	tty->sid = sid;
	tty->pgid = pgid;
}

int
tine__tty_session(const struct tine__tty *tty)
{
	return (tty->sid);
}

int
tine__tty_pgid(const struct tine__tty *tty)
{
	return (tty->pgid);
}

bool
tine__tty_tostop(const struct tine__tty *tty)
{
	return ((tty->lflag & TINE_TOSTOP) != 0);
}

/* --- what is typed --- */

/* Bytes that can be read now, at most one line when it gives lines. */
static size_t
available(const struct tine__tty *tty)
{
	return (tty->input->ready.size - tty->input->next);
}

/* Whether a reader has something: data, or the end of a line without any. */
static bool
readable(const struct tine__tty *tty)
{
	return (available(tty) != 0 ||
	    tty->input->next_end != tty->input->ends.size);
}

static void
changed(struct tine__tty *tty)
{
	tine__cv_broadcast(&tty->rcv);
	tine__poll_wake(&tty->node);
}

/* What stands in line is complete. */
static void
push(struct tine__tty *tty)
{
	struct tine__typed *input = tty->input;
	size_t end;

	tine__text_add(&input->ready, input->line.data, input->line.size);
	tine__text_clear(&input->line);
	end = input->ready.size;
	tine__text_add(&input->ends, (const char *)&end, sizeof(end));
}

static void
flush_input(struct tine__tty *tty)
{
	struct tine__typed *input = tty->input;

	tine__text_clear(&input->line);
	tine__text_clear(&input->ready);
	tine__text_clear(&input->ends);
	input->next = input->next_end = 0;
}

static int
signal_of(const struct tine__tty *tty, unsigned char c)
{
	if ((tty->lflag & TINE_ISIG) == 0)
		return (0);
	switch (c) {
	case CHAR_INTR:
		return (SIGINT);
	case CHAR_QUIT:
		return (SIGQUIT);
	case CHAR_SUSP:
		return (SIGTSTP);
	default:
		return (0);
	}
}

static void
echo(struct tine__tty *tty, char c)
{
	if ((tty->lflag & TINE_ECHO) != 0)
		tine__console_write(tty->node.fs->machine, 0, &c, 1);
}

/* A character in lines. */
static void
type_in_line(struct tine__tty *tty, char c)
{
	struct tine__text *line = &tty->input->line;

	if (c == CHAR_EOF) {
		push(tty);
	} else if (c == CHAR_ERASE || c == '\b') {
		if (line->size != 0)
			line->size--;
	} else if (c == CHAR_KILL) {
		tine__text_clear(line);
	} else {
		c = c == '\r' ? '\n' : c;
		tine__text_add(line, &c, 1);
		echo(tty, c);
		if (c == '\n')
			push(tty);
	}
}

/*
 * A character. A key that is a signal goes to the foreground group; without a
 * session, to the first program. Context: the tty's lock; no process.
 */
static void
type_one(struct tine__tty *tty, char c)
{
	struct tine_machine *m = tty->node.fs->machine;
	const int signo = signal_of(tty, (unsigned char)c);
	int pid;

	if (signo != 0) {
		if ((tty->lflag & TINE_NOFLSH) == 0)
			flush_input(tty);
		pid = tty->pgid != 0 ? -tty->pgid : m->spawns[0].pid;
		if (pid != 0 && m->flavour->external_kill != NULL)
			m->flavour->external_kill(m, pid, signo);
	} else if ((tty->lflag & TINE_ICANON) != 0) {
		type_in_line(tty, c);
	} else {
		tine__text_add(&tty->input->line, &c, 1);
		echo(tty, c);
	}
}

/*
 * Something was typed; NULL: nothing will be any more. Context: the thread of
 * outside events.
 */
void
tine__tty_type(struct tine_machine *m, const char *text, size_t size)
{
	struct tine__tty *tty = m->fs.tty;

	if (tty == NULL) {
		/* Not booted yet; or halted, and nobody will look. */
		if (text != NULL)
			tine__text_add(&m->typed.early, text, size);
		else
			m->typed.early_eof = true;
		return;
	}
	m->fs.busy++;
	tine__mutex_enter(&tty->lock, TINE__WHERE);
	for (size_t i = 0; text != NULL && i < size; i++)
		type_one(tty, text[i]);
	if (text == NULL)
		tty->eof = true;
	if (tty->input->line.size != 0 &&
	    (tty->eof || (tty->lflag & TINE_ICANON) == 0))
		push(tty);
	changed(tty);
	tine__mutex_exit(&tty->lock);
	m->fs.busy--;
}

/*
 * The line was cut. Context: the thread of outside events.
 */
void
tine__tty_cut(struct tine_machine *m)
{
	struct tine__tty *tty = m->fs.tty;
	int sid, pgid;

	if (tty == NULL)
		return;
	m->fs.busy++;
	tine__mutex_enter(&tty->lock, TINE__WHERE);
	sid = tty->sid;
	pgid = tty->pgid;
	tty->hung = true;
	flush_input(tty);
	changed(tty);
	if (sid != 0)
		m->flavour->external_kill(m, sid, SIGHUP);
	if (pgid != 0) {
		m->flavour->external_kill(m, -pgid, SIGHUP);
		m->flavour->external_kill(m, -pgid, SIGCONT);
	}
	tine__mutex_exit(&tty->lock);
	m->fs.busy--;
}

/* --- reading and writing --- */

int
tine__tty_open(struct tine__tty *tty)
{
	tine__mutex_enter(&tty->lock, TINE__WHERE);
	tty->hung = false;
	tine__mutex_exit(&tty->lock);
	return (0);
}

void
tine__tty_hangup(struct tine__tty *tty)
{
	ASSERT(tine__mutex_owned(&tty->lock));
	tty->hung = true;
	flush_input(tty);
	changed(tty);
}

/* Whether the caller may go on: read, write behind, change. No lock held. */
static int
check(struct tine__tty *tty, int signo)
{
	const struct tine__fileops *ops = tine__fileops();

	if (ops == NULL || ops->background == NULL)
		return (0);
	return (ops->background(tty, signo));
}

/*
 * Give what there is: in lines, of one line at most. An end of a line that
 * stands where the last read stopped, and has nothing before it, is an end of
 * file.
 */
static int
give(struct tine__tty *tty, struct tine__uio *uio)
{
	struct tine__typed *input = tty->input;
	size_t n = available(tty), end = input->ready.size;
	int error;

	if (input->next_end != input->ends.size)
		memcpy(&end, input->ends.data + input->next_end, sizeof(end));
	if ((tty->lflag & TINE_ICANON) != 0 && n > end - input->next)
		n = end - input->next;
	if (n > uio->resid)
		n = uio->resid;
	error = tine__uio_out(uio, input->ready.data + input->next, n);
	if (error != 0)
		return (error);
	input->next += n;
	while (input->next_end != input->ends.size) {
		memcpy(&end, input->ends.data + input->next_end, sizeof(end));
		if (end > input->next)
			break;
		input->next_end += sizeof(end);
		if ((tty->lflag & TINE_ICANON) != 0)
			break;
	}
	if (input->next == input->ready.size &&
	    input->next_end == input->ends.size) {
		tine__text_clear(&input->ready);
		tine__text_clear(&input->ends);
		input->next = input->next_end = 0;
	}
	return (0);
}

int
tine__tty_read(struct tine__tty *tty, struct tine__uio *uio, int flags)
{
	bool done = false;
	int error = 0;

	while (error == 0 && !done) {
		/* After a sleep it may be behind. */
		error = check(tty, SIGTTIN);
		if (error != 0)
			break;
		tine__mutex_enter(&tty->lock, TINE__WHERE);
		done = true;
		if (tty->hung || (!readable(tty) && tty->eof)) {
			;
		} else if (readable(tty)) {
			error = give(tty, uio);
		} else if ((flags & TINE_O_NONBLOCK) != 0) {
			error = EAGAIN;
		} else {
			error = tine__file_sleep(&tty->rcv, &tty->lock,
			    TINE__NEVER, "tty read");
			done = false;
		}
		tine__mutex_exit(&tty->lock);
	}
	return (error);
}

int
tine__tty_write(struct tine__tty *tty, struct tine__uio *uio)
{
	struct tine_machine *m = tty->node.fs->machine;
	char text[WRITE_CHUNK];
	size_t n;
	int error = 0;

	tine__mutex_enter(&tty->lock, TINE__WHERE);
	if ((tty->lflag & TINE_TOSTOP) != 0) {
		tine__mutex_exit(&tty->lock);
		error = check(tty, SIGTTOU);
		tine__mutex_enter(&tty->lock, TINE__WHERE);
	}
	if (error == 0 && tty->hung)
		error = EIO;
	while (error == 0 && uio->resid != 0) {
		n = uio->resid < WRITE_CHUNK ? uio->resid : WRITE_CHUNK;
		error = tine__uio_in(uio, text, n);
		if (error == 0)
			tine__console_write(m, (int)tine__cur->pid, text, n);
	}
	tine__mutex_exit(&tty->lock);
	return (error);
}

/* --- settings --- */

static int
set_mode(struct tine__tty *tty, uint64_t arg)
{
	struct tine_termios termios;
	struct tine__uio uio = { .base = arg, .resid = sizeof(termios) };
	int error;

	error = check(tty, SIGTTOU);
	if (error == 0)
		error = tine__uio_in(&uio, &termios, sizeof(termios));
	if (error != 0)
		return (error);
	if ((termios.lflag & ~(unsigned)(TINE_ISIG | TINE_ICANON | TINE_ECHO |
	    TINE_TOSTOP | TINE_NOFLSH)) != 0)
		return (EINVAL);
	tine__mutex_enter(&tty->lock, TINE__WHERE);
	tty->lflag = termios.lflag;
	/* Half a line is something to read where there are no lines. */
	if ((tty->lflag & TINE_ICANON) == 0 && tty->input->line.size != 0) {
		push(tty);
		changed(tty);
	}
	tine__mutex_exit(&tty->lock);
	return (0);
}

int
tine__tty_ioctl(struct tine__tty *tty, unsigned cmd, uint64_t arg)
{
	struct tine_termios termios;
	struct tine__uio uio = { .base = arg, .resid = sizeof(termios) };
	int have;

	CTASSERT(sizeof(have) == sizeof(termios));
	tine__mutex_enter(&tty->lock, TINE__WHERE);
	termios.lflag = tty->lflag;
	have = (int)available(tty);
	tine__mutex_exit(&tty->lock);
	switch (cmd) {
	case TINE_TCGETS:
		return (tine__uio_out(&uio, &termios, sizeof(termios)));
	case TINE_TCSETS:
		return (set_mode(tty, arg));
	case TINE_TCFLSH:
		/* 0: input, 1: output, which is never on its way, 2: both. */
		if (arg > 2)
			return (EINVAL);
		if (arg == 1)
			return (0);
		have = check(tty, SIGTTOU);
		if (have != 0)
			return (have);
		tine__mutex_enter(&tty->lock, TINE__WHERE);
		flush_input(tty);
		tine__mutex_exit(&tty->lock);
		return (0);
	case TINE_FIONREAD:
		return (tine__uio_out(&uio, &have, sizeof(have)));
	default:
		return (ENOTTY);
	}
}

int
tine__tty_poll(const struct tine__tty *tty, int events)
{
	int revents = events & TINE_POLLOUT;

	if (tty->hung)
		return ((events & TINE_POLLIN) | TINE_POLLHUP);
	if (readable(tty) || tty->eof)
		revents |= events & TINE_POLLIN;
	return (revents);
}
