"""What each task waits for, and where: for a run in which nothing can move any more."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from funcpipe_laws.simulation.loops.tasks import SimTask, Site, is_foreign

_PLAIN = "a future that nobody completes"


def waiting(loop: Any) -> list[str]:
    """A line for each task of the loop that has not ended, the oldest first."""
    tasks = sorted((t for t in asyncio.all_tasks(loop) if not t.done()), key=hash)
    return [_line(task) for task in tasks]


def _line(task: asyncio.Task[Any]) -> str:
    frames = list(_frames(task.get_coro()))
    own = [frame for frame in frames if not is_foreign(frame.f_code.co_filename)]
    born = ""
    if isinstance(task, SimTask) and own and not is_foreign(task.site[0]):
        born = f" (made by {task.site})"
    where = f" in {_site(own[-1])}" if own else ""
    return f"{task.get_name()}{born} waits{where} for {_what(task, frames, own)}"


def _what(task: asyncio.Task[Any], frames: list[FrameType], own: list[FrameType]) -> str:
    """The call of asyncio that the user's code awaits, another task, or a probe of ours."""
    awaited = getattr(task, "_fut_waiter", None)
    if isinstance(awaited, asyncio.Task):
        return f"{awaited.get_name()} to end"
    deeper = frames[frames.index(own[-1]) + 1 :] if own else frames
    for frame in deeper:
        name = frame.f_code.co_qualname
        if Path(frame.f_code.co_filename).name == "world.py":
            label = frame.f_locals.get("label")
            return f"the event {label!r}" if label else "an event that never comes"
        if "asyncio" in frame.f_code.co_filename:
            return f"{name}()"
    return _PLAIN


def _frames(awaitable: Any) -> Iterator[FrameType]:
    """The suspended frames below a coroutine, outermost first."""
    for _ in range(1_000):
        if awaitable is None:
            return
        kind = type(awaitable).__name__
        if kind.startswith("async_generator_"):
            # What `__anext__()` and its like return does not show its generator otherwise.
            inside = (o for o in gc.get_referents(awaitable) if hasattr(o, "ag_frame"))
            awaitable = next(inside, None)
            continue
        frame = _first(awaitable, "cr_frame", "ag_frame", "gi_frame")
        if frame is not None:
            yield frame
        awaitable = _first(awaitable, "cr_await", "ag_await", "gi_yieldfrom")


def _first(thing: Any, *attributes: str) -> Any:
    return next((getattr(thing, name) for name in attributes if hasattr(thing, name)), None)


def _site(frame: FrameType) -> Site:
    return Site((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname))
