/* SPDX-License-Identifier: MIT */
/*
 * fdtol.c - records of the leaders whose processes share a descriptor table.
 * [DF-035]
 */
#include "proc/dragonfly/kern.h"

/* A record for a leader, in the ring of another one or alone. Switches. */
struct filedesc_to_leader *
filedesc_to_leader_alloc(struct filedesc_to_leader *old, struct proc *leader)
{
	struct filedesc_to_leader *fdtol = kmalloc(filedesc_to_leader_cache);

	fdtol->fdl_refcount = 1;
	fdtol->fdl_leader = leader;
	fdtol->fdl_all = df->df_fdtols;
	df->df_fdtols = fdtol;
	tine__wrote(&df->df_fdtols);	/* and all rings */
	if (old != NULL) {
		fdtol->fdl_next = old->fdl_next;
		fdtol->fdl_prev = old;
		old->fdl_next = fdtol;
		fdtol->fdl_next->fdl_prev = fdtol;
	} else {
		fdtol->fdl_next = fdtol->fdl_prev = fdtol;
	}
	return (fdtol);
}

/* Out of its ring, and gone. */
void
fdtol_free(struct filedesc_to_leader *fdtol)
{
	struct filedesc_to_leader **link;

	fdtol->fdl_next->fdl_prev = fdtol->fdl_prev;
	fdtol->fdl_prev->fdl_next = fdtol->fdl_next;
	for (link = &df->df_fdtols; *link != fdtol; link = &(*link)->fdl_all)
		ASSERT(*link != NULL);
	*link = fdtol->fdl_all;
	tine__wrote(&df->df_fdtols);
	kfree(filedesc_to_leader_cache, fdtol);
}

void
fdtol_drop(struct filedesc_to_leader *fdtol)
{
	ASSERT3(fdtol->fdl_refcount, >, 0);
	tine__wrote(&fdtol->fdl_refcount);
	if (--fdtol->fdl_refcount == 0)
		fdtol_free(fdtol);
}
