from __future__ import annotations

import click
import pytest
from click.shell_completion import BashComplete

from harness.recorded import Recorder
from kleio.cli import completing
from kleio.cli.group import group
from kleio.cli.options import CommandOrTrial
from kleio.trial.statement import parse_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem


ODD = {"a b": 'stats."a b"', "x.max": 'stats.x."max"', 'q"': 'stats."q\\""', "1.é": "stats.1.é"}
"""Names of statistics, and how a filter calls them."""


@pytest.fixture
def ctx(recorder: Recorder) -> click.Context:
    """On a journal with three trials."""
    recorder.new("python", "a.py", name="first", tags=("alpha", "all"), configuration={"lr": 0.1, "_pos_0": "python"})
    trial = recorder.ended("python", "b.py", tags=("beta", "all"), trial_id="3f9c2ab".ljust(64, "0"))
    summary = {"statistics": {"loss": {"count": 1, "last": 1.0}, **{name: {"count": 1} for name in ODD}}}
    recorder.journal.compare_and_set(trial, {}, {"summary": summary})
    return click.Context(click.Command("kleio"))


def offered(*line: str) -> list[str]:
    """What the Tab key offers for the last word of a line."""
    found = BashComplete(group, {}, "kleio", "_KLEIO_COMPLETE").get_completions(list(line[:-1]), line[-1])
    return words(found)


def words(items: Sequence[CompletionItem]) -> list[str]:
    return [str(item.value) for item in items]


def test_ids_come_with_their_commands_and_names_and_unique_tags_beside(ctx: click.Context) -> None:
    (found,) = completing.trial_words(ctx, "3f")
    assert (found.value, found.help) == ("3f9c2ab", "[completed] python b.py")
    assert words(completing.trial_words(ctx, "fir")) == ["first"]
    assert words(completing.trial_words(ctx, "al")) == ["alpha"]  # `all` is the tag of two


def test_the_first_word_behind_run_may_be_a_trial(ctx: click.Context) -> None:
    assert words(CommandOrTrial().shell_complete(ctx, click.Argument(["words"]), "3f")) == ["3f9c2ab", "3f"]
    ctx.params["words"] = ("python",)
    assert words(CommandOrTrial().shell_complete(ctx, click.Argument(["words"]), "3f")) == ["3f"]


def test_the_last_of_several_tags_statuses_or_columns_is_completed(ctx: click.Context) -> None:
    assert words(completing.tag_words(ctx, "beta;al")) == ["beta;all", "beta;alpha"]
    assert words(completing.status_words("running,su")) == ["running,suspended"]
    assert words(completing.column_words(ctx, "id,config.")) == ["id,config.lr"]
    assert words(completing.column_words(ctx, "+stats.l")) == ["+stats.loss"]
    assert words(completing.column_words(ctx, "lab")) == ["label"]


def test_fields_are_offered_for_orders_and_inside_filters(ctx: click.Context) -> None:
    assert words(completing.field_words(ctx, "-dur")) == ["-duration"]
    assert offered("ls", "--sort", "-dur") == ["-duration"]
    assert offered("ls", "--sort", "-con") == ["-config.lr"]
    assert offered("ls", "--status", "new", "--sor") == offered("ls", "--sor") == ["--sort"]
    assert offered("ls", "--tree", "--sort") == ["--sort"]
    assert words(completing.filter_words(ctx, "config.lr > 1 and sta")) == [
        f"config.lr > 1 and {name}" for name in ("status", "started", "stats.loss", *ODD.values())
    ]


def test_names_of_statistics_are_those_of_the_trials_on_the_line(recorder: Recorder) -> None:
    for name in ("loss", "score"):
        trial = recorder.ended(name)
        recorder.journal.compare_and_set(
            trial, {}, {"name": name, "summary": {"statistics": {name: {}, "step": {}, "": {}}}}
        )
    assert offered("stats", "loss", "--sort", "") == ["loss", "step"]
    assert offered("stats", "loss", "--keys", "loss,s") == ["loss,step"]
    assert offered("plot", "score", "loss", "-y", "") == ["score", "step", "loss"]
    assert sorted(offered("plot", "-x", "")) == ["loss", "score", "step"]
    assert offered("stats", "nothing", "--sort", "") == []


def test_names_of_artifacts_are_those_of_the_trial_on_the_line(recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.stored(trial, "weights", epoch=1)
    recorder.stored(trial, "words")
    recorder.stored(recorder.ended("y"), "world")
    for command in ("ls", "cat", "get"):
        assert offered("artifacts", command, trial, "w") == ["weights", "words"]
    assert offered("artifacts", "cat", trial, "weights", "w") == []
    assert offered("artifacts", "cat", "nothing", "w") == []


@pytest.mark.parametrize("name", list(ODD))
def test_what_is_offered_is_read_back(name: str) -> None:
    field = parse_order(ODD[name]).field
    assert (field.root, field.key, field.aspect) == ("stats", name, "last")


def test_nothing_is_offered_while_the_journal_is_away(ctx: click.Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_JOURNAL", "sqlite:///dev/null/x")
    assert completing.trial_words(ctx, "") == []
    assert completing.tag_words(ctx, "") == []
