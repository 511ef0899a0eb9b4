/* SPDX-License-Identifier: MIT */
/*
 * ctsys.c - what programs ask of contracts: templates, events, status, giving
 * up and taking over. The real kernel has a file system for that.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

/* The contract of that number that the caller owns; taken off its list if
 * asked. */
contract_t *
contract_mine(uint32_t id, bool take)
{
	proc_t *p = curproc;
	contract_t **link, *ct;

	mutex_enter(&p->p_lock);
	for (link = &p->p_ct_held; *link != NULL; link = &(*link)->ct_next)
		if ((*link)->ct_id == id)
			break;
	ct = *link;
	if (ct != NULL && take)
		*link = ct->ct_next;
	mutex_exit(&p->p_lock);
	return (ct);
}

/* What the caller's own contract has inherited, by number. Context: ct_lock of
 * that. */
static contract_t **
contract_heir(cont_process_t *regent, uint32_t id)
{
	contract_t **link = &regent->conp_inherited;

	while (*link != NULL && (*link)->ct_id != id)
		link = &(*link)->ct_next;
	return (link);
}

/* --- events --- */

static ct_kevent_t *
ct_unread(const contract_t *ct)
{
	ct_kevent_t *ev = ct->ct_events;

	while (ev != NULL && ev->cte_read)
		ev = ev->cte_next;
	return (ev);
}

/* Off the queue. Context: ct_lock. */
static void
ct_dequeue(contract_t *ct, ct_kevent_t *ev)
{
	ct_kevent_t **link = &ct->ct_events;

	while (*link != ev)
		link = &(*link)->cte_next;
	*link = ev->cte_next;
	cache_free(ct_event_cache, ev);
}

/* The next event, told once; a critical one stays. Context: ct_lock. */
static bool
ct_take(contract_t *ct, struct tine_ct_event *out)
{
	ct_kevent_t *ev = ct_unread(ct);

	if (ev == NULL)
		return (false);
	memset(out, 0, sizeof (*out));
	out->id = ev->cte_id;
	out->type = ev->cte_type;
	out->pid = ev->cte_pid;
	out->arg = ev->cte_arg;
	out->ct = (int)ct->ct_id;
	out->critical = ev->cte_critical;
	ev->cte_read = true;
	if (!ev->cte_critical)
		ct_dequeue(ct, ev);
	return (true);
}

/* The caller's contract with the oldest event to be told, or NULL. */
static contract_t *
ct_bundle(void)
{
	contract_t *ct, *oldest = NULL;
	proc_t *p = curproc;

	mutex_enter(&p->p_lock);
	for (ct = p->p_ct_held; ct != NULL; ct = ct->ct_next) {
		const ct_kevent_t *ev = ct_unread(ct);

		if (ev != NULL && (oldest == NULL || ev->cte_seq <
		    ct_unread(oldest)->cte_seq))
			oldest = ct;
	}
	mutex_exit(&p->p_lock);
	return (oldest);
}

/*
 * The oldest event of a contract, or of all. @return 0, ESRCH, EAGAIN, EINTR,
 * EFAULT. Context: no lock. May switch.
 */
static int
ct_event_read(uint32_t id, void *user, bool waits)
{
	contract_t *ct = id == 0 ? ct_bundle() : contract_mine(id, false);
	struct tine_ct_event out;
	int error = 0;

	if (ct == NULL)
		return (id == 0 ? EAGAIN : ESRCH);
	mutex_enter(&ct->ct_lock);
	ct->ct_ref++;
	while (error == 0 && !ct_take(ct, &out)) {
		if (!waits)
			error = EAGAIN;
		else if (!cv_wait_sig(&ct->ct_evcv, &ct->ct_lock))
			error = EINTR;
		else if (ct->ct_owner != curproc)
			error = ESRCH;
	}
	contract_rele(ct);
	return (error != 0 ? error : copyout(&out, user, sizeof (out)));
}

/* Acknowledge a critical event; id 0: tell all of them again. @return 0,
 * ESRCH. */
static int
ct_ack(uint32_t id, uint32_t evid)
{
	contract_t *ct = contract_mine(id, false);
	ct_kevent_t *ev;
	int error = ESRCH;

	if (ct == NULL)
		return (ESRCH);
	mutex_enter(&ct->ct_lock);
	for (ev = ct->ct_events; ev != NULL; ev = ev->cte_next)
		if (ev->cte_id == evid && ev->cte_critical)
			break;
	if (ev != NULL) {
		ct_dequeue(ct, ev);
		error = 0;
	}
	mutex_exit(&ct->ct_lock);
	return (error);
}

/* Tell what was not acknowledged again. Context: ct_lock. */
static void
ct_unread_all(contract_t *ct)
{
	for (ct_kevent_t *ev = ct->ct_events; ev != NULL; ev = ev->cte_next)
		ev->cte_read = false;
}

static int
ct_event_reset(uint32_t id)
{
	contract_t *ct = contract_mine(id, false);

	if (ct == NULL)
		return (ESRCH);
	mutex_enter(&ct->ct_lock);
	ct_unread_all(ct);
	mutex_exit(&ct->ct_lock);
	return (0);
}

/* --- status --- */

/* A contract that the caller may look at: its own ones, that which it is in,
 * what that has inherited. @return it, ct_lock held and *regent if that is held
 * too; NULL. */
static contract_t *
ct_look(uint32_t id, contract_t **regent)
{
	contract_t *ct = contract_mine(id, false);
	cont_process_t *ctp = curproc->p_ct_process;

	*regent = NULL;
	if (ct == NULL && ctp->conp_contract.ct_id == id)
		ct = &ctp->conp_contract;
	if (ct == NULL) {
		mutex_enter(&ctp->conp_contract.ct_lock);
		ct = *contract_heir(ctp, id);
		if (ct == NULL) {
			mutex_exit(&ctp->conp_contract.ct_lock);
			return (NULL);
		}
		*regent = &ctp->conp_contract;
	}
	mutex_enter(&ct->ct_lock);
	return (ct);
}

static void
ct_looked(contract_t *ct, contract_t *regent)
{
	mutex_exit(&ct->ct_lock);
	if (regent != NULL)
		mutex_exit(&regent->ct_lock);
}

static int
ct_status_read(uint32_t id, void *user)
{
	struct tine_ct_status out;
	contract_t *regent, *ct = ct_look(id, &regent);
	const cont_process_t *ctp;

	if (ct == NULL)
		return (ESRCH);
	ctp = ctprocess(ct);
	memset(&out, 0, sizeof (out));
	out.state = ct->ct_state;
	out.members = (int)ctp->conp_nmembers;
	out.params = ctp->conp_params;
	out.fatal = ctp->conp_ev_fatal;
	out.informative = ct->ct_ev_info;
	out.critical = ct->ct_ev_crit;
	out.cookie = ct->ct_cookie;
	out.owner = ct->ct_owner != NULL ? ct->ct_owner->p_pid : 0;
	for (const contract_t *c = ctp->conp_inherited; c != NULL;
	    c = c->ct_next)
		out.inherited++;
	for (const ct_kevent_t *ev = ct->ct_events; ev != NULL;
	    ev = ev->cte_next)
		out.unacknowledged += ev->cte_critical;
	ct_looked(ct, regent);
	return (copyout(&out, user, sizeof (out)));
}

/* Members, newest first, a page of them at most. @return how many, -errno. */
static int64_t
ct_members(uint32_t id, void *user, int count)
{
	contract_t *regent, *ct = ct_look(id, &regent);
	tine_pid_t pids[128];
	const proc_t *p;
	int n = 0, error;

	if (ct == NULL)
		return (-ESRCH);
	for (p = ctprocess(ct)->conp_members; p != NULL; p = p->p_ct_next, n++)
		if (n < 128)
			pids[n] = p->p_pid;
	ct_looked(ct, regent);
	count = count < 0 ? 0 : count > n ? n : count;
	if (count > 128)
		count = 128;
	error = copyout(pids, user, (size_t)count * sizeof (pids[0]));
	return (error != 0 ? -error : n);
}

/* --- taking over --- */

/* Take over what the caller's own contract has inherited. @return 0, ESRCH,
 * EBUSY, EAGAIN. [IL-151] */
static int
ct_adopt(uint32_t id)
{
	proc_t *p = curproc;
	cont_process_t *regent = p->p_ct_process;
	kproject_t *kpj = p->p_task->tk_proj;
	contract_t **link, *ct;
	int error = 0;

	if (contract_mine(id, false) != NULL)
		return (EBUSY);
	mutex_enter(&regent->conp_contract.ct_lock);
	link = contract_heir(regent, id);
	ct = *link;
	if (ct == NULL) {
		mutex_exit(&regent->conp_contract.ct_lock);
		return (ESRCH);
	}
	mutex_enter(&ct->ct_lock);
	mutex_enter(&p->p_lock);
	if (!project_contracts(kpj, p, 1, true)) {
		error = EAGAIN;
	} else {
		*link = ct->ct_next;
		ct->ct_owner = p;
		ct->ct_state = CTS_OWNED;
		ct->ct_proj = kpj;
		atomic_inc_32(&kpj->kpj_count);
		ct->ct_next = p->p_ct_held;
		p->p_ct_held = ct;
		ct_unread_all(ct);
	}
	mutex_exit(&p->p_lock);
	mutex_exit(&ct->ct_lock);
	mutex_exit(&regent->conp_contract.ct_lock);
	rctl_deliver();
	return (error);
}

/* What the active template subsumes: a contract, or 0. @return 0, EINVAL,
 * ESRCH, EACCES, ENOTEMPTY. */
static int
ct_tmpl_subsume(uint32_t id)
{
	struct ctmpl *tmpl = ttolwp(curthread)->lwp_ct_active;
	contract_t *regent, *ct;
	int error;

	if (tmpl == NULL)
		return (EINVAL);
	tmpl->ctp_subsume = 0;
	if (id == 0)
		return (0);
	ct = ct_look(id, &regent);
	if (ct == NULL)
		return (ESRCH);
	error = ct->ct_owner != curproc ? EACCES :
	    ctprocess(ct)->conp_nmembers != 0 ? ENOTEMPTY : 0;
	ct_looked(ct, regent);
	if (error == 0)
		tmpl->ctp_subsume = id;
	return (error);
}

/* Make the caller's LWP fork into new contracts. [IL-087] */
static int
ct_tmpl_activate(const void *user)
{
	klwp_t *lwp = ttolwp(curthread);
	struct tine_ct_template in;
	int error;

	if (user == NULL) {
		lwp->lwp_ct_active = NULL;
		return (0);
	}
	error = copyin(user, &in, sizeof (in));
	if (error != 0)
		return (error);
	if ((in.params & ~(unsigned)TINE_CT_PARAMS) != 0 ||
	    ((in.informative | in.critical) & ~(unsigned)TINE_CT_EVENTS) != 0 ||
	    (in.fatal & ~(unsigned)TINE_CT_FATAL) != 0)
		return (EINVAL);
	lwp->lwp_ct_tmpl.ctp_params = in.params;
	lwp->lwp_ct_tmpl.ctp_ev_fatal = in.fatal;
	lwp->lwp_ct_tmpl.ctmpl_ev_info = in.informative;
	lwp->lwp_ct_tmpl.ctmpl_ev_crit = in.critical;
	lwp->lwp_ct_tmpl.ctp_subsume = 0;
	lwp->lwp_ct_tmpl.ctmpl_cookie = 0;
	lwp->lwp_ct_active = &lwp->lwp_ct_tmpl;
	return (0);
}

/* ctfs, as one call: what(contract, argument). */
int64_t
ctsys(const uint64_t args[5])
{
	const uint32_t id = (uint32_t)args[1];
	void *user = USER(void *, args[2]);
	contract_t *ct;

	switch (args[0]) {
	case TINE_CTSYS_ACTIVATE:
		return (-ct_tmpl_activate(user));
	case TINE_CTSYS_COOKIE:
		if (ttolwp(curthread)->lwp_ct_active == NULL)
			return (-EINVAL);
		ttolwp(curthread)->lwp_ct_active->ctmpl_cookie = args[2];
		return (0);
	case TINE_CTSYS_TRANSFER:
		return (-ct_tmpl_subsume(id));
	case TINE_CTSYS_LATEST:
		return (ttolwp(curthread)->lwp_ct_latest == 0 ? -ESRCH :
		    (int64_t)ttolwp(curthread)->lwp_ct_latest);
	case TINE_CTSYS_SELF:
		return (curproc->p_ct_process->conp_contract.ct_id);
	case TINE_CTSYS_EVENT:
		return (-ct_event_read(id, user, false));
	case TINE_CTSYS_WAIT:
		return (id == 0 ? -ESRCH : -ct_event_read(id, user, true));
	case TINE_CTSYS_RESET:
		return (-ct_event_reset(id));
	case TINE_CTSYS_ACK:
		return (-ct_ack(id, (uint32_t)args[2]));
	case TINE_CTSYS_STATUS:
		return (-ct_status_read(id, user));
	case TINE_CTSYS_MEMBERS:
		return (ct_members(id, user, (int)args[3]));
	case TINE_CTSYS_ABANDON:
		ct = contract_mine(id, true);
		if (ct == NULL)
			return (-ESRCH);
		contract_abandon(ct, curproc);
		return (0);
	case TINE_CTSYS_ADOPT:
		return (-ct_adopt(id));
	default:
		return (-EINVAL);
	}
}
