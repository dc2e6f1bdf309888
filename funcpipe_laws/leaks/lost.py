"""What nobody gets: errors that a loop could hand to no one, and coroutines that never ran."""

from __future__ import annotations

import asyncio
from types import FrameType
from typing import Any

from funcpipe_laws.leaks.model import Kind
from funcpipe_laws.leaks.reading import managers, stacks
from funcpipe_laws.leaks.reading.errors import (
    closing_error,
    is_ignored,
    raised_at,
    stream_closed_by,
)
from funcpipe_laws.leaks.records import TaskRecord
from funcpipe_laws.leaks.watch import Watch

_IGNORED = "a filter for this warning ignores it"
_NEVER_RETRIEVED = ("never retrieved", "unhandled exception during asyncio.run() shutdown")


class Lost:
    """Hears of them, and has the watch tell them."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A loop's exception handler is called."""
        error, message = context.get("exception"), str(context.get("message", ""))
        future = context.get("future") or context.get("task")
        stream = context.get("asyncgen") or stream_closed_by(future)
        is_lost = any(part in message for part in _NEVER_RETRIEVED)
        if error is None or not (is_lost or stream is not None):
            return
        kind = closing_error(error)
        record = self._watch.streams.find(id(stream.ag_frame)) if stream is not None else None
        task = self._watch.tasks.find(id(future)) if future is not None else None
        if record is not None and (kind is not None or stream is context.get("asyncgen")):
            if not record.told & {kind, "yields-while-closing"}:
                place = managers.position(record() or stream)
                line = place.line if place else record.code.co_firstlineno
                what = f"closing it: {type(error).__name__}: {error}".rstrip(": ")
                self._watch.tell_stream(kind or "lost-exception", record, line, what)
            return
        handler = loop.get_exception_handler() if hasattr(loop, "get_exception_handler") else None
        if handler is not None:
            return  # Somebody looks at it.
        self._tell_lost(kind or "lost-exception", error, message, task)

    def _tell_lost(
        self, kind: Kind, error: BaseException, message: str, task: TaskRecord | None
    ) -> None:
        place = raised_at(error)
        made = stacks.spots(task.first) if task is not None else []
        self._watch.tell(
            kind,
            place or (made[0] if made else stacks.at("", 0, type(error).__name__)),
            f"{message}: {type(error).__name__}: {error}".rstrip(": "),
            type(error).__name__,
            test=self._watch.owner if task is None else task.test,
            first=made,
            remedy=None,
        )

    def never_awaited(self, coroutine: Any, frame: FrameType | None) -> None:
        """A coroutine is finalised that never ran; `frame` drops it, or is None if unknown."""
        code = getattr(coroutine, "cr_code", None)
        if code is None:
            return
        stack = stacks.take(frame)
        where = stacks.spots(stack)
        is_foreign = stacks.is_installed(code.co_filename) and where
        what = f"{code.co_qualname}() was called, and what it returned was dropped"
        if frame is None and self._watch.owner:
            # It was in a cycle: nobody knows for how long, so no test is to fail for it.
            test = self._watch.owner
            what += f"; a garbage collection found it in {test}, or after the test that did it"
        self._watch.tell(
            "never-awaited",
            where[0] if is_foreign else stacks.spot(code, code.co_firstlineno),
            what,
            code.co_qualname,
            mended=where[0] if where else None,
            test="" if frame is None else self._watch.owner,
            first=where,
            remedy=None,
            waived=_IGNORED if is_ignored(code.co_qualname) else "",
        )
