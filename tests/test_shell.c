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
	"until [ \"$k\" = 1 ]; do k=1; echo until; done; exit 9"
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_do_what_they_do_on_the_host)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
