/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_contract.c - process contracts: templates, events, who inherits
 * and who dies.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "solaris_rig.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

static void
activate(unsigned params, unsigned fatal, unsigned events)
{
	const struct tine_ct_template tmpl = { params, fatal, events, 0 };

	tine_check(tine_sys_ct_activate(&tmpl) == 0);
}

/* A child that runs until it is killed. */
static tine_pid_t
sleeper(void)
{
	tine_pid_t child = tine_sys_fork();

	tine_check(child >= 0);
	if (child == 0)
		for (;;)
			tine_sys_pause();
	return child;
}

static void
next_is(int ct, uint32_t type, int pid)
{
	struct tine_ct_event event;

	tine_check(tine_sys_ct_event(ct, &event) == 0);
	tine_check(event.type == type && event.pid == pid);
}

static int
members(int ct)
{
	struct tine_ct_status status;

	return tine_sys_ct_status(ct, &status) == 0 ? status.members : -1;
}

MAIN(ct_events)
	struct tine_ct_event event;
	tine_pid_t child, grandchild;
	int ct, status;

	tine_check(tine_sys_ct_latest() == -ESRCH);
	activate(0, 0, TINE_CT_EVENTS);
	child = tine_sys_fork();
	if (child == 0) {
		/* Its own contract, but nothing that it owns. */
		tine_check(curproc->p_ct_held == NULL);
		tine_check(tine_sys_ct_latest() == -ESRCH);
		tine_check(tine_sys_ct_activate(NULL) == 0);
		grandchild = tine_sys_fork();
		if (grandchild == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(grandchild, NULL, 0) ==
		    grandchild);
		tine_sys_exit(grandchild & 0x7f);
	}
	ct = tine_sys_ct_latest();
	tine_check(ct > 0);
	/* The fork was told before it returned. */
	next_is(ct, TINE_CT_EV_FORK, child);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(tine_sys_ct_event(ct, &event) == 0);
	grandchild = event.pid;
	tine_check(event.type == TINE_CT_EV_FORK && event.arg == child);
	tine_check(WEXITSTATUS(status) == (grandchild & 0x7f));
	next_is(ct, TINE_CT_EV_EXIT, grandchild);
	/* Exit, then empty; both were there before the zombie. */
	next_is(ct, TINE_CT_EV_EXIT, child);
	next_is(ct, TINE_CT_EV_EMPTY, child);
	tine_check(tine_sys_ct_event(ct, &event) == -EAGAIN);
	tine_check(members(ct) == 0);
	tine_check(tine_sys_ct_abandon(ct) == 0);
	tine_check(tine_sys_ct_abandon(ct) == -ESRCH);
	tine_check(tine_sys_ct_event(ct, &event) == -ESRCH);
	return 0;
END(ct_events, "what a contract tells");

static int fork_seen;

/* The fork event is there before the child is in a group, and can be
 * signalled. */
static void
see_fork_event(void *user, const struct tine_probe_data *data)
{
	const contract_t *ct;
	const proc_t *cp = curproc->p_child;

	(void)user;
	if (cp == NULL || cp->p_pid != (pid_t)data->arg0)
		return;
	ct = &cp->p_ct_process->conp_contract;
	if (ct->ct_events == NULL)
		return;
	fork_seen |= cp->p_stat == SIDL && cp->p_pgidp == NULL &&
	    ct->ct_events->cte_type == TINE_CT_EV_FORK &&
	    ct->ct_events->cte_pid == cp->p_pid;
}

static void
prepare_fork(struct tine_machine *machine)
{
	fork_seen = 0;
	assert_int_equal(tine_probe_attach(machine,
	    "fbt:genunix:contract_process_fork:return", see_fork_event, NULL),
	    0);
}

/* spec: IL-090 IL-150 IL-087 IL-065 */
static void
an_owner_reads_who_came_and_who_went(void **state)
{
	(void)state;
	harness_prepare = prepare_fork;
	harness_passes("ct_events", NULL, 0);
	harness_prepare = NULL;
	assert_int_equal(fork_seen, 1);
}

/* Three members and an outsider; one dies of an outside signal. */
static int
die_together(unsigned params, bool own_group)
{
	tine_pid_t first, pids[2];
	int ct, status, killed = 0;

	activate(params, TINE_CT_EV_SIGNAL, TINE_CT_EV_SIGNAL);
	first = tine_sys_fork();
	if (first == 0) {
		tine_check(tine_sys_ct_activate(NULL) == 0);
		sleeper();
		pids[0] = tine_sys_fork();
		if (pids[0] == 0) {
			if (own_group)
				tine_check(tine_sys_setpgid(0, 0) == 0);
			tine_sys_nanosleep(20 * MS);
			tine_sys_exit(5);
		}
		tine_sys_waitpid(pids[0], NULL, 0);
		for (;;)
			tine_sys_pause();
	}
	ct = tine_sys_ct_latest();
	tine_sys_nanosleep(MS);
	tine_check(members(ct) == 3);
	tine_check(tine_sys_kill(first, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(first, &status, 0) == first);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	next_is(ct, TINE_CT_EV_SIGNAL, first);
	tine_sys_nanosleep(MS);
	killed = 2 - members(ct);
	tine_sys_nanosleep(40 * MS);
	tine_check(members(ct) == 0);
	return killed;
}

MAIN(ct_fatal)
	tine_check(die_together(0, true) == 2);
	tine_check(die_together(0, false) == 2);
	return 0;
END(ct_fatal, "a fatal signal");

MAIN(ct_fatal_group)
	tine_check(die_together(TINE_CT_PGRPONLY, true) == 1);
	tine_check(die_together(TINE_CT_PGRPONLY, false) == 2);
	return 0;
END(ct_fatal_group, "a fatal signal, for the group");

MAIN(ct_inside)
	tine_pid_t first;
	int ct;

	activate(0, TINE_CT_EV_SIGNAL, TINE_CT_EV_SIGNAL);
	first = tine_sys_fork();
	if (first == 0) {
		tine_pid_t one;

		tine_check(tine_sys_ct_activate(NULL) == 0);
		one = sleeper();
		sleeper();
		tine_sys_nanosleep(MS);
		/* From a member: not the contract's business. */
		tine_check(tine_sys_kill(one, SIGTERM) == 0);
		tine_check(tine_sys_waitpid(one, NULL, 0) == one);
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	ct = tine_sys_ct_latest();
	tine_check(tine_sys_waitpid(first, NULL, 0) == first);
	tine_check(members(ct) == 1);
	/* Abandoned, with NOORPHAN off: it lives on as an orphan. */
	tine_check(tine_sys_ct_abandon(ct) == 0);
	tine_check(tine_sys_kill(-1, SIGKILL) == 0);
	return 0;
END(ct_inside, "a signal between members");

MAIN(ct_noorphan)
	tine_pid_t child;
	int status;

	activate(TINE_CT_NOORPHAN, 0, 0);
	child = sleeper();
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_ct_abandon(tine_sys_ct_latest()) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return 0;
END(ct_noorphan, "an abandoned contract that may be no orphan");

/* spec: IL-149 IL-151 IL-084 */
static void
fatal_events_and_abandonment_kill_the_members(void **state)
{
	(void)state;
	harness_passes("ct_fatal", NULL, 0);
	harness_passes("ct_fatal_group", NULL, 0);
	harness_passes("ct_inside", NULL, 0);
	harness_passes("ct_noorphan", NULL, 0);
}

MAIN(ct_inherit)
	const struct tine_rctl cap = { .value = 0,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY };
	struct tine_ct_status st;
	struct tine_ct_event event;
	tine_pid_t owner, heir;
	int ct, inner = 0, status;

	/* A regent: what its members own when they end, it inherits. */
	activate(TINE_CT_REGENT, 0, 0);
	heir = tine_sys_fork();
	if (heir == 0) {
		tine_check(tine_sys_ct_activate(NULL) == 0);
		owner = tine_sys_fork();
		if (owner == 0) {
			const struct tine_ct_template tmpl = {
				TINE_CT_INHERIT, 0, TINE_CT_EV_EXIT,
				TINE_CT_EV_FORK };

			tine_check(tine_sys_ct_activate(&tmpl) == 0);
			tine_check(tine_sys_ct_set_cookie(4711) == 0);
			sleeper();
			inner = tine_sys_ct_latest();
			next_is(inner, TINE_CT_EV_FORK,
			    curproc->p_child->p_pid);
			tine_sys_exit(inner);
		}
		tine_check(tine_sys_waitpid(owner, &status, 0) == owner);
		inner = WEXITSTATUS(status);
		tine_check(inner > 0);
		/* In a project that nobody else is in. */
		tine_check(tine_sys_settaskid(5, 0) > 0);
		/* Ours has it now, and we may look at it. */
		tine_check(tine_sys_ct_status(inner, &st) == 0);
		tine_check(st.state == TINE_CT_INHERITED && st.owner == 0);
		tine_check(st.members == 1 && st.cookie == 4711);
		tine_check(st.critical == TINE_CT_EV_FORK);
		tine_check(st.informative == TINE_CT_EV_EXIT);
		tine_check(tine_sys_ct_status(tine_sys_ct_self(), &st) == 0);
		tine_check(st.inherited == 1 && st.members == 1);
		tine_check(st.state == TINE_CT_OWNED);
		tine_check(st.owner == tine_sys_getppid());
		tine_check(tine_sys_ct_event(inner, &event) == -ESRCH);
		tine_check(tine_sys_ct_abandon(inner) == -ESRCH);
		/* Not beyond the project's limit. */
		tine_check(tine_sys_setrctl("project.max-contracts", NULL,
		    &cap, TINE_RCTL_INSERT) == 0);
		tine_check(tine_sys_ct_adopt(inner) == -EAGAIN);
		tine_check(tine_sys_setrctl("project.max-contracts", NULL,
		    &cap, TINE_RCTL_DELETE) == 0);
		tine_check(tine_sys_ct_adopt(inner) == 0);
		tine_check(members(inner) == 1);
		tine_check(tine_sys_ct_adopt(inner) == -EBUSY);
		tine_check(tine_sys_ct_status(inner, &st) == 0);
		tine_check(st.state == TINE_CT_OWNED);
		tine_check(st.owner == tine_sys_getpid());
		/* The critical event, which the old owner has read and not
		 * acknowledged, is told again; the other ones are not. */
		tine_check(st.unacknowledged == 1);
		/* The project stays as long as it has a contract. */
		{
			const kproject_t *kpj = curproc->p_task->tk_proj;

			tine_check(tine_sys_settaskid(6, 0) > 0);
			tine_check(kpj->kpj_count == 1 && kpj->kpj_id == 5);
			tine_check(kpj->kpj_ncontracts == 1);
		}
		tine_check(tine_sys_ct_event(inner, &event) == 0);
		tine_check(event.type == TINE_CT_EV_FORK && event.critical);
		tine_check(tine_sys_ct_event(inner, &event) == -EAGAIN);
		tine_check(tine_sys_sigsend(TINE_P_CTID, inner, SIGKILL) == 0);
		tine_sys_nanosleep(MS);
		next_is(inner, TINE_CT_EV_EXIT, event.pid);
		tine_check(members(inner) == 0);
		tine_sys_exit(9);
	}
	ct = tine_sys_ct_latest();
	tine_check(ct > 0);
	tine_check(tine_sys_waitpid(heir, &status, 0) == heir);
	return 0;
END(ct_inherit, "a contract that outlives its owner");

/* spec: IL-151 */
static void
a_regent_inherits_what_may_be_inherited(void **state)
{
	(void)state;
	harness_passes("ct_inherit", NULL, 0);
}

/* --- events --- */

/* Waits for an event of a contract; what that ended with. */
static volatile int waited;

static void
waits_for_event(void *arg)
{
	struct tine_ct_event event;

	waited = tine_sys_ct_event_wait((int)(intptr_t)arg, &event);
	if (waited == 0)
		waited = (int)event.type;
}

MAIN(ct_critical)
	const struct tine_ct_template tmpl = { 0, 0, TINE_CT_EV_EXIT,
		TINE_CT_EV_FORK | TINE_CT_EV_EMPTY };
	struct tine_ct_status st;
	struct tine_ct_event event;
	tine_pid_t first, second, pids[2] = { 0, 0 };
	int one, two;

	tine_check(tine_sys_ct_set_cookie(1) == -EINVAL);
	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	first = sleeper();
	one = tine_sys_ct_latest();
	second = sleeper();
	two = tine_sys_ct_latest();
	tine_check(one != two);
	/* Of all contracts, by age. */
	tine_check(tine_sys_ct_event(0, &event) == 0);
	tine_check(event.ct == one && event.pid == first && event.critical);
	tine_check(tine_sys_ct_event(0, &event) == 0);
	tine_check(event.ct == two && event.pid == second);
	tine_check(tine_sys_ct_event(0, &event) == -EAGAIN);
	/* A critical event is told once, and stays until acknowledged. */
	tine_check(tine_sys_ct_event(one, &event) == -EAGAIN);
	tine_check(tine_sys_ct_event_reset(one) == 0);
	tine_check(tine_sys_ct_event(two, &event) == -EAGAIN);
	tine_check(tine_sys_ct_event(one, &event) == 0);
	tine_check(event.type == TINE_CT_EV_FORK && event.id == 1);
	tine_check(tine_sys_ct_status(one, &st) == 0);
	tine_check(st.unacknowledged == 1 && st.cookie == 0);
	tine_check(tine_sys_ct_ack(one, 2) == -ESRCH);
	tine_check(tine_sys_ct_ack(4711, 1) == -ESRCH);
	tine_check(tine_sys_ct_ack(one, 1) == 0);
	tine_check(tine_sys_ct_ack(one, 1) == -ESRCH);
	tine_check(tine_sys_ct_event_reset(one) == 0);
	tine_check(tine_sys_ct_event_reset(4711) == -ESRCH);
	tine_check(tine_sys_ct_event(one, &event) == -EAGAIN);
	/* One for information needs no acknowledgement, and has none. */
	tine_check(tine_sys_ct_members(one, pids, 2) == 1);
	tine_check(pids[0] == first && pids[1] == 0);
	tine_check(tine_sys_ct_members(one, pids, 0) == 1);
	tine_check(tine_sys_ct_members(4711, pids, 2) == -ESRCH);
	tine_check(tine_sys_ct_members(one, NULL, 2) == -EFAULT);
	tine_check(tine_sys_lwp_create(waits_for_event,
	    (void *)(intptr_t)one) > 0);
	tine_sys_nanosleep(MS);
	tine_check(waited == 0);
	tine_check(tine_sys_kill(first, SIGKILL) == 0);
	tine_sys_nanosleep(MS);
	tine_check(waited == TINE_CT_EV_EXIT);
	tine_check(tine_sys_ct_ack(one, 2) == -ESRCH);
	tine_check(tine_sys_ct_event(one, &event) == 0);
	tine_check(event.type == TINE_CT_EV_EMPTY && event.critical);
	/* Who waits is told when the contract is given up, by a signal too. */
	waited = 0;
	tine_check(tine_sys_lwp_create(waits_for_event,
	    (void *)(intptr_t)one) > 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_ct_abandon(one) == 0);
	tine_sys_nanosleep(MS);
	tine_check(waited == -ESRCH);
	tine_check(tine_sys_ct_event_wait(4711, &event) == -ESRCH);
	tine_check(tine_sys_kill(second, SIGKILL) == 0);
	tine_check(tine_sys_ct_event_wait(two, NULL) == -EFAULT);
	return 0;
END(ct_critical, "events that are to be acknowledged");

/* spec: IL-090 IL-150 */
static void
a_critical_event_stays_until_it_is_acknowledged(void **state)
{
	(void)state;
	waited = 0;
	harness_passes("ct_critical", NULL, 0);
}

/* --- a contract that takes another one's place --- */

/* An owner whose contract has inherited something: that it can hand on. */
MAIN(ct_transfer)
	const struct tine_ct_template regent = { TINE_CT_REGENT, 0,
		TINE_CT_EV_EMPTY, 0 };
	struct tine_ct_status st;
	tine_pid_t service, left;
	int old, new, inner, status;

	tine_check(tine_sys_ct_activate(&regent) == 0);
	/* A service that leaves a contract of its own behind, and ends. */
	service = tine_sys_fork();
	if (service == 0) {
		activate(TINE_CT_INHERIT, 0, 0);
		sleeper();
		tine_sys_exit(tine_sys_ct_latest());
	}
	old = tine_sys_ct_latest();
	tine_check(tine_sys_ct_set_transfer(old) == -ENOTEMPTY);
	tine_check(tine_sys_waitpid(service, &status, 0) == service);
	inner = WEXITSTATUS(status);
	tine_check(tine_sys_ct_status(old, &st) == 0);
	tine_check(st.members == 0 && st.inherited == 1);
	tine_check(tine_sys_ct_set_transfer(4711) == -ESRCH);
	tine_check(tine_sys_ct_set_transfer(tine_sys_ct_self()) == -EACCES);
	tine_check(tine_sys_ct_set_transfer(old) == 0);
	tine_check(tine_sys_ct_set_transfer(0) == 0);
	/* The next one: only once, and only if asked. */
	service = sleeper();
	tine_check(tine_sys_kill(service, SIGKILL) == 0);
	tine_check(tine_sys_ct_status(old, &st) == 0 && st.inherited == 1);
	tine_check(tine_sys_ct_set_transfer(old) == 0);
	service = tine_sys_fork();
	if (service == 0) {
		/* The new service finds what the old one has left. */
		tine_check(tine_sys_ct_status(inner, &st) == 0);
		tine_check(st.state == TINE_CT_INHERITED && st.members == 1);
		tine_check(tine_sys_ct_adopt(inner) == 0);
		tine_check(tine_sys_ct_members(inner, &left, 1) == 1);
		tine_check(tine_sys_kill(left, SIGKILL) == 0);
		tine_check(tine_sys_ct_abandon(inner) == 0);
		tine_sys_exit(0);
	}
	new = tine_sys_ct_latest();
	tine_check(new != old);
	/* It was given up before the child ran. */
	tine_check(tine_sys_ct_status(old, &st) == -ESRCH);
	tine_check(tine_sys_waitpid(service, &status, 0) == service);
	tine_check(status == 0);
	tine_check(tine_sys_ct_status(new, &st) == 0 && st.inherited == 0);
	tine_check(tine_sys_ct_activate(NULL) == 0);
	tine_check(tine_sys_ct_set_transfer(new) == -EINVAL);
	return 0;
END(ct_transfer, "a service that is started anew");

/* spec: IL-089 IL-151 */
static void
a_new_contract_takes_over_what_an_empty_one_has_inherited(void **state)
{
	(void)state;
	harness_passes("ct_transfer", NULL, 0);
}

/* --- who is killed, and by what --- */

MAIN(ct_core)
	tine_pid_t first, second;
	int ct, status;

	/* A core file is fatal; a signal alone is not. */
	activate(0, TINE_CT_EV_CORE, TINE_CT_EV_CORE | TINE_CT_EV_SIGNAL);
	first = tine_sys_fork();
	if (first == 0) {
		tine_check(tine_sys_ct_activate(NULL) == 0);
		second = sleeper();
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_kill(second, SIGTERM) == 0);
		tine_check(tine_sys_waitpid(second, NULL, 0) == second);
		sleeper();
		tine_sys_kill(tine_sys_getpid(), SIGABRT);
	}
	ct = tine_sys_ct_latest();
	tine_check(tine_sys_waitpid(first, &status, 0) == first);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	tine_sys_nanosleep(MS);
	tine_check(members(ct) == 0);
	next_is(ct, TINE_CT_EV_CORE, first);
	/* Broken memory, too. */
	activate(0, TINE_CT_EV_HWERR, TINE_CT_EV_HWERR);
	first = tine_sys_fork();
	if (first == 0) {
		tine_check(tine_sys_ct_activate(NULL) == 0);
		sleeper();
		for (;;)
			tine_sys_pause();
	}
	ct = tine_sys_ct_latest();
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pr(TINE_PR_HWERR, 4711, 0) == -ENOENT);
	tine_check(tine_sys_pr(TINE_PR_HWERR, first, 0) == 0);
	tine_check(tine_sys_waitpid(first, &status, 0) == first);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	next_is(ct, TINE_CT_EV_HWERR, first);
	tine_sys_nanosleep(MS);
	tine_check(members(ct) == 0);
	return 0;
END(ct_core, "core files and broken memory");

MAIN(ct_permission)
	tine_pid_t first, root, child;
	int ct, status;

	/* The author is user 100, with a member that became somebody else. */
	root = tine_sys_fork();
	if (root == 0) {
		tine_check(tine_sys_setreuid(100, 0) == 0);
		activate(0, TINE_CT_EV_SIGNAL, 0);
		tine_check(tine_sys_seteuid(100) == 0);
		first = tine_sys_fork();
		if (first == 0) {
			tine_check(tine_sys_ct_activate(NULL) == 0);
			child = tine_sys_fork();
			if (child == 0) {
				tine_check(tine_sys_seteuid(0) == 0);
				tine_check(tine_sys_setuid(200) == 0);
				tine_sys_nanosleep(9 * MS);
				tine_sys_exit(0);
			}
			sleeper();
			for (;;)
				tine_sys_pause();
		}
		ct = tine_sys_ct_latest();
		tine_sys_nanosleep(MS);
		tine_check(members(ct) == 3);
		tine_check(tine_sys_kill(first, SIGTERM) == 0);
		tine_check(tine_sys_waitpid(first, NULL, 0) == first);
		tine_sys_nanosleep(MS);
		/* Neither the author nor the source may kill it. */
		tine_check(members(ct) == 1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(root, &status, 0) == root);
	return status;
END(ct_permission, "a member that may not be killed");

/* spec: IL-149 */
static void
a_fatal_event_kills_whom_its_author_may(void **state)
{
	(void)state;
	harness_passes("ct_core", NULL, 0);
	harness_passes("ct_permission", NULL, 0);
}

MAIN(ct_limit)
	const kproject_t *kpj = curproc->p_task->tk_proj;
	const uint32_t had = kpj->kpj_ncontracts;
	const struct tine_rctl cap = { .value = had + 1,
	    .privilege = TINE_RCPRIV_PRIVILEGED, .action = TINE_RCTL_DENY };
	tine_pid_t child;

	tine_check(tine_sys_setrctl("project.max-contracts", NULL, &cap,
	    TINE_RCTL_INSERT) == 0);
	activate(0, 0, 0);
	child = sleeper();
	tine_check(kpj->kpj_ncontracts == had + 1);
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(global_zone->zone_ffmisc == 1);
	tine_check(kpj->kpj_ncontracts == had + 1);
	tine_check(curproc->p_ct_held->ct_next == NULL);
	/* Without a template there is no contract to be made. */
	tine_check(tine_sys_ct_activate(NULL) == 0);
	tine_check(tine_sys_kill(sleeper(), SIGKILL) == 0);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_ct_abandon(tine_sys_ct_latest()) == 0);
	tine_check(kpj->kpj_ncontracts == had);
	return 0;
END(ct_limit, "a project with enough contracts");

/* spec: IL-089 */
static void
a_project_caps_its_contracts(void **state)
{
	(void)state;
	harness_passes("ct_limit", NULL, 0);
}

MAIN(ct_misuse)
	struct tine_ct_template tmpl = { 0x10, 0, 0, 0 };

	tine_check(tine_sys_ct_activate(&tmpl) == -EINVAL);
	tmpl.params = 0;
	tmpl.fatal = TINE_CT_EV_FORK;
	tine_check(tine_sys_ct_activate(&tmpl) == -EINVAL);
	tmpl.fatal = 0;
	tmpl.critical = 0x40;
	tine_check(tine_sys_ct_activate(&tmpl) == -EINVAL);
	tine_check(tine_sys_ct_activate((void *)1) == -EFAULT);
	tine_check(tine_sys_ct_adopt(4711) == -ESRCH);
	return 0;
END(ct_misuse, "templates that are none");

static void
templates_are_checked(void **state)
{
	(void)state;
	harness_passes("ct_misuse", NULL, 0);
}

/* Two LWPs that the signal finds running. */
static void
spin(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_yield();
}

MAIN(ct_once)
	struct tine_ct_event event;
	tine_pid_t child;
	int ct, events = 0;

	activate(0, 0, TINE_CT_EV_SIGNAL);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_lwp_create(spin, NULL) > 0);
		spin(NULL);
	}
	ct = tine_sys_ct_latest();
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
	while (tine_sys_ct_event(ct, &event) == 0)
		events++;
	return events;
END(ct_once, "several LWPs die of one signal");

/* spec: OS-43 */
static void
each_lwp_told_of_the_signal(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	harness_passes("ct_once", &options, 1 << 8);
	assert_false(kcall_ever("ct_once", "", 30, 2));
	assert_true(kcall_ever("ct_once", "+OS-43", 30, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_reads_who_came_and_who_went),
		cmocka_unit_test(
		    fatal_events_and_abandonment_kill_the_members),
		cmocka_unit_test(a_regent_inherits_what_may_be_inherited),
		cmocka_unit_test(
		    a_critical_event_stays_until_it_is_acknowledged),
		cmocka_unit_test(
		    a_new_contract_takes_over_what_an_empty_one_has_inherited),
		cmocka_unit_test(a_fatal_event_kills_whom_its_author_may),
		cmocka_unit_test(a_project_caps_its_contracts),
		cmocka_unit_test(templates_are_checked),
		cmocka_unit_test(each_lwp_told_of_the_signal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
