"""A file's statements by their indentation are those that its tree has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from funcpipe_lint.read.offsets import Offsets
from funcpipe_lint.read.outline import Statement, body_of, masked, statements

ROOT = Path(__file__).parents[3]
FILES = [path for name in ("tests", "reference", "funcpipe_lint") for path in ROOT.glob(name)]
FILES = [file for path in FILES for file in path.rglob("*.py")]
_KINDS = {"FunctionDef": "function", "AsyncFunctionDef": "function", "ClassDef": "class"}


def seen(text: str) -> list[tuple[str, int, int]]:
    """(name, start, end) of every statement of the modules and classes in a text's outline."""
    mask = masked(text)
    assert mask is not None

    def read(found: list[Statement]) -> list[tuple[str, int, int]]:
        listed: list[tuple[str, int, int]] = []
        for one in found:
            name = one.names[0] if one.kind in ("function", "class") else ""
            listed.append((name, one.start, one.end))
            body = body_of(mask, one) if one.kind == "class" else None
            if body is not None:
                listed += read(statements(mask, body[0] - body[1], one.end, body[1]))
        return listed

    return read(statements(mask, 0, len(mask), 0))


def parsed(text: str) -> list[tuple[str, int, int]]:
    """The same of its tree; of the statements of one line, the line."""
    offsets = Offsets(text)

    def read(body: list[ast.stmt]) -> list[tuple[str, int, int]]:
        listed: list[tuple[str, int, int]] = []
        line = 0
        for node in body:
            name = getattr(node, "name", "") if type(node).__name__ in _KINDS else ""
            if node.lineno == line:
                listed[-1] = (listed[-1][0], listed[-1][1], offsets.end(node))
            else:
                listed.append((name, offsets.start(node), offsets.end(node)))
            line = node.end_lineno or 0
            if isinstance(node, ast.ClassDef) and node.body[0].lineno > node.lineno:
                listed += read(node.body)
        return listed

    return read(ast.parse(text).body)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_files(path: Path) -> None:
    """Every statement of a real file is found, and nothing else."""
    text = path.read_text(encoding="utf-8")
    if masked(text) is not None and "\n;" not in text:
        assert seen(text) == parsed(text)


LAYOUTS = {
    "decorated": "@a\n@b(\n    1,\n)\ndef f():\n    pass\n\n\nclass A:\n    @c\n    def g(): 1\n",
    "a header over lines": "def f(\n    a: dict = {1: 2},  # :\n) -> 'x:':\n    return a\nx = 1\n",
    "strings at the margin": "x = \"\"\"\ndef f():\n    1\n\"\"\"\ny = '''\nclass A:\n'''\n",
    "quotes in comments": "x = 1  # it's\ny = '#'  # \"\"\"\nz = 2\n",
    "comments at the margin": "def f():\n    x = 1\n# why\n    return x\n# then\n\ny = 2\n",
    "continued": "x = 1 + \\\n2\ny = x\n",
    "compound": "try:\n    x = 1\nexcept E:\n    x = 2\nelse: x = 3\nfinally:\n    y = x\nz = 1\n",
    "windows": "def f():\r\n    return 1\r\n\r\nclass A:\r\n    x = 1\r\n",
    "braces": "w = 1\nx = f'{{{w!r:>{w}}}}'\ny = f\"{w:{'x'}}\"\n",
    "wide": "été = 'é'\ndef où():\n    return été\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str) -> None:
    """Nor does what a string, a comment or a bracket holds begin a statement."""
    assert seen(LAYOUTS[name]) == parsed(LAYOUTS[name])


UNCERTAIN = {
    "tabs": "if x:\n\tdef f(): pass\n",
    "lone CR": "x = 1\ry = 2\n",
    "form feed": "\fx = 1\n",
    "quotes in their own kind of string": 'x = f"""{y["""\ndef f():\n    """]}"""\n',
    "the same, of one quote": "x = f'{'''\ndef f():\n    '''}'\n",
    "a brace as a string in them": 'x = f"""{\'}\'}{y["""\ndef f():\n    """]}"""\n',
    "escaped braces before them": 'x = f"""}} {y:{z["""\ndef f():\n    """]}}"""\n',
}


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_is_not_certain_has_no_outline(name: str) -> None:
    """Layouts that a pattern does not tell are left to the parser."""
    assert masked(UNCERTAIN[name]) is None


def test_names() -> None:
    """An assignment binds every name that it may; what is not understood claims none."""
    others = "a, b = c\nx += 1\ntry: d = 1\nexcept E: pass\ne = 1; import g\n"
    mask = masked(f"x: T = y = f(z=1)\n{others}")
    assert mask is not None
    assert [(one.kind, one.names) for one in statements(mask, 0, len(mask), 0)] == [
        ("value", ("x", "T", "y", "z")),
        *[("other", ())] * 4,
    ]
