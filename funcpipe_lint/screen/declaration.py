"""What a rule's screen names: the shapes of code without which it has nothing to say of a file, and
the words without which no function shows one.

A screen may say yes too often, never no wrongly: tests run every rule with and without it.
"""

from __future__ import annotations

from enum import Flag, auto
from typing import NamedTuple

from funcpipe_lint.model.vocabulary import (
    CHANNELS,
    CLIENTS,
    CLOSERS,
    DETACHED,
    LOCK_WORDS,
    QUEUES,
    RESPONSES,
    SPAWNERS,
    STARTERS,
    THREADS,
    UNCLOSABLE,
)


class Shape(Flag):
    """What can be seen of a file before libcst parses it. Those marked "async" are seen in its
    `async def` statements alone: a rule whose screen names no others may not need the rest."""

    NONE = 0
    ASYNC_FOR = auto()
    """An `async for` statement."""
    ASYNC_COMPREHENSION = auto()
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
    """Async: a list with a name that is made of a stream, which a loop goes through."""
    RESULT_WORDS = auto()
    """A word without which no module is a Result module."""
    AWAITED_STREAM = auto()
    """An `async def` without a yield that returns something, annotated with what may be a stream's
    type."""
    TWIN_LOOP = auto()
    """Async: a stream's `for` over a method of `self` that is named as a function, without the `a`
    of async."""
    RESOURCE_YIELD = auto()
    """Async: a stream yields in a `with` or `async with` that may hold a resource."""
    SPAN_YIELD = auto()
    """Async: a stream yields in a `with` that may make a tracing span current."""
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
    COLLECTION = auto()
    """The name of a function that collects a stream into a container."""
    STOP_RAISED = auto()
    """Async: StopAsyncIteration or StopIteration may be raised."""
    CLOSING_STOPPED = auto()
    """Async: a handler that closing a stream may reach, around a yield."""
    NEXT_IN_THREAD = auto()
    """Async: `next` may be handed to a thread."""
    DECORATED_STREAM = auto()
    """Async: a stream with a decorator."""
    WRONG_LOOP = auto()
    """Async: `async for` over what may be no async iterable."""
    TIMED_PULL = auto()
    """Async: a timeout, and an iterator that is pulled by hand."""
    PULL_SPAWNED = auto()
    """Async: a task, and an iterator that is pulled by hand."""
    RETURNED_OUT = auto()
    """Async: what a `with` opens, and a return of what may be its stream, by what gives it."""
    RETURNED_RUN = auto()
    """Async: the same, by what an async generator of the file is given."""
    BARE_PULL = auto()
    """Async: a stream that pulls an iterator by hand."""
    CLEANED_BY_HANDLER = auto()
    """Async: a stream with a handler that raises again."""
    TOKEN_RESET = auto()
    """Async: a stream that sets or resets a context variable."""
    SIDE_YIELDED = auto()
    """Async: a stream that may yield a side of a Result."""
    PRODUCER = auto()
    """Async: a stream that starts a task, and ends one."""
    BLOCKING_LOOP = auto()
    """Async: a stream's `for` over a generator of the file that may block."""
    TASK_AWAITED = auto()
    """Async: a stream that starts a task, and has a `finally`."""
    CLIENT = auto()
    """Async: a stream that may make a client."""
    PARAMETER_YIELDED = auto()
    """Async: a stream that yields what it gets from a parameter."""
    SPAWNED_TWICE = auto()
    """Async: tasks are started more than once."""
    END_MARK = auto()
    """Async: a queue is filled without waiting, and read."""
    THREAD_FED = auto()
    """Async: a stream that a thread fills."""
    RETRIED = auto()
    """Async: a stream is gone through, and yielded from, in a `try` that may go on."""
    RESPONSE = auto()
    """A streamed response may be made."""
    BRIDGE = auto()
    """An event loop may be run for one pull of an iterator."""
    HELD_ITERATOR = auto()
    """A method `__anext__` of a class that may pull what an attribute holds."""
    DISCARDED_CALL = auto()
    """A call as a statement of its own, of a name that the file may give a stream's meaning."""


STREAM_OF_RESULTS = (
    Shape.RESULT_WORDS | Shape.ASYNC_GENERATOR,
    Shape.RESULT_WORDS | Shape.GENERATOR,
)
# What no file shows of which `may_hold_streams` is False.
OF_STREAMS = (
    Shape.ASYNC_FOR
    | Shape.ASYNC_COMPREHENSION
    | Shape.ASYNC_GENERATOR
    | Shape.CALL_LEFT
    | Shape.CALL_YIELD
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


# What more than words tells of, wherever it is.
BEYOND_WORDS = OF_BUILDERS | Shape.DISCARDED_CALL


class Names(NamedTuple):
    """Dotted names, each of which a file may give another one."""

    dotted: tuple[str, ...]
    setting: str = ""
    """The setting that has more of them."""


Group = tuple[str, ...] | Names
"""A function holds one of these."""
TYPED: Group = ("-> AsyncIterator",)
"""It is annotated as returning what may be a stream, by whatever name."""
_YIELD, _WITH, _LOOP = ("yield",), ("with",), ("async for",)
_PULL = Names(("builtins.anext",))

# Without a word of each group, in itself or in a function within it, no async function shows a
# shape. What is not here is not shown by async functions alone.
WORDS: dict[Shape, tuple[Group, ...]] = {
    Shape.ASYNC_FOR: (_LOOP,),
    Shape.ASYNC_COMPREHENSION: (_LOOP,),
    Shape.ASYNC_GENERATOR: (_YIELD,),
    Shape.CALL_LEFT: (_LOOP, ("return", "break", "raise")),
    Shape.CALL_YIELD: (_LOOP, _YIELD),
    Shape.CALL_PULLED: (_PULL,),
    Shape.SCOPE_YIELD: (_YIELD, _WITH),
    Shape.LOCK_YIELD: (_YIELD, _WITH, LOCK_WORDS),
    Shape.CLOSING_YIELD: (_YIELD, ("finally", "except")),
    Shape.SPAWN: (_YIELD, Names(SPAWNERS, "spawners")),
    Shape.REPLAY: (_LOOP, ("[",)),
    Shape.REPLAY_LOOP: (_LOOP, ("append", "[")),
    Shape.AWAITED_STREAM: (TYPED, ("return",)),
    Shape.TWIN_LOOP: (_YIELD, ("self",)),
    Shape.RESOURCE_YIELD: (_YIELD, _WITH),
    Shape.SPAN_YIELD: (_YIELD, _WITH),
    Shape.SWALLOWED: (_YIELD, Names(("asyncio.CancelledError",))),
    Shape.UNCLOSABLE: (_YIELD, ("->",), Names(tuple(sorted(UNCLOSABLE)))),
    Shape.QUEUE: (Names((*QUEUES, *CHANNELS), "queues"),),
    Shape.STOP_RAISED: (
        ("raise",),
        Names(("builtins.StopAsyncIteration", "builtins.StopIteration")),
    ),
    Shape.CLOSING_STOPPED: (_YIELD, ("except",)),
    Shape.NEXT_IN_THREAD: (Names(("builtins.next",)), Names(THREADS)),
    Shape.DECORATED_STREAM: (_YIELD,),
    Shape.WRONG_LOOP: (_LOOP,),
    Shape.TIMED_PULL: (Names(("builtins.TimeoutError",)), ("next",), ("except",)),
    Shape.PULL_SPAWNED: (Names(SPAWNERS), ("next",), ("cancel", "wait")),
    Shape.RETURNED_OUT: (("async with",), ("return",), ("iter", "stream")),
    Shape.RETURNED_RUN: (("async with",), ("return",)),
    Shape.BARE_PULL: (_YIELD, ("next",)),
    Shape.CLEANED_BY_HANDLER: (_YIELD, ("except",), ("raise",)),
    Shape.TOKEN_RESET: (_YIELD, ("reset", "set")),
    Shape.SIDE_YIELDED: (_YIELD, Names(("a.Ok", "a.Err"))),
    Shape.BLOCKING_LOOP: (_YIELD,),
    Shape.TASK_AWAITED: (_YIELD, Names(SPAWNERS, "spawners"), ("finally",), ("put", "send")),
    Shape.CLIENT: (_YIELD, Names(CLIENTS, "clients")),
    Shape.PARAMETER_YIELDED: (_LOOP, _YIELD),
    Shape.SPAWNED_TWICE: (Names((*SPAWNERS, *STARTERS, "a.start_soon"), "spawners"),),
    Shape.END_MARK: (("put_nowait",), ("get",)),
    Shape.THREAD_FED: (_YIELD, ("threadsafe",), Names((*DETACHED, "a.run_in_executor"))),
    Shape.RETRIED: (_LOOP, _YIELD, ("except", "with")),
    Shape.PRODUCER: (_YIELD, Names(SPAWNERS, "spawners"), ("cancel",)),
}
# What shows a part of a shape in any function, and in none: the file holds all parts.
ANYWHERE: dict[Shape, tuple[tuple[Group, ...], ...]] = {
    # A name stands for what is gathered elsewhere than it is made.
    Shape.FAN_OUT: ((_LOOP,), (Names((*SPAWNERS, "a.start_soon", "asyncio.gather"), "spawners"),)),
    Shape.HAND_CLOSED: ((("aclose",),),),
    Shape.GENERATOR: ((_YIELD,),),
    Shape.COLLECTION: ((Names((), "collectors"),),),
    Shape.RESPONSE: ((Names(RESPONSES, "responses"),),),
    Shape.BRIDGE: ((("run_until_complete",), ("next",)),),
    Shape.HELD_ITERATOR: ((("__anext__",), ("self",)),),
    Shape.RETURNED_RUN: ((_YIELD,),),
    # What the tasks run pulls a stream.
    Shape.SPAWNED_TWICE: ((("async for", "next"),),),
}
# Who else names the function that shows these is asked about too.
OF_USERS = Shape.PARAMETER_YIELDED
# What classes have by these names is asked about too.
MEMBERS = {Shape.HELD_ITERATOR: CLOSERS}


class Screen(NamedTuple):
    """What a rule says of itself before libcst is asked: without this it has nothing to say."""

    shapes: tuple[Shape, ...] = (Shape.NONE,)
    """Alternatives: all shapes of one of them occur. NONE: whatever a file shows."""
    words: tuple[str, ...] = ()
    """The text of the file holds at least one; empty: any text."""
    elsewhere: tuple[Shape, ...] = ()
    """Further alternatives where the rule is asked for in every module."""
    setting: str = ""
    """The setting whose names count as words too."""
    requires: str = ""
    """The setting that has to be given."""
