/* SPDX-License-Identifier: MIT */
/* support/kcall.c - kernel code on behalf of a program. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proc/syscall.h"
#include "sched/trap.h"
#include "support/harness.h"
#include "support/kcall.h"

#define MAGIC UINT64_C(0x6b63616c6c6b6361)

struct request {
	kcall_fn fn;
	uint64_t arg;
	int64_t *result;
};

int64_t
kcall(kcall_fn fn, uint64_t arg)
{
	struct request request = { fn, arg, NULL };
	int64_t result = 0;

	/* The result goes to the program's own memory. */
	request.result = &result;
	tine_check(tine__trap(TINE__SYS_prsys, MAGIC,
	    (uint64_t)(uintptr_t)&request, 0, 0, 0) == -ENOENT);
	return *(volatile int64_t *)&result;
}

/* The kernel's. */
extern int tine_il_copyin(const void *user, void *kernel, size_t size);
extern int tine_il_copyout(const void *kernel, void *user, size_t size);

static void
called(void *user, const struct tine_probe_data *data)
{
	struct request request;
	int64_t result;

	(void)user;
	if (data->arg0 != MAGIC || tine_il_copyin((void *)(uintptr_t)
	    data->arg1, &request, sizeof(request)) != 0)
		return;
	result = request.fn(request.arg);
	(void)tine_il_copyout(&result, request.result, sizeof(result));
}

void
kcall_attach(struct tine_machine *machine)
{
	if (tine_probe_attach(machine, "syscall::prsys:entry", called,
	    NULL) != 0)
		fail_msg("%s", tine_error_message());
}

struct tine_options
kcall_options(enum tine_kernel kernel, const char *quirks)
{
	struct tine_options options = harness_options();

	options.kernel = kernel;
	options.quirks = TINE_QUIRKS_PRESET;
	if (quirks[0] != '\0' && tine_quirks_parse(kernel, quirks,
	    &options.quirks) != 0)
		fail_msg("%s", tine_error_message());
	return options;
}

void
kcall_both(const char *program, const char *quirk, int on, int off)
{
	struct tine_options options;
	char words[16];

	options = kcall_options(TINE_KERNEL_ILLUMOS, "");
	harness_passes(program, &options, off << 8);
	snprintf(words, sizeof(words), "+%s", quirk);
	options = kcall_options(TINE_KERNEL_ILLUMOS, words);
	harness_passes(program, &options, on << 8);
}

bool
kcall_ever(const char *program, const char *quirks, unsigned seeds, int status)
{
	struct tine_options options;
	struct tine_result result;
	bool ever = false;

	options = kcall_options(TINE_KERNEL_ILLUMOS, quirks);
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	options.preempt = TINE_PREEMPT_ALWAYS;
	for (options.seed = 0; options.seed < seeds; options.seed++) {
		if (harness_run(program, &options, &result, NULL) !=
		    TINE_OUTCOME_PASSED)
			fail_msg("%s: seed %u: %s", program,
			    (unsigned)options.seed, result.message);
		ever |= result.status == status << 8;
	}
	return ever;
}
