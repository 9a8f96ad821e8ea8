"""What a command takes of its machine, every few seconds: processors, memory, input and output, GPUs.

A thread beside the keeper writes records of the stream ``metrics`` into a file of its own process::

    {"cpu": percent (100 is one processor), "memory": bytes, "processes": n, "threads": n,
     "read": bytes so far, "written": bytes so far, "gpu0.load": percent, "gpu0.memory": bytes, …}

The figures are sums over the command and all that it started, orphans included. Memory is resident memory, so pages
that processes share count for each. What cannot be read is left out. psutil is imported only when a command has run
long enough for the first sample; a command that is over by then costs nothing. When the front dies, whoever takes over
the shipping samples on (``read`` and ``written`` are then those of the processes that live). GPUs are asked for by
``nvidia-smi`` and ``rocm-smi``; those of the second vendor are numbered behind those of the first.
"""

from __future__ import annotations

import json
import os
import threading

from kleio.spool.records.segments import METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from kleio.clock import Clock
    from kleio.spool.records.log import SpoolWriter

    Figures = dict[str, float]

FIRST = 3.0
"""Seconds after which the first sample is taken, unless the interval is shorter."""
TIMEOUT = 5.0
NVIDIA = ("--query-gpu=index,utilization.gpu,memory.used", "--format=csv,noheader,nounits")
AMD = ("--showuse", "--showmeminfo", "vram", "--json")
AMD_NAMES = {"load": "GPU use (%)", "memory": "VRAM Total Used Memory (B)"}


class Sampling:
    """The thread. Nothing is written after :meth:`stop` has returned."""

    def __init__(
        self,
        sample: Callable[[], Figures],
        writer: SpoolWriter,
        interval: float,
        begin: Callable[[], object] = lambda: None,
    ) -> None:
        """``begin`` is called first, in the thread: a command that runs already has a past that is not counted."""
        self._begin = begin
        self._sample, self._writer, self._interval = sample, writer, interval
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="kleio-samples", daemon=True)

    def start(self) -> None:
        """Begin, unless the interval is 0."""
        if self._interval:
            self._thread.start()

    def stop(self) -> None:
        """Write no more. Does not wait for a sample that is being taken."""
        with self._lock:
            self._stopped.set()

    def _run(self) -> None:
        pause = min(FIRST, self._interval)
        try:
            self._begin()
        except Exception:  # noqa: BLE001 - as below
            return
        while not self._stopped.wait(pause):
            try:
                figures = self._sample()
            except Exception:  # noqa: BLE001 - a strange machine is no reason to disturb the run
                return
            with self._lock:
                if figures and not self._stopped.is_set():
                    self._writer.append(METRICS, figures)
            pause = self._interval


class Sampler:
    """Takes samples of the processes below ``root``. ``ask_gpus`` is asked until it has nothing to say."""

    def __init__(
        self,
        root: int,
        descendants: Callable[[int], Iterable[int]],
        clock: Clock,
        ask_gpus: Callable[[], Figures] | None = None,
    ) -> None:
        self._root, self._descendants, self._clock = root, descendants, clock
        self._ask_gpus: Callable[[], Figures] | None = ask_gpus or gpu_figures
        self._latest = clock.monotonic()
        self._known: dict[tuple[int, float], tuple[float, int, int]] = {}
        self._read = self._written = 0

    def sample(self) -> Figures:
        """The figures of this moment; empty when nothing is left to look at."""
        import psutil

        known: dict[tuple[int, float], tuple[float, int, int]] = {}
        spent, memory, threads = 0.0, 0, 0
        for pid in self._descendants(self._root):
            try:
                process = psutil.Process(pid)
                with process.oneshot():
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                    threads += process.num_threads()
                    key = (pid, process.create_time())
                    now = (times.user + times.system, *_traffic(process))
            except (psutil.Error, OSError):
                continue  # it has ended meanwhile, or is none of ours
            before = self._known.get(key, (0.0, 0, 0))
            spent += max(0.0, now[0] - before[0])
            self._read += now[1] - before[1]
            self._written += now[2] - before[2]
            known[key] = now
        moment = self._clock.monotonic()
        elapsed, self._latest, self._known = moment - self._latest, moment, known
        if not known:
            return {}
        cpu = round(100 * spent / elapsed, 1) if elapsed > 0 else 0.0
        figures: Figures = {"cpu": cpu, "memory": memory, "processes": len(known), "threads": threads}
        return {**figures, "read": self._read, "written": self._written, **self._gpus()}

    def _gpus(self) -> Figures:
        found = self._ask_gpus() if self._ask_gpus else {}
        if not found:
            self._ask_gpus = None
        return found


def _traffic(process: Any) -> tuple[int, int]:
    """Bytes that a process has read from and written to disks."""
    import psutil

    try:
        counters = process.io_counters()
    except (psutil.AccessDenied, AttributeError, NotImplementedError, OSError):
        return 0, 0
    return counters.read_bytes, counters.write_bytes


def gpu_figures() -> Figures:
    """Load and memory in use of each GPU, as their vendors' tools see them; empty without one."""
    found = _nvidia(_asked("nvidia-smi", NVIDIA))
    before = 1 + max((int(name[3 : name.index(".")]) for name in found), default=-1)
    return found | _amd(_asked("rocm-smi", AMD), before)


def _asked(name: str, arguments: tuple[str, ...]) -> str:
    from kleio.capture import process

    program = process.find_program(name, os.environ.get("PATH"))
    if program is None:
        return ""
    answer = process.run([program, *arguments], os.environ, TIMEOUT)
    return answer.out.decode("utf-8", "replace") if answer.ok else ""


def _nvidia(text: str) -> Figures:
    found: Figures = {}
    for line in text.splitlines():
        index, _, rest = line.partition(",")
        for name, word, unit in zip(("load", "memory"), rest.split(","), (1, 1 << 20), strict=False):
            if index.strip().isdigit() and word.strip().isdigit():
                found[f"gpu{index.strip()}.{name}"] = int(word) * unit
    return found


def _amd(text: str, before: int) -> Figures:
    try:
        cards = json.loads(text)
    except ValueError:
        return {}
    found: Figures = {}
    for card, facts in cards.items() if isinstance(cards, dict) else ():
        number = card.removeprefix("card")
        for name, key in AMD_NAMES.items():
            word = str(facts.get(key, "")) if isinstance(facts, dict) else ""
            if card != number and number.isdigit() and word.isdigit():
                found[f"gpu{before + int(number)}.{name}"] = int(word)
    return found
