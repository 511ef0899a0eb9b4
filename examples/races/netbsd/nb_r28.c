/* SPDX-License-Identifier: MIT */
/*
 * nb_r28.c - a parent is let go before its vfork child has its new credential.
 *
 * The child execs a program that runs as root. Who was its user a moment ago
 * must not be able to send it signals: but exec lets the parent go first and
 * changes the credential then, and a parent that is quick is permitted by the
 * old one. The order was swapped after kern_exec.c 1.484.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "../rig.h"

#define OWNER 5

static int
signals_what_is_root(void)
{
	char *words[] = { (char *)(uintptr_t)"race_nb_r28",
	    (char *)(uintptr_t)"after", NULL };
	const int64_t root = 0;
	tine_pid_t pid;
	int status;

	tine_check(tine_sys_sysctl_nb(TINE_NB_TEXT_SETUID, 0, &root, NULL) ==
	    0);
	/* Real user 1, which the child keeps, and effective user OWNER. */
	tine_check(tine_sys_setreuid(1, OWNER) == 0);
	pid = tine_sys_vfork44();
	if (pid == 0) {
		(void)tine_sys_exec("race_nb_r28", words);
		tine_sys_exit(1);
	}
	tine_check(tine_sys_setreuid(OWNER, OWNER) == 0);
	tine_check(tine_sys_kill(pid, SIGUSR1) == -EPERM);
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
}

static int
race_nb_r28(int argc, char **argv)
{
	if (argc == 1)
		return signals_what_is_root();
	tine_check(strcmp(argv[1], "after") == 0);
	tine_check(tine_sys_getuid() == 1 && tine_sys_geteuid() == 0);
	tine_sys_nanosleep(1000000);
	return 0;
}

TINE_PROGRAM_NAMED(race_nb_r28, "race_nb_r28",
    "a vfork, and a program that runs as root");

TINE_RACE(nb_r28,
    .id = "NB-R28",
    .summary = "a vfork parent signals what should be root's by now",
    .kernel = TINE_KERNEL_NETBSD,
    .programs = "race_nb_r28",
    .configure = race_two_cpus,
    .wrong = { .quirks = "", .outcome = TINE_OUTCOME_CHECK,
	.search = TINE_SEARCH_DFS, .delays = 1, .says = "-EPERM" },
    .right = { .quirks = "-NB-R28", .delays = 2 });
