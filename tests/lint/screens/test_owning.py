"""What the screens of FP302, FP303 and FP306 take for certain of loops, closing and handlers."""

from __future__ import annotations

import pytest

from docs.studies.screens import differences
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.screen.parsed.candidates import Candidates

SETTINGS = settings_for({})
ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n\n\n"
LOOP = "async for r in rows(p):\n            yield r\n"

# Each is a finding that a simpler reading of the tree loses.
FOUND = {
    "closed in a function within the finally alone": (
        "FP303",
        f"async def f(p):\n    try:\n        {LOOP}    finally:\n        async def end():\n"
        "            await p.close()\n        end()\n",
    ),
    "closed in a lambda that is awaited": (
        "FP303",
        f"async def f(p):\n    try:\n        {LOOP}    finally:\n"
        "        await p.run(lambda: p.close())\n",
    ),
    "closed and not awaited": (
        "FP303",
        f"async def f(p):\n    try:\n        {LOOP}    finally:\n        p.close()\n",
    ),
    "in the finally that closes": (
        "FP303",
        f"async def f(p):\n    try:\n        p.x()\n    finally:\n        {LOOP}"
        "        await p.close()\n",
    ),
    "in a function within the try": (
        "FP303",
        "async def f(p):\n    try:\n        async def g():\n            async for r in rows(p):\n"
        "                yield r\n        p.x(g)\n    finally:\n        await p.close()\n",
    ),
    "what hands on what it closes": (
        "FP303",
        f"async def f(p):\n    try:\n        {LOOP}    finally:\n        await p.close()\n\n\n"
        "async def g(p):\n    async for r in f(p):\n        yield r\n",
    ),
    "pulled from beside a finally that closes": (
        "FP302",
        "async def f(p):\n    x = await anext(rows(p))\n    try:\n        return x\n"
        "    finally:\n        await p.close()\n",
    ),
    "a method": (
        "FP303",
        "class A:\n    async def rows(self):\n        async with self as c:\n"
        "            yield c\n\n"
        "    async def f(self):\n        async for r in (self).rows():\n            yield r\n",
    ),
    "a method by its class": (
        "FP303",
        "class A:\n    @staticmethod\n    async def rows(p):\n        async with p as c:\n"
        "            yield c\n\n\nasync def f(p):\n    async for r in A.rows(p):\n"
        "        yield r\n",
    ),
    "an alias beside an item": (
        "FP303",
        "again = TABLE['again'] = rows\n\n\nasync def f(p):\n    async for r in again(p):\n"
        "        yield r\n",
    ),
    "an alias over lines": (
        "FP303",
        "again \\\n= (  # of it\n    rows\n)\n\n\nasync def f(p):\n"
        "    async for r in again(p):\n        yield r\n",
    ),
    "an alias that goes on behind a backslash": (
        "FP303",
        "again = rows \\\n\n\nasync def f(p):\n    async for r in again(p):\n        yield r\n",
    ),
    "a loop over what stands below long comments": (
        "FP303",
        f"async def f(p):\n    async for r in (  # {'why ' * 100}\n        rows(p)\n    ):\n"
        "        yield r\n",
    ),
    "an alias below long comments": (
        "FP303",
        f"again = (  # {'why ' * 100}\n    # {'and ' * 100}\n\n    # so\n    rows\n)\n\n\n"
        "async def f(p):\n    async for r in again(p):\n        yield r\n",
    ),
    "a scope in a manager that no async function shows": (
        "FP305",
        "import anyio\nfrom contextlib import contextmanager\n\n\n@contextmanager\n"
        "def limited():\n    with anyio.CancelScope():\n        yield\n\n\n"
        "async def f(p):\n    with limited():\n        yield 1\n",
    ),
    "a scope in a manager of a manager, out of sight": (
        "FP305",
        "import anyio\nfrom contextlib import contextmanager\n\n\n@contextmanager\n"
        "def inner():\n    with anyio.CancelScope():\n        yield\n\n\n@contextmanager\n"
        "def outer():\n    with open('f'), inner():\n        yield\n\n\n"
        "async def f(p):\n    with outer():\n        yield 1\n",
    ),
    "a scope of the module in a manager out of sight": (
        "FP305",
        "import anyio\nfrom contextlib import contextmanager\n\n\nscope = anyio.CancelScope()\n"
        "@contextmanager\ndef limited():\n    with (  # it\n        scope):\n        yield\n\n\n"
        "async def f(p):\n    with limited():\n        yield 1\n",
    ),
    "a scope by another name in a manager out of sight": (
        "FP305",
        "from anyio import CancelScope as C\nfrom contextlib import contextmanager\n\n\n"
        "@contextmanager\ndef limited():\n    with C():\n        yield\n\n\nother = limited\n"
        "async def f(p):\n    with other():\n        yield 1\n",
    ),
    "caught by the name of an error": (
        "FP306",
        "async def f(p):\n    try:\n        yield 1\n    except BaseException as error:\n"
        "        yield error\n",
    ),
    "caught under another name": (
        "FP306",
        "from builtins import BaseException as B\nasync def f(p):\n    try:\n        yield 1\n"
        "    except B as error:\n        yield error\n",
    ),
    "caught under a second name": (
        "FP306",
        "A = B = BaseException\nasync def f(p):\n    try:\n        yield 1\n"
        "    except A as error:\n        yield error\n",
    ),
}

CLEAR = {
    "a method of what a call gives": (
        "async def f(p):\n    async for r in other(p).rows(p):\n        yield r\n"
    ),
    "a method of a base": (
        "class B(A):\n    async def rows(self):\n        async for r in super().rows(1):\n"
        "            yield r\n"
    ),
    "called from an attribute": (
        "TABLE.again = rows\n\n\nasync def f(p):\n    async for r in TABLE.again(p):\n"
        "        yield r\n"
    ),
    "closed by hand": (
        f"async def f(p):\n    try:\n        {LOOP}    finally:\n        await p.aclose()\n"
    ),
    "closed by hand, shielded": (
        f"async def f(p):\n    try:\n        {LOOP}    finally:\n        await shield(p.aclose())\n"
    ),
    "pulled from and closed by hand": (
        "async def f(p):\n    try:\n        return await anext(rows(p))\n    finally:\n"
        "        await p.aclose()\n"
    ),
    "a handler beside one that names what it catches": (
        "async def f(p):\n    try:\n        yield 1\n    except Exception as error:\n"
        "        yield error\n    try:\n        p.x()\n    except BaseException as error:\n"
        "        raise\n"
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found(name: str) -> None:
    """What only looks like closing, or like no stream of the file, hides no finding."""
    code, text = FOUND[name]
    raw = (ROWS + text).encode()
    report = Engine(SETTINGS, use_screens=False).check("m.py", raw)
    assert code in [violation.code for violation in report.violations]
    assert differences("m.py", raw, ["default"]) == []


@pytest.mark.parametrize("name", CLEAR)
def test_what_is_clear(name: str) -> None:
    """What the rules are sure to be silent about clears the file before libcst sees it."""
    assert Candidates(SETTINGS).of_bytes((ROWS + CLEAR[name]).encode()) == frozenset()
