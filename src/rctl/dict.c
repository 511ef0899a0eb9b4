/* SPDX-License-Identifier: MIT */
/*
 * dict.c - the dictionary of resource controls: names, entities, what holds for
 * all values of a control.
 */
#include "proc/illumos/kern.h"

#define COUNT TINE_RCTL_GLOBAL_COUNT
#define BYTES TINE_RCTL_GLOBAL_BYTES
#define SECONDS TINE_RCTL_GLOBAL_SECONDS
#define DENY TINE_RCTL_GLOBAL_DENY_ALWAYS
#define NEVER TINE_RCTL_GLOBAL_DENY_NEVER
#define LOWER TINE_RCTL_GLOBAL_LOWERABLE
#define NOBASIC TINE_RCTL_GLOBAL_NOBASIC

/* By number. [IL-137] [IL-141] */
static const struct tine_rctl_info dictionary[RC_COUNT] = {
	[RC_PROCESS_CPU_TIME] = { "process.max-cpu-time", "process",
	    UINT64_MAX, LOWER | NEVER | SECONDS |
	    TINE_RCTL_GLOBAL_CPU_TIME },
	[RC_PROCESS_FILE_SIZE] = { "process.max-file-size", "process",
	    UINT64_MAX, LOWER | DENY | BYTES |
	    TINE_RCTL_GLOBAL_FILE_SIZE },
	[RC_PROCESS_DATA_SIZE] = { "process.max-data-size", "process",
	    UINT64_MAX, LOWER | DENY | BYTES },
	[RC_PROCESS_STACK_SIZE] = { "process.max-stack-size", "process",
	    UINT64_MAX, LOWER | DENY | BYTES },
	[RC_PROCESS_CORE_SIZE] = { "process.max-core-size", "process",
	    UINT64_MAX, LOWER | DENY | BYTES },
	[RC_PROCESS_FILE_DESCRIPTOR] = { "process.max-file-descriptor",
	    "process", UINT64_MAX, LOWER | DENY | COUNT },
	[RC_PROCESS_ADDRESS_SPACE] = { "process.max-address-space", "process",
	    UINT64_MAX, LOWER | DENY | BYTES },
	[RC_PROCESS_SIGQUEUE_SIZE] = { "process.max-sigqueue-size", "process",
	    UINT64_MAX, LOWER | DENY | COUNT },
	[RC_TASK_LWPS] = { "task.max-lwps", "task", INT32_MAX, COUNT },
	[RC_TASK_PROCESSES] = { "task.max-processes", "task", INT32_MAX,
	    COUNT },
	[RC_PROJECT_LWPS] = { "project.max-lwps", "project", INT32_MAX,
	    NOBASIC | COUNT },
	[RC_PROJECT_PROCESSES] = { "project.max-processes", "project",
	    INT32_MAX, NOBASIC | COUNT },
	[RC_PROJECT_TASKS] = { "project.max-tasks", "project", INT32_MAX,
	    NOBASIC | COUNT },
	[RC_PROJECT_CONTRACTS] = { "project.max-contracts", "project",
	    INT32_MAX, NOBASIC | DENY | COUNT },
	[RC_PROJECT_CPU_CAP] = { "project.cpu-cap", "project",
	    UINT64_MAX, NOBASIC | DENY | COUNT },
	[RC_ZONE_LWPS] = { "zone.max-lwps", "zone", INT32_MAX,
	    NOBASIC | COUNT },
	[RC_ZONE_PROCESSES] = { "zone.max-processes", "zone", INT32_MAX,
	    NOBASIC | COUNT },
	[RC_ZONE_SWAP] = { "zone.max-swap", "zone", UINT64_MAX,
	    NOBASIC | DENY | BYTES },
};

/* The same by name, for those who list them. */
static const uint8_t sorted[RC_COUNT] = {
	RC_PROCESS_ADDRESS_SPACE, RC_PROCESS_CORE_SIZE, RC_PROCESS_CPU_TIME,
	RC_PROCESS_DATA_SIZE, RC_PROCESS_FILE_DESCRIPTOR, RC_PROCESS_FILE_SIZE,
	RC_PROCESS_SIGQUEUE_SIZE, RC_PROCESS_STACK_SIZE,
	RC_PROJECT_CPU_CAP, RC_PROJECT_CONTRACTS,
	RC_PROJECT_LWPS, RC_PROJECT_PROCESSES, RC_PROJECT_TASKS, RC_TASK_LWPS,
	RC_TASK_PROCESSES, RC_ZONE_LWPS, RC_ZONE_PROCESSES, RC_ZONE_SWAP
};

const struct tine_rctl_info *
tine_rctl_info(unsigned index)
{
	return (index < RC_COUNT ? &dictionary[sorted[index]] : NULL);
}

/* The control of that name; -1: there is none. */
int
rctl_find(const char *name)
{
	for (int i = 0; i < RC_COUNT; i++)
		if (strcmp(dictionary[i].name, name) == 0)
			return (i);
	return (-1);
}

rctl_entity_t
rctl_entity(unsigned control)
{
	return (control < RC_PROCESS_COUNT ? RCENTITY_PROCESS :
	    control < RC_PROJECT_LWPS ? RCENTITY_TASK :
	    control < RC_ZONE_LWPS ? RCENTITY_PROJECT : RCENTITY_ZONE);
}

unsigned
rctl_flags(unsigned control)
{
	return ((unsigned)dictionary[control].global);
}

const char *
rctl_name(unsigned control)
{
	return (dictionary[control].name);
}

/* The system's value, beyond which none can be set. */
uint64_t
rctl_maximum(unsigned control)
{
	return (dictionary[control].maximum);
}

/* The controls of an entity: from the first up to *end. */
unsigned
rctl_first(rctl_entity_t entity, unsigned *end)
{
	static const uint8_t firsts[] = { 0, RC_TASK_LWPS, RC_PROJECT_LWPS,
		RC_ZONE_LWPS, RC_COUNT };

	*end = firsts[entity + 1];
	return (firsts[entity]);
}
