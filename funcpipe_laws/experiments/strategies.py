"""How each input that a law can name is generated: `INPUTS[name](instance)` is a strategy.

Everything drawn prints as an expression that makes it again, and shrinks towards short and plain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from funcpipe_laws.declared.instance import VALUES, Failure, StreamInstance, Value
from funcpipe_laws.experiments.scripts import Fn, Hang, ItemFn, Kleisli, ProbeError, Raise, Script
from funcpipe_laws.simulation.callouts import Raises

CODES = ("E1", "E2")
LAYERS = {"map": "map", "bind": "bind", "inner": "bind", "using": "using", "merge": "merge"}
"""Layer of `Bench.wrap` -> the operation it needs."""
FAULTS = (ProbeError, RuntimeError, TimeoutError, OSError, TypeError, AttributeError, KeyError)
"""Some of them are caught by libraries for purposes of their own."""
FALSY = (None, False, "", ())

Strategy = SearchStrategy[Any]
# One draw for an item: a choice of kinds first, and then of values, takes three times as long.
_FAILED = tuple(map(Failure, CODES))


def _allowed(instance: StreamInstance, usual: Sequence[Any] = VALUES) -> Sequence[Any]:
    """What an item may hold: what the instance says, or what it usually is."""
    return usual if instance.values is None else tuple(instance.values)


def values(instance: StreamInstance) -> Strategy:
    """What an item that succeeded holds."""
    return st.sampled_from(_allowed(instance))


def items(instance: StreamInstance) -> Strategy:
    """Items that succeeded and, where the instance has such, items that failed."""
    succeeded = tuple(map(Value, _allowed(instance)))
    return st.sampled_from((*succeeded, *_FAILED * 4) if instance.offers("err") else succeeded)


def _scripts(instance: StreamInstance, least: int, most: int) -> Strategy:
    if instance.kind == "value":
        least = most = 1
    drawn = st.lists(items(instance), min_size=least, max_size=most)
    return st.tuples(drawn, st.booleans()).map(_script)


def _script(drawn: tuple[Sequence[Any], bool]) -> Script:
    return Script(tuple(drawn[0]), drawn[1])


def source(instance: StreamInstance) -> Strategy:
    """A short source that ends; for an instance of single values, one of one item."""
    return _scripts(instance, 0, 4)


def long(instance: StreamInstance) -> Strategy:
    """A source that still has items after one was taken."""
    return _scripts(instance, 2, 4)


def some(instance: StreamInstance) -> Strategy:
    """A source whose first item has succeeded."""
    more = st.lists(items(instance), max_size=0 if instance.kind == "value" else 2)
    return st.builds(
        lambda first, rest, ready: Script((Value(first), *rest), ready=ready),
        *(values(instance), more, st.booleans()),
    )


def short(instance: StreamInstance) -> Strategy:
    """A source of one or two items: for laws that try every moment of a run."""
    return _scripts(instance, 1, 2)


def sources(instance: StreamInstance) -> Strategy:
    """One to three sources of a merge."""
    return st.lists(_scripts(instance, 0, 3), min_size=1, max_size=3).map(tuple)


def busy(instance: StreamInstance) -> Strategy:
    """Two or three sources of a merge that all have several items."""
    return st.lists(_scripts(instance, 2, 4), min_size=2, max_size=3).map(tuple)


def endless(instance: StreamInstance) -> Strategy:
    """The items that an endless source repeats."""
    return _scripts(instance, 1, 2)


def _then(instance: StreamInstance, step: Raise | Hang) -> Strategy:
    """A source with this step after up to three items, and perhaps one more behind it."""
    some = st.lists(items(instance), max_size=3).map(tuple)
    more = st.lists(items(instance), max_size=1).map(tuple)
    return st.builds(
        lambda before, after, ready: Script((*before, step, *after), ready=ready),
        *(some, more, st.booleans()),
    )


def failing(instance: StreamInstance) -> Strategy:
    """A source that raises."""
    return _then(instance, Raise())


def lengthy(instance: StreamInstance) -> Strategy:
    """A source that is short, or now and then one of 40 items."""
    more = st.lists(items(instance), min_size=40, max_size=40)
    many = st.tuples(more, st.just(True)).map(_script)
    return source(instance) if instance.kind == "value" else st.one_of(source(instance), many)


def hanging(instance: StreamInstance) -> Strategy:
    """A source that never goes on."""
    return _then(instance, Hang())


def value(instance: StreamInstance) -> Strategy:
    """Any value; also one that could be called by mistake."""
    if instance.values is not None:
        return values(instance)
    return st.one_of(values(instance), st.just(Fn((0,))))


def function(instance: StreamInstance) -> Strategy:
    """A pure function; some of its results are falsy."""
    usual = st.one_of(st.integers(-1, 3), st.sampled_from(FALSY))
    results = usual if instance.values is None else values(instance)
    return st.builds(Fn, st.lists(results, min_size=1, max_size=3).map(tuple))


def raising(instance: StreamInstance) -> Strategy:
    """A function that raises for some values."""
    some = st.lists(st.sampled_from(_allowed(instance, range(4))), max_size=2)
    return some.flatmap(lambda results: st.permutations([Raise(), *results])).map(
        lambda results: Fn(tuple(results))
    )


def item_function(instance: StreamInstance) -> Strategy:
    """A coroutine function from values to items."""
    return st.builds(ItemFn, st.lists(items(instance), min_size=1, max_size=3).map(tuple))


def kleisli(instance: StreamInstance) -> Strategy:
    """A function from values to short sources."""
    scripts = st.lists(_scripts(instance, 0, 3), min_size=1, max_size=3)
    return st.builds(Kleisli, scripts.map(tuple))


def _of(kinds: Iterable[type[BaseException]]) -> Callable[[StreamInstance], Strategy]:
    return lambda instance: st.sampled_from([Raise(kind) for kind in kinds])


def _layers(instance: StreamInstance, least: int, most: int, *left_out: str) -> Strategy:
    offered = [
        layer
        for layer, operation in LAYERS.items()
        if instance.offers(operation) and layer not in left_out
    ]
    if not offered:
        return st.just(())
    return st.lists(st.sampled_from(offered), min_size=least, max_size=most).map(tuple)


def layers(instance: StreamInstance) -> Strategy:
    """Combinators to wrap a stream in, of those that the instance offers; or none."""
    return _layers(instance, 0, 2)


def chain(instance: StreamInstance) -> Strategy:
    """At least one combinator, of those that work in step with their consumer."""
    return _layers(instance, 1, 3, "merge")


def _small(least: int, most: int) -> Callable[[StreamInstance], Strategy]:
    return lambda instance: st.integers(least, most)


INPUTS: dict[str, Callable[[StreamInstance], Strategy]] = {
    "source": source,
    "long": long,
    "some": some,
    "short": short,
    "sources": sources,
    "busy": busy,
    "endless": endless,
    "failing": failing,
    "lengthy": lengthy,
    "hanging": hanging,
    "value": value,
    "f": function,
    "g": function,
    "k": kleisli,
    "h": kleisli,
    "fn": item_function,
    "raising": raising,
    "fatal": _of((asyncio.CancelledError, KeyboardInterrupt, SystemExit)),
    "stopping": _of((StopIteration, StopAsyncIteration)),
    "layers": layers,
    "chain": chain,
    "take": _small(1, 4),
    "size": _small(1, 3),
    "limit": lambda instance: st.sampled_from((2, 1, 3, 33, 40)),
    "failures": _small(0, 3),
    "flag": lambda instance: st.booleans(),
    "fault": lambda instance: st.sampled_from([Raises(kind) for kind in FAULTS]),
    "late": lambda instance: st.booleans(),
    "interleaving": lambda instance: st.lists(st.booleans(), max_size=8).map(tuple),
}
