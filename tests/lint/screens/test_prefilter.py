"""The first screen finds words by their rarest letters, and all that a plain search does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.studies.screens import differences
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.runs.run import check_targets
from funcpipe_lint.config.discover import discover
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model import Scope
from funcpipe_lint.model.codes import RULES
from funcpipe_lint.model.reference import KIT
from funcpipe_lint.model.vocabulary import STREAM_TYPES, SYNC_TYPES
from funcpipe_lint.read.searching import part
from funcpipe_lint.screen.declaration import Shape, needs_stream
from funcpipe_lint.screen.screens import SCREENS
from funcpipe_lint.screen.text.prefilter import (
    Prefilter,
    _whole,
    may_hold_streams,
)

WORDS = ("Ok", "Err", "AsyncGen", "IOGen", "noqa", "funcpipe", "_gen_", "async", "x", "a_b")
AROUND = ("", " ", "_", "a", "1", ".", "(", "\n", "q", "O")


@pytest.mark.parametrize("word", WORDS)
def test_words(word: str) -> None:
    """A word is found at any place, and a whole one only where no other runs into it."""
    for before in AROUND:
        for after in AROUND:
            for text in (f"{before}{word}{after}", f"{word[1:]}{before}{word}{after}{word[:1]}"):
                raw = text.encode()
                assert bool(part(word)(raw)) == (word in text)
                assert bool(_whole(word)(raw)) == bool(re.search(rf"\b{word}\b", text))


RESULTS = {
    "a stream of Results": "def f() -> {}[Result[int, str]]:\n    yield Ok(1)\n",
    "through an alias": "Rows = {}[Result[int, str]]\ndef f() -> Rows:\n    return [Err(1)]\n",
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("kind", [*STREAM_TYPES, *SYNC_TYPES])
def test_modules_of_results(name: str, kind: str) -> None:
    """Whatever type of stream an annotation names, a module of Results may be one."""
    assert Prefilter(settings_for({})).may_hold_results(RESULTS[name].format(kind).encode())


@pytest.mark.parametrize("description", ["AsyncGen", "IOGen"])
def test_descriptions(description: str) -> None:
    """So may one that names no Result, but a description."""
    raw = f"def f() -> {description}[int]:\n    return g\n".encode()
    assert Prefilter(settings_for({})).may_hold_results(raw)


def test_libraries() -> None:
    """What is imported from a library of Results needs no annotation; without one it does."""
    raw = b"from result import Ok\nx = Ok(1)\n"
    assert Prefilter(settings_for({"presets": ["result"]})).may_hold_results(raw)
    assert not Prefilter(settings_for({})).may_hold_results(raw)
    assert Prefilter(settings_for({})).may_hold_results(b"from funcpipe_streams import Ok\n")


@pytest.mark.parametrize(
    ("mention", "is_code"),
    [
        ("from .results import Ok", True),
        ("x = Ok if y else Err", True),
        ("import results; results.Ok", True),
        ("def f() -> 'Iterator[Ok]': ...", True),
        ("case Ok (value): pass  # Ok then", True),
        ("# Ok, this is new", False),
        ('"""\nErr on the safe side.\n"""', False),
    ],
)
def test_prose(mention: str, *, is_code: bool) -> None:
    """A word of prose makes no module one of Results; whatever may be code does."""
    raw = f"from collections.abc import Iterator\n{mention}\nx: Result\n".encode()
    assert Prefilter(settings_for({})).may_hold_results(raw) is is_code


SIDES = {
    "one alone is no Result": ("from r import Ok\ndef f() -> Iterator[Ok]:\n    yield 1\n", False),
    "beside Result": (
        "from r import Ok, Result as R\ndef f() -> Iterator[R[int]]:\n    yield 1\n",
        True,
    ),
    "both": (
        "from r import Ok, Err\ndef f() -> Iterator[Ok[int] | Err[str]]:\n    yield 1\n",
        True,
    ),
    "both, by an alias": (
        "from r import Ok, Err\nR = Ok | Err\ndef f() -> Iterator[R]:\n    yield 1\n",
        True,
    ),
}


@pytest.mark.parametrize("name", SIDES)
def test_one_side_is_no_result(name: str) -> None:
    """A side of Result makes a module one of Results beside the word Result, or the other side."""
    text, is_result = SIDES[name]
    raw = f"from collections.abc import Iterator\n{text}".encode()
    assert Prefilter(settings_for({})).may_hold_results(raw) is is_result
    found = Engine(settings_for({}), use_screens=False).check("m.py", raw).violations
    assert [violation.code for violation in found] == ["FP201"] * is_result


@pytest.mark.parametrize("text", ["from .values import Ok\n", "from . import values\nOk = 1\n"])
def test_sides_in_the_kit(text: str) -> None:
    """The kit itself imports a side from its own package, and needs no more to be of Results."""
    raw = f"from collections.abc import Iterator\n{text}".encode()
    assert Prefilter(settings_for({})).may_hold_results(raw)


@pytest.mark.parametrize("package", [KIT, "elsewhere"])
def test_what_the_kit_makes_itself(package: str, tmp_path: Path) -> None:
    """A file of the kit calls functions of the kit without naming it; no other file does."""
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "a.py").write_text("from .b import io_gen_map\n\nio_gen_map(1, 2)\n", "utf-8")
    targets, _ = discover([str(tmp_path)], Resolver(isolated=True))
    found = [v.code for report in check_targets(targets) for v in report.violations]
    assert found == ["FP602"] * (package == KIT)


def test_streams_beside_other_words() -> None:
    """A stream is seen behind whatever has its words, and its words stand behind whatever gap."""
    for gap in (" ", "\t", " \\\n ", "\f  "):
        for text in (f"async{gap}for x in y", f"async{gap}def f():\n    yield"):
            for before in ("", "yields = 1\n", "async_ = asyncio\n", "async def f(): ...\n"):
                assert may_hold_streams(f"{before}{text}".encode())
    assert not may_hold_streams(b"def f():\n    yield\n\n\nasyncio.run(async_)\n")
    assert not may_hold_streams(b"async def f(): ...\n")


# No `async for` and no `yield`: an annotation alone says that there is a stream.
TYPED = {
    "a function": ("def rows() -> {}:\n    return x.y()\n\n\nrows()\n", "FP602"),
    "a builder": ("def rows() -> Callable[[], {}]:\n    return x.y\n\n\nrows()\n", "FP602"),
    "a parameter": ("def f(rows: Callable[[], {}]):\n    rows()\n", "FP602"),
    "a coroutine": ("async def rows() -> {}:\n    return x.y()\n", "FP405"),
}


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("kind", STREAM_TYPES)
def test_types_alone(name: str, kind: str) -> None:
    """A file without a stream of its own passes where a rule may speak of what it annotates."""
    text, code = TYPED[name]
    raw = f"from typing import Callable, {kind}\n{text.format(kind)}".encode()
    settings = settings_for({"select": [code]})
    found = Engine(settings, use_screens=False).check("m.py", raw).violations
    assert [violation.code for violation in found] == [code]
    assert Prefilter(settings).passes(raw)
    assert not Prefilter(settings_for({"select": ["FP303"]})).passes(raw)
    assert differences("m.py", raw) == []


@pytest.mark.parametrize("note", ["'Async' 'Iterator'", r"'\x41syncIterator'", "b'AsyncIterator'"])
@pytest.mark.parametrize("name", TYPED)
def test_strings_ofparts(name: str, note: str) -> None:
    """An annotation that no type checker reads, for its words are not in the text, says nothing."""
    text = f"{TYPED[name][0]}\n\nasync def own() -> {{}}:\n    yield 1\n"
    raw = f"from typing import Callable, AsyncIterator\n{text.format(note, note)}".encode()
    report = Engine(settings_for({"profile": "strict"}), use_screens=False).check("m.py", raw)
    assert report.violations == ()


def test_rules_that_types_suffice_for() -> None:
    """Whichever rule needs no stream of the file's own, in a module of whatever kind, says so."""
    everywhere = [code for code in SCREENS if RULES[code].scope is not Scope.RESULT]
    # What it builds a response of is a stream of the file; what the tasks share is one too.
    everywhere = [code for code in everywhere if code not in ("FP315", "FP508")]
    alternatives = [(code, need) for code in everywhere for need in SCREENS[code].shapes]
    found = {
        code
        for code, need in alternatives
        if not needs_stream(need) and not (isinstance(need, Shape) and Shape.RESULT_WORDS in need)
    }
    assert found == {c for c, one in RULES.items() if one.by_type or one.without_streams}


COLLECTED = {
    "by its name": "from {} import collect\nasync def f(x):\n    return await collect(x)\n",
    "under another": "from {} import collect as c\nasync def f(x):\n    return await c(x)\n",
    "by its module": "import {0}\nasync def f(x):\n    return await {0}.collect(x)\n",
}


@pytest.mark.parametrize("name", COLLECTED)
@pytest.mark.parametrize("selected", ["FP103", "ALL"])
def test_what_is_collected_outside_the_shell(name: str, selected: str) -> None:
    """A file without a word of streams may run one: FP103 speaks of any configured collector."""
    given = {"select": [selected], "shell": ["app.main"], "collectors": ["elsewhere.collect"]}
    code = COLLECTED[name].format("elsewhere").encode()
    plain = Engine(settings_for(given), use_screens=False).check("lib.py", code)
    assert "FP103" in {violation.code for violation in plain.violations}
    for is_due in (True, False):
        assert Engine(settings_for(given)).check("lib.py", code, is_syntax_due=is_due) == plain
