/* SPDX-License-Identifier: MIT */
/*
 * boot.c - the tables of this kernel: made at boot, taken down at halt.
 */
#include "proc/illumos/kern.h"

static struct tine__cache *
make_cache(const char *name, size_t size)
{
	return (tine__cache_create(il->il_kmem, name, size, 16));
}

static void
boot_caches(void)
{
	il->process_cache = make_cache("proc_t", sizeof (proc_t));
	il->thread_cache = make_cache("kthread_t", sizeof (kthread_t));
	il->lwp_cache = make_cache("klwp_t", sizeof (klwp_t));
	il->pid_cache = make_cache("struct pid", sizeof (struct pid));
	il->as_cache = make_cache("struct as", sizeof (struct as));
	il->lwpdir_cache = make_cache("lwpdir_t[2]", sizeof (lwpdir_t) * 2);
	il->tidhash_cache = make_cache("tidhash_t[2]",
	    sizeof (tidhash_t) * 2);
	il->lwpent_cache = make_cache("lwpent_t", sizeof (lwpent_t));
	il->rctl_set_cache = make_cache("rctl_set_t", sizeof (rctl_set_t));
	il->rctl_gp_cache = make_cache("rctl_alloc_gp_t",
	    RCTL_GP_SIZE(RCTL_GP_VALUES));
	il->sigqueue_cache = make_cache("sigqueue_t", sizeof (sigqueue_t));
	il->sigqhdr_cache = make_cache("sigqhdr_t", sizeof (sigqhdr_t));
	il->cred_cache = make_cache("cred_t", sizeof (cred_t));
	il->task_cache = make_cache("task_t", sizeof (task_t));
	il->ct_cache = make_cache("contract_t", sizeof (cont_process_t));
	il->vnode_cache = make_cache("vnode_t", sizeof (vnode_t));
	il->refstr_cache = make_cache("refstr_t", sizeof (refstr_t));
	il->file_cache = make_cache("file_t", sizeof (file_t));
	il->sess_cache = make_cache("sess_t", sizeof (sess_t));
	il->upcount_cache = make_cache("upcount", sizeof (struct upcount));
	il->shm_cache = make_cache("kshmid_t", sizeof (kshmid_t));
	il->segacct_cache = make_cache("segacct_t", sizeof (segacct_t));
	il->ct_event_cache = make_cache("ct_kevent_t", sizeof (ct_kevent_t));
	il->project_cache = make_cache("kproject_t", sizeof (kproject_t));
	il->helpers_cache = make_cache("dtrace_helpers_t",
	    sizeof (dtrace_helpers_t));
}

/* An object that is still alive makes this panic, with its type. */
static void
halt_caches(void)
{
	tine__cache_destroy(il->process_cache);
	tine__cache_destroy(il->thread_cache);
	tine__cache_destroy(il->lwp_cache);
	tine__cache_destroy(il->pid_cache);
	tine__cache_destroy(il->as_cache);
	tine__cache_destroy(il->lwpdir_cache);
	tine__cache_destroy(il->tidhash_cache);
	tine__cache_destroy(il->lwpent_cache);
	tine__cache_destroy(il->rctl_set_cache);
	tine__cache_destroy(il->rctl_gp_cache);
	tine__cache_destroy(il->sigqueue_cache);
	tine__cache_destroy(il->sigqhdr_cache);
	tine__cache_destroy(il->cred_cache);
	tine__cache_destroy(il->task_cache);
	tine__cache_destroy(il->ct_cache);
	tine__cache_destroy(il->vnode_cache);
	tine__cache_destroy(il->refstr_cache);
	tine__cache_destroy(il->file_cache);
	tine__cache_destroy(il->sess_cache);
	tine__cache_destroy(il->upcount_cache);
	tine__cache_destroy(il->shm_cache);
	tine__cache_destroy(il->segacct_cache);
	tine__cache_destroy(il->helpers_cache);
	tine__cache_destroy(il->ct_event_cache);
	tine__cache_destroy(il->project_cache);
}

static const struct tine__lockclass class_gone = { "threads gone", 0, false };

/* Thread 0: the boot thread, made part of process 0. */
static struct il_state *
boot_thread0(struct tine_machine *machine)
{
	struct il_state *is = tine__machine_state(machine);
	kthread_t *t = &is->il_t0;

	is->il_machine = machine;
	is->il_quirks = tine__machine_quirks(machine);
	is->il_minarmem = 25;
	is->il_kmem = tine__machine_kmem(machine);
	t->t_tt = tine__cur;
	t->t_il = is;
	t->t_procp = &is->il_p0;
	t->t_lwp = &is->il_lwp0;
	is->il_lwp0.lwp_thread = t;
	is->il_lwp0.lwp_procp = &is->il_p0;
	t->t_next = t->t_prev = t->t_forw = t->t_back = t;
	t->t_state = TS_ONPROC;
	t->t_schedflag = TS_ALLSTART;
	t->t_cid = IL_SYS;
	t->t_bind_cpu = TINE_PBIND_NONE;
	t->t_bind_pset = TINE_PS_NONE;
	is->il_allthreads = t;
	tine__obj_init(&is->il_gone, TINE__OBJ_COND, &class_gone);
	is->il_gone.spare = TINE__OBJ_ALL;
	tine__cur->owner = t;
	return (is);
}

static void
boot_locks(void)
{
	mutex_init(&pidlock, &il_class_pidlock);
	mutex_init(&pidlinklock, &il_class_pidlinklock);
	mutex_init(&task_hash_lock, &il_class_task_hash_lock);
	mutex_init(&pool_barrier_lock, &il_class_pool_barrier_lock);
	mutex_init(&p0.p_splock, &il_class_p_splock);
	mutex_init(&p0.p_crlock, &il_class_p_crlock);
	cv_init(&p0.p_cv, &il_class_p_cv);
	cv_init(&p0.p_holdlwps, &il_class_p_holdlwps);
	cv_init(&p0.p_lwpexit, &il_class_p_lwpexit);
	cv_init(&p0.p_poolcv, &il_class_p_poolcv);
	cv_init(&curthread->t_capcv, &il_class_t_capcv);
	cv_init(&curthread->t_stopcv, &il_class_t_stopcv);
	cv_init(&curthread->t_delay_cv, &il_class_t_delay_cv);
	mutex_init(&curthread->t_delay_lock, &il_class_delay_lock);
	mutex_init(&il->il_session0.s_lock, &il_class_s_lock);
	mutex_init(&global_zone->zone_nlwps_lock, &il_class_zone_nlwps_lock);
	tine__rw_init(&kas.a_lock, &il_class_a_lock);
	mutex_init(&dtrace_lock, &il_class_dtrace_lock);
	mutex_init(&mod_lock, &il_class_mod_lock);
	mutex_init(&contract_lock, &il_class_contract_lock);
	mutex_init(&il->il_pool_lock, &il_class_pool_lock);
	for (int i = 0; i < TID_LOCKS; i++)
		mutex_init(&il->il_tid_locks[i], &il_class_tid_lock);
	cv_init(&il->il_pool_barrier_cv, &il_class_pool_barrier_cv);
	mutex_init(&global_zone->zone_lock, &il_class_zone_lock);
	cv_init(&global_zone->zone_cv, &il_class_zone_cv);
	mutex_init(&il->il_shm_lock, &il_class_shm_lock);
}

static void
halt_locks(void)
{
	cv_destroy(&global_zone->zone_cv);
	mutex_destroy(&global_zone->zone_lock);
	cv_destroy(&il->il_pool_barrier_cv);
	for (int i = 0; i < TID_LOCKS; i++)
		mutex_destroy(&il->il_tid_locks[i]);
	mutex_destroy(&il->il_pool_lock);
	mutex_destroy(&contract_lock);
	mutex_destroy(&mod_lock);
	mutex_destroy(&dtrace_lock);
	mutex_destroy(&il->il_shm_lock);
	tine__rw_destroy(&kas.a_lock);
	mutex_destroy(&global_zone->zone_nlwps_lock);
	mutex_destroy(&il->il_session0.s_lock);
	mutex_destroy(&curthread->t_delay_lock);
	cv_destroy(&curthread->t_delay_cv);
	cv_destroy(&curthread->t_capcv);
	cv_destroy(&curthread->t_stopcv);
	cv_destroy(&p0.p_cv);
	cv_destroy(&p0.p_holdlwps);
	cv_destroy(&p0.p_lwpexit);
	cv_destroy(&p0.p_poolcv);
	mutex_destroy(&p0.p_crlock);
	mutex_destroy(&p0.p_splock);
	mutex_destroy(&pool_barrier_lock);
	mutex_destroy(&task_hash_lock);
	mutex_destroy(&pidlinklock);
	mutex_destroy(&pidlock);
}

/* The global zone with project 0 and task 0; process 0 is their only member. */
static void
boot_zone(void)
{
	zone_t *zone = global_zone;
	kproject_t *kpj = proj0p;
	task_t *tk = task0p;

	zone->zone_status = ZONE_IS_RUNNING;
	zone->zone_proc_initpid = 1;
	zone->zone_zsched = &p0;
	zone->zone_proj0 = proj0p;
	zone->zone_max_swap_ctl = UINT64_MAX;
	zone->zone_nlwps_ctl = zone->zone_nprocs_ctl = UINT64_MAX;
	zone->zone_nlwps = zone->zone_nprocs = zone->zone_ntasks = 1;
	kpj->kpj_zone = zone;
	project_unlimited(kpj);
	kpj->kpj_nlwps = kpj->kpj_nprocs = 1;
	kpj->kpj_ntasks = kpj->kpj_count = 1;
	tk->tk_nlwps_ctl = tk->tk_nprocs_ctl = UINT64_MAX;
	tk->tk_proj = kpj;
	tk->tk_zone = zone;
	tk->tk_hold_count = tk->tk_nlwps = tk->tk_nprocs = 1;
	tk->tk_memb_list = &p0;
	il->il_tasks = tk;
	pool_default->pool_ref = 2;
}

/* Process 0: everybody's ancestor; it wants no zombies. */
static void
boot_p0(void)
{
	proc_t *p = &p0;

	p->p_as = &kas;
	p->p_stat = SRUN;
	p->p_flag = SSYS | SNOWAIT;
	p->p_ignore = sig_default_ignored();
	p->p_siginfo = ~CANTMASK;
	p->p_secupper = TINE_PROC_SEC_ALL;
	p->p_zone = global_zone;
	p->p_task = task0p;
	p->p_tasknext = p->p_taskprev = p;
	p->p_pool = pool_default;
	p->p_tlist = curthread;
	p->p_cpu_ctl = UINT64_MAX;
	p->p_lwpcnt = p->p_lwprcnt = 1;
	p->p_parent = p->p_nextofkin = p;
	kcred->cr_ref = 2;
	kcred->cr_zone = global_zone;
	kcred->cr_priv = kcred->cr_ppriv = kcred->cr_lpriv = PRIV_ALL;
	kcred->cr_ipriv = PRIV_BASIC;
	kcred->cr_auid = AU_NOAUDITID;
	p->p_cred = kcred;
	il->il_session0.s_ref = 2;
	il->il_session0.s_sidp = p->p_pidp;
	p->p_sessp = &il->il_session0;
	tine__node_hold(tine__fs_root(il->il_machine));
	rootdir = vn_fromnode(tine__fs_root(il->il_machine));
	PTOU(p)->u_cdir = rootdir;
	PTOU(p)->u_cmask = CMASK;
	PTOU(p)->u_comm = "sched";
	il->il_rootcwd = cache_alloc(refstr_cache, KM_SLEEP | KM_ZERO);
	il->il_rootcwd->rs_refcnt = 1;
	memcpy(il->il_rootcwd->rs_string, "/", 2);
	PTOU(p)->u_cwd = il->il_rootcwd;
	practive = p;
	nproc = 1;
	mutex_enter(&pidlock);
	upcount_inc(0, 0);
	p->p_pidp->pid_ref++;		/* its session */
	pgjoin(p, p->p_pidp);
	mutex_exit(&pidlock);
}

/* Context: the boot thread, first of all. */
void
il_boot(struct tine_machine *machine)
{
	struct il_state *is = boot_thread0(machine);

	ASSERT(is == il);
	tine__fs_boot(machine);
	boot_locks();
	boot_caches();
	shm_init();
	pid_init();
	boot_zone();
	boot_p0();
}

/* Helpers that a failed fork of 2006 left. [IL-R16] */
static void
halt_helpers(void)
{
	dtrace_helpers_t *help;

	ASSERT3(il->il_helpers, ==, il->il_helpers_lost);
	while ((help = il->il_lost) != NULL) {
		il->il_lost = help->dthps_next;
		cache_free(helpers_cache, help);
	}
}

/* Vnodes that only lost holds keep. [IL-R10] [IL-R11] */
static void
halt_vnodes(void)
{
	vnode_t *vp;

	while ((vp = il->il_vnodes) != NULL) {
		ASSERT3(vp->v_count, ==, vp->v_lost_count);
		ASSERT3(vp->v_opens, ==, vp->v_lost_opens);
		vnode_unlink(vp);
	}
}

/*
 * Take everything down. Only process 0 and the zombie of init are left, and no
 * thread but this one.
 */
void
il_halt(void)
{
	proc_t *init;

	tine__obj_destroy(&il->il_gone);
	mutex_enter(&pidlock);
	il->il_up = false;
	tine__callout_clear(&il->il_itimer);
	while (il->il_external != 0) {
		mutex_exit(&pidlock);
		tine__yield();
		mutex_enter(&pidlock);
	}
	init = proc_init;
	proc_init = NULL;
	tine__ev(REAP, init->p_pid, wstat(init->p_wcode, init->p_wdata));
	freeproc(init);
	ASSERT3(nproc, ==, 1);
	upcount_dec(0, 0);
	pgexit(&p0);
	mutex_exit(&pidlock);
	contract_abandon_all(&p0);
	shm_fini();
	halt_helpers();
	rctl_set_free(global_zone->zone_rctls);
	rctl_set_free(proj0p->kpj_rctls);
	rctl_set_free(task0p->tk_rctls);
	zones_fini();
	pools_fini();
	ASSERT(il->il_projects == NULL);
	refstr_rele(il->il_rootcwd);
	if (rootdir->v_count > rootdir->v_lost_count)
		vn_rele(rootdir);
	halt_vnodes();
	tine__fs_halt(il->il_machine);
	ASSERT(il->il_files == NULL && il->il_sessions == NULL);
	ASSERT(il->il_tty_sidp == NULL);
	ASSERT(il->il_upcounts == NULL);
	ASSERT(il->il_tasks == task0p && task0p->tk_next == NULL);
	ASSERT3(task0p->tk_hold_count, ==, 1);
	ASSERT3(pool_default->pool_ref, ==, 2);
	ASSERT3(kcred->cr_ref, ==, 2);
	ASSERT3(il->il_session0.s_ref, ==, 2);
	pid_fini();
	halt_caches();
	halt_locks();
	tine__cur->owner = NULL;
}
