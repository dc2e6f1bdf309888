"""Lint rules for async streams."""

__version__ = "0.1.0"
