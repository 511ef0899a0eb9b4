/* SPDX-License-Identifier: MIT */
/*
 * probe.h - points of the kernel that a host program can hook by name.
 *
 * The names are those of DTrace: "proc:::create" fires when a process was made,
 * whichever kernel made it. The callback runs where the kernel is, between two
 * of its steps: nothing else moves meanwhile.
 *
 *	static void
 *	created(void *user, const struct tine_probe_data *data)
 *	{
 *		(*(unsigned *)user)++;
 *	}
 *	...
 *	tine_probe_attach(machine, "proc:::create", created, &count);
 */
#ifndef TINE_PROBE_H
#define TINE_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/machine.h>

TINE_BEGIN_DECLS

struct tine_probe_data {
	const char *name;		/* of the probe that fired */
	int pid;			/* on whose behalf; 0: none */
	int lwp;
	uint64_t step;			/* scheduling points so far */
	uint64_t time_ns;		/* virtual */
	uint64_t arg0, arg1;		/* see tine_probe_about() */
};

/**
 * Called when a probe fires.
 *
 * Context: a kernel stack of the machine, with about 30 KiB of room, while most
 * signals are blocked. Look, count, remember; call nothing of this library.
 */
typedef void (*tine_probe_fn)(void *user, const struct tine_probe_data *data);

/** The index-th name there is, sorted; NULL when index is too large. */
TINE_API const char *tine_probe_name(size_t index);

/** One line about a probe: when it fires and what its arguments are; NULL when
 * there is none of that name. */
TINE_API const char *tine_probe_about(const char *name);

/**
 * Call fn whenever a probe fires, in this run and in those that follow. Several
 * may be attached to one probe; they are called in the order of attaching.
 *
 * @param name  as tine_probe_name() gives it. A field may be left out: "*" or
 *              nothing stands for anything ("proc:::" is all of proc).
 * @param user  handed on to fn; borrowed.
 *
 * @retval 0             attached, to one probe at least.
 * @retval -TINE_EINVAL  a NULL machine, name or fn.
 * @retval -TINE_ENOENT  no probe has such a name.
 * @retval -TINE_ENOMEM  no host memory.
 * @retval -TINE_ESTATE  the machine is running.
 */
TINE_API TINE_NODISCARD int tine_probe_attach(struct tine_machine *machine,
    const char *name, tine_probe_fn fn, void *user);

/**
 * Undo every attachment of fn with user.
 * @retval 0, -TINE_EINVAL (a NULL machine), -TINE_ENOENT (there was none),
 *         -TINE_ESTATE (running).
 */
TINE_API int tine_probe_detach(struct tine_machine *machine, tine_probe_fn fn,
    void *user);

TINE_END_DECLS

#endif
