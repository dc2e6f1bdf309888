"""What a module holds, as plain data."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from funcpipe_lint.program.facts.expressions import Expression

NOWHERE = -1

# A place that gives a name a meaning:
#   ("function", index), ("class", index), ("module", dotted), ("from", level, module, name),
#   ("assigned", expression), ("annotated", annotation, expression),
#   ("parameter", annotation, place among the parameters, default), ("entered", expression),
#   ("element", expression), ("part", expression, place in what a plain `for` unpacks), ("unknown",)
# An attribute of a class has the index of the method that assigns it behind that.
Binding = Sequence[Any]
Bindings = dict[str, list[Binding]]


# (parameter, whether it is true): what certainly holds of parameters that are never bound again.
Needs = frozenset[tuple[str, bool]]


class Holder(NamedTuple):
    """What stands around a live yield and has to be awaited when the stream is closed there."""

    kind: str
    """with: an `async with`; finally, except: a clean-up that awaits."""
    line: int
    column: int
    text: str
    """What is entered, for messages."""
    managers: Sequence[Expression] = ()
    """What is entered by the `async with`."""
    needs: Needs = frozenset()
    """What holds at every yield in it."""


class Function(NamedTuple):
    """A function, method or lambda-less nested function."""

    name: str
    line: int
    column: int
    is_async: bool
    is_generator: bool
    owner: int
    """The class that it is a method of."""
    outer: int
    """The function that it is in."""
    decorators: Sequence[Expression]
    parameters: Sequence[Sequence[Any]]
    """(name, annotation, default), in order; a star has a name that begins with it."""
    returns: Expression
    bindings: Bindings
    """What binds its own names."""
    is_stub: bool
    """It has no body to speak of: an ellipsis, or `raise NotImplementedError`."""
    holders: Sequence[Holder]
    """Innermost first, for its first yield, then its second."""
    passed: Sequence[Expression]
    """What it goes through and yields from: without closing it, or by `yield from`."""
    returned: Sequence[Expression]
    yielded: Sequence[Expression]
    """Its items, where it is decorated: those of a manager are what is entered."""
    around: Sequence[Sequence[Any]]
    """(what its yields are inside of, whether by `async with`), where it is decorated; of an
    `__aenter__` what it certainly enters by hand, of an `__aexit__` what that leaves."""
    is_idle: bool
    """It awaits nothing after its yield, where it is decorated, but the end of what is around; of
    an `__aexit__`: nothing at all."""
    ends_at_yield: bool
    """Its last statement, at its top, is its only yield, where it is decorated."""
    guards: Sequence[str]
    """Parameters of which it asks first, and returns where they are false."""
    needs: Sequence[Needs] = ()
    """Of each of `passed`: what holds at every yield in it."""
    hiding: Sequence[Any] = ()
    """(line, column, text, file) of what it is annotated to return, where that is a stream without
    `aclose`; no file: that of the function."""


class Class(NamedTuple):
    """A class."""

    name: str
    line: int
    outer: int
    """The function that it is in."""
    bases: Sequence[Expression]
    is_final: bool
    members: Bindings
    attributes: Bindings
    """What its methods assign to attributes of `self`."""


class Site(NamedTuple):
    """Where a function asks for the items of something, or enters it."""

    kind: str
    """loop: an `async for`; pull: an awaited `anext`; enter: a `with` around a live yield; closed:
    what a name is bound to, once, whose `aclose` is awaited."""
    start: int
    end: int
    """Where the expression is, in characters."""
    function: int
    of: Expression
    is_left: bool = False
    """A loop that may end early."""
    yields: bool = False
    """A loop that yields."""
    awaits: bool = False
    """A loop that awaits something else."""
    borrowed: Sequence[str] = ()
    """Names that an `async with` around it binds."""
    is_shared: bool = False
    """A name that is used for something else as well."""
    ends_streams: bool = False
    """Code around it shuts down all async generators."""


class Facts(NamedTuple):
    """A module."""

    bindings: Bindings
    functions: Sequence[Function]
    classes: Sequence[Class]
    stars: Sequence[Sequence[Any]]
    """(level, module) of each `from module import *`."""
    exported: Sequence[str] | None
    """`__all__`, where it is a plain list; None where there is none, or it is more than that."""
    replaced: Container[str]
    """Methods that some code replaces by an attribute of the same name."""
    sites: Iterable[Site]


NOTHING = Facts({}, (), (), (), None, (), ())
