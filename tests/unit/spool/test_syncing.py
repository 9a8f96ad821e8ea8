from __future__ import annotations

import os

from harness.attempt import log
from kleio.spool.syncing import Syncing, record_sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

    from harness.attempt import World


def test_what_has_grown_is_synced_and_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    log(world, 1)
    syncing = Syncing(world.directory)
    syncing.sync()
    assert sorted(os.path.basename(path)[:-4] for path in synced) == sorted(record_sizes(world.directory))
    synced.clear()
    syncing.sync()
    assert synced == []
    log(world, 1, first=1)
    syncing.sync()
    assert len(synced) == 1
