/* SPDX-License-Identifier: MIT */
/*
 * lockclass.c - the locks of this kernel and the order in which they are taken.
 *
 * A smaller rank is taken first. Locks of one class are taken together only
 * where same is true: two p_locks by their mo_order, the table or space that is
 * copied before the copy.
 */
#include "proc/netbsd/kern.h"

#define LOCKCLASS(symbol, text, rank, same) \
	const struct tine__lockclass nb_class_##symbol = { \
	    (text), (rank), (same) }

LOCKCLASS(reflock, "p_reflock", 1, true);
LOCKCLASS(shm_lock, "shm_lock", 8, false);
LOCKCLASS(map, "vm_map", 10, true);
LOCKCLASS(hook_lock, "hook_lock", 12, false);
LOCKCLASS(fd_lock, "fd_lock", 14, true);
LOCKCLASS(f_lock, "f_lock", 16, true);
LOCKCLASS(cwdi_lock, "cwdi_lock", 18, true);
LOCKCLASS(auxlock, "p_auxlock", 22, false);
LOCKCLASS(lp_lock, "lp_lock", 24, false);
LOCKCLASS(proc_lock, "proc_lock", 30, false);
LOCKCLASS(p_lock, "p_lock", 40, true);
LOCKCLASS(ktrace_lock, "ktrace_lock", 45, false);
LOCKCLASS(pl_lock, "pl_lock", 48, false);
LOCKCLASS(sa_mutex, "sa_mutex", 50, true);
LOCKCLASS(p_stmutex, "p_stmutex", 52, false);
LOCKCLASS(kq_lock, "kq_lock", 60, false);
LOCKCLASS(delaylock, "l_delaylock", 70, false);

/* Condition variables have no rank. */
LOCKCLASS(waitcv, "wait", 0, false);
LOCKCLASS(lwpcv, "lwpwait", 0, false);
LOCKCLASS(vfork, "vfork", 0, false);
LOCKCLASS(delaycv, "kpause", 0, false);
LOCKCLASS(stopcv, "proc_stop_callout", 0, false);
LOCKCLASS(kqcv, "kqueue", 0, false);
LOCKCLASS(switch, "stopped", 0, false);
