/* SPDX-License-Identifier: MIT */
/*
 * pipe.c - pipes; and FIFOs, which are pipes with a name, and pairs of sockets,
 * which are two pipes under one lock (sock.c).
 *
 * A ring in kernel memory. It begins small and grows to its capacity with what
 * is written; when there is no memory for that it stays as it is, and writers
 * wait a little longer.
 */
#include <signal.h>

#include "file/impl.h"

#define RING_TYPE "pipe buffer"

static struct tine__kmem *
memory(const struct tine__pipe *pipe)
{
	return (pipe->node.fs->machine->kmem);
}

/* So much a pipe always holds, and a write of so much is one piece: of a
 * socket any byte is one. */
static size_t
atomic_size(const struct tine__pipe *pipe)
{
	if (pipe->socks[0] != NULL || pipe->socks[1] != NULL)
		return (1);
	return (pipe->capacity < TINE__PIPE_BUF ? pipe->capacity :
	    TINE__PIPE_BUF);
}

/* A FIFO that nobody has open. NULL when memory is out. */
struct tine__pipe *
tine__pipe_new(struct tine__fs *fs, unsigned mode)
{
	struct tine__pipe *pipe;

	pipe = tine__node_new(fs, TINE__NODE_PIPE, sizeof(*pipe), mode,
	    TINE__KM_NOSLEEP);
	if (pipe == NULL)
		return (NULL);
	tine__mutex_init(&pipe->own, &tine__class_pipe);
	pipe->lock = &pipe->own;
	tine__cv_init(&pipe->rcv, &tine__class_pipe_cv);
	tine__cv_init(&pipe->wcv, &tine__class_pipe_cv);
	pipe->capacity = fs->machine->options.pipe_bytes;
	pipe->allocated = atomic_size(pipe);
	pipe->buffer = tine__kmem_alloc(memory(pipe), RING_TYPE,
	    pipe->allocated, TINE__KM_NOSLEEP, TINE__WHERE);
	if (pipe->buffer == NULL) {
		tine__node_rele(&pipe->node);
		return (NULL);
	}
	return (pipe);
}

void
tine__pipe_free(struct tine__pipe *pipe)
{
	ASSERT3(pipe->readers + pipe->writers, ==, 0);		/* F3 */
	if (pipe->buffer != NULL)
		tine__kmem_free(memory(pipe), RING_TYPE, pipe->buffer,
		    pipe->allocated);
	tine__cv_destroy(&pipe->wcv);
	tine__cv_destroy(&pipe->rcv);
	tine__mutex_destroy(&pipe->own);
}

int
tine__pipe(struct tine_machine *m, struct tine__node **out)
{
	struct tine__pipe *pipe = tine__pipe_new(&m->fs, 0600);

	if (pipe == NULL)
		return (ENOMEM);
	pipe->readers = pipe->writers = 1;
	tine__node_hold(&pipe->node);
	*out = &pipe->node;
	return (0);
}

static bool
reads(int flags)
{
	return ((flags & TINE_O_ACCMODE) != TINE_O_WRONLY);
}

static bool
writes(int flags)
{
	return ((flags & TINE_O_ACCMODE) != TINE_O_RDONLY);
}

/* Something has changed for those who wait. Context: the pipe's lock. */
static void
changed(struct tine__pipe *pipe, struct tine__cv *cv)
{
	ASSERT3(pipe->used, <=, pipe->allocated);		/* F3 */
	tine__cv_broadcast(cv);
	tine__poll_wake(&pipe->node);
	for (int i = 0; i < 2; i++)
		if (pipe->socks[i] != NULL)
			tine__poll_wake(pipe->socks[i]);
}

/* One open end fewer. Context: the pipe's lock. */
void
tine__pipe_drop(struct tine__pipe *pipe, int flags)
{
	if (reads(flags)) {
		ASSERT3(pipe->readers, >, 0);
		pipe->readers--;
		changed(pipe, &pipe->wcv);
	}
	if (writes(flags)) {
		ASSERT3(pipe->writers, >, 0);
		pipe->writers--;
		changed(pipe, &pipe->rcv);
	}
	/* What nobody has read before everybody closed it is lost. */
	if (pipe->readers + pipe->writers == 0)
		pipe->head = pipe->used = 0;
}

/*
 * Wait for the other end. Its coming is what counts: it may be gone again when
 * we run.
 */
static int
wait_for_other(struct tine__pipe *pipe, int flags)
{
	const bool reader = reads(flags);
	const uint32_t *opens = reader ? &pipe->wopens : &pipe->ropens;
	const uint32_t *ends = reader ? &pipe->writers : &pipe->readers;
	const uint32_t before = *opens;
	int error = 0;

	while (error == 0 && *ends == 0 && *opens == before)
		error = tine__file_sleep(reader ? &pipe->rcv : &pipe->wcv,
		    pipe->lock, TINE__NEVER, "fifo open");
	return (error);
}

int
tine__pipe_open(struct tine__pipe *pipe, int flags)
{
	int error = 0;

	tine__mutex_enter(pipe->lock, TINE__WHERE);
	if ((flags & TINE_O_ACCMODE) == TINE_O_WRONLY && pipe->readers == 0 &&
	    (flags & TINE_O_NONBLOCK) != 0) {
		tine__mutex_exit(pipe->lock);
		return (ENXIO);
	}
	if (reads(flags)) {
		pipe->readers++;
		pipe->ropens++;
		changed(pipe, &pipe->wcv);
	}
	if (writes(flags)) {
		pipe->writers++;
		pipe->wopens++;
		changed(pipe, &pipe->rcv);
	}
	if ((flags & TINE_O_ACCMODE) != TINE_O_RDWR &&
	    (flags & TINE_O_NONBLOCK) == 0)
		error = wait_for_other(pipe, flags);
	if (error != 0)
		tine__pipe_drop(pipe, flags);
	tine__mutex_exit(pipe->lock);
	return (error);
}

void
tine__pipe_close(struct tine__pipe *pipe, int flags)
{
	tine__mutex_enter(pipe->lock, TINE__WHERE);
	tine__pipe_drop(pipe, flags);
	tine__mutex_exit(pipe->lock);
}

int
tine__pipe_poll(const struct tine__pipe *pipe, int events)
{
	int revents = 0;

	if (pipe->used != 0)
		revents |= events & TINE_POLLIN;
	if (pipe->writers == 0)
		revents |= TINE_POLLHUP;
	if (pipe->readers == 0)
		revents |= TINE_POLLERR;
	else if (tine__pipe_has_room(pipe))
		revents |= events & TINE_POLLOUT;
	return (revents);
}

bool
tine__pipe_has_room(const struct tine__pipe *pipe)
{
	return (pipe->capacity - pipe->used >= atomic_size(pipe));
}

/* Take from the ring to the program. Context: the pipe's lock. */
static int
take(struct tine__pipe *pipe, struct tine__uio *uio)
{
	size_t n;
	int error = 0;

	while (error == 0 && uio->resid != 0 && pipe->used != 0) {
		n = pipe->allocated - pipe->head;
		if (n > pipe->used)
			n = pipe->used;
		if (n > uio->resid)
			n = uio->resid;
		error = tine__uio_out(uio, pipe->buffer + pipe->head, n);
		if (error != 0)
			break;
		pipe->head = (pipe->head + n) % pipe->allocated;
		pipe->used -= n;
	}
	return (error);
}

int
tine__pipe_read(struct tine__pipe *pipe, struct tine__uio *uio, int flags)
{
	int error = 0;

	tine__mutex_enter(pipe->lock, TINE__WHERE);
	/* Readers: a socket's end may be shut while somebody reads from it. */
	while (error == 0 && pipe->used == 0 && pipe->writers != 0 &&
	    pipe->readers != 0) {
		if ((flags & TINE_O_NONBLOCK) != 0)
			error = EAGAIN;
		else
			error = tine__file_sleep(&pipe->rcv, pipe->lock,
			    TINE__NEVER, "pipe read");
	}
	if (error == 0 && pipe->used != 0) {
		const size_t head = pipe->head, used = pipe->used;

		error = take(pipe, uio);
		if ((flags & TINE__IO_PEEK) != 0) {
			pipe->head = head;
			pipe->used = used;
		} else {
			changed(pipe, &pipe->wcv);
		}
	}
	tine__mutex_exit(pipe->lock);
	return (error);
}

/* Room for want bytes, if it may and can be had. Context: the pipe's lock. */
static void
ring_grow(struct tine__pipe *pipe, size_t want)
{
	size_t size = pipe->allocated, first;
	char *ring;

	if (want > pipe->capacity)
		want = pipe->capacity;
	while (size < want)
		size = size * 2 < pipe->capacity ? size * 2 : pipe->capacity;
	if (size == pipe->allocated)
		return;
	ring = tine__kmem_alloc(memory(pipe), RING_TYPE, size,
	    TINE__KM_NOSLEEP, TINE__WHERE);
	if (ring == NULL)
		return;
	first = pipe->allocated - pipe->head;
	if (first > pipe->used)
		first = pipe->used;
	memcpy(ring, pipe->buffer + pipe->head, first);
	memcpy(ring + first, pipe->buffer, pipe->used - first);
	tine__kmem_free(memory(pipe), RING_TYPE, pipe->buffer,
	    pipe->allocated);
	pipe->buffer = ring;
	pipe->allocated = size;
	pipe->head = 0;
}

/*
 * Put n bytes into the ring, where they fit: all or none of them. Context: the
 * pipe's lock.
 */
static int
put(struct tine__pipe *pipe, struct tine__uio *uio, size_t n)
{
	const size_t tail = (pipe->head + pipe->used) % pipe->allocated;
	const size_t first = n < pipe->allocated - tail ? n :
	    pipe->allocated - tail;
	struct tine__uio before = *uio;
	int error;

	error = tine__uio_in(uio, pipe->buffer + tail, first);
	if (error == 0 && n != first)
		error = tine__uio_in(uio, pipe->buffer, n - first);
	if (error != 0) {
		*uio = before;
		return (error);
	}
	pipe->used += n;
	return (0);
}

/* Nobody will read it. */
static int
broken(int flags)
{
	const struct tine__fileops *ops = tine__fileops();

	if (ops != NULL && (flags & TINE__IO_NOSIGNAL) == 0)
		ops->signal(SIGPIPE);
	return (EPIPE);
}

int
tine__pipe_write(struct tine__pipe *pipe, struct tine__uio *uio, int flags)
{
	const size_t whole = uio->resid <= atomic_size(pipe) ? uio->resid : 1;
	size_t room;
	int error = 0;

	tine__mutex_enter(pipe->lock, TINE__WHERE);
	while (error == 0 && uio->resid != 0) {
		if (pipe->readers == 0 || pipe->writers == 0) {
			error = broken(flags);
			break;
		}
		ring_grow(pipe, pipe->used + uio->resid);
		room = pipe->allocated - pipe->used;
		if (room >= whole) {
			error = put(pipe, uio, room < uio->resid ? room :
			    uio->resid);
			changed(pipe, &pipe->rcv);
		} else if ((flags & TINE_O_NONBLOCK) != 0) {
			error = EAGAIN;
		} else {
			error = tine__file_sleep(&pipe->wcv, pipe->lock,
			    TINE__NEVER, "pipe write");
		}
	}
	tine__mutex_exit(pipe->lock);
	return (error);
}
