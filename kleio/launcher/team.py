"""One trial for all tasks that a scheduler starts with the same line: ``srun kleio python train.py``.

The task of rank 0 is the launcher: it reserves the trial, records, and closes. The others do not compete with it. They
wait until it has written what it runs into a file below the data directory, which on a cluster is a directory that all
nodes see, and become that command, with the environment that makes their statistics and artifacts part of the same
attempt; what they print goes where the scheduler puts it. Each holds a lock in the spool for its life, which ``exec``
keeps: the launcher closes the trial when the last one is gone. It does not wait for them if its own command failed, for
the scheduler must hear of that to end those that hang now.

Tasks are told by ``SLURM_*`` or, below ``mpirun``, by ``OMPI_COMM_WORLD_*`` and ``PMIX_NAMESPACE``.
"""

from __future__ import annotations

import errno
import json
import os

from kleio.dataclass import dataclass
from kleio.encoding import digest_of
from kleio.errors import KleioError, SettingsError, TrialBusy
from kleio.launcher import child
from kleio.launcher.seeing_out import SeeingOut
from kleio.settings import prepare_data
from kleio.spool.attempt.locks import OWNERS_TRIES, hold_lock
from kleio.spool.attempt.members import lock_name
from kleio.spool.attempt.whole import write_whole
from kleio.spool.handshake import TRIAL_ID, child_environment, refusal
from kleio.spool.keeper import pause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.launcher.attempt import Attempt
    from kleio.launcher.request import LaunchRequest
    from kleio.settings import Settings

PATIENCE = 60.0
"""Seconds for which a task waits for that of rank 0 to say what it runs."""
LOOK = 0.1
OLD = 24 * 3600.0
"""Seconds after which the files of steps that are over are removed."""
_TASKS = (
    ("SLURM_PROCID", ("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"), ("SLURM_JOB_ID", "SLURM_STEP_ID")),
    ("OMPI_COMM_WORLD_RANK", ("OMPI_COMM_WORLD_SIZE",), ("PMIX_NAMESPACE",)),
)


@dataclass(frozen=True)
class Team:
    """The tasks of one step that run one line; ``rank`` is this one's place."""

    rank: int
    size: int
    path: str
    """The file by which they meet."""

    @staticmethod
    def of(environ: Mapping[str, str], request: LaunchRequest) -> Team | None:
        """``None`` for a command that is alone, or is run inside of another trial."""
        if TRIAL_ID in environ:
            return None
        for rank, sizes, names in _TASKS:
            size = next((environ[name] for name in sizes if name in environ), "")
            step = [environ.get(name, "") for name in names]
            if _number(environ.get(rank, "")) is not None and (_number(size) or 0) > 1 and all(step):
                meeting = {"step": [*step, environ.get("SLURM_RESTART_COUNT", "")], "words": [*request.words]}
                name = f"{digest_of({**meeting, 'cwd': os.getcwd()})[:32]}.json"
                return Team(int(environ[rank]), int(size), os.path.join(request.settings.data, "teams", name))
        return None

    def begin(self, settings: Settings, clock: Clock) -> None:
        """Of rank 0: nothing is known yet."""
        prepare_data(settings)
        directory = os.path.dirname(self.path)
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            for name in os.listdir(directory):
                _tidy(os.path.join(directory, name), self.path, clock)
        except OSError as error:
            raise SettingsError(
                f"the tasks of this step cannot meet in {error.filename or directory}: {error.strerror}",
                hint="set KLEIO_DATA to a directory of yours that all nodes see",
            ) from error

    def tell(self, attempt: Attempt, clock: Clock) -> None:
        """Of rank 0: this is being run."""
        SeeingOut(attempt, self.size - 1, clock).begin()
        file, target = attempt.attempt, attempt.prepared.target
        self._write(
            {
                "trial": file.trial, "attempt": file.attempt, "spool": attempt.directory,
                "argv": list(target.argv), "path": target.path, "cwd": target.cwd,
            }
        )  # fmt: skip

    def refuse(self, code: int) -> None:
        """Of rank 0: nothing is run; the others end with the same code. What is run already runs on, with them."""
        if not os.path.lexists(self.path):
            self._write({"exit": code})

    def end(self) -> None:
        """Of rank 0: it was run."""
        self._write({"over": True})

    def _write(self, content: Mapping[str, Any]) -> None:
        try:
            write_whole(self.path, json.dumps(content).encode("ascii"), durable=False)
        except OSError:
            pass  # the others will say that they heard nothing

    def join(self, clock: Clock) -> int:
        """Of the others: become the command that rank 0 runs, or return the code with which that one was refused.

        Raises a ``KleioError`` if this task cannot take part.
        """
        told = self._await(clock)
        if "exit" in told:
            return int(told["exit"])
        if "over" in told:
            raise TrialBusy(f"task {self.rank} came too late: the trial of task 0 is over already")
        spool = str(told["spool"])
        reason = refusal(spool)
        if reason:
            raise _apart(f"{reason} on {os.uname().nodename}")
        own = child_environment({}, told["trial"], told["attempt"], spool)
        environment = child.initial_environment()
        environment.update({os.fsencode(name): os.fsencode(value) for name, value in own.items()})
        self._hold_lock(spool)
        try:
            os.chdir(told["cwd"])
        except OSError as error:
            raise _apart(f"{told['cwd']}: {error.strerror} on {os.uname().nodename}") from error
        try:
            child.become(told["path"], told["argv"], environment)
        except OSError as error:
            raise child.command_error(told["path"], error.errno or errno.EIO) from error

    def _hold_lock(self, spool: str) -> None:
        """Of the others: until the end of the command that this process becomes."""
        try:
            lock = hold_lock(spool, lock_name(self.rank), tries=OWNERS_TRIES)
        except BlockingIOError as error:
            raise _apart(f"another process is its task {self.rank} already") from error
        except OSError as error:
            raise _apart(f"it cannot lock its place in {spool}: {error.strerror}") from error
        os.set_inheritable(lock, True)

    def _await(self, clock: Clock) -> Mapping[str, Any]:
        until = clock.monotonic() + PATIENCE
        while clock.monotonic() < until:
            try:
                with open(self.path, encoding="ascii") as file:
                    content: dict[str, Any] = json.load(file)
                return content
            except (FileNotFoundError, ValueError):
                pause(LOOK)
            except OSError as error:
                if error.errno != errno.ESTALE:  # task 0 put another file in its place
                    raise _apart(f"{self.path}: {error.strerror}") from error
                pause(LOOK)
        raise _apart(f"task 0 has not said within {PATIENCE:g} s what it runs")


def _apart(reason: str) -> KleioError:
    return TrialBusy(
        f"this task cannot take part in the trial of task 0: {reason}",
        hint="`kleio srun COMMAND` needs one kleio only; or name a directory that all nodes see in KLEIO_DATA",
    )


def _tidy(path: str, own: str, clock: Clock) -> None:
    try:
        if path == own or os.stat(path).st_mtime < clock.wall() - OLD:
            os.unlink(path)
    except FileNotFoundError:
        pass  # another step tidies up as well


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
