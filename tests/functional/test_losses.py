"""What could not be kept is said wherever one looks, with count and cause; the script is left alone."""

from __future__ import annotations

SCRIPT = """\
import warnings
from kleio.client.logger import kleio_logger
warnings.simplefilter("ignore")
for step in range(3):
    print(kleio_logger.log_statistic(step=step, text="x" * (step << 20)))
"""
WORDS = "2 records lost: a record holds at most 1 MiB"


def test_lost_records_are_told_at_the_end_and_shown_later(kleio, repo):
    (repo / "large.py").write_text(SCRIPT)
    done = kleio("python", "large.py")
    assert (done.code, done.out) == (0, b"True\nFalse\nFalse\n")
    assert done.words.count(WORDS) == 1
    trial = done.trial
    assert f"incomplete    {WORDS}" in kleio("info", trial).out.decode()
    assert f"trial {trial} is incomplete: {WORDS}" in kleio("stats", trial).words
    assert kleio("python", "train.py", "--epochs", "1").code == 0
    (listed,) = kleio("ls", "--where", "lost > 0", "--columns", "id,lost").out.decode().splitlines()[-1:]
    assert listed.split() == [trial, "2"]
    assert "incomplete" not in kleio("info", kleio.ids()[0]).out.decode()
