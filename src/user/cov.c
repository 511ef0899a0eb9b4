/* SPDX-License-Identifier: MIT */
/*
 * cov.c - the clock of programs that make no system calls.
 *
 * The compiler option -fsanitize-coverage=trace-pc puts a call to this function
 * on every edge of the control flow. Counting them down gives a program a clock
 * tick every so many edges: the same ones in every run, which no host timer can
 * promise. The kernel sets the counter when it lets a program run.
 */
#include "machine/machine.h"
#include "user/user.h"

/* One load and one store an edge, in the shared library too. */
extern __thread int32_t tine__edges __attribute__((tls_model("initial-exec")));

void __sanitizer_cov_trace_pc(void);

static __attribute__((noinline, cold)) void
ran_down(uintptr_t pc)
{
	if (tine__cur != NULL && tine__cur->mode == TINE__MODE_USER)
		tine__sys1(tick, pc);
	else
		tine__edges = INT32_MAX;
}

void
__sanitizer_cov_trace_pc(void)
{
	if (TINE__UNLIKELY(--tine__edges < 0))
		ran_down((uintptr_t)__builtin_return_address(0));
}
