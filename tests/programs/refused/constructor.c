/* SPDX-License-Identifier: MIT */
/* constructor.c - code that would run in the host process. */
static int before;

__attribute__((constructor)) static void
early(void)
{
	before = 1;
}

int
main(void)
{
	return before;
}
