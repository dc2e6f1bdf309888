"""The functions, loops and `try` statements that a pass over an `ast` tree is in, and what each
turns out to hold."""

from __future__ import annotations

import ast
from typing import NamedTuple


class Frame:
    """A function (or class, or the module) whose body is read."""

    __slots__ = (
        "closes",
        "has_yield",
        "heads",
        "is_async",
        "is_transformed",
        "name",
        "node",
        "parent",
        "returns_value",
        "spawns",
    )

    def __init__(
        self,
        name: str,
        parent: Frame | None = None,
        is_async: bool = False,
        is_transformed: bool = False,
        node: ast.FunctionDef | ast.AsyncFunctionDef | None = None,
    ) -> None:
        self.name = name
        self.node = node
        self.parent = parent
        self.is_async = is_async
        self.is_transformed = is_transformed
        self.has_yield = self.returns_value = False
        self.spawns: list[ast.Call] = []
        """The calls of its own that start a task."""
        self.heads: list[ast.expr] = []
        """What is entered by a `with` around one of its yields, or by an exit stack."""
        self.closes: list[tuple[Attempt, bool]] = []
        """The `try` in whose handler (True) or `finally` one of its yields stands."""


class Loop:
    """An `async for` over a call."""

    __slots__ = ("is_closed", "is_left", "yields")

    def __init__(self, is_closed: bool) -> None:
        self.is_closed = is_closed
        """Whether a `finally` around it awaits what is called close."""
        self.is_left = self.yields = False


class Attempt:
    """A `try` statement."""

    __slots__ = ("body_yields", "yields")

    def __init__(self) -> None:
        self.body_yields = self.yields = False


class Around(NamedTuple):
    """What stands around a node, within its function."""

    frame: Frame
    loops: tuple[Loop, ...] = ()
    heads: tuple[ast.expr, ...] = ()
    is_closed: bool = False
    tries: tuple[tuple[Attempt, bool], ...] = ()
    closing: tuple[tuple[Attempt, bool], ...] = ()
