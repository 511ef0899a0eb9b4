/* SPDX-License-Identifier: MIT */
/* facts.h - what the files of the example kernel_facts share. */
#ifndef FACTS_H
#define FACTS_H

#include <tine/sys.h>

/* A heading: the facts up to the next one are one table. */
void facts_section(const char *title);
/* A fact with a number, or with the name of an errno when it is negative. */
void fact(const char *name, long value);
void fact_yes(const char *name, int value);
/* A fact that is a list; without an item it is what fact_end() says. */
void fact_begin(const char *name);
void fact_add(const char *item);
void fact_end(const char *otherwise);
/* Reap a child. @return its exit status, -1 when it did not exit. */
int fact_reap(tine_pid_t pid);

void facts_lwps(void);
void facts_vfork(void);
void facts_memory(void);
void facts_files(void);
void facts_signals(void);
void facts_limits(void);
void facts_parents(void);
void facts_ptrace(void);
void facts_calls(void);

#endif
