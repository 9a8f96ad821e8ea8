"""Finds the Python that the command will use, and what there is to know of it.

The command's interpreter, not kleio's. Its version and directories come from one run of the binary, remembered by the
file's stamp (one run a machine for all its virtual environments); a virtual environment's own directory follows from
its ``pyvenv.cfg``. A shim such as pyenv's is a script: what it leads to also depends on variables and version files.
"""

from __future__ import annotations

import json
import os

from kleio.capture import cache, process
from kleio.capture.small import read_small
from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

PYTHONS = ("python", "pypy")
TIMEOUT = 10.0
ELF = b"\x7fELF"
STEPS = 8
"""Wrappers in front of an interpreter that are looked through."""
WRAPPERS = frozenset(
    "env nohup nice time stdbuf setsid ionice taskset numactl exec command torchrun accelerate uv poetry pipenv pdm "
    "rye hatch conda mamba micromamba run deepspeed srun mpirun mpiexec horovodrun coverage xvfb-run".split()
)
STEERING = ("PYENV_VERSION", "PYENV_ROOT", "ASDF_PYTHON_VERSION", "RTX_PYTHON_VERSION", "MISE_PYTHON_VERSION")
VERSION_FILES = (".python-version", ".tool-versions", "mise.toml", ".mise.toml")
QUESTION = (
    "import sys,json,platform\n"
    "try:\n"
    " import site\n"
    " dirs=site.getsitepackages(); user=site.getusersitepackages()\n"
    "except Exception:\n"
    " dirs=[]; user=''\n"
    "print(json.dumps([platform.python_version(),platform.python_implementation(),sys.prefix,sys.base_prefix,dirs,user]))"
)


@dataclass(frozen=True)
class Interpreter:
    """A Python: its version, and where its packages lie (first wins)."""

    path: str
    version: str | None
    implementation: str | None = None
    sites: tuple[str, ...] = ()


def find_interpreter(argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> str | None:
    """The path of the Python that ``argv`` will use; without one, that of the active environment; else ``None``.

    What a shell or ``make`` starts is not known, so the active environment counts for them. A compiled program of the
    project's own (named by its path, not one of the system's) uses none, whatever is activated around it.
    """
    path = environ.get("PATH", os.defpath)
    for word in list(argv)[:STEPS]:
        name = os.path.basename(word)
        found = _locate(word, path, cwd)
        if found is not None and _is_python(name):
            return found
        if found is not None and name not in WRAPPERS:
            named = _from_shebang(found, path)
            if named is not None:
                return named
            if os.path.dirname(found) not in path.split(os.pathsep) and _is_compiled(found):
                return None
            break
        if found is not None and name in WRAPPERS:
            named = _from_shebang(found, path)
            if named is not None and name not in ("uv", "run"):
                return named
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable):
            candidate = os.path.join(environ[variable], "bin", "python")
            if os.path.isfile(candidate):
                return candidate
    return None


def _is_python(name: str) -> bool:
    for prefix in PYTHONS:
        if name.startswith(prefix) and all(
            part.isdigit() or part == "" for part in name[len(prefix) :].rstrip("tdm").split(".")
        ):
            return True
    return False


def _locate(word: str, path: str, cwd: str) -> str | None:
    try:
        if "/" in word:
            candidate = os.path.join(cwd, word)
            return candidate if os.path.isfile(candidate) else None
        return process.find_program(word, path)
    except ValueError:
        return None


def _is_compiled(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(ELF)) == ELF
    except OSError:
        return False


def _from_shebang(path: str, search: str) -> str | None:
    """The interpreter in the file's ``#!`` line, ``env`` looked through."""
    try:
        with open(path, "rb") as file:
            line = file.read(256).split(b"\n", 1)[0]
    except OSError:
        return None
    if not line.startswith(b"#!"):
        return None
    words = [word for word in os.fsdecode(line[2:]).split() if not word.startswith("-") and "=" not in word]
    if words and os.path.basename(words[0]) == "env":
        words = words[1:]
    if not words or not _is_python(os.path.basename(words[0])):
        return None
    return words[0] if os.path.isfile(words[0]) else process.find_program(os.path.basename(words[0]), search)


def inspect_interpreter(path: str, environ: Mapping[str, str], cwd: str, data: str) -> Interpreter:
    """What there is to know of the Python at ``path``; what cannot be found out is left out."""
    home = _virtual_environment(path)
    answer = _ask(os.path.realpath(path) if home else path, environ, cwd, data)
    version, implementation, dirs, user = None, None, [], ""
    if answer is not None:
        version, implementation, _, _, dirs, user = answer
    sites = []
    if home:
        facts = _facts(home)
        version = version or facts.get("version") or facts.get("version_info")
        sites = _sites_of(home)
        if facts.get("include-system-site-packages", "").lower() != "true":
            dirs, user = [], ""
    if user and not environ.get("PYTHONNOUSERSITE"):
        sites.append(user)
    extra = [entry for entry in environ.get("PYTHONPATH", "").split(os.pathsep) if entry.startswith("/")]
    ordered = dict.fromkeys([*extra, *sites, *dirs])
    return Interpreter(path, version, implementation, tuple(site for site in ordered if os.path.isdir(site)))


def _virtual_environment(path: str) -> str | None:
    home = os.path.dirname(os.path.dirname(os.path.abspath(path)))
    return home if os.path.isfile(os.path.join(home, "pyvenv.cfg")) else None


def _facts(home: str) -> dict[str, str]:
    text = (read_small(os.path.join(home, "pyvenv.cfg")) or b"").decode("utf-8", "replace")
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals}


def _sites_of(home: str) -> list[str]:
    sites = []
    for library in ("lib", "lib64"):
        try:
            names = sorted(os.listdir(os.path.join(home, library)))
        except OSError:
            continue
        for name in names:
            if name.startswith(PYTHONS):
                sites.append(os.path.join(home, library, name, "site-packages"))
    return list({os.path.realpath(site): site for site in reversed(sites)}.values())


def _ask(path: str, environ: Mapping[str, str], cwd: str, data: str) -> list[Any] | None:
    """Run the interpreter once for its facts, and remember them by the file's stamp."""
    try:
        real = os.path.realpath(path)
        found = os.stat(real)
    except OSError:
        return None
    stamp = f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"
    key = f"1 {real} {stamp} {environ.get('HOME')} {_steering(real, environ, cwd)}"
    known = cache.recall(data, "interpreters", key)
    if _is_answer(known):
        return list(known)
    variables = {name: value for name, value in environ.items() if not name.startswith("PYTHON")}
    answer = process.run([path, "-I", "-c", QUESTION], variables, TIMEOUT)
    try:
        facts = json.loads(answer.out)
    except ValueError:
        return None
    if not answer.ok or not _is_answer(facts):
        return None
    cache.remember(data, "interpreters", key, facts)
    return list(facts)


def _is_answer(facts: Any) -> bool:
    return isinstance(facts, list) and len(facts) == 6 and isinstance(facts[4], list)


def _steering(path: str, environ: Mapping[str, str], cwd: str) -> str:
    """What decides where a shim leads; empty for a real binary."""
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"#!":
                return ""
    except OSError:
        return ""
    parts = [f"{name}={environ[name]}" for name in STEERING if name in environ]
    place = cwd
    for _ in range(64):
        parts += [repr(read_small(os.path.join(place, name))) for name in VERSION_FILES]
        if place == os.path.dirname(place):
            break
        place = os.path.dirname(place)
    root = environ.get("PYENV_ROOT") or os.path.join(environ.get("HOME", "/"), ".pyenv")
    parts.append(repr(read_small(os.path.join(root, "version"))))
    return " ".join(parts)
