/* SPDX-License-Identifier: MIT */
/*
 * proc/illumos/kern.h - the one header of the illumos flavour's sources.
 *
 * Functions bear the real kernel's names; names.h, included last, gives them
 * link names of their own. What is a global there is a member of struct
 * il_state here, one for each machine, reached by macros of the real name.
 */
#ifndef TINE__ILLUMOS_KERN_H
#define TINE__ILLUMOS_KERN_H

#include "proc/illumos/types.h"
#include "proc/probe.h"
#include "proc/quirk.h"
#include "proc/robust.h"

#include "proc/illumos/proc.h"
#include "proc/illumos/task.h"

#include "proc/illumos/names.h"

/* Slots of the process table come in chunks, made when first needed. */
#define PROCDIR_CHUNK 64

struct procent {
	struct proc	*pe_proc;	/* l NULL: free */
	struct procent	*pe_next;	/* l free list */
	uint32_t	pe_slot;	/* c */
	plock_t		pe_lock;
};

#define TUNE_MAXUPTTL_RESERVED 5
#define JUMP_PID 101			/* first number after those of boot */
#define HZ 100
#define NSEC_PER_TICK (UINT64_C(1000000000) / HZ)

/* Scheduling classes, and the one kernel threads are in. */
enum il_cid {
	IL_SYS = TINE_CLASS_SYS,
	IL_TS = TINE_CLASS_TS,
	IL_RT = TINE_CLASS_RT,
	IL_IA = TINE_CLASS_IA,
	IL_FX = TINE_CLASS_FX,
	IL_FSS = TINE_CLASS_FSS
};
#define FSS_INITPRI 30			/* a fresh share */
#define CLASS_KERNEL(cid) ((cid) == IL_SYS)

struct tine__setid;

/* What a run of this kernel has for globals. */
struct il_state {
	struct tine_machine *il_machine;
	struct tine__kmem *il_kmem;
	tine_quirks_t	il_quirks;

	kmutex_t	il_pidlock;
	kmutex_t	il_pidlinklock;
	kmutex_t	il_task_hash_lock;
	kmutex_t	il_pool_barrier_lock;
	kmutex_t	il_dtrace_lock;
	kmutex_t	il_mod_lock;
	kmutex_t	il_contract_lock;
	kmutex_t	il_pool_lock;
#define TID_LOCKS 8
	kmutex_t	il_tid_locks[TID_LOCKS];

	/* pidlock */
	struct proc	*il_practive;
	uint32_t	il_nproc;
	struct _kthread	*il_allthreads;
	uint32_t	il_nexiting;	/* threads that left it, not gone yet */
	struct tine__obj il_gone;	/* waited on until all are */
	struct upcount	*il_upcounts;
	uint32_t	il_fork_fail_pending;

	/* pidlinklock */
	pid_t		il_mpid, il_minpid, il_maxpid;
	uint32_t	il_v_proc;
	uint32_t	il_v_maxup;	/* c processes of a user; 0: default */
	il_id_t		il_lwpid_max;	/* c */
	struct pid	**il_pidhash;
	uint32_t	il_pidhashsz, il_npids;
	struct procent	**il_procdir;
	uint32_t	il_procdir_sz;	/* chunks it has places for */
	uint32_t	il_procdir_used;	/* slots ever made */
	struct procent	*il_procentfree;

	/* task_hash_lock */
	task_t		*il_tasks;
	taskid_t	il_taskid;
	uint32_t	il_ctid;
	uint64_t	il_cteseq;	/* events of contracts so far */
	kproject_t	*il_projects;	/* beside project 0 */

	zone_t		*il_zones;	/* beside the global one */
	zoneid_t	il_zoneid;
	int		il_poolid;	/* pool_lock */
	uint32_t	il_pool_barrier_count;	/* pool_barrier_lock */
	kcondvar_t	il_pool_barrier_cv;

	struct proc	*il_proc_init;
	uint32_t	il_minarmem;	/* frames; OS-06 */
	bool		il_no_kstacks;	/* for tests: there are none */
	bool		il_audit_active;	/* switched on at run time */
	bool		il_c2audit;	/* compiled in; OS-25 */
	uint64_t	il_psets;	/* k pool_lock; which there are */
#define IL_PSETS 64
	uint64_t	il_pset_cpus[IL_PSETS];	/* the same; CPUs of each */
	uint32_t	il_set_callbacks;	/* of tasks and projects */
	/* What is done besides when a control is exceeded; one word each. */
	struct tine_rctl_global il_rctl_global[RC_COUNT];
	bool		il_up;		/* booted, not halting */
	uint32_t	il_external;	/* inside il_external_kill() and such */
	struct tine__callout il_itimer;	/* the earliest ITIMER_REAL */
	vnode_t		*il_vnodes;
	vnode_t		*il_rootdir;
	refstr_t	*il_rootcwd;
	file_t		*il_files;
	sess_t		*il_sessions;	/* pidlock; all but session 0 */
	/* pidlock and the tty's lock; held, NULL: no session has it */
	struct pid	*il_tty_sidp, *il_tty_pgidp;

	/* what is static in the real kernel */
	struct as	il_kas;
	proc_t		il_p0;
	struct pid	il_pid0;
	kthread_t	il_t0;
	klwp_t		il_lwp0;
	cred_t		il_kcred;
	sess_t		il_session0;
	task_t		il_task0;
	kproject_t	il_proj0;
	zone_t		il_zone0;
	pool_t		il_pool_default;
	ctmpl_t		il_sys_process_tmpl;

	struct tine__cache *process_cache;
	struct tine__cache *thread_cache;
	struct tine__cache *lwp_cache;
	struct tine__cache *pid_cache;
	struct tine__cache *as_cache;
	struct tine__cache *lwpdir_cache;	/* directories of two */
	struct tine__cache *tidhash_cache;	/* and their hashes */
	struct tine__cache *lwpent_cache;
	struct tine__cache *rctl_set_cache;
	struct tine__cache *rctl_gp_cache;
	struct tine__cache *sigqueue_cache;
	struct tine__cache *sigqhdr_cache;
	struct tine__cache *cred_cache;
	struct tine__cache *task_cache;
	struct tine__cache *ct_cache;
	struct tine__cache *ct_event_cache;
	struct tine__cache *project_cache;
	struct tine__cache *vnode_cache;
	struct tine__cache *refstr_cache;
	struct tine__cache *file_cache;
	struct tine__cache *sess_cache;
	struct tine__cache *upcount_cache;
	struct tine__cache *shm_cache;
	struct tine__cache *segacct_cache;

	struct tine__cache *helpers_cache;
	uint32_t	il_helpers;	/* dtrace_lock: of all processes */
	uint32_t	il_helpers_lost;	/* of these, nobody's */
	struct dtrace_helpers *il_lost;	/* dtrace_lock */
	kmutex_t	il_shm_lock;
	struct tine__shm il_shm;	/* il_shm_lock */
};

#define curthread ((kthread_t *)tine__cur->owner)
#define curproc (curthread->t_procp)
#define il (curthread->t_il)
/* Whether that difference of 2006 is on. */
#define QUIRK(name) ((il->il_quirks & TINE__QUIRK(name)) != 0)
/* Count a failure of fork in a zone. */
#define ZONE_FF(counter) \
	do { \
		if (!QUIRK(OS_03)) \
			atomic_inc_32(counter); \
	} while (0)
#define PROBE(symbol, a, b) TINE__PROBE(symbol, a, b)
#define CRED() (curproc->p_cred)

#define pidlock (il->il_pidlock)
#define pidlinklock (il->il_pidlinklock)
#define task_hash_lock (il->il_task_hash_lock)
#define dtrace_lock (il->il_dtrace_lock)
#define contract_lock (il->il_contract_lock)
#define mod_lock (il->il_mod_lock)
#define pool_barrier_lock (il->il_pool_barrier_lock)
#define practive (il->il_practive)
#define nproc (il->il_nproc)
#define allthreads (il->il_allthreads)
#define fork_fail_pending (il->il_fork_fail_pending)
#define minpid (il->il_minpid)
#define maxpid (il->il_maxpid)
#define mpid (il->il_mpid)
#define v_v_proc (il->il_v_proc)
#define v_v_maxupttl (il->il_v_proc - TUNE_MAXUPTTL_RESERVED)
#define v_v_maxup (il->il_v_maxup != 0 ? il->il_v_maxup : v_v_maxupttl)
#define proc_init (il->il_proc_init)
#define kas (il->il_kas)
#define p0 (il->il_p0)
#define kcred (&il->il_kcred)
#define task0p (&il->il_task0)
#define proj0p (&il->il_proj0)
#define global_zone (&il->il_zone0)
#define pool_default (&il->il_pool_default)
#define sys_process_tmpl (&il->il_sys_process_tmpl)
#define rootdir (il->il_rootdir)

/* Lock classes, in lockclass.c; the order is IL 7.1. */
extern const struct tine__lockclass il_class_a_lock, il_class_ct_lock,
    il_class_pidlock, il_class_p_lock, il_class_zone_nlwps_lock,
    il_class_pool_barrier_lock, il_class_pidlinklock, il_class_rcs_lock,
    il_class_p_splock, il_class_s_lock, il_class_task_hash_lock,
    il_class_p_crlock, il_class_f_tlock, il_class_delay_lock,
    il_class_shm_lock, il_class_fi_lock, il_class_uf_lock, il_class_uf_cv,
    il_class_shm_lock, il_class_dtrace_lock, il_class_mod_lock,
    il_class_contract_lock, il_class_pool_lock, il_class_tid_lock,
    il_class_zone_lock, il_class_ct_evcv, il_class_t_capcv, il_class_zone_cv,
    il_class_pool_barrier_cv,
    il_class_p_cv, il_class_p_holdlwps, il_class_p_lwpexit, il_class_p_poolcv,
    il_class_pr_pid_cv, il_class_t_stopcv, il_class_t_delay_cv;

/* What the console is warned of: cmn_err's first argument. */
enum il_cmn_err {
	CMN_OUT_OF_PROCESSES,
	CMN_USER_LIMIT
};

/* --- fork.c, getproc.c, newproc.c, vfork.c --- */
#define FORK_NOSIGCHLD TINE_FORK_NOSIGCHLD
#define FORK_WAITPID TINE_FORK_WAITPID
#define GETPROC_USER 0x0
#define GETPROC_KERNEL 0x1
int64_t forksys(int subcode, int flags);
int64_t cfork(int isvfork, int isfork1, int flags);
void disown_proc(proc_t *pp, proc_t *cp);
void fork_fail(proc_t *cp);
void forklwp_fail(proc_t *p);
int getproc(proc_t **cpp, pid_t pid, unsigned flags);
int newproc(struct tine__image *image, int cid, int pri, pid_t pid);
void relvm(void);
void vfwait(pid_t pid);
void delay(uint64_t ticks);
int newproc_sys(void (*pc)(void *), void *arg, int pri);
int zone_id_of(const proc_t *p);

/* --- pid.c, pgrp.c --- */
void pid_init(void);
void pid_fini(void);
pid_t pid_allocate(proc_t *prp, pid_t pid);
int pid_rele(struct pid *pidp);
void proc_entry_free(struct pid *pidp);
void pid_exit(proc_t *prp, task_t *tk);
proc_t *prfind(pid_t pid);
struct pid *pid_find(pid_t pid);
void pid_hold(struct pid *pidp);
void pgjoin(proc_t *p, struct pid *pgp);
void pgexit(proc_t *prp);
void pgdetach(proc_t *p);

/* --- lwp.c, lwpsys.c, lwpdir.c, hold.c, thread.c --- */
klwp_t *lwp_create(proc_t *p, int state, int pri, int cid, il_id_t lwpid);
void lwp_create_done(kthread_t *t);
klwp_t *forklwp(klwp_t *lwp, proc_t *cp, il_id_t lwpid);
TINE_NORETURN void lwp_exit(void);
int lwp_wait(il_id_t lwpid, il_id_t *departed);
int64_t syslwp_create(const uint64_t args[5]);
int64_t syslwp_suspend(const uint64_t args[5]);
int64_t syslwp_continue(const uint64_t args[5]);
int64_t lwp_detach(const uint64_t args[5]);
void lwp_setrval(klwp_t *lwp, int64_t v1, int64_t v2);
void lwp_rtt(void *arg);
void lwp_kernel_start(void *arg);
void thread_enter_class(kthread_t *t, int cid, int pri);
int64_t pre_syscall(void);
void thread_affinity(kthread_t *t);
void prbarrier(proc_t *p);
uint64_t pr_usage(proc_t *p);
void sig_run_killed(proc_t *p, kthread_t *t);
void lwpdir_alloc(lwpdirs_t *lds, uint32_t slots);
void lwpdir_free(lwpdirs_t *lds);
void lwpdir_swap(proc_t *p, lwpdirs_t *lds);
void lwpdir_destroy(proc_t *p);
void lwp_hash_in(proc_t *p, lwpent_t *lep);
void lwp_hash_out(proc_t *p, il_id_t lwpid);
lwpdir_t *lwp_hash_lookup(proc_t *p, il_id_t lwpid);
kthread_t *thread_create(proc_t *p, int cid, int pri);
void thread_free(kthread_t *t);
void thread_unlink(kthread_t *t);
void thread_leave(kthread_t *t);
TINE_NORETURN void thread_exit(kthread_t *t);
void setrun(kthread_t *t);
void stop(int why, int what);
int holdlwps(int holdflag);
void continuelwps(proc_t *p);
void pokelwps(proc_t *p);
int exitlwps(int coredump);
void aston(kthread_t *t);
void cl_forkret(kthread_t *t, proc_t *cp);
void pool_barrier_enter(void);
void pool_barrier_exit(void);

/* --- exit.c, wait.c --- */
TINE_NORETURN void exit(int why, int what);
TINE_NORETURN void proc_exit(int why, int what);
void freeproc(proc_t *p);
void freeproc_unwaited(proc_t *p);
void add_ns(proc_t *pp, proc_t *cp);
void delete_ns(proc_t *pp, proc_t *cp);
void proc_detach(proc_t *p);
void orphan_unlink(proc_t *p);
int waitid(int idtype, pid_t id, struct tine_siginfo *info, int options,
    struct tine_rusage *usage);
void winfo(const proc_t *cp, struct tine_siginfo *info);
int wstat(int code, int data);
void set_wcode(proc_t *p, int code, int data);

/* --- sig.c, sigact.c, sigsend.c, sigsys.c, sigcld.c --- */
#define FORREAL 0
#define JUSTLOOKING 1
/* What a thread must go back to user mode for, whatever it waits for. */
#define MUSTRETURN(p) (((p)->p_flag & (SEXITLWPS | SHOLDFORK)) != 0)
void sigtoproc(proc_t *p, kthread_t *t, int sig);
void sigaddq(proc_t *p, kthread_t *t, const struct tine_siginfo *info);
void sigaddqa(proc_t *p, kthread_t *t, sigqueue_t *sqp);
void siginfofree(sigqueue_t *sqp);
void sigqhdrfree(proc_t *p);
void sigdelq(proc_t *p, kthread_t *t, int sig);
void sigdeq(proc_t *p, kthread_t *t, int sig, sigqueue_t **qpp);
void setsigact(int sig, uintptr_t disp, k_sigset_t mask, unsigned flags);
void sigdefault(proc_t *p);
k_sigset_t sig_default_ignored(void);
bool sig_dumps(int sig);
void sig_reset(proc_t *p, int sig);
int core(int sig);
bool sig_discarded(const proc_t *p, int sig);
bool sig_pending(const kthread_t *t);
int isjobstop(const kthread_t *t, int sig);
int issig(int why);
void psig(void);
void il_ast(void);
void trapsig(const struct tine_siginfo *info);
int64_t sigaction(const uint64_t args[5]);
uint64_t il_sigmask(void), il_sigpending(void);
void lwp_sigmask(k_sigset_t mask);
int64_t sigsuspend(const uint64_t args[5]);
int sigtimedwait(k_sigset_t set, uint64_t until, struct tine_siginfo *info);
struct tine_stack *il_sigaltstack(const struct tine_stack *new);
extern const struct tine__callops il_callops;
int64_t lwp_kill(const uint64_t args[5]);
int64_t sigreturn(const uint64_t args[5]);
int64_t sigqueue(const uint64_t args[5]);
int setitimer(int which, const struct tine_itimerval *new,
    struct tine_itimerval *old);
void itimer_tick(klwp_t *lwp);
int cv_timedwait_sig_at(kcondvar_t *cv, kmutex_t *mp, uint64_t deadline,
    const char *where);
int sigsendpid(pid_t pid, int sig);
void sigcld(proc_t *cp, sigqueue_t *sqp);
void sigcld_repost(proc_t *pp);
void sigcld_delete(proc_t *cp);

/* --- task.c, contract.c, rctl.c --- */
task_t *task_create(kproject_t *kpj, zone_t *zone);
void task_attach(task_t *tk, proc_t *p);
void task_begin(task_t *tk, proc_t *p);
void task_detach(proc_t *p);
void task_hold(task_t *tk);
void task_rele(task_t *tk);
cont_process_t *contract_process_fork(ctmpl_t *tmpl, proc_t *cp, proc_t *pp,
    bool canfail);
void contract_process_exit(cont_process_t *ctp, proc_t *p);
void contract_abandon_all(proc_t *p);
rctl_set_t *rctl_set_create(void);
void rctl_set_free(rctl_set_t *set);
rctl_alloc_gp_t *rctl_set_dup_prealloc(rctl_set_t *set);
bool rctl_set_dup_ready(rctl_set_t *set, rctl_alloc_gp_t *gp);
void rctl_prealloc_destroy(rctl_alloc_gp_t *gp);
rctl_set_t *rctl_set_dup(rctl_set_t *set, proc_t *p, proc_t *cp,
    rctl_set_t *dup, rctl_alloc_gp_t *gp);
rctl_alloc_gp_t *rctl_set_init_prealloc(void);
rctl_set_t *rctl_set_init(proc_t *p, rctl_set_t *set, rctl_alloc_gp_t *gp);
void rctl_set_reset(rctl_set_t *set, proc_t *p);
int rctl_test(uint64_t usage, uint64_t value, uint64_t inc);
bool rctl_nlwps_test(proc_t *p);
void rctl_entity_callbacks(task_t *tk);
bool rctl_nprocs_test(proc_t *p);

/* --- secsys.c, procsys.c, context.c --- */
cred_t *crenter(void);
int crcancel(cred_t *newcr, int error);
cred_t *crgethold(proc_t *p);
void crset(proc_t *p, cred_t *newcr);
void cred_priv_ids(cred_t *cr);
void cred_exec(proc_t *p, const struct tine__setid *ids);
int64_t psecflags(const uint64_t args[5]);
int64_t secflags_get(const proc_t *p, int which);
int64_t privsys(const uint64_t args[5]);
int64_t auditsys(const uint64_t args[5]);
int64_t brandsys(const uint64_t args[5]);
int zone_setbrand(zone_t *zone, const char *name);
int64_t pbind(const uint64_t args[5]);
int64_t memcntl(const uint64_t args[5]);
void memlock_fini(proc_t *p);
void memlock_unmap(proc_t *p, uint64_t start, uint64_t end);
int64_t profil(const uint64_t args[5]);
void prof_tick(kthread_t *t);
int64_t sysi86(const uint64_t args[5]);
int64_t ldt_get(const proc_t *p, uint32_t selector);
void forkpctx(proc_t *p, proc_t *cp);
void freepctx(proc_t *p);

/* --- rlimit.c, uid.c, usage.c --- */
void lwp_usage_leave(proc_t *p, const kthread_t *t);
void proc_usage_leave(proc_t *kin, const proc_t *p);
void child_usage(const proc_t *cp, struct tine_rusage *out);
int getrusage(int who, struct tine_rusage *usage);
int rlimit(int resource, const struct tine_rlimit *new,
    struct tine_rlimit *old);
uint64_t rctl_enforced_value(proc_t *p, int control);
int64_t setid(const uint64_t args[5]);
int64_t getid(const uint64_t args[5]);
bool hasprocperm(const cred_t *tcr, const cred_t *cr);
bool prochasprocperm(const proc_t *p, int sig);

/* --- cred.c --- */
void crhold(cred_t *cr);
void crfree(cred_t *cr);
int secpolicy_basic_fork(const cred_t *cr);
int secpolicy_newproc(const cred_t *cr);
void upcount_inc(uid_t uid, zoneid_t zoneid);
void upcount_dec(uid_t uid, zoneid_t zoneid);
uint32_t upcount_get(uid_t uid, zoneid_t zoneid);

/* --- vnode.c, lookup.c --- */
vnode_t *vn_lookup(const struct tine_program *program);
vnode_t *vn_fromnode(struct tine__node *node);
void vnode_unlink(vnode_t *vp);
void vn_hold(vnode_t *vp);
void vn_rele(vnode_t *vp);
int vop_open(vnode_t *vp, cred_t *cr);
void vop_close(vnode_t *vp);
void refstr_hold(refstr_t *rs);
void refstr_rele(refstr_t *rs);
void walk_begin(struct tine__walk *walk);
uint32_t il_euid(void);
void il_real(struct tine__walk *walk);
void chdirec(struct tine__node *node, bool root);
int il_file(int fd, struct tine__open *open);
void il_done(const struct tine__open *open);
int64_t il_two_files(struct tine__node *const node[2], const int oflag[2],
    uint64_t address);
int il_status(const struct tine__open *open);
uint64_t il_fsize(void);
int lookup_program(const char *path, const struct tine_program **program,
    struct tine__setid *ids);
int64_t umask(unsigned mask);

/* --- file.c, open.c, sysfile.c --- */
/* An LWP is wanted to stop for a fork. */
#define ISHOLD(p) (((p)->p_flag & (SHOLDFORK | SHOLDFORK1)) != 0)
void fcnt_add(uf_info_t *fip, int incr);
void flist_fork(uf_info_t *pfip, uf_info_t *cfip);
void flist_free(uf_info_t *fip);
void closeall(uf_info_t *fip);
void close_exec(uf_info_t *fip);
file_t *getf(int fd);
void releasef(int fd);
void setf(int fd, file_t *fp);
int ufalloc(int start);
int ufalloc_file(int start, file_t *fp);
int closeandsetf(int fd, file_t *newfp);
int falloc(vnode_t *vp, int oflag, file_t **fpp, int *fdp);
void unfalloc(file_t *fp);
void closef(file_t *fp);
int f_getfd(int fd);
bool f_setfd(int fd, int flag);
void fi_lock_enter(uf_info_t *fip);
void console_open(uf_info_t *fip);
int64_t copen(const char *upath, int oflag, unsigned mode);
int64_t dup2(int fd, int to, bool dup3, int flags);
int64_t fcntl(int fd, int cmd, int64_t arg);
extern const struct tine__fileops il_fileops;
int64_t sys_open(const uint64_t args[5]);
int64_t sys_close(const uint64_t args[5]);
int64_t sys_dup2(const uint64_t args[5]);
int64_t sys_dup3(const uint64_t args[5]);
int64_t sys_fcntl(const uint64_t args[5]);
int64_t sys_flock(const uint64_t args[5]);
int64_t sys_getpriority(const uint64_t args[5]);
int64_t sys_setpriority(const uint64_t args[5]);
int64_t sys_umask(const uint64_t args[5]);
int64_t sys_mmapf(const uint64_t args[5]);
int64_t sys_setsid(const uint64_t args[5]);
int64_t sys_setpgid(const uint64_t args[5]);
int64_t sys_getpgid(const uint64_t args[5]);
int64_t sys_getsid(const uint64_t args[5]);

/* --- session.c --- */
void sess_hold(proc_t *p);
void sess_rele(sess_t *sp);
void sess_create(void);
int64_t setsid(void);
int setpgid(pid_t pid, pid_t pgid);
int64_t getpgid(pid_t pid, bool session);
void pgsignal(struct pid *pgp, int sig);
int strctty(bool asked);
int freectty(void);
struct tine__node *ctty_hold(void);
int straccess(struct tine__tty *tty, int sig);
int strioctl(unsigned cmd, uint64_t arg);

/* --- as.c, grow.c, shm.c --- */
struct as *as_alloc(struct tine__as *tas, proc_t *p);
int as_dup(struct as *as, proc_t *cp);
void as_free(struct as *as);
bool as_over(const struct as *as, uint64_t size);
int as_fault(struct as *as, uint64_t va, unsigned access);
int as_map(size_t size, unsigned prot, size_t guard, uintptr_t *address);
int as_unmap(uintptr_t address, size_t size);
int brk_internal(uintptr_t to, uintptr_t *end);
int grow(struct as *as, uint64_t va);
int64_t smmap(uintptr_t address, size_t size, unsigned prot, int flags);
int64_t smmap_file(int fd, size_t size, unsigned prot, int flags,
    int64_t offset);
int mprotect(uintptr_t address, size_t size, unsigned prot);
int memcntl_inherit(uintptr_t address, size_t size, int inherit);
int pr_watch(uintptr_t address, size_t size, unsigned flags);
void watch_park(proc_t *p);
void watch_unpark(proc_t *p, struct as *as);
struct tine__shm *shm_state(void);
void shm_init(void);
void shmfork(proc_t *pp, proc_t *cp);
void shmexit(proc_t *p);
void shm_fini(void);
void shm_lose(proc_t *p);
void exec_lose(proc_t *p, vnode_t *exec);

int copyin(const void *user, void *kernel, size_t size);
int copyout(const void *kernel, void *user, size_t size);
int copyinstr(const char *user, char *kernel, size_t size, size_t *length);

/* --- exec.c, sys.c, boot.c, main.c, verify.c --- */
int64_t exec_common(const char *path, char *const *argv, char *const *envp);
int64_t exec_spawned(unsigned index);
void restart_init(const struct tine_program *program);
extern int64_t (*const sysent[TINE__SYS_trace])(const uint64_t args[5]);
void post_syscall(void);
void il_boot(struct tine_machine *machine);
void il_halt(void);
void il_main(struct tine_machine *machine);
void il_trap(const struct tine__trapframe *frame);
bool il_all_gone(struct tine__thread *thread, void *arg);
void il_external_kill(struct tine_machine *machine, int pid, int signo);
void il_describe(const struct tine__thread *thread, char *text, size_t size);
size_t il_spaces(struct tine_machine *machine, struct tine__as **out,
    size_t max);
void il_books(void);
void il_verify(void);

#include "proc/illumos/zone.h"

#endif
