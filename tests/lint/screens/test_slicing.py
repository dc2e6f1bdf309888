"""What is cut out of a file changes nothing that a rule says of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from docs.studies.screens import differences
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.read.offsets import Cuts, overwritten
from funcpipe_lint.rule import Context, Finding, Rule
from funcpipe_lint.screen.declaration import Screen, Shape
from funcpipe_lint.screen.parsed.candidates import Candidates
from funcpipe_lint.screen.slices.slicing import cuts

ROOT = Path(__file__).parents[3]
FILES = [*(Path(__file__).parents[1] / "cases").rglob("*.py"), *(ROOT / "reference").rglob("*.py")]
NUMBERS = (102, 301, 302, 303, 304, 305, 306, 307, 308, 405, 501, 502, 503, 504, 603)
CODES = frozenset(f"FP{number}" for number in NUMBERS)
SETTINGS = settings_for({"select": sorted(CODES)})
LONG = "    return " + " + ".join(["value"] * 30) + "\n"
HEAD = """\
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


"""


def cuts_for(text: str, *codes: str) -> Cuts | None:
    """What some rules can do without."""
    asked = Candidates(settings_for({"select": list(codes)})).asked_by(codes)
    assert asked is not None
    return cuts(text, asked, SETTINGS)


def told(text: str) -> list[str]:
    """The codes found in a slice, by line."""
    report = Engine(SETTINGS).check("m.py", text.encode(), is_syntax_due=False)
    assert not report.crashes
    return [f"{violation.line} {violation.code}" for violation in report.violations]


SCOPED = """\
async def rows(p):
    async with limited():
        yield p
"""
MANAGER = """\
@asynccontextmanager
async def {}():
    async with asyncio.timeout(1):
        yield


"""
TRAPS = {
    # What a rule asks of other code, it has to find there.
    "a manager of the file": (HEAD + MANAGER.format("limited") + SCOPED, ["14 FP305"]),
    "a manager behind an alias": (
        f"{HEAD}{MANAGER.format('timed')}limited = timed\n{SCOPED}",
        ["15 FP305"],
    ),
    "a manager of a base class": (
        f"{HEAD}class A:\n    x = 1\n"
        + "".join(f"    {line}\n" for line in MANAGER.format("limited").splitlines() if line)
        + "class B(A):\n    async def rows(self):\n        async with self.limited():\n"
        "            yield\n",
        ["15 FP305"],
    ),
    "a manager that a function of the module replaces": (
        f"{HEAD}{MANAGER.format('limited')}def swap(value):\n    global \\\n        limited\n"
        f"    limited = value\n{LONG}\n\n{SCOPED}",
        ["21 FP304"],
    ),
    "a manager that a function replaces by what it makes": (
        f"{HEAD}{MANAGER.format('limited')}def swap(value):\n    global limited\n"
        f"    limited = value()\n{LONG}\n\n{SCOPED}",
        ["20 FP304"],
    ),
    "a manager that a function only uses": (
        f"{HEAD}{MANAGER.format('limited')}def use(value):\n    global limited\n"
        f"    value(limited=limited)\n{LONG}\n\n{SCOPED}",
        ["20 FP305"],
    ),
    "a manager that one function makes": (
        f"{HEAD}def start(value):\n    global limit\n    limit = asyncio.timeout(1)\n{LONG}\n\n"
        "async def rows(p):\n    async with limit:\n        yield p\n",
        ["14 FP305"],
    ),
    "the same, beside a line at the margin that only looks like its first": (
        f"{HEAD}print(\nlimit=1,\n)\n\n\n"
        f"def start(value):\n    global limit\n    limit = asyncio.timeout(1)\n{LONG}\n\n"
        "async def rows(p):\n    async with limit:\n        yield p\n",
        ["19 FP305"],
    ),
    "a manager that a function within another makes": (
        f"{HEAD}def start(value):\n    limit = value()\n    def inner():\n        global limit\n"
        f"        limit = asyncio.timeout(1)\n{LONG}\n\n"
        "async def rows(p):\n    async with limit:\n        yield p\n",
        ["16 FP305"],
    ),
    "a manager that a function replaces by one of the same name": (
        f"{HEAD}from contextlib import nullcontext as limited\n\n\ndef swap():\n"
        "    global limited\n    from anyio import fail_after as limited\n"
        f"{LONG}\n\nasync def rows(p):\n    async with limited():\n        yield p\n",
        ["17 FP304"],
    ),
    "a method that an attribute replaces": (
        "class A:\n    async def gain(self):\n        return 1\n\n    async def again(self):\n"
        "        for x in self.gain():\n            yield x\n\n    def set(self, value):\n"
        f"        self.gain = value\n    {LONG}",
        [],
    ),
    "the same method, blocking": (
        f"class A:\n    def gain(self):\n    {LONG}\n    async def again(self):\n"
        "        for x in self.gain():\n            yield x\n",
        ["6 FP503"],
    ),
    "a protocol": (
        f"{HEAD}from typing import Protocol\n\n\nclass A(Protocol):\n"
        "    async def rows(self) -> AsyncIterator[int]:\n        yield 1\n",
        [],
    ),
    "an alias of a type": (
        f"{HEAD}Rows = AsyncIterator[int]\n\n\nasync def rows(p) -> Rows:\n    return p.rows()\n",
        ["9 FP405"],
    ),
    "an alias of a type that is rebound": (
        f"{HEAD}Rows = AsyncIterator[int]\nif asyncio:\n    Rows = int\n\n\n"
        "async def rows(p) -> Rows:\n    return p.rows()\n",
        [],
    ),
    "a type that a class hides": (
        f"{HEAD}class A:\n    AsyncIterator = list\n\n"
        "    async def rows(self) -> AsyncIterator[int]:\n        yield 1\n",
        [],
    ),
    "an owner behind a method and an alias": (
        f"{HEAD}class A:\n    async def rows(self):\n        async with self.pool:\n"
        "            yield 1\n\n    async def passed(self):\n"
        "        async for x in self.rows():\n            yield x\n\n    def named(self):\n"
        f"        return self.passed\n    {LONG}\n\n"
        "class B(A):\n    async def all(self):\n        async for x in self.passed():\n"
        "            yield x\n",
        ["9 FP304", "12 FP303", "22 FP303"],
    ),
    "an owner that a plain function hands on": (
        f"{HEAD}async def rows(pool):\n    async with pool:\n        yield 1\n\n\n"
        "def opened(pool) -> AsyncIterator[int]:\n    x = 1\n    return rows(pool)\n\n\n"
        "async def all(pool):\n    async for x in opened(pool):\n        return x\n",
        ["8 FP304", "17 FP302"],
    ),
    "the same, by an alias of the type": (
        f"{HEAD}Rows = AsyncIterator[int]\n\n\n"
        "async def rows(pool):\n    async with pool:\n        yield 1\n\n\n"
        "def opened(pool) -> Rows:\n    x = 1\n    return rows(pool)\n\n\n"
        "async def all(pool):\n    async for x in opened(pool):\n        return x\n",
        ["11 FP304", "20 FP302"],
    ),
    "a builder of the file": (
        f"{HEAD}def built(p):\n    async def rows():\n        yield 1\n\n    return rows\n\n\n"
        "async def first(p):\n    made = built(p)()\n    async for x in made:\n        p(x)\n"
        "    await made.aclose()\n",
        ["17 FP301"],
    ),
    "a pull behind an alias": (
        f"{HEAD}following = anext\n\n\n"
        "async def rows(pool):\n    async with pool:\n        yield 1\n\n\n"
        "async def first(pool):\n    return await following(rows(pool))\n",
        ["11 FP304", "15 FP302"],
    ),
    "a queue behind an alias": (
        f"{HEAD}from asyncio import Queue as Line\n\n\n"
        "async def rows(p):\n    line = Line()\n    async for x in p:\n        line.put(x)\n",
        ["10 FP501"],
    ),
    "a task in an f-string": (
        f"{HEAD}async def rows(p):\n    x = f'{{asyncio.create_task(p)}}'\n    yield x\n",
        [],
    ),
    "a task of each turn, by another name": (
        f"{HEAD}start = asyncio.create_task\n\n\nasync def run(p, g):\n    async  \\\n"
        "        for x in p:\n            start(g(x))\n",
        ["12 FP502"],
    ),
    "what is gathered is named elsewhere": (
        f"{HEAD}async def fill(s):\n    global calls\n    calls = [g(x) async for x in s]\n\n\n"
        "async def run():\n    await asyncio.gather(*calls)\n",
        ["12 FP502"],
    ),
    "closed over lines": (
        f"{HEAD}async def run(s):\n    it = aiter(s)\n    async for x in it:\n        print(x)\n"
        "    await (it.  # why\n        aclose  # so\n    )()\n",
        ["10 FP301"],
    ),
    "a stream that may be imported too": (
        f"{HEAD}if asyncio:\n    from lib import (\n        rows,\n    )\n\n\n"
        "async def rows(p):\n    async with p:\n        yield 1\n\n\n"
        "async def run(p):\n    async for x in rows(p):\n        yield x\n",
        ["14 FP304"],
    ),
    "a list of the module": (
        f"{HEAD}held = []\n\n\nasync def rows(p):\n    async for x in p:\n        held.append(x)\n"
        "    for x in held:\n        yield x\n",
        [],  # it keeps what an earlier run put there
    ),
    "a list of the module that others use": (
        f"{HEAD}held = []\n\n\nasync def rows(p):\n    async for x in p:\n        held.append(x)\n"
        f"    for x in held:\n        yield x\n\n\ndef other():\n    held.clear()\n{LONG}",
        [],
    ),
    # What is a function, and a generator, must be seen.
    "a function under a condition in a class": (
        f"{HEAD}class A:\n    if asyncio:\n        async def rows(self) -> AsyncIterator[int]:\n"
        "            yield 1\n",
        ["8 FP603"],
    ),
    "a yield that is another function's": (
        f"{HEAD}async def rows(p) -> AsyncIterator[int]:\n    def inner():\n        yield 1\n"
        "    return p(inner)\n",
        ["6 FP405"],
    ),
    "a yield in an f-string": (
        f"{HEAD}async def rows(p) -> AsyncIterator[int]:\n    p(f'{{(yield 1)}}')\n{LONG[:13]}\n",
        ["6 FP603"],
    ),
    "a yield in a docstring": (
        f"{HEAD}async def rows(p) -> AsyncIterator[int]:\n    'We yield.'\n    return p.rows()\n",
        ["6 FP405"],
    ),
    "one line": (f"{HEAD}async def rows(p) -> AsyncIterator[int]: yield p\n", ["6 FP603"]),
    # Lines that begin no statement.
    "a bracket at the margin": (
        f"{HEAD}TABLE = [\nf(\na=1,\nlong_enough=2 + 3 + 4 + 5 + 6 + 7 + 8,\n)\n]\n"
        "async def rows(p) -> AsyncIterator[int]:\n    yield p\n",
        ["12 FP603"],
    ),
    "a statement that goes on at the margin": (
        f"{HEAD}value = {'1 + ' * 20}\\\nrows(value, value, value, value, value)\n"
        "async def rows(p) -> AsyncIterator[int]:\n    yield p\n",
        ["8 FP603"],
    ),
    "a string at the margin": (
        f'{HEAD}TEXT = """\nasync def rows(p) -> AsyncIterator[int]:\n    yield p\n"""\n'
        "async def rows(p) -> AsyncIterator[int]:\n    yield p\n",
        ["10 FP603"],
    ),
    "wide characters": (
        f"{HEAD}def été(): 'é'; return {'value + ' * 9}'é'\n\n\n"
        "async def où(é) -> AsyncIterator[int]:\n    'é'; yield é\n",
        ["9 FP603"],
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str) -> None:
    """What is said of a slice is what is said of the whole file."""
    text, expected = TRAPS[name]
    assert told(text) == expected
    assert differences("m.py", text.encode(), ["every rule where it is on"]) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.parametrize("codes", [CODES, frozenset({"FP603"})], ids=["all", "FP603"])
def test_slices_of_files(path: Path, codes: frozenset[str]) -> None:
    """What is left is Python, of the same length, with every kept character in its place."""
    text = path.read_text(encoding="utf-8")
    found = cuts_for(text, *codes)
    if found is None:
        return
    rest = overwritten(text, found)
    assert len(rest) == len(text)
    ast.parse(rest)
    assert list(found) == sorted(found)
    at = 0
    for cut in found:
        assert rest[at : cut.start] == text[at : cut.start]
        at = cut.end


OWNER = f"""\
{HEAD}class A:
    async def rows(self):
        async with self.pool:
            yield 1

    def other(self):
    {LONG}
"""
PASSED = """\
    async def passed(self):
        async for x in {}():
            yield x
"""
AGAIN = PASSED.replace("passed", "again").format("self.passed")
OWNED = {
    "a method": (OWNER + PASSED.format("self.rows"), [15]),
    "brackets and comments": (
        OWNER + PASSED.format("(  # all (\n            (self) . rows  # of them\n        )"),
        [15],
    ),
    "a line that goes on": (
        OWNER + PASSED.format("\\\n            self \\\n            .rows"),
        [15],
    ),
    "an alias of the class": (f"{OWNER}    named = rows\n{PASSED.format('self.named')}", []),
    "an alias of the function": (
        f"{HEAD}async def rows(p):\n    async with p:\n        yield 1\n\n\nasync def all(p):\n"
        "    named \\\n        = rows\n    async for x in named(p):\n        yield x\n",
        [14],
    ),
    "a passing stream": (
        OWNER + PASSED.format("self.rows") + AGAIN,
        [15, 18],
    ),
    "a clean-up that waits": (
        OWNER.replace("async with self.pool:", "try:").replace(
            "yield 1", "yield 1\n        finally:\n            await self.close()"
        )
        + PASSED.format("self.rows"),
        [17],
    ),
    "a clean-up that does not": (
        OWNER.replace("async with", "with") + PASSED.format("self.rows"),
        [],
    ),
    "what a plain function makes and hands on": (
        f"{OWNER}    def opened(self) -> AsyncIterator[int]:\n        async def inner():\n"
        "            async with self.pool:\n                yield 1\n        return inner()\n\n"
        + PASSED.format("self.opened"),
        [21],
    ),
    "a plain generator that is annotated wrongly": (
        f"{OWNER}    def opened(self) -> AsyncIterator[int]:\n        yield self.rows()\n"
        f"        return self.rows()\n\n{PASSED.format('self.opened')}",
        [],
    ),
    "a method that an annotated attribute replaces": (
        f"{OWNER}    def set(self, value):\n        self.rows: object = value\n    {LONG}\n"
        + PASSED.format("self.rows"),
        [],
    ),
    "the same, over two lines": (
        f"{OWNER}    def set(self, value):\n        self.rows: \\\n            object = value\n"
        f"    {LONG}\n{PASSED.format('self.rows')}",
        [],
    ),
    "the same, with the name alone on its line": (
        f"{OWNER}    def set(self, p):\n        self. \\\n            rows \\\n            = p\n"
        f"    {LONG.replace('value', 'p')}\n{PASSED.format('self.rows')}",
        [],
    ),
    "an alias in brackets": (
        f"{HEAD}async def rows(p):\n    async with p:\n        yield 1\n\n\nasync def all(p):\n"
        "    (named  # so\n    ) = rows\n    async for x in named(p):\n        yield x\n",
        [14],
    ),
    "a method that a test asks for": (
        f"{OWNER}    def test(self, p):\n        if self.rows:\n            return 1\n    {LONG}\n"
        + PASSED.format("self.rows"),
        [20],
    ),
}


@pytest.mark.parametrize("code", ["FP302", "FP303"])
@pytest.mark.parametrize("name", OWNED)
def test_owners(name: str, code: str) -> None:
    """Who owns clean-up is the same in a slice for one rule as in the whole file."""
    text, lines = OWNED[name]
    text = text if code == "FP303" else text.replace("yield x", "break")
    settings = settings_for({"select": [code]})
    for use_screens in (False, True):
        engine = Engine(settings, use_screens=use_screens)
        report = engine.check("m.py", text.encode(), is_syntax_due=False)
        assert not report.crashes
        # A passing stream that breaks passes nothing on.
        expected = lines if code == "FP303" else lines[:1]
        assert [violation.line for violation in report.violations] == expected
    assert cuts_for(text, code) is not None


LOOPS = (
    "for x in [y async for y in p]:",
    "for x in[y async for y in p]:",
    "for x in \\\n            [y async for y in p]:",
    "for x in (\n        # all of them: ]\n        [y async for y in p]\n    ):",
    "for z[0]in[\n        y[0]\n        async for y in p\n    ]:",
)


@pytest.mark.parametrize("loop", LOOPS)
def test_loops_over_a_list(loop: str) -> None:
    """A loop over a list is seen however it is laid out, where only those are asked for; other
    functions are not kept."""
    other = f"async def other(p):\n    async for x in p:\n        p(x)\n{LONG}\n\n"
    text = f"{HEAD}def first():\n{LONG}\n\n{other}async def rows(p):\n    {loop}\n        p(x)\n"
    settings = settings_for({})
    found = cuts_for(text, "FP102")
    assert found is not None
    left = overwritten(text, found)
    assert "async for x" not in left
    assert loop in left
    report = Engine(settings).check("m.py", text.encode(), is_syntax_due=False)
    assert "FP102" in [violation.code for violation in report.violations]


def test_no_slice_where_users_matter() -> None:
    """Whether a function is only ever passed to the primitive that holds resources, any line may
    tell; and what a fix may import."""
    assert cuts_for("from k import async_gen_using\n", "FP304") is None
    assert cuts_for("import funcpipe_streams\n", "FP303") is None
    assert cuts_for("x = 1\n", "FP303") == ()


def test_one_more_rule_is_shown_no_more() -> None:
    """A rule of a team's that asks for a shape of ours leaves as much of a file out as before."""

    class Team(Rule):
        code = "MYC101"
        screen = Screen((Shape.ASYNC_GENERATOR,))

        def check(self, node: cst.CSTNode, ctx: Context) -> Iterator[Finding]:
            yield from ()

    text = f"{HEAD}async def rows(p):\n    async with p:\n        yield 1\n\n\ndef other():\n{LONG}"
    candidates = Candidates(SETTINGS, [Team()])
    found = []
    for codes in (["FP303"], ["FP303", "MYC101"]):
        asked = candidates.asked_by(codes)
        assert asked is not None
        found.append(cuts(text, asked, SETTINGS))
    assert found[0] == found[1] != ()
