from __future__ import annotations

import re
import sys
from itertools import pairwise
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
    recorder.logged(trial, {"epoch": 1, "loss": 99.0}, {"epoch": 2, "loss": 1.0})
    recorder.logged(trial, {"epoch": 1, "loss": 2.0}, attempt=2)
    said = kleio("plot", trial).out
    assert "99" not in said.partition("epoch")[0], "the id below may have it"
    assert said.endswith(
        f"epoch\n1 point of loss in {trial[:7]} is left out: replaced by what a later attempt or\n"
        "another process logged there\n"
    )
    assert "80" in kleio("plot", trial, "-x", "number").out
    assert "left out" not in kleio("plot", trial, "-x", "number").out


def test_batches_of_an_epoch_are_all_drawn(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    places = [(epoch, batch) for epoch in range(5) for batch in range(3)]
    recorder.logged(trial, *({"epoch": e, "batch": b, "train_loss": 1 / (1 + at)} for at, (e, b) in enumerate(places)))
    said = kleio("plot", trial, "-y", "train_loss")
    assert said.out.splitlines()[1].startswith("1.0 ┤")
    assert said.out.endswith("number\n")
    assert said.out.splitlines()[-2].split() == ["0", "5", "10"]
    for x in ("epoch", "batch"):
        assert kleio("plot", trial, "-x", x).out.splitlines()[1].startswith("1.0 ┤")


def test_a_loss_of_each_step_and_one_of_each_epoch_are_drawn_over_the_epoch(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    for epoch in range(3):
        recorder.logged(trial, *({"epoch": epoch, "step": 9 * epoch + at, "train_loss": at} for at in range(9)))
        recorder.logged(trial, {"epoch": epoch, "val_loss": 5})
    assert " step\n" in kleio("plot", trial, "-y", "train_loss").out
    both = kleio("plot", trial, "-y", "train_loss", "-y", "val_loss").out
    assert " epoch\n" in both
    assert "step" not in both


def test_what_a_logarithm_cannot_show_is_counted(kleio: Any, recorder: Recorder, tmp_path: Path) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, *({"epoch": at, "loss": loss} for at, loss in enumerate([2.0, 0.0, -1.0, nan, -inf, 3.0])))
    of = f"of loss in {trial[:7]}"
    unseen = [f"1 point {of} is nan, the first at epoch 3", f"1 point {of} is infinite, the first at epoch 4"]
    low, left = (
        f"2 points {of} are not positive, the first at epoch 1",
        f"1 point {of} is at no positive epoch, the first at 0",
    )
    assert kleio("plot", trial).out.splitlines()[-2:] == unseen
    assert kleio("plot", trial, "--log-y").out.splitlines()[-3:] == [*unseen, low]
    assert kleio("plot", trial, "--log-x").out.splitlines()[-3:] == [*unseen, left]
    assert kleio("plot", trial, "--log-y", "--log-x", "-o", str(tmp_path / "p.svg")).code == 0
    assert all(note in (tmp_path / "p.svg").read_text() for note in (*unseen, low, left))
    nothing = recorder.ended("x")
    recorder.logged(nothing, {"loss": -1.0})
    said = kleio("plot", nothing, "--log-y")
    assert (said.code, "of what was logged as loss a logarithmic axis can show no point" in said.err) == (2, True)


@pytest.mark.parametrize("form", ["png", "svg", "pdf", "html"])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1e308, -1e308), ()),
        ((1.7e308,), ()),
        ((1e-310, 5e-324), ()),
        ((1e300, 1e150, 1, 1e-150, 1e-300), ("--log-y",)),
        ((1e308, 5e-324), ("--log-y", "--log-x", "-x", "x")),
        ((1e308, 1e308), ("-x", "x")),
    ],
)
def test_the_largest_and_smallest_numbers_are_drawn_without_a_warning(
    kleio: Any, recorder: Recorder, tmp_path: Path, form: str, values: tuple[float, ...], words: tuple[str, ...]
) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, *({"x": value} for value in values))
    path = tmp_path / f"p.{form}"
    said = kleio("plot", trial, "-y", "x", *words, "-o", str(path))
    assert (said.code, said.out, said.err) == (0, "", f"kleio: wrote {path}\n")


def texts_of(kleio: Any, path: Path, *words: str) -> list[str]:
    """What stands in a picture."""
    assert kleio("plot", *words, "-o", str(path), "--force").code == 0
    return re.findall(r"<text [^>]*>([^<]*)</text>", path.read_text())


def test_a_wide_range_has_its_axis_in_a_file(kleio: Any, recorder: Recorder, tmp_path: Path) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, *({"epoch": at, "x": value} for at, value in enumerate((1e300, 1e150, 1, 1e-150, 1e-300))))
    texts = texts_of(kleio, tmp_path / "p.svg", trial, "-y", "x", "--log-y")
    assert texts[5:13] == ["epoch", "1e-270", "1e-180", "1e-90", "1", "1e90", "1e180", "1e270"]
    drawn = re.search(
        r'<path d="([^"]*)" clip-path="[^"]*" style="fill: none; stroke: #1f77b4', (tmp_path / "p.svg").read_text()
    )
    assert drawn
    heights = [float(line.split()[2]) for line in drawn[1].strip().splitlines()]
    steps = [after - before for before, after in pairwise(heights)]
    assert steps == pytest.approx([steps[0]] * 4, abs=0.01), "a straight line"


def test_epochs_have_no_fractions_in_a_file(kleio: Any, recorder: Recorder, tmp_path: Path) -> None:
    trial, one = recorder.ended("x"), recorder.ended("x")
    recorder.logged(trial, *({"epoch": at, "loss": 1.0} for at in (1, 2, 3)))
    texts = texts_of(kleio, tmp_path / "p.svg", trial)
    assert texts[: texts.index("epoch")] == ["1", "2", "3"]
    recorder.logged(one, {"loss": 1.0})
    texts = texts_of(kleio, tmp_path / "p.svg", one)
    assert texts[: texts.index("number")] == ["0"]


def test_a_point_between_gaps_is_seen_in_a_file(kleio: Any, recorder: Recorder, tmp_path: Path) -> None:
    trial = recorder.ended("x")
    recorder.logged(
        trial, *({"epoch": at, "loss": loss} for at, loss in enumerate([1.0, 2.0, nan, 3.0, nan, 1.0, 2.0]))
    )
    texts_of(kleio, tmp_path / "p.svg", trial)
    picture = (tmp_path / "p.svg").read_text()
    assert len(re.findall(r'<use [^>]*style="fill: #1f77b4', picture)) == 1


def test_a_long_legend_stands_below_and_says_how_many_more_there_are(
    kleio: Any, recorder: Recorder, tmp_path: Path
) -> None:
    ids = [recorder.ended("x", configuration={"lr": number}) for number in range(50)]
    for trial in ids:
        recorder.logged(trial, {"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 2.0})
    few = texts_of(kleio, tmp_path / "few.svg", *ids[:3])
    texts = texts_of(kleio, tmp_path / "many.svg", *ids)
    assert texts[-1] == "… and 10 more"
    assert "more" not in "".join(few)

    def places(path: Path) -> tuple[float, float]:
        """How far down the name of the lower axis and the first trial's label are."""
        found = re.findall(r'<text style="[^"]*"[^>]*?(?:y="([\d.]+)")[^>]*>([^<]*)', path.read_text())
        heights = {text: float(height) for height, text in found}
        return heights["epoch"], next(heights[text] for text in heights if text.startswith(ids[0][:7]))

    axis, label = places(tmp_path / "many.svg")
    assert label > axis
    axis, label = places(tmp_path / "few.svg")
    assert label < axis


def test_a_place_that_cannot_be_written_is_said(kleio: Any, trials: list[str], tmp_path: Path) -> None:
    (tmp_path / "d.svg").touch()
    for place in (tmp_path / "no" / "p.svg", tmp_path / "d.svg" / "p.svg"):
        said = kleio("plot", trials[0], "-y", "loss", "--out", str(place))
        assert said.code == 125
        assert said.err.startswith(f"kleio: {place} cannot be written: ")
