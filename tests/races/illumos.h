/* SPDX-License-Identifier: MIT */
/*
 * races/illumos.h - the races of illumos that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
/* spec: IL-R01 OS-08 */
RACE("IL-R01")
/* spec: IL-R02 OS-07 */
RACE("IL-R02")
/* spec: IL-R03 OS-40 */
RACE("IL-R03")
/* spec: IL-R04 OS-39 */
RACE("IL-R04")
/* spec: IL-R05 */
RACE("IL-R05")
/* spec: IL-R06 */
RACE("IL-R06")
/* spec: IL-R07 IL-145 */
RACE("IL-R07")
/* spec: IL-R08 */
RACE("IL-R08")
/* spec: IL-R09 */
RACE("IL-R09")
/* spec: IL-R10 OS-11 */
RACE("IL-R10")
/* spec: IL-R11 OS-10 OS-12 */
RACE("IL-R11")
/* spec: IL-R12 OS-16 */
RACE("IL-R12")
/* spec: IL-R13 OS-17 */
RACE("IL-R13")
/* spec: IL-R14 */
RACE("IL-R14")
/* spec: IL-R15 OS-29 OS-27 */
RACE("IL-R15")
/* spec: IL-R16 OS-18 */
RACE("IL-R16")
/* spec: IL-R18 */
RACE("IL-R18")
/* spec: IL-R19 */
RACE("IL-R19")
/* spec: IL-R20 */
RACE("IL-R20")
/* spec: IL-R21 */
RACE("IL-R21")
/* spec: IL-R22 */
RACE("IL-R22")
/* spec: IL-R23 */
RACE("IL-R23")
/* spec: IL-R24 OS-35 */
RACE("IL-R24")
/* spec: IL-R25 OS-37 */
RACE("IL-R25")
/* spec: IL-R26 OS-36 */
RACE("IL-R26")
/* spec: IL-R27 OS-33 */
RACE("IL-R27")
/* spec: IL-R28 OS-32 */
RACE("IL-R28")
/* spec: IL-R29 */
RACE("IL-R29")
/* spec: IL-R30 */
RACE("IL-R30")
/* spec: IL-R31 */
RACE("IL-R31")
/* spec: IL-R32 */
RACE("IL-R32")
/* spec: IL-R33 */
RACE("IL-R33")
/* spec: IL-R34 OS-14 */
RACE("IL-R34")
/* spec: IL-R35 OS-13 */
RACE("IL-R35")
/* spec: IL-R36 */
RACE("IL-R36")
/* spec: IL-R37 */
RACE("IL-R37")
/* spec: IL-R38 */
RACE("IL-R38")
/* spec: IL-R39 OS-41 */
RACE("IL-R39")
/* spec: IL-R40 */
RACE("IL-R40")
/* spec: IL-R41 */
RACE("IL-R41")
/* spec: IL-R42 */
RACE("IL-R42")
/* spec: IL-R43 */
RACE("IL-R43")
/* spec: IL-R44 */
RACE("IL-R44")
/* spec: IL-R45 */
RACE("IL-R45")
/* spec: IL-R46 */
RACE("IL-R46")
/* spec: IL-R47 OS-49 */
RACE("IL-R47")
/* spec: IL-R48 OS-47 */
RACE("IL-R48")
