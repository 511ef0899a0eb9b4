#!/bin/sh
# SPDX-License-Identifier: MIT
# errors.sh - bad input gives one clear line, status 2, and nothing is run.
# usage: errors.sh TINE OBJECTS
set -u
tine=$1
objects=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
tests=0

# bad PATTERN ARGUMENT...: the line matches the pattern.
bad() {
	pattern=$1
	shift
	tests=$((tests + 1))
	"$tine" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	lines=$(wc -l <"$work/err")
	if [ $status -ne 2 ] || [ "$lines" -ne 1 ] || [ -s "$work/out" ] ||
	    ! grep -q "^tine: .*$pattern" "$work/err"; then
		failures=$((failures + 1))
		echo "tine $*: status $status, expected 2 and $pattern"
		sed 's/^/	out: /' "$work/out"
		sed 's/^/	err: /' "$work/err"
	fi
}

bad 'what to do'
bad 'no verb "fly"' fly
bad 'run what' run
bad 'no program named "nobody"' run nobody
bad 'what is "more" for' run fork_twice more
bad 'no such option: --colour' run fork_twice --colour
bad 'no such option: -z' run fork_twice -z
bad 'needs a value' run fork_twice --seed

bad 'plan9' run fork_twice --kernel plan9
bad 'fifo' run fork_twice --strategy fifo
bad '"seven" is not a number' run fork_twice --seed seven
bad '"-1" is not a number' run fork_twice --seed=-1
bad '"7x" is not a number' run fork_twice --seed 7x
bad 'not a number' run fork_twice --seed 18446744073709551616
bad '"0" is not a number' run fork_twice --ncpu 0
bad '"65" is not a number' run fork_twice --ncpu 65
bad '"0" is not a number' run fork_twice --steps 0
bad '"" is not a number' run fork_twice --watchdog=
bad '"0" is not a number' run fork_twice --runs 0
bad 'xml' run fork_twice --trace xml
bad 'without --trace' run fork_twice --trace-file "$work/trace"
bad "$work/none/trace" run fork_twice --trace text \
    --trace-file "$work/none/trace"
bad 'runs shows only' run fork_twice --runs 3 --trace text
bad 'runs shows only' run fork_twice --runs 3 --realtime

bad 'No such file' run ./not_there.so
bad 'invalid ELF header\|too short' run "$0"
bad 'no programs in it' run "$objects/none.so"
bad 'holds 2 programs' run "$objects/two.so"
bad 'no program named other' run "$objects/two.so:other"
bad 'a program of the name fork_twice already' run "$objects/clash.so"
bad 'there_is_no_such_function' run "$objects/unresolved.so"
bad 'explore what' explore
bad 'bounds are kept by --search dfs' explore fork_twice --search dpor \
    --preemptions 1
bad 'bounds are kept by --search dfs' explore fork_twice --search random \
    --delays 1
bad 'no program named "nobody"' explore nobody
bad 'no search "magic"' explore orphan --search magic
bad '"x" is not a number from 1 to 64' explore orphan --workers x
bad 'fixed is for races' explore orphan --fixed
bad 'a race has the arguments' explore IL-R30 -- a
bad 'no such option: --trace' explore orphan --trace text
bad 'the token' explore orphan --token tine1.nonsense
bad 'no race "IL-X": tine races --list' races IL-X
bad 'no search "magic"' races --search magic
bad 'no such option: --nope' races --nope
bad 'no programs in it' list "$objects/none.so"

bad 'replay what' replay
bad '.' replay not-a-token
bad '.' replay tine1.
bad '.' replay tine1.illumos.random.7.n1.fork_twice.ffffffff
bad 'no such option: --seed' replay not-a-token --seed 7

# Tokens that were true once. The object's program passes with argument 0.
token=$("$tine" run "$objects/one.so" --verbose 2>&1 >/dev/null </dev/null |
    sed -n 's/^replay: tine replay \([^ ]*\).*/\1/p')
if [ -z "$token" ]; then
	echo "no token from a run of $objects/one.so"
	exit 1
fi
bad 'named alone, which is not here' replay "$token"
bad 'no programs in it' replay "$token" "$objects/none.so"
bad 'named alone, which is not here' replay "$token" "$objects/two.so"
bad 'no arguments behind' replay "$token" "$objects/one.so" -- 1
bad '.' replay "${token%?}" "$objects/one.so"
bad '.' replay "${token}a" "$objects/one.so"
bad 'what is "more" for' replay "$token" "$objects/one.so" more

echo "$tests tests, $failures failed"
[ $failures -eq 0 ]
