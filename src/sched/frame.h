/* SPDX-License-Identifier: MIT */
/* sched/frame.h - the signal frame of the architecture we are built for. */
#ifndef TINE__SCHED_FRAME_H
#define TINE__SCHED_FRAME_H

#if defined(__x86_64__)
#include "sched/x86_64/frame.h"
#else
#error "no signal frame for this architecture: see sched/x86_64/frame.h"
#endif

/* What is known of it on this processor, once a machine is armed (fault.c). */
const struct frame_layout *tine__frame_layout(void);

#endif
