/* SPDX-License-Identifier: MIT */
/*
 * file.h - files, pipes, terminals, sessions and groups: what a simulated
 * program calls, and how the host program fills and reads a machine's files.
 *
 * Program plane, as sys.h: a failing call gives a negative errno; outside any
 * program it is -EPERM. Numbers are those of the host's headers, so that a
 * program may use either names.
 *
 * A machine has one file system, in kernel memory, empty again at each boot:
 * "/", "/bin" with an executable for each registered program, "/dev" with
 * console, tty, null and zero, "/tmp", and the files that the host program has
 * put there with tine_machine_file().
 *
 * Spec ids name the behaviour in the illumos flavour unless they say otherwise.
 */
#ifndef TINE_FILE_H
#define TINE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <tine/machine.h>
#include <tine/sys.h>

TINE_BEGIN_DECLS

/* --- open files --- */

/* Flags of open. */
#define TINE_O_RDONLY 0
#define TINE_O_WRONLY 1
#define TINE_O_RDWR 2
#define TINE_O_ACCMODE 3
#define TINE_O_CREAT 0100
#define TINE_O_EXCL 0200
#define TINE_O_NOCTTY 0400
#define TINE_O_TRUNC 01000
#define TINE_O_APPEND 02000
#define TINE_O_NONBLOCK 04000
#define TINE_O_DIRECTORY 0200000
#define TINE_O_NOFOLLOW 0400000	/* of a symbolic link: -ELOOP */
#define TINE_O_CLOEXEC 02000000

/**
 * Open a file; the lowest free descriptor.
 *
 * A terminal becomes the controlling terminal of a session leader that has
 * none, unless TINE_O_NOCTTY. A FIFO waits for its other end.
 *
 * @param mode  permissions of a file that is created, less the umask.
 * @return the descriptor, or -ENOENT, -ENOTDIR, -EACCES, -EEXIST, -EISDIR,
 *         -EMFILE, -ENXIO (a FIFO nobody reads, without waiting), -ENOSPC,
 *         -EINTR, -ENAMETOOLONG, -EFAULT, -EINVAL.
 */
TINE_API int tine_sys_open(const char *path, int flags, int mode);

/**
 * Close a descriptor. Waits while another LWP of the process is inside a call
 * on it. @return 0, -EBADF.
 */
TINE_API int tine_sys_close(int fd);

/** Another descriptor for the same open file: the lowest. @return it, or
 * -EBADF, -EMFILE. */
TINE_API int tine_sys_dup(int fd);

/** The same at a given number, which is closed first if it is open. Equal
 * numbers: nothing happens. @return to, or -EBADF, -EINTR. */
TINE_API int tine_sys_dup2(int fd, int to);

/** dup2 with TINE_O_CLOEXEC or 0. @return to, or -EBADF, -EINVAL (other flags,
 * or equal numbers). */
TINE_API int tine_sys_dup3(int fd, int to, int flags);

#define TINE_F_DUPFD 0		/* the lowest from arg on */
#define TINE_F_GETFD 1
#define TINE_F_SETFD 2
#define TINE_F_GETFL 3
#define TINE_F_SETFL 4		/* TINE_O_APPEND, TINE_O_NONBLOCK */
#define TINE_F_GETLK 5		/* struct tine_flock *: these three */
#define TINE_F_SETLK 6
#define TINE_F_SETLKW 7
#define TINE_F_DUPFD_CLOEXEC 1030
#define TINE_FD_CLOEXEC 1	/* closed by exec (IL-144), kept by fork */

/** Descriptor flags belong to the descriptor, the others to the open file that
 * dup and fork share. @return a value or 0, or -EBADF, -EINVAL, -EMFILE. */
TINE_API int tine_sys_fcntl(int fd, int cmd, long arg);

#define TINE_F_RDLCK 0		/* others may read, too */
#define TINE_F_WRLCK 1
#define TINE_F_UNLCK 2

/**
 * A lock on a range of a file, which keeps out those who ask for one, too, and
 * nobody else. It belongs to the process: fork does not pass it on, exec keeps
 * it, and all that a process has on a file are gone when it closes any
 * descriptor of that file, or ends. The same process may change what it has;
 * ranges split and join.
 *
 * TINE_F_SETLK gives -EAGAIN when another one is in the way, TINE_F_SETLKW
 * waits for it: -EINTR, or -EDEADLK if it would wait for itself, as far as the
 * kernel sees that (docs/programs.md). TINE_F_GETLK tells the first lock that
 * is in the way, or that none is: type is TINE_F_UNLCK. Also -EBADF (not open
 * for that), -EINVAL, -EFAULT, and -EOVERFLOW, -ENOMEM or -ENOLCK as the kernel
 * has it.
 */
struct tine_flock {
	short type;		/* TINE_F_RDLCK, WRLCK, UNLCK */
	short whence;		/* TINE_SEEK_: what start counts from */
	int64_t start;
	int64_t len;		/* 0: to the end, however far that moves */
	int pid;		/* GETLK: whose it is */
};

#define TINE_LOCK_SH 1
#define TINE_LOCK_EX 2
#define TINE_LOCK_NB 4		/* with one of the others: do not wait */
#define TINE_LOCK_UN 8

/**
 * A lock on a whole file that belongs to the open file: dup and fork share it,
 * the last close of all ends it. It and the locks of fcntl keep each other out.
 * @return 0, or -EBADF, -EAGAIN, -EINTR, -ENOSYS (2006), and what the kernel
 * says of an operation or a file that is none.
 */
TINE_API int tine_sys_flock(int fd, int operation);

#define TINE_SEEK_SET 0
#define TINE_SEEK_CUR 1
#define TINE_SEEK_END 2

/** Set the offset that all descriptors of an open file share (IL-009).
 * @return the new one, or -EBADF, -ESPIPE, -EINVAL, -EOVERFLOW. */
TINE_API int64_t tine_sys_lseek(int fd, int64_t offset, int whence);

/** read and write at an offset, which the file keeps. @return as those; also
 * -ESPIPE, -EINVAL (a negative one). */
TINE_API long tine_sys_pread(int fd, void *buffer, size_t size,
    int64_t offset);
TINE_API long tine_sys_pwrite(int fd, const void *buffer, size_t size,
    int64_t offset);

struct tine_iovec {
	void *base;
	size_t size;
};
#define TINE_IOV_MAX 16

/** Several pieces in one call. @return bytes, or as read and write; -EINVAL
 * (none, or more than TINE_IOV_MAX). */
TINE_API long tine_sys_readv(int fd, const struct tine_iovec *iov, int count);
TINE_API long tine_sys_writev(int fd, const struct tine_iovec *iov, int count);
/** The same at an offset, which the file keeps: also -ESPIPE, -EINVAL (a
 * negative one). */
TINE_API long tine_sys_preadv(int fd, const struct tine_iovec *iov, int count,
    int64_t offset);
TINE_API long tine_sys_pwritev(int fd, const struct tine_iovec *iov, int count,
    int64_t offset);

/**
 * A pipe: what is written to fds[1] is read from fds[0].
 *
 * It holds options.pipe_bytes. A write of at most 4096 bytes (of less than it
 * holds) is not mixed with others. Reading gives 0 once nobody can write any
 * more; writing is -EPIPE and SIGPIPE once nobody can read.
 *
 * @return 0, or -EMFILE, -ENOMEM, -EFAULT.
 */
TINE_API int tine_sys_pipe(int fds[2]);
/** With TINE_O_CLOEXEC and TINE_O_NONBLOCK. Also -EINVAL. */
TINE_API int tine_sys_pipe2(int fds[2], int flags);

#define TINE_AF_UNIX 1
#define TINE_SOCK_STREAM 1
#define TINE_SOCK_NONBLOCK TINE_O_NONBLOCK
#define TINE_SOCK_CLOEXEC TINE_O_CLOEXEC

/**
 * Two sockets: what is written to one is read from the other. Each holds
 * options.pipe_bytes, and keeps to what a pipe does: the end when nobody writes
 * any more, SIGPIPE and -EPIPE when nobody reads. Only TINE_AF_UNIX (else
 * -EAFNOSUPPORT) and TINE_SOCK_STREAM (else -EPROTONOSUPPORT, as for a protocol
 * but 0), with TINE_SOCK_NONBLOCK and TINE_SOCK_CLOEXEC.
 * @return 0, or -EMFILE, -ENOMEM, -EFAULT.
 */
TINE_API int tine_sys_socketpair(int domain, int type, int protocol,
    int fds[2]);

#define TINE_SHUT_RD 0
#define TINE_SHUT_WR 1
#define TINE_SHUT_RDWR 2

/**
 * End a direction for all who have the socket, whatever descriptors are open:
 * reading gives the end and what has been sent is lost; what is written fails,
 * and the other one finds the end behind what it has not read yet.
 * @return 0, or -EBADF, -ENOTSOCK, -EINVAL.
 */
TINE_API int tine_sys_shutdown(int fd, int how);

#define TINE_MSG_PEEK 2		/* recv: leave it there */
#define TINE_MSG_DONTWAIT 0x40
#define TINE_MSG_NOSIGNAL 0x4000 /* send: no SIGPIPE */

/** write and read of a socket, with those flags. @return as those; also
 * -ENOTSOCK, -EINVAL (other flags). */
TINE_API long tine_sys_send(int fd, const void *buffer, size_t size,
    int flags);
TINE_API long tine_sys_recv(int fd, void *buffer, size_t size, int flags);

#define TINE_POLLIN 0x01
#define TINE_POLLPRI 0x02
#define TINE_POLLOUT 0x04
#define TINE_POLLERR 0x08	/* unasked: nobody reads what is written */
#define TINE_POLLHUP 0x10	/* unasked: nobody writes any more */
#define TINE_POLLNVAL 0x20	/* unasked: not an open descriptor */

struct tine_pollfd {
	int fd;			/* negative: skipped */
	short events;
	short revents;
};
#define TINE_POLL_MAX 64

/**
 * Wait for something to happen on one of several descriptors.
 *
 * @param timeout_ms  of virtual time; negative: none.
 * @return how many have revents, 0 after the timeout, or -EINTR, -EINVAL (more
 *         than TINE_POLL_MAX), -EFAULT, -ENOMEM.
 */
TINE_API int tine_sys_poll(struct tine_pollfd *fds, unsigned count,
    int timeout_ms);

/**
 * The same with a time-out in nanoseconds (UINT64_MAX: none), and, if mask is
 * not NULL, with that signal mask meanwhile: in one step, so that no signal is
 * handled before the sleep begins.
 */
TINE_API int tine_sys_ppoll(struct tine_pollfd *fds, unsigned count,
    uint64_t timeout_ns, const uint64_t *mask);

/**
 * Map a regular file: what is stored there is in the file, and seen by all who
 * map or read it. The mapping keeps the file; fork shares it.
 *
 * @param flags   TINE_MAP_SHARED.
 * @param offset  a multiple of 4096.
 * @return its address (tine_sys_failed()), or -EBADF, -EACCES (not open for
 *         that), -EINVAL, -ENODEV (not a regular file), -ENXIO (beyond the last
 *         page of the file), -ENOTSUP (private), -ENOMEM.
 */
TINE_API void *tine_sys_mmap_file(int fd, size_t size, int prot, int flags,
    int64_t offset);

/* --- names --- */

#define TINE_S_IFMT 0170000
#define TINE_S_IFIFO 0010000
#define TINE_S_IFCHR 0020000
#define TINE_S_ISUID 0004000	/* who runs it is its owner */
#define TINE_S_ISGID 0002000	/* or of its group */
#define TINE_S_IFDIR 0040000
#define TINE_S_IFREG 0100000
#define TINE_S_IFLNK 0120000
#define TINE_S_IFSOCK 0140000

struct tine_stat {
	uint32_t mode;		/* TINE_S_IF and permissions */
	uint32_t ino;
	uint32_t nlink;
	uint32_t uid, gid;
	uint32_t spare;
	uint64_t size;
	uint64_t mtime_ns;	/* virtual time */
};

struct tine_dirent {
	uint32_t ino;
	uint32_t type;		/* TINE_S_IF */
	char name[256];
};

#define TINE_R_OK 4
#define TINE_W_OK 2
#define TINE_X_OK 1
#define TINE_F_OK 0

/** @return 0, or -ENOENT, -ENOTDIR, -EACCES, -ENAMETOOLONG, -EFAULT. */
TINE_API int tine_sys_stat(const char *path, struct tine_stat *st);
TINE_API int tine_sys_fstat(int fd, struct tine_stat *st);
TINE_API int tine_sys_access(const char *path, int mode);
/** Change permissions. Also -EPERM. */
TINE_API int tine_sys_chmod(const char *path, int mode);
TINE_API int tine_sys_fchmod(int fd, int mode);
/** Another owner, another group; ~0u: as it is. Who is not uid 0 may give his
 * file to a group that he is in. Also -EPERM. */
TINE_API int tine_sys_chown(const char *path, unsigned uid, unsigned gid);
TINE_API int tine_sys_fchown(int fd, unsigned uid, unsigned gid);
/** Another time of the last change; UINT64_MAX: now. Also -EPERM. */
TINE_API int tine_sys_utime(const char *path, uint64_t ns);
TINE_API int tine_sys_futime(int fd, uint64_t ns);
/** Cut a file, or add zeros. @return 0, -EBADF, -EINVAL, -EFBIG, -ENOSPC. */
TINE_API int tine_sys_ftruncate(int fd, int64_t size);

/** Also -EEXIST, -ENOSPC, -EROFS (in /bin). */
TINE_API int tine_sys_mkdir(const char *path, int mode);
/** A FIFO with a name. */
TINE_API int tine_sys_mkfifo(const char *path, int mode);
/** Take a name away: the file goes with the last one and the last open
 * descriptor. -EPERM for directories. */
TINE_API int tine_sys_unlink(const char *path);
/** -ENOTEMPTY, -EBUSY (the root). */
TINE_API int tine_sys_rmdir(const char *path);
/** A second name for a file. -EPERM for directories. Of a symbolic link: on the
 * BSDs for what it leads to, on illumos for itself. */
TINE_API int tine_sys_link(const char *from, const char *to);
/** In place of what has the name. -EINVAL: a directory into itself. */
TINE_API int tine_sys_rename(const char *from, const char *to);

/**
 * The same for paths that begin at an open directory, if not with a slash.
 * dir: its descriptor, or TINE_AT_FDCWD. Also -EBADF, -ENOTDIR.
 */
#define TINE_AT_FDCWD (-100)
TINE_API int tine_sys_openat(int dir, const char *path, int flags, int mode);
TINE_API int tine_sys_statat(int dir, const char *path, struct tine_stat *st);
TINE_API int tine_sys_accessat(int dir, const char *path, int mode);
TINE_API int tine_sys_chmodat(int dir, const char *path, int mode);
TINE_API int tine_sys_chownat(int dir, const char *path, unsigned uid,
    unsigned gid);
TINE_API int tine_sys_utimeat(int dir, const char *path, uint64_t ns);
TINE_API int tine_sys_mkdirat(int dir, const char *path, int mode);
TINE_API int tine_sys_mkfifoat(int dir, const char *path, int mode);
TINE_API int tine_sys_unlinkat(int dir, const char *path);
TINE_API int tine_sys_rmdirat(int dir, const char *path);
TINE_API int tine_sys_linkat(int dir, const char *from, int to_dir,
    const char *to);
TINE_API int tine_sys_renameat(int dir, const char *from, int to_dir,
    const char *to);

/**
 * A symbolic link: a name that stands for a path, whatever is there. Whoever
 * walks goes on at it, from the directory that the link is in, unless the last
 * name is the link's and the call is for links: those below, unlink, rename,
 * and what makes a new name. -ELOOP: more than 20 links on the way, 32 on the
 * BSDs. @return 0, or as tine_sys_mkdir().
 */
TINE_API int tine_sys_symlink(const char *text, const char *path);
TINE_API int tine_sys_symlinkat(const char *text, int dir, const char *path);
/** What a link says, without a NUL. @return how much of it there was room for,
 * or -EINVAL (it is no link). */
TINE_API long tine_sys_readlink(const char *path, char *text, size_t size);
TINE_API long tine_sys_readlinkat(int dir, const char *path, char *text,
    size_t size);
/** Of a link itself: its facts, owner, time. */
TINE_API int tine_sys_lstat(const char *path, struct tine_stat *st);
TINE_API int tine_sys_lstatat(int dir, const char *path, struct tine_stat *st);
TINE_API int tine_sys_lchown(const char *path, unsigned uid, unsigned gid);
TINE_API int tine_sys_lchownat(int dir, const char *path, unsigned uid,
    unsigned gid);
TINE_API int tine_sys_lutimeat(int dir, const char *path, uint64_t ns);
/** A second name for what a link leads to; tine_sys_linkat() is one for the
 * link. */
TINE_API int tine_sys_linkat_follow(int dir, const char *from, int to_dir,
    const char *to);

/**
 * The next entry of an open directory, in order of name.
 * @return 1, 0 at the end, or -EBADF, -ENOTDIR, -EFAULT.
 */
TINE_API int tine_sys_getdents(int fd, struct tine_dirent *entry);

/** Current and root directory are inherited by fork and kept by exec. chroot
 * needs privilege: -EPERM. */
TINE_API int tine_sys_chdir(const char *path);
TINE_API int tine_sys_fchdir(int fd);
TINE_API int tine_sys_chroot(const char *path);
/** @return the length, or -ERANGE, -ENOENT (it was removed), -EFAULT. */
TINE_API int tine_sys_getcwd(char *path, size_t size);
/** Permissions that new files do not get. @return the old ones. */
TINE_API int tine_sys_umask(int mask);

/* --- sessions, groups, terminals --- */

/**
 * A session of the caller's own, with one group and without a terminal.
 * @return its id, or -EPERM (the leader of a group).
 */
TINE_API tine_pid_t tine_sys_setsid(void);

/**
 * Move oneself or a child that has not called exec yet into a group of the same
 * session, or make one (IL-049, IL-096).
 *
 * @param pid   0: the caller. @param pgid  0: pid.
 * @return 0, or -EACCES (a child after exec), -EPERM (another session, a
 *         session leader, no such group), -ESRCH, -EINVAL.
 */
TINE_API int tine_sys_setpgid(tine_pid_t pid, tine_pid_t pgid);

/** Group and session of a process, 0 for the caller. Or -ESRCH. */
TINE_API tine_pid_t tine_sys_getpgid(tine_pid_t pid);
TINE_API tine_pid_t tine_sys_getsid(tine_pid_t pid);

#define TINE_TCGETS 0x5401	/* struct tine_termios * */
#define TINE_TCSETS 0x5402
#define TINE_TIOCSCTTY 0x540e	/* make it the controlling terminal */
#define TINE_TIOCGPGRP 0x540f	/* int *: the foreground group */
#define TINE_TIOCSPGRP 0x5410
#define TINE_TCFLSH 0x540b	/* forget what was typed: arg 0 or 2 */
#define TINE_FIONREAD 0x541b	/* int *: bytes to be read */
#define TINE_TIOCNOTTY 0x5422	/* give the controlling terminal up */
#define TINE_TIOCGSID 0x5429	/* int *: its session */

/**
 * Terminals, and TINE_FIONREAD of pipes.
 * @return 0, or -EBADF, -ENOTTY, -EPERM, -EINVAL, -EFAULT, -EIO, -EINTR.
 */
TINE_API int tine_sys_ioctl(int fd, unsigned cmd, void *arg);

/** The foreground group of the controlling terminal. A caller in the background
 * that sets it gets SIGTTOU. @return 0 or a group, -ENOTTY, -EPERM, -EINVAL. */
TINE_API int tine_sys_tcsetpgrp(int fd, tine_pid_t pgid);
TINE_API tine_pid_t tine_sys_tcgetpgrp(int fd);
/** 1, or 0: not a terminal; -EBADF. */
TINE_API int tine_sys_isatty(int fd);

/* How a terminal treats what is typed. */
#define TINE_ISIG 0x01		/* ^C ^\ ^Z are signals to the foreground */
#define TINE_ICANON 0x02	/* lines; DEL and ^H erase, ^U kills, ^D ends */
#define TINE_ECHO 0x08		/* show it on the console */
#define TINE_TOSTOP 0x100	/* SIGTTOU for those who write behind */
#define TINE_NOFLSH 0x80	/* signals leave what was typed */

struct tine_termios {
	unsigned lflag;		/* ISIG and ICANON when the machine boots */
};

/* --- host plane --- */

/**
 * Put a file into the file system before a run; it is there at every boot of
 * this machine. Folders on its way are made. Programs change their copy only.
 *
 * @param path  absolute.
 * @param data  copied. NULL: take the file away again.
 * @retval 0             done.
 * @retval -TINE_EINVAL  a NULL machine, a bad path, or too much.
 * @retval -TINE_ESTATE  the machine is running.
 * @retval -TINE_ENOMEM  no host memory.
 */
TINE_API int tine_machine_file(struct tine_machine *machine, const char *path,
    const void *data, size_t size);

/**
 * A regular file as the last run left it.
 *
 * @param[out] data  lives until the next run or destruction; NUL-terminated.
 * @return its size, or
 * @retval -TINE_EINVAL  a NULL argument.
 * @retval -TINE_ENOENT  no such file.
 * @retval -TINE_ESTATE  the machine is running.
 */
TINE_API long tine_machine_file_after(struct tine_machine *machine,
    const char *path, const char **data);

/**
 * What processes with this pid wrote to the console in the last run.
 *
 * @param[out] text  lives until the next call or run; NUL-terminated.
 * @return its length, or -TINE_EINVAL, -TINE_ESTATE (running), -TINE_ENOMEM.
 */
TINE_API long tine_machine_console_of(struct tine_machine *machine, int pid,
    const char **text);

/**
 * The line of the terminal is cut: SIGHUP to its session leader, SIGHUP and
 * SIGCONT to its foreground group; reading gives the end, writing -EIO. From
 * any host thread; recorded and replayed like input, but does not need an
 * interactive machine. @retval as tine_machine_kill().
 */
TINE_API int tine_machine_hangup(struct tine_machine *machine);

TINE_END_DECLS

#endif
