#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""terminal.py - the command at a terminal: ^C, ^Z and ^D go to the programs,
and the terminal is as it was afterwards.

Usage: terminal.py TINE
"""
import os
import pty
import select
import signal
import sys
import termios

# What is waited for, and what is typed then.
DIALOGUE = [
    ("$ ", "(echo -n a\\sk; sleep 1000)\n"),
    ("ask", "\x1a"),
    ("Stopped    (echo -n a\\sk; sleep 1000)", None),
    ("$ ", "fg\n"),
    ("(echo -n a\\sk; sleep 1000)\r\n", "\x03"),
    ("$ ", "echo is $?\n"),
    ("is 130\r\n", None),
    ("$ ", "cat\n"),
    ("cat\r\n", "half\x04 a line\n"),
    ("half a line\r\n", "\x04"),
    ("$ ", "exit\n"),
]


def wait_for(fd, seen, what):
    while what not in seen:
        if not select.select([fd], [], [], 30)[0]:
            sys.exit(f"no {what!r} within 30 s, but {seen!r}")
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b""
        if not data:
            sys.exit(f"it ended without {what!r}: {seen!r}")
        seen += data.decode()
    return seen[seen.index(what) + len(what):]


def main():
    os.environ["TERM"] = "dumb"
    child, fd = pty.fork()
    if child == 0:
        before = termios.tcgetattr(0)
        tine = os.fork()
        if tine == 0:
            os.execv(sys.argv[1], [sys.argv[1], "run", "sh", "--interactive",
                                   "--", "-i"])
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = os.waitpid(tine, 0)[1]
        os._exit(0 if status == 0 and termios.tcgetattr(0) == before else 1)
    seen = ""
    for what, answer in DIALOGUE:
        seen = wait_for(fd, seen, what)
        if answer is not None:
            os.write(fd, answer.encode())
    # Until it has ended, what it writes must go somewhere.
    while True:
        try:
            if not os.read(fd, 4096):
                break
        except OSError:
            break
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("its status, or the terminal, is not what it should be")


if __name__ == "__main__":
    main()
