"""What tests of real processes stand on: a MongoDB server, the installed command, a terminal."""

from __future__ import annotations
