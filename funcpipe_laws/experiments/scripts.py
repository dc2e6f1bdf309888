"""What probes do, as plain values that are drawn, printed and shrunk: items, failures, exceptions.

`probes` makes live sources, functions and resources of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from funcpipe_laws.declared.instance import Failure, Value


class _ShortRepr:
    """Prints as the call that makes it, without what is at its default."""

    __slots__ = ()

    def __repr__(self) -> str:
        shown = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.default is MISSING:
                shown.append(repr(value))
            elif value != field.default:
                shown.append(f"{field.name}={_name(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _name(value: object) -> str:
    return value.__name__ if isinstance(value, type) else repr(value)


class ProbeError(Exception):
    """What a probe raises when its script says so."""


@dataclass(frozen=True, slots=True, repr=False)
class Raise(_ShortRepr):
    """In a script or function: raise here."""

    kind: type[BaseException] = ProbeError
    text: str = "boom"

    def make(self) -> BaseException:
        """A new exception."""
        return self.kind(self.text)


@dataclass(frozen=True, slots=True)
class Hang:
    """In a script: wait for an event that never comes."""


Step = Value | Failure | Raise | Hang


@dataclass(frozen=True, slots=True, repr=False)
class Script(_ShortRepr):
    """What a source does: its items in order, then the end.

    A `ready` source never suspends; any other awaits an external event for its opening, each item,
    its end and its closing. An `endless` one starts over, and gives up after `RUNAWAY` items.
    """

    items: tuple[Step, ...]
    ready: bool = False
    endless: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Fn(_ShortRepr):
    """A pure function by table: the argument picks one of the results."""

    results: tuple[Any, ...]

    def __call__(self, argument: Any) -> Any:
        """The result; raises if the table says `Raise`."""
        result = pick(self.results, argument)
        if isinstance(result, Raise):
            raise result.make()
        return result


@dataclass(frozen=True, slots=True, repr=False)
class ItemFn(_ShortRepr):
    """A coroutine function from values to items, by table; an empty one gives its argument back."""

    results: tuple[Value | Failure | Raise, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Kleisli(_ShortRepr):
    """A function from values to streams, by table; an empty one gives its argument twice."""

    scripts: tuple[Script, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Resource(_ShortRepr):
    """An async context manager: what its entry and exit do besides logging."""

    ready: bool = False
    enter: Raise | None = None
    exit: Raise | None = None
    suppress: bool = False


def of_kinds(failing: Script, kinds: Iterable[type[BaseException]]) -> Iterator[Script]:
    """A failing script once for each kind of exception in place of its own."""
    for kind in kinds:
        steps = (Raise(kind) if isinstance(step, Raise) else step for step in failing.items)
        yield replace(failing, items=tuple(steps))


def pick(table: tuple[Any, ...], argument: Any) -> Any:
    """The table's entry for an argument, the same in every process; equal arguments agree."""
    index = int(argument) if isinstance(argument, int) else len(repr(argument))
    return table[index % len(table)]
