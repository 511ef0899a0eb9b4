/* SPDX-License-Identifier: MIT */
/*
 * sigcld.c - telling a parent of its child: the wake-up, the list of those to
 * be waited for, SIGCHLD with a queue one deep.
 */
#include "proc/illumos/kern.h"

/*
 * Queue the SIGCHLD of a child, or owe it if one is pending already. Takes sqp
 * over, which may be NULL: then one is made, or the signal stays owed.
 * Context: pidlock. [IL-131]
 */
static void
post_sigcld(proc_t *cp, sigqueue_t *sqp)
{
	proc_t *pp = cp->p_parent;

	if (QUIRK(OS_41) && PTOU(pp)->u_signal[SIGCHLD] <= U_SIG_IGN) {
		siginfofree(sqp);
		return;
	}
	if (sig_isset(pp->p_sig, SIGCHLD)) {
		cp->p_pidflag |= CLDPEND;
		siginfofree(sqp);
		return;
	}
	if (sqp == NULL)
		sqp = cache_alloc(sigqueue_cache, KM_NOSLEEP | KM_ZERO);
	if (sqp == NULL) {
		cp->p_pidflag |= CLDPEND;
		return;
	}
	cp->p_pidflag &= (uint8_t)~CLDPEND;
	winfo(cp, &sqp->sq_info);
	sqp->sq_zoneid = cp->p_zone->zone_id;
	mutex_enter(&pp->p_lock);
	sigaddqa(pp, NULL, sqp);
	mutex_exit(&pp->p_lock);
}

/*
 * sigcld(cp, sqp)
 *
 * Overview
 *   A child has changed state. Its death: put it where a wait finds it, wake
 *   the parent, and then either free it, because the parent does not want to
 *   know, or post SIGCHLD. A stop: wake, and post if the parent asked for that.
 *   [IL-130] [IL-132] [IL-133]
 *
 * Context
 *   In and out: pidlock. Takes sqp over. A dead child may be gone on return.
 */
void
sigcld(proc_t *cp, sigqueue_t *sqp)
{
	proc_t *pp = cp->p_parent;

	ASSERT(MUTEX_HELD(&pidlock));
	switch (cp->p_wcode) {
	case TINE_CLD_EXITED:
	case TINE_CLD_KILLED:
	case TINE_CLD_DUMPED:
		add_ns(pp, cp);
		cv_broadcast(&pp->p_cv);
		if ((pp->p_flag & SNOWAIT) != 0 ||
		    PTOU(pp)->u_signal[SIGCHLD] == U_SIG_IGN) {
			if ((cp->p_pidflag & CLDWAITPID) == 0)
				freeproc_unwaited(cp);
		} else if ((cp->p_pidflag & CLDNOSIGCHLD) == 0) {
			post_sigcld(cp, sqp);
			sqp = NULL;
		}
		break;
	default:
		cv_broadcast(&pp->p_cv);
		if ((pp->p_flag & SJCTL) != 0) {
			post_sigcld(cp, sqp);
			sqp = NULL;
		}
		break;
	}
	if (sqp != NULL)
		siginfofree(sqp);
}

/* A SIGCHLD was taken: post the next one that is owed. Context: pidlock.
 * [IL-131] */
void
sigcld_repost(proc_t *pp)
{
	proc_t *cp;

	ASSERT(MUTEX_HELD(&pidlock));
	for (cp = pp->p_child; cp != NULL; cp = cp->p_sibling) {
		if ((cp->p_pidflag & CLDPEND) != 0) {
			post_sigcld(cp, NULL);
			return;
		}
	}
}

/* A wait has consumed a child: its SIGCHLD goes, the next one owed comes.
 * Context: pidlock. [IL-131] */
void
sigcld_delete(proc_t *cp)
{
	proc_t *pp = cp->p_parent;
	sigqueue_t **sqpp, *sqp;

	ASSERT(MUTEX_HELD(&pidlock));
	if (!sig_isset(pp->p_sig, SIGCHLD))
		return;
	mutex_enter(&pp->p_lock);
	for (sqpp = &pp->p_sigqueue; *sqpp != NULL; sqpp = &(*sqpp)->sq_next)
		if ((*sqpp)->sq_signo == SIGCHLD &&
		    (*sqpp)->sq_pid == cp->p_pid)
			break;
	sqp = *sqpp;
	if (sqp != NULL) {
		*sqpp = sqp->sq_next;
		pp->p_sig &= ~sigbit(SIGCHLD);
	}
	mutex_exit(&pp->p_lock);
	if (sqp == NULL)
		return;
	siginfofree(sqp);
	cp->p_pidflag &= (uint8_t)~CLDPEND;
	sigcld_repost(pp);
}
