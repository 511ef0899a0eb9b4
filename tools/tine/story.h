/* SPDX-License-Identifier: MIT */
/* story.h - what a run looks like to its programs, in a form to be compared. */
#ifndef TINE_STORY_H
#define TINE_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/tine.h>

#define STORY_TEXT 160		/* of a line; longer ones are cut */
#define STORY_PROCESSES 64
#define STORY_THREADS 128
#define STORY_LINES 1500	/* of one LWP */

/* A thing that an LWP did or was told. */
struct line {
	uint32_t key;		/* what kind of thing, whatever came of it */
	char text[STORY_TEXT];
};

struct lines {
	struct line *line;
	size_t count, size;
	bool cut;		/* there was more */
};

/* An LWP, by order of appearance in its process. */
struct thread {
	unsigned process;	/* index */
	unsigned ordinal;	/* 1 for the first */
	uint16_t lwp;		/* its id in this kernel */
	bool inside;		/* a call that has not come back yet */
	uint32_t call;
	struct lines lines;
};

/* A process, named by its way from the first program: "A.1" is A's first child,
 * whatever its pid is and whoever was born meanwhile. */
struct process {
	char path[24];
	uint32_t pid;
	unsigned children, lwps;
	struct lines facts;	/* how it began, what became of it */
	bool ended;
	unsigned born_with;	/* LWPs */
	uint32_t parent;	/* pid, at the moment */
	uint64_t copied, zeroed, shared;	/* pages */
	char made[16], end[24], reaper[24], heir[24], ids[40];
};

struct story {
	struct process process[STORY_PROCESSES];
	struct thread thread[STORY_THREADS];
	unsigned processes, threads, programs;
	bool makes_lwps;
	struct lines facts, console;
};

/** An empty story. @return NULL: no memory. */
struct story *story_new(void);
void story_free(struct story *story);
/** Add what a machine's last run was. @return false: no memory. */
bool story_read(struct story *story, struct tine_machine *machine,
    const struct tine_result *result);
/** The lines of an LWP of a process; NULL: it is not there. */
const struct lines *story_thread(const struct story *story, const char *path,
    unsigned ordinal);
const struct process *story_process(const struct story *story,
    const char *path);
/** Whether two stories tell the same. */
bool story_equal(const struct story *a, const struct story *b);

#endif
