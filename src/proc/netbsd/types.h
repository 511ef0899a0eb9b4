/* SPDX-License-Identifier: MIT */
/*
 * proc/netbsd/types.h - words, locks and lists of this kernel.
 *
 * Signal and errno numbers are the host's: programs compare them with those of
 * their <signal.h> and <errno.h>.
 */
#ifndef TINE__NETBSD_TYPES_H
#define TINE__NETBSD_TYPES_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>

#include <tine/netbsd.h>
#include <tine/file.h>
#include <tine/process.h>
#include <tine/signal.h>
#include <tine/sys.h>

#include "base/assert.h"
#include "file/file.h"
#include "kmem/kmem.h"
#include "proc/calls/calls.h"
#include "proc/calls/shm.h"
#include "proc/flavour.h"
#include "proc/quirk.h"
#include "proc/usersig.h"
#include "proc/waiton.h"
#include "sched/lock.h"
#include "vm/vm.h"

/* What a program's side makes a call again for. */
enum { ERESTART_USER = ERESTART };

#undef NSIG
#define NSIG 65
#undef sigmask
#undef sa_handler
#undef ERESTART

typedef int32_t lwpid_t;
typedef uint64_t nb_sigset_t;

#define sigmask(sig) (UINT64_C(1) << ((sig) - 1))
#define STOPSIGMASK (sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | \
	sigmask(SIGTTOU))
#define sigismember(set, sig) (((set) & sigmask(sig)) != 0)

/* A system call is to be made again; never seen by programs. */
#define ERESTART 2003
#define EJUSTRETURN 2004

/* --- locks --- */

typedef struct tine__mutex kmutex_t;
typedef struct tine__cv kcondvar_t;
typedef struct tine__rwlock krwlock_t;

#define mutex_init(m, cls) tine__mutex_init((m), (cls))
#define mutex_destroy(m) tine__mutex_destroy(m)
#define mutex_enter(m) tine__mutex_enter((m), TINE__WHERE)
#define mutex_tryenter(m) tine__mutex_tryenter((m), TINE__WHERE)
#define mutex_exit(m) tine__mutex_exit(m)
#define mutex_owned(m) tine__mutex_owned(m)

#define rw_init(l, cls) tine__rw_init((l), (cls))
#define rw_destroy(l) tine__rw_destroy(l)
#define rw_enter(l, write) tine__rw_enter((l), (write), TINE__WHERE)
#define rw_tryenter(l, write) tine__rw_tryenter((l), (write), TINE__WHERE)
#define rw_exit(l) tine__rw_exit(l)
#define RW_READER false
#define RW_WRITER true

#define cv_init(cv, cls) tine__cv_init((cv), (cls))
#define cv_destroy(cv) tine__cv_destroy(cv)
#define cv_broadcast(cv) tine__cv_broadcast(cv)
#define cv_signal(cv) tine__cv_signal(cv)
#define cv_wait(cv, m) \
	((void)sleepq_block((cv), (m), false, TINE__NEVER, TINE__WHERE))
#define cv_wait_sig(cv, m) \
	sleepq_block((cv), (m), true, TINE__NEVER, TINE__WHERE)
#define cv_timedwait(cv, m, when) \
	sleepq_block((cv), (m), false, (when), TINE__WHERE)
#define cv_timedwait_sig(cv, m, when) \
	sleepq_block((cv), (m), true, (when), TINE__WHERE)

#define atomic_inc_uint(p) tine__atomic_count_32((p), 1)
#define atomic_dec_uint(p) tine__atomic_count_32((p), -1)
#define atomic_inc_uint_nv(p) tine__atomic_add_32((p), 1)
/* Of this one only whether it is 0 may be looked at. */
#define atomic_dec_uint_nv(p) (tine__atomic_release_32(p) ? 0 : 1)

/* A mutex that several owners hold on to (mutex_obj_alloc). */
struct kmutex_obj {
	kmutex_t	mo_lock;
	uint32_t	mo_refcnt;
	/* In place of its address: in what order two are taken. */
	uint32_t	mo_order;
};

/* --- kernel memory --- */

#define KM_SLEEP TINE__KM_SLEEP
#define KM_NOSLEEP TINE__KM_NOSLEEP
#define KM_ZERO TINE__KM_ZERO

#define pool_cache_get(pool, flags) \
	tine__cache_alloc(nb->pool, (flags), TINE__WHERE)
#define pool_cache_put(pool, object) tine__cache_free(nb->pool, (object))
#define kmem_zalloc(type, size, flags) \
	tine__kmem_alloc(nb->nb_kmem, (type), (size), (flags) | KM_ZERO, \
	TINE__WHERE)
#define kmem_free(type, memory, size) \
	tine__kmem_free(nb->nb_kmem, (type), (memory), (size))

#endif
