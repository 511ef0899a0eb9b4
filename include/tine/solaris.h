/* SPDX-License-Identifier: MIT */
/*
 * solaris.h - what only the Solaris family has, for its programs: contracts,
 * tasks and projects, zones, pools, resource controls, process sets, /proc.
 *
 * Program plane, as sys.h: a failing call gives a negative errno; on another
 * kernel it is -ENOSYS, outside any program -EPERM. What a real program does
 * with a file system (contracts in ctfs, processes in /proc) or a library is a
 * call here.
 */
#ifndef TINE_SOLARIS_H
#define TINE_SOLARIS_H

#include <stdint.h>

#include <tine/export.h>
#include <tine/sys.h>

TINE_BEGIN_DECLS

/* --- process contracts (IL-087 to IL-090, IL-149 to IL-151) --- */

/* Parameters of a template. */
#define TINE_CT_INHERIT 0x1	/* the owner's contract may inherit it */
#define TINE_CT_NOORPHAN 0x2	/* its members die when it is abandoned */
#define TINE_CT_PGRPONLY 0x4	/* a fatal event kills the group only */
#define TINE_CT_REGENT 0x8	/* it may inherit contracts of its members */
#define TINE_CT_PARAMS 0xf

/* Events. */
#define TINE_CT_EV_EMPTY 0x1	/* the last member has left */
#define TINE_CT_EV_FORK 0x2	/* a member was added; arg: its parent */
#define TINE_CT_EV_EXIT 0x4	/* a member has left */
#define TINE_CT_EV_CORE 0x8
#define TINE_CT_EV_SIGNAL 0x10	/* a member dies of an outside signal; arg */
#define TINE_CT_EV_HWERR 0x20
#define TINE_CT_EVENTS 0x3f
#define TINE_CT_FATAL 0x38	/* those that may be fatal */

struct tine_ct_template {
	unsigned params;		/* TINE_CT_ */
	unsigned fatal;			/* events that kill all members */
	unsigned informative, critical;	/* events to be told of */
};

struct tine_ct_event {
	uint32_t id;			/* from 1, in each contract */
	uint32_t type;			/* TINE_CT_EV_ */
	int pid;
	int arg;
	int ct;				/* of which contract */
	int critical;			/* stays until acknowledged */
};

/* States of a contract. */
#define TINE_CT_OWNED 0
#define TINE_CT_INHERITED 1
#define TINE_CT_ORPHAN 2
#define TINE_CT_DEAD 3

struct tine_ct_status {
	int state;
	int members;
	unsigned params, fatal;
	unsigned informative, critical;
	uint64_t cookie;
	int owner;			/* its pid; 0: none */
	int inherited;			/* how many contracts it has */
	int unacknowledged;		/* critical events */
};

/** Each fork of this LWP begins a contract like that; NULL: none any more.
 * @return 0, -EINVAL, -EFAULT. */
TINE_API int tine_sys_ct_activate(const struct tine_ct_template *tmpl);
/** Contracts of the active template carry that number, for their owner's use.
 * @return 0, -EINVAL (there is no active template). */
TINE_API int tine_sys_ct_set_cookie(uint64_t cookie);
/** The next contract of the active template takes over what a contract of the
 * caller's, an empty one, has inherited; that one is given up. 0: none.
 * @return 0, -EINVAL (no active template), -ESRCH (no such contract), -EACCES
 *         (not the caller's), -ENOTEMPTY (it has members). */
TINE_API int tine_sys_ct_set_transfer(int ct);
/** Number of the contract that this LWP has made last. @return it, -ESRCH. */
TINE_API int tine_sys_ct_latest(void);
/** The oldest event that was not told yet, of a contract that the caller owns;
 * 0: of all of them. @return 0, -EAGAIN (none), -ESRCH, -EFAULT. */
TINE_API int tine_sys_ct_event(int ct, struct tine_ct_event *event);
/** The same; waits for one. @return 0, -EINTR, -ESRCH (also when the contract
 * is given up meanwhile), -EFAULT. */
TINE_API int tine_sys_ct_event_wait(int ct, struct tine_ct_event *event);
/** Critical events that were told are told again. @return 0, -ESRCH. */
TINE_API int tine_sys_ct_event_reset(int ct);
/** A critical event has been dealt with. @return 0, -ESRCH (no such contract,
 * or no such event). */
TINE_API int tine_sys_ct_ack(int ct, uint32_t event);
/** Of a contract that the caller owns, is a member of, or could adopt.
 * @return 0, -ESRCH, -EFAULT. */
TINE_API int tine_sys_ct_status(int ct, struct tine_ct_status *status);
/** Members of such a contract, newest first. @return how many there are, of
 * which at most so many were stored; -ESRCH, -EFAULT. */
TINE_API int tine_sys_ct_members(int ct, tine_pid_t *pids, int count);
/** The contract that the caller is a member of. @return its number. */
TINE_API int tine_sys_ct_self(void);
/** Give a contract up. @return 0, -ESRCH. */
TINE_API int tine_sys_ct_abandon(int ct);
/** Own what the caller's own contract has inherited, with the critical events
 * that nobody has acknowledged. @return 0, -ESRCH, -EBUSY (it has an owner:
 * the caller), -EAGAIN (a limit). */
TINE_API int tine_sys_ct_adopt(int ct);

/* --- tasks and projects (IL-147, IL-148) --- */

#define TINE_TASK_NORMAL 0
#define TINE_TASK_FINAL 1		/* no process of it may begin another */

/** Begin a task in a project. Other LWPs are held meanwhile.
 * @return its number; -EINTR, -EACCES (a final task), -EAGAIN (a limit),
 *         -EINVAL. */
TINE_API int tine_sys_settaskid(int project, int flags);
TINE_API int tine_sys_gettaskid(void);
TINE_API int tine_sys_getprojid(void);
/** What the members of the caller's task have used, in system calls. */
TINE_API int64_t tine_sys_task_usage(void);

/* --- zones (IL-145, IL-146, IL-029) --- */

/* States: they only grow. */
enum tine_zone_state {
	TINE_ZONE_UNINITIALIZED,
	TINE_ZONE_INITIALIZED,
	TINE_ZONE_READY,
	TINE_ZONE_BOOTING,
	TINE_ZONE_RUNNING,
	TINE_ZONE_SHUTTING_DOWN,
	TINE_ZONE_EMPTY,
	TINE_ZONE_DOWN,
	TINE_ZONE_DYING,
	TINE_ZONE_DEAD
};

struct tine_zone_info {
	int state;			/* enum tine_zone_state */
	int initpid;			/* 0: there is none */
	int schedpid;			/* of its kernel process */
	unsigned processes, lwps, tasks;
	/* Failures of fork: a limit, no slot, no memory, anything else. */
	unsigned ffcap, ffnoproc, ffnomem, ffmisc;
	unsigned exits;			/* processes that have ended */
};

/** A zone, ready, with its kernel process. @return its number; -EPERM outside
 * the global zone, -EAGAIN. */
TINE_API int tine_sys_zone_create(void);
/** Start a program as init of a zone that is ready. restart: again when it
 * ends; else its end halts the zone. @return 0, -EINVAL, -ENOENT, -ENOMEM. */
TINE_API int tine_sys_zone_boot(int zone, const char *program, int restart);
/** Move the caller, which has one LWP, to a running zone. @return 0, -EINVAL,
 * -EINTR. */
TINE_API int tine_sys_zone_enter(int zone);
/** End every process of a zone. @return 0 when it is empty; -EINVAL, -EINTR. */
TINE_API int tine_sys_zone_shutdown(int zone);
/** Take an empty zone away. @return 0, -EINVAL, -EBUSY. */
TINE_API int tine_sys_zone_destroy(int zone);
TINE_API int tine_sys_getzoneid(void);
/** @return 0, -EINVAL, -EFAULT. */
TINE_API int tine_sys_zone_info(int zone, struct tine_zone_info *info);

/* --- resource pools (IL-095, IL-154) --- */

/** @return the number of a new pool. The default one is 0. */
TINE_API int tine_sys_pool_create(void);
/** Its processes go to the default pool. @return 0, -EINVAL, -EAGAIN. */
TINE_API int tine_sys_pool_destroy(int pool);
/** Bind a process, or all of a task, project or zone.
 * @param idtype  TINE_P_PID, or TINE_P_TASKID and so on.
 * @return 0, -EINVAL, -ESRCH, -EAGAIN (interrupted). */
TINE_API int tine_sys_pool_bind(int pool, int idtype, int id);
/** The pool of a process. @return its number, -ESRCH. */
TINE_API int tine_sys_pool_of(tine_pid_t pid);
/** How many processes a pool has. @return that, -EINVAL. */
TINE_API int tine_sys_pool_refs(int pool);

/* --- sets of processes --- */

/* Beyond enum tine_idtype. */
enum tine_idtype_solaris {
	TINE_P_SID = 10,
	TINE_P_CID,
	TINE_P_UID,
	TINE_P_TASKID,
	TINE_P_PROJID,
	TINE_P_POOLID,
	TINE_P_ZONEID,
	TINE_P_CTID
};

/** A signal to every process of a set that the caller may signal. @return 0,
 * -ESRCH, -EINVAL; -EPERM: there are some, but none that it may. */
TINE_API int tine_sys_sigsend(int idtype, int id, int signo);

/* --- resource controls (IL-138 to IL-142) --- */

#define TINE_RCPRIV_BASIC 1
#define TINE_RCPRIV_PRIVILEGED 2
#define TINE_RCPRIV_SYSTEM 3

#define TINE_RCTL_DENY 1
#define TINE_RCTL_SIGNAL 2

struct tine_rctl {
	uint64_t value;
	int privilege;			/* TINE_RCPRIV_ */
	int action;			/* TINE_RCTL_ */
	int signo;			/* of TINE_RCTL_SIGNAL */
	int recipient;			/* whom a basic value is for; or -1 */
	uint64_t fired_ns;		/* when last exceeded; 0: never */
	int cursor;			/* this one is enforced now */
};

/* What setrctl and getrctl do. */
#define TINE_RCTL_INSERT 0
#define TINE_RCTL_DELETE 1
#define TINE_RCTL_REPLACE 2
#define TINE_RCTL_FIRST 0
#define TINE_RCTL_NEXT 1
#define TINE_RCTL_USAGE 2
/* Basic values are for their recipient, not for the caller. */
#define TINE_RCTL_USE_RECIPIENT_PID 0x10000000u

/** Change the values of a control of the caller, its task, project or zone. A
 * process has one basic value of a control at most: inserting another one
 * replaces it. A value is found by amount, action and privilege.
 * @param name  "task.max-lwps" ...
 * @param old   what TINE_RCTL_REPLACE replaces
 * @param new_value  what is inserted or deleted
 * @param flags TINE_RCTL_INSERT, _DELETE or _REPLACE
 * @return 0; -EINVAL (no such control, no such value possible, or there is one
 *         already), -EFAULT, -ESRCH (no such value, or recipient), -EACCES (a
 *         privileged value), -EPERM (the system's value). */
TINE_API int tine_sys_setrctl(const char *name, const struct tine_rctl *old,
    const struct tine_rctl *new_value, unsigned flags);
/** The first value of a control, in the order in which they are enforced; the
 * one after old; or, as its value, how much of it is used.
 * @param flags TINE_RCTL_FIRST, _NEXT or _USAGE
 * @return 0; -ENOENT (old is the last one), -ESRCH (there is no old), -EINVAL
 *         (no such control), -ENOTSUP (its usage is not counted), -EFAULT. */
TINE_API int tine_sys_getrctl(const char *name, const struct tine_rctl *old,
    struct tine_rctl *value, unsigned flags);
/** The names of all controls, each with its NUL, as far as they fit.
 * @return the size that is needed, or -EFAULT. */
TINE_API int64_t tine_sys_rctllist(char *names, size_t size);

/* What is done besides when a control is exceeded. */
#define TINE_RCTL_GLOBAL_NOACTION 0
#define TINE_RCTL_GLOBAL_SYSLOG 1	/* a line on the console */

struct tine_rctl_global {
	int action;
};

#define TINE_RCTLCTL_GET 0
#define TINE_RCTLCTL_SET 1

/** The global action of a control, for all its entities: what rctladm sets.
 * @return 0, -ESRCH (no such control), -EPERM (not from the global zone, with
 *         privilege), -EINVAL, -EFAULT. */
TINE_API int tine_sys_rctlctl(const char *name,
    struct tine_rctl_global *global, int flags);

/* A control that there is. */
struct tine_rctl_info {
	const char *name;		/* "task.max-lwps" */
	const char *entity;		/* "process", "task" ... */
	uint64_t maximum;		/* the system's value */
	int global;			/* TINE_RCTL_GLOBAL_ */
};

#define TINE_RCTL_GLOBAL_NOBASIC 0x1	/* no basic values */
#define TINE_RCTL_GLOBAL_LOWERABLE 0x2	/* privileged ones may be lowered */
#define TINE_RCTL_GLOBAL_DENY_ALWAYS 0x4
#define TINE_RCTL_GLOBAL_DENY_NEVER 0x8
#define TINE_RCTL_GLOBAL_COUNT 0x10
#define TINE_RCTL_GLOBAL_BYTES 0x20
#define TINE_RCTL_GLOBAL_SECONDS 0x40
#define TINE_RCTL_GLOBAL_CPU_TIME 0x80	/* may send SIGXCPU */
#define TINE_RCTL_GLOBAL_FILE_SIZE 0x100	/* may send SIGXFSZ */

/** Host plane: the index-th control of the dictionary, by name; NULL at the
 * end. */
TINE_API const struct tine_rctl_info *tine_rctl_info(unsigned index);

/* --- /proc --- */

enum tine_pr {
	TINE_PR_LOCK,			/* have the process for oneself: until
					 * unlocked, or the LWP ends */
	TINE_PR_UNLOCK,			/* -EPERM: it is not the caller's */
	TINE_PR_SET_FORK,		/* children inherit tracing; arg: on */
	TINE_PR_SET_ASYNC,		/* LWPs stop one by one; arg: on */
	TINE_PR_SYSEXIT,		/* stop on exit of call arg; 0: none */
	TINE_PR_STOP,			/* all LWPs, and wait for that */
	TINE_PR_RUN,
	TINE_PR_SETRVAL2,		/* second return register; arg */
	TINE_PR_AGENT,			/* tine_sys_pr_agent() */
	TINE_PR_USAGE,			/* what the process has used */
	TINE_PR_FLAGS,			/* TINE_PR_IS_ bits */
	TINE_PR_LWPS,			/* how many LWPs it has; arg 1: that
					 * are not suspended */
	TINE_PR_OWNER,			/* 1: its space was made for it */
	TINE_PR_EXEC,			/* references of its executable; arg 1:
					 * how often that is open */
	TINE_PR_CLOSE,			/* a descriptor of it is closed, which
					 * the caller shares; arg */
	TINE_PR_HELPER,			/* one more helper of DTrace, of the
					 * caller's (else -EPERM); arg 1: how
					 * many processes have any */
	TINE_PR_PROBE,			/* a probe in its text is enabled */
	TINE_PR_UNLOAD,			/* a module that looks at it goes */
	TINE_PR_SECFLAGS,		/* its security flags; enum tine_psf */
	TINE_PR_LDT,			/* a descriptor; arg: which */
	TINE_PR_LOCKED,			/* bytes it has locked in memory */
	TINE_PR_HWERR,			/* memory of it is broken: SIGBUS */
	TINE_PR_STRACE,			/* stop with these signals; a set */
	TINE_PR_SFAULT,			/* and in faults that give these */
	TINE_PR_SIGTRACE, TINE_PR_FLTTRACE,	/* those sets */
	TINE_PR_SSIG,			/* signals with which it stopped go */
	TINE_PR_SET_MSACCT,		/* account microstates; arg: on */
	TINE_PR_SET_MSFORK,		/* and those of children; arg: on */
	TINE_PR_EXITTRACE,		/* 1: stops on exit of some call */
	TINE_PR_SENTRY,			/* stop before these calls, and after */
	TINE_PR_SEXIT,			/* those; struct tine_pr_sysset */
	TINE_PR_GENTRY, TINE_PR_GEXIT,	/* those sets, into arg */
	TINE_PR_SABORT,			/* a call before which it has stopped is
					 * not made: -EINTR */
	TINE_PR_WHAT			/* which call, signal, fault made the
					 * first LWP stop that has */
};

/* For TINE_PR_SENTRY and its like, whose arg is its address: bit n of word m is
 * call 64 * m + n. */
struct tine_pr_sysset {
	uint64_t word[4];
};

/** The number of a call by the name that traces give it: "forkx".
 * @return it, or -1. */
TINE_API int tine_pr_call(const char *name);

#define TINE_PR_IS_STOPPED 0x1		/* every LWP, for /proc */
#define TINE_PR_IS_VFORKP 0x2		/* its memory is lent */
#define TINE_PR_IS_FORK 0x4		/* inherit-on-fork */
#define TINE_PR_IS_ASYNC 0x8
#define TINE_PR_IS_TRACED 0x10		/* stops on something */
#define TINE_PR_IS_SYSEXIT 0x20		/* an LWP shows an exit stop */
#define TINE_PR_IS_SYSENTRY 0x200	/* an LWP shows an entry stop */
#define TINE_PR_IS_AGENT 0x40		/* it has an agent */
#define TINE_PR_IS_MSACCT 0x80		/* microstates are accounted */
#define TINE_PR_IS_MSFORK 0x100		/* those of its children will be */

/* Calls, for TINE_PR_SYSEXIT. */
#define TINE_PR_CALL_FORK 2
#define TINE_PR_CALL_FORKALL 3
#define TINE_PR_CALL_VFORK 4
#define TINE_PR_CALL_GETPPID 6

/** Control or look at a process. @return a value, -ENOENT (no such process, or
 * not born yet), -EBUSY (changing a system process; locking oneself, or twice),
 * -EACCES (changing a process whose owner the caller is not), -EPERM, -EINVAL,
 * -EINTR. */
TINE_API int64_t tine_sys_pr(enum tine_pr op, tine_pid_t pid, int64_t arg);
/** One LWP more in a process all of whose LWPs /proc has stopped: it is to call
 * fn(arg), on the stack below top, with all signals blocked, and stops before.
 * TINE_PR_RUN lets it run, and none of the others until it has ended. It may
 * neither fork nor exec.
 * @return its id; -EBUSY (there is one; not all have stopped; the memory is
 *         lent), -EINVAL, -EAGAIN, -ENOENT. */
TINE_API int tine_sys_pr_agent(tine_pid_t pid, void (*fn)(void *), void *arg,
    void *top);

/* --- who may do what: privileges, security flags, audit --- */

#define TINE_PRIV_PROC_FORK UINT64_C(0x1)
#define TINE_PRIV_SYS_RESOURCE UINT64_C(0x2)	/* controls, limits */
#define TINE_PRIV_PROC_OWNER UINT64_C(0x4)	/* signal anybody */
#define TINE_PRIV_PROC_SETID UINT64_C(0x8)
#define TINE_PRIV_PROC_PRIOCNTL UINT64_C(0x10)	/* real-time */
#define TINE_PRIV_PROC_SECFLAGS UINT64_C(0x20)
#define TINE_PRIV_PROC_LOCK_MEMORY UINT64_C(0x40)
#define TINE_PRIV_SYS_AUDIT UINT64_C(0x80)
#define TINE_PRIV_SYS_RES_CONFIG UINT64_C(0x100)	/* processor sets */
#define TINE_PRIV_BASIC (TINE_PRIV_PROC_FORK | TINE_PRIV_PROC_SECFLAGS)
#define TINE_PRIV_ALL UINT64_C(0x1ff)

enum tine_privset {
	TINE_PRIV_EFFECTIVE,
	TINE_PRIV_INHERITABLE,	/* what exec leaves */
	TINE_PRIV_PERMITTED,	/* what may be effective */
	TINE_PRIV_LIMIT		/* what exec may give */
};

enum tine_privop {
	TINE_PRIV_ON,
	TINE_PRIV_OFF,
	TINE_PRIV_SET
};

/** Change a set of privileges. @return 0, -EINVAL; -EPERM: the permitted and
 * the limit set only shrink, the others are within the permitted one. */
TINE_API int tine_sys_setppriv(enum tine_privop op, enum tine_privset set,
    uint64_t privileges);
/** @return the set, -EINVAL. */
TINE_API int64_t tine_sys_getppriv(enum tine_privset set);

#define TINE_PROC_SEC_ASLR 0x1
#define TINE_PROC_SEC_FORBIDNULLMAP 0x2
#define TINE_PROC_SEC_NOEXECSTACK 0x4
#define TINE_PROC_SEC_ALL 0x7

enum tine_psf {
	TINE_PSF_EFFECTIVE,	/* changes at exec only */
	TINE_PSF_INHERIT,	/* effective after the next exec */
	TINE_PSF_LOWER,		/* always in that */
	TINE_PSF_UPPER		/* nothing else is */
};

/* First those of add, then not those of remove; or just those of assign. */
struct tine_secflagdelta {
	uint32_t add, remove, assign;
	int assigns;
};

/** Change security flags of processes. @return 0; -EINVAL (the effective ones,
 * or outside the bounds), -EPERM, -ESRCH, -EFAULT; -ENOSYS in 2006. */
TINE_API int tine_sys_psecflags(int idtype, int id, enum tine_psf which,
    const struct tine_secflagdelta *delta);

/** Whether processes that begin are audited. @return 0, -EPERM. */
TINE_API int tine_sys_auditon(int on);
/** @return 1 or 0. */
TINE_API int tine_sys_auditcond(void);
/** Whom the records of the caller and its descendants name; -2 at first.
 * @return 0, -EPERM. */
TINE_API int tine_sys_setauid(unsigned auid);
/** @return 0, -EPERM, -EFAULT. */
TINE_API int tine_sys_getauid(unsigned *auid);

/* --- brands --- */

/** Give a zone a brand, before it boots. Its processes are branded.
 * @return 0, -EINVAL, -EPERM, -EFAULT, -EBUSY (it has booted). */
TINE_API int tine_sys_zone_setbrand(int zone, const char *name);

struct tine_brand_info {
	char name[16];
	/* How often its hooks ran: process copied, LWP cloned, results of a
	 * fork set, LWP taken back. */
	unsigned copied, forklwps, setrvals, freelwps;
};

/** The brand of the caller. @return 0, -ENOSYS (it has none), -EFAULT. */
TINE_API int tine_sys_brand(struct tine_brand_info *info);

/* --- CPUs and scheduling classes --- */

/* Sets are by TINE_P_LWPID too: an LWP of the caller; 0: the calling one. */
#define TINE_P_LWPID 20
#define TINE_PBIND_NONE (-1)
#define TINE_PBIND_QUERY (-2)
#define TINE_PS_NONE (-1)
#define TINE_PS_QUERY (-2)

/** Bind LWPs to a CPU: they run on no other. New LWPs are bound as their
 * creator is, and all that fork makes as the LWP that forks.
 * @param old  what the first of them was bound to; may be NULL
 * @return 0, -EPERM, -ESRCH, -EFAULT; -EINVAL: no such CPU, or it is not in the
 *         set that the LWP is bound to. */
TINE_API int tine_sys_processor_bind(int idtype, int id, int cpu, int *old);
/** The same for a set of CPUs. -EINVAL: there is none, or it is empty; -EBUSY:
 * the LWP is bound to a CPU of another one. */
TINE_API int tine_sys_pset_bind(int pset, int idtype, int id, int *old);
/** @return the number of a new set, without CPUs; -EPERM, -ENOMEM. */
TINE_API int tine_sys_pset_create(void);
/** Whoever is bound to it is bound to none then, its CPUs are for all. @return
 * 0, -EPERM, -EINVAL. */
TINE_API int tine_sys_pset_destroy(int pset);
/** Put a CPU into a set (TINE_PS_NONE: none): only who is bound to that runs
 * there. old: where it was; may be NULL. @return 0, -EPERM, -EINVAL, -EFAULT;
 * -EBUSY: LWPs are bound to it, or to a set that would be empty; one CPU is
 * always in none. */
TINE_API int tine_sys_pset_assign(int pset, int cpu, int *old);

enum tine_class {
	TINE_CLASS_SYS,
	TINE_CLASS_TS,
	TINE_CLASS_RT,
	TINE_CLASS_IA,
	TINE_CLASS_FX,
	TINE_CLASS_FSS
};

/** Another scheduling class or priority for an LWP. @return 0, -ESRCH, -EINVAL,
 * -EPERM. */
TINE_API int tine_sys_priocntl(tine_pid_t pid, int lwp, int cid, int pri);
/** @return 0, -ESRCH, -EFAULT. */
TINE_API int tine_sys_priocntl_get(tine_pid_t pid, int lwp, int *cid,
    int *pri);

/* --- memory locks, profiling, descriptor tables --- */

#define TINE_MC_LOCK 2
#define TINE_MC_UNLOCK 3

/** Lock pages in memory, or no longer. A child has none locked. @return 0,
 * -EINVAL, -EPERM, -ENOMEM. */
TINE_API int tine_sys_memcntl(void *address, size_t size, int command);
/** How many bytes a process has locked. @return that, -ENOENT. */
TINE_API int64_t tine_sys_locked_memory(tine_pid_t pid);

/** Count clock ticks by where the program is: the counter for pc is number
 * ((pc - offset) * scale) >> 17 of the buffer. Children inherit it; exec ends
 * it. scale 0 or 1: off. @return 0, -EFAULT. */
TINE_API int tine_sys_profil(uint16_t *buffer, size_t size, uintptr_t offset,
    unsigned scale);

/* Like TINE_ITIMER_REAL, with SIGPROF. Exec ends it; in 2006 not. */
#define TINE_ITIMER_REALPROF 3

/** Set a descriptor, 0 to 15, of the process's own table, which is made by the
 * first call: a context that is copied at fork. @return 0, -EINVAL. */
TINE_API int tine_sys_sysi86_dscr(unsigned selector, uint64_t descriptor);
/** @return the descriptor; -ENOENT: no such process, or it has no table. */
TINE_API int64_t tine_sys_ldt(tine_pid_t pid, unsigned selector);

/* --- odds and ends --- */

/** Pattern of core files, at most 31 bytes. @return 0, -ESRCH, -EFAULT,
 * -EINVAL; -EPERM: not the caller's to change, or a system process. */
TINE_API int tine_sys_core_set(tine_pid_t pid, const char *pattern);
/** @return the length of the pattern, -ESRCH, -EPERM, -EFAULT. */
TINE_API int tine_sys_core_get(tine_pid_t pid, char *pattern, size_t size);
/** What goes into core files: bits. @return 0, -ESRCH, -EPERM. */
TINE_API int tine_sys_core_set_content(tine_pid_t pid, unsigned content);
/** @return the bits, -ESRCH, -EPERM. */
TINE_API int tine_sys_core_get_content(tine_pid_t pid);
/** Wait for an unpark, or take one that came before. @return 0, -EINTR. */
TINE_API int tine_sys_lwp_park(void);
/** @return 0, -ESRCH. */
TINE_API int tine_sys_lwp_unpark(int lwp);

TINE_END_DECLS

#endif
