"""The rules as a flake8 plugin: the findings of the command, `noqa` left to flake8."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from funcpipe_lint import __version__

_SHIFT = 1  # flake8 counts columns from 0 and prints them from 1


class FuncpipePlugin:
    """flake8's entry point: one instance a file.

    The configuration is the project's own [tool.funcpipe-lint]; flake8's `select` and `ignore`
    apply on top. Nothing but the standard library is imported until a file may hold a stream.
    """

    name = "funcpipe-lint"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: list[str]) -> None:
        self._filename = filename
        self._lines = lines

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """(line, column, text, type) of each finding."""
        from funcpipe_lint.model import ConfigError
        from funcpipe_lint.resolver import Resolver
        from funcpipe_lint.run import check_text

        try:
            report = check_text(self._filename, "".join(self._lines), Resolver(), noqa=False)
        except ConfigError as error:
            yield 1, 0, f"FP002 {error}", type(self)
            return
        for violation in report.violations:
            text = f"{violation.code} {violation.whole_message}"
            yield violation.line, violation.column - _SHIFT, text, type(self)
        for crash in report.crashes:
            yield crash.line, crash.column - _SHIFT, f"FP002 {crash.message}", type(self)
