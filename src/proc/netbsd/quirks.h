/* SPDX-License-Identifier: MIT */
/* netbsd/quirks.h - what can be switched in the kernel of NetBSD. */
#ifndef TINE__NETBSD_QUIRKS_H
#define TINE__NETBSD_QUIRKS_H

/* See proc/quirk.h. In the order of ids. */
#define TINE__NETBSD_QUIRKS(X)

#endif
