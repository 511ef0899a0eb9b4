/* SPDX-License-Identifier: MIT */
/*
 * kern_time.c - the timer of real time; who a process is; limits and usage, as
 * programs ask for them.
 */
#include "proc/netbsd/kern.h"

#define USER(type, value) ((type)(uintptr_t)(value))
#define NSEC UINT64_C(1000000000)

static void realtimerexpire(void *arg);

/* Set the callout to the earliest timer there is. Context: proc_lock. */
static void
timers_arm(struct nb_state *state)
{
	uint64_t first = TINE__NEVER;
	struct proc *p;

	LIST_FOREACH(p, &state->nb_allproc, p_list)
		if (p->p_timers != NULL && p->p_timers->pts_expiry != 0 &&
		    p->p_timers->pts_expiry < first)
			first = p->p_timers->pts_expiry;
	if (first == TINE__NEVER)
		tine__callout_clear(&state->nb_itimer);
	else if (!state->nb_itimer.armed || state->nb_itimer.deadline != first)
		(void) tine__callout_set(&state->nb_itimer, first,
		    realtimerexpire, state);
}

/* The callout: in a thread that is none of ours. */
static void
realtimerexpire(void *arg)
{
	struct nb_state *state = arg;
	const uint64_t now = tine__now();
	struct ptimers *pts;
	struct lwp visitor;
	struct proc *p;

	if (!state->nb_up)
		return;
	memset(&visitor, 0, sizeof (visitor));
	visitor.l_tt = tine__cur;
	visitor.l_nb = state;
	visitor.l_proc = &state->nb_proc0;
	visitor.l_cred = &state->nb_cred0;
	visitor.l_stat = LSONPROC;
	state->nb_external++;
	tine__cur->owner = &visitor;
	mutex_enter(&proc_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		pts = p->p_timers;
		if (pts == NULL || pts->pts_expiry == 0 ||
		    pts->pts_expiry > now)
			continue;
		/* What was missed is not made up for. */
		if (pts->pts_interval == 0)
			pts->pts_expiry = 0;
		else
			pts->pts_expiry += ((now - pts->pts_expiry) /
			    pts->pts_interval + 1) * pts->pts_interval;
		tine__ev(SIGNAL, p->p_pid, SIGALRM);
		psignal(p, SIGALRM);
	}
	timers_arm(state);
	mutex_exit(&proc_lock);
	tine__cur->owner = NULL;
	state->nb_external--;
}

/* A process ends: its timer goes. Context: no lock. */
void
timers_free(struct proc *p)
{
	struct ptimers *pts = p->p_timers;

	if (pts == NULL)
		return;
	mutex_enter(&proc_lock);
	p->p_timers = NULL;
	timers_arm(nb);
	mutex_exit(&proc_lock);
	pool_cache_put(ptimers_pool, pts);
}

/* Set the timer; what it was set to, and how long it would have taken. */
static int
setreal(struct proc *p, const struct tine_itimerval *new,
    struct tine_itimerval *old)
{
	const uint64_t now = tine__now();
	struct ptimers *pts;

	if (p->p_timers == NULL) {
		pts = pool_cache_get(ptimers_pool, KM_NOSLEEP | KM_ZERO);
		if (pts == NULL)
			return (ENOMEM);
		p->p_timers = pts;
	}
	pts = p->p_timers;
	mutex_enter(&proc_lock);
	old->interval = pts->pts_interval;
	old->value = 0;
	if (pts->pts_expiry != 0)
		old->value = pts->pts_expiry > now ? pts->pts_expiry - now : 1;
	if (new != NULL) {
		pts->pts_interval = new->interval;
		pts->pts_expiry = 0;
		if (new->value != 0 && (__builtin_add_overflow(now, new->value,
		    &pts->pts_expiry) || pts->pts_expiry == TINE__NEVER))
			pts->pts_expiry = TINE__NEVER - 1;
		timers_arm(nb);
	}
	mutex_exit(&proc_lock);
	return (0);
}

/* Timers of used time are not there. */
int64_t
sys_setitimer(const uint64_t args[5])
{
	struct tine_itimerval new, old;
	int error = 0;

	if ((int)args[0] != TINE_ITIMER_REAL)
		return (-EINVAL);
	if (args[1] != 0)
		error = copyin(USER(void *, args[1]), &new, sizeof (new));
	if (error == 0)
		error = setreal(curproc, args[1] != 0 ? &new : NULL, &old);
	if (error == 0 && args[2] != 0)
		error = copyout(&old, USER(void *, args[2]), sizeof (old));
	return (-error);
}

int64_t
sys_alarm(const uint64_t args[5])
{
	struct tine_itimerval new = { 0, (uint64_t)(uint32_t)args[0] * NSEC };
	struct tine_itimerval old = { 0, 0 };

	(void) setreal(curproc, &new, &old);
	return ((int64_t)((old.value + NSEC - 1) / NSEC));
}

/* --- who --- */

int64_t
sys_getid(const uint64_t args[5])
{
	const struct kauth_cred *cred = curlwp->l_cred;

	switch ((int)args[0]) {
	case TINE__ID_RUID:
		return (cred->cr_uid);
	case TINE__ID_EUID:
		return (cred->cr_euid);
	case TINE__ID_SUID:
		return (cred->cr_svuid);
	case TINE__ID_RGID:
		return (cred->cr_gid);
	case TINE__ID_EGID:
		return (cred->cr_egid);
	case TINE__ID_SGID:
		return (cred->cr_svgid);
	default:
		return (0);	/* no supplementary groups */
	}
}

/* setgid and its like: the group ids count for nothing but files. */
static int64_t
setgids(int64_t r, int64_t e, int64_t sv)
{
	struct lwp *l = curlwp;
	struct kauth_cred *cred;

	if (kauth_cred_geteuid(l->l_cred) != 0)
		return (-EPERM);
	cred = kauth_cred_alloc(l->l_cred);
	if (r != -1)
		cred->cr_gid = (uint32_t)r;
	if (e != -1)
		cred->cr_egid = (uint32_t)e;
	if (sv != -1)
		cred->cr_svgid = (uint32_t)sv;
	proc_crmod_leave(l->l_proc, cred, true);
	return (0);
}

static int64_t
id_arg(uint64_t value)
{
	return ((uint32_t)value == UINT32_MAX ? -1 : (int64_t)(uint32_t)value);
}

int64_t
sys_setid(const uint64_t args[5])
{
	const int64_t a = id_arg(args[1]), b = id_arg(args[2]);
	struct lwp *l = curlwp;

	switch ((int)args[0]) {
	case TINE__ID_SETUID:
		return (-do_setresuid(l, a, a, a));
	case TINE__ID_SETEUID:
		return (-do_setresuid(l, -1, a, -1));
	case TINE__ID_SETREUID:
		return (-do_setresuid(l, a, b, b != -1 ? b : -1));
	case TINE__ID_SETGID:
		return (setgids(a, a, a));
	case TINE__ID_SETEGID:
		return (setgids(-1, a, -1));
	case TINE__ID_SETREGID:
		return (setgids(a, b, -1));
	default:
		return (-EINVAL);
	}
}

/* --- limits, usage --- */

int64_t
sys_rlimit(const uint64_t args[5])
{
	const int which = (int)args[0];
	struct lwp *l = curlwp;
	struct rlimit_nb limit;
	struct tine_rlimit new, old;
	int error;

	if (which < 0 || which >= RLIM_NLIMITS_NB)
		return (-EINVAL);
	old.cur = l->l_proc->p_rlimit[which].rlim_cur;
	old.max = l->l_proc->p_rlimit[which].rlim_max;
	if (args[1] != 0) {
		error = copyin(USER(void *, args[1]), &new, sizeof (new));
		if (error == 0) {
			limit.rlim_cur = new.cur;
			limit.rlim_max = new.max;
			error = dosetrlimit(l, l->l_proc, which, &limit);
		}
		if (error != 0)
			return (-error);
	}
	if (args[2] == 0)
		return (0);
	return (-copyout(&old, USER(void *, args[2]), sizeof (old)));
}

int64_t
sys_getrusage(const uint64_t args[5])
{
	const struct pstats *ps = curproc->p_stats;
	struct tine_rusage usage = { 0, 0, 0, 0, 0 };
	const struct rusage_nb *ru;

	if ((int)args[0] != TINE_RUSAGE_SELF &&
	    (int)args[0] != TINE_RUSAGE_CHILDREN)
		return (-EINVAL);
	ru = (int)args[0] == TINE_RUSAGE_SELF ? &ps->p_ru : &ps->p_cru;
	usage.calls = ru->ru_nsys;
	if ((int)args[0] == TINE_RUSAGE_SELF)
		usage.calls += tine__cur->nsys;
	usage.faults = ru->ru_faults;
	usage.signals = ru->ru_signals;
	return (-copyout(&usage, USER(void *, args[1]), sizeof (usage)));
}
