from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from harness.recorded import PROJECT, Recorder, ids
from kleio.analysis.query import Trials, select_document
from kleio.errors import FilterError, TrialAmbiguous, TrialNotFound, UsageError
from kleio.journal.memory import MemoryJournal
from kleio.trial.snapshot import Project
from kleio.trial.table import FACTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ALIVE = {"host": "elsewhere", "lease": 120.0}


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


@pytest.fixture
def trials(recorder: Recorder) -> Trials:
    return Trials(recorder.journal)


def full(prefix: str) -> str:
    return prefix.ljust(64, "0")


def test_trials_come_newest_first_and_no_more_than_asked_for(recorder: Recorder, trials: Trials) -> None:
    made = [recorder.new("run", str(number)) for number in range(3)]
    assert ids(list(trials.find())) == made[::-1]
    assert ids(list(trials.find(limit=2))) == made[:0:-1]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("trial", {"word": 3}, "what selects a trial is text, not 3"),
    ("get", {"trial_id": None}, "the id of a trial is text, not None"),
    ("children_of", {"trial_id": 3}, "parent is text, not 3"),
    ("trials", {"where": 3}, "a filter is text, such as 'stats.loss.min < 0.2', not 3"),
    ("trials", {"where": 0}, "a filter is text, such as 'stats.loss.min < 0.2', not 0"),
    ("trials", {"sort": 3}, "sort is text, not 3"),
    ("trials", {"limit": 1.5}, "limit is a whole number, not 1.5"),
    ("trials", {"offset": "x"}, "offset is a whole number, not 'x'"),
    ("trials", {"tags": [3]}, "tags are texts, which 3 is not"),
    ("trials", {"name": 3}, "name is text, not 3"),
    ("trials", {"trash": "yes"}, "trash is True, False or None, not 'yes'"),
    ("trials", {"statuses": "broken"}, "statuses are several texts, such as ['broken'], not the text 'broken'"),
    ("count", {"tags": "x"}, "tags are several texts, such as ['x'], not the text 'x'"),
    ("tally", {"tags": 3}, "tags are several texts, not 3"),
    ("to_frame", {"figures": "last"}, "figures are several texts, such as ['last'], not the text 'last'"),
]


@pytest.mark.parametrize(("method", "arguments", "message"), WRONG)
def test_what_is_of_a_wrong_type_is_told_so(
    trials: Trials, method: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        getattr(trials, method)(**arguments)


def test_numbers_of_trials_are_not_negative_and_may_be_of_numpy(recorder: Recorder, trials: Trials) -> None:
    recorder.new("a")
    assert len(list(trials.trials(limit=np.int64(1), offset=np.int64(0)))) == 1
    with pytest.raises(ValueError, match=r"^limit is not negative, as -1 is$"):
        trials.trials(limit=-1)


def test_all_tags_must_be_there(recorder: Recorder, trials: Trials) -> None:
    both = recorder.new("a", tags=("x", "y"))
    one = recorder.new("b", tags=("x",))
    assert ids(list(trials.find(tags=("x",)))) == [one, both]
    assert ids(list(trials.find(tags=("x", "y")))) == [both]
    assert ids(list(trials.find(tags=("x", "zz")))) == []


def test_the_project_the_parent_and_the_prefix_narrow_the_search(recorder: Recorder, trials: Trials) -> None:
    other = recorder.new("a", project=Project("q", "q", "/q", ""), trial_id=full("ab"))
    child = recorder.new("b", refers={"parent": other, "cut": None}, trial_id=full("ac"))
    assert ids(list(trials.find(project="q"))) == [other]
    assert ids(list(trials.find(parent=other))) == [child]
    assert ids(list(trials.find(id_prefix="ac"))) == [child]


def test_a_dead_launchers_trial_is_found_as_failover_and_not_as_running(recorder: Recorder, trials: Trials) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    gone = {"host": os.uname().nodename, "boot_id": boot, "spool": "/nowhere"}
    dead, alive = recorder.running("a", holder=gone), recorder.running("b", holder=ALIVE)
    assert ids(list(trials.find(statuses=["running"]))) == [alive]
    assert ids(list(trials.find(statuses=["failover"]))) == [dead]
    assert ids(list(trials.find(statuses=["failover", "running"], limit=1))) == [alive]
    found = trials.trial(dead)
    assert (found.status, found.document["status"]) == ("failover", "running")
    assert dict(trials.to_frame()[["id", "status"]].to_numpy()) == {dead: "failover", alive: "running"}
    assert trials.to_frame(statuses=["failover"])["id"].tolist() == [dead]
    assert found.evidence.endswith("is gone")


@pytest.mark.parametrize("word", [full("3f9c2ab1"), "3f9c2ab", "3", "best", "tagged"])
def test_an_id_a_prefix_a_name_or_a_tag_selects_one_trial(recorder: Recorder, trials: Trials, word: str) -> None:
    wanted = recorder.new("a", trial_id=full("3f9c2ab1"), name="best", tags=("tagged", "shared"))
    recorder.new("b", trial_id=full("4f9c2ab1"), tags=("shared",))
    assert trials.trial(word).id == wanted
    assert select_document(recorder.journal, word)["_id"] == wanted


@pytest.mark.parametrize("word", ["", " ", "\t"])
def test_an_empty_word_names_no_trial(trials: Trials, word: str) -> None:
    with pytest.raises(TrialNotFound) as caught:
        trials.trial(word)
    assert caught.value.message == "an empty word names no trial"


@pytest.mark.parametrize("word", ["0000000", "zz", ".*", "%", "_", "^3", "3f9c2ab/", "$where", "\x1b[2J", full("5")])
def test_what_names_no_trial_is_not_found_and_is_no_pattern(recorder: Recorder, trials: Trials, word: str) -> None:
    recorder.new("a", trial_id=full("3f9c2ab1"))
    with pytest.raises(TrialNotFound) as caught:
        trials.trial(word)
    assert caught.value.message.startswith("no trial is called '")
    assert "\x1b" not in caught.value.message
    assert caught.value.hint is not None


def test_a_misspelt_name_is_answered_with_the_near_ones(recorder: Recorder, trials: Trials) -> None:
    recorder.new("a", trial_id=full("3f9c2ab1"), name="baseline")
    with pytest.raises(TrialNotFound) as caught:
        trials.trial("basline")
    assert caught.value.hint == "did you mean baseline? `kleio ls` shows the trials"
    with pytest.raises(TrialNotFound) as caught:
        trials.trial("3f9c2ba")
    assert caught.value.hint == "did you mean 3f9c2ab? `kleio ls` shows the trials"


def test_an_ambiguous_word_lists_the_candidates(recorder: Recorder, trials: Trials) -> None:
    recorder.ended("train", "--lr", "a b", trial_id=full("3f9c2abc1"))
    recorder.new("\x1b[2J", trial_id=full("3f9c2abc2"))
    with pytest.raises(TrialAmbiguous) as caught:
        trials.trial("3f9")
    assert caught.value.message == (
        "'3f9' fits 2 trials:\n  3f9c2abc2 [new] $'\\e[2J'\n  3f9c2abc1 [completed] train --lr 'a b'"
    )
    assert caught.value.hint == "type more characters of the id"
    assert caught.value.exit_code == 125


def test_the_lineage_of_an_ambiguous_word_lists_the_candidates_and_points_at_the_word(
    recorder: Recorder, trials: Trials
) -> None:
    recorder.ended("train", "--lr", "a b", trial_id=full("3f9c2abc1"))
    recorder.new("other", trial_id=full("5"), name="3f9")
    with pytest.raises(FilterError) as caught:
        trials.count("exit == 0 and ancestor of 3f9")
    assert caught.value.message == (
        "'3f9' fits 2 trials:\n  3f9c2ab [completed] train --lr 'a b'\n  5000000 [new] other\n"
        "  exit == 0 and ancestor of 3f9\n                            ^^^"
    )
    assert (caught.value.hint, caught.value.exit_code) == ("name the one that is meant by its id", 2)


def test_the_lineage_of_a_trial_is_that_of_its_only_tag_too(recorder: Recorder, trials: Trials) -> None:
    parent = recorder.ended("a", tags=("base", "many"))
    recorder.ended("b", tags=("many",))
    branch = recorder.new("a", refers={"parent": parent})
    assert ids(list(trials.trials("descendant of base"))) == [branch]
    with pytest.raises(FilterError, match="'many' fits 2 trials"):
        trials.count("descendant of many")


def test_a_trial_in_the_trash_makes_no_word_ambiguous(recorder: Recorder, trials: Trials) -> None:
    parent, thrown = recorder.ended("a", tags=("base",)), recorder.ended("b", tags=("base", "gone"))
    branches = [recorder.new("a", refers={"parent": one}) for one in (parent, thrown)]
    recorder.journal.compare_and_set(thrown, {}, {"trashed": {"time": 1.0, "offset": 0}})
    assert ids(list(trials.trials("descendant of base"))) == branches[:1]
    assert ids(list(trials.trials("descendant of gone"))) == branches[1:]


def test_a_word_that_is_too_long_for_reading_is_cut(recorder: Recorder, trials: Trials) -> None:
    recorder.new("a")
    with pytest.raises(TrialNotFound) as caught:
        trials.trial("z" * 100_000)
    assert caught.value.message == f"no trial is called '{'z' * 80}…'"


def test_the_lineage_of_no_trial_is_a_fault_of_the_filter(trials: Trials) -> None:
    with pytest.raises(FilterError) as caught:
        list(trials.trials("descendant of zz"))
    assert caught.value.message == "no trial is called 'zz'\n  descendant of zz\n                ^^"


def test_of_trials_that_share_a_tag_one_is_named_by_its_id(recorder: Recorder, trials: Trials) -> None:
    for number in range(2):
        recorder.new("a", trial_id=full(f"3f{number:02}"), tags=("baseline",))
    with pytest.raises(TrialAmbiguous) as caught:
        trials.trial("baseline")
    assert caught.value.hint == "name the one that is meant by its id"


def test_of_many_candidates_ten_are_listed(recorder: Recorder, trials: Trials) -> None:
    for number in range(12):
        recorder.new("a", trial_id=full(f"3f{number:02}"))
    with pytest.raises(TrialAmbiguous) as caught:
        trials.trial("3f")
    assert caught.value.message.startswith("'3f' fits more than 10 trials:\n")
    assert caught.value.message.endswith("\n  …")
    assert len(caught.value.message.splitlines()) == 12


def test_a_word_that_is_a_prefix_of_one_and_the_name_of_another_is_ambiguous(
    recorder: Recorder, trials: Trials
) -> None:
    recorder.new("a", trial_id=full("bad"))
    recorder.new("b", trial_id=full("c"), name="bad")
    with pytest.raises(TrialAmbiguous):
        trials.trial("bad")


def test_a_frame_holds_the_trials_that_fit(recorder: Recorder, trials: Trials) -> None:
    made = [recorder.ended("train", configuration={"lr": lr}) for lr in (0.5, 0.1, 0.9)]
    frame = trials.to_frame("config.lr < 0.8", sort="config.lr")
    assert frame["id"].tolist() == [made[1], made[0]]
    assert str(frame["created"].dtype) == "datetime64[ns, UTC]"
    nothing = trials.to_frame("config.lr > 2")
    assert (len(nothing), list(nothing.columns)) == (0, list(FACTS))
    assert trials.to_frame(limit=1)["config.lr"].tolist() == [0.9]
    assert trials.to_frame(offset=1)["config.lr"].tolist() == [0.1, 0.5]
    recorder.new("train", name="best")
    assert trials.to_frame(name="best")["name"].tolist() == ["best"]
    assert trials.count(name="best") == 1


def test_branches_are_found_by_any_word_that_means_their_parent(recorder: Recorder, trials: Trials) -> None:
    parent = recorder.ended("a", name="best")
    branch = recorder.new("a", refers={"parent": parent})
    for word in (parent, parent[:9], "best"):
        assert ids(list(trials.trials(parent=word))) == [branch]
        assert ids(list(trials.children_of(word))) == [branch]
        assert trials.count(parent=word) == len(trials.to_frame(parent=word)) == 1
    with pytest.raises(TrialNotFound):
        trials.trials(parent="nope")


def test_a_status_that_there_is_not_is_refused(trials: Trials) -> None:
    with pytest.raises(ValueError, match="'complete' is no status; there are acknowledged, arriving"):
        trials.trials(statuses=["complete", "broken"])


@pytest.mark.parametrize("method", ["trials", "to_frame", "count", "tally"])
def test_a_wrong_filter_is_told_before_a_project_is_looked_for(trials: Trials, method: str) -> None:
    with pytest.raises(FilterError):
        getattr(trials, method)("status ==", project="there is none")


def test_a_notebook_shows_the_newest_trials_escaped(recorder: Recorder, trials: Trials) -> None:
    for number in range(20):
        recorder.new("<b>", name=f"n{number}")
    assert "<caption>20 trials</caption>" in trials._repr_html_()
    for number in (20, 21):
        recorder.new("<b>", name=f"n{number}")
    shown = trials._repr_html_()
    assert "<caption>22 trials, the newest 20</caption>" in shown
    assert "<td>n21</td>" in shown
    assert "<b>" not in shown
    assert "<script" not in trials.trial("n21")._repr_html_()


def test_trials_are_shown_in_few_words_and_an_id_is_text(tmp_path: Path) -> None:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    trial = recorder.ended("python", "a.py", name="first")
    trials = Trials(recorder.journal)
    assert repr(trials) == "<Trials: 1>"
    assert repr(trials.trial(trial)) == f"<Trial {trial[:7]} first [completed] python a.py>"
    for wrong in (None, 5):
        with pytest.raises(TypeError, match=f"the id of a trial is text, not {wrong}"):
            trials.get(wrong)  # type: ignore[arg-type]


def test_a_project_is_named_by_its_id_or_its_name(recorder: Recorder) -> None:
    other = Project("q" * 40, "other", "/", "")
    mine, theirs = recorder.ended("x"), recorder.ended("y", project=other)
    trials = Trials(recorder.journal)
    for word in (PROJECT.id, PROJECT.name):
        assert ids(list(trials.trials(project=word))) == [mine]
        assert trials.count(project=word) == trials.tally(project=word).statuses["completed"] == 1
    assert ids(list(trials.trials(project="other"))) == [theirs]
    assert list(trials.trials(project="none")) == []
    recorder.ended("z", project=Project("r" * 40, "other", "/", ""))
    with pytest.raises(UsageError, match="several projects are called other: "):
        trials.trials(project="other")
