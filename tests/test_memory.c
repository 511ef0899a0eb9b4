/* SPDX-License-Identifier: MIT */
/*
 * test_memory.c - the calls that programs make about their memory: mappings,
 * protections, inheritance, shared memory, stacks, watched areas.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine/machine.h"
#include "support/harness.h"

#define SEEDS 30
#define PAGE ((size_t)4096)
#define RW (TINE_PROT_READ | TINE_PROT_WRITE)

/* The trap that returns twice on one stack, and tells the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define vforkx(flags) \
	((tine_pid_t)trap_twice(TINE__SYS_vforkx, (flags), 0, 0, 0, 0))

static TINE_DATA int global = 1;

/* Run fn in a child; its wait status, whether or not it left a core. */
static int
in_child(void (*fn)(volatile char *at), volatile char *at)
{
	tine_pid_t child = tine_sys_fork();
	int status;

	if (child == 0) {
		fn(at);
		tine_sys_exit(0);
	}
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	return status & ~0x80;
}

static void
store(volatile char *at)
{
	*at = 77;
}

static void
load(volatile char *at)
{
	(void)*at;
}

static int
mem_map(int argc, char **argv)
{
	char *at, *other;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL, 0, RW,
	    TINE_MAP_PRIVATE)) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL, PAGE, RW, 0)) ==
	    -EINVAL);
	tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL, PAGE, RW,
	    TINE_MAP_PRIVATE | TINE_MAP_SHARED)) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL, PAGE, 8,
	    TINE_MAP_PRIVATE)) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL,
	    (size_t)1 << 40, RW, TINE_MAP_PRIVATE)) == -ENOMEM);
	tine_check(tine_sys_failed(tine_sys_mmap_flags(NULL,
	    (size_t)1 << 40, RW, TINE_MAP_SHARED)) == -ENOMEM);
	at = tine_sys_mmap_flags(NULL, 8 * PAGE - 5, RW, TINE_MAP_PRIVATE);
	tine_check(tine_sys_failed(at) == 0);
	memset(at, 1, 8 * PAGE);
	/* A hint that is taken is no order. */
	other = tine_sys_mmap_flags(at, PAGE, RW, TINE_MAP_PRIVATE);
	tine_check(tine_sys_failed(other) == 0 && other != at);
	tine_check(tine_sys_mmap_flags(at + 64 * PAGE + 7, PAGE, RW,
	    TINE_MAP_PRIVATE) == at + 64 * PAGE);
	/* An order is: what was there goes. */
	tine_check(tine_sys_failed(tine_sys_mmap_flags(at + 1, PAGE, RW,
	    TINE_MAP_PRIVATE | TINE_MAP_FIXED)) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_mmap_flags((void *)4096, PAGE, RW,
	    TINE_MAP_PRIVATE | TINE_MAP_FIXED)) == -ENOMEM);
	tine_check(tine_sys_mmap_flags(at + 2 * PAGE, 2 * PAGE, RW,
	    TINE_MAP_PRIVATE | TINE_MAP_FIXED) == at + 2 * PAGE);
	tine_check(at[2 * PAGE - 1] == 1 && at[2 * PAGE] == 0 &&
	    at[4 * PAGE - 1] == 0 && at[4 * PAGE] == 1);
	/* Unmapping splits. */
	tine_check(tine_sys_munmap(at + 1, PAGE) == -EINVAL);
	tine_check(tine_sys_munmap(at, 0) == -EINVAL);
	tine_check(tine_sys_munmap(at + 5 * PAGE, PAGE) == 0);
	tine_check(tine_sys_munmap(at + 5 * PAGE, PAGE) == 0);
	tine_check(at[5 * PAGE - 1] == 1 && at[6 * PAGE] == 1);
	tine_check(in_child(load, at + 5 * PAGE) == SIGSEGV);
	tine_check(tine_sys_write(1, at + 5 * PAGE, 1) == -EFAULT);
	tine_check(in_child(load, at + 6 * PAGE) == 0);
	return 0;
}
TINE_PROGRAM(mem_map, "mmap and munmap");

static int
mem_protect(int argc, char **argv)
{
	char *at = tine_sys_mmap(8 * PAGE, RW);

	(void)argc;
	(void)argv;
	memset(at, 1, 8 * PAGE);
	tine_check(tine_sys_mprotect(at + 1, PAGE, RW) == -EINVAL);
	tine_check(tine_sys_mprotect(at, 0, RW) == -EINVAL);
	tine_check(tine_sys_mprotect(at, PAGE, 64) == -EINVAL);
	tine_check(tine_sys_mprotect(at, 9 * PAGE, 0) == -ENOMEM);
	tine_check(tine_sys_mprotect((char *)16384, PAGE, 0) == -ENOMEM);
	tine_check(tine_sys_mprotect(at + PAGE, PAGE, TINE_PROT_READ) == 0);
	tine_check(tine_sys_mprotect(at + 3 * PAGE, PAGE, 0) == 0);
	tine_check(in_child(store, at) == 0);
	tine_check(in_child(store, at + PAGE) == SIGSEGV);
	tine_check(in_child(load, at + PAGE) == 0);
	tine_check(in_child(load, at + 3 * PAGE) == SIGSEGV);
	tine_check(in_child(load, at + 4 * PAGE) == 0);
	/* The kernel minds protections too. */
	tine_check(tine_sys_waitid(TINE_P_ALL, 0, NULL, 0) == -EINVAL);
	tine_check(tine_sys_write(1, at + 3 * PAGE, 1) == -EFAULT);
	tine_check(tine_sys_read(0, at + PAGE, 1) <= 0);
	/* What was hidden is still there. */
	tine_check(tine_sys_mprotect(at, 8 * PAGE, RW) == 0);
	at[3 * PAGE]++;
	at[PAGE]++;
	tine_check(at[3 * PAGE] == 2 && at[PAGE] == 2 && at[0] == 1);
	return 0;
}
TINE_PROGRAM(mem_protect, "mprotect");

static void
check_inherited(volatile char *at)
{
	tine_check(at[0] == 1 && at[2 * PAGE] == 0);
	at[2 * PAGE] = 5;
	tine_check(in_child(load, at + PAGE) == SIGSEGV);
}

static int
mem_inherit(int argc, char **argv)
{
	char *at = tine_sys_mmap(4 * PAGE, RW);
	char *shared = tine_sys_mmap_flags(NULL, PAGE, RW, TINE_MAP_SHARED);

	(void)argc;
	(void)argv;
	memset(at, 1, 4 * PAGE);
	tine_check(tine_sys_minherit(at, PAGE, 3) == -EINVAL);
	tine_check(tine_sys_minherit(at, PAGE, TINE_INHERIT_SHARE) == -EINVAL);
	tine_check(tine_sys_minherit(shared, PAGE, TINE_INHERIT_ZERO) ==
	    -EINVAL);
	tine_check(tine_sys_minherit(at + 4 * PAGE, 9 * PAGE,
	    TINE_INHERIT_NONE) == -ENOMEM);
	tine_check(tine_sys_minherit(at + PAGE, PAGE, TINE_INHERIT_NONE) == 0);
	tine_check(tine_sys_minherit(at + 2 * PAGE, PAGE, TINE_INHERIT_ZERO) ==
	    0);
	tine_check(in_child(check_inherited, at) == 0);
	tine_check(in_child(load, at + PAGE) == SIGSEGV);
	tine_check(at[PAGE] == 1 && at[2 * PAGE] == 1);
	return 0;
}
TINE_PROGRAM(mem_inherit, "minherit");

static int
mem_shared(int argc, char **argv)
{
	char *shared = tine_sys_mmap_flags(NULL, 4 * PAGE, RW,
	    TINE_MAP_SHARED);
	char *own = tine_sys_mmap(PAGE, RW);

	(void)argc;
	(void)argv;
	tine_check(tine_sys_failed(shared) == 0);
	/* One page that was touched before, one by the child alone. */
	shared[0] = 1;
	tine_check(in_child(store, shared) == 0);
	tine_check(in_child(store, shared + 3 * PAGE) == 0);
	tine_check(in_child(store, own) == 0);
	tine_check(shared[0] == 77 && shared[3 * PAGE] == 77 && own[0] == 0);
	return 0;
}
TINE_PROGRAM(mem_shared, "shared memory between relatives");

static int
mem_shm(int argc, char **argv)
{
	struct tine_shmid_ds ds;
	char *at, *again, *read_only;
	tine_pid_t child;
	int id, status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_shmget(42, PAGE, 0) == -ENOENT);
	tine_check(tine_sys_shmget(42, 0, TINE_IPC_CREAT) == -EINVAL);
	id = tine_sys_shmget(42, 2 * PAGE - 1, TINE_IPC_CREAT | 0600);
	tine_check(id > 0);
	tine_check(tine_sys_shmget(42, PAGE, 0) == id);
	tine_check(tine_sys_shmget(42, 2 * PAGE, 0) == -EINVAL);
	tine_check(tine_sys_shmget(42, PAGE, TINE_IPC_CREAT |
	    TINE_IPC_EXCL) == -EEXIST);
	tine_check(tine_sys_failed(tine_sys_shmat(id + 1, NULL, 0)) == -EINVAL);
	at = tine_sys_shmat(id, NULL, 0);
	tine_check(tine_sys_failed(at) == 0);
	tine_check(tine_sys_failed(tine_sys_shmat(id, at, 0)) == -EINVAL);
	tine_check(tine_sys_failed(tine_sys_shmat(id, at + 5, 0)) == -EINVAL);
	/* Twice in one space: the same bytes at two addresses. */
	again = tine_sys_shmat(id, at + 16 * PAGE + 5, TINE_SHM_RND);
	tine_check(again == at + 16 * PAGE);
	read_only = tine_sys_shmat(id, NULL, TINE_SHM_RDONLY);
	at[5] = 1;
	again[6] = 2;
	tine_check(again[5] == 1 && at[6] == 2 && read_only[5] == 1);
	tine_check(tine_sys_mprotect(read_only, PAGE, RW) == -EACCES);
	tine_check(in_child(store, read_only) == SIGSEGV);
	tine_check(in_child(store, again + PAGE) == 0);
	tine_check(at[PAGE] == 77 && read_only[PAGE] == 77);

	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, NULL) == -EFAULT);
	tine_check(tine_sys_shmctl(id, 77, &ds) == -EINVAL);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 3 && ds.size == 2 * PAGE - 1 && ds.key == 42 &&
	    ds.mode == 0600 && ds.cpid == tine_sys_getpid());
	child = tine_sys_fork();
	if (child == 0) {
		/* The child counts from before it runs. */
		tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
		tine_check(ds.nattch == 6);
		tine_check(tine_sys_shmdt(again) == 0);
		tine_check(tine_sys_shmdt(again) == -EINVAL);
		tine_sys_exit(at[5]);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 1 << 8);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 3 && ds.lpid == child);
	/* Removed: no id and no key any more, but the memory is there. */
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == -EINVAL);
	tine_check(tine_sys_shmget(42, PAGE, 0) == -ENOENT);
	again[7] = 9;
	tine_check(at[7] == 9);
	tine_check(tine_sys_shmdt(at) == 0);
	tine_check(again[7] == 9);
	return 0;
}
TINE_PROGRAM(mem_shm, "System V shared memory");

/* A kilobyte of stack for each call; the caller's is used after it returns. */
static __attribute__((noinline)) int
deeper(int depth, volatile char *above)
{
	volatile char room[1024];

	room[0] = room[512] = (char)(above[0] + 1);
	if (depth > 0)
		room[512] = (char)deeper(depth - 1, room);
	return room[0] + room[512] * 0;
}

static void
deep(volatile char *at)
{
	volatile char zero[1] = { 0 };

	(void)at;
	tine_check(deeper(400, zero) == 1);
}

static void
too_deep(volatile char *at)
{
	volatile char zero[1] = { 0 };

	(void)at;
	(void)deeper(1000000, zero);
}

static int
mem_stack(int argc, char **argv)
{
	char *below;

	(void)argc;
	(void)argv;
	tine_check(in_child(deep, NULL) == 0);
	tine_check(in_child(too_deep, NULL) == SIGSEGV);
	/* Something in its way: the stack stops a page before it. */
	below = (char *)(((uintptr_t)__builtin_frame_address(0) -
	    40 * PAGE) & ~(PAGE - 1));
	tine_check(tine_sys_mmap_flags(below, PAGE, RW, TINE_MAP_PRIVATE |
	    TINE_MAP_FIXED) == below);
	tine_check(in_child(load, below + 2 * PAGE) == 0);
	tine_check(in_child(load, below + PAGE) == SIGSEGV);
	tine_check(in_child(deep, NULL) == SIGSEGV);
	tine_check(below[0] == 0);
	return 0;
}
TINE_PROGRAM(mem_stack, "a stack that grows");

static void
watch_here(volatile char *at)
{
	tine_check(tine_sys_watch((void *)(uintptr_t)(at + 64), 8,
	    TINE_WATCH_WRITE) == 0);
	at[63] = 1;
	at[72] = 2;
	tine_check(at[64] == 0 && at[63] == 1 && at[72] == 2);
	/* The kernel's own writes are not watched. */
	tine_check(tine_sys_waitpid(-1, (int *)(uintptr_t)(at + 64), 0) ==
	    -ECHILD);
	at[65] = 3;
}

static void
watch_reads(volatile char *at)
{
	tine_check(tine_sys_watch((void *)(uintptr_t)(at + 64), 8,
	    TINE_WATCH_READ) == 0);
	at[64] = 1;
	at[0] = at[128];
	(void)at[64];
}

static void
watch_off(volatile char *at)
{
	tine_check(tine_sys_watch((void *)(uintptr_t)at, 2 * PAGE,
	    TINE_WATCH_WRITE | TINE_WATCH_READ) == 0);
	tine_check(tine_sys_watch((void *)(uintptr_t)(at + 100), 50, 0) == 0);
	at[101] = 5;
	at[149] = 5;
	tine_check(at[101] + at[149] == 10);
	/* A child has none. */
	tine_check(in_child(store, at) == 0);
	at[150] = 5;
}

static int
mem_watch(int argc, char **argv)
{
	char *at = tine_sys_mmap(2 * PAGE, RW);

	(void)argc;
	(void)argv;
	tine_check(tine_sys_watch(NULL, 1, 1) == -EINVAL);
	tine_check(tine_sys_watch(at, 0, 1) == -EINVAL);
	tine_check(tine_sys_watch(at, 1, 8) == -EINVAL);
	tine_check((in_child(watch_here, at) & 0x7f) == SIGTRAP);
	tine_check((in_child(watch_reads, at) & 0x7f) == SIGTRAP);
	tine_check((in_child(watch_off, at) & 0x7f) == SIGTRAP);
	tine_check(at[0] == 0 && at[64] == 0);
	return 0;
}
TINE_PROGRAM(mem_watch, "watched areas");

/*
 * vfork: the child runs in our space, with our attachments, unwatched; what it
 * attaches is ours when it has given the space back, and what we watch is
 * watched again.
 */
static void
lend(volatile char *at)
{
	static const char *const none = "mem_nothing";
	struct tine_shmid_ds ds;
	char *volatile attached = NULL;
	tine_pid_t child;
	int id, status;

	id = tine_sys_shmget(TINE_IPC_PRIVATE, PAGE, 0600);
	tine_check(id > 0);
	tine_check(tine_sys_watch((void *)(uintptr_t)at, 8,
	    TINE_WATCH_WRITE) == 0);
	child = vforkx(0);
	if (child == 0) {
		*at = 5;
		attached = tine_sys_shmat(id, NULL, 0);
		(void)tine_sys_exec(none, NULL);
		tine_sys_exit(1);
	}
	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0 && *at == 5);
	tine_check(tine_sys_shmctl(id, TINE_IPC_STAT, &ds) == 0);
	tine_check(ds.nattch == 1 && ds.lpid == child);
	attached[0] = 6;
	tine_check(tine_sys_shmdt(attached) == 0);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	tine_sys_trace(2, 0);
	*at = 7;
}

static int
mem_nothing(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
TINE_PROGRAM(mem_nothing, "exits");

static int
mem_lend(int argc, char **argv)
{
	char *at = tine_sys_mmap(PAGE, RW);

	(void)argc;
	(void)argv;
	tine_check((in_child(lend, at) & 0x7f) == SIGTRAP);
	return 0;
}
TINE_PROGRAM(mem_lend, "what vfork lends and gets back");

/* --- races --- */

static char *arena;

static void
writer(void *arg)
{
	for (int i = 0; i < 6; i++)
		arena[(size_t)i * PAGE + 8] = (char)(intptr_t)arg;
}

/* Two LWPs write while the first one forks: each process sees each page of its
 * own as it was or as it was written, and the parent's writes all last. */
static int
mem_race_fork(int argc, char **argv)
{
	int status, lwps[2];
	tine_pid_t child;

	(void)argc;
	(void)argv;
	arena = tine_sys_mmap(8 * PAGE, RW);
	memset(arena, 1, 8 * PAGE);
	for (int i = 0; i < 2; i++)
		tine_check((lwps[i] = tine_sys_lwp_create(writer,
		    (void *)(intptr_t)7)) > 0);
	child = tine_sys_fork();
	if (child == 0) {
		for (int i = 0; i < 6; i++)
			tine_check(arena[(size_t)i * PAGE + 8] == 1 ||
			    arena[(size_t)i * PAGE + 8] == 7);
		for (int i = 0; i < 6; i++)
			arena[(size_t)i * PAGE + 8] = 9;
		return 0;
	}
	tine_check(child > 0);
	for (int i = 0; i < 2; i++)
		tine_check(tine_sys_lwp_wait(lwps[i]) == lwps[i]);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 0);
	for (int i = 0; i < 6; i++)
		tine_check(arena[(size_t)i * PAGE + 8] == 7);
	return 0;
}
TINE_PROGRAM(mem_race_fork, "faults against fork");

/* Parent and child write to one frame: one copies, the other one keeps it, and
 * it depends on nothing but the order. */
static int
mem_race_frame(int argc, char **argv)
{
	char *at = tine_sys_mmap(PAGE, RW);
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	at[0] = 1;
	child = tine_sys_fork();
	tine_sys_yield();
	at[0] += child == 0 ? 10 : 20;
	if (child == 0)
		tine_sys_exit(at[0]);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == 11 << 8 && at[0] == 21);
	return 0;
}
TINE_PROGRAM(mem_race_frame, "two processes, one frame");

static void
unmapper(void *arg)
{
	tine_check(tine_sys_munmap(arg, PAGE) == 0);
}

static void
protector(void *arg)
{
	tine_check(tine_sys_mprotect(arg, PAGE, TINE_PROT_READ) == 0);
}

/* A store races munmap or mprotect in another LWP: either it is done, and the
 * process goes on, or it is too late, and the process dies of it. */
static void
race_store(volatile char *at)
{
	tine_check(tine_sys_lwp_create(global == 1 ? unmapper : protector,
	    (void *)(uintptr_t)at) > 0);
	*at = 5;
	tine_sys_exit(3);
}

static int
mem_race_unmap(int argc, char **argv)
{
	char *at = tine_sys_mmap(PAGE, RW);
	int status;

	(void)argc;
	(void)argv;
	at[0] = 1;
	for (global = 1; global <= 2; global++) {
		status = in_child(race_store, at);
		tine_check(status == 3 << 8 || (status & 0x7f) == SIGSEGV);
		tine_sys_trace(1, status == 3 << 8);
		tine_check(at[0] == 1);
	}
	return 0;
}
TINE_PROGRAM(mem_race_unmap, "a store against munmap and mprotect");

/* --- failures --- */

static void
touch_all(volatile char *at)
{
	for (size_t i = 0; i < 8; i++)
		at[i * PAGE] = 5;
}

/* Whatever fails, it is an errno or a dead child; the books balance. */
static int
mem_failing(int argc, char **argv)
{
	char *own, *shared, *attached;
	tine_pid_t child;
	int id, status;

	(void)argc;
	(void)argv;
	own = tine_sys_mmap_flags(NULL, 8 * PAGE, RW, TINE_MAP_PRIVATE);
	shared = tine_sys_mmap_flags(NULL, 8 * PAGE, RW, TINE_MAP_SHARED);
	id = tine_sys_shmget(TINE_IPC_PRIVATE, 8 * PAGE, 0600);
	attached = id < 0 ? NULL : tine_sys_shmat(id, NULL, 0);
	if (tine_sys_failed(own) == 0) {
		(void)tine_sys_mprotect(own + PAGE, PAGE, TINE_PROT_READ);
		(void)tine_sys_minherit(own + 3 * PAGE, PAGE,
		    TINE_INHERIT_NONE);
		(void)tine_sys_minherit(own + 5 * PAGE, PAGE,
		    TINE_INHERIT_ZERO);
		(void)tine_sys_watch(own + 7 * PAGE, 8, TINE_WATCH_READ);
	}
	child = tine_sys_fork();
	if (child == 0) {
		if (tine_sys_failed(shared) == 0)
			touch_all(shared);
		if (attached != NULL && tine_sys_failed(attached) == 0) {
			touch_all(attached);
			(void)tine_sys_shmdt(attached);
		}
		if (tine_sys_failed(own) == 0)
			(void)tine_sys_munmap(own + 2 * PAGE, 2 * PAGE);
		tine_sys_exit(0);
	}
	if (child > 0)
		(void)tine_sys_waitpid(child, &status, 0);
	if (id > 0)
		(void)tine_sys_shmctl(id, TINE_IPC_RMID, NULL);
	return 0;
}
TINE_PROGRAM(mem_failing, "memory calls, each step of which may fail");

/* --- the tests --- */

static void
mappings_are_placed_split_and_replaced(void **state)
{
	(void)state;
	harness_every_seed("mem_map", 3);
}

static void
protections_hold_for_program_and_kernel(void **state)
{
	(void)state;
	harness_every_seed("mem_protect", 3);
}

/* spec: IL-073 IL-074 */
static void
children_get_what_the_mapping_says(void **state)
{
	(void)state;
	harness_every_seed("mem_inherit", 3);
}

/* spec: IL-075 */
static void
shared_memory_is_one_for_parent_and_child(void **state)
{
	(void)state;
	harness_every_seed("mem_shared", 3);
}

/* spec: IL-064 IL-077 IL-113 */
static void
named_segments_are_attached_counted_and_removed(void **state)
{
	(void)state;
	harness_every_seed("mem_shm", 3);
}

static void
stacks_grow_to_their_limit_and_mind_their_neighbours(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_passes("mem_stack", NULL, 0);
	options.vm_shortcuts = false;
	harness_passes("mem_stack", &options, 0);
}

/* spec: IL-063 */
static void
watched_areas_trip_and_are_not_inherited(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	harness_passes("mem_watch", NULL, 0);
	options.vm_shortcuts = false;
	harness_passes("mem_watch", &options, 0);
}

/* spec: IL-071 IL-103 IL-104 */
static void
vfork_lends_attachments_and_parks_watched_areas(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.trace_full = true;
	harness_passes("mem_lend", &options, 0);
	/* It came as far as the last store. */
	assert_int_equal(harness_count(TINE_EV_USER, 0), 1);
	harness_every_seed("mem_lend", 3);
}

static void
faults_race_forks_and_each_other(void **state)
{
	(void)state;
	harness_every_seed("mem_race_fork", SEEDS);
	harness_every_seed("mem_race_frame", SEEDS);
}

/* The options for a kernel as it is repaired where it leaks. */
static struct tine_options
options_of(int kernel)
{
	struct tine_options options = harness_options();

	options.kernel = (enum tine_kernel)kernel;
	assert_int_equal(tine_quirks_parse(options.kernel,
	    kernel == TINE_KERNEL_DRAGONFLY ? "-DF-034" : "preset",
	    &options.quirks), 0);
	return options;
}

/* Faults in the middle of forks, unmappings and each other: what is kernel code
 * with scheduling points on one kernel is so on all. */
static void
every_kernel_lets_faults_race(void **state)
{
	static const char *const programs[] = {
		"mem_race_fork", "mem_race_frame", "mem_race_unmap",
		"mem_shared", "mem_shm", "mem_cold", "mem_stack",
	};
	struct tine_options options;

	(void)state;
	for (int kernel = 0; kernel < 4; kernel++) {
		options = options_of(kernel);
		options.strategy = TINE_STRATEGY_RANDOM;
		for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]);
		    i++) {
			for (options.seed = 1; options.seed <= 6;
			    options.seed++) {
				options.ncpu = 1u << options.seed % 3;
				harness_passes(programs[i], &options, 0);
			}
		}
	}
}

/* Stop racing programs everywhere, on several CPUs. */
static void
the_books_balance_wherever_a_race_is_stopped(void **state)
{
	static const char *const programs[] = {
		"mem_race_fork", "mem_race_frame", "mem_race_unmap", "mem_shm",
	};
	struct tine_options options;
	enum tine_outcome outcome;
	unsigned checked = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 16; i++) {
		options = options_of((int)(i / 4));
		options.strategy = TINE_STRATEGY_RANDOM;
		outcome = TINE_OUTCOME_STEP_LIMIT;
		options.step_limit = 150;
		while (outcome == TINE_OUTCOME_STEP_LIMIT) {
			options.step_limit += i < 4 ? 5 : 17;
			options.ncpu = options.step_limit % 2 == 0 ? 2 : 4;
			options.seed = options.step_limit;
			outcome = harness_run(programs[i % 4], &options, NULL,
			    NULL);
			if (outcome == TINE_OUTCOME_STEP_LIMIT)
				checked += harness_memory_balances();
		}
		assert_int_equal(outcome, TINE_OUTCOME_PASSED);
	}
	assert_true(checked > 100);
}

/* How often the store came first and how often too late. */
static void
count_orders(int kernel, unsigned ncpu, unsigned counts[2])
{
	struct tine_options options = options_of(kernel);
	const struct tine_event *events;
	struct tine_result result;
	long n;

	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = ncpu;
	options.trace_full = true;
	for (options.seed = 0; options.seed < 60; options.seed++) {
		assert_int_equal(harness_run("mem_race_unmap", &options,
		    &result, NULL), TINE_OUTCOME_PASSED);
		n = tine_trace_events(harness_machine(), &events);
		for (long i = 0; i < n; i++)
			if (events[i].type == TINE_EV_USER)
				counts[events[i].b]++;
	}
}

static void
a_store_races_munmap_and_mprotect_both_ways(void **state)
{
	(void)state;
	for (int kernel = 0; kernel < 4; kernel++) {
		unsigned counts[2] = { 0, 0 };

		count_orders(kernel, 2, counts);
		count_orders(kernel, 4, counts);
		assert_true(counts[0] > 0 && counts[1] > 0);
	}
}

/* spec: IL-076 IL-086 IL-010 */
static void
every_failing_step_of_the_memory_calls_is_undone(void **state)
{
	(void)state;
	for (int kernel = 0; kernel < 4; kernel++) {
		const struct tine_options options = options_of(kernel);

		assert_true(harness_every_failure("mem_failing", &options) >
		    40);
	}
}

static void
the_trace_is_the_same_without_shortcuts(void **state)
{
	static const char *const programs[] = {
		"mem_map", "mem_protect", "mem_inherit", "mem_shared",
		"mem_shm", "mem_race_fork", "mem_race_frame",
	};
	struct tine_options options = harness_options();
	struct tine_result with, without;

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		options.vm_shortcuts = true;
		harness_run(programs[i], &options, &with, NULL);
		options.vm_shortcuts = false;
		harness_run(programs[i], &options, &without, NULL);
		assert_int_equal(without.outcome, TINE_OUTCOME_PASSED);
		assert_true(with.digest == without.digest);
	}
}

static int
mem_cold(int argc, char **argv)
{
	char *p = tine_sys_mmap_flags(NULL, 3 * PAGE, RW, TINE_MAP_PRIVATE);
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	if (tine_sys_failed(p))
		return 0;
	p[0] = 1;
	p[PAGE] = 2;
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(p[PAGE] == 2 && p[2 * PAGE] == 0);
		tine_check(p[0]++ == 1 && p[0] == 2);
		tine_sys_exit(0);
	}
	if (child < 0)
		return 0;
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(p[0] == 1 && p[PAGE] == 2);
	return 0;
}
TINE_PROGRAM(mem_cold, "a child that reads two pages and writes to one");

static void
a_cold_child_faults_on_each_page_that_it_touches(void **state)
{
	struct tine_options options;
	struct tine_result with, without;
	unsigned warm;
	int kernel;

	(void)state;
	for (kernel = 0; kernel < 4; kernel++) {
		options = options_of(kernel);
		harness_passes("mem_cold", &options, 0);
		warm = harness_count(TINE_EV_SHARE_MAP, 0);
		options.cold_fork = true;
		harness_run("mem_cold", &options, &with, NULL);
		assert_int_equal(with.outcome, TINE_OUTCOME_PASSED);
		/* p[PAGE], and p[0], which is read before it is written. */
		assert_int_equal(harness_count(TINE_EV_SHARE_MAP, 0),
		    warm + 2);
		options.vm_shortcuts = false;
		harness_run("mem_cold", &options, &without, NULL);
		assert_true(with.digest == without.digest);
		assert_true(harness_every_failure("mem_cold", &options) > 10);
	}
}

/* Signal, address and code of a wrong access, as the trace tells them. */
static void
wrong_accesses_tell_address_and_code(void **state)
{
	struct tine_options options = harness_options();
	unsigned accerr = 0, maperr = 0;
	const struct tine_event *events;
	long n;

	(void)state;
	options.trace_full = true;
	harness_passes("mem_protect", &options, 0);
	n = tine_trace_events(harness_machine(), &events);
	for (long i = 0; i < n; i++) {
		if (events[i].type != TINE_EV_SIGINFO)
			continue;
		assert_int_equal(events[i].a, SIGSEGV);
		accerr += events[i].b == SEGV_ACCERR;
	}
	harness_passes("mem_map", &options, 0);
	n = tine_trace_events(harness_machine(), &events);
	for (long i = 0; i < n; i++)
		maperr += events[i].type == TINE_EV_SIGINFO &&
		    events[i].b == SEGV_MAPERR;
	assert_int_equal(accerr, 2);
	assert_int_equal(maperr, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings_are_placed_split_and_replaced),
		cmocka_unit_test(protections_hold_for_program_and_kernel),
		cmocka_unit_test(children_get_what_the_mapping_says),
		cmocka_unit_test(shared_memory_is_one_for_parent_and_child),
		cmocka_unit_test(
		    named_segments_are_attached_counted_and_removed),
		cmocka_unit_test(
		    stacks_grow_to_their_limit_and_mind_their_neighbours),
		cmocka_unit_test(watched_areas_trip_and_are_not_inherited),
		cmocka_unit_test(
		    vfork_lends_attachments_and_parks_watched_areas),
		cmocka_unit_test(faults_race_forks_and_each_other),
		cmocka_unit_test(every_kernel_lets_faults_race),
		cmocka_unit_test(a_store_races_munmap_and_mprotect_both_ways),
		cmocka_unit_test(the_books_balance_wherever_a_race_is_stopped),
		cmocka_unit_test(
		    every_failing_step_of_the_memory_calls_is_undone),
		cmocka_unit_test(the_trace_is_the_same_without_shortcuts),
		cmocka_unit_test(
		    a_cold_child_faults_on_each_page_that_it_touches),
		cmocka_unit_test(wrong_accesses_tell_address_and_code),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
