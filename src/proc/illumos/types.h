/* SPDX-License-Identifier: MIT */
/*
 * proc/illumos/types.h - words, locks and small types of this kernel.
 *
 * Signal and errno numbers are the host's: programs compare them with those of
 * their <signal.h> and <errno.h>.
 */
#ifndef TINE__ILLUMOS_TYPES_H
#define TINE__ILLUMOS_TYPES_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <tine/process.h>
#include <tine/sys.h>

#include <tine/solaris.h>

#include "base/assert.h"
#include "file/file.h"
#include "kmem/kmem.h"
#include "proc/calls/calls.h"
#include "proc/calls/shm.h"
#include "proc/flavour.h"
#include "proc/solaris.h"
#include "proc/usersig.h"
#include "sched/lock.h"
#include "vm/vm.h"

#undef NSIG
#define NSIG 65

typedef int32_t taskid_t;
typedef int32_t projid_t;
typedef int32_t zoneid_t;
typedef int32_t il_id_t;
typedef uint64_t k_sigset_t;

#define sigbit(sig) (UINT64_C(1) << ((sig) - 1))
#define sig_isset(set, sig) (((set) & sigbit(sig)) != 0)
#define CANTMASK (sigbit(SIGKILL) | sigbit(SIGSTOP))
#define STOPDEFAULT (sigbit(SIGSTOP) | sigbit(SIGTSTP) | sigbit(SIGTTIN) | \
	sigbit(SIGTTOU))

/* --- locks --- */

typedef struct tine__mutex kmutex_t;
typedef struct tine__cv kcondvar_t;
typedef struct tine__rwlock krwlock_t;

#define mutex_init(m, cls) tine__mutex_init((m), (cls))
#define mutex_destroy(m) tine__mutex_destroy(m)
#define mutex_enter(m) tine__mutex_enter((m), TINE__WHERE)
#define mutex_exit(m) tine__mutex_exit(m)
#define MUTEX_HELD(m) tine__mutex_owned(m)
#define MUTEX_NOT_HELD(m) (!tine__mutex_owned(m))

#define cv_init(cv, cls) tine__cv_init((cv), (cls))
#define cv_destroy(cv) tine__cv_destroy(cv)
#define cv_wait(cv, m) \
	((void)tine__cv_wait((cv), (m), 0, TINE__NEVER, TINE__WHERE))
#define cv_wait_sig(cv, m) cv_timedwait_sig_at((cv), (m), TINE__NEVER, \
	TINE__WHERE)
#define cv_timedwait_sig(cv, m, when) \
	cv_timedwait_sig_at((cv), (m), (when), TINE__WHERE)
#define cv_signal(cv) tine__cv_signal(cv)
#define cv_broadcast(cv) tine__cv_broadcast(cv)

#define AS_LOCK_ENTER(as, write) \
	tine__rw_enter(&(as)->a_lock, (write), TINE__WHERE)
#define AS_LOCK_EXIT(as) tine__rw_exit(&(as)->a_lock)
#define AS_WRITE_HELD(as) tine__rw_write_held(&(as)->a_lock)
#define AS_LOCK_HELD(as) \
	(AS_WRITE_HELD(as) || tine__rw_read_held(&(as)->a_lock))
#define RW_READER false
#define RW_WRITER true

#define atomic_inc_32(p) tine__atomic_count_32((p), 1)
#define atomic_dec_32(p) tine__atomic_count_32((p), -1)
#define atomic_inc_32_nv(p) tine__atomic_add_32((p), 1)
/* Of this one only whether it is 0 may be looked at. */
#define atomic_dec_32_nv(p) (tine__atomic_release_32(p) ? 0 : 1)

#define kpreempt_disable() tine__preempt_disable()
#define kpreempt_enable() tine__preempt_enable()

/* --- kernel memory --- */

#define KM_SLEEP TINE__KM_SLEEP
#define KM_NOSLEEP TINE__KM_NOSLEEP
#define KM_ZERO TINE__KM_ZERO

#define cache_alloc(cache, flags) \
	tine__cache_alloc(il->cache, (flags), TINE__WHERE)
#define cache_free(cache, object) tine__cache_free(il->cache, (object))
#define kmem_zalloc(type, size, flags) \
	tine__kmem_alloc(il->il_kmem, (type), (size), (flags) | KM_ZERO, \
	TINE__WHERE)
#define kmem_free(type, memory, size) \
	tine__kmem_free(il->il_kmem, (type), (memory), (size))

/* --- descriptors --- */

struct file;

/* u uf_lock, i fi_lock. An LWP that is alone needs neither. */
typedef struct uf_entry {
	struct file	*uf_file;	/* u& NULL: closed, or not open yet */
	uint8_t		uf_flag;	/* u= FD_CLOEXEC */
	bool		uf_alloc;	/* i= taken */
	bool		uf_busy;	/* u0 about to be opened */
	uint32_t	uf_refcnt;	/* u0 calls that are using it */
	kmutex_t	uf_lock;	/* -+ made when first taken */
	kcondvar_t	uf_cv;		/* -+ uf_wanted_cv, uf_closing_cv */
} uf_entry_t;

/* A list that was grown out of. */
typedef struct uf_rlist {
	struct uf_rlist	*ur_next;
	uf_entry_t	*ur_list;
	int		ur_nfiles;
} uf_rlist_t;

#define UF_FD_CLOEXEC 1
#define UF_PREALLOC 3

typedef struct uf_info {
	kmutex_t	fi_lock;	/* -+ made when first taken */
	int		fi_nfiles;	/* i+ slots in fi_list */
	uf_entry_t	*fi_list;	/* i+ */
	uf_rlist_t	*fi_rlist;	/* i0 */
	uf_entry_t	fi_prealloc[UF_PREALLOC];
} uf_info_t;

#endif
