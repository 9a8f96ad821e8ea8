"""The programs in ``examples/`` do what the README and the tutorial say of them."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from harness.command import CHECKOUT

EXAMPLES = CHECKOUT / "examples"


@pytest.fixture
def examples(repo, git):
    """The examples, committed in the repository of the test."""
    shutil.copytree(EXAMPLES, repo / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    git("add", "-A")
    git("commit", "-qm", "examples")
    return repo / "examples"


def epochs(output: bytes) -> list[int]:
    return [int(line.split()[1].rstrip(b":")) for line in output.splitlines() if line.startswith(b"epoch ")]


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
class TestWithoutKleio:
    @pytest.mark.parametrize(
        "line", ["examples/digits.py --epochs 2", "examples/configured.py examples/configured.yaml"]
    )
    def test_script_prints_its_statistics_and_writes_nothing(self, kleio, examples, git, line):
        done = kleio.bare(sys.executable, *line.split())
        assert done.code == 0, done.words
        assert b"accuracy" in done.out
        assert git("status", "--porcelain") == ""

    def test_pipeline_counts_words(self, kleio, examples):
        done = kleio.bare("examples/pipeline.sh", stdin=b"three words, three words. THREE\n")
        assert done.out.split() == [b"3", b"three", b"2", b"words"]


def test_digits_are_learned_and_recorded(kleio, examples):
    done = kleio("python", "examples/digits.py", "--epochs", "3")
    assert done.code == 0, done.words
    assert epochs(done.out) == [1, 2, 3]
    assert kleio("cat", done.trial).out == done.out
    (trial,) = kleio.json("ls", "--json")
    assert trial["status"] == "completed"


def test_digits_go_on_from_the_last_checkpoint(kleio, examples):
    line = ["python", "examples/digits.py", "--epochs", "4", "--sleep", "0.5"]
    first = kleio.part(*line, after=b"epoch 2")
    second = kleio(*line)
    assert second.code == 0, second.words
    assert second.trial == first.trial
    seen = epochs(kleio("cat", first.trial).out)
    assert seen == epochs(first.out) + epochs(second.out)
    assert sorted(set(seen)) == [1, 2, 3, 4]
    assert epochs(second.out)[0] > 1


def test_configuration_file_makes_the_trial(kleio, examples):
    line = ["python", "examples/configured.py", "examples/configured.yaml"]
    first = kleio(*line)
    assert first.code == 0, first.words
    config = examples / "configured.yaml"
    config.write_text(config.read_text().replace("epochs: 5", "epochs: 2"))
    second = kleio(*line)
    assert second.code == 0, second.words
    assert second.trial != first.trial


def test_pipeline_gets_its_input(kleio, examples):
    done = kleio("examples/pipeline.sh", stdin=b"some words and some more\n")
    assert done.code == 0, done.words
    assert done.out.split()[:2] == [b"2", b"some"]
    assert kleio("cat", done.trial).out == done.out


@pytest.fixture
def short_name(kleio, tmp_path):
    """``kleio`` by its short name, which the examples call, wherever it is installed."""
    return kleio.name_on_path(tmp_path / "bin")


def test_shell_script_says_what_it_does(kleio, examples, short_name):
    done = kleio("examples/logging.sh", env=short_name)
    assert (done.code, done.out) == (0, b""), done.words
    points = kleio.json("stats", done.trial, "--json")
    assert [point["values"]["sum"] for point in points] == [5050, 20100, 45150]
    listed = kleio.json("artifacts", "ls", done.trial, "numbers", "--json")
    assert [artifact["metadata"] for artifact in listed] == [{"round": 1}, {"round": 2}, {"round": 3}]
    bare = kleio.bare("examples/logging.sh", env=short_name)
    assert bare.out.splitlines()[0] == b"round=1 sum=5050 note='up to 100'"


def test_c_program_writes_the_documented_format(kleio, examples, tmp_path):
    built = kleio.bare("cc", "-Wall", "-Wextra", "-Werror", "-o", str(tmp_path / "logging"), "examples/logging.c")
    assert built.code == 0, built.words
    done = kleio(str(tmp_path / "logging"))
    assert (done.code, done.out) == (0, b""), done.words
    points = kleio.json("stats", done.trial, "--json")
    assert [point["values"] for point in points] == [{"step": step, "loss": round(1 / step, 6)} for step in (1, 2, 3)]
    assert kleio.bare(str(tmp_path / "logging")).out.splitlines()[0] == b'{"step":1,"loss":1.000000}'


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_notebook_leads_from_trials_to_the_best_learning_rate(kleio, examples, short_name, tmp_path):
    """Its cells, one after the other in one process, as a notebook runs them; nothing is shown."""
    notebook = json.loads((examples / "learning_rate.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 6
    last = "print('axes', len(figure.axes), 'points', len(left.lines[0].get_xdata()), 'curves', len(right.lines))"
    script = tmp_path / "notebook.py"
    script.write_text("\n".join(["import matplotlib", "matplotlib.use('agg')", *cells, last]))
    done = kleio.bare(sys.executable, str(script), cwd=examples, env=short_name)
    assert done.code == 0, done.words
    words = done.out.decode()
    assert "python descent.py --steps 60 --lr 0.09\n" in words
    assert "loss at step 30: 0.02224938" in words
    assert words.endswith("axes 2 points 7 curves 7\n")
