"""Streams that die in a reference cycle: the collector finds them, their loop closes them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from funcpipe_streams import (
    AsyncGen,
    Ok,
    Result,
    TimeoutPolicy,
    async_gen_buffer,
    async_gen_chunk,
    async_gen_concat,
    async_gen_gather,
    async_gen_par_map,
    async_gen_timeout,
    async_gen_using,
    async_gen_zip,
)

from .recording import closed, pause, resource, same, settle, source

pytestmark = pytest.mark.asyncio

SOURCES = 3


async def ok(value: Any) -> Result[Any, Any]:
    """A call of a parallel map that suspends."""
    await pause()
    return Ok(value)


def sources(log: list[str]) -> list[AsyncGen[int]]:
    """Sources that hold a resource each, whose release suspends."""

    def held(name: str) -> AsyncGen[int]:
        manager = resource(log, name, leaving=pause)
        return async_gen_using(manager, lambda _: source(*range(20)))

    return [held(f"r{number}") for number in range(SOURCES)]


STREAMS: dict[str, Callable[[list[AsyncGen[int]]], AsyncGen[Any]]] = {
    "gather": lambda several: async_gen_gather(several, max_buffer=2),
    "par_map": lambda several: async_gen_par_map(
        async_gen_concat([async_gen_zip(several[0], async_gen_zip(several[1], several[2]))]),
        ok,
        concurrency=2,
    ),
    "par_map over gather": lambda several: async_gen_par_map(
        async_gen_gather(several), ok, concurrency=3
    ),
    "buffer of gather": lambda several: async_gen_buffer(async_gen_gather(several), 2),
    "chunk in time": lambda several: async_gen_chunk(
        async_gen_gather(several), 2, max_seconds=1000
    ),
    "timeout behind a map": lambda several: same(
        async_gen_timeout(async_gen_gather(several), TimeoutPolicy(per_item=1000))
    ),
}


@pytest.fixture(autouse=True)
def no_collection_but_ours() -> Iterator[None]:
    """A collection at another moment would find the cycle too early."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.stream_leaks("allow", reason="it drops streams for the collector to find")
@pytest.mark.parametrize("idle", [True, False], ids=["idle", "at work"])
@pytest.mark.parametrize("thread", [False, True], ids=["own thread", "another thread"])
@pytest.mark.parametrize("name", STREAMS)
async def test_every_source_is_released(name: str, thread: bool, idle: bool) -> None:
    """By the loop, once each, and nothing is reported; also if another thread collects."""
    log: list[str] = []
    errors: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    stream = STREAMS[name](sources(log))()
    await anext(stream)
    cycle: list[Any] = [stream]
    cycle.append(cycle)
    del stream, cycle
    if idle:
        await settle(60)  # what feeds it has come to rest: nothing but the stream refers to it
    if thread:
        await asyncio.to_thread(gc.collect)
    else:
        gc.collect()
    await settle(200)
    assert sorted(closed(log)) == ["r0", "r1", "r2"]
    assert errors == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stream_that_has_ended_is_kept_by_nothing() -> None:
    """What the loop keeps alive, it keeps until the stream has ended, not longer."""
    loop = asyncio.get_running_loop()
    log: list[str] = []
    for build in STREAMS.values():
        stream = build(sources(log))()
        async for _ in stream:
            pass
        stream = build(sources(log))()
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
    kept = vars(loop).get("_tasks_of_streams")
    assert kept == set()
