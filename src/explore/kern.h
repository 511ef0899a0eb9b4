/* SPDX-License-Identifier: MIT */
/* explore/kern.h - what a machine without programs keeps from run to run. */
#ifndef TINE__EXPLORE_KERN_H
#define TINE__EXPLORE_KERN_H

#include <stddef.h>
#include <stdint.h>

struct tine_machine;

/* The number that an annotated field has in one run. */
struct tine__kern_word {
	uint64_t run;		/* 0: none yet */
	uintptr_t address;
	uint64_t id;
};

struct tine__kern {
	void (*body)(void *arg);
	void *arg;
	uint64_t run;		/* words of other runs count as free */
	struct tine__kern_word *words;
	size_t used, capacity;
};

/* The machine of the calling kernel thread; panics where there is none. */
struct tine_machine *tine__kern_machine(void);
void tine__kern_free(struct tine__kern *kern);

#endif
