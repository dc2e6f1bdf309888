"""What a killed gate leaves behind is ended.

A gate that is killed can end nothing, and its stages are in sessions of their own: a process beside
each waits for the end of a pipe that the gate alone holds open, and then ends the whole session.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_GUARD = """
import os, sys
leader = int(sys.stdin.readline() or 0)
sys.stdin.read()
if leader:
    getattr(os, "killpg", os.kill)(leader, 9)
"""


@contextmanager
def guarded() -> Iterator[Callable[[int], None]]:
    """Gives what is to be called with the id of a process that leads a session: should this process
    be killed before the context is left, that session ends too. Raises OSError where no process can
    be started."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _GUARD],
        cwd=os.sep,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
    ) as guard:

        def watch(leader: int) -> None:
            assert guard.stdin is not None
            with suppress(OSError):  # the guard itself was killed
                guard.stdin.write(b"%d\n" % leader)

        try:
            yield watch
        finally:
            guard.kill()
