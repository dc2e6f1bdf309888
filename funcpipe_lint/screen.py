"""What a rule's screen names: the shapes of code without which it has nothing to say of a file.

A screen may say yes too often, never no wrongly: tests run every rule with and without it.
"""

from __future__ import annotations

from enum import Flag, auto


class Shape(Flag):
    """What can be seen of a file before libcst parses it. Those marked "async" are seen in its
    `async def` statements alone: a rule whose screen names no others may not need the rest."""

    NONE = 0
    ASYNC_FOR = auto()
    """An `async for` statement."""
    ASYNC_COMPREHENSION = auto()
    ASYNC_FUNCTION = auto()
    ASYNC_GENERATOR = auto()
    """Async: an `async def` that holds a yield."""
    GENERATOR = auto()
    """A plain `def` that holds a yield."""
    CALL_LEFT = auto()
    """Async: an `async for` over a call whose body holds break, return or raise."""
    CALL_YIELD = auto()
    """Async: an `async for` over a call whose body holds a yield."""
    CALL_PULLED = auto()
    """Async: an awaited `anext` of a call."""
    OWNING_LEFT = auto()
    """Async: as CALL_LEFT, the call being of a stream of the file that may own clean-up."""
    OWNING_YIELD = auto()
    """Async: as CALL_YIELD, likewise."""
    OWNING_PULLED = auto()
    """Async: as CALL_PULLED, likewise."""
    YIELD_IN_WITH = auto()
    """Async: a stream yields in `with` or `async with`."""
    SCOPE_YIELD = auto()
    """Async: a stream yields inside what may be a cancel scope."""
    LOCK_YIELD = auto()
    """Async: a stream yields inside what is called a lock."""
    CLOSING_YIELD = auto()
    """Async: a stream yields in a `finally`, or in a handler that closing it may reach."""
    SPAWN = auto()
    """Async: a stream starts a task."""
    REPLAY = auto()
    """Async: a `for` over a list comprehension of a stream."""
    REPLAY_LOOP = auto()
    """Async: an `async for` that may only append."""
    MATCH = auto()
    CLOSE_CALL = auto()
    """The word `aclose`."""
    RESULT_WORDS = auto()
    """A word without which no module is a Result module."""
    DESCRIPTION = auto()
    """A generator in another function, a lambda over a call, or a type that may be a
    description's."""
    AWAITED_STREAM = auto()
    """An `async def` without a yield, annotated with what may be a stream's type."""
    TWIN_LOOP = auto()
    """A `for` over a method of `self` that is named as its function, without the `a` of async."""
    CANCELLATION = auto()
    """The word `CancelledError`."""
    DISCARDED_CALL = auto()
    """A call as a statement of its own, of a name that the file may give a stream's meaning."""


# What no file shows of which `may_hold_streams` is False.
OF_STREAMS = (
    Shape.ASYNC_FOR
    | Shape.ASYNC_COMPREHENSION
    | Shape.ASYNC_GENERATOR
    | Shape.CALL_LEFT
    | Shape.CALL_YIELD
    | Shape.OWNING_LEFT
    | Shape.OWNING_YIELD
    | Shape.YIELD_IN_WITH
    | Shape.SCOPE_YIELD
    | Shape.LOCK_YIELD
    | Shape.CLOSING_YIELD
    | Shape.SPAWN
    | Shape.REPLAY
    | Shape.REPLAY_LOOP
)
# What the blocks show for certain: those without `yield`, `async for` and `anext` are left out.
IN_BLOCKS = OF_STREAMS | Shape.CALL_PULLED | Shape.OWNING_PULLED | Shape.RESULT_WORDS
IN_BLOCKS |= Shape.DISCARDED_CALL
