"""What a trial ran on and what it took, as names and values: code, environment, inputs, machine, records."""

from __future__ import annotations

from kleio.cli.terminal.wording import fact_text
from kleio.spool.shipping.summary import losses_text
from kleio.trial.hosting import commit_page
from kleio.trial.kept import OFF, TOGETHER
from kleio.units import duration_text, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kleio.analysis.history import Attempt
    from kleio.analysis.trial import Trial

    Rows = list[tuple[str, str]]

SHORT_COMMIT = 12
COUNTS = ("processes", "threads")
"""Samples that are no bytes."""
FIRST = ("host", "user", "python", "interpreter", "os", "kernel", "cpu", "cpu_count", "memory", "gpus", "gpu_driver")
"""Facts of the environment that are asked for most, in this order; the rest follow by name."""


def code_rows(trial: Trial, *, with_page: bool) -> Rows:
    """The version, and ``with_page`` the address of the commit's page, if it is published where one knows the form."""
    code = trial.code
    if not code:
        return []
    commit = str(code.get("commit") or "")
    rows = [("commit", f"{commit[:SHORT_COMMIT]}{', changed' if code.get('dirty') else ''}")] if commit else []
    page = page_of(trial)
    if page and with_page:
        rows.append(("page", page))
    rows += [("kind", str(code["kind"]))] if code.get("kind") != "git" else []
    rows += [(name, str(code[name])) for name in ("branch", "remote", "script") if code.get(name)]
    rows.append(("digest", str(code.get("digest") or "")[:SHORT_COMMIT]))
    rows += [("note", str(note)) for note in code.get("notes") or ()]
    return rows


def page_of(trial: Trial) -> str | None:
    """Where one reads the commit in a browser."""
    return commit_page(str(trial.code.get("remote") or ""), str(trial.code.get("commit") or ""))


def environment_rows(trial: Trial, packages: Mapping[str, str]) -> Rows:
    """The facts, those that are asked for most first."""
    environment = trial.environment
    facts = {**(environment.get("recorded") or {}), **(environment.get("compared") or {})}
    names = len(facts.pop("variables", None) or ())
    facts.pop("packages", None)  # a digest; the packages themselves are counted below
    ordered = sorted(facts, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    rows = [(name, fact_text(name, facts[name])) for name in ordered if facts[name] not in (None, "", [], {})]
    if packages:
        rows.append(("packages", f"{len(packages)} installed; --json lists them"))
    if names:
        rows.append(("variables", f"the names of {names} more; --json lists them"))
    return rows


def recorded_rows(trial: Trial, output: Mapping[str, int], attempts: Sequence[Attempt]) -> Rows:
    """What there is of output and artifacts, and what should be there and is not."""
    rows = [(stream, size_text(size)) for stream, size in output.items()]
    captures = {attempt.capture for attempt in attempts if attempt.capture}
    if TOGETHER in captures and "stdout" in output:
        among = "recorded together" if captures == {TOGETHER} else "in part recorded together"
        rows[0] = ("output", f"{size_text(output['stdout'])}, stdout and stderr {among}")
    elif captures == {OFF}:
        rows = [("output", "not recorded (--output off)")]
    artifacts, losses = trial.summary.get("artifacts"), losses_text(trial.summary)
    if artifacts:
        rows.append(("artifacts", str(artifacts)))
    if losses:
        rows.append(("incomplete", losses))
    gone = sum(sum(bytes_of.values()) for attempt in attempts for bytes_of in _lost_output(attempt))
    if gone:
        rows.append(("lost output", f"{size_text(gone)} that the disk refused, or that were removed"))
    return rows


def _lost_output(attempt: Attempt) -> list[Mapping[str, int]]:
    return [event.more["lost"] for event in attempt.events if event.more.get("lost")]


def resource_rows(trial: Trial) -> Rows:
    """Each input once, as it was the last time."""
    latest = {resource.name: resource for resource in trial.resources()}
    return [
        (name, f"{size_text(one.size)}, {one.digest[:12]}" if one.digest and one.size is not None else "not read")
        for name, one in latest.items()
    ]


def machine_rows(trial: Trial, attempts: Sequence[Attempt]) -> Rows:
    """What the kernel counted for the latest attempt, and what the samples say of all: processors in percent of one,
    memory and traffic in bytes."""
    rows = []
    usage = attempts[-1].usage if attempts else {}
    if usage.get("max_rss"):
        rows.append(("peak memory", size_text(usage["max_rss"])))
    if usage.get("user") is not None:
        system = float(usage.get("system") or 0)
        rows.append(("processor", f"{duration_text(usage['user'])} user, {duration_text(system)} system"))
    for name, figures in trial.metrics().items():
        show = _percent if name.endswith(("cpu", "load")) else size_text if name not in COUNTS else _count
        if "total" in figures:
            rows.append((name, size_text(figures["total"])))
        else:
            mean, most = show(figures["mean"]), show(figures["max"])
            rows.append((name, mean if mean == most else f"{mean} on average, {most} at most"))
    return rows


def _percent(value: float) -> str:
    return f"{value:.0f} %"


def _count(value: float) -> str:
    return f"{value:.4g}"
