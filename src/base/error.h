/* SPDX-License-Identifier: MIT */
/* base/error.h - how the host plane reports a refusal. */
#ifndef TINE__BASE_ERROR_H
#define TINE__BASE_ERROR_H

#include <tine/error.h>

/*
 * Leave a message for tine_error_message() and return -code. One line, no
 * newline, names the thing that was wrong.
 */
int tine__error(int code, const char *format, ...) TINE_PRINTF(2, 3);

#endif
