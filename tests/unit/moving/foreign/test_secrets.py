"""What another tool recorded in the clear is hidden before it is stored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kleio.capture.secrets.redactor import Redactor
from kleio.journal.contract import TrialQuery
from kleio.moving.foreign.run import COMPLETED, Run
from kleio.moving.foreign.secrets import without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from unit.moving.foreign.conftest import Import

ADDRESS = "https://bob:hunter2hunter2@example.org/x.git"


@pytest.mark.parametrize(
    "found",
    [
        {"remote": ADDRESS},
        {"name": f"of {ADDRESS}"},
        {"experiment": ADDRESS},
        {"why": f"failed: {ADDRESS}"},
        {"tags": ("password=hunter2hunter2",)},
        {"tags": (ADDRESS,)},
        {"configuration": {"api": {"password": "hunter2hunter2"}}},
        {"environment": {"password": "hunter2hunter2"}},
        {"more": {"tags": {"x": ADDRESS}, "info": [{"password": "hunter2hunter2"}]}},
        {"more": {"command": ["train", "--password", "hunter2hunter2"]}},
    ],
)
def test_no_secret_is_left(found: dict[str, Any]) -> None:
    given: dict[str, Any] = {"configuration": {}, "why": "exit 0", **found}
    run = Run("guild", "1", ("1",), "/store", ("train",), status=COMPLETED, started=1.0, **given)
    clean = without_secrets(run, Redactor(b"salt", {}))
    (field,) = found
    assert "hunter2" not in repr(getattr(clean, field))
    assert "<redacted:" in repr(getattr(clean, field))


def test_an_imported_run_holds_no_secret(take: Import, stores: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    for tags in store.glob("*/*/tags"):
        (tags / "mlflow.source.git.repoURL").write_text(ADDRESS)
        (tags / "password").write_text("hunter2hunter2")
    take("mlflow", store, running=True)
    documents = list(take.journal.find_trials(TrialQuery()))
    assert len(documents) == 3
    for document in documents:
        assert "hunter2" not in repr([document, *take.journal.segments(document["_id"])])
        assert document["code"]["remote"].startswith("https://")
