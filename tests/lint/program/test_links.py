"""Which files are asked what they hold, by their bytes alone."""

from __future__ import annotations

import pytest

from funcpipe_lint.program.facts.reading import facts_of
from funcpipe_lint.program.links import may_link

RULES = ("FP301", "FP302", "FP303", "FP304", "FP305", "FP307")
_MADE = "async def use():\n    s = rows()\n"
_HELD = "async def rows():\n    with scope():\n        yield 1\n"
ASKING = (
    *(_MADE + "    await s.aclose()\n", _MADE + "    await s . aclose()\n"),
    *(_MADE + "    await s.\\\n        aclose()\n", _MADE + "    await (s\n        .aclose())\n"),
    _MADE + "    await (s.  # soon\n        aclose())\n",
    "async def use():\n    s: Rows = rows()\n    await s.aclose()\n",
    "async def use():\n    s = t = rows()\n    await t.aclose()\n",
    "async def use():\n    s = \\\n        rows()\n    await s.aclose()\n",
    "async def use():\n    async for row in rows():\n        return row\n",
    "async def use():\n    async for row in await rows():\n        await row\n",
    "async def use():\n    async for a, b in await rows():\n        return a\n",
    "async def use():\n    return [await f(row) async for row in rows()]\n",
    "async def use():\n    return await anext(rows())\n",
    _HELD,
    "async \\\n  def rows():\n    with scope():\n        yield 1\n",
    "@contextmanager\ndef plain():\n    yield\n\n\n" + _HELD,
    'async def rows():\n    """\n def f(): plain\n    """\n    with scope():\n        yield 1\n',
    "class Table:\n    def plain(self):\n        pass\n\n    @typed\n"
    "    async def rows(self):\n        with scope():\n            yield 1\n",
    "async def rows():\n    def plain():\n        pass\n    with scope():\n        yield 1\n",
)
SILENT = (
    "class Pool:\n    async def stop(self):\n        await self._pool.aclose()\n",
    "async def use(s):\n    await s.aclose()\n",
    "async def use(pool):\n    await pool.take().aclose()\n",
    "class Pool:\n    async def aclose(self):\n        pass\n",
    "@contextmanager\ndef entered():\n    with scope():\n        yield 1\n",
    "@contextlib.asynccontextmanager\nasync def entered():\n    with scope():\n        yield 1\n",
    "def rows():\n    with scope():\n        yield 1\n",
    "async def use():\n    async for row in await rows():\n        print(row)\n",
)


@pytest.mark.parametrize("text", ASKING)
def test_a_file_that_asks_is_read(text: str) -> None:
    """A file with a place that asks what it goes through, enters or closes is not passed over."""
    facts = facts_of(text)
    assert facts is not None
    assert list(facts.sites)
    assert may_link(text.encode(), RULES)


@pytest.mark.parametrize("text", SILENT)
def test_a_file_that_asks_nothing_is_not_read(text: str) -> None:
    """A file without such a place is known by its bytes, and asks nothing."""
    facts = facts_of(text)
    assert facts is not None
    assert not list(facts.sites)
    assert not may_link(text.encode(), RULES)
