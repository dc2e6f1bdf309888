"""A plain right implementation, and wrong ones, each with the law that must catch it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from .instance import ResultType, StreamInstance


@dataclass(frozen=True, slots=True)
class Ok:
    """An item that succeeded."""

    value: Any


@dataclass(frozen=True, slots=True)
class Err:
    """An item that failed."""

    error: Any


Thunk = Callable[[], AsyncGenerator[Any, None]]


def right_pure(value: Any) -> Thunk:
    """One item."""

    async def stream() -> AsyncGenerator[Any, None]:
        yield Ok(value)

    return stream


def right_map(gen: Thunk, f: Callable[[Any], Any]) -> Thunk:
    """The function on each item that succeeded."""

    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(gen()) as items:
            async for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item

    return stream


def right_bind(gen: Thunk, f: Callable[[Any], Thunk]) -> Thunk:
    """Concatenation of the inner streams."""

    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(gen()) as items:
            async for item in items:
                if isinstance(item, Ok):
                    async with aclosing(f(item.value)()) as inner:
                        async for thing in inner:
                            yield thing
                else:
                    yield item

    return stream


def right_using(enter: Callable[[], Any], make: Callable[[Any], Thunk]) -> Thunk:
    """The resource held while its stream runs."""

    async def stream() -> AsyncGenerator[Any, None]:
        async with enter() as resource, aclosing(make(resource)()) as items:
            async for item in items:
                yield item

    return stream


def right_lift(fn: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Thunk]:
    """One awaited item."""

    def lifted(value: Any) -> Thunk:
        async def stream() -> AsyncGenerator[Any, None]:
            yield await fn(value)

        return stream

    return lifted


MODEL = StreamInstance(
    name="model",
    pure=right_pure,
    map=right_map,
    bind=right_bind,
    using=right_using,
    lift=right_lift,
    result=ResultType(
        ok=Ok,
        err=Err,
        is_ok=lambda item: isinstance(item, Ok),
        is_err=lambda item: isinstance(item, Err),
        value=lambda item: item.value,
        error=lambda item: item.error,
    ),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong implementation: the model with operations replaced, and the laws that must notice."""

    name: str
    kills: tuple[str, ...]
    operations: dict[str, Any]

    @property
    def instance(self) -> StreamInstance:
        """The model with the wrong operations in it."""
        return replace(MODEL, name=self.name, **self.operations)


def _map_drops_err(gen: Thunk, f: Callable[[Any], Any]) -> Thunk:
    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(gen()) as items:
            async for item in items:
                if isinstance(item, Ok):
                    yield Ok(f(item.value))

    return stream


def _map_leaves_source_open(gen: Thunk, f: Callable[[Any], Any]) -> Thunk:
    async def stream() -> AsyncGenerator[Any, None]:
        async for item in gen():
            yield Ok(f(item.value)) if isinstance(item, Ok) else item

    return stream


def _using_without_guard(enter: Callable[[], Any], make: Callable[[Any], Thunk]) -> Thunk:
    async def stream() -> AsyncGenerator[Any, None]:
        manager = enter()
        resource = await manager.__aenter__()
        try:
            async with aclosing(make(resource)()) as items:
                async for item in items:
                    yield item
        except Exception as exc:
            await manager.__aexit__(type(exc), exc, None)
            raise
        await manager.__aexit__(None, None, None)

    return stream


MUTANTS = (
    Mutant("map drops Err", ("F1",), {"map": _map_drops_err}),
    Mutant("map leaves its source unclosed", ("S14",), {"map": _map_leaves_source_open}),
    Mutant("using forgets release on cancel", ("S5",), {"using": _using_without_guard}),
)
