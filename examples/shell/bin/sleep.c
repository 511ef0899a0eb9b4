/* SPDX-License-Identifier: MIT */
/* sleep.c - do nothing for so many seconds, fractions allowed. */
#include <stdlib.h>
#include <time.h>

int
main(int argc, char **argv)
{
	const double seconds = argc > 1 ? strtod(argv[1], NULL) : 0;
	struct timespec time = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)
	};

	while (nanosleep(&time, &time) != 0)
		continue;
	return 0;
}
