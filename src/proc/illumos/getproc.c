/* SPDX-License-Identifier: MIT */
/*
 * getproc.c - the embryo of a process: slot, number, place in the family,
 * everything inherited; no memory, no LWPs yet.
 */
#include "proc/illumos/kern.h"

/* A zeroed process, SIDL, without memory. [IL-034] */
static proc_t *
getproc_embryo(proc_t *pp)
{
	proc_t *cp;

	cp = cache_alloc(process_cache, KM_SLEEP | KM_ZERO);
	mutex_init(&cp->p_splock, &il_class_p_splock);
	mutex_init(&cp->p_crlock, &il_class_p_crlock);
	cv_init(&cp->p_cv, &il_class_p_cv);
	cv_init(&cp->p_holdlwps, &il_class_p_holdlwps);
	cv_init(&cp->p_lwpexit, &il_class_p_lwpexit);
	cv_init(&cp->p_poolcv, &il_class_p_poolcv);
	cp->p_stat = SIDL;
	cp->p_mstart = tine__now();
	if (!QUIRK(OS_07))
		cp->p_as = &kas;
	/* Before the number: whoever finds it may look at the zone. [IL-R01] */
	if (!QUIRK(OS_08))
		cp->p_zone = pp->p_zone;
	if (!QUIRK(OS_22))
		cp->p_t1_lgrpid = cp->p_tr_lgrpid = LGRP_NONE;
	return (cp);
}

/* Reserve one process in task, project and zone, or be denied: test and
 * reservation are one section. [IL-031] to [IL-033] [IL-R08] */
static bool
getproc_reserve(proc_t *pp, task_t *task, zone_t *zone)
{
	bool denied;

	mutex_enter(&pp->p_lock);
	mutex_enter(&zone->zone_nlwps_lock);
	denied = !QUIRK(OS_04) && (rctl_nprocs_test(pp) ||
	    tine__fail_step(il->il_machine, "max-processes"));
	if (QUIRK(IL_R08)) {
		mutex_exit(&zone->zone_nlwps_lock);
		mutex_enter(&zone->zone_nlwps_lock);
	}
	if (!denied) {
		task->tk_nprocs++;
		task->tk_proj->kpj_nprocs++;
		zone->zone_nprocs++;
	}
	mutex_exit(&zone->zone_nlwps_lock);
	mutex_exit(&pp->p_lock);
	rctl_deliver();
	return (!denied);
}

/* The executable: held and open once more. @return 0 or -1. [IL-037] [IL-056]
 */
static int
getproc_exec(proc_t *pp, proc_t *cp)
{
	if (QUIRK(OS_10))
		return (0);
	mutex_enter(&pp->p_lock);
	cp->p_exec = pp->p_exec;
	cp->p_execdir = pp->p_execdir;
	mutex_exit(&pp->p_lock);
	if (cp->p_exec != NULL) {
		vn_hold(cp->p_exec);
		/* Closed again by proc_exit() or exec. */
		if (vop_open(cp->p_exec, CRED()) != 0) {
			vn_rele(cp->p_exec);
			cp->p_exec = NULL;
			cp->p_execdir = NULL;
			return (-1);
		}
		cp->p_execopen = true;
	}
	if (cp->p_execdir != NULL)
		vn_hold(cp->p_execdir);
	return (0);
}

/* OS-11: nothing of the executable stays taken. */
static void
getproc_exec_rele(proc_t *cp)
{
	if (cp->p_exec != NULL) {
		vop_close(cp->p_exec);
		vn_rele(cp->p_exec);
	}
	if (cp->p_execdir != NULL)
		vn_rele(cp->p_execdir);
}

/*
 * Whether the limits on processes forbid one more. What getproc_exec() took is
 * lost then, as it is in the real kernel. Context: pidlock. [IL-038] [IL-R10]
 */
static bool
getproc_over_limit(proc_t *cp, const cred_t *cr)
{
	ASSERT(MUTEX_HELD(&pidlock));
	ASSERT3(nproc, <, v_v_proc);
	if ((nproc < v_v_maxup || (nproc < v_v_maxupttl &&
	    upcount_get(cr->cr_ruid, cr->cr_zone->zone_id) < v_v_maxup) ||
	    secpolicy_newproc(cr) == 0) &&
	    !tine__fail_step(il->il_machine, "v_maxup"))
		return (false);
	PROBE(CMN_ERR, CMN_USER_LIMIT, cr->cr_ruid);
	if (QUIRK(OS_10))
		return (true);
	if (QUIRK(OS_11)) {
		getproc_exec_rele(cp);
		return (true);
	}
	if (cp->p_exec != NULL) {
		cp->p_exec->v_lost_count++;
		cp->p_exec->v_lost_opens++;
	}
	if (cp->p_execdir != NULL)
		cp->p_execdir->v_lost_count++;
	return (true);
}

/* Fields that a child has from its parent. Context: pidlock. [IL-044] to
 * [IL-055] */
static void
getproc_inherit(proc_t *pp, proc_t *cp)
{
	cp->p_ignore = pp->p_ignore;
	cp->p_siginfo = pp->p_siginfo;
	cp->p_flag = pp->p_flag & (SJCTL | SNOWAIT | SNOCD);
	cp->p_sessp = pp->p_sessp;
	sess_hold(pp);
	cp->p_brkbase = pp->p_brkbase;
	cp->p_brksize = pp->p_brksize;
	cp->p_stksize = pp->p_stksize;
	cp->p_usrstack = pp->p_usrstack;
	cp->p_ppid = pp->p_pid;
	cp->p_ancpid = pp->p_pid;
	cp->p_stk_ctl = pp->p_stk_ctl;
	cp->p_fsz_ctl = pp->p_fsz_ctl;
	cp->p_vmem_ctl = pp->p_vmem_ctl;
	cp->p_data_ctl = pp->p_data_ctl;
	cp->p_fno_ctl = pp->p_fno_ctl;
	cp->p_cpu_ctl = pp->p_cpu_ctl;
	cp->p_prof = pp->p_prof;
	cp->p_content = pp->p_content;
	if (!QUIRK(OS_20) && pp->p_brand != NULL) {
		cp->p_brand = pp->p_brand;
		cp->p_brand->b_copied++;
	}
	if (!QUIRK(OS_21)) {
		cp->p_secflags = pp->p_secflags;
		cp->p_secinherit = pp->p_secinherit;
		cp->p_seclower = pp->p_seclower;
		cp->p_secupper = pp->p_secupper;
	}
}

/* Newest child, newest orphan. Context: pidlock. [IL-039] [IL-006] */
static void
getproc_link(proc_t *pp, proc_t *cp)
{
	cp->p_sibling = pp->p_child;
	if (pp->p_child != NULL)
		pp->p_child->p_psibling = cp;
	cp->p_parent = pp;
	pp->p_child = cp;
	pp->p_nchild++;

	cp->p_nextorph = pp->p_orphan;
	if (pp->p_orphan != NULL)
		pp->p_orphan->p_prevorph = cp;
	cp->p_nextofkin = pp;
	pp->p_orphan = cp;
}

/*
 * Put the embryo on the list of processes, in its family, pool and task, all in
 * one section. Context: pidlock. [IL-039] [IL-001]
 */
static void
getproc_insert(proc_t *pp, proc_t *cp, const cred_t *cr, unsigned flags)
{
	cp->p_zone = pp->p_zone;
	if (QUIRK(OS_10)) {
		cp->p_exec = pp->p_exec;
		cp->p_execdir = pp->p_execdir;
	}
	nproc++;
	upcount_inc(cr->cr_ruid, cr->cr_zone->zone_id);
	cp->p_next = practive;
	practive->p_prev = cp;
	practive = cp;

	getproc_inherit(pp, cp);
	getproc_link(pp, cp);

	mutex_enter(&pp->p_lock);
	if ((flags & GETPROC_KERNEL) != 0) {
		cp->p_pool = pool_default;
		cp->p_flag |= SSYS;
	} else {
		cp->p_pool = pp->p_pool;
	}
	atomic_inc_32(&cp->p_pool->pool_ref);
	mutex_exit(&pp->p_lock);

	mutex_enter(&cp->p_lock);
	task_attach(pp->p_task, cp);
	mutex_exit(&cp->p_lock);
}

/* The rest needs no pidlock: credential, files, user area. [IL-040] [IL-047]
 * [IL-050] [IL-059] to [IL-061] */
static void
getproc_tail(proc_t *pp, proc_t *cp, cred_t *cr)
{
	user_t *uarea = PTOU(cp);

	cp->p_audited = QUIRK(OS_25) ? il->il_c2audit : il->il_audit_active;
	crhold(cp->p_cred = cr);
	fcnt_add(P_FINFO(pp), 1);
	/* Only process 0 may be without, before there is a root. [OS-24] */
	if (PTOU(pp)->u_cdir != NULL)
		vn_hold(PTOU(pp)->u_cdir);
	else if (QUIRK(OS_24) || pp != &p0)
		tine__panic("BAD TRAP: VN_HOLD of no current directory");
	if (PTOU(pp)->u_rdir != NULL)
		vn_hold(PTOU(pp)->u_rdir);
	if (PTOU(pp)->u_cwd != NULL)
		refstr_hold(PTOU(pp)->u_cwd);

	*uarea = *PTOU(pp);
	flist_fork(P_FINFO(pp), P_FINFO(cp));
	uarea->u_start = tine__now();
	uarea->u_ticks = uarea->u_start / NSEC_PER_TICK;
	uarea->u_mem = pp->p_as == &kas ? 0 : pp->p_as->a_tas->pages;
	uarea->u_acflag = AFORK;
	/* Tracing is inherited as a whole, or not at all. [IL-062] */
	if (!QUIRK(IL_R43)) {
		mutex_enter(&pp->p_lock);
		uarea->u_systrap = PTOU(pp)->u_systrap;
		uarea->u_entrymask = PTOU(pp)->u_entrymask;
		uarea->u_exitmask = PTOU(pp)->u_exitmask;
	} else {
		tine__racy(TINE_OP_READ, &pp->p_proc_flag);
	}
	if ((pp->p_proc_flag & P_PR_FORK) != 0) {
		cp->p_proc_flag |= pp->p_proc_flag & (P_PR_TRACE | P_PR_FORK);
	} else {
		uarea->u_systrap = false;
		memset(&uarea->u_entrymask, 0, sizeof (sysset_t));
		memset(&uarea->u_exitmask, 0, sizeof (sysset_t));
	}
	if ((cp->p_proc_flag & P_PR_FORK) != 0) {
		cp->p_sigmask = pp->p_sigmask;
		cp->p_fltmask = pp->p_fltmask;
	}
	if (!QUIRK(IL_R43))
		mutex_exit(&pp->p_lock);
	if ((pp->p_flag & SMSFORK) != 0)
		cp->p_flag |= pp->p_flag & (SMSFORK | SMSACCT);
	if (QUIRK(OS_10)) {
		if (cp->p_exec != NULL)
			vn_hold(cp->p_exec);
		if (cp->p_execdir != NULL)
			vn_hold(cp->p_execdir);
	}
}

/*
 * A fork that was refused costs time: at most one failure a CPU and tick.
 * [IL-042]
 */
static void
getproc_punish(void)
{
	const unsigned ncpus = tine__machine_options(il->il_machine)->ncpu;
	uint32_t pending;

	mutex_enter(&pidlock);
	pending = ++fork_fail_pending;
	mutex_exit(&pidlock);
	delay(pending / ncpus + 1);
	mutex_enter(&pidlock);
	fork_fail_pending--;
	mutex_exit(&pidlock);
}

/* Free an embryo that was not inserted, and its reservation. [IL-041] */
static void
getproc_bad(proc_t *cp, bool numbered, task_t *task, zone_t *zone)
{
	ASSERT(MUTEX_NOT_HELD(&pidlock));
	mutex_destroy(&cp->p_splock);
	mutex_destroy(&cp->p_crlock);
	cv_destroy(&cp->p_cv);
	cv_destroy(&cp->p_holdlwps);
	cv_destroy(&cp->p_lwpexit);
	cv_destroy(&cp->p_poolcv);
	if (!QUIRK(IL_R19))
		mutex_enter(&pidlock);
	if (numbered) {
		proc_entry_free(cp->p_pidp);
		(void) pid_rele(cp->p_pidp);
	}
	cache_free(process_cache, cp);
	if (!QUIRK(IL_R19))
		mutex_exit(&pidlock);

	mutex_enter(&zone->zone_nlwps_lock);
	task->tk_nprocs--;
	task->tk_proj->kpj_nprocs--;
	zone->zone_nprocs--;
	mutex_exit(&zone->zone_nlwps_lock);
	ZONE_FF(&zone->zone_ffnoproc);
}

/*
 * getproc(cpp, pid, flags)
 *
 * Overview
 *   A child of the caller, or of process 0 for a kernel process: number and
 *   slot, place in every list, everything inherited. pid 0: the next number.
 *   [IL-029] to [IL-042]
 *
 * Returns
 *   0, or -1 with nothing left but the time it took; *cpp is untouched then.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
getproc(proc_t **cpp, pid_t pid, unsigned flags)
{
	proc_t *pp, *cp;
	task_t *task;
	zone_t *zone;
	cred_t *cr;
	bool numbered;

	ASSERT(MUTEX_NOT_HELD(&pidlock));
	if (QUIRK(OS_06) && tine__vm_free_frames(tine__machine_vm(
	    il->il_machine)) < il->il_minarmem)
		return (-1);
	tine__racy(TINE_OP_READ, &curproc->p_zone->zone_status);
	if (curproc->p_zone->zone_status >= ZONE_IS_SHUTTING_DOWN)
		return (-1);				/* IL-029 */

	pp = (flags & GETPROC_KERNEL) != 0 && !QUIRK(OS_26) ? &p0 :
	    curproc;					/* IL-030 */
	task = pp->p_task;
	zone = pp->p_zone;
	if (!getproc_reserve(pp, task, zone)) {
		ZONE_FF(&zone->zone_ffcap);
		goto punish;
	}

	cp = getproc_embryo(pp);
	PROBE(EMBRYO, (uintptr_t)cp, 0);
	numbered = pid_allocate(cp, pid) != -1;
	if (!numbered) {
		/* Read without a lock: it is only told. [IL-036] */
		if (nproc >= v_v_proc) {
			PROBE(PROCOVF, 0, 0);
			PROBE(CMN_ERR, CMN_OUT_OF_PROCESSES, 0);
		}
		goto bad;
	}
	PROBE(GETPROC_PUBLISHED, cp->p_pid, 0);
	if (getproc_exec(pp, cp) != 0)
		goto bad;

	mutex_enter(&pidlock);
	cr = crgethold(pp);
	if (getproc_over_limit(cp, cr)) {
		mutex_exit(&pidlock);
		crfree(cr);
		goto bad;
	}
	getproc_insert(pp, cp, cr, flags);
	mutex_exit(&pidlock);
	PROBE(GETPROC_INSERTED, cp->p_pid, 0);
	getproc_tail(pp, cp, cr);
	crfree(cr);
	*cpp = cp;
	return (0);

bad:
	getproc_bad(cp, numbered, task, zone);
punish:
	getproc_punish();
	return (-1);
}
