/* SPDX-License-Identifier: MIT */
/*
 * acts.c - two threads of DragonFly that do something at once, of everything
 * that may concern another one: an_acts HOW A B, with A and B numbers of acts.
 * What comes of it does not matter here (test_announced.c).
 */
#include "announced/acts.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <tine/tine.h>

#define MS UINT64_C(1000000)
#define STACK 16384

static TINE_DATA volatile int handled;
/* Who is where: the parent of all, one that does nothing, in a group of its
 * own, and the one that came first. */
static TINE_DATA tine_pid_t parent, idle, first;
static TINE_DATA int pipes[2], queue;

static void
on_signal(int signo)
{
	(void)signo;
	handled++;
}

static void *
new_stack(void)
{
	char *memory = tine_malloc(STACK);

	return memory != NULL ? memory + STACK : NULL;
}

/* Whom an act is about: whoever came first, of whom comes second. */
static tine_pid_t
whom(void)
{
	return tine_sys_getpid() == first ? idle : first;
}

/* --- children --- */

static void
act_fork(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0)
		tine_sys_exit(0);
	(void)tine_sys_waitpid(pid, NULL, 0);
}

static void
act_orphan(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0 && tine_sys_fork() == 0)
		tine_sys_exit(0);
	tine_sys_exit(0);
}

static void
act_vfork(void)
{
	tine_pid_t pid = tine_sys_vfork();

	if (pid == 0)
		tine_sys_exit(0);
	(void)tine_sys_waitpid(pid, NULL, 0);
}

static void
act_vfork_exec(void)
{
	tine_pid_t pid = tine_sys_vfork();

	if (pid == 0) {
		(void)tine_sys_exec("an_nothing", NULL);
		tine_sys_exit(1);
	}
	(void)tine_sys_waitpid(pid, NULL, 0);
}

static void
act_share(void)
{
	tine_pid_t pid = tine_sys_rfork(TINE_RFPROC | TINE_RFSIGSHARE);
	struct tine_sigaction action = { .handler = on_signal };

	(void)tine_sys_sigaction(SIGUSR2, &action, NULL);
	if (pid == 0)
		tine_sys_exit(tine_sys_close(pipes[0]));
	(void)tine_sys_waitpid(pid, NULL, 0);
}

static void
act_peer(void)
{
	tine_pid_t pid = tine_sys_rfork(TINE_RFPROC | TINE_RFTHREAD);

	if (pid == 0 && tine_sys_rfork(TINE_RFPROC | TINE_RFTHREAD |
	    TINE_RFFDG) == 0)
		tine_sys_exit(0);
}

static void
act_nowait(void)
{
	if (tine_sys_rfork(TINE_RFPROC | TINE_RFFDG | TINE_RFNOWAIT) == 0)
		tine_sys_exit(0);
}

static void
act_thpn(void)
{
	tine_pid_t pid = tine_sys_rfork(TINE_RFPROC | TINE_RFCFDG |
	    TINE_RFLINUXTHPN);

	if (pid == 0)
		tine_sys_exit(0);
	(void)tine_sys_df_wait4(pid, NULL, TINE_WLINUXCLONE);
}

static void
act_alone(void)
{
	(void)tine_sys_rfork(0);
	(void)tine_sys_rfork(TINE_RFFDG);
	(void)tine_sys_rfork(TINE_RFCFDG);
}

static int
runs_along(void *arg)
{
	(void)arg;
	(void)tine_sys_rfork(TINE_RFFDG);
	return 0;
}

static void
act_memory(void)
{
	tine_pid_t pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM |
	    TINE_RFTHREAD, new_stack(), runs_along, NULL);

	(void)tine_sys_exec("an_nothing", NULL);
	(void)pid;
}

static void
act_memory_alone(void)
{
	tine_pid_t pid = tine_sys_rfork_thread(TINE_RFPROC | TINE_RFMEM,
	    new_stack(), runs_along, NULL);

	(void)tine_sys_rfork(0);
	(void)tine_sys_waitpid(pid, NULL, 0);
}

/* --- waits --- */

static void
act_wait(void)
{
	(void)tine_sys_waitpid(-1, NULL, TINE_WNOHANG);
	(void)tine_sys_df_wait4(0, NULL, TINE_WAIT4_UNTRACED |
	    TINE_WAIT4_CONTINUED | TINE_WNOHANG);
	(void)tine_sys_df_wait4(-idle, NULL, TINE_WAIT4_UNTRACED |
	    TINE_WNOHANG);
}

static void
act_stop_and_go(void)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_nanosleep(MS);
		tine_sys_exit(0);
	}
	(void)tine_sys_kill(pid, SIGSTOP);
	(void)tine_sys_df_wait4(0, NULL, TINE_WAIT4_UNTRACED);
	(void)tine_sys_kill(pid, SIGCONT);
	(void)tine_sys_df_wait4(pid, NULL, TINE_WAIT4_CONTINUED);
	(void)tine_sys_waitpid(pid, NULL, 0);
}

/* --- signals --- */

static void
act_kill(void)
{
	int i;

	for (i = 0; i < 3; i++)
		(void)tine_sys_kill(whom(), SIGUSR1);
	(void)tine_sys_kill(parent, SIGUSR1);
}

static void
act_stop(void)
{
	(void)tine_sys_kill(whom(), SIGTSTP);
	(void)tine_sys_kill(whom(), SIGCONT);
}

static void
act_end(void)
{
	(void)tine_sys_kill(whom(), SIGKILL);
}

static void
act_kill_group(void)
{
	(void)tine_sys_kill(0, SIGUSR1);
	(void)tine_sys_kill(-idle, SIGUSR1);
}

static void
act_kill_all(void)
{
	(void)tine_sys_kill(-1, SIGUSR1);
}

static void
act_handle(void)
{
	struct tine_sigaction action = { .handler = on_signal }, old;

	(void)tine_sys_sigaction(SIGUSR2, &action, &old);
	action.handler = TINE_SIG_IGN;
	(void)tine_sys_sigaction(SIGCHLD, &action, NULL);
	(void)tine_sys_sigaction(SIGUSR1, &action, NULL);
}

static void
act_mask(void)
{
	tine_sigset_t all = ~UINT64_C(0), old;
	struct tine_siginfo info;

	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, &all, &old);
	(void)tine_sys_sigtimedwait(old, &info, 0);
	(void)tine_sys_sigtimedwait(all, &info, MS);
	(void)tine_sys_sigpending(&all);
	(void)tine_sys_sigprocmask(TINE_SIG_SETMASK, &old, NULL);
}

static void
act_suspend(void)
{
	const struct tine_itimerval soon = { 0, MS };
	tine_sigset_t all = ~UINT64_C(0);

	(void)tine_sys_sigprocmask(TINE_SIG_BLOCK, &all, NULL);
	(void)tine_sys_setitimer(TINE_ITIMER_REAL, &soon, NULL);
	(void)tine_sys_sigsuspend(0);
	(void)tine_sys_ppoll(NULL, 0, 0, 0);
}

static void
act_sleep(void)
{
	(void)tine_sys_nanosleep(MS);
}

/* --- groups --- */

static void
act_own_group(void)
{
	(void)tine_sys_setpgid(0, 0);
	(void)tine_sys_setpgid(0, idle);
}

static void
act_group(void)
{
	(void)tine_sys_setpgid(whom(), whom());
	(void)tine_sys_getpgid(whom());
	(void)tine_sys_getsid(whom());
}

static void
act_session(void)
{
	(void)tine_sys_setsid();
	(void)tine_sys_getppid();
}

/* --- who and what a process is --- */

static void
act_user(void)
{
	(void)tine_sys_df_setreuid(1000, 1000);
}

static void
act_count_users(void)
{
	(void)tine_sys_df_uidcount(0);
}

static void
act_jail(void)
{
	(void)tine_sys_jail();
}

static void
act_priority(void)
{
	int nice;

	(void)tine_sys_setpriority(TINE_PRIO_PROCESS, whom(), 1);
	(void)tine_sys_setpriority(TINE_PRIO_PGRP, 0, 2);
	(void)tine_sys_setpriority(TINE_PRIO_USER, 0, 3);
	(void)tine_sys_getpriority(TINE_PRIO_PROCESS, whom(), &nice);
	(void)tine_sys_getpriority(TINE_PRIO_PGRP, 0, &nice);
	(void)tine_sys_getpriority(TINE_PRIO_USER, 0, &nice);
}

static void
act_limit(void)
{
	struct tine_rlimit limit;

	(void)tine_sys_getrlimit(TINE_RLIMIT_NPROC, &limit);
	limit.cur /= 2;
	(void)tine_sys_setrlimit(TINE_RLIMIT_NPROC, &limit, NULL);
}

static void
act_read_limit(void)
{
	struct tine_rlimit limit;

	(void)tine_sys_getrlimit(TINE_RLIMIT_NPROC, &limit);
}

static void
act_reaper(void)
{
	const tine_pid_t me = tine_sys_getpid();
	struct tine_reaper_status status;

	(void)tine_sys_procctl(TINE_P_PID, me, TINE_PROC_REAP_ACQUIRE, NULL);
	(void)tine_sys_procctl(TINE_P_PID, me, TINE_PROC_REAP_STATUS, &status);
	(void)tine_sys_procctl(TINE_P_PID, me, TINE_PROC_REAP_RELEASE, NULL);
}

/* Nodes without an owner, and who climbs past them. */
static void
act_nodes(void)
{
	const tine_pid_t me = tine_sys_getpid();
	tine_pid_t pid;

	(void)tine_sys_procctl(TINE_P_PID, me, TINE_PROC_REAP_ACQUIRE, NULL);
	pid = tine_sys_fork();
	if (pid == 0) {
		pid = tine_sys_getpid();
		(void)tine_sys_procctl(TINE_P_PID, pid, TINE_PROC_REAP_ACQUIRE,
		    NULL);
		if (tine_sys_fork() == 0) {
			if (tine_sys_rfork(TINE_RFPROC | TINE_RFFDG |
			    TINE_RFNOWAIT) == 0)
				tine_sys_exit(0);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	(void)tine_sys_procctl(TINE_P_PID, me, TINE_PROC_REAP_RELEASE, NULL);
	(void)tine_sys_waitpid(pid, NULL, 0);
}

static void
act_trace(void)
{
	(void)tine_sys_df_ptrace(TINE_PT_ATTACH, whom(), 0);
	(void)tine_sys_df_ptrace(TINE_PT_DETACH, whom(), 0);
}

static void
act_watch(void)
{
	int mine = tine_sys_kqueue();
	struct tine_kevent event;

	(void)tine_sys_kqueue_watch(mine, whom(), TINE_NOTE_FORK |
	    TINE_NOTE_EXIT | TINE_NOTE_TRACK);
	(void)tine_sys_kqueue_watch(queue, whom(), TINE_NOTE_EXIT);
	(void)tine_sys_kqueue_next(mine, &event);
	(void)tine_sys_kqueue_next(queue, &event);
	(void)tine_sys_close(mine);
}

static void
act_exec(void)
{
	(void)tine_sys_exec("an_nothing", NULL);
}

static void
act_exit(void)
{
	tine_sys_exit(0);
}

static void
act_files(void)
{
	struct tine_flock lock = { .type = TINE_F_WRLCK };
	int fd = tine_sys_open("/an_file", TINE_O_CREAT | TINE_O_RDWR, 0666);

	(void)tine_sys_fcntl(fd, TINE_F_SETLK, (long)&lock);
	(void)tine_sys_flock(fd, TINE_LOCK_EX | TINE_LOCK_NB);
	(void)tine_sys_dup2(pipes[1], 10);
	(void)tine_sys_write(pipes[1], "x", 1);
	(void)tine_sys_close(fd);
}

/* --- LWPs --- */

static void
leaves(void *arg)
{
	(void)arg;
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

static void
act_lwp(void)
{
	int lwp = tine_sys_lwp_create(leaves, NULL);

	(void)tine_sys_lwp_kill(lwp, SIGUSR1);
	(void)tine_sys_lwp_wait(lwp);
}

static void
act_bad_lwp(void)
{
	struct tine_lwp_params params = { .func = leaves,
		.stack = new_stack(), .tid2 = (int *)16 };

	(void)tine_sys_lwp_create2(&params);
}

static void
act_lwp_ends(void)
{
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

static void (*const acts[])(void) = {
	act_fork, act_orphan, act_vfork, act_vfork_exec, act_share, act_peer,
	act_nowait, act_thpn, act_alone, act_memory, act_memory_alone,
	act_wait, act_stop_and_go, act_kill, act_stop, act_end,
	act_kill_group, act_kill_all, act_handle, act_mask, act_suspend,
	act_sleep, act_own_group, act_group, act_session, act_user,
	act_count_users, act_jail, act_priority, act_limit, act_read_limit,
	act_reaper, act_nodes,
	act_trace, act_watch, act_exec, act_exit, act_files,
	act_lwp, act_bad_lwp, act_lwp_ends
};

const unsigned acts_count = sizeof(acts) / sizeof(acts[0]);

static int
an_nothing(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
TINE_PROGRAM(an_nothing, "test: does nothing");

static void
one_of_two(void *arg)
{
	acts[(uintptr_t)arg]();
	tine_sys_extexit(TINE_EXTEXIT_LWP, 0, NULL);
}

/* Two processes; two of shared descriptors and dispositions; two LWPs. */
static int
an_acts(int argc, char **argv)
{
	const char how = argc == 4 ? argv[1][0] : 'p';
	const uint32_t flags = how == 's' ? TINE_RFPROC | TINE_RFSIGSHARE |
	    TINE_RFTHREAD : TINE_RFPROC | TINE_RFFDG;
	struct tine_sigaction action = { .handler = on_signal };
	unsigned a, b;

	if (argc != 4)
		return 2;
	a = (unsigned)strtoul(argv[2], NULL, 10);
	b = (unsigned)strtoul(argv[3], NULL, 10);
	parent = tine_sys_getpid();
	(void)tine_sys_setpgid(0, 0);
	(void)tine_sys_procctl(TINE_P_PID, parent, TINE_PROC_REAP_ACQUIRE,
	    NULL);
	(void)tine_sys_sigaction(SIGUSR1, &action, NULL);
	(void)tine_sys_sigaction(SIGALRM, &action, NULL);
	(void)tine_sys_pipe(pipes);
	queue = tine_sys_kqueue();
	idle = tine_sys_fork();
	if (idle == 0) {
		(void)tine_sys_setpgid(0, 0);
		for (;;)
			(void)tine_sys_pause();
	}
	(void)tine_sys_setpgid(idle, idle);
	first = tine_sys_rfork(flags);
	if (first == 0) {
		first = tine_sys_getpid();
		if (how == 'l')
			(void)tine_sys_lwp_create(one_of_two,
			    (void *)(uintptr_t)b);
		acts[a]();
		tine_sys_exit(0);
	}
	if (how != 'l' && tine_sys_rfork(flags) == 0) {
		acts[b]();
		tine_sys_exit(0);
	}
	(void)tine_sys_nanosleep(2 * MS);
	(void)tine_sys_kill(idle, SIGKILL);
	while (tine_sys_wait(NULL) != -ECHILD)
		continue;
	while (tine_sys_df_wait4(-1, NULL, TINE_WLINUXCLONE) != -ECHILD)
		continue;
	return 0;
}
TINE_PROGRAM(an_acts, "test: two threads of DragonFly do something at once");
