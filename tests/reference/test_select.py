"""filter, take, drop, scan, enumerate, zip, concat; map_err, recover, tap; the `_try` variants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_concat,
    async_gen_drop,
    async_gen_empty,
    async_gen_enumerate,
    async_gen_filter,
    async_gen_filter_try,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_map_err,
    async_gen_map_try,
    async_gen_recover,
    async_gen_scan,
    async_gen_scan_try,
    async_gen_take,
    async_gen_take_while,
    async_gen_take_while_try,
    async_gen_tap,
    async_gen_tap_try,
    async_gen_using,
    async_gen_zip,
    attempt,
    closing_stream,
    collect,
    for_each,
    lift_async_item_try,
    partition,
)

from .recording import closed, resource, source

pytestmark = pytest.mark.asyncio
BOOM = Err(ErrInfo("BOOM", "it broke"))


def items(*given: int | None) -> AsyncGen[int]:
    """Values, and an error for every None."""

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        for each in given:
            yield BOOM if each is None else Ok(each)

    return stream


async def values(gen: AsyncGen[Any]) -> list[Any]:
    """What comes out, None for the error."""
    return [item.value if isinstance(item, Ok) else None for item in await collect(gen)]


MIXED = items(1, None, 2, 3, None, 4)


@pytest.mark.parametrize(
    ("gen", "expected"),
    [
        (async_gen_filter(MIXED, lambda x: x % 2 == 0), [None, 2, None, 4]),
        (async_gen_filter(async_gen_map(MIXED, lambda x: x + 1), bool), [2, None, 3, 4, None, 5]),
        (async_gen_take(MIXED, 2), [1, None, 2]),
        (async_gen_take(MIXED, 9), [1, None, 2, 3, None, 4]),
        (async_gen_take(MIXED, 0), []),
        (async_gen_take_while(MIXED, lambda x: x < 3), [1, None, 2]),
        (async_gen_drop(MIXED, 2), [None, 3, None, 4]),
        (async_gen_drop(MIXED, 0), [1, None, 2, 3, None, 4]),
        (async_gen_drop(MIXED, 9), [None, None]),
        (async_gen_scan(MIXED, 10, lambda total, x: total + x), [11, None, 13, 16, None, 20]),
        (async_gen_enumerate(items(7, None, 8), 1), [(1, 7), None, (2, 8)]),
        (async_gen_zip(items(1, None, 2, 3), items(None, 7, 8)), [None, (1, 7), None, (2, 8)]),
        (async_gen_zip(items(1), items(5, 6)), [(1, 5)]),
        (async_gen_zip(items(), items(5, 6)), []),
        (async_gen_concat([items(1, None), items(), items(2)]), [1, None, 2]),
        (async_gen_concat([]), []),
        (async_gen_tap(MIXED, lambda x: -x), [1, None, 2, 3, None, 4]),
        (async_gen_recover(MIXED, lambda error: Ok(0)), [1, 0, 2, 3, 0, 4]),
        (async_gen_recover(MIXED, Err), [1, None, 2, 3, None, 4]),
    ],
)
async def test_which_items_come_out(gen: AsyncGen[Any], expected: list[Any]) -> None:
    """Twice, because descriptions are replayable; errors keep their places."""
    assert await values(gen) == expected
    assert await values(gen) == expected


async def test_take_pulls_and_holds_nothing_beyond() -> None:
    """The source is closed at the pull after the last value, not at the end of the program."""
    log: list[str] = []
    counted = async_gen_tap(source(1, 2, 3), lambda x: log.append(f"pull {x}"))
    gen = async_gen_take(async_gen_using(resource(log), lambda _: counted), 2)
    async with closing_stream(gen()) as stream:
        assert [await anext(stream), await anext(stream)] == [Ok(1), Ok(2)]
        assert log == ["open r", "pull 1", "pull 2"]
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        assert closed(log) == ["r"]
    log.clear()
    assert await collect(async_gen_take(async_gen_using(resource(log), lambda _: counted), 0)) == []
    assert log == []


async def test_concat_opens_one_after_the_other() -> None:
    """Each stream is closed before the next is opened."""
    log: list[str] = []
    gens = [async_gen_using(resource(log, name), lambda _: source(1)) for name in "ab"]
    await collect(async_gen_concat(gens))
    assert log == ["open a", "leave a", "close a", "open b", "leave b", "close b"]


@pytest.mark.parametrize(
    "stage",
    [
        lambda gen: async_gen_take(gen, 2),
        lambda gen: async_gen_take_while(gen, lambda x: x < 3),
        lambda gen: async_gen_drop(gen, 1),
        lambda gen: async_gen_filter(gen, bool),
        lambda gen: async_gen_scan(gen, 0, lambda total, x: total + x),
        lambda gen: async_gen_enumerate(gen),
        lambda gen: async_gen_zip(gen, gen),
        lambda gen: async_gen_concat([gen, gen]),
        lambda gen: async_gen_recover(gen, Err),
        lambda gen: async_gen_map_err(gen, lambda error: error),
        lambda gen: async_gen_tap(gen, str),
    ],
)
@pytest.mark.parametrize("how", ["end", "aclose", "exception"])
async def test_every_stage_closes_its_sources(stage: Callable[[Any], Any], how: str) -> None:
    """At the end, at `aclose`, at an exception behind it: balanced when the caller goes on."""
    log: list[str] = []
    gen = stage(async_gen_using(resource(log), lambda _: source(1, 2, 3)))
    if how == "exception":
        gen = async_gen_map(gen, lambda _: 1 / 0)
    async with closing_stream(gen()) as stream:
        try:
            async for _ in stream:
                if how == "aclose":
                    await stream.aclose()
        except ZeroDivisionError:
            assert how == "exception"
        assert log.count("open r") == log.count("close r") >= 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: async_gen_take(MIXED, -1), "must not be negative: -1"),
        (lambda: async_gen_drop(MIXED, -1), "must not be negative: -1"),
        (lambda: async_gen_take(MIXED, "2"), "whole number, not '2'"),  # type: ignore[arg-type]
        (lambda: async_gen_concat(iter([MIXED])), "only once"),
        (lambda: async_gen_map_try(MIXED, str, catch=(BaseException,)), "BaseException"),  # type: ignore[arg-type]
        (lambda: lift_async_item_try(divide, catch=ValueError), "tuple"),  # type: ignore[arg-type]
        (lambda: async_gen_scan_try(MIXED, 0, max, catch=(int,)), "int"),  # type: ignore[arg-type]
        (lambda: async_gen_take_while_try(MIXED, bool, catch=OSError), "tuple"),  # type: ignore[arg-type]
    ],
)
async def test_wrong_arguments_are_refused_at_construction(
    build: Callable[[], Any], message: str
) -> None:
    """Each error names the value."""
    with pytest.raises((ValueError, TypeError), match=message):
        build()


async def divide(x: int) -> float:
    return 6 / x


NUMBERS = async_gen_from_iterable([1, 0, 2])
ZERO = Err(ErrInfo("ZeroDivisionError", "division by zero"))


@pytest.mark.parametrize(
    ("gen", "expected"),
    [
        (async_gen_map_try(NUMBERS, lambda x: 6 / x, catch=(ArithmeticError,)), [6, ZERO, 3]),
        (async_gen_filter_try(NUMBERS, lambda x: 6 / x > 4, catch=(ArithmeticError,)), [1, ZERO]),
        (async_gen_tap_try(NUMBERS, lambda x: 6 / x, catch=(ArithmeticError,)), [1, ZERO, 2]),
        (
            async_gen_scan_try(NUMBERS, 6, lambda a, x: int(a / x), catch=(ArithmeticError,)),
            [6, ZERO, 3],
        ),
        (
            async_gen_take_while_try(NUMBERS, lambda x: 6 / x > 4, catch=(ArithmeticError,)),
            [1, ZERO],
        ),
        (
            async_gen_and_then(NUMBERS, lift_async_item_try(divide, catch=(ArithmeticError,))),
            [6, ZERO, 3],
        ),
    ],
)
async def test_named_exceptions_become_errors(gen: AsyncGen[Any], expected: list[Any]) -> None:
    """At the item that raised, the exception as cause; the stream goes on."""
    expected = [each if isinstance(each, Err) else Ok(each) for each in expected]
    assert await collect(gen) == expected
    assert await collect(async_gen_concat([gen, gen])) == expected * 2


async def test_other_exceptions_surface() -> None:
    """Only the classes that were named are caught."""
    with pytest.raises(ZeroDivisionError):
        await collect(async_gen_map_try(NUMBERS, lambda x: 6 / x, catch=(KeyError,)))
    with pytest.raises(KeyboardInterrupt):
        attempt(interrupt, catch=(Exception,))(1)


def interrupt(_: int) -> None:
    raise KeyboardInterrupt


async def test_map_err_sees_errors_only() -> None:
    """Values are not touched."""
    gen = async_gen_map_err(MIXED, lambda error: ErrInfo(error.code.lower(), error.msg))
    codes = [item.error.code for item in await collect(gen) if isinstance(item, Err)]
    assert codes == ["boom", "boom"]


async def test_shell_functions() -> None:
    """for_each awaits one call after the other; partition sorts items by their kind."""
    seen: list[Any] = []

    async def on_ok(value: int) -> None:
        seen.append(value)

    async def on_err(error: ErrInfo) -> None:
        seen.append(error.code)

    await for_each(MIXED, on_ok, on_err=on_err)
    assert seen == [1, "BOOM", 2, 3, "BOOM", 4]
    assert await partition(MIXED) == ([1, 2, 3, 4], [BOOM.error] * 2)
    assert await partition(async_gen_empty()) == ([], [])


async def test_for_each_closes_when_a_call_raises() -> None:
    """The exception surfaces after the release."""
    log: list[str] = []

    async def fail(value: object) -> None:
        raise KeyError(value)

    gen = async_gen_using(resource(log), lambda _: source(1, 2))
    with pytest.raises(KeyError):
        await for_each(gen, fail, on_err=fail)
    assert closed(log) == ["r"]
