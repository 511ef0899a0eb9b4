/* SPDX-License-Identifier: MIT */
/* sigsend.c - kill and sigqueue: who is meant, and who may. */
#include "proc/illumos/kern.h"

/* Whom a signal is from, and what comes with it. */
struct sigsend {
	struct tine_siginfo ss_info;
	sigqueue_t	*ss_sqp;	/* of sigqueue, until it is used */
};

/* Post to one process that a number or a group names. */
static void
sigsendproc(proc_t *p, struct sigsend *ss)
{
	sigqueue_t *sqp = ss->ss_sqp;

	if (ss->ss_info.signo == 0)
		return;
	mutex_enter(&p->p_lock);
	if (p->p_ct_process != curproc->p_ct_process)
		p->p_extsig |= sigbit(ss->ss_info.signo);
	if (sqp != NULL) {
		ss->ss_sqp = NULL;
		sigaddqa(p, NULL, sqp);
	} else {
		sigaddq(p, NULL, &ss->ss_info);
	}
	mutex_exit(&p->p_lock);
}

/*
 * kill(0), kill(-1), kill(-group): everybody it names whom the caller may
 * signal. @return ESRCH: there is nobody; EPERM: nobody whom it may. Context:
 * pidlock.
 */
static int
sigsend_set(pid_t pid, struct sigsend *ss)
{
	const int sig = ss->ss_info.signo;
	struct pid *pgp = NULL;
	proc_t *p, *next;
	int found = 0, sent = 0;

	if (pid != -1)
		pgp = pid == 0 ? curproc->p_pgidp : pid_find(-pid);
	p = pid == -1 ? practive : pgp == NULL ? NULL : pgp->pid_pglink;
	for (; p != NULL; p = next) {
		next = pid == -1 ? p->p_next : p->p_pglink;
		if ((p->p_flag & SSYS) != 0 || p == proc_init)
			continue;
		if (pid == -1 && (p->p_stat != SRUN || p == curproc))
			continue;
		if (curproc->p_zone != global_zone &&
		    p->p_zone != curproc->p_zone)
			continue;
		found++;
		if (!prochasprocperm(p, sig))
			continue;
		sigsendproc(p, ss);
		sent++;
	}
	return (sent != 0 ? 0 : found != 0 ? EPERM : ESRCH);
}

/* A process by its number. Context: pidlock. */
static int
sigsend_pid(pid_t pid, struct sigsend *ss)
{
	const int sig = ss->ss_info.signo;
	proc_t *p = prfind(pid);

	/* Another CPU may free it now. [IL-R19] */
	if (p != NULL && QUIRK(IL_R19))
		tine__racy(TINE_OP_READ, &p->p_stat);
	/* A zone sees its own processes only. [IL-R01] */
	if (p != NULL && curproc->p_zone != global_zone &&
	    zone_id_of(p) != curproc->p_zone->zone_id)
		p = NULL;
	if (p == NULL || p->p_stat == SIDL ||
	    ((p->p_flag & SSYS) != 0 && !QUIRK(OS_45)))
		return (ESRCH);
	if (p == proc_init && sig != 0 && sig_isset(CANTMASK, sig))
		return (EPERM);
	if (!prochasprocperm(p, sig))
		return (EPERM);
	if (p->p_stat != SZOMB)
		sigsendproc(p, ss);
	return (0);
}

static void
sigsend_from(struct sigsend *ss, int sig, int code)
{
	memset(ss, 0, sizeof (*ss));
	ss->ss_info.signo = sig;
	ss->ss_info.code = code;
	ss->ss_info.pid = curproc->p_pid;
	ss->ss_info.uid = (int)CRED()->cr_ruid;
}

/*
 * sigsendpid(pid, sig)
 *
 * Overview
 *   kill: a process, 0 the own group, -1 everybody, -n group n. An embryo is
 *   not there yet; a zombie takes anything without effect. [IL-035]
 *
 * Returns
 *   0, EINVAL, ESRCH, EPERM.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int
sigsendpid(pid_t pid, int sig)
{
	struct sigsend ss;
	int error;

	if (sig < 0 || sig >= NSIG || pid == INT32_MIN)
		return (EINVAL);
	sigsend_from(&ss, sig, SI_USER);
	mutex_enter(&pidlock);
	error = pid <= 0 ? sigsend_set(pid, &ss) : sigsend_pid(pid, &ss);
	mutex_exit(&pidlock);
	return (error);
}

/* One more signal queued by the caller. @return NULL: EAGAIN. */
static sigqueue_t *
sigqalloc(proc_t *p, uint64_t limit)
{
	sigqueue_t *sqp;

	if (p->p_sigqhdr == NULL)
		p->p_sigqhdr = cache_alloc(sigqhdr_cache, KM_NOSLEEP | KM_ZERO);
	if (p->p_sigqhdr == NULL || p->p_sigqhdr->sqb_sent >= limit)
		return (NULL);
	sqp = cache_alloc(sigqueue_cache, KM_NOSLEEP | KM_ZERO);
	if (sqp == NULL)
		return (NULL);
	sqp->sq_backptr = p->p_sigqhdr;
	p->p_sigqhdr->sqb_sent++;
	return (sqp);
}

/*
 * sigqueue(pid, signo, value)
 *
 * Overview
 *   A signal with a value. Each is kept, as long as its sender has not more on
 *   the way than process.max-sigqueue-size allows. [IL-137]
 *
 * Returns
 *   0, -EINVAL, -EAGAIN, -ESRCH, -EPERM.
 *
 * Context
 *   In and out: no lock. May switch.
 */
int64_t
sigqueue(const uint64_t args[5])
{
	const int sig = (int)args[1];
	proc_t *p = curproc;
	const struct tine_options *options =
	    tine__machine_options(il->il_machine);
	const uint64_t limit = options->sigqueue_max != 0 ?
	    options->sigqueue_max :
	    rctl_enforced_value(p, RC_PROCESS_SIGQUEUE_SIZE);
	struct sigsend ss;
	int error;

	if (sig < 0 || sig >= NSIG || (pid_t)args[0] <= 0)
		return (-EINVAL);
	sigsend_from(&ss, sig, args[3] != 0 ? SI_TIMER : SI_QUEUE);
	ss.ss_info.value.pointer = (void *)(uintptr_t)args[2];
	mutex_enter(&p->p_lock);
	if (sig != 0) {
		ss.ss_sqp = sigqalloc(p, limit);
		if (ss.ss_sqp == NULL) {
			mutex_exit(&p->p_lock);
			return (-EAGAIN);
		}
		ss.ss_sqp->sq_info = ss.ss_info;
	}
	mutex_exit(&p->p_lock);
	mutex_enter(&pidlock);
	error = sigsend_pid((pid_t)args[0], &ss);
	mutex_exit(&pidlock);
	siginfofree(ss.ss_sqp);
	return (-error);
}
