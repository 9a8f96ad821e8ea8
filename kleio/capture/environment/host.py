"""The machine: what can be read from ``/proc`` and ``/etc`` in no time. What is not there is left out."""

from __future__ import annotations

import os

from kleio.capture.small import read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

JOBS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("slurm", "SLURM_JOB_ID", {
        "id": "SLURM_JOB_ID", "name": "SLURM_JOB_NAME", "partition": "SLURM_JOB_PARTITION",
        "nodes": "SLURM_JOB_NODELIST",
        "array": "SLURM_ARRAY_JOB_ID", "task": "SLURM_ARRAY_TASK_ID", "rank": "SLURM_PROCID",
        "cluster": "SLURM_CLUSTER_NAME",
        "restarts": "SLURM_RESTART_COUNT",
    }),
    ("pbs", "PBS_JOBID", {
        "id": "PBS_JOBID", "name": "PBS_JOBNAME", "queue": "PBS_QUEUE", "array": "PBS_ARRAYID",
        "task": "PBS_ARRAY_INDEX",
    }),
    ("lsf", "LSB_JOBID", {"id": "LSB_JOBID", "name": "LSB_JOBNAME", "queue": "LSB_QUEUE", "task": "LSB_JOBINDEX"}),
    ("sge", "SGE_TASK_ID", {"id": "JOB_ID", "name": "JOB_NAME", "queue": "QUEUE", "task": "SGE_TASK_ID"}),
    ("torchrun", "TORCHELASTIC_RUN_ID", {
        "id": "TORCHELASTIC_RUN_ID", "rank": "RANK", "local_rank": "LOCAL_RANK", "world_size": "WORLD_SIZE",
        "restarts": "TORCHELASTIC_RESTART_COUNT",
    }),
    ("ranks", "WORLD_SIZE", {"rank": "RANK", "local_rank": "LOCAL_RANK", "world_size": "WORLD_SIZE"}),
)  # fmt: skip
"""Schedulers: name, the variable that tells of it, and its facts."""


def host_facts(environ: Mapping[str, str], cwd: str) -> dict[str, Any]:
    """Flat facts of this machine and of the job that runs on it."""
    system = os.uname()
    facts: dict[str, Any] = {
        "os": _os_name(),
        "architecture": system.machine,
        "kernel": f"{system.sysname} {system.release}",
        "host": system.nodename,
        "user": _user(environ),
        "cpu": _cpu_model(),
        "cpu_count": os.cpu_count(),
        "cpu_available": _available(),
        "memory": _memory(),
        "container": _container(environ),
        "file_system": file_system(cwd),
        "job": job_context(environ),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", {})}


def job_context(environ: Mapping[str, str]) -> dict[str, str]:
    """The scheduler's job that this command is part of."""
    for scheduler, telling, fields in JOBS:
        if environ.get(telling):
            facts = {name: environ[variable] for name, variable in fields.items() if environ.get(variable)}
            return {"scheduler": scheduler, **facts}
    return {}


def _os_name() -> str | None:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        text = (read_small(path) or b"").decode("utf-8", "replace")
        for line in text.splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip().strip("\"'")
    return os.uname().sysname


def _cpu_model() -> str | None:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            fields = [line.partition(":") for line in file.read(4096).splitlines()]
    except OSError:
        return os.uname().machine
    values = {key.strip().lower(): value.strip() for key, _, value in reversed(fields)}
    for key in ("model name", "cpu model", "cpu", "hardware", "model"):
        if values.get(key):
            return " ".join(values[key].split())
    return os.uname().machine


def _available() -> int | None:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return None


def _memory() -> int | None:
    try:
        with open("/proc/meminfo", "rb") as file:
            words = file.read(256).split()
        return int(words[1]) * 1024 if words[0] == b"MemTotal:" else None
    except (OSError, ValueError, IndexError):
        return None


def _user(environ: Mapping[str, str]) -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, ImportError):
        return environ.get("USER") or str(os.getuid())


def _container(environ: Mapping[str, str]) -> str | None:
    for path, name in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
        if os.path.lexists(path):
            return name
    for variable in ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER", "KUBERNETES_SERVICE_HOST"):
        if environ.get(variable):
            return variable.split("_")[0].lower()
    return None


def file_system(path: str) -> str | None:
    """The type of the file system that holds ``path``."""
    place = os.fsencode(os.path.realpath(path))
    try:
        with open("/proc/self/mounts", "rb") as file:
            lines = file.read(1 << 20).splitlines()
    except OSError:
        return None
    best, kind = b"", None
    for line in lines:
        words = line.split(b" ")
        if len(words) < 3:
            continue
        point = words[1].replace(b"\\040", b" ").replace(b"\\011", b"\t")
        inside = place == point or place.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(best):
            best, kind = point, words[2].decode("ascii", "replace")
    return kind
