/* SPDX-License-Identifier: MIT */
/*
 * proc/probe.h - probes from the inside.
 *
 * A kernel fires one with TINE__PROBE(PROC_CREATE, arg0, arg1). Where nothing
 * is attached, that is a load and a branch.
 */
#ifndef TINE__PROC_PROBE_H
#define TINE__PROC_PROBE_H

#include <stdint.h>

#include <tine/probe.h>

/* Sorted by name. X(symbol, name, about) */
#define TINE__PROBE_MAP(X) \
	X(HELPERS_DUP, "fbt:dtrace:dtrace_helpers_duplicate:entry", \
	    "helpers are about to be copied; the child's pid") \
	X(CFORK_HELD, "fbt:genunix:cfork:held", \
	    "the other LWPs are stopped; kind of fork") \
	X(FORKRET, "fbt:genunix:cl_forkret:continue", \
	    "the LWPs of a child were continued; its pid") \
	X(CMN_ERR, "fbt:genunix:cmn_err:entry", \
	    "the console is warned; 0 no slot, 1 a user's limit and the user") \
	X(CONTRACT_FORKED, "fbt:genunix:contract_process_fork:return", \
	    "a child is in its contract; its pid") \
	X(FORK_FAIL, "fbt:genunix:fork_fail:entry", \
	    "an embryo is about to be taken back; its pid") \
	X(FORKLWP_COPY, "fbt:genunix:forklwp:copied", \
	    "an LWP's structure was copied; the child's pid, the id") \
	X(FORKLWP, "fbt:genunix:forklwp:return", \
	    "an LWP was cloned; the child's pid, the id") \
	X(EMBRYO, "fbt:genunix:getproc:allocated", \
	    "an embryo has memory but no number") \
	X(GETPROC_INSERTED, "fbt:genunix:getproc:inserted", \
	    "an embryo is on every list; its pid") \
	X(GETPROC_PUBLISHED, "fbt:genunix:getproc:published", \
	    "an embryo has a number; its pid") \
	X(LWP_UNPARK, "fbt:genunix:lwp_unpark:locked", \
	    "an LWP is about to be unparked; its id, p_lock is held") \
	X(PROC_ZOMBIE, "fbt:genunix:proc_exit:zombie", \
	    "a process is a zombie, its last thread not gone yet") \
	X(RCTL_FIRED, "fbt:genunix:rctl_test:exceeded", \
	    "a control was exceeded; which one, the value") \
	X(RCTL_SYSLOG, "fbt:genunix:rctl_test:syslog", \
	    "that was logged; which control, the value") \
	X(RELVM, "fbt:genunix:relvm:return", \
	    "a process has given its memory up") \
	X(SESS_HOLD, "fbt:genunix:sess_hold:return", \
	    "one more reference to a session") \
	X(TASK_CHANGE, "fbt:genunix:settaskid:return", \
	    "a process is in another task; its pid, the task") \
	X(PROC_CREATE, "proc:::create", \
	    "a process was made and may run; its pid, the kind of fork") \
	X(PROC_EXEC, "proc:::exec", "exec begins") \
	X(PROC_EXEC_FAILURE, "proc:::exec-failure", "exec failed; errno") \
	X(PROC_EXEC_SUCCESS, "proc:::exec-success", "exec is done") \
	X(PROC_EXIT, "proc:::exit", \
	    "a process ends; CLD_ code, status or signal") \
	X(PROC_FAULT, "proc:::fault", \
	    "a fault is nobody's to resolve; the signal, its code") \
	X(PROC_LWP_CREATE, "proc:::lwp-create", "an LWP was made; its id") \
	X(PROC_LWP_EXIT, "proc:::lwp-exit", "an LWP ends") \
	X(PROC_LWP_START, "proc:::lwp-start", "an LWP begins to run") \
	X(PROC_SIGNAL_CLEAR, "proc:::signal-clear", \
	    "a signal was accepted by who waited for it; its number") \
	X(PROC_SIGNAL_DISCARD, "proc:::signal-discard", \
	    "a signal is ignored; whose pid, its number") \
	X(PROC_SIGNAL_HANDLE, "proc:::signal-handle", \
	    "a signal is acted upon; its number, 1: by a handler") \
	X(PROC_SIGNAL_SEND, "proc:::signal-send", \
	    "a signal is posted; to which pid, its number") \
	X(PROC_START, "proc:::start", "the first LWP of a process begins") \
	X(PRSYS, "syscall::prsys:entry", "a call of /proc; what, the pid") \
	X(PROCOVF, "sysinfo:::procovf", \
	    "the table of processes is full") \
	X(SYSFORK, "sysinfo:::sysfork", "fork or forkall has succeeded") \
	X(SYSVFORK, "sysinfo:::sysvfork", "vfork has succeeded")

enum tine__probe {
#define TINE__PROBE_ENUM(symbol, name, about) TINE__PROBE_##symbol,
	TINE__PROBE_MAP(TINE__PROBE_ENUM)
#undef TINE__PROBE_ENUM
	TINE__PROBE_COUNT
};

struct tine__attachment {
	struct tine__attachment *next;	/* in the order of attaching */
	uint64_t probes;		/* bits */
	tine_probe_fn fn;
	void *user;
};

void tine__probe_fire(enum tine__probe probe, uint64_t arg0, uint64_t arg1);
void tine__probes_free(struct tine_machine *machine);

extern __thread uint64_t tine__probes_on
    __attribute__((tls_model("initial-exec")));

#define TINE__PROBE(symbol, a, b) \
	do { \
		if (__builtin_expect((tine__probes_on >> \
		    TINE__PROBE_##symbol & 1) != 0, 0)) \
			tine__probe_fire(TINE__PROBE_##symbol, \
			    (uint64_t)(a), (uint64_t)(b)); \
	} while (0)

#endif
