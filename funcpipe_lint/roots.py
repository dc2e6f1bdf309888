"""Which statements of a file rules may speak of, by what their text holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from funcpipe_lint.mentions import is_renamed
from funcpipe_lint.model import Settings
from funcpipe_lint.vocabulary import CHANNELS, QUEUES, SPAWNERS, last_words


class Root(NamedTuple):
    """What the text of an outermost function, or of a statement in none, holds that a rule may
    speak of."""

    code: tuple[str, ...]
    """All of these outside its strings and comments."""
    text: tuple[str, ...] = ()
    """All of these anywhere: an f-string may hold an expression."""
    called: tuple[str, ...] = ()
    """One of these anywhere, unless the file gives one of them another name; empty: anything."""
    shape: re.Pattern[str] | None = None
    """What this finds outside its strings and comments."""

    def is_in(self, code: str, text: str) -> bool:
        """Whether a statement is one, by its text; in `code` its strings are overwritten."""
        return (
            all(word in code for word in self.code)
            and all(word in text for word in self.text)
            and (not self.called or any(word in text for word in self.called))
            and (self.shape is None or self.shape.search(code) is not None)
        )


# All that such a rule asks of other code it reaches by a name that it has met in what it was shown.
_LOOP = Root(("async", "for"))
# A loop over a list that is written where it is gone through.
_OVER_LIST = re.compile(r"\bin[\s\\(#]*\[")
_HELD = Root(("async", "with"), ("yield",))
ROOTS: dict[str, tuple[Root, ...]] = {
    "FP102": (Root(("async", "for"), shape=_OVER_LIST),),
    "FP301": (Root((), ("aclose",)),),  # or of `getattr`, in any function
    "FP302": (_LOOP, Root(("async",), (), ("anext", "__anext__"))),
    "FP303": (Root(("async", "for"), ("yield",)),),
    "FP304": (_HELD,),
    "FP305": (_HELD,),
    "FP306": (Root(("async", "try"), ("yield",)),),
    "FP307": (_HELD,),
    "FP308": (_HELD,),
    "FP501": (Root((), (), last_words((*QUEUES, *CHANNELS))),),
    # What is gathered may be bound, and filled, anywhere.
    "FP502": (Root(("async",), ("for",)), Root((), (), ("gather",))),
    "FP503": (Root(("async", "for", "self"), ("yield",)),),
    "FP504": (Root(("async",), ("yield",), last_words(SPAWNERS)),),
}
# Elsewhere such a rule speaks of a list of that name too.
_EVERYWHERE = {"FP102": (_LOOP,)}
_CONFIGURED = {"FP501": "queues", "FP504": "spawners"}


def roots_of(text: str, codes: Iterable[str], settings: Settings) -> list[Root]:
    """What the rules with these codes may speak of in a file of this text."""
    roots: list[Root] = []
    for code in codes:
        more = last_words(getattr(settings, _CONFIGURED[code])) if code in _CONFIGURED else ()
        everywhere = _EVERYWHERE.get(code) if code in settings.everywhere else None
        for root in everywhere or ROOTS.get(code, ()):
            called = (*root.called, *more)
            raw = text.encode("utf-8", "surrogatepass") if called else b""
            is_hidden = any(is_renamed(raw, word.encode()) for word in called)
            roots.append(root._replace(called=() if is_hidden else called))
    return roots
