"""One command for several trials: each is handled, whatever becomes of the others, and the exit code tells."""

from __future__ import annotations

from kleio.errors import JournalError, KleioError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context


def for_each(
    context: Context, words: Iterable[str], call: Callable[[Trial], str], *, trash: bool | None = False
) -> int:
    """Call ``call`` with each trial that ``words`` select and say what it returns; the exit code of the last failure.

    A journal that fails is the end: the next trial would fare no better. ``trash`` as in ``Context.select``.
    """
    code = 0
    for word in dict.fromkeys(words):
        try:
            context.console.say(call(context.select(word, trash=trash)))
        except JournalError:
            raise
        except KleioError as error:
            context.console.fail(error.message, error.hint)
            code = error.exit_code
    return code
