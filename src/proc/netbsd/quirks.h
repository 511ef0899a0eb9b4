/* SPDX-License-Identifier: MIT */
/*
 * proc/netbsd/quirks.h - mistakes of revision 1.206: on by default; off, the
 * order is that of the revision that repaired it, or, where none has, one that
 * would. NB-R32 is none: on, it takes away what makes that race harmless.
 */
#ifndef TINE__NETBSD_QUIRKS_H
#define TINE__NETBSD_QUIRKS_H

#define TINE__NETBSD_QUIRKS(X) \
	X(NB_R01, "NB-R01", TINE__IN(NETBSD), \
	    "a vfork parent looks at its child's structure, freed or not") \
	X(NB_R02, "NB-R02", TINE__IN(NETBSD), \
	    "a vfork child wakes its debugger instead of its parent") \
	X(NB_R03, "NB-R03", TINE__IN(NETBSD), \
	    "events of fork1: flags joined by a logical and") \
	X(NB_R04, "NB-R04", TINE__IN(NETBSD), \
	    "an event stop takes place though nobody traces any more") \
	X(NB_R05, "NB-R05", TINE__IN(NETBSD), \
	    "an event stop takes place though SIGKILL is pending") \
	X(NB_R06, "NB-R06", TINE__IN(NETBSD), \
	    "an event stop takes place though the process is exiting") \
	X(NB_R07, "NB-R07", TINE__IN(NETBSD), \
	    "an event stop overwrites the cause of a stop under way") \
	X(NB_R08, "NB-R08", TINE__IN(NETBSD), \
	    "one place for the child's pid, written before the event stop") \
	X(NB_R09, "NB-R09", TINE__IN(NETBSD), \
	    "fork1 calls proc_changeparent without the child's p_lock") \
	X(NB_R10, "NB-R10", TINE__IN(NETBSD), \
	    "a child born stopped is counted with P1, whoever is its parent") \
	X(NB_R11, "NB-R11", TINE__IN(NETBSD), \
	    "a child is born stopped and nobody is told") \
	X(NB_R12, "NB-R12", TINE__IN(NETBSD), \
	    "a signal to a process that is being made is lost") \
	X(NB_R13, "NB-R13", TINE__IN(NETBSD), \
	    "a signal to a group misses the child that is being made") \
	X(NB_R14, "NB-R14", TINE__IN(NETBSD), \
	    "the group is copied long before the child is entered in it") \
	X(NB_R15, "NB-R15", TINE__IN(NETBSD), \
	    "PK_SUGID and the credential are read at two instants") \
	X(NB_R16, "NB-R16", TINE__IN(NETBSD), \
	    "the uid that is counted is not the one that is inherited") \
	X(NB_R17, "NB-R17", TINE__IN(NETBSD), \
	    "a fork is counted first and tested afterwards") \
	X(NB_R18, "NB-R18", TINE__IN(NETBSD), \
	    "the count of message queues is not that of the table") \
	X(NB_R20, "NB-R20", TINE__IN(NETBSD), \
	    "signal sets, flags and actions are copied at three instants") \
	X(NB_R21, "NB-R21", TINE__IN(NETBSD), \
	    "who shares actions keeps sets of signals of its own") \
	X(NB_R22, "NB-R22", TINE__IN(NETBSD), \
	    "wired memory may be written to while fork walks over the space") \
	X(NB_R23, "NB-R23", TINE__IN(NETBSD), \
	    "a copy of shared memory is protected from its own process only") \
	X(NB_R24, "NB-R24", TINE__IN(NETBSD), \
	    "knotes are walked without a lock") \
	X(NB_R25, "NB-R25", TINE__IN(NETBSD), \
	    "proc_lock is dropped while a fork's watchers are told") \
	X(NB_R28, "NB-R28", TINE__IN(NETBSD), \
	    "exec lets the parent go before it sets credentials") \
	X(NB_R29, "NB-R29", TINE__IN(NETBSD), \
	    "restartable sequences are copied without their lock") \
	X(NB_R30, "NB-R30", TINE__IN(NETBSD), \
	    "a child that somebody attached to reports a fork event") \
	X(NB_R31, "NB-R31", TINE__IN(NETBSD), \
	    "a debugger counts as parent for job control") \
	X(NB_R32, "NB-R32", 0, \
	    "limits that a fork looks at are not kept alive") \
	X(NB_R33, "NB-R33", TINE__IN(NETBSD), \
	    "exit does not call LWPs in user mode into the kernel") \
	X(NB_R34, "NB-R34", TINE__IN(NETBSD), \
	    "ptrace releases p_reflock though it did not get it")

#endif
