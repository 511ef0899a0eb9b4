/* SPDX-License-Identifier: MIT */
/*
 * file.c - nodes: what a descriptor of any kernel leads to.
 *
 * What it is
 *   The part of files that is no kernel's own: files and directories in kernel
 *   memory, images of programs, pipes, the terminal. A kernel has descriptor
 *   tables, open files with their offsets, and credentials, and reaches nodes
 *   through this folder's one header.
 *
 * Objects
 *
 *	descriptor -> open file -> (vnode) -> node      a kernel's | ours
 *	                              ^
 *	fs -> root --entry "tmp"--> dir --entry "x"--> reg
 *	   -> tty                    parent <--- dir
 *
 *   fs     one for a machine, part of it; up from a kernel's boot to its halt.
 *   node   type, permissions, number, holds, links; then what its type needs:
 *          reg (blocks), dir (entries), pipe (a ring), tty (lines, a session),
 *          sock (two pipes).
 *   entry  a name in a directory. /bin has none: it shows the registry of
 *          programs, and a node for one is made when it is looked up.
 *   poll   somebody who waits for a node, in the list of each node that he
 *          waits for (poll.c).
 *
 *   All but root and tty is made when a path is first walked: machines whose
 *   programs open nothing pay nothing for it.
 *
 * States and moves
 *   A node lives as long as it is held: by each name, by each open file
 *   (through the kernel's vnode), by those who walk. A pipe counts its open
 *   ends; a named one (FIFO) may be opened again after its last close. A
 *   directory that was removed has no parent and takes no entry.
 *
 *	tty: sid 0 --tine__tty_set--> sid, pgid --hangup/exit--> sid 0
 *	     typed -> line --newline, ^D, raw--> ready -> read
 *
 * Invariants
 *   F1  refs of a node = entries that name it + open files + walkers; the books
 *       of a halted machine have no node at all.
 *   F2  nlink = entries that name it (and 1 for the root).
 *   F3  used <= allocated <= capacity of a pipe; readers and writers are the
 *       open files of each kind.
 *   F4  the parent of a directory has exactly one entry that names it.
 *
 * Locking
 *   In this order, all before any lock of a kernel (whose ranks begin at 5),
 *   because they are held while the memory of programs is copied:
 *	rename_lock	1  the shape of the tree, while it is changed
 *	rw		2  entries of a directory; contents of a file, and the
 *			   offsets that lead into it; parents before children
 *	pipe, tty	3  all of a pipe, all of a terminal, who polls it
 *	locks_lock	3  all that is locked of any file, who waits for it
 *	poll		4  whether a poller has been told
 *   Holds (refs) have no lock: nothing can happen between looking and holding.
 *   close() comes from a kernel that holds nothing.
 *
 * Lifetime
 *   tine__fs_boot() and tine__fs_halt() are called by the kernel's own boot and
 *   halt, so that a node that leaked is named in the audit like any object.
 *
 * How it differs from the real kernels
 *   One file system, without mounts, or devices beyond three. The page cache is
 *   not modelled: a file is its blocks. One terminal; what is typed waits in
 *   the host's memory.
 *
 * Spec
 *   IL-009 (counts of open files), IL-037 (images), the rest is POSIX.
 *
 * Read next
 *   walk.c (paths), dir.c (names), name.c (changing them), reg.c, pipe.c,
 *   sock.c, tty.c, poll.c, reclock.c; proc/illumos/file.c is a kernel's side.
 */
#include "file/impl.h"

#define LOCKCLASS(symbol, text, rank, same) \
	const struct tine__lockclass tine__class_##symbol = { \
	    text, (rank), (same) }

LOCKCLASS(rename, "rename", 1, false);
LOCKCLASS(node, "node", 2, true);
LOCKCLASS(pipe, "pipe", 3, false);
LOCKCLASS(tty, "tty", 3, false);
LOCKCLASS(poll, "poll", 4, false);
LOCKCLASS(pipe_cv, "pipe cv", 0, false);
LOCKCLASS(tty_cv, "tty cv", 0, false);
LOCKCLASS(poll_cv, "poll cv", 0, false);
LOCKCLASS(locks, "record locks", 3, false);
LOCKCLASS(lock_cv, "record lock cv", 0, false);

/* --- the kernel's side --- */

const struct tine__fileops *
tine__fileops(void)
{
	return (tine__machine()->flavour->files);
}

int
tine__file_sleep(struct tine__cv *cv, struct tine__mutex *mutex,
    uint64_t deadline, const char *where)
{
	const struct tine__fileops *ops = tine__fileops();

	if (ops != NULL)
		return (ops->sleep(cv, mutex, deadline, where));
	switch (tine__cv_wait(cv, mutex, TINE__SLEEP_INTR, deadline, where)) {
	case TINE__WOKEN:
		return (0);
	case TINE__TIMED_OUT:
		return (ETIMEDOUT);
	default:
		return (EINTR);
	}
}

/* --- life of a node --- */

static const char *const node_types[] = {
	[TINE__NODE_REG] = "file node",
	[TINE__NODE_DIR] = "directory node",
	[TINE__NODE_PROG] = "program node",
	[TINE__NODE_PIPE] = "pipe node",
	[TINE__NODE_TTY] = "tty node",
	[TINE__NODE_CTTY] = "device node",
	[TINE__NODE_NULL] = "device node",
	[TINE__NODE_ZERO] = "device node",
	[TINE__NODE_SOCK] = "socket node",
	[TINE__NODE_LNK] = "symbolic link"
};

static bool
has_rw(const struct tine__node *node)
{
	return (node->type == TINE__NODE_REG || node->type == TINE__NODE_DIR);
}

static size_t
node_size(const struct tine__node *node)
{
	switch (node->type) {
	case TINE__NODE_REG:
		return (sizeof(struct tine__reg));
	case TINE__NODE_DIR:
		return (sizeof(struct tine__dir));
	case TINE__NODE_PIPE:
		return (sizeof(struct tine__pipe));
	case TINE__NODE_TTY:
		return (sizeof(struct tine__tty));
	case TINE__NODE_SOCK:
		return (sizeof(struct tine__sock));
	case TINE__NODE_LNK:
		return (sizeof(struct tine__lnk));
	default:
		return (sizeof(struct tine__node));
	}
}

void *
tine__node_new(struct tine__fs *fs, enum tine__node_type type, size_t size,
    unsigned mode, int flags)
{
	struct tine__node *node;

	node = tine__kmem_alloc(fs->machine->kmem, node_types[type], size,
	    flags | TINE__KM_ZERO, TINE__WHERE);
	if (node == NULL)
		return (NULL);
	node->type = (uint8_t)type;
	node->mode = (uint16_t)(mode & 07777);
	/* Programs can see who was first. */
	if (fs->root != NULL)
		tine__racy(TINE_OP_WRITE, &fs->last_ino);
	node->ino = ++fs->last_ino;
	node->refs = 1;
	node->fs = fs;
	node->mtime = fs->machine->now;
	node->next = fs->nodes;
	if (fs->nodes != NULL)
		fs->nodes->prev = node;
	fs->nodes = node;
	if (has_rw(node))
		tine__rw_init(&node->rw, &tine__class_node);
	ASSERT3(size, ==, node_size(node));
	return (node);
}

void
tine__node_hold(struct tine__node *node)
{
	ASSERT3(node->refs, >, 0);
	node->refs++;
}

/* The last hold is gone: so is the node. [F1] */
static void
node_free(struct tine__node *node)
{
	struct tine__fs *fs = node->fs;

	ASSERT(node->polls == NULL);
	ASSERT(node->locks == NULL);
	ASSERT(node->vnode == NULL);
	switch (node->type) {
	case TINE__NODE_REG:
		tine__reg_free((struct tine__reg *)node);
		break;
	case TINE__NODE_PIPE:
		tine__pipe_free((struct tine__pipe *)node);
		break;
	case TINE__NODE_TTY:
		tine__tty_free((struct tine__tty *)node);
		break;
	case TINE__NODE_SOCK:
		tine__sock_free((struct tine__sock *)node);
		break;
	case TINE__NODE_LNK:
		tine__lnk_free((struct tine__lnk *)node);
		break;
	default:
		break;
	}
	if (has_rw(node))
		tine__rw_destroy(&node->rw);
	if (node->prev != NULL)
		node->prev->next = node->next;
	else
		fs->nodes = node->next;
	if (node->next != NULL)
		node->next->prev = node->prev;
	tine__kmem_free(fs->machine->kmem, node_types[node->type], node,
	    node_size(node));
}

void
tine__node_rele(struct tine__node *node)
{
	ASSERT3(node->refs, >, 0);
	if (--node->refs == 0)
		node_free(node);
}

void
tine__node_lock(struct tine__node *node, bool write)
{
	if (has_rw(node))
		tine__rw_enter(&node->rw, write, TINE__WHERE);
}

void
tine__node_unlock(struct tine__node *node)
{
	if (has_rw(node))
		tine__rw_exit(&node->rw);
}

struct tine__mutex *
tine__node_mutex(struct tine__node *node)
{
	if (node->type == TINE__NODE_PIPE)
		return (((struct tine__pipe *)node)->lock);
	if (node->type == TINE__NODE_TTY)
		return (&((struct tine__tty *)node)->lock);
	if (node->type == TINE__NODE_SOCK)
		return (((struct tine__sock *)node)->in->lock);
	return (NULL);
}

/* --- operations, by type --- */

int
tine__node_open(struct tine__node *node, int flags)
{
	switch (node->type) {
	case TINE__NODE_PIPE:
		return (tine__pipe_open((struct tine__pipe *)node, flags));
	case TINE__NODE_TTY:
		return (tine__tty_open((struct tine__tty *)node));
	case TINE__NODE_CTTY:
		return (ENXIO);
	default:
		return (0);
	}
}

void
tine__node_close(struct tine__node *node, int flags)
{
	if (node->type == TINE__NODE_PIPE)
		tine__pipe_close((struct tine__pipe *)node, flags);
	if (node->type == TINE__NODE_SOCK)
		tine__sock_close((struct tine__sock *)node);
}

/* Zeros without end. */
static int
zero_read(struct tine__uio *uio)
{
	static const char zeros[512];
	size_t n;
	int error = 0;

	while (error == 0 && uio->resid != 0) {
		n = uio->resid < sizeof(zeros) ? uio->resid : sizeof(zeros);
		error = tine__uio_out(uio, zeros, n);
	}
	return (error);
}

int
tine__node_read(struct tine__node *node, struct tine__uio *uio, int flags)
{
	if (uio->resid == 0)
		return (0);
	switch (node->type) {
	case TINE__NODE_REG:
		return (tine__reg_read((struct tine__reg *)node, uio));
	case TINE__NODE_DIR:
		return (EISDIR);
	case TINE__NODE_PIPE:
		return (tine__pipe_read((struct tine__pipe *)node, uio,
		    flags));
	case TINE__NODE_SOCK:
		return (tine__pipe_read(((struct tine__sock *)node)->in, uio,
		    flags));
	case TINE__NODE_TTY:
		return (tine__tty_read((struct tine__tty *)node, uio, flags));
	case TINE__NODE_ZERO:
		return (zero_read(uio));
	default:
		return (0);
	}
}

int
tine__node_write(struct tine__node *node, struct tine__uio *uio, int flags)
{
	if (uio->resid == 0)
		return (0);
	switch (node->type) {
	case TINE__NODE_REG:
		return (tine__reg_write((struct tine__reg *)node, uio, flags));
	case TINE__NODE_PIPE:
		return (tine__pipe_write((struct tine__pipe *)node, uio,
		    flags));
	case TINE__NODE_SOCK:
		return (tine__pipe_write(((struct tine__sock *)node)->out, uio,
		    flags));
	case TINE__NODE_TTY:
		return (tine__tty_write((struct tine__tty *)node, uio));
	case TINE__NODE_NULL:
	case TINE__NODE_ZERO:
		tine__uio_moved(uio, uio->resid);
		return (0);
	default:
		return (EISDIR);
	}
}

int
tine__node_ioctl(struct tine__node *node, unsigned cmd, uint64_t arg)
{
	struct tine__pipe *pipe = (struct tine__pipe *)node;
	struct tine__uio uio = { .base = arg, .resid = sizeof(int) };
	int have;

	if (node->type == TINE__NODE_TTY)
		return (tine__tty_ioctl((struct tine__tty *)node, cmd, arg));
	if (node->type == TINE__NODE_SOCK)
		pipe = ((struct tine__sock *)node)->in;
	else if (node->type != TINE__NODE_PIPE)
		return (ENOTTY);
	if (cmd != TINE_FIONREAD)
		return (ENOTTY);
	tine__mutex_enter(pipe->lock, TINE__WHERE);
	have = (int)pipe->used;
	tine__mutex_exit(pipe->lock);
	return (tine__uio_out(&uio, &have, sizeof(have)));
}

/* The node's own lock is held, if it has one. */
int
tine__node_poll(struct tine__node *node, int events)
{
	switch (node->type) {
	case TINE__NODE_PIPE:
		return (tine__pipe_poll((const struct tine__pipe *)node,
		    events));
	case TINE__NODE_TTY:
		return (tine__tty_poll((const struct tine__tty *)node,
		    events));
	case TINE__NODE_SOCK:
		return (tine__sock_poll((const struct tine__sock *)node,
		    events));
	default:
		return (events & (TINE_POLLIN | TINE_POLLOUT));
	}
}

bool
tine__node_seekable(const struct tine__node *node)
{
	return (node->type != TINE__NODE_PIPE &&
	    node->type != TINE__NODE_TTY && node->type != TINE__NODE_SOCK);
}

uint64_t
tine__node_size(const struct tine__node *node)
{
	if (node->type == TINE__NODE_LNK)
		return (((const struct tine__lnk *)node)->size);
	return (node->type == TINE__NODE_REG ?
	    ((const struct tine__reg *)node)->size : 0);
}

int
tine__node_truncate(struct tine__node *node, uint64_t size)
{
	if (node->type != TINE__NODE_REG)
		return (EINVAL);
	return (tine__reg_truncate((struct tine__reg *)node, size));
}

static uint32_t
format(const struct tine__node *node)
{
	switch (node->type) {
	case TINE__NODE_REG:
	case TINE__NODE_PROG:
		return (TINE_S_IFREG);
	case TINE__NODE_DIR:
		return (TINE_S_IFDIR);
	case TINE__NODE_PIPE:
		return (TINE_S_IFIFO);
	case TINE__NODE_SOCK:
		return (TINE_S_IFSOCK);
	case TINE__NODE_LNK:
		return (TINE_S_IFLNK);
	default:
		return (TINE_S_IFCHR);
	}
}

void
tine__node_facts(const struct tine__node *node, struct tine_stat *st)
{
	memset(st, 0, sizeof(*st));
	st->mode = format(node) | node->mode;
	st->ino = node->ino;
	st->nlink = node->nlink;
	st->uid = node->uid;
	st->gid = node->gid;
	st->size = tine__node_size(node);
	st->mtime_ns = node->mtime;
}

void
tine__node_stat(struct tine__node *node, struct tine_stat *st)
{
	tine__node_lock(node, false);
	tine__racy(TINE_OP_READ, &node->nlink);
	tine__node_facts(node, st);
	tine__node_unlock(node);
}

/* --- boot and halt --- */

struct tine__node *
tine__fs_root(struct tine_machine *m)
{
	return (m->fs.root);
}

struct tine__node *
tine__fs_console(struct tine_machine *m)
{
	return (&m->fs.tty->node);
}

struct tine__tty *
tine__tty(struct tine_machine *m)
{
	return (m->fs.tty);
}

/* Context: no other thread of the machine has run yet. */
void
tine__fs_boot(struct tine_machine *m)
{
	struct tine__fs *fs = &m->fs;
	struct tine__dir *root;

	memset(fs, 0, sizeof(*fs));
	fs->machine = m;
	tine__mutex_init(&fs->rename_lock, &tine__class_rename);
	tine__mutex_init(&fs->locks_lock, &tine__class_locks);
	fs->tty = tine__tty_new(fs);
	root = tine__node_new(fs, TINE__NODE_DIR, sizeof(*root), 0755,
	    TINE__KM_SLEEP);
	root->parent = root;
	root->node.nlink = 1;
	fs->root = &root->node;
	if (m->nfiles != 0)
		tine__fs_populate(fs);
	if (m->typed.early.size != 0)
		tine__tty_type(m, m->typed.early.data, m->typed.early.size);
	if (m->typed.early_eof)
		tine__tty_type(m, NULL, 0);
}

/* Take a tree down. Nobody else is there. */
static void
empty(struct tine__dir *dir)
{
	while (dir->first != NULL) {
		if (dir->first->node->type == TINE__NODE_DIR)
			empty((struct tine__dir *)dir->first->node);
		tine__dir_remove(dir, &dir->first);
	}
}

/*
 * A node that somebody still holds stays, and with it what it is made of: the
 * audit names it. Context: the boot thread; no process is left.
 */
void
tine__fs_halt(struct tine_machine *m)
{
	struct tine__fs *fs = &m->fs;
	struct tine__tty *tty = fs->tty;
	struct tine__node *node, *next;

	tine__files_save(m);
	fs->tty = NULL;
	while (fs->busy != 0)
		tine__yield();
	empty((struct tine__dir *)fs->root);
	for (node = fs->nodes; node != NULL; node = next) {
		next = node->next;
		if (node->kept)
			tine__node_rele(node);
	}
	tine__node_rele(fs->root);
	tine__node_rele(&tty->node);
	fs->root = NULL;
	ASSERT(fs->lockwaits == NULL);
	tine__mutex_destroy(&fs->locks_lock);
	tine__mutex_destroy(&fs->rename_lock);
}
