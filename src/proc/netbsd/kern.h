/* SPDX-License-Identifier: MIT */
/*
 * proc/netbsd/kern.h - the one header of the netbsd flavour's sources.
 *
 * Functions bear the real kernel's names; names.h, included last, gives them
 * link names of their own. What is a global there is a member of struct
 * nb_state here, one for each machine, reached by macros of the real name.
 */
#ifndef TINE__NETBSD_KERN_H
#define TINE__NETBSD_KERN_H

#include "proc/netbsd/types.h"
#include "proc/robust.h"

#include "proc/netbsd/proc.h"
#include "proc/netbsd/object.h"

#include "proc/netbsd/names.h"

#define PID_MAX_NB 30000
#define INITIAL_PID_TABLE_SIZE 32
#define PROC_RESERVE 5
#define HZ 100
#define NSEC_PER_TICK (UINT64_C(1000000000) / HZ)

/*
 * Instants in fork1 and elsewhere that a probe may look at, by the number of
 * the behaviour that has just happened. [NB-037]
 */
typedef void (*nb_probe_fn)(int at, struct proc *p1, struct proc *p2);

/* What a run of this kernel has for globals. */
struct nb_state {
	struct tine_machine *nb_machine;
	struct tine__kmem *nb_kmem;
	tine_quirks_t	nb_quirks;	/* c those that are on */

	kmutex_t	nb_proc_lock;
	kmutex_t	nb_ktrace_lock;
	kmutex_t	nb_shm_lock;
	kmutex_t	nb_hook_lock;

	/* atomic, or no lock at all */
	uint32_t	nb_nprocs;
	uint32_t	nb_maxproc;
	uint32_t	nb_forkfsleep;	/* ticks */
	uint32_t	nb_mq_open_max;
	uint64_t	nb_lasttfm;
	uint32_t	nb_tfm_count;	/* messages logged */

	/* proc_lock */
	struct proclist	nb_allproc, nb_zombproc;
	struct lwplist	nb_alllwp;
	struct pid_table *nb_pid_table;
	uint32_t	nb_pid_tbl_mask, nb_pid_alloc_cnt, nb_pid_alloc_lim;
	uint32_t	nb_next_free_pt, nb_last_free_pt;
	uint32_t	nb_pid_max;
	uint64_t	nb_generation;
	uint32_t	nb_mutex_order;
	struct proc	*nb_initproc;
	uint32_t	nb_nexiting;	/* threads that are none's, not gone */
	uint32_t	nb_stopping;	/* a process may have PS_STOPPING */
	bool		nb_up;
	bool		nb_stop_end;	/* of proc_stop_callout() */
	uint32_t	nb_external;
	struct tine__callout nb_itimer;
	kcondvar_t	nb_stop_cv;	/* proc_stop_callout sleeps here */
	struct uidinfo	*nb_uidinfos;
	uint32_t	nb_forks, nb_forks_ppwait, nb_forks_sharevm;
	uint32_t	nb_profprocs;	/* profiling clocks that run */

	struct kauth_listener *nb_listeners;
	struct hook_desc *nb_forkhooks, *nb_exithooks, *nb_exechooks;
	struct vnode	*nb_vnodes;
	struct tine__shm nb_shm;	/* nb_shm_lock */

	nb_probe_fn	nb_probe;
	void		*nb_probe_arg;

	/* what is static in the real kernel */
	struct proc	nb_proc0;
	struct lwp	nb_lwp0;
	struct kmutex_obj nb_p0lock;
	struct kauth_cred nb_cred0;
	struct filedesc	nb_filedesc0;
	struct cwdinfo	nb_cwdi0;
	struct plimit	nb_limit0;
	struct pstats	nb_pstat0;
	struct sigacts	nb_sigacts0;
	struct session	nb_session0;
	struct pgrp	nb_pgrp0;
	struct vmspace	nb_vmspace0;

	struct tine__cache *proc_pool;
	struct tine__cache *lwp_pool;
	struct tine__cache *mutex_obj_pool;
	struct tine__cache *cred_pool;
	struct tine__cache *uidinfo_pool;
	struct tine__cache *plimit_pool;
	struct tine__cache *pstats_pool;
	struct tine__cache *sigacts_pool;
	struct tine__cache *ksiginfo_pool;
	struct tine__cache *vnode_pool;
	struct tine__cache *file_pool;
	struct tine__cache *filedesc_pool;
	struct tine__cache *cwdi_pool;
	struct tine__cache *vmspace_pool;
	struct tine__cache *shm_pool;
	struct tine__cache *shmmap_pool;
	struct tine__cache *pgrp_pool;
	struct tine__cache *session_pool;
	struct tine__cache *listener_pool;
	struct tine__cache *hook_pool;
	struct tine__cache *ras_pool;
	struct tine__cache *ktsink_pool;
	struct tine__cache *lcproc_pool;
	struct tine__cache *ptimers_pool;
	struct tine__cache *kqueue_pool;
	struct tine__cache *knote_pool;
};

#define curlwp ((struct lwp *)tine__cur->owner)
#define curproc (curlwp->l_proc)
#define nb (curlwp->l_nb)

#define proc_lock (nb->nb_proc_lock)
#define ktrace_lock (nb->nb_ktrace_lock)
#define allproc (nb->nb_allproc)
#define zombproc (nb->nb_zombproc)
#define alllwp (nb->nb_alllwp)
#define initproc (nb->nb_initproc)
#define nprocs (nb->nb_nprocs)
#define maxproc (nb->nb_maxproc)
#define forkfsleep (nb->nb_forkfsleep)
#define proc0 (nb->nb_proc0)
#define lwp0 (nb->nb_lwp0)

/* An instant that tests may look at; see nb_probe_fn. */
#define PROBE(at, p1, p2) do { \
	if (TINE__UNLIKELY(nb->nb_probe != NULL)) \
		nb->nb_probe((at), (p1), (p2)); \
} while (0)

/* Whether a mistake of this revision is on: quirks.h. */
#define QUIRK(name) ((nb->nb_quirks & TINE__QUIRK(name)) != 0)

/* Lock classes, in lockclass.c; the order is NB 8.1. */
extern const struct tine__lockclass nb_class_reflock, nb_class_map,
    nb_class_shm_lock, nb_class_hook_lock, nb_class_fd_lock, nb_class_f_lock,
    nb_class_cwdi_lock, nb_class_ktrace_lock, nb_class_auxlock,
    nb_class_lp_lock, nb_class_proc_lock, nb_class_p_lock, nb_class_pl_lock,
    nb_class_sa_mutex, nb_class_p_stmutex, nb_class_kq_lock,
    nb_class_delaylock,
    nb_class_waitcv, nb_class_lwpcv, nb_class_vfork, nb_class_delaycv,
    nb_class_stopcv, nb_class_kqcv, nb_class_switch;

/* At kernel entry: the credential that a sibling may have changed. */
#define LWP_CACHE_CREDS(l) do { \
	if (TINE__UNLIKELY(((l)->l_prflag & LPR_CRMOD) != 0)) \
		lwp_update_creds(l); \
} while (0)

/* --- kern_fork.c --- */
int fork1(struct lwp *l1, int flags, int exitsig, uint64_t stack,
    uint64_t stacksize, void (*func)(void *), void *arg, int64_t *retval);
int sys_fork(struct lwp *l, int64_t *retval);
int sys_vfork(struct lwp *l, int64_t *retval);
int sys___vfork14(struct lwp *l, int64_t *retval);
int sys___clone(struct lwp *l, unsigned flags, uint64_t stack, uint64_t fn,
    uint64_t arg, uint64_t after, int64_t *retval);
int linux_sys_clone(struct lwp *l, unsigned flags, uint64_t stack, uint64_t fn,
    uint64_t arg, uint64_t child_tidptr, int64_t *retval);
int freebsd_sys_rfork(struct lwp *l, unsigned flags, int64_t *retval);
void child_return(void *arg);
void eventswitch(struct proc *p, int event, int other);
void lwp_event(struct lwp *l, uint32_t which, lwpid_t lid);
bool fork_event(const struct proc *p1, uint32_t which, int flags);
int fork_signals_begin(struct lwp *l);
void fork_signals_keep(struct proc *p, const ksiginfo_t *ksi);
void fork_signals_end(struct lwp *l, struct proc *p2);
void vfork_release(struct proc *p);
void vfork_wait(struct lwp *l1, struct proc *p2, uint64_t generation,
    int flags);

/* --- kern_proc.c, kern_pgrp.c --- */
void procinit(void);
void procfini(void);
struct proc *proc_alloc(void);
void proc_free_mem(struct proc *p);
pid_t proc_alloc_pid(struct proc *p);
void proc_free_pid(pid_t pid);
struct proc *proc_find_raw(pid_t pid);
struct proc *proc_find(pid_t pid);
struct pgrp *pgrp_find(pid_t pgid);
void pgrp_enter_slot(struct pgrp *pg);
void pg_delete(pid_t pgid);
void proc_reparent(struct proc *child, struct proc *parent);
void proc_changeparent(struct proc *t, struct proc *p);
struct proc *reaper_of(void);
int proc_enterpgrp(struct proc *curp, pid_t pid, pid_t pgid, bool mksess);
void proc_leavepgrp(struct proc *p);
void fixjobc(struct proc *p, struct pgrp *pgrp, bool entering);
int pg_jobc_of(const struct pgrp *pgrp);
void proc_sesshold(struct session *ss);
void proc_sessrele(struct session *ss);
struct kmutex_obj *mutex_obj_alloc(void);
void mutex_obj_hold(struct kmutex_obj *mo);
void mutex_obj_free(struct kmutex_obj *mo);

/* --- kern_lwp.c, sys_lwp.c, kern_synch.c --- */
struct tine__thread *uvm_uarea_alloc(void);
void uvm_uarea_free(struct tine__thread *uarea);
int lwp_create(struct lwp *l1, struct proc *p2, struct tine__thread *uarea,
    uint32_t flags, uint64_t stack, uint64_t stacksize, void (*func)(void *),
    void *arg, struct lwp **rnewlwpp, int sclass, nb_sigset_t sigmask,
    const struct tine_stack *sigstk);
int kthread_create(void (*func)(void *), void *arg, const char *name,
    struct lwp **lp);
TINE_NORETURN void kthread_exit(void);
void lwp_start(struct lwp *l, uint32_t flags);
TINE_NORETURN void lwp_exit(struct lwp *l);
TINE_NORETURN void lwp_exit_switchaway(struct nb_state *state);
void lwp_free(struct lwp *l, bool last);
int lwp_wait(struct lwp *l, lwpid_t lid, lwpid_t *departed, bool exiting);
int lwp_suspend(struct lwp *curl, struct lwp *t);
void lwp_continue(struct lwp *l);
int lwp_detach(lwpid_t lid);
struct lwp *lwp_find(struct proc *p, lwpid_t lid);
void lwp_need_boundary(struct lwp *l);
void lwp_need_userret(struct lwp *l);
void lwp_userret(struct lwp *l);
void lwp_update_creds(struct lwp *l);
void setrunnable(struct lwp *l);
void mi_switch(struct lwp *l);
int sleepq_block(kcondvar_t *cv, kmutex_t *mtx, bool catch_p,
    uint64_t deadline, const char *where);
int kpause(const char *wmesg, bool intr, uint64_t ticks);
void sched_proc_fork(struct proc *parent, struct proc *child);
int lwp_ctl_alloc(struct lwp *l, uint64_t *uaddr);
void lwp_ctl_free(struct lwp *l);
void lwp_ctl_exit(void);
int64_t syslwp_create(const uint64_t args[5]);

/* --- kern_exit.c, kern_wait.c --- */
TINE_NORETURN void exit1(struct lwp *l, int exitcode, int signo);
void exit_lwps(struct lwp *l);
void proc_free(struct proc *p, struct rusage_nb *ru);
int do_sys_waitid(int idtype, pid_t id, pid_t *pid, int *status, int options,
    struct rusage_nb *ru, struct tine_siginfo *info);
#define WCOREFLAG 0x80			/* of a wait status */
int wait_status(const struct proc *p);
int wait_code(const struct proc *p);

/* --- kern_sig.c, kern_sigpost.c --- */
#define SA_KILL_P 0x01			/* sigprop: ends the process */
#define SA_CORE_P 0x02
#define SA_STOP_P 0x04
#define SA_TTYSTOP_P 0x08
#define SA_IGNORE_P 0x10
#define SA_CONT_P 0x20
#define SA_CANTMASK_P 0x40
#define SA_TOALL_P 0x80
#define SA_NORESET_P 0x100
int sigprop(int signo);
struct sigacts *sigactsinit(struct proc *pp, bool share);
void sigactsunshare(struct proc *p);
void sigactsfree(struct sigacts *ps);
void siginit(struct proc *p);
void execsigs(struct proc *p);
void sigclearall(struct proc *p, nb_sigset_t mask);
void sigpend_init(sigpend_t *sp);
void sigclear(sigpend_t *sp, nb_sigset_t mask);
int sigput(sigpend_t *sp, const ksiginfo_t *ksi);
int sigget(sigpend_t *sp, ksiginfo_t *out, int signo, nb_sigset_t mask);
int sigpost(struct lwp *l, uint64_t action, int prop, int sig);
int sigispending(struct lwp *l, int signo);
int kpsignal(struct proc *p, const ksiginfo_t *ksi);
void kpsignal_member(struct proc *p, const ksiginfo_t *ksi);
int kpsignal2(struct proc *p, const ksiginfo_t *ksi, lwpid_t lid);
void psignal(struct proc *p, int signo);
void pgsignal(struct pgrp *pgrp, int signo, bool checkctty);
void child_psignal(struct proc *p, uint32_t mask);
void exit_psignal(struct proc *p, struct proc *pp);
int issignal(struct lwp *l);
void postsig(int signo);
TINE_NORETURN void sigexit(struct lwp *l, int signo);
void sigswitch(uint32_t ppmask, int signo, bool relock);
void proc_stop(struct proc *p, int signo);
void proc_stop_asked(struct lwp *l);
void proc_stop_lwps(struct proc *p);
void proc_stop_done(struct proc *p, uint32_t ppmask);
void proc_stop_callout(void *arg);
void proc_unstop(struct proc *p);
void trapsignal(struct lwp *l, int signo, int code, uint64_t addr);
void ksi_of(ksiginfo_t *ksi, const struct lwp *l, int signo, int code);
int kill1(struct lwp *l, pid_t pid, const ksiginfo_t *ksi);
void sigaction_share(struct proc *p);
int sigaction1(struct lwp *l, int signo, const struct sigaction_nb *nsa,
    struct sigaction_nb *osa);
void sigset_apply(struct lwp *l);
int64_t syserr(int error);
uint64_t nb_sigmask(void);
void nb_setmask(nb_sigset_t mask);
uint64_t nb_sigpending(void);
int sigtimedwait1(nb_sigset_t set, uint64_t until, struct tine_siginfo *info);
struct tine_stack *nb_sigaltstack(const struct tine_stack *new);
extern const struct tine__callops nb_callops;
extern int64_t (*const sysent_signal[TINE__SYS_trace])(
    const uint64_t args[5]);
void timers_free(struct proc *p);
int dosetitimer(int which, const struct tine_itimerval *new,
    struct tine_itimerval *old);
int64_t sys_setid(const uint64_t args[5]);
int64_t sys_getid(const uint64_t args[5]);
int nb_rlimit(int which, const struct tine_rlimit *new,
    struct tine_rlimit *old);
int getrusage1(int who, struct tine_rusage *usage);

/* --- kern_resource.c, kern_auth.c --- */
struct plimit *lim_copy(struct plimit *lim);
void lim_addref(struct plimit *lim);
void lim_privatise(struct proc *p);
void lim_free(struct plimit *lim);
int dosetrlimit(struct lwp *l, struct proc *p, int which,
    const struct rlimit_nb *limp);
struct pstats *pstatscopy(struct pstats *ps);
void pstatsfree(struct pstats *ps);
struct uidinfo *uid_find(uint32_t uid);
int chgproccnt(uint32_t uid, int diff);
int chglwpcnt(uint32_t uid, int diff);
int64_t sys_getpriority(const uint64_t args[5]);
int64_t sys_setpriority(const uint64_t args[5]);

/* Nice is kept plus NZERO. */
#define NZERO 20
void uid_fini(void);
struct kauth_cred *kauth_cred_alloc(const struct kauth_cred *from);
void kauth_cred_hold(struct kauth_cred *cred);
void kauth_cred_free(struct kauth_cred *cred);
void kauth_proc_fork(struct proc *parent, struct proc *child);
kauth_listener_t kauth_listen_scope(kauth_scope_callback_t func,
    void *cookie);
void kauth_unlisten_scope(kauth_listener_t listener);
int kauth_authorize_process(struct kauth_cred *cred,
    enum kauth_action action, struct proc *p, uintptr_t arg);
void kauth_init(void);
void kauth_fini(void);
#define kauth_cred_getuid(cr) ((cr)->cr_uid)
#define kauth_cred_geteuid(cr) ((cr)->cr_euid)
void do_setresuid(struct proc *p, struct kauth_cred *cred, int64_t r,
    int64_t e, int64_t sv);
struct kauth_cred *proc_crmod_enter(void);
void proc_crmod_cancel(struct kauth_cred *cred);
void proc_crmod_leave(struct proc *p, struct kauth_cred *cred, bool sugid);

/* --- kern_descrip.c, vfs_cwd.c --- */
struct vnode *vn_lookup(const struct tine_program *program);
void vref(struct vnode *vp);
void vrele(struct vnode *vp);
void vnode_fini(void);
struct filedesc *fd_init(struct filedesc *fdp);
struct filedesc *fd_copy(void);
void fd_share(struct proc *p2);
void fd_free(struct filedesc *fdp);
void fd_closeexec(void);
void fd_unshare(struct proc *p);
int fd_alloc(struct proc *p, int from, int *fd);
void fd_affix(struct proc *p, struct file *fp, int fd);
struct file *fd_getfile(int fd);
void fd_putfile(struct file *fp);
int fd_close(int fd);
void fd_set_exclose(int fd, bool exclose);
int fd_dup2(int from, int to, bool exclose);
uint32_t fd_mqueues(struct filedesc *fdp);
void fd_abort(struct proc *p, int fd);
struct file *file_alloc(int type, int flag, void *data);
void closef(struct file *fp);
void console_open(struct proc *p);
struct cwdinfo *cwdinit(void);
void cwdshare(struct proc *p2);
void cwdunshare(struct proc *p);
void cwdfree(struct cwdinfo *cwdi);

/* --- sys_file.c, vfs_syscalls.c, tty.c --- */
extern int64_t (*const sysent_file[TINE__SYS_trace])(const uint64_t args[5]);
extern const struct tine__fileops nb_fileops;
int64_t vfs_open(const char *upath, int oflag, unsigned mode);
int vfs_lookup_program(const char *path, const struct tine_program **program);
int tty_ioctl(unsigned cmd, uint64_t arg);
int tty_ctty(bool asked);
int tty_background(struct tine__tty *tty, int signo);
void tty_leave(struct proc *p);
struct tine__node *tty_hold(void);

/* --- uvm_map.c, uvm_mmap.c, uvm_glue.c, sysv_shm.c --- */
struct vmspace *uvmspace_alloc(struct tine__as *as, struct proc *p);
struct vmspace *uvmspace_fork(struct vmspace *vm1, struct proc *p2);
void uvmspace_share(struct proc *p1, struct proc *p2);
void uvmspace_free(struct vmspace *vm);
void uvmspace_exec(struct lwp *l, struct tine__as *as);
void uvm_proc_fork(struct proc *p1, struct proc *p2, bool shared);
void uvm_proc_exit(struct proc *p);
int uvm_fault(struct vmspace *vm, uint64_t va, unsigned access);
int uvm_kernel_fault(struct tine__as *as, uint64_t va, unsigned access);
int uvm_map_inherit(struct vmspace *vm, uintptr_t addr, uint64_t size,
    int inherit);
int uvm_map_pageable(struct vmspace *vm, uintptr_t addr, uint64_t size,
    bool wire);
void sigsuspendsetup(uint64_t mask);
void sigsuspendteardown(bool interrupted);
void proc_tick(struct proc *p);
void sched_pstats(struct lwp *l);
void ruaccount(struct rusage_nb *ru, const struct tine__thread *tt);
struct tine_rusage;
void usage_of(const struct rusage_nb *ru, struct tine_rusage *usage);
void walk_begin(struct tine__walk *walk);
uint32_t nb_euid(void);
void nb_real(struct tine__walk *walk);
void change_dir(struct tine__node *node, bool root);
int nb_file(int fd, struct tine__open *open);
void nb_done(const struct tine__open *open);
int64_t nb_two_files(struct tine__node *const node[2], const int oflag[2],
    uint64_t address);
int nb_status(const struct tine__open *open);
uint64_t nb_fsize(void);
int64_t uvm_mmap_file(struct tine__node *node, uint64_t size, unsigned prot,
    bool writes, int flags, int64_t offset);
int64_t uvm_mmap(uintptr_t addr, uint64_t size, unsigned prot, int flags,
    uint64_t guard);
int uvm_unmap(uintptr_t addr, uint64_t size);
int uvm_map_protect(uintptr_t addr, uint64_t size, unsigned prot);
int64_t sys_obreak(uintptr_t to);
bool uvm_wired(const struct vmspace *vm, uint64_t va);
int copyin(const void *user, void *kernel, size_t size);
int copyout(const void *kernel, void *user, size_t size);
int copyinstr(const char *user, char *kernel, size_t size, size_t *length);
struct tine__shm *shm_state(void);
void shminit(void);
void shmfork(struct vmspace *vm1, struct vmspace *vm2);
void shmexit(struct vmspace *vm);
void shm_fini(void);

/* --- sys_ptrace.c --- */
int64_t sys_ptrace(const uint64_t args[5]);

/* --- kern_event.c, kern_hook.c --- */
int kqueue1(int *fd);
int kevent_proc(int fd, pid_t pid, uint32_t fflags, bool add);
int kevent_next(int fd, struct tine_nb_kevent *event, bool wait);
void kqueue_close(struct kqueue *kq);
void KNOTE(struct klist *list, uint32_t hint);
void knote_proc_exit(struct proc *p);
int forkhook_establish(void (*fn)(struct proc *p2, struct proc *p1));
void forkhook_disestablish(void (*fn)(struct proc *p2, struct proc *p1));
void doforkhooks(struct proc *p2, struct proc *p1);
int exithook_establish(void (*fn)(struct proc *, void *), void *arg);
void doexithooks(struct proc *p);
int exechook_establish(void (*fn)(struct proc *, void *), void *arg);
void doexechooks(struct proc *p);
void hook_fini(void);
void ras_fork(struct proc *p1, struct proc *p2);
int ras_install(uint64_t addr, uint64_t len);
int ras_purge(uint64_t addr, uint64_t len);
void ras_purgeall(struct proc *p);
int ktrace_set(struct proc *p, uint32_t facs, bool on);
void ktradref(struct proc *p);
void ktrderef(struct proc *p);
bool ktrpoint(uint32_t fac);
void ktrsysret(void);
void startprofclock(struct proc *p);
void stopprofclock(struct proc *p);
extern const struct emul emul_netbsd, emul_linux;

/* --- kern_exec.c, sys.c, boot.c, main.c, verify.c --- */
int64_t execve1(const char *path, char *const *argv, char *const *envp);
int64_t exec_spawned(unsigned index);
void exec_first(struct proc *p, struct lwp *l, struct tine__image *image);
extern int64_t (*const sysent[TINE__SYS_trace])(const uint64_t args[5]);
int64_t nb_sysctl(int name, pid_t pid, const int64_t *newp, int64_t *old);
void nb_boot(struct tine_machine *machine);
void nb_halt(void);
void nb_main(struct tine_machine *machine);
void nb_trap(const struct tine__trapframe *frame);
void nb_ast(void);
void nb_post(void);
bool nb_visit(struct nb_state *state, struct lwp *visitor);
void nb_leave(struct nb_state *state);
void nb_external_kill(struct tine_machine *machine, int pid, int signo);
void nb_describe(const struct tine__thread *thread, char *text, size_t size);
size_t nb_spaces(struct tine_machine *machine, struct tine__as **out,
    size_t max);
void nb_books(void);
void nb_verify(void);
void nb_look(const void *object, const uint64_t *serial, uint64_t was,
    const char *where);

#endif
