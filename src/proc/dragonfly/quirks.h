/* SPDX-License-Identifier: MIT */
/* dragonfly/quirks.h - what can be switched in the kernel of DragonFly. */
#ifndef TINE__DRAGONFLY_QUIRKS_H
#define TINE__DRAGONFLY_QUIRKS_H

/* See proc/quirk.h. In the order of ids. */
#define TINE__DRAGONFLY_QUIRKS(X)

#endif
