"""A stage's process: whatever it does, it ends, and what it said is kept.

It has a session of its own, so that Ctrl-C reaches the gate alone, and what it has forked is ended
with it, also where the gate is killed.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from funcpipe_gate.running.guard import guarded
from funcpipe_laws.simulation.loops.tasks import is_foreign, shown

TAIL = 200_000
"""Bytes of chatter that are kept."""
_GRACE = 2.0
"""Seconds that a process has to say where it is, and a pipe to be drained."""
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in (.+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended."""

    code: int
    out: str
    err: str
    lost: str = ""
    """What became of one that gave no answer: it was killed, or did not end. Empty otherwise."""

    @property
    def last_line(self) -> str:
        """The last line of its output."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1].strip() if lines else f"exit code {self.code}, and no output"


async def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    keep: int = TAIL,
) -> Outcome:
    """Run a command to its end, at most for some seconds; its processes are gone afterwards.

    Of the output the last `keep` bytes are kept. Raises OSError where it cannot be started.
    """
    with guarded() as watch:
        return await _run(command, folder, environment, seconds, keep, watch)


async def _run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    keep: int,
    watch: Callable[[int], None],
) -> Outcome:
    said = [_Tail(keep), _Tail(TAIL)]
    lost = ""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={**os.environ, "PYTHONFAULTHANDLER": "1", **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said[0].end,
            stderr=said[1].end,
            start_new_session=True,
        )
    finally:
        for tail in said:
            os.close(tail.end)
    watch(process.pid)
    try:
        try:
            await asyncio.wait_for(process.wait(), seconds)
        except TimeoutError:
            lost = f"did not end within {seconds:g} seconds"
            with suppress(ProcessLookupError):
                process.send_signal(_last_words())
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _GRACE)
    finally:
        _end(process)
        await process.wait()
        for tail in said:
            await asyncio.to_thread(tail.join)
    out, err = (tail.text for tail in said)
    code = process.returncode if process.returncode is not None else 1
    if not lost and code < 0:
        lost = f"was killed by {_signal_name(-code)}"
    return Outcome(code, out, err, lost and lost + _where(err))


def _last_words() -> int:
    """What makes Python write down where it is."""
    return signal.SIGABRT if hasattr(os, "killpg") else signal.SIGTERM


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end(process: asyncio.subprocess.Process) -> None:
    """The process and what it has started, if that is still there."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


class _Tail:
    """The end of what a pipe has brought.

    The pipe is our own, read by a thread: asyncio takes a process for running while one that it
    has forked holds its pipes open.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._bytes = bytearray()
        self._beginning, self.end = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True, name="output of a stage")
        self._thread.start()

    def _read(self) -> None:
        with os.fdopen(self._beginning, "rb", buffering=0) as pipe:
            while some := pipe.read(1 << 16):
                self._bytes += some
                if len(self._bytes) > 2 * self._keep:
                    del self._bytes[: -self._keep]

    def join(self) -> None:
        """Wait for the rest; not for a process that has left its session and holds on to it."""
        self._thread.join(_GRACE)

    @property
    def text(self) -> str:
        return bytes(self._bytes[-self._keep :]).decode("utf-8", "replace")


def _where(err: str) -> str:
    """The innermost line of the project's code, as `faulthandler` wrote it down."""
    for block in err.split("(most recent call first)")[1:]:
        for file, line, function in _FRAME.findall(block):
            if not is_foreign(file) and "site-packages" not in file and file[:1] != "<":
                return f": it is at {function} ({shown(file)}:{line})"
    return ""
