"""What the Tab key offers beyond click's own: trials, and files and programs after a command of the user's."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

MOST = 50


def trial_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Ids (and names) of trials that begin with ``incomplete``, newest first. Silent if the journal is away."""
    from click.shell_completion import CompletionItem

    from kleio.cli.console import Console
    from kleio.cli.context import Context
    from kleio.errors import KleioError
    from kleio.trial.identity import SHORT

    params = ctx.find_root().params
    context = Context(Console(), {"journal": params.get("journal"), "data": params.get("data")})
    try:
        found = context.trials.find(limit=MOST, id_prefix=incomplete or None)
        return [CompletionItem(trial.id[: max(SHORT, len(incomplete))], help=trial.command) for trial in found]
    except KleioError:
        return []
    finally:
        context.close()
