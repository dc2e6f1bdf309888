"""The screens lose nothing: the same findings with and without them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from docs.studies.generated_code import programs
from docs.studies.screens import OPTIONS, _engines, differences, python_files
from tests.lint.engine.test_engine import HOSTILE, LAYOUTS, LEAK, NEWER, ROWS

ROOT = Path(__file__).parents[3]
CASES = sorted((Path(__file__).parents[1] / "cases").rglob("*.py*"))
OWN = python_files([str(ROOT / "reference"), str(ROOT / "examples")])

TRICKY = {
    **{f"layout: {name}": text.encode() for name, (text, *_) in LAYOUTS.items()},
    **{f"newer: {name}": text.encode() for name, text in NEWER.items()},
    **{f"hostile: {name}": f"{ROWS}{text}\n{LEAK}".encode() for name, text in HOSTILE.items()},
    "utf-7 words": ("# coding: utf-7\n" + ROWS + LEAK).encode("utf-7"),
    "cookie on line two": b"#!python\n# -*- coding: cp037 -*-\n",
    "identifiers that normalise": (ROWS + LEAK)
    .replace("rows", "".join(chr(ord(c) + 0xFEE0) for c in "rows"), 1)
    .encode(),
    "a stream that is spelt as Python would not": (
        "async def \uff52\uff4f\uff57\uff53(p):\n    async with p as c:\n        yield c\n\n\n"
        "def dropped(p):\n    \uff52\uff4f\uff57\uff53(p)\n"
    ).encode(),
    "a letter and its accent apart": (
        "async def e\u0301(p):\n    async with p as c:\n        yield c\n\n\n"
        "def dropped(p):\n    e\u0301(p)\n"
    ).encode(),
    "one line": b"async def a(p):\n async with p as c: yield c\nasync def b(p):\n"
    b" [(yield r) for _ in p]; x = [r async for r in a(p)]\n",
    "comment in the gap": ROWS.encode() + b"async def leak(p):\n    async \\\n  for r in rows(p):\n"
    b"        yield r\n",
    "continued def": (ROWS + LEAK).replace("async def", "async\\\n def").encode(),
    "a row of signs where a comment may be": (
        f"# async {'#' * 100}\n{ROWS}async {'#' * 100}\n{LEAK}"
    ).encode(),
    "an alias behind a comment": (
        b"from tenacity import (retry as  # again, and again\n    again)\n"
        b"anew = again\n@anew\nasync def rows(p):\n    yield p\n"
    ),
    "aliases of what runs next in a thread": (
        b"import asyncio\nrun = asyncio.to_thread\nstep = next\n"
        b"async def rows(i):\n    while True:\n        yield await run(step, i)\n"
    ),
    "another name of a plain generator": (
        b"def given(p):\n    yield p\nrows = (\n    given)\n"
        b"async def main(p):\n    async for row in rows(p):\n        print(row)\n"
    ),
    "another name of a stream that tasks share": (
        b"import asyncio\nasync def given(p):\n    yield p\nrows = given  # the rows\n"
        b"async def work(s):\n    async for row in s:\n        print(row)\n"
        b"async def main(p):\n    s = rows(p)\n    await asyncio.gather(work(s), work(s))\n"
    ),
    "a scope by another name": (
        b"import asyncio\nlimit = asyncio.timeout\nasync def rows(p):\n"
        b"    async with limit(3):\n        yield p\n"
    ),
    "form feeds": ("\f" + ROWS + "\f" + LEAK).encode(),
    "lone surrogate escapes": (ROWS + "s = '\\ud800'\n" + LEAK).encode(),
    "a discarded builder": b"from funcpipe_streams import async_gen_map as m\nm(a, b)\n",
    "the same of a sync one": b"import funcpipe_streams as s\ns.io_gen_map(a, b)\n",
    "a configured stream function": b"from elsewhere import load\nload()\n",
    "a body that begins with a decorator": (
        ROWS + LEAK + "def other():\n    @cache\n    # of what\n    @(one\n      .two)\n"
        "    class A:\n        x = 1\n    return " + " + ".join(["value"] * 30) + "\n"
    ).encode(),
    "a body on the line of its header": (
        ROWS + LEAK + "def other(): return " + " + ".join(["value"] * 30) + "  # why\n"
    ).encode(),
    "bodies of wide characters": (
        ROWS + "def été(): 'é'; return " + " + ".join(["'é'"] * 40) + "; 'é'\n" + LEAK
    ).encode(),
    "a module's name that a function binds": (
        "rows = None\ndef bind():\n    global rows\n    rows = 1" + " + 1" * 40 + "\n" + ROWS + LEAK
    ).encode(),
    "an awaited builder named as a generator": b"""\
from collections.abc import AsyncIterator
class Sync:
    def send(self):
        yield 1
class Async:
    async def send(self) -> AsyncIterator[int]:
        return await self.opened()
""",
    # No word of streams in any of these, and no shape that an async function has to show.
    "pulled from and closed by hand": (
        b"async def f(s):\n    it = aiter(s)\n    x = await anext(it)\n    await it.aclose()\n"
    ),
    "a fold of the kit's Results": (
        b"from funcpipe_streams import Ok, Result\ndef f(x) -> Result:\n    match x:\n"
        b"        case Ok(v):\n            print(v)\n"
    ),
    "a fold of another library's": (
        b"from lib import Err, Ok, Result\ndef f(x) -> Result:\n    match x:\n"
        b"        case Ok(v):\n            print(v)\n"
    ),
    "a description that is awaited": (
        b"from funcpipe_streams import async_gen_return as r\nasync def f():\n    await r(1)\n"
    ),
    "a task for each item, in a module of no Results": (
        b"from asyncio import create_task\nasync def f(s):\n    async for x in s:\n"
        b"        create_task(x)\n"
    ),
    "a queue fed by a loop, in a module of no Results": (
        b"import asyncio\nasync def f(s):\n    q = asyncio.Queue()\n    async for x in s:\n"
        b"        await q.put(x)\n"
    ),
    "a builder, its stream's header over two lines": (
        b"class A:\n    def rows(x):\n        async \\\n  def g():\n            yield x\n"
        b"        return g\n\nA.rows(1)\n"
    ),
    "no stream at all": b"x = 1\n",
    "empty": b"",
}


@pytest.mark.parametrize("name", TRICKY)
def test_tricky_inputs(name: str) -> None:
    """Odd layouts, encodings and nestings hide nothing from the screens."""
    assert differences("m.py", TRICKY[name]) == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases(path: Path) -> None:
    """Nor does any of the cases that the rules are tested with, in any configuration."""
    assert differences(str(path), path.read_bytes()) == []


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(Path(path).relative_to(ROOT)))
def test_our_own_code(path: str) -> None:
    """Nor does any of our modules, which drive streams in every way there is."""
    assert differences(path, Path(path).read_bytes()) == []


def shuffled(seed: int) -> str:
    """A module of functions taken from all cases, in another order and company."""
    random_ = random.Random(seed)
    files = [path for path in CASES if path.suffix == ".py"]
    blocks: list[str] = []
    for path in random_.sample(files, 6):
        text = path.read_text(encoding="utf-8")
        parts = text.split("\n\n\n")
        blocks += [parts[0], *random_.sample(parts, min(4, len(parts)))]
    return "\n\n\n".join(blocks) + "\n"


@pytest.mark.parametrize("seed", range(60))
def test_shuffled_cases(seed: int) -> None:
    """Nor do modules made of pieces of several cases: what one function needs another may give."""
    assert differences("m.py", shuffled(seed).encode()) == []


def test_the_comparison_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a screen that is too strong, the finding that it loses is named."""
    from funcpipe_lint.screen.declaration import Screen, Shape
    from funcpipe_lint.screen.screens import SCREENS

    monkeypatch.setitem(SCREENS, "FP306", Screen((Shape.CALL_PULLED,)))
    _engines.cache_clear()
    code = b"async def rows():\n    try:\n        yield 1\n    finally:\n        yield 2\n"
    lost = differences("m.py", code, list(OPTIONS)[:1])
    _engines.cache_clear()  # or every test after this one compares with it
    assert [(one.code, one.line, one.is_lost) for one in lost] == [("FP306", 5, True)]


@pytest.mark.parametrize("program", programs(60))
def test_generated_programs(program: str) -> None:
    """Nor do programs that nobody would write; none of them crashes anything."""
    assert differences("m.py", program.encode("utf-8", "surrogatepass")) == []
