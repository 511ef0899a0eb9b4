/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_memory.c - what fork on NetBSD does with each range of memory.
 *
 * An anon is, in this machine, the frame that a page tree names; an amap is an
 * identity (src/vm/amap.c). So the tests ask for frames and what may be done to
 * them, and for numbers of amaps and who refers to them.
 */
#include "netbsd_rig.h"

#define RW (TINE_PROT_READ | TINE_PROT_WRITE)

/* Where a program's pointer is in a process's space. */
static uint64_t
va_of(const struct proc *p, int64_t address)
{
	uint64_t va = 0;

	if (!tine__vm_to_va(p->p_vmspace->vm_as->vm, (uintptr_t)address, &va))
		tine__panic("rig: no such address");
	return (va);
}

static const struct tine__seg *
seg_of(const struct proc *p, const void *address)
{
	return (tine__as_seg(p->p_vmspace->vm_as,
	    va_of(p, (int64_t)(intptr_t)address)));
}

struct find {
	uint64_t va;
	int64_t frame;
};

static void
find_page(void *user, const struct tine__page *page)
{
	struct find *find = user;

	if (page->va == find->va)
		find->frame = page->frame;
}

static int64_t
frame_of(const struct proc *p, int64_t address)
{
	struct find find = { va_of(p, address) & ~(uint64_t)4095, 0 };

	tine__as_pages(p->p_vmspace->vm_as, find_page, &find);
	return (find.frame);
}

/* Kernel plane: the frame of a page of the caller's, of a process's. */
static int64_t
k_frame(int64_t pid, int64_t address)
{
	return (frame_of(rig_find((pid_t)pid), address));
}

static bool
writable(const struct proc *p, int64_t address)
{
	return (tine__as_resident(p->p_vmspace->vm_as, va_of(p, address),
	    TINE__ACCESS_WRITE));
}

static bool
readable(const struct proc *p, int64_t address)
{
	return (tine__as_resident(p->p_vmspace->vm_as, va_of(p, address),
	    TINE__ACCESS_READ));
}

/* What the probe after the address space was copied is to look at. */
static volatile int64_t probed;
static uint64_t copies_before;
static void (*probe_check)(const struct proc *p1, const struct proc *p2);

static void
probe_copied(int at, struct proc *p1, struct proc *p2)
{
	if (at != 33)
		return;
	nb->nb_probe = NULL;
	probe_check(p1, p2);
	probed = 1;
}

static int64_t
k_probe(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	probed = 0;
	copies_before = tine__vm_stats(curproc->p_vmspace->vm_as->vm)->
	    cow_copies;
	nb->nb_probe = probe_copied;
	return (0);
}

static uint64_t
copied(const struct proc *p1)
{
	return (tine__vm_stats(p1->p_vmspace->vm_as->vm)->cow_copies -
	    copies_before);
}

/* Which step a child is to take; it says so when it has. */
static volatile int step, done;

static void
wait_step(int n)
{
	while (step < n)
		tine_sys_yield();
}

/* Let the child take a step, and wait until it has. */
static void
let(int n)
{
	step = n;
	while (done < n)
		tine_sys_yield();
}

static void
end(tine_pid_t pid)
{
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

static tine_pid_t
fork_idle(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		for (;;)
			(void)tine_sys_pause();
	tine_check(pid > 0);
	return (pid);
}

/* --- the frame --- */

static int64_t
k_wire_future(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	curproc->p_vmspace->vm_map.flags |= VM_MAP_WIREFUTURE;
	return (0);
}

static int64_t
k_frame_of_map(int64_t pid, int64_t address)
{
	const struct vmspace *vm1 = curproc->p_vmspace;
	const struct vmspace *vm2 = rig_find((pid_t)pid)->p_vmspace;
	const struct tine__seg *s1 = vm1->vm_as->segs, *s2 = vm2->vm_as->segs;

	ASSERT3(vm1->vm_map.flags, ==, VM_MAP_TOPDOWN | VM_MAP_WIREFUTURE);
	ASSERT3(vm2->vm_map.flags, ==, VM_MAP_TOPDOWN);
	ASSERT(uvm_wired(vm1, va_of(curproc, address)));
	ASSERT(!uvm_wired(vm2, va_of(curproc, address)));
	ASSERT3(vm2->vm_as->wired, ==, 0);
	ASSERT3(vm1->vm_dsize, ==, vm2->vm_dsize);
	ASSERT3(vm1->vm_ssize, ==, vm2->vm_ssize);
	ASSERT3(vm1->vm_daddr, ==, vm2->vm_daddr);
	ASSERT3(vm1->vm_maxsaddr, ==, vm2->vm_maxsaddr);
	ASSERT3(vm1->vm_issize, ==, vm2->vm_issize);
	ASSERT(vm1->vm_dsize != 0 && vm1->vm_ssize != 0);
	for (; s1 != NULL && s2 != NULL; s1 = s1->next, s2 = s2->next)
		ASSERT(s1->start == s2->start && s1->end == s2->end &&
		    s1->prot == s2->prot);
	ASSERT(s1 == NULL && s2 == NULL);
	return (0);
}

NB_PROGRAM(nb_map_frame, "what of a map goes on to a child")
{
	char *p = tine_sys_mmap(8192, RW);
	tine_pid_t pid;

	*(volatile char *)tine_sys_sbrk(4096) = 'h';
	tine_check(tine_sys_mlock(p, 8192) == 0);
	in_kernel(k_wire_future, 0, 0);
	pid = fork_idle();
	in_kernel(k_frame_of_map, pid, (int64_t)(intptr_t)p);
	end(pid);
	return (0);
}

/* spec: NB-065 */
NB_TEST(a_child_has_the_bounds_but_neither_wires_nor_will)
{
	nb_passes("nb_map_frame");
}

/* --- a copy on write --- */

static char *volatile subject;

static void
check_needs_copy(const struct proc *p1, const struct proc *p2)
{
	const int64_t at = (int64_t)(intptr_t)subject;

	for (int64_t i = at; i < at + 3 * 4096; i += 4096) {
		ASSERT(readable(p1, i) && readable(p2, i));
		ASSERT(!writable(p1, i) && !writable(p2, i));
		ASSERT(frame_of(p1, i) != 0);
		ASSERT3(frame_of(p1, i), ==, frame_of(p2, i));
	}
	ASSERT3(copied(p1), ==, 0);
}

NB_PROGRAM(nb_needs_copy, "private memory right after a fork")
{
	tine_pid_t pid;
	char *p = tine_sys_mmap(3 * 4096, RW);

	for (int i = 0; i < 3; i++)
		p[i * 4096] = 'a';
	subject = p;
	probe_check = check_needs_copy;
	in_kernel(k_probe, 0, 0);
	pid = fork_idle();
	tine_check(probed == 1);
	end(pid);
	return (0);
}

/* spec: NB-068 */
NB_TEST(fork_copies_no_page_and_protects_both_sides)
{
	nb_passes("nb_needs_copy");
}

/* One page that two have; who writes first gets the new one. */
static void
both_write(bool child_first)
{
	char *p = tine_sys_mmap(4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	const tine_pid_t self = tine_sys_getpid();
	int64_t was;
	tine_pid_t pid;

	p[0] = 'a';
	was = in_kernel(k_frame, self, at);
	step = done = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		wait_step(1);
		tine_check(p[0] == 'a');
		p[0] = 'c';
		done = 1;
		for (;;)
			(void)tine_sys_pause();
	}
	if (child_first)
		let(1);
	p[0] = 'b';
	if (!child_first)
		let(1);
	tine_check(p[0] == 'b');
	/* The first writer's is new, the other's is what there was. */
	tine_check((in_kernel(k_frame, self, at) == was) == child_first);
	tine_check((in_kernel(k_frame, pid, at) == was) == !child_first);
	end(pid);
	tine_check(tine_sys_munmap(p, 4096) == 0);
}

NB_PROGRAM(nb_one_copy, "both sides of a fork write to a page")
{
	both_write(true);
	both_write(false);
	return (0);
}

/* spec: NB-073 */
NB_TEST(of_two_writers_only_the_first_gets_a_copy)
{
	nb_passes("nb_one_copy");
}

NB_PROGRAM(nb_only_read, "a child that only reads")
{
	char *p = tine_sys_mmap(4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	tine_pid_t pid;

	p[0] = 'a';
	step = done = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(p[0] == 'a');
		done = 1;
		for (;;)
			(void)tine_sys_pause();
	}
	let(1);
	tine_check(in_kernel(k_frame, pid, at) ==
	    in_kernel(k_frame, tine_sys_getpid(), at));
	end(pid);
	return (0);
}

NB_TEST(a_read_after_fork_copies_nothing)
{
	nb_passes("nb_only_read");
}

/* --- whose amap it is --- */

static struct tine__amap *
amap_of(int64_t pid, int64_t address)
{
	return (seg_of(rig_find((pid_t)pid),
	    (const void *)(uintptr_t)address)->amap);
}

/* Kernel plane: the number of an amap, how many refer to it, whether they share
 * it, and whether the entry needs a copy of it. */
static int64_t
k_amap(int64_t pid, int64_t address)
{
	const struct tine__amap *amap = amap_of(pid, address);

	return (amap == NULL ? 0 : tine__amap_id(amap));
}

static int64_t
k_amap_refs(int64_t pid, int64_t address)
{
	return (tine__amap_refs(amap_of(pid, address)));
}

static int64_t
k_amap_shared(int64_t pid, int64_t address)
{
	return (tine__amap_shared(amap_of(pid, address)));
}

static int64_t
k_needs_copy(int64_t pid, int64_t address)
{
	return (seg_of(rig_find((pid_t)pid),
	    (const void *)(uintptr_t)address)->needs_copy);
}

/* Kernel plane: how many amaps have the anon of a page: an_ref. */
static int64_t
k_anon_refs(int64_t pid, int64_t address)
{
	const int64_t frame = frame_of(rig_find((pid_t)pid), address);
	const struct tine__amap *seen[8], *amap;
	int n = 0, i;
	struct proc *p;

	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_vmspace == NULL || tine__as_seg(p->p_vmspace->vm_as,
		    va_of(p, address)) == NULL)
			continue;
		amap = amap_of(p->p_pid, address);
		if (amap == NULL || frame_of(p, address) != frame)
			continue;
		for (i = 0; i < n && seen[i] != amap; i++)
			continue;
		if (i == n)
			seen[n++] = amap;
	}
	return (n);
}

static int64_t
k_copies(int64_t pid, int64_t b)
{
	(void)b;
	return ((int64_t)rig_find((pid_t)pid)->p_vmspace->vm_as->cow_copies);
}

/* The child does one thing to a page, and the parent looks: its amap was
 * taken apart, or it was not. */
static void
after_fork(char *p, bool write, int64_t at, bool apart)
{
	const int64_t page = (int64_t)(intptr_t)p, look = page + at;
	const tine_pid_t self = tine_sys_getpid();
	int64_t was, copies;
	tine_pid_t pid;

	was = in_kernel(k_amap, self, page);
	tine_check(was != 0 && !in_kernel(k_needs_copy, self, page));
	tine_check(in_kernel(k_amap_refs, self, page) == 1);
	step = done = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		wait_step(1);
		if (write)
			*(volatile char *)(p + at) = 'c';
		else
			(void)*(volatile char *)(p + at);
		done = 1;
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(in_kernel(k_amap, pid, page) == was);
	tine_check(in_kernel(k_amap_refs, self, page) == 2);
	tine_check(!in_kernel(k_amap_shared, self, page));
	tine_check(in_kernel(k_needs_copy, self, page) == 1);
	tine_check(in_kernel(k_needs_copy, pid, page) == 1);
	tine_check(in_kernel(k_anon_refs, self, page) == 1);
	copies = in_kernel(k_copies, pid, 0);
	let(1);
	tine_check((in_kernel(k_amap, pid, page) != was) == apart);
	tine_check(in_kernel(k_needs_copy, pid, page) == !apart);
	tine_check(in_kernel(k_amap, self, page) == was);
	tine_check(in_kernel(k_needs_copy, self, page) == 1);
	tine_check(in_kernel(k_amap_refs, self, page) == (apart ? 1 : 2));
	if (!write) {
		tine_check(in_kernel(k_anon_refs, self, look) <=
		    (apart ? 2 : 1));
		tine_check(in_kernel(k_copies, pid, 0) == copies);
	}
	if (!write && at == 0)
		tine_check(in_kernel(k_anon_refs, self, page) ==
		    (apart ? 2 : 1));
	/* Nobody else refers to the parent's: it takes its own over. */
	if (apart) {
		p[0] = 'b';
		tine_check(in_kernel(k_amap, self, page) == was);
		tine_check(!in_kernel(k_needs_copy, self, page));
	}
	end(pid);
}

/* The second page is untouched. */
static char *
two_pages(void)
{
	char *p = tine_sys_mmap(2 * 4096, RW);

	p[0] = 'a';
	return (p);
}

NB_PROGRAM(nb_resolve, "what takes an amap apart after a fork")
{
	after_fork(two_pages(), true, 0, true);
	after_fork(two_pages(), true, 4096, true);
	after_fork(two_pages(), false, 4096, true);
	/* The child has the parent's pages mapped: reading one is no fault. */
	after_fork(two_pages(), false, 0, false);
	return (0);
}

NB_PROGRAM(nb_resolve_cold, "the same when a child has nothing mapped")
{
	after_fork(two_pages(), true, 0, true);
	after_fork(two_pages(), true, 4096, true);
	after_fork(two_pages(), false, 4096, true);
	after_fork(two_pages(), false, 0, true);
	return (0);
}

/* spec: NB-072 */
NB_TEST(a_fault_on_anonymous_memory_takes_the_amap_apart)
{
	struct tine_options options = netbsd_options();

	nb_passes("nb_resolve");
	options.cold_fork = true;
	harness_passes("nb_resolve_cold", &options, 0);
}

static TINE_DATA volatile char image[2 * 4096] = { 'i' };

NB_PROGRAM(nb_resolve_object, "a read of memory with an object below")
{
	const int64_t at = (int64_t)(intptr_t)image;
	const tine_pid_t self = tine_sys_getpid();
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600);
	char *p = tine_sys_shmat(id, NULL, 0);
	tine_pid_t pid;

	/* Nothing was written: there is no amap to be shared. */
	tine_check(image[0] == 'i' && in_kernel(k_amap, self, at) == 0);
	tine_check(tine_sys_minherit(p, 4096, TINE_INHERIT_COPY) == 0);
	step = done = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		wait_step(1);
		tine_check(image[1] == 0 && p[0] == 0);
		done = 1;
		wait_step(2);
		image[1] = 1;
		p[0] = 1;
		done = 2;
		for (;;)
			(void)tine_sys_pause();
	}
	let(1);
	tine_check(in_kernel(k_needs_copy, pid, at) == 1);
	tine_check(in_kernel(k_needs_copy, pid, (int64_t)(intptr_t)p) == 1);
	let(2);
	tine_check(!in_kernel(k_needs_copy, pid, at));
	tine_check(!in_kernel(k_needs_copy, pid, (int64_t)(intptr_t)p));
	tine_check(in_kernel(k_amap, pid, at) != 0);
	tine_check(in_kernel(k_amap, self, at) == 0 && image[1] == 0);
	end(pid);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: NB-072 */
NB_TEST(with_an_object_below_only_a_write_does)
{
	struct tine_options options = netbsd_options();

	nb_passes("nb_resolve_object");
	options.cold_fork = true;
	harness_passes("nb_resolve_object", &options, 0);
}

static int64_t
k_fault_locks(int64_t address, int64_t b)
{
	struct vmspace *vm = curproc->p_vmspace;

	/* Whoever only looks at the map keeps it from being changed too. */
	rw_enter(&vm->vm_map.lock, b != 0 ? RW_READER : RW_WRITER);
	(void) kpause("rig", false, 3);
	ASSERT(seg_of(curproc, (const void *)(uintptr_t)address)->needs_copy);
	rw_exit(&vm->vm_map.lock);
	return (0);
}

static void
reads(void *arg)
{
	(void)*(volatile char *)arg;
}

/* The kernel's own access: names that end on the second page. */
static void
opens(void *arg)
{
	tine_check(tine_sys_open((char *)arg - 1, TINE_O_RDONLY, 0) == -ENOENT);
}

static void
execs(void *arg)
{
	char *words[] = { NULL };

	tine_check(tine_sys_exec((char *)arg - 1, words) == -ENOENT);
}

static void
moves(void *arg)
{
	tine_check(tine_sys_chdir((char *)arg - 1) == -ENOENT);
}

static void
writes(void *arg)
{
	tine_check(tine_sys_write(-1, arg, 1) == -EBADF);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, NULL, NULL) == 0);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, arg) == 0);
}

static void
waits_for_the_map(void (*sibling)(void *arg), bool reader)
{
	char *p = two_pages();
	tine_pid_t pid;
	int lwp;

	p[4095] = 'x';
	pid = fork_idle();
	lwp = tine_sys_lwp_create(sibling, p + 4096);
	tine_check(lwp > 0);
	in_kernel(k_fault_locks, (int64_t)(intptr_t)p, reader);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(!in_kernel(k_needs_copy, tine_sys_getpid(),
	    (int64_t)(intptr_t)p));
	end(pid);
}

NB_PROGRAM(nb_resolve_locked, "a read fault waits for the map")
{
	waits_for_the_map(reads, false);
	waits_for_the_map(reads, true);
	return (0);
}

NB_PROGRAM(nb_resolve_kernel, "so does the kernel's own access")
{
	waits_for_the_map(opens, false);
	waits_for_the_map(execs, false);
	waits_for_the_map(moves, false);
	waits_for_the_map(writes, false);
	return (0);
}

/* spec: NB-072 */
NB_TEST(an_amap_is_taken_apart_under_the_map_lock)
{
	nb_passes("nb_resolve_locked");
	nb_passes("nb_resolve_kernel");
}

NB_PROGRAM(nb_resolve_short, "taking amaps apart when memory is short")
{
	char *p = two_pages();
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		(void)*(volatile char *)(p + 4096);
		p[0] = 'c';
		tine_sys_exit(p[0] == 'c' && p[4096] == 0 ? 0 : 1);
	}
	if (pid < 0)
		return (pid == -ENOMEM || pid == -EAGAIN ? 0 : 1);
	p[0] = 'b';
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	/* Out of frames is death [NB-072]; out of kernel memory is waiting. */
	return (status == 0 || (status & 127) == SIGKILL ? 0 : 1);
}

/* spec: NB-072 */
NB_TEST(taking_an_amap_apart_fails_at_no_step)
{
	struct tine_options options = netbsd_options();

	assert_true(nb_every_failure("nb_resolve_short") > 0);
	options.cold_fork = true;
	assert_true(harness_every_failure("nb_resolve_short", &options) > 0);
}

/* --- an amap that others share --- */

/* The repaired order leaves the parent's entry as it is. */
static bool repaired;

static void
check_shared_copy(const struct proc *p1, const struct proc *p2)
{
	const int64_t at = (int64_t)(intptr_t)subject;
	const struct tine__seg *s1 = seg_of(p1, subject);
	const struct tine__seg *s2 = seg_of(p2, subject);

	ASSERT(s1 != s2 && s1->amap != s2->amap);
	ASSERT(tine__amap_shared(s1->amap));
	ASSERT3(tine__amap_refs(s1->amap), ==, 2);
	ASSERT(!tine__amap_shared(s2->amap));
	ASSERT3(tine__amap_refs(s2->amap), ==, 1);
	ASSERT3(s1->needs_copy, ==, !repaired);
	ASSERT(!s2->needs_copy);
	/* Also what only b has touched. */
	for (int64_t i = at; i < at + 2 * 4096; i += 4096)
		ASSERT(readable(p2, i) && !writable(p2, i));
	ASSERT(!writable(p1, at));
	ASSERT3(frame_of(p1, at), ==, frame_of(p2, at));
	ASSERT3(copied(p1), ==, 0);
}

/* a and b share two pages, the second of which only b has touched; c gets a
 * copy of both. */
static void
shared_and_copied(char *p, tine_pid_t *b, tine_pid_t *c)
{
	p[0] = 'a';
	tine_check(tine_sys_minherit(p, 2 * 4096, TINE_INHERIT_SHARE) == 0);
	step = done = 0;
	*b = tine_sys_fork();
	if (*b == 0) {
		wait_step(1);
		tine_check(p[0] == 'a');
		p[1] = p[4096] = 'b';
		done = 1;
		wait_step(3);
		p[0] = p[4096] = 'B';
		done = 3;
		for (;;)
			(void)tine_sys_pause();
	}
	let(1);
	tine_check(tine_sys_minherit(p, 2 * 4096, TINE_INHERIT_COPY) == 0);
	subject = p;
	probe_check = check_shared_copy;
	in_kernel(k_probe, 0, 0);
	*c = tine_sys_fork();
	if (*c == 0) {
		wait_step(2);
		tine_check(p[0] == 'a' && p[1] == 'b' && p[4096] == 'b');
		p[0] = 'c';
		done = 2;
		wait_step(4);
		/* What it has not written to shows what b wrote since. */
		tine_check(p[0] == 'c' && p[1] == 'b');
		tine_check(p[4096] == (repaired ? 'b' : 'B'));
		done = 4;
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(probed == 1);
}

NB_PROGRAM(nb_shared_copy, "a copy of memory that a third one shares")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	tine_pid_t b, c;

	shared_and_copied(p, &b, &c);
	let(2);
	/* What c writes is its own; b has what the parent has. */
	tine_check(p[0] == 'a');
	tine_check(in_kernel(k_frame, c, at) != in_kernel(k_frame, b, at));
	let(3);
	tine_check(p[0] == 'B' && p[4096] == 'B');
	let(4);
	end(c);
	end(b);
	return (0);
}

NB_PROGRAM(nb_sharing_ends, "the parent writes to what it has shared")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t b, c;

	shared_and_copied(p, &b, &c);
	tine_check(in_kernel(k_amap, self, at) == in_kernel(k_amap, b, at));
	p[0] = 'A';
	tine_check((in_kernel(k_amap, self, at) == in_kernel(k_amap, b, at)) ==
	    repaired);
	/* Two that refer to it, or one: then it is not shared any more. */
	tine_check(in_kernel(k_amap_shared, b, at) == repaired);
	tine_check(!in_kernel(k_needs_copy, self, at));
	let(2);
	let(3);
	tine_check(p[0] == (repaired ? 'B' : 'A'));
	/* What neither wrote to is the same page, lent or not. */
	tine_check(p[4096] == 'B');
	let(4);
	end(c);
	end(b);
	return (0);
}

NB_PROGRAM(nb_sharing_ends_by_reading, "a read that ends sharing")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	tine_pid_t b, c;

	shared_and_copied(p, &b, &c);
	/* The parent has not had this page mapped. */
	tine_check(p[4096] == 'b');
	tine_check((in_kernel(k_amap, tine_sys_getpid(), at) ==
	    in_kernel(k_amap, b, at)) == repaired);
	let(2);
	end(c);
	end(b);
	return (0);
}

NB_PROGRAM(nb_sharer_goes, "who is left takes the amap over")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t b, c;
	int64_t was;

	shared_and_copied(p, &b, &c);
	was = in_kernel(k_amap, self, at);
	end(b);
	tine_check(in_kernel(k_amap_refs, self, at) == 1);
	tine_check(!in_kernel(k_amap_shared, self, at));
	p[0] = 'A';
	p[4096] = 'A';
	tine_check(in_kernel(k_amap, self, at) == was);
	/* c has the old pages still. */
	let(2);
	end(c);
	/* Alone, and to be copied: an amap like any other. */
	c = fork_idle();
	tine_check(in_kernel(k_amap, c, at) == was);
	tine_check(!in_kernel(k_amap_shared, self, at));
	tine_check(in_kernel(k_needs_copy, self, at) == 1);
	p[0] = 'b';
	tine_check(in_kernel(k_frame, c, at) != in_kernel(k_frame, self, at));
	end(c);
	return (0);
}

/* In the order of the revision, and in the repaired one. */
static void
both_orders(const char *program)
{
	repaired = false;
	nb_passes(program);
	repaired = true;
	nb_passes_with(program, "-NB-R23");
	repaired = false;
}

/* spec: NB-069 NB-R23 */
NB_TEST(a_copy_of_a_shared_amap_is_one_of_its_own)
{
	both_orders("nb_shared_copy");
}

/* spec: NB-R23 */
NB_TEST(a_fork_by_copy_ends_sharing_at_the_next_write)
{
	both_orders("nb_sharing_ends");
}

/* spec: NB-R23 NB-072 */
NB_TEST(or_at_the_next_read_of_what_is_not_mapped)
{
	both_orders("nb_sharing_ends_by_reading");
}

NB_TEST(the_last_one_of_those_who_share_has_an_amap_like_any_other)
{
	both_orders("nb_sharer_goes");
}

NB_PROGRAM(nb_shared_anew, "shared, copied, and shared again")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t b, c, d;

	shared_and_copied(p, &b, &c);
	tine_check(tine_sys_minherit(p, 2 * 4096, TINE_INHERIT_SHARE) == 0);
	/* An entry that needs a copy is resolved before it is shared. */
	d = tine_sys_fork();
	if (d == 0) {
		p[0] = 'd';
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(in_kernel(k_amap, d, at) == in_kernel(k_amap, self, at));
	tine_check(in_kernel(k_amap_shared, d, at) == 1);
	tine_check((in_kernel(k_amap, b, at) == in_kernel(k_amap, self, at)) ==
	    repaired);
	tine_check(!in_kernel(k_needs_copy, self, at));
	while (p[0] != 'd')
		tine_sys_yield();
	end(d);
	end(c);
	end(b);
	return (0);
}

/* spec: NB-067 */
NB_TEST(an_entry_that_needs_a_copy_is_resolved_before_it_is_shared)
{
	both_orders("nb_shared_anew");
}

NB_PROGRAM(nb_share_untouched, "memory is shared before anybody touched it")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid;

	tine_check(in_kernel(k_amap, self, at) == 0);
	tine_check(tine_sys_minherit(p, 2 * 4096, TINE_INHERIT_SHARE) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		p[0] = 'c';
		for (;;)
			(void)tine_sys_pause();
	}
	/* An empty amap was made for it. */
	tine_check(in_kernel(k_amap, self, at) != 0);
	tine_check(in_kernel(k_amap, pid, at) == in_kernel(k_amap, self, at));
	while (p[0] != 'c')
		tine_sys_yield();
	p[0] = 'a';
	tine_check(in_kernel(k_frame, pid, at) == in_kernel(k_frame, self, at));
	end(pid);
	return (0);
}

/* spec: NB-067 */
NB_TEST(an_empty_amap_is_made_to_be_shared)
{
	nb_passes("nb_share_untouched");
}

NB_PROGRAM(nb_shared_short, "sharing and copying when memory is short")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	tine_pid_t b, c;

	if (tine_sys_failed(p))
		return (0);
	p[0] = 'a';
	if (tine_sys_minherit(p, 2 * 4096, TINE_INHERIT_SHARE) != 0)
		return (0);
	b = tine_sys_fork();
	if (b == 0) {
		p[0] = p[4096] = 'b';
		tine_sys_exit(0);
	}
	if (b < 0)
		return (0);
	(void)tine_sys_minherit(p, 2 * 4096, TINE_INHERIT_COPY);
	c = tine_sys_fork();
	if (c == 0) {
		p[0] = p[4096] = 'c';
		tine_sys_exit(p[0] == 'c' && p[4096] == 'c' ? 0 : 1);
	}
	p[0] = 'A';
	while (tine_sys_waitpid(-1, NULL, 0) > 0)
		continue;
	return (p[0] == 'A' || p[0] == 'b' ? 0 : 1);
}

/* spec: NB-067 NB-069 */
NB_TEST(sharing_and_copying_survive_the_failure_of_every_step)
{
	struct tine_options options = netbsd_options();

	assert_true(nb_every_failure("nb_shared_short") > 0);
	assert_int_equal(tine_quirks_parse(options.kernel, "-NB-R23",
	    &options.quirks), 0);
	assert_true(harness_every_failure("nb_shared_short", &options) > 0);
}

/* --- wired --- */

static void
check_wired(const struct proc *p1, const struct proc *p2)
{
	const int64_t at = (int64_t)(intptr_t)subject;

	for (int64_t i = at; i < at + 2 * 4096; i += 4096) {
		ASSERT(writable(p1, i) && writable(p2, i));
		ASSERT(frame_of(p1, i) != frame_of(p2, i));
		ASSERT(uvm_wired(p1->p_vmspace, va_of(p1, i)));
		ASSERT(!uvm_wired(p2->p_vmspace, va_of(p2, i)));
	}
	ASSERT3(copied(p1), ==, 2);
}

static uint64_t
faults(void)
{
	struct tine_rusage usage;

	tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	return (usage.faults);
}

NB_PROGRAM(nb_wired_all, "what is locked is there, as it will be used")
{
	const int both = TINE_PROT_READ | TINE_PROT_WRITE;
	char *fresh = tine_sys_mmap(4096, both), *shared, *only;
	uint64_t before;
	tine_pid_t pid;

	shared = tine_sys_mmap(4096, both);
	only = tine_sys_mmap(4096, TINE_PROT_READ);
	shared[0] = 'x';
	pid = fork_idle();
	tine_check(tine_sys_mlock(fresh, 4096) == 0);
	tine_check(tine_sys_mlock(shared, 4096) == 0);
	tine_check(tine_sys_mlock(only, 4096) == 0);
	before = faults();
	fresh[0] = 'y';
	shared[0] = 'y';
	tine_check(*(volatile char *)only == 0);
	tine_check(faults() == before);
	end(pid);
	return (0);
}

/* spec: NB-070 */
NB_TEST(what_is_locked_takes_no_fault)
{
	nb_passes("nb_wired_all");
}

NB_PROGRAM(nb_wired, "wired memory and a fork")
{
	char *p = tine_sys_mmap(2 * 4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid;
	int64_t was;

	p[0] = 'a';
	tine_check(tine_sys_mlock(p, 2 * 4096) == 0);
	was = in_kernel(k_frame, self, at);
	subject = p;
	probe_check = check_wired;
	in_kernel(k_probe, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(p[0] == 'a');
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(probed == 1);
	p[0] = 'b';
	tine_check(in_kernel(k_frame, self, at) == was);
	tine_sys_nanosleep(MS);
	end(pid);
	return (0);
}

/* spec: NB-070 */
NB_TEST(wired_pages_are_copied_at_once_for_the_child)
{
	nb_passes("nb_wired");
}

/* --- a copy is no snapshot --- */

/* There are no mapped files; what NB-074 says of them it says of shared
 * memory turned to COPY too. */
static void
read_through(volatile char *p, size_t size)
{
	tine_pid_t pid;

	tine_check(tine_sys_minherit((void *)(uintptr_t)p, size,
	    TINE_INHERIT_COPY) == 0);
	p[0] = 'a';
	step = done = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		wait_step(1);
		tine_check(p[0] == 'b');
		done = 1;
		wait_step(2);
		p[0] = 'c';
		done = 2;
		wait_step(3);
		tine_check(p[0] == 'c');
		done = 3;
		for (;;)
			(void)tine_sys_pause();
	}
	p[0] = 'b';
	let(1);
	let(2);
	tine_check(p[0] == 'b');
	p[0] = 'd';
	let(3);
	end(pid);
}

NB_PROGRAM(nb_no_snapshot, "shared memory that a child gets as a copy")
{
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600);

	read_through(tine_sys_shmat(id, NULL, 0), 4096);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

NB_PROGRAM(nb_snapshot, "a shared mapping of nothing, copied")
{
	volatile char *p = tine_sys_mmap_flags(NULL, 2 * 4096, RW,
	    TINE_MAP_SHARED);
	tine_pid_t pid;
	int status;

	/* What is below is an amap, not an object: that is copied. */
	p[0] = 'a';
	tine_check(tine_sys_mprotect((void *)(uintptr_t)(p + 4096), 4096,
	    TINE_PROT_READ) == 0);
	tine_check(tine_sys_minherit((void *)(uintptr_t)p, 2 * 4096,
	    TINE_INHERIT_COPY) == 0);
	step = done = 0;
	pid = tine_sys_fork();
	if (pid == 0) {
		wait_step(1);
		tine_sys_exit(p[0] == 'a' && p[4096] == 0 ? 7 : 1);
	}
	p[0] = 'b';
	step = 1;
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 7 << 8 && p[0] == 'b');
	return (0);
}

NB_TEST(a_shared_mapping_without_an_object_is_copied)
{
	nb_passes("nb_snapshot");
}

/* spec: NB-074 */
NB_TEST(a_copy_shows_the_object_until_it_is_written)
{
	nb_passes("nb_no_snapshot");
}

/* --- zeros --- */

static TINE_DATA volatile char picture[3 * 4096] = {
	[0 ... 3 * 4096 - 1] = 'p'
};

NB_PROGRAM(nb_zero_image, "a part of the image that a child gets as zeros")
{
	char *const page = (char *)(((uintptr_t)picture + 4095) &
	    ~(uintptr_t)4095);
	tine_pid_t pid;
	int status;

	page[5] = 'x';
	tine_check(tine_sys_minherit(page, 4096, TINE_INHERIT_ZERO) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		for (int i = 0; i < 4096; i++)
			tine_check(page[i] == 0);
		tine_sys_exit(page[5]++ == 0 && page[5] == 1 ? 0 : 1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 0 && page[5] == 'x');
	return (0);
}

/* spec: NB-071 */
NB_TEST(zeros_are_zeros_of_what_an_image_was_loaded_into_too)
{
	nb_passes("nb_zero_image");
}

/* --- defaults --- */

static TINE_DATA volatile int datum;

static int64_t
k_inherit(int64_t address, int64_t b)
{
	(void)b;
	return (seg_of(curproc, (const void *)(uintptr_t)address)->inherit);
}

static int64_t
inherit_of(const volatile void *address)
{
	return (in_kernel(k_inherit, (int64_t)(intptr_t)address, 0));
}

static int64_t
k_inherit_text(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	return (tine__as_seg(curproc->p_vmspace->vm_as, TINE__VA_TEXT)->
	    inherit);
}

NB_PROGRAM(nb_defaults, "what each kind of mapping begins with")
{
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600), local = 1;
	char *heap = tine_sys_sbrk(4096);

	heap[0] = 'h';
	datum = 1;
	tine_check(inherit_of(tine_sys_mmap_flags(NULL, 4096, RW,
	    TINE_MAP_SHARED)) == TINE_INHERIT_SHARE);
	tine_check(inherit_of(tine_sys_shmat(id, NULL, 0)) ==
	    TINE_INHERIT_SHARE);
	tine_check(inherit_of(tine_sys_lwp_ctl()) == TINE_INHERIT_NONE);
	tine_check(inherit_of(tine_sys_mmap_flags(NULL, 4096, RW,
	    TINE_MAP_PRIVATE)) == TINE_INHERIT_COPY);
	tine_check(inherit_of(&local) == TINE_INHERIT_COPY);
	tine_check(inherit_of(heap) == TINE_INHERIT_COPY);
	tine_check(inherit_of(&datum) == TINE_INHERIT_COPY);
	tine_check(in_kernel(k_inherit_text, 0, 0) == TINE_INHERIT_COPY);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	return (0);
}

/* spec: NB-076 */
NB_TEST(each_kind_of_mapping_has_its_default)
{
	nb_passes("nb_defaults");
}

NB_PROGRAM(nb_lwpctl_short, "an lwpctl page when memory is short")
{
	void *block = tine_sys_lwp_ctl();

	if (tine_sys_failed(block))
		return (block == (void *)(intptr_t)-ENOMEM ? 0 : 1);
	tine_check(inherit_of(block) == TINE_INHERIT_NONE);
	return (0);
}

/* spec: NB-076 */
NB_TEST(no_lwpctl_page_is_ever_inherited)
{
	assert_true(nb_every_failure("nb_lwpctl_short") > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_locked_takes_no_fault),
		cmocka_unit_test(
		    a_child_has_the_bounds_but_neither_wires_nor_will),
		cmocka_unit_test(fork_copies_no_page_and_protects_both_sides),
		cmocka_unit_test(of_two_writers_only_the_first_gets_a_copy),
		cmocka_unit_test(a_read_after_fork_copies_nothing),
		cmocka_unit_test(
		    a_fault_on_anonymous_memory_takes_the_amap_apart),
		cmocka_unit_test(with_an_object_below_only_a_write_does),
		cmocka_unit_test(an_amap_is_taken_apart_under_the_map_lock),
		cmocka_unit_test(taking_an_amap_apart_fails_at_no_step),
		cmocka_unit_test(a_copy_of_a_shared_amap_is_one_of_its_own),
		cmocka_unit_test(a_fork_by_copy_ends_sharing_at_the_next_write),
		cmocka_unit_test(or_at_the_next_read_of_what_is_not_mapped),
		cmocka_unit_test(
		    the_last_one_of_those_who_share_has_an_amap_like_any_other),
		cmocka_unit_test(
		    an_entry_that_needs_a_copy_is_resolved_before_it_is_shared),
		cmocka_unit_test(an_empty_amap_is_made_to_be_shared),
		cmocka_unit_test(
		    sharing_and_copying_survive_the_failure_of_every_step),
		cmocka_unit_test(a_shared_mapping_without_an_object_is_copied),
		cmocka_unit_test(wired_pages_are_copied_at_once_for_the_child),
		cmocka_unit_test(a_copy_shows_the_object_until_it_is_written),
		cmocka_unit_test(
		    zeros_are_zeros_of_what_an_image_was_loaded_into_too),
		cmocka_unit_test(each_kind_of_mapping_has_its_default),
		cmocka_unit_test(no_lwpctl_page_is_ever_inherited),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
