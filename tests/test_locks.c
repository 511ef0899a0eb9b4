/* SPDX-License-Identifier: MIT */
/*
 * test_locks.c - locks on ranges of files and on whole files, on all kernels:
 * whose they are, how they split and join, who waits, and in which order; what
 * is seen of those that wait in a circle.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "machine/machine.h"
#include "support/harness.h"
#include "support/kernels.h"

#define MS UINT64_C(1000000)
#define R TINE_F_RDLCK
#define W TINE_F_WRLCK
#define U TINE_F_UNLCK

/* --- what programs are made of --- */

static int
file(void)
{
	const int fd = tine_sys_open("/tmp/f", TINE_O_CREAT | TINE_O_RDWR,
	    0666);

	tine_check(fd >= 0);
	return fd;
}

static int
lock(int fd, int cmd, int type, int64_t start, int64_t len)
{
	struct tine_flock l = { .type = (short)type, .start = start,
		.len = len };

	return tine_sys_fcntl(fd, cmd, (long)&l);
}

static int
set(int fd, int type, int64_t start, int64_t len)
{
	return lock(fd, TINE_F_SETLK, type, start, len);
}

static int
setw(int fd, int type, int64_t start, int64_t len)
{
	return lock(fd, TINE_F_SETLKW, type, start, len);
}

/* What a process that has no lock sees: "w0-9 r20-". */
static void
list(int fd, char text[256])
{
	struct tine_flock l;
	size_t used = 0;
	int64_t at = 0;

	text[0] = '\0';
	for (;;) {
		memset(&l, 0, sizeof(l));
		l.type = W;
		l.start = at;
		tine_check(tine_sys_fcntl(fd, TINE_F_GETLK, (long)&l) == 0);
		if (l.type == U || used > 200)
			return;
		tine_check(l.whence == TINE_SEEK_SET);
		used += (size_t)snprintf(text + used, 256 - used, "%s%c%d-",
		    used == 0 ? "" : " ", l.type == R ? 'r' : 'w',
		    (int)l.start);
		if (l.len == 0)
			return;
		at = l.start + l.len;
		used += (size_t)snprintf(text + used, 256 - used, "%d",
		    (int)at - 1);
	}
}

/* Another process, now: what it sees is that. */
static int
seen(int fd, const char *want)
{
	char text[256];
	int status = 0;

	if (tine_sys_fork() == 0) {
		list(fd, text);
		if (strcmp(text, want) != 0)
			tine_printf("seen: %s, not %s\n", text, want);
		tine_sys_exit(strcmp(text, want) != 0);
	}
	tine_sys_wait(&status);
	return status == 0;
}

/* A child that does something with the file and ends so. */
static int
child(int (*does)(int fd), int fd)
{
	int status = -1;

	if (tine_sys_fork() == 0)
		tine_sys_exit(does(fd));
	tine_sys_wait(&status);
	return status >> 8;
}

/* --- ranges --- */

PROGRAM(lo_ranges, "ranges split, shrink, grow and change")
{
	const int fd = file();
	const bool joins = kernel_now != TINE_KERNEL_NETBSD;

	tine_check(seen(fd, ""));
	tine_check(set(fd, W, 0, 100) == 0);
	tine_check(seen(fd, "w0-99"));
	tine_check(set(fd, U, 40, 20) == 0);
	tine_check(seen(fd, "w0-39 w60-99"));
	tine_check(set(fd, R, 20, 60) == 0);
	tine_check(seen(fd, "w0-19 r20-79 w80-99"));
	tine_check(set(fd, U, 0, 10) == 0);
	tine_check(set(fd, U, 90, 0) == 0);
	tine_check(seen(fd, "w10-19 r20-79 w80-89"));
	/* Neighbours of one type, and what overlaps. */
	tine_check(set(fd, W, 20, 10) == 0);
	tine_check(seen(fd, joins ? "w10-29 r30-79 w80-89" :
	    "w10-19 w20-29 r30-79 w80-89"));
	tine_check(set(fd, W, 25, 10) == 0);
	tine_check(seen(fd, joins ? "w10-34 r35-79 w80-89" :
	    "w10-19 w20-24 w25-34 r35-79 w80-89"));
	tine_check(set(fd, R, 40, 5) == 0);
	tine_check(set(fd, W, 85, 10) == 0);
	tine_check(seen(fd, joins ? "w10-34 r35-79 w80-94" :
	    "w10-19 w20-24 w25-34 r35-79 w80-84 w85-94"));
	/* Over all of it, without an end, and cut again. */
	tine_check(set(fd, R, 5, 0) == 0);
	tine_check(seen(fd, "r5-"));
	tine_check(set(fd, W, 1000, 1) == 0);
	tine_check(seen(fd, "r5-999 w1000-1000 r1001-"));
	tine_check(set(fd, U, 0, 0) == 0);
	tine_check(seen(fd, ""));
	tine_check(set(fd, U, 0, 0) == 0);
	return 0;
}

static void
ranges_split_and_join(void **state)
{
	(void)state;
	passes_on_each("lo_ranges");
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* What two have, byte for byte, as another one sees it. */
static int
same_bytes(int fd, const char a[24], const char b[24])
{
	struct tine_flock l;
	int wrong = 0;

	for (int i = 0; i < 24; i++) {
		memset(&l, 0, sizeof(l));
		l.type = W;
		l.start = i;
		l.len = 1;
		wrong += tine_sys_fcntl(fd, TINE_F_GETLK, (long)&l) != 0;
		if (a[i] == 'w' || b[i] == 'w')
			wrong += l.type != W;
		else if (a[i] == 'r' || b[i] == 'r')
			wrong += l.type != R;
		else
			wrong += l.type != U;
	}
	return wrong == 0;
}

/* Whether b's bytes let a have that. */
static bool
free_for(const char other[24], int type, int from, int to)
{
	for (int i = from; i < to; i++)
		if (other[i] == 'w' || (other[i] == 'r' && type == W))
			return false;
	return true;
}

static uint32_t random_seed;

PROGRAM(lo_model, "locks of two processes and a picture of their bytes")
{
	char bytes[2][24], order[3];
	int fd = file(), down[2], up[2], status, who, type, from, to, result;
	uint32_t seed = random_seed;

	memset(bytes, '-', sizeof(bytes));
	tine_check(tine_sys_pipe(down) == 0 && tine_sys_pipe(up) == 0);
	/* The other one does as it is told. */
	if (tine_sys_fork() == 0) {
		tine_sys_close(down[1]);
		while (tine_sys_read(down[0], order, 3) == 3) {
			result = set(fd, order[0], order[1],
			    order[2] - order[1]);
			order[0] = (char)(result == 0);
			tine_sys_write(up[1], order, 1);
		}
		tine_sys_exit(0);
	}
	for (int i = 0; i < 40; i++) {
		who = (int)(next_random(&seed) % 2);
		type = (int)(next_random(&seed) % 3);
		from = (int)(next_random(&seed) % 23);
		to = from + 1 + (int)(next_random(&seed) % (24 - from));
		order[0] = (char)type;
		order[1] = (char)from;
		order[2] = (char)to;
		if (who == 0) {
			result = set(fd, type, from, to - from) == 0;
		} else {
			tine_sys_write(down[1], order, 3);
			tine_sys_read(up[0], order, 1);
			result = order[0];
		}
		tine_check(result == (type == U ||
		    free_for(bytes[!who], type, from, to)));
		if (result)
			memset(bytes[who] + from, type == U ? '-' :
			    type == R ? 'r' : 'w', (size_t)(to - from));
		if (tine_sys_fork() == 0)
			tine_sys_exit(!same_bytes(fd, bytes[0], bytes[1]));
		tine_sys_wait(&status);
		tine_check(status == 0);
	}
	tine_sys_close(down[1]);
	tine_sys_wait(NULL);
	return 0;
}

static void
what_is_locked_is_what_a_picture_of_the_bytes_says(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		for (random_seed = 1; random_seed <= 25; random_seed++)
			harness_passes("lo_model", &o, 0);
	}
}

/* --- arguments --- */

PROGRAM(lo_arguments, "what is no lock, and how each kernel says so")
{
	const int fd = file(), solaris = by_kernel(1, 0, 0);
	const int64_t most = INT64_MAX;
	struct tine_flock l = { .type = W };
	int fds[2], null, reads, writes;

	tine_check(lock(9, TINE_F_SETLK, W, 0, 0) == -EBADF);
	tine_check(tine_sys_fcntl(fd, TINE_F_SETLK, 8) == -EFAULT);
	tine_check(tine_sys_fcntl(fd, TINE_F_GETLK, 8) == -EFAULT);
	tine_check(set(fd, 3, 0, 0) == -EINVAL);
	tine_check(set(fd, -1, 0, 0) == -EINVAL);
	tine_check(lock(fd, TINE_F_GETLK, 3, 0, 0) == -EINVAL);
	l.whence = 3;
	tine_check(tine_sys_fcntl(fd, TINE_F_SETLK, (long)&l) == -EINVAL);
	/* Too early, too far. */
	tine_check(set(fd, W, -1, 0) == -EINVAL);
	tine_check(set(fd, W, -1, 5) == -EINVAL);
	tine_check(set(fd, W, most, 2) == (solaris ? -EOVERFLOW : -EINVAL));
	l.whence = TINE_SEEK_END;
	l.start = most;
	tine_check(tine_sys_write(fd, "0123456789", 10) == 10);
	tine_check(tine_sys_fcntl(fd, TINE_F_SETLK, (long)&l) ==
	    (solaris ? -EOVERFLOW : -EINVAL));
	l.start = -11;
	tine_check(tine_sys_fcntl(fd, TINE_F_SETLK, (long)&l) == -EINVAL);
	/* From the end, from where the file is. */
	l.start = -3;
	l.len = 2;
	tine_check(tine_sys_fcntl(fd, TINE_F_SETLK, (long)&l) == 0);
	tine_check(seen(fd, "w7-8"));
	tine_check(tine_sys_lseek(fd, 2, TINE_SEEK_SET) == 2);
	l.whence = TINE_SEEK_CUR;
	l.start = 1;
	tine_check(tine_sys_fcntl(fd, TINE_F_SETLK, (long)&l) == 0);
	tine_check(seen(fd, "w3-4 w7-8"));
	/* The last byte there is. */
	tine_check(set(fd, R, most, 1) == 0);
	tine_check(set(fd, U, 0, most) == 0);
	tine_check(set(fd, U, 0, 0) == 0);
	/* Backwards. */
	if (kernel_now == TINE_KERNEL_DRAGONFLY) {
		tine_check(set(fd, W, 10, -4) == -EINVAL);
	} else {
		tine_check(set(fd, W, 10, -4) == 0);
		tine_check(seen(fd, solaris ? "w7-10" : "w6-9"));
		tine_check(set(fd, W, 3, -5) == -EINVAL);
		tine_check(set(fd, W, 4, solaris ? -5 : -4) == 0);
		tine_check(seen(fd, solaris ? "w0-4 w7-10" : "w0-3 w6-9"));
	}
	/* What it has to be open for. */
	reads = tine_sys_open("/tmp/f", TINE_O_RDONLY, 0);
	writes = tine_sys_open("/tmp/f", TINE_O_WRONLY, 0);
	tine_check(set(reads, W, 0, 0) == -EBADF);
	tine_check(set(writes, R, 0, 0) == -EBADF);
	tine_check(set(reads, R, 0, 0) == 0 && set(writes, W, 0, 0) == 0);
	tine_check(lock(reads, TINE_F_GETLK, W, 0, 0) == 0);
	/* What is no file. */
	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(set(fds[0], R, 0, 0) == by_kernel(-EINVAL, -EBADF,
	    -EINVAL));
	null = tine_sys_open("/dev/null", TINE_O_RDWR, 0);
	tine_check(set(null, W, 0, 0) == by_kernel(0, -EINVAL, 0));
	/* A lock of one's own is in nobody's way. */
	l.type = W;
	l.start = 1;
	l.pid = 77;
	tine_check(tine_sys_fcntl(fd, TINE_F_GETLK, (long)&l) == 0);
	tine_check(l.type == U && l.start == 1 && l.pid == 77);
	return 0;
}

static void
bad_arguments_are_refused_as_each_kernel_does(void **state)
{
	(void)state;
	passes_on_each("lo_arguments");
}

/* --- whose they are --- */

static int
parent_pid;

static int
is_the_parents(int fd)
{
	struct tine_flock l = { .type = R };

	return set(fd, R, 0, 10) == -EAGAIN && set(fd, R, 50, 1) == 0 &&
	    tine_sys_fcntl(fd, TINE_F_GETLK, (long)&l) == 0 && l.type == W &&
	    l.pid == parent_pid && l.start == 0 && l.len == 10;
}

static int
after_exec(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	/* 3 is the file: its lock came along. */
	tine_sys_exit(seen(3, "w0-9") ? 0 : 1);
	return 0;
}
TINE_PROGRAM(after_exec, "test: what is locked after exec");

PROGRAM(lo_owner, "fork does not pass a lock on, exec keeps it, close ends it")
{
	int fd = file(), other, dup, status;
	char name[] = "after_exec", *argv[] = { name, NULL };
	char *envp[] = { NULL };

	parent_pid = tine_sys_getpid();
	tine_check(set(fd, W, 0, 10) == 0);
	tine_check(child(is_the_parents, fd) == 1);
	/* The child's 50 went with it. */
	tine_check(seen(fd, "w0-9"));
	/* It is no open file's: any close of any descriptor of it. */
	other = tine_sys_open("/tmp/f", TINE_O_RDONLY, 0);
	tine_sys_close(other);
	tine_check(seen(fd, ""));
	tine_check(set(fd, W, 0, 10) == 0);
	dup = tine_sys_dup(fd);
	tine_sys_close(dup);
	tine_check(seen(fd, ""));
	/* dup2 onto one closes it. */
	other = tine_sys_open("/tmp/f", TINE_O_RDONLY, 0);
	tine_check(set(fd, W, 0, 10) == 0);
	tine_check(tine_sys_dup2(0, other) == other);
	tine_check(seen(fd, ""));
	/* The child of another file does not matter. */
	tine_check(set(fd, W, 0, 10) == 0);
	other = tine_sys_open("/tmp/g", TINE_O_CREAT | TINE_O_RDWR, 0600);
	tine_check(set(other, W, 0, 10) == 0);
	tine_sys_close(other);
	tine_check(seen(fd, "w0-9"));
	if (tine_sys_fork() == 0) {
		tine_sys_close(fd);
		tine_sys_exit(0);
	}
	tine_sys_wait(NULL);
	tine_check(seen(fd, "w0-9"));
	tine_check(set(fd, U, 0, 0) == 0);
	/* exec, and what it closes. */
	if (tine_sys_fork() == 0) {
		tine_check(set(fd, W, 0, 10) == 0);
		tine_sys_execve("/bin/after_exec", argv, envp);
		tine_sys_exit(9);
	}
	tine_sys_wait(&status);
	tine_check(status == 0 && fd == 3);
	if (tine_sys_fork() == 0) {
		tine_check(set(fd, W, 0, 10) == 0);
		other = tine_sys_open("/tmp/f",
		    TINE_O_RDONLY | TINE_O_CLOEXEC, 0);
		tine_sys_execve("/bin/after_exec", argv, envp);
		tine_sys_exit(9);
	}
	tine_sys_wait(&status);
	tine_check(status >> 8 == 1);
	return 0;
}

static void
a_record_lock_is_the_process_s_until_it_closes_the_file(void **state)
{
	(void)state;
	passes_on_each("lo_owner");
}

/* --- waiting --- */



PROGRAM(lo_wakes, "who waits is woken by unlock, close, exit and a weaker lock")
{
	const int fd = file();
	int status, go[2];
	char c;

	tine_check(tine_sys_pipe(go) == 0);
	for (int how = 0; how < 5; how++) {
		if (tine_sys_fork() == 0) {
			tine_check(set(fd, W, 0, 10) == 0);
			tine_sys_write(go[1], "x", 1);
			tine_sys_nanosleep(MS);
			if (how == 0)
				set(fd, U, 0, 0);
			else if (how == 1)
				tine_sys_close(fd);
			else if (how == 2)
				set(fd, R, 0, 10);
			else if (how == 3)
				set(fd, U, 2, 4);
			else
				tine_sys_exit(0);
			tine_sys_nanosleep(50 * MS);
			tine_sys_exit(0);
		}
		tine_sys_read(go[0], &c, 1);
		const uint64_t before = tine_sys_time();
		tine_check(setw(fd, how == 2 ? R : W, 3, 1) == 0);
		tine_check(tine_sys_time() - before < 20 * MS);
		tine_check(tine_sys_time() > before);
		tine_check(set(fd, U, 0, 0) == 0);
		tine_sys_wait(&status);
		tine_check(status == 0);
	}
	return 0;
}

static void
who_waits_is_woken_by_whatever_makes_room(void **state)
{
	(void)state;
	passes_on_each("lo_wakes");
}

static volatile int caught;

static void
handler(int signo)
{
	(void)signo;
	caught++;
}

static int with_restart;

PROGRAM(lo_signal, "a signal ends a wait for a lock, or it goes on")
{
	struct tine_sigaction action = { .handler = handler,
		.flags = with_restart ? TINE_SA_RESTART : 0 };
	const int fd = file();
	int pid, go[2], result;
	char c;

	tine_check(tine_sys_pipe(go) == 0);
	caught = 0;
	tine_sys_sigaction(SIGUSR1, &action, NULL);
	pid = tine_sys_getpid();
	if (tine_sys_fork() == 0) {
		tine_check(set(fd, W, 0, 0) == 0);
		tine_sys_write(go[1], "x", 1);
		tine_sys_nanosleep(5 * MS);
		tine_sys_kill(pid, SIGUSR1);
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(0);
	}
	tine_sys_read(go[0], &c, 1);
	result = setw(fd, W, 0, 0);
	tine_check(caught == 1);
	tine_check(result == (with_restart ? 0 : -EINTR));
	if (result != 0)
		tine_check(set(fd, W, 0, 0) == -EAGAIN);
	tine_sys_wait(NULL);
	return 0;
}

static void
a_signal_ends_a_wait_for_a_lock_or_it_goes_on(void **state)
{
	(void)state;
	for (with_restart = 0; with_restart < 2; with_restart++)
		passes_on_each("lo_signal");
}

/* Who is killed while it waits is in nobody's way. */
PROGRAM(lo_killed, "a writer that waits is killed; readers go on")
{
	const int fd = file();
	int waiter, status;

	tine_check(set(fd, R, 0, 0) == 0);
	waiter = tine_sys_fork();
	if (waiter == 0) {
		setw(fd, W, 0, 0);
		tine_sys_exit(1);
	}
	tine_sys_nanosleep(MS);
	/* Served in turn, a reader does not overtake the writer. */
	if (tine_sys_fork() == 0)
		tine_sys_exit(set(fd, R, 0, 5) == by_kernel(-EAGAIN, 0, 0) ?
		    0 : 1);
	tine_sys_wait(&status);
	tine_check(status == 0);
	if (tine_sys_fork() == 0)
		tine_sys_exit(setw(fd, R, 0, 5) == 0 ? 0 : 1);
	tine_sys_nanosleep(MS);
	tine_sys_kill(waiter, SIGKILL);
	tine_sys_wait(&status);
	tine_sys_wait(&status);
	/* It may have less of what it has, nothing of the queue's. */
	tine_check(set(fd, R, 0, 3) == 0);
	tine_check(seen(fd, "r0-"));
	return 0;
}

static void
who_was_killed_in_a_wait_is_in_nobody_s_way(void **state)
{
	(void)state;
	passes_on_each("lo_killed");
}

/* Room in one file is none in another. */
PROGRAM(lo_files, "who waits for one file is not woken by another one's unlock")
{
	const int f = file(), g = tine_sys_open("/tmp/g",
	    TINE_O_CREAT | TINE_O_RDWR | TINE_O_NONBLOCK, 0600);
	int go[2], status;
	char c;

	tine_check(tine_sys_pipe2(go, TINE_O_NONBLOCK) == 0);
	tine_check(set(f, W, 0, 10) == 0 && set(g, W, 0, 10) == 0);
	if (tine_sys_fork() == 0) {
		tine_check(setw(g, W, 0, 10) == 0);
		tine_check(tine_sys_write(go[1], "x", 1) == 1);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	tine_check(set(f, U, 0, 0) == 0);
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_read(go[0], &c, 1) == -EAGAIN);
	tine_check(seen(g, "w0-9"));
	tine_check(set(g, U, 0, 0) == 0);
	tine_sys_wait(&status);
	tine_check(tine_sys_read(go[0], &c, 1) == 1);
	return status;
}

static void
an_unlock_makes_room_in_its_own_file_only(void **state)
{
	(void)state;
	passes_on_each("lo_files");
}

/* Three wait one after the other; each says when it has it. */
static int orders_seen;

PROGRAM(lo_turn, "three wait for a lock, one after the other")
{
	const int fd = file();
	int go[2];
	char got[3] = "";

	tine_check(tine_sys_pipe(go) == 0);
	tine_check(set(fd, W, 0, 0) == 0);
	for (int i = 0; i < 3; i++) {
		if (tine_sys_fork() == 0) {
			tine_check(setw(fd, i == 1 ? R : W, i, 9) == 0);
			tine_sys_write(go[1], &"abc"[i], 1);
			tine_sys_exit(0);
		}
		tine_sys_nanosleep(MS);
	}
	tine_check(set(fd, U, 0, 0) == 0);
	for (int i = 0; i < 3; i++)
		tine_sys_wait(NULL);
	tine_check(tine_sys_read(go[0], got, 3) == 3);
	if (memcmp(got, "abc", 3) == 0)
		orders_seen |= 1;
	else
		orders_seen |= 2;
	return 0;
}

static void
illumos_serves_in_turn_and_the_bsds_in_any_order(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		orders_seen = 0;
		for (uint64_t seed = 1; seed <= 40; seed++) {
			o = on(kernels[i]);
			o.strategy = TINE_STRATEGY_RANDOM;
			o.seed = seed;
			o.ncpu = 2;
			harness_passes("lo_turn", &o, 0);
		}
		assert_int_equal(orders_seen, by_kernel(1, 3, 3));
	}
}

/* --- circles --- */

/* How many files, how many processes in the circle, an LWP more in each? */
static int circle_files, circle_size;
static bool circle_lwps;

static void
sleeper(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(200 * MS);
	tine_sys_lwp_exit();
}

/* Each has its own range and wants the next one's. */
PROGRAM(lo_circle, "processes that wait for each other's locks")
{
	int fds[2], status, refused = 0;

	fds[0] = file();
	fds[1] = tine_sys_open("/tmp/g", TINE_O_CREAT | TINE_O_RDWR, 0600);
	for (int i = 0; i < circle_size; i++) {
		const int fd = fds[i % circle_files];
		const int next = (i + 1) % circle_size;

		if (tine_sys_fork() != 0)
			continue;
		if (circle_lwps)
			tine_check(tine_sys_lwp_create(sleeper, NULL) > 0);
		tine_check(set(fd, W, i, 1) == 0);
		tine_sys_nanosleep((5 + (uint64_t)i) * MS);
		const int error = setw(fds[next % circle_files], W, next, 1);
		tine_check(error == 0 || error == -EDEADLK);
		tine_sys_exit(error == 0 ? 0 : 1);
	}
	for (int i = 0; i < circle_size; i++) {
		tine_sys_wait(&status);
		refused += status >> 8;
	}
	return refused;
}

static void
circle(enum tine_kernel kernel, int files, int size, bool lwps, int refused)
{
	struct tine_options o = on(kernel);

	circle_files = files;
	circle_size = size;
	circle_lwps = lwps;
	if (refused >= 0)
		harness_passes("lo_circle", &o, refused << 8);
	else
		harness_ends("lo_circle", &o, TINE_OUTCOME_DEADLOCK,
		    by_kernel(0, 1, 1) ? "lockf" : "flk");
}

static void
a_circle_in_one_file_is_refused_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < KERNELS; i++)
		circle(kernels[i], 1, 2, false, 1);
}

/* DragonFly looks at the one file; and in it at the owner, not at whom that
 * one waits for: it refuses who would only have had to wait, too. */
static void
how_far_a_circle_is_seen_is_each_kernel_s_own(void **state)
{
	(void)state;
	circle(TINE_KERNEL_ILLUMOS, 2, 2, false, 1);
	circle(TINE_KERNEL_OPENSOLARIS, 2, 4, false, 1);
	circle(TINE_KERNEL_NETBSD, 2, 4, false, 1);
	circle(TINE_KERNEL_DRAGONFLY, 2, 2, false, -1);
	circle(TINE_KERNEL_ILLUMOS, 1, 3, false, 1);
	circle(TINE_KERNEL_NETBSD, 1, 3, false, 1);
	/* A process with two LWPs: NetBSD does not look past it. */
	circle(TINE_KERNEL_ILLUMOS, 1, 2, true, 1);
	circle(TINE_KERNEL_DRAGONFLY, 1, 2, true, 1);
	circle(TINE_KERNEL_NETBSD, 1, 2, true, -1);
}

/* a has 0 and waits for 1, which the parent has; who then wants 0 waits for
 * somebody who waits, in no circle. */
PROGRAM(lo_no_circle, "a wait for somebody who waits is no circle")
{
	const int fd = file();
	int status;

	tine_check(set(fd, W, 1, 1) == 0);
	if (tine_sys_fork() == 0) {
		tine_check(set(fd, W, 0, 1) == 0);
		tine_check(setw(fd, W, 1, 1) == 0);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	if (tine_sys_fork() == 0) {
		tine_check(setw(fd, W, 0, 1) == by_kernel(0, -EDEADLK, 0));
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS);
	tine_check(set(fd, U, 1, 1) == 0);
	tine_sys_wait(&status);
	tine_sys_wait(&status);
	return 0;
}

static void
a_wait_for_one_who_waits_is_a_circle_to_dragonfly_only(void **state)
{
	(void)state;
	passes_on_each("lo_no_circle");
}

/* --- whole files --- */

PROGRAM(lo_flock, "flock: the open file's, shared by dup and fork")
{
	const int fd = file();
	int other, status, fds[2], null;
	struct tine_flock l = { .type = R };

	if (kernel_now == TINE_KERNEL_OPENSOLARIS) {
		tine_check(tine_sys_flock(fd, TINE_LOCK_SH) == -ENOSYS);
		return 0;
	}
	other = tine_sys_open("/tmp/f", TINE_O_RDONLY, 0);
	tine_check(tine_sys_flock(9, TINE_LOCK_SH) == -EBADF);
	tine_check(tine_sys_flock(fd, 0) == by_kernel(-EINVAL, -EBADF,
	    -EINVAL));
	tine_check(tine_sys_pipe(fds) == 0);
	tine_check(tine_sys_flock(fds[0], TINE_LOCK_SH) == by_kernel(-EINVAL,
	    -EOPNOTSUPP, -EOPNOTSUPP));
	null = tine_sys_open("/dev/null", TINE_O_RDWR, 0);
	tine_check(tine_sys_flock(null, TINE_LOCK_EX) == by_kernel(0,
	    -EOPNOTSUPP, 0));
	/* Another open file of the same process is another owner; and it does
	 * not matter what it is open for. */
	tine_check(tine_sys_flock(other, TINE_LOCK_EX) == 0);
	tine_check(tine_sys_flock(fd, TINE_LOCK_SH | TINE_LOCK_NB) == -EAGAIN);
	tine_check(tine_sys_flock(other, TINE_LOCK_SH) == 0);
	tine_check(tine_sys_flock(fd, TINE_LOCK_SH | TINE_LOCK_NB) == 0);
	tine_check(tine_sys_flock(fd, TINE_LOCK_EX | TINE_LOCK_NB) == -EAGAIN);
	/* That attempt cost nothing. */
	tine_check(tine_sys_flock(other, TINE_LOCK_EX | TINE_LOCK_NB) ==
	    -EAGAIN);
	tine_check(tine_sys_flock(other, TINE_LOCK_UN) == 0);
	tine_check(tine_sys_flock(fd, TINE_LOCK_EX | TINE_LOCK_NB) == 0);
	/* A child has it, and may let it go. */
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_flock(other, TINE_LOCK_SH |
		    TINE_LOCK_NB) == -EAGAIN);
		tine_check(tine_sys_flock(fd, TINE_LOCK_EX) == 0);
		/* It and record locks keep each other out. */
		tine_check(set(other, R, 0, 1) == -EAGAIN);
		tine_check(tine_sys_fcntl(fd, TINE_F_GETLK, (long)&l) == 0);
		tine_check(l.type == W && l.pid == by_kernel(0, -1, -1));
		tine_sys_exit(0);
	}
	tine_sys_wait(&status);
	tine_check(status == 0);
	/* The child closed it; we have it still. */
	tine_check(tine_sys_flock(other, TINE_LOCK_SH | TINE_LOCK_NB) ==
	    -EAGAIN);
	if (tine_sys_fork() == 0)
		tine_sys_exit(tine_sys_flock(fd, TINE_LOCK_UN));
	tine_sys_wait(NULL);
	tine_check(tine_sys_flock(other, TINE_LOCK_EX | TINE_LOCK_NB) == 0);
	/* The last close of all. */
	if (tine_sys_fork() == 0) {
		tine_sys_close(other);
		tine_check(tine_sys_flock(fd, TINE_LOCK_SH | TINE_LOCK_NB) ==
		    -EAGAIN);
		tine_sys_exit(0);
	}
	tine_sys_wait(&status);
	tine_sys_close(other);
	tine_check(tine_sys_flock(fd, TINE_LOCK_EX | TINE_LOCK_NB) == 0);
	return status;
}

static void
flock_is_the_open_file_s(void **state)
{
	(void)state;
	passes_on_each("lo_flock");
}

/* Both read and both want to write: on the BSDs who waits has let go. */
PROGRAM(lo_upgrade, "two who share a flock want it alone")
{
	int fd, status;

	for (int i = 0; i < 2; i++) {
		if (tine_sys_fork() != 0)
			continue;
		fd = file();
		tine_check(tine_sys_flock(fd, TINE_LOCK_SH) == 0);
		tine_sys_nanosleep(MS);
		tine_check(tine_sys_flock(fd, TINE_LOCK_EX) == 0);
		tine_sys_exit(0);
	}
	tine_sys_wait(&status);
	tine_sys_wait(&status);
	return 0;
}

static void
two_who_share_want_it_alone(void **state)
{
	struct tine_options o;

	(void)state;
	o = on(TINE_KERNEL_ILLUMOS);
	harness_ends("lo_upgrade", &o, TINE_OUTCOME_DEADLOCK, "flk");
	o = on(TINE_KERNEL_DRAGONFLY);
	harness_passes("lo_upgrade", &o, 0);
	o = on(TINE_KERNEL_NETBSD);
	harness_passes("lo_upgrade", &o, 0);
}

/* --- how many --- */

PROGRAM(lo_many, "as many ranges as a user may have")
{
	const int fd = file(), most = by_kernel(2600, 2048, 1024);
	int result = 0, n = 0;

	tine_check(tine_sys_setuid(7) == 0);
	while (n < 2600 && (result = set(fd, W, 10 * n, 5)) == 0)
		n++;
	tine_check(n == most);
	tine_check(result == by_kernel(0, -ENOLCK, -ENOMEM));
	if (result == 0)
		return 0;
	/* What makes no more of them is let through; a split is one more. */
	tine_check(set(fd, W, 0, 5) == by_kernel(0, 0, -ENOMEM));
	tine_check(set(fd, U, 2, 1) == by_kernel(0, -ENOLCK, 0));
	tine_check(set(fd, U, 0, 5) == 0);
	tine_check(set(fd, W, 0, 5) == 0);
	tine_check(set(fd, R, 11, 1) == by_kernel(0, -ENOLCK, -ENOMEM));
	tine_check(tine_sys_setuid(7) == 0);
	tine_check(set(fd, U, 0, 0) == 0);
	tine_check(set(fd, W, 0, 5) == 0);
	return 0;
}

PROGRAM(lo_many_root, "the superuser may have more")
{
	const int fd = file();

	for (int n = 0; n < 2100; n++)
		tine_check(set(fd, W, 10 * n, 5) == 0);
	return 0;
}

static void
a_user_may_have_so_many(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		harness_passes("lo_many", &o, 0);
		harness_passes("lo_many_root", &o, 0);
	}
}

/* --- races --- */

static bool counts_locked;
static bool counts_by_flock;

/* Two add one to a number in a file. */
PROGRAM(lo_count, "two add one to what is in a file")
{
	int fd = file(), n = 0;

	tine_check(tine_sys_pwrite(fd, &n, sizeof(n), 0) == sizeof(n));
	tine_sys_close(fd);
	for (int i = 0; i < 2; i++) {
		if (tine_sys_fork() != 0)
			continue;
		fd = file();
		if (counts_locked && counts_by_flock)
			tine_check(tine_sys_flock(fd, TINE_LOCK_EX) == 0);
		else if (counts_locked)
			tine_check(setw(fd, W, 0, 4) == 0);
		tine_check(tine_sys_pread(fd, &n, sizeof(n), 0) == sizeof(n));
		n++;
		tine_check(tine_sys_pwrite(fd, &n, sizeof(n), 0) ==
		    sizeof(n));
		tine_sys_exit(0);
	}
	tine_sys_wait(NULL);
	tine_sys_wait(NULL);
	fd = file();
	tine_check(tine_sys_pread(fd, &n, sizeof(n), 0) == sizeof(n));
	return n;
}

struct sums {
	struct tine_machine *machine;
	unsigned seen;
};

static int
note_sum(void *user, const struct tine_explore_run *run)
{
	struct sums *sums = user;

	if (run->outcome == TINE_OUTCOME_PASSED)
		sums->seen |= 1u << (sums->machine->spawns[0].status >> 8 & 7);
	return 0;
}

/* All schedules of the example: how many of them fail. */
static uint64_t
ledgers_wrong(enum tine_kernel kernel, const char *how)
{
	const char *argv[] = { "ledger", how, NULL };
	struct tine_explore_result result = { .size = sizeof(result) };
	struct tine_explore_options options;
	struct tine_options o = on(kernel);
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	o.exit_check = true;
	assert_int_equal(tine_machine_create(&o, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "ledger", argv), 0);
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DPOR;
	options.shrink = false;
	options.keep_going = true;
	assert_int_equal(tine_explorer_create(machine, &options, &explorer),
	    0);
	assert_int_equal(tine_explorer_run(explorer, 20000, &result), 0);
	assert_true(result.exhausted);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
	return result.failures;
}

static void
a_lock_on_the_write_alone_does_not_help_the_ledger(void **state)
{
	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		assert_true(ledgers_wrong(kernels[i], "plain") != 0);
		assert_true(ledgers_wrong(kernels[i], "half") != 0);
		assert_int_equal(ledgers_wrong(kernels[i], "lock"), 0);
	}
}

static unsigned
all_sums(enum tine_kernel kernel)
{
	struct tine_explore_options options;
	struct tine_explore_result result = { .size = sizeof(result) };
	struct tine_options o = on(kernel);
	struct tine_explorer *explorer;
	struct sums sums = { 0 };

	o.preempt = TINE_PREEMPT_KERNEL;
	assert_int_equal(tine_machine_create(&o, &sums.machine), 0);
	assert_int_equal(tine_machine_spawn(sums.machine, "lo_count", NULL),
	    0);
	tine_explore_options_init(&options);
	options.search = TINE_SEARCH_DPOR;
	options.shrink = false;
	options.keep_going = true;
	options.each = note_sum;
	options.user = &sums;
	assert_int_equal(tine_explorer_create(sums.machine, &options,
	    &explorer), 0);
	assert_int_equal(tine_explorer_run(explorer, 60000, &result), 0);
	if (result.failures != 0)
		fail_msg("lo_count: %s", result.message);
	print_message("lo_count on %s: %" PRIu64 " schedules\n",
	    tine_kernel_name(kernel), result.schedules);
	assert_true(result.exhausted);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(sums.machine), 0);
	return sums.seen;
}

static void
a_count_without_a_lock_loses_one_and_with_it_never(void **state)
{
	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		counts_locked = false;
		assert_int_equal(all_sums(kernels[i]), 1u << 1 | 1u << 2);
		counts_locked = true;
		counts_by_flock = false;
		assert_int_equal(all_sums(kernels[i]), 1u << 2);
		if (kernels[i] == TINE_KERNEL_OPENSOLARIS)
			continue;
		counts_by_flock = true;
		assert_int_equal(all_sums(kernels[i]), 1u << 2);
	}
}

/* --- failures --- */

PROGRAM(lo_fails, "locks where a step fails")
{
	const int fd = tine_sys_open("/tmp/f", TINE_O_CREAT | TINE_O_RDWR,
	    0666);

	(void)set(fd, W, 0, 100);
	(void)set(fd, U, 10, 10);
	if (tine_sys_fork() == 0) {
		(void)setw(fd, R, 10, 3);
		(void)set(fd, R, 50, 5);
		(void)tine_sys_flock(fd, TINE_LOCK_SH | TINE_LOCK_NB);
		tine_sys_exit(0);
	}
	(void)set(fd, U, 0, 0);
	while (tine_sys_wait(NULL) > 0)
		continue;
	return 0;
}

static void
every_failure_leaves_the_books_in_order(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		assert_true(harness_every_failure("lo_fails", &o) > 0);
	}
}

/* A sibling closes what another LWP waits for. */
static int sibling_fd;

static void
closes(void *arg)
{
	(void)arg;
	tine_sys_nanosleep(MS);
	tine_sys_close(sibling_fd);
	tine_sys_lwp_exit();
}

PROGRAM(lo_sibling, "an LWP closes what its sibling waits to lock")
{
	const int fd = file();
	int status;

	if (tine_sys_fork() == 0) {
		tine_check(set(fd, W, 0, 0) == 0);
		tine_sys_nanosleep(10 * MS);
		tine_sys_exit(0);
	}
	tine_sys_nanosleep(MS / 2);
	sibling_fd = fd;
	tine_check(tine_sys_lwp_create(closes, NULL) > 0);
	tine_check(setw(fd, W, 0, 0) == 0);
	tine_sys_wait(&status);
	return status;
}

static void
a_lock_granted_after_the_close_goes_with_the_process(void **state)
{
	(void)state;
	passes_on_each("lo_sibling");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_split_and_join),
		cmocka_unit_test(
		    what_is_locked_is_what_a_picture_of_the_bytes_says),
		cmocka_unit_test(
		    bad_arguments_are_refused_as_each_kernel_does),
		cmocka_unit_test(
		    a_record_lock_is_the_process_s_until_it_closes_the_file),
		cmocka_unit_test(who_waits_is_woken_by_whatever_makes_room),
		cmocka_unit_test(
		    a_signal_ends_a_wait_for_a_lock_or_it_goes_on),
		cmocka_unit_test(an_unlock_makes_room_in_its_own_file_only),
		cmocka_unit_test(who_was_killed_in_a_wait_is_in_nobody_s_way),
		cmocka_unit_test(
		    illumos_serves_in_turn_and_the_bsds_in_any_order),
		cmocka_unit_test(a_circle_in_one_file_is_refused_everywhere),
		cmocka_unit_test(
		    how_far_a_circle_is_seen_is_each_kernel_s_own),
		cmocka_unit_test(
		    a_wait_for_one_who_waits_is_a_circle_to_dragonfly_only),
		cmocka_unit_test(flock_is_the_open_file_s),
		cmocka_unit_test(two_who_share_want_it_alone),
		cmocka_unit_test(a_user_may_have_so_many),
		cmocka_unit_test(
		    a_count_without_a_lock_loses_one_and_with_it_never),
		cmocka_unit_test(
		    a_lock_on_the_write_alone_does_not_help_the_ledger),
		cmocka_unit_test(every_failure_leaves_the_books_in_order),
		cmocka_unit_test(
		    a_lock_granted_after_the_close_goes_with_the_process)
	};

	return cmocka_run_group_tests_name("locks", tests, NULL, NULL);
}
