/* SPDX-License-Identifier: MIT */
/*
 * helper.c - what DTrace keeps for a process: helpers, and tracepoints in its
 * text.
 *
 * Helpers are what the text of a program registers so that tracing can describe
 * it; a child has copies. Tracepoints are instructions that tracing replaced; a
 * child's text is a copy of its parent's, with them in it, so fork takes them
 * out before the child runs.
 *
 * Locking: dtrace_lock > mod_lock. Whoever unloads a module has mod_lock and
 * waits for P_PR_LOCK of each process: so nobody may want dtrace_lock with
 * P_PR_LOCK on. [IL-R13]
 */
#include "proc/illumos/kern.h"

/* Take the tracepoints that came with the copy out again. Context: P_PR_LOCK on
 * p. [IL-077] */
void
fasttrap_fork(proc_t *p, proc_t *cp)
{
	ASSERT((p->p_proc_flag & P_PR_LOCK) != 0);
	cp->p_dtrace_probes = p->p_dtrace_probes;
	while (cp->p_dtrace_probes > 0)
		cp->p_dtrace_probes--;
}

/* p registers one more helper. Context: no lock. */
void
dtrace_helper_add(proc_t *p)
{
	dtrace_helpers_t *help;

	help = cache_alloc(helpers_cache, KM_SLEEP | KM_ZERO);
	mutex_enter(&dtrace_lock);
	if (p->p_dtrace_helpers == NULL) {
		p->p_dtrace_helpers = help;
		il->il_helpers++;
		help = NULL;
	}
	p->p_dtrace_helpers->dthps_nactions++;
	mutex_exit(&dtrace_lock);
	if (help != NULL)
		cache_free(helpers_cache, help);
}

/* The child's copies. Context: no lock; in 2006 P_PR_LOCK on p. [IL-R13] */
void
dtrace_helpers_duplicate(proc_t *p, proc_t *cp)
{
	dtrace_helpers_t *help;

	ASSERT((p->p_flag & SFORKING) != 0);
	PROBE(HELPERS_DUP, cp->p_pid, 0);
	help = cache_alloc(helpers_cache, KM_SLEEP | KM_ZERO);
	mutex_enter(&dtrace_lock);
	help->dthps_nactions = p->p_dtrace_helpers->dthps_nactions;
	cp->p_dtrace_helpers = help;
	il->il_helpers++;
	mutex_exit(&dtrace_lock);
}

/* p's helpers go. Context: no lock. */
void
dtrace_helpers_cleanup(proc_t *p)
{
	dtrace_helpers_t *help;

	mutex_enter(&dtrace_lock);
	help = p->p_dtrace_helpers;
	p->p_dtrace_helpers = NULL;
	il->il_helpers--;
	mutex_exit(&dtrace_lock);
	cache_free(helpers_cache, help);
}

/*
 * The helpers of a child whose LWPs could not be cloned. OS-18: nobody frees
 * them; they stay counted, and reachable so that the end of the machine can
 * tell them from a leak of ours. [IL-R16]
 */
void
dtrace_helpers_lose(proc_t *p)
{
	if (!QUIRK(OS_18)) {
		dtrace_helpers_cleanup(p);
		return;
	}
	mutex_enter(&dtrace_lock);
	p->p_dtrace_helpers->dthps_next = il->il_lost;
	il->il_lost = p->p_dtrace_helpers;
	p->p_dtrace_helpers = NULL;
	il->il_helpers_lost++;
	mutex_exit(&dtrace_lock);
}

/* A module goes: nobody may be in the middle of being looked at. @return 0,
 * ENOENT. Context: no lock. */
int
dtrace_module_unload(pid_t pid)
{
	proc_t *p;

	mutex_enter(&mod_lock);
	p = pr_find(pid);
	if (p != NULL) {
		if (p->p_prowner != curthread)
			prbarrier(p);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&mod_lock);
	return (p == NULL ? ENOENT : 0);
}

/* A probe in the text of a process is enabled; its module must stay. @return 0,
 * ENOENT, EBUSY: it has no text. Context: no lock. */
int
dtrace_probe_enable(pid_t pid)
{
	int error = ENOENT;
	proc_t *p;

	mutex_enter(&dtrace_lock);
	mutex_enter(&mod_lock);
	p = pr_find(pid);
	if (p != NULL) {
		error = (p->p_flag & SSYS) != 0 ? EBUSY : 0;
		if (error == 0)
			p->p_dtrace_probes++;
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&mod_lock);
	mutex_exit(&dtrace_lock);
	return (error);
}
