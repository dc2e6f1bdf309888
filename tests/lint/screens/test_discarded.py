"""What the screen of FP602 reads from bytes: no statement that drops a stream is hidden from it."""

from __future__ import annotations

import pytest

from docs.studies.screens import differences
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.screen.parsed.candidates import Candidates

SETTINGS = settings_for({})
ROWS = "async def rows(p):\n    yield p\n\n\n"
UNKNOWN = "    return x.y()\n\n\nf()\n"
TYPES = f"from typing import AsyncIterator, Callable, Union\n{ROWS}"

# Each is a violation in a place, or by a name, that a simpler reading of the bytes loses.
DROPPED = {
    "a line of its own": f"{ROWS}rows(1)\n",
    "in brackets": f"{ROWS}(rows(1))\n",
    "in brackets over lines": f"{ROWS}def f(p):\n    (\n        rows(p)\n    )\n",
    "a name in brackets": f"{ROWS}((rows)(1))\n",
    "a comment before the arguments": f"{ROWS}(rows  # (\n (1))\n",
    "in brackets behind a call": f"{ROWS}f(1)\n(\n    rows(1)\n)\n",
    "in brackets behind a semicolon": f"{ROWS}x = 1; (\n    rows(1)\n)\n",
    "in brackets behind a colon": f"{ROWS}if x: ((\n    rows(1)\n))\n",
    "behind a comment that opens a bracket": f"{ROWS}f(1)  # as f(\nrows(1)\n",
    "behind a comma": f"{ROWS}def f(p):\n    x = 1,\n    rows(p)\n",
    "behind an ellipsis": f"{ROWS}def f(p):\n    ...\n    rows(p)\n",
    "behind a number": f"{ROWS}x = 1.\nrows(1)\n",
    "behind a star": f"{ROWS}from os import *\nrows(1)\n",
    "behind a comment that goes on": f"{ROWS}# and (then,\\\nrows(1)\n",
    "behind a bracket in a string": f"{ROWS}x = '('\nrows(x)\n",
    "behind a bracket in a string in a string": f"{ROWS}x = f'{{d[\"(\"]}}'\nrows(x)\n",
    "behind a backslash": f"{ROWS}if x: \\\n    rows(1)\n",
    "behind a semicolon": f"{ROWS}x = 1; rows(1)\n",
    "behind the colon of a header": f"{ROWS}for x in y: rows(x)\n",
    "behind a header over lines": f"{ROWS}def f(a,\n      b): rows(a)\n",
    "behind a string that says lambda": f"{ROWS}if x == 'lambda': rows(x)\n",
    "behind a comment that says lambda": f"{ROWS}def f(p):\n    # lambda:\n    rows(p)\n",
    "a method": (
        "class A:\n    async def rows(self):\n        yield 1\n\n"
        "    def f(self):\n        self.rows()\n"
    ),
    "a method below its object": (
        "class A:\n    async def rows(self):\n        yield 1\n\n"
        "    def f(self):\n        (self  # this\n            .rows())\n"
    ),
    "a method of an object in brackets": (
        "class A:\n    async def rows(self):\n        yield 1\n\n"
        "    def f(self):\n        (self).rows()\n"
    ),
    "an alias": f"{ROWS}again = rows\nagain(1)\n",
    "two aliases at once": f"{ROWS}one = two = rows\none(1)\n",
    "an alias beside an attribute": f"{ROWS}def f(s, p):\n    one = s.two = rows\n    one(p)\n",
    "an alias of an alias": f"{ROWS}one = rows\ntwo = one\ntwo(1)\n",
    "a lambda": f"{ROWS}made = lambda: rows(1)\nmade()\n",
    "a lambda called where it stands": f"{ROWS}(lambda: rows(1))()\n",
    "a lambda over lines": f"{ROWS}made = (lambda\n: rows(1))\nmade()\n",
    "a returned lambda": f"{ROWS}def build():\n    return lambda: rows(1)\n\n\nbuild()\n",
    "a returned lambda below a function in a string": (
        f'{ROWS}def build():\n    x = """\n  def other():\n    """\n'
        "    return lambda: rows(1)\n\n\nbuild()\n"
    ),
    "a returned lambda on one line": f"{ROWS}def build(): return lambda: rows(1)\nbuild()()\n",
    "a returned lambda below its return": (
        f"{ROWS}def build():\n    return (\nlambda: rows(1))\n\n\nbuild()\n"
    ),
    "what a builder gave": (
        f"{ROWS}def build():\n    return lambda: rows(1)\n\n\nmade = build()\nmade()\n"
    ),
    "a returned function": (
        "def build(p):\n    async def rows():\n        yield p\n    return rows\n\n\nbuild(1)\n"
    ),
    "a returned alias": (
        "def build(p):\n    async def rows():\n        yield p\n    other = rows\n"
        "    return other\n\n\nbuild(1)\n"
    ),
    "returned below text that looks like a function": (
        "def build(p):\n    async def rows():\n        yield p\n    '''\n  def other(): ...\n"
        "    '''\n    return rows\n\n\nbuild(1)\n"
    ),
    "an annotated function": f"{TYPES}def f() -> AsyncIterator[int]:\n{UNKNOWN}",
    "annotated in a string": f"{TYPES}def f() -> 'AsyncIterator[int]':\n{UNKNOWN}",
    "annotated below the arrow": (
        f"{TYPES}def f() -> Union[\n    # a: b = c\n    AsyncIterator[int], None\n]:\n{UNKNOWN}"
    ),
    "an imported alias of a type": (
        f"from typing import (AsyncIterator  # what\n    as Rows)\n{ROWS}"
        f"def f() -> Rows[int]:\n{UNKNOWN}"
    ),
    "an alias of a type": (f"{TYPES}Rows = AsyncIterator[int]\ndef f() -> Rows:\n{UNKNOWN}"),
    "an alias of a type over lines": (
        f"{TYPES}Rows = (  # of: all = any\n    AsyncIterator[int]\n)\ndef f() -> Rows:\n{UNKNOWN}"
    ),
    "a described parameter": (
        f"{TYPES}def f(made: Callable[[], AsyncIterator[int]]):\n    made()\n"
    ),
    "a described parameter over lines": (
        f"{TYPES}def f(\n    x=')',\n    *,\n    made: Callable[\n        [  # none\n        ],\n"
        "        AsyncIterator[int]\n    ],\n):\n    made()\n"
    ),
    "a parameter with an alias of a description": (
        f"{TYPES}Made = Callable[[], AsyncIterator[int]]\ndef f(made: Made):\n    made()\n"
    ),
    "a function that returns an annotated description": (
        f"{TYPES}def f(p) -> Callable[[], AsyncIterator[int]]:\n    x.y()\n"
        "    return x.z\n\n\nf(1)\n"
    ),
    "a lambda over a function that is passed in": (
        f"{TYPES}def f(p: Callable[[dict['a=b']], AsyncIterator[int]]):\n"
        "    made = lambda: p(1)\n    made()\n"
    ),
    "a stream in a function that goes on below it": (
        "async def f(p):\n    async def rows(): yield 1\n    yield await p.x()\n    rows()\n"
    ),
    "a stream behind a text that ends at the margin": (
        "async def rows(p):\n    x = '''\nhere\n'''\n    yield x\n\n\nrows(1)\n"
    ),
    "a description named as one is": (
        "from x.y import AsyncGen, Ok\nasync def rows(p):\n    yield p\n\n\n"
        "def f(made: AsyncGen[int]):\n    made()\n"
    ),
}

# What looks much the same and is nothing of the kind.
CLEAR = {
    "an argument": "print(\n    rows(1),\n    rows(2))\n",
    "a value in a display": "x = {\n    'a': rows(1),\n    'b':\n    rows(2)}\n",
    "iterated below": "async def f(p):\n    async for x in (\n    rows(p)):\n        x.y()\n",
    "a lambda that is handed on": "x.run(lambda: rows(1))\n",
    "a lambda with parameters": "made = lambda p: rows(p)\n",
    "a method of something unknown": "x.y.rows(1)\nz().rows(1)\n",
    "text": "def f():\n    '''Use it like\n\n    rows(1)\n    '''\n",
    "bound": "x = (\n    rows(1))\n",
    "an attribute that is bound": "add = rows.append\nadd(1)\n",
    "a coroutine before a yield": (
        "async def f(p):\n    async def put():\n        await p.x()\n    def again():\n"
        "        put()\n    async def get():\n        return 1\n    yield await get()\n    get()\n"
    ),
    "an argument of the name of a function": "f(made=rows, x=1)\ndef g(made):\n    made(1)\n",
}


@pytest.mark.parametrize("name", DROPPED)
def test_statements_that_drop_a_stream(name: str) -> None:
    """However it is laid out and whatever it is called, it is seen in the bytes."""
    raw = DROPPED[name].encode()
    assert differences("m.py", raw, ["default"]) == []
    known = Candidates(SETTINGS).of_bytes(raw)
    assert known is None or "FP602" in known


@pytest.mark.parametrize("name", DROPPED)
def test_they_are_violations(name: str) -> None:
    """Each is one that the rule reports, screens or none."""
    from funcpipe_lint.check.engine import Engine

    report = Engine(SETTINGS, use_screens=False).check("m.py", DROPPED[name].encode())
    assert [violation.code for violation in report.violations] == ["FP602"]


@pytest.mark.parametrize("name", CLEAR)
def test_what_drops_nothing(name: str) -> None:
    """A use of a stream that is no statement of its own clears the file from its bytes alone."""
    assert Candidates(SETTINGS).of_bytes((ROWS + CLEAR[name]).encode()) == frozenset()
