/* SPDX-License-Identifier: MIT */
/*
 * proc/netbsd/proc.h - processes and LWPs.
 *
 * Marks in the comments of fields, first who guards a field:
 *	c constant after creation	t proc_lock (the tree)
 *	p the process's p_lock		s p_stmutex
 *	x p_auxlock			k ktrace_lock
 *	! only the LWP itself		# atomic
 *	- guards itself, or nobody does
 * then what fork does to it:
 *	= copied   0 cleared   & shared and held   + new in the child
 */
#ifndef TINE__NETBSD_PROC_H
#define TINE__NETBSD_PROC_H

#include "proc/netbsd/types.h"

struct nb_state;
struct emul;

/* --- signals --- */

typedef struct ksiginfo {
	TAILQ_ENTRY(ksiginfo) ksi_list;
	int		ksi_signo;
	int		ksi_code;
	pid_t		ksi_pid;
	uint32_t	ksi_uid;
	int		ksi_status;
	uint64_t	ksi_addr;	/* of a fault, as programs see it */
	bool		ksi_fault;
	uint64_t	ksi_value;
} ksiginfo_t;

typedef struct sigpend {
	TAILQ_HEAD(, ksiginfo) sp_info;
	nb_sigset_t	sp_set;
} sigpend_t;

struct sigaction_nb {
	uint64_t	sa_handler;	/* 0 default, 1 ignore, else address */
	nb_sigset_t	sa_mask;
	int		sa_flags;
};
#define SIG_DFL_NB 0
#define SIG_IGN_NB 1

struct sigacts {
	struct sigaction_nb sa_sigdesc[NSIG];
	uint32_t	sa_refcnt;	/* # sharers */
	kmutex_t	sa_mutex;
};
#define SIGACTION(p, sig) ((p)->p_sigacts->sa_sigdesc[sig])

struct sigctx {
	nb_sigset_t	ps_sigignore;
	nb_sigset_t	ps_sigcatch;
	bool		ps_faked;
	lwpid_t		ps_lwp;
	ksiginfo_t	ps_info;
};

/* --- groups and sessions; all of it proc_lock --- */

struct session {
	uint32_t	s_count;
	struct proc	*s_leader;
	void		*s_ttyvp;	/* the terminal; NULL: none */
	pid_t		s_sid;
};

struct pgrp {
	LIST_HEAD(, proc) pg_members;
	struct session	*pg_session;
	pid_t		pg_id;
	int		pg_jobc;
};

/* --- process --- */

#define SIDL 1				/* p_stat */
#define SACTIVE 2
#define SDYING 3
#define SSTOP 4
#define SZOMB 5
#define SDEAD 6
#define P_ZOMBIE(p) \
	((p)->p_stat == SZOMB || (p)->p_stat == SDYING || \
	(p)->p_stat == SDEAD)

#define PK_ADVLOCK 0x00000001u		/* p_flag */
#define PK_SYSTEM 0x00000002u
#define PK_SUGID 0x00000100u
#define PK_EXEC 0x00004000u
#define PK_NOCLDWAIT 0x00020000u
#define PK_32 0x00040000u
#define PK_CLDSIGIGN 0x00080000u

#define PS_NOCLDSTOP 0x00000008u	/* p_sflag */
#define PS_WCORE 0x00001000u
#define PS_WEXIT 0x00002000u
#define PS_STOPFORK 0x00800000u
#define PS_STOPEXEC 0x01000000u
#define PS_STOPEXIT 0x02000000u
#define PS_NOTIFYSTOP 0x10000000u
#define PS_COREDUMP 0x20000000u
#define PS_CONTINUED 0x40000000u
#define PS_STOPPING 0x80000000u

#define PSL_TRACEFORK 0x00000001u	/* p_slflag */
#define PSL_TRACEVFORK 0x00000002u
#define PSL_TRACEVFORK_DONE 0x00000004u
#define PSL_TRACELWP_CREATE 0x00000008u
#define PSL_TRACELWP_EXIT 0x00000010u
#define PSL_TRACEDCHILD 0x00000020u	/* of later revisions [NB-R30] */
#define PSL_TRACED 0x00000800u
#define PSL_CHTRACED 0x00400000u
#define PSL_SYSCALL 0x04000000u

#define PL_CONTROLT 0x00000002u		/* p_lflag */
#define PL_PPWAIT 0x00000010u
#define PL_SIGCOMPAT 0x00000200u
#define PL_ORPHANPG 0x20000000u

#define PST_PROFIL 0x00000020u		/* p_stflag */

#define AFORK 0x01			/* p_acflag */

LIST_HEAD(proclist, proc);
LIST_HEAD(lwplist, lwp);
SLIST_HEAD(klist, knote);

struct proc {
	LIST_ENTRY(proc) p_list;	/* t+ allproc or zombproc */
	struct kmutex_obj *p_lockobj;	/* c+ or & with SHARESIGS */
	kmutex_t	p_auxlock;	/* -+ */
	kmutex_t	p_stmutex;	/* -+ */
	krwlock_t	p_reflock;	/* -+ */
	kcondvar_t	p_waitcv;	/* -+ parent waits for its children */
	kcondvar_t	p_lwpcv;	/* -+ */
	struct kauth_cred *p_cred;	/* p& */
	struct filedesc	*p_fd;		/* c+ or & */
	struct cwdinfo	*p_cwdi;	/* c+ or & */
	struct pstats	*p_stats;	/* c+ */
	struct plimit	*p_limit;	/* p& or + */
	struct vmspace	*p_vmspace;	/* c+ or & */
	struct sigacts	*p_sigacts;	/* c+ or & */
	struct aiosp	*p_aio;		/* p0 */
	uint32_t	p_mqueue_cnt;	/* #= */
	void		*p_specdataref;	/* - */
	int		p_exitsig;	/* t+ */
	uint32_t	p_flag;		/* p= some */
	uint32_t	p_sflag;	/* p= some */
	uint32_t	p_slflag;	/* tp0 */
	uint32_t	p_lflag;	/* t+ */
	uint32_t	p_stflag;	/* s= */
	uint8_t		p_stat;		/* p+ */
	bool		p_trace_enabled;	/* c+ */
	pid_t		p_pid;		/* c+ */
	LIST_ENTRY(proc) p_pglist;	/* t+ */
	struct proc	*p_pptr;	/* t+ */
	LIST_ENTRY(proc) p_sibling;	/* t+ */
	struct proclist	p_children;	/* t0 */
	struct lwplist	p_lwps;		/* p0 newest first */
	struct ras	*p_raslist;	/* x+ */

#define p_startzero p_nlwps
	int		p_nlwps;	/* p0 */
	int		p_nzlwps;	/* p0 */
	int		p_nlwpcounted;	/* p0 charged to the user */
	int		p_nrlwps;	/* p0 */
	int		p_nlwpwait;	/* p0 */
	int		p_ndlwps;	/* p0 */
	lwpid_t		p_nlwpid;	/* p0 last id */
	uint32_t	p_nstopchild;	/* t0 */
	uint32_t	p_waited;	/* t0 */
	struct lwp	*p_zomblwp;	/* p0 */
	struct lwp	*p_vforklwp;	/* c0 */
	void		*p_sched_info;	/* p0 */
	uint64_t	p_estcpu;	/* p0 */
	uint64_t	p_estcpu_inherited;	/* p+ */
	uint64_t	p_forktime;	/* p+ */
	struct proc	*p_opptr;	/* t0 */
	struct ptimers	*p_timers;	/* p0 */
	uint64_t	p_rtime;	/* p0 */
	uint64_t	p_uticks, p_sticks, p_iticks;	/* s0 */
	uint32_t	p_traceflag;	/* k0 */
	struct ktsink	*p_tracep;	/* k0 */
	struct vnode	*p_textvp;	/* c& */
	const struct emul *p_emul;	/* c= */
	void		*p_emuldata;	/* c0 */
	const void	*p_execsw;	/* c= */
	struct klist	p_klist;	/* p0 */
	struct lwplist	p_sigwaiters;	/* p0 */
	sigpend_t	p_sigpend;	/* p0 */
	struct lcproc	*p_lwpctl;	/* p0 */
	pid_t		p_ppid;		/* t+ what getppid tells */
	pid_t		p_fpid;		/* -0 event data */
	pid_t		p_vfpid;	/* -0 */
	pid_t		p_vfpid_done;	/* -0 */
	lwpid_t		p_lwp_created;	/* -0 */
	lwpid_t		p_lwp_exited;	/* -0 */
	char		*p_path;	/* c+ */

#define p_endzero p_sigctx
#define p_startcopy p_sigctx
	struct sigctx	p_sigctx;	/* p= */
	uint8_t		p_nice;		/* p= */
	char		p_comm[24];	/* p= */
	struct pgrp	*p_pgrp;	/* t= a snapshot [NB-R14] */
	uint64_t	p_psstrp;	/* c= */
	uint32_t	p_pax;		/* c= */
	int		p_xexit;	/* p= */

#define p_endcopy p_xsig
	uint16_t	p_xsig;		/* p  left over, 0 */
	uint16_t	p_acflag;	/* p+ */
	uint64_t	p_stackbase;	/* -  left over */
	uint64_t	p_generation;	/* c+ which process of this machine */
	/* What the machine keeps of its own. */
	bool		p_profclock;	/* s0 its profiling clock runs */
};

#define p_lock p_lockobj->mo_lock
#define p_pgid p_pgrp->pg_id
#define p_session p_pgrp->pg_session
#define p_rlimit p_limit->pl_rlimit

#define SET(t, f) ((t) |= (f))
#define ISSET(t, f) (((t) & (f)) != 0)
#define CLR(t, f) ((t) &= ~(f))

/* fork1's flags. */
#define FORK_PPWAIT 0x01
#define FORK_SHAREVM 0x02
#define FORK_SHARECWD 0x04
#define FORK_SHAREFILES 0x08
#define FORK_SHARESIGS 0x10
#define FORK_NOWAIT 0x20
#define FORK_CLEANFILES 0x40
#define FORK_SYSTEM 0x80

/* --- LWP --- */

#define LSIDL 1				/* l_stat */
#define LSRUN 2
#define LSSLEEP 3
#define LSSTOP 4
#define LSZOMB 5
#define LSONPROC 7
#define LSSUSPENDED 8

#define LW_LWPCTL 0x00000002u		/* l_flag */
#define LW_SINTR 0x00000080u
#define LW_SYSTEM 0x00000200u
#define LW_WSUSPEND 0x00020000u
#define LW_WCORE 0x00080000u
#define LW_WEXIT 0x00100000u
#define LW_PENDSIG 0x01000000u
#define LW_USERRET (LW_WEXIT | LW_PENDSIG | LW_WSUSPEND | LW_WCORE | LW_LWPCTL)

#define LP_MPSAFE 0x00000020u		/* l_pflag */
#define LP_VFORKWAIT 0x00000200u
#define LPR_DETACHED 0x00800000u	/* l_prflag */
#define LPR_CRMOD 0x00000100u

#define LWP_DETACHED 0x00000040u	/* lwp_create's flags */
#define LWP_VFORK 0x80000000u

#define SCHED_OTHER_NB 0
#define SCHED_RR_NB 2

struct lwp {
	struct nb_state	*l_nb;		/* c= */
	struct tine__thread *l_tt;	/* c+ what it runs on; NULL: ended */
	struct proc	*l_proc;	/* c+ */
	LIST_ENTRY(lwp)	l_sibling;	/* p+ */
	LIST_ENTRY(lwp)	l_list;		/* t+ alllwp */
	LIST_ENTRY(lwp)	l_sigwaiter;	/* p0 */
	/* The LWP lock's; nothing that changes these makes a point. */
	uint8_t		l_stat;		/*  + */
	uint32_t	l_flag;		/*  0 */
	const void	*l_wchan;	/*  0 */
	const char	*l_wmesg;	/*  0 */
	struct tine__obj l_switch;	/*  + where it is stopped */
	int		l_class;	/*  = */
	int		l_priority;	/*  = */
	bool		l_kpriority;	/*  0 */
	int		l_psid;		/*  = processor set */
	uint32_t	*l_affinity;	/*  & */
	uint64_t	l_estcpu;	/*  0 */

	uint32_t	l_pflag;	/* !0 */
	uint32_t	l_prflag;	/* p0 */
	uint32_t	l_refcnt;	/* p+ */
	lwpid_t		l_lid;		/* p+ */
	lwpid_t		l_waitingfor;	/* p0 */
	lwpid_t		l_waiter;	/* p0 who joins it */
	char		*l_name;	/* p0 */
	nb_sigset_t	l_sigmask;	/* p= */
	nb_sigset_t	l_sigoldmask;	/* p0 of sigsuspend */
	bool		l_sigrestore;	/* p0 */
	struct tine_stack l_sigstk;	/* p= */
	sigpend_t	l_sigpend;	/* p0 */
	sigpend_t	*l_sigpendset;	/* p0 where the current one is */
	nb_sigset_t	l_sigwaitset;	/* p0 what sigwait waits for */
	ksiginfo_t	*l_sigwaited;	/* p0 and got */
	struct kauth_cred *l_cred;	/* !& the process's */
	struct filedesc	*l_fd;		/* c& the process's */
	uint64_t	l_private;	/* != */
	uint64_t	l_lwpctl;	/* p& user address; on loan in vfork */
	uint64_t	l_dbregs[4];	/* !0 */
	uint64_t	l_seen[2];	/* !0 ticks that timers have counted */
	kcondvar_t	l_waitcv;	/* -+ "vfork" */
	bool		l_vforkwaiting;	/* t0 of later revisions [NB-R01] */
	int		l_dbgsig;	/* p0 from the debugger, not acted on */
	kmutex_t	l_delaylock;	/* -+ kpause, nanosleep, pause */
	kcondvar_t	l_delaycv;	/* -+ */
	void		(*l_func)(void *);	/* c+ */
	void		*l_arg;		/* c+ */
	bool		l_forking;	/* p0 in fork1, and ... [NB-R13] */
	sigpend_t	l_forkpend;	/* p0 what its group got meanwhile */
	/* Linux's emulation: where a child finds its id, user address. */
	uint64_t	l_child_tidptr;	/* !0 =, under that emulation */
};

#endif
