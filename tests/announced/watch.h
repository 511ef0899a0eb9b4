/* SPDX-License-Identifier: MIT */
/* watch.h - accesses of a kernel that a search was not told of: see watch.c. */
#ifndef TINE_TESTS_WATCH_H
#define TINE_TESTS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two places in the kernel's code that touch the same memory, in either order
 * for all that was announced. */
struct watch_found {
	const void *pc[2];
	bool write[2];
	size_t times;
	uint64_t changed;	/* which bits, of what both touch */
	char where[2][400];	/* watch_lines(): "function at file.c:12" */
};

/* Not 0: who begins is drawn, from here on. Machines have to be preemptible
 * everywhere (TINE_PREEMPT_ALWAYS). */
void watch_shuffle(uint64_t seed);

/* All there are since they were forgotten. */
size_t watch_results(const struct watch_found **list);
void watch_forget(void);
/* Where they are; there is at least one. */
void watch_lines(void);

#endif
