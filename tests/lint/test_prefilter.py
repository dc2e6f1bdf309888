"""The first screen finds words by their rarest letters, and all that a plain search does."""

from __future__ import annotations

import re

import pytest

from funcpipe_lint.config import settings_for
from funcpipe_lint.prefilter import Prefilter, _part, _whole
from funcpipe_lint.vocabulary import STREAM_TYPES, SYNC_TYPES

WORDS = ("Ok", "Err", "AsyncGen", "IOGen", "noqa", "funcpipe", "_gen_", "async", "x", "a_b")
AROUND = ("", " ", "_", "a", "1", ".", "(", "\n", "q", "O")


@pytest.mark.parametrize("word", WORDS)
def test_words(word: str) -> None:
    """A word is found at any place, and a whole one only where no other runs into it."""
    for before in AROUND:
        for after in AROUND:
            for text in (f"{before}{word}{after}", f"{word[1:]}{before}{word}{after}{word[:1]}"):
                raw = text.encode()
                assert bool(_part(word)(raw)) == (word in text)
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
    raw = f"from collections.abc import Iterator\n{mention}\n".encode()
    assert Prefilter(settings_for({})).may_hold_results(raw) is is_code
