/* SPDX-License-Identifier: MIT */
/* assert.c - what a broken invariant does: it ends the run, not the host. */
#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/machine.h"

static TINE_NORETURN void
end(enum tine_outcome outcome, const char *text)
{
	struct tine_machine *m = tine__running;

	if (m == NULL) {
		/* No machine to blame: a mistake of ours outside any run. */
		(void)fprintf(stderr, "tine: panic: %s\n", text);
		abort();
	}
	tine__run_outcome(m, outcome, "%s", text);
	tine__run_abandon(m);
}

void
tine__panic(const char *format, ...)
{
	va_list args;
	char text[768];

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	end(TINE_OUTCOME_PANIC, text);
}

void
tine__verdict(int outcome, const char *format, ...)
{
	va_list args;
	char text[768];

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	end((enum tine_outcome)outcome, text);
}

void
tine__assert_failed(const char *file, int line, const char *expression)
{
	tine__panic("%s:%d: assertion failed: %s", file, line, expression);
}

void
tine__assert2_failed(const char *file, int line, const char *expression,
    int64_t left, int64_t right)
{
	tine__panic("%s:%d: assertion failed: %s (%lld, %lld)", file, line,
	    expression, (long long)left, (long long)right);
}
