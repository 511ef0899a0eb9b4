/* SPDX-License-Identifier: MIT */
/*
 * rdwr.c - read, write and seek: descriptors, offsets and their locks.
 *
 * The offset of an open file is guarded by the lock of its vnode, as the real
 * kernel has it: a writer's for write, but only a reader's for read. Two
 * processes that read through one open file at the same time can so be given
 * the same bytes.
 */
#include "proc/illumos/kern.h"

#define READABLE FREAD
#define WRITABLE FWRITE

/* The file of a descriptor that was opened for that; NULL: EBADF. */
static file_t *
getf_for(int fd, uint8_t flag)
{
	file_t *fp = getf(fd);

	if (fp != NULL && (fp->f_flag & flag) == 0) {
		releasef(fd);
		return (NULL);
	}
	return (fp);
}

static void
uio_init(struct tine__uio *uio, uint64_t address, uint64_t size)
{
	memset(uio, 0, sizeof (*uio));
	uio->base = (uintptr_t)address;
	uio->resid = (size_t)size;
}

/* The file size limit, as a uio has it: plus one, 0 none. */
static uint64_t
fsize_limit(void)
{
	const uint64_t limit = curproc->p_fsz_ctl;

	return (limit >= INT64_MAX ? 0 : limit + 1);
}

/* Move data at an offset; the vnode is locked. EINTR is no error after some
 * data. @return bytes or -errno. */
static int64_t
transfer(file_t *fp, struct tine__uio *uio, bool write)
{
	const size_t size = uio->resid;
	struct tine__node *node = fp->f_vnode->v_node;
	int error, oflag;

	tine__racy(TINE_OP_READ, &fp->f_oflag);
	oflag = fp->f_oflag;
	if (write) {
		uio->limit = fsize_limit();
		error = tine__node_write(node, uio, oflag);
	} else {
		error = tine__node_read(node, uio, oflag);
	}
	if (error == TINE__ERESTART)
		error = EINTR;
	if (uio->resid != size && (error == EINTR || error == EAGAIN))
		error = 0;
	return (error != 0 ? -error : (int64_t)(size - uio->resid));
}

/*
 * read and write through the offset of the open file.
 * Context: no lock. May switch.
 */
static int64_t
rdwr(int fd, struct tine__uio *uio, bool write)
{
	file_t *fp = getf_for(fd, write ? WRITABLE : READABLE);
	struct tine__node *node;
	int64_t result;
	bool seeks;

	if (fp == NULL)
		return (-EBADF);
	if ((int64_t)uio->resid < 0) {
		releasef(fd);
		return (-EINVAL);
	}
	node = fp->f_vnode->v_node;
	seeks = node->type == TINE__NODE_REG;
	tine__node_lock(node, write);
	if (seeks) {
		tine__racy(TINE_OP_READ, &fp->f_offset);
		uio->offset = fp->f_offset;
	}
	result = transfer(fp, uio, write);
	if (seeks && result > 0) {
		tine__racy(TINE_OP_WRITE, &fp->f_offset);
		fp->f_offset = uio->offset;
	}
	tine__node_unlock(node);
	releasef(fd);
	return (result);
}

int64_t
read(int fd, uint64_t address, uint64_t size)
{
	struct tine__uio uio;

	uio_init(&uio, address, size);
	return (rdwr(fd, &uio, false));
}

int64_t
write(int fd, uint64_t address, uint64_t size)
{
	struct tine__uio uio;

	uio_init(&uio, address, size);
	return (rdwr(fd, &uio, true));
}

/* pread and pwrite: the offset of the open file is not looked at. */
int64_t
prdwr(int fd, uint64_t address, uint64_t size, int64_t offset, bool write)
{
	file_t *fp = getf_for(fd, write ? WRITABLE : READABLE);
	struct tine__uio uio;
	struct tine__node *node;
	int64_t result;

	if (fp == NULL)
		return (-EBADF);
	node = fp->f_vnode->v_node;
	if (!tine__node_seekable(node) || offset < 0 || (int64_t)size < 0) {
		releasef(fd);
		return (tine__node_seekable(node) ? -EINVAL : -ESPIPE);
	}
	uio_init(&uio, address, size);
	uio.offset = (uint64_t)offset;
	tine__node_lock(node, write);
	result = transfer(fp, &uio, write);
	tine__node_unlock(node);
	releasef(fd);
	return (result);
}

/* A vector that a pipe must take in one piece: gathered first. */
static int64_t
write_gathered(file_t *fp, const struct tine_iovec *iov, int count)
{
	char buffer[TINE__PIPE_BUF];
	struct tine__uio uio;
	size_t have = 0;
	int error;

	for (int i = 0; i < count; i++) {
		error = copyin(iov[i].base, buffer + have, iov[i].size);
		if (error != 0)
			return (-error);
		have += iov[i].size;
	}
	uio_init(&uio, (uintptr_t)buffer, have);
	uio.kernel = true;
	return (transfer(fp, &uio, true));
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

/*
 * readv and writev, piece by piece under one lock.
 * Context: no lock. May switch.
 */
int64_t
rdwrv(int fd, uint64_t address, int count, bool write)
{
	struct tine_iovec iov[TINE_IOV_MAX];
	int64_t total = 0, moved = 0;
	struct tine__node *node;
	struct tine__uio uio;
	file_t *fp;

	if (count < 1 || count > TINE_IOV_MAX)
		return (-EINVAL);
	if (copyin((const void *)(uintptr_t)address, iov,
	    (size_t)count * sizeof (iov[0])) != 0)
		return (-EFAULT);
	fp = getf_for(fd, write ? WRITABLE : READABLE);
	if (fp == NULL)
		return (-EBADF);
	node = fp->f_vnode->v_node;
	if (write && in_one_piece(node, iov, count)) {
		total = write_gathered(fp, iov, count);
		releasef(fd);
		return (total);
	}
	tine__node_lock(node, write);
	for (int i = 0; i < count; i++) {
		/* A pipe or a terminal gives what it has, and no more. */
		if (!write && total != 0 && node->type != TINE__NODE_REG)
			break;
		uio_init(&uio, (uintptr_t)iov[i].base, iov[i].size);
		uio.offset = fp->f_offset;
		moved = transfer(fp, &uio, write);
		if (moved < 0)
			break;
		if (node->type == TINE__NODE_REG && moved > 0)
			fp->f_offset = uio.offset;
		total += moved;
		if ((size_t)moved != iov[i].size)
			break;
	}
	tine__node_unlock(node);
	releasef(fd);
	return (total == 0 && moved < 0 ? moved : total);
}

int64_t
lseek(int fd, int64_t offset, int whence)
{
	file_t *fp = getf(fd);
	struct tine__node *node;
	int64_t base = 0, to, result;

	if (fp == NULL)
		return (-EBADF);
	node = fp->f_vnode->v_node;
	if (!tine__node_seekable(node)) {
		releasef(fd);
		return (-ESPIPE);
	}
	tine__node_lock(node, false);
	if (whence == TINE_SEEK_CUR)
		base = (int64_t)fp->f_offset;
	else if (whence == TINE_SEEK_END)
		base = (int64_t)tine__node_size(node);
	if (whence < TINE_SEEK_SET || whence > TINE_SEEK_END)
		result = -EINVAL;
	else if (__builtin_add_overflow(base, offset, &to))
		result = -EOVERFLOW;
	else if (to < 0)
		result = -EINVAL;
	else
		result = to;
	if (result >= 0) {
		tine__racy(TINE_OP_WRITE, &fp->f_offset);
		fp->f_offset = (uint64_t)result;
	}
	tine__node_unlock(node);
	releasef(fd);
	return (result);
}

/* The next entry of a directory: 1, 0 at the end. */
int64_t
getdents(int fd, uint64_t address)
{
	file_t *fp = getf_for(fd, READABLE);
	struct tine_dirent entry;
	struct tine__node *node;
	uint64_t cookie;
	int error;

	if (fp == NULL)
		return (-EBADF);
	node = fp->f_vnode->v_node;
	tine__node_lock(node, false);
	cookie = fp->f_offset;
	error = tine__readdir(node, &cookie, &entry);
	if (error == 0)
		error = copyout(&entry, (void *)(uintptr_t)address,
		    sizeof (entry));
	if (error == 0)
		fp->f_offset = cookie;
	tine__node_unlock(node);
	releasef(fd);
	return (error == 0 ? 1 : error == ENOENT ? 0 : -error);
}

int64_t
ftruncate(int fd, int64_t size)
{
	file_t *fp = getf_for(fd, WRITABLE);
	struct tine__node *node;
	int error;

	if (fp == NULL)
		return (-EBADF);
	node = fp->f_vnode->v_node;
	tine__node_lock(node, true);
	error = size < 0 ? EINVAL :
	    tine__node_truncate(node, (uint64_t)size);
	tine__node_unlock(node);
	releasef(fd);
	return (-error);
}
