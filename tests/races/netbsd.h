/* SPDX-License-Identifier: MIT */
/*
 * races/netbsd.h - the races of netbsd that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
