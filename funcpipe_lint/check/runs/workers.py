"""Contents to reports on any executor: whatever becomes of a worker, each file has a report."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.check.budget import OverBudgetError, process_within, within_time
from funcpipe_lint.check.single import check_content, engine_for, failed, load
from funcpipe_lint.model import Crash, FileReport, Link, Settings
from funcpipe_lint.read.packages import Package, learn, package_of

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from funcpipe_lint.check.fixing.fix import FixOutcome

# A worker gets this many bytes of source at a time.
_CHUNK_BYTES = 400_000
# Parsing holds the interpreter's lock, and the recursion limit belongs to all threads.
_ONE_AT_A_TIME = threading.Lock()
_KILLED = "the process that did it was killed (one that goes beyond max-seconds or max-memory is)"
# Not empty in a process that this module has started.
_IS_OURS: list[bool] = []


class Content(NamedTuple):
    """A file as it was read: where a worker runs, it need not exist."""

    path: str
    package: Package
    raw: bytes
    is_syntax_due: bool
    links: tuple[Link, ...]


class Task(NamedTuple):
    """What a worker gets at a time: plain values."""

    settings: Settings
    noqa: bool
    contents: tuple[Content, ...]


def run_task(task: Task) -> list[FileReport]:
    """What a worker does with a task."""
    with _ONE_AT_A_TIME, _limited(task.settings):
        learn({os.path.split(content.path)[0]: content.package for content in task.contents})
        return [
            check_content(
                task.settings,
                content.path,
                content.raw,
                task.noqa,
                is_syntax_due=content.is_syntax_due,
                links=content.links,
            )
            for content in task.contents
        ]


def _limited(settings: Settings) -> AbstractContextManager[None]:
    """A worker process of ours may be ended: what was lost with it runs again, file by file."""
    return process_within(settings) if _IS_OURS else nullcontext()


def run_fix(
    settings: Settings, noqa: bool, path: str, unsafe: bool, ignored: Sequence[str]
) -> FixOutcome:
    """The bytes of a file before and after its fixes, within its budget; nothing is written. Raises
    OSError and OverBudgetError."""
    from funcpipe_lint.check.fixing.fix import fix_file

    engine = engine_for(settings, noqa)
    with _limited(settings):
        return within_time(settings, lambda: fix_file(path, engine, unsafe=unsafe, ignored=ignored))


def run_fix_apart(
    settings: Settings, noqa: bool, path: str, unsafe: bool, ignored: Sequence[str]
) -> FixOutcome:
    """The same in a process of its own, which ends where it goes beyond the budget."""
    try:
        with _pool(1) as pool:
            return pool.submit(run_fix, settings, noqa, path, unsafe, ignored).result()
    except BrokenExecutor as error:
        raise OverBudgetError(_KILLED) from error


def tasks_of(
    contents: Iterable[tuple[Settings, str, bytes, bool, tuple[Link, ...]]], noqa: bool
) -> Iterator[Task]:
    """Tasks of about equal size, the largest files first, so that no worker is left with one."""
    by_settings: dict[Settings, list[Content]] = {}
    for settings, path, raw, is_syntax_due, links in contents:
        content = Content(path, package_of(os.path.split(path)[0]), raw, is_syntax_due, links)
        by_settings.setdefault(settings, []).append(content)
    for settings, files in by_settings.items():
        chunk: list[Content] = []
        weight = 0
        for content in sorted(files, key=lambda c: (-len(c.raw), c.path)):
            chunk.append(content)
            weight += len(content.raw)
            if weight >= _CHUNK_BYTES:
                yield Task(settings, noqa, tuple(chunk))
                chunk, weight = [], 0
        if chunk:
            yield Task(settings, noqa, tuple(chunk))


def started(jobs: int) -> Executor | None:
    """Processes of this machine that have begun to import what checking a file takes; None where
    none can be had."""
    try:
        pool = _pool(jobs)
    except (OSError, ImportError, NotImplementedError):
        return None  # what processes share cannot be made: a sandbox without /dev/shm, for one
    with suppress(Exception):  # so does each task: it is run apart
        pool.submit(int)  # the first task starts all that are forked
    return pool


def run_on(executor: Executor, tasks: Iterable[Task]) -> Iterator[FileReport]:
    """The reports of tasks that run on an executor, in no particular order.

    What it fails to run, whatever it raises, runs again here in a process apart.
    """
    running: dict[Future[list[FileReport]], Task] = {}
    lost: list[Task] = []
    for task in tasks:
        try:
            running[executor.submit(run_task, task)] = task
        except Exception:  # it is somebody else's: broken, shut down, out of reach
            lost.append(task)
    for future in as_completed(running):
        try:
            reports = future.result()
        except Exception:
            lost.append(running[future])
        else:
            yield from reports
    for task in lost:
        yield from _run_apart(task)


def _run_apart(task: Task) -> list[FileReport]:
    """Runs a task in a process of its own. Where that dies, each half of it has one, and so on, so
    that only the file that kills is lost: O(log files) processes for each such file."""
    try:
        with _pool(1) as pool:
            return pool.submit(run_task, task).result()
    except Exception as error:
        middle = len(task.contents) // 2
        if middle:
            halves = (task.contents[:middle], task.contents[middle:])
            return [r for half in halves for r in _run_apart(task._replace(contents=half))]
        path = task.contents[0].path
        if not isinstance(error, BrokenExecutor):
            return [failed(path, error)]
        return [FileReport(path, crashes=(Crash(path, f"could not be checked: {_KILLED}"),))]


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_begin)


def _begin() -> None:
    _IS_OURS.append(True)
    # Ctrl-C reaches every process of a terminal: a worker leaves without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    load()


def _end_with_parent() -> None:
    """Waits for the end of the process that started this one, and ends with it. One that is killed
    says nothing to its workers, and these hold each other's pipes open: they would wait for ever.
    """
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _context() -> BaseContext:
    """Fork where that is safe (a spawned worker imports libcst again: 0.3 s each), else spawn."""
    import multiprocessing

    return multiprocessing.get_context("fork" if _is_only_thread() else "spawn")


def _is_only_thread() -> bool:
    """Whether this process, on Linux, has no thread but this one. `threading` does not count those
    that it did not start: forking beside one of them is a DeprecationWarning, since 3.12."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False
