# `just check` does what CI does; the checks themselves stand in .ci/check.

# All checks, or some: just check types layers
check *names:
    .ci/check {{names}}

# A virtual environment with everything a developer needs
setup:
    python3 -m venv .venv
    .venv/bin/pip install -e '.[dev]'

# Format, and mend what can be mended
format:
    ruff format .
    ruff check --fix .

# Tests, with arguments for pytest
test *arguments:
    pytest -n auto {{arguments}}

# The documentation, in docs/_build/html
docs:
    .ci/check docs
