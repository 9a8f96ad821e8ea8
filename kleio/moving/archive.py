"""What an archive is made of: a zip file that any tool can list, and every byte of which is accounted for.

::

    kleio-archive.json              {"format": 1, "kleio": "0.1.0"}: what this is, always first
    trials/ID/document.json         the trial's document, settled: nobody holds it
    trials/ID/segments.jsonl        one line a segment, in the journal's order
    blobs/DIGEST                    the bytes of artifacts and code, by sha256, each once, never compressed
    manifest.jsonl                  {"member", "sha256", "size"} a line for all of the above in their order, then
                                    {"members": n, "trials": n, "selected": [ID, …]}; always last

Lines are those of :mod:`kleio.moving.lines`. Times in the zip file are constant, so the same trials make the same
bytes. Members are stored or deflated, follow each other without a gap, and are never paths: names that are not of
these five forms are refused.
"""

from __future__ import annotations

import re

FORMAT = 1
HEAD = "kleio-archive.json"
MANIFEST = "manifest.jsonl"
DOCUMENT = re.compile(r"trials/([0-9a-f]{64})/document\.json")
SEGMENTS = re.compile(r"trials/([0-9a-f]{64})/segments\.jsonl")
BLOB = re.compile(r"blobs/([0-9a-f]{64})")
LONGEST_DOCUMENT = 32 << 20
"""Twice what MongoDB takes: text of a document is at most so much larger."""
LONGEST_LINE = 64 << 20
MAGIC = b"PK\x03\x04"
CHUNK = 1 << 20


def document_name(trial: str) -> str:
    """The member that holds a trial's document."""
    return f"trials/{trial}/document.json"


def segments_name(trial: str) -> str:
    """The member that holds a trial's segments."""
    return f"trials/{trial}/segments.jsonl"


def blob_name(digest: str) -> str:
    """The member that holds a blob."""
    return f"blobs/{digest}"
