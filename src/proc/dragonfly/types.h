/* SPDX-License-Identifier: MIT */
/*
 * proc/dragonfly/types.h - words, locks and small types of this kernel.
 *
 * Signal and errno numbers are the host's: programs compare them with those of
 * their <signal.h> and <errno.h>.
 */
#ifndef TINE__DRAGONFLY_TYPES_H
#define TINE__DRAGONFLY_TYPES_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <tine/dragonfly.h>
#include <tine/signal.h>
#include <tine/sys.h>

#include "base/assert.h"
#include "kmem/kmem.h"
#include "file/file.h"
#include "proc/calls/calls.h"
#include "proc/calls/shm.h"
#include "proc/flavour.h"
#include "proc/quirk.h"
#include "proc/waiton.h"
#include "proc/usersig.h"
#include "sched/lock.h"
#include "vm/vm.h"

#undef NSIG
#define NSIG 65

#define KASSERT ASSERT
#define hz 100
#define NSEC_PER_TICK (UINT64_C(1000000000) / hz)

#ifndef ERESTART
#error "the host has no ERESTART, with which a call is made again"
#endif

typedef int32_t lwpid_t;
typedef uint64_t df_sigset_t;

#define sigbit(sig) (UINT64_C(1) << ((sig) - 1))
#define SIGISMEMBER(set, sig) (((set) & sigbit(sig)) != 0)
#define SIGADDSET(set, sig) ((set) |= sigbit(sig), tine__wrote(&(set)))
#define SIGDELSET(set, sig) ((set) &= ~sigbit(sig), tine__wrote(&(set)))

/* --- locks --- */

typedef struct tine__token lwkt_token_t;
typedef struct tine__lockmgr lockmgr_t;
typedef struct tine__spin spinlock_t;

#define lwkt_token_init(t, cls) tine__token_init((t), (cls))
#define lwkt_token_uninit(t) tine__token_destroy(t)
#define lwkt_gettoken(t) tine__token_get((t), true)
#define lwkt_gettoken_shared(t) tine__token_get((t), false)
#define lwkt_reltoken(t) tine__token_rel(t)
#define ASSERT_LWKT_TOKEN_HELD(t) ASSERT(tine__token_held(t))

#define LK_SHARED TINE__LK_SHARED
#define LK_EXCLUSIVE TINE__LK_EXCLUSIVE
#define LK_RELEASE TINE__LK_RELEASE
#define lockinit(lk, wmesg, cls) tine__lockmgr_init((lk), (wmesg), (cls))
#define lockuninit(lk) tine__lockmgr_destroy(lk)

#define spin_init(s, cls) tine__spin_init((s), (cls))
#define spin_uninit(s) tine__spin_destroy(s)
#define spin_lock(s) tine__spin_lock((s), TINE__WHERE)
#define spin_unlock(s) tine__spin_unlock(s)

#define refcount_acquire(p) tine__atomic_count_32((p), 1)
#define refcount_release(p) tine__atomic_release_32(p)

/* --- sleeping --- */

#define PCATCH 0x100
#define PINTERLOCKED 0x400

/* --- kernel memory --- */

/* Waits if need be, and so may lose every token. */
#define kmalloc(cache) kmalloc_cache(df->cache)
#define kfree(cache, object) tine__cache_free(df->cache, (object))

#endif
