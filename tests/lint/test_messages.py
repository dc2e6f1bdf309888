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
