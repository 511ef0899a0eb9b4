/* SPDX-License-Identifier: MIT */
/*
 * file.c - files, pipes, terminals, sessions and groups, as programs see them.
 *
 * What a trap carries, beyond read and write (sys.c):
 *
 *	open path* flags mode   close fd             dup2 fd to
 *	dup3 fd to flags        fcntl fd cmd arg     lseek fd offset whence
 *	pread fd to* size at    pwrite fd from* size at
 *	readv fd iov* count     writev fd iov* count pipe fds* flags
 *	preadv fd iov* count at pwritev fd iov* count at
 *	poll fds* count ms      ioctl fd cmd arg     fstat fd st*
 *	access path* mode       chmod path* mode
 *	ftruncate fd size       mkdir path* mode     mkfifo path* mode
 *	unlink path*            rmdir path*          link from* to*
 *	rename from* to*        getdents fd entry*   chdir path*
 *	fchdir fd               chroot path*         getcwd to* size
 *	umask mask              setsid               setpgid pid pgid
 *	getpgid pid             getsid pid
 *	mmapf fd size prot flags offset
 *	flock fd operation      socketpair domain type protocol fds*
 *	shutdown fd how         send fd from* size flags
 *	recv fd to* size flags  stat path* st* nofollow
 *	symlink path* text*     readlink path* to* size
 *	link_follow, link_nofollow as link, whatever link does
 *	the rest: proc/calls/
 */
#include <errno.h>

#include <tine/file.h>

#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

/* --- open files --- */

int
tine_sys_open(const char *path, int flags, int mode)
{
	return (int)tine__sys3(open, ADDRESS(path), (unsigned)flags,
	    (unsigned)mode);
}

int
tine_sys_close(int fd)
{
	return (int)tine__sys1(close, (int64_t)fd);
}

int
tine_sys_dup(int fd)
{
	return tine_sys_fcntl(fd, TINE_F_DUPFD, 0);
}

int
tine_sys_dup2(int fd, int to)
{
	return (int)tine__sys2(dup2, (int64_t)fd, (int64_t)to);
}

int
tine_sys_dup3(int fd, int to, int flags)
{
	return (int)tine__sys3(dup3, (int64_t)fd, (int64_t)to,
	    (unsigned)flags);
}

int
tine_sys_fcntl(int fd, int cmd, long arg)
{
	return (int)tine__sys3(fcntl, (int64_t)fd, (int64_t)cmd,
	    (int64_t)arg);
}

int
tine_sys_flock(int fd, int operation)
{
	return (int)tine__sys2(flock, (int64_t)fd, (int64_t)operation);
}

int64_t
tine_sys_lseek(int fd, int64_t offset, int whence)
{
	return tine__sys3(lseek, (int64_t)fd, offset, (int64_t)whence);
}

long
tine_sys_pread(int fd, void *buffer, size_t size, int64_t offset)
{
	return (long)tine__sys4(pread, (int64_t)fd, ADDRESS(buffer), size,
	    offset);
}

long
tine_sys_pwrite(int fd, const void *buffer, size_t size, int64_t offset)
{
	return (long)tine__sys4(pwrite, (int64_t)fd, ADDRESS(buffer), size,
	    offset);
}

long
tine_sys_readv(int fd, const struct tine_iovec *iov, int count)
{
	return (long)tine__sys3(readv, (int64_t)fd, ADDRESS(iov),
	    (int64_t)count);
}

long
tine_sys_writev(int fd, const struct tine_iovec *iov, int count)
{
	return (long)tine__sys3(writev, (int64_t)fd, ADDRESS(iov),
	    (int64_t)count);
}

long
tine_sys_preadv(int fd, const struct tine_iovec *iov, int count,
    int64_t offset)
{
	return (long)tine__sys4(preadv, (int64_t)fd, ADDRESS(iov),
	    (int64_t)count, offset);
}

long
tine_sys_pwritev(int fd, const struct tine_iovec *iov, int count,
    int64_t offset)
{
	return (long)tine__sys4(pwritev, (int64_t)fd, ADDRESS(iov),
	    (int64_t)count, offset);
}

int
tine_sys_pipe(int fds[2])
{
	return tine_sys_pipe2(fds, 0);
}

int
tine_sys_pipe2(int fds[2], int flags)
{
	return (int)tine__sys2(pipe, ADDRESS(fds), (unsigned)flags);
}

int
tine_sys_poll(struct tine_pollfd *fds, unsigned count, int timeout_ms)
{
	return (int)tine__sys3(poll, ADDRESS(fds), count,
	    (int64_t)timeout_ms);
}

int
tine_sys_ppoll(struct tine_pollfd *fds, unsigned count, uint64_t timeout_ns,
    const uint64_t *mask)
{
	return (int)tine__sys5(ppoll, ADDRESS(fds), count, timeout_ns,
	    mask != NULL ? *mask : 0, mask != NULL);
}

void *
tine_sys_mmap_file(int fd, size_t size, int prot, int flags, int64_t offset)
{
	return (void *)tine__trap(TINE__SYS_mmapf, (uint64_t)(int64_t)fd, size,
	    (unsigned)prot, (unsigned)flags, (uint64_t)offset);
}

/* --- names --- */

int
tine_sys_stat(const char *path, struct tine_stat *st)
{
	return (int)tine__sys2(stat, ADDRESS(path), ADDRESS(st));
}

int
tine_sys_fstat(int fd, struct tine_stat *st)
{
	return (int)tine__sys2(fstat, (int64_t)fd, ADDRESS(st));
}

int
tine_sys_access(const char *path, int mode)
{
	return (int)tine__sys2(access, ADDRESS(path), (unsigned)mode);
}

int
tine_sys_chmod(const char *path, int mode)
{
	return (int)tine__sys2(chmod, ADDRESS(path), (unsigned)mode);
}

int
tine_sys_fchmod(int fd, int mode)
{
	return (int)tine__sys2(fchmod, (int64_t)fd, (unsigned)mode);
}

int
tine_sys_chown(const char *path, unsigned uid, unsigned gid)
{
	return (int)tine__sys3(chown, ADDRESS(path), uid, gid);
}

int
tine_sys_fchown(int fd, unsigned uid, unsigned gid)
{
	return (int)tine__sys3(fchown, (int64_t)fd, uid, gid);
}

int
tine_sys_utime(const char *path, uint64_t ns)
{
	return (int)tine__sys2(utime, ADDRESS(path), ns);
}

int
tine_sys_futime(int fd, uint64_t ns)
{
	return (int)tine__sys2(futime, (int64_t)fd, ns);
}

int
tine_sys_ftruncate(int fd, int64_t size)
{
	return (int)tine__sys2(ftruncate, (int64_t)fd, size);
}

int
tine_sys_mkdir(const char *path, int mode)
{
	return (int)tine__sys2(mkdir, ADDRESS(path), (unsigned)mode);
}

int
tine_sys_mkfifo(const char *path, int mode)
{
	return (int)tine__sys2(mkfifo, ADDRESS(path), (unsigned)mode);
}

int
tine_sys_unlink(const char *path)
{
	return (int)tine__sys1(unlink, ADDRESS(path));
}

int
tine_sys_rmdir(const char *path)
{
	return (int)tine__sys1(rmdir, ADDRESS(path));
}

int
tine_sys_link(const char *from, const char *to)
{
	return (int)tine__sys2(link, ADDRESS(from), ADDRESS(to));
}

int
tine_sys_rename(const char *from, const char *to)
{
	return (int)tine__sys2(rename, ADDRESS(from), ADDRESS(to));
}

/* The call of that name with its paths beginning at a directory. */
#define AT(dir, name, a, b, c) ((int)tine__at(dir, name, a, b, c))

int
tine_sys_openat(int dir, const char *path, int flags, int mode)
{
	return AT(dir, open, ADDRESS(path), (unsigned)flags, (unsigned)mode);
}

int
tine_sys_statat(int dir, const char *path, struct tine_stat *st)
{
	return AT(dir, stat, ADDRESS(path), ADDRESS(st), 0);
}

int
tine_sys_accessat(int dir, const char *path, int mode)
{
	return AT(dir, access, ADDRESS(path), (unsigned)mode, 0);
}

int
tine_sys_chmodat(int dir, const char *path, int mode)
{
	return AT(dir, chmod, ADDRESS(path), (unsigned)mode, 0);
}

int
tine_sys_chownat(int dir, const char *path, unsigned uid, unsigned gid)
{
	return AT(dir, chown, ADDRESS(path), uid, gid);
}

int
tine_sys_utimeat(int dir, const char *path, uint64_t ns)
{
	return AT(dir, utime, ADDRESS(path), ns, 0);
}

int
tine_sys_mkdirat(int dir, const char *path, int mode)
{
	return AT(dir, mkdir, ADDRESS(path), (unsigned)mode, 0);
}

int
tine_sys_mkfifoat(int dir, const char *path, int mode)
{
	return AT(dir, mkfifo, ADDRESS(path), (unsigned)mode, 0);
}

int
tine_sys_unlinkat(int dir, const char *path)
{
	return AT(dir, unlink, ADDRESS(path), 0, 0);
}

int
tine_sys_rmdirat(int dir, const char *path)
{
	return AT(dir, rmdir, ADDRESS(path), 0, 0);
}

int
tine_sys_linkat(int dir, const char *from, int to_dir, const char *to)
{
	return AT(dir, link_nofollow, ADDRESS(from), ADDRESS(to),
	    (int64_t)to_dir);
}

int
tine_sys_renameat(int dir, const char *from, int to_dir, const char *to)
{
	return AT(dir, rename, ADDRESS(from), ADDRESS(to), (int64_t)to_dir);
}

int
tine_sys_getdents(int fd, struct tine_dirent *entry)
{
	return (int)tine__sys2(getdents, (int64_t)fd, ADDRESS(entry));
}

int
tine_sys_chdir(const char *path)
{
	return (int)tine__sys1(chdir, ADDRESS(path));
}

int
tine_sys_fchdir(int fd)
{
	return (int)tine__sys1(fchdir, (int64_t)fd);
}

int
tine_sys_chroot(const char *path)
{
	return (int)tine__sys1(chroot, ADDRESS(path));
}

int
tine_sys_getcwd(char *path, size_t size)
{
	return (int)tine__sys2(getcwd, ADDRESS(path), size);
}

int
tine_sys_umask(int mask)
{
	return (int)tine__sys1(umask, (unsigned)mask);
}

/* --- sessions, groups, terminals --- */

tine_pid_t
tine_sys_setsid(void)
{
	return (tine_pid_t)tine__sys0(setsid);
}

int
tine_sys_setpgid(tine_pid_t pid, tine_pid_t pgid)
{
	return (int)tine__sys2(setpgid, (int64_t)pid, (int64_t)pgid);
}

tine_pid_t
tine_sys_getpgid(tine_pid_t pid)
{
	return (tine_pid_t)tine__sys1(getpgid, (int64_t)pid);
}

tine_pid_t
tine_sys_getsid(tine_pid_t pid)
{
	return (tine_pid_t)tine__sys1(getsid, (int64_t)pid);
}

int
tine_sys_ioctl(int fd, unsigned cmd, void *arg)
{
	return (int)tine__sys3(ioctl, (int64_t)fd, cmd, ADDRESS(arg));
}

TINE__ON_PROGRAM_STACK int
tine_sys_tcsetpgrp(int fd, tine_pid_t pgid)
{
	int value = pgid;

	return tine_sys_ioctl(fd, TINE_TIOCSPGRP, &value);
}

TINE__ON_PROGRAM_STACK tine_pid_t
tine_sys_tcgetpgrp(int fd)
{
	int value = 0;
	const int error = tine_sys_ioctl(fd, TINE_TIOCGPGRP, &value);

	return error != 0 ? error : value;
}

TINE__ON_PROGRAM_STACK int
tine_sys_isatty(int fd)
{
	struct tine_termios termios;
	const int error = tine_sys_ioctl(fd, TINE_TCGETS, &termios);

	return error == 0 ? 1 : error == -ENOTTY ? 0 : error;
}

/* --- sockets --- */

int
tine_sys_socketpair(int domain, int type, int protocol, int fds[2])
{
	return (int)tine__sys4(socketpair, (int64_t)domain, (int64_t)type,
	    (int64_t)protocol, ADDRESS(fds));
}

int
tine_sys_shutdown(int fd, int how)
{
	return (int)tine__sys2(shutdown, (int64_t)fd, (int64_t)how);
}

long
tine_sys_send(int fd, const void *buffer, size_t size, int flags)
{
	return (long)tine__sys4(send, (int64_t)fd, ADDRESS(buffer), size,
	    (unsigned)flags);
}

long
tine_sys_recv(int fd, void *buffer, size_t size, int flags)
{
	return (long)tine__sys4(recv, (int64_t)fd, ADDRESS(buffer), size,
	    (unsigned)flags);
}
