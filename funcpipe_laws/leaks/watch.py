"""The watch: hears of streams, tasks and loops, and says what was left behind."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import linecache
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import CoroutineType, FrameType
from typing import Any

from funcpipe_laws.leaks import remedies
from funcpipe_laws.leaks.model import LEVELS, Kind, Leak, Pending, Remedy, Spot
from funcpipe_laws.leaks.reading import managers, stacks
from funcpipe_laws.leaks.reading.bytecode import Handler
from funcpipe_laws.leaks.records import Register, Stream, StreamRecord, TaskRecord

_FIXTURES = (*stacks.RUNNERS, "/anyio/_backends/", "/pytest_trio/")
_LIBRARIES = ("uvloop", "trio", "asyncio")


class Watch:
    """What was seen since it began. `found` is called with each leak, on the thread of its loop."""

    def __init__(self, found: Callable[[Leak], None]) -> None:
        self.found = found
        self.owner = ""
        """The test or fixture that runs now."""
        self.streams: Register[StreamRecord] = Register()
        self.tasks: Register[TaskRecord] = Register()
        self._ended: Counter[type] = Counter()
        self.seen = {"streams": 0, "tasks": 0}
        self._loop_numbers: dict[int, int] = {}
        self.errors: list[str] = []
        """What went wrong in the watch itself; the program goes on."""

    def broke(self, error: Exception) -> None:
        """An error of ours: never the program's problem, but not silent either."""
        line = f"the watch failed: {type(error).__name__}: {error}"
        if line not in self.errors:
            self.errors.append(line)

    # Streams

    def first_pull(self, loop: object, stream: Stream, frame: FrameType | None) -> StreamRecord:
        """A stream is pulled for the first time, by the code of `frame`."""
        self.seen["streams"] += 1
        record = StreamRecord(stream, self.streams.died)
        record.code, record.key = stream.ag_code, id(stream.ag_frame)
        number = id(loop)
        # One number for all streams of a loop: each is an object of its own.
        record.loop = self._loop_numbers.setdefault(number, number)
        record.test = self.owner
        record.first, record.last = stacks.take(frame), ()
        record.since = time.monotonic()
        record.task = id(current_task())
        record.told, record.closing, record.is_excused = frozenset(), False, False
        record.is_manager = frame is not None and _drives_managers(frame.f_code.co_filename)
        record.scope_at, record.scope_task = -1, None
        self.streams.add(record)
        return record

    def dropped(self, stream: Stream) -> None:
        """The last reference to a suspended stream is gone: its loop will close it some time."""
        record = self.streams.find(id(stream.ag_frame))
        if record is not None and record.code is stream.ag_code:
            self._judge(record, stream, "it was dropped: its loop closes it later, in another task")

    def loop_shuts_streams(self, loop: object) -> None:
        """A loop is about to close the streams that are still open."""
        left = [(one, stream) for one in self.streams if (stream := one()) is not None]
        left = [(one, s) for one, s in left if one.loop == id(loop) and managers.is_suspended(s)]
        held = {id(inner) for _, stream in left for inner in managers.held_by(stream)}
        # Streams that they iterate may be open only because they are; if not, the next run tells.
        iterating = {one.code for one, stream in left if managers.has_pending(stream)}
        for record, stream in left:
            # A fixture's is its runner's; some programs shut down streams of a loop that goes on.
            is_fixture = record.is_manager and not record.first
            is_iterated = bool(record.first) and record.first[0] in iterating
            if id(stream) not in held and not is_iterated and not is_fixture:
                self._judge(record, stream, "it was still open when its loop was shut down")

    def _judge(self, record: StreamRecord, stream: Stream, how: str) -> None:
        place = managers.position(stream)
        if place is None or record.is_excused or "left" in record.told:
            return
        record.told |= {"left"}
        pending = managers.pending(stream)
        scopes = managers.scopes(stream, place)
        if scopes:
            how += f"; the {scopes[0]} that it holds must be left in the task that entered it"
        self.tell_stream("suspended" if pending else "idle", record, place.line, how, pending)
        if scopes and not record.is_manager and "scope-across-yield" not in record.told:
            what = f"it was left suspended inside of a {scopes[0]}"
            self.tell_stream("scope-across-yield", record, place.line, what)

    def tell_stream(
        self,
        kind: Kind,
        record: StreamRecord,
        line: int,
        detail: str,
        pending: Iterable[tuple[Handler, Any]] = (),
    ) -> None:
        """Report a leak of a stream."""
        record.told |= {kind}
        remedy = None
        if kind in ("suspended", "idle"):
            # The first pull names what is iterated; the last one, its task's innermost frame.
            remedy = remedies.close_what_is_pulled(record.first, is_manager=record.is_manager)
        elif kind in ("scope-across-yield", "other-task"):
            remedy = _at(record, line, "hold the scope where the stream is driven", "FP305")
        elif kind == "yields-while-closing":
            remedy = _at(record, line, "do not yield after GeneratorExit", "FP306")
        place, first = stacks.spot(record.code, line), stacks.spots(record.first)
        self.tell(
            kind,
            place,
            detail,
            record.code.co_qualname,
            mended=first[0] if first and kind in ("suspended", "idle") else place,
            test=record.test,
            pending=[_pending(record, *one) for one in pending],
            first=first,
            last=stacks.spots(record.last),
            remedy=remedy,
        )

    def tell(
        self,
        kind: Kind,
        place: Spot,
        detail: str,
        subject: str,
        *,
        test: str,
        mended: Spot | None = None,
        pending: list[Pending] | None = None,
        first: list[Spot] | None = None,
        last: list[Spot] | None = None,
        remedy: Remedy | None = None,
        waived: str = "",
    ) -> None:
        """Hand a leak on. `mended` is where something has to change, if that is another place."""
        where = mended or place
        self.found(
            {
                "kind": kind,
                "level": LEVELS[kind],
                "key": f"{kind} {where['file']} {where['function']} {subject}",
                "place": place,
                "detail": detail,
                "pending": pending or [],
                "first_pulled": first or [],
                "last_pulled": last or [],
                "remedy": remedy,
                "test": test,
                "waived": waived,
            }
        )

    # Loops and tasks

    def task_made(self, task: asyncio.Task[Any], frame: FrameType | None) -> None:
        """A loop has made a task, at the request of the code of `frame`."""
        self.seen["tasks"] += 1
        record = TaskRecord(task, self.tasks.died)
        record.key, record.test = id(task), self.owner
        record.first, record.is_told = stacks.take(frame), False
        self.tasks.add(record)

    def loop_cancels_tasks(self, loop: asyncio.AbstractEventLoop) -> None:
        """A loop is about to cancel the tasks that are not done."""
        undone = asyncio.all_tasks(loop) if self.tasks else set()
        held = {id(task) for task in undone}
        for stream in self.streams:
            # It is what the task was doing: the task is the leak.
            stream.is_excused |= stream.loop == id(loop) and stream.task in held
        for task in undone:
            self._judge_task(task)

    def _judge_task(self, task: asyncio.Task[Any]) -> None:
        record = self.tasks.find(id(task))
        coroutine: Any = task.get_coro()
        if record is None or record.is_told or not isinstance(coroutine, CoroutineType):
            return  # No coroutine: the loop's own, which closes a stream that is reported itself.
        record.is_told = True
        code = coroutine.cr_code
        if any(part in code.co_filename for part in _FIXTURES):
            return
        waits = ""
        frames = task.get_stack(limit=1)
        if frames:
            here = frames[0]
            waits = f", which waits at {stacks.shown(here.f_code.co_filename)}:{here.f_lineno}"
        made = stacks.spots(record.first)
        remedy: Remedy | None = None
        if made:
            advice = "await it, or start it in a TaskGroup; to stop it, cancel it and await it"
            remedy = {"advice": advice, "file": made[0]["file"], "line": made[0]["line"]} | {  # type: ignore[assignment]
                "rule": "FP504" if _in_stream(record) else ""
            }
        self.tell(
            "cancelled-task" if task.cancelling() else "undone-task",
            made[0] if made else stacks.spot(code, code.co_firstlineno),
            f"it runs {code.co_qualname}(){waits}",
            code.co_qualname,
            test=record.test,
            first=made,
            remedy=remedy,
        )

    def loop_ended(self, loop: object) -> None:
        """A loop is closed: count it."""
        self._ended[type(loop)] += 1

    def loops(self) -> dict[str, int]:
        """How many loops of each library were seen to their end."""
        counts: Counter[str] = Counter()
        for kind, number in self._ended.items():
            counts[_library(kind)] += number
        return dict(counts)

    def may_find_more(self) -> bool:
        """Whether anything alive, which may be a cycle that nobody has found yet, would be a leak
        once it is gone: an exception that was not retrieved, a stream that was not told."""
        tasks = [task for one in self.tasks if (task := one()) is not None]
        if any(task.done() and getattr(task, "_log_traceback", True) for task in tasks):
            return True
        untold = [one() for one in self.streams if "left" not in one.told]
        return any(stream is not None and managers.is_suspended(stream) for stream in untold)


def _library(kind: type) -> str:
    modules = [one.__module__.partition(".")[0] for one in kind.__mro__]
    return next((one for one in modules if one in _LIBRARIES), modules[0])


def current_task() -> Any:
    """The task that runs, of asyncio or trio; None outside of both."""
    try:
        return asyncio.current_task()
    except RuntimeError:  # No loop of asyncio runs here.
        return _current_trio_task()


def _current_trio_task() -> Any:
    trio = sys.modules.get("trio")
    if trio is not None:
        with contextlib.suppress(RuntimeError):
            return trio.lowlevel.current_task()
    return None


@functools.cache
def _drives_managers(filename: str) -> bool:
    """Whether what a file pulls is the body of a context manager or a fixture, left open on
    purpose."""
    return filename == contextlib.__file__ or any(part in filename for part in _FIXTURES)


def _pending(record: StreamRecord, handler: Handler, manager: Any) -> Pending:
    text = linecache.getline(record.code.co_filename, handler.line).strip()
    kind = "" if manager is None else f"{type(manager).__module__}.{type(manager).__qualname__}"
    return {"what": handler.what, "line": handler.line, "text": text, "manager": kind}


def _at(record: StreamRecord, line: int, advice: str, rule: str) -> Remedy:
    file = stacks.shown(record.code.co_filename)
    return {"advice": advice, "file": file, "line": line, "rule": rule}


def _in_stream(record: TaskRecord) -> bool:
    import inspect

    return bool(record.first) and bool(record.first[0].co_flags & inspect.CO_ASYNC_GENERATOR)
