/* SPDX-License-Identifier: MIT */
/*
 * 09_kernel_facts.c - what a kernel does with fork and its relatives, found out
 * by trying. scripts/kernels runs it on every kernel and writes the tables of
 * docs/kernels.md.
 *
 * The first table has a row for every way to make a process. What the child is
 * beyond an ordinary one is found out by the child, which changes everything
 * that might be shared, and by the parent, which looks afterwards. They talk
 * through SysV shared memory: no kernel has a fork that does not pass it on.
 */
#include <tine/posix.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include <tine/dragonfly.h>
#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/program.h>
#include <tine/signal.h>
#include <tine/sys.h>

#include "facts.h"

#define MS UINT64_C(1000000)
#define SEEN_FD 40		/* the child makes it */

static TINE_DATA volatile int word;

/* What the child says. */
struct report {
	volatile int done;
	int ppid, descriptors, lwps;
};

static TINE_DATA struct report *report;
static TINE_DATA int marker = -1;	/* a descriptor */
static TINE_DATA char *stack_top;

static void
on_signal(int signo)
{
	(void)signo;
}

static void
on_childs_signal(int signo)
{
	(void)signo;
}

static void
handle(int signo, void (*handler)(int))
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = handler;
	(void)tine_sys_sigaction(signo, &action, NULL);
}

/* --- ways to make a process --- */

/* The child: change whatever may be shared. */
static void
act(void)
{
	word = 2;
	report->descriptors = tine_sys_fcntl(marker, TINE_F_GETFD, 0) >= 0;
	(void)tine_sys_dup2(marker, SEEN_FD);
	(void)tine_sys_chdir("/facts.d");
	handle(SIGUSR2, on_childs_signal);
	report->ppid = tine_sys_getppid();
	tine_sys_nanosleep(MS);
	report->done = 1;
	tine_sys_exit(7);
}

static int
act_on_a_stack(void *arg)
{
	(void)arg;
	act();
	return 0;
}

static void
prepare(void)
{
	const tine_sigset_t told = TINE_SIGBIT(SIGCHLD) | TINE_SIGBIT(SIGUSR1);

	memset(report, 0, sizeof(*report));
	word = 1;
	(void)tine_sys_close(SEEN_FD);
	(void)tine_sys_chdir("/");
	handle(SIGUSR2, on_signal);
	handle(SIGCHLD, on_signal);
	handle(SIGUSR1, on_signal);
	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, &told, NULL);
	while (tine_sys_sigtimedwait(told, NULL, 0) > 0)
		;
}

/* Who gets the child when it has ended. */
static void
examine_end(tine_pid_t pid)
{
	tine_sigset_t pending = 0;

	(void)tine_sys_sigpending(&pending);
	if (pending & TINE_SIGBIT(SIGUSR1))
		fact_add("its end is a SIGUSR1");
	else if (!(pending & TINE_SIGBIT(SIGCHLD)))
		fact_add("its end is no signal");
	if (report->ppid == 1)
		fact_add("a child of init");
	else if (tine_sys_waitpid(-1, NULL, TINE_WNOHANG) == pid)
		;
	else if (tine_sys_waitpid(pid, NULL, TINE_WNOHANG) == pid)
		fact_add("only waitpid(its pid) finds it");
	else if (tine_sys_wait4_nb(pid, NULL, TINE_WALLSIG) == pid)
		fact_add("only wait4(WALTSIG) finds it");
	else if (tine_sys_df_wait4(pid, NULL, TINE_WLINUXCLONE) == pid)
		fact_add("only wait4(WLINUXCLONE) finds it");
	else
		fact_add("no wait finds it");
}

/* The parent: look. */
static void
examine(const char *name, tine_pid_t pid)
{
	struct tine_sigaction action;
	char path[16] = "";
	int tries;

	if (pid == 0)
		act();
	if (pid < 0) {
		fact(name, pid);
		return;
	}
	fact_begin(name);
	if (report->done)
		fact_add("the parent waits");
	for (tries = 0; !report->done && tries < 20; tries++)
		tine_sys_nanosleep(MS);
	tine_sys_nanosleep(5 * MS);
	if (word != 1)
		fact_add("shares memory");
	if (!report->descriptors)
		fact_add("no descriptors");
	else if (tine_sys_fcntl(SEEN_FD, TINE_F_GETFD, 0) >= 0)
		fact_add("shares descriptors");
	(void)tine_sys_getcwd(path, sizeof(path));
	if (strcmp(path, "/") != 0)
		fact_add("shares the directory");
	(void)tine_sys_sigaction(SIGUSR2, NULL, &action);
	if (action.handler != on_signal)
		fact_add("shares handlers");
	examine_end(pid);
	fact_end("an ordinary child");
}

#define TRY(name, call) (prepare(), examine(name, call))
#define CLONE(flags) \
	tine_sys_clone((flags), stack_top, act_on_a_stack, NULL)

static tine_pid_t
vforks(void)
{
	const tine_pid_t pid = vfork();

	if (pid == 0)
		act();
	return pid < 0 ? -errno : pid;
}

static tine_pid_t
vforkxes(int flags)
{
	const tine_pid_t pid = tine_sys_vforkx(flags);

	if (pid == 0)
		act();
	return pid;
}

static void
solaris_ways(void)
{
	TRY("fork()", tine_sys_fork());
	TRY("vfork()", vforks());
	TRY("vfork() of 4.4BSD", tine_sys_vfork44());
	TRY("forkx(FORK_NOSIGCHLD)", tine_sys_forkx(TINE_FORK_NOSIGCHLD));
	TRY("forkx(FORK_WAITPID)", tine_sys_forkx(TINE_FORK_WAITPID));
	TRY("forkx(both)",
	    tine_sys_forkx(TINE_FORK_NOSIGCHLD | TINE_FORK_WAITPID));
	TRY("forkx(4)", tine_sys_forkx(4));
	TRY("vforkx(FORK_NOSIGCHLD)", vforkxes(TINE_FORK_NOSIGCHLD));
	TRY("vforkx(FORK_WAITPID)", vforkxes(TINE_FORK_WAITPID));
	TRY("forkall()", tine_sys_forkallx(0));
	TRY("forkallx(FORK_NOSIGCHLD)",
	    tine_sys_forkallx(TINE_FORK_NOSIGCHLD));
}

static void
dragonfly_ways(void)
{
	const unsigned fdg = TINE_RFPROC | TINE_RFFDG;

	TRY("rfork(RFPROC)", tine_sys_rfork(TINE_RFPROC));
	TRY("rfork(RFPROC + RFFDG)", tine_sys_rfork(fdg));
	TRY("rfork(RFPROC + RFCFDG)",
	    tine_sys_rfork(TINE_RFPROC | TINE_RFCFDG));
	TRY("rfork(RFPROC + RFFDG + RFCFDG)",
	    tine_sys_rfork(fdg | TINE_RFCFDG));
	TRY("rfork(RFPROC + RFFDG + RFMEM)", tine_sys_rfork_thread(fdg |
	    TINE_RFMEM, stack_top, act_on_a_stack, NULL));
	TRY("rfork(RFPROC + RFFDG + RFSIGSHARE)",
	    tine_sys_rfork(fdg | TINE_RFSIGSHARE));
	TRY("rfork(RFPROC + RFFDG + RFTHREAD)",
	    tine_sys_rfork(fdg | TINE_RFTHREAD));
	TRY("rfork(RFPROC + RFFDG + RFNOWAIT)",
	    tine_sys_rfork(fdg | TINE_RFNOWAIT));
	TRY("rfork(RFPROC + RFFDG + RFLINUXTHPN)",
	    tine_sys_rfork(fdg | TINE_RFLINUXTHPN));
	/* No child: what the caller's own table becomes. */
	fact("rfork(RFFDG)", tine_sys_rfork(TINE_RFFDG));
	fact("rfork(RFMEM)", tine_sys_rfork(TINE_RFMEM));
}

static void
freebsd_ways(void)
{
	const unsigned fdg = TINE_FBRFPROC | TINE_FBRFFDG;

	TRY("FreeBSD's rfork(RFPROC)", tine_sys_rfork_freebsd(TINE_FBRFPROC));
	TRY("FreeBSD's rfork(RFPROC + RFFDG)", tine_sys_rfork_freebsd(fdg));
	TRY("FreeBSD's rfork(RFPROC + RFCFDG)",
	    tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFCFDG));
	TRY("FreeBSD's rfork(RFPROC + RFFDG + RFCFDG)",
	    tine_sys_rfork_freebsd(fdg | TINE_FBRFCFDG));
	TRY("FreeBSD's rfork(RFPROC + RFFDG + RFSIGSHARE)",
	    tine_sys_rfork_freebsd(fdg | TINE_FBRFSIGSHARE));
	TRY("FreeBSD's rfork(RFPROC + RFFDG + RFNOWAIT)",
	    tine_sys_rfork_freebsd(fdg | TINE_FBRFNOWAIT));
	TRY("FreeBSD's rfork(RFPROC + RFFDG + RFLINUXTHPN)",
	    tine_sys_rfork_freebsd(fdg | TINE_FBRFLINUXTHPN));
	TRY("FreeBSD's rfork(RFFDG)", tine_sys_rfork_freebsd(TINE_FBRFFDG));
}

static void
clone_ways(void)
{
	TRY("__clone(SIGCHLD)", CLONE(SIGCHLD));
	TRY("__clone(CLONE_VM)", CLONE(SIGCHLD | TINE_CLONE_VM));
	TRY("__clone(CLONE_FS)", CLONE(SIGCHLD | TINE_CLONE_FS));
	TRY("__clone(CLONE_FILES)", CLONE(SIGCHLD | TINE_CLONE_FILES));
	TRY("__clone(CLONE_SIGHAND)", CLONE(SIGCHLD | TINE_CLONE_SIGHAND));
	TRY("__clone(CLONE_VM + CLONE_SIGHAND)",
	    CLONE(SIGCHLD | TINE_CLONE_VM | TINE_CLONE_SIGHAND));
	TRY("__clone(CLONE_VFORK)", CLONE(SIGCHLD | TINE_CLONE_VFORK));
	TRY("__clone(CLONE_VM + CLONE_VFORK)",
	    CLONE(SIGCHLD | TINE_CLONE_VM | TINE_CLONE_VFORK));
	TRY("__clone(CLONE_VM + CLONE_FS + CLONE_FILES + CLONE_SIGHAND)",
	    CLONE(SIGCHLD | TINE_CLONE_VM | TINE_CLONE_FS | TINE_CLONE_FILES |
	    TINE_CLONE_SIGHAND));
	TRY("__clone(CLONE_PID)", CLONE(SIGCHLD | TINE_CLONE_PID));
	TRY("__clone(CLONE_PTRACE)", CLONE(SIGCHLD | TINE_CLONE_PTRACE));
	TRY("__clone(0): no exit signal", CLONE(0));
	TRY("__clone(SIGUSR1)", CLONE(SIGUSR1));
	TRY("__clone(64): no signal has that number", CLONE(64));
}

static int
kernel_facts(int argc, char **argv)
{
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600);

	(void)argc;
	(void)argv;
	report = tine_sys_shmat(id, NULL, 0);
	stack_top = (char *)tine_sys_mmap(65536, TINE_PROT_READ |
	    TINE_PROT_WRITE) + 65536;
	marker = tine_sys_open("/facts", TINE_O_RDWR | TINE_O_CREAT, 0644);
	(void)tine_sys_mkdir("/facts.d", 0755);
	facts_section("Ways to make a process");
	solaris_ways();
	dragonfly_ways();
	freebsd_ways();
	clone_ways();
	prepare();
	handle(SIGCHLD, TINE_SIG_DFL);
	handle(SIGUSR1, TINE_SIG_DFL);
	handle(SIGUSR2, TINE_SIG_DFL);
	(void)tine_sys_close(marker);
	(void)tine_sys_shmdt(report);
	(void)tine_sys_shmctl(id, TINE_IPC_RMID, NULL);
	facts_lwps();
	facts_vfork();
	facts_memory();
	facts_files();
	facts_signals();
	facts_limits();
	facts_parents();
	facts_ptrace();
	facts_calls();
	return 0;
}

TINE_PROGRAM(kernel_facts, "what a kernel does with fork and its relatives");
