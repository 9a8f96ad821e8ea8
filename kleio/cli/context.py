"""What commands share, each opened when first asked for: settings, journal, blobs, trials, console."""

from __future__ import annotations

import os

from kleio.errors import TrialNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from kleio.analysis.query import Trials
    from kleio.analysis.trial import Trial
    from kleio.artifacts.contract import BlobStore
    from kleio.cli.terminal.console import Console
    from kleio.journal.contract import Journal
    from kleio.settings import Settings


LEFTOVERS_DEADLINE = 2.0
"""Seconds after which a reading command begins with no further leftover."""


class Context:
    """``ctx.obj`` of every command. ``flags`` are kleio's own options that name settings."""

    def __init__(
        self,
        console: Console,
        flags: Mapping[str, Any],
        environ: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self.console = console
        self.environ = os.environ if environ is None else environ
        self.cwd = cwd or _working_directory()
        self.flags = flags
        self._settings: Settings | None = None
        self._journal: Journal | None = None
        self._blobs: BlobStore | None = None

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            from kleio.settings import load_settings
            from kleio.spool.enclosing import with_password

            self._settings = with_password(load_settings(self.flags, self.environ, self.cwd), self.environ)
        return self._settings

    @property
    def journal(self) -> Journal:
        """Opened for reading: a journal that is not there yet is an empty one."""
        if self._journal is None:
            from kleio.analysis.opening import open_for_reading

            with self.waiting():
                self.send_leftovers()
                self._journal = open_for_reading(self.settings.journal, on_wait=self.remark)
        return self._journal

    def writable_journal(self) -> Journal:
        """Opened for registering trials: made if it is not there yet."""
        from kleio.journal.registry import open_journal

        if self._journal is None:
            with self.waiting():
                self.send_leftovers()
                self._journal = open_journal(self.settings.journal, on_wait=self.remark, on_made=self.tell_of_made)
        return self._journal

    def untouched_journal(self) -> Journal:
        """The journal as it stands, without telling it first what dead launchers left."""
        if self._journal is None:
            from kleio.analysis.opening import open_for_reading

            with self.waiting():
                self._journal = open_for_reading(self.settings.journal, on_wait=self.remark)
        return self._journal

    def waiting(self) -> AbstractContextManager[None]:
        """Inside is the first contact with the journal: if it takes long, the user is told whom one waits for."""
        from contextlib import nullcontext

        from kleio.journal.registry import server

        host = server(self.settings.journal)
        if host is None:
            return nullcontext()
        from kleio.cli.terminal.progress import remark_after

        return remark_after(self.console, f"connecting to {host}…")

    def remark(self, text: str) -> None:
        """Tell somebody who waits at a terminal what for."""
        from kleio.cli.terminal.progress import remark

        remark(self.console, text)

    def tell_of_made(self, path: str) -> None:
        """Tell that a journal was made, which one who has lost sight of the old one did not mean."""
        from kleio.spool.leftover import news_of_made

        text, is_warning = news_of_made(path, self.settings.data)
        (self.console.warn if is_warning else self.console.say)(text)

    def send_leftovers(self) -> None:
        """What launchers that died here could not tell the journal is told now, so that what is read is the truth."""
        from kleio.spool.leftover import leftovers

        waiting = leftovers(self.settings.data)
        if not waiting:
            return
        from kleio.artifacts.registry import open_blobs
        from kleio.clock import SystemClock
        from kleio.journal.registry import open_journal
        from kleio.spool.recover import recover

        opened: list[Journal] = []  # not the journal for reading, which may stand in for one that is not there yet

        def writing(address: str, *, create: bool) -> Journal:
            if not opened:
                made = self.tell_of_made
                opened.append(open_journal(address, create=create, on_wait=self.remark, on_made=made))
            return opened[0]

        address = self.settings.journal
        recover(waiting, writing, open_blobs, SystemClock(), address=address, deadline=LEFTOVERS_DEADLINE)
        for journal in opened:
            journal.close()

    @property
    def blobs(self) -> BlobStore:
        if self._blobs is None:
            from kleio.artifacts.registry import open_blobs

            self._blobs = open_blobs(self.settings.journal)
        return self._blobs

    @property
    def trials(self) -> Trials:
        from kleio.analysis.query import Trials
        from kleio.spool.attempt.directory import spool_roots

        return Trials(self.journal, spools=tuple(spool_roots(self.settings.data, self.environ)))

    def select(self, word: str, *, trash: bool | None = False) -> Trial:
        """The one trial that the user meant by ``word``; ``trash``: one of those in the trash (``None``: of all)."""
        try:
            return self.trials.trial(word, trash=trash)
        except TrialNotFound as error:
            if word and os.path.exists(os.path.join(self.cwd, word)):
                error.hint = "for a program that has the name of one of kleio's commands: kleio -- PROGRAM ARGUMENTS…"
            raise

    def close(self) -> None:
        """Let go of what was opened. Safe to repeat."""
        if self._blobs is not None:
            self._blobs.close()
            self._blobs = None
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def _working_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # somebody removed it
        return "/"
