/* SPDX-License-Identifier: MIT */
/*
 * illumos/quirks.h - what OpenSolaris of 2006 did otherwise; and, by the id of
 * a race, what no release does: without that which keeps it from going wrong.
 */
#ifndef TINE__ILLUMOS_QUIRKS_H
#define TINE__ILLUMOS_QUIRKS_H

/* See proc/quirk.h. In the order of ids. */
#define TINE__SOLARIS_QUIRKS(X) \
	X(IL_R05, "IL-R05", 0, \
	    "a fork joins a contract although its process is about to die") \
	X(IL_R06, "IL-R06", 0, \
	    "a child is in no group yet when it can be signalled") \
	X(IL_R07, "IL-R07", 0, \
	    "a halting zone kills its processes once only") \
	X(IL_R08, "IL-R08", 0, \
	    "a cap is tested and a slot taken in two steps") \
	X(IL_R09, "IL-R09", 0, \
	    "a zombie's counts go down after its task is let go") \
	X(IL_R14, "IL-R14", 0, \
	    "a copied space is owned by the first child of its original") \
	X(IL_R15, "IL-R15", 0, \
	    "a child that failed is taken for its parent's first one") \
	X(IL_R17, "IL-R17", 0, \
	    "a set of controls is not measured again before it is copied") \
	X(IL_R18, "IL-R18", 0, \
	    "a control signals others while a count's lock is held") \
	X(IL_R19, "IL-R19", 0, \
	    "an embryo that failed is freed while others may look at it") \
	X(IL_R20, "IL-R20", 0, \
	    "an LWP that forks does not wait for another one that does") \
	X(IL_R21, "IL-R21", 0, \
	    "a fork does not give way to an LWP that ends the process") \
	X(IL_R22, "IL-R22", 0, \
	    "a fork does not give way to a stop") \
	X(IL_R23, "IL-R23", 0, \
	    "vfork does not cancel a suspension that was asked for") \
	X(IL_R25, "IL-R25", 0, \
	    "a pool is looked up before pools are locked, and may be gone") \
	X(IL_R29, "IL-R29", 0, \
	    "fork takes core settings without a lock") \
	X(IL_R30, "IL-R30", 0, \
	    "a child can be gone before its parent has it locked") \
	X(IL_R31, "IL-R31", 0, \
	    "fork takes it that no LWP of its child has run") \
	X(IL_R32, "IL-R32", 0, \
	    "a vfork parent lets go of its child before it has itself locked") \
	X(IL_R33, "IL-R33", 0, \
	    "a vfork child comes back while /proc looks at its parent") \
	X(IL_R36, "IL-R36", 0, \
	    "a vfork parent that is killed does not wait") \
	X(IL_R37, "IL-R37", 0, \
	    "a child that disappears wakes nobody who waits for it") \
	X(IL_R38, "IL-R38", 0, \
	    "a wait does not count a child that is about to end") \
	X(IL_R40, "IL-R40", 0, \
	    "children keep the flags of fork when they are inherited") \
	X(IL_R41, "IL-R41", 0, \
	    "a clone does not know that it comes from the end of a call") \
	X(IL_R42, "IL-R42", 0, \
	    "fork reads the group of the child early") \
	X(IL_R43, "IL-R43", 0, \
	    "fork reads what /proc traces at different instants") \
	X(IL_R44, "IL-R44", 0, \
	    "an LWP id is checked only where ids are known to wrap") \
	X(IL_R45, "IL-R45", 0, \
	    "the size of a larger LWP table is seen before the table") \
	X(IL_R46, "IL-R46", 0, \
	    "flags of a child that others see change without a lock") \
	X(OS_01, "OS-01", TINE__IN(OPENSOLARIS), \
	    "there is no forksys trap, only one for each kind of fork") \
	X(OS_02, "OS-02", TINE__IN(OPENSOLARIS), \
	    "fork has no flags: they are not looked at") \
	X(OS_03, "OS-03", TINE__IN(OPENSOLARIS), \
	    "a zone does not count failed forks") \
	X(OS_04, "OS-04", TINE__IN(OPENSOLARIS), \
	    "no limits on the processes of a task, project or zone") \
	X(OS_05, "OS-05", TINE__IN(OPENSOLARIS), \
	    "a zombie has left its task and project, and counts as task 0's") \
	X(OS_06, "OS-06", TINE__IN(OPENSOLARIS), \
	    "fork fails at once when free memory is short") \
	X(OS_07, "OS-07", TINE__IN(OPENSOLARIS), \
	    "an embryo has no space, not even the kernel's") \
	X(OS_08, "OS-08", TINE__IN(OPENSOLARIS), \
	    "an embryo can be found before it has a zone") \
	X(OS_09, "OS-09", TINE__IN(OPENSOLARIS), \
	    "a process cannot be given a certain pid") \
	X(OS_10, "OS-10", TINE__IN(OPENSOLARIS), \
	    "a child takes its executable last, and does not open it") \
	X(OS_11, "OS-11", TINE__IN(OPENSOLARIS), \
	    "a fork refused for its user gives the executable back") \
	X(OS_12, "OS-12", TINE__IN(OPENSOLARIS), \
	    "executables are never closed") \
	X(OS_13, "OS-13", TINE__IN(OPENSOLARIS), \
	    "a vfork child does not share the list of attached memory") \
	X(OS_14, "OS-14", TINE__IN(OPENSOLARIS), \
	    "registers tell whether a thread waits for its vfork child") \
	X(OS_15, "OS-15", TINE__IN(OPENSOLARIS), \
	    "a copied address space has no owner") \
	X(OS_16, "OS-16", TINE__IN(OPENSOLARIS), \
	    "a failed fork is cleaned up while /proc is locked out") \
	X(OS_17, "OS-17", TINE__IN(OPENSOLARIS), \
	    "shared memory and helpers are copied while /proc is locked out") \
	X(OS_18, "OS-18", TINE__IN(OPENSOLARIS), \
	    "helpers of a failed child are lost") \
	X(OS_19, "OS-19", TINE__IN(OPENSOLARIS), \
	    "nothing is inherited as zeros, and zones have no swap caps") \
	X(OS_20, "OS-20", TINE__IN(OPENSOLARIS), \
	    "there are no brands") \
	X(OS_21, "OS-21", TINE__IN(OPENSOLARIS), \
	    "there are no security flags") \
	X(OS_22, "OS-22", TINE__IN(OPENSOLARIS), \
	    "a process has no lgroups of its main thread and text") \
	X(OS_23, "OS-23", TINE__IN(OPENSOLARIS), \
	    "a session is held without its lock") \
	X(OS_24, "OS-24", TINE__IN(OPENSOLARIS), \
	    "a parent without a current directory is fatal") \
	X(OS_25, "OS-25", TINE__IN(OPENSOLARIS), \
	    "fork is audited only if that was compiled in") \
	X(OS_26, "OS-26", TINE__IN(OPENSOLARIS), \
	    "a kernel process is its creator's child, not process 0's") \
	X(OS_27, "OS-27", TINE__IN(OPENSOLARIS), \
	    "no LWP for a kernel process is an error, not a panic") \
	X(OS_28, "OS-28", TINE__IN(OPENSOLARIS), \
	    "a kernel process keeps its creator's executable for ever") \
	X(OS_29, "OS-29", TINE__IN(OPENSOLARIS), \
	    "a failed newproc stays on its parent's lists") \
	X(OS_30, "OS-30", TINE__IN(OPENSOLARIS), \
	    "newproc does not count the process in its task") \
	X(OS_31, "OS-31", TINE__IN(OPENSOLARIS), \
	    "an LWP is unparked under the lock of its process") \
	X(OS_32, "OS-32", TINE__IN(OPENSOLARIS), \
	    "a clone's usage is cleared late, and unlocked") \
	X(OS_33, "OS-33", TINE__IN(OPENSOLARIS), \
	    "a child runs while pidlock is free; requeueing is unlocked") \
	X(OS_34, "OS-34", TINE__IN(OPENSOLARIS), \
	    "fork does not refresh what schedctl shows") \
	X(OS_35, "OS-35", TINE__IN(OPENSOLARIS), \
	    "a hold stops LWPs that must not stop") \
	X(OS_36, "OS-36", TINE__IN(OPENSOLARIS), \
	    "an LWP may be stopped inside the pool's barrier") \
	X(OS_37, "OS-37", TINE__IN(OPENSOLARIS), \
	    "a pool rebind leaves out children in other zones") \
	X(OS_38, "OS-38", TINE__IN(OPENSOLARIS), \
	    "joining a task runs the callbacks of its controls") \
	X(OS_39, "OS-39", TINE__IN(OPENSOLARIS), \
	    "a contract's kill looks at the group of an embryo") \
	X(OS_40, "OS-40", TINE__IN(OPENSOLARIS), \
	    "a set of one process does not look at its state") \
	X(OS_41, "OS-41", TINE__IN(OPENSOLARIS), \
	    "SIGCHLD is posted only if it is caught") \
	X(OS_42, "OS-42", TINE__IN(OPENSOLARIS), \
	    "SIGKILL stirs only the first LWP that can take it") \
	X(OS_43, "OS-43", TINE__IN(OPENSOLARIS), \
	    "every LWP that dies of a signal tells the contract") \
	X(OS_44, "OS-44", TINE__IN(OPENSOLARIS), \
	    "no vfork child disappears") \
	X(OS_45, "OS-45", TINE__IN(OPENSOLARIS), \
	    "system processes take signals and leave zombies") \
	X(OS_46, "OS-46", TINE__IN(OPENSOLARIS), \
	    "init is always started again") \
	X(OS_47, "OS-47", TINE__IN(OPENSOLARIS), \
	    "the rest of a dying thread belongs to process 0") \
	X(OS_48, "OS-48", TINE__IN(OPENSOLARIS), \
	    "waiting for any child finds those of FORK_WAITPID") \
	X(OS_49, "OS-49", TINE__IN(OPENSOLARIS), \
	    "an LWP may leave while /proc looks") \
	X(OS_50, "OS-50", TINE__IN(OPENSOLARIS), \
	    "a real-time profiling timer survives exec") \
	X(OS_51, "OS-51", TINE__IN(OPENSOLARIS), \
	    "no LWP ever waits under a cap on its project's CPU") \
	X(OS_52, "OS-52", TINE__IN(OPENSOLARIS), \
	    "a look at a task may count an exit twice")

#endif
