/* SPDX-License-Identifier: MIT */
/* lock.c - POSIX names of locks on files. */
#include "user/posix/posix.h"

#include <stdarg.h>

#include <tine/file.h>

CTASSERT(F_GETLK == TINE_F_GETLK && F_SETLK == TINE_F_SETLK);
CTASSERT(F_SETLKW == TINE_F_SETLKW && F_RDLCK == TINE_F_RDLCK);
CTASSERT(F_WRLCK == TINE_F_WRLCK && F_UNLCK == TINE_F_UNLCK);
CTASSERT(LOCK_SH == TINE_LOCK_SH && LOCK_EX == TINE_LOCK_EX);
CTASSERT(LOCK_NB == TINE_LOCK_NB && LOCK_UN == TINE_LOCK_UN);
CTASSERT(sizeof(struct flock) == sizeof(struct tine_flock));
CTASSERT(offsetof(struct flock, l_start) ==
    offsetof(struct tine_flock, start));
CTASSERT(offsetof(struct flock, l_pid) == offsetof(struct tine_flock, pid));

int
P(flock)(int fd, int operation)
{
	return (int)posix(tine_sys_flock(fd, operation));
}

/* From the offset on: size bytes, or before it if that is negative. */
TINE__ON_PROGRAM_STACK int
P(lockf)(int fd, int cmd, off_t size)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_CUR,
		.l_len = size };
	const long arg = (long)(uintptr_t)&lock;
	int64_t result;

	switch (cmd) {
	case F_ULOCK:
		lock.l_type = F_UNLCK;
		return (int)posix(tine_sys_fcntl(fd, F_SETLK, arg));
	case F_LOCK:
		return (int)posix(POINT(tine_sys_fcntl(fd, F_SETLKW, arg)));
	case F_TLOCK:
		return (int)posix(tine_sys_fcntl(fd, F_SETLK, arg));
	case F_TEST:
		result = tine_sys_fcntl(fd, F_GETLK, arg);
		if (result == 0 && lock.l_type != F_UNLCK)
			result = -EAGAIN;
		return (int)posix(result);
	default:
		return (int)posix(-EINVAL);
	}
}
