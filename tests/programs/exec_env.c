/* SPDX-License-Identifier: MIT */
/* exec_env.c - what exec keeps and what it does not: arguments, environment,
 * ignored and caught signals, the mask, globals. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int global = 1;

static void
handler(int signo)
{
	(void)signo;
}

static const char *
value(const char *name)
{
	const char *is = getenv(name);

	return is == NULL ? "none" : is;
}

static int
second(int argc, char **argv)
{
	struct sigaction action;
	sigset_t set;

	printf("second: %d arguments, last %s\n", argc, argv[argc - 1]);
	printf("environment: %s %s\n", value("KEPT"), value("GONE"));
	printf("global: %d\n", global);
	sigaction(SIGUSR1, NULL, &action);
	printf("caught is default: %d\n", action.sa_handler == SIG_DFL);
	sigaction(SIGUSR2, NULL, &action);
	printf("ignored is ignored: %d\n", action.sa_handler == SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("mask: %d %d\n", sigismember(&set, SIGHUP),
	    sigismember(&set, SIGTERM));
	return 0;
}

int
main(int argc, char **argv)
{
	char *const words[] = { argv[0], "second", "", "a b", NULL };
	char *const env[] = { "KEPT=yes", NULL };
	char *const none[] = { argv[0], NULL };
	sigset_t set;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1)
		return second(argc, argv);
	global = 2;
	errno = 0;
	printf("nobody: %d ", execv("/nowhere/nothing", none));
	printf("%d\n", errno == ENOENT);
	if (fork() == 0) {
		signal(SIGUSR1, handler);
		signal(SIGUSR2, SIG_IGN);
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		execve(argv[0], words, env);
		_exit(90);
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
	setenv("KEPT", "by setenv", 1);
	unsetenv("GONE");
	if (fork() == 0) {
		execvp(argv[0], words);
		_exit(91);
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
	return 0;
}
