/* SPDX-License-Identifier: MIT */
/*
 * fork_fails.c - out of processes: fork says so, whatever its handlers do.
 * kernels: netbsd	the others have no RLIMIT_NPROC
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void
spoil(void)
{
	errno = 99;
}

int
main(void)
{
	const struct rlimit none = { 0, 0 };
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	/* The superuser has no such limit. */
	if (getuid() == 0 && setuid(65534) != 0)
		return 1;
	if (setrlimit(RLIMIT_NPROC, &none) != 0)
		return 2;
	pthread_atfork(NULL, spoil, NULL);
	pid = fork();
	if (pid == 0)
		_exit(0);
	printf("no child: %d %d\n", (int)pid, errno == EAGAIN);
	return 0;
}
