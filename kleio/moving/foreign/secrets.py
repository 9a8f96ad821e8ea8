"""Takes the secrets out of what another tool recorded, by the rules for what kleio records itself."""

from __future__ import annotations

from kleio.dataclass import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    from kleio.moving.foreign.run import Run

    class Redactor(Protocol):
        """What hides secrets (:mod:`kleio.capture.secrets.redactor`)."""

        def redact_argv(self, argv: tuple[str, ...]) -> tuple[str, ...]: ...
        def redact_text(self, text: str) -> str: ...
        def redact_url(self, url: str) -> str: ...
        def redact_value(self, name: str, value: Any) -> Any: ...


COMMAND = "command"
"""The command line among what else a tool knows of a run."""


def without_secrets(run: Run, redactor: Redactor) -> Run:
    """The run as the journal may hold it. Its ``argv`` is left as it is: the trial knows where that had secrets."""
    more = _values(run.more, redactor)
    if isinstance(run.more.get(COMMAND), list):
        more[COMMAND] = list(redactor.redact_argv(tuple(run.more[COMMAND])))
    return replace(
        run,
        why=redactor.redact_text(run.why),
        name=redactor.redact_text(run.name) if run.name else run.name,
        experiment=redactor.redact_text(run.experiment) if run.experiment else run.experiment,
        tags=tuple(_tag(tag, redactor) for tag in run.tags),
        remote=redactor.redact_url(run.remote) if run.remote else run.remote,
        configuration=_values(run.configuration, redactor),
        environment=_values(run.environment, redactor),
        more=more,
    )


def _values(values: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    return {key: redactor.redact_value(key, value) for key, value in values.items()}


def _tag(tag: str, redactor: Redactor) -> str:
    name, equals, value = tag.partition("=")
    return f"{name}={redactor.redact_value(name, value)}" if equals else redactor.redact_text(tag)
