from __future__ import annotations

import pytest

from kleio.analysis.imports import used_by

FILES = {
    "train.py": "import numpy as np\nfrom lib import helper\nfrom lib.deep.net import Net\nimport src_only, os.path",
    "lib/__init__.py": "",
    "lib/helper.py": "from . import cousin\nfrom .deep import other\nfrom .. import above",
    "lib/cousin.py": "import train",
    "lib/deep/__init__.py": "",
    "lib/deep/net.py": "raise SyntaxError(",
    "lib/deep/other.py": "",
    "lib/unused.py": "",
    "above.py": "",
    "src/src_only.py": "import yaml.nodes",
    "run.sh": "set -e\npython train.py --lr 1 # lib/unused.pyc",
    "tool/__main__.py": "import tool.part",
    "tool/part.py": "",
    "tool/__init__.py": "",
    "config.json": '"lib/unused.py"',
}


def used(*argv: str, directory: str = "") -> set[str]:
    return set(used_by(argv, directory, FILES, FILES.get).files)


TRAINING = {
    "train.py", "lib/__init__.py", "lib/helper.py", "lib/cousin.py", "lib/deep/__init__.py", "lib/deep/net.py",
    "lib/deep/other.py", "above.py", "src/src_only.py",
}  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "files"),
    [
        (("python", "train.py", "--config=config.json"), TRAINING | {"config.json"}),
        (("./run.sh",), TRAINING | {"run.sh"}),
        (("python", "-m", "tool"), {"tool/__main__.py", "tool/part.py", "tool/__init__.py"}),
        (("true",), set()),
        (("python", "../train.py"), set()),
    ],
)
def test_what_a_command_uses_is_followed_through_imports(argv: tuple[str, ...], files: set[str]) -> None:
    assert used(*argv) == files


def test_paths_are_seen_from_the_directory_of_the_command() -> None:
    assert used("python", "../above.py", directory="lib") == {"above.py"}
    assert used("python", "helper.py", directory="lib") >= {"lib/helper.py", "lib/cousin.py"}


def test_modules_from_elsewhere_are_named() -> None:
    assert used_by(["python", "train.py"], "", FILES, FILES.get).modules == {"numpy", "os", "yaml"}


def test_a_file_whose_content_is_lost_is_used_all_the_same() -> None:
    assert list(used_by(["python", "train.py"], "", FILES, lambda path: None).files) == ["train.py"]
