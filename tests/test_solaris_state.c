/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_state.c - what a child has of its parent beyond the obvious, set
 * and seen by calls: bindings, classes, core settings, contexts, brands,
 * privileges, security flags, audit, locked memory, profiling, agents.
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
#include "proc/syscall.h"
#include "sched/trap.h"
#include "support/harness.h"
#include "support/kcall.h"
#include "proc/illumos/kern.h"

#define PAGE 4096

/* The status of a child that has ended, or is about to. */
static int
reap(tine_pid_t child)
{
	int status;

	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- CPUs --- */

static int
cpu_of(int lwp)
{
	int old = 77;

	tine_check(tine_sys_processor_bind(TINE_P_LWPID, lwp, TINE_PBIND_QUERY,
	    &old) == 0);
	return old;
}

static int
pset_of(int lwp)
{
	int old = 77;

	tine_check(tine_sys_pset_bind(TINE_PS_QUERY, TINE_P_LWPID, lwp,
	    &old) == 0);
	return old;
}

static void
lwp_bound(void *arg)
{
	const int *psets = arg;

	/* Bound as its creator was. */
	tine_check(cpu_of(0) == 1);
	/* To leave a set is to leave its CPUs. */
	tine_check(tine_sys_pset_bind(psets[1], TINE_P_LWPID, 0, NULL) ==
	    -EBUSY);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, TINE_PBIND_NONE,
	    NULL) == 0);
	tine_check(tine_sys_pset_bind(psets[1], TINE_P_LWPID, 0, NULL) == 0);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, 2, NULL) == 0);
	for (;;)
		tine_sys_pause();
}

MAIN(st_bind)
	static int psets[2];
	tine_pid_t child;
	int old, lwp;

	tine_check(cpu_of(1) == TINE_PBIND_NONE && pset_of(1) == TINE_PS_NONE);
	psets[0] = tine_sys_pset_create();
	psets[1] = tine_sys_pset_create();
	tine_check(psets[0] > 0 && psets[1] > psets[0]);
	/* Nobody could run in a set without CPUs. */
	tine_check(tine_sys_pset_bind(psets[0], TINE_P_LWPID, 0, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_pset_assign(psets[0], 1, &old) == 0 &&
	    old == TINE_PS_NONE);
	tine_check(tine_sys_pset_assign(psets[1], 2, NULL) == 0);
	tine_check(tine_sys_processor_bind(TINE_P_PID, tine_sys_getpid(), 1,
	    NULL) == -EINVAL);
	tine_check(tine_sys_pset_bind(psets[0], TINE_P_PID, tine_sys_getpid(),
	    &old) == 0 && old == TINE_PS_NONE);
	tine_check(tine_sys_processor_bind(TINE_P_PID, tine_sys_getpid(), 1,
	    &old) == 0 && old == TINE_PBIND_NONE);
	/* Somebody is bound to it, or to the set that it is the last of; the
	 * last one that is in none. */
	tine_check(tine_sys_pset_assign(psets[1], 1, NULL) == -EBUSY);
	tine_check(tine_sys_pset_assign(psets[1], 0, NULL) == -EBUSY);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, TINE_PBIND_NONE,
	    NULL) == 0);
	tine_check(tine_sys_pset_assign(psets[1], 1, NULL) == -EBUSY);
	tine_check(tine_sys_pset_assign(TINE_PS_QUERY, 1, &old) == 0 &&
	    old == psets[0]);
	tine_check(tine_sys_pset_assign(psets[0], 1, NULL) == 0);
	tine_check(tine_sys_pset_assign(psets[0], 3, NULL) == -EINVAL);
	tine_check(tine_sys_pset_assign(60, 0, NULL) == -EINVAL);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, 1, NULL) == 0);
	lwp = tine_sys_lwp_create(lwp_bound, psets);
	tine_check(lwp > 0);
	tine_sys_nanosleep(MS);
	tine_check(cpu_of(lwp) == 2 && pset_of(lwp) == psets[1]);
	tine_check(cpu_of(1) == 1 && pset_of(1) == psets[0]);
	child = forkall();
	if (child == 0) {
		/* Everybody as the one that forks. */
		tine_check(curproc->p_lwpcnt == 2);
		tine_check(cpu_of(1) == 1 && cpu_of(lwp) == 1);
		tine_check(pset_of(1) == psets[0] && pset_of(lwp) == psets[0]);
		tine_sys_exit(0);
	}
	tine_check(reap(child) == 0);
	tine_check(tine_sys_processor_bind(TINE_P_PID, tine_sys_getpid(), 3,
	    NULL) == -EINVAL);
	tine_check(tine_sys_processor_bind(TINE_P_PID, tine_sys_getpid(), -3,
	    NULL) == -EINVAL);
	tine_check(tine_sys_processor_bind(TINE_P_PID, 4711, 0, NULL) ==
	    -ESRCH);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 99, 0, NULL) ==
	    -ESRCH);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, 1, (int *)8) ==
	    -EFAULT);
	tine_check(tine_sys_pset_bind(60, TINE_P_LWPID, 0, NULL) == -EINVAL);
	tine_check(tine_sys_pset_destroy(psets[0]) == 0);
	tine_check(pset_of(1) == TINE_PS_NONE && pset_of(lwp) == psets[1]);
	tine_check(tine_sys_pset_destroy(psets[0]) == -EINVAL);
	tine_check(tine_sys_pset_bind(psets[0], TINE_P_LWPID, 0, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(tine_sys_pset_create() == -EPERM);
	tine_check(tine_sys_pset_destroy(psets[1]) == -EPERM);
	tine_check(tine_sys_pset_bind(psets[1], TINE_P_LWPID, 0, NULL) ==
	    -EPERM);
	tine_check(tine_sys_processor_bind(TINE_P_PID, 1, 0, NULL) == -EPERM);
	tine_check(tine_sys_processor_bind(TINE_P_LWPID, 0, TINE_PBIND_NONE,
	    NULL) == 0);
	tine_check(cpu_of(1) == TINE_PBIND_NONE);
	return 0;
END(st_bind, "LWPs that are bound");

/* spec: IL-069 */
static void
every_clone_is_bound_as_the_one_that_forks(void **state)
{
	struct tine_options options = kcall_options(TINE_KERNEL_ILLUMOS, "");

	(void)state;
	options.ncpu = 3;
	harness_passes("st_bind", &options, 0);
}

/* --- scheduling classes --- */

static void
lwp_pauses(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

static void
class_is(tine_pid_t pid, int lwp, int cid, int pri)
{
	int c = -1, p = -1;

	tine_check(tine_sys_priocntl_get(pid, lwp, &c, &p) == 0);
	tine_check(c == cid && p == pri);
}

MAIN(st_class)
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t child;
	int lwp = tine_sys_lwp_create(lwp_pauses, NULL);
	int fss = tine_sys_lwp_create(lwp_pauses, NULL);

	tine_sys_nanosleep(MS);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_FX, 40) == 0);
	tine_check(tine_sys_priocntl(me, lwp, TINE_CLASS_IA, 25) == 0);
	tine_check(tine_sys_priocntl(me, fss, TINE_CLASS_FSS, 3) == 0);
	child = forkall();
	if (child == 0) {
		/* Each in its original's class; FSS with a fresh share. */
		class_is(tine_sys_getpid(), 1, TINE_CLASS_FX, 40);
		class_is(tine_sys_getpid(), lwp, TINE_CLASS_IA, 25);
		class_is(tine_sys_getpid(), fss, TINE_CLASS_FSS, FSS_INITPRI);
		tine_sys_exit(0);
	}
	/* The parent's own: FX keeps its priority in the launch. */
	class_is(me, 1, TINE_CLASS_FX, 40);
	class_is(me, fss, TINE_CLASS_FSS, 3);
	tine_check(reap(child) == 0);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_IA, 40) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		class_is(tine_sys_getpid(), 1, TINE_CLASS_IA, 40);
		tine_sys_exit(0);
	}
	/* As if the quantum were over. */
	class_is(me, 1, TINE_CLASS_IA, 30);
	tine_check(reap(child) == 0);
	tine_check(tine_sys_priocntl(me, 1, 6, 1) == -EINVAL);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_SYS, 1) == -EINVAL);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_TS, 100) == -EINVAL);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_TS, -1) == -EINVAL);
	tine_check(tine_sys_priocntl(me, 9, TINE_CLASS_TS, 1) == -ESRCH);
	tine_check(tine_sys_priocntl(me, 0, TINE_CLASS_TS, 1) == -ESRCH);
	tine_check(tine_sys_priocntl(4711, 1, TINE_CLASS_TS, 1) == -ESRCH);
	tine_check(tine_sys_priocntl_get(me, 1, NULL, NULL) == -EFAULT);
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_RT, 1) == -EPERM);
	tine_check(tine_sys_priocntl(me, 1, TINE_CLASS_TS, 1) == 0);
	return 0;
END(st_class, "LWPs in several classes");

/* spec: IL-070 IL-097 */
static void
a_clone_is_in_the_class_of_its_original(void **state)
{
	(void)state;
	harness_passes("st_class", NULL, 0);
}

/* --- core settings and contexts --- */

MAIN(st_exec_ldt)
	/* exec frees contexts. */
	return tine_sys_ldt(tine_sys_getpid(), 3) == -ENOENT ? 0 : 1;
END(st_exec_ldt, "whether it has a table");

MAIN(st_core)
	const tine_pid_t me = tine_sys_getpid();
	char pattern[32];
	tine_pid_t child;

	tine_check(tine_sys_core_get(me, pattern, 32) == 0);
	tine_check(tine_sys_core_set(me, "core.%p") == 0);
	tine_check(tine_sys_core_get_content(me) == 0);
	tine_check(tine_sys_core_set_content(me, 5) == 0);
	tine_check(tine_sys_core_set_content(4711, 5) == -ESRCH);
	tine_check(tine_sys_core_get_content(4711) == -ESRCH);
	child = tine_sys_fork();
	if (child == 0) {
		const tine_pid_t pid = tine_sys_getpid();

		tine_check(curproc->p_corefile ==
		    curproc->p_parent->p_corefile);
		tine_check(curproc->p_corefile->ccp_refcnt == 2);
		tine_check(tine_sys_core_get_content(pid) == 5);
		tine_check(tine_sys_core_get(pid, pattern, 32) == 7);
		tine_check(strcmp(pattern, "core.%p") == 0);
		/* A change is one's own. */
		tine_check(tine_sys_core_set(pid, "x") == 0);
		tine_sys_exit(0);
	}
	tine_check(reap(child) == 0 && curproc->p_corefile->ccp_refcnt == 1);
	tine_check(tine_sys_core_get(me, pattern, 3) == -EINVAL);
	tine_check(tine_sys_core_set(4711, "x") == -ESRCH);
	tine_check(tine_sys_core_set(me, (char *)8) == -EFAULT);
	/* A context with a callback: a table of descriptors. */
	tine_check(tine_sys_ldt(me, 3) == -ENOENT);
	tine_check(tine_sys_sysi86_dscr(16, 1) == -EINVAL);
	tine_check(tine_sys_sysi86_dscr(3, 33) == 0);
	tine_check(tine_sys_sysi86_dscr(4, 44) == 0);
	tine_check(tine_sys_ldt(me, 16) == -EINVAL);
	child = tine_sys_fork();
	if (child == 0) {
		const tine_pid_t pid = tine_sys_getpid();

		/* Once. */
		tine_check(curproc->p_pctx != NULL &&
		    curproc->p_pctx->pc_next == NULL);
		tine_check(tine_sys_ldt(pid, 3) == 33);
		tine_check(tine_sys_sysi86_dscr(3, 34) == 0);
		tine_check(tine_sys_ldt(pid, 3) == 34);
		tine_check(tine_sys_ldt(pid, 4) == 44);
		tine_check(tine_sys_ldt(tine_sys_getppid(), 3) == 33);
		tine_sys_exec("st_exec_ldt", NULL);
	}
	tine_check(reap(child) == 0);
	tine_check(tine_sys_ldt(me, 3) == 33);
	return 0;
END(st_core, "core settings and contexts");

/* spec: IL-067 IL-092 */
static void
core_settings_are_inherited_and_contexts_copied(void **state)
{
	(void)state;
	harness_passes("st_core", NULL, 0);
}

/* --- brands --- */

/* What those in the zone have found: nobody outside waits for them. */
static volatile int branded;

MAIN(st_branded)
	const struct tine_ct_template tmpl = { 0 };
	struct tine_brand_info info;
	struct tine_rctl none = { .privilege = TINE_RCPRIV_PRIVILEGED,
	    .action = TINE_RCTL_DENY };
	tine_pid_t child;

	if (tine_sys_brand(&info) == -ENOSYS) {
		branded = 3;
		return 0;
	}
	tine_check(strcmp(info.name, "sn1") == 0 && info.copied == 0);
	tine_check(tine_sys_brand(NULL) == -EFAULT);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(tine_sys_brand(&info));
	tine_check(reap(child) == 0);
	tine_check(tine_sys_brand(&info) == 0);
	tine_check(info.copied == 1 && info.forklwps == 1);
	tine_check(info.setrvals == 1 && info.freelwps == 0);
	/* What it has done is undone when the contract cannot be made. */
	tine_check(tine_sys_setrctl("project.max-contracts", NULL, &none,
	    TINE_RCTL_INSERT) == 0);
	tine_check(tine_sys_ct_activate(&tmpl) == 0);
	tine_check(tine_sys_fork() == -EAGAIN);
	tine_check(tine_sys_brand(&info) == 0);
	tine_check(info.forklwps == 2 && info.freelwps == 1);
	branded = 2;
	return 0;
END(st_branded, "a branded process");

MAIN(st_brand_exec)
	struct tine_brand_info info;

	branded = tine_sys_brand(&info) == 0 ? 1 : 3;
	return 0;
END(st_brand_exec, "whether it has a brand");

MAIN(st_brand)
	struct tine_brand_info info;
	int zone = tine_sys_zone_create();
	tine_pid_t child;
	int error;

	branded = 0;
	tine_check(tine_sys_brand(&info) == -ENOSYS);
	error = tine_sys_zone_setbrand(zone, "sn1");
	tine_check(error == 0 || error == -ENOSYS);
	if (error == 0) {
		tine_check(tine_sys_zone_setbrand(zone, "lx") == -EBUSY);
		tine_check(tine_sys_zone_setbrand(zone,
		    "a name that is too long") == -EINVAL);
		tine_check(tine_sys_zone_setbrand(zone, NULL) == -EFAULT);
		tine_check(tine_sys_zone_setbrand(0, "lx") == -EBUSY);
	}
	tine_check(tine_sys_zone_boot(zone, "st_brand_init", 1) == 0);
	/* Who enters is branded from its exec on. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		tine_check(tine_sys_brand(&info) == -ENOSYS);
		tine_check(tine_sys_zone_setbrand(zone, "lx") < 0);
		tine_sys_exec("st_brand_exec", NULL);
	}
	tine_sys_nanosleep(MS);
	tine_check(branded == (error == 0 ? 1 : 3));
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_zone_enter(zone) == 0);
		tine_sys_exec("st_branded", NULL);
	}
	tine_sys_nanosleep(MS);
	tine_check(branded == (error == 0 ? 2 : 3));
	tine_check(tine_sys_zone_shutdown(zone) == 0);
	tine_check(tine_sys_zone_destroy(zone) == 0);
	return branded - 2;
END(st_brand, "a branded zone");

MAIN(st_brand_init)
	for (;;)
		tine_sys_pause();
	return 0;
END(st_brand_init, "the init of a branded zone");

/* spec: OS-20 IL-051 IL-086 */
static void
there_were_no_brands(void **state)
{
	(void)state;
	kcall_both("st_brand", "OS-20", 1, 0);
}

/* --- privileges --- */

#define FORK TINE_PRIV_PROC_FORK

MAIN(st_priv_exec)
	/* What was inheritable, within the limit. */
	tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) == TINE_PRIV_BASIC);
	tine_check(tine_sys_getppriv(TINE_PRIV_PERMITTED) == TINE_PRIV_BASIC);
	tine_check(tine_sys_getppriv(TINE_PRIV_LIMIT) ==
	    (int64_t)(TINE_PRIV_ALL & ~TINE_PRIV_SYS_AUDIT));
	return tine_sys_fork() >= 0 ? 0 : 1;
END(st_priv_exec, "privileges after exec");

MAIN(st_priv)
	const uint32_t misc = global_zone->zone_ffmisc;
	tine_pid_t child;

	tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) == TINE_PRIV_ALL);
	tine_check(tine_sys_getppriv(TINE_PRIV_INHERITABLE) ==
	    TINE_PRIV_BASIC);
	tine_check(tine_sys_getppriv(9) == -EINVAL);
	tine_check(tine_sys_setppriv(TINE_PRIV_ON, 9, FORK) == -EINVAL);
	tine_check(tine_sys_setppriv(3, TINE_PRIV_EFFECTIVE, FORK) == -EINVAL);
	tine_check(tine_sys_setppriv(TINE_PRIV_ON, TINE_PRIV_EFFECTIVE,
	    UINT64_C(1) << 40) == -EINVAL);
	/* Without it none of the forks; the test comes after the flags'. */
	tine_check(tine_sys_setppriv(TINE_PRIV_OFF, TINE_PRIV_EFFECTIVE,
	    FORK) == 0);
	tine_check(tine_sys_fork() == -EPERM);
	tine_check(forkall() == -EPERM);
	tine_check(tine_sys_forkx(64) == -EINVAL);
	tine_check(global_zone->zone_ffmisc == misc + 3);
	tine_check(tine_sys_setppriv(TINE_PRIV_ON, TINE_PRIV_EFFECTIVE,
	    FORK) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		/* Inheritable, but beyond the limit that is set below. */
		tine_check(tine_sys_setppriv(TINE_PRIV_ON,
		    TINE_PRIV_INHERITABLE, TINE_PRIV_SYS_AUDIT) == 0);
		/* A child's own, from then on. */
		tine_check(tine_sys_setppriv(TINE_PRIV_SET,
		    TINE_PRIV_PERMITTED, FORK | TINE_PRIV_PROC_SETID) == 0);
		tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) ==
		    (FORK | TINE_PRIV_PROC_SETID));
		tine_check(tine_sys_setppriv(TINE_PRIV_ON,
		    TINE_PRIV_PERMITTED, TINE_PRIV_SYS_RESOURCE) == -EPERM);
		tine_check(tine_sys_setppriv(TINE_PRIV_ON,
		    TINE_PRIV_EFFECTIVE, TINE_PRIV_SYS_RESOURCE) == -EPERM);
		tine_check(tine_sys_setppriv(TINE_PRIV_ON,
		    TINE_PRIV_INHERITABLE, TINE_PRIV_SYS_RESOURCE) == -EPERM);
		tine_check(tine_sys_setppriv(TINE_PRIV_OFF, TINE_PRIV_LIMIT,
		    TINE_PRIV_SYS_AUDIT) == 0);
		tine_check(tine_sys_setppriv(TINE_PRIV_ON, TINE_PRIV_LIMIT,
		    TINE_PRIV_SYS_AUDIT) == -EPERM);
		/* Ids do not change them any more. */
		tine_check(tine_sys_setuid(100) == 0);
		tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) ==
		    (FORK | TINE_PRIV_PROC_SETID));
		tine_sys_exec("st_priv_exec", NULL);
	}
	tine_check(reap(child) == 0);
	tine_check(tine_sys_getppriv(TINE_PRIV_PERMITTED) == TINE_PRIV_ALL);
	return 0;
END(st_priv, "privileges");

MAIN(st_priv_ids)
	/* With the ids, as long as nobody sets them. */
	tine_check(tine_sys_seteuid(100) == 0);
	tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) == TINE_PRIV_BASIC);
	tine_check(tine_sys_getppriv(TINE_PRIV_PERMITTED) == TINE_PRIV_ALL);
	tine_check(tine_sys_seteuid(0) == 0);
	tine_check(tine_sys_getppriv(TINE_PRIV_EFFECTIVE) == TINE_PRIV_ALL);
	tine_check(tine_sys_setppriv(TINE_PRIV_OFF, TINE_PRIV_INHERITABLE,
	    FORK) == 0);
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(tine_sys_getppriv(TINE_PRIV_PERMITTED) ==
	    TINE_PRIV_PROC_SECFLAGS);
	return tine_sys_fork() == -EPERM ? 0 : 1;
END(st_priv_ids, "privileges and ids");

/* spec: IL-018 IL-025 IL-050 */
static void
who_may_not_fork_is_told_so(void **state)
{
	(void)state;
	harness_passes("st_priv", NULL, 0);
	harness_passes("st_priv_ids", NULL, 0);
}

MAIN(st_dies)
	return tine_sys_kill(tine_sys_getpid(), SIGABRT);
END(st_dies, "one that leaves a core file");

static bool
dumps(tine_pid_t child)
{
	int status;

	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	return WCOREDUMP(status);
}

MAIN(st_nocd)
	tine_pid_t child;
	int status;

	child = tine_sys_fork();
	if (child == 0)
		tine_sys_kill(tine_sys_getpid(), SIGABRT);
	tine_check(dumps(child));
	child = tine_sys_fork();
	if (child == 0) {
		/* No core file of what another user has left there. */
		tine_check(tine_sys_setuid(100) == 0);
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_kill(tine_sys_getpid(), SIGABRT);
		tine_check(!dumps(child));
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exec("st_dies", NULL);
		tine_check(dumps(child));
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	return status;
END(st_nocd, "core files of one who was somebody else");

/* spec: IL-046 */
static void
who_became_another_user_leaves_no_core_nor_do_its_children(void **state)
{
	(void)state;
	harness_passes("st_nocd", NULL, 0);
}

/* --- security flags --- */

static int64_t
secflags(tine_pid_t pid, int which)
{
	return tine_sys_pr(TINE_PR_SECFLAGS, pid, which);
}

static int
psec(tine_pid_t pid, int which, uint32_t add, uint32_t remove)
{
	const struct tine_secflagdelta delta = { add, remove, 0, 0 };

	return tine_sys_psecflags(TINE_P_PID, pid, which, &delta);
}

MAIN(st_sec_exec)
	const tine_pid_t me = tine_sys_getpid();

	/* What was inherited is in effect. */
	return secflags(me, TINE_PSF_EFFECTIVE) == 6 &&
	    secflags(me, TINE_PSF_INHERIT) == 6 ? 0 : 1;
END(st_sec_exec, "what its security flags are");

MAIN(st_sec)
	const struct tine_secflagdelta assign = { 7, 7, 6, 1 };
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t child, other;

	if (psec(me, TINE_PSF_INHERIT, 1, 0) == -ENOSYS)
		return 1;
	tine_check(secflags(me, TINE_PSF_EFFECTIVE) == 0);
	tine_check(secflags(me, TINE_PSF_INHERIT) == 1);
	tine_check(secflags(me, 4) == -EINVAL);
	tine_check(psec(me, TINE_PSF_EFFECTIVE, 1, 0) == -EINVAL);
	tine_check(psec(me, 4, 1, 0) == -EINVAL);
	tine_check(psec(me, TINE_PSF_INHERIT, 8, 0) == -EINVAL);
	tine_check(psec(4711, TINE_PSF_INHERIT, 1, 0) == -ESRCH);
	tine_check(tine_sys_psecflags(TINE_P_PID, me, TINE_PSF_INHERIT,
	    NULL) == -EFAULT);
	tine_check(tine_sys_psecflags(TINE_P_PID, me, TINE_PSF_INHERIT,
	    &assign) == 0);
	tine_check(secflags(me, TINE_PSF_INHERIT) == 6);
	child = tine_sys_fork();
	if (child == 0) {
		const tine_pid_t pid = tine_sys_getpid();

		tine_check(secflags(pid, TINE_PSF_EFFECTIVE) == 0);
		tine_check(secflags(pid, TINE_PSF_INHERIT) == 6);
		tine_check(psec(pid, TINE_PSF_LOWER, 2, 0) == 0);
		tine_check(psec(pid, TINE_PSF_INHERIT, 0, 2) == -EINVAL);
		tine_check(psec(pid, TINE_PSF_UPPER, 0, 1) == 0);
		tine_check(psec(pid, TINE_PSF_INHERIT, 1, 0) == -EINVAL);
		tine_check(psec(pid, TINE_PSF_UPPER, 1, 0) == -EPERM);
		tine_check(psec(pid, TINE_PSF_LOWER, 0, 2) == -EPERM);
		tine_check(psec(pid, TINE_PSF_LOWER, 1, 0) == -EINVAL);
		/* Both bounds are inherited. */
		other = tine_sys_fork();
		if (other == 0) {
			const tine_pid_t it = tine_sys_getpid();

			tine_check(secflags(it, TINE_PSF_LOWER) == 2);
			tine_check(secflags(it, TINE_PSF_UPPER) == 6);
			tine_sys_exec("st_sec_exec", NULL);
		}
		tine_sys_exit(reap(other));
	}
	tine_check(reap(child) == 0);
	tine_check(secflags(me, TINE_PSF_UPPER) == TINE_PROC_SEC_ALL);
	/* Not another user's processes, and not without the privilege. */
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(psec(1, TINE_PSF_INHERIT, 1, 0) == -EPERM);
	tine_check(psec(me, TINE_PSF_INHERIT, 1, 0) == 0);
	tine_check(tine_sys_setppriv(TINE_PRIV_OFF, TINE_PRIV_EFFECTIVE,
	    TINE_PRIV_PROC_SECFLAGS) == 0);
	tine_check(psec(me, TINE_PSF_INHERIT, 1, 0) == -EPERM);
	return 0;
END(st_sec, "security flags");

/* spec: OS-21 IL-051 IL-144 */
static void
there_were_no_security_flags(void **state)
{
	(void)state;
	kcall_both("st_sec", "OS-21", 1, 0);
}

/* --- audit --- */

MAIN(st_audit)
	unsigned auid = 0;
	tine_pid_t child;

	tine_check(tine_sys_auditcond() == 0);
	tine_check(tine_sys_getauid(&auid) == 0 && auid == (unsigned)-2);
	tine_check(tine_sys_setauid(42) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_getauid(&auid) == 0 && auid == 42);
		tine_check(!curproc->p_audited);
		/* The one who logs in is named, whoever he becomes. */
		tine_check(tine_sys_seteuid(100) == 0);
		tine_check(tine_sys_getauid(&auid) == -EPERM);
		tine_check(tine_sys_setauid(7) == -EPERM);
		tine_check(tine_sys_auditon(1) == -EPERM);
		tine_check(tine_sys_seteuid(0) == 0);
		tine_check(tine_sys_getauid(&auid) == 0 && auid == 42);
		tine_check(tine_sys_setauid(43) == 0);
		tine_sys_exit(0);
	}
	tine_check(reap(child) == 0);
	tine_check(tine_sys_getauid(&auid) == 0 && auid == 42);
	tine_check(tine_sys_getauid(NULL) == -EFAULT);
	tine_check(tine_sys_auditon(1) == 0 && tine_sys_auditcond() == 1);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(curproc->p_audited ? 0 : 1);
	tine_check(reap(child) == 0);
	tine_check(tine_sys_auditon(0) == 0 && tine_sys_auditcond() == 0);
	return 0;
END(st_audit, "who is audited");

/* spec: IL-040 IL-050 */
static void
audit_data_are_inherited(void **state)
{
	(void)state;
	harness_passes("st_audit", NULL, 0);
}

/* --- locked memory --- */

static int64_t
locked_bytes(void)
{
	return tine_sys_locked_memory(tine_sys_getpid());
}

MAIN(st_lock)
	char *pages = tine_sys_mmap(8 * PAGE, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	tine_pid_t child;

	tine_check(!tine_sys_failed(pages) && locked_bytes() == 0);
	tine_check(tine_sys_memcntl(pages + PAGE, 6 * PAGE, TINE_MC_LOCK) == 0);
	tine_check(locked_bytes() == 6 * PAGE);
	/* What is locked already counts once. */
	tine_check(tine_sys_memcntl(pages + 2 * PAGE, 6 * PAGE - 10,
	    TINE_MC_LOCK) == 0);
	tine_check(locked_bytes() == 7 * PAGE);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(locked_bytes() == 0);
		tine_check(tine_sys_memcntl(pages, PAGE, TINE_MC_LOCK) == 0);
		tine_check(locked_bytes() == PAGE);
		tine_sys_exit(0);
	}
	tine_check(reap(child) == 0 && locked_bytes() == 7 * PAGE);
	/* A hole, an end, a beginning. */
	tine_check(tine_sys_memcntl(pages + 4 * PAGE, PAGE, TINE_MC_UNLOCK) ==
	    0);
	tine_check(locked_bytes() == 6 * PAGE);
	tine_check(tine_sys_memcntl(pages + 3 * PAGE, 2 * PAGE,
	    TINE_MC_UNLOCK) == 0);
	tine_check(locked_bytes() == 5 * PAGE);
	tine_check(tine_sys_memcntl(pages, 2 * PAGE, TINE_MC_UNLOCK) == 0);
	tine_check(locked_bytes() == 4 * PAGE);
	/* What is mapped no longer is not locked. */
	tine_check(tine_sys_munmap(pages + 6 * PAGE, 2 * PAGE) == 0);
	tine_check(locked_bytes() == 2 * PAGE);
	tine_check(tine_sys_memcntl(pages + 6 * PAGE, PAGE, TINE_MC_LOCK) ==
	    -ENOMEM);
	tine_check(tine_sys_memcntl(pages + 1, PAGE, TINE_MC_LOCK) == -EINVAL);
	tine_check(tine_sys_memcntl(pages, PAGE, 1) == -EINVAL);
	tine_check(tine_sys_memcntl(pages, (size_t)0 - PAGE, TINE_MC_LOCK) ==
	    -EINVAL);
	tine_check(tine_sys_locked_memory(4711) == -ENOENT);
	tine_check(tine_sys_memcntl(pages, 6 * PAGE, TINE_MC_UNLOCK) == 0);
	tine_check(locked_bytes() == 0 && curproc->p_locked == NULL);
	tine_check(tine_sys_memcntl(pages, PAGE, TINE_MC_LOCK) == 0);
	tine_check(tine_sys_setuid(100) == 0);
	tine_check(tine_sys_memcntl(pages, PAGE, TINE_MC_LOCK) == -EPERM);
	return 0;
END(st_lock, "memory that is locked");

/* spec: IL-066 */
static void
a_child_has_no_locked_memory(void **state)
{
	(void)state;
	harness_passes("st_lock", NULL, 0);
}

/* --- the profiling timer --- */

static volatile int profs;

static void
on_sigprof(int signo)
{
	(void)signo;
	profs++;
}

MAIN(st_rprof_exec)
	struct tine_itimerval timer;

	tine_check(tine_sys_setitimer(TINE_ITIMER_REALPROF, NULL, &timer) ==
	    0);
	return timer.interval == 900 * MS && timer.value != 0;
END(st_rprof_exec, "whether it is profiled in real time");

MAIN(st_rprof)
	struct tine_itimerval timer = { 2 * MS, 3 * MS }, left;
	struct tine_sigaction action = { .handler = on_sigprof };
	tine_pid_t child;

	profs = 0;
	tine_check(tine_sys_sigaction(SIGPROF, &action, NULL) == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REALPROF, &timer, NULL) ==
	    0);
	while (profs < 3)
		tine_sys_pause();
	tine_check(tine_sys_time() >= 7 * MS);
	/* Beside the timer of real time, not instead of it. */
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, &left) == 0);
	tine_check(left.value == 0 && left.interval == 0);
	timer.interval = timer.value = 900 * MS;
	tine_check(tine_sys_setitimer(TINE_ITIMER_REALPROF, &timer, &left) ==
	    0);
	tine_check(left.interval == 2 * MS && left.value <= 2 * MS);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_setitimer(TINE_ITIMER_REALPROF, NULL,
		    &left) == 0);
		tine_check(left.value == 0);
		tine_sys_exit(0);
	}
	tine_check(reap(child) == 0);
	tine_sys_exec("st_rprof_exec", NULL);
	return 9;
END(st_rprof, "profiling in real time");

/* spec: OS-50 IL-054 IL-058 */
static void
a_profiling_timer_survived_exec(void **state)
{
	(void)state;
	kcall_both("st_rprof", "OS-50", 1, 0);
}

/* --- agents --- */

/* In the process that the agent is in; its LWPs and it see the same. */
struct shared {
	volatile int ran, fork, flags, exec, pid, lwp;
	volatile int main_ran;
};

static void
agent(void *arg)
{
	struct shared *s = arg;

	s->pid = tine_sys_getpid();
	s->lwp = tine_sys_lwp_self();
	/* Flags first, then who asks, then whether it may. */
	s->flags = tine_sys_forkx(64);
	tine_check(tine_sys_setppriv(TINE_PRIV_OFF, TINE_PRIV_EFFECTIVE,
	    FORK) == 0);
	s->fork = tine_sys_fork();
	s->exec = tine_sys_exec("st_rprof_exec", NULL);
	tine_sys_nanosleep(3 * MS);
	/* Nobody else has run meanwhile. */
	tine_check(s->main_ran == 0);
	s->ran = 1;
}

static bool
is_stopped(tine_pid_t pid)
{
	return (tine_sys_pr(TINE_PR_FLAGS, pid, 0) & TINE_PR_IS_STOPPED) != 0;
}

static bool
has_agent(tine_pid_t pid)
{
	return (tine_sys_pr(TINE_PR_FLAGS, pid, 0) & TINE_PR_IS_AGENT) != 0;
}

MAIN(st_agent)
	const uint32_t misc = global_zone->zone_ffmisc;
	char *memory = tine_sys_mmap(16 * PAGE, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	struct shared *s = (struct shared *)memory;
	char *top = memory + 16 * PAGE;
	tine_pid_t child;
	int lwp;

	tine_check(!tine_sys_failed(memory));
	child = tine_sys_fork();
	if (child == 0) {
		lwp = tine_sys_lwp_create(lwp_pauses, NULL);
		tine_check(tine_sys_lwp_detach(lwp) == 0);
		tine_sys_nanosleep(5 * MS);
		s->main_ran = 1;
		while (s->ran == 0)
			tine_sys_nanosleep(MS);
		tine_check(s->flags == -EINVAL && s->fork == -ENOTSUP);
		tine_check(s->exec == -ENOTSUP);
		tine_check(s->pid == tine_sys_getpid());
		tine_check(s->lwp == 3);
		/* It is gone, like any other that nobody waits for. */
		tine_check(curproc->p_lwpcnt == 2 && curproc->p_zombcnt == 0);
		tine_check(tine_sys_setppriv(TINE_PRIV_ON,
		    TINE_PRIV_EFFECTIVE, FORK) == 0);
		tine_sys_exit(tine_sys_fork() >= 0 ? 0 : 1);
	}
	tine_sys_nanosleep(MS);
	/* Of a process that runs there is no agent. */
	tine_check(tine_sys_pr_agent(child, agent, s, top) == -EBUSY);
	tine_check(tine_sys_pr(TINE_PR_STOP, child, 0) == 0);
	tine_check(is_stopped(child) && !has_agent(child));
	tine_check(tine_sys_pr_agent(4711, agent, s, top) == -ENOENT);
	tine_check(tine_sys_pr_agent(child, NULL, s, top) == -EINVAL);
	tine_check(tine_sys_pr_agent(child, agent, s, NULL) == -EINVAL);
	tine_check(tine_sys_pr(TINE_PR_AGENT, child, 8) == -EFAULT);
	tine_check(!has_agent(child));
	lwp = tine_sys_pr_agent(child, agent, s, top);
	tine_check(lwp == 3 && has_agent(child));
	tine_check(tine_sys_pr_agent(child, agent, s, top) == -EBUSY);
	/* It stops before it does anything. */
	tine_check(tine_sys_pr(TINE_PR_STOP, child, 0) == 0);
	tine_check(is_stopped(child));
	tine_sys_nanosleep(20 * MS);
	tine_check(is_stopped(child) && has_agent(child));
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_sys_nanosleep(20 * MS);
	/* It has run, and gone; the others are stopped as they were. */
	tine_check(!has_agent(child) && is_stopped(child));
	tine_check(global_zone->zone_ffmisc == misc + 2);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	return reap(child);
END(st_agent, "an agent in a process that is stopped");

/* One that is killed with its process; a second after the first. */
MAIN(st_agent_dies)
	char *memory = tine_sys_mmap(16 * PAGE, TINE_PROT_READ |
	    TINE_PROT_WRITE);
	char *top = memory + 16 * PAGE;
	tine_pid_t child;
	int status;

	child = tine_sys_fork();
	if (child == 0)
		for (;;)
			tine_sys_pause();
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_pr(TINE_PR_STOP, child, 0) == 0);
	tine_check(tine_sys_pr_agent(child, lwp_pauses, NULL, top) == 2);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_sys_nanosleep(MS);
	/* Signals wait: it has all of them blocked. */
	tine_check(tine_sys_kill(child, SIGTERM) == 0);
	tine_sys_nanosleep(MS);
	tine_check(has_agent(child));
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return 0;
END(st_agent_dies, "an agent that is killed");

/* spec: IL-018 IL-025 IL-109 */
static void
an_agent_runs_alone_and_may_not_fork(void **state)
{
	(void)state;
	harness_passes("st_agent", NULL, 0);
	harness_passes("st_agent_dies", NULL, 0);
}

/* --- tracing of signals and faults, microstates --- */

#define BIT(signo) (UINT64_C(1) << ((signo) - 1))
#define FLAG(pid, flag) \
	((tine_sys_pr(TINE_PR_FLAGS, (pid), 0) & TINE_PR_IS_##flag) != 0)

static int *volatile nowhere = (int *)8;
static volatile tine_pid_t grand;

/* A child that is signalled; how: 0 by others, 1 by a fault of its own, 2 by a
 * fault of its child. */
static tine_pid_t
traced(int how)
{
	struct tine_sigaction action = { .handler = on_sigprof };
	tine_pid_t child = tine_sys_fork();
	int status;

	if (child != 0)
		return child;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	action.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGUSR2, &action, NULL) == 0);
	tine_sys_nanosleep(5 * MS);
	if (how == 2) {
		child = tine_sys_fork();
		if (child != 0) {
			grand = child;
			tine_check(tine_sys_waitpid(child, &status, 0) ==
			    child);
			tine_sys_exit(WTERMSIG(status));
		}
	}
	if (how != 0)
		*nowhere = 1;
	for (;;)
		tine_sys_pause();
}

MAIN(st_trace)
	tine_pid_t child = traced(0);
	int status;

	profs = 0;
	tine_sys_nanosleep(MS);
	tine_check(!FLAG(child, TRACED));
	tine_check(tine_sys_pr(TINE_PR_STRACE, child, (int64_t)(BIT(SIGUSR1) |
	    BIT(SIGUSR2) | BIT(SIGTERM) | BIT(SIGKILL))) == 0);
	tine_check(tine_sys_pr(TINE_PR_SIGTRACE, child, 0) ==
	    (int64_t)(BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGTERM)));
	tine_check(FLAG(child, TRACED));
	/* It stops with it, and acts when it goes on. */
	tine_check(tine_sys_kill(child, SIGUSR1) == 0);
	tine_sys_nanosleep(MS);
	tine_check(is_stopped(child) && profs == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_sys_nanosleep(MS);
	tine_check(!is_stopped(child) && profs == 1);
	/* Also with one that it ignores. */
	tine_check(tine_sys_kill(child, SIGUSR2) == 0);
	tine_sys_nanosleep(MS);
	tine_check(is_stopped(child));
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	/* A deadly one, taken away: it lives on. */
	tine_check(tine_sys_kill(child, SIGTERM) == 0);
	tine_sys_nanosleep(MS);
	tine_check(is_stopped(child));
	tine_check(tine_sys_pr(TINE_PR_SSIG, child, 0) == 0);
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_sys_nanosleep(MS);
	tine_check(!is_stopped(child));
	/* Not traced any more: it dies of it at once. */
	tine_check(tine_sys_pr(TINE_PR_STRACE, child, 0) == 0);
	tine_check(!FLAG(child, TRACED));
	tine_check(tine_sys_kill(child, SIGTERM) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	/* A fault, before it is a signal. */
	child = traced(1);
	tine_check(tine_sys_pr(TINE_PR_SFAULT, child,
	    (int64_t)BIT(SIGSEGV)) == 0);
	tine_sys_nanosleep(9 * MS);
	tine_check(is_stopped(child));
	tine_check(tine_sys_pr(TINE_PR_RUN, child, 0) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	/* A killed one does not stay stopped. */
	child = traced(1);
	tine_check(tine_sys_pr(TINE_PR_SFAULT, child,
	    (int64_t)BIT(SIGSEGV)) == 0);
	tine_sys_nanosleep(9 * MS);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return 0;
END(st_trace, "signals and faults that are traced");

/* What a child has of it, with and without inherit-on-fork. */
MAIN(st_trace_fork)
	tine_pid_t child;

	for (int inherit = 0; inherit < 2; inherit++) {
		grand = 0;
		child = traced(2);
		tine_check(tine_sys_pr(TINE_PR_SET_FORK, child, inherit) == 0);
		tine_check(tine_sys_pr(TINE_PR_SET_MSACCT, child, 1) == 0);
		tine_check(tine_sys_pr(TINE_PR_SET_MSFORK, child, inherit) ==
		    0);
		tine_check(tine_sys_pr(TINE_PR_STRACE, child,
		    (int64_t)BIT(SIGHUP)) == 0);
		tine_check(tine_sys_pr(TINE_PR_SFAULT, child,
		    (int64_t)BIT(SIGSEGV)) == 0);
		tine_sys_nanosleep(9 * MS);
		if (inherit == 0) {
			/* Nothing: it has died already. */
			tine_check(reap(child) == SIGSEGV);
			continue;
		}
		tine_check(is_stopped(grand) && FLAG(grand, TRACED));
		tine_check(FLAG(grand, FORK));
		tine_check(FLAG(grand, MSACCT) && FLAG(grand, MSFORK));
		tine_check(tine_sys_pr(TINE_PR_SIGTRACE, grand, 0) ==
		    (int64_t)BIT(SIGHUP));
		tine_check(tine_sys_pr(TINE_PR_FLTTRACE, grand, 0) ==
		    (int64_t)BIT(SIGSEGV));
		tine_check(tine_sys_pr(TINE_PR_RUN, grand, 0) == 0);
		tine_check(reap(child) == SIGSEGV);
	}
	/* Microstates: exec turns both on, and fork keeps neither without
	 * the second. */
	tine_check(FLAG(tine_sys_getpid(), MSACCT));
	tine_check(FLAG(tine_sys_getpid(), MSFORK));
	tine_check(tine_sys_pr(TINE_PR_SET_MSFORK, tine_sys_getpid(), 0) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(FLAG(tine_sys_getpid(), MSACCT) ? 1 :
		    FLAG(tine_sys_getpid(), MSFORK) ? 2 : 0);
	tine_check(reap(child) == 0);
	tine_check(tine_sys_pr(TINE_PR_SET_MSFORK, tine_sys_getpid(), 1) == 0);
	tine_check(tine_sys_pr(TINE_PR_SET_MSACCT, tine_sys_getpid(), 0) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(FLAG(tine_sys_getpid(), MSACCT) ? 1 :
		    FLAG(tine_sys_getpid(), MSFORK) ? 0 : 2);
	tine_check(reap(child) == 0);
	return 0;
END(st_trace_fork, "tracing and accounting that is inherited");

/* spec: IL-046 IL-062 IL-144 */
static void
traced_signals_and_faults_are_inherited_if_asked(void **state)
{
	(void)state;
	harness_passes("st_trace", NULL, 0);
	harness_passes("st_trace_fork", NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_clone_is_bound_as_the_one_that_forks),
		cmocka_unit_test(a_clone_is_in_the_class_of_its_original),
		cmocka_unit_test(
		    core_settings_are_inherited_and_contexts_copied),
		cmocka_unit_test(there_were_no_brands),
		cmocka_unit_test(who_may_not_fork_is_told_so),
		cmocka_unit_test(
		    who_became_another_user_leaves_no_core_nor_do_its_children),
		cmocka_unit_test(there_were_no_security_flags),
		cmocka_unit_test(audit_data_are_inherited),
		cmocka_unit_test(a_child_has_no_locked_memory),
		cmocka_unit_test(a_profiling_timer_survived_exec),
		cmocka_unit_test(an_agent_runs_alone_and_may_not_fork),
		cmocka_unit_test(
		    traced_signals_and_faults_are_inherited_if_asked),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
