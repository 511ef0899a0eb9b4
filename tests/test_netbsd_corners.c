/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_corners.c - calls beside fork at their edges: keys of segments,
 * modes of descriptors, blocks of LWPs that are gone, timers that are not set,
 * numbers when the table of pids grows.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

NB_PROGRAM(nb_keys, "segments by key")
{
	const int create = TINE_IPC_CREAT | 0600;
	int id;

	tine_check(tine_sys_shmget(7, 4096, 0600) == -ENOENT);
	tine_check(tine_sys_shmget(7, 4096, TINE_IPC_EXCL | 0600) == -ENOENT);
	id = tine_sys_shmget(7, 8192, create | TINE_IPC_EXCL);
	tine_check(id >= 0);
	/* It is there: only both flags together refuse it. */
	tine_check(tine_sys_shmget(7, 4096, 0600) == id);
	tine_check(tine_sys_shmget(7, 4096, create) == id);
	tine_check(tine_sys_shmget(7, 4096, TINE_IPC_EXCL | 0600) == id);
	tine_check(tine_sys_shmget(7, 4096, create | TINE_IPC_EXCL) ==
	    -EEXIST);
	tine_check(tine_sys_shmget(7, 8193, 0600) == -EINVAL);
	/* None is empty, none is larger than a gigabyte. */
	tine_check(tine_sys_shmget(8, 0, create) == -EINVAL);
	tine_check(tine_sys_shmget(8, (1u << 30) + 1, create) == -EINVAL);
	tine_check(tine_sys_shmctl(tine_sys_shmget(8, 1u << 30, create),
	    TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmget(7, 4096, 0600) == -ENOENT);
	return (0);
}

/* spec: NB-076 NB-077 */
NB_TEST(a_segment_is_found_by_its_key)
{
	nb_passes("nb_keys");
}

NB_PROGRAM(nb_modes, "descriptors that are open for one thing only")
{
	const int create = TINE_O_CREAT;
	int r, w, rw;
	char c = 'x';

	w = tine_sys_open("/modes", TINE_O_WRONLY | create, 0600);
	r = tine_sys_open("/modes", TINE_O_RDONLY, 0);
	rw = tine_sys_open("/modes", TINE_O_RDWR, 0);
	tine_check(tine_sys_write(w, &c, 1) == 1);
	tine_check(tine_sys_read(w, &c, 1) == -EBADF);
	tine_check(tine_sys_write(r, &c, 1) == -EBADF);
	tine_check(tine_sys_read(r, &c, 1) == 1 && c == 'x');
	tine_check(tine_sys_write(rw, &c, 1) == 1);
	tine_check(tine_sys_lseek(rw, 0, TINE_SEEK_SET) == 0);
	tine_check(tine_sys_read(rw, &c, 1) == 1);
	return (0);
}

/* spec: NB-022 */
NB_TEST(a_descriptor_does_what_it_was_opened_for)
{
	nb_passes("nb_modes");
}

static TINE_DATA void *block;

static void
takes_a_block(void *arg)
{
	(void)arg;
	block = tine_sys_lwp_ctl();
}

NB_PROGRAM(nb_blocks, "blocks of LWPs that are gone")
{
	void *first;
	int lwp, i;

	for (i = 0; i < 40; i++) {
		lwp = tine_sys_lwp_create(takes_a_block, NULL);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_check(!tine_sys_failed(block));
		/* The one that is given back is given out again. */
		if (i == 0)
			first = block;
		tine_check(block == first);
	}
	tine_check(!tine_sys_failed(tine_sys_lwp_ctl()));
	return (0);
}

/* spec: NB-059 */
NB_TEST(the_block_of_an_lwp_that_ended_is_free)
{
	nb_passes("nb_blocks");
}

NB_PROGRAM(nb_unset, "a timer that is not set")
{
	struct tine_itimerval old = { 9, 9 }, one = { 0, 50 * MS };

	tine_check(tine_sys_setitimer(0, NULL, &old) == 0);
	tine_check(old.value == 0 && old.interval == 0);
	tine_check(tine_sys_setitimer(0, &one, &old) == 0);
	tine_check(old.value == 0);
	tine_sys_nanosleep(10 * MS);
	one.value = 0;
	tine_check(tine_sys_setitimer(0, &one, &old) == 0);
	tine_check(old.value > 0 && old.value <= 40 * MS);
	tine_check(tine_sys_setitimer(0, &one, &old) == 0);
	tine_check(old.value == 0);
	return (0);
}

/* spec: NB-028 */
NB_TEST(what_a_timer_was_set_to_is_told)
{
	nb_passes("nb_unset");
}

static TINE_DATA volatile int rang;

static void
rings(int signo)
{
	(void)signo;
	rang++;
}

/* A process whose timer rings after so long, again and again. */
static void
ticks(uint64_t value, uint64_t interval)
{
	const struct tine_itimerval timer = { interval, value };
	struct tine_sigaction action = { .flags = 0 };

	action.handler = rings;
	tine_check(tine_sys_sigaction(SIGALRM, &action, NULL) == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
}

NB_PROGRAM(nb_rings, "timers of several processes")
{
	const uint64_t start = tine_sys_time();
	tine_pid_t early, late;
	int status;

	/* Set later and due earlier; one ends with its timer set. */
	late = tine_sys_fork();
	if (late == 0) {
		ticks(50 * MS, 0);
		while (rang == 0)
			(void)tine_sys_pause();
		tine_sys_exit(tine_sys_time() - start >= 50 * MS ? 0 : 1);
	}
	early = tine_sys_fork();
	if (early == 0) {
		ticks(10 * MS, 10 * MS);
		while (rang < 3)
			(void)tine_sys_pause();
		tine_check(tine_sys_time() - start >= 30 * MS);
		tine_check(tine_sys_time() - start < 50 * MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(-1, &status, 0) == early && status == 0);
	tine_check(tine_sys_waitpid(-1, &status, 0) == late && status == 0);
	tine_check(tine_sys_time() - start < 60 * MS);
	/* An orphan ends by its timer, when all others are gone. */
	if (tine_sys_fork() == 0) {
		(void)tine_sys_alarm(1);
		for (;;)
			(void)tine_sys_pause();
	}
	return (0);
}

/* spec: NB-028 NB-091 */
NB_TEST(each_timer_rings_when_it_is_due_whoever_has_ended)
{
	nb_passes("nb_rings");
	nb_every_seed("nb_rings", 12);
}

/* --- numbers while the table grows --- */

static int64_t
k_numbers(int64_t a, int64_t b)
{
	const struct proc *p, *q;

	(void)a;
	(void)b;
	mutex_enter(&proc_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		ASSERT(proc_find_raw(p->p_pid) == p);
		ASSERT3(p->p_pid, >=, 0);
		ASSERT3(p->p_pid, <, 30000);
		LIST_FOREACH(q, &allproc, p_list)
			ASSERT(q == p || q->p_pid != p->p_pid);
	}
	mutex_exit(&proc_lock);
	return (0);
}

#define MANY 80

NB_PROGRAM(nb_growth, "numbers while the table of pids grows")
{
	tine_pid_t pid[MANY];
	int i, status;

	/* Slots that were used and are free when the table is doubled. */
	for (i = 0; i < 25; i++) {
		pid[0] = tine_sys_fork();
		if (pid[0] == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid[0], &status, 0) == pid[0]);
	}
	for (i = 0; i < MANY; i++) {
		pid[i] = tine_sys_fork();
		if (pid[i] == 0)
			for (;;)
				(void)tine_sys_pause();
		tine_check(pid[i] > 0);
		in_kernel(k_numbers, 0, 0);
		/* Some go again, among those that stay. */
		if (i % 3 == 2) {
			tine_check(tine_sys_kill(pid[i], SIGKILL) == 0);
			tine_check(tine_sys_waitpid(pid[i], &status, 0) ==
			    pid[i]);
		}
	}
	for (i = 0; i < MANY; i++) {
		if (i % 3 == 2)
			continue;
		tine_check(tine_sys_kill(pid[i], SIGKILL) == 0);
		tine_check(tine_sys_waitpid(pid[i], &status, 0) == pid[i]);
	}
	return (0);
}

/* spec: NB-010 */
NB_TEST(every_number_is_of_one_process_while_the_table_grows)
{
	nb_passes("nb_growth");
}

/* --- what is asked of the wrong one --- */

#define BIT(signo) TINE_SIGBIT(signo)

static TINE_DATA volatile unsigned woken[3];

static void
nothing(int signo)
{
	(void)signo;
}

static void
catches(int signo, void (*fn)(int), tine_sigset_t mask)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = fn;
	action.mask = mask;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static tine_pid_t
pausing(void)
{
	const tine_pid_t pid = tine_sys_fork();

	while (pid == 0)
		(void)tine_sys_pause();
	tine_check(pid > 0);
	return (pid);
}

static void
ends(tine_pid_t pid)
{
	(void)tine_sys_kill(pid, SIGKILL);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
}

#define LAST (TINE_KEV_CLEAR | TINE_KEV_ONESHOT | TINE_KEV_EOF)

/* The end comes unasked, with what else there was; it takes the knote along. */
NB_PROGRAM(nb_queue_of_ends, "ends that nobody asked for")
{
	const int kq = tine_sys_kqueue_nb();
	struct tine_nb_kevent event;
	tine_pid_t pid;
	int fds[2];
	char byte;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
		tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
		tine_sys_exit(9);
	}
	tine_check(tine_sys_kevent_proc(kq, pid, TINE_NB_NOTE_FORK, 1) == 0);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	tine_check(tine_sys_kevent_next(kq, &event, 1) == 0);
	tine_check(event.fflags == TINE_NB_NOTE_FORK);
	tine_check(event.flags == TINE_KEV_CLEAR && event.data == pid + 1);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == -EAGAIN);
	tine_check(tine_sys_write(fds[1], "g", 1) == 1);
	tine_check(tine_sys_kevent_next(kq, &event, 1) == 0);
	tine_check(event.pid == pid && event.fflags == 0);
	tine_check(event.flags == LAST && event.data == 9 << 8);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == -EAGAIN);
	tine_check(tine_sys_kevent_proc(kq, pid, 0, 0) == -ESRCH);
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_close(kq) == 0);
	return (0);
}

NB_PROGRAM(nb_queue_of_two, "a kqueue with two processes")
{
	const tine_pid_t one = pausing(), two = pausing();
	const int kq = tine_sys_kqueue_nb();
	struct tine_nb_kevent event;

	tine_check(tine_sys_kevent_proc(1, one, TINE_NB_NOTE_EXIT, 1) ==
	    -EBADF);
	tine_check(tine_sys_kevent_next(1, &event, 0) == -EBADF);
	tine_check(tine_sys_kevent_proc(kq + 1, one, TINE_NB_NOTE_EXIT, 1) ==
	    -EBADF);
	tine_check(tine_sys_kevent_proc(kq, one, TINE_NB_NOTE_EXIT, 1) == 0);
	tine_check(tine_sys_kevent_proc(kq, two, TINE_NB_NOTE_EXIT, 1) == 0);
	/* The one that was added first goes; the other stays. */
	tine_check(tine_sys_kevent_proc(kq, one, 0, 0) == 0);
	tine_check(tine_sys_kevent_proc(kq, one, 0, 0) == -ENOENT);
	ends(one);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == -EAGAIN);
	ends(two);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == 0);
	tine_check(event.pid == two && event.fflags == TINE_NB_NOTE_EXIT);
	tine_check(event.flags == LAST);
	tine_check(tine_sys_kevent_next(kq, &event, 0) == -EAGAIN);
	return (0);
}

NB_TEST(a_queue_forgets_the_process_that_it_is_told_to_forget)
{
	nb_passes("nb_queue_of_two");
	nb_passes("nb_queue_of_ends");
}

NB_PROGRAM(nb_corner_limits, "descriptors, limits and numbers at their edges")
{
	const struct tine_rlimit ten = { 10, 20 }, more = { 10, 21 },
	    fewer = { 20, 20 }, upside = { 21, 20 };
	const int64_t one = 1;
	struct tine_rlimit old;
	int64_t value;
	int status;

	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &ten, NULL) == 0);
	tine_check(tine_sys_dup2(1, 9) == 9);
	tine_check(tine_sys_dup2(1, 10) == -EBADF);
	tine_check(tine_sys_dup2(1, -1) == -EBADF);
	tine_check(tine_sys_dup2(7, 8) == -EBADF);
	tine_check(tine_sys_close(8) == -EBADF);
	tine_check(tine_sys_dup2(9, 0) == 0);
	tine_check(tine_sys_dup2(9, 9) == 9);
	tine_check(tine_sys_setrlimit(12, &ten, NULL) == -EINVAL);
	tine_check(tine_sys_setrlimit(-1, &ten, NULL) == -EINVAL);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &upside, NULL) ==
	    -EINVAL);
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 29999, &one,
	    &value) == -ESRCH);
	tine_check(tine_sys_sysctl_nb(TINE_NB_STOPFORK, 29999, NULL,
	    &value) == -ESRCH);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_setuid(7) == 0);
		tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &more,
		    NULL) == -EPERM);
		tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &fewer,
		    &old) == 0);
		tine_check(old.cur == 10 && old.max == 20);
		tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &old) == 0);
		tine_check(old.cur == 20 && old.max == 20);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(-1, &status, 0) > 0 && status == 0);
	/* That was the child's only, and who is root may. */
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &more, &old) == 0);
	tine_check(old.cur == 10 && old.max == 20);
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &old) == 0);
	tine_check(old.cur == 10 && old.max == 21);
	return (0);
}

NB_TEST(a_limit_rises_for_root_only_and_is_the_first_refused)
{
	nb_passes("nb_corner_limits");
}

static tine_sigset_t
pending(void)
{
	tine_sigset_t set = 0;

	tine_check(tine_sys_sigpending(&set) == 0);
	return (set);
}

NB_PROGRAM(nb_either, "a stop and a continuation are not pending both")
{
	const tine_sigset_t both = BIT(SIGCONT) | BIT(SIGTSTP);
	const int self = tine_sys_lwp_self();
	const tine_pid_t pid = tine_sys_getpid();
	struct tine_sigaction action;

	catches(SIGCONT, nothing, BIT(SIGUSR2));
	catches(SIGTSTP, nothing, 0);
	tine_check(tine_sys_sigaction(SIGCONT, NULL, &action) == 0);
	tine_check(action.handler == nothing);
	tine_check(action.mask == (BIT(SIGUSR2) | BIT(SIGCONT)));
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &both, NULL) == 0);
	/* Pending for the process, or for the LWP. */
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(pending() == BIT(SIGCONT));
	tine_check(tine_sys_kill(pid, SIGTSTP) == 0);
	tine_check(pending() == BIT(SIGTSTP));
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	tine_check(pending() == BIT(SIGCONT));
	tine_check(tine_sys_lwp_kill(self, SIGTSTP) == 0);
	tine_check(pending() == BIT(SIGTSTP));
	tine_check(tine_sys_lwp_kill(self, SIGCONT) == 0);
	tine_check(pending() == BIT(SIGCONT));
	tine_check(tine_sys_kill(pid, SIGTSTP) == 0);
	tine_check(pending() == BIT(SIGTSTP));
	/* Any other leaves both alone. */
	catches(SIGUSR1, nothing, 0);
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	tine_check(pending() == BIT(SIGTSTP));
	return (0);
}

NB_TEST(a_stop_takes_away_a_continuation_and_the_other_way_round)
{
	nb_passes("nb_either");
}

/* --- which LWP takes it --- */

static void
wakes(int signo)
{
	(void)signo;
	woken[tine_sys_lwp_self() - 1]++;
}

static void
waits_for_it(void *arg)
{
	(void)arg;
	while (woken[0] + woken[1] + woken[2] == 0)
		(void)tine_sys_nanosleep(MS);
}

NB_PROGRAM(nb_whichever, "a signal and three LWPs that would take it")
{
	int lwp[2], i;

	catches(SIGUSR1, wakes, 0);
	for (i = 0; i < 2; i++)
		lwp[i] = tine_sys_lwp_create(waits_for_it, NULL);
	tine_check(tine_sys_kill(tine_sys_getpid(), SIGUSR1) == 0);
	waits_for_it(NULL);
	for (i = 0; i < 2; i++)
		tine_check(tine_sys_lwp_wait(lwp[i]) == lwp[i]);
	tine_check(woken[0] + woken[1] + woken[2] == 1);
	return (woken[0] != 0 ? 1 : woken[1] != 0 ? 2 : 3);
}

NB_TEST(any_lwp_may_take_a_signal_and_one_does)
{
	struct tine_options options = netbsd_options();
	unsigned taken = 0;

	options.signal_targets = true;
	options.strategy = TINE_STRATEGY_RANDOM;
	for (options.seed = 1; options.seed <= 40; options.seed++) {
		struct tine_result result;

		assert_int_equal(harness_run("nb_whichever", &options,
		    &result, NULL), PASSED);
		taken |= 1u << (result.status >> 8);
	}
	assert_int_equal(taken, 1u << 1 | 1u << 2 | 1u << 3);
}

/* --- accepting one instead --- */

static TINE_DATA volatile int accepted[2];

static void
accepts(void *arg)
{
	const int which = (int)(intptr_t)arg;
	struct tine_siginfo info;

	accepted[which] = tine_sys_sigtimedwait(which == 0 ? BIT(SIGUSR1) :
	    BIT(SIGUSR2), &info, 1000 * MS);
	tine_check(accepted[which] == info.signo);
	tine_check(info.pid == tine_sys_getpid());
}

NB_PROGRAM(nb_accepts, "LWPs that wait for signals")
{
	const tine_sigset_t set = BIT(SIGUSR1) | BIT(SIGUSR2);
	const tine_pid_t pid = tine_sys_getpid();
	struct tine_siginfo info;
	uint64_t start;
	int lwp[2], i;

	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &set, NULL) == 0);
	for (i = 0; i < 2; i++)
		lwp[i] = tine_sys_lwp_create(accepts, (void *)(intptr_t)i);
	(void)tine_sys_nanosleep(30 * MS);
	tine_check(accepted[0] == 0 && accepted[1] == 0);
	/* Who waits for it gets it, not who came last. */
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	tine_check(tine_sys_lwp_wait(lwp[0]) == lwp[0]);
	tine_check(accepted[0] == SIGUSR1 && accepted[1] == 0);
	/* Nobody waits for this one now: it is pending. */
	tine_check(tine_sys_kill(pid, SIGUSR1) == 0);
	tine_check(pending() == BIT(SIGUSR1));
	tine_check(tine_sys_kill(pid, SIGUSR2) == 0);
	tine_check(tine_sys_lwp_wait(lwp[1]) == lwp[1]);
	tine_check(accepted[1] == SIGUSR2);
	tine_check(pending() == BIT(SIGUSR1));
	tine_check(tine_sys_sigtimedwait(set, &info, 30 * MS) == SIGUSR1);
	start = tine_sys_time();
	tine_check(tine_sys_sigtimedwait(set, &info, 30 * MS) == -EAGAIN);
	tine_check(tine_sys_time() - start >= 30 * MS);
	tine_check(pending() == 0);
	return (0);
}

NB_TEST(who_waits_for_a_signal_gets_it_and_no_other)
{
	nb_passes("nb_accepts");
}

/* --- a signal to a child that is being made, where it is not lost --- */

static tine_pid_t unborn;

static void
probe_waits(int at, struct proc *p1, struct proc *p2)
{
	(void)p1;
	if (at != 43)
		return;
	nb->nb_probe = NULL;
	unborn = p2->p_pid;
	(void)kpause("test", false, 5);
}

static int64_t
k_waits(int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	unborn = 0;
	nb->nb_probe = probe_waits;
	return (0);
}

static TINE_DATA volatile unsigned took[64];

static void
takes(int signo)
{
	took[signo]++;
}

static void
has_four(void)
{
	const tine_sigset_t usr2 = BIT(SIGUSR2);

	/* Who is watched lets go of proc_lock when the child is on the list. */
	tine_check(tine_sys_kevent_proc(tine_sys_kqueue_nb(), tine_sys_getpid(),
	    TINE_NB_NOTE_FORK, 1) == 0);
	in_kernel(k_waits, 0, 0);
	catches(SIGUSR1, takes, 0);
	catches(SIGCONT, takes, 0);
	/* Blocked or not, what is ignored does not even become pending. */
	catches(SIGUSR2, TINE_SIG_IGN, 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, &usr2, NULL) == 0);
	if (tine_sys_fork() == 0) {
		/* Before it did anything. */
		tine_check(took[SIGUSR1] == 1 && took[SIGCONT] == 1);
		tine_check(pending() == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(-1, NULL, 0) > 0);
	tine_check(took[SIGUSR1] == 0 && took[SIGCONT] == 0);
	tine_sys_exit(0);
}

NB_PROGRAM(nb_early, "signals to a child that is on the list only")
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGCONT, SIGCHLD };
	const tine_pid_t forker = tine_sys_fork();
	int i, status;

	if (forker == 0)
		has_four();
	while (unborn == 0)
		tine_sys_yield();
	for (i = 0; i < 4; i++)
		tine_check(tine_sys_kill(unborn, signals[i]) == 0);
	tine_check(tine_sys_waitpid(forker, &status, 0) == forker);
	tine_check(status == 0);
	return (0);
}

NB_TEST(a_child_takes_first_what_was_sent_while_it_was_made)
{
	nb_passes_with("nb_early", "-NB-R12");
}

/* --- profiling clocks --- */

static int64_t
k_clock(int64_t profiled, int64_t b)
{
	struct proc *p = curproc;
	const uint64_t before = (uint64_t)nb->nb_profprocs;

	(void)b;
	mutex_enter(&p->p_stmutex);
	if (profiled != 0)
		p->p_stflag |= PST_PROFIL;
	/* Once, however often it is asked for. */
	startprofclock(p);
	startprofclock(p);
	ASSERT3(nb->nb_profprocs - before, ==, profiled);
	stopprofclock(p);
	stopprofclock(p);
	ASSERT3(nb->nb_profprocs - before, ==, 0);
	ASSERT((p->p_stflag & PST_PROFIL) == 0);
	mutex_exit(&p->p_stmutex);
	return (0);
}

NB_PROGRAM(nb_clock, "the clock of who is profiled, and of who is not")
{
	in_kernel(k_clock, 0, 0);
	in_kernel(k_clock, 1, 0);
	return (0);
}

NB_TEST(only_who_is_profiled_has_a_profiling_clock_and_only_one)
{
	nb_passes("nb_clock");
}

/* --- accounts while LWPs are made --- */

static void
asks(void *arg)
{
	struct tine_rusage usage;
	unsigned i;

	(void)arg;
	for (i = 0; i < 8; i++)
		tine_check(tine_sys_getrusage(TINE_RUSAGE_SELF, &usage) == 0);
	tine_check(usage.calls >= 8);
}

NB_PROGRAM(nb_accounts, "LWPs that ask while others are made")
{
	int lwp[4], i;

	for (i = 0; i < 4; i++)
		lwp[i] = tine_sys_lwp_create(asks, NULL);
	asks(NULL);
	for (i = 0; i < 4; i++)
		tine_check(tine_sys_lwp_wait(lwp[i]) == lwp[i]);
	return (0);
}

NB_TEST(what_a_process_used_can_be_asked_while_lwps_are_made)
{
	nb_passes("nb_accounts");
	nb_every_seed("nb_accounts", 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_is_found_by_its_key),
		cmocka_unit_test(a_descriptor_does_what_it_was_opened_for),
		cmocka_unit_test(the_block_of_an_lwp_that_ended_is_free),
		cmocka_unit_test(what_a_timer_was_set_to_is_told),
		cmocka_unit_test(
		    each_timer_rings_when_it_is_due_whoever_has_ended),
		cmocka_unit_test(
		    every_number_is_of_one_process_while_the_table_grows),
		cmocka_unit_test(
		    a_queue_forgets_the_process_that_it_is_told_to_forget),
		cmocka_unit_test(
		    a_limit_rises_for_root_only_and_is_the_first_refused),
		cmocka_unit_test(
		    a_stop_takes_away_a_continuation_and_the_other_way_round),
		cmocka_unit_test(any_lwp_may_take_a_signal_and_one_does),
		cmocka_unit_test(who_waits_for_a_signal_gets_it_and_no_other),
		cmocka_unit_test(
		    a_child_takes_first_what_was_sent_while_it_was_made),
		cmocka_unit_test(
		    only_who_is_profiled_has_a_profiling_clock_and_only_one),
		cmocka_unit_test(
		    what_a_process_used_can_be_asked_while_lwps_are_made),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
