/* SPDX-License-Identifier: MIT */
/*
 * walk.c - from a path to a node, through symbolic links.
 *
 * A trail is where a walk is and what is left of its path. At a link the link's
 * text takes its place in front of that, and the walk goes on at the directory
 * that has the link, or at the root. So a path may be longer than it was; the
 * new one has a buffer of its own then.
 */
#include "file/impl.h"

#define PATH_TYPE "path"

/* One step down, up, or none. @return 0 and the node, held; ENOENT, EACCES. */
int
tine__dir_step(const struct tine__walk *walk, struct tine__dir *dir,
    const char *name, struct tine__node **out)
{
	struct tine__entry *entry;
	struct tine__node *node = &dir->node;
	int error;

	error = tine__node_access(&dir->node, walk, TINE_X_OK);
	if (error != 0)
		return (error);
	tine__node_lock(&dir->node, false);
	if (name[0] == '\0') {
		;			/* the root */
	} else if (strcmp(name, "..") == 0) {
		if (&dir->node != walk->root)
			node = dir->parent == NULL ? NULL : &dir->parent->node;
	} else if (dir->programs && strcmp(name, ".") != 0) {
		error = tine__program_node(dir->node.fs, name, out);
		tine__node_unlock(&dir->node);
		return (error);
	} else if (strcmp(name, ".") != 0) {
		entry = *tine__dir_find(dir, name);
		node = entry == NULL ? NULL : entry->node;
	}
	if (node != NULL)
		tine__node_hold(node);
	tine__node_unlock(&dir->node);
	*out = node;
	return (node == NULL ? ENOENT : 0);
}

/* The next component; path is moved behind it. @return its length. */
static size_t
component(const char **path, char name[TINE__NAME_MAX + 1])
{
	const size_t size = strcspn(*path, "/");

	if (size <= TINE__NAME_MAX) {
		memcpy(name, *path, size);
		name[size] = '\0';
	}
	*path += size;
	return (size);
}

/* Begin a walk. @return 0, ENOENT (an empty path); then it is to be ended. */
static int
trail_begin(struct tine__trail *trail, const struct tine__walk *walk,
    const char *path)
{
	struct tine__node *root = walk->root;

	if (!root->fs->populated)
		tine__fs_populate(root->fs);
	memset(trail, 0, sizeof(*trail));
	if (*path == '\0')
		return (ENOENT);
	trail->walk = walk;
	trail->path = path + strspn(path, "/");
	trail->at = *path == '/' ? root : walk->cwd;
	tine__node_hold(trail->at);
	return (0);
}

static void
trail_end(struct tine__trail *trail)
{
	if (trail->at != NULL)
		tine__node_rele(trail->at);
	if (trail->buffer != NULL)
		tine__kmem_free(trail->walk->root->fs->machine->kmem,
		    PATH_TYPE, trail->buffer, TINE__PATH_MAX);
}

/*
 * Go on at what a link says, and then with the rest. dir has the link; both are
 * held by the caller. ELOOP, ENOENT (it says nothing), ENAMETOOLONG.
 */
static int
trail_follow(struct tine__trail *trail, const struct tine__dir *dir,
    const struct tine__lnk *link, const char *rest)
{
	struct tine__node *root = trail->walk->root;
	struct tine__kmem *kmem = root->fs->machine->kmem;
	const size_t length = link->size, more = strlen(rest);
	char *buffer;

	if (++trail->links > trail->walk->max_links)
		return (ELOOP);
	if (length == 0)
		return (ENOENT);
	if (length + 1 + more >= TINE__PATH_MAX)
		return (ENAMETOOLONG);
	buffer = tine__kmem_alloc(kmem, PATH_TYPE, TINE__PATH_MAX,
	    TINE__KM_SLEEP, TINE__WHERE);
	memcpy(buffer, link->text, length);
	buffer[length] = '/';
	memcpy(buffer + length + (more != 0), rest, more + 1);
	if (trail->buffer != NULL)
		tine__kmem_free(kmem, PATH_TYPE, trail->buffer,
		    TINE__PATH_MAX);
	trail->buffer = buffer;
	trail->path = buffer + strspn(buffer, "/");
	trail->at = buffer[0] == '/' ? root :
	    (struct tine__node *)(uintptr_t)&dir->node;
	tine__node_hold(trail->at);
	return (0);
}

/* One component that is not the last: from at, which is let go, to the next. */
static int
trail_step(struct tine__trail *trail, const char *name)
{
	struct tine__node *node = trail->at, *next;
	int error;

	trail->at = NULL;
	error = node->type != TINE__NODE_DIR ? ENOTDIR :
	    tine__dir_step(trail->walk, (struct tine__dir *)node, name, &next);
	if (error == 0 && next->type == TINE__NODE_LNK) {
		error = trail_follow(trail, (struct tine__dir *)node,
		    (struct tine__lnk *)next, trail->path);
		tine__node_rele(next);
	} else if (error == 0) {
		trail->at = next;
	}
	tine__node_rele(node);
	return (error);
}

/* As tine__dir_walk(); the directory is the trail's. */
static int
trail_parent(struct tine__trail *trail, struct tine__dir **out,
    char name[TINE__NAME_MAX + 1], bool *slash)
{
	int error;

	for (;;) {
		if (component(&trail->path, name) > TINE__NAME_MAX)
			return (ENAMETOOLONG);
		*slash = *trail->path == '/';
		trail->path += strspn(trail->path, "/");
		if (*trail->path == '\0')
			break;
		error = trail_step(trail, name);
		if (error != 0)
			return (error);
	}
	if (trail->at->type != TINE__NODE_DIR)
		return (ENOTDIR);
	*out = (struct tine__dir *)trail->at;
	return (0);
}

/*
 * Walk to the directory that has, or is to have, the last component; it is
 * held. The name is empty for the root. slash: something stands behind the name
 * that only directories may have.
 */
int
tine__dir_walk(const struct tine__walk *walk, const char *path,
    struct tine__dir **out, char name[TINE__NAME_MAX + 1], bool *slash)
{
	struct tine__trail trail;
	int error = trail_begin(&trail, walk, path);

	if (error != 0)
		return (error);
	error = trail_parent(&trail, out, name, slash);
	if (error == 0)
		tine__node_hold(&(*out)->node);
	trail_end(&trail);
	return (error);
}

/*
 * The last component of a trail. If it is a link that is to be followed, or has
 * something behind it that only directories may have, the trail goes on and
 * *out is NULL.
 */
static int
trail_last(struct tine__trail *trail, bool follow, struct tine__node **out)
{
	char name[TINE__NAME_MAX + 1];
	struct tine__node *at;
	struct tine__dir *dir;
	bool slash;
	int error;

	error = trail_parent(trail, &dir, name, &slash);
	if (error != 0)
		return (error);
	if (name[0] == '\0') {
		*out = &dir->node;
		tine__node_hold(*out);
		return (0);
	}
	error = tine__dir_step(trail->walk, dir, name, out);
	if (error != 0)
		return (error);
	if ((*out)->type == TINE__NODE_LNK && (follow || slash)) {
		at = trail->at;
		trail->at = NULL;
		error = trail_follow(trail, dir, (struct tine__lnk *)*out,
		    slash ? "/" : "");
		tine__node_rele(at);
		tine__node_rele(*out);
		*out = NULL;
	} else if (slash && (*out)->type != TINE__NODE_DIR) {
		tine__node_rele(*out);
		error = ENOTDIR;
	}
	return (error);
}

static int
lookup(const struct tine__walk *walk, const char *path, bool follow,
    struct tine__node **out)
{
	struct tine__trail trail;
	int error = trail_begin(&trail, walk, path);

	if (error != 0)
		return (error);
	do {
		error = trail_last(&trail, follow, out);
	} while (error == 0 && *out == NULL);
	trail_end(&trail);
	return (error);
}

int
tine__namei(const struct tine__walk *walk, const char *path,
    struct tine__node **out)
{
	return (lookup(walk, path, true, out));
}

int
tine__lnamei(const struct tine__walk *walk, const char *path,
    struct tine__node **out)
{
	return (lookup(walk, path, false, out));
}

/* --- links --- */

/* With a hold; NULL when memory is out. */
struct tine__lnk *
tine__lnk_new(struct tine__fs *fs, const char *text)
{
	const size_t length = strlen(text);
	struct tine__lnk *link;

	link = tine__node_new(fs, TINE__NODE_LNK, sizeof(*link), 0777,
	    TINE__KM_NOSLEEP);
	if (link == NULL)
		return (NULL);
	link->text = tine__kmem_alloc(fs->machine->kmem, PATH_TYPE,
	    length + 1, TINE__KM_NOSLEEP, TINE__WHERE);
	if (link->text == NULL) {
		tine__node_rele(&link->node);
		return (NULL);
	}
	memcpy(link->text, text, length + 1);
	link->size = length;
	return (link);
}

void
tine__lnk_free(struct tine__lnk *link)
{
	if (link->text != NULL)
		tine__kmem_free(link->node.fs->machine->kmem, PATH_TYPE,
		    link->text, link->size + 1);
}

int
tine__readlink(const struct tine__walk *walk, const char *path,
    struct tine__node **out, const char **text, size_t *size)
{
	struct tine__node *node;
	int error = tine__lnamei(walk, path, &node);

	if (error != 0)
		return (error);
	if (node->type != TINE__NODE_LNK) {
		tine__node_rele(node);
		return (EINVAL);
	}
	*out = node;
	*text = ((struct tine__lnk *)node)->text;
	*size = ((struct tine__lnk *)node)->size;
	return (0);
}

/* --- open, where there may be a new file --- */

/*
 * What has the name, or whatever make() makes of it, which is asked with the
 * directory's lock held; *made tells. A link is followed to where it leads, or
 * would.
 */
int
tine__walk_make(const struct tine__walk *walk, const char *path, int flags,
    struct tine__node **out, tine__make_fn make, void *arg)
{
	struct tine__trail trail;
	int error = trail_begin(&trail, walk, path);
	char name[TINE__NAME_MAX + 1];
	struct tine__node *at, *node;
	struct tine__dir *dir;
	bool slash;

	for (*out = NULL; error == 0 && *out == NULL;) {
		error = trail_parent(&trail, &dir, name, &slash);
		if (error == 0)
			error = make(arg, dir, name, slash, out);
		node = *out;
		if (error != 0 || node == NULL ||
		    node->type != TINE__NODE_LNK ||
		    (flags & (TINE_O_EXCL | TINE_O_NOFOLLOW)) != 0)
			break;
		at = trail.at;
		trail.at = NULL;
		error = trail_follow(&trail, dir, (struct tine__lnk *)node,
		    slash ? "/" : "");
		tine__node_rele(at);
		tine__node_rele(node);
		*out = NULL;
	}
	trail_end(&trail);
	return (error);
}
