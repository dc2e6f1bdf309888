"""Plans: single values with the algebra and the release of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcpipe_streams import (
    AsyncPlan,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_and_then,
    async_collect,
    async_gather,
    async_gen_and_then,
    async_gen_from_iterable,
    async_gen_from_plan,
    async_gen_map,
    async_map,
    async_pure,
    async_using,
    collect,
    lift_async,
    lift_async_try,
)

from .recording import Manager, closed, pause, resource, settle, source

pytestmark = pytest.mark.asyncio
BOOM = Err(ErrInfo("BOOM", "it broke"))
NOT_A_PLAN: Any = 5


async def failed() -> Result[int, ErrInfo]:
    """A user's own plan: a coroutine function."""
    await pause()
    return BOOM


def increment(x: int) -> AsyncPlan[int]:
    return async_pure(x + 1)


def double(x: int) -> AsyncPlan[int]:
    async def plan() -> Result[int, ErrInfo]:
        await pause()
        return Ok(x * 2) if x != 6 else BOOM

    return plan


@given(x=st.integers(0, 9))
async def test_monad_laws(x: int) -> None:
    """Left and right identity, associativity, with plans of ours and of the user's own."""
    assert await async_and_then(async_pure(x), double)() == await double(x)()
    assert await async_and_then(double(x), async_pure)() == await double(x)()
    left = async_and_then(async_and_then(increment(x), double), increment)
    right = async_and_then(increment(x), lambda y: async_and_then(double(y), increment))
    assert await left() == await right()


async def test_errors_pass() -> None:
    """No function behind them is called; every run is a fresh one."""
    plan = async_map(async_and_then(failed, lambda x: 1 / 0), str)  # type: ignore[arg-type, return-value]
    assert await plan() == await plan() == BOOM
    assert await async_map(async_pure(2), str)() == Ok("2")


async def test_depth() -> None:
    """Ten thousand binds, in either nesting."""

    def level(x: int) -> AsyncPlan[int]:
        return async_pure(x) if x == 10_000 else async_and_then(increment(x), level)

    plan: AsyncPlan[int] = async_pure(0)
    for _ in range(10_000):
        plan = async_and_then(plan, increment)
    assert await plan() == await level(0)() == Ok(10_000)


async def test_lifted_functions() -> None:
    """Bare values become Ok, named exceptions Err, others surface."""

    async def divide(x: int) -> float:
        return 6 / x

    lifted = lift_async_try(divide, catch=(ArithmeticError,))
    assert await async_and_then(async_pure(2), lifted)() == Ok(3)
    assert await lifted(0)() == Err(ErrInfo("ZeroDivisionError", "division by zero"))
    with pytest.raises(ZeroDivisionError):
        await lift_async_try(divide, catch=())(0)()

    async def check(x: int) -> Result[int, ErrInfo]:
        return BOOM if x == 2 else Ok(x)

    assert await async_and_then(async_pure(2), lift_async(check))() == BOOM
    assert await lift_async(check)(3)() == Ok(3)


async def test_using_releases_before_the_result() -> None:
    """The manager is told that all went well."""
    log: list[str] = []
    plan = async_using(resource(log, leaving=pause), lambda name: async_pure(name))
    assert await async_map(plan, str.upper)() == Ok("R")
    assert closed(log) == ["r"]
    told: list[object] = []
    assert await async_using(lambda: Manager(told), lambda _: failed)() == BOOM
    with pytest.raises(ZeroDivisionError):
        await async_using(lambda: Manager(told), lambda _: async_map(double(1), lambda x: x / 0))()
    assert told == [None, ZeroDivisionError]


async def test_using_whose_manager_swallows() -> None:
    """There is no result to return, and no silence about it."""

    def fail(_: object) -> AsyncPlan[int]:
        raise KeyError

    with pytest.raises(RuntimeError, match="swallowed"):
        await async_using(lambda: Manager([], swallows=True), fail)()


async def test_cancelled_plan_releases() -> None:
    """The cancellation surfaces after the release."""
    log: list[str] = []

    async def hang() -> Result[int, ErrInfo]:
        await asyncio.get_running_loop().create_future()
        return BOOM

    plan = async_map(async_using(resource(log, leaving=pause), lambda _: hang), str)
    task = asyncio.ensure_future(plan())
    await settle()
    task.cancel()
    await settle()
    assert task.cancelled()
    assert closed(log) == ["r"]


async def test_gather_is_bounded_and_ordered() -> None:
    """At most so many at once; values in the order of the plans."""
    running, most = 0, 0

    def work(n: int) -> AsyncPlan[int]:
        async def plan() -> Result[int, ErrInfo]:
            nonlocal running, most
            running += 1
            most = max(most, running)
            for _ in range(5 - n % 5):
                await pause()
            running -= 1
            return Ok(n)

        return plan

    plan = async_gather([work(n) for n in range(12)], concurrency=3)
    assert await plan() == await plan() == Ok(list(range(12)))
    assert most == 3
    assert await async_gather([], concurrency=1)() == Ok([])


async def test_gather_stops_at_the_first_error() -> None:
    """What runs still is cancelled and awaited."""
    cancelled: list[int] = []

    async def hang() -> Result[int, ErrInfo]:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cancelled.append(1)
        return BOOM

    assert await async_gather([async_pure(1), failed, hang, hang], concurrency=9)() == BOOM
    assert cancelled == [1, 1]


async def test_bridges_between_plans_and_streams() -> None:
    """A plan is a stream of one item; a stream collects into a plan."""
    assert await collect(async_gen_from_plan(failed)) == [BOOM]
    assert await collect(async_gen_map(async_gen_from_plan(async_pure(1)), str)) == [Ok("1")]
    each = async_gen_and_then(source(1, 2), lambda x: async_gen_from_plan(double(x)))
    assert await async_collect(each)() == Ok([2, 4])
    numbers = async_gen_from_iterable([1, 6, 2])
    pulled: list[int] = []

    def watched(x: int) -> Any:
        pulled.append(x)
        return async_gen_from_plan(double(x))

    assert await async_collect(async_gen_and_then(numbers, watched))() == BOOM
    assert pulled == [1, 6]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: async_map(3, str), "not 3"),  # type: ignore[arg-type]
        (lambda: async_and_then(async_pure(1), lambda _: 4), "not 4"),  # type: ignore[arg-type, return-value]
        (lambda: async_gather([NOT_A_PLAN], concurrency=1), "not 5"),
    ],
)
async def test_what_is_no_plan_is_named(build: Callable[[], Any], message: str) -> None:
    """When it is run."""
    with pytest.raises(TypeError, match=f"a plan is a function without arguments, {message}"):
        await build()()
