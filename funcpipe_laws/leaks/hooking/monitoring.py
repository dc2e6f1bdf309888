"""Yields, pulls and closes of streams one by one, from Python 3.12 on, by `sys.monitoring`.

Only the code of streams that may have clean-up to run is followed; the rest costs nothing an item.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from types import CodeType, FrameType
from typing import Any

from funcpipe_laws.leaks.reading import managers
from funcpipe_laws.leaks.reading.bytecode import Code, ItemYield, code_of, has_handlers
from funcpipe_laws.leaks.records import Stream, StreamRecord
from funcpipe_laws.leaks.watch import Watch, current_task

# 0, 1, 2 and 5 are a debugger's, a coverage tool's, a profiler's and an optimiser's.
_IDS = (4, 3)
PULLERS = 2
"""Frames kept of who pulls, at each item."""


class Monitor:
    """One registered tool, or none: then `why_not` says why."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._followed: dict[int, Code] = {}
        self._passed_over: dict[int, CodeType] = {}
        self._resumed: set[int] = set()
        self._lock = threading.Lock()
        self.id = -1
        self.why_not = ""
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None:
            self.why_not = "CPython has it, from 3.12 on"
            return
        self.id = next((one for one in _IDS if monitoring.get_tool(one) is None), -1)
        if self.id < 0:
            self.why_not = "other tools use all places of sys.monitoring"
            return
        monitoring.use_tool_id(self.id, "funcpipe stream leaks")
        self._m = monitoring
        events = monitoring.events
        monitoring.register_callback(self.id, events.PY_YIELD, self._on_yield)
        monitoring.register_callback(self.id, events.PY_RESUME, self._on_resume)
        monitoring.register_callback(self.id, events.PY_THROW, self._on_throw)
        monitoring.set_events(self.id, events.PY_THROW)

    def close(self) -> None:
        """As it was found."""
        if self.id < 0:
            return
        events = self._m.events
        for code in self._followed.values():
            self._m.set_local_events(self.id, code.code, 0)
        self._m.set_events(self.id, 0)
        for event in (events.PY_YIELD, events.PY_RESUME, events.PY_THROW):
            self._m.register_callback(self.id, event, None)
        self._m.free_tool_id(self.id)
        self.id = -1

    def first_pull(self, loop: object, stream: Stream, frame: FrameType | None) -> None:
        """A stream is pulled for the first time: tell the watch, and follow its code."""
        code = self._watch.first_pull(loop, stream, frame).code
        if id(code) not in self._followed and id(code) not in self._passed_over and self.id >= 0:
            self._follow(code)

    def _follow(self, code: CodeType) -> None:
        if not has_handlers(code) or not code_of(code).may_clean_up:
            self._passed_over[id(code)] = code
            return
        with self._lock:
            self._followed[id(code)] = code_of(code)
            self._m.set_local_events(self.id, code, self._m.events.PY_YIELD)

    def _on_yield(self, code: CodeType, offset: int, _: object) -> Any:
        taken_apart = self._followed.get(id(code))
        place = None if taken_apart is None else taken_apart.yields.get(offset)
        if place is None:
            return self._m.DISABLE  # An `await`, or not ours.
        frame = sys._getframe(1)
        record = self._watch.streams.living(id(frame))
        if record is not None and record.code is code:
            try:
                self._yields(record, place, frame)
            except Exception as error:  # It would surface in the stream.
                self._watch.broke(error)
        return None

    def _yields(self, record: StreamRecord, place: ItemYield, frame: FrameType) -> None:
        if record.closing:
            record.closing = False
            self._tell(record, "yields-while-closing", place.line, "it yields after GeneratorExit")
        if place.handlers:
            record.last = _consumer(frame)
            record.since = time.monotonic()
            if place.withs and record.scope_at != place.offset:
                self._look_for_scopes(record, place)

    def _look_for_scopes(self, record: StreamRecord, place: ItemYield) -> None:
        stream = record()
        # Not yet suspended there, but everything that it has entered is on its stack.
        scopes = [] if stream is None else managers.scopes(stream, place)
        record.scope_at = place.offset
        task = current_task() if scopes else None
        record.scope_task = None if task is None else weakref.ref(task)
        if not scopes or record.is_manager:
            return
        self._tell(record, "scope-across-yield", place.line, f"it yields inside of a {scopes[0]}")
        if id(record.code) not in self._resumed:
            self._resumed.add(id(record.code))
            events = self._m.events
            self._m.set_local_events(self.id, record.code, events.PY_YIELD | events.PY_RESUME)

    def _on_resume(self, code: CodeType, offset: int) -> Any:
        taken_apart = self._followed.get(id(code))
        suspended_at = None if taken_apart is None else taken_apart.resumes.get(offset)
        if suspended_at is None:
            return self._m.DISABLE
        record = self._watch.streams.living(id(sys._getframe(1)))
        if record is not None and record.code is code:
            self._compare_tasks(record, suspended_at, "pulled")
        return None

    def _on_throw(self, code: CodeType, offset: int, error: BaseException) -> Any:
        taken_apart = self._followed.get(id(code))
        if taken_apart is None or not isinstance(error, GeneratorExit):
            return
        frame = sys._getframe(1)
        record = self._watch.streams.living(id(frame))
        if record is not None and record.code is code:
            record.closing = True
            place = taken_apart.suspended_at(frame.f_lasti)
            if place is not None:
                self._compare_tasks(record, place.offset, "closed")

    def _compare_tasks(self, record: StreamRecord, suspended_at: int, act: str) -> None:
        if record.scope_task is None or record.scope_at != suspended_at:
            return
        try:
            task, holder = current_task(), record.scope_task()
            if task is None or task is holder:
                return
            place = code_of(record.code).yields[suspended_at]
            who = f"it is {act} by {_name(task)}; {_name(holder)} entered the scope that it holds"
            self._tell(record, "other-task", place.line, who)
        except Exception as error:  # It would surface in the stream.
            self._watch.broke(error)

    def _tell(self, record: StreamRecord, kind: Any, line: int, detail: str) -> None:
        if kind not in record.told:
            self._watch.tell_stream(kind, record, line, detail)


def _consumer(frame: Any) -> tuple[Any, ...]:
    """The frames that pull, innermost first; as cheap as it gets, machinery included."""
    kept: list[Any] = []
    back = frame.f_back
    while back is not None and len(kept) < 2 * PULLERS:
        kept += (back.f_code, back.f_lasti)
        back = back.f_back
    return tuple(kept)


def _name(task: Any) -> str:
    if task is None:
        return "a task that is gone"
    get_name = getattr(task, "get_name", None)
    name = task.name if get_name is None else get_name()
    return f"task {name!r}"
