/* SPDX-License-Identifier: MIT */
/*
 * corners.c - what POSIX, or glibc, says of the rare cases: arguments at their
 * limits, errors that come with another, names that are seldom used.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void
caught(int signo)
{
	(void)signo;
}

/* How abort() ends a process that has it so. */
static void
aborts(const char *what, void (*handler)(int), int masked)
{
	sigset_t set;
	int status;

	if (fork() == 0) {
		signal(SIGABRT, handler);
		sigemptyset(&set);
		sigaddset(&set, SIGABRT);
		if (masked)
			sigprocmask(SIG_BLOCK, &set, NULL);
		abort();
	}
	wait(&status);
	printf("abort, %s: %d\n", what,
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void
output(void)
{
	static char text[5000], got[6000];
	size_t have = 0;
	ssize_t n;
	int fds[2], sizes[2];

	memset(text, 'x', sizeof(text) - 1);
	if (pipe(fds) != 0)
		return;
	sizes[0] = dprintf(fds[1], "<%s>", text);
	sizes[1] = dprintf(fds[1], "%s", "");
	close(fds[1]);
	while ((n = read(fds[0], got + have, sizeof(got) - have)) > 0)
		have += (size_t)n;
	close(fds[0]);
	printf("long text: %d %d, %zu, %c%c\n", sizes[0], sizes[1], have,
	    got[0], got[5000]);
	errno = 0;
	printf("closed: %d\n", dprintf(fds[1], "x") < 0 && errno == EBADF);
}

static void
input(void)
{
	char line[8] = "?", four[4], *more = NULL;
	size_t room = 0, n;
	ssize_t got;
	int fds[2];

	if (pipe(fds) != 0)
		return;
	dprintf(fds[1], "abcdefghij\nsecond, %0150d\nlast", 7);
	close(fds[1]);
	dup2(fds[0], 0);
	close(fds[0]);
	printf("none fits: %d '%s'\n", fgets(line, 1, stdin) == line, line);
	printf("piece: %s\n", fgets(line, sizeof(line), stdin));
	n = fread(four, 1, 4, stdin);
	printf("read: %zu %.4s\n", n, four);
	while ((got = getline(&more, &room, stdin)) > 0)
		printf("line of %zd, ends with %d\n", got, more[got - 1]);
	printf("end: %zd %d\n", got, fgets(line, sizeof(line), stdin) == NULL);
	printf("nothing: %zu\n", fread(four, 2, 2, stdin));
	free(more);
}

static void
keys(void)
{
	pthread_key_t key, again;

	if (pthread_key_create(&key, NULL) != 0)
		return;
	pthread_setspecific(key, &key);
	pthread_key_delete(key);
	if (pthread_key_create(&again, NULL) != 0)
		return;
	printf("same key: %d, value: %d\n", key == again,
	    pthread_getspecific(again) == NULL);
	pthread_key_delete(again);
}

static pthread_mutex_t recursive;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void *
waits_without_it(void *arg)
{
	(void)arg;
	return (void *)(long)pthread_mutex_trylock(&recursive);
}

/* The condition variable lets go of all of it, and takes all of it back. */
static void
recursion(void)
{
	struct timespec soon = { 0, 1 }, wrong = { 0, 1000000000 };
	pthread_mutexattr_t attr;
	pthread_t thread;
	void *result;
	int i, error;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &attr);
	pthread_mutex_lock(&recursive);
	pthread_mutex_lock(&recursive);
	error = pthread_cond_timedwait(&never, &recursive, &soon);
	printf("timed out: %d\n", error == ETIMEDOUT);
	error = pthread_cond_timedwait(&never, &recursive, &wrong);
	printf("no time: %d\n", error == EINVAL);
	for (i = 0; i < 2; i++) {
		if (pthread_create(&thread, NULL, waits_without_it, NULL) != 0)
			return;
		pthread_join(thread, &result);
		printf("other: %d\n", (int)(long)result == EBUSY);
		printf("mine: %d\n", pthread_mutex_unlock(&recursive));
	}
	printf("no more: %d\n", pthread_mutex_unlock(&recursive) == EPERM);
}

/* Another process's thread of the same number is another owner. */
static void
shared_recursion(void)
{
	pthread_mutex_t *shared = mmap(NULL, sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;
	int status;

	if (shared == MAP_FAILED)
		return;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(shared, &attr);
	pthread_mutex_lock(shared);
	if (fork() == 0)
		_exit((pthread_mutex_trylock(shared) == EBUSY) +
		    2 * (pthread_mutex_unlock(shared) == EPERM));
	wait(&status);
	printf("shared: %d %d\n", WEXITSTATUS(status),
	    pthread_mutex_unlock(shared));
}

/* A writer does not wait for itself. */
static void
rereads(void)
{
	pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

	pthread_rwlock_wrlock(&lock);
	printf("writer: %d", pthread_rwlock_rdlock(&lock) == EDEADLK);
	printf(" %d", pthread_rwlock_wrlock(&lock) == EDEADLK);
	printf(" %d", pthread_rwlock_tryrdlock(&lock) == EBUSY);
	printf(" %d", pthread_rwlock_unlock(&lock));
	printf(" %d\n", pthread_rwlock_rdlock(&lock));
}

static pthread_t thread_itself;

static void *
knows_itself(void *arg)
{
	(void)arg;
	printf("itself: %d\n", pthread_equal(thread_itself, pthread_self()));
	return NULL;
}

static void
times_of_all_sorts(void)
{
	struct timespec wrong = { 0, -1 }, none = { 0, 0 }, before, after;
	const struct timespec ms = { 0, 1000000 };
	struct timeval past = { -1, 0 };
	sem_t sem;

	sem_init(&sem, 0, 0);
	printf("sem: %d", sem_timedwait(&sem, &wrong) == -1 && errno == EINVAL);
	printf(" %d", sem_timedwait(&sem, &none) == -1 && errno == ETIMEDOUT);
	sem_post(&sem);
	printf(" %d", sem_timedwait(&sem, &wrong));
	printf(" %d\n", sem_timedwait(&sem, &none));
	printf("select: %d\n", select(0, NULL, NULL, NULL, &past) == -1 &&
	    errno == EINVAL);
	printf("sleep: %d %d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong,
	    NULL) == EINVAL, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
	    &none, NULL));
	clock_gettime(CLOCK_MONOTONIC, &before);
	printf("a while: %d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &ms, NULL));
	clock_gettime(CLOCK_MONOTONIC, &after);
	printf("slept: %d\n", (after.tv_sec - before.tv_sec) * 1000000000 +
	    after.tv_nsec - before.tv_nsec >= ms.tv_nsec);
}

/* A sleep beyond what 64 bits of nanoseconds hold is not a short one. */
static void
long_sleep(void)
{
	const struct timespec ages = { LONG_MAX / 4, 0 };

	signal(SIGUSR1, caught);
	if (fork() == 0) {
		usleep(20000);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	printf("ages: %d\n", nanosleep(&ages, NULL) == -1 && errno == EINTR);
	while (wait(NULL) < 0)
		continue;
}

static void
environment(void)
{
	static char text[] = "ANSWER=42", *none[] = { NULL };
	char *const argv[] = { (char *)"none", NULL };

	putenv(text);
	text[7] = '1';
	printf("putenv: %s\n", getenv("ANSWER"));
	putenv((char *)"ANSWER");
	printf("taken away: %d\n", getenv("ANSWER") == NULL);
	setenv("LAST", "one", 1);
	environ = none;
	printf("none: %d\n", getenv("LAST") == NULL);
	setenv("LAST", "two", 1);
	printf("first: %s\n", environ[0]);
	setenv("PATH", "/nowhere:", 1);
	printf("exec: %d", execvp("", argv) == -1 && errno == ENOENT);
	printf(" %d", execvp("not-there", argv) == -1 && errno == ENOENT);
	printf(" %d\n", execle("/not/there", "a", "b", (char *)NULL,
	    (char *const *)argv) == -1 && errno == ENOENT);
	clearenv();
	printf("cleared: %d\n", getenv("PATH") == NULL);
	setenv("PATH", "/bin", 1);
	printf("set: %s\n", getenv("PATH"));
}

int
main(void)
{
	char *cwd;

	setvbuf(stdout, NULL, _IONBF, 0);
	aborts("default", SIG_DFL, 0);
	aborts("ignored", SIG_IGN, 0);
	aborts("caught", caught, 0);
	aborts("masked", caught, 1);
	output();
	input();
	keys();
	recursion();
	shared_recursion();
	rereads();
	if (pthread_create(&thread_itself, NULL, knows_itself, NULL) == 0)
		pthread_join(thread_itself, NULL);
	times_of_all_sorts();
	long_sleep();
	environment();
	if (chdir("/") == 0 && (cwd = getcwd(NULL, 0)) != NULL) {
		printf("in %s\n", cwd);
		free(cwd);
	}
	printf("page: %d\n", getpagesize());
	printf("odd option: %d\n", wait4(-1, NULL, WEXITED, NULL) == -1 &&
	    errno == EINVAL);
	return 0;
}
