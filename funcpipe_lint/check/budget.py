"""How much time and memory one file may take before it is given up, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar

from funcpipe_lint.model import Settings
from funcpipe_lint.read.syntax import memory_to_parse, most_memory_to_parse

if TYPE_CHECKING:
    from types import FrameType

# What cannot be interrupted, a parse of libcst's, is ended with its process after this many times
# the time, and some seconds for what a process needs to begin.
_TIMES, _MORE = 2, 10
# Where something on the way took the alarm for an error of its own, it is given again.
_AGAIN = 0.5
_MEGABYTE = 1 << 20


T = TypeVar("T")


class OverBudgetError(Exception):
    """A file takes more than it may; says what of."""


class _Alarm(BaseException):
    """No `except Exception` of a rule takes it for the rule's."""


def within_time(settings: Settings, work: Callable[[], T]) -> T:
    """What some work on one file gives; raises OverBudgetError where it takes more than
    `max-seconds` of processor time: how busy the machine is makes no difference.

    Only the main thread of a process can be interrupted, and none on Windows: elsewhere the work
    takes the time that it takes.
    """
    import signal

    seconds = settings.max_seconds
    try:
        if not seconds or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
            return work()  # another application uses that clock, or we do already
        before = signal.signal(signal.SIGVTALRM, _ring)
    except (AttributeError, ValueError):
        return work()
    rung = len(_rung)
    done: list[T] = []
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
        try:
            done.append(work())
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _Alarm:
        pass
    finally:
        signal.signal(signal.SIGVTALRM, before)
    if done and len(_rung) == rung:
        return done[0]
    raise OverBudgetError(f"it takes more than {seconds} s of processor time (max-seconds)")


def refuse_too_large(settings: Settings, raw: bytes) -> None:
    """Raises OverBudgetError for a file whose syntax tree alone takes more than `max-memory`: the
    parser can neither be interrupted nor be held to a limit in the process of the run."""
    if not is_too_large(settings, raw):
        return
    needed = memory_to_parse(raw) // _MEGABYTE
    raise OverBudgetError(
        f"its syntax tree takes about {needed:,} MB of memory, and {settings.max_memory:,} are"
        " allowed (max-memory)"
    )


def is_too_large(settings: Settings, raw: bytes) -> bool:
    """Whether `refuse_too_large` raises."""
    most = settings.max_memory * _MEGABYTE
    return bool(most) and most_memory_to_parse(raw) > most and memory_to_parse(raw) > most


_rung: list[int] = []


def _ring(number: int, frame: FrameType | None) -> NoReturn:
    _rung.append(number)
    raise _Alarm


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
