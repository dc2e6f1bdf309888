"""What a code object would still run if it were closed at one of its yields.

The exception table says which handler guards an instruction, and each handler is guarded in turn by
the one around it. What a handler is, its first instructions tell. All of this is the compiler's
own knowledge of the block structure; the source text is not looked at.
"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any, Literal, NamedTuple

from funcpipe_laws.leaks.reading.instructions import instructions_of

ITEM_RESUMED = 1
"""Argument of the RESUME after the yield of an item; that after an `await` has 3."""
_MODE = 3

_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "BUILD_TUPLE", "LOAD_DEREF"}
_PASSED_OVER = {"NOP", "COPY_FREE_VARS", "CACHE", "NOT_TAKEN", "PUSH_NULL", "EXTENDED_ARG"}
# What makes a clean-up more than a block that only lets an exception through.
_ACTS = ("CALL", "PRECALL", "SEND", "YIELD_VALUE", "IMPORT_NAME")
_CHANGES = ("STORE_ATTR", "STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF", "DELETE_ATTR")
_WORK = (*_ACTS, *_CHANGES, "DELETE_SUBSCR", "DELETE_GLOBAL", "DELETE_DEREF", "STORE_SLICE")
_ENDS = {"RERAISE", "RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "POP_EXCEPT"}
_ONE_WAY = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD_NO_INTERRUPT")
UNKNOWN = object()


class Handler(NamedTuple):
    """A handler around a yield that would run something if the generator were closed there."""

    what: Literal["with", "finally", "except"]
    line: int


class ItemYield(NamedTuple):
    """A yield of an item, with the handlers around it, innermost first.

    Those of `except` are in question until `catches` is asked: what they name may be anything.
    """

    offset: int
    line: int
    handlers: tuple[Handler | Except, ...]

    @property
    def withs(self) -> int:
        """How many context managers the generator is inside of."""
        return sum(handler.what == "with" for handler in self.handlers)


class Except(NamedTuple):
    """A `try` with `except` clauses: per clause its line, the loads that name its classes (None
    for all), and whether its body does something."""

    line: int
    clauses: tuple[tuple[int, tuple[tuple[str, Any], ...] | None, bool], ...]
    what: Literal["except"] = "except"

    def runs(self, names: Mapping[str, Any]) -> Handler | None:
        """The clause that a `GeneratorExit` would run, if it is certain and does something."""
        for line, loads, works in self.clauses:
            caught = BaseException if loads is None else _evaluate(loads, names)
            if caught is UNKNOWN:
                return None
            if _matches(caught):
                return Handler("except", line) if works else None
        return None


class Code:
    """One code object, taken apart once."""

    def __init__(self, code: CodeType) -> None:
        self.code = code  # Kept, so that its id stays its own.
        self._instructions = instructions_of(code)
        self._table = list(_exception_table(code))
        self.yields = {y.offset: y for y in self._item_yields()}
        self.resumes = {self._resume_after(offset): offset for offset in self.yields}
        self.may_clean_up = any(y.handlers for y in self.yields.values())

    def suspended_at(self, offset: int) -> ItemYield | None:
        """The yield of an item at which a generator waits whose last instruction is at `offset`.

        From Python 3.13 on that is the RESUME after it.
        """
        return self.yields.get(self.resumes.get(offset, offset))

    def _item_yields(self) -> Iterator[ItemYield]:
        for one in self._instructions:
            if one.name == "YIELD_VALUE" and self._yields_item(one.offset):
                yield ItemYield(one.offset, self._instructions.line(one), self.handlers(one.offset))

    def _resume_after(self, offset: int) -> int:
        return self._instructions[self._instructions.at(offset) + 1].offset

    def _yields_item(self, offset: int) -> bool:
        after = self._instructions.at(offset) + 1
        if after >= len(self._instructions):
            return False
        resume = self._instructions[after]
        return resume.name == "RESUME" and resume.number & _MODE == ITEM_RESUMED

    def handlers(self, offset: int) -> tuple[Handler | Except, ...]:
        """Those around an instruction, innermost first."""
        return tuple(self._handlers(offset))

    def _handlers(self, offset: int) -> Iterator[Handler | Except]:
        seen = set()
        target = self._guard(offset)
        while target is not None and target not in seen:
            seen.add(target)
            handler = self._handler(self._instructions.at(target))
            if handler is not None:
                yield handler
            target = self._guard(target)

    def _guard(self, offset: int) -> int | None:
        for start, end, target in self._table:
            if start <= offset < end:
                return target
        return None

    def _handler(self, at: int) -> Handler | Except | None:
        """What starts at an instruction; None for what the compiler put there for itself."""
        if self._instructions[at].name != "PUSH_EXC_INFO":
            return None
        at = self._skip(at + 1)
        if self._instructions[at].name == "WITH_EXCEPT_START":
            return Handler("with", self._instructions.line(self._instructions[at]))
        clauses = tuple(self._clauses(at))
        if clauses:
            return Except(clauses[0][0], clauses)
        if self._works(at):
            return Handler("finally", self._instructions.line(self._instructions[at]))
        return None

    def _clauses(self, at: int) -> Iterator[tuple[int, Any, bool]]:
        """The `except` clauses of a handler; none if it is a `finally`."""
        first = True
        while True:
            at = self._skip(at)
            here = self._instructions[at]
            if here.name == "RERAISE":
                return
            if here.name == "POP_TOP":
                # `except:`, or a `finally` that begins by dropping nothing: there is none.
                yield self._instructions.line(here), None, self._works(at + 1)
                return
            loads, check = self._loads(at)
            if check is None:
                if not first:
                    yield self._instructions.line(here), (("unknown", None),), True
                return
            branch = self._skip(check + 1)
            jump = self._instructions[branch]
            yield self._instructions.line(self._instructions[check]), loads, self._works(branch + 1)
            if not jump.name.startswith("POP_JUMP") or jump.target is None:
                return
            at, first = self._instructions.at(jump.target), False

    def _loads(self, at: int) -> tuple[tuple[tuple[str, Any], ...], int | None]:
        """The loads in front of a match of exceptions, and where that is."""
        loads: list[tuple[str, Any]] = []
        for n in range(at, len(self._instructions)):
            one = self._instructions[n]
            if one.name == "CHECK_EXC_MATCH":
                return tuple(loads), n
            if one.name == "CHECK_EG_MATCH":
                return (("unknown", None),), n
            if one.name in _PASSED_OVER:
                continue
            if one.name.startswith(("POP_", "STORE_", "RERAISE", "RETURN", "JUMP", "SEND")):
                break
            what = one.number if one.name == "BUILD_TUPLE" else self._instructions.named(one)
            loads.append((one.name if one.name in _LOADS else "unknown", what))
        return (), None

    def _skip(self, at: int) -> int:
        while self._instructions[at].name in _PASSED_OVER:
            at += 1
        return at

    def _works(self, at: int) -> bool:
        """Whether the handler's code from here to its end calls or changes anything."""
        todo, seen = [at], set()
        while todo:
            n = todo.pop()
            if n in seen or n >= len(self._instructions):
                continue
            seen.add(n)
            one = self._instructions[n]
            if one.name.startswith(_WORK):
                return True
            if one.name in _ENDS:
                continue
            if one.target is not None:
                todo.append(self._instructions.at(one.target))
            if one.name not in _ONE_WAY:
                todo.append(n + 1)
        return False


def _exception_table(code: CodeType) -> Iterator[tuple[int, int, int]]:
    """(start, end, handler) in bytes, as CPython's `Objects/exception_handling_notes.txt` has it.

    Four numbers an entry, each of bytes with six bits, the highest first; bit 6: more follow.
    """
    numbers: list[int] = []
    value = 0
    for byte in code.co_exceptiontable:
        value = value << 6 | byte & 63
        if not byte & 64:
            numbers.append(value)
            value = 0
    for start, length, target, _ in zip(*[iter(numbers)] * 4, strict=False):
        yield 2 * start, 2 * (start + length), 2 * target


def _evaluate(loads: tuple[tuple[str, Any], ...], names: Mapping[str, Any]) -> Any:
    """The class, or the tuple of classes, that these loads leave on the stack."""
    stack: list[Any] = []
    for kind, name in loads:
        if kind in ("LOAD_GLOBAL", "LOAD_NAME"):
            value = names.get(name, getattr(builtins, name, UNKNOWN))
        elif kind == "LOAD_ATTR" and stack:
            # Of modules and classes only: an attribute of anything else may run code.
            owner = stack.pop()
            plain = isinstance(owner, type) or type(owner).__name__ == "module"
            value = vars(owner).get(name, UNKNOWN) if plain else UNKNOWN
        elif kind == "BUILD_TUPLE" and name is not None and len(stack) >= name:
            value = tuple(stack[len(stack) - name :])
            del stack[len(stack) - name :]
        else:
            return UNKNOWN
        if value is UNKNOWN:
            return UNKNOWN
        stack.append(value)
    return stack[0] if len(stack) == 1 else UNKNOWN


def _matches(caught: Any) -> bool:
    if isinstance(caught, tuple):
        return any(_matches(one) for one in caught)
    return isinstance(caught, type) and issubclass(GeneratorExit, caught)


def has_handlers(code: CodeType) -> bool:
    """Whether any `with`, `finally` or `except` is in a code object; a hundredth of taking it
    apart."""
    instructions = code.co_code
    return any(instructions[target] == _HANDLER for _, _, target in _exception_table(code))


_HANDLER = dis.opmap.get("PUSH_EXC_INFO")
_codes: dict[int, Code] = {}


def code_of(code: CodeType) -> Code:
    """The code object taken apart; once for each."""
    found = _codes.get(id(code))
    if found is None:
        found = _codes[id(code)] = Code(code)
    return found
