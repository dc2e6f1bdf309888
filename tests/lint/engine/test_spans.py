"""Where a node is does not depend on how much code is generated to know it."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path

import libcst as cst
import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.read.offsets import Cut, overwritten, starts_in
from funcpipe_lint.read.outline import masked, statements
from funcpipe_lint.rule.tree import Tree, descendants

ROOT = Path(__file__).parents[3]
FILES = [*(Path(__file__).parents[1] / "cases").rglob("*.py"), *(ROOT / "reference").rglob("*.py")]


def spans(text: str, *, by_statement: bool, cuts: tuple[Cut, ...] = ()) -> list[tuple[int, int]]:
    """The place of every node of a text."""
    left = overwritten(text, cuts)
    module = cst.parse_module(left)
    starts = partial(starts_in, left, ast.parse(left)) if by_statement else tuple
    tree = Tree(module, text, cuts, starts)
    return [tree.span(node) for node in descendants(module) if node is not module]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_files(path: Path) -> None:
    """A statement at a time, every node is where it is in the whole file, or in what is left."""
    text = path.read_text(encoding="utf-8")
    mask = masked(text)
    every = statements(mask, 0, len(mask), 0) if mask is not None else []
    some = tuple(Cut(one.start, one.end) for one in every[::3] if one.end - one.start > 10)
    for cuts in ((), some):
        whole = spans(text, by_statement=False, cuts=cuts)
        assert spans(text, by_statement=True, cuts=cuts) == whole


LAYOUTS = {
    "decorated": "@a\n# why\n@b(\n    1\n)\nasync def f(): return 1\n",
    "simple ones on a line": "x = 1; y = 2 ;\nz = (3)\n(w) = 4\n",
    "windows": "# first\r\n\r\nx = 1\r\ndef f():\r\n    return 'é'\r\n",
    "no final line end": "x = 1\ny = 2  # why",
    "compound": "if x:\n    y\nelif z:\n    pass\nelse:\n    w\n# last\n",
    "wide": "'é'; x = 'é'\nclass Été(A):\n    'é'; y = x\n",
    "a class": (
        "class A(B):\n    'it'\n\n    # first\n    x = 1; y = 2\n    @a\n    # why\n    @b(\n1\n)\n"
        '    def f(self): return """\n  é"""\n    class C:\n        z = 3  # inner\n'
        "        def g(self):\n            pass\n    # last\n# outer\nx = A\n"
    ),
    "classes in other ways": (
        "class A: x = 1; y = 2\n@a\nclass B:\n\tx = 1\n\n\tdef f(self):\n\t\tpass\nif A:\n"
        "  class C:\n    x = 1\nclass D:\n  # é\n  def f(self):\n     'é'; pass\n"
    ),
    "a class at the end": "class A:\n    x = 1\n\n    def f(self):\n        return 1  # why",
    "a class of windows": "class A:\r\n\r\n    x = 'é'\r\n    def f(self): pass\r\n",
    "a class that libcst loses white space of": (
        "class A:\n    def f(self):\n        try:\n            x\n        except E :\n"
        "            y\n    def g(self):\n        pass\n"
    ),
    "blank ends": "\n\n  \nx = 1\n\n\n# end\n",
    "white space that libcst loses": "try:\n    x\nexcept E :\n    y\nz = 1\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str) -> None:
    """Nor does the layout matter."""
    text = LAYOUTS[name]
    assert spans(text, by_statement=True) == spans(text, by_statement=False)


def test_an_edit_is_placed_in_what_is_kept() -> None:
    """A tree is faithful as long as no statement that was asked for lost a character."""
    text = "x = 1\ntry:\n    y\nexcept E :\n    z\n"
    module = cst.parse_module(text)
    tree = Tree(module, text, (), partial(starts_in, text, ast.parse(text)))
    first, second = module.body
    assert tree.span(first) == (0, 5)
    assert tree.is_faithful
    assert tree.span(second) == (6, len(text) - 1)
    assert not tree.is_faithful


def test_no_fix_where_characters_are_lost() -> None:
    """A statement that libcst does not write as it was is reported, and left alone."""
    text = """\
from contextlib import aclosing
async def relay(p):
    try:
        x = p.__aiter__()
        try:
            async for y in x:
                yield y
        finally:
            await x.aclose()
    except E{}:
        pass
"""
    engine = Engine(settings_for({"select": ["FP301"]}))
    for space, is_fixed in (("", True), (" ", False)):
        (found,) = engine.check("m.py", text.format(space).encode()).violations
        assert (found.fix is not None) == is_fixed
