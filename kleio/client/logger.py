"""``kleio_logger``: what a script says about itself.

::

    from kleio.client.logger import kleio_logger

    kleio_logger.log_statistic(epoch=3, loss=0.12)
    kleio_logger.log_artifact("weights", file, epoch=3)
    kleio_logger.log_resource("data/train.csv")

Started by kleio, a call appends one record to a file of this process (:mod:`kleio.spool.records.log`) and returns: no
database, no network, no thread, no lock shared with other processes; what it returned from survives the death of
every process. Started without kleio, it prints what it would record and touches nothing.

Logging never raises into the script, with three exceptions: a ``TypeError`` for unnamed values, what a signal handler
of the script raises, and the errors of a source that ``log_artifact`` or ``log_resource`` cannot read. Those that
show without reading (a path that is not there, a file object that is closed or only written) are raised without kleio
as well, and a pipe is read to its end, for whoever writes into it must not stop or die. A record holds at most 1 MiB
as JSON: larger values are artifacts. Names are free; those of up to 200 characters, the first 500 of a trial, are
summed up in lists and known to filters, the others shown by ``kleio stats`` alone. What could not be kept is warned
of once and counted in the record. Reading (``load_statistic``, ``load_artifacts``) is another matter: a script that
resumes must not mistake a database that is down for an empty history, so these raise ``kleio.errors.KleioError``.
Only under ``kleio --offline``, which runs without the journal on purpose, they give what this attempt recorded
itself, and warn once that nothing earlier is known. ``AnalyzeLogger``, which attaches a later statistic to another
trial (:mod:`kleio.client.remarks`), raises as well.
"""

from __future__ import annotations

import errno
import os

from kleio.client.unrecorded import pass_by, print_line, shown
from kleio.spool import blobs
from kleio.spool.complaint import KleioWarning, called, complain
from kleio.spool.handshake import Handshake
from kleio.spool.interruption import raised_by_handler
from kleio.spool.records.file import too_large
from kleio.spool.records.jsonline import encode
from kleio.spool.records.log import SpoolWriter
from kleio.spool.records.restoration import RESUME, is_number
from kleio.spool.records.statistic import dumps
from kleio.spool.records.values import TooLarge, normalise, normalise_members
from kleio.spool.records.writers import own_rank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from os import PathLike
    from typing import IO, Any

    from kleio.client.remarks import AnalyzeLogger

__all__ = ["AnalyzeLogger", "KleioLogger", "KleioWarning", "kleio_logger"]

_RECORDS = {"statistics": "statistic", "artifacts": "artifact", "resources": "resource", RESUME: "checkpoint"}
"""What a record of each stream is."""


class KleioLogger:
    """One for a process is enough: :data:`kleio_logger`. Threads may share it, forked processes may go on using it."""

    def __init__(self) -> None:
        self._writer: SpoolWriter | None = None
        self._looked = False

    @property
    def is_managed(self) -> bool:
        """Whether kleio started this process, so that something is recorded."""
        return self._connect() is not None

    def log_statistic(self, /, **values: Any) -> bool:
        """Record named values: numbers, text, dates, lists, dicts, arrays, anything. True if they are kept,
        or, without kleio, printed.

        Every name is allowed. ``durable=True`` (exactly ``True``) is not a value but asks to survive a power cut as
        well, which costs a wait for the disk. Without any value nothing is recorded, and warned of once: it may be a
        slip, or a dict that had nothing in it this time, which must not end a training run.
        """
        durable = "durable" in values and values["durable"] is True
        if durable:
            del values["durable"]
        if not values:
            complain("empty", "log_statistic was called without values; nothing is recorded")
            return False
        try:
            writer = self._writer or self._connect()
            if writer is None:
                return print_line(values=values)
            if writer.append_json("statistics", dumps(values), durable) is not None:
                return True
            _own_up(writer, "statistics", values)
        except Exception as error:  # nothing that happens in here may end a training run
            self._failed("statistics", values, error)
        return False

    def log_artifact(
        self,
        filename: str | PathLike[str],
        fileobj: IO[bytes] | IO[str] | bytes | str | PathLike[str],
        /,
        **metadata: Any,
    ) -> bool:
        """Record a file under a name of your choice. True if it is kept, or, without kleio, its name is printed.

        ``fileobj`` is a binary or text file (taken from its beginning if it can be rewound), bytes, or a path. Its
        content is copied before this returns. ``metadata`` finds it again: ``load_artifacts("weights", epoch=10)``.
        ``durable=True`` as in :meth:`log_statistic`. An error while reading ``fileobj`` is raised; then nothing of it
        is kept.
        """
        durable = metadata.get("durable") is True
        if durable:
            del metadata["durable"]
        name = os.fsdecode(filename)
        writer = self._connect()
        if writer is None:
            pass_by(fileobj)
            return print_line("artifact", shown(name), values=metadata)
        try:
            blobs.refuse_if_full(writer.directory)
            content = blobs.hold(writer.directory, fileobj, durable=durable)
            data = content.pop("data", None)
            body = encode({"name": normalise(name), **content, "metadata": normalise(metadata) if metadata else {}})
            if data is not None:  # base64 has nothing to escape, and is most of the record
                body = f'{body[:-1]},"data":"{data}"}}'
            if writer.append_json("artifacts", body, durable) is not None:
                return True
            _own_up(writer, "artifacts", [name])
        except blobs.Unreadable as error:
            raise error.__cause__ or error from None
        except Exception as error:  # as above: the disk is full, the spool is gone …
            self._failed("artifacts", [name], error)
        return False

    def log_resource(
        self,
        name: str | PathLike[str],
        source: IO[bytes] | IO[str] | bytes | str | PathLike[str] | None = None,
        /,
        **metadata: Any,
    ) -> bool:
        """Record an input by its name, size and digest; its bytes are read but not copied. True if that is
        kept, or, without kleio, the name is printed.

        ``source`` is a file object (left at the position where it was), bytes, or the path of a file or directory.
        Without one, ``name`` itself is looked at if it is a path, and recorded as a mere name (an address, a table)
        if it is not. An error while reading ``source`` is raised.
        """
        label = os.fsdecode(name)
        writer = self._connect()
        if writer is None:
            if source is not None:
                pass_by(source, directories=True)
            return print_line("resource", shown(label), values=metadata)
        try:
            from kleio.client import resources  # inside: a process without a descriptor to spare cannot even import

            body = {"name": normalise(label), **resources.describe(label, source), "metadata": normalise(metadata)}
            if writer.append_json(resources.STREAM, encode(body)) is not None:
                return True
            _own_up(writer, "resources", [label])
        except blobs.Unreadable as error:
            raise error.__cause__ or error from None
        except Exception as error:  # as above
            self._failed("resources", [label], error)
        return False

    def resume_from(self, /, **keys: Any) -> bool:
        """Tell that this attempt goes on from a checkpoint: ``resume_from(epoch=10)``. True if that is kept,
        or, without kleio, printed. What is no number is warned of, with and without kleio.

        What earlier attempts logged beyond it (epoch 11 and later) is about to be logged again: from now on views and
        ``load_…`` leave it out. Nothing is deleted. Several keys are compared in the order given, as year, month and
        day are. ``durable=True`` as in :meth:`log_statistic`.
        """
        durable = keys.get("durable") is True
        if durable:
            del keys["durable"]
        writer = self._connect()
        try:
            numbers = normalise_members(keys)
            if not numbers or not all(is_number(value) for value in numbers.values()):
                mistake = " ".join(f"{name} {type(value).__name__}" for name, value in keys.items())
                needed = f"resume_from needs numbers by name, not {shown(keys)}; nothing is hidden"
                complain(f"resume_from {mistake}", needed)
            elif writer is None:
                return print_line("resume from", values=keys)
            elif writer.append_json(RESUME, encode(numbers), durable) is not None:
                return True
            else:
                _own_up(writer, RESUME, keys)
        except Exception as error:  # as above
            self._failed(RESUME, keys, error)
        return False

    def flush(self) -> bool:
        """Make everything that this process logged survive a power cut. False if the disk refuses, now or the latest
        record; True without kleio."""
        writer = self._connect()
        return writer is None or (writer.sync() and not writer.refused)

    def load_config(self) -> dict[str, Any]:
        """The configuration of this trial: the options of its command line by name, positional ones as ``_pos_N``.

        Needs no journal.
        """
        spool = self._spool()
        if spool is None:
            return {}
        from kleio.client.reading import load_config

        return load_config(spool)

    def load_statistic(self, *names: str) -> list[dict[str, Any]]:
        """What this trial logged so far, in all attempts and before its branch: records that have all ``names``."""
        spool = self._spool()
        if spool is None:
            return []
        from kleio.client.reading import load_statistic

        return load_statistic(spool, names)

    def load_artifacts(
        self, filename: str | PathLike[str], query: Mapping[str, Any] | None = None, /, **metadata: Any
    ) -> Iterator[tuple[IO[bytes], dict[str, Any]]]:
        """The artifacts of this trial with this name and metadata, oldest first: pairs of a binary file and metadata.

        A file is opened when it is first used, so that a list of thousands holds no descriptors. ``query`` is the
        same as ``metadata``, for names that are no keywords.
        """
        spool = self._spool()
        if spool is None:
            return iter(())
        from kleio.client.reading import load_artifacts

        return load_artifacts(spool, os.fsdecode(filename), {**(query or {}), **metadata})

    def _connect(self) -> SpoolWriter | None:
        if not self._looked:
            shake = Handshake.from_environ(os.environ)
            self._writer = SpoolWriter(shake.spool, about=own_rank) if shake is not None else None
            self._looked = True
        return self._writer

    def _spool(self) -> str | None:
        writer = self._connect()
        return writer.directory if writer is not None else None

    def _failed(self, stream: str, names: Iterable[str], error: Exception) -> None:
        if raised_by_handler(error):
            raise error
        reason = error if isinstance(error, OSError) else OSError(errno.EINVAL, f"{type(error).__name__}: {error}")
        if isinstance(error, TooLarge):
            reason = too_large(stream)
        if self._writer is not None:
            self._writer.lose(reason, 0)
            self._writer.own_up()
        _warn_of(stream, names, reason)


def _own_up(writer: SpoolWriter, stream: str, names: Iterable[str]) -> None:
    writer.own_up()
    _warn_of(stream, names, writer.failure)


def _warn_of(stream: str, names: Iterable[str], failure: OSError | None) -> None:
    """Once for each stream and cause, by the first record that is lost."""
    if failure is not None:
        what = f"the {_RECORDS[stream]} {called(*names)} could not be recorded"
        complain(f"lost {stream} {failure.errno}", f"{what}: {failure.strerror or failure}")


def __getattr__(name: str) -> Any:
    """``AnalyzeLogger`` talks to the journal; what that needs is imported for those who ask for it."""
    if name == "AnalyzeLogger":
        from kleio.client.remarks import AnalyzeLogger

        return AnalyzeLogger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


kleio_logger = KleioLogger()
"""The logger of this process."""

if Handshake.from_environ(os.environ) is not None:
    # A child that is forked while a thread imports something waits for that thread for ever when it imports that, too.
    import encodings.ascii  # noqa: F401

    from kleio.client import resources  # noqa: F401  (and what hashes)
