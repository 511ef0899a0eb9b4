/* SPDX-License-Identifier: MIT */
/*
 * 08_page_tables.c - two page tables, before and after a write.
 *
 * Each line of the picture is a page; the number in brackets is the frame that
 * holds it. After fork parent and child have the same frames at the same pages
 * (===) and may only read them (r-). The first one to write to such a page gets
 * a frame of its own (rw); the other one keeps the old frame, and as nobody
 * else has that any more, its own first write copies nothing.
 *
 * Try:  tine run page_tables --trace text
 * Ask:  which frame does the parent write to in the end, and was it copied?
 */
#include <tine/program.h>
#include <tine/sys.h>

#define SIZE ((size_t)2 * 4096)

/* Takes the frames that calls will need for the stack now, so that the numbers
 * in the picture do not depend on how deep they go. */
static void
touch_stack(void)
{
	volatile char deep[4 * 4096];
	size_t i;

	for (i = sizeof(deep); i != 0; i -= 4096)
		deep[i - 1] = 1;
}

static int
page_tables(int argc, char **argv)
{
	char *spare = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
	char *at = tine_sys_mmap(SIZE, TINE_PROT_READ | TINE_PROT_WRITE);
	tine_pid_t child;

	(void)argc;
	(void)argv;
	tine_check(tine_sys_failed(at) == 0 && tine_sys_failed(spare) == 0);
	/* Takes the frame that init left: which one depends on the schedule. */
	spare[0] = 1;
	touch_stack();
	at[0] = 1;
	at[4096] = 1;
	child = tine_sys_fork();
	if (child == 0) {
		/* Until the parent waits, so that nobody else takes frames. */
		tine_sys_nanosleep(1000);
		touch_stack();
		tine_printf("after fork, nobody has written:\n");
		tine_sys_pmap(tine_sys_getppid(), tine_sys_getpid(), at, SIZE);
		at[0] = 2;
		tine_printf("the child wrote to the first page:\n");
		tine_sys_pmap(tine_sys_getppid(), tine_sys_getpid(), at, SIZE);
		return 0;
	}
	tine_check(tine_sys_wait(NULL) == child);
	at[0] = 3;
	tine_printf("the child is gone, the parent wrote to it too:\n");
	tine_sys_pmap(0, 0, at, SIZE);
	return 0;
}

TINE_PROGRAM(page_tables, "two page tables, before and after a write");
