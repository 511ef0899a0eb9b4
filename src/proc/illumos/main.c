/* SPDX-License-Identifier: MIT */
/*
 * main.c - the flavour's table, and what runs for the machine: process 0,
 * faults of programs, signals from outside.
 */
#include <stdio.h>

#include "proc/illumos/kern.h"

/* Start init. Its image cannot fail to load but for want of memory. */
static void
start_init(struct tine_machine *machine)
{
	struct tine__image image;
	int error;

	error = tine__image_init(machine, &image);
	if (error == 0)
		error = newproc(&image, IL_TS, 59, 1);
	if (error != 0)
		tine__panic("init cannot be started: errno %d", error);
	ASSERT(proc_init != NULL);
}

/*
 * init is gone: so must be everybody else. What init has waited for is gone
 * already; the rest is killed, as a zone's processes are when it halts.
 * Context: pidlock. [IL-145]
 */
static void
kill_the_rest(void)
{
	proc_t *p;

	global_zone->zone_status = ZONE_IS_SHUTTING_DOWN;
	for (p = practive; p != NULL; p = p->p_next) {
		if (p->p_stat != SRUN || (p->p_flag & SSYS) != 0)
			continue;
		mutex_enter(&p->p_lock);
		sigtoproc(p, NULL, SIGKILL);
		mutex_exit(&p->p_lock);
	}
}

/* The boot thread: process 0. */
void
il_main(struct tine_machine *machine)
{
	il_boot(machine);
	start_init(machine);
	mutex_enter(&pidlock);
	while (proc_init->p_stat != SZOMB)
		cv_wait(&p0.p_cv, &pidlock);
	mutex_exit(&pidlock);
	zones_halt();
	mutex_enter(&pidlock);
	while (nproc > 2) {
		/* An embryo is killed in a later round. */
		kill_the_rest();
		(void) tine__cv_wait(&p0.p_cv, &pidlock, 0,
		    tine__now() + HZ * NSEC_PER_TICK, TINE__WHERE);
	}
	mutex_exit(&pidlock);
	tine__point_cond(&il->il_gone, il_all_gone, NULL);
	il_verify();
	il_halt();
}

/*
 * The signal for a fault that nobody resolves, and its code: nothing mapped,
 * against the protection, no memory for the page (the object's failure, so
 * SIGBUS), watched for. What the host found wrong by itself keeps its signal.
 */
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
	if (error == TINE__EWATCH) {
		*signo = SIGTRAP;
		*code = frame->access == TINE__ACCESS_WRITE ?
		    TINE_TRAP_WWATCH : TINE_TRAP_RWATCH;
	}
}

/*
 * A fault of the current program: resolve it, or kill the process. [IL-124]
 *
 * DEVIATION IL-146: for want of memory init does not die but tries again each
 * tick, because nothing starts it again.
 */
void
il_trap(const struct tine__trapframe *frame)
{
	proc_t *p = curproc;
	uint64_t va;
	struct tine_siginfo info;
	bool known;
	int error = EFAULT, signo, code;

	ttolwp(curthread)->lwp_ru.ru_minflt++;
	known = tine__vm_to_va(tine__machine_vm(il->il_machine), frame->address,
	    &va);
	if (frame->signo == SIGSEGV && known) {
		error = as_fault(p->p_as, va, frame->access);
		while (error == ENOMEM && p == proc_init) {
			delay(1);
			error = as_fault(p->p_as, va, frame->access);
		}
	}
	if (error == 0)
		return;
	if (error == TINE__ESTEP) {
		/* Beside a watched area: this one instruction may have it. */
		tine__cur->step = true;
		tine__cur->step_va = va;
		return;
	}
	trap_signal(frame, error, &signo, &code);
	if (p->p_as != &kas) {
		p->p_as->a_tas->bad_signo = signo;
		p->p_as->a_tas->bad_code = code;
		p->p_as->a_tas->bad_va = known ? va : 0;
	}
	tine__ev(SEGV, known ? va : 0, signo);
	tine__ev(SIGINFO, signo, code);
	PROBE(PROC_FAULT, signo, code);
	if (sig_isset(p->p_fltmask, signo)) {
		mutex_enter(&p->p_lock);
		if ((p->p_flag & (SKILLED | SEXITLWPS)) == 0)
			stop(PR_FAULTED, signo);
		mutex_exit(&p->p_lock);
	}
	tine__siginfo_fault(&info, signo, code, signo == SIGSEGV ||
	    signo == SIGBUS || signo == SIGTRAP ? frame->address : frame->pc);
	trapsig(&info);
}

/* A signal from outside, in a thread that is none of ours. */
void
il_external_kill(struct tine_machine *machine, int pid, int signo)
{
	struct il_state *is = tine__machine_state(machine);
	kthread_t visitor;

	if (!is->il_up)
		return;
	memset(&visitor, 0, sizeof (visitor));
	visitor.t_tt = tine__cur;
	visitor.t_il = is;
	visitor.t_procp = &is->il_p0;
	is->il_external++;
	tine__cur->owner = &visitor;
	(void) sigsendpid(pid, signo);
	tine__cur->owner = NULL;
	is->il_external--;
}

void
il_describe(const struct tine__thread *thread, char *text, size_t size)
{
	const kthread_t *t = thread->owner;

	if (t == NULL || t->t_procp == NULL || t->t_procp->p_pidp == NULL)
		(void) snprintf(text, size, "%s", thread->name);
	else
		(void) snprintf(text, size, "pid %u lwp %u (%s)",
		    (unsigned)thread->pid, (unsigned)thread->lwp,
		    PTOU(t->t_procp)->u_comm);
}

/* Address spaces that processes own; a borrowed one counts for its owner. */
size_t
il_spaces(struct tine_machine *machine, struct tine__as **out, size_t max)
{
	struct il_state *is = tine__machine_state(machine);
	size_t n = 0;

	for (proc_t *p = is->il_practive; p != NULL && n < max; p = p->p_next)
		if (p->p_as != &is->il_kas && p->p_as != NULL &&
		    (p->p_flag & SVFORK) == 0)
			out[n++] = p->p_as->a_tas;
	return (n);
}

/*
 * Two releases of one kernel: what differs between them are quirks.
 *
 * preemptible: kernel code of a time-sharing LWP keeps its CPU until it blocks
 * or returns: cpu_surrender() asks for kernel preemption only on behalf of
 * priorities from kpqpri on, which are those of the real-time class.
 */
#define SOLARIS(number) { \
	.kernel = (number), \
	.preemptible = false, \
	.locks_balance = true, \
	.state_size = sizeof (struct il_state), \
	.main = il_main, \
	.calls = sysent, \
	.pre = pre_syscall, \
	.post = post_syscall, \
	.trap = il_trap, \
	.ast = il_ast, \
	.external_kill = il_external_kill, \
	.describe = il_describe, \
	.spaces = il_spaces, \
	.files = &il_fileops, \
	.shared = &il_callops, \
}

const struct tine__flavour tine__flavour_illumos =
    SOLARIS(TINE_KERNEL_ILLUMOS);
const struct tine__flavour tine__flavour_opensolaris =
    SOLARIS(TINE_KERNEL_OPENSOLARIS);
