"""What the program has stands in the documentation: commands, options, settings, statuses, errors, variables."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kleio import errors
from kleio.cli.group import group
from kleio.failpoints import NAMES as FAIL_POINTS
from kleio.settings import NAMES as SETTINGS
from kleio.trial.status import STATUSES

CHECKOUT = Path(__file__).parents[2]
SOURCES = sorted(Path(inspect.getfile(errors)).parent.rglob("*.py"))
VARIABLES = sorted(
    {name for source in SOURCES for name in re.findall(r"\bKLEIO_[A-Z_]*[A-Z]\b", source.read_text(encoding="utf-8"))}
    - {"KLEIO_DB"}
)
ERRORS = [name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.KleioError)]
WRITTEN = sorted((CHECKOUT / "docs").rglob("*.rst"))
DESIGN = [page for page in WRITTEN if page.parent.name == "design" and page.stem != "index"]


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The documentation as text, built once, with what the directives write from the program."""
    built = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "text", str(CHECKOUT / "docs"), str(built)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {page.relative_to(built).with_suffix("").as_posix(): page.read_text() for page in built.rglob("*.txt")}


@pytest.mark.parametrize("name", group.commands or list(group.list_commands(None)))
def test_command_is_described_with_all_its_options(pages, name):
    command = group.get_command(None, name)
    page = pages["reference/commands"]
    assert f"Usage: kleio {name}" in page
    for option in command.params:
        assert all(word in page for word in (*option.opts, *option.secondary_opts) if word.startswith("-"))


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_is_described(pages, name):
    assert f"KLEIO_{name.upper()}" in pages["reference/settings"]


@pytest.mark.parametrize("name", sorted(STATUSES))
def test_status_is_described(name):
    assert re.search(rf"^``{name}`` ", (CHECKOUT / "docs/reference/statuses.rst").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", ERRORS)
def test_error_is_described(pages, name):
    assert re.search(rf'"{name}"\s*\|\s*{getattr(errors, name).exit_code} ', pages["reference/errors"])


@pytest.mark.parametrize("name", VARIABLES)
def test_variable_is_described(pages, name):
    assert name in pages["reference/environment"] or name in pages["reference/settings"]


@pytest.mark.parametrize("name", sorted(FAIL_POINTS))
def test_fail_point_is_described(pages, name):
    assert name in pages["reference/environment"]


@pytest.mark.parametrize("page", DESIGN, ids=lambda page: page.stem)
def test_design_page_opens_with_its_status(page):
    assert re.match(r".+\n=+\n\n:Status: (proposed|accepted|superseded by .+)\n", page.read_text())


@pytest.mark.parametrize("page", [*WRITTEN, CHECKOUT / "README.rst"], ids=lambda page: page.stem)
def test_commands_in_examples_exist(page):
    """A line ``kleio WORD`` in an example is one of kleio's commands, or runs a program."""
    words = re.findall(r"^    (?:\$ )?kleio (?:exec |run )?(?!-)([\w./]+)", page.read_text(), re.MULTILINE)
    programs = {"python", "srun", "examples/pipeline.sh", "COMMAND", "WORD"}
    unknown = [word for word in words if word not in programs and group.get_command(None, word) is None]
    assert [word for word in unknown if not re.fullmatch(r"[0-9a-f]{7}", word)] == []


def test_readme_has_the_two_commands():
    text = (CHECKOUT / "README.rst").read_text()
    for block in ("example", "tests"):
        assert re.search(rf"^\.\. commands: {block}\n\n::\n\n    python3 -m venv \.venv && .+\n\n", text, re.MULTILINE)


def test_fragments_of_the_change_log_have_names_that_the_gatherer_takes():
    names = [path.name for path in (CHECKOUT / "changelog.d").iterdir() if path.name != "README.rst"]
    allowed = r"\d+\.(feature|bugfix|doc|removal|misc)(\.\d+)?\.rst"
    assert [name for name in names if not re.fullmatch(allowed, name)] == []
