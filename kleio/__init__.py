"""Kleio: one word before a command, and nothing about that run is lost."""

__version__ = "0.1.0"
