/* SPDX-License-Identifier: MIT */
/*
 * proc/dragonfly/kern.h - the one header of the DragonFly flavour's sources.
 *
 * Functions bear the real kernel's names; names.h, included last, gives them
 * link names of their own. What is a global there is a member of struct
 * df_state here, one for each machine, reached by macros of the real name.
 */
#ifndef TINE__DRAGONFLY_KERN_H
#define TINE__DRAGONFLY_KERN_H

#include "proc/dragonfly/types.h"
#include "proc/robust.h"

#include "proc/dragonfly/proc.h"

#include "proc/dragonfly/names.h"

#define ALLPROC_HSIZE 256
#define ALLPROC_HASH(pid) ((unsigned)(pid) & (ALLPROC_HSIZE - 1))
#define PIDDOM_DELAY 10			/* seconds before a pid is used again */

/* Kernel-only flags of fork1(). */
#define RFPGLOCK (1u << 30)
#define RFPPWAIT (1u << 31)
#define RFKERNELONLY (RFPGLOCK | RFPPWAIT)
#define RFPROC TINE_RFPROC
#define RFFDG TINE_RFFDG
#define RFCFDG TINE_RFCFDG
#define RFMEM TINE_RFMEM
#define RFNOWAIT TINE_RFNOWAIT
#define RFTHREAD TINE_RFTHREAD
#define RFSIGSHARE TINE_RFSIGSHARE
#define RFLINUXTHPN TINE_RFLINUXTHPN

typedef void (*forklist_fn)(struct proc *p1, struct proc *p2, int flags);

struct forklist {
	forklist_fn	function;
	struct forklist	*next;
};

/* Statistics of forks. [DF-049] */
struct vmmeter {
	uint64_t v_forks, v_vforks, v_rforks, v_kthreads;
	uint64_t v_forkpages, v_vforkpages, v_rforkpages, v_kthreadpages;
};

#define DF_CACHES(X) \
	X(proc) X(lwp) X(thread) X(ucred) X(uidinfo) X(prison) X(plimit) \
	X(sigacts) X(pargs) X(vnode) X(ktrace_node) X(knote) X(kqueue) X(file) \
	X(filedesc) X(filedesc_to_leader) X(vmspace) X(sys_upmap) X(session) \
	X(pgrp) X(sysreaper) X(forklist) X(shmid) X(shmmap_state) X(df_vkernel)

/* State that virtual kernels share. [DF-039] */
struct df_vkernel {
	uint32_t	vk_refs;
};

/* What a run of this kernel has for globals. */
struct df_state {
	struct tine_machine *df_machine;
	struct tine__kmem *df_kmem;
	tine_quirks_t	df_quirks;

	struct proc	*df_allprocs[ALLPROC_HSIZE];
	uint32_t	df_changes;	/* of these: who walks them all looks */
	lwkt_token_t	df_proc_tokens[ALLPROC_HSIZE];
	lwkt_token_t	df_tty_token;
	lwkt_token_t	df_klist_token;	/* one pool token for all processes' */
	lwkt_token_t	df_kqueue_token;	/* and one for all queues */
	lwkt_token_t	df_shm_token;
	struct tine__obj df_gone;	/* for the end: nobody is left */
	uint32_t	df_nprocs;
	uint32_t	df_maxproc, df_maxprocperuid;
	pid_t		df_nextpid, df_pid_max;
	int		df_randompid;	/* DF-025 */
	uint16_t	*df_pid_doms;	/* second of the last release, + 1 */
	uint64_t	df_forkid[64];	/* a counter each CPU */
	int		df_forksleep;	/* an address to sleep on */
	uint64_t	df_lastfail;	/* second of the last console line */
	bool		df_failed;

	struct proc	*df_initproc;
	struct sysreaper df_initreaper;
	struct forklist	*df_fork_list;
	struct pgrp	*df_allpgrps[ALLPROC_HSIZE];
	struct session	*df_allsessn[ALLPROC_HSIZE];	/* but for 0 */
	struct uidinfo	*df_uidinfos;
	struct vnode	*df_vnodes;
	struct file	*df_files;
	struct filedesc_to_leader *df_fdtols;
	struct vmspace	*df_vmspaces;
	struct tine__shm df_shm;	/* df_shm_token */
	struct prison	*df_prisons;
	int		df_prid;
	struct vmmeter	df_cnt;
	const struct usched *df_usched;
	struct ucred	*df_lost_creds;	/* DF-082 */
	uint32_t	df_husks;	/* DF-034 */
	uint32_t	df_walk;	/* walks over members of groups */

	bool		df_up;		/* booted, not halting */
	uint32_t	df_external;	/* inside df_external_kill() */
	uint32_t	df_nexiting;	/* threads that left, not gone yet */

	/* what is static in the real kernel */
	struct proc	df_proc0;
	struct lwp	df_lwp0;
	struct thread	df_thread0;
	struct ucred	df_ucred0;
	struct plimit	df_limit0;
	struct sigacts	df_sigacts0;
	struct session	df_session0;
	struct pgrp	df_pgrp0;
	struct tine__node *df_rootvnode;

#define DF_CACHE_MEMBER(type) struct tine__cache *type##_cache;
	DF_CACHES(DF_CACHE_MEMBER)
#undef DF_CACHE_MEMBER
};

#define curthread ((struct thread *)tine__cur->owner)
#define curproc (curthread->td_proc)
#define df (curthread->td_df)
#define QUIRK(name) ((df->df_quirks & TINE__QUIRK(name)) != 0)

#define allprocs (df->df_allprocs)
#define proc_tokens (df->df_proc_tokens)
#define tty_token (df->df_tty_token)
#define nprocs (df->df_nprocs)
#define maxproc (df->df_maxproc)
#define maxprocperuid (df->df_maxprocperuid)
#define forksleep (df->df_forksleep)
#define initproc (df->df_initproc)
#define initreaper (df->df_initreaper)
#define fork_list (df->df_fork_list)
#define proc0 (df->df_proc0)
#define rootvnode (df->df_rootvnode)

/* Lock classes, in lockclass.c. */
extern const struct tine__lockclass df_class_proc, df_class_lwp,
    df_class_proc_hash, df_class_tty, df_class_pgrp, df_class_pglock,
    df_class_map, df_class_maplock, df_class_klist, df_class_reaper,
    df_class_p_spin, df_class_lwp_spin, df_class_fd_spin, df_class_ui_lock,
    df_class_limit_spin, df_class_shm, df_class_gone;

/* --- fork.c, forkstart.c; vm_fork in vmspace.c --- */
int sys_fork(struct lwp *lp);
int sys_vfork(struct lwp *lp);
int sys_rfork(struct lwp *lp, uint32_t flags, const uint64_t *start);
int fork1(struct lwp *lp1, uint32_t flags, struct proc **procp);
void start_forked_proc(struct lwp *lp1, struct proc *p2);
int at_fork(forklist_fn function);
int rm_at_fork(forklist_fn function);
void vfork_done(struct proc *p);
void fork_count(const struct proc *p1, const struct proc *p2, uint32_t flags);

/* --- lwp.c --- */
struct lwp *lwp_fork(struct lwp *origlp, struct proc *destproc,
    uint32_t flags);
int kern_lwp_create(const struct tine_lwp_params *params, lwpid_t *tid);
int sys_lwp_create(const struct tine_lwp_params *uparams);
int sys_extexit(int how, int status, void *addr);
TINE_NORETURN void lwp_exit(int masterexit);
void reaplwp(struct lwp *lp);
void lwp_tree_remove(struct proc *p, struct lwp *lp);
bool lwp_tree_insert(struct proc *p, struct lwp *lp);
struct lwp *lwp_find(struct proc *p, lwpid_t tid);
void lwp_begin(void *arg);
int sys_lwp_wait(lwpid_t tid, lwpid_t *departed);

/* --- reaper.c --- */
int sys_procctl(int idtype, int id, int cmd, void *data);
void reaper_hold(struct sysreaper *reap);
void reaper_drop(struct sysreaper *next);
void reaper_init(struct proc *p, struct sysreaper *reap);
struct sysreaper *reaper_exit(struct proc *p);
struct proc *reaper_get(struct sysreaper *reap);

/* --- kern_proc.c, pgrp.c --- */
void proc_add_allproc(struct proc *p);
void proc_move_allproc_zombie(struct proc *p);
void proc_remove_zombie(struct proc *p);
void proc_unhash(struct proc *p);
void allproc_scan(void (*callback)(struct proc *, void *), void *data);
struct proc *pfind(pid_t pid);
struct proc *zpfind(pid_t pid);
void pid_release(pid_t pid);
int sysctl_kern_randompid(int most);
void phold(struct proc *p);
void prele(struct proc *p);
bool pholdzomb(struct proc *p);
void prelezomb(struct proc *p);
void pstall(struct proc *p, const char *wmesg, uint32_t count);
void proc_link(struct proc *pptr, struct proc *p);
void proc_unlink(struct proc *p);
void proc_reparent(struct proc *child, struct proc *parent);
#define PHOLD(p) phold(p)
#define PRELE(p) prele(p)
#define PSTALL(p, wmesg, n) pstall((p), (wmesg), (n))
struct pgrp *pgfind(pid_t pgid);
void pgref(struct pgrp *pgrp);
void pgrel(struct pgrp *pgrp);
int enterpgrp(struct proc *p, pid_t pgid, int mksess);
void leavepgrp(struct proc *p);
void fixjobc(struct proc *p, struct pgrp *pgrp, int entering);
void fixjobc_parent(struct proc *p, struct proc *from, struct proc *to);
void pg_insert_after(struct proc *p1, struct proc *p2);
int sys_setpgid(pid_t pid, pid_t pgid);
int sys_setsid(void);
int64_t sys_getpgid(pid_t pid, bool session);

/* --- exit.c, wait.c, exec.c --- */
TINE_NORETURN void exit1(int rv);
int killalllwps(int forexec);
int kern_wait(pid_t pid, int *status, int options, struct df_rusage *ru,
    int *res);
int64_t kern_execve(const char *path, char *const *argv, char *const *envp);
struct tine__setid;
int exec_check_permissions(const char *path,
    const struct tine_program **program, struct tine__setid *ids);
int64_t exec_spawned(unsigned index);

/* --- sig.c, sigpost.c, stop.c --- */
int sigprop(int sig);
#define SA_KILL 0x01
#define SA_STOP 0x02
#define SA_TTYSTOP 0x04
#define SA_IGNORE 0x08
#define SA_CONT 0x10
#define SA_CORE 0x20
#define WCOREFLAG 0x80			/* of a wait status */
df_sigset_t sigset_of(int prop);
void ksignal(struct proc *p, int sig);
void lwpsignal(struct proc *p, struct lwp *lp, int sig);
void pgsignal(struct pgrp *pgrp, int sig, bool checkctty);
int kern_kill(int sig, pid_t pid, lwpid_t tid);
df_sigset_t lwp_sigpend(struct lwp *lp);
void lwp_delsig(struct lwp *lp, int sig);
int issignal(struct lwp *lp);
bool cursig_noblock(struct lwp *lp);
void postsig(int sig);
TINE_NORETURN void sigexit(int sig);
void trapsignal(const struct tine_siginfo *info);
void proc_stop(struct proc *p);
void proc_unstop(struct proc *p);
void stop_asleep(struct lwp *lp);
void tstop(void);
void lwp_signotify(struct lwp *lp);
struct sigacts *sigacts_alloc(void);
void sigacts_drop(struct sigacts *ps);
void execsigs(struct proc *p);
#define CURSIG(lp) issignal(lp)
#define CURSIG_NOBLOCK(lp) cursig_noblock(lp)
int df_ptrace(int request, pid_t pid, int sig);

/* --- sigsys.c --- */
#define CANTMASK (sigbit(SIGKILL) | sigbit(SIGSTOP))
int64_t sys_sigaction(const uint64_t args[5]);
int64_t sys_sigsuspend(const uint64_t args[5]);
uint64_t df_sigmask(void);
void lwp_setmask(df_sigset_t mask);
uint64_t df_sigpending(void);
void df_sigrepost(int sig);
struct tine_stack *df_sigstack(const struct tine_stack *new);
int kern_sigtimedwait(df_sigset_t set, uint64_t until,
    struct tine_siginfo *info);
int64_t sys_sigreturn(const uint64_t args[5]);

/*
 * What others look at with no token of ours, or with none at all, is told to
 * the partial-order search.
 */
#define CONTINUED_BIT(p) ((const char *)&(p)->p_flags + 1)

static inline void
p_flagged(struct proc *p, uint32_t bits)
{
	/* who vforks compares the whole word */
	if ((p->p_flags & P_PPWAIT) != 0)
		tine__wrote(&p->p_flags);
	/* a parent looks, too [DF-112] */
	if ((bits & P_CONTINUED) != 0)
		tine__wrote(CONTINUED_BIT(p));
}

static inline void
p_set(struct proc *p, uint32_t bits)
{
	p->p_flags |= bits;
	p_flagged(p, bits);
}

static inline void
p_clear(struct proc *p, uint32_t bits)
{
	p->p_flags &= ~bits;
	p_flagged(p, bits);
}

/* lwp_stat, and LWP_SINTR with it */
static inline void
lwp_setstat(struct lwp *lp, int stat)
{
	lp->lwp_stat = stat;
	tine__wrote(&lp->lwp_stat);
}

static inline void
lwp_setmp(struct lwp *lp, uint32_t bits)
{
	lp->lwp_mpflags |= bits;
	tine__wrote(&lp->lwp_mpflags);
}

/* --- kern_synch.c --- */
int tsleep(const void *ident, int flags, const char *wmesg, uint64_t ticks);
int tsleep_until(const void *ident, int flags, const char *wmesg,
    uint64_t deadline);
void tsleep_interlock(const void *ident);
void wakeup(const void *ident);
void *kmalloc_cache(struct tine__cache *cache);
void kmalloc_block(void);
int lockmgr(lockmgr_t *lk, unsigned flags);
bool atomic_cmpset_int(uint32_t *p, uint32_t old, uint32_t new);

/* --- cred.c, plimit.c --- */
struct ucred *crhold(struct ucred *cr);
void crfree(struct ucred *cr);
void crlose(struct ucred *cr);
void crlost_free(void);
void cr_replace(struct proc *p, struct ucred *cr);
struct uidinfo *uifind(uid_t uid);
void uidrop(struct uidinfo *uip);
bool chgproccnt(struct uidinfo *uip, int diff, int64_t max);
int sys_setuid(uid_t uid);
int sys_seteuid(uid_t euid);
int sys_setreuid(uid_t ruid, uid_t euid);
int sys_setgid(gid_t gid);
int sys_setegid(gid_t egid);
int sys_setregid(gid_t rgid, gid_t egid);
int sys_setgroups(uint32_t count, const void *user);
int64_t sys_getgroups(uint32_t count, void *user);
int64_t df_getid(const uint64_t args[5]);
int64_t df_setid(const uint64_t args[5]);
void cr_exec(struct proc *p, const struct tine__setid *ids);
int sys_jail(void);
bool cansignal(const struct ucred *cr, const struct proc *p, int sig);
int proc_uids(uid_t uid);
struct plimit *plimit_fork(struct proc *p1);
void plimit_lwp_fork(struct proc *p);
void plimit_free(struct plimit *limit);
int kern_setrlimit(unsigned which, const struct df_rlim *limp);
int kern_getrlimit(unsigned which, struct df_rlim *limp);
int df_rlimit(int which, const struct tine_rlimit *new,
    struct tine_rlimit *old);
#define MAXFILESPERPROC 1024

/* --- kern_time.c --- */
int kern_setitimer(int which, const struct tine_itimerval *new,
    struct tine_itimerval *old);
void itimer_exit(struct proc *p);
void hardclock_lwp(struct lwp *lp);
void hardclock_watch(struct proc *p);
void hardclock_user(struct lwp *lp);
void ruadd(struct df_rusage *ru, const struct df_rusage *ru2);
void calcru(const struct lwp *lp, struct df_rusage *ru);
void rusage_out(const struct df_rusage *ru, struct tine_rusage *out);
int kern_getrusage(int who, struct tine_rusage *usage);

/* --- kern_descrip.c --- */
struct filedesc *fdinit(struct proc *p);
int fdcopy(struct proc *p, struct filedesc **fpp);
bool fd_shared(const struct filedesc *fdp);
struct filedesc *fdshare(struct proc *p);
void fdfree(struct proc *p, struct filedesc *repl);
void fdcloseexec(struct proc *p);
int fdalloc(struct proc *p, int want, int *result);
void fdgrow(struct filedesc *fdp, int want);
void fsetfd(struct filedesc *fdp, struct file *fp, int fd);
struct file *funsetfd(struct filedesc *fdp, int fd);
int64_t kern_dup(int fd, int to, uint8_t flags);
struct file *holdfp(struct filedesc *fdp, int fd, int flag);
struct file *falloc(int type, int flag);
void fhold(struct file *fp);
void fdrop(struct file *fp);
void closef(struct file *fp, struct proc *p);
struct filedesc_to_leader *filedesc_to_leader_alloc(
    struct filedesc_to_leader *old, struct proc *leader);
void fdtol_drop(struct filedesc_to_leader *fdtol);
void fdtol_free(struct filedesc_to_leader *fdtol);
void console_open(struct filedesc *fdp);
struct vnode *vn_lookup(const struct tine_program *program);
void vref(struct vnode *vp);
void vrele(struct vnode *vp);

/* --- sysfile.c, syspath.c, tty.c --- */
int ttybackground(struct tine__tty *tty, int signo);
int ttyctty(struct tine__node *node, bool asked);
extern const struct tine__fileops df_fileops;
extern const struct tine__callops df_callops;
struct file *node_file(struct tine__node *node, int oflag);
int df_getf(int fd, struct tine__open *open);
void df_putf(const struct tine__open *open);
int64_t df_two_files(struct tine__node *const node[2], const int oflag[2],
    uint64_t address);
int df_status(const struct tine__open *open);
uint64_t df_fsize(void);
void df_walk_begin(struct tine__walk *walk);
uint32_t df_euid(void);
void df_real(struct tine__walk *walk);
void df_setdir(struct tine__node *node, bool root);
int64_t sys_close(const uint64_t args[5]);
int64_t sys_dup2(const uint64_t args[5]);
int64_t sys_dup3(const uint64_t args[5]);
int64_t sys_fcntl(const uint64_t args[5]);
int64_t sys_getpriority(const uint64_t args[5]);
int64_t sys_setpriority(const uint64_t args[5]);
int64_t call_inside(unsigned number, const uint64_t args[5]);
int ttioctl(unsigned cmd, uint64_t arg);
int64_t sys_open(const uint64_t args[5]);
int64_t sys_umask(const uint64_t args[5]);

/* --- event.c --- */
struct kqueue *kqueue_create(struct filedesc *fdp);
void kqueue_init(struct kqueue *kq, struct filedesc *fdp);
void kqueue_terminate(struct kqueue *kq);
int kqueue_watch(struct kqueue *kq, pid_t pid, uint32_t fflags);
int kqueue_next(struct kqueue *kq, struct tine_kevent *ev);
void kqueue_destroy(struct kqueue *kq);
void KNOTE(struct proc *p, uint32_t hint);

/* --- subr.c: arguments, variant symlinks, ktrace, usched --- */
void varsymset_init(struct varsymset *vss, const struct varsymset *copy);
void varsymset_clean(struct varsymset *vss);
int varsym_set(struct varsymset *vss, const char *name, const char *value);
const char *varsym_get(const struct varsymset *vss, const char *name);
struct ktrace_node *ktrinherit(struct ktrace_node *n);
void ktrdestroy(struct ktrace_node **np);
int ktrace_set(struct proc *p, bool on, bool inherit);
struct pargs *pargs_alloc(const char *const *argv, unsigned argc);
void pargs_drop(struct pargs *pa);
void vkernel_inherit(struct proc *p1, struct proc *p2);
void vkernel_exit(struct proc *p);
void dsched_new_proc(struct proc *p);
extern const struct usched usched_dfly, usched_bsd4;
int usched_set(struct proc *p, const char *name);

/* --- vmspace.c, vm_map.c, shm.c --- */
void vm_fork(struct proc *p1, struct proc *p2, uint32_t flags);
struct vmspace *vmspace_alloc(struct tine__as *as);
struct vmspace *vmspace_fork(struct vmspace *vm1, struct proc *p1,
    struct proc *p2);
void vmspace_ref(struct vmspace *vm);
void vmspace_rel(struct vmspace *vm);
void vmspace_unshare(struct proc *p);
void vmspace_exec(struct proc *p, struct tine__as *as);
void vmspace_exitfree(struct proc *p);
void lwp_setvmspace(struct lwp *lp, struct vmspace *vm);
void map_lock(struct vmspace *vm, bool exclusive);
void map_unlock(struct vmspace *vm);
int vm_fault(struct vmspace *vm, uint64_t va, unsigned access);
int vm_mmap_anon(size_t size, unsigned prot, size_t guard,
    uintptr_t *address);
int64_t vm_mmap_file(const uint64_t args[5]);
int64_t vm_mmap(uintptr_t address, size_t size, unsigned prot, int flags);
int vm_munmap(uintptr_t address, size_t size);
int vm_brk(uintptr_t to, uintptr_t *end);
int vm_mprotect(uintptr_t address, size_t size, unsigned prot);
int vm_minherit(uintptr_t address, size_t size, int inherit);
int proc_usermap(struct proc *p, bool invfork, uintptr_t *address);
void proc_userunmap(struct proc *p);
void upmap_write(struct sys_upmap *up);
void upmap_invfork(struct proc *p, int delta);
void upmap_fork(struct proc *p1, struct proc *p2);
int copyin(const void *user, void *kernel, size_t size);
int copyout(const void *kernel, void *user, size_t size);
int copyinstr(const char *user, char *kernel, size_t size, size_t *length);
struct tine__shm *shm_state(void);
void shminit(void);
void shmfork(struct vmspace *vm1, struct vmspace *vm2);
void shmexit(struct vmspace *vm);
void shm_fini(void);

/* --- sys.c, boot.c, main.c, verify.c --- */
extern int64_t (*const sysent[TINE__SYS_trace])(const uint64_t args[5]);
int64_t syscall2(int64_t (*call)(const uint64_t args[5]),
    const uint64_t args[5]);
int64_t sys_dfctl(const uint64_t args[5]);
void userenter(struct thread *td);
void df_post(void);
void df_ast(void);
void df_boot(struct tine_machine *machine);
void df_halt(void);
void df_main(struct tine_machine *machine);
void df_trap(const struct tine__trapframe *frame);
void df_external_kill(struct tine_machine *machine, int pid, int signo);
void df_describe(const struct tine__thread *thread, char *text, size_t size);
size_t df_spaces(struct tine_machine *machine, struct tine__as **out,
    size_t max);
struct thread *td_alloc(struct proc *p, struct lwp *lp);
void td_free(struct thread *td);
void df_books(void);
void df_verify(void);
void df_husks_report(void);
void df_husks_free(void);
void df_records_free(void);

#endif
