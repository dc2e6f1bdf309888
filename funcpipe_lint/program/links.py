"""What of a file stands for something elsewhere in the program: records, and what files have none,
by their bytes. Nothing of the program is imported for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from funcpipe_lint.model import Link
from funcpipe_lint.model.vocabulary import is_transforming
from funcpipe_lint.screen.text.prefilter import ASYNC_FOR

# A question, the answer that it had, and what tells that it still has it without asking again.
Dependency = Sequence[Any]
# The rules that speak of a link. FP304 asks for the last kind too, and is silent then.
SPEAKING = {
    "stream": ("FP302", "FP303"),
    "made": ("FP301",),
    "scope": ("FP305",),
    "lock": ("FP307",),
    "idle": (),
}
ASKING = frozenset(("FP304", *(code for codes in SPEAKING.values() for code in codes)))
# What is awaited once, for what it gives to be gone through, is not awaited in the loop.
_LOOP = re.compile(rb"y" + ASYNC_FOR + rb"(?:[^\n:]{0,100}? in[ \t]+await\b)?")
_BLOCK = re.compile(rb"with\b(?<!\wwith)[^\n]*")
_MATTERS = re.compile(rb"(?<!\w)(?:yield|return|break|raise|await)\b")
# Managers of no module of the program, and others that enter no cancel scope, by their names.
_PLAIN = re.compile(
    rb"with[ (]+(?:"
    rb"(?:asyncio|anyio|trio|contextlib|tempfile|warnings|pytest|patch|mock|open|suppress|aclosing)\b"
    rb"|(?:[\w.]+\.)?_?(?:lock|open|connect|post|get|request|acquire|raises|transaction)\b)"
)
# What looks behind a word that it has found is ten times as fast as what looks behind each place.
_PULL = re.compile(
    rb"anext(?<!def anext)(?<!def __anext)(?:(?<!\wanext)|(?<=__anext)(?<!\w__anext))"
)
_CLOSE = re.compile(rb"aclose\b(?<!\waclose)")
_NAMED = re.compile(rb"(?<![\w.])(\w+)\.$")
_SPACED = re.compile(rb"\s\.$|\.\s+$")
_DECORATOR = re.compile(rb"@(?:\w+\.)*(\w+)")
# Each is looked at to its end, and they may be in each other: in a file of more, anything may be.
_MOST_BLOCKS = 300
# What a comprehension makes of an item stands before its loop, and is no longer than that.
_LONGEST_ITEM = 400
_QUOTES = (b'"""', b"'''")


class Links(NamedTuple):
    """The links of a file, and what they depend on."""

    links: tuple[Link, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


def may_link(raw: bytes, rules: Collection[str]) -> bool:
    """Whether a file may leave a stream that it goes through, pull from one, close one by hand, or
    yield inside of what it enters. O(bytes)."""
    if "FP301" in rules and b"aclose" in raw and _may_close_by_hand(raw):
        return True
    is_pulled = b"anext" in raw and _PULL.search(raw) is not None
    return is_pulled or _may_leave(raw) or _may_yield_inside(raw)


def _may_close_by_hand(raw: bytes) -> bool:
    """Whether the `aclose` of a name that is assigned to may be called."""
    names = set()
    for found in _CLOSE.finditer(raw):
        line = raw[raw.rfind(b"\n", 0, found.start()) + 1 : found.start()]
        if not line.strip():
            return True  # what it is of stands on another line
        if line.rstrip().endswith(b"."):
            if _SPACED.search(line):
                return True
            named = _NAMED.search(line)
            names |= {named[1]} if named else set()
    return any(_assigned(name).search(raw) for name in names)


@lru_cache(maxsize=500)
def _assigned(name: bytes) -> re.Pattern[bytes]:
    """Where a name is assigned to; with an annotation too, which does not end the line as the colon
    of a block does."""
    return re.compile(rb"%s(?<![\w.]%s)[)\s\\]*(?:=(?!=)|:(?!\s*\n))" % (name, name))


def _may_leave(raw: bytes) -> bool:
    """Whether the body of an `async for` may end it, yield, or wait for something else."""
    return any(
        number == _MOST_BLOCKS
        or _MATTERS.search(raw, found.end(), _end_of_block(raw, found)) is not None
        or _is_waited_before(raw, found.start())
        for number, found in enumerate(_LOOP.finditer(raw))
    )


def _is_waited_before(raw: bytes, at: int) -> bool:
    """Whether a loop may be that of a comprehension which awaits something for each item."""
    end = raw.find(b"\n", at)
    is_statement = raw[at : end if end >= 0 else len(raw)].rstrip().endswith(b":")
    return not is_statement and b"await" in raw[max(at - _LONGEST_ITEM, 0) : at]


def _may_yield_inside(raw: bytes) -> bool:
    """Whether what a `with` calls may be around a yield."""
    if b"yield" not in raw:
        return False
    for number, found in enumerate(_BLOCK.finditer(raw)):
        if number == _MOST_BLOCKS:
            return True
        if b"(" in found[0] and _PLAIN.match(found[0]) is None:
            end = _end_of_block(raw, found)
            if raw.find(b"yield", found.end(), end) >= 0 and _may_be_in_stream(raw, found):
                return True
    return False


def _may_be_in_stream(raw: bytes, block: re.Match[bytes]) -> bool:
    """Whether a block may be in a stream, rather than in a plain function or in one that its
    decorator makes something else of."""
    indent, at = _indent_of(raw, block.start()), block.start()
    while (at := raw.rfind(b"def", 0, at)) >= 0:
        start = raw.rfind(b"\n", 0, at) + 1
        colour = raw[start:at].strip()
        if colour in (b"", b"async") and _indent_of(raw, at) < indent:
            above = raw[raw.rfind(b"\n", 0, max(start - 1, 0)) + 1 : start].strip()
            is_plain = not colour and not above.endswith(b"\\")
            decorator = _DECORATOR.match(above)
            is_stream = not is_plain and not (decorator and is_transforming(decorator[1].decode()))
            return is_stream or _may_be_in_string(raw, at, block.start())
    return True


def _end_of_block(raw: bytes, head: re.Match[bytes]) -> int:
    """Where the block ends that has this in its head, by its indentation; all the rest where a
    string over several lines may hide that."""
    at, after = head.span()
    end = _dedent(_indent_of(raw, at)).search(raw, max(raw.find(b"\n", after), after))
    if end is None:
        return len(raw)
    return len(raw) if _may_be_in_string(raw, at, end.start()) else end.start()


def _indent_of(raw: bytes, at: int) -> int:
    line = raw[raw.rfind(b"\n", 0, at) + 1 : at]
    return len(line) - len(line.lstrip())


def _may_be_in_string(raw: bytes, at: int, end: int) -> bool:
    """Whether a string over several lines may begin or end between two places."""
    return any(raw.count(quotes, at, end) % 2 for quotes in _QUOTES)


@cache
def _dedent(indent: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % indent)
