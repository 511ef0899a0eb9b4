/* SPDX-License-Identifier: MIT */
/*
 * boot.c - the tables of this kernel: made at boot, taken down at halt.
 */
#include "proc/dragonfly/kern.h"

static void
boot_caches(void)
{
#define CREATE(type) df->type##_cache = tine__cache_create(df->df_kmem, \
	    "df " #type, sizeof (struct type), 16);
	DF_CACHES(CREATE)
#undef CREATE
}

/* An object that is still alive makes this panic, with its type. */
static void
halt_caches(void)
{
#define DESTROY(type) tine__cache_destroy(df->type##_cache);
	DF_CACHES(DESTROY)
#undef DESTROY
}

/* Thread 0: the boot thread, made part of process 0. */
static void
boot_thread0(struct tine_machine *machine)
{
	struct df_state *ds = tine__machine_state(machine);
	struct thread *td = &ds->df_thread0;

	ds->df_machine = machine;
	ds->df_kmem = tine__machine_kmem(machine);
	ds->df_quirks = tine__machine_quirks(machine);
	td->td_tt = tine__cur;
	td->td_df = ds;
	td->td_proc = &ds->df_proc0;
	td->td_lwp = &ds->df_lwp0;
	tine__cur->owner = td;
	tine__cur->toks = &td->td_toks_array;
	ds->df_lwp0.lwp_thread = td;
	ds->df_lwp0.lwp_proc = &ds->df_proc0;
	ds->df_lwp0.lwp_cpumask = UINT64_MAX;
}

static void
boot_locks(void)
{
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		lwkt_token_init(&proc_tokens[n], &df_class_proc_hash);
	lwkt_token_init(&tty_token, &df_class_tty);
	lwkt_token_init(&df->df_klist_token, &df_class_klist);
	lwkt_token_init(&df->df_kqueue_token, &df_class_klist);
	lwkt_token_init(&df->df_shm_token, &df_class_shm);
	lwkt_token_init(&proc0.p_token, &df_class_proc);
	spin_init(&proc0.p_spin, &df_class_p_spin);
	lwkt_token_init(&df->df_lwp0.lwp_token, &df_class_lwp);
	spin_init(&df->df_lwp0.lwp_spin, &df_class_lwp_spin);
	spin_init(&df->df_limit0.p_spin, &df_class_limit_spin);
	lockinit(&df->df_pgrp0.pg_lock, "pgwt", &df_class_pglock);
	lwkt_token_init(&df->df_pgrp0.pg_token, &df_class_pgrp);
	tine__obj_init(&df->df_gone, TINE__OBJ_COND, &df_class_gone);
	df->df_gone.spare = TINE__OBJ_ALL;
}

static void
halt_locks(void)
{
	tine__obj_destroy(&df->df_gone);
	lwkt_token_uninit(&df->df_pgrp0.pg_token);
	lockuninit(&df->df_pgrp0.pg_lock);
	spin_uninit(&df->df_limit0.p_spin);
	spin_uninit(&df->df_lwp0.lwp_spin);
	lwkt_token_uninit(&df->df_lwp0.lwp_token);
	spin_uninit(&proc0.p_spin);
	lwkt_token_uninit(&proc0.p_token);
	lwkt_token_uninit(&df->df_shm_token);
	lwkt_token_uninit(&df->df_klist_token);
	lwkt_token_uninit(&df->df_kqueue_token);
	lwkt_token_uninit(&tty_token);
	for (unsigned n = 0; n < ALLPROC_HSIZE; n++)
		lwkt_token_uninit(&proc_tokens[n]);
}

static void
boot_limits(void)
{
	const struct tine_options *o = tine__machine_options(df->df_machine);
	struct plimit *limit = &df->df_limit0;

	maxproc = o->proc_max < 32 ? 32 : o->proc_max;
	/* Never more than there are numbers, as PID_MAX has it: who wants one
	 * when there is none would wait for it for ever. */
	if (maxproc > (uint32_t)o->pid_max)
		maxproc = (uint32_t)o->pid_max;
	maxprocperuid = maxproc / 4 < 128 ? maxproc / 2 : maxproc / 4;
	if (o->uid_procs != 0)
		maxprocperuid = o->uid_procs;
	df->df_pid_max = o->pid_max;
	df->df_pid_doms = tine__kmem_alloc(df->df_kmem, "pid_doms",
	    (size_t)df->df_pid_max * sizeof (df->df_pid_doms[0]),
	    TINE__KM_SLEEP | TINE__KM_ZERO, TINE__WHERE);
	df->df_nextpid = 1;
	limit->p_refcnt = 2;
	for (unsigned i = 0; i < DF_RLIM_NLIMITS; i++)
		limit->pl_rlimit[i].rlim_cur = limit->pl_rlimit[i].rlim_max =
		    DF_RLIM_INFINITY;
	limit->pl_rlimit[DF_RLIMIT_NPROC].rlim_cur =
	    limit->pl_rlimit[DF_RLIMIT_NPROC].rlim_max =
	    (int64_t)maxprocperuid;
	limit->pl_rlimit[DF_RLIMIT_NOFILE].rlim_cur =
	    limit->pl_rlimit[DF_RLIMIT_NOFILE].rlim_max = 1024;
}

/* Process 0: everybody's ancestor; it has no reaper. */
static void
boot_proc0(void)
{
	struct proc *p = &proc0;
	struct ucred *cr = &df->df_ucred0;
	struct sigacts *ps = &df->df_sigacts0;

	p->p_stat = SACTIVE;
	p->p_flags = P_SYSTEM;
	p->p_comm = "swapper";
	p->p_pptr = p;
	p->p_leader = p;
	p->p_lwp_tree = &df->df_lwp0;
	p->p_nthreads = 1;
	p->p_usched = &usched_dfly;
	cr->cr_ref = 3;
	cr->cr_ngroups = 1;
	cr->cr_ruidinfo = uifind(0);
	p->p_ucred = cr;
	curthread->td_ucred = cr;
	(void) chgproccnt(cr->cr_ruidinfo, 1, 0);
	ps->ps_refcnt = 2;
	ps->ps_sigignore = sigset_of(SA_IGNORE) & ~sigset_of(SA_CONT);
	p->p_sigacts = ps;
	p->p_limit = &df->df_limit0;
	rootvnode = tine__fs_root(df->df_machine);
	df->df_session0.s_count = 2;
	df->df_session0.s_leader = p;
	df->df_pgrp0.pg_refs = 2;
	df->df_pgrp0.pg_session = &df->df_session0;
	df->df_pgrp0.pg_members = p;
	df->df_allpgrps[0] = &df->df_pgrp0;
	p->p_pgrp = &df->df_pgrp0;
	p->p_ppglist = &df->df_pgrp0.pg_members;
	allprocs[0] = p;
	nprocs = 1;
}

/* Context: the boot thread, first of all. */
void
df_boot(struct tine_machine *machine)
{
	boot_thread0(machine);
	boot_locks();
	boot_caches();
	shminit();
	tine__fs_boot(machine);
	boot_limits();
	boot_proc0();
}

/* Init is the last zombie. */
static void
halt_init(void)
{
	struct df_rusage ru;
	int status, res, error;

	error = kern_wait(-1, &status, TINE_WAIT4_NOHANG, &ru, &res);
	ASSERT(error == 0 && res == 1);
	ASSERT3(initreaper.refs, ==, 1);
	reaper_drop(&initreaper);
	initproc = NULL;
}

static void
halt_prisons(void)
{
	struct prison *pr;

	while ((pr = df->df_prisons) != NULL) {
		ASSERT3(pr->pr_ref, ==, 0);
		df->df_prisons = pr->pr_next;
		kfree(prison_cache, pr);
	}
}

/*
 * Take everything down. Only process 0 and the zombie of init are left, and no
 * thread but this one.
 */
void
df_halt(void)
{
	struct proc *p = &proc0;
	struct forklist *ep;

	df->df_up = false;
	df_records_free();
	df_husks_free();
	crlost_free();
	halt_init();
	while ((ep = fork_list) != NULL) {
		fork_list = ep->next;
		kfree(forklist_cache, ep);
	}
	shm_fini();
	tine__fs_halt(df->df_machine);
	*p->p_ppglist = NULL;
	ASSERT(df->df_pgrp0.pg_members == NULL);
	ASSERT3(df->df_pgrp0.pg_refs, ==, 2);
	ASSERT(df->df_allpgrps[0] == &df->df_pgrp0 &&
	    df->df_pgrp0.pg_next == NULL);
	(void) chgproccnt(df->df_ucred0.cr_ruidinfo, -1, 0);
	uidrop(df->df_ucred0.cr_ruidinfo);
	halt_prisons();
	ASSERT(df->df_vnodes == NULL && df->df_files == NULL);
	ASSERT(df->df_vmspaces == NULL && df->df_uidinfos == NULL);
	ASSERT3(nprocs, ==, 1);
	tine__kmem_free(df->df_kmem, "pid_doms", df->df_pid_doms,
	    (size_t)df->df_pid_max * sizeof (df->df_pid_doms[0]));
	halt_caches();
	halt_locks();
	tine__cur->toks = NULL;
	tine__cur->owner = NULL;
}
