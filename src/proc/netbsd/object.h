/* SPDX-License-Identifier: MIT */
/*
 * proc/netbsd/object.h - what processes of this kernel refer to.
 *
 * The marks are those of proc.h; # is an atomic reference count.
 */
#ifndef TINE__NETBSD_OBJECT_H
#define TINE__NETBSD_OBJECT_H

#include "proc/netbsd/proc.h"

/* --- credentials; constant once they are shared --- */

#define NGROUPS_NB 16

struct kauth_cred {
	uint32_t	cr_refcnt;	/* # */
	uint32_t	cr_uid, cr_euid, cr_svuid;
	uint32_t	cr_gid, cr_egid, cr_svgid;
	uint32_t	cr_ngroups;
	uint32_t	cr_groups[NGROUPS_NB];
};

#define KAUTH_RESULT_ALLOW 0
#define KAUTH_RESULT_DENY 1
#define KAUTH_RESULT_DEFER 2

enum kauth_action {
	KAUTH_PROCESS_FORK = 1,
	KAUTH_PROCESS_RLIMIT,
	KAUTH_PROCESS_SIGNAL,
	KAUTH_PROCESS_PTRACE,
	KAUTH_PROCESS_SETID
};

typedef int (*kauth_scope_callback_t)(struct kauth_cred *cred,
    enum kauth_action action, void *cookie, struct proc *p, uintptr_t arg);

typedef struct kauth_listener {
	struct kauth_listener *kl_next;
	kauth_scope_callback_t kl_func;
	void		*kl_cookie;
} *kauth_listener_t;

struct uidinfo {
	struct uidinfo	*ui_next;
	uint32_t	ui_uid;
	uint32_t	ui_proccnt;	/* # processes of this real uid */
	uint32_t	ui_lwpcnt;	/* # LWPs, first ones excluded */
};

/* --- limits and accounts --- */

struct rlimit_nb {
	uint64_t	rlim_cur, rlim_max;
};
#define RLIM_NLIMITS_NB 12
/* The host's RLIMIT_ numbers name them, but for this. */
#define RLIMIT_NTHR_NB 11

struct plimit {
	struct rlimit_nb pl_rlimit[RLIM_NLIMITS_NB];	/* pl_lock */
	const char	*pl_corename;
	uint32_t	pl_refcnt;	/* # */
	bool		pl_writeable;	/* private to one process */
	kmutex_t	pl_lock;
	struct plimit	*pl_sv_limit;	/* the shared one before it */
};

struct rusage_nb {
	uint64_t	ru_utime, ru_stime;	/* clock ticks */
	uint64_t	ru_nsys;	/* system calls */
	uint64_t	ru_faults;
	uint64_t	ru_signals;
};

struct pstats {
	struct rusage_nb p_ru;		/* p0 own */
	struct rusage_nb p_cru;		/* p0 of reaped children */
	uint64_t	p_timer[3];	/* p= interval timers' settings */
	uint64_t	p_prof[2];	/* p= profiling buffer, scale */
	uint64_t	p_start;	/* c+ */
};

/* --- files --- */

struct vnode {
	struct vnode	*v_next;
	const struct tine_program *v_program;	/* NULL: a directory */
	uint32_t	v_usecount;
	uint32_t	v_setuid;	/* owner of a set-uid file, + 1 */
	bool		v_linux;	/* for Linux's emulation */
};

#define DTYPE_VNODE 1
#define DTYPE_KQUEUE 2
#define DTYPE_MQUEUE 3

struct file {
	kmutex_t	f_lock;
	uint32_t	f_count;	/* f_lock */
	int		f_type;		/* c */
	int		f_flag;		/* TINE_O_ */
	uint64_t	f_offset;	/* the node's lock */
	void		*f_data;	/* c a kqueue, a node */
};

struct fdfile {
	struct file	*ff_file;	/* fd_lock NULL while half open */
	bool		ff_allocated;	/* fd_lock */
	bool		ff_exclose;	/* fd_lock */
};
#define NDFILE 20

struct filedesc {
	kmutex_t	fd_lock;
	struct fdfile	*fd_dt;		/* fd_lock */
	int		fd_nfiles;	/* fd_lock slots */
	uint32_t	fd_refcnt;	/* # processes that have it */
	uint32_t	fd_nused;	/* fd_lock */
	struct fdfile	fd_dfile[NDFILE];
};

struct cwdinfo {
	struct tine__node *cwdi_cdir;	/* cwdi_lock */
	struct tine__node *cwdi_rdir;	/* cwdi_lock NULL: the root */
	struct tine__node *cwdi_edir;	/* cwdi_lock of the emulation */
	krwlock_t	cwdi_lock;
	uint16_t	cwdi_cmask;	/* cwdi_lock */
	uint32_t	cwdi_refcnt;	/* # */
};

/* --- memory --- */

struct vm_map {
	krwlock_t	lock;
	uint32_t	flags;
};
#define VM_MAP_TOPDOWN 0x40
#define VM_MAP_WIREFUTURE 0x20

struct vmspace {
	struct vm_map	vm_map;
	uint32_t	vm_refcnt;	/* # */
	struct tine__as	*vm_as;		/* what the substrate knows of it */
	struct tine__shmmap *vm_shm;	/* shm_lock */
	/* vm_startcopy: */
	uint64_t	vm_dsize;	/* heap, bytes */
	uint64_t	vm_ssize;	/* stack, bytes */
	uint64_t	vm_daddr;	/* heap's start */
	uint64_t	vm_maxsaddr;	/* stack's top */
	uint64_t	vm_issize;	/* stack at exec */
};

/* --- what subsystems hang on processes --- */

struct emul {
	const char	*e_name;
	void		(*e_proc_exec)(struct proc *p);
	void		(*e_proc_fork)(struct proc *p2, struct lwp *l1,
			    int flags);
	void		(*e_proc_exit)(struct proc *p);
	void		(*e_lwp_fork)(struct lwp *l1, struct lwp *l2);
	void		(*e_lwp_exit)(struct lwp *l);
	void		(*e_syscall_intern)(struct proc *p);
};

struct hook_desc {
	struct hook_desc *hk_next;
	void		(*hk_fork)(struct proc *p2, struct proc *p1);
	void		(*hk_fn)(struct proc *p, void *arg);
	void		*hk_arg;
};

struct ras {
	struct ras	*ras_next;
	uint64_t	ras_startaddr, ras_endaddr;
	uint64_t	ras_serial;
};

/* Where a ktrace goes, in place of a file. */
struct ktsink {
	uint32_t	kts_refs;	/* ktrace_lock */
	uint32_t	kts_records;
	uint32_t	kts_sysrets;
	uint32_t	kts_last_pid;	/* whose the last record is */
};
#define KTRFAC_SYSCALL 0x00000002u
#define KTRFAC_SYSRET 0x00000004u
#define KTRFAC_PSIG 0x00000020u
#define KTRFAC_EMUL 0x00000080u
#define KTRFAC_INHERIT 0x80000000u
#define KTRFAC_TRC_EMUL 0x10000000u

/* lwpctl blocks of a process: one page, a slot each. */
struct lcproc {
	kmutex_t	lp_lock;
	uint64_t	lp_uva;
	uint32_t	lp_used;	/* bit a slot */
};

/* The timer of real time; proc_lock. */
struct ptimers {
	uint64_t	pts_expiry, pts_interval;	/* 0: not armed */
	struct tine_itimerval pts_used[2];	/* virtual, profiling */
};

struct aiosp {
	uint32_t	aio_jobs;
};

#define NOTE_EXIT 0x80000000u
#define NOTE_FORK 0x40000000u
#define NOTE_EXEC 0x20000000u
#define NOTE_TRACK 0x00000001u
#define NOTE_TRACKERR 0x00000002u
#define NOTE_CHILD 0x00000004u

struct kqueue {
	kmutex_t	kq_lock;
	kcondvar_t	kq_cv;
	SLIST_HEAD(, knote) kq_knotes;	/* kq_lock */
};

struct knote {
	SLIST_ENTRY(knote) kn_selnext;	/* p_lock of kn_proc: its p_klist */
	SLIST_ENTRY(knote) kn_link;	/* kq_lock */
	struct kqueue	*kn_kq;
	struct proc	*kn_proc;	/* NULL: detached */
	pid_t		kn_pid;
	uint32_t	kn_sfflags;	/* what it asks for */
	uint32_t	kn_fflags;	/* what has happened */
	int64_t		kn_data;
	uint64_t	kn_serial;
	bool		kn_active;
	bool		kn_eof;		/* its process has ended */
	bool		kn_influx;	/* of later revisions [NB-R24] */
};

/* --- the pid table; proc_lock --- */

struct pid_table {
	struct proc	*pt_proc;	/* NULL: free, pt_free is a link */
	struct pgrp	*pt_pgrp;
	pid_t		pt_pid;
	uint32_t	pt_free;	/* saved use count + next free slot */
};

#endif
