/* SPDX-License-Identifier: MIT */
/*
 * path.c - system calls on names, and what all of them share.
 */
#include <errno.h>
#include <string.h>

#include <tine/file.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"

/* --- what the shared calls share --- */

const struct tine__callops *
tine__callops(void)
{
	return (tine__machine()->flavour->shared);
}

int
tine__from_user(uint64_t user, void *kernel, size_t size)
{
	return (tine__machine()->flavour->files->from_user(
	    (const void *)(uintptr_t)user, kernel, size));
}

int
tine__to_user(const void *kernel, uint64_t user, size_t size)
{
	return (tine__machine()->flavour->files->to_user(kernel,
	    (void *)(uintptr_t)user, size));
}

struct tine__node *
tine__node_of(int fd)
{
	struct tine__open open;

	if (tine__callops()->file(fd, &open) != 0)
		return (NULL);
	tine__node_hold(open.node);
	tine__callops()->done(&open);
	return (open.node);
}

/* --- names --- */

static int
copy_path(uint64_t user, char path[TINE__PATH_MAX])
{
	size_t length;

	return (tine__callops()->string((const char *)(uintptr_t)user, path,
	    TINE__PATH_MAX, &length));
}

/* The node of a path of the program's, held. */
static int
lookup(uint64_t user, bool follow, struct tine__node **node)
{
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	int error = copy_path(user, path);

	if (error != 0)
		return (error);
	tine__callops()->walk(&walk);
	error = follow ? tine__namei(&walk, path, node) :
	    tine__lnamei(&walk, path, node);
	tine__walk_rele(&walk);
	return (error);
}

typedef int (*one_path_fn)(const struct tine__walk *walk, const char *path,
    unsigned mode);
typedef int (*two_paths_fn)(const struct tine__walk *walk, const char *from,
    const char *to);

/* A call that makes or takes away one name. */
static int64_t
one_path(uint64_t user, unsigned mode, one_path_fn fn)
{
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	int error = copy_path(user, path);

	if (error != 0)
		return (-error);
	tine__callops()->walk(&walk);
	error = fn(&walk, path, mode);
	tine__walk_rele(&walk);
	return (-error);
}

static int64_t
two_paths(uint64_t user_from, uint64_t user_to, two_paths_fn fn)
{
	char from[TINE__PATH_MAX], to[TINE__PATH_MAX];
	struct tine__walk walk;
	int error = copy_path(user_from, from);

	if (error == 0)
		error = copy_path(user_to, to);
	if (error != 0)
		return (-error);
	tine__callops()->walk(&walk);
	error = fn(&walk, from, to);
	tine__walk_rele(&walk);
	return (-error);
}

int64_t
tine__call_mkdir(const uint64_t args[5])
{
	return (one_path(args[0], (unsigned)args[1], tine__mkdir));
}

int64_t
tine__call_mkfifo(const uint64_t args[5])
{
	return (one_path(args[0], (unsigned)args[1], tine__mkfifo));
}

static int
do_unlink(const struct tine__walk *walk, const char *path, unsigned mode)
{
	(void) mode;
	return (tine__unlink(walk, path));
}

int64_t
tine__call_unlink(const uint64_t args[5])
{
	return (one_path(args[0], 0, do_unlink));
}

static int
do_rmdir(const struct tine__walk *walk, const char *path, unsigned mode)
{
	(void) mode;
	return (tine__rmdir(walk, path));
}

int64_t
tine__call_rmdir(const uint64_t args[5])
{
	return (one_path(args[0], 0, do_rmdir));
}

/* What it does with a symbolic link is each kernel's own; or is said. */
static int
link_as_ever(const struct tine__walk *walk, const char *from, const char *to)
{
	return (tine__link(walk, from, to, walk->link_follows));
}

int64_t
tine__call_link(const uint64_t args[5])
{
	return (two_paths(args[0], args[1], link_as_ever));
}

static int
link_nofollow(const struct tine__walk *walk, const char *from, const char *to)
{
	return (tine__link(walk, from, to, false));
}

int64_t
tine__call_link_nofollow(const uint64_t args[5])
{
	return (two_paths(args[0], args[1], link_nofollow));
}

static int
link_follow(const struct tine__walk *walk, const char *from, const char *to)
{
	return (tine__link(walk, from, to, true));
}

int64_t
tine__call_link_follow(const uint64_t args[5])
{
	return (two_paths(args[0], args[1], link_follow));
}

/* The path of the new link, and its text. */
int64_t
tine__call_symlink(const uint64_t args[5])
{
	return (two_paths(args[0], args[1], tine__symlink));
}

/* As much of its text as there is room for. */
int64_t
tine__call_readlink(const uint64_t args[5])
{
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	struct tine__node *node;
	const char *text;
	size_t size;
	int error;

	if ((int64_t)args[2] < 0)
		return (-EINVAL);
	error = copy_path(args[0], path);
	if (error != 0)
		return (-error);
	tine__callops()->walk(&walk);
	error = tine__readlink(&walk, path, &node, &text, &size);
	tine__walk_rele(&walk);
	if (error != 0)
		return (-error);
	if (size > args[2])
		size = args[2];
	error = tine__to_user(text, args[1], size);
	tine__node_rele(node);
	return (error != 0 ? -error : (int64_t)size);
}

int64_t
tine__call_rename(const uint64_t args[5])
{
	return (two_paths(args[0], args[1], tine__rename));
}

/* --- what a name stands for --- */

int64_t
tine__call_stat(const uint64_t args[5])
{
	struct tine__node *node;
	struct tine_stat st;
	int error = lookup(args[0], args[2] == 0, &node);

	if (error != 0)
		return (-error);
	tine__node_stat(node, &st);
	error = tine__to_user(&st, args[1], sizeof (st));
	tine__node_rele(node);
	return (-error);
}

/* May the real user do that, and come there? */
int64_t
tine__call_access(const uint64_t args[5])
{
	const int mode = (int)args[1];
	char path[TINE__PATH_MAX];
	struct tine__node *node;
	struct tine__walk walk;
	int error;

	if ((mode & ~(TINE_R_OK | TINE_W_OK | TINE_X_OK)) != 0)
		return (-EINVAL);
	error = copy_path(args[0], path);
	if (error != 0)
		return (-error);
	tine__callops()->walk(&walk);
	tine__callops()->real(&walk);
	error = tine__namei(&walk, path, &node);
	if (error == 0) {
		error = tine__node_access(node, &walk, mode);
		if (error == 0 && (mode & TINE_W_OK) != 0 &&
		    node->type == TINE__NODE_PROG)
			error = ETXTBSY;
		tine__node_rele(node);
	}
	tine__walk_rele(&walk);
	return (-error);
}

/* --- directories of a process --- */

/* Takes the hold over. */
static int64_t
enter_dir(struct tine__node *node, bool root)
{
	struct tine__walk walk;
	int error;

	tine__callops()->walk(&walk);
	error = node->type != TINE__NODE_DIR ? ENOTDIR :
	    tine__node_access(node, &walk, TINE_X_OK);
	tine__walk_rele(&walk);
	if (error != 0) {
		tine__node_rele(node);
		return (-error);
	}
	tine__callops()->setdir(node, root);
	return (0);
}

int64_t
tine__call_chdir(const uint64_t args[5])
{
	struct tine__node *node;
	int error = lookup(args[0], true, &node);

	return (error != 0 ? -error : enter_dir(node, false));
}

int64_t
tine__call_fchdir(const uint64_t args[5])
{
	struct tine__node *node = tine__node_of((int)args[0]);

	return (node == NULL ? -EBADF : enter_dir(node, false));
}

int64_t
tine__call_chroot(const uint64_t args[5])
{
	struct tine__node *node;
	int error;

	if (tine__callops()->euid() != 0)
		return (-EPERM);
	error = lookup(args[0], true, &node);
	return (error != 0 ? -error : enter_dir(node, true));
}

/* @return the length of the path. */
int64_t
tine__call_getcwd(const uint64_t args[5])
{
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	size_t length;
	int error;

	tine__callops()->walk(&walk);
	error = tine__getcwd(walk.cwd, walk.root, path,
	    args[1] < sizeof (path) ? (size_t)args[1] : sizeof (path));
	tine__walk_rele(&walk);
	if (error != 0)
		return (-error);
	length = strlen(path);
	error = tine__to_user(path, args[0], length + 1);
	return (error != 0 ? -error : (int64_t)length);
}
