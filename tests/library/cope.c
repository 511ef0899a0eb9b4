/* SPDX-License-Identifier: MIT */
/*
 * cope.c - what the library keeps in files, threads and children, used by a
 * program that looks at every result: whatever fails, it comes to its end, and
 * leaves nothing of its own behind.
 *
 *	timers		timer_create() and what is done to one
 *	named		named semaphores and shared memory
 *	spawn		posix_spawn() with all its actions and attributes
 *	locks, sockets, links	record locks; pairs; symbolic links
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
handler(int signo)
{
	(void)signo;
}

static int
timers(void)
{
	struct itimerspec soon = { { 0, 0 }, { 0, 1000000 } }, left;
	struct sigevent event;
	timer_t first, second;
	int have[2];

	signal(SIGUSR1, handler);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	have[0] = timer_create(CLOCK_MONOTONIC, &event, &first) == 0;
	have[1] = timer_create(CLOCK_REALTIME, &event, &second) == 0;
	if (have[0] && timer_settime(first, 0, &soon, NULL) == 0)
		usleep(2000);
	if (have[0] && timer_gettime(first, &left) != 0)
		return 1;
	if (have[0] && timer_delete(first) != 0)
		return 2;
	if (have[0] && timer_settime(first, 0, &soon, NULL) == 0)
		return 3;
	if (have[1] && timer_delete(second) != 0)
		return 4;
	return 0;
}

static int
named(void)
{
	sem_t *sem = sem_open("/cope", O_CREAT | O_EXCL, 0600, 1), *same;
	int fd = shm_open("/cope.mem", O_CREAT | O_RDWR, 0600);
	char *memory = MAP_FAILED;

	if (sem != SEM_FAILED) {
		same = sem_open("/cope", 0);
		if (same != SEM_FAILED && sem_close(same) != 0)
			return 1;
		if (sem_trywait(sem) != 0 || sem_post(sem) != 0)
			return 2;
		if (sem_close(sem) != 0)
			return 3;
		(void)sem_unlink("/cope");
	}
	if (fd >= 0 && ftruncate(fd, 4096) == 0)
		memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (memory != MAP_FAILED) {
		memory[1] = 'x';
		if (memory[0] != '\0' || munmap(memory, 4096) != 0)
			return 4;
	}
	if (fd >= 0 && close(fd) != 0)
		return 5;
	(void)shm_unlink("/cope.mem");
	return 0;
}

static int
spawn(void)
{
	char name[] = "cope", what[] = "child", *argv[] = { name, what, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set;
	int status, error;
	pid_t pid;

	if (posix_spawnattr_init(&attr) != 0)
		return 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	if (posix_spawn_file_actions_init(&actions) == 0) {
		error = posix_spawn_file_actions_addopen(&actions, 5,
		    "/tmp/cope", O_CREAT | O_RDWR, 0600);
		if (error == 0)
			error = posix_spawn_file_actions_adddup2(&actions, 5,
			    6);
		if (error == 0)
			error = posix_spawn_file_actions_addclose(&actions, 5);
		if (error == 0)
			error = posix_spawn(&pid, "/bin/cope", &actions, &attr,
			    argv, NULL);
		/* A child that could not do all of it says 127, or is ended
		 * for want of a page. */
		if (error == 0 && (waitpid(pid, &status, 0) != pid ||
		    (status != 0 && status != 127 << 8 &&
		    !WIFSIGNALED(status))))
			return 1;
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attr);
	/* Nobody is left to wait for. */
	return waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD ? 0 : 2;
}

static int
child(void)
{
	return fcntl(6, F_GETFD) == 0 && fcntl(5, F_GETFD) == -1 ? 0 : 3;
}

static int
locks(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_len = 10 };
	int fd = open("/tmp/cope", O_CREAT | O_RDWR, 0600), again;

	if (fd < 0)
		return 0;
	if (fcntl(fd, F_SETLK, &lock) != 0)
		return 1;
	lock.l_start = 3;
	lock.l_len = 2;
	lock.l_type = F_UNLCK;
	if (fcntl(fd, F_SETLK, &lock) != 0 || lockf(fd, F_TLOCK, 0) != 0)
		return 2;
	again = open("/tmp/cope", O_RDWR);
	if (again >= 0 && flock(again, LOCK_SH | LOCK_NB) == 0)
		return 3;
	if (again >= 0)
		close(again);
	/* That gave them up: nothing is in the way now. */
	if (again >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno != ENOSYS)
		return 4;
	return close(fd) != 0;
}

static int
sockets(void)
{
	char c = 'x';
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) != 0)
		return 0;
	if (send(s[0], &c, 1, MSG_NOSIGNAL) != 1 || recv(s[1], &c, 1, 0) != 1)
		return 1;
	shutdown(s[0], SHUT_WR);
	if (read(s[1], &c, 1) != 0)
		return 2;
	close(s[0]);
	return write(s[1], &c, 1) != -1 && close(s[1]) != 0;
}

static int
links(void)
{
	char text[8], *real;

	if (symlink("cope", "/tmp/link") != 0)
		return 0;
	if (readlink("/tmp/link", text, sizeof(text)) != 4)
		return 1;
	close(open("/tmp/link", O_CREAT | O_RDWR, 0600));
	real = realpath("/tmp/link", NULL);
	if (real != NULL && strcmp(real, "/tmp/cope") != 0)
		return 2;
	free(real);
	return unlink("/tmp/link");
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*does)(void);
	} all[] = {
		{ "timers", timers }, { "named", named }, { "spawn", spawn },
		{ "child", child }, { "locks", locks },
		{ "sockets", sockets }, { "links", links }
	};

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(argv[1], all[i].name) == 0)
			return all[i].does();
	return 99;
}
