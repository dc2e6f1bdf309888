"""A function whose name tells nothing is what it does in trials; no law asks more of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws import Operator, Policy, StreamInstance
from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.discover import Found, resolve
from funcpipe_laws.finding.harmless import harmless, reads_a_stream
from funcpipe_laws.finding.scaffold import scaffold
from tests.laws.mutants import MODEL, model
from tests.laws.mutants.concurrent import at_once

LAWS = {law.id: law for law in laws()}
ODD = """
import asyncio
import logging
from contextlib import aclosing


async def braid(*feeds):
    for feed in feeds:
        async with aclosing(feed):
            async for item in feed:
                yield item


async def side_by_side(left, right):
    async with aclosing(left), aclosing(right):
        try:
            while True:
                yield await anext(left), await anext(right)
        except StopAsyncIteration:
            return


async def called(rows, fn, slots):
    free, tasks = asyncio.Semaphore(slots), []

    async def one(row):
        async with free:
            return await fn(row)

    async with aclosing(rows):
        async for row in rows:
            tasks.append(asyncio.create_task(one(row)))
    for task in tasks:
        yield await task


async def pages(rows, size):
    page = []
    async with aclosing(rows):
        async for row in rows:
            page.append(row)
            if len(page) == size:
                yield page
                page = []
    if page:
        yield page


async def after_it(rows):
    before, begun = None, False
    async with aclosing(rows):
        async for row in rows:
            if begun:
                yield before, row
            before, begun = row, True


def running(step, start):
    async def over(rows):
        total = start
        async with aclosing(rows):
            async for row in rows:
                total = step(total, row)
                yield total

    return over


class Span:
    def __init__(self, wrapped):
        self.wrapped = wrapped

    def __aiter__(self):
        return self

    def __anext__(self):
        return self.wrapped.__anext__()

    def aclose(self):
        return self.wrapped.aclose()


class Ticket:
    def __init__(self, number):
        self.number = number

    async def __aiter__(self):
        yield self.number


async def pieces(chunks):
    rest = ""
    async with aclosing(chunks):
        async for chunk in chunks:
            *whole, rest = (rest + str(chunk)).split("\\n")
            for line in whole:
                yield line


async def rescue(rows):
    try:
        async with aclosing(rows):
            async for row in rows:
                yield row
    except Exception as exc:
        yield repr(exc)


async def beat(rows, every):
    step = None
    try:
        while True:
            step = step or asyncio.ensure_future(anext(rows))
            if not (await asyncio.wait({step}, timeout=every))[0]:
                yield "beat"
                continue
            done, step = step, None
            try:
                yield done.result()
            except StopAsyncIteration:
                return
    finally:
        if step is not None:
            step.cancel()
            await asyncio.wait({step})
        await rows.aclose()


async def guarded(rows, most):
    seen = 0
    async with aclosing(rows):
        async for row in rows:
            seen += 1
            if seen > most:
                raise ValueError("too many")
            yield row


async def repeated(thing, times=2):
    for _ in range(times):
        yield thing
"""
SEEN = {
    "braid": "operator on streams",
    "side_by_side": "operator on streams",
    "called": "par_map",
    "pages": "chunk",
    "after_it": "pairwise",
    "running": "scan",
    "Span": "operator",
    "pieces": "operator",
    "rescue": "operator that handles exceptions",
    "beat": "operator, given 2 too",
}


@pytest.fixture(name="odd", scope="module")
def odd_streams(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A module of right functions, none of which has a name that is known."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd_streams.py").write_text(ODD, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        [found] = resolve("odd_streams")
    return found


def test_what_a_function_does_is_what_it_is_checked_as(odd: Found) -> None:
    """Several streams, a list of them, a limit that holds, chunks, classes, things that curry."""
    seen = {one.name: one.checked_as for one in odd.sightings}
    assert {name: seen.get(name) for name in SEEN} == SEEN


def test_what_reads_no_stream_or_ends_by_its_own_error_is_not_taken_for_one(odd: Found) -> None:
    """They are listed, and named; so is a class of streams that is made of something else."""
    left = {one.name: one.reason for one in odd.sightings if not one.checked_as}
    assert left.keys() == {"guarded", "repeated", "Ticket"}


@pytest.mark.parametrize(
    ("name", "law_id", "status"),
    [
        ("braid", "A1", "held"),
        ("side_by_side", "A1", "held"),
        ("side_by_side", "O4", "not offered"),
        ("pieces", "R1", "not offered"),
        ("pieces", "E4", "held"),
        ("rescue", "I8", "held"),
        ("rescue", "D3", "not offered"),
        ("rescue", "D8", "held"),
        ("rescue", "D9", "held"),
        ("beat", "X1", "held"),
    ],
)
def test_no_law_asks_more_than_is_known(odd: Found, name: str, law_id: str, status: str) -> None:
    """What depends on the time is not compared; silence, short ends and handlers are no faults."""
    alone = StreamInstance(name=name, operators={name: odd.instance.operators[name]})
    verdict = check_law(LAWS[law_id], alone)
    assert verdict.status == status, verdict.reason


NARROW = """
async def plus(rows, by=1):
    async for row in rows:
        yield row + by


async def attribute(rows):
    async for row in rows:
        yield row if row in (0, 5, 6, 7, 8, 9) else row.amount


async def watched(rows, on_failure):
    try:
        async for row in rows:
            yield row
    except Exception as exc:
        on_failure(exc)
        raise


async def configured(rows, config):
    try:
        async for row in rows:
            yield row
    except Exception:
        raise config.error from None
"""


def test_items_are_what_the_operators_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wants numbers; what takes next to nothing of what is tried is named, as is what does
    something with a failure that depends on what it is given."""
    (tmp_path / "narrow_streams.py").write_text(NARROW, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = resolve("narrow_streams")
    assert set(found.instance.operators) == {"plus", "watched"}
    assert found.instance.values == (0, 1, 2, 3, -1, False)
    assert "values=0, 1, 2, 3, -1, False" in found.mapping
    assert "    values=(0, 1, 2, 3, -1, False),\n" in scaffold([found])
    left = {one.name: one.reason for one in found.sightings if not one.checked_as}
    assert left.keys() == {"attribute", "configured"}
    assert "of 1 it raises AttributeError" in left["attribute"] and "values=" in left["attribute"]
    assert check_law(LAWS["X1"], found.instance).status == "held"


def test_a_buffer_that_drops_what_waits_is_right_where_it_says_so() -> None:
    """A library declares that its exceptions overtake items; or that they never do."""
    loose = StreamInstance(name="loose", buffer=at_once, result=model.RESULT)
    assert check_law(LAWS["E8"], loose).status == "broken"
    declared = replace(loose, policy=Policy(source_exceptions="at once"))
    assert check_law(LAWS["E8"], declared).status == "held"
    strict = replace(MODEL, policy=replace(MODEL.policy, source_exceptions="in place"))
    assert check_law(LAWS["E8"], strict).status == "held"
    with pytest.raises(ValueError, match="did you mean 'at once'"):
        Policy(source_exceptions="at_once")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("take", "        if not n:\n            return\n        n -= 1\n        yield item\n"),
        ("take_while", "        if not n(item):\n            await anext(source, None)\n"
                       "            return\n        yield item\n"),
    ],
)  # fmt: skip
def test_a_take_that_pulls_one_too_many_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, body: str
) -> None:
    """As `itertools`, it pulls what it needs: nothing has to be declared."""
    text = f"async def {name}(source, n):\n    async for item in source:\n{body}"
    (tmp_path / f"greedy_{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = resolve(f"greedy_{name}")
    assert check_law(LAWS["A7"], found.instance).status == "broken"


async def collect(stream: Any) -> list[Any]:
    """Touches nothing but its stream."""
    return [item async for item in stream]


async def logged(stream: Any) -> None:
    """Prints."""
    async for item in stream:
        print(item)


async def appended(stream: Any, to: Any = []) -> None:  # noqa: B006
    """Its default is a list that others may have."""
    async for item in stream:
        to.append(item)


async def imported(stream: Any) -> None:
    """Imports, and that runs code."""
    import decimal

    async for item in stream:
        decimal.Decimal(item)


async def through(stream: Any) -> Any:
    """Calls what is harmless itself."""
    return await collect(stream)


@pytest.mark.parametrize(
    ("function", "quiet", "reads"),
    [
        (collect, True, "stream"),
        (through, True, ""),
        (logged, False, "stream"),
        (appended, False, "stream"),
        (imported, False, "stream"),
        (print, False, ""),
    ],
)
def test_only_what_touches_nothing_else_is_run_unasked(
    function: Callable[..., Any], quiet: bool, reads: str
) -> None:
    """By all the names that its code holds; what cannot be told counts as an effect."""
    assert harmless(function) is quiet
    assert reads_a_stream(function) == reads


def test_a_union_is_not_taken_for_a_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leaves out what came before delivers all of streams that share nothing."""
    text = (
        "async def fuse(left, right):\n    seen = set()\n    for rows in (left, right):\n"
        "        async for row in rows:\n            if row not in seen:\n"
        "                seen.add(row)\n                yield row\n"
    )
    (tmp_path / "odd_union.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = resolve("odd_union")
    assert found.instance.operators["fuse"].model is None
    monkeypatch.delitem(sys.modules, "odd_union")


def test_pulls_are_not_negative() -> None:
    """What is refused is named."""
    with pytest.raises(ValueError, match="pulls=-1"):
        Operator(collect, pulls=-1)


def test_a_consumer_with_effects_is_named_with_the_way_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no annotation: that it reads its parameter is enough to list it."""
    text = "async def printed(rows):\n    async for row in rows:\n        print(row)\n"
    (tmp_path / "loud_consumer.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NotFound, match="--laws loud_consumer:printed"):
        resolve("loud_consumer")
    [found] = resolve("loud_consumer:printed")
    assert list(found.instance.consumers) == ["printed"]
    monkeypatch.delitem(sys.modules, "loud_consumer")


def test_a_chunk_whose_limit_in_time_is_always_there_is_right() -> None:
    """No law lets its timer expire before the events that are due."""
    always = StreamInstance(
        name="always",
        chunk=lambda s, size, max_seconds=1e6: model.chunk(s, size, max_seconds),
        result=model.RESULT,
    )
    assert [check_law(LAWS[i], always).status for i in ("A1", "R3")] == ["held", "held"]
