/* SPDX-License-Identifier: MIT */
/*
 * filecall.c - calls on files that are the same in all kernels.
 */
#include "proc/filecall.h"

#include <errno.h>

#include "file/file.h"
#include "machine/machine.h"
#include "proc/flavour.h"
#include "sched/thread.h"

static const struct tine__fileops *
fileops(void)
{
	return (tine__machine()->flavour->files);
}

/* --- what an owner changes --- */

struct change {
	enum { CHMOD, CHOWN, UTIME } what;
	uint64_t a, b;
};

/* Changes a node, which is held until then. */
static int
apply(struct tine__node *node, const struct change *change,
    const struct tine__walk *who)
{
	int error;

	switch (change->what) {
	case CHMOD:
		error = tine__node_chmod(node, who, (unsigned)change->a);
		break;
	case CHOWN:
		error = tine__node_chown(node, who, (uint32_t)change->a,
		    (uint32_t)change->b);
		break;
	default:
		error = tine__node_utime(node, who, change->a);
		break;
	}
	tine__node_rele(node);
	return (error);
}

static int64_t
on_path(uint64_t upath, const struct change *change)
{
	const struct tine__fileops *ops = fileops();
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	struct tine__node *node;
	size_t length;
	int error;

	error = tine__copyinstr(tine__cur->as, (const char *)(uintptr_t)upath,
	    path, sizeof(path), &length);
	if (error != 0)
		return (-error);
	ops->begin_walk(&walk);
	error = tine__namei(&walk, path, &node);
	if (error == 0)
		error = apply(node, change, &walk);
	ops->end_walk(&walk);
	return (-error);
}

static int64_t
on_descriptor(int fd, const struct change *change)
{
	const struct tine__fileops *ops = fileops();
	struct tine__node *node = ops->node_of(fd);
	struct tine__walk walk;
	int error;

	if (node == NULL)
		return (-EBADF);
	ops->begin_walk(&walk);
	error = apply(node, change, &walk);
	ops->end_walk(&walk);
	return (-error);
}

int64_t
tine__call_fchmod(const uint64_t args[5])
{
	return (on_descriptor((int)args[0],
	    &(struct change){ CHMOD, args[1], 0 }));
}

int64_t
tine__call_chown(const uint64_t args[5])
{
	return (on_path(args[0],
	    &(struct change){ CHOWN, args[1], args[2] }));
}

int64_t
tine__call_fchown(const uint64_t args[5])
{
	return (on_descriptor((int)args[0],
	    &(struct change){ CHOWN, args[1], args[2] }));
}

int64_t
tine__call_utime(const uint64_t args[5])
{
	return (on_path(args[0], &(struct change){ UTIME, args[1], 0 }));
}

int64_t
tine__call_futime(const uint64_t args[5])
{
	return (on_descriptor((int)args[0],
	    &(struct change){ UTIME, args[1], 0 }));
}

/* --- poll --- */

static uint64_t
deadline_of(uint64_t ns)
{
	uint64_t deadline;

	if (ns == 0)
		return (0);
	if (ns == UINT64_MAX)
		return (TINE__NEVER);
	if (__builtin_add_overflow(tine__now(), ns, &deadline) ||
	    deadline == TINE__NEVER)
		return (TINE__NEVER - 1);
	return (deadline);
}

int64_t
tine__call_ppoll(const uint64_t args[5])
{
	void *user = (void *)(uintptr_t)args[0];
	const struct tine__fileops *ops = fileops();
	struct tine_pollfd fds[TINE_POLL_MAX];
	int error, ready = 0;
	size_t size;

	if (args[1] > TINE_POLL_MAX)
		return (-EINVAL);
	size = (size_t)args[1] * sizeof(fds[0]);
	error = ops->from_user(user, fds, size);
	if (error != 0)
		return (-error);
	if (args[4] != 0)
		ops->mask_begin(args[3]);
	error = tine__poll(tine__machine(), fds, (unsigned)args[1],
	    deadline_of(args[2]), ops->node_of, &ready);
	if (error == TINE__ERESTART)
		error = EINTR;
	if (args[4] != 0)
		ops->mask_end(error == EINTR);
	if (error == 0)
		error = ops->to_user(fds, user, size);
	return (error != 0 ? -error : ready);
}

/* --- paths that begin at a directory --- */

/* Calls with one path, their first argument; and with two. */
#define ONE_PATH(X) \
	X(open) X(stat) X(access) X(chmod) X(chown) X(utime) X(mkdir) \
	X(mkfifo) X(unlink) X(rmdir)
#define TWO_PATHS(X) X(link) X(rename)

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
	const struct tine__fileops *ops = fileops();
	struct tine__node *node;
	char first;
	int error;

	*out = NULL;
	if (fd == TINE_AT_FDCWD)
		return (0);
	error = ops->from_user((const char *)(uintptr_t)upath, &first, 1);
	if (error != 0)
		return (EFAULT);
	if (first == '/')
		return (0);
	node = ops->node_of(fd);
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
		result = fileops()->call((unsigned)call, passed);
		self->at[0] = self->at[1] = NULL;
	}
	if (from != NULL)
		tine__node_rele(from);
	if (to != NULL)
		tine__node_rele(to);
	return (result);
}
