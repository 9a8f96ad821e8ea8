from __future__ import annotations

import shutil
import subprocess

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_completes_kleio(kleio: Any, shell: str) -> None:
    said = kleio("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert f"_KLEIO_COMPLETE={shell}_complete" in said.out
    program = shutil.which(shell)
    if program:
        subprocess.run([program, "-n", "-c", said.out], check=True)


def test_another_shell_is_a_usage_error(kleio: Any) -> None:
    assert kleio("completion", "cmd").code == 2
