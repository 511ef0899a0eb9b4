/* SPDX-License-Identifier: MIT */
/*
 * proc/flavour.h - the one table through which a kernel is reached, and what
 * the machine offers to kernels beyond scheduling and memory.
 */
#ifndef TINE__PROC_FLAVOUR_H
#define TINE__PROC_FLAVOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/machine.h>
#include <tine/program.h>

#include "proc/syscall.h"
#include "sched/lock.h"
#include "vm/vm.h"

/* A fault or exception of a program, as the host reported it. */
struct tine__trapframe {
	int signo;		/* host's SIGSEGV, SIGBUS, SIGFPE, SIGILL */
	int code;		/* its si_code; 0: the program raised it */
	uintptr_t address;	/* host address it concerns */
	unsigned access;	/* TINE__ACCESS_, for SIGSEGV */
	uintptr_t pc;		/* where the program was */
	uintptr_t sp;
};

struct tine__callops;
struct tine__fileops;

struct tine__flavour {
	enum tine_kernel kernel;
	bool preemptible;	/* kernel code may lose its CPU at any point */
	/* Every lock is destroyed before main returns; one that is not is a
	 * leak that names it. */
	bool locks_balance;
	size_t state_size;	/* of the flavour's per-machine state */

	/*
	 * Runs as the boot thread (process 0). Builds the kernel's tables and
	 * init, whose first process runs tine__init_main; waits until init has
	 * exited, takes everything down again. After it the books balance.
	 */
	void (*main)(struct tine_machine *machine);
	/*
	 * System calls by number; all there are below TINE__SYS_trace. Each
	 * gives -errno or a result, which is in the pcb when post() runs. NULL:
	 * a kernel without programs.
	 */
	int64_t (*const *calls)(const uint64_t args[5]);
	/* The slow way out of a system call, when thread->post is set. */
	void (*post)(void);
	/* Before a call of a thread that is to be looked at. @return 0, or what
	 * the call ends with instead. May be NULL if nobody asks for it. */
	int64_t (*pre)(void);
	/* A program faulted. Returns when it may go on; ends the process
	 * otherwise. */
	void (*trap)(const struct tine__trapframe *frame);
	/* Before user mode, when thread->ast is set. */
	void (*ast)(void);
	/* A signal from outside, or from the terminal to a group (-pid); runs
	 * in a kernel thread, which may hold the terminal's lock. */
	void (*external_kill)(struct tine_machine *machine, int pid,
	    int signo);
	/* The name of a thread for reports: "pid 101 lwp 1 (hello)". */
	void (*describe)(const struct tine__thread *thread, char *text,
	    size_t size);
	/* All live address spaces, for tine__vm_verify. @return how many. */
	size_t (*spaces)(struct tine_machine *machine,
	    struct tine__as **out, size_t max);
	/* What nodes ask of this kernel (file/file.h). */
	const struct tine__fileops *files;
	/* What the calls that all kernels share ask (proc/calls/calls.h). */
	const struct tine__callops *shared;
};

extern const struct tine__flavour tine__flavour_illumos,
    tine__flavour_opensolaris, tine__flavour_dragonfly,
    tine__flavour_netbsd;

/* --- what the machine offers --- */

/* The flavour's per-machine state, zeroed at boot. */
void *tine__machine_state(struct tine_machine *machine);
struct tine__kmem *tine__machine_kmem(struct tine_machine *machine);
struct tine__vm *tine__machine_vm(struct tine_machine *machine);
const struct tine_options *tine__machine_options(
    const struct tine_machine *machine);
/* The machine of the current thread. */
struct tine_machine *tine__machine(void);

/* The one source of choice: 0..n-1. kind is only for strategies and traces. */
enum tine__choice {
	TINE__CHOICE_SCHED,
	TINE__CHOICE_WAKE,
	TINE__CHOICE_OTHER,
	TINE__CHOICE_SIGNAL,	/* which thread takes it */
	TINE__CHOICE_FAIL,	/* chance.c, from here on */
	TINE__CHOICE_SPURIOUS,
	TINE__CHOICE_TIMEOUT,
	TINE__CHOICE_INTERRUPT
};
uint32_t tine__choose(struct tine_machine *machine, enum tine__choice kind,
    uint32_t n);

/* Which of n threads that could all take a signal is the first to be asked: 0
 * unless options.signal_targets. Every kernel leaves that to this. */
uint32_t tine__target(uint32_t n);

/* A fallible step of the kernel that is not an allocation ("no pid free"):
 * true when fault injection wants it to fail. */
bool tine__fail_step(struct tine_machine *machine, const char *what);

/* The event of the current thread. */
#define tine__ev(type, a, b) \
	tine__event(tine__cur->machine, TINE_EV_##type, (uint64_t)(a), \
	    (uint64_t)(b))
void tine__event(struct tine_machine *machine, enum tine_event_type type,
    uint64_t a, uint64_t b);

/* Spawned programs are numbered from 0 in order of tine_machine_spawn(). */
unsigned tine__machine_spawned(const struct tine_machine *machine);

/*
 * A fresh address space for a program: stack, argv on it, heap, module data.
 * Fills what tine__thread_set_user() needs.
 * argv: kernel strings. @return 0, ENOENT, ENOMEM, E2BIG.
 */
struct tine__image {
	struct tine__as *as;
	const struct tine_program *program;
	uintptr_t entry, a, b, after, stack_top;
	uint64_t stack_base, stack_size;	/* simulated; its limit */
	uint64_t stack_initial;	/* so much of it is mapped */
};
int tine__image_load(struct tine_machine *machine, const char *program,
    const char *const *argv, unsigned argc, struct tine__image *image);
/* The same with an environment, which follows argv on the stack. */
struct tine__args {
	const char *const *argv;
	const char *const *envp;
	unsigned argc, envc;
};
int tine__image_exec(struct tine_machine *machine, const char *program,
    const struct tine__args *args, struct tine__image *image);
/* The same for a spawned program (by its number), and for init itself. */
int tine__image_spawned(struct tine_machine *machine, unsigned index,
    struct tine__image *image);
int tine__image_init(struct tine_machine *machine, struct tine__image *image);
/* Pid of a spawned program, told at its exec; and how it ended (host wait
 * status), told at its exit. */
void tine__machine_started(struct tine_machine *machine, unsigned index,
    int pid);
void tine__machine_exited(struct tine_machine *machine, int pid, int status);
/* The name of a program for events: an id that is the same in every run. */
uint64_t tine__program_id(struct tine_machine *machine,
    const struct tine_program *program);

/* What a process shows; never blocks. Programs come here through the terminal
 * (file/file.h). */
void tine__console_write(struct tine_machine *machine, int pid,
    const char *text, size_t size);

/* A kernel has lost something for good: the audit of a run that passes tells
 * all of it, as a leak. The kernel gives it back when it halts. */
void tine__leaked(const char *format, ...) TINE_PRINTF(1, 2);

/* A failed check of a program or a kernel: ends the run. */
TINE_NORETURN void tine__check_failed(const char *file, int line,
    const char *expression);

#endif
