/* SPDX-License-Identifier: MIT */
/*
 * proc/illumos/proc.h - processes, threads and LWPs of the Solaris family.
 *
 * Marks in the comments of fields, first who guards a field:
 *	c constant after creation	k pidlock
 *	p the process's p_lock		z zone_nlwps_lock
 *	l pidlinklock			! only the LWP itself
 *	# reference count (atomic)	- guards itself
 * then what fork does to it:
 *	= copied   0 cleared   & shared and held   + new in the child
 */
#ifndef TINE__ILLUMOS_PROC_H
#define TINE__ILLUMOS_PROC_H

#include "proc/illumos/types.h"

struct il_state;

/* --- address space --- */

struct as {
	krwlock_t	a_lock;		/* - */
	struct tine__as	*a_tas;		/* c what the substrate knows of it */
	struct proc	*a_proc;	/* c whom it was made for */
	struct zone	*a_zone;	/* c whose swap it has reserved */
	uint64_t	a_swresv;	/* c so many bytes */
};

/* --- System V shared memory; all of it il_shm_lock --- */

typedef struct tine__shmid kshmid_t;
typedef struct tine__shmmap segacct_t;

/* --- LWP directory [IL-004] --- */

typedef struct lwpent {
	struct _kthread	*le_thread;	/* p NULL: a zombie */
	il_id_t		le_lwpid;	/* p */
	uint16_t	le_waiters;	/* p in lwp_wait for it */
	uint16_t	le_dwaiters;	/* p of these, daemons */
	uint64_t	le_start;	/* c */
} lwpent_t;

typedef struct lwpdir {
	lwpent_t	*ld_entry;	/* p NULL: a free slot */
	struct lwpdir	*ld_next;	/* p hash chain, or free list */
} lwpdir_t;

typedef struct tidhash {
	lwpdir_t	*th_list;	/* p */
} tidhash_t;

/* A directory that is not installed yet, or any more. */
typedef struct lwpdirs {
	lwpdir_t	*lds_dir;
	tidhash_t	*lds_hash;
	uint32_t	lds_sz;
	uint32_t	lds_hashsz;
} lwpdirs_t;

/* --- pid structures --- */

struct pid {
	pid_t		pid_id;		/* c */
	uint32_t	pid_ref;	/* l process, group, session */
	uint32_t	pid_prslot;	/* c slot in the process table */
	bool		pid_prinactive;	/* l no process in the slot */
	bool		pid_pgorphaned;	/* k */
	struct pid	*pid_link;	/* l hash chain */
	struct proc	*pid_pglink;	/* k first member of the group */
	struct proc	*pid_pgtail;	/* k last member */
};

/* p_lock belongs to the slot and outlives the process in it. */
typedef struct plock {
	kmutex_t	pl_lock;
	kcondvar_t	pl_pidcv;	/* pr_pid_cv of this slot */
} plock_t;
#define p_lock p_lockp->pl_lock

/* --- user area --- */

/* A set of system calls. */
typedef struct tine_pr_sysset sysset_t;

#define prismember(set, n) (((set)->word[(n) / 64] >> (n) % 64 & 1) != 0)

#define AFORK 0x01			/* u_acflag: forked, not exec'ed */

typedef struct user {
	const char	*u_comm;	/* p= name of the program */
	struct vnode	*u_cdir;	/* p& current directory */
	struct vnode	*u_rdir;	/* p& root directory, or NULL */
	struct refstr	*u_cwd;		/* p& path of u_cdir */
	uint64_t	u_start;	/* c+ when it was forked */
	uint64_t	u_ticks;	/* c+ the same in clock ticks */
	uint64_t	u_mem;		/* p= pages at fork */
	uint32_t	u_cmask;	/* p= */
	bool		u_systrap;	/* p= if traced: one of these has any */
	sysset_t	u_entrymask;	/* p= calls to stop before */
	sysset_t	u_exitmask;	/* p= and after */
	uint8_t		u_acflag;	/* p+ AFORK */
	uintptr_t	u_signal[NSIG];	/* p= handlers, or U_SIG_ */
	k_sigset_t	u_sigmask[NSIG];	/* p= blocked in a handler */
	k_sigset_t	u_signodefer;	/* p= SA_NODEFER */
	k_sigset_t	u_sigonstack;	/* p= SA_ONSTACK */
	k_sigset_t	u_sigresethand;	/* p= SA_RESETHAND */
	k_sigset_t	u_sigrestart;	/* p= SA_RESTART */
	uf_info_t	u_finfo;	/* p+ descriptors; files are shared */
} user_t;

#define U_SIG_DFL ((uintptr_t)0)
#define U_SIG_IGN ((uintptr_t)1)

/* --- process --- */

#define SIDL 1				/* p_stat: being built */
#define SRUN 2
#define SZOMB 3

/* p_flag */
#define SSYS 0x0001			/* kernel process */
#define SEXITING 0x0002
#define SFORKING 0x0008
#define SKILLED 0x0010			/* SIGKILL was posted */
#define SNOWAIT 0x0020			/* children leave no zombies */
#define SJCTL 0x0040			/* SIGCHLD for stopped children too */
#define SNOCD 0x0080
#define SEXECED 0x0100
#define SVFORK 0x0200			/* on the parent's address space */
#define SVFWAIT 0x0400			/* its address space is lent */
#define SEXITLWPS 0x0800		/* an LWP makes the others exit */
#define SHOLDFORK 0x1000		/* an LWP does forkall */
#define SHOLDFORK1 0x2000		/* an LWP does fork1 or vfork */
#define SLWPWRAP 0x4000			/* LWP ids have wrapped */
#define SZONETOP 0x8000			/* child of another zone's init */
#define SMSACCT 0x10000			/* microstates are accounted */
#define SMSFORK 0x20000			/* children inherit that */
#define SUGID 0x40000			/* runs a set-id program */
#define LGRP_NONE (-1)

/* p_pidflag */
#define CLDPEND 0x01			/* a SIGCHLD is owed */
#define CLDNOSIGCHLD 0x02
#define CLDWAITPID 0x04
#define CLDCONT 0x08			/* its continuing was announced */

/* p_proc_flag */
#define P_PR_LOCK 0x01			/* held by /proc or by fork */
#define P_PR_TRACE 0x02			/* has tracing flags */
#define P_PR_FORK 0x04			/* children inherit them */
#define P_PR_ASYNC 0x08			/* LWPs stop one by one */

/* p_poolflag */
#define PBWAIT 0x01			/* a rebind waits */
#define PEXITED 0x02			/* left the pool for good */

/* What is counted of an LWP, a process, its children. */
struct il_usage {
	uint64_t	ru_uticks, ru_sticks;	/* clock ticks */
	uint64_t	ru_minflt;	/* page faults */
	uint64_t	ru_nsigs;	/* signals handled */
};

/* profil(2): a counter for each piece of text. */
struct prof {
	uint64_t	pr_base;	/* of the program; 0: none */
	uint64_t	pr_size;
	uint64_t	pr_off;
	uint32_t	pr_scale;	/* 0: off */
};

/* Memory that is not to be paged out. */
typedef struct memlock {
	struct memlock	*ml_next;
	uint64_t	ml_start, ml_end;
} memlock_t;

/* What somebody keeps for a process, and is to copy at fork. */
typedef struct pctx {
	struct pctx	*pc_next;
	void		(*pc_fork)(void *arg, struct proc *cp);
	void		(*pc_free)(void *arg);
	void		*pc_arg;
} pctx_t;

typedef struct proc {
	struct proc	*p_next, *p_prev;	/* k+ practive, newest first */
	struct as	*p_as;		/* p+ &kas: none; & under vfork */
	plock_t		*p_lockp;	/* c+ the slot's */
	struct pid	*p_pidp;	/* c+ */
	uint32_t	p_slot;		/* c+ */
	uint8_t		p_stat;		/* k+ */
	uint8_t		p_wcode;	/* k0 CLD_ of its end */
	uint8_t		p_pidflag;	/* k0 then from fork's flags */
	uint8_t		p_proc_flag;	/* p0 */
	uint8_t		p_poolflag;	/* p0 */
	uint32_t	p_flag;		/* p  SJCTL SNOWAIT SNOCD = */
	int		p_wdata;	/* k0 exit status or signal */
	pid_t		p_ppid;		/* k+ as getppid tells it */
	pid_t		p_ancpid;	/* c+ parent at birth */

	/* family */
	struct proc	*p_parent;	/* k+ */
	struct proc	*p_child;	/* k0 newest first */
	struct proc	*p_sibling, *p_psibling;	/* k+ */
	struct proc	*p_child_ns;	/* k0 children to be waited for */
	struct proc	*p_sibling_ns;	/* k0 */
	struct proc	*p_psibling_ns;	/* k0 */
	struct proc	*p_nextofkin;	/* k+ gets its usage */
	struct proc	*p_orphan;	/* k0 whose next of kin we are */
	struct proc	*p_nextorph, *p_prevorph;	/* k+ */
	uint32_t	p_nchild;	/* k0 length of p_child */
	uint32_t	p_nchild_ns;	/* k0 length of p_child_ns */
	uint32_t	p_nchild_js;	/* k0 stopped, continued: not told */

	/* group, session, credential, executable */
	struct pid	*p_pgidp;	/* k+ NULL while SIDL */
	struct proc	*p_pglink, *p_ppglink;	/* k+ */
	struct sess	*p_sessp;	/* k& */
	struct cred	*p_cred;	/* -& p_crlock */
	struct vnode	*p_exec;	/* p& held and open */
	struct vnode	*p_execdir;	/* p& */
	bool		p_uncounted;	/* c+ task 0 counts it: OS-30 */
	bool		p_execopen;	/* p+ p_exec is open for us */

	/* where it is counted */
	struct zone	*p_zone;	/* c= */
	struct task	*p_task;	/* kp& */
	struct proc	*p_tasknext, *p_taskprev;	/* k+ */
	struct pool	*p_pool;	/* p& */
	int		p_poolcnt;	/* p0 inside the barrier */
	struct rctl_set	*p_rctls;	/* c+ a copy */
	uint64_t	p_stk_ctl;	/* p= enforced values */
	uint64_t	p_fsz_ctl;	/* p= */
	uint64_t	p_vmem_ctl;	/* p= */
	uint64_t	p_data_ctl;	/* p= */
	uint64_t	p_fno_ctl;	/* p= */
	uint64_t	p_cpu_ctl;	/* p= */
	struct cont_process *p_ct_process;	/* p+ by the template */
	struct proc	*p_ct_next, *p_ct_prev;	/* ct_lock + */
	struct contract	*p_ct_held;	/* p0 contracts it owns */

	/* LWPs */
	struct _kthread	*p_tlist;	/* p+ */
	int		p_lwpcnt;	/* p+ */
	int		p_lwprcnt;	/* p+ not stopped */
	int		p_lwpdaemon;	/* p0 = in forkall */
	int		p_zombcnt;	/* p0 = in forkall */
	int		p_lwpwait;	/* p0 in lwp_wait */
	int		p_lwpdwait;	/* p0 of these, daemons */
	il_id_t		p_lwpid;	/* p= last id handed out */
	lwpdir_t	*p_lwpdir;	/* p+ */
	lwpdir_t	*p_lwpfree;	/* p+ */
	tidhash_t	*p_tidhash;	/* p+ */
	uint32_t	p_lwpdir_sz;	/* p+ */
	uint32_t	p_tidhash_sz;	/* p+ */

	/* signals */
	k_sigset_t	p_sig;		/* p0 pending */
	k_sigset_t	p_ignore;	/* p= */
	k_sigset_t	p_siginfo;	/* p= wants to know more of these */
	struct {
		uint64_t expiry;	/* 0: not running */
		uint64_t interval;
	} p_realit[2];			/* kp0 ITIMER_REAL, _REALPROF */
#define p_realitimer p_realit[0]
#define p_rprof_cyclic p_realit[1]
	struct sigqhdr	*p_sigqhdr;	/* p0 sent by sigqueue, not taken */
	struct sigqueue	*p_sigqueue;	/* p0 */
	int		p_stopsig;	/* p0 job control stop in progress */

	/* geometry of the image */
	uint64_t	p_brkbase;	/* p= simulated address */
	uint64_t	p_brksize;	/* p= */
	uint64_t	p_stksize;	/* p= */
	uint64_t	p_usrstack;	/* p= */

	/* memory that is accounted for elsewhere */
	segacct_t	*p_segacct;	/* il_shm_lock + a copy; vfork & */
	struct tine__watch *p_wpage;	/* p0 watched areas, parked by vfork */

	/* times and usage */
	uint64_t	p_mstart;	/* c+ */
	uint64_t	p_mterm;	/* k0 */
	uint64_t	p_nsys;		/* !0 system calls; stands for usage */
	uint64_t	p_cnsys;	/* k0 of those reaped */
	struct il_usage	p_ru;		/* p0 of LWPs that have ended */
	struct il_usage	p_cru;		/* k0 of children reaped */
	int		p_t1_lgrpid;	/* p+ lgroup of the first LWP */
	int		p_tr_lgrpid;	/* p+ of the replica of its text */
	struct corectl_path *p_corefile;	/* p& held */
	uint32_t	p_content;	/* p= what core files hold */
	struct brand	*p_brand;	/* c= of its zone */
	uint32_t	p_secflags;	/* p= effective */
	uint32_t	p_secinherit;	/* p= from the next exec on */
	uint32_t	p_seclower, p_secupper;	/* p= bounds of that */
	struct _kthread	*p_agenttp;	/* p0 of /proc */
	struct _kthread	*p_prowner;	/* p0 has P_PR_LOCK for a program */
	uint64_t	p_locked_mem;	/* p0 bytes of p_locked */
	struct memlock	*p_locked;	/* p0 by address, none touching */
	struct prof	p_prof;		/* p= what counts where it runs */
	struct pctx	*p_pctx;	/* p  by each one's callback */
	k_sigset_t	p_extsig;	/* p0 pending, from other contracts */
	k_sigset_t	p_sigmask;	/* p  /proc stops for these; as
					 * P_PR_TRACE */
	k_sigset_t	p_fltmask;	/* p  and for faults with these */
	bool		p_audited;	/* c+ audit data was made for it */
	struct dtrace_helpers *p_dtrace_helpers;	/* dtrace_lock + */
	uint32_t	p_dtrace_probes;	/* p0 tracepoints in the text */

	kmutex_t	p_splock;	/* - p_sessp */
	kmutex_t	p_crlock;	/* - p_cred */
	kcondvar_t	p_cv;		/* - waitid and vfork */
	kcondvar_t	p_holdlwps;	/* - */
	kcondvar_t	p_lwpexit;	/* - */
	kcondvar_t	p_poolcv;	/* - */
	user_t		p_user;		/*   see there */
} proc_t;

#define PTOU(p) (&(p)->p_user)
#define P_FINFO(p) (&(p)->p_user.u_finfo)
#define p_pid p_pidp->pid_id
#define p_pgrp p_pgidp->pid_id

/* --- thread and LWP --- */

#define TS_FREE 0			/* t_state */
#define TS_SLEEP 1
#define TS_RUN 2
#define TS_ONPROC 4
#define TS_ZOMB 8
#define TS_STOPPED 16
#define TS_WAIT 32			/* under a cap on CPU */

/* t_schedflag: a stopped thread runs only when all of these are set. */
#define TS_CSTART 0x0100		/* by continuelwps */
#define TS_UNPAUSE 0x0200
#define TS_XSTART 0x0400		/* by SIGCONT */
#define TS_PSTART 0x0800		/* by /proc */
#define TS_RESUME 0x1000
#define TS_CREATE 0x2000		/* its creation is complete */
#define TS_ALLSTART 0x3f00

/* t_proc_flag */
#define TP_DAEMON 0x0001
#define TP_HOLDLWP 0x0002		/* to be suspended */
#define TP_TWAIT 0x0004			/* may be waited for */
#define TP_LWPEXIT 0x0008		/* has left the process */
#define TP_MAIN 0x0020			/* first LWP of its process */
#define TP_PRSTOP 0x0010		/* /proc wants it to stop */

/* t_flag */
#define T_WAKEABLE 0x0002		/* in an interruptible sleep */
#define T_VFPARENT 0x0004		/* must call vfwait before user mode */
#define T_TOMASK 0x0010			/* t_hold is sigsuspend's */
#define T_FORKALL 0x0008		/* clone of one that did not forkall */

#define PR_SUSPENDED 1			/* t_whystop */
#define PR_JOBCONTROL 2
#define PR_REQUESTED 3			/* by /proc */
#define PR_SYSEXIT 4			/* by /proc, on the way out */
#define PR_SIGNALLED 5			/* by /proc, with a signal */
#define PR_FAULTED 6			/* by /proc, in a fault */
#define PR_SYSENTRY 7			/* by /proc, before a call */
#define PR_STOPPED(why) ((why) >= PR_REQUESTED)	/* by /proc at all */
#define SUSPEND_NORMAL 1		/* t_whatstop */

/* A signal of a control for a process that is not the one tested: it is sent
 * when no lock is held any more. [IL-R18] */
typedef struct rctl_foreign {
	pid_t		rf_pid;		/* 0: none */
	int		rf_signal;
	const void	*rf_entity;	/* where the process must still be */
} rctl_foreign_t;

typedef struct _kthread {
	struct tine__thread *t_tt;	/* c+ what it runs on */
	struct il_state	*t_il;		/* c= */
	struct proc	*t_procp;	/* c+ */
	struct _klwp	*t_lwp;		/* c+ */
	struct _kthread	*t_forw, *t_back;	/* p+ of the process */
	struct _kthread	*t_next, *t_prev;	/* k+ of the machine */
	il_id_t		t_tid;		/* p  fork1 = */
	lwpdir_t	*t_dslot;	/* p+ */
	uint8_t		t_state;	/* p+ */
	uint8_t		t_whystop;	/* p+ */
	uint8_t		t_whatstop;	/* p+ */
	uint8_t		t_cid;		/* p= scheduling class */
	uint32_t	t_cldata;	/* p  which data of its class */
	uint64_t	t_profticks;	/* !0 those that p_prof has seen */
	uint64_t	t_capticks;	/* !0 those that a cap has seen */
	int8_t		t_pri;		/* p= */
	int8_t		t_nice;		/* p= of its class */
	bool		t_sig_check;	/* p0 look at signals */
	uint16_t	t_schedflag;	/* p+ */
	uint16_t	t_proc_flag;	/* p  TP_TWAIT = */
	uint16_t	t_flag;		/* p0 */
	il_id_t		t_waitfor;	/* p0 in lwp_wait: -1 none */
	pid_t		t_vfpid;	/* !0 child that borrows the space */
	rctl_foreign_t	t_rctl;		/* !0 */
	uint32_t	t_prowns;	/* !0 processes it has: p_prowner */
	bool		t_unpark;	/* t_delay_lock; an unpark came */
	int		t_bind_cpu;	/* p= of the LWP that forks */
	int		t_bind_pset;	/* p= of the LWP that forks */
	k_sigset_t	t_sig;		/* p0 directed at this thread */
	struct sigqueue	*t_sigqueue;	/* p0 */
	k_sigset_t	t_hold;		/* p= blocked */
	k_sigset_t	t_sigwait;	/* p0 accepted by sigtimedwait */
	kcondvar_t	t_capcv;	/* - where it waits for a CPU */
	kcondvar_t	t_stopcv;	/* - where it is stopped */
	kmutex_t	t_delay_lock;	/* - delay, nanosleep, pause */
	kcondvar_t	t_delay_cv;	/* - */
} kthread_t;

/* A template: what a fork makes a contract from. */
typedef struct ctmpl {
	uint32_t	ctp_params;	/* c */
	uint32_t	ctp_ev_fatal;	/* c */
	uint32_t	ctmpl_ev_info;	/* c */
	uint32_t	ctmpl_ev_crit;	/* c */
	uint32_t	ctp_subsume;	/* c number of a contract; 0: none */
	uint64_t	ctmpl_cookie;	/* c */
} ctmpl_t;

typedef struct _klwp {
	struct _kthread	*lwp_thread;	/* c+ */
	struct proc	*lwp_procp;	/* c+ */
	uint64_t	lwp_start;	/* c+ */
	int64_t		lwp_rval1;	/* != results of the call */
	int64_t		lwp_rval2;	/* != */
	int		lwp_cursig;	/* p0 */
	struct sigqueue	*lwp_curinfo;	/* p0 */
	k_sigset_t	lwp_sigoldmask;	/* !0 under T_TOMASK */
	struct tine_stack lwp_sigaltstack;	/* != */
	struct il_usage	lwp_ru;		/* !0 faults and signals alone */
	struct tine_itimerval lwp_timer[2];	/* !0 VIRTUAL, PROF */
	uint64_t	lwp_seen[2];	/* !0 ticks taken off them */
	bool		lwp_branded;	/* !+ */
	bool		lwp_asleep;	/* !0 */
	bool		lwp_sysabort;	/* p0 the call before which it has
					 * stopped is not to be made */
	uint8_t		lwp_nostop;	/* !0 not to be stopped */
	uint8_t		lwp_nostop_r;	/* !0 by faults and /proc itself */
	uint64_t	lwp_mstate;	/* != then 0: stands for times */
	void		(*lwp_pc)(void *);	/* c+ of kernel processes */
	void		*lwp_arg;	/* c+ */
	struct {
		uint8_t	sc_cid;
		int8_t	sc_pri;
	} lwp_schedctl;		/* !+ what the program sees of t_cid, t_pri */
	/* Contract templates. */
	struct ctmpl	lwp_ct_tmpl;	/* != */
	struct ctmpl	*lwp_ct_active;	/* != own copy, or NULL */
	uint32_t	lwp_ct_latest;	/* !0 number of a contract */
} klwp_t;

#define ttoproc(t) ((t)->t_procp)
#define ttolwp(t) ((t)->t_lwp)
#define lwptot(lwp) ((lwp)->lwp_thread)
#define lwptoproc(lwp) ((lwp)->lwp_procp)

#define SUSPENDED(t) \
	((t)->t_state == TS_STOPPED && \
	((t)->t_schedflag & (TS_CSTART | TS_UNPAUSE)) != \
	(TS_CSTART | TS_UNPAUSE))

#endif
