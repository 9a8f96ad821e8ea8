from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

import kleio
from harness.recorded import Recorder
from kleio.cli.group import SECTIONS, group, run_group
from kleio.cli.names import ALIASES, COMMANDS
from kleio.cli.terminal.console import Console
from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def helped(*words: str) -> str:
    command: click.Command = group
    context = click.Context(group, info_name="kleio", **group.context_settings)
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(context, word)
        assert found is not None
        command, context = found, click.Context(found, info_name=word, parent=context)
    return command.get_help(context)


@pytest.mark.parametrize("name", [*COMMANDS, *ALIASES])
def test_every_command_shows_its_help(name: str) -> None:
    assert f"Usage: kleio {name}" in helped(name)


def test_the_groups_help_names_every_command_with_what_it_does() -> None:
    text = helped()
    for name in COMMANDS:
        assert any(line.split()[:1] == [name] and len(line.split()) > 2 for line in text.splitlines()), name
    assert "..." not in text


def test_the_groups_help_has_one_line_a_command() -> None:
    """All of kleio on one screen: what wraps makes one look for the next command."""
    lines = helped().splitlines()
    for title, names in SECTIONS:
        start = lines.index(f"{title}:") + 1
        assert [line.split()[0] for line in lines[start : start + len(names.split())]] == names.split()


def test_every_command_stands_in_one_section_of_the_help() -> None:
    assert sorted(name for _, names in SECTIONS for name in names.split()) == sorted(COMMANDS)


def commands_below(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from commands_below(below, *words, name)


@pytest.mark.parametrize("words", list(commands_below(group)), ids=" ".join)
def test_help_fits_a_terminal(words: tuple[str, ...]) -> None:
    assert [line for line in helped(*words).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert [one.name for one in command.params if isinstance(one, click.Option) and not one.help] == []


def test_a_command_loads_no_other() -> None:
    code = (
        "import sys; from kleio.cli.terminal.console import Console; from kleio.cli.group import run_group\n"
        "run_group(['config'], Console())\n"
        "print(sorted(name for name in sys.modules if name.startswith('kleio.cli.commands.')), file=sys.stderr)"
    )
    environ = {"PYTHONPATH": str(Path(kleio.__file__).parents[1]), "HOME": "/nowhere"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert done.stderr == "['kleio.cli.commands.config']\n"


def test_the_version_is_a_result() -> None:
    stdout = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        assert run_group(["--version"], Console()) == 0
    assert stdout.getvalue() == f"kleio {kleio.__version__}\n"


def completions(words: list[str], incomplete: str) -> list[tuple[str, str]]:
    found = ShellComplete(group, {}, "kleio", "_KLEIO_COMPLETE").get_completions(words, incomplete)
    return [(item.type, item.value) for item in found]


def test_tab_offers_commands_options_and_files() -> None:
    assert ("plain", "info") in completions([], "in")
    assert ("plain", "--json") in completions(["ls"], "--j")
    assert completions([], "./tra") == [("file", "./tra")]
    assert completions(["python"], "tra") == [("file", "tra")]
    assert completions(["python", "train.py"], "l") == [("file", "l")]


def test_tab_offers_the_ids_of_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "memory://completion"
    monkeypatch.setenv("KLEIO_JOURNAL", address)
    trial = Recorder.on(open_journal(address)).new("true", trial_id="3f9c2ab" + "0" * 57)
    assert completions(["info"], "3f") == [("plain", trial[:7])]
    assert completions(["info"], "9") == []


def test_tab_is_silent_when_the_journal_is_away(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "damaged").write_text("no database " * 100)
    monkeypatch.setenv("KLEIO_JOURNAL", f"sqlite://{home}/damaged")
    assert completions(["info"], "3f") == []
