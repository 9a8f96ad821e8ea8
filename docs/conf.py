"""How the documentation is built; ``-W`` in the check command makes every warning an error."""

from __future__ import annotations

import sys
from pathlib import Path

from kleio import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "kleio"
author = "the kleio developers"
copyright = "2026, the kleio developers"
version = release = __version__

extensions = ["sphinx.ext.autodoc", "kleio_reference"]
nitpicky = False
exclude_patterns = ["_build"]
default_role = "code"
highlight_language = "text"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "furo"
html_title = f"kleio {version}"
