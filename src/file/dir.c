/* SPDX-License-Identifier: MIT */
/*
 * dir.c - directories: entries, who may do what, opening what is there.
 */
#include "file/impl.h"

#define ENTRY_TYPE "directory entry"

/* --- entries --- */

static size_t
entry_size(const char *name)
{
	return (sizeof(struct tine__entry) + strlen(name) + 1);
}

/* The link to an entry of that name, or to the end of the list. */
struct tine__entry **
tine__dir_find(struct tine__dir *dir, const char *name)
{
	struct tine__entry **link = &dir->first;

	while (*link != NULL && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return (link);
}

/* Give a node a name: it is held by it. @return 0 or ENOSPC. */
int
tine__dir_enter(struct tine__dir *dir, const char *name,
    struct tine__node *node, int flags)
{
	struct tine__entry **link = tine__dir_find(dir, name), *entry;

	ASSERT(*link == NULL);
	ASSERT(!dir->removed && !dir->programs);
	entry = tine__kmem_alloc(dir->node.fs->machine->kmem, ENTRY_TYPE,
	    entry_size(name), flags | TINE__KM_ZERO, TINE__WHERE);
	if (entry == NULL)
		return (ENOSPC);
	entry->node = node;
	entry->seq = ++dir->seq;
	entry->size = (uint16_t)entry_size(name);
	memcpy(entry->name, name, strlen(name) + 1);
	tine__node_hold(node);
	tine__racy(TINE_OP_WRITE, &node->nlink);
	node->nlink++;
	dir->node.mtime = dir->node.fs->machine->now;
	*link = entry;
	return (0);
}

void
tine__dir_remove(struct tine__dir *dir, struct tine__entry **link)
{
	struct tine__entry *entry = *link;
	struct tine__node *node = entry->node;

	tine__racy(TINE_OP_WRITE, &node->nlink);
	ASSERT3(node->nlink, >, 0);				/* F2 */
	*link = entry->next;
	dir->node.mtime = dir->node.fs->machine->now;
	tine__kmem_free(dir->node.fs->machine->kmem, ENTRY_TYPE, entry,
	    entry->size);
	node->nlink--;
	tine__node_rele(node);
}

/* A directory with a name in another one; not held beyond that name. */
struct tine__dir *
tine__dir_new(struct tine__fs *fs, struct tine__dir *parent, const char *name,
    unsigned mode, int flags)
{
	struct tine__dir *dir;
	int error;

	dir = tine__node_new(fs, TINE__NODE_DIR, sizeof(*dir), mode, flags);
	if (dir == NULL)
		return (NULL);
	error = tine__dir_enter(parent, name, &dir->node, flags);
	if (error == 0)
		dir->parent = parent;
	tine__node_rele(&dir->node);
	return (error == 0 ? dir : NULL);
}

/* --- what is there from the beginning --- */

static void
device(struct tine__fs *fs, struct tine__dir *dev, const char *name,
    enum tine__node_type type, unsigned mode)
{
	struct tine__node *node;

	node = tine__node_new(fs, type, sizeof(*node), mode, TINE__KM_SLEEP);
	(void)tine__dir_enter(dev, name, node, TINE__KM_SLEEP);
	tine__node_rele(node);
}

/* A directory on the way to a file of the host's, made if it is not there. */
static struct tine__dir *
folder(struct tine__fs *fs, struct tine__dir *dir, const char *name)
{
	struct tine__entry *entry = *tine__dir_find(dir, name);

	if (entry == NULL)
		return (tine__dir_new(fs, dir, name, 0755, TINE__KM_SLEEP));
	if (entry->node->type != TINE__NODE_DIR)
		tine__panic("a file is where another one has a directory: %s",
		    name);
	return ((struct tine__dir *)entry->node);
}

/* A file that the host has put there. */
static void
preload(struct tine__fs *fs, const struct tine__hostfile *file)
{
	struct tine__uio uio = { .base = (uintptr_t)file->data,
		.resid = file->size, .kernel = true };
	struct tine__dir *dir = (struct tine__dir *)fs->root;
	char name[TINE__NAME_MAX + 1];
	const char *path = file->path, *end;
	struct tine__reg *reg;

	for (;;) {
		path += strspn(path, "/");
		end = path + strcspn(path, "/");
		memcpy(name, path, (size_t)(end - path));
		name[end - path] = '\0';
		if (*end == '\0')
			break;
		dir = folder(fs, dir, name);
		path = end;
	}
	if (dir->programs || *tine__dir_find(dir, name) != NULL)
		tine__panic("the host's file %s cannot be put there",
		    file->path);
	reg = tine__node_new(fs, TINE__NODE_REG, sizeof(*reg), 0644,
	    TINE__KM_SLEEP);
	(void)tine__dir_enter(dir, name, &reg->node, TINE__KM_SLEEP);
	tine__node_rele(&reg->node);
	if (tine__reg_write(reg, &uio, 0) != 0)
		tine__panic("no kernel memory for the host's file %s",
		    file->path);
}

/*
 * Make everything but the root, when a path is first walked: at boot if the
 * host has put files there. The names lock keeps others out meanwhile.
 */
void
tine__fs_populate(struct tine__fs *fs)
{
	struct tine__dir *root = (struct tine__dir *)fs->root, *dir;
	struct tine_machine *m = fs->machine;

	tine__mutex_enter(&fs->rename_lock, TINE__WHERE);
	if (!fs->populated) {
		dir = tine__dir_new(fs, root, "bin", 0555, TINE__KM_SLEEP);
		dir->programs = true;
		(void)tine__dir_new(fs, root, "tmp", 0777, TINE__KM_SLEEP);
		dir = tine__dir_new(fs, root, "dev", 0755, TINE__KM_SLEEP);
		(void)tine__dir_new(fs, dir, "shm", 01777, TINE__KM_SLEEP);
		(void)tine__dir_enter(dir, "console", &fs->tty->node,
		    TINE__KM_SLEEP);
		device(fs, dir, "tty", TINE__NODE_CTTY, 0666);
		device(fs, dir, "null", TINE__NODE_NULL, 0666);
		device(fs, dir, "zero", TINE__NODE_ZERO, 0666);
		for (size_t i = 0; i < m->nfiles; i++)
			preload(fs, &m->files[i]);
		fs->populated = true;
	}
	tine__mutex_exit(&fs->rename_lock);
}

/* --- who may do what --- */

static bool
in_group(const struct tine__walk *who, uint32_t gid)
{
	uint32_t i;

	if (who->gid == gid)
		return (true);
	for (i = 0; i < who->ngroups; i++)
		if (who->groups[i] == gid)
			return (true);
	return (false);
}

int
tine__node_access(const struct tine__node *node, const struct tine__walk *who,
    int mode)
{
	unsigned bits;

	if (who->uid != 0)
		tine__racy(TINE_OP_READ, &node->mode);
	bits = node->mode;
	if (who->uid == 0)
		return ((mode & TINE_X_OK) != 0 &&
		    node->type != TINE__NODE_DIR && (bits & 0111) == 0 ?
		    EACCES : 0);
	if (who->uid == node->uid)
		bits >>= 6;
	else if (in_group(who, node->gid))
		bits >>= 3;
	return ((mode & ~(int)bits & 7) != 0 ? EACCES : 0);
}

/* What an owner may change of a node. */
static int
may_own(const struct tine__node *node, const struct tine__walk *who)
{
	return (who->uid != 0 && who->uid != node->uid ? EPERM : 0);
}

/* The node of an executable is made whenever somebody looks for it: one that is
 * not as it was made stays. */
static void
keep(struct tine__node *node)
{
	if (node->type != TINE__NODE_PROG || node->kept)
		return;
	node->kept = true;
	tine__node_hold(node);
}

int
tine__node_chmod(struct tine__node *node, const struct tine__walk *who,
    unsigned mode)
{
	const int error = may_own(node, who);

	if (error != 0)
		return (error);
	tine__node_lock(node, true);
	tine__racy(TINE_OP_WRITE, &node->mode);
	node->mode = (uint16_t)(mode & 07777);
	keep(node);
	tine__node_unlock(node);
	return (0);
}

/* An owner may give a file to a group that it is in, and to no other user. */
int
tine__node_chown(struct tine__node *node, const struct tine__walk *who,
    uint32_t uid, uint32_t gid)
{
	const int error = may_own(node, who);

	if (error != 0)
		return (error);
	if (who->uid != 0 && ((uid != UINT32_MAX && uid != node->uid) ||
	    (gid != UINT32_MAX && !in_group(who, gid))))
		return (EPERM);
	tine__node_lock(node, true);
	tine__racy(TINE_OP_WRITE, &node->mode);
	if (uid != UINT32_MAX)
		node->uid = uid;
	if (gid != UINT32_MAX)
		node->gid = gid;
	/* Nobody gives away what runs as him. */
	if (who->uid != 0)
		node->mode &= (uint16_t)~06000;
	keep(node);
	tine__node_unlock(node);
	return (0);
}

int
tine__node_utime(struct tine__node *node, const struct tine__walk *who,
    uint64_t ns)
{
	int error = may_own(node, who);

	if (error == EPERM && ns == UINT64_MAX)
		error = tine__node_access(node, who, TINE_W_OK);
	if (error != 0)
		return (error);
	tine__node_lock(node, true);
	node->mtime = ns == UINT64_MAX ? tine__now() : ns;
	tine__node_unlock(node);
	return (0);
}

/* Whose a new node is. */
void
tine__node_own(struct tine__node *node, const struct tine__walk *walk,
    const struct tine__dir *dir)
{
	node->uid = walk->uid;
	node->gid = walk->bsd_gid ? dir->node.gid : walk->gid;
}

/* The node of a registered program, held: the one there is, or a new one. */
int
tine__program_node(struct tine__fs *fs, const char *name,
    struct tine__node **out)
{
	const struct tine_program *program = tine_program_find(name);
	struct tine__node *node;

	if (program == NULL)
		return (ENOENT);
	for (node = fs->nodes; node != NULL; node = node->next) {
		if (node->program == program) {
			tine__node_hold(node);
			*out = node;
			return (0);
		}
	}
	node = tine__node_new(fs, TINE__NODE_PROG, sizeof(*node), 0555,
	    TINE__KM_NOSLEEP);
	if (node == NULL)
		return (ENOMEM);
	node->program = program;
	node->nlink = 1;
	*out = node;
	return (0);
}

/* --- open --- */

/* A new file in a directory, whose lock is held for writing. */
static int
make_file(const struct tine__walk *walk, struct tine__dir *dir,
    const char *name, unsigned mode, struct tine__node **out)
{
	struct tine__reg *reg;
	int error;

	error = dir->programs ? EROFS : dir->removed ? ENOENT :
	    tine__node_access(&dir->node, walk, TINE_W_OK);
	if (error != 0)
		return (error);
	reg = tine__node_new(dir->node.fs, TINE__NODE_REG, sizeof(*reg),
	    mode & ~walk->cmask, TINE__KM_NOSLEEP);
	if (reg == NULL)
		return (ENOSPC);
	tine__node_own(&reg->node, walk, dir);
	error = tine__dir_enter(dir, name, &reg->node, TINE__KM_NOSLEEP);
	if (error != 0)
		tine__node_rele(&reg->node);
	else
		*out = &reg->node;
	return (error);
}

/* An open that may make a file: with what, and whether it did. */
struct making {
	const struct tine__walk *walk;
	unsigned mode;
	bool made;
};

/* What has the name, or a new file. */
static int
find_or_make(void *arg, struct tine__dir *dir, const char *name, bool slash,
    struct tine__node **out)
{
	struct making *making = arg;
	const struct tine__walk *walk = making->walk;
	struct tine__entry *entry;
	int error;

	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || dir->programs) {
		error = tine__dir_step(walk, dir, name, out);
		if (error == 0 && slash &&
		    (*out)->type != TINE__NODE_DIR) {
			tine__node_rele(*out);
			error = ENOTDIR;
		}
		return (error == ENOENT ? EROFS : error);
	}
	error = tine__node_access(&dir->node, walk, TINE_X_OK);
	tine__node_lock(&dir->node, true);
	entry = *tine__dir_find(dir, name);
	if (error == 0 && entry != NULL) {
		*out = entry->node;
		tine__node_hold(*out);
	} else if (error == 0) {
		error = slash ? EISDIR :
		    make_file(walk, dir, name, making->mode, out);
		making->made = error == 0;
	}
	tine__node_unlock(&dir->node);
	return (error);
}

/* With TINE_O_CREAT: what has the name, or a new file. */
static int
open_or_make(const struct tine__walk *walk, const char *path, int flags,
    unsigned mode, struct tine__node **out, bool *made)
{
	struct making making = { walk, mode, false };
	int error;

	error = tine__walk_make(walk, path, flags, out, find_or_make,
	    &making);
	*made = making.made;
	if (error == 0 && !*made && (flags & TINE_O_EXCL) != 0) {
		tine__node_rele(*out);
		error = EEXIST;
	}
	return (error);
}

static int
open_allowed(const struct tine__walk *walk, const struct tine__node *node,
    int flags)
{
	const int how = flags & TINE_O_ACCMODE;
	int mode = 0;

	if (node->type == TINE__NODE_LNK)
		return (ELOOP);
	if (how != TINE_O_WRONLY)
		mode |= TINE_R_OK;
	if (how != TINE_O_RDONLY || (flags & TINE_O_TRUNC) != 0)
		mode |= TINE_W_OK;
	if (node->type == TINE__NODE_DIR &&
	    (mode != TINE_R_OK || (flags & TINE_O_CREAT) != 0))
		return (EISDIR);
	if (node->type != TINE__NODE_DIR && (flags & TINE_O_DIRECTORY) != 0)
		return (ENOTDIR);
	if (node->type == TINE__NODE_PROG && (mode & TINE_W_OK) != 0)
		return (ETXTBSY);
	return (tine__node_access(node, walk, mode));
}

int
tine__nameopen(const struct tine__walk *walk, const char *path, int flags,
    unsigned mode, struct tine__node **out)
{
	struct tine__node *node;
	bool made = false;
	int error;

	if ((flags & TINE_O_CREAT) != 0)
		error = open_or_make(walk, path, flags, mode, &node, &made);
	else if ((flags & TINE_O_NOFOLLOW) != 0)
		error = tine__lnamei(walk, path, &node);
	else
		error = tine__namei(walk, path, &node);
	if (error != 0)
		return (error);
	if (!made)
		error = open_allowed(walk, node, flags);
	if (error == 0 && !made && (flags & TINE_O_TRUNC) != 0 &&
	    node->type == TINE__NODE_REG) {
		tine__node_lock(node, true);
		error = tine__node_truncate(node, 0);
		tine__node_unlock(node);
	}
	if (error != 0)
		tine__node_rele(node);
	else
		*out = node;
	return (error);
}
