"""Leaks for people and machines: the terminal, JSON, Markdown, HTML."""
