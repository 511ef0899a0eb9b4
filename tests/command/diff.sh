#!/bin/sh
# SPDX-License-Identifier: MIT
# diff.sh - what "tine diff" shows of programs that are made for it.
# usage: diff.sh TINE OBJECTS
set -u
tine=$1
objects=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

# same STATUS ARGUMENT...: the output is what stands on standard input.
same() {
	expected=$1
	shift
	cat >"$work/expected"
	"$tine" diff "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	if [ $status -ne "$expected" ]; then
		failures=$((failures + 1))
		echo "tine diff $*: status $status, expected $expected"
		cat "$work/err"
	fi
	if ! diff -u "$work/expected" "$work/out"; then
		failures=$((failures + 1))
		echo "tine diff $*: that is not what it shows"
	fi
}

# has PATTERN / lacks PATTERN: of the last output.
has() {
	grep -q -e "$1" "$work/out" || {
		failures=$((failures + 1))
		echo "no \"$1\" in:"
		cat "$work/out"
	}
}

lacks() {
	! grep -q -e "$1" "$work/out" || {
		failures=$((failures + 1))
		echo "\"$1\" in:"
		cat "$work/out"
	}
}

# Nothing differs: a sentence, and status 0.
same 0 "$objects/differs.so:agrees" <<END
agrees: the same on 4 kernels
END

# Kernels that agree share a column. A call is beside itself with its errno in the
# one and its result in the other; what only one has does not shift the rest.
"$tine" diff "$objects/differs.so:differs" >"$work/out" 2>"$work/err"
[ $? -eq 1 ] || { echo "differs: no status 1"; failures=$((failures + 1)); }
has '^ *illumos, opensolaris, dragonfly  netbsd$'
has '^run  *status: killed by SIGTERM  .*status: exit 0$'
has 'nb_vfork: ENOSYS  *nb_vfork = A\.1$'
has 'vfork makes A\.1$'
has '^ *SIGTERM sent to A'
has '^ *ends: killed by SIGTERM  .*ends: exit 0$'
has '^process A\.1  *made by vfork$'
has '^ *end: exit 5$'
has '^ *reaped by A$'
has '^  LWP 1 of A\.1  *ends: exit 5$'
has '^ *lets its vfork parent go$'
has '^console  *between$'
has '^  \.\.\. [0-9]* alike$'
lacks 'nanosleep'
lacks 'getppid'
lacks 'before'
lacks 'after'
lacks '[[:space:]]$'

# Numbers are numbers, and addresses are addresses.
"$tine" diff "$objects/differs.so:counts" >"$work/out" 2>"$work/err"
has 'time = 0  *time = 30000000$'
has 'nb_lwpctl: ENOSYS  *nb_lwpctl = 0x[0-9a-f]*$'

# What a child begins with.
"$tine" diff "$objects/differs.so:many" >"$work/out" 2>"$work/err"
has 'forkallx = A\.1  *forkallx: ENOSYS'
has '^process A\.1  *made by forkall$'
has 'born with 2 LWPs'
has 'LWP ids: 1 2  *LWP ids: 0 1  *LWP ids: 1 2'
has '^  LWP 2 of A\.1 '

# One kernel hangs: which call it is in, and that the others came back.
"$tine" diff "$objects/differs.so:hangs" >"$work/out" 2>"$work/err"
has '^run  *outcome: passed  *outcome: deadlock$'
has '  nothing can run any more$'
has '^ *pause does not come back$'

# One kernel fails a check: which. Calls that come again are counted, words after
# -- are the program's, and no line is wider than the terminal.
for width in 80 120; do
	COLUMNS=$width "$tine" diff "$objects/differs.so:fails" -- one two \
	    >"$work/out" 2>"$work/err"
	[ $? -eq 1 ] || { echo "fails: status"; failures=$((failures + 1)); }
	has '^run  *outcome: passed  *outcome: failed check$'
	has 'fd < 0'
	has 'fcntl: EBADF  *fcntl = 0$'
	has '^  \.\.\. 19 more like it$'
	lacks "$(printf '%*s' $((width + 1)) '' | tr ' ' .)"
done
lacks 'words'
"$tine" diff "$objects/differs.so:all_fail" >"$work/out" 2>"$work/err"
has '^(on all 4 kernels: outcome: failed check)$'

# Bad input: a sentence, and nothing is run.
for words in nobody "$objects/nobody.so" "$objects/differs.so:nobody" \
    "$objects/differs.so:agrees --kernel netbsd" \
    "$objects/differs.so:agrees --quirks -NB-R01" \
    "$objects/differs.so:agrees --ncpu 0"; do
	# shellcheck disable=SC2086
	"$tine" diff $words >"$work/out" 2>&1
	[ $? -eq 2 ] || {
		failures=$((failures + 1))
		echo "diff $words: no status 2"
	}
	has '^tine: '
done

# The options of run, but for those that are of one run only.
"$tine" diff "$objects/differs.so:differs" --ncpu 2 --seed 3 \
    --strategy random >"$work/out" 2>"$work/err"
has 'nb_vfork: ENOSYS  *nb_vfork = A\.1$'
"$tine" diff "$objects/differs.so:differs" --runs 2 >"$work/out" 2>&1
has 'diff compares single runs'

[ $failures -eq 0 ] || exit 1
echo "tine diff: all as expected"
