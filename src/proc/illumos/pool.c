/* SPDX-License-Identifier: MIT */
/*
 * pool.c - resource pools: processes are bound to one, and may be bound to
 * another at any time but while they create a process or an LWP.
 *
 * The barrier: whoever creates enters it (p_poolcnt). A rebind marks its
 * targets (PBWAIT), so that nobody enters any more, and waits until all
 * occupants have come to the exit, where they sleep until it is over. A child
 * that was born meanwhile is its parent's first one, and is bound too.
 * [IL-095] [IL-154] [IL-R25]
 */
#include "proc/illumos/kern.h"

/* Whether an LWP of the caller may now create. Context: in and out p_lock of
 * the caller's process. [IL-028] */
void
pool_barrier_enter(void)
{
	proc_t *p = curproc;

	ASSERT(MUTEX_HELD(&p->p_lock));
	while ((p->p_poolflag & PBWAIT) != 0)
		cv_wait(&p->p_poolcv, &p->p_lock);
	p->p_poolcnt++;
}

/* Leave the barrier; a rebind that waits is done first. [IL-095] */
void
pool_barrier_exit(void)
{
	proc_t *p = curproc;

	ASSERT(MUTEX_HELD(&p->p_lock));
	ASSERT3(p->p_poolcnt, >, 0);
	p->p_poolcnt--;
	if ((p->p_poolflag & PBWAIT) == 0)
		return;
	mutex_enter(&pool_barrier_lock);
	if (il->il_pool_barrier_count > 0 && --il->il_pool_barrier_count == 0)
		cv_broadcast(&il->il_pool_barrier_cv);
	mutex_exit(&pool_barrier_lock);
	while ((p->p_poolflag & PBWAIT) != 0)
		cv_wait(&p->p_poolcv, &p->p_lock);
}

/* One that is not destroyed. Context: il_pool_lock, or it may be at once. */
pool_t *
pool_find(int id)
{
	pool_t *pool;

	for (pool = pool_default; pool != NULL; pool = pool->pool_next)
		if (pool->pool_id == id && !pool->pool_destroyed)
			return (pool);
	return (NULL);
}

static int
pool_create(void)
{
	pool_t *pool = kmem_zalloc("pool_t", sizeof (*pool), KM_SLEEP);

	mutex_enter(&il->il_pool_lock);
	pool->pool_id = ++il->il_poolid;
	pool->pool_ref = 1;
	pool->pool_next = pool_default->pool_next;
	pool_default->pool_next = pool;
	mutex_exit(&il->il_pool_lock);
	return (pool->pool_id);
}

/* The targets of a rebind. */
struct targets {
	proc_t	**list;
	uint32_t n, max;
};

/* Whether a rebind means p. Context: pidlock. */
static bool
pool_means(const proc_t *p, int idtype, int id)
{
	if (p->p_stat == SIDL || p->p_stat == SZOMB || (p->p_flag & SSYS) != 0)
		return (false);
	return (idtype == TINE_P_POOLID ? p->p_pool->pool_id == id :
	    procset_means(p, idtype, id));
}

/* Mark everybody who is meant. Context: pidlock. */
static void
pool_mark(struct targets *targets, int idtype, int id)
{
	for (proc_t *p = practive; p != NULL; p = p->p_next) {
		if (!pool_means(p, idtype, id))
			continue;
		mutex_enter(&p->p_lock);
		if ((p->p_poolflag & (PEXITED | PBWAIT)) == 0) {
			p->p_poolflag |= PBWAIT;
			mutex_enter(&pool_barrier_lock);
			il->il_pool_barrier_count += (uint32_t)p->p_poolcnt;
			mutex_exit(&pool_barrier_lock);
			ASSERT3(targets->n, <, targets->max);
			targets->list[targets->n++] = p;
		}
		mutex_exit(&p->p_lock);
	}
}

/* The children that occupants of the barrier have made meanwhile. OS-37: by
 * pool, only those of the global zone. Context: pidlock. */
static void
pool_mark_children(struct targets *targets, int idtype)
{
	const uint32_t n = targets->n;
	proc_t *cp;

	for (uint32_t i = 0; i < n; i++) {
		cp = targets->list[i]->p_child;
		if (cp == NULL || cp->p_stat == SZOMB)
			continue;
		if (QUIRK(OS_37) && idtype == TINE_P_POOLID &&
		    cp->p_zone != global_zone)
			continue;
		mutex_enter(&cp->p_lock);
		if ((cp->p_poolflag & (PEXITED | PBWAIT)) == 0) {
			cp->p_poolflag |= PBWAIT;
			ASSERT3(targets->n, <, targets->max);
			targets->list[targets->n++] = cp;
		}
		mutex_exit(&cp->p_lock);
	}
}

/* Wait until nobody is in the barrier. @return 0 or EAGAIN. */
static int
pool_barrier_wait(void)
{
	int error = 0;

	ttolwp(curthread)->lwp_nostop++;
	mutex_enter(&pool_barrier_lock);
	while (il->il_pool_barrier_count > 0 && error == 0)
		if (!cv_wait_sig(&il->il_pool_barrier_cv, &pool_barrier_lock))
			error = EAGAIN;
	if (error != 0)
		il->il_pool_barrier_count = 0;
	mutex_exit(&pool_barrier_lock);
	ttolwp(curthread)->lwp_nostop--;
	return (error);
}

/* Bind one, unless it has left. Context: pidlock. */
static void
pool_bind_one(proc_t *p, pool_t *pool)
{
	mutex_enter(&p->p_lock);
	if (pool != NULL && (p->p_poolflag & PEXITED) == 0) {
		atomic_dec_32(&p->p_pool->pool_ref);
		atomic_inc_32(&pool->pool_ref);
		p->p_pool = pool;
	}
	p->p_poolflag &= (uint8_t)~PBWAIT;
	cv_broadcast(&p->p_poolcv);
	mutex_exit(&p->p_lock);
}

/*
 * pool_do_bind(pool, idtype, id)
 *
 * Overview
 *   Bind everybody who is meant to a pool. [IL-154]
 *
 * Returns
 *   0, ESRCH, EAGAIN (interrupted).
 *
 * Context
 *   In and out: il_pool_lock. Switches.
 */
static int
pool_do_bind(pool_t *pool, int idtype, int id)
{
	struct targets targets = { NULL, 0, 0 };
	int error;

	/* Room for everybody, and a child of each. */
	mutex_enter(&pidlock);
	while (targets.max < 2 * nproc) {
		if (targets.list != NULL)
			kmem_free("pool_bind", targets.list, targets.max *
			    sizeof (proc_t *));
		targets.max = 2 * nproc;
		mutex_exit(&pidlock);
		targets.list = kmem_zalloc("pool_bind", targets.max *
		    sizeof (proc_t *), KM_SLEEP);
		mutex_enter(&pidlock);
	}
	pool_mark(&targets, idtype, id);
	mutex_exit(&pidlock);
	error = targets.n == 0 ? ESRCH : pool_barrier_wait();
	mutex_enter(&pidlock);
	if (error == 0)
		pool_mark_children(&targets, idtype);
	for (uint32_t i = 0; i < targets.n; i++)
		pool_bind_one(targets.list[i], error == 0 ? pool : NULL);
	mutex_exit(&pidlock);
	kmem_free("pool_bind", targets.list, targets.max * sizeof (proc_t *));
	return (error);
}

static int
pool_destroy(pool_t *pool)
{
	int error = 0;

	if (pool == pool_default)
		return (EINVAL);
	if (pool->pool_ref > 1)
		error = pool_do_bind(pool_default, TINE_P_POOLID,
		    pool->pool_id);
	if (error == ESRCH)
		error = 0;
	if (error == 0)
		pool->pool_destroyed = true;
	return (error);
}

int64_t
poolsys(const uint64_t args[5])
{
	int64_t result;
	pool_t *pool;
	proc_t *p;

	switch (args[0]) {
	case TINE_POOLSYS_CREATE:
		return (pool_create());
	case TINE_POOLSYS_REFS:
		/* Also of one that was destroyed. */
		for (pool = pool_default; pool != NULL; pool = pool->pool_next)
			if (pool->pool_id == (int)args[1])
				return (pool->pool_ref - 1);
		return (-EINVAL);
	case TINE_POOLSYS_OF:
		mutex_enter(&pidlock);
		p = prfind((pid_t)args[1]);
		result = p == NULL ? -ESRCH : p->p_pool->pool_id;
		mutex_exit(&pidlock);
		return (result);
	default:
		break;
	}
	/* Who looks for a pool has the lock: it may just be destroyed. */
	pool = pool_find((int)args[1]);
	mutex_enter(&il->il_pool_lock);
	if (!QUIRK(IL_R25))
		pool = pool_find((int)args[1]);
	if (pool == NULL)
		result = EINVAL;
	else if (args[0] == TINE_POOLSYS_DESTROY)
		result = pool_destroy(pool);
	else if (args[0] == TINE_POOLSYS_BIND)
		result = pool_do_bind(pool, (int)args[2], (int)args[3]);
	else
		result = EINVAL;
	mutex_exit(&il->il_pool_lock);
	return (-result);
}

void
pools_fini(void)
{
	pool_t *pool;

	while ((pool = pool_default->pool_next) != NULL) {
		ASSERT3(pool->pool_ref, ==, 1);
		pool_default->pool_next = pool->pool_next;
		kmem_free("pool_t", pool, sizeof (*pool));
	}
}
