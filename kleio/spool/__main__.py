"""``python -m kleio.spool DIRECTORY``: the shipper that replaces a front that died.

Started by the supervisor, ends with the attempt. Exits with 0 when there is nothing left to do, with 75 when the
journal could not be reached within the flush deadline after the end; then the next kleio on this machine ships the
rest.
"""

from __future__ import annotations

import os
import signal
import sys

from kleio.clock import SystemClock
from kleio.errors import JournalUnreachable, KleioError
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.attempt.locks import supervisor_alive
from kleio.spool.attempt.orders import Order, leave_order
from kleio.spool.attempt.processes import descendants
from kleio.spool.attempt.removal import take_over
from kleio.spool.attempt.story import story
from kleio.spool.keeper import Keeper, pause
from kleio.spool.records.log import SpoolWriter
from kleio.spool.samples import Sampler, Sampling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.journal.contract import Journal

WRITER = "successor"
"""The name of the file in which this process goes on with what the front recorded."""


def main(directory: str) -> int:
    """Keep the attempt until it is over."""
    try:
        lock = take_over(directory)
    except OSError:
        return 0  # somebody else ships it, or it is done
    try:
        return _keep(directory)
    except KleioError as error:
        sys.stderr.write(f"kleio: {error}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"kleio: {error.filename or directory}: {error.strerror or error}\n")
        return JournalUnreachable.exit_code  # the next one may fare better
    finally:
        os.close(lock)


def _keep(directory: str) -> int:
    from kleio.artifacts.registry import open_blobs
    from kleio.journal.registry import open_journal

    attempt = read_attempt(directory)
    address = attempt.journal

    def journal() -> Journal:
        return open_journal(address, create=attempt.offline is not None)

    def obey(order: Order) -> None:
        leave_order(directory, order)

    keeper = Keeper(directory, journal, lambda: open_blobs(address), SystemClock(), on_order=obey)
    writer = SpoolWriter(directory, WRITER)
    sampling = _sampling(writer, attempt.samples)
    try:
        sampling.start()
        keeper.care.start()
        while supervisor_alive(directory) and story(directory).exit is None:
            pause(keeper.step())
        sampling.stop()
        writer.close()
        return 0 if keeper.finish(attempt.flush_deadline) else 75
    finally:
        keeper.close()


def _sampling(writer: SpoolWriter, interval: float) -> Sampling:
    """Samples of what the supervisor, which started this process, has below it; this process is none of that."""
    supervisor, own = os.getppid(), os.getpid()

    def command(root: int) -> list[int]:
        return [pid for pid in descendants(root) if pid != own] if os.getppid() == root else []

    sampler = Sampler(supervisor, command, SystemClock())
    return Sampling(sampler.sample, writer, interval if supervisor > 1 else 0.0, begin=sampler.sample)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(main(sys.argv[1]))
