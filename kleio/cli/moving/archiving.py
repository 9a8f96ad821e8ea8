"""Archives on the command line: files, stdin and stdout, and what is said about them."""

from __future__ import annotations

import sys

from kleio.errors import ArchiveCorrupt, KleioError, TrialBusy, UsageError
from kleio.units import counted, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from kleio.cli.context import Context
    from kleio.cli.moving.transfers import Wish
    from kleio.moving.archive_writer import Written
    from kleio.moving.selection import Selection

PIPE = "-"


def export(context: Context, wish: Wish, file: str, *, force: bool, dry_run: bool, as_json: bool) -> None:
    """Write the archive and say what is in it."""
    from kleio.dataclass import asdict
    from kleio.moving.archive_writer import Written
    from kleio.moving.selection import Selection
    from kleio.moving.whole_file import WholeFile

    if file == PIPE and (as_json or _is_terminal()):
        raise UsageError("an archive is no text: send stdout into a file or a pipe, without --json")
    whole = None if file == PIPE else WholeFile(file, replace=force)
    chosen = wish.ids(context.trials)
    if not chosen:
        raise UsageError("there is no trial to export")
    selection = Selection(context.journal, chosen, descendants=wish.descendants)
    written = Written(trials=len(selection.trials))
    if not dry_run:
        try:
            if whole is None:
                written = _write(context, selection, sys.stdout.buffer, wish.running)
                sys.stdout.buffer.flush()
            else:
                with whole as opened:
                    written = _write(context, selection, opened, wish.running)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = "stdout" if whole is None else file
            raise KleioError(
                f"{where} cannot be written: {error.strerror}", hint="choose another place for the archive"
            )
    if as_json:
        sizes = {name: value for name, value in asdict(written).items() if name != "trials"}
        data = {"file": file, "dry_run": dry_run, "selected": chosen, "trials": selection.trials, **sizes}
        context.console.json("export", data)
    context.console.say(_said(file, written, len(selection.trials) - len(set(chosen)), dry_run))


def _write(context: Context, selection: Selection, file: BinaryIO, running: bool) -> Written:
    from kleio.cli.terminal.progress import progress
    from kleio.moving.archive_writer import ArchiveWriter
    from kleio.moving.selection import Waiting

    total = len(selection.trials)
    with ArchiveWriter(file) as writer, progress(context.console, "exporting", total=total, unit="trials") as advance:
        for parcel in selection.parcels(context.blobs, running=running):
            if isinstance(parcel, Waiting):
                raise TrialBusy(
                    f"trial {parcel.trial[:7]} cannot be exported yet: {parcel.why}",
                    hint="wait for its end, or take it as of this moment with --running",
                )
            writer.add(parcel)
            advance(1)
        writer.finish(selection.selected)
        return writer.written


def _said(file: str, written: Written, relatives: int, dry_run: bool) -> str:
    with_them = f", {relatives} of them {'a relative' if relatives == 1 else 'relatives'}" if relatives > 0 else ""
    if dry_run:
        return f"{counted(written.trials, 'trial')} would be exported{with_them} (nothing was done)"
    where = "" if file == PIPE else f" to {file}"
    bytes_ = f", {counted(written.blobs, 'file')} of {size_text(written.bytes)}" if written.blobs else ""
    return f"exported {counted(written.trials, 'trial')}{where}{with_them}{bytes_}"


def open_archive(file: str) -> BinaryIO:
    """The archive as a file that can be read twice: what comes from a pipe is kept in a temporary file first."""
    import shutil
    import tempfile

    try:
        opened = sys.stdin.buffer if file == PIPE else open(file, "rb")
        if file != PIPE and opened.seekable():
            return opened
        kept: BinaryIO = tempfile.TemporaryFile()
        shutil.copyfileobj(opened, kept)
        kept.seek(0)
    except IsADirectoryError:
        raise ArchiveCorrupt(
            f"{file} is a directory, not an archive of kleio",
            hint="for the store of another tool: kleio import sacred|mlflow|guild PATH",
        )
    except OSError as error:
        raise KleioError(f"{file} cannot be read: {error.strerror or error}")
    return kept


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def import_archive(context: Context, file: str, *, dry_run: bool, as_json: bool) -> int:
    """Verify the archive, then bring its trials into the journal; the exit code."""
    from contextlib import closing

    from kleio.cli.moving.transfers import report
    from kleio.cli.terminal.progress import progress
    from kleio.moving.archive_reader import ArchiveReader
    from kleio.moving.delivery import Delivery
    from kleio.moving.transfer import transfer

    name = "what came from stdin" if file == PIPE else file
    with open_archive(file) as opened, closing(ArchiveReader(opened, name)) as reader:
        with progress(context.console, "verifying", total=reader.size, unit="bytes") as advance:
            contents = reader.verify(advance)
        journal = context.journal if dry_run else context.writable_journal()
        parcels = (reader.parcel(trial) for trial in contents.trials)
        moved = transfer(parcels, Delivery(journal, context.blobs), dry_run=dry_run)
        return report(context, "import", moved, total=len(contents.trials), dry_run=dry_run, as_json=as_json)
