/* SPDX-License-Identifier: MIT */
/* dragonfly/quirks.h - what can be switched in the kernel of DragonFly. */
#ifndef TINE__DRAGONFLY_QUIRKS_H
#define TINE__DRAGONFLY_QUIRKS_H

#define TINE__DF TINE__IN(DRAGONFLY)

/* See proc/quirk.h. In the order of ids. All are how this revision is. */
#define TINE__DRAGONFLY_QUIRKS(X) \
	X(DF_034, "DF-034", TINE__DF, \
	    "a fork whose descriptor table is refused leaves a husk behind") \
	X(DF_082, "DF-082", TINE__DF, \
	    "a failed lwp_create loses the credential of its thread") \
	X(DF_R02, "DF-R02", TINE__DF, \
	    "a stop signal to an embryo panics when it is started") \
	X(DF_R03, "DF-R03", TINE__DF, \
	    "a signal to an embryo without dispositions panics") \
	X(DF_R05, "DF-R05", TINE__DF, \
	    "a signal that came to the LWP during fork is copied") \
	X(DF_R06, "DF-R06", TINE__DF, \
	    "a SIGKILL that came to the LWP during fork is copied") \
	X(DF_R07, "DF-R07", TINE__DF, \
	    "a change of group during fork splits list and reference") \
	X(DF_R08, "DF-R08", TINE__DF, \
	    "the child's credential is the one the thread has cached") \
	X(DF_R09, "DF-R09", TINE__DF, \
	    "the limit on processes is tested before they are counted") \
	X(DF_R10, "DF-R10", TINE__DF, \
	    "a refused fork keeps the group's lock while it sleeps") \
	X(DF_R12, "DF-R12", TINE__DF, \
	    "the end of a vfork wakes the parent of the day") \
	X(DF_R13, "DF-R13", TINE__DF, \
	    "invfork is a flag, not a count") \
	X(DF_R14, "DF-R14", TINE__DF, \
	    "the LWP of a vfork child has id 0") \
	X(DF_R15, "DF-R15", TINE__DF, \
	    "fork restarts for a stop signal that vfork hides") \
	X(DF_R17, "DF-R17", TINE__DF, \
	    "a reaper is not looked at again once it was found") \
	X(DF_R18, "DF-R18", TINE__DF, \
	    "embryos may be traced and moved to other groups") \
	X(DF_R19, "DF-R19", TINE__DF, \
	    "the reaper is that of the parent when fork began") \
	X(DF_R21, "DF-R21", TINE__DF, \
	    "an exiting leader reads the next peer from the last one") \
	X(DF_R22, "DF-R22", TINE__DF, \
	    "peers are on the chain before they have a pid, and walked once") \
	X(DF_R23, "DF-R23", TINE__DF, \
	    "a leader record is not looked for again after a sleep") \
	X(DF_R24, "DF-R24", TINE__DF, \
	    "a failed lwp_create loses the signals of its LWP") \
	X(DF_R25, "DF-R25", TINE__DF, \
	    "lwp_create does not look whether the process exits") \
	X(DF_R26, "DF-R26", TINE__DF, \
	    "signals are lost while exec waits for other LWPs") \
	X(DF_R28, "DF-R28", TINE__DF, \
	    "the reaping LWP drops its hold before the last wait") \
	X(DF_R29, "DF-R29", TINE__DF, \
	    "RFNOWAIT and no-zombie children keep their exit signal") \
	X(DF_R30, "DF-R30", TINE__DF, \
	    "the last reference to limits is dropped without the lock") \
	X(DF_R32, "DF-R32", TINE__DF, \
	    "a signal to a group goes on from a member that has left") \
	X(DF_R33, "DF-R33", TINE__DF, \
	    "scans read credentials without a lock") \
	X(DF_R34, "DF-R34", TINE__DF, \
	    "fork and reparenting do not count pg_jobc") \
	X(DF_R35, "DF-R35", TINE__DF, \
	    "an LWP born during a stop completes it again")

#endif
