#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tidy.py - the house rules that a program can check.

usage: tidy.py ROOT

Prints "file:line: what" for each breach and exits with 1 if there were any.
"""
import pathlib
import re
import subprocess
import sys

FOLDERS = ("include", "src", "tests", "examples", "bench", "tools")
SUFFIXES = {".c", ".h", ".S"}
SPDX = "/* SPDX-License-Identifier: MIT */"
COLUMNS = 80
FILE_LINES = 600
FUNCTION_LINES = 70
MARKERS = re.compile(r"\b(TODO|FIXME|XXX)\b")

# Whoever asks the host for time, chance or stack breaks replay or a limit.
# The driver of the loop paces real time and the watchdog measures it.
# "tine explore" tells people how long it will still take.
CLOCK_FILES = {"src/machine/loop.c", "src/machine/watchdog.c",
               "tools/tine/explore.c"}
CLOCKS = re.compile(
    r"\b(time|gettimeofday|clock_gettime|clock|uv_hrtime)\s*\(")
CHANCE = re.compile(
    r"\b(s?rand|rand_r|s?random|random_r|[dlmn]rand48|arc4random\w*|"
    r"getrandom|getentropy|alloca)\s*\(")

TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
MARK = re.compile(r"DEVIATION ([A-Z]{2}-R?\d+)")


def code_only(text):
    """The text with comments and literals blanked, line for line."""
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def check_head(name, lines):
    if not lines or lines[0] != SPDX:
        yield 1, f"the first line is not {SPDX}"
    head = " ".join(line.strip(" */") for line in lines[1:3]).strip()
    if not re.match(rf"([\w/]+/)?{re.escape(name)} - \S", head):
        yield 2, f"no purpose line: {name} - what it is for"


def check_lines(lines):
    for number, line in enumerate(lines, 1):
        width = len(line.expandtabs(8))
        if width > COLUMNS:
            yield number, f"{width} columns, more than {COLUMNS}"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        match = MARKERS.search(line)
        if match:
            yield number, f"{match.group()}: finish it, or open an issue"


def excused(lines, brace):
    """Whether the comment above a function says why it is long."""
    number = brace - 1
    while number >= 0 and lines[number].strip() and lines[number] != "}":
        if "/* LONG:" in lines[number]:
            return True
        number -= 1
    return False


def check_functions(lines, code):
    start = None
    for number, line in enumerate(code.splitlines()):
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start is not None:
            length = number - start + 1
            if length > FUNCTION_LINES and not excused(lines, start):
                yield start + 1, (f"a function of {length} lines, more than "
                                  f"{FUNCTION_LINES}")
            start = None


def check_calls(name, code):
    for number, line in enumerate(code.splitlines(), 1):
        found = CHANCE.search(line)
        if not found and name not in CLOCK_FILES:
            found = CLOCKS.search(line)
        if found:
            yield number, f"calls {found.group(1)}()"


def check(root, path):
    text = path.read_text()
    lines = text.splitlines()
    name = path.relative_to(root).as_posix()
    yield from check_head(path.name, lines)
    yield from check_lines(lines)
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end of the file"
    if not name.startswith("src/"):
        return
    if len(lines) > FILE_LINES:
        yield FILE_LINES + 1, f"{len(lines)} lines, more than {FILE_LINES}"
    if path.suffix == ".S":
        return
    code = code_only(text)
    yield from check_functions(lines, code)
    yield from check_calls(name, code)


def strays(root):
    """Files under version control that are no source: cores, outputs."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"],
                            capture_output=True, check=False)
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = root / name
        if path.is_file() and b"\0" in path.read_bytes():
            yield name


def unlisted(root, files):
    """Deviations in the sources that their page does not list."""
    page = (root / "docs" / "deviations.md").read_text()
    for path in files:
        for mark in MARK.finditer(path.read_text()):
            if mark.group(1) not in page:
                yield path.relative_to(root), mark.group(1)


def main(argv):
    if len(argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(argv[1])
    files = sorted(path for folder in FOLDERS
                   for path in (root / folder).rglob("*")
                   if path.suffix in SUFFIXES and path.is_file())
    breaches = 0
    for path in files:
        for number, what in check(root, path):
            print(f"{path.relative_to(root)}:{number}: {what}")
            breaches += 1
    for name, mark in unlisted(root, files):
        print(f"{name}: DEVIATION {mark}: not in docs/deviations.md")
        breaches += 1
    for name in strays(root):
        print(f"{name}: not a text, and under version control")
        breaches += 1
    print(f"{len(files)} files, {breaches} breaches")
    return 1 if breaches or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
