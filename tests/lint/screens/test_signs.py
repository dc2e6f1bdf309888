"""No word that an async function can do without is asked of it before it is parsed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
import pytest

from docs.studies.screens import differences
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.rule import Context, Finding, Rule
from funcpipe_lint.screen.parsed.candidates import Candidates
from funcpipe_lint.screen.text.extents import reach_of_function

SETTINGS = settings_for({})
LOCKED = (
    "async def held(self):\n    async with self.lock:\n        {}\n        yield await read()\n"
)
ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n"
TYPE = "from typing import AsyncIterator\n"
FIRST = "async def first(p):\n    async for row in {}:\n        return row\n"

# Each is found without screens: name -> (code, text).
TRAPS = {
    "a string at the margin, with a function in it": (
        "FP307",
        LOCKED.format('x = """\nhere\nasync def g():\n    pass\n"""'),
    ),
    "the same, quoted by its comment": (
        "FP307",
        LOCKED.format('x = 1  # """\n        y = """\nhere\ndef g():\n    pass\n"""'),
    ),
    "the same, quoted by another string": (
        "FP307",
        LOCKED.format('x = \'"""\'; y = """\nhere\ndef g():\n    pass\n"""'),
    ),
    "the same, with escaped quotes": (
        "FP307",
        LOCKED.format('x = """\nhere \\""" ""\\"\ndef g():\n    pass\n"""'),
    ),
    "a string whose lines are continued": (
        "FP307",
        LOCKED.format("x = 'here \\\ndef g():\\\n'"),
    ),
    "brackets over the margin": (
        "FP307",
        "async def held(self):\n    async with self.lock, read(\n1, 2):\n"
        "        async def g(): pass\n        yield 1\n",
    ),
    "gaps between words": (
        "FP307",
        "async \\\n def held(self):\n    async \\\n    with (  # the\n      self\n      .lock):\n"
        "        yield 1\n",
    ),
    "a lock that words run into": ("FP307", LOCKED.replace("lock", "readLock").format(0)),
    "a decorator in a string above": (
        "FP307",
        f'X = """\n@fixture(""")\n{LOCKED.format(0)}'.replace('(""")', '("""'),
    ),
    "a matrix product above": ("FP307", f"x = (a\n@ fixture(1))\n{LOCKED.format(0)}"),
    "a manager handed to a decorator": ("FP307", f"@wraps(fixture)\n{LOCKED.format(0)}"),
    "a stream in a manager": (
        "FP307",
        "@asynccontextmanager\nasync def made(self):\n"
        + "".join(f"    {line}\n" for line in LOCKED.format(0).splitlines())
        + "    yield held\n",
    ),
    "another name for anext": (
        "FP302",
        f"from builtins import anext as pull\n{ROWS}"
        "async def first(p):\n    return await pull(rows(p))\n",
    ),
    "a call of __anext__": (
        "FP302",
        f"{ROWS}async def first(p):\n    return await rows(p).__anext__()\n",
    ),
    "an owner in brackets": ("FP302", ROWS + FIRST.format("(  # all\n      rows(p)\n    )")),
    "an owner on an object": (
        "FP302",
        "class A:\n"
        + "".join(f"    {line}\n" for line in ROWS.replace("(p)", "(self, p)").splitlines())
        + "    async def first(self, p):\n        async for row in self . rows(p):\n"
        "            return row\n",
    ),
    "an owner by another name": ("FP302", f"{ROWS}other = rows\n{FIRST.format('other(p)')}"),
    "an owner by a name of its function": (
        "FP302",
        f"{ROWS}async def bound(p):\n    (other) = (\n        rows)\n"
        "    async for row in other(p):\n        return row\n",
    ),
    "an owner that another stream hands on": (
        "FP302",
        f"{ROWS}async def other(p):\n    async for row in rows(p):\n        yield row\n"
        + FIRST.format("other(p)"),
    ),
    "an owner by its finally": (
        "FP302",
        "async def rows(p):\n    try:\n        yield p\n    finally:\n        await p.stop()\n"
        + FIRST.format("rows(p)"),
    ),
    "a scope under another name": (
        "FP305",
        "from asyncio import timeout as limit\nasync def f():\n    async with limit(1):\n"
        "        yield 1\n",
    ),
    "a scope that a manager enters": (
        "FP305",
        "import asyncio\nfrom contextlib import asynccontextmanager\n"
        "@asynccontextmanager\nasync def limited():\n    async with asyncio.timeout(1):\n"
        "        yield\nasync def f():\n    async with limited():\n        yield 1\n",
    ),
    "a scope that a plain manager enters": (
        "FP305",
        "import anyio\nfrom contextlib import contextmanager\n"
        "@contextmanager\ndef limited():\n    with anyio.CancelScope():\n        yield\n"
        "async def f():\n    with limited():\n        yield 1\n",
    ),
    "a bare handler": (
        "FP306",
        "async def f(p):\n    try:\n        yield p\n    except \\\n    :\n        yield 1\n",
    ),
    "a handler of what closing raises": (
        "FP306",
        "from builtins import GeneratorExit as Closed\nasync def f(p):\n    try:\n        yield p\n"
        "    except (ValueError, Closed):\n        yield 1\n",
    ),
    "a task by another name": (
        "FP504",
        "from asyncio import create_task as start\nasync def f(p):\n    start(p())\n"
        "    yield p\n    await p\n",
    ),
    "a list that is replayed": (
        "FP102",
        "async def f(p):\n    for x in(  # all\n      [y async \\\n      for y in p]):\n"
        "        print(x)\n",
    ),
    "a lock behind strings with brackets": (
        "FP307",
        "async def held(self):\n    async with read(')', lambda:\n  1), self.lock:\n"
        "        yield 1\n",
    ),
    "a lock behind a string within a string": (
        "FP307",
        "async def held(self):\n    async with read(f'{self}', (\n  1)), self.lock:  # it\n"
        "        yield 1\n",
    ),
    "a lock behind a long display": (
        "FP307",
        "async def held(self):\n    with \\\n read({1:\n 2}), self.lock:\n        yield 1\n",
    ),
    "an owner in brackets of its own": ("FP302", ROWS + FIRST.format("(rows\n    )(p)")),
    "an owner that a function returns, its object a line above": (
        "FP302",
        f"{TYPE}class A:\n"
        + "".join(f"    {line}\n" for line in ROWS.replace("(p)", "(self, p)").splitlines())
        + "    def made(self, p)->AsyncIterator[int]:\n        return (self\n          .rows(p))\n"
        "    async def first(self, p):\n        async for row in self.made(p):\n"
        "            return row\n",
    ),
    "an owner that two functions return": (
        "FP302",
        f"{TYPE}{ROWS}def a(p) -> AsyncIterator[int]:\n    return rows(p)\nb = a\n"
        "def c(p) -> AsyncIterator[int]:\n    return (  # so\n"
        f"        b(p))\n{FIRST.format('c(p)')}",
    ),
    "an owner that is pulled from under another name": (
        "FP302",
        f"{TYPE}{ROWS}def a(p) -> AsyncIterator[int]:\n    return rows(p)\n"
        "async def first(p):\n    return await anext(a(p))\n",
    ),
    "a scope that is held by a name of the module": (
        "FP305",
        "import anyio\nfrom contextlib import asynccontextmanager\nasync def other(): pass\n"
        "scope = (  # one\n    anyio.CancelScope())\n@asynccontextmanager\n"
        "async def limited():\n    with scope:\n        yield\n"
        "async def f():\n    async with limited():\n        yield 1\n",
    ),
    "a scope that a stream holds by a name": (
        "FP305",
        "import anyio\nasync def f():\n    scope = anyio . CancelScope ()\n    with scope:\n"
        "        yield 1\n",
    ),
    "a manager in an async function": (
        "FP305",
        "import anyio\nfrom contextlib import contextmanager\nasync def f():\n"
        "    @contextmanager\n    def limited():\n        with anyio.CancelScope():\n"
        "            yield\n    with limited():\n        yield 1\n",
    ),
    "a manager of a manager": (
        "FP305",
        "import anyio\nfrom contextlib import asynccontextmanager\n"
        "@asynccontextmanager\nasync def inner():\n    with anyio.CancelScope():\n        yield\n"
        "@asynccontextmanager\nasync def outer():\n    async with inner():\n        yield\n"
        "async def f():\n    async with outer():\n        yield 1\n",
    ),
    "a manager by another name": (
        "FP305",
        "from anyio import CancelScope as C\nfrom contextlib import asynccontextmanager\n"
        "@asynccontextmanager\nasync def inner():\n    with C():\n        yield\n"
        "other = inner\nasync def f():\n    async with other():\n        yield 1\n",
    ),
    "a task of a loop on the line above": (
        "FP504",
        "import asyncio\nasync def f(p):\n    (asyncio\n      .  # starts\n    create_task(p()))\n"
        "    yield p\n    await p\n",
    ),
    "a task of a call": (
        "FP504",
        "import asyncio\nasync def f(p):\n    asyncio.get_running_loop().create_task(p())\n"
        "    yield p\n    await p\n",
    ),
    "a task of asyncio by another name": (
        "FP504",
        "import asyncio as a\nasync def f(p):\n    a.create_task(p())\n    yield p\n    await p\n",
    ),
    "a list of strings with brackets that is replayed": (
        "FP102",
        "async def f(p):\n    for x in [']:' + y + ']:' async for y in p]:\n        print(x)\n",
    ),
    "a list of lists that is replayed": (
        "FP102",
        "async def f(p):\n    for x in [y['a]:'] async for y in p]:\n        print(x)\n",
    ),
}


def codes(raw: bytes, *, use_screens: bool) -> set[str]:
    """The codes of what is found in a file."""
    report = Engine(SETTINGS, use_screens=use_screens).check("m.py", raw)
    assert report.crashes == ()
    return {violation.code for violation in report.violations}


@pytest.mark.parametrize("name", TRAPS)
def test_nothing_is_lost(name: str) -> None:
    """However its words are laid out, spelt or renamed, a finding is found."""
    code, text = TRAPS[name]
    raw = text.encode()
    assert code in codes(raw, use_screens=False)
    assert differences("m.py", raw) == []


def test_rules_that_ask_for_nothing() -> None:
    """A rule of a plugin that names no shape may speak of a file that shows none."""

    class Anything(Rule):
        code = "ANY101"

        def check(self, node: cst.CSTNode, ctx: Context) -> Iterator[Finding]:
            yield from ()

    known = Candidates(SETTINGS, [Anything()]).of_bytes(b"async def f():\n    yield\n")
    assert known == frozenset({"ANY101"})


REACHES = {
    "the next function": ("    yield\n", "def g(): pass\n"),
    "a class": ("    yield\n\nX = 1\n", "class A: pass\n"),
    "a docstring": ('    """Reads\ndef\n"""\n    yield\n', "def g(): pass\n"),
    "a function within": ("    def g(): pass\n    yield\n", "async def h(): pass\n"),
    "a string with braces": ("    f'''{x}'''\n    yield\ndef g(): pass\n", ""),
    "a string that is left open": ("    '''\ndef g(): pass\n", ""),
}


@pytest.mark.parametrize("name", REACHES)
def test_reach(name: str) -> None:
    """A function ends before the next definition that no string holds."""
    inside, beyond = REACHES[name]
    head = "async def f():"
    raw = f"{head}\n{inside}{beyond}".encode()
    assert reach_of_function(raw, 0, len(head)) == len(raw) - len(beyond)
