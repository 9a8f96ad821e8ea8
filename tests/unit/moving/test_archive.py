"""An archive is read as it was written, or refused in one sentence, and nothing of it is imported."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kleio.errors import ArchiveCorrupt, BlobMissing
from kleio.journal.contract import Segment
from kleio.moving.archive import HEAD, MANIFEST, document_name, segments_name
from kleio.moving.archive_reader import ArchiveReader
from kleio.moving.archive_writer import ArchiveWriter
from kleio.moving.delivery import Delivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unit.moving.conftest import Place

ASSETS = Path(__file__).parents[2] / "assets" / "archives"


def read(data: bytes) -> ArchiveReader:
    return ArchiveReader(io.BytesIO(data), "the file")


def take(data: bytes, there: Place) -> None:
    """What ``kleio import`` does."""
    reader = read(data)
    for trial in reader.verify().trials:
        Delivery(there.journal, there.blobs).deliver(reader.parcel(trial))


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rebuilt(parts: dict[str, bytes], *, manifest: bool = True, packed: tuple[str, ...] = ()) -> bytes:
    """An archive of these members, by somebody who knows the format and means no good."""
    if manifest:
        last = json.loads(parts[MANIFEST].splitlines()[-1])
        parts = {name: data for name, data in parts.items() if name != MANIFEST}
        entries = [
            {"member": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for name, data in parts.items()
        ]
        lines = [*entries, last | {"members": len(entries)}]
        parts[MANIFEST] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as opened:
        for name, data in parts.items():
            how = zipfile.ZIP_DEFLATED if name in packed else zipfile.ZIP_STORED
            opened.writestr(zipfile.ZipInfo(name), data, how)
    return file.getvalue()


def test_trials_come_back_equal_ancestors_before_branches(here: Place, there: Place, branch: str, trial: str) -> None:
    data = here.archive(branch)
    contents = read(data).verify()
    assert (contents.trials, contents.selected) == ((trial, branch), (branch,))
    take(data, there)
    for one in (trial, branch):
        assert there.whole(one) == here.whole(one)
    assert there.archive(branch) == data


def test_archives_of_released_versions_are_read(there: Place) -> None:
    vector = (ASSETS / "format-1.kleio").read_bytes()
    take(vector, there)
    expected = json.loads((ASSETS / "format-1.json").read_text())
    for trial, facts in expected.items():
        document, segments, blobs = there.whole(trial)
        assert document["argv"] == facts["argv"]
        assert document["status"] == facts["status"]
        assert [segment.id for segment in segments] == facts["segments"]
        assert sorted(blobs) == facts["blobs"]
    again = members(there.archive(*read(vector).verify().selected))
    for name, content in members(vector).items():
        if name not in (HEAD, MANIFEST):  # they say which kleio wrote it
            assert again[name] == content, name


def test_a_blob_that_two_trials_have_is_written_once(here: Place, trial: str) -> None:
    other = here.recorder.ended("again")
    here.recorder.stored(other, "same", b"w" * 3000, blobs=here.blobs)
    names = list(members(here.archive(trial, other)))
    assert len([name for name in names if name.startswith("blobs/")]) == 2
    assert len(names) == len(set(names))


def test_missing_bytes_are_no_archive(here: Place, trial: str) -> None:
    here.blobs.collect(next(iter(here.blobs.digests())), float("inf"))
    with pytest.raises(BlobMissing):
        here.archive(trial)


@settings(max_examples=120)
@given(data=st.data())
def test_a_damaged_archive_is_refused_or_means_the_same(here: Place, data: st.DataObject) -> None:
    there = type(here)()
    if not here.journal._store.trials:
        made = here.recorder.ended("x", trial_id="ab" * 32)
        here.recorder.logged(made, {"loss": 1.0})
        here.recorder.stored(made, "weights", b"w" * 40, blobs=here.blobs)
    good = here.archive("ab" * 32)
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "drop"]))
    place = data.draw(st.integers(0, len(good) - 1))
    if kind == "flip":
        bad = good[:place] + bytes((good[place] ^ (1 << data.draw(st.integers(0, 7))),)) + good[place + 1 :]
    elif kind == "cut":
        bad = good[:place]
    elif kind == "insert":
        bad = good[:place] + data.draw(st.binary(min_size=1, max_size=20)) + good[place:]
    else:
        bad = good[:place] + good[place + data.draw(st.integers(1, 50)) :]
    try:
        take(bad, there)
    except ArchiveCorrupt as error:
        assert error.message.startswith("the file cannot be read as an archive of kleio: ")
        assert there.journal.trial("ab" * 32) is None
        assert list(there.blobs.digests()) == []
        return
    assert there.whole("ab" * 32) == here.whole("ab" * 32)


@settings(max_examples=40)
@given(data=st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail) | st.binary(max_size=40))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveCorrupt):
        read(data).verify()


def with_member(name: str, data: bytes = b"x") -> Callable[[dict[str, bytes], str], bytes]:
    return lambda parts, trial: rebuilt({**parts, name: data})


def with_document(**change: object) -> Callable[[dict[str, bytes], str], bytes]:
    def build(parts: dict[str, bytes], trial: str) -> bytes:
        name = document_name(trial)
        return rebuilt({**parts, name: json.dumps(json.loads(parts[name]) | change).encode() + b"\n"})

    return build


def with_segments(*lines: bytes) -> Callable[[dict[str, bytes], str], bytes]:
    return lambda parts, trial: rebuilt({**parts, segments_name(trial): b"".join(lines)})


def with_head(content: bytes) -> Callable[[dict[str, bytes], str], bytes]:
    return lambda parts, _: rebuilt({**parts, HEAD: content})


def line(stream: str = "statistics", writer: str = "w", first: int = 0, last: int = 0, **body: object) -> bytes:
    fields = {"attempt": 1, "stream": stream, "writer": writer, "first": first, "last": last, "body": body}
    return json.dumps(fields).encode() + b"\n"


RANGE = {"type": "range", "start": 1, "step": 0, "count": 10**14}
HOSTILE = {
    "a path": (with_member("../../etc/passwd"), "a member of the name '../../etc/passwd'"),
    "an absolute path": (with_member("/etc/passwd"), "a member of the name"),
    "a blob of another name": (with_member("blobs/" + "0" * 64), "has other bytes than its name says"),
    "a format from the future": (with_head(b'{"format": 2}\n'), "it has format 2, and this kleio knows 1"),
    "no head": (with_head(b"[]\n"), "not a document"),
    "another trial": (with_document(_id="cd" * 32), "the document is of another trial"),
    "a schema from the future": (with_document(schema=9), "it has schema 9"),
    "a live trial": (with_document(status="running"), "no trial can arrive with the status 'running'"),
    "a status that does not exist": (with_document(status="odd"), "no trial can arrive with the status 'odd'"),
    "a holder": (with_document(holder={"host": "h"}), "somebody holds it"),
    "no fence": (with_document(fence="1"), "the number of its attempts is '1'"),
    "a command that is text": (with_document(argv="rm -rf"), "its command is no list of words"),
    "tags of numbers": (with_document(tags=[1]), "its tags is no list of words"),
    "a code that is text": (with_document(code="x"), "its field 'code' is str"),
    "a time that is text": (with_document(created={"time": "now"}), "its field 'created' has no time"),
    "a name that is a list": (with_document(name=[]), "its name is no text"),
    "not a segment": (with_segments(b"{}\n"), "a segment without 'attempt'"),
    "a line without an end": (with_segments(b"{}"), "is cut short"),
    "an odd writer": (with_segments(line(writer="a b")), "is not a name"),
    "a range too long": (
        with_segments(line(last=10**14, format=1, groups=[{"seq": RANGE, "time": RANGE, "names": [], "columns": []}])),
        "more records than it says",
    ),
    "groups that are none": (with_segments(line(groups=7)), "groups that are no list"),
    "records that are none": (with_segments(line("artifacts", records="[[0]]")), "not enough values"),
    "an event of another name": (with_segments(line("status", "e1", id="e2")), "an event with the id of another"),
    "output of another length": (
        with_segments(line("stdout", "output", 0, 9, data={"%bytes": "QQ=="}, encoding="raw", size=1, hole=0,
                           times={"%bytes": "eJwDAAAAAAE="})),
        "output of another length than it says",
    ),
    "the same twice": (with_segments(line(records="[]"), line(records="[]")), "are not in order"),
    "bytes that are not there": (
        with_segments(line("artifacts", records=json.dumps([[0, 1.0, {"name": "x", "digest": "0" * 64, "size": 1}]]))),
        "blob 000000000000 of trial abababa is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused(here: Place, name: str) -> None:
    build, why = HOSTILE[name]
    trial = here.recorder.ended("x", trial_id="ab" * 32)
    parts = members(here.archive(trial))
    assert read(rebuilt(parts)).verify().trials == (trial,)
    with pytest.raises(ArchiveCorrupt, match=r"^the file cannot be read as an archive") as caught:
        read(build(parts, trial)).verify()
    assert why in caught.value.message
    assert caught.value.hint


def test_a_bomb_is_refused_before_it_is_unpacked(here: Place) -> None:
    trial = here.recorder.ended("x")
    parts = members(here.archive(trial))
    bomb = {**parts, document_name(trial): b"0" * (33 << 20)}
    with pytest.raises(ArchiveCorrupt, match=r"document.json is \d+ bytes long, which is too much"):
        read(rebuilt(bomb, packed=(document_name(trial),))).verify()
    packed_blob = {**parts, "blobs/" + hashlib.sha256(b"0" * 9000).hexdigest(): b"0" * 9000}
    with pytest.raises(ArchiveCorrupt, match="is compressed"):
        read(rebuilt(packed_blob, packed=tuple(packed_blob))).verify()


def test_two_members_of_one_name_are_refused(here: Place) -> None:
    trial = here.recorder.ended("x")
    file = io.BytesIO(here.archive(trial))
    with zipfile.ZipFile(file, "a") as opened, pytest.warns(UserWarning, match="Duplicate name"):
        opened.writestr(HEAD, b"{}")
    with pytest.raises(ArchiveCorrupt, match="two members of one name"):
        read(file.getvalue())


def test_memory_does_not_grow_with_a_blob(here: Place, there: Place) -> None:
    class Endless:
        """Forty megabytes that are nowhere."""

        document: ClassVar = dict(here.parcel(here.recorder.ended("x")).document)
        digest = hashlib.sha256(b"\0" * (40 << 20)).hexdigest()

        def segments(self, stream: str | None = None) -> Iterator[Segment]:
            records = json.dumps([[0, 1.0, {"name": "x", "digest": self.digest, "size": 40 << 20}]])
            yield Segment(self.document["_id"], 1, "artifacts", "w", 0, 0, {"format": 1, "records": records})

        def blob(self, digest: str) -> Iterator[bytes]:
            return (bytes(1 << 20) for _ in range(40))

        def holds(self, digest: str) -> bool:
            return False

    class Nowhere:
        def write(self, data: bytes) -> int:
            return len(data)

        def flush(self) -> None: ...

    tracemalloc.start()
    try:
        ArchiveWriter(Nowhere()).add(Endless())
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()
