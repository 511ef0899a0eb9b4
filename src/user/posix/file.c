/* SPDX-License-Identifier: MIT */
/* file.c - POSIX names of what is done to descriptors. */
#include "user/posix/posix.h"

ssize_t
P(read)(int fd, void *buffer, size_t size)
{
	return posix(tine_sys_read(fd, buffer, size));
}

ssize_t
P(write)(int fd, const void *buffer, size_t size)
{
	return posix(tine_sys_write(fd, buffer, size));
}
