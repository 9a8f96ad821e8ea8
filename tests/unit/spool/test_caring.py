from __future__ import annotations

import os
import shutil

from harness.attempt import log
from harness.waiting import until
from kleio.clock import SystemClock
from kleio.dataclass import replace
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.blobs import FULL
from kleio.spool.caring import Care, record_sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

    from harness.attempt import World


def care_of(world: World) -> Care:
    attempt = replace(read_attempt(world.directory), spool_limit=1)
    return Care(world.directory, lambda: attempt, lambda: True, SystemClock())


def test_what_has_grown_is_synced_and_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    log(world, 1)
    care = care_of(world)
    care.look()
    assert sorted(os.path.basename(path)[:-4] for path in synced) == sorted(record_sizes(world.directory))
    synced.clear()
    care.look()
    assert synced == []
    log(world, 1, first=1)
    care.look()
    assert len(synced) == 1


def test_a_directory_is_cared_for_until_that_is_stopped(world: World) -> None:
    care = care_of(world)
    care.start()
    full = os.path.join(world.directory, FULL)
    until(lambda: os.path.exists(full), "artifacts to be refused")
    shutil.rmtree(world.directory)
    until(lambda: os.path.exists(os.path.join(world.directory, "attempt.json")), "the directory to be put back")
    care.stop()
    shutil.rmtree(world.directory)
    care.look()
    assert not os.path.exists(world.directory)
    care.close()
