"""asyncstdlib: async versions of the standard library's iterator functions, run by being called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncstdlib

from examples.instances.held_resource import held
from funcpipe_laws.instance import StreamInstance

Thunk = Callable[[], AsyncIterator[Any]]


def bind(gen: Thunk, f: Callable[[Any], Thunk]) -> Callable[[], Any]:
    """A chain over a map."""
    return lambda: asyncstdlib.chain.from_iterable(asyncstdlib.map(lambda x: f(x)(), gen()))


INSTANCE = StreamInstance(
    name="asyncstdlib 3.14.0",
    pure=lambda value: lambda: asyncstdlib.iter([value]),
    empty=lambda: lambda: asyncstdlib.iter([]),
    map=lambda gen, f: lambda: asyncstdlib.map(f, gen()),
    bind=bind,
    using=held(lambda thunk: thunk, lambda gen: gen()),
    chunk=lambda gen, size: lambda: asyncstdlib.batched(gen(), size),
)
