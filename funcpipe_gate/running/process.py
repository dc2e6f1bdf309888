"""A stage's process: whatever it does, it ends, and what it said is kept.

It has a session of its own, so that Ctrl-C reaches the gate alone, and what it has forked is ended
with it.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from funcpipe_laws.tasks import is_foreign, shown

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
        """The last thing that it said."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1].strip() if lines else "it said nothing"


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
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "PYTHONFAULTHANDLER": "1", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    said = [_Tail(process.stdout, keep), _Tail(process.stderr, TAIL)]
    lost = ""
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
        await _drained(process, said)
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


async def _drained(process: asyncio.subprocess.Process, said: Sequence[_Tail]) -> None:
    """A process that has left its session may hold a pipe open: it is not waited for."""
    await process.wait()
    await asyncio.wait([tail.task for tail in said], timeout=_GRACE)
    for tail in said:
        tail.task.cancel()
    await asyncio.wait([tail.task for tail in said])
    # Else the transport of a pipe that is still held warns when it is collected.
    process._transport.close()  # type: ignore[attr-defined]


class _Tail:
    """The end of what a pipe has brought."""

    def __init__(self, stream: asyncio.StreamReader | None, keep: int) -> None:
        assert stream is not None
        self._stream, self._keep = stream, keep
        self._bytes = bytearray()
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while some := await self._stream.read(1 << 16):
            self._bytes += some
            if len(self._bytes) > 2 * self._keep:
                del self._bytes[: -self._keep]

    @property
    def text(self) -> str:
        return self._bytes[-self._keep :].decode("utf-8", "replace")


def _where(err: str) -> str:
    """The innermost line of the project's code, as `faulthandler` wrote it down."""
    for block in err.split("(most recent call first)")[1:]:
        for file, line, function in _FRAME.findall(block):
            if not is_foreign(file) and "site-packages" not in file and file[:1] != "<":
                return f": it is at {function} ({shown(file)}:{line})"
    return ""
