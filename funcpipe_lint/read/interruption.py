"""Ctrl-C ends a run, whatever a library, or Python, makes of it on the way."""

from __future__ import annotations

import signal
import sys

# No typing.TYPE_CHECKING, no contextlib: until what stands here is imported, Ctrl-C may be lost.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import NoReturn

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


class RememberedInterruption:
    """Within `with` it, `end_if_interrupted` knows of a Ctrl-C that was swallowed, and what comes
    out of it is a KeyboardInterrupt, whatever else the run ended with."""

    def __enter__(self) -> None:
        # An application decides on its own what Ctrl-C does; within another one nothing is to do.
        self._is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        try:
            if self._is_default:
                signal.signal(signal.SIGINT, _press)
        except ValueError:
            self._is_default = False  # not in the main thread, which alone is interrupted
        self._shown = sys.unraisablehook
        if self._is_default:
            sys.unraisablehook = self._show

    def __exit__(self, *_: object) -> None:
        is_interrupted = bool(_pressed)
        if self._is_default:
            _pressed.clear()
            sys.unraisablehook = self._shown
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if is_interrupted:
            raise KeyboardInterrupt

    def _show(self, failure: UnraisableHookArgs) -> None:
        """Shows what Python swallowed, in a destructor or a callback, but for Ctrl-C: that is no
        failure, and will be raised."""
        if not issubclass(failure.exc_type, KeyboardInterrupt):
            self._shown(failure)


def _press(number: int, frame: FrameType | None) -> NoReturn:
    _pressed.append(number)
    raise KeyboardInterrupt
