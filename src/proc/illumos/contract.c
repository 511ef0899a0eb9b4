/* SPDX-License-Identifier: MIT */
/*
 * contract.c - process contracts: who belongs to what.
 */
#include "proc/illumos/kern.h"

/* Drop a reference. Context: ct_lock on entry, gone on return. */
static void
contract_rele(contract_t *ct)
{
	ASSERT(MUTEX_HELD(&ct->ct_lock));
	ASSERT3(ct->ct_ref, >, 0);
	if (--ct->ct_ref != 0) {
		mutex_exit(&ct->ct_lock);
		return;
	}
	mutex_exit(&ct->ct_lock);
	mutex_destroy(&ct->ct_lock);
	cache_free(ct_cache, TINE__CONTAINER(ct, cont_process_t,
	    conp_contract));
}

/* A contract of pp's, from a template. NULL: the project has too many. [IL-089]
 */
static cont_process_t *
contract_create(ctmpl_t *tmpl, proc_t *pp, bool canfail)
{
	cont_process_t *ctp;
	contract_t *ct;

	(void) tmpl;
	if (canfail && tine__fail_step(il->il_machine, "project.max-contracts"))
		return (NULL);
	ctp = cache_alloc(ct_cache, KM_SLEEP | KM_ZERO);
	ct = &ctp->conp_contract;
	mutex_init(&ct->ct_lock, &il_class_ct_lock);
	ct->ct_ref = 1;
	ct->ct_state = CTS_OWNED;
	ct->ct_owner = pp;
	mutex_enter(&pp->p_lock);
	ct->ct_id = ++il->il_ctid;
	ct->ct_next = pp->p_ct_held;
	pp->p_ct_held = ct;
	mutex_exit(&pp->p_lock);
	return (ctp);
}

/*
 * contract_process_fork(tmpl, cp, pp, canfail)
 *
 * Overview
 *   Put a child in a contract: a new one, owned by pp, if there is a template
 *   (the one given, or the caller's active one), pp's otherwise. [IL-087]
 *   [IL-088] [IL-007]
 *
 * Returns
 *   The contract; NULL when pp was SIGKILLed and its contract would be
 *   inherited, or when a limit on contracts denies it. Only if canfail.
 *
 * Context
 *   In and out: no lock. May switch.
 */
cont_process_t *
contract_process_fork(ctmpl_t *tmpl, proc_t *cp, proc_t *pp, bool canfail)
{
	cont_process_t *ctp;
	contract_t *ct;
	bool fresh;

	ASSERT(cp->p_ct_process == NULL);
	if (tmpl == NULL)
		tmpl = ttolwp(curthread)->lwp_ct_active;
	fresh = tmpl != NULL;
	ctp = fresh ? contract_create(tmpl, pp, canfail) : pp->p_ct_process;
	if (ctp == NULL)
		return (NULL);
	ct = &ctp->conp_contract;
	if (fresh)
		ttolwp(curthread)->lwp_ct_latest = ct;

	mutex_enter(&ct->ct_lock);
	mutex_enter(&pp->p_lock);
	if (canfail && !fresh && (pp->p_flag & SKILLED) != 0) {
		mutex_exit(&pp->p_lock);
		mutex_exit(&ct->ct_lock);
		return (NULL);
	}
	cp->p_ct_process = ctp;
	mutex_exit(&pp->p_lock);
	ct->ct_ref++;
	cp->p_ct_prev = NULL;
	cp->p_ct_next = ctp->conp_members;
	if (cp->p_ct_next != NULL)
		cp->p_ct_next->p_ct_prev = cp;
	ctp->conp_members = cp;
	ctp->conp_nmembers++;
	mutex_exit(&ct->ct_lock);
	return (ctp);
}

/*
 * Leave the contract. The last member of an orphaned one destroys it. [IL-150]
 * Context: no lock.
 */
void
contract_process_exit(cont_process_t *ctp, proc_t *p)
{
	contract_t *ct = &ctp->conp_contract;

	mutex_enter(&ct->ct_lock);
	ASSERT3(ctp->conp_nmembers, >, 0);
	ctp->conp_nmembers--;
	if (p->p_ct_prev != NULL)
		p->p_ct_prev->p_ct_next = p->p_ct_next;
	else
		ctp->conp_members = p->p_ct_next;
	if (p->p_ct_next != NULL)
		p->p_ct_next->p_ct_prev = p->p_ct_prev;
	mutex_enter(&p->p_lock);
	p->p_ct_process = NULL;
	mutex_exit(&p->p_lock);
	ASSERT(ct->ct_state != CTS_ORPHAN || ctp->conp_nmembers != 0 ||
	    ct->ct_ref == 1);
	contract_rele(ct);
}

/*
 * Give up every contract that p owns: an empty one is destroyed, one with
 * members is an orphan until the last of them leaves. [IL-151]
 * Context: no lock; p is single-threaded.
 */
void
contract_abandon_all(proc_t *p)
{
	contract_t *ct;

	for (;;) {
		mutex_enter(&p->p_lock);
		ct = p->p_ct_held;
		if (ct != NULL)
			p->p_ct_held = ct->ct_next;
		mutex_exit(&p->p_lock);
		if (ct == NULL)
			return;
		mutex_enter(&ct->ct_lock);
		ct->ct_owner = NULL;
		ct->ct_state = TINE__CONTAINER(ct, cont_process_t,
		    conp_contract)->conp_nmembers == 0 ? CTS_DEAD : CTS_ORPHAN;
		contract_rele(ct);
	}
}
