/* SPDX-License-Identifier: MIT */
/* builtin.c - commands that run in the shell itself. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

/* --- the shell's state --- */

static int
do_colon(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int
do_false(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}

static int
do_exit(int argc, char **argv)
{
	sh.leaving = true;
	return argc > 1 ? atoi(argv[1]) & 0xff : sh.status;
}

static int
do_exec(int argc, char **argv)
{
	if (argc < 2)
		return 0;
	execvp(argv[1], argv + 1);
	complain("%s: %s", argv[1], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int
do_cd(int argc, char **argv)
{
	const char *to = argc > 1 ? argv[1] : "/";

	if (chdir(to) == 0)
		return 0;
	complain("cd: %s: %s", to, strerror(errno));
	return 1;
}

static int
do_pwd(int argc, char **argv)
{
	char path[256];

	(void)argc;
	(void)argv;
	if (getcwd(path, sizeof(path)) == NULL) {
		complain("pwd: %s", strerror(errno));
		return 1;
	}
	puts(path);
	return 0;
}

static int
do_umask(int argc, char **argv)
{
	mode_t mask;

	if (argc > 1) {
		umask((mode_t)strtol(argv[1], NULL, 8));
		return 0;
	}
	mask = umask(0);
	umask(mask);
	printf("%04o\n", (unsigned)mask);
	return 0;
}

static int
do_export(int argc, char **argv)
{
	char *equals;
	int i;

	/* Every variable is exported; here some get a value. */
	for (i = 1; i < argc; i++) {
		equals = strchr(argv[i], '=');
		if (equals == NULL)
			continue;
		*equals = '\0';
		setenv(argv[i], equals + 1, 1);
	}
	return 0;
}

static int
do_unset(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		unsetenv(argv[i]);
	return 0;
}

/* set -- words: the arguments. */
static int
do_set(int argc, char **argv)
{
	char **args;
	int i;

	if (argc < 2 || strcmp(argv[1], "--") != 0) {
		complain("usage: set -- [argument ...]");
		return 2;
	}
	/* They outlive the command. */
	args = calloc((size_t)argc, sizeof(*args));
	for (i = 2; args != NULL && i < argc; i++)
		if ((args[i - 2] = strdup(argv[i])) == NULL)
			args = NULL;
	if (args == NULL) {
		complain("set: out of memory");
		return 1;
	}
	sh.args = args;
	sh.nargs = argc - 2;
	return 0;
}

static int
do_eval(int argc, char **argv)
{
	struct text text = { NULL, 0, 0 };
	int i;

	text_add(&text, "", 0);
	for (i = 1; i < argc; i++) {
		text_add(&text, argv[i], strlen(argv[i]));
		text_add(&text, " ", 1);
	}
	return run_string(text.data);
}

/* . file: its commands, here. */
static int
do_dot(int argc, char **argv)
{
	struct input input = { .fd = -1 };
	int status;

	if (argc < 2) {
		complain("usage: . file");
		return 2;
	}
	input.fd = open_script(argv[1]);
	if (input.fd < 0)
		return 1;
	status = run_input(&input);
	close(input.fd);
	return status;
}

static int
do_shift(int argc, char **argv)
{
	const int n = argc > 1 ? atoi(argv[1]) : 1;

	if (n < 0 || n > sh.nargs)
		return 1;
	sh.args += n;
	sh.nargs -= n;
	return 0;
}

static int
do_break(int argc, char **argv)
{
	if (sh.loops == 0)
		return 0;
	sh.breaking = argc > 1 ? atoi(argv[1]) : 1;
	sh.continuing = strcmp(argv[0], "continue") == 0;
	return 0;
}

/* --- input and output --- */

static int
do_echo(int argc, char **argv)
{
	struct text line = { NULL, 0, 0 };
	const bool bare = argc > 1 && strcmp(argv[1], "-n") == 0;
	int i;

	text_add(&line, "", 0);
	for (i = bare ? 2 : 1; i < argc; i++) {
		text_add(&line, argv[i], strlen(argv[i]));
		if (i + 1 < argc)
			text_add(&line, " ", 1);
	}
	if (!bare)
		text_add(&line, "\n", 1);
	return write(1, line.data, line.size) == (ssize_t)line.size ? 0 : 1;
}

/* A byte at a time: what follows the line is somebody else's. */
static int
do_read(int argc, char **argv)
{
	struct text line = { NULL, 0, 0 };
	char *rest, *end, c = 0;
	ssize_t got;
	int i;

	text_add(&line, "", 0);
	while ((got = read(0, &c, 1)) == 1 && c != '\n')
		text_add(&line, &c, 1);
	rest = line.data;
	for (i = 1; i < argc; i++) {
		rest += strspn(rest, " \t");
		end = i + 1 < argc ? rest + strcspn(rest, " \t") :
		    rest + strlen(rest);
		setenv(argv[i], arena_copy(rest, (size_t)(end - rest)), 1);
		rest = end;
	}
	return got == 1 ? 0 : 1;
}

/* --- test --- */

static int
compare(const char *a, const char *op, const char *b)
{
	static const char *const ops[] = {
		"-eq", "-ne", "-lt", "-le", "-gt", "-ge"
	};
	const long x = strtol(a, NULL, 10), y = strtol(b, NULL, 10);
	const bool results[] = {
		x == y, x != y, x < y, x <= y, x > y, x >= y
	};
	size_t i;

	if (strcmp(op, "=") == 0)
		return strcmp(a, b) != 0;
	if (strcmp(op, "!=") == 0)
		return strcmp(a, b) == 0;
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(op, ops[i]) == 0)
			return !results[i];
	complain("test: %s: unknown operator", op);
	return 2;
}

static int
unary(const char *op, const char *a)
{
	struct stat st;

	if (strcmp(op, "-n") == 0)
		return a[0] == '\0';
	if (strcmp(op, "-z") == 0)
		return a[0] != '\0';
	if (strcmp(op, "-e") == 0)
		return stat(a, &st) != 0;
	if (strcmp(op, "-f") == 0)
		return stat(a, &st) != 0 || !S_ISREG(st.st_mode);
	if (strcmp(op, "-d") == 0)
		return stat(a, &st) != 0 || !S_ISDIR(st.st_mode);
	if (strcmp(op, "-p") == 0)
		return stat(a, &st) != 0 || !S_ISFIFO(st.st_mode);
	if (strcmp(op, "-s") == 0)
		return stat(a, &st) != 0 || st.st_size == 0;
	if (strcmp(op, "-r") == 0)
		return access(a, R_OK) != 0;
	if (strcmp(op, "-w") == 0)
		return access(a, W_OK) != 0;
	if (strcmp(op, "-x") == 0)
		return access(a, X_OK) != 0;
	if (strcmp(op, "-t") == 0)
		return !isatty(atoi(a));
	complain("test: %s: unknown operator", op);
	return 2;
}

static int
test_words(int argc, char **argv)
{
	int status;

	if (argc > 1 && strcmp(argv[0], "!") == 0) {
		status = test_words(argc - 1, argv + 1);
		return status > 1 ? status : !status;
	}
	switch (argc) {
	case 0:
		return 1;
	case 1:
		return argv[0][0] == '\0';
	case 2:
		return unary(argv[0], argv[1]);
	case 3:
		return compare(argv[0], argv[1], argv[2]);
	default:
		complain("test: too many arguments");
		return 2;
	}
}

static int
do_test(int argc, char **argv)
{
	if (strcmp(argv[0], "[") == 0 &&
	    (argc < 2 || strcmp(argv[--argc], "]") != 0)) {
		complain("[: there is no ]");
		return 2;
	}
	return test_words(argc - 1, argv + 1);
}

/* --- jobs --- */

static int
do_jobs(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return job_list();
}

static int
do_fg(int argc, char **argv)
{
	return job_continue(argc > 1 ? argv[1] : NULL,
	    strcmp(argv[0], "fg") == 0);
}

static int
do_wait(int argc, char **argv)
{
	int i, status = 0;

	if (argc < 2)
		return job_wait_all();
	for (i = 1; i < argc; i++) {
		const pid_t group = argv[i][0] == '%' ? job_group(argv[i]) : 0;

		status = job_wait_pid(group < 0 ? -group :
		    group > 0 ? group : atoi(argv[i]));
	}
	return status;
}

static int
signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
		{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT },
		{ "KILL", SIGKILL }, { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 },
		{ "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM },
		{ "CHLD", SIGCHLD }, { "CONT", SIGCONT }, { "STOP", SIGSTOP },
		{ "TSTP", SIGTSTP }
	};
	size_t i;

	if (isdigit((unsigned char)name[0]))
		return atoi(name);
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	return -1;
}

static int
do_kill(int argc, char **argv)
{
	int signo = SIGTERM, i = 1, status = 0;
	pid_t pid;

	if (argc > 1 && argv[1][0] == '-') {
		signo = signal_number(argv[1] + 1);
		i++;
	}
	if (signo < 0 || i >= argc) {
		complain("usage: kill [-signal] pid|%%job ...");
		return 2;
	}
	for (; i < argc; i++) {
		pid = argv[i][0] == '%' ? job_group(argv[i]) : atoi(argv[i]);
		if (pid == 0 || kill(pid, signo) != 0) {
			complain("kill: %s: %s", argv[i], pid == 0 ?
			    "no such job" : strerror(errno));
			status = 1;
		}
	}
	return status;
}

/* --- the table --- */

builtin_fn
builtin(const char *name)
{
	static const struct {
		const char *name;
		builtin_fn fn;
	} table[] = {
		{ ".", do_dot }, { ":", do_colon }, { "[", do_test },
		{ "bg", do_fg },
		{ "break", do_break }, { "cd", do_cd },
		{ "continue", do_break }, { "echo", do_echo },
		{ "eval", do_eval },
		{ "exec", do_exec }, { "exit", do_exit },
		{ "export", do_export }, { "false", do_false },
		{ "fg", do_fg }, { "jobs", do_jobs }, { "kill", do_kill },
		{ "pwd", do_pwd }, { "read", do_read },
		{ "set", do_set }, { "shift", do_shift },
		{ "test", do_test }, { "true", do_colon },
		{ "umask", do_umask }, { "unset", do_unset },
		{ "wait", do_wait }
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].fn;
	return NULL;
}
