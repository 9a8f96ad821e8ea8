from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from kleio.artifacts.sending import Sending


def test_what_is_sent_arrives_while_the_caller_goes_on() -> None:
    may, sent = threading.Event(), []
    sending = Sending(lambda: (may.wait(), sent.append(1)))
    assert not sent
    may.set()
    sending.arrive()
    assert sent == [1]


def test_what_went_wrong_is_raised_where_it_is_waited_for() -> None:
    sending = Sending(lambda: 1 / 0)
    sending.join()
    with pytest.raises(ZeroDivisionError):
        sending.arrive()


def test_without_a_thread_it_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    sent: list[int] = []
    Sending(lambda: sent.append(1)).arrive()
    assert sent == [1]


def test_a_process_that_ends_does_not_wait() -> None:
    program = "import threading; from kleio.artifacts.sending import Sending; Sending(threading.Event().wait)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
