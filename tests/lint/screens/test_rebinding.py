"""What a function binds, by its text alone."""

from __future__ import annotations

import pytest

from funcpipe_lint.screen.slices.rebinding import bound_in

BINDING = (
    "x = 1", "x += 1", "x, y = 1, 2", "(x) = [y] = z", "[*x] = y", "for x in y: pass", "del x",
    "with y as x: pass", "with y as (x, z): pass", "import x", "import x.y", "import y as x",
    "from y import x", "from y import z as x", "def x(): pass", "async def x(): pass",
    "class x: pass", "(x := 1)", "[(x := y) for y in z]",
    "try: pass\n    except E as x: pass",
    "match y:\n        case x: pass", "match y:\n        case [*x]: pass",
    "match y:\n        case {**x}: pass", "match y:\n        case A(b=x): pass",
    "match y:\n        case {1: x}: pass", "def y():\n        global x\n        x = 1",
)  # fmt: skip
READING = ("x", "x()", "x.y = 1", "x[0] = 1", "f(x=x)", "f(\n    x=1)", "y = x", "if x: pass")


@pytest.mark.parametrize("line", BINDING)
def test_binding(line: str) -> None:
    """No way to bind a name is overlooked."""
    found = bound_in(f"def f():\n    global x\n    {line}\n")
    assert found is not None
    assert "x" in found


@pytest.mark.parametrize("line", READING)
def test_reading(line: str) -> None:
    """A function that only uses a name that it declared binds nothing."""
    found = bound_in(f"def f():\n    global x\n    {line}\n")
    assert found is not None
    assert "x" not in found


def test_no_python() -> None:
    """A text that was cut in the wrong place tells nothing."""
    assert bound_in("def f():\n    x = (\n") is None
