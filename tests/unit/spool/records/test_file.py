from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from kleio.spool.records.file import HEADER_LENGTH, MAX_RECORD, SpoolFile, default_stem, safe_name

if TYPE_CHECKING:
    from pathlib import Path


def test_a_header_names_format_version_and_salt_twice(tmp_path: Path) -> None:
    SpoolFile(str(tmp_path), "w").close()
    header = (tmp_path / "w-0.ksp").read_bytes()
    assert len(header) == HEADER_LENGTH
    word, version, first, second = header.decode("ascii").split()
    assert (word, version) == ("kleio-spool", "1")
    assert first == second
    assert len(bytes.fromhex(first)) == 16


def test_salts_differ(tmp_path: Path) -> None:
    for _ in range(2):
        SpoolFile(str(tmp_path), "w").close()
    assert (tmp_path / "w-0.ksp").read_bytes() != (tmp_path / "w-1.ksp").read_bytes()


def test_a_name_in_use_gets_a_number(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        file = SpoolFile(str(tmp_path), "supervisor", numbered=False)
        names.append(file.name)
        file.close()
    assert names == ["supervisor", "supervisor-1", "supervisor-2"]


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "w.ksp").symlink_to(tmp_path / "victim")
    file = SpoolFile(str(tmp_path), "w", numbered=False)
    file.close()
    assert file.name == "w-1"
    assert not (tmp_path / "victim").exists()


def test_the_largest_record_fits_and_the_next_is_refused(tmp_path: Path) -> None:
    file = SpoolFile(str(tmp_path), "w")
    overhead = len('0 {"t":1000000,"s":"statistics","b":""}')
    file.write("statistics", '"' + "x" * (MAX_RECORD - overhead) + '"', 1.0)
    with pytest.raises(OSError, match="1 MiB") as caught:
        file.write("statistics", '"' + "x" * (MAX_RECORD - overhead + 1) + '"', 1.0)
    assert caught.value.errno == errno.EMSGSIZE
    assert file.sequence == 1
    file.close()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("node-1.cluster", "node-1.cluster"),
        ("a/../b c", "a_.._b_c"),
        ("é☃", "__"),
        ("..", "_"),
        ("", "_"),
        ("x" * 99, "x" * 80),
    ],
)
def test_a_name_is_safe_in_a_path(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_the_usual_name_holds_the_process(tmp_path: Path) -> None:
    assert default_stem().endswith(f"-{os.getpid()}")
    assert safe_name(default_stem()) == default_stem()
