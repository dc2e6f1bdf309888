"""Tasks that are told apart by age and place of birth, whichever loop they run on."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_ASYNCIO = str(Path(asyncio.__file__).parent)
_LOOPS = {__file__, *(str(Path(__file__).with_name(name)) for name in ("sim.py", "stock.py"))}


_STANDARD = str(Path(os.__file__).parent)
_OURS = str(Path(__file__).parents[2])


def is_foreign(filename: str) -> bool:
    """Whether a file is the standard library's, or ours."""
    standard = filename.startswith(("<frozen", _STANDARD)) and "site-packages" not in filename
    return standard or filename.startswith(_OURS)


class Site(tuple[str, int, str]):
    """Where something was made: file, line, function."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{self[2]} ({shown(self[0])}:{self[1]})"


def shown(filename: str, root: Path | None = None) -> str:
    """A file as a report names it: below a folder, by default the current one, or as Python would
    import it."""
    path = Path(filename)
    for folder in (root or Path.cwd(), *map(Path, sys.path)):
        if folder.is_absolute() and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return filename


def _machinery(filename: str) -> bool:
    return filename in _LOOPS or filename.startswith(_ASYNCIO)


def calling_site(depth: int = 1) -> Site:
    """The innermost frame that is neither asyncio's nor one of our loops'."""
    frame = sys._getframe(depth)
    while frame.f_back and _machinery(frame.f_code.co_filename):
        frame = frame.f_back
    return Site((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname))


class SimTask(asyncio.Task[T]):
    """A task that hashes by age and knows where it was made.

    `asyncio.wait` returns sets; sets of plain tasks are ordered by address, which differs from run
    to run.
    """

    def __init__(self, coro: Any, *, age: int, site: Site, **options: Any) -> None:
        # Before Task.__init__: an eager task runs, and is hashed, inside it.
        self._age = age
        self.site = site
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._age


class TaskMaker:
    """`create_task` for loops whose tasks are to be told apart by age and place of birth."""

    def __init__(self) -> None:
        self._ages = itertools.count()
        self._factory: Any = None
        self.tasks_made = 0
        """By `create_task`."""
        self.eager = False
        """Whether tasks run up to their first suspension when they are made (Python 3.12)."""

    def create_task(
        self, coro: Coroutine[Any, Any, T] | Generator[Any, None, T], **options: Any
    ) -> asyncio.Task[T]:
        """A task of this loop; `name`, `context` and, where Python has it, `eager_start`."""
        self.tasks_made += 1
        if self._factory is not None:
            made: asyncio.Task[T] = self._factory(self, coro, **options)
            return made
        if self.eager and self.is_running():  # type: ignore[attr-defined]
            options.setdefault("eager_start", True)
        return self.sim_task(coro, **options)

    def sim_task(self, coro: Any, **options: Any) -> SimTask[Any]:
        """The same, whatever task factory is set."""
        age = next(self._ages)
        options["name"] = options.get("name") or f"task {age}"
        options.setdefault("loop", self)
        return SimTask(coro, age=age, site=calling_site(2), **options)

    def set_task_factory(self, factory: Any) -> None:
        """As on any loop."""
        self._factory = factory

    def get_task_factory(self) -> Any:
        """As on any loop."""
        return self._factory
