from __future__ import annotations

import re
import sys
from math import inf, nan
from pathlib import Path

import pytest

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EVIL = "<script>alert(1)</script>$x$\x1b[2J"


@pytest.fixture
def trials(recorder: Recorder) -> list[str]:
    made = []
    for lr in (0.1, 0.5):
        trial = recorder.ended("train", configuration={"lr": lr, "name": "same"})
        recorder.logged(
            trial, *({"epoch": at, "loss": lr / at, "acc": 1 - lr / at, "text": "x", "inf": inf} for at in range(1, 30))
        )
        made.append(trial)
    return made


def test_the_legend_says_what_differs(kleio: Any, trials: list[str]) -> None:
    said = kleio("plot", *trials, "-y", "loss")
    assert said.code == 0, said.err
    assert said.out.startswith("loss\n")
    assert said.out.endswith(f"epoch\n  • {trials[0][:7]} lr=0.1\n  × {trials[1][:7]} lr=0.5\n")
    assert "same" not in said.out


def test_the_legend_names_first_what_tells_most_trials_apart(kleio: Any, recorder: Recorder) -> None:
    made = []
    rest = {"a": 1, "b": 1, "c": 1, "d": 1}
    for script, lr, seed in (("x.py", 0.1, 1), ("x.py", 0.2, 1), ("x.py", 0.1, 2), ("x.py", 0.1, 3), ("y.py", 0.2, 4)):
        options = {"_pos_1": script, **(rest if script == "y.py" else {}), "lr": lr, "seed": seed}
        made.append(recorder.ended("python", configuration=options))
        recorder.logged(made[-1], {"epoch": 1, "loss": lr})
    said = kleio("plot", *made, "-y", "loss")
    assert [line.split()[2:] for line in said.out.splitlines()[-5:]] == [
        ["seed=1", "lr=0.1", "_pos_1=x.py"], ["seed=1", "lr=0.2", "_pos_1=x.py"], ["seed=2", "lr=0.1", "_pos_1=x.py"],
        ["seed=3", "lr=0.1", "_pos_1=x.py"], ["seed=4", "lr=0.2", "_pos_1=y.py", "a=1"],
    ]  # fmt: skip


def test_one_trial_needs_no_legend_and_the_loss_no_name(kleio: Any, trials: list[str]) -> None:
    said = kleio("plot", trials[0], "--width", "40", "--height", "12")
    assert said.out.startswith("loss\n")
    assert said.out.splitlines()[-1].endswith("epoch")
    assert len(said.out.splitlines()) == 12


def test_trials_with_equal_options_are_told_apart_by_id(kleio: Any, recorder: Recorder, trials: list[str]) -> None:
    again = recorder.ended("train", configuration={"lr": 0.1, "name": "same"}, name="_again")
    recorder.logged(again, {"epoch": 1, "loss": 1.0})
    said = kleio("plot", trials[0], again, "-y", "loss")
    assert f"  • {trials[0][:7]}\n  × {again[:7]} _again\n" in said.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-y", "los"], "nothing was logged as los; there is epoch, loss, acc, text, inf"),
        (["-y", "text"], "what was logged as text are no numbers"),
        (["-y", "loss", "-x", "text"], "no number was logged as loss together with text; there is epoch"),
        (["-y", "inf"], "what was logged as inf is nowhere finite: there is nothing to draw"),
        (["-y", "loss", "--out", "x.jpg"], "x.jpg: a plot is written as .png, .svg, .pdf, .html"),
    ],
)
def test_what_cannot_be_drawn_is_named(kleio: Any, trials: list[str], words: list[str], message: str) -> None:
    said = kleio("plot", *trials, *words)
    assert said.code == 2
    assert message in said.err


def test_without_a_name_and_a_usual_one_the_statistics_are_listed(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"epoch": 1, "a": 1, "b": 2})
    assert "name what to draw: -y NAME; there is a, b" in kleio("plot", trial).err
    only = recorder.ended("x")
    recorder.logged(only, {"epoch": 1, "a": 1})
    assert kleio("plot", only).out.startswith("a\n")
    assert "no numbers were logged" in kleio("plot", recorder.ended("x")).err


@pytest.mark.parametrize(
    ("form", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("html", b"<!DOC")]
)
def test_files_are_written_by_their_ends(
    kleio: Any, trials: list[str], tmp_path: Path, form: str, magic: bytes
) -> None:
    path = tmp_path / f"plot.{form}"
    said = kleio("plot", *trials, "-y", "loss", "-y", "acc", "--smooth", ".5", "--log-y", "-o", str(path))
    assert said.code == 0, said.err
    assert path.read_bytes().startswith(magic)
    assert (said.out, said.err) == ("", f"kleio: wrote {path}\n")
    first = path.read_bytes()
    again = ("plot", *trials, "-y", "loss", "-y", "acc", "--smooth", ".5", "--log-y", "-o", str(path))
    refused = kleio(*again)
    assert refused.code == 125
    assert f"{path} exists already" in refused.err
    assert kleio(*again, "--force").code == 0
    assert path.read_bytes() == first


def test_a_page_holds_everything_and_no_stored_text_becomes_markup(
    kleio: Any, recorder: Recorder, tmp_path: Path
) -> None:
    made = []
    for number in (1, 2):
        trial = recorder.ended(EVIL, configuration={"o": f"_{EVIL}{number}"}, name=f"{EVIL}{number}")
        recorder.logged(trial, {"epoch": 1, EVIL: 1.0}, {"epoch": 2, EVIL: 2.0})
        made.append(trial)
    path = tmp_path / "p.html"
    said = kleio("plot", *made, "-y", EVIL, "--title", EVIL, "-o", str(path))
    assert said.code == 0, said.err
    page = path.read_text()
    assert "<script" not in page
    assert "\x1b" not in page
    assert "src=" not in page
    assert page.count("<tr>") == 3


def test_without_matplotlib_the_extra_is_named(kleio: Any, trials: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = kleio("plot", *trials, "-o", "x.png")
    assert said.code == 125
    assert "a plot as a file needs matplotlib, which is not installed" in said.err
    assert "pip install 'kleio[plot]'" in said.err


def test_points_that_no_plot_shows_are_counted(kleio: Any, recorder: Recorder, tmp_path: Path) -> None:
    losses = [3.0, 2.0, 1.0, nan, nan, inf, nan]
    ids = [recorder.ended("x", configuration={}) for _ in range(2)]
    recorder.logged(ids[0], *({"epoch": at, "loss": loss} for at, loss in enumerate(losses, 1)))
    recorder.logged(ids[1], *({"epoch": at, "loss": 1.0} for at in range(1, 9)))
    notes = [
        f"3 points of loss in {ids[0][:7]} are nan, the first at epoch 4",
        f"1 point of loss in {ids[0][:7]} is infinite, the first at epoch 6",
    ]
    assert kleio("plot", *ids).out.splitlines()[-2:] == notes
    assert kleio("plot", ids[0], "--smooth", "0.9").out.splitlines()[-2:] == notes
    assert kleio("plot", *ids, "-o", str(tmp_path / "p.svg")).code == 0
    assert all(note in (tmp_path / "p.svg").read_text() for note in notes)
    assert "points of" not in kleio("plot", ids[1]).out


def test_thirty_curves_of_a_file_are_told_apart(kleio: Any, recorder: Recorder, tmp_path: Path) -> None:
    ids = [recorder.ended("x", configuration={"lr": number}) for number in range(30)]
    for trial in ids:
        recorder.logged(trial, {"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 2.0})
    assert kleio("plot", *ids, "-o", str(tmp_path / "p.svg")).code == 0
    picture = (tmp_path / "p.svg").read_text()
    drawn = re.findall(r'<path d="[^"]*" clip-path="[^"]*" style="(fill: none; stroke[^"]*)"', picture)
    looks = [look for look in drawn if "stroke-width: 1.4" in look]
    assert (len(looks), len(set(looks))) == (30, 30)
    assert all(trial[:7] in picture for trial in ids)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_name_without_a_glyph_is_no_warning(kleio: Any, recorder: Recorder, tmp_path: Path, form: str) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"epoch": 1, "損失": 1.0}, {"epoch": 2, "損失": 2.0})
    said = kleio("plot", trial, "-y", "損失", "-o", str(tmp_path / f"p.{form}"))
    assert (said.code, said.err) == (0, f"kleio: wrote {tmp_path / f'p.{form}'}\n")


def test_an_epoch_that_was_done_again_counts_once(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"epoch": 1, "loss": 99.0}, {"epoch": 2, "loss": 1.0}, {"epoch": 1, "loss": 2.0})
    assert "99" not in kleio("plot", trial).out
    assert "80" in kleio("plot", trial, "-x", "number").out


def test_a_place_that_cannot_be_written_is_said(kleio: Any, trials: list[str], tmp_path: Path) -> None:
    (tmp_path / "d.svg").touch()
    for place in (tmp_path / "no" / "p.svg", tmp_path / "d.svg" / "p.svg"):
        said = kleio("plot", trials[0], "-y", "loss", "--out", str(place))
        assert said.code == 125
        assert said.err.startswith(f"kleio: {place} cannot be written: ")
