/* SPDX-License-Identifier: MIT */
/*
 * cpupart.c - what LWPs are bound to: a CPU, a set of them.
 *
 * Each CPU is in one set, or in none: then everybody runs there who is bound to
 * none. An LWP that is bound to a CPU runs on no other, one that is bound to a
 * set on no other's. The substrate keeps it there: thread_affinity() tells it
 * which CPUs are left whenever that may have changed.
 *
 * Locking: pool_lock, then pidlock, to change sets; bindings are p_lock's.
 */
#include "proc/illumos/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))

static uint64_t
all_cpus(void)
{
	const unsigned n = tine__machine_options(il->il_machine)->ncpu;

	return (n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1);
}

static bool
pset_exists(int pset)
{
	return (pset > 0 && pset < IL_PSETS &&
	    (il->il_psets >> pset & 1) != 0);
}

/* The CPUs of a set; of none: those that are in none. */
static uint64_t
pset_cpus(int pset)
{
	uint64_t cpus = all_cpus();

	if (pset != TINE_PS_NONE)
		return (il->il_pset_cpus[pset]);
	for (int i = 1; i < IL_PSETS; i++)
		cpus &= ~il->il_pset_cpus[i];
	return (cpus);
}

/* Which set a CPU is in. */
static int
cpupart_query_cpu(int cpu)
{
	for (int i = 1; i < IL_PSETS; i++)
		if ((il->il_pset_cpus[i] >> cpu & 1) != 0)
			return (i);
	return (TINE_PS_NONE);
}

/* Bindings of t, or sets, have changed. Nobody can act in between. [IL-069] */
void
thread_affinity(kthread_t *t)
{
	uint64_t cpus;

	/* Nearly always: nothing is bound, and there is no set. */
	if (t->t_bind_cpu == TINE_PBIND_NONE &&
	    t->t_bind_pset == TINE_PS_NONE && il->il_psets == 0) {
		tine__thread_bind(t->t_tt, 0);
		return;
	}
	cpus = t->t_bind_cpu != TINE_PBIND_NONE ?
	    UINT64_C(1) << t->t_bind_cpu : pset_cpus(t->t_bind_pset);
	tine__thread_bind(t->t_tt, cpus == all_cpus() ? 0 : cpus);
}

static void
affinities(void)
{
	kthread_t *t = allthreads;

	ASSERT(MUTEX_HELD(&pidlock));
	do
		thread_affinity(t);
	while ((t = t->t_next) != allthreads);
}

/* Whether an LWP is bound to that set; to one CPU, if it is not NONE. */
static bool
somebody_bound(int pset, int cpu)
{
	const kthread_t *t = allthreads;

	do {
		if (cpu != TINE_PBIND_NONE ? t->t_bind_cpu == cpu :
		    t->t_bind_pset == pset)
			return (true);
	} while ((t = t->t_next) != allthreads);
	return (false);
}

/* --- binding --- */

/* A CPU must be in the thread's set. Context: p_lock. */
static int
cpu_bind_thread(kthread_t *t, int cpu)
{
	if (cpu != TINE_PBIND_NONE &&
	    cpupart_query_cpu(cpu) != t->t_bind_pset)
		return (EINVAL);
	t->t_bind_cpu = cpu;
	return (0);
}

/* A set must not be empty, nor leave the thread without its CPU. Context:
 * p_lock. */
static int
pset_bind_thread(kthread_t *t, int pset)
{
	if (t->t_bind_pset == pset)
		return (0);
	if (pset_cpus(pset) == 0)
		return (EINVAL);
	if (t->t_bind_cpu != TINE_PBIND_NONE &&
	    cpupart_query_cpu(t->t_bind_cpu) != pset)
		return (EBUSY);
	t->t_bind_pset = pset;
	return (0);
}

/* Whether p is of a set of processes; an LWP's is the caller's process. */
static bool
bind_means(const proc_t *p, int idtype, int id)
{
	if (idtype == TINE_P_LWPID)
		return (p == curproc);
	return (procset_means(p, idtype, id));
}

struct bind {
	bool pset;		/* to a set, not a CPU */
	int to;			/* TINE_PBIND_QUERY: only ask */
	int old;		/* of the first one */
	int n;			/* how many were meant */
	int error;		/* the first one */
};

/* Bind every LWP that is meant. Context: p_lock. */
static void
bind_lwps(proc_t *p, int idtype, int id, struct bind *b)
{
	const int lwp = idtype != TINE_P_LWPID ? -1 : id == 0 ?
	    curthread->t_tid : id;
	kthread_t *t = p->p_tlist;
	int error;

	do {
		if (lwp >= 0 && t->t_tid != lwp)
			continue;
		if (b->n++ == 0)
			b->old = b->pset ? t->t_bind_pset : t->t_bind_cpu;
		if (b->to == TINE_PBIND_QUERY)
			continue;
		error = b->pset ? pset_bind_thread(t, b->to) :
		    cpu_bind_thread(t, b->to);
		if (b->error == 0)
			b->error = error;
		thread_affinity(t);
	} while ((t = t->t_forw) != p->p_tlist);
}

/* processor_bind and pset_bind. @return 0, EPERM, ESRCH, EINVAL, EBUSY.
 * Context: pool_lock. */
static int
bind_set(int idtype, int id, struct bind *b)
{
	const int ncpu = (int)tine__machine_options(il->il_machine)->ncpu;
	proc_t *p;

	if (b->to != TINE_PBIND_NONE && b->to != TINE_PBIND_QUERY &&
	    (b->pset ? !pset_exists(b->to) : b->to < 0 || b->to >= ncpu))
		return (EINVAL);
	if (b->pset && b->to != TINE_PS_QUERY && b->to != TINE_PS_NONE &&
	    (CRED()->cr_priv & PRIV_SYS_RES_CONFIG) == 0)
		return (EPERM);
	mutex_enter(&pidlock);
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_stat != SRUN || (p->p_flag & SSYS) != 0 ||
		    !bind_means(p, idtype, id))
			continue;
		mutex_enter(&p->p_lock);
		if (p->p_tlist == NULL)
			;
		else if (prochasprocperm(p, 0))
			bind_lwps(p, idtype, id, b);
		else
			b->error = EPERM;
		mutex_exit(&p->p_lock);
	}
	mutex_exit(&pidlock);
	return (b->error != 0 ? b->error : b->n == 0 ? ESRCH : 0);
}

/* --- sets. Context: pool_lock. --- */

static int64_t
pset_create(void)
{
	int id = 1;

	while (id < IL_PSETS && (il->il_psets >> id & 1) != 0)
		id++;
	if (id == IL_PSETS)
		return (-ENOMEM);
	il->il_psets |= UINT64_C(1) << id;
	return (id);
}

/* Whoever is bound to it is not bound any more, and its CPUs are in none. */
static int
pset_destroy(int pset)
{
	kthread_t *t;

	if (!pset_exists(pset))
		return (EINVAL);
	mutex_enter(&pidlock);
	il->il_psets &= ~(UINT64_C(1) << pset);
	il->il_pset_cpus[pset] = 0;
	for (t = allthreads->t_next; t != allthreads; t = t->t_next)
		if (t->t_bind_pset == pset)
			t->t_bind_pset = TINE_PS_NONE;
	affinities();
	mutex_exit(&pidlock);
	return (0);
}

/*
 * Put a CPU into a set, or into none. EBUSY: LWPs are bound to it, or to a set
 * of which it is the last; there is always one in none. Context: pidlock.
 */
static int
cpupart_attach_cpu(int pset, int cpu)
{
	const int from = cpupart_query_cpu(cpu);
	const uint64_t bit = UINT64_C(1) << cpu;

	if (pset == from)
		return (0);
	if (somebody_bound(from, cpu))
		return (EBUSY);
	if (pset_cpus(from) == bit && (from == TINE_PS_NONE ||
	    somebody_bound(from, TINE_PBIND_NONE)))
		return (EBUSY);
	if (from != TINE_PS_NONE)
		il->il_pset_cpus[from] &= ~bit;
	if (pset != TINE_PS_NONE)
		il->il_pset_cpus[pset] |= bit;
	affinities();
	return (0);
}

static int
pset_assign(int pset, int cpu, int *old)
{
	int error = 0;

	if (cpu < 0 || cpu >= 64 || (all_cpus() >> cpu & 1) == 0)
		return (EINVAL);
	if (pset != TINE_PS_QUERY && pset != TINE_PS_NONE &&
	    !pset_exists(pset))
		return (EINVAL);
	mutex_enter(&pidlock);
	*old = cpupart_query_cpu(cpu);
	if (pset != TINE_PS_QUERY)
		error = cpupart_attach_cpu(pset, cpu);
	mutex_exit(&pidlock);
	return (error);
}

/* The calls that change sets. */
static int64_t
pset(const uint64_t args[5], int *old)
{
	const int id = (int)args[1];

	if ((args[0] != TINE_PBIND_PSET_ASSIGN || id != TINE_PS_QUERY) &&
	    (CRED()->cr_priv & PRIV_SYS_RES_CONFIG) == 0)
		return (-EPERM);
	switch (args[0]) {
	case TINE_PBIND_PSET_CREATE:
		return (pset_create());
	case TINE_PBIND_PSET_DESTROY:
		return (-pset_destroy(id));
	default:
		return (-pset_assign(id, (int)args[2], old));
	}
}

/* pbind(what, idtype, id, to, old); (what, set, cpu, 0, old) */
int64_t
pbind(const uint64_t args[5])
{
	struct bind b = { .pset = args[0] == TINE_PBIND_PSET,
	    .to = (int)args[3], .old = TINE_PBIND_QUERY };
	int64_t result;

	if (args[0] > TINE_PBIND_PSET_ASSIGN)
		return (-EINVAL);
	mutex_enter(&il->il_pool_lock);
	if (args[0] <= TINE_PBIND_PSET)
		result = -bind_set((int)args[1], (int)args[2], &b);
	else
		result = pset(args, &b.old);
	mutex_exit(&il->il_pool_lock);
	if (result == 0 && args[4] != 0)
		result = -copyout(&b.old, USER(void *, args[4]),
		    sizeof (b.old));
	return (result);
}
