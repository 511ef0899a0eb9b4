/* SPDX-License-Identifier: MIT */
/* double_fork.c - a daemon of the classic kind: no terminal, no parent of
 * ours, the root for its directory. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t session;

static void
daemon_body(int out)
{
	char path[64];

	umask(027);
	if (chdir("/") != 0)
		_exit(1);
	dprintf(out, "leads its session: %d\n", getsid(0) == getpid());
	dprintf(out, "its session is not ours: %d\n", getsid(0) != session);
	dprintf(out, "cwd: %s\n", getcwd(path, sizeof(path)));
	dprintf(out, "umask: %o\n", (unsigned)umask(0));
	_exit(0);
}

int
main(void)
{
	int fds[2], status;
	char buffer[256];
	ssize_t got;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	session = getsid(0);
	if (pipe(fds) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		if (setsid() != getpid())
			_exit(9);
		/* A leader cannot do it again. */
		if (setsid() != -1)
			_exit(8);
		if (fork() == 0)
			daemon_body(fds[1]);
		_exit(4);
	}
	close(fds[1]);
	waitpid(pid, &status, 0);
	printf("first child: %d\n", WEXITSTATUS(status));
	while ((got = read(fds[0], buffer, sizeof(buffer))) > 0)
		if (write(1, buffer, (size_t)got) != got)
			return 2;
	printf("eof\n");
	return 0;
}
