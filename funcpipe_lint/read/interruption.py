"""Ctrl-C ends a run, whatever a library makes of it on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

# Not empty: Ctrl-C was pressed in the run that goes on.
_pressed: list[int] = []


def end_if_interrupted(error: BaseException | None = None) -> None:
    """Raises KeyboardInterrupt where Ctrl-C was pressed, or where an error comes of it: a `finally`
    that fails turns it into another error (in libcst, into a KeyError), and an `except` takes that
    for the file's."""
    if _pressed:
        raise KeyboardInterrupt
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def forget_interruption() -> None:
    """What waited for Ctrl-C has had it."""
    _pressed.clear()


@contextmanager
def remembered() -> Iterator[None]:
    """Within it, `end_if_interrupted` knows of a Ctrl-C that was swallowed."""
    import signal

    is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    try:
        if is_default:  # an application decides on its own what Ctrl-C does
            signal.signal(signal.SIGINT, _press)
    except ValueError:
        is_default = False  # not in the main thread, which alone is interrupted
    try:
        yield
    finally:
        _pressed.clear()
        if is_default:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _press(number: int, frame: FrameType | None) -> NoReturn:
    _pressed.append(number)
    raise KeyboardInterrupt
