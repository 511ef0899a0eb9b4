/* SPDX-License-Identifier: MIT */
/*
 * lwpdir.c - a process's directory of LWPs, and the hash of their ids.
 *
 * Sizes run 2, 6, 14, 30, ...; the hash has (size + 2) / 2 buckets, a power of
 * two. A slot in use is on one hash chain, a free one on the free list; the
 * order of the slots is the order of creation. [IL-004]
 *
 * DEVIATION IL-004: the locks of buckets are the machine's, so lwpdir_swap()
 * does not take all of them: pointer and size of the hash change in one step,
 * and the old one is freed at once. lwp_unpark() looks an LWP up without
 * p_lock; it looks again if the table has changed before it had its lock.
 * [IL-R45]
 */
#include "proc/illumos/kern.h"

#define LWPDIR_FIRST 2

static uint32_t
tidhash_size(uint32_t slots)
{
	return ((slots + 2) / 2);
}

/* An empty directory of so many slots. May switch. [IL-080] */
void
lwpdir_alloc(lwpdirs_t *lds, uint32_t slots)
{
	lds->lds_sz = slots;
	lds->lds_hashsz = tidhash_size(slots);
	if (slots == LWPDIR_FIRST) {
		lds->lds_dir = cache_alloc(lwpdir_cache, KM_SLEEP | KM_ZERO);
		lds->lds_hash = cache_alloc(tidhash_cache, KM_SLEEP | KM_ZERO);
	} else {
		lds->lds_dir = kmem_zalloc("lwpdir_t",
		    slots * sizeof (lwpdir_t), KM_SLEEP);
		lds->lds_hash = kmem_zalloc("tidhash_t",
		    lds->lds_hashsz * sizeof (tidhash_t), KM_SLEEP);
	}
	for (uint32_t i = 0; i + 1 < slots; i++)
		lds->lds_dir[i].ld_next = &lds->lds_dir[i + 1];
}

void
lwpdir_free(lwpdirs_t *lds)
{
	if (lds->lds_sz == LWPDIR_FIRST) {
		cache_free(lwpdir_cache, lds->lds_dir);
		cache_free(tidhash_cache, lds->lds_hash);
	} else {
		kmem_free("lwpdir_t", lds->lds_dir,
		    lds->lds_sz * sizeof (lwpdir_t));
		kmem_free("tidhash_t", lds->lds_hash,
		    lds->lds_hashsz * sizeof (tidhash_t));
	}
	memset(lds, 0, sizeof (*lds));
}

/*
 * Make an empty directory p's, with what was in the old one; *lds is the old
 * one then, if there was any. Context: p_lock, or p is an embryo.
 */
void
lwpdir_swap(proc_t *p, lwpdirs_t *lds)
{
	const lwpdirs_t old = { p->p_lwpdir, p->p_tidhash, p->p_lwpdir_sz,
	    p->p_tidhash_sz };

	if (QUIRK(IL_R45))
		p->p_tidhash_sz = lds->lds_hashsz;
	if (p->p_tidhash != NULL)
		tine__racy(TINE_OP_WRITE, &p->p_tidhash);
	p->p_lwpdir = p->p_lwpfree = lds->lds_dir;
	p->p_tidhash = lds->lds_hash;
	p->p_lwpdir_sz = lds->lds_sz;
	p->p_tidhash_sz = lds->lds_hashsz;
	for (uint32_t i = 0; i < old.lds_sz; i++)
		if (old.lds_dir[i].ld_entry != NULL)
			lwp_hash_in(p, old.lds_dir[i].ld_entry);
	*lds = old;
}

/* Entries first, then directory and hash. [IL-086] */
void
lwpdir_destroy(proc_t *p)
{
	lwpdirs_t lds = { p->p_lwpdir, p->p_tidhash, p->p_lwpdir_sz,
	    p->p_tidhash_sz };

	for (uint32_t i = 0; i < p->p_lwpdir_sz; i++)
		if (p->p_lwpdir[i].ld_entry != NULL)
			cache_free(lwpent_cache, p->p_lwpdir[i].ld_entry);
	p->p_lwpdir = p->p_lwpfree = NULL;
	p->p_tidhash = NULL;
	p->p_lwpdir_sz = p->p_tidhash_sz = 0;
	if (lds.lds_dir != NULL)
		lwpdir_free(&lds);
}

static lwpdir_t **
bucket(proc_t *p, il_id_t lwpid)
{
	const uint32_t i = (uint32_t)lwpid & (p->p_tidhash_sz - 1);

	/* For an LWP that waits for the larger table. [IL-R45] */
	if (i >= tidhash_size(p->p_lwpdir_sz))
		tine__panic("BAD TRAP: beyond the table of LWP ids");
	return (&p->p_tidhash[i].th_list);
}

/* Enter an LWP; there is a free slot. */
void
lwp_hash_in(proc_t *p, lwpent_t *lep)
{
	lwpdir_t **where = bucket(p, lep->le_lwpid);
	lwpdir_t *ldp = p->p_lwpfree;

	ASSERT(ldp != NULL);
	ASSERT(lwp_hash_lookup(p, lep->le_lwpid) == NULL);
	p->p_lwpfree = ldp->ld_next;
	ldp->ld_entry = lep;
	ldp->ld_next = *where;
	*where = ldp;
	if (lep->le_thread != NULL)
		lep->le_thread->t_dslot = ldp;
}

/* Remove an LWP, and free its entry. */
void
lwp_hash_out(proc_t *p, il_id_t lwpid)
{
	lwpdir_t **where = bucket(p, lwpid);
	lwpdir_t *ldp;

	while ((*where)->ld_entry->le_lwpid != lwpid)
		where = &(*where)->ld_next;
	ldp = *where;
	*where = ldp->ld_next;
	if (ldp->ld_entry->le_thread != NULL)
		ldp->ld_entry->le_thread->t_dslot = NULL;
	cache_free(lwpent_cache, ldp->ld_entry);
	ldp->ld_entry = NULL;
	ldp->ld_next = p->p_lwpfree;
	p->p_lwpfree = ldp;
}

lwpdir_t *
lwp_hash_lookup(proc_t *p, il_id_t lwpid)
{
	lwpdir_t *ldp;

	/* A process of the kernel from the beginning on, or one that ends. */
	if (p->p_tidhash == NULL)
		return (NULL);
	for (ldp = *bucket(p, lwpid); ldp != NULL; ldp = ldp->ld_next)
		if (ldp->ld_entry->le_lwpid == lwpid)
			return (ldp);
	return (NULL);
}
