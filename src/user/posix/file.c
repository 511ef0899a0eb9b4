/* SPDX-License-Identifier: MIT */
/*
 * file.c - POSIX names of what is done to descriptors.
 *
 * The kernel's constants are the host's: what they mean is checked here once,
 * and then they pass as they are.
 */
#include "user/posix/posix.h"

#include <stdarg.h>

#include <tine/file.h>
#include <tine/signal.h>

CTASSERT(O_CREAT == TINE_O_CREAT && O_EXCL == TINE_O_EXCL);
CTASSERT(O_TRUNC == TINE_O_TRUNC && O_APPEND == TINE_O_APPEND);
CTASSERT(O_NONBLOCK == TINE_O_NONBLOCK && O_CLOEXEC == TINE_O_CLOEXEC);
CTASSERT(O_DIRECTORY == TINE_O_DIRECTORY && O_NOCTTY == TINE_O_NOCTTY);
CTASSERT(O_NOFOLLOW == TINE_O_NOFOLLOW && S_IFLNK == TINE_S_IFLNK);
CTASSERT(F_DUPFD == TINE_F_DUPFD && F_SETFL == TINE_F_SETFL);
CTASSERT(F_DUPFD_CLOEXEC == TINE_F_DUPFD_CLOEXEC);
CTASSERT(SEEK_CUR == TINE_SEEK_CUR && SEEK_END == TINE_SEEK_END);
CTASSERT(POLLIN == TINE_POLLIN && POLLOUT == TINE_POLLOUT);
CTASSERT(POLLERR == TINE_POLLERR && POLLHUP == TINE_POLLHUP);
CTASSERT(POLLNVAL == TINE_POLLNVAL);
CTASSERT(sizeof(struct pollfd) == sizeof(struct tine_pollfd));
CTASSERT(sizeof(struct iovec) == sizeof(struct tine_iovec));
CTASSERT(S_IFMT == TINE_S_IFMT && S_IFREG == TINE_S_IFREG);

#define NSEC 1000000000

/* --- descriptors --- */

ssize_t
P(read)(int fd, void *buffer, size_t size)
{
	return posix(POINT(tine_sys_read(fd, buffer, size)));
}

ssize_t
P(write)(int fd, const void *buffer, size_t size)
{
	return posix(POINT(tine_sys_write(fd, buffer, size)));
}

ssize_t
P(pread)(int fd, void *buffer, size_t size, off_t offset)
{
	return posix(POINT(tine_sys_pread(fd, buffer, size, offset)));
}

ssize_t
P(pwrite)(int fd, const void *buffer, size_t size, off_t offset)
{
	return posix(POINT(tine_sys_pwrite(fd, buffer, size, offset)));
}

ssize_t
P(readv)(int fd, const struct iovec *iov, int count)
{
	return posix(POINT(tine_sys_readv(fd,
	    (const struct tine_iovec *)(const void *)iov, count)));
}

ssize_t
P(writev)(int fd, const struct iovec *iov, int count)
{
	return posix(POINT(tine_sys_writev(fd,
	    (const struct tine_iovec *)(const void *)iov, count)));
}

ssize_t
P(preadv)(int fd, const struct iovec *iov, int count, off_t offset)
{
	return posix(POINT(tine_sys_preadv(fd,
	    (const struct tine_iovec *)(const void *)iov, count, offset)));
}

ssize_t
P(pwritev)(int fd, const struct iovec *iov, int count, off_t offset)
{
	return posix(POINT(tine_sys_pwritev(fd,
	    (const struct tine_iovec *)(const void *)iov, count, offset)));
}

off_t
P(lseek)(int fd, off_t offset, int whence)
{
	return posix(tine_sys_lseek(fd, offset, whence));
}

int
P(open)(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if ((flags & O_CREAT) != 0) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return (int)posix(POINT(tine_sys_open(path, flags, (int)mode)));
}

int
P(creat)(const char *path, mode_t mode)
{
	return P(open)(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int
P(close)(int fd)
{
	return (int)posix(tine_sys_close(fd));
}

int
P(dup)(int fd)
{
	return (int)posix(tine_sys_dup(fd));
}

int
P(dup2)(int fd, int to)
{
	return (int)posix(tine_sys_dup2(fd, to));
}

int
P(dup3)(int fd, int to, int flags)
{
	return (int)posix(tine_sys_dup3(fd, to, flags));
}

int
P(pipe)(int fds[2])
{
	return (int)posix(tine_sys_pipe(fds));
}

int
P(pipe2)(int fds[2], int flags)
{
	return (int)posix(tine_sys_pipe2(fds, flags));
}

int
P(fcntl)(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	/* Commands without an argument leave it alone. */
	va_start(args, cmd);
	arg = cmd == F_GETFD || cmd == F_GETFL ? 0 : va_arg(args, long);
	va_end(args);
	if (cmd == F_SETLKW)
		return (int)posix(POINT(tine_sys_fcntl(fd, cmd, arg)));
	return (int)posix(tine_sys_fcntl(fd, cmd, arg));
}

int
P(ioctl)(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	/* A termios has more in it than the kernel knows of. */
	if (request == TCGETS)
		return P(tcgetattr)(fd, arg);
	if (request == TCSETS)
		return P(tcsetattr)(fd, TCSANOW, arg);
	return (int)posix(tine_sys_ioctl(fd, (unsigned)request, arg));
}

int
P(fsync)(int fd)
{
	return P(fcntl)(fd, F_GETFD) < 0 ? -1 : 0;
}

int
P(fdatasync)(int fd)
{
	return P(fsync)(fd);
}

/* --- poll and select --- */

/* The kernel's mask is the first word of the host's. */
static int64_t
poll_ns(struct pollfd *fds, nfds_t count, uint64_t ns, const sigset_t *mask)
{
	const uint64_t set = mask == NULL ? 0 :
	    mask->__val[0] & ~TINE_SIGBIT(TINE__SIGCANCEL);

	if (count > TINE_POLL_MAX)
		return -EINVAL;
	return POINT(tine_sys_ppoll((struct tine_pollfd *)(void *)fds,
	    (unsigned)count, ns, mask == NULL ? NULL : &set));
}

int
P(poll)(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	if (count > TINE_POLL_MAX)
		return (int)posix(-EINVAL);
	return (int)posix(POINT(tine_sys_poll(
	    (struct tine_pollfd *)(void *)fds, (unsigned)count, timeout_ms)));
}

/* UINT64_MAX for NULL, and no other time is that. */
static uint64_t
time_out(const struct timespec *timeout)
{
	const uint64_t ns = timeout == NULL ? UINT64_MAX : tine__ns(timeout);

	return timeout != NULL && ns == UINT64_MAX ? UINT64_MAX - 1 : ns;
}

int
P(ppoll)(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
    const sigset_t *mask)
{
	if (timeout != NULL && (bad_time(timeout) || timeout->tv_sec < 0))
		return (int)posix(-EINVAL);
	return (int)posix(poll_ns(fds, count, time_out(timeout), mask));
}

/* A set's member for each result that it stands for. @return how many. */
static int
answer(fd_set *set, const struct pollfd *polled, short results)
{
	if (set == NULL || (polled->revents & results) == 0)
		return 0;
	FD_SET(polled->fd, set);
	return 1;
}

static unsigned
asked(const fd_set *r, const fd_set *w, const fd_set *e, int n,
    struct pollfd *fds)
{
	unsigned count = 0;
	short events;
	int fd;

	for (fd = 0; fd < n; fd++) {
		events = 0;
		if (r != NULL && FD_ISSET(fd, r))
			events |= POLLIN;
		if (w != NULL && FD_ISSET(fd, w))
			events |= POLLOUT;
		if (e != NULL && FD_ISSET(fd, e))
			events |= POLLPRI;
		if (events == 0)
			continue;
		if (count == TINE_POLL_MAX)
			return TINE_POLL_MAX + 1;
		fds[count].fd = fd;
		fds[count].events = events;
		fds[count++].revents = 0;
	}
	return count;
}

TINE__ON_PROGRAM_STACK int
P(pselect)(int n, fd_set *r, fd_set *w, fd_set *e,
    const struct timespec *timeout, const sigset_t *mask)
{
	struct pollfd fds[TINE_POLL_MAX];
	unsigned count, i;
	int result;

	count = n < 0 || n > FD_SETSIZE ? TINE_POLL_MAX + 1 :
	    asked(r, w, e, n, fds);
	if (count > TINE_POLL_MAX)
		return (int)posix(-EINVAL);
	if (timeout != NULL && (bad_time(timeout) || timeout->tv_sec < 0))
		return (int)posix(-EINVAL);
	result = (int)posix(poll_ns(fds, count, time_out(timeout), mask));
	if (result < 0)
		return -1;
	for (i = 0; i < count; i++)
		if ((fds[i].revents & POLLNVAL) != 0)
			return (int)posix(-EBADF);
	if (r != NULL)
		FD_ZERO(r);
	if (w != NULL)
		FD_ZERO(w);
	if (e != NULL)
		FD_ZERO(e);
	for (i = 0, result = 0; i < count; i++) {
		if ((fds[i].events & POLLIN) != 0)
			result += answer(r, &fds[i],
			    POLLIN | POLLHUP | POLLERR);
		if ((fds[i].events & POLLOUT) != 0)
			result += answer(w, &fds[i], POLLOUT | POLLERR);
		if ((fds[i].events & POLLPRI) != 0)
			result += answer(e, &fds[i], POLLPRI);
	}
	return result;
}

/* What a second has too much of microseconds counts too. */
TINE__ON_PROGRAM_STACK int
P(select)(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout)
{
	struct timespec time;

	if (timeout == NULL)
		return P(pselect)(n, r, w, e, NULL, NULL);
	if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
		return (int)posix(-EINVAL);
	time.tv_nsec = (long)(timeout->tv_usec % 1000000 * 1000);
	if (__builtin_add_overflow(timeout->tv_sec,
	    timeout->tv_usec / 1000000, &time.tv_sec))
		time.tv_sec = timeout->tv_sec;
	return P(pselect)(n, r, w, e, &time, NULL);
}

/* --- names --- */

int
tine__posix_stat(int64_t result, const struct tine_stat *is, struct stat *st)
{
	if (result != 0)
		return (int)posix(result);
	memset(st, 0, sizeof(*st));
	st->st_mode = is->mode;
	st->st_ino = is->ino;
	st->st_nlink = is->nlink;
	st->st_uid = is->uid;
	st->st_gid = is->gid;
	st->st_size = (off_t)is->size;
	st->st_blksize = 4096;
	st->st_blocks = (blkcnt_t)((is->size + 511) / 512);
	st->st_mtim.tv_sec = (time_t)(is->mtime_ns / NSEC);
	st->st_mtim.tv_nsec = (long)(is->mtime_ns % NSEC);
	return 0;
}

TINE__ON_PROGRAM_STACK int
P(stat)(const char *path, struct stat *st)
{
	struct tine_stat is;

	return tine__posix_stat(tine_sys_stat(path, &is), &is, st);
}

TINE__ON_PROGRAM_STACK int
P(lstat)(const char *path, struct stat *st)
{
	struct tine_stat is;

	return tine__posix_stat(tine_sys_lstat(path, &is), &is, st);
}

TINE__ON_PROGRAM_STACK int
P(fstat)(int fd, struct stat *st)
{
	struct tine_stat is;

	return tine__posix_stat(tine_sys_fstat(fd, &is), &is, st);
}

int
P(access)(const char *path, int mode)
{
	return (int)posix(tine_sys_access(path, mode));
}

int
P(chmod)(const char *path, mode_t mode)
{
	return (int)posix(tine_sys_chmod(path, (int)mode));
}

int
P(ftruncate)(int fd, off_t size)
{
	return (int)posix(tine_sys_ftruncate(fd, size));
}

int
P(truncate)(const char *path, off_t size)
{
	const int fd = P(open)(path, O_WRONLY);
	int64_t result;

	if (fd < 0)
		return -1;
	result = tine_sys_ftruncate(fd, size);
	(void)tine_sys_close(fd);
	return (int)posix(result);
}

int
P(mkdir)(const char *path, mode_t mode)
{
	return (int)posix(tine_sys_mkdir(path, (int)mode));
}

int
P(mkfifo)(const char *path, mode_t mode)
{
	return (int)posix(tine_sys_mkfifo(path, (int)mode));
}

int
P(unlink)(const char *path)
{
	return (int)posix(tine_sys_unlink(path));
}

int
P(rmdir)(const char *path)
{
	return (int)posix(tine_sys_rmdir(path));
}

int
P(link)(const char *from, const char *to)
{
	return (int)posix(tine_sys_link(from, to));
}

int
P(rename)(const char *from, const char *to)
{
	return (int)posix(tine_sys_rename(from, to));
}

int
P(chdir)(const char *path)
{
	return (int)posix(tine_sys_chdir(path));
}

int
P(fchdir)(int fd)
{
	return (int)posix(tine_sys_fchdir(fd));
}

/* For NULL in memory of malloc's, as glibc has it. */
char *
P(getcwd)(char *path, size_t size)
{
	char *const fresh = path != NULL ? NULL :
	    P(malloc)(size != 0 ? size : PATH_MAX);

	if (path == NULL && fresh == NULL)
		return NULL;
	if (posix(tine_sys_getcwd(path != NULL ? path : fresh,
	    path == NULL && size == 0 ? PATH_MAX : size)) >= 0)
		return path != NULL ? path : fresh;
	P(free)(fresh);
	return NULL;
}

mode_t
P(umask)(mode_t mask)
{
	return (mode_t)tine_sys_umask((int)mask);
}

/* --- terminals --- */

int
P(isatty)(int fd)
{
	const int64_t result = tine_sys_isatty(fd);

	if (result == 0)
		set_errno(ENOTTY);
	return result < 0 ? (posix(result), 0) : (int)result;
}

int
P(tcsetpgrp)(int fd, pid_t pgid)
{
	return (int)posix(tine_sys_tcsetpgrp(fd, pgid));
}

pid_t
P(tcgetpgrp)(int fd)
{
	return (pid_t)posix(tine_sys_tcgetpgrp(fd));
}
