"""The conditions that the `ast` of functions is asked for: those of shapes whose words most
functions hold. Of any other shape the words decide."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Set

from funcpipe_lint.model.vocabulary import LOCK, PLAIN_ITERABLES, REPEATING, THREADS
from funcpipe_lint.read.mentions import line_before
from funcpipe_lint.read.nodes import is_by_name, last_word, own, walk
from funcpipe_lint.screen.declaration import Need, Shape
from funcpipe_lint.screen.parsed.facts import Facts, Frame
from funcpipe_lint.screen.text.blocks import end_of_block
from funcpipe_lint.screen.text.words import FileWords

_DISPLAYS = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)
_STOP = frozenset(("StopIteration",))
_STOPS = _STOP | {"StopAsyncIteration"}
_THREADS = frozenset(THREADS)
_NEXT = frozenset(("next", "__next__"))
_NESTS = re.compile(rb"\b(?:def|lambda)\b")


def shown_in(facts: Facts, words: FileWords, asked: Collection[Need]) -> Iterator[Need]:
    """Those of the shapes with a condition that a tree shows."""
    for shape, is_shown in CONDITIONS.items():
        if shape in asked and is_shown(facts, words):
            yield shape


def _yields_in_scope(facts: Facts, words: FileWords) -> bool:
    return any(words.may_be_scope(head) for stream in facts.streams for head in stream.heads)


def _yields_in_lock(facts: Facts, words: FileWords) -> bool:
    """Whether a stream yields inside a name or attribute that is called a lock."""
    return any(
        isinstance(head, ast.Name | ast.Attribute) and LOCK.search(last_word(head))
        for stream in facts.streams
        for head in stream.heads
    )


def _yields_closing(facts: Facts, words: FileWords) -> bool:
    return any(
        block.body_yields if is_handler else block.yields
        for stream in facts.streams
        for block, is_handler in stream.closes
    )


def _spawns(facts: Facts, words: FileWords) -> bool:
    return any(stream.spawns for stream in facts.streams)


def _replays(facts: Facts, words: FileWords) -> bool:
    return facts.replays


def _raises_stop(facts: Facts, words: FileWords) -> bool:
    """Whether an async function raises what ends iterators, and may not: StopAsyncIteration is how
    a coroutine named `__anext__` ends."""
    return any(
        ends is None or any(_raises(node, ends) for node in walk(function))
        for frame, function in _async_functions(facts)
        for ends in [words.known_as(_STOPS if frame.has_yield else _STOP)]
    )


def _raises(node: ast.AST, kinds: Set[str]) -> bool:
    """Whether a statement raises one of some kinds, or a handler what it caught of them."""
    match node:
        case ast.Raise(exc=ast.expr() as raised):
            return last_word(raised) in kinds
        case ast.ExceptHandler(type=ast.expr() as caught) if _names(caught, kinds):
            return any(isinstance(one, ast.Raise) and one.exc is None for one in walk(node))
    return False


def _names(expression: ast.expr, words: Set[str]) -> bool:
    """Whether one of the words is the last of a name or an attribute in an expression."""
    return any(last_word(node) in words for node in walk(expression))


def _hands_next_on(facts: Facts, words: FileWords) -> bool:
    """Whether what runs a function in a thread is given `next`, or what names it."""
    named = words.known_as(_NEXT)
    return named is None or any(
        isinstance(node, ast.Call)
        and words.may_be(node, _THREADS)
        and any(_names(given, named) for given in node.args)
        for _, function in _async_functions(facts)
        for node in walk(function)
    )


def _async_functions(facts: Facts) -> list[tuple[Frame, ast.AST]]:
    return [(frame, frame.node) for frame in facts.frames if frame.is_async and frame.node]


def _stops_closing(facts: Facts, words: FileWords) -> bool:
    """Whether a handler that closing may reach, and come to the end of, belongs to a `try` whose
    body yields."""
    return any(
        any(words.may_meet_closing(h.type) and not _leaves(h) for h in node.handlers)
        and any(isinstance(inner, ast.Yield) for inner in own(node.body))
        for node in facts.attempts
    )


def _leaves(handler: ast.ExceptHandler) -> bool:
    """Whether a handler holds what may keep it from its end."""
    leaving = (ast.Raise, ast.Return, ast.Yield, ast.Assert)
    return any(isinstance(node, leaving) for node in own(handler.body))


def _is_decorated(facts: Facts, words: FileWords) -> bool:
    """Whether an async generator has a decorator that may retry or cache: by its name, or by what
    the file may bind this to."""
    return any(
        words.may_be(decorator, REPEATING)
        or (isinstance(decorator, ast.Name) and words.is_bound(decorator.id))
        for frame in facts.frames
        if frame.is_async and frame.has_yield and frame.node is not None
        for decorator in frame.node.decorator_list
    )


def _loops_wrongly(facts: Facts, words: FileWords) -> bool:
    """Whether `async for` goes through what may be no async iterable."""
    called = {
        last_word(i)
        for i in facts.async_iterables
        if isinstance(i, ast.Call) and is_by_name(i.func)
    }
    return any(
        isinstance(iterable, _DISPLAYS)
        or (
            isinstance(iterable, ast.Call)
            and isinstance(iterable.func, ast.Name)
            and iterable.func.id in PLAIN_ITERABLES
        )
        for iterable in facts.async_iterables
    ) or any(_is_plain(words, word) for word in called)


def _shares(facts: Facts, words: FileWords) -> bool:
    """Whether a function binds a name to a run of what may be an async generator of the file."""
    called = {  # each word once: a file may call thousands of functions of one name
        last_word(node.value)
        for _, function in _async_functions(facts)
        for node in walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and is_by_name(node.value.func)
    }
    return any(_is_stream(words, word) for word in called)


def _is_stream(words: FileWords, word: str) -> bool:
    """Whether calling a name may run an async generator of the file."""
    found = _defined(words, word)
    return any(b"yield" in body for _, body in found) or words.is_alias(word)


def _is_plain(words: FileWords, word: str) -> bool:
    """Whether what calling a name gives may be no async iterable: a function of the file is a
    coroutine or a plain generator, or the name is another one of a function."""
    found = _defined(words, word)
    if not found:
        return words.is_alias(word)
    return any(
        b"yield" not in body or _NESTS.search(body) is not None if is_async else b"yield" in body
        for is_async, body in found
    )


def _defined(words: FileWords, word: str) -> list[tuple[bool, bytes]]:
    """Of the functions with a name: whether it is async, and the text behind the name."""
    raw, found = words.raw, []
    for head in words.functions.get(word.encode(), ()):
        before = line_before(raw, head.start())
        width = len(before) - len(before.lstrip())
        body = raw[head.end() : end_of_block(raw, width, head.end())]
        found.append((before.split() == [b"async"], body))
    return found


CONDITIONS: dict[Shape, Callable[[Facts, FileWords], bool]] = {
    Shape.SCOPE_YIELD: _yields_in_scope,
    Shape.LOCK_YIELD: _yields_in_lock,
    Shape.CLOSING_YIELD: _yields_closing,
    Shape.SPAWN: _spawns,
    Shape.REPLAY: _replays,
    Shape.STOP_RAISED: _raises_stop,
    Shape.CLOSING_STOPPED: _stops_closing,
    Shape.NEXT_IN_THREAD: _hands_next_on,
    Shape.DECORATED_STREAM: _is_decorated,
    Shape.WRONG_LOOP: _loops_wrongly,
    Shape.STREAM_SHARED: _shares,
}
