"""The screen of each rule: a literal table that can be read without importing a rule, or libcst."""

from __future__ import annotations

from typing import NamedTuple

from funcpipe_lint.screen import Shape
from funcpipe_lint.vocabulary import (
    CHANNELS,
    LOCK_WORDS,
    QUEUES,
    SCOPES,
    SPAN_WORDS,
    STREAM_TYPES,
    last_words,
)


class Screen(NamedTuple):
    """Without what a rule has nothing to say of a file."""

    shapes: tuple[Shape, ...]
    """Alternatives: all shapes of one of them occur."""
    words: tuple[str, ...] = ()
    """The text holds at least one; empty: any text."""
    elsewhere: tuple[Shape, ...] = ()
    """Further alternatives where the rule is asked for in every module."""
    setting: str = ""
    """The setting whose names count as words too."""
    requires: str = ""
    """The setting that has to be given."""


_S = Shape
_STREAM_OF_RESULTS = (_S.RESULT_WORDS | _S.ASYNC_GENERATOR, _S.RESULT_WORDS | _S.GENERATOR)

SCREENS: dict[str, Screen] = {
    "FP101": Screen((_S.ASYNC_COMPREHENSION, _S.ASYNC_FOR, _S.RESULT_WORDS)),
    "FP102": Screen((_S.REPLAY,), elsewhere=(_S.REPLAY_LOOP,)),
    "FP103": Screen((_S.ASYNC_FOR, _S.ASYNC_COMPREHENSION, _S.COLLECTION), requires="shell"),
    "FP201": Screen((_S.ASYNC_GENERATOR, _S.GENERATOR)),
    "FP202": Screen(_STREAM_OF_RESULTS, ("raise",)),
    "FP203": Screen(_STREAM_OF_RESULTS),
    "FP204": Screen((_S.RESULT_WORDS,)),
    "FP205": Screen(
        _STREAM_OF_RESULTS, ("except",), elsewhere=(_S.ASYNC_GENERATOR | _S.SWALLOWED,)
    ),
    "FP301": Screen((_S.HAND_CLOSED,), ("aclose",)),
    "FP302": Screen(
        (
            _S.OWNING_LEFT,
            _S.OWNING_PULLED,
            _S.CALL_LEFT | _S.RESULT_WORDS,
            _S.CALL_PULLED | _S.RESULT_WORDS,
        )
    ),
    "FP303": Screen((_S.OWNING_YIELD, _S.CALL_YIELD | _S.RESULT_WORDS)),
    "FP304": Screen((_S.RESOURCE_YIELD,)),
    "FP305": Screen((_S.SCOPE_YIELD,), last_words(SCOPES)),
    "FP306": Screen((_S.CLOSING_YIELD,)),
    "FP307": Screen((_S.LOCK_YIELD,), LOCK_WORDS),
    "FP308": Screen((_S.SPAN_YIELD,), SPAN_WORDS, setting="spans"),
    "FP401": Screen((_S.BUILDER_ACTS,)),
    "FP402": Screen((_S.BUILDER_ONE_SHOT,)),
    "FP403": Screen((_S.BUILDER_SHARES,)),
    "FP404": Screen((_S.LATE_BINDING,)),
    "FP405": Screen((_S.AWAITED_STREAM,), STREAM_TYPES),
    "FP501": Screen((_S.QUEUE,), last_words((*QUEUES, *CHANNELS)), setting="queues"),
    "FP502": Screen((_S.FAN_OUT,)),
    "FP503": Screen((_S.TWIN_LOOP,)),
    "FP504": Screen((_S.SPAWN,)),
    "FP601": Screen((_S.RESULT_WORDS,)),
    "FP602": Screen((_S.DISCARDED_CALL,)),
    "FP603": Screen((_S.UNCLOSABLE,), ("AsyncIterator", "AsyncIterable")),
}
