/* SPDX-License-Identifier: MIT */
/*
 * file/file.h - nodes: what descriptors of every kernel lead to.
 *
 * The theory is at the top of file.c. A kernel keeps its own descriptor tables,
 * open files, offsets and their locks, under the real names; below them it
 * calls what is declared here. Functions that can fail give 0 or a positive
 * errno, and may switch unless they say otherwise.
 */
#ifndef TINE__FILE_FILE_H
#define TINE__FILE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/file.h>

#include "base/text.h"
#include "sched/lock.h"

struct tine_machine;
struct tine_program;
struct tine__fs;
struct tine__lockrules;
struct tine__lockwait;
struct tine__node;
struct tine__range;
struct tine__tty;
struct tine__walk;

/* --- what nodes ask of the kernel --- */

/* A sleep was ended by a signal, and the call is to be made again. */
#define TINE__ERESTART 2003

struct tine__fileops {
	/*
	 * Sleep interruptibly on cv; mutex is given up meanwhile. deadline in
	 * virtual time, or TINE__NEVER.
	 * @return 0 woken, perhaps for nothing; ETIMEDOUT; EINTR or
	 * TINE__ERESTART, as this kernel says that a signal ends the call.
	 */
	int (*sleep)(struct tine__cv *cv, struct tine__mutex *mutex,
	    uint64_t deadline, const char *where);
	/* A signal for the caller: SIGPIPE, SIGXFSZ. A node's lock is held. */
	void (*signal)(int signo);
	/* Memory of the caller's program. 0, EFAULT, ENOMEM. */
	int (*from_user)(const void *user, void *kernel, size_t size);
	int (*to_user)(const void *kernel, void *user, size_t size);
	/*
	 * The caller wants to read from (SIGTTIN) or to write to or change
	 * (SIGTTOU) a terminal: what its kernel does when the terminal is its
	 * controlling one and it is not in the foreground group. No lock held.
	 * @return 0 go on; EIO, EINTR, TINE__ERESTART. After a stop it looks
	 * again by itself. NULL: always go on.
	 */
	int (*background)(struct tine__tty *tty, int signo);
	/* A call on files, which is being made by another one. */
	int64_t (*call)(unsigned number, const uint64_t args[5]);
	/*
	 * Another signal mask for the caller while a call sleeps, as sigsuspend
	 * has it. What it was comes back at the end or, if a signal ended the
	 * sleep, when its handler has run.
	 */
	void (*mask_begin)(uint64_t mask);
	void (*mask_end)(bool interrupted);
	/* Of locks on ranges of files. */
	const struct tine__lockrules *locks;
};
/*
 * A flavour points to its own in struct tine__flavour. Without one (NULL) a
 * sleep that is interrupted is EINTR, memory is the kernel's own, and there is
 * no job control: that is how the tests run nodes without a kernel.
 */

/* --- data to be moved --- */

/* As much is moved at once as fits into a buffer on the kernel's stack. A write
 * to a pipe of at most so many bytes is not mixed with others. */
#define TINE__PIPE_BUF 4096

struct tine__uio {
	uintptr_t base;		/* address of the program, or of the kernel */
	size_t resid;		/* bytes left, of all pieces */
	uint64_t offset;	/* where in the file; moves with the data */
	bool kernel;		/* base is the kernel's */
	uint64_t limit;		/* on a file's size, plus 1; 0: none */
	/* NULL: one piece, at base; else the pieces, from the one that is next:
	 * so much of it has been moved. */
	const struct tine_iovec *iov;
	size_t done;
};

/* --- nodes --- */

enum tine__node_type {
	TINE__NODE_REG,
	TINE__NODE_DIR,
	TINE__NODE_PROG,	/* the image of a registered program */
	TINE__NODE_PIPE,	/* pipes, and FIFOs with a name */
	TINE__NODE_TTY,
	TINE__NODE_CTTY,	/* /dev/tty: a kernel that opens it takes the
				 * controlling terminal's node instead */
	TINE__NODE_NULL,	/* /dev/null */
	TINE__NODE_ZERO,	/* /dev/zero */
	TINE__NODE_SOCK,	/* one of a pair of sockets */
	TINE__NODE_LNK		/* a symbolic link */
};

struct tine__poll;

/* Marks: c constant, w rw (for writing), n the node's own lock, ! guarded by
 * nothing: it does not change at scheduling points. */
struct tine__node {
	uint8_t type;		/* c enum tine__node_type */
	bool kept;		/* PROG: changed, lives as long as the run */
	uint16_t mode;		/* w permission bits */
	uint32_t ino;		/* c in order of creation */
	uint32_t refs;		/* ! names, descriptions, holds */
	uint32_t nlink;		/* w of the directory that has the name */
	uint32_t uid, gid;	/* w */
	struct tine__fs *fs;	/* c */
	void *vnode;		/* the kernel's own, while it has one */
	struct tine__node *next, *prev;	/* ! all of them */
	struct tine__poll *polls;	/* ! who is to be told */
	struct tine__range *locks;	/* locks_lock */
	const struct tine_program *program;	/* c PROG */
	uint64_t mtime;		/* virtual time */
	/*
	 * Of files and directories. Taken by those who read and write, around
	 * the use of an offset: tine__node_lock().
	 */
	struct tine__rwlock rw;
};

void tine__node_hold(struct tine__node *node);
void tine__node_rele(struct tine__node *node);

/*
 * The lock of a file's contents: files and directories have one; for the others
 * nothing happens. A kernel holds it around read and write, and around what it
 * does with the offset, as it holds its vnode lock.
 */
void tine__node_lock(struct tine__node *node, bool write);
void tine__node_unlock(struct tine__node *node);

/*
 * A description is made: flags are its TINE_O_ flags. A FIFO waits here for the
 * other end. May be refused: ENXIO, EINTR, TINE__ERESTART, EISDIR.
 */
int tine__node_open(struct tine__node *node, int flags);
/* The description is gone; its flags again. Does not fail, does not sleep. */
void tine__node_close(struct tine__node *node, int flags);

/*
 * Read and write, at uio->offset where that means anything. The node is locked
 * (tine__node_lock: a reader's or a writer's). What has been moved is gone from
 * uio->resid, also when there is an error: a kernel decides what it tells.
 * flags: TINE_O_NONBLOCK, TINE_O_APPEND; of pipes and sockets TINE__IO_PEEK
 * (what is read stays) and TINE__IO_NOSIGNAL (no SIGPIPE).
 *
 * EAGAIN, EINTR, TINE__ERESTART, EPIPE (and SIGPIPE), EFAULT, EIO, EFBIG,
 * ENOSPC, EISDIR.
 */
#define TINE__IO_PEEK 0x10000000
#define TINE__IO_NOSIGNAL 0x20000000
int tine__node_read(struct tine__node *node, struct tine__uio *uio, int flags);
int tine__node_write(struct tine__node *node, struct tine__uio *uio,
    int flags);
/* Terminals. arg is a value, or an address of the caller's program. */
int tine__node_ioctl(struct tine__node *node, unsigned cmd, uint64_t arg);
/* Which of these TINE_POLL events there are now; HUP and ERR unasked. Does not
 * switch. */
int tine__node_poll(struct tine__node *node, int events);
/* Bytes in a file (0 for others), and a change of it. The node is locked. */
uint64_t tine__node_size(const struct tine__node *node);
int tine__node_truncate(struct tine__node *node, uint64_t size);
/*
 * The memory of a regular file, for as long as the file is held: from here on
 * its contents are in pages that spaces can map. ENODEV (not a regular file),
 * ENOMEM. The node is locked for writing.
 */
struct tine__object;
int tine__node_object(struct tine__node *node, struct tine__object **object);
bool tine__node_seekable(const struct tine__node *node);
void tine__node_stat(struct tine__node *node, struct tine_stat *st);

/* --- names --- */

/* Who walks, and from where. */
struct tine__walk {
	struct tine__node *root, *cwd;
	struct tine__node *to;	/* where link and rename walk to from, if that
				 * is not cwd */
	uint32_t uid, gid;
	uint32_t ngroups;
	const uint32_t *groups;	/* besides gid; the credential's, or kept */
	uint32_t kept[16];
	uint32_t cmask;		/* permissions that new files do not get */
	bool bsd_gid;		/* new files have their directory's group */
	bool link_follows;	/* link() of a symbolic link: of what it is */
	uint32_t max_links;	/* symbolic links in one walk */
	bool sticky_eacces;	/* what is not one's own in a sticky directory
				 * is EACCES, not EPERM */
};

#define TINE__PATH_MAX 1024	/* with its NUL */
#define TINE__NAME_MAX 255

/* Whether who may do that to a node: TINE_R_OK, W_OK, X_OK. 0 or EACCES. */
int tine__node_access(const struct tine__node *node,
    const struct tine__walk *who, int mode);
/*
 * Other permissions, another owner or group (UINT32_MAX: as it is), another
 * time. 0, EPERM, EROFS, EACCES; the node is not locked.
 */
int tine__node_chmod(struct tine__node *node, const struct tine__walk *who,
    unsigned mode);
int tine__node_chown(struct tine__node *node, const struct tine__walk *who,
    uint32_t uid, uint32_t gid);
/* ns: UINT64_MAX is now, which whoever may write may set. */
int tine__node_utime(struct tine__node *node, const struct tine__walk *who,
    uint64_t ns);
/* The node of a path, held. ENOENT, ENOTDIR, EACCES, ENAMETOOLONG, ELOOP. And:
 * of the link itself, if that is what has the last name. */
int tine__namei(const struct tine__walk *walk, const char *path,
    struct tine__node **out);
int tine__lnamei(const struct tine__walk *walk, const char *path,
    struct tine__node **out);
/*
 * The same for open: creates and truncates by TINE_O_ flags, checks
 * permissions; the node is held but not opened yet. mode is masked here. Also
 * EEXIST, EISDIR, ENOSPC, ETXTBSY.
 */
int tine__nameopen(const struct tine__walk *walk, const char *path, int flags,
    unsigned mode, struct tine__node **out);
/* Also EEXIST, ENOSPC, EBUSY, ENOTEMPTY, EINVAL, EPERM, EXDEV, EROFS. */
int tine__mkdir(const struct tine__walk *walk, const char *path,
    unsigned mode);
int tine__mkfifo(const struct tine__walk *walk, const char *path,
    unsigned mode);
int tine__unlink(const struct tine__walk *walk, const char *path);
int tine__rmdir(const struct tine__walk *walk, const char *path);
/* follow: what from names is a link, and meant is where that leads. */
int tine__link(const struct tine__walk *walk, const char *from,
    const char *to, bool follow);
int tine__symlink(const struct tine__walk *walk, const char *path,
    const char *text);
/* The text of a link, whose node is held; it does not change. Also EINVAL. */
int tine__readlink(const struct tine__walk *walk, const char *path,
    struct tine__node **out, const char **text, size_t *size);
int tine__rename(const struct tine__walk *walk, const char *from,
    const char *to);
/* Whether a directory is another one, or below it. Makes no point. */
bool tine__node_below(const struct tine__node *dir,
    const struct tine__node *top);
/* The absolute path of a directory as seen from root. ENOENT: it was removed,
 * or is not below root; ERANGE. */
int tine__getcwd(struct tine__node *dir, struct tine__node *root, char *path,
    size_t size);
/* The first entry after *cookie (0: the first of all) of a directory, which is
 * locked; in order of creation. *cookie is moved. ENOENT: no more. */
int tine__readdir(struct tine__node *dir, uint64_t *cookie,
    struct tine_dirent *entry);

/* --- pipes --- */

/* A pipe that is open at both ends, once held for each: read it through one
 * description, write through another, close each with its flags. ENOMEM. */
int tine__pipe(struct tine_machine *machine, struct tine__node **out);

/* Two sockets, each open once for reading and writing. ENOMEM. */
int tine__socketpair(struct tine_machine *machine, struct tine__node *out[2]);
/* No reading (TINE_SHUT_RD), no writing (WR), neither (RDWR) any more.
 * ENOTSOCK, EINVAL. */
int tine__shutdown(struct tine__node *node, int how);

/* --- locks on ranges: the theory is at the top of reclock.c --- */

#define TINE__LOCK_END ((uint64_t)INT64_MAX)

struct tine__lockreq {
	const void *owner;	/* a process, or an open file */
	bool file;		/* the latter */
	bool wait;
	int type;		/* TINE_F_RDLCK, WRLCK, UNLCK */
	int pid;		/* who asked, and its effective user */
	uint32_t uid;
	uint64_t start, end;	/* first and last byte */
};

/* How a kernel does it. */
struct tine__lockrules {
	const char *where;	/* what the wait is called */
	enum {
		TINE__CYCLES_FILE, TINE__CYCLES_CHAIN, TINE__CYCLES_ALL
	} cycles;
	bool in_turn, joined;
	bool lets_go;		/* who waits to write an open file gives what
				 * it has up first */
	/* So many ranges may an ordinary user have, 0 any; else this error.
	 * counts_more: it is looked at last, and only if there will be more. */
	uint32_t limit;
	bool counts_more;
	int full;
	/* Whether a process, an owner, has one LWP. CYCLES_CHAIN only. */
	bool (*alone)(const void *owner);

	/* --- proc/calls/lock.c --- */

	/* Who owns the record locks of the caller; that it is to have some. */
	const void *(*owner)(bool sets, int *pid);
	int no_file;		/* fcntl of a pipe */
	int flock_no_file;	/* flock of one */
	int flock_bad;		/* an operation that is none */
	bool no_device;		/* devices are no files */
	/* A length that is negative: up to the byte before the first; up to
	 * the first; is none. What reaches too far. */
	enum {
		TINE__LEN_BEFORE, TINE__LEN_LAST, TINE__LEN_REFUSED
	} negative;
	int overflow;
	int file_pid;		/* of an open file, as F_GETLK tells it */
};

/* 0, EAGAIN, EDEADLK, EINTR, TINE__ERESTART; what the rules say is full. */
int tine__lock_set(struct tine__node *node, const struct tine__lockreq *want);
/* Whether something is in the way, and the first that is. */
bool tine__lock_get(struct tine__node *node, const struct tine__lockreq *want,
    struct tine__lockreq *by);
/* Whether an owner has some on a node. Does not switch. */
bool tine__has_locks(struct tine__node *node, const void *owner);
/* An owner has none any more: of that node; of any. */
void tine__locks_drop(struct tine__node *node, const void *owner);
void tine__locks_forget(struct tine_machine *machine, const void *owner);

/* --- poll --- */

/*
 * Wait until one of n descriptors has what it is asked for. node_of gives the
 * node of a descriptor, held, or NULL (POLLNVAL); it is asked again after each
 * wake-up. deadline in virtual time; 0 looks without waiting.
 *
 * @return 0 and *ready, EINTR, TINE__ERESTART, ENOMEM.
 */
typedef struct tine__node *(*tine__node_of_fn)(int fd);
int tine__poll(struct tine_machine *machine, struct tine_pollfd *fds,
    unsigned n, uint64_t deadline, tine__node_of_fn node_of, int *ready);
/* A descriptor that others may poll is closed: they look again. */
void tine__poll_again(struct tine__node *node);

/* --- the terminal --- */

/*
 * There is one, and it is the console. Its session and its foreground group are
 * the kernel's to set, together with whatever keeps their numbers from being
 * used again; 0 none. Guarded by the tty's lock, which the kernel takes before
 * any lock of its own.
 */
struct tine__tty *tine__tty(struct tine_machine *machine);
struct tine__node *tine__tty_node(struct tine__tty *tty);
void tine__tty_enter(struct tine__tty *tty);
void tine__tty_exit(struct tine__tty *tty);
/* Context of these: the tty's lock for the setter; the others read racily. */
void tine__tty_set(struct tine__tty *tty, int sid, int pgid);
int tine__tty_session(const struct tine__tty *tty);
int tine__tty_pgid(const struct tine__tty *tty);
bool tine__tty_tostop(const struct tine__tty *tty);
/*
 * Hang up: whoever reads finds the end, whoever writes EIO, until somebody
 * opens the terminal again. The kernel sends its SIGHUPs itself.
 */
void tine__tty_hangup(struct tine__tty *tty);

/* --- the file system of a machine --- */

struct tine__fs {
	struct tine_machine *machine;
	struct tine__node *root;	/* one hold; NULL: not up */
	struct tine__tty *tty;		/* one hold */
	struct tine__node *nodes;	/* all of them */
	uint32_t last_ino;
	uint32_t busy;			/* the terminal's input, under way */
	bool populated;			/* more than the root and the tty */
	struct tine__mutex rename_lock;
	struct tine__mutex locks_lock;
	struct tine__lockwait *lockwaits;	/* locks_lock: in order */
};

/*
 * What was typed: the host's memory, as the wire's would be. Part of the
 * machine; its tty's lock guards it.
 */
struct tine__typed {
	struct tine__text early;	/* before there was a terminal */
	bool early_eof;
	struct tine__text line;		/* not complete yet */
	struct tine__text ready;	/* complete lines */
	size_t next;			/* of ready: not read yet */
	struct tine__text ends;		/* size_t each: of lines in ready */
	size_t next_end;		/* bytes of ends that are used up */
};

/* Something was typed; NULL: nothing will be any more. Context: the thread of
 * outside events. And: the line was cut. */
void tine__tty_type(struct tine_machine *machine, const char *text,
    size_t size);
void tine__tty_cut(struct tine_machine *machine);

/* At boot and at halt; the kernel holds no node any more then. */
void tine__fs_boot(struct tine_machine *machine);
void tine__fs_halt(struct tine_machine *machine);
/* The root directory, the console: not held. */
struct tine__node *tine__fs_root(struct tine_machine *machine);
struct tine__node *tine__fs_console(struct tine_machine *machine);

#endif
