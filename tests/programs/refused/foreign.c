/* SPDX-License-Identifier: MIT */
/* foreign.c - calls that reach outside the machine. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
	FILE *file = fopen("/etc/passwd", "r");

	return file == NULL || getpwuid(0) != NULL;
}
