/* SPDX-License-Identifier: MIT */
/*
 * name.c - names that come, go and move: mkdir, mkfifo, link, symlink, unlink,
 * rmdir, rename; and names that are listed.
 */
#include "file/impl.h"

static bool
is_dots(const char *name)
{
	return (strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
}

/* Whether entries of a directory may come and go. Its lock is held. */
static int
may_change(const struct tine__walk *walk, const struct tine__dir *dir)
{
	if (dir->programs)
		return (EROFS);
	if (dir->removed)
		return (ENOENT);
	return (tine__node_access(&dir->node, walk, TINE_W_OK | TINE_X_OK));
}

/*
 * The same where an entry goes. Out of a sticky directory it is taken by its
 * owner and the directory's alone. Its lock is held.
 */
static int
may_take(const struct tine__walk *walk, const struct tine__dir *dir,
    const struct tine__entry *entry)
{
	const int error = may_change(walk, dir);

	if (error != 0 || entry == NULL || (dir->node.mode & 01000) == 0 ||
	    walk->uid == 0 || walk->uid == entry->node->uid ||
	    walk->uid == dir->node.uid)
		return (error);
	return (walk->sticky_eacces ? EACCES : EPERM);
}

/* --- new names --- */

/*
 * Walk to where a new name is to be; the directory is held and locked for
 * writing, and the name is free.
 */
static int
place(const struct tine__walk *walk, const char *path, bool directory,
    struct tine__dir **out, char name[TINE__NAME_MAX + 1])
{
	struct tine__dir *dir;
	bool slash;
	int error;

	error = tine__dir_walk(walk, path, &dir, name, &slash);
	if (error != 0)
		return (error);
	tine__node_lock(&dir->node, true);
	if (name[0] == '\0' || is_dots(name))
		error = EEXIST;
	else if (slash && !directory)
		error = ENOENT;
	else if (*tine__dir_find(dir, name) != NULL)
		error = EEXIST;
	else
		error = may_change(walk, dir);
	if (error != 0) {
		tine__node_unlock(&dir->node);
		tine__node_rele(&dir->node);
	} else {
		*out = dir;
	}
	return (error);
}

static void
placed(struct tine__dir *dir)
{
	tine__node_unlock(&dir->node);
	tine__node_rele(&dir->node);
}

int
tine__mkdir(const struct tine__walk *walk, const char *path, unsigned mode)
{
	char name[TINE__NAME_MAX + 1];
	struct tine__dir *dir, *made;
	int error;

	error = place(walk, path, true, &dir, name);
	if (error != 0)
		return (error);
	made = tine__dir_new(dir->node.fs, dir, name, mode & ~walk->cmask,
	    TINE__KM_NOSLEEP);
	if (made != NULL)
		tine__node_own(&made->node, walk, dir);
	placed(dir);
	return (made == NULL ? ENOSPC : 0);
}

int
tine__mkfifo(const struct tine__walk *walk, const char *path, unsigned mode)
{
	char name[TINE__NAME_MAX + 1];
	struct tine__pipe *pipe;
	struct tine__dir *dir;
	int error;

	error = place(walk, path, false, &dir, name);
	if (error != 0)
		return (error);
	pipe = tine__pipe_new(dir->node.fs, mode & ~walk->cmask);
	error = ENOSPC;
	if (pipe != NULL) {
		tine__node_own(&pipe->node, walk, dir);
		error = tine__dir_enter(dir, name, &pipe->node,
		    TINE__KM_NOSLEEP);
		tine__node_rele(&pipe->node);
	}
	placed(dir);
	return (error);
}

int
tine__symlink(const struct tine__walk *walk, const char *path,
    const char *text)
{
	char name[TINE__NAME_MAX + 1];
	struct tine__lnk *link;
	struct tine__dir *dir;
	int error;

	error = place(walk, path, false, &dir, name);
	if (error != 0)
		return (error);
	link = tine__lnk_new(dir->node.fs, text);
	error = ENOSPC;
	if (link != NULL) {
		tine__node_own(&link->node, walk, dir);
		error = tine__dir_enter(dir, name, &link->node,
		    TINE__KM_NOSLEEP);
		tine__node_rele(&link->node);
	}
	placed(dir);
	return (error);
}

/* Where the second path of two begins. */
static struct tine__walk
end_of(const struct tine__walk *walk)
{
	struct tine__walk other = *walk;

	if (walk->to != NULL)
		other.cwd = walk->to;
	return (other);
}

int
tine__link(const struct tine__walk *walk, const char *from, const char *to,
    bool follow)
{
	const struct tine__walk other = end_of(walk);
	char name[TINE__NAME_MAX + 1];
	struct tine__node *node;
	struct tine__dir *dir;
	int error;

	error = follow ? tine__namei(walk, from, &node) :
	    tine__lnamei(walk, from, &node);
	if (error != 0)
		return (error);
	if (node->type == TINE__NODE_DIR)
		error = EPERM;
	else if (node->type == TINE__NODE_PROG)
		error = EXDEV;
	if (error == 0)
		error = place(&other, to, false, &dir, name);
	if (error == 0) {
		error = tine__dir_enter(dir, name, node, TINE__KM_NOSLEEP);
		placed(dir);
	}
	tine__node_rele(node);
	return (error);
}

/* --- names that go --- */

int
tine__unlink(const struct tine__walk *walk, const char *path)
{
	char name[TINE__NAME_MAX + 1];
	struct tine__entry **link;
	struct tine__dir *dir;
	bool slash;
	int error;

	error = tine__dir_walk(walk, path, &dir, name, &slash);
	if (error != 0)
		return (error);
	tine__node_lock(&dir->node, true);
	link = tine__dir_find(dir, name);
	if (name[0] == '\0' || is_dots(name))
		error = EPERM;
	else
		error = may_take(walk, dir, *link);
	if (error == 0 && *link == NULL)
		error = ENOENT;
	if (error == 0 && (*link)->node->type == TINE__NODE_DIR)
		error = EPERM;
	else if (error == 0 && slash)
		error = ENOTDIR;
	if (error == 0)
		tine__dir_remove(dir, link);
	tine__node_unlock(&dir->node);
	tine__node_rele(&dir->node);
	return (error);
}

/*
 * An empty directory is about to lose its name: from here on nothing can be
 * made in it. The parent's lock is held.
 */
static int
retire(struct tine__dir *parent, struct tine__dir *dir)
{
	int error = 0;

	tine__node_lock(&dir->node, true);
	ASSERT(dir->parent == parent);				/* F4 */
	if (dir->programs)
		error = EBUSY;
	else if (dir->first != NULL)
		error = ENOTEMPTY;
	if (error == 0) {
		dir->removed = true;
		dir->parent = NULL;
	}
	tine__node_unlock(&dir->node);
	return (error);
}

int
tine__rmdir(const struct tine__walk *walk, const char *path)
{
	char name[TINE__NAME_MAX + 1];
	struct tine__entry **link;
	struct tine__dir *dir;
	bool slash;
	int error;

	error = tine__dir_walk(walk, path, &dir, name, &slash);
	if (error != 0)
		return (error);
	tine__node_lock(&dir->node, true);
	link = tine__dir_find(dir, name);
	if (name[0] == '\0')
		error = EBUSY;
	else if (is_dots(name))
		error = EINVAL;
	else
		error = may_take(walk, dir, *link);
	if (error == 0 && *link == NULL)
		error = ENOENT;
	if (error == 0 && (*link)->node->type != TINE__NODE_DIR)
		error = ENOTDIR;
	if (error == 0)
		error = retire(dir, (struct tine__dir *)(*link)->node);
	if (error == 0)
		tine__dir_remove(dir, link);
	tine__node_unlock(&dir->node);
	tine__node_rele(&dir->node);
	return (error);
}

/* --- names that move --- */

/* Whether b is a, or below it. The rename lock is held. */
static bool
is_below(const struct tine__dir *b, const struct tine__dir *a)
{
	while (b != a && b->parent != NULL && b->parent != b)
		b = b->parent;
	return (b == a);
}

/* Lock one or two directories: the one above first, else the older one. */
static void
lock_both(struct tine__dir *a, struct tine__dir *b)
{
	struct tine__dir *first = a, *second = b;

	if (is_below(a, b) || (!is_below(b, a) && b->node.ino < a->node.ino)) {
		first = b;
		second = a;
	}
	tine__node_lock(&first->node, true);
	if (first != second)
		tine__node_lock(&second->node, true);
}

static void
unlock_both(struct tine__dir *a, struct tine__dir *b)
{
	tine__node_unlock(&a->node);
	if (a != b)
		tine__node_unlock(&b->node);
}

/* Whether what is at the new name may be replaced by this node. */
static int
replaceable(const struct tine__node *node, struct tine__dir *from_dir,
    struct tine__node *old)
{
	if (old->type != TINE__NODE_DIR)
		return (node->type == TINE__NODE_DIR ? ENOTDIR : 0);
	if (node->type != TINE__NODE_DIR)
		return (EISDIR);
	/* It is not empty then, and its lock may be held already. */
	if (is_below(from_dir, (struct tine__dir *)old))
		return (ENOTEMPTY);
	return (0);
}

/* A name changes its node, in one step and without memory. */
static void
exchange(struct tine__entry *entry, struct tine__node *node)
{
	struct tine__node *old = entry->node;

	tine__node_hold(node);
	tine__racy(TINE_OP_WRITE, &node->nlink);
	node->nlink++;
	entry->node = node;
	tine__racy(TINE_OP_WRITE, &old->nlink);
	old->nlink--;
	tine__node_rele(old);
}

/* Both directories are locked and no name is special. */
static int
move(const struct tine__walk *walk, struct tine__dir *from_dir,
    const char *from, struct tine__dir *to_dir, const char *to)
{
	struct tine__entry *entry = *tine__dir_find(from_dir, from);
	struct tine__entry *old = *tine__dir_find(to_dir, to);
	struct tine__dir *dir;
	int error;

	if (entry == NULL)
		return (ENOENT);
	error = may_take(walk, from_dir, entry);
	if (error == 0)
		error = may_take(walk, to_dir, old);
	if (error != 0 || (old != NULL && old->node == entry->node))
		return (error);
	dir = entry->node->type == TINE__NODE_DIR ?
	    (struct tine__dir *)entry->node : NULL;
	if (dir != NULL && is_below(to_dir, dir))
		return (EINVAL);
	if (dir != NULL && dir->programs)
		return (EBUSY);
	if (old != NULL)
		error = replaceable(entry->node, from_dir, old->node);
	if (error == 0 && old != NULL && dir != NULL)
		error = retire(to_dir, (struct tine__dir *)old->node);
	if (error == 0 && old != NULL)
		exchange(old, entry->node);
	else if (error == 0)
		error = tine__dir_enter(to_dir, to, entry->node,
		    TINE__KM_NOSLEEP);
	if (error != 0)
		return (error);
	if (dir != NULL)
		dir->parent = to_dir;
	tine__dir_remove(from_dir, tine__dir_find(from_dir, from));
	return (0);
}

int
tine__rename(const struct tine__walk *walk, const char *from, const char *to)
{
	char from_name[TINE__NAME_MAX + 1], to_name[TINE__NAME_MAX + 1];
	const struct tine__walk other = end_of(walk);
	struct tine__dir *from_dir, *to_dir;
	bool from_slash, to_slash;
	int error;

	error = tine__dir_walk(walk, from, &from_dir, from_name, &from_slash);
	if (error != 0)
		return (error);
	error = tine__dir_walk(&other, to, &to_dir, to_name, &to_slash);
	if (error != 0) {
		tine__node_rele(&from_dir->node);
		return (error);
	}
	tine__mutex_enter(&from_dir->node.fs->rename_lock, TINE__WHERE);
	lock_both(from_dir, to_dir);
	error = may_change(walk, from_dir);
	if (error == 0)
		error = may_change(walk, to_dir);
	if (error == 0 && (from_name[0] == '\0' || to_name[0] == '\0'))
		error = EBUSY;
	if (error == 0 && (is_dots(from_name) || is_dots(to_name)))
		error = EINVAL;
	if (error == 0)
		error = move(walk, from_dir, from_name, to_dir, to_name);
	unlock_both(from_dir, to_dir);
	tine__mutex_exit(&from_dir->node.fs->rename_lock);
	tine__node_rele(&from_dir->node);
	tine__node_rele(&to_dir->node);
	return (error);
}

/* --- names that are told --- */

static int
path_of(struct tine__node *node, struct tine__node *root, char *path,
    size_t size)
{
	struct tine__dir *dir = (struct tine__dir *)node;
	struct tine__entry *entry;
	size_t at = size, length;

	if (size < 2)
		return (ERANGE);
	path[--at] = '\0';
	while (&dir->node != root) {
		if (dir->parent == NULL || dir->parent == dir)
			return (ENOENT);
		for (entry = dir->parent->first; entry->node != &dir->node;
		    entry = entry->next)
			continue;
		length = strlen(entry->name);
		if (at < length + 1)
			return (ERANGE);
		at -= length;
		memcpy(path + at, entry->name, length);
		path[--at] = '/';
		dir = dir->parent;
	}
	if (path[at] == '\0')
		path[--at] = '/';
	memmove(path, path + at, size - at);
	return (0);
}

bool
tine__node_below(const struct tine__node *node, const struct tine__node *top)
{
	const struct tine__dir *dir = (const struct tine__dir *)node;

	while (&dir->node != top && !dir->removed && dir->parent != NULL &&
	    dir->parent != dir)
		dir = dir->parent;
	return (&dir->node == top);
}

/*
 * What is above a directory stays where it is while the rename lock is held; a
 * directory that is removed changes under its own lock.
 */
int
tine__getcwd(struct tine__node *node, struct tine__node *root, char *path,
    size_t size)
{
	int error;

	tine__mutex_enter(&node->fs->rename_lock, TINE__WHERE);
	tine__node_lock(node, false);
	error = path_of(node, root, path, size);
	tine__node_unlock(node);
	tine__mutex_exit(&node->fs->rename_lock);
	return (error);
}

/* The cookie of a program is its place in the registry. */
static int
read_program(uint64_t *cookie, struct tine_dirent *entry)
{
	const struct tine_program *program = tine_program_first();
	uint64_t n;

	for (n = 0; program != NULL && n < *cookie; n++)
		program = program->next;
	if (program == NULL)
		return (ENOENT);
	*cookie = n + 1;
	entry->type = TINE_S_IFREG;
	(void)strncpy(entry->name, program->name, sizeof(entry->name) - 1);
	return (0);
}

int
tine__readdir(struct tine__node *node, uint64_t *cookie,
    struct tine_dirent *out)
{
	struct tine__dir *dir = (struct tine__dir *)node;
	struct tine__entry *entry;
	struct tine_stat st;

	if (node->type != TINE__NODE_DIR)
		return (ENOTDIR);
	memset(out, 0, sizeof(*out));
	if (dir->programs)
		return (read_program(cookie, out));
	for (entry = dir->first; entry != NULL && entry->seq <= *cookie;
	    entry = entry->next)
		continue;
	if (entry == NULL)
		return (ENOENT);
	tine__node_facts(entry->node, &st);
	*cookie = entry->seq;
	out->ino = st.ino;
	out->type = st.mode & TINE_S_IFMT;
	memcpy(out->name, entry->name, strlen(entry->name) + 1);
	return (0);
}
