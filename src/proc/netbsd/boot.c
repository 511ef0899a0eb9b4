/* SPDX-License-Identifier: MIT */
/*
 * boot.c - the tables of this kernel: made at boot, taken down at halt.
 */
#include "proc/netbsd/kern.h"

#define POOL_MAP(X) \
	X(proc_pool, "struct proc", struct proc) \
	X(lwp_pool, "struct lwp", struct lwp) \
	X(mutex_obj_pool, "kmutex_t", struct kmutex_obj) \
	X(cred_pool, "kauth_cred_t", struct kauth_cred) \
	X(uidinfo_pool, "uidinfo", struct uidinfo) \
	X(plimit_pool, "plimit", struct plimit) \
	X(pstats_pool, "pstats", struct pstats) \
	X(sigacts_pool, "sigacts", struct sigacts) \
	X(ksiginfo_pool, "ksiginfo_t", ksiginfo_t) \
	X(vnode_pool, "vnode", struct vnode) \
	X(file_pool, "struct file", struct file) \
	X(filedesc_pool, "filedesc", struct filedesc) \
	X(cwdi_pool, "cwdinfo", struct cwdinfo) \
	X(vmspace_pool, "vmspace", struct vmspace) \
	X(shm_pool, "shmid", struct tine__shmid) \
	X(shmmap_pool, "shmmap", struct tine__shmmap) \
	X(pgrp_pool, "pgrp", struct pgrp) \
	X(session_pool, "session", struct session) \
	X(listener_pool, "kauth_listener", struct kauth_listener) \
	X(hook_pool, "hook_desc", struct hook_desc) \
	X(ras_pool, "struct ras", struct ras) \
	X(ktsink_pool, "ktsink", struct ktsink) \
	X(lcproc_pool, "lcproc", struct lcproc) \
	X(ptimers_pool, "ptimers", struct ptimers) \
	X(kqueue_pool, "kqueue", struct kqueue) \
	X(knote_pool, "struct knote", struct knote)

static void
boot_pools(void)
{
#define POOL_MAKE(member, name, type) \
	nb->member = tine__cache_create(nb->nb_kmem, name, sizeof (type), 16);
	POOL_MAP(POOL_MAKE)
#undef POOL_MAKE
}

/* An object that is still alive makes this panic, with its type. */
static void
halt_pools(void)
{
#define POOL_DESTROY(member, name, type) tine__cache_destroy(nb->member);
	POOL_MAP(POOL_DESTROY)
#undef POOL_DESTROY
}

/* LWP 0: the boot thread, made part of process 0. */
static void
boot_lwp0(struct tine_machine *machine)
{
	struct nb_state *is = tine__machine_state(machine);
	struct lwp *l = &is->nb_lwp0;

	is->nb_machine = machine;
	is->nb_kmem = tine__machine_kmem(machine);
	is->nb_quirks = tine__machine_quirks(machine);
	l->l_nb = is;
	l->l_tt = tine__cur;
	l->l_proc = &is->nb_proc0;
	l->l_stat = LSONPROC;
	l->l_flag = LW_SYSTEM;
	l->l_lid = 1;
	l->l_refcnt = 1;
	tine__cur->owner = l;
}

static void
boot_locks(void)
{
	struct proc *p = &proc0;

	mutex_init(&proc_lock, &nb_class_proc_lock);
	mutex_init(&ktrace_lock, &nb_class_ktrace_lock);
	mutex_init(&nb->nb_shm_lock, &nb_class_shm_lock);
	mutex_init(&nb->nb_hook_lock, &nb_class_hook_lock);
	cv_init(&nb->nb_stop_cv, &nb_class_stopcv);
	mutex_init(&nb->nb_p0lock.mo_lock, &nb_class_p_lock);
	nb->nb_p0lock.mo_refcnt = 1;
	p->p_lockobj = &nb->nb_p0lock;
	mutex_init(&p->p_stmutex, &nb_class_p_stmutex);
	mutex_init(&p->p_auxlock, &nb_class_auxlock);
	rw_init(&p->p_reflock, &nb_class_reflock);
	cv_init(&p->p_waitcv, &nb_class_waitcv);
	cv_init(&p->p_lwpcv, &nb_class_lwpcv);
	mutex_init(&lwp0.l_delaylock, &nb_class_delaylock);
	cv_init(&lwp0.l_delaycv, &nb_class_delaycv);
	cv_init(&lwp0.l_waitcv, &nb_class_vfork);
	tine__obj_init(&lwp0.l_switch, TINE__OBJ_CV, &nb_class_switch);
	mutex_init(&nb->nb_limit0.pl_lock, &nb_class_pl_lock);
	mutex_init(&nb->nb_sigacts0.sa_mutex, &nb_class_sa_mutex);
	rw_init(&nb->nb_cwdi0.cwdi_lock, &nb_class_cwdi_lock);
}

static void
halt_locks(void)
{
	struct proc *p = &proc0;

	rw_destroy(&nb->nb_cwdi0.cwdi_lock);
	mutex_destroy(&nb->nb_sigacts0.sa_mutex);
	mutex_destroy(&nb->nb_limit0.pl_lock);
	mutex_destroy(&nb->nb_filedesc0.fd_lock);
	tine__obj_destroy(&lwp0.l_switch);
	cv_destroy(&lwp0.l_waitcv);
	cv_destroy(&lwp0.l_delaycv);
	mutex_destroy(&lwp0.l_delaylock);
	cv_destroy(&p->p_lwpcv);
	cv_destroy(&p->p_waitcv);
	rw_destroy(&p->p_reflock);
	mutex_destroy(&p->p_auxlock);
	mutex_destroy(&p->p_stmutex);
	mutex_destroy(&nb->nb_p0lock.mo_lock);
	cv_destroy(&nb->nb_stop_cv);
	mutex_destroy(&nb->nb_hook_lock);
	mutex_destroy(&nb->nb_shm_lock);
	mutex_destroy(&ktrace_lock);
	mutex_destroy(&proc_lock);
}

/* What process 0 has, which all others inherit. */
static void
boot_inherited(struct proc *p)
{
	const struct tine_options *o = tine__machine_options(nb->nb_machine);
	struct plimit *lim = &nb->nb_limit0;

	nb->nb_cred0.cr_refcnt = 3;	/* process 0, LWP 0, the machine */
	p->p_cred = &nb->nb_cred0;
	lwp0.l_cred = &nb->nb_cred0;
	(void) fd_init(&nb->nb_filedesc0);
	p->p_fd = &nb->nb_filedesc0;
	lwp0.l_fd = p->p_fd;
	nb->nb_cwdi0.cwdi_cdir = tine__fs_root(nb->nb_machine);
	tine__node_hold(nb->nb_cwdi0.cwdi_cdir);
	nb->nb_cwdi0.cwdi_cmask = 022;
	nb->nb_cwdi0.cwdi_refcnt = 1;
	p->p_cwdi = &nb->nb_cwdi0;
	for (int i = 0; i < RLIM_NLIMITS_NB; i++)
		lim->pl_rlimit[i].rlim_cur = lim->pl_rlimit[i].rlim_max =
		    UINT64_MAX;
	lim->pl_rlimit[RLIMIT_NOFILE].rlim_cur = 128;
	lim->pl_rlimit[RLIMIT_NOFILE].rlim_max = 1024;
	lim->pl_rlimit[RLIMIT_NPROC].rlim_max = maxproc;
	lim->pl_rlimit[RLIMIT_NPROC].rlim_cur = o->uid_procs != 0 ?
	    o->uid_procs : maxproc;
	lim->pl_corename = "%n.core";
	lim->pl_refcnt = 1;
	p->p_limit = lim;
	p->p_stats = &nb->nb_pstat0;
	nb->nb_sigacts0.sa_refcnt = 1;
	p->p_sigacts = &nb->nb_sigacts0;
	siginit(p);
}

/* Process 0. */
static void
boot_proc0(void)
{
	struct proc *p = &proc0;

	p->p_stat = SACTIVE;
	p->p_flag = PK_SYSTEM;
	p->p_emul = &emul_netbsd;
	p->p_nice = NZERO;
	memcpy(p->p_comm, "system", sizeof ("system"));
	p->p_generation = ++nb->nb_generation;
	sigpend_init(&p->p_sigpend);
	sigpend_init(&lwp0.l_sigpend);
	LIST_INSERT_HEAD(&p->p_lwps, &lwp0, l_sibling);
	LIST_INSERT_HEAD(&alllwp, &lwp0, l_list);
	p->p_nlwps = p->p_nrlwps = 1;
	p->p_nlwpid = 1;
	boot_inherited(p);
	nb->nb_session0.s_count = 1;
	nb->nb_session0.s_leader = p;
	nb->nb_pgrp0.pg_session = &nb->nb_session0;
	LIST_INSERT_HEAD(&nb->nb_pgrp0.pg_members, p, p_pglist);
	p->p_pgrp = &nb->nb_pgrp0;
	LIST_INSERT_HEAD(&allproc, p, p_list);
	nprocs = 1;
	(void) chgproccnt(0, 1);
}

/* Context: the boot thread, first of all. */
void
nb_boot(struct tine_machine *machine)
{
	boot_lwp0(machine);
	boot_locks();
	boot_pools();
	shminit();
	maxproc = tine__machine_options(machine)->proc_max;
	tine__vm_amaps(tine__machine_vm(machine), QUIRK(NB_R23));
	tine__vm_kernel_fault(tine__machine_vm(machine), uvm_kernel_fault);
	nb->nb_mq_open_max = 512;
	procinit();
	kauth_init();
	tine__fs_boot(machine);
	boot_proc0();
	if (kthread_create(proc_stop_callout, NULL, "callout", NULL) != 0)
		tine__panic("no kernel thread for the clock");
}

/* Take process 1 away: process 0 reaps it. */
static void
halt_init(void)
{
	struct proc *init;

	mutex_enter(&proc_lock);
	nb->nb_up = false;
	while (nb->nb_external != 0) {
		mutex_exit(&proc_lock);
		tine__yield();
		mutex_enter(&proc_lock);
	}
	init = initproc;
	initproc = NULL;
	nb->nb_stop_end = true;
	cv_broadcast(&nb->nb_stop_cv);
	proc_free(init, NULL);
}

/* Kernel threads end, and what they leave is freed. */
static void
halt_kthreads(void)
{
	struct lwp *l;

	mutex_enter(&proc0.p_lock);
	while (proc0.p_nrlwps > 1)
		cv_wait(&proc0.p_lwpcv, &proc0.p_lock);
	while ((l = proc0.p_zomblwp) != NULL) {
		proc0.p_zomblwp = NULL;
		lwp_free(l, false);
		mutex_enter(&proc0.p_lock);
	}
	mutex_exit(&proc0.p_lock);
	while (nb->nb_nexiting != 0)
		tine__yield();
}

/*
 * Take everything down. Only process 0 and the zombie of init are left.
 */
void
nb_halt(void)
{
	halt_init();
	halt_kthreads();
	ASSERT3(nprocs, ==, 1);
	(void) chgproccnt(0, -1);
	uid_fini();
	shm_fini();
	hook_fini();
	kauth_fini();
	vnode_fini();
	tine__node_rele(nb->nb_cwdi0.cwdi_cdir);
	tine__fs_halt(nb->nb_machine);
	ASSERT3(nb->nb_cred0.cr_refcnt, ==, 3);
	ASSERT3(nb->nb_limit0.pl_refcnt, ==, 1);
	ASSERT3(nb->nb_sigacts0.sa_refcnt, ==, 1);
	ASSERT3(nb->nb_filedesc0.fd_refcnt, ==, 1);
	ASSERT3(nb->nb_cwdi0.cwdi_refcnt, ==, 1);
	ASSERT3(nb->nb_p0lock.mo_refcnt, ==, 1);
	ASSERT3(nb->nb_session0.s_count, ==, 1);
	procfini();
	halt_pools();
	halt_locks();
	tine__cur->owner = NULL;
}
