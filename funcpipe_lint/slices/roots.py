"""Which statements of a file rules may speak of, by what their text holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
    said: re.Pattern[str] | None = None
    """What this finds anywhere."""
    iterated: frozenset[str] | None = None
    """A call of one of these where a loop says what it goes through; None: anything."""

    def is_in(self, code: str, text: str) -> bool:
        """Whether a statement is one, by its text; `code` is the same of the mask."""
        return (
            all(word in code for word in self.code)
            and all(word in text for word in self.text)
            and (not self.called or any(word in text for word in self.called))
            and (self.shape is None or self.shape.search(code) is not None)
            and (self.said is None or self.said.search(text) is not None)
            and (self.iterated is None or not self.iterated.isdisjoint(_iterated(code)))
        )


def _iterated(code: str) -> Iterator[str]:
    """The names of what is called where a loop says what it goes through."""
    return (found[2] or found[1] for found in _OVER_CALL.finditer(code))


# All that such a rule asks of other code it reaches by a name that it has met in what it was shown.
_ASYNC_FOR = re.compile(r"async[\s\\#]+for\b")
_LOOP = Root(("async", "for"), shape=_ASYNC_FOR)
_OVER_CALL = re.compile(r"in(?<!\win)[\s\\(#]*(\w+)[\s\\)#]*(?:\.[\s\\#]*(\w+)[\s\\)#]*)?\(")
_COROUTINE = re.compile(r"async[\s\\]+def\b")
# What a name of the file may stand for: its functions, and their aliases.
_DEFINED = re.compile(r"def[\s\\]+(\w+)")
_IS_BOUND = r"{0}(?<!\w{0})[\s\\)#]*=(?!=)"
# A loop over a list that is written where it is gone through.
_OVER_LIST = re.compile(r"in(?<!\win)[\s\\(#]*\[")
# It is called, or `getattr` asks for it.
_CLOSED = re.compile(r"\.(?:[\s\\]|#[^\n]*\n)*aclose(?:[\s\\)]|#[^\n]*\n)*\(|[\"']aclose[\"']")
_HELD = Root(("async", "with"), ("yield",))
ROOTS: dict[str, tuple[Root, ...]] = {
    "FP102": (Root(("async", "for"), shape=_OVER_LIST),),
    "FP301": (Root((), ("aclose",), said=_CLOSED),),
    "FP302": (_LOOP, Root(("async",), (), ("anext", "__anext__"))),
    "FP303": (_LOOP._replace(text=("yield",)),),
    "FP304": (_HELD,),
    "FP305": (_HELD,),
    "FP306": (Root(("async", "try"), ("yield",)),),
    "FP307": (_HELD,),
    "FP308": (_HELD,),
    "FP501": (Root((), (), last_words((*QUEUES, *CHANNELS))),),
    # A name stands for what is gathered elsewhere than it is made.
    "FP502": (
        _LOOP._replace(called=(*last_words(SPAWNERS), "start_soon")),
        Root((), (), ("gather",)),
    ),
    "FP503": (Root(("async", "for", "self"), ("yield",)),),
    "FP504": (Root(("async",), ("yield",), last_words(SPAWNERS)),),
}
# Rules that ask whether what is called is a stream, and who owns its clean-up.
OF_STREAMS = frozenset(("FP102", "FP301", "FP302", "FP303", "FP501"))
# Of these, such as ask for streams of builders too, and for those that own nothing.
OF_DESCRIPTIONS = frozenset(("FP102", "FP301", "FP501"))
# Rules that ask what a manager of the file holds.
OF_MANAGERS = frozenset(("FP304", "FP305", "FP307", "FP308"))
# Of these, such as ask whether what a loop goes through is a generator.
OF_GENERATORS = frozenset(("FP307",))
# Rules that speak of the header of a function: of a stream's, and of any other's that returns.
OF_HEADERS = "FP603"
OF_RETURNS = "FP405"
SLICED = frozenset((*ROOTS, OF_HEADERS, OF_RETURNS))
# Elsewhere such a rule speaks of a list of that name too.
_EVERYWHERE = {"FP102": (*ROOTS["FP102"], Root(("append",), ("yield",), shape=_ASYNC_FOR))}
# Their loops matter where the header calls what may be a function of the file.
_OF_CALLED = frozenset(("FP302", "FP303"))
_CONFIGURED = {"FP501": "queues", "FP502": "spawners", "FP504": "spawners"}


def roots_of(text: str, mask: str, codes: Iterable[str], settings: Settings) -> list[Root]:
    """What the rules with these codes may speak of in a file of this text; `mask` is the text with
    its strings and comments overwritten."""
    roots: list[Root] = []
    raw = text.encode("utf-8", "surrogatepass")
    for code in codes:
        more = last_words(getattr(settings, _CONFIGURED[code])) if code in _CONFIGURED else ()
        everywhere = _EVERYWHERE.get(code) if code in settings.everywhere else None
        for root in everywhere or ROOTS.get(code, ()):
            called = (*root.called, *more)
            is_hidden = any(is_renamed(raw, word.encode()) for word in called)
            is_loop = code in _OF_CALLED and "for" in root.code
            iterated = _named(mask) if is_loop else None
            roots.append(root._replace(called=() if is_hidden else called, iterated=iterated))
    return roots


def _named(mask: str) -> frozenset[str]:
    """What loops go through that may be the name of a function in a file."""
    defined = frozenset(_DEFINED.findall(mask))
    called = frozenset(_iterated(mask))
    aliases = (name for name in called - defined if re.search(_IS_BOUND.format(name), mask))
    return called & defined | frozenset(aliases)


def holds_coroutine(code: str) -> bool:
    """Whether a coroutine function may be defined in a function, annotated, and return."""
    begin = code.find("def") + 3
    found = _COROUTINE.search(code, begin)
    return found is not None and "return" in code[found.end() :] and "->" in code[found.end() :]
