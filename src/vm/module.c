/* SPDX-License-Identifier: MIT */
/*
 * vm/module.c - program globals (TINE_DATA): pages of an image that belong to
 * the address space of whichever machine runs.
 *
 * An image is in the host process once, machines are many. So there is one
 * list of modules a process, the only mutable global of src/vm; each module is
 * shown by at most one vm, and none may run with module data without holding
 * the mutex (from tine__window_enter to tine__vm_leave). The one who comes maps
 * its own host pages over those of the one before, who notices when it comes
 * back. Machines without module data never get here.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "vm/impl.h"

struct registered {
	uintptr_t host;
	size_t pages;
	unsigned char *pristine;
	const struct tine__vm *shown_by;
};

static struct {
	pthread_mutex_t mutex;
	unsigned count;
	struct registered modules[TINE__MODULES_HOST];
} registry = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* Host mappings that all windows of the process need, at most. */
static atomic_long host_maps;

long
tine__host_maps_add(long delta)
{
	return atomic_fetch_add_explicit(&host_maps, delta,
	    memory_order_relaxed) + delta;
}

static void
modules_lock(struct tine__vm *vm)
{
	int error;

	if (vm->holding)
		return;
	error = pthread_mutex_trylock(&registry.mutex);
	if (error == EBUSY) {
		vm->waits++;
		error = pthread_mutex_lock(&registry.mutex);
		vm->waits++;
	}
	if (error != 0)
		tine__panic("the module mutex cannot be locked");
	vm->holding = true;
}

uint64_t
tine__vm_waits(const struct tine__vm *vm)
{
	return vm->waits;
}

void
tine__vm_leave(struct tine__vm *vm)
{
	if (!vm->holding)
		return;
	vm->holding = false;
	(void)pthread_mutex_unlock(&registry.mutex);
}

/* The number of a module in the process; TINE__MODULES_HOST when it cannot have
 * one. */
static unsigned
module_register(uintptr_t host, size_t pages)
{
	struct registered *module;
	unsigned i;

	for (i = 0; i < registry.count; i++) {
		module = &registry.modules[i];
		if (module->host == host && module->pages == pages)
			return i;
		if (host < module->host + module->pages * TINE__PAGE &&
		    module->host < host + pages * TINE__PAGE)
			return TINE__MODULES_HOST;
	}
	if (i == TINE__MODULES_HOST)
		return i;
	module = &registry.modules[i];
	module->pristine = malloc(pages * TINE__PAGE);
	if (module->pristine == NULL)
		return TINE__MODULES_HOST;
	/* Nobody shows it yet: these are the linker's own bytes. */
	memcpy(module->pristine, (const void *)host, pages * TINE__PAGE);
	module->host = host;
	module->pages = pages;
	module->shown_by = NULL;
	registry.count++;
	return i;
}

const struct tine__module *
tine__vm_module(struct tine__vm *vm, uintptr_t host, size_t pages)
{
	const bool held = vm->holding;
	struct tine__vm_module *module;
	unsigned i;

	if (host % TINE__PAGE != 0 || pages == 0 ||
	    pages > (TINE__VA_SIZE - TINE__VA_MODULE) / TINE__PAGE / 2)
		return NULL;
	for (i = 0; i < vm->nmodules; i++) {
		module = &vm->modules[i];
		if (module->module.host == host &&
		    module->module.pages == pages)
			return &module->module;
	}
	if (vm->nmodules == TINE__MODULES)
		return NULL;
	modules_lock(vm);
	i = module_register(host, pages);
	if (!held)
		tine__vm_leave(vm);
	if (i == TINE__MODULES_HOST)
		return NULL;
	module = &vm->modules[vm->nmodules];
	module->registered = i;
	module->used = false;
	module->module.host = host;
	module->module.pages = pages;
	module->module.va = vm->module_next;
	module->module.pristine = registry.modules[i].pristine;
	/* Each begins a leaf of its own, behind a page that is nobody's. */
	vm->module_next += (pages + 1 + VM_LEAF_PAGES - 1) / VM_LEAF_PAGES *
	    VM_LEAF_PAGES * TINE__PAGE;
	if (vm->module_next > TINE__VA_SIZE)
		return NULL;
	vm->nmodules++;
	return &module->module;
}

/* A space maps the module's data: from its next entry on it must be shown. */
void
tine__module_use(struct tine__vm *vm, const struct tine__module *module)
{
	struct tine__vm_module *const known = (struct tine__vm_module *)
	    ((uintptr_t)module - offsetof(struct tine__vm_module, module));

	ASSERT(known >= vm->modules && known < vm->modules + vm->nmodules);
	if (known->used)
		return;
	known->used = true;
	vm->modules_used = true;
	vm->modules_pending = true;
}

const struct tine__module *
tine__module_at(const struct tine__vm *vm, uint64_t va)
{
	const struct tine__module *module;
	unsigned i;

	for (i = 0; i < vm->nmodules; i++) {
		module = &vm->modules[i].module;
		if (va >= module->va &&
		    va < module->va + module->pages * TINE__PAGE)
			return module;
	}
	return NULL;
}

/* Put this machine's pages where the module's variables are. */
static void
module_take(struct tine__vm *vm, const struct tine__module *module)
{
	const uint32_t first = (uint32_t)(module->va >> TINE__PAGE_SHIFT);
	const uint32_t pages = (uint32_t)module->pages;
	uint32_t i, count;

	tine__window_clear(vm, first, pages);
	if (!vm->shortcuts) {
		vm->stats.host_maps++;
		if (mmap((void *)module->host, pages * TINE__PAGE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		    MAP_FAILED)
			tine__panic("the host refused to map module data: %s",
			    strerror(errno));
		return;
	}
	for (i = 0; i < pages; i += VM_LEAF_PAGES) {
		count = pages - i < VM_LEAF_PAGES ? pages - i : VM_LEAF_PAGES;
		tine__window_reserve(vm, first + i);
		tine__window_map(vm, module->host + i * TINE__PAGE,
		    vm->wpage[first + i], count, PROT_NONE);
	}
}

/* Before programs with module data run: nobody else may, until they leave. */
void
tine__modules_enter(struct tine__vm *vm)
{
	struct registered *registered;
	unsigned i;

	modules_lock(vm);
	for (i = 0; i < vm->nmodules; i++) {
		registered = &registry.modules[vm->modules[i].registered];
		if (!vm->modules[i].used || registered->shown_by == vm)
			continue;
		registered->shown_by = vm;
		module_take(vm, &vm->modules[i].module);
	}
	vm->modules_pending = false;
}

/* The end of a run: the host program finds its variables as the linker left
 * them, in memory of its own. */
void
tine__modules_restore(struct tine__vm *vm)
{
	struct registered *registered;
	const struct tine__module *module;
	unsigned i;

	if (vm->nmodules == 0)
		return;
	modules_lock(vm);
	for (i = 0; i < vm->nmodules; i++) {
		registered = &registry.modules[vm->modules[i].registered];
		module = &vm->modules[i].module;
		tine__window_clear(vm,
		    (uint32_t)(module->va >> TINE__PAGE_SHIFT),
		    (uint32_t)module->pages);
		if (registered->shown_by != vm)
			continue;
		registered->shown_by = NULL;
		if (mmap((void *)module->host, module->pages * TINE__PAGE,
		    PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		    MAP_FAILED)
			tine__panic("the host refused to map module data: %s",
			    strerror(errno));
		memcpy((void *)module->host, module->pristine,
		    module->pages * TINE__PAGE);
	}
	tine__vm_leave(vm);
	vm->nmodules = 0;
	vm->modules_used = false;
	vm->modules_pending = false;
	vm->module_next = TINE__VA_MODULE;
}
