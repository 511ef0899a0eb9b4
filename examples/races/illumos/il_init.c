/* SPDX-License-Identifier: MIT */
/* il_init.c - the init of a zone in several races: it sleeps. */
#include <tine/sys.h>

#include "../rig.h"

RACE_MAIN(race_il_init, "init of a zone, asleep")
{
	for (;;)
		(void)tine_sys_pause();
	return 0;
}
