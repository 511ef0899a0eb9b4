/* SPDX-License-Identifier: MIT */
/*
 * printf.c - printf to the console, formatted on the program's own stack.
 *
 * Every call is one write, so that lines of several processes do not mix.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "user/user.h"

TINE__ON_PROGRAM_STACK int
tine_printf(const char *format, ...)
{
	char text[1024];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (size < 0)
		return -EINVAL;
	if (size >= (int)sizeof(text))
		size = (int)sizeof(text) - 1;
	return (int)tine_sys_write(1, text, (size_t)size);
}
