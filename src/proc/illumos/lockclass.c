/* SPDX-License-Identifier: MIT */
/*
 * lockclass.c - the locks of this kernel and the order in which they are taken.
 *
 * A smaller rank is taken first. Locks of one class are taken together only
 * where same is true, in an order that their user knows: the child's p_lock
 * before its parent's (vfwait, relvm), the space that is copied before the
 * copy, the set that is copied before the copy.
 */
#include "proc/illumos/kern.h"

#define LOCKCLASS(symbol, rank, same) \
	const struct tine__lockclass il_class_##symbol = { \
	    #symbol, (rank), (same) }

LOCKCLASS(shm_lock, 5, false);
LOCKCLASS(a_lock, 10, true);
LOCKCLASS(pool_lock, 1, false);
LOCKCLASS(zone_lock, 4, false);
LOCKCLASS(dtrace_lock, 14, false);
LOCKCLASS(mod_lock, 16, false);
LOCKCLASS(ct_lock, 20, true);
LOCKCLASS(f_tlock, 25, false);
LOCKCLASS(pidlock, 30, false);
LOCKCLASS(p_lock, 40, true);
LOCKCLASS(tid_lock, 42, false);
LOCKCLASS(task_hash_lock, 45, false);
LOCKCLASS(zone_nlwps_lock, 50, true);
LOCKCLASS(contract_lock, 52, false);
LOCKCLASS(pool_barrier_lock, 51, false);
LOCKCLASS(p_splock, 52, false);
LOCKCLASS(s_lock, 53, false);
LOCKCLASS(p_crlock, 54, false);
LOCKCLASS(rcs_lock, 55, true);
LOCKCLASS(fi_lock, 57, false);
LOCKCLASS(uf_lock, 58, false);
LOCKCLASS(pidlinklock, 60, false);
LOCKCLASS(delay_lock, 70, false);

/* Condition variables have no rank. */
LOCKCLASS(p_cv, 0, false);
LOCKCLASS(p_holdlwps, 0, false);
LOCKCLASS(p_lwpexit, 0, false);
LOCKCLASS(p_poolcv, 0, false);
LOCKCLASS(pr_pid_cv, 0, false);
LOCKCLASS(ct_evcv, 0, false);
LOCKCLASS(zone_cv, 0, false);
LOCKCLASS(pool_barrier_cv, 0, false);
LOCKCLASS(t_capcv, 0, false);
LOCKCLASS(t_stopcv, 0, false);
LOCKCLASS(t_delay_cv, 0, false);
LOCKCLASS(uf_cv, 0, false);
