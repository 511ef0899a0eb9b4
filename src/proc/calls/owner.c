/* SPDX-License-Identifier: MIT */
/*
 * owner.c - what the owner of a file changes: its mode, whose it is, its time.
 *
 *	chmod path mode			fchmod fd mode
 *	chown path uid gid		fchown fd uid gid
 *	lchown path uid gid
 *	utime path ns nofollow		futime fd ns
 */
#include <errno.h>

#include "proc/calls/calls.h"

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
on_path(uint64_t user, const struct change *change, bool follow)
{
	const struct tine__callops *ops = tine__callops();
	char path[TINE__PATH_MAX];
	struct tine__walk walk;
	struct tine__node *node;
	size_t length;
	int error;

	error = ops->string((const char *)(uintptr_t)user, path, sizeof (path),
	    &length);
	if (error != 0)
		return (-error);
	ops->walk(&walk);
	error = follow ? tine__namei(&walk, path, &node) :
	    tine__lnamei(&walk, path, &node);
	if (error == 0)
		error = apply(node, change, &walk);
	tine__walk_rele(&walk);
	return (-error);
}

static int64_t
on_descriptor(int fd, const struct change *change)
{
	struct tine__node *node = tine__node_of(fd);
	struct tine__walk walk;
	int error;

	if (node == NULL)
		return (-EBADF);
	tine__callops()->walk(&walk);
	error = apply(node, change, &walk);
	tine__walk_rele(&walk);
	return (-error);
}

int64_t
tine__call_chmod(const uint64_t args[5])
{
	return (on_path(args[0], &(struct change){ CHMOD, args[1], 0 },
	    true));
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
	    &(struct change){ CHOWN, args[1], args[2] }, true));
}

int64_t
tine__call_lchown(const uint64_t args[5])
{
	return (on_path(args[0],
	    &(struct change){ CHOWN, args[1], args[2] }, false));
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
	return (on_path(args[0], &(struct change){ UTIME, args[1], 0 },
	    args[2] == 0));
}

int64_t
tine__call_futime(const uint64_t args[5])
{
	return (on_descriptor((int)args[0],
	    &(struct change){ UTIME, args[1], 0 }));
}
