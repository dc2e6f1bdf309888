"""What rules about the iterator protocol ask of a file, beyond the words of its functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from funcpipe_lint.nodes import is_by_name, last_word, own
from funcpipe_lint.screen import BY_WORDS, Shape
from funcpipe_lint.screening.blocks import end_of_block
from funcpipe_lint.screening.facts import Facts
from funcpipe_lint.screening.words import FileWords
from funcpipe_lint.vocabulary import PLAIN_ITERABLES

_DISPLAYS = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)


def protocol_shapes(facts: Facts, words: FileWords, asked: Shape) -> Shape:
    """Those of the shapes that a tree shows whose words stand in its functions."""
    found = asked & BY_WORDS
    for shape, is_shown in _CONDITIONS.items():
        if shape in asked and is_shown(facts, words):
            found |= shape
    return found


def _stops_closing(facts: Facts, words: FileWords) -> bool:
    """Whether a handler that closing may reach belongs to a `try` whose body yields."""
    return any(
        any(words.may_meet_closing(handler.type) for handler in node.handlers)
        and any(isinstance(inner, ast.Yield) for inner in own(node.body))
        for node in facts.attempts
    )


def _is_decorated(facts: Facts, _: FileWords) -> bool:
    """Whether an async generator has a decorator."""
    return any(
        frame.is_async and frame.has_yield and frame.node is not None and frame.node.decorator_list
        for frame in facts.frames
    )


def _loops_wrongly(facts: Facts, words: FileWords) -> bool:
    """Whether `async for` goes through what may be no async iterable."""
    return any(_is_plain(iterable, words.raw) for iterable in facts.async_iterables)


def _is_plain(iterable: ast.expr, raw: bytes) -> bool:
    if isinstance(iterable, _DISPLAYS):
        return True
    if not isinstance(iterable, ast.Call) or not is_by_name(iterable.func):
        return False
    word = last_word(iterable)
    if isinstance(iterable.func, ast.Name) and word in PLAIN_ITERABLES:
        return True
    definitions = list(_definitions(raw, word.encode()))
    # What is called may be another name of a function.
    return any(not b for b in definitions) or (not definitions and _is_alias(raw, word.encode()))


def _is_alias(raw: bytes, word: bytes) -> bool:
    return re.search(rb"\b%s[ \t]*=[^=]" % re.escape(word), raw) is not None


def _definitions(raw: bytes, word: bytes) -> Iterator[bool]:
    """Whether each function of a name is certainly an async generator, by its text."""
    for found in re.finditer(rb"(async[ \t]+)?\bdef[ \t\\\r\n]+%s\b" % re.escape(word), raw):
        line = raw.rfind(b"\n", 0, found.start()) + 1
        body = raw[found.end() : end_of_block(raw, found.start() - line, found.end())]
        nests = b"def" in body or b"lambda" in body
        yield found[1] is not None and b"yield" in body and not nests


_CONDITIONS = {
    Shape.CLOSING_STOPPED: _stops_closing,
    Shape.DECORATED_STREAM: _is_decorated,
    Shape.WRONG_LOOP: _loops_wrongly,
}
