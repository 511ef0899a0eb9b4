/* SPDX-License-Identifier: MIT */
/*
 * races/netbsd.h - the races of netbsd that must be in the catalogue.
 *
 * test_races.c runs them: both sides of each. Sorted.
 */
/* spec: NB-R01 */
RACE("NB-R01")
/* spec: NB-R02 */
RACE("NB-R02")
/* spec: NB-R03 */
RACE("NB-R03")
/* spec: NB-R04 */
RACE("NB-R04")
/* spec: NB-R05 */
RACE("NB-R05")
/* spec: NB-R06 */
RACE("NB-R06")
/* spec: NB-R07 */
RACE("NB-R07")
/* spec: NB-R08 */
RACE("NB-R08")
/* spec: NB-R09 */
RACE("NB-R09")
/* spec: NB-R10 */
RACE("NB-R10")
/* spec: NB-R11 */
RACE("NB-R11")
/* spec: NB-R12 */
RACE("NB-R12")
/* spec: NB-R13 */
RACE("NB-R13")
/* spec: NB-R14 */
RACE("NB-R14")
/* spec: NB-R15 */
RACE("NB-R15")
/* spec: NB-R16 */
RACE("NB-R16")
/* spec: NB-R17 */
RACE("NB-R17")
/* spec: NB-R18 */
RACE("NB-R18")
/* spec: NB-R19 */
RACE("NB-R19")
/* spec: NB-R20 */
RACE("NB-R20")
/* spec: NB-R21 */
RACE("NB-R21")
/* spec: NB-R22 */
RACE("NB-R22")
/* spec: NB-R23 */
RACE("NB-R23")
/* spec: NB-R24 */
RACE("NB-R24")
/* spec: NB-R25 */
RACE("NB-R25")
/* spec: NB-R26 */
RACE("NB-R26")
/* spec: NB-R27 */
RACE("NB-R27")
/* spec: NB-R28 */
RACE("NB-R28")
/* spec: NB-R29 */
RACE("NB-R29")
/* spec: NB-R30 */
RACE("NB-R30")
/* spec: NB-R31 */
RACE("NB-R31")
/* spec: NB-R32 */
RACE("NB-R32")
/* spec: NB-R33 */
RACE("NB-R33")
/* spec: NB-R34 */
RACE("NB-R34")
