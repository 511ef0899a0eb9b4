/* SPDX-License-Identifier: MIT */
/*
 * main.c - the flavour's table, and what runs for the machine: process 0,
 * faults of programs, signals from outside.
 */
#include <stdio.h>

#include "proc/dragonfly/kern.h"

/* Let init run the image that exec would have given it. */
static void
init_image(struct proc *p, struct lwp *lp, struct tine__image *image)
{
	p->p_vmspace = vmspace_alloc(image->as);
	p->p_vmspace->vm_ssize = image->stack_initial / TINE__PAGE;
	p->p_vmspace->vm_minsaddr = image->stack_base + image->stack_size;
	image->as->pid = 1;
	lwp_setvmspace(lp, p->p_vmspace);
	p->p_comm = image->program->name;
	p->p_textvp = vn_lookup(image->program);
	p->p_flags |= P_EXEC;
	tine__thread_set_user(lp->lwp_thread->td_tt, image->entry, image->a,
	    image->b, image->after, image->stack_top);
}

/*
 * Process 1, child of process 0, owner of the root of all reapers.
 *
 * DEVIATION DF-102: process 0 forks it as any process would, and it execs init.
 * Here what fork1() would make is made in place, because there is no space to
 * copy.
 */
static void
start_init(struct tine_machine *machine)
{
	struct tine__image image;
	struct proc *p;
	struct lwp *lp;
	int error;

	error = tine__image_init(machine, &image);
	if (error != 0)
		tine__panic("init cannot be started: errno %d", error);
	p = kmalloc(proc_cache);
	(void) tine__atomic_add_32(&nprocs, 1);
	(void) chgproccnt(curthread->td_ucred->cr_ruidinfo, 1, 0);
	p->p_lasttid = -1;
	p->p_stat = SIDL;
	spin_init(&p->p_spin, &df_class_p_spin);
	lwkt_token_init(&p->p_token, &df_class_proc);
	lwkt_gettoken(&p->p_token);
	p->p_leader = p;
	proc_add_allproc(p);
	ASSERT3(p->p_pid, ==, 1);
	initproc = p;
	reaper_init(p, &initreaper);
	p->p_ucred = crhold(curthread->td_ucred);
	p->p_usched = proc0.p_usched;
	p->p_sigacts = sigacts_alloc();
	*p->p_sigacts = *proc0.p_sigacts;
	p->p_sigacts->ps_refcnt = 1;
	p->p_sigparent = SIGCHLD;
	p->p_fd = fdinit(&proc0);
	p->p_fd->fd_cdir = p->p_fd->fd_rdir = rootvnode;
	tine__node_hold(rootvnode);
	tine__node_hold(rootvnode);
	console_open(p->p_fd);
	p->p_limit = plimit_fork(&proc0);
	p->p_pgrp = proc0.p_pgrp;
	pgref(p->p_pgrp);
	pg_insert_after(&proc0, p);
	p->p_pptr = &proc0;
	proc_link(&proc0, p);
	lp = lwp_fork(curthread->td_lwp, p, 0);
	tine__cur->touch_stack = false;
	lp->lwp_thread->td_tt->touch_stack = false;
	init_image(p, lp, &image);
	fork_count(&proc0, p, RFFDG | RFPROC);
	p->p_stat = SACTIVE;
	p->p_usched->resetpriority(lp);
	p->p_usched->setrunqueue(lp);
	df->df_up = true;
	lwkt_reltoken(&p->p_token);
}

/* init is gone: so must be everybody else. @return whether anybody is left. */
static bool
kill_the_rest(void)
{
	struct proc *p;
	bool left = false;

	for (unsigned n = 0; n < ALLPROC_HSIZE; n++) {
		for (p = allprocs[n]; p != NULL; p = p->p_list) {
			if (p == &proc0 || p == initproc ||
			    (p->p_stat == SIDL && p->p_nthreads == 0))
				continue;
			left = true;
			if (p->p_stat != SZOMB)
				ksignal(p, SIGKILL);
		}
	}
	return (left);
}

/* Children that came to process 0 when init was no more. */
static void
reap_the_rest(void)
{
	struct df_rusage ru;
	struct proc *p;
	int status, res;

	for (p = proc0.p_children; p != NULL; p = p->p_sibling) {
		if (p == initproc || p->p_stat != SZOMB)
			continue;
		(void) kern_wait(p->p_pid, &status, TINE_WAIT4_NOHANG |
		    (p->p_sigparent != SIGCHLD ? (int)TINE_WLINUXCLONE : 0),
		    &ru, &res);
		return;
	}
}

static bool
everybody_gone(struct tine__thread *self, void *arg)
{
	const struct df_state *ds = arg;

	(void) self;
	return (ds->df_nexiting == 0 && ds->df_initproc->p_nthreads == 0);
}

/* The boot thread: process 0. */
void
df_main(struct tine_machine *machine)
{
	df_boot(machine);
	start_init(machine);
	for (;;) {
		tsleep_interlock(&proc0);
		if (initproc->p_stat == SZOMB)
			break;
		tsleep(&proc0, PINTERLOCKED, "initwt", 0);
	}
	tine__tsleep_remove();
	while (kill_the_rest()) {
		reap_the_rest();
		tsleep(&proc0, 0, "haltwt", 1);
	}
	tine__point_cond(&df->df_gone, everybody_gone, df);
	while (df->df_external != 0)
		tine__yield();
	df_verify();
	df_halt();
}

/* The signal for a fault that nobody resolves. */
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
	if (error == ENOMEM) {
		*signo = SIGBUS;
		*code = BUS_OBJERR;
	}
}

/*
 * A fault of the current program: resolve it, or tell the process.
 *
 * DEVIATION DF-047: for want of memory init does not die but tries again each
 * tick, because nothing starts it again.
 */
void
df_trap(const struct tine__trapframe *frame)
{
	struct proc *p = curproc;
	struct vmspace *vm = p->p_vmspace;
	struct tine_siginfo info;
	uint64_t va;
	bool known;
	int error = EFAULT, signo, code;

	userenter(curthread);
	known = tine__vm_to_va(tine__machine_vm(df->df_machine),
	    frame->address, &va);
	if (frame->signo == SIGSEGV && known) {
		error = vm_fault(vm, va, frame->access);
		while (error == ENOMEM && p == initproc) {
			tsleep(&df->df_vmspaces, 0, "vmwait", 1);
			error = vm_fault(vm, va, frame->access);
		}
	}
	if (error == 0) {
		curthread->td_lwp->lwp_ru.ru_minflt++;
		return;
	}
	trap_signal(frame, error, &signo, &code);
	vm->vm_as->bad_signo = signo;
	vm->vm_as->bad_code = code;
	vm->vm_as->bad_va = known ? va : 0;
	tine__ev(SEGV, known ? va : 0, signo);
	tine__ev(SIGINFO, signo, code);
	tine__siginfo_fault(&info, signo, code, signo == SIGSEGV ||
	    signo == SIGBUS || signo == SIGTRAP ? frame->address : frame->pc);
	trapsignal(&info);
}

/* A signal from outside, in a thread that is none of ours. */
void
df_external_kill(struct tine_machine *machine, int pid, int signo)
{
	struct df_state *ds = tine__machine_state(machine);
	struct thread visitor;

	if (!ds->df_up)
		return;
	memset(&visitor, 0, sizeof (visitor));
	visitor.td_tt = tine__cur;
	visitor.td_df = ds;
	visitor.td_proc = &ds->df_proc0;
	ds->df_external++;
	tine__cur->owner = &visitor;
	tine__cur->toks = &visitor.td_toks_array;
	(void) kern_kill(signo, pid, -1);
	tine__cur->toks = NULL;
	tine__cur->owner = NULL;
	ds->df_external--;
}

void
df_describe(const struct tine__thread *thread, char *text, size_t size)
{
	const struct thread *td = thread->owner;

	if (td == NULL || td->td_lwp == NULL || td->td_proc == NULL ||
	    td->td_proc == &td->td_df->df_proc0)
		(void) snprintf(text, size, "%s", thread->name);
	else
		(void) snprintf(text, size, "pid %u lwp %u (%s)",
		    (unsigned)thread->pid, (unsigned)thread->lwp,
		    td->td_proc->p_comm != NULL ? td->td_proc->p_comm : "?");
}

size_t
df_spaces(struct tine_machine *machine, struct tine__as **out, size_t max)
{
	const struct df_state *ds = tine__machine_state(machine);
	size_t n = 0;

	for (struct vmspace *vm = ds->df_vmspaces; vm != NULL && n < max;
	    vm = vm->vm_next)
		if (vm->vm_as != NULL)
			out[n++] = vm->vm_as;
	return (n);
}

const struct tine__flavour tine__flavour_dragonfly = {
	.kernel = TINE_KERNEL_DRAGONFLY,
	/*
	 * Only interrupt threads preempt, and none of them is modelled: kernel
	 * code of an LWP keeps its CPU until it blocks or returns.
	 */
	.preemptible = false,
	.locks_balance = true,
	.state_size = sizeof (struct df_state),
	.main = df_main,
	.calls = sysent,
	.post = df_post,
	.trap = df_trap,
	.ast = df_ast,
	.external_kill = df_external_kill,
	.files = &df_fileops,
	.shared = &df_callops,
	.describe = df_describe,
	.spaces = df_spaces
};
