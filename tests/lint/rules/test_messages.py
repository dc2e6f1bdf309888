"""What messages say: the thing at fault, and all that is to be done."""

from __future__ import annotations

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for


def message(code: str, text: str) -> str:
    """The one message of a rule on some code."""
    report = Engine(settings_for({"select": [code]})).check("m.py", text.encode())
    (found,) = report.violations
    return found.message


def test_every_loop_variable_is_bound() -> None:
    """FP404 names all that has to become a default, whichever is used first."""
    text = "async def rows(a, b):\n    yield a\nx = [lambda: rows(b, a) for a, b in y]\n"
    assert "'b' is read" in message("FP404", text)
    assert "Bind it now: a=a, b=b as" in message("FP404", text)


def test_a_call_over_several_lines_is_one_line() -> None:
    """In a message a call is written as it would be on one line: no blank within its brackets, and
    no comma before the last of them."""
    text = (
        "async def rows(p, q):\n    async with p as c:\n        yield c\n\n\n"
        "async def leak(p):\n    async for row in rows(\n        p,\n        [\n            1,\n"
        "        ],\n    ):\n        yield row\n"
    )
    assert "rows(p, [1])" in message("FP303", text)


def test_advice_that_code_without_the_kit_can_follow() -> None:
    """FP304 names the kit's primitive only where the kit is used; FP307 how to hand out a turn."""
    held = "async def rows(p):\n    async with p.get() as c:\n        yield c\n"
    assert "async_gen_using" not in message("FP304", held)
    assert "yield it after" in message("FP304", held)
    used = (
        "from collections.abc import AsyncIterator\n"
        "from funcpipe_streams import ErrInfo, Ok, Result\n"
        "async def rows(p) -> AsyncIterator[Result[int, ErrInfo]]:\n"
        "    async with p.get() as c:\n        yield Ok(c)\n"
    )
    assert "async_gen_using" in message("FP304", used)
    locked = "async def rows(lock, p):\n    async with lock:\n        yield p\n"
    assert "context manager" in message("FP307", locked)
