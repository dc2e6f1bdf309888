"""From the facts of a tree to shapes: what the rules' screens ask of a file."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from funcpipe_lint.read.nodes import last_word
from funcpipe_lint.screen.declaration import Shape
from funcpipe_lint.screen.parsed.facts import Facts
from funcpipe_lint.screen.parsed.orphans import Orphans
from funcpipe_lint.screen.text.words import FileWords


def shapes_of(facts: Facts, words: FileWords, asked: Shape) -> Shape:
    """The shapes that the facts of a tree amount to; a task that is let go, where it is asked."""
    found = facts.shapes
    for loop in facts.loops:
        if not loop.is_closed:
            found |= _CALL_LEFT * loop.is_left | _CALL_YIELD * loop.yields
    found |= _CALL_PULLED * facts.pulls
    streams = [f for f in facts.frames if f.is_async and f.has_yield and not f.is_transformed]
    scopes = _scoped(facts, words) if any(frame.heads for frame in streams) else set()
    for frame in streams:
        if frame.spawns and Shape.SPAWN in asked and isinstance(frame.node, ast.AsyncFunctionDef):
            orphans = Orphans(frame.node, words)
            found |= _SPAWN * any(map(orphans.may_be, frame.spawns))
        found |= _LOCK_YIELD * any(words.is_lock(head) for head in frame.heads)
        found |= _SCOPE_YIELD * any(
            words.may_be_scope(head) or last_word(head) in scopes for head in frame.heads
        )
        found |= _CLOSING_YIELD * any(
            block.body_yields if is_handler else block.yields for block, is_handler in frame.closes
        )
    return Shape(found)


def _with_elsewhere(
    names: set[str], edges: list[tuple[str, set[str]]], words: FileWords
) -> set[str]:
    """The names, and all that lead to one of them, by what the tree shows or does not."""
    asked: set[str] = set()
    while names - asked:
        names = _closed(names, edges)
        new = names - asked
        asked |= new
        names |= words.handed_on_elsewhere(new)
    return names


def _scoped(facts: Facts, words: FileWords) -> set[str]:
    """Names of the file's context managers that may enter a cancel scope."""
    managers = [frame for frame in facts.frames if frame.is_transformed and frame.heads]
    scoped = {f.name for f in managers if any(words.may_be_scope(head) for head in f.heads)}
    if not scoped:
        return scoped
    entered = [(f.name, {last_word(head) for head in f.heads}) for f in managers]
    return _with_elsewhere(scoped, [*entered, *facts.aliases.items()], words)


def _closed(names: set[str], edges: Iterable[tuple[str, set[str]]]) -> set[str]:
    """The names, and all from which an edge leads to one of them."""
    waiting = list(edges)
    grew = True
    while grew:
        new = {name for name, others in waiting if name not in names and others & names}
        grew = bool(new)
        names |= new
    return names


_CALL_LEFT = Shape.CALL_LEFT.value
_CALL_YIELD = Shape.CALL_YIELD.value
_CALL_PULLED = Shape.CALL_PULLED.value
_SCOPE_YIELD = Shape.SCOPE_YIELD.value
_LOCK_YIELD = Shape.LOCK_YIELD.value
_CLOSING_YIELD = Shape.CLOSING_YIELD.value
_SPAWN = Shape.SPAWN.value
