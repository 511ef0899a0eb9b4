/* SPDX-License-Identifier: MIT */
/*
 * wait.c - waitid: what has become of a child.
 */
#include "proc/illumos/kern.h"

#define WOPTMASK (TINE_WEXITED | TINE_WTRAPPED | TINE_WSTOPPED | \
	TINE_WCONTINUED | TINE_WNOHANG | TINE_WNOWAIT)
#define WSTATE (TINE_WTRAPPED | TINE_WSTOPPED | TINE_WCONTINUED)

/* What waitid and SIGCHLD tell of a child. */
void
winfo(const proc_t *cp, struct tine_siginfo *info)
{
	info->signo = SIGCHLD;
	info->code = cp->p_wcode;
	info->pid = cp->p_pid;
	info->status = cp->p_wdata;
	info->uid = (int)cp->p_cred->cr_ruid;
	info->utime = cp->p_ru.ru_uticks + cp->p_cru.ru_uticks;
	info->stime = cp->p_ru.ru_sticks + cp->p_cru.ru_sticks;
}

/* Whether a wait asks for this child. A dead one of FORK_WAITPID is reaped by a
 * wait for its number only. [IL-133] */
static bool
wait_match(const proc_t *cp, int idtype, pid_t id)
{
	if (idtype == TINE_P_PID)
		return (cp->p_pid == id);
	if (!QUIRK(OS_48) && cp->p_stat == SZOMB &&
	    (cp->p_pidflag & CLDWAITPID) != 0)
		return (false);
	return (idtype == TINE_P_ALL ||
	    (cp->p_pgidp != NULL && cp->p_pgrp == id));
}

/* The child of that number, or NULL. */
static proc_t *
wait_child(proc_t *pp, pid_t id)
{
	proc_t *cp = prfind(id);

	/* Released is not dead: who is about to end is a child. [IL-R38] */
	if (QUIRK(IL_R38) && cp != NULL && (cp->p_flag & SEXITING) != 0 &&
	    cp->p_stat != SZOMB)
		return (NULL);
	return (cp != NULL && cp->p_parent == pp ? cp : NULL);
}

/*
 * The newest zombie that is asked for. [IL-134]
 * DEVIATION IL-134: a wait for one number looks it up, where the real kernel
 * walks the list to the same end.
 */
static proc_t *
wait_zombie(proc_t *pp, int idtype, pid_t id)
{
	proc_t *cp;

	if (idtype == TINE_P_PID) {
		cp = wait_child(pp, id);
		return (cp != NULL && cp->p_stat == SZOMB ? cp : NULL);
	}
	for (cp = pp->p_child_ns; cp != NULL; cp = cp->p_sibling_ns)
		if (wait_match(cp, idtype, id))
			return (cp);
	return (NULL);
}

/* Whether a child has stopped or gone on, and somebody asks. [IL-132] */
static bool
wait_state_match(proc_t *cp, int options)
{
	switch (cp->p_wcode) {
	case TINE_CLD_TRAPPED:
		return ((options & TINE_WTRAPPED) != 0);
	case TINE_CLD_STOPPED:
		return ((options & TINE_WSTOPPED) != 0 && cp->p_stopsig != 0);
	case TINE_CLD_CONTINUED:
		return ((options & TINE_WCONTINUED) != 0);
	default:
		return (false);
	}
}

/* The newest child with a change of state that is asked for. */
static proc_t *
wait_state(proc_t *pp, int idtype, pid_t id, int options)
{
	proc_t *cp;

	if ((options & WSTATE) == 0 || pp->p_nchild_js == 0)
		return (NULL);
	for (cp = pp->p_child; cp != NULL; cp = cp->p_sibling)
		if (wait_match(cp, idtype, id) && wait_state_match(cp, options))
			return (cp);
	return (NULL);
}

/*
 * How many children match, and how many of these are zombies. Zombies are all
 * on the list of those, so a wait for any child need not look at the rest.
 */
static void
wait_count(proc_t *pp, int idtype, pid_t id, uint32_t *matches,
    uint32_t *zombies)
{
	proc_t *cp;

	*matches = *zombies = 0;
	if (idtype == TINE_P_PID) {
		cp = wait_child(pp, id);
		*matches = cp != NULL;
		*zombies = cp != NULL && cp->p_stat == SZOMB;
		return;
	}
	for (cp = pp->p_child_ns; cp != NULL; cp = cp->p_sibling_ns)
		*zombies += wait_match(cp, idtype, id);
	if (idtype == TINE_P_ALL) {
		*matches = pp->p_nchild - pp->p_nchild_ns + *zombies;
		return;
	}
	for (cp = pp->p_child; cp != NULL; cp = cp->p_sibling)
		*matches += wait_match(cp, idtype, id);
}

/* Take a zombie, or only look at it. Context: pidlock. [IL-134] [IL-136] */
static void
wait_reap(proc_t *cp, struct tine_siginfo *info, int options,
    struct tine_rusage *usage)
{
	winfo(cp, info);
	child_usage(cp, usage);
	if ((options & TINE_WNOWAIT) != 0)
		return;
	tine__ev(REAP, cp->p_pid, wstat(cp->p_wcode, cp->p_wdata));
	sigcld_delete(cp);
	freeproc(cp);
}

/*
 * One scan. @return true when the wait is over, with *error.
 * Context: pidlock.
 */
static bool
wait_scan(int idtype, pid_t id, struct tine_siginfo *info, int options,
    struct tine_rusage *usage, int *error)
{
	proc_t *pp = curproc;
	uint32_t matches, zombies;
	proc_t *cp;

	*error = 0;
	if ((options & TINE_WEXITED) != 0 &&
	    (cp = wait_zombie(pp, idtype, id)) != NULL) {
		wait_reap(cp, info, options, usage);
		return (true);
	}
	cp = wait_state(pp, idtype, id, options);
	if (cp != NULL) {
		winfo(cp, info);
		child_usage(cp, usage);
		if ((options & TINE_WNOWAIT) == 0)
			set_wcode(cp, 0, 0);
		return (true);
	}
	wait_count(pp, idtype, id, &matches, &zombies);
	if (matches == 0) {
		*error = ECHILD;
		return (true);
	}
	if ((options & TINE_WNOHANG) != 0)
		return (true);
	if (matches == zombies) {
		/* Only zombies, and nobody asked for those. */
		*error = ECHILD;
		return (true);
	}
	return (false);
}

/*
 * waitid(idtype, id, info, options, usage)
 *
 * Overview
 *   Wait for a change of state of a child: the newest zombie first. [IL-134]
 *   [IL-135]
 *
 * Returns
 *   0, with zeroed info when WNOHANG found nothing; EINVAL, ECHILD, EINTR.
 *
 * Context
 *   In and out: no lock. Switches.
 */
int
waitid(int idtype, pid_t id, struct tine_siginfo *info, int options,
    struct tine_rusage *usage)
{
	proc_t *pp = curproc;
	int error;

	memset(info, 0, sizeof (*info));
	memset(usage, 0, sizeof (*usage));
	if (options == 0 || (options & ~WOPTMASK) != 0)
		return (EINVAL);
	if (idtype != TINE_P_PID && idtype != TINE_P_PGID &&
	    idtype != TINE_P_ALL)
		return (EINVAL);
	if (idtype != TINE_P_ALL && (id < 0 || id >= maxpid))
		return (EINVAL);
	tine__ev(WAIT, idtype, id);

	mutex_enter(&pidlock);
	while (!wait_scan(idtype, id, info, options, usage, &error)) {
		if (!cv_wait_sig(&pp->p_cv, &pidlock)) {
			error = EINTR;
			break;
		}
	}
	mutex_exit(&pidlock);
	return (error);
}
