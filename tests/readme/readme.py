#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""readme.py - what README.md shows is what happens.

Usage: readme.py ROOT TINE CC [--update]

Runs the commands of README.md that show output and compares; checks that its
program is the first example and that its broken one is the primer's. With
--update the shown output is replaced by the real one.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def c_blocks(text):
    return re.findall(r"```c\n(.*?)```", text, re.S)


def session(lines, start):
    """The lines of an indented block from one of its lines on."""
    end = start
    while end < len(lines) and lines[end].startswith("    "):
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


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    tine, cc = str(pathlib.Path(sys.argv[2]).resolve()), sys.argv[3]
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    lines = text.split("\n")
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
        at = 0
        while at < len(lines):
            if not lines[at].startswith("    $ tine "):
                at += 1
                continue
            shown, end = session(lines, at)
            real = like(shown[1:], run(tine, shown[0].split()[2:], folder))
            real = [line.rstrip() for line in real]
            if [line.rstrip() for line in shown[1:]] != real:
                bad.append("README.md shows something else than\n    " +
                           "\n    ".join(shown[:1] + real))
                lines[at + 1:end] = [("    " + line).rstrip()
                                     for line in real]
            at += 1
    if "--update" in sys.argv[4:]:
        readme.write_text("\n".join(lines), encoding="utf-8")
        bad = [one for one in bad if "shows something else" not in one]
    for one in bad:
        print(one)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
