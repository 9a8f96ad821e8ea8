from __future__ import annotations

import json
from pathlib import Path

import pytest

from kleio.settings import NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_each_setting_is_shown_with_its_value_and_its_origin(kleio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_LEASE", "3m")
    Path("kleio.toml").write_text("output_head = '1 MiB'\n")
    said = kleio("--data", "/x/y", "config")
    assert said.code == 0
    shown = {line.split()[0]: line.split() for line in said.out.splitlines()}
    assert shown["lease"] == ["lease", "KLEIO_LEASE", "3m"]
    assert shown["data"] == ["data", "--data", "/x/y"]
    assert shown["output"] == ["output", "default", "merge"]
    assert shown["output_head"] == ["output_head", f"{Path.cwd()}/kleio.toml,", "line", "1", "1", "MiB"]
    assert shown.keys() == {"setting", *NAMES}


def test_json_has_plain_values(kleio: Any) -> None:
    data = json.loads(kleio("config", "--json").out)["data"]
    assert data["settings"]["lease"] == {"value": 120.0, "origin": "default"}
    assert data["settings"].keys() == set(NAMES)
    assert data["user_file"].endswith("/kleio/config.toml")


def test_the_password_is_never_shown(kleio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_JOURNAL", "mongodb://ada:PASSWORD@host/lab?tlsCertificateKeyFilePassword=SECRET")
    for words in (["config"], ["config", "--json"]):
        said = kleio(*words)
        assert said.code == 0
        assert "mongodb://" in said.out
        assert "PASSWORD" not in said.out + said.err
        assert "SECRET" not in said.out + said.err


def test_a_variable_that_means_nothing_is_pointed_out(kleio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_LEESE", "3m")
    assert kleio("config").err == (
        "kleio: warning: the variable KLEIO_LEESE means nothing to kleio; did you mean KLEIO_LEASE?\n"
    )


def test_a_broken_file_is_named_with_its_line(kleio: Any) -> None:
    Path("kleio.toml").write_text("\nlease = soon\n")
    said = kleio("config")
    assert said.code == 125
    assert said.err == (
        f"kleio: {Path.cwd()}/kleio.toml is not valid TOML: Invalid value (at line 2, column 9)\n"
        f"kleio: hint: edit {Path.cwd()}/kleio.toml\n"
    )
