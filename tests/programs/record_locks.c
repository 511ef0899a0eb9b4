/* SPDX-License-Identifier: MIT */
/* record_locks.c - locks on ranges: whose, how they split, who waits, a circle;
 * lockf; flock where the two do not meet.
 * kernels: illumos netbsd	DragonFly sees no circle through two files */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[64];

static int
locks(int fd, int cmd, int type, off_t start, off_t len)
{
	struct flock l;

	memset(&l, 0, sizeof(l));
	l.l_type = (short)type;
	l.l_whence = SEEK_SET;
	l.l_start = start;
	l.l_len = len;
	return fcntl(fd, cmd, &l);
}

static const char *
how(int result)
{
	return result == 0 ? "ok" : errno == EAGAIN || errno == EACCES ?
	    "busy" : errno == EDEADLK ? "circle" : errno == EINTR ?
	    "interrupted" : strerror(errno);
}

/* What another process sees of each byte. */
static void
show(int fd, const char *when)
{
	struct flock l;

	fflush(stdout);
	if (fork() == 0) {
		printf("%s: ", when);
		for (int i = 0; i < 20; i++) {
			memset(&l, 0, sizeof(l));
			l.l_type = F_WRLCK;
			l.l_start = i;
			l.l_len = 1;
			if (fcntl(fd, F_GETLK, &l) != 0)
				_exit(1);
			putchar(l.l_type == F_UNLCK ? '.' :
			    l.l_type == F_RDLCK ? 'r' : 'w');
			if (l.l_type != F_UNLCK && l.l_pid != getppid())
				putchar('?');
		}
		printf("\n");
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

static void
ranges(void)
{
	int fd = open(name, O_CREAT | O_RDWR, 0600), other;

	locks(fd, F_SETLK, F_WRLCK, 2, 12);
	show(fd, "set");
	locks(fd, F_SETLK, F_UNLCK, 5, 3);
	show(fd, "split");
	locks(fd, F_SETLK, F_RDLCK, 0, 10);
	show(fd, "weaker");
	locks(fd, F_SETLK, F_WRLCK, 15, 0);
	show(fd, "open end");
	other = dup(fd);
	close(other);
	show(fd, "closed");
	lseek(fd, 10, SEEK_SET);
	printf("lockf %s\n", how(lockf(fd, F_LOCK, 4)));
	show(fd, "lockf");
	if (fork() == 0) {
		printf("test %s\n", how(lockf(fd, F_TEST, 1)));
		printf("try %s\n", how(lockf(fd, F_TLOCK, 0)));
		lseek(fd, 14, SEEK_SET);
		printf("next %s\n", how(lockf(fd, F_TLOCK, 0)));
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	lockf(fd, F_ULOCK, 2);
	show(fd, "unlock");
	printf("bad %d %d\n", lockf(fd, 99, 1) == -1 && errno == EINVAL,
	    locks(99, F_SETLK, F_RDLCK, 0, 0) == -1 && errno == EBADF);
	close(fd);
}

static void
handler(int signo)
{
	(void)signo;
}

/* A child has it for a while: wait, be interrupted, wait again. */
static void
waits(void)
{
	struct sigaction action;
	int fd = open(name, O_CREAT | O_RDWR, 0600), go[2];
	char c;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGUSR1, &action, NULL);
	if (pipe(go) != 0)
		exit(1);
	if (fork() == 0) {
		locks(fd, F_SETLK, F_WRLCK, 0, 0);
		if (write(go[1], "x", 1) != 1)
			_exit(1);
		usleep(50000);
		kill(getppid(), SIGUSR1);
		usleep(50000);
		_exit(0);
	}
	if (read(go[0], &c, 1) != 1)
		exit(1);
	printf("now: %s\n", how(locks(fd, F_SETLK, F_RDLCK, 3, 1)));
	printf("wait: %s\n", how(locks(fd, F_SETLKW, F_RDLCK, 3, 1)));
	printf("again: %s\n", how(locks(fd, F_SETLKW, F_RDLCK, 3, 1)));
	wait(NULL);
	close(fd);
}

/* Each has a file and wants the other's. */
static void
circle(void)
{
	char second[80];
	int fds[2], status, refused = 0;

	snprintf(second, sizeof(second), "%s.2", name);
	fds[0] = open(name, O_CREAT | O_RDWR, 0600);
	fds[1] = open(second, O_CREAT | O_RDWR, 0600);
	for (int i = 0; i < 2; i++) {
		fflush(stdout);
		if (fork() != 0)
			continue;
		locks(fds[i], F_SETLK, F_WRLCK, 0, 0);
		usleep(50000);
		_exit(locks(fds[!i], F_SETLKW, F_WRLCK, 0, 0) == 0 ? 0 : 1);
	}
	for (int i = 0; i < 2; i++) {
		wait(&status);
		refused += WEXITSTATUS(status);
	}
	printf("refused %d\n", refused);
	unlink(second);
}

/* A count in the file, which many add to. */
static void
count(void)
{
	int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600), n = 0;

	if (pwrite(fd, &n, sizeof(n), 0) != sizeof(n))
		exit(1);
	fflush(stdout);
	for (int i = 0; i < 4; i++) {
		if (fork() != 0)
			continue;
		for (int j = 0; j < 5; j++) {
			locks(fd, F_SETLKW, F_WRLCK, 0, 4);
			if (pread(fd, &n, sizeof(n), 0) != sizeof(n))
				_exit(1);
			n++;
			if (pwrite(fd, &n, sizeof(n), 0) != sizeof(n))
				_exit(1);
			locks(fd, F_SETLK, F_UNLCK, 0, 4);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		continue;
	if (pread(fd, &n, sizeof(n), 0) != sizeof(n))
		exit(1);
	printf("count %d\n", n);
	close(fd);
}

static void
whole(void)
{
	int a = open(name, O_RDWR), b = open(name, O_RDONLY);

	printf("ex %s\n", how(flock(a, LOCK_EX)));
	printf("sh %s\n", how(flock(b, LOCK_SH | LOCK_NB)));
	fflush(stdout);
	if (fork() == 0) {
		printf("child %s\n", how(flock(a, LOCK_SH)));
		printf("then %s\n", how(flock(b, LOCK_SH | LOCK_NB)));
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	printf("ex %s\n", how(flock(a, LOCK_EX | LOCK_NB)));
	printf("un %s\n", how(flock(b, LOCK_UN)));
	printf("ex %s\n", how(flock(a, LOCK_EX | LOCK_NB)));
	close(a);
	printf("closed %s\n", how(flock(b, LOCK_EX | LOCK_NB)));
	printf("bad %d\n", flock(b, 0) == -1 && errno == EINVAL);
	close(b);
}

int
main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	snprintf(name, sizeof(name), "/tmp/record_locks.%d", (int)getpid());
	ranges();
	waits();
	circle();
	count();
	whole();
	unlink(name);
	return 0;
}
