/* SPDX-License-Identifier: MIT */
/*
 * at.c - paths that begin at a directory.
 *
 *	at dir call a b c
 *
 * That call with arguments a, b and c, where a path that does not begin with /
 * begins at the directory dir. Of link and rename the second path begins at c,
 * and mkdir and its like have a path and one more argument.
 */
#include <errno.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"
#include "proc/syscall.h"

/* Calls with one path, their first argument; and with two. */
#define ONE_PATH(X) \
	X(open) X(stat) X(access) X(chmod) X(chown) X(utime) X(mkdir) \
	X(mkfifo) X(unlink) X(rmdir) X(symlink) X(readlink) X(lchown)
#define TWO_PATHS(X) \
	X(link) X(rename) X(link_nofollow) X(link_follow)

static unsigned
paths_of(uint64_t call)
{
#define ONE(name) case TINE__SYS_##name: return (1);
#define TWO(name) case TINE__SYS_##name: return (2);
	switch (call) {
	ONE_PATH(ONE)
	TWO_PATHS(TWO)
	default:
		return (0);
	}
}

/* The directory that a path begins at, held; NULL: the current one. */
static int
directory(uint64_t upath, int fd, struct tine__node **out)
{
	struct tine__node *node;
	char first;

	*out = NULL;
	if (fd == TINE_AT_FDCWD)
		return (0);
	if (tine__from_user(upath, &first, 1) != 0)
		return (EFAULT);
	if (first == '/')
		return (0);
	node = tine__node_of(fd);
	if (node == NULL)
		return (EBADF);
	if (node->type != TINE__NODE_DIR) {
		tine__node_rele(node);
		return (ENOTDIR);
	}
	*out = node;
	return (0);
}

void
tine__walk_hold(struct tine__walk *walk)
{
	struct tine__thread *self = tine__cur;

	tine__node_hold(walk->root);
	tine__node_hold(walk->cwd);
	walk->to = NULL;
	if (self->at[0] != NULL) {
		walk->to = walk->cwd;
		walk->cwd = self->at[0];
		tine__node_hold(walk->cwd);
	}
	if (self->at[1] != NULL) {
		if (walk->to != NULL)
			tine__node_rele(walk->to);
		walk->to = self->at[1];
		tine__node_hold(walk->to);
	}
}

void
tine__walk_rele(const struct tine__walk *walk)
{
	tine__node_rele(walk->root);
	tine__node_rele(walk->cwd);
	if (walk->to != NULL)
		tine__node_rele(walk->to);
}

int64_t
tine__call_at(const uint64_t args[5])
{
	const uint64_t call = args[1], passed[5] = { args[2], args[3],
	    args[4], 0, 0 };
	const unsigned paths = paths_of(call);
	struct tine__thread *self = tine__cur;
	struct tine__node *from = NULL, *to = NULL;
	int64_t result;
	int error;

	if (paths == 0)
		return (-EINVAL);
	error = directory(args[2], (int)args[0], &from);
	if (error == 0 && paths == 2)
		error = directory(args[3], (int)args[4], &to);
	result = -error;
	if (error == 0) {
		self->at[0] = from;
		self->at[1] = to;
		result = tine__machine()->flavour->files->call(
		    (unsigned)call, passed);
		self->at[0] = self->at[1] = NULL;
	}
	if (from != NULL)
		tine__node_rele(from);
	if (to != NULL)
		tine__node_rele(to);
	return (result);
}
