#!/bin/sh
# SPDX-License-Identifier: MIT
# refused.sh - what tine_add_program() must not link, and what it says then.
# usage: refused.sh CMAKE SOURCE-DIR WORK-DIR CC
set -eu

cmake=$1
source=$2
work=$3
cc=$4

rm -rf "$work"
"$cmake" -S "$source/tests/programs/refused" -B "$work" \
    -DTINE_SOURCE_DIR="$source" -DCMAKE_C_COMPILER="$cc" >/dev/null

# refused NAME WORDS: the target fails, and says so.
refused()
{
	if "$cmake" --build "$work" --target "$1_linked" >"$work/log" 2>&1; then
		echo "$1 was linked"
		exit 1
	fi
	# CMake breaks the lines of an error where it likes.
	if ! tr -s ' \n' ' ' <"$work/log" | grep -qF "tine program $1: $2"; then
		cat "$work/log"
		echo "$1 was refused without the words: $2"
		exit 1
	fi
}

refused tls "thread-local variables would be the host thread's"
refused constructor "constructors would run in the host process"
refused watched "constructors would run in the host process"
refused foreign "it calls fopen, getpwuid, which reach outside the machine"
"$cmake" --build "$work" --target let_through_linked >"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}

# misused WORDS ARGUMENTS: CMake ends, and says so.
misused()
{
	words=$1
	shift
	mkdir -p "$work/misused"
	cat >"$work/misused/CMakeLists.txt" <<-END
		cmake_minimum_required(VERSION 3.25)
		project(misused LANGUAGES C)
		include($source/cmake/TineProgram.cmake)
		add_library(taken INTERFACE)
		file(WRITE \${CMAKE_CURRENT_SOURCE_DIR}/a.c "int main(void);")
		tine_add_program($*)
	END
	if "$cmake" -S "$work/misused" -B "$work/misused/build" \
	    -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1; then
		echo "tine_add_program($*) was accepted"
		exit 1
	fi
	if ! tr -s ' \n' ' ' <"$work/log" | grep -qF "$words"; then
		cat "$work/log"
		echo "tine_add_program($*) was refused without: $words"
		exit 1
	fi
}

misused "tine_add_program(x): no sources" x
misused "tine_add_program(x): no sources" x MODULE
misused "(x): no source nowhere.c" x a.c nowhere.c
misused "(x): no option MODULES" x a.c MODULES
misused "(x): nothing behind SUMMARY" x a.c SUMMARY
misused "\"a/b\" cannot be a program's name" a/b a.c
misused "\"\" cannot be a program's name" '""' a.c
misused "(taken): there is a target taken already" taken a.c
misused "(x): CMakeLists.txt is not C" x CMakeLists.txt

# Without CMake the compiler says it, and is told not to.
compile()
{
	"$cc" -c -include tine/posix.h -I "$source/include" -I "$work/include" \
	    -o "$work/foreign.o" "$@" "$source/tests/programs/refused/foreign.c"
}
if compile >"$work/log" 2>&1; then
	echo "foreign was compiled"
	exit 1
fi
grep -qF "<tine/posix.h> has no fopen()" "$work/log" || {
	cat "$work/log"
	exit 1
}
compile -DTINE_POSIX_HOST
