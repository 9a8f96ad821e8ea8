"""Defaults < user file < project file < ``KLEIO_*`` environment < flags, as one frozen value.

The project file (``kleio.toml``, or ``[tool.kleio]`` of ``pyproject.toml``) comes with a repository that may be
somebody else's: it is data only and may not name journals or directories (see ``PROJECT_FORBIDDEN``).
"""

from __future__ import annotations

import errno
import os

from kleio.configfiles import read_project_file, read_user_file
from kleio.dataclass import dataclass, field, fields
from kleio.errors import SettingsError
from kleio.units import parse_duration, parse_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.configfiles import Entry

MIB = 1 << 20


@dataclass(frozen=True)
class Settings:
    """Every setting, resolved. ``origins`` says where each value came from (``kleio config`` shows it)."""

    journal: str = ""
    """Address: ``sqlite:///PATH`` or ``mongodb://…/NAME``. Default: ``sqlite://`` + ``data`` + ``/journal.sqlite``."""
    data: str = ""
    """Directory of spools, caches, logs and the default journal. Default: ``$XDG_DATA_HOME/kleio``."""

    output: str = "merge"
    """``merge`` (stdout and stderr that go to the same place are one stream, in exact order), ``split`` (always apart),
    ``pipe`` (apart, and no pty), ``off`` (nothing is recorded)."""
    output_head: int = 64 * MIB
    output_tail: int = 64 * MIB
    """Of a stream longer than head + tail, the first and last bytes are kept and the rest is counted."""

    lease: float = 120.0
    """Seconds without a heartbeat after which observers elsewhere hold a launcher for dead."""
    heartbeat: float = 15.0
    """Seconds between two signs of life; at most half of ``lease``."""
    flush_deadline: float = 60.0
    """Seconds that the end of a run waits for the journal; the rest is shipped by the next kleio."""
    stop_grace: float = 30.0
    """Seconds between SIGTERM and SIGKILL when kleio itself stops a command."""

    samples: float = 10.0
    """Seconds between two looks at the processors, memory, disks and GPUs that a command uses; 0 for none."""
    spool_limit: int = 2048 * MIB
    """Most bytes of one attempt that may wait for a journal that is away before artifacts are refused; 0 for no limit.
    Statistics and output (which ``output_head`` and ``output_tail`` bound) are kept all the same."""
    spool_total: int = 10240 * MIB
    """The same for all attempts of this user on this machine together."""

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
    """Seconds that looking at a repository may take; what was not seen by then is noted. Without an answer on where its
    history begins nothing is run: the project would be another."""

    columns: tuple[str, ...] = ("id", "status", "label", "started", "duration", "progress", "config", "command")
    """What ``kleio ls`` shows on a terminal: fields of the filter language, ``label`` (name and tags), ``progress``,
    and ``config`` for the options that differ. ``kleio ls --columns … --save`` writes it down."""

    origins: dict[str, str] = field(default_factory=dict, compare=False)


PROJECT_FORBIDDEN = frozenset({"journal", "data"})
MAY_BE_ZERO = frozenset({"samples"})
"""Durations of which 0 means never."""
OTHER_VARIABLES = frozenset(
    {
        "KLEIO_TRIAL_ID", "KLEIO_ATTEMPT", "KLEIO_SPOOL", "KLEIO_PROTOCOL", "KLEIO_FAILPOINT", "KLEIO_FAILPOINT_LOG",
        "KLEIO_SPOOL_DIR", "KLEIO_PAGER",
        "KLEIO_DB_TYPE", "KLEIO_DB_NAME", "KLEIO_DB_ADDRESS",
    }
)  # fmt: skip
"""Variables that kleio sets or reads beside those of the settings."""
SCHEMES = ("sqlite", "mongodb", "mongodb+srv", "memory")
OUTPUTS = ("merge", "split", "pipe", "off")
DEFAULTS: dict[str, Any] = {one.name: one.default for one in fields(Settings) if one.name != "origins"}
NAMES = tuple(DEFAULTS)
_KINDS = {one.name: one.type for one in fields(Settings)}


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str], cwd: str) -> Settings:
    """Resolve every setting. Reads at most two files and creates nothing. Raises ``SettingsError``.

    ``flags`` maps names of settings to what was given on the command line; ``None`` means not given.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")

    def take(name: str, value: Any, origin: str) -> None:
        try:
            values[name] = _checked(name, value, environ, values.get(name, DEFAULTS[name]))
        except ValueError as error:
            what = "" if origin in (f"--{name}", f"KLEIO_{name.upper()}") else f" {name}:"
            raise SettingsError(f"{origin}:{what} {error}", hint="`kleio config` shows all settings") from None
        origins[name] = origin

    for entry in _from_files(environ, cwd):
        if entry.name not in NAMES:
            raise SettingsError(f"{entry.place}: unknown setting {entry.name!r}", hint=_closest(entry.name))
        take(entry.name, entry.value, entry.place)
    address, origin = _prototype_address(environ)
    if address:
        take("journal", address, origin)
    for name in NAMES:
        variable = "KLEIO_" + name.upper()
        if environ.get(variable):
            take(name, environ[variable], variable)
        if flags.get(name) is not None:
            take(name, flags[name], "--" + name.replace("_", "-"))
    if "data" not in values:
        values["data"] = default_data(environ)
    if "journal" not in values:
        values["journal"] = f"sqlite://{values['data']}/journal.sqlite"
    settings = Settings(**values, origins=origins)
    if settings.heartbeat * 2 > settings.lease:
        raise SettingsError(
            f"heartbeat ({settings.heartbeat:g} s, {origins['heartbeat']}) must be at most half of "
            f"lease ({settings.lease:g} s, {origins['lease']})"
        )
    return settings


def default_data(environ: Mapping[str, str]) -> str:
    """``$XDG_DATA_HOME/kleio``, or ``~/.local/share/kleio``."""
    return _xdg(environ, "XDG_DATA_HOME", ".local/share") + "/kleio"


def user_file(environ: Mapping[str, str]) -> str | None:
    """Where the user's own settings would be; ``None`` if there is no home either."""
    try:
        return _xdg(environ, "XDG_CONFIG_HOME", ".config") + "/kleio/config.toml"
    except SettingsError:
        return None


def unknown_variables(environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """``KLEIO_*`` variables that nothing reads, each with the name that was perhaps meant."""
    from difflib import get_close_matches

    known = {"KLEIO_" + name.upper() for name in NAMES} | OTHER_VARIABLES
    strange = sorted(name for name in environ if name.startswith("KLEIO_") and name not in known)
    return [(name, next(iter(get_close_matches(name, known, n=1)), None)) for name in strange]


def prepare_data(settings: Settings) -> str:
    """Make the data directory, private to the user. Whoever is about to write calls this; readers need not."""
    try:
        os.makedirs(settings.data, mode=0o700, exist_ok=True)
        if not os.access(settings.data, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise SettingsError(
            f"the data directory {settings.data} ({settings.origins.get('data', 'default')}) "
            f"cannot be written: {error.strerror}",
            hint="set KLEIO_DATA to a directory of yours on a local disk",
        ) from error
    return settings.data


def _xdg(environ: Mapping[str, str], variable: str, fallback: str) -> str:
    base = environ.get(variable, "")
    if os.path.isabs(base):  # the XDG specification: a relative path is to be ignored
        return base.rstrip("/")
    return f"{_home(environ)}/{fallback}"


def _home(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if not home:
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = ""
    if not os.path.isabs(home):
        raise SettingsError("there is no home directory to keep data in", hint="set HOME, or KLEIO_DATA")
    return home.rstrip("/")


def _from_files(environ: Mapping[str, str], cwd: str) -> list[Entry]:
    """What the user's file says, then what the project's says."""
    path = user_file(environ)
    project = read_project_file(cwd)
    for entry in project:
        if entry.name in PROJECT_FORBIDDEN:
            raise SettingsError(
                f"{entry.place}: a project may not set {entry.name!r}",
                hint=f"set KLEIO_{entry.name.upper()}, or {entry.name} in {path or 'your own config.toml'}",
            )
    return (read_user_file(path) if path else []) + project


def _closest(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, NAMES, n=1)
    return f"did you mean {close[0]!r}?" if close else "`kleio config` lists the settings"


def _checked(name: str, value: Any, environ: Mapping[str, str], current: Any) -> Any:
    """``value`` in the type of the setting; ``ValueError`` says why not.

    A list that begins with ``"+"`` adds to the ``current`` one instead of replacing it.
    """
    kind = _KINDS[name]
    if kind == "str":
        return _checked_text(name, value, environ)
    if kind == "tuple[str, ...]":
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"{value!r} is not a list of patterns")
        return (*current, *words[1:]) if words and words[0] == "+" else tuple(words)
    if isinstance(value, str):
        value = parse_size(value) if kind == "int" else parse_duration(value)
    if isinstance(value, bool) or not isinstance(value, int if kind == "int" else int | float):
        raise ValueError(f"{value!r} is not a {'size' if kind == 'int' else 'duration'}")
    enough = value >= 0 if kind == "int" or name in MAY_BE_ZERO else value > 0
    if not enough or (kind != "int" and value >= 1e9):
        raise ValueError(f"{value!r} is out of range")
    return value if kind == "int" else float(value)


def _checked_text(name: str, value: Any, environ: Mapping[str, str]) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{value!r} is not a text")
    if name == "output" and value not in OUTPUTS:
        raise ValueError(f"{value!r} is none of {', '.join(OUTPUTS)}")
    if name == "journal" and value.partition("://")[0] not in SCHEMES:
        what = "this is not an address" if value else "the address is empty; it has to be one"
        raise ValueError(f"{what} such as sqlite:///PATH or mongodb://HOST/NAME")
    if name == "data":
        if not value:
            raise ValueError("the name of the directory is empty")
        value = _home(environ) + value[1:] if value == "~" or value.startswith("~/") else value
        if not os.path.isabs(value):
            raise ValueError(f"{value!r} is not an absolute path")
        value = os.path.normpath(value)
    return str(value)


def _prototype_address(environ: Mapping[str, str]) -> tuple[str, str]:
    """The address that the prototype's ``KLEIO_DB_TYPE``, ``_NAME`` and ``_ADDRESS`` spell, and their names."""
    given = [key for key in ("KLEIO_DB_TYPE", "KLEIO_DB_NAME", "KLEIO_DB_ADDRESS") if environ.get(key)]
    if not given or environ.get("KLEIO_JOURNAL"):
        return "", ""
    kind, name, address = (environ.get("KLEIO_DB_" + part, "") for part in ("TYPE", "NAME", "ADDRESS"))
    origin = ", ".join(given)
    if kind.lower() == "sqlite" and (address or name):
        path = address or name
        return (path if "://" in path else "sqlite://" + os.path.abspath(path)), origin
    if kind.lower() not in ("", "mongodb"):
        raise SettingsError(
            f"KLEIO_DB_TYPE: {kind!r} is not supported", hint="set KLEIO_JOURNAL=sqlite:///PATH or mongodb://HOST/NAME"
        )
    if "://" not in address:
        address = "mongodb://" + (address or "localhost")
    head, question, options = address.partition("?")
    scheme, _, rest = head.partition("://")
    hosts, _, path = rest.partition("/")
    return f"{scheme}://{hosts}/{path or name or 'kleio'}{question}{options}", origin
