"""Read by type checkers only: each line marked `# wrong` must be rejected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from funcpipe_streams import (
    AsyncGen,
    AsyncPlan,
    Err,
    ErrInfo,
    Ok,
    Result,
    assert_never,
    async_and_then,
    async_gen_and_then,
    async_gen_from_aiter,
    async_gen_from_iterable,
    async_gen_gather,
    async_gen_map,
    async_gen_par_map,
    async_gen_return,
    async_gen_using,
    async_pure,
    closing_stream,
    lift_async_item,
)


class Document: ...


def documents(path: str) -> AsyncGen[Document]:
    raise NotImplementedError


def clean_all(stream: AsyncGen[Document]) -> AsyncGen[str]:
    raise NotImplementedError


def open_path() -> AbstractAsyncContextManager[str]:
    raise NotImplementedError


async def bare(x: int) -> int:
    raise NotImplementedError


async def bare_stream() -> AsyncIterator[int]:
    yield 1


async def yields_bare_values() -> AsyncIterator[Result[int, ErrInfo]]:
    yield 1  # wrong: a raw value where a Result is due


ints = async_gen_from_iterable([1, 2])


def run() -> AsyncIterator[Result[int, ErrInfo]]:
    return ints()


async_gen_map(run(), str)  # wrong: a stream where a description is due
async_gen_map(bare_stream, str)  # wrong: a description of bare values
async_gen_map(ints, len)  # wrong: a function of another type
async_gen_and_then(ints, str)  # wrong: a bind whose function gives a bare value
async_gen_and_then(ints, lambda x: Ok(x))  # wrong: a Result where a description is due
async_gen_and_then(ints, lift_async_item(bare))  # wrong: a coroutine of a bare value
async_gen_par_map(ints, bare, concurrency=2)  # wrong: the same
async_gen_gather([ints, 1])  # wrong: a value among the sources
async_gen_using(open_path, lambda path: path)  # wrong: no description of a stream
async_gen_from_aiter(bare_stream, catch=(BaseException,))  # wrong: cancellation is no item
closing_stream(ints)  # wrong: a description where a stream is due
async_and_then(async_pure(1), ints)  # wrong: a stream where a function is due
plan: AsyncPlan[int] = ints  # wrong: a stream is no plan
text: AsyncGen[str] = async_gen_return(1)  # wrong: another item type

# The composition that the founding document got wrong: bind passes one document, not the stream.
async_gen_and_then(async_gen_using(open_path, documents), clean_all)  # wrong


def show(item: Result[int, ErrInfo]) -> str:
    match item:
        case Ok(value):
            shown = str(value)
        case _:
            assert_never(item)  # wrong: Err is not handled
    return shown


def changed(item: Ok[int], failed: Err[ErrInfo]) -> None:
    item.value = 2  # wrong: items are immutable
    failed.error = ErrInfo("A", "b")  # wrong
