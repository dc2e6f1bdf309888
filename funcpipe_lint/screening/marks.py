"""The signs of the shapes that async functions show: which marks of their text each asks for."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from funcpipe_lint.screen import Shape

# The marks of a function: each stands for words in its text, or in a function within it.
YIELD, STREAM, FOR, LEAVES, PULL, LIST = (1 << n for n in range(6))
WITH, SCOPE, LOCK, CLEANS, CLOSES, SPAWNS = (1 << n for n in range(6, 12))
APPENDS, FANS, QUEUE, CANCELS, HIDES, TWIN = (1 << n for n in range(12, 18))
HAND_CLOSED, AWAITED = (1 << n for n in range(18, 20))


class Sign(NamedTuple):
    """What has to be in a file that shows a shape."""

    marks: int
    """A function shows it that has these marks."""
    owner: int = 0
    """It calls, by whatever name, a function that has these."""
    between: int = 0
    """Functions with these may stand between the two."""


OWNING = STREAM | CLEANS
HANDS_ON = FOR | YIELD

SIGNS: dict[Shape, Sign] = {
    Shape.ASYNC_FOR: Sign(FOR),
    Shape.ASYNC_COMPREHENSION: Sign(FOR),
    Shape.ASYNC_GENERATOR: Sign(YIELD),
    Shape.CALL_LEFT: Sign(FOR | LEAVES),
    Shape.CALL_YIELD: Sign(FOR | YIELD),
    Shape.CALL_PULLED: Sign(PULL),
    Shape.OWNING_LEFT: Sign(FOR | LEAVES, OWNING, HANDS_ON),
    Shape.OWNING_YIELD: Sign(FOR | YIELD, OWNING, HANDS_ON),
    Shape.OWNING_PULLED: Sign(PULL, OWNING, HANDS_ON),
    Shape.YIELD_IN_WITH: Sign(STREAM | WITH),
    # The manager may be another function of the file, which enters the scope.
    Shape.SCOPE_YIELD: Sign(STREAM | SCOPE, between=YIELD | WITH),
    Shape.LOCK_YIELD: Sign(STREAM | LOCK),
    Shape.CLOSING_YIELD: Sign(STREAM | CLOSES),
    Shape.SPAWN: Sign(STREAM | SPAWNS),
    Shape.REPLAY: Sign(FOR | LIST),
    Shape.REPLAY_LOOP: Sign(FOR | YIELD | APPENDS),
    Shape.RESOURCE_YIELD: Sign(STREAM | WITH),
    Shape.SPAN_YIELD: Sign(STREAM | WITH),
    Shape.SWALLOWED: Sign(STREAM | CANCELS),
    Shape.UNCLOSABLE: Sign(STREAM | HIDES),
    Shape.TWIN_LOOP: Sign(STREAM | TWIN),
    Shape.FAN_OUT: Sign(FOR | FANS),
    Shape.QUEUE: Sign(QUEUE),
    # It pulls, or loops.
    Shape.HAND_CLOSED: Sign(HAND_CLOSED),
    Shape.AWAITED_STREAM: Sign(AWAITED),
}


@cache
def signs_of(shapes: Shape) -> tuple[tuple[Sign, ...], int]:
    """The signs of some shapes, and the marks that these name."""
    signs = tuple({SIGNS[shape] for shape in shapes if shape in SIGNS})
    needed = YIELD | STREAM | FOR
    for sign in signs:
        needed |= sign.marks | sign.owner | sign.between
    # Both are told by what a `with` enters; what is closed by hand may be pulled from.
    needed |= WITH if needed & (SCOPE | LOCK) else 0
    return signs, needed | (PULL if needed & HAND_CLOSED else 0)
