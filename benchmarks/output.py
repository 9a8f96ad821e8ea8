"""What capturing output costs: a gigabyte through a pipe, and the delay of one line on a terminal.

    python benchmarks/output.py [--megabytes 1024] [--lines 300]

Throughput is that of ``kleio head -c …`` into ``cat >/dev/null`` beside the bare pipe, with the peak memory of front
and supervisor. Latency is the time from a program's ``write`` to the moment the line can be read from the terminal,
bare and under kleio, on a pseudo-terminal of the benchmark's own.
"""

from __future__ import annotations

import argparse
import os
import pty
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import table

KLEIO = shutil.which("kleio") or str(Path(sys.executable).with_name("kleio"))
THROUGHPUT_TARGET, LATENCY_TARGET = 400, 0.3
TICKER = """
import os, sys, time
for number in range(int(sys.argv[1])):
    time.sleep(0.005)
    os.write(1, b"%.9f\\n" % time.monotonic())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--lines", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        environment = {
            **os.environ,
            "HOME": place,
            "XDG_DATA_HOME": f"{place}/data",
            "KLEIO_JOURNAL": f"sqlite:///{place}/journal.sqlite",
        }
        os.chdir(place)
        throughput(options.megabytes, environment)
        latency(options.lines, environment)


def throughput(megabytes: int, environment: dict[str, str]) -> None:
    words = ["head", "-c", str(megabytes << 20), "/dev/zero"]
    rows = [("a pipe", "MB/s", "peak MiB", "target MB/s")]
    for name, prefix in (("bare", []), ("kleio", [KLEIO, "-q"])):
        begin = time.perf_counter()
        source = subprocess.Popen([*prefix, *words], stdout=subprocess.PIPE, env=environment)
        sink = subprocess.Popen(["cat"], stdin=source.stdout, stdout=subprocess.DEVNULL)
        assert source.stdout is not None
        source.stdout.close()
        sink.wait()
        through = time.perf_counter() - begin
        _, _, usage = os.wait4(source.pid, 0)
        rate = (megabytes << 20) / 1e6 / through
        target = f"{THROUGHPUT_TARGET} {'met' if rate >= THROUGHPUT_TARGET else 'MISSED'}" if prefix else ""
        rows.append((name, f"{rate:.0f}", f"{usage.ru_maxrss / 1024:.0f}" if prefix else "", target))
    table(f"{megabytes} MB through a pipe", rows)


def latency(lines: int, environment: dict[str, str]) -> None:
    taken = {}
    for name, prefix in (("bare", []), ("kleio", [KLEIO, "-q"])):
        taken[name] = statistics.median(delays([*prefix, sys.executable, "-c", TICKER, str(lines)], environment))
    added = (taken["kleio"] - taken["bare"]) * 1000
    verdict = f"{LATENCY_TARGET} {'met' if added <= LATENCY_TARGET else 'MISSED'}"
    rows = [("a line on a terminal", "median ms", "target ms")]
    rows += [(name, f"{seconds * 1000:.3f}", "") for name, seconds in taken.items()]
    rows.append(("added", f"{added:.3f}", verdict))
    table(f"{lines} lines", rows)


def delays(words: list[str], environment: dict[str, str]) -> list[float]:
    """Seconds from each line's write to its reading."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(words[0], words, environment)
    found, partial = [], b""
    while True:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:
            break
        now = time.monotonic()
        *complete, partial = (partial + data).split(b"\n")
        found += [now - float(line) for line in complete if line.strip().replace(b".", b"").isdigit()]
    os.waitpid(pid, 0)
    os.close(terminal)
    return found


if __name__ == "__main__":
    main()
