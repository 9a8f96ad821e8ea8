from __future__ import annotations

import errno
import gc

import pytest

from kleio.moving.archive_writer import ArchiveWriter


def test_a_full_disk_is_met_once() -> None:
    class Full:
        met = 0

        def write(self, data: bytes) -> int:
            Full.met += 1
            raise OSError(errno.ENOSPC, "full")

        def flush(self) -> None: ...

    with pytest.raises(OSError, match="full"):
        ArchiveWriter(Full())
    gc.collect()  # an unfinished zip file that is forgotten would write its end now
    assert Full.met == 1
