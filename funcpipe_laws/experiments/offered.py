"""Wrappers and consumers of an instance, applied to scripted sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import Broken
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.experiments.probes import stream_of
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.simulation.trace import Trace

Generator = Callable[..., AsyncGenerator[Any, Any]]


def opened(bench: Bench, wrapper: str, function: Generator) -> Callable[[], Any]:
    """A function without arguments that opens the wrapped stream."""
    given = bench.instance.wrappers[wrapper]
    bench.saw("wrapped")
    if given.takes == "iterator":
        return lambda: _iterator(given.wrap(function()))
    wrapped = given.wrap(function)
    return lambda: _iterator(wrapped())


def _iterator(made: Any) -> Any:
    if asyncio.iscoroutine(made):
        made.close()
        raise Broken("what the wrapper makes is a coroutine: its stream comes only when awaited")
    if not hasattr(made, "__anext__") and not hasattr(made, "__aiter__"):
        raise Broken(f"what the wrapper makes is {made!r}, no async iterator")
    return aiter(made) if hasattr(made, "__aiter__") else made


def _logged(bench: Bench, script: Script) -> Generator:
    def make() -> AsyncGenerator[Any, None]:
        return stream_of(bench.world, bench.instance, "s", script)

    async def generator() -> AsyncGenerator[Any, None]:
        items = make()
        try:
            async for item in items:
                yield item
        finally:
            await items.aclose()

    return generator


def wrapped(bench: Bench, wrapper: str | None, script: Script) -> Any:
    """A description of the script, wrapped or bare."""
    generator = _logged(bench, script)
    make = generator if wrapper is None else opened(bench, wrapper, generator)
    return bench.instance.embed(make)


def consumed(
    bench: Bench, consumer: str, source: Stream, cancel_at: tuple[int, ...] = ()
) -> tuple[Trace, list[Any]]:
    """The trace of a consumer over a source, and a list of what it returned."""
    consume = bench.instance.consumers[consumer].consume
    results: list[Any] = []

    async def run(shell: Shell) -> None:
        results.append(await _given(bench, consume, source))

    trace = bench.drive(run, cancel_at=cancel_at)
    bench.saw("consumed")
    return trace, results


async def _given(bench: Bench, consume: Any, stream: Stream) -> Any:
    """Call it with a description, or with an iterator if that is what it takes."""
    before = bench.world.opened.get("s")
    try:
        return await consume(stream)
    except (TypeError, AttributeError):
        if bench.world.opened.get("s") != before:
            raise
    return await consume(bench.instance.open(stream))
