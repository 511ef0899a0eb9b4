/* SPDX-License-Identifier: MIT */
/*
 * 02_same_address.c - same address, different values.
 *
 * After fork a pointer means the same in both processes, and yet they do not
 * share what it points to: each has its own memory under equal addresses. That
 * holds for the stack, for the heap and for global variables.
 *
 * Copying all of it at each fork would be slow. The kernel shares every page
 * between the two, forbids writing, and copies a page when one of them writes
 * to it: copy-on-write. The events cow_copy in the trace are those copies.
 *
 * TINE_DATA puts a variable into the program's data segment, which fork copies.
 * A plain C global belongs to the host program: all processes would share it.
 *
 * Try:  tine run same_address --trace text
 * Ask:  which of the three pages was copied, and by whom, parent or child?
 */
#include <tine/program.h>
#include <tine/sys.h>

static TINE_DATA int global = 1;

static int
same_address(int argc, char **argv)
{
	int stack = 1;
	int *heap = tine_malloc(sizeof(*heap));
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(heap != NULL);
	*heap = 1;

	child = tine_sys_fork();
	if (child == 0) {
		stack++;
		(*heap)++;
		global++;
		tine_printf("child:  stack %d, heap %d, global %d\n", stack,
		    *heap, global);
		return 0;
	}

	tine_check(tine_sys_wait(NULL) == child);
	tine_printf("parent: stack %d, heap %d, global %d\n", stack, *heap,
	    global);
	tine_free(heap);
	return 0;
}

TINE_PROGRAM(same_address, "same address, different values");
