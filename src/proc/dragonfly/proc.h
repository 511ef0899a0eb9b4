/* SPDX-License-Identifier: MIT */
/*
 * proc/dragonfly/proc.h - processes, LWPs and threads of DragonFly.
 *
 * Marks in the comments of fields, first who guards a field:
 *	c constant after creation	p the process's token
 *	l the LWP's token or spin lock	h proc_tokens[pid & 255]
 *	g the group's token		# reference count (atomic)
 *	! only the LWP itself		- guards itself, or nobody does
 * then what fork does to it:
 *	= copied   0 cleared   & shared and held   + new in the child
 */
#ifndef TINE__DRAGONFLY_PROC_H
#define TINE__DRAGONFLY_PROC_H

#include "proc/dragonfly/types.h"

struct df_state;
struct lwp;
struct proc;

/* --- users and credentials --- */

struct prison {
	int		pr_id;		/* c */
	uint32_t	pr_ref;		/* # credentials in it */
	struct prison	*pr_next;
};

struct uidinfo {
	struct uidinfo	*ui_next;
	uid_t		ui_uid;		/* c */
	uint32_t	ui_ref;		/* # credentials that name it */
	int		ui_proccnt;	/* ui_lock: of that real uid */
	spinlock_t	ui_lock;
};

#define NGROUPS 16

struct ucred {
	uint32_t	cr_ref;		/* # */
	uid_t		cr_uid;		/* c= effective */
	uid_t		cr_ruid;	/* c= real */
	uid_t		cr_svuid;	/* c= saved */
	uint32_t	cr_ngroups;	/* c= */
	gid_t		cr_groups[NGROUPS];	/* c= the first is effective */
	gid_t		cr_rgid;	/* c= real */
	gid_t		cr_svgid;	/* c= saved */
	struct uidinfo	*cr_ruidinfo;	/* c& */
	struct prison	*cr_prison;	/* c& NULL: not jailed */
	/* references that lwp_create lost, and the next with some [DF-082] */
	uint32_t	cr_lost;
	struct ucred	*cr_lostnext;
};

/* --- limits --- */

/* The numbers are the host's, as those of signals and errors. */
#define DF_RLIMIT_CPU TINE_RLIMIT_CPU
#define DF_RLIMIT_FSIZE TINE_RLIMIT_FSIZE
#define DF_RLIMIT_DATA TINE_RLIMIT_DATA
#define DF_RLIMIT_STACK TINE_RLIMIT_STACK
#define DF_RLIMIT_NPROC TINE_RLIMIT_NPROC
#define DF_RLIMIT_NOFILE TINE_RLIMIT_NOFILE
#define DF_RLIMIT_VMEM TINE_RLIMIT_AS
#define DF_RLIM_NLIMITS 10
#define DF_RLIM_INFINITY INT64_MAX

struct df_rlim {
	int64_t		rlim_cur, rlim_max;
};

struct plimit {
	struct df_rlim	pl_rlimit[DF_RLIM_NLIMITS];	/* p_spin */
	uint32_t	p_refcnt;	/* # */
	int		p_exclusive;	/* p_spin 0 shared, 1 private, 2 for a
					 * process that has made LWPs */
	spinlock_t	p_spin;
};
#define p_rlimit p_limit->pl_rlimit

/* --- signal dispositions --- */

#define PS_NOCLDWAIT 0x1		/* ps_flag */
#define PS_NOCLDSTOP 0x2
#define PS_CLDSIGIGN 0x4

struct sigacts {
	uintptr_t	ps_sigact[NSIG];	/* = SIG_DFL, SIG_IGN, ... */
	df_sigset_t	ps_catchmask[NSIG];	/* = */
	df_sigset_t	ps_sigignore;	/* = */
	df_sigset_t	ps_sigcatch;	/* = */
	df_sigset_t	ps_sigonstack, ps_sigintr, ps_sigreset, ps_signodefer;
	df_sigset_t	ps_siginfo;	/* = */
	uint32_t	ps_flag;	/* = */
	uint32_t	ps_refcnt;	/* # > 1 with RFSIGSHARE only */
};

/* --- arguments, executable, variant symlinks, tracing --- */

struct pargs {
	uint32_t	ar_ref;		/* # */
	size_t		ar_length;
	char		ar_args[128];
};

struct vnode {
	struct vnode	*v_next;
	const struct tine_program *v_program;	/* c what it is the text of */
	uint32_t	v_refs;		/* # */
};

#define VARSYM_MAX 4
#define VARSYM_LEN 16
struct varsymset {
	uint32_t	vx_count;
	struct {
		char	vs_name[VARSYM_LEN], vs_value[VARSYM_LEN];
	} vx_list[VARSYM_MAX];
};

#define KTRFAC_SYSCALL 0x1
#define KTRFAC_INHERIT 0x40000000

struct ktrace_node {
	uint32_t	kn_refs;	/* # */
	uint64_t	kn_records;
};

/* --- knotes --- */

struct knote {
	struct knote	*kn_next;	/* list token: of one process */
	struct knote	*kn_link;	/* queue token: of one queue */
	struct kqueue	*kn_kq;
	struct proc	*kn_proc;	/* NULL: it has exited */
	pid_t		kn_pid;		/* whom it watches */
	uint32_t	kn_sfflags;	/* NOTE_ bits asked for */
	uint32_t	kn_fflags;	/* that came */
	uint32_t	kn_data;	/* came with the last: pid, status */
	uint32_t	kn_status;	/* queue token */
};

#define KN_PROCESSING 0x1	/* somebody is at it, and may sleep */
#define KN_WAITING 0x2		/* and somebody sleeps until it is done */

struct kqueue {
	struct knote	*kq_knlist;	/* all it has, oldest first */
	struct filedesc	*kq_fdp;	/* c whose table it belongs to */
	bool		kq_private;	/* an LWP's own, for select and poll */
};

/* --- descriptors --- */

#define DF_DTYPE_NODE 1
#define DF_DTYPE_KQUEUE 2

struct file {
	uint32_t	f_count;	/* # */
	int		f_type;		/* c */
	int		f_flag;		/* FREAD, FWRITE */
	int		f_oflag;	/* TINE_O_ of open */
	uint64_t	f_offset;	/* the node's lock */
	struct kqueue	*f_kq;		/* c of a kqueue */
	struct tine__node *f_node;	/* c of anything else */
	struct file	*f_next, **f_prevp;	/* all of the machine */
};

#define DF_FREAD 1
#define DF_FWRITE 2
#define UF_EXCLOSE 1

struct fdnode {
	struct file	*fp;		/* fd_spin & */
	uint8_t		fileflags;	/* fd_spin = */
	bool		reserved;	/* fd_spin 0 taken, not filled yet */
};

#define NDFILE 15
#define CMASK 022

struct filedesc {
	struct fdnode	*fd_files;	/* fd_spin + */
	int		fd_nfiles;	/* fd_spin + slots */
	int		fd_lastfile;	/* fd_spin + highest in use, -1 none */
	uint32_t	fd_refcnt;	/* fd_spin */
	uint32_t	fd_cmask;	/* fd_spin = */
	struct tine__node *fd_cdir, *fd_rdir, *fd_jdir;	/* fd_spin & */
	spinlock_t	fd_spin;
	struct fdnode	fd_builtin_files[NDFILE];
};

/* Nobody guards it: the revision has no lock here. [DF-R23] */
struct filedesc_to_leader {
	int		fdl_refcount;
	int		fdl_holdcount;
	int		fdl_wakeup;
	struct proc	*fdl_leader;	/* c */
	struct filedesc_to_leader *fdl_prev, *fdl_next;
	struct filedesc_to_leader *fdl_all;	/* all of the machine */
};

/* --- address spaces --- */

/* The names that this kernel has for them. */
struct shmmap_state {
	struct tine__shmmap sm;
};

struct shmid {
	struct tine__shmid sh;
};

struct vmspace {
	struct tine__as	*vm_as;		/* c what the substrate knows of it */
	lwkt_token_t	vm_token;	/* of the map */
	lockmgr_t	vm_lock;	/* of the map */
	uint32_t	vm_timestamp;	/* vm_lock */
	int32_t		vm_refcnt;	/* # users; -1 when the last is gone */
	uint32_t	vm_holdcnt;	/* # one a user, and temporary ones */
	struct tine__shmmap *vm_shm;	/* vm_token */
	uint64_t	vm_dsize, vm_ssize;	/* = pages of data, of stack */
	uint64_t	vm_minsaddr;	/* = the top of the stack */
	uint64_t	vm_upmap;	/* va of the page of that name, or 0 */
	struct vmspace	*vm_next, **vm_prevp;	/* all of the machine */
};

/* The page that a process shares with the kernel. [DF-064] [DF-079] */
struct sys_upmap {
	struct tine__object *up_object;
	uint32_t	up_version;
	uint32_t	invfork;
	int32_t		pid;
	uint64_t	forkid;
};

/* --- groups and sessions --- */

struct session {
	struct session	*s_next;	/* of its hash chain */
	pid_t		s_sid;		/* c */
	uint32_t	s_count;	/* groups in it */
	struct proc	*s_leader;
	bool		s_ttyvp;	/* has a controlling terminal */
	struct pgrp	*s_fg;		/* its foreground group */
	struct tine__tty *s_tty;	/* the terminal */
};

struct pgrp {
	struct pgrp	*pg_next;	/* of its hash chain */
	pid_t		pg_id;		/* c */
	uint32_t	pg_refs;	/* # members, and temporary ones */
	struct proc	*pg_members;	/* g */
	struct session	*pg_session;	/* c a hold */
	int		pg_jobc;	/* g */
	lockmgr_t	pg_lock;	/* shared: forks; exclusive: signals */
	lwkt_token_t	pg_token;
};

/* --- reapers --- */

struct sysreaper {
	lockmgr_t	lock;
	struct sysreaper *parent;	/* lock & upward only */
	struct proc	*p;		/* lock NULL: released, or dead */
	uint32_t	flags;		/* c */
	uint32_t	refs;		/* # */
};

/* --- schedulers --- */

struct usched {
	const char	*name;
	void	(*heuristic_forking)(struct lwp *, struct lwp *);
	void	(*resetpriority)(struct lwp *);
	void	(*setrunqueue)(struct lwp *);
	void	(*release_curproc)(struct lwp *);
	void	(*heuristic_exiting)(struct lwp *, struct proc *);
};
#define ESTCPUPPQ 512
#define ESTCPUMAX (ESTCPUPPQ * 32)

struct usdata {
	int	estcpu;			/* DF-090 */
	int	batch;
	bool	forked;
	int	priority;
};

/* --- usage --- */

struct df_rusage {
	uint64_t	ru_nsys;	/* system calls */
	uint64_t	ru_uticks, ru_sticks;	/* clock ticks */
	uint64_t	ru_minflt, ru_nsignals;
};

/* --- process --- */

#define SIDL 1				/* p_stat */
#define SACTIVE 2
#define SSTOP 3
#define SZOMB 4
#define SCORE 5

#define P_ADVLOCK 0x00000001		/* p_flags: had record locks */
#define P_CONTROLT 0x00000002
#define P_PPWAIT 0x00000010		/* its parent waits in vfork */
#define P_PROFIL 0x00000020
#define P_POSTEXIT 0x00000040
#define P_SUGID 0x00000100
#define P_SYSTEM 0x00000200
#define P_MAYBETHREADED 0x00000400
#define P_TRACED 0x00000800
#define P_WAITED 0x00001000
#define P_WEXIT 0x00002000
#define P_EXEC 0x00004000
#define P_CONTINUED 0x00008000
#define P_XCPU 0x00080000		/* told that its time is used up */
#define P_JAILED 0x01000000
#define P_INEXEC 0x08000000

#define PLOCK_MASK 0x1fffffff		/* p_lock: a count of holds */
#define PLOCK_ZOMB 0x20000000
#define PLOCK_WAITING 0x40000000

#define AFORK 0x01			/* p_acflag */

#define DF_DEPARTED_MAX 16

struct proc {
	struct proc	*p_list;	/* h+ hash chain, newest first */
	pid_t		p_pid;		/* h+ 0 until it has one */
	uint8_t		p_stat;		/* p+ */
	uint8_t		p_acflag;	/* p+ */
	uint32_t	p_flags;	/* p+ DF-059 */
	uint32_t	p_lock;		/* #0 holds, see PLOCK_ */
	lwkt_token_t	p_token;	/* + */
	spinlock_t	p_spin;		/* + p_ucred, p_fd */

	/* family */
	struct proc	*p_pptr;	/* p+ */
	struct proc	*p_children;	/* p0 of the parent: newest first */
	struct proc	*p_sibling, **p_psibling;	/* p+ of the parent */
	pid_t		p_oppid;	/* p0 whose it is while traced */
	struct proc	*p_peers;	/* - RFTHREAD chain */
	struct proc	*p_leader;	/* c+ its head */
	uint32_t	p_killmark;	/* - repaired walks have been here */
	uint32_t	p_pgmark;	/* pg_lock the same for a group */
	bool		p_linked;	/* p+ it is in p_children */

	/* group */
	struct proc	*p_pglist, **p_ppglist;	/* g+ after the parent */

	/* resources */
	struct ucred	*p_ucred;	/* p& of the forking thread */
	struct filedesc	*p_fd;		/* p+ or & */
	struct filedesc_to_leader *p_fdtol;	/* - */
	struct plimit	*p_limit;	/* p& or + */
	struct sigacts	*p_sigacts;	/* p+ or & */
	struct vmspace	*p_vmspace;	/* p+ or & */
	const struct usched *p_usched;	/* p= */
	struct df_vkernel *p_vkernel;	/* p& */
	struct sys_upmap *p_upmap;	/* p0 */
	struct sysreaper *p_reaper;	/* p& */
	struct vnode	*p_textvp;	/* p& */
	struct varsymset p_varsymset;	/* p+ a copy */
	uint32_t	p_dsched;	/* c+ disk scheduler's context */

	/* signals */
	df_sigset_t	p_siglist;	/* p0 not given to an LWP yet */
	df_sigset_t	p_passed;	/* p0 from its debugger: no stop */
	int		p_sigparent;	/* p+ sent to the parent at the end */

	/* LWPs */
	struct lwp	*p_lwp_tree;	/* p+ by id */
	int		p_nthreads;	/* p+ */
	int		p_nstopped;	/* p0 */
	bool		p_stoptold;	/* p0 the parent knows of the stop */
	uint32_t	p_ndeparted;	/* p0 ids that lwp_wait may give */
	lwpid_t		p_departed[DF_DEPARTED_MAX];	/* p0 */
	lwpid_t		p_lasttid;	/* p+ */

	/* waiting */
	uint32_t	p_waitgen;	/* #0 */
	uint64_t	p_forkid;	/* c+ */
	uint64_t	p_start;	/* c+ */
	struct tine_itimerval p_realtimer;	/* p0 value: when, 0 never */
	struct tine__callout p_ithandle;	/* p0 its */
	bool		p_itrunning;	/* p0 it is being called */
	struct tine_itimerval p_timer[2];	/* p0 of time used: what is
					 * left of user time, of all */
	struct df_rusage p_ru, p_cru;	/* p0 */
	struct knote	*p_klist;	/* pool token 0 */
	uint32_t	p_traceflag;	/* p0 or = */
	struct ktrace_node *p_tracenode;	/* p0 or & */

	/* copied as it is: p_startcopy to p_endcopy [DF-057] */
	const char	*p_comm;	/* p= */
	int		p_nice;		/* p= */
	int		p_osrel;	/* p= */
	struct pgrp	*p_pgrp;	/* pg= without a reference */
	int		p_rtprio;	/* p= */
	struct pargs	*p_args;	/* p& */
	int		p_xstat;	/* p= stale */
	int		p_ionice;	/* p= */
	char		p_endcopy[1];
};
#define p_startcopy p_comm
#define p_session p_pgrp->pg_session

/* --- LWP and thread --- */

#define LSRUN 1				/* lwp_stat */
#define LSSTOP 2
#define LSSLEEP 3

#define LWP_ALTSTACK 0x1		/* lwp_flags */
#define LWP_OLDMASK 0x2
#define LWP_SINTR 0x8			/* in an interruptible sleep */

#define LWP_MP_ONRUNQ 0x1		/* lwp_mpflags */
#define LWP_MP_WEXIT 0x2
#define LWP_MP_WSTOP 0x4

struct lwp {
	struct lwp	*lwp_next;	/* p+ the tree, a list by id */
	struct thread	*lwp_thread;	/* c+ */
	struct proc	*lwp_proc;	/* c+ */
	struct vmspace	*lwp_vmspace;	/* p& */
	lwpid_t		lwp_tid;	/* c+ */
	uint8_t		lwp_stat;	/* l+ */
	uint32_t	lwp_flags;	/* ! LWP_ALTSTACK = */
	uint32_t	lwp_mpflags;	/* #0 */
	uint32_t	lwp_lock;	/* #0 */
	lwkt_token_t	lwp_token;	/* + */
	spinlock_t	lwp_spin;	/* + lwp_siglist */
	struct usdata	lwp_usdata;	/* - by heuristic_forking */
	struct kqueue	lwp_kqueue;	/* + */
	struct df_rusage lwp_ru;	/* !0 */
	uint64_t	lwp_seen[2];	/* p0 ticks that timers know: user's,
					 * all */
	bool		lwp_vkernel;	/* !0 */
	bool		lwp_tracestop;	/* !0 for its debugger */
	struct tine_siginfo lwp_fault;	/* !0 what its handler is told */
	bool		lwp_joinable;	/* c0 made by the library */
	int64_t		lwp_fds[2];	/* !+ results of the call: DF-055 */
	uint8_t		lwp_restarts;	/* !0 of the current call */

	/* copied as it is [DF-060] */
	uint64_t	lwp_cpumask;	/* p= */
	df_sigset_t	lwp_siglist;	/* l= */
	df_sigset_t	lwp_oldsigmask;	/* != */
	df_sigset_t	lwp_sigmask;	/* != */
	struct tine_stack lwp_sigstk;	/* != */
	int		lwp_rtprio;	/* p= */
	char		lwp_endcopy[1];
};
#define lwp_startcopy lwp_cpumask

#define TDF_RUNNING 0x1			/* td_flags */
#define TDF_EXITING 0x2
#define TDF_MP_EXITSIG 0x1		/* td_mpflags */

struct thread {
	struct tine__thread *td_tt;	/* c+ what it runs on */
	struct df_state	*td_df;		/* c= */
	struct proc	*td_proc;	/* c+ */
	struct lwp	*td_lwp;	/* c+ NULL: a kernel thread */
	struct ucred	*td_ucred;	/* !& of the process at kernel entry */
	const char	*td_wmesg;	/* ! */
	uint32_t	td_flags;	/* - */
	uint32_t	td_mpflags;	/* - */
	struct tine__toks td_toks_array;	/* !0 */
};

#define ONLY_LWP_IN_PROC(p) \
	((p)->p_nthreads == 1 ? (p)->p_lwp_tree : NULL)

#endif
