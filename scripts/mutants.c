/* SPDX-License-Identifier: MIT */
/*
 * mutants.c - what scripts/mutants links into every executable, to learn which
 * test reaches which line.
 *
 * The compiler calls __sanitizer_cov_trace_pc() on every edge. The library has
 * a function of that name for the programs of its users, so in its own objects
 * the call is renamed to the one below. It marks a byte of a file for each place
 * of the executable that was reached; the file is in the folder TINE_COVER and
 * is mapped, for tests end in all ways that there are. No library may be called
 * from here that the tests could have replaced.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern char __executable_start[], etext[];
void tine_mutants_reached(void);

static unsigned char *map;
static uintptr_t start, size;

__attribute__((constructor(101))) static void
open_map(void)
{
	const char *folder = getenv("TINE_COVER");
	char self[512], path[1024];
	ssize_t length;
	void *memory;
	int fd;

	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (folder == NULL || length <= 0)
		return;
	self[length] = '\0';
	snprintf(path, sizeof(path), "%s%s", folder, strrchr(self, '/'));
	start = (uintptr_t)__executable_start;
	size = (uintptr_t)etext - start + 64;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd == -1)
		return;
	if (ftruncate(fd, (off_t)size) == 0) {
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
		if (memory != MAP_FAILED)
			map = memory;
	}
	close(fd);
}

__attribute__((noinline)) void
tine_mutants_reached(void)
{
	uintptr_t place = (uintptr_t)__builtin_return_address(0) - start;

	if (map != NULL && place < size)
		map[place] = 1;
}
