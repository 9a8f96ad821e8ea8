"""What people look at every day: lists, portraits, output, on a terminal and off it."""

from __future__ import annotations

import json
import os

import pytest

from harness.waiting import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRAIN = ("python", "train.py", "--epochs", "3")


@pytest.fixture
def sweep(kleio: Any) -> list[str]:
    """Two runs with other learning rates, the second of which is tagged, and a branch of the first."""
    first = kleio(*TRAIN, "--lr", "1")
    second = kleio("run", "--tags", "best", *TRAIN, "--lr", "2")
    branch = kleio("branch", first.trial, "--epochs", "4")
    assert first.code == second.code == branch.code == 0, branch.words
    return [first.trial, second.trial, branch.trial]


@pytest.mark.parametrize(
    ("columns", "shows"),
    [
        (200, ["name and tags", "started", "took", "lr", "epochs", "command", "#best", "--lr 2"]),
        (80, ["started", "epochs", "lr", "command", "#best", "python train.py --epochs 3"]),
        (50, ["status", "command"]),
    ],
)
def test_a_list_fits_the_terminal(kleio: Any, sweep: list[str], columns: int, shows: list[str]) -> None:
    """S48: one line a trial, short id first, whatever the width."""
    terminal = kleio.terminal("ls", columns=columns, env={"KLEIO_PAGER": ""})
    assert terminal.wait() == 0
    lines = [line for line in terminal.screen if line]
    assert len(lines) == 4
    assert [line.split()[0] for line in lines[1:]] == [sweep[2], sweep[1], sweep[0]]
    assert all("[completed]" in line for line in lines[1:])
    for word in shows:
        assert any(word in line for line in lines), (word, lines)


def test_a_list_is_chosen_sorted_and_grown_into_a_tree(kleio: Any, sweep: list[str]) -> None:
    """S48, S22: the same columns, filters and orders whatever the journal."""
    first, second, branch = sweep
    chosen = kleio("ls", "--columns", "id,config.lr,stats.loss.count", "--sort", "config.lr", "--tags", "best")
    assert [line.split() for line in chosen.out.decode().splitlines()] == [
        ["id", "lr", "loss.count"],
        [second, "2", "3"],
    ]
    found = kleio("ls", "--where", "config.lr >= 1 and stats.epoch.last < 4", "--sort=-config.lr")
    assert [line.split()[0] for line in found.out.decode().splitlines()] == [second, first]
    tree = kleio("ls", "--tree", "--columns", "id,command").out.decode().splitlines()[1:]
    assert [line.split("python")[0].split() for line in tree] == [[second], [first], ["└─", branch]]
    table = kleio("ls", "--format", "csv").out.decode().splitlines()
    assert table[0].startswith("id,status,name,tags,")
    assert len(table) == 4


def test_a_watched_list_follows_and_leaves_the_terminal_as_it_was(kleio: Any) -> None:
    watching = kleio.terminal("ls", "--watch", env={"KLEIO_PAGER": ""})
    watching.until("no trial")
    done = kleio(*TRAIN)
    watching.until(done.trial)
    watching.resize(30, 100)
    watching.type("\x03")
    assert watching.wait() == 0
    assert watching.seen.count(b"\x1b[?1049h") == watching.seen.count(b"\x1b[?1049l") == 1
    assert watching.seen.rindex(b"\x1b[?25h") > watching.seen.rindex(b"\x1b[?25l")


def test_a_watched_list_that_is_longer_than_the_screen_says_so(kleio: Any, sweep: list[str]) -> None:
    watching = kleio.terminal("ls", "--watch", env={"KLEIO_PAGER": "", "LINES": "5"})
    watching.until("and more")
    watching.type("\x03")
    assert watching.wait() == 0


def test_a_long_list_is_paged_on_a_terminal_only(kleio: Any, sweep: list[str], repo: Any) -> None:
    pager = {"KLEIO_PAGER": "tee paged >/dev/null"}
    assert kleio.terminal("ls", env=pager).wait() == 0
    assert len((repo / "paged").read_text().splitlines()) == 4
    for words in (["info", sweep[0]], ["diff", *sweep[:2]], ["why", *sweep[:2]], ["stats", sweep[0]]):
        (repo / "paged").unlink()
        kleio.terminal(*words, env=pager).wait()
        assert (repo / "paged").read_text()
    (repo / "paged").unlink()
    assert kleio.terminal("ls", "--no-pager", env=pager).wait() == 0
    assert len(kleio("ls", env=pager).out.splitlines()) == 3
    assert not (repo / "paged").exists()


def test_a_running_trial_tells_how_far_it_is(kleio: Any) -> None:
    """By its heartbeats, so that no list reads history."""
    beats = {"KLEIO_HEARTBEAT": "0.2"}
    running = kleio.background("python", "train.py", "--epochs", "500", "--sleep", ".1", env=beats)
    trial = running.trial

    def told() -> Any:
        return kleio.info(trial)["progress"]

    until(lambda: (told() or {}).get("step"), "the first steps")
    progress = told()
    assert progress["step"]["name"] == "epoch"
    assert progress["output"] > 0
    listed = json.loads(kleio("ls", "--json").out)["data"][0]
    assert listed["statistics"]["loss"]["count"] >= 1
    assert b"epoch " in kleio("ls", "--columns", "progress").out
    running.interrupt()
    running.wait()
    info = kleio.info(trial)
    assert info["progress"] is None
    assert info["statistics"]["loss"]["count"] == info["statistics"]["epoch"]["last"]


def test_several_trials_are_followed_together(kleio: Any) -> None:
    """S49: every line once, behind the id of its trial, and the end comes by itself."""
    done = kleio(*TRAIN)
    running = kleio.background("python", "train.py", "--epochs", "4", "--sleep", ".3")
    live = running.trial
    followed = kleio("tail", "-f", done.trial, live)
    assert running.wait().code == 0
    lines = followed.out.decode().splitlines()
    for trial, count in ((done.trial, 3), (live, 4)):
        own = [line.partition(" | ")[2] for line in lines if line.startswith(trial)]
        assert own == [f"epoch {number} lr 1" for number in range(1, count + 1)]


def test_a_session_is_played_again(kleio: Any, sweep: list[str]) -> None:
    first, _, branch = sweep
    assert kleio("replay", "--speed", "1000", first).out == kleio("cat", "--stderr", first).out
    stamped = kleio("cat", "--timestamps", branch).out.decode().splitlines()
    plain = kleio("cat", branch).out.decode().splitlines()
    assert [line.partition("  ")[2] for line in stamped] == plain
    assert len({line[:10] for line in stamped}) <= 2  # dates


def test_the_tab_key_knows_trials_and_fields(kleio: Any, sweep: list[str]) -> None:
    def offered(*words: str) -> list[str]:
        asked = {"_KLEIO_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        return [line.partition(",")[2] for line in kleio(env=asked).out.decode().splitlines()]

    assert offered("kleio", "info", sweep[0][:6]) == [sweep[0]]
    assert "best" in offered("kleio", "cat", "be")
    assert offered("kleio", "ls", "--tags", "b") == ["best"]
    assert offered("kleio", "ls", "--sort", "stats.") == ["stats.epoch", "stats.loss", "stats.lr"]
    assert "config.lr" in offered("kleio", "ls", "--columns", "config.")


def test_top_shows_what_runs_and_its_output(kleio: Any, repo: Any) -> None:
    running = kleio.background("python", "hold.py")
    running.until_file()
    screen = kleio.terminal("top", columns=120, env={"TERM": "xterm-256color"})
    screen.until(running.trial)
    screen.until("1 at work")
    screen.type("q")
    assert screen.wait() == 0
    (repo / "go").touch()
    assert running.wait().code == 0
    assert not os.path.exists(repo / "core")


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_info_shows_what_a_configuration_file_says_by_the_names_that_filters_know(kleio: Any, repo: Any) -> None:
    (repo / "c.yaml").write_text("net:\n  depth: 3\n" + "".join(f"k{n}: {n}\n" for n in range(30)))
    trial = kleio("true", "--config", "c.yaml").trial
    shown = kleio("info", trial).out.decode()
    assert "config        c.yaml (with its content)\n" in shown
    assert "  config.k0     0\n" in shown
    assert "… and 11 more; --json has all\n" in shown
    (repo / "c.yaml").write_text("net:\n  depth: 3\n")
    small = kleio("true", "--config", "c.yaml").trial
    assert "  config.net.depth  3\n" in kleio("info", small).out.decode()
    assert f"\n{trial} [" in kleio("ls", "--where", "config.config.net.depth == 3").out.decode()


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_statistics_fit_the_terminal(kleio: Any, repo: Any) -> None:
    logged = ", ".join(f"statistic_{n}={n}" for n in range(10))
    trial = kleio(
        "python",
        "-c",
        f"from kleio.client.logger import kleio_logger as k; [k.log_statistic({logged}) for _ in range(3)]",
    ).trial
    terminal = kleio.terminal("stats", trial, columns=60)
    assert terminal.wait() == 0
    lines = [line for line in terminal.screen if line]
    assert any("too narrow for: statistic_" in line for line in lines)
    assert [line.split() for line in lines if line.split()[-1:] == ["3"]] == [["0", "1", "2", "3"]] * 3
    assert "statistic_9" in kleio("stats", trial).out.decode()
