"""How much time and memory one file may take before it is given up, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from funcpipe_lint.model import Crash, FileReport, Settings

if TYPE_CHECKING:
    from types import FrameType

# What cannot be interrupted, a parse of libcst's, is ended with its process after this many times
# the time, and some seconds for what a process needs to begin.
_TIMES, _MORE = 2, 10
# Where something on the way took the alarm for an error of its own, it is given again.
_AGAIN = 0.5
_MEGABYTE = 1 << 20


class _OverBudgetError(BaseException):
    """No `except Exception` of a rule takes it for the rule's."""


def within_time(settings: Settings, path: str, check: Callable[[], FileReport]) -> FileReport:
    """What a check says of a file, or that it takes more than `max-seconds` of processor time: how
    busy the machine is makes no difference. Only the main thread of a process can be interrupted,
    and none on Windows: elsewhere the check takes the time that it takes."""
    import signal

    seconds = settings.max_seconds
    try:
        if not seconds or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
            return check()  # another application uses that clock
        before = signal.signal(signal.SIGVTALRM, _ring)
    except (AttributeError, ValueError):
        return check()
    rung = len(_rung)
    report = None
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
        try:
            report = check()
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _OverBudgetError:
        pass
    finally:
        signal.signal(signal.SIGVTALRM, before)
    if report is not None and len(_rung) == rung:
        return report
    reason = f"could not be checked: it takes more than {seconds} s of processor time (max-seconds)"
    return FileReport(path, crashes=(Crash(path, reason),))


_rung: list[int] = []


def _ring(number: int, frame: FrameType | None) -> NoReturn:
    _rung.append(number)
    raise _OverBudgetError


@contextmanager
def process_within(settings: Settings) -> Iterator[None]:
    """Ends this process where it takes more memory than `max-memory`, or much more time than
    `max-seconds`; for a worker, whose files are then checked again one by one. Linux alone holds
    a process to it."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    limits = {
        resource.RLIMIT_AS: settings.max_memory and now + settings.max_memory * _MEGABYTE,
        resource.RLIMIT_CPU: settings.max_seconds
        and int(used.ru_utime + used.ru_stime + settings.max_seconds * _TIMES + _MORE),
    }
    before = {kind: resource.getrlimit(kind) for kind in limits}
    for kind, limit in limits.items():
        soft, hard = before[kind]
        if limit and all(other < 0 or limit < other for other in (soft, hard)):
            resource.setrlimit(kind, (limit, hard))
    try:
        yield
    finally:
        for kind, both in before.items():
            resource.setrlimit(kind, both)
