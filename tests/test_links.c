/* SPDX-License-Identifier: MIT */
/*
 * test_links.c - symbolic links on all kernels: where walks go on, who does
 * not, and where they end.
 */
#include <errno.h>
#include <setjmp.h>
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

#define RD TINE_O_RDONLY
#define MAKE (TINE_O_CREAT | TINE_O_RDWR)

/* A file with a letter in it. */
static void
put(const char *path, char letter)
{
	const int fd = tine_sys_open(path, MAKE, 0644);

	tine_check(fd >= 0 && tine_sys_write(fd, &letter, 1) == 1);
	tine_sys_close(fd);
}

/* The letter, or an error. */
static int
get(const char *path)
{
	const int fd = tine_sys_open(path, RD, 0);
	char letter = 0;

	if (fd < 0)
		return fd;
	tine_sys_read(fd, &letter, 1);
	tine_sys_close(fd);
	return letter;
}

#define L(text, path) tine_check(tine_sys_symlink(text, path) == 0)

/* /tmp/d/f, and links: /tmp/l -> d, /tmp/d/up -> .., /tmp/d/abs -> /tmp/d/f,
 * /tmp/d/rel -> f, /tmp/chain -> l/up/l/rel */
static void
tree(void)
{
	tine_check(tine_sys_mkdir("/tmp/d", 0755) == 0);
	put("/tmp/d/f", 'f');
	L("d", "/tmp/l");
	L("..", "/tmp/d/up");
	L("/tmp/d/f", "/tmp/d/abs");
	L("f", "/tmp/d/rel");
	L("l/up/l/rel", "/tmp/chain");
}

PROGRAM(li_walks, "walks go on at links")
{
	char path[64];
	int fd;

	tree();
	tine_check(get("/tmp/l/f") == 'f' && get("/tmp/l/rel") == 'f');
	tine_check(get("/tmp/l/abs") == 'f' && get("/tmp/chain") == 'f');
	tine_check(get("/tmp/d/up/l/up/d/f") == 'f');
	tine_check(get("/tmp//l//up///d/./f") == 'f');
	/* Relative to where the link is, not to who walks. */
	tine_check(tine_sys_chdir("/tmp/l") == 0);
	tine_check(tine_sys_getcwd(path, sizeof(path)) > 0);
	tine_check(strcmp(path, "/tmp/d") == 0);
	tine_check(get("rel") == 'f' && get("up/chain") == 'f');
	tine_check(get("../chain") == 'f');
	tine_check(tine_sys_chdir("up") == 0 && get("chain") == 'f');
	/* The root, and behind it. */
	L("/", "/tmp/root");
	L("//", "/tmp/roots");
	tine_check(get("/tmp/root/tmp/chain") == 'f');
	tine_check(get("/tmp/roots/tmp/root/tmp/chain") == 'f');
	tine_check(tine_sys_chdir("/tmp/root") == 0);
	tine_check(tine_sys_getcwd(path, sizeof(path)) > 0);
	tine_check(strcmp(path, "/") == 0);
	/* Slashes behind: a directory is meant. */
	L("d/", "/tmp/slash");
	tine_check(get("/tmp/slash/f") == 'f');
	tine_check(get("/tmp/chain/") == -ENOTDIR);
	tine_check(tine_sys_chdir("/tmp/slash/") == 0);
	L("f/", "/tmp/d/file_slash");
	tine_check(get("/tmp/d/file_slash") == -ENOTDIR);
	/* A file in the middle, nothing there. */
	tine_check(get("/tmp/d/rel/x") == -ENOTDIR);
	L("nowhere", "/tmp/dangling");
	tine_check(get("/tmp/dangling") == -ENOENT);
	tine_check(get("/tmp/dangling/x") == -ENOENT);
	L("", "/tmp/empty");
	tine_check(get("/tmp/empty") == -ENOENT);
	/* What is asked on the way is asked of the directories. */
	tine_check(tine_sys_mkdir("/tmp/shut", 0700) == 0);
	put("/tmp/shut/f", 's');
	L("shut/f", "/tmp/into");
	tine_check(get("/tmp/into") == 's');
	tine_check(tine_sys_setuid(9) == 0);
	tine_check(get("/tmp/into") == -EACCES);
	/* From an open directory. */
	fd = tine_sys_open("/tmp/l", RD | TINE_O_DIRECTORY, 0);
	tine_check(fd >= 0);
	fd = tine_sys_openat(fd, "up/chain", RD, 0);
	tine_check(fd >= 0);
	/* A new root keeps what is absolute inside. */
	return 0;
}

PROGRAM(li_root, "an absolute link begins at the caller's root")
{
	tree();
	tine_check(tine_sys_mkdir("/tmp/d/tmp", 0755) == 0);
	tine_check(tine_sys_mkdir("/tmp/d/tmp/d", 0755) == 0);
	put("/tmp/d/tmp/d/f", 'i');
	tine_check(tine_sys_chroot("/tmp/l") == 0);
	tine_check(get("/abs") == 'i' && get("/rel") == 'f');
	tine_check(get("/up/f") == 'f');
	return 0;
}

static void
walks_go_on_at_links(void **state)
{
	(void)state;
	passes_on_each("li_walks");
	passes_on_each("li_root");
}

PROGRAM(li_itself, "what is done to a link, not to what it leads to")
{
	struct tine_stat st, target;
	char text[16] = "################"; /* not ended */
	struct tine_dirent entry;
	int fd;

	tree();
	tine_check(tine_sys_lstat("/tmp/l", &st) == 0);
	tine_check(st.mode == (TINE_S_IFLNK | 0777) && st.size == 1);
	tine_check(tine_sys_stat("/tmp/l", &target) == 0);
	tine_check((target.mode & TINE_S_IFMT) == TINE_S_IFDIR);
	tine_check(st.ino != target.ino);
	tine_check(tine_sys_lstat("/tmp/l/", &st) == 0 && st.ino ==
	    target.ino);
	tine_check(tine_sys_lstat("/tmp/d/f", &st) == 0);
	tine_check((st.mode & TINE_S_IFMT) == TINE_S_IFREG);
	tine_check(tine_sys_lstat("/tmp/l/rel", &st) == 0);
	tine_check((st.mode & TINE_S_IFMT) == TINE_S_IFLNK);
	/* Its text. */
	tine_check(tine_sys_readlink("/tmp/chain", text, 16) == 10);
	tine_check(memcmp(text, "l/up/l/rel######", 16) == 0);
	tine_check(tine_sys_readlink("/tmp/chain", text, 4) == 4);
	tine_check(tine_sys_readlink("/tmp/chain", text, 0) == 0);
	tine_check(tine_sys_readlink("/tmp/chain", text, SIZE_MAX) ==
	    -EINVAL);
	tine_check(tine_sys_readlink("/tmp/d", text, 16) == -EINVAL);
	tine_check(tine_sys_readlink("/tmp/l/", text, 16) == -EINVAL);
	tine_check(tine_sys_readlink("/tmp/no", text, 16) == -ENOENT);
	fd = tine_sys_open("/tmp", RD, 0);
	tine_check(tine_sys_readlinkat(fd, "l", text, 16) == 1);
	tine_check(tine_sys_lstatat(fd, "l", &st) == 0 && st.size == 1);
	tine_check(tine_sys_symlinkat("d/f", fd, "made") == 0);
	tine_check(get("/tmp/made") == 'f');
	while (tine_sys_getdents(fd, &entry) == 1)
		tine_check((entry.type == TINE_S_IFLNK) ==
		    (strcmp(entry.name, "d") != 0));
	/* Whose it is, and when. */
	tine_check(tine_sys_lchown("/tmp/l", 5, 6) == 0);
	tine_check(tine_sys_lstat("/tmp/l", &st) == 0 && st.uid == 5 &&
	    st.gid == 6);
	tine_check(tine_sys_stat("/tmp/l", &st) == 0 && st.uid == 0);
	tine_check(tine_sys_chown("/tmp/l", 7, 7) == 0);
	tine_check(tine_sys_stat("/tmp/d", &st) == 0 && st.uid == 7);
	tine_check(tine_sys_lchownat(fd, "l", 8, 8) == 0);
	tine_check(tine_sys_lstat("/tmp/l", &st) == 0 && st.uid == 8);
	tine_check(tine_sys_lutimeat(fd, "l", 12345) == 0);
	tine_check(tine_sys_lstat("/tmp/l", &st) == 0 && st.mtime_ns == 12345);
	tine_check(tine_sys_stat("/tmp/l", &st) == 0 && st.mtime_ns != 12345);
	tine_check(tine_sys_utimeat(fd, "l", 54321) == 0);
	tine_check(tine_sys_stat("/tmp/d", &st) == 0 && st.mtime_ns == 54321);
	tine_check(tine_sys_chmod("/tmp/l", 0700) == 0);
	tine_check(tine_sys_stat("/tmp/d", &st) == 0 &&
	    (st.mode & 07777) == 0700);
	tine_check(tine_sys_lstat("/tmp/l", &st) == 0 &&
	    (st.mode & 07777) == 0777);
	/* access follows. */
	tine_check(tine_sys_access("/tmp/l", TINE_X_OK) == 0);
	tine_check(tine_sys_access("/tmp/d/rel", TINE_X_OK) == -EACCES);
	return 0;
}

static void
a_link_has_facts_of_its_own(void **state)
{
	(void)state;
	passes_on_each("li_itself");
}

PROGRAM(li_names, "names of links come, go and move")
{
	struct tine_stat a, b;
	char text[16];

	tree();
	tine_check(tine_sys_symlink("x", "/tmp/l") == -EEXIST);
	tine_check(tine_sys_symlink("x", "/tmp/d/rel") == -EEXIST);
	tine_check(tine_sys_symlink("x", "/bin/l") == -EROFS);
	tine_check(tine_sys_symlink("x", "/tmp/no/l") == -ENOENT);
	tine_check(tine_sys_symlink("x", "/tmp/new/") == -ENOENT);
	tine_check(tine_sys_mkdir("/tmp/l", 0755) == -EEXIST);
	tine_check(tine_sys_mkfifo("/tmp/chain", 0755) == -EEXIST);
	/* rmdir and unlink are of the link. */
	tine_check(tine_sys_rmdir("/tmp/l") == -ENOTDIR);
	tine_check(tine_sys_unlink("/tmp/l/") == -ENOTDIR);
	tine_check(tine_sys_unlink("/tmp/d/rel") == 0);
	tine_check(get("/tmp/d/f") == 'f');
	tine_check(tine_sys_unlink("/tmp/d/rel") == -ENOENT);
	L("f", "/tmp/d/rel");
	/* rename moves it, and puts it in place of what is there. */
	tine_check(tine_sys_rename("/tmp/d/rel", "/tmp/d/moved") == 0);
	tine_check(get("/tmp/d/moved") == 'f');
	tine_check(tine_sys_rename("/tmp/d/moved", "/tmp/rel") == 0);
	tine_check(get("/tmp/rel") == -ENOENT);
	put("/tmp/f", 'g');
	tine_check(get("/tmp/rel") == 'g');
	tine_check(tine_sys_rename("/tmp/f", "/tmp/rel") == 0);
	tine_check(tine_sys_readlink("/tmp/rel", text, 16) == -EINVAL);
	tine_check(get("/tmp/rel") == 'g');
	tine_check(tine_sys_rename("/tmp/l", "/tmp/rel") == 0);
	tine_check(get("/tmp/rel/f") == 'f');
	tine_check(tine_sys_rename("/tmp/d", "/tmp/rel") == -ENOTDIR);
	/* Through a link into another directory. */
	tine_check(tine_sys_rename("/tmp/rel/f", "/tmp/rel/g") == 0);
	tine_check(get("/tmp/d/g") == 'f');
	/* A second name: for what it leads to, or for itself. */
	L("d/g", "/tmp/s");
	tine_check(tine_sys_link("/tmp/s", "/tmp/hard") == 0);
	tine_check(tine_sys_lstat("/tmp/hard", &a) == 0);
	tine_check(tine_sys_lstat(on_solaris() ? "/tmp/s" : "/tmp/d/g", &b) ==
	    0);
	tine_check(a.ino == b.ino && a.nlink == 2);
	tine_check(tine_sys_linkat(TINE_AT_FDCWD, "/tmp/s", TINE_AT_FDCWD,
	    "/tmp/hard2") == 0);
	tine_check(tine_sys_lstat("/tmp/s", &b) == 0);
	tine_check(tine_sys_lstat("/tmp/hard2", &a) == 0 && a.ino == b.ino);
	tine_check(tine_sys_linkat_follow(TINE_AT_FDCWD, "/tmp/s",
	    TINE_AT_FDCWD, "/tmp/hard3") == 0);
	tine_check(tine_sys_lstat("/tmp/d/g", &b) == 0);
	tine_check(tine_sys_lstat("/tmp/hard3", &a) == 0 && a.ino == b.ino);
	L("gone", "/tmp/dangling");
	tine_check(tine_sys_linkat_follow(TINE_AT_FDCWD, "/tmp/dangling",
	    TINE_AT_FDCWD, "/tmp/hard4") == -ENOENT);
	/* In a sticky directory a link is its owner's. */
	tine_check(tine_sys_mkdir("/tmp/t", 0755) == 0);
	tine_check(tine_sys_chmod("/tmp/t", 01777) == 0);
	L("x", "/tmp/t/l");
	tine_check(tine_sys_setuid(9) == 0);
	tine_check(tine_sys_unlink("/tmp/t/l") == (on_solaris() ? -EACCES :
	    -EPERM));
	L("x", "/tmp/t/own");
	tine_check(tine_sys_lstat("/tmp/t/own", &a) == 0 && a.uid == 9);
	tine_check(tine_sys_unlink("/tmp/t/own") == 0);
	return 0;
}

static void
names_of_links_are_names_as_any(void **state)
{
	(void)state;
	passes_on_each("li_names");
}

PROGRAM(li_open, "open through links, or not; and files made through them")
{
	struct tine_stat st;
	int fd;

	tree();
	tine_check(tine_sys_open("/tmp/chain", RD | TINE_O_NOFOLLOW, 0) ==
	    -ELOOP);
	tine_check(tine_sys_open("/tmp/l", RD | TINE_O_NOFOLLOW, 0) == -ELOOP);
	/* Only the last one counts. */
	fd = tine_sys_open("/tmp/l/f", RD | TINE_O_NOFOLLOW, 0);
	tine_check(fd >= 0);
	tine_check(tine_sys_open("/tmp/chain", MAKE | TINE_O_NOFOLLOW, 0) ==
	    -ELOOP);
	tine_check(tine_sys_open("/tmp/chain", MAKE | TINE_O_EXCL, 0) ==
	    -EEXIST);
	fd = tine_sys_open("/tmp/chain", MAKE, 0);
	tine_check(fd >= 0 && tine_sys_fstat(fd, &st) == 0 && st.size == 1);
	fd = tine_sys_open("/tmp/chain", MAKE | TINE_O_TRUNC, 0);
	tine_check(tine_sys_fstat(fd, &st) == 0 && st.size == 0);
	/* Where it would lead to. */
	L("d/new", "/tmp/there");
	tine_check(tine_sys_open("/tmp/there", MAKE | TINE_O_EXCL, 0644) ==
	    -EEXIST);
	put("/tmp/there", 'n');
	tine_check(get("/tmp/d/new") == 'n');
	L("no/new", "/tmp/nodir");
	tine_check(tine_sys_open("/tmp/nodir", MAKE, 0644) == -ENOENT);
	L("there2", "/tmp/twice");
	L("d/second", "/tmp/there2");
	put("/tmp/twice", 't');
	tine_check(get("/tmp/d/second") == 't');
	/* To a directory, a program, a device. */
	tine_check(tine_sys_open("/tmp/l", MAKE, 0644) == -EISDIR);
	L("/bin/li_open", "/tmp/program");
	tine_check(tine_sys_open("/tmp/program", MAKE, 0644) == -ETXTBSY);
	L("/dev/null", "/tmp/null");
	put("/tmp/null", 'x');
	tine_check(get("/tmp/null") == 0);
	L("/bin/nothing", "/tmp/ro");
	tine_check(tine_sys_open("/tmp/ro", MAKE, 0644) == -EROFS);
	tine_check(tine_sys_open("/bin/li_open/", MAKE, 0644) == -ENOTDIR);
	tine_check(tine_sys_open("/tmp/l", RD | TINE_O_DIRECTORY, 0) >= 0);
	return 0;
}

static void
open_makes_a_file_where_a_link_leads(void **state)
{
	(void)state;
	passes_on_each("li_open");
}

PROGRAM(li_loops, "links that lead round, and as many as may be")
{
	const int most = on_solaris() ? 20 : 32;
	char name[32], text[32], long_path[1100];

	L("loop", "/tmp/loop");
	tine_check(get("/tmp/loop") == -ELOOP);
	tine_check(tine_sys_open("/tmp/loop", MAKE, 0) == -ELOOP);
	tine_check(tine_sys_chdir("/tmp/loop/x") == -ELOOP);
	L("b", "/tmp/a");
	L("a", "/tmp/b");
	tine_check(get("/tmp/a") == -ELOOP);
	tine_check(tine_sys_unlink("/tmp/a/x") == -ELOOP);
	put("/tmp/0", 'z');
	for (int i = 1; i <= most + 1; i++) {
		snprintf(name, sizeof(name), "/tmp/%d", i);
		snprintf(text, sizeof(text), "%d", i - 1);
		L(text, name);
	}
	snprintf(name, sizeof(name), "/tmp/%d", most);
	tine_check(get(name) == 'z');
	snprintf(name, sizeof(name), "/tmp/%d", most + 1);
	tine_check(get(name) == -ELOOP);
	/* The last one is not followed by those that do not. */
	tine_check(tine_sys_unlink(name) == 0);
	/* Too long with what is left: 500 + 1 + 522 is one too many. */
	memset(long_path, '/', sizeof(long_path));
	long_path[500] = '\0';
	L(long_path, "/tmp/x");
	memcpy(long_path, "/tmp/x/", 7);
	for (int i = 0; i < 523; i++)
		long_path[7 + i] = i % 2 == 0 ? '.' : '/';
	long_path[7 + 523] = '\0';
	tine_check(tine_sys_chdir(long_path) == -ENAMETOOLONG);
	long_path[7 + 522] = '\0';
	tine_check(tine_sys_chdir(long_path) == 0);
	memset(long_path, 'n', sizeof(long_path));
	memcpy(long_path, "/tmp/x/", 7);
	for (int i = 200; i < 1000; i += 200)
		long_path[i] = '/';
	long_path[1000] = '\0';
	tine_check(get(long_path) == -ENAMETOOLONG);
	long_path[200] = '\0';
	tine_check(get(long_path) == -ENOENT);
	return 0;
}

static void
walks_that_lead_round_end(void **state)
{
	(void)state;
	passes_on_each("li_loops");
}

PROGRAM(li_exec, "a program by the name of a link")
{
	char name[] = "li_exec", *argv[] = { name, NULL }, *envp[] = { NULL };
	int status;

	L("/bin/li_child", "/tmp/run");
	if (tine_sys_fork() == 0) {
		tine_sys_execve("/tmp/run", argv, envp);
		tine_sys_exit(1);
	}
	tine_sys_wait(&status);
	tine_check(status == 17 << 8);
	return 0;
}

PROGRAM(li_child, "says 17")
{
	return 17;
}

static void
exec_follows_a_link(void **state)
{
	(void)state;
	passes_on_each("li_exec");
}

PROGRAM(li_fails, "links where a step fails")
{
	char text[8];

	(void)tine_sys_mkdir("/tmp/d", 0755);
	(void)tine_sys_symlink("d", "/tmp/l");
	(void)tine_sys_open("/tmp/l/../l/f", MAKE, 0600);
	(void)tine_sys_symlink("l/f", "/tmp/m");
	(void)tine_sys_open("/tmp/m", MAKE, 0600);
	(void)tine_sys_readlink("/tmp/m", text, 8);
	(void)tine_sys_rename("/tmp/m", "/tmp/l/m");
	(void)tine_sys_chdir("/tmp/l");
	return 0;
}

static void
every_failure_leaves_the_books_in_order(void **state)
{
	struct tine_options o;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		o = on(kernels[i]);
		assert_true(harness_every_failure("li_fails", &o) > 6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_go_on_at_links),
		cmocka_unit_test(a_link_has_facts_of_its_own),
		cmocka_unit_test(names_of_links_are_names_as_any),
		cmocka_unit_test(open_makes_a_file_where_a_link_leads),
		cmocka_unit_test(walks_that_lead_round_end),
		cmocka_unit_test(exec_follows_a_link),
		cmocka_unit_test(every_failure_leaves_the_books_in_order)
	};

	return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
