"""Operations that hang, eat memory, end the process or go where no simulation follows them.

Each ends in bounded time with a verdict that says so, the laws after it are still checked, and the
process is afterwards what it was.
"""

from __future__ import annotations

import asyncio
import os
import posix
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from os import _exit
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws import Operator, StreamInstance, catalogue
from funcpipe_laws.apart.watchdog import Watchdog
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.declared import config
from funcpipe_laws.declared.law import Verdict
from funcpipe_laws.declared.profile import Budget
from funcpipe_laws.finding.trying.fit import fit_of
from funcpipe_laws.simulation.loops.stopped import TimedOut
from tests.laws.hostile_operations import (
    ENDING,
    ENDLESS,
    REAL,
    catches_everything,
    spins,
    with_map,
)
from tests.laws.mutants import MODEL

LAWS = {law.id: law for law in catalogue.laws()}
SHORT = 0.3
"""Seconds that an experiment may take here."""


def verdict_on(instance: StreamInstance, law: str = "F1") -> Verdict:
    """What comes of one law, in a short time."""
    return check_law(LAWS[law], instance, budget=Budget(1, timeout=SHORT))


@pytest.mark.parametrize("operation", ENDLESS)
def test_what_does_not_come_back_is_interrupted(operation: Callable[[Any], Any]) -> None:
    """The law has crashed; the line is named; the next law is checked, with a shorter limit."""
    started = time.monotonic()
    budget = Budget(2, timeout=SHORT)
    first, second = check(with_map(operation), [LAWS["F1"], LAWS["M1"]], budget=budget)
    assert (first.status, second.status) == ("crashed", "held")
    assert f"still running after {SHORT:g} s, in " in first.reason
    assert "hostile_operations.py:" in first.reason
    assert time.monotonic() - started < 60


def test_what_eats_memory_is_interrupted() -> None:
    """Long before its time is over."""
    held: list[bytearray] = []

    def eats(item: Any) -> None:
        while True:
            held.append(bytearray(10_000))

    stopped = None
    try:
        with Watchdog(60, memory=50 << 20) as watchdog, watchdog.experiment(lambda error: None):
            eats(0)
    except TimedOut as error:
        stopped = str(error)
    held.clear()
    assert stopped is not None
    assert "took more than 50 MB of memory, in " in stopped


def test_a_thread_is_interrupted_too() -> None:
    """Where no signal arrives: CPython raises at its next bytecode."""
    ended: list[str] = []

    def work() -> None:
        try:
            with Watchdog(SHORT) as watchdog, watchdog.experiment(lambda error: None):
                spins(0)
        except TimedOut as error:
            ended.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert len(ended) == 1


TRACED_LATER = """
import sys, threading
from funcpipe_laws.finding.trying.fit import fit_of
from funcpipe_laws.simulation.loops.stopped import TimedOut
from funcpipe_laws.apart.watchdog import Watchdog

def work():
    try:
        with Watchdog(0.1) as watchdog, watchdog.experiment(print):
            while True: pass
    except TimedOut:
        print("interrupted")

thread = threading.Thread(target=work)
thread.start()
thread.join()
sys.settrace(lambda *event: None)
last = (lambda: "traced")()
sys.settrace(None)
print(last)
"""


def test_who_traces_after_an_interrupted_thread_comes_back() -> None:
    """The interpreter is left without a word that nobody takes: on 3.11 a trace waited for it."""
    done = subprocess.run(
        [sys.executable, "-c", TRACED_LATER],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split("\n")[-3:] == ["interrupted", "traced", ""], done.stderr


def test_no_signal_handler_and_no_thread_is_left() -> None:
    """The process is what it was: handlers, trace function, threads."""
    import signal

    before = signal.getsignal(signal.SIGURG), sys.gettrace(), threading.enumerate()
    verdict_on(with_map(catches_everything))
    assert (signal.getsignal(signal.SIGURG), sys.gettrace(), threading.enumerate()) == before


def loses_everything(streams: Any, max_buffer: int = 1) -> Any:
    """A merge without items."""

    async def stream() -> AsyncIterator[Any]:
        return
        yield

    return stream


def never_ends(streams: Any, max_buffer: int = 1) -> Any:
    """A merge that repeats itself without a pause."""

    async def stream() -> AsyncIterator[Any]:
        while True:
            yield MODEL.make_item(MODEL.read_item(0))  # type: ignore[arg-type]

    return stream


@pytest.mark.parametrize("merge", [loses_everything, never_ends])
def test_every_law_ends_on_a_merge_that_ends_at_once_or_never(merge: Any) -> None:
    """None of them waits for an item, or an end, that does not come; they do not hold either."""
    concerned = [law for law in LAWS.values() if "merge" in law.takes]
    budget = Budget(1, timeout=30)
    verdicts = check(replace(MODEL, merge=merge), concerned, budget=budget)
    assert {v.law.id for v in verdicts if isinstance(v.error, TimedOut)} == set()
    assert len([v for v in verdicts if v.failed]) > len(verdicts) // 3


@pytest.mark.parametrize("operation", ENDING)
def test_no_operation_ends_the_process(operation: Callable[[Any], Any]) -> None:
    """The law has crashed, and the reason names the call and its line."""
    verdict = verdict_on(with_map(operation))
    assert verdict.status == "crashed"
    assert verdict.reason.startswith("called os.")
    assert "hostile_operations.py:" in verdict.reason
    assert (os._exit, posix._exit) == (_exit, _exit)


@pytest.mark.parametrize("operation", REAL)
def test_what_cannot_be_simulated_has_not_held(operation: Callable[[Any], Any]) -> None:
    """Its path never ran: that is its verdict, and a suite with it fails."""
    verdict = verdict_on(with_map(operation))
    assert (verdict.status, verdict.failed) == ("not simulated", True)


def test_a_timeout_of_pytest_surfaces() -> None:
    """What it raises in a signal is no exception of the operation."""

    def interrupted(item: Any) -> None:
        pytest.fail("Timeout >5.0s")

    with pytest.raises(pytest.fail.Exception, match="Timeout"):
        verdict_on(with_map(interrupted))


@pytest.mark.parametrize("law", ["R1", "R3"])
@pytest.mark.parametrize("times", [1, 2, 10**6])
def test_laws_of_replay_where_an_ordinary_run_raises(law: str, times: int) -> None:
    """They compare the runs, of which one raised or all; none of that crashes the law."""
    left = iter(range(times))

    def raises(item: Any) -> None:
        if next(left, None) is not None:
            raise ValueError("not today")

    assert verdict_on(with_map(raises), law).status in ("broken", "held")


@pytest.mark.parametrize("raised", [SystemExit(0), GeneratorExit(), pytest.skip.Exception("no")])
def test_an_operation_that_raises_an_exit_does_not_end_the_suite(raised: BaseException) -> None:
    """Nor is the law skipped: it fails."""

    def raises(item: Any) -> None:
        raise raised

    assert verdict_on(with_map(raises)).failed


def test_hooks_and_the_loop_policy_are_what_they_were() -> None:
    """An operation that replaces them has replaced them for its own run."""
    before = sys.excepthook, sys.unraisablehook, threading.excepthook

    def replaces(item: Any) -> None:
        sys.excepthook = sys.unraisablehook = threading.excepthook = print

    verdict_on(with_map(replaces))
    assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == before


MODULE = """
from contextlib import aclosing
import os, time
def amap(source, f):
    async def stream():
        async with aclosing(source()) as items:
            async for item in items:
                {what}
                yield f(item)
    return stream
from funcpipe_laws import StreamInstance
I = StreamInstance(name="hostile", map=amap, pure=None)
"""


def run(folder: Path, what: str, *options: str) -> subprocess.CompletedProcess[str]:
    """pytest on such a module, in a process of its own, without the plugins that are not ours."""
    (folder / "hostile.py").write_text(MODULE.format(what=what))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "funcpipe_laws.pytest_plugin"]
    return subprocess.run(
        [*command, "--laws", "hostile:I", "-k", "F1 or F2", *options],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("os._exit(0)", "called os._exit(0) in amap.<locals>.stream (hostile.py:8)"),
        ("time.sleep(10**6)", "still running after 0.5 s, in amap.<locals>.stream (hostile.py:8)"),
    ],
)
def test_pytest_says_what_happened_and_fails(tmp_path: Path, what: str, reason: str) -> None:
    """With its summary, and an exit code that CI can trust."""
    done = run(tmp_path, what, "--laws-timeout=0.5")
    assert done.returncode == 1, done.stdout + done.stderr
    assert reason in done.stdout
    assert "hostile: 2 crashed" in done.stdout


def test_what_cannot_be_interrupted_ends_the_run_with_a_line(tmp_path: Path) -> None:
    """A thread that is waited for where no signal arrives: the watchdog's last words are read."""
    (tmp_path / "conftest.py").write_text(
        "import funcpipe_laws.apart.watchdog as watchdog\n"
        "watchdog._GRACE = 0.5\n"
        "watchdog.Watchdog._interrupt = lambda self: None\n"
    )
    done = run(tmp_path, "time.sleep(10**6)", "--laws-timeout=0.5")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "laws: still running after 0.5 s, in amap.<locals>.stream (hostile.py:8)" in done.stderr
    assert "2 laws have not been reported" in done.stderr


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_a_timeout_that_is_none_is_refused(text: str) -> None:
    """By an error that names the value."""
    with pytest.raises(ValueError, match=f"'{text}' is no number of seconds"):
        config.seconds(text)


def test_a_refused_timeout_is_one_line(tmp_path: Path) -> None:
    """And the exit code of a wrong command line."""
    done = run(tmp_path, "pass", "--laws-timeout=nan")
    assert done.returncode == 2
    assert "--laws-timeout 'nan' is no number of seconds" in done.stdout + done.stderr


def test_a_run_that_was_ended_early_does_not_succeed(tmp_path: Path) -> None:
    """`pytest.exit` with 0 in a fixture, between two laws: not all were reported."""
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_runtest_setup(item):\n"
        "    if 'F2' in item.name: pytest.exit('enough', returncode=0)\n"
    )
    done = run(tmp_path, "pass")
    assert "hostile: 1 held" in done.stdout
    assert done.returncode == 1


async def _forks(xs: AsyncIterator[int]) -> AsyncIterator[int]:
    async for x in xs:
        os.fork()
        yield x


async def _asks_a_thread(xs: AsyncIterator[int]) -> AsyncIterator[int]:
    async for x in xs:
        await asyncio.to_thread(print, x)
        yield x


async def _prints(xs: AsyncIterator[int]) -> AsyncIterator[int]:
    print("from within a trial")
    async for x in xs:
        yield x


@pytest.mark.parametrize(
    ("operator", "problem"),
    [
        (_forks, "it called os.fork() in _forks"),
        (_asks_a_thread, "it asks for loop.run_in_executor(): the simulated loop has no threads"),
        (_prints, ""),
    ],
)
def test_the_trial_of_a_function_is_safe_and_silent(
    operator: Any, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a module has is tried before any law is run: no fork, no thread, no word of it."""
    fit = fit_of(StreamInstance(name="hostile"), Operator(operator))
    assert problem in fit.problem and bool(problem) == (fit.make is None)
    assert capsys.readouterr().out == ""
