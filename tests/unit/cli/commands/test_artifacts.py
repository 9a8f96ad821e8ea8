from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.artifacts.registry import open_blobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def trial(kleio: Any, recorder: Recorder) -> str:
    trial = recorder.ended("x")
    blobs = open_blobs(kleio.address)
    for epoch in range(1, 4):
        recorder.stored(trial, "weights", b"w%d\n" % epoch, blobs=blobs, epoch=epoch, best=epoch == 2)
    recorder.stored(trial, "notes/a.txt", b"a\n", blobs=blobs, lr="1")
    return trial


def test_a_missing_id_is_taken_for_no_program(kleio: Any) -> None:
    """``ls`` of ``kleio artifacts ls`` is not the program of that name."""
    said = kleio("artifacts", "ls")
    assert said.err.splitlines()[1:] == ["kleio: hint: see `kleio artifacts ls --help`"]


def test_a_list_shows_size_digest_name_and_metadata(kleio: Any, trial: str) -> None:
    lines = kleio("artifacts", "ls", trial).out.splitlines()
    assert len(lines) == 4
    assert lines[1].split()[:2] == ["3", "B"]
    assert lines[1].endswith("weights      epoch=2 best=true")


def test_one_long_name_moves_no_metadata_out_of_sight(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial, long = recorder.ended("x"), "n" * 300
    for epoch, name in enumerate(["a", long, "b"]):
        recorder.stored(trial, name, b"x", epoch=epoch)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.split("  ", 2)[2] for line in kleio("artifacts", "ls", trial, terminal=True).out.splitlines()]
    assert lines == [f"a{' ' * 31}  epoch=0", f"{'n' * 31}…  epoch=1", f"b{' ' * 31}  epoch=2"]
    monkeypatch.delenv("COLUMNS")
    for form in ("table", "csv", "json"):
        assert long in kleio("artifacts", "ls", trial, "--format", form).out


def test_what_was_attached_later_names_who_did(kleio: Any, recorder: Recorder, trial: str) -> None:
    for creator in ({"user": "ann"}, {"user": "bob", "trial": "b" * 64}):
        body = {"name": "f", "digest": "ab" * 32, "size": 3, "metadata": {}, "creator": creator}
        recorder.wrote(trial, "attached", body, attempt=0, writer=f"remark-{creator['user']}")
    said = kleio("artifacts", "ls", trial).out.splitlines()
    assert [line.partition("  attached by ")[2] for line in said if "attached" in line] == ["ann", "bbbbbbb"]
    assert json.loads(kleio("artifacts", "ls", trial, "--json").out)["data"][-2]["creator"] == {"user": "ann"}


def test_of_several_of_one_name_a_person_is_told_which_is_which(
    kleio: Any, trial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = kleio("artifacts", "get", trial, "weights", "-o", "d", terminal=True)
    assert [line.split()[:2] for line in said.out.splitlines()] == [
        ["weights-1", "epoch=1"], ["weights-2", "epoch=2"], ["weights-3", "epoch=3"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fitting", "expected"),
    [
        (["weights", "epoch=2"], b"w2\n"), (["weights"], b"w1\nw2\nw3\n"), (["epoch=3"], b"w3\n"),
        (["best=true"], b"w2\n"), (["lr=1"], b"a\n"), ([], b"w1\nw2\nw3\na\n"), (["weights", "epoch=2.0"], b"w2\n"),
    ],
)  # fmt: skip
def test_name_and_metadata_select(kleio: Any, trial: str, fitting: list[str], expected: bytes) -> None:
    said = kleio("artifacts", "cat", trial, *fitting)
    assert (said.code, said.raw, said.err) == (0, expected, "")


def test_a_name_may_look_like_metadata(kleio: Any, recorder: Recorder, trial: str) -> None:
    blobs = open_blobs(kleio.address)
    for step in (1, 2):
        recorder.stored(trial, "epoch=2", b"%d" % step, blobs=blobs, step=step)
    found = {
        fitting: kleio("artifacts", "cat", trial, *fitting).raw
        for fitting in (("epoch=2",), ("epoch=2", "step=2"), ("weights", "epoch=2"), ("epoch=3",))
    }
    assert list(found.values()) == [b"12", b"2", b"w2\n", b"w3\n"]


@pytest.mark.parametrize("fitting", [["weights", "epoch=99"], ["nope"], ["epoch=true"], ["weights", "nokey=1"]])
def test_nothing_that_fits_is_exit_code_1_but_of_a_list(kleio: Any, trial: str, fitting: list[str]) -> None:
    for verb in ("cat", "get"):
        said = kleio("artifacts", verb, trial, *fitting)
        assert (said.code, said.out, said.raw, said.err) == (1, "", b"", "kleio: no artifact fits\n")
    said = kleio("artifacts", "ls", trial, *fitting)
    assert (said.code, said.out, said.err) == (0, "", "kleio: no artifact fits\n")
    said = kleio("artifacts", "ls", trial, *fitting, "--json")
    assert (said.code, json.loads(said.out)["data"]) == (0, [])


def test_programs_get_everything(kleio: Any, trial: str) -> None:
    (one,) = json.loads(kleio("artifacts", "ls", trial, "epoch=1", "--json").out)["data"]
    assert (one["name"], one["metadata"], one["size"], one["attempt"]) == ("weights", {"epoch": 1, "best": False}, 3, 1)
    assert len(one["digest"]) == 64
    head, *rows = csv.reader(io.StringIO(kleio("artifacts", "ls", trial, "--format", "csv").out))
    assert head == ["name", "size", "digest", "metadata", "attempt", "time"]
    assert [row[0] for row in rows] == ["weights"] * 3 + ["notes/a.txt"]


def test_get_writes_files_of_their_own_names(kleio: Any, trial: str) -> None:
    assert kleio("artifacts", "get", trial, "-o", "d").out == "weights-1\nweights-2\nweights-3\nnotes/a.txt\n"
    assert Path("d/weights-2").read_bytes() == b"w2\n"
    assert Path("d/notes/a.txt").read_bytes() == b"a\n"
    said = kleio("artifacts", "get", trial, "lr=1", "-o", "d")
    assert said.code == 125
    assert said.err == (
        "kleio: d/notes/a.txt exists already\nkleio: hint: choose another directory with -o, or add --force\n"
    )
    assert kleio("artifacts", "get", trial, "lr=1", "-o", "d", "--force").code == 0


def test_a_name_that_leads_out_is_refused_and_keeps_no_other(kleio: Any, trial: str, recorder: Recorder) -> None:
    for name in ("../../x", "/y", "last"):
        recorder.stored(trial, name, b"x", blobs=open_blobs(kleio.address))
    said = kleio("artifacts", "get", trial, "-o", "d/d/d")
    assert said.code == 125
    assert said.err.splitlines() == [
        "kleio: the artifact '../../x' cannot be written: its name leads somewhere else",
        "kleio: hint: `kleio artifacts cat ID NAME >FILE` writes it where you want it",
        "kleio: the artifact '/y' cannot be written: its name is an absolute path",
    ]
    assert said.out.split() == ["weights-1", "weights-2", "weights-3", "notes/a.txt", "last"]
    assert sorted(path.name for path in Path("d").rglob("*") if path.is_file()) == [
        "a.txt", "last", "weights-1", "weights-2", "weights-3",
    ]  # fmt: skip


def test_a_refused_name_reads_as_it_does_in_the_list(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.stored(trial, "\x1b[2J\0", b"x", blobs=open_blobs(kleio.address))
    assert kleio("artifacts", "ls", trial).out.endswith("  \\e[2J\\x00\n")
    said = kleio("artifacts", "get", trial).err.splitlines()[0]
    assert said == "kleio: the artifact '\\e[2J\\x00' cannot be written: its name holds control characters"


def test_files_that_exist_keep_no_other(kleio: Any, trial: str) -> None:
    Path("weights-2").write_bytes(b"mine")
    said = kleio("artifacts", "get", trial, "weights")
    assert (said.code, said.out) == (125, "weights-1\nweights-3\n")
    assert Path("weights-2").read_bytes() == b"mine"
    Path("file").touch()
    said = kleio("artifacts", "get", trial, "-o", "file")
    assert (said.code, said.err) == (125, "kleio: file cannot be made a directory: File exists\n")


@pytest.mark.parametrize("fitting", [["weights", "other"], ["weights", "=1"]])
def test_what_is_no_condition_is_a_usage_error(kleio: Any, trial: str, fitting: list[str]) -> None:
    said = kleio("artifacts", "ls", trial, *fitting)
    assert said.code == 2
    assert "is no KEY=VALUE" in said.err


def test_an_empty_trial_says_so(kleio: Any, recorder: Recorder) -> None:
    assert kleio("artifacts", "ls", recorder.new("y")).err == "kleio: no artifacts\n"


def test_metadata_with_any_names_are_shown_in_every_form_and_compared(kleio: Any, recorder: Recorder) -> None:
    odd = {(1, 2): 3, None: 4, "a": 5}
    one, two = recorder.ended("x"), recorder.ended("y")
    recorder.stored(one, "w", b"1", odd=odd)
    recorder.stored(two, "w", b"2", odd=dict(reversed(odd.items())))
    for form in ("table", "csv", "json"):
        said = kleio("artifacts", "ls", one, "--format", form)
        assert said.code == 0, said.err
        assert "(1, 2)" in said.out
    assert kleio("diff", one, two, "--only", "artifacts").out.count("(1, 2)") == 1


def test_bytes_are_exact_but_cannot_command_a_terminal(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.stored(trial, "t", b"\x1b]0;title\x07\x1b[31mred", blobs=open_blobs(kleio.address))
    assert kleio("artifacts", "cat", trial, "t").raw == b"\x1b]0;title\x07\x1b[31mred"
    assert kleio("artifacts", "cat", trial, "t", terminal=True).raw == b"\\e]0;title\\x07\x1b[31mred\x1b[0m"


def test_a_spreadsheet_cannot_command_a_terminal(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.stored(trial, "a\x1b[2J", b"")
    words = ("artifacts", "ls", trial, "--format", "csv")
    assert "a\x1b[2J," in kleio(*words).out
    assert "a\\e[2J," in kleio(*words, terminal=True).out


def test_an_id_in_place_of_a_command_is_answered_with_what_to_write(kleio: Any, recorder: Recorder) -> None:
    said = kleio("artifacts", "3f9c2ab", "weights")
    assert said.code == 2
    assert said.err == ("kleio: 3f9c2ab is none of ls, cat, get\nkleio: hint: kleio artifacts ls 3f9c2ab weights\n")
