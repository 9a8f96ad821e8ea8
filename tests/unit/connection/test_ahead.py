from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from harness.waiting import until
from kleio.connection.ahead import read_ahead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Server:
    """Pages, and which of them were asked for, in which threads."""

    def __init__(self, pages: int, fails_at: int | None = None) -> None:
        self.asked: list[int] = []
        self.threads: set[int] = set()
        self.pages = self._pages(pages, fails_at)

    def _pages(self, pages: int, fails_at: int | None) -> Iterator[bytes]:
        for number in range(pages):
            self.asked.append(number)
            self.threads.add(threading.get_ident())
            if number == fails_at:
                raise ConnectionError("the server is gone")
            yield b"%d" % number


@pytest.mark.parametrize("pages", [0, 1, 2, 3, 7])
def test_all_pages_come_in_their_order(pages: int) -> None:
    assert list(read_ahead(Server(pages).pages)) == [b"%d" % number for number in range(pages)]


def test_two_pages_are_asked_for_here() -> None:
    server = Server(7)
    pages = read_ahead(server.pages)
    assert next(pages) == b"0"
    assert server.asked == [0]
    assert list(read_ahead(Server(2).pages)) == [b"0", b"1"]
    assert next(pages) == b"1"
    until(lambda: server.asked == [0, 1, 2], "the third page to be asked for")
    assert len(server.threads) == 2


def test_the_next_page_comes_while_the_one_before_it_is_worked_on() -> None:
    server = Server(7)
    pages = read_ahead(server.pages)
    assert [next(pages), next(pages), next(pages)] == [b"0", b"1", b"2"]
    until(lambda: server.asked == [0, 1, 2, 3], "the fourth page to be asked for")


@pytest.mark.parametrize("fails_at", [0, 1, 2, 5])
def test_a_failure_strikes_where_the_page_was_to_come(fails_at: int) -> None:
    found = []
    with pytest.raises(ConnectionError, match="the server is gone"):  # noqa: PT012 (what came before it counts)
        for page in read_ahead(Server(7, fails_at).pages):
            found.append(page)
    assert found == [b"%d" % number for number in range(fails_at)]


SLOW = """
import sys, time
from kleio.connection.ahead import read_ahead

def slow():
    yield from (b"0", b"1")
    time.sleep(1_000_000)

pages = read_ahead(slow())
print(next(pages), next(pages), flush=True)
pages.close()
"""
LATE = """
import atexit
from kleio.connection.ahead import read_ahead

atexit.register(lambda: print(list(read_ahead(iter([b"0", b"1", b"2", b"3"])))))
"""


@pytest.mark.parametrize(
    ("script", "printed"), [(SLOW, "b'0' b'1'\n"), (LATE, "[b'0', b'1', b'2', b'3']\n")], ids=["early", "late"]
)
def test_neither_who_stops_early_nor_the_end_of_a_process_waits_for_a_page(script: str, printed: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (printed, "")
