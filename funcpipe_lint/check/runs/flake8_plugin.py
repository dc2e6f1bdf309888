"""The rules as a flake8 plugin: the findings of the command, `noqa` left to flake8."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, ClassVar

from funcpipe_lint import __version__

_SHIFT = 1  # flake8 counts columns from 0 and prints them from 1


class FuncpipePlugin:
    """flake8's entry point: one instance a file.

    The configuration is the project's own [tool.funcpipe-lint]; flake8's `select` and `ignore`
    apply on top. Nothing but the standard library is imported until a file may hold a stream.

    `plugins` in it are not imported: flake8 may run in an editor, on a file of anybody's. flake8's
    own configuration names those that are wanted, `funcpipe-plugins = mycompany.stream_rules`.
    With flake8's `--isolated` neither of the two configurations is read.
    """

    name = "funcpipe-lint"
    version = __version__
    _plugins: ClassVar[list[str]] = []
    _is_isolated: ClassVar[bool] = False

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """Registers the option with flake8."""
        manager.add_option(
            "--funcpipe-plugins",
            default="",
            parse_from_config=True,
            comma_separated_list=True,
            metavar="MODULES",
            help="modules with a team's own rules, which funcpipe-lint imports",
        )

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Takes what flake8 was told."""
        cls._plugins = [name for name in options.funcpipe_plugins if name]
        cls._is_isolated = bool(options.isolated)

    def __init__(self, tree: ast.AST, filename: str, lines: list[str]) -> None:
        self._filename = filename
        self._lines = lines

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """(line, column, text, type) of each finding."""
        from funcpipe_lint.check.runs.run import check_text
        from funcpipe_lint.config.resolver import Resolver
        from funcpipe_lint.model import ConfigError
        from funcpipe_lint.model.visible import visible

        overrides = {"plugins": self._plugins} if self._plugins else {}
        resolver = Resolver(overrides, isolated=self._is_isolated, with_plugins=False)
        try:
            report = check_text(self._filename, "".join(self._lines), resolver, noqa=False)
        except ConfigError as error:
            yield 1, 0, f"FP002 {visible(str(error))}", type(self)
            return
        for violation in report.violations:
            text = f"{violation.code} {visible(violation.whole_message)}"
            yield violation.line, violation.column - _SHIFT, text, type(self)
        for crash in report.crashes:
            yield crash.line, crash.column - _SHIFT, f"FP002 {visible(crash.message)}", type(self)
