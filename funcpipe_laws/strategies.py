"""How each input that a law can name is generated: `INPUTS[name](instance)` is a strategy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .instance import Failure, StreamInstance, Value
from .probes import Fn, Kleisli, Script

CODES = ("E1", "E2")
LAYERS = {"map": "map", "bind": "bind", "inner": "bind", "using": "using", "merge": "merge"}
"""Layer of `Bench.wrap` -> the operation it needs."""


def items(instance: StreamInstance) -> SearchStrategy[Any]:
    """Items that succeeded and, where the instance has such, items that failed."""
    values = st.integers(-1, 3).map(Value)
    if not instance.offers("err"):
        return values
    return st.one_of(values, st.sampled_from(CODES).map(Failure))


def source(instance: StreamInstance) -> SearchStrategy[Script]:
    """A short source that ends; for an instance of single values, one of one item."""
    sizes = (1, 1) if instance.kind == "value" else (0, 4)
    scripts = st.lists(items(instance), min_size=sizes[0], max_size=sizes[1])
    return st.builds(Script, scripts.map(tuple), ready=st.booleans())


def function(instance: StreamInstance) -> SearchStrategy[Fn]:
    """A pure function; some of its results are falsy."""
    results = st.one_of(st.integers(-1, 3), st.sampled_from((None, False, "")))
    return st.builds(Fn, st.lists(results, min_size=1, max_size=3).map(tuple))


def kleisli(instance: StreamInstance) -> SearchStrategy[Kleisli]:
    """A function from values to short sources."""
    return st.builds(Kleisli, st.lists(source(instance), min_size=1, max_size=3).map(tuple))


def layers(instance: StreamInstance) -> SearchStrategy[tuple[str, ...]]:
    """Combinators to wrap a stream in, of those that the instance offers."""
    offered = [layer for layer, operation in LAYERS.items() if instance.offers(operation)]
    if not offered:
        return st.just(())
    return st.lists(st.sampled_from(offered), max_size=3).map(tuple)


def take(instance: StreamInstance) -> SearchStrategy[int]:
    """How many items a consumer takes before it stops."""
    return st.integers(0, 3)


INPUTS: dict[str, Callable[[StreamInstance], SearchStrategy[Any]]] = {
    "source": source,
    "f": function,
    "g": function,
    "k": kleisli,
    "h": kleisli,
    "layers": layers,
    "take": take,
}
