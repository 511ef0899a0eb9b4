/* SPDX-License-Identifier: MIT */
/* options.c - defaults and bounds of options; names of kernels and the rest. */
#include <string.h>

#include "base/error.h"
#include "machine/machine.h"
#include "proc/quirk.h"

static const struct tine__flavour *const flavours[] = {
	&tine__flavour_illumos,
	&tine__flavour_opensolaris,
	&tine__flavour_dragonfly,
	&tine__flavour_netbsd,
};
#define NFLAVOURS (sizeof(flavours) / sizeof(flavours[0]))

static const char *const kernel_names[TINE_KERNEL_COUNT] = {
	"illumos", "opensolaris", "dragonfly", "netbsd"
};

static const char *const strategy_names[TINE_STRATEGY_COUNT] = {
	"rr", "random", "pct", "pos"
};

const struct tine__flavour *
tine__flavour_of(enum tine_kernel kernel)
{
	size_t i;

	for (i = 0; i < NFLAVOURS; i++)
		if (flavours[i]->kernel == kernel)
			return (flavours[i]);
	return (NULL);
}

const char *
tine_kernel_name(enum tine_kernel kernel)
{
	return ((unsigned)kernel < TINE_KERNEL_COUNT ? kernel_names[kernel] :
	    "?");
}

const char *
tine_strategy_name(enum tine_strategy strategy)
{
	return ((unsigned)strategy < TINE_STRATEGY_COUNT ?
	    strategy_names[strategy] : "?");
}

const char *
tine_outcome_name(enum tine_outcome outcome)
{
	static const char *const names[TINE_OUTCOME_COUNT] = {
#define NAME(name, text) text,
		TINE_OUTCOME_MAP(NAME)
#undef NAME
	};

	return ((unsigned)outcome < TINE_OUTCOME_COUNT ? names[outcome] :
	    "?");
}

int
tine_kernel_parse(const char *name, enum tine_kernel *kernel)
{
	char known[128] = "";
	size_t i;

	if (name == NULL || kernel == NULL)
		return (tine__error(TINE_EINVAL, "kernel: NULL argument"));
	for (i = 0; i < NFLAVOURS; i++) {
		if (strcmp(name, tine_kernel_name(flavours[i]->kernel)) == 0) {
			*kernel = flavours[i]->kernel;
			return (0);
		}
		if (i != 0)
			strcat(known, ", ");
		strcat(known, tine_kernel_name(flavours[i]->kernel));
	}
	return (tine__error(TINE_ENOENT,
	    "no kernel \"%s\" in this library; there is: %s", name, known));
}

int
tine_strategy_parse(const char *name, enum tine_strategy *strategy)
{
	unsigned i;

	if (name == NULL || strategy == NULL)
		return (tine__error(TINE_EINVAL, "strategy: NULL argument"));
	for (i = 0; i < TINE_STRATEGY_COUNT; i++)
		if (strcmp(name, strategy_names[i]) == 0) {
			*strategy = (enum tine_strategy)i;
			return (0);
		}
	return (tine__error(TINE_ENOENT,
	    "no strategy \"%s\"; there are: rr, random, pct, pos", name));
}

void
tine_options_init(struct tine_options *o)
{
	if (o == NULL)
		return;
	memset(o, 0, sizeof(*o));
	o->size = sizeof(*o);
	o->kernel = TINE_KERNEL_ILLUMOS;
	o->strategy = TINE_STRATEGY_RR;
	o->quirks = TINE_QUIRKS_PRESET;
	o->ncpu = 1;
	o->preempt = TINE_PREEMPT_KERNEL;
	o->quantum = 1000;
	o->tick_edges = 100000;
	o->tick_steps = 10000;
	o->step_limit = 100000000;
	o->memory_pages = 262144;		/* 1 GiB */
	o->kmem_bytes = UINT64_C(4) << 30;
	o->ustack_pages = 256;			/* 1 MiB */
	o->pid_max = 30000;
	o->proc_max = 30000;
	o->pipe_bytes = 65536;
	o->lwpid_max = INT32_MAX;
	o->vm_shortcuts = true;
	o->lock_check = true;
	o->trace_ring = 256;
	o->pct_depth = 3;
	o->pct_steps = 1000;
	o->slice_steps = 20000;
}

/* One line an option: its name, its value, its bounds. */
#define BETWEEN(field, low, high) \
	do { \
		const int64_t value = (int64_t)o->field; \
		if (value < (int64_t)(low) || value > (int64_t)(high)) \
			return (tine__error(TINE_EINVAL, "options: " #field \
			    " %lld is not between %lld and %lld", \
			    (long long)value, (long long)(low), \
			    (long long)(high))); \
	} while (0)

int
tine__options_check(const struct tine_options *o)
{
	if ((unsigned)o->kernel >= TINE_KERNEL_COUNT)
		return (tine__error(TINE_EINVAL, "options: no kernel %d",
		    (int)o->kernel));
	if (tine__flavour_of(o->kernel) == NULL)
		return (tine__error(TINE_ENOENT,
		    "the kernel %s is not in this library",
		    tine_kernel_name(o->kernel)));
	BETWEEN(strategy, 0, TINE_STRATEGY_COUNT - 1);
	if (o->quirks != TINE_QUIRKS_PRESET &&
	    (o->quirks & ~tine__quirks_all(o->kernel)) != 0)
		return (tine__error(TINE_EINVAL,
		    "options: quirks holds bits that are no quirk of %s",
		    tine_kernel_name(o->kernel)));
	BETWEEN(ncpu, 1, 64);
	BETWEEN(preempt, 0, TINE_PREEMPT_ALWAYS);
	BETWEEN(quantum, 1, 1000000000);
	BETWEEN(tick_edges, 1, 1000000000);
	BETWEEN(tick_steps, 1, 1000000000);
	BETWEEN(faults, 0, 1000000);
	BETWEEN(spurious, 0, 1000000);
	BETWEEN(timeouts, 0, 1000000);
	BETWEEN(interrupts, 0, 1000000);
	BETWEEN(fair_steps, 0, 1000000000);
	BETWEEN(watchdog_ms, 0, 86400000);
	BETWEEN(memory_pages, 16, 3145728);
	BETWEEN(kmem_bytes, 1048576, UINT64_C(15) << 30);
	BETWEEN(ustack_pages, 2, 16384);
	BETWEEN(pid_max, 4, 1 << 30);
	BETWEEN(proc_max, 3, 1 << 30);
	BETWEEN(pipe_bytes, 1, 1 << 20);
	BETWEEN(uid_procs, 0, 1 << 30);
	BETWEEN(lwpid_max, 2, INT32_MAX);
	BETWEEN(sigqueue_max, 0, 1 << 20);
	BETWEEN(trace_ring, 16, 1 << 24);
	BETWEEN(slice_steps, 1, 1000000000);
	BETWEEN(pct_depth, 1, TINE__PCT_DEPTH_MAX);
	BETWEEN(pct_steps, 1, 1000000000);
	BETWEEN(realtime_ns_per_ms, 0, UINT64_C(1000000000000));
	return (0);
}
