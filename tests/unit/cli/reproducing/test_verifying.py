from __future__ import annotations

from harness.recorded import Pipe, Terminal
from kleio.analysis.agreement import Agreement, Finding
from kleio.cli.reproducing.verifying import Verdict, verdict_lines
from kleio.cli.terminal.console import Console

FINDINGS = (
    Finding("exit", "", True, "exit 0"),
    Finding("statistic", "loss", False, "value 1 of 1: 1 -> 2"),
    Finding("environment", "python", None, "3.11 -> 3.12"),
)


def test_a_verdict_is_a_word_and_on_a_terminal_a_colour() -> None:
    verdict = Verdict("a" * 64, "b" * 64, Agreement(FINDINGS))
    assert list(verdict_lines(Console(Pipe(), Pipe(), environ={}), verdict)) == [
        "what         name    verdict      detail",
        "exit                 same         exit 0",
        "statistic    loss    differs      value 1 of 1: 1 -> 2",
        "environment  python  not counted  3.11 -> 3.12",
        "aaaaaaa not reproduced by trial bbbbbbb",
    ]
    painted = "\n".join(verdict_lines(Console(Terminal(), Pipe(), environ={"TERM": "xterm"}), verdict))
    assert "\x1b[31mdiffers\x1b[0m" in painted
    assert "\x1b[32msame\x1b[0m" in painted
