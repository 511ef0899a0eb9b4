/* SPDX-License-Identifier: MIT */
/*
 * contract.c - process contracts: who belongs to what, who is told, who dies
 * with whom.
 *
 * A contract has members (processes) and an owner (a process), which reads its
 * events. It is made by a fork whose LWP has an active template. When its owner
 * ends it goes to the owner's own contract, the regent, if both agree, or is
 * abandoned: an orphan lives as long as it has members.
 *
 * A critical event stays until its owner has acknowledged it, and goes to
 * whoever adopts the contract; of any other one is told once.
 *
 * What programs ask for is in ctsys.c.
 *
 * Locking: ct_lock > pidlock > p_lock > contract_lock; the ct_lock of a regent
 * before that of what it has inherited. References (ct_ref): the owner or
 * regent, and each member.
 */
#include "proc/illumos/kern.h"

cont_process_t *
ctprocess(contract_t *ct)
{
	return (TINE__CONTAINER(ct, cont_process_t, conp_contract));
}

static void
contract_events_free(contract_t *ct)
{
	ct_kevent_t *ev;

	while ((ev = ct->ct_events) != NULL) {
		ct->ct_events = ev->cte_next;
		cache_free(ct_event_cache, ev);
	}
}

/* Drop a reference. Context: ct_lock on entry, gone on return. */
void
contract_rele(contract_t *ct)
{
	ASSERT(MUTEX_HELD(&ct->ct_lock));
	ASSERT3(ct->ct_ref, >, 0);
	if (--ct->ct_ref != 0) {
		mutex_exit(&ct->ct_lock);
		return;
	}
	ASSERT(ctprocess(ct)->conp_inherited == NULL);
	mutex_exit(&ct->ct_lock);
	contract_events_free(ct);
	cv_destroy(&ct->ct_evcv);
	mutex_destroy(&ct->ct_lock);
	cache_free(ct_cache, ctprocess(ct));
}

/* One contract more or fewer of a project, on behalf of p. @return false: it is
 * denied. Context: p_lock of p. [IL-089] */
bool
project_contracts(kproject_t *kpj, proc_t *p, int by, bool canfail)
{
	bool denied = false;

	mutex_enter(&contract_lock);
	if (canfail && rctl_test_entity(kpj->kpj_rctls, RC_PROJECT_CONTRACTS,
	    kpj, p, kpj->kpj_ncontracts, kpj->kpj_ncontracts_ctl, 1))
		denied = true;
	else
		kpj->kpj_ncontracts += (uint32_t)by;
	mutex_exit(&contract_lock);
	return (!denied);
}

/* A contract of pp's, from a template. NULL: the project has too many. [IL-089]
 */
static cont_process_t *
contract_create(const ctmpl_t *tmpl, proc_t *pp, bool canfail)
{
	kproject_t *kpj;
	cont_process_t *ctp;
	contract_t *ct;
	bool good;

	if (canfail && tine__fail_step(il->il_machine, "project.max-contracts"))
		return (NULL);
	ctp = cache_alloc(ct_cache, KM_SLEEP | KM_ZERO);
	ct = &ctp->conp_contract;
	mutex_init(&ct->ct_lock, &il_class_ct_lock);
	cv_init(&ct->ct_evcv, &il_class_ct_evcv);
	ct->ct_ref = 1;
	ct->ct_state = CTS_OWNED;
	ct->ct_owner = pp;
	ct->ct_ev_info = tmpl->ctmpl_ev_info;
	ct->ct_ev_crit = tmpl->ctmpl_ev_crit;
	ct->ct_cookie = tmpl->ctmpl_cookie;
	ctp->conp_params = tmpl->ctp_params;
	ctp->conp_ev_fatal = tmpl->ctp_ev_fatal;
	ctp->conp_cred = *pp->p_cred;
	mutex_enter(&pp->p_lock);
	kpj = pp->p_task->tk_proj;
	good = project_contracts(kpj, pp, 1, canfail);
	if (good) {
		ct->ct_proj = kpj;
		atomic_inc_32(&kpj->kpj_count);
		ct->ct_regent = pp->p_ct_process;
		ct->ct_id = ++il->il_ctid;
		ct->ct_next = pp->p_ct_held;
		pp->p_ct_held = ct;
	}
	mutex_exit(&pp->p_lock);
	rctl_deliver();
	if (good)
		return (ctp);
	cv_destroy(&ct->ct_evcv);
	mutex_destroy(&ct->ct_lock);
	cache_free(ct_cache, ctp);
	return (NULL);
}

/* Publish an event, if the contract wants such. Context: ct_lock. [IL-090] */
static void
contract_event(contract_t *ct, uint32_t type, pid_t pid, int arg)
{
	ct_kevent_t *ev, **end = &ct->ct_events;

	ASSERT(MUTEX_HELD(&ct->ct_lock));
	/* One that was inherited keeps what its next owner must be told. */
	if (((ct->ct_ev_info | ct->ct_ev_crit) & type) == 0 ||
	    (ct->ct_owner == NULL && (ct->ct_state != CTS_INHERITED ||
	    (ct->ct_ev_crit & type) == 0)))
		return;
	ev = cache_alloc(ct_event_cache, KM_NOSLEEP | KM_ZERO);
	if (ev == NULL)
		return;		/* as the real queue when it is full */
	ev->cte_type = type;
	ev->cte_pid = pid;
	ev->cte_arg = arg;
	ev->cte_id = ++ct->ct_evid;
	ev->cte_seq = ++il->il_cteseq;
	ev->cte_critical = (ct->ct_ev_crit & type) != 0;
	while (*end != NULL)
		end = &(*end)->cte_next;
	*end = ev;
	cv_broadcast(&ct->ct_evcv);
}

/*
 * A new contract takes over what another one, which its owner owns and which is
 * empty, has inherited; that one is given up. [IL-089] Context: no lock.
 */
static void
contract_subsume(cont_process_t *ctp, uint32_t id, proc_t *pp)
{
	contract_t *old = contract_mine(id, false), *ct;
	cont_process_t *from;

	if (old == NULL || old == &ctp->conp_contract)
		return;
	from = ctprocess(old);
	mutex_enter(&old->ct_lock);
	if (from->conp_nmembers != 0) {
		mutex_exit(&old->ct_lock);
		return;
	}
	mutex_enter(&ctp->conp_contract.ct_lock);
	while ((ct = from->conp_inherited) != NULL) {
		from->conp_inherited = ct->ct_next;
		mutex_enter(&ct->ct_lock);
		ct->ct_regent = ctp;
		mutex_exit(&ct->ct_lock);
		ct->ct_next = ctp->conp_inherited;
		ctp->conp_inherited = ct;
	}
	mutex_exit(&ctp->conp_contract.ct_lock);
	mutex_exit(&old->ct_lock);
	(void) contract_mine(id, true);
	contract_abandon(old, pp);
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
	if (fresh) {
		ttolwp(curthread)->lwp_ct_latest = ct->ct_id;
		if (tmpl->ctp_subsume != 0)
			contract_subsume(ctp, tmpl->ctp_subsume, pp);
		tmpl->ctp_subsume = 0;
	}

	mutex_enter(&ct->ct_lock);
	mutex_enter(&pp->p_lock);
	/* A killer that was here before has not killed the child. [IL-R05] */
	if (canfail && !fresh && (pp->p_flag & SKILLED) != 0 &&
	    !QUIRK(IL_R05)) {
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
	contract_event(ct, TINE_CT_EV_FORK, cp->p_pid, pp->p_pid);
	mutex_exit(&ct->ct_lock);
	return (ctp);
}

/* OS-39: the group of an embryo is looked at, which has none. [IL-R04] */
static bool
kill_spares(const proc_t *p, const proc_t *source)
{
	if (p->p_stat == SIDL && !QUIRK(OS_39))
		return (true);
	if (p->p_pgidp == NULL)
		tine__panic("BAD TRAP: contract_process_kill reads the group "
		    "of an embryo");
	return (p->p_pgidp != source->p_pgidp);
}

/* Whether whoever made a contract, or the source of an event, may kill p. */
static bool
kill_permitted(const cont_process_t *ctp, const proc_t *p,
    const proc_t *source)
{
	return (p->p_cred == NULL || hasprocperm(p->p_cred, &ctp->conp_cred) ||
	    (source != NULL && hasprocperm(p->p_cred, source->p_cred)));
}

/*
 * SIGKILL for all members but the source, as far as the author of the contract
 * or the source may; with PGRPONLY for those of its group. Context: ct_lock.
 * [IL-149] [IL-R05]
 */
static void
contract_process_kill(contract_t *ct, proc_t *source, bool all)
{
	cont_process_t *ctp = ctprocess(ct);
	const bool group = !all && (ctp->conp_params & TINE_CT_PGRPONLY) != 0;
	proc_t *p;

	ASSERT(MUTEX_HELD(&ct->ct_lock));
	if (group)
		mutex_enter(&pidlock);
	for (p = ctp->conp_members; p != NULL; p = p->p_ct_next) {
		if (p == source || (group && kill_spares(p, source)) ||
		    !kill_permitted(ctp, p, source))
			continue;
		mutex_enter(&p->p_lock);
		/* Also an embryo, whose LWPs do not run yet. [IL-084] */
		sigtoproc(p, NULL, SIGKILL);
		mutex_exit(&p->p_lock);
	}
	if (group)
		mutex_exit(&pidlock);
}

/* Something has happened to a member, which may be fatal to all. Context: no
 * lock. */
static void
contract_process_event(proc_t *p, uint32_t type, int arg)
{
	cont_process_t *ctp = p->p_ct_process;
	contract_t *ct;

	if (ctp == NULL)
		return;
	ct = &ctp->conp_contract;
	mutex_enter(&ct->ct_lock);
	contract_event(ct, type, p->p_pid, arg);
	if ((ctp->conp_ev_fatal & type) != 0)
		contract_process_kill(ct, p, false);
	mutex_exit(&ct->ct_lock);
}

/* A member dies of a signal that came from outside. [IL-149] */
void
contract_process_sig(proc_t *p, int sig)
{
	contract_process_event(p, TINE_CT_EV_SIGNAL, sig);
}

/* It leaves a core file. */
void
contract_process_core(proc_t *p, int sig)
{
	contract_process_event(p, TINE_CT_EV_CORE, sig);
}

/* Its memory is broken. */
void
contract_process_hwerr(proc_t *p)
{
	contract_process_event(p, TINE_CT_EV_HWERR, 0);
}

/* What a contract that ends has inherited becomes nobody's. Context: ct_lock;
 * it has neither owner nor members. */
static void
contract_disown_inherited(cont_process_t *ctp)
{
	contract_t *ct;

	while ((ct = ctp->conp_inherited) != NULL) {
		ctp->conp_inherited = ct->ct_next;
		mutex_enter(&ct->ct_lock);
		ct->ct_regent = NULL;
		ct->ct_state = ctprocess(ct)->conp_nmembers == 0 ? CTS_DEAD :
		    CTS_ORPHAN;
		contract_rele(ct);
	}
}

/*
 * Leave the contract: its owner is told of the exit, and if it was the last
 * member of that. The last member of an orphaned one destroys it. [IL-150]
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
	contract_event(ct, TINE_CT_EV_EXIT, p->p_pid, 0);
	if (ctp->conp_nmembers == 0)
		contract_event(ct, TINE_CT_EV_EMPTY, p->p_pid, 0);
	ASSERT(ct->ct_state != CTS_ORPHAN || ctp->conp_nmembers != 0 ||
	    ct->ct_ref == 1);
	if (ct->ct_ref == 1)
		contract_disown_inherited(ctp);
	contract_rele(ct);
}

/* Whether the regent of a contract takes it over. Context: no lock; the caller
 * is the owner. [IL-151] */
static bool
contract_inherit(contract_t *ct)
{
	cont_process_t *regent = ct->ct_regent;

	if ((ctprocess(ct)->conp_params & TINE_CT_INHERIT) == 0 ||
	    regent == NULL || (regent->conp_params & TINE_CT_REGENT) == 0)
		return (false);
	mutex_enter(&regent->conp_contract.ct_lock);
	mutex_enter(&ct->ct_lock);
	ct->ct_owner = NULL;
	ct->ct_state = CTS_INHERITED;
	ct->ct_next = regent->conp_inherited;
	regent->conp_inherited = ct;
	mutex_exit(&ct->ct_lock);
	mutex_exit(&regent->conp_contract.ct_lock);
	return (true);
}

/* Give one contract up, which is on no list any more. Context: no lock. */
void
contract_abandon(contract_t *ct, proc_t *p)
{
	cont_process_t *ctp = ctprocess(ct);

	mutex_enter(&p->p_lock);
	(void) project_contracts(ct->ct_proj, p, -1, false);
	mutex_exit(&p->p_lock);
	project_rele(ct->ct_proj);
	mutex_enter(&ct->ct_lock);
	ct->ct_owner = NULL;
	cv_broadcast(&ct->ct_evcv);
	if (ct->ct_state == CTS_OWNED &&
	    (ctp->conp_params & TINE_CT_NOORPHAN) != 0)
		contract_process_kill(ct, NULL, true);
	ct->ct_state = ctp->conp_nmembers == 0 ? CTS_DEAD : CTS_ORPHAN;
	if (ct->ct_ref == 1)
		contract_disown_inherited(ctp);
	contract_rele(ct);
}

/*
 * Every contract that p owns goes to p's own contract, or is abandoned: an
 * empty one is destroyed, one with members is an orphan until the last of them
 * leaves. [IL-151]
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
		if (contract_inherit(ct)) {
			mutex_enter(&p->p_lock);
			(void) project_contracts(ct->ct_proj, p, -1, false);
			mutex_exit(&p->p_lock);
			project_rele(ct->ct_proj);
			continue;
		}
		contract_abandon(ct, p);
	}
}
