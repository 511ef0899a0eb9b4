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

static TINE_DATA struct {
	volatile int ran;
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
	if (info != NULL)
		seen.info[i] = *info;
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
		TINE_SA_RESTART | TINE_SA_NODEFER }, old;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_sigaction(0, NULL, &old) == -EINVAL);
	tine_check(tine_sys_sigaction(TINE_NSIG, NULL, &old) == -EINVAL);
	tine_check(tine_sys_sigaction(SIGKILL, &action, NULL) == -EINVAL);
	tine_check(tine_sys_sigaction(SIGSTOP, &action, NULL) == -EINVAL);
	tine_check(tine_sys_sigaction(SIGKILL, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL && old.flags == 0);
	tine_check(tine_sys_sigaction(SIGTERM,
	    (void *)(uintptr_t)16, NULL) == -EFAULT);
	tine_check(tine_sys_sigaction(SIGTERM, &action, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL && old.mask == 0);
	tine_check(tine_sys_sigaction(SIGTERM, NULL, &old) == 0);
	tine_check(old.sigaction == note && old.flags == action.flags);
	/* What cannot be blocked is not in the mask either. */
	tine_check(old.mask == ~(TINE_SIGBIT(SIGKILL) | TINE_SIGBIT(SIGSTOP)));
	tine_check(tine_sys_kill(self(), SIGTERM) == 0 && seen.ran == 1);
	/* Pending goes when it is ignored from now on. */
	block(TINE_SIG_BLOCK, TINE_SIGBIT(SIGTERM) | TINE_SIGBIT(SIGURG));
	tine_check(tine_sys_kill(self(), SIGTERM) == 0);
	action = (struct tine_sigaction) { .handler = TINE_SIG_IGN };
	tine_check(tine_sys_sigaction(SIGTERM, &action, NULL) == 0);
	tine_check(tine_sys_sigaction(SIGTERM, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_IGN && old.flags == 0);
	action.handler = TINE_SIG_DFL;
	tine_check(tine_sys_sigaction(SIGTERM, &action, NULL) == 0);
	/* The default of SIGURG is to be ignored. */
	install(SIGURG, 0);
	tine_check(tine_sys_kill(self(), SIGURG) == 0);
	tine_check(tine_sys_sigaction(SIGURG, &action, NULL) == 0);
	install(SIGURG, 0);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == 1);
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
	tine_check(tine_sys_sigaction(SIGUSR2, NULL, &old) == 0);
	tine_check(old.handler == TINE_SIG_DFL && old.flags == 0);
	/* Without SA_SIGINFO there is none. */
	seen.info[4].signo = 99;
	install(SIGUSR2, 0);
	tine_check(tine_sys_kill(self(), SIGUSR2) == 0 && seen.ran == 5);
	tine_check(seen.info[4].signo == 99);
	install(SIGUSR2, TINE_SA_RESETHAND);
	tine_check(tine_sys_kill(self(), SIGUSR2) == 0 && seen.ran == 6);
	tine_sys_kill(self(), SIGUSR2);
	return 1;
}
TINE_PROGRAM(sc_flags, "NODEFER and RESETHAND");

/* --- masks --- */

static int
sc_mask(int argc, char **argv)
{
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
	tine_check(tine_sys_lwp_kill(1, SIGUSR1) == 0);
	tine_check(tine_sys_sigpending(&set) == 0);
	tine_check(set == TINE_SIGBIT(SIGUSR1));
	tine_check(tine_sys_lwp_kill(2, SIGUSR1) == -ESRCH);
	tine_check(tine_sys_lwp_kill(0, SIGUSR1) == -ESRCH);
	tine_check(tine_sys_lwp_kill(1, 0) == 0);
	tine_check(tine_sys_lwp_kill(1, 65) == -EINVAL);
	install(SIGUSR1, TINE_SA_SIGINFO);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == 1 && seen.info[0].code == SI_TKILL);
	return 0;
}
TINE_PROGRAM(sc_mask, "masks and what is pending");

/* --- interrupted calls --- */

static void
late(void *arg)
{
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_lwp_kill(1, (int)(intptr_t)arg) == 0);
}

static void
soon(int signo)
{
	tine_check(tine_sys_lwp_create(late, (void *)(intptr_t)signo) > 0);
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
	soon(SIGUSR2);
	tine_check(tine_sys_sigwaitinfo(TINE_SIGBIT(SIGHUP), NULL) == -EINTR);
	tine_check(seen.ran == 6);
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
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(sc_suspend, "sigsuspend");

/* --- accepting and queueing --- */

static int
sc_accept(int argc, char **argv)
{
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1) | TINE_SIGBIT(SIGTSTP) |
	    TINE_SIGBIT(SIGCHLD);
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
	tine_check(info.signo == SIGUSR1 && info.code == SI_TKILL);
	/* One that would stop the process, and one that is ignored by default
	 * while somebody waits for it. */
	soon(SIGTSTP);
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGTSTP);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(3);
	tine_check(tine_sys_sigwaitinfo(set, &info) == SIGCHLD);
	tine_check(info.pid == child && info.code == TINE_CLD_EXITED);
	tine_check(info.status == 3);
	tine_check(tine_sys_wait(NULL) == child);
	/* No handler runs for what is accepted. */
	install(SIGUSR1, 0);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_sigwaitinfo(set, NULL) == SIGUSR1);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	tine_check(tine_sys_sigwaitinfo(set, (void *)(uintptr_t)16) ==
	    -EFAULT);
	block(TINE_SIG_SETMASK, 0);
	tine_check(seen.ran == 0);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	return 0;
}
TINE_PROGRAM(sc_accept, "sigwaitinfo and sigtimedwait");

static int
sc_queue(int argc, char **argv)
{
	const int rt = SIGRTMIN;
	union tine_sigval value = { .pointer = NULL };
	struct tine_siginfo info;

	(void)argc;
	(void)argv;
	install(rt, TINE_SA_SIGINFO);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(rt) | TINE_SIGBIT(SIGUSR1));
	for (int i = 0; i < 4; i++) {
		value.number = 10 + i;
		tine_check(tine_sys_sigqueue(self(), rt, value) == 0);
	}
	/* Machines of this test allow four on the way. */
	tine_check(tine_sys_sigqueue(self(), rt, value) == -EAGAIN);
	tine_check(tine_sys_sigqueue(self(), 0, value) == 0);
	tine_check(tine_sys_sigqueue(self(), 65, value) == -EINVAL);
	tine_check(tine_sys_sigqueue(0, rt, value) == -EINVAL);
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
	tine_check(seen.info[0].code == TINE_CLD_STOPPED);
	tine_check(seen.info[0].status == SIGSTOP);
	tine_check(tine_sys_waitpid(child, &status, TINE_WUNTRACED) == child);
	tine_check(status == (SIGSTOP << 8 | 0x7f));
	tine_check(tine_sys_waitpid(child, &status, TINE_WUNTRACED |
	    TINE_WNOHANG) == 0);
	tine_check(tine_sys_kill(child, SIGCONT) == 0);
	while (seen.ran == 1)
		tine_sys_pause();
	tine_check(seen.info[1].code == TINE_CLD_CONTINUED);
	tine_check(tine_sys_waitpid(child, &status, TINE_WCONTINUED |
	    TINE_WNOWAIT) == child && status == 0xffff);
	tine_check(tine_sys_waitpid(child, &status, TINE_WCONTINUED) == child);
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
	tine_check(seen.info[2].code == TINE_CLD_KILLED);
	tine_check(seen.info[2].status == SIGKILL);
	tine_check(seen.info[2].pid == child);
	/* The zombie goes when it is no longer wanted. */
	action.flags |= TINE_SA_NOCLDWAIT;
	tine_check(tine_sys_sigaction(SIGCHLD, &action, NULL) == 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == -ECHILD);
	child = tine_sys_fork();
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, &status, 0) == -ECHILD);
	tine_check(seen.ran == 3);
	return 0;
}
TINE_PROGRAM(sc_children, "SIGCHLD of stops, continuing and death");

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
	tine_check(seen.ran == 3);
	tine_check(seen.info[0].status + seen.info[1].status +
	    seen.info[2].status == 3);
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
	tine_check(set == TINE_SIGBIT(SIGTERM));
	block(TINE_SIG_SETMASK, 0);
	return 1;
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
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGTERM));
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
		tine_sys_exec("sc_target", NULL);
	}
	tine_check(tine_sys_wait(&status) == child && status == SIGTERM);
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
	install(SIGUSR1, 0);
	block(TINE_SIG_SETMASK, TINE_SIGBIT(SIGUSR1));
	tine_check(tine_sys_lwp_create(sleeper, NULL) == 2);
	tine_check(tine_sys_lwp_create(sleeper, NULL) == 3);
	tine_check(tine_sys_lwp_create(sleeper, (void *)1) == 4);
	tine_sys_nanosleep(MS / 2);
	tine_check(tine_sys_kill(self(), SIGUSR1) == 0);
	while (tine_sys_lwp_wait(0) > 0)
		continue;
	tine_check(seen.ran == 1);
	tine_check(seen.lwp[0] == 2 || seen.lwp[0] == 3);
	return seen.lwp[0];
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
	int status;

	(void)argc;
	(void)argv;
	install(SIGUSR1, TINE_SA_RESTART | TINE_SA_SIGINFO);
	tine_check(tine_sys_lwp_create(storm, NULL) == 2);
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
	tine_check(tine_sys_lwp_wait(2) == 2);
	tine_check(seen.ran >= 1 && seen.ran <= 8);
	return 0;
}
TINE_PROGRAM(sc_storm, "a storm of signals over forks and waits");

/* What ends a process, and what it says about it. */
static int
sc_defaults(int argc, char **argv)
{
	static const struct { int signo, status; } ends[] = {
		{ SIGHUP, SIGHUP }, { SIGQUIT, SIGQUIT | 0x80 },
		{ SIGABRT, SIGABRT | 0x80 }, { SIGUSR1, SIGUSR1 },
		{ SIGXCPU, SIGXCPU | 0x80 }, { SIGKILL, SIGKILL },
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
}

/* spec: IL-137 */
static void
queued_signals_are_kept_up_to_a_limit(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
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
	unsigned by[5] = { 0 };

	(void)state;
	options.strategy = TINE_STRATEGY_RANDOM;
	options.ncpu = 2;
	for (options.seed = 0; options.seed < 40; options.seed++) {
		assert_int_equal(harness_run("sc_which_lwp", &options, &result,
		    NULL), TINE_OUTCOME_PASSED);
		by[result.status >> 8 & 3]++;
	}
	/* The scheduler decides which: both do, in some runs. */
	assert_true(by[2] > 0 && by[3] > 0);
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

	return cmocka_run_group_tests(tests, NULL, NULL);
}
