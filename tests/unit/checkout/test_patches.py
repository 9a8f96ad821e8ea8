"""A patch whose lines were replaced gets those back that the commit holds."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from kleio.checkout.patches import healed, sections

OLD = "a" * 40
LINES = st.lists(st.sampled_from(["x", "y", "secret", "", "-z", "+z", "@@ -1 +1 @@", "diff --git "]), max_size=12)


def patch_of(before: list[str], after: list[str], context: int = 3) -> str:
    """As git writes it."""
    lines = [f"{line}\n" for line in difflib.unified_diff(before, after, "a/f", "b/f", n=context, lineterm="")]
    return "".join(["diff --git a/f b/f\n", f"index {OLD}..{'b' * 40} 100644\n", *lines])


def redacted(patch: str) -> str:
    """The patch after kleio replaced a word, headers apart."""
    return patch.replace("secret", "<redacted:1234>")


@given(LINES, LINES)
def test_lines_of_the_commit_come_back(before: list[str], after: list[str]) -> None:
    if before == after:
        return
    whole = patch_of(before, after)
    content = "".join(f"{line}\n" for line in before).encode()
    result = healed(redacted(whole).encode(), lambda _: content).decode()
    old = [line for line in result.splitlines()[4:] if not line.startswith(("+", "@@"))]
    assert old == [line for line in whole.splitlines()[4:] if not line.startswith(("+", "@@"))]
    new = [line for line in result.splitlines()[4:] if line.startswith("+")]
    assert new == [line.replace("secret", "<redacted:1234>") for line in whole.splitlines()[4:] if line[:1] == "+"]


def test_a_patch_whose_base_is_gone_stays_as_it_is() -> None:
    patch = redacted(patch_of(["secret"], ["y"])).encode()
    assert healed(patch, lambda _: None) == patch


def test_a_patch_is_cut_between_files() -> None:
    one, two = patch_of(["a"], ["diff --git a/f b/f"]).encode(), patch_of(["c"], ["d"]).encode()
    assert sections(one + two) == [one, two]
    assert sections(b"") == []
