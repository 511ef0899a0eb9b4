/* SPDX-License-Identifier: MIT */
/*
 * test_explore_files.c - the partial-order search sees what processes share in
 * files: offsets, pipes, names, descriptors, the terminal.
 *
 * As in test_explore_programs.c: where all schedules can be run, the search has
 * to come to the same ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"

static int
file_of(const char *text)
{
	const int fd = tine_sys_open("/tmp/f", TINE_O_CREAT | TINE_O_RDWR,
	    0600);

	tine_check(fd >= 0);
	tine_check(tine_sys_write(fd, text, strlen(text)) ==
	    (long)strlen(text));
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_SET) == 0);
	return fd;
}

/* Parent and child read through one open file: the offset is read under a
 * lock that readers share, so both may be given the same byte. */
static int
ef_read(int argc, char **argv)
{
	int fd, status;
	char c;

	(void)argc;
	(void)argv;
	fd = file_of("ab");
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_read(fd, &c, 1) == 1);
		return c;
	}
	tine_check(tine_sys_read(fd, &c, 1) == 1);
	tine_sys_wait(&status);
	return c == WEXITSTATUS(status) ? 1 : 0;
}
TINE_PROGRAM(ef_read, "two who read through one open file");

/* Writers exclude each other: nothing is ever lost. */
static int
ef_write(int argc, char **argv)
{
	char text[4];
	int fd;

	(void)argc;
	(void)argv;
	fd = file_of("");
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_write(fd, "c", 1) == 1);
		return 0;
	}
	tine_check(tine_sys_write(fd, "p", 1) == 1);
	tine_sys_wait(NULL);
	tine_check(tine_sys_pread(fd, text, 4, 0) == 2);
	return text[0] == 'c';
}
TINE_PROGRAM(ef_write, "two who write through one open file");

static int
ef_create(int argc, char **argv)
{
	int status, fd;

	(void)argc;
	(void)argv;
	if (tine_sys_fork() == 0)
		return tine_sys_open("/tmp/x", TINE_O_CREAT | TINE_O_EXCL |
		    TINE_O_RDWR, 0600) >= 0;
	fd = tine_sys_open("/tmp/x", TINE_O_CREAT | TINE_O_EXCL | TINE_O_RDWR,
	    0600);
	tine_sys_wait(&status);
	tine_check((fd >= 0) + WEXITSTATUS(status) == 1);
	return WEXITSTATUS(status);
}
TINE_PROGRAM(ef_create, "who makes a file");

static int
ef_pipe(int argc, char **argv)
{
	int fds[2], status;
	char c;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe2(fds, TINE_O_NONBLOCK) == 0);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_write(fds[1], "x", 1) == 1);
		return 0;
	}
	status = (int)tine_sys_read(fds[0], &c, 1);
	tine_check(status == 1 || status == -EAGAIN);
	tine_sys_wait(NULL);
	return status == 1;
}
TINE_PROGRAM(ef_pipe, "whether a pipe has something yet");

static int
ef_status_flag(int argc, char **argv)
{
	int fds[2], status;
	char c;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe(fds) == 0);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_fcntl(fds[0], TINE_F_SETFL,
		    TINE_O_NONBLOCK) == 0);
		tine_sys_nanosleep(1);
		tine_check(tine_sys_write(fds[1], "x", 1) == 1);
		return 0;
	}
	status = (int)tine_sys_read(fds[0], &c, 1);
	tine_sys_wait(NULL);
	return status == 1;
}
TINE_PROGRAM(ef_status_flag, "whether a read waits");

static TINE_DATA int opened;

static void
opens_one(void *arg)
{
	(void)arg;
	opened = tine_sys_fcntl(0, TINE_F_DUPFD, 5);
}

/* A descriptor beyond the list, which another LWP makes grow. */
static int
ef_grow(int argc, char **argv)
{
	int lwp, result;

	(void)argc;
	(void)argv;
	lwp = tine_sys_lwp_create(opens_one, NULL);
	result = tine_sys_fcntl(5, TINE_F_GETFD, 0);
	tine_check(result == 0 || result == -EBADF);
	tine_sys_lwp_wait(lwp);
	tine_check(opened == 5);
	return result == 0;
}
TINE_PROGRAM(ef_grow, "whether another's descriptor is there yet");

static int
ef_chmod(int argc, char **argv)
{
	struct tine_stat st;
	int fd;

	(void)argc;
	(void)argv;
	fd = file_of("");
	if (tine_sys_fork() == 0)
		return tine_sys_unlink("/tmp/f");
	tine_check(tine_sys_fstat(fd, &st) == 0);
	tine_sys_wait(NULL);
	return (int)st.nlink;
}
TINE_PROGRAM(ef_chmod, "how many names a file has");

/* --- the ends that a search comes to --- */

enum { ENDS = 64 };

struct ends {
	uint64_t set[ENDS];
	size_t n;
	struct tine_machine *machine;
	struct tine_explore_result result;
};

static bool
has(const struct ends *e, uint64_t end)
{
	size_t i;

	for (i = 0; i < e->n && e->set[i] != end; i++)
		continue;
	return i < e->n;
}

static int
note_end(void *user, const struct tine_explore_run *run)
{
	struct ends *e = user;
	const uint64_t end = (uint64_t)run->outcome << 32 |
	    (uint32_t)e->machine->spawns[0].status;

	if (!has(e, end)) {
		assert_true(e->n < ENDS);
		e->set[e->n++] = end;
	}
	return 0;
}

static void
search(struct ends *e, const char *program, const struct tine_options *o,
    enum tine_search how, uint64_t schedules)
{
	struct tine_explore_options options;
	struct tine_explorer *explorer;

	memset(e, 0, sizeof(*e));
	assert_int_equal(tine_machine_create(o, &e->machine), 0);
	assert_int_equal(tine_machine_spawn(e->machine, program, NULL), 0);
	tine_explore_options_init(&options);
	options.search = how;
	options.keep_going = true;
	options.shrink = false;
	options.each = note_end;
	options.user = e;
	assert_int_equal(tine_explorer_create(e->machine, &options,
	    &explorer), 0);
	e->result.size = sizeof(e->result);
	assert_int_equal(tine_explorer_run(explorer, schedules, &e->result),
	    0);
	if (e->result.failures != 0)
		fail_msg("%s: %s", program, e->result.message);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(e->machine), 0);
}

static void
status_is_seen(const struct ends *e, int status)
{
	assert_true(has(e, (uint64_t)TINE_OUTCOME_PASSED << 32 |
	    (uint32_t)(status << 8)));
}

static const enum tine_kernel kernels[] = {
	TINE_KERNEL_ILLUMOS, TINE_KERNEL_DRAGONFLY, TINE_KERNEL_NETBSD
};
#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

/* Both ends of each program, by the search and by walks; where the search is
 * through, walks have nothing new. */
static void
both_ends(enum tine_kernel kernel, const char *program, size_t want)
{
	static struct ends few, walk;
	struct tine_options o;

	tine_options_init(&o);
	o.kernel = kernel;
	o.preempt = TINE_PREEMPT_KERNEL;
	search(&few, program, &o, TINE_SEARCH_DPOR, 4000);
	print_message("%s on %s: %" PRIu64 " schedules, %zu ends%s\n",
	    program, tine_kernel_name(kernel), few.result.schedules, few.n,
	    few.result.exhausted ? "" : ", more to come");
	assert_int_equal(few.n, want);
	if (!few.result.exhausted)
		return;
	search(&walk, program, &o, TINE_SEARCH_RANDOM, 500);
	for (size_t i = 0; i < walk.n; i++)
		assert_true(has(&few, walk.set[i]));
}

static void
the_search_sees_what_files_share(void **state)
{
	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		both_ends(kernels[i], "ef_write", 2);
		both_ends(kernels[i], "ef_create", 2);
		both_ends(kernels[i], "ef_pipe", 2);
		both_ends(kernels[i], "ef_grow", 2);
		both_ends(kernels[i], "ef_chmod", 2);
		both_ends(kernels[i], "ef_status_flag", 2);
	}
}

/* One CPU runs a read to its end; two let both readers see one offset. */
static void
readers_of_one_offset_race_on_two_cpus_only(void **state)
{
	static struct ends e;
	struct tine_options o;

	(void)state;
	both_ends(TINE_KERNEL_ILLUMOS, "ef_read", 1);
	tine_options_init(&o);
	o.ncpu = 2;
	search(&e, "ef_read", &o, TINE_SEARCH_RANDOM, 2000);
	status_is_seen(&e, 0);
	status_is_seen(&e, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_search_sees_what_files_share),
		cmocka_unit_test(readers_of_one_offset_race_on_two_cpus_only),
	};

	return cmocka_run_group_tests_name("explore_files", tests, NULL,
	    NULL);
}
