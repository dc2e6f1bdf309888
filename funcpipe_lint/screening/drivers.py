"""Which async functions may drive a stream of some others, whatever name it goes by, by the words
of the file: what does not concern these is not parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from funcpipe_lint.mentions import (
    GAP_TO_NAME,
    bound_names,
    functions_around,
    is_alone,
    last_receiver,
    may_be_handed_on,
    places,
    text_before,
)
from funcpipe_lint.screening.blocks import Start
from funcpipe_lint.screening.marks import FOR, PULL, YIELD
from funcpipe_lint.screening.prefilter import GAP

_NAME = re.compile(rb"def%s([\w\x80-\xff]+)" % GAP)
# Functions are looked up by the part of the file that they are in: this many bytes.
_PART = 4096
_RETURNED = re.compile(rb"\breturn\b" + GAP_TO_NAME)


class Marked(NamedTuple):
    """An async function and what its text shows."""

    start: Start
    end: int
    """It certainly ends before."""
    marks: int

    def holds(self, offset: int) -> bool:
        """Whether a place of the file may be in it."""
        return self.start.at <= offset < self.end


class _Around:
    """Functions by the places that they may hold: of thousands, each mention asks a few."""

    def __init__(self, functions: Iterable[Marked]) -> None:
        self._near: dict[int, list[Marked]] = {}
        for each in functions:
            for part in range(each.start.at // _PART, each.end // _PART + 1):
                self._near.setdefault(part, []).append(each)

    def of(self, offset: int) -> list[Marked]:
        """Those that may hold a place of the file."""
        return [each for each in self._near.get(offset // _PART, ()) if each.holds(offset)]


class Drivers:
    """What may drive the streams that `owners` make; `functions` are all that show a mark."""

    def __init__(self, raw: bytes, owners: list[Marked], functions: list[Marked]) -> None:
        self._raw = raw
        self._looping = _Around(each for each in functions if each.marks & FOR)
        self._pulling = _Around(each for each in functions if each.marks & PULL)
        self.found: set[Start] = set()
        """Those that may loop over what an owner gives, or pull from it."""
        names = {name_of(raw, owner.start) for owner in owners}
        seen: set[bytes] = set()
        while new := names - seen:
            seen |= new
            names.update(*map(self._handing_on, new))

    def _handing_on(self, name: bytes) -> Iterator[bytes]:
        """Notes what drives the calls of a name; the names by which these are handed on."""
        raw = self._raw
        for at in places(raw, name):
            is_handed = may_be_handed_on(raw, at)
            pulling = self._pulling.of(at)
            if pulling and not raw[max(at - 40, 0) : at].rstrip().endswith(b"def"):
                self.found.update(each.start for each in pulling)
            if not is_handed:
                continue
            before = text_before(raw, at)
            if is_alone(raw, at + len(name)):
                yield from bound_names(before)
            if _is_nested(raw, at):
                continue
            around = self._looping.of(at)
            self.found.update(each.start for each in around)
            yield from (name_of(raw, each.start) for each in around if each.marks & YIELD)
            if _RETURNED.search(before):
                yield from (each for each, _ in functions_around(raw, at))


def _is_nested(raw: bytes, at: int) -> bool:
    """Whether a mention is of an attribute of an attribute: no file tells what that is."""
    before = raw[max(at - 200, 0) : at]
    name = last_receiver(before)
    return name not in (None, b"") and last_receiver(before[: before.rindex(name)]) is not None


def name_of(raw: bytes, start: Start) -> bytes:
    """The name of a function; empty where a text has none."""
    found = _NAME.match(raw, start.after - 3)
    return found[1] if found else b""
