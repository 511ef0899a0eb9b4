/* SPDX-License-Identifier: MIT */
/*
 * program.h - programs: ordinary C functions that run inside a machine.
 *
 *	#include <tine/program.h>
 *	#include <tine/sys.h>
 *
 *	static TINE_DATA int counter = 1;
 *
 *	static int
 *	hello(int argc, char **argv)
 *	{
 *		if (tine_sys_fork() == 0)
 *			counter++;		// the child's copy only
 *		tine_printf("%d\n", counter);
 *		return 0;
 *	}
 *
 *	TINE_PROGRAM(hello, "says hello from two processes");
 *
 * The stack, what tine_malloc() returns and TINE_DATA variables live in
 * simulated memory: fork copies them. Other globals of the host program do
 * not; they are one for all processes, and the kernel refuses pointers to them
 * with EFAULT.
 */
#ifndef TINE_PROGRAM_H
#define TINE_PROGRAM_H

#include <stddef.h>

#include <tine/error.h>
#include <tine/export.h>

TINE_BEGIN_DECLS

/** The body of a program. Its result is the exit status, as main()'s is. */
typedef int (*tine_program_fn)(int argc, char **argv);

struct tine_program {
	const char *name;		/* what exec and spawn name it */
	const char *summary;		/* one line for "tine list" */
	tine_program_fn main;
	/* The initialised globals of the program's module; may be empty. Both
	 * borders are page borders. */
	void *data_start;
	void *data_end;
	const struct tine_program *next;	/* set by registration */
};

/**
 * Register a program for every machine of this host process. TINE_PROGRAM does
 * it before main(). From any host thread, but not while a machine runs.
 *
 * @param program  borrowed for as long as the process lives (or until its
 *                 shared object is unloaded, see tine_program_remove).
 * @retval 0             registered.
 * @retval -TINE_EINVAL  no name, or one that cannot stand in /bin (it has a /,
 *                       begins with a dot or has more than 255 bytes), no main,
 *                       or data not at page borders.
 * @retval -TINE_EEXIST  another program has that name.
 */
TINE_API int tine_program_add(struct tine_program *program);

/** Take a program out again. @retval 0, -TINE_ENOENT, -TINE_EINVAL. */
TINE_API int tine_program_remove(struct tine_program *program);

/** The program of that name, or NULL. */
TINE_API const struct tine_program *tine_program_find(const char *name);

/** All programs, sorted by name: first, then program->next; NULL at the end. */
TINE_API const struct tine_program *tine_program_first(void);

/**
 * Load a shared object and register the programs that it contains.
 *
 * @return how many programs it brought, at least 1, or
 * @retval -TINE_EINVAL  a NULL path.
 * @retval -TINE_ELOAD   it cannot be loaded, or has no programs; the message
 *                       tells.
 */
TINE_API int tine_program_load(const char *path);

TINE_END_DECLS

/*
 * A global variable of a program. Lives in the section tine_data, which the
 * linker gives pages of its own: the header pads both ends.
 */
#define TINE_DATA __attribute__((section("tine_data")))

__asm__(
    ".pushsection tine_data,\"aw\",@progbits\n"
    ".balign 4096\n"
    ".popsection\n"
    ".pushsection tine_data_end,\"awG\",@progbits,tine_data_pad,comdat\n"
    ".balign 4096\n"
    ".zero 4096\n"
    ".popsection\n");

extern char tine__data_start[] __asm__("__start_tine_data")
    __attribute__((visibility("hidden"), weak));
extern char tine__data_end[] __asm__("__start_tine_data_end")
    __attribute__((visibility("hidden"), weak));

/*
 * Define and register a program at load time. fn is its body and, as text, its
 * name.
 */
#define TINE_PROGRAM(fn, text) TINE_PROGRAM_NAMED(fn, #fn, text)
#define TINE_PROGRAM_NAMED(fn, label, text) \
	static struct tine_program tine__program_##fn = { \
	    (label), (text), (fn), tine__data_start, tine__data_end, NULL }; \
	__attribute__((constructor)) static void \
	tine__register_##fn(void) \
	{ \
		(void)tine_program_add(&tine__program_##fn); \
	} \
	struct tine__need_semicolon

#endif
