"""Code that may exit, hang or crash, in a process of its own: question in, answer out, one a line.

The parent keeps an `Apart` and asks; a process that was lost is replaced by a new one at the next
question, so one bad subject costs only itself. What the child prints goes nowhere near the answers.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Any

from funcpipe_laws.simulation.loops.tasks import is_foreign, shown

STARTING = 60.0
"""Seconds that imports of the code under test may take."""
_GRACE = 2.0
"""Seconds after its time in which a child can still say where it is."""
_TAIL = 1_000_000
"""Bytes of what a child has printed that are looked at."""
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in (.+)$', re.MULTILINE)

_EXCEPTION = re.compile(r"[\w.]+(Error|Exception|Interrupt|Warning)\b")

Answerer = Callable[[Any], Any]


class Lost(Exception):
    """The child gave no answer; the text says in one line what became of it."""


class Failed(Exception):
    """The child lives, and an exception has kept it from an answer; the text is that exception."""


class Apart:
    """A child process that runs `python -m MODULE`, whose `answer` is asked by `ask`.

    Parameters: the module, what it is prepared with, and the seconds that an answer may take. It
    is started at the first question and ended by `close`. Not for several threads at once.
    """

    def __init__(self, module: str, setting: dict[str, Any], seconds: float) -> None:
        self.module, self.seconds = module, seconds
        self.setting = {**setting, "path": sys.path}
        self._child: _Child | None = None

    def ask(self, question: Any, seconds: float | None = None) -> Any:
        """The child's answer; `seconds` is the time for this one, if it is not the usual.

        Raises `Failed` for an exception there, and `Lost` where the child itself is gone or late;
        what is left of it is ended.
        """
        try:
            if self._child is None:
                self._child = _Child(self.module)
                ready = self._child.exchange(self.setting, STARTING)
                if ready is not None:
                    raise Lost(str(ready))
            allowed = self.seconds if seconds is None else seconds
            said = self._child.exchange([allowed, question], allowed + _GRACE)
        except BaseException:
            self.close()
            raise
        if "failure" in said:
            raise Failed(said["failure"])
        return said["answer"]

    def close(self) -> None:
        """End the child, whatever it does."""
        if self._child is not None:
            child, self._child = self._child, None
            child.end()


class _Child:
    def __init__(self, module: str) -> None:
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            encoding="utf-8",
        )
        self._answers: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True, name="answers of a child").start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def exchange(self, question: Any, seconds: float) -> Any:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise Lost(f"did not end within {seconds - _GRACE:g} seconds{self._place()}") from None
        except OSError:
            line = None
        if line is None:
            raise Lost(self._end())
        return json.loads(line)

    def _end(self) -> str:
        code = self._process.wait()
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}{self._place()}"
        last = self._text().strip().splitlines()[-1:]
        # Only an exception that nobody caught says there what it was.
        why = f": {last[0]}" if last and _EXCEPTION.match(last[0]) else ""
        return f"ended the process with code {code}{why}"

    def _text(self) -> str:
        # What it has printed may be long; how it ended is at the end.
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - _TAIL))
        return self._complaints.read().decode("utf-8", "replace")

    def _place(self) -> str:
        """The innermost line of the code under test, as `faulthandler` has written it down."""
        # A block a thread, and one of C from Python 3.14 on: ours answers in the first.
        blocks = [_FRAME.findall(block) for block in self._text().split("(most recent call first)")]
        answering = [b for b in blocks if any(file == __file__ for file, _, _ in b)]
        for file, line, function in (frame for block in answering for frame in block):
            if not is_foreign(file):
                return f": it is at {function} ({shown(file)}:{line})"
        return ""

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


def answer(prepare: Callable[[dict[str, Any]], Answerer]) -> None:
    """The child's side: prepare once, then answer until there are no more questions.

    `prepare` is given the setting; what it raises as `Lost` is the answer to everything.
    """
    # The code under test may print, and may read: it gets other files than the parent's.
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    def say(what: Any) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    faulthandler.enable()
    setting = json.loads(questions.readline())
    sys.path[:] = setting["path"]
    try:
        answerer = prepare(setting)
    except Lost as exc:
        say(str(exc))
        return
    say(None)
    for question in questions:
        seconds, asked = json.loads(question)
        faulthandler.dump_traceback_later(seconds)
        try:
            made = {"answer": answerer(asked)}
        except Exception as exc:
            made = {"failure": " ".join(f"{type(exc).__name__}: {exc}".split())}
        faulthandler.cancel_dump_traceback_later()
        say(made)
