#!/bin/sh
# SPDX-License-Identifier: MIT
# runs.sh - what the command prints, and its status, when it does run.
# usage: runs.sh TINE OBJECTS
set -u
tine=$1
objects=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
tests=0

fail() {
	failures=$((failures + 1))
	echo "$1"
	sed 's/^/	out: /' "$work/out"
	sed 's/^/	err: /' "$work/err"
}

# run STATUS ARGUMENT...: leaves what was printed in out and err.
run() {
	expected=$1
	shift
	tests=$((tests + 1))
	"$tine" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	line="tine $*"
	[ $status -eq "$expected" ] ||
	    fail "$line: status $status, expected $expected"
}

# has FILE PATTERN / lacks FILE PATTERN: of the last run.
has() {
	grep -q -e "$2" "$work/$1" || fail "$line: no \"$2\" in $1"
}

lacks() {
	! grep -q -e "$2" "$work/$1" || fail "$line: \"$2\" in $1"
}

run 0 --version
has out '^tine [0-9]*\.[0-9]*\.[0-9]*$'
run 0 help
has out '^usage: tine list'
run 0 list
has out '^fork_twice .*fork returns twice'
run 0 run page_tables --cold-fork
has out '0x020001000 anon  \[ *[0-9]*\] r-    ===  \[ *[0-9]*\] --'
run 0 explore bounded_buffer --fixed
has out '^bounded_buffer: all 30 schedules (dpor) pass$'
run 0 explore orphan --delays 1
has out '^orphan: all [0-9,]* schedules with at most 1 delay (dfs) pass$'
has out 'there are more without the bound'
run 1 explore fork_twice --faults 1 --search dfs
has out ' has a step fail$'
run 0 diff --help
has out '^usage: tine '
run 0 explore fork_twice --spurious 1 --timeouts 1 --interrupts 1 \
    --signal-targets --runs 20 --race-check --fair 100000
run 0 explore wait_many --runs 200 --search random --workers 2 --progress
has out '^wait_many: 200 schedules (random) pass$'
has err ' schedules, .* a second, about 200 in all, '
run 1 explore double_check --search random --keep-going --runs 100
has out '^double_check: 100 schedules (random)$'
has out '^ *[0-9]* failed check$'
run 1 explore double_check
has out '^double_check: schedule [0-9]* (dpor) fails$'
has out '^the order that matters$'
has out ' stops here$'
token=$(sed -n 's/^replay: tine replay //p' "$work/out")
run 1 replay "$token"
has err '^failed check: double_check.c'
run 1 explore double_check --token "$token"
has out '^double_check: this schedule fails$'
run 2 explore double_check --fixed --token "$token"
run 0 explore "$objects/one.so" --runs 5 -v
has out ': .* schedules* (dpor) pass'
has err '^[0-9]* schedules, '
run 0 races --list
has out '^IL-R20 *illumos'
run 0 races IL-R30 --search random
has out '^IL-R30 .* dfs, delays <= 2 '
run 0 list "$objects/two.so"
has out '^bad_check '

run 0 rctl
has out '^task.max-lwps  *syslog=off  \[ count \]  max=2147483647$'
has out '^project.max-contracts  *syslog=off  \[ no-basic deny count \]  max='
has out '^process.max-cpu-time  *.* no-deny cpu-time seconds \]  max=unlimited$'
run 0 probes
has out '^proc:::create  *a process was made'
run 0 quirks
has out '^- OS-02 '
run 0 quirks --kernel opensolaris
has out '^+ OS-02 '
run 0 run fork_twice --quirks +OS-02 --kernel opensolaris -v
has err 'tine1.opensolaris.rr.0\.\.'
run 0 run fork_twice --quirks +OS-02 -v
has err 'tine1.illumos.rr.0.Q[0-9]*\.'

run 0 run fork_twice
has out '^parent: '
lacks err .
run 0 run fork_twice --seed 7 --ncpu 2 --verbose
has err '^passed: .*digest'
has err '^replay: tine replay tine1'
cp "$work/err" "$work/verbose"
token=$(sed -n 's/^replay: tine replay \([^ ]*\).*/\1/p' "$work/verbose")
run 0 replay "$token" --verbose
cmp -s "$work/err" "$work/verbose" ||
    fail "$line: not the run that it replays"

# The same with a shared object, by several names.
run 0 run "$objects/one.so"
has out '^child 42$'
has out '^parent 40$'
run 0 run "$objects/one.so:alone" -- 0
cp "$objects/one.so" "$work/own.so"
tests=$((tests + 1))
(cd "$work" && "$tine" run own.so) >"$work/out" 2>"$work/err" ||
    fail "a shared object in the current folder"
run 1 run "$objects/one.so" -- 3
has err '^alone exited with 3$'
has err '^replay: tine replay .*one\.so$'
token=$(sed -n 's/^replay: tine replay \([^ ]*\).*/\1/p' "$work/err")
run 1 replay "$token" "$objects/one.so"
has err '^alone exited with 3$'

# Programs that go wrong.
run 1 run "$objects/two.so:bad_pointer"
has err '^bad_pointer was killed by signal 11'
run 1 run "$objects/two.so:bad_check"
has out '^before$'
lacks out '^after$'
has err 'failed check'
has err 'object_two\.c:'
has err 'argc == 12345'
has err '^replay: tine replay '
token=$(sed -n 's/^replay: tine replay \([^ ]*\).*/\1/p' "$work/err")
run 1 replay "$token" "$objects/two.so"
has err 'argc == 12345'
run 1 run fork_twice --steps 3
has err 'step limit'

# Traces. A machine-readable one has standard output for itself.
run 0 run fork_twice --trace text
has out '^parent: '
has out 'fork'
run 0 run fork_twice --trace jsonl
lacks out '^parent: '
has err '^parent: '
has out '^{.*}$'
run 0 run fork_twice --trace tree --trace-file "$work/tree"
has out '^parent: '
grep -q '^digraph' "$work/tree" || fail "$line: no tree in the file"
run 0 run fork_twice --trace chrome --trace-file "$work/chrome"

# Many runs.
run 0 run wait_many --runs 50
has out '^50 runs of wait_many, seeds [0-9]* to [0-9]*, [0-9]* different'
has out '^ *50 passed$'
run 0 run wait_many --runs 20 --strategy rr
has out ', 1 different'
run 1 run "$objects/two.so:bad_check" --runs 3
has out '^ *3 failed check: tine replay .*two\.so$'

# The memory of a run that is stopped.
run 0 pmap page_tables --steps 275
has out '^pid 101: '
run 0 pmap page_tables 101 --steps 275
has out 'stack .*may grow to'
run 0 pmap page_tables 101 102 --steps 275
has out '==='
run 2 pmap page_tables
has err 'nothing is left to be seen'
run 2 pmap page_tables 77 --steps 275
has err 'no process 77'
run 2 pmap page_tables x --steps 275
run 2 pmap

# In a loop.
run 0 run fork_twice --realtime
has out '^parent: '
run 0 run fork_twice --slow 10
run 0 run fork_twice --interactive
has out '^parent: '

# How LWPs are numbered is not the same everywhere.
run 1 diff two_lwps
has out "illumos.*netbsd"
has out "LWP ids: 1 2 .*LWP ids: 0 1 "
run 2 diff
has err "run what?"
run 2 diff two_lwps --runs 3
has err "no --runs"

# Nowhere to write.
tests=$((tests + 1))
line="tine list with a full disk"
"$tine" list >/dev/full 2>"$work/err"
status=$?
: >"$work/out"
[ $status -eq 2 ] || fail "$line: status $status, expected 2"
has err 'cannot write'

echo "$tests tests, $failures failed"
[ $failures -eq 0 ]
