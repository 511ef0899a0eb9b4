/* SPDX-License-Identifier: MIT */
/*
 * kmem/kmem.h - kernel memory: typed caches on one jemalloc arena a slot.
 *
 * The theory is at the top of kmem.c.
 */
#ifndef TINE__KMEM_H
#define TINE__KMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Flags, with the kernels' names and meaning. */
#define TINE__KM_SLEEP 0	/* waits for memory; never NULL */
#define TINE__KM_NOSLEEP 1	/* NULL when there is none, or by injection */
#define TINE__KM_ZERO 2		/* zeroed */

#define TINE__KMEM_SMALL 16384	/* what is longer is large memory */
#define TINE__KMEM_CACHES 96	/* caches a machine can have */

struct tine__kmem;

/*
 * The host side of a slot's kernel memory: a region of addresses, a jemalloc
 * arena whose extents come from it, and the slabs that it handed out, kept in
 * order so that the next machine in the slot gets the same addresses.
 * Created once a slot, reused by machine after machine.
 */
struct tine__kmem_region;

/* 0 or -TINE_EHOST/-TINE_ENOMEM with a message. base..base+size is reserved
 * address space (PROT_NONE) that the region owns from now on. */
int tine__kmem_region_create(uintptr_t base, size_t size,
    struct tine__kmem_region **out);
void tine__kmem_region_destroy(struct tine__kmem_region *region);

/* What kernel memory asks of the machine it serves. */
/* What freed memory is filled with while it is debugged. */
#define TINE__KMEM_FREED UINT64_C(0xdeadbeefdeadbeef)

/* Somebody at some time, as the client tells them. */
struct tine__kmem_stamp {
	uint64_t step;
	uint32_t thread, pid;	/* pid 0: a kernel thread */
	uint16_t lwp;
};

struct tine__kmem_client {
	/* True when this fallible step is to fail (fault injection). Called
	 * once for each KM_NOSLEEP allocation, with the type's name. */
	bool (*fail)(void *user, const char *type);
	/* Block the calling thread until memory was freed; called only for
	 * KM_SLEEP when the budget is used up. May not return (deadlock). */
	void (*wait)(void *user);
	/* Memory was freed while somebody waits. */
	void (*wake)(void *user);
	/* Who frees, and when; debugged memory only. May be NULL. */
	void (*stamp)(void *user, struct tine__kmem_stamp *stamp);
	/* That memory was handed out. May be NULL. */
	void (*made)(void *user, const void *memory, size_t size);
	void *user;
};

struct tine__kmem_options {
	uint64_t budget;	/* bytes; 0: what the region holds */
	bool debug;		/* poison, red zones, who took it */
	struct tine__kmem_client client;
};

/* One machine's kernel memory for one run. */
int tine__kmem_create(struct tine__kmem_region *region,
    const struct tine__kmem_options *options, struct tine__kmem **out);

/*
 * Give everything back. After a good run nothing is live (audit first); after a
 * bad one whatever is live is thrown away whole: the arena is reset.
 */
void tine__kmem_destroy(struct tine__kmem *kmem);

/* The same, but leaves kmem ready for the next run, with the same caches gone:
 * what a machine that is run again and again calls. Must be cheap (well under a
 * microsecond) when nothing is live. */
void tine__kmem_reset(struct tine__kmem *kmem,
    const struct tine__kmem_options *options);

/*
 * A cache of objects of one type.
 *
 * name must be a constant string. align is a power of two up to 64. Panics when
 * there are too many caches. Objects are at most 16 KiB.
 */
struct tine__cache;
struct tine__cache *tine__cache_create(struct tine__kmem *kmem,
    const char *name, size_t size, size_t align);
/* Destroy an empty cache; panics, naming type and count, if objects live. */
void tine__cache_destroy(struct tine__cache *cache);

/* where: TINE__WHERE of the caller, kept in debug mode. */
void *tine__cache_alloc(struct tine__cache *cache, int flags,
    const char *where);
/* NULL is a panic, as is an object that is not of this cache, free already, or
 * (debug) written beyond its end or after it was freed. */
void tine__cache_free(struct tine__cache *cache, void *object);

/* Whether so much could be had at all, if nothing else were there. */
bool tine__kmem_holds(const struct tine__kmem *kmem, uint64_t size);

/*
 * Memory of any size, charged to a named type: arrays and strings. Small sizes
 * come from caches by size class, large ones straight from the arena.
 */
void *tine__kmem_alloc(struct tine__kmem *kmem, const char *type, size_t size,
    int flags, const char *where);
void tine__kmem_free(struct tine__kmem *kmem, const char *type, void *memory,
    size_t size);

/* Live objects and bytes, of one type (by name) or of all (NULL). */
uint64_t tine__kmem_live(const struct tine__kmem *kmem, const char *type);
uint64_t tine__kmem_bytes(const struct tine__kmem *kmem);
uint64_t tine__kmem_peak(const struct tine__kmem *kmem);

/*
 * The leak audit: call report once for every type with live objects, in the
 * order in which the types were created, and in debug mode once for every place
 * that took some of them (where != NULL, in order of first taking).
 * @return the number of live objects.
 */
typedef void (*tine__kmem_report_fn)(void *user, const char *type,
    uint64_t live, const char *where);
uint64_t tine__kmem_audit(const struct tine__kmem *kmem,
    tine__kmem_report_fn report, void *user);

/* Whether an address lies in freed (poisoned) or live kernel memory; for the
 * fault reporter: "use after free of a proc_t". NULL when unknown. */
/* Which object an address is in, live or free: where that begins, or one
 * address for all large ones; 0 outside kernel memory. */
uintptr_t tine__kmem_block(const struct tine__kmem *kmem, const void *address);
/* The same, but large memory by itself while it is live. */
uintptr_t tine__kmem_start(const struct tine__kmem *kmem, const void *address);
/* Who freed it: ", freed by ... at step ..." while memory is debugged, else
 * that it was freed. */
void tine__kmem_freed_by(const struct tine__kmem *kmem, const void *address,
    char *text, size_t size);
const char *tine__kmem_type_of(const struct tine__kmem *kmem,
    const void *address, bool *live);

#endif
