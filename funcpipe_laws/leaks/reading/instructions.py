"""The instructions of a code object: names, numbers, jumps and lines, and nothing else.

`dis.get_instructions` also makes texts for people to read, and takes four to eight times as long.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

_NAMES = dis.opname
_CACHE, _EXTENDED = dis.opmap.get("CACHE"), dis.EXTENDED_ARG
IS_READABLE = sys.implementation.name == "cpython"
"""Whether what a code object would clean up can be told; others have another bytecode."""
# Python 3.15 counts END_ASYNC_FOR too, whose number only names the SEND that it ends.
_JUMPS = frozenset(_NAMES[one] for one in dis.hasjrel) - {"END_ASYNC_FOR"}
# Where the lowest bit of the number says something else than which name it is.
_DOUBLED = {"LOAD_GLOBAL"} | ({"LOAD_ATTR"} if sys.version_info >= (3, 12) else set())
_NAMED = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR"}

Position = tuple[int | None, int | None, int | None, int | None]


class Instruction(NamedTuple):
    """One instruction; its own number is there also where it says nothing."""

    offset: int
    name: str
    number: int
    follows: int
    """The offset of the instruction after it, which jumps count from."""

    @property
    def target(self) -> int | None:
        """Where it jumps to; None if it does not jump."""
        if self.name not in _JUMPS:
            return None
        way = -2 if "BACKWARD" in self.name else 2
        return self.follows + way * self.number


class Instructions:
    """All of one code object, in order."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self._positions: list[Position] | None = None
        self._all = list(_decoded(code.co_code))
        self._index = {one.offset: n for n, one in enumerate(self._all)}

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, n: int) -> Instruction:
        return self._all[n]

    def __iter__(self) -> Iterator[Instruction]:
        return iter(self._all)

    def at(self, offset: int) -> int:
        """Which one is at an offset. Raises `KeyError` where none begins."""
        return self._index[offset]

    def named(self, one: Instruction) -> str | None:
        """The global, or the attribute, that it loads; None if it loads something else."""
        if one.name not in _NAMED:
            return None
        return self.code.co_names[one.number >> (one.name in _DOUBLED)]

    def position(self, one: Instruction) -> Position:
        """First and last line, first and last column in bytes; None where one is not known."""
        if self._positions is None:
            self._positions = list(self.code.co_positions())
        return self._positions[one.offset // 2]

    def line(self, one: Instruction) -> int:
        """Its line; 0 if it has none."""
        return self.position(one)[0] or 0


def _decoded(units: bytes) -> Iterator[Instruction]:
    """Two bytes each; those behind an instruction that CPython keeps for itself are passed over."""
    starts = [n for n in range(0, len(units), 2) if units[n] != _CACHE]
    extended = 0
    for n, follows in zip(starts, [*starts[1:], len(units)], strict=True):
        number = extended | units[n + 1]
        extended = number << 8 if units[n] == _EXTENDED else 0
        yield Instruction(n, _NAMES[units[n]], number, follows)


_codes: dict[int, Instructions] = {}


def instructions_of(code: CodeType) -> Instructions:
    """Those of a code object, decoded once for each; it is kept, so that its id stays its own."""
    found = _codes.get(id(code))
    if found is None:
        found = _codes[id(code)] = Instructions(code)
    return found
