/* SPDX-License-Identifier: MIT */
/*
 * races/illumos.h - the races of illumos that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
/* spec: IL-R20 */
RACE("IL-R20")
/* spec: IL-R30 */
RACE("IL-R30")
