/* SPDX-License-Identifier: MIT */
/* object_none.c - a shared object without programs. */
int no_program(void);

__attribute__((visibility("default"))) int
no_program(void)
{
	return 0;
}
