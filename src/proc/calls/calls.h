/* SPDX-License-Identifier: MIT */
/*
 * proc/calls/calls.h - system calls that are the same in all kernels but for
 * what they ask of the one that they run on.
 *
 * A flavour puts these functions into its table of system calls, and its own
 * ones, with the real names, locks and order, into struct tine__callops. What
 * is a kernel's own all the way (open, dup, exec, kill ...) is not here.
 */
#ifndef TINE__PROC_CALLS_H
#define TINE__PROC_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include <tine/process.h>
#include <tine/signal.h>

#include "file/file.h"
#include "proc/flavour.h"

struct tine__shm;

/* An open file, found by its descriptor. */
struct tine__open {
	struct tine__node *node;
	uint64_t *offset;	/* the node's lock guards it */
	int mode;		/* TINE_O_ACCMODE of it */
	int fd;
	void *file;		/* the kernel's own */
};

struct tine__callops {
	/* --- names --- */

	/* A string of the caller's program. 0, EFAULT, ENAMETOOLONG. */
	int (*string)(const char *user, char *kernel, size_t size,
	    size_t *length);
	/* The caller's directories, held; its umask and its effective ids;
	 * and the real ids in their place. */
	void (*walk)(struct tine__walk *walk);
	uint32_t (*euid)(void);
	void (*real)(struct tine__walk *walk);
	/* A directory, whose hold is taken over, becomes the current or the
	 * root one of the caller. */
	void (*setdir)(struct tine__node *node, bool root);

	/* --- descriptors --- */

	/* The open file of a descriptor, held. 0, EBADF. */
	int (*file)(int fd, struct tine__open *open);
	void (*done)(const struct tine__open *open);
	/* Its TINE_O_ flags as they are now. */
	int (*status)(const struct tine__open *open);
	/* RLIMIT_FSIZE as tine__uio has it: plus one, 0 none. */
	uint64_t (*fsize)(void);
	/* What a read or write gives that is to be made again; and ftruncate
	 * of what is open for reading only. */
	int restart, unwritable;
	/* Of readv and writev the descriptor is looked at before the pieces. */
	bool vector_late;

	/*
	 * Two descriptors for two nodes (or one, held twice), open once each
	 * as oflag says (TINE_O_ACCMODE, NONBLOCK, CLOEXEC), whose holds are
	 * taken over. 0 or -errno: nothing of it is left.
	 */
	int64_t (*two_files)(struct tine__node *const node[2],
	    const int oflag[2], uint64_t fds);

	/* Shared memory: what there is of it. */
	struct tine__shm *(*shm)(void);

	/* ioctl of the terminal, as tine__node_ioctl(). */
	int (*terminal)(unsigned cmd, uint64_t arg);

	/* --- signals: of the calling LWP --- */

	uint64_t (*mask)(void);
	/* Another one, without what cannot be blocked; what is pending then
	 * is acted on on the way to user mode. */
	void (*newmask)(uint64_t mask);
	/* Pending signals: the blocked ones, or all. */
	uint64_t (*pending)(void);
	/* The alternate stack; new, unless NULL, takes its place first. */
	struct tine_stack *(*altstack)(const struct tine_stack *new);
	/* What another one, or none, gives who runs on it; 0: it may be. And
	 * the flags that are allowed beside TINE_SS_DISABLE. */
	int stack_moved, stack_off, stack_flags;
	/* Accept a signal of the set until then: its number and what is known
	 * of it, or a negative errno. */
	int (*accept)(uint64_t set, uint64_t until,
	    struct tine_siginfo *info);
	/* One that was accepted and could not be told. NULL: it is lost. */
	void (*repost)(int signo);

	/* --- timers, limits, usage --- */

	/* A timer is set (new may be NULL), and was. 0, EINVAL, ENOMEM. */
	int (*timer)(int which, const struct tine_itimerval *new,
	    struct tine_itimerval *old);
	/* The same for a limit. 0, EINVAL, EPERM. */
	int (*limit)(int which, const struct tine_rlimit *new,
	    struct tine_rlimit *old);
	/* 0, EINVAL. */
	int (*usage)(int who, struct tine_rusage *usage);
};

/* Those of the current thread's kernel. */
const struct tine__callops *tine__callops(void);

#define TINE__CALL(name) int64_t tine__call_##name(const uint64_t args[5]);

/* path.c */
#define TINE__PATH_CALLS(X) \
	X(stat) X(access) X(mkdir) X(mkfifo) X(unlink) X(rmdir) \
	X(link) X(rename) X(chdir) X(fchdir) X(chroot) X(getcwd)
/* rdwr.c */
#define TINE__FILE_CALLS(X) \
	X(read) X(write) X(pread) X(pwrite) X(readv) X(writev) X(lseek) \
	X(preadv) X(pwritev) \
	X(ftruncate) X(getdents) X(fstat) X(ioctl)
/* poll.c, owner.c, at.c, lock.c, sock.c */
#define TINE__MORE_CALLS(X) \
	X(poll) X(ppoll) X(chmod) X(fchmod) X(chown) X(fchown) \
	X(utime) X(futime) X(at) X(flock) \
	X(pipe) X(socketpair) X(shutdown) X(send) X(recv) \
	X(symlink) X(readlink) X(lchown) X(link_nofollow) X(link_follow)
/* shm.c */
#define TINE__SHM_CALLS(X) X(shmget) X(shmat) X(shmdt) X(shmctl)
/* signal.c */
#define TINE__SIGNAL_CALLS(X) \
	X(sigprocmask) X(sigpending) X(sigtimedwait) X(sigaltstack)
#define TINE__USAGE_CALLS(X) X(setitimer) X(alarm) X(rlimit) X(getrusage)

TINE__PATH_CALLS(TINE__CALL)
TINE__FILE_CALLS(TINE__CALL)
TINE__MORE_CALLS(TINE__CALL)
TINE__SHM_CALLS(TINE__CALL)
TINE__SIGNAL_CALLS(TINE__CALL)
TINE__USAGE_CALLS(TINE__CALL)

/* Rows of a table of system calls. */
#define TINE__CALL_ROW(name) [TINE__SYS_##name] = tine__call_##name,

/* The end of callops.walk(), when root and cwd are set: hold them, or what a
 * thread has in their place. And what gives it all back. */
void tine__walk_hold(struct tine__walk *walk);
void tine__walk_rele(const struct tine__walk *walk);

/* The node of a descriptor, held; NULL: EBADF. */
struct tine__node *tine__node_of(int fd);

/* fcntl with TINE__IS_LOCK(cmd). */
#define TINE__IS_LOCK(cmd) \
	((cmd) >= TINE_F_GETLK && (cmd) <= TINE_F_SETLKW)
int64_t tine__fcntl_lock(int fd, int cmd, uint64_t user);

/* rdwr.c: read and write with flags more. */
int64_t tine__read_or_write(const uint64_t args[5], bool write, bool socket,
    int flags);

/* Memory of the caller's program: 0, EFAULT. */
int tine__from_user(uint64_t user, void *kernel, size_t size);
int tine__to_user(const void *kernel, uint64_t user, size_t size);

#endif
