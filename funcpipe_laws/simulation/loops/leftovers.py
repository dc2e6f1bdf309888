"""What a run has left behind: tasks, generators that are open, timers, exceptions nobody saw."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from funcpipe_laws.simulation.loops.started import Started
from funcpipe_laws.simulation.loops.tasks import SimTask, Site, calling_site


@dataclass(frozen=True)
class Leaks:
    """What was still there when the consumer had finished; each entry names where it was made."""

    tasks: tuple[str, ...] = ()
    generators: tuple[str, ...] = ()
    timers: int = 0
    unhandled: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tasks or self.generators or self.timers or self.unhandled)

    def __str__(self) -> str:
        lines = [f"task still alive: {t}" for t in self.tasks]
        lines += [f"async generator still open: {g}" for g in self.generators]
        lines += [f"timers still set: {self.timers}"] * bool(self.timers)
        lines += [f"unhandled: {u}" for u in self.unhandled]
        return "\n".join(lines) or "nothing leaked"


def _birth(task: asyncio.Task[Any]) -> str:
    """A task's name and where it comes from."""
    if type(task.get_coro()).__name__ == "async_generator_athrow":
        return f"{task.get_name()}, made by the loop to close a generator that was dropped"
    return f"{task.get_name()}, made by {task.site if isinstance(task, SimTask) else '?'}"


class Accountant:
    """Counts what a run leaves behind.

    Async generators are seen through the interpreter's hooks, wrapped around those of the loop, so
    that the loop under test behaves as it always does.
    """

    def __init__(self) -> None:
        self._generators = Started()
        self.unraisable: list[str] = []

    def watch_generators(self) -> None:
        """Call inside the running loop, before anything is iterated; its end undoes it."""
        hooks = sys.get_asyncgen_hooks()

        def first(generator: Any) -> None:
            self._generators.add(generator, calling_site(2))
            if hooks.firstiter is not None:
                hooks.firstiter(generator)

        sys.set_asyncgen_hooks(firstiter=first)

    @contextmanager
    def watch_unraisable(self) -> Iterator[None]:
        """Collect exceptions that Python can only print, and coroutines that nobody awaited."""

        def unraisable(event: Any) -> None:
            self.unraisable.append(f"{event.err_msg or 'exception ignored'}: {event.exc_value!r}")

        previous, sys.unraisablehook = sys.unraisablehook, unraisable
        try:
            with warnings.catch_warnings():
                # As an error it reaches the hook above, whatever filters the user has set.
                warnings.filterwarnings("error", "coroutine .* was never awaited", RuntimeWarning)
                yield
        finally:
            sys.unraisablehook = previous

    def open_generators(self) -> list[Any]:
        """Async generators that were started and have not finished, oldest first."""
        return [generator for generator, _ in self._open()]

    def _open(self) -> Iterator[tuple[Any, Site]]:
        for generator, site in self._generators.alive():
            if generator.ag_frame is not None:
                yield generator, site

    def count(self, loop: Any, main: asyncio.Task[Any] | None) -> Leaks:
        """What is there now, apart from the task that asks."""
        tasks = [task for task in asyncio.all_tasks(loop) if task is not main]
        tasks.sort(key=lambda task: hash(task))
        generators = []
        for generator, site in self._open():
            file, line = generator.ag_code.co_filename, generator.ag_frame.f_lineno
            place = Site((file, line, generator.__qualname__))
            generators.append(f"{place}, first iterated by {site}")
        handler_contexts = [
            f"{context.get('message')}: {context.get('exception')!r}" for context in loop.unhandled
        ]
        return Leaks(
            tuple(map(_birth, tasks)),
            tuple(generators),
            loop.pending_timers(),
            (*handler_contexts, *self.unraisable),
        )
