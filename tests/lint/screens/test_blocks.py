"""The async functions that are cut out of a file's bytes are those that its whole tree has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.screen.parsed.candidates import Candidates
from funcpipe_lint.screen.parsed.facts import Facts
from funcpipe_lint.screen.text.blocks import read_blocks, read_starts
from funcpipe_lint.screen.text.words import FileWords

ROOT = Path(__file__).parents[3]
FILES = [*(Path(__file__).parents[1] / "cases").rglob("*.py"), *(ROOT / "reference").rglob("*.py")]
STREAM = "async def rows(p):\n    yield p\n"
SETTINGS = settings_for({})


def generators(tree: ast.Module, raw: bytes) -> list[str]:
    """The async generators of a tree, by name."""
    frames = Facts(tree, FileWords(raw, SETTINGS)).frames
    return sorted(f.node.name for f in frames if f.is_async and f.has_yield and f.node)


def cut(raw: bytes) -> list[str] | None:
    """The async generators that the blocks show; None where they are not certain."""
    for knows_texts in (False, True):
        starts = read_starts(raw, knows_texts=knows_texts)
        if starts is None:
            return None
        blocks = read_blocks(raw, starts, starts)
        if blocks is None:
            continue
        facts = Facts(blocks.tree, FileWords(raw, SETTINGS))
        if facts.async_functions == blocks.functions:
            return generators(blocks.tree, raw)
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_files(path: Path) -> None:
    """Nothing is missing and nothing is made up in real files."""
    raw = path.read_bytes()
    assert cut(raw) in (None, generators(ast.parse(raw), raw))


CERTAIN = {
    "decorated": "@wraps(f)\n@other(\n    1,\n)\n" + STREAM,
    "in a class, in a function": (
        "class A:\n    def f(self):\n        async def g():\n            yield\n"
    ),
    "a header over lines": "async def rows(\n    p,\n) -> None:\n    yield p\n",
    "a comment at the margin": "async def rows(p):\n    x = 1\n# why\n    yield p\n",
    "text in an async function": f'async def f():\n    """\n    {STREAM}    """\n    yield\n',
    "text at the margin": (
        f'class A:\n    X = """\n{STREAM}"""\n    async def g(self):\n        yield\n'
    ),
    "hidden by a string that is cut": (
        'class A:\n    X = """\nasync def f():\n    pass\n    """\n'
        '    async def real(self):\n        yield 1\n    Y = """\nend\n"""\n'
    ),
    "text in a docstring": f'def f():\n    """\n    {STREAM}    """\n{STREAM}',
    "half of one in a docstring": f'def f():\n    """\n    async def g(\n    """\n{STREAM}',
    "windows": STREAM.replace("\n", "\r\n"),
    "one line": "async def rows(p): yield p\n",
    "no final line end": STREAM.rstrip(),
}
UNCERTAIN = {
    "a string at the margin": f'async def f():\n    x = """\nhere\n"""\n    yield x\n{STREAM}',
    "tabs": "if x:\n\tasync def rows(p):\n\t\tyield p\n",
    "lone CR": STREAM.replace("\n", "\r"),
    "byte-order mark": "\ufeff" + STREAM,
    "continued": "x = 1\n\\\nasync def rows(p):\n    yield p\n",
    "no Python": "async def rows(p):\n    yield )\n",
    "a string that may hold others": (
        f"x = f'''{{y:'}}'''\nasync def f():\n    '''\n    {STREAM}    '''\n    yield\n"
    ),
}


def test_most_files_are_certain() -> None:
    """Few real files have to be parsed whole to see their async functions."""
    assert sum(cut(path.read_bytes()) is None for path in FILES) < len(FILES) / 10


@pytest.mark.parametrize("name", CERTAIN)
def test_layouts(name: str) -> None:
    """Whatever looks like an async function in a string hides none that is one."""
    raw = CERTAIN[name].encode()
    expected = generators(ast.parse(raw), raw)
    assert expected
    found = cut(raw)
    assert found is not None
    assert set(expected) <= set(found)


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_is_not_certain_is_not_cut(name: str) -> None:
    """Layouts that bytes do not tell are left to the parser."""
    assert cut(UNCERTAIN[name].encode()) is None


def test_decorators_come_with_their_functions() -> None:
    """A context manager that holds a lock at its yield is known to be none of the streams."""
    function = "async def held(self):\n    async with self.lock:\n        yield\n"
    candidates = Candidates(SETTINGS)
    assert candidates.of_bytes(function.encode()) == frozenset({"FP307"})
    assert candidates.of_bytes(f"@asynccontextmanager\n{function}".encode()) == frozenset()


def test_a_function_without_a_name() -> None:
    """Text that is half a function keeps nobody waiting."""
    text = f'{STREAM}X = """\nasync def {{name}}(p):\n    yield p\n"""\n'
    assert Candidates(SETTINGS).of_bytes(text.encode()) is not None
