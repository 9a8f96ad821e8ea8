"""Which project a word means."""

from __future__ import annotations

from kleio.analysis import expected
from kleio.errors import UsageError
from kleio.journal.contract import TrialQuery
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.journal.contract import Journal

HEXADECIMAL = frozenset("0123456789abcdef")


def project_id(journal: Journal, word: str | None) -> str | None:
    """The id of the project that ``word`` is the id or the name of; of one that no trial belongs to the word itself.

    ``UsageError`` if several projects have the name.
    """
    if word is None or (len(expected.text(word, "project")) in (40, 64) and HEXADECIMAL.issuperset(word)):
        return word  # what git and kleio make: nothing has to be looked up
    if _one(journal, TrialQuery(project=word, limit=1, trash=None)) is not None:
        return word
    from kleio.trial.clauses import All, Among, Field, Not

    named = Among(Field("project", "project", "", "text"), (word,))
    found = _one(journal, TrialQuery(where=named, limit=1, trash=None))
    if found is None:
        return word
    others = All((named, Not(Among(Field("project.id", "project.id", "", "text"), (found,)))))
    if (other := _one(journal, TrialQuery(where=others, limit=1, trash=None))) is not None:
        ids = f"{found[:12]} and {other[:12]}"
        raise UsageError(
            f"several projects are called {escaped(word)}: {ids}", hint='name its id, which is trial.project["id"]'
        )
    return found


def _one(journal: Journal, query: TrialQuery) -> str | None:
    document = next(iter(journal.find_trials(query)), None)
    return None if document is None else str(document["project"]["id"])
