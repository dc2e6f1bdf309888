"""From bytes to findings: screens, odd layouts, newer syntax, hostile nestings."""

from __future__ import annotations

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model import FileReport

ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n"
LEAK = "async def leak(p):\n    async for r in rows(p):\n        yield r\n"
SCREENED = Engine(settings_for({}))
UNSCREENED = Engine(settings_for({}), use_screens=False)


def places(report: FileReport) -> list[tuple[int, int, str]]:
    """(line, column, code) of each finding."""
    assert report.crashes == (), report.crashes
    return [(v.line, v.column, v.code) for v in report.violations]


LAYOUTS = {
    "plain": (ROWS + LEAK, 5, 5),
    "one line": (ROWS + "async def leak(p):\n  async for r in rows(p): yield r\n", 5, 3),
    "CRLF": ((ROWS + LEAK).replace("\n", "\r\n"), 5, 5),
    "lone CR": ((ROWS + LEAK).replace("\n", "\r"), 5, 5),
    "no final newline": ((ROWS + LEAK).rstrip("\n"), 5, 5),
    "byte-order mark": ("\ufeff" + ROWS + LEAK, 5, 5),
    "tabs": ((ROWS + LEAK).replace("    ", "\t"), 5, 2),
    "escaped line end": (ROWS + LEAK.replace("async for", "async \\\n    for"), 5, 5),
    "escaped after def": ((ROWS + LEAK).replace("async def leak", "async \\\ndef leak"), 6, 5),
    "form feed": (ROWS + "\f" + LEAK, 5, 5),
    "line separator in a string": (ROWS + "s = '\u2028'\n" + LEAK, 6, 5),
    "wide characters": (ROWS + "async def é(p):\n  'é'; [x async for x in rows(p)]\n" + LEAK, 7, 5),
    "comment of async def": (ROWS + "# async def\n" + LEAK, 6, 5),
    "spaces that libcst loses": ("try: pass\nexcept E :\n    pass\n" + ROWS + LEAK, 8, 5),
    "in a class": (
        "class A:\n  async def rows(self):\n    async with self.p as c:\n      yield c\n"
        "  async def leak(self):\n    async for r in self.rows():\n      yield r\n",
        6,
        5,
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str) -> None:
    """Whatever the layout, the loop is found at its line and column, with and without screens."""
    text, line, column = LAYOUTS[name]
    for engine in (SCREENED, UNSCREENED):
        assert places(engine.check("m.py", text.encode())) == [(line, column, "FP303")]


@pytest.mark.parametrize("encoding", ["latin-1", "shift_jis", "cp1252", "utf-7", "koi8-r"])
def test_encodings(encoding: str) -> None:
    """A declared encoding is honoured, an ASCII-incompatible one too; columns count characters."""
    raw = (f"# coding: {encoding}\ns = 'a'; t = '~'\n" + ROWS + LEAK).encode(encoding)
    for engine in (SCREENED, UNSCREENED):
        assert places(engine.check("m.py", raw)) == [(7, 5, "FP303")]


NEWER = {
    "PEP 695": ROWS + "async def leak[T](p: T):\n    async for r in rows(p):\n        yield r\n",
    "PEP 695 type": "type A[T] = list[T]\n" + ROWS + LEAK,
    "PEP 701": ROWS + "s = f'{'a'}'\n" + LEAK,
    "PEP 758": "try: pass\nexcept A, B: pass\n" + ROWS + LEAK,
}


LATER_BODY = """
async def names(p):
    async for r in rows(p):
        x = f"{r
        + 1} {'''a
b'''} {f'{r:{
          2}}'}"
        y = f'''{
r}
deep {\"\"\"
in {r}
\"\"\"}'''
        yield x, y


"""


def test_a_body_that_only_a_later_python_reads() -> None:
    """It keeps nothing of the file from being checked."""
    text = ROWS + LATER_BODY + LEAK
    for engine in (SCREENED, UNSCREENED):
        report = engine.check("m.py", text.encode())
        assert report.crashes == ()
        lines = [violation.line for violation in report.violations]
        assert lines[-1:] == [text[: text.index("async def leak")].count("\n") + 2]


@pytest.mark.parametrize("name", NEWER)
def test_newer_python_than_the_interpreter(name: str) -> None:
    """A file of a later Python is checked all the same."""
    for engine in (SCREENED, UNSCREENED):
        (found,) = engine.check("m.py", NEWER[name].encode()).violations
        assert found.code == "FP303"


def nested_patterns(depth: int) -> str:
    return "{'k': " * depth + "x" + "}" * depth


HOSTILE = {
    "200 parentheses": "x = " + "(" * 190 + "1" + ")" * 190,
    "1500 parentheses": "x = " + "(" * 1500 + "1" + ")" * 1500,
    "1000 calls": "x = " + "f(" * 1000 + ")" * 1000,
    "90 calls": "x = " + "f(" * 90 + ")" * 90,
    "mapping patterns": f"match y:\n    case {nested_patterns(15)}: pass",
    "5000 terms": "x = " + " + ".join("a" * 5000),
    "2000 attributes": "x = a" + ".b" * 2000,
    "elif": "if a: pass\n" + "elif b: pass\n" * 900,
    "deep blocks": "".join("    " * i + "if a:\n" for i in range(95)) + "    " * 95 + "pass",
    "long string": "x = '" + "y" * 1_000_000 + "'",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_nesting(name: str) -> None:
    """The process survives, in bounded time: the file is checked, or refused with its reason."""
    text = ROWS + HOSTILE[name] + "\n" + LEAK
    for engine in (SCREENED, UNSCREENED):
        report = engine.check("m.py", text.encode())
        if report.crashes:
            (crash,) = report.crashes
            assert "\n" not in crash.message
            assert "please report" not in crash.message
        else:
            assert [v.code for v in report.violations] == ["FP303"]


def test_a_rule_that_fails_loses_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its failure is one line; what the others found stays."""
    engine = Engine(settings_for({"select": ["FP302", "FP303"]}))

    def failing(*_: object) -> object:
        raise LookupError("no such node")

    monkeypatch.setattr(engine.rules[0], "check", failing, raising=False)
    text = ROWS + LEAK + "async def first(p):\n    async for r in rows(p):\n        break\n"
    report = engine.check("m.py", text.encode())
    assert [v.code for v in report.violations] == ["FP303"]
    (crash,) = report.crashes
    assert crash.message.startswith("rule FP302 failed: LookupError: no such node")
