"""What an expression may stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from funcpipe_lint.program.facts.expressions import Expression

Key = tuple[str, int]
"""A class or function: its file, and its number there."""


class Scope(NamedTuple):
    """Where an expression is evaluated: the function of a file, and the class of what is `self`
    there, where more is known of it than the method says."""

    path: str
    function: int
    receiver: Key | None = None


class ModuleOf(NamedTuple):
    """A module of the program, or a folder of modules."""

    path: str


class ClassOf(NamedTuple):
    """A class itself."""

    key: Key


class Instance(NamedTuple):
    """An object of a class, or of one below it."""

    key: Key
    is_exact: bool = False
    """It was made by calling the class."""


class Super(NamedTuple):
    """What `super()` gives in a method of a class."""

    key: Key
    receiver: Key


class FunctionOf(NamedTuple):
    """A function; of a method, the class that it was asked of."""

    key: Key
    receiver: Key | None = None
    is_direct: bool = False
    """A subclass has no say in which method it is."""


class Stream(NamedTuple):
    """What the call of a generator function gives, or of a method that stands for one."""

    function: FunctionOf
    arguments: Sequence[Sequence[object]]
    scope: Scope
    """Where the arguments are evaluated."""
    noted: tuple[Expression, Scope] | None = None
    """What the function that hands it on is annotated to return."""


class Coroutine(NamedTuple):
    """What awaiting gives."""

    results: tuple[object, ...]


class Manager(NamedTuple):
    """What the call of a function under `contextmanager` gives."""

    function: FunctionOf
    is_async: bool


class Container(NamedTuple):
    """What an annotation says of the items of a list, dictionary, ..."""

    arguments: Sequence[Expression]
    scope: Scope


class External(NamedTuple):
    """What lives outside of the program, by its dotted name."""

    name: str


class Other(NamedTuple):
    """unknown: it may be anything; given: a parameter that is not annotated; nothing: None."""

    word: str


UNKNOWN_ENTITY = Other("unknown")
GIVEN = Other("given")
NOTHING_ENTITY = Other("nothing")
Entity = (
    ModuleOf
    | ClassOf
    | Instance
    | Super
    | FunctionOf
    | Stream
    | Coroutine
    | Manager
    | Container
    | External
    | Other
)
Entities = tuple[Entity, ...]
UNKNOWN_ENTITIES: Entities = (UNKNOWN_ENTITY,)


class Owner(NamedTuple):
    """The function in which the clean-up of a stream lives."""

    path: str
    line: int
    column: int
    name: str
    kind: str
    """What holds: with, finally, except."""
    text: str
    """What is entered, of a `with`."""
    is_lock: bool = False
    is_argument: bool = False
    """It owns the clean-up of a stream that was handed to what is called."""
