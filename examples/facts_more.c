/* SPDX-License-Identifier: MIT */
/*
 * facts_more.c - the tables of kernel_facts on signals, limits, parents and
 * ptrace.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/program.h>
#include <tine/signal.h>

#include "facts.h"

#define MS UINT64_C(1000000)

static void
on_signal(int signo)
{
	(void)signo;
}

static void
action(int signo, void (*handler)(int), int flags)
{
	struct tine_sigaction sa = { .flags = 0 };

	sa.handler = handler;
	sa.flags = (unsigned)flags;
	(void)tine_sys_sigaction(signo, &sa, NULL);
}

/* --- signals --- */

static int
facts_signals_exec(int argc, char **argv)
{
	struct tine_sigaction usr2, hup;
	tine_sigset_t mask = 0;

	(void)argc;
	(void)argv;
	(void)tine_sys_sigaction(SIGUSR2, NULL, &usr2);
	(void)tine_sys_sigaction(SIGHUP, NULL, &hup);
	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &mask);
	return (usr2.handler == TINE_SIG_DFL) |
	    (hup.handler == TINE_SIG_IGN) << 1 |
	    (mask == TINE_SIGBIT(SIGUSR1)) << 2;
}

TINE_PROGRAM(facts_signals_exec, "tells what exec left of its signals");

/* In a child, what it has of its parent's. */
static int
signals_of_a_child(void)
{
	struct tine_sigaction usr2, hup;
	tine_sigset_t pending = 0, mask = 0;
	struct tine_stack stack = { .size = 0 };

	(void)tine_sys_sigpending(&pending);
	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &mask);
	(void)tine_sys_sigaction(SIGUSR2, NULL, &usr2);
	(void)tine_sys_sigaction(SIGHUP, NULL, &hup);
	(void)tine_sys_sigaltstack(NULL, &stack);
	return (pending == 0) | (mask == TINE_SIGBIT(SIGUSR1)) << 1 |
	    (usr2.handler == on_signal) << 2 |
	    (hup.handler == TINE_SIG_IGN) << 3 |
	    (tine_sys_alarm(0) == 0) << 4 | (stack.size == 16384) << 5;
}

void
facts_signals(void)
{
	char *words[] = { (char *)(uintptr_t)"facts_signals_exec", NULL };
	const tine_sigset_t set = TINE_SIGBIT(SIGUSR1);
	struct tine_stack stack = { .size = 16384 };
	tine_pid_t pid;
	int got;

	facts_section("Signals");
	stack.sp = tine_sys_mmap(16384, TINE_PROT_READ | TINE_PROT_WRITE);
	(void)tine_sys_sigaltstack(&stack, NULL);
	action(SIGUSR2, on_signal, 0);
	action(SIGHUP, TINE_SIG_IGN, 0);
	(void)tine_sys_sigprocmask(TINE_SIG_SETMASK, &set, NULL);
	(void)tine_sys_kill(tine_sys_getpid(), SIGUSR1);
	(void)tine_sys_alarm(100);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(signals_of_a_child());
	got = fact_reap(pid);
	fact_yes("pending signals are not inherited", got & 1);
	fact_yes("blocked signals are inherited", got & 2);
	fact_yes("handlers are inherited", got & 4);
	fact_yes("ignored signals are inherited", got & 8);
	fact_yes("alarms are not inherited", got & 16);
	fact_yes("the stack for handlers is inherited", got & 32);
	(void)tine_sys_alarm(0);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_exec("facts_signals_exec", words);
		tine_sys_exit(0);
	}
	got = fact_reap(pid);
	fact_yes("after exec, handlers are gone", got & 1);
	fact_yes("after exec, ignored signals still are", got & 2);
	fact_yes("after exec, blocked signals still are", got & 4);
	(void)tine_sys_sigtimedwait(set, NULL, 0);
	(void)tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &set, NULL);
	action(SIGUSR2, TINE_SIG_DFL, 0);
	action(SIGHUP, TINE_SIG_DFL, 0);
}

/* --- limits --- */

void
facts_limits(void)
{
	struct tine_rlimit limit = { 40, 60 }, one = { 1, 1 };
	tine_pid_t pid;
	int error;

	facts_section("Limits");
	(void)tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &limit);
		error = limit.cur == 40;
		limit.cur = 30;
		(void)tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL);
		tine_sys_exit(error);
	}
	fact_yes("limits are inherited", fact_reap(pid) == 1);
	(void)tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &limit);
	fact_yes("a child's changes are its own", limit.cur == 40);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_setuid(100);
		limit.max++;
		tine_sys_exit(-tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit,
		    NULL));
	}
	fact("raising a hard limit, unprivileged", -fact_reap(pid));
	pid = tine_sys_fork();
	if (pid == 0) {
		error = tine_sys_setrlimit(TINE_RLIMIT_NPROC, &one, NULL);
		if (error < 0)
			tine_sys_exit(100 - error);
		(void)tine_sys_setuid(100);
		pid = tine_sys_fork();
		tine_sys_exit(pid < 0 ? -pid : 0);
	}
	error = fact_reap(pid);
	if (error >= 100) {
		fact_begin("fork over RLIMIT_NPROC");
		fact_end("there is no such limit");
	} else {
		fact("fork over RLIMIT_NPROC", -error);
	}
}

/* --- parents --- */

static int
facts_waits(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	while (tine_sys_pause() != 0)
		;
	return 0;
}

TINE_PROGRAM(facts_waits, "waits to be killed");

/* A fact that is a status as wait tells it. */
static void
status_of(const char *name, tine_pid_t pid, int options)
{
	int status = -1, got = tine_sys_waitpid(pid, &status, options);

	if (got < 0)
		fact(name, got);
	else
		(void)tine_printf("%s: 0x%04x\n", name, (unsigned)status);
}

static void
statuses(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		for (;;)
			(void)tine_sys_pause();
	fact("wait with WNOHANG, for one that runs", tine_sys_waitpid(pid,
	    NULL, TINE_WNOHANG));
	(void)tine_sys_kill(pid, SIGSTOP);
	status_of("status of one that stopped", pid, TINE_WSTOPPED);
	(void)tine_sys_kill(pid, SIGCONT);
	status_of("status of one that goes on", pid, TINE_WCONTINUED);
	(void)tine_sys_kill(pid, SIGKILL);
	tine_sys_nanosleep(MS);
	fact("signalling a zombie", tine_sys_kill(pid, SIGTERM));
	status_of("status of one that was killed", pid, 0);
	fact("signalling nobody", tine_sys_kill(pid, SIGTERM));
}

static void
groups(void)
{
	char *words[] = { (char *)(uintptr_t)"facts_waits", NULL };
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_exec("facts_waits", words);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	fact("setpgid of a child that has called exec",
	    tine_sys_setpgid(pid, pid));
	(void)tine_sys_kill(pid, SIGKILL);
	(void)tine_sys_waitpid(pid, NULL, 0);
	fact("setpgid of nobody's child", tine_sys_setpgid(1, 1));
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_setpgid(0, 0);
		tine_sys_exit(-tine_sys_setsid());
	}
	fact("setsid of a group's leader", -fact_reap(pid));
}

/* What a parent sees of a child that it does not want to hear of. */
static void
unwanted(const char *name, void (*handler)(int), int flags)
{
	tine_pid_t pid;

	action(SIGCHLD, handler, flags);
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(0);
	fact(name, tine_sys_waitpid(pid, NULL, 0));
	action(SIGCHLD, TINE_SIG_DFL, 0);
}

void
facts_parents(void)
{
	int fds[2] = { -1, -1 }, ppid = 0;
	tine_pid_t pid;

	facts_section("Parents, groups and ends");
	fact("pid of the first program", tine_sys_getpid());
	(void)tine_sys_pipe(fds);
	pid = tine_sys_fork();
	if (pid == 0) {
		if (tine_sys_fork() != 0)
			tine_sys_exit(0);
		(void)tine_sys_nanosleep(10 * MS);
		ppid = tine_sys_getppid();
		(void)tine_sys_write(fds[1], &ppid, sizeof(ppid));
		tine_sys_exit(0);
	}
	(void)fact_reap(pid);
	(void)tine_sys_read(fds[0], &ppid, sizeof(ppid));
	fact("parent of an orphan", ppid);
	fact("wait without a child", tine_sys_waitpid(-1, NULL, 0));
	unwanted("wait with SIGCHLD ignored", TINE_SIG_IGN, 0);
	unwanted("wait with SA_NOCLDWAIT", on_signal, TINE_SA_NOCLDWAIT);
	statuses();
	groups();
}

/* --- ptrace --- */

enum way { FORKS, VFORKS, CLONES };

static tine_pid_t
makes(enum way way)
{
	if (way == VFORKS)
		return tine_sys_vfork44();
	return way == FORKS ? tine_sys_fork() :
	    tine_sys_clone(SIGCHLD | TINE_CLONE_FS, NULL, NULL, NULL);
}

/* How a traced child tells its fork: the event of its first stop after it; 0:
 * it had none. */
static long
fork_event(int mask, enum way way)
{
	struct tine_ptrace_state state = { .report_event = 0 };
	int status;
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0);
		(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
		if (makes(way) == 0)
			tine_sys_exit(0);
		tine_sys_exit(0);
	}
	(void)tine_sys_waitpid(pid, &status, 0);
	(void)tine_sys_ptrace(TINE_NB_PT_SET_EVENT_MASK, pid, &mask,
	    sizeof(mask));
	(void)tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL, 0);
	(void)tine_sys_waitpid(pid, &status, 0);
	if ((status & 0xff) == 0x7f)
		(void)tine_sys_ptrace(TINE_NB_PT_GET_PROCESS_STATE, pid,
		    &state, sizeof(state));
	(void)tine_sys_kill(pid, SIGKILL);
	(void)tine_sys_ptrace(TINE_NB_PT_KILL, pid, NULL, 0);
	/* The child is traced as well, and stops. */
	while ((pid = tine_sys_waitpid(-1, &status, 0)) > 0)
		if ((status & 0xff) == 0x7f)
			(void)tine_sys_kill(pid, SIGKILL);
	return state.report_event;
}

void
facts_ptrace(void)
{
	static const struct {
		const char *name;
		int mask;
		enum way way;
	} events[] = {
		{ "event of a fork", TINE_NB_PTRACE_FORK, FORKS },
		{ "and if only vforks are asked for", TINE_NB_PTRACE_VFORK,
		    FORKS },
		{ "event of a vfork", TINE_NB_PTRACE_VFORK, VFORKS },
		{ "and if only forks are asked for", TINE_NB_PTRACE_FORK,
		    VFORKS },
		{ "event of a vfork's end", TINE_NB_PTRACE_VFORK_DONE,
		    VFORKS },
		{ "event of __clone(CLONE_FS), forks asked for",
		    TINE_NB_PTRACE_FORK, CLONES },
		{ "event of __clone(CLONE_FS), vforks asked for",
		    TINE_NB_PTRACE_VFORK, CLONES },
	};
	tine_pid_t pid;
	size_t i;
	int error;

	facts_section("ptrace");
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(-tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL,
		    0));
	error = -fact_reap(pid);
	fact("PT_TRACE_ME", error);
	fact("PT_ATTACH to oneself", tine_sys_ptrace(TINE_NB_PT_ATTACH,
	    tine_sys_getpid(), NULL, 0));
	fact("PT_ATTACH to init", tine_sys_ptrace(TINE_NB_PT_ATTACH, 1, NULL,
	    0));
	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		fact(events[i].name, error < 0 ? error :
		    fork_event(events[i].mask, events[i].way));
}
