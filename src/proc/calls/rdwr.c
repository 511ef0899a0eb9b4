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
transfer(const struct tine__open *open, struct tine__uio *uio, bool write,
    int more)
{
	const struct tine__callops *ops = tine__callops();
	const size_t size = uio->resid;
	const int flags = ops->status(open) | more;
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

/* Through the offset of the open file. */
static int64_t
through_offset(const struct tine__open *open, struct tine__uio *uio,
    bool write, int flags)
{
	const bool seeks = open->node->type == TINE__NODE_REG;
	int64_t moved;

	tine__node_lock(open->node, write);
	if (seeks) {
		tine__racy(TINE_OP_READ, open->offset);
		uio->offset = *open->offset;
	}
	moved = transfer(open, uio, write, flags);
	if (seeks && moved > 0) {
		tine__racy(TINE_OP_WRITE, open->offset);
		*open->offset = uio->offset;
	}
	tine__node_unlock(open->node);
	return (moved);
}

int64_t
tine__read_or_write(const uint64_t args[5], bool write, bool socket, int flags)
{
	struct tine__open open;
	struct tine__uio uio;
	int64_t result = -EINVAL;
	int error = getf_for((int)args[0], write, &open);

	if (error != 0)
		return (-error);
	if (socket && open.node->type != TINE__NODE_SOCK) {
		result = -ENOTSOCK;
	} else if ((int64_t)args[2] >= 0) {
		uio_init(&uio, (void *)(uintptr_t)args[1], (size_t)args[2]);
		result = through_offset(&open, &uio, write, flags);
	}
	tine__callops()->done(&open);
	return (result);
}

int64_t
tine__call_read(const uint64_t args[5])
{
	return (tine__read_or_write(args, false, false, 0));
}

int64_t
tine__call_write(const uint64_t args[5])
{
	return (tine__read_or_write(args, true, false, 0));
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
		result = transfer(&open, &uio, write, 0);
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

/* The pieces of the program, and how much they are together. */
static int
pieces(const uint64_t args[5], struct tine_iovec iov[TINE_IOV_MAX],
    size_t *total)
{
	const int count = (int)args[2];
	int error;

	if (count < 1 || count > TINE_IOV_MAX)
		return (EINVAL);
	error = tine__from_user(args[1], iov, (size_t)count * sizeof (iov[0]));
	*total = 0;
	for (int i = 0; error == 0 && i < count; i++) {
		if (iov[i].size > INT64_MAX - *total)
			error = EINVAL;
		else
			*total += iov[i].size;
	}
	return (error);
}

/* At an offset that the call is given. */
static int64_t
vector_at(const struct tine__open *open, struct tine__uio *uio,
    uint64_t offset, bool write)
{
	int64_t result;

	if (!tine__node_seekable(open->node))
		return (-ESPIPE);
	if ((int64_t)offset < 0)
		return (-EINVAL);
	uio->offset = offset;
	tine__node_lock(open->node, write);
	result = transfer(open, uio, write, 0);
	tine__node_unlock(open->node);
	return (result);
}

static int64_t
vector(const uint64_t args[5], bool write, bool at)
{
	const bool late = tine__callops()->vector_late && args[2] != 0;
	struct tine_iovec iov[TINE_IOV_MAX];
	struct tine__open open;
	struct tine__uio uio;
	int64_t result;
	size_t total = 0;
	int error = 0;

	if (!late)
		error = pieces(args, iov, &total);
	if (error == 0)
		error = getf_for((int)args[0], write, &open);
	if (error != 0)
		return (-error);
	if (late)
		error = pieces(args, iov, &total);
	uio_init(&uio, NULL, total);
	uio.iov = iov;
	if (error != 0)
		result = -error;
	else if (at)
		result = vector_at(&open, &uio, args[3], write);
	else
		result = through_offset(&open, &uio, write, 0);
	tine__callops()->done(&open);
	return (result);
}

int64_t
tine__call_readv(const uint64_t args[5])
{
	return (vector(args, false, false));
}

int64_t
tine__call_writev(const uint64_t args[5])
{
	return (vector(args, true, false));
}

int64_t
tine__call_preadv(const uint64_t args[5])
{
	return (vector(args, false, true));
}

int64_t
tine__call_pwritev(const uint64_t args[5])
{
	return (vector(args, true, true));
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
	if (whence == TINE_SEEK_CUR) {
		tine__racy(TINE_OP_READ, open.offset);
		base = (int64_t)*open.offset;
	} else if (whence == TINE_SEEK_END)
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

int64_t
tine__call_ftruncate(const uint64_t args[5])
{
	struct tine__open open;
	int error = tine__callops()->file((int)args[0], &open);

	if (error != 0)
		return (-error);
	if (open.mode == TINE_O_RDONLY) {
		error = tine__callops()->unwritable;
	} else if ((int64_t)args[1] < 0) {
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
	tine__racy(TINE_OP_READ, open.offset);
	cookie = *open.offset;
	error = tine__readdir(open.node, &cookie, &entry);
	if (error == 0)
		error = tine__to_user(&entry, args[1], sizeof (entry));
	if (error == 0) {
		tine__racy(TINE_OP_WRITE, open.offset);
		*open.offset = cookie;
	}
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

int64_t
tine__call_ioctl(const uint64_t args[5])
{
	const unsigned cmd = (unsigned)args[1];
	struct tine__open open;
	int error = tine__callops()->file((int)args[0], &open);

	if (error != 0)
		return (-error);
	error = open.node->type == TINE__NODE_TTY ?
	    tine__callops()->terminal(cmd, args[2]) :
	    tine__node_ioctl(open.node, cmd, args[2]);
	tine__callops()->done(&open);
	return (error == TINE__ERESTART ? -tine__callops()->restart : -error);
}
