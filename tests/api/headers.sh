#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh - every public header compiles alone, as strict C11 and as C++17.
# usage: headers.sh INCLUDE-DIR WORK-DIR CC [CXX]
set -eu

include=$1
work=$2
cc=$3
cxx=${4:-}
warnings="-pedantic -Wall -Wextra -Wundef -Werror"
failed=0

rm -rf "$work"
mkdir -p "$work"

# compile NAME: the file NAME.c, once a language.
compile() {
	"$cc" -std=c11 $warnings -I"$include" -c "$work/$1.c" \
	    -o "$work/$1.o" || { echo "$1: not C11"; failed=1; }
	[ -n "$cxx" ] || return 0
	"$cxx" -x c++ -std=c++17 $warnings -I"$include" -c "$work/$1.c" \
	    -o "$work/$1.o" || { echo "$1: not C++17"; failed=1; }
}

count=0
for header in "$include"/tine/*.h; do
	name=$(basename "$header" .h)
	# Twice, to try the guard; a declaration, for an empty unit is an error.
	cat >"$work/$name.c" <<END
#include <tine/$name.h>
#include <tine/$name.h>
extern int tine_header_test;
END
	compile "$name"
	count=$((count + 1))
done

# The macros of program.h expand to code, which must be as clean.
cat >"$work/use_program.c" <<'END'
#include <tine/program.h>
#include <tine/sys.h>

static TINE_DATA int counter = 1;

static int
body(int argc, char **argv)
{
	tine_check(argc >= 0 && argv != NULL);
	return counter;
}

TINE_PROGRAM(body, "a program");
END
compile use_program

[ "$count" -gt 0 ] || { echo "no headers in $include/tine"; exit 1; }
echo "$count headers, C11${cxx:+ and C++17}"
exit "$failed"
