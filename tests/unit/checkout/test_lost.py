"""Where a commit may still be seen."""

from __future__ import annotations

import pytest

from kleio.checkout.lost import commit_page


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("git@github.com:lab/model.git", "https://github.com/lab/model/commit/abc"),
        ("https://github.com/lab/model", "https://github.com/lab/model/commit/abc"),
        ("ssh://git@gitlab.example.org:2222/a/b/c.git", "https://gitlab.example.org/a/b/c/-/commit/abc"),
        ("https://<redacted:12>@codeberg.org/lab/model/", "https://codeberg.org/lab/model/commit/abc"),
        ("git@bitbucket.org:lab/model.git", "https://bitbucket.org/lab/model/commits/abc"),
        ("git@example.org:model.git", None),
        ("/srv/github/model.git", None),
        ("", None),
    ],
)
def test_the_page_of_a_commit(remote: str, page: str | None) -> None:
    assert commit_page(remote, "abc") == page
