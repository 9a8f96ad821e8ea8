"""The next page of a long answer, fetched while the one before it is worked on.

A server far away takes its time for each page. Who asks for a second one will want the third.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def read_ahead(pages: Iterator[bytes]) -> Iterator[bytes]:
    """The same pages, from the third on fetched in a thread, one before it is asked for.

    Who stops early waits for nothing: a page on its way comes and is forgotten.
    """
    yield from islice(pages, 1)
    executor = ThreadPoolExecutor(1, "kleio-page")
    try:
        coming = executor.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = executor.submit(next, pages, None)
            yield page
    finally:
        executor.shutdown(wait=False)
