/* SPDX-License-Identifier: MIT */
/* illumos/quirks.h - what OpenSolaris of 2006 did otherwise. */
#ifndef TINE__ILLUMOS_QUIRKS_H
#define TINE__ILLUMOS_QUIRKS_H

/* See proc/quirk.h. In the order of ids. */
#define TINE__SOLARIS_QUIRKS(X) \
	X(OS_02, "OS-02", TINE__IN(OPENSOLARIS), \
	    "fork has no flags: they are not looked at") \
	X(OS_03, "OS-03", TINE__IN(OPENSOLARIS), \
	    "a zone does not count failed forks") \
	X(OS_04, "OS-04", TINE__IN(OPENSOLARIS), \
	    "no limits on the processes of a task, project or zone")

#endif
