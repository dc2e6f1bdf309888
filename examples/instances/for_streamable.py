"""streamable: one class for sync and async streams, built by methods; here its async side.

It flattens several streams at once by taking turns between them, which is not a merge.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

from streamable import stream

from examples.instances.held_resource import held
from funcpipe_laws.instance import StreamInstance


class Source:
    """A re-iterable from a function that makes iterators."""

    def __init__(self, thunk: Callable[[], AsyncIterator[Any]]) -> None:
        self.thunk = thunk

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.thunk()


def embed(thunk: Callable[[], AsyncIterator[Any]]) -> Any:
    """A stream over an async iterable."""
    return stream(Source(thunk))


def chunk(source: Any, size: int, max_seconds: float | None = None) -> Any:
    """A group, by size and age."""
    within = None if max_seconds is None else timedelta(seconds=max_seconds)
    return source.group(size, within=within)


def bind(source: Any, f: Callable[[Any], Any]) -> Any:
    """A flattened map; the inner streams are handed over as async iterables."""
    return source.map(lambda value: Source(lambda: aiter(f(value)))).flatten()


INSTANCE = StreamInstance(
    name="streamable 2.0.0",
    pure=lambda value: stream([value]),
    empty=lambda: stream([]),
    map=lambda source, f: source.map(f),
    bind=bind,
    using=held(embed, aiter),
    par_map=lambda source, fn, concurrency: source.map(fn, concurrency=concurrency),
    buffer=lambda source, size: source.buffer(size),
    chunk=chunk,
    embed=embed,
    open=aiter,
)
