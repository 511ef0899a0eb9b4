/* SPDX-License-Identifier: MIT */
/*
 * thread_exec.c - exit and signals in a process with several threads.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *
sleeper(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void *
ender(void *arg)
{
	(void)arg;
	exit(6);
}

static pthread_t
make(void *(*body)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, NULL) != 0)
		_exit(90);
	return thread;
}

static volatile sig_atomic_t who;

static void
handler(int signo)
{
	(void)signo;
	who = 1;
}

int
main(void)
{
	sigset_t set;
	int status, signo;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (fork() == 0) {
		make(sleeper);
		make(sleeper);
		make(ender);
		for (;;)
			pause();
	}
	wait(&status);
	printf("any thread ends all: %d\n", WEXITSTATUS(status));

	pid = fork();
	if (pid == 0) {
		make(sleeper);
		pthread_detach(make(sleeper));
		pthread_exit(NULL);
	}
	/* It goes on without its first thread. */
	usleep(10000);
	printf("still there: %d\n", waitpid(pid, &status, WNOHANG) == 0);
	kill(pid, SIGALRM);
	waitpid(pid, &status, 0);
	printf("killed with threads: %d\n", WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGALRM);

	signal(SIGUSR1, handler);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR2);
	if (sigwait(&set, &signo) != 0)
		return 1;
	printf("waited for: %d\n", signo == SIGUSR2);
	pthread_kill(pthread_self(), SIGUSR1);
	printf("blocked: %d\n", who == 0);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	printf("then taken: %d\n", who == 1);
	return 0;
}
