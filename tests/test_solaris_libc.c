/* SPDX-License-Identifier: MIT */
/*
 * test_solaris_libc.c - what the libc of the Solaris family does around the
 * trap of fork: <tine/posix.h> on those kernels, and on no other.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "solaris_rig.h"
#include "sched/trap.h"
#include "support/harness.h"
#include "support/kcall.h"

/* What <tine/posix.h> makes of the plain names. */
extern pid_t tine_posix_fork(void);
extern pid_t tine_posix_vfork(void)
    __attribute__((returns_twice));
extern int tine_posix_pthread_atfork(void (*prepare)(void),
    void (*parent)(void), void (*child)(void));
extern int tine_posix_sigaction(int signo, const struct sigaction *action,
    struct sigaction *old);
extern int *tine_posix___errno_location(void);

static int
reap(pid_t child)
{
	int status;

	tine_check(child > 0);
	tine_check(tine_sys_waitpid(child, &status, 0) == child);
	tine_check(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Host memory, which all processes of a test see. */
static volatile int prepared, parents, children, inside, most, errors;
static volatile int handled, handled_inside;

/* A fork inside a fork does not even trap. @return 2, for EDEADLK. */
static int
deadlk(void)
{
	if (tine_posix_fork() != -1)
		return 4;
	return 1 << (*tine_posix___errno_location() == EDEADLK);
}

static void
prepare(void)
{
	prepared++;
	if (++inside > most)
		most = inside;
	errors |= deadlk();
	/* A signal that comes now waits. */
	tine_sys_lwp_kill(tine_sys_lwp_self(), SIGUSR1);
	tine_sys_nanosleep(MS);
}

static void
parent(void)
{
	tine_sys_nanosleep(MS);
	inside--;
	parents++;
}

static void
child(void)
{
	errors |= deadlk();
	children++;
}

static void
on_signal(int signo)
{
	(void)signo;
	handled++;
	handled_inside += inside != 0;
}

static void
catch(int signo, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	tine_check(tine_posix_sigaction(signo, &action, NULL) == 0);
}

static void
start(void)
{
	prepared = parents = children = inside = most = errors = 0;
	handled = handled_inside = 0;
	catch(SIGUSR1, on_signal);
	tine_check(tine_posix_pthread_atfork(prepare, parent, child) == 0);
}

MAIN(lc_handlers)
	tine_sigset_t mask;
	pid_t pid;

	start();
	pid = tine_posix_fork();
	if (pid == 0) {
		/* What was pending is the parent's; the mask is as it was. */
		tine_check(handled == 0);
		tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &mask) ==
		    0 && mask == 0);
		tine_sys_exit(children);
	}
	tine_check(handled == 1 && handled_inside == 0);
	tine_check(tine_sys_sigprocmask(TINE_SIG_BLOCK, NULL, &mask) == 0);
	tine_check(mask == 0);
	tine_check(reap(pid) == 1);
	tine_check(prepared == 1 && parents == 1 && children == 1);
	/* EDEADLK from each, and nothing else. */
	tine_check(errors == 2);
	tine_check(tine_sys_waitpid(-1, NULL, 0) == -ECHILD);
	return 0;
END(lc_handlers, "forks inside handlers of a fork");

static void
forks(void *arg)
{
	pid_t pid = tine_posix_fork();

	(void)arg;
	if (pid == 0)
		tine_sys_exit(0);
	tine_check(reap(pid) == 0);
}

MAIN(lc_threads)
	int one, two;

	start();
	one = tine_sys_lwp_create(forks, NULL);
	two = tine_sys_lwp_create(forks, NULL);
	forks(NULL);
	tine_check(tine_sys_lwp_wait(one) == one);
	tine_check(tine_sys_lwp_wait(two) == two);
	/* One after the other, with its handlers. */
	tine_check(prepared == 3 && parents == 3 && children == 3);
	tine_check(most == 1 && inside == 0 && errors == 2);
	tine_check(handled == 3 && handled_inside == 0);
	return 0;
END(lc_threads, "three threads that fork");

static void
fork_here(int signo)
{
	pid_t pid = tine_posix_fork();

	(void)signo;
	if (pid == 0)
		tine_sys_exit(11);
	tine_check(reap(pid) == 11);
}

MAIN(lc_signal)
	start();
	catch(SIGUSR2, fork_here);
	tine_sys_lwp_kill(1, SIGUSR2);
	tine_check(prepared == 0 && parents == 0 && children == 0);
	/* Out of the handler again. */
	forks(NULL);
	tine_check(prepared == 1 && parents == 1 && children == 1);
	return 0;
END(lc_signal, "a fork in the handler of a signal");

static void
sleeps(void *arg)
{
	(void)arg;
	for (;;)
		tine_sys_pause();
}

MAIN(lc_vfork)
	struct sigaction action;
	pid_t pid;

	start();
	pid = tine_posix_vfork();
	if (pid == 0) {
		/* A handler would be the parent's. */
		catch(SIGUSR2, on_signal);
		tine_check(tine_posix_sigaction(SIGUSR2, NULL, &action) == 0);
		tine_check(action.sa_handler == SIG_DFL);
		catch(SIGUSR2, SIG_IGN);
		tine_check(tine_posix_sigaction(SIGUSR2, NULL, &action) == 0);
		tine_check(action.sa_handler == SIG_IGN);
		/* Alone it may fork, and no handler runs. */
		pid = tine_posix_fork();
		if (pid == 0) {
			/* Memory of its own: it is as any other. */
			catch(SIGUSR2, on_signal);
			tine_check(tine_posix_sigaction(SIGUSR2, NULL,
			    &action) == 0);
			tine_check(action.sa_handler == on_signal);
			tine_sys_exit(5);
		}
		tine_check(reap(pid) == 5 && prepared == 0);
		tine_sys_exit(6);
	}
	tine_check(reap(pid) == 6);
	/* The parent is none. */
	catch(SIGUSR2, on_signal);
	tine_check(tine_posix_sigaction(SIGUSR2, NULL, &action) == 0);
	tine_check(action.sa_handler == on_signal);
	tine_check(tine_sys_lwp_create(sleeps, NULL) > 0);
	pid = tine_posix_vfork();
	if (pid == 0) {
		tine_check(tine_posix_fork() == -1);
		tine_check(*tine_posix___errno_location() == ENOTSUP);
		/* One level deeper, and back: it is still one. */
		pid = tine_posix_vfork();
		if (pid == 0)
			tine_sys_exit(7);
		tine_check(reap(pid) == 7);
		tine_check(tine_posix_fork() == -1);
		tine_check(*tine_posix___errno_location() == ENOTSUP);
		tine_sys_exit(8);
	}
	tine_check(reap(pid) == 8 && prepared == 0);
	forks(NULL);
	tine_check(prepared == 1);
	return 0;
END(lc_vfork, "forks of a vfork child");

/* spec: IL-024 */
static void
fork_is_more_than_its_trap(void **state)
{
	struct tine_options options;

	(void)state;
	for (int i = 0; i < 2; i++) {
		options = kcall_options(i == 0 ? TINE_KERNEL_ILLUMOS :
		    TINE_KERNEL_OPENSOLARIS, "");
		harness_passes("lc_handlers", &options, 0);
		harness_passes("lc_threads", &options, 0);
		harness_passes("lc_signal", &options, 0);
		harness_passes("lc_vfork", &options, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fork_is_more_than_its_trap),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
