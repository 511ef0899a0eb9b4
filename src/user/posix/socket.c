/* SPDX-License-Identifier: MIT */
/* socket.c - POSIX names of pairs of sockets. */
#include "user/posix/posix.h"

#include <tine/file.h>

CTASSERT(AF_UNIX == TINE_AF_UNIX && SOCK_STREAM == TINE_SOCK_STREAM);
CTASSERT(SOCK_NONBLOCK == TINE_SOCK_NONBLOCK);
CTASSERT(SOCK_CLOEXEC == TINE_SOCK_CLOEXEC);
CTASSERT(SHUT_RD == TINE_SHUT_RD && SHUT_RDWR == TINE_SHUT_RDWR);
CTASSERT(MSG_PEEK == TINE_MSG_PEEK && MSG_DONTWAIT == TINE_MSG_DONTWAIT);
CTASSERT(MSG_NOSIGNAL == TINE_MSG_NOSIGNAL);
CTASSERT(S_IFSOCK == TINE_S_IFSOCK);

int
P(socketpair)(int domain, int type, int protocol, int fds[2])
{
	return (int)posix(tine_sys_socketpair(domain, type, protocol, fds));
}

int
P(shutdown)(int fd, int how)
{
	return (int)posix(tine_sys_shutdown(fd, how));
}

ssize_t
P(send)(int fd, const void *buffer, size_t size, int flags)
{
	return posix(POINT(tine_sys_send(fd, buffer, size, flags)));
}

ssize_t
P(recv)(int fd, void *buffer, size_t size, int flags)
{
	return posix(POINT(tine_sys_recv(fd, buffer, size, flags)));
}
