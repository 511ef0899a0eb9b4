/* SPDX-License-Identifier: MIT */
/*
 * test_terminal.c - the terminal: lines, signals, sessions, job control.
 *
 * Programs run on a machine whose terminal is typed at from the console
 * callback: what a program shows is a cue, so what is typed always comes at the
 * same place.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "support/harness.h"

#define MS UINT64_C(1000000)

/* --- typing --- */

/* What is typed when a program shows the n-th '?'; NULL: the line is cut. \1 at
 * its end is the end of all that is typed. */
static const char *const *cues;
static struct tine_machine *typist;

static void
type(const char *text)
{
	const size_t size = strcspn(text, "\1");

	(void)tine_machine_input(typist, text, size);
	if (text[size] != '\0')
		(void)tine_machine_input(typist, NULL, 0);
}

/* What only leaves a message may be called in the callback. */
static void
on_console(void *user, int pid, const char *text, size_t size)
{
	(void)user;
	(void)pid;
	for (size_t i = 0; i < size; i++) {
		if (text[i] != '?')
			continue;
		if (*cues == NULL)
			(void)tine_machine_hangup(typist);
		else
			type(*cues);
		cues++;
	}
}

static char shown[4096];

static void
keep(const struct tine_result *result)
{
	snprintf(shown, sizeof(shown), "%s", result->console);
}

/* Run, and run again from the token: the same. */
static void
dialogue(const char *program, const char *const *lines, const char *want)
{
	struct tine_options options = harness_options();
	struct tine_result result;
	char token[4096];
	uint64_t digest;

	options.interactive = true;
	options.console = on_console;
	cues = lines;
	assert_int_equal(tine_machine_create(&options, &typist), 0);
	assert_int_equal(tine_machine_spawn(typist, program, NULL), 0);
	assert_int_equal(tine_machine_run(typist, &result), 0);
	if (result.outcome != TINE_OUTCOME_PASSED || result.status != 0)
		fail_msg("%s (status %d)\n%s", result.message, result.status,
		    result.console);
	keep(&result);
	assert_string_equal(shown, want);
	assert_true(strlen(result.token) < sizeof(token));
	strcpy(token, result.token);
	digest = result.digest;
	assert_int_equal(tine_machine_destroy(typist), 0);

	options.token = token;
	options.console = NULL;
	assert_int_equal(tine_machine_create(&options, &typist), 0);
	assert_int_equal(tine_machine_run(typist, &result), 0);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_true(result.digest == digest);
	assert_int_equal(tine_machine_destroy(typist), 0);
}

/* --- programs --- */

static void
show_read(size_t size)
{
	char text[64];
	long n = tine_sys_read(0, text, size);

	tine_check(n >= 0);
	for (long i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = '$';
	tine_printf("[%.*s]", (int)n, text);
}

static int
tt_lines(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	tine_check(tine_sys_isatty(0) == 1);
	tine_check(tine_sys_isatty(9) == -EBADF);
	tine_printf("?");
	show_read(60);		/* one line of two */
	show_read(3);		/* a part of the other */
	show_read(60);
	tine_printf("?");
	show_read(60);		/* erased and killed */
	tine_printf("?");
	show_read(60);		/* ^D after something gives that */
	show_read(60);		/* ^D alone is an end */
	show_read(60);		/* and reading goes on */
	tine_printf("?");
	show_read(60);		/* a line that is not complete, at the end */
	show_read(60);
	show_read(60);
	return 0;
}
TINE_PROGRAM(tt_lines, "test: lines");

static int
tt_raw(int argc, char **argv)
{
	struct tine_termios termios;
	struct tine_pollfd fd = { 0, TINE_POLLIN | TINE_POLLOUT, 0 };
	int have;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_ioctl(0, TINE_TCGETS, &termios) == 0);
	tine_check(termios.lflag == (TINE_ISIG | TINE_ICANON));
	termios.lflag = 1u << 20;
	tine_check(tine_sys_ioctl(0, TINE_TCSETS, &termios) == -EINVAL);
	tine_check(tine_sys_ioctl(0, TINE_TCSETS, NULL) == -EFAULT);
	tine_check(tine_sys_ioctl(0, 12345, NULL) == -ENOTTY);
	tine_printf("?");
	show_read(60);		/* and half a line is there */
	fd.events = TINE_POLLIN;
	tine_check(tine_sys_poll(&fd, 1, 0) == 0);
	termios.lflag = TINE_ECHO;
	tine_check(tine_sys_ioctl(0, TINE_TCSETS, &termios) == 0);
	tine_check(tine_sys_poll(&fd, 1, -1) == 1);
	tine_check(tine_sys_ioctl(0, TINE_FIONREAD, &have) == 0 && have == 4);
	show_read(60);
	tine_printf("?");	/* ^C is a character, and is echoed */
	tine_check(tine_sys_poll(&fd, 1, -1) == 1);
	show_read(60);
	tine_check(tine_sys_fcntl(0, TINE_F_SETFL, TINE_O_NONBLOCK) == 0);
	tine_check(tine_sys_read(0, &have, 1) == -EAGAIN);
	return 0;
}
TINE_PROGRAM(tt_raw, "test: raw input");

/* What is typed into a line is shown, a return as the end of the line. */
static int
tt_echo(int argc, char **argv)
{
	struct tine_termios termios;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_ioctl(0, TINE_TCGETS, &termios) == 0);
	termios.lflag = TINE_ICANON | TINE_ECHO;
	tine_check(tine_sys_ioctl(0, TINE_TCSETS, &termios) == 0);
	tine_printf("?");
	show_read(60);
	return 0;
}
TINE_PROGRAM(tt_echo, "test: lines that are shown");

/* A session of its own with the console for its terminal. */
static void
take_terminal(void)
{
	const tine_pid_t self = tine_sys_getpid();
	int fd;

	tine_check(tine_sys_tcgetpgrp(0) == -ENOTTY);
	tine_check(tine_sys_setsid() == self);
	tine_check(tine_sys_getsid(0) == self && tine_sys_getpgid(0) == self);
	tine_check(tine_sys_open("/dev/tty", TINE_O_RDWR, 0) == -ENXIO);
	fd = tine_sys_open("/dev/console", TINE_O_RDWR, 0);
	tine_check(fd >= 3);
	tine_check(tine_sys_tcgetpgrp(fd) == self);
	tine_check(tine_sys_close(fd) == 0);
}

static void
wait_for(tine_pid_t pid, int code, int status, int options)
{
	struct tine_siginfo info;

	tine_check(tine_sys_waitid(TINE_P_PID, pid, &info, options) == 0);
	tine_check(info.pid == pid);
	tine_check(info.code == code);
	tine_check(info.status == status);
}

/* A job in a group of its own, in the foreground or not. */
static tine_pid_t
job(void (*body)(void), int foreground)
{
	tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_setpgid(0, 0) == 0);
		/* it may only do so from behind where SIGTTOU is ignored; so
		 * the shell does it */
		while (foreground && tine_sys_tcgetpgrp(0) !=
		    tine_sys_getpid())
			tine_sys_yield();
		body();
		tine_sys_exit(0);
	}
	tine_check(pid > 0);
	tine_check(tine_sys_setpgid(pid, pid) == 0);
	if (foreground)
		tine_check(tine_sys_tcsetpgrp(0, pid) == 0);
	return pid;
}

static void
cue_and_pause(void)
{
	tine_printf("?");
	tine_sys_pause();
}

static void
cue_and_read(void)
{
	tine_printf("?");
	show_read(60);
}

static void
ignore(int signo)
{
	struct tine_sigaction action;

	memset(&action, 0, sizeof(action));
	action.handler = TINE_SIG_IGN;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

/* ^C, ^\ and ^Z go to the foreground group, and to nobody else. */
static int
tt_signals(int argc, char **argv)
{
	static const int signals[2] = { SIGINT, SIGQUIT };
	tine_pid_t behind, pid;

	(void)argc;
	(void)argv;
	take_terminal();
	ignore(SIGTTOU);
	behind = job((void (*)(void))tine_sys_pause, 0);
	for (int i = 0; i < 2; i++) {
		pid = job(cue_and_pause, 1);
		wait_for(pid, i == 0 ? TINE_CLD_KILLED : TINE_CLD_DUMPED,
		    signals[i], TINE_WEXITED);
	}
	pid = job(cue_and_pause, 1);
	wait_for(pid, TINE_CLD_STOPPED, SIGTSTP, TINE_WSTOPPED);
	tine_check(tine_sys_tcsetpgrp(0, tine_sys_getpid()) == 0);
	tine_check(tine_sys_kill(-pid, SIGKILL) == 0);
	wait_for(pid, TINE_CLD_KILLED, SIGKILL, TINE_WEXITED);
	tine_check(tine_sys_kill(behind, SIGTERM) == 0);
	wait_for(behind, TINE_CLD_KILLED, SIGTERM, TINE_WEXITED);
	return 0;
}
TINE_PROGRAM(tt_signals, "test: signals from the terminal");

/* Who reads from behind stops, and reads on when it is brought to the front. */
static int
tt_behind(int argc, char **argv)
{
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	take_terminal();
	ignore(SIGTTOU);
	pid = job(cue_and_read, 0);
	wait_for(pid, TINE_CLD_STOPPED, SIGTTIN, TINE_WSTOPPED);
	tine_check(tine_sys_tcsetpgrp(0, pid) == 0);
	tine_check(tine_sys_kill(-pid, SIGCONT) == 0);
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	/* from the front it can read itself; what is left for us is next */
	tine_check(tine_sys_tcsetpgrp(0, tine_sys_getpid()) == 0);
	show_read(60);
	return 0;
}
TINE_PROGRAM(tt_behind, "test: reading behind");

static void
read_ignoring(void)
{
	char c;

	ignore(SIGTTIN);
	tine_check(tine_sys_read(0, &c, 1) == -EIO);
}

static void
write_and_set(void)
{
	const int self = tine_sys_getpid();
	struct tine_termios termios = { TINE_ISIG };

	/* without TOSTOP everybody writes */
	tine_printf("behind ");
	ignore(SIGTTOU);
	/* who ignores it may change things too */
	tine_check(tine_sys_ioctl(0, TINE_TCSETS, &termios) == 0);
	tine_check(tine_sys_tcsetpgrp(0, self) == 0);
}

static void
just_write(void)
{
	tine_printf("stopped ");
}

static int
tt_write_behind(int argc, char **argv)
{
	struct tine_termios termios = { TINE_ISIG | TINE_ICANON | TINE_TOSTOP };
	tine_pid_t pid;

	(void)argc;
	(void)argv;
	take_terminal();
	ignore(SIGTTOU);
	pid = job(read_ignoring, 0);
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	pid = job(write_and_set, 0);
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	tine_check(tine_sys_tcsetpgrp(0, tine_sys_getpid()) == 0);
	tine_check(tine_sys_ioctl(0, TINE_TCSETS, &termios) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		struct tine_sigaction action;

		memset(&action, 0, sizeof(action));
		tine_check(tine_sys_sigaction(SIGTTOU, &action, NULL) == 0);
		tine_sys_setpgid(0, 0);
		just_write();
		tine_sys_exit(0);
	}
	wait_for(pid, TINE_CLD_STOPPED, SIGTTOU, TINE_WSTOPPED);
	tine_printf("shell ");
	tine_check(tine_sys_tcsetpgrp(0, pid) == 0);
	tine_check(tine_sys_kill(pid, SIGCONT) == 0);
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	return 0;
}
TINE_PROGRAM(tt_write_behind, "test: writing behind");

static int without;	/* what reading gives that has lost its terminal */

/* The session leader dies: the foreground is told, the session reads errors,
 * another session may have the terminal. */
static void
leader(int report)
{
	struct tine_sigaction action;
	tine_pid_t pid;
	char c;

	take_terminal();
	ignore(SIGHUP);
	if (tine_sys_fork() == 0) {
		/* in the foreground group, deaf to the hangup */
		while (tine_sys_getppid() != 1)
			tine_sys_nanosleep(MS);
		c = tine_sys_read(0, &c, 1) == without ? 'y' : 'n';
		tine_check(tine_sys_write(report, &c, 1) == 1);
		tine_check(tine_sys_open("/dev/tty", TINE_O_RDWR, 0) ==
		    -ENXIO);
		tine_check(tine_sys_getsid(0) > 0);
		tine_sys_exit(0);
	}
	memset(&action, 0, sizeof(action));
	tine_check(tine_sys_sigaction(SIGHUP, &action, NULL) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		/* dies of it; its end of the pipe tells */
		for (;;)
			tine_sys_pause();
	}
	tine_sys_exit(0);
}

static bool leader_keeps;	/* it cannot give its terminal up */

/* Another process of the session can, and nobody hears of it. */
static void
gives_up(void)
{
	const tine_pid_t pid = tine_sys_fork();

	if (pid == 0) {
		tine_check(tine_sys_ioctl(0, TINE_TIOCSCTTY, NULL) == -EPERM);
		tine_check(tine_sys_ioctl(0, TINE_TIOCNOTTY, NULL) == 0);
		tine_check(tine_sys_ioctl(0, TINE_TIOCNOTTY, NULL) == -ENOTTY);
		tine_check(tine_sys_tcgetpgrp(0) == -ENOTTY);
		tine_sys_exit(0);
	}
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	tine_check(tine_sys_ioctl(0, TINE_TIOCSCTTY, NULL) == 0);
	tine_check(tine_sys_tcgetpgrp(0) == tine_sys_getpid());
}

static int
tt_leader(int argc, char **argv)
{
	tine_pid_t pid;
	char c = 0;
	int fds[2];

	(void)argc;
	(void)argv;
	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0)
		leader(fds[1]);
	tine_sys_close(fds[1]);
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	tine_check(tine_sys_read(fds[0], &c, 1) == 1 && c == 'y');
	tine_check(tine_sys_read(fds[0], &c, 1) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		take_terminal();
		if (leader_keeps) {
			tine_check(tine_sys_ioctl(0, TINE_TIOCNOTTY, NULL) ==
			    -EINVAL);
			gives_up();
			tine_sys_exit(0);
		}
		tine_check(tine_sys_ioctl(0, TINE_TIOCNOTTY, NULL) == 0);
		tine_check(tine_sys_ioctl(0, TINE_TIOCNOTTY, NULL) == -ENOTTY);
		tine_sys_exit(0);
	}
	/* it was in the foreground group when it gave the terminal up */
	if (leader_keeps)
		wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	else
		wait_for(pid, TINE_CLD_KILLED, SIGHUP, TINE_WEXITED);
	return 0;
}
TINE_PROGRAM(tt_leader, "test: the end of a session leader");

static void
wait_for_cont(void)
{
	for (;;)
		tine_sys_pause();
}

/* The line is cut: the foreground dies of SIGHUP, reading gives the end. */
static int
tt_hangup(int argc, char **argv)
{
	tine_pid_t pid;
	char c;

	(void)argc;
	(void)argv;
	take_terminal();
	ignore(SIGTTOU);
	ignore(SIGHUP);
	pid = tine_sys_fork();
	if (pid == 0) {
		struct tine_sigaction action;

		memset(&action, 0, sizeof(action));
		tine_sys_sigaction(SIGHUP, &action, NULL);
		tine_sys_setpgid(0, 0);
		tine_check(tine_sys_tcsetpgrp(0, tine_sys_getpid()) == 0);
		tine_printf("?");
		wait_for_cont();
	}
	wait_for(pid, TINE_CLD_KILLED, SIGHUP, TINE_WEXITED);
	tine_check(tine_sys_tcsetpgrp(0, tine_sys_getpid()) == 0);
	tine_check(tine_sys_write(1, "x", 1) == -EIO);
	tine_check(tine_sys_read(0, &c, 1) == 0);
	tine_check(tine_sys_open("/dev/tty", TINE_O_RDWR, 0) == 3);
	tine_check(tine_sys_write(1, "x", 1) == 1);
	return 0;
}
TINE_PROGRAM(tt_hangup, "test: a hangup");

/* Who waits for a line when it is cut has the end; no signal wakes it. */
static int
tt_hangup_read(int argc, char **argv)
{
	struct tine_pollfd fd = { .fd = 0, .events = TINE_POLLIN };
	tine_pid_t pid;
	char c;

	(void)argc;
	(void)argv;
	take_terminal();
	ignore(SIGHUP);
	pid = tine_sys_fork();
	tine_check(pid >= 0);
	if (pid == 0) {
		tine_check(tine_sys_poll(&fd, 1, -1) == 1);
		tine_sys_exit(0);
	}
	/* The child sleeps by now. */
	tine_sys_nanosleep(5 * MS);
	tine_printf("?");
	tine_check(tine_sys_read(0, &c, 1) == 0);
	wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	return 0;
}
TINE_PROGRAM(tt_hangup_read, "test: a hangup of who reads");

/* --- sessions and groups, without a terminal --- */

static int no_such;	/* what a negative pid is */

static int
tt_groups(int argc, char **argv)
{
	const tine_pid_t self = tine_sys_getpid();
	tine_pid_t pid, other;
	int fds[2];
	char c;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_getpgid(0) == tine_sys_getpgid(self));
	tine_check(tine_sys_getpgid(9999) == -ESRCH);
	tine_check(tine_sys_getsid(9999) == -ESRCH);
	tine_check(tine_sys_setpgid(-1, 0) == no_such);
	tine_check(tine_sys_setpgid(0, -1) == -EINVAL);
	tine_check(tine_sys_setpgid(1, 0) == -ESRCH);
	tine_check(tine_sys_setpgid(0, 9999) == -EPERM);
	tine_check(tine_sys_setpgid(0, 0) == 0);
	tine_check(tine_sys_getpgid(0) == self);
	tine_check(tine_sys_setsid() == -EPERM);	/* leads a group */

	tine_check(tine_sys_pipe(fds) == 0);
	pid = tine_sys_fork();
	if (pid == 0) {
		tine_check(tine_sys_getpgid(0) == self);
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		tine_check(tine_sys_setpgid(0, self) == -EPERM);
		tine_check(tine_sys_write(fds[1], "s", 1) == 1);
		tine_sys_pause();
	}
	tine_check(tine_sys_read(fds[0], &c, 1) == 1);
	tine_check(tine_sys_getsid(pid) == pid);
	tine_check(tine_sys_setpgid(pid, self) == -EPERM);
	tine_check(tine_sys_setpgid(0, pid) == -EPERM);
	other = tine_sys_fork();
	if (other == 0) {
		char *const none[] = { NULL };

		tine_sys_exec("tt_pauses", none);
		tine_sys_exit(1);
	}
	tine_sys_nanosleep(MS);
	tine_check(tine_sys_setpgid(other, other) == -EACCES);
	tine_check(tine_sys_kill(pid, SIGKILL) == 0);
	tine_check(tine_sys_kill(other, SIGKILL) == 0);
	wait_for(pid, TINE_CLD_KILLED, SIGKILL, TINE_WEXITED);
	wait_for(other, TINE_CLD_KILLED, SIGKILL, TINE_WEXITED);
	return 0;
}
TINE_PROGRAM(tt_groups, "test: sessions and groups");

static int
tt_pauses(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tine_sys_pause();
}
TINE_PROGRAM(tt_pauses, "test: waits to be killed");

/* A number that a session or a group has is given to no process. */
static int
tt_small_world(int argc, char **argv)
{
	tine_pid_t leader_pid, pid;

	(void)argc;
	(void)argv;
	leader_pid = tine_sys_fork();
	if (leader_pid == 0) {
		tine_check(tine_sys_setsid() == tine_sys_getpid());
		if (tine_sys_fork() == 0) {
			tine_sys_nanosleep(100 * MS);
			tine_sys_exit(0);
		}
		tine_sys_exit(0);
	}
	wait_for(leader_pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	for (int i = 0; i < 30; i++) {
		pid = tine_sys_fork();
		if (pid == 0)
			tine_sys_exit(0);
		tine_check(pid > 0 && pid != leader_pid);
		wait_for(pid, TINE_CLD_EXITED, 0, TINE_WEXITED);
	}
	tine_sys_nanosleep(200 * MS);
	return 0;
}
TINE_PROGRAM(tt_small_world, "test: numbers of sessions are taken");

/* --- tests --- */

static void
lines_are_edited_and_end(void **state)
{
	static const char *const typed[] = { "one\ntwotwo\n",
	    "wrong\025rigjt\b\177ht\n", "half\004\004more\n", "rest\1" };

	(void)state;
	dialogue("tt_lines", typed, "?[one$][two][two$]?[right$]?[half][]"
	    "[more$]?[rest][][]");
}

static void
without_lines_every_byte_is_there_at_once(void **state)
{
	static const char *const typed[] = { "all\nhalf", "x\003y" };

	(void)state;
	dialogue("tt_raw", typed, "?[all$][half]?x\003y[x\003y]");
}

static void
a_line_is_shown_as_it_is_typed(void **state)
{
	static const char *const typed[] = { "ab\177c\r" };

	(void)state;
	dialogue("tt_echo", typed, "?abc\n[ac$]");
}

static void
keys_signal_the_foreground_group(void **state)
{
	static const char *const typed[] = { "\003", "\034", "\032" };

	(void)state;
	dialogue("tt_signals", typed, "???");
}

static void
who_reads_behind_stops_until_it_is_in_front(void **state)
{
	static const char *const typed[] = { "for the job\nfor us\n" };

	(void)state;
	dialogue("tt_behind", typed, "?[for the job$][for us$]");
}

static void
who_writes_behind_stops_with_tostop_only(void **state)
{
	static const char *const typed[] = { NULL };

	(void)state;
	dialogue("tt_write_behind", typed, "behind shell stopped ");
}

/* spec: IL-127 */
static void
a_session_leader_takes_its_terminal_along(void **state)
{
	(void)state;
	harness_every_seed("tt_leader", 10);
}

static void
a_cut_line_is_sighup_and_an_end(void **state)
{
	static const char *const typed[] = { NULL };

	(void)state;
	dialogue("tt_hangup", typed, "?x");
	dialogue("tt_hangup_read", typed, "?");
}

/* spec: IL-049 */
static void
groups_and_sessions_refuse_what_they_must(void **state)
{
	(void)state;
	harness_every_seed("tt_groups", 10);
}

/* spec: IL-136 */
static void
a_session_keeps_its_number(void **state)
{
	struct tine_options options = harness_options();

	(void)state;
	options.pid_max = 112;
	harness_passes("tt_small_world", &options, 0);
}

/* --- what the callback may do --- */

static int
te_asks(int argc, char **argv)
{
	char c = argv[argc - 1][0];

	tine_sys_write(1, &c, 1);
	for (;;)
		tine_sys_pause();
	return 0;
}
TINE_PROGRAM(te_asks, "test: waits for what the callback does");

static int answers[3];

/* What was asked for; and things that must be refused here as elsewhere. */
static void
on_question(void *user, int pid, const char *text, size_t size)
{
	(void)user;
	assert_true(size == 1);
	switch (text[0]) {
	case 'k':
		answers[0] = tine_machine_kill(typist, pid, SIGTERM);
		break;
	case 's':
		answers[0] = tine_machine_stop(typist);
		break;
	default:
		answers[0] = tine_machine_hangup(typist);
		(void)tine_machine_stop(typist);
		break;
	}
	/* It is not interactive; there is no such signal; nor such machine. */
	answers[1] = tine_machine_input(typist, "x", 1);
	answers[2] = tine_machine_kill(typist, pid, 65);
}

static void
ask(const char *what, enum tine_outcome want)
{
	struct tine_options options = harness_options();
	const char *argv[] = { "te_asks", what, NULL };
	struct tine_result result;

	options.console = on_question;
	memset(answers, 1, sizeof(answers));
	assert_int_equal(tine_machine_create(&options, &typist), 0);
	assert_int_equal(tine_machine_spawn(typist, "te_asks", argv), 0);
	assert_int_equal(tine_machine_run(typist, &result), 0);
	if (result.outcome != want)
		fail_msg("%s: %s", what, result.message);
	if (want == TINE_OUTCOME_PASSED)
		assert_int_equal(result.status, SIGTERM);
	assert_int_equal(answers[0], 0);
	assert_int_equal(answers[1], -TINE_ESTATE);
	assert_int_equal(answers[2], -TINE_EINVAL);
	/* Not running any more. */
	assert_int_equal(tine_machine_hangup(typist), -TINE_ESTATE);
	assert_int_equal(tine_machine_stop(typist), -TINE_ESTATE);
	assert_int_equal(tine_machine_destroy(typist), 0);
	assert_int_equal(tine_machine_hangup(typist), -TINE_EINVAL);
	assert_int_equal(tine_machine_hangup(NULL), -TINE_EINVAL);
}

static void
a_console_callback_may_type_kill_cut_and_stop(void **state)
{
	(void)state;
	ask("k", TINE_OUTCOME_PASSED);
	ask("s", TINE_OUTCOME_STOPPED);
	ask("h", TINE_OUTCOME_STOPPED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_edited_and_end),
		cmocka_unit_test(without_lines_every_byte_is_there_at_once),
		cmocka_unit_test(keys_signal_the_foreground_group),
		cmocka_unit_test(who_reads_behind_stops_until_it_is_in_front),
		cmocka_unit_test(who_writes_behind_stops_with_tostop_only),
		cmocka_unit_test(a_session_leader_takes_its_terminal_along),
		cmocka_unit_test(a_cut_line_is_sighup_and_an_end),
		cmocka_unit_test(a_line_is_shown_as_it_is_typed),
		cmocka_unit_test(groups_and_sessions_refuse_what_they_must),
		cmocka_unit_test(a_session_keeps_its_number),
		cmocka_unit_test(a_console_callback_may_type_kill_cut_and_stop),
	};

	const enum tine_kernel kernel = harness_options().kernel;

	without = kernel == TINE_KERNEL_ILLUMOS ||
	    kernel == TINE_KERNEL_OPENSOLARIS ? -EIO : 0;
	leader_keeps = kernel == TINE_KERNEL_DRAGONFLY;
	no_such = kernel == TINE_KERNEL_DRAGONFLY ? -ESRCH : -EINVAL;
	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
