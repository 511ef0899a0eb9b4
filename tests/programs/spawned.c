/* SPDX-License-Identifier: MIT */
/*
 * spawned.c - posix_spawn: what the child does to its files and itself before
 * it is another program, and what becomes of it that cannot be.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int
child(int argc, char **argv)
{
	struct sigaction action;
	char text[32] = "";
	sigset_t mask;

	(void)argc;
	sigaction(SIGUSR1, NULL, &action);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	printf("%s: group %d, USR1 ignored %d, TERM blocked %d\n", argv[1],
	    getpgrp() == getpid(), action.sa_handler == SIG_IGN,
	    sigismember(&mask, SIGTERM));
	printf("9 is closed: %d\n", fcntl(9, F_GETFD) == -1);
	if (read(0, text, sizeof(text) - 1) > 0)
		printf("input: %s\n", text);
	printf("VALUE: %s\n", getenv("VALUE") != NULL ? getenv("VALUE") :
	    "none");
	return 7;
}

int
main(int argc, char **argv)
{
	char *words[] = { argv[0], (char *)"plain", NULL };
	char *env[] = { (char *)"VALUE=x", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int fds[2], status, error;
	sigset_t set;
	char c;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1)
		return child(argc, argv);
	if (pipe(fds) != 0 || dup2(fds[0], 9) != 9)
		return 1;
	fcntl(9, F_SETFD, FD_CLOEXEC);
	signal(SIGUSR1, SIG_IGN);
	error = posix_spawn(&pid, argv[0], NULL, NULL, words, environ);
	waitpid(pid, &status, 0);
	printf("spawn: %d, status %d\n", error, WEXITSTATUS(status));

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[0], 0);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	posix_spawn_file_actions_addclose(&actions, fds[1]);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigdefault(&attr, &set);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	posix_spawnattr_setsigmask(&attr, &set);
	if (write(fds[1], "hello", 5) != 5)
		return 1;
	words[1] = (char *)"changed";
	error = posix_spawn(&pid, argv[0], &actions, &attr, words, env);
	waitpid(pid, &status, 0);
	printf("spawn: %d, status %d\n", error, WEXITSTATUS(status));
	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("mask here: %d\n", sigismember(&set, SIGTERM));

	error = posix_spawn(&pid, "/no/such", NULL, NULL, words, env);
	printf("not there: %d, children %d\n", error == ENOENT,
	    (int)wait(NULL));
	posix_spawn_file_actions_adddup2(&actions, 77, 0);
	error = posix_spawn(&pid, argv[0], &actions, NULL, words, env);
	printf("a bad descriptor: %d, children %d\n", error == EBADF,
	    (int)wait(NULL));
	posix_spawn_file_actions_destroy(&actions);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/tmp/spawned.out",
	    O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
	    0);
	words[1] = (char *)"quiet";
	error = posix_spawn(&pid, argv[0], &actions, NULL, words, env);
	waitpid(pid, &status, 0);
	printf("to a file: %d, status %d\n", error, WEXITSTATUS(status));
	error = open("/tmp/spawned.out", O_RDONLY);
	while (read(error, &c, 1) == 1)
		printf("%c", c);
	unlink("/tmp/spawned.out");
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return 0;
}
