/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_books.c - the audit of DragonFly notices. One thing is made
 * wrong at a time, and the run ends with what was found wrong.
 */
#include "dragonfly_rig.h"

/* What is wrong, by number, and what the audit says of it. */
static const char *const wrongs[] = {
	"nprocs == tally.processes",
	"users == tally.processes",
	"p->p_nthreads + (p->p_stat == ",
	"p->p_nstopped <= n",
	"lp->lwp_proc == p",
	"lp->lwp_tid < lp->lwp_next->lwp_tid",
	"cp->p_pptr == p",
	"cp->p_linked",
	"p->p_stat != ",
	"p->p_ucred != ",
	"(p->p_limit == ",
	"(p->p_reaper == ",
	"tally.husks == ",
	"belongs to group",
	"references and",
	"p->p_fd->fd_refcnt == tables",
	"p->p_limit->p_refcnt == limits",
	"p->p_sigacts->ps_refcnt >= acts",
	"fp->f_count > 0",
	"tally.children == tally.processes - 1 - tally.husks",
	"tally.members == tally.processes - tally.husks",
	"counted == 0",
};

static int64_t
k_wrong(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc, *child = p->p_children;
	struct lwp *lp = p->p_lwp_tree;
	struct pgrp *other;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		nprocs++;
		break;
	case 1:
		p->p_ucred->cr_ruidinfo->ui_proccnt++;
		break;
	case 2:
		child->p_nthreads++;
		break;
	case 3:
		child->p_nstopped = 2;
		break;
	case 4:
		lp->lwp_proc = child;
		break;
	case 5:
		lp->lwp_next->lwp_tid = lp->lwp_tid;
		break;
	case 6:
		child->p_pptr = initproc;
		break;
	case 7:
		child->p_linked = false;
		break;
	case 8:
		child->p_stat = SIDL;
		break;
	case 9:
		child->p_ucred = NULL;
		break;
	case 10:
		child->p_limit = NULL;
		break;
	case 11:
		child->p_reaper = NULL;
		break;
	case 12:
		df->df_husks++;
		break;
	case 13:
		other = child->p_pgrp;
		child->p_pgrp = p->p_pgrp;
		p->p_pgrp = other;
		break;
	case 14:
		pgref(p->p_pgrp);
		break;
	case 15:
		p->p_fd->fd_refcnt++;
		break;
	case 16:
		p->p_limit->p_refcnt++;
		break;
	case 17:
		p->p_sigacts->ps_refcnt--;
		break;
	case 18:
		df->df_files->f_count = 0;
		break;
	case 19:
		proc_unlink(child);
		break;
	case 20:
		/* In its group's count, and not on its list. */
		*child->p_ppglist = child->p_pglist;
		child->p_pgrp->pg_refs--;
		break;
	default:
		/* For the end, when nobody has a table any more. */
		(void)falloc(DF_DTYPE_KQUEUE, 0);
		return (0);
	}
	df_books();
	return (0);
}

static unsigned which;

static void
pauses(void *arg)
{
	(void)arg;
	tine_sys_pause();
}

PROGRAM(db_wrong)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_setpgid(0, 0);
		tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_check(tine_sys_lwp_create(pauses, NULL) == 1);
	tine_sys_nanosleep(MS);
	K(k_books, 0, 0, 0);
	K(k_wrong, which, 0, 0);
	tine_check(tine_sys_kill(pid, 9) == 0);
	reap_all();
	return (0);
}

static void
whatever_is_wrong_is_found_and_named(void **state)
{
	(void)state;
	for (which = 0; which < sizeof(wrongs) / sizeof(wrongs[0]); which++) {
		if (rig_run("db_wrong", NULL) != TINE_OUTCOME_PANIC &&
		    rig_result.outcome != TINE_OUTCOME_INVARIANT)
			rig_complain("db_wrong", wrongs[which]);
		if (strstr(rig_result.message, wrongs[which]) == NULL)
			rig_complain("db_wrong", wrongs[which]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_wrong_is_found_and_named),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
