/* SPDX-License-Identifier: MIT */
/*
 * races/illumos.h - the races of illumos that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
/* spec: IL-R01 */
RACE("IL-R01")
/* spec: IL-R03 */
RACE("IL-R03")
/* spec: IL-R04 */
RACE("IL-R04")
/* spec: IL-R05 */
RACE("IL-R05")
/* spec: IL-R08 */
RACE("IL-R08")
/* spec: IL-R20 */
RACE("IL-R20")
/* spec: IL-R21 */
RACE("IL-R21")
/* spec: IL-R22 */
RACE("IL-R22")
/* spec: IL-R23 */
RACE("IL-R23")
/* spec: IL-R30 */
RACE("IL-R30")
/* spec: IL-R32 */
RACE("IL-R32")
/* spec: IL-R33 */
RACE("IL-R33")
/* spec: IL-R35 */
RACE("IL-R35")
/* spec: IL-R36 */
RACE("IL-R36")
/* spec: IL-R37 */
RACE("IL-R37")
/* spec: IL-R38 */
RACE("IL-R38")
/* spec: IL-R39 */
RACE("IL-R39")
/* spec: IL-R40 */
RACE("IL-R40")
/* spec: IL-R42 */
RACE("IL-R42")
/* spec: IL-R45 */
RACE("IL-R45")
/* spec: IL-R47 */
RACE("IL-R47")
