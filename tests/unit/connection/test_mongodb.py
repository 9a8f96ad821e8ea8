from __future__ import annotations

import os

import pytest
from pymongo import errors

from kleio.connection import mongodb
from kleio.connection.mongodb import translated
from kleio.errors import JournalError, JournalReadOnly, JournalUnreachable, KleioError, SettingsError

BULK = {"writeErrors": [], "writeConcernErrors": [{"code": 64}]}


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            errors.ServerSelectionTimeoutError("h:1: refused (configured timeouts: x), Timeout: 8s, Topology: …"),
            JournalUnreachable,
            "the journal A cannot be reached: h:1: refused",
        ),
        (
            errors.NetworkTimeout("h:1: timed out"),
            JournalUnreachable,
            "the journal A cannot be reached: h:1: timed out",
        ),
        (
            errors.WTimeoutError("waiting timed out"),
            JournalUnreachable,
            "the journal A did not confirm a write on a majority of its servers: waiting timed out",
        ),
        (
            errors.BulkWriteError(BULK),
            JournalUnreachable,
            "the journal A did not confirm a write on a majority of its servers: batch op errors occurred",
        ),
        (errors.OperationFailure("no", 18), JournalError, "the journal A refused the user or the password"),
        (errors.OperationFailure("no", 8000), JournalError, "the journal A refused the user or the password"),
        (errors.OperationFailure("no", 13), JournalReadOnly, "the journal A does not permit this to its user: no"),
        (errors.OperationFailure("full", 14031), JournalError, "no space is left for the journal A: full"),
        (errors.OperationFailure("slow", 50), JournalUnreachable, "the journal A cannot be used now: slow"),
        (errors.NotPrimaryError("moved"), JournalUnreachable, "the journal A cannot be reached: moved"),
        (errors.OperationFailure("odd", 12345), JournalError, "the journal A failed: odd"),
        (errors.InvalidURI("port"), SettingsError, "the address A cannot be used: port"),
        (
            errors.InvalidURI("bad: me:secret@host"),
            SettingsError,
            "the address A cannot be used: the driver does not understand it",
        ),
        (
            errors.ConfigurationError("Read preference primary cannot be combined with tags"),
            SettingsError,
            "the address A cannot be used: kleio reads from the primary; leave out readPreference and all of its kind",
        ),
        (errors.InvalidOperation("closed"), JournalError, "the journal A failed: closed"),
    ],
)
def test_each_failure_of_the_driver_has_its_error(
    error: errors.PyMongoError, kind: type[KleioError], message: str
) -> None:
    found = translated(error, "A")
    assert type(found) is kind
    assert found.message == message
    assert found.hint


DENIED = (
    'not authorized on lab to execute command {{ {}: "trials", filter: {{}}, lsid: {{ id: UUID("c3") }}, $db: "lab" }}'
)


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (DENIED.format("find"), "not authorized on lab", "ask for the role read on this database"),
        (DENIED.format("aggregate"), "not authorized on lab", "ask for the role read on this database"),
        (DENIED.format("findAndModify"), "not authorized on lab", "ask for the role readWrite on this database"),
        (DENIED.format("update"), "not authorized on lab", "ask for the role readWrite on this database"),
        ("command find requires authentication", "", "name a user: mongodb://USER:PASSWORD@HOST/NAME"),
    ],
)
def test_who_may_not_is_told_what_to_ask_for(said: str, message: str, hint: str) -> None:
    """Without the command that the server repeats: it is long, and holds what was to be written."""
    found = translated(errors.OperationFailure(said, 13), "A")
    assert found.message == f"the journal A does not permit this to its user: {message or said}"
    assert found.hint == hint


def test_a_forked_child_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    with mongodb._LOCK:
        child = os.fork()
        if child == 0:
            os._exit(0 if mongodb._LOCK.acquire(timeout=5) else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
