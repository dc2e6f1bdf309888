"""Which line of a builder did it: by running it once more under a trace, and by reading it."""

from __future__ import annotations

import copy
import inspect
import sys
from collections import deque
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from funcpipe_laws.simulation.loops.tasks import Site, is_foreign


def line_where(build: Callable[[], object], has_changed: Callable[[], bool]) -> Site | None:
    """Run `build` line by line; the line after which `has_changed()`, or None if it never did.

    Lines of foreign files are part of the line that called them; an exception of `build` ends the
    search. Slow, and a debugger or
    a coverage tool does not see this run: for builders that are known to have changed something.
    """
    last: Site | None = None
    found: Site | None = None

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal last, found
        if is_foreign(frame.f_code.co_filename):
            return None
        if found is None and last is not None and has_changed():
            found = last
        if event == "line":
            last = Site((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        build()
    except Exception:
        return found
    finally:
        sys.settrace(before)
    return found or (last if has_changed() else None)


def effects_in_source(builder: Callable[..., Any]) -> Iterator[tuple[str, Site]]:
    """What rule FP401 of the linter finds in the lines of a builder, on paths not taken as well.

    Nothing is said of a builder whose source is not there, or cannot be read; a finding that a
    comment silences is not given.
    """
    function = inspect.unwrap(builder)
    code = getattr(function, "__code__", None)
    if code is None:
        return
    try:
        source, first = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return
    from funcpipe_lint.check.single import check_file
    from funcpipe_lint.config.settings import settings_for

    report = check_file(settings_for({"select": ["FP401"]}), code.co_filename)
    for violation in report.violations:
        if first <= violation.line < first + len(source):
            what = violation.message.partition(":")[0]
            yield what, Site((code.co_filename, violation.line, code.co_qualname))


class Arguments:
    """Builtin containers among a builder's arguments, and what they held before it was called."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs
        self.before = {
            name: (arg, copy.copy(arg))
            for name, arg in self._named(args, kwargs)
            if isinstance(arg, (list, dict, set, deque, bytearray))
        }

    @staticmethod
    def _named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for number, arg in enumerate(args, 1):
            yield f"argument {number}", arg
        for name, arg in kwargs.items():
            yield f"argument {name!r}", arg

    def changed(self) -> list[str]:
        """Those that hold something else now."""
        return [name for name, (arg, before) in self.before.items() if not _alike(arg, before)]

    def line_of_change(self, builder: Callable[..., Any], name: str) -> Site | None:
        """Where the builder changes one of them, if it does so again."""
        fresh = {key: copy.copy(before) for key, (_, before) in self.before.items()}
        values = [fresh.get(key, arg) for key, arg in self._named(self.args, self.kwargs)]
        args = values[: len(self.args)]
        kwargs = dict(zip(self.kwargs, values[len(self.args) :], strict=True))

        def has_changed() -> bool:
            return not _alike(fresh[name], self.before[name][1])

        return line_where(lambda: builder(*args, **kwargs), has_changed)


def _alike(arg: Any, before: Any) -> bool:
    now, then = _contents(arg), _contents(before)
    return len(now) == len(then) and all(a is b for a, b in zip(now, then, strict=True))


def _contents(container: Any) -> list[Any]:
    if isinstance(container, dict):
        return [part for item in container.items() for part in item]
    return list(container)
