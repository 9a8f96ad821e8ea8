from __future__ import annotations

from kleio.spool.references import digests_in, refers_to_blobs


def test_everything_that_looks_like_a_digest_is_one():
    one, other, third = "a" * 64, "0b" * 32, "9" * 64
    assert digests_in({one: [other, {"x": f'"{third}"'}], "n": 3, "none": None, "bytes": b"a" * 64}) == {
        one, other, third,
    }  # fmt: skip
    assert digests_in(["a" * 63, "a" * 65, "G" * 64, ""]) == set()


def test_streams_of_tomorrow_are_looked_at_and_large_ones_not():
    assert refers_to_blobs("artifacts")
    assert refers_to_blobs("something new")
    assert not any(map(refers_to_blobs, ("statistics", "metrics", "stdout", "stderr", "status", "gaps")))
