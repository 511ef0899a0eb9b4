#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Law 1: a run is its list of choices.

Every program that the command knows, examples and races, is run by random
walks, each run in a process of its own with all operations in the trace, and
then replayed from its token in another process, where the host has put
everything elsewhere. The traces have to be the same, byte for byte.

    laws.py TINE [--all]     --all: on every kernel, not on one in turn
"""
import concurrent.futures
import os
import re
import subprocess
import sys

KERNELS = "illumos", "opensolaris", "dragonfly", "netbsd"
# One waits for what is typed.
STEPS = "40000"


def run(tine, *args):
    # elsewhere than the last time also for what the environment moves
    env = dict(os.environ, PADDING="x" * (len(args) * 97 + os.getpid() % 89))
    return subprocess.run(
        (tine,) + args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60, env=env, check=False)


def check(tine, program, kernel, seed, ncpu):
    """None, or what is wrong."""
    trace = "--trace", "jsonl", "--trace-ops"
    first = run(tine, "run", program, "--kernel", kernel, "--seed", str(seed),
                "--ncpu", str(ncpu), "--steps", STEPS, "-v", *trace)
    what = f"{program} on {kernel}, seed {seed}, {ncpu} CPUs"
    token = re.search(rb"tine replay (\S+)", first.stderr)
    if token is None:
        return f"{what}: no token\n{first.stderr.decode()}"
    again = run(tine, "replay", token.group(1).decode(), *trace)
    if not first.stdout or first.stdout != again.stdout:
        lines = zip(first.stdout.splitlines(), again.stdout.splitlines())
        for n, (a, b) in enumerate(lines):
            if a != b:
                return f"{what}: line {n + 1}\n  {a}\n  {b}"
        return (f"{what}: {len(first.stdout)} bytes, and "
                f"{len(again.stdout)}\n{again.stderr.decode()}")
    return None


def programs(tine):
    """Names, and of races the kernel that they are of."""
    for line in run(tine, "list").stdout.decode().splitlines():
        yield line.split()[0]


def jobs(tine, everything):
    of = {"il": "illumos", "os": "opensolaris", "df": "dragonfly",
          "nb": "netbsd"}
    for n, name in enumerate(programs(tine)):
        race = re.match(r"race_(il|os|df|nb)_", name)
        if everything:
            kernels = KERNELS
        elif race:
            kernels = of[race.group(1)],
        else:
            kernels = KERNELS[n % 4], KERNELS[(n + 1) % 4]
        for kernel in kernels:
            yield name, kernel, 1 + n, 1 + n % 3


def main():
    tine, everything = sys.argv[1], "--all" in sys.argv
    work = list(jobs(tine, everything))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [w for w in pool.map(lambda j: check(tine, *j), work) if w]
    for what in wrong:
        print(what)
    print(f"{len(work)} runs, {len(wrong)} not the same again")
    if len(work) < 100:
        sys.exit("too few programs")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
