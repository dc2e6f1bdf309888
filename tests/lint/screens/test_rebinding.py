"""What a function binds, by its text alone."""

from __future__ import annotations

import pytest

from funcpipe_lint.screen.slices.rebinding import rebinding_of, stand_in

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
NOT_PLAIN = ("x = y", "x = y.z", "x: int = 1", "x, y = z", "x += 1", "import x", "(x := 1)")


@pytest.mark.parametrize("line", BINDING)
def test_binding(line: str) -> None:
    """No way to bind a name is overlooked."""
    found = rebinding_of(f"def f():\n    global x\n    {line}\n")
    assert found is not None
    assert "x" in found.bound


@pytest.mark.parametrize("line", READING)
def test_reading(line: str) -> None:
    """A function that only uses a name that it declared binds nothing."""
    found = rebinding_of(f"def f():\n    global x\n    {line}\n")
    assert found is not None
    assert "x" not in found.bound


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_not_plain(line: str) -> None:
    """What another name may stand for, or no assignment binds, has no stand-in."""
    found = rebinding_of(f"def f():\n    global x\n    {line}\n")
    assert found is not None
    assert not found.plain


def test_plain() -> None:
    """An assignment counts in the scope that declared the name, wherever it stands in it."""
    text = "def f():\n    if y:\n        x = {}()\n    {}\n"
    assert rebinding_of(text.format("y", "global x")) == (frozenset("x"), frozenset("x"))
    assert rebinding_of(text.format("y", "pass")) == (frozenset("x"), frozenset())
    inner = rebinding_of("def f():\n    global x\n    def g():\n        x = y()\n")
    assert inner is not None
    assert not inner.plain


def test_no_python() -> None:
    """A text that was cut in the wrong place tells nothing."""
    assert rebinding_of("def f():\n    x = (\n") is None


def test_stand_in() -> None:
    """What stands for a function binds each name, and is one line."""
    found = rebinding_of(f"def f():\n    {stand_in(['x', 'y'])}\n")
    assert found == (frozenset("xy"), frozenset("xy"))
