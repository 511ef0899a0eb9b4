/* SPDX-License-Identifier: MIT */
/* explore/kern.h - what a machine without programs keeps from run to run. */
#ifndef TINE__EXPLORE_KERN_H
#define TINE__EXPLORE_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tine_machine;

/* The number that an annotated field has in one run. */
struct tine__kern_word {
	uint64_t run;		/* 0: none yet */
	uintptr_t address;
	uint64_t id;
	uint64_t key;		/* what it is called in all runs */
	const void *host;	/* on which thread that was found out */
	const char *name;	/* as the source has it, or NULL */
};

/* Memory that was given back, the last few times. */
struct tine__kern_free {
	uintptr_t start;
	size_t size;
	uint64_t step;
	uint32_t thread;
	const char *name;
};
#define TINE__KERN_FREES 32

struct tine__kern {
	void (*body)(void *arg);
	void *arg;
	uint64_t run;		/* words of other runs count as free */
	const void *host;	/* the thread of the host that runs it */
	struct tine__kern_word *words;
	size_t used, capacity;
	const char **names;	/* of the threads of the last run, by lwp */
	size_t nthreads, room;
	char unnamed[24];
	const char *label;	/* what tokens call it; NULL: nothing */
	bool fixed;		/* and which side of it this is */
	struct tine__kern_free frees[TINE__KERN_FREES];	/* a ring */
	unsigned nfrees;
	bool blocks;			/* there was memory to give back */
};

/* The calling thread ends: it has no tokens. */
void tine__kern_toks_end(void);
/* The machine of the calling kernel thread; panics where there is none. */
struct tine_machine *tine__kern_machine(void);
void tine__kern_free(struct tine__kern *kern);
/* What a field is called in all runs and machines of a search (key.c). */
#define TINE__KEY_SLOT 1	/* above: it is in the machine's memory */
uint64_t tine__kern_key(const struct tine_machine *m, uintptr_t address);
/* Names for traces of the last run; of a field until the next is asked for. */
const char *tine__kern_field_name(struct tine__kern *kern, uint64_t id);
const char *tine__kern_thread_name(const struct tine__kern *kern,
    uint32_t pid, uint16_t lwp);

#endif
