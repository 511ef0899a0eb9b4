/* SPDX-License-Identifier: MIT */
/*
 * test_shell.c - the shell of examples/shell/: what a script writes here, under
 * every kernel and many schedules, is what the host's shell writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "support/harness.h"

#define SEEDS 6
#define TEXT 8192

static const char *const scripts[] = {
	"echo hello \"big  world\" 'x $y' a\\ b",
	"X=5; echo $X ${X}y \"$X\"; unset X; echo [$X]",
	"seq 1 20 | grep 1 | wc -l",
	"seq 5 | while read n; do echo \"n=$n\"; done",
	"for i in a b c; do echo $i; done > f; cat < f; rm_it=1",
	"if false; then echo no; elif true; then echo yes; fi",
	"( exit 3 ); echo $?; false || echo or; true && echo and",
	"! true; echo $?; { echo a; echo b; } | wc -l",
	"Y=$(echo sub; echo shell); echo \"$Y\"; echo $Y",
	"sleep 0.01 & wait $!; echo waited $?",
	"sleep 5 & kill $!; wait $! 2>/dev/null; echo $?",
	"nosuchcmd 2>/dev/null; echo $?",
	"i=; while true; do i=${i}x; if [ $i = xxx ]; then break; fi; done; "
	    "echo $i",
	"for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo c$i; done",
	"echo err 1>&2; echo out",
	"echo $(echo $(echo nested))",
	"exec 3>o; echo to3 >&3; cat o; echo again >>o; wc -l <o",
	"true | false | true; echo $?; true | (exit 4); echo $?",
	"yes | head -n 3",
	"(seq 3; sleep 0.01; seq 3) | sort | tee t | wc -l; cat t",
	"seq 50 | (read a; read b; echo $a $b; cat >rest); wc -l <rest",
	"umask 027; umask; (umask 0; umask); umask",
	"(cd /; pwd); set_not=; echo \"[$set_not]\" \"$#\"",
	"for i in 1 2 3 4; do sleep 0.00$i & done; wait; echo all",
	"sleep 0.01 | echo quick",
	"(exit 7) & wait $!; echo $?",
	"until [ \"$k\" = 1 ]; do k=1; echo until; done; exit 9",
	/* quotes within quotes, and lines that go on */
	"echo \"$(echo \"a b\" 'c)' \\))\" end",
	"echo \"x`echo \"y z\"`\" `echo \\`echo in\\``",
	"ec\\\nho con\\\ntinued \"in \\\nquotes\" 'not \\\nhere'",
	/* what variables give */
	"X=; echo ${X:-\"a b\"} ${Y:=q} $Y ${X:+no} ${Y:+yes} ${#Y} ${Z-un}",
	"echo \"${A:-$(echo \"in ner\")}\"; X=2 true; echo [$X]",
	"set -- 'a b' c; for i; do echo \"<$i>\"; done; echo \"$*\" $# $2",
	"for i; do echo none; done; echo \"[$*]\"",
	"echo $(( (1+2)*3 - 4/2 )) $((10%3)) $((2>1 && 1!=1)) $((-3+1))",
	"echo 0 >n; for i in 1 2 3; do echo $(($(cat n)+1)) >n; done; cat n",
	/* leaving loops, and there is none */
	"for i in 1 2; do for j in 1 2; do echo $i$j; break 2; done; done",
	"break; echo after; eval 'echo ev; X=5'; echo $X",
	"echo 'echo sourced $1; V=7' >s; . ./s; echo $V; sh s arg; echo $?",
	/* more processes than a job has room for at first */
	"seq 3 | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat",
	"((exit 3) & wait $!; echo $?) | cat; (echo a; echo b) >f; cat f",
	"echo x | (read y; echo \"got $y\"); exec 3>&-; : 2>&1 3>g; [ -e g ]"
};
#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

struct expected {
	char output[TEXT];
	int status;
};

/* The host's shell, in an empty folder. */
static void
run_natively(const char *script, struct expected *expected)
{
	char command[2048];
	FILE *pipe;
	size_t got;

	setenv("TINE_SCRIPT", script, 1);
	snprintf(command, sizeof(command), "d=$(mktemp -d) && cd \"$d\" && "
	    "sh -c \"$TINE_SCRIPT\" 2>&1 </dev/null; s=$?; cd / && "
	    "rm -r \"$d\"; exit $s");
	pipe = popen(command, "r");
	assert_non_null(pipe);
	got = fread(expected->output, 1, TEXT - 1, pipe);
	expected->output[got] = '\0';
	expected->status = pclose(pipe);
}

static void
compare(const char *script, const struct expected *expected,
    const struct tine_options *options)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	struct tine_machine *machine;
	struct tine_result result;

	assert_int_equal(tine_machine_create(options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "sh", argv), 0);
	assert_int_equal(tine_machine_run(machine, &result), 0);
	if (result.outcome != TINE_OUTCOME_PASSED ||
	    result.status != expected->status ||
	    strcmp(result.console, expected->output) != 0)
		fail_msg("sh -c '%s' on %s:\n%shere, status %#x:\n%s\non the "
		    "host, status %#x:\n%s\nlast events:\n%s\nreplay: tine "
		    "replay %s", script, tine_kernel_name(options->kernel),
		    result.message, (unsigned)result.status, result.console,
		    (unsigned)expected->status, expected->output,
		    result.last_events, result.token);
	tine_machine_destroy(machine);
}

static void
scripts_do_what_they_do_on_the_host(void **state)
{
	struct tine_options options = harness_options();
	struct expected expected;
	enum tine_kernel known;
	unsigned kernel, seed;
	size_t i;

	(void)state;
	for (i = 0; i < SCRIPTS; i++) {
		run_natively(scripts[i], &expected);
		for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
			if (tine_kernel_parse(tine_kernel_name(kernel),
			    &known) != 0)
				continue;
			options.kernel = kernel;
			for (seed = 0; seed < SEEDS; seed++) {
				options.strategy = seed == 0 ?
				    TINE_STRATEGY_RR : TINE_STRATEGY_RANDOM;
				options.seed = seed;
				options.ncpu = 1 + seed % 2;
				compare(scripts[i], &expected, &options);
			}
		}
	}
}

/* --- what is wrong is said --- */

static const struct {
	const char *script, *says;
} mistakes[] = {
	{ "echo 'a", "a quote is not closed" },
	{ "echo \"a $(echo b", "a ) is missing" },
	{ "echo ${a", "a } is missing" },
	{ "if true; then echo",
	    "end of file, where there should be \"fi\"" },
	{ "if true then echo; fi",
	    "\"fi\", where there should be \"then\"" },
	{ "echo a | | b", "\"|\", where there should be a command" },
	{ "(echo a", "end of file, where there should be \")\"" },
	{ "echo a >", "end of file, where there should be a name of a file" },
	{ "echo a > > b", "\">\", where there should be a name of a file" },
	{ "cat <<END\nEND", "\"<\", where there should be a name of a file" },
	{ "for 1x in a; do b; done",
	    "\"1x\", where there should be the name of a variable" },
	{ "echo )", "\")\", which does not belong here" },
	{ "done", "\"done\", which does not belong here" },
	{ "while true; do break; done x", "\"x\", which does not belong here" }
};

static void
a_syntax_error_says_what_stands_where_what_should_be(void **state)
{
	struct tine_options options = harness_options();
	struct tine_machine *machine;
	struct tine_result result;
	char want[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *argv[] = { "sh", "-c", mistakes[i].script, NULL };

		snprintf(want, sizeof(want), "sh: syntax error: %s\n",
		    mistakes[i].says);
		assert_int_equal(tine_machine_create(&options, &machine), 0);
		assert_int_equal(tine_machine_spawn(machine, "sh", argv), 0);
		assert_int_equal(tine_machine_run(machine, &result), 0);
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		assert_string_equal(result.console, want);
		assert_int_equal(WEXITSTATUS(result.status), 2);
		tine_machine_destroy(machine);
	}
}

/* --- at a terminal --- */

/* Each is typed when the shell, or what it runs, asks for something. */
static const char *const session[] = {
	"(echo -n ?; cat)\n", "\003",	/* ^C ends what is in front */
	"echo $?\n",
	"(echo -n ?; sleep 9; echo up)\n", "\032",	/* ^Z stops it */
	"jobs\n",
	"fg\n",
	"echo half a line", NULL,
	"(echo -n ?; cat) | cat | cat\n", "\032",
	"bg\n",		/* and it stops at once: it reads */
	"sleep 1; fg %1\nread by cat\n\004",
	"for i in 1 2 3; do (echo -n ?; cat); done\n", "\003",
	"fg %4\n",
	"if true\n", "then echo long\n", "fi\n",
	"echo )\n",
	"echo $?; (echo -n ?; cat)\n", "\032",
	"\004",			/* not while jobs are stopped */
	"kill -9 %1; wait; exit 5\n"
};
#define TYPED (sizeof(session) / sizeof(session[0]))

static struct tine_machine *typist;
static size_t typed;

/* A prompt is "$ " or "> ", and '?' is what the programs ask with. */
static void
answer(void *user, int pid, const char *text, size_t size)
{
	const char *next;

	(void)user;
	(void)pid;
	if (!(size == 2 && (text[0] == '$' || text[0] == '>')) &&
	    !(size == 1 && text[0] == '?'))
		return;
	if (typed == TYPED) {
		(void)tine_machine_stop(typist);
		return;
	}
	next = session[typed++];
	(void)tine_machine_input(typist, next, strlen(next));
	/* Half a line, and ^C: it is gone. */
	if (typed < TYPED && session[typed] == NULL) {
		(void)tine_machine_input(typist, "\003", 1);
		typed++;
	}
}

static const char dialogue[] =
    "$ ?\n$ 130\n"
    "$ ?\n[1] Stopped    (echo -n ?; sleep 9; echo up)\n"
    "$ [1] Stopped    (echo -n ?; sleep 9; echo up)\n"
    "$ (echo -n ?; sleep 9; echo up)\nup\n"
    "$ \n"
    "$ ?\n[1] Stopped    (echo -n ?; cat) | cat | cat\n"
    "$ [1] (echo -n ?; cat) | cat | cat &\n"
    "$ (echo -n ?; cat) | cat | cat\nread by cat\n"
    "$ ?\n"
    "$ sh: %4: no such job\n"
    "$ > > long\n"
    "$ sh: syntax error: \")\", which does not belong here\n"
    "$ 2\n?\n[1] Stopped    (echo -n ?; cat)\n"
    "$ sh: there are stopped jobs\n"
    "$ ";

static void
a_terminal_has_its_jobs_in_front_and_behind(void **state)
{
	static const char *const argv[] = { "sh", "-i", NULL };
	struct tine_options options = harness_options();
	struct tine_result result;
	enum tine_kernel known;
	unsigned kernel;

	(void)state;
	options.interactive = true;
	options.console = answer;
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		if (tine_kernel_parse(tine_kernel_name(kernel), &known) != 0)
			continue;
		options.kernel = kernel;
		typed = 0;
		assert_int_equal(tine_machine_create(&options, &typist), 0);
		assert_int_equal(tine_machine_spawn(typist, "sh", argv), 0);
		assert_int_equal(tine_machine_run(typist, &result), 0);
		if (strcmp(result.console, dialogue) != 0)
			fail_msg("on %s:\n%s\n%s", tine_kernel_name(kernel),
			    result.console, result.message);
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		assert_int_equal(WEXITSTATUS(result.status), 5);
		assert_int_equal(tine_machine_destroy(typist), 0);
	}
}

/* --- races --- */

/* A job is killed as soon as it is there. Who makes its group in the child
 * alone, as hasty_sh does, may come too early. */
#define KILLED "sleep 1 & kill %1; wait %1; test $? = 143"
/* One of two writers may empty what the other has written; or adds to it. */
#define EMPTIES "echo x >f & echo y >>f & wait; { read a; read b; } <f"
#define ADDS "echo x >>f & echo y >>f & wait; { read a; read b; } <f"

static char token[2048], message[2048];	/* of the last one */

static void
explored(enum tine_kernel kernel, const char *program, bool jobs,
    const char *script, struct tine_explore_options *explore,
    struct tine_explore_result *result)
{
	const char *argv[] = { program, "-c", script, NULL, NULL };
	struct tine_options options = harness_options();
	struct tine_explorer *explorer;
	struct tine_machine *machine;

	if (jobs) {
		argv[1] = "-m";
		argv[2] = "-c";
		argv[3] = script;
	}
	options.kernel = kernel;
	options.exit_check = true;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, program, argv), 0);
	assert_int_equal(tine_explorer_create(machine, explore, &explorer), 0);
	result->size = sizeof(*result);
	assert_int_equal(tine_explorer_run(explorer, 0, result), 0);
	print_message("%s -c '%s' on %s: %llu schedules%s\n", program, script,
	    tine_kernel_name(kernel), (unsigned long long)result->schedules,
	    result->exhausted ? ", all" : "");
	assert_true(strlen(result->token) < sizeof(token));
	strcpy(token, result->token);
	snprintf(message, sizeof(message), "%s", result->message);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* Found, and its token has it again; all is well, in all schedules. */
static void
found(enum tine_kernel kernel, const char *program, bool jobs,
    const char *script, struct tine_explore_options *explore)
{
	struct tine_options options = harness_options();
	struct tine_explore_result result;
	struct tine_machine *machine;
	struct tine_result again;

	explored(kernel, program, jobs, script, explore, &result);
	assert_int_equal(result.failures, 1);
	assert_int_equal(result.outcome, TINE_OUTCOME_EXIT_STATUS);
	options.token = token;
	assert_int_equal(tine_machine_create(&options, &machine), 0);
	assert_int_equal(tine_machine_run(machine, &again), 0);
	assert_int_equal(again.outcome, TINE_OUTCOME_EXIT_STATUS);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
absent(enum tine_kernel kernel, const char *program, bool jobs,
    const char *script, struct tine_explore_options *explore)
{
	struct tine_explore_result result;

	explored(kernel, program, jobs, script, explore, &result);
	if (result.failures != 0)
		fail_msg("%s: %s", script, message);
	assert_true(result.exhausted);
}

static void
races_of_shells_and_scripts_are_found_and_proven_gone(void **state)
{
	static const enum tine_kernel kernels[] = {
		TINE_KERNEL_ILLUMOS, TINE_KERNEL_DRAGONFLY, TINE_KERNEL_NETBSD
	};
	struct tine_explore_options all, few;
	size_t i;

	(void)state;
	tine_explore_options_init(&all);
	all.search = TINE_SEARCH_DPOR;
	tine_explore_options_init(&few);
	few.search = TINE_SEARCH_DFS;
	few.preemptions = 0;
	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		found(kernels[i], "hasty_sh", true, KILLED, &all);
		absent(kernels[i], "sh", true, KILLED, &all);
		found(kernels[i], "sh", false, EMPTIES, &few);
		absent(kernels[i], "sh", false, ADDS, &few);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_do_what_they_do_on_the_host),
		cmocka_unit_test(
		    a_syntax_error_says_what_stands_where_what_should_be),
		cmocka_unit_test(a_terminal_has_its_jobs_in_front_and_behind),
		cmocka_unit_test(
		    races_of_shells_and_scripts_are_found_and_proven_gone)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
