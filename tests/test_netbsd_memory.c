/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_memory.c - what fork on NetBSD does with each range of memory.
 *
 * An amap is, in this machine, a space's own entry for a page; an anon is the
 * frame that it names. So the tests ask for frames and what may be done to
 * them.
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
	ASSERT(vm2->vm_wired == NULL);
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

/* What of NB-072 programs could notice; see docs/deviations.md. */
NB_TEST(a_read_after_fork_copies_nothing)
{
	nb_passes("nb_only_read");
}

/* --- an amap that others share --- */

static void
check_shared_copy(const struct proc *p1, const struct proc *p2)
{
	const int64_t at = (int64_t)(intptr_t)subject;
	const struct tine__seg *s1 = seg_of(p1, subject);
	const struct tine__seg *s2 = seg_of(p2, subject);

	ASSERT(s1 != s2);
	ASSERT(s1->shared && !s2->shared);
	ASSERT3(frame_of(p1, at), ==, frame_of(p2, at));
	ASSERT(readable(p2, at) && !writable(p2, at));
	ASSERT3(copied(p1), ==, 0);
}

NB_PROGRAM(nb_shared_copy, "a copy of memory that a third one shares")
{
	char *p = tine_sys_mmap(4096, RW);
	const int64_t at = (int64_t)(intptr_t)p;
	tine_pid_t b, c;

	p[0] = 'a';
	tine_check(tine_sys_minherit(p, 4096, TINE_INHERIT_SHARE) == 0);
	b = fork_idle();
	tine_check(tine_sys_minherit(p, 4096, TINE_INHERIT_COPY) == 0);
	subject = p;
	probe_check = check_shared_copy;
	step = done = 0;
	in_kernel(k_probe, 0, 0);
	c = tine_sys_fork();
	if (c == 0) {
		wait_step(1);
		tine_check(p[0] == 'a');
		p[0] = 'c';
		done = 1;
		for (;;)
			(void)tine_sys_pause();
	}
	tine_check(probed == 1);
	let(1);
	/* What c writes is its own; b has what the parent has. */
	tine_check(p[0] == 'a');
	tine_check(in_kernel(k_frame, c, at) != in_kernel(k_frame, b, at));
	end(c);
	end(b);
	return (0);
}

/* spec: NB-069 */
NB_TEST(a_copy_of_shared_memory_is_an_object_of_its_own)
{
	nb_passes("nb_shared_copy");
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
	read_through(tine_sys_mmap_flags(NULL, 4096, RW, TINE_MAP_SHARED),
	    4096);
	return (0);
}

/* spec: NB-074 */
NB_TEST(a_copy_shows_the_object_until_it_is_written)
{
	nb_passes("nb_no_snapshot");
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
		cmocka_unit_test(
		    a_child_has_the_bounds_but_neither_wires_nor_will),
		cmocka_unit_test(fork_copies_no_page_and_protects_both_sides),
		cmocka_unit_test(of_two_writers_only_the_first_gets_a_copy),
		cmocka_unit_test(a_read_after_fork_copies_nothing),
		cmocka_unit_test(
		    a_copy_of_shared_memory_is_an_object_of_its_own),
		cmocka_unit_test(wired_pages_are_copied_at_once_for_the_child),
		cmocka_unit_test(a_copy_shows_the_object_until_it_is_written),
		cmocka_unit_test(each_kind_of_mapping_has_its_default),
		cmocka_unit_test(no_lwpctl_page_is_ever_inherited),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
