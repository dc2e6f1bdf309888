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
    """Async: an `async for` that only appends to a list, which a loop that yields goes through."""
    MATCH = auto()
    CLOSE_CALL = auto()
    """The word `aclose`."""
    RESULT_WORDS = auto()
    """A word without which no module is a Result module."""
    DESCRIPTION = auto()
    """A generator in another function, a lambda over a call, or a type that may be a
    description's."""
    AWAITED_STREAM = auto()
    """An `async def` without a yield that returns something, annotated with what may be a stream's
    type."""
    TWIN_LOOP = auto()
    """Async: a stream's `for` over a method of `self` that is named as a function, without the `a`
    of async."""
    RESOURCE_YIELD = auto()
    """Async: as YIELD_IN_WITH, the manager being one that may hold a resource."""
    SPAN_YIELD = auto()
    """Async: as YIELD_IN_WITH, the manager being one that may make a tracing span current."""
    SWALLOWED = auto()
    """A handler for CancelledError around a yield that does not leave."""
    UNCLOSABLE = auto()
    """Async: a public stream that may be annotated as AsyncIterator or AsyncIterable."""
    FAN_OUT = auto()
    """Async: an `async for` that may start a task each turn, or `gather` of what a stream gave."""
    QUEUE = auto()
    """A queue that may have no size."""
    BUILDER_ACTS = auto()
    """A builder that may act before its stream is run, or that has to be awaited."""
    BUILDER_ONE_SHOT = auto()
    """A builder whose stream may go through what the builder bound."""
    BUILDER_SHARES = auto()
    """A builder whose stream may change what the builder bound."""
    LATE_BINDING = auto()
    """What may be a description, in a loop whose variable it uses."""
    HAND_CLOSED = auto()
    """A name that is bound to a call, gone through, and has its `aclose` called."""
    CANCELLATION = auto()
    """The word `CancelledError`."""
    COLLECTION = auto()
    """The name of a function that collects a stream into a container."""
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
# What builders show. A queue may be made in one.
OF_BUILDERS = (
    Shape.BUILDER_ACTS
    | Shape.BUILDER_ONE_SHOT
    | Shape.BUILDER_SHARES
    | Shape.LATE_BINDING
    | Shape.QUEUE
)
# What the blocks show for certain: those without `yield`, `async for` and `anext` are left out. Or
# what all bytes tell, or what the blocks are asked to show besides.
IN_BLOCKS = OF_STREAMS | Shape.CALL_PULLED | Shape.OWNING_PULLED | Shape.DISCARDED_CALL
IN_BLOCKS |= Shape.TWIN_LOOP | Shape.RESOURCE_YIELD | Shape.SPAN_YIELD | Shape.SWALLOWED
IN_BLOCKS |= Shape.UNCLOSABLE | Shape.FAN_OUT | Shape.QUEUE | Shape.HAND_CLOSED
IN_BLOCKS |= Shape.AWAITED_STREAM | OF_BUILDERS
