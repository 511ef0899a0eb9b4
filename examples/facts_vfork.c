/* SPDX-License-Identifier: MIT */
/* facts_vfork.c - kernel_facts: what becomes of a vfork parent that waits, and
 * of its child meanwhile. */
#include <signal.h>

#include <tine/file.h>
#include <tine/process.h>
#include <tine/program.h>
#include <tine/signal.h>
#include <tine/sys.h>

#include "facts.h"

#define MS 1000000

static TINE_DATA volatile int count, leave;

static void
counts(void *arg)
{
	(void)arg;
	while (!leave) {
		count++;
		(void)tine_sys_nanosleep(MS);
	}
}

static void
others_run(void)
{
	const int lwp = tine_sys_lwp_create(counts, NULL);
	tine_pid_t pid;
	int before;

	pid = tine_sys_vfork();
	if (pid == 0) {
		before = count;
		(void)tine_sys_nanosleep(20 * MS);
		tine_sys_exit(count != before);
	}
	leave = 1;
	fact_yes("its other LWPs run", fact_reap(pid));
	(void)tine_sys_lwp_wait(lwp);
}

/* A parent whose child takes its time and then ends. fds[1]: where the child
 * says who it is. */
static tine_pid_t
slow_vfork(const int fds[2])
{
	const tine_pid_t parent = tine_sys_fork();
	tine_pid_t child;

	if (parent != 0)
		return parent;
	(void)tine_sys_setpgid(0, 0);
	child = tine_sys_vfork();
	if (child == 0) {
		child = tine_sys_getpid();
		(void)tine_sys_write(fds[1], &child, sizeof(child));
		(void)tine_sys_nanosleep(100 * MS);
		tine_sys_exit(0);
	}
	tine_sys_exit(0);
	return 0;
}

/* Whether a signal for the parent ends it before its child is done. */
static void
ends_at_once(const char *name, int signo, const int fds[2])
{
	const tine_pid_t parent = slow_vfork(fds);
	tine_pid_t child;
	int status;

	(void)tine_sys_read(fds[0], &child, sizeof(child));
	(void)tine_sys_kill(parent, signo);
	(void)tine_sys_nanosleep(50 * MS);
	fact_yes(name, tine_sys_waitpid(parent, &status, TINE_WNOHANG) ==
	    parent);
	(void)tine_sys_waitpid(parent, &status, 0);
}

static void
stops_the_child(const char *name, int signo, const int fds[2])
{
	const tine_pid_t parent = slow_vfork(fds);
	tine_pid_t child;
	int status;

	(void)tine_sys_read(fds[0], &child, sizeof(child));
	(void)tine_sys_kill(child, signo);
	(void)tine_sys_nanosleep(200 * MS);
	fact_yes(name, tine_sys_waitpid(parent, &status, TINE_WNOHANG) == 0);
	(void)tine_sys_kill(child, SIGCONT);
	(void)tine_sys_waitpid(parent, &status, 0);
}

/* The child goes on after an exec that came to nothing. */
static void
exec_fails(void)
{
	char *words[] = { (char *)(uintptr_t)"nobody", NULL };
	volatile int went_on = 0;
	tine_pid_t pid;

	pid = tine_sys_vfork();
	if (pid == 0) {
		(void)tine_sys_exec("nobody", words);
		(void)tine_sys_nanosleep(20 * MS);
		went_on = 1;
		tine_sys_exit(0);
	}
	fact_yes("it waits on when the child's exec fails", went_on);
	(void)fact_reap(pid);
}

void
facts_vfork(void)
{
	int fds[2];

	facts_section("While a vfork parent waits");
	if (tine_sys_pipe(fds) != 0)
		return;
	others_run();
	exec_fails();
	ends_at_once("SIGTERM ends it at once", SIGTERM, fds);
	ends_at_once("SIGKILL ends it at once", SIGKILL, fds);
	stops_the_child("SIGTSTP stops the child", SIGTSTP, fds);
	stops_the_child("SIGSTOP stops the child", SIGSTOP, fds);
	(void)tine_sys_close(fds[0]);
	(void)tine_sys_close(fds[1]);
}
