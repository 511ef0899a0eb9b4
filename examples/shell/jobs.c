/* SPDX-License-Identifier: MIT */
/*
 * jobs.c - processes that the shell has made, by job.
 *
 * Whoever waits takes what comes: a status is entered where it belongs, and the
 * one who waits looks whether that was it. So there is one waitpid(), and no
 * handler of SIGCHLD that could come in between.
 *
 * Under job control each job is a process group, and the terminal is the
 * foreground one's. Parent and child both call setpgid(): whichever runs first
 * may depend on it. The program hasty_sh is the same shell without the parent's
 * call (SH_HASTY), as it is often written: docs/programs.md finds out what then
 * goes wrong.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "sh.h"

struct process {
	pid_t pid;
	bool stopped, ended;
	int status;
};

struct job {
	struct job *next;
	int number;		/* 0: in the foreground for the first time */
	pid_t group;
	struct process *processes;
	int n, room;
	bool told;		/* that it stopped */
	char *text;		/* as it could have been written */
};

static struct job *jobs;
static int tty = -1;		/* the terminal, under job control */
static pid_t own_group;

static const int stops[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };
#define NSTOPS (sizeof(stops) / sizeof(stops[0]))

/* A terminal that no session has, as the first process of a system meets it:
 * take it. A leader of a group cannot, and leaves that to its child. */
static void
take_terminal(void)
{
	int status, fd;
	pid_t pid;

	if (tcgetpgrp(0) >= 0 || errno != ENOTTY)
		return;
	if (setsid() < 0) {
		pid = fork();
		if (pid > 0) {
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
				continue;
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) :
			    128 + WTERMSIG(status));
		}
		if (pid < 0 || setsid() < 0)
			return;
		sh.pid = getpid();
	}
	fd = open("/dev/console", O_RDWR);
	if (fd > 2)
		close(fd);
}

/* ^C at a prompt: what was typed so far is not wanted. */
static void
interrupted(int signo)
{
	(void)signo;
	sh.interrupted = true;
}

void
job_control(bool on)
{
	const struct sigaction interrupt = { .sa_handler = interrupted };
	size_t i;

	sh.monitor = on;
	if (!on)
		return;
	own_group = getpgrp();
	if (!isatty(0))
		return;
	take_terminal();
	own_group = getpgrp();
	for (i = 0; i < NSTOPS; i++)
		signal(stops[i], SIG_IGN);
	if (sh.interactive)
		sigaction(SIGINT, &interrupt, NULL);
	if (setpgid(0, 0) == 0)
		own_group = getpid();
	tty = fcntl(0, F_DUPFD_CLOEXEC, 10);
	if (tty >= 0)
		tcsetpgrp(tty, own_group);
}

/* --- the list --- */

struct job *
job_new(const struct node *node)
{
	struct job *job = calloc(1, sizeof(*job)), **end = &jobs;

	if (job != NULL)
		job->text = strdup(describe(node));
	if (job == NULL || job->text == NULL) {
		complain("out of memory");
		_exit(2);
	}
	while (*end != NULL)
		end = &(*end)->next;
	*end = job;
	return job;
}

static void
forget(struct job *job)
{
	struct job **link = &jobs;

	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	free(job->processes);
	free(job->text);
	free(job);
}

void
job_forget_all(void)
{
	while (jobs != NULL)
		forget(jobs);
	sh.monitor = false;
	tty = -1;
}

static bool
ended(const struct job *job)
{
	int i;

	for (i = 0; i < job->n; i++)
		if (!job->processes[i].ended)
			return false;
	return true;
}

/* All that has not ended is stopped. */
static bool
stopped(const struct job *job)
{
	int i;

	for (i = 0; i < job->n; i++)
		if (!job->processes[i].ended && !job->processes[i].stopped)
			return false;
	return !ended(job);
}

static int
status_of(const struct process *process)
{
	const int status = process->status;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + (WIFSTOPPED(status) ? WSTOPSIG(status) :
	    WTERMSIG(status));
}

static int
job_status(const struct job *job)
{
	return job->n == 0 ? 126 : status_of(&job->processes[job->n - 1]);
}

/* --- fork --- */

static void
in_child(struct job *job, bool foreground)
{
	size_t i;
	int fd;

	if (sh.monitor) {
		setpgid(0, job->group);
		if (foreground && tty >= 0)
			tcsetpgrp(tty, getpgrp());
		for (i = 0; tty >= 0 && i < NSTOPS; i++)
			signal(stops[i], SIG_DFL);
	} else if (!foreground) {
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		fd = open("/dev/null", O_RDONLY);
		if (fd > 0) {
			dup2(fd, 0);
			close(fd);
		}
	}
	sh.child = true;
	job_forget_all();
}

static bool
room_for_one(struct job *job)
{
	struct process *more;

	if (job->n == job->room) {
		more = realloc(job->processes, (size_t)(job->room + 4) *
		    sizeof(*more));
		if (more == NULL)
			return false;
		memset(more + job->room, 0, 4 * sizeof(*more));
		job->processes = more;
		job->room += 4;
	}
	return true;
}

pid_t
job_fork(struct job *job, bool foreground)
{
	pid_t pid = -1;

	if (room_for_one(job))
		pid = fork();
	if (pid < 0) {
		complain("fork: %s", strerror(errno));
		if (job->n == 0)
			forget(job);
		return -1;
	}
	if (pid == 0) {
		in_child(job, foreground);
		return 0;
	}
	if (sh.monitor) {
		if (job->group == 0)
			job->group = pid;
#ifndef SH_HASTY
		setpgid(pid, job->group);
#endif
		if (foreground && tty >= 0)
			tcsetpgrp(tty, job->group);
	}
	job->processes[job->n++].pid = pid;
	return pid;
}

/* --- wait --- */

/* Enter what waitpid() said. */
static void
note(pid_t pid, int status)
{
	struct job *job;
	int i;

	for (job = jobs; job != NULL; job = job->next) {
		for (i = 0; i < job->n; i++) {
			struct process *process = &job->processes[i];

			if (process->pid != pid || process->ended)
				continue;
			process->stopped = WIFSTOPPED(status);
			process->ended = !process->stopped;
			process->status = status;
			return;
		}
	}
}

/* @return false: there is nobody to wait for, or (WNOHANG) nothing new. */
static bool
wait_for_any(int options)
{
	int status;
	pid_t pid;

	/* Without job control who stops is stopped by others, who let it go on;
	 * a subshell is, together with its children. */
	if (sh.monitor)
		options |= WUNTRACED;
	do
		pid = waitpid(-1, &status, options);
	while (pid < 0 && errno == EINTR);
	if (pid <= 0)
		return false;
	note(pid, status);
	return true;
}

/* The smallest number that no job has. */
static int
next_number(void)
{
	const struct job *job;
	int number = 1;

	for (job = jobs; job != NULL;) {
		if (job->number == number) {
			number++;
			job = jobs;
		} else {
			job = job->next;
		}
	}
	return number;
}

/* How it is, or how it ended. */
static const char *
state(const struct job *job, char *text, size_t size)
{
	const int status = job->n == 0 ? 0 : job->processes[job->n - 1].status;

	if (!ended(job))
		return stopped(job) ? "Stopped" : "Running";
	if (WIFSIGNALED(status))
		snprintf(text, size, "%s", strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		snprintf(text, size, "Exit %d", WEXITSTATUS(status));
	else
		snprintf(text, size, "Done");
	return text;
}

static void
tell(int fd, const struct job *job)
{
	char text[32];

	dprintf(fd, "[%d] %-10s %s\n", job->number,
	    state(job, text, sizeof(text)), job->text);
}

int
job_wait(struct job *job)
{
	int status;

	while (!ended(job) && !stopped(job))
		if (!wait_for_any(0))
			break;
	if (tty >= 0)
		tcsetpgrp(tty, own_group);
	status = job_status(job);
	if (stopped(job)) {
		if (job->number == 0)
			job->number = next_number();
		job->told = true;
		dprintf(2, "\n");
		tell(2, job);
		return status;
	}
	if (job->n != 0 && WIFSIGNALED(job->processes[job->n - 1].status) &&
	    sh.interactive)
		dprintf(2, "%s\n", status == 128 + SIGINT ? "" :
		    strsignal(status - 128));
	if (status == 128 + SIGINT)
		sh.breaking = 1000;	/* all that was to follow */
	forget(job);
	return status;
}

void
job_background(struct job *job)
{
	job->number = next_number();
	if (sh.interactive)
		dprintf(2, "[%d] %d\n", job->number, (int)sh.background);
}

void
job_poll(bool at_prompt)
{
	struct job *job, *next;

	if (jobs == NULL || !at_prompt)
		return;
	while (wait_for_any(WNOHANG))
		continue;
	for (job = jobs; job != NULL; job = next) {
		next = job->next;
		if (ended(job)) {
			tell(2, job);
			forget(job);
		} else if (stopped(job) && !job->told) {
			job->told = true;
			tell(2, job);
		}
	}
}

int
job_wait_all(void)
{
	struct job *job, *next;

	for (job = jobs; job != NULL; job = next) {
		while (!ended(job) && !stopped(job))
			if (!wait_for_any(0))
				break;
		next = job->next;
		if (ended(job))
			forget(job);
	}
	return 0;
}

int
job_wait_pid(pid_t pid)
{
	struct job *job;
	int status;

	for (job = jobs; job != NULL; job = job->next)
		if (job->n != 0 && job->processes[job->n - 1].pid == pid)
			break;
	if (job == NULL)
		return 127;
	while (!ended(job) && !stopped(job))
		if (!wait_for_any(0))
			break;
	status = job_status(job);
	if (ended(job))
		forget(job);
	return status;
}

/* --- fg, bg, jobs --- */

/* Whether some are stopped, which is told once: who leaves then, leaves. */
bool
job_stopped(void)
{
	static bool told;
	const struct job *job;

	for (job = jobs; !told && job != NULL; job = job->next) {
		if (!stopped(job))
			continue;
		complain("there are stopped jobs");
		return told = true;
	}
	return false;
}

int
job_list(void)
{
	struct job *job, *next;

	while (wait_for_any(WNOHANG))
		continue;
	for (job = jobs; job != NULL; job = next) {
		next = job->next;
		if (job->number == 0)
			continue;
		tell(1, job);
		if (ended(job))
			forget(job);
	}
	return 0;
}

/* %n, or NULL for the youngest. */
static struct job *
find(const char *name)
{
	struct job *job, *found = NULL;
	const int number = name != NULL && name[0] == '%' ? atoi(name + 1) : 0;

	for (job = jobs; job != NULL; job = job->next)
		if (job->number != 0 && (number == 0 || job->number == number))
			found = job;
	return found;
}

pid_t
job_group(const char *name)
{
	const struct job *job = find(name);

	if (job == NULL || job->n == 0)
		return 0;
	return job->group != 0 ? -job->group : job->processes[0].pid;
}

int
job_continue(const char *name, bool foreground)
{
	struct job *job = find(name);
	int i;

	if (job == NULL || job->group == 0) {
		complain("%s: no such job", name != NULL ? name : "current");
		return 1;
	}
	for (i = 0; i < job->n; i++)
		job->processes[i].stopped = false;
	job->told = false;
	/* First the terminal: who sees that it goes on may type ^C. */
	if (foreground && tty >= 0)
		tcsetpgrp(tty, job->group);
	if (foreground)
		dprintf(1, "%s\n", job->text);
	else
		dprintf(1, "[%d] %s &\n", job->number, job->text);
	kill(-job->group, SIGCONT);
	return foreground ? job_wait(job) : 0;
}
