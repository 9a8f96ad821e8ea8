"""Which project the user stands in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


def current_project(context: Context) -> str | None:
    """The id of the repository around the working directory; ``None`` outside git."""
    from kleio.capture.code.git import Git
    from kleio.capture.code.project import PendingProject
    from kleio.capture.code.repository import find_repository
    from kleio.clock import SystemClock

    repository = find_repository(context.cwd)
    if repository is None:
        return None
    settings = context.settings
    deadline = SystemClock().monotonic() + settings.git_timeout
    return PendingProject(Git(repository, context.environ), context.cwd, settings.data, deadline).result().id
