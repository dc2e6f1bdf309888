"""A fused pipeline, an interpreted one and nested user functions do the same, in the same order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_empty,
    async_gen_filter,
    async_gen_from_aiter,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_map_try,
    async_gen_return,
    async_gen_using,
    lift_async_item,
)

Wrap = Callable[[AsyncGen[int]], AsyncGen[int]]


def fused(gen: AsyncGen[int]) -> AsyncGen[int]:
    """As it is: adjacent stages are one loop."""
    return gen


def hidden(gen: AsyncGen[int]) -> AsyncGen[int]:
    """Behind a user's own function: every stage is a generator of its own."""
    return lambda: gen()


def interpreted(gen: AsyncGen[int]) -> AsyncGen[int]:
    """Too long for one loop: run on the stack."""
    for _ in range(20):
        gen = async_gen_map(gen, lambda x: x)
    return gen


class Traced:
    """A resource that logs, and may fail to be released or swallow what it is told."""

    def __init__(self, log: list[object], name: int, how: str) -> None:
        self.log, self.name, self.how = log, name, how

    async def __aenter__(self) -> int:
        self.log.append(("open", self.name))
        await asyncio.sleep(0)
        return self.name

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self.log.append(("release", self.name, kind and kind.__name__))
        if self.how == "fails":
            raise OSError(f"release of {self.name}")
        return self.how == "swallows"


def build(program: Any, log: list[object], wrap: Wrap) -> AsyncGen[int]:
    """The description that a program stands for; each of its parts goes through `wrap`."""
    match program:
        case ("return", x):
            gen = async_gen_return(x)
        case ("empty",):
            gen = async_gen_empty()
        case ("values", xs):
            gen = async_gen_from_iterable(xs)
        case ("foreign", xs):
            gen = async_gen_from_aiter(lambda: numbers(xs, log), catch=(LookupError,))
        case ("foreign, uncaught", xs):
            gen = async_gen_from_aiter(lambda: numbers(xs, log))
        case ("opaque", items):
            gen = opaque(items, log)
        case ("map", inner, n):
            gen = async_gen_map(build(inner, log, wrap), traced(log, n))
        case ("filter", inner, n):
            keep = traced(log, n)
            gen = async_gen_filter(build(inner, log, wrap), lambda x: keep(x) % 3 != 0)
        case ("map_try", inner, n):
            f = traced(log, n)
            gen = async_gen_map_try(build(inner, log, wrap), f, catch=(LookupError,))
        case ("lift", inner, n):
            gen = async_gen_and_then(build(inner, log, wrap), lift_async_item(awaited(log, n)))
        case ("bind", outer, inner):
            g = traced(log, 0)
            gen = async_gen_and_then(
                build(outer, log, wrap),
                lambda x: async_gen_map(build(inner, log, wrap), lambda y: g(x) + y),
            )
        case ("using", name, how, inner):
            gen = async_gen_using(lambda: Traced(log, name, how), lambda _: build(inner, log, wrap))
        case _:
            raise AssertionError(program)
    return wrap(gen)


def traced(log: list[object], n: int) -> Callable[[int], int]:
    def f(x: int) -> int:
        log.append(("f", n, x))
        if (x + n) % 7 == 6:
            raise KeyError(x)
        return x + n

    return f


def awaited(log: list[object], n: int) -> Callable[[int], Any]:
    async def fn(x: int) -> Result[int, ErrInfo]:
        log.append(("fn", n, x))
        await asyncio.sleep(0)
        return Err(ErrInfo("ODD", str(x))) if (x + n) % 5 == 4 else Ok(x + n)

    return fn


async def numbers(xs: list[int], log: list[object]) -> AsyncIterator[int]:
    try:
        for x in xs:
            if x == 6:
                raise LookupError(x)
            yield x
    finally:
        log.append("foreign closed")


def opaque(items: list[Result[int, ErrInfo]], log: list[object]) -> AsyncGen[int]:
    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        log.append("source opened")
        try:
            for item in items:
                log.append(("pull", item))
                yield item
        finally:
            log.append("source closed")

    return stream


ints = st.integers(0, 6)
items = st.one_of(ints.map(Ok), ints.map(lambda n: Err(ErrInfo("E", str(n)))))
leaves = st.one_of(
    st.tuples(st.just("return"), ints),
    st.tuples(st.just("empty")),
    st.tuples(st.just("values"), st.lists(ints, max_size=3)),
    st.tuples(st.just("foreign"), st.lists(ints, max_size=3)),
    st.tuples(st.just("foreign, uncaught"), st.lists(ints, max_size=3)),
    st.tuples(st.just("opaque"), st.lists(items, max_size=3)),
)
programs = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("map"), inner, ints),
        st.tuples(st.just("lift"), inner, ints),
        st.tuples(st.just("filter"), inner, ints),
        st.tuples(st.just("map_try"), inner, ints),
        st.tuples(st.just("bind"), inner, inner),
        st.tuples(st.just("using"), ints, st.sampled_from(["", "", "fails", "swallows"]), inner),
    ),
    max_leaves=6,
)


async def run(gen: AsyncGen[int], log: list[object], take: int) -> None:
    """Log what comes out, closing after `take` items, then what `aclose` or the run raises."""
    stream: Any = gen()
    try:
        async for item in stream:
            log.append(("item", item))
            take -= 1
            if take == 0:
                break
        await stream.aclose()
        log.append("returned")
    except Exception as error:
        log.append(("raised", repr(error)))


async def run_cancelled(gen: AsyncGen[int], log: list[object], after: int) -> None:
    """The same, the consumer being cancelled after so many turns of the loop."""
    task = asyncio.create_task(run(gen, log, 99))
    for _ in range(after):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    log.append("cancelled" if task.cancelled() else "too late")


@pytest.mark.parametrize("wrap", [hidden, interpreted])
@given(program=programs, after=st.integers(1, 6))
def test_same_trace_when_cancelled(wrap: Wrap, program: Any, after: int) -> None:
    """At whatever await the cancellation strikes."""
    logs: list[list[object]] = []
    for each in (fused, wrap):
        log: list[object] = []
        asyncio.run(run_cancelled(build(program, log, each), log, after))
        logs.append(log)
    assert logs[0] == logs[1]


@pytest.mark.parametrize("wrap", [hidden, interpreted])
@given(program=programs, take=st.integers(1, 8))
def test_same_trace(wrap: Wrap, program: Any, take: int) -> None:
    """Effects, items, errors, releases, what managers are told: all of it, and in order."""
    logs: list[list[object]] = []
    for each in (fused, wrap):
        log: list[object] = []
        asyncio.run(run(build(program, log, each), log, take))
        logs.append(log)
    assert logs[0] == logs[1]
