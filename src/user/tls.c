/* SPDX-License-Identifier: MIT */
/*
 * tls.c - what every LWP has for itself: errno, and what threads need.
 *
 * The LWP's pcb has the base of the area, as a processor has one. An LWP that
 * tine_sys_lwp_create() made finds the area beside its stack; the first one of
 * a process has it in the library's page. Either lies in simulated memory: fork
 * copies it, a child of vfork shares its parent's.
 */
#include <string.h>

#include "user/user.h"

/*
 * For an LWP whose process has no memory for a library page, and for callers
 * that are no programs. One for each host thread, where only one of them runs.
 */
static __thread struct tine__tls nobody;

struct tine__tls *
tine__tls(void)
{
	struct tine__library *lib;

	if (tine__library_space() == 0)
		return &nobody;
	if (tine__cur->pcb.tls != 0)
		return (struct tine__tls *)tine__cur->pcb.tls;
	lib = tine__library();
	if (lib == NULL)
		return &nobody;
	tine__tls_set(&lib->tls);
	return &lib->tls;
}

void
tine__tls_set(struct tine__tls *tls)
{
	tine__cur->pcb.tls = (uintptr_t)tls;
}
