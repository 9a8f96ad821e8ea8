"""The environment of one launch: the machine, the command's interpreter and packages, and the listed variables.

Each fact is either compared (its change refuses a resume) or only recorded; the setting ``compare`` decides. The
values of variables are recorded for listed names only, and never if the name promises a secret.
"""

from __future__ import annotations

import os

from kleio.capture.code.patterns import fits
from kleio.capture.environment.accelerators import gpu_facts
from kleio.capture.environment.host import host_facts
from kleio.capture.environment.interpreter import find_interpreter, inspect_interpreter
from kleio.capture.environment.packages import installed
from kleio.capture.secrets.redactor import secret_variables
from kleio.encoding import digest_of
from kleio.trial.snapshot import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.capture.secrets.redactor import Redactor
    from kleio.settings import Settings

OWN = "kleio"
"""An upgrade of kleio is no change of the experiment."""
MOST_LINES = 40


def capture_environment(
    argv: Sequence[str], settings: Settings, redactor: Redactor, environ: Mapping[str, str], cwd: str | None = None
) -> Environment:
    """What the command will find around it."""
    cwd = os.getcwd() if cwd is None else cwd
    facts = host_facts(environ, cwd)
    facts |= gpu_facts(environ, settings.data)
    packages: dict[str, str] = {}
    path = find_interpreter(argv, environ, cwd)
    if path is not None:
        interpreter = inspect_interpreter(path, environ, cwd, settings.data)
        packages = installed(interpreter.sites, settings.data)
        facts["interpreter"] = path
        if interpreter.version:
            facts["python"] = interpreter.version
        if interpreter.implementation:
            facts["implementation"] = interpreter.implementation
    if OWN in packages:
        facts[OWN] = packages.pop(OWN)
    facts |= _variables(environ, settings, redactor)
    if packages:
        facts["packages"] = digest_of(packages)
    return _split(facts, packages, settings.compare)


def _variables(environ: Mapping[str, str], settings: Settings, redactor: Redactor) -> dict[str, Any]:
    secret = secret_variables(environ)
    listed = {name for name in environ if name not in secret and any(fits(name, one) for one in settings.variables)}
    values = {f"env.{name}": redactor.redact_text(environ[name]) for name in sorted(listed)}
    return {**values, "variables": sorted(environ.keys() - listed)}


def _split(facts: Mapping[str, Any], packages: dict[str, str], compare: Sequence[str]) -> Environment:
    compared = {name: facts[name] for name in sorted(facts) if any(fits(name, pattern) for pattern in compare)}
    recorded = {name: facts[name] for name in sorted(facts) if name not in compared}
    return Environment(digest_of(compared), compared, packages, recorded)


def describe_environment_change(old: Mapping[str, Any], new: Environment) -> list[str]:
    """What differs between a recorded environment (its ``details()``, or only its ``summary()``) and ``new``."""
    before: Mapping[str, Any] = old.get("compared") or {}
    lines = []
    for name in sorted(before.keys() | new.compared.keys()):
        if name != "packages" and before.get(name) != new.compared.get(name):
            lines.append(f"{name}: {_shown(before.get(name))} -> {_shown(new.compared.get(name))}")
    if before.get("packages") != new.compared.get("packages"):
        lines += _package_lines(old.get("packages"), new.packages)
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"and {len(lines) - MOST_LINES} more"]
    return lines


def _package_lines(before: Mapping[str, str] | None, after: Mapping[str, str]) -> list[str]:
    if before is None:
        return ["packages: changed"]
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            lines.append(f"package {name}: {_shown(before.get(name))} -> {_shown(after.get(name))}")
    return lines or ["packages: changed"]


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
