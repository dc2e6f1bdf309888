"""Ends what does not come back: an endless loop, a long sleep, memory without end.

A thread watches one experiment at a time. When its time or memory is used up, the thread that runs
it is interrupted, again and again until it has come out. On the main thread of a POSIX system by a
signal, which also ends a `time.sleep`, and from the second time on by a trace function too, so that
a handler that catches everything raises itself; elsewhere by an exception that CPython raises at
the thread's next bytecode. What none of them ends, a call of C code that never returns, ends the
process, and says so.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from funcpipe_laws.declared import clock
from funcpipe_laws.simulation.loops.stopped import TimedOut
from funcpipe_laws.simulation.loops.tasks import Site, is_foreign

MEMORY = 1 << 30
"""Bytes that one experiment may add to the peak of the process."""
EXIT_CODE = 3
"""Of a process that had to be ended from within."""
_TICK = 0.05
_UNMEASURED = -1.0
"""A deadline, until the first tick of an experiment: most are over before it, and to ask the system
for the time and memory takes as long as a run."""
_GRACE = 15.0
"""Seconds of interruptions before the process is ended."""
_DEBUGGERS = {"bdb", "pdb", "pydevd", "_pydevd_bundle", "debugpy"}
# Its default is to be ignored: one that arrives late, when nobody listens any more, does no harm.
_SIGNAL = getattr(signal, "SIGURG", None)

_end_process = os._exit  # the original, whatever stands in its place during an experiment


class Watchdog:
    """Watches experiments of the thread that it was made on, one after the other.

    Parameters: the seconds that each of them may take, and the bytes by which the process may grow.
    Use it as a context manager: its thread lives as long as the block.
    """

    def __init__(self, seconds: float, *, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._watched, self._native = threading.get_ident(), threading.get_native_id()
        self._over = threading.Event()
        # No lock guards these two: an interruption on the way into its block would leave it held.
        self._armed = False
        self._aiming = False
        self._deadline = 0.0
        self._most = 0
        self._reason = ""
        self._shots = 0
        self._tracer: Any = None
        self._traced: dict[FrameType, Any] = {}
        self._abort: Callable[[BaseException], object] = _nothing
        self._before: Any = None
        self._by_signal = (
            _SIGNAL is not None and threading.current_thread() is threading.main_thread()
        )
        self._thread = threading.Thread(target=self._watch, name="laws watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        if self._by_signal:
            self._before = signal.signal(_SIGNAL, self._on_signal)  # type: ignore[arg-type]
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._by_signal:
            signal.signal(_SIGNAL, self._before)  # type: ignore[arg-type]

    @contextmanager
    def experiment(self, abort: Callable[[BaseException], object]) -> Iterator[None]:
        """Watch the block; `abort` is called with the exception that is raised in it.

        Raises `TimedOut` at its end, too, if that was raised and swallowed.
        """
        self._abort, self._reason = abort, ""
        self._shots, self._tracer = 0, None
        self._deadline = _UNMEASURED
        self._armed = True
        try:
            yield
        finally:
            try:
                self._disarm()
            except TimedOut:  # on the way into its block
                self._disarm()
        if self._reason:
            raise TimedOut(self._reason)

    def _disarm(self) -> None:
        """Have no interruption on its way any more; one that still arrives ends here."""
        while self._armed or self._aiming:
            try:
                self._untrace()
                self._armed = False
                if self._aiming:
                    time.sleep(0)  # it has to get its turn to come to an end
            except TimedOut:
                continue
        # What was sent is let arrive, at the first jump back. Taken back, on CPython 3.11, it would
        # leave the interpreter's flag for such exceptions set, with nobody to clear it: the next
        # call under a trace function (of a coverage tool, of `pinpoint`) waits for that for ever.
        try:
            for _ in range(100):
                pass
        except TimedOut:
            return

    def _untrace(self) -> None:
        if self._shots > 1:
            sys.settrace(self._tracer)
            # A frame keeps its trace function: whoever traces later would have it called.
            for frame, tracer in self._traced.items():
                frame.f_trace = tracer
            self._traced.clear()

    # In the thread of the watchdog

    def _watch(self) -> None:
        first = 0.0
        while not self._over.wait(_TICK):
            self._aiming = True  # before it is asked whether anything is there to aim at
            if self._armed:
                now = clock.seconds(self._native)
                if self._deadline == _UNMEASURED:
                    self._deadline, self._most = now + self.seconds, _memory() + self.memory
                if not self._reason:
                    self._reason = self._spent(now)
                    first = now
                if self._reason:
                    if now - first > _GRACE:
                        last_words(self._reason)
                        _end_process(EXIT_CODE)
                    self._interrupt()
            self._aiming = False

    def _spent(self, now: float) -> str:
        frame: FrameType | None = sys._current_frames().get(self._watched)
        if _in_debugger(frame):
            self._deadline = now + self.seconds
            return ""
        if now > self._deadline:
            what = f"still running after {self.seconds:g} s"
        elif _memory() > self._most:
            what = f"took more than {self.memory >> 20:,} MB of memory"
        else:
            return ""
        return f"{what}, {_place(frame)}"

    def _interrupt(self) -> None:
        if self._by_signal:
            signal.pthread_kill(self._watched, _SIGNAL)  # type: ignore[arg-type]
        else:
            self._abort(TimedOut(self._reason))
            _raise_in(self._watched, TimedOut)

    # In the thread that is watched

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._armed and self._reason:
            error = TimedOut(self._reason)
            self._abort(error)
            self._shots += 1
            if self._shots > 1:
                self._trace(frame)
            raise error
        if callable(self._before):
            self._before(number, frame)

    def _trace(self, frame: FrameType | None) -> None:
        """Have the next line of the program under test raise too: that of its handler."""
        if self._shots == 2:
            self._tracer = sys.gettrace()

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            # Not at the event of the exception: it would only be replaced, where it is caught.
            if event == "line" and self._armed and not is_foreign(frame.f_code.co_filename):
                raise TimedOut(self._reason)
            return trace

        sys.settrace(trace)
        while frame is not None:
            self._traced.setdefault(frame, frame.f_trace)
            frame.f_trace = trace
            frame = frame.f_back


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Have CPython raise this in a thread, at its next bytecode."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _in_debugger(frame: FrameType | None) -> bool:
    """Whether somebody looks at the program line by line."""
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] in _DEBUGGERS:
            return True
        frame = frame.f_back
    return False


def _place(frame: FrameType | None) -> str:
    """The innermost line that is the user's own; if there is none, the innermost of all."""
    innermost = frame
    while frame is not None and is_foreign(frame.f_code.co_filename):
        frame = frame.f_back
    frame = frame or innermost
    if frame is None:
        return "nowhere"
    return f"in {Site((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname))}"


def _memory() -> int:
    """Bytes that this process holds; where that cannot be asked the most that it held, or 0."""
    if sys.platform == "win32":
        return 0
    import resource

    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - twenty times a second
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def _say(reason: str) -> None:
    print(f"laws: cannot be interrupted: {reason}", file=sys.__stderr__, flush=True)


last_words: Callable[[str], object] = _say
"""What is done before the process is ended; whoever captures its output sets it."""


def _nothing(error: BaseException) -> None:
    """Nobody is to be told."""
