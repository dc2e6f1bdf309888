"""Where a suspended generator has clean-up pending: read from its code object, never from text.

A generator that is suspended inside `with`, `async with`, `try ... finally` or an `except` that
takes GeneratorExit has something to do when it is closed. Python keeps that in the exception table
of its code: which handler covers which instruction.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

_CATCHES_THE_EXIT = frozenset({"BaseException", "GeneratorExit"})


class Pending(NamedTuple):
    """A block that a generator is suspended in: what it is, and its line."""

    what: str
    line: int


def pending(generator: Any) -> list[Pending]:
    """The blocks that closing a generator would run, innermost first; empty if it is finished.

    Linear in the size of its code, which is read once.
    """
    frame = getattr(generator, "ag_frame", None) or getattr(generator, "gi_frame", None)
    if frame is None:
        return []
    blocks = _Blocks.of(frame.f_code)
    return list(blocks.around(frame.f_lasti))


class _Blocks:
    """The exception table of a code object, with what each handler does."""

    def __init__(self, code: CodeType) -> None:
        self._table = list(_entries(code))
        self._code = list(dis.get_instructions(code))
        self._at = {instruction.offset: n for n, instruction in enumerate(self._code)}
        self._lines = [(start, line) for start, _, line in code.co_lines() if line is not None]

    @staticmethod
    @lru_cache(maxsize=512)
    def of(code: CodeType) -> _Blocks:
        """The blocks of a code object, read once."""
        return _Blocks(code)

    def around(self, offset: int) -> Iterator[Pending]:
        """The blocks around an instruction, innermost first."""
        seen = set()
        entry = self._entry(offset)
        while entry is not None and entry not in seen:
            seen.add(entry)
            target = entry[2]
            what = self._cleanup(target)
            if what is not None:
                # A block is covered piece by piece: an inner handler cuts it.
                start = min(start for start, _, handler in self._table if handler == target)
                yield Pending(what, self._line(target if what == "with" else start))
            entry = self._entry(target)

    def _entry(self, offset: int) -> tuple[int, int, int] | None:
        found = [entry for entry in self._table if entry[0] <= offset < entry[1]]
        return found[0] if found else None

    def _cleanup(self, target: int) -> str | None:
        """What a handler is, if closing the generator runs it; None for those of the machinery."""
        first = self._at.get(target)
        if first is None or self._code[first].opname != "PUSH_EXC_INFO":
            return None
        following = self._code[first + 1 :]
        if following and following[0].opname == "WITH_EXCEPT_START":
            return "with"
        named: set[Any] = set()
        for instruction in following:
            if instruction.opname == "CHECK_EXC_MATCH":
                return "except" if named & _CATCHES_THE_EXIT else None
            if not instruction.opname.startswith(("LOAD_", "BUILD_TUPLE", "CACHE", "NOP")):
                break
            named.add(instruction.argval)
        return "try"

    def _line(self, offset: int) -> int:
        lines = [line for start, line in self._lines if start <= offset]
        return lines[-1] if lines else 0


def _entries(code: CodeType) -> Iterator[tuple[int, int, int]]:
    """(start, end, handler) of each entry, in bytes; the format is that of CPython 3.11 and on."""
    numbers = _numbers(code.co_exceptiontable)
    for start in numbers:
        length, target, _ = next(numbers), next(numbers), next(numbers)
        yield 2 * start, 2 * (start + length), 2 * target


def _numbers(table: bytes) -> Iterator[int]:
    value = 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            yield value
            value = 0
