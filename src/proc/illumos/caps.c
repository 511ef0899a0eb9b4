/* SPDX-License-Identifier: MIT */
/*
 * caps.c - caps on the CPU of a project: its LWPs wait before user mode.
 *
 * DEVIATION IL-026: how much a project has used is not measured; whoever sets
 * the cap says when it is reached, and when no longer.
 */
#include "proc/illumos/kern.h"

/* The cap of the caller's project is reached, or not any more. Context: no
 * lock. */
void
cap_project_set(bool capped)
{
	kproject_t *kpj = curproc->p_task->tk_proj;
	kthread_t *t;
	proc_t *p;

	mutex_enter(&pidlock);
	kpj->kpj_capped = capped;
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_task == NULL || p->p_task->tk_proj != kpj ||
		    p->p_stat != SRUN)
			continue;
		mutex_enter(&p->p_lock);
		t = p->p_tlist;
		do {
			if (t != curthread)
				aston(t);
			cv_broadcast(&t->t_capcv);
		} while ((t = t->t_forw) != p->p_tlist);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
}

/*
 * Wait until the project may have a CPU again. A hold or a signal ends the
 * waiting: the LWP stops, or acts, and waits again. Context: p_lock, dropped
 * meanwhile. [OS-51]
 */
void
cap_wait(kthread_t *t)
{
	proc_t *p = ttoproc(t);

	ASSERT(MUTEX_HELD(&p->p_lock));
	while (p->p_task->tk_proj->kpj_capped && !QUIRK(OS_51)) {
		t->t_state = TS_WAIT;
		if (!cv_wait_sig(&t->t_capcv, &p->p_lock)) {
			t->t_state = TS_ONPROC;
			return;
		}
		t->t_state = TS_ONPROC;
	}
}
