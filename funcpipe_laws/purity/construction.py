"""Whether building a description does anything: a gate to put into any test.

    assert_pure_construction(async_gen_map, source, f)

A builder may do nothing but build. What it does besides is found by watching audit events (files,
sockets, processes, imports), threads, tasks and callbacks, context variables, and the arguments;
and by reading its source, for what it would do with other arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from funcpipe_laws.purity.pinpoint import Arguments, effects_in_source
from funcpipe_laws.purity.watcher import Impurity, Watcher


class ImpureConstruction(AssertionError):
    """Building a description had an effect; `impurities` lists what."""

    def __init__(self, builder: Callable[..., Any], impurities: list[Impurity]) -> None:
        name = getattr(builder, "__qualname__", repr(builder))
        lines = [f"  {line}" for i in impurities for line in str(i).splitlines()]
        super().__init__("\n".join([f"{name} is not pure:", *lines]))
        self.impurities = impurities


def assert_pure_construction(builder: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Build a description, and raise `ImpureConstruction` if that did anything else.

    The builder is called twice: without a running loop, and inside one. Functions among the
    arguments are watched, so a call of one counts as well. Where an argument or a context variable
    was changed, it is called once more, line by line, to name the line. Its source is read with the
    linter's rule FP401, which finds effects on paths that these arguments do not take. Returns what
    the first call built; an exception of the builder surfaces unchanged.
    """
    built, found = watch(builder, *args, **kwargs)
    if found:
        raise ImpureConstruction(builder, found)
    return built


def watch(builder: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, list[Impurity]]:
    """What a builder built, and all that it did besides; see `assert_pure_construction`."""
    seen = observe(builder, *args, **kwargs)
    if seen.exception is not None:
        raise seen.exception
    found = list(seen.impurities)
    known = {impurity.site[:2] for impurity in found}
    for what, site in effects_in_source(builder):
        if site[:2] not in known:
            found.append(Impurity(f"by its source, {what}", site))
    return seen.built, found


@dataclass(frozen=True, slots=True)
class Observation:
    """What came of building something under watch; with an exception, nothing was built."""

    built: Any
    impurities: list[Impurity]
    exception: Exception | None


def observe(
    builder: Callable[..., Any], *args: Any, prevents: bool = False, **kwargs: Any
) -> Observation:
    """Build out of a loop and in one, and see what is done besides; the source is not read.

    With `prevents`, what would change the machine or reach out of it (files written, processes,
    connections) is noted and then refused, by an `EffectPrevented` in the builder.
    """
    watcher = Watcher(builder, prevents)
    arguments = Arguments(args, kwargs)
    watched = [watcher.watched(f"argument {n}", arg) for n, arg in enumerate(args, 1)]
    named = {name: watcher.watched(f"argument {name!r}", arg) for name, arg in kwargs.items()}

    try:
        with watcher:
            built = watcher.twice(watcher.building(watched, named))
    except Exception as exc:
        return Observation(None, watcher.found, exc)
    for name in arguments.changed():
        watcher.add(f"changed {name}", arguments.line_of_change(builder, name) or watcher.home)
    return Observation(built, watcher.found, None)
