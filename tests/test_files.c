/* SPDX-License-Identifier: MIT */
/*
 * test_files.c - files in memory, directories, descriptors; and the host's side
 * of them.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "support/harness.h"

#define SEEDS 12
#define MS UINT64_C(1000000)

static int
open_new(const char *path)
{
	const int fd = tine_sys_open(path, TINE_O_RDWR | TINE_O_CREAT |
	    TINE_O_TRUNC, 0644);

	tine_check(fd >= 0);
	return fd;
}

static void
holds(const char *path, const char *want)
{
	char text[64];
	const int fd = tine_sys_open(path, TINE_O_RDONLY, 0);
	const long n = tine_sys_read(fd, text, sizeof(text));

	tine_check(fd >= 0);
	tine_check(n == (long)strlen(want));
	tine_check(memcmp(text, want, strlen(want)) == 0);
	tine_check(tine_sys_close(fd) == 0);
}

static void
put(int fd, const char *text)
{
	tine_check(tine_sys_write(fd, text, strlen(text)) ==
	    (long)strlen(text));
}

/* --- contents and offsets --- */

static int
fi_contents(int argc, char **argv)
{
	struct tine_iovec iov[2];
	struct tine_stat st;
	char text[32], more[4];
	int fd, other;

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/a");
	put(fd, "0123456789");
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 10);
	tine_check(tine_sys_read(fd, text, 4) == 0);
	tine_check(tine_sys_lseek(fd, -3, TINE_SEEK_END) == 7);
	tine_check(tine_sys_read(fd, text, 10) == 3);
	tine_check(memcmp(text, "789", 3) == 0);
	tine_check(tine_sys_lseek(fd, -1, TINE_SEEK_SET) == -EINVAL);
	tine_check(tine_sys_lseek(fd, 0, 9) == -EINVAL);
	tine_check(tine_sys_lseek(fd, INT64_MAX, TINE_SEEK_CUR) ==
	    -EOVERFLOW);
	/* pread and pwrite leave the offset alone */
	tine_check(tine_sys_pread(fd, text, 2, 1) == 2);
	tine_check(memcmp(text, "12", 2) == 0);
	tine_check(tine_sys_pwrite(fd, "AB", 2, 4) == 2);
	tine_check(tine_sys_pread(fd, text, 2, -1) == -EINVAL);
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 10);
	holds("/tmp/a", "0123AB6789");
	/* a hole is zeros */
	tine_check(tine_sys_lseek(fd, 5000, TINE_SEEK_SET) == 5000);
	put(fd, "end");
	tine_check(tine_sys_fstat(fd, &st) == 0 && st.size == 5003);
	tine_check(tine_sys_pread(fd, text, 4, 4998) == 4);
	tine_check(memcmp(text, "\0\0en", 4) == 0);
	/* cut and grown: what was cut is gone */
	tine_check(tine_sys_ftruncate(fd, 2) == 0);
	tine_check(tine_sys_ftruncate(fd, 6) == 0);
	tine_check(tine_sys_pread(fd, text, 10, 0) == 6);
	tine_check(memcmp(text, "01\0\0\0\0", 6) == 0);
	tine_check(tine_sys_ftruncate(fd, -1) == -EINVAL);
	tine_check(tine_sys_ftruncate(fd, INT64_C(1) << 40) == -EFBIG);
	/* pieces */
	tine_check(tine_sys_ftruncate(fd, 0) == 0);
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_SET) == 0);
	iov[0].base = text;
	iov[0].size = 3;
	iov[1].base = more;
	iov[1].size = 4;
	memcpy(text, "one", 3);
	memcpy(more, "+two", 4);
	tine_check(tine_sys_writev(fd, iov, 2) == 7);
	tine_check(tine_sys_lseek(fd, 1, TINE_SEEK_SET) == 1);
	tine_check(tine_sys_readv(fd, iov, 2) == 6);
	tine_check(memcmp(text, "ne+", 3) == 0);
	tine_check(memcmp(more, "two", 3) == 0);
	tine_check(tine_sys_readv(fd, iov, 0) == -EINVAL);
	tine_check(tine_sys_readv(fd, iov, 17) == -EINVAL);
	/* appending goes to the end, wherever the offset is */
	other = tine_sys_open("/tmp/a", TINE_O_WRONLY | TINE_O_APPEND, 0);
	put(other, "!");
	put(fd, "?");
	put(other, "!");
	holds("/tmp/a", "one+two?!");
	tine_check(tine_sys_read(other, text, 1) == -EBADF);
	tine_check(tine_sys_write(other, NULL, 1) == -EFAULT);
	tine_check(tine_sys_close(fd) == 0 && tine_sys_close(fd) == -EBADF);
	return 0;
}
TINE_PROGRAM(fi_contents, "test: what files hold");

static int
fi_shared_offset(int argc, char **argv)
{
	char text[64];
	int fd, copy, apart, counts[2] = { 0, 0 };

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/shared");
	copy = tine_sys_dup(fd);
	apart = tine_sys_open("/tmp/shared", TINE_O_RDWR, 0);
	tine_check(copy == fd + 1 && apart == fd + 2);
	put(fd, "ab");
	put(copy, "cd");
	tine_check(tine_sys_lseek(apart, 0, TINE_SEEK_CUR) == 0);
	tine_check(tine_sys_lseek(copy, 0, TINE_SEEK_SET) == 0);
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 0);
	/* parent and child write through one open file: nothing is lost */
	if (tine_sys_fork() == 0) {
		for (int i = 0; i < 10; i++)
			put(fd, "c");
		tine_sys_exit(0);
	}
	for (int i = 0; i < 10; i++)
		put(fd, "p");
	tine_sys_wait(NULL);
	tine_check(tine_sys_read(apart, text, 64) == 20);
	for (int i = 0; i < 20; i++) {
		tine_check(text[i] == 'c' || text[i] == 'p');
		counts[text[i] == 'c']++;
	}
	tine_check(counts[0] == 10 && counts[1] == 10);
	tine_check(tine_sys_lseek(copy, 0, TINE_SEEK_CUR) == 20);
	return 0;
}
TINE_PROGRAM(fi_shared_offset, "test: offsets that are shared");

/* --- descriptors --- */

static int
fi_exec_sees(int argc, char **argv)
{
	char text[8];

	(void)argv;
	tine_check(argc == 1);
	tine_check(tine_sys_read(3, text, 8) == -EBADF);
	tine_check(tine_sys_read(4, text, 8) == 4);
	tine_check(memcmp(text, "kept", 4) == 0);
	tine_check(tine_sys_getcwd(text, 8) == 4);
	tine_check(strcmp(text, "/tmp") == 0);
	return 0;
}
TINE_PROGRAM(fi_exec_sees, "test: what exec leaves open");

static int
fi_descriptors(int argc, char **argv)
{
	char *const args[] = { (char *)(uintptr_t)"/bin/fi_exec_sees", NULL };
	int fd, status;

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/d");
	tine_check(fd == 3);
	put(fd, "kept");
	tine_check(tine_sys_lseek(fd, 0, TINE_SEEK_SET) == 0);
	tine_check(tine_sys_dup2(fd, fd) == fd);
	tine_check(tine_sys_dup3(fd, fd, 0) == -EINVAL);
	tine_check(tine_sys_dup3(fd, 9, 1) == -EINVAL);
	tine_check(tine_sys_dup2(77, 5) == -EBADF);
	tine_check(tine_sys_dup2(fd, -1) == -EBADF);
	tine_check(tine_sys_dup2(fd, 20) == 20);
	tine_check(tine_sys_fcntl(fd, TINE_F_DUPFD, 10) == 10);
	tine_check(tine_sys_fcntl(fd, TINE_F_DUPFD, 10) == 11);
	tine_check(tine_sys_fcntl(fd, TINE_F_DUPFD, -1) == -EINVAL);
	tine_check(tine_sys_fcntl(fd, 9999, 0) == -EINVAL);
	tine_check(tine_sys_fcntl(30, TINE_F_GETFD, 0) == -EBADF);
	tine_check(tine_sys_fcntl(fd, TINE_F_DUPFD_CLOEXEC, 12) == 12);
	tine_check(tine_sys_fcntl(12, TINE_F_GETFD, 0) == TINE_FD_CLOEXEC);
	/* the flag is the descriptor's; the mode is the open file's */
	tine_check(tine_sys_fcntl(fd, TINE_F_SETFD, TINE_FD_CLOEXEC) == 0);
	tine_check(tine_sys_fcntl(10, TINE_F_GETFD, 0) == 0);
	tine_check(tine_sys_fcntl(fd, TINE_F_SETFL, TINE_O_APPEND) == 0);
	tine_check(tine_sys_fcntl(10, TINE_F_GETFL, 0) ==
	    (TINE_O_RDWR | TINE_O_APPEND));
	/* a copy has the flag off; dup3 may set it */
	tine_check(tine_sys_dup2(fd, 4) == 4);
	tine_check(tine_sys_fcntl(4, TINE_F_GETFD, 0) == 0);
	tine_check(tine_sys_dup3(fd, 5, TINE_O_CLOEXEC) == 5);
	tine_check(tine_sys_fcntl(5, TINE_F_GETFD, 0) == TINE_FD_CLOEXEC);
	tine_check(tine_sys_open("/tmp/d", TINE_O_RDONLY | TINE_O_CLOEXEC, 0)
	    == 6);
	tine_check(tine_sys_fcntl(6, TINE_F_GETFD, 0) == TINE_FD_CLOEXEC);
	tine_check(tine_sys_chdir("/tmp") == 0);
	if (tine_sys_fork() == 0) {
		/* a child has the flags too */
		tine_check(tine_sys_fcntl(5, TINE_F_GETFD, 0) ==
		    TINE_FD_CLOEXEC);
		tine_check(tine_sys_fcntl(20, TINE_F_GETFD, 0) == 0);
		tine_sys_exec(args[0], args);
		tine_sys_exit(1);
	}
	tine_sys_wait(&status);
	tine_check(status == 0);
	return 0;
}
TINE_PROGRAM(fi_descriptors, "test: descriptors");

/* As many as there may be. */
static int
fi_limit(int argc, char **argv)
{
	struct tine_rlimit limit;
	int fd, last = 2, max, fds[2];

	(void)argc;
	(void)argv;
	tine_check(tine_sys_getrlimit(TINE_RLIMIT_NOFILE, &limit) == 0);
	max = (int)limit.cur;
	tine_check(max >= 128 && max <= 1024);
	while ((fd = tine_sys_dup(0)) >= 0) {
		tine_check(fd == last + 1);
		last = fd;
	}
	tine_check(fd == -EMFILE);
	tine_check(last == max - 1);
	tine_check(tine_sys_open("/nothing", TINE_O_RDONLY, 0) == -EMFILE);
	tine_check(tine_sys_dup2(0, max) == -EBADF);
	tine_check(tine_sys_fcntl(0, TINE_F_DUPFD, max) == -EINVAL);
	tine_check(tine_sys_close(100) == 0);
	tine_check(tine_sys_pipe(fds) == -EMFILE);
	tine_check(tine_sys_open("/nothing", TINE_O_RDONLY, 0) == -ENOENT);
	tine_check(tine_sys_dup(0) == 100);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_close(max - 1) == 0);
		tine_check(tine_sys_close(50) == 0);
		tine_sys_exit(0);
	}
	tine_sys_wait(&last);
	tine_check(last == 0);
	tine_check(tine_sys_close(50) == 0);
	return 0;
}
TINE_PROGRAM(fi_limit, "test: the limit of descriptors");

static TINE_DATA int grown;

static void
opens_many(void *arg)
{
	const int by = (int)(intptr_t)arg;

	for (int i = 0; i < 12; i++) {
		const int fd = tine_sys_dup(1);

		tine_check(fd > 2);
		tine_check(tine_sys_write(fd, "", 0) == 0);
		if (i % by == 0)
			tine_check(tine_sys_close(fd) == 0);
	}
	__atomic_fetch_add(&grown, 1, __ATOMIC_SEQ_CST);
}

/* LWPs that make the list grow under each other's calls; a fork meanwhile. */
static int
fi_growth(int argc, char **argv)
{
	int a, b, status;

	(void)argc;
	(void)argv;
	a = tine_sys_lwp_create(opens_many, (void *)2);
	b = tine_sys_lwp_create(opens_many, (void *)3);
	tine_check(a > 0 && b > 0);
	if (tine_sys_fork() == 0) {
		while (tine_sys_dup(0) < 40)
			continue;
		tine_sys_exit(0);
	}
	tine_check(tine_sys_lwp_wait(a) == a && tine_sys_lwp_wait(b) == b);
	tine_sys_wait(&status);
	tine_check(status == 0 && grown == 2);
	/* 3 of the console, 6 and 8 that stayed open */
	for (int fd = 0; fd < 17; fd++)
		tine_check(tine_sys_fcntl(fd, TINE_F_GETFD, 0) == 0);
	return 0;
}
TINE_PROGRAM(fi_growth, "test: a list that grows");

static void
dups_over(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++)
		tine_check(tine_sys_dup2(4, 3) == 3);
}

/* dup2 in one step: nobody ever finds 3 closed, or open as something else. */
static int
fi_dup2_race(int argc, char **argv)
{
	int lwp;
	char c;

	(void)argc;
	(void)argv;
	tine_check(open_new("/tmp/x") == 3 && open_new("/tmp/y") == 4);
	put(3, "x");
	put(4, "y");
	lwp = tine_sys_lwp_create(dups_over, NULL);
	for (int i = 0; i < 5; i++) {
		const int fd = tine_sys_open("/dev/null", TINE_O_RDONLY, 0);

		tine_check(fd == 5);
		tine_check(tine_sys_pread(fd, &c, 1, 0) == 0);
		tine_check(tine_sys_close(fd) == 0);
	}
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	tine_check(tine_sys_pread(3, &c, 1, 0) == 1 && c == 'y');
	holds("/tmp/x", "x");
	return 0;
}
TINE_PROGRAM(fi_dup2_race, "test: dup2 beside open");

/* --- names --- */

static int
fi_names(int argc, char **argv)
{
	struct tine_stat st;
	char path[64];
	int fd;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/tmp/d", 0755) == 0);
	tine_check(tine_sys_mkdir("/tmp/d", 0755) == -EEXIST);
	tine_check(tine_sys_mkdir("/", 0755) == -EEXIST);
	tine_check(tine_sys_mkdir("/none/d", 0755) == -ENOENT);
	tine_check(tine_sys_mkdir("/bin/d", 0755) == -EROFS);
	tine_check(tine_sys_mkdir("", 0755) == -ENOENT);
	tine_check(tine_sys_mkdir(NULL, 0755) == -EFAULT);
	tine_check(tine_sys_chdir("/tmp/d") == 0);
	fd = open_new("f");
	put(fd, "f");
	tine_sys_close(fd);
	tine_check(tine_sys_open("f", TINE_O_CREAT | TINE_O_EXCL, 0) ==
	    -EEXIST);
	tine_check(tine_sys_open("f/g", TINE_O_RDONLY, 0) == -ENOTDIR);
	tine_check(tine_sys_open("f/", TINE_O_RDONLY, 0) == -ENOTDIR);
	tine_check(tine_sys_open("g/", TINE_O_CREAT | TINE_O_RDWR, 0) ==
	    -EISDIR);
	tine_check(tine_sys_open(".", TINE_O_RDWR, 0) == -EISDIR);
	tine_check(tine_sys_open("f", TINE_O_DIRECTORY, 0) == -ENOTDIR);
	tine_check(tine_sys_open("/bin/fi_names", TINE_O_WRONLY, 0) ==
	    -ETXTBSY);
	tine_check(tine_sys_open("f", 1 << 28, 0) == -EINVAL);
	holds("/tmp/../tmp/./d//f", "f");
	holds("../d/f", "f");
	/* links: the file goes with the last one */
	tine_check(tine_sys_link("f", "../l") == 0);
	tine_check(tine_sys_link("f", "../l") == -EEXIST);
	tine_check(tine_sys_link(".", "../m") == -EPERM);
	tine_check(tine_sys_link("/bin/fi_names", "../m") == -EXDEV);
	tine_check(tine_sys_stat("../l", &st) == 0 && st.nlink == 2);
	tine_check(tine_sys_unlink("f") == 0 && tine_sys_unlink("f") ==
	    -ENOENT);
	tine_check(tine_sys_unlink("/tmp/d") == -EPERM);
	tine_check(tine_sys_unlink("/bin/fi_names") == -EROFS);
	holds("/tmp/l", "f");
	/* one that is open outlives its name */
	fd = tine_sys_open("/tmp/l", TINE_O_RDONLY, 0);
	tine_check(tine_sys_unlink("/tmp/l") == 0);
	tine_check(tine_sys_read(fd, path, 1) == 1 && path[0] == 'f');
	tine_check(tine_sys_fstat(fd, &st) == 0 && st.nlink == 0);
	tine_sys_close(fd);
	/* removing directories */
	tine_sys_close(open_new("f"));
	tine_check(tine_sys_rmdir("/tmp/d") == -ENOTEMPTY);
	tine_check(tine_sys_rmdir("f") == -ENOTDIR);
	tine_check(tine_sys_rmdir(".") == -EINVAL);
	tine_check(tine_sys_rmdir("/") == -EBUSY);
	tine_check(tine_sys_rmdir("/bin") == -EBUSY);
	tine_check(tine_sys_unlink("f") == 0);
	tine_check(tine_sys_getcwd(path, 64) == 6);
	tine_check(strcmp(path, "/tmp/d") == 0);
	tine_check(tine_sys_getcwd(path, 6) == -ERANGE);
	tine_check(tine_sys_getcwd(NULL, 64) == -EFAULT);
	tine_check(tine_sys_rmdir("/tmp/d") == 0);
	/* nothing can be made in what was removed */
	tine_check(tine_sys_getcwd(path, 64) == -ENOENT);
	tine_check(tine_sys_open("x", TINE_O_CREAT | TINE_O_RDWR, 0644) ==
	    -ENOENT);
	tine_check(tine_sys_open("..", TINE_O_RDONLY, 0) == -ENOENT);
	tine_check(tine_sys_chdir("/") == 0);
	tine_check(tine_sys_getcwd(path, 64) == 1 && path[0] == '/');
	return 0;
}
TINE_PROGRAM(fi_names, "test: names");

static int
fi_rename(int argc, char **argv)
{
	int fd;

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/a");
	put(fd, "a");
	tine_sys_close(open_new("/tmp/b"));
	tine_check(tine_sys_rename("/tmp/a", "/tmp/a") == 0);
	tine_check(tine_sys_rename("/tmp/a", "/tmp/b") == 0);
	holds("/tmp/b", "a");
	tine_check(tine_sys_access("/tmp/a", TINE_F_OK) == -ENOENT);
	tine_check(tine_sys_rename("/tmp/a", "/tmp/c") == -ENOENT);
	tine_check(tine_sys_mkdir("/tmp/x", 0755) == 0);
	tine_check(tine_sys_mkdir("/tmp/x/y", 0755) == 0);
	tine_check(tine_sys_mkdir("/tmp/z", 0755) == 0);
	tine_check(tine_sys_rename("/tmp/b", "/tmp/x/y/b") == 0);
	tine_check(tine_sys_rename("/tmp/x", "/tmp/x/y/x") == -EINVAL);
	tine_check(tine_sys_rename("/tmp/z", "/tmp/x") == -ENOTEMPTY);
	tine_check(tine_sys_rename("/tmp/x/y", "/tmp/x") == -ENOTEMPTY);
	tine_check(tine_sys_rename("/tmp/x", "/tmp/x/y/b") == -EINVAL);
	tine_check(tine_sys_rename("/tmp/z", "/tmp/x/y/b") == -ENOTDIR);
	tine_check(tine_sys_rename("/tmp/x/y/b", "/tmp/z") == -EISDIR);
	tine_check(tine_sys_rename("/tmp/.", "/tmp/q") == -EINVAL);
	tine_check(tine_sys_rename("/", "/tmp/q") == -EBUSY);
	tine_check(tine_sys_rename("/bin", "/tmp/q") == -EBUSY);
	tine_check(tine_sys_rename("/tmp/z", "/bin/q") == -EROFS);
	/* a directory over an empty one, and its contents with it */
	tine_check(tine_sys_rename("/tmp/x/y", "/tmp/z") == 0);
	holds("/tmp/z/b", "a");
	tine_check(tine_sys_chdir("/tmp/z") == 0);
	tine_check(tine_sys_rename("/tmp/z", "/tmp/x/w") == 0);
	holds("../w/b", "a");
	return 0;
}
TINE_PROGRAM(fi_rename, "test: rename");

static int
fi_list(int argc, char **argv)
{
	struct tine_dirent entry;
	int fd, programs = 0, self = 0;

	(void)argc;
	(void)argv;
	for (char name[] = "/tmp/a"; name[5] < 'e'; name[5]++)
		tine_sys_close(open_new(name));
	fd = tine_sys_open("/tmp", TINE_O_RDONLY | TINE_O_DIRECTORY, 0);
	tine_check(fd == 3);
	tine_check(tine_sys_read(fd, &entry, 1) == -EISDIR);
	/* names that go while they are listed are no reason to miss one */
	for (char c = 'a'; c < 'e'; c++) {
		char path[8] = "/tmp/x";

		tine_check(tine_sys_getdents(fd, &entry) == 1);
		tine_check(entry.name[0] == c && entry.name[1] == '\0');
		tine_check(entry.type == TINE_S_IFREG && entry.ino != 0);
		path[5] = c;
		tine_check(tine_sys_unlink(path) == 0);
	}
	tine_check(tine_sys_getdents(fd, &entry) == 0);
	tine_check(tine_sys_getdents(0, &entry) == -ENOTDIR);
	tine_check(tine_sys_getdents(9, &entry) == -EBADF);
	tine_sys_close(fd);
	fd = tine_sys_open("/bin", TINE_O_RDONLY, 0);
	while (tine_sys_getdents(fd, &entry) == 1) {
		programs++;
		self += strcmp(entry.name, "fi_list") == 0;
	}
	tine_check(programs > 10 && self == 1);
	return 0;
}
TINE_PROGRAM(fi_list, "test: directories that are read");

static int
fi_modes(int argc, char **argv)
{
	struct tine_stat st;
	char zero = 'x';
	int fd;

	(void)argc;
	(void)argv;
	(void)tine_sys_umask(027);
	tine_check(tine_sys_umask(027) == 027);
	fd = tine_sys_open("/tmp/m", TINE_O_CREAT | TINE_O_RDWR, 0666);
	tine_check(tine_sys_fstat(fd, &st) == 0);
	tine_check(st.mode == (TINE_S_IFREG | 0640) && st.size == 0);
	tine_check(tine_sys_chmod("/tmp/m", 0400) == 0);
	tine_check(tine_sys_stat("/tmp/m", &st) == 0);
	tine_check(st.mode == (TINE_S_IFREG | 0400));
	/* An executable has the mode that it was given, as long as it lives. */
	tine_check(tine_sys_chmod("/bin/fi_modes", 0511) == 0);
	tine_check(tine_sys_stat("/bin/fi_modes", &st) == 0);
	tine_check((st.mode & 07777) == 0511);
	tine_check(tine_sys_chmod("/bin/fi_modes", 0555) == 0);
	tine_check(tine_sys_access("/tmp/m", TINE_X_OK) == -EACCES);
	tine_check(tine_sys_access("/tmp/m", TINE_W_OK) == 0);	/* root */
	tine_check(tine_sys_access("/bin/fi_modes", TINE_W_OK) == -ETXTBSY);
	tine_check(tine_sys_access("/tmp/m", 8) == -EINVAL);
	tine_check(tine_sys_stat("/dev/null", &st) == 0);
	tine_check((st.mode & TINE_S_IFMT) == TINE_S_IFCHR);
	fd = tine_sys_open("/dev/zero", TINE_O_RDWR, 0);
	tine_check(tine_sys_read(fd, &zero, 1) == 1 && zero == 0);
	tine_check(tine_sys_write(fd, &zero, 1) == 1);
	fd = tine_sys_open("/dev/null", TINE_O_RDWR, 0);
	tine_check(tine_sys_read(fd, &zero, 1) == 0);
	tine_check(tine_sys_write(fd, &zero, 1) == 1);
	tine_check(tine_sys_fstat(99, &st) == -EBADF);
	tine_check(tine_sys_fstat(fd, NULL) == -EFAULT);
	return 0;
}
TINE_PROGRAM(fi_modes, "test: modes and devices");

/* Another root: nothing leads out of it. Children are born there. */
static int
fi_root(int argc, char **argv)
{
	char *const none[] = { NULL };
	char path[32];
	int fd, status;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/tmp/jail", 0755) == 0);
	tine_check(tine_sys_mkdir("/tmp/jail/in", 0755) == 0);
	fd = tine_sys_open("/tmp/jail/in", TINE_O_RDONLY, 0);
	tine_check(tine_sys_chroot("/tmp/none") == -ENOENT);
	tine_check(tine_sys_chroot("/dev/null") == -ENOTDIR);
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_chroot("/tmp/jail") == 0);
		tine_check(tine_sys_chdir("/") == 0);
		tine_check(tine_sys_open("/tmp", TINE_O_RDONLY, 0) == -ENOENT);
		tine_check(tine_sys_open("../../in", TINE_O_RDONLY, 0) == 4);
		tine_check(tine_sys_exec("/bin/fi_list", none) == -ENOENT);
		if (tine_sys_fork() == 0) {
			tine_check(tine_sys_fchdir(4) == 0);
			tine_check(tine_sys_getcwd(path, 32) == 3);
			tine_check(strcmp(path, "/in") == 0);
			tine_sys_exit(0);
		}
		tine_sys_wait(&status);
		tine_sys_exit(status);
	}
	tine_sys_wait(&status);
	tine_check(status == 0);
	tine_check(tine_sys_fchdir(fd) == 0 && tine_sys_fchdir(99) == -EBADF);
	tine_check(tine_sys_getcwd(path, 32) == 12);
	tine_check(tine_sys_exec("/tmp/jail", none) == -EACCES);
	tine_check(tine_sys_exec("/none", none) == -ENOENT);
	tine_sys_close(open_new("/tmp/text"));
	tine_check(tine_sys_exec("/tmp/text", none) == -EACCES);
	tine_check(tine_sys_chmod("/tmp/text", 0755) == 0);
	tine_check(tine_sys_exec("/tmp/text", none) == -ENOEXEC);
	return 0;
}
TINE_PROGRAM(fi_root, "test: chroot and exec by path");

/* --- races on names --- */

static int
fi_name_races(int argc, char **argv)
{
	int status, made = 0;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_mkdir("/tmp/a", 0755) == 0);
	tine_check(tine_sys_mkdir("/tmp/b", 0755) == 0);
	for (int i = 0; i < 3; i++) {
		if (tine_sys_fork() != 0)
			continue;
		switch (i) {
		case 0:
			tine_sys_rename("/tmp/a", "/tmp/b/a");
			tine_sys_rename("/tmp/b/a", "/tmp/c");
			break;
		case 1:
			tine_sys_rename("/tmp/b", "/tmp/a/b");
			tine_sys_rmdir("/tmp/a/b");
			break;
		default:
			tine_sys_mkdir("/tmp/b/x", 0755);
			tine_sys_open("/tmp/a/b/f", TINE_O_CREAT | TINE_O_RDWR,
			    0644);
			tine_sys_rmdir("/tmp/b/x");
		}
		/* exactly one of three makes it */
		made = tine_sys_open("/tmp/one", TINE_O_CREAT | TINE_O_EXCL,
		    0644) >= 0;
		tine_sys_exit(made);
	}
	for (int i = 0; i < 3; i++) {
		tine_sys_wait(&status);
		made += WEXITSTATUS(status);
	}
	tine_check(made == 1);
	return 0;
}
TINE_PROGRAM(fi_name_races, "test: names changed by three at once");

static int
fi_limits(int argc, char **argv)
{
	struct tine_rlimit limit = { 5, 5 };
	struct tine_sigaction action;
	char path[1100];
	int fd, status;

	(void)argc;
	(void)argv;
	/* names and paths */
	memset(path, 'n', sizeof(path));
	memcpy(path, "/tmp/", 5);
	path[5 + 255] = '\0';
	tine_check(tine_sys_mkdir(path, 0755) == 0);
	tine_check(tine_sys_rmdir(path) == 0);
	path[5 + 255] = 'n';
	path[5 + 256] = '\0';
	tine_check(tine_sys_mkdir(path, 0755) == -ENAMETOOLONG);
	for (int i = 0; i < 1099; i++)
		path[i] = '/';
	path[1023] = '\0';
	tine_check(tine_sys_chdir(path) == 0);
	path[1023] = '/';
	path[1024] = '\0';
	tine_check(tine_sys_chdir(path) == -ENAMETOOLONG);
	/* the size of a file: what fits, then a signal */
	fd = open_new("/tmp/l");
	if (tine_sys_fork() == 0) {
		tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit,
		    NULL) == 0);
		tine_check(tine_sys_write(fd, "0123456789", 10) == 5);
		tine_sys_write(fd, "x", 1);
		tine_sys_exit(0);
	}
	tine_sys_wait(&status);
	tine_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
	memset(&action, 0, sizeof(action));
	action.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(SIGXFSZ, &action, NULL) == 0);
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_FSIZE, &limit, NULL) == 0);
	tine_check(tine_sys_write(fd, "x", 1) == -EFBIG);
	tine_check(tine_sys_pwrite(fd, "x", 1, 4) == 1);
	/* descriptors */
	tine_check(tine_sys_setrlimit(TINE_RLIMIT_NOFILE, &limit, NULL) == 0);
	tine_check(tine_sys_dup(0) == 4);
	tine_check(tine_sys_dup(0) == -EMFILE);
	return 0;
}
TINE_PROGRAM(fi_limits, "test: limits");

/* --- mapped files --- */

static int
fi_mapped(int argc, char **argv)
{
	struct tine_stat st;
	char text[16], *map, *again;
	int fd, other, fds[2];

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/map");
	put(fd, "0123456789");
	tine_check(tine_sys_pwrite(fd, "far", 3, 5000) == 3);
	map = tine_sys_mmap_file(fd, 5003, TINE_PROT_READ | TINE_PROT_WRITE,
	    TINE_MAP_SHARED, 0);
	tine_check(tine_sys_failed(map) == 0);
	tine_check(memcmp(map, "0123456789", 11) == 0);
	tine_check(memcmp(map + 5000, "far", 4) == 0);
	/* stores and writes are one */
	map[1] = 'S';
	tine_check(tine_sys_pwrite(fd, "W", 1, 2) == 1);
	tine_check(map[2] == 'W');
	tine_check(tine_sys_pread(fd, text, 4, 0) == 4);
	tine_check(memcmp(text, "0SW3", 4) == 0);
	if (tine_sys_fork() == 0) {
		map[3] = 'C';
		map[4096] = 'D';
		tine_sys_exit(0);
	}
	tine_sys_wait(NULL);
	tine_check(map[3] == 'C');
	tine_check(tine_sys_pread(fd, text, 1, 4096) == 1 && text[0] == 'D');
	/* a part, read only; it outlives descriptor, name and size */
	other = tine_sys_open("/tmp/map", TINE_O_RDONLY, 0);
	again = tine_sys_mmap_file(other, 4096, TINE_PROT_READ,
	    TINE_MAP_SHARED, 4096);
	tine_check(tine_sys_failed(again) == 0 && again[0] == 'D');
	tine_check(tine_sys_mprotect(again, 4096, TINE_PROT_READ |
	    TINE_PROT_WRITE) == -EACCES);
	tine_check(tine_sys_failed(tine_sys_mmap_file(other, 1, TINE_PROT_READ
	    | TINE_PROT_WRITE, TINE_MAP_SHARED, 0)) == -EACCES);
	tine_check(tine_sys_ftruncate(fd, 2) == 0);
	tine_check(again[0] == 0 && map[1] == 'S' && map[2] == 0);
	tine_check(tine_sys_fstat(fd, &st) == 0 && st.size == 2);
	tine_check(tine_sys_unlink("/tmp/map") == 0);
	tine_check(tine_sys_close(fd) == 0 && tine_sys_close(other) == 0);
	map[0] = 'x';
	tine_check(tine_sys_munmap(map, 8192) == 0);
	/* misuse */
	fd = open_new("/tmp/short");
	tine_check(tine_sys_pipe(fds) == 0);
#define REFUSED(fd, size, flags, offset) \
	tine_sys_failed(tine_sys_mmap_file((fd), (size), TINE_PROT_READ, \
	    (flags), (offset)))
	tine_check(REFUSED(fd, 1, TINE_MAP_SHARED, 0) == -ENXIO);
	tine_check(REFUSED(fd, 0, TINE_MAP_SHARED, 0) == -EINVAL);
	tine_check(REFUSED(fd, 1, TINE_MAP_SHARED, 5) == -EINVAL);
	tine_check(REFUSED(fd, 1, TINE_MAP_PRIVATE, 0) == -ENOTSUP);
	tine_check(REFUSED(99, 1, TINE_MAP_SHARED, 0) == -EBADF);
	tine_check(tine_sys_failed(tine_sys_mmap_file(fd, 1, 64,
	    TINE_MAP_SHARED, 0)) == -EINVAL);
	tine_check(REFUSED(fds[0], 1, TINE_MAP_SHARED, 0) == -ENODEV);
	return 0;
}
TINE_PROGRAM(fi_mapped, "test: a file in memory");

static int
fi_mapped_failures(int argc, char **argv)
{
	const int fd = tine_sys_open("/tmp/m", TINE_O_CREAT | TINE_O_RDWR,
	    0600);
	char *map;

	(void)argc;
	(void)argv;
	tine_sys_pwrite(fd, "x", 1, 9000);
	tine_sys_pwrite(fd, "y", 1, 0);
	map = tine_sys_mmap_file(fd, 4096, TINE_PROT_READ | TINE_PROT_WRITE,
	    TINE_MAP_SHARED, 0);
	tine_sys_pwrite(fd, "z", 1, 20000);
	if (tine_sys_failed(map) == 0)
		tine_check(map[0] == 'y' || map[0] == 0);
	return 0;
}
TINE_PROGRAM(fi_mapped_failures, "test: mapping where everything fails");

/* --- failures, and too little memory --- */

static int
fi_failures(int argc, char **argv)
{
	int fd;

	(void)argc;
	(void)argv;
	tine_sys_mkdir("/tmp/d", 0755);
	fd = tine_sys_open("/tmp/d/f", TINE_O_CREAT | TINE_O_RDWR, 0644);
	if (fd >= 0) {
		tine_sys_write(fd, "0123456789", 10);
		tine_sys_lseek(fd, 9000, TINE_SEEK_SET);
		tine_sys_write(fd, "0123456789", 10);
	}
	tine_sys_link("/tmp/d/f", "/tmp/d/g");
	tine_sys_rename("/tmp/d/g", "/tmp/h");
	tine_sys_mkdir("/tmp/e", 0755);
	tine_sys_rename("/tmp/e", "/tmp/d/e");
	for (int i = 0; i < 10; i++)
		tine_sys_dup(0);
	if (tine_sys_fork() == 0)
		tine_sys_exit(0);
	tine_sys_open("/bin/fi_failures", TINE_O_RDONLY, 0);
	tine_sys_wait(NULL);
	return 0;
}
TINE_PROGRAM(fi_failures, "test: files where everything fails once");

static int
fi_full(int argc, char **argv)
{
	static const char block[4096];
	long n, size = 0;
	int fd;

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/full");
	while ((n = tine_sys_write(fd, block, sizeof(block))) ==
	    (long)sizeof(block))
		size += n;
	tine_check(n == -ENOSPC);
	tine_check(size > 100000);
	/* there is room again */
	tine_check(tine_sys_ftruncate(fd, 0) == 0);
	tine_check(tine_sys_pwrite(fd, block, sizeof(block), 0) == 4096);
	return 0;
}
TINE_PROGRAM(fi_full, "test: no room");

static int
fi_big(int argc, char **argv)
{
	char c = 'x';
	int fd;

	(void)argc;
	(void)argv;
	fd = open_new("/tmp/big");
	tine_check(tine_sys_pwrite(fd, &c, 1, (16 << 20) - 1) == 1);
	tine_check(tine_sys_pwrite(fd, &c, 1, 16 << 20) == -EFBIG);
	return 0;
}
TINE_PROGRAM(fi_big, "test: the largest file");

/* --- the host's side --- */

static int
fi_host(int argc, char **argv)
{
	int fd;

	(void)argc;
	(void)argv;
	holds("/etc/motd", "welcome");
	holds("/etc/empty", "");
	fd = tine_sys_open("/etc/motd", TINE_O_WRONLY | TINE_O_APPEND, 0);
	put(fd, " back");
	tine_check(tine_sys_unlink("/etc/empty") == 0);
	fd = open_new("/tmp/out");
	put(fd, "made here");
	tine_printf("parent ");
	if (tine_sys_fork() == 0) {
		tine_printf("child ");
		tine_sys_exit(0);
	}
	tine_sys_wait(NULL);
	tine_printf("again");
	return 0;
}
TINE_PROGRAM(fi_host, "test: files of the host");

/* --- tests --- */

static void
files_hold_what_was_written(void **state)
{
	(void)state;
	harness_passes("fi_contents", NULL, 0);
}

/* spec: IL-009 IL-040 */
static void
an_open_file_has_one_offset(void **state)
{
	(void)state;
	harness_every_seed("fi_shared_offset", SEEDS);
}

/* spec: IL-040 IL-059 IL-144 */
static void
descriptors_are_copied_flagged_and_closed_by_exec(void **state)
{
	(void)state;
	harness_every_seed("fi_descriptors", 3);
}

/* spec: IL-059 IL-127 */
static void
descriptors_end_at_their_limit(void **state)
{
	(void)state;
	harness_passes("fi_limit", NULL, 0);
	harness_passes("fi_limits", NULL, 0);
}

/* spec: IL-059 */
static void
a_list_grows_under_other_lwps(void **state)
{
	(void)state;
	harness_every_seed("fi_growth", SEEDS);
}

static void
dup2_closes_and_opens_in_one_step(void **state)
{
	(void)state;
	harness_every_seed("fi_dup2_race", SEEDS);
}

static void
names_come_and_go(void **state)
{
	(void)state;
	harness_passes("fi_names", NULL, 0);
	harness_passes("fi_rename", NULL, 0);
	harness_passes("fi_list", NULL, 0);
	harness_passes("fi_modes", NULL, 0);
}

static void
a_mapped_file_is_memory_and_file(void **state)
{
	(void)state;
	harness_every_seed("fi_mapped", SEEDS);
	assert_in_range(harness_every_failure("fi_mapped_failures", NULL), 5,
	    100);
}

static void
a_root_is_inherited_and_holds(void **state)
{
	(void)state;
	harness_every_seed("fi_root", 3);
}

static void
three_may_change_names_at_once(void **state)
{
	(void)state;
	harness_every_seed("fi_name_races", 40);
}

static void
every_failing_step_leaves_the_books_right(void **state)
{
	(void)state;
	assert_in_range(harness_every_failure("fi_failures", NULL), 20, 200);
}

static void
no_room_is_an_errno(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.kmem_bytes = 4 << 20;
	harness_passes("fi_full", &options, 0);
	harness_passes("fi_big", NULL, 0);
}

static long
file_is(struct tine_machine *machine, const char *path, const char *want)
{
	const char *data = NULL;
	const long n = tine_machine_file_after(machine, path, &data);

	if (n >= 0)
		assert_string_equal(data, want);
	return n;
}

/* Of the first program; its child has the next one. */
static int
first_pid(void)
{
	switch (harness_options().kernel) {
	case TINE_KERNEL_DRAGONFLY:
	case TINE_KERNEL_NETBSD:
		return 2;
	default:
		return 101;
	}
}

static void
the_host_gives_and_takes_files(void **state)
{
	struct tine_options options = harness_options();
	struct tine_machine *machine;
	struct tine_result result;
	const char *text;

	(void)state;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "fi_host", NULL), 0);
	assert_int_equal(tine_machine_file(machine, "/etc/motd", "old", 3), 0);
	assert_int_equal(tine_machine_file(machine, "/etc/motd", "welcome",
	    7), 0);
	assert_int_equal(tine_machine_file(machine, "/etc/empty", "", 0), 0);
	assert_int_equal(tine_machine_file(machine, "/etc/gone", "x", 1), 0);
	assert_int_equal(tine_machine_file(machine, "/etc/gone", NULL, 0), 0);
	/* twice: what programs change is their copy */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tine_machine_run(machine, &result), 0);
		if (result.outcome != TINE_OUTCOME_PASSED)
			fail_msg("%s", result.message);
		assert_int_equal(file_is(machine, "/etc/motd",
		    "welcome back"), 12);
		assert_int_equal(file_is(machine, "/tmp/out", "made here"),
		    9);
		assert_int_equal(file_is(machine, "/etc/empty", ""),
		    -TINE_ENOENT);
		assert_int_equal(file_is(machine, "/etc/gone", ""),
		    -TINE_ENOENT);
		assert_int_equal(file_is(machine, "/etc", ""), -TINE_ENOENT);
	}
	assert_int_equal(tine_machine_console_of(machine, first_pid(), &text),
	    12);
	assert_string_equal(text, "parent again");
	assert_int_equal(tine_machine_console_of(machine, first_pid() + 1,
	    &text), 6);
	assert_string_equal(text, "child ");
	assert_int_equal(tine_machine_console_of(machine, 77, &text), 0);
	assert_string_equal(text, "");
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
bad_files_of_the_host_are_refused(void **state)
{
	static const char *const bad[] = { "relative", "/", "/a//b", "/a/",
	    "/a/./b", "/a/..", "/bin/x", "/bin", "/dev/null", "/tmp",
	    "/etc/motd/x", "/etc", "" };
	struct tine_options options = harness_options();
	struct tine_machine *machine;
	const char *text;

	(void)state;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_file(machine, "/etc/motd", "x", 1), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tine_machine_file(machine, bad[i], "x", 1),
		    -TINE_EINVAL);
	assert_int_equal(tine_machine_file(machine, "/etc/m", "x",
	    (16 << 20) + 1), -TINE_EINVAL);
	assert_int_equal(tine_machine_file(NULL, "/x", "x", 1), -TINE_EINVAL);
	assert_int_equal(tine_machine_file(machine, NULL, "x", 1),
	    -TINE_EINVAL);
	assert_int_equal(tine_machine_file_after(machine, NULL, &text),
	    -TINE_EINVAL);
	assert_int_equal(tine_machine_file_after(NULL, "/x", &text),
	    -TINE_EINVAL);
	assert_int_equal(tine_machine_file_after(machine, "/etc/motd", &text),
	    -TINE_ENOENT);
	assert_int_equal(tine_machine_console_of(machine, 1, NULL),
	    -TINE_EINVAL);
	assert_int_equal(tine_machine_hangup(NULL), -TINE_EINVAL);
	assert_int_equal(tine_machine_hangup(machine), -TINE_ESTATE);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* A run that did not end well has files too. */
static int
fi_fails(int argc, char **argv)
{
	const int fd = open_new("/tmp/log");

	(void)argc;
	(void)argv;
	put(fd, "so far");
	tine_check(fd == 99);
	return 0;
}
TINE_PROGRAM(fi_fails, "test: a failing program's file");

static void
a_failed_run_leaves_its_files(void **state)
{
	(void)state;
	harness_ends("fi_fails", NULL, TINE_OUTCOME_CHECK, "fd == 99");
	assert_int_equal(file_is(harness_machine(), "/tmp/log", "so far"), 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_hold_what_was_written),
		cmocka_unit_test(an_open_file_has_one_offset),
		cmocka_unit_test(
		    descriptors_are_copied_flagged_and_closed_by_exec),
		cmocka_unit_test(descriptors_end_at_their_limit),
		cmocka_unit_test(a_list_grows_under_other_lwps),
		cmocka_unit_test(dup2_closes_and_opens_in_one_step),
		cmocka_unit_test(names_come_and_go),
		cmocka_unit_test(a_mapped_file_is_memory_and_file),
		cmocka_unit_test(a_root_is_inherited_and_holds),
		cmocka_unit_test(three_may_change_names_at_once),
		cmocka_unit_test(every_failing_step_leaves_the_books_right),
		cmocka_unit_test(no_room_is_an_errno),
		cmocka_unit_test(the_host_gives_and_takes_files),
		cmocka_unit_test(bad_files_of_the_host_are_refused),
		cmocka_unit_test(a_failed_run_leaves_its_files),
	};

	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
