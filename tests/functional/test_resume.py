"""An interrupted trial goes on: by the same command or by its id, as a new attempt that never overwrites the old."""

from __future__ import annotations

import pytest

LINE = ("python", "train.py", "--sleep", ".5")
REST = {"START": "12"}
"""Only the last epoch: START is no argument, so it does not belong to the identity."""


def lines(output: bytes) -> list[bytes]:
    return [line for line in output.splitlines() if line.startswith(b"epoch")]


def test_same_command_resumes_after_ctrl_c(kleio):
    """S07"""
    first = kleio.part(*LINE)
    assert first.status == 130
    assert kleio.status(first.trial) == "suspended"
    assert "the same command" in first.words
    assert f"kleio run {first.trial}" in first.words
    second = kleio(*LINE, env=REST)
    assert second.code == 0, second.words
    assert second.trial == first.trial
    assert kleio.status(first.trial) == "completed"
    assert kleio("cat", first.trial).out == first.out + second.out
    assert kleio("cat", "--attempt", "2", first.trial).out == second.out
    assert lines(second.out) == [b"epoch 12 lr 1"]
    assert len(kleio.ids()) == 1


@pytest.mark.parametrize("select", ["run", "exec"])
def test_id_resumes(kleio, select):
    """S08: both spellings, and from any directory of the repository."""
    first = kleio.part(*LINE)
    second = kleio(select, first.trial, env=REST)
    assert second.code == 0, second.words
    assert second.trial == first.trial
    info = kleio.info(first.trial)
    assert [attempt["status"] for attempt in info["history"]] == ["suspended", "completed"]


def test_id_resumes_where_the_command_was_typed(kleio, repo, tmp_path):
    """From the repository's top, from outside of it, and from the same place."""
    sub = repo / "sub"
    sub.mkdir()
    first = kleio("bash", "-c", 'pwd; echo "$PWD"; exit 1', cwd=sub, env={"PWD": str(sub)})
    for place in (repo, tmp_path, sub):
        again = kleio("exec", "--switch-over", first.trial, cwd=place, env={"PWD": str(place)})
        assert again.trial == first.trial
        assert again.out.decode().splitlines() == [str(sub), str(sub)]


def test_unknown_and_empty_id_are_refused(kleio):
    """S08"""
    first = kleio.part(*LINE)
    for select in ("run", "exec", "info", "cat", "tail"):
        for word in ("0000000", ""):
            words = kleio(select, word).refused()
            assert (word or "an empty word names no trial") in words
    assert kleio.status(first.trial) == "suspended"
    assert kleio.info(first.trial)["attempts"] == 1


def test_prefix_of_two_trials_is_refused_and_lists_both(kleio):
    """S08"""
    seen: dict[str, str] = {}
    for number in range(17):  # of 17 ids, two begin with the same digit
        trial = kleio("-q", "echo", str(number))
        assert trial.code == 0, trial.words
        (newest, *_) = kleio.json("ls", "--json", "--limit", "1")
        first = newest["id"][0]
        if first in seen:
            break
        seen[first] = newest["id"]
    for select in ("run", "exec", "info", "cat"):
        words = kleio(select, first).refused()
        assert newest["id"][:7] in words
        assert seen[first][:7] in words


def test_code_is_compared_before_a_resume(kleio, repo):
    """The full story of S12 belongs to branching; that nothing is mixed is promised here."""
    first = kleio.part(*LINE)
    with (repo / "train.py").open("a") as file:
        file.write("#x\n")
    for words in (LINE, ("run", first.trial), ("exec", first.trial)):
        refusal = kleio(*words).refused()
        assert "code changed" in refusal
        assert "train.py" in refusal
        assert "+#x" in refusal
    assert kleio.info(first.trial)["attempts"] == 1
    assert kleio.status(first.trial) == "suspended"
