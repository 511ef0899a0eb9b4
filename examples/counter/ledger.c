/* SPDX-License-Identifier: MIT */
/*
 * ledger.c - two processes add to a number that is in a file.
 *
 * Each reads the balance, adds one, and writes it back: by three calls, between
 * which the other one may do the same. A lock on the bytes keeps it out, if it
 * asks for that lock, too. "half" locks the write only, which is what is seen
 * in the wild.
 *
 * Try:  tine explore ledger
 *       tine explore ledger -- half
 *       tine explore ledger -- lock
 * Ask:  and if the parent closed the file, opened twice, before it wrote?
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
balance_lock(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET,
		.l_len = sizeof(int) };

	if (fcntl(fd, F_SETLKW, &lock) != 0)
		perror("fcntl");
}

static void
deposit(int fd, const char *how)
{
	int balance = 0;

	if (strcmp(how, "lock") == 0)
		balance_lock(fd, F_WRLCK);
	if (pread(fd, &balance, sizeof(balance), 0) < 0)
		perror("pread");
	balance++;
	if (strcmp(how, "half") == 0)
		balance_lock(fd, F_WRLCK);
	if (pwrite(fd, &balance, sizeof(balance), 0) < 0)
		perror("pwrite");
	if (strcmp(how, "plain") != 0)
		balance_lock(fd, F_UNLCK);
}

int
main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "plain";
	int fd = open("/tmp/ledger", O_CREAT | O_RDWR | O_TRUNC, 0600);
	int balance = 0;
	pid_t child;

	if (fd < 0)
		return 2;
	child = fork();
	if (child == -1)
		return 2;
	deposit(fd, how);
	if (child == 0)
		return 0;
	wait(NULL);
	if (pread(fd, &balance, sizeof(balance), 0) < 0)
		return 2;
	printf("balance %d\n", balance);
	return balance != 2;
}
