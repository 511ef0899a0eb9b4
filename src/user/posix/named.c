/* SPDX-License-Identifier: MIT */
/*
 * named.c - shared memory and semaphores that have names: files in /dev/shm.
 */
#include "user/posix/posix.h"

#include <stdarg.h>

#include <tine/file.h>

#define FOLDER "/dev/shm/"
#define PREFIX "sem."
#define PAGE_BYTES 4096

/* One slash at the beginning, if any, and no other. @return 0 or -errno. */
static int
path_of(char path[288], const char *prefix, const char *name)
{
	while (*name == '/')
		name++;
	if (*name == '\0' || strchr(name, '/') != NULL)
		return -EINVAL;
	if (strlen(name) + strlen(prefix) > 255 ||
	    snprintf(path, 288, FOLDER "%s%s", prefix, name) >= 288)
		return -ENAMETOOLONG;
	return 0;
}

TINE__ON_PROGRAM_STACK int
P(shm_open)(const char *name, int flags, mode_t mode)
{
	char path[288];
	const int error = path_of(path, "", name);

	if (error != 0)
		return (int)posix(error);
	return P(open)(path, flags | O_CLOEXEC, mode);
}

TINE__ON_PROGRAM_STACK int
P(shm_unlink)(const char *name)
{
	char path[288];
	const int error = path_of(path, "", name);

	return error != 0 ? (int)posix(error) : P(unlink)(path);
}

/* --- semaphores: the page of a file --- */

static sem_t *
map(int fd)
{
	void *page = P(mmap)(NULL, sizeof(sem_t), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	(void)tine_sys_close(fd);
	return page == MAP_FAILED ? SEM_FAILED : page;
}

/*
 * A new one is complete before it has its name. @return -1 and EEXIST: somebody
 * was faster.
 */
static TINE__ON_PROGRAM_STACK int
create(const char *path, mode_t mode, unsigned value)
{
	static const char zeros[sizeof(sem_t)];
	char other[320];
	int fd, error;
	sem_t sem;

	(void)snprintf(other, sizeof(other), FOLDER ".%d.%u",
	    (int)P(getpid)(), tine__library_space());
	fd = P(open)(other, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	memcpy(&sem, zeros, sizeof(sem));
	(void)P(sem_init)(&sem, 1, value);
	error = P(write)(fd, &sem, sizeof(sem)) == (ssize_t)sizeof(sem) ?
	    tine_sys_link(other, path) : -ENOSPC;
	(void)tine_sys_unlink(other);
	if (error == 0)
		return fd;
	(void)tine_sys_close(fd);
	return (int)posix(error);
}

TINE__ON_PROGRAM_STACK sem_t *
P(sem_open)(const char *name, int flags, ...)
{
	unsigned value = 0;
	char path[288];
	mode_t mode = 0;
	va_list args;
	int fd, error;

	if ((flags & O_CREAT) != 0) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		value = va_arg(args, unsigned);
		va_end(args);
	}
	error = value > (unsigned)SEM_VALUE_MAX ? -EINVAL :
	    path_of(path, PREFIX, name);
	if (error != 0) {
		set_errno(-error);
		return SEM_FAILED;
	}
	for (;;) {
		fd = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) ? -1 :
		    P(open)(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 && (flags & O_CREAT) != 0)
			fd = create(path, mode, value);
		if (fd >= 0)
			return map(fd);
		if ((flags & O_CREAT) == 0 || (flags & O_EXCL) != 0 ||
		    *P(__errno_location)() != EEXIST)
			return SEM_FAILED;
	}
}

int
P(sem_close)(sem_t *sem)
{
	return P(munmap)(sem, PAGE_BYTES);
}

TINE__ON_PROGRAM_STACK int
P(sem_unlink)(const char *name)
{
	char path[288];
	const int error = path_of(path, PREFIX, name);

	return error != 0 ? (int)posix(error) : P(unlink)(path);
}
