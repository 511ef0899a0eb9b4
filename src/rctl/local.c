/* SPDX-License-Identifier: MIT */
/*
 * local.c - the values of one control in a set: their order, one more, one
 * fewer; and the memory they are in.
 *
 * A set's values are one array. It is never grown under a lock: whoever may add
 * a value brings room, made before, and looks again under the lock whether that
 * is still enough.
 */
#include "proc/illumos/kern.h"

/* Room for so many values. Context: no lock. May switch. */
rctl_alloc_gp_t *
rctl_gp_alloc(uint32_t nvals)
{
	rctl_alloc_gp_t *gp;

	if (nvals <= RCTL_GP_VALUES) {
		gp = cache_alloc(rctl_gp_cache, KM_SLEEP);
		gp->rcag_room = RCTL_GP_VALUES;
	} else {
		gp = kmem_zalloc("rctl_val_t[]", RCTL_GP_SIZE(nvals), KM_SLEEP);
		gp->rcag_room = nvals;
	}
	gp->rcag_nvals = nvals;
	gp->rcag_taken = false;
	return (gp);
}

void
rctl_gp_free(rctl_alloc_gp_t *gp)
{
	if (gp->rcag_room == RCTL_GP_VALUES)
		cache_free(rctl_gp_cache, gp);
	else
		kmem_free("rctl_val_t[]", gp, RCTL_GP_SIZE(gp->rcag_room));
}

/* Room for two values more than a set has, if it may not have that itself; NULL
 * otherwise. Context: no lock. */
rctl_alloc_gp_t *
rctl_set_spare(rctl_set_t *set)
{
	uint32_t nvals;
	bool full;

	mutex_enter(&set->rcs_lock);
	nvals = set->rcs_nvals + 2;
	full = nvals > set->rcs_gp->rcag_room;
	mutex_exit(&set->rcs_lock);
	return (full ? rctl_gp_alloc(nvals * 2) : NULL);
}

/*
 * Let a set use the spare room if it needs it: *gp is what it does not use any
 * more then. @return whether two more values fit. Context: rcs_lock.
 */
bool
rctl_set_fits(rctl_set_t *set, rctl_alloc_gp_t **gp)
{
	rctl_alloc_gp_t *from = set->rcs_gp, *to = *gp;

	ASSERT(MUTEX_HELD(&set->rcs_lock));
	if (set->rcs_nvals + 2 <= from->rcag_room)
		return (true);
	if (to == NULL || set->rcs_nvals + 2 > to->rcag_room)
		return (false);
	memcpy(to->rcag_vals, from->rcag_vals,
	    set->rcs_nvals * sizeof (to->rcag_vals[0]));
	to->rcag_taken = true;
	from->rcag_taken = false;
	set->rcs_gp = to;
	*gp = from;
	return (true);
}

/*
 * The order of values: amount, whether it denies, privilege, recipient; the
 * system's comes last. [IL-138]
 */
int
rctl_val_cmp(const rctl_val_t *a, const rctl_val_t *b)
{
	const bool asys = a->rcv_privilege == RCPRIV_SYSTEM;
	const bool bsys = b->rcv_privilege == RCPRIV_SYSTEM;

	if (asys != bsys)
		return (asys ? 1 : -1);
	if (a->rcv_value != b->rcv_value)
		return (a->rcv_value < b->rcv_value ? -1 : 1);
	if ((a->rcv_action & RCTL_LOCAL_DENY) !=
	    (b->rcv_action & RCTL_LOCAL_DENY))
		return ((a->rcv_action & RCTL_LOCAL_DENY) != 0 ? 1 : -1);
	if (a->rcv_privilege != b->rcv_privilege)
		return (a->rcv_privilege - b->rcv_privilege);
	return (a->rcv_recipient - b->rcv_recipient);
}

/* Where the values of a control begin. Context: rcs_lock. */
uint32_t
rctl_local_first(const rctl_set_t *set, unsigned control)
{
	uint32_t at = 0;

	while (set->rcs_gp->rcag_vals[at].rcv_control != control)
		at++;
	return (at);
}

/* The value after one of the same control; 0 after the last one. */
uint32_t
rctl_local_next(const rctl_set_t *set, uint32_t at)
{
	const rctl_val_t *v = set->rcs_gp->rcag_vals;

	return (at + 1 < set->rcs_nvals &&
	    v[at + 1].rcv_control == v[at].rcv_control ? at + 1 : 0);
}

/* @return 0, or EINVAL: it has one like that. Context: rcs_lock; there is room.
 */
int
rctl_local_insert(rctl_set_t *set, const rctl_val_t *new)
{
	rctl_val_t *v = set->rcs_gp->rcag_vals;
	uint32_t at = rctl_local_first(set, new->rcv_control);

	ASSERT(MUTEX_HELD(&set->rcs_lock));
	ASSERT3(set->rcs_nvals, <, set->rcs_gp->rcag_room);
	ASSERT3(new->rcv_privilege, !=, RCPRIV_SYSTEM);
	/* The system's value ends the search. */
	while (rctl_val_cmp(&v[at], new) < 0)
		at++;
	if (rctl_val_cmp(&v[at], new) == 0)
		return (EINVAL);
	memmove(&v[at + 1], &v[at], (set->rcs_nvals - at) * sizeof (*v));
	v[at] = *new;
	set->rcs_nvals++;
	return (0);
}

void
rctl_local_delete(rctl_set_t *set, uint32_t at)
{
	rctl_val_t *v = set->rcs_gp->rcag_vals;

	ASSERT(MUTEX_HELD(&set->rcs_lock));
	ASSERT3(v[at].rcv_privilege, !=, RCPRIV_SYSTEM);
	set->rcs_nvals--;
	memmove(&v[at], &v[at + 1], (set->rcs_nvals - at) * sizeof (*v));
}

/* The values have changed: every cursor back to the lowest, and what is kept
 * of them elsewhere. Context: rcs_lock. */
void
rctl_set_changed(rctl_set_t *set, rctl_entity_t entity, void *of)
{
	const rctl_val_t *v = set->rcs_gp->rcag_vals;

	for (uint32_t i = set->rcs_nvals; i-- > 0; )
		set->rcs_cursor[v[i].rcv_control] = i;
	rctl_set_callbacks(set, entity, of);
}

/*
 * A process leaves an entity: the values of which it is the recipient go.
 * Context: p_lock of p.
 */
void
rctl_set_tearoff(rctl_set_t *set, rctl_entity_t entity, void *of,
    const proc_t *p)
{
	uint32_t had;

	if (set == NULL)
		return;
	mutex_enter(&set->rcs_lock);
	had = set->rcs_nvals;
	for (uint32_t i = had; i-- > 0; )
		if (set->rcs_gp->rcag_vals[i].rcv_recipient == p->p_pid)
			rctl_local_delete(set, i);
	if (set->rcs_nvals != had)
		rctl_set_changed(set, entity, of);
	mutex_exit(&set->rcs_lock);
}
