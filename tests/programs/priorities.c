/* SPDX-License-Identifier: MIT */
/* priorities.c - nice: of oneself, of a child, of a group; who may not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
say(const char *what, int result)
{
	printf("%s %s\n", what, result != -1 ? "ok" : errno == EACCES ||
	    errno == EPERM ? "refused" : errno == ESRCH ? "nobody" :
	    errno == EINVAL ? "invalid" : "?");
}

static int
nice_of(int which, id_t who)
{
	int value;

	errno = 0;
	value = getpriority(which, who);
	return errno != 0 ? 100 : value;
}

int
main(void)
{
	int base, status, go[2], back[2];
	pid_t child;
	char c = 'x';

	setvbuf(stdout, NULL, _IONBF, 0);
	if (getuid() == 0 && setuid(12345) != 0)
		return 1;
	base = nice_of(PRIO_PROCESS, 0);
	errno = 0;
	printf("nice %d", nice(2) - base);
	printf(" %d", nice_of(PRIO_PROCESS, 0) - base);
	printf(" %d\n", nice_of(PRIO_PROCESS, (id_t)getpid()) - base);
	say("lower", setpriority(PRIO_PROCESS, 0, base + 1));
	say("nice lower", nice(-1));
	printf("still %d\n", nice_of(PRIO_PROCESS, 0) - base);
	if (pipe(go) != 0 || pipe(back) != 0)
		return 1;
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		printf("child %d\n", nice_of(PRIO_PROCESS, 0) - base);
		if (write(back[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		printf("child %d\n", nice_of(PRIO_PROCESS, 0) - base);
		_exit(0);
	}
	if (read(back[0], &c, 1) != 1)
		return 1;
	say("child", setpriority(PRIO_PROCESS, (id_t)child, base + 4));
	printf("is %d\n", nice_of(PRIO_PROCESS, (id_t)child) - base);
	say("group", setpriority(PRIO_PGRP, (id_t)child, base + 5));
	printf("is %d\n", nice_of(PRIO_PGRP, (id_t)child) - base);
	printf("own %d\n", nice_of(PRIO_PROCESS, 0) - base);
	if (write(go[1], &c, 1) != 1)
		return 1;
	wait(&status);
	printf("status %d\n", status);
	say("gone", setpriority(PRIO_PROCESS, (id_t)child, base + 4));
	say("bad", setpriority(77, 0, base + 4));
	say("bad", getpriority(77, 0));
	return 0;
}
