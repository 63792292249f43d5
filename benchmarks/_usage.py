"""Runs a command with a body and prints its processor seconds, peak memory in kB and bytes written, as three words.

    python -S _usage.py BODY COMMAND [ARGUMENT ...]

A process of its own, since Linux counts the peak of the process that started another as the other's, too
(getrusage(2), fs/exec.c), and a benchmark that has just made a million users is large.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run it."""
    body_reader, body_writer = os.pipe()
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.dup2(body_reader, 0)
        os.dup2(writer, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for descriptor in (body_reader, body_writer, reader, writer):
            os.close(descriptor)
        os.execvp(sys.argv[2], sys.argv[2:])
    os.close(body_reader)
    os.close(writer)
    os.write(body_writer, sys.argv[1].encode())
    os.close(body_writer)
    written = 0
    while part := os.read(reader, 1 << 20):
        written += len(part)
    _, _, usage = os.wait4(pid, 0)
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, written)


main()
