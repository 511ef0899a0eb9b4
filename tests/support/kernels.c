/* SPDX-License-Identifier: MIT */
/* support/kernels.c - running simulated programs on every kernel. */
#include "support/kernels.h"

#include "support/harness.h"

const enum tine_kernel kernels[KERNELS] = {
	TINE_KERNEL_ILLUMOS, TINE_KERNEL_OPENSOLARIS, TINE_KERNEL_DRAGONFLY,
	TINE_KERNEL_NETBSD
};

enum tine_kernel kernel_now;

struct tine_options
on(enum tine_kernel kernel)
{
	struct tine_options o = harness_options();

	kernel_now = kernel;
	o.kernel = kernel;
	o.quirks = 0;
	return o;
}

int
by_kernel(int illumos, int dragonfly, int netbsd)
{
	switch (kernel_now) {
	case TINE_KERNEL_DRAGONFLY:
		return dragonfly;
	case TINE_KERNEL_NETBSD:
		return netbsd;
	default:
		return illumos;
	}
}

bool
on_solaris(void)
{
	return kernel_now == TINE_KERNEL_ILLUMOS ||
	    kernel_now == TINE_KERNEL_OPENSOLARIS;
}

void
passes_on_each(const char *program)
{
	passes_on_each_with(program, NULL);
}

void
passes_on_each_with(const char *program,
    void (*change)(struct tine_options *options))
{
	struct tine_options o;

	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		if (change != NULL)
			change(&o);
		harness_passes(program, &o, 0);
		o.ncpu = 2;
		harness_passes(program, &o, 0);
	}
}
