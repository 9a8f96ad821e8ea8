"""Makes a checkout: the recorded code of a trial in a directory of its own, beside the user's tree, never in it.

Everything is made in a directory beside the one that was asked for, which gets its name when it is whole: a checkout
that failed leaves nothing behind. It belongs to the project of its trial (a mark within ``.git`` says so), so that
kleio in it knows the trial.
"""

from __future__ import annotations

import os
import shutil
from itertools import chain

from kleio.capture.code.project import project_of, write_mark
from kleio.capture.code.repository import find_repository, read_config, remote_url
from kleio.capture.code.snapshot import CONFIGURATION
from kleio.capture.code.version import start_capture
from kleio.capture.commandline.configfile import SIZE
from kleio.capture.recorded.change import describe_change
from kleio.capture.small import read_small
from kleio.checkout import files
from kleio.checkout.lost import lost
from kleio.checkout.repository import Source
from kleio.checkout.restore import Left, Restoration
from kleio.clock import SystemClock
from kleio.dataclass import dataclass
from kleio.encoding import digest
from kleio.errors import CheckoutFailed, CodeLost
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kleio.capture.secrets.redactor import Redactor
    from kleio.checkout.recorded import RecordedCode
    from kleio.settings import Settings

SETTINGS_FILE = "kleio.toml"


@dataclass(frozen=True)
class CheckoutOrder:
    """What is wanted. ``here`` is the user's directory; ``read`` gives the bytes of a blob; ``independent``: it is to
    outlive the user's repository; ``links`` are paths of the user's tree to be linked into the checkout. ``around`` is
    a directory above ``target`` that is there for this checkout alone: files that lay beside the tree may lie in it.
    """

    code: RecordedCode
    target: str
    here: str
    read: Callable[[str], bytes]
    settings: Settings
    redactor: Redactor
    environ: Mapping[str, str]
    independent: bool = False
    fetch: bool = False
    links: Sequence[str] = ()
    around: str | None = None


@dataclass(frozen=True)
class Checkout:
    """A directory with recorded code. ``directory`` is where the command belongs in it. ``differences`` say what is not
    as it was recorded; empty if the digest of all of it is the recorded one. ``remarks`` are things to know."""

    root: str
    directory: str
    differences: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.differences


def make_checkout(order: CheckoutOrder) -> Checkout:
    """Restore the code. Raises ``CodeLost``, or ``CheckoutFailed``; then nothing is left behind."""
    target = os.path.abspath(order.target)
    _refuse_taken(target)
    unfinished = f"{target}.kleio-{os.urandom(4).hex()}"
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.mkdir(unfinished)
        restoration = Restoration(order.code, unfinished, order.read, order.environ)
        left = restoration.left
        _restore(order, restoration)
        write_mark(unfinished, order.code.project)
        _bring_along(order, unfinished, restoration)
        differences = _differences(order, unfinished, left)
        os.rename(unfinished, target)
    except OSError as error:
        raise CheckoutFailed(
            f"the code of {order.code.name} cannot be written to {escaped(target)}: {error.strerror}",
            hint="choose another directory: kleio checkout ID DIRECTORY",
        ) from error
    except CheckoutFailed as error:
        raise CheckoutFailed(
            f"the code of {order.code.name} cannot be written to {escaped(target)}: {error.message}", hint=error.hint
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Checkout(
        target, os.path.join(target, order.code.directory).rstrip("/"), tuple(differences), tuple(left.remarks)
    )


def _refuse_taken(target: str) -> None:
    try:
        is_free = not os.listdir(target)
    except (FileNotFoundError, NotADirectoryError):
        is_free = not os.path.lexists(target)
    except OSError as error:
        raise CheckoutFailed(f"{escaped(target)} cannot be read: {error.strerror}") from error
    if not is_free:
        raise CheckoutFailed(
            f"{escaped(target)} exists and is not an empty directory: nothing is written over",
            hint="choose another directory: kleio checkout ID DIRECTORY",
        )


def _restore(order: CheckoutOrder, restoration: Restoration) -> None:
    code = order.code
    kind = code.version["kind"]
    if kind == "script":
        restoration.of_script()
    elif kind == "git":
        _restore_repository(order, restoration)
    else:
        why = "; ".join(code.version.get("notes") or ()) or "no script was named"
        raise CodeLost(f"nothing is known of the code of {code.name} ({why})", hint=f"kleio info {code.trial[:7]}")


def _restore_repository(order: CheckoutOrder, restoration: Restoration) -> None:
    commit = order.code.version.get("commit")
    sources = sources_of(order)
    source = next((one for one in sources if commit is None or one.holds(commit)), None)
    if source is not None or commit is None:
        restoration.of_git(source, independent=order.independent)
        return
    near = sources[0] if sources else None
    remote = _remote(order, near)
    if order.fetch and remote and restoration.fetched(near, remote, independent=order.independent):
        return
    raise lost(order.code, [one.repository.root for one in sources], remote if order.fetch else None)


def sources_of(order: CheckoutOrder) -> list[Source]:
    """Repositories of the same project: the one at hand, then the one where the trial ran."""
    found: dict[str, Source] = {}
    for place in (order.here, str(order.code.project.get("root") or "")):
        repository = find_repository(place) if place and os.path.isdir(place) else None
        if repository is None or repository.root in found:
            continue
        deadline = SystemClock().monotonic() + order.settings.git_timeout
        if project_of(repository.root, order.settings.data, order.environ, deadline).id == order.code.project["id"]:
            found[repository.root] = Source.of(repository, order.environ)
    return list(found.values())


def _remote(order: CheckoutOrder, near: Source | None) -> str | None:
    """Where to fetch from: as this repository spells it, since the record holds no credentials."""
    known = remote_url(read_config(near.repository)) if near else None
    return known or order.code.version.get("remote")


def _bring_along(order: CheckoutOrder, root: str, restoration: Restoration) -> None:
    """What is no code and yet needed: the directory, configuration files, kleio's settings, links."""
    code = order.code
    if code.directory:
        files.make_directory(root, code.directory)
    places = [source.repository.root for source in sources_of(order)] or [str(code.project.get("root") or "")]
    for argument, wanted in code.files:
        if not os.path.isabs(argument):
            _configuration(order, root, places, argument, wanted, restoration)
    for directory in {"", code.directory}:
        path = os.path.join(directory, SETTINGS_FILE)
        content = next((data for place in places if (data := read_small(os.path.join(place, path))) is not None), None)
        if content is not None and not os.path.lexists(os.path.join(root, path)):
            files.write(root, path, "100644", content)
    for path in order.links:
        _link(places[0], root, os.path.normpath(os.path.join(code.directory, path)))


def _configuration(
    order: CheckoutOrder, root: str, places: Sequence[str], argument: str, wanted: str, restoration: Restoration
) -> None:
    """A configuration file that is not part of the code, or not as it was: from wherever its bytes still are."""
    code = order.code
    path = os.path.normpath(os.path.join(code.directory, argument))
    inside = files.is_inside(path)
    if not inside and _is_there(order, path, wanted):
        return
    stored = (piece for piece in code.pieces if piece.kind == CONFIGURATION and piece.path == argument)
    candidates = chain(
        (read_small(os.path.join(place, path), limit=SIZE) for place in ([root] if inside else []) + [*places]),
        (restoration.bytes_of(piece) for piece in stored),
    )
    for data in candidates:
        if data is not None and digest(data) == wanted:
            if inside:
                files.write(root, path, "100644", data)
            elif not _placed_beside(order, path, data):
                restoration.left.configuration[path] = _why_left(order, path)
            return
    restoration.left.configuration[path] = "this configuration file is nowhere to be had as it was"


def _is_there(order: CheckoutOrder, path: str, wanted: str) -> bool:
    """Whether a file outside of the tree, seen from the checkout, is what the command found there."""
    data = read_small(os.path.normpath(os.path.join(order.target, path)), limit=SIZE)
    return data is not None and digest(data) == wanted


def _placed_beside(order: CheckoutOrder, path: str, data: bytes) -> bool:
    """Put a file where the command looks for it outside of the tree, if that place belongs to this checkout."""
    if order.around is None:
        return False
    target = os.path.relpath(order.target, order.around)
    beside = os.path.normpath(os.path.join(target, path))
    if not files.is_inside(beside) or beside.split("/")[0] == target or os.path.lexists(f"{order.around}/{beside}"):
        return False
    files.write(order.around, beside, "100644", data)
    return True


def _why_left(order: CheckoutOrder, path: str) -> str:
    if path.split("/")[0] != "..":
        return "this configuration file lies where no checkout writes"
    where = escaped(os.path.normpath(os.path.join(order.target, path)))
    return f"this configuration file lies outside of the tree, where nothing is written: the command would read {where}"


def _link(place: str, root: str, path: str) -> None:
    target = os.path.join(place, path)
    if not files.is_inside(path) or not os.path.lexists(target):
        raise CheckoutFailed(f"{escaped(path)} is no path below {escaped(place)}: it cannot be linked")
    try:
        files.link(root, path, target)
    except FileExistsError:
        raise CheckoutFailed(f"{escaped(path)} is part of the recorded code: no link can stand in its place") from None


def _differences(order: CheckoutOrder, root: str, left: Left) -> list[str]:
    """What differs, in words; nothing if the digest is the recorded one and no configuration is missing."""
    code = order.code
    cwd = os.path.join(root, code.directory)
    pending = start_capture(cwd, code.argv, order.settings, order.redactor, order.environ)
    try:
        version, _ = pending.finish()
    finally:
        pending.kill()
    shown = [f"{escaped(path)}: {why}" for path, why in sorted(left.out.items())]
    configuration = [f"{escaped(path)}: {why}" for path, why in left.configuration.items()]
    if version.digest == code.version["digest"]:
        return configuration
    return (
        [*shown, *configuration]
        or describe_change(code.version, version, cwd, order.redactor)[1:]
        or ["its digest is another one"]
    )
