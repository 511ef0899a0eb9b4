/* SPDX-License-Identifier: MIT */
/* races/kern.h - the bodies of examples/kern that must be in the catalogue. */
RACE("bounded_buffer")
RACE("double_check")
RACE("hand_over_hand")
RACE("starvation")
