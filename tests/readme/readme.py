#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""readme.py - what README.md and docs/programs.md show is what happens.

Usage: readme.py ROOT TINE CC [--update]

Runs the commands of the pages that show output and compares; checks that the
program of README.md is the first example and that its broken one is the
primer's. With --update the shown output is replaced by the real one.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


def c_blocks(text):
    return re.findall(r"```c\n(.*?)```", text, re.S)


def session(lines, start):
    """The lines of an indented block from one of its lines on; what it has
    between empty ones as well."""
    end = start
    while end < len(lines) and (lines[end].startswith("    ") or (
            lines[end] == "" and end + 1 < len(lines) and
            lines[end + 1].startswith("    ") and
            not lines[end + 1].startswith("    $ "))):
        end += 1
    return [line[4:] for line in lines[start:end]], end


def run(tine, arguments, where):
    words = [tine] + arguments
    done = subprocess.run(words, capture_output=True, text=True, cwd=where,
                          timeout=60)
    return (done.stdout + done.stderr).rstrip("\n").split("\n")


def like(shown, real):
    """The real output, cut where the shown one is cut."""
    if "[...]" not in shown:
        return real
    head = shown.index("[...]")
    tail = len(shown) - head - 1
    return real[:head] + ["[...]"] + real[len(real) - tail:]


def check(page, tine, folder):
    """@return the page with the real output, and what was otherwise."""
    lines = page.read_text(encoding="utf-8").split("\n")
    bad = []
    at = 0
    while at < len(lines):
        if not lines[at].startswith("    $ tine "):
            at += 1
            continue
        shown, end = session(lines, at)
        # One command may follow another at once.
        for i in range(1, len(shown)):
            if shown[i].startswith("$ "):
                shown, end = shown[:i], at + i
                break
        real = like(shown[1:], run(tine, shlex.split(shown[0])[2:], folder))
        real = [line.rstrip() for line in real]
        if [line.rstrip() for line in shown[1:]] != real:
            bad.append(f"{page.name} shows something else than\n    " +
                       "\n    ".join(shown[:1] + real))
            lines[at + 1:end] = [("    " + line).rstrip() for line in real]
        at += 1
    return "\n".join(lines), bad


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    tine, cc = str(pathlib.Path(sys.argv[2]).resolve()), sys.argv[3]
    text = (root / "README.md").read_text(encoding="utf-8")
    bad = []

    example = (root / "examples/01_fork_twice.c").read_text(encoding="utf-8")
    if c_blocks(text)[0].strip() not in example:
        bad.append("the program in README.md is not examples/01_fork_twice.c")
    primer = (root / "docs/primer.md").read_text(encoding="utf-8")
    hello = c_blocks(primer)[0].replace("WEXITSTATUS(status) == 2",
                                        "WEXITSTATUS(status) == 3")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "hello.c").write_text(hello)
        subprocess.run([cc, "-shared", "-fPIC", f"-I{root}/include",
                        "hello.c", "-o", "hello.so"], cwd=folder, check=True)
        for name in ("README.md", "docs/programs.md"):
            page = root / name
            real, otherwise = check(page, tine, folder)
            if "--update" in sys.argv[4:]:
                page.write_text(real, encoding="utf-8")
            else:
                bad += otherwise
    for one in bad:
        print(one)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
