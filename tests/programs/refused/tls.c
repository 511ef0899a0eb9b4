/* SPDX-License-Identifier: MIT */
/* tls.c - a thread-local variable, which no simulated LWP could have. */
static __thread int mine;

int
main(int argc, char **argv)
{
	(void)argv;
	mine += argc;
	return mine;
}
