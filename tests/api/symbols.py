#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py - the names that the library gives to the linker.

usage: symbols.py archive NM libtine.a
       symbols.py exports NM libtine.so tine.map INCLUDE-DIR

archive: every external symbol starts with tine_, so that the names of four
kernels, of libc and of the user's program cannot meet.
exports: the TINE_API declarations, the version script and the dynamic symbols
are the same list.
"""
import pathlib
import re
import subprocess
import sys

# The compiler chose the name of the first: code built with
# -fsanitize-coverage=trace-pc calls it. The others are address sanitizer's.
EDGE = "__sanitizer_cov_trace_pc"
SANITIZER = re.compile(r"__odr_asan|__asan_|_*___asan_")


def defined(nm, path, *options):
    out = subprocess.run([nm, "-g", "--defined-only", *options, path],
                         check=True, text=True, stdout=subprocess.PIPE).stdout
    rows = (line.split() for line in out.splitlines())
    return {row[2].split("@")[0] for row in rows if len(row) == 3}


def declared(folder):
    names = set()
    for header in sorted(pathlib.Path(folder).glob("*.h")):
        text = re.sub(r"/\*.*?\*/|^\s*#.*?(?<!\\)$", "", header.read_text(),
                      flags=re.S | re.M)
        names.update("tine_posix_" + name for name in
                     re.findall(r"^TINE_POSIX\((\w+)\)", text, re.M))
        for declaration in re.findall(r"\bTINE_API\b([^;]*);", text):
            match = re.search(r"\b(\w+)\s*\(", re.sub(
                r"\bTINE_[A-Z]+\b(\([^)]*\))?", "", declaration))
            names.add(match.group(1) if match else declaration.split()[-1])
    return names


def compilers(name):
    """Called by code as a compiler makes it, not by anybody's source."""
    return name == EDGE or name.startswith("tine_access_")


def mapped(path):
    text = re.sub(r"#.*", "", pathlib.Path(path).read_text())
    body = re.search(r"global:(.*?)local:", text, re.S).group(1)
    names = [name.strip() for name in body.split(";") if name.strip()]
    if names != sorted(names):
        print(f"{path}: not sorted")
        return None
    return set(names)


def archive(nm, path):
    names = defined(nm, path)
    bad = sorted(name for name in names
                 if not name.startswith("tine_") and name != EDGE
                 and not SANITIZER.match(name))
    for name in bad:
        print(f"{name}: an external symbol that does not start with tine_")
    if not names:
        print(f"{path}: no symbols at all")
    print(f"{len(names)} external symbols")
    return bool(bad) or not names


def exports(nm, path, map_path, folder):
    in_map = mapped(map_path)
    if in_map is None:
        return True
    lists = {
        "the headers": declared(folder),
        "the map": {name for name in in_map if not compilers(name)},
        "the shared library": {name for name in defined(nm, path, "-D")
                               if not compilers(name)},
    }
    every = set().union(*lists.values())
    bad = False
    for name in sorted(every):
        missing = [where for where, names in lists.items()
                   if name not in names]
        if missing:
            bad = True
            print(f"{name}: not in {' and not in '.join(missing)}")
    print(f"{len(every)} names in the API")
    return bad or not every


def main(argv):
    modes = {"archive": (archive, 2), "exports": (exports, 4)}
    if len(argv) < 2 or argv[1] not in modes:
        sys.exit(__doc__)
    function, count = modes[argv[1]]
    if len(argv) != 2 + count:
        sys.exit(__doc__)
    return 1 if function(*argv[2:]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
