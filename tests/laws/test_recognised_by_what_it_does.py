"""What an operator is there to do is recognised: handle, remember, end, cut into lists."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.checking.demands import notes
from funcpipe_laws.declared.instance import NotFound, StreamInstance
from funcpipe_laws.finding.discover import Found, resolve

LAWS = {law.id: law for law in laws()}
ROUND = """
async def {name}(rows{more}):
{doc}    try:
        async with aclosing(rows):
            async for row in rows:
                yield row
    except {caught}:
        {does}
"""


def around(name: str, caught: str, does: str, doc: str = "", more: str = "") -> str:
    """A generator that does something with an exception."""
    told = f'    """{doc}"""\n' if doc else ""
    return ROUND.format(name=name, caught=caught, does=does, doc=told, more=more)


HANDLERS = (
    "from contextlib import aclosing\n\n\nclass Lost(Exception):\n    pass\n\n"
    + around("tapped", "Exception", "return")
    + around("as_values", "Exception as exc", "yield exc")
    + around("or_minus_one", "OSError", "yield -1")
    + around("translated", "OSError as exc", "raise Lost from exc")
    + around("safely", "Exception", "return")
    + around("told", "Exception", "return", doc="Errors are logged.")
    + around("asked", "Exception", "return", more=", on_error=None")
)
REMEMBERING = """
from contextlib import aclosing


async def once_each(rows):
    seen = set()
    async with aclosing(rows):
        async for row in rows:
            if row not in seen:
                seen.add(row)
                yield row


async def once_and_all_kept(rows):
    seen = []
    async with aclosing(rows):
        async for row in rows:
            known = row in seen
            seen.append(row)
            if not known:
                yield row


async def unique(rows):
    seen = set()
    async with aclosing(rows):
        async for row in rows:
            if row not in seen:
                seen.add(row)
                yield row


async def dedupe(rows):
    last = object()
    async with aclosing(rows):
        async for row in rows:
            if row != last:
                yield row
            last = row
"""
ODD = """
import asyncio
from contextlib import aclosing


async def pages(rows, size):
    page = []
    async with aclosing(rows):
        async for row in rows:
            page.append(row)
            if len(page) > size:
                yield page
                page = []
    if page:
        yield page


def until(signal):
    async def over(rows):
        stopped = asyncio.ensure_future(signal.wait())
        async for row in rows:
            if stopped.done():
                return
            yield row

    return over


def running(step, start):
    total = [start]

    async def over(rows):
        async with aclosing(rows):
            async for row in rows:
                total[0] = step(total[0], row)
                yield total[0]

    return over


async def collected(rows, n=2):
    got = []
    async with aclosing(rows):
        async for row in rows:
            if len(got) == n:
                break
            got.append(row)
    return got


async def only_changed(rows):
    before = None
    async with aclosing(rows):
        async for row in rows:
            if row != before:
                yield row
            before = row


async def side_by_side(left, right):
    async with aclosing(left), aclosing(right):
        async for one in left:
            other = await anext(right, None)
            if other is None:
                return
            yield one, other


async def latest(rows, fn):
    queue = asyncio.Queue()

    async def inner(items):
        async with aclosing(items):
            async for item in items:
                await queue.put(item)

    async def outer():
        task = None
        try:
            async with aclosing(rows):
                async for row in rows:
                    if task is not None:
                        task.cancel()
                        await asyncio.wait({task})
                    task = asyncio.create_task(inner(fn(row)))
            if task is not None:
                await task
        finally:
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait({task})

    made = asyncio.create_task(outer())
    while not (made.done() and queue.empty()):
        if queue.empty():
            await asyncio.sleep(0.01)
        else:
            yield queue.get_nowait()


def numbered(start=0):
    number = start

    async def over(rows):
        nonlocal number
        async with aclosing(rows):
            async for row in rows:
                yield number, row
                number += 1

    return over


async def truthy(rows):
    async with aclosing(rows):
        return [row async for row in rows]
"""

Resolve = Callable[[str, str], Found]


@pytest.fixture(name="found_in")
def found_in_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """What a module of this name and text has."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def found_in(name: str, text: str) -> Found:
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
        sys.modules.pop(name, None)
        [found] = resolve(name)
        return found

    return found_in


def alone(found: Found, name: str) -> StreamInstance:
    """One operator of an instance."""
    return StreamInstance(
        name=name,
        operators={name: found.instance.operators[name]},
        values=found.instance.values,
    )


def test_a_handler_is_one_by_what_it_does_or_says(found_in: Resolve) -> None:
    """Another exception raised from it, or an item in its place. One that ends as if nothing had
    been, or hands the exception on as a value, is wrong unless it says that it does so."""
    found = found_in("odd_handlers", HANDLERS)
    seen = {one.name: one.checked_as for one in found.sightings}
    handling = "operator that handles exceptions"
    assert seen == dict.fromkeys(seen, handling) | {"tapped": "operator", "as_values": "operator"}
    verdict = check_law(LAWS["E4"], alone(found, "tapped"))
    assert verdict.status == "broken" and "exceptions='handle'" in verdict.reason
    assert check_law(LAWS["D2"], alone(found, "as_values")).status == "broken"
    assert check_law(LAWS["D8"], alone(found, "translated")).status == "held"


def test_a_handler_is_given_a_function(found_in: Resolve) -> None:
    """By its name it is one, so it may do something with a failure of its stream."""
    found = found_in(
        "curried_handler",
        "from contextlib import aclosing\n\n\ndef rescue(handler):\n"
        "    async def over(rows):\n        try:\n            async with aclosing(rows):\n"
        "                async for row in rows:\n                    yield row\n"
        "        except Exception as exc:\n            yield handler(exc)\n\n    return over\n",
    )
    (seen,) = found.sightings
    assert seen.checked_as == "operator that handles exceptions, given a function too"
    assert all(check_law(LAWS[i], found.instance).status == "held" for i in ("D2", "D8", "I9"))


def test_one_that_remembers_is_not_blamed_for_that(found_in: Resolve) -> None:
    """Its items repeat: what it keeps of equal ones counts, and the rest is its job."""
    found = found_in("remembering", REMEMBERING)
    seen = {one.name: one.checked_as for one in found.sightings}
    assert seen["unique"] == "unique" and seen["dedupe"] == "distinct"
    assert found.instance.values is not None and [0] not in found.instance.values
    status = {name: check_law(LAWS["O1"], alone(found, name)).status for name in seen}
    assert status == dict.fromkeys(seen, "held") | {"once_and_all_kept": "broken"}
    assert check_law(LAWS["O4"], alone(found, "once_each")).status == "not offered"
    assert check_law(LAWS["A1"], alone(found, "unique")).status == "held"


def test_a_unique_by_identity_is_told_so(found_in: Resolve) -> None:
    """Equal items are not always one object."""
    text = (
        "from contextlib import aclosing\n\n\nasync def unique(rows):\n    seen = set()\n"
        "    async with aclosing(rows):\n        async for row in rows:\n"
        "            if id(row) not in seen:\n                seen.add(id(row))\n"
        "                yield row\n"
    )
    with pytest.raises(NotFound, match="unique is to deliver \\[500, 700, 900\\]"):
        found_in("by_identity", text)


@pytest.mark.parametrize(
    ("name", "checked_as", "law_id"),
    [
        ("pages", "chunk", "B5"),
        ("until", "operator, given an event too", "C2"),
        ("running", "scan", "R1"),
        ("collected", "consumer", "K2"),
        ("only_changed", "distinct", "A1"),
        ("side_by_side", "operator on streams", "A1"),
        ("latest", "switch_map", "E4"),
        ("numbered", "operator, made first", "R1"),
    ],
)
def test_a_fault_does_not_hide_what_an_operator_is(
    found_in: Resolve, name: str, checked_as: str, law_id: str
) -> None:
    """Lists of one item too many, a task for an event, a total for all streams, one pull too many,
    None taken for "nothing before" or for the end: recognised, and then judged."""
    found = found_in("odd_and_wrong", ODD)
    assert {one.name: one.checked_as for one in found.sightings}[name] == checked_as
    [only] = resolve(f"odd_and_wrong:{name}")
    assert check_law(LAWS[law_id], only.instance).status == "broken"


def test_a_map_in_slices_is_no_map_that_keeps_back(found_in: Resolve) -> None:
    """It delivers when a slice is full: nothing promises that it does so earlier."""
    found = found_in(
        "odd_slices",
        "from contextlib import aclosing\n\n\nasync def called(rows, fn):\n    some = []\n"
        "    async with aclosing(rows):\n        async for row in rows:\n"
        "            some.append(row)\n            if len(some) == 3:\n"
        "                for one in some:\n                    yield await fn(one)\n"
        "                some = []\n        for one in some:\n            yield await fn(one)\n",
    )
    assert [one.checked_as for one in found.sightings] == ["map, as an operator"]
    assert check_law(LAWS["Z7"], found.instance).status == "not offered"
    assert check_law(LAWS["A1"], found.instance).status == "held"


def test_a_decorator_is_told_to_be_one(found_in: Resolve) -> None:
    """It is checked as an operator; the summary names what a wrapper would be asked besides."""
    found = found_in(
        "odd_decorator",
        "import functools\nfrom contextlib import aclosing\n\n\ndef timed(fn):\n"
        "    @functools.wraps(fn)\n    async def inner(*args):\n"
        "        async with aclosing(fn(*args)) as rows:\n            async for row in rows:\n"
        "                yield row\n\n    return inner\n",
    )
    assert [one.checked_as for one in found.sightings] == ["operator"]
    assert any("timed: it is a decorator: wrappers=" in line for line in notes(found))


def test_a_consumer_of_all_items_has_a_model(found_in: Resolve) -> None:
    """It returned all of what it was given, None and empty ones too."""
    model = found_in("odd_and_wrong", ODD).instance.consumers["truthy"].model
    assert model is not None and model((0, None)) == [0, None]
