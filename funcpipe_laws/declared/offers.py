"""What an instance can offer besides its named operations: operators, wrappers and consumers."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

ListModel: TypeAlias = Callable[..., Sequence[Any] | None]
"""Lists of what the streams give -> the list of what is delivered; None is "nothing is claimed"."""

SEVERAL = -1
"""A number of streams that is not fixed: laws give two."""


@dataclass(frozen=True)
class Operator:
    """Any function on streams, as laws can check it: an operator, a source, a whole pipeline.

    `make` takes descriptions of streams and returns one; functions on async iterables, such as bare
    async-generator functions, are recognised and made into such. Without parameters it is a source.
    What it is given and returns is found out by a short trial on the simulated loop.

        Operator(lambda s: debounce(s, 0.1), model=lambda items: items[-1:], read_ahead=1)
    """

    make: Callable[..., Any]
    model: ListModel | None = None
    """What it delivers, by lists: one list of items for each stream it takes, of the library's own
    items. All items are there at once, as far as time matters. Without a model, everything but the
    content is checked."""
    allows: Callable[..., bool] | None = None
    """In place of a model, where the schedule decides: whether a list may be delivered, given that
    list and one for each stream. `funcpipe_laws.models` has that of a switch, and of the newest
    items of two streams."""
    rate: tuple[int, float] | None = None
    """(n, seconds): it delivers no more than n items in any so many seconds, wherever they
    begin."""
    retries: Literal["before the first item", "always"] | None = None
    """It runs its source again when that fails: never once an item is out, or then as well."""
    read_ahead: int | None = None
    """How many items it may pull while nobody asks it for one; None is "not declared"."""
    pulls: int | Callable[..., int] | None = None
    """How many items of its first stream it pulls at most, for its end too: a number, or a function
    of the lists that a model gets; None is "all"."""
    ordered: bool = True
    """Whether the model says in which order items come; else only which."""
    prompt: bool = False
    """Whether it delivers what it can without waiting for its source to give more."""
    whole: bool = False
    """Whether it needs all items of its source at once, as a sort does."""
    exceptions: Literal["raise", "handle"] = "raise"
    """An exception of a source surfaces; or the operator is there to do something else with it."""
    streams: int | None = None
    """How many streams it takes; None is "as many as `make` has parameters"."""
    takes: Literal["streams", "resource"] = "streams"
    """"resource": `make` takes a function that returns an async context manager, and holds that
    while it runs."""

    def __post_init__(self) -> None:
        if not callable(self.make):
            raise TypeError(f"Operator({self.make!r}): the first argument must be a function")
        if self.retries not in (None, "before the first item", "always"):
            raise ValueError(
                f"Operator(retries={self.retries!r}): 'before the first item' or 'always'"
            )
        if self.rate is not None and min(self.rate) <= 0:
            raise ValueError(f"Operator(rate={self.rate!r}): (items, seconds), both above zero")
        if self.read_ahead is not None and self.read_ahead < 0:
            raise ValueError(f"Operator(read_ahead={self.read_ahead!r}): it must not be negative")
        if isinstance(self.pulls, int) and self.pulls < 0:
            raise ValueError(f"Operator(pulls={self.pulls!r}): it must not be negative")

    @property
    def arity(self) -> int:
        """How many streams it takes; `SEVERAL` if that is not fixed."""
        if self.takes == "resource":
            return 0
        if self.streams is not None:
            return self.streams
        try:
            parameters = inspect.signature(self.make).parameters.values()
        except (TypeError, ValueError):
            return 1
        if any(p.kind is p.VAR_POSITIONAL for p in parameters):
            return SEVERAL
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return sum(p.kind in positional and p.default is p.empty for p in parameters)


def branches(open_all: Callable[[], Sequence[Any]], n: int) -> list[Callable[[], Any]]:
    """The n branches of a tee of async iterables as descriptions, for `StreamInstance.tee`.

    `open_all` makes all of them at once, when the first is run:

        tee=lambda s, n: branches(lambda: itertools.tee(s(), n), n)
    """
    made: list[Any] = []

    def branch(number: int) -> Any:
        if not made:
            made.extend(open_all())
        one = made[number]
        return aiter(one) if hasattr(one, "__aiter__") else one

    return [partial(branch, number) for number in range(n)]


@dataclass(frozen=True)
class Wrapper:
    """A decorator of async-generator functions, or a class or function around an async iterator.

    Whatever it adds, such as spans, retries or heartbeats, what it wraps must behave as before.
    """

    wrap: Callable[[Any], Any]
    takes: Literal["function", "iterator"] = "function"

    def __post_init__(self) -> None:
        if not callable(self.wrap):
            raise TypeError(f"Wrapper({self.wrap!r}): the first argument must be a function")


@dataclass(frozen=True)
class Consumer:
    """A function that drives a stream and returns an awaitable."""

    consume: Callable[[Any], Awaitable[Any]]
    model: Callable[[Sequence[Any]], Any] | None = None
    """The list of the library's own items -> what is returned."""
    pulls: int | None = None
    """How many items it pulls at most; None is "all"."""

    def __post_init__(self) -> None:
        if not callable(self.consume):
            raise TypeError(f"Consumer({self.consume!r}): the first argument must be a function")
