/* SPDX-License-Identifier: MIT */
/*
 * sock.c - what comes in pairs: pipes and sockets; and what only sockets have.
 *
 *	pipe fds* flags
 *	socketpair domain type protocol fds*	shutdown fd how
 *	send fd from* size flags		recv fd to* size flags
 */
#include <errno.h>

#include <tine/file.h>

#include "machine/machine.h"
#include "proc/calls/calls.h"

/* Two files of one node, the reading end first. */
int64_t
tine__call_pipe(const uint64_t args[5])
{
	const int flags = (int)args[1];
	const int oflag[2] = { TINE_O_RDONLY | flags, TINE_O_WRONLY | flags };
	struct tine__node *node[2];
	int error;

	if ((flags & ~(TINE_O_CLOEXEC | TINE_O_NONBLOCK)) != 0)
		return (-EINVAL);
	error = tine__pipe(tine__machine(), &node[0]);
	if (error != 0)
		return (-error);
	node[1] = node[0];
	return (tine__callops()->two_files(node, oflag, args[0]));
}

int64_t
tine__call_socketpair(const uint64_t args[5])
{
	const int more = TINE_SOCK_NONBLOCK | TINE_SOCK_CLOEXEC;
	const int type = (int)args[1] & ~more;
	int oflag[2], error;
	struct tine__node *node[2];

	if ((int)args[0] != TINE_AF_UNIX)
		return (-EAFNOSUPPORT);
	if (type != TINE_SOCK_STREAM || (int)args[2] != 0)
		return (-EPROTONOSUPPORT);
	error = tine__socketpair(tine__machine(), node);
	if (error != 0)
		return (-error);
	oflag[0] = oflag[1] = TINE_O_RDWR | ((int)args[1] & more);
	return (tine__callops()->two_files(node, oflag, args[3]));
}

int64_t
tine__call_shutdown(const uint64_t args[5])
{
	struct tine__node *node = tine__node_of((int)args[0]);
	int error;

	if (node == NULL)
		return (-EBADF);
	error = tine__shutdown(node, (int)args[1]);
	tine__node_rele(node);
	return (-error);
}

static int64_t
transfer(const uint64_t args[5], bool write, int own)
{
	const int flags = (int)args[3];

	if ((flags & ~(TINE_MSG_DONTWAIT | TINE_MSG_NOSIGNAL | own)) != 0)
		return (-EINVAL);
	return (tine__read_or_write(args, write, true,
	    ((flags & TINE_MSG_DONTWAIT) != 0 ? TINE_O_NONBLOCK : 0) |
	    ((flags & TINE_MSG_NOSIGNAL) != 0 ? TINE__IO_NOSIGNAL : 0) |
	    ((flags & TINE_MSG_PEEK) != 0 ? TINE__IO_PEEK : 0)));
}

int64_t
tine__call_send(const uint64_t args[5])
{
	return (transfer(args, true, 0));
}

int64_t
tine__call_recv(const uint64_t args[5])
{
	return (transfer(args, false, TINE_MSG_PEEK));
}
