/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_rfork.c - rfork with every set of the flags that it knows.
 *
 * 15 flags are 32768 sets. A callback of at_fork sees each child when it is
 * complete and not started, and compares what it has with what the set says.
 */
#include "dragonfly_rig.h"

static const uint32_t flag_list[] = {
	TINE_RFNAMEG, TINE_RFENVG, TINE_RFFDG, TINE_RFNOTEG, TINE_RFPROC,
	TINE_RFMEM, TINE_RFNOWAIT, TINE_RFCNAMEG, TINE_RFCENVG, TINE_RFCFDG,
	TINE_RFTHREAD, TINE_RFSIGSHARE, TINE_RFLINUXTHPN, 1u << 30, 1u << 31
};
#define FLAGS (sizeof(flag_list) / sizeof(flag_list[0]))
#define SETS (1u << FLAGS)

static uint32_t
flags_of(unsigned set)
{
	uint32_t flags = 0;

	for (unsigned i = 0; i < FLAGS; i++)
		if ((set >> i & 1) != 0)
			flags |= flag_list[i];
	return (flags);
}

/* What the manual of this kernel says: 0 or an errno. */
static int
wanted(uint32_t flags)
{
	if ((flags & (1u << 30 | 1u << 31)) != 0)
		return (EINVAL);
	if ((flags & (TINE_RFFDG | TINE_RFCFDG)) ==
	    (TINE_RFFDG | TINE_RFCFDG))
		return (EINVAL);
	return (0);
}

static uint32_t seen;		/* children that the callback has compared */
static bool reaper;		/* the caller is one */
static bool jailed;		/* in a jail, and has changed its ids */
static bool threaded;		/* has another LWP */
static bool limited;		/* may have no more processes */
static bool unrepaired;		/* DF-R29: what nobody else reaps keeps it */

#define P_SUGID_IF (jailed ? P_SUGID : 0u)
#define P_JAILED_IF (jailed ? P_JAILED : 0u)

static void
compare_family(const struct proc *p1, const struct proc *p2, uint32_t flags)
{
	ASSERT3(p2->p_stat, ==, SIDL);
	ASSERT(p2->p_pptr == ((flags & TINE_RFNOWAIT) != 0 && !reaper ?
	    initproc : p1));
	ASSERT(p2->p_reaper == p1->p_reaper);
	ASSERT(p2->p_pptr->p_children == p2);
	ASSERT(p2->p_pgrp == p1->p_pgrp && p1->p_pglist == p2);
	if ((flags & TINE_RFTHREAD) != 0) {
		ASSERT(p2->p_leader == p1->p_leader);
		ASSERT(p1->p_peers == p2);
	} else {
		ASSERT(p2->p_leader == p2 && p2->p_peers == NULL);
	}
	/* Repaired, init's children have one that init waits for. [DF-R29] */
	ASSERT3(p2->p_sigparent, ==, (flags & TINE_RFLINUXTHPN) != 0 &&
	    (unrepaired || p2->p_pptr == p1) ? SIGUSR1 : SIGCHLD);
	ASSERT3(p2->p_nthreads, ==, 1);
	ASSERT(p2->p_flags == (P_MAYBETHREADED | P_SUGID_IF | P_JAILED_IF));
}

/* What no flag has a say in: the same, or as of a newborn. [DF-026] to [DF-028]
 * [DF-031] [DF-057] [DF-058] [DF-060] [DF-062] */
static void
compare_rest(const struct proc *p1, const struct proc *p2)
{
	static const struct df_rusage unused;
	const struct lwp *lp2 = p2->p_lwp_tree;
	const struct lwp *lp1 = curthread->td_lwp;

	ASSERT(p2->p_ucred == p1->p_ucred && p2->p_args == p1->p_args);
	ASSERT(p2->p_textvp == p1->p_textvp && p2->p_comm == p1->p_comm);
	ASSERT(p2->p_usched == p1->p_usched && p2->p_nice == p1->p_nice);
	ASSERT3(p2->p_osrel, ==, p1->p_osrel);
	ASSERT3(p2->p_rtprio, ==, p1->p_rtprio);
	ASSERT3(p2->p_ionice, ==, p1->p_ionice);
	ASSERT3(p2->p_xstat, ==, p1->p_xstat);
	ASSERT3(p2->p_varsymset.vx_count, ==, p1->p_varsymset.vx_count);
	ASSERT(p2->p_forkid != 0 && p2->p_forkid != p1->p_forkid);
	ASSERT3(p2->p_sigacts->ps_sigignore, ==, p1->p_sigacts->ps_sigignore);
	ASSERT(memcmp(p2->p_sigacts->ps_sigact, p1->p_sigacts->ps_sigact,
	    sizeof (p1->p_sigacts->ps_sigact)) == 0);
	ASSERT(p2->p_siglist == 0 && p2->p_passed == 0 && p2->p_oppid == 0);
	ASSERT(p2->p_waitgen == 0 && p2->p_nstopped == 0);
	ASSERT(p2->p_upmap == NULL && p2->p_klist == NULL);
	ASSERT(p2->p_traceflag == 0 && p2->p_tracenode == NULL);
	ASSERT(p2->p_children == NULL);
	ASSERT(memcmp(&p2->p_ru, &unused, sizeof (unused)) == 0);
	ASSERT(memcmp(&p2->p_cru, &unused, sizeof (unused)) == 0);
	ASSERT(lp2->lwp_tid == 0 && lp2->lwp_next == NULL);
	ASSERT(lp2->lwp_proc == p2 && lp2->lwp_vmspace == p2->p_vmspace);
	ASSERT3(lp2->lwp_sigmask, ==, lp1->lwp_sigmask);
	ASSERT3(lp2->lwp_siglist, ==, lp1->lwp_siglist);
	ASSERT3(lp2->lwp_rtprio, ==, lp1->lwp_rtprio);
	ASSERT3(lp2->lwp_sigstk.size, ==, lp1->lwp_sigstk.size);
	ASSERT3(lp2->lwp_flags, ==, lp1->lwp_flags & LWP_ALTSTACK);
	ASSERT(memcmp(&lp2->lwp_ru, &unused, sizeof (unused)) == 0);
}

static void
compare_shared(const struct proc *p1, const struct proc *p2, uint32_t flags)
{
	ASSERT3(p2->p_vmspace == p1->p_vmspace, ==,
	    (flags & TINE_RFMEM) != 0);
	ASSERT3(p2->p_sigacts == p1->p_sigacts, ==,
	    (flags & TINE_RFSIGSHARE) != 0);
	ASSERT3(p2->p_fd == p1->p_fd, ==,
	    (flags & (TINE_RFFDG | TINE_RFCFDG)) == 0);
	/* those of several LWPs are a process's own */
	ASSERT3(p2->p_limit == p1->p_limit, ==, !threaded);
	ASSERT(memcmp(p2->p_rlimit, p1->p_rlimit, sizeof (p1->p_rlimit)) == 0);
	if ((flags & TINE_RFCFDG) != 0) {
		ASSERT3(p2->p_fd->fd_lastfile, ==, -1);
		ASSERT3(p2->p_fd->fd_cmask, ==, 022);
		ASSERT(p2->p_fdtol == NULL);
	} else if ((flags & TINE_RFFDG) != 0) {
		ASSERT3(p2->p_fd->fd_lastfile, ==, p1->p_fd->fd_lastfile);
		ASSERT3(p2->p_fd->fd_cmask, ==, p1->p_fd->fd_cmask);
		ASSERT(p2->p_fdtol == NULL);
	} else if ((flags & TINE_RFTHREAD) != 0) {
		ASSERT(p2->p_fdtol == p1->p_fdtol);
	} else {
		ASSERT(p2->p_fdtol != p1->p_fdtol);
		ASSERT(p2->p_fdtol->fdl_leader == p2);
		ASSERT(p2->p_fdtol->fdl_prev == p1->p_fdtol);
	}
}

static void
compare(struct proc *p1, struct proc *p2, int iflags)
{
	const uint32_t flags = (uint32_t)iflags & ~RFPGLOCK;

	ASSERT3((uint32_t)iflags & RFPGLOCK, ==, RFPGLOCK);
	if (p1->p_pid == 1)
		return;
	compare_family(p1, p2, flags);
	compare_shared(p1, p2, flags);
	compare_rest(p1, p2);
	seen++;
}

static TINE_DATA volatile int mark;

/* The child changes what it may have in common with its parent. */
static int
ends(void *arg)
{
	struct tine_sigaction dflt = { .handler = TINE_SIG_DFL };

	(void)arg;
	mark = 1;
	(void)tine_sys_sigaction(SIGUSR2, &dflt, NULL);
	(void)tine_sys_close(2);
	(void)tine_sys_umask(012);
	return (0);
}

/* Which of these the parent sees, and all as it was. */
static void
expect_changes(uint32_t flags)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN }, now;
	const bool table = (flags & (TINE_RFFDG | TINE_RFCFDG)) == 0;

	tine_check((mark == 1) == ((flags & TINE_RFMEM) != 0));
	mark = 0;
	tine_check(tine_sys_sigaction(SIGUSR2, &ignore, &now) == 0);
	tine_check((now.handler == TINE_SIG_DFL) ==
	    ((flags & TINE_RFSIGSHARE) != 0));
	tine_check((tine_sys_fcntl(2, TINE_F_GETFD, 0) == -EBADF) == table);
	if (table)
		tine_check(tine_sys_dup(1) == 2);
	tine_check(tine_sys_umask(077) == (table ? 012 : 077));
}

static TINE_DATA volatile int over;

static void
idles(void *arg)
{
	(void)arg;
	while (over == 0)
		tine_sys_nanosleep(1000 * MS);
}

/* The process as it forks: a mask, an alternate stack, signals pending for it
 * and for its LWP; and what the case says. @return an LWP or 0. */
static int
get_ready(void)
{
	struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	const tine_sigset_t mask = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGURG);
	int lwp = 0;

	tine_check(tine_sys_sigaction(SIGUSR1, &ignore, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGUSR2, &ignore, NULL) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
	tine_check(tine_sys_umask(077) == 022);
	tine_check(!reaper || tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	if (jailed)
		tine_check(tine_sys_jail() > 0);
	if (jailed || limited)
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
	if (limited)
		tine_check(tine_sys_df_setnproc(1) == 0);
	if (threaded) {
		over = 0;
		lwp = tine_sys_lwp_create(idles, NULL);
		tine_check(lwp > 0);
	}
	return (lwp);
}

static char stack[16384] __attribute__((aligned(16)));

/* All sets that make a process or are refused. */
PROGRAM(df_rfork_sets)
{
	uint32_t flags, made = 0;
	int64_t before;
	tine_pid_t pid;
	char *top = tine_malloc(sizeof(stack));
	int lwp, refused;

	tine_check(top != NULL);
	top += sizeof(stack);
	seen = 0;
	lwp = get_ready();
	tine_check(K(k_at_fork, compare, 0, 0) == 0);
	for (unsigned set = 0; set < SETS; set++) {
		flags = flags_of(set);
		refused = wanted(flags);
		/* Without a process the caller alone, and others elsewhere. */
		if (refused == 0 && (flags & TINE_RFPROC) == 0) {
			if (!threaded)
				continue;
			refused = EINVAL;
		} else if (refused == 0 && limited) {
			refused = EAGAIN;
		}
		before = K(k_nprocs, 0, 0, 0);
		pid = tine_sys_rfork_thread(flags, top, ends, NULL);
		if (refused != 0) {
			tine_check(pid == -refused);
			tine_check(K(k_nprocs, 0, 0, 0) == before);
			continue;
		}
		made++;
		tine_check(pid > 0);
		if ((flags & TINE_RFNOWAIT) != 0 && !reaper) {
			tine_check(tine_sys_df_wait4(pid, NULL, 0) == -ECHILD);
			while (tine_sys_kill(pid, 0) != -ESRCH)
				tine_sys_yield();	/* init reaps it */
			expect_changes(flags);
			continue;
		}
		tine_check(tine_sys_df_wait4(pid, NULL,
		    (flags & TINE_RFLINUXTHPN) != 0 ? 0 : TINE_WLINUXCLONE)
		    == -ECHILD);
		tine_check(tine_sys_df_wait4(pid, NULL,
		    (flags & TINE_RFLINUXTHPN) != 0 ? TINE_WLINUXCLONE : 0)
		    == pid);
		expect_changes(flags);
	}
	tine_check(made == (limited ? 0 : 3072));
	over = 1;
	tine_check(lwp == 0 || tine_sys_lwp_wait(lwp) == lwp);
	tine_check(K(k_rm_at_fork, compare, 0, 0) == 1);
	tine_check(seen == made);
	return (0);
}

/* spec: DF-003 DF-004 DF-010 DF-023 DF-029 DF-030 DF-032 DF-033 */
/* spec: DF-035 DF-041 */
/* spec: DF-045 DF-099 DF-109 */
static void
every_set_of_flags_gives_its_process_or_errno(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	/* What init can never wait for is DF-R29, told elsewhere. */
	options.quirks = rig_quirks("-DF-R29");
	reaper = unrepaired = jailed = threaded = limited = false;
	rig_passes("df_rfork_sets", &options);
}

/* spec: DF-026 DF-027 DF-057 DF-058 DF-059 DF-060 */
static void
every_set_of_flags_in_a_jail_keeps_the_child_there(void **state)
{
	(void)state;
	reaper = unrepaired = jailed = true;
	threaded = limited = false;
	rig_passes("df_rfork_sets", NULL);
}

/* spec: DF-006 DF-036 DF-048 DF-085 DF-087 */
static void
every_set_of_flags_with_several_lwps_takes_the_caller_only(void **state)
{
	(void)state;
	reaper = unrepaired = threaded = true;
	jailed = limited = false;
	rig_passes("df_rfork_sets", NULL);
}

/* spec: DF-003 DF-004 DF-017 */
static void
every_set_of_flags_of_a_user_at_the_limit_is_refused(void **state)
{
	(void)state;
	reaper = unrepaired = limited = true;
	jailed = threaded = false;
	rig_passes("df_rfork_sets", NULL);
	reaper = unrepaired = limited = false;
}

/* Where the reaper is the caller RFNOWAIT makes no difference. */
/* spec: DF-030 DF-099 DF-109 */
static void
every_set_of_flags_in_a_reaper_gives_it_a_child(void **state)
{
	(void)state;
	reaper = unrepaired = true;
	jailed = threaded = limited = false;
	rig_passes("df_rfork_sets", NULL);
}

/* A bit without a name is no flag. */
static void
one_bit(unsigned bit)
{
	const int64_t before = K(k_nprocs, 0, 0, 0);
	tine_pid_t pid;

	tine_check(tine_sys_rfork(1u << bit) == 0);
	tine_check(K(k_nprocs, 0, 0, 0) == before);
	tine_check(tine_sys_rfork(1u << 31 | 1u << bit) == -EINVAL);
	pid = tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | 1u << bit);
	if (pid == 0)
		tine_sys_exit((int)bit);
	expect_exit(pid, (int)bit);
}

PROGRAM(df_rfork_bits)
{
	for (unsigned bit = 0; bit < 32; bit++)
		if ((flags_of(SETS - 1) >> bit & 1) == 0)
			one_bit(bit);
	return (0);
}

/* spec: DF-003 DF-004 DF-010 */
static void
bits_that_are_no_flags_are_ignored(void **state)
{
	(void)state;
	rig_passes("df_rfork_bits", NULL);
}

/* --- without RFPROC --- */

static int64_t
k_mine(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = curproc;

	(void)b;
	(void)c;
	switch (a) {
	case 0:
		return ((int64_t)(intptr_t)p->p_vmspace);
	case 1:
		return ((int64_t)(intptr_t)p->p_fd);
	case 2:
		return (p->p_fd->fd_refcnt);
	case 3:
		return (p->p_vmspace->vm_refcnt);
	case 4:
		return (p->p_fd->fd_lastfile);
	case 5:
		return (p->p_fdtol != NULL);
	default:
		return ((int64_t)(intptr_t)p->p_sigacts);
	}
}

struct divorce {
	uint32_t flags;
	bool shares_memory, shares_table;
};

/* One set, in a process that shares this and that with its parent. */
static int
divorces(void *arg)
{
	const struct divorce d = *(const struct divorce *)arg;
	const int64_t vm = K(k_mine, 0, 0, 0), fd = K(k_mine, 1, 0, 0),
	    acts = K(k_mine, 6, 0, 0);
	bool memory, table;

	tine_check(K(k_mine, 3, 0, 0) == 1 + d.shares_memory);
	tine_check(K(k_mine, 2, 0, 0) == 1 + d.shares_table);
	tine_check(tine_sys_rfork(d.flags) == 0);
	/* Memory of one's own only where it was shared and is not to be. */
	memory = d.shares_memory && (d.flags & TINE_RFMEM) == 0;
	tine_check((K(k_mine, 0, 0, 0) != vm) == memory);
	table = (d.flags & TINE_RFCFDG) != 0 ||
	    ((d.flags & TINE_RFFDG) != 0 && d.shares_table);
	tine_check((K(k_mine, 1, 0, 0) != fd) == table);
	tine_check(K(k_mine, 4, 0, 0) ==
	    ((d.flags & TINE_RFCFDG) != 0 ? -1 : 2));
	tine_check((tine_sys_write(1, "", 0) == -EBADF) ==
	    ((d.flags & TINE_RFCFDG) != 0));
	tine_check(tine_sys_umask(0) ==
	    ((d.flags & TINE_RFCFDG) != 0 ? 022 : 077));
	tine_check(K(k_mine, 6, 0, 0) == acts);
	return (5);
}

PROGRAM(df_rfork_divorce)
{
	static TINE_DATA struct divorce d;
	char *top = (char *)tine_malloc(sizeof(stack)) + sizeof(stack);
	uint32_t share;
	int status;

	tine_check(tine_sys_umask(077) == 022);
	for (unsigned set = 0; set < SETS; set++) {
		d.flags = flags_of(set);
		if (wanted(d.flags) != 0 || (d.flags & TINE_RFPROC) != 0)
			continue;
		for (unsigned how = 0; how < 4; how++) {
			d.shares_memory = how & 1;
			d.shares_table = how >> 1;
			share = TINE_RFPROC |
			    (d.shares_memory ? TINE_RFMEM : 0) |
			    (d.shares_table ? 0 : TINE_RFFDG);
			tine_check(tine_sys_rfork_thread(share, top, divorces,
			    &d) > 0);
			tine_check(tine_sys_df_wait4(-1, &status, 0) > 0);
			tine_check(status == 5 << 8);
			/* Those who shared the table keep their files. */
			tine_check(tine_sys_write(1, "", 0) == 0);
			tine_check(tine_sys_umask(077) ==
			    (d.shares_table &&
			    (d.flags & (TINE_RFFDG | TINE_RFCFDG)) == 0 ? 0 :
			    077));
		}
	}
	return (0);
}

/* spec: DF-006 DF-007 DF-008 DF-009 DF-010 */
static void
without_a_process_the_caller_is_divorced(void **state)
{
	(void)state;
	rig_passes("df_rfork_divorce", NULL);
}

static void
yields(void *arg)
{
	while (*(volatile int *)arg == 0)
		tine_sys_yield();
}

/* A pending caught signal does not restart a rfork without process; two LWPs
 * are refused; a kqueue survives where nothing is copied. */
PROGRAM(df_rfork_odd)
{
	volatile int go = 0;
	int kq, lwp;

	kq = tine_sys_kqueue();
	tine_check(kq == 3);
	tine_check(tine_sys_rfork(TINE_RFFDG) == 0);
	tine_check(tine_sys_kqueue_watch(kq, tine_sys_getpid(),
	    TINE_NOTE_FORK) == 0);
	lwp = tine_sys_lwp_create(yields, (void *)(uintptr_t)&go);
	tine_check(lwp == 1);
	tine_check(tine_sys_rfork(0) == -EINVAL);
	tine_check(tine_sys_rfork(TINE_RFMEM) == -EINVAL);
	tine_check(tine_sys_rfork(TINE_RFFDG | TINE_RFCFDG) == -EINVAL);
	go = 1;
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_rfork(0) == 0);
	return (0);
}

/* spec: DF-006 DF-009 */
static void
without_a_process_more_than_one_lwp_is_refused(void **state)
{
	(void)state;
	rig_seeds("df_rfork_odd", 20);
}

/* --- RFNOWAIT: an embryo with a parent that is not among its children --- */

static struct proc *
child_of(pid_t pid)
{
	struct proc *p = allprocs[ALLPROC_HASH(pid)];

	while (p != NULL && p->p_pid != pid)
		p = p->p_list;
	return (p);
}

/* Keep the token of the reaper, which is the caller's parent, until somebody
 * traces that process, or it is born. */
static int64_t
k_keep(uint64_t pid, uint64_t b, uint64_t c)
{
	struct proc *reproc = curproc->p_pptr, *p;

	(void)b;
	(void)c;
	/* Not before its maker is there: the reaper forks under that token. */
	do {
		tine__racy(TINE_OP_READ, &allprocs[0]);
		p = child_of((pid_t)pid - 1);
	} while (p == NULL || p->p_stat == SIDL);
	lwkt_gettoken(&reproc->p_token);
	do {
		tine__racy(TINE_OP_READ, &allprocs[0]);
		p = child_of((pid_t)pid);
	} while (p == NULL || (p->p_stat == SIDL && p->p_pptr == NULL) ||
	    (p->p_stat == SIDL && QUIRK(DF_R18) &&
	    (p->p_flags & P_TRACED) == 0));
	lwkt_reltoken(&reproc->p_token);
	return (0);
}

/* Attach to it as soon as it has a parent. */
static int64_t
k_attach(uint64_t pid, uint64_t b, uint64_t c)
{
	struct proc *p;

	(void)b;
	(void)c;
	do {
		tine__racy(TINE_OP_READ, &allprocs[0]);
		p = child_of((pid_t)pid);
	} while (p == NULL || p->p_pptr == NULL);
	return (-df_ptrace(TINE_PT_ATTACH, (pid_t)pid, 0));
}

PROGRAM(df_unlinked)
{
	const tine_pid_t child = tine_sys_getpid() + 4;
	int64_t result;

	tine_check(tine_sys_procctl(TINE_P_PID, tine_sys_getpid(),
	    TINE_PROC_REAP_ACQUIRE, NULL) == 0);
	if (tine_sys_fork() == 0) {
		(void)K(k_keep, child, 0, 0);
		tine_sys_exit(0);
	}
	if (tine_sys_fork() == 0) {
		result = K(k_attach, child, 0, 0);
		tine_check(result == 0 || result == -EBUSY);
		if (result == 0) {
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
			(void)tine_sys_kill(child, SIGKILL);
			tine_check(tine_sys_waitpid(child, NULL, 0) == child);
		}
		tine_sys_exit(0);
	}
	if (tine_sys_fork() == 0) {
		if (tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFNOWAIT)
		    == 0)
			tine_sys_pause();
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(10 * MS);
	(void)tine_sys_kill(child, SIGKILL);
	reap_all();
	return (0);
}

/* spec: DF-R18 */
static void
an_embryo_that_is_no_child_yet_is_not_taken_away(void **state)
{
	struct tine_options options = rig_options();
	unsigned wrong = 0;

	(void)state;
	options.ncpu = 4;
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 1; options.seed <= 60; options.seed++) {
		options.quirks = rig_quirks("none");
		rig_passes("df_unlinked", &options);
		options.quirks = rig_quirks("none,+DF-R18");
		if (rig_run("df_unlinked", &options) == TINE_OUTCOME_PANIC &&
		    strstr(rig_result.message, "pid 6 is unlinked from "
		    "children it is not among") != NULL)
			wrong++;
		else if (rig_result.outcome != TINE_OUTCOME_PASSED)
			rig_complain("df_unlinked", "goes wrong otherwise");
	}
	print_message("%u of 60 go wrong\n", wrong);
	assert_true(wrong != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_set_of_flags_gives_its_process_or_errno),
		cmocka_unit_test(
		    every_set_of_flags_in_a_reaper_gives_it_a_child),
		cmocka_unit_test(
		    every_set_of_flags_in_a_jail_keeps_the_child_there),
		cmocka_unit_test(
		    every_set_of_flags_with_several_lwps_takes_the_caller_only),
		cmocka_unit_test(
		    every_set_of_flags_of_a_user_at_the_limit_is_refused),
		cmocka_unit_test(bits_that_are_no_flags_are_ignored),
		cmocka_unit_test(
		    without_a_process_the_caller_is_divorced),
		cmocka_unit_test(
		    without_a_process_more_than_one_lwp_is_refused),
		cmocka_unit_test(
		    an_embryo_that_is_no_child_yet_is_not_taken_away),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
