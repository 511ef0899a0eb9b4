/* SPDX-License-Identifier: MIT */
/*
 * vm.h - a look into the memory of simulated programs.
 *
 * Host plane. A machine can be looked into when a run of it has ended in some
 * other way than by passing (then nothing is left): at a step limit, say, which
 * is how to stop a run where one wants to look:
 *
 *	options.step_limit = 400;
 *	tine_machine_run(machine, &result);
 *	tine_vm_pmap(machine, 101, write, NULL);
 *
 * What there is to see stays until the next run of the machine, or its
 * destruction. A machine whose kernel panicked is not looked into.
 *
 * All addresses are simulated ones, all frames are numbers: the same in every
 * run.
 */
#ifndef TINE_VM_H
#define TINE_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/trace.h>

TINE_BEGIN_DECLS

/* An address space and the accounts of its process. */
struct tine_vm_space {
	uint32_t pid;		/* whose it is; a vfork child has none */
	uint32_t id;		/* in order of creation */
	uint32_t segments;
	uint64_t pages;		/* that segments map */
	uint64_t resident;	/* that have a frame */
	uint64_t shared;	/* of these, in other spaces or objects too */
	/* since its creation */
	uint64_t faults, zero_fills, cow_copies, cow_reuses, share_maps;
	uint32_t forks;
	/* the last access that went wrong; signo 0: none */
	int bad_signo, bad_code;
	uint64_t bad_address;
};

enum tine_vm_kind {
	TINE_VM_DATA,		/* TINE_DATA variables */
	TINE_VM_HEAP,
	TINE_VM_ANON,
	TINE_VM_STACK,
	TINE_VM_TEXT,		/* stands for the code, which has no pages */
	TINE_VM_SHM
};

/** "data", "heap", "anon", "stack", "text", "shm"; "?" when out of range. */
TINE_API const char *tine_vm_kind_name(enum tine_vm_kind kind);

struct tine_vm_segment {
	uint64_t start, end;
	uint64_t floor;		/* a stack: as far down as it may grow */
	enum tine_vm_kind kind;
	int prot;		/* TINE_PROT_ of sys.h */
	int inherit;		/* TINE_INHERIT_ of sys.h */
	bool shared;		/* writes are for all who have it */
	/* Private, and none of its pages may be written yet: the first write
	 * will find out which of them others have (NB-068, DF-046). */
	bool needs_copy;
	uint32_t object;	/* number of what is shared; 0: private */
	/* NetBSD's amap: its number, how many segments refer to it, and whether
	 * they share it by inheritance; 0: there is none. */
	uint32_t amap, amap_refs;
	bool amap_shared;
	bool wired;
	uint64_t resident, resident_shared;
};

struct tine_vm_page {
	uint64_t address;
	uint32_t frame;
	uint32_t sharers;	/* spaces that have this frame */
	uint32_t copies;	/* that were made of the frame */
	bool writable;		/* at once; else a write is a fault */
	bool hidden;		/* its segment allows nothing */
	bool in_object;		/* of shared memory */
	bool copied;		/* began as a copy of another frame */
};

/**
 * The address spaces, newest process first.
 *
 * @param[out] spaces  may be NULL when max is 0.
 * @return how many there are, at most max of them written; or
 * @retval -TINE_EINVAL  a NULL machine.
 * @retval -TINE_ESTATE  the machine runs, or its kernel panicked.
 * @retval -TINE_ENOMEM  no host memory.
 */
TINE_API long tine_vm_spaces(struct tine_machine *machine,
    struct tine_vm_space *spaces, size_t max);

/**
 * The segments of a process, by address.
 * @return as tine_vm_spaces(); -TINE_ENOENT when no space is that process's.
 */
TINE_API long tine_vm_segments(struct tine_machine *machine, uint32_t pid,
    struct tine_vm_segment *segments, size_t max);

/** The pages of a process that have a frame, by address. As the above. */
TINE_API long tine_vm_pages(struct tine_machine *machine, uint32_t pid,
    struct tine_vm_page *pages, size_t max);

/** Who has a frame: pids, newest first. @return as tine_vm_spaces(). */
TINE_API long tine_vm_sharers(struct tine_machine *machine, uint32_t frame,
    uint32_t *pids, size_t max);

/**
 * Print the segments of a process and what is in them, a line each; pid 0: a
 * line for each process.
 *
 * @param write  called with the text in pieces.
 * @retval 0 printed. @retval -TINE_EIO write returned non-zero.
 * @retval -TINE_EINVAL, -TINE_ESTATE, -TINE_ENOENT, -TINE_ENOMEM as above.
 */
TINE_API TINE_NODISCARD int tine_vm_pmap(struct tine_machine *machine,
    uint32_t pid, tine_write_fn write, void *user);

/**
 * Draw the page tables of two processes side by side: which frame each has at
 * each page, and "===" where it is the same one. other 0: one process alone.
 * @retval as tine_vm_pmap().
 */
TINE_API TINE_NODISCARD int tine_vm_picture(struct tine_machine *machine,
    uint32_t pid, uint32_t other, tine_write_fn write, void *user);

TINE_END_DECLS

#endif
