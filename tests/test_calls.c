/* SPDX-License-Identifier: MIT */
/*
 * test_calls.c - calls on descriptors on all kernels: what they have in common,
 * and where a kernel has its own answer.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/kernels.h"

#define MS UINT64_C(1000000)

/* --- vectors --- */

/* Two write four bytes each, in two pieces; who reads finds them together. */
static int
ca_writers(int argc, char **argv)
{
	char text[2][8] = { "aabb", "ccdd" }, got[9] = "";
	struct tine_iovec iov[2];
	int fds[2];
	long n, have = 0;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe(fds) == 0);
	for (int i = 0; i < 2; i++) {
		if (tine_sys_fork() != 0)
			continue;
		iov[0].base = text[i];
		iov[1].base = text[i] + 2;
		iov[0].size = iov[1].size = 2;
		tine_check(tine_sys_writev(fds[1], iov, 2) == 4);
		tine_sys_exit(0);
	}
	tine_sys_close(fds[1]);
	while ((n = tine_sys_read(fds[0], got + have, 8)) > 0)
		have += n;
	tine_check(n == 0);
	tine_check(strcmp(got, "aabbccdd") == 0 ||
	    strcmp(got, "ccddaabb") == 0);
	tine_sys_wait(NULL);
	tine_sys_wait(NULL);
	return got[0] == 'a';
}
TINE_PROGRAM(ca_writers, "test: two who write vectors to one pipe");

struct seen {
	struct tine_machine *machine;
	unsigned ends[2];
};

static int
note_status(void *user, const struct tine_explore_run *run)
{
	struct seen *seen = user;

	if (run->outcome == TINE_OUTCOME_PASSED)
		seen->ends[seen->machine->spawns[0].status >> 8 & 1]++;
	return 0;
}

/* All schedules, and both orders must have been among them; or so many. */
static void
explore(const struct tine_options *o, const char *program,
    enum tine_search search, uint64_t schedules, bool exhausted)
{
	struct tine_explore_options options;
	struct tine_explore_result result = { .size = sizeof(result) };
	struct tine_explorer *explorer;
	struct seen seen = { 0 };

	assert_int_equal(tine_machine_create(o, &seen.machine), 0);
	assert_int_equal(tine_machine_spawn(seen.machine, program, NULL), 0);
	tine_explore_options_init(&options);
	options.search = search;
	options.shrink = false;
	options.keep_going = true;
	options.each = note_status;
	options.user = &seen;
	assert_int_equal(tine_explorer_create(seen.machine, &options,
	    &explorer), 0);
	assert_int_equal(tine_explorer_run(explorer, schedules, &result), 0);
	if (result.failures != 0)
		fail_msg("%s: %s", program, result.message);
	print_message("%s on %s: %" PRIu64 " schedules%s\n", program,
	    tine_kernel_name(o->kernel), result.schedules,
	    result.exhausted ? ", all there are" : "");
	assert_int_equal(result.exhausted, exhausted);
	if (exhausted)
		assert_true(seen.ends[0] != 0 && seen.ends[1] != 0);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(seen.machine), 0);
}

static void
two_writers_of_vectors_are_mixed_in_no_schedule(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		o.preempt = TINE_PREEMPT_KERNEL;
		explore(&o, "ca_writers", TINE_SEARCH_DPOR, 40000, true);
		o.ncpu = 2;
		explore(&o, "ca_writers", TINE_SEARCH_RANDOM, 300, false);
	}
}

/* A vector takes what there is across its pieces, and no more. */
static int
ca_readv(int argc, char **argv)
{
	char a[4] = "", b[4] = "";
	struct tine_iovec iov[3] = { { a, 2 }, { NULL, 0 }, { b, 3 } };
	int fds[2], fd;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_write(fds[1], "abcdef", 6) == 6);
	tine_check(tine_sys_readv(fds[0], iov, 3) == 5);
	tine_check(strcmp(a, "ab") == 0 && strcmp(b, "cde") == 0);
	tine_check(tine_sys_readv(fds[0], iov, 3) == 1 && a[0] == 'f');
	/* Nothing is lost to an address that is not there. */
	tine_check(tine_sys_write(fds[1], "xyz", 3) == 3);
	iov[2].base = NULL;
	tine_check(tine_sys_readv(fds[0], iov, 3) == -EFAULT);
	tine_check(tine_sys_read(fds[0], a, 4) == 3 && a[0] == 'x');
	fd = tine_sys_open("/tmp/f", TINE_O_CREAT | TINE_O_RDWR, 0600);
	iov[0].base = a;
	iov[2].base = b;
	memcpy(a, "12", 2);
	memcpy(b, "345", 3);
	tine_check(tine_sys_writev(fd, iov, 3) == 5);
	tine_check(tine_sys_lseek(fd, 1, TINE_SEEK_SET) == 1);
	tine_check(tine_sys_readv(fd, iov, 3) == 4);
	tine_check(memcmp(a, "23", 2) == 0 && memcmp(b, "45", 2) == 0);
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 5);
	return 0;
}
TINE_PROGRAM(ca_readv, "test: vectors are read across their pieces");

static void
a_vector_is_one_transfer(void **state)
{
	(void)state;
	passes_on_each("ca_readv");
}

/* --- a kernel's own answers --- */

static int
ca_answers(int argc, char **argv)
{
	char c = 'x';
	struct tine_iovec iov[2] = { { &c, 1 }, { &c, INT64_MAX } };
	int fd = tine_sys_open("/tmp/f", TINE_O_CREAT | TINE_O_RDONLY, 0600);

	(void)argc;
	(void)argv;
	/* Which of two mistakes is told. */
	tine_check(tine_sys_readv(99, iov, 0) == -EINVAL);
	tine_check(tine_sys_readv(99, iov, TINE_IOV_MAX + 1) ==
	    by_kernel(-EINVAL, -EINVAL, -EBADF));
	tine_check(tine_sys_readv(99, NULL, 1) ==
	    by_kernel(-EFAULT, -EFAULT, -EBADF));
	tine_check(tine_sys_writev(99, iov, 1) == -EBADF);
	tine_check(tine_sys_writev(fd, iov, 1) == -EBADF);
	tine_check(tine_sys_readv(fd, iov, TINE_IOV_MAX + 1) == -EINVAL);
	tine_check(tine_sys_readv(fd, NULL, 1) == -EFAULT);
	/* More than a result can tell. */
	tine_check(tine_sys_readv(fd, iov, 2) == -EINVAL);
	tine_check(tine_sys_read(fd, &c, (size_t)-1) == -EINVAL);
	tine_check(tine_sys_ftruncate(fd, 0) ==
	    by_kernel(-EBADF, -EINVAL, -EINVAL));
	tine_check(tine_sys_ftruncate(99, 0) == -EBADF);
	tine_check(tine_sys_getdents(fd, NULL) < 0);
	tine_check(tine_sys_ioctl(fd, TINE_TCGETS, NULL) == -ENOTTY);
	tine_check(tine_sys_ioctl(99, TINE_TCGETS, NULL) == -EBADF);
	return 0;
}
TINE_PROGRAM(ca_answers, "test: the same mistake on each kernel");

static void
each_kernel_tells_a_mistake_its_own_way(void **state)
{
	(void)state;
	passes_on_each("ca_answers");
}

/* --- times --- */

static int
ca_times(int argc, char **argv)
{
	const int fd = tine_sys_open("/tmp/f", TINE_O_CREAT | TINE_O_RDWR,
	    0600);
	struct tine_stat st;
	uint64_t made;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_fstat(fd, &st) == 0);
	made = st.mtime_ns;
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_fstat(fd, &st) == 0 && st.mtime_ns == made);
	tine_check(tine_sys_write(fd, "x", 1) == 1);
	tine_check(tine_sys_fstat(fd, &st) == 0);
	tine_check(st.mtime_ns == made + 5 * MS);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_ftruncate(fd, 0) == 0);
	tine_check(tine_sys_fstat(fd, &st) == 0);
	tine_check(st.mtime_ns == made + 10 * MS);
	/* A directory: by names that come and go, not by what they name. */
	tine_check(tine_sys_stat("/tmp", &st) == 0 && st.mtime_ns == made);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_link("/tmp/f", "/tmp/g") == 0);
	tine_check(tine_sys_stat("/tmp", &st) == 0);
	tine_check(st.mtime_ns == made + 15 * MS);
	tine_sys_nanosleep(5 * MS);
	tine_check(tine_sys_unlink("/tmp/g") == 0);
	tine_check(tine_sys_stat("/tmp", &st) == 0);
	tine_check(st.mtime_ns == made + 20 * MS);
	/* Or as it is told: a time, the present, what is open or far away. */
	tine_check(tine_sys_utime("/tmp/f", 77 * MS) == 0);
	tine_check(tine_sys_fstat(fd, &st) == 0 && st.mtime_ns == 77 * MS);
	tine_check(tine_sys_futime(fd, UINT64_MAX) == 0);
	tine_check(tine_sys_fstat(fd, &st) == 0);
	tine_check(st.mtime_ns == made + 20 * MS);
	tine_check(tine_sys_futime(fd, 0) == 0);
	tine_check(tine_sys_stat("/tmp/f", &st) == 0 && st.mtime_ns == 0);
	tine_check(tine_sys_utime("/tmp/none", 0) == -ENOENT);
	return 0;
}
TINE_PROGRAM(ca_times, "test: when a file was changed");

static void
a_change_of_a_file_is_its_time(void **state)
{
	(void)state;
	passes_on_each("ca_times");
}

/* --- who may --- */

/* access() asks for the real user, on the way as well. */
static int
ca_access(int argc, char **argv)
{
	int fd;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/shut", 0700) == 0);
	fd = tine_sys_open("/shut/f", TINE_O_CREAT | TINE_O_RDWR, 0666);
	tine_check(fd >= 0);
	tine_check(tine_sys_access("/shut/f", TINE_R_OK) == 0);
	tine_check(tine_sys_setreuid(100, 0) == 0);
	tine_check(tine_sys_open("/shut/f", TINE_O_RDONLY, 0) >= 0);
	tine_check(tine_sys_access("/shut/f", TINE_R_OK) == -EACCES);
	tine_check(tine_sys_access("/shut", TINE_X_OK) == -EACCES);
	tine_check(tine_sys_access("/shut/f", 8) == -EINVAL);
	return 0;
}
TINE_PROGRAM(ca_access, "test: access asks for the real user");

static void
access_is_asked_for_the_real_user_all_the_way(void **state)
{
	(void)state;
	passes_on_each("ca_access");
}

/* --- paths that begin at a directory --- */

static int
ca_at(int argc, char **argv)
{
	struct tine_stat st;
	int dir, other, file, fd;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/d", 0700) == 0);
	tine_check(tine_sys_mkdir("/e", 0700) == 0);
	dir = tine_sys_open("/d", TINE_O_RDONLY, 0);
	other = tine_sys_open("/e", TINE_O_RDONLY, 0);
	file = tine_sys_openat(dir, "f", TINE_O_CREAT | TINE_O_RDWR, 0600);
	tine_check(dir >= 0 && other >= 0 && file >= 0);
	tine_check(tine_sys_stat("/d/f", &st) == 0);
	tine_check(tine_sys_stat("/f", &st) == -ENOENT);
	/* Neither a directory nor a descriptor; which is not asked when the
	 * path begins at the root, nor where the current one is meant. */
	tine_check(tine_sys_openat(file, "f", TINE_O_RDONLY, 0) == -ENOTDIR);
	tine_check(tine_sys_openat(99, "f", TINE_O_RDONLY, 0) == -EBADF);
	tine_check(tine_sys_openat(99, NULL, TINE_O_RDONLY, 0) == -EFAULT);
	fd = tine_sys_openat(99, "/d/f", TINE_O_RDONLY, 0);
	tine_check(fd >= 0 && tine_sys_close(fd) == 0);
	tine_check(tine_sys_chdir("/d") == 0);
	fd = tine_sys_openat(TINE_AT_FDCWD, "f", TINE_O_RDONLY, 0);
	tine_check(fd >= 0 && tine_sys_close(fd) == 0);
	/* Two directories; each may be missing. */
	tine_check(tine_sys_linkat(dir, "f", other, "g") == 0);
	tine_check(tine_sys_stat("/e/g", &st) == 0 && st.nlink == 2);
	tine_check(tine_sys_linkat(dir, "f", 99, "h") == -EBADF);
	tine_check(tine_sys_linkat(99, "f", dir, "h") == -EBADF);
	tine_check(tine_sys_linkat(TINE_AT_FDCWD, "f", other, "h") == 0);
	tine_check(tine_sys_renameat(other, "h", TINE_AT_FDCWD, "i") == 0);
	tine_check(tine_sys_stat("/d/i", &st) == 0 && st.nlink == 3);
	tine_check(tine_sys_mkdirat(other, "sub", 0700) == 0);
	tine_check(tine_sys_stat("/e/sub", &st) == 0);
	/* What walks afterwards begins where it always did. */
	tine_check(tine_sys_stat("f", &st) == 0);
	tine_check(tine_sys_stat("sub", &st) == -ENOENT);
	return 0;
}
TINE_PROGRAM(ca_at, "test: paths that begin at a directory");

static void
a_path_begins_at_its_directory_and_only_there(void **state)
{
	(void)state;
	passes_on_each("ca_at");
}

/* --- calls that a signal ends --- */

static TINE_DATA volatile int ran;

static void
count(int signo)
{
	(void)signo;
	ran++;
}

static void
handle(unsigned flags)
{
	const struct tine_sigaction action = {
		.handler = count,
		.flags = flags
	};

	tine_check(tine_sys_sigaction(SIGALRM, &action, NULL) == 0);
}

static void
alarm_in(uint64_t ns)
{
	const struct tine_itimerval timer = { 0, ns };

	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
}

static int
ca_restart(int argc, char **argv)
{
	char big[100000];
	struct tine_iovec iov[2] = { { big, 1 }, { big + 1, 1 } };
	struct tine_pollfd fd = { .events = TINE_POLLIN };
	struct tine_itimerval left;
	int fds[2];

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe(fds) == 0);
	handle(0);
	alarm_in(MS);
	tine_check(tine_sys_read(fds[0], big, 1) == -EINTR && ran == 1);
	alarm_in(MS);
	tine_check(tine_sys_readv(fds[0], iov, 2) == -EINTR && ran == 2);
	handle(TINE_SA_RESTART);
	if (tine_sys_fork() == 0) {
		tine_sys_nanosleep(20 * MS);
		tine_check(tine_sys_write(fds[1], "ab", 2) == 2);
		tine_sys_exit(0);
	}
	alarm_in(MS);
	tine_check(tine_sys_readv(fds[0], iov, 2) == 2 && ran == 3);
	tine_check(big[0] == 'a' && big[1] == 'b');
	tine_sys_wait(NULL);
	/* Whatever the handler asked for, poll is not made again, nor is an
	 * open of a FIFO. */
	tine_check(tine_sys_mkfifo("/tmp/fifo", 0600) == 0);
	alarm_in(MS);
	tine_check(tine_sys_open("/tmp/fifo", TINE_O_RDONLY, 0) == -EINTR);
	tine_check(ran-- == 4);
	fd.fd = fds[0];
	alarm_in(MS);
	tine_check(tine_sys_poll(&fd, 1, 50) == -EINTR && ran == 4);
	/* What has been written is told. */
	memset(big, 'x', sizeof(big));
	alarm_in(MS);
	tine_check(tine_sys_write(fds[1], big, sizeof(big)) == 65536);
	tine_check(ran == 5);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, NULL, &left) == 0);
	tine_check(left.value == 0 && left.interval == 0);
	return 0;
}
TINE_PROGRAM(ca_restart, "test: calls that a signal ends");

static void
a_signal_ends_a_transfer_or_lets_it_be_made_again(void **state)
{
	(void)state;
	passes_on_each("ca_restart");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    two_writers_of_vectors_are_mixed_in_no_schedule),
		cmocka_unit_test(a_vector_is_one_transfer),
		cmocka_unit_test(each_kernel_tells_a_mistake_its_own_way),
		cmocka_unit_test(a_change_of_a_file_is_its_time),
		cmocka_unit_test(
		    access_is_asked_for_the_real_user_all_the_way),
		cmocka_unit_test(
		    a_path_begins_at_its_directory_and_only_there),
		cmocka_unit_test(
		    a_signal_ends_a_transfer_or_lets_it_be_made_again),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
