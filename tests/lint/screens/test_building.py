"""Whatever builds descriptions is taken for a builder, in forms that a simple screen misses."""

from __future__ import annotations

import pytest

from .test_strict_screens import ROWS, STRICT, TYPES, said

# Text in which one of FP401 to FP404 speaks.
BUILT = {
    "a thunk": (
        "FP401",
        f"{TYPES}def build() -> Callable[[], AsyncIterator[int]]:\n    print(1)\n"
        "    return other\n",
    ),
    "a thunk over lines": (
        "FP401",
        f"{TYPES}def build() -> Callable[  # why\n    [  # none\n    ],\n"
        "    'AsyncIterator[int]',\n"
        "]:\n    print(1)\n    return other\n",
    ),
    "a thunk by its alias, of an alias": (
        "FP401",
        f"{TYPES}Rows = AsyncIterator[int]\nRun = Callable[[], Rows]\nRuns = Run\n"
        "def build() -> Runs:\n    print(1)\n    return other\n",
    ),
    "a thunk of a sync stream, or none": (
        "FP401",
        "import typing as t\nfrom typing import Callable as C, Generator as G\n"
        "def build() -> t.Optional[C[[], G[int, None, None]]]:\n    print(1)\n    return other\n",
    ),
    "a thunk of a stream or none, by another name": (
        "FP401",
        f"{TYPES}import typing\nMaybe = typing.Optional\n"
        "def build() -> Callable[[], Maybe[AsyncIterator[int]]]:\n    print(1)\n    return other\n",
    ),
    "a coroutine function that returns one": (
        "FP401",
        f"{TYPES}async def build() -> Callable[[], AsyncIterator[int]]:\n    return other\n",
    ),
    "a lambda over a stream": (
        "FP401",
        f"{ROWS}def build():\n    print(1)\n    return lambda: rows()\n",
    ),
    "a lambda over lines": (
        "FP401",
        f"{ROWS}def build():\n    print(1)\n    return (\n        lambda  # no parameter\n        "
        ": (  # of what\n            rows  # there\n        )()\n    )\n",
    ),
    "a lambda over a method that is annotated": (
        "FP401",
        f"{TYPES}class A:\n    def rows(self) -> AsyncIterator[int]:\n        return 1\n"
        "    def build(self):\n        print(1)\n        return lambda: self.rows()\n",
    ),
    "a lambda over what is annotated by an alias": (
        "FP401",
        f"{TYPES}Rows = AsyncIterator[int]\ndef rows() -> Rows:\n    return 1\n"
        "def build():\n    print(1)\n    return lambda: rows()\n",
    ),
    "a lambda over another name of a stream": (
        "FP401",
        "def rows():\n    yield 1\nother = (\n    rows\n)\nthird = other\ndef build():\n"
        "    print(1)\n    return lambda: third()\n",
    ),
    "a lambda over a parameter": (
        "FP401",
        f"{TYPES}def build(load: Callable[[int], AsyncIterator[int]]):\n    print(1)\n"
        "    return lambda: load(1)\n",
    ),
    "a lambda over a description": (
        "FP401",
        f"{TYPES}Run = Callable[[], AsyncIterator[int]]\ndef build(run: Run):\n    print(1)\n"
        "    return lambda: run()\n",
    ),
    "a lambda over what a builder gives": (
        "FP401",
        "def make():\n    def run():\n        yield 1\n    return run\n"
        "def build():\n    print(1)\n    return lambda: make()()\n",
    ),
    "a generator further in": (
        "FP401",
        "def build():\n    print(1)\n    def run():\n        yield 1\n    return run\n",
    ),
    "a generator by another name, in brackets": (
        "FP401",
        "def build():\n    print(1)\n    def run(*args):\n        yield 1\n    it = (  # so\n"
        "        run\n    )\n    return (it)\n",
    ),
    "a generator in a branch": (
        "FP401",
        "def build(x):\n    print(1)\n    if x:\n        def run(a, /):\n            yield 1\n"
        "        return run\n    return None\n",
    ),
    "a generator with text at the margin": (
        "FP401",
        'def build():\n    print(1)\n    text = """\nclass A:\ndef run():\n    return 1\n"""\n'
        '    def run():\n        text = """\nreturn 1\n"""\n        yield text\n    return run\n',
    ),
    "a generator with brackets at the margin": (
        "FP401",
        "def build():\n    print(1)\n    def run():\n        x = (\n1,\n2)\n        yield x\n"
        "    return run\n",
    ),
    "a generator with tabs and a form feed": (
        "FP401",
        "def build():\n\tprint(1)\n\f\tdef run():\n\t\twith x:\n\t\t\tpass\n\t\tyield 1\n"
        "\treturn run\n",
    ),
    "a name that only the builder has": (
        "FP402",
        "def build(s):\n    it = iter(s)\n    def run():\n        yield from it\n    return run\n",
    ),
    "what runs share": (
        "FP403",
        "def build():\n    kept = []\n    async def run():\n        kept.append(1)\n"
        "        yield 1\n"
        "    return run\n",
    ),
    "a lambda in a loop": (
        "FP404",
        "def rows(x):\n    yield x\ndef f(s, out):\n    for x in s:\n"
        "        out.append(lambda: rows(x))\n",
    ),
    "a stream in a loop": (
        "FP404",
        "def f(s, out):\n    for x in s:\n        async def run():\n            yield x\n"
        "        out.append(run)\n",
    ),
    "a stream in a loop of a module": (
        "FP404",
        'out = {}\nfor x in (1, 2):\n    y = """\ndef f():\n"""\n    async def run():\n'
        "        yield x\n    out[x] = run\n",
    ),
    "a builder whose text shows another": (
        "FP401",
        'def build():\n    """So:\n\n    def run():\n        return 1\n    """\n    print(1)\n'
        "    def run():\n        yield 1\n    return run\n",
    ),
    "a builder behind a string that holds a function": (
        "FP401",
        'X = f"""\ndef other():\n    x = \'{1}\'\n"""\ndef build():\n    print(1)\n'
        "    def run():\n        yield 1\n    return run\n",
    ),
    "a builder in a coroutine function": (
        "FP401",
        "async def f():\n    def build():\n        print(1)\n        def run():\n"
        "            yield 1\n        return run\n    return build\n",
    ),
    "a generator with a decorator that changes nothing": (
        "FP401",
        "from functools import wraps as w\ndef build(f):\n    print(1)\n    @w(f)\n"
        "    def run():\n        yield 1\n    return run\n",
    ),
    "an effect by another name": (
        "FP401",
        "from time import sleep as rest\ndef build():\n    rest(1)\n    def run():\n"
        "        yield 1\n    return run\n",
    ),
    "a step by another name": (
        "FP402",
        "from builtins import next as step\ndef build(s):\n    it = iter(s)\n    def run():\n"
        "        yield step(it)\n    return run\n",
    ),
    "an iterator that a comprehension binds": (
        "FP402",
        "def build(s):\n    x = [(it := map(f, y)) for y in s]\n    def run():\n"
        "        yield [z for z in it]\n    return run\n",
    ),
    "a count that a function within counts": (
        "FP403",
        "def build():\n    count = 0\n    def run():\n        nonlocal count\n        count += 1\n"
        "        yield count\n    return run\n",
    ),
    "an item that runs set": (
        "FP403",
        "def build(kept):\n    kept = {}\n    def run():\n        kept[1] = 1\n"
        "        yield 1\n    return run\n",
    ),
    "a stream in a comprehension": (
        "FP404",
        "def rows(x):\n    yield x\ndef f(s):\n    return {x: lambda: rows(x) for x in s}\n",
    ),
    "a stream between functions": (
        "FP404",
        "def rows(x):\n    yield x\nout = [\nlambda: rows(x)\nfor x in (1, 2)\n]\n@out\n"
        "@out(\n)\nasync def f():\n    pass\n",
    ),
    "a stream beside a text that is a format": (
        "FP404",
        'def rows(x):\n    yield x\nX = f"""\ndef f():\n{1}\n"""\nout = {}\nfor x in X:\n'
        "    out[x] = lambda: rows(x)\n",
    ),
    "a stream in a loop under a condition": (
        "FP404",
        "out = {}\nif out:\n    for x in (1, 2):\n        async def run(*a):\n"
        "            yield x\n        out[x] = run\n",
    ),
    "a queue in a builder's stream": (
        "FP501",
        "import asyncio\ndef build(s):\n    def run():\n        q = asyncio.Queue()\n"
        "        yield q\n    return run\n",
    ),
}


@pytest.mark.parametrize("name", BUILT)
def test_nothing_is_lost(name: str) -> None:
    """The rule speaks of it with every rule on, with the screens as without, and alone."""
    code, text = BUILT[name]
    everything = said(text, STRICT, use_screens=False)
    assert code in [found for _, found in everything]
    assert said(text, STRICT, use_screens=True) == everything
    assert said(text, {"select": [code]}, use_screens=True) != []
