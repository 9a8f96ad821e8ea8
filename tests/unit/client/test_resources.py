from __future__ import annotations

import io
import os
from hashlib import sha256
from pathlib import Path

import pytest

from kleio.client.logger import KleioLogger
from kleio.client.resources import describe
from kleio.spool.records.reader import Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from harness.attempt import World


def recorded(world: World) -> list[Any]:
    paths = Path(world.directory).glob("*.ksp")
    items = [item for path in paths for item in read_records(str(path), final=True)]
    return [item.body for item in items if isinstance(item, Record) and item.stream == "resources"]


def test_a_file_is_recorded_by_size_and_digest_and_not_copied(
    logger: KleioLogger, world: World, tmp_path: Path
) -> None:
    (tmp_path / "train.csv").write_bytes(b"1,2\n")
    assert logger.log_resource(tmp_path / "train.csv", version=2)
    path = str(tmp_path / "train.csv")
    assert recorded(world) == [
        {
            "name": path, "kind": "file", "sha256": sha256(b"1,2\n").hexdigest(), "bytes": 4, "path": path,
            "metadata": {"version": 2},
        }
    ]  # fmt: skip
    assert os.listdir(os.path.join(world.directory, "blobs")) == []


def test_what_is_no_path_is_a_mere_name(logger: KleioLogger, world: World) -> None:
    assert logger.log_resource("s3://bucket/train")
    assert recorded(world) == [{"name": "s3://bucket/train", "kind": "name", "metadata": {}}]


def test_a_file_object_is_left_where_it_was(logger: KleioLogger, world: World) -> None:
    file = io.BytesIO(b"abcdef")
    file.seek(4)
    assert logger.log_resource("data", file)
    assert file.read() == b"ef"
    assert recorded(world)[0]["sha256"] == sha256(b"abcdef").hexdigest()


def test_a_directory_changes_with_any_name_size_content_or_link(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "sub" / "a").write_bytes(b"a")
    os.symlink("a", data / "sub" / "link")
    os.symlink("/", data / "root")
    os.mkfifo(data / "pipe")
    first = describe("d", data)
    assert (first["kind"], first["bytes"], first["files"]) == ("directory", 1, 1)
    assert describe("d", data) == first
    seen = {first["sha256"]}
    (data / "sub" / "a").write_bytes(b"b")
    seen.add(describe("d", data)["sha256"])
    (data / "sub" / "a").rename(data / "sub" / "b")
    seen.add(describe("d", data)["sha256"])
    (data / "root").unlink()
    os.symlink("/etc", data / "root")
    seen.add(describe("d", data)["sha256"])
    assert len(seen) == 4


def test_a_source_that_fails_raises_its_own_error(logger: KleioLogger, world: World, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        logger.log_resource("data", tmp_path / "missing")
    assert recorded(world) == []
