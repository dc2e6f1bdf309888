"""What checking a file costs grows as the file does: calls are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from funcpipe_lint.config import settings_for
from funcpipe_lint.engine import Engine

SHAPES: dict[str, Callable[[int], str]] = {
    "classes that call their own methods": lambda size: (
        "class A: pass\n"
        + "".join(
            f"class B{n}(A):\n    def f{n}(self):\n        self.g{n}()\n    def g{n}(self): pass\n"
            for n in range(size)
        )
    ),
}


def calls(text: str, *, use_screens: bool) -> int:
    """How many Python functions are called while every rule looks at a text."""
    engine = Engine(settings_for({"select": ["ALL"], "discipline": "all"}), use_screens=use_screens)
    engine.check("warm.py", b"async def f(s):\n    async for x in s:\n        yield x\n")
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        engine.check("m.py", text.encode())
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("use_screens", [True, False])
@pytest.mark.parametrize("name", SHAPES)
def test_cost_grows_with_the_file(name: str, use_screens: bool) -> None:
    """Four times the file is four times the work, not sixteen times."""
    few = calls(SHAPES[name](25), use_screens=use_screens)
    many = calls(SHAPES[name](100), use_screens=use_screens)
    assert many < 6 * few, f"{few} calls, then {many}"
