"""What ``kleio fsck`` says of one trial."""

from __future__ import annotations

from kleio.trial.quoting import escaped
from kleio.trial.status import HELD
from kleio.units import counted, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kleio.analysis.checking import Checked
    from kleio.analysis.trial import Trial
    from kleio.cli.terminal.console import Console


def verdict(console: Console, trial: Trial, checked: Checked) -> Iterator[str]:
    """One line if all is well, and one more for each damage or reservation."""
    word = "damaged" if checked.damage else "incomplete" if checked.told else "ok so far" if checked.open else "ok"
    state = console.paint(word, "red" if checked.damage else "yellow" if checked.told else "green")
    counts = (
        f"{counted(checked.records, 'record')}, {size_text(checked.output)} of output, "
        f"{counted(checked.blobs, 'blob')} of {size_text(checked.blob_bytes)}"
    )
    yield f"{console.paint(trial.short_id, 'bold')} {state}: {counts}"
    for one in checked.damage:
        yield f"  attempt {one.attempt}: {escaped(one.what)}"
    if checked.told:
        word = "it" if checked.told == 1 else "they"
        yield f"  {counted(checked.told, 'record')} lost before {word} could be stored: the journal says so"
    for number in checked.open:
        latest = number == trial.fence and trial.status in HELD
        why = "it still runs" if latest else "it was never closed"
        yield f"  attempt {number} cannot be counted: {why}"
