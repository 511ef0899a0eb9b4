/* SPDX-License-Identifier: MIT */
/*
 * usage.c - wait3 and wait4: the same answers, with usage beside them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int
main(void)
{
	struct tms used;
	struct rusage usage;
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	pid = fork();
	if (pid == 0)
		_exit(5);
	memset(&usage, 0xff, sizeof(usage));
	if (wait4(pid, &status, 0, &usage) != pid)
		return 1;
	printf("status %d, usage %d\n", WEXITSTATUS(status),
	    usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec >= 0);
	pid = wait3(&status, WNOHANG, &usage);
	printf("nobody: %d %d\n", (int)pid, errno == ECHILD);
	printf("self: %d\n", getrusage(RUSAGE_SELF, &usage));
	printf("children: %d\n", getrusage(RUSAGE_CHILDREN, &usage));
	status = getrusage(12345, &usage);
	printf("whose: %d %d\n", status, errno == EINVAL);
	printf("times %d, clock %d\n", times(&used) != -1, clock() >= 0);
	return 0;
}
