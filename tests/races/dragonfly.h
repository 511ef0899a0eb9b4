/* SPDX-License-Identifier: MIT */
/*
 * races/dragonfly.h - the races of dragonfly that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
/* spec: DF-R01 */
RACE("DF-R01")
/* spec: DF-R02 */
RACE("DF-R02")
/* spec: DF-R03 */
RACE("DF-R03")
/* spec: DF-R04 */
RACE("DF-R04")
/* spec: DF-R05 */
RACE("DF-R05")
/* spec: DF-R06 */
RACE("DF-R06")
/* spec: DF-R07 */
RACE("DF-R07")
/* spec: DF-R08 */
RACE("DF-R08")
/* spec: DF-R09 */
RACE("DF-R09")
/* spec: DF-R10 */
RACE("DF-R10")
/* spec: DF-R11 */
RACE("DF-R11")
/* spec: DF-R12 */
RACE("DF-R12")
/* spec: DF-R13 */
RACE("DF-R13")
/* spec: DF-R14 */
RACE("DF-R14")
/* spec: DF-R15 */
RACE("DF-R15")
/* spec: DF-R16 */
RACE("DF-R16")
/* spec: DF-R17 */
RACE("DF-R17")
/* spec: DF-R18 */
RACE("DF-R18")
/* spec: DF-R19 */
RACE("DF-R19")
/* spec: DF-R20 */
RACE("DF-R20")
/* spec: DF-R21 */
RACE("DF-R21")
/* spec: DF-R22 */
RACE("DF-R22")
/* spec: DF-R23 */
RACE("DF-R23")
/* spec: DF-R24 */
RACE("DF-R24")
/* spec: DF-R25 */
RACE("DF-R25")
/* spec: DF-R26 */
RACE("DF-R26")
/* spec: DF-R27 */
RACE("DF-R27")
/* spec: DF-R28 */
RACE("DF-R28")
/* spec: DF-R29 */
RACE("DF-R29")
/* spec: DF-R30 */
RACE("DF-R30")
/* spec: DF-R31 */
RACE("DF-R31")
/* spec: DF-R32 */
RACE("DF-R32")
/* spec: DF-R33 */
RACE("DF-R33")
/* spec: DF-R34 */
RACE("DF-R34")
/* spec: DF-R35 */
RACE("DF-R35")
