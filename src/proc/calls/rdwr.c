/* SPDX-License-Identifier: MIT */
/*
 * rdwr.c - system calls that move data, and others on the node of an open file.
 *
 * The offset of an open file is guarded by the lock of its node, as the real
 * kernels have it: a writer's for write, but only a reader's for read. Two
 * processes that read through one open file at the same time can so be given
 * the same bytes.
 */
#include <errno.h>
#include <string.h>

#include <tine/file.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"

/* The open file of a descriptor if it is open for reading, or for writing. 0 or
 * EBADF. */
static int
getf_for(int fd, bool write, struct tine__open *open)
{
	int error = tine__callops()->file(fd, open);

	if (error != 0)
		return (error);
	if (open->mode == TINE_O_RDWR ||
	    open->mode == (write ? TINE_O_WRONLY : TINE_O_RDONLY))
		return (0);
	tine__callops()->done(open);
	return (EBADF);
}

static void
uio_init(struct tine__uio *uio, const void *base, size_t size)
{
	memset(uio, 0, sizeof (*uio));
	uio->base = (uintptr_t)base;
	uio->resid = size;
}

/* Move data at uio->offset; the node is locked. What ends a call that has moved
 * some is no error. @return bytes or -errno. */
static int64_t
transfer(const struct tine__open *open, struct tine__uio *uio, bool write)
{
	const struct tine__callops *ops = tine__callops();
	const size_t size = uio->resid;
	const int flags = ops->status(open);
	int error;

	if (write) {
		uio->limit = ops->fsize();
		error = tine__node_write(open->node, uio, flags);
	} else {
		error = tine__node_read(open->node, uio, flags);
	}
	if (error == TINE__ERESTART)
		error = ops->restart;
	if (uio->resid != size && (error == EINTR || error == ops->restart ||
	    error == EAGAIN))
		error = 0;
	return (error != 0 ? -error : (int64_t)(size - uio->resid));
}

/* One piece, through the offset of the open file. The node is locked. */
static int64_t
piece(const struct tine__open *open, const struct tine_iovec *iov, bool write)
{
	const bool seeks = open->node->type == TINE__NODE_REG;
	struct tine__uio uio;
	int64_t moved;

	uio_init(&uio, iov->base, iov->size);
	if (seeks) {
		tine__racy(TINE_OP_READ, open->offset);
		uio.offset = *open->offset;
	}
	moved = transfer(open, &uio, write);
	if (seeks && moved > 0) {
		tine__racy(TINE_OP_WRITE, open->offset);
		*open->offset = uio.offset;
	}
	return (moved);
}

static int64_t
read_or_write(const uint64_t args[5], bool write)
{
	const struct tine_iovec iov = {
		(void *)(uintptr_t)args[1], (size_t)args[2]
	};
	struct tine__open open;
	int64_t result;
	int error = getf_for((int)args[0], write, &open);

	if (error != 0)
		return (-error);
	if ((int64_t)args[2] < 0) {
		result = -EINVAL;
	} else {
		tine__node_lock(open.node, write);
		result = piece(&open, &iov, write);
		tine__node_unlock(open.node);
	}
	tine__callops()->done(&open);
	return (result);
}

int64_t
tine__call_read(const uint64_t args[5])
{
	return (read_or_write(args, false));
}

int64_t
tine__call_write(const uint64_t args[5])
{
	return (read_or_write(args, true));
}

/* pread and pwrite: the offset of the open file is not looked at. */
static int64_t
at_offset(const uint64_t args[5], bool write)
{
	struct tine__open open;
	struct tine__uio uio;
	int64_t result;
	int error = getf_for((int)args[0], write, &open);

	if (error != 0)
		return (-error);
	if (!tine__node_seekable(open.node)) {
		result = -ESPIPE;
	} else if ((int64_t)args[2] < 0 || (int64_t)args[3] < 0) {
		result = -EINVAL;
	} else {
		uio_init(&uio, (void *)(uintptr_t)args[1], (size_t)args[2]);
		uio.offset = args[3];
		tine__node_lock(open.node, write);
		result = transfer(&open, &uio, write);
		tine__node_unlock(open.node);
	}
	tine__callops()->done(&open);
	return (result);
}

int64_t
tine__call_pread(const uint64_t args[5])
{
	return (at_offset(args, false));
}

int64_t
tine__call_pwrite(const uint64_t args[5])
{
	return (at_offset(args, true));
}

/* --- vectors --- */

/* A vector that a pipe must take in one piece: gathered first. */
static int64_t
write_gathered(const struct tine__open *open, const struct tine_iovec *iov,
    int count)
{
	char buffer[TINE__PIPE_BUF];
	struct tine__uio uio;
	size_t have = 0;
	int error;

	for (int i = 0; i < count; i++) {
		error = tine__from_user((uintptr_t)iov[i].base, buffer + have,
		    iov[i].size);
		if (error != 0)
			return (-error);
		have += iov[i].size;
	}
	uio_init(&uio, buffer, have);
	uio.kernel = true;
	return (transfer(open, &uio, true));
}

/* Whether it is one: small, and for a pipe. */
static bool
in_one_piece(const struct tine__node *node, const struct tine_iovec *iov,
    int count)
{
	size_t total = 0;

	for (int i = 0; i < count; i++) {
		if (iov[i].size > TINE__PIPE_BUF)
			return (false);
		total += iov[i].size;
	}
	return (node->type == TINE__NODE_PIPE && total <= TINE__PIPE_BUF);
}

/* Piece by piece under one lock. */
static int64_t
pieces(const struct tine__open *open, const struct tine_iovec *iov, int count,
    bool write)
{
	int64_t total = 0, moved = 0;

	tine__node_lock(open->node, write);
	for (int i = 0; i < count; i++) {
		/* A pipe or a terminal gives what it has, and no more. */
		if (!write && total != 0 && open->node->type != TINE__NODE_REG)
			break;
		moved = piece(open, &iov[i], write);
		if (moved < 0)
			break;
		total += moved;
		if ((size_t)moved != iov[i].size)
			break;
	}
	tine__node_unlock(open->node);
	return (total == 0 && moved < 0 ? moved : total);
}

static int64_t
vector(const uint64_t args[5], bool write)
{
	struct tine_iovec iov[TINE_IOV_MAX];
	const int count = (int)args[2];
	struct tine__open open;
	int64_t result;
	int error;

	if (count < 1 || count > TINE_IOV_MAX)
		return (-EINVAL);
	error = tine__from_user(args[1], iov, (size_t)count * sizeof (iov[0]));
	if (error == 0)
		error = getf_for((int)args[0], write, &open);
	if (error != 0)
		return (-error);
	result = write && in_one_piece(open.node, iov, count) ?
	    write_gathered(&open, iov, count) :
	    pieces(&open, iov, count, write);
	tine__callops()->done(&open);
	return (result);
}

int64_t
tine__call_readv(const uint64_t args[5])
{
	return (vector(args, false));
}

int64_t
tine__call_writev(const uint64_t args[5])
{
	return (vector(args, true));
}

/* --- offsets, sizes, entries --- */

int64_t
tine__call_lseek(const uint64_t args[5])
{
	const int whence = (int)args[2];
	struct tine__open open;
	int64_t base = 0, to;
	int error = tine__callops()->file((int)args[0], &open);

	if (error != 0)
		return (-error);
	if (!tine__node_seekable(open.node)) {
		tine__callops()->done(&open);
		return (-ESPIPE);
	}
	tine__node_lock(open.node, false);
	if (whence == TINE_SEEK_CUR)
		base = (int64_t)*open.offset;
	else if (whence == TINE_SEEK_END)
		base = (int64_t)tine__node_size(open.node);
	if (whence < TINE_SEEK_SET || whence > TINE_SEEK_END)
		to = -EINVAL;
	else if (__builtin_add_overflow(base, (int64_t)args[1], &to))
		to = -EOVERFLOW;
	else if (to < 0)
		to = -EINVAL;
	if (to >= 0) {
		tine__racy(TINE_OP_WRITE, open.offset);
		*open.offset = (uint64_t)to;
	}
	tine__node_unlock(open.node);
	tine__callops()->done(&open);
	return (to);
}

/* What is not open for writing is EINVAL, as what is no file. */
int64_t
tine__call_ftruncate(const uint64_t args[5])
{
	struct tine__open open;
	int error = tine__callops()->file((int)args[0], &open);

	if (error != 0)
		return (-error);
	if (open.mode == TINE_O_RDONLY || (int64_t)args[1] < 0) {
		error = EINVAL;
	} else {
		tine__node_lock(open.node, true);
		error = tine__node_truncate(open.node, args[1]);
		tine__node_unlock(open.node);
	}
	tine__callops()->done(&open);
	return (-error);
}

/* The next entry of a directory: 1, 0 at the end. */
int64_t
tine__call_getdents(const uint64_t args[5])
{
	struct tine__open open;
	struct tine_dirent entry;
	uint64_t cookie;
	int error = getf_for((int)args[0], false, &open);

	if (error != 0)
		return (-error);
	tine__node_lock(open.node, false);
	cookie = *open.offset;
	error = tine__readdir(open.node, &cookie, &entry);
	if (error == 0)
		error = tine__to_user(&entry, args[1], sizeof (entry));
	if (error == 0)
		*open.offset = cookie;
	tine__node_unlock(open.node);
	tine__callops()->done(&open);
	return (error == 0 ? 1 : error == ENOENT ? 0 : -error);
}

int64_t
tine__call_fstat(const uint64_t args[5])
{
	struct tine__open open;
	struct tine_stat st;
	int error = tine__callops()->file((int)args[0], &open);

	if (error != 0)
		return (-error);
	tine__node_stat(open.node, &st);
	tine__callops()->done(&open);
	return (-tine__to_user(&st, args[1], sizeof (st)));
}

/* --- poll --- */

static struct tine__node *
node_of(int fd)
{
	struct tine__open open;

	if (tine__callops()->file(fd, &open) != 0)
		return (NULL);
	tine__node_hold(open.node);
	tine__callops()->done(&open);
	return (open.node);
}

/*
 * Look at descriptors, and sleep until one of them has something.
 *
 * DEVIATION IL-059: illumos keeps what a thread polls in a cache hung on the
 * descriptors, and close waits for it; here nothing is kept from call to call,
 * and who sleeps looks at its descriptors again when one is closed.
 */
int64_t
tine__call_poll(const uint64_t args[5])
{
	struct tine_pollfd fds[TINE_POLL_MAX];
	const size_t size = (size_t)args[1] * sizeof (fds[0]);
	const int timeout_ms = (int)args[2];
	uint64_t deadline = TINE__NEVER;
	int error, ready = 0;

	if (args[1] > TINE_POLL_MAX)
		return (-EINVAL);
	if (tine__from_user(args[0], fds, size) != 0)
		return (-EFAULT);
	if (timeout_ms == 0)
		deadline = 0;
	else if (timeout_ms > 0)
		deadline = tine__now() + (uint64_t)timeout_ms * 1000000;
	error = tine__poll(tine__machine(), fds, (unsigned)args[1], deadline,
	    node_of, &ready);
	if (error == TINE__ERESTART)
		error = EINTR;
	if (error == 0 && tine__to_user(fds, args[0], size) != 0)
		error = EFAULT;
	return (error != 0 ? -error : ready);
}
