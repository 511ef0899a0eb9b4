/* SPDX-License-Identifier: MIT */
/*
 * test_permissions.c - who may do what to a file and to a process: by owner,
 * group, supplementary group and others, as each kernel has it.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/harness.h"

#define SAME (~0u)
#define KERNELS 4

/* What argv[1] says the kernel is. */
static enum tine_kernel
kernel_of(char **argv)
{
	enum tine_kernel kernel = TINE_KERNEL_ILLUMOS;

	tine_check(tine_kernel_parse(argv[1], &kernel) == 0);
	return kernel;
}

static bool
is_bsd(enum tine_kernel kernel)
{
	return kernel == TINE_KERNEL_DRAGONFLY ||
	    kernel == TINE_KERNEL_NETBSD;
}

/* A child that is that user, with that group and one more. */
static bool
as(unsigned uid, unsigned gid, uint32_t more)
{
	/* On DragonFly the first of the groups is the effective one. */
	const uint32_t groups[2] = { gid, more };
	int status = 0;
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_setgroups(2, groups) == 0);
		tine_check(tine_sys_setgid(gid) == 0);
		tine_check(tine_sys_setuid(uid) == 0);
		return true;
	}
	tine_check(tine_sys_waitpid(pid, &status, 0) == pid && status == 0);
	return false;
}

static void
make(const char *path, int mode, unsigned uid, unsigned gid)
{
	const int fd = tine_sys_open(path, TINE_O_CREAT | TINE_O_WRONLY, 0600);

	tine_check(fd >= 0 && tine_sys_fchmod(fd, mode) == 0);
	tine_check(tine_sys_fchown(fd, uid, gid) == 0);
	tine_check(tine_sys_close(fd) == 0);
}

/* Opened for reading and for writing, and asked about, it says the same. */
static void
opens(const char *path, bool reads, bool writes)
{
	const int r = tine_sys_open(path, TINE_O_RDONLY, 0);
	const int w = tine_sys_open(path, TINE_O_WRONLY, 0);

	tine_check(reads ? r >= 0 : r == -EACCES);
	tine_check(writes ? w >= 0 : w == -EACCES);
	tine_check(tine_sys_open(path, TINE_O_RDWR, 0) ==
	    (reads && writes ? w + 1 : -EACCES));
	tine_check(tine_sys_access(path, TINE_R_OK) == (reads ? 0 : -EACCES));
	tine_check(tine_sys_access(path, TINE_W_OK) == (writes ? 0 : -EACCES));
	tine_check(tine_sys_access(path, TINE_F_OK) == 0);
}

/* --- files --- */

/* The first class that fits decides, even if another one had more. */
static int
pm_classes(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/d", 0755) == 0);
	make("/d/owner", 0400, 100, 20);
	make("/d/not_owner", 0066, 100, 20);
	make("/d/group", 0040, 100, 20);
	make("/d/not_group", 0606, 100, 20);
	make("/d/more", 0020, 100, 30);
	make("/d/other", 0002, 100, 20);
	make("/d/none", 0000, 100, 20);
	if (as(100, 20, 30)) {
		opens("/d/owner", true, false);
		opens("/d/not_owner", false, false);
		opens("/d/none", false, false);
		opens("/d/group", false, false);
		/* Its owner, who may do nothing with it, may change that. */
		tine_check(tine_sys_chmod("/d/none", 0600) == 0);
		opens("/d/none", true, true);
		tine_sys_exit(0);
	}
	if (as(101, 20, 30)) {
		opens("/d/owner", false, false);
		opens("/d/not_owner", true, true);
		opens("/d/group", true, false);
		opens("/d/not_group", false, false);
		opens("/d/more", false, true);
		opens("/d/other", false, false);
		tine_check(tine_sys_chmod("/d/group", 0660) == -EPERM);
		tine_sys_exit(0);
	}
	if (as(101, 40, 41)) {
		opens("/d/not_group", true, true);
		opens("/d/more", false, false);
		opens("/d/other", false, true);
		tine_sys_exit(0);
	}
	/* Nothing is denied to root; but what nobody may run is not run. */
	opens("/d/none", true, true);
	make("/d/none", 0600, 100, 20);
	tine_check(tine_sys_access("/d/none", TINE_X_OK) == -EACCES);
	tine_check(tine_sys_chmod("/d/none", 0601) == 0);
	tine_check(tine_sys_access("/d/none", TINE_X_OK) == 0);
	return 0;
}
TINE_PROGRAM(pm_classes, "files of others");

/* access() asks for the real ids, open() for the effective ones. */
static int
pm_real(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	make("/mine", 0600, 100, 20);
	make("/ours", 0060, 100, 20);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_setregid(20, 21) == 0);
		tine_check(tine_sys_setreuid(102, 102) == 0);
		tine_check(tine_sys_access("/ours", TINE_R_OK) == 0);
		tine_check(tine_sys_open("/ours", TINE_O_RDONLY, 0) ==
		    -EACCES);
		tine_sys_exit(0);
	}
	(void)tine_sys_wait(NULL);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_seteuid(100) == 0);
		tine_check(tine_sys_open("/mine", TINE_O_RDWR, 0) >= 0);
		tine_check(tine_sys_seteuid(0) == 0);
		tine_check(tine_sys_setreuid(100, 101) == 0);
		tine_check(tine_sys_access("/mine", TINE_R_OK) == 0);
		tine_check(tine_sys_open("/mine", TINE_O_RDONLY, 0) ==
		    -EACCES);
		tine_sys_exit(0);
	}
	(void)tine_sys_wait(NULL);
	return 0;
}
TINE_PROGRAM(pm_real, "real and effective ids of files");

/* A directory: r lists, w with x makes and takes away, x leads further. */
static int
pm_directories(int argc, char **argv)
{
	struct tine_dirent entry;
	int fd;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/way", 0700) == 0);
	(void)tine_sys_umask(0);
	tine_check(tine_sys_mkdir("/way/in", 0777) == 0);
	make("/way/in/file", 0666, 0, 0);
	if (as(100, 20, 30)) {
		tine_check(tine_sys_open("/way/in/file", 0, 0) == -EACCES);
		tine_check(tine_sys_chdir("/way") == -EACCES);
		tine_check(tine_sys_open("/way", 0, 0) == -EACCES);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_chmod("/way", 0711) == 0);
	if (as(100, 20, 30)) {
		tine_check(tine_sys_open("/way/in/file", 0, 0) >= 0);
		tine_check(tine_sys_open("/way", 0, 0) == -EACCES);
		tine_check(tine_sys_mkdir("/way/new", 0700) == -EACCES);
		tine_check(tine_sys_rmdir("/way/in") == -EACCES);
		tine_check(tine_sys_rename("/way/in", "/way/out") == -EACCES);
		tine_check(tine_sys_link("/way/in/file", "/way/x") == -EACCES);
		tine_check(tine_sys_chdir("/way/in") == 0);
		tine_check(tine_sys_rename("file", "other") == 0);
		tine_check(tine_sys_unlink("other") == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_chmod("/way", 0744) == 0);
	if (as(100, 20, 30)) {
		fd = tine_sys_open("/way", 0, 0);
		tine_check(fd >= 0 && tine_sys_getdents(fd, &entry) == 1);
		tine_check(tine_sys_fchdir(fd) == -EACCES);
		tine_check(tine_sys_access("/way/in", TINE_F_OK) == -EACCES);
		tine_check(tine_sys_chroot("/") == -EPERM);
		tine_sys_exit(0);
	}
	return 0;
}
TINE_PROGRAM(pm_directories, "directories of others");

/* Everybody may write there, and takes away his own only. */
static int
pm_sticky(int argc, char **argv)
{
	const int not = is_bsd(kernel_of(argv)) ? -EPERM : -EACCES;

	(void)argc;
	tine_check(tine_sys_mkdir("/sticky", 0777) == 0);
	tine_check(tine_sys_chown("/sticky", 102, 20) == 0);
	tine_check(tine_sys_chmod("/sticky", 01777) == 0);
	make("/sticky/a", 0666, 100, 20);
	make("/sticky/b", 0666, 101, 20);
	make("/sticky/c", 0666, 100, 20);
	tine_check(tine_sys_mkdir("/sticky/dir", 0777) == 0);
	if (as(101, 20, 30)) {
		tine_check(tine_sys_unlink("/sticky/a") == not);
		tine_check(tine_sys_rename("/sticky/a", "/sticky/x") == not);
		tine_check(tine_sys_rename("/sticky/b", "/sticky/a") == not);
		tine_check(tine_sys_rmdir("/sticky/dir") == not);
		tine_check(tine_sys_rename("/sticky/b", "/sticky/x") == 0);
		tine_check(tine_sys_unlink("/sticky/x") == 0);
		tine_check(tine_sys_unlink("/sticky/none") == -ENOENT);
		tine_check(tine_sys_mkdir("/sticky/own", 0700) == 0);
		tine_check(tine_sys_rmdir("/sticky/own") == 0);
		tine_sys_exit(0);
	}
	/* The directory's owner, the file's, and root. */
	if (as(102, 20, 30)) {
		tine_check(tine_sys_unlink("/sticky/a") == 0);
		tine_sys_exit(0);
	}
	if (as(100, 20, 30)) {
		tine_check(tine_sys_unlink("/sticky/c") == 0);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_rmdir("/sticky/dir") == 0);
	return 0;
}
TINE_PROGRAM(pm_sticky, "a sticky directory");

/* Owners: who gives away what, whose a new file is. */
static int
pm_owners(int argc, char **argv)
{
	const bool bsd = is_bsd(kernel_of(argv));
	struct tine_stat st;
	int fd;

	(void)argc;
	tine_check(tine_sys_mkdir("/all", 0777) == 0);
	tine_check(tine_sys_chown("/all", SAME, 77) == 0);
	tine_check(tine_sys_chmod("/all", 0777) == 0);
	if (as(100, 20, 30)) {
		fd = tine_sys_open("/all/f", TINE_O_CREAT | TINE_O_RDWR, 0666);
		tine_check(fd >= 0 && tine_sys_fstat(fd, &st) == 0);
		tine_check(st.uid == 100 && st.gid == (bsd ? 77 : 20));
		tine_check(tine_sys_chown("/all/f", 101, SAME) == -EPERM);
		tine_check(tine_sys_fchown(fd, SAME, 99) == -EPERM);
		tine_check(tine_sys_fchown(fd, SAME, 30) == 0);
		tine_check(tine_sys_chown("/all/f", 100, 20) == 0);
		tine_check(tine_sys_stat("/all/f", &st) == 0 && st.gid == 20);
		tine_sys_exit(0);
	}
	if (as(101, 20, 30)) {
		tine_check(tine_sys_chown("/all/f", SAME, 30) == -EPERM);
		tine_check(tine_sys_fchmod(tine_sys_open("/all/f", 0, 0),
		    0777) == -EPERM);
		tine_check(tine_sys_utime("/all/f", 5) == -EPERM);
		tine_sys_exit(0);
	}
	return 0;
}
TINE_PROGRAM(pm_owners, "owners of files");

/* --- signals --- */

/* A process with those ids, real, effective, saved; asleep. */
static tine_pid_t
target(unsigned ruid, unsigned euid)
{
	int fds[2];
	char byte = 0;
	tine_pid_t pid;

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* The saved one follows the effective one. */
		tine_check(tine_sys_setreuid(ruid, euid) == 0);
		tine_check(tine_sys_seteuid(ruid) == 0);
		tine_check(tine_sys_write(fds[1], &byte, 1) == 1);
		for (;;)
			tine_sys_pause();
	}
	tine_check(tine_sys_read(fds[0], &byte, 1) == 1);
	return pid;
}

static int
pm_kill(int argc, char **argv)
{
	const enum tine_kernel kernel = kernel_of(argv);
	const tine_pid_t plain = target(100, 100), saved = target(100, 101);
	const int by_saved = kernel == TINE_KERNEL_DRAGONFLY ||
	    kernel == TINE_KERNEL_NETBSD ? -EPERM : 0;

	(void)argc;
	if (as(100, 20, 30)) {
		tine_check(tine_sys_kill(plain, 0) == 0);
		tine_check(tine_sys_kill(saved, 0) == 0);
		tine_sys_exit(0);
	}
	/* The BSDs look at real and effective ids, the others at real and saved
	 * ones. */
	if (as(101, 20, 30)) {
		tine_check(tine_sys_kill(plain, 0) == -EPERM);
		tine_check(tine_sys_kill(saved, 0) == by_saved);
		/* SIGCONT passes within a session. */
		tine_check(tine_sys_kill(plain, SIGCONT) == 0);
		tine_sys_exit(0);
	}
	/* An effective id is as good as a real one. */
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_setreuid(102, 100) == 0);
		tine_check(tine_sys_kill(plain, 0) == 0);
		tine_sys_exit(0);
	}
	(void)tine_sys_waitpid(-1, NULL, 0);
	if (as(102, 20, 30)) {
		tine_check(tine_sys_kill(plain, SIGTERM) == -EPERM);
		tine_check(tine_sys_kill(0, 0) == 0);	/* itself */
		tine_check(tine_sys_kill(4711, 0) == -ESRCH);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_kill(plain, SIGTERM) == 0);
	tine_check(tine_sys_kill(saved, SIGTERM) == 0);
	while (tine_sys_wait(NULL) > 0)
		;
	return 0;
}
TINE_PROGRAM(pm_kill, "signals to processes of others");

/* --- tests --- */

static void
passes(const char *program)
{
	for (int kernel = 0; kernel < KERNELS; kernel++) {
		const char *const argv[] = { program,
			tine_kernel_name((enum tine_kernel)kernel), NULL };
		struct tine_options options = harness_options();
		struct tine_result result;
		struct tine_machine *machine;

		options.kernel = (enum tine_kernel)kernel;
		if (tine_machine_create(&options, &machine) != 0 ||
		    tine_machine_spawn(machine, program, argv) != 0 ||
		    tine_machine_run(machine, &result) != 0)
			fail_msg("%s", tine_error_message());
		if (result.outcome != TINE_OUTCOME_PASSED ||
		    result.status != 0)
			fail_msg("%s on %s: %s, status %d", program, argv[1],
			    result.message, result.status);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
the_first_class_that_fits_decides(void **state)
{
	(void)state;
	passes("pm_classes");
	passes("pm_real");
}

static void
directories_are_listed_changed_and_passed_through(void **state)
{
	(void)state;
	passes("pm_directories");
}

static void
from_a_sticky_directory_everybody_takes_his_own(void **state)
{
	(void)state;
	passes("pm_sticky");
}

static void
owners_give_to_their_groups_alone(void **state)
{
	(void)state;
	passes("pm_owners");
}

static void
signals_go_to_ones_own_processes(void **state)
{
	(void)state;
	passes("pm_kill");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_class_that_fits_decides),
		cmocka_unit_test(
		    directories_are_listed_changed_and_passed_through),
		cmocka_unit_test(
		    from_a_sticky_directory_everybody_takes_his_own),
		cmocka_unit_test(owners_give_to_their_groups_alone),
		cmocka_unit_test(signals_go_to_ones_own_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
