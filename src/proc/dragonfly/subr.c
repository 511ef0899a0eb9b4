/* SPDX-License-Identifier: MIT */
/*
 * subr.c - what hangs on a process and is inherited: variant symlinks, tracing,
 * arguments, virtual kernels, the schedulers' part.
 */
#include "proc/dragonfly/kern.h"

/* --- variant symlinks [DF-042] --- */

/* Entry by entry, each of which may wait; nobody guards the set meanwhile. */
void
varsymset_init(struct varsymset *vss, const struct varsymset *copy)
{
	vss->vx_count = 0;
	for (uint32_t i = 0; copy != NULL && i < copy->vx_count; i++) {
		kmalloc_block();
		vss->vx_list[i] = copy->vx_list[i];
		vss->vx_count = i + 1;
	}
}

void
varsymset_clean(struct varsymset *vss)
{
	vss->vx_count = 0;
}

/* value NULL: it goes. @return 0, ENOENT, E2BIG. */
int
varsym_set(struct varsymset *vss, const char *name, const char *value)
{
	uint32_t i = 0;

	while (i < vss->vx_count &&
	    strcmp(vss->vx_list[i].vs_name, name) != 0)
		i++;
	if (value == NULL) {
		if (i == vss->vx_count)
			return (ENOENT);
		vss->vx_list[i] = vss->vx_list[--vss->vx_count];
		return (0);
	}
	if (i == VARSYM_MAX)
		return (E2BIG);
	strncpy(vss->vx_list[i].vs_name, name,
	    sizeof (vss->vx_list[i].vs_name) - 1);
	strncpy(vss->vx_list[i].vs_value, value,
	    sizeof (vss->vx_list[i].vs_value) - 1);
	if (i == vss->vx_count)
		vss->vx_count++;
	return (0);
}

const char *
varsym_get(const struct varsymset *vss, const char *name)
{
	for (uint32_t i = 0; i < vss->vx_count; i++)
		if (strcmp(vss->vx_list[i].vs_name, name) == 0)
			return (vss->vx_list[i].vs_value);
	return (NULL);
}

/* --- ktrace [DF-043] --- */

struct ktrace_node *
ktrinherit(struct ktrace_node *n)
{
	refcount_acquire(&n->kn_refs);
	return (n);
}

void
ktrdestroy(struct ktrace_node **np)
{
	struct ktrace_node *n = *np;

	*np = NULL;
	if (n != NULL && refcount_release(&n->kn_refs))
		kfree(ktrace_node_cache, n);
}

int
ktrace_set(struct proc *p, bool on, bool inherit)
{
	lwkt_gettoken(&p->p_token);
	if (on) {
		if (p->p_tracenode == NULL) {
			p->p_tracenode = kmalloc(ktrace_node_cache);
			p->p_tracenode->kn_refs = 1;
		}
		p->p_traceflag = KTRFAC_SYSCALL |
		    (inherit ? KTRFAC_INHERIT : 0);
	} else {
		p->p_traceflag = 0;
		ktrdestroy(&p->p_tracenode);
	}
	lwkt_reltoken(&p->p_token);
	return (0);
}

/* --- arguments [DF-028] --- */

struct pargs *
pargs_alloc(const char *const *argv, unsigned argc)
{
	struct pargs *pa = kmalloc(pargs_cache);
	size_t size;

	pa->ar_ref = 1;
	for (unsigned i = 0; i < argc; i++) {
		size = strlen(argv[i]) + 1;
		if (pa->ar_length + size > sizeof (pa->ar_args))
			break;
		memcpy(pa->ar_args + pa->ar_length, argv[i], size);
		pa->ar_length += size;
	}
	return (pa);
}

void
pargs_drop(struct pargs *pa)
{
	if (pa != NULL && refcount_release(&pa->ar_ref))
		kfree(pargs_cache, pa);
}

/* --- virtual kernels [DF-039] --- */

void
vkernel_inherit(struct proc *p1, struct proc *p2)
{
	refcount_acquire(&p1->p_vkernel->vk_refs);
	p2->p_vkernel = p1->p_vkernel;
}

void
vkernel_exit(struct proc *p)
{
	struct df_vkernel *vk = p->p_vkernel;

	p->p_vkernel = NULL;
	if (vk != NULL && refcount_release(&vk->vk_refs))
		kfree(df_vkernel_cache, vk);
}

/* A context of the disk scheduler, which has to be allocated. [DF-028] */
void
dsched_new_proc(struct proc *p)
{
	kmalloc_block();					/* Y6, W2 */
	p->p_dsched = 1;
}

/* --- schedulers [DF-090] --- */

static int
capped(int value)
{
	return (value > ESTCPUMAX ? ESTCPUMAX : value);
}

/* The child pays for four queues at once, the parent for a sixteenth of one. */
static void
heuristic_forking(struct lwp *plp, struct lwp *lp)
{
	lp->lwp_usdata.estcpu = capped(plp->lwp_usdata.estcpu +
	    ESTCPUPPQ * 4);
	lp->lwp_usdata.forked = true;
	plp->lwp_usdata.estcpu = capped(plp->lwp_usdata.estcpu +
	    ESTCPUPPQ / 16);
}

static void
bsd4_heuristic_forking(struct lwp *plp, struct lwp *lp)
{
	heuristic_forking(plp, lp);
	lp->lwp_usdata.forked = false;
	lp->lwp_usdata.batch = ESTCPUPPQ / 2;
}

static void
resetpriority(struct lwp *lp)
{
	tine__looked(&lp->lwp_proc->p_nice);
	lp->lwp_usdata.priority = lp->lwp_usdata.estcpu / ESTCPUPPQ +
	    lp->lwp_proc->p_nice;
}

/* On a run queue: from here on it may run. */
static void
setrunqueue(struct lwp *lp)
{
	struct tine__thread *tt = lp->lwp_thread->td_tt;

	lwp_setmp(lp, LWP_MP_ONRUNQ);
	ASSERT3(tt->state, ==, TINE__T_NEW);
	tine__thread_start(tt);
}

/* Before an LWP sleeps: another one may have its CPU in user mode. Who runs
 * next is the strategy's business here. */
static void
release_curproc(struct lwp *lp)
{
	(void) lp;
}

/* When somebody reaps: neither scheduler learns from that. */
static void
heuristic_exiting(struct lwp *lp, struct proc *p)
{
	(void) lp;
	(void) p;
}

const struct usched usched_dfly = {
	"dfly", heuristic_forking, resetpriority, setrunqueue,
	release_curproc, heuristic_exiting
};
const struct usched usched_bsd4 = {
	"bsd4", bsd4_heuristic_forking, resetpriority, setrunqueue,
	release_curproc, heuristic_exiting
};

/* @return 0, EINVAL. */
int
usched_set(struct proc *p, const char *name)
{
	if (strcmp(name, usched_dfly.name) == 0)
		p->p_usched = &usched_dfly;
	else if (strcmp(name, usched_bsd4.name) == 0)
		p->p_usched = &usched_bsd4;
	else
		return (EINVAL);
	return (0);
}
