"""Literals in code that a fix moves in keep their values: fixed programs are run beside their
originals."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import fixed
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.read.source import Source
from funcpipe_lint.read.syntax import is_python

ENGINE = Engine(settings_for({"select": ["FP302", "FP303"]}))
PROGRAM = """\
class Held:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.close()

    async def close(self):
        self.closed = True


async def rows():
    async with Held():
        for number in range(2):
            yield number


async def shown():
    async for row in rows():
        seen = {literal}
        yield (seen.strings, seen.interpolations) if hasattr(seen, "strings") else seen
        {statement}
"""
NEWER = ("t", "T", "tr", "rt", "Rt")  # strings since Python 3.14
PREFIXES = ("", "r", "R", "u", "b", "rb", "Br", "f", "F", "fr", "rF", *NEWER)
QUOTES = ('"""', "'''", '"', "'")
# Pieces of a text, among them what begins a line as code does, ends one, or looks like a string.
PIECES = (
    "a", " ", "    ", "\t", "\n", "\\\n", "\\n", "\n    ", "\n        in", "#", "# noqa",
    "async for", "x: 1", "\n\n", "''", '""', "yield", "\n)", "\f",
)  # fmt: skip
# Those of an f-string's or a t-string's, with values over lines.
FIELDS = ("{row}", "{row:>3}", "{row!r}", "{{", "}}", "{row + 1}", "{row:{row}}", "{ row = }")
# Over lines: what Python takes within the quotes of one line since 3.12.
WIDE = ("{row\n}", "{\n        row + 1}", "{[row,\n    1]}", "{row =\n}", "{'''x\n    y'''}")


def literals() -> st.SearchStrategy[str]:
    """Texts of every kind, single ones, joined ones, and in brackets over lines."""

    def text(prefix: str) -> st.SearchStrategy[str]:
        is_format = prefix.lower().strip("r") in ("f", "t")
        pieces = st.sampled_from(PIECES + (FIELDS + WIDE if is_format else ()))
        body = st.lists(pieces, max_size=8).map("".join)
        return st.builds(lambda quote, held: f"{prefix}{quote}{held}{quote}", quotes, body)

    quotes = st.sampled_from(QUOTES)
    one = st.sampled_from(PREFIXES).flatmap(text)
    joined = st.lists(one, min_size=1, max_size=3).map(lambda many: "(" + "\n  ".join(many) + ")")
    listed = st.lists(one, max_size=3).map(lambda many: "[" + ",\n# said\n    ".join(many) + "\n]")
    return st.one_of(one, joined, listed)


STATEMENTS = (
    "pass",
    "pass  # the end",
    "if row:\n            '''a\n    text'''\n        pass",
    "def inner():\n            '''Doc.\n\n      more\n        '''\n        yield inner.__doc__",
    "yield [\n    row,\n'''x\n  y''']",
    "assert row < 5, \\\n    '''no\n    way'''",
)
LAYOUTS = {"by four": "    ", "by two": "  ", "by tabs": "\t"}


def laid_out(code: str, unit: str, newline: str) -> str:
    """A program with other indentation, which its strings may hold too: they then say that."""
    lines = code.split("\n")
    width = [len(line) - len(line.lstrip(" ")) for line in lines]
    moved = [
        unit * (n // 4) + " " * (n % 4) + line[n:] for n, line in zip(width, lines, strict=True)
    ]
    return newline.join(moved)


def seen_by(code: str) -> list[Any]:
    """What a program's stream yields, with the kind of each value."""
    scope: dict[str, Any] = {}
    exec(compile(code, "program.py", "exec"), scope)

    async def collect() -> list[Any]:
        return [repr(item) async for item in scope["shown"]()]

    return asyncio.run(collect())


def became_of(literal: str, statement: str, layout: str, newline: str) -> str:
    """What the fix makes of a program; it begins with ! where that is wrong."""
    code = laid_out(PROGRAM.format(literal=literal, statement=statement), LAYOUTS[layout], newline)
    if not is_python(code):
        return "no Python: left alone"
    outcome = fixed("program.py", Source.of_text(code), ENGINE, unsafe=False).text
    if "aclosing" not in outcome:
        return "not fixed" if outcome == code else "!changed, and not wrapped"
    try:
        compile(code, "program.py", "exec")
    except SyntaxError:
        result = "the same characters (of a later Python)"
    else:
        if seen_by(outcome) != seen_by(code):
            return "!other values"
        result = "the same values"
    written = laid_out(literal, LAYOUTS[layout], newline)
    is_free = literal.startswith(("(", "["))  # whose lines move in, but for their texts
    return result if is_free or written in outcome else "!other characters"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    literal=literals(),
    statement=st.sampled_from(STATEMENTS),
    layout=st.sampled_from(sorted(LAYOUTS)),
    newline=st.sampled_from(("\n", "\r\n")),
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_a_fixed_program_yields_the_same_values(
    literal: str, statement: str, layout: str, newline: str
) -> None:
    """Whatever texts the body of a wrapped loop holds, and however it is laid out; texts of a later
    Python, which cannot be run here, keep their every character."""
    outcome = became_of(literal, statement, layout, newline)
    assert not outcome.startswith("!"), outcome


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_program_is_fixed_unless_its_text_forbids_it(
    statement: str, newline: str, layout: str
) -> None:
    """Without a text over lines, each is: where it was not, the property above would hold of
    nothing."""
    assert became_of("'a'", statement, layout, newline) == "the same values"


@pytest.mark.parametrize("prefix", ["", "r", "b", "f", "rf", "t", "rt"])
@pytest.mark.parametrize("quote", QUOTES[:2])
def test_a_text_over_lines_keeps_every_character(prefix: str, quote: str) -> None:
    """In a loop that is wrapped, for every Python that reads the text."""
    held = "first\nsecond {row}\n    third" if prefix.strip("r") in ("f", "t") else "a\n  b\n"
    literal = f"{prefix}{quote}{held}{quote}"
    code = PROGRAM.format(literal=literal, statement="pass")
    outcome = fixed("program.py", Source.of_text(code), ENGINE, unsafe=False).text
    assert outcome != code
    assert f"            seen = {literal}\n" in outcome


def test_texts_within_the_quotes_of_one_line() -> None:
    """Since Python 3.12 the braces of an f-string may hold line ends and its own quotes."""
    literal = "f\"{row\n + 1} {'''a\nb'''} {f'{row:{\n  2}}'}\""
    code = PROGRAM.format(literal=literal, statement="pass")
    outcome = fixed("program.py", Source.of_text(code), ENGINE, unsafe=False).text
    assert f"            seen = {literal}\n" in outcome
    if sys.version_info >= (3, 12):
        assert seen_by(outcome) == seen_by(code)
