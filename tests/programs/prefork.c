/* SPDX-License-Identifier: MIT */
/* prefork.c - a server whose workers, forked beforehand, share one pipe of
 * requests; each request is taken by exactly one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 4
#define REQUESTS 40

struct answer {
	int request, worker;
};

static void
work(int worker, int in, int out)
{
	struct answer answer;
	int request;

	while (read(in, &request, sizeof(request)) == sizeof(request)) {
		answer.request = request;
		answer.worker = worker;
		if (write(out, &answer, sizeof(answer)) != sizeof(answer))
			_exit(1);
	}
	_exit(0);
}

int
main(void)
{
	int requests[2], answers[2], i, seen[REQUESTS], status, bad = 0;
	struct answer answer;

	setvbuf(stdout, NULL, _IONBF, 0);
	memset(seen, 0, sizeof(seen));
	if (pipe(requests) != 0 || pipe(answers) != 0)
		return 1;
	for (i = 0; i < WORKERS; i++) {
		if (fork() == 0) {
			close(requests[1]);
			close(answers[0]);
			work(i, requests[0], answers[1]);
		}
	}
	close(requests[0]);
	close(answers[1]);
	for (i = 0; i < REQUESTS; i++)
		if (write(requests[1], &i, sizeof(i)) != sizeof(i))
			return 2;
	close(requests[1]);
	for (i = 0; read(answers[0], &answer, sizeof(answer)) ==
	    sizeof(answer); i++) {
		if (answer.worker < 0 || answer.worker >= WORKERS)
			return 3;
		seen[answer.request]++;
	}
	printf("%d answers\n", i);
	for (i = 0; i < REQUESTS; i++)
		bad += seen[i] != 1;
	for (i = 0; i < WORKERS; i++) {
		wait(&status);
		bad += status != 0;
	}
	printf("%d wrong\n", bad);
	return bad;
}
