from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.trial.hosting import commit_page

SHA = "29c1d9293438ba80aaf8233d96415e16c34fe621"


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("git@github.com:ada/engine.git", "https://github.com/ada/engine/commit/"),
        ("https://ada:token@github.com/ada/engine", "https://github.com/ada/engine/commit/"),
        ("ssh://git@gitlab.example.org:2222/lab/sub/engine.git", "https://gitlab.example.org/lab/sub/engine/-/commit/"),
        ("https://gitlab.com/ada/engine.git/", "https://gitlab.com/ada/engine/-/commit/"),
        ("git@bitbucket.org:ada/engine.git", "https://bitbucket.org/ada/engine/commits/"),
        ("https://git.sr.ht/~ada/engine", "https://git.sr.ht/~ada/engine/commit/"),
        ("https://codeberg.org/ada/engine.git", "https://codeberg.org/ada/engine/commit/"),
    ],
)
def test_the_page_is_where_the_host_shows_commits(remote: str, page: str) -> None:
    assert commit_page(remote, SHA) == page + SHA


@pytest.mark.parametrize(
    ("remote", "commit"),
    [
        ("/srv/git/engine.git", SHA),
        ("git@example.org:ada/engine.git", SHA),
        ("https://github.com/ada", SHA),
        ("https://github.com/ada/../engine", SHA),
        ("https://github.com/ada/en\x1bgine", SHA),
        ("https://github.com/ada/engine", "HEAD"),
        ("", SHA),
    ],
)
def test_what_is_not_known_has_no_page(remote: str, commit: str) -> None:
    assert commit_page(remote, commit) is None


@given(st.text(), st.text())
def test_no_remote_makes_an_address_that_a_terminal_would_obey(remote: str, path: str) -> None:
    page = commit_page(f"git@github.com:{path}", SHA) or commit_page(remote, SHA) or ""
    assert page.isascii()
    assert page.isprintable()
