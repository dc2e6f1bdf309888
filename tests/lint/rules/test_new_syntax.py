"""Syntax that not every supported Python reads: type parameters, unparenthesised `except`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import libcst
import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.cli.examples import _settings
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model.codes import RULES, load
from funcpipe_lint.program.facts.lenient import parsed
from tests.lint.conftest import Command

TYPE_PARAMETERS = """\
import asyncio
from collections.abc import AsyncIterator

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result

type Items[T] = AsyncIterator[Result[T, ErrInfo]]
type Described = AsyncGen[int]


async def generic[T](queue: asyncio.Queue[T]) -> AsyncIterator[T]:
    async with asyncio.timeout(5):
        yield await queue.get()  # FP305


async def first[T](source: Items[T]) -> Items[T]:
    async for item in source:
        if isinstance(item, Err):
            return  # FP203
        yield item


def built[T](value: T) -> AsyncGen[T]:
    print(value)  # FP401

    async def stream():
        yield Ok(value)

    return stream


def of_an_alias() -> Described:
    print("building")  # FP401

    async def stream():
        yield Ok(1)

    return stream


class Source[T]:
    async def items(self):
        async with self._lock:
            yield 1  # FP307
"""
BARE_EXCEPT = """\
async def rows(source):
    try:
        yield 1
    except ValueError, GeneratorExit:
        yield 2  # FP306


async def others(source):
    try:
        yield 1
    except ValueError, KeyError:
        yield 2
"""


def check(code: str) -> None:
    """Compare what is found with the codes in the comments."""
    rules = ["FP203", "FP305", "FP306", "FP307", "FP401"]
    report = Engine(settings_for({"select": rules})).check("new.py", code.encode())
    assert report.crashes == ()
    marked = [
        (number, line.rpartition("# ")[2])
        for number, line in enumerate(code.splitlines(), 1)
        if "# FP" in line
    ]
    assert [(v.line, v.code) for v in report.violations] == marked


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is Python 3.12's")
def test_type_parameters_and_aliases() -> None:
    """PEP 695 functions, classes and aliases mean what their older forms mean."""
    check(TYPE_PARAMETERS)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 758 is Python 3.14's")
def test_except_without_parentheses() -> None:
    """`except A, B:` catches both."""
    check(BARE_EXCEPT)


LAZY = """\
lazy import asyncio
lazy from anyio import fail_after as within


async def ticks(queue):
    async with asyncio.timeout(3):
        yield await queue.get()  # FP305


async def lines(source):
    with within(3):
        yield await source.line()  # FP305
"""


@pytest.mark.skipif(not hasattr(libcst, "LazyImport"), reason="libcst 1.9 reads PEP 810")
def test_lazy_imports() -> None:
    """PEP 810's imports give names their meaning as others do, whichever Python runs the linter."""
    check(LAZY)


THROUGH = """\
async def rows(source):
    async with source.connect() as connection:
        yield await connection.row()


async def delegating(source):
    yield from rows(source)


async def first(source):
    async for row in delegating(source):  # FP302
        if row:
            return row


async def names(source):
    async for row in delegating(source):  # FP303
        yield row.name


async def plain(source):
    yield from source.parts()


async def unknown(source):
    async for row in plain(source):
        if row:
            return row
"""


def test_a_stream_is_followed_through_delegation() -> None:
    """What `yield from` delegates to is open as long as the generator is (PEP 828)."""
    report = Engine(settings_for({"select": ["FP302", "FP303"]})).check("new.py", THROUGH.encode())
    assert report.crashes == ()
    assert [(v.line, v.code) for v in report.violations] == [
        (number, line.rpartition("# ")[2])
        for number, line in enumerate(THROUGH.splitlines(), 1)
        if "# FP" in line
    ]


DELEGATED = """\
async def rows(source):
    async with source.lock:
        yield from source.parts()  # FP307


async def merged(parts, lock):
    async with lock:
        yield {**part async for part in parts}, [*part async for part in parts]  # FP307
"""


@pytest.mark.skipif(not hasattr(libcst, "StarredDictComp"), reason="libcst 1.9 reads PEP 798")
def test_delegation_and_unpacking_comprehensions() -> None:
    """`yield from` in an async generator is a yield, and PEP 798's comprehensions are read."""
    check(DELEGATED)


def test_a_part_of_newer_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that only a later Python reads, libcst is shown what the rules ask about, too."""
    shown: list[str] = []
    parse = libcst.parse_module

    def parsed(text: str) -> libcst.Module:
        shown.append(text)
        return parse(text)

    monkeypatch.setattr(libcst, "parse_module", parsed)
    code = f"""\
try:
    import this
except ImportError, KeyError:
    raise


async def rows():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def other():
    print({"1 + " * 20}1)
"""
    engine = Engine(settings_for({"select": ["FP306"]}))
    report = engine.check("new.py", code.encode(), is_syntax_due=False)
    assert [(v.line, v.code) for v in report.violations] == [(11, "FP306")]
    assert shown != []
    assert all("1 + 1" not in text for text in shown)
    broken = code.replace("raise", "raise (").encode()
    assert engine.check("new.py", broken, is_syntax_due=False).crashes != ()


# Functions and classes of their own, whose names no example has.
APART = {
    "PEP 810": """\
lazy import later_one
lazy from later_two import (later_three as later_four,
    later_five)
""",
    "PEP 828": """\
async def later_delegating(later_given):
    later_got = yield from later_given.parts()
    yield from later_got
""",
    "PEP 758": """\
async def later_caught(later_given):
    try:
        await later_given.go()
    except later_A, later_B.c:
        pass
    except later_made(1), later_by[2]:
        pass
""",
    "PEP 758 of groups": """\
async def later_grouped(later_given):
    try:
        await later_given.go()
    except* later_A, later_B.c:
        pass
""",
    "PEP 750": """\
async def later_shown(later_given):
    first = t'a {later_given!r:>{later_given.width}} b'
    return first, rt"\\d {later_given}", tR"{later_given}", t"{1}" t"{f"{2}"}", t'''x
{later_given}'''
""",
    "PEP 798": """\
async def later_all(later_given):
    lists = [*each for each in later_given], {*each async for each in later_given()}
    return print(*each for each in later_given), {**each for each in later_given}, lists
""",
    "PEP 696": """\
type LaterItems[T = int, *Ts = *tuple[int, ...], **P = [str]] = dict[T, int]


class LaterItem[T: int = bool]:
    async def later_method[V](self, later_v: V) -> T: ...
""",
    "PEP 701": """\
async def later_quoted(later_given):
    return f"{later_given["a"]} {f"{"x"}"}"
""",
    "PEP 765": """\
def later_finally():
    for each in (1, 2):
        try:
            pass
        finally:
            continue
""",
}
WITHIN = (
    "try: later_here()",
    "except LaterA, LaterB: pass",
    "later_t = t'{later_here} {later_there!r}'",
    "later_l = [*each for each in later_given]; later_d = {**each for each in later_given}",
    'later_f = f"{later_here["a"]}"',
)
HEAD = re.compile(r"( *)(?:async )?def .*:$")
WAYS = {
    "screened": (True, True),
    "without screens": (False, True),
    "as one of many files": (True, False),
}


def surrounded(example: str, before: str, within: tuple[str, ...], after: str) -> str:
    """An example below and above other code, with lines at the beginning of each function."""
    first = example.partition("\n")[0]
    # The options come first, as does `from __future__`.
    head = [first] if first.startswith(("# options", "from __future__")) else []
    lines = [*head, *before.splitlines()]
    for line in example.splitlines()[len(head) :]:
        lines.append(line)
        header = HEAD.match(line.partition("  #")[0])
        lines += [f"{header[1]}    {each}" for each in within] if header else []
    return "\n".join([*lines, "", "", *after.splitlines(), ""])


def told(code: str, example: str, way: str) -> set[int]:
    """The lines that a rule reports; nothing may fail."""
    rule = load(code)
    use_screens, is_syntax_due = WAYS[way]
    engine = Engine(_settings(rule, None, example), use_screens=use_screens)
    text = re.sub(r"  # error.*", "", example)
    report = engine.check("example.py", text.encode(), is_syntax_due=is_syntax_due)
    assert report.crashes == (), report.crashes
    return {violation.line for violation in report.violations}


def marks(example: str) -> set[int]:
    """The lines that an example marks."""
    return {n for n, line in enumerate(example.splitlines(), 1) if "# error" in line}


@pytest.mark.skipif(not hasattr(libcst, "LazyImport"), reason="libcst 1.9 reads PEP 810")
@pytest.mark.parametrize("code", RULES)
def test_each_rule_among_newer_syntax(code: str) -> None:
    """Every rule reports its bad example, and is silent on its good one, in a file that holds all
    that 3.12 to 3.15 brought: before it, within its functions, and behind it."""
    rule = load(code)
    all_of_it = "\n\n\n".join(APART.values())
    bad = surrounded(rule.bad[0].code, all_of_it, WITHIN, APART["PEP 758"])
    for way in WAYS:
        assert told(code, bad, way) == marks(bad) != set(), way
    good = surrounded(rule.good[0].code, all_of_it, WITHIN, APART["PEP 758"])
    assert told(code, good, "without screens") == set()


@pytest.mark.skipif(not hasattr(libcst, "LazyImport"), reason="libcst 1.9 reads PEP 810")
@pytest.mark.parametrize("name", APART)
def test_each_newer_syntax(name: str) -> None:
    """Each construct by itself, as often as a long file has it, hides no finding: of a rule that
    asks what the file's functions hold, and of one that does not."""
    for code in ("FP303", "FP306"):
        text = surrounded(load(code).bad[0].code, APART[name] * 25, (), APART[name])
        for way in WAYS:
            assert told(code, text, way) == marks(text) != set(), way


def test_what_libcst_does_not_read_is_said() -> None:
    """A file that Python reads and libcst does not is reported as not checked, however it is
    checked; so is one that neither reads."""
    example = load("FP303").bad[0].code
    engine = Engine(settings_for({}))
    for text, reason in (("(x): int = 1\n", "valid Python"), ("t'{'\n", "is not valid Python")):
        (crash,) = engine.check("m.py", (text + example).encode()).crashes
        assert reason in crash.message


USES = """\
lazy from shop.owner import rows


async def names(pool):
    async for row in rows(pool):
        yield row.name
"""
OWNS = """\
async def rows(pool):
    async with pool.connect(t"{pool}", *[*each for each in pool.parts]) as db:
        try:
            yield db
        except ValueError, KeyError:
            pass
"""


def test_newer_syntax_across_modules(command: Command) -> None:
    """A stream is followed through a lazy import, into a module that this Python cannot read."""
    shop = Path("shop")
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "owner.py").write_text(OWNS, encoding="utf-8")
    (shop / "uses.py").write_text(USES, encoding="utf-8")
    outcome = command("check", "--no-cache", "--output-format", "concise", "shop")
    assert outcome.out.startswith("shop/uses.py:5:5: FP303 "), outcome


def test_what_an_older_python_is_shown() -> None:
    """A text of a later Python keeps its length, its lines and its streams for what is known of
    other modules; what no Python reads has no tree."""
    for text in (*APART.values(), OWNS):
        tree = parsed(text)
        assert tree is not None
        assert len(tree.body) >= 1
    assert parsed("async def f(:\n") is None
