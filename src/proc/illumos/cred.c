/* SPDX-License-Identifier: MIT */
/*
 * cred.c - credentials, what they permit, and processes counted by user.
 */
#include "proc/illumos/kern.h"

void
crhold(cred_t *cr)
{
	atomic_inc_32(&cr->cr_ref);
}

/* The first credential belongs to the machine: it is never freed. */
void
crfree(cred_t *cr)
{
	ASSERT3(cr->cr_ref, >, cr == kcred);
	if (atomic_dec_32_nv(&cr->cr_ref) == 0)
		cache_free(cred_cache, cr);
}

/* Whether cr may fork at all. @return 0 or EPERM. [IL-025] */
int
secpolicy_basic_fork(const cred_t *cr)
{
	return ((cr->cr_priv & PRIV_PROC_FORK) != 0 ? 0 : EPERM);
}

/* Whether cr may exceed the limits on processes. @return 0 or EPERM. [IL-038]
 */
int
secpolicy_newproc(const cred_t *cr)
{
	return (cr->cr_ruid == 0 || (cr->cr_priv & PRIV_SYS_RESOURCE) != 0 ?
	    0 : EPERM);
}

static struct upcount **
upcount_find(uid_t uid, zoneid_t zoneid)
{
	struct upcount **upp = &il->il_upcounts;

	ASSERT(MUTEX_HELD(&pidlock));
	while (*upp != NULL &&
	    ((*upp)->up_uid != uid || (*upp)->up_zoneid != zoneid))
		upp = &(*upp)->up_next;
	return (upp);
}

/*
 * One more process of a user in a zone. pidlock is dropped meanwhile if it is
 * the first and there is no memory at once. [IL-008] [IL-039]
 */
void
upcount_inc(uid_t uid, zoneid_t zoneid)
{
	struct upcount **upp = upcount_find(uid, zoneid), *up;

	if (*upp == NULL) {
		mutex_exit(&pidlock);
		up = cache_alloc(upcount_cache, KM_SLEEP | KM_ZERO);
		mutex_enter(&pidlock);
		upp = upcount_find(uid, zoneid);
		if (*upp != NULL) {
			cache_free(upcount_cache, up);
		} else {
			up->up_uid = uid;
			up->up_zoneid = zoneid;
			*upp = up;
		}
	}
	(*upp)->up_count++;
}

void
upcount_dec(uid_t uid, zoneid_t zoneid)
{
	struct upcount **upp = upcount_find(uid, zoneid), *up = *upp;

	ASSERT(up != NULL);
	if (--up->up_count != 0)
		return;
	*upp = up->up_next;
	cache_free(upcount_cache, up);
}

uint32_t
upcount_get(uid_t uid, zoneid_t zoneid)
{
	const struct upcount *up = *upcount_find(uid, zoneid);

	return (up == NULL ? 0 : up->up_count);
}
