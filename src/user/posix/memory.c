/* SPDX-License-Identifier: MIT */
/* memory.c - POSIX names of what is done to memory. */
#include "user/posix/posix.h"

#include <stdarg.h>

#include <tine/file.h>

CTASSERT(PROT_READ == TINE_PROT_READ && PROT_WRITE == TINE_PROT_WRITE);
CTASSERT(MAP_SHARED == TINE_MAP_SHARED && MAP_PRIVATE == TINE_MAP_PRIVATE);
CTASSERT(MAP_FIXED == TINE_MAP_FIXED && IPC_RMID == TINE_IPC_RMID);
CTASSERT(IPC_CREAT == TINE_IPC_CREAT && IPC_EXCL == TINE_IPC_EXCL);
CTASSERT(SHM_RDONLY == TINE_SHM_RDONLY && SHM_RND == TINE_SHM_RND);

/* --- the heap --- */

/* What malloc and the like return, with errno. */
static void *
got(void *memory)
{
	if (memory == NULL)
		set_errno(tine__library_space() == 0 ? EPERM : ENOMEM);
	return memory;
}

void *
P(malloc)(size_t size)
{
	return got(tine_malloc(size));
}

void *
P(calloc)(size_t count, size_t size)
{
	return got(tine_calloc(count, size));
}

void *
P(realloc)(void *memory, size_t size)
{
	return got(tine_realloc(memory, size));
}

void *
P(reallocarray)(void *memory, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return got(NULL);
	return P(realloc)(memory, bytes);
}

/* Keeps errno, as POSIX has it. */
void
P(free)(void *memory)
{
	if (memory != NULL)
		tine_free(memory);
}

static char *
copy_of(const char *text, size_t size)
{
	char *copy = P(malloc)(size + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
P(strdup)(const char *text)
{
	return copy_of(text, strlen(text));
}

char *
P(strndup)(const char *text, size_t most)
{
	return copy_of(text, strnlen(text, most));
}

TINE__ON_PROGRAM_STACK int
P(vasprintf)(char **out, const char *format, va_list args)
{
	va_list again;
	int size;

	*out = NULL;
	va_copy(again, args);
	size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size < 0)
		return -1;
	*out = P(malloc)((size_t)size + 1);
	if (*out == NULL)
		return -1;
	return vsnprintf(*out, (size_t)size + 1, format, args);
}

int
P(asprintf)(char **out, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = P(vasprintf)(out, format, args);
	va_end(args);
	return size;
}

int
P(brk)(void *end)
{
	return (int)posix(tine_sys_brk(end));
}

void *
P(sbrk)(intptr_t increment)
{
	return (void *)posix((int64_t)tine_sys_sbrk(increment));
}

/* --- mappings --- */

/* A private mapping of a file has what is in the file now. */
static void *
map_private(void *address, size_t size, int prot, int flags, int fd,
    off_t offset)
{
	char *memory = tine_sys_mmap_flags(address, size,
	    PROT_READ | PROT_WRITE, flags);
	size_t done = 0;
	long got = 1;

	if (tine_sys_failed(memory))
		return (void *)posix((int64_t)memory);
	while (done < size && got > 0) {
		got = tine_sys_pread(fd, memory + done, size - done,
		    offset + (off_t)done);
		if (got > 0)
			done += (size_t)got;
	}
	if (got >= 0 && prot != (PROT_READ | PROT_WRITE))
		got = tine_sys_mprotect(memory, size, prot);
	if (got >= 0)
		return memory;
	(void)tine_sys_munmap(memory, size);
	return (void *)posix(got == -EBADF ? -EACCES : got);
}

static void *
map_file(void *address, size_t size, int prot, int flags, int fd, off_t offset)
{
	struct stat st;

	if (P(fstat)(fd, &st) != 0)
		return MAP_FAILED;
	if (!S_ISREG(st.st_mode))
		return (void *)posix(-ENODEV);
	if (offset < 0 || offset % 4096 != 0)
		return (void *)posix(-EINVAL);
	if ((flags & MAP_PRIVATE) != 0)
		return map_private(address, size, prot, flags, fd, offset);
	/* No kernel here maps a file at an address that it is told. */
	if ((flags & MAP_FIXED) != 0)
		return (void *)posix(-ENOTSUP);
	return (void *)posix((int64_t)tine_sys_mmap_file(fd, size, prot, flags,
	    offset));
}

void *
P(mmap)(void *address, size_t size, int prot, int flags, int fd, off_t offset)
{
	const int known = MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS |
	    MAP_NORESERVE | MAP_STACK;

	if ((flags & ~known) != 0 || (prot & ~(PROT_READ | PROT_WRITE)) != 0)
		return (void *)posix(-EINVAL);
	if ((flags & MAP_ANONYMOUS) == 0)
		return map_file(address, size, prot, flags & (MAP_SHARED |
		    MAP_PRIVATE | MAP_FIXED), fd, offset);
	if (offset != 0)
		return (void *)posix(-EINVAL);
	return (void *)posix((int64_t)tine_sys_mmap_flags(address, size, prot,
	    flags & (MAP_SHARED | MAP_PRIVATE | MAP_FIXED)));
}

int
P(munmap)(void *address, size_t size)
{
	return (int)posix(tine_sys_munmap(address, size));
}

int
P(mprotect)(void *address, size_t size, int prot)
{
	return (int)posix(tine_sys_mprotect(address, size, prot));
}

/* --- shared memory --- */

int
P(shmget)(key_t key, size_t size, int flags)
{
	return (int)posix(tine_sys_shmget(key, size, flags));
}

void *
P(shmat)(int id, const void *address, int flags)
{
	return (void *)posix((int64_t)tine_sys_shmat(id, address, flags));
}

int
P(shmdt)(const void *address)
{
	return (int)posix(tine_sys_shmdt(address));
}

TINE__ON_PROGRAM_STACK int
P(shmctl)(int id, int cmd, struct shmid_ds *ds)
{
	struct tine_shmid_ds is;
	int result;

	result = (int)posix(tine_sys_shmctl(id, cmd, &is));
	if (result != 0 || cmd != IPC_STAT || ds == NULL)
		return result;
	memset(ds, 0, sizeof(*ds));
	ds->shm_perm.__key = is.key;
	ds->shm_perm.mode = (mode_t)is.mode;
	ds->shm_segsz = is.size;
	ds->shm_nattch = is.nattch;
	ds->shm_cpid = is.cpid;
	ds->shm_lpid = is.lpid;
	return 0;
}
