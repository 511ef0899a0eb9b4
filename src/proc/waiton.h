/* SPDX-License-Identifier: MIT */
/* proc/waiton.h - the calls wait_on and wake_on, for the tables of all kernels;
 * they need flavour->files. */
#ifndef TINE__PROC_WAITON_H
#define TINE__PROC_WAITON_H

#include <stdint.h>

/* word* expected ns (UINT64_MAX: for ever): 0 woken; -EAGAIN (the word holds
 * something else), -ETIMEDOUT, -EINTR or a restart, -EINVAL, -EFAULT. */
int64_t tine__wait_on(const uint64_t args[5]);
/* head*: its number. proc/robust.h */
int64_t tine__robust(const uint64_t args[5]);
/* word* n: how many were woken, -EINVAL, -EFAULT. */
int64_t tine__wake_on(const uint64_t args[5]);
/* After a run that went well, when the kernel is gone. */
struct tine_machine;
void tine__waiton_fini(struct tine_machine *machine);

#endif
