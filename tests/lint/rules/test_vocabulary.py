"""Every known word, and every configurable name: the screens know it as the rules do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.options import OPTIONS
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model import effects, vocabulary

# A program for each word, by the constant that holds it: {} stands for the word, by whatever name
# a file knows it. The code of the rule is what has to speak of it; none: no rule may.
SPAWNED = (
    "FP504",
    "async def f(p):\n    {}(p.run())\n    while True:\n        yield await p.get()\n",
)
HELD = ("FP304", "async def f(p):\n    with {}(p) as c:\n        yield c\n")
SPAN = ("FP308", "async def f(p):\n    with p.{}(1):\n        yield 1\n")
CLOSED = ("", "async def f(p):\n    async with {}(p) as c:\n        yield c.x\n")
QUEUED = ("FP501", "async def f(p):\n    q = {}()\n    yield q\n")
FED = "import asyncio\nasync def f(s):\n    q = asyncio.Queue()\n    async for x in s:\n"
TYPED = "import typing\nasync def g():\n    yield 1\nasync def f() -> typing.{}[int]:\n"
BUILDER = "async def outer():\n    @{}\n    async def g():\n        yield 1\n    return g\n"
BUILDS = (
    "from typing import Callable, AsyncIterator\ndef f(p) -> Callable[[], AsyncIterator[int]]:\n"
)
FILLED = BUILDS + (
    "    seen = {{}}\n    async def stream():\n        seen.{}(p)\n        yield p\n"
    "    return stream\n"
)
PROGRAMS: dict[str, tuple[str, str]] = {
    "EFFECTS": ("FP401", BUILDS + "    {}(p)\n    return p\n"),
    "ACTING": ("FP401", BUILDS + "    p.{}()\n    return p\n"),
    "STARTING": ("FP401", BUILDS + "    p.{}()\n    return p\n"),
    "ONE_SHOT": (
        "FP402",
        BUILDS + "    source = {}(p)\n    async def stream():\n        for x in source:\n"
        "            yield x\n    return stream\n",
    ),
    "CLOSERS": (
        "",
        "class A:\n    async def {}(self, *a):\n        pass\nclass B(A):\n"
        "    async def __anext__(self):\n        return await self.rows.__anext__()\n",
    ),
    "FILLING": ("FP403", FILLED),
    "FILLING_CONTAINERS": ("FP403", FILLED),
    "SCOPES": ("FP305", "async def f(p):\n    async with {}(1):\n        yield 1\n"),
    "EXIT_STACKS": (
        "FP305",
        "import asyncio\nasync def f(p):\n    async with {}() as stack:\n"
        "        await stack.enter_async_context(asyncio.timeout(1))\n        yield 1\n",
    ),
    "STACK_ENTERS": (
        "FP305",
        "import asyncio, contextlib\nasync def f(p):\n"
        "    async with contextlib.AsyncExitStack() as stack:\n"
        "        await stack.{}(asyncio.timeout(1))\n        yield 1\n",
    ),
    "RETRYING": (
        "FP707",
        "async def f(p):\n    for attempt in {}():\n        with attempt:\n"
        "            async for x in p():\n                yield x\n",
    ),
    "SPAWNERS": SPAWNED,
    "QUEUES": QUEUED,
    "CHANNELS": (
        "FP501",
        "import math\nasync def f(p):\n    q, r = {}(math.inf)\n    yield q\n",
    ),
    "FILLS": (
        "FP504",
        "import asyncio\nasync def f(p):\n    held = p.made()\n"
        "    held.{}(asyncio.create_task(p.run()))\n    while True:\n        yield await p.get()\n",
    ),
    "FEEDS": ("FP501", FED + "        await q.{}(x)\n"),
    "SPAN_WORDS": ("", SPAN[1]),
    "SPAN_NAMES": SPAN,
    "KNOWN_SPANS": ("FP308", "async def f(p):\n    with {}(1):\n        yield 1\n"),
    "BLOCKING": (
        "FP503",
        "def rows(p):\n    yield {}(p)\nasync def f(p):\n    for x in rows(p):\n        yield x\n",
    ),
    "BLOCKING_METHODS": (
        "FP503",
        "def rows(p):\n    yield p.{}()\nasync def f(p):\n    for x in rows(p):\n        yield x\n",
    ),
    "CLIENTS": ("FP310", "async def f(p):\n    c = {}()\n    yield await c.get(p)\n"),
    "RESPONSES": (
        "FP315",
        "async def f(p):\n    async with p as c:\n        yield c.x\n"
        "def g(p):\n    return {}(f(p))\n",
    ),
    "STARTERS": (
        "FP508",
        "async def f(p):\n    yield p\nasync def g(s):\n    async for x in s:\n        print(x)\n"
        "async def h(p):\n    s = f(p)\n    await {}(g(s), g(s))\n",
    ),
    "DETACHED": ("", "async def f(p):\n    {}(p.work)\n    p.threadsafe()\n    yield p\n"),
    "OPENERS": HELD,
    "OPENING_METHODS": ("FP304", "async def f(p):\n    with p.{}() as c:\n        yield c\n"),
    "CLOSING_WORDS": CLOSED,
    "LOOP_NAMES": (
        "FP504",
        "async def f({0}, p):\n    {0}.create_task(p())\n    while True:\n        yield await p\n",
    ),
    "CLOSING": (
        "FP306",
        "async def f(p):\n    try:\n        yield 1\n    except {}:\n        yield 2\n",
    ),
    "LOCK_WORDS": ("FP307", "async def f(p):\n    async with p.a_{0}, p.{0}:\n        yield 1\n"),
    "PLAIN_ITERABLES": ("FP705", "async def f(p):\n    async for x in {}(p):\n        print(x)\n"),
    "THREADS": ("", "async def f(p):\n    yield await p.{}(next, p)\n"),
    "RETRIES": ("FP704", "@{}(ValueError)\nasync def f(p):\n    yield p\n"),
    "CACHES": ("FP704", "@{}\nasync def f(p):\n    yield p\n"),
    "REPEATING": ("", "@p.{}\nasync def f(p):\n    yield p\n"),
    "TRANSFORMING": (
        "",
        "@p.{}\nasync def f(p):\n    async with p.lock:\n        yield 1\nasync def g():\n"
        "    async for x in f():\n        yield x\n",
    ),
    "DRIVERS": ("", "@{}\nasync def f(p):\n    async with p.lock:\n        yield 1\n"),
    "DEPENDENCIES": (
        "",
        "async def f(p):\n    async with p.lock:\n        yield 1\ndef g(x={}(f)):\n    return x\n",
    ),
    "HARMLESS_MANAGERS": (
        "",
        "async def f(p):\n    async with {}(p):\n        yield 1\nasync def g(p):\n"
        "    async for x in f(p):\n        return x\n",
    ),
    "TRANSPARENT": (
        "",
        "import lib\ndef build(s):\n    @lib.{}\n    async def g():\n        s.append(1)\n"
        "        yield s\n    return g\n",
    ),
    "STREAM_TYPES": ("FP405", TYPED + "    return g()\n"),
    "UNIONS": (
        "",
        "import typing\nasync def f() -> typing.{}[typing.AsyncIterator[int], None]:\n"
        "    return p()\n",
    ),
    "UNCLOSABLE": ("FP603", TYPED + "    yield 1\n"),
    "SYNC_TYPES": (
        "FP401",
        "from typing import Callable, {0}\ndef build() -> Callable[[], {0}[int]]:\n"
        "    print(1)\n    return p\n",
    ),
}
# The same by option; `lib.named` is what is configured.
OF_OPTIONS: dict[str, tuple[str, str]] = {
    "results": ("", "async def f(s) -> AsyncIterator[{}[int]]:\n    yield s\n"),
    "oks": ("", "async def f(s):\n    yield {}(s)\n"),
    "errs": ("", "async def f(s):\n    yield {}(s)\n"),
    "descriptions": ("FP401", "def build() -> {}[int]:\n    print(1)\n    return p\n"),
    "sync-descriptions": ("FP401", "def build() -> {}[int]:\n    print(1)\n    return p\n"),
    "stream-functions": (
        "FP301",
        "async def f():\n    it = {}()\n    async for x in it:\n        pass\n"
        "    await it.aclose()\n",
    ),
    "collectors": ("FP103", "async def f(x):\n    return await {}(x)\n"),
    "using": (
        "",
        "async def rows(p):\n    async with p as c:\n        yield c\ndef g(p):\n"
        "    return {}(p, rows)\n",
    ),
    "openers": HELD,
    "queues": QUEUED,
    "spawners": ("FP502", "async def f(s):\n    async for x in s:\n        {}(x)\n"),
    "managers": ("", "@{}\nasync def f(p):\n    async with p.lock:\n        yield 1\n"),
    "clients": ("FP310", "async def f(p):\n    c = {}()\n    yield await c.get(p)\n"),
    "responses": (
        "FP315",
        "async def f(p):\n    async with p as c:\n        yield c.x\n"
        "def g(p):\n    return {}(f(p))\n",
    ),
    "dependencies": (
        "",
        "async def f(p):\n    async with p.lock:\n        yield 1\ndef g(x={}(f)):\n    return x\n",
    ),
    "spans": ("FP308", "async def f(p):\n    with {}(1):\n        yield 1\n"),
}
# Names of functions of the file, or globs of them: no word of an import leads to one.
GLOBS = {"presets", "whole-stream", "breakers", "locks", "shell"}
IMPORTS = {
    "a module": ("import {module}\n", "{module}.{word}"),
    "a module by another name": ("import {module} as other\n", "other.{word}"),
    "its own name": ("from {module} import {word}\n", "{word}"),
    "another name": ("from {module} import {word} as other\n", "other"),
    "an alias": ("import {module}\nother = {module}.{word}\n", "other"),
}


def vocabulary_words() -> Iterator[tuple[str, str]]:
    """(constant, word) of everything that the vocabulary and the effects list."""
    for constant, words in {**vars(vocabulary), **vars(effects)}.items():
        if isinstance(words, tuple | frozenset) and constant.isupper():
            for word in sorted(words):
                yield constant, word


def programs(word: str, text: str) -> Iterator[str]:
    """The program of a word: of a dotted one, for every way to import it."""
    module, _, last = word.rpartition(".")
    if not module or module == "builtins":
        yield text.format(last)
        return
    for head, use in IMPORTS.values():
        given = {"module": module, "word": last}
        yield head.format(**given) + text.format(use.format(**given))


def held_against(options: dict[str, object], code: str, text: str) -> None:
    """Holds the findings with screens against those without, which have to name the rule."""
    settings = settings_for({**options, "profile": "strict"})
    plain = Engine(settings, use_screens=False).check("m.py", text.encode())
    assert plain.crashes == ()
    if code:
        assert code in {violation.code for violation in plain.violations}, text
    for is_syntax_due in (True, False):
        screened = Engine(settings).check("m.py", text.encode(), is_syntax_due=is_syntax_due)
        assert screened == plain, text


@pytest.mark.parametrize(("constant", "word"), list(vocabulary_words()))
def test_words(constant: str, word: str) -> None:
    """A word that a rule knows is no less known to the screens, by whatever name."""
    assert constant in PROGRAMS, f"say what a word of {constant} makes of a program"
    code, text = PROGRAMS[constant]
    for program in programs(word, text):
        held_against({}, code, program)


@pytest.mark.parametrize("option", [key for key, each in OPTIONS.items() if each.kind == "names"])
def test_configured_names(option: str) -> None:
    """So is a name that the configuration gives."""
    if option in GLOBS:
        return
    assert option in OF_OPTIONS, f"say what a name of '{option}' makes of a program"
    code, text = OF_OPTIONS[option]
    for program in programs("lib.named", text):
        held_against({option: ["lib.named"], "shell": ["main"]}, code, program)
