"""Every failure that kleio expects, as one tree.

::

    KleioError                     125   refused or failed
    ├── UsageError                   2   the line that was typed cannot be understood
    │   └── FilterError                  the filter cannot be understood
    ├── SettingsError              125   a settings file, variable or flag cannot be used
    ├── TrialNotFound              125
    ├── TrialAmbiguous             125
    ├── TrialRefused               125   this trial may not run now
    │   ├── TrialCompleted
    │   ├── TrialBroken
    │   ├── TrialChanged                 code, environment or configuration differ
    │   ├── TrialExists                  it was made before
    │   └── TrialDiverged                two journals have different histories of it
    ├── TrialBusy                   75   another launcher runs it: try again later
    ├── SecretNeeded               125   a recorded command misses its secrets
    ├── JournalError               125
    │   ├── JournalUnreachable      75
    │   ├── JournalLocked           75
    │   ├── JournalReadOnly
    │   ├── JournalFull                  no space is left for it
    │   ├── JournalCorrupt
    │   └── JournalTooNew
    ├── CodeUnknown                 75   git does not say in time which project this is
    ├── CodeLost                   125   recorded code is not to be had any more
    ├── CheckoutFailed             125   it cannot be written here
    ├── ArchiveCorrupt             125   not an archive of kleio, damaged, or cut short
    ├── StoreUnreadable            125   the store of another tool is not what it should be
    ├── ArtifactRefused            125   an artifact's name must not become a file here
    ├── BlobMissing                125
    ├── BlobCorrupt                125
    ├── ExtraMissing               125   an optional library is needed
    ├── SpoolError                 125   local disk refuses the write-ahead log
    ├── OutputFailed               125   stdout, or a file that was asked for, refuses a result
    ├── CommandNotExecutable       126
    └── CommandNotFound            127

An error says what failed and on which trial; ``hint`` names the command that mends it. The class docstring is the
message when none is given. ``exit_code`` follows the conventions of ``env``, ``timeout`` and ``sysexits.h``:
75 is EX_TEMPFAIL, 125 means that kleio itself failed before the command started.
"""

from __future__ import annotations


class KleioError(Exception):
    """Kleio could not do what was asked."""

    exit_code = 125

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.hint = hint
        super().__init__(self.message)


class UsageError(KleioError):
    """The command line cannot be understood."""

    exit_code = 2


class FilterError(UsageError):
    """The filter cannot be understood."""

    def __str__(self) -> str:
        """With the hint: it is raised in notebooks, too, where nobody prints that."""
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class SettingsError(KleioError):
    """A setting cannot be used."""


class TrialNotFound(KleioError):
    """No such trial."""


class TrialAmbiguous(KleioError):
    """More than one trial fits."""


class TrialRefused(KleioError):
    """This trial may not run now."""


class TrialCompleted(TrialRefused):
    """This trial is completed and will not run again."""


class TrialBroken(TrialRefused):
    """This trial is broken."""


class TrialChanged(TrialRefused):
    """Something changed since this trial last ran."""


class TrialExists(TrialRefused):
    """This trial exists already."""


class TrialDiverged(TrialRefused):
    """This trial was run in both journals, each without the other."""


class TrialBusy(KleioError):
    """This trial is already running."""

    exit_code = 75


class SecretNeeded(KleioError):
    """The recorded command misses its secrets."""


class JournalError(KleioError):
    """The journal failed."""


class JournalUnreachable(JournalError):
    """The journal cannot be reached."""

    exit_code = 75


class JournalLocked(JournalError):
    """The journal is locked by another process."""

    exit_code = 75


class JournalReadOnly(JournalError):
    """The journal cannot be written."""


class JournalFull(JournalError):
    """No space is left for the journal."""


class JournalCorrupt(JournalError):
    """The journal is damaged."""


class JournalTooNew(JournalError):
    """The journal was written by a newer kleio."""


class ArchiveCorrupt(KleioError):
    """This is not an archive of kleio, or it is damaged."""


class StoreUnreadable(KleioError):
    """The store of another tool cannot be read."""


class ArtifactRefused(KleioError):
    """The name of an artifact cannot become the name of a file here."""


class CodeUnknown(KleioError):
    """Git did not say in time to which project this belongs."""

    exit_code = 75


class CodeLost(KleioError):
    """The recorded code is not to be had any more."""


class CheckoutFailed(KleioError):
    """The recorded code cannot be written here."""


class BlobMissing(KleioError):
    """The journal does not hold these bytes."""


class BlobCorrupt(KleioError):
    """Stored bytes do not match their digest."""


class ExtraMissing(KleioError):
    """This needs a library that is not installed."""

    @staticmethod
    def of(library: str, extra: str, what: str) -> ExtraMissing:
        """``what`` needs ``library``, which ``kleio[extra]`` brings."""
        return ExtraMissing(f"{what} needs {library}, which is not installed", hint=f"pip install 'kleio[{extra}]'")


class SpoolError(KleioError):
    """The write-ahead log cannot be written."""


class OutputFailed(KleioError):
    """Stdout, or a file that was asked for, cannot be written."""


class CommandNotExecutable(KleioError):
    """The command cannot be executed."""

    exit_code = 126


class CommandNotFound(KleioError):
    """The command was not found."""

    exit_code = 127
