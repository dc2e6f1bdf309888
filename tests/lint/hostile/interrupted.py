"""Ctrl-C at many moments of one run: a process forks at each, and the child is interrupted there.

`python -m tests.lint.hostile.interrupted N ARGUMENTS...` does what `python -m funcpipe_lint
ARGUMENTS...` does. On the way it forks at every N-th call or return of the main thread, from the
first one of a function called `command` on, imports included. It prints how many
children ended with exit code 2 and one line, and what each other one did.
"""

from __future__ import annotations

import io
import os
import runpy
import signal
import sys
import tempfile
from contextlib import redirect_stdout
from types import FrameType


class Interruptions:
    """A profile function that forks at every so many events."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._events = 0
        self._is_begun = False
        self.ended: list[tuple[int, int, str]] = []
        """The event, exit code and errors of each child."""

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Counts the event; forks where its turn has come."""
        self._is_begun = self._is_begun or frame.f_code.co_name == "command"
        self._events += self._is_begun
        if self._is_begun and self._events % self._every == 0:
            self._fork()

    def _fork(self) -> None:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            child = os.fork()
            if not child:
                sys.setprofile(None)
                os.dup2(output.fileno(), 1)
                os.dup2(errors.fileno(), 2)
                signal.raise_signal(signal.SIGINT)
                return
            status = os.waitpid(child, 0)[1]
            errors.seek(0)
            text = errors.read().decode(errors="replace")
        self.ended.append((self._events, os.waitstatus_to_exitcode(status), text))


def main(every: int, arguments: list[str]) -> int:
    """Runs the linter; returns how many children did not end as they should."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv[1:] = arguments
    parent = os.getpid()
    interruptions = Interruptions(every)
    sys.setprofile(interruptions)
    try:
        with redirect_stdout(io.StringIO()):
            runpy.run_module("funcpipe_lint", run_name="__main__", alter_sys=True)
    except SystemExit:
        sys.setprofile(None)
        if os.getpid() != parent:
            raise
    wrong = [
        f"event {event}: exit {code}, {' '.join(text.split())[-400:]}"
        for event, code, text in interruptions.ended
        if code != 2 or not _is_as_it_should(text)
    ]
    print(len(interruptions.ended), "moments", flush=True)
    print(*wrong, sep="\n", end="")
    return len(wrong)


def _is_as_it_should(errors: str) -> bool:
    """Lines of the linter's own, its notes on a run that was nearly done among them, and last the
    one that says that it was interrupted."""
    *notes, last = errors.splitlines() or [""]
    are_own = all(line.startswith("funcpipe-lint: ") for line in notes)
    return are_own and errors.count("interrupted") == 1 and last == "funcpipe-lint: interrupted"


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), sys.argv[2:])))
