"""What checking a file costs grows as the file does: calls are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import libcst as cst
import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model.codes import RULES, load
from funcpipe_lint.rule import Context, Finding, Rule

from .pumped_examples import MOST, pumped

ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n"
LOOP = "    async for x in {}:\n        yield x\n"


def _repeated(text: str, before: str = "") -> Callable[[int], str]:
    """A text many times, each time with another number for `#`, and the one before for `@`."""
    return lambda size: (
        before
        + "".join(
            text.replace("#", str(number)).replace("@", str(number - 1))
            for number in range(1, size)
        )
    )


SHAPES: dict[str, Callable[[int], str]] = {
    "classes that call their own methods": _repeated(
        "class B#(A):\n    def f#(self):\n        self.g#()\n    def g#(self): pass\n"
    ),
    "streams that are left open": _repeated("async def g#(p):\n" + LOOP.format("rows(p)"), ROWS),
    "streams of each other": _repeated(
        "async def g#(p):\n" + LOOP.format("g@(p)"), ROWS.replace("rows", "g0")
    ),
    "methods of a class that pass each other on": lambda size: (
        "class A:\n    async def g0(self, p):\n        async with p as c:\n            yield c\n"
        + _repeated(
            "    async def g#(self, p):\n    "
            + LOOP.format("self.g@(p)").replace("        yield", "            yield")
        )(size)
    ),
    "classes below one": _repeated(
        "class B#(B0):\n    async def f#(self, p):\n        async for x in super().g(p):\n"
        "            yield x\n        async for x in self.h(p):\n            return\n",
        "class B0:\n    async def g(self, p):\n        async with p as c:\n            yield c\n"
        "    async def h(self, p):\n        raise NotImplementedError\n",
    ),
    "names of one function": _repeated(
        "    s# = rows(p)\n    async for x in s#:\n        yield x\n",
        ROWS + "async def leak(p):\n",
    ),
    "yields under one try": lambda size: (
        f"{ROWS}async def leak(p):\n    try:\n        yield 0\n"
        + "        yield 1\n        async for x in rows(p):\n            yield x\n" * size
        + "    finally:\n"
        + "        await p.done()\n" * 5
    ),
    "values of one name": _repeated(
        "    s = rows(p) if p else s\n", ROWS + "async def leak(p):\n" + LOOP.format("s")
    ),
    "a long function": _repeated(
        "    x = [y for y in range(x)]\n", ROWS + "async def leak(p):\n" + LOOP.format("rows(p)")
    ),
    "statements beside one stream": _repeated("x# = x@ + 1\n", ROWS),
    "functions beside one stream": _repeated("def f#(a):\n    return f@(a)\n", ROWS),
    "tasks": _repeated(
        "async def f#(q, s):\n    async for x in s:\n        asyncio.create_task(q.put(x))\n",
        "import asyncio\n",
    ),
    "imports": _repeated(
        "from m# import rows as r#\nasync def f#(p):\n" + LOOP.format("r#(p)"), ROWS
    ),
    "folds of Results": _repeated(
        "async def f#(s):\n    async for x in s:\n        match x:\n            case Ok(v):\n"
        "                yield Ok(v)\n            case Err(e):\n                yield Err(e)\n",
        "from funcpipe_streams import Err, Ok, Result\n",
    ),
    "descriptions": _repeated(
        "def d#(s):\n    t = m(s, str)\n    m(t, str)\n    return t\n",
        "from funcpipe_streams import async_gen_map as m\n",
    ),
    "suppressions": _repeated(
        "async def g#(p):\n    async for x in rows(p):  # noqa: FP303\n        yield x\n", ROWS
    ),
}


def calls(text: str, *, use_screens: bool) -> int:
    """How many Python functions are called while every rule looks at a text."""
    engine = Engine(settings_for({"select": ["ALL"], "discipline": "all"}), use_screens=use_screens)
    engine.check("warm.py", b"async def f(s):\n    async for x in s:\n        yield x\n")
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        engine.check("m.py", text.encode())
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("use_screens", [True, False])
@pytest.mark.parametrize("name", SHAPES)
def test_cost_grows_with_the_file(name: str, use_screens: bool) -> None:
    """Four times the file is four times the work, not sixteen times."""
    few = calls(SHAPES[name](15), use_screens=use_screens)
    many = calls(SHAPES[name](60), use_screens=use_screens)
    assert many < 6 * few, f"{few} calls, then {many}"


@pytest.mark.parametrize("code", RULES)
def test_cost_grows_with_the_examples_of_a_rule(code: str) -> None:
    """So many copies in one function, or as functions: twice as many are twice the work."""
    found = list(pumped(code))
    assert len(found) == 4
    assert [each for each in found if each.growth > MOST] == []


def test_a_rule_that_looks_at_all_calls_at_each_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own example grows as the square of its copies."""
    kind = type(load("FP504"))

    def check(self: Rule, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        for call in ctx.tree.own(ctx.tree.owner(node), cst.Call):
            ctx.flow.is_live(call)
        yield from ()

    monkeypatch.setattr(kind, "check", check)
    assert max(each.growth for each in pumped("FP504")) > MOST
