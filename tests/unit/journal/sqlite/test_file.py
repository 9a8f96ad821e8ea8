from __future__ import annotations

import pytest

from kleio.errors import JournalError
from kleio.journal.sqlite.file import connect, file_system, refuse_network_file_system, wal_is_safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 26, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 54, 1), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_it_keeps_commits(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) == safe


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:40 / /home rw shared:2 - nfs4 server:/home rw
31 22 0:41 / /home/me/local rw - xfs /dev/vdb rw
32 22 0:42 / /scratch\\040space rw master:1 - lustre mds:/scratch rw
33 22 0:43 / /homes rw - btrfs /dev/vdc rw
34 22 0:44 / /home/over rw - ext4 /dev/vdd rw
35 34 0:45 / /home/over rw - fuse.sshfs me@there:/ rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/journal.sqlite", "ext4"),
        ("/home", "nfs4"),
        ("/home/me/.local/share/kleio/journal.sqlite", "nfs4"),
        ("/home/me/local/journal.sqlite", "xfs"),
        ("/home/me/locality/journal.sqlite", "nfs4"),
        ("/scratch space/journal.sqlite", "lustre"),
        ("/homes/journal.sqlite", "btrfs"),
        ("/home/over/journal.sqlite", "fuse.sshfs"),
    ],
)
def test_the_file_system_is_that_of_the_deepest_mount(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert file_system(path, str(mounts)) == kind


def test_a_machine_without_mount_table_is_trusted(tmp_path: Path) -> None:
    assert file_system("/journal.sqlite", str(tmp_path / "missing")) == ""


def test_a_network_file_system_is_refused_with_the_way_out(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    with pytest.raises(JournalError) as raised:
        refuse_network_file_system("/home/me/journal.sqlite", str(mounts))
    assert raised.value.message == (
        "/home/me/journal.sqlite is on a network file system (nfs4), where SQLite may lose or damage data"
    )
    assert raised.value.hint == (
        "set KLEIO_JOURNAL to sqlite:///PATH on a local disk, or to mongodb://HOST/NAME, which can be shared"
    )
    refuse_network_file_system("/home/me/local/journal.sqlite", str(mounts))


@pytest.mark.parametrize("create", [True, False])
def test_a_directory_is_no_journal(tmp_path: Path, create: bool) -> None:
    with pytest.raises(JournalError) as raised:
        connect(str(tmp_path), create=create, timeout=0.0)
    assert raised.value.message == f"the journal {tmp_path} is a directory"
