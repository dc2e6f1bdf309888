"""What fixes make of code that is laid out in ways that nobody expects."""

from __future__ import annotations

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from tests.lint.rules.test_rules import fixed_code

KIT = "from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result, async_gen_map\n"
RAW = (
    f"{KIT}from collections.abc import AsyncIterator\n"
    "async def f(x) -> AsyncIterator[Result[int, ErrInfo]]:\n    {}\n"
)
LOOP = "async def f(s):\n    {}:\n        print(s)\n"
RUN = KIT + "async def rows():\n    yield 1\nasync_gen_map({}, str)\n"


def fix(code: str, text: str) -> str:
    """What all fixes of one rule make of a text."""
    return fixed_code(text, Engine(settings_for({"select": [code]})))


# (rule, frame, what stands in it, what its fix makes of that).
PUT = {
    "parentheses right behind a yield": ("FP201", RAW, "yield(1)", "yield Ok(1)"),
    "more parentheses": ("FP201", RAW, "yield((1))", "yield(Ok(1))"),
    "a display right behind a yield": ("FP201", RAW, "yield{1: x}", "yield Ok({1: x})"),
    "a list right behind an else": (
        *("FP201", RAW),
        *("yield Ok(x) if x else[1]", "yield Ok(x) if x else Ok([1])"),
    ),
    "a list right behind `in`": (
        *("FP102", LOOP),
        *("for x in[y async for y in s]", "async for x in s"),
    ),
    "a stream that needs its parentheses": (
        *("FP102", LOOP),
        *("for x in [y async for y in (yield)]", "async for x in (yield)"),
    ),
    "a function in parentheses": ("FP601", RUN, "(rows)()", "(rows)"),
}


@pytest.mark.parametrize("name", PUT)
def test_what_is_put_in_stands_alone(name: str) -> None:
    """It runs into no word before it, and keeps the parentheses that it needs."""
    code, frame, before, after = PUT[name]
    assert fix(code, frame.format(before)) == frame.format(after)


# (rule, code): its fix would drop the comment.
COMMENTED = {
    "in a list that goes": ("FP102", LOOP.format("for x in [  # all\n  y async for y in s]")),
    "behind a stream that stays": (
        *("FP102", LOOP.format("for x in [\n  y async for y in s  # all\n  ]")),
    ),
    "in a list inside a stream": (
        *("FP101", LOOP.format("yield\n    for x in [y async for y in s  # all\n  ]")),
    ),
    "in a call that goes": ("FP601", RUN.format("rows(  # once\n)")),
    "in an annotation": (
        "FP603",
        "from typing import AsyncIterator\n"
        "async def f() -> AsyncIterator[\n    int,  # what\n]:\n    yield 1\n",
    ),
}


@pytest.mark.parametrize("name", COMMENTED)
def test_no_comment_is_lost(name: str) -> None:
    """Where a fix would take a comment away, there is none."""
    code, text = COMMENTED[name]
    engine = Engine(settings_for({"select": [code], "discipline": "all"}))
    assert [v.fix for v in engine.check("m.py", text.encode()).violations] == [None]


ONCE = KIT + (
    "def f(xs) -> AsyncGen[int]:\n    {}\n    async def g():\n        {}for x in it:\n"
    "            yield Ok(x)\n    return g\n"
)


def test_what_moves_takes_its_comment_along() -> None:
    """FP402 moves a binding below a docstring, and its comment with it."""
    text = ONCE.format("it = iter(xs)  # once", '"""Doc."""\n        ')
    moved = '"""Doc."""\n        it = iter(xs)  # once\n        '
    assert fix("FP402", text) == ONCE.format("", moved).replace("    \n", "", 1)


# (a binding, what it is in the stream).
OVER_LINES = {
    "in parentheses": (
        "it = iter(\n        xs,  # all\n\n    )",
        "it = iter(\n            xs,  # all\n\n        )",
    ),
    "behind a backslash": (
        "it = \\\n        iter(xs)",
        "it = \\\n            iter(xs)",
    ),
    "less far in than its statement": ("it = iter(\n xs\n)", "it = iter(\n xs\n)"),
    "a text over lines": (
        'it = iter(\n        """a\n    b""" + xs\n    )',
        'it = iter(\n            """a\n    b""" + xs\n        )',
    ),
    "a text with values over lines": (
        'it = iter(f"""{xs}\n    {xs}\n    """)',
        'it = iter(f"""{xs}\n    {xs}\n    """)',
    ),
}


@pytest.mark.parametrize("name", OVER_LINES)
def test_a_binding_over_lines_moves_in_as_a_whole(name: str) -> None:
    """Each of its lines is indented as the stream is, but those inside a string: FP402."""
    before, after = OVER_LINES[name]
    moved = fix("FP402", ONCE.format(before, ""))
    assert moved == ONCE.format("", f"{after}\n        ").replace("    \n", "", 1)


def test_a_binding_moves_into_another_indentation() -> None:
    """FP402 in a file that is indented by tabs, and in a stream that is by one blank more."""
    text = ONCE.format("it = iter(\n      xs\n    )", "").replace("    ", "\t")
    assert "\t\tit = iter(\n\t\t  xs\n\t\t)\n\t\tfor x in it" in fix("FP402", text)
    text = ONCE.format("it = iter(\n      xs\n    )", "").replace("        ", "     ")
    assert "     it = iter(\n       xs\n     )\n     for x in it" in fix("FP402", text)


@pytest.mark.parametrize("later", ["xs = None", "xs += [1]", "for xs in xs: pass", "del xs"])
def test_what_would_change_its_meaning_does_not_move(later: str) -> None:
    """FP402 leaves a binding where it is if a name in it means something else by then."""
    text = ONCE.format(f"it = iter(xs)\n    {later}", "")
    assert fix("FP402", text) == text


def test_a_loop_that_may_change_its_source_is_not_fixed_safely() -> None:
    """All keys are read before the first is deleted: FP102 does not take that for chance."""
    loop = LOOP.format("for x in [y async for y in keys(s)]").replace("print(s)", "{}")
    text = "async def keys(s):\n    yield 1\n" + loop
    engine = Engine(settings_for({"select": ["FP102"]}))
    for body, is_safe in (("await s.delete(x)", False), ("print(x)", True)):
        (found,) = engine.check("m.py", text.format(body).encode()).violations
        assert found.fix is not None
        assert found.fix.safe is is_safe


HELD = "@staticmethod\nasync def rows(p):\n    async with p as c:\n        yield c\n\n\n"


def test_an_import_goes_above_decorators() -> None:
    """A file that begins with a decorator and imports nothing."""
    loop = "async def f(p):\n{}{}    async for x in {}:\n{}        yield x\n"
    with_ = "    async with aclosing(rows(p)) as items:\n"
    assert fix("FP303", HELD + loop.format("", "", "rows(p)", "")) == (
        "from contextlib import aclosing\n\n\n" + HELD + loop.format(with_, "    ", "items", "    ")
    )


def test_a_binding_goes_above_decorators() -> None:
    """FP402 moves one into a stream that begins with a decorated function."""
    helper = "@cache\n        def g(): ...\n        "
    moved = fix("FP402", ONCE.format("it = iter(xs)", helper))
    assert moved == ONCE.format("", f"it = iter(xs)\n        {helper}").replace("    \n", "", 1)
