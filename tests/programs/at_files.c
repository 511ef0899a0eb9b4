/* SPDX-License-Identifier: MIT */
/*
 * at_files.c - paths that begin at an open directory, wherever the process and
 * its children are; times, permissions, and what is in a directory.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int
list(int dir)
{
	const struct dirent *entry;
	DIR *stream = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY));
	int n = 0;

	while ((entry = readdir(stream)) != NULL)
		n += strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0;
	closedir(stream);
	return n;
}

/* Whether a call failed for that reason. */
static int
fails(long result, int error)
{
	return result == -1 && errno == error;
}

int
main(void)
{
	struct timespec times[2] = { { 5, 0 }, { 1234, 5 } };
	char base[64], file[96];
	struct stat st;
	int root, dir, fd, status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	umask(022);
	snprintf(base, sizeof(base), "/tmp/at.%d", (int)getpid());
	if (mkdir(base, 0755) != 0)
		return 1;
	dir = open(base, O_RDONLY | O_DIRECTORY);
	root = open("/", O_RDONLY | O_DIRECTORY);
	printf("mkdirat: %d\n", mkdirat(dir, "sub", 0700));
	fd = openat(dir, "sub/file", O_WRONLY | O_CREAT, 0666);
	printf("written: %d\n", (int)write(fd, "hello", 5));
	printf("fchmod: %d\n", fchmod(fd, 0604));
	close(fd);

	/* From elsewhere, and by another process. */
	pid = fork();
	if (pid == 0) {
		if (chdir("/dev") != 0)
			_exit(1);
		fstatat(dir, "sub/file", &st, 0);
		printf("seen: %d %o\n", (int)st.st_size,
		    (unsigned)st.st_mode & 07777);
		printf("renameat: %d\n", renameat(dir, "sub/file", dir, "b"));
		printf("linkat: %d\n", linkat(dir, "b", root,
		    base + 1, 0) == -1 && errno == EEXIST);
		snprintf(file, sizeof(file), "%s/c", base + 1);
		printf("linkat: %d\n", linkat(dir, "b", root, file, 0));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	fstatat(dir, "c", &st, 0);
	printf("two names: %d, entries %d\n", (int)st.st_nlink, list(dir));
	printf("faccessat: %d %d %d\n", faccessat(dir, "b", R_OK, 0),
	    faccessat(dir, "none", F_OK, 0), errno == ENOENT);
	printf("utimensat: %d\n", utimensat(dir, "b", times, 0));
	fstatat(dir, "b", &st, 0);
	printf("time: %ld\n", (long)st.st_mtime);
	fd = openat(dir, "b", O_RDWR);
	times[1].tv_nsec = UTIME_OMIT;
	printf("kept: %d", futimens(fd, times));
	fstat(fd, &st);
	printf(" %ld\n", (long)st.st_mtime);
	times[1].tv_nsec = 1000000000;
	printf("bad time: %d\n", fails(futimens(fd, times),
	    EINVAL));
	printf("not a directory: %d\n", fails(openat(fd, "x", O_RDONLY),
	    ENOTDIR));
	printf("not open: %d\n", fails(openat(99, "x", O_RDONLY),
	    EBADF));
	snprintf(file, sizeof(file), "%s/b", base);
	printf("absolute: %d\n", faccessat(99, file, F_OK, 0));
	printf("current: %d\n", fails(openat(AT_FDCWD, "no/such", O_RDONLY),
	    ENOENT));
	printf("unlinkat: %d %d\n", unlinkat(dir, "b", 0),
	    unlinkat(dir, "c", 0));
	printf("not empty: %d\n", fails(unlinkat(root, base + 1, AT_REMOVEDIR),
	    ENOTEMPTY));
	printf("rmdir: %d\n", unlinkat(dir, "sub", AT_REMOVEDIR));
	printf("remove: %d\n", remove(base));
	/* The directory is gone, and still open. */
	printf("gone: %d\n", fails(openat(dir, "x", O_WRONLY | O_CREAT, 0600),
	    ENOENT));
	return 0;
}
