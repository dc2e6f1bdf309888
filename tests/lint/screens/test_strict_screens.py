"""The screens of the strict profile lose nothing: forms that a simpler screen would have missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.screen.text.aliases import STREAM_WORDS, Aliases

STRICT: Mapping[str, Any] = {"profile": "strict"}
ROWS = "async def rows():\n    yield 1\n\n\n"
TYPES = "from collections.abc import AsyncIterator, Callable\n"

# Code in which a rule speaks: (its code, the text).
SPOKEN = {
    # -- annotations
    "an iterator by another name": (
        "FP603",
        "from collections.abc import AsyncIterator as Rows\n"
        "async def rows() -> Rows[int]:\n    yield 1\n",
    ),
    "an iterator named twice": (
        "FP603",
        "import typing\nOther = Rows = typing.AsyncIterator\n"
        "async def rows() -> Rows[int]:\n    yield 1\n",
    ),
    "an iterator named under a condition": (
        "FP603",
        "import sys\nif sys: from typing import AsyncIterator as Rows\n"
        "else: from typing import AsyncIterable as Rows\n"
        "async def rows() -> Rows[int]:\n    yield 1\n",
    ),
    "a string for an annotation": (
        "FP603",
        f"{TYPES}async def rows() -> 'AsyncIterator[int]':\n    yield 1\n",
    ),
    "a method of a class in a class": (
        "FP603",
        f"{TYPES}class A:\n class B:\n  async def rows(self) -> AsyncIterator[int]:\n   yield 1\n",
    ),
    # -- coroutines that return streams
    "an awaited builder that holds no word of streams": (
        "FP405",
        f"{TYPES}async def opened(c) -> AsyncIterator[int]:\n    return c.rows()\n{ROWS}",
    ),
    "an awaited builder by an alias": (
        "FP405",
        f"{TYPES}Rows = AsyncIterator[int]\n{ROWS}"
        "async def opened(c) -> Rows:\n    return c.rows()\n",
    ),
    "the alias of an alias, noted": (
        "FP405",
        f"{TYPES}from typing import TypeAlias\nItems: TypeAlias = 'AsyncIterator[int]'\n"
        f"Rows = Items\n{ROWS}async def opened(c) -> Rows | None:\n    return c.rows()\n",
    ),
    "an alias over lines": (
        "FP405",
        f"{TYPES}from typing import Annotated\nRows = (  # what we read\n"
        "    AsyncIterator[\nint\n]\n)"
        f"\n{ROWS}async def opened(c) -> Rows:\n    return c.rows()\n",
    ),
    "an alias that is defined later, on a line of others": (
        "FP405",
        f"{TYPES}{ROWS}async def opened(c) -> 'Rows':\n    return c.rows()\n"
        "X = 1; Rows = AsyncIterator[int]\n",
    ),
    "an alias of an import": (
        "FP405",
        f"from typing import (\n    AsyncIterator as Rows,\n)\n{ROWS}"
        "async def opened(c) -> Rows:\n    return c.rows()\n",
    ),
    "an annotation over lines": (
        "FP405",
        f"{TYPES}import typing as t\n{ROWS}async def opened(c) -> t.Optional[\n    AsyncIterator[\n"
        "int]\n]:\n    return c.rows()\n",
    ),
    "a colon in an annotation": (
        "FP405",
        f"{TYPES}from typing import Annotated, Literal\n{ROWS}"
        "async def opened(c) -> Annotated[AsyncIterator[int], 'a: b']:\n    return c.rows()\n",
    ),
    "an annotation of another name": (
        "FP405",
        f"{TYPES}from typing import Optional as Maybe\n{ROWS}"
        "async def opened(c) -> Maybe[AsyncIterator[int]]:\n    return c.rows()\n",
    ),
    "an awaited builder in a plain function": (
        "FP405",
        f"{TYPES}{ROWS}def f():\n    async def opened(c) -> AsyncIterator[int]:\n"
        "        return c.rows()\n    return opened\n",
    ),
    # -- what is held
    "a resource on an attribute": (
        "FP304",
        "async def rows(self):\n    async with self.session:\n        yield 1\n",
    ),
    "a file": ("FP304", "async def rows(p):\n    with open(p) as f:\n        yield f\n"),
    "a file, opened by a method": (
        "FP304",
        "async def rows(p):\n    with p.open() as f:\n        yield f\n",
    ),
    "an opener by another name": (
        "FP304",
        "import io\nopened = io.open\nasync def rows(p):\n    with opened(p) as f:\n"
        "        yield f\n",
    ),
    "a socket by another name": (
        "FP304",
        "from socket import create_connection as dial\nasync def rows(p):\n"
        "    with dial(p) as f:\n        yield f\n",
    ),
    "a resource above a manager that holds none": (
        "FP304",
        "from contextlib import suppress\nasync def rows(p):\n    async with p as c:\n"
        "        with suppress(ValueError):\n            yield c\n",
    ),
    "a span among others": (
        "FP308",
        "async def rows(t):\n    with open(t), t.trace_my_span('x'):\n        yield 1\n",
    ),
    "a tracer": ("FP308", "async def rows(t):\n    with tracer.trace('x'):\n        yield 1\n"),
    "a scope in a manager by another name": (
        "FP305",
        "import anyio\nfrom contextlib import asynccontextmanager\n@asynccontextmanager\n"
        "async def timed():\n    with anyio.move_on_after(1):\n        yield\nlimited = timed\n"
        "async def rows(p):\n    async with limited():\n        yield p\n",
    ),
    "a scope in a plain manager by another name": (
        "FP305",
        "import anyio\nfrom contextlib import contextmanager\n@contextmanager\ndef timed():\n"
        "    with anyio.move_on_after(1):\n        yield\nlimited = timed\n"
        "async def rows(p):\n    with limited():\n        yield p\n",
    ),
    "a cancellation by another name": (
        "FP205",
        "from asyncio import CancelledError as Stop\nasync def rows(s):\n    for x in s:\n"
        "        try:\n            yield await x\n        except (ValueError, Stop):\n"
        "            pass\n",
    ),
    "a cancellation that only an inner function raises on": (
        "FP205",
        "import asyncio\nasync def rows(s):\n    for x in s:\n        try:\n"
        "            yield await x\n        except asyncio.CancelledError:\n"
        "            def f():\n                raise\n",
    ),
    # -- loops
    "a twin in a function of another one": (
        "FP503",
        "class A:\n    def stream(self):\n        yield 1\n\n    def _astream(self):\n"
        "        async def inner():\n            for x in self._stream():\n"
        "                yield x\n        return inner()\n",
    ),
    "a replay under tests": (
        "FP102",
        "async def rows(s):\n    kept = []\n    async for x in s:\n        if x:\n"
        "            if x > 1:\n                kept.append(x)\n    for x in kept:\n"
        "        if x:\n            yield x\n",
    ),
    # -- tasks
    "a group of another name": (
        "FP502",
        "async def f(s, g):\n    async for x in s:\n        g.start_soon(x)\n",
    ),
    "a spawner by another name": (
        "FP502",
        "import asyncio\nspawn = asyncio.create_task\nasync def f(s, g):\n"
        "    async for x in s:\n        spawn(g(x))\n",
    ),
    "a bound in a function that is only defined": (
        "FP502",
        "async def f(s, g):\n    async for x in s:\n        async def one():\n"
        "            await g.acquire()\n        g.create_task(one())\n",
    ),
    "a spawn in the default of a function": (
        "FP502",
        "import asyncio\nasync def f(s, g):\n    async for x in s:\n"
        "        def one(task=asyncio.create_task(g(x))):\n            pass\n",
    ),
    "an item of a client's table": (
        "FP502",
        "async def f(s, g, clients):\n    async for clients[0] in s:\n        g.start_soon(1)\n",
    ),
    "a gather of a comprehension by name": (
        "FP502",
        "from asyncio import gather as every\nasync def f(s, g):\n"
        "    calls = [g(x) async for x in s]\n    await every(*calls)\n",
    ),
    "a gather in a plain function": (
        "FP502",
        "import asyncio\ndef f(s, g):\n    return asyncio.gather(*(g(x) async for x in s))\n",
    ),
    "a gather of what a loop's end appended": (
        "FP502",
        "import asyncio\nasync def f(s, g):\n    calls = []\n    async for x in s:\n        pass\n"
        "    else:\n        calls.append(g(x))\n    await asyncio.gather(*calls)\n",
    ),
    # -- lists that are gone through
    "a replay under a condition, beside a comprehension": (
        "FP102",
        "async def f(s):\n    match s:\n        case 1:\n            out = []\n"
        "            z = [out for out in s]\n            async for x in s:\n                if x:\n"
        "                    out.append(x)\n            for y in out:\n                yield y\n",
    ),
    "a replay in a function within": (
        "FP102",
        "def g():\n    async def f(s):\n        try:\n            pass\n        except E:\n"
        "            out: list[int] = []\n            async for x in s:\n"
        "                out.append(x)\n            for y in out:\n                yield y\n",
    ),
    # -- queues
    "a channel whose size has a name, by another name": (
        "FP501",
        "import trio, math\nQueue = trio.open_memory_channel\nSIZE = math.inf\n"
        "async def rows(s):\n    a, b = Queue(SIZE)\n    yield b\n",
    ),
    "a queue that a loop's end feeds": (
        "FP501",
        "import asyncio\nasync def f(s):\n    q = asyncio.Queue()\n    async for x in s:\n"
        "        pass\n    else:\n        await q.put(1)\n",
    ),
    "a queue of a class in a stream": (
        "FP501",
        "import asyncio\nasync def rows(s):\n    class A:\n        q = asyncio.Queue()\n"
        "    yield A\n",
    ),
    "a queue in a plain function of a stream": (
        "FP501",
        "import asyncio\nasync def rows(s):\n    def made():\n        return asyncio.Queue(0)\n"
        "    yield made()\n",
    ),
    "a queue by another name, with a type": (
        "FP501",
        "from asyncio import Queue as Q\nasync def rows(s):\n    q = Q[int](maxsize=-1)\n"
        "    yield q\n",
    ),
    "a queue that a loop feeds": (
        "FP501",
        "import asyncio\nasync def f(s):\n    q = asyncio.Queue()\n    async for x in s:\n"
        "        q.put_nowait(x)\n",
    ),
    "a channel without an end": (
        "FP501",
        "import trio\nasync def rows(s):\n    a, b = trio.open_memory_channel(float('inf'))\n"
        "    yield b\n",
    ),
    "a queue in a plain builder": (
        "FP501",
        "import asyncio\ndef rows(s):\n    q = asyncio.Queue()\n    def run():\n"
        "        yield q\n    return run\n",
    ),
    "a gather of what a walrus named": (
        "FP502",
        "import asyncio\nasync def f(s, g):\n    if calls := [g(x) async for x in s]:\n"
        "        await asyncio.gather(*calls)\n",
    ),
    "a gather of what is annotated": (
        "FP502",
        "import asyncio\nasync def f(s, g):\n    calls: list = [g(x) async for x in s]\n"
        "    await asyncio.gather(*calls)\n",
    ),
    # -- closing by hand
    "closed, of a method": (
        "FP301",
        "class A:\n    async def rows(self):\n        yield 1\n    async def f(self):\n"
        "        it = self.rows()\n        async for x in it:\n            pass\n"
        "        await it.aclose()\n",
    ),
    "closed, of a class's method, and far from where it is defined": (
        "FP301",
        "class A:\n    @staticmethod\n    async def \\\n        rows(s):\n        yield s\n"
        "async def f(s):\n    it = A.rows(s)\n    async for x in it:\n        pass\n"
        "    await it  .  aclose  (\n    )\n",
    ),
    "closed, of what a module has": (
        "FP301",
        "import builtins as b\nasync def f(s):\n    it = b.aiter(s)\n    async for x in it:\n"
        "        pass\n    await (it.aclose)()\n",
    ),
    "closed, of what is described": (
        "FP301",
        f"{TYPES}async def f(make: Callable[[], Callable[[], AsyncIterator[int]]]):\n"
        "    it = make()()\n    async for x in it:\n        pass\n    await it.aclose()\n",
    ),
    "closed beside what it is gone through in": (
        "FP301",
        f"{ROWS}async def f():\n    async def g():\n        it = rows()\n"
        "        async for x in it:\n            pass\n"
        "        await it.aclose()\n    return g\n",
    ),
    # -- what is awaited
    "a stream of one type": (
        "FP405",
        "from typing import AsyncIterator, Optional, Union\n"
        "async def f(s) -> Union[None, Optional[AsyncIterator[int]]]:\n    return await s()\n",
    ),
    "a stream or none, by other names": (
        "FP405",
        "import typing\nfrom typing import AsyncIterator, Annotated as Noted\n"
        "Maybe = typing.Optional\n"
        "async def f(s) -> Noted[Maybe[AsyncIterator[int]], 'it']:\n    return await s()\n",
    ),
    "a stream of one type, as a string": (
        "FP405",
        f"{TYPES}async def f(s) -> 'None | AsyncIterator[int]':\n    return await s()\n",
    ),
    "a stream that is called as two types are": (
        "FP405",
        "from typing import AsyncGenerator as Union\n"
        "async def f(s) -> Union[int, None]:\n    return await s()\n",
    ),
    "closed by getattr": (
        "FP301",
        "async def f(s):\n    it = aiter(s)\n    async for x in it:\n        pass\n"
        "    await getattr(it, 'aclose')()\n",
    ),
    "closed in a plain function": (
        "FP301",
        f"{ROWS}def f(s):\n    it = aiter(s)\n    anext(it)\n"
        "    return getattr(it, 'aclose', None)\n",
    ),
    "closed with brackets around": (
        "FP301",
        "async def f(s):\n    it = (s.__aiter__())\n    x = [x async for x in (it)]\n"
        "    await ((it).aclose())\n",
    ),
    "closed, by its annotation": (
        "FP301",
        f"{TYPES}async def f(s):\n    it: AsyncIterator[int] = await s\n    await it.__anext__()\n"
        "    await it.aclose()\n",
    ),
}


def said(text: str, options: Mapping[str, Any], *, use_screens: bool) -> list[tuple[int, str]]:
    """The findings on a text, as lines and codes."""
    engine = Engine(settings_for(dict(options)), use_screens=use_screens)
    report = engine.check("m.py", text.encode())
    assert report.crashes == ()
    return sorted((violation.line, violation.code) for violation in report.violations)


@pytest.mark.parametrize("name", SPOKEN)
def test_nothing_is_lost(name: str) -> None:
    """The rule speaks of it, with the screens as without."""
    code, text = SPOKEN[name]
    everything = said(text, STRICT, use_screens=False)
    assert code in [found for _, found in everything]
    assert said(text, STRICT, use_screens=True) == everything


@pytest.mark.parametrize("name", SPOKEN)
def test_one_rule_alone(name: str) -> None:
    """Nor is it lost where no other rule is asked for, whose screen might have let it through."""
    code, text = SPOKEN[name]
    assert said(text, {"select": [code]}, use_screens=True) != []


CONFIGURED = {
    "an opener": (
        {"select": ["FP304"], "openers": ["lib.acquire"]},
        "from lib import acquire as held\nasync def rows(p):\n    with held(p):\n        yield 1\n",
    ),
    "a stream function of a module": (
        {"select": ["FP301"], "stream-functions": ["lib.rows"]},
        "import lib\nasync def f():\n    it = lib.inner.rows()\n    async for x in it:\n"
        "        pass\n    await it.aclose()\n",
    ),
    "a span": (
        {"select": ["FP308"], "spans": ["lib.trace_all"]},
        "from lib import trace_all as seen\nasync def rows(p):\n    with seen(p):\n"
        "        yield 1\n",
    ),
    "a queue": (
        {"select": ["FP501"], "queues": ["lib.Line"]},
        "import lib\nLine2 = lib.Line\nasync def rows(p):\n    yield Line2()\n",
    ),
    "a spawner": (
        {"select": ["FP502"], "spawners": ["lib.tasks.go"]},
        "from lib import go as run\nasync def f(s):\n    async for x in s:\n        run(x)\n",
    ),
    "a stream function": (
        {"select": ["FP401"], "stream-functions": ["lib.load"]},
        "from lib import load as read\ndef build():\n    print(1)\n    return lambda: read()\n",
    ),
    "a description": (
        {"select": ["FP401"], "descriptions": ["lib.Flow"]},
        "from lib import Flow as F\ndef build() -> F[int]:\n    print(1)\n    return other\n",
    ),
    "the shell": (
        {"select": ["FP103"], "shell": ["main"]},
        f"{ROWS}async def f():\n    async for x in rows():\n        print(x)\n",
    ),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_configured_names(name: str) -> None:
    """Names of the configuration count, by whatever name a file knows them."""
    options, text = CONFIGURED[name]
    everything = said(text, options, use_screens=False)
    assert everything != []
    assert said(text, options, use_screens=True) == everything


@pytest.mark.parametrize(
    ("text", "is_stream"),
    [
        ("Rows = AsyncIterator[int]", True),
        ("A = Rows = AsyncIterator[int]", True),
        ("type Rows[T] = AsyncIterator[T]", True),
        ("Rows: Annotated[\n    int\n] = AsyncIterator", True),
        ("from t import AsyncIterator as \\\n Rows", True),
        ("if x: Rows = AsyncIterator", True),
        ("try: Rows = AsyncIterator\nfinally: pass", True),
        ("try:\n    pass\nexcept: Rows = AsyncIterator", True),
        ("if \\\n  x: Rows = AsyncIterator", True),
        ("x = 1; Rows = AsyncIterator", True),
        ("pass; Rows = AsyncIterator", True),
        ("Other: Rows = AsyncIterator", False),
        ("Rows = list[int]\nfrom t import AsyncIterator", False),
        ("from t import (\n    AsyncIterator,\n    Rows,\n)", False),
        ("def f(\n    rows: AsyncIterator[int],\n) -> AsyncIterator[int]:\n    Rows = 1", False),
    ],
)
def test_aliases(text: str, is_stream: bool) -> None:
    """A name means what it is bound to, directly or through others, and nothing else."""
    assert Aliases(text.encode()).may_be(b"Rows[int]", STREAM_WORDS) is is_stream
