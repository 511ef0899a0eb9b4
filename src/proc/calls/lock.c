/* SPDX-License-Identifier: MIT */
/*
 * lock.c - locks on files: of ranges, by fcntl; of whole files, by flock.
 *
 *	fcntl fd F_GETLK|F_SETLK|F_SETLKW lock*		flock fd how
 */
#include <errno.h>
#include <string.h>

#include <tine/file.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"

static const struct tine__lockrules *
rules(void)
{
	return (tine__machine()->flavour->files->locks);
}

/* Whether a node can be locked; else how this kernel says it. */
static int
lockable(const struct tine__node *node, int error)
{
	switch (node->type) {
	case TINE__NODE_REG:
	case TINE__NODE_DIR:
	case TINE__NODE_PROG:
		return (0);
	case TINE__NODE_PIPE:
	case TINE__NODE_SOCK:
		return (error);
	default:
		if (!rules()->no_device)
			return (0);
		return (error == EBADF ? EINVAL : error);
	}
}

static void
request(struct tine__lockreq *want, int type, bool wait)
{
	memset(want, 0, sizeof (*want));
	want->type = type;
	want->wait = wait;
	want->uid = tine__callops()->euid();
	want->end = TINE__LOCK_END;
}

/* --- ranges --- */

/* Where the range of a request begins, from its whence. */
static int
base_of(const struct tine__open *open, int whence, int64_t *base)
{
	switch (whence) {
	case TINE_SEEK_SET:
		*base = 0;
		return (0);
	case TINE_SEEK_CUR:
		tine__racy(TINE_OP_READ, open->offset);
		*base = (int64_t)*open->offset;
		return (0);
	case TINE_SEEK_END:
		tine__node_lock(open->node, false);
		*base = (int64_t)tine__node_size(open->node);
		tine__node_unlock(open->node);
		return (0);
	default:
		return (EINVAL);
	}
}

/* First and last byte: as POSIX has it, but for what Solaris makes of a length
 * that is negative. */
static int
range_of(const struct tine__open *open, const struct tine_flock *lock,
    struct tine__lockreq *want)
{
	const struct tine__lockrules *rule = rules();
	int64_t base, start, end = INT64_MAX;
	int error;

	error = base_of(open, lock->whence, &base);
	if (error != 0)
		return (error);
	if (__builtin_add_overflow(base, lock->start, &start))
		return (rule->overflow);
	if (lock->len > 0 &&
	    __builtin_add_overflow(start, lock->len - 1, &end))
		return (start < 0 ? EINVAL : rule->overflow);
	if (lock->len < 0) {
		if (rule->negative == TINE__LEN_REFUSED || start < 0)
			return (EINVAL);
		end = rule->negative == TINE__LEN_LAST ? start : start - 1;
		start = end + 1 + lock->len;
	}
	if (start < 0)
		return (EINVAL);
	want->start = (uint64_t)start;
	want->end = (uint64_t)end;
	return (0);
}

/* What is in the way, told to the program. */
static int
tell(uint64_t user, struct tine_flock *lock, const struct tine__lockreq *by)
{
	lock->type = (short)by->type;
	lock->whence = TINE_SEEK_SET;
	lock->start = (int64_t)by->start;
	lock->len = by->end == TINE__LOCK_END ? 0 :
	    (int64_t)(by->end - by->start + 1);
	lock->pid = by->file ? rules()->file_pid : by->pid;
	return (tine__to_user(lock, user, sizeof (*lock)));
}

static int
getlk(const struct tine__open *open, uint64_t user, struct tine_flock *lock,
    const struct tine__lockreq *want)
{
	const short none = TINE_F_UNLCK;
	struct tine__lockreq by;

	if (tine__lock_get(open->node, want, &by))
		return (tell(user, lock, &by));
	return (tine__to_user(&none, user, sizeof (none)));
}

/* Whether the file is open for what is asked. */
static bool
open_for(const struct tine__open *open, int type)
{
	return (type == TINE_F_UNLCK || open->mode == TINE_O_RDWR ||
	    open->mode == (type == TINE_F_RDLCK ? TINE_O_RDONLY :
	    TINE_O_WRONLY));
}

static int
fcntl_lock(const struct tine__open *open, int cmd, uint64_t user)
{
	struct tine__lockreq want;
	struct tine_flock lock;
	int error;

	error = lockable(open->node, rules()->no_file);
	if (error == 0)
		error = tine__from_user(user, &lock, sizeof (lock));
	if (error != 0)
		return (error);
	request(&want, lock.type, cmd == TINE_F_SETLKW);
	if (lock.type < TINE_F_RDLCK || lock.type > TINE_F_UNLCK)
		return (EINVAL);
	error = range_of(open, &lock, &want);
	if (error == 0 && cmd != TINE_F_GETLK && !open_for(open, lock.type))
		error = EBADF;
	if (error != 0)
		return (error);
	want.owner = rules()->owner(cmd != TINE_F_GETLK, &want.pid);
	return (cmd == TINE_F_GETLK ? getlk(open, user, &lock, &want) :
	    tine__lock_set(open->node, &want));
}

int64_t
tine__fcntl_lock(int fd, int cmd, uint64_t user)
{
	struct tine__open open;
	int error = tine__callops()->file(fd, &open);

	if (error != 0)
		return (-error);
	error = fcntl_lock(&open, cmd, user);
	tine__callops()->done(&open);
	return (error == TINE__ERESTART ? -tine__callops()->restart : -error);
}

/* --- whole files --- */

int64_t
tine__call_flock(const uint64_t args[5])
{
	const int how = (int)args[1], what = how & ~TINE_LOCK_NB;
	struct tine__lockreq want;
	struct tine__open open;
	int error = tine__callops()->file((int)args[0], &open);

	if (error != 0)
		return (-error);
	error = lockable(open.node, rules()->flock_no_file);
	request(&want, what == TINE_LOCK_EX ? TINE_F_WRLCK :
	    what == TINE_LOCK_SH ? TINE_F_RDLCK : TINE_F_UNLCK,
	    (how & TINE_LOCK_NB) == 0);
	want.owner = open.file;
	want.file = true;
	if (error == 0 && want.type == TINE_F_UNLCK && what != TINE_LOCK_UN)
		error = rules()->flock_bad;
	if (error == 0)
		error = tine__lock_set(open.node, &want);
	tine__callops()->done(&open);
	return (error == TINE__ERESTART ? -tine__callops()->restart : -error);
}
