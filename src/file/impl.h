/* SPDX-License-Identifier: MIT */
/* file/impl.h - the kinds of nodes from the inside; the theory is in file.c. */
#ifndef TINE__FILE_IMPL_H
#define TINE__FILE_IMPL_H

#include <errno.h>
#include <string.h>

#include <tine/program.h>

#include "base/assert.h"
#include "file/file.h"
#include "machine/machine.h"

/* A name in a directory: one hold and one link of its node. */
struct tine__entry {
	struct tine__entry *next;	/* older first */
	struct tine__node *node;
	uint64_t seq;			/* cookies of readdir */
	uint16_t size;			/* of this, with the name */
	char name[];
};

struct tine__dir {
	struct tine__node node;
	struct tine__dir *parent;	/* not held: it has our name */
	struct tine__entry *first;	/* w */
	uint64_t seq;			/* w the last one given */
	bool programs;			/* c /bin: names are the registry's */
	bool removed;			/* w no entry can be made any more */
};

/* Contents in blocks; one that is NULL is all zeros. */
#define FILE_BLOCK ((size_t)1024)
#define FILE_BLOCKS 16384u		/* 16 MiB */

struct tine__reg {
	struct tine__node node;
	uint64_t size;			/* w */
	char **blocks;			/* w */
	uint32_t nblocks;		/* w places in it */
	/* w once it was mapped: its pages, in place of blocks */
	struct tine__object *object;
};

struct tine__pipe {
	struct tine__node node;
	struct tine__mutex *lock;	/* c own, or another pipe's */
	struct tine__mutex own;
	struct tine__cv rcv, wcv;	/* data came, room came */
	char *buffer;			/* n NULL: nothing was written yet */
	size_t allocated;		/* n its size */
	size_t capacity;		/* c what it may hold */
	size_t head, used;		/* n */
	uint32_t readers, writers;	/* n descriptions */
	uint32_t ropens, wopens;	/* n ever: FIFOs wait for a change */
	struct tine__node *socks[2];	/* n who is to be told, too; not held */
};

/* A symbolic link. */
struct tine__lnk {
	struct tine__node node;
	size_t size;			/* c of its text, without the NUL */
	char *text;			/* c */
};

/* A walk on its way: walk.c. */
struct tine__trail {
	const struct tine__walk *walk;
	struct tine__node *at;		/* held */
	const char *path;		/* what is left, in the caller's or */
	char *buffer;			/* in this one */
	unsigned links;			/* followed */
};

/* One of a pair: what it reads from is what the other one writes to. */
struct tine__sock {
	struct tine__node node;
	struct tine__pipe *in, *out;	/* c each held; they share a lock */
	bool rshut, wshut;		/* n that end is closed already */
};

struct tine__tty {
	struct tine__node node;
	struct tine__mutex lock;
	struct tine__cv rcv;
	struct tine__typed *input;	/* n */
	unsigned lflag;			/* n */
	int sid, pgid;			/* n */
	bool eof;			/* n nothing will be typed any more */
	bool hung;			/* n */
};

extern const struct tine__lockclass tine__class_rename, tine__class_node,
    tine__class_pipe, tine__class_tty, tine__class_poll, tine__class_pipe_cv,
    tine__class_tty_cv, tine__class_poll_cv, tine__class_locks,
    tine__class_lock_cv;

/* file.c */
const struct tine__fileops *tine__fileops(void);
/* A node of so many bytes, with one hold; NULL when memory is out. flags:
 * TINE__KM_SLEEP or NOSLEEP. */
void *tine__node_new(struct tine__fs *fs, enum tine__node_type type,
    size_t size, unsigned mode, int flags);
int tine__file_sleep(struct tine__cv *cv, struct tine__mutex *mutex,
    uint64_t deadline, const char *where);
/* uio.c: move n bytes from the program (to it); on success uio is n bytes
 * further. And: that has been done. */
int tine__uio_in(struct tine__uio *uio, void *kernel, size_t n);
int tine__uio_out(struct tine__uio *uio, const void *kernel, size_t n);
void tine__uio_moved(struct tine__uio *uio, size_t n);
struct tine__mutex *tine__node_mutex(struct tine__node *node);
/* tine__node_stat() without locks. */
void tine__node_facts(const struct tine__node *node, struct tine_stat *st);

void tine__node_own(struct tine__node *node, const struct tine__walk *walk,
    const struct tine__dir *dir);

/* reg.c */
int tine__reg_read(struct tine__reg *reg, struct tine__uio *uio);
int tine__reg_write(struct tine__reg *reg, struct tine__uio *uio, int flags);
int tine__reg_truncate(struct tine__reg *reg, uint64_t size);
void tine__reg_free(struct tine__reg *reg);

/* walk.c */
int tine__dir_walk(const struct tine__walk *walk, const char *path,
    struct tine__dir **dir, char name[TINE__NAME_MAX + 1], bool *slash);
int tine__dir_step(const struct tine__walk *walk, struct tine__dir *dir,
    const char *name, struct tine__node **out);
typedef int (*tine__make_fn)(void *arg, struct tine__dir *dir,
    const char *name, bool slash, struct tine__node **out);
int tine__walk_make(const struct tine__walk *walk, const char *path, int flags,
    struct tine__node **out, tine__make_fn make, void *arg);
struct tine__lnk *tine__lnk_new(struct tine__fs *fs, const char *text);
void tine__lnk_free(struct tine__lnk *link);

/* dir.c */
int tine__program_node(struct tine__fs *fs, const char *name,
    struct tine__node **out);
/* The directory's lock is held: for writing where an entry comes or goes. */
struct tine__entry **tine__dir_find(struct tine__dir *dir, const char *name);
int tine__dir_enter(struct tine__dir *dir, const char *name,
    struct tine__node *node, int flags);
void tine__dir_remove(struct tine__dir *dir, struct tine__entry **link);
struct tine__dir *tine__dir_new(struct tine__fs *fs, struct tine__dir *parent,
    const char *name, unsigned mode, int flags);
void tine__fs_populate(struct tine__fs *fs);

/* pipe.c */
struct tine__pipe *tine__pipe_new(struct tine__fs *fs, unsigned mode);
int tine__pipe_open(struct tine__pipe *pipe, int flags);
void tine__pipe_close(struct tine__pipe *pipe, int flags);
int tine__pipe_read(struct tine__pipe *pipe, struct tine__uio *uio, int flags);
int tine__pipe_write(struct tine__pipe *pipe, struct tine__uio *uio,
    int flags);
int tine__pipe_poll(const struct tine__pipe *pipe, int events);
void tine__pipe_free(struct tine__pipe *pipe);
/* The pipe's lock is held. */
void tine__pipe_drop(struct tine__pipe *pipe, int flags);
bool tine__pipe_has_room(const struct tine__pipe *pipe);

/* sock.c */
void tine__sock_close(struct tine__sock *sock);
int tine__sock_poll(const struct tine__sock *sock, int events);
void tine__sock_free(struct tine__sock *sock);

/* tty.c */
struct tine__tty *tine__tty_new(struct tine__fs *fs);
void tine__tty_free(struct tine__tty *tty);
int tine__tty_open(struct tine__tty *tty);
int tine__tty_read(struct tine__tty *tty, struct tine__uio *uio, int flags);
int tine__tty_write(struct tine__tty *tty, struct tine__uio *uio);
int tine__tty_ioctl(struct tine__tty *tty, unsigned cmd, uint64_t arg);
int tine__tty_poll(const struct tine__tty *tty, int events);

/* reclock.c, lockcycle.c */

/* A range that is locked; of a node. Guarded by locks_lock, as the next. */
struct tine__range {
	struct tine__range *next;	/* begins where this does, or later */
	struct tine__lockreq lock;
};

/* Somebody who waits for one. */
struct tine__lockwait {
	struct tine__lockwait *next;	/* came later */
	struct tine__node *node;
	const struct tine__lockreq *want;
	const void *by;			/* whom for, and whether a process */
	bool by_file;
	bool queued, granted;
	bool marked;			/* by search_all() */
	struct tine__cv cv;
};

const struct tine__lockrules *tine__lockrules(void);
bool tine__lock_conflicts(const struct tine__lockreq *a,
    const struct tine__lockreq *b);
/* Whether self, which is not queued yet, would wait for itself. */
bool tine__lock_cycle(struct tine__lockwait *self);

/* poll.c: the node's own lock is held. */
void tine__poll_wake(struct tine__node *node);

#endif
