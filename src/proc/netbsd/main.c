/* SPDX-License-Identifier: MIT */
/*
 * main.c - the flavour's table, and what runs for the machine: process 0,
 * faults of programs, signals from outside.
 */
#include <stdio.h>

#include "proc/netbsd/kern.h"

/* What process 1 runs first. Its image was loaded by process 0. */
static void
start_init(void *arg)
{
	struct tine__image *image = arg;
	struct lwp *l = curlwp;

	mutex_enter(&proc_lock);
	initproc = l->l_proc;
	nb->nb_up = true;
	mutex_exit(&proc_lock);
	console_open(l->l_proc);
	exec_first(l->l_proc, l, image);
}

/* The only fork by the kernel itself: process 1. [NB-116] */
static void
fork_init(struct tine_machine *machine, struct tine__image *image)
{
	int error;

	error = tine__image_init(machine, image);
	if (error == 0) {
		error = fork1(&lwp0, 0, SIGCHLD, 0, 0, start_init, image,
		    NULL);
		if (error != 0)
			tine__as_free(image->as);
	}
	if (error != 0)
		tine__panic("init cannot be started: errno %d", error);
}

/* init is gone: so must be everybody else. Context: proc_lock. */
static void
kill_the_rest(void)
{
	struct proc *p;

	LIST_FOREACH(p, &allproc, p_list)
		if (p->p_pid > 1)
			psignal(p, SIGKILL);
}

/* Reap what init left to process 0. Context: proc_lock. */
static void
reap_the_rest(void)
{
	struct proc *p, *next;

	for (p = LIST_FIRST(&proc0.p_children); p != NULL; p = next) {
		next = LIST_NEXT(p, p_sibling);
		if (p->p_stat != SZOMB || p == initproc)
			continue;
		proc_free(p, NULL);
		mutex_enter(&proc_lock);
		next = LIST_FIRST(&proc0.p_children);
	}
}

/* The boot thread: process 0. */
void
nb_main(struct tine_machine *machine)
{
	struct tine__image image;

	nb_boot(machine);
	fork_init(machine, &image);
	mutex_enter(&proc_lock);
	while (initproc == NULL || initproc->p_stat != SZOMB)
		cv_wait(&proc0.p_waitcv, &proc_lock);
	while (nprocs > 2) {
		kill_the_rest();
		reap_the_rest();
		if (nprocs > 2)
			(void) cv_timedwait(&proc0.p_waitcv, &proc_lock,
			    tine__now() + NSEC_PER_TICK);
	}
	while (nb->nb_nexiting != 0) {
		mutex_exit(&proc_lock);
		tine__yield();
		mutex_enter(&proc_lock);
	}
	mutex_exit(&proc_lock);
	nb_verify();
	nb_halt();
}

/* The signal for a fault that nobody resolves, and its code. */
static void
trap_signal(const struct tine__trapframe *frame, int error, int *signo,
    int *code)
{
	*signo = frame->signo;
	*code = frame->code;
	if (frame->signo == SIGBUS)
		*code = BUS_ADRERR;
	if (frame->signo != SIGSEGV)
		return;
	*code = error == EACCES ? SEGV_ACCERR : SEGV_MAPERR;
	/* Out of swap: the process is killed. [NB-072] */
	if (error == ENOMEM)
		*signo = SIGKILL;
	if (error == TINE__EWATCH) {
		*signo = SIGTRAP;
		*code = frame->access == TINE__ACCESS_WRITE ?
		    TINE_TRAP_WWATCH : TINE_TRAP_RWATCH;
	}
}

/*
 * A fault of the current program: resolve it, or let it have the signal. For
 * want of memory init does not die but tries again each tick.
 */
void
nb_trap(const struct tine__trapframe *frame)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	uint64_t va;
	bool known;
	int error = EFAULT, signo, code;

	known = tine__vm_to_va(tine__machine_vm(nb->nb_machine),
	    frame->address, &va);
	if (frame->signo == SIGSEGV && known) {
		error = uvm_fault(p->p_vmspace, va, frame->access);
		while (error == ENOMEM && p == initproc) {
			(void) kpause("uvmwait", false, 1);
			error = uvm_fault(p->p_vmspace, va, frame->access);
		}
	}
	if (error == 0)
		return;
	if (error == TINE__ESTEP) {
		tine__cur->step = true;
		tine__cur->step_va = va;
		return;
	}
	trap_signal(frame, error, &signo, &code);
	p->p_vmspace->vm_as->bad_signo = signo;
	p->p_vmspace->vm_as->bad_code = code;
	p->p_vmspace->vm_as->bad_va = known ? va : 0;
	tine__ev(SEGV, known ? va : 0, signo);
	tine__ev(SIGINFO, signo, code);
	trapsignal(l, signo, code, frame->address);
}

/* A thread that is none of ours acts as one of process 0 for a while: as much
 * of an LWP as that takes. Halt waits for it. @return false: it is too late. */
bool
nb_visit(struct nb_state *state, struct lwp *visitor)
{
	if (!state->nb_up)
		return (false);
	memset(visitor, 0, sizeof (*visitor));
	visitor->l_nb = state;
	visitor->l_proc = &state->nb_proc0;
	visitor->l_cred = &state->nb_cred0;
	state->nb_external++;
	tine__cur->owner = visitor;
	return (true);
}

void
nb_leave(struct nb_state *state)
{
	tine__cur->owner = NULL;
	state->nb_external--;
}

/* A signal from outside. */
void
nb_external_kill(struct tine_machine *machine, int pid, int signo)
{
	struct nb_state *state = tine__machine_state(machine);
	struct lwp visitor;
	ksiginfo_t ksi;

	if (!nb_visit(state, &visitor))
		return;
	ksi_of(&ksi, &visitor, signo, SI_USER);
	(void) kill1(&visitor, pid, &ksi);
	nb_leave(state);
}

void
nb_describe(const struct tine__thread *thread, char *text, size_t size)
{
	const struct lwp *l = thread->owner;

	if (l == NULL || l->l_tt != thread || l->l_proc == NULL)
		(void) snprintf(text, size, "%s", thread->name);
	else
		(void) snprintf(text, size, "pid %u lwp %u (%s)",
		    (unsigned)thread->pid, (unsigned)thread->lwp,
		    l->l_proc->p_comm);
}

/* Address spaces, one that several processes have only once. */
size_t
nb_spaces(struct tine_machine *machine, struct tine__as **out, size_t max)
{
	struct nb_state *state = tine__machine_state(machine);
	struct proc *p;
	size_t n = 0, i;

	LIST_FOREACH(p, &state->nb_allproc, p_list) {
		if (p->p_vmspace == NULL || n == max)
			continue;
		for (i = 0; i < n; i++)
			if (out[i] == p->p_vmspace->vm_as)
				break;
		if (i == n)
			out[n++] = p->p_vmspace->vm_as;
	}
	return (n);
}

/*
 * The kernel reads a structure that nobody holds for it, as the real one does.
 * The object caches know what was given back, and by whom; that somebody else
 * has it by now shows in the number that every one gets (serial; may be NULL).
 */
void
nb_look(const void *object, const uint64_t *serial, uint64_t was,
    const char *where)
{
	const char *type;
	char who[128];
	bool live;

	type = tine__kmem_type_of(nb->nb_kmem, object, &live);
	if (live && (serial == NULL || *serial == was))
		return;
	if (live)
		snprintf(who, sizeof (who), " that is another one by now");
	else
		tine__kmem_freed_by(nb->nb_kmem, object, who, sizeof (who));
	tine__verdict(TINE_OUTCOME_USE_AFTER_FREE, "use after free of a "
	    "%s: %s: one%s", type, where, who);
}

const struct tine__flavour tine__flavour_netbsd = {
	.kernel = TINE_KERNEL_NETBSD,
	/*
	 * Kernel code of a user's LWP keeps its CPU until it blocks or returns:
	 * only kernel threads of a higher priority preempt it, and there are
	 * none here that compute.
	 */
	.preemptible = false,
	.locks_balance = true,
	.state_size = sizeof (struct nb_state),
	.main = nb_main,
	.calls = sysent,
	.post = nb_post,
	.trap = nb_trap,
	.ast = nb_ast,
	.external_kill = nb_external_kill,
	.describe = nb_describe,
	.spaces = nb_spaces,
	.files = &nb_fileops,
	.shared = &nb_callops
};
