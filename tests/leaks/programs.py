"""Wrong programs and right ones, for each kind of leak: `python programs.py` runs them all.

Needs nothing but the package itself, so that it runs under any Python that is there. Prints, as
JSON, what each program was found to leave behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import json
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, NamedTuple

from funcpipe_laws.leaks.live import watch_streams

LOG: list[str] = []
Rows = AsyncGenerator[int, None]
EXACT = hasattr(sys, "monitoring")
"""Whether single yields and pulls are seen."""


class Program(NamedTuple):
    """What is run in `asyncio.run`, and the kinds of leaks that it leaves."""

    main: Callable[[], Any]
    leaves: frozenset[str]


PROGRAMS: dict[str, Program] = {}


def leaves(*kinds: str, exact: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """A program and what it leaves: some of it is seen from Python 3.12 on only."""

    def register(main: Callable[[], Any]) -> Callable[[], Any]:
        PROGRAMS[main.__name__] = Program(main, frozenset((*kinds, *(exact if EXACT else ()))))
        return main

    return register


async def rows() -> Rows:
    """Has clean-up to run at each yield."""
    try:
        yield 1
        yield 2
    finally:
        LOG.append("closed")


async def plain() -> Rows:
    """Has none."""
    yield 1
    yield 2


class Connection:
    """A manager of a class."""

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        LOG.append("closed")

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        LOG.append("closed")


async def first(stream: AsyncIterator[int]) -> int:
    """Leaves a stream at its first item."""
    async for item in stream:
        return item
    raise AssertionError


# Streams left open with clean-up to run


@leaves("suspended")
async def break_out_of_finally() -> None:
    async for _ in rows():
        break


@leaves("suspended")
async def return_out_of_a_loop() -> None:
    await first(rows())


@leaves("suspended")
async def raise_out_of_a_loop() -> None:
    with contextlib.suppress(ValueError):
        async for _ in rows():
            raise ValueError


@leaves("suspended")
async def one_anext() -> None:
    await anext(rows())


HELD: list[Any] = []


@leaves("suspended")
async def held_when_the_loop_ends() -> None:
    HELD.append(rows())
    await anext(HELD[-1])


@leaves("suspended")
async def async_with_around_a_yield() -> None:
    async def stream() -> Rows:
        async with Connection():
            yield 1

    await first(stream())


@leaves("suspended")
async def with_around_a_yield() -> None:
    async def stream() -> Rows:
        with Connection():
            yield 1

    await first(stream())


@leaves("suspended")
async def except_generator_exit() -> None:
    async def stream() -> Rows:
        try:
            yield 1
        except GeneratorExit:
            LOG.append("closed")
            raise

    await first(stream())


@leaves("suspended")
async def except_base_exception_in_a_tuple() -> None:
    async def stream() -> Rows:
        try:
            yield 1
        except (ValueError, asyncio.CancelledError, BaseException):
            LOG.append("closed")
            raise

    await first(stream())


@leaves("suspended")
async def finally_outside_of_an_except() -> None:
    async def stream() -> Rows:
        try:
            for _ in range(3):
                try:
                    yield 1
                except ValueError:
                    LOG.append("no")
        finally:
            await asyncio.sleep(0)

    await first(stream())


@leaves("suspended")
async def yield_inside_of_an_except() -> None:
    async def stream() -> Rows:
        try:
            try:
                raise ValueError
            except ValueError as error:
                yield len(error.args)
        finally:
            LOG.append("closed")

    await first(stream())


@leaves("suspended")
async def context_manager_of_a_generator() -> None:
    @contextmanager
    def held() -> Iterator[None]:
        try:
            yield
        finally:
            LOG.append("closed")

    async def stream() -> Rows:
        with held():
            yield 1

    await first(stream())


@leaves("suspended")
async def inner_stream_of_a_nested_loop() -> None:
    async def outer() -> Rows:
        async for item in rows():
            yield item

    async with aclosing(outer()) as items:
        await first(items)


@leaves("suspended")
async def aclosing_of_a_stream_with_clean_up() -> None:
    """The outer one alone: it closes the inner one when it is closed."""

    async def outer() -> Rows:
        async with aclosing(rows()) as items:
            async for item in items:
                yield item

    await first(outer())


@leaves("suspended")
async def in_a_cycle() -> None:
    stream: Any = rows()
    await anext(stream)
    cycle = [stream]
    cycle.append(cycle)
    del stream, cycle
    gc.collect()


@leaves("suspended")
async def manager_that_is_never_left() -> None:
    @asynccontextmanager
    async def held() -> AsyncIterator[int]:
        async with Connection():
            yield 1

    manager = held()
    await manager.__aenter__()


@leaves("suspended")
async def loop_in_a_thread() -> None:
    thread = threading.Thread(target=lambda: asyncio.run(break_out_of_finally()))
    thread.start()
    thread.join()


@leaves()
async def aclosing_around_the_loop() -> None:
    async with aclosing(rows()) as items:
        await first(items)


@leaves()
async def run_to_its_end() -> None:
    async for _ in rows():
        pass


@leaves()
async def closed_by_hand() -> None:
    stream = rows()
    await anext(stream)
    await stream.aclose()


@leaves()
async def ended_by_an_exception_of_its_own() -> None:
    async def stream() -> Rows:
        try:
            yield 1
            raise ValueError
        finally:
            LOG.append("closed")

    with contextlib.suppress(ValueError):
        async for _ in stream():
            pass


@leaves()
async def never_pulled() -> None:
    rows()


@leaves()
async def as_context_manager() -> None:
    @asynccontextmanager
    async def held() -> AsyncIterator[int]:
        async with Connection():
            yield 1

    async with held():
        pass


# Streams left open with nothing to clean up


@leaves("idle")
async def nothing_pending() -> None:
    await first(plain())


@leaves("idle")
async def except_that_does_not_catch_it() -> None:
    async def stream() -> Rows:
        try:
            yield 1
        except (ValueError, OSError):
            LOG.append("no")

    await first(stream())


@leaves("idle")
async def except_that_only_passes_it_on() -> None:
    async def stream() -> Rows:
        try:
            yield 1
        except GeneratorExit:
            raise

    await first(stream())


@leaves("idle")
async def classes_that_cannot_be_told() -> None:
    kinds: tuple[type[BaseException], ...] = (ValueError,)

    async def stream() -> Rows:
        try:
            yield 1
        except kinds:
            LOG.append("no")

    await first(stream())


@leaves("idle")
async def harmless_managers() -> None:
    async def stream() -> Rows:
        with contextlib.suppress(ValueError), contextlib.nullcontext():
            yield 1

    await first(stream())


@leaves("idle")
async def aclosing_of_a_stream_without_clean_up() -> None:
    async def outer() -> Rows:
        async with aclosing(plain()) as items:
            async for item in items:
                yield item

    await first(outer())


@leaves("idle")
async def clean_up_behind_it() -> None:
    async def stream() -> Rows:
        yield 1
        try:
            yield 2
        finally:
            LOG.append("closed")

    await first(stream())


@leaves("idle")
async def generator_expression() -> None:
    await first(n async for n in plain())
    gc.collect()


# Tasks


async def sleeper() -> None:
    await asyncio.sleep(60)


@leaves("undone-task")
async def task_left_running() -> None:
    HELD.append(asyncio.create_task(sleeper()))
    await asyncio.sleep(0)


@leaves("undone-task")
async def task_that_pulls_a_stream() -> None:
    """The task is the leak; the stream that it holds is not another."""

    async def pull() -> None:
        async for _ in rows():
            await asyncio.sleep(60)

    HELD.append(asyncio.create_task(pull()))
    await asyncio.sleep(0)


@leaves("cancelled-task")
async def task_cancelled_and_not_awaited() -> None:
    async def slow_to_end() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(60)

    task = asyncio.create_task(slow_to_end())
    await asyncio.sleep(0)
    task.cancel()


@leaves()
async def task_cancelled_and_awaited() -> None:
    task = asyncio.create_task(sleeper())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@leaves()
async def task_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))


# Exceptions


async def failing() -> None:
    raise ValueError("lost")


@leaves("lost-exception")
async def task_that_fails_unseen() -> None:
    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task


@leaves("lost-exception")
async def future_that_fails_unseen() -> None:
    future = asyncio.get_running_loop().create_future()
    future.set_exception(ValueError("lost"))
    del future


@leaves()
async def task_that_fails_and_is_awaited() -> None:
    with contextlib.suppress(ValueError):
        await asyncio.create_task(failing())


@leaves()
async def task_whose_exception_is_asked_for() -> None:
    task = asyncio.create_task(failing())
    await asyncio.wait([task])
    task.exception()


@leaves()
async def loop_whose_exceptions_are_handled() -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task


# Coroutines


@leaves("never-awaited")
async def coroutine_dropped() -> None:
    failing()  # type: ignore[unused-coroutine]


@leaves()
async def coroutine_closed() -> None:
    failing().close()


# Yields after GeneratorExit


async def stubborn() -> Rows:
    try:
        yield 1
    except GeneratorExit:  # funcpipe: ignore[FP702] the leak
        LOG.append("no")
    yield 2


@leaves("suspended", "yields-while-closing")
async def ignores_being_dropped() -> None:
    await first(stubborn())
    await asyncio.sleep(0.01)


@leaves(exact=("yields-while-closing",))
async def ignores_being_closed() -> None:
    stream = stubborn()
    await anext(stream)
    with contextlib.suppress(RuntimeError):
        await stream.aclose()


@leaves()
async def returns_when_it_is_closed() -> None:
    async def stream() -> Rows:
        try:
            yield 1
        except GeneratorExit:
            LOG.append("closed")
            return
        yield 2

    items = stream()
    await anext(items)
    await items.aclose()


# Other tasks, other contexts


VARIABLE: contextvars.ContextVar[int] = contextvars.ContextVar("variable")


@leaves("suspended", "other-task")
async def token_of_another_context() -> None:
    async def stream() -> Rows:
        token = VARIABLE.set(1)
        try:
            yield 1
        finally:
            VARIABLE.reset(token)

    async def consume() -> None:
        await first(stream())

    await asyncio.create_task(consume())
    await asyncio.sleep(0.01)


async def timed() -> Rows:
    async with asyncio.timeout(60):
        yield 1
        yield 2


@leaves(exact=("other-task", "scope-across-yield"))
async def pulled_by_two_tasks_inside_of_a_timeout() -> None:
    async with aclosing(timed()) as items:
        await anext(items)
        await asyncio.create_task(items.__anext__())


@leaves(exact=("other-task", "scope-across-yield"))
async def closed_by_another_task_inside_of_a_timeout() -> None:
    items = timed()
    await anext(items)
    await asyncio.create_task(items.aclose())


@leaves()
async def pulled_by_two_tasks_without_a_scope() -> None:
    async with aclosing(rows()) as items:
        await anext(items)
        await asyncio.create_task(items.__anext__())


@leaves()
async def pulled_by_another_task_after_its_scope() -> None:
    async def stream() -> Rows:
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
        yield 1
        yield 2

    async with aclosing(stream()) as items:
        await anext(items)
        await asyncio.create_task(items.__anext__())


# Scopes across yields


@leaves(exact=("scope-across-yield",))
async def timeout_around_a_yield() -> None:
    async for _ in timed():
        pass


@leaves("suspended", "scope-across-yield")
async def timeout_around_a_yield_left_open() -> None:
    await first(timed())


@leaves(exact=("scope-across-yield",))
async def task_group_on_an_exit_stack() -> None:
    async def stream() -> Rows:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(asyncio.TaskGroup())
            yield 1

    async for _ in stream():
        pass


@leaves(exact=("scope-across-yield",))
async def timeout_inside_of_a_context_manager() -> None:
    @asynccontextmanager
    async def limited() -> AsyncIterator[None]:
        async with asyncio.timeout(60):
            yield

    async def stream() -> Rows:
        async with limited():
            yield 1

    async for _ in stream():
        pass


@leaves()
async def context_manager_that_is_a_task_group() -> None:
    @asynccontextmanager
    async def group() -> AsyncIterator[asyncio.TaskGroup]:
        async with asyncio.TaskGroup() as tasks:
            yield tasks

    async with group():
        await asyncio.sleep(0)


@leaves()
async def timeout_between_yields() -> None:
    async def stream() -> Rows:
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
        yield 1

    async for _ in stream():
        pass


def found(program: Program) -> tuple[set[str], list[str]]:
    """The kinds of leaks of one program, and what went wrong in the watch."""
    with contextlib.redirect_stderr(None), watch_streams() as leaks:
        asyncio.run(program.main())
        HELD.clear()
        gc.collect()
    return {place["leak"]["kind"] for place in leaks}, leaks._watch.errors


def main() -> None:
    """Prints what each program left."""
    import logging
    import warnings

    logging.disable()
    warnings.simplefilter("ignore")
    hooks = sys.get_asyncgen_hooks()
    before = {name: vars(asyncio.BaseEventLoop)[name] for name in vars(asyncio.BaseEventLoop)}
    answer = {}
    for name, program in PROGRAMS.items():
        kinds, errors = found(program)
        answer[name] = {
            "found": sorted(kinds),
            "expected": sorted(program.leaves),
            "errors": errors,
        }
    assert sys.get_asyncgen_hooks() == hooks
    assert {n: vars(asyncio.BaseEventLoop)[n] for n in before} == before
    monitoring = getattr(sys, "monitoring", None)
    assert monitoring is None or not any(monitoring.get_tool(n) for n in range(6))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
