/* SPDX-License-Identifier: MIT */
/*
 * races/dragonfly.h - the races of dragonfly that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
