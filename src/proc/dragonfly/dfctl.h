/* SPDX-License-Identifier: MIT */
/* dragonfly/dfctl.h - the first argument of the call dfctl: many in one. */
#ifndef TINE__DRAGONFLY_DFCTL_H
#define TINE__DRAGONFLY_DFCTL_H

#define TINE__DFCTL_MAP(X) \
	X(setreuid) X(geteuid) X(setnproc) X(jail) X(uidcount) X(ptrace) \
	X(ktrace) X(kqueue) X(kqueue_watch) X(kqueue_next) X(upmap) \
	X(lasttid) X(randompid) X(varsym_set) X(varsym_get) X(usched_set)

enum tine__dfctl {
#define TINE__DFCTL_ENUM(name) TINE__DFCTL_##name,
	TINE__DFCTL_MAP(TINE__DFCTL_ENUM)
#undef TINE__DFCTL_ENUM
	TINE__DFCTL_COUNT
};

#endif
