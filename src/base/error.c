/* SPDX-License-Identifier: MIT */
/* error.c - codes, their names, and the last message of a host thread. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include <tine/version.h>

/* Per host thread, as errno is: a failing call may have no machine to leave
 * its message in. */
static __thread char message[512];

int
tine__error(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return (-code);
}

const char *
tine_error_message(void)
{
	return (message);
}

const char *
tine_strerror(int code)
{
	switch (code < 0 ? -code : code) {
	case 0:
		return ("no error");
#define CASE(name, number, text) \
	case TINE_##name: \
		return (text);
		TINE_ERROR_MAP(CASE)
#undef CASE
	default:
		return ("unknown error");
	}
}

const char *
tine_error_name(int code)
{
	switch (code < 0 ? -code : code) {
#define CASE(name, number, text) \
	case TINE_##name: \
		return ("TINE_" #name);
		TINE_ERROR_MAP(CASE)
#undef CASE
	default:
		return ("TINE_?");
	}
}

const char *
tine_version(void)
{
	return (TINE_VERSION_STRING);
}
