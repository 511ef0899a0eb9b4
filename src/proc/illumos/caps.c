/* SPDX-License-Identifier: MIT */
/*
 * caps.c - caps on the CPU of a project: its LWPs wait before user mode.
 *
 * A cap is so many hundredths of one CPU. Each clock tick that an LWP of the
 * project has used costs the project a tick's time divided by that: until then
 * none of its LWPs goes to user mode. What it did not use it has not saved.
 */
#include "proc/illumos/kern.h"

/* Whether the project of p has a cap. */
bool
capped(const proc_t *p)
{
	return (p->p_task->tk_proj->kpj_cap_ctl != UINT64_MAX);
}

/* The LWPs of p are under the cap of its project from now on, or not any more.
 * Context: p_lock. */
void
cap_process(proc_t *p)
{
	kthread_t *t = p->p_tlist;

	if (t == NULL)
		return;
	do {
		t->t_capticks = t->t_tt->uticks;
		cv_broadcast(&t->t_capcv);
	} while ((t = t->t_forw) != p->p_tlist);
	cpu_watch(p);
}

/* The cap of a project has changed. Context: no lock. */
void
cap_project(kproject_t *kpj)
{
	proc_t *p;

	mutex_enter(&pidlock);
	kpj->kpj_cap_until = 0;
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_task == NULL || p->p_task->tk_proj != kpj ||
		    p->p_stat != SRUN)
			continue;
		mutex_enter(&p->p_lock);
		cap_process(p);
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
}

/* All LWPs of a project look whether it has used too much. Context: no lock. */
static void
cap_enforce(const kproject_t *kpj)
{
	kthread_t *t;
	proc_t *p;

	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_task == NULL || p->p_task->tk_proj != kpj ||
		    p->p_stat != SRUN)
			continue;
		mutex_enter(&p->p_lock);
		t = p->p_tlist;
		while (t != NULL) {
			aston(t);
			t = t->t_forw != p->p_tlist ? t->t_forw : NULL;
		}
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
}

/* The ticks that the current LWP has used since the last look. Context: no
 * lock. */
void
cap_tick(kthread_t *t)
{
	kproject_t *kpj = ttoproc(t)->p_task->tk_proj;
	const uint64_t used = (t->t_tt->uticks - t->t_capticks) *
	    NSEC_PER_TICK;
	const uint64_t began = tine__now() > used ? tine__now() - used : 0;

	t->t_capticks = t->t_tt->uticks;
	if (used == 0 || !capped(ttoproc(t)) || kpj->kpj_cap_ctl == 0)
		return;
	if (kpj->kpj_cap_until < began)
		kpj->kpj_cap_until = began;
	kpj->kpj_cap_until += used * 100 / kpj->kpj_cap_ctl;
	if (kpj->kpj_cap_until > tine__now())
		cap_enforce(kpj);
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
	int rval = 1;

	ASSERT(MUTEX_HELD(&p->p_lock));
	while (rval != 0 && !QUIRK(OS_51) &&
	    p->p_task->tk_proj->kpj_cap_until > tine__now()) {
		t->t_state = TS_WAIT;
		rval = cv_timedwait_sig(&t->t_capcv, &p->p_lock,
		    p->p_task->tk_proj->kpj_cap_until);
		t->t_state = TS_ONPROC;
	}
}
