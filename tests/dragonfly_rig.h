/* SPDX-License-Identifier: MIT */
/*
 * dragonfly_rig.h - programs that run kernel code of their own: K(fn, a, b, c)
 * traps, and fn runs in the kernel, as the calling LWP. It sees the kernel's
 * structures, may take its tokens and sleep. Included by tests of DragonFly.
 */
#ifndef TINE_TESTS_DRAGONFLY_RIG_H
#define TINE_TESTS_DRAGONFLY_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/harness.h"
#include "proc/dragonfly/kern.h"

#define MS UINT64_C(1000000)
#define PAGE 4096
#define RW (TINE_PROT_READ | TINE_PROT_WRITE)
#define STACK 16384
#define UNUSED __attribute__((unused))

typedef int64_t (*rig_fn)(uint64_t a, uint64_t b, uint64_t c);

extern int64_t rig_trap(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((visibility("hidden")));
/* The same for what returns twice. */
extern int64_t rig_trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define K(fn, a, b, c) \
	rig_trap(TINE__SYS_none, (uintptr_t)(fn), (uint64_t)(a), \
	    (uint64_t)(b), (uint64_t)(c), 0)
#define vfork_() ((tine_pid_t)rig_trap_twice(TINE__SYS_vforkx, 0, 0, 0, 0, 0))

static int64_t
rig_call(const uint64_t args[5])
{
	userenter(curthread);
	return (((rig_fn)(uintptr_t)args[0])(args[1], args[2], args[3]));
}

static struct tine__flavour rig_flavour;
static int64_t (*rig_calls[TINE__SYS_trace])(const uint64_t args[5]);
static struct tine_machine *rig_machine;
static struct tine_result rig_result;

static struct tine_options
rig_options(void)
{
	struct tine_options options = harness_options();

	options.kernel = TINE_KERNEL_DRAGONFLY;
	return (options);
}

static UNUSED tine_quirks_t
rig_quirks(const char *words)
{
	tine_quirks_t quirks = 0;

	if (tine_quirks_parse(TINE_KERNEL_DRAGONFLY, words, &quirks) != 0)
		fail_msg("%s", tine_error_message());
	return (quirks);
}

static void
rig_create(const char *program, const struct tine_options *options)
{
	struct tine_options standard = rig_options();

	tine_machine_destroy(rig_machine);
	rig_machine = NULL;
	if (tine_machine_create(options != NULL ? options : &standard,
	    &rig_machine) != 0 ||
	    tine_machine_spawn(rig_machine, program, NULL) != 0)
		fail_msg("%s: %s", program, tine_error_message());
	rig_flavour = tine__flavour_dragonfly;
	memcpy(rig_calls, sysent, sizeof (rig_calls));
	rig_calls[TINE__SYS_none] = rig_call;
	rig_flavour.calls = rig_calls;
	rig_machine->flavour = &rig_flavour;
}

static enum tine_outcome
rig_run(const char *program, const struct tine_options *options)
{
	rig_create(program, options);
	if (tine_machine_run(rig_machine, &rig_result) != 0)
		fail_msg("%s: %s", program, tine_error_message());
	return (rig_result.outcome);
}

static void
rig_complain(const char *program, const char *what)
{
	fail_msg("%s: %s: fail_at %llu, status %x, %s\n%s%s", program, what,
	    (unsigned long long)rig_machine->options.fail_at,
	    (unsigned)rig_result.status,
	    tine_outcome_name(rig_result.outcome), rig_result.message,
	    rig_result.last_events);
}

static UNUSED void
rig_passes(const char *program, const struct tine_options *options)
{
	if (rig_run(program, options) != TINE_OUTCOME_PASSED ||
	    rig_result.status != 0)
		rig_complain(program, "does not pass");
}

/* It ends so, and says that. */
static UNUSED void
rig_ends(const char *program, const struct tine_options *options,
    enum tine_outcome want, const char *part)
{
	if (rig_run(program, options) != want)
		rig_complain(program, "ends otherwise");
	if (part != NULL && strstr(rig_result.message, part) == NULL)
		rig_complain(program, part);
}

/* Round-robin, and so many seeds on 1, 2 and 4 CPUs. */
static UNUSED void
rig_seeds(const char *program, unsigned seeds)
{
	struct tine_options options = rig_options();

	rig_passes(program, &options);
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 1; options.seed <= seeds; options.seed++) {
		options.ncpu = 1u << options.seed % 3;
		rig_passes(program, &options);
	}
}

/* With each of 60 seeds it passes, and exits with 9 where it saw what it looked
 * for: in some of them, and with 0 in the others. quirks NULL: the kernel's. */
static UNUSED void
rig_sees(const char *program, const char *quirks)
{
	struct tine_options options = rig_options();
	unsigned seen = 0;

	if (quirks != NULL)
		options.quirks = rig_quirks(quirks);
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 0; options.seed < 60; options.seed++) {
		if (rig_run(program, &options) != TINE_OUTCOME_PASSED ||
		    (rig_result.status != 0 && rig_result.status != 9 << 8))
			rig_complain(program, "does not pass");
		seen += rig_result.status == 9 << 8;
	}
	if (seen == 0)
		rig_complain(program, "never sees it");
}

/* --- what most programs ask of the kernel --- */

static UNUSED int64_t
k_nprocs(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (nprocs);
}

/* How many processes the caller's real user has. */
static UNUSED int64_t
k_proccnt(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return (curproc->p_ucred->cr_ruidinfo->ui_proccnt);
}

static UNUSED int64_t
k_books(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	df_books();
	return (0);
}

static UNUSED int64_t
k_at_fork(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	return (at_fork((forklist_fn)(uintptr_t)a));
}

static UNUSED int64_t
k_rm_at_fork(uint64_t a, uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	return (rm_at_fork((forklist_fn)(uintptr_t)a));
}

static UNUSED int64_t
k_free_frames(uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return ((int64_t)(tine__machine_options(df->df_machine)->memory_pages -
	    tine__vm_stats(tine__machine_vm(df->df_machine))->frames_used));
}

/* --- what most programs are made of --- */

/* Top of a new stack; NULL without memory. */
static UNUSED char *
new_stack(void)
{
	char *memory = tine_malloc(STACK);

	return (memory != NULL ? memory + STACK : NULL);
}

/* How often on_signal() ran in this process. */
static UNUSED TINE_DATA volatile int handled;

static UNUSED void
on_signal(int signo)
{
	(void)signo;
	handled++;
}

static UNUSED void
catch_signal(int signo)
{
	const struct tine_sigaction action = { .handler = on_signal };

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* Wait for any child that is left. */
static UNUSED void
reap_all(void)
{
	while (tine_sys_df_wait4(-1, NULL, 0) > 0 ||
	    tine_sys_df_wait4(-1, NULL, TINE_WLINUXCLONE) > 0)
		continue;
}

static UNUSED void
expect_exit(tine_pid_t pid, int code)
{
	int status = -1;

	tine_check(pid > 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == code << 8);
}

#define PROGRAM(name) \
	static int name(int argc, char **argv); \
	TINE_PROGRAM(name, "a test of DragonFly"); \
	static int \
	name(int argc UNUSED, char **argv UNUSED)

#endif
