/* SPDX-License-Identifier: MIT */
/*
 * nb_r19.c - a descriptor leaks into a new program.
 *
 * A sibling opens a file and marks it close-on-exec in a second call; a fork
 * between the two passes it on without the mark. Opened with the mark it does
 * not leak: the child has the table of one instant.
 */
#include <errno.h>
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

RACE_MAIN(race_nb_r19_after, "looks for a descriptor")
{
	tine_check(tine_sys_fcntl(3, TINE_F_GETFD, 0) == -EBADF);
	return 0;
}

static void
marks_later(void *arg)
{
	int fd = tine_sys_open("/leak", TINE_O_CREAT | TINE_O_RDWR, 0600);

	(void)arg;
	tine_check(fd == 3);
	tine_check(tine_sys_fcntl(fd, TINE_F_SETFD, TINE_FD_CLOEXEC) == 0);
}

static void
marks_at_once(void *arg)
{
	(void)arg;
	tine_check(tine_sys_open("/leak", TINE_O_CREAT | TINE_O_RDWR |
	    TINE_O_CLOEXEC, 0600) == 3);
}

static void
races(void (*opens)(void *arg))
{
	char *words[] = { (char *)(uintptr_t)"race_nb_r19_after", NULL };
	int lwp = tine_sys_lwp_create(opens, NULL);
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		(void)tine_sys_exec("race_nb_r19_after", words);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_waitpid(pid, NULL, 0) == pid);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
}

RACE_MAIN(race_nb_r19, "an LWP that forks, an LWP that opens and marks")
{
	races(marks_later);
	return 0;
}

RACE_MAIN(race_nb_r19_cloexec, "the same with O_CLOEXEC")
{
	races(marks_at_once);
	return 0;
}

TINE_RACE(nb_r19,
    .id = "NB-R19",
    .summary = "a descriptor leaks into a new program",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r19",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 2,
	.says = "== -EBADF" });

TINE_RACE(nb_r19_cloexec,
    .id = "NB-R19",
    .summary = "a descriptor that is opened with its mark does not",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r19_cloexec",
    .configure = race_two_cpus,
    .right = { .quirks = "", .delays = 2 });
