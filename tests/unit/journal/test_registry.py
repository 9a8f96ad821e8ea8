from __future__ import annotations

import pytest

from kleio.errors import SettingsError
from kleio.journal import registry


def test_a_memory_journal_is_one_for_the_whole_process() -> None:
    one, other = registry.open_journal("memory://registry"), registry.open_journal("memory://registry")
    one.insert_trial({"_id": "a" * 64})
    assert other.trial("a" * 64) is not None
    assert registry.open_journal("memory://another").trial("a" * 64) is None


def test_an_address_that_cannot_be_used_is_a_setting_that_cannot() -> None:
    with pytest.raises(SettingsError, match=r"^no journal is kept in 'postgres'"):
        registry.open_journal("postgres://host/name")
