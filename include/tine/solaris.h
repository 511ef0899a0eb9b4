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
};

/** Each fork of this LWP begins a contract like that; NULL: none any more.
 * @return 0, -EINVAL, -EFAULT. */
TINE_API int tine_sys_ct_activate(const struct tine_ct_template *tmpl);
/** Number of the contract that this LWP has made last. @return it, -ESRCH. */
TINE_API int tine_sys_ct_latest(void);
/** The oldest event of a contract that the caller owns, which is taken.
 * @return 0, -EAGAIN (none), -ESRCH, -EFAULT. */
TINE_API int tine_sys_ct_event(int ct, struct tine_ct_event *event);
/** @return 0, -ESRCH (not the caller's), -EFAULT. */
TINE_API int tine_sys_ct_status(int ct, struct tine_ct_status *status);
/** Give a contract up. @return 0, -ESRCH. */
TINE_API int tine_sys_ct_abandon(int ct);
/** Own what the caller's own contract has inherited. @return 0, -ESRCH. */
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

/** A signal to every process of a set. @return 0, -ESRCH, -EINVAL. */
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

/** Host plane: the index-th control of the dictionary, by name; NULL at the
 * end. */
TINE_API const struct tine_rctl_info *tine_rctl_info(unsigned index);

/* --- /proc --- */

enum tine_pr {
	TINE_PR_LOCK,			/* have the process for oneself */
	TINE_PR_UNLOCK,
	TINE_PR_SET_FORK,		/* children inherit tracing; arg: on */
	TINE_PR_SET_ASYNC,		/* LWPs stop one by one; arg: on */
	TINE_PR_SYSEXIT,		/* stop on exit of call arg; 0: none */
	TINE_PR_STOP,			/* all LWPs, and wait for that */
	TINE_PR_RUN,
	TINE_PR_SETRVAL2,		/* second return register; arg */
	TINE_PR_AGENT,			/* an agent LWP; arg: on or off */
	TINE_PR_USAGE,			/* what the process has used */
	TINE_PR_FLAGS,			/* TINE_PR_IS_ bits */
	TINE_PR_LWPS,			/* how many LWPs it has */
	TINE_PR_OWNER,			/* 1: its space was made for it */
	TINE_PR_CLOSE,			/* a descriptor of it is closed, which
					 * the caller shares; arg */
	TINE_PR_HELPER,			/* one more helper of DTrace */
	TINE_PR_PROBE,			/* a probe in its text is enabled */
	TINE_PR_UNLOAD			/* a module that looks at it goes */
};

#define TINE_PR_IS_STOPPED 0x1		/* every LWP, for /proc */
#define TINE_PR_IS_VFORKP 0x2		/* its memory is lent */
#define TINE_PR_IS_FORK 0x4		/* inherit-on-fork */
#define TINE_PR_IS_ASYNC 0x8
#define TINE_PR_IS_TRACED 0x10		/* stops on some exit */
#define TINE_PR_IS_SYSEXIT 0x20		/* an LWP shows an exit stop */

/** Control or look at a process. @return a value, -ENOENT (no such process, or
 * not born yet), -EBUSY, -EINVAL, -EINTR. */
TINE_API int64_t tine_sys_pr(enum tine_pr op, tine_pid_t pid, int64_t arg);

/* --- odds and ends --- */

/** Scheduling class: 0 system, 1 time-sharing, 2 real-time. @return 0, -ESRCH,
 * -EINVAL. */
TINE_API int tine_sys_priocntl(tine_pid_t pid, int lwp, int cid, int pri);
/** Pattern of core files, at most 31 bytes. @return 0, -ESRCH, -EFAULT,
 * -EINVAL. */
TINE_API int tine_sys_core_set(tine_pid_t pid, const char *pattern);
/** @return the length of the pattern, -ESRCH, -EFAULT. */
TINE_API int tine_sys_core_get(tine_pid_t pid, char *pattern, size_t size);
/** Wait for an unpark, or take one that came before. @return 0, -EINTR. */
TINE_API int tine_sys_lwp_park(void);
/** @return 0, -ESRCH. */
TINE_API int tine_sys_lwp_unpark(int lwp);

TINE_END_DECLS

#endif
