"""Which async functions of a file may show a shape, by the marks of their text: most are parsed for
none."""

from __future__ import annotations

from functools import cached_property

from funcpipe_lint.mentions import places
from funcpipe_lint.screen import Shape
from funcpipe_lint.screening.blocks import Start
from funcpipe_lint.screening.drivers import Drivers
from funcpipe_lint.screening.marking import Marking
from funcpipe_lint.screening.marks import FOR, OWNING, SIGNS, STREAM, WITH, signs_of
from funcpipe_lint.screening.outside import Outside
from funcpipe_lint.screening.scopes import Scopes
from funcpipe_lint.screening.words import FileWords


class Outline:
    """The async functions of a file, by what their text holds. O(bytes)."""

    def __init__(self, raw: bytes, starts: list[Start], words: FileWords, shapes: Shape) -> None:
        """`shapes` are those that are asked for: the marks of no others are looked for."""
        self._raw = raw
        self._signs, needed = signs_of(shapes)
        self._scopes = Scopes(raw, words)
        self._outside = Outside(raw, starts)
        self._functions = Marking(raw, starts, words, needed, self._scopes).functions()

    @property
    def streams(self) -> list[Start]:
        """Its async generators, and what may be one."""
        return self._having(STREAM)

    def wanted(self) -> list[Start]:
        """The functions that may show one of the shapes, and those that it takes to tell."""
        wanted: set[Start] = set()
        for sign in self._signs:
            showing = self._having(sign.marks)
            if showing and sign.owner:
                showing = [start for start in showing if start in self._drivers]
                if showing:
                    wanted.update(self._having(sign.owner), self._drivers)
            elif sign.between and self._enters_managed_scope:
                showing = self._having(sign.between)
            wanted.update(showing)
        return sorted(wanted)

    @cached_property
    def _drivers(self) -> set[Start]:
        """The functions that may drive a stream of the file that owns clean-up."""
        owners = [function for function in self._functions if function.marks & OWNING == OWNING]
        return Drivers(self._raw, owners, self._functions).found

    @cached_property
    def _enters_managed_scope(self) -> bool:
        """Whether a stream may enter what is a scope by a context manager of the file."""
        enters = bool(self._having(STREAM | WITH))
        return enters and self._scopes.are_managed(self._functions, self._outside)

    def may_show(self, shape: Shape) -> bool:
        """Whether a function may show a shape that is asked for."""
        return self._having(SIGNS[shape].marks) != []

    def _having(self, marks: int) -> list[Start]:
        return [each.start for each in self._functions if each.marks & marks == marks]

    def shows_elsewhere(self, shape: Shape) -> bool:
        """Whether code in no async function may show a shape that is asked for."""
        if shape is Shape.FAN_OUT:  # a generator expression over a stream, or a name bound to one
            return b"gather" in self._raw and (
                self._outside.may_loop() or any(map(self._outside.is_bound_by, self._having(FOR)))
            )
        if shape is Shape.HAND_CLOSED:  # `getattr(stream, "aclose")`
            return any(
                self._raw[at - 1 : at] in (b"'", b'"') and self._outside.holds(at)
                for at in places(self._raw, b"aclose")
            )
        return False
