"""A process of kleio dies at each named point; the next command always finds the right state.

The names are those of ``kleio.failpoints.OF_A_RUN``: a point that no run reaches fails here.
"""

from __future__ import annotations

import pytest

from kleio.failpoints import OF_A_RUN

COMMAND = ("sh", "-c", "echo begin; echo $$ >>ran.log; sleep 0.3; echo end")
OUTPUT = b"begin\nend\n"

NOT_STARTED = {"before_reserve", "after_reserve", "after_spool_open"}
COMMAND_DIES = {"after_spawn", "before_exit_record"}
"""Points of the supervisor: the command ends with it."""
ENDED = {
    "after_running", "after_exit_record", "before_ship", "after_ship", "before_ack", "before_close", "after_close",
    "before_spool_delete",
}  # fmt: skip
"""The command runs to its end, whoever dies here."""


def test_every_point_has_an_expectation():
    assert NOT_STARTED | COMMAND_DIES | ENDED == OF_A_RUN


def test_every_point_is_reached(kleio, tmp_path):
    log = tmp_path / "hit"
    done = kleio(*COMMAND, env={"KLEIO_FAILPOINT": "before_ship:sleep=0", "KLEIO_FAILPOINT_LOG": str(log)})
    assert done.code == 0, done.words
    assert set(log.read_text().split()) == OF_A_RUN


@pytest.mark.parametrize("point", sorted(OF_A_RUN))
def test_death_at_a_point_loses_nothing(kleio, repo, point):
    kleio(*COMMAND, env={"KLEIO_FAILPOINT": f"{point}:kill"})
    kleio.until_settled()
    starts = (repo / "ran.log").read_text().split() if (repo / "ran.log").exists() else []
    assert len(starts) == (0 if point in NOT_STARTED else len(starts[:1]) if point in COMMAND_DIES else 1)

    again = kleio(*COMMAND)
    (trial,) = kleio.ids()
    if point in ENDED:
        assert "is completed and is not run again" in again.refused()
        assert kleio("cat", trial).out == OUTPUT
    else:
        assert again.code == 0, again.words
        assert kleio("cat", "--attempt", str(len(kleio.info(trial)["history"])), trial).out == OUTPUT
    assert kleio.status(trial) == "completed"
    assert kleio.spools() == []
