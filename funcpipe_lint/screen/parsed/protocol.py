"""What rules about the iterator protocol ask of a file, beyond the words of its functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence, Set

from funcpipe_lint.model.vocabulary import (
    BLOCKING,
    BLOCKING_METHODS,
    PLAIN_ITERABLES,
    REPEATING,
    RETRYING,
    SPAWNERS,
    STARTERS,
    THREADS,
    last_words,
)
from funcpipe_lint.read.mentions import line_before
from funcpipe_lint.read.nodes import is_by_name, last_word, own, walk
from funcpipe_lint.screen.declaration import BY_BYTES, BY_WORDS, Shape
from funcpipe_lint.screen.parsed.enclosing import Frame
from funcpipe_lint.screen.parsed.facts import Facts
from funcpipe_lint.screen.text.blocks import end_of_block
from funcpipe_lint.screen.text.words import FileWords

_DISPLAYS = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)
_STOP = frozenset(("StopIteration",))
_STOPS = _STOP | {"StopAsyncIteration"}
_THREADS = frozenset(THREADS)
_NEXT = frozenset(("next", "__next__"))
_NESTS = re.compile(rb"\b(?:def|lambda)\b")
_HEAD = re.compile(rb"def[ \t\\\r\n]+([\w\x80-\xff]+)")


def protocol_shapes(facts: Facts, words: FileWords, asked: Shape) -> Shape:
    """Those of the shapes that a tree shows whose words stand in its functions."""
    found = asked & (BY_WORDS | BY_BYTES)
    for shape, is_shown in _CONDITIONS.items():
        if shape in asked and is_shown(facts, words):
            found |= shape
    return found


def _raises_stop(facts: Facts, words: FileWords) -> bool:
    """Whether an async function raises what ends iterators, and may not: StopAsyncIteration is how
    a coroutine named `__anext__` ends."""
    for frame in facts.frames:
        if not frame.is_async or frame.node is None:
            continue
        ends = words.known_as(_STOPS if frame.has_yield else _STOP)
        if ends is None:
            return True
        for node in walk(frame.node):
            if isinstance(node, ast.Raise) and node.exc is not None and last_word(node.exc) in ends:
                return True
            if isinstance(node, ast.ExceptHandler) and _raises_again(node, ends):
                return True
    return False


def _raises_again(handler: ast.ExceptHandler, kinds: Set[str]) -> bool:
    """Whether a handler may catch one of some kinds, and raises what it caught."""
    return (
        handler.type is not None
        and _names(handler.type, kinds)
        and any(isinstance(node, ast.Raise) and node.exc is None for node in walk(handler))
    )


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
        for frame in facts.frames
        if frame.is_async and frame.node is not None
        for node in walk(frame.node)
    )


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
    """Whether an async generator has a decorator that may retry or cache."""
    return any(
        words.may_be(decorator, REPEATING) or _is_bound(decorator, words.raw)
        for frame in facts.frames
        if frame.is_async and frame.has_yield and frame.node is not None
        for decorator in frame.node.decorator_list
    )


def _is_bound(decorator: ast.expr, raw: bytes) -> bool:
    """Whether a decorator is a name that the file may bind to a call, alone."""
    if not isinstance(decorator, ast.Name):
        return False
    name = re.escape(decorator.id.encode())
    return re.search(rb"\b%s(?:[\s\\)\]]|#[^\n]*\n)*(?::[^=\n]*)?=(?!=)" % name, raw) is not None


def _loops_wrongly(facts: Facts, words: FileWords) -> bool:
    """Whether `async for` goes through what may be no async iterable."""
    called: set[str] = set()
    for iterable in facts.async_iterables:
        if isinstance(iterable, _DISPLAYS):
            return True
        if isinstance(iterable, ast.Call) and is_by_name(iterable.func):
            word = last_word(iterable)
            if isinstance(iterable.func, ast.Name) and word in PLAIN_ITERABLES:
                return True
            called.add(word)
    heads = _heads(words.raw) if called else {}
    return any(_is_plain(words, word, heads) for word in called)


def _is_plain(
    words: FileWords, word: str, heads: Mapping[bytes, Sequence[re.Match[bytes]]]
) -> bool:
    """Whether what calling a name gives may be no async iterable."""
    found = heads.get(word.encode())
    if found is not None:
        return any(_may_be_plain(words.raw, each) for each in found)
    return words.is_alias(word)  # what is called may be another name of a function


def _heads(raw: bytes) -> dict[bytes, list[re.Match[bytes]]]:
    """Where functions begin, by their names."""
    found: dict[bytes, list[re.Match[bytes]]] = {}
    for each in _HEAD.finditer(raw):
        found.setdefault(each[1], []).append(each)
    return found


def _may_be_plain(raw: bytes, head: re.Match[bytes]) -> bool:
    """Whether a function may be a coroutine or a plain generator, by its text."""
    before = line_before(raw, head.start())
    body = _body(raw, head)
    if before.split() != [b"async"]:
        return b"yield" in body
    return b"yield" not in body or _NESTS.search(body) is not None


def _may_be_stream(raw: bytes, head: re.Match[bytes]) -> bool:
    """Whether a function may be an async generator, by its text."""
    is_async = b"async" in raw[max(head.start() - 20, 0) : head.start()]
    return is_async and b"yield" in _body(raw, head)


def _body(raw: bytes, head: re.Match[bytes]) -> bytes:
    """The text of a function behind its name."""
    before = line_before(raw, head.start())
    width = len(before) - len(before.lstrip())
    return raw[head.end() : end_of_block(raw, width, head.end())]


def _yields_parameter(facts: Facts, words: FileWords) -> bool:
    """Whether a stream that the file calls by its name goes through one of its parameters and
    yields."""
    return any(
        isinstance(loop.iter, ast.Name)
        and frame.has_yield
        and isinstance(frame.node, ast.AsyncFunctionDef)
        and loop.iter.id
        in {each.arg for each in walk(frame.node.args) if isinstance(each, ast.arg)}
        and _is_called(words.raw, frame.node.name.encode())
        for frame, loop in facts.async_fors
    )


def _is_called(raw: bytes, word: bytes) -> bool:
    """Whether a name is called somewhere, as it is."""
    return b"return" in raw and any(
        not raw[max(found.start() - 20, 0) : found.start()].rstrip(b" \t\\\r\n").endswith(b"def")
        for found in re.finditer(rb"\b%s[ \t\\\r\n]*\(" % re.escape(word), raw)
    )


_STARTING = frozenset((*last_words((*SPAWNERS, *STARTERS)), "start_soon"))
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.GeneratorExp)


def _starts_many(facts: Facts, words: FileWords) -> bool:
    """Whether a function makes a run of a stream, and starts tasks in a loop, or by more than one
    call."""
    heads: dict[bytes, list[re.Match[bytes]]] = {}
    for frame in facts.frames:
        if not frame.is_async or frame.node is None:
            continue
        calls = [node for node in walk(frame.node) if isinstance(node, ast.Call)]
        starts = [
            call for call in calls if words.may_be(call, _STARTING) or words.may_spawn(call.func)
        ]
        if not (
            len(starts) > 1
            or any(len(call.args) > 1 for call in starts)
            or (starts and any(isinstance(node, _LOOPS) for node in walk(frame.node)))
        ):
            continue
        heads = heads or _heads(words.raw)
        if _binds_run(frame.node, words, heads):
            return True
    return False


def _binds_run(
    function: ast.AST, words: FileWords, heads: Mapping[bytes, Sequence[re.Match[bytes]]]
) -> bool:
    """Whether a name in a function may be bound to a run of an async generator of the file."""
    for node in walk(function):
        made = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(made, ast.Call) and is_by_name(made.func):
            word = last_word(made)
            defined = heads.get(word.encode(), ())
            if any(_may_be_stream(words.raw, found) for found in defined):
                return True
            if isinstance(made.func, ast.Name) and words.is_alias(word):
                return True
    return False


def _retries(facts: Facts, words: FileWords) -> bool:
    """Whether a `try` goes through a stream and yields, and a handler of it may go on; or a loop
    over attempts does."""
    loops: list[tuple[Frame, ast.For | ast.AsyncFor]] = [*facts.async_fors, *facts.fors]
    return any(
        any(not isinstance(handler.body[-1], ast.Raise) for handler in node.handlers)
        and _goes_through(node.body)
        for node in facts.attempts
    ) or any(words.may_be(loop.iter, _RETRYING) and _goes_through(loop.body) for _, loop in loops)


def _goes_through(body: list[ast.stmt]) -> bool:
    """Whether code goes through a stream and yields."""
    return any(
        isinstance(loop, ast.AsyncFor)
        and any(isinstance(each, ast.Yield) for each in own(loop.body))
        for loop in own(body)
    )


_RETRYING = frozenset(last_words(RETRYING))


_BLOCKING = (*last_words(BLOCKING), *BLOCKING_METHODS)


def _loops_over_blocking(facts: Facts, words: FileWords) -> bool:
    """Whether a stream's plain `for` calls what may be a plain generator of the file, and the file
    holds a word of what blocks."""
    if not any(word.encode() in words.raw for word in _BLOCKING):
        return False
    return any(
        frame.is_async
        and frame.has_yield
        and isinstance(loop.iter, ast.Call)
        and _may_be_generator(words, last_word(loop.iter))
        for frame, loop in facts.fors
    )


def _may_be_generator(words: FileWords, word: str) -> bool:
    """Whether a name may be that of a plain function with a yield in it."""
    if words.is_alias(word):
        return True
    raw = words.raw
    for found in re.finditer(rb"def[ \t\\\r\n]+%s\b" % re.escape(word.encode()), raw):
        if raw[raw.rfind(b"\n", 0, found.start()) + 1 : found.start()].split() != [b"async"]:
            return True
    return False


_CONDITIONS = {
    Shape.STOP_RAISED: _raises_stop,
    Shape.NEXT_IN_THREAD: _hands_next_on,
    Shape.CLOSING_STOPPED: _stops_closing,
    Shape.DECORATED_STREAM: _is_decorated,
    Shape.WRONG_LOOP: _loops_wrongly,
    Shape.PARAMETER_YIELDED: _yields_parameter,
    Shape.SPAWNED_TWICE: _starts_many,
    Shape.RETRIED: _retries,
    Shape.BLOCKING_LOOP: _loops_over_blocking,
}
