/* SPDX-License-Identifier: MIT */
/* sched/ready.h - what sched.c, ready.c and sleep.c share. */
#ifndef TINE__SCHED_READY_H
#define TINE__SCHED_READY_H

#include "sched/thread.h"

/* A thread becomes READY, or is no longer (its CPU is given up). */
void tine__ready_add(struct tine_machine *machine,
    struct tine__thread *thread);
void tine__ready_remove(struct tine_machine *machine,
    struct tine__thread *thread);
/* The virtual CPUs that a thread may have. */
uint64_t tine__cpus_of(const struct tine_machine *machine,
    const struct tine__thread *thread);
/* Move those that no CPU is free for to the end of the ready set; also: CPUs
 * that would be. @return how many are left. */
uint32_t tine__ready_placeable(struct tine_machine *machine, uint64_t also);
/* A READY thread takes the lowest free virtual CPU, or loses its own. */
void tine__cpu_take(struct tine_machine *machine,
    struct tine__thread *thread);
void tine__cpu_drop(struct tine_machine *machine,
    struct tine__thread *thread);
/* The queue of READY and PEND threads, longest waiting first (invariant I4). */
void tine__fifo_append(struct tine_machine *machine,
    struct tine__thread *thread);
void tine__fifo_remove(struct tine_machine *machine,
    struct tine__thread *thread);
/* The list of an object (invariant I2 in sched.c). */
void tine__pend_link(struct tine__obj *obj, struct tine__thread *thread);
void tine__pend_unlink(struct tine__obj *obj, struct tine__thread *thread);
/* The running thread is no longer READY: let others run until it is chosen. */
void tine__block(struct tine_machine *machine, struct tine__thread *self);

#endif
