/* SPDX-License-Identifier: MIT */
/*
 * proc/quirk.h - quirks from the inside: a bit each.
 *
 * A family of kernels keeps its list in its own folder, one row a quirk:
 *
 *	X(OS_12, "OS-12", TINE__IN(OPENSOLARIS), "what is so when it is on")
 *
 * with the kernels that have it on by themselves (0: none). A kernel asks with
 * QUIRK(OS_12), which its own header defines over the set in its state, got
 * from tine__machine_quirks() at boot. Rows stay in the order of ids.
 */
#ifndef TINE__PROC_QUIRK_H
#define TINE__PROC_QUIRK_H

#include <stdint.h>

#include <tine/quirk.h>

#include "proc/dragonfly/quirks.h"
#include "proc/illumos/quirks.h"
#include "proc/netbsd/quirks.h"

#define TINE__IN(kernel) (1u << TINE_KERNEL_##kernel)

#define TINE__QUIRK_ENUM(name, id, kernels, text) TINE__QUIRK_NR_##name,
enum { TINE__SOLARIS_QUIRKS(TINE__QUIRK_ENUM) TINE__SOLARIS_NQUIRKS };
enum { TINE__DRAGONFLY_QUIRKS(TINE__QUIRK_ENUM) TINE__DRAGONFLY_NQUIRKS };
enum { TINE__NETBSD_QUIRKS(TINE__QUIRK_ENUM) TINE__NETBSD_NQUIRKS };
#undef TINE__QUIRK_ENUM

/* The bit of a quirk. */
#define TINE__QUIRK(name) ((tine_quirks_t)1 << TINE__QUIRK_NR_##name)

/* Those that are on in a machine, the preset resolved. */
tine_quirks_t tine__machine_quirks(const struct tine_machine *machine);
/* All that a kernel has. */
tine_quirks_t tine__quirks_all(enum tine_kernel kernel);

#endif
