"""What of a file stands for something elsewhere in the program: records, and what files have none,
by their bytes. Nothing of the program is imported for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple

from funcpipe_lint.model import Link
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
_LOOP = re.compile(rb"y" + ASYNC_FOR)
_BLOCK = re.compile(rb"with\b(?<!\wwith)[^\n]*")
_MATTERS = re.compile(rb"(?<!\w)(?:yield|return|break|raise|await)\b")
# Managers of no module of the program, and others that enter no cancel scope, by their names.
_PLAIN = re.compile(
    rb"with[ (]+(?:"
    rb"(?:asyncio|anyio|trio|contextlib|tempfile|warnings|pytest|patch|mock|open|suppress|aclosing)\b"
    rb"|(?:[\w.]+\.)?_?(?:lock|open|connect|post|get|request|acquire|raises|transaction)\b)"
)
_PULL = re.compile(rb"(?<!def )(?<!\w)(?:__)?anext\w*")
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
    if "FP301" in rules and b"aclose" in raw:
        return True
    is_pulled = b"anext" in raw and _PULL.search(raw) is not None
    return is_pulled or _may_leave(raw) or _may_yield_inside(raw)


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
            if raw.find(b"yield", found.end(), end) >= 0:
                return True
    return False


def _end_of_block(raw: bytes, head: re.Match[bytes]) -> int:
    """Where the block ends that has this in its head, by its indentation; all the rest where a
    string over several lines may hide that."""
    at, after = head.span()
    line = raw.rfind(b"\n", 0, at) + 1
    indent = len(raw[line:at]) - len(raw[line:at].lstrip())
    end = _dedent(indent).search(raw, max(raw.find(b"\n", after), after))
    if end is None:
        return len(raw)
    is_certain = all(raw.count(quotes, at, end.start()) % 2 == 0 for quotes in _QUOTES)
    return end.start() if is_certain else len(raw)


@cache
def _dedent(indent: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % indent)
