"""What a rule's screen names: the words of functions that it has something to say of, and shapes
that take more than words to tell.

A screen may say yes too often, never no wrongly: tests run every rule with and without it.
"""

from __future__ import annotations

from enum import Flag, auto
from typing import NamedTuple

from funcpipe_lint.model.vocabulary import LOCK_WORDS, SPAWNERS, STARTERS, THREADS


class Named(NamedTuple):
    """Dotted names, each of which a file may give another one."""

    dotted: tuple[str, ...]
    setting: str = ""
    """The setting that has more of them."""


Group = tuple[str, ...] | Named
"""A function holds one of these."""
TYPED: Group = ("-> AsyncIterator",)
"""It is annotated as returning what may be a stream, by whatever name."""
YIELD: Group = ("yield",)
WITH: Group = ("with",)
LOOP: Group = ("async for",)


class Words(NamedTuple):
    """Words that the functions of a file hold, and what of it libcst has to be shown then: the
    functions that hold them, and whatever these mention."""

    groups: tuple[Group, ...] = ()
    """One async function holds a word of each, itself or in a function within it."""
    beside: tuple[tuple[Group, ...], ...] = ()
    """Of each of these some function holds a word of each group, async or not: it is shown too."""
    with_users: bool = False
    """Functions that may return what one of them gives are shown too."""
    with_drivers: bool = False
    """So is whatever a framework may be handed them by: it drives them as managers."""
    with_lists: bool = False
    """Whoever uses a list of the module that one of them fills matters: the file is shown whole."""
    passed_to: str = ""
    """The setting of names to which one may be passed, and then matters not: with one of them the
    file is shown whole."""
    members: tuple[str, ...] = ()
    """Whatever classes have by these names is shown too."""


class Shape(Flag):
    """What takes more than words to tell, or what several rules ask. Those marked "async" are seen
    in `async def` statements alone."""

    NONE = 0
    RESULT_WORDS = auto()
    """A word without which no module is a Result module."""
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
    REPLAY_LOOP = auto()
    """Async: a list with a name that is made of a stream, which a loop goes through."""
    SIDE_YIELDED = auto()
    """Async: a stream that may yield a side of a Result."""
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
    STOP_RAISED = auto()
    """Async: StopAsyncIteration or StopIteration may be raised."""
    CLOSING_STOPPED = auto()
    """Async: a handler that closing a stream may reach, around a yield."""
    NEXT_IN_THREAD = auto()
    """Async: `next` may be handed to a thread."""
    DECORATED_STREAM = auto()
    """Async: a stream with a decorator that may retry or cache."""
    WRONG_LOOP = auto()
    """Async: `async for` over what may be no async iterable."""
    STREAM_SHARED = auto()
    """Async: tasks are started, and a run of a stream has a name."""
    BUILDER = auto()
    """A function that may build the description of a stream."""
    DISCARDED_CALL = auto()
    """A call as a statement of its own, of a name that the file may give a stream's meaning."""


Need = Shape | Words
STREAM_OF_RESULTS = (
    Shape.RESULT_WORDS | Shape.ASYNC_GENERATOR,
    Shape.RESULT_WORDS | Shape.GENERATOR,
)
# Who holds each shape, and in whom it is looked for. What is not here no words tell.
SHAPES: dict[Shape, Words] = {
    Shape.ASYNC_FOR: Words((LOOP,)),
    Shape.ASYNC_COMPREHENSION: Words((LOOP,)),
    Shape.ASYNC_GENERATOR: Words((YIELD,)),
    Shape.GENERATOR: Words(beside=((YIELD,),)),
    Shape.CALL_LEFT: Words((LOOP, ("return", "break", "raise"))),
    Shape.CALL_YIELD: Words((LOOP, YIELD)),
    Shape.CALL_PULLED: Words((Named(("builtins.anext",)),)),
    Shape.REPLAY_LOOP: Words((LOOP, ("append", "[")), with_lists=True),
    Shape.SIDE_YIELDED: Words((YIELD, Named(("a.Ok", "a.Err")))),
    Shape.SCOPE_YIELD: Words((YIELD, WITH), with_drivers=True),
    Shape.LOCK_YIELD: Words((YIELD, WITH, LOCK_WORDS), with_drivers=True),
    Shape.CLOSING_YIELD: Words((YIELD, ("finally", "except"))),
    Shape.SPAWN: Words((YIELD, Named(SPAWNERS, "spawners"))),
    Shape.REPLAY: Words((LOOP, ("[",)), with_lists=True),
    Shape.STOP_RAISED: Words(
        (("raise",), Named(("builtins.StopAsyncIteration", "builtins.StopIteration")))
    ),
    Shape.CLOSING_STOPPED: Words((YIELD, ("except",))),
    Shape.NEXT_IN_THREAD: Words((Named(("builtins.next",)), Named(THREADS))),
    Shape.DECORATED_STREAM: Words((YIELD,)),
    Shape.WRONG_LOOP: Words((LOOP,)),
    # What the tasks run pulls the stream.
    Shape.STREAM_SHARED: Words(
        (Named((*SPAWNERS, *STARTERS, "a.start_soon"), "spawners"),),
        beside=((("async for", "next"),),),
    ),
}


def words_of(need: Need) -> Words | None:
    """The words by which something is told; None where no words tell it."""
    return need if isinstance(need, Words) else SHAPES.get(need)


def needs_stream(need: Need) -> bool:
    """Whether a file without `async for` and without an async generator does not show it."""
    words = [words_of(one) for one in (need if isinstance(need, Shape) else [need])]
    return any(each and {YIELD, LOOP} & {*each.groups} for each in words)


class Screen(NamedTuple):
    """What a rule says of itself before libcst is asked: without this it has nothing to say."""

    shapes: tuple[Need, ...] = (Shape.NONE,)
    """Alternatives: all shapes of one of them occur. NONE: whatever a file shows."""
    words: tuple[str, ...] = ()
    """The text of the file holds at least one; empty: any text."""
    elsewhere: tuple[Need, ...] = ()
    """Further alternatives where the rule is asked for in every module."""
    setting: str = ""
    """The setting whose names count as words too."""
    requires: str = ""
    """The setting that has to be given."""
    without_streams: tuple[tuple[str, ...], ...] = ()
    """What a file without any stream holds where it has something to say: a word of each."""
    by_type: bool = False
    """Whether it has something to say where a stream's type is named, and no stream is."""
