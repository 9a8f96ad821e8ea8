"""Defaults < user file < project file < ``KLEIO_*`` environment < flags, as one frozen value.

The project file (``kleio.toml``, or ``[tool.kleio]`` of ``pyproject.toml``) comes with a repository that may be
somebody else's: it is data only and may not name journals or directories (see ``PROJECT_FORBIDDEN``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1 << 20


@dataclass(frozen=True)
class Settings:
    """Every setting, resolved. ``origins`` says where each value came from (``kleio config`` shows it)."""

    journal: str = ""
    """Address: ``sqlite:///PATH`` or ``mongodb://…/NAME``. Default: ``sqlite:///`` + ``data`` + ``/journal.sqlite``."""
    data: str = ""
    """Directory of spools, caches, logs and the default journal. Default: ``$XDG_DATA_HOME/kleio``."""

    output: str = "split"
    """``split`` (stdout and stderr apart), ``merge`` (one stream, exact order), ``pipe`` (no pty), ``off``."""
    output_head: int = 64 * MIB
    output_tail: int = 64 * MIB
    """Of a stream longer than head + tail, the first and last bytes are kept and the rest is counted."""

    lease: float = 120.0
    """Seconds without a heartbeat after which observers elsewhere hold a launcher for dead."""
    heartbeat: float = 15.0
    flush_deadline: float = 60.0
    """Seconds that the end of a run waits for the journal; the rest is shipped by the next kleio."""
    stop_grace: float = 30.0
    """Seconds between SIGTERM and SIGKILL when kleio itself stops a command."""

    variables: tuple[str, ...] = (
        "CLUSTER", "CUDA_*", "HIP_*", "ROCR_*", "OMP_*", "MKL_*", "OPENBLAS_*", "NCCL_*", "XLA_*", "JAX_*", "TORCH_*",
        "PYTHONHASHSEED", "PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV",
        "SLURM_*", "PBS_*", "RANK", "LOCAL_RANK", "WORLD_SIZE",
    )  # fmt: skip
    """Environment variables whose values are recorded (names as shell patterns); of all others only the names."""
    compare: tuple[str, ...] = (
        "python", "packages", "os", "cpu", "gpus", "gpu_driver", "env.CLUSTER", "env.OMP_*", "env.MKL_*",
        "env.PYTHONHASHSEED", "env.XLA_*",
    )  # fmt: skip
    """Environment facts whose change refuses a resume (patterns over the keys that ``kleio info`` shows)."""
    code_patterns: tuple[str, ...] = (
        "*.py", "*.sh", "*.R", "*.jl", "*.m", "*.c", "*.cpp", "*.h", "*.cu", "*.rs", "*.go", "*.java", "*.lua",
    )  # fmt: skip
    """Untracked files that count as code."""
    code_ignore: tuple[str, ...] = ()
    """Files, tracked or not, that never count as code."""
    snapshot_limit: int = 32 * MIB
    """Most bytes of patch and untracked sources that one snapshot keeps; what was left out is listed."""
    git_timeout: float = 10.0

    origins: dict[str, str] = field(default_factory=dict, compare=False)


PROJECT_FORBIDDEN = frozenset({"journal", "data"})
