"""When resources are released: `aclose`, `break`, exceptions, cancellation, drops."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from funcpipe_streams import (
    AsyncGen,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_from_aiter,
    async_gen_map,
    async_gen_return,
    async_gen_using,
    closing_stream,
    collect,
)

from .recording import Manager, closed, pause, resource, same, settle, source

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def loop_errors() -> list[dict[str, Any]]:
    """What the running loop's exception handler is given."""
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    return errors


def through_everything(gen: AsyncGen[int]) -> AsyncGen[int]:
    """The stream behind maps and binds."""
    bound = async_gen_and_then(same(gen), lambda value: source(value, value))
    return same(async_gen_and_then(bound, async_gen_return))


def three_resources(log: list[str], leaving: Any = None) -> AsyncGen[int]:
    """a, b and c, one within the other, with stages between."""
    c = async_gen_using(resource(log, "c", leaving=leaving), lambda _: source(1, 2))
    b = async_gen_using(resource(log, "b", leaving=leaving), lambda _: same(c))
    return same(async_gen_using(resource(log, "a", leaving=leaving), lambda _: b))


def hidden(gen: AsyncGen[int]) -> AsyncGen[int]:
    """The same behind a user's own function, which nothing can look into."""
    return lambda: gen()


@pytest.mark.parametrize(
    "wrap", [lambda gen: gen, through_everything, hidden, lambda g: same(hidden(g))]
)
async def test_break_releases_before_the_next_statement(wrap: Callable[[Any], Any]) -> None:
    """Clean-up that does not suspend is complete when the loop has been left."""
    log: list[str] = []
    stream = wrap(async_gen_using(resource(log), lambda _: source(1, 2, 3)))
    async for _ in stream():
        break
    assert closed(log) == ["r"]


async def test_break_leaves_no_task() -> None:
    """Release that did not suspend needs no task of its own."""
    log: list[str] = []
    before = asyncio.all_tasks()
    async for _ in async_gen_using(resource(log), lambda _: source(1, 2))():
        break
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("leaving", [None, pause])
async def test_break_releases_innermost_first(leaving: Any) -> None:
    """Three nested resources are released in reverse, each complete before the next begins."""
    log: list[str] = []
    async for _ in three_resources(log, leaving)():
        break
    await settle()
    assert log == [
        *["open a", "open b", "open c"],
        *["leave c", "close c", "leave b", "close b", "leave a", "close a"],
    ]


async def test_suspending_clean_up_starts_at_the_break_and_is_finished_by_the_loop() -> None:
    """Up to its first suspension at once, the rest without the consumer."""
    log: list[str] = []
    async for _ in async_gen_using(resource(log, leaving=pause), lambda _: source(1))():
        break
    assert log == ["open r", "leave r"]
    await settle()
    assert log == ["open r", "leave r", "close r"]


async def test_clean_up_waits_for_a_future_that_others_await_too(
    loop_errors: list[dict[str, Any]],
) -> None:
    """A release handed over in mid-await and another task both see the future's result."""
    log: list[str] = []
    future = asyncio.get_running_loop().create_future()

    async def wait() -> None:
        await future

    other = asyncio.create_task(wait())
    async for _ in async_gen_using(resource(log, leaving=wait), lambda _: source(1))():
        break
    await settle()
    assert closed(log) == []
    future.set_result(None)
    await settle()
    assert closed(log) == ["r"]
    assert other.done()
    assert loop_errors == []


async def test_future_that_is_done_before_the_loop_takes_over() -> None:
    """What clean-up awaited may be ready by the time the hand-over runs."""
    log: list[str] = []
    future = asyncio.get_running_loop().create_future()

    async def wait() -> None:
        await future

    async for _ in async_gen_using(resource(log, leaving=wait), lambda _: source(1))():
        break
    future.set_result(None)
    await settle()
    assert closed(log) == ["r"]


async def test_timeout_within_clean_up_does_not_cancel_the_consumer() -> None:
    """Clean-up runs as a task of its own, also up to its first suspension."""
    log: list[str] = []

    async def wait() -> None:
        try:
            async with asyncio.timeout(0):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            log.append("timed out")

    async for _ in async_gen_using(resource(log, leaving=wait), lambda _: source(1))():
        break
    await settle()
    assert log == ["open r", "leave r", "timed out", "close r"]


async def test_task_group_within_clean_up() -> None:
    """Clean-up may itself run tasks."""
    log: list[str] = []

    async def wait() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(pause())

    async for _ in async_gen_using(resource(log, leaving=wait), lambda _: source(1))():
        break
    await settle()
    assert closed(log) == ["r"]


VARIABLE: contextvars.ContextVar[int] = contextvars.ContextVar("VARIABLE", default=0)


@pytest.mark.parametrize(
    "leaving",
    [
        None,
        pytest.param(
            pause,
            marks=pytest.mark.skipif(
                sys.version_info < (3, 12), reason="a task's context cannot be had before 3.12"
            ),
        ),
    ],
)
async def test_clean_up_can_reset_a_context_variable(
    leaving: Any, loop_errors: list[dict[str, Any]]
) -> None:
    """Release runs in the context in which the resource was acquired: the consumer's."""

    @asynccontextmanager
    async def manager() -> AsyncIterator[None]:
        token = VARIABLE.set(1)
        try:
            yield
        finally:
            if leaving is not None:
                await leaving()
            VARIABLE.reset(token)

    async for _ in async_gen_using(manager, lambda _: source(1))():
        assert VARIABLE.get() == 1
        break
    await settle()
    assert loop_errors == []
    assert VARIABLE.get() == 0


@pytest.mark.parametrize("leaving", [None, pause])
async def test_failing_clean_up_after_break_is_reported(
    leaving: Any, loop_errors: list[dict[str, Any]]
) -> None:
    """Nobody awaits it, so the loop's exception handler gets the error; outer releases run."""
    log: list[str] = []
    failure = ValueError("clean-up")
    inner = async_gen_using(
        resource(log, "b", leaving=leaving, failure=failure), lambda _: source(1)
    )
    async for _ in async_gen_using(resource(log, "a"), lambda _: inner)():
        break
    await settle()
    gc.collect()
    assert [context["exception"] for context in loop_errors] == [failure]
    assert closed(log) == ["b", "a"]


@pytest.mark.parametrize("wrap", [lambda gen: gen, through_everything, hidden])
async def test_aclose_releases_through_every_combinator(wrap: Callable[[Any], Any]) -> None:
    """When `aclose()` returns, suspending clean-up included, everything is released."""
    log: list[str] = []
    stream = wrap(three_resources(log, pause))()
    await anext(stream)
    await stream.aclose()
    assert closed(log) == ["c", "b", "a"]


async def test_end_of_iteration_releases_before_the_caller_goes_on() -> None:
    """Also where clean-up suspends."""
    log: list[str] = []
    assert await collect(three_resources(log, pause)) == [Ok(1), Ok(2)]
    assert closed(log) == ["c", "b", "a"]


async def test_inner_resource_is_released_before_the_next_outer_item() -> None:
    """A bind has one inner stream open at a time."""
    log: list[str] = []

    def f(value: int) -> AsyncGen[int]:
        return async_gen_using(resource(log, str(value)), lambda _: source(value))

    await collect(async_gen_and_then(source(1, 2), f))
    assert log == ["open 1", "leave 1", "close 1", "open 2", "leave 2", "close 2"]


async def test_exception_in_the_body_releases_before_it_is_handled() -> None:
    """Without `aclosing`: the traceback does not keep the stream open."""
    log: list[str] = []
    with pytest.raises(KeyError):
        async for _ in through_everything(async_gen_using(resource(log), lambda _: source(1, 2)))():
            raise KeyError
    assert closed(log) == ["r"]


async def failing_after(*values: int) -> AsyncIterator[Result[int, ErrInfo]]:
    for value in values:
        yield Ok(value)
    raise KeyError("source")


def fail_to_make(name: str) -> AsyncGen[int]:
    raise KeyError(name)


def raise_key_error(value: int) -> Any:
    raise KeyError(value)


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda gen: async_gen_map(gen, raise_key_error), id="f of a map"),
        pytest.param(lambda gen: async_gen_and_then(gen, raise_key_error), id="f of a bind"),
        pytest.param(
            lambda gen: async_gen_and_then(gen, lambda v: lambda: failing_after(v)),
            id="inner stream",
        ),
        pytest.param(
            lambda gen: async_gen_and_then(gen, lambda _: async_gen_using(raise_key_error, same)),  # type: ignore[arg-type]
            id="making of a manager",
        ),
        pytest.param(
            lambda gen: async_gen_and_then(gen, lambda v: 3),  # type: ignore[arg-type, return-value]
            id="no description",
        ),
    ],
)
async def test_exception_of_a_user_function_surfaces_after_release(fail: Any) -> None:
    """Unchanged, at its item, everything released innermost first."""
    log: list[str] = []
    with pytest.raises((KeyError, TypeError)):
        async for _ in same(fail(three_resources(log, pause)))():
            pass
    assert closed(log) == ["c", "b", "a"]


async def test_make_stream_that_raises_releases_the_resource() -> None:
    """The resource is held when `make_stream` is called."""
    log: list[str] = []
    with pytest.raises(KeyError):
        await collect(async_gen_using(resource(log), fail_to_make))
    assert log == ["open r", "leave r", "close r"]


async def test_failed_acquisition_releases_only_what_is_outside() -> None:
    """A manager whose `__aenter__` raised is not left, and its stream not made."""
    log: list[str] = []

    async def fail() -> None:
        raise OSError("no connection")

    inner = async_gen_using(resource(log, "b", entering=fail), fail_to_make)
    with pytest.raises(OSError, match="no connection"):
        await collect(async_gen_using(resource(log, "a"), lambda _: inner))
    assert log == ["open a", "leave a", "close a"]


async def test_failing_clean_up_surfaces_and_outer_releases_still_run() -> None:
    """The latest failure surfaces, the earlier ones are its context."""
    log: list[str] = []
    first, second = ValueError("c"), ValueError("b")
    c = async_gen_using(resource(log, "c", failure=first), lambda _: lambda: failing_after(1))
    b = async_gen_using(resource(log, "b", failure=second), lambda _: c)
    with pytest.raises(ValueError, match="b") as caught:
        await collect(async_gen_using(resource(log, "a"), lambda _: b))
    assert closed(log) == ["c", "b", "a"]
    assert caught.value is second
    assert caught.value.__context__ is first
    assert isinstance(first.__context__, KeyError)


async def test_failing_clean_up_surfaces_from_aclose() -> None:
    """`aclose()` raises what a release raised."""
    log: list[str] = []
    inner = async_gen_using(resource(log, "b", failure=ValueError("b")), lambda _: source(1, 2))
    stream: Any = same(async_gen_using(resource(log, "a"), lambda _: inner))()
    await anext(stream)
    with pytest.raises(ValueError, match="b"):
        await stream.aclose()
    assert closed(log) == ["b", "a"]


@pytest.mark.parametrize("leaving", [None, pause])
async def test_cancellation_in_the_body_releases_once(leaving: Any) -> None:
    """The consumer is cancelled while it works on an item."""
    log: list[str] = []

    async def consume() -> None:
        async for _ in same(async_gen_using(resource(log, leaving=leaving), lambda _: source(1)))():
            await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(consume())
    await settle()
    task.cancel()
    await settle()
    assert task.cancelled()
    assert closed(log) == ["r"]


@pytest.mark.parametrize("after", range(12))
async def test_cancellation_at_every_suspension_releases_once(after: int) -> None:
    """What was acquired is released when the cancelled task ends, wherever it was."""
    log: list[str] = []

    async def slow() -> AsyncIterator[Result[int, ErrInfo]]:
        for value in range(3):
            await pause()
            yield Ok(value)

    gen = async_gen_using(resource(log, entering=pause, leaving=pause), lambda _: slow)
    task = asyncio.create_task(collect(through_everything(gen)))
    await settle(after)
    task.cancel()
    await asyncio.wait([task])
    assert log.count("open r") == log.count("leave r") <= 1
    assert task.cancelled() or len(task.result()) == 6


async def test_second_cancellation_during_release_starts_nothing_twice() -> None:
    """It interrupts the release that suspends; outer releases still run."""
    log: list[str] = []
    inner = async_gen_using(
        resource(log, "b", leaving=lambda: asyncio.get_running_loop().create_future()),
        lambda _: source(1),
    )
    gen = async_gen_using(resource(log, "a"), lambda _: inner)

    async def consume() -> None:
        async with closing_stream(gen()) as stream:
            async for _ in stream:
                await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(consume())
    await settle()
    for _ in range(2):
        task.cancel()
        await settle()
    assert task.cancelled()
    assert log == ["open a", "open b", "leave b", "leave a", "close a"]


@pytest.mark.stream_leaks("allow", reason="it drops streams for the collector to find")
async def test_collection_in_another_thread_hands_release_to_the_loop() -> None:
    """User code runs on the loop's thread, not on the one that collected the garbage."""
    log: list[str] = []
    threads: list[int] = []
    released = asyncio.Event()

    @asynccontextmanager
    async def manager() -> AsyncIterator[None]:
        try:
            yield
        finally:
            threads.append(threading.get_ident())
            await pause()
            log.append("close r")
            released.set()

    gc.disable()
    try:
        cycle: list[Any] = [same(async_gen_using(manager, lambda _: source(1, 2)))()]
        await anext(cycle[0])
        cycle.append(cycle)
        del cycle
        await asyncio.to_thread(gc.collect)
        await asyncio.wait_for(released.wait(), 10)
    finally:
        gc.enable()
    assert threads == [threading.get_ident()]
    assert log == ["close r"]


@pytest.mark.stream_leaks("allow", reason="it drops streams in another thread")
async def test_drop_in_another_thread_hands_release_to_the_loop() -> None:
    """The last reference may go anywhere."""
    threads: list[int] = []
    released = asyncio.Event()

    @asynccontextmanager
    async def manager() -> AsyncIterator[None]:
        try:
            yield
        finally:
            threads.append(threading.get_ident())
            released.set()

    held: list[Any] = [async_gen_using(manager, lambda _: source(1, 2))()]
    await anext(held[0])
    await asyncio.to_thread(held.clear)
    await asyncio.wait_for(released.wait(), 10)
    assert threads == [threading.get_ident()]


@pytest.mark.stream_leaks("allow", reason="it drops streams for the collector to find")
async def test_no_user_code_runs_inside_a_collection() -> None:
    """A collection on the loop's own thread only schedules the release."""
    log: list[str] = []
    gc.disable()
    try:
        cycle: list[Any] = [async_gen_using(resource(log), lambda _: source(1, 2))()]
        await anext(cycle[0])
        cycle.append(cycle)
        del cycle
        gc.collect()
        assert log == ["open r"]
        await settle()
    finally:
        gc.enable()
    assert closed(log) == ["r"]


async def test_stream_that_was_never_started_is_silent() -> None:
    """Dropped or closed, it runs no user code and warns of nothing."""
    log: list[str] = []
    gen = same(async_gen_using(resource(log), lambda _: source(1)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dropped = gen()
        del dropped
        stream: Any = gen()
        await stream.aclose()
        gc.collect()
        await settle()
    assert caught == []
    assert log == []
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_anext_of_a_temporary_stream() -> None:
    """`await anext(gen())` gives the item, then releases."""
    log: list[str] = []
    assert await anext(async_gen_using(resource(log), lambda _: source(7, 8))()) == Ok(7)
    await settle()
    assert closed(log) == ["r"]


async def test_anext_under_way_keeps_the_stream_alive() -> None:
    """Dropping the iterator while an item is awaited loses neither the item nor the release."""
    log: list[str] = []
    stream = async_gen_using(resource(log, entering=pause), lambda _: source(7, 8))()
    pull = anext(stream)
    del stream
    task = asyncio.ensure_future(pull)
    del pull
    assert await task == Ok(7)
    del task
    await settle()
    assert closed(log) == ["r"]


async def test_two_pulls_at_once_are_refused() -> None:
    """As with any asynchronous generator: RuntimeError for the second, the item for the first."""

    async def slow() -> AsyncIterator[Result[int, ErrInfo]]:
        await pause()
        yield Ok(1)

    stream = same(slow)()
    first, second = await asyncio.gather(anext(stream), anext(stream), return_exceptions=True)
    assert first == Ok(1)
    assert isinstance(second, RuntimeError)


async def test_aclose_is_idempotent_and_final() -> None:
    """Closed twice, released once; nothing comes out afterwards."""
    log: list[str] = []
    stream: Any = async_gen_using(resource(log), lambda _: source(1, 2))()
    await anext(stream)
    await stream.aclose()
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    assert closed(log) == ["r"]


async def test_every_run_acquires_its_own() -> None:
    """Two runs of one description, interleaved; closing one leaves the other alone."""
    log: list[str] = []
    gen = async_gen_using(resource(log), lambda _: source(1, 2))
    first: Any = gen()
    second: Any = gen()
    assert [await anext(first), await anext(second)] == [Ok(1), Ok(1)]
    assert log == ["open r", "open r"]
    await first.aclose()
    assert closed(log) == ["r"]
    assert await anext(second) == Ok(2)
    await second.aclose()
    assert closed(log) == ["r", "r"]


async def test_resource_dies_with_the_stream_without_a_collection() -> None:
    """Neither the end, nor `aclose`, nor an exception leaves a reference cycle behind."""

    def fail(_: int) -> int:
        raise KeyError

    gc.collect()
    gc.disable()
    try:
        for gen in (
            async_gen_using(resource([]), lambda _: source(1, 2)),
            async_gen_map(async_gen_using(resource([]), lambda _: source(1, 2)), fail),
        ):
            for close_early in (True, False):
                stream: Any = gen()
                try:
                    async for _ in stream:
                        if close_early:
                            await stream.aclose()
                except KeyError:
                    pass
                frame_count = sum(type(each).__name__ == "Frame" for each in gc.get_objects())
                del stream
                assert frame_count == 0
    finally:
        gc.enable()


# ------------------------------------------------------- what a manager is told


async def test_manager_is_told_of_the_normal_end() -> None:
    """`__aexit__` gets None when the stream has ended."""
    log: list[object] = []
    await collect(async_gen_using(lambda: Manager(log), lambda _: source(1)))
    assert log == [None]


async def test_manager_is_told_of_a_closed_stream() -> None:
    """`GeneratorExit`, whether it is the outermost or behind a stage."""
    log: list[object] = []
    gen = async_gen_using(lambda: Manager(log), lambda _: source(1))
    for description in (gen, same(gen), async_gen_using(lambda: Manager(log), lambda _: gen)):
        stream: Any = description()
        await anext(stream)
        await stream.aclose()
    assert log == [GeneratorExit] * 4


async def test_manager_is_told_of_an_exception_in_its_block() -> None:
    """Of its own stream, or of a stage within `make_stream`."""
    log: list[object] = []
    with pytest.raises(KeyError):
        await collect(async_gen_using(lambda: Manager(log), lambda _: lambda: failing_after(1)))
    with pytest.raises(KeyError):
        await collect(
            async_gen_using(
                lambda: Manager(log), lambda _: async_gen_map(source(1), raise_key_error)
            )
        )
    assert log == [KeyError, KeyError]


async def test_manager_is_told_of_a_close_if_the_exception_is_not_its_own() -> None:
    """A stage outside of its block fails: for the block the stream was closed."""
    log: list[object] = []
    outer: list[object] = []
    gen = async_gen_map(async_gen_using(lambda: Manager(log), lambda _: source(1)), raise_key_error)
    with pytest.raises(KeyError):
        await collect(async_gen_using(lambda: Manager(outer), lambda _: gen))
    assert (log, outer) == ([GeneratorExit], [KeyError])


async def test_manager_is_told_of_a_cancellation() -> None:
    """CancelledError, when its stream was waiting."""
    log: list[object] = []

    async def waiting() -> AsyncIterator[Result[int, ErrInfo]]:
        await asyncio.get_running_loop().create_future()
        yield Ok(1)

    task = asyncio.create_task(
        collect(same(async_gen_using(lambda: Manager(log), lambda _: waiting)))
    )
    await settle()
    task.cancel()
    await settle()
    assert task.cancelled()
    assert log == [asyncio.CancelledError]


async def test_manager_that_swallows_ends_only_its_own_stream() -> None:
    """The outer stream goes on with its next item."""
    log: list[object] = []

    def f(value: int) -> AsyncGen[int]:
        return async_gen_using(
            lambda: Manager(log, swallows=True), lambda _: lambda: failing_after(value)
        )

    assert await collect(async_gen_and_then(source(1, 2), f)) == [Ok(1), Ok(2)]
    assert log == [KeyError, KeyError]


async def test_manager_cannot_swallow_a_close() -> None:
    """A closed stream yields nothing more."""
    log: list[object] = []
    inner = async_gen_using(lambda: Manager(log, swallows=True), lambda _: source(1, 2))
    stream: Any = async_gen_and_then(source(1, 2), lambda _: inner)()
    await anext(stream)
    await stream.aclose()
    assert log == [GeneratorExit]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_athrow_reaches_the_manager_of_an_outermost_resource() -> None:
    """The consumer's exception is thrown at the yield, which is within the block."""
    log: list[object] = []
    stream: Any = async_gen_using(lambda: Manager(log), lambda _: source(1, 2))()
    await anext(stream)
    with pytest.raises(KeyError):
        await stream.athrow(KeyError("consumer"))
    behind: Any = same(async_gen_using(lambda: Manager(log), lambda _: source(1, 2)))()
    await anext(behind)
    with pytest.raises(KeyError):
        await behind.athrow(KeyError("consumer"))
    assert log == [KeyError, GeneratorExit]


@asynccontextmanager
async def workers(log: list[str], failure: Exception | None = None) -> AsyncIterator[None]:
    """A resource with a background task, as clients of message brokers are."""

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("worker stopped")
            if failure is not None:
                raise failure

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        await pause()
        yield


@pytest.mark.parametrize("wrap", [lambda gen: gen, same])
async def test_task_group_as_resource_is_cancelled_by_a_close(wrap: Callable[[Any], Any]) -> None:
    """`aclose()` stops its tasks and returns; no exception group escapes."""
    log: list[str] = []
    stream = wrap(async_gen_using(lambda: workers(log), lambda _: source(1, 2)))()
    await anext(stream)
    await stream.aclose()
    assert log == ["worker stopped"]


async def test_task_group_as_resource_surfaces_what_its_tasks_raise() -> None:
    """Only the GeneratorExit of the close is taken out of the group."""
    failure = ValueError("worker")
    stream: Any = async_gen_using(lambda: workers([], failure), lambda _: source(1, 2))()
    await anext(stream)
    with pytest.raises(BaseExceptionGroup) as caught:
        await stream.aclose()
    assert caught.value.exceptions == (failure,)


async def test_using_refuses_what_is_no_manager() -> None:
    """The error names the value."""
    gen = async_gen_using(lambda: 3, lambda _: source(1))  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="needs an asynchronous context manager, not 3"):
        await collect(gen)


# ------------------------------------------------------- closing_stream


class Bare:
    """An iterator with nothing but `__anext__`."""

    def __init__(self) -> None:
        self.left = 2

    def __aiter__(self) -> Bare:
        return self

    async def __anext__(self) -> int:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return self.left


async def test_closing_stream_takes_iterators_without_aclose() -> None:
    """Nothing is to be closed, and nothing fails; combinators accept them too."""
    async with closing_stream(Bare()) as stream:
        assert [value async for value in stream] == [1, 0]
    assert await collect(same(async_gen_from_aiter(Bare))) == [Ok(1), Ok(0)]


async def test_closing_stream_closes() -> None:
    """When the block is left, the release is complete."""
    log: list[str] = []
    async with closing_stream(three_resources(log, pause)()) as stream:
        async for _ in stream:
            break
        assert closed(log) == []
    assert closed(log) == ["c", "b", "a"]


async def test_closing_stream_refuses_a_description() -> None:
    """It says that the description has to be called."""
    with pytest.raises(TypeError, match="call the description"):
        closing_stream(source(1))  # type: ignore[type-var]
