"""What an annotation may stand for, from bytes: no alias of a stream's type is lost."""

from __future__ import annotations

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.screen.text.aliases import Aliases

PARTS = (b"AsyncIt", b"AsyncGen")
COMMENTS = "    # one of many\n" * 100
ALIASES = {
    "plain": "Rows = AsyncIterator[int]\n",
    "of an alias": "Ints = AsyncIterator[int]\nRows = Ints\n",
    "beside a call": "Rows = made() | AsyncIterator[int]\n",
    "behind a call": "Rows = AsyncIterator[int] | made()\n",
    "in brackets": "Rows = (\n    # of the table\n    AsyncIterator[int]\n)\n",
    "as a string": "Rows = 'AsyncIterator[int]'\n",
    "annotated": "Rows: object = AsyncIterator[int]\n",
    "annotated over lines": "Rows: Optional[\n    object\n] = AsyncIterator[int]\n",
    "of two targets": "Ints = Rows = AsyncIterator[int]\n",
    "under a condition": "if made(): Rows = AsyncIterator[int]\n",
    "optional": "Rows = Optional[AsyncIterator[int]]\n",
    "of a module": "Rows = collections.abc.AsyncIterator[int]\n",
    "behind an import": "import os; Rows = AsyncIterator[int]\n",
    "behind a line end": "Rows \\\n    = AsyncIterator[int]\n",
    "in brackets itself": "(Rows) = AsyncIterator[int]\n",
    "over many lines": f"Rows = (\n{COMMENTS}    AsyncIterator[int]\n)\n",
    "as a string over lines": "Rows = '''\n\n  AsyncIterator[int]\n'''\n",
    "behind quotes of strings over lines": 'MARK = \'"""\'\nRows = AsyncIterator[int]\n',
    "below a function": 'def made():\n    """None of them."""\nRows = AsyncIterator[int]\n',
    "in a function": (
        "def made():\n    '''Makes.'''\n    Rows = AsyncIterator[int]\n"
        "    async def rows() -> Rows:\n        return await made()\n"
    ),
    "beside a text with a header": (
        "Rows = Annotated[AsyncIterator[int], '''\ndef made():\n''']\n"
    ),
    "above its last line": "Rows = Optional[  # of what\n    AsyncIterator\n    [int]\n]\n",
    "of what is imported by another name": (
        "from collections.abc import (\n    AsyncIterator  \\\n    as Them,\n)\nRows = Them[int]\n"
    ),
}
NO_TYPES = {
    "a call": "Rows = made(AsyncIterator)\n",
    "a method's": "Rows = tables.made(AsyncIterator)\n",
    "an awaited call": "async def f():\n    Rows = await made(AsyncIterator)\n",
    "a list": "Rows = [AsyncIterator]\n",
    "a table": "Rows = {'rows': AsyncIterator}\n",
    "a call in brackets": "Rows = (\n    made(AsyncIterator)\n)\n",
}
HEAD = """\
import collections.abc
from collections.abc import AsyncIterator
from typing import Annotated, Optional
"""
USE = "async def rows() -> Rows:\n    return await made()\n"


@pytest.mark.parametrize("name", ALIASES)
def test_an_alias_is_seen(name: str) -> None:
    """However it is bound, a name that stands for a stream's type may be one."""
    assert Aliases((HEAD + ALIASES[name]).encode()).may_be(b"Rows", PARTS)


@pytest.mark.parametrize("name", NO_TYPES)
def test_what_is_called_or_displayed_is_no_type(name: str) -> None:
    """No rule follows an annotation to the outcome of a call, or to a display."""
    assert not Aliases((HEAD + NO_TYPES[name]).encode()).may_be(b"Rows", PARTS)
    unscreened = Engine(settings_for({"select": ["FP405"]}), use_screens=False)
    assert unscreened.check("m.py", (HEAD + NO_TYPES[name] + USE).encode()).violations == ()


@pytest.mark.parametrize("name", ALIASES)
def test_the_rule_finds_the_same_with_and_without_screens(name: str) -> None:
    """FP405 follows the same aliases, whatever its screens ask first."""
    settings = settings_for({"select": ["FP405"]})
    code = (HEAD + ALIASES[name] + USE).encode()
    plain = Engine(settings, use_screens=False).check("m.py", code)
    assert Engine(settings).check("m.py", code) == plain
    assert Engine(settings).check("m.py", code, is_syntax_due=False) == plain
