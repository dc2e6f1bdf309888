"""What an application opens during a visit: async generators and tasks, and what is left of them.

Async generators are seen through the interpreter's hooks, wrapped around those of the loop, and
their items through a profile function; nothing of the application is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any
from weakref import ref

from funcpipe_laws.leaks.reading.bytecode import Handler
from funcpipe_laws.leaks.reading.managers import pending
from funcpipe_laws.simulation.loops.tasks import SimTask, Site, calling_site, is_foreign
from funcpipe_laws.simulation.world import Event

_ITEM = "async_generator_wrapped_value"
"""The type that carries an async generator's item from its frame, as opposed to an await."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """An async generator that was left open: where it is suspended, and what is pending there."""

    name: str
    site: Site
    pending: tuple[Handler, ...]
    iterated_by: Site
    is_running: bool
    """Whether somebody still waits for its next item."""


@dataclass(slots=True)
class _Stream:
    generator: ref[Any]
    number: int
    lane: str
    iterated_by: Site
    is_manager: bool
    """Whether an `asynccontextmanager` runs on it: no stream, though it may be left open."""
    is_closed: bool = False

    def running(self) -> Any:
        """The generator, unless it has ended."""
        generator = self.generator()
        return None if generator is None or generator.ag_frame is None else generator


class Watch:
    """Sees one visit on one thread; `events` is what happened, in order."""

    def __init__(self, loop: Any) -> None:
        self.loop = loop
        self.events: list[Event] = []
        self.dropped: list[Suspended] = []
        """Generators that were left to the garbage collector, at any moment of the visit."""
        self._streams: list[_Stream] = []
        self._codes: set[CodeType] = set()
        self._lanes: dict[str, int] = {}
        self._standing = asyncio.all_tasks(loop)

    def note(self, actor: str, act: str, detail: Any = None) -> None:
        """Write one event down, after the ends of streams since the last one."""
        self._note_ends()
        self._write(actor, act, detail)

    def _note_ends(self) -> None:
        for stream in self._streams:
            if not stream.is_closed and stream.running() is None:
                stream.is_closed = True
                self._of_stream(stream, "closed")

    def _of_stream(self, stream: _Stream, act: str) -> None:
        if not stream.is_manager or act == "dropped":
            self._write(stream.lane, act, None)

    def _write(self, actor: str, act: str, detail: Any) -> None:
        self.events.append(Event(actor, 0, act, detail, self.loop.time()))

    # Async generators

    def install(self) -> None:
        """Call inside the running loop, before the application; the loop's end undoes it."""
        hooks = sys.get_asyncgen_hooks()

        def first(generator: Any) -> None:
            self._opened(generator, calling_site(2))
            if hooks.firstiter is not None:
                hooks.firstiter(generator)

        def last(generator: Any) -> None:
            # References to it are dead by now; a number is given anew only after this.
            lost = (s for s in self._streams if s.number == id(generator) and not s.is_closed)
            stream = next(lost, None)
            if stream is not None:
                stream.is_closed = True
                self._of_stream(stream, "dropped")
                self.dropped.append(_suspended(generator, stream))
            if hooks.finalizer is not None:
                hooks.finalizer(generator)

        sys.set_asyncgen_hooks(firstiter=first, finalizer=last)

    def _opened(self, generator: Any, site: Site) -> None:
        self._note_ends()  # Before its number is given to another one.
        name = generator.__qualname__.rpartition("<locals>.")[2]
        number = self._lanes[name] = self._lanes.get(name, 0) + 1
        lane = name if number == 1 else f"{name}#{number}"
        stream = _Stream(ref(generator), id(generator), lane, site, site[0] == contextlib.__file__)
        self._streams.append(stream)
        self._of_stream(stream, "open")
        self._codes.add(generator.ag_code)

    @contextlib.contextmanager
    def profiling(self) -> Iterator[None]:
        """Inside, the items of the streams are seen."""
        before = sys.getprofile()

        def profile(frame: FrameType, event: str, arg: Any) -> None:
            if event != "return" or frame.f_code not in self._codes:
                return
            if type(arg).__name__ == _ITEM:
                # No table of frames: a frame that is kept keeps its variables alive.
                for stream in self._streams:
                    generator = stream.generator()
                    if generator is not None and generator.ag_frame is frame:
                        self._of_stream(stream, "item")

        sys.setprofile(profile)
        try:
            yield
        finally:
            sys.setprofile(before)

    # Taking stock

    def count(self) -> int:
        """How many async generators were started, but for those of context managers."""
        return sum(not stream.is_manager for stream in self._streams)

    def open_streams(self) -> list[Any]:
        """The generators that were started in this visit and have not ended, oldest first."""
        return [g for g in (stream.running() for stream in self._streams) if g is not None]

    def suspended(self) -> list[Suspended]:
        """Those generators, as a report names them."""
        found = [(stream.running(), stream) for stream in self._streams]
        return [_suspended(g, stream) for g, stream in found if g is not None]

    def new_tasks(self) -> list[asyncio.Task[Any]]:
        """Tasks that were made in this visit and are not done, oldest first.

        Those that the loop makes to close a dropped generator are not the application's.
        """
        tasks = asyncio.all_tasks(self.loop) - self._standing
        mine = [t for t in tasks if type(t.get_coro()).__name__ != "async_generator_athrow"]
        return sorted(mine, key=hash)


def _suspended(generator: Any, stream: _Stream) -> Suspended:
    file, line = generator.ag_code.co_filename, generator.ag_frame.f_lineno
    return Suspended(
        stream.lane,
        Site((file, line, generator.__qualname__)),
        tuple(handler for handler, _ in pending(generator)),
        stream.iterated_by,
        generator.ag_running,
    )


def birth(task: asyncio.Task[Any]) -> str:
    """A task's coroutine and where the task was made."""
    coroutine = getattr(task.get_coro(), "__qualname__", task.get_name())
    return f"{coroutine}, made by {task.site if isinstance(task, SimTask) else '?'}"


def waiting_at(task: asyncio.Task[Any]) -> str:
    """The innermost line of the application that a task waits at; empty where there is none."""
    place = None
    coroutine: Any = task.get_coro()
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "ag_frame", None)
        # asyncio's and ours are below what the application has written.
        if frame is not None and not is_foreign(frame.f_code.co_filename):
            place = Site((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname))
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "ag_await", None)
    return "" if place is None else str(place)
