/* SPDX-License-Identifier: MIT */
/*
 * at.c - POSIX names of paths that begin at a directory, of what an owner
 * changes, and of directories that are listed.
 */
#include "user/posix/posix.h"

#include <stdarg.h>

#include <tine/file.h>

CTASSERT(AT_FDCWD == TINE_AT_FDCWD && R_OK == TINE_R_OK);

#define NSEC 1000000000

/* --- paths that begin at a directory --- */

int
P(openat)(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if ((flags & O_CREAT) != 0) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return (int)posix(POINT(tine_sys_openat(dir, path, flags, (int)mode)));
}

/* An empty path is the descriptor itself. */
TINE__ON_PROGRAM_STACK int
P(fstatat)(int dir, const char *path, struct stat *st, int flags)
{
	struct tine_stat is;

	if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
		return (int)posix(-EINVAL);
	if ((flags & AT_EMPTY_PATH) != 0 && *path == '\0')
		return P(fstat)(dir, st);
	return tine__posix_stat((flags & AT_SYMLINK_NOFOLLOW) != 0 ?
	    tine_sys_lstatat(dir, path, &is) :
	    tine_sys_statat(dir, path, &is), &is, st);
}

/* Whether a path ends at a link, and that is what is meant. */
static TINE__ON_PROGRAM_STACK bool
is_link(int dir, const char *path, int flags)
{
	struct tine_stat is;

	return (flags & AT_SYMLINK_NOFOLLOW) != 0 &&
	    tine_sys_lstatat(dir, path, &is) == 0 &&
	    (is.mode & TINE_S_IFMT) == TINE_S_IFLNK;
}

/* Access is that of the real ids; of the effective ones is another question,
 * which no kernel here is asked. */
int
P(faccessat)(int dir, const char *path, int mode, int flags)
{
	if ((flags & ~AT_SYMLINK_NOFOLLOW) != 0)
		return (int)posix(-EINVAL);
	/* Everybody may do anything to a link. */
	if (is_link(dir, path, flags))
		return 0;
	return (int)posix(tine_sys_accessat(dir, path, mode));
}

int
P(fchmodat)(int dir, const char *path, mode_t mode, int flags)
{
	if ((flags & ~AT_SYMLINK_NOFOLLOW) != 0)
		return (int)posix(-EINVAL);
	if (is_link(dir, path, flags))
		return (int)posix(-EOPNOTSUPP);
	return (int)posix(tine_sys_chmodat(dir, path, (int)mode));
}

int
P(fchownat)(int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
		return (int)posix(-EINVAL);
	if ((flags & AT_EMPTY_PATH) != 0 && *path == '\0')
		return P(fchown)(dir, uid, gid);
	return (int)posix((flags & AT_SYMLINK_NOFOLLOW) != 0 ?
	    tine_sys_lchownat(dir, path, uid, gid) :
	    tine_sys_chownat(dir, path, uid, gid));
}

int
P(mkdirat)(int dir, const char *path, mode_t mode)
{
	return (int)posix(tine_sys_mkdirat(dir, path, (int)mode));
}

int
P(mkfifoat)(int dir, const char *path, mode_t mode)
{
	return (int)posix(tine_sys_mkfifoat(dir, path, (int)mode));
}

int
P(unlinkat)(int dir, const char *path, int flags)
{
	if ((flags & ~AT_REMOVEDIR) != 0)
		return (int)posix(-EINVAL);
	return (int)posix(flags != 0 ? tine_sys_rmdirat(dir, path) :
	    tine_sys_unlinkat(dir, path));
}

int
P(linkat)(int dir, const char *from, int to_dir, const char *to, int flags)
{
	if ((flags & ~AT_SYMLINK_FOLLOW) != 0)
		return (int)posix(-EINVAL);
	return (int)posix(flags != 0 ?
	    tine_sys_linkat_follow(dir, from, to_dir, to) :
	    tine_sys_linkat(dir, from, to_dir, to));
}

int
P(renameat)(int dir, const char *from, int to_dir, const char *to)
{
	return (int)posix(tine_sys_renameat(dir, from, to_dir, to));
}

int
P(remove)(const char *path)
{
	const int result = tine_sys_unlink(path);
	struct tine_stat is;

	if (result == 0 || tine_sys_lstat(path, &is) != 0 ||
	    (is.mode & TINE_S_IFMT) != TINE_S_IFDIR)
		return (int)posix(result);
	return (int)posix(tine_sys_rmdir(path));
}

/* --- what an owner changes --- */

int
P(fchmod)(int fd, mode_t mode)
{
	return (int)posix(tine_sys_fchmod(fd, (int)mode));
}

int
P(chown)(const char *path, uid_t uid, gid_t gid)
{
	return (int)posix(tine_sys_chown(path, uid, gid));
}

int
P(lchown)(const char *path, uid_t uid, gid_t gid)
{
	return (int)posix(tine_sys_lchown(path, uid, gid));
}

int
P(fchown)(int fd, uid_t uid, gid_t gid)
{
	return (int)posix(tine_sys_fchown(fd, uid, gid));
}

/*
 * The one time that a file has, from a pair of which the second is that of the
 * last change. @return 0 and it, UINT64_MAX if the present one is meant; 1: it
 * stays; -EINVAL.
 */
static int
change_time(const struct timespec times[2], uint64_t *ns)
{
	*ns = UINT64_MAX;
	if (times == NULL || times[1].tv_nsec == UTIME_NOW)
		return 0;
	if (times[1].tv_nsec == UTIME_OMIT)
		return 1;
	if (bad_time(&times[1]) || times[1].tv_sec < 0)
		return -EINVAL;
	*ns = tine__ns(&times[1]);
	return 0;
}

int
P(utimensat)(int dir, const char *path, const struct timespec times[2],
    int flags)
{
	uint64_t ns;
	const int what = change_time(times, &ns);

	if ((flags & ~AT_SYMLINK_NOFOLLOW) != 0)
		return (int)posix(-EINVAL);
	if (what != 0)
		return what == 1 ? 0 : (int)posix(what);
	return (int)posix((flags & AT_SYMLINK_NOFOLLOW) != 0 ?
	    tine_sys_lutimeat(dir, path, ns) :
	    tine_sys_utimeat(dir, path, ns));
}

int
P(futimens)(int fd, const struct timespec times[2])
{
	uint64_t ns;
	const int what = change_time(times, &ns);

	return what == 1 ? 0 :
	    (int)posix(what < 0 ? what : tine_sys_futime(fd, ns));
}

/* @return NULL: now. */
static const struct timespec *
from_timeval(const struct timeval times[2], struct timespec out[2])
{
	int i;

	if (times == NULL)
		return NULL;
	for (i = 0; i < 2; i++) {
		out[i].tv_sec = times[i].tv_sec;
		/* Not by chance one of the special values. */
		out[i].tv_nsec = times[i].tv_usec < 0 ||
		    times[i].tv_usec > 999999 ? -1 : times[i].tv_usec * 1000;
	}
	return out;
}

TINE__ON_PROGRAM_STACK int
P(utimes)(const char *path, const struct timeval times[2])
{
	struct timespec out[2];

	return P(utimensat)(AT_FDCWD, path, from_timeval(times, out), 0);
}

TINE__ON_PROGRAM_STACK int
P(futimes)(int fd, const struct timeval times[2])
{
	struct timespec out[2];

	return P(futimens)(fd, from_timeval(times, out));
}

/* --- directories: a descriptor and the entry last read, in the heap --- */

struct stream {
	int fd;
	struct dirent entry;
};

static struct stream *
stream(DIR *dir)
{
	return (struct stream *)(void *)dir;
}

static DIR *
opened(int fd)
{
	struct stream *s = P(malloc)(sizeof(*s));

	if (s != NULL)
		s->fd = fd;
	return (DIR *)(void *)s;
}

DIR *
P(opendir)(const char *path)
{
	const int fd = P(open)(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = opened(fd);
	if (dir == NULL)
		(void)tine_sys_close(fd);
	return dir;
}

TINE__ON_PROGRAM_STACK DIR *
P(fdopendir)(int fd)
{
	struct tine_stat is;

	if (posix(tine_sys_fstat(fd, &is)) != 0)
		return NULL;
	if ((is.mode & TINE_S_IFMT) != TINE_S_IFDIR) {
		set_errno(ENOTDIR);
		return NULL;
	}
	return opened(fd);
}

int
P(closedir)(DIR *dir)
{
	const int fd = stream(dir)->fd;

	tine_free(dir);
	return P(close)(fd);
}

/* The names "." and ".." are not listed by any kernel here. */
TINE__ON_PROGRAM_STACK struct dirent *
P(readdir)(DIR *dir)
{
	struct stream *s = stream(dir);
	struct tine_dirent is;

	if (posix(tine_sys_getdents(s->fd, &is)) <= 0)
		return NULL;
	memset(&s->entry, 0, sizeof(s->entry));
	s->entry.d_ino = is.ino;
	s->entry.d_type = (unsigned char)(is.type >> 12);
	s->entry.d_reclen = sizeof(s->entry);
	memcpy(s->entry.d_name, is.name, sizeof(is.name));
	return &s->entry;
}

void
P(rewinddir)(DIR *dir)
{
	(void)tine_sys_lseek(stream(dir)->fd, 0, TINE_SEEK_SET);
}

int
P(dirfd)(DIR *dir)
{
	return stream(dir)->fd;
}
