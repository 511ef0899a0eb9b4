/* SPDX-License-Identifier: MIT */
/*
 * proc/illumos/task.h - what a process is counted in and what it shares:
 * tasks, projects, zones, pools, contracts, controls, credentials, sessions,
 * files.
 *
 * Marks as in proc.h: k pidlock, p p_lock, z zone_nlwps_lock, h task_hash_lock,
 * t ct_lock, r rcs_lock, c constant, # atomic, - guards itself.
 */
#ifndef TINE__ILLUMOS_TASK_H
#define TINE__ILLUMOS_TASK_H

#include "proc/illumos/types.h"

struct proc;

/* --- zone, project, task [IL-002] [IL-003] --- */

#define ZONE_IS_UNINITIALIZED TINE_ZONE_UNINITIALIZED
#define ZONE_IS_INITIALIZED TINE_ZONE_INITIALIZED
#define ZONE_IS_READY TINE_ZONE_READY
#define ZONE_IS_BOOTING TINE_ZONE_BOOTING
#define ZONE_IS_RUNNING TINE_ZONE_RUNNING
#define ZONE_IS_SHUTTING_DOWN TINE_ZONE_SHUTTING_DOWN
#define ZONE_IS_EMPTY TINE_ZONE_EMPTY
#define ZONE_IS_DOWN TINE_ZONE_DOWN
#define ZONE_IS_DYING TINE_ZONE_DYING
#define ZONE_IS_DEAD TINE_ZONE_DEAD

#define NGROUPS 16
#define CMASK 022	/* umask of process 0 */

typedef struct cred {
	uint32_t	cr_ref;		/* # */
	uid_t		cr_ruid;	/* c */
	uid_t		cr_uid;		/* c */
	uid_t		cr_suid;	/* c */
	gid_t		cr_rgid, cr_gid, cr_sgid;	/* c */
	uint32_t	cr_ngroups;	/* c */
	gid_t		cr_groups[NGROUPS];	/* c */
	struct zone	*cr_zone;	/* c */
	uint64_t	cr_priv;	/* c effective set */
	uint64_t	cr_ipriv;	/* c inheritable, permitted, limit */
	uint64_t	cr_ppriv, cr_lpriv;	/* c */
	bool		cr_aware;	/* c it has set them itself */
	uid_t		cr_auid;	/* c whom audit records name */
} cred_t;

typedef struct zone {
	zoneid_t	zone_id;	/* c */
	uint32_t	zone_status;	/* ~ grows only */
	kmutex_t	zone_nlwps_lock;	/* - */
	uint32_t	zone_nlwps;	/* z */
	uint32_t	zone_nprocs;	/* z */
	uint32_t	zone_ntasks;	/* h */
	uint64_t	zone_nlwps_ctl;	/* z enforced limit */
	uint64_t	zone_nprocs_ctl;	/* z */
	pid_t		zone_proc_initpid;	/* c */
	struct proc	*zone_zsched;	/* zone_lock its kernel process */
	struct zone	*zone_next;	/* zones but the global one */
	kmutex_t	zone_lock;	/* - */
	kcondvar_t	zone_cv;	/* - status, tasks */
	struct kproject	*zone_proj0;	/* c held */
	struct brand	*zone_brand;	/* c from before its boot; or NULL */
	const struct tine_program *zone_bootprog;	/* zone_lock */
	int		zone_boot_err;	/* zone_lock */
	bool		zone_restart_init;	/* c */
	bool		zone_halt;	/* zone_lock init has ended for good */
	struct cred	zone_kcred;	/* c of its processes */
	struct rctl_set	*zone_rctls;	/* c or NULL */
	uint64_t	zone_max_swap;	/* z bytes */
	uint64_t	zone_max_swap_ctl;	/* z */
	uint32_t	zone_ffcap;	/* # failures of fork: a cap */
	uint32_t	zone_ffnoproc;	/* # no slot, no pid, no executable */
	uint32_t	zone_ffnomem;	/* # memory */
	uint32_t	zone_ffmisc;	/* # anything else */
	uint32_t	zone_exits;	/* # ends, as their threads saw it */
	uint32_t	zone_late;	/* # threads whose exit is not over */
} zone_t;

typedef struct kproject {
	projid_t	kpj_id;		/* c */
	zone_t		*kpj_zone;	/* c */
	uint32_t	kpj_nlwps;	/* z */
	uint32_t	kpj_nprocs;	/* z */
	uint32_t	kpj_ntasks;	/* z */
	uint32_t	kpj_count;	/* # tasks and others that hold it */
	uint32_t	kpj_ncontracts;	/* contract_lock */
	uint64_t	kpj_nlwps_ctl;	/* z */
	uint64_t	kpj_nprocs_ctl;	/* z */
	uint64_t	kpj_ntasks_ctl;	/* z */
	uint64_t	kpj_ncontracts_ctl;	/* contract_lock */
	struct rctl_set	*kpj_rctls;	/* c or NULL */
	uint64_t	kpj_cap_ctl;	/* r hundredths of a CPU */
	uint64_t	kpj_cap_until;	/* k when it may have a CPU again */
	struct kproject	*kpj_next;	/* h all projects but the first */
} kproject_t;

#define TASK_FINAL 0x01			/* tk_flags */

typedef struct task {
	taskid_t	tk_tkid;	/* c */
	uint32_t	tk_flags;	/* kp */
	uint32_t	tk_hold_count;	/* # members and observers */
	uint32_t	tk_nlwps;	/* z */
	uint32_t	tk_nprocs;	/* z with zombies */
	kproject_t	*tk_proj;	/* c held */
	zone_t		*tk_zone;	/* c */
	struct proc	*tk_memb_list;	/* k ring */
	struct task	*tk_next, *tk_prev;	/* h all tasks */
	uint64_t	tk_nlwps_ctl;	/* z */
	uint64_t	tk_nprocs_ctl;	/* z */
	uint64_t	tk_usage;	/* k of members that are gone */
	struct rctl_set	*tk_rctls;	/* c or NULL */
} task_t;

typedef struct pool {
	uint32_t	pool_ref;	/* # processes, and 1 of its own */
	int		pool_id;	/* c */
	bool		pool_destroyed;	/* pool_lock */
	struct pool	*pool_next;	/* pool_lock */
} pool_t;

/* --- contracts [IL-007] --- */

#define CTS_OWNED 0
#define CTS_INHERITED 1
#define CTS_ORPHAN 2
#define CTS_DEAD 3

typedef struct contract {
	kmutex_t	ct_lock;	/* - */
	uint32_t	ct_id;		/* c */
	uint32_t	ct_ref;		/* t the owner, the members */
	uint8_t		ct_state;	/* t CTS_ */
	struct proc	*ct_owner;	/* t */
	struct contract	*ct_next;	/* p of the owner: p_ct_held; or t of
					 * the regent: conp_inherited */
	struct cont_process *ct_regent;	/* t the owner's, when it was made */
	struct kproject	*ct_proj;	/* c held, while it has an owner */
	uint32_t	ct_ev_info, ct_ev_crit;	/* c events to be told of */
	uint64_t	ct_cookie;	/* c the author's own */
	uint32_t	ct_evid;	/* t last event */
	struct ct_kevent *ct_events;	/* t oldest first */
	kcondvar_t	ct_evcv;	/* - one more of them, or no owner */
} contract_t;

typedef struct cont_process {
	contract_t	conp_contract;
	struct proc	*conp_members;	/* t newest first */
	uint32_t	conp_nmembers;	/* t */
	uint32_t	conp_params;	/* c */
	uint32_t	conp_ev_fatal;	/* c */
	cred_t		conp_cred;	/* c a copy of its author's */
	struct contract	*conp_inherited;	/* t */
} cont_process_t;

typedef struct ct_kevent {
	struct ct_kevent *cte_next;
	uint32_t	cte_id;
	uint64_t	cte_seq;	/* among those of all contracts */
	bool		cte_critical;	/* stays until acknowledged */
	bool		cte_read;
	uint32_t	cte_type;
	pid_t		cte_pid;
	int		cte_arg;
} ct_kevent_t;

/* Pattern of core files, shared by parent and child. */
#define CORECTL_PATH 32
typedef struct corectl_path {
	uint32_t	ccp_refcnt;	/* # */
	char		ccp_path[CORECTL_PATH];	/* c */
} corectl_path_t;

/* What a branded process has in place of some steps. [IL-051] */
#define BRAND_NAME 16
typedef struct brand {
	char		b_name[BRAND_NAME];
	uint32_t	b_copied, b_forklwps, b_setrvals, b_freelwps;
} brand_t;

/* --- resource controls --- */

#define RCPRIV_BASIC 1
#define RCPRIV_PRIVILEGED 2
#define RCPRIV_SYSTEM 3

#define RCTL_LOCAL_NOACTION 0
#define RCTL_LOCAL_DENY 1
#define RCTL_LOCAL_SIGNAL 2

#define RCT_NONE 0			/* rctl_test */
#define RCT_DENY 1

/* The controls of a process. */
enum rctl_process {
	RC_PROCESS_CPU_TIME,
	RC_PROCESS_FILE_SIZE,
	RC_PROCESS_DATA_SIZE,
	RC_PROCESS_STACK_SIZE,
	RC_PROCESS_CORE_SIZE,
	RC_PROCESS_FILE_DESCRIPTOR,
	RC_PROCESS_ADDRESS_SPACE,
	RC_PROCESS_SIGQUEUE_SIZE,
	RC_PROCESS_COUNT,
	/* Those of tasks, projects and zones. */
	RC_TASK_LWPS = RC_PROCESS_COUNT,
	RC_TASK_PROCESSES,
	RC_PROJECT_LWPS,
	RC_PROJECT_PROCESSES,
	RC_PROJECT_TASKS,
	RC_PROJECT_CONTRACTS,
	RC_PROJECT_CPU_CAP,
	RC_ZONE_LWPS,
	RC_ZONE_PROCESSES,
	RC_ZONE_SWAP,
	RC_COUNT
};

/* Whom a control is for. */
typedef enum rctl_entity {
	RCENTITY_PROCESS,
	RCENTITY_TASK,
	RCENTITY_PROJECT,
	RCENTITY_ZONE
} rctl_entity_t;

typedef struct rctl_val {
	uint64_t	rcv_value;
	pid_t		rcv_recipient;	/* -1 none */
	uint8_t		rcv_privilege;
	uint8_t		rcv_action;
	uint8_t		rcv_signal;
	uint8_t		rcv_control;	/* which it belongs to */
	uint64_t	rcv_firing_time;	/* when it was exceeded; 0 */
} rctl_val_t;

/* Room for the values of a set: that of a cache when they are few. */
#define RCTL_GP_VALUES 24
typedef struct rctl_alloc_gp {
	uint32_t	rcag_nvals;	/* how many it was made for */
	uint32_t	rcag_room;	/* how many fit */
	bool		rcag_taken;	/* a set owns it now */
	rctl_val_t	rcag_vals[];
} rctl_alloc_gp_t;
#define RCTL_GP_SIZE(room) \
	(sizeof (rctl_alloc_gp_t) + (room) * sizeof (rctl_val_t))

typedef struct rctl_set {
	kmutex_t	rcs_lock;	/* - */
	uint32_t	rcs_nvals;	/* r values of all controls, in order */
	uint32_t	rcs_cursor[RC_COUNT];	/* r enforced value */
	rctl_alloc_gp_t	*rcs_gp;	/* r */
} rctl_set_t;

/* --- credential, session, files --- */

#define PRIV_PROC_FORK TINE_PRIV_PROC_FORK
#define PRIV_SYS_RESOURCE TINE_PRIV_SYS_RESOURCE
#define PRIV_PROC_OWNER TINE_PRIV_PROC_OWNER
#define PRIV_PROC_SETID TINE_PRIV_PROC_SETID
#define PRIV_PROC_PRIOCNTL TINE_PRIV_PROC_PRIOCNTL
#define PRIV_PROC_SECFLAGS TINE_PRIV_PROC_SECFLAGS
#define PRIV_PROC_LOCK_MEMORY TINE_PRIV_PROC_LOCK_MEMORY
#define PRIV_SYS_AUDIT TINE_PRIV_SYS_AUDIT
#define PRIV_SYS_RES_CONFIG TINE_PRIV_SYS_RES_CONFIG
#define PRIV_BASIC TINE_PRIV_BASIC
#define PRIV_ALL TINE_PRIV_ALL
#define AU_NOAUDITID ((uid_t)-2)

/* Processes of one real uid in one zone [IL-008]. */
struct upcount {
	struct upcount	*up_next;	/* k */
	uid_t		up_uid;		/* c */
	zoneid_t	up_zoneid;	/* c */
	uint32_t	up_count;	/* k */
};

typedef struct sess {
	kmutex_t	s_lock;		/* - */
	uint32_t	s_ref;		/* s_lock */
	struct pid	*s_sidp;	/* c held */
	bool		s_vp;		/* k and the tty's lock: has it */
	bool		s_dev;		/* k had it at some time */
	struct sess	*s_next, *s_prev;	/* k all of them */
} sess_t;

/* A file of the name space: a program, or what else has a node. */
typedef struct vnode {
	struct vnode	*v_next, *v_prev;	/* all of them */
	const struct tine_program *v_program;	/* c NULL: none */
	struct tine__node *v_node;	/* one hold; NULL: only executed */
	uint32_t	v_count;	/* holds */
	uint32_t	v_opens;	/* opens without a close */
	/* Of these, those that the real kernel loses: IL-R10, IL-R11. */
	uint32_t	v_lost_count;
	uint32_t	v_lost_opens;
} vnode_t;

typedef struct refstr {
	uint32_t	rs_refcnt;	/* # */
	char		rs_string[4];	/* c */
} refstr_t;

#define FREAD 1
#define FWRITE 2

typedef struct file {
	kmutex_t	f_tlock;	/* - */
	uint32_t	f_count;	/* f_tlock [IL-009] */
	uint32_t	f_audit;	/* what the books find */
	uint8_t		f_flag;		/* c FREAD, FWRITE */
	int		f_oflag;	/* f_tlock TINE_O_ */
	vnode_t		*f_vnode;	/* c held */
	uint64_t	f_offset;	/* lock of the vnode */
	struct file	*f_next, *f_prev;	/* all of them */
} file_t;

/* --- DTrace --- */

/* Helpers of one process: shared text knows how to describe itself. */
typedef struct dtrace_helpers {
	struct dtrace_helpers *dthps_next;	/* dtrace_lock: lost ones */
	uint32_t	dthps_nactions;	/* dtrace_lock */
} dtrace_helpers_t;

/* --- signals --- */

/*
 * What a process has sent with sigqueue and nobody has taken yet. Outlives the
 * process. Changed only where nothing switches.
 */
typedef struct sigqhdr {
	uint32_t	sqb_sent;
	bool		sqb_pexited;	/* the last one taken frees it */
} sigqhdr_t;

typedef struct sigqueue {
	struct sigqueue	*sq_next;	/* p */
	sigqhdr_t	*sq_backptr;	/* who sent it with sigqueue, or NULL */
	zoneid_t	sq_zoneid;
	struct tine_siginfo sq_info;
} sigqueue_t;
#define sq_signo sq_info.signo
#define sq_code sq_info.code
#define sq_pid sq_info.pid
#define sq_status sq_info.status

#endif
