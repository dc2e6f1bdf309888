"""Sources, map, bind: values, errors, laziness, replay, refused input."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_empty,
    async_gen_fold,
    async_gen_from_aiter,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_return,
    collect,
    lift_async_item,
)

from .recording import same, source

pytestmark = pytest.mark.asyncio
BOOM = Err(ErrInfo("BOOM", "it broke"))


async def mixed() -> AsyncIterator[Result[int, ErrInfo]]:
    """Values with an error between."""
    yield Ok(1)
    yield BOOM
    yield Ok(2)


class Pulls:
    """Numbers without end, counting how many were taken."""

    def __init__(self) -> None:
        self.count = 0
        self.runs = 0

    def __iter__(self) -> Iterator[int]:
        self.runs += 1
        while True:
            self.count += 1
            yield self.count


async def test_sources() -> None:
    """One value, none, those of an iterable."""
    assert await collect(async_gen_return(1)) == [Ok(1)]
    assert await collect(async_gen_empty()) == []
    assert await collect(async_gen_from_iterable([1, None, 0])) == [Ok(1), Ok(None), Ok(0)]


async def test_iterable_is_iterated_anew_and_on_demand() -> None:
    """Each run starts at the beginning, and takes no more than it gives."""
    pulls = Pulls()
    gen = async_gen_map(async_gen_from_iterable(pulls), lambda x: -x)
    assert pulls.runs == 0
    for run in (1, 2):
        stream: Any = gen()
        assert pulls.runs == run - 1
        taken = pulls.count
        assert [await anext(stream), await anext(stream)] == [Ok(-taken - 1), Ok(-taken - 2)]
        assert (pulls.runs, pulls.count) == (run, taken + 2)
        await stream.aclose()


@pytest.mark.parametrize("once", [iter([1]), (x for x in [1]), map(str, [1])])
async def test_iterators_are_refused(once: Any) -> None:
    """They could be run only once; the error says what to pass."""
    with pytest.raises(TypeError, match=r"only once.*list or tuple"):
        async_gen_from_iterable(once)


async def test_iterable_that_is_a_generator_function_is_closed() -> None:
    """An early close runs its clean-up, also where a stage behind it is interpreted."""
    log: list[str] = []

    class Lines:
        def __iter__(self) -> Iterator[int]:
            try:
                yield from (1, 2, 3)
            finally:
                log.append("closed")

    for gen in (
        async_gen_from_iterable(Lines()),
        async_gen_and_then(source(1), lambda _: same(async_gen_from_iterable(Lines()))),
    ):
        stream: Any = gen()
        await anext(stream)
        await stream.aclose()
    assert log == ["closed", "closed"]


async def test_map_keeps_places_and_falsy_values() -> None:
    """One item out for one item in, the error untouched."""
    out = await collect(async_gen_map(mixed, lambda x: None if x == 1 else 0))
    assert out == [Ok(None), BOOM, Ok(0)]
    assert out[1] is BOOM


async def test_bind_runs_inner_streams_in_order() -> None:
    """Errors of the outer and of an inner stream stay in place, empty inner streams vanish."""

    def f(x: int) -> AsyncGen[int]:
        return mixed if x == 1 else async_gen_empty()

    assert await collect(async_gen_and_then(mixed, f)) == [Ok(1), BOOM, Ok(2), BOOM]


async def test_bind_pulls_the_next_item_when_the_inner_stream_has_ended() -> None:
    """No look-ahead."""
    pulls = Pulls()
    gen = async_gen_and_then(async_gen_from_iterable(pulls), lambda x: source(x, x))
    stream: Any = gen()
    for expected in (1, 1, 2, 2):
        await anext(stream)
        assert pulls.count == expected
    await stream.aclose()


async def test_lifted_function_is_called_once_a_run_when_pulled() -> None:
    """Alone, behind a bind, and hidden in a lambda; its errors stay in place."""
    calls: list[int] = []

    async def check(x: int) -> Result[int, ErrInfo]:
        calls.append(x)
        await asyncio.sleep(0)
        return Ok(x * 10) if x != 2 else BOOM

    lifted = lift_async_item(check)
    alone = lifted(5)
    assert calls == []
    assert await collect(alone) == [Ok(50)]
    numbers = async_gen_from_iterable([1, 2, 3])
    for gen in (
        async_gen_and_then(numbers, lifted),
        async_gen_and_then(numbers, lambda x: lifted(x)),
        async_gen_and_then(async_gen_and_then(numbers, async_gen_return), lifted),
    ):
        calls.clear()
        assert await collect(same(gen)) == [Ok(10), BOOM, Ok(30)]
        assert calls == [1, 2, 3]


class OnlyAnext:
    """A foreign iterator with nothing but the protocol."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure
        self.closed = 0

    def __aiter__(self) -> OnlyAnext:
        return self

    async def __anext__(self) -> int:
        if self.failure is not None:
            raise self.failure
        self.failure = StopAsyncIteration()
        return 1


class WithAclose(OnlyAnext):
    """One that must be closed."""

    async def aclose(self) -> None:
        self.closed += 1


async def test_foreign_iterators() -> None:
    """Its values become Ok; it is closed at the end of the run."""
    made: list[WithAclose] = []

    def make() -> WithAclose:
        made.append(WithAclose())
        return made[-1]

    gen = async_gen_from_aiter(make)
    assert made == []
    assert await collect(gen) == await collect(same(gen)) == [Ok(1)]
    assert [each.closed for each in made] == [1, 1]


async def test_named_exceptions_of_a_foreign_iterator_become_an_error() -> None:
    """At their place, the iterator closed by then; other exceptions surface unchanged."""
    lost, wrong = ConnectionError("lost"), KeyError("wrong")
    iterator = WithAclose(lost)
    gen = async_gen_from_aiter(lambda: iterator, catch=(OSError,))
    stream: Any = gen()
    item = await anext(stream)
    assert item == Err(ErrInfo("ConnectionError", "lost"))
    assert item.error.cause is lost
    assert iterator.closed == 1
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    with pytest.raises(KeyError) as caught:
        await collect(async_gen_from_aiter(lambda: WithAclose(wrong), catch=(OSError,)))
    assert caught.value is wrong


async def test_failure_to_make_a_foreign_iterator_can_be_an_error_too() -> None:
    """Opening is part of the run."""

    def make() -> AsyncIterator[int]:
        raise FileNotFoundError("data.csv")

    gen = async_gen_from_aiter(make, catch=(OSError,))
    assert await collect(gen) == [Err(ErrInfo("FileNotFoundError", "data.csv"))]
    with pytest.raises(FileNotFoundError):
        await collect(async_gen_from_aiter(make))


@pytest.mark.parametrize(
    "catch",
    [(asyncio.CancelledError,), (BaseException,), (KeyboardInterrupt,), OSError, ("OSError",)],
)
async def test_cancellation_and_exit_cannot_be_caught(catch: Any) -> None:
    """Refused when the description is made, naming the class."""
    with pytest.raises(TypeError, match=r"Exception|tuple of exception classes"):
        async_gen_from_aiter(OnlyAnext, catch=catch)


async def test_cancellation_of_a_source_surfaces() -> None:
    """It never becomes an item."""
    gen = async_gen_from_aiter(lambda: OnlyAnext(asyncio.CancelledError()), catch=(Exception,))
    with pytest.raises(asyncio.CancelledError):
        await collect(gen)


@pytest.mark.parametrize("stage", [same, lambda gen: async_gen_and_then(gen, async_gen_return)])
async def test_bare_values_are_refused(stage: Any) -> None:
    """A stream that yields no Result is a defect; the error shows the value and the way out."""

    async def bare() -> AsyncIterator[Any]:
        yield 3

    for gen in (stage(bare), async_gen_and_then(source(1), lambda _: stage(bare))):
        with pytest.raises(TypeError, match=r"yielded 3, .* yield Ok\(value\)"):
            await collect(gen)


async def test_lifted_function_must_return_a_result() -> None:
    """Fused and interpreted alike."""

    async def bare(x: int) -> Any:
        return x

    for gen in (
        async_gen_and_then(source(3), lift_async_item(bare)),
        async_gen_and_then(source(3), lambda x: same(lift_async_item(bare)(x))),
        async_gen_and_then(async_gen_return(3), lift_async_item(bare)),
    ):
        with pytest.raises(TypeError, match="yielded 3"):
            await collect(gen)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (3, "function without arguments, not 3"),
        (None, "function without arguments, not None"),
        (mixed(), "pass the function, not its call"),
        (lambda: [1], r"returned \[1\], which is no asynchronous iterator"),
    ],
)
async def test_what_is_no_description_is_named(wrong: Any, message: str) -> None:
    """In the shell, as a source, and as the result of a bind's function."""
    with pytest.raises(TypeError, match=message):
        await collect(wrong)
    with pytest.raises(TypeError, match=message):
        await collect(same(wrong))
    with pytest.raises(TypeError, match=message):
        await collect(async_gen_and_then(source(1), lambda _: wrong))
    with pytest.raises(TypeError, match=message):
        await collect(async_gen_and_then(async_gen_return(1), lambda _: same(wrong)))


async def test_exception_ends_the_stream_after_the_items_before_it() -> None:
    """The prefix is delivered, the exception is the user's own object, then nothing comes."""
    failure = KeyError("two")

    def f(x: int) -> int:
        if x == 2:
            raise failure
        return x

    stream: Any = async_gen_map(mixed, f)()
    assert [await anext(stream), await anext(stream)] == [Ok(1), BOOM]
    with pytest.raises(KeyError) as caught:
        await anext(stream)
    assert caught.value is failure
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


@pytest.mark.parametrize("stop", [StopAsyncIteration, StopIteration])
async def test_a_function_cannot_end_the_stream_by_stop_iteration(stop: type[Exception]) -> None:
    """It surfaces as RuntimeError rather than as a stream that is too short."""

    def f(x: int) -> int:
        raise stop

    for gen in (source(1), async_gen_return(1), async_gen_from_iterable([1])):
        with pytest.raises(RuntimeError, match="raised Stop"):
            await collect(async_gen_map(gen, f))


async def test_traceback_names_the_functions_of_the_user() -> None:
    """Through a fused pipeline and through an interpreted one, with the generated line shown."""

    def innocent(x: int) -> int:
        return x

    def culprit(x: int) -> int:
        raise KeyError(x)

    fused = async_gen_map(async_gen_map(source(1), innocent), culprit)
    for gen in (fused, async_gen_and_then(async_gen_return(1), lambda _: fused)):
        with pytest.raises(KeyError) as caught:
            await collect(gen)
        frames = traceback.extract_tb(caught.value.__traceback__)
        assert (frames[-1].name, frames[-1].filename) == ("culprit", __file__)
        assert frames[-1].line == "raise KeyError(x)"
    with pytest.raises(KeyError) as caught:
        await collect(fused)
    generated = traceback.extract_tb(caught.value.__traceback__)[-2]
    assert generated.filename.startswith("<funcpipe")
    assert generated.line == "yield Ok(f1(f0(item.value)))"


async def test_fold_sees_errors_and_closes() -> None:
    """The function gets every item as it is."""

    def count(total: tuple[int, int], item: Result[int, ErrInfo]) -> tuple[int, int]:
        match item:
            case Ok(value):
                return total[0] + value, total[1]
            case Err():
                return total[0], total[1] + 1

    assert await async_gen_fold(mixed, (0, 0), count) == (3, 1)
    assert await async_gen_fold(async_gen_empty(), (0, 0), count) == (0, 0)


async def test_construction_runs_nothing() -> None:
    """No user code runs when streams are described and called."""

    def never(*_: object) -> Any:
        raise AssertionError("called at construction")

    gen = async_gen_and_then(async_gen_map(async_gen_and_then(never, never), never), never)
    stream: Any = async_gen_map(async_gen_from_aiter(never), never)()
    stream = gen()
    del stream
