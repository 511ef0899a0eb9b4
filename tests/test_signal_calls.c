/* SPDX-License-Identifier: MIT */
/*
 * test_signal_calls.c - sigaction and its flags, masks, queues, waiting for
 * signals, interrupted calls, SIGCHLD, job control, which LWP takes a signal.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tine/process.h>

#include "support/harness.h"

#define SEEDS 20
#define MS UINT64_C(1000000)

/* What is a kernel's own, from its sources. */
static const struct rules {
	/* sigaction: the flags of what was never set; SIG_DFL of SIGKILL;
	 * whether the signal itself is in the mask it tells of, and not with
	 * NODEFER; flags that it does not know; RESETHAND of SIGILL. */
	unsigned never_set;
	int kill_default;
	bool tells_own;
	int unknown_flag;
	bool resets_ill;
	/* What sigwaitinfo gives after a handler, with RESTART: 0: it goes on;
	 * and whether a signal that it could not tell of comes again. */
	int wait, wait_restart;
	bool reposts;
	/* sigqueue, and siginfo at all; whether the limit is the receiver's. */
	bool queues, receiver;
	/* SIGCHLD when a child goes on; one for each child; zombies of before
	 * NOCLDWAIT or SIG_IGN; wait's status of continuing; WNOWAIT. */
	bool told_on, each_child, frees_zombies;
	int continued;
	bool nowait;
	/* What is pending outlives exec; SIGCHLD is still ignored after it. */
	bool exec_pends, exec_ignores;
	/* What is ignored by default and blocked can be accepted. */
	bool accepts_ignored;
	/* A stop stops also who waits to accept it. */
	bool stops_waiter;
	/* Any LWP takes a signal, whoever looks first; else one is chosen. */
	bool any_lwp;
	/* Which id of a child SIGCHLD tells: real 7, effective 8. */
	int child_uid;
	/* Endings by default; 0: ignored. */
	int by_io, by_rt, by_xcpu;
} rules[] = {
	[TINE_KERNEL_ILLUMOS] = {
		.kill_default = -EINVAL, .wait = -EINTR,
		.wait_restart = -EINTR, .queues = true, .told_on = true,
		.each_child = true, .frees_zombies = true,
		.continued = 0xffff, .nowait = true, .exec_pends = true,
		.exec_ignores = true, .any_lwp = true,
		.accepts_ignored = true, .child_uid = 7, .by_io = SIGIO,
		.by_rt = 1, .by_xcpu = SIGXCPU | 0x80
	},
	[TINE_KERNEL_OPENSOLARIS] = {
		.kill_default = -EINVAL, .wait = -EINTR,
		.wait_restart = -EINTR, .queues = true, .told_on = true,
		.each_child = true, .frees_zombies = true,
		.continued = 0xffff, .nowait = true, .exec_pends = true,
		.exec_ignores = true, .any_lwp = true,
		.child_uid = 7, .by_io = SIGIO,
		.by_rt = 1, .by_xcpu = SIGXCPU | 0x80
	},
	[TINE_KERNEL_DRAGONFLY] = {
		.never_set = TINE_SA_RESTART, .resets_ill = true,
		.wait = -EINTR, .reposts = true, .continued = 0xffff,
		.stops_waiter = true,
		.exec_pends = true, .by_xcpu = SIGXCPU
	},
	[TINE_KERNEL_NETBSD] = {
		.never_set = TINE_SA_RESTART, .kill_default = -EINVAL,
		.tells_own = true, .unknown_flag = -EINVAL,
		.wait = -ECANCELED, .queues = true, .receiver = true,
		.told_on = true, .continued = 0xffff, .nowait = true,
		.child_uid = 8, .by_rt = 1, .by_xcpu = SIGXCPU
	}
};
static const struct rules *rule;

static TINE_DATA struct {
	volatile int ran, me;
	int order[16];
	struct tine_siginfo info[16];
	int lwp[16];
} seen;

static void
note(int signo, struct tine_siginfo *info, void *context)
{
	const int i = seen.ran & 15;

	(void)context;
	seen.order[i] = signo;
	if (info != NULL) {
		tine_check(info->signo == signo);
		seen.info[i] = *info;
	}
	seen.lwp[i] = tine_sys_lwp_self();
	seen.ran++;
}

static void
install(int signo, unsigned flags)
{
	const struct tine_sigaction action = {
		.sigaction = note,
		.flags = flags
	};

	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
block(int how, tine_sigset_t set)
{
	tine_check(tine_sys_sigprocmask(how, &set, NULL) == 0);
}

static tine_pid_t
self(void)
{
	return tine_sys_getpid();
}

/* --- sigaction --- */

static int
sc_action(int argc, char **argv)
{
	struct tine_sigaction action = { .sigaction = note,
		.mask = ~UINT64_C(0), .flags = TINE_SA_SIGINFO |
		TINE_SA_RESTART | TINE_SA_NODEFER | TINE_SA_ONSTACK }, old;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(0, NULL, &old) == -EINVAL);
	tine_check(tine_sys_sigaction(TINE_NSIG, NULL, &old) == -EINVAL);
	tine_check(tine_sys_sigaction(SIGKILL, &action, NULL) == -EINVAL);
	tine_check(tine_sys_sigaction(SIGSTOP, &action, NULL) == -EINVAL);
	tine_check(tine_sys_sigaction(SIGKILL, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL);
	tine_check(old.flags == rule->never_set);
	old.flags = 0;
	tine_check(tine_sys_sigaction(SIGKILL, &old, NULL) ==
	    rule->kill_default);
	old.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGKILL, &old, NULL) == -EINVAL);
	old.flags = 0x400;
	tine_check(tine_sys_sigaction(SIGPIPE, &old, NULL) ==
	    rule->unknown_flag);
	tine_check(tine_sys_sigaction(SIGTERM,
	    (void *)(uintptr_t)16, NULL) == -EFAULT);
	tine_check(tine_sys_sigaction(SIGTERM, &action, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL && old.mask == 0);
	tine_check(tine_sys_sigaction(SIGTERM, NULL, &old) == 0);
	tine_check(old.sigaction == note && old.flags == action.flags);
	/* What cannot be blocked is not in the mask either. */
	tine_check(old.mask == (~(TINE_SIGBIT(SIGKILL) |
	    TINE_SIGBIT(SIGSTOP)) & ~(rule->tells_own ?
	    TINE_SIGBIT(SIGTERM) : 0)));
	tine_check(tine_sys_kill(self(), SIGTERM) == 0 && seen.ran == 1);
	install(SIGPIPE, 0);
	tine_check(tine_sys_sigaction(SIGPIPE, NULL, &old) == 0);
	tine_check(old.mask == (rule->tells_own ? TINE_SIGBIT(SIGPIPE) : 0));
	/* Pending goes when it is ignored from now on. */
	block(TINE_SIG_BLOCK, TINE_SIGBIT(SIGTERM) | TINE_SIGBIT(SIGURG));
	tine_check(tine_sys_kill(self(), SIGTERM) == 0);
	action = (struct tine_sigaction) { .handler = TINE_SIG_IGN };
	tine_check(tine_sys_sigaction(SIGTERM, &action, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGTERM, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_IGN && old.flags == 0);
	/* Of one that is not ignored it stays. */
	action.handler = TINE_SIG_DFL;
	block(TINE_SIG_BLOCK, TINE_SIGBIT(SIGHUP));
	tine_check(tine_sys_kill(self(), SIGHUP) == 0);
	tine_check(tine_sys_sigaction(SIGHUP, &action, NULL) == 0);
	tine_check(tine_sys_sigpending(&old.mask) == 0);
	tine_check(old.mask == TINE_SIGBIT(SIGHUP));
	install(SIGHUP, 0);
	tine_check(tine_sys_sigaction(SIGTERM, &action, NULL) == 0);
	/* The default of SIGURG is to be ignored. */
	install(SIGURG, 0);
	tine_check(tine_sys_kill(self(), SIGURG) == 0);
	tine_check(tine_sys_sigaction(SIGURG, &action, NULL) == 0);
	install(SIGURG, 0);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == 2 && seen.order[1] == SIGHUP);
	return 0;
}
TINE_PROGRAM(sc_action, "dispositions set and asked for");

static void
again(int signo, struct tine_siginfo *info, void *context)
{
	note(signo, info, context);
	if (seen.ran < 3)
		tine_check(tine_sys_kill(self(), signo) == 0);
	seen.order[8 + seen.ran] = seen.ran;
}

static int
sc_flags(int argc, char **argv)
{
	struct tine_sigaction action = { .sigaction = again,
		.flags = TINE_SA_NODEFER }, old;

	(void)argc;
	(void)argv;
	/* It interrupts itself: the innermost ends first. */
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(seen.ran == 3 && seen.order[9] == 0);
	tine_check(seen.order[11] == 3);
	/* Once, then the default; the frame's flags go with it. */
	install(SIGUSR2, TINE_SA_RESETHAND | TINE_SA_SIGINFO);
	tine_check(tine_sys_kill(self(), SIGUSR2) == 0 && seen.ran == 4);
	tine_check(seen.info[3].code == SI_USER);
	tine_check(seen.info[3].pid == (rule->queues ? self() : 0));
	tine_check(tine_sys_sigaction(SIGUSR2, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL);
	/* Without SA_SIGINFO there is none. */
	seen.info[4].signo = 99;
	install(SIGUSR2, 0);
	tine_check(tine_sys_kill(self(), SIGUSR2) == 0 && seen.ran == 5);
	tine_check(seen.info[4].signo == 99);
	install(SIGILL, TINE_SA_RESETHAND);
	tine_check(tine_sys_kill(self(), SIGILL) == 0 && seen.ran == 6);
	tine_check(tine_sys_sigaction(SIGILL, NULL, &old) == 0);
	tine_check((old.handler == TINE_SIG_DFL) == rule->resets_ill);
	install(SIGUSR2, TINE_SA_RESETHAND);
	tine_check(tine_sys_kill(self(), SIGUSR2) == 0 && seen.ran == 7);
	tine_sys_kill(self(), SIGUSR2);
	return 1;
}
TINE_PROGRAM(sc_flags, "NODEFER and RESETHAND");

/* --- masks --- */

static int
sc_mask(int argc, char **argv)
{
	const int me = tine_sys_lwp_self();
	tine_sigset_t set = 0, old;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigprocmask(3, &set, NULL) == -EINVAL);
	tine_check(tine_sys_sigprocmask(3, NULL, &old) == 0 && old == 0);
	set = ~UINT64_C(0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &set, NULL) == 0);
	tine_check(tine_sys_sigprocmask(0, NULL, &set) == 0);
	tine_check(set == ~(TINE_SIGBIT(SIGKILL) | TINE_SIGBIT(SIGSTOP)));
	set = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2);
	tine_check(tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, &old) == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &set, &set) == 0);
	tine_check(set == (old & ~(TINE_SIGBIT(SIGUSR1) |
	    TINE_SIGBIT(SIGUSR2))));
	tine_check(tine_sys_sigpending(&set) == 0 && set == 0);
	tine_check(tine_sys_sigpending((void *)(uintptr_t)16) == -EFAULT);
	/* To one LWP: pending there. */
	tine_check(tine_sys_lwp_kill(me, SIGUSR1) == 0);
	tine_check(tine_sys_sigpending(&set) == 0);
	tine_check(set == TINE_SIGBIT(SIGUSR1));
	tine_check(tine_sys_lwp_kill(me + 1, SIGUSR1) == -ESRCH);
	tine_check(tine_sys_lwp_kill(me - 1, SIGUSR1) < 0);
	tine_check(tine_sys_lwp_kill(me, 0) == 0);
	tine_check(tine_sys_lwp_kill(me, 65) == -EINVAL);
	install(SIGUSR1, TINE_SA_SIGINFO);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == 1);
	tine_check(seen.info[0].code == (rule->queues ? SI_TKILL : 0));
	return 0;
}
TINE_PROGRAM(sc_mask, "masks and what is pending");

/* --- interrupted calls --- */

static void
late(void *arg)
{
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_lwp_kill(seen.me, (int)(intptr_t)arg) == 0);
}

static void
soon(int signo)
{
	seen.me = tine_sys_lwp_self();
	tine_check(tine_sys_lwp_create(late, (void *)(intptr_t)signo) > 0);
}

static void
later(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(8 * MS);
	tine_check(tine_sys_lwp_kill(seen.me, SIGHUP) == 0);
}

static int
sc_restart(int argc, char **argv)
{
	tine_pid_t child;
	int status = 0;

	(void)argc;
	(void)argv;
	install(SIGUSR1, 0);
	install(SIGUSR2, TINE_SA_RESTART);
	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_sys_exit(7);
	}
	soon(SIGUSR1);
	tine_check(tine_sys_waitpid(child, &status, 0) == -EINTR);
	tine_check(seen.ran == 1);
	soon(SIGUSR2);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(seen.ran == 2 && status == 7 << 8);
	/* These end whatever the flag. */
	soon(SIGUSR2);
	tine_check(tine_sys_pause() == -EINTR && seen.ran == 3);
	soon(SIGUSR2);
	tine_check(tine_sys_nanosleep(1000 * MS) == -EINTR);
	tine_check(seen.ran == 4);
	soon(SIGUSR2);
	tine_check(tine_sys_sigsuspend(0) == -EINTR && seen.ran == 5);
	/* This is each kernel's own; with a time it ends everywhere. */
	soon(SIGUSR2);
	tine_check(tine_sys_sigtimedwait(TINE_SIGBIT(SIGHUP), NULL,
	    1000 * MS) == -EINTR);
	tine_check(seen.ran == 6);
	soon(SIGUSR1);
	tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(SIGHUP), NULL) ==
	    rule->wait);
	tine_check(seen.ran == 7);
	block(TINE_SIG_BLOCK, TINE_SIGBIT(SIGHUP));
	soon(SIGUSR2);
	if (rule->wait_restart == 0) {
		tine_check(tine_sys_lwp_create(later, NULL) > 0);
		tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(SIGHUP), NULL) ==
		    SIGHUP);
	} else {
		tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(SIGHUP), NULL) ==
		    rule->wait_restart);
	}
	tine_check(seen.ran == 8);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(sc_restart, "calls that a handler interrupts");

static int
sc_suspend(int argc, char **argv)
{
	tine_sigset_t set;

	(void)argc;
	(void)argv;
	install(SIGUSR1, 0);
	install(SIGUSR2, 0);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2));
	/* Pending before: at once. The other stays blocked in there. */
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_kill(self(), SIGUSR2) == 0);
	tine_check(tine_sys_sigsuspend(TINE_SIGBIT(SIGUSR2)) == -EINTR);
	tine_check(seen.ran == 1 && seen.order[0] == SIGUSR1);
	tine_check(tine_sys_sigprocmask(0, NULL, &set) == 0);
	tine_check(set == (TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2)));
	/* What is ignored does not end it. */
	soon(SIGURG);
	soon(SIGUSR1);
	tine_check(tine_sys_sigsuspend(TINE_SIGBIT(SIGUSR2)) == -EINTR);
	tine_check(seen.ran == 2);
	tine_check(tine_sys_sigpending(&set) == 0);
	tine_check(set == TINE_SIGBIT(SIGUSR2));
	/* All that it lets through is taken in one go. */
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_sigsuspend(0) == -EINTR);
	tine_check(seen.ran == 4);
	tine_check(tine_sys_sigpending(&set) == 0 && set == 0);
	tine_check(tine_sys_sigprocmask(0, NULL, &set) == 0);
	tine_check(set == (TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGUSR2)));
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(sc_suspend, "sigsuspend");

/* --- accepting and queueing --- */

static int
sc_accept(int argc, char **argv)
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGCHLD);
	struct tine_siginfo info;
	uint64_t before;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	block(TINE_SIG_SETMASK, set);
	before = tine_sys_time();
	tine_check(tine_sys_sigtimedwait(set, &info, 0) == -EAGAIN);
	tine_check(tine_sys_sigtimedwait(set, &info, 3 * MS) == -EAGAIN);
	tine_check(tine_sys_time() == before + 3 * MS);
	soon(SIGUSR1);
	tine_check(tine_sys_sigwaitinfo(set, &info) == SIGUSR1);
	tine_check(info.signo == SIGUSR1);
	tine_check(info.code == (rule->queues ? SI_TKILL : 0));
	/* One that is ignored by default while somebody waits for it. */
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(3);
	if (rule->accepts_ignored) {
		tine_check(tine_sys_sigwaitinfo(set, &info) == SIGCHLD);
		tine_check(info.pid == child && info.status == 3);
		tine_check(info.code == TINE_CLD_EXITED);
	} else {
		tine_check(tine_sys_sigtimedwait(set, NULL, 5 * MS) ==
		    -EAGAIN);
	}
	tine_check(tine_sys_wait(NULL) == child);
	/* Not when there is a handler. */
	install(SIGCHLD, 0);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_setreuid(7, 8) == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_sigwaitinfo(set, &info) == SIGCHLD);
	tine_check(info.uid == rule->child_uid);
	tine_check(tine_sys_wait(NULL) > 0);
	/* No handler runs for what is accepted. */
	install(SIGUSR1, 0);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGUSR1);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_sigwaitinfo(set, (void *)(uintptr_t)16) ==
	    -EFAULT);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == rule->reposts);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(sc_accept, "sigwaitinfo and sigtimedwait");

/* One that would stop the process, to who waits for it: in a group that is not
 * orphaned. */
static int
sc_accept_stop(int argc, char **argv)
{
	const tine_sigset_t set = TINE_SIGBIT(SIGTSTP);
	tine_pid_t child = tine_sys_fork();
	int status;

	(void)argc;
	(void)argv;
	if (child == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		block(TINE_SIG_SETMASK, set);
		tine_sys_exit(-tine_sys_sigtimedwait(set, NULL, 20 * MS) &
		    0xff);
	}
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_kill(child, SIGTSTP) == 0);
	tine_check(tine_sys_waitpid(child, &status, TINE_WUNTRACED) == child);
	if (rule->stops_waiter) {
		tine_check(status == (SIGTSTP << 8 | 0x7f));
		tine_check(tine_sys_kill(child, SIGCONT) == 0);
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == EAGAIN << 8);
	} else {
		tine_check(status == (-SIGTSTP & 0xff) << 8);
	}
	return 0;
}
TINE_PROGRAM(sc_accept_stop, "sigwait for a stop");

static int
sc_queue(int argc, char **argv)
{
	const int rt = SIGRTMIN;
	union tine_sigval value = { .pointer = NULL };
	struct tine_siginfo info;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	install(rt, TINE_SA_SIGINFO);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(rt) | TINE_SIGBIT(SIGUSR1) |
	    TINE_SIGBIT(SIGUSR2));
	for (int i = 0; i < 4; i++) {
		value.number = 10 + i;
		tine_check(tine_sys_sigqueue(self(), rt, value) == 0);
	}
	/* Machines of this test allow four on the way: of one sender, or for
	 * one receiver. */
	tine_check(tine_sys_sigqueue(self(), rt, value) == -EAGAIN);
	child = tine_sys_fork();
	if (child == 0) {
		tine_check(tine_sys_sigqueue(tine_sys_getppid(), SIGUSR2,
		    value) == (rule->receiver ? -EAGAIN : 0));
		tine_sys_exit(0);
	}
	tine_check(tine_sys_wait(NULL) == child);
	/* That it was sent is known, at least. */
	tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(SIGUSR2), &info) ==
	    SIGUSR2);
	tine_check(info.pid == (rule->receiver ? 0 : child));
	tine_check(tine_sys_sigqueue(self(), 0, value) == 0);
	tine_check(tine_sys_sigqueue(self(), 65, value) == -EINVAL);
	tine_check(tine_sys_sigqueue(0, 0, value) == (rule->receiver ? 0 :
	    -EINVAL));
	tine_check(tine_sys_sigqueue(9999, 0, value) == -ESRCH);
	/* One is taken, and there is room for another. */
	tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(rt), &info) == rt);
	tine_check(info.code == SI_QUEUE && info.value.number == 10);
	tine_check(info.pid == self() && info.uid == 0);
	value.number = 14;
	tine_check(tine_sys_sigqueue(self(), rt, value) == 0);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGUSR1));
	tine_check(seen.ran == 4);
	/* All four frames were made on one way out. */
	for (int i = 0; i < 4; i++)
		tine_check(seen.info[i].value.number == 11 + i);
	/* Those of kill are one, however many there were. */
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_sigtimedwait(TINE_SIGBIT(SIGUSR1), NULL, 0) ==
	    SIGUSR1);
	tine_check(tine_sys_sigtimedwait(TINE_SIGBIT(SIGUSR1), NULL, 0) ==
	    -EAGAIN);
	return 0;
}
TINE_PROGRAM(sc_queue, "signals with values");

static int
sc_no_queue(int argc, char **argv)
{
	union tine_sigval value = { .number = 1 };

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigqueue(self(), SIGUSR1, value) == -ENOSYS);
	/* However many there were: one, and nothing known of it. */
	install(SIGUSR1, TINE_SA_SIGINFO);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGUSR1));
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == 1 && seen.info[0].signo == SIGUSR1);
	tine_check(seen.info[0].code == 0 && seen.info[0].pid == 0);
	return 0;
}
TINE_PROGRAM(sc_no_queue, "a kernel without a queue of signals");

/* What was queued for a process that is gone, and by one. */
static int
sc_queue_ends(int argc, char **argv)
{
	union tine_sigval value = { .number = 1 };
	struct tine_siginfo info;
	tine_pid_t child, parent = self();

	(void)argc;
	(void)argv;
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGUSR1));
	child = tine_sys_fork();
	if (child == 0) {
		value.number = 42;
		while (tine_sys_sigqueue(parent, SIGUSR1, value) == -EAGAIN)
			continue;
		tine_sys_exit(0);
	}
	if (child < 0)
		return 1;
	tine_check(tine_sys_wait(NULL) == child);
	tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(SIGUSR1), &info) ==
	    SIGUSR1);
	tine_check(info.value.number == 42 && info.pid == child);
	child = tine_sys_fork();
	if (child == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	if (child < 0)
		return 1;
	while (tine_sys_sigqueue(child, SIGUSR1, value) == -EAGAIN)
		continue;
	tine_check(tine_sys_wait(NULL) == child);
	return 0;
}
TINE_PROGRAM(sc_queue_ends, "queued signals outlive their sender");

/* --- children --- */

static int
sc_children(int argc, char **argv)
{
	struct tine_sigaction action = { .sigaction = note,
		.flags = TINE_SA_SIGINFO };
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		for (;;)
			tine_sys_pause();
	}
	tine_check(tine_sys_kill(child, SIGSTOP) == 0);
	while (seen.ran == 0)
		tine_sys_pause();
	if (rule->queues) {
		tine_check(seen.info[0].code == TINE_CLD_STOPPED);
		tine_check(seen.info[0].status == SIGSTOP);
	}
	tine_check(tine_sys_waitpid(child, &status, TINE_WUNTRACED) == child);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_waitpid(child, &status, TINE_WUNTRACED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(child, SIGCONT) == 0);
	if (rule->told_on) {
		while (seen.ran == 1)
			tine_sys_pause();
		tine_check(seen.info[1].code == TINE_CLD_CONTINUED);
	} else {
		seen.ran++;
	}
	tine_check(tine_sys_waitpid(child, &status, TINE_WCONTINUED |
	    TINE_WNOWAIT) == (rule->nowait ? child : -EINVAL));
	tine_check(tine_sys_waitpid(child, &status, TINE_WCONTINUED) == child);
	tine_check(status == rule->continued);
	tine_check(tine_sys_waitpid(child, &status, TINE_WCONTINUED |
	    TINE_WNOHANG) == 0);
	/* Told of stops no more. */
	action.flags |= TINE_SA_NOCLDSTOP;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_kill(child, SIGSTOP) == 0);
	while (tine_sys_waitpid(child, &status, TINE_WUNTRACED) != child)
		continue;
	tine_check(seen.ran == 2);
	tine_check(tine_sys_kill(child, SIGKILL) == 0);
	while (seen.ran == 2)
		tine_sys_pause();
	if (rule->queues) {
		tine_check(seen.info[2].code == TINE_CLD_KILLED);
		tine_check(seen.info[2].status == SIGKILL);
		tine_check(seen.info[2].pid == child);
	}
	/* The zombie goes when it is no longer wanted, or is kept. */
	action.flags |= TINE_SA_NOCLDWAIT;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) ==
	    (rule->frees_zombies ? -ECHILD : child));
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, &status, 0) == -ECHILD);
	tine_check(seen.ran == 3);
	return 0;
}
TINE_PROGRAM(sc_children, "SIGCHLD of stops, continuing and death");

/* Stopped in its sleep, where nothing but a signal wakes it. */
static int
sc_kill_stopped(int argc, char **argv)
{
	const int ends[] = { SIGKILL, SIGTERM };
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 2; i++) {
		child = tine_sys_fork();
		if (child == 0)
			for (;;)
				tine_sys_pause();
		tine_sys_nanosleep(5 * MS);
		tine_check(tine_sys_kill(child, SIGSTOP) == 0);
		tine_check(tine_sys_waitpid(child, &status, TINE_WUNTRACED) ==
		    child);
		tine_check(tine_sys_kill(child, ends[i]) == 0);
		if (ends[i] != SIGKILL) {
			tine_sys_nanosleep(5 * MS);
			tine_check(tine_sys_waitpid(child, &status,
			    TINE_WNOHANG) == 0);
			tine_check(tine_sys_kill(child, SIGCONT) == 0);
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == ends[i]);
	}
	return 0;
}
TINE_PROGRAM(sc_kill_stopped, "the end of who was stopped in its sleep");

/* Who ignores SIGCHLD wants no zombies, of now or of before. */
static int
sc_ignores(int argc, char **argv)
{
	struct tine_sigaction action = { .handler = TINE_SIG_IGN };
	tine_pid_t child = tine_sys_fork();

	(void)argc;
	(void)argv;
	if (child == 0)
		tine_sys_exit(1);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_waitpid(child, NULL, TINE_WNOHANG) ==
	    (rule->frees_zombies ? -ECHILD : child));
	for (int i = 0; i < 2; i++)
		if (tine_sys_fork() == 0)
			tine_sys_exit(i);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	tine_sys_exec("sc_ignored", NULL);
	return 1;
}
TINE_PROGRAM(sc_ignores, "children of one who ignores SIGCHLD");

static int
sc_ignored(int argc, char **argv)
{
	struct tine_sigaction old;
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGCHLD, NULL, &old) == 0);
	tine_check(old.handler == (rule->exec_ignores ? TINE_SIG_IGN :
	    TINE_SIG_DFL));
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_wait(NULL) == (rule->exec_ignores ? -ECHILD :
	    child));
	return 0;
}
TINE_PROGRAM(sc_ignored, "and what exec makes of that");

/* A reaper that counts on one SIGCHLD at a time being enough. */
static void
reap(int signo, struct tine_siginfo *info, void *context)
{
	int status;

	(void)info;
	(void)context;
	(void)signo;
	while (tine_sys_waitpid(-1, &status, TINE_WNOHANG) > 0)
		seen.ran++;
}

static int
sc_reaper(int argc, char **argv)
{
	const struct tine_sigaction action = { .sigaction = reap };

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	for (int i = 0; i < 6; i++) {
		const tine_pid_t child = tine_sys_fork();

		tine_check(child >= 0);
		if (child == 0)
			tine_sys_exit(i);
	}
	block(TINE_SIG_BLOCK, TINE_SIGBIT(SIGCHLD));
	while (seen.ran < 6)
		tine_check(tine_sys_sigsuspend(0) == -EINTR);
	tine_check(tine_sys_wait(NULL) == -ECHILD);
	return 0;
}
TINE_PROGRAM(sc_reaper, "a handler that reaps all there is");

/* Each owed SIGCHLD comes when the one before it is taken. */
static int
sc_owed(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	install(SIGCHLD, TINE_SA_SIGINFO | TINE_SA_RESTART);
	block(TINE_SIG_BLOCK, TINE_SIGBIT(SIGCHLD));
	for (int i = 0; i < 3; i++) {
		const tine_pid_t child = tine_sys_fork();

		if (child == 0)
			tine_sys_exit(i);
		tine_sys_nanosleep(MS);
	}
	block(TINE_SIG_UNBLOCK, TINE_SIGBIT(SIGCHLD));
	tine_check(seen.ran == (rule->each_child ? 3 : 1));
	if (rule->each_child)
		tine_check(seen.info[0].status + seen.info[1].status +
		    seen.info[2].status == 3);
	/* The last one told is the one that is known. */
	if (rule->receiver)
		tine_check(seen.info[0].status == 2);
	return 0;
}
TINE_PROGRAM(sc_owed, "one SIGCHLD for each child in the end");

/* --- fork, exec, LWPs --- */

static int
sc_target(int argc, char **argv)
{
	struct tine_sigaction old;
	struct tine_stack stack;
	tine_sigset_t set;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGUSR1, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL && old.mask == 0);
	tine_check(tine_sys_sigaction(SIGUSR2, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_IGN);
	tine_check(tine_sys_sigaltstack(NULL, &stack) == 0);
	tine_check(stack.flags == TINE_SS_DISABLE);
	tine_check(tine_sys_sigpending(&set) == 0);
	tine_check(set == (rule->exec_pends ? TINE_SIGBIT(SIGTERM) : 0));
	block(TINE_SIG_SETMASK, 0);
	tine_check(!rule->exec_pends);
	return 17;
}
TINE_PROGRAM(sc_target, "what sc_exec becomes");

static int
sc_exec(int argc, char **argv)
{
	const struct tine_sigaction ignore = { .handler = TINE_SIG_IGN };
	struct tine_stack stack = { tine_malloc(TINE_SIGSTKSZ), 0,
		TINE_SIGSTKSZ }, old;
	tine_sigset_t set;
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	install(SIGUSR1, TINE_SA_SIGINFO | TINE_SA_ONSTACK);
	tine_check(tine_sys_sigaction(SIGUSR2, &ignore, NULL) == 0);
	tine_check(tine_sys_sigaltstack(&stack, NULL) == 0);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGTERM) | TINE_SIGBIT(SIGURG));
	tine_check(tine_sys_kill(self(), SIGTERM) == 0);
	child = tine_sys_fork();
	if (child == 0) {
		/* Handlers, mask and stack; nothing that was pending. */
		tine_check(tine_sys_sigpending(&set) == 0 && set == 0);
		tine_check(tine_sys_sigaltstack(NULL, &old) == 0);
		tine_check(old.sp == stack.sp && old.flags == 0);
		tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
		tine_check(seen.ran == 1);
		tine_check(tine_sys_kill(self(), SIGTERM) == 0);
		/* Not what is ignored from now on. */
		install(SIGURG, 0);
		tine_check(tine_sys_kill(self(), SIGURG) == 0);
		tine_sys_exec("sc_target", NULL);
	}
	tine_check(tine_sys_wait(&status) == child);
	tine_check(status == (rule->exec_pends ? SIGTERM : 17 << 8));
	tine_check(seen.ran == 0);
	return 0;
}
TINE_PROGRAM(sc_exec, "signals over fork and exec");

/* Forked inside a handler: both come back out of it. */
static void
fork_here(int signo, struct tine_siginfo *info, void *context)
{
	const tine_pid_t child = tine_sys_fork();

	note(signo, info, context);
	tine_check(child >= 0);
	seen.order[15] = child;
}

static int
sc_fork_in_handler(int argc, char **argv)
{
	const struct tine_sigaction action = { .sigaction = fork_here };
	volatile int local = 17;
	int status = 0;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(SIGUSR1, &action, NULL) == 0);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(seen.ran == 1 && local == 17);
	if (seen.order[15] == 0)
		return 5;
	tine_check(tine_sys_waitpid(seen.order[15], &status, 0) ==
	    seen.order[15]);
	tine_check(status == 5 << 8);
	return 0;
}
TINE_PROGRAM(sc_fork_in_handler, "fork in a handler");

static void
sleeper(void *arg)
{
	block(TINE_SIG_SETMASK, arg == NULL ? 0 : TINE_SIGBIT(SIGUSR1));
	while (seen.ran == 0)
		tine_sys_yield();
}

/* Whoever does not block it takes it; one of them, once. */
static int
sc_which_lwp(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	const int me = tine_sys_lwp_self();

	install(SIGUSR1, 0);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGUSR1));
	tine_check(tine_sys_lwp_create(sleeper, NULL) == me + 1);
	tine_check(tine_sys_lwp_create(sleeper, NULL) == me + 2);
	tine_check(tine_sys_lwp_create(sleeper, (void *)1) == me + 3);
	tine_sys_nanosleep(MS / 2);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	tine_check(seen.ran == 1);
	return seen.lwp[0] - me;
}
TINE_PROGRAM(sc_which_lwp, "a signal for a process of four LWPs");

static void
storm(void *arg)
{
	(void)arg;
	for (int i = 0; i < 8; i++) {
		tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
		tine_sys_yield();
	}
}

/* Handlers, forks, waits and faults of memory that both sides write. */
static int
sc_storm(int argc, char **argv)
{
	char *page = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
	int helper, status;

	(void)argc;
	(void)argv;
	install(SIGUSR1, TINE_SA_RESTART | TINE_SA_SIGINFO);
	helper = tine_sys_lwp_create(storm, NULL);
	tine_check(helper > 0);
	for (int i = 0; i < 3; i++) {
		const tine_pid_t child = tine_sys_fork();

		tine_check(child >= 0);
		page[i] = 1;
		if (child == 0) {
			tine_check(page[i] == 1);
			tine_sys_exit(i);
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == i << 8);
	}
	tine_check(tine_sys_lwp_wait(helper) == helper);
	tine_check(seen.ran >= 1 && seen.ran <= 8);
	return 0;
}
TINE_PROGRAM(sc_storm, "a storm of signals over forks and waits");

/* What ends a process, and what it says about it. */
static int
sc_defaults(int argc, char **argv)
{
	const int rt = SIGRTMIN + 1;
	const struct { int signo, status; } ends[] = {
		{ SIGHUP, SIGHUP }, { SIGQUIT, SIGQUIT | 0x80 },
		{ SIGABRT, SIGABRT | 0x80 }, { SIGUSR1, SIGUSR1 },
		{ SIGXCPU, rule->by_xcpu }, { SIGKILL, SIGKILL },
		{ SIGSEGV, SIGSEGV | 0x80 }, { SIGVTALRM, SIGVTALRM },
		{ SIGIO, rule->by_io != 0 ? SIGIO : 9 << 8 },
		{ rt, rule->by_rt != 0 ? rt : 9 << 8 }, { SIGCONT, 9 << 8 },
		{ SIGURG, 9 << 8 }, { SIGCHLD, 9 << 8 }, { SIGWINCH, 9 << 8 }
	};
	const struct tine_rlimit none = { 0, 0 };
	tine_pid_t child;
	int status;

	(void)argc;
	(void)argv;
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		child = tine_sys_fork();
		if (child == 0) {
			tine_sys_kill(self(), ends[i].signo);
			tine_sys_exit(9);
		}
		tine_check(tine_sys_waitpid(child, &status, 0) == child);
		tine_check(status == ends[i].status);
	}
	/* Where there may be no core there is none. */
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_CORE, &none, NULL) == 0);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_kill(self(), SIGQUIT);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(status == SIGQUIT);
	return 0;
}
TINE_PROGRAM(sc_defaults, "default actions");

/* --- tests --- */

static void
dispositions_are_set_and_told(void **state)
{
	(void)state;
	harness_passes("sc_action", NULL, 0);
	harness_passes("sc_flags", NULL, SIGUSR2);
}

static void
masks_keep_signals_pending(void **state)
{
	(void)state;
	harness_passes("sc_mask", NULL, 0);
	harness_every_seed("sc_suspend", SEEDS);
}

static void
handlers_interrupt_calls_or_let_them_go_on(void **state)
{
	(void)state;
	harness_every_seed("sc_restart", SEEDS);
}

static void
signals_are_accepted_without_a_handler(void **state)
{
	(void)state;
	harness_every_seed("sc_accept", SEEDS);
	harness_every_seed("sc_accept_stop", SEEDS);
}

/* spec: IL-137 */
static void
queued_signals_are_kept_up_to_a_limit(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	if (!rule->queues) {
		harness_passes("sc_no_queue", NULL, 0);
		return;
	}
	options.sigqueue_max = 4;
	harness_passes("sc_queue", &options, 0);
	harness_every_seed("sc_queue_ends", SEEDS);
	assert_true(harness_every_failure("sc_queue_ends", NULL) > 0);
}

/* spec: IL-131 IL-132 IL-133 */
static void
parents_are_told_of_their_children(void **state)
{
	(void)state;
	harness_every_seed("sc_children", SEEDS);
	harness_every_seed("sc_reaper", SEEDS);
	harness_every_seed("sc_owed", 5);
	harness_every_seed("sc_ignores", SEEDS);
	harness_every_seed("sc_kill_stopped", SEEDS);
}

/* spec: IL-048 IL-144 */
static void
fork_keeps_handlers_and_exec_resets_them(void **state)
{
	(void)state;
	harness_every_seed("sc_exec", SEEDS);
	harness_every_seed("sc_fork_in_handler", SEEDS);
}

static void
one_lwp_that_does_not_block_it_takes_a_signal(void **state)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	unsigned by[8] = { 0 };

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	options.signal_targets = !rule->any_lwp;
	for (options.seed = 0; options.seed < 40; options.seed++) {
		assert_int_equal(harness_run("sc_which_lwp", &options, &result,
		    NULL), TINE_OUTCOME_PASSED);
		by[result.status >> 8 & 7]++;
	}
	/* The scheduler decides which: both do, in some runs. */
	assert_true(by[1] > 0 && by[2] > 0);
	assert_int_equal(by[1] + by[2], 40);
	harness_every_seed("sc_storm", SEEDS);
}

static void
default_actions_end_a_process_or_do_nothing(void **state)
{
	(void)state;
	harness_passes("sc_defaults", NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dispositions_are_set_and_told),
		cmocka_unit_test(masks_keep_signals_pending),
		cmocka_unit_test(handlers_interrupt_calls_or_let_them_go_on),
		cmocka_unit_test(signals_are_accepted_without_a_handler),
		cmocka_unit_test(queued_signals_are_kept_up_to_a_limit),
		cmocka_unit_test(parents_are_told_of_their_children),
		cmocka_unit_test(fork_keeps_handlers_and_exec_resets_them),
		cmocka_unit_test(one_lwp_that_does_not_block_it_takes_a_signal),
		cmocka_unit_test(default_actions_end_a_process_or_do_nothing),
	};

	rule = &rules[harness_options().kernel];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
