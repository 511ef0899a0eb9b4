/* SPDX-License-Identifier: MIT */
/* test_program.c - the registry of programs, and calls from outside any. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

static int
nothing(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

TINE_PROGRAM(nothing, "does nothing");

static int
nothing_else(int argc, char **argv)
{
	return nothing(argc, argv);
}

TINE_PROGRAM_NAMED(nothing_else, "named by hand", NULL);

static void
programs_register_before_main(void **state)
{
	const struct tine_program *program = tine_program_find("nothing");

	(void)state;
	assert_non_null(program);
	assert_ptr_equal(program->main, nothing);
	assert_string_equal(program->summary, "does nothing");
	assert_true(program->data_end > program->data_start);
	assert_non_null(tine_program_find("named by hand"));
}

static void
the_list_is_sorted_by_name(void **state)
{
	const struct tine_program *program = tine_program_first();
	unsigned count = 1;

	(void)state;
	assert_non_null(program);
	for (; program->next != NULL; program = program->next) {
		assert_true(strcmp(program->name, program->next->name) < 0);
		count++;
	}
	assert_true(count >= 2);
}

static void
a_program_can_be_added_and_removed(void **state)
{
	struct tine_program first = { "aaa", "", nothing, NULL, NULL, NULL };
	struct tine_program last = { "zzz", "", nothing, NULL, NULL, NULL };
	const struct tine_program *before = tine_program_first();

	(void)state;
	assert_null(tine_program_find("aaa"));
	assert_int_equal(tine_program_add(&last), 0);
	assert_int_equal(tine_program_add(&first), 0);
	assert_ptr_equal(tine_program_first(), &first);
	assert_ptr_equal(first.next, before);
	assert_ptr_equal(tine_program_find("zzz"), &last);
	assert_int_equal(tine_program_remove(&first), 0);
	assert_int_equal(tine_program_remove(&last), 0);
	assert_null(tine_program_find("zzz"));
	assert_ptr_equal(tine_program_first(), before);
}

static void
a_name_is_taken_once(void **state)
{
	struct tine_program twin = { "nothing", "", nothing, NULL, NULL,
	    NULL };

	(void)state;
	assert_int_equal(tine_program_add(&twin), -TINE_EEXIST);
	assert_non_null(strstr(tine_error_message(), "nothing"));
	/* Not this one is registered, but one of its name. */
	assert_int_equal(tine_program_remove(&twin), -TINE_ENOENT);
	assert_ptr_not_equal(tine_program_find("nothing"), &twin);
}

static void
half_a_program_is_refused(void **state)
{
	static char page[3 * 4096] __attribute__((aligned(4096)));
	struct tine_program program = { "half", "", nothing, page,
	    page + 4096, NULL };
	static char long_name[257];

	(void)state;
	assert_int_equal(tine_program_add(NULL), -TINE_EINVAL);
	assert_int_equal(tine_program_remove(NULL), -TINE_EINVAL);
	assert_null(tine_program_find(NULL));
	assert_null(tine_program_find(""));

	program.name = NULL;
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.name = "";
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	/* Each is to be a file in /bin. */
	memset(long_name, 'x', sizeof(long_name) - 1);
	program.name = long_name;
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.name = "a/b";
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.name = "..";
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.name = "half";
	program.main = NULL;
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.main = nothing;
	program.data_start = page + 1;
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.data_start = page;
	program.data_end = page + 4097;
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	program.data_start = page + 8192;
	program.data_end = page;
	assert_int_equal(tine_program_add(&program), -TINE_EINVAL);
	assert_null(tine_program_find("half"));
	assert_int_equal(tine_program_remove(&program), -TINE_ENOENT);
}

static void
what_cannot_be_loaded_says_why(void **state)
{
	(void)state;
	assert_int_equal(tine_program_load(NULL), -TINE_EINVAL);
	assert_int_equal(tine_program_load("./not_there.so"), -TINE_ELOAD);
	assert_non_null(strstr(tine_error_message(), "not_there.so"));
	assert_int_equal(tine_program_load("not_there.so"), -TINE_ELOAD);
	assert_int_equal(tine_program_load(TINE_TEST_SOURCE_DIR
	    "/tests/test_program.c"), -TINE_ELOAD);
	assert_non_null(strstr(tine_error_message(), "test_program.c"));
	assert_null(strchr(tine_error_message(), '\n'));
	/* A good object that is of no use here. */
	assert_int_equal(tine_program_load("/lib64/ld-linux-x86-64.so.2"),
	    -TINE_ELOAD);
	assert_non_null(strstr(tine_error_message(), "no programs"));
}

static void
a_program_that_is_not_there_cannot_be_spawned(void **state)
{
	struct tine_machine *machine;

	(void)state;
	assert_int_equal(tine_machine_create(NULL, &machine), 0);
	assert_int_equal(tine_machine_spawn(machine, "nobody", NULL),
	    -TINE_ENOENT);
	assert_non_null(strstr(tine_error_message(), "nobody"));
	assert_int_equal(tine_machine_spawn(machine, NULL, NULL),
	    -TINE_EINVAL);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* Called where no program runs, every call says so and does nothing. */
static void
calls_from_outside_a_program_are_refused(void **state)
{
	struct tine_siginfo info;
	char *const argv[] = { NULL };
	char byte = 0;

	(void)state;
	assert_int_equal(tine_sys_fork(), -EPERM);
	assert_true(strlen(tine_error_message()) > 0);
	assert_int_equal(tine_sys_forkx(0), -EPERM);
	assert_int_equal(tine_sys_getpid(), -EPERM);
	assert_int_equal(tine_sys_getppid(), -EPERM);
	assert_int_equal(tine_sys_waitid(TINE_P_ALL, 0, &info, TINE_WEXITED),
	    -EPERM);
	assert_int_equal(tine_sys_wait(NULL), -EPERM);
	assert_int_equal(tine_sys_write(1, "x", 1), -EPERM);
	assert_int_equal(tine_sys_read(0, &byte, 1), -EPERM);
	assert_int_equal(tine_printf("x"), -EPERM);
	assert_int_equal(tine_sys_exec("nothing", argv), -EPERM);
	assert_int_equal(tine_sys_kill(1, 9), -EPERM);
	assert_int_equal(tine_sys_pause(), -EPERM);
	assert_int_equal(tine_sys_nanosleep(1), -EPERM);
	assert_int_equal(tine_sys_time(), 0);
	assert_int_equal(tine_sys_failed(tine_sys_mmap(4096, 3)), -EPERM);
	assert_int_equal(tine_sys_munmap(&byte, 4096), -EPERM);
	assert_int_equal(tine_sys_failed(tine_sys_sbrk(0)), -EPERM);
	assert_int_equal(tine_sys_lwp_create(NULL, NULL), -EPERM);
	assert_int_equal(tine_sys_lwp_wait(0), -EPERM);
	assert_int_equal(tine_sys_lwp_self(), -EPERM);
	assert_null(tine_malloc(1));
	assert_null(tine_calloc(1, 1));
	assert_null(tine_realloc(NULL, 1));
	tine_free(NULL);
	tine_sys_yield();
	tine_sys_trace(1, 2);
	assert_int_equal(tine_sys_failed(&byte), 0);
	assert_int_equal(tine_sys_failed(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_register_before_main),
		cmocka_unit_test(the_list_is_sorted_by_name),
		cmocka_unit_test(a_program_can_be_added_and_removed),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(half_a_program_is_refused),
		cmocka_unit_test(what_cannot_be_loaded_says_why),
		cmocka_unit_test(
		    a_program_that_is_not_there_cannot_be_spawned),
		cmocka_unit_test(calls_from_outside_a_program_are_refused),
	};

	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
