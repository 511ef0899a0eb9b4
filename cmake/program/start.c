/* SPDX-License-Identifier: MIT */
/* start.c - what stands in front of a program's main(): its registration. */
#include <tine/posix.h>
#include <tine/program.h>

extern int program_main(int argc, char **argv, char **envp) __asm__("main");
extern char data_start[] __asm__("tine_program_data_start");
extern char data_end[] __asm__("tine_program_data_end");

static int
start(int argc, char **argv)
{
	tine_posix_start(program_main, argc, argv);
}

static struct tine_program program
    __attribute__((section("tine_program_host"))) = {
	TINE_PROGRAM_NAME, TINE_PROGRAM_SUMMARY, start, data_start, data_end,
	NULL
};

__attribute__((constructor)) static void
register_program(void)
{
	(void)tine_program_add(&program);
}
