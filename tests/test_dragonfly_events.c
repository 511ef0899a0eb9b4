/* SPDX-License-Identifier: MIT */
/*
 * test_dragonfly_events.c - who is told of forks, and who traces: knotes while
 * they are in process, and debuggers.
 */
#include "dragonfly_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define TRACKED (TINE_NOTE_FORK | TINE_NOTE_TRACK)

/* --- knotes --- */

static struct knote *
knote_of(pid_t pid, struct proc **pp)
{
	*pp = pfind(pid);
	return (*pp != NULL ? (*pp)->p_klist : NULL);
}

/* Have the first knote of a process in process (1), or be done with it. */
static int64_t
k_process(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p;
	struct knote *kn = knote_of((pid_t)a, &p);

	(void)c;
	lwkt_gettoken(&df->df_kqueue_token);
	if (b != 0) {
		ASSERT(kn != NULL && kn->kn_status == 0);
		kn->kn_status = KN_PROCESSING;
	} else {
		ASSERT3(kn->kn_status, ==, KN_PROCESSING | KN_WAITING);
		kn->kn_status = 0;
		wakeup(kn);
	}
	lwkt_reltoken(&df->df_kqueue_token);
	PRELE(p);
	return (0);
}

/* Whether a process has an LWP asleep with that message. */
static int64_t
k_asleep(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	struct lwp *lp;
	int64_t n = 0;

	(void)c;
	for (lp = p->p_lwp_tree; lp != NULL; lp = lp->lwp_next)
		n += lp->lwp_thread->td_wmesg != NULL &&
		    strcmp(lp->lwp_thread->td_wmesg,
		    (const char *)(uintptr_t)b) == 0;
	PRELE(p);
	return (n);
}

static int64_t
k_stat(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p = pfind((pid_t)a);
	int64_t stat;

	(void)b;
	(void)c;
	if (p == NULL)
		return (-ESRCH);
	stat = p->p_stat;
	PRELE(p);
	return (stat);
}

static int64_t
k_knotes(uint64_t a, uint64_t b, uint64_t c)
{
	struct proc *p;
	struct knote *kn = knote_of((pid_t)a, &p);
	int64_t n = 0;

	(void)b;
	(void)c;
	for (; kn != NULL; kn = kn->kn_next)
		n++;
	PRELE(p);
	return (n);
}

/* The flags of the last event of a process. */
#define LAST (TINE_KEV_CLEAR | TINE_KEV_ONESHOT | TINE_KEV_NODATA | \
	TINE_KEV_EOF)

/* A fork waits for the knote, a second at a time, and its child with it. */
PROGRAM(df_knotec)
{
	const int kq = tine_sys_kqueue();
	struct tine_kevent ev;
	tine_pid_t pid, child;
	uint64_t before;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		before = tine_sys_time();
		child = tine_sys_fork();
		if (child == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_time() - before == 2500 * MS);
		expect_exit(child, 0);
		tine_sys_exit(0);
	}
	child = pid + 1;
	tine_check(tine_sys_kqueue_watch(kq, pid, TRACKED) == 0);
	K(k_process, pid, 1, 0);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	for (int i = 0; i < 5; i++) {
		tine_sys_nanosleep(500 * MS);
		tine_check(K(k_asleep, pid, "knotec", 0) == 1);
		tine_check(K(k_stat, child, 0, 0) == SIDL);
		tine_check(K(k_knotes, child, 0, 0) == 0);
	}
	K(k_process, pid, 0, 0);
	expect_exit(pid, 0);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.pid == pid && ev.fflags == TINE_NOTE_FORK);
	tine_check(ev.flags == LAST && ev.data == 0);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.pid == child && ev.fflags == TINE_NOTE_CHILD);
	tine_check(ev.data == (ev.flags == LAST ? 0 : pid));
	tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
	return (0);
}

/* spec: DF-052 */
static void
a_fork_waits_for_a_knote_that_is_in_process(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	for (options.ncpu = 1; options.ncpu <= 2; options.ncpu++)
		rig_passes("df_knotec", &options);
}

/* An end that nobody asked for, after another event and by itself. */
PROGRAM(df_unasked)
{
	const int kq = tine_sys_kqueue();
	struct tine_kevent ev;
	tine_pid_t pid;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		expect_exit(tine_sys_fork() ?: (tine_sys_exit(0), 0), 0);
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		tine_sys_exit(9);
	}
	tine_check(tine_sys_kqueue_watch(kq, pid, TINE_NOTE_FORK) == 0);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	tine_sys_nanosleep(100 * MS);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.fflags == TINE_NOTE_FORK && ev.data == pid + 1);
	tine_check(ev.flags == TINE_KEV_CLEAR);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	tine_sys_nanosleep(100 * MS);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.pid == pid && ev.fflags == 0 && ev.data == 9 << 8);
	tine_check(ev.flags == LAST);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
	expect_exit(pid, 9);
	return (0);
}

/* What is asked for is told, the last wish counts, and exit is the last event
 * of a process. */
PROGRAM(df_wishes)
{
	const int kq = tine_sys_kqueue(), other = tine_sys_kqueue();
	struct tine_kevent ev;
	tine_pid_t pid;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		expect_exit(tine_sys_fork() ?: (tine_sys_exit(0), 0), 0);
		tine_sys_exec("df_nothing", NULL);
	}
	tine_check(tine_sys_kqueue_watch(kq, pid, TRACKED) == 0);
	tine_check(tine_sys_kqueue_watch(kq, pid, TINE_NOTE_EXEC |
	    TINE_NOTE_EXIT) == 0);
	tine_check(K(k_knotes, pid, 0, 0) == 1);
	tine_check(tine_sys_kqueue_watch(other, pid, TINE_NOTE_FORK) == 0);
	tine_check(K(k_knotes, pid, 0, 0) == 2);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	expect_exit(pid, 0);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
	tine_check(ev.pid == pid);
	tine_check(ev.fflags == (TINE_NOTE_EXEC | TINE_NOTE_EXIT));
	tine_check(ev.flags == LAST);
	tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
	tine_check(tine_sys_kqueue_next(other, &ev) == 1);
	/* Unasked it tells the end, which is all that there is to tell. */
	tine_check(ev.pid == pid && ev.fflags == TINE_NOTE_FORK);
	tine_check(ev.flags == LAST && ev.data == 0);
	tine_check(tine_sys_kqueue_next(other, &ev) == 0);
	tine_check(tine_sys_kqueue_watch(kq, pid, TINE_NOTE_EXIT) == -ESRCH);
	return (0);
}

/* How many knotes a queue has. */
static int64_t
k_queue(uint64_t a, uint64_t b, uint64_t c)
{
	struct file *fp = holdfp(curproc->p_fd, (int)a, 0);
	int64_t n = 0;

	(void)b;
	(void)c;
	for (struct knote *kn = fp->f_kq->kq_knlist; kn != NULL;
	    kn = kn->kn_link)
		n++;
	fdrop(fp);
	return (n);
}

/* A knote stays after each event but the last: it goes with its process. */
PROGRAM(df_stays)
{
	const tine_pid_t me = tine_sys_getpid();
	const int kq = tine_sys_kqueue();
	struct tine_kevent ev;
	tine_pid_t pid;

	tine_check(tine_sys_kqueue_watch(kq, me, TRACKED |
	    TINE_NOTE_EXIT) == 0);
	for (int i = 1; i <= 3; i++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		expect_exit(pid, 0);
		tine_check(K(k_queue, kq, 0, 0) == 2);
		tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
		tine_check(ev.pid == me && ev.data == pid);
		tine_check(tine_sys_kqueue_next(kq, &ev) == 1);
		/* The status has taken the place of the parent's pid. */
		tine_check(ev.pid == pid && ev.data == 0 && ev.flags == LAST);
		tine_check(ev.fflags == (TINE_NOTE_CHILD | TINE_NOTE_EXIT));
		tine_check(tine_sys_kqueue_next(kq, &ev) == 0);
		tine_check(K(k_queue, kq, 0, 0) == 1);
	}
	tine_check(K(k_knotes, me, 0, 0) == 1);
	return (0);
}

/* spec: DF-052 */
static void
a_knote_goes_with_the_last_event_of_its_process(void **state)
{
	(void)state;
	rig_passes("df_stays", NULL);
}

PROGRAM(df_nothing)
{
	return (0);
}

/* spec: DF-052 DF-105 DF-114 */
static void
a_queue_is_told_what_it_asked_for_last(void **state)
{
	(void)state;
	rig_seeds("df_wishes", 10);
	rig_seeds("df_unasked", 3);
}

/* --- several forks at once --- */

static TINE_DATA int queue;
static TINE_DATA volatile int done;

static void
forks(void *arg)
{
	tine_pid_t pid = tine_sys_fork();

	(void)arg;
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(pid > 0);
	done++;
}

/*
 * Two LWPs fork, and each finds the knote in process while the other makes one
 * on its child. Nothing is lost: both children are watched.
 */
PROGRAM(df_both)
{
	const tine_pid_t me = tine_sys_getpid();
	struct tine_kevent ev;
	int lwp, children = 0, sum = 0;

	queue = tine_sys_kqueue();
	tine_check(tine_sys_kqueue_watch(queue, me, TRACKED) == 0);
	lwp = tine_sys_lwp_create(forks, NULL);
	tine_check(lwp > 0);
	forks(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	while (tine_sys_kqueue_next(queue, &ev) == 1) {
		if (ev.pid == me) {
			tine_check(ev.fflags == TINE_NOTE_FORK);
			continue;
		}
		if (ev.fflags == 0) {
			tine_check(ev.flags == LAST);
			continue;
		}
		tine_check(ev.fflags == TINE_NOTE_CHILD);
		tine_check(ev.data == (ev.flags == LAST ? 0 : me));
		children++;
		sum += ev.pid - me;
	}
	tine_check(children == 2 && sum == 1 + 2);
	/* Who waits for a knote is woken, and does not look for himself. */
	tine_check(tine_sys_time() < 500 * MS);
	reap_all();
	return (0);
}

/* One forks while the other closes the queue, whose knote it has in process. */
static void
closes(void *arg)
{
	(void)arg;
	tine_check(tine_sys_close(queue) == 0);
}

PROGRAM(df_closed)
{
	int lwp;

	queue = tine_sys_kqueue();
	tine_check(tine_sys_kqueue_watch(queue, tine_sys_getpid(),
	    TRACKED) == 0);
	lwp = tine_sys_lwp_create(closes, NULL);
	tine_check(lwp > 0);
	forks(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_time() < 500 * MS);
	reap_all();
	return (0);
}

/* How many points found somebody asleep with these messages. */
static unsigned long knotec, kqepts;

static const char *
looks(void *arg)
{
	const struct tine__thread *t;
	const struct thread *td;

	(void)arg;
	for (t = rig_machine->threads; t != NULL; t = t->all_next) {
		td = t->owner;
		if (td == NULL || t->toks == NULL || td->td_wmesg == NULL)
			continue;
		knotec += strcmp(td->td_wmesg, "knotec") == 0;
		kqepts += strcmp(td->td_wmesg, "kqepts") == 0;
	}
	return (NULL);
}

static void
exhaust(const char *program, uint32_t ncpu, uint32_t delays)
{
	struct tine_explore_result result = { .size = sizeof (result) };
	struct tine_options options = rig_options();
	struct tine_explore_options explore;
	struct tine_explorer *explorer;

	options.ncpu = ncpu;
	rig_create(program, &options);
	assert_int_equal(tine_machine_invariant(rig_machine, looks, NULL), 0);
	tine_explore_options_init(&explore);
	explore.search = TINE_SEARCH_DFS;
	explore.delays = delays;
	assert_int_equal(tine_explorer_create(rig_machine, &explore,
	    &explorer), 0);
	assert_int_equal(tine_explorer_run(explorer, 100000, &result), 0);
	if (result.failures != 0)
		fail_msg("%s: %s\n%s", program, result.message,
		    result.last_events);
	assert_true(result.exhausted);
	tine_explorer_destroy(explorer);
}

/* spec: DF-052 */
static void
two_forks_at_once_are_both_told(void **state)
{
	(void)state;
	knotec = 0;
	exhaust("df_both", 1, 2);
	assert_true(knotec > 0);
	knotec = 0;
	exhaust("df_both", 2, 1);
	assert_true(knotec > 0);
}

/* spec: DF-052 */
static void
a_queue_is_closed_while_a_fork_has_its_knote(void **state)
{
	(void)state;
	kqepts = 0;
	exhaust("df_closed", 1, 3);
	assert_true(kqepts > 0);
	exhaust("df_closed", 2, 1);
}

/* --- stops --- */

static void
runs(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_yield();
}

/* Two LWPs that run, and never sleep: each has to see that it is to stop. */
PROGRAM(df_running)
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		tine_check(tine_sys_lwp_create(runs, NULL) > 0);
		runs(NULL);
	}
	for (int i = 0; i < 4; i++)
		tine_sys_yield();
	for (int again = 0; again < 3; again++) {
		tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_UNTRACED) == pid);
		tine_check(status == (SIGSTOP << 8 | 0x7f));
		tine_check(tine_sys_df_wait4(pid, &status,
		    TINE_WAIT4_UNTRACED | TINE_WAIT4_NOHANG) == 0);
		tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	}
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	return (0);
}

/* spec: DF-112 */
static void
lwps_that_run_stop_and_that_is_told_once_each_time(void **state)
{
	struct tine_options options = rig_options();

	(void)state;
	rig_passes("df_running", &options);
	/* A stop that meets lwp_create is told twice: DF-R35. */
	options.quirks = rig_quirks("-DF-R35");
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 0; options.seed < 12; options.seed++) {
		options.ncpu = 1u << options.seed % 3;
		rig_passes("df_running", &options);
	}
}

/* --- debuggers --- */

static TINE_DATA volatile int caught;

static void
catches(int signo)
{
	caught = signo;
}

/* Wait until it has stopped for that signal, told unasked. */
static void
stopped(tine_pid_t pid, int signo)
{
	int status;

	tine_check(tine_sys_df_wait4(pid, &status, 0) == pid);
	tine_check(status == (signo << 8 | 0x7f));
}

static int
goes_on(tine_pid_t pid, int signo)
{
	return (tine_sys_df_ptrace(TINE_PT_CONTINUE, pid, signo));
}

/* Traced by its parent: exec stops it, and what it is then told is up to that.
 */
PROGRAM(df_traced)
{
	struct tine_sigaction action = { .handler = catches };
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t child;

	tine_check(tine_sys_sigaction(SIGUSR2, &action, NULL) == 0);
	tine_check(tine_sys_kill(me, SIGUSR1) == 0);
	tine_check(caught == SIGUSR2);
	/* A child of it is nobody's to trace. */
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
		tine_check(0);
	}
	tine_check(tine_sys_wait(&(int){ 0 }) == child);
	caught = 0;
	tine_check(tine_sys_kill(me, SIGUSR2) == 0);
	tine_check(caught == 0);
	tine_sys_pause();
	return (1);
}

PROGRAM(df_trace_me)
{
	tine_pid_t pid = tine_sys_fork();
	int status;

	if (pid == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_TRACE_ME, 0, 0) == 0);
		tine_check(tine_sys_df_ptrace(TINE_PT_TRACE_ME, 77, 0) == 0);
		tine_sys_exec("df_traced", NULL);
	}
	stopped(pid, SIGTRAP);
	tine_check(tine_sys_df_wait4(pid, &status, 1) == 0);
	tine_check(goes_on(pid, NSIG) == -EINVAL);
	tine_check(goes_on(pid, -1) == -EINVAL);
	tine_check(tine_sys_df_ptrace(99, pid, 0) == -EINVAL);
	tine_check(goes_on(pid, 0) == 0);
	/* It gets another signal than it was sent. */
	stopped(pid, SIGUSR1);
	tine_check(goes_on(pid, SIGUSR2) == 0);
	stopped(pid, SIGCHLD);
	tine_check(goes_on(pid, 0) == 0);
	stopped(pid, SIGUSR2);
	tine_check(goes_on(pid, 0) == 0);
	tine_sys_nanosleep(MS);
	tine_check(goes_on(pid, 0) == -EBUSY);
	tine_check(tine_sys_kill(pid, SIGSTOP) == 0);
	tine_sys_nanosleep(MS);
	/* Stopped, and nobody has waited for it. */
	tine_check(tine_sys_df_ptrace(TINE_PT_KILL, pid, 0) == -EBUSY);
	stopped(pid, SIGSTOP);
	tine_check(tine_sys_df_ptrace(TINE_PT_KILL, pid, 0) == 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGKILL);
	/* Given back to its parent, which is the same: told again. */
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(tine_sys_waitpid(pid, &status, 0) == -ECHILD);
	return (0);
}

/* spec: DF-059 DF-067 DF-113 DF-114 */
static void
a_traced_process_stops_at_exec_and_for_each_signal(void **state)
{
	(void)state;
	rig_seeds("df_trace_me", 15);
}

static void
sleeps_then_exits(void)
{
	tine_sys_nanosleep(50 * MS);
	tine_sys_exit(5);
}

/* Whoever attaches is the parent, as long as it lasts. */
PROGRAM(df_attached)
{
	tine_pid_t pid, other, debugger;
	int status;

	tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, tine_sys_getpid(), 0) ==
	    -EINVAL);
	tine_check(goes_on(tine_sys_getpid(), 0) == -EPERM);
	pid = tine_sys_fork();
	if (pid == 0)
		sleeps_then_exits();
	other = tine_sys_fork();
	if (other == 0) {
		tine_check(tine_sys_df_setreuid(1000, 1000) == 0);
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, pid, 0) ==
		    -EPERM);
		tine_sys_exit(0);
	}
	expect_exit(other, 0);
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, pid, 0) == 0);
		stopped(pid, SIGSTOP);
		/* Detached with a signal that ends it. */
		tine_check(tine_sys_df_ptrace(TINE_PT_DETACH, pid,
		    SIGTERM) == 0);
		tine_check(tine_sys_wait(NULL) == -ECHILD);
		tine_sys_exit(0);
	}
	/* Not ours meanwhile, and ours again. */
	tine_sys_nanosleep(MS);
	expect_exit(debugger, 0);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid);
	tine_check(status == SIGTERM);
	return (0);
}

/* A debugger's end is that of whom it traces. */
PROGRAM(df_orphaned)
{
	tine_pid_t pid, debugger, third;
	int status;

	pid = tine_sys_fork();
	if (pid == 0)
		sleeps_then_exits();
	debugger = tine_sys_fork();
	if (debugger == 0) {
		tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, pid, 0) == 0);
		stopped(pid, SIGSTOP);
		third = tine_sys_fork();
		if (third == 0) {
			/* Somebody else's. */
			tine_check(goes_on(pid, 0) == -EBUSY);
			tine_check(tine_sys_df_ptrace(TINE_PT_ATTACH, pid,
			    0) == -EBUSY);
			tine_sys_exit(0);
		}
		expect_exit(third, 0);
		tine_sys_exit(0);
	}
	expect_exit(debugger, 0);
	tine_sys_nanosleep(100 * MS);
	tine_check(tine_sys_kill(pid, 0) == -ESRCH);
	tine_check(tine_sys_waitpid(pid, &status, 0) == -ECHILD);
	return (0);
}

/* spec: DF-100 DF-113 */
static void
who_attaches_is_the_parent_and_its_end_is_the_childs(void **state)
{
	(void)state;
	rig_seeds("df_attached", 15);
	rig_seeds("df_orphaned", 15);
}

/* While it has its parent's memory it stops for no debugger; then it does. */
PROGRAM(df_traced_vfork)
{
	tine_pid_t parent = tine_sys_fork(), pid;

	if (parent == 0) {
		pid = vfork_();
		if (pid == 0) {
			tine_check(tine_sys_df_ptrace(TINE_PT_TRACE_ME, 0,
			    0) == 0);
			tine_check(tine_sys_kill(tine_sys_getpid(),
			    SIGURG) == 0);
			tine_sys_exec("df_nothing", NULL);
			tine_sys_exit(1);
		}
		/* It went on to exec, which let us go; there it stops. */
		stopped(pid, SIGTRAP);
		tine_check(goes_on(pid, 0) == 0);
		expect_exit(pid, 0);
		expect_exit(pid, 0);
		tine_sys_exit(0);
	}
	expect_exit(parent, 0);
	return (0);
}

/* spec: DF-075 DF-113 */
static void
a_traced_vfork_child_stops_after_exec(void **state)
{
	(void)state;
	rig_seeds("df_traced_vfork", 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fork_waits_for_a_knote_that_is_in_process),
		cmocka_unit_test(a_queue_is_told_what_it_asked_for_last),
		cmocka_unit_test(
		    a_knote_goes_with_the_last_event_of_its_process),
		cmocka_unit_test(two_forks_at_once_are_both_told),
		cmocka_unit_test(a_queue_is_closed_while_a_fork_has_its_knote),
		cmocka_unit_test(
		    lwps_that_run_stop_and_that_is_told_once_each_time),
		cmocka_unit_test(
		    a_traced_process_stops_at_exec_and_for_each_signal),
		cmocka_unit_test(
		    who_attaches_is_the_parent_and_its_end_is_the_childs),
		cmocka_unit_test(a_traced_vfork_child_stops_after_exec),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
