"""gather, buffer, par_map: order, bounds, fairness, errors, closing in any state."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_buffer,
    async_gen_from_iterable,
    async_gen_gather,
    async_gen_map,
    async_gen_par_map,
    async_gen_using,
    closing_stream,
    collect,
)

from .recording import closed, pause, resource, same, settle, source

pytestmark = pytest.mark.asyncio
BOOM = Err(ErrInfo("BOOM", "it broke"))


@pytest_asyncio.fixture(autouse=True)
async def no_task_is_left() -> AsyncIterator[None]:
    """No test leaves a task behind."""
    yield
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def endless(tag: int, log: list[str] | None = None) -> AsyncGen[tuple[int, int]]:
    """Numbers that are always ready."""

    async def stream() -> AsyncIterator[Result[tuple[int, int], ErrInfo]]:
        n = 0
        try:
            while True:
                yield Ok((tag, n))
                n += 1
        finally:
            if log is not None:
                log.append(f"close {tag}")

    return stream


async def hanging() -> AsyncIterator[Result[int, ErrInfo]]:
    """Never yields."""
    await asyncio.get_running_loop().create_future()
    yield Ok(0)


async def failing(*values: int) -> AsyncIterator[Result[int, ErrInfo]]:
    for value in values:
        yield Ok(value)
    raise KeyError("source")


def failing_after(*values: int) -> AsyncGen[int]:
    return lambda: failing(*values)


@pytest.mark.parametrize("max_buffer", [1, 2, 16])
@pytest.mark.parametrize("sources", [0, 1, 2, 7, 40])
async def test_gather_loses_nothing(sources: int, max_buffer: int) -> None:
    """All items of all sources, those of each in order, errors included."""
    gens = [
        async_gen_map(source(*range(n % 5)), lambda value, n=n: (n, value))  # type: ignore[misc]
        for n in range(sources)
    ]

    async def with_error() -> AsyncIterator[Any]:
        yield BOOM

    out = await collect(async_gen_gather([*gens, with_error], max_buffer=max_buffer))
    values = [item.value for item in out if isinstance(item, Ok)]
    assert sorted(values) == [(n, value) for n in range(sources) for value in range(n % 5)]
    for n in range(sources):
        assert [value for tag, value in values if tag == n] == list(range(n % 5))
    assert out.count(BOOM) == 1


@pytest.mark.parametrize("sources", [2, 3, 10, 40])
async def test_ready_sources_take_turns(sources: int) -> None:
    """However many items are taken, no source is ahead of another by more than two turns."""
    counts: Counter[int] = Counter()
    async with closing_stream(async_gen_gather([endless(n) for n in range(sources)])()) as stream:
        taken = 0
        async for item in stream:
            assert isinstance(item, Ok)
            counts[item.value[0]] += 1
            taken += 1
            if taken == 100 * sources:
                break
    assert max(counts.values()) - min(counts[n] for n in range(sources)) <= 16 + 2 * 4


async def test_a_hanging_source_holds_nobody_up() -> None:
    """Nor does one that took a turn and then hangs keep its slots."""

    async def one_then_hang() -> AsyncIterator[Result[int, ErrInfo]]:
        for _ in range(3):
            yield Ok(-1)
        async for item in hanging():
            yield item

    gens: list[AsyncGen[int]] = [one_then_hang] * 8 + [hanging] * 8
    gens.append(async_gen_from_iterable(range(100)))
    async with closing_stream(async_gen_gather(gens, max_buffer=8)()) as stream:
        out = [await anext(stream) for _ in range(124)]
    assert [item for item in out if item != Ok(-1)] == [Ok(n) for n in range(100)]


@pytest.mark.parametrize("max_buffer", [1, 3, 16])
async def test_a_stopped_consumer_stops_the_sources(max_buffer: int) -> None:
    """At most the buffer and one item for each source are pulled ahead."""
    pulled = 0

    async def counted() -> AsyncIterator[Result[int, ErrInfo]]:
        nonlocal pulled
        while True:
            pulled += 1
            yield Ok(pulled)
            await pause()

    async with closing_stream(async_gen_gather([counted] * 3, max_buffer=max_buffer)()) as stream:
        for taken in range(1, 6):
            await anext(stream)
            await settle(60)
            assert pulled - taken <= max_buffer + 3


@pytest.mark.parametrize("max_buffer", [1, 2, 16])
@pytest.mark.parametrize("sources", [1, 2, 17])
@pytest.mark.parametrize("taken", [0, 1, 5, 40])
async def test_gather_closes_in_any_state(taken: int, sources: int, max_buffer: int) -> None:
    """Full buffer, empty buffer, not started: `aclose` returns, and every source is closed."""
    log: list[str] = []
    gens = [endless(n, log) for n in range(sources)]
    stream: Any = async_gen_gather(gens, max_buffer=max_buffer)()
    for _ in range(taken):
        await anext(stream)
    await settle(taken)
    await stream.aclose()
    assert sorted(log) == sorted(f"close {n}" for n in range(sources) if taken)


@pytest.mark.parametrize("after", range(10))
async def test_gather_cancelled_at_every_suspension(after: int) -> None:
    """The consumer sees its cancellation; every resource that was opened is released by then."""
    log: list[str] = []

    def slow(name: str) -> AsyncGen[int]:
        async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
            while True:
                await pause()
                yield Ok(1)

        return async_gen_using(resource(log, name, entering=pause, leaving=pause), lambda _: stream)

    async def consume() -> None:
        async with closing_stream(same(async_gen_gather([slow("a"), slow("b")]))()) as stream:
            async for _ in stream:
                await pause()

    task = asyncio.create_task(consume())
    await settle(after)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    for name in "ab":
        assert log.count(f"open {name}") == log.count(f"close {name}")


async def test_second_cancellation_reaches_clean_up_and_is_not_swallowed() -> None:
    """Clean-up that hangs can be cancelled; the task ends as cancelled."""
    log: list[str] = []
    gen = async_gen_using(
        resource(log, leaving=lambda: asyncio.get_running_loop().create_future()),
        lambda _: hanging,
    )
    task = asyncio.create_task(collect(async_gen_gather([gen, hanging])))
    await settle()
    task.cancel()
    await settle()
    assert not task.done()
    task.cancel()
    await settle()
    assert task.cancelled()
    assert log == ["open r", "leave r"]


async def test_break_releases_concurrent_streams() -> None:
    """A bare `break` starts the closing; the loop finishes it."""
    log: list[str] = []
    gens = [async_gen_using(resource(log, str(n)), lambda _: endless(0)) for n in range(3)]
    async for _ in async_gen_gather(gens)():
        break
    await settle()
    gc.collect()
    assert sorted(closed(log)) == ["0", "1", "2"]


async def test_exception_of_a_source_surfaces_after_what_arrived_before() -> None:
    """The siblings are closed by then."""
    log: list[str] = []
    sibling = async_gen_using(resource(log, leaving=pause), lambda _: hanging)
    stream: Any = async_gen_gather([sibling, failing_after(1, 2)])()
    assert [await anext(stream), await anext(stream)] == [Ok(1), Ok(2)]
    with pytest.raises(KeyError, match="source"):
        await anext(stream)
    assert closed(log) == ["r"]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_description_that_raises_does_not_hang() -> None:
    """Opening a source is part of running it."""

    def broken() -> AsyncIterator[Any]:
        raise OSError("no such host")

    with pytest.raises(OSError, match="no such host"):
        await collect(async_gen_gather([hanging, broken]))
    with pytest.raises(TypeError, match="not 3"):
        not_a_stream: Any = 3
        await collect(async_gen_gather([hanging, not_a_stream]))


async def test_cancellation_from_within_is_not_the_consumers() -> None:
    """It surfaces as RuntimeError, with the CancelledError as its cause."""

    async def cancelled() -> AsyncIterator[Result[int, ErrInfo]]:
        yield Ok(1)
        raise asyncio.CancelledError

    for gen in (
        async_gen_gather([cancelled, hanging]),
        async_gen_par_map(cancelled, as_it_is, concurrency=2),
    ):
        with pytest.raises(RuntimeError, match="cancelled from within") as caught:
            await collect(gen)
        assert isinstance(caught.value.__cause__, asyncio.CancelledError)


async def test_failing_clean_up_of_sources() -> None:
    """One failure surfaces as it is, several in a group; every other source is closed."""
    for failing_names in ("b", "bc"):
        log: list[str] = []
        gens = [
            async_gen_using(
                resource(log, name, failure=OSError(name) if name in failing_names else None),
                lambda _: hanging,
            )
            for name in "abcd"
        ]
        stream: Any = async_gen_gather([*gens, source(1)])()
        await anext(stream)
        expected = OSError if failing_names == "b" else BaseExceptionGroup
        with pytest.raises(expected):
            await stream.aclose()
        assert sorted(closed(log)) == list("abcd")


async def test_errors_that_cannot_surface_are_reported() -> None:
    """A sibling's failing clean-up beside the exception, and an exception nobody came to see."""
    reported: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
    failure = OSError("clean-up")
    sibling = async_gen_using(resource([], failure=failure), lambda _: hanging)
    with pytest.raises(KeyError):
        await collect(async_gen_gather([sibling, failing_after()]))
    assert reported == [failure]
    stream: Any = async_gen_gather([failing_after(1)])()
    await anext(stream)
    await settle()
    await stream.aclose()
    assert [type(each) for each in reported] == [OSError, KeyError]


async def test_sources_are_pulled_and_closed_by_one_task() -> None:
    """What a source binds to its task holds until its end."""
    tasks: list[Any] = []

    async def bound() -> AsyncIterator[Result[int, ErrInfo]]:
        tasks.append(asyncio.current_task())
        try:
            while True:
                yield Ok(1)
        finally:
            tasks.append(asyncio.current_task())

    for gen in (
        async_gen_gather([bound]),
        async_gen_par_map(bound, as_it_is, concurrency=2),
    ):
        tasks.clear()
        stream: Any = gen()
        await anext(stream)
        await stream.aclose()
        assert len(tasks) == 2
        assert tasks[0] is tasks[1] is not asyncio.current_task()


async def test_nothing_starts_before_the_first_pull() -> None:
    """Neither building nor calling opens a source."""
    log: list[str] = []
    gen = async_gen_gather([async_gen_using(resource(log), lambda _: source(1))])
    stream: Any = gen()
    await settle()
    assert log == []
    await stream.aclose()
    assert log == []


async def test_gather_copies_a_list_and_replays() -> None:
    """A list that changes later changes nothing; every run opens its sources anew."""
    gens = [source(1), source(2)]
    gen = async_gen_gather(gens)
    gens.clear()
    for _ in range(2):
        assert sorted(item.value for item in await collect(gen) if isinstance(item, Ok)) == [1, 2]


async def test_gather_takes_lazy_sequences() -> None:
    """An iterable of sources is iterated for every run; its exception closes what was opened."""
    log: list[str] = []

    class Lazy:
        def __iter__(self) -> Any:
            log.append("iterated")
            yield async_gen_using(resource(log), lambda _: source(1))
            if log.count("iterated") == 2:
                raise KeyError("sources")

    gen = async_gen_gather(Lazy())
    assert log == []
    assert await collect(gen) == [Ok(1)]
    with pytest.raises(KeyError, match="sources"):
        await collect(gen)
    assert log.count("open r") == log.count("close r")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: async_gen_gather([], max_buffer=0), "max_buffer must be at least 1, not 0"),
        (lambda: async_gen_gather([], max_buffer=1.5), "whole number, not 1.5"),  # type: ignore[arg-type]
        (lambda: async_gen_buffer(source(1), -1), "max_buffer must be at least 1, not -1"),
        (
            lambda: async_gen_par_map(source(1), as_it_is, concurrency=0),
            "concurrency must be at least 1, not 0",
        ),
        (lambda: async_gen_gather(iter([source(1)])), "only once"),
        (lambda: async_gen_gather(source(1)), r"several streams: \[stream\], not <function"),  # type: ignore[arg-type]
    ],
)
async def test_wrong_arguments_are_refused_at_construction(
    build: Callable[[], Any], message: str
) -> None:
    """Each error names the parameter and the value."""
    with pytest.raises((ValueError, TypeError), match=message):
        build()


async def test_buffer_runs_ahead_in_order() -> None:
    """Nothing lost; the source runs while the consumer does something else."""
    assert await collect(async_gen_buffer(source(*range(50)), 4)) == [Ok(n) for n in range(50)]
    log: list[str] = []
    stream: Any = async_gen_buffer(
        async_gen_map(source(1, 2, 3), lambda n: log.append(str(n))), 4
    )()
    await anext(stream)
    await settle()
    assert log == ["1", "2", "3"]
    await stream.aclose()


# ------------------------------------------------------------------ par_map


async def as_it_is(value: int) -> Result[int, ErrInfo]:
    return Ok(value)


class Calls:
    """A coroutine function whose calls end when they are told to."""

    def __init__(self) -> None:
        self.running: dict[int, asyncio.Future[Result[int, ErrInfo]]] = {}
        self.most = 0
        self.cancelled: list[int] = []

    async def __call__(self, value: int) -> Result[int, ErrInfo]:
        self.running[value] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.running))
        try:
            return await self.running[value]
        except asyncio.CancelledError:
            self.cancelled.append(value)
            raise
        finally:
            del self.running[value]

    async def finish(self, value: int) -> None:
        self.running[value].set_result(Ok(value * 10))
        await settle()


async def pulls(gen: AsyncGen[int]) -> tuple[Any, list[Any], asyncio.Task[None]]:
    """A consumer in the background, and what it has got so far."""
    out: list[Any] = []
    stream: Any = gen()

    async def consume() -> None:
        async with closing_stream(stream):
            async for item in stream:
                out.append(item)  # noqa: PERF401 - seen while it grows

    task = asyncio.create_task(consume())
    await settle()
    return stream, out, task


async def test_par_map_keeps_order() -> None:
    """Results wait behind a slow head, and no more calls start than there is room for them."""
    fn = Calls()
    _, out, task = await pulls(async_gen_par_map(source(*range(9)), fn, concurrency=3))
    for value in (2, 1, 4, 5, 3):
        assert len(fn.running) == 3 or value in (5, 3)
        await fn.finish(value)
    assert (out, sorted(fn.running)) == ([], [0])
    await fn.finish(0)
    assert out == [Ok(n * 10) for n in range(6)]
    for value in (8, 6, 7):
        await fn.finish(value)
    await task
    assert out == [Ok(n * 10) for n in range(9)]
    assert fn.most == 3


async def test_par_map_without_order() -> None:
    """Results come as they are ready, and a slow call holds up nobody."""
    fn = Calls()
    gen = async_gen_par_map(source(*range(5)), fn, concurrency=2, ordered=False)
    _, out, task = await pulls(gen)
    for value in (1, 2, 3, 4, 0):
        assert value in fn.running
        await fn.finish(value)
    await task
    assert out == [Ok(10), Ok(20), Ok(30), Ok(40), Ok(0)]
    assert fn.most == 2


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("concurrency", [1, 3, 50])
async def test_par_map_passes_errors(concurrency: int, ordered: bool) -> None:
    """Errors of the source and of calls are items."""

    async def fn(value: int) -> Result[int, ErrInfo]:
        if value % 3:
            await pause()
        return BOOM if value % 4 == 2 else Ok(value * 10)

    async def numbers() -> AsyncIterator[Result[int, ErrInfo]]:
        for value in range(20):
            yield BOOM if value % 5 == 4 else Ok(value)

    gen = async_gen_par_map(numbers, fn, concurrency=concurrency, ordered=ordered)
    out = await collect(gen)
    expected = [BOOM if n % 5 == 4 or n % 4 == 2 else Ok(n * 10) for n in range(20)]
    if ordered:
        assert out == expected
    assert sorted(map(repr, out)) == sorted(map(repr, expected))


@pytest.mark.parametrize("ordered", [True, False])
async def test_exception_of_a_call_surfaces_in_its_place(ordered: bool) -> None:
    """Results before it are delivered; calls that still run are cancelled and awaited."""
    fn = Calls()
    gen = async_gen_par_map(source(*range(9)), fn, concurrency=3, ordered=ordered)
    _, out, task = await pulls(gen)
    await fn.finish(0)
    fn.running[1].set_exception(KeyError("call"))
    await settle()
    with pytest.raises(KeyError, match="call"):
        await task
    assert out == [Ok(0)]
    assert len(fn.cancelled) >= 1
    assert fn.running == {}


@pytest.mark.parametrize("ordered", [True, False])
async def test_exception_of_the_source_surfaces_after_the_results_before_it(ordered: bool) -> None:
    """What was pulled is finished first."""
    fn = Calls()
    gen = async_gen_par_map(failing_after(0, 1), fn, concurrency=3, ordered=ordered)
    _, out, task = await pulls(gen)
    await fn.finish(1)
    await fn.finish(0)
    with pytest.raises(KeyError, match="source"):
        await task
    assert sorted(item.value for item in out) == [0, 10]


@pytest.mark.parametrize("finished", [0, 1, 2])
async def test_par_map_closes_in_any_state(finished: int) -> None:
    """Calls that run are cancelled, the source is closed, when `aclose` returns."""
    log: list[str] = []
    fn = Calls()
    gen = async_gen_using(resource(log, leaving=pause), lambda _: source(*range(9)))
    stream: Any = async_gen_par_map(gen, fn, concurrency=3)()
    task = asyncio.create_task(anext(stream))
    await settle()
    for value in range(finished):
        await fn.finish(value)
    if not finished:
        task.cancel()
    await asyncio.wait([task])
    await stream.aclose()
    assert fn.running == {}
    assert closed(log) == ["r"]


async def test_par_map_refuses_bare_results() -> None:
    """As everywhere."""

    async def bare(value: int) -> Any:
        return value

    async def bare_source() -> AsyncIterator[Any]:
        yield 4

    with pytest.raises(TypeError, match="yielded 3"):
        await collect(async_gen_par_map(source(3), bare, concurrency=2))
    with pytest.raises(TypeError, match="yielded 4"):
        await collect(async_gen_par_map(bare_source, as_it_is, concurrency=1))


async def test_concurrent_streams_nest() -> None:
    """A gather of par_maps behind a bind, closed early."""
    log: list[str] = []

    def inner(n: int) -> AsyncGen[int]:
        gen = async_gen_using(resource(log, str(n)), lambda _: source(*range(30)))
        return async_gen_gather([async_gen_par_map(gen, as_it_is, concurrency=4)] * 3, max_buffer=2)

    async with closing_stream(async_gen_and_then(source(1, 2), inner)()) as stream:
        for _ in range(95):
            await anext(stream)
    assert closed(log).count("1") == closed(log).count("2") == 3
