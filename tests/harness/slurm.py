"""A stand-in for SLURM: ``sbatch`` and ``scontrol requeue`` on the path, and the signals that the real one sends.

A job is its script in a session of its own, with the variables that scripts look at. It is ended as slurmd does it:
SIGCONT and SIGTERM to all its processes, after the grace SIGKILL to those that are left. A warning by ``--signal`` goes
to the script alone (``B:``). A job that is requeued is started again, with the same script, when it is quite over.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from harness.waiting import PATIENCE, until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SBATCH = """#!/bin/sh
set -e
number=$(ls {queue} | wc -l)
cp "$1" "{queue}/$number.sh"
echo "Submitted batch job $number"
"""
_SCONTROL = """#!/bin/sh
test "$1" = requeue && : >"{queue}/../requeue-$2"
"""


@dataclass
class Job:
    """One job, or one task of an array, as it runs now."""

    number: str
    script: Path
    warning: int
    task: str | None
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def is_over(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@dataclass
class Slurm:
    """``bin`` belongs on the path of whoever submits."""

    root: Path
    directory: Path
    environment: Mapping[str, str]
    jobs: list[Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bin, self._queue = self.root / "bin", self.root / "queue"
        self._queue.mkdir(parents=True)
        self.bin.mkdir()
        for name, text in (("sbatch", _SBATCH), ("scontrol", _SCONTROL)):
            (self.bin / name).write_text(text.format(queue=self._queue))
            (self.bin / name).chmod(0o755)
        self.variables = {**self.environment, "PATH": f"{self.bin}{os.pathsep}{self.environment['PATH']}"}

    def submit(self, script: Path) -> list[Job]:
        """``sbatch SCRIPT``, and its jobs started."""
        subprocess.run(["sbatch", str(script)], cwd=self.directory, env=self.variables, check=True, capture_output=True)
        return self.start()

    def start(self) -> list[Job]:
        """Start what was submitted."""
        new: list[Job] = []
        for script in sorted(self._queue.glob("*.sh")):
            if any(job.script == script for job in self.jobs):
                continue
            text = script.read_text()
            options = dict(re.findall(r"^#SBATCH --([a-z-]+)(?:=(.+))?$", text, re.MULTILINE))
            warning = re.fullmatch(r"B:([A-Z0-9]+)@\d+", options["signal"])
            assert warning is not None
            first, _, last = options.get("array", "").partition("-")
            tasks = [str(task) for task in range(int(first), int(last) + 1)] if first else [None]
            number = signal.Signals[f"SIG{warning[1]}"]
            new += [Job(script.stem + (f"_{task}" if task else ""), script, number, task) for task in tasks]
        for job in new:
            self.restart(job)
        self.jobs += new
        return new

    def warn(self, job: Job) -> None:
        """The end of its time is near."""
        assert job.process is not None
        os.kill(job.process.pid, job.warning)

    def end(self, job: Job, grace: float = PATIENCE) -> None:
        """Preemption, or the end of its time: SIGTERM to all, SIGKILL to what is left after ``grace`` seconds."""
        assert job.process is not None
        for number in (signal.SIGCONT, signal.SIGTERM):
            os.killpg(job.process.pid, number)
        try:
            job.process.wait(grace)
        except subprocess.TimeoutExpired:
            os.killpg(job.process.pid, signal.SIGKILL)
            job.process.wait(PATIENCE)

    def preempt(self, job: Job, grace: float = PATIENCE) -> None:
        """As :meth:`end`; ``--requeue`` of the script starts it again."""
        self.end(job, grace)
        assert "#SBATCH --requeue" in job.script.read_text()
        self.restart(job)

    def requeue_if_asked(self, job: Job) -> None:
        """Start it again, as soon as it is over, because its script said so by ``scontrol requeue``."""
        wish = self.root / f"requeue-{job.number}"
        until(lambda: job.is_over, f"job {job.number} to end")
        assert wish.exists(), f"job {job.number} was not requeued"
        wish.unlink()
        self.restart(job)

    def wait(self, job: Job) -> int:
        """The exit code of a job that ends by itself."""
        assert job.process is not None
        return job.process.wait(PATIENCE)

    def output(self, job: Job) -> str:
        """What all starts of a job printed (``--open-mode=append``)."""
        return (self.root / f"slurm-{job.number}.out").read_text()

    def close(self) -> None:
        """Leave no job behind."""
        for job in self.jobs:
            if job.process is not None and job.process.poll() is None:
                os.killpg(job.process.pid, signal.SIGKILL)
                job.process.wait()

    def restart(self, job: Job) -> None:
        """Start a job, for the first time or again."""
        variables = {**self.variables, "SLURM_JOB_ID": job.number, "SLURM_RESTART_COUNT": str(job.starts)}
        if job.task is not None:
            variables["SLURM_ARRAY_TASK_ID"] = job.task
        job.starts += 1
        with (self.root / f"slurm-{job.number}.out").open("ab") as out:
            job.process = subprocess.Popen(
                ["bash", str(job.script)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.directory,
                env=variables,
                start_new_session=True,
            )
