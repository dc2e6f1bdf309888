"""A leak as plain data: what travels from xdist's workers, and what the JSON report holds."""

from __future__ import annotations

from typing import Literal, TypedDict

from funcpipe_laws.leaks.reading.instructions import IS_READABLE

Kind = Literal[
    "suspended",
    "idle",
    "undone-task",
    "cancelled-task",
    "lost-exception",
    "never-awaited",
    "yields-while-closing",
    "other-task",
    "scope-across-yield",
]
Level = Literal["failure", "warning", "note"]

LEVELS: dict[Kind, Level] = {
    "suspended": "failure",
    "idle": "note",
    "undone-task": "failure",
    "cancelled-task": "note",
    "lost-exception": "failure",
    "never-awaited": "failure",
    "yields-while-closing": "failure",
    "other-task": "failure",
    "scope-across-yield": "warning",
}
TITLES: dict[Kind, str] = {
    "suspended": "stream left open, with clean-up still to run",
    "idle": "stream left open, with nothing left to clean up"
    if IS_READABLE
    else "stream left open; whether it has clean-up to run is not known",
    "undone-task": "task left running",
    "cancelled-task": "task cancelled, and not awaited",
    "lost-exception": "exception that nobody retrieved",
    "never-awaited": "coroutine never awaited",
    "yields-while-closing": "stream that yields while it is being closed",
    "other-task": "stream used in another task than the one that holds its scope",
    "scope-across-yield": "yield inside a timeout, cancel scope or task group",
}


class Spot(TypedDict):
    """A line of a program."""

    file: str
    line: int
    function: str
    text: str


class Pending(TypedDict):
    """Something that a generator has still to do when it is closed."""

    what: Literal["with", "finally", "except"]
    line: int
    text: str
    manager: str
    """The type of the entered context manager; empty where it is not known."""


class Remedy(TypedDict):
    """What to write, where, and the rule of the linter that finds such places."""

    advice: str
    file: str
    line: int
    rule: str


class Leak(TypedDict):
    """One thing that was left behind."""

    kind: Kind
    level: Level
    key: str
    """What makes two leaks one: kind, file and function where it is to be mended, and of what.
    Lines move, these stay; a line of the file of known leaks begins with it."""
    place: Spot
    detail: str
    pending: list[Pending]
    first_pulled: list[Spot]
    """Who pulled the stream first, or made the task; the innermost first."""
    last_pulled: list[Spot]
    """Who pulled it last; empty where that is not known."""
    remedy: Remedy | None
    test: str
    """The test, or the fixture, in which it was made; empty outside of pytest."""
    waived: str
    """Why it is let pass; empty if it is not."""
