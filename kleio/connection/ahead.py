"""The next page of a long answer, fetched while the one before it is worked on.

A server far away takes its time for each page. Who asks for a second one will want the third.
"""

from __future__ import annotations

import queue
import threading
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Answer = tuple[bytes | None, Exception | None]


def read_ahead(pages: Iterator[bytes]) -> Iterator[bytes]:
    """The same pages, from the third on fetched in a thread, one before it is asked for.

    Who stops early waits for nothing, nor does the end of the process: a page on its way is forgotten.
    """
    yield from islice(pages, 1)
    page = next(pages, None)
    while page is not None:
        coming = _fetched(pages)
        yield page
        page = next(pages, None) if coming is None else _taken(coming)


def _fetched(pages: Iterator[bytes]) -> queue.SimpleQueue[Answer] | None:
    """Where the next page will be; ``None`` where there are no threads to be had, as at the end of a process."""
    coming: queue.SimpleQueue[Answer] = queue.SimpleQueue()

    def fetch() -> None:
        try:
            coming.put((next(pages, None), None))
        except Exception as error:  # noqa: BLE001 - it is raised where the page is taken
            coming.put((None, error))

    try:
        threading.Thread(target=fetch, name="kleio-page", daemon=True).start()
    except RuntimeError:
        return None
    return coming


def _taken(coming: queue.SimpleQueue[Answer]) -> bytes | None:
    page, error = coming.get()
    if error is not None:
        raise error
    return page
