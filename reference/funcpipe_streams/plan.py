"""Single values: plans, described, composed and released by the same rules as streams.

A plan of this module is a stream of one item underneath, so the depth of its binds has no limit
either, and its resources are released in the same order.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeAlias, TypeVar

from funcpipe_streams.attempt import async_attempt
from funcpipe_streams.concurrent import async_gen_par_map
from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.description import (
    AsyncGen,
    Awaited,
    Generated,
    Return,
    Step,
    Stream,
    Using,
    open_stream,
)
from funcpipe_streams.running.fuse import BIND, MAP, not_a_result
from funcpipe_streams.running.release import closing_stream
from funcpipe_streams.stream import async_gen_from_iterable

__all__ = [
    "AsyncPlan",
    "async_and_then",
    "async_collect",
    "async_gather",
    "async_gen_from_plan",
    "async_map",
    "async_pure",
    "async_using",
    "lift_async",
    "lift_async_try",
]

T = TypeVar("T")
U = TypeVar("U")
R = TypeVar("R")

AsyncPlan: TypeAlias = Callable[[], Awaitable[Result[T, ErrInfo]]]
"""A replayable description of one value: each call gives a fresh awaitable."""


class Plan(Generic[T]):
    """A plan of ours: the item of a stream that has exactly one."""

    __slots__ = ("stream",)

    def __init__(self, stream: Stream[T]) -> None:
        self.stream = stream

    async def __call__(self) -> Result[T, ErrInfo]:
        result: Result[T, ErrInfo] | None = None
        async with closing_stream(open_stream(self.stream)) as run:
            async for item in run:  # to the end: managers are told that all went well
                result = item
        if result is None:
            raise RuntimeError("a context manager swallowed the exception that ended this plan")
        return result


def async_gen_from_plan(plan: AsyncPlan[T]) -> AsyncGen[T]:
    """The stream of one item, the plan's result; the plan runs when it is pulled."""
    return _stream(plan)


def _stream(plan: AsyncPlan[T]) -> Stream[T]:
    if isinstance(plan, Plan):
        stream: Stream[T] = plan.stream
        return stream
    return Awaited(_run, plan)


def _run(plan: AsyncPlan[T]) -> Awaitable[Result[T, ErrInfo]]:
    if not callable(plan):
        raise TypeError(f"a plan is a function without arguments, not {plan!r}")
    return plan()


def async_pure(value: T) -> AsyncPlan[T]:
    """The plan whose result is `Ok(value)`: the unit of `async_and_then`."""
    return Plan(Return(value))


def async_map(plan: AsyncPlan[T], f: Callable[[T], U]) -> AsyncPlan[U]:
    """Apply `f` to the value; an `Err` passes unchanged. What `f` raises surfaces."""
    return Plan(Step(_stream(plan), MAP, f))


def async_and_then(plan: AsyncPlan[T], f: Callable[[T], AsyncPlan[U]]) -> AsyncPlan[U]:
    """Run the plan that `f` makes of the value; an `Err` passes unchanged, `f` is not called.

    10,000 binds, in either nesting, neither overflow nor turn quadratic. Laws: left and right
    identity with `async_pure`, associativity.
    """
    return Plan(Step(_stream(plan), BIND, lambda value: _stream(f(value))))


def async_using(
    cm_thunk: Callable[[], AbstractAsyncContextManager[R]],
    make_plan: Callable[[R], AsyncPlan[T]],
) -> AsyncPlan[T]:
    """Hold a resource while a plan runs; it is released before the result is returned.

    The manager's exit receives the truth: None, or the exception or cancellation. If it swallows an
    exception there is no result, and `RuntimeError` is raised.
    """
    return Plan(Using(cm_thunk, lambda resource: _stream(make_plan(resource))))


def lift_async(fn: Callable[[T], Awaitable[Result[U, ErrInfo]]]) -> Callable[[T], AsyncPlan[U]]:
    """Turn a coroutine function that returns a Result into a function for `async_and_then`."""
    return lambda value: Plan(Awaited(fn, value))


def lift_async_try(
    fn: Callable[[T], Awaitable[U]], *, catch: tuple[type[Exception], ...]
) -> Callable[[T], AsyncPlan[U]]:
    """`lift_async` for a coroutine function that returns bare values and raises.

    An exception of the classes in `catch` becomes an `Err`; others surface unchanged.
    """
    return lift_async(async_attempt(fn, catch=catch))


def async_gather(plans: Iterable[AsyncPlan[T]], *, concurrency: int) -> AsyncPlan[list[T]]:
    """Run plans at once, at most `concurrency` of them; their values in the order of the plans.

    The first `Err`, in that order, is the result, and an exception surfaces; either cancels what
    runs still. Raises `TypeError` for an iterator of plans, `ValueError` for a concurrency below 1.
    """
    return async_collect(
        async_gen_par_map(async_gen_from_iterable(plans), _run, concurrency=concurrency)
    )


def async_collect(gen: AsyncGen[T]) -> AsyncPlan[list[T]]:
    """The plan whose result is `Ok` of all values of a stream, or its first `Err`.

    At the first `Err` the stream is closed.
    """
    return Plan(Generated(_collected, gen))


async def _collected(gen: AsyncGen[T]) -> AsyncGenerator[Result[list[T], ErrInfo], None]:
    values: list[T] = []
    result: Any = Ok(values)
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is not Ok:
                if type(item) is not Err:
                    raise not_a_result(item)
                result = item
                break
            values.append(item.value)
    yield result
