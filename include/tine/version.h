/* SPDX-License-Identifier: MIT */
/* version.h - which tine this is. */
#ifndef TINE_VERSION_H
#define TINE_VERSION_H

#include <tine/export.h>

TINE_BEGIN_DECLS

#define TINE_VERSION_MAJOR 0
#define TINE_VERSION_MINOR 1
#define TINE_VERSION_PATCH 0
#define TINE_VERSION_STRING "0.1.0"

/** The version of the library that is linked: compare with
 * TINE_VERSION_STRING to see that header and library agree. */
TINE_API const char *tine_version(void);

TINE_END_DECLS

#endif
