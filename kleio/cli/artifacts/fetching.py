"""Writes artifacts into a directory of the user's. Their names come from a journal that others may write.

A name is followed one part at a time from the open directory, never through a symbolic link, so that whatever a name
or the directory holds, nothing outside is touched. A file appears under its name only when all its bytes have proved
to be those that were stored.
"""

from __future__ import annotations

import os
from collections import Counter

from kleio.errors import ArtifactRefused, BlobCorrupt, BlobMissing
from kleio.trial.quoting import UNPRINTABLE, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.analysis.artifacts import Artifact
    from kleio.artifacts.contract import BlobStore
    from kleio.cli.context import Context

LONGEST = 255
"""Bytes of one part of a path that file systems take."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def fetch_all(context: Context, found: Sequence[Artifact], directory: str, *, force: bool = False) -> int:
    """Write artifacts into ``directory`` and print where; returns the exit code. One that cannot be written is told,
    and keeps no other."""
    make(directory)
    targets = iter(targets_of([artifact.name for artifact in found if not refusal(artifact.name)]))
    code = 0
    hints: set[str | None] = set()
    for artifact in found:
        try:
            if reason := refusal(artifact.name):
                raise ArtifactRefused(
                    f"the artifact '{escaped(artifact.name)}' cannot be written: {reason}",
                    hint="`kleio artifacts cat ID NAME >FILE` writes it where you want it",
                )
            target = next(targets)
            fetch(context.blobs, artifact.digest, directory, target, force=force)
            context.console.line(target + _told(context, artifact))
        except (ArtifactRefused, BlobMissing, BlobCorrupt) as error:
            context.console.fail(error.message, None if error.hint in hints else error.hint)
            hints.add(error.hint)
            code = error.exit_code
    return code


def _told(context: Context, artifact: Artifact) -> str:
    """For people, which of several of one name it is; a script gets the path alone."""
    from kleio.cli.artifacts.listing import metadata_text

    text = escaped(metadata_text(artifact)) if context.console.is_terminal else ""
    return f"  {context.console.paint(text, 'dim')}" if text else ""


def make(directory: str) -> None:
    """Make the directory if it is missing."""
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise ArtifactRefused(f"{escaped(directory)} cannot be made a directory: {error.strerror}") from None


def targets_of(names: Sequence[str]) -> list[str]:
    """A path below the directory for each artifact: its name; where several have the same one, numbered from 1 in
    their order."""
    counts = Counter(names)
    taken = set(names)
    numbers: dict[str, int] = {}
    targets = []
    for name in names:
        target = name
        while counts[name] > 1 and target in taken:
            numbers[name] = numbers.get(name, 0) + 1
            stem, extension = os.path.splitext(name)
            target = f"{stem}-{numbers[name]}{extension}"
        taken.add(target)
        targets.append(target)
    return targets


def refusal(name: str) -> str:
    """Why a name is no path below a directory; empty if it is one."""
    if not name:
        return "it has no name"
    if name.startswith("/"):
        return "its name is an absolute path"
    if UNPRINTABLE.search(name):
        return "its name holds control characters"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "its name leads somewhere else"
        try:
            if len(os.fsencode(part)) > LONGEST:
                return f"its name is longer than {LONGEST} bytes"
        except UnicodeEncodeError:
            return "its name is no text"
    return ""


def fetch(blobs: BlobStore, digest: str, directory: str, target: str, *, force: bool = False) -> None:
    """Write one blob to ``target``, a name that :func:`targets_of` made."""
    make(directory)
    *above, name = target.split("/")
    try:
        place = _descend(directory, above)
    except OSError as error:
        raise _failed(directory, target, error) from None
    temporary = f".kleio-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        _write(blobs, digest, temporary, place)
        if force:
            os.replace(temporary, name, src_dir_fd=place, dst_dir_fd=place)
        else:
            os.link(temporary, name, src_dir_fd=place, dst_dir_fd=place, follow_symlinks=False)
    except OSError as error:
        raise _failed(directory, target, error) from None
    finally:
        try:
            os.unlink(temporary, dir_fd=place)
        except FileNotFoundError:
            pass  # it has its name now
        os.close(place)


def _descend(directory: str, parts: Sequence[str]) -> int:
    """The open directory below ``directory`` that ``parts`` name, made if it is missing."""
    place = os.open(directory, _DIRECTORY & ~os.O_NOFOLLOW)
    for part in parts:
        try:
            try:
                os.mkdir(part, dir_fd=place)
            except FileExistsError:
                pass
            below = os.open(part, _DIRECTORY, dir_fd=place)
        finally:
            os.close(place)
        place = below
    return place


def _write(blobs: BlobStore, digest: str, name: str, place: int) -> None:
    with open(os.open(name, _CREATE, 0o666, dir_fd=place), "wb") as file:
        for piece in blobs.open(digest):
            file.write(piece)


def _failed(directory: str, target: str, error: OSError) -> ArtifactRefused:
    path = escaped(os.path.join(directory, target))
    if isinstance(error, FileExistsError):
        return ArtifactRefused(f"{path} exists already", hint="choose another directory with -o, or add --force")
    return ArtifactRefused(f"{path} cannot be written: {error.strerror}")
