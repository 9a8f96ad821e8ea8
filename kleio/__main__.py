"""``python -m kleio`` is the same program as ``kleio``."""

from kleio.cli.main import main

if __name__ == "__main__":
    main()
