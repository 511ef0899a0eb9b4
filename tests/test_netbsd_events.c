/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_events.c - when on NetBSD others see a child, its stops and its
 * end.
 */
#include "netbsd_rig.h"

/* The trap that returns twice on one stack, and tells the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

#define vfork14() \
	((tine_pid_t)trap_twice(TINE__SYS_vforkx, 0, 0, 0, 0, 0))

/* What all processes of a test see: it is the host's memory. */
static volatile int told;
static volatile tine_pid_t subject;

static void
wait_told(int n)
{
	while (told < n)
		tine_sys_yield();
}

static int
stop_status(int signo)
{
	return (signo << 8 | 0x7f);
}

static tine_pid_t
fork_idle(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		for (;;)
			(void)tine_sys_pause();
	tine_check(pid > 0);
	return (pid);
}

static void
end(tine_pid_t pid)
{
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

/* --- publication --- */

static bool
on_list(const struct proc *p, const struct proclist *list)
{
	const struct proc *q;

	LIST_FOREACH(q, list, p_list)
		if (q == p)
			return (true);
	return (false);
}

static bool
in_group(const struct proc *p)
{
	const struct proc *q;

	LIST_FOREACH(q, &p->p_pgrp->pg_members, p_pglist)
		if (q == p)
			return (true);
	return (false);
}

static bool
is_child(const struct proc *p)
{
	const struct proc *q;

	LIST_FOREACH(q, &p->p_pptr->p_children, p_sibling)
		if (q == p)
			return (true);
	return (false);
}

/* A process is on all lists or on none, and a fork is over once it is. */
static int64_t
k_look(int64_t times, int64_t b)
{
	const struct proc *p;

	(void)b;
	while (times-- > 0) {
		mutex_enter(&proc_lock);
		LIST_FOREACH(p, &allproc, p_list) {
			ASSERT(p->p_stat != SIDL);
			ASSERT(p->p_pgrp != NULL && in_group(p));
			ASSERT(p->p_pptr == NULL || is_child(p));
			ASSERT(p->p_nlwps > 0);
		}
		LIST_FOREACH(p, &curproc->p_children, p_sibling)
			ASSERT(on_list(p, &allproc) || on_list(p, &zombproc));
		LIST_FOREACH(p, &curproc->p_pgrp->pg_members, p_pglist)
			ASSERT(on_list(p, &allproc) || on_list(p, &zombproc));
		mutex_exit(&proc_lock);
	}
	return (0);
}

static void
looks(void *arg)
{
	(void)arg;
	in_kernel(k_look, 15, 0);
}

NB_PROGRAM(nb_published, "a sibling looks at the lists while a child is made")
{
	const int lwp = tine_sys_lwp_create(looks, NULL);

	tine_check(lwp > 0);
	for (int i = 0; i < 3; i++) {
		tine_pid_t pid = tine_sys_fork();

		if (pid == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}

/* spec: NB-037 */
NB_TEST(others_see_a_child_on_no_list_or_complete)
{
	nb_every_seed("nb_published", 60);
}

/* --- the controlling terminal --- */

static int64_t
k_controlt(int64_t pid, int64_t b)
{
	(void)b;
	return (ISSET(rig_find((pid_t)pid)->p_lflag, PL_CONTROLT));
}

static bool
controlt(tine_pid_t pid)
{
	return (in_kernel(k_controlt, pid, 0) != 0);
}

/* The session's member that keeps the mark: its children before and after. */
static int
member(void)
{
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid;

	pid = tine_sys_fork();
	if (pid == 0) {
		/* One that has given it up itself. */
		tine_check(tine_sys_ioctl(3, TINE_TIOCNOTTY, NULL) == 0);
		tine_check(!controlt(tine_sys_getpid()));
		pid = fork_idle();
		tine_check(!controlt(pid));
		end(pid);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	pid = fork_idle();
	tine_check(controlt(self) && controlt(pid));
	end(pid);
	told = 1;
	wait_told(2);
	pid = fork_idle();
	tine_check(controlt(self) && !controlt(pid));
	end(pid);
	return (0);
}

NB_PROGRAM(nb_controlt, "a session that loses its terminal")
{
	struct tine_sigaction ignore = { .flags = 0 };
	tine_pid_t leader = tine_sys_fork(), pid;
	int status, fd;

	if (leader == 0) {
		told = 0;
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		tine_check(fd >= 0);
		(void)tine_sys_ioctl(fd, TINE_TIOCSCTTY, NULL);
		tine_check(controlt(tine_sys_getpid()));
		ignore.handler = TINE_SIG_IGN;
		tine_check(tine_sys_sigaction(SIGHUP, &ignore, NULL) == 0);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(member());
		wait_told(1);
		tine_check(tine_sys_ioctl(fd, TINE_TIOCNOTTY, NULL) == 0);
		told = 2;
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		tine_sys_exit(status);
	}
	tine_check(tine_sys_waitpid(leader, &status, 0) == leader);
	tine_check(status == 0);
	return (0);
}

/* spec: NB-038 */
NB_TEST(a_child_has_the_terminal_only_if_the_session_has)
{
	nb_passes("nb_controlt");
}

/* --- who is first --- */

static volatile int child_ran, early, watched;

static void
probe_race(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	if (at == 47 && child_ran)
		early = 1;
	if (at != 46)
		return;
	for (int i = 0; i < 30; i++)
		tine__racy(TINE_OP_READ, &p2->p_pid);
	/* proc_lock is ours: whatever it did, it could not get past it. */
	ASSERT(mutex_owned(&proc_lock));
	ASSERT(p2->p_stat != SDEAD && p2->p_stat != SZOMB);
	ASSERT(on_list(p2, &allproc));
	if (watched)
		ASSERT(ISSET(p2->p_lflag, PL_PPWAIT));
}

static int64_t
k_race(int64_t vfork, int64_t b)
{
	(void)b;
	child_ran = early = 0;
	watched = (int)vfork;
	nb->nb_probe = probe_race;
	return (0);
}

NB_PROGRAM(nb_quick, "a child that ends at once")
{
	tine_pid_t pid;

	in_kernel(k_race, 0, 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		child_ran = 1;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

NB_PROGRAM(nb_quick_target, "ends")
{
	return (4);
}

NB_PROGRAM(nb_quick_exec, "a vfork child that execs at once")
{
	char *words[] = { (char *)(uintptr_t)"nb_quick_target", NULL };
	volatile tine_pid_t pid;
	int status;

	in_kernel(k_race, 1, 0);
	pid = vfork14();
	if (pid == 0) {
		child_ran = 1;
		(void)tine_sys_exec("nb_quick_target", words);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	return (0);
}

static unsigned
early_runs(const char *program)
{
	struct tine_options options = netbsd_options();
	unsigned found = 0;

	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (unsigned seed = 1; seed <= 60; seed++) {
		options.seed = seed;
		harness_passes(program, &options, 0);
		found += early != 0;
	}
	return (found);
}

/* spec: NB-046 */
NB_TEST(the_child_may_run_before_fork_has_its_result_but_not_end)
{
	assert_true(early_runs("nb_quick") > 0);
	assert_true(early_runs("nb_quick_exec") > 0);
}

/* --- the epilogue --- */

static int64_t
k_epilogue(int64_t flags, int64_t b)
{
	int64_t retval[2] = { -1, -1 };
	int error;

	(void)b;
	error = fork1(curlwp, (int)flags, SIGCHLD, 0, 0, NULL, NULL, retval);
	ASSERT3(error, ==, 0);
	ASSERT(!mutex_owned(&proc_lock));
	ASSERT(!mutex_owned(&curproc->p_lock));
	ASSERT(retval[0] > 0);
	return (retval[0]);
}

static void
epilogue(int flags)
{
	int64_t pid = in_kernel(k_epilogue, flags, 0);

	if (pid == 0)
		tine_sys_exit(5);
	while (tine_sys_waitpid((tine_pid_t)pid, NULL, 0) == -EINTR)
		continue;
}

NB_PROGRAM(nb_epilogue, "what fork1 leaves behind")
{
	tine_pid_t pid;
	int status, stops = 0, mask = TINE_NB_PTRACE_VFORK_DONE;

	epilogue(0);
	epilogue(FORK_PPWAIT);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) ==
		    0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		epilogue(FORK_PPWAIT);
		tine_sys_exit(6);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, pid, &mask,
	    sizeof(mask)) == 0);
	while ((status & 0xff) == 0x7f) {
		stops += status == stop_status(SIGTRAP);
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL,
		    0) == 0);
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	}
	tine_check(stops == 1 && status == 6 << 8);
	return (0);
}

/* spec: NB-050 */
NB_TEST(fork1_returns_without_a_lock_also_after_a_stop)
{
	nb_passes("nb_epilogue");
}

/* --- a tracee that its parent waits for --- */

static volatile int handled;

static void
on_usr1(int signo)
{
	handled = signo;
}

NB_PROGRAM(nb_vfork_tracee, "a vfork child that is traced by its parent")
{
	char *words[] = { (char *)(uintptr_t)"nb_quick_target", NULL };
	struct tine_sigaction action = { .flags = 0 };
	struct tine_ptrace_siginfo info;
	tine_pid_t pid;
	int status;

	action.handler = on_usr1;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	handled = 0;
	pid = tine_sys_vfork44();
	if (pid == 0) {
		tine_check(tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) ==
		    0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGUSR1);
		told = handled;
		(void)tine_sys_exec("nb_quick_target", words);
		tine_sys_exit(1);
	}
	/* It came as far as exec, its handler ran, and only then it stopped. */
	tine_check(told == SIGUSR1);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == stop_status(SIGTRAP));
	tine_check(tine_sys_ptrace(TINE_NB_PT_GET_SIGINFO, pid, &info,
	    sizeof(info)) == 0);
	tine_check(info.signo == SIGTRAP && info.code == TINE_TRAP_EXEC);
	tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 4 << 8);
	return (0);
}

/* spec: NB-088 */
NB_TEST(a_tracee_that_holds_its_tracer_up_is_as_if_untraced)
{
	told = 0;
	nb_passes("nb_vfork_tracee");
}

/* --- teardown --- */

static int64_t
k_uses(int64_t fd, int64_t want)
{
	struct file *fp = fd_getfile((int)fd);

	ASSERT(fp != NULL);
	ASSERT3(fp->f_count, ==, want + 1);	/* and ours */
	ASSERT3(curproc->p_vmspace->vm_refcnt, ==, want);
	fd_putfile(fp);
	return (0);
}

/* The instant that the parent is let go. */
static void
probe_release(int at, struct proc *p, struct proc *none)
{
	(void)none;
	if (at != 58)
		return;
	nb->nb_probe = NULL;
	ASSERT3(p->p_stat, ==, SDYING);
	ASSERT(p->p_fd == NULL && p->p_cwdi == NULL && p->p_sigacts == NULL);
	ASSERT(p->p_vmspace == NULL);
	ASSERT3(p->p_pptr->p_vmspace->vm_refcnt, ==, 1);
	ASSERT3(p->p_sigpend.sp_set, ==, 0);
	ASSERT(on_list(p, &allproc));
	told = 58;
}

static int64_t
k_release(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	told = 0;
	nb->nb_probe = probe_release;
	return (0);
}

NB_PROGRAM(nb_teardown, "what a vfork child has given up when it is over")
{
	volatile tine_pid_t pid;
	volatile int fds[2];

	tine_check(tine_sys_pipe((int *)(uintptr_t)fds) == 0);
	pid = vfork14();
	if (pid == 0) {
		in_kernel(k_uses, fds[1], 2);
		in_kernel(k_release, 0, 0);
		tine_sys_exit(0);
	}
	tine_check(told == 58);
	in_kernel(k_uses, fds[1], 1);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	return (0);
}

/* spec: NB-091 */
NB_TEST(a_vfork_parent_resumes_when_files_and_memory_are_given_up)
{
	nb_passes("nb_teardown");
	nb_every_seed("nb_teardown", 60);
}

/* --- a traced zombie --- */

static volatile int chld;

static void
on_chld(int signo)
{
	chld += signo == SIGCHLD;
}

static int64_t
k_zombie(int64_t pid, int64_t b)
{
	const struct proc *p = rig_find((pid_t)pid);

	(void)b;
	return (p->p_stat == SZOMB && !ISSET(p->p_slflag, PSL_TRACED) &&
	    p->p_opptr == NULL ? p->p_pptr->p_pid : 0);
}

/* P1: its child ends when told 1; P1 waits for it when told 2. */
static void
bereaved(bool ignores)
{
	struct tine_sigaction action = { .flags = 0 };
	tine_pid_t pid;
	int status;

	action.handler = ignores ? TINE_SIG_IGN : on_chld;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		wait_told(1);
		tine_sys_exit(5);
	}
	subject = pid;
	wait_told(2);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 5 << 8);
	tine_sys_exit(0);
}

/* The debugger waits for it whether or not it wants to hear of children. */
static void
traced_zombie(bool ignores, void (*debugger)(int signo))
{
	struct tine_sigaction action = { .flags = 0 };
	tine_pid_t p1, pid;
	int status;

	told = chld = 0;
	subject = 0;
	p1 = tine_sys_fork();
	if (p1 == 0)
		bereaved(ignores);
	while (subject == 0)
		tine_sys_yield();
	pid = subject;
	action.handler = debugger;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_ptrace(TINE_NB_PT_ATTACH, pid, NULL, 0) == 0);
	do {
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
		if ((status & 0xff) == 0x7f)
			tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid,
			    NULL, 0) == 0);
		/* Whatever came first: only our wait tells P1. */
		told = 1;
		if ((status & 0xff) == 0x7f) {
			tine_sys_nanosleep(10 * MS);
			tine_check(chld == 0);
		}
	} while ((status & 0xff) == 0x7f);
	tine_check(status == 5 << 8);
	tine_sys_nanosleep(10 * MS);
	tine_check(chld == (ignores ? 0 : 1));
	tine_check(in_kernel(k_zombie, pid, 0) == p1);
	tine_check(tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == -ECHILD);
	action.handler = TINE_SIG_DFL;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	told = 2;
	tine_check(tine_sys_waitpid(p1, &status, 0) == p1);
	tine_check(status == 0);
}

NB_PROGRAM(nb_traced_zombie, "a debugger waits, then the parent")
{
	traced_zombie(false, TINE_SIG_DFL);
	traced_zombie(true, TINE_SIG_DFL);
	traced_zombie(false, TINE_SIG_IGN);
	return (0);
}

/* spec: NB-099 */
NB_TEST(a_traced_zombie_is_waited_for_twice)
{
	nb_passes("nb_traced_zombie");
}

/* --- job control --- */

static TINE_DATA volatile int hups, conts;
static volatile int report[2];

static void
on_job(int signo)
{
	if (signo == SIGHUP)
		hups++;
	else
		conts++;
}

/* A member of a group of its own; it reports what it has got. */
static void
job(int which)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = on_job;
	tine_check(tine_sys_sigaction(SIGHUP, &action, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGCONT, &action, NULL) == 0);
	told++;
	while (told < 3)
		tine_sys_yield();
	tine_sys_nanosleep(20 * MS);
	report[which] = hups * 10 + conts;
	tine_sys_exit(0);
}

static void
orphaned(bool stopped)
{
	tine_pid_t parent, a, b;
	int status;

	told = 0;
	report[0] = report[1] = -1;
	parent = tine_sys_fork();
	if (parent == 0) {
		a = tine_sys_fork();
		if (a == 0)
			job(0);
		b = tine_sys_fork();
		if (b == 0)
			job(1);
		tine_check(tine_sys_setpgid(a, a) == 0);
		tine_check(tine_sys_setpgid(b, a) == 0);
		wait_told(2);
		if (stopped) {
			tine_check(tine_sys_kill(a, SIGSTOP) == 0);
			tine_check(tine_sys_wait4_nb(a, &status,
			    TINE_WSTOPPED) == a);
		}
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(parent, &status, 0) == parent);
	tine_check(status == 0);
	told = 3;
	tine_sys_nanosleep(100 * MS);
	tine_check(report[0] == (stopped ? 11 : 0));
	tine_check(report[1] == (stopped ? 11 : 0));
}

NB_PROGRAM(nb_orphaned, "a group that nobody could continue")
{
	orphaned(true);
	return (0);
}

NB_PROGRAM(nb_not_stopped, "a group without a stopped member")
{
	orphaned(false);
	return (0);
}

/* The HUP of each member comes before its CONT. */
static void
check_posts(void)
{
	const struct tine_event *events;
	const long n = tine_trace_events(harness_machine(), &events);
	uint64_t hup = 0;
	unsigned pairs = 0;

	assert_true(n > 0);
	for (long i = 0; i < n; i++) {
		if (events[i].type != TINE_EV_SIGNAL)
			continue;
		if (events[i].b == SIGHUP)
			hup = events[i].a;
		if (events[i].b == SIGCONT) {
			assert_int_equal(events[i].a, hup);
			pairs++;
		}
	}
	assert_int_equal(pairs, 2);
}

/* spec: NB-100 */
NB_TEST(a_stopped_group_that_is_orphaned_gets_hup_then_cont)
{
	struct tine_options options = netbsd_options();

	options.trace_full = true;
	harness_passes("nb_orphaned", &options, 0);
	check_posts();
	nb_passes("nb_not_stopped");
}

NB_PROGRAM(nb_leader_ends, "the leader of a session ends")
{
	tine_pid_t leader;
	int status;

	told = 0;
	report[0] = -1;
	leader = tine_sys_fork();
	if (leader == 0) {
		int fd;

		tine_check(tine_sys_setsid() == tine_sys_getpid());
		fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
		tine_check(fd >= 0);
		(void)tine_sys_ioctl(fd, TINE_TIOCSCTTY, NULL);
		if (tine_sys_fork() == 0)
			job(0);
		wait_told(1);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(leader, &status, 0) == leader);
	tine_check(status == 0);
	told = 3;
	tine_sys_nanosleep(100 * MS);
	tine_check(report[0] == 10);
	return (0);
}

/* spec: NB-100 */
NB_TEST(the_foreground_hears_when_the_session_ends)
{
	nb_passes("nb_leader_ends");
}

/* --- clone's stack --- */

static volatile uint64_t parent_sp, child_sp;

static void
probe_stack(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	if (at != 36)
		return;
	nb->nb_probe = NULL;
	parent_sp = curlwp->l_tt->pcb.rsp;
	child_sp = LIST_FIRST(&p2->p_lwps)->l_tt->pcb.rsp;
}

static int64_t
k_stack(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	nb->nb_probe = probe_stack;
	return (0);
}

static int
clone_done(void *arg)
{
	(void)arg;
	return (3);
}

static void
reap(tine_pid_t pid)
{
	int status;

	tine_check(pid > 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == 3 << 8);
}

/* @return the child's stack pointer less the parent's. */
static int64_t
clone_null(unsigned flags)
{
	tine_pid_t pid;

	in_kernel(k_stack, 0, 0);
	pid = tine_sys_clone(flags | SIGCHLD, NULL, NULL, NULL);
	if (pid == 0)
		tine_sys_exit(3);
	reap(pid);
	return ((int64_t)(child_sp - parent_sp));
}

NB_PROGRAM(nb_clone_stack, "a clone's stack pointer")
{
	char *stack = tine_malloc(32768);
	const tine_sigset_t usr2 = TINE_SIGBIT(SIGUSR2);
	tine_sigset_t now = 0;
	tine_pid_t pid;

	tine_check(clone_null(0) == 0);
	tine_check(clone_null(0x7fff8000u) == 0);
	in_kernel(k_stack, 0, 0);
	reap((tine_pid_t)trap_twice(TINE__SYS_nb_clone, TINE_CLONE_VM | SIGCHLD,
	    (uintptr_t)stack + 32760, (uintptr_t)clone_done, 0,
	    (uintptr_t)tine_sys_exit));
	tine_check(child_sp == (uintptr_t)stack + 32760);
	/* The mask is nobody else's, whatever they share. */
	pid = (tine_pid_t)tine_sys_clone(TINE_CLONE_VFORK | SIGCHLD, NULL,
	    NULL, NULL);
	if (pid == 0) {
		(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, &usr2, NULL);
		tine_sys_exit(3);
	}
	reap(pid);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &now) == 0);
	tine_check((now & usr2) == 0);
	return (0);
}

/* spec: NB-115 */
NB_TEST(a_clone_has_the_stack_that_it_is_given_or_its_parents)
{
	nb_passes("nb_clone_stack");
}

/* --- every failure --- */

NB_PROGRAM(nb_short_vfork, "both vforks when anything may fail")
{
	volatile tine_pid_t pid;
	int status;

	pid = vfork14();
	if (pid == 0)
		tine_sys_exit(3);
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	else
		tine_check(pid == -EAGAIN || pid == -ENOMEM);
	pid = tine_sys_vfork44();
	if (pid == 0)
		tine_sys_exit(3);
	if (pid > 0)
		tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	else
		tine_check(pid == -EAGAIN || pid == -ENOMEM);
	return (0);
}

NB_PROGRAM(nb_short_exec, "exec when anything may fail")
{
	char *words[] = { (char *)(uintptr_t)"nb_quick_target",
	    (char *)(uintptr_t)"word", NULL };
	volatile tine_pid_t pid;
	volatile int error;
	int status = 0;

	pid = vfork14();
	if (pid == 0) {
		error = tine_sys_exec("nb_quick_target", words);
		tine_sys_exit(error == -ENOMEM ? 9 : 1);
	}
	if (pid < 0) {
		tine_check(pid == -EAGAIN || pid == -ENOMEM);
		return (0);
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	/* It went on, it failed and said so, or it was past that. */
	tine_check(status == 4 << 8 || status == 9 << 8 ||
	    (status & 0x7f) != 0);
	return (0);
}

/* spec: NB-057 */
NB_TEST(every_step_of_vfork_and_exec_may_fail)
{
	assert_in_range(nb_every_failure("nb_short_vfork"), 4, 200);
	assert_in_range(nb_every_failure("nb_short_exec"), 8, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_see_a_child_on_no_list_or_complete),
		cmocka_unit_test(
		    a_child_has_the_terminal_only_if_the_session_has),
		cmocka_unit_test(
		    the_child_may_run_before_fork_has_its_result_but_not_end),
		cmocka_unit_test(
		    fork1_returns_without_a_lock_also_after_a_stop),
		cmocka_unit_test(
		    a_tracee_that_holds_its_tracer_up_is_as_if_untraced),
		cmocka_unit_test(
		    a_vfork_parent_resumes_when_files_and_memory_are_given_up),
		cmocka_unit_test(a_traced_zombie_is_waited_for_twice),
		cmocka_unit_test(
		    a_stopped_group_that_is_orphaned_gets_hup_then_cont),
		cmocka_unit_test(the_foreground_hears_when_the_session_ends),
		cmocka_unit_test(
		    a_clone_has_the_stack_that_it_is_given_or_its_parents),
		cmocka_unit_test(every_step_of_vfork_and_exec_may_fail),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
