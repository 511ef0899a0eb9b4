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
