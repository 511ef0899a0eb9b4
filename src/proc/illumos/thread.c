/* SPDX-License-Identifier: MIT */
/*
 * thread.c - kernel threads: create, run, stop, end.
 *
 * A kthread_t runs on a thread of the substrate. Its dispatcher state and its
 * schedflags are changed only by code that makes no scheduling point, so the
 * real kernel's thread locks have nothing to guard here.
 */
#include "proc/illumos/kern.h"

/*
 * thread_create(p, cid, pri)
 *
 * Overview
 *   A thread of p, stopped as one that was suspended and whose creation is not
 *   complete: nothing but lwp_create_done() or continuelwps() starts it.
 *   [IL-084]
 *
 * Returns
 *   NULL when kernel stacks are out.
 *
 * Context
 *   In and out: no lock. May switch.
 */
kthread_t *
thread_create(proc_t *p, int cid, int pri)
{
	struct tine__thread *tt;
	kthread_t *t;

	if (il->il_no_kstacks)
		return (NULL);
	tt = tine__thread_create(il->il_machine, "lwp", CLASS_KERNEL(cid) ?
	    lwp_kernel_start : lwp_rtt, NULL, !CLASS_KERNEL(cid));
	if (tt == NULL)
		return (NULL);
	t = cache_alloc(thread_cache, KM_SLEEP | KM_ZERO);
	t->t_tt = tt;
	t->t_il = il;
	t->t_procp = p;
	t->t_state = TS_STOPPED;
	t->t_whystop = PR_SUSPENDED;
	t->t_whatstop = SUSPEND_NORMAL;
	t->t_schedflag = TS_ALLSTART & ~(TS_CSTART | TS_CREATE);
	t->t_proc_flag = TP_HOLDLWP;
	t->t_cid = (uint8_t)cid;
	t->t_pri = (int8_t)pri;
	t->t_waitfor = -1;
	t->t_bind_cpu = TINE_PBIND_NONE;
	t->t_bind_pset = TINE_PS_NONE;
	cv_init(&t->t_capcv, &il_class_t_capcv);
	cv_init(&t->t_stopcv, &il_class_t_stopcv);
	cv_init(&t->t_delay_cv, &il_class_t_delay_cv);
	mutex_init(&t->t_delay_lock, &il_class_delay_lock);
	tt->owner = t;
	tt->pid = (uint32_t)p->p_pid;

	mutex_enter(&pidlock);
	t->t_next = allthreads->t_next;
	t->t_prev = allthreads;
	allthreads->t_next->t_prev = t;
	allthreads->t_next = t;
	thread_affinity(t);
	mutex_exit(&pidlock);
	return (t);
}

/* The structure of a thread that is on no list any more. */
static void
thread_destroy(kthread_t *t)
{
	sigqueue_t *sqp;

	while ((sqp = t->t_sigqueue) != NULL) {
		t->t_sigqueue = sqp->sq_next;
		siginfofree(sqp);
	}
	if (t->t_lwp != NULL)
		siginfofree(t->t_lwp->lwp_curinfo);
	cv_destroy(&t->t_capcv);
	cv_destroy(&t->t_stopcv);
	cv_destroy(&t->t_delay_cv);
	mutex_destroy(&t->t_delay_lock);
	if (t->t_lwp != NULL)
		cache_free(lwp_cache, t->t_lwp);
	cache_free(thread_cache, t);
}

/* Free a thread that never ran. Context: pidlock was taken to unlink it. */
void
thread_free(kthread_t *t)
{
	ASSERT3(t->t_state, ==, TS_FREE);
	tine__thread_free(t->t_tt);
	thread_destroy(t);
}

/* Off the list of all threads. Context: pidlock. */
void
thread_unlink(kthread_t *t)
{
	ASSERT(MUTEX_HELD(&pidlock));
	t->t_next->t_prev = t->t_prev;
	t->t_prev->t_next = t->t_next;
	t->t_next = t->t_prev = NULL;
	if (il->il_gone.pend_head != NULL)
		tine__obj_changed(&il->il_gone);
}

/* Whether the boot thread is the only one, and none is on its way out. */
bool
il_all_gone(struct tine__thread *self, void *arg)
{
	(void)self;
	(void)arg;
	return (allthreads->t_next == allthreads && il->il_nexiting == 0);
}

/* The same for the current thread, which is about to end. */
void
thread_leave(kthread_t *t)
{
	thread_unlink(t);
	il->il_nexiting++;
}

/*
 * The end of the current thread, which is on no list any more and whose
 * process may be gone already. Nothing from here on makes a scheduling point,
 * so whoever sees il_nexiting at 0 knows that no thread is on its way out.
 */
void
thread_exit(kthread_t *t)
{
	ASSERT(t == curthread);
	ASSERT(t->t_next == NULL);
	il->il_nexiting--;
	if (il->il_gone.pend_head != NULL)
		tine__obj_changed(&il->il_gone);
	t->t_state = TS_ZOMB;
	thread_destroy(t);
	tine__cur->owner = NULL;
	tine__thread_exit();
}

/*
 * Let a stopped thread run once nothing holds it any more.
 * Context: p_lock of its process.
 */
void
setrun(kthread_t *t)
{
	if (t->t_state != TS_STOPPED ||
	    (t->t_schedflag & TS_ALLSTART) != TS_ALLSTART)
		return;
	t->t_whystop = t->t_whatstop = 0;
	t->t_state = TS_RUN;
	if (t->t_tt->state == TINE__T_NEW)
		tine__thread_start(t->t_tt);
	else
		cv_signal(&t->t_stopcv);
}

/*
 * stop(why, what)
 *
 * Overview
 *   Stop the current thread until somebody lets it run: continuelwps() after a
 *   hold, SIGCONT after a job control stop. Breaks no sleep: who slept looks
 *   again at what it waited for. Only a suspended LWP leaves p_lwprcnt.
 *   [IL-005] [IL-114]
 *
 * Context
 *   In and out: p_lock, released meanwhile.
 */
void
stop(int why, int what)
{
	kthread_t *t = curthread;
	proc_t *p = ttoproc(t);

	ASSERT(MUTEX_HELD(&p->p_lock));
	if ((p->p_flag & SEXITLWPS) != 0)
		return;
	if (PR_STOPPED(why)) {
		t->t_schedflag &= (uint16_t)~TS_PSTART;
		p->p_flag &= ~(uint32_t)(SHOLDFORK | SHOLDFORK1);
	} else if (why == PR_JOBCONTROL) {
		/* A fork that holds the process gives way. [IL-123] */
		t->t_schedflag &= (uint16_t)~TS_XSTART;
		if (!QUIRK(IL_R22))
			p->p_flag &= ~(uint32_t)(SHOLDFORK | SHOLDFORK1);
	} else {
		t->t_schedflag &= (uint16_t)~TS_CSTART;
	}
	t->t_state = TS_STOPPED;
	t->t_whystop = (uint8_t)why;
	t->t_whatstop = (uint8_t)what;
	if (why == PR_SUSPENDED) {
		ASSERT3(p->p_lwprcnt, >, 0);
		p->p_lwprcnt--;
	}
	cv_broadcast(&p->p_holdlwps);
	while (t->t_state == TS_STOPPED)
		cv_wait(&t->t_stopcv, &p->p_lock);
	t->t_state = TS_ONPROC;
}

/* Make a thread look at its flags before it returns to user mode. */
void
aston(kthread_t *t)
{
	t->t_sig_check = true;
	t->t_tt->ast = true;
}

/*
 * delay(ticks): sleep for so many clock ticks, whatever happens meanwhile.
 * Context: no lock.
 */
void
delay(uint64_t ticks)
{
	kthread_t *t = curthread;
	const uint64_t until = tine__now() + ticks * NSEC_PER_TICK;

	mutex_enter(&t->t_delay_lock);
	while (tine__now() < until)
		(void) tine__cv_wait(&t->t_delay_cv, &t->t_delay_lock, 0,
		    until, TINE__WHERE);
	mutex_exit(&t->t_delay_lock);
}

/* What the program is shown of its class and priority. [IL-097] */
static void
schedctl_set_cidpri(kthread_t *t)
{
	if (QUIRK(OS_34))
		return;
	ttolwp(t)->lwp_schedctl.sc_cid = t->t_cid;
	ttolwp(t)->lwp_schedctl.sc_pri = t->t_pri;
}

/*
 * Back on the queue with a priority as if the quantum were over. Somebody may
 * change the class of t as soon as p_lock is dropped; the data that is worked
 * on here is gone then. OS-33: it is dropped first. [IL-R27]
 * Context: p_lock in, no lock out.
 */
static void
ts_requeue(kthread_t *t, proc_t *p)
{
	const uint32_t cldata = t->t_cldata;

	ASSERT(MUTEX_HELD(&p->p_lock));
	if (QUIRK(OS_33)) {
		mutex_exit(&p->p_lock);
		tine__racy(TINE_OP_WRITE, &t->t_cldata);
	}
	if (t->t_cldata != cldata)
		tine__panic("ts_forkret: the class data of the thread is gone");
	if (t->t_cid == IL_TS || t->t_cid == IL_IA)
		t->t_pri = t->t_pri > 10 ? (int8_t)(t->t_pri - 10) : 0;
	schedctl_set_cidpri(t);
	if (!QUIRK(OS_33))
		mutex_exit(&p->p_lock);
}

/*
 * priocntl(t, cid, pri): another scheduling class for a thread; the data of the
 * old one is freed. Context: p_lock of its process. [IL-R27]
 */
void
thread_enter_class(kthread_t *t, int cid, int pri)
{
	ASSERT(MUTEX_HELD(&ttoproc(t)->p_lock));
	tine__racy(TINE_OP_WRITE, &t->t_cldata);
	t->t_cldata++;
	t->t_cid = (uint8_t)cid;
	t->t_pri = (int8_t)pri;
	schedctl_set_cidpri(t);
}

/*
 * A child is set running by its parent, as a rule. A contract's kill needs
 * nothing that keeps it from a child that was born but not launched: it runs
 * then, and may have no LWP any more. [IL-R31] Context: p_lock of the child.
 */
void
launch(proc_t *cp)
{
	if (QUIRK(IL_R31) && (cp->p_tlist == NULL ||
	    cp->p_tlist->t_state != TS_STOPPED))
		tine__panic("launch: the child has run");
	continuelwps(cp);
}

/*
 * The class's part of fork: who runs first. [IL-097]
 *
 * cl_forkret(t, cp)
 *
 * Overview
 *   TS, IA, FX, FSS: the child's LWPs run, the held siblings run, the caller
 *   goes behind them: child first. Real-time and kernel threads keep the CPU:
 *   parent first. It is this function's job to drop pidlock: were it dropped
 *   before, the child could run and vanish before it is continued here.
 *
 * Context
 *   In: pidlock. Out: no lock. Switches.
 */
void
cl_forkret(kthread_t *t, proc_t *cp)
{
	proc_t *p = ttoproc(t);

	ASSERT(MUTEX_HELD(&pidlock));
	/* A process ends under pidlock: it cannot before we have it locked. */
	if (QUIRK(IL_R30)) {
		mutex_exit(&pidlock);
		mutex_enter(&pidlock);
		tine__racy(TINE_OP_READ, &cp->p_lockp);
	}
	mutex_enter(&cp->p_lock);
	if (t->t_cid == IL_RT || t->t_cid == IL_SYS) {
		mutex_exit(&pidlock);
		launch(cp);
		mutex_exit(&cp->p_lock);
		mutex_enter(&p->p_lock);
		continuelwps(p);
		mutex_exit(&p->p_lock);
		return;
	}
	if (QUIRK(OS_33))
		mutex_exit(&pidlock);
	launch(cp);
	PROBE(FORKRET, cp->p_pid, 0);
	mutex_exit(&cp->p_lock);
	mutex_enter(&p->p_lock);
	if (!QUIRK(OS_33))
		mutex_exit(&pidlock);
	continuelwps(p);
	ts_requeue(t, p);
	tine__yield();
}
