"""One journal and one blob store a backend, and a second client of each."""

from __future__ import annotations

import uuid

import pytest

from kleio.artifacts.registry import open_blobs
from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal

BACKENDS = ["memory", "sqlite", pytest.param("mongodb", marks=pytest.mark.mongo)]


@pytest.fixture
def memory_address() -> str:
    return f"memory://{uuid.uuid4().hex}"


@pytest.fixture(params=BACKENDS)
def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty journal, once for each backend."""
    return request.getfixturevalue(f"{request.param}_address")


@pytest.fixture
def connect(address: str) -> Iterator[Callable[[], Journal]]:
    """Opens one more client of the same journal; all are closed after the test."""
    opened = []

    def connect() -> Journal:
        opened.append(open_journal(address))
        return opened[-1]

    yield connect
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(connect: Callable[[], Journal]) -> Journal:
    return connect()


@pytest.fixture
def blobs(address: str) -> Iterator[BlobStore]:
    store = open_blobs(address)
    yield store
    store.close()
