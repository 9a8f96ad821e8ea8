"""The distributions installed for an interpreter, read from its directories without running it.

``name-version.dist-info`` says both; a directory's list is remembered until the directory changes. A list is only
remembered when the directory is older than the clock's grain, so that a change in the same instant is not missed.
"""

from __future__ import annotations

import os

from kleio.capture import cache
from kleio.capture.small import read_small
from kleio.clock import SystemClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

GRAIN = 2.0
"""Seconds: no file system's times are coarser."""
MOST = 20_000
"""Entries of a directory that is taken for one of packages."""
EDITABLE = " (editable)"


def installed(sites: Iterable[str], data: str) -> dict[str, str]:
    """``{normalised name: version}`` over all directories; the first that has a name wins, as for ``import``."""
    packages: dict[str, str] = {}
    for site in sites:
        for name, version in _in_site(site, data).items():
            packages.setdefault(name, version)
    return dict(sorted(packages.items()))


def _in_site(site: str, data: str) -> dict[str, str]:
    try:
        found = os.stat(site)
    except OSError:
        return {}
    key = f"1 {site} {found.st_mtime_ns} {found.st_ino} {found.st_dev}"
    known = cache.recall(data, "packages", key)
    if isinstance(known, dict):
        return {str(name): str(version) for name, version in known.items()}
    packages = _scan(site)
    if SystemClock().wall() - found.st_mtime > GRAIN:
        cache.remember(data, "packages", key, packages)
    return packages


def _scan(site: str) -> dict[str, str]:
    try:
        names = sorted(os.listdir(site))
    except OSError:
        return {}
    packages: dict[str, str] = {}
    for name in names[:MOST]:
        if name.endswith((".dist-info", ".egg-info", ".egg")):
            found = _read(site, name)
            if found is not None:
                packages[normalised(found[0])] = found[1]
    return packages


def _read(site: str, name: str) -> tuple[str, str] | None:
    """Name and version: from the directory's name if it is well-formed, else from the metadata in it."""
    stem, kind = os.path.splitext(name)
    parts = stem.split("-")
    if kind == ".dist-info" and len(parts) == 2 and all(parts):
        project, version = parts
    elif kind != ".dist-info" and len(parts) >= 2 and parts[1][:1].isdigit():
        project, version = parts[0], parts[1]
    else:
        found = _read_metadata(site, name)
        if found is None:
            return None
        project, version = found
    if kind == ".dist-info" and _is_editable(os.path.join(site, name)):
        version += EDITABLE
    return project, version


def _read_metadata(site: str, name: str) -> tuple[str, str] | None:
    for path in (f"{name}/METADATA", f"{name}/PKG-INFO", f"{name}/EGG-INFO/PKG-INFO", name):
        data = read_small(os.path.join(site, path), 1 << 20)
        if data is None:
            continue
        fields: dict[str, str] = {}
        for line in data.decode("utf-8", "replace").splitlines():
            if not line:
                break
            key, colon, value = line.partition(":")
            if colon:
                fields.setdefault(key.lower(), value.strip())
        if fields.get("name") and fields.get("version"):
            return fields["name"], fields["version"]
    return None


def _is_editable(directory: str) -> bool:
    text = read_small(os.path.join(directory, "direct_url.json"))
    if text is None:
        return False
    import json

    try:
        origin = json.loads(text)
        return bool(origin["dir_info"]["editable"])
    except (ValueError, KeyError, TypeError):
        return False


def normalised(name: str) -> str:
    """One spelling for ``Foo.Bar``, ``foo_bar`` and ``foo-bar``."""
    words = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(word for word in words if word)
