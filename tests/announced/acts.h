/* SPDX-License-Identifier: MIT */
/* acts.h - how many acts the program an_acts has: see acts.c. */
#ifndef TINE_TESTS_ACTS_H
#define TINE_TESTS_ACTS_H

extern const unsigned acts_count;

#endif
